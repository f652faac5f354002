"""The remote cache (docs/guides/fleet.md): machines that share one fetch from it instead of from the index,
believe only what
proves itself or is signed, and are neither stopped nor much delayed by one that is wrong, slow or dead."""
import json, os, re, stat, subprocess, tempfile, time

from remote_stores import HttpCache, NginxDav, S3Proxy, Silent, StrictS3, sha256
from sources import project, sdist
from support import PKG, PYTHON, Index, Run, check, main, wheel

FRESH = {"Cache-Control": "max-age=3600"}


def app_index(**more):
    """An index with three wheels, whose pages are fresh for an hour."""
    wheels = [wheel("app", "1.0", requires=["lib"]), wheel("lib", "2.0", requires=["deep"]), wheel("deep", "3.0")]
    index = Index(wheels, **more)
    plain = index.respond

    def respond(path, headers):
        status, sent, body = plain(path, headers)
        return status, {**FRESH, **sent}, body

    index.respond = respond
    return index


class Fleet:
    """Machines that share an index and a remote cache: each has a cache folder and an environment of its own."""

    def __init__(self, place, index, **env):
        self.place, self.index, self.env = place, index, {"PIP_INDEX_URL": index.url, **env}

    def machine(self):
        return tempfile.mkdtemp(prefix="machine-", dir=self.place.path)

    def pkg(self, *words, machine=None, **env):
        machine = machine or self.machine()
        return self.place.pkg(*words, XDG_CACHE_HOME=f"{machine}/cache", **{**self.env, **env})

    def install(self, *words, machine=None, **env):
        """A run of a machine, the seconds it took, and what was asked of the index meanwhile."""
        machine = machine or self.machine()
        folder = f"{machine}/env"
        if not os.path.exists(folder):
            made = self.place.pkg("venv", "--python", PYTHON, folder, XDG_CACHE_HOME=f"{self.place.path}/own")
            assert made.code == 0, made
        self.index.requests.clear()
        begin = time.monotonic()
        done = self.pkg("install", "-p", folder, *words, machine=machine, **env)
        done.seconds, done.env = time.monotonic() - begin, folder
        done.asked = [path for path, _ in self.index.requests]
        return done

    def modules(self, done):
        listed = self.place.pkg("list", "-p", done.env, "--format", "json", XDG_CACHE_HOME=f"{self.place.path}/own")
        return {one["name"]: one["version"] for one in json.loads(listed.out)}


def new_key(place, name="key"):
    made = place.pkg("cache", "key", f"{place.path}/{name}")
    assert made.code == 0, made
    return {"PKG_REMOTE_CACHE_KEY": f"{place.path}/{name}"}, made.out.strip()


def files_of(asked):
    return [path for path in asked if path.startswith("/files/") and not path.endswith(".metadata")]


def fill_and_take(place, fleet, counts_files):
    """One machine fills the remote cache, the second needs nothing of the index."""
    first = fleet.install("app")
    assert first.code == 0 and len(files_of(first.asked)) == 3, (first, first.asked)
    assert "remote cache" not in first.err, first
    assert counts_files() >= 3 + 3 + 3, counts_files()  # contents, announced metadata, pages
    second = fleet.install("app")
    assert second.code == 0 and second.asked == [], (second, second.asked)
    assert fleet.modules(second) == {"app": "1.0", "deep": "3.0", "lib": "2.0"}
    # Without a key that is trusted: contents prove themselves, pages are the index's.
    third = fleet.install("app", PKG_REMOTE_CACHE_KEY="", PKG_REMOTE_CACHE_TRUST="")
    assert third.code == 0 and third.asked and not files_of(third.asked), (third, third.asked)
    assert not any(path.endswith(".metadata") for path in third.asked), third.asked


