"""A private index on loopback (TLS with an own CA, client certificate, basic auth), and a look
for its secret in all that a command left behind."""
import base64, os, ssl, subprocess, sys, tempfile, threading, time

from support import Index, tree, wheel

if subprocess.run(["sh", "-c", "command -v openssl"], capture_output=True).returncode != 0:
    print("skipped: there is no openssl command")
    sys.exit(0)

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
