"""What the system tests share: wheels made on the spot, a loopback index, and a way to run pkg in a clean environment.

A system test is a script: SCRIPT PKG BUILD_FOLDER. It runs the real binary, prints one line per check, and exits with 1
when one failed."""
import base64, hashlib, http.server, io, json, os, pty, re, select, shutil, subprocess, sys, tempfile, threading, time
import traceback, urllib.parse, zipfile

PKG = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else "pkg"
PYTHON = shutil.which("python3.11") or "/usr/bin/python3"


def record_digest(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def wheel(name, version, files=None, requires=(), extras=(), requires_python=None, entry_points=None,
          tag="py3-none-any", record=None, metadata_extra=""):
    """(file name, bytes) of a valid wheel; `record` replaces RECORD's text, a function of the right one."""
    dist = name.replace("-", "_")
    info = f"{dist}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {r}\n" for r in requires) + "".join(f"Provides-Extra: {e}\n" for e in extras)
    metadata += (f"Requires-Python: {requires_python}\n" if requires_python else "") + metadata_extra
    content = dict(files if files is not None else {f"{dist}/__init__.py": f"__version__ = {version!r}\n"})
    content[f"{info}/METADATA"] = metadata
    content[f"{info}/WHEEL"] = f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n"
    if entry_points:
        content[f"{info}/entry_points.txt"] = entry_points
    content = {path: data if isinstance(data, bytes) else data.encode() for path, data in content.items()}
    rows = "".join(f"{path},{record_digest(data)},{len(data)}\n"
                   for path, data in content.items()) + f"{info}/RECORD,,\n"
    content[f"{info}/RECORD"] = (record(rows) if record else rows).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in content.items():
            entry = zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if path.endswith(".sh") else 0o100644) << 16
            archive.writestr(entry, data)
    return f"{dist}-{version}-{tag}.whl", buffer.getvalue()


# A build backend that needs nothing: its wheel is a .pth file that leads to the folder.
PTH_BACKEND = '''
import base64, hashlib, os, re, zipfile
def name_and_version():
    text = open("pyproject.toml").read()
    return re.search('name = "(.*)"', text)[1], re.search('version = "(.*)"', text)[1]
def build_editable(folder, config_settings=None, metadata_directory=None):
    name, version = name_and_version()
    info = f"{name}-{version}.dist-info"
    file = f"{name}-{version}-py3-none-any.whl"
    texts = {f"{name}.pth": os.getcwd() + "\\n",
             f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n",
             f"{info}/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    rows = [f"{path},sha256=" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            + f",{len(text)}\\n" for path, text in texts.items()]
    with zipfile.ZipFile(os.path.join(folder, file), "w") as archive:
        for path, text in {**texts, f"{info}/RECORD": "".join(rows) + f"{info}/RECORD,,\\n"}.items():
            archive.writestr(path, text)
    return file
build_wheel = build_editable
'''


# A program that says its name and its arguments; a number as the first one is its exit code.
MAIN = """import sys
def main():
    print({0!r}, *sys.argv[1:])
    sys.exit(int(sys.argv[1]) if sys.argv[1:] and sys.argv[1].isdigit() else 0)
"""


def program(name, version, programs=None, requires=()):
    """A wheel with a program of its name, or with `programs`."""
    points = "".join(f"{one} = {name}:main\n" for one in programs or [name])
    return wheel(name, version, files={f"{name}.py": MAIN.format(f"{name} {version}")}, requires=requires,
                 entry_points=f"[console_scripts]\n{points}")


class Index:
    """A simple index over loopback: {project: [(file name, bytes)]}. Remembers requests; `answer` may replace any
    response."""

    def __init__(self, wheels, json_api=True, announce_metadata=True, answer=None):
        self.projects = {}
        for file_name, data in wheels:
            project = re.sub(r"[-_.]+", "-", file_name.split("-")[0]).lower()
            self.projects.setdefault(project, []).append((file_name, data))
        self.json_api, self.announce_metadata, self.answer, self.requests = json_api, announce_metadata, answer, []
        self.uploaded = {}  # when, by file name; else nothing is said
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                index.requests.append((self.path, dict(self.headers)))
                status, headers, body = index.respond(self.path, dict(self.headers))
                self.send_response(status)
                for key, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/simple/"

    def metadata(self, data):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.read(next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA")))

    def respond(self, path, headers):
        if self.answer and (answer := self.answer(path, headers)):
            return answer
        if match := re.fullmatch(r"/simple/([^/]+)/", path):
            files = self.projects.get(match[1])
            return (404, {}, b"") if files is None else self.page(match[1], files, headers)
        if match := re.fullmatch(r"/files/([^/]+?)(\.metadata)?", path):
            for files in self.projects.values():
                for file_name, data in files:
                    if file_name == urllib.parse.unquote(match[1]):
                        return self.file(self.metadata(data) if match[2] else data, headers)
        return 404, {}, b""

    def file(self, data, headers):
        if match := re.fullmatch(r"bytes=(\d*)-(\d*)", headers.get("Range", "")):
            start = int(match[1]) if match[1] else max(0, len(data) - int(match[2]))
            end = min(int(match[2]), len(data) - 1) if match[1] and match[2] else len(data) - 1
            return 206, {"Content-Range": f"bytes {start}-{end}/{len(data)}"}, data[start : end + 1]
        return 200, {"Accept-Ranges": "bytes"}, data

    def page(self, project, files, headers):
        if self.json_api and "json" in headers.get("Accept", ""):
            listed = []
            for file_name, data in files:
                item = {"filename": file_name, "url": f"/files/{file_name}",
                        "hashes": {"sha256": hashlib.sha256(data).hexdigest()}, "size": len(data)}
                is_wheel = file_name.endswith(".whl")
                if is_wheel and (needs := re.search(rb"^Requires-Python: (.+)$", self.metadata(data), re.M)):
                    item["requires-python"] = needs[1].decode()
                if is_wheel and self.announce_metadata:
                    item["core-metadata"] = {"sha256": hashlib.sha256(self.metadata(data)).hexdigest()}
                if file_name in self.uploaded:
                    item["upload-time"] = self.uploaded[file_name]
                listed.append(item)
            body = json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": listed,
                               "versions": []}).encode()
            return 200, {"Content-Type": "application/vnd.pypi.simple.v1+json"}, body
        links = "".join(f'<a href="/files/{n}#sha256={hashlib.sha256(d).hexdigest()}">{n}</a><br/>\n' for n, d in files)
        return 200, {"Content-Type": "text/html"}, f"<!DOCTYPE html><html><body>{links}</body></html>".encode()