@check
def a_second_machine_takes_everything_from_nginx(place):
    key, _ = new_key(place)
    with NginxDav(place) as store:
        fleet = Fleet(place, app_index(), PKG_REMOTE_CACHE=store.url, **key)
        fill_and_take(place, fleet, lambda: len(store.files()))
        for path in store.files():
            if "/cas/" in path:
                assert sha256(open(path, "rb").read()) == os.path.basename(path), path


@check
def a_second_machine_takes_everything_from_a_strict_s3_store(place):
    key, _ = new_key(place)
    for token in (None, "a/session+token"):
        store = StrictS3(token=token)
        fleet = Fleet(place, app_index(), **store.environment(), **key)
        fill_and_take(place, fleet, lambda: len(store.objects))
        assert all(path.startswith("/bucket/some%20prefix/") for path in store.objects)
        assert not store.damaged()


@check
def a_second_machine_takes_everything_from_s3proxy(place):
    key, _ = new_key(place)
    with S3Proxy(place) as store:
        fleet = Fleet(place, app_index(), **store.environment(), **key)
        fill_and_take(place, fleet, lambda: 9)
        wrong = fleet.install("app", AWS_SECRET_ACCESS_KEY="wrong")
        assert wrong.code == 0 and wrong.err.count("is not used for the rest of this command") == 1, wrong


@check
def a_web_identity_becomes_credentials(place):
    store = StrictS3()
    store.roles["the-token"] = ("ASIAROLE", "role secret", "role token")
    env = {name: value for name, value in store.environment().items() if not name.startswith("AWS_ACCESS")}
    del env["AWS_SECRET_ACCESS_KEY"]
    env.update(AWS_ROLE_ARN="arn:aws:iam::1:role/ci", AWS_WEB_IDENTITY_TOKEN_FILE=place.write("token", "the-token\n"),
               AWS_ENDPOINT_URL_STS=store.origin)
    fleet = Fleet(place, app_index(), **env)
    assert fleet.install("app").code == 0 and store.objects
    second = fleet.install("app")
    assert second.code == 0 and not files_of(second.asked), second
    assert store.count("POST") == 2  # once for each command
    refused = fleet.install("app", AWS_WEB_IDENTITY_TOKEN_FILE=place.write("other", "expired"))
    assert refused.code == 0 and "InvalidIdentityToken" in refused.err and "expired" not in refused.err, refused


@check
def wrong_credentials_are_one_line_and_no_failure(place):
    store = StrictS3()
    for change in ({"AWS_SECRET_ACCESS_KEY": "wr0ng-s3cret"}, {"AWS_ACCESS_KEY_ID": "AKIAOTHER"},
                   {"AWS_REGION": "us-west-9"}, {"AWS_SESSION_TOKEN": "t0ken"}):
        fleet = Fleet(place, app_index(), **{**store.environment(), **change})
        done = fleet.install("app")
        assert done.code == 0 and done.err.count("is not used for the rest of this command") == 1, done
        assert "wr0ng" not in done.err and "t0ken" not in done.err, done
    assert not store.objects


