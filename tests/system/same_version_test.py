"""The same version from elsewhere: what is installed is what was asked for, not what is called alike. Usage:
same_version_test.py PKG BUILD_FOLDER [WORD…]"""
import hashlib, os, shutil, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lock_support import locked
from sources import project as tree, repository, sdist, write_tree
from support import Index, check, main, need_tool, wheel

MODULE = "foo/__init__.py"


def made(said):
    return wheel("foo", "1.0", files={MODULE: f"X = {said!r}\n"})


def sha256(file):
    return hashlib.sha256(file[1]).hexdigest()


def says(place, env):
    done = place.python(env, "import foo; print(foo.X)")
    assert done.code == 0, done
    return done.out.strip()


def sources(place):
    """Ways to have foo 1.0 from elsewhere: words of an install."""
    need_tool("git")
    other = Index([made("other index")])
    local = place.write(f"dist/{made('')[0]}", made("path")[1])
    folder = write_tree(f"{place.path}/tree", tree("foo", "1.0", files={MODULE: "X = 'tree'\n"}))
    repository(f"{place.path}/repo", tree("foo", "1.0", files={MODULE: "X = 'git'\n"}))
    place.wheels(made("find-links"), folder="links")
    return {"path": [local], "tree": [folder], "editable": ["-e", folder], "git": [f"git+file://{place.path}/repo"],
            "url": [other.url.replace("/simple/", f"/files/{made('')[0]}")],
            "find-links": ["--no-index", "-f", f"{place.work}/links", "foo"], "other index": ["-i", other.url, "foo"]}


def environment_with(place, words):
    shutil.rmtree(f"{place.path}/env", ignore_errors=True)
    env = place.venv()
    done = place.pkg("install", "--python", env, *words)
    assert done.code == 0, done
    return env


