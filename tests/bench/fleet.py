#!/usr/bin/env python3
"""What a remote cache saves a fleet: 1, 8 and 32 clients with empty caches install the same at the same time, with a
remote cache that is empty, with one that is full, without one, and with uv; wheels (jupyter's pins from the frozen
index) and five sources that are compiled. Index and store are nginx on loopback; what they sent is counted from their
logs. Writes its table into docs/internals/benchmarks.md.

    fleet.py --bench ../shared/bench [--index-dir DIR] [--uv UV] [--clients 1 8 32]
             [--docs docs/internals/benchmarks.md]
"""
import argparse, datetime, glob, hashlib, io, json, os, shutil, subprocess, sys, tarfile, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import serve, stage, tables

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Builds a wheel with an extension module: what a C project costs, without a build requirement.
BACKEND = '''
import base64, hashlib, os, subprocess, sysconfig, zipfile
NAME, VERSION = "%s", "1.0"
def build_wheel(folder, config_settings=None, metadata_directory=None):
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    subprocess.check_call(["cc", "-O2", "-shared", "-fPIC", "-I" + sysconfig.get_paths()["include"],
                           "module.c", "-o", NAME + suffix])
    soabi = sysconfig.get_config_var("SOABI").split("-")
    tag = "cp%%s-cp%%s-linux_x86_64" %% (soabi[1], soabi[1])
    info = NAME + "-" + VERSION + ".dist-info"
    files = {NAME + suffix: open(NAME + suffix, "rb").read(),
             info + "/METADATA": ("Metadata-Version: 2.1\\nName: %%s\\nVersion: %%s\\n" %% (NAME, VERSION)).encode(),
             info + "/WHEEL": ("Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: false\\n"
                               "Tag: %%s\\n" %% tag).encode()}
    rows = ""
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        rows += "%%s,sha256=%%s,%%d\\n" %% (path, digest, len(data))
    files[info + "/RECORD"] = (rows + info + "/RECORD,,\\n").encode()
    name = "%%s-%%s-%%s.whl" %% (NAME, VERSION, tag)
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return name
'''


def c_source(name):
    functions = "\n".join(
        f"static double f{i}(double a, double b) {{ for (int k = 0; k < 40; ++k) a = a * b + {i}.5 / (k + 1 + b * b);"
        f" return a; }}" for i in range(600))
    calls = " + ".join(f"f{i}(x, {i}.0)" for i in range(600))
    return (f'#include <Python.h>\n{functions}\nstatic PyObject* run(PyObject* self, PyObject* args) {{ double x = 1; '
            f'return PyFloat_FromDouble({calls}); }}\n'
            f'static PyMethodDef methods[] = {{{{"run", run, METH_NOARGS, ""}}, {{0}}}};\n'
            f'static struct PyModuleDef module = {{PyModuleDef_HEAD_INIT, "{name}", "", -1, methods}};\n'
            f'PyMODINIT_FUNC PyInit_{name}(void) {{ return PyModule_Create(&module); }}\n')


def write_sources(index):
    """Five projects in the index, as sources alone."""
    names = [f"fleetsource{letter}" for letter in "abcde"]
    for name in names:
        tree = {"pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
                                  f'[project]\nname = "{name}"\nversion = "1.0"\nrequires-python = ">=3.8"\n',
                "backend.py": BACKEND % name, "module.c": c_source(name),
                "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: 1.0\nRequires-Python: >=3.8\n"}
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for path, text in tree.items():
                entry = tarfile.TarInfo(f"{name}-1.0/{path}")
                entry.size, entry.mtime = len(text.encode()), 1_700_000_000
                archive.addfile(entry, io.BytesIO(text.encode()))
        data = buffer.getvalue()
        digest = hashlib.sha256(data).hexdigest()
        place = f"{index}/files/{digest[:2]}/{digest}"
        os.makedirs(place, exist_ok=True)
        open(f"{place}/{name}-1.0.tar.gz", "wb").write(data)
        page = {"meta": {"api-version": "1.1"}, "name": name, "versions": ["1.0"], "files": [
            {"filename": f"{name}-1.0.tar.gz", "url": f"../../files/{digest[:2]}/{digest}/{name}-1.0.tar.gz",
             "hashes": {"sha256": digest}, "size": len(data), "requires-python": ">=3.8", "yanked": False}]}
        os.makedirs(f"{index}/simple/{name}", exist_ok=True)
        open(f"{index}/simple/{name}/index.json", "w").write(json.dumps(page))
    return names


