"""Odd days of the network: answers that are none, cuts, resets, portals, proxies, missing files, old pages. What can be
had is had, everything else is one line that names what was asked, what came and who answered, and the next command
sees the healthy index."""

import hashlib, html, json, os, socket, struct, time

from support import Index, check, main, tree, wheel

JSON = "application/vnd.pypi.simple.v1+json"


def page(*files, project="app", **more):
    return json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": list(files), **more}).encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class RawIndex(Index):
    """An index some of whose answers are written to the socket by `act`, a function of handler and path that returns
    whether it did so; (bytes, how) of `send` ends the connection: "close", or "reset"."""

    def __init__(self, wheels, act, **options):
        super().__init__(wheels, **options)
        index, plain = self, self.server.RequestHandlerClass.do_GET

        def do_get(handler):
            if not act(handler, handler.path):
                return plain(handler)
            index.requests.append((handler.path, dict(handler.headers)))

        self.server.RequestHandlerClass.do_GET = do_get


def send(handler, head, body, how="close"):
    lines = "".join(f"{key}: {value}\r\n" for key, value in head.items())
    handler.wfile.write(f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + body)
    handler.wfile.flush()
    handler.close_connection = True
    if how == "reset":
        time.sleep(0.2)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
    else:
        handler.connection.shutdown(socket.SHUT_WR)


