# Run by pkg in each interpreter it meets, once: prints what it must know of it as one line of JSON.
# Works on every Python 3; imports little, since each import is time. Values are those of packaging's
# default_environment().
import os
import sys


def version_text(info):
    text = "%d.%d.%d" % (info[0], info[1], info[2])
    if info[3] != "final":
        text += info[3][0] + str(info[4])
    return text


def python_implementation():
    names = {"cpython": "CPython", "pypy": "PyPy"}
    if sys.implementation.name in names:
        return names[sys.implementation.name]
    import platform
    return platform.python_implementation()


def elf_header(path):
    try:
        with open(path, "rb") as f:
            head = f.read(4096)
    except OSError:
        return None
    if head[:4] != b"\x7fELF" or head[4] not in (1, 2):
        return None
    return head


def number(data, at, size):
    return int.from_bytes(data[at:at + size], "little" if data[5] == 1 else "big")


def elf_interpreter(head):
    wide = head[4] == 2
    table = number(head, 32, 8) if wide else number(head, 28, 4)
    entry = number(head, 54, 2) if wide else number(head, 42, 2)
    count = number(head, 56, 2) if wide else number(head, 44, 2)
    for i in range(count):
        at = table + i * entry
        if at + entry > len(head) or number(head, at, 4) != 3:
            continue
        offset = number(head, at + 8, 8) if wide else number(head, at + 4, 4)
        size = number(head, at + 32, 8) if wide else number(head, at + 16, 4)
        return head[offset:offset + size].rstrip(b"\0").decode("utf-8", "replace")
    return ""


def two_numbers(text):
    parts = text.split(".")
    try:
        return [int(parts[0]), int("".join(c for c in parts[1] if c.isdigit()) or 0)]
    except (ValueError, IndexError):
        return [0, 0]


def glibc_version():
    try:
        name, version = os.confstr("CS_GNU_LIBC_VERSION").split()
    except (AttributeError, OSError, ValueError):
        return [0, 0]
    return two_numbers(version) if name == "glibc" else [0, 0]


def musl_version(head):
    loader = elf_interpreter(head) if head else ""
    if "musl" not in loader:
        return [0, 0]
    import subprocess
    try:
        words = subprocess.run([loader], stderr=subprocess.PIPE, universal_newlines=True).stderr.split()
    except OSError:
        return [0, 0]
    return two_numbers(words[words.index("Version") + 1]) if "Version" in words[:-1] else [0, 0]


def has_manylinux_hook(folders, glibc, machine):
    # PEP 600: a module _manylinux may say that this system is not compatible after all.
    for folder in folders:
        if os.path.exists(os.path.join(folder, "_manylinux.py")):
            break
    else:
        return False
    sys.path.append(folder)
    try:
        import _manylinux
        if hasattr(_manylinux, "manylinux_compatible"):
            return _manylinux.manylinux_compatible(2, 17, machine) is False
        return getattr(_manylinux, "manylinux2014_compatible", True) is False
    except Exception:
        return False


def scheme_paths(sysconfig):
    system = sysconfig.get_paths()
    name = sysconfig.get_preferred_scheme("user") if hasattr(sysconfig, "get_preferred_scheme") else "posix_user"
    user = sysconfig.get_paths(name, vars={"userbase": "~"})
    keys = ("purelib", "platlib", "scripts", "data", "include")
    return system, [system[k] for k in keys], [user[k] for k in keys]


def site_folders(system):
    try:
        import site
        folders = site.getsitepackages()
    except Exception:
        folders = []
    return [f for f in dict.fromkeys([system["purelib"], system["platlib"]] + folders) if os.path.isdir(f)]


def probe():
    import sysconfig
    system, paths, user_paths = scheme_paths(sysconfig)
    try:
        from _imp import extension_suffixes
        suffix = extension_suffixes()[0]
    except (ImportError, IndexError):
        suffix = sysconfig.get_config_var("EXT_SUFFIX") or ""
    uname = os.uname()
    head = elf_header(sys.executable)
    glibc = glibc_version()
    folders = site_folders(system)
    hook = has_manylinux_hook([system["stdlib"]] + folders, glibc, uname.machine)
    python_full_version = sys.version.split()[0]
    if python_full_version.endswith("+"):
        python_full_version += "local"
    abiflags = getattr(sys, "abiflags", "")
    return {
        "executable": sys.executable,
        "base_executable": getattr(sys, "_base_executable", None) or sys.executable,
        "prefix": sys.prefix,
        "base_prefix": sys.base_prefix,
        "stdlib": system["stdlib"],
        "paths": paths,
        "user_paths": user_paths,
        "site_folders": folders,
        "version": list(sys.version_info[:3]),
        "platlibdir": getattr(sys, "platlibdir", "lib"),
        "ext_suffix": suffix,
        "gil_disabled": sys.version_info >= (3, 13) and "t" in abiflags,
        "debug": hasattr(sys, "gettotalrefcount"),
        "pymalloc": sys.version_info >= (3, 8) or "m" in abiflags,
        "is_32bit": sys.maxsize <= 2 ** 32,
        "platform_string": sysconfig.get_platform().replace(".", "_").replace("-", "_").replace(" ", "_"),
        "glibc": [0, 0] if hook else glibc,
        "musl": [0, 0] if glibc[0] else musl_version(head),
        "armhf": bool(head) and head[4] == 1 and head[5] == 1 and number(head, 18, 2) == 40
        and number(head, 36, 4) & 0xFF000400 == 0x05000400,
        "environment": [
            os.name, sys.platform, uname.machine, python_implementation(), uname.release, uname.sysname, uname.version,
            ".".join(python_full_version.split(".")[:2]), python_full_version, sys.implementation.name,
            version_text(sys.implementation.version),
        ],
    }


import json  # noqa: E402
sys.stdout.write("\npkg-probe:" + json.dumps(probe()) + "\n")
