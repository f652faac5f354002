#!/usr/bin/env python3
"""The files for pre-commit, GitHub and GitLab: valid by those tools' schemas, and naming what pkg has. Skipped where
the schemas cannot be installed."""
import os, pathlib, re, subprocess, sys
from support import PYTHON, Skip, check, main

ROOT = pathlib.Path(__file__).resolve().parents[2]
HOOKS, ACTION = ROOT / ".pre-commit-hooks.yaml", ROOT / "contrib/github-action/action.yml"
GITLAB = ROOT / "contrib/gitlab/pkg.gitlab-ci.yml"


def tools(place):
    folder = os.path.join(os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else "build"), "schemas")
    if not os.path.isdir(f"{folder}/pre_commit"):
        done = subprocess.run([PYTHON, "-m", "pip", "install", "-q", "--target", folder, "check-jsonschema==0.39.0",
                               "pre-commit==4.7.0"], capture_output=True, text=True)
        if done.returncode != 0:
            raise Skip(f"check-jsonschema cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    return {**place.environment({}), "PYTHONPATH": folder}


def run(environment, *words):
    done = subprocess.run([PYTHON, "-m", *map(str, words)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@check
def the_files_are_valid_by_their_schemas(place):
    environment = tools(place)
    run(environment, "check_jsonschema", "--builtin-schema", "vendor.github-actions", ACTION)
    run(environment, "check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci",
        GITLAB)
    run(environment, "pre_commit", "validate-manifest", HOOKS)


@check
def what_they_run_are_verbs_and_options_of_pkg(place):
    commands = re.findall(r"^\s+entry: (pkg [\w -]+)", HOOKS.read_text(), re.M)
    assert len(commands) >= 5, commands
    commands += re.findall(r"^\s+- (pkg [\w -]+)", GITLAB.read_text(), re.M)
    commands += ["pkg " + words for words in re.findall(r'"\$PKG" ([\w -]+)', ACTION.read_text())]
    for command in commands:
        words = command.split()[1:]
        if words[0] == "--version":
            continue
        help_text = place.pkg(words[0], "--help")
        assert help_text.code == 0, command
        for option in (word for word in words if word.startswith("--")):
            assert re.search(rf"{option}\b", help_text.out), (command, option)


@check
def the_action_turns_an_error_into_one_annotation(place):
    script = re.search(r"        show\(\) \{.*?(?=\n    - if)", ACTION.read_text(), re.S)[0]
    place.write("pkg", "#!/bin/sh\nprintf '"
                "warning: odd\\n+ a 1\\nerror: 100%% broken\\n  ::set-env name=X::1\\nhint: mend it\\n' >&2\n"
                "exit ${CODE:-1}\n")
    os.chmod(f"{place.work}/pkg", 0o755)

    def output(code):
        done = subprocess.run(["bash", "-ec", f"options=(--locked)\n{script}"], cwd=place.work, capture_output=True,
                              text=True, env={**place.environment({}), "PKG": "./pkg", "RUNNER_TEMP": place.path,
                                              "GITHUB_OUTPUT": "/dev/null", "GITHUB_PATH": "/dev/null",
                                              "GITHUB_ENV": "/dev/null", "CODE": code})
        return done.returncode, done.stdout

    code, text = output("1")
    assert code == 1, text
    assert "::error title=pkg sync::100%25 broken%0A  ::set-env name=X::1%0Ahint: mend it\n" in text, text
    token = re.search(r"::stop-commands::(\d+)\n", text)[1]
    assert text.index("::stop-commands::") < text.index("set-env") < text.index(f"::{token}::"), text
    code, text = output("0")
    assert code == 0 and "::warning title=pkg sync::odd\n" in text, text


if __name__ == "__main__":
    main()
