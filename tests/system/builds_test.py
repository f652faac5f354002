"""Source distributions, folders, editables and revisions: built by the real binary with backends that the tests
write."""
import hashlib, json, os, subprocess, sys, time

from sources import commit, git, project, repository, sdist, write_tree
from support import PKG, Index, check, main, tree, wheel


def direct_url(env, name):
    folder = f"{env}/lib/python3.11/site-packages"
    info = next(one for one in os.listdir(folder) if one.startswith(name + "-") and one.endswith(".dist-info"))
    with open(f"{folder}/{info}/direct_url.json") as file:
        return json.load(file)


def counted(place, name="builds"):
    """A behave.py that counts the wheels that are built, and how often that was."""
    path = f"{place.path}/{name}"
    return (f"if hook == 'build_wheel':\n    open({path!r}, 'a').write('x')\n", lambda: os.path.getsize(path)
            if os.path.exists(path) else 0)


@check
def an_sdist_of_an_index_is_built_once_and_then_comes_from_the_cache(place):
    behave, built = counted(place)
    index = Index([sdist("app", "1.0", project("app", "1.0", requires=["lib>=1"], behave=behave)), wheel("lib", "1.5")])
    first, second = place.venv("a"), place.venv("b")
    done = place.pkg("install", "--python", first, "-i", index.url, "app")
    assert done.code == 0 and "+ app 1.0" in done.err and "+ lib 1.5" in done.err, done
    assert place.python(first, "import app; print(app.version)").out == "1.0\n"
    assert built() == 1
    index.requests.clear()
    again = place.pkg("install", "--python", second, "-i", index.url, "app")
    assert again.code == 0 and built() == 1 and index.requests == [], (again, built(), index.requests)
    assert place.pkg("verify", "--python", second).code == 0
    assert place.pkg("cache", "verify").code == 0


@check
def zip_sdists_are_built_too(place):
    index = Index([sdist("app", "1.0", project("app", "1.0"), kind="zip")])
    env = place.venv()
    done = place.pkg("install", "--python", env, "-i", index.url, "app")
    assert done.code == 0 and place.python(env, "import app").code == 0, done


@check
def a_static_sdist_is_not_built_to_resolve(place):
    behave, built = counted(place)
    static = "Metadata-Version: 2.2\nName: app\nVersion: 1.0\nRequires-Dist: lib\n"
    index = Index([sdist("app", "1.0",
                         project("app", "1.0",
                                 behave=behave + "if hook == 'prepare_metadata':\n    raise SystemExit('asked')\n",
                                 files={"PKG-INFO": static})), wheel("lib", "1.5")])
    done = place.pkg("compile", "-i", index.url, "-", stdin="app\n")
    assert done.code == 0 and "lib==1.5" in done.out and built() == 0, (done, built())


@check
def folders_are_built_with_their_extras_and_installed_again_when_asked(place):
    folder = write_tree(f"{place.work}/app", project("app", "1.0", dynamic=False, files={"app/more.py": "x = 1\n"}))
    index = Index([wheel("lib", "1.5")])
    with open(f"{folder}/pyproject.toml", "a") as file:
        file.write('[project.optional-dependencies]\nmore = ["lib"]\n')
    env = place.venv()
    done = place.pkg("install", "--python", env, "-i", index.url, "./app[more]")
    # The tiny backend writes no extras: the files of the tree say them, and the installed metadata decides afterwards.
    assert done.code == 0 and "+ app 1.0" in done.err and "+ lib 1.5" in done.err, done
    assert direct_url(env, "app") == {"url": f"file://{folder}", "dir_info": {}}, direct_url(env, "app")
    write_tree(folder, {"app/more.py": "x = 2\n"})
    again = place.pkg("install", "--python", env, "--no-index", "./app")
    assert again.code == 0 and place.python(env, "import app.more; print(app.more.x)").out == "2\n", again
    here = place.pkg("install", "--python", env, "--no-index", ".", cwd=folder)
    assert here.code == 0, here


