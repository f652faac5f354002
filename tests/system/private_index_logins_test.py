"""Logins of a private index: credentials from everywhere install, and are found nowhere else; wrong ones are told in
one line, at once; which of several indexes is asked for what."""
import base64, os, re

from private_index import CA, CLIENT, QUOTED, SECRET, TLS, USER, PrivateIndex, app, fails, install, leaks
from support import Index, check, main, wheel


@check
def credentials_in_a_pip_conf_url(place):
    index = app()
    conf = place.write("pip.conf", f"[global]\nindex-url = {index.with_user('me%40corp:' + QUOTED)}\n"
                                   f"cert = {CA.folder}/ca.pem\nclient-cert = {CLIENT}.both\n")
    install(place, index, allowed=[conf], PIP_CONFIG_FILE=conf)
    shown = place.pkg("config", "list", PIP_CONFIG_FILE=conf)
    assert shown.code == 0 and not leaks(place, shown, allowed=[conf]), shown
    debug = place.pkg("config", "debug", PIP_CONFIG_FILE=conf)
    assert debug.code == 0 and not leaks(place, debug, allowed=[conf]), debug


@check
def credentials_in_an_inherited_url(place):
    index = app()
    install(place, index, PIP_INDEX_URL=index.with_user("me%40corp:" + QUOTED), secret_in_environment=True)


@check
def credentials_from_netrc(place):
    index = app()
    netrc = place.write("netrc", f'machine other.example login x password y\n'
                                 f'machine 127.0.0.1 login {USER} password "{SECRET}"\n')
    install(place, index, "-i", index.url, allowed=[netrc], NETRC=netrc)
    home = f"{place.path}/home/.netrc"
    with open(home, "w") as out:
        out.write(f"default login {USER} password {SECRET}\n")
    install(place, index, "-i", index.url, "--no-cache", allowed=[netrc, home])


@check
def credentials_from_variables_of_a_named_index(place):
    index = app()
    install(place, index, "--index", f"corp-east={index.url}", "-i", index.url, PKG_INDEX_CORP_EAST_USERNAME=USER,
            PKG_INDEX_CORP_EAST_PASSWORD=SECRET, secret_in_environment=True)


@check
def credentials_from_a_kept_login(place):
    index = app()
    kept = place.pkg("auth", "login", index.url, "--username", USER, "--password-stdin", stdin=SECRET + "\n")
    assert kept.code == 0 and "c4n4ry" not in kept.out + kept.err, kept
    file = f"{place.path}/home/.config/pkg/credentials.json"
    assert os.stat(file).st_mode & 0o777 == 0o600 and os.stat(os.path.dirname(file)).st_mode & 0o777 == 0o700
    listed = place.pkg("auth", "list")
    assert listed.out == f"https://127.0.0.1:{index.server.server_port}  {USER}\n", listed
    install(place, index, "-i", index.url, allowed=[file])
    os.chmod(file, 0o644)
    refused = place.pkg("install", "--python", place.venv("other"), *TLS, "-i", index.url, "--no-cache", "app")
    assert (refused.code == 1 and "can be read by others" in refused.err and "chmod 600" in refused.err and
            "c4n4ry" not in refused.err), refused
    os.chmod(file, 0o600)
    gone = place.pkg("auth", "logout", index.url)
    assert gone.code == 0 and not leaks(place, gone), gone
    assert place.pkg("auth", "logout", index.url).code == 1
    assert place.pkg("auth", "list", "--json").out.count("origin") == 0


@check
def passwords_are_no_arguments(place):
    for words in (["https://me:x@index.example/"], ["https://index.example"], ["https://index.example", "-u", "me"],
                  ["ftp://index.example", "-u", "me", "--password-stdin"]):
        done = place.pkg("auth", "login", *words, stdin="secret\n")
        assert done.code == 2 and done.err.startswith("error:"), done
    token = place.pkg("auth", "login", "https://index.example", "--token-stdin", stdin="tok\n")
    assert token.code == 0 and place.pkg("auth", "list").out == "https://index.example  __token__\n", token


