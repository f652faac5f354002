"""sync, run and upgrade over the loopback index. Usage: sync_test.py PKG BUILD_FOLDER [WORD…]"""
import hashlib, json, os, re, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lock_support import GROUPS, lock_text, locked, project, synced, versions, world
from support import Index, check, main, tree, wheel


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
def a_dry_run_makes_nothing(place):
    index = world()
    project(place, ["leaf"])
    dry = synced(place, index, "--dry-run")
    assert "+ leaf 1.1" in dry.err and sorted(os.listdir(place.work)) == ["pyproject.toml"], dry


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
    # An sdist is built, when it can be had.
    place.write("pylock.sdist.toml", f"""lock-version = "1.0"
created-by = "another tool"
[[packages]]
name = "leaf"
version = "1.0"
[packages.sdist]
url = "{index.url}leaf-1.0.tar.gz"
hashes = {{sha256 = "{'1' * 64}"}}
""")
    # What is installed is of that version, and from another file than the lock has.
    refused = place.pkg("sync", "pylock.sdist.toml", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "leaf" in refused.err and "tar.gz" in refused.err, refused
    assert versions(place) == {"leaf": "1.0"}
    assert os.path.isdir(env)


@check
def run_syncs_first_and_gives_the_childs_exit_code(place):
    index = world()
    project(place, more=GROUPS)
    done = place.pkg("run", "python", "-c", "import sys, os, app_core; print(sys.prefix == os.environ['VIRTUAL_ENV']); "
                                            "sys.exit(7)", PKG_INDEX_URL=index.url)
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
    assert missing.code == 127 and "no-such-program" in missing.err, missing
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
    older = place.pkg("run", "--with", "leaf==1.0", "python", "-c", "import leaf; print(leaf.__version__)",
                      PKG_INDEX_URL=index.url)
    assert older.out == "1.0\n", older
    # A program of the project's environment sees them too.
    project(place, ["tester"])
    done = place.pkg("run", "--with", "leaf==1.0", "tester", PKG_INDEX_URL=index.url)
    assert done.code == 3 and done.out == "tested 1.0\n", done


@check
def a_script_has_an_environment_of_its_own(place):
    index = world()
    place.write("tool.py", '# /// script\n# requires-python = ">=3.9"\n# dependencies = ["leaf<1.1"]\n# ///\n'
                           'import leaf, sys\nprint(leaf.__version__, sys.argv[1:])\n')
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
    block = (f'# /// script\n# dependencies = ["leaf"]\n# [tool.pkg]\n# resolution = "lowest"\n# [[tool.pkg.index]]\n'
             f'# url = "{own.url}"\n# ///\n')
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
def a_python_that_the_lock_is_not_for_is_refused(place):
    index = world()
    project(place, ["leaf"], requires_python='requires-python = ">=3.99"\n')
    done = place.pkg("lock", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    place.venv("work/.venv")
    refused = place.pkg("sync", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and ">=3.99" in refused.err and versions(place) == {}, refused


@check
def extras_that_exclude_each_other_are_locked_and_not_installed_together(place):
    index = world()
    extras = '[project.optional-dependencies]\nold = ["leaf<1.1"]\nnew = ["leaf>=1.1"]\n'
    project(place, ["plot"], more=extras)
    refused = place.pkg("lock", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "conflicts = [[" in refused.err, refused
    project(place, ["plot"], more=extras + '[tool.pkg]\nconflicts = [[{extra = "old"}, {extra = "new"}]]\n')
    locked(place, index)
    assert "marker = \"'old' in extras\"" in lock_text(place) and "marker = \"'new' in extras\"" in lock_text(place), (
        lock_text(place))
    synced(place, index, "--extra", "old")
    assert versions(place) == {"leaf": "1.0", "plot": "0.1"}
    both = place.pkg("sync", "--extra", "old", "--extra", "new", PKG_INDEX_URL=index.url)
    assert both.code == 1 and "cannot be installed together" in both.err and versions(place)["leaf"] == "1.0", both


if __name__ == "__main__":
    main()
