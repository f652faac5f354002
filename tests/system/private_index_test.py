"""A private index on loopback (TLS with an own CA, client certificate, basic auth): installs with credentials from
everywhere, and the secret is found nowhere; what is wrong is told in one line, at once, and changes nothing."""
import base64, http.server, io, json, os, re, socket, ssl, subprocess, sys, tarfile, tempfile, threading, time

from support import Index, check, main, tree, wheel

USER, SECRET = "me@corp", "c4n4ry/Zm9v+päss%:@"
TOKEN = base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
QUOTED = "c4n4ry%2FZm9v%2Bp%C3%A4ss%25%3A%40"
MARKS = ("c4n4ry", TOKEN)


class Authority:
    """A CA, and certificates it signs, made by the openssl command."""

    def __init__(self, folder, name="Test CA"):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)
        self.run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                 "-subj", f"/CN={name}", "-keyout", "ca.key", "-out", "ca.pem")

    def run(self, *words):
        done = subprocess.run(["openssl", *words], cwd=self.folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def sign(self, name, alt="IP:127.0.0.1,DNS:localhost", days="2"):
        self.run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                 f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        with open(f"{self.folder}/{name}.ext", "w") as out:
            out.write(f"subjectAltName={alt}\n")
        self.run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
                 days, "-extfile", f"{name}.ext", "-out", f"{name}.pem")
        with open(f"{self.folder}/{name}.both", "w") as out:
            for part in ("pem", "key"):
                with open(f"{self.folder}/{name}.{part}") as text:
                    out.write(text.read())
        return f"{self.folder}/{name}"


SHARED = tempfile.TemporaryDirectory(prefix="pkg-ca-")
CA = Authority(f"{SHARED.name}/ca")
SERVER, CLIENT = CA.sign("server"), CA.sign("client")


class PrivateIndex(Index):
    """Index behind TLS and basic auth; counts connections, refused handshakes too."""

    def __init__(self, files, certificate=SERVER, wants_client=True, secret=SECRET, status=401, tls=True):
        self.secret, self.status, self.handshakes = secret, status, 0
        super().__init__(files)
        index = self
        self.scheme = "https" if tls else "http"
        self.url = f"{self.scheme}://127.0.0.1:{self.server.server_port}/simple/"
        if not tls:
            return
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{certificate}.pem", f"{certificate}.key")
        if wants_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(f"{CA.folder}/ca.pem")
        plain = self.server.get_request

        def get_request():
            index.handshakes += 1
            connection, address = plain()
            connection.settimeout(5)
            return context.wrap_socket(connection, server_side=True), address

        self.server.get_request = get_request
        self.server.handle_error = lambda *_: None

    def respond(self, path, headers):
        expected = "Basic " + base64.b64encode(f"{USER}:{self.secret}".encode()).decode()
        if self.secret is not None and headers.get("Authorization") != expected:
            return self.status, {"WWW-Authenticate": 'Basic realm="private"'}, b""
        return super().respond(path, headers)

    def metadata(self, data):
        return super().metadata(data) if data[:2] == b"PK" else b"Metadata-Version: 2.1\nName: x\n"

    def with_user(self, info):
        return self.url.replace("://", f"://{info}@")


TLS = ["--cert", f"{CA.folder}/ca.pem", "--client-cert", f"{CLIENT}.both"]


def everything_below(folder):
    for base, _, files in os.walk(folder):
        for name in files:
            path = os.path.join(base, name)
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            with open(path, "rb") as content:
                yield path, content.read()


def leaks(place, *runs, allowed=()):
    """Where the secret is: in what the runs printed, and in every file below the place but `allowed`."""
    found = []
    for run in runs:
        found += [f"printed: {run}" for mark in MARKS if mark in run.out + run.err]
    for path, content in everything_below(place.path):
        if not any(path.startswith(one) for one in allowed):
            found += [path for mark in MARKS if mark.encode() in content or mark in path]
    return found


