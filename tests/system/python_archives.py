"""Archives of Pythons in python-build-standalone's layout, packed from an interpreter of this machine, and a loopback
server with a catalogue of them."""
import atexit, functools, hashlib, http.server, io, json, os, re, shutil, subprocess, sys, sysconfig, tarfile, tempfile
import threading

from support import need_tool

LEFT_OUT = {"test", "tests", "idlelib", "tkinter", "turtledemo", "site-packages", "dist-packages", "__pycache__",
            "lib2to3", "ensurepip", "pydoc_data"}
MACHINE = os.uname().machine
LIBC = "gnu" if any(map(os.path.exists, ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"))) else "musl"
OTHER = "9.9"  # a version that no machine has
# sys.version_info of another patch release: every Python imports `encodings` first.
ANOTHER_VERSION = '''
import sys as _sys
class _Version(tuple):
    major, minor, micro = (property(lambda self, i=i: self[i]) for i in range(3))
    releaselevel, serial = property(lambda self: self[3]), property(lambda self: self[4])
_sys.version_info = _sys.implementation.version = _Version((%d, %d, %d, "final", 0))
_sys.version = "%d.%d.%d" + _sys.version[_sys.version.index(" "):]
'''


class Source:
    """The tree of one interpreter of this machine as `python/…`, with /install as its prefix; packed for any patch
    release."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="pkg-pythons-")
        self.root = f"{self.folder}/python"
        info = sys.version_info
        self.minor, self.patch = f"{info[0]}.{info[1]}", info[2]
        prefix, program = sys.base_prefix, os.path.realpath(sys.executable)
        self.library = f"{self.root}/lib/python{self.minor}"
        os.makedirs(f"{self.root}/bin")
        shutil.copy(program, f"{self.root}/bin/python{self.minor}")
        for name in ("python", "python3"):
            os.symlink(f"python{self.minor}", f"{self.root}/bin/{name}")
        shutil.copytree(sysconfig.get_path("stdlib"), self.library, symlinks=True, ignore=lambda _, names: [
            name for name in names if name in LEFT_OUT or name.startswith("config-") or name == "EXTERNALLY-MANAGED"])
        os.makedirs(f"{self.library}/site-packages")
        for name in os.listdir(self.library):
            path = f"{self.library}/{name}"
            if os.path.islink(path) and not os.path.exists(path):
                os.remove(path)
            elif name.startswith("_sysconfigdata_") and os.path.isfile(path):
                text = re.sub(r"(?<![\w/])" + re.escape(prefix) + r"(?=[/'\" ])", "/install", open(path).read())
                text = re.sub(r"('prefix': )'[^']*'", r"\1'/install'", text)
                os.remove(path)
                open(path, "w").write(re.sub(r"('CC': )'\S+?(?=[ '])", r"\1'/no/such/clang", text))
        os.makedirs(f"{self.root}/lib/pkgconfig")
        open(f"{self.root}/lib/pkgconfig/python-{self.minor}.pc", "w").write(
            "prefix=/install\nlibdir=${prefix}/lib\nincludedir=/install/include\nother=/installed/x\n")
        self.script("pip3", f"#!/install/bin/python{self.minor}\nimport sys; print(sys.prefix)\n")
        self.script("shell", "#!/bin/sh\nprefix=/install\necho $prefix\n")

    def script(self, name, text):
        open(f"{self.root}/bin/{name}", "w").write(text)
        os.chmod(f"{self.root}/bin/{name}", 0o755)

    def version(self, patch):
        return f"{self.minor}.{patch}"

    def packed(self, patch, full=False):
        """tar bytes; `full`: python/install/… beside PYTHON.json and build/."""
        buffer = io.BytesIO()
        numbers = (*map(int, self.minor.split(".")), patch)
        encodings = open(f"{self.library}/encodings/__init__.py").read()
        if patch != self.patch:
            encodings += ANOTHER_VERSION % (numbers * 2)
        top = "python/install" if full else "python"

        def change(entry):
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            return None if entry.name.endswith("/encodings/__init__.py") else entry

        with tarfile.open(fileobj=buffer, mode="w") as archive:
            if full:
                put(archive, "python/PYTHON.json", b"{}")
                put(archive, "python/build/core.o", b"object")
            archive.add(self.root, top, filter=change)
            put(archive, f"{top}/lib/python{self.minor}/encodings/__init__.py", encodings.encode())
        return buffer.getvalue()


def put(archive, name, data, mode=0o644, **fields):
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), mode
    for key, value in fields.items():
        setattr(entry, key, value)
    archive.addfile(entry, io.BytesIO(data))


def gzipped(data):
    return subprocess.run(["gzip", "-1n"], input=data, capture_output=True, check=True).stdout


def fake(version, body=None, members=(), implementation="cpython"):
    """A small .tar.gz whose interpreter is a shell script; it says what pkg asks when it starts one."""
    minor = ".".join(version.split(".")[:2])
    name = "python" if implementation == "cpython" else implementation
    text = body or f"#!/bin/sh\necho 'pkg: {implementation} {version} -'\n"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        put(archive, f"python/bin/{name}{minor}", text.encode(), 0o755)
        put(archive, f"python/lib/{name}{minor}/os.py", b"# the standard library\n")
        for member in members:
            member(archive)
    return gzipped(buffer.getvalue())


class Mirror:
    """Archives over HTTP, and catalogue.json. `cut`: of a file, how many bytes come before the connection ends; a list
    is for one request after the other."""

    def __init__(self):
        self.files, self.entries, self.cut, self.asked, self.wait = {}, [], {}, [], {}
        mirror = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                name = self.path.lstrip("/")
                mirror.asked.append((name, self.headers.get("Range")))
                body = mirror.catalogue() if name == "catalogue.json" else mirror.files.get(name)
                if name in mirror.wait:
                    mirror.wait[name].wait(20)
                status, first, whole = 200 if body is not None else 404, 0, body or b""
                if body is not None and (part := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))):
                    status, first = 206, int(part[1])
                body = whole[first:]
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("ETag", '"1"')
                if status == 206:
                    self.send_header("Content-Range", f"bytes {first}-{len(whole) - 1}/{len(whole)}")
                self.end_headers()
                cuts = mirror.cut.get(name)
                end = len(body) if not cuts else cuts.pop(0) if isinstance(cuts, list) else cuts
                self.wfile.write(body[:end])
                if end < len(body):
                    self.wfile.flush()
                    self.connection.close()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.base = f"http://127.0.0.1:{self.server.server_port}/"
        self.url = f"{self.base}catalogue.json"

    def add(self, version, data, ending="tar.gz", **changes):
        implementation = changes.get("implementation", "cpython")
        name = f"{implementation}-{version}+20250101-{MACHINE}-unknown-linux-{LIBC}-install_only.{ending}"
        self.files[name] = data
        entry = {"implementation": implementation, "version": version, "platform": f"linux-{MACHINE}", "libc": LIBC,
                 "url": name.replace("+", "%2B"), "sha256": hashlib.sha256(data).hexdigest(), "size": len(data),
                 "build": "20250101", **changes}
        self.files[name.replace("+", "%2B")] = data
        self.entries.append(entry)
        return name.replace("+", "%2B")

    def catalogue(self):
        return json.dumps({"schema": 1, "pythons": self.entries}).encode()

    def fetched(self, name):
        return [asked for asked in self.asked if asked[0] == name]


ONE_AT_A_TIME = threading.RLock()


def one_at_a_time(function):
    """Kept for the whole test, and made by one thread."""
    kept = functools.cache(function)

    @functools.wraps(function)
    def locked(*words, **named):
        with ONE_AT_A_TIME:
            return kept(*words, **named)
    return locked


@one_at_a_time
def source():
    made = Source()
    atexit.register(shutil.rmtree, made.folder, ignore_errors=True)
    return made


@one_at_a_time
def real(patch, full=False):
    """The archive of this test's own interpreter as that patch release."""
    data = source().packed(patch, full)
    if not full:
        return gzipped(data)
    need_tool("zstd")
    return subprocess.run(["zstd", "-q", "-1"], input=data, capture_output=True, check=True).stdout


def key(version, variant=""):
    return f"cpython-{version}{variant}-linux-{MACHINE}-{LIBC}"


class PythonWorld:
    """A mirror of Pythons, and pkg with nothing on PATH but what a shell needs."""

    def __init__(self, place):
        self.place, self.mirror = place, Mirror()
        self.pythons, self.bin = f"{place.path}/pythons", f"{place.path}/bin"
        os.makedirs(f"{place.path}/path")
        for name in ("sh", "cat", "realpath", "dirname"):
            os.symlink(shutil.which(name), f"{place.path}/path/{name}")

    def environment(self, **extra):
        return {"PKG_PYTHON_CATALOG": self.mirror.url, "PKG_PYTHON_DIR": self.pythons, "PKG_BIN_DIR": self.bin,
                "PATH": f"{self.place.path}/path", "PYENV_ROOT": "/nowhere", **extra}

    def pkg(self, *words, cwd=None, **extra):
        return self.place.pkg(*words, cwd=cwd, **self.environment(**extra))

    def install(self, *words, **extra):
        return self.pkg("python", "install", "--retries", "0", *words, **extra)

    def names(self):
        return sorted(os.listdir(self.pythons)) if os.path.exists(self.pythons) else []

    def has_nothing(self):
        return [name for name in self.names() if name != ".lock"] == []
