#!/usr/bin/env python3
"""Installs each package of dist/ where it is for, from its own instructions, and runs pkg's main job there: make an
environment, install a wheel from an index over TLS, import it. One line per check; ends with 1 when one failed.

    scripts/try-packages            what can be shown on this machine; the rest says SKIPPED and why
    scripts/try-packages WORD…      checks whose name has one of the words: static wheel bullseye trixie busybox image
                                    arm deb

The index is on loopback, and its certificate is signed by an authority made for the run: it is found where systems keep
theirs. Roots of other systems need root, debootstrap and the machine's own Debian mirror; they are kept.
"""
import base64
import contextlib
import hashlib
import http.server
import io
import json
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import tarfile
import tempfile
import threading
import traceback
import zipfile

TREE = pathlib.Path(__file__).resolve().parents[2]
DIST = pathlib.Path(os.environ.get("PKG_DIST", TREE / "dist"))
CACHE = pathlib.Path(os.environ.get("PKG_PACKAGING_CACHE") or os.path.expanduser("~/.cache/pkg-packaging"))
LARGEST_PROGRAM = 12 << 20  # 8 MiB are wanted: docs/internals/decisions/0015-packages.md says what keeps it from that
CHECKS = []


class Skipped(Exception):
    pass


def check(function):
    CHECKS.append(function)
    return function


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def one(pattern):
    found = sorted(DIST.glob(pattern))
    if not found:
        raise Skipped(f"no {pattern} in {DIST}: scripts/package makes it")
    return found[-1]


def tiny_wheel():
    files = {"tiny.py": "ANSWER = 42\n",
             "tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
             "tiny-1.0.dist-info/WHEEL":
                 "Wheel-Version: 1.0\nGenerator: try\nRoot-Is-Purelib: true\nTag: py3-none-any\n"}
    digest = lambda text: base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    rows = [f"{name},sha256={digest(text)},{len(text)}\n" for name, text in files.items()]
    files["tiny-1.0.dist-info/RECORD"] = "".join(rows) + "tiny-1.0.dist-info/RECORD,,\n"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


class Index:
    """An index over TLS that has `tiny`, and `authority`, the file that trusts it."""

    def __init__(self, folder):
        make = lambda *words: run("openssl", *words, cwd=folder)
        make("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2",
             "-subj", "/CN=Authority of a test", "-addext", "keyUsage=keyCertSign")
        make("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "request.pem",
             "-subj", "/CN=localhost")
        (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        make("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
             "-extfile", "names", "-out", "cert.pem")
        self.authority = folder / "ca.pem"
        wheel = tiny_wheel()
        page = json.dumps({"meta": {"api-version": "1.1"}, "name": "tiny", "versions": ["1.0"], "files": [
            {"filename": "tiny-1.0-py3-none-any.whl", "url": "/tiny-1.0-py3-none-any.whl", "size": len(wheel),
             "hashes": {"sha256": hashlib.sha256(wheel).hexdigest()}}]}).encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                bodies = {"/simple/tiny/": page, "/tiny-1.0-py3-none-any.whl": wheel}
                body = bodies.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json")
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"https://localhost:{server.server_port}/simple/"


def plain_environment(folder, **more):
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8",
            "PIP_CONFIG_FILE": "/dev/null", **more}


def main_job(program, index, folder, python="/usr/bin/python3"):
    """On this machine, by a program that may be a list of words."""
    words = program if isinstance(program, list) else [program]
    environment = plain_environment(folder, SSL_CERT_FILE=str(index.authority))
    run(*words, "venv", "--python", python, folder / "env", env=environment)
    run(*words, "install", "--python", folder / "env", "-i", index.url, "tiny", env=environment)
    assert run(folder / "env/bin/python", "-c", "import tiny; print(tiny.ANSWER)") == "42\n"


def unpacked(target, folder):
    with tarfile.open(one(f"pkgpy-*-{target}.tar.gz")) as archive:
        archive.extractall(folder)
    return next(folder.glob("pkgpy-*/bin/pkg"))


@check
def static_tarball(index, folder):
    program = unpacked("x86_64-linux-musl", folder)
    size = program.stat().st_size
    assert size <= LARGEST_PROGRAM, f"{program.name} has {size} bytes, more than {LARGEST_PROGRAM}"
    headers = run("readelf", "-lWd", program)
    assert "INTERP" not in headers and "NEEDED" not in headers, headers
    stack = re.search(r"GNU_STACK.* (0x[0-9a-f]+) RW  ", headers)
    assert stack and int(stack[1], 16) >= 8 << 20, f"threads get musl's small stacks\n{headers}"
    assert run(program.with_name("pkgpy"), "--version") == run(program, "--version")
    assert run(program.with_name("pkgx"), "--help") == run(program, "tool", "run", "--help")
    for name in ("man/man1/pkg.1.gz", "man/man1/pkgpy-install.1.gz", "bash-completion/completions/pkg",
                 "zsh/site-functions/_pkg", "fish/vendor_completions.d/pkg.fish", "doc/pkgpy/LICENSE-MIT",
                 "doc/pkgpy/licences/openssl.txt", "doc/pkgpy/docs/commands.md"):
        assert (program.parents[1] / "share" / name).is_file(), name
    main_job(program, index, folder)


