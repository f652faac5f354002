"""Projects and locks with sources that are built: folders, editables, git, sdists, and the project itself. Usage:
sources_project_test.py PKG BUILD_FOLDER [WORD…]"""
import json, os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lock_support import lock_text, locked, synced, versions
from sources import commit, project, repository, sdist, write_tree
from support import Index, check, main, wheel

try:
    import tomllib
except ImportError:
    tomllib = None


def root(place, dependencies, sources="", more="", name="mine", package=False, version="1.0"):
    listed = ", ".join(json.dumps(d) for d in dependencies)
    system = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n' if package else ""
    if package:
        tree = project(name, version)
        del tree["pyproject.toml"]
        write_tree(place.work, tree)
    sources = f"[tool.pkg.sources]\n{sources}" if sources else ""
    place.write("pyproject.toml", f'{system}[project]\nname = "{name}"\nversion = "{version}"\n'
                                  f'requires-python = ">=3.9"\ndependencies = [{listed}]\n{more}{sources}')


def imported(place, code, env=".venv"):
    done = place.python(f"{place.work}/{env}", code)
    assert done.code == 0, done
    return done.out.strip()


def entry(place, name):
    """The lock's text of one package."""
    packages = lock_text(place).split("\n[tool.pkg]\n")[0]
    return next(part for part in packages.split("[[packages]]") if f'name = "{name}"\n' in part)


def world():
    return Index([wheel("leaf", "1.0"), wheel("leaf", "1.1"),
                  sdist("onlysource", "3.0", project("onlysource", "3.0", requires=["leaf"]))])


@check
def an_editable_folder_is_locked_by_its_path_and_follows_edits(place):
    index = world()
    write_tree(f"{place.path}/lib", project("lib", "1.0", requires=["leaf"], dynamic=False))
    root(place, ["lib>=1"], 'lib = { path = "../lib", editable = true }\n')
    done = synced(place, index)
    assert "Installed" in done.err, done
    text = entry(place, "lib")
    assert 'directory = { path = "../lib", editable = true }' in text and "version" not in text, text
    assert place.path not in lock_text(place) and '"lib @ ../lib"' in lock_text(place), lock_text(place)
    assert versions(place) == {"leaf": "1.1", "lib": "1.0"}, versions(place)
    assert imported(place, "import lib; print(lib.version)") == "1.0"
    write_tree(f"{place.path}/lib", {"lib/__init__.py": "version = 'edited'\n"})
    assert imported(place, "import lib; print(lib.version)") == "edited"
    again = synced(place, index)
    assert "Nothing to do" in again.err, again
    assert place.pkg("lock", "--check", PKG_INDEX_URL=index.url).code == 0
    # The tree asks for something else: the lock is stale.
    write_tree(f"{place.path}/lib", project("lib", "1.5", requires=["leaf==1.0"], dynamic=False))
    stale = place.pkg("lock", "--check", PKG_INDEX_URL=index.url)
    assert stale.code == 1 and "not up to date" in stale.err, stale
    done = synced(place, index)
    assert versions(place) == {"leaf": "1.0", "lib": "1.5"}, done
    write_tree(f"{place.path}/lib", project("lib", "0.5", dynamic=False))
    old = place.pkg("lock", PKG_INDEX_URL=index.url)
    assert old.code == 1 and "lib>=1" in old.err, old


@check
def a_folder_that_is_not_editable_is_built_again_when_it_changed(place):
    index = world()
    write_tree(f"{place.work}/libs/lib", project("lib", "1.0", dynamic=False))
    root(place, ["lib"], 'lib = { path = "libs/lib" }\n')
    synced(place, index)
    assert 'directory = { path = "libs/lib" }' in entry(place, "lib")
    assert imported(place, "import lib; print(lib.version)") == "1.0"
    assert "Nothing to do" in synced(place, index).err
    write_tree(f"{place.work}/libs/lib", {"lib/__init__.py": "version = 'edited'\n"})
    assert imported(place, "import lib; print(lib.version)") == "1.0"
    synced(place, index)
    assert imported(place, "import lib; print(lib.version)") == "edited"
    assert "Nothing to do" in synced(place, index).err


