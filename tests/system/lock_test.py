"""lock, sync, run, upgrade and export over the loopback index. Usage: lock_test.py PKG BUILD_FOLDER [WORD…]"""
import hashlib, json, os, re, signal, subprocess, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import PKG, PYTHON, Index, check, main, tree, wheel

VERSION = subprocess.run([PYTHON, "-c", "import platform; print(platform.python_version())"], capture_output=True, text=True).stdout.strip()


def world():
    return Index([
        wheel("app-core", "1.0", requires=["leaf>=1"], extras=["fast"], metadata_extra='Requires-Dist: speed; extra == "fast"\n'),
        wheel("app-core", "2.0", requires=["leaf>=1"], extras=["fast"], metadata_extra='Requires-Dist: speed; extra == "fast"\n'),
        wheel("leaf", "1.0"), wheel("leaf", "1.1"),
        wheel("speed", "3.0"),
        wheel("winonly", "1.0"),
        wheel("tester", "5.0", requires=["leaf"], entry_points="[console_scripts]\ntester = tester:main\n",
              files={"tester/__init__.py": "def main():\n    import leaf\n    print('tested', leaf.__version__)\n    return 3\n"}),
        wheel("plot", "0.1"),
    ])


def project(place, dependencies=("app-core",), requires_python='requires-python = ">=3.9"\n', more=""):
    listed = ", ".join(json.dumps(d) for d in dependencies)
    place.write("pyproject.toml", f'[project]\nname = "mine"\nversion = "1"\n{requires_python}dependencies = [{listed}]\n{more}')


GROUPS = '[project.optional-dependencies]\nplot = ["plot"]\n[dependency-groups]\ndev = ["tester"]\nlint = ["winonly"]\n'


def lock_text(place, name="pylock.toml"):
    with open(f"{place.work}/{name}") as file:
        return file.read()


def versions(place, env=".venv"):
    listed = place.pkg("list", "--format", "json", "--python", f"{place.work}/{env}")
    assert listed.code == 0, listed
    return {d["name"]: d["version"] for d in json.loads(listed.out)}


def locked(place, index, *words, **kept):
    done = place.pkg("lock", *words, PKG_INDEX_URL=index.url, **kept)
    assert done.code == 0, done
    return done


def synced(place, index, *words, **kept):
    done = place.pkg("sync", *words, PKG_INDEX_URL=index.url, **kept)
    assert done.code == 0, done
    return done


@check
def a_project_is_locked_and_stays_locked(place):
    index = world()
    project(place, more=GROUPS)
    first = locked(place, index)
    assert "+ app-core 2.0" in first.err and "+ leaf 1.1" in first.err and "+ plot 0.1" in first.err and "+ tester 5.0" in first.err, first
    text = lock_text(place)
    assert 'lock-version = "1.0"' in text and 'requires-python = ">=3.9"' in text and "[tool.pkg" in text, text
    assert "'plot' in extras" in text or '"plot" in extras' in text.replace("\\", ""), text
    asked = len(index.requests)
    again = locked(place, index)
    assert "up to date" in again.err and lock_text(place) == text and len(index.requests) == asked, again
    assert place.pkg("lock", "--check", PKG_INDEX_URL=index.url).code == 0
    # Comments and layout are no inputs.
    with open(f"{place.work}/pyproject.toml", "a") as file:
        file.write("# a comment\n")
    assert place.pkg("lock", "--check", PKG_INDEX_URL=index.url).code == 0


@check
def a_lock_from_an_empty_cache_has_the_same_bytes(place):
    index = world()
    project(place, more=GROUPS)
    locked(place, index)
    text = lock_text(place)
    os.unlink(f"{place.work}/pylock.toml")
    locked(place, index, "--no-cache")
    assert lock_text(place) == text


