"""import over the loopback index: other tools' projects, their pins before and after.
Usage: import_test.py PKG BUILD_FOLDER [WORD…]"""
import json, os, re, sys, tomllib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lock_support import lock_text, synced, versions
from support import Index, check, main, tree, wheel

# Every pin is older than the newest release: a lock that has them took them from the other tool.
PINS = {"web": "1.0", "leaf": "1.0", "tester": "4.0"}


def world():
    return Index([
        wheel("web", "1.0", requires=["leaf>=1"]), wheel("web", "1.5", requires=["leaf>=1"]),
        wheel("web", "2.0", requires=["leaf>=1"]),
        wheel("leaf", "1.0"), wheel("leaf", "1.1"),
        wheel("tester", "4.0", requires=["leaf"]), wheel("tester", "5.0", requires=["leaf"]),
        wheel("plot", "0.1"), wheel("plot", "0.2"),
    ])


def locked(place):
    return {package["name"]: package["version"] for package in tomllib.loads(lock_text(place))["packages"]}


def pyproject(place):
    with open(f"{place.work}/pyproject.toml", "rb") as file:
        return tomllib.load(file)


def imported(place, index, *words, pins=PINS, **more):
    """Imports; the lock has the pins, a sync installs them, and a second lock finds nothing to do."""
    before = {name: kept for name, kept in tree(place.work).items() if name != "pyproject.toml"}
    done = place.pkg("import", *words, PKG_INDEX_URL=index.url, **more)
    assert done.code == 0, done
    assert locked(place) == pins, (locked(place), done)
    after = tree(place.work)
    assert {name: after[name] for name in before} == before, "what is imported was changed"
    again = place.pkg("lock", "--check", PKG_INDEX_URL=index.url)
    assert again.code == 0, again
    synced(place, index, "--all-extras", "--all-groups")
    assert versions(place) == pins, versions(place)
    return done


def toml_lock(**pins):
    return "".join(f'[[package]]\nname = "{name}"\nversion = "{version}"\n\n' for name, version in pins.items())


@check
def a_project_of_poetry_round_trips(place):
    place.write("pyproject.toml", """[tool.poetry]
name = "mine"
version = "1.0"
description = "mine"
package-mode = false

[tool.poetry.dependencies]
python = "^3.9"
web = "^1.0"
plot = {version = "~0.1", optional = true}

[tool.poetry.extras]
drawing = ["plot"]

[tool.poetry.group.test.dependencies]
tester = ">=4"
""")
    place.write("poetry.lock", toml_lock(**PINS, plot="0.1") + '[metadata]\nlock-version = "2.1"\n')
    done = imported(place, world(), pins={**PINS, "plot": "0.1"})
    assert "the versions of `poetry.lock` are preferred" in done.err, done
    project = pyproject(place)
    assert project["project"]["requires-python"] == ">=3.9,<4.0", project
    assert project["project"]["dependencies"] == ["web>=1.0,<2.0"], project
    assert project["project"]["optional-dependencies"] == {"drawing": ["plot>=0.1,<0.2"]}, project
    assert project["dependency-groups"] == {"test": ["tester>=4"]}, project


@check
def a_project_of_pdm_round_trips(place):
    place.write("pyproject.toml", """[project]
name = "mine"
version = "1.0"
requires-python = ">=3.9"
dependencies = ["web<2"]

[tool.pdm.dev-dependencies]
test = ["tester"]
""")
    place.write("pdm.lock", toml_lock(**PINS))
    imported(place, world())
    assert pyproject(place)["tool"]["pkg"]["default-groups"] == ["test"]


@check
def a_pipfile_round_trips_with_its_index(place):
    index = world()
    place.write("Pipfile", f"""[[source]]
url = "{index.url}"
name = "corp"
verify_ssl = true

[packages]
web = "*"

[dev-packages]
tester = {{version = "*", index = "corp"}}

[requires]
python_version = "{sys_version()}"
""")
    place.write("Pipfile.lock", json.dumps({
        "_meta": {}, "default": {"web": {"version": "==1.0"}, "leaf": {"version": "==1.0"}},
        "develop": {"tester": {"version": "==4.0"}}}))
    # No index but the one that the Pipfile names: its own settings hold for the lock.
    done = place.pkg("import", PIP_NO_INDEX="", PIP_INDEX_URL="")
    assert done.code == 0 and locked(place) == PINS, done
    assert pyproject(place)["tool"]["pkg"]["index"] == [{"name": "corp", "url": index.url, "default": True}]
    sync = place.pkg("sync")
    assert sync.code == 0 and versions(place) == PINS, sync


