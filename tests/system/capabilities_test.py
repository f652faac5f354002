#!/usr/bin/env python3
"""What pkg does around the installer, row by row: interpreters, projects, tools and scripts, each with the commands
that show it, in a small world of its own.

    capabilities_test.py PKG BUILD_FOLDER [--write | NUMBER ...]

docs/internals/capabilities.md is the same table; `--write` writes it, else a page that differs is a fault. A row's
commands are those of the page: each has to be among what the row ran (words in capitals stand for any, and more options
may come between). What pkg does not have stands in NOT_YET, with a function that says when it has."""
import collections, concurrent.futures, hashlib, json, os, shlex, shutil, subprocess, sys, tomllib, traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import doc_pages
from python_archives import LIBC, MACHINE, OTHER, PythonWorld, fake, key, put, real, source
from sources import git, project, repository, write_tree
from support import PKG, PYTHON, Index, Place, Skip, member, need_tool, on_terminal, program, wheel

PAGE = "docs/internals/capabilities.md"
GROUPS = {"Interpreters": range(106, 112), "Projects": range(112, 126), "Tools and scripts": range(126, 131)}
AT_A_TIME = 2


class World:
    """The small world of one row: an index on loopback, an empty home, and what was run."""

    def __init__(self, place, *wheels):
        self.place, self.index, self.ran = place, Index(wheels), []
        self.work, self.home = place.work, f"{place.path}/home"
        self.bin, self.tools = f"{self.home}/.local/bin", f"{self.home}/.local/share/pkg/tools"
        self.env = {"PKG_INDEX_URL": self.index.url, "PATH": "/usr/bin:/bin"}

    def pkg(self, *words, code=0, cwd=None, stdin=None, **more):
        self.ran.append(["pkg", *words])
        done = self.place.pkg(*words, cwd=cwd, stdin=stdin, **{**self.env, **more})
        assert done.code == code, (words, done)
        return done

    def json(self, *words, **more):
        return json.loads(self.pkg(*words, "--json", **more).out)

    def on_terminal(self, *words, answer):
        self.ran.append(["pkg", *words])
        return on_terminal(self.place, words, answer, **self.env)

    def start(self, program, *words):
        done = subprocess.run([program, *words], capture_output=True, text=True, cwd=self.work,
                              env=self.place.environment(self.env))
        assert done.returncode == 0, (program, words, done)
        return done.stdout

    def pythons(self):
        """A mirror of Pythons, and no other Python on PATH."""
        made = PythonWorld(self.place)
        self.env = {"PKG_INDEX_URL": self.index.url, **made.environment()}
        return made

    def write(self, name, text):
        return self.place.write(name, text)

    def read(self, name="pyproject.toml"):
        with open(f"{self.work}/{name}", encoding="utf-8") as file:
            return file.read()

    def toml(self, name="pyproject.toml"):
        return tomllib.loads(self.read(name))

    def installed(self, env=".venv"):
        listed = self.place.pkg("list", "--format", "json", "--python", f"{self.work}/{env}", **self.env)
        assert listed.code == 0, listed
        return {one["name"]: one["version"] for one in json.loads(listed.out)}

    def add(self, *made):
        for one in made:
            self.index.projects.setdefault(one[0].split("-")[0], []).append(one)

    def has(self, name):
        return os.path.exists(f"{self.work}/{name}")


# `show` is called with a World whose index has `wheels`; `is_there` with a World and doc_pages.Verbs.
Row = collections.namedtuple("Row", "number what commands wheels show")
Missing = collections.namedtuple("Missing", "number what reason is_there")
ROWS, NOT_YET = [], []


def row(number, what, *commands, wheels=()):
    def add(function):
        ROWS.append(Row(number, what, commands, wheels, function))
        return function
    return add


def head(dependencies=(), more="", name="work"):
    return (f'[project]\nname = "{name}"\nversion = "0.9"\nrequires-python = ">=3.9"\n'
            f"dependencies = {json.dumps(list(dependencies))}\n{more}")


VERSION_OF = "import leaf; print(leaf.__version__)"
TELLS = "import sys; print('%d.%d.%d' % sys.version_info[:3], sys.prefix)"


# ---- interpreters ---------------------------------------------------------------------------------------------------

@row(106, "installs CPython builds from a catalogue, checked, and finds and removes them",
     "pkg python install VERSION", "pkg python list", "pkg venv --python VERSION", "pkg python uninstall VERSION")
