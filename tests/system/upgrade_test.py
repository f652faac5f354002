"""version, upgrade --bump, upgrade of an environment, workspaces and init through the real binary: files as text,
locks, environments, git, and that nothing is left of what failed."""
import json, os, subprocess, tomllib

from support import PKG, PYTHON, Index, check, main, need_tool, wheel

WHEELS = [wheel("click", "7.1"), wheel("click", "8.1"), wheel("click", "9.0"),
          wheel("flask", "2.0", requires=["click>=7,<9"]), wheel("flask", "3.1", requires=["click>=8,<9"]),
          wheel("six", "1.16"), wheel("six", "2.0"), wheel("free", "1.0"), wheel("free", "2.0")]

PROJECT = """# mine
[project]
name = "work"
version = "0.9"     # next: 1.0
requires-python = ">=3.9"
dependencies = [
    "flask >= 2, < 3",  # the server
    'click<8',
]

[dependency-groups]
test = ["six==1.16"]
"""


def read(place, name="pyproject.toml"):
    with open(f"{place.work}/{name}", "rb") as file:
        return file.read().decode()


def installed(place, env=".venv"):
    listed = place.pkg("list", "--python", f"{place.work}/{env}", "--format", "json")
    assert listed.code == 0, listed
    return {item["name"]: item["version"] for item in json.loads(listed.out)}