KEYRING = """#!/bin/sh
# `keyring`, as far as pkg uses it: passwords in one file, calls recorded.
{ echo "$@"; tr '\\0' '\\n' < /proc/$$/environ; } >> "$KEYRING_CALLS"
echo x >> "$KEYRING_CALLS.count"
case "$1" in
  get) grep -q "^$2 $3$" "$KEYRING_STORE.names" 2>/dev/null && cat "$KEYRING_STORE" && exit 0; exit 1 ;;
  --mode) [ "$OLD_KEYRING" ] && exit 2
    [ -f "$KEYRING_STORE" ] && sed -n "s|^$4 ||p" "$KEYRING_STORE.names" | grep . &&
      cat "$KEYRING_STORE" && exit 0
    exit 1 ;;
  set) echo "$2 $3" > "$KEYRING_STORE.names"; cat > "$KEYRING_STORE" ;;
  del) rm -f "$KEYRING_STORE" "$KEYRING_STORE.names" ;;
esac
"""


def fake_keyring(place):
    program = place.write("bin/keyring", KEYRING)
    os.chmod(program, 0o755)
    store = f"{place.path}/store"
    return {"PATH": f"{place.work}/bin:{os.environ['PATH']}", "KEYRING_STORE": store,
            "KEYRING_CALLS": f"{place.work}/calls"}, [store]


@check
def credentials_from_the_keyring_asked_once(place):
    index = app()
    variables, stores = fake_keyring(place)
    kept = place.pkg("auth", "login", index.url, "-u", USER, "--password-stdin", "--keyring-provider", "subprocess",
                     stdin=SECRET + "\n", **variables)
    assert kept.code == 0 and not leaks(place, kept, allowed=stores), kept
    os.remove(f"{place.work}/calls.count")
    install(place, index, "-i", index.url, allowed=stores, **variables)  # the login says that the keyring has it
    assert os.path.getsize(f"{place.work}/calls.count") <= 4
    assert place.pkg("auth", "list").out.endswith("(keyring)\n")
    os.remove(f"{place.path}/home/.config/pkg/credentials.json")
    install(place, index, "-i", index.with_user("me%40corp"), "--no-cache", "--keyring-provider", "auto",
            allowed=stores, **variables)
    install(place, index, "-i", index.url, "--no-cache", "--keyring-provider", "subprocess", allowed=stores,
            PKG_INDEX_CORP_PASSWORD="hidden-from-keyring", **variables)
    with open(f"{place.work}/calls") as calls:
        text = calls.read()
    assert "hidden-from-keyring" not in text and "c4n4ry" not in text and "--mode creds get" in text, text
    off = place.pkg("install", "--python", place.venv("x"), *TLS, "-i", index.url, "--no-cache", "app", **variables)
    assert off.code == 1 and "wants credentials" in off.err and "--keyring-provider auto" in off.err, off


@check
def wrong_passwords_are_refused_at_once_and_name_the_index(place):
    index = app()
    index.secret = "another"
    done = fails(place, index, *TLS, "-i", index.url, PKG_INDEX_URL=index.with_user("me%40corp:" + QUOTED),
                 says="wants credentials")
    assert "pkg auth login https://127.0.0.1:" in done.err, done
    fails(place, index, *TLS, says=["the credentials of user `me@corp` from the index's URL", "status 401"],
          PIP_INDEX_URL=index.with_user("me%40corp:" + QUOTED))
    assert len([path for path, _ in index.requests if "/app/" in path]) <= 2
    index.status = 403
    fails(place, index, *TLS, "--index", f"corp={index.url}", "-i", index.url,
          says=["the index `corp` refuses access with the credentials of user `me@corp`", "PKG_INDEX_CORP_PASSWORD",
                "status 403"], PKG_INDEX_CORP_USERNAME=USER, PKG_INDEX_CORP_PASSWORD=SECRET)


