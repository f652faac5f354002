"""pkg bundle through the real binary: what it makes installs without a network, with pkg and (where it is at hand)
pip."""
import hashlib, json, os, shutil, subprocess, tarfile, zipfile

from support import PYTHON, Index, check, main, tree, wheel

WHEELS = [wheel("app", "1.0", requires=["native", "lib; python_version < '3.11'"]),
          wheel("lib", "2.0", requires_python=">=3.8"),
          wheel("native", "1.0", tag="cp310-cp310-manylinux_2_17_x86_64"),
          wheel("native", "1.0", tag="cp311-cp311-manylinux_2_17_x86_64"),
          wheel("native", "1.0", tag="cp311-cp311-win_amd64")]
LINUX = ["--python-version", "3.10", "--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_28"]
OLD, NEW = "cp310-manylinux_2_28_x86_64", "cp311-manylinux_2_28_x86_64"


def bundled(place, *words, index=None, output="out"):
    done = place.pkg("bundle", "-i", (index or Index(WHEELS)).url, "-o", output, *words)
    assert done.code == 0, done
    return f"{place.work}/{output}"


def sums_hold(folder):
    listed = {}
    for line in open(f"{folder}/SHA256SUMS"):
        digest, path = line.rstrip("\n").split("  ")
        listed[path] = digest
        assert hashlib.sha256(open(f"{folder}/{path}", "rb").read()).hexdigest() == digest, path
    there = {os.path.relpath(os.path.join(base, f), folder) for base, _, files in os.walk(folder) for f in files}
    assert there == {*listed, "SHA256SUMS"}, there ^ set(listed)


@check
def requirements_for_two_targets_share_files(place):
    index = Index(WHEELS)
    folder = bundled(place, *LINUX, "app", index=index)
    assert sorted(os.listdir(f"{folder}/wheels")) == sorted([n for n, _ in WHEELS if "win" not in n] + ["index.html"])
    fetched = [path for path, _ in index.requests if path.endswith(".whl")]
    assert len(fetched) == len(set(fetched)) == 4, fetched
    assert "lib==2.0" in open(f"{folder}/requirements-{OLD}.txt").read()
    assert "lib" not in open(f"{folder}/requirements-{NEW}.txt").read()
    assert {t["name"] for t in json.load(open(f"{folder}/bundle.json"))["targets"]} == {OLD, NEW}
    sums_hold(folder)


@check
def it_installs_offline_by_requirements_by_lock_and_as_an_index(place):
    folder = bundled(place, *LINUX, "app")
    for words in (["install", "--no-index", "--find-links", f"{folder}/wheels", "-r",
                   f"{folder}/requirements-{NEW}.txt"],
                  ["sync", f"{folder}/pylock.toml", "--offline"], ["sync", f"{folder}/pylock.{NEW}.toml", "--offline"],
                  ["install", "-r", f"{folder}/pylock.toml", "--offline"],
                  ["install", "--no-index", "--find-links", f"file://{folder}/wheels/index.html", "app"]):
        env = place.venv("env" + str(len(os.listdir(place.path))))
        done = place.pkg(*words, "--python", env, "--no-cache")
        listed = place.pkg("list", "--python", env, "--format", "json")
        assert (done.code == 0 and json.loads(listed.out) == [{"name": "app", "version": "1.0"}, {"name": "native",
            "version": "1.0"}]), (words, done, listed)


@check
def a_folder_is_refreshed_and_files_are_not_fetched_twice(place):
    index = Index(WHEELS)
    folder = bundled(place, *LINUX, "app", index=index)
    before = tree(folder)
    index.requests.clear()
    bundled(place, *LINUX, "app", index=index)
    assert tree(folder) == before and not any(path.endswith(".whl") for path, _ in index.requests), index.requests
    bundled(place, *LINUX, "lib", index=index)
    assert sorted(os.listdir(f"{folder}/wheels")) == ["index.html",
                                                      "lib-2.0-py3-none-any.whl"] and os.listdir(place.work) == ["out"]
    place.write("out/mine.txt", "")
    refused = place.pkg("bundle", "-i", index.url, "-o", "out", *LINUX, "app")
    assert refused.code == 1 and "mine.txt" in refused.err, refused
    assert place.pkg("bundle", "-i", index.url, "-o", place.path, *LINUX, "app").code == 1


@check
def a_failure_leaves_what_was_there(place):
    index = Index(WHEELS)
    folder = bundled(place, *LINUX, "app", index=index)
    before = tree(place.work)
    failed = place.pkg("bundle", "-i", index.url, "-o", "out", *LINUX, "app", "missing")
    assert failed.code == 1 and "missing" in failed.err and tree(place.work) == before, failed
    failed = place.pkg("bundle", "-i", index.url, "-o", "out", "--python-version", "3.9", "--python-platform", "linux",
                       "native")
    assert failed.code == 1 and "cp39" in failed.err and tree(place.work) == before, failed
    assert folder


@check
def archives_have_one_folder_and_the_same_bytes_each_time(place):
    index = Index(WHEELS)
    for name in ("b.tar.gz", "b.zip", "b.tar"):
        path = bundled(place, *LINUX, "app", index=index, output=name)
        first = open(path, "rb").read()
        bundled(place, *LINUX, "app", index=index, output=name)
        assert open(path, "rb").read() == first, name
        os.makedirs(f"{place.path}/{name}.d")
        (zipfile.ZipFile(path).extractall if name.endswith("zip")
         else tarfile.open(path).extractall)(f"{place.path}/{name}.d")
        assert os.listdir(f"{place.path}/{name}.d") == ["b"]
        sums_hold(f"{place.path}/{name}.d/b")
    assert sorted(os.listdir(place.work)) == ["b.tar", "b.tar.gz", "b.zip"]


@check
def the_projects_lock_is_the_default(place):
    index = Index(WHEELS)
    place.write("pyproject.toml", '[project]\nname = "mine"\nversion = "0"\nrequires-python = ">=3.10,<3.12"\n'
                                  'dependencies = ["app"]\n[dependency-groups]\ndev = ["lib"]\n')
    folder = bundled(place, *LINUX, index=index)
    assert os.path.exists(f"{place.work}/pylock.toml") and "lib==2.0" in open(f"{folder}/requirements-{NEW}.txt").read()
    folder = bundled(place, *LINUX, "--no-dev", index=index)
    assert "lib" not in open(f"{folder}/requirements-{NEW}.txt").read()
    given = bundled(place, *LINUX, "--no-dev", "-r", "pylock.toml", index=index, output="given")
    assert tree(given) == tree(folder)


@check
def pip_installs_it_offline(place):
    made = subprocess.run([PYTHON, "-m", "venv", f"{place.path}/withpip"], capture_output=True, text=True)
    pip = f"{place.path}/withpip/bin/pip"
    if made.returncode != 0 or not os.path.exists(pip):
        return print("        (no pip at hand)")
    folder = bundled(place, *LINUX, "app")
    done = subprocess.run([pip, "install", "-q", "--no-index", "--find-links", f"{folder}/wheels", "-r",
                           f"{folder}/requirements-{NEW}.txt"], capture_output=True, text=True,
                          env=place.environment({}))
    assert done.returncode == 0, done
    listed = subprocess.run([pip, "list", "--format", "json"], capture_output=True, text=True,
                            env=place.environment({}))
    assert {"name": "native", "version": "1.0"} in json.loads(listed.stdout), listed


main()