def begin(place):
    index = Index(WHEELS)
    place.write("pyproject.toml", PROJECT)
    done = place.pkg("sync", "--group", "test", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    assert installed(place) == {"flask": "2.0", "click": "7.1", "six": "1.16"}
    return index


@check
def bounds_move_as_far_as_they_go_together(place):
    index = begin(place)
    before, lock = read(place), read(place, "pylock.toml")
    dry = place.pkg("upgrade", "--bump", "--dry-run", PKG_INDEX_URL=index.url)
    assert dry.code == 0 and "flask >= 3, < 4" in dry.err and read(place) == before, dry
    assert read(place, "pylock.toml") == lock
    done = place.pkg("upgrade", "--bump", "--group", "test", "flask", "click", "--json", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    moved = {one["name"]: (one["before"], one["after"]) for one in json.loads(done.out)["bumped"]}
    assert moved == {"flask": ("flask >= 2, < 3", "flask >= 3, < 4"), "click": ("click<8", "click<9"),
                     "six": ("six==1.16", "six==2.0")}, moved
    wanted = before.replace("flask >= 2, < 3", "flask >= 3, < 4").replace("click<8", "click<9")
    assert read(place) == wanted.replace("six==1.16", "six==2.0"), read(place)
    assert installed(place) == {"flask": "3.1", "click": "8.1", "six": "2.0"}
    again = place.pkg("upgrade", "--bump", PKG_INDEX_URL=index.url)
    assert again.code == 0 and read(place) == wanted.replace("six==1.16", "six==2.0"), again


@check
def a_file_that_cannot_be_fetched_leaves_everything_as_it_was(place):
    index = begin(place)
    before, lock, there = read(place), read(place, "pylock.toml"), installed(place)
    index.answer = lambda path, headers: (404, {}, b"") if path.endswith("flask-3.1-py3-none-any.whl") else None
    done = place.pkg("upgrade", "--bump", PKG_INDEX_URL=index.url)
    assert done.code == 1, done
    assert (read(place), read(place, "pylock.toml"), installed(place)) == (before, lock, there)


@check
def a_version_is_one_value_and_the_lock_stays_fresh(place):
    index = begin(place)
    before = read(place)
    assert place.pkg("version", "--short").out == "0.9\n"
    done = place.pkg("version", "--bump", "major", PKG_INDEX_URL=index.url)
    assert done.code == 0 and done.out == "work 0.9 -> 1.0\n", done
    assert read(place) == before.replace('"0.9"', '"1.0"')
    assert place.pkg("lock", "--check", PKG_INDEX_URL=index.url).code == 0
    assert installed(place)["flask"] == "2.0"
    wrong = place.pkg("version", "--bump", "rc")
    assert wrong.code == 2 and "--bump patch --bump rc" in wrong.err, wrong


@check
def an_environment_is_upgraded_where_there_is_no_project(place):
    index = Index(WHEELS)
    done = place.pkg("install", "flask<3", "six<2", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    assert installed(place) == {"flask": "2.0", "click": "8.1", "six": "1.16"}
    dry = place.pkg("upgrade", "--dry-run", PKG_INDEX_URL=index.url)
    assert dry.code == 0 and "flask" in dry.err and installed(place)["flask"] == "2.0", dry
    one = place.pkg("upgrade", "six", PKG_INDEX_URL=index.url)
    assert one.code == 0 and installed(place) == {"flask": "2.0", "click": "8.1", "six": "2.0"}, one
    done = place.pkg("upgrade", PKG_INDEX_URL=index.url)
    assert done.code == 0 and installed(place) == {"flask": "3.1", "click": "8.1", "six": "2.0"}, done
    marked = sorted(name.split("-")[0] for folder, _, files in os.walk(f"{place.work}/.venv")
                    for name in [os.path.basename(folder)] if "REQUESTED" in files)
    assert marked == ["flask", "six"], marked


@check
def what_is_installed_in_place_stays_and_its_bounds_hold(place):
    index = Index(WHEELS)
    place.write("lib/pyproject.toml", '[project]\nname = "lib"\nversion = "1"\ndependencies = ["click<8"]\n'
                                      '[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n')
    place.write("lib/b.py", BACKEND)
    done = place.pkg("install", "-e", "lib", "free<2", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    done = place.pkg("upgrade", PKG_INDEX_URL=index.url, cwd=place.work)
    assert done.code == 0 and installed(place) == {"lib": "1", "click": "7.1", "free": "2.0"}, (done, installed(place))
    named = place.pkg("upgrade", "lib", PKG_INDEX_URL=index.url)
    assert named.code == 2 and "not from an index" in named.err, named


BACKEND = '''import base64, hashlib, os, zipfile
def _wheel(folder):
    info, record = "lib-1.dist-info", ""
    files = {"lib.pth": os.getcwd(),
             info + "/METADATA": "Metadata-Version: 2.1\\nName: lib\\nVersion: 1\\nRequires-Dist: click<8\\n",
             info + "/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    for name, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{name},sha256={digest},{len(text)}\\n"
    with zipfile.ZipFile(os.path.join(folder, "lib-1-py3-none-any.whl"), "w") as out:
        for name, text in {**files, info + "/RECORD": record + info + "/RECORD,,\\n"}.items():
            out.writestr(name, text)
    return "lib-1-py3-none-any.whl"
def build_editable(folder, config_settings=None, metadata_directory=None): return _wheel(folder)
def build_wheel(folder, config_settings=None, metadata_directory=None): return _wheel(folder)
'''


@check
def a_project_begins_in_a_repository_unless_there_is_one(place):
    need_tool("git")
    done = place.pkg("init", "app", "--python", PYTHON)
    assert done.code == 0 and ".git (an empty repository)" in done.err, done
    status = subprocess.run(["git", "-C", f"{place.work}/app", "status", "--porcelain"], capture_output=True,
                            text=True)
    assert status.returncode == 0 and "?? .gitignore" in status.stdout and "?? .python-version" in status.stdout, status
    inner = place.pkg("init", "app/inner", "--python", PYTHON)
    assert inner.code == 0 and not os.path.exists(f"{place.work}/app/inner/.git"), inner
    none = place.pkg("init", "plain", "--vcs", "none", "--python", PYTHON)
    assert none.code == 0 and not {".git", ".gitignore"} & set(os.listdir(f"{place.work}/plain")), none
    env = {"GIT_DIR": f"{place.work}/elsewhere"}  # as in a hook: says where another repository is
    hook = place.pkg("init", "hook", "--python", PYTHON, **env)
    assert hook.code == 0 and os.path.isdir(f"{place.work}/hook/.git"), hook
    assert not os.path.exists(env["GIT_DIR"])


@check
def a_new_member_of_a_workspace_is_locked_with_it(place):
    index = Index(WHEELS)
    place.write("pyproject.toml", '[project]\nname = "root"\nversion = "1"\nrequires-python = ">=3.9"\n\n'
                                  '[tool.pkg.workspace]\nmembers = ["packages/*"]  # all\n')
    for folder in ("packages/one", "tools/two"):
        done = place.pkg("init", folder, "--lib")
        assert done.code == 0 and "member of the workspace" in done.err, done
    members = tomllib.loads(read(place))["tool"]["pkg"]["workspace"]["members"]
    assert members == ["packages/*", "tools/two"] and "# all" in read(place), read(place)
    listed = place.pkg("workspace", "list", cwd=f"{place.work}/tools/two")
    assert listed.out.split() == ["root", "one", "two"], listed
    done = place.pkg("add", "--package", "two", "--no-sync", "six<2", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    assert '"six<2"' in read(place, "tools/two/pyproject.toml") and "six" in read(place, "pylock.toml")
    done = place.pkg("add", "--package", "one", "--workspace", "--no-sync", "two", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    one = tomllib.loads(read(place, "packages/one/pyproject.toml"))
    assert one["tool"]["pkg"]["sources"] == {"two": {"workspace": True}}, one
    folder = place.pkg("workspace", "dir", "--package", "two")
    assert folder.out == f"{os.path.realpath(place.work)}/tools/two\n", folder
    described = json.loads(place.pkg("workspace", "metadata", "--json").out)
    requires = {member["name"]: [one["name"] for one in member["requires"]] for member in described["members"]}
    assert requires == {"root": [], "one": ["two"], "two": []} and described["has_lock"], described


@check
def two_bumps_at_once_leave_a_whole_file(place):
    index = begin(place)
    before = read(place)
    running = [subprocess.Popen([PKG, "upgrade", "--bump", "--no-sync", name], cwd=place.work, stderr=subprocess.PIPE,
                                env=place.environment({"PKG_INDEX_URL": index.url}))
               for name in ("flask", "six")]
    codes = [(one.communicate(timeout=60), one.returncode)[1] for one in running]
    text = read(place)
    wanted = before
    for old, new in (("flask >= 2, < 3", "flask >= 3, < 4"), ("six==1.16", "six==2.0")):
        if new in text:
            wanted = wanted.replace(old, new)
    assert 0 in codes and text == wanted and text != before, (codes, text)


main()
