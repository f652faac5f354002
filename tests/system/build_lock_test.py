"""Locked build requirements (lock-build-dependencies). Usage: build_lock_test.py PKG BUILD_FOLDER [WORD…]"""
import hashlib, os, re, shutil, sys, zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lock_support import lock_text, locked
from sources import project as tree, sdist, write_tree
from support import Index, check, main, wheel

# Writes down which tool built it.
USES_TOOL = ("if hook == 'build_wheel':\n    import tool\n"
             "    open('app/made_by.py', 'w').write('tool = %r\\n' % tool.__version__)\n")
MORE = "if hook == 'get_requires':\n    result = ['more']\n"


def sha256(file):
    return hashlib.sha256(file[1]).hexdigest()


def world(behave=USES_TOOL):
    return Index([wheel("tool", "1.0"), wheel("more", "1.0"), wheel("leaf", "1.0"),
                  sdist("app", "1.0", tree("app", "1.0", requires=["leaf"], build_requires=["tool"], behave=behave,
                                           dynamic=False))])


def project(place, setting="true", dependencies='"app"', more=""):
    place.write("pyproject.toml", f'[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                  f'dependencies = [{dependencies}]\n'
                                  f'[tool.pkg]\nlock-build-dependencies = {setting}\n{more}')


def elsewhere(place):
    """As on another machine: without this one's cache and environment."""
    for folder in (f"{place.path}/cache", f"{place.work}/.venv"):
        shutil.rmtree(folder, ignore_errors=True)


def made_by(place):
    told = place.python(f"{place.work}/.venv", "import app.made_by; print(app.made_by.tool)")
    assert told.code == 0, told
    return told.out.strip()


@check
def a_locked_build_takes_what_is_locked_and_not_what_is_newer(place):
    index = world()
    project(place)
    told = locked(place, index).err
    assert "To build with:\n+ tool 1.0\n" in told, told
    text = lock_text(place)
    table = text[text.index("lock-build-dependencies = true"):]
    assert 'requires = ["tool"]' in table and sha256(index.projects["tool"][0]) in table, table
    index.projects["tool"].append(wheel("tool", "2.0"))
    for words in (["--locked"], ["--frozen"], []):
        elsewhere(place)
        done = place.pkg("sync", *words, PKG_INDEX_URL=index.url)
        assert done.code == 0 and made_by(place) == "1.0", (words, done)
    assert lock_text(place) == text
    # Without a lock the newer one builds; a build that is kept from there is not taken for a locked one.
    elsewhere(place)
    env = place.venv()
    done = place.pkg("install", "--python", env, "-i", index.url, "app")
    assert done.code == 0, done
    assert place.python(env, "import app.made_by; print(app.made_by.tool)").out.strip() == "2.0"
    done = place.pkg("sync", "--locked", PKG_INDEX_URL=index.url)
    assert done.code == 0 and made_by(place) == "1.0", done
    done = place.pkg("run", "--locked", "python", "-c", "import app.made_by as m; print(m.tool)",
                     PKG_INDEX_URL=index.url)
    assert done.code == 0 and done.out.strip() == "1.0", done


