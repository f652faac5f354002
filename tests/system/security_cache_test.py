"""Cache keys say where a thing came from: what one index, proxy, login or build backend gave never stands for what
another would have given.
In each check one index is honest and one lies; both are used with one cache."""
import base64, hashlib, json, os, time

from sources import project, sdist, write_tree
from support import Index, check, main, wheel

PAGE_TYPE = {"Content-Type": "application/vnd.pypi.simple.v1+json"}
SITE = "lib/python3.11/site-packages"


def page(name, files, **more):
    body = {"meta": {"api-version": "1.1"}, "name": name, "files": files, "versions": [], **more}
    return 200, PAGE_TYPE, json.dumps(body).encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def listed(made, **more):
    name, data = made
    return {"filename": name, "url": f"/files/{name}", "hashes": {"sha256": sha256(data)}, **more}


def lying_about(made, text, announced=True):
    """An index that says of the genuine wheel `made`, by its genuine sha256, that its metadata is `text`."""
    name, data = made
    core = {"core-metadata": {"sha256": sha256(text)}} if announced else {}

    def answer(path, headers):
        if path.endswith(f"/{name}.metadata"):
            return 200, {}, text
        if path.startswith("/simple/") and path.split("/")[2] == name.split("-")[0]:
            return page(path.split("/")[2], [listed(made, **core)])

    return answer


LIBFOO = wheel("libfoo", "1.0")
EVIL = wheel("evilpkg", "1.0")
LIE = b"Metadata-Version: 2.1\nName: libfoo\nVersion: 1.0\nRequires-Dist: evilpkg\n"


def has(env, name):
    return os.path.exists(f"{env}/{SITE}/{name}")


@check
def metadata_that_another_index_announced_for_a_genuine_file_does_not_count_here(place):
    for announced in (True, False):  # compared with an announced hash; a file beside the wheel that nobody announced
        liar = Index([EVIL, LIBFOO], answer=lying_about(LIBFOO, LIE, announced))
        honest = Index([LIBFOO, EVIL], announce_metadata=announced)
        done = place.pkg("compile", "-i", liar.url, "-", stdin="libfoo\n")
        assert done.code == 0 and "evilpkg" in done.out, done  # its own users it can lie to
        env = place.venv(f"env{announced}")
        done = place.pkg("install", "--python", env, "-i", honest.url, "libfoo")
        assert done.code == 0 and has(env, "libfoo") and not has(env, "evilpkg"), done
        done = place.pkg("compile", "-i", honest.url, "--offline", "-", stdin="libfoo\n")
        assert done.code == 0 and "evilpkg" not in done.out, done
        place.pkg("cache", "clean")


@check
def a_wheel_whose_metadata_differs_from_what_was_announced_stops_the_install(place):
    for announced in (True, False):
        liar = Index([EVIL, LIBFOO], answer=lying_about(LIBFOO, LIE, announced))
        env = place.venv(f"env{announced}")
        done = place.pkg("install", "--python", env, "-i", liar.url, "libfoo")
        assert done.code == 1 and "`Requires-Dist: evilpkg`" in done.err, done
        assert "libfoo-1.0-py3-none-any.whl" in done.err, done
        assert not has(env, "evilpkg") and not has(env, "libfoo")
        # the wheel is here now, and tells the truth
        done = place.pkg("install", "--python", env, "-i", liar.url, "libfoo")
        assert done.code == 0 and has(env, "libfoo") and not has(env, "evilpkg"), done
        done = place.pkg("compile", "-i", liar.url, "-", stdin="libfoo\n")
        assert done.code == 0 and "evilpkg" not in done.out, done
        place.pkg("cache", "clean")


@check
def a_wheel_that_was_stored_before_is_compared_too(place):
    honest, env = Index([LIBFOO]), place.venv()
    assert place.pkg("install", "--python", env, "-i", honest.url, "libfoo").code == 0
    os.remove(f"{place.path}/cache/pkg/metadata-v2/libfoo.bundle")
    liar, other = Index([EVIL, LIBFOO], answer=lying_about(LIBFOO, LIE)), place.venv("other")
    done = place.pkg("install", "--python", other, "-i", liar.url, "libfoo")
    assert done.code == 1 and "evilpkg" in done.err and not has(other, "evilpkg"), done