def cpython_is_installed(world):
    pythons, minor = world.pythons(), source().minor
    version = source().version(source().patch)
    pythons.mirror.add(version, real(source().patch))
    assert f"+ cpython {version} " in world.pkg("python", "install", minor).err
    folder = f"{pythons.pythons}/{key(version)}"
    assert world.start(f"{folder}/bin/python3", "-c", TELLS) == f"{version} {folder}\n"
    listed = world.pkg("python", "list").out
    assert listed.startswith(f"cpython-{version} ") and listed.endswith("(managed)\n"), listed
    world.pkg("venv", "--python", minor, f"{world.work}/env")
    assert world.start(f"{world.work}/env/bin/python", "-c", TELLS) == f"{version} {world.work}/env\n"
    world.pkg("python", "uninstall", version)
    assert world.pkg("python", "list").out == "" and pythons.has_nothing()


@row(107, "takes newer patch releases in place: environments go on with them", "pkg python upgrade VERSION")
def patch_releases_are_upgraded(world):
    pythons, minor, patch = world.pythons(), source().minor, source().patch
    pythons.mirror.add(source().version(patch), real(patch))
    world.pkg("python", "install", minor)
    world.pkg("venv", "--python", minor, f"{world.work}/env")
    pythons.mirror.add(source().version(patch + 1), real(patch + 1))
    said = world.pkg("python", "upgrade", minor).err
    assert f"~ cpython {source().version(patch)} -> cpython {source().version(patch + 1)}" in said, said
    told = world.start(f"{world.work}/env/bin/python", "-c", TELLS)
    assert told == f"{source().version(patch + 1)} {world.work}/env\n", told


@row(108, "pins a Python for a folder, and for every folder that says nothing itself", "pkg python pin VERSION",
     "pkg python pin --global VERSION", "pkg python pin")
def a_version_is_pinned(world):
    pythons = world.pythons()
    for version in (f"{OTHER}.1", "9.8.1"):
        pythons.mirror.add(version, fake(version))
    world.pkg("python", "pin", OTHER)
    assert world.read(".python-version") == f"{OTHER}\n" and world.pkg("python", "pin").out == f"{OTHER}\n"
    world.pkg("python", "pin", "--global", "9.8")
    elsewhere = os.path.dirname(world.work)
    assert world.pkg("python", "pin", cwd=elsewhere).out == "9.8\n"
    assert f"cpython {OTHER}.1" in world.pkg("python", "install").err  # what is pinned is what is meant
    assert "cpython 9.8.1" in world.pkg("python", "install", cwd=elsewhere).err


def chosen(world, request):
    return [one["name"] for one in world.json("python", "install", request)["changes"]]


@row(109, "requests by version, range, name, tag, variant, whole name of a build, or path", "pkg python install 3.13",
     "pkg python install '>=3.12,<3.14'", "pkg python install cpython@3.13", "pkg python install cp312",
     "pkg python install 3.13t", "pkg python find PATH")
def requests_are_rich(world):
    pythons = world.pythons()
    for version in ("3.11.9", "3.12.7", "3.13.1", "3.13.3", "3.14.0"):
        pythons.mirror.add(version, fake(version))
    pythons.mirror.add("3.13.2", variant_of("3.13.2", "t"), variant="freethreaded")
    assert chosen(world, "3.13") == [key("3.13.3")] and chosen(world, "3.13.1") == [key("3.13.1")]
    assert chosen(world, "3.13t") == [key("3.13.2", "+freethreaded")]
    assert chosen(world, "cp312") == [key("3.12.7")]
    assert chosen(world, f"cpython-3.11-linux-{MACHINE}-{LIBC}") == [key("3.11.9")]
    for request, name in ((">=3.12,<3.14", key("3.13.3")), ("cpython@3.13", key("3.13.3"))):
        again = world.json("python", "install", "--reinstall", request)["changes"]
        assert [one["name"] for one in again] == [name], (request, again)
    path = os.path.realpath(PYTHON)
    assert world.pkg("python", "find", path).out == f"{path}\n"


def variant_of(version, flags):
    """A build whose program says its flags."""
    minor = version.rpartition(".")[0]
    text = f"#!/bin/sh\necho 'pkg: cpython {version} -{flags}'\n".encode()
    return fake(version, members=[lambda archive: put(archive, f"python/bin/python{minor}{flags}", text, 0o755),
                                  lambda archive: put(archive, f"python/lib/python{minor}{flags}/os.py", b"#\n")])


@row(110, "free-threaded and debug builds of CPython, PyPy, GraalPy", "pkg python install 3.13t",
     "pkg python install 3.13+debug", "pkg python install pypy3.11", "pkg python install graalpy3.12",
     "pkg python list --only-downloads")
