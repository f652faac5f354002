"""A folder with a setuptools and a wheel wheel, made from Debian's packages (python3-setuptools-whl, python3-wheel): no
network."""
import glob, os, zipfile

from support import record_digest

DIST_PACKAGES = "/usr/lib/python3/dist-packages"
PYTHON_WHEELS = "/usr/share/python-wheels"

# Debian's setuptools asks the `install` command for options that only Debian's own distutils has.
DEBIAN_OPTIONS = b"\ninstall.install_layout = install.prefix_option = None\n"


def write_wheel(path, content):
    """`content`: {path: bytes} without RECORD."""
    info = next(name for name in content if name.endswith(".dist-info/WHEEL")).split("/")[0]
    rows = "".join(f"{name},{record_digest(data)},{len(data)}\n"
                   for name, data in content.items()) + f"{info}/RECORD,,\n"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in {**content, f"{info}/RECORD": rows.encode()}.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data)


def setuptools_wheel(source, folder):
    with zipfile.ZipFile(source) as archive:
        content = {name: archive.read(name) for name in archive.namelist()
                   if not name.endswith(("/", ".dist-info/RECORD"))}
    content["setuptools/command/install.py"] += DEBIAN_OPTIONS
    write_wheel(f"{folder}/{os.path.basename(source)}", content)


def wheel_wheel(info, folder):
    """Debian has `wheel` as files only: a wheel is made of them."""
    version = os.path.basename(info)[len("wheel-"):-len(".egg-info")]
    content = {}
    for base, dirs, files in os.walk(f"{DIST_PACKAGES}/wheel"):
        dirs[:] = [name for name in dirs if name != "__pycache__"]
        for name in files:
            path = os.path.join(base, name)
            content[os.path.relpath(path, DIST_PACKAGES)] = open(path, "rb").read()
    target = f"wheel-{version}.dist-info"
    content[f"{target}/METADATA"] = f"Metadata-Version: 2.1\nName: wheel\nVersion: {version}\n".encode()
    content[f"{target}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    content[f"{target}/entry_points.txt"] = open(f"{info}/entry_points.txt", "rb").read()
    write_wheel(f"{folder}/wheel-{version}-py3-none-any.whl", content)


def make(folder):
    """Fills `folder`, which is made; False where the Debian packages are missing."""
    setuptools, wheel = glob.glob(f"{PYTHON_WHEELS}/setuptools-*.whl"), glob.glob(f"{DIST_PACKAGES}/wheel-*.egg-info")
    if not setuptools or not wheel:
        return False
    os.makedirs(folder)
    setuptools_wheel(setuptools[0], folder)
    wheel_wheel(wheel[0], folder)
    return True


def unpack(wheels, folder):
    """All wheels of a folder as importable files: build tools that are no installed distributions."""
    for path in glob.glob(f"{wheels}/*.whl"):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
