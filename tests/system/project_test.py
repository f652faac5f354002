"""init, add and remove through the real binary: pyproject.toml as text, the lock, the environment, and that nothing is
left of what failed."""
import json, os, signal, subprocess, threading, tomllib

from support import PKG, PYTHON, Index, check, main, wheel

WHEELS = [wheel("app", "1.2.3", requires=["lib>=2"]), wheel("app", "1.0"), wheel("lib", "2.1"),
          wheel("extra-lib", "0.3.1"), wheel("bad", "1.0", requires=["missing>1"])]


def read(path):
    with open(path, "rb") as file:
        return file.read()


def project(place, text=None):
    place.write("pyproject.toml", text or '# my project\n[project]\nname = "work"\nversion = "0.1.0"\n'
                                          'requires-python = ">=3.9"\ndependencies = []  # none yet\n')
    return f"{place.work}/pyproject.toml"


def installed(place):
    listed = place.pkg("list", "--python", f"{place.work}/.venv", "--format", "json")
    return {item["name"]: item["version"] for item in json.loads(listed.out)}


@check
def init_writes_a_project_and_does_not_overwrite_one(place):
    done = place.pkg("init", "shape", "--python", PYTHON)
    assert done.code == 0 and "+ main.py" in done.err, done
    made = tomllib.loads(read(f"{place.work}/shape/pyproject.toml").decode())
    assert (made == {"project": {"name": "shape", "version": "0.1.0", "description": "", "readme": "README.md",
                                 "requires-python": ">=3.11", "dependencies": []}}), made
    there = sorted(name for name in os.listdir(f"{place.work}/shape") if name != ".git")
    assert there == [".gitignore", ".python-version", "README.md", "main.py", "pyproject.toml"], there
    before = read(f"{place.work}/shape/pyproject.toml")
    again = place.pkg("init", "shape")
    assert again.code == 1 and "is there already" in again.err, again
    assert read(f"{place.work}/shape/pyproject.toml") == before


@check
def init_of_a_library_has_a_build_system_and_a_package(place):
    done = place.pkg("init", "--lib", "--name", "My.Shapes", "--python", "3.10", "lib", "--build-backend", "setuptools")
    assert done.code == 0, done
    made = tomllib.loads(read(f"{place.work}/lib/pyproject.toml").decode())
    assert made["project"]["name"] == "My.Shapes" and made["project"]["requires-python"] == ">=3.10", made
    assert made["build-system"] == {"requires": ["setuptools>=61"], "build-backend": "setuptools.build_meta"}, made
    assert sorted(os.listdir(f"{place.work}/lib/src/my_shapes")) == ["__init__.py", "py.typed"]
    bare = place.pkg("init", "--bare", "bare", "--python", "3.10")
    assert bare.code == 0 and os.listdir(f"{place.work}/bare") == ["pyproject.toml"], bare
    wrong = place.pkg("init", "--name", "-x-", "--python", "3.10", "wrong")
    assert wrong.code == 2 and not os.path.exists(f"{place.work}/wrong"), wrong


@check
def add_edits_locks_and_syncs_and_remove_takes_it_back(place):
    index = Index(WHEELS)
    path = project(place)
    before = read(path)
    done = place.pkg("add", "-i", index.url, "app")
    assert done.code == 0 and "+ app>=1.2.3 (project.dependencies)" in done.err, done
    assert read(path) == before.replace(b"[]  #", b'[\n    "app>=1.2.3",\n]  #'), read(path)
    assert "pylock.toml" in os.listdir(place.work)
    assert installed(place) == {"app": "1.2.3", "lib": "2.1"}, installed(place)
    assert place.pkg("lock", "--check", "-i", index.url).code == 0
    done = place.pkg("remove", "-i", index.url, "APP")
    assert done.code == 0 and "- app>=1.2.3" in done.err, done
    assert read(path) == before and installed(place) == {}, installed(place)


@check
def add_into_a_group_and_an_extra_with_bounds(place):
    index = Index(WHEELS)
    path = project(place)
    assert place.pkg("add", "-i", index.url, "--dev", "--bounds", "major", "app").code == 0
    assert place.pkg("add", "-i", index.url, "--optional", "more", "--bounds", "minor",
                     "Extra_Lib; python_version >= '3.8'").code == 0
    done = place.pkg("add", "-i", index.url, "lib>=2,<3", "--bounds", "exact", "--json")
    assert done.code == 0 and json.loads(done.out)["requirements"] == [{"change": "added", "after": "lib>=2,<3"}], done
    made = tomllib.loads(read(path).decode())
    assert made["dependency-groups"] == {"dev": ["app>=1.2.3,<2"]}, made
    assert made["project"]["optional-dependencies"] == {"more": ['Extra_Lib>=0.3.1,<0.3.2; python_version >= "3.8"']}, (
        made)
    assert made["project"]["dependencies"] == ["lib>=2,<3"], made
    assert installed(place) == {"app": "1.2.3", "extra-lib": "0.3.1", "lib": "2.1"}, installed(place)
    wrong = place.pkg("remove", "-i", index.url, "app")
    assert wrong.code == 1 and "--group dev" in wrong.err, wrong


@check
def a_requirement_that_is_there_is_changed_in_place(place):
    index = Index(WHEELS)
    path = project(place, '[project]\nname = "work"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = [\n'
                          '  "app==1.0", # pinned\n  "lib",\n]\n')
    done = place.pkg("add", "-i", index.url, "--no-sync", "app>=1.1", "lib")
    assert done.code == 0 and "~ app==1.0 -> app>=1.1" in done.err and "~ lib -> lib>=2.1" in done.err, done
    assert b'"app>=1.1", # pinned\n  "lib>=2.1",\n' in read(path), read(path)
    assert not os.path.exists(f"{place.work}/.venv")
    again = place.pkg("add", "-i", index.url, "--no-sync", "app")
    assert again.code == 0 and "= app>=1.1" in again.err, again