def other_builds_are_installed(world):
    pythons = world.pythons()
    pythons.mirror.add("3.13.2", variant_of("3.13.2", "t"), variant="freethreaded")
    pythons.mirror.add("3.13.2", variant_of("3.13.2", "d"), ending="d.tar.gz", variant="debug")
    for name, version in (("pypy", "3.11.11"), ("graalpy", "3.12.8")):
        pythons.mirror.add(version, fake(version, implementation=name), implementation=name)
    listed = world.pkg("python", "list", "--only-downloads").out.splitlines()
    assert sorted(line.split()[0] for line in listed) == [
        "cpython-3.13.2d", "cpython-3.13.2t", "graalpy-3.12.8", "pypy-3.11.11"], listed
    for request, name in (("3.13t", key("3.13.2", "+freethreaded")), ("3.13+debug", key("3.13.2", "+debug")),
                          ("pypy3.11", key("3.11.11").replace("cpython", "pypy")),
                          ("graalpy3.12", key("3.12.8").replace("cpython", "graalpy"))):
        assert chosen(world, request) == [name], request
        assert os.path.isdir(f"{pythons.pythons}/{name}"), pythons.names()


def details(prefix):
    return {"schema_version": "1.0", "base_prefix": prefix, "base_interpreter": f"{prefix}/bin/python3.14",
            "platform": f"linux-{MACHINE}", "language": {"version": "3.14"},
            "implementation": {"name": "cpython", "version": {"major": 3, "minor": 14, "micro": 3,
                                                              "releaselevel": "final", "serial": 0}},
            "abi": {"flags": [], "extension_suffix": f".cpython-314-{MACHINE}-linux-gnu.so"}}


@row(111, "knows CPython 3.14 and newer by build-details.json (PEP 739), without starting it", "pkg python find PATH",
     "pkg venv --python PATH", "pkg install NAME", wheels=[wheel("leaf", "1.0")])
def an_interpreter_is_not_started(world):
    if LIBC != "gnu":
        raise Skip("an interpreter of musl is started, for its tags")
    prefix = os.path.realpath(f"{world.work}") + "/prefix"
    os.makedirs(f"{prefix}/bin")
    shutil.copy(shutil.which("false"), f"{prefix}/bin/python3.14")  # of glibc, and silent when it is started
    os.makedirs(f"{prefix}/lib/python3.14/site-packages")
    world.write("prefix/lib/python3.14/os.py", "# the standard library\n")
    world.write("prefix/lib/python3.14/build-details.json", json.dumps(details(prefix)))
    assert world.pkg("python", "find", f"{prefix}/bin/python3.14").out == f"{prefix}/bin/python3.14\n"
    world.pkg("venv", "--python", f"{prefix}/bin/python3.14", f"{world.work}/env")
    assert "3.14.3" in world.read("env/pyvenv.cfg")
    world.pkg("install", "--python", f"{world.work}/env", "leaf")
    assert world.has("env/lib/python3.14/site-packages/leaf/__init__.py")
    os.remove(f"{prefix}/lib/python3.14/build-details.json")
    assert "does not run as a Python" in world.pkg("python", "find", "-n", f"{prefix}/bin/python3.14", code=1).err


# ---- projects -------------------------------------------------------------------------------------------------------

@row(112, "starts applications, libraries, packages, scripts, or pyproject.toml alone", "pkg init app",
     "pkg init --lib geometry", "pkg init --package tool", "pkg init --script fresh.py", "pkg init --bare small")
def projects_begin(world):
    python = ("--python", PYTHON)
    world.pkg("init", "app", *python)
    assert world.pkg("run", "-q", *python, "main.py", cwd=f"{world.work}/app").out == "Hello from app!\n"
    world.pkg("init", "--lib", "geometry", *python)
    assert world.has("geometry/src/geometry/__init__.py") and "build-system" in world.toml("geometry/pyproject.toml")
    world.pkg("init", "--package", "tool", *python)
    assert world.toml("tool/pyproject.toml")["project"]["scripts"] == {"tool": "tool:main"}
    world.pkg("init", "--script", "fresh.py", *python)
    assert world.pkg("run", "-q", *python, "fresh.py").out == "Hello from fresh.py!\n"
    world.pkg("init", "--bare", "small", *python)
    assert os.listdir(f"{world.work}/small") == ["pyproject.toml"]


COMMENTED = """# ours
[project]
name = "work"   # no other name
version = "0.9"
requires-python = ">=3.9"
dependencies = [
    'leaf<2',  # see the minutes
]

[tool.other]
key = 1     # stays
"""


@row(113, "adds and removes requirements, and leaves comments and layout as they are", "pkg add REQUIREMENT",
     "pkg remove NAME", wheels=[wheel("leaf", "1.0"), wheel("six", "1.16"), wheel("six", "2.0")])
def edits_keep_comments(world):
    world.write("pyproject.toml", COMMENTED)
    world.pkg("add", "six<2")
    text = world.read()
    assert [line for line in text.splitlines() if "six" not in line] == COMMENTED.splitlines(), text
    assert world.toml()["project"]["dependencies"] == ["leaf<2", "six<2"], text
    assert world.installed() == {"leaf": "1.0", "six": "1.16"}
    world.pkg("remove", "six")
    assert world.read() == COMMENTED and world.installed() == {"leaf": "1.0"}