def fault_modes(index, elsewhere):
    """What a server can do instead of answering: by name, a function of the request."""
    def raw(text, then_wait=0.0):
        def send(request):
            request.wfile.write(text)
            request.wfile.flush()
            time.sleep(then_wait)
            request.close_connection = True
            request.connection.close()
        return send

    def status(code, body=b"", headers=()):
        return lambda request: request.reply(code, body, headers)

    def drip(request):
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(200):
            request.wfile.write(b"x" * 100)
            request.wfile.flush()
            time.sleep(0.1)

    def huge(request):
        request.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(10_000):
            request.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")

    ok = b"HTTP/1.1 200 OK\r\n"
    return {
        "500": status(500), "502": status(502, b"<html>"), "503": status(503, headers=[("Retry-After", "3600")]),
        "507": status(507), "429": status(429, headers=[("Retry-After", "120")]), "400": status(400),
        "401": status(401, headers=[("WWW-Authenticate", "Basic")]),
        "403": status(403, b"<Error><Code>No</Code></Error>"),
        "404 for what is there": status(404), "204": status(204), "206": status(206, b"part"), "304": status(304),
        "wrong bytes": status(200, b"x" * 700), "empty": status(200), "html": status(200, b"<html>login</html>"),
        "redirect elsewhere": status(302, headers=[("Location", f"{elsewhere.origin}/x")]),
        "redirect to itself": lambda request: request.reply(307, b"", [("Location", request.path)]),
        "gzip said": status(200, b"x" * 50, [("Content-Encoding", "gzip")]),
        "too short": raw(ok + b"Content-Length: 5000\r\n\r\nabc"), "cut head": raw(ok + b"Content-"),
        "no answer, closed": raw(b""), "garbage": raw(b"\x00\xff\x16garbage\r\n\r\n"),
        "two lengths": raw(ok + b"Content-Length: 3\r\nContent-Length: 30\r\n\r\nabc"),
        "length beyond numbers": raw(ok + b"Content-Length: 99999999999999999999999\r\n\r\nabc"),
        "negative length": raw(ok + b"Content-Length: -4\r\n\r\nabc"),
        "half a chunk": raw(ok + b"Transfer-Encoding: chunked\r\n\r\nff\r\nhello"),
        "endless head": raw(ok + b"X-A: b\r\n" * 60_000),
        "huge length": raw(ok + b"Content-Length: 9999999999\r\n\r\nabc"),
        "huge body": huge, "hangs before the head": raw(b"", 8), "hangs in the head": raw(ok, 8),
        "hangs in the body": raw(ok + b"Content-Length: 5000\r\n\r\nabc", 8), "drips": drip,
    }


SLOW = ("hangs before the head", "hangs in the head", "hangs in the body", "drips")


@check
def nothing_that_a_store_answers_stops_or_delays_a_command_for_long(place):
    key, _ = new_key(place)
    index, elsewhere = app_index(), HttpCache()
    modes = fault_modes(index, elsewhere)
    parts = ("/cas/", "/ac/") if os.environ.get("PKG_FAULTS_ALL") else ("/",)
    ran = 0
    for method in ("GET", "PUT"):
        for part in parts:
            for name, act in modes.items():
                store = HttpCache()
                fleet = Fleet(place, index, PKG_REMOTE_CACHE=store.url, **key)
                if method == "GET":
                    assert fleet.install("app").code == 0

                def fault(request, body):
                    if request.command != method or part not in request.path:
                        return False
                    act(request)
                    return True

                store.fault = fault
                done = fleet.install("app")
                limit = 9 if name in SLOW else 6
                assert done.code == 0 and done.seconds < limit, (name, method, part, done.seconds, done)
                assert fleet.modules(done) == {"app": "1.0", "deep": "3.0", "lib": "2.0"}, (name, done)
                lines = [line for line in done.err.splitlines() if "remote cache" in line]
                assert len(lines) <= 2, (name, method, done)
                assert not store.damaged(), (name, method)
                ran += 1
    assert not elsewhere.asked, elsewhere.asked
    print(f"        {ran} faults")


@check
def a_dead_or_silent_store_costs_seconds_and_one_line(place):
    index = app_index()
    silent = Silent()
    for url in (silent.url, "http://127.0.0.1:9/cache", "http://[100::1]:9/cache"):
        fleet = Fleet(place, index, PKG_REMOTE_CACHE=url)
        done = fleet.install("app")
        assert done.code == 0 and done.seconds < 9, (url, done.seconds, done)
        assert done.err.count("is not used for the rest of this command") == 1, (url, done)
    # Patience is a setting.
    quick = Fleet(place, index, PKG_REMOTE_CACHE=silent.url, PKG_REMOTE_CACHE_PATIENCE="0.5").install("app")
    assert quick.code == 0 and quick.seconds < 6, (quick.seconds, quick)