@check
def static_manifest(index, folder):
    manifest = json.loads(one("manifest.json").read_text())
    for file in manifest["files"]:
        data = (DIST / file["url"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (file["size"], file["sha256"]), file


def pythons():
    found = [path for path in pathlib.Path(os.path.expanduser("~/.pyenv/versions")).glob("3.*/bin/python3")]
    wanted = [path for path in found if re.match(r"3\.(8|13)\.", path.parents[1].name)]
    return wanted or [pathlib.Path("/usr/bin/python3")]


@check
def wheel_in_fresh_environments(index, folder):
    wheel = one("pkgpy-*x86_64*.whl")
    for python in pythons():
        env = folder / f"of-{python.parents[1].name}"
        run(python, "-m", "venv", env)
        run(env / "bin/python", "-m", "pip", "install", "--no-index", "--quiet", wheel)
        assert run(env / "bin/pkgpy", "--version") == run(env / "bin/pkg", "--version")
        assert run(env / "bin/pkgx", "--help") == run(env / "bin/pkg", "tool", "run", "--help")
        job = folder / f"job-{python.parents[1].name}"
        job.mkdir()
        main_job(env / "bin/pkg", index, job, python)
        run(env / "bin/python", "-m", "pip", "uninstall", "--yes", "--quiet", "pkgpy")
        assert not (env / "bin/pkg").exists()


@check
def wheel_as_auditwheel_sees_it(index, folder):
    wheel = one("pkgpy-*x86_64*.whl")
    run(sys.executable, "-m", "venv", folder / "env")
    try:
        run(folder / "env/bin/python", "-m", "pip", "install", "--quiet", "auditwheel")
    except AssertionError as failed:
        raise Skipped("auditwheel cannot be installed") from failed
    said = run(folder / "env/bin/auditwheel", "show", wheel)
    assert "requires no external shared libraries" in said, said


def mirror():
    """Where this machine has its Debian packages from."""
    for path in [*pathlib.Path("/etc/apt/sources.list.d").glob("*.sources"), pathlib.Path("/etc/apt/sources.list")]:
        if path.is_file() and (found := re.search(r"^(?:URIs:|deb(?: \[.*?\])?) *(\S+/debian/?)\s*(?:\S|$)",
                                                  path.read_text(), re.M)):
            return found[1]
    raise Skipped("this machine has no Debian mirror")


def debian_root(suite, folder, packages="python3"):
    """A minimal root of a release of Debian, unpacked from a copy that is kept."""
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise Skipped("making a root needs root and debootstrap")
    kept = CACHE / f"root-{suite}-{hashlib.sha256(packages.encode()).hexdigest()[:8]}.tar"
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        run("debootstrap", "--variant=minbase", f"--include={packages}", suite, folder / "new", mirror())
        run("tar", "-C", folder / "new", "--exclude=./dev/*", "-cf", f"{kept}.new", ".")
        os.rename(f"{kept}.new", kept)
        shutil.rmtree(folder / "new")
    root = folder / "root"
    root.mkdir()
    run("tar", "-C", root, "-xf", kept)
    return root


def in_root(root, *words):
    """Runs words in a root, with its /proc and /dev/null, in a mount namespace of its own."""
    script = ('mount -t proc proc "$1/proc" && mount --bind /dev "$1/dev" && root="$1" && shift && '
              'exec chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"')
    for name in ("proc", "dev", "tmp", "root"):
        (root / name).mkdir(exist_ok=True, parents=True)
    return run("unshare", "-m", "sh", "-c", script, "sh", root, *words)


def trust(root, index):
    """As slim images have it: one file, no hashed names."""
    certificates = root / "etc/ssl/certs"
    certificates.mkdir(parents=True, exist_ok=True)
    shutil.copy(index.authority, certificates / "ca-certificates.crt")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")


def job_in_debian(suite, index, folder):
    root = debian_root(suite, folder)
    trust(root, index)
    program = unpacked("x86_64-linux-musl", root / "opt")
    program = "/" + str(program.relative_to(root))
    in_root(root, program, "venv", "--python", "/usr/bin/python3", "/env")
    in_root(root, program, "install", "--python", "/env", "-i", index.url, "tiny")
    assert in_root(root, "/env/bin/python", "-c", "import tiny; print(tiny.ANSWER)") == "42\n"


@check
def bullseye_glibc_2_31(index, folder):
    job_in_debian("bullseye", index, folder)


@check
def trixie_glibc_2_41(index, folder):
    job_in_debian("trixie", index, folder)


def without_python(program, root, index):
    """What pkg can do where there is no Python at all."""
    assert in_root(root, program, "--version").startswith("pkg ")
    full = ["--python-version", "3.12", "-i", index.url]
    in_root(root, program, "download", "tiny", "-d", "/out", "--platform", "manylinux_2_17_x86_64",
            "--only-binary=:all:", *full)
    assert (root / "out/tiny-1.0-py3-none-any.whl").is_file()
    (root / "r.in").write_text("tiny\n")
    said = in_root(root, program, "compile", "/r.in", "--python-platform", "x86_64-unknown-linux-gnu", *full)
    assert "tiny==1.0" in said, said


@check
def busybox_and_certificates_alone(index, folder):
    busybox = next((path for path in ("/bin/busybox", "/usr/bin/busybox") if os.path.exists(path)), None)
    if os.geteuid() != 0 or not busybox or "NEEDED" in run("readelf", "-d", busybox):
        raise Skipped("it needs root and a static busybox (busybox-static)")
    root = folder / "root"
    (root / "bin").mkdir(parents=True)
    shutil.copy(busybox, root / "bin/busybox")
    for name in ("sh", "env", "ls"):
        (root / "bin" / name).symlink_to("busybox")
    trust(root, index)
    program = unpacked("x86_64-linux-musl", root / "opt")
    without_python("/" + str(program.relative_to(root)), root, index)


@check
def image_from_its_layout(index, folder):
    if os.geteuid() != 0:
        raise Skipped("a root of its own needs root")
    layout = one("pkgpy-*-oci")
    blob = lambda digest: layout / "blobs" / digest.replace(":", "/")
    for path in (layout / "blobs/sha256").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name, path
    listed = json.loads((layout / "index.json").read_text())["manifests"]
    manifest = next(one for one in listed if one["platform"]["architecture"] == "amd64")
    layers = json.loads(blob(manifest["digest"]).read_text())["layers"]
    root = folder / "root"
    root.mkdir()
    for layer in layers:
        with tarfile.open(blob(layer["digest"])) as archive:
            archive.extractall(root)
    busybox_env(root)
    trust(root, index)
    without_python("/usr/bin/pkg", root, index)


def busybox_env(root):
    """chroot's `env` has to come from somewhere: the image has none."""
    if "NEEDED" in run("readelf", "-d", shutil.which("busybox") or "/bin/true"):
        raise Skipped("it needs a static busybox (busybox-static)")
    (root / "bin").mkdir(exist_ok=True)
    shutil.copy(shutil.which("busybox"), root / "bin/busybox")
    (root / "bin/env").symlink_to("busybox")


@check
def arm_under_qemu(index, folder):
    qemu = shutil.which("qemu-aarch64-static")
    if not qemu:
        raise Skipped("it needs qemu-user-static")
    program = unpacked("aarch64-linux-musl", folder)
    assert program.stat().st_size <= LARGEST_PROGRAM
    assert run(qemu, program, "--version").startswith("pkg ")
    main_job([qemu, str(program)], index, folder)


@check
def deb_installs(index, folder):
    deb = one("pkgpy_*_amd64.deb")
    root = debian_root("bookworm", folder, "python3,libcurl4,libarchive13,libzstd1,ca-certificates")
    shutil.copy(deb, root / "pkgpy.deb")
    in_root(root, "dpkg", "-i", "/pkgpy.deb")
    shutil.copy(index.authority, root / "usr/local/share/ca-certificates/test.crt")
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n")
    in_root(root, "update-ca-certificates")
    in_root(root, "pkg", "venv", "/env")
    in_root(root, "pkg", "install", "--python", "/env", "-i", index.url, "tiny")
    assert in_root(root, "/env/bin/python", "-c", "import tiny; print(tiny.ANSWER)") == "42\n"
    assert in_root(root, "pkgpy", "--version") == in_root(root, "pkg", "--version")
    assert in_root(root, "pkgx", "--help") == in_root(root, "pkg", "tool", "run", "--help")
    in_root(root, "dpkg", "-r", "pkgpy")


@check
def deb_as_lintian_sees_it(index, folder):
    deb = one("pkgpy_*_amd64.deb")
    if not shutil.which("lintian"):
        raise Skipped("it needs lintian")
    as_root = [] if os.geteuid() else ["--allow-root"]
    words = ["lintian", *as_root, "--fail-on", "error,warning", str(deb)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def main():
    words = sys.argv[1:]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="pkg-try-") as top:
        place = pathlib.Path(top)
        (place / "index").mkdir()
        index = Index(place / "index")
        for function in CHECKS:
            name = function.__name__.replace("_", " ")
            if words and not any(word in name for word in words):
                continue
            folder = place / function.__name__
            folder.mkdir()
            try:
                function(index, folder)
                print(f"ok      {name}", flush=True)
            except Skipped as why:
                print(f"SKIPPED {name}: {why}", flush=True)
            except Exception:
                failed += 1
                print(f"FAILED  {name}\n{traceback.format_exc()}", flush=True)
            with contextlib.suppress(OSError):
                shutil.rmtree(folder)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