@row(114, "writes the bounds that are wanted", *(f"pkg add --bounds {one} NAME" for one in
                                                 ("lower", "major", "minor", "exact")),
     wheels=[wheel(name, "1.2.3") for name in ("one", "two", "three", "four")])
def bounds_have_a_style(world):
    world.write("pyproject.toml", head())
    for name, style in (("one", "lower"), ("two", "major"), ("three", "minor"), ("four", "exact")):
        world.pkg("add", "--no-sync", "--bounds", style, name)
    assert sorted(world.toml()["project"]["dependencies"]) == ["four==1.2.3", "one>=1.2.3", "three>=1.2.3,<1.3",
                                                               "two>=1.2.3,<2"], world.read()


@row(115, "dependency groups (PEP 735): with the project, alone, all, left out, of any file", "pkg sync --group docs",
     "pkg sync --only-group test", "pkg sync --all-groups --no-group test", "pkg install --group test",
     wheels=[wheel(name, "1.0") for name in ("leaf", "dev-tool", "tester", "theme")])
def groups_are_taken(world):
    world.write("pyproject.toml", head(["leaf"], '[dependency-groups]\ndev = ["dev-tool"]\ntest = ["tester"]\n'
                                                 'docs = ["theme", {include-group = "test"}]\nlast = ["theme"]\n'))
    for words, names in ((["--group", "docs"], "dev-tool leaf tester theme"), (["--only-group", "test"], "tester"),
                         (["--all-groups", "--no-group", "test", "--no-group", "docs"], "dev-tool leaf theme"),
                         (["--no-default-groups"], "leaf")):
        world.pkg("sync", *words)
        assert sorted(world.installed()) == names.split(), (words, world.installed())
    world.pkg("sync", "--all-groups", "--no-group", "test")
    world.pkg("venv", f"{world.work}/other")
    world.pkg("install", "--python", f"{world.work}/other", "--group", "test")
    assert sorted(world.installed("other")) == ["tester"]


@row(116, "workspaces: one lock and one environment for all members, any of them alone", "pkg lock",
     "pkg workspace list", "pkg sync --package api", "pkg sync --all-packages", "pkg export --package api",
     wheels=[wheel(name, "1.0") for name in ("base", "api-lib", "other-lib")])
def workspaces_have_one_lock(world):
    member(world.place, ".", "root", ["models"], '[tool.pkg.workspace]\nmembers = ["packages/*"]\n')
    member(world.place, "packages/models", "models", ["base"])
    member(world.place, "packages/api", "api", ["models", "api-lib"])
    member(world.place, "packages/other", "other", ["other-lib"])
    world.pkg("lock", cwd=f"{world.work}/packages/api")
    locks = [folder for folder, _, names in os.walk(world.work) if "pylock.toml" in names]
    assert locks == [world.work], locks
    assert sorted(world.pkg("workspace", "list").out.split()) == ["api", "models", "other", "root"]
    world.pkg("sync", "--package", "api")
    assert sorted(world.installed()) == ["api", "api-lib", "base", "models"], world.installed()
    world.pkg("sync", "--all-packages")
    assert sorted(world.installed()) == ["api", "api-lib", "base", "models", "other", "other-lib", "root"]
    exported = world.pkg("export", "--package", "api", "--no-hashes", "--no-annotate").out
    assert "api-lib==1.0" in exported and "other-lib" not in exported, exported


@row(117, "sources: git at a tag, with Git LFS where the user has it, a subdirectory, a folder in place, a URL "
          "(Mercurial and others: `other_vcs_test.py`)",
     "pkg lock", "pkg sync", "pkg add --tag v1 REQUIREMENT")