@check
def credentials_of_the_address_stay_with_it(place):
    elsewhere = HttpCache()
    store = HttpCache()
    store.fault = lambda request, body: request.reply(307, b"", [("Location", f"{elsewhere.origin}/x")]) or True
    url = store.url.replace("://", "://alice:c4n4ry@")
    done = Fleet(place, app_index(), PKG_REMOTE_CACHE=url).install("app", "-vv")
    assert done.code == 0 and not elsewhere.asked and "c4n4ry" not in done.err + done.out, done
    assert all(headers.get("Authorization", "").startswith("Basic ") for _, _, headers, _ in store.asked)
    assert "c4n4ry" not in place.pkg("config", "list", PKG_REMOTE_CACHE=url).out


@check
def forged_contents_are_ignored_and_replaced(place):
    store, index = HttpCache(), app_index()
    fleet = Fleet(place, index, PKG_REMOTE_CACHE=store.url)
    assert fleet.install("app").code == 0
    good = dict(store.objects)
    for path in store.objects:
        store.objects[path] = b"forged" * 30
    done = fleet.install("app")
    assert done.code == 0 and fleet.modules(done)["deep"] == "3.0", done
    assert len([line for line in done.err.splitlines() if "other bytes" in line]) <= 1, done
    assert done.err.count("remote cache") <= 2, done
    # What was found to be wrong is right again; the rest when somebody finds it.
    for _ in range(4):
        if store.objects == good:
            break
        assert fleet.install("app").code == 0
    assert store.objects == good


@check
def entries_are_believed_from_trusted_keys_only(place):
    store, index = HttpCache(), app_index()
    theirs, _ = new_key(place, "theirs")
    ours, public = new_key(place, "ours")
    fleet = Fleet(place, index, PKG_REMOTE_CACHE=store.url)
    assert fleet.install("app", **theirs).code == 0
    entries = {path for path in store.objects if "/ac/" in path}
    assert len(entries) == 3
    done = fleet.install("app", **ours, PKG_REMOTE_CACHE_MODE="read-only")
    assert done.code == 0 and "/simple/app/" in done.asked, done
    assert done.err.count("signed by a key that is not trusted") == 1, done
    # Who only reads has the public half, on the command line of a job or in a file.
    assert fleet.install("app", **ours).code == 0
    for trust in (public, place.write("trusted", f"# the fleet\n{public}\n")):
        done = fleet.install("app", PKG_REMOTE_CACHE_TRUST=trust, PKG_REMOTE_CACHE_MODE="read-only")
        assert done.code == 0 and done.asked == [], (done, done.asked)
    # One entry in another's place is about something else.
    paths = sorted(path for path in store.objects if "/ac/" in path)
    contents = [store.objects[path] for path in paths]
    for path, data in zip(paths, contents[1:] + contents[:1]):
        store.objects[path] = data
    done = fleet.install("app", PKG_REMOTE_CACHE_TRUST=public, PKG_REMOTE_CACHE_MODE="read-only")
    assert done.code == 0 and done.err.count("about something else") == 1 and "/simple/app/" in done.asked, done


@check
def a_stale_page_is_asked_for_with_what_the_store_knows(place):
    key, _ = new_key(place)
    store, index = HttpCache(), app_index()
    plain = index.respond

    def respond(path, headers):
        if headers.get("If-None-Match") == '"v1"':
            return 304, {"ETag": '"v1"', "Cache-Control": "max-age=1"}, b""
        status, sent, body = plain(path, headers)
        return status, {**sent, "ETag": '"v1"', "Cache-Control": "max-age=1"}, body

    index.respond = respond
    fleet = Fleet(place, index, PKG_REMOTE_CACHE=store.url, **key)
    assert fleet.install("app").code == 0
    time.sleep(2.2)
    done = fleet.install("app")
    sent = [headers for path, headers in index.requests if path == "/simple/app/"]
    assert done.code == 0 and [one.get("If-None-Match") for one in sent] == ['"v1"'], (done, sent)


