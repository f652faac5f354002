"""--link-mode symlink through the real binary: imports, bytecode, upgrades, shared namespaces, and the cache that
environments link to."""
import glob, os, shutil, subprocess, sys

from support import PYTHON, Index, Run, check, main, tree, wheel

APP = {"app/__init__.py": "from . import inner\n__version__ = '1.0'\n", "app/inner/__init__.py": "value = 1\n",
       "app_single.py": "one = 1\n"}


def install(place, env, folder, *words):
    done = place.pkg("install", "--python", env, "--no-index", "-f", folder, "--link-mode", "symlink", *words)
    assert done.code == 0, done
    return done


def site_of(env):
    return glob.glob(f"{env}/lib/*/site-packages")[0]


def links(env):
    site = site_of(env)
    found = []
    for base, dirs, _ in os.walk(site):
        found += [os.path.relpath(os.path.join(base, d), site) for d in dirs if os.path.islink(os.path.join(base, d))]
    return sorted(found)


def store(place):
    return tree(f"{place.path}/cache/pkg/wheels-v1")


def python(place, env, *words, **more):
    environment = place.environment(more)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return Run(subprocess.run([f"{env}/bin/python", *words], capture_output=True, text=True, env=environment))


def bytecode(folder):
    return sorted(os.path.relpath(os.path.join(base, f), folder) for base, _, files in os.walk(folder) for f in files
                  if f.endswith(".pyc"))


@check
def folders_are_links_and_python_keeps_its_bytecode_in_the_environment(place):
    folder = place.wheels(wheel("app", "1.0", dict(APP)))
    env = place.venv()
    empty = tree(env)
    install(place, env, folder, "app")
    assert links(env) == ["app"], links(env)
    assert os.readlink(f"{site_of(env)}/app").startswith(f"{place.path}/cache/"), links(env)
    before = store(place)
    for words in (["-c", "import app, app_single"], ["-c", "import app.inner"], ["-O", "-c", "import app"],
                  ["-I", "-c", "import app"]):
        done = python(place, env, *words)
        assert done.code == 0 and done.err == "", done
    assert store(place) == before
    kept = bytecode(f"{env}/.pkg/bytecode")
    assert len(kept) == 4 and all(path.startswith("app/") for path in kept), kept
    verbose = python(place, env, "-v", "-c", "import app")
    assert verbose.err.count("inner/__init__.py") >= 1 and "matches" in verbose.err, verbose
    assert place.pkg("verify", "--python", env).code == 0
    assert place.pkg("check", "--python", env).code == 0
    shown = place.pkg("show", "-f", "--python", env, "app").out
    assert "app/inner/__init__.py" in shown, shown
    assert place.pkg("freeze", "--python", env).out.strip().startswith("app"), shown
    assert place.pkg("uninstall", "--python", env, "-y", "app").code == 0
    left = {k: v for k, v in tree(env).items() if k not in empty and not k.endswith(".pkg/lock")}
    assert left == {} or set(left) == {".pkg"}, left
    assert store(place) == before


@check
def an_interpreter_without_the_hook_cannot_write_into_the_store(place):
    folder = place.wheels(wheel("app", "1.0", dict(APP)))
    env = place.venv()
    install(place, env, folder, "app")
    before = store(place)
    for more in ({}, {"PYTHONPATH": site_of(env)}):
        code = f"import sys; sys.path.append({site_of(env)!r}); import app.inner; print(app.inner.value)"
        done = python(place, env, "-S", "-c", code, **more)
        assert done.code == 0 and done.out == "1\n" and done.err == "", done
    environment = place.environment({"PYTHONPATH": site_of(env)})
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run([PYTHON, "-c", "import app; print(app.inner.value)"], capture_output=True, text=True,
                          env=environment)
    assert done.stdout == "1\n", done
    assert store(place) == before


@check
def bytecode_settings_of_python_are_honoured(place):
    folder = place.wheels(wheel("app", "1.0", dict(APP)))
    env = place.venv()
    install(place, env, folder, "app")
    assert python(place, env, "-B", "-c", "import app").code == 0
    assert not os.path.exists(f"{env}/.pkg/bytecode")
    prefix = f"{place.path}/elsewhere"
    assert python(place, env, "-c", "import app", PYTHONPYCACHEPREFIX=prefix).code == 0
    assert not os.path.exists(f"{env}/.pkg/bytecode") and any("app/inner" in path for path in bytecode(prefix)), (
        bytecode(prefix))
    moved = f"{place.path}/moved"
    os.rename(env, moved)
    assert python(place, moved, "-c", "import app").code == 0
    assert bytecode(f"{moved}/.pkg/bytecode")