@check
def an_editable_follows_edits_and_leaves_nothing(place):
    folder = write_tree(f"{place.work}/app",
                        project("app", "1.0", entry_points="[console_scripts]\nrun-app = app:main\n",
                                files={"app/__init__.py": "def main(): print('one')\n"}))
    env = place.venv()
    empty = tree(env)
    done = place.pkg("install", "--python", env, "--no-index", "-e", "./app")
    assert done.code == 0, done
    assert direct_url(env, "app") == {"url": f"file://{folder}", "dir_info": {"editable": True}}
    assert subprocess.run([f"{env}/bin/run-app"], capture_output=True, text=True).stdout == "one\n"
    write_tree(folder, {"app/__init__.py": "def main(): print('three')\n"})
    assert subprocess.run([f"{env}/bin/run-app"], capture_output=True, text=True,
                          env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}).stdout == "three\n"
    listed = json.loads(place.pkg("list", "--python", env, "--format", "json").out)
    assert listed[0]["editable_project_location"] == folder, listed
    gone = place.pkg("uninstall", "--python", env, "app")
    after = {k: v for k, v in tree(env).items() if not k.startswith(".pkg")}
    assert gone.code == 0 and after == {k: v for k, v in empty.items() if not k.startswith(".pkg")}, (
        (gone, set(after) ^ set(empty)))


@check
def a_revision_is_installed_and_recorded(place):
    folder = f"{place.work}/repo"
    first = repository(folder, project("app", "1.0"))
    git(folder, "tag", "v1")
    second = commit(folder, project("app", "2.0"))
    git(folder, "branch", "next")
    env = place.venv()
    for word, commit_id, revision, version in [("@v1", first, "v1", "1.0"), ("@next", second, "next", "2.0"),
                                               (f"@{first}", first, first, "1.0"), ("", second, None, "2.0")]:
        done = place.pkg("install", "--python", env, "--no-index", f"git+file://{folder}{word}")
        assert done.code == 0, (word, done)
        expected = {"vcs": "git", "commit_id": commit_id, **({"requested_revision": revision} if revision else {})}
        assert direct_url(env, "app") == {"url": f"file://{folder}", "vcs_info": expected}, direct_url(env, "app")
        assert place.python(env, "import app; print(app.version)").out == version + "\n"
    frozen = place.pkg("freeze", "--python", env)
    assert frozen.out == f"app @ git+file://{folder}@{second}\n", frozen
    wrong = place.pkg("install", "--python", env, "--no-index", f"git+file://{folder}@nowhere")
    assert wrong.code == 1 and "nowhere" in wrong.err, wrong


@check
def an_editable_revision_is_checked_out_to_stay(place):
    folder = f"{place.work}/repo"
    repository(folder, project("app", "1.0"))
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", "-e", f"git+file://{folder}#egg=app")
    assert done.code == 0 and os.path.isdir(f"{env}/src/app/.git"), done
    assert direct_url(env, "app") == {"url": f"file://{env}/src/app", "dir_info": {"editable": True}}, (
        direct_url(env, "app"))
    write_tree(f"{env}/src/app", {"app/__init__.py": "version = 'edited'\n"})
    assert place.python(env, "import app; print(app.version)").out == "edited\n"
    assert place.pkg("install", "--python", env, "--no-index", "-e", f"git+file://{folder}#egg=app").code == 0
    commit(folder, project("app", "2.0"))
    moved = place.pkg("install", "--python", env, "--no-index", "-e", f"git+file://{folder}#egg=app")
    assert moved.code == 1 and "is there already" in moved.err, moved


@check
def a_subdirectory_of_a_repository_is_the_project(place):
    folder = f"{place.work}/repo"
    repository(folder, {f"packages/app/{path}": text for path, text in project("app", "1.0").items()})
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", f"app @ git+file://{folder}#subdirectory=packages/app")
    assert done.code == 0 and direct_url(env, "app")["subdirectory"] == "packages/app", done


@check
def an_archive_by_path_is_built_and_its_hash_recorded(place):
    name, data = sdist("app", "1.0", project("app", "1.0"))
    place.write(name, data)
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", f"./{name}")
    assert done.code == 0, done
    assert direct_url(env, "app")["archive_info"]["hashes"]["sha256"] == hashlib.sha256(data).hexdigest()
    wrong = place.pkg("install", "--python", place.venv("other"), "--no-index",
                      f"app @ file://{place.work}/{name}#sha256={'0' * 64}")
    assert wrong.code == 1 and "sha256" in wrong.err, wrong


@check
def a_failed_build_shows_the_telling_lines_and_changes_nothing(place):
    behave = ("import sys\nif hook == 'build_wheel':\n    print('noise')\n"
              "    print('foo.c:1:10: fatal error: Python.h: No such file or directory', file=sys.stderr)\n"
              "    raise SystemExit(1)\n")
    index = Index([sdist("bad", "1.0", project("bad", "1.0", behave=behave)), wheel("good", "1.0")])
    env = place.venv()
    before = tree(env)
    done = place.pkg("install", "--python", env, "-i", index.url, "good", "bad")
    assert done.code == 1 and "bad 1.0" in done.err and "Python.h" in done.err and "python3-dev" in done.err, done
    assert {k: v for k, v in tree(env).items() if not k.startswith(".pkg")} == {k: v for k, v in before.items()
        if not k.startswith(".pkg")}
    assert "Traceback (most recent call last)" not in done.err.split("hint")[-1], done