@check
def who_may_only_read_puts_nothing_and_off_asks_nothing(place):
    store = HttpCache()
    fleet = Fleet(place, app_index(), PKG_REMOTE_CACHE=store.url)
    assert fleet.install("app", PKG_REMOTE_CACHE_MODE="read-only").code == 0
    assert store.asked and not store.count("PUT") and not store.objects
    store.asked.clear()
    assert fleet.install("app", PKG_REMOTE_CACHE_MODE="off").code == 0
    assert fleet.install("app", "--refresh", PKG_REMOTE_CACHE_MODE="off").code == 0
    assert not store.asked


@check
def what_the_machine_has_is_not_asked_for(place):
    store = HttpCache()
    fleet = Fleet(place, app_index(), PKG_REMOTE_CACHE=store.url)
    machine = fleet.machine()
    assert fleet.install("app", machine=machine).code == 0
    store.asked.clear()
    assert fleet.pkg("uninstall", "-p", f"{machine}/env", "app", "lib", "deep", machine=machine).code == 0
    done = fleet.install("app", machine=machine)
    assert done.code == 0 and done.asked == [] and not store.asked, (done, store.asked)
    offline = fleet.install("app", "--offline")
    assert offline.code != 0 and not store.asked, offline


@check
def a_checkout_names_no_store_and_may_only_ask_for_less(place):
    evil, store = StrictS3(), HttpCache()
    index = app_index()
    env = {**evil.environment(), "PIP_INDEX_URL": index.url}
    del env["PKG_REMOTE_CACHE"], env["AWS_ENDPOINT_URL_S3"]
    text = '[project]\nname = "h"\nversion = "1"\nrequires-python = ">=3.8"\ndependencies = ["app"]\n'
    place.write("checkout/pyproject.toml", text + f'[tool.pkg.remote-cache]\nurl = "s3://bucket/x"\n'
                f'endpoint = "{evil.origin}"\nkey = "/etc/passwd"\ntrust = ["ed25519:x"]\nmode = "read-write"\n')
    done = place.pkg("lock", cwd=f"{place.work}/checkout", **env)
    assert done.code == 0 and not evil.asked, (done, evil.asked)
    line = next(line for line in done.err.splitlines() if "ignored" in line)
    for name in ("remote-cache", "remote-cache-endpoint", "remote-cache-key", "remote-cache-trust"):
        assert f"`{name}`" in line, done
    # The user's own store is used; the checkout may do without.
    done = place.pkg("lock", "--refresh", "--upgrade", cwd=f"{place.work}/checkout", PKG_REMOTE_CACHE=store.url, **env)
    assert done.code == 0 and not evil.asked, done
    place.write("checkout/pyproject.toml", text + '[tool.pkg.remote-cache]\nmode = "off"\n')
    store.asked.clear()
    fleet = Fleet(place, index, PKG_REMOTE_CACHE=store.url)
    done = fleet.pkg("sync", "--project", f"{place.work}/checkout")
    assert done.code == 0 and not store.asked, (done, store.asked)
    wrong = place.write("wrong/pyproject.toml", text + '[tool.pkg.remote-cache]\nurls = "x"\n')
    done = place.pkg("lock", cwd=os.path.dirname(wrong), **env)
    assert done.code == 2 and "`urls` is no key of `remote-cache`" in done.err, done


@check
def the_users_table_is_read(place):
    key, public = new_key(place)
    store = HttpCache()
    os.makedirs(f"{place.path}/home/.config/pkg")
    with open(f"{place.path}/home/.config/pkg/pkg.toml", "w") as file:
        file.write(f'[remote-cache]\nurl = "{store.url}"\nkey = "{key["PKG_REMOTE_CACHE_KEY"]}"\npatience = 5\n'
                   f'trust = ["{public}"]\n')
    fleet = Fleet(place, app_index())
    assert fleet.install("app").code == 0
    assert {path.split("/")[2] for path in store.objects} == {"cas", "ac"}
    info = fleet.pkg("cache", "info", "--remote")
    assert info.code == 0 and "Answers: yes" in info.out and "written: yes" in info.out, info
    dead = fleet.pkg("cache", "info", "--remote", "--json", PKG_REMOTE_CACHE="http://127.0.0.1:9/x")
    assert dead.code == 1 and json.loads(dead.out)["answers"] is False, dead