def watch_children():
    """Records argv and environment of all processes that come and go below this one."""
    seen, stop = {}, threading.Event()

    def look():
        me = os.getpid()
        while not stop.is_set():
            for pid in filter(str.isdigit, os.listdir("/proc")):
                try:
                    with open(f"/proc/{pid}/stat") as stat:
                        parent = int(stat.read().rsplit(")", 1)[1].split()[1])
                    if parent != me and parent not in seen:
                        continue
                    with open(f"/proc/{pid}/cmdline", "rb") as words, open(f"/proc/{pid}/environ", "rb") as variables:
                        known = seen.setdefault(int(pid), [set(), set()])
                        known[0].add(words.read())
                        known[1].add(variables.read())
                except (OSError, ValueError):
                    pass
            time.sleep(0.01)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()

    def finish():
        stop.set()
        thread.join()
        return [part for pair in seen.values() for part in (*pair[0], *pair[1])]

    return finish


def install(place, index, *words, allowed=(), secret_in_environment=False, **variables):
    env = place.venv(f"env{len(os.listdir(place.path))}")
    finish = watch_children()
    done = place.pkg("install", "-vv", "--python", env, *TLS, "--report", f"{place.work}/report.json", "--retries", "0",
                     *words, "app", **variables)
    children = finish()
    assert done.code == 0, done
    assert place.python(env, "import app, lib; print(lib.__version__)").out == "2.0\n"
    if not secret_in_environment:
        assert not [c for c in children if any(m.encode() in c for m in MARKS)], [c for c in children if b"c4n4ry" in c]
    found = leaks(place, done, allowed=allowed)
    assert not found, found
    return env, done


def app():
    return PrivateIndex([wheel("app", "1.0", requires=["lib"]), wheel("lib", "2.0")])


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
    [ -f "$KEYRING_STORE" ] && sed -n "s|^$4 ||p" "$KEYRING_STORE.names" | grep . && cat "$KEYRING_STORE" && exit 0
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
def locks_and_exports_hold_no_secret(place):
    index = app()
    place.write("pyproject.toml", f'[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                  f'dependencies = ["app"]\n\n[[tool.pkg.index]]\nname = "corp"\nurl = "{index.url}"\n'
                                  f'default = true\n')
    kept = place.pkg("auth", "login", index.url, "--username", USER, "--password-stdin", stdin=SECRET)
    assert kept.code == 0, kept
    allowed = [f"{place.path}/home/.config/pkg/"]
    place.write("requirements.in", "app\n")
    runs = [place.pkg("lock", "-vv", *TLS), place.pkg("sync", "-vv", *TLS),
            place.pkg("compile", "-vv", "--generate-hashes", *TLS, "requirements.in", "-o", "requirements.txt"),
            place.pkg("export", "-vv", *TLS), place.pkg("tree", *TLS), place.pkg("why", "lib", *TLS),
            place.pkg("outdated", *TLS)]
    for run in runs[:4]:
        assert run.code == 0, run
    assert os.path.exists(f"{place.work}/pylock.toml") and os.path.exists(f"{place.work}/requirements.txt")
    found = leaks(place, *runs, allowed=allowed)
    assert not found, found
    url = index.with_user("me%40corp:" + QUOTED)
    env = place.venv("url")
    finish = watch_children()
    runs = [place.pkg("install", "-vv", "--python", env, *TLS, "--no-cache", "-r", "-", stdin=f"-i {url}\napp\n"),
            place.pkg("compile", "--emit-index-url", *TLS, "requirements.in", PIP_INDEX_URL=url),
            place.pkg("compile", *TLS, "requirements.in", PIP_INDEX_URL=url)]
    finish()
    found = leaks(place, *[r for r in runs if r.code == 0], allowed=allowed)
    assert runs[0].code == 0 and runs[2].code == 0 and not found, (found, runs)


