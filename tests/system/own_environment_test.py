"""Which environment a verb works on, with the whole program: a project's own and no other's; dry runs write nothing.
Usage: own_environment_test.py PKG BUILD_FOLDER [WORD…]"""
import json, os, shutil, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lock_support import VERSION, project, synced, versions, world
from support import PYTHON, Skip, check, main, tree

SCRIPT = '# /// script\n# dependencies = ["leaf"]\n# ///\nimport leaf\nprint(leaf.__version__)\n'


def other_python(place):
    """(path, version) of an interpreter that is not the tests' own."""
    listed = json.loads(place.pkg("python", "list", "--json").out).get("interpreters", [])
    for one in listed:
        if one["version"] != VERSION:
            return one["path"], one["version"]
    raise Skip("there is one interpreter only")


def version_of(python):
    return subprocess.run([python, "-c", "import sys; print(sys.version.split()[0])"], capture_output=True,
                          text=True).stdout.strip()


@check
def verbs_of_a_project_leave_the_active_environment_alone(place):
    index = world()
    other = place.venv("work/other")
    assert place.pkg("install", "--python", other, "speed", "plot", PKG_INDEX_URL=index.url).code == 0
    before = tree(other)
    for verb in (["sync"], ["run", "python", "-c", "1"], ["add", "plot"], ["remove", "plot"], ["upgrade"],
                 ["sync", "--frozen"]):
        if verb[0] == "sync" and len(verb) == 1:
            project(place, ["leaf"])
        done = place.pkg(*verb, PKG_INDEX_URL=index.url, VIRTUAL_ENV=other)
        assert done.code == 0 and tree(other) == before, (verb, done)
        said = [line for line in done.err.splitlines() if "VIRTUAL_ENV" in line]
        assert len(said) == 1 and other in said[0] and f"{place.work}/.venv" in said[0], (verb, done)
    assert "leaf" in versions(place)
    silent = place.pkg("sync", PKG_INDEX_URL=index.url, VIRTUAL_ENV=f"{place.work}/.venv")
    assert "VIRTUAL_ENV" not in silent.err, silent
    taken = place.pkg("sync", "--active", PKG_INDEX_URL=index.url, VIRTUAL_ENV=other)
    assert taken.code == 0 and set(versions(place, "other")) == {"leaf"} and other in taken.err, taken


@check
def a_conda_base_is_nobodys_project(place):
    index = world()
    base = place.venv("work/base")
    os.remove(f"{base}/pyvenv.cfg")
    os.mkdir(f"{base}/conda-meta")
    conda = {"CONDA_PREFIX": base, "CONDA_DEFAULT_ENV": "base", "PKG_INDEX_URL": index.url}
    before = tree(base)
    assert place.pkg("venv", "-q", "--python", PYTHON).code == 0
    done = place.pkg("install", "leaf", **conda)
    assert done.code == 0 and versions(place) == {"leaf": "1.1"} and tree(base) == before, done
    project(place, ["plot"])
    for verb in (["sync"], ["run", "python", "-c", "1"], ["add", "speed"]):
        done = place.pkg(*verb, **conda)
        assert done.code == 0 and tree(base) == before and "CONDA_PREFIX" in done.err, (verb, done)