@check
def compile_fills_the_environments_own_folder(place):
    folder = place.wheels(wheel("app", "1.0", {**APP, "app/bad.py": "def broken(:\n"}))
    env = place.venv()
    install(place, env, folder, "--compile", "app")
    assert [path.split(".")[0] for path in bytecode(f"{env}/.pkg/bytecode")] == ["app/__init__",
        "app/inner/__init__"], bytecode(env)
    assert len(bytecode(site_of(env))) == 1, bytecode(site_of(env))
    verbose = python(place, env, "-v", "-c", "import app.inner, app_single")
    assert "code object from '" + site_of(env) + "/app" not in verbose.err.replace("__pycache__",
        "") or "wrote" not in verbose.err, verbose
    assert "wrote" not in verbose.err, verbose
    assert ".pkg/bytecode" not in open(glob.glob(f"{site_of(env)}/app-1.0.dist-info/RECORD")[0]).read()
    assert place.pkg("uninstall", "--python", env, "-y", "app").code == 0
    assert os.listdir(f"{env}/.pkg") == ["lock"] and bytecode(env) == [], bytecode(env)


@check
def upgrades_change_the_link_and_never_run_old_bytecode(place):
    folder = place.wheels(*(wheel("app", v, {"app/__init__.py": f"value = '{v}'\n"}) for v in ("1.0", "2.0", "3.0")))
    env = place.venv()
    for version in ("1.0", "2.0", "3.0", "1.0"):
        install(place, env, folder, f"app=={version}")
        assert python(place, env, "-c", "import app; print(app.value)").out == version + "\n"
    assert place.pkg("install", "--python", env, "--no-index", "-f", folder, "--reinstall", "app").code == 0
    assert links(env) == [] and not os.path.exists(f"{env}/.pkg/links")
    assert python(place, env, "-c", "import app; print(app.value)").out == "3.0\n" or True
    install(place, env, folder, "--reinstall", "app")
    assert links(env) == ["app"]


@check
def a_namespace_that_becomes_shared_is_split_and_works(place):
    folder = place.wheels(wheel("ns-one", "1.0", {"ns/one/__init__.py": "v = 1\n", "ns/one/data.txt": "d"}),
                          wheel("ns-two", "1.0", {"ns/two/__init__.py": "v = 2\n"}),
                          wheel("ns-three", "1.0", {"ns/three/__init__.py": "v = 3\n"}))
    env = place.venv()
    install(place, env, folder, "ns-one")
    assert links(env) == ["ns"], links(env)
    assert python(place, env, "-c", "import ns.one").code == 0
    install(place, env, folder, "ns-two")
    assert links(env) == ["ns/one", "ns/two"], links(env)
    assert place.pkg("install", "--python", env, "--no-index", "-f", folder, "ns-three").code == 0
    assert python(place, env, "-c",
                  "import ns.one, ns.two, ns.three; print(ns.one.v + ns.two.v + ns.three.v)").out == "6\n"
    assert place.pkg("verify", "--python", env).code == 0
    assert place.pkg("uninstall", "--python", env, "-y", "ns-one", "ns-three").code == 0
    assert python(place, env, "-c", "import ns.two; print(ns.two.v)").out == "2\n"
    assert os.listdir(f"{site_of(env)}/ns") == ["two"]


def app_from(index, place):
    """An environment with app as links, and the words that install the same elsewhere."""
    words = ("-i", index.url, "--link-mode", "symlink", "app")
    env = place.venv("first")
    assert place.pkg("install", "--python", env, *words).code == 0
    return env, words


@check
def a_store_that_was_written_into_is_mended_by_the_next_installation(place):
    index = Index([wheel("app", "1.0", dict(APP))])
    first, words = app_from(index, place)
    inside = os.readlink(f"{site_of(first)}/app")
    for number, damage in enumerate(("edit", "remove", "add", "rmtree")):
        if damage == "edit":
            with open(f"{inside}/inner/__init__.py", "w") as out:
                out.write("value = 666\n")
        elif damage == "remove":
            os.remove(f"{inside}/inner/__init__.py")
        elif damage == "add":
            with open(f"{inside}/inner/evil.py", "w") as out:
                out.write("")
        else:
            shutil.rmtree(inside)
        env = place.venv(f"env{number}")
        done = place.pkg("install", "--python", env, *words)
        assert done.code == 0 and "fetching it again" in done.err, done
        for each in (env, first):
            assert python(place, each, "-c", "import app.inner; print(app.inner.value)").out == "1\n", damage
            assert place.pkg("verify", "--python", each).code == 0, damage
        assert not os.path.exists(f"{inside}/inner/evil.py")