BACKEND = """
import base64, hashlib, os, zipfile

NAME = "snoop-1.0.dist-info/"


def build_wheel(folder, settings=None, metadata=None):
    told = {"environment": dict(os.environ), "parents": []}
    pid = os.getpid()
    while pid > 1:
        for part in ("cmdline", "environ"):
            try:
                is_shown = part == "cmdline" or pid == os.getpid()
                told["parents"].append(open(f"/proc/{pid}/{part}", "rb").read() if is_shown else b"")
            except OSError:
                pass
        pid = int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
    files = {"snoop.py": f"TOLD = {told!r}".encode(),
             NAME + "METADATA": b"Metadata-Version: 2.1\\nName: snoop\\nVersion: 1.0\\n",
             NAME + "WHEEL": b"Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    digests = {n: base64.urlsafe_b64encode(hashlib.sha256(d).digest()).rstrip(b"=").decode() for n, d in files.items()}
    rows = "".join(f"{n},sha256={digests[n]},{len(d)}\\n" for n, d in files.items())
    files[NAME + "RECORD"] = (rows + NAME + "RECORD,,\\n").encode()
    with zipfile.ZipFile(os.path.join(folder, "snoop-1.0-py3-none-any.whl"), "w") as out:
        for name, data in files.items():
            out.writestr(name, data)
    return "snoop-1.0-py3-none-any.whl"
"""