STUB = "raise SystemExit('the sklearn project on this index is deprecated, use another one')\n"


@check
def a_stub_that_fails_to_build_under_the_name_of_an_import_leads_to_the_project(place):
    hint = "hint: what is imported as `sklearn` is in `scikit-learn`"
    env = place.venv()
    for versions in (["0.0"], ["0.0", "0.1", "0.2", "0.3", "0.4"]):  # more than are tried
        index = Index([sdist("sklearn", one, project("sklearn", one, behave=STUB)) for one in versions]
                      + [wheel("user", "1.0", requires=["sklearn"])])
        for asked in ("sklearn", "user"):
            done = place.pkg("install", "--python", env, "-i", index.url, asked, "--no-cache-dir")
            assert done.code == 1 and "deprecated" in done.err and done.err.count(hint) == 1, done
    place.write("requirements.in", "sklearn\n")
    done = place.pkg("compile", "-i", index.url, "requirements.in")
    assert done.code == 1 and done.err.count(hint) == 1, done


@check
def a_stub_whose_metadata_needs_no_build_is_told_of_when_it_is_built(place):
    tree = project("cv2", "1.0", behave="if hook == 'build_wheel':\n    " + STUB)
    tree["PKG-INFO"] = "Metadata-Version: 2.2\nName: cv2\nVersion: 1.0\n"
    index = Index([sdist("cv2", "1.0", tree)])
    done = place.pkg("install", "--python", place.venv(), "-i", index.url, "cv2")
    assert done.code == 1 and "hint: what is imported as `cv2` is in `opencv-python`" in done.err, done


@check
def the_build_of_another_project_says_nothing_of_imports(place):
    index = Index([sdist("bad", "1.0", project("bad", "1.0", behave=STUB))])
    done = place.pkg("install", "--python", place.venv(), "-i", index.url, "bad")
    assert done.code == 1 and "imported" not in done.err, done


@check
def build_requirements_live_in_an_environment_of_their_own(place):
    behave = ("import helper\nif hook == 'get_requires':\n    result = ['second']\nif hook == 'build_wheel':\n"
              "    import second\n    assert helper.__version__ == '1.0', helper.__version__\n")
    index = Index([sdist("app", "1.0", project("app", "1.0", build_requires=["helper<2"], behave=behave)),
                   wheel("helper", "1.0"), wheel("helper", "2.0"), wheel("second", "3.0")])
    env = place.venv()
    assert place.pkg("install", "--python", env, "-i", index.url, "helper").code == 0
    done = place.pkg("install", "--python", env, "-i", index.url, "app")
    assert done.code == 0, done
    listed = {one["name"]: one["version"] for one in json.loads(place.pkg("list", "--python", env, "--format",
        "json").out)}
    assert listed == {"app": "1.0", "helper": "2.0"}, listed


@check
def build_constraints_narrow_build_requirements_alone(place):
    behave = "import helper\nif hook == 'build_wheel':\n    assert helper.__version__ == '1.0', helper.__version__\n"
    index = Index([sdist("app", "1.0", project("app", "1.0", requires=["helper"], build_requires=["helper"],
                                               behave=behave)), wheel("helper", "1.0"), wheel("helper", "2.0")])
    env = place.venv()
    place.write("build.txt", "helper<2\n")
    done = place.pkg("install", "--python", env, "-i", index.url, "--build-constraint", "build.txt", "app")
    assert done.code == 0 and "+ helper 2.0" in done.err, done


@check
def an_extra_build_dependency_is_there(place):
    index = Index([sdist("app", "1.0", project("app", "1.0", behave="import helper\n")), wheel("helper", "1.0")])
    env = place.venv()
    missing = place.pkg("install", "--python", env, "-i", index.url, "app")
    assert missing.code == 1 and "helper" in missing.err and "extra-build-dependenc" in missing.err, missing
    done = place.pkg("install", "--python", env, "-i", index.url, "--extra-build-dependency", "app:helper", "app")
    assert done.code == 0, done