@check
def pages_behind_a_login_are_nobody_elses(place):
    key, _ = new_key(place)
    store, index = HttpCache(), app_index()
    private = index.url.replace("://", "://alice:pw@")
    fleet = Fleet(place, index, PKG_REMOTE_CACHE=store.url, **key)
    assert fleet.install("app", PIP_INDEX_URL=private).code == 0
    assert store.objects and not any("/ac/" in path for path in store.objects), list(store.objects)
    assert not any("/ac/" in path for _, path, _, _ in store.asked)


def native_index(place, marker):
    """An index with a source that notes each of its builds in a file."""
    behave = f"if hook == 'build_wheel': open({marker!r}, 'a').write('built\\n')\n"
    index = app_index()
    plain = index.respond
    name, data = sdist("native", "1.0", project("native", "1.0", requires=["lib"], behave=behave))

    def respond(path, headers):
        if path == "/simple/native/":
            body = json.dumps({"meta": {"api-version": "1.1"}, "name": "native", "versions": [], "files": [
                {"filename": name, "url": f"/files/{name}", "hashes": {"sha256": sha256(data)}, "size": len(data)}]})
            return 200, {"Content-Type": "application/vnd.pypi.simple.v1+json", **FRESH}, body.encode()
        return (200, {}, data) if path == f"/files/{name}" else plain(path, headers)

    index.respond = respond
    return index


@check
def a_source_is_built_once_for_the_fleet(place):
    marker = f"{place.path}/builds"
    index, store = native_index(place, marker), HttpCache()
    key, public = new_key(place)
    other, _ = new_key(place, "other")
    fleet = Fleet(place, index, PKG_REMOTE_CACHE=store.url)
    builds = lambda: open(marker).read().count("built") if os.path.exists(marker) else 0
    first = fleet.install("native", **key)
    assert first.code == 0 and builds() == 1, first
    second = fleet.install("native", PKG_REMOTE_CACHE_TRUST=public, PKG_REMOTE_CACHE_MODE="read-only")
    assert second.code == 0 and builds() == 1 and second.asked == [], (second, second.asked, builds())
    assert fleet.modules(second) == {"deep": "3.0", "lib": "2.0", "native": "1.0"}
    # Another setting is another build; an entry that nobody trusted signed, and none at all, are builds.
    third = fleet.install("native", "-C", "a=b", **key)
    assert third.code == 0 and builds() == 2, third
    fourth = fleet.install("native", **other, PKG_REMOTE_CACHE_MODE="read-only")
    assert fourth.code == 0 and builds() == 3 and fourth.err.count("not trusted") == 1, fourth
    assert fleet.install("native").code == 0 and builds() == 4
    # A wheel that is not what the entry says is built here.
    for path, data in list(store.objects.items()):
        if "/cas/" in path and b"native/__init__.py" in data:
            store.objects[path] = data[:-1] + b"!"
    fifth = fleet.install("native", **key)
    assert fifth.code == 0 and builds() == 5, (fifth, builds())
    assert fleet.install("native", **key).code == 0 and builds() == 5


def lock_of(place, fleet, dependencies):
    place.write("app/pyproject.toml", '[project]\nname = "h"\nversion = "1"\nrequires-python = ">=3.8"\n'
                                      f'dependencies = {dependencies}\n')
    done = fleet.pkg("lock", "--project", f"{place.work}/app", PKG_REMOTE_CACHE="")
    assert done.code == 0, done
    return f"{place.work}/app/pylock.toml"