def snooping_sdist():
    content = {"pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
               "backend.py": BACKEND.replace("\\\\n", "\\n"),
               "PKG-INFO": "Metadata-Version: 2.2\nName: snoop\nVersion: 1.0\n"}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in content.items():
            entry = tarfile.TarInfo(f"snoop-1.0/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return "snoop-1.0.tar.gz", buffer.getvalue()


@check
def builds_learn_no_secret(place):
    index = PrivateIndex([snooping_sdist()])
    index.announce_metadata = False
    kept = place.pkg("auth", "login", index.url, "--username", USER, "--password-stdin", stdin=SECRET)
    assert kept.code == 0, kept
    allowed = [f"{place.path}/home/.config/pkg/"]
    url = index.with_user("me%40corp:" + QUOTED)
    for variables in ({}, {"PIP_INDEX_URL": url, "UV_INDEX_URL": url, "https_proxy": "", "MY_MIRROR": url},
                      {"PKG_INDEX_CORP_PASSWORD": SECRET, "PKG_INDEX_CORP_USERNAME": USER}):
        env = place.venv(f"env{len(os.listdir(place.path))}")
        done = place.pkg("install", "-vv", "--no-cache", "--python", env, *TLS, "--index", f"corp={index.url}", "-i",
                         index.url, "snoop", **variables)
        assert done.code == 0, done
        found = leaks(place, done, allowed=allowed)  # what the build saw is in the module that it made
        assert not found, (variables.keys(), found)
        assert place.python(env, "import snoop; print(len(snoop.TOLD['environment']) > 3)").out == "True\n"


@check
def direct_urls_are_recorded_without_their_password(place):
    index = app()
    name = next(n for n, _ in index.projects["lib"])
    url = index.with_user("me%40corp:" + QUOTED).replace("/simple/", f"/files/{name}")
    env = place.venv()
    wanted = place.write("req.txt", f"lib @ {url}\n")
    done = place.pkg("install", "-vv", "--python", env, "--no-index", *TLS, "--report", f"{place.work}/report.json",
                     "-r", wanted)
    assert done.code == 0, done
    frozen, shown, described = place.pkg("freeze", "--python", env), place.pkg("show", "-f", "--python", env,
        "lib"), place.pkg("inspect", "--python", env)
    assert "lib @ https://" in frozen.out, frozen
    found = leaks(place, done, frozen, shown, described, allowed=[wanted])
    assert not found, found


def fails(place, index, *words, says, most_connections=None, **variables):
    env = place.venv(f"env{len(os.listdir(place.path))}")
    before = tree(env)
    start = time.time()
    done = place.pkg("install", "--python", env, "--no-cache", *words, "app", **variables)
    assert done.code == 1 and time.time() - start < 20, done
    lines = done.err.splitlines()
    assert sum(line.startswith("error:") for line in lines) == 1 and "Traceback" not in done.err, done
    for text in [says] if isinstance(says, str) else says:
        assert text in done.err, (text, done)
    assert not leaks(place, done), done
    assert tree(env) == before
    if most_connections is not None:
        assert index.handshakes <= most_connections, (index.handshakes, done)
    return done


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
def a_missing_client_certificate_is_told_and_not_tried_again(place):
    index = app()
    # the alert may be lost in a reset, which is tried again
    fails(place, index, "--cert", f"{CA.folder}/ca.pem", "-i", index.url, says=["--client-cert"], most_connections=7)
    fails(place, index, "--cert", f"{CA.folder}/ca.pem", "--client-cert", f"{place.work}/absent.pem", "-i", index.url,
          says=["the client certificate cannot be used"])


@check
def keys_may_stand_apart_from_client_certificates(place):
    index = app()
    index.secret = None
    env = place.venv()
    done = place.pkg("install", "--python", env, "--client-cert", f"{CLIENT}.pem", "--client-key", f"{CLIENT}.key",
                     "-i", index.url, "app", REQUESTS_CA_BUNDLE="", CURL_CA_BUNDLE="",
                     SSL_CERT_FILE=f"{CA.folder}/ca.pem")
    assert done.code == 0, done


@check
def server_certificates_are_checked_and_told_apart(place):
    other = Authority(f"{place.path}/other-ca", "Another CA")
    stranger = PrivateIndex([wheel("app", "1.0")], certificate=other.sign("server"), wants_client=False, secret=None)
    fails(place, stranger, "--cert", f"{CA.folder}/ca.pem", "-i", stranger.url,
          says=["the certificate of `127.0.0.1` is not accepted", "--cert FILE"], most_connections=2)
    fails(place, stranger, "-i", stranger.url, says=["the certificate of `127.0.0.1` is not accepted"])
    expired = PrivateIndex([wheel("app", "1.0")], certificate=expired_certificate(), wants_client=False, secret=None)
    fails(place, expired, "--cert", f"{CA.folder}/ca.pem", "-i", expired.url, says=["has expired", "clock"],
          most_connections=2)
    elsewhere = PrivateIndex([wheel("app", "1.0")], certificate=CA.sign("elsewhere", alt="DNS:index.example"),
                             wants_client=False, secret=None)
    fails(place, elsewhere, "--cert", f"{CA.folder}/ca.pem", "-i", elsewhere.url, says=["another host name"],
          most_connections=2)
    fails(place, elsewhere, "--cert", f"{place.work}/absent.pem", "-i", elsewhere.url,
          says=["the certificates to trust cannot be read", "--cert"])
    env = place.venv()
    assert place.pkg("install", "--python", env, "--trusted-host", "127.0.0.1", "-i", elsewhere.url, "app").code == 0
    plain = PrivateIndex([wheel("app", "1.0")], tls=False, secret=None)
    fails(place, plain, "-i", plain.url.replace("http:", "https:"), says=["does not speak TLS", "http://"])


def expired_certificate():
    """x509 -req of OpenSSL 3.0 cannot sign the past: `ca` can."""
    CA.run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=expired",
           "-keyout", "expired.key", "-out", "expired.csr")
    with open(f"{CA.folder}/ca.cnf", "w") as out:
        out.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={CA.folder}/index.txt\nserial={CA.folder}/serial\n"
                  f"new_certs_dir={CA.folder}\ndefault_md=sha256\npolicy=p\nx509_extensions=e\n[p]\n"
                  f"commonName=supplied\n[e]\nsubjectAltName=IP:127.0.0.1\n")
    open(f"{CA.folder}/index.txt", "w").close()
    with open(f"{CA.folder}/serial", "w") as out:
        out.write("1000\n")
    CA.run("ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", "expired.csr", "-out",
           "expired.pem", "-startdate", "20200101000000Z", "-enddate", "20200201000000Z", "-notext")
    return f"{CA.folder}/expired"


