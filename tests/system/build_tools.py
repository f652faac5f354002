"""A folder with a setuptools and a wheel wheel, made from Debian's packages (python3-setuptools-whl, python3-wheel): no network."""
import glob, os, shutil, zipfile

from support import record_digest

DIST_PACKAGES = "/usr/lib/python3/dist-packages"
PYTHON_WHEELS = "/usr/share/python-wheels"


def wheel_of_wheel(folder):
    """Debian has `wheel` as files only: a wheel is made of them."""
    info = glob.glob(f"{DIST_PACKAGES}/wheel-*.egg-info")[0]
    version = os.path.basename(info)[len("wheel-"):-len(".egg-info")]
    target = f"wheel-{version}.dist-info"
    content = {}
    for base, dirs, files in os.walk(f"{DIST_PACKAGES}/wheel"):
        dirs[:] = [name for name in dirs if name != "__pycache__"]
        for name in files:
            path = os.path.join(base, name)
            content[os.path.relpath(path, DIST_PACKAGES)] = open(path, "rb").read()
    content[f"{target}/METADATA"] = f"Metadata-Version: 2.1\nName: wheel\nVersion: {version}\n".encode()
    content[f"{target}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    content[f"{target}/entry_points.txt"] = open(f"{info}/entry_points.txt", "rb").read()
    record = "".join(f"{path},{record_digest(data)},{len(data)}\n" for path, data in content.items()) + f"{target}/RECORD,,\n"
    content[f"{target}/RECORD"] = record.encode()
    with zipfile.ZipFile(f"{folder}/wheel-{version}-py3-none-any.whl", "w") as archive:
        for path, data in content.items():
            archive.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), data)


def make(folder):
    """Fills `folder`, which is made; False where the Debian packages are missing."""
    found = glob.glob(f"{PYTHON_WHEELS}/setuptools-*.whl")
    if not found or not glob.glob(f"{DIST_PACKAGES}/wheel-*.egg-info"):
        return False
    os.makedirs(folder)
    shutil.copy(found[0], folder)
    wheel_of_wheel(folder)
    return True


def unpack(wheels, folder):
    """All wheels of a folder as importable files: build tools that are no installed distributions."""
    for path in glob.glob(f"{wheels}/*.whl"):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