@check
def sync_brings_the_file_of_the_lock_whatever_of_that_version_is_there(place):
    index = Index([made("index")])
    place.write("pyproject.toml", '[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                  'dependencies = ["foo"]\n')
    locked(place, index)
    for name, words in sources(place).items():
        env = environment_with(place, words)
        assert says(place, env) == {"editable": "tree", "url": "other index"}.get(name, name), name
        done = place.pkg("sync", "pylock.toml", "--python", env, PKG_INDEX_URL=index.url)
        assert done.code == 0 and says(place, env) == "index", (name, done)
        again = place.pkg("sync", "pylock.toml", "--python", env, PKG_INDEX_URL=index.url)
        assert "Nothing to do" in again.err, (name, again)


@check
def pinned_requirements_come_from_an_index_and_with_a_hash_from_that_file(place):
    index = Index([made("index")])
    place.write("plain.txt", "foo==1.0\n")
    place.write("hashed.txt", f"foo==1.0 --hash=sha256:{sha256(made('index'))}\n")
    for name, words in sources(place).items():
        env = environment_with(place, words)
        done = place.pkg("sync", "--python", env, "-i", index.url, "hashed.txt")
        assert done.code == 0 and says(place, env) == "index", (name, done)
        env = environment_with(place, words)
        done = place.pkg("install", "--python", env, "-i", index.url, "-r", "hashed.txt")
        assert done.code == 0 and says(place, env) == "index", (name, done)
        again = place.pkg("install", "--python", env, "-i", "http://127.0.0.1:9/", "-r", "hashed.txt")
        assert again.code == 0, (name, again)
        env = environment_with(place, words)
        done = place.pkg("sync", "--python", env, "-i", index.url, "plain.txt")
        # An index's file and a folder's are one to a version without a hash.
        kept = name if name in ("find-links", "other index") else "index"
        assert done.code == 0 and says(place, env) == kept, (name, done)
        # install is pip's: a version that fits will do.
        env = environment_with(place, words)
        before = says(place, env)
        done = place.pkg("install", "--python", env, "-i", index.url, "foo==1.0")
        assert done.code == 0 and says(place, env) == before, (name, done)


@check
def a_file_of_the_same_name_with_another_hash_is_replaced(place):
    index = Index([made("first")])
    place.write("pyproject.toml", '[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                  'dependencies = ["foo"]\n')
    locked(place, index)
    env = place.venv()
    assert place.pkg("sync", "pylock.toml", "--python", env).code == 0 and says(place, env) == "first"
    index.projects["foo"] = [made("second")]
    os.unlink(f"{place.work}/pylock.toml")
    locked(place, index, "--refresh")
    checked = place.pkg("sync", "--check", "pylock.toml", "--python", env)
    assert checked.code == 1 and "foo" in checked.err and says(place, env) == "first", checked
    done = place.pkg("sync", "pylock.toml", "--python", env)
    assert done.code == 0 and says(place, env) == "second", done
    checked = place.pkg("sync", "--check", "pylock.toml", "--python", env)
    assert checked.code == 0, checked


@check
def a_wheel_that_was_built_again_is_installed_again(place):
    env = place.venv()
    for said in ("one", "two", "six"):
        path = place.write(f"dist/{made('')[0]}", made(said)[1])
        done = place.pkg("install", "--python", env, path)
        assert done.code == 0 and says(place, env) == said, done
    again = place.pkg("install", "--python", env, path)
    assert again.code == 0 and "Installed" not in again.err, again
    before = os.stat(path)
    word = next(w for w in ("ten", "net", "sun", "map", "fog", "box") if len(made(w)[1]) == before.st_size)
    place.write(f"dist/{made('')[0]}", made(word)[1])
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    done = place.pkg("install", "--python", env, path)
    assert done.code == 0 and says(place, env) == word, done


@check
def an_archive_that_was_packed_again_is_built_again(place):
    env = place.venv()
    for said in ("one", "two"):
        name, data = sdist("foo", "1.0", tree("foo", "1.0", files={MODULE: f"X = {said!r}\n"}))
        path = place.write(f"dist/{name}", data)
        done = place.pkg("install", "--python", env, path)
        assert done.code == 0 and says(place, env) == said, done


@check
def a_lock_of_a_wheel_that_was_built_again_is_stale_and_follows_it(place):
    place.write("pyproject.toml", '[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                  'dependencies = ["foo"]\n[tool.pkg.sources]\n'
                                  f'foo = {{ path = "dist/{made("")[0]}" }}\n')
    for said in ("one", "two"):
        place.write(f"dist/{made('')[0]}", made(said)[1])
        stale = place.pkg("lock", "--check")
        assert stale.code == 1, stale
        if said == "two":
            assert f"dist/{made('')[0]}" in stale.err and sha256(made("two")) in stale.err, stale
            refused = place.pkg("sync", "--locked")
            assert refused.code == 1 and says(place, f"{place.work}/.venv") == "one", refused
        done = place.pkg("sync")
        assert done.code == 0 and says(place, f"{place.work}/.venv") == said, done
        assert place.pkg("lock", "--check").code == 0
        assert "Nothing to do" in place.pkg("sync").err


@check
def in_hash_mode_what_is_installed_and_stays_needs_no_hash(place):
    foo, bar = wheel("foo", "1.0", requires=["bar"]), wheel("bar", "1.0")
    index = Index([foo, bar])
    place.write("hashed.txt", f"foo==1.0 --hash=sha256:{sha256(foo)}\n")
    env = place.venv()
    refused = place.pkg("install", "--python", env, "-i", index.url, "-r", "hashed.txt")
    assert refused.code == 1 and "bar" in refused.err and "has no hash" in refused.err, refused
    assert place.pkg("install", "--python", env, "-i", index.url, "bar").code == 0
    done = place.pkg("install", "--python", env, "-i", index.url, "-r", "hashed.txt")
    assert done.code == 0, done
    refused = place.pkg("install", "--python", env, "-i", index.url, "--reinstall-package", "bar", "-r", "hashed.txt")
    assert refused.code == 1 and "bar" in refused.err, refused


@check
def hashes_of_constraints_bind_and_ask_for_no_others(place):
    foo, bar = wheel("foo", "1.0", requires=["bar"]), wheel("bar", "1.0")
    index = Index([foo, bar])
    for hex_of_bar, code in ((sha256(bar), 0), ("0" * 64, 1)):
        place.write("limits.txt", f"bar==1.0 --hash=sha256:{hex_of_bar}\n")
        done = place.pkg("install", "--python", place.venv(f"env{code}"), "-i", index.url, "foo", "-c", "limits.txt")
        assert done.code == code, done


@check
def hashes_of_build_constraints_bind(place):
    tool = wheel("tool", "1.0")
    index = Index([tool, sdist("app", "1.0", tree("app", "1.0", build_requires=["tool"]))])
    for digest, code in (("0" * 64, 1), (sha256(tool), 0), ("1" * 64, 1)):
        place.write("build.txt", f"tool==1.0 --hash=sha256:{digest}\n")
        done = place.pkg("install", "--python", place.venv(f"env-{digest[:4]}"), "-i", index.url, "--build-constraint",
                         "build.txt", "app")
        assert done.code == code and (code == 0 or "tool" in done.err), done


main()