@check
def secrets_stay_with_their_origin(place):
    files = PrivateIndex([wheel("app", "1.0"), wheel("lib", "2.0")], tls=False, secret=None)
    name = files.projects["app"][0][0]
    page = (f'<!DOCTYPE html><html><body><a '
            f'href="{files.url.replace("/simple/", "/files/" + name)}">{name}</a></body></html>'.encode())
    index = PrivateIndex([], tls=False)
    index.answer = None
    plain = index.respond

    def respond(path, headers):
        answer = plain(path, headers)
        return (200, {"Content-Type": "text/html"}, page) if path == "/simple/app/" and answer[0] != 401 else answer

    index.respond = respond
    env = place.venv()
    done = place.pkg("install", "--python", env, "-vv", "app", PIP_INDEX_URL=index.with_user("me%40corp:" + QUOTED))
    assert done.code == 0 and not leaks(place, done), done
    assert files.requests and not [1 for _, headers in files.requests if "Authorization" in headers], files.requests
    assert [1 for _, headers in index.requests if "Authorization" in headers]


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


class Proxy:
    """An HTTP proxy (absolute form and CONNECT), or a SOCKS5 one, that wants a password when it is told one."""

    def __init__(self, expected=None, socks=False):
        self.expected, self.asked = expected, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.talk_socks if socks else self.talk,), daemon=True).start()

    def accept(self, talk):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.guarded, args=(talk, connection), daemon=True).start()

    def guarded(self, talk, connection):
        try:
            talk(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def talk(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(4096)
            if not piece:
                return
            head += piece
        method, target = head.split(b" ")[:2]
        self.asked.append(f"{method.decode()} {target.decode()}")
        if self.expected and b"Proxy-Authorization: Basic " + base64.b64encode(self.expected.encode()) not in head:
            connection.sendall(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n"
                               b"Connection: close\r\n\r\n")
            return
        if method == b"CONNECT":
            host, port = target.decode().rsplit(":", 1)
            upstream = socket.create_connection((host, int(port)))
            connection.sendall(b"HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n")
        else:
            host, rest = re.fullmatch(rb"http://([^/]+)(/.*)", target).groups()
            name, port = host.decode().split(":")
            upstream = socket.create_connection((name, int(port)))
            head = re.sub(rb"\r\nProxy-[^\r]*", b"", head).replace(target, rest, 1).replace(b"\r\n\r\n",
                b"\r\nConnection: close\r\n\r\n", 1)
            upstream.sendall(head)
        self.pump(connection, upstream)

    def talk_socks(self, connection):
        count = connection.recv(2)[1]
        connection.recv(count)
        connection.sendall(b"\x05\x02" if self.expected else b"\x05\x00")
        if self.expected:
            connection.recv(1)
            user = connection.recv(connection.recv(1)[0])
            password = connection.recv(connection.recv(1)[0])
            good = (user + b":" + password).decode() == self.expected
            connection.sendall(b"\x01\x00" if good else b"\x01\x01")
            if not good:
                return
        kind = connection.recv(4)[3]
        host = socket.inet_ntoa(connection.recv(4)) if kind == 1 else connection.recv(connection.recv(1)[0]).decode()
        port = int.from_bytes(connection.recv(2), "big")
        self.asked.append(f"SOCKS{kind} {host}:{port}")
        upstream = socket.create_connection(("127.0.0.1", port))
        connection.sendall(b"\x05\x00\x00\x01" + bytes(6))
        self.pump(connection, upstream)

    def pump(self, a, b):
        def copy(source, to):
            try:
                while piece := source.recv(65536):
                    to.sendall(piece)
            except OSError:
                pass
            for one in (source, to):
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

        back = threading.Thread(target=copy, args=(b, a), daemon=True)
        back.start()
        copy(a, b)
        back.join()


@check
def proxies_by_option_and_environment(place):
    plain = PrivateIndex([wheel("app", "1.0")], tls=False, secret=None)
    secure = PrivateIndex([wheel("app", "1.0")], wants_client=False, secret=None)
    cert = ["--cert", f"{CA.folder}/ca.pem"]

    def go(proxy, index, *words, **variables):
        env = place.venv(f"env{len(os.listdir(place.path))}")
        proxy.asked.clear()
        return place.pkg("install", "-vv", "--python", env, "--no-cache", "--retries", "1", *cert, "-i", index.url,
                         *words, "app", **variables)

    proxy = Proxy(expected=f"joe:c4n4ry")
    address = f"http://joe:c4n4ry@127.0.0.1:{proxy.port}"
    for index, first in ((plain, "GET http://"), (secure, "CONNECT 127.0.0.1:")):
        for words, variables in ((["--proxy", address], {}), ([], {"http_proxy": address, "https_proxy": address}),
                                 ([], {"all_proxy": address}), ([], {"PIP_PROXY": address})):
            done = go(proxy, index, *words, **variables)
            assert done.code == 0 and proxy.asked and proxy.asked[0].startswith(first), (done, proxy.asked)
            assert "c4n4ry" not in done.out + done.err, done
    for variables in ({"no_proxy": "127.0.0.1"}, {"PKG_NO_PROXY_ENV": "1"}):
        done = go(proxy, plain, http_proxy=address, **variables)
        assert done.code == 0 and not proxy.asked, (done, proxy.asked)
    done = go(proxy, plain, "--no-proxy-env", http_proxy=address)
    assert done.code == 0 and not proxy.asked, done
    wrong = go(proxy, secure, "--proxy", address.replace("joe", "jim"))
    assert wrong.code == 1 and "407" in wrong.err and "c4n4ry" not in wrong.err and len(proxy.asked) == 1, (
        wrong, proxy.asked)
    wrong = go(proxy, plain, "--proxy", address.replace("joe", "jim"))
    assert wrong.code == 1 and "407" in wrong.err and "c4n4ry" not in wrong.err, wrong
    for bad in ("ftp://joe:c4n4ry@127.0.0.1:1", "http://joe:c4n4ry@[127:1", f"joe:c4n4ry@127.0.0.1:1"):
        done = go(proxy, plain, "--proxy", bad)
        assert done.code == 1 and "c4n4ry" not in done.out + done.err, done
        shown = place.pkg("config", "list", PIP_PROXY=bad)
        assert "c4n4ry" not in shown.out + shown.err, shown
    socks = Proxy(expected="joe:c4n4ry", socks=True)
    for scheme, kind in (("socks5", 1), ("socks5h", 1)):
        done = go(socks, secure, "--proxy", f"{scheme}://joe:c4n4ry@127.0.0.1:{socks.port}")
        assert done.code == 0 and socks.asked[0].startswith(f"SOCKS{kind}"), (done, socks.asked)
    named = PrivateIndex([wheel("app", "1.0")], wants_client=False, secret=None)
    named.url = named.url.replace("127.0.0.1", "localhost")
    done = go(socks, named, "--proxy", f"socks5h://joe:c4n4ry@127.0.0.1:{socks.port}")
    assert done.code == 0 and socks.asked[0].startswith("SOCKS3 localhost"), (done, socks.asked)
    wrong = go(socks, secure, "--proxy", f"socks5://joe:wrong@127.0.0.1:{socks.port}")
    assert wrong.code == 1 and "wrong" not in wrong.err.replace("wrong version", ""), wrong


if __name__ == "__main__":
    if subprocess.run(["openssl", "version"], capture_output=True).returncode != 0:
        print("skipped: there is no openssl command")
        sys.exit(0)
    main()
