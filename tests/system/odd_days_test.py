"""Odd days of the network: answers that are none, cuts, resets, portals, proxies, missing files, old pages. What can be
had is had, everything else is one line that names what was asked, what came and who answered, and the next command
sees the healthy index."""

import html, os, time

from odd_index import BIG, JSON, RawIndex, fresh_venv, installs, page, sha256, torn_once
from support import Index, check, main, tree, wheel


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
        assert "`app` has no file that could be installed" in done.err, done


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
