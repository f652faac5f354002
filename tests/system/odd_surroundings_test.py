"""Every verb in surroundings that are not as they should be: a working folder that was deleted, TMPDIR and HOME that
are missing or files. It works, or says in one error what is wrong; it never ends in an unexpected one."""
import os, re, shutil, subprocess

from sources import project
from support import PKG, PYTHON, Run, check, main, wheel

VERBS = {
    "add": ["b"], "auth": ["list"], "bundle": ["-o", "{tmp}/bundle.tar.gz", "b"], "cache": ["dir"], "check": [],
    "compile": ["{reqs}"], "completion": ["bash"], "config": ["list"], "debug": [], "download": ["b"],
    "export": [], "freeze": [], "hash": ["{wheel}"], "index": ["versions", "b"], "init": ["new"],
    "import": ["--dry-run"], "inspect": [],
    "install": ["b"], "list": [], "lock": [], "outdated": [], "python": ["list"], "remove": ["b"],
    "run": ["python", "-c", "pass"], "self": ["version"], "show": ["b"], "sync": [], "tree": [], "uninstall": ["-y",
        "b"], "tool": ["list"], "upgrade": [], "venv": [], "verify": [], "version": [], "wheel": ["b"], "why": ["b"],
    "workspace": ["list"]}
# With an environment that is named or activated, and absolute paths, they need no working folder.
NEED_NO_FOLDER = ["auth", "cache", "check", "compile", "completion", "config", "debug", "freeze", "hash", "index",
                  "inspect", "install", "list", "python", "self", "show", "tool", "verify", "uninstall"]


def all_verbs():
    shown = subprocess.run([PKG, "--help"], capture_output=True, text=True).stdout
    return set(re.findall(r"^  (\w+) ", shown, re.M))


class Surroundings:
    def __init__(self, place):
        place.wheels(wheel("b", "1.0"))
        self.place = place
        self.values = {"tmp": place.path, "reqs": place.write("reqs.txt", "b\n"),
                       "wheel": f"{place.work}/wheels/b-1.0-py3-none-any.whl"}
        self.base = {"PKG_NO_INDEX": "1", "PKG_FIND_LINKS": f"{place.work}/wheels"}

    def words(self, verb):
        return [verb] + [word.format(**self.values) for word in VERBS[verb]]

    def run(self, verb, cwd, **env):
        done = self.place.pkg(*self.words(verb), cwd=cwd, **self.base, **env)
        self.judge(verb, done)
        return done

    @staticmethod
    def judge(verb, done):
        assert done.code in (0, 1, 2), (verb, done)
        for words in ("unexpected", "terminate", "internal error", "what():", "Sanitizer"):
            assert words not in done.err, (verb, done)
        errors = re.findall(r"^error:", done.err, re.M)
        assert len(errors) == (done.code != 0 and not done.out) or len(errors) <= 1, (verb, done)


@check
def every_verb_is_tried_here(place):
    assert all_verbs() - {"help"} == set(VERBS), all_verbs() ^ set(VERBS)


def in_deleted_folder(around, verb, **env):
    gone = f"{around.place.path}/gone"
    os.makedirs(gone)
    # A shell that stands in the folder while it goes.
    script = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    done = subprocess.run(["sh", "-c", script, "sh", gone, PKG, *around.words(verb)], capture_output=True, text=True,
                          env=around.place.environment({**around.base, **env}), timeout=120)
    run = Run(done)
    around.judge(verb, run)
    return run


@check
def a_working_folder_that_was_deleted_is_named_by_verbs_that_need_it(place):
    around = Surroundings(place)
    for verb in VERBS:
        done = in_deleted_folder(around, verb)
        if done.code != 0:
            assert "working folder" in done.err or verb in NEED_NO_FOLDER, (verb, done)


@check
def verbs_that_need_no_working_folder_work_in_a_deleted_one(place):
    around = Surroundings(place)
    environment = place.venv()
    for verb in NEED_NO_FOLDER:
        if verb == "show":
            done = in_deleted_folder(around, "install", VIRTUAL_ENV=environment)
            assert done.code == 0, done
        done = in_deleted_folder(around, verb, VIRTUAL_ENV=environment)
        assert done.code == 0, (verb, done)


def project_folder(place):
    folder = f"{place.path}/project"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(f"{folder}/pyproject.toml", "w") as out:
        out.write('[project]\nname = "p"\nversion = "1"\ndependencies = ["b"]\nrequires-python = ">=3.8"\n')
    return folder


def outcomes(around, **env):
    """{verb: exit code}, each verb in a project of its own."""
    codes = {}
    for verb in VERBS:
        codes[verb] = around.run(verb, project_folder(around.place), **env).code
    return codes


@check
def a_TMPDIR_that_is_missing_or_a_file_changes_no_outcome(place):
    around = Surroundings(place)
    usual = outcomes(around)
    for folder in (f"{place.path}/missing", place.write("file", "")):
        assert outcomes(around, TMPDIR=folder) == usual, folder


@check
def a_build_says_that_TMPDIR_cannot_be_used_and_goes_on(place):
    environment = place.venv()
    backend = ("import os, zipfile\n"
               "def build_wheel(folder, settings=None, metadata=None):\n"
               "    with zipfile.ZipFile(os.path.join(folder, 'c-1-py3-none-any.whl'), 'w') as out:\n"
               "        out.writestr('c.py', '')\n"
               "        out.writestr('c-1.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: c\\nVersion: 1\\n')\n"
               "        out.writestr('c-1.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\n'\n"
               "                     'Tag: py3-none-any\\n')\n"
               "        out.writestr('c-1.dist-info/RECORD', 'c.py,,\\nc-1.dist-info/METADATA,,\\n'\n"
               "                     'c-1.dist-info/WHEEL,,\\nc-1.dist-info/RECORD,,\\n')\n"
               "    return 'c-1-py3-none-any.whl'\n")
    place.write("c/pyproject.toml", '[build-system]\nrequires = []\nbuild-backend = "be"\nbackend-path = ["."]\n'
                                    '[project]\nname = "c"\nversion = "1"\n')
    place.write("c/be.py", backend)
    for folder in (f"{place.path}/missing", place.write("file", "")):
        done = place.pkg("install", "--no-index", "--no-verify-record", "--reinstall", "--python", environment, "./c",
                         TMPDIR=folder)
        assert done.code == 0, done
        assert done.err.count("TMPDIR is") == 1 and folder in done.err, done


@check
def a_HOME_that_is_missing_or_a_file_is_no_crash(place):
    around = Surroundings(place)
    for home in (f"{place.path}/missing", place.write("file", ""), ""):
        for verb in VERBS:
            around.run(verb, project_folder(place), HOME=home, XDG_CACHE_HOME="")


main()