def sys_version():
    return f"{sys.version_info.major}.{sys.version_info.minor}"


@check
def requirements_files_round_trip(place):
    place.write("requirements.in", "web\n")
    place.write("requirements.txt", f"leaf==1.0 --hash=sha256:{'0' * 64}\n    # via web\nweb==1.0\n")
    place.write("requirements/dev.in", "-c ../requirements.txt\ntester\n")
    place.write("requirements/dev.txt", "leaf==1.0\ntester==4.0\n")
    imported(place, world())
    assert pyproject(place)["dependency-groups"] == {"dev": ["tester"]}


@check
def a_setup_cfg_with_pins_of_uv_round_trips(place):
    place.write("setup.cfg", "[metadata]\nname = mine\nversion = 1.0\n[options]\npython_requires = >=3.9\n"
                             "install_requires =\n    web\n[options.extras_require]\ntest = tester\n")
    place.write("uv.lock", "version = 1\n" + toml_lock(**PINS))
    done = place.pkg("import", PKG_INDEX_URL=(index := world()).url)
    assert done.code == 0 and locked(place) == PINS, done
    sync = place.pkg("sync", "--all-extras", "--no-install-project", PKG_INDEX_URL=index.url)
    assert sync.code == 0 and versions(place) == PINS, sync


@check
def the_pip_part_of_a_conda_environment_round_trips(place):
    place.write("environment.yml", f"name: mine\nchannels: [defaults]\ndependencies:\n  - python={sys_version()}\n"
                                   "  - numpy\n  - pip:\n    - web==1.0\n    - leaf==1.0\n    - tester==4.0\n")
    done = imported(place, world())
    assert "environment.yml:5: conda packages are not carried" in done.err, done


@check
def the_first_lock_of_a_project_prefers_what_another_tool_locked(place):
    index = world()
    place.write("pyproject.toml", '[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                  'dependencies = ["web>=1.5"]\n')
    place.write("uv.lock", toml_lock(web="1.0", leaf="1.0"))
    done = synced(place, index)
    assert "the versions of `uv.lock` are preferred" in done.err, done
    assert locked(place) == {"web": "2.0", "leaf": "1.0"}, locked(place)
    more = place.pkg("add", "tester", PKG_INDEX_URL=index.url)
    assert more.code == 0 and "uv.lock" not in more.err, more


@check
def nothing_changes_where_the_lock_fails_or_the_file_cannot_be_read(place):
    index = world()
    place.write("Pipfile", '[packages]\nweb = ">=9"\n')
    before = tree(place.work)
    failed = place.pkg("import", PKG_INDEX_URL=index.url)
    assert failed.code == 1 and tree(place.work) == before, failed
    place.write("Pipfile", "[packages\n")
    before = tree(place.work)
    broken = place.pkg("import", PKG_INDEX_URL=index.url)
    assert broken.code == 1 and "Pipfile:1" in broken.err and tree(place.work) == before, broken
    place.write("Pipfile", '[packages]\nweb = "*"\n')
    before = tree(place.work)
    dry = place.pkg("import", "--dry-run", PKG_INDEX_URL=index.url)
    assert dry.code == 0 and tomllib.loads(dry.out)["project"]["dependencies"] == ["web"], dry
    assert tree(place.work) == before


@check
def a_hostile_pipfile_says_nothing_to_the_terminal_and_reads_nothing_else(place):
    os.makedirs(f"{place.path}/home/.secret")
    with open(f"{place.path}/home/.secret/token", "w") as out:
        out.write("top-secret-token = 1\n")
    os.symlink(f"{place.path}/home/.secret/token", f"{place.work}/Pipfile")
    linked = place.pkg("import")
    assert linked.code == 1 and "top-secret" not in linked.err and "leads out" in linked.err, linked
    named = place.pkg("import", "Pipfile")
    assert named.code == 1 and "top-secret" not in named.err, named
    os.remove(f"{place.work}/Pipfile")
    place.write("Pipfile", '[packages]\nweb = "\\u001b[31mred"\n')
    shown = place.pkg("import")
    assert shown.code == 1 and "\x1b" not in shown.err, shown
    place.write("Pipfile", "#" * (17 << 20))
    large = place.pkg("import")
    assert large.code == 1 and "Pipfile" in large.err, large


if __name__ == "__main__":
    main()
