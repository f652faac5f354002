"""Kernels that lack newer system calls (ENOSYS, by a seccomp filter): everything is done with older ones.
Usage: old_kernels_test.py PKG BUILD_FOLDER [WORD…]"""
import ctypes, os, platform, struct, subprocess, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import support
from support import Index, Skip, check, main, wheel

# Linux 5.9, 5.6, 5.3, 4.5, 3.15, 3.17: numbers of x86-64, then of every other 64-bit machine.
CALLS = {"close_range": (436, 436), "openat2": (437, 437), "pidfd_open": (434, 434), "copy_file_range": (326, 285),
         "renameat2": (316, 276), "memfd_create": (319, 279), "statx": (332, 291), "faccessat2": (439, 439)}
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ENOSYS, ALLOW = 0x00050000 | 38, 0x7FFF0000


def without(names):
    """What a child does before it is pkg: from then on these calls are not there."""
    column = 0 if platform.machine() == "x86_64" else 1
    numbers = [CALLS[name][column] for name in names]
    rows = [(LOAD, 0, 0, 0)]
    rows += [(JUMP_IF_EQUAL, len(numbers) - i, 0, number) for i, number in enumerate(numbers)]
    rows += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, ENOSYS)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in rows))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(rows), ctypes.addressof(code)))
    libc = ctypes.CDLL(None, use_errno=True)

    def apply():
        assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0) == 0
        kept.append(code)

    kept = []
    return apply


def pkg(place, apply, *words):
    done = subprocess.run([support.PKG, *words], cwd=place.work, env=place.environment({}), capture_output=True,
                          text=True, timeout=120, preexec_fn=apply)
    assert done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)
    return done.stdout


def is_filtered(apply):
    """Whether the filter does what it is for: a copy by the kernel is refused."""
    code = "import os; null = os.open('/dev/null', os.O_RDONLY); os.copy_file_range(null, null, 1)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, preexec_fn=apply)
    return "Errno 38" in done.stderr


def main_job(place, apply):
    files = {"a/__init__.py": "def say():\n    print('said')\n"}
    a = wheel("a", "1.0", requires=["b"], entry_points="[console_scripts]\nsay = a:say\n", files=files)
    index = Index([a, wheel("b", "1.0"), wheel("b", "2.0")])
    env = f"{place.path}/env"
    pkg(place, apply, "venv", "--python", support.PYTHON, env)
    pkg(place, apply, "install", "--python", env, "-i", index.url, "a", "b==1.0")
    assert subprocess.run([f"{env}/bin/say"], capture_output=True, text=True).stdout == "said\n"
    pkg(place, apply, "install", "--python", env, "-i", index.url, "-U", "b")
    assert "b==2.0" in pkg(place, apply, "freeze", "--python", env)
    pkg(place, apply, "uninstall", "--python", env, "-y", "a")
    assert "a==" not in pkg(place, apply, "freeze", "--python", env)


@check
def without_each_of_them(place):
    apply = without(CALLS)
    if not is_filtered(apply):
        raise Skip("this machine takes no seccomp filter")
    main_job(place, apply)


main()