@check
def a_git_source_keeps_its_commit_until_it_is_upgraded(place):
    index = world()
    first = repository(f"{place.path}/repo", {f"py/{path}": text for path, text in project("gitlib", "1.0").items()})
    root(place, ["gitlib"], f'gitlib = {{ git = "file://{place.path}/repo", branch = "main", subdirectory = "py" }}\n')
    synced(place, index)
    text = entry(place, "gitlib")
    assert (f'commit-id = "{first}"' in text and 'requested-revision = "main"' in text and
            'subdirectory = "py"' in text and 'version = "1.0"' in text), text
    assert imported(place, "import gitlib; print(gitlib.version)") == "1.0"
    second = commit(f"{place.path}/repo", {f"py/{path}": text for path, text in project("gitlib", "2.0").items()})
    root(place, ["gitlib", "leaf"], f'gitlib = {{ git = "file://{place.path}/repo", branch = "main", subdirectory = '
                                    f'"py" }}\n')
    synced(place, index)
    assert f'commit-id = "{first}"' in entry(place, "gitlib") and versions(place)["leaf"] == "1.1", lock_text(place)
    other = place.pkg("lock", "-P", "leaf", PKG_INDEX_URL=index.url)
    assert other.code == 0 and f'commit-id = "{first}"' in entry(place, "gitlib"), other
    moved = place.pkg("sync", "-P", "gitlib", PKG_INDEX_URL=index.url)
    assert moved.code == 0 and f'commit-id = "{second}"' in entry(place, "gitlib"), moved
    assert versions(place)["gitlib"] == "2.0" and imported(place, "import gitlib; print(gitlib.version)") == "2.0"
    assert "Nothing to do" in synced(place, index).err


@check
def a_project_with_sdists_only_is_locked_and_built(place):
    index = world()
    root(place, ["onlysource"])
    synced(place, index)
    assert "sdist = {" in entry(place, "onlysource") and 'index = "' in entry(place, "onlysource"), lock_text(place)
    assert versions(place) == {"leaf": "1.1", "onlysource": "3.0"}
    refused = place.pkg("sync", "--no-build", "--reinstall", "--no-cache", PKG_INDEX_URL=index.url)
    assert refused.code != 0 and "onlysource" in refused.err, refused


@check
def the_project_itself_is_installed_in_place_unless_told_otherwise(place):
    index = world()
    root(place, ["leaf"], package=True)
    place.write("entry_points.txt", "[console_scripts]\nmine = mine:main\n")
    place.write("mine/__init__.py", "version = '1.0'\ndef main():\n    print('ran', version)\n")
    done = synced(place, index)
    assert versions(place) == {"leaf": "1.1", "mine": "1.0"} and "directory" not in lock_text(place), done
    ran = place.pkg("run", "mine", PKG_INDEX_URL=index.url)
    assert ran.out == "ran 1.0\n" and ran.err == "", ran
    assert "Nothing to do" in synced(place, index).err
    # Groups and settings of pkg are nothing to a build; a new version is.
    place.write("behave.py", "open('calls', 'a').write(hook + '\\n')\n")
    before = open(f"{place.work}/pyproject.toml").read()
    place.write("pyproject.toml", before + "[dependency-groups]\ndev = []\n")
    synced(place, index)
    assert not os.path.exists(f"{place.work}/calls")
    place.write("pyproject.toml", before.replace('version = "1.0"', 'version = "1.1"'))
    synced(place, index)
    assert versions(place)["mine"] == "1.1" and "build_editable" in open(f"{place.work}/calls").read()
    plain = synced(place, index, "--no-editable")
    place.write("mine/__init__.py", "version = 'edited'\n")
    assert imported(place, "import mine; print(mine.version)") == "1.0", plain
    synced(place, index)
    assert imported(place, "import mine; print(mine.version)") == "edited"
    # Left out, it stays where it is; a new environment does not get it.
    synced(place, index, "--no-install-project")
    assert "mine" in versions(place)
    env = place.venv("work/other")
    synced(place, index, "--no-install-project", PKG_PROJECT_ENVIRONMENT=env)
    assert versions(place, "other") == {"leaf": "1.1"}
    only = synced(place, index, "--no-install-package", "leaf", "--frozen", PKG_PROJECT_ENVIRONMENT=env)
    assert versions(place, "other") == {"leaf": "1.1", "mine": "1.1"}, only


@check
def members_of_a_workspace_are_installed_and_see_each_other(place):
    index = world()
    root(place, ["part"], more='[tool.pkg.workspace]\nmembers = ["packages/*"]\n')
    write_tree(f"{place.work}/packages/part", project("part", "2.0", requires=["leaf"]))
    synced(place, index)
    assert versions(place) == {"leaf": "1.1", "part": "2.0"}
    assert imported(place, "import part; print(part.version)") == "2.0"
    env = place.venv("work/other")
    synced(place, index, "--no-install-workspace", PKG_PROJECT_ENVIRONMENT=env)
    assert versions(place, "other") == {"leaf": "1.1"}