def sources_are_of_many_kinds(world):
    need_tool("git")
    repo = f"{world.place.path}/repo"
    first = repository(repo, {f"lib/{name}": text for name, text in project("gitlib", "1.0").items()})
    git(repo, "tag", "v1")
    write_tree(f"{repo}/lib", project("gitlib", "2.0"))
    git(repo, "commit", "-qam", "two")
    repository(f"{world.place.path}/plain", {**project("plain", "3.0"), "plain/large.py": "a pointer\n",
                                              ".gitattributes": "plain/large.py filter=lfs\n"})
    git(f"{world.place.path}/plain", "tag", "v1")
    world.env["GIT_CONFIG_GLOBAL"] = f"{world.home}/.gitconfig"
    with open(world.env["GIT_CONFIG_GLOBAL"], "w", encoding="utf-8") as file:  # as `git lfs install` does
        file.write('[filter "lfs"]\nsmudge = "cat >/dev/null; echo value = 77"\nrequired = true\n')
    write_tree(f"{world.place.path}/folderlib", project("folderlib", "1.0"))
    name, data = wheel("urllib-x", "4.0")
    world.index.projects["hidden"] = [(name, data)]
    url = world.index.url.replace("/simple/", "/files/") + name
    world.write("pyproject.toml", head(["gitlib", "folderlib", "urllib-x"]) + f"""
[tool.pkg.sources]
gitlib = {{ git = "file://{repo}", tag = "v1", subdirectory = "lib" }}
folderlib = {{ path = "../folderlib", editable = true }}
urllib-x = {{ url = "{url}" }}
""")
    world.pkg("lock")
    assert first in world.read("pylock.toml") and hashlib.sha256(data).hexdigest() in world.read("pylock.toml")
    world.pkg("sync")
    assert world.installed() == {"gitlib": "1.0", "folderlib": "1.0", "urllib-x": "4.0"}, world.installed()
    write_tree(f"{world.place.path}/folderlib", {"folderlib/__init__.py": "version = 'edited'\n"})
    assert world.start(f"{world.work}/.venv/bin/python", "-c", "import folderlib as f; print(f.version)") == "edited\n"
    world.pkg("add", "--tag", "v1", f"git+file://{world.place.path}/plain")
    assert world.toml()["tool"]["pkg"]["sources"]["plain"]["tag"] == "v1" and world.installed()["plain"] == "3.0"
    assert world.start(f"{world.work}/.venv/bin/python", "-c", "import plain.large as p; print(p.value)") == "77\n"


@row(118, "`run` locks and syncs first where that is needed, and only there", "pkg run python",
     wheels=[wheel("leaf", "1.0"), wheel("twig", "2.0")])
def run_syncs_first(world):
    world.write("pyproject.toml", head(["leaf"]))
    assert world.pkg("run", "python", "-c", VERSION_OF).out == "1.0\n"
    assert world.has("pylock.toml") and world.has(".venv/bin/python")
    asked = len(world.index.requests)
    assert world.pkg("run", "python", "-c", VERSION_OF).out == "1.0\n" and len(world.index.requests) == asked
    world.write("pyproject.toml", head(["leaf", "twig"]))
    assert world.pkg("run", "python", "-c", VERSION_OF.replace("leaf", "twig")).out == "2.0\n"


@row(119, "tasks: commands, sequences, what has to run before, variables, arguments, a list", "pkg run check",
     "pkg run greet you", "pkg run --list")
def tasks_run(world):
    world.write("pyproject.toml", head(more="""[tool.pkg.tasks]
first = "sh -c 'echo first'"
greet = {cmd = ["sh", "-c", 'echo "$WORD $1"', "sh"], env = {WORD = "hello"}, help = "Greets"}
check = {cmds = ["sh -c 'echo 1'", "sh -c 'exit 3'", "sh -c 'echo never'"], depends = ["first"]}
"""))
    assert world.pkg("run", "-q", "check", code=3).out == "first\n1\n"
    assert world.pkg("run", "-q", "greet", "you").out == "hello you\n"
    listed = world.pkg("run", "--list").out
    assert [line.split()[0] for line in listed.splitlines()] == ["check", "first", "greet"] and "Greets" in listed


@row(121, "moves the bounds of pyproject.toml, or says how it would", "pkg upgrade --bump --dry-run",
     "pkg upgrade --bump", wheels=[wheel("leaf", "1.0"), wheel("leaf", "2.0"), wheel("twig", "1.0"),
                                   wheel("twig", "2.0", requires=["leaf<3"])])
def bounds_move(world):
    before = head(["leaf>=1,<2", "twig==1.0"])
    world.write("pyproject.toml", before)
    world.pkg("sync")
    assert "leaf>=2,<3" in world.pkg("upgrade", "--bump", "--dry-run").err and world.read() == before
    moved = {one["name"]: one["after"] for one in world.json("upgrade", "--bump")["bumped"]}
    assert moved == {"leaf": "leaf>=2,<3", "twig": "twig==2.0"}, moved
    assert world.toml()["project"]["dependencies"] == ["leaf>=2,<3", "twig==2.0"]
    assert world.installed() == {"leaf": "2.0", "twig": "2.0"}


@row(122, "says, sets and raises the project's version", "pkg version --short", "pkg version --bump minor",
     "pkg version --bump patch --bump rc", "pkg version 2.0")
def the_version_is_raised(world):
    world.write("pyproject.toml", head().replace('"0.9"', '"0.9"  # next: 1.0'))
    assert world.pkg("version", "--short").out == "0.9\n"
    assert world.pkg("version", "--bump", "minor").out == "work 0.9 -> 0.10\n"
    world.pkg("version", "--bump", "patch", "--bump", "rc")
    assert world.pkg("version", "--short").out == "0.10.1rc1\n"
    world.pkg("version", "2.0")
    assert world.read() == head().replace('"0.9"', '"2.0"  # next: 1.0'), world.read()