class Run:
    """The outcome of one pkg command."""

    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    def __repr__(self):
        return f"exit {self.code}\n--- stdout\n{self.out}--- stderr\n{self.err}"


class Place:
    """A folder of its own with HOME, a cache and a working folder; kept when the check that uses it fails."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="pkg-system-")
        for name in ("home", "tmp", "work"):
            os.mkdir(f"{self.path}/{name}")
        self.work = f"{self.path}/work"

    def environment(self, extra):
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "PKG_", "UV_", "VIRTUAL_ENV", "CONDA",
            "PYTHON"))}
        return {**keep, "HOME": f"{self.path}/home", "XDG_CACHE_HOME": f"{self.path}/cache",
                "TMPDIR": f"{self.path}/tmp", "PIP_CONFIG_FILE": "/dev/null", "NO_COLOR": "1", **extra}

    def pkg(self, *words, cwd=None, stdin=None, timeout=120, **env):
        done = subprocess.run([PKG, *map(str, words)], cwd=cwd or self.work, env=self.environment(env),
                              capture_output=True, text=True, timeout=timeout, input=stdin)
        return Run(done)

    def venv(self, name="env", python=PYTHON):
        path = f"{self.path}/{name}"
        made = self.pkg("venv", "--python", python, path)
        assert made.code == 0, made
        return path

    def python(self, env, code):
        done = subprocess.run([f"{env}/bin/python", "-c", code], capture_output=True, text=True,
                              env=self.environment({}))
        return Run(done)

    def write(self, name, data):
        path = f"{self.work}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb" if isinstance(data, bytes) else "w") as out:
            out.write(data)
        return path

    def wheels(self, *made, folder="wheels"):
        for file_name, data in made:
            self.write(f"{folder}/{file_name}", data)
        return f"{self.work}/{folder}"


def member(place, folder, name, dependencies=(), more="", package=True):
    """A project's folder below the working folder; `package`: it can be built, and is installed in place."""
    text = f'[project]\nname = "{name}"\nversion = "1.0"\nrequires-python = ">=3.9"\n'
    text += f"dependencies = {json.dumps(list(dependencies))}\n" + more
    if package:
        text += '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        place.write(f"{folder}/backend.py", PTH_BACKEND)
    place.write(f"{folder}/pyproject.toml", text)


def on_terminal(place, words, answer, **env):
    """(exit code, what was to be seen) of pkg at a pseudo-terminal; `answer` is typed when it asks."""
    master, slave = pty.openpty()
    process = subprocess.Popen([PKG, *words], cwd=place.work, stdin=slave, stdout=slave, stderr=slave,
                               env=place.environment({"TERM": "dumb", **env}), start_new_session=True)
    os.close(slave)
    seen, answered, until = b"", False, time.monotonic() + 60
    while time.monotonic() < until:
        if select.select([master], [], [], 0.2)[0]:
            try:
                piece = os.read(master, 4096)
            except OSError:
                break
            if not piece:
                break
            seen += piece
        if b"[y/N]" in seen and not answered:
            os.write(master, answer)
            answered = True
    code = process.wait(timeout=60)
    os.close(master)
    return code, seen.decode(errors="replace")


CHECKS = []


class Skip(Exception):
    """Raised by a check that cannot run on this machine, with the reason; scripts/test counts it apart
    from what passed."""


def need_tool(name):
    if shutil.which(name) is None:
        raise Skip(f"there is no {name}")


def check(function):
    CHECKS.append(function)
    return function


def main():
    only = sys.argv[3:]
    failed = 0
    for function in CHECKS:
        name = function.__name__.replace("_", " ")
        if only and not any(word in name for word in only):
            continue
        place = Place()
        try:
            function(place)
            print(f"ok      {name}")
            shutil.rmtree(place.path, ignore_errors=True)
        except Skip as reason:
            print(f"SKIPPED {name}: {reason}")
            shutil.rmtree(place.path, ignore_errors=True)
        except Exception:
            failed += 1
            print(f"FAILED  {name} (kept: {place.path})\n{traceback.format_exc()}")
    sys.exit(1 if failed else 0)


def tree(path):
    """Everything below `path`: {relative path: (kind, mode, content)}."""
    found = {}
    for base, dirs, files in os.walk(path):
        for name in dirs + files:
            full = os.path.join(base, name)
            status = os.lstat(full)
            relative = os.path.relpath(full, path)
            if os.path.islink(full):
                found[relative] = ("link", 0, os.readlink(full))
            elif os.path.isdir(full):
                found[relative] = ("dir", status.st_mode & 0o777, "")
            else:
                with open(full, "rb") as content:
                    found[relative] = ("file", status.st_mode & 0o777, hashlib.sha256(content.read()).hexdigest())
    return found