@check
def a_changed_project_is_stale_and_keeps_its_pins(place):
    index = world()
    project(place, ["app-core<2"])
    locked(place, index)
    project(place, ["app-core", "plot"])
    stale = place.pkg("lock", "--check", PKG_INDEX_URL=index.url)
    assert stale.code == 1 and "not up to date" in stale.err and "`plot` is asked for now" in stale.err, stale
    done = locked(place, index)
    assert "+ plot 0.1" in done.err and "app-core" not in done.err, done
    upgraded = locked(place, index, "-P", "app-core")
    assert "~ app-core 1.0 -> 2.0" in upgraded.err, upgraded
    back = locked(place, index, "-P", "app-core==1.0")
    assert "~ app-core 2.0 -> 1.0 (older)" in back.err, back
    every = locked(place, index, "-U", "--dry-run")
    assert "~ app-core 1.0 -> 2.0" in every.err and 'version = "2.0"' not in lock_text(place), every
    as_data = place.pkg("lock", "-U", "--json", PKG_INDEX_URL=index.url)
    changes = json.loads(as_data.out)["changes"]
    assert changes == [{"change": "upgraded", "name": "app-core", "old_versions": ["1.0"], "new_versions": ["2.0"]}], as_data


@check
def check_says_that_there_is_no_lock(place):
    index = world()
    project(place)
    done = place.pkg("lock", "--check", PKG_INDEX_URL=index.url)
    assert done.code == 1 and "there is no `pylock.toml`" in done.err and not os.path.exists(f"{place.work}/pylock.toml"), done


@check
def options_are_part_of_what_a_lock_is_made_from(place):
    index = world()
    project(place, ["app-core"])
    locked(place, index, "--resolution", "lowest")
    assert 'version = "1.0"' in lock_text(place)
    stale = place.pkg("lock", "--check", PKG_INDEX_URL=index.url)
    assert stale.code == 1 and "--resolution was `lowest`" in stale.err, stale
    assert place.pkg("lock", "--check", "--resolution", "lowest", PKG_INDEX_URL=index.url).code == 0


@check
def a_failing_lock_leaves_the_old_one(place):
    index = world()
    project(place, ["leaf"])
    locked(place, index)
    text = lock_text(place)
    project(place, ["leaf>=7"])
    done = place.pkg("lock", PKG_INDEX_URL=index.url)
    assert done.code == 1 and lock_text(place) == text, done


@check
def an_interrupted_lock_leaves_the_old_one(place):
    index = world()
    project(place, ["leaf"])
    locked(place, index)
    text = lock_text(place)
    project(place, ["leaf", "plot"])

    def slow(path, headers):
        if "plot" in path:
            time.sleep(3)

    index.answer = slow
    command = [PKG, "lock", "--refresh"]
    running = subprocess.Popen(command, cwd=place.work, env=place.environment({"PKG_INDEX_URL": index.url}), stderr=subprocess.PIPE, text=True)
    time.sleep(1)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130 and lock_text(place) == text, (running.returncode, err)
    assert sorted(os.listdir(place.work)) == ["pylock.toml", "pyproject.toml"], os.listdir(place.work)


@check
def sync_installs_exactly_the_lock_and_then_does_nothing(place):
    index = world()
    project(place, more=GROUPS)
    done = synced(place, index)
    assert "Made the environment" in done.err and "Installed" in done.err and "pylock.toml" in done.err, done
    assert versions(place) == {"app-core": "2.0", "leaf": "1.1", "tester": "5.0"}, versions(place)
    asked = len(index.requests)
    for _ in range(2):
        again = synced(place, index)
        assert "Nothing to do" in again.err and len(index.requests) == asked, again
    as_data = place.pkg("sync", "--json", PKG_INDEX_URL=index.url)
    assert json.loads(as_data.out)["unchanged"] is True, as_data
    extra = synced(place, index, "--extra", "plot", "--no-dev", "--group", "lint")
    assert versions(place) == {"app-core": "2.0", "leaf": "1.1", "plot": "0.1", "winonly": "1.0"}, extra
    only = synced(place, index, "--only-group", "dev")
    assert versions(place) == {"leaf": "1.1", "tester": "5.0"}, only
    everything = synced(place, index, "--all-extras", "--all-groups")
    assert set(versions(place)) == {"app-core", "leaf", "plot", "tester", "winonly"}, everything
    unknown = place.pkg("sync", "--extra", "nosuch", PKG_INDEX_URL=index.url)
    assert unknown.code == 1 and "nosuch" in unknown.err, unknown