IMPORTED = {
    "pyproject.toml": '[tool.poetry]\nname = "mine"\nversion = "1.0"\npackage-mode = false\n'
                      '[tool.poetry.dependencies]\npython = "^3.9"\nleaf = "^1.0"\n',
    "Pipfile": '[packages]\nleaf = ">=1,<2"\n', "requirements.in": "leaf>=1,<2\n",
    "setup.cfg": "[metadata]\nname = mine\nversion = 1.0\n[options]\ninstall_requires =\n    leaf>=1,<2\n",
    "environment.yml": "name: mine\ndependencies:\n  - pip:\n    - leaf>=1,<2\n",
}
PINS = {"pyproject.toml": ("poetry.lock", '[[package]]\nname = "leaf"\nversion = "1.0"\n\n'),
        "requirements.in": ("requirements.txt", "leaf==1.0\n"),
        "Pipfile": ("Pipfile.lock", json.dumps({"_meta": {"pipfile-spec": 6, "sources": []},
                                                "default": {"leaf": {"version": "==1.0"}}, "develop": {}}))}


@row(124, "turns projects of Poetry, Pipenv, setuptools, pip-tools and conda into its own, with their pins (PDM and "
          "setup.py: `import_test.py`)", "pkg import", "pkg import FILE",
     wheels=[wheel("leaf", "1.0"), wheel("leaf", "1.5")])
def other_tools_projects_are_imported(world):
    for number, (name, text) in enumerate(IMPORTED.items()):
        folder = f"project-{number}"
        world.write(f"{folder}/{name}", text)
        if name in PINS:
            world.write(f"{folder}/{PINS[name][0]}", PINS[name][1])
        named = [] if name == "pyproject.toml" else [name]
        world.pkg("import", "--python", PYTHON, *named, cwd=f"{world.work}/{folder}")
        made = world.toml(f"{folder}/pyproject.toml")["project"]
        assert [one.replace(" ", "").split(">")[0] for one in made["dependencies"]] == ["leaf"], made
        locked = {one["name"]: one["version"] for one in world.toml(f"{folder}/pylock.toml")["packages"]}
        assert locked == {"leaf": "1.0" if name in PINS else "1.5"}, (name, locked)


@row(125, "gives a command the variables of files", "pkg run --env-file .env python")
def variables_come_from_files(world):
    world.write(".env", "# where\nexport HOST=localhost\nURL=\"http://${HOST}:${PORT:-80}/\"\n")
    words = ("run", "--no-project", "--env-file", ".env", "python", "-c", "import os; print(os.environ['URL'])")
    assert world.pkg(*words).out == "http://localhost:80/\n"
    assert world.pkg(*words, URL="mine").out == "mine\n"  # what is set stays


# ---- tools and scripts ----------------------------------------------------------------------------------------------

@row(126, "runs a tool without installing it, of another package, a version, with more packages", "pkg tool run hello",
     "pkg tool run hello@1.0", "pkg tool run --from suite hello", "pkg tool run --with plug hello", "pkgx hello@1.0",
     wheels=[program("hello", "1.0"), program("hello", "2.0"), program("suite", "5.0", ["hello"]),
             wheel("plug", "1.0")])
def a_tool_runs(world):
    assert world.pkg("tool", "run", "hello", "a").out == "hello 2.0 a\n"
    assert world.pkg("tool", "run", "hello@1.0").out == "hello 1.0\n"
    assert world.pkg("tool", "run", "--from", "suite", "hello").out == "suite 5.0\n"
    assert world.pkg("tool", "run", "--with", "plug", "hello").out.startswith("hello ")
    assert any("/files/plug-1.0" in path for path, _ in world.index.requests)
    world.index.requests.clear()
    link = f"{world.place.path}/pkgx"
    os.symlink(PKG, link)
    world.ran.append(["pkgx", "hello@1.0", "b"])
    assert world.start(link, "hello@1.0", "b") == "hello 1.0 b\n" and world.index.requests == []
    assert world.json("tool", "list")["tools"] == [] and not os.path.exists(world.bin)


@row(127, "installs tools, each in its own environment, upgrades, lists and removes them",
     "pkg tool install REQUIREMENT", "pkg tool list", "pkg tool upgrade --all", "pkg tool uninstall hello",
     wheels=[program("hello", "1.0"), program("other", "1.0")])
def tools_are_installed(world):
    world.pkg("tool", "install", "hello<3")
    world.pkg("tool", "install", "other")
    assert world.start(f"{world.bin}/hello", "a") == "hello 1.0 a\n"
    assert world.pkg("tool", "list").out == "hello 1.0\n- hello\nother 1.0\n- other\n"
    world.add(program("hello", "2.0"), program("hello", "3.0"))
    world.pkg("tool", "upgrade", "--all")
    assert world.start(f"{world.bin}/hello") == "hello 2.0\n" and world.start(f"{world.bin}/other") == "other 1.0\n"
    world.pkg("tool", "uninstall", "hello")
    assert os.listdir(world.bin) == ["other"] and world.pkg("tool", "list").out == "other 1.0\n- other\n"