@check
def what_fails_leaves_everything_as_it_was(place):
    index = Index(WHEELS)
    path = project(place)
    os.chmod(path, 0o600)
    before = read(path)
    for words in (["bad"], ["nobody-has-this"], ["app>=7"]):
        done = place.pkg("add", "-i", index.url, *words)
        assert done.code == 1 and read(path) == before and sorted(os.listdir(place.work)) == ["pyproject.toml"], (
            words, done)
    assert place.pkg("add", "-i", index.url, "app").code == 0
    kept, lock = read(path), read(f"{place.work}/pylock.toml")
    done = place.pkg("add", "-i", index.url, "bad")
    assert done.code == 1 and read(path) == kept and read(f"{place.work}/pylock.toml") == lock, done
    assert os.stat(path).st_mode & 0o777 == 0o600
    # The lock succeeds, the download does not: index pages and metadata are answered, files are not.
    index.projects["late"] = [wheel("late", "1.0")]
    index.answer = lambda path, headers: (404, {}, b"") if path.endswith(".whl") else None
    done = place.pkg("add", "-i", index.url, "late")
    assert done.code == 1 and read(path) == kept and read(f"{place.work}/pylock.toml") == lock, done


@check
def an_interrupted_add_leaves_everything_as_it_was(place):
    asked, go_on = threading.Event(), threading.Event()

    def wait(path, headers):
        if path.endswith(".whl"):
            asked.set()
            go_on.wait(30)
            return 500, {}, b""
        return None

    index = Index(WHEELS, answer=wait)
    index.server.handle_error = lambda *_: None  # nobody listens to the late answers
    path = project(place)
    before = read(path)
    running = subprocess.Popen([PKG, "add", "-i", index.url, "app"], cwd=place.work, env=place.environment({}),
                               stderr=subprocess.PIPE, text=True)
    assert asked.wait(30)
    assert b"app>=1.2.3" in read(path)  # locked and written: the environment is being made
    running.send_signal(signal.SIGINT)
    error = running.communicate(timeout=60)[1]
    go_on.set()
    assert running.returncode == 130, (running.returncode, error)
    assert read(path) == before and "pylock.toml" not in os.listdir(place.work), os.listdir(place.work)


@check
def dry_run_and_frozen_do_what_they_say(place):
    index = Index(WHEELS)
    path = project(place)
    before = read(path)
    done = place.pkg("add", "-i", index.url, "--dry-run", "app")
    assert done.code == 0 and "+ app>=1.2.3" in done.err and "+ lib 2.1" in done.err, done
    assert read(path) == before and os.listdir(place.work) == ["pyproject.toml"], os.listdir(place.work)
    index.requests.clear()
    done = place.pkg("add", "-i", index.url, "--frozen", "app")
    assert (done.code == 0 and b'"app",' in read(path) and os.listdir(place.work) == ["pyproject.toml"] and
            index.requests == []), done


@check
def a_file_that_cannot_be_edited_safely_is_refused(place):
    path = project(place, 'project = {name = "work", version = "1", dependencies = ["lib"]}\n')
    before = read(path)
    done = place.pkg("add", "--no-index", "app")
    assert done.code == 1 and "it stands in an inline table" in done.err and read(path) == before, done
    project(place)
    usage = place.pkg("add", "--no-index", "work")
    assert usage.code == 2 and "is the project itself" in usage.err, usage


@check
def scripts_have_their_requirements_in_their_block(place):
    index = Index(WHEELS)
    path = place.write("hello.py", "#!/usr/bin/env python3\nimport app\n")
    done = place.pkg("add", "-i", index.url, "--script", "hello.py", "app", "lib==2.1")
    assert done.code == 0, done
    assert (read(path) == b'#!/usr/bin/env python3\n# /// script\n# dependencies = [\n#     "app>=1.2.3",\n'
                          b'#     "lib==2.1",\n# ]\n# ///\n\nimport app\n'), read(path)
    assert os.listdir(place.work) == ["hello.py"]
    assert place.pkg("remove", "-i", index.url, "--script", "hello.py", "app").code == 0
    assert b"app>=" not in read(path) and b"lib==2.1" in read(path)


@check
def a_member_of_a_workspace_is_edited_and_the_lock_is_the_root_s(place):
    index = Index(WHEELS)
    project(place, f'[project]\nname = "work"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["part"]\n'
                   f'[tool.pkg]\nindex-url = "{index.url}"\n[tool.pkg.workspace]\nmembers = ["parts/*"]\n')
    part = place.write("parts/one/pyproject.toml",
                       '[project]\nname = "part"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = []\n')
    root = read(f"{place.work}/pyproject.toml")
    done = place.pkg("add", "app", cwd=f"{place.work}/parts/one")
    assert done.code == 0, done
    assert b'"app>=1.2.3"' in read(part) and read(f"{place.work}/pyproject.toml") == root
    assert (os.path.exists(f"{place.work}/pylock.toml") and os.path.exists(f"{place.work}/.venv") and
            os.listdir(f"{place.work}/parts/one") == ["pyproject.toml"])
    assert installed(place) == {"app": "1.2.3", "lib": "2.1"}, installed(place)


main()
