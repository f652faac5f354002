"""A canary in each place where a secret can be given, every verb, every failure of a server: it is found nowhere else.
Without more words a sample that takes seconds; `SCRIPT PKG BUILD_FOLDER --all` runs every place with every verb and
failure, and prints the figures."""
import base64, gzip, hashlib, io, itertools, json, os, re
import socket, subprocess, sys, tarfile, threading, time, zipfile, zlib

ALL = "--all" in sys.argv
sys.argv = [word for word in sys.argv if word != "--all"]
from support import PKG, Index, check, main, wheel

MARK = "cAnArY"
USER, SECRET = "alice", MARK + "pass9"
HEADER = "Basic " + base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
MARKS = [MARK.encode(), HEADER[6:].encode(), MARK.lower().encode()]
INFO = f"{USER}:{SECRET}@"


def source_archive(name, version, content):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for path, text in content.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{path}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return f"{name}-{version}.tar.gz", buffer.getvalue()


# A backend, and below fake git and keyring programs: they write down what they can see of us.
SPY = """
import json, os, sys
def spy(what):
    told = [what, sys.argv, dict(os.environ)]
    for fd in os.listdir("/proc/self/fd"):
        try: told.append(os.readlink(f"/proc/self/fd/{fd}"))
        except OSError: pass
    return json.dumps(told)
"""
BACKEND = SPY + """
def build_wheel(folder, settings=None, metadata=None):
    print(spy("backend"))
    raise RuntimeError("no wheel from here: " + spy("backend"))
"""
SDIST = source_archive("spied", "1.0",
                       {"pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "b"\nbackend-path = ["."]\n',
                        "b.py": BACKEND, "PKG-INFO": "Metadata-Version: 2.1\nName: spied\nVersion: 1.0\n"})
FILES = [wheel("app", "1.0", requires=["lib"]), wheel("app", "1.1", requires=["lib"]), wheel("lib", "2.0"), SDIST]
FAULTS = ["none", "401", "403", "404", "407", "500", "503", "reset", "silent", "elsewhere", "signed", "hash", "cut"]


class Faulty(Index):
    """An index that wants our credentials, and fails in the way `fault` says."""

    def __init__(self):
        self.fault, self.other = "none", None
        super().__init__(FILES)
        self.origin = self.url[: -len("/simple/")]
        index, handler = self, self.server.RequestHandlerClass

        class Failing(handler):
            def do_GET(self):
                if index.fault == "reset":
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                    self.close_connection = True
                    return self.connection.close()
                if index.fault == "silent":
                    time.sleep(1.5)
                    self.close_connection = True
                    return None
                return super().do_GET()

            def do_CONNECT(self):
                self.send_error(407)

            def log_message(self, *_):
                pass

        self.server.RequestHandlerClass = Failing
        self.server.handle_error = lambda *_: None

    def metadata(self, data):
        return super().metadata(data) if data[:2] == b"PK" else b"Metadata-Version: 2.1\nName: x\n"

    def respond(self, path, headers):
        path, _, query = re.sub(r"^http://[^/]*", "", path).partition("?")
        if self.fault.isdigit():
            asked = {"WWW-Authenticate": 'Basic realm="x"', "Proxy-Authenticate": 'Basic realm="x"'}
            return int(self.fault), asked, f"no, {headers.get('Authorization')}".encode()
        if self.fault == "elsewhere":
            return 302, {"Location": f"http://{INFO}localhost:1{path}?token={SECRET}"}, b""
        if self.fault == "signed" and not query:
            return 302, {"Location": f"{self.origin}{path}?X-Amz-Signature={SECRET}&token={SECRET}"}, b""
        if not query and HEADER not in (headers.get("Authorization"), headers.get("Proxy-Authorization")):
            return 401, {"WWW-Authenticate": 'Basic realm="x"'}, b""
        if path == "/links/":
            folder = f"http://{INFO}{self.origin[7:]}/files"
            links = "".join(f'<a href="{folder}/{n}?token={SECRET}#sha256={hashlib.sha256(d).hexdigest()}">{n}</a>'
                            for n, d in FILES)
            return 200, {"Content-Type": "text/html"}, links.encode()
        status, more, body = super().respond(path, headers)
        if self.fault == "hash" and path.startswith("/files/"):
            body = body[:-1] + b"!"
        if self.fault == "cut" and path.startswith("/files/"):
            more = {**more, "Content-Length": str(len(body) + 9)}
        return status, more, body