@check
def a_circle_of_build_requirements_is_told(place):
    index = Index([sdist("one", "1.0", project("one", "1.0", build_requires=["two"])),
                   sdist("two", "1.0", project("two", "1.0", build_requires=["one"]))])
    done = place.pkg("install", "--python", place.venv(), "-i", index.url, "one")
    assert done.code == 1 and "needs itself" in done.err and "one" in done.err and "two" in done.err, done


@check
def without_isolation_the_environment_is_used(place):
    index = Index([sdist("app", "1.0", project("app", "1.0", build_requires=["helper"], behave="import helper\n")),
                   wheel("helper", "1.0")])
    env = place.venv()
    missing = place.pkg("install", "--python", env, "-i", index.url, "--no-build-isolation", "app")
    assert missing.code == 1 and "helper" in missing.err, missing
    checked = place.pkg("install", "--python", env, "-i", index.url, "--no-build-isolation",
                        "--check-build-dependencies", "app")
    assert checked.code == 1 and "does not meet the build requirements `helper`" in checked.err, checked
    assert place.pkg("install", "--python", env, "-i", index.url, "helper").code == 0
    done = place.pkg("install", "--python", env, "-i", index.url, "--no-build-isolation-package", "app", "app")
    assert done.code == 0, done


@check
def config_settings_reach_the_backend_and_are_part_of_the_cache(place):
    index = Index([sdist("app", "1.0", project("app", "1.0")), sdist("lib", "1.0", project("lib", "1.0"))])
    env = place.venv()
    show = "import app.settings; print(app.settings.settings)"
    assert place.pkg("install", "--python", env, "-i", index.url, "-C", "a=1", "-C", "b=2", "-C", "b=3",
                     "app").code == 0
    assert place.python(env, show).out == "{'a': '1', 'b': ['2', '3']}\n"
    done = place.pkg("install", "--python", env, "-i", index.url, "--reinstall", "--config-settings-package", "app:a=9",
                     "app", "lib")
    assert done.code == 0 and place.python(env, show).out == "{'a': '9'}\n", done
    assert place.python(env, "import lib.settings").code != 0


@check
def nothing_is_built_when_building_is_off(place):
    behave, built = counted(place)
    index = Index([sdist("app", "2.0", project("app", "2.0", behave=behave)), wheel("app", "1.0")])
    folder = write_tree(f"{place.work}/local", project("local", "1.0"))
    env = place.venv()
    for words in (["--no-build"], ["--only-binary", ":all:"], ["--prefer-binary"]):
        done = place.pkg("install", "--python", env, "-i", index.url, "--reinstall", *words, "app")
        assert done.code == 0 and "app 1.0" in done.err and built() == 0, done
    refused = place.pkg("install", "--python", env, "--no-index", "--no-build", folder)
    assert refused.code == 1 and "building is off" in refused.err, refused
    done = place.pkg("install", "--python", env, "-i", index.url, "--no-binary", "app", "-U", "app")
    assert done.code == 0 and built() == 1, done


@check
def a_source_that_lies_about_its_name_or_version_is_refused(place):
    index = Index([sdist("app", "1.0", project("other", "1.0")), sdist("lib", "1.0", project("lib", "7.0"))])
    env = place.venv()
    wrong = place.pkg("install", "--python", env, "-i", index.url, "app")
    assert wrong.code == 1 and "other" in wrong.err, wrong
    wrong = place.pkg("install", "--python", env, "-i", index.url, "lib")
    assert wrong.code == 1 and "7.0" in wrong.err, wrong


@check
def urls_inside_releases_are_followed_unless_forbidden(place):
    name, data = sdist("lib", "1.0", project("lib", "1.0"))
    path = place.write(name, data)
    index = Index([wheel("app", "1.0", requires=[f"lib @ file://{path}"])])
    env = place.venv()
    forbidden = place.pkg("install", "--python", env, "-i", index.url, "--no-url-dependencies", "app")
    assert forbidden.code == 1 and "URL dependencies are off" in forbidden.err, forbidden
    done = place.pkg("install", "--python", env, "-i", index.url, "app")
    assert done.code == 0 and "+ lib 1.0" in done.err, done