@check
def that_one_index_has_lost_a_file_says_nothing_of_anothers(place):
    def answer(path, headers):
        if path == "/simple/libfoo/":
            return page("libfoo", [listed(LIBFOO)])
        if path.startswith("/files/libfoo"):
            return 404, {}, b""

    liar, honest, env = Index([LIBFOO], answer=answer), Index([LIBFOO], announce_metadata=False), place.venv()
    assert place.pkg("install", "--python", env, "-i", liar.url, "libfoo").code == 1
    done = place.pkg("install", "--python", env, "-i", honest.url, "libfoo")
    assert done.code == 0, done


def backend(version, word):
    code = f"""
import base64, hashlib, zipfile
def build_wheel(folder, settings=None, metadata=None):
    info = "srcq-1.0.dist-info"
    files = {{"srcq.py": "WORD = {word!r}\\n",
             info + "/METADATA": "Metadata-Version: 2.1\\nName: srcq\\nVersion: 1.0\\n",
             info + "/WHEEL": "Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}}
    def digest(text):
        return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    rows = "".join("%s,sha256=%s,%d\\n" % (k, digest(v), len(v)) for k, v in files.items())
    files[info + "/RECORD"] = rows + info + "/RECORD,,\\n"
    with zipfile.ZipFile(folder + "/srcq-1.0-py3-none-any.whl", "w") as archive:
        for k, v in files.items(): archive.writestr(k, v)
    open({{log!r}}, "a").write("x")
    return "srcq-1.0-py3-none-any.whl"
"""
    return lambda log: wheel("mybackend", version, {"mybackend/__init__.py": code.replace("{log!r}", repr(log))})


SRCQ = sdist("srcq", "1.0",
             {"pyproject.toml": '[build-system]\nrequires = ["mybackend"]\nbuild-backend = "mybackend"\n',
              "PKG-INFO": "Metadata-Version: 2.1\nName: srcq\nVersion: 1.0\n"})


def word(env):
    with open(f"{env}/{SITE}/srcq.py") as file:
        return file.read().split("'")[1]


@check
def a_wheel_that_another_indexs_backend_built_is_not_taken(place):
    log = f"{place.path}/log"
    builds = lambda: os.path.getsize(log) if os.path.exists(log) else 0
    good, evil = backend("1.0", "honest")(log), backend("9.0", "evil")(log)
    liar, honest, mirror = Index([evil, SRCQ]), Index([good, SRCQ]), Index([good, SRCQ])
    first, second, third = place.venv("a"), place.venv("b"), place.venv("c")
    assert place.pkg("install", "--python", first, "-i", liar.url, "srcq").code == 0 and word(first) == "evil"
    done = place.pkg("install", "--python", second, "-i", honest.url, "srcq")
    assert done.code == 0 and word(second) == "honest" and builds() == 2, (done, builds())
    honest.requests.clear()
    done = place.pkg("install", "--python", second, "-i", honest.url, "--reinstall", "srcq")
    assert done.code == 0 and builds() == 2 and honest.requests == [], (done, honest.requests)  # found without asking
    done = place.pkg("install", "--python", third, "-i", mirror.url, "srcq")
    # the same backend by its hash: not built again
    assert done.code == 0 and word(third) == "honest" and builds() == 2, (done, builds())


@check
def refresh_looks_for_the_backend_again_and_builds_only_when_it_is_another(place):
    log = f"{place.path}/log"
    builds = lambda: os.path.getsize(log)
    index = Index([backend("1.0", "one")(log), SRCQ])
    env = place.venv()
    install = lambda *more: place.pkg("install", "--python", env, "-i", index.url, "--reinstall", *more, "srcq")
    assert install().code == 0 and word(env) == "one" and builds() == 1
    done = install("--refresh")
    assert done.code == 0 and builds() == 1, (done, builds())
    index.projects["mybackend"].append(backend("2.0", "two")(log))
    done = install()
    assert done.code == 0 and word(env) == "one" and builds() == 1, (done, builds())
    done = install("--refresh")
    assert done.code == 0 and word(env) == "two" and builds() == 2, (done, builds())


def speaking(version, says):
    return wheel("libfoo", version, {"libfoo/__init__.py": f"print({says!r})\n"})


