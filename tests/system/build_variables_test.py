"""Which variables reach a build, by their names and by what they hold, and which of them its cache tells apart."""
import json, os

from sources import project, sdist, write_tree
from support import Index, check, main

SWITCHES = ["MULTIDICT_NO_EXTENSIONS", "MYSQLCLIENT_CFLAGS", "GRPC_PYTHON_BUILD_SYSTEM_OPENSSL", "TORCH_CUDA_ARCH_LIST",
            "CI", "GITHUB_REF", "STATIC_DEPS", "USE_CYTHON", "PG_CONFIG", "Boost_ROOT", "PYTHON_CFLAGS", "VERSION",
            "MACOSX_DEPLOYMENT_TARGET", "CONDA_PREFIX", "NODE_OPTIONS"]
TOKENS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AZURE_CLIENT_SECRET", "ARM_ACCESS_KEY",
          "AZURE_STORAGE_CONNECTION_STRING", "AZURE_DEVOPS_EXT_PAT", "SYSTEM_ACCESSTOKEN", "GOOGLE_API_KEY",
          "CLOUDSDK_AUTH_ACCESS_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN", "HEROKU_API_KEY", "CLOUDFLARE_API_TOKEN",
          "VAULT_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "GH_PAT", "ACTIONS_RUNTIME_TOKEN", "ACTIONS_RUNTIME_URL",
          "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "CI_JOB_TOKEN", "CI_JOB_JWT_V2", "CI_REGISTRY_PASSWORD",
          "GITLAB_PRIVATE_TOKEN", "CIRCLE_OIDC_TOKEN", "BUILDKITE_AGENT_ACCESS_TOKEN", "BITBUCKET_STEP_OIDC_TOKEN",
          "DRONE_NETRC_PASSWORD", "encrypted_0a6446eb3ae3_key", "TWINE_PASSWORD", "POETRY_PYPI_TOKEN_PYPI",
          "HATCH_INDEX_AUTH", "NPM_TOKEN", "NODE_AUTH_TOKEN", "CARGO_REGISTRY_TOKEN", "HF_TOKEN", "CODECOV_TOKEN",
          "SENTRY_DSN", "SLACK_WEBHOOK_URL", "OPENAI_API_KEY", "PGPASSWORD", "MYSQL_PWD", "DB_PASS", "GPG_PASSPHRASE",
          "SIGNING_KEY", "PIP_INDEX_URL", "UV_PUBLISH_TOKEN", "PKG_INDEX_CORP_PASSWORD"]
CANARY = "c4n4ry-0123456789"


def recording(place, name="app"):
    """Files of a project whose build writes down its environment, and a function that reads it."""
    seen = f"{place.path}/seen-{name}"
    behave = (f"if hook == 'build_wheel':\n    import json, os\n"
              f"    json.dump(dict(os.environ), open({seen!r}, 'w'))\n")

    def read():
        with open(seen) as file:
            variables = json.load(file)
        os.unlink(seen)
        return variables
    return project(name, "1.0", behave=behave), read


def build(place, source, *options, environment=None, **variables):
    done = place.pkg("install", "--no-index", "--reinstall", "--python", environment or place.venv(), *options, source,
                     **variables)
    assert done.code == 0, done
    return done


@check
def a_build_sees_what_is_set_and_no_token(place):
    files, read = recording(place)
    write_tree(f"{place.work}/app", files)
    variables = {name: "1" for name in SWITCHES}
    variables.update({name: f"{CANARY}-{name}" for name in TOKENS if not name.startswith("PIP_")})
    variables.update({"PIP_INDEX_URL": f"https://me:{CANARY}@127.0.0.1:1/simple/", "COPY": f"{CANARY}-NPM_TOKEN",
                      "OPTIONS": f"--secret={CANARY}", "DATABASE_URL": f"postgres://me:{CANARY}@db/x",
                      "PYTHONPATH": f"{place.path}/nowhere", "LD_PRELOAD": "", "GIT_DIR": f"{place.path}/other/.git",
                      "BASH_ENV": f"{place.path}/none", "GITHUB_ENV": f"{place.path}/step",
                      "SSH_AUTH_SOCK": "/run/agent"})
    done = build(place, "./app", "-v", **variables)
    seen = read()
    assert [name for name in SWITCHES if name not in seen] == []
    assert [name for name, value in seen.items() if CANARY in value] == []
    for name in ("PYTHONPATH", "GIT_DIR", "BASH_ENV", "GITHUB_ENV", "SSH_AUTH_SOCK", *TOKENS):
        assert name not in seen, name
    assert "NPM_TOKEN" in done.err and CANARY not in done.err, done