class Nginx:
    """Index or store, with a log of what each answer weighed."""

    def __init__(self, folder, is_store):
        self.folder, self.is_store = folder, is_store

    def __enter__(self):
        self.state = tempfile.TemporaryDirectory(prefix="bench-fleet-")
        self.port, self.log = serve.free_port(), f"{self.state.name}/log"
        configuration = serve.nginx_configuration(self.folder, self.port, self.state.name, serve.PAGE_AGE)
        configuration = configuration.replace(
            "access_log off;", f"log_format sizes '$request_method $status $body_bytes_sent'; "
                               f"access_log {self.log} sizes; client_max_body_size 0;")
        configuration = configuration.replace("worker_connections 512", "worker_connections 4096")
        if self.is_store:
            start = configuration.index("    location /simple/")
            configuration = (configuration[:start] + "    location / { dav_methods PUT; create_full_put_path on; "
                             "dav_access user:rw; }\n  }\n}\n")
        path = f"{self.state.name}/nginx.conf"
        with open(path, "w") as out:
            out.write(("user root;" if os.getuid() == 0 else "") + configuration)
        self.process = subprocess.Popen([serve.nginx_program(), "-e", "stderr", "-c", path])
        time.sleep(0.5)
        self.url = f"http://127.0.0.1:{self.port}" + ("/pkg" if self.is_store else "/simple/")
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.state.cleanup()

    def forget(self):
        open(self.log, "w").close()

    def sent(self):
        """(requests, bytes of bodies) since forget()."""
        time.sleep(0.2)
        lines = [line.split() for line in open(self.log)]
        return len(lines), sum(int(line[2]) for line in lines)