@check
def a_clone_below_a_folder_with_an_environment_gets_its_own(place):
    index = world()
    assert place.pkg("venv", "-q", "--python", PYTHON).code == 0
    assert place.pkg("install", "speed", PKG_INDEX_URL=index.url).code == 0
    before = tree(f"{place.work}/.venv")
    place.write("clone/pyproject.toml", '[project]\nname = "clone"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                        'dependencies = ["leaf"]\n')
    done = synced(place, index, cwd=f"{place.work}/clone")
    assert versions(place, "clone/.venv") == {"leaf": "1.1"} and tree(f"{place.work}/.venv") == before, done


@check
def python_says_what_the_environment_is_made_of(place):
    index = world()
    path, version = other_python(place)
    project(place, ["leaf"], requires_python='requires-python = ">=3.7"\n')
    for words in (["-p", path], ["--python", VERSION], ["--python", path]):
        done = synced(place, index, *words)
        made = version_of(f"{place.work}/.venv/bin/python")
        assert made == (VERSION if words[1] == VERSION else version_of(path)), (made, words, done)
        assert set(versions(place)) == {"leaf"}, done
        again = synced(place, index, *words)
        assert "Nothing to do" in again.err, again
    assert "made again" in done.err and VERSION in done.err, done
    run = place.pkg("run", "--python", VERSION, "python", "-c", "import sys; print(sys.version.split()[0])",
                    PKG_INDEX_URL=index.url)
    assert run.code == 0 and run.out.strip() == VERSION, run
    refused = place.pkg("sync", "--python", "3.6", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and version_of(f"{place.work}/.venv/bin/python") == VERSION, refused


@check
def what_is_no_environment_of_the_projects_is_never_replaced(place):
    index = world()
    path, version = other_python(place)
    project(place, ["leaf"], requires_python='requires-python = ">=3.7"\n')
    place.write(".venv/mine.txt", "precious")
    refused = place.pkg("sync", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and tree(f"{place.work}/.venv") and os.listdir(f"{place.work}/.venv") == ["mine.txt"], \
        refused
    shutil.rmtree(f"{place.work}/.venv")
    far = place.venv("far")
    with open(f"{place.work}/.venv", "w") as file:
        file.write("../far\n")
    done = synced(place, index)
    assert f"{place.path}/far" in done.err and os.path.isfile(f"{place.work}/.venv"), done
    before = tree(far)
    refused = place.pkg("sync", "--python", path, PKG_INDEX_URL=index.url)
    assert refused.code == 1 and far in refused.err and tree(far) == before, refused
    for verb in (["list"], ["check"], ["install", "plot"], ["run", "python", "-c", "import leaf"],
                 ["uninstall", "plot"]):
        done = place.pkg(*verb, PKG_INDEX_URL=index.url)
        assert done.code == 0 and os.path.isfile(f"{place.work}/.venv"), (verb, done)


@check
def variables_that_name_nothing_are_said_and_passed_over(place):
    index = world()
    gone = {"VIRTUAL_ENV": "/nonexistent/venv", "PKG_INDEX_URL": index.url}
    listed = place.pkg("list", **gone)
    assert listed.code == 1 and "VIRTUAL_ENV" in listed.err and "/nonexistent/venv" in listed.err, listed
    for verb in (["install", "leaf"], ["list"], ["uninstall", "leaf"]):
        done = place.pkg(*verb, **gone)
        assert done.code == 0 and done.err.count("/nonexistent/venv") == 1, (verb, done)


@check
def an_interpreter_itself_is_changed_with_system_only(place):
    index = world()
    path, version = other_python(place)
    place.venv("work/.venv")
    for verb in (["install", "leaf"], ["uninstall", "leaf"], ["install", "--dry-run", "leaf"]):
        refused = place.pkg(*verb, "--python", version, PKG_INDEX_URL=index.url)
        assert refused.code == 1 and "--system" in refused.err and f"{place.work}/.venv" in refused.err \
            and VERSION in refused.err, (verb, refused)


@check
def dry_runs_write_nothing(place):
    index = world()
    environment = {"PKG_INDEX_URL": index.url}
    place.write("requirements.txt", "leaf==1.1\n")
    place.write("script.py", SCRIPT)

    def unchanged(*words, code=0):
        before = tree(place.work)
        done = place.pkg(*words, "--dry-run", **environment)
        assert done.code == code, (words, done)
        assert tree(place.work) == before, (words, done, set(tree(place.work)) ^ set(before))

    unchanged("install", "leaf")
    unchanged("install", "-r", "requirements.txt")
    unchanged("sync", "requirements.txt")
    unchanged("lock", "--script", "script.py")
    unchanged("sync", "--script", "script.py")
    project(place, ["leaf"])
    for words in (["lock"], ["sync"], ["add", "plot"], ["remove", "leaf"], ["upgrade"]):
        unchanged(*words)
    synced(place, index)
    project(place, ["leaf", "plot"])
    for words in (["lock"], ["sync"], ["add", "speed"], ["remove", "leaf"], ["upgrade"], ["uninstall", "leaf"],
                  ["install", "speed"], ["sync", "--reinstall"]):
        unchanged(*words)


@check
def a_script_has_its_own_environment(place):
    index = world()
    project(place, ["app-core"])
    synced(place, index)
    before = tree(f"{place.work}/.venv")
    place.write("script.py", SCRIPT)
    assert place.pkg("lock", "--script", "script.py", PKG_INDEX_URL=index.url).code == 0
    done = place.pkg("sync", "--script", "script.py", PKG_INDEX_URL=index.url)
    assert done.code == 0 and tree(f"{place.work}/.venv") == before, done
    asked = len(index.requests)
    run = place.pkg("run", "script.py", PKG_INDEX_URL=index.url)
    assert run.code == 0 and run.out == "1.1\n" and len(index.requests) == asked, run


@check
def without_a_project_run_makes_nothing_in_the_working_folder(place):
    index = world()
    for words in (["python", "-c", "1"], ["--with", "leaf", "python", "-c", "import leaf"],
                  ["--no-project", "python", "-c", "1"]):
        done = place.pkg("run", *words, PKG_INDEX_URL=index.url)
        assert done.code == 0 and os.listdir(place.work) == [], (words, done)
    project(place, ["leaf"])
    done = place.pkg("run", "--no-project", "python", "-c", "1", PKG_INDEX_URL=index.url)
    assert done.code == 0 and os.listdir(place.work) == ["pyproject.toml"], done


@check
def packages_of_the_base_are_seen_and_left_alone(place):
    index = world()
    made = place.pkg("venv", "-q", "--python", PYTHON, "--system-site-packages")
    assert made.code == 0, made
    user = subprocess.run([PYTHON, "-m", "site", "--user-site"], capture_output=True, text=True,
                          env=place.environment({})).stdout.strip()
    assert place.pkg("install", "--python", PYTHON, "--user", "--break-system-packages", "app-core==1.0",
                     PKG_INDEX_URL=index.url).code == 0
    before = tree(user)
    listed = place.pkg("list", "--format", "json")
    assert "app-core" in listed.out, listed
    assert place.pkg("check").code == 0
    there = place.pkg("install", "app-core", PKG_INDEX_URL=index.url)
    assert there.code == 0 and "+" not in there.err, there
    newer = place.pkg("install", "app-core==2.0", PKG_INDEX_URL=index.url)
    assert newer.code == 0 and "+ app-core 2.0" in newer.err and "leaf" not in newer.err, newer
    assert tree(user) == before
    removed = place.pkg("uninstall", "leaf")
    assert removed.code == 0 and "outside the environment" in removed.err and tree(user) == before, removed


@check
def a_venv_that_is_a_file_is_followed_whether_it_is_named_or_not(place):
    env = place.venv("kept")
    place.write(".venv", f"{env}\n")
    for words in (["venv", "--clear"], ["venv", "--clear", ".venv"], ["venv", "--allow-existing", "./.venv"]):
        done = place.pkg(*words)
        assert done.code == 0 and env in done.err and os.path.isfile(f"{place.work}/.venv"), (words, done)


@check
def a_prompt_of_a_dot_is_the_working_folders_name(place):
    assert place.pkg("venv", "--prompt", ".", f"{place.path}/env").code == 0
    with open(f"{place.path}/env/pyvenv.cfg") as file:
        assert "prompt = 'work'\n" in file.read()


@check
def a_link_to_the_interpreters_tree_is_kept(place):
    real = os.path.realpath(PYTHON)
    root = os.path.dirname(os.path.dirname(real))
    os.symlink(root, f"{place.work}/current")
    made = place.pkg("venv", "-q", "--python", f"{place.work}/current/bin/{os.path.basename(real)}", "env")
    assert made.code == 0, made
    with open(f"{place.work}/env/pyvenv.cfg") as file:
        assert f"home = {place.work}/current/bin\n" in file.read()
    assert os.readlink(f"{place.work}/env/bin/python").startswith(f"{place.work}/current/bin/")
    assert place.pkg("list", "--python", "env").code == 0


main()