@row(128, "locks a tool: its pylock.toml makes the same environment again", "pkg tool install hello",
     "pkg sync FILE", wheels=[program("hello", "1.0", requires=["dep"]), wheel("dep", "1.0")])
def a_tool_has_a_lock(world):
    world.pkg("tool", "install", "hello")
    with open(f"{world.tools}/hello/pylock.toml", "rb") as file:
        locked = {one["name"]: one for one in tomllib.load(file)["packages"]}
    assert {name: one["version"] for name, one in locked.items()} == {"hello": "1.0", "dep": "1.0"}, locked
    hashes = {one["wheels"][0]["hashes"]["sha256"] for one in locked.values()}
    assert hashes == {hashlib.sha256(files[0][1]).hexdigest() for files in world.index.projects.values()}, hashes
    world.add(program("hello", "2.0"), wheel("dep", "2.0"))
    world.pkg("venv", f"{world.work}/again")
    world.pkg("sync", "--python", f"{world.work}/again", f"{world.tools}/hello/pylock.toml")
    assert world.installed("again") == {"hello": "1.0", "dep": "1.0"}, world.installed("again")


SCRIPT = "# /// script\n# requires-python = '>=3.9'\n# dependencies = ['leaf']\n# ///\n" + VERSION_OF + "\n"


@row(129, "scripts with inline metadata (PEP 723): run, edited, locked, exported", "pkg run FILE",
     "pkg add --script FILE twig", "pkg lock --script FILE", "pkg export --script FILE", "pkg sync --script FILE",
     "pkg run -", wheels=[wheel("leaf", "1.0"), wheel("twig", "1.0")])
def scripts_say_what_they_need(world):
    world.write("show.py", SCRIPT)
    assert world.pkg("run", "show.py").out == "1.0\n" and not world.has(".venv") and not world.has("pylock.show.toml")
    assert world.pkg("run", "-", stdin=SCRIPT).out == "1.0\n"
    world.pkg("add", "--script", "show.py", "twig")
    assert "twig" in world.read("show.py") and world.read("show.py").endswith(f"# ///\n{VERSION_OF}\n")
    world.pkg("lock", "--script", "show.py")
    locked = {one["name"]: one["version"] for one in world.toml("pylock.show.toml")["packages"]}
    assert locked == {"leaf": "1.0", "twig": "1.0"}, locked
    assert "leaf==1.0" in world.pkg("export", "--script", "show.py", "--no-hashes").out
    world.add(wheel("leaf", "2.0"))
    world.pkg("sync", "--script", "show.py")
    assert world.pkg("run", "show.py").out == "1.0\n"  # as locked


@row(130, "names an unknown tool and where it comes from, and asks, before it is fetched for the first time",
     "pkg tool run hello", wheels=[program("hello", "1.0")])
def an_unknown_tool_is_asked_for(world):
    code, seen = world.on_terminal("tool", "run", "hello", answer=b"n\n")
    assert code == 130 and f"`hello` 1.0 from `{world.index.url}`" in seen and "[y/N]" in seen, (code, seen)
    assert not [path for path, _ in world.index.requests if path.endswith(".whl")], world.index.requests
    code, seen = world.on_terminal("tool", "run", "hello", "5", answer=b"y\n")
    assert code == 5 and "hello 1.0 5" in seen, (code, seen)
    code, seen = world.on_terminal("tool", "run", "hello", "6", answer=b"n\n")
    assert code == 6 and "[y/N]" not in seen, (code, seen)


# ---- not yet --------------------------------------------------------------------------------------------------------

def not_yet(number, what, reason):
    def add(function):
        NOT_YET.append(Missing(number, what, reason, function))
        return function
    return add


@not_yet(110, "Pyodide", "there are no builds of it for Linux, and pkg starts what it installs")
def pyodide(world, verbs):
    made = world.pythons()
    made.mirror.add("3.13.2", fake("3.13.2", implementation="pyodide"), implementation="pyodide")
    done = world.place.pkg("python", "install", "pyodide3.13", **world.env)
    return done.code == 0


@not_yet(117, "`lfs = true` of uv's sources", "an error: whether large files are fetched follows from the user's git "
              "alone (`git lfs install`)")
def git_lfs(world, verbs):
    world.write("pyproject.toml", head(["big"]) + '[tool.uv.sources]\nbig = { git = "file:///nowhere", lfs = true }\n')
    done = world.place.pkg("lock", **world.env)
    return done.code == 0 or "Git LFS" not in done.err