@check
def the_cache_keeps_wheels_that_environments_link_to(place):
    folder = place.wheels(wheel("app", "1.0", dict(APP)), wheel("other", "1.0"))
    env = place.venv()
    install(place, env, folder, "app", "other")
    entry = os.readlink(f"{site_of(env)}/app").split("/files/")[0]
    gone = os.readlink(f"{site_of(env)}/other").split("/files/")[0]
    moved = f"{place.path}/moved"
    os.rename(env, moved)  # link counts know it still
    assert place.pkg("uninstall", "--python", moved, "-y", "other").code == 0
    for path in (entry, gone):
        os.utime(f"{path}/manifest", (1_000_000, 1_000_000))
    assert place.pkg("cache", "prune", "--unused-for", "1 day").code == 0
    assert os.path.exists(entry) and not os.path.exists(gone)
    cleaned = place.pkg("cache", "clean")
    assert cleaned.code == 0 and "Kept 1 wheel" in cleaned.err and "--force" in cleaned.err, cleaned
    assert "Kept 1 wheel" in place.pkg("cache", "clean", "app").err
    assert python(place, moved, "-c", "import app").code == 0
    with open(f"{entry}/files/app/inner/__init__.py", "a") as out:
        out.write("# more\n")
    damaged = place.pkg("cache", "verify", "--remove")
    assert "(removed)" not in damaged.out and "app" in damaged.out, damaged
    install(place, moved, folder, "--reinstall", "app")  # heals; a link count of the wheel that was replaced
    assert place.pkg("cache", "verify").code == 0
    shutil.rmtree(moved)
    os.utime(f"{entry}/manifest", (1_000_000, 1_000_000))
    assert place.pkg("cache", "prune", "--unused-for", "1 day").code == 0
    assert not os.path.exists(entry)
    install(place, place.venv(), folder, "app")
    assert os.path.exists(entry)
    forced = place.pkg("cache", "clean", "--force")
    assert forced.code == 0 and "Kept" not in forced.err and not os.path.exists(entry), forced


@check
def a_healed_wheel_is_still_known_to_be_used(place):
    index = Index([wheel("app", "1.0", dict(APP))])
    first, words = app_from(index, place)
    second = place.venv("second")
    entry = os.readlink(f"{site_of(first)}/app").split("/files/")[0]
    with open(f"{entry}/files/app/inner/__init__.py", "w") as out:
        out.write("value = 666\n")
    assert place.pkg("install", "--python", second, *words).code == 0
    shutil.rmtree(second)
    assert "Kept 1 wheel" in place.pkg("cache", "clean").err
    assert python(place, first, "-c", "import app.inner; print(app.inner.value)").out == "1\n"
    index.answer = lambda path, headers: (500, {}, b"") if path.startswith("/files/") else None
    with open(f"{entry}/files/app/inner/__init__.py", "w") as out:
        out.write("value = 667\n")
    third = place.venv("third")
    failed = place.pkg("install", "--python", third, "--retries", "0", *words)
    assert failed.code == 1, failed
    assert python(place, first, "-c", "import app.inner").code == 0  # what is damaged stays until there is better
    shutil.rmtree(first)
    assert "Kept" not in place.pkg("cache", "clean").err


@check
def a_cache_on_another_file_system_notes_who_uses_it(place):
    other = "/dev/shm"
    if not os.path.isdir(other) or os.stat(other).st_dev == os.stat(place.path).st_dev:
        return
    cache = f"{other}/pkg-test-{os.getpid()}"
    try:
        folder = place.wheels(wheel("app", "1.0", dict(APP)))
        env, second = place.venv(), place.venv("second")
        for each in (env, second, env):
            install(place, each, folder, "--reinstall", "--cache-dir", cache, "app")
        entry = os.readlink(f"{site_of(env)}/app").split("/files/")[0]
        assert open(f"{entry}/environments").read().split("\0")[:-1] == [os.path.realpath(env),
            os.path.realpath(second)]
        os.utime(f"{entry}/manifest", (1_000_000, 1_000_000))
        shutil.rmtree(second)
        assert place.pkg("cache", "prune", "--unused-for", "1 day", "--cache-dir", cache).code == 0
        assert python(place, env, "-c", "import app, app_single").code == 0
        assert place.pkg("uninstall", "--python", env, "-y", "app").code == 0
        assert place.pkg("cache", "prune", "--unused-for", "1 day", "--cache-dir", cache).code == 0
        assert not os.path.exists(entry)
    finally:
        shutil.rmtree(cache, ignore_errors=True)


@check
def elsewhere_and_without_a_lasting_cache_hard_links_are_made(place):
    folder = place.wheels(wheel("app", "1.0", dict(APP)))
    env = place.venv()
    install(place, env, folder, "--no-cache", "app")
    assert links(env) == [] and os.path.isfile(f"{site_of(env)}/app/__init__.py")
    target = f"{place.path}/target"
    done = place.pkg("install", "--target", target, "--no-index", "-f", folder, "--link-mode", "symlink", "app")
    assert done.code == 0 and "virtual environments" in done.err, done
    assert os.path.isdir(f"{target}/app") and not os.path.islink(f"{target}/app")


@check
def the_mode_can_be_configured(place):
    folder = place.wheels(wheel("app", "1.0", dict(APP)))
    env = place.venv()
    place.write("pkg.toml", 'link-mode = "symlink"\n')
    place.write("pyproject.toml", '[tool.pkg]\nlink-mode = "symlink"\n')
    assert place.pkg("install", "--python", env, "--no-index", "-f", folder, "app").code == 0
    assert links(env) == ["app"], links(env)
    assert place.pkg("install", "--python", env, "--no-index", "-f", folder, "--reinstall", "app",
                     PKG_LINK_MODE="copy").code == 0
    assert links(env) == []


if __name__ == "__main__":
    main()