def everything_below(folder):
    """(path, bytes) of all files, and of what is packed in them."""
    for base, dirs, files in os.walk(folder):
        for name in dirs + files:
            yield os.path.join(base, name), name.encode()
        for name in files:
            path = os.path.join(base, name)
            if os.path.islink(path):
                yield path, os.readlink(path).encode()
            elif os.path.isfile(path):
                with open(path, "rb") as content:
                    data = content.read()
                yield path, data
                if data[:2] == b"PK":
                    with zipfile.ZipFile(io.BytesIO(data)) as archive:
                        yield from ((f"{path}!{n}", archive.read(n)) for n in archive.namelist())
                for unpack in (gzip.decompress, zlib.decompress):
                    try:
                        yield path, unpack(data)
                    except (OSError, EOFError, zlib.error):
                        pass


class Watch:
    """Looks at the arguments of every process that comes and goes below us, and at the environment of those that are
    not pkg itself."""

    def __init__(self):
        self.found, self.stop = set(), threading.Event()
        self.thread = threading.Thread(target=self.look, daemon=True)
        self.thread.start()

    def look(self):
        family = {os.getpid()}
        while not self.stop.is_set():
            for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
                try:
                    with open(f"/proc/{pid}/stat") as stat:
                        parent = int(stat.read().rsplit(")", 1)[1].split()[1])
                    if parent not in family and pid not in family:
                        continue
                    if parent == os.getpid():  # pkg: what we gave it ourselves
                        family.add(pid)
                        continue
                    if pid == os.getpid():
                        continue
                    family.add(pid)
                    with open(f"/proc/{pid}/cmdline", "rb") as words, open(f"/proc/{pid}/comm") as name:
                        self.note(name.read().strip(), "argument", words.read())
                except (OSError, ValueError):
                    pass
            time.sleep(0.02)

    def note(self, name, where, data):
        # Between fork and exec a child is pkg still.
        if name != os.path.basename(PKG)[:15] and any(mark in data for mark in MARKS):
            self.found.add((name, where, data[:200]))

    def end(self):
        self.stop.set()
        self.thread.join()
        return self.found


def fake_programs(place):
    for name in ("git", "hg", "svn", "keyring"):
        program = place.write(f"bin/{name}", f"#!/usr/bin/python3\n{SPY}\n"
                                             f"open({place.path + '/spied'!r}, 'a').write(spy({name!r}) + chr(10))\n"
                                             f"print(spy({name!r}), file=sys.stderr)\nsys.exit(1)\n")
        os.chmod(program, 0o755)
    return f"{place.work}/bin:{os.environ['PATH']}"


class Given:
    """How a secret is given: words for verbs that ask an index, variables, and which files hold it by right."""

    def __init__(self, words=(), files=(), verbs=None, **variables):
        self.words, self.files, self.verbs, self.variables = list(words), list(files), verbs, variables