@not_yet(120, "commands of one's own before and after install, lock and build",
         "a checkout would run what nobody named; a task with `depends` says it in the open")
def hooks(world, verbs):
    world.write("pyproject.toml", head(more="[tool.pkg.tasks]\n" + "".join(
        f"{when}_{what} = \"sh -c 'echo ran > {world.work}/ran'\"\n" for when in ("pre", "post")
        for what in ("install", "sync", "lock", "build"))))
    for verb in ("lock", "sync"):
        world.pkg(verb)
    named = [option for options in verbs.options.values() for option in options if "hook" in option]
    return bool(named) or "hooks" in verbs.options or world.has("ran")


@not_yet(123, "publishing, with Trusted Publishing and attestations", "`twine` and the publishers' own actions do it")
def publishing(world, verbs):
    return "publish" in verbs.options


@not_yet(129, "`audit` of a script", "pkg has no audit at all; `pip-audit` reads what `pkg export --script` writes")
def auditing(world, verbs):
    return "audit" in verbs.options


# ---- all of them ----------------------------------------------------------------------------------------------------

def was_run(command, ran):
    """Whether something that ran begins with the same verb, and has the other words in this order; words in capitals
    stand for any."""
    program, *wanted = shlex.split(command)

    def fits(words):
        rest = iter(words[2:])
        return words[0] == program and wanted[0] == words[1] and all(
            any(one.isupper() or one == word for word in rest) for one in wanted[1:])
    return any(fits(words) for words in ran)


def outcome(number, what, wheels, show):
    """(what is printed, whether it failed)."""
    place = Place()
    try:
        show(World(place, *wheels))
        word, failed, text = "ok     ", False, ""
    except Skip as reason:
        word, failed, text = "SKIPPED", False, f": {reason}"
    except Exception:
        word, failed, text = "FAILED ", True, f" (kept: {place.path})\n{traceback.format_exc()}"
    if not failed:
        shutil.rmtree(place.path, ignore_errors=True)
    return f"{word} {number} {what}{text}", failed


def row_outcome(one):
    def show(world):
        one.show(world)
        for command in one.commands:
            assert was_run(command, world.ran), f"the row names `{command}`, which it did not run: {world.ran}"
    return outcome(one.number, one.what, one.wheels, show)


def missing_outcome(one, verbs):
    def show(world):
        assert not one.is_there(world, verbs), "pkg has this now: make a row of it, and take it out of NOT_YET"
    text, failed = outcome(one.number, f"{one.what}: {one.reason}", (), show)
    return text.replace("ok     ", "not yet", 1), failed


INTRODUCTION = """# Capabilities

<!-- Written by tests/system/capabilities_test.py PKG BUILD --write. Do not edit. -->

What pkg does around the installer, and the commands that show it. `tests/system/capabilities_test.py` runs each row in
a world of its own, looks at what came of it, and fails when this page says something else. Words in capitals stand for
others. The numbers are those of the list of what Python's package managers can do, which pkg is measured by.
"""


def page():
    parts = [INTRODUCTION]
    for title, numbers in GROUPS.items():
        parts.append(f"\n## {title}\n\n| row | what | commands |\n|---:|---|---|\n")
        for one in sorted((one for one in ROWS if one.number in numbers), key=lambda one: one.number):
            parts.append(f"| {one.number} | {one.what} | {'<br>'.join(f'`{text}`' for text in one.commands)} |\n")
    parts.append("\n## Not yet\n\n| row | what | why, and what to do |\n|---:|---|---|\n")
    parts += [f"| {one.number} | {one.what} | {one.reason} |\n" for one in NOT_YET]
    return "".join(parts)


def faults_of_the_page():
    numbers = {one.number for one in (*ROWS, *NOT_YET)}
    for number in (number for group in GROUPS.values() for number in group):
        if number not in numbers:
            yield f"row {number} is missing"
    path = doc_pages.ROOT / PAGE
    if not path.exists() or path.read_text(encoding="utf-8") != page():
        yield f"{PAGE} differs: capabilities_test.py PKG BUILD --write"


def main():
    words = sys.argv[3:]
    if words == ["--write"]:
        (doc_pages.ROOT / PAGE).write_text(page(), encoding="utf-8")
        return 0
    verbs = doc_pages.Verbs(PKG)
    rows = [one for one in ROWS if not words or str(one.number) in words]
    missing = [one for one in NOT_YET if not words or str(one.number) in words]
    failed = False
    with concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        outcomes = [*pool.map(row_outcome, rows), *pool.map(lambda one: missing_outcome(one, verbs), missing)]
    for text, failure in outcomes:
        print(text)
        failed |= failure
    faults = list(faults_of_the_page())
    print("\n".join(faults))
    return 1 if failed or faults else 0


if __name__ == "__main__":
    sys.exit(main())