@check
def a_lock_is_pushed_and_pulled(place):
    marker = f"{place.path}/builds"
    index, store = native_index(place, marker), HttpCache()
    key, _ = new_key(place)
    fleet = Fleet(place, index, PKG_REMOTE_CACHE=store.url, **key)
    lock = lock_of(place, fleet, ["app", "native"])
    pushed = fleet.pkg("cache", "push", lock, "--json")
    report = json.loads(pushed.out)
    assert pushed.code == 0 and report["files"] == 4 and report["kept"] == 0 and report["built"] == 1, pushed
    assert report["missing"] == [] and report["bytes"] > 0 and not store.damaged(), report
    again = json.loads(fleet.pkg("cache", "push", lock, "--json").out)
    assert again["kept"] == 4 and not again["missing"], again
    machine = fleet.machine()
    index.requests.clear()
    pulled = fleet.pkg("cache", "pull", lock, "--json", machine=machine)
    assert pulled.code == 0 and json.loads(pulled.out)["moved"] == 4, pulled
    assert not files_of([path for path, _ in index.requests])
    # What was pulled is there without the store.
    index.requests.clear()
    builds = open(marker).read()
    done = fleet.pkg("sync", "--frozen", "--project", f"{place.work}/app", machine=machine, PKG_REMOTE_CACHE="")
    assert done.code == 0 and not files_of([path for path, _ in index.requests]), done
    assert open(marker).read() == builds
    # What the store lacks is named, and not fetched from the index.
    gone = next(path for path, data in store.objects.items() if b"deep/__init__.py" in data and "/cas/" in path)
    del store.objects[gone]
    index.requests.clear()
    lacking = fleet.pkg("cache", "pull", lock)
    assert lacking.code == 1 and "not in the remote cache: `deep-3.0-py3-none-any.whl`" in lacking.err, lacking
    assert not files_of([path for path, _ in index.requests])
    every = json.loads(fleet.pkg("cache", "push", "--all", lock, "--json").out)
    assert every["files"] == 4 and every["moved"] >= 1 and gone in store.objects, every
    for words, env in (([], {"PKG_REMOTE_CACHE": ""}), ([], {"PKG_REMOTE_CACHE_MODE": "read-only"})):
        refused = fleet.pkg("cache", "push", lock, *words, **env)
        assert refused.code == 2 and "remote cache" in refused.err, refused


@check
def machines_that_fill_it_at_once_do_no_harm(place):
    key, _ = new_key(place)
    for store in (HttpCache(), StrictS3()):
        env = {"PKG_REMOTE_CACHE": store.url, **(store.environment() if isinstance(store, StrictS3) else {}), **key}
        fleet = Fleet(place, app_index(), **env)
        machines = [fleet.machine() for _ in range(8)]
        for machine in machines:
            assert place.pkg("venv", "--python", PYTHON, f"{machine}/env").code == 0
        running = [subprocess.Popen(
            [PKG, "install", "-p", f"{machine}/env", "app"], cwd=place.work, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True,
            env=place.environment({**fleet.env, "XDG_CACHE_HOME": f"{machine}/cache"})) for machine in machines]
        for one in running:
            _, err = one.communicate(timeout=60)
            assert one.returncode == 0 and "remote cache" not in err, err
        assert not store.damaged()
        done = fleet.install("app")
        assert done.code == 0 and done.asked == [], (done, done.asked)


@check
def a_key_is_made_once_and_for_its_user_alone(place):
    key, public = new_key(place)
    path = key["PKG_REMOTE_CACHE_KEY"]
    assert re.fullmatch(r"ed25519:[A-Za-z0-9_-]{43}", public), public
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    before = open(path).read()
    assert place.pkg("cache", "key", path).code == 1 and open(path).read() == before
    os.chmod(path, 0o644)
    store = HttpCache()
    done = Fleet(place, app_index(), PKG_REMOTE_CACHE=store.url, **key).install("app")
    assert done.code == 0 and done.err.count("can be read by others") == 1, done
    assert before.strip() not in done.err and store.objects


main()