def torn_once(
    part, how, times=1, says_length=True, of=lambda path: path.endswith(".whl") or path.startswith("/simple/")
):
    """Each of these answers breaks off in the middle, as often as `times` says, and nothing has range support."""
    left = {}

    def act(handler, path):
        if not of(path):
            return False
        status, head, body = part["index"].respond(path, {k: v for k, v in handler.headers.items() if k != "Range"})
        left.setdefault(path, times)
        if left[path] == 0:
            send(handler, {**head, "Content-Length": len(body)}, body)
            return True
        left[path] -= 1
        length = {"Content-Length": len(body)} if says_length else {"Connection": "close"}
        send(handler, {**head, **length}, body[: len(body) // 2], how)
        return True

    return act


def fresh_venv(place):
    return place.venv(f"env{len(os.listdir(place.path))}")


def installs(place, index, *words, wants=0, env=None, cache="--no-cache", **variables):
    env = env or fresh_venv(place)
    done = place.pkg("install", "--python", env, *([cache] if cache else []), "-i", index.url, *words, **variables)
    assert done.code == wants, done
    return done


BIG = {f"app/data{i}.bin": os.urandom(40_000) for i in range(8)}


@check
def what_is_cut_or_reset_once_is_taken_from_the_start(place):
    for json_api in (True, False):
        for how in ("close", "reset"):
            part = {}
            part["index"] = RawIndex(
                [wheel("app", "1.0", files=BIG)], torn_once(part, how), json_api=json_api, announce_metadata=json_api
            )
            installs(place, part["index"], "app")
            wheels = [path for path, _ in part["index"].requests if path.endswith(".whl")]
            assert len(wheels) >= 2, part["index"].requests


@check
def a_wheel_of_unknown_length_that_is_cut_once_is_taken_again(place):
    part = {}
    part["index"] = RawIndex(
        [wheel("app", "1.0", files=BIG)],
        torn_once(part, "close", says_length=False, of=lambda path: path.endswith(".whl")),
        json_api=False,
    )
    installs(place, part["index"], "app")


@check
def the_number_of_tries_is_the_number_made(place):
    part = {}
    part["index"] = RawIndex(
        [wheel("app", "1.0", files=BIG)], torn_once(part, "reset", times=99, of=lambda path: path.endswith(".whl"))
    )
    done = installs(place, part["index"], "--retries", "1", "app", wants=1)
    made = sum(path.endswith(".whl") for path, _ in part["index"].requests)
    assert f"(tried {made} times)" in done.err, (made, done)
    busy = Index([wheel("app", "1.0")], answer=lambda path, headers: (503, {"Retry-After": "0"}, b""))
    done = installs(place, busy, "--retries", "2", "app", wants=1)
    assert len(busy.requests) == 3 and "(tried 3 times)" in done.err, done
    refused = Index([wheel("app", "1.0")], answer=lambda path, headers: (503, {}, b""))
    done = installs(place, refused, "--retries", "0", "app", wants=1)
    assert len(refused.requests) == 1 and "tried" not in done.err, done


@check
def entities_in_references_and_odd_links_beside_good_ones(place):
    name, data = wheel("app", "1.0")
    odd = [
        "http://[bad/app-9.0-py3-none-any.whl",
        "mailto:me@example.org/app-9.1-py3-none-any.whl",
        "javascript:void(0)",
        "ftp://example.org/app-9.2-py3-none-any.whl",
        "?C=N;O=D",
        "//",
        "",
        "../",
        "app-9.3-py3-none-any.whl.asc",
        "http://127.0.0.1:99999999/app-9.4-py3-none-any.whl",
        "\x00",
        "data:,app-9.5-py3-none-any.whl",
    ]
    good = (
        f"/files/{name}".replace("-", "&#x2D;")
        .replace(".", "&period;")
        .replace("/", "&sol;")
        .replace("_", "&lowbar;")
    )
    links = "".join(f'<a href="{html.escape(link)}">x</a>\n' for link in odd)
    body = f'<html><title>Links for app</title>{links}<a href="{good}#sha256={sha256(data)}&amp;x=1">x</a></html>'
    index = Index(
        [(name, data)],
        answer=lambda path, headers: (
            (200, {"Content-Type": "text/html"}, body.encode()) if path.startswith("/simple/") else None
        ),
    )
    env = place.venv()
    done = installs(place, index, "app", env=env)
    assert "app" in place.pkg("list", "--python", env).out and "9." not in done.out, done


@check
def after_a_captive_portal_the_next_command_sees_the_healthy_index(place):
    healthy = [False]
    portal = b"<!DOCTYPE html><head><title>Airport Wi-Fi</title></head><body><a href=/login>Log in</a></body>"
    for status, answer in ((200, portal), (404, b"no"), (410, b"no"), (302, b"")):
        healthy[0] = False
        index = Index(
            [wheel("app", "1.0")],
            answer=lambda path, headers: (
                None
                if healthy[0]
                else (
                    status,
                    {
                        "Content-Type": "text/html",
                        **({"Location": "/portal"} if status == 302 and path != "/portal" else {}),
                    },
                    answer or portal,
                )
            ),
        )
        env = place.venv(f"env{status}")
        before = tree(env)
        done = installs(place, index, "--retries", "0", "app", env=env, cache=None, wants=1)
        if status == 200:
            url = index.url + "app/"
            assert url in done.err and "text/html" in done.err and "Airport Wi-Fi" in done.err, done
        assert tree(env) == before
        healthy[0] = True
        installs(place, index, "app", env=env, cache=None)


@check
def a_page_that_is_no_list_of_files_is_never_an_empty_one(place):
    cases = [
        (b"<html><body>Please <a href='/login'>log in</a></body></html>", "text/html"),
        (b"hello", "text/plain"),
        (b'{"error": "maintenance"}', "application/json"),
        (b"", "text/html"),
        (b"\0\1", "application/octet-stream"),
        (b"<html></html>", JSON),
        (page(project="other"), JSON),
        (b'{"meta": {"api-version": "2.0"}}', JSON),
        (b"%PDF-1.4", "application/pdf"),
    ]
    for body, kind in cases:
        index = Index([], answer=lambda path, headers: (200, {"Content-Type": kind}, body))
        done = installs(place, index, "app", wants=1)
        assert index.url + "app/" in done.err and kind in done.err and "not in the index" not in done.err, (
            body,
            done,
        )
    for body, kind in [(page(), JSON), (b"<html><head><title>Links for app</title></head></html>", "text/html")]:
        index = Index([], answer=lambda path, headers: (200, {"Content-Type": kind}, body))
        done = installs(place, index, "app", wants=1)
        assert "no version" in done.err or "no release" in done.err, done


@check
def a_listed_file_that_is_missing_is_no_missing_release(place):
    old, new = wheel("app", "1.0"), wheel("app", "2.0")
    for announces in (True, False):
        missing = lambda path, headers: (404, {}, b"") if "app-2.0" in path else None
        index = Index([old, new], answer=missing, announce_metadata=announces)
        env = place.venv(f"env{announces}")
        own = ["--cache-dir", f"{place.path}/cache{announces}"]
        done = installs(place, index, *own, "app", env=env, wants=1, cache=None)
        assert new[0] in done.err and "404" in done.err and "lists" in done.err, done
        done = installs(place, index, *own, "app!=2.0", env=env, cache=None)
        index.answer = None
        done = installs(place, index, *own, "-U", "app", env=env, cache=None)
        assert "2.0" in done.out + done.err, done
    index = Index([old, new], answer=lambda path, headers: (404, {}, b"") if path == f"/files/{new[0]}" else None)
    done = installs(place, index, "app", wants=1)
    assert new[0] in done.err and "404" in done.err, done


@check
def a_server_cannot_name_files_of_this_machine(place):
    name, data = wheel("app", "1.0")
    local = place.write(name, data)
    for body, kind in [
        (f'<a href="file://{local}">x</a>'.encode(), "text/html"),
        (page({"filename": name, "url": f"file://{local}", "hashes": {"sha256": sha256(data)}}), JSON),
    ]:
        index = Index([], answer=lambda path, headers: (200, {"Content-Type": kind}, body))
        done = installs(place, index, "app", wants=1)
        assert "a file of this machine" in done.err and index.url + "app/" in done.err, done
        done = place.pkg("install", "--python", fresh_venv(place), "--no-index", "--no-cache", "-f", index.url, "app")
        assert done.code == 1 and "a file of this machine" in done.err, done


@check
def a_hash_in_the_fragment_binds_in_json_too(place):
    name, data = wheel("app", "1.0")
    for digest, code in ((sha256(b"another"), 1), (sha256(data), 0)):
        body = page({"filename": name, "url": f"/files/{name}#sha256={digest}", "hashes": {}})
        index = Index(
            [(name, data)],
            answer=lambda path, headers: (200, {"Content-Type": JSON}, body) if path.startswith("/simple/") else None,
        )
        done = installs(place, index, "app", wants=code)
        assert code == 0 or (digest in done.err and sha256(data) in done.err and name in done.err), done


@check
def metadata_that_contradicts_the_wheel_is_found_when_the_wheel_comes(place):
    name, data = wheel("app", "1.0", requires=["dep>=2"])
    said = b"Metadata-Version: 2.1\nName: app\nVersion: 1.0\n"
    body = page(
        {
            "filename": name,
            "url": f"/files/{name}",
            "hashes": {"sha256": sha256(data)},
            "core-metadata": {"sha256": sha256(said)},
        }
    )
    index = Index(
        [(name, data)],
        answer=lambda path, headers: (
            (200, {"Content-Type": JSON}, body)
            if path == "/simple/app/"
            else (200, {}, said) if path.endswith(".metadata") else None
        ),
    )
    env = place.venv()
    before = tree(env)
    done = installs(place, index, "app", env=env, wants=1, cache=None)
    assert name in done.err and "dep>=2" in done.err and tree(env) == before, done


@check
def credentials_in_a_redirect_count_for_that_hop(place):
    want = {"user": "Basic YW5uOnB3MQ==", "empty": "Basic OnB3MQ=="}
    for kind, who in (("user", "ann:pw1@"), ("empty", ":pw1@")):
        closed = Index([wheel("app", "1.0")])
        closed.answer = lambda path, headers: (
            None
            if headers.get("Authorization") == want[kind]
            else (401, {"WWW-Authenticate": 'Basic realm="x"'}, b"")
        )
        front = Index(
            [],
            answer=lambda path, headers: (
                302,
                {"Location": closed.url.replace("http://", "http://" + who).removesuffix("/simple/") + path},
                b"",
            ),
        )
        name, data = wheel("app", "1.0")
        body = page(
            {
                "filename": name,
                "url": front.url.removesuffix("/simple/") + f"/files/{name}",
                "hashes": {"sha256": sha256(data)},
            }
        )
        answer = closed.answer
        closed.answer = lambda path, headers: answer(path, headers) or (
            (200, {"Content-Type": JSON}, body) if path.startswith("/simple/") else None
        )
        done = installs(place, front, "app")
        assert all("Authorization" not in headers for _, headers in front.requests)
        assert "pw1" not in done.out + done.err, done


@check
def a_refusing_proxy_is_named_as_the_proxy(place):
    index = Index([wheel("app", "1.0")])
    proxy = Index([], answer=lambda path, headers: (403, {}, b"no"))
    address = proxy.url.removesuffix("/simple/")
    done = installs(place, index, "--retries", "0", "app", wants=1, http_proxy=address, no_proxy="")
    assert f"the proxy `{address}`" in done.err and "403" in done.err, done
    proxy.answer = lambda path, headers: (407, {"Proxy-Authenticate": "Basic"}, b"no")
    done = installs(place, index, "--retries", "0", "app", wants=1, http_proxy=address, no_proxy="")
    assert f"the proxy `{address}` answered with status 407" in done.err and "USER:PASSWORD" in done.err, done
    proxy.server.shutdown(), proxy.server.server_close()
    for option in (("--proxy", address), ()):
        done = installs(place, index, "--retries", "0", *option, "app", wants=1, http_proxy=address, no_proxy="")
        assert f"the proxy `{address}` cannot be reached" in done.err, done
    assert index.requests == []


@check
def http_proxy_in_capitals_counts_as_for_pip(place):
    index = Index([wheel("app", "1.0")])
    seen = []

    def forward(path, headers):
        seen.append(path)
        return index.respond("/" + path.split("/", 3)[3], headers) if path.startswith("http://") else (404, {}, b"")

    address = Index([], answer=forward).url.removesuffix("/simple/")
    target = "http://no.such.host.invalid/simple/"
    run = lambda **variables: place.pkg(
        "install",
        "--no-cache",
        "--retries",
        "0",
        "--python",
        fresh_venv(place),
        "-i",
        target,
        "app",
        **{"no_proxy": "", **variables},
    )
    done = run(HTTP_PROXY=address)
    assert done.code == 0 and seen[0] == target + "app/", (seen, done)
    seen.clear()
    assert (
        run(HTTP_PROXY=address, REQUEST_METHOD="GET").code == 1 and run(HTTP_PROXY=address, http_proxy="").code == 1
    )
    assert run(HTTP_PROXY=address, no_proxy="no.such.host.invalid").code == 1 and seen == []


@check
def markers_of_twenty_thousand_parentheses_are_a_short_error(place):
    deep = "(" * 20_000 + "python_version > '3'" + ")" * 20_000
    place.write("r.txt", f"app ; {deep}\n")
    index = Index([wheel("app", "1.0"), wheel("lib", "1.0", requires=[f"app ; {deep}"])])
    for words in (["-r", "r.txt"], [f"app ; {deep}"], ["lib"]):
        done = installs(place, index, *words, wants=1)
        assert len(done.err) < 3_000, (len(done.err), done.err[:500])
    place.write(
        "pyproject.toml",
        f'[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["app ; {deep}"]\n',
    )
    done = place.pkg("lock", "-i", index.url)
    assert done.code == 1 and len(done.err) < 3_000, (len(done.err), done.err[:500])


BACKEND = """
import sys, os
def build_wheel(d, c=None, m=None):
    {act}
    raise RuntimeError("no")
def get_requires_for_build_wheel(c=None): return []
"""


@check
def a_flooding_and_an_escaping_backend_are_told_in_bounded_printable_text(place):
    acts = [
        "[os.write(1 + i % 2, b'flood ' * 20000) for i in range(2000)]",
        "os.write(2, b'\\x1b]0;title\\x07\\x1b[2J\\x1b[31mred\\r\\n' * 50)",
    ]
    for number, act in enumerate(acts):
        folder = f"lib{number}"
        place.write(
            f"{folder}/pyproject.toml",
            '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
            f'[project]\nname = "{folder}"\nversion = "1"\n',
        )
        place.write(f"{folder}/backend.py", BACKEND.format(act=act))
        done = place.pkg(
            "install", "--no-cache", "--no-index", "--python", place.venv(folder + "env"), f"./{folder}", timeout=120
        )
        assert done.code == 1 and len(done.out + done.err) < 64_000, (len(done.err), done.err[:300])
        assert not any(ord(c) < 0x20 and c not in "\n\t" for c in done.out + done.err), done.err[:500]


@check
def a_release_of_a_moment_ago_is_seen_by_who_asks_for_something_new(place):
    for head in ({}, {"Cache-Control": "max-age=600"}):
        index = Index([wheel("app", "1.0"), wheel("user", "1.0", requires=["app"])])
        index.answer = lambda path, headers: (
            (lambda s, h, b: (s, {**h, **head}, b))(
                *index.page(path.split("/")[2], index.projects[path.split("/")[2]], headers)
            )
            if path.startswith("/simple/") and path.split("/")[2] in index.projects
            else None
        )
        place.write(
            "pyproject.toml",
            '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["app"]\n',
        )
        if os.path.exists(f"{place.work}/pylock.toml"):  # of another index
            os.remove(f"{place.work}/pylock.toml")
        cache = f"{place.path}/cache{len(head)}"
        env = place.venv(f"env{len(head)}")
        run = lambda *words: place.pkg(*words, "-i", index.url, "--cache-dir", cache)
        asked = lambda: [path for path, _ in index.requests if path.startswith("/simple/")]
        place.write("app.in", "app\n")
        for words in (["install", "--python", env, "app"], ["lock"], ["compile", "app.in", "-o", "app.txt"]):
            first = run(*words)
            assert first.code == 0, first
        index.requests.clear()
        for words in (
            ["install", "--python", env, "app"],
            ["install", "--python", env, "user"],
            ["lock"],
            ["compile", "app.in"],
        ):
            assert run(*words).code == 0
        assert asked() == ["/simple/user/"], index.requests  # warm runs that ask for nothing new send nothing
        version = 1

        def newer():
            nonlocal version
            version += 1
            index.projects["app"].append(wheel("app", f"{version}.0"))
            return f"{version}.0"

        for words in (
            ["install", "--dry-run", "--python", env, "app=={}"],
            ["install", "--dry-run", "--python", env, "app>={}"],
            ["install", "--dry-run", "--python", env, "-U", "app"],
            ["install", "--dry-run", "--python", env, "-P", "app", "app"],
            ["index", "versions", "app"],
            ["list", "--outdated", "--python", env],
            ["outdated"],
            ["lock", "--dry-run", "-P", "app"],
            ["lock", "--dry-run", "-U"],
            ["compile", "app.in", "-o", "app.txt", "-U"],
            ["compile", "app.in", "-P", "app=={}"],
            ["upgrade", "--dry-run", "app"],
            ["add", "--no-sync", "app>={}"],
        ):
            new = newer()
            done = run(*(word.format(new) for word in words))
            written = open(f"{place.work}/app.txt").read() if "-o" in words else ""
            assert done.code == 0 and new in done.out + done.err + written, (words, new, done)
        index.requests.clear()
        assert run("lock").code == 0 and asked() == [], index.requests


@check
def indexes_have_settings_of_their_own(place):
    private, public = Index([wheel("app", "1.0")]), Index([wheel("app", "2.0"), wheel("other", "1.0")])
    private.answer = lambda path, headers: (403, {}, b"no") if path == "/simple/other/" else None
    config = "[[index]]\nname = 'corp'\nurl = '{}'\n{}\n"
    env = place.venv()

    def run(more, *words):
        place.write("../home/.config/pkg/pkg.toml", config.format(private.url, more))
        return place.pkg("install", "--dry-run", "--no-cache", "--python", env, "-i", public.url, *words)

    assert run("", "other").code == 1
    done = run("ignore-error-codes = [403]", "app", "other")
    assert done.code == 0 and "1.0" in done.out + done.err and "2.0" not in done.out + done.err, done
    done = run("authenticate = 'always'", "app")
    assert done.code == 1 and "`corp` is asked with credentials only" in done.err, done
    for wrong, says in (
        ("explict = true", "pkg.toml:4: `explict` is no setting of an index"),
        ("explicit = 'true'", "pkg.toml:4: `explicit` of an index is a string"),
        (config.format(public.url, ""), "pkg.toml:4: the index `corp` is there twice, first in line 1"),
    ):
        done = run(wrong, "app")
        assert done.code != 0 and says in done.err, done
    place.wheels(wheel("flat", "3.0"))
    place.write(
        "../home/.config/pkg/pkg.toml", f"[[index]]\nname = 'here'\nurl = '{place.work}/wheels'\nformat = 'flat'\n"
    )
    done = place.pkg("install", "--dry-run", "--no-cache", "--python", env, "-i", public.url, "flat", "other")
    assert done.code == 0 and "flat" in done.out + done.err, done


@check
def a_cut_off_by_the_day_leaves_what_nobody_uploaded_alone(place):
    name, data = wheel("app", "1.0")
    item = lambda when: {
        "filename": name,
        "url": f"/files/{name}",
        "hashes": {"sha256": sha256(data)},
        "upload-time": when,
    }
    index = Index(
        [(name, data)],
        answer=lambda path, headers: (
            (200, {"Content-Type": JSON}, page(item("2024-05-01T00:00:00Z"))) if path.startswith("/simple/") else None
        ),
    )
    place.write(
        "lib/pyproject.toml",
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "lib"\nversion = "0.1"\n',
    )
    place.write(
        "lib/backend.py",
        "def build_editable(d, c=None, m=None):\n    raise RuntimeError\nbuild_wheel = build_editable\n",
    )
    place.write(
        "pyproject.toml",
        '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["lib", "app"]\n'
        '[tool.pkg]\nexclude-newer = "2026-01-01T00:00:00Z"\n[tool.pkg.sources]\nlib = { path = "lib" }\n',
    )
    done = place.pkg("lock", "-i", index.url)
    assert done.code == 0, done
    place.wheels(wheel("local", "1.0"))
    done = place.pkg(
        "install",
        "--dry-run",
        "--python",
        place.venv(),
        "-i",
        index.url,
        "--exclude-newer",
        "2026-01-01",
        "-f",
        f"{place.work}/wheels",
        "local",
        f"./wheels/local-1.0-py3-none-any.whl",
        "app",
    )
    assert done.code == 0, done
    done = place.pkg(
        "install", "--dry-run", "--python", place.venv("e2"), "-i", index.url, "--exclude-newer", "2024-01-01", "app"
    )
    assert done.code == 1 and "cut-off" in done.err, done


@check
def a_refused_hash_says_file_expected_and_found(place):
    name, data = wheel("app", "1.0")
    expected = "0" * 64
    place.write("h.txt", f"app==1.0 --hash=sha256:{expected}\n")
    for json_api in (True, False):
        done = installs(place, Index([(name, data)], json_api=json_api), "-r", "h.txt", wants=1)
        assert name in done.err and expected in done.err and sha256(data) in done.err, done
    hashless = f'<html><title>Links for app</title><a href="/files/{name}">x</a></html>'.encode()
    index = Index(
        [(name, data)],
        answer=lambda path, headers: (
            (200, {"Content-Type": "text/html"}, hashless) if path.startswith("/simple/") else None
        ),
    )
    done = installs(place, index, "-r", "h.txt", wants=1)
    assert name in done.err and expected in done.err and sha256(data) in done.err, done


@check
def a_wheel_that_is_missing_says_nothing_of_its_release(place):
    tags = ["py3-none-macosx_11_0_arm64", "py3-none-manylinux2014_x86_64", "py3-none-win_amd64"]
    index = Index([wheel("app", "1.0")] + [wheel("app", "2.0", tag=tag) for tag in tags])
    gone = ["macosx"]
    index.answer = lambda path, headers: (
        (404, {}, b"") if any(g in path for g in gone) and "/files/" in path else None
    )
    place.write(
        "pyproject.toml", '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["app"]\n'
    )
    lock = lambda *words: place.pkg("lock", *words, PKG_INDEX_URL=index.url)
    with_one_less = lock()
    assert with_one_less.code == 0, with_one_less
    with open(f"{place.work}/pylock.toml") as file:
        assert 'version = "2.0"' in file.read()
    # The next command does not ask for it again.
    os.remove(f"{place.work}/pylock.toml")
    index.requests.clear()
    again = lock()
    assert again.code == 0 and index.requests == [], (again, index.requests)
    # Where none is left, no older release is taken in silence.
    os.remove(f"{place.work}/pylock.toml")
    gone[:] = ["app-2.0"]
    none = place.pkg("lock", "--cache-dir", f"{place.path}/other", PKG_INDEX_URL=index.url)
    assert none.code == 1 and "/files/app-2.0" in none.err and "status 404" in none.err, none
    assert not os.path.exists(f"{place.work}/pylock.toml")


@check
def what_is_waited_for_is_shown_while_resolving(place):
    def slow(path, _):
        if path == "/simple/app/":
            time.sleep(7)

    index = Index([wheel("app", "1.0")], answer=slow)
    env = place.venv()
    words = ("install", "--dry-run", "--python", env, "-i", index.url, "app")
    done = place.pkg(*words)
    assert done.code == 0 and "Resolving: 0 projects seen, waiting for `app`" in done.err, done
    assert done.err.count("Resolving") == 1, done
    quick = place.pkg(*words)
    assert quick.code == 0 and "Resolving" not in quick.err, quick


if __name__ == "__main__":
    main()