@check
def what_builds_stays_until_it_is_upgraded(place):
    index = world()
    project(place)
    locked(place, index)
    text = lock_text(place)
    index.projects["tool"].append(wheel("tool", "2.0"))
    asked = len(index.requests)
    assert "is up to date" in locked(place, index).err and len(index.requests) == asked
    assert place.pkg("lock", "--check", PKG_INDEX_URL=index.url).code == 0
    # The project changes: what builds it was not touched, and the source is not opened again.
    elsewhere(place)
    project(place, dependencies='"app", "leaf"')
    asked = len(index.requests)
    locked(place, index)
    assert 'name = "tool", version = "1.0"' in lock_text(place), lock_text(place)
    assert not any("tool-2.0" in path or "more" in path for path, _ in index.requests[asked:]), index.requests[asked:]
    project(place)
    locked(place, index)
    assert lock_text(place) == text, lock_text(place)
    refused = place.pkg("lock", "--check", "-U", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "to build with, `tool` is 1.0, and would be 2.0" in refused.err, refused
    assert "To build with:\n~ tool 1.0 -> 2.0\n" in locked(place, index, "-P", "tool").err
    assert 'name = "tool", version = "2.0"' in lock_text(place)
    assert "~ tool 2.0 -> 1.0 (older)" in locked(place, index, "-P", "tool==1.0").err
    assert "tool 1.0 -> 2.0" in locked(place, index, "-U").err


@check
def a_wrong_hash_stops_the_build(place):
    index = world()
    project(place)
    locked(place, index)
    text = lock_text(place)
    wrong = text.replace(sha256(index.projects["tool"][0]), "0" * 64)
    assert wrong != text
    place.write("pylock.toml", wrong)
    elsewhere(place)
    refused = place.pkg("sync", "--frozen", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "tool-1.0" in refused.err and "0" * 64 in refused.err, refused
    assert not os.path.exists(f"{place.work}/.venv/lib/python3.11/site-packages/app")
    place.write("pylock.toml", text)
    # The index serves other bytes under the name that is locked.
    index.projects["tool"] = [("tool-1.0-py3-none-any.whl", wheel("tool", "1.0", files={"tool.py": "evil = 1\n"})[1])]
    elsewhere(place)
    refused = place.pkg("sync", "--locked", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "tool-1.0" in refused.err, refused


@check
def hashes_of_build_constraints_bind_what_is_locked(place):
    index = world()
    project(place, setting='["app"]')
    for digest, is_there in (("0" * 64, False), (sha256(index.projects["tool"][0]), True)):
        place.write("build.txt", f"tool==1.0 --hash=sha256:{digest}\n")
        done = place.pkg("lock", "--build-constraint", "build.txt", PKG_INDEX_URL=index.url)
        assert done.code == 0 and ("what builds `app 1.0` is not locked" in done.err) != is_there, done
        assert ("tool-1.0" in lock_text(place)) == is_there, lock_text(place)


@check
def a_build_that_asks_for_something_else_is_one_error_with_locked(place):
    index = world()
    write_tree(place.work, tree("mine", "1", build_requires=["tool"], behave="pass\n"))
    with open(f"{place.work}/pyproject.toml", "a") as file:
        file.write("[tool.pkg]\nlock-build-dependencies = true\n")
    locked(place, index)
    assert 'name = "mine", directory = "."' in lock_text(place), lock_text(place)
    assert place.pkg("sync", "--locked", PKG_INDEX_URL=index.url).code == 0
    place.write("behave.py", MORE)
    elsewhere(place)
    refused = place.pkg("sync", "--locked", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and refused.err.count("error:") == 1, refused
    assert "to be built, `mine` asks for `more`, and the lock has none" in refused.err, refused
    assert "pkg lock -P mine" in refused.err, refused
    done = place.pkg("sync", PKG_INDEX_URL=index.url)
    assert done.code == 0 and "resolved as if they were not locked" in done.err, done
    assert "+ more 1.0" in locked(place, index, "-P", "mine").err
    elsewhere(place)
    done = place.pkg("sync", "--locked", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    # What [build-system] asks for is an input of the lock.
    with open(f"{place.work}/pyproject.toml") as file:
        text = file.read()
    place.write("pyproject.toml", text.replace('requires = ["tool"]', 'requires = ["tool", "leaf"]'))
    assert place.pkg("lock", "--check", PKG_INDEX_URL=index.url).code == 1
    assert "+ leaf 1.0" in locked(place, index).err


@check
def what_the_lock_does_not_speak_of_is_an_error_with_locked(place):
    index = world()
    project(place)
    locked(place, index)
    text = lock_text(place)
    place.write("pylock.toml", re.sub(r"(?s)builds = \[\n.*\n\]\n(?=build-packages)", "", text))
    elsewhere(place)
    # A lock that is named is taken as it is, like a frozen one.
    for words in (["sync", "--frozen"], ["sync", "pylock.toml"], ["install", "-r", "pylock.toml"]):
        refused = place.pkg(*words, PKG_INDEX_URL=index.url)
        assert refused.code == 1 and "the lock does not say what builds `app 1.0`" in refused.err, (words, refused)
        assert "pkg lock -P app" in refused.err, (words, refused)


@check
def what_builds_may_be_a_folder_and_may_have_to_be_built_itself(place):
    index = Index([wheel("leaf", "1.0"),
                   sdist("tool", "1.0", tree("tool", "1.0", build_requires=["leaf"], dynamic=False))])
    write_tree(f"{place.work}/helper", tree("helper", "1.0", build_requires=["tool"], behave="import tool\n"))
    behave = "import helper, leaf\nif hook == 'get_requires':\n    result = ['leaf']\n"
    write_tree(place.work, tree("mine", "1", build_requires=[f"helper @ file://{place.work}/helper", "leaf"],
                                behave=behave))
    with open(f"{place.work}/pyproject.toml", "a") as file:
        file.write("[tool.pkg]\nlock-build-dependencies = true\n")
    locked(place, index)
    text = lock_text(place)
    assert text.count("directory = ") == 3 and 'requires = ["helper @ ./helper", "leaf"]' in text, text
    index.projects["tool"].append(wheel("tool", "2.0"))
    index.projects["leaf"].append(wheel("leaf", "2.0"))
    elsewhere(place)
    asked = len(index.requests)
    done = place.pkg("sync", "--locked", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    assert not any("2.0" in path for path, _ in index.requests[asked:]), index.requests[asked:]
    locked(place, index, "-P", "mine")
    assert lock_text(place) == text, lock_text(place)


@check
def members_and_mirrors(place):
    index = world()
    for name in ("mine", "part"):
        write_tree(place.work if name == "mine" else f"{place.work}/{name}", tree(name, "1", build_requires=["tool"]))
    with open(f"{place.work}/pyproject.toml", "a") as file:
        file.write('[tool.pkg]\nlock-build-dependencies = true\n[tool.pkg.workspace]\nmembers = ["part"]\n')
    locked(place, index, "--mirror-neutral")
    text = lock_text(place)
    assert 'directory = "."' in text and 'directory = "part"' in text and "127.0.0.1" not in text, text
    assert text.count("tool-1.0-py3-none-any.whl") == 1, text
    mirror = world()
    mirror.projects["tool"].append(wheel("tool", "2.0"))
    index.server.shutdown()
    elsewhere(place)
    done = place.pkg("sync", "--locked", PKG_INDEX_URL=mirror.url)
    assert done.code == 0 and not any("tool-2.0" in path for path, _ in mirror.requests), (done, mirror.requests)
    assert lock_text(place) == text


@check
def a_bundle_builds_offline(place):
    index = world()
    project(place)
    locked(place, index)
    index.projects["tool"].append(wheel("tool", "2.0"))
    done = place.pkg("bundle", "--allow-sdists", "--locked", PKG_INDEX_URL=index.url)
    assert done.code == 0 and "what builds them is not in the bundle" not in done.err, done
    names = sorted(os.listdir(f"{place.work}/bundle/wheels"))
    assert names == ["app-1.0.tar.gz", "index.html", "leaf-1.0-py3-none-any.whl", "tool-1.0-py3-none-any.whl"], names
    requirements = next(name for name in os.listdir(f"{place.work}/bundle") if name.startswith("requirements-"))
    with open(f"{place.work}/bundle/{requirements}") as file:
        assert "tool" not in file.read()
    index.server.shutdown()
    elsewhere(place)
    os.unlink(f"{place.work}/pyproject.toml")
    done = place.pkg("sync", "bundle/pylock.toml", "--offline", "--frozen")
    assert done.code == 0 and made_by(place) == "1.0", done
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", "--find-links", "bundle/wheels", "app")
    assert done.code == 0, done


@check
def a_bundle_has_what_builds_the_project_itself(place):
    index = world()
    write_tree(place.work, tree("mine", "1", requires=["leaf"], build_requires=["tool"], behave=MORE, dynamic=False))
    with open(f"{place.work}/pyproject.toml", "a") as file:
        file.write("[tool.pkg]\nlock-build-dependencies = true\n")
    locked(place, index)
    done = place.pkg("bundle", "-o", "bundle.zip", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    with zipfile.ZipFile(f"{place.work}/bundle.zip") as archive:
        archive.extractall(place.path)
    names = {name for name in os.listdir(f"{place.path}/bundle/wheels") if name.endswith(".whl")}
    assert names == {f"{name}-1.0-py3-none-any.whl" for name in ("leaf", "tool", "more")}, names
    index.server.shutdown()
    elsewhere(place)
    done = place.pkg("install", "--python", place.venv(), "--no-index", "--find-links",
                     f"{place.path}/bundle/wheels", ".")
    assert done.code == 0, done


@check
def wrong_values_are_told_with_their_line(place):
    index = world()
    for value in ('"all"', "1", '["no name!"]', "[true]"):
        project(place, setting=value)
        refused = place.pkg("lock", PKG_INDEX_URL=index.url)
        assert refused.code == 1 and "pyproject.toml:7" in refused.err, refused
    project(place, setting="false")
    locked(place, index)
    assert "build" not in lock_text(place)


main()