@check
def what_the_lock_does_not_name_goes_unless_told_otherwise(place):
    index = world()
    project(place, ["leaf"])
    synced(place, index)
    assert place.pkg("install", "speed", PKG_INDEX_URL=index.url).code == 0
    dry = synced(place, index, "--dry-run")
    assert "- speed 3.0" in dry.err and "speed" in versions(place), dry
    kept = synced(place, index, "--inexact")
    assert "speed" in versions(place), kept
    gone = synced(place, index)
    assert "- speed 3.0" in gone.err and versions(place) == {"leaf": "1.1"}, gone
    # Changes by other verbs are noticed.
    assert place.pkg("uninstall", "leaf").code == 0
    back = synced(place, index)
    assert versions(place) == {"leaf": "1.1"}, back


@check
def a_dry_run_makes_nothing_and_a_wrong_python_changes_nothing(place):
    index = world()
    project(place, ["leaf"])
    dry = synced(place, index, "--dry-run")
    assert "+ leaf 1.1" in dry.err and sorted(os.listdir(place.work)) == ["pyproject.toml"], dry
    synced(place, index)
    others = [p for p in json.loads(place.pkg("python", "list", "--json").out).get("interpreters", []) if p["version"] != VERSION]
    for other in others[:1]:
        refused = place.pkg("sync", "--python", other["version"], PKG_INDEX_URL=index.url)
        assert refused.code == 1 and "another Python" in refused.err, refused