@check
def run_with_takes_what_the_index_in_use_chooses(place):
    liar, honest = Index([speaking("6.6", "evil")]), Index([speaking("1.0", "honest")])
    env = place.venv()
    run = lambda index, *more: place.pkg("run", "--no-project", "--python", env, "--with", "libfoo", "-i", index.url,
                                         *more, "python", "-c", "import libfoo")
    for index, says in ((liar, "evil"), (honest, "honest"), (liar, "evil"), (honest, "honest")):
        done = run(index)
        assert done.code == 0 and done.out == f"{says}\n", done
    honest.requests.clear()
    done = run(honest)
    assert done.code == 0 and honest.requests == [] and "+ libfoo" not in done.err, (done, honest.requests)
    done = run(honest, "--offline")
    assert done.code == 0 and done.out == "honest\n", done


@check
def a_scripts_environment_belongs_to_the_index_it_was_made_from(place):
    liar, honest = Index([speaking("1.0", "evil")]), Index([speaking("1.0", "honest")])
    script = place.write("tool.py", '# /// script\n# dependencies = ["libfoo"]\n# ///\nimport libfoo\n')
    run = lambda index: place.pkg("run", "-i", index.url, "--script", script)
    for index, says in ((liar, "evil"), (honest, "honest"), (liar, "evil")):
        done = run(index)
        assert done.code == 0 and done.out == f"{says}\n", done
    liar.requests.clear()
    assert run(liar).code == 0 and liar.requests == []


@check
def a_page_that_came_through_a_proxy_does_not_serve_those_who_go_without(place):
    honest = Index([speaking("1.0", "honest")])
    evil = speaking("6.6", "evil")

    def through(path, headers):  # a proxy is asked for whole addresses
        if path.startswith("http://"):
            return page("libfoo", [listed(evil)]) if "/simple/" in path else proxy.respond("/" + path.split("/", 3)[3],
                headers)

    proxy = Index([evil], answer=through)
    compile = lambda **env: place.pkg("compile", "-i", honest.url, "-", stdin="libfoo\n", **env)
    address = proxy.url.removesuffix("/simple/")
    for env in ({"PKG_PROXY": address}, {"http_proxy": address, "no_proxy": "none.example"}):
        done = compile(**env)
        assert "libfoo==6.6" in done.out, done
        done = compile()
        assert done.code == 0 and "libfoo==1.0" in done.out, done
        place.pkg("cache", "clean")


@check
def a_page_that_one_login_got_does_not_serve_another(place):
    for_alice, for_all = speaking("2.0", "alice"), speaking("1.0", "all")

    def answer(path, headers):
        if path == "/simple/libfoo/":
            is_alice = headers.get("Authorization") == "Basic " + base64.b64encode(b"alice:pw-canary").decode()
            return page("libfoo", [listed(for_alice if is_alice else for_all)])

    index = Index([for_alice, for_all], answer=answer)
    compile = lambda login, *more: place.pkg("compile", "-i", index.url.replace("http://", f"http://{login}"), *more,
                                             "-", stdin="libfoo\n").out
    assert "libfoo==2.0" in compile("alice:pw-canary@")
    assert ("libfoo==2.0" not in compile("") and "libfoo==2.0" not in compile("alice:other@") and
            "libfoo==2.0" not in compile("bob:pw-canary@"))
    index.requests.clear()
    assert "libfoo==2.0" in compile("alice:pw-canary@") and index.requests == []
    assert "libfoo==2.0" in compile("alice:pw-canary@", "--offline")
    key = f"{place.path}/home/.local/state/pkg/cache-key"
    assert os.stat(key).st_mode & 0o777 == 0o600 and os.stat(key).st_size == 32
    for base, _, names in os.walk(f"{place.path}/cache"):
        for name in names:
            with open(f"{base}/{name}", "rb") as file:
                assert b"pw-canary" not in file.read(), name