@check
def two_indexes_of_one_host_have_their_own_credentials(place):
    one = PrivateIndex([wheel("app", "1.0", requires=["lib"]), wheel("lib", "2.0")], tls=False, secret=None)
    plain = one.respond

    def respond(path, headers):
        sent = headers.get("Authorization", "")
        expected = "Basic " + base64.b64encode(b"a:1" if path.startswith("/a/") else b"b:2").decode()
        if path.startswith(("/a/", "/b/")) and sent != expected:
            return 401, {}, b""
        if path == "/a/simple/app/":
            return plain("/simple/app/", headers)
        if path == "/b/simple/lib/":
            return plain("/simple/lib/", headers)
        return (404, {}, b"") if path.startswith(("/a/", "/b/")) else plain(path, headers)

    one.respond = respond
    root = one.url.replace("/simple/", "")
    a, b = (root.replace("://", f"://{info}@") + path for info, path in (("a:1", "/a/simple/"), ("b:2", "/b/simple/")))
    env = place.venv()
    done = place.pkg("install", "--python", env, "--extra-index-url", a, "-i", b, "app")
    assert done.code == 0, done
    pages = [path for path, _ in one.requests if path.endswith("/simple/app/") or path.endswith("/simple/lib/")]
    assert pages.count("/a/simple/app/") == 1 and pages.count("/b/simple/lib/") == 1, pages  # right at once


@check
def an_outage_of_the_first_index_is_no_absence(place):
    second = Index([wheel("app", "9.9")])
    for answer in ((503, {"Retry-After": "0"}, b""), (500, {}, b""), (401, {}, b""), (403, {}, b"")):
        first = Index([wheel("app", "1.0")], answer=lambda path, headers: answer)
        env = place.venv(f"env{answer[0]}")
        done = place.pkg("install", "--python", env, "--no-cache", "--retries", "1", "--extra-index-url", first.url,
                         "-i", second.url, "app")
        assert done.code == 1 and str(answer[0]) in done.err and not second.requests, done
    for status in (404, 410):
        first = Index([], answer=lambda path, headers: (status, {}, b""))
        env = place.venv(f"env{status}")
        done = place.pkg("install", "--python", env, "--no-cache", "--extra-index-url", first.url, "-i", second.url,
                         "app")
        assert done.code == 0 and "app 9.9" in done.err, done


@check
def explicit_indexes_serve_only_what_names_them(place):
    public = Index([wheel("app", "1.0", requires=["lib"]), wheel("lib", "1.0"), wheel("inner", "0.1")])
    private = Index([wheel("lib", "9.0"), wheel("inner", "2.0")])
    text = (f'[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["app", "inner"]\n\n'
            f'[tool.pkg.sources]\ninner = {{ index = "INDEX" }}\n\n[[tool.pkg.index]]\nname = "corp"\n'
            f'url = "{private.url}"\nexplicit = true\n\n[[tool.pkg.index]]\nname = "main"\nurl = "{public.url}"\n'
            f'default = true\n')
    place.write("pyproject.toml", text.replace("INDEX", "corp"))
    done = place.pkg("lock")
    assert done.code == 0, done
    with open(f"{place.work}/pylock.toml") as lock:
        versions = dict(re.findall(r'name = "(\w+)"\nversion = "([^"]+)"', lock.read()))
    assert versions == {"app": "1.0", "inner": "2.0", "lib": "1.0"}, versions
    assert not [path for path, _ in private.requests if "/lib/" in path or "/app/" in path], private.requests
    place.write("pyproject.toml", text.replace("INDEX", "crop"))
    unknown = place.pkg("lock")
    assert unknown.code == 1 and "did you mean `corp`?" in unknown.err, unknown


main()