def places(place, index):
    """{name: Given}"""
    url, hidden, work, home = index.url, f"http://{INFO}{index.origin[7:]}", place.work, f"{place.path}/home"
    app = FILES[0][0]

    def keep(name, text, folder=work):
        path = f"{folder}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(text)
        os.chmod(path, 0o600)
        return path

    project = '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = [%s]\n'
    made = {
        "--index-url": Given(["-i", f"{hidden}/simple/"]),
        "--index": Given(["--index", f"corp={hidden}/simple/", "--no-cache"]),
        "--extra-index-url": Given([f"--extra-index-url={hidden}/simple/", "-i", url]),
        "--find-links": Given(["--no-index", "-f", f"{hidden}/links/"]),
        "--proxy": Given(["-i", "http://index.invalid/simple/", f"--proxy={hidden}"]),
        "bare proxy": Given(["-i", "http://index.invalid/simple/", "--proxy", f"{INFO}{index.origin[7:]}"]),
        "PIP_INDEX_URL": Given(PIP_INDEX_URL=f"{hidden}/simple/"),
        "PIP_FIND_LINKS": Given(PIP_FIND_LINKS=f"{hidden}/links/", PIP_NO_INDEX="1"),
        "http_proxy": Given(["-i", "http://index.invalid/simple/"], http_proxy=hidden),
        "variables of an index": Given(["--index", f"corp={url}"], PKG_INDEX_CORP_USERNAME=USER,
                                       PKG_INDEX_CORP_PASSWORD=SECRET),
        "pip.conf": Given(files=[keep("pip.conf", f"[global]\nindex-url = {hidden}/simple/\nproxy =\n")],
                          PIP_CONFIG_FILE=f"{work}/pip.conf"),
        "netrc": Given(["-i", url], files=[keep("netrc", f"machine 127.0.0.1 login {USER} password {SECRET}\n")],
                       NETRC=f"{work}/netrc"),
        "wrong login": Given(["-i", f"http://{USER}:{SECRET}wrong@{index.origin[7:]}/simple/"]),
        "user alone": Given(["-i", f"http://{SECRET}@{index.origin[7:]}/simple/"]),
        "token in the query": Given(["-f", f"{index.origin}/links/?token={SECRET}", "--no-index"]),
        "requirements file": Given(["-r", "r.txt"], files=[keep("r.txt", f"--index-url {hidden}/simple/\napp\n")],
                                   verbs="install download wheel bundle"),
        "URL in a file": Given(["-r", "u.txt", "-i", url],
                               files=[keep("u.txt",
                                   f"app @ {hidden}/files/{app}\n"
                                   f"lib @ http://{USER}:${{LIB_PASSWORD}}@{index.origin[7:]}/files/{FILES[2][0]}\n")],
                               verbs="install download wheel bundle compile", LIB_PASSWORD=SECRET),
        "conflict in a file": Given(["-r", "c.txt", "-i", url],
                                    files=[keep("c.txt",
                                        f"app @ {hidden}/files/{app}\napp==9\n"
                                        f"lib @ {hidden}/files/{FILES[2][0]} ; bad marker\n")],
                                    verbs="install compile"),
        "URL and constraint": Given(["-r", "k.txt", "-c", "kk.txt", "-i", f"{hidden}/simple/"], files=[keep("k.txt",
            f"app @ {hidden}/files/{app}\n"), keep("kk.txt", "app==9\n")], verbs="install compile"),
        "file by URL": Given(["-r", f"{hidden}/r.txt", "-c", f"{hidden}/c.txt"], verbs="install"),
        "URL": Given([f"app @ {hidden}/files/{app}", "-i", url], verbs="install download wheel bundle"),
        "URL of a source": Given([f"spied @ {hidden}/files/{SDIST[0]}", "-i", url, "-vv"], verbs="install wheel"),
        "URL with a token": Given([f"app @ {index.origin}/files/{app}?token={SECRET}", "-i", f"{hidden}/simple/"],
                                  verbs="install download"),
        "bad URLs": Given([f"http://{INFO}[bad/x.whl", f"x @ ftp://{INFO}h/x-1.0.tar.gz", f"{hidden}/files/odd.txt"],
                          verbs="install"),
        "git": Given([f"x @ git+{hidden}/r.git@main"], verbs="install download"),
        "hg": Given([f"x @ hg+{hidden}/r"], verbs="install"),
        "svn": Given([f"x @ svn+{hidden}/r"], verbs="install"),
        "source": Given(["-i", f"{hidden}/simple/", "-vv", "spied"], verbs="install wheel"),
        "source, no sandbox": Given(["-i", f"{hidden}/simple/", "-vv", "--no-build-sandbox", "spied"], verbs="install"),
        "project": Given(["--project", "p"],
                         files=[keep("p/pyproject.toml",
                                     project % '"app"' + f'[[tool.pkg.index]]\nname = "corp"\n'
                                                         f'url = "{hidden}/simple/"\ndefault = true\n')],
                         verbs="lock sync export tree why outdated run add remove upgrade"),
        "project with URLs": Given(["--project", "q", "-i", url],
                                   files=[keep("q/pyproject.toml", project % f'"app @ {hidden}/files/{app}"' +
                                       f'[tool.pkg.sources]\nlib = {{ url = "{hidden}/files/{FILES[2][0]}" }}\n')],
                                   verbs="lock sync export tree why outdated run"),
        "wrong flags": Given([f"--index-ulr={hidden}/simple/", f"--timeout={hidden}", f"--link-mode={hidden}"],
                             verbs="install list lock"),
        "wrong values": Given([f"--cert={hidden}", f"--trusted-host={hidden}", "--index", f"x y={hidden}/simple/", "-i",
                               url], verbs="install"),
        "kept login": Given(["-i", url, "--config-of-test"], verbs=""),
    }
    made["kept login"] = Given(["-i", url], files=[f"{home}/.config/pkg/credentials.json"])
    return made