@check
def a_sandboxed_build_has_no_network_and_writes_nowhere_else(place):
    index = Index([wheel("helper", "1.0")])
    port = index.url.split(":")[2].split("/")[0]
    outside = f"{place.path}/home/outside"
    behave = f"""import socket
if hook == 'build_wheel':
    tried = []
    try:
        socket.create_connection(('127.0.0.1', {port}), 2)
        tried.append('network')
    except OSError:
        pass
    try:
        open({outside!r}, 'w')
        tried.append('file')
    except OSError:
        pass
    if tried:
        raise SystemExit('could reach: ' + ' '.join(tried))
"""
    index.projects["app"] = [sdist("app", "1.0", project("app", "1.0", behave=behave, build_requires=["helper"]))]
    env = place.venv()
    done = place.pkg("install", "--python", env, "-i", index.url, "--sandbox-build", "app")
    if "unsupported" in done.err or "namespaces" in done.err and done.code:
        print("        (this machine has no sandbox)", done.err.splitlines()[0])
        return
    assert done.code == 0 and not os.path.exists(outside), done
    free = place.pkg("install", "--python", env, "-i", index.url, "--no-binary", "app", "--no-cache", "app",
                     "--reinstall")
    assert free.code == 1 and "could reach: network file" in free.err, free


@check
def builds_go_on_side_by_side_and_share_the_processors(place):
    behave = (f"import os, time\nif hook == 'build_wheel':\n"
              f"    open({place.path!r} + '/make', 'a').write(os.environ.get('MAKEFLAGS', '') + ';')\n"
              f"    time.sleep(1.5)\n")
    index = Index([sdist(name, "1.0", project(name, "1.0", behave=behave)) for name in ("one", "two")])
    start = time.monotonic()
    done = place.pkg("install", "--python", place.venv(), "-i", index.url, "--build-jobs", "2", "one", "two")
    assert done.code == 0 and time.monotonic() - start < 2.9, (time.monotonic() - start, done)
    cores = len(os.sched_getaffinity(0))
    assert f"-j{max(1, cores // 2)}" in open(f"{place.path}/make").read().replace("-j ", "-j"), (
        open(f"{place.path}/make").read())


@check
def metadata_is_made_side_by_side(place):
    behave = (f"import time\nif hook == 'prepare_metadata':\n"
              f"    open({place.path!r} + '/made', 'a').write('x')\n    time.sleep(1.5)\n")
    names = ["one", "two", "three", "four"]
    index = Index([sdist(name, "1.0", project(name, "1.0", behave=behave)) for name in names])
    place.write("requirements.in", "\n".join(names))
    start = time.monotonic()
    done = place.pkg("compile", "requirements.in", "--no-header", "-i", index.url, "--build-jobs", "4")
    assert done.code == 0 and time.monotonic() - start < 5.7, (time.monotonic() - start, done)
    assert open(f"{place.path}/made").read() == "xxxx"


@check
def a_killed_build_leaves_the_environment_and_no_process(place):
    marker = f"{place.path}/running"
    behave = (f"import os, time\nif hook == 'build_wheel':\n    open({marker!r}, 'w').write(str(os.getpid()))\n"
              f"    time.sleep(600)\n")
    index = Index([sdist("app", "1.0", project("app", "1.0", behave=behave))])
    env = place.venv()
    before = tree(env)
    child = subprocess.Popen([PKG, "install", "--python", env, "-i", index.url, "app"], env=place.environment({}),
                             stderr=subprocess.DEVNULL)
    while not os.path.exists(marker) or not os.path.getsize(marker):
        time.sleep(0.02)
    child.kill()
    child.wait()
    builder = int(open(marker).read())
    for _ in range(100):
        if not os.path.exists(f"/proc/{builder}"):
            break
        time.sleep(0.05)
    assert not os.path.exists(f"/proc/{builder}"), builder
    assert {k: v for k, v in tree(env).items() if not k.startswith(".pkg")} == {k: v for k, v in before.items()
        if not k.startswith(".pkg")}


@check
def a_build_that_hangs_ends_at_its_time(place):
    index = Index([sdist("app", "1.0",
                         project("app", "1.0",
                                 behave="import time\nif hook == 'build_wheel':\n    time.sleep(600)\n"))])
    done = place.pkg("install", "--python", place.venv(), "-i", index.url, "--build-timeout", "2", "app", timeout=60)
    assert done.code == 1 and "2 s" in done.err, done


@check
def the_secret_environment_stays_outside_of_builds(place):
    behave = (f"import os\nif hook == 'build_wheel':\n"
              f"    open({place.path!r} + '/environment', 'w').write(repr(dict(os.environ)))\n")
    index = Index([sdist("app", "1.0", project("app", "1.0", behave=behave))])
    done = place.pkg("install", "--python", place.venv(), "-i", index.url, "app",
                     PIP_INDEX_URL="https://user:hush@index.example/simple", MY_TOKEN="hush",
                     AWS_SECRET_ACCESS_KEY="hush")
    assert done.code == 0, done
    assert "hush" not in open(f"{place.path}/environment").read()


if __name__ == "__main__":
    main()