@check
def a_stale_lock_is_locked_again_unless_locked_or_frozen(place):
    index = world()
    project(place, ["leaf"])
    synced(place, index)
    text = lock_text(place)
    project(place, ["leaf", "plot"])
    refused = place.pkg("sync", "--locked", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "not up to date" in refused.err and lock_text(place) == text, refused
    place.write("inner/pyproject.toml", '[project]\nname = "inner"\nversion = "1"\n')
    other = place.pkg("sync", "--frozen", cwd=f"{place.work}/inner", PKG_INDEX_URL=index.url)
    assert other.code == 1 and "no `pylock.toml`" in other.err, other
    frozen = synced(place, index, "--frozen")
    assert lock_text(place) == text and versions(place) == {"leaf": "1.1"}, frozen
    done = synced(place, index)
    assert "+ plot 0.1" in done.err and versions(place) == {"leaf": "1.1", "plot": "0.1"}, done


@check
def wrong_hashes_and_sizes_in_the_lock_are_refused_and_nothing_changes(place):
    index = world()
    project(place, ["leaf", "plot"])
    locked(place, index)
    env = place.venv("work/.venv")
    before = tree(env)
    text = lock_text(place)
    digest = hashlib.sha256(next(d for n, d in index.projects["plot"] if n.startswith("plot-0.1"))).hexdigest()
    place.write("pylock.toml", text.replace(digest, "0" * 64))
    wrong = place.pkg("sync", "--frozen", "--no-cache", PKG_INDEX_URL=index.url)
    assert wrong.code == 1 and "0" * 64 in wrong.err and digest in wrong.err, wrong
    assert {p: v for p, v in tree(env).items() if not p.startswith(".pkg")} == before, wrong
    place.write("pylock.toml", re.sub(r"size = \d+", "size = 7", text))
    wrong = place.pkg("sync", "--frozen", "--no-cache", PKG_INDEX_URL=index.url)
    assert wrong.code == 1 and "7" in wrong.err, wrong
    assert {p: v for p, v in tree(env).items() if not p.startswith(".pkg")} == before, wrong
    place.write("pylock.toml", text)
    assert synced(place, index, "--frozen").code == 0 and set(versions(place)) == {"leaf", "plot"}


@check
def locks_of_other_tools_are_synced_and_installed(place):
    index = world()
    file_name, data = next(f for f in index.projects["leaf"] if "1.0" in f[0])
    place.write(f"files/{file_name}", data)
    place.write("pylock.other.toml", f"""lock-version = "1.0"
created-by = "another tool"
[[packages]]
name = "leaf"
version = "1.0"
[[packages.wheels]]
name = "{file_name}"
path = "files/{file_name}"
hashes = {{sha256 = "{hashlib.sha256(data).hexdigest()}"}}
[[packages]]
name = "winonly"
version = "1.0"
marker = "sys_platform == 'win32'"
[[packages.wheels]]
url = "{index.url.replace('/simple/', '/files/')}winonly-1.0-py3-none-any.whl"
hashes = {{sha256 = "{'1' * 64}"}}
""")
    env = place.venv("work/.venv")
    assert place.pkg("install", "speed", PKG_INDEX_URL=index.url).code == 0
    installed = place.pkg("install", "-r", "pylock.other.toml", PKG_INDEX_URL=index.url)
    assert installed.code == 0 and versions(place) == {"leaf": "1.0", "speed": "3.0"}, installed
    done = place.pkg("sync", "pylock.other.toml", PKG_INDEX_URL=index.url)
    assert done.code == 0 and versions(place) == {"leaf": "1.0"}, done
    again = place.pkg("sync", "pylock.other.toml", PKG_INDEX_URL=index.url)
    assert "Nothing to do" in again.err, again
    # An sdist would have to be built.
    place.write("pylock.sdist.toml", f"""lock-version = "1.0"
created-by = "another tool"
[[packages]]
name = "leaf"
version = "1.0"
[packages.sdist]
url = "{index.url}leaf-1.0.tar.gz"
hashes = {{sha256 = "{'1' * 64}"}}
""")
    refused = place.pkg("sync", "pylock.sdist.toml", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "leaf 1.0" in refused.err and "built" in refused.err, refused
    assert versions(place) == {"leaf": "1.0"}
    assert os.path.isdir(env)


@check
def a_mirror_neutral_lock_has_no_addresses_and_is_synced_from_any_index(place):
    index, mirror = world(), world()
    project(place, ["leaf"], more="[tool.pkg]\nmirror-neutral = true\n")
    locked(place, index)
    assert "127.0.0.1" not in lock_text(place), lock_text(place)
    assert place.pkg("lock", "--check", PKG_INDEX_URL=mirror.url).code == 0
    done = synced(place, mirror, "--locked")
    assert versions(place) == {"leaf": "1.1"} and not [r for r in mirror.requests if "leaf" not in r[0]], done


@check
def markers_extras_and_pythons_are_in_one_lock(place):
    index = world()
    project(place, ["leaf<1.1; python_version < '3.10'", "leaf>=1.1; python_version >= '3.10'", "winonly; sys_platform == 'win32'", "app-core[fast]"])
    locked(place, index)
    text = lock_text(place)
    assert text.count('name = "leaf"') >= 2 and "win32" in text, text
    synced(place, index)
    assert versions(place) == {"app-core": "2.0", "leaf": "1.1", "speed": "3.0"}, versions(place)


@check
def without_requires_python_the_lock_is_for_this_python_and_newer(place):
    index = world()
    project(place, ["leaf"], requires_python="")
    minor = ".".join(VERSION.split(".")[:2])
    done = locked(place, index, "--python", PYTHON)
    assert f"no requires-python is given: locking for Python >={minor}" in done.err, done
    assert f'requires-python = ">={minor}"' in lock_text(place)
    assert "up to date" in locked(place, index).err
    other = locked(place, index, "--python", PYTHON)
    assert "stays as it was" in other.err or "up to date" in other.err, other


@check
def run_syncs_first_and_gives_the_childs_exit_code(place):
    index = world()
    project(place, more=GROUPS)
    done = place.pkg("run", "python", "-c", "import sys, os, app_core; print(sys.prefix == os.environ['VIRTUAL_ENV']); sys.exit(7)", PKG_INDEX_URL=index.url)
    assert done.code == 7 and done.out == "True\n", done
    asked = len(index.requests)
    done = place.pkg("run", "tester", PKG_INDEX_URL=index.url)
    assert done.code == 3 and done.out == "tested 1.1\n" and done.err == "" and len(index.requests) == asked, done
    done = place.pkg("run", "--", "sh", "-c", "kill -9 $$", PKG_INDEX_URL=index.url)
    assert done.code == -9, done
    done = place.pkg("run", "-m", "json.tool", "--help", PKG_INDEX_URL=index.url)
    assert done.code == 0 and "json" in done.out, done
    place.write("hello.py", "import sys, leaf\nprint('hello', leaf.__version__, sys.argv[1:])\n")
    done = place.pkg("run", "hello.py", "-v", "--quiet", PKG_INDEX_URL=index.url)
    assert done.code == 0 and done.out == "hello 1.1 ['-v', '--quiet']\n", done
    missing = place.pkg("run", "no-such-program", PKG_INDEX_URL=index.url)
    assert missing.code == 1 and "no-such-program" in missing.err, missing
    mistyped = place.pkg("run", "--wiht", "x", "python", PKG_INDEX_URL=index.url)
    assert mistyped.code == 2 and "--with" in mistyped.err, mistyped
    assert place.pkg("run", PKG_INDEX_URL=index.url).code == 2
    broken = index.url.replace("/simple/", "/nosuch/")
    project(place, ["app-core", "nosuch"])
    failed = place.pkg("run", "python", "-V", PKG_INDEX_URL=broken)
    assert failed.code == 1 and not failed.out, failed
    taken = place.pkg("run", "--frozen", "python", "-V", PKG_INDEX_URL=broken)
    assert taken.code == 0 and taken.out.startswith("Python 3"), taken


@check
def run_with_adds_packages_for_one_run(place):
    index = world()
    project(place, ["leaf"])
    code = "import leaf, plot; print(leaf.__version__, plot.__version__)"
    done = place.pkg("run", "--with", "plot", "python", "-c", code, PKG_INDEX_URL=index.url)
    assert done.code == 0 and done.out == "1.1 0.1\n", done
    assert versions(place) == {"leaf": "1.1"}
    older = place.pkg("run", "--with", "leaf==1.0", "python", "-c", "import leaf; print(leaf.__version__)", PKG_INDEX_URL=index.url)
    assert older.out == "1.0\n", older
    # A program of the project's environment sees them too.
    project(place, ["tester"])
    done = place.pkg("run", "--with", "leaf==1.0", "tester", PKG_INDEX_URL=index.url)
    assert done.code == 3 and done.out == "tested 1.0\n", done


@check
def a_script_has_an_environment_of_its_own(place):
    index = world()
    place.write("tool.py", '# /// script\n# requires-python = ">=3.9"\n# dependencies = ["leaf<1.1"]\n# ///\nimport leaf, sys\nprint(leaf.__version__, sys.argv[1:])\n')
    done = place.pkg("run", "tool.py", "a", PKG_INDEX_URL=index.url)
    assert done.code == 0 and done.out == "1.0 ['a']\n", done
    assert not os.path.exists(f"{place.work}/.venv"), os.listdir(place.work)
    asked = len(index.requests)
    again = place.pkg("run", "tool.py", PKG_INDEX_URL=index.url)
    assert again.code == 0 and again.out == "1.0 []\n" and len(index.requests) == asked and again.err == "", again
    done = place.pkg("lock", "--script", "tool.py", PKG_INDEX_URL=index.url)
    assert done.code == 0 and os.path.exists(f"{place.work}/pylock.tool.toml"), done
    done = place.pkg("run", "--locked", "tool.py", PKG_INDEX_URL=index.url)
    assert done.code == 0 and done.out == "1.0 []\n", done
    text = open(f"{place.work}/tool.py").read()
    place.write("tool.py", text.replace("leaf<1.1", "leaf"))
    stale = place.pkg("run", "--locked", "tool.py", PKG_INDEX_URL=index.url)
    assert stale.code == 1 and "pylock.tool.toml" in stale.err, stale


@check
def a_script_may_name_indexes_of_its_own(place):
    own = Index([wheel("leaf", "9.0"), wheel("leaf", "8.0")])
    block = f'# /// script\n# dependencies = ["leaf"]\n# [tool.pkg]\n# resolution = "lowest"\n# [[tool.pkg.index]]\n# url = "{own.url}"\n# ///\n'
    place.write("tool.py", block + "import leaf\nprint(leaf.__version__)\n")
    index = world()
    done = place.pkg("run", "tool.py", PKG_INDEX_URL=index.url)
    assert done.code == 0 and done.out == "8.0\n", done
    assert place.pkg("lock", "--script", "tool.py", PKG_INDEX_URL=index.url).code == 0
    done = place.pkg("run", "--locked", "tool.py", PKG_INDEX_URL=index.url)
    assert done.code == 0 and done.out == "8.0\n", done


@check
def upgrade_locks_newer_versions_and_syncs(place):
    index = world()
    project(place, ["app-core<2", "leaf<1.1"])
    synced(place, index)
    project(place, ["app-core", "leaf"])
    synced(place, index)
    assert versions(place) == {"app-core": "1.0", "leaf": "1.0"}
    done = place.pkg("upgrade", "leaf", PKG_INDEX_URL=index.url)
    assert done.code == 0 and versions(place) == {"app-core": "1.0", "leaf": "1.1"}, done
    done = place.pkg("upgrade", PKG_INDEX_URL=index.url)
    assert done.code == 0 and versions(place) == {"app-core": "2.0", "leaf": "1.1"}, done
    done = place.pkg("upgrade", "nosuch", PKG_INDEX_URL=index.url)
    assert "`nosuch` is not in the lock" in done.err, done


@check
def exports_are_requirements_one_target_locks_and_bills_of_materials(place):
    index = world()
    project(place, ["leaf", "winonly; sys_platform == 'win32'"], more=GROUPS)
    locked(place, index)
    done = place.pkg("export", "--no-dev", PKG_INDEX_URL=index.url)
    assert done.code == 0 and "leaf==1.1" in done.out and "--hash=sha256:" in done.out and "tester" not in done.out and "plot" not in done.out, done
    assert re.search(r"winonly==1.0 ?; sys_platform == ['\"]win32['\"]", done.out), done
    plain = place.pkg("export", "--no-hashes", "--extra", "plot", "-o", "req.txt", PKG_INDEX_URL=index.url)
    assert plain.code == 0 and "plot==0.1" in lock_text(place, "req.txt") and "--hash" not in lock_text(place, "req.txt"), plain
    env = place.venv("other")
    used = place.pkg("sync", "req.txt", "--python", env, PKG_INDEX_URL=index.url)
    assert used.code == 0, used
    one = place.pkg("export", "--format", "pylock", "--python-version", "3.12", "--python-platform", "windows", PKG_INDEX_URL=index.url)
    assert one.code == 0 and "winonly" in one.out and "win32" in one.out, one
    bill = place.pkg("export", "--format", "cyclonedx", PKG_INDEX_URL=index.url)
    assert bill.code == 0 and json.loads(bill.out)["specVersion"] == "1.6", bill


@check
def compile_universal_gives_lines_markers(place):
    index = world()
    place.write("in.txt", "leaf<1.1; python_version < '3.12'\nleaf>=1.1; python_version >= '3.12'\nwinonly; sys_platform == 'win32'\n")
    done = place.pkg("compile", "in.txt", "--universal", "--python-version", "3.9", "--no-annotate", "--no-header", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    lines = [l for l in done.out.splitlines() if l]
    assert len(lines) == 3 and all(";" in l for l in lines), done


@check
def locks_merge_as_git_asks(place):
    index = world()
    project(place, ["leaf"])
    locked(place, index)
    base = lock_text(place)
    project(place, ["leaf", "plot"])
    locked(place, index)
    ours = lock_text(place)
    project(place, ["leaf", "speed"])
    place.write("pylock.toml", base)
    locked(place, index)
    theirs = lock_text(place)
    for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
        place.write(f"{name}.tmp", text)
    project(place, ["leaf", "plot"])
    done = place.pkg("lock", "--merge", "base.tmp", "ours.tmp", "theirs.tmp", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    merged = lock_text(place, "ours.tmp")
    assert all(f'name = "{n}"' in merged for n in ("leaf", "plot", "speed")), merged
    early = place.pkg("lock", "--check", "-o", "ours.tmp", PKG_INDEX_URL=index.url)
    assert early.code == 1 and "outcome of a merge" in early.err, early
    # The merged project finds the pins, and has nothing left to change but the digest.
    project(place, ["leaf", "plot", "speed"])
    place.write("pylock.toml", merged)
    done = locked(place, index)
    assert not re.search(r"^[+~-] ", done.err, re.M), done
    assert place.pkg("lock", "--merge", "a", PKG_INDEX_URL=index.url).code == 2


@check
def a_project_may_name_the_index_of_a_package(place):
    index, other = world(), Index([wheel("leaf", "9.0"), wheel("plot", "9.0")])
    more = f'[[tool.pkg.index]]\nname = "own"\nurl = "{other.url}"\nexplicit = true\n[tool.pkg.sources]\nleaf = {{ index = "own" }}\n'
    project(place, ["leaf", "plot"], more=more)
    locked(place, index)
    text = lock_text(place)
    assert 'version = "9.0"' in text and 'version = "0.1"' in text and f'index = "{other.url}"' in text, text
    synced(place, index)
    assert versions(place) == {"leaf": "9.0", "plot": "0.1"}


@check
def a_workspace_has_one_lock_and_one_environment(place):
    index = world()
    place.write("pyproject.toml", '[project]\nname = "root"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["leaf"]\n[tool.pkg.workspace]\nmembers = ["packages/*"]\n')
    place.write("packages/one/pyproject.toml", '[project]\nname = "one"\nversion = "1"\ndependencies = ["plot", "two"]\n[build-system]\nrequires = ["x"]\n[tool.pkg.sources]\ntwo = { workspace = true }\n')
    place.write("packages/two/pyproject.toml", '[project]\nname = "two"\nversion = "1"\ndependencies = ["speed"]\n')
    inner = f"{place.work}/packages/one"
    done = place.pkg("sync", cwd=inner, PKG_INDEX_URL=index.url)
    assert done.code == 0 and "not installed" in done.err and "`one`" in done.err, done
    assert os.path.exists(f"{place.work}/pylock.toml") and os.path.isdir(f"{place.work}/.venv") and not os.path.exists(f"{inner}/.venv")
    assert versions(place) == {"leaf": "1.1", "plot": "0.1", "speed": "3.0"}
    again = place.pkg("sync", PKG_INDEX_URL=index.url)
    assert "Nothing to do" in again.err, again
    place.write("packages/two/pyproject.toml", '[project]\nname = "two"\nversion = "1"\ndependencies = ["speed", "winonly"]\n')
    assert place.pkg("lock", "--check", PKG_INDEX_URL=index.url).code == 1
    frozen = place.pkg("sync", "--frozen", cwd=inner, PKG_INDEX_URL=index.url)
    assert frozen.code == 0 and "Nothing to do" in frozen.err, frozen
    done = place.pkg("run", "python", "-c", "import winonly", cwd=inner, PKG_INDEX_URL=index.url)
    assert done.code == 0, done


@check
def a_python_that_the_lock_is_not_for_is_refused(place):
    index = world()
    project(place, ["leaf"], requires_python='requires-python = ">=3.99"\n')
    done = place.pkg("lock", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    place.venv("work/.venv")
    refused = place.pkg("sync", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and ">=3.99" in refused.err and versions(place) == {}, refused


@check
def metadata_may_be_given_by_the_project(place):
    index = world()
    more = '[[tool.pkg.dependency-metadata]]\nname = "leaf"\nversion = "1.1"\nrequires-dist = ["plot"]\n'
    project(place, ["leaf"], more=more)
    done = locked(place, index)
    assert "+ plot 0.1" in done.err, done


@check
def a_folder_of_wheels_gives_a_lock_with_hashes(place):
    made = wheel("leaf", "1.1")
    place.wheels(made)
    project(place, ["leaf"])
    done = place.pkg("lock", "--no-index", "--find-links", f"{place.work}/wheels")
    assert done.code == 0, done
    text = lock_text(place)
    assert hashlib.sha256(made[1]).hexdigest() in text and 'path = "wheels/leaf-1.1-py3-none-any.whl"' in text, text
    installed = place.pkg("sync", "--no-index", "--frozen")
    assert installed.code == 0 and versions(place) == {"leaf": "1.1"}, installed


@check
def each_python_gets_the_newest_version_it_can_run(place):
    index = Index([wheel("num", "1.0", requires_python=">=3.9"), wheel("num", "2.0", requires_python=">=3.12"),
                   wheel("capped", "1.0"), wheel("capped", "2.0", requires_python=">=3.9,<3.11")])
    project(place, ["num"])
    done = locked(place, index)
    assert "+ num 2.0, 1.0" in done.err, done
    fewest = locked(place, index, "--fork-strategy", "fewest", "-U")
    assert "num 1.0" in lock_text(place).replace('name = "num"\nversion = "1.0"', "num 1.0") and 'version = "2.0"' not in lock_text(place), fewest
    # Upper bounds count only when asked for.
    project(place, ["capped"])
    assert "+ capped 2.0\n" in locked(place, index).err, lock_text(place)
    strict = locked(place, index, "--strict-requires-python", "-U")
    assert "capped 2.0 -> 1.0" in strict.err, strict


@check
def a_platform_without_wheels_gets_an_older_release(place):
    index = Index([wheel("bin", "1.0", tag="cp39-abi3-macosx_11_0_x86_64"), wheel("bin", "1.0", tag="cp39-abi3-manylinux_2_17_x86_64"),
                   wheel("bin", "2.0", tag="cp39-abi3-manylinux_2_17_x86_64")])
    project(place, ["bin"])
    done = locked(place, index, "--no-build")
    text = lock_text(place)
    assert "+ bin 2.0, 1.0" in done.err and "sys_platform == 'darwin' and platform_machine == 'x86_64'" in text.replace('"', "'"), text
    again = text
    assert "up to date" in locked(place, index, "--no-build").err and lock_text(place) == again
    project(place, ["bin"], more='[tool.pkg]\nrequired-environments = ["win_amd64"]\n')
    refused = place.pkg("lock", "--no-build", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "bin" in refused.err and "win_amd64" in refused.err and lock_text(place) == again, refused


@check
def a_conflict_knows_the_other_index(place):
    first, second = Index([wheel("leaf", "1.0")]), Index([wheel("leaf", "2.0")])
    project(place, ["leaf>=2"])
    done = place.pkg("lock", "--index-url", second.url, "--index", f"mine={first.url}")
    assert done.code == 1 and "is also on" in done.err, done


@check
def extras_that_exclude_each_other_are_locked_and_not_installed_together(place):
    index = world()
    extras = '[project.optional-dependencies]\nold = ["leaf<1.1"]\nnew = ["leaf>=1.1"]\n'
    project(place, ["plot"], more=extras)
    refused = place.pkg("lock", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "conflicts = [[" in refused.err, refused
    project(place, ["plot"], more=extras + '[tool.pkg]\nconflicts = [[{extra = "old"}, {extra = "new"}]]\n')
    locked(place, index)
    assert "marker = \"'old' in extras\"" in lock_text(place) and "marker = \"'new' in extras\"" in lock_text(place), lock_text(place)
    synced(place, index, "--extra", "old")
    assert versions(place) == {"leaf": "1.0", "plot": "0.1"}
    both = place.pkg("sync", "--extra", "old", "--extra", "new", PKG_INDEX_URL=index.url)
    assert both.code == 1 and "cannot be installed together" in both.err and versions(place)["leaf"] == "1.0", both


if __name__ == "__main__":
    main()