@check
def a_variable_that_is_asked_for_passes_and_the_strict_list_is_there(place):
    files, read = recording(place)
    write_tree(f"{place.work}/app", files)
    env = place.venv()
    build(place, "./app", "--build-variable", "NPM_TOKEN", "--build-variable", "CFLAGS=-O2", "--build-variable",
          "NOT_SET", environment=env, NPM_TOKEN=CANARY, CFLAGS="-O1")
    seen = read()
    assert seen["NPM_TOKEN"] == CANARY and seen["CFLAGS"] == "-O2" and "NOT_SET" not in seen
    build(place, "./app", "--no-build-variables", "--build-variable", "MINE=1", environment=env, CFLAGS="-O1",
          STATIC_DEPS="1")
    seen = read()
    assert seen["CFLAGS"] == "-O1" and seen["MINE"] == "1" and "STATIC_DEPS" not in seen
    build(place, "./app", environment=env, PKG_BUILD_VARIABLE="A=1 B=2", PKG_NO_BUILD_VARIABLES="1", STATIC_DEPS="1")
    seen = read()
    assert seen["A"] == "1" and seen["B"] == "2" and "STATIC_DEPS" not in seen
    wrong = place.pkg("install", "--python", env, "--build-variable", "=x", "./app")
    assert wrong.code == 2 and "NAME=VALUE" in wrong.err, wrong


@check
def variables_that_matter_are_part_of_the_key_of_what_is_kept(place):
    files, read = recording(place)
    index = Index([sdist("app", "1.0", files)])
    env = place.venv()

    def built(*options, **variables):
        done = place.pkg("install", "-i", index.url, "--reinstall", "--python", env, *options, "app", **variables)
        assert done.code == 0, done
        try:
            read()
            return True
        except FileNotFoundError:
            return False
    assert built() and not built()
    assert not built(BUILD_NUMBER="7", CI="true", SOME_TOKEN=CANARY)
    for variables in ({"CFLAGS": "-O3"}, {"APP_NO_EXTENSIONS": "1"}, {"APP_ANYTHING": "1"}, {"USE_CYTHON": "1"}):
        assert built(**variables) and not built(**variables), variables
    assert built("--build-variable", "BUILD_NUMBER=7") and not built("--build-variable", "BUILD_NUMBER=7")
    assert not built()


def project_with_variables(place, name, table):
    place.write(f"{name}/pyproject.toml", '[project]\nname = "p"\nversion = "1"\n\n'
                                          f'[tool.pkg.extra-build-variables]\napp = {table}\n')
    return f"{place.work}/{name}"


@check
def variables_of_a_project_count_for_install_and_lead_out_of_no_build_unless_it_is_trusted(place):
    files, read = recording(place)
    write_tree(f"{place.work}/app", files)
    folder = project_with_variables(
        place, "p", '{APP_FAST = "1", PYTHONPATH = "/evil", LD_PRELOAD = "", https_proxy = "http://evil:1", '
                    'PATH = "/e"}')
    env = place.venv()
    words = ("install", "--no-index", "--reinstall", "--python", env, f"{place.work}/app")
    done = place.pkg(*words, cwd=folder)
    assert done.code == 0 and "extra-build-variables.app.PYTHONPATH" in done.err, done
    seen = read()
    assert seen["APP_FAST"] == "1" and "PYTHONPATH" not in seen and seen.get("https_proxy") != "http://evil:1", seen
    assert seen["PATH"] != "/e"
    assert "APP_FAST" not in (place.pkg(*words), read())[1]
    trusted = place.pkg("config", "trust", cwd=folder)
    assert trusted.code == 0, trusted
    done = place.pkg(*words, cwd=folder)
    assert read()["PYTHONPATH"] == "/evil", done
    # Another value asks again.
    project_with_variables(place, "p", '{APP_FAST = "1", PYTHONPATH = "/worse"}')
    assert "PYTHONPATH" not in (place.pkg(*words, cwd=folder), read())[1]


main()