@check
def dynamic_dependencies_are_told_by_the_backend(place):
    index = world()
    tree = project("mine", "1.0", requires=["leaf==1.0"])
    write_tree(place.work, tree)
    synced(place, index)
    assert versions(place) == {"leaf": "1.0", "mine": "1.0"}
    assert "Nothing to do" in synced(place, index).err
    write_tree(place.work, project("mine", "1.0", requires=["leaf==1.1"]))
    synced(place, index)
    assert versions(place) == {"leaf": "1.1", "mine": "1.0"}


@check
def add_writes_a_name_and_its_source_and_remove_takes_both(place):
    index = world()
    write_tree(f"{place.path}/lib", project("lib", "1.0", dynamic=False))
    repository(f"{place.path}/repo", project("gitlib", "1.0", dynamic=False))
    root(place, ["leaf"], more="# a comment that stays\n")
    before = open(f"{place.work}/pyproject.toml").read()
    done = place.pkg("add", "--editable", "../lib", PKG_INDEX_URL=index.url)
    text = open(f"{place.work}/pyproject.toml").read()
    assert (done.code == 0 and 'lib = { path = "../lib", editable = true }' in text and '"lib"' in text and
            "# a comment that stays" in text), (done, text)
    assert versions(place)["lib"] == "1.0"
    done = place.pkg("add", f"git+file://{place.path}/repo", "--branch", "main", PKG_INDEX_URL=index.url)
    text = open(f"{place.work}/pyproject.toml").read()
    assert (done.code == 0 and f'gitlib = {{ git = "file://{place.path}/repo", branch = "main" }}' in text and
            '"gitlib"' in text), (done, text)
    assert versions(place)["gitlib"] == "1.0"
    for name in ("gitlib", "lib"):
        done = place.pkg("remove", name, PKG_INDEX_URL=index.url)
        assert done.code == 0, done
    assert open(f"{place.work}/pyproject.toml").read() == before, open(f"{place.work}/pyproject.toml").read()
    assert versions(place) == {"leaf": "1.1"}
    wrong = place.pkg("add", "leaf", "--tag", "v1", PKG_INDEX_URL=index.url)
    assert wrong.code == 2 and "git" in wrong.err, wrong
    assert open(f"{place.work}/pyproject.toml").read() == before


@check
def settings_of_builds_reach_the_backend(place):
    index = world()
    behave = ("import os\nif hook == 'build_wheel':\n    assert settings == {'mode': 'fast'}, settings\n"
              "    assert os.environ['LEVEL'] == '3'\n")
    write_tree(f"{place.work}/libs/lib", project("lib", "1.0", dynamic=False, behave=behave))
    root(place, ["lib"], 'lib = { path = "libs/lib" }\n',
         more='[tool.pkg.config-settings-package]\nlib = { mode = "fast" }\n[tool.pkg.extra-build-variables]\n'
              'lib = { LEVEL = "3" }\n')
    synced(place, index)
    assert imported(place, "import lib.settings; print(lib.settings.settings)") == "{'mode': 'fast'}"


@check
def a_lock_with_sources_is_a_standard_lock(place):
    index = world()
    write_tree(f"{place.work}/libs/lib", project("lib", "1.0", dynamic=False))
    first = repository(f"{place.path}/repo", project("gitlib", "1.0", dynamic=False))
    file_name, data = sdist("packed", "4.0", project("packed", "4.0"))
    place.write(f"libs/{file_name}", data)
    root(place, ["lib", "gitlib", "packed"], f'lib = {{ path = "libs/lib" }}\n'
                                             f'gitlib = {{ git = "file://{place.path}/repo" }}\n'
                                             f'packed = {{ path = "libs/{file_name}" }}\n')
    locked(place, index)
    assert f'archive = {{ path = "libs/{file_name}"' in entry(place, "packed"), lock_text(place)
    if tomllib:
        read = {p["name"]: p for p in tomllib.loads(lock_text(place))["packages"]}
        assert read["lib"]["directory"] == {"path": "libs/lib"} and "version" not in read["lib"]
        assert read["gitlib"]["vcs"] == {"type": "git", "url": f"file://{place.path}/repo", "commit-id": first}
        assert read["packed"]["version"] == "4.0"
    # The lock alone is enough, without the project's requirements.
    env = place.venv("work/other")
    done = place.pkg("sync", "pylock.toml", "--python", env, PKG_INDEX_URL=index.url)
    assert done.code == 0 and versions(place, "other") == {"gitlib": "1.0", "lib": "1.0", "packed": "4.0"}, done


if __name__ == "__main__":
    main()
