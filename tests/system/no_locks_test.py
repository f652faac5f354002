"""File systems without locks (NFS without lockd, Lustre without `flock`): everything works, and what is not noticed
there is said. A filter of the kernel's answers flock() as they do."""
import ctypes, errno, platform, subprocess

from support import PKG, Run, Skip, check, main, wheel

FLOCK, ARCH = 73, "x86_64"
NO_NEW_PRIVS, SET_SECCOMP, FILTER_MODE = 38, 22, 2
LOAD, IF_EQUAL, ANSWER, ERRNO, ALLOW = 0x20, 0x15, 0x06, 0x00050000, 0x7FFF0000


class Step(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("value", ctypes.c_uint32)]


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_uint16), ("steps", ctypes.POINTER(Step))]


def without_locks(error):
    """For preexec_fn."""
    libc = ctypes.CDLL(None, use_errno=True)
    steps = (Step * 4)(Step(LOAD, 0, 0, 0), Step(IF_EQUAL, 0, 1, FLOCK), Step(ANSWER, 0, 0, ERRNO | error),
                       Step(ANSWER, 0, 0, ALLOW))
    program = Program(4, steps)

    def install():
        libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
        if libc.prctl(SET_SECCOMP, FILTER_MODE, ctypes.byref(program), 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "no filter")

    return install


def start(place, *words, error=errno.ENOLCK):
    return subprocess.Popen([PKG, *map(str, words)], cwd=place.work, text=True, env=place.environment({}),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=without_locks(error))


def pkg(place, *words, error=errno.ENOLCK):
    process = start(place, *words, error=error)
    out, err = process.communicate(timeout=120)
    return Run(subprocess.CompletedProcess(words, process.returncode, out, err))


def need_filter():
    if platform.machine() != ARCH:
        raise Skip(f"the filter is for {ARCH}")


@check
def without_locks_commands_work_and_say_what_is_not_noticed(place):
    need_filter()
    wheels = place.wheels(wheel("b", "1.0"), wheel("b", "2.0"))
    sources = ("--no-index", "--find-links", wheels)
    for error in (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL):
        env = f"{place.path}/env{error}"
        made = pkg(place, "venv", env, error=error)
        assert made.code == 0, made
        for words in (["install", "b==1.0"], ["install", "-U", "b"], ["uninstall", "b"]):
            more = sources if words[0] == "install" else ()
            done = pkg(place, words[0], "--python", env, *more, *words[1:], error=error)
            assert done.code == 0 and done.err.count("has no locks") == 1, (error, done)
        for words in (["list", "--python", env], ["venv", "--clear", env], ["cache", "clean", "b"]):
            done = pkg(place, *words, error=error)
            assert done.code == 0 and ("has no locks" in done.err) == (words[0] == "cache"), (error, words, done)


@check
def without_locks_two_commands_of_one_machine_wait_for_each_other(place):
    need_filter()
    many = [wheel(f"b{number}", "1.0", {f"b{number}/m{i}.py": "" for i in range(200)}) for number in range(6)]
    wheels, env = place.wheels(*many), place.venv()
    started = [start(place, "install", "--python", env, "--no-index", "--find-links", wheels, f"b{number}")
               for number in range(6)]
    for process in started:
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0, (out, err)
    whole = place.pkg("verify", "--python", env)
    assert whole.code == 0 and len(place.pkg("freeze", "--python", env).out.split()) == 6, whole


main()