@check
def a_cached_wheel_is_taken_only_under_its_own_name_and_version(place):
    honest, env = Index([LIBFOO]), place.venv()
    assert place.pkg("install", "--python", env, "-i", honest.url, "libfoo").code == 0
    for name, file_name in (("bar", "bar-1.0-py3-none-any.whl"), ("libfoo", "libfoo-2.0-py3-none-any.whl")):
        answer = lambda path, headers, name=name, file_name=file_name: page(name,
            [listed((file_name, LIBFOO[1]))]) if path.startswith("/simple/") else (
            (200, {}, f"Metadata-Version: 2.1\nName: {name}\nVersion: {file_name.split('-')[1]}\n".encode())
            if path.endswith(".metadata") else None)
        liar = Index([], answer=answer)
        done = place.pkg("install", "--python", env, "-i", liar.url, "-U", name)
        assert done.code == 1 and "which is that of `libfoo==1.0`" in done.err, done
    done = place.pkg("freeze", "--python", env)
    assert done.out == "libfoo==1.0\n", done


@check
def weak_hashes_are_compared_where_there_are_no_strong_ones(place):
    data = LIBFOO[1]
    right, wrong = hashlib.md5(data).hexdigest(), "0" * 32
    env = place.venv()
    for hashes, fits in (({"md5": right}, True), ({"md5": wrong}, False), ({"sha1": wrong + "0" * 8}, False),
                         ({"md5": wrong, "sha256": sha256(data)}, True)):
        place.pkg("cache", "clean")
        index = Index([LIBFOO], announce_metadata=False, answer=lambda path, headers: page("libfoo",
            [{**listed(LIBFOO), "hashes": hashes}]) if path == "/simple/libfoo/" else None)
        done = place.pkg("install", "--python", env, "--reinstall", "-i", index.url, "libfoo")
        assert (done.code == 0) == fits, (hashes, done)
        assert fits or "is not the announced file" in done.err, done
    index = Index([LIBFOO])
    url = index.url.replace("/simple/", f"/files/{LIBFOO[0]}")
    for fragment, fits in ((f"md5={wrong}", False), (f"md5={right}", True),
                           (f"md5={wrong}&sha256={sha256(data)}", True), (f"md5={right}&sha256={'0' * 64}", False)):
        place.pkg("cache", "clean")
        done = place.pkg("install", "--python", env, "--reinstall", "--no-index", f"{url}#{fragment}")
        assert (done.code == 0) == fits, (fragment, done)
    done = place.pkg("install", "--python", env, "--require-hashes", "--no-index", f"{url}#md5={right}")
    assert done.code != 0 and "no hash" in done.err, done  # a weak one is none


@check
def a_name_that_is_too_long_is_left_aside_and_damages_nothing(place):
    long = f"libfoo-1.{'0' * 70_000}1-py3-none-any.whl"
    index = Index([LIBFOO], answer=lambda path, headers: page("libfoo", [listed((long, b"x")), listed(LIBFOO)])
                  if path == "/simple/libfoo/" else None)
    for note in (True, False):  # told when the page is read; then the page is cached
        done = place.pkg("compile", "-i", index.url, "-", stdin="libfoo\n")
        assert done.code == 0 and "libfoo==1.0" in done.out and ("too long" in done.err) == note, done


@check
def a_quarantined_project_is_refused_unless_its_hash_is_given(place):
    status = {"project-status": {"status": "quarantined", "reason": "found to steal keys"}}
    answer = lambda path, headers: page("libfoo", [listed(LIBFOO)], **status) if path == "/simple/libfoo/" else None
    index, env = Index([LIBFOO, wheel("top", "1.0", requires=["libfoo"])], answer=answer), place.venv()
    for words in (["install", "--python", env, "libfoo"], ["install", "--python", env, "top"],
                  ["install", "--python", env, "--dry-run", "libfoo"]):
        done = place.pkg(*words, "-i", index.url)
        assert done.code == 1 and "quarantined" in done.err and "found to steal keys" in done.err and not has(env,
            "libfoo"), done
    done = place.pkg("compile", "-i", index.url, "-", stdin="libfoo\n")
    assert done.code == 1 and "quarantined" in done.err, done
    pinned = place.write("pinned.txt", f"libfoo==1.0 --hash=sha256:{sha256(LIBFOO[1])}\n")
    done = place.pkg("install", "--python", env, "-i", index.url, "-r", pinned)
    assert done.code == 0 and has(env, "libfoo"), done
    status["project-status"]["status"] = "archived"
    done = place.pkg("compile", "-i", index.url, "--refresh", "-", stdin="libfoo\n")
    assert done.code == 0 and "archived" in done.err, done


if __name__ == "__main__":
    main()