VERBS = {
    "install": "install -vv --dry-run --report - app",
    "install for good": "install -U --json app",
    "download": "download -d dl app",
    "wheel": "wheel -w wh app",
    "bundle": "bundle app -o bundle",
    "compile": "compile in.txt --generate-hashes",
    "compile to a file": "compile in.txt -o out.txt",
    "lock": "lock -vv --project plain",
    "lock again": "lock --json -U --project plain",
    "sync": "sync --progress json --project plain",
    "export": "export --project plain",
    "export cyclonedx": "export --format cyclonedx --project plain",
    "tree": "tree --project plain",
    "why": "why lib --project plain",
    "outdated": "outdated --project plain --json",
    "run": "run --with app --project plain python -c 1",
    "add": "add --project plain lib",
    "remove": "remove --project plain lib",
    "upgrade": "upgrade --project plain",
    "list": "list --outdated --json",
    "index": "index versions nosuch",
    "debug": "debug -v --json",
}
QUIET_VERBS = ["freeze", "list -v", "inspect", "show -f -v app", "check", "verify", "config list", "config debug",
               "config list --json", "config get index-url", "cache info", "cache list --json", "cache verify",
               "auth list", "uninstall --dry-run app", "python list", "completion bash"]


class Case:
    def __init__(self, place):
        self.place, self.index, self.ran = place, Faulty(), 0
        self.env = place.venv()
        place.write("plain/pyproject.toml", '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                            'dependencies = ["app"]\n')
        place.write("in.txt", "app\n")
        self.path = fake_programs(place)
        self.places = places(place, self.index)
        self.wrong = []

    def run(self, given, verb, fault, name):
        words = (VERBS.get(verb) or verb).split()
        takes_index = words[0] not in ("freeze", "inspect", "show", "check", "verify", "config", "cache", "auth",
                                       "uninstall", "python", "completion") and not (words[0] == "list" and
                                           "-v" in words)
        if given.verbs is not None and takes_index:
            words = [words[0], *(["--python", self.env] if words[0] == "install" else []), *given.words]
            words += {"download": ["-d", "dl"], "wheel": ["-w", "wh"], "bundle": ["-o", "bundle"], "why": ["lib"],
                      "run": ["python", "-c", "1"], "add": ["lib"], "remove": ["lib"]}.get(words[0], [])
            if words[0] == "compile":
                words = ["compile", *(w for w in given.words if w != "-r")]
        elif takes_index:
            words[1:1] = given.words
            if words[0] in ("install", "list"):
                words += ["--python", self.env]
            if words[0] == "index":
                words = ["index", "versions", "nosuch", *given.words]
        elif words[0] in ("freeze", "inspect", "show", "check", "verify", "uninstall", "list"):
            words += ["--python", self.env]
        if takes_index and words[0] not in ("debug",):
            words[1:1] = ["--retries", "0", "--timeout", "1"]
        if words[0] == "run" and given.verbs is None:
            words = ["run", "--retries", "0", "--timeout", "1", *given.words, "--with", "app", "--project", "plain",
                     "python", "-c", "1"]
        self.index.fault = fault
        done = self.place.pkg(*words, PATH=self.path, **given.variables)
        self.ran += 1
        assert 0 <= done.code <= 2 or words[0] == "run", (words, done)
        for stream in (done.out, done.err):
            if any(mark.decode() in stream for mark in MARKS):
                self.wrong.append((name, verb, fault, [line for line in stream.splitlines()
                                                       if any(m.decode() in line for m in MARKS)][:3]))

    def scan(self, name, also_allowed=()):
        allowed = {file for given in self.places.values() for file in given.files} | set(also_allowed)
        for path, data in everything_below(self.place.path):
            if path not in allowed and (any(mark in data for mark in MARKS)):
                self.wrong.append((name, "file", path, data[max(0, data.find(MARKS[0]) - 60) :][:120]))

    def finish(self):
        assert not self.wrong, f"{len(self.wrong)} leaks of {self.ran} runs:\n" + "\n".join(map(repr, self.wrong[:40]))


def verbs_of(given):
    if given.verbs is None:
        return list(VERBS)
    return given.verbs.split()


def sample(given, number):
    """A few of the verbs and failures of a place: all are reached by some place."""
    verbs = verbs_of(given)
    picked = [(verbs[0], "none")]
    picked.append((verbs[(number * 5 + 1) % len(verbs)], FAULTS[1 + number % (len(FAULTS) - 1)]))
    return picked


@check
def a_canary_is_found_nowhere_else(place):
    case = Case(place)
    kept = place.pkg("auth", "login", case.index.url, "-u", USER, "--password-stdin", stdin=SECRET + "\n")
    assert kept.code == 0, kept
    login, parked = case.places["kept login"].files[0], f"{place.path}/parked"
    os.rename(login, parked)  # other places have to do without it
    watch = Watch()
    for number, (name, given) in enumerate(case.places.items()):
        if name == "kept login":
            os.rename(parked, login)
        runs = itertools.product(verbs_of(given), FAULTS) if ALL else sample(given, number)
        for verb, fault in runs:
            case.run(given, verb, fault, name)
        for verb in QUIET_VERBS if ALL else QUIET_VERBS[number % len(QUIET_VERBS) :][:1]:
            case.run(given, verb, "none", name)
        if ALL or number % 6 == 5:
            case.scan(name, [parked])
    case.scan("end", [parked])
    case.wrong += sorted(watch.end())
    if ALL:
        print(f"{case.ran} runs, {len(case.places)} places, {len(case.wrong)} leaks")
    case.finish()


@check
def references_to_variables_stay_references(place):
    index = Faulty()
    app = FILES[2][0]
    place.write("in.txt", f"lib @ http://{USER}:${{LIB_PASSWORD}}@{index.origin[7:]}/files/{app}\n")
    run = place.pkg("compile", "in.txt", "-i", index.url, "-o", "out.txt", LIB_PASSWORD=SECRET)
    assert run.code == 0, run
    with open(f"{place.work}/out.txt") as text:
        assert f"lib @ {index.origin}/files/{app}" in text.read()
    env = place.venv()
    run = place.pkg("install", "--python", env, "-r", "in.txt", LIB_PASSWORD=SECRET)
    assert run.code == 0 and SECRET not in run.out + run.err, run
    assert f"lib @ {index.origin}/files/{app}" in place.pkg("freeze", "--python", env).out


@check
def tokens_of_servers_are_not_kept(place):
    """Signed redirects and links with tokens: installed from, and in no file of the cache."""
    index = Faulty()
    index.fault = "signed"
    env = place.venv()
    run = place.pkg("install", "--python", env, "-i", f"http://{INFO}{index.origin[7:]}/simple/", "app")
    assert run.code == 0, run
    index.fault = "none"
    run = place.pkg("install", "-U", "--refresh", "--python", env, "--no-index", "-f",
                    f"http://{INFO}{index.origin[7:]}/links/", "app==1.0")
    assert run.code == 0, run
    found = [path for path, data in everything_below(place.path) if any(mark in data for mark in MARKS)]
    assert not found, found


main()
