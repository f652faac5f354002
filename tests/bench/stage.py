"""What a whole comparison needs and leaves no trace of: the frozen index with its wheels behind nginx, the peers in an
environment of their own, a fresh file system."""
import contextlib, os, shutil, subprocess, sys, tempfile

import serve

IMAGE_BYTES = 40 << 30  # sparse


def quiet(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode:
        raise SystemExit(f"failed ({done.returncode}): {' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def interpreter(wanted: str | None, pkg: str) -> str:
    """The real CPython 3.12 (the frozen answers are for it), not a shim in front of it."""
    known = subprocess.run([pkg, "python", "find", "3.12"], capture_output=True, text=True).stdout.strip()
    for candidate in [wanted] if wanted else ["python3.12", known]:
        found = candidate and shutil.which(candidate)
        done = found and subprocess.run([found, "-c", "import sys; print(sys.executable)"], capture_output=True,
                                        text=True)
        if done and done.returncode == 0:
            return done.stdout.strip()
    raise SystemExit("no CPython 3.12 on PATH; name one with --python")


def peers(folder: str | None, work: str, python: str) -> str:
    """The folder with the programs of uv and pip, current ones from the index that pip is set to use."""
    if folder:
        return os.path.abspath(folder) if os.path.exists(f"{folder}/uv") else os.path.abspath(f"{folder}/bin")
    quiet([python, "-m", "venv", f"{work}/peers"])
    quiet([f"{work}/peers/bin/python", "-m", "pip", "install", "-q", "-U", "pip", "uv"])
    return f"{work}/peers/bin"


def frozen_index(bench: str, folder: str | None, work: str) -> str:
    if folder:
        return os.path.abspath(folder)
    quiet([sys.executable, f"{bench}/mirror.py", "unpack", f"{bench}/index.tar.xz", f"{work}/index"])
    return f"{work}/index"


def fill_wheels(bench: str, index: str, pkg: str, python: str, work: str) -> None:
    """Installs the pins once through `mirror.py fill`, unless their wheels lie there already."""
    pins = f"{bench}/sets/jupyter.pins.txt"
    wanted = sum(1 for line in open(pins) if "==" in line)
    there = sum(name.endswith(".whl") for _, _, names in os.walk(f"{index}/files") for name in names)
    if there >= wanted:
        return
    port = serve.free_port()
    with child([sys.executable, f"{bench}/mirror.py", "fill", index, "--port", str(port)]) as mirror:
        mirror.stdout.readline()  # its address: it listens
        quiet([pkg, "venv", "-q", "--no-cache", "--python", python, f"{work}/fill-env"])
        quiet([pkg, "install", "-q", "-r", pins, "--no-deps", "--no-cache", "--index-url",
               f"http://127.0.0.1:{port}/simple/", "--python", f"{work}/fill-env"])


@contextlib.contextmanager
def child(command, **more):
    """A process that ends with the `with`, whatever ends it."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, **more)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


@contextlib.contextmanager
def fresh_file_system(folder: str | None):
    """An empty ext4 in a loop-mounted file where that is allowed, else a plain folder. Yields (folder, what it is)."""
    with tempfile.TemporaryDirectory(prefix="bench-fs-", dir=folder) as work:
        if os.getuid() != 0:
            kind = quiet(["stat", "-f", "-c", "%T", work]).strip()
            yield work, f"{kind}, in use (not root: no fresh file system)"
            return
        image, mount = f"{work}/image", f"{work}/mount"
        os.mkdir(mount)
        with open(image, "wb") as out:
            out.truncate(IMAGE_BYTES)
        quiet(["mkfs.ext4", "-q", "-F", image])
        quiet(["mount", "-o", "loop", image, mount])
        try:
            os.chmod(mount, 0o755)
            yield mount, "ext4, fresh, loop-mounted"
        finally:
            subprocess.run(["umount", "-l", mount], check=True)


def machine() -> str:
    model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")),
                 "unknown processor")
    memory = next(int(line.split()[1]) for line in open("/proc/meminfo") if line.startswith("MemTotal")) / 2**20
    return f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, Linux {os.uname().release}"