def run_all(commands):
    """Seconds until the last of them is done."""
    begin = time.monotonic()
    running = [subprocess.Popen(words, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
               for words, env in commands]
    for one in running:
        _, err = one.communicate()
        if one.returncode:
            raise SystemExit(f"failed: {err[-2000:]}")
    return time.monotonic() - begin


class Bench:
    def __init__(self, options, work, index, store, python):
        self.options, self.work, self.index, self.store, self.python = options, work, index, store, python
        self.key = f"{work}/key"
        subprocess.run([options.pkg, "cache", "key", self.key], check=True, capture_output=True)

    def environment(self, **more):
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PKG_", "VIRTUAL_ENV"))}
        return {**keep, "HOME": self.work, "PIP_CONFIG_FILE": "/dev/null", "NO_COLOR": "1", **more}

    def clients(self, count, make):
        """Commands for so many machines, each with an empty cache and an empty environment."""
        shutil.rmtree(f"{self.work}/machines", ignore_errors=True)
        commands = []
        for i in range(count):
            folder = f"{self.work}/machines/{i}"
            os.makedirs(folder)
            subprocess.run([self.options.pkg, "venv", "-q", "--python", self.python, f"{folder}/env"], check=True,
                           env=self.environment(XDG_CACHE_HOME=f"{self.work}/venv-cache"), capture_output=True)
            commands.append(make(folder))
        return commands

    def pkg(self, words, **more):
        return lambda folder: ([self.options.pkg, "install", "-q", "-p", f"{folder}/env", "--index-url", self.index.url,
                                *words], self.environment(XDG_CACHE_HOME=f"{folder}/cache", **more))

    def uv(self, words):
        return lambda folder: ([self.options.uv, "pip", "install", "-q", "--python", f"{folder}/env/bin/python",
                                "--default-index", self.index.url, *words],
                               self.environment(UV_CACHE_DIR=f"{folder}/cache", UV_NO_CONFIG="1"))

    def measure(self, count, make, runs):
        best = None
        for _ in range(runs):
            commands = self.clients(count, make)
            self.index.forget()
            self.store.forget()
            seconds = run_all(commands)
            cell = (seconds, *self.index.sent(), *self.store.sent())
            best = cell if best is None or cell[0] < best[0] else best
        return best

    def empty_store(self):
        shutil.rmtree(f"{self.store.folder}/pkg", ignore_errors=True)

    def rows(self, title, words):
        shared = {"PKG_REMOTE_CACHE": self.store.url, "PKG_REMOTE_CACHE_KEY": self.key}
        for count in self.options.clients:
            runs = self.options.runs
            yield title, count, "uv, no remote cache", self.measure(count, self.uv(words), runs)
            yield title, count, "pkg, no remote cache", self.measure(count, self.pkg(words), runs)
            self.empty_store()
            yield title, count, "pkg, remote cache empty", self.measure(count, self.pkg(words, **shared), 1)
            yield title, count, "pkg, remote cache full", self.measure(count, self.pkg(words, **shared), runs)


def megabytes(count):
    return f"{count / 1e6:.2f} MB"


def table(rows):
    lines = ["| set | clients | | wall | index: requests, bytes | bytes a client | store: requests, bytes sent |",
             "|---|---:|---|---:|---:|---:|---:|"]
    for title, count, what, (seconds, asked, sent, store_asked, store_sent) in rows:
        store = f"{store_asked:,}, {megabytes(store_sent)}" if store_asked else "–"
        lines.append(f"| {title} | {count} | {what} | {seconds:.2f} s | {asked:,}, {megabytes(sent)} | "
                     f"{megabytes(sent / count)} | {store} |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default=os.environ.get("PKG_BENCH", f"{ROOT}/../shared/bench"))
    parser.add_argument("--index-dir")
    parser.add_argument("--pkg", default=f"{ROOT}/build/release/pkg")
    parser.add_argument("--uv", default=shutil.which("uv"))
    parser.add_argument("--clients", type=int, nargs="*", default=[1, 8, 32])
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--sets", nargs="*", default=["wheels", "sources"], choices=["wheels", "sources"])
    parser.add_argument("--note", default="", help="said beside the machine, where the table is")
    parser.add_argument("--tmp")
    parser.add_argument("--docs", default=f"{ROOT}/docs/internals/benchmarks.md")
    options = parser.parse_args()
    options.pkg = os.path.abspath(options.pkg)
    rows = []
    with tempfile.TemporaryDirectory(prefix="bench-fleet-", dir=options.tmp) as work:
        index = stage.frozen_index(options.bench, options.index_dir, work)
        python = stage.interpreter(None, options.pkg)
        stage.fill_wheels(options.bench, index, options.pkg, python, work)
        sources = write_sources(index)
        os.makedirs(f"{work}/store")
        with Nginx(index, False) as server, Nginx(f"{work}/store", True) as store:
            bench = Bench(options, work, server, store, python)
            sets = {"wheels": ("jupyter, 96 wheels", ["-r", f"{options.bench}/sets/jupyter.pins.txt"]),
                    "sources": ("five C sources", [f"{name}==1.0" for name in sources])}
            for name in options.sets:
                for row in bench.rows(*sets[name]):
                    rows.append(row)
                    print(table([row]).splitlines()[-1], flush=True)
    text = (f"{datetime.date.today()}, {stage.machine()}; "
            f"best of {options.runs}, the store is filled once{options.note}.\n\n"
            f"{table(rows)}")
    tables.put(options.docs, "fleet", text)


if __name__ == "__main__":
    main()
