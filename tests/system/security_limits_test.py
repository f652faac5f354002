"""Limits: what is read from disk has a size and a kind, no memory ends in one line, what grows grows by its length,
what cannot be read of a foreign file is not quoted, and rounds of resolving are counted."""
import glob, os, resource, subprocess, sys

from support import PKG, Index, Run, check, main, wheel

BASE = '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.8"\n'
SECRET = "machine example.org login me password hunter2\n"
GIB = 1 << 30


def is_sanitized():
    with open(f"{os.path.abspath(sys.argv[2])}/CMakeCache.txt") as cache:
        return any(line.startswith("PKG_SANITIZE:") and line.strip().split("=")[1] for line in cache)


def sparse(path, size):
    with open(path, "wb") as out:
        out.truncate(size)


def fails(done, *words):
    assert (done.code == 1 and done.err.startswith("error: ") and "bad_alloc" not in done.err and
            "terminate" not in done.err), done
    for word in words:
        assert word in done.err, (word, done)


def limited(place, *words, gib=1, cwd=None):
    """pkg with so much address space; a sanitised binary needs terabytes of it and goes without."""
    before = None if is_sanitized() else lambda: resource.setrlimit(resource.RLIMIT_AS, (gib * GIB, gib * GIB))
    done = subprocess.run([PKG, *words], cwd=cwd or place.work, env=place.environment({}), capture_output=True,
                          text=True, timeout=60, preexec_fn=before)
    return Run(done)


@check
def files_beyond_their_limits_are_refused_before_they_fill_the_memory(place):
    env = place.venv(".venv")
    os.rename(env, f"{place.work}/.venv")
    folder = place.wheels(wheel("aa", "1"))
    done = place.pkg("install", "--no-index", "-f", folder, "aa")
    assert done.code == 0, done
    site = glob.glob(f"{place.work}/.venv/lib/*/site-packages")[0]
    info = f"{site}/aa-1.dist-info"
    place.write("pyproject.toml", BASE)
    sparse(f"{place.work}/pylock.toml", 3 * GIB)
    for words in (["tree"], ["lock", "--check"], ["export"], ["sync", "--dry-run"]):
        fails(limited(place, *words), "pylock.toml", "has 3072 MiB, and pkg reads at most 64 MiB of it")
    os.unlink(f"{place.work}/pylock.toml")
    os.unlink(f"{place.work}/pyproject.toml")
    sparse(f"{place.work}/pyproject.toml", 17 << 20)
    fails(limited(place, "lock"), "pyproject.toml", "at most 16 MiB")
    os.unlink(f"{place.work}/pyproject.toml")
    sparse(f"{place.work}/r.txt", 17 << 20)
    fails(limited(place, "install", "-r", "r.txt"), "r.txt", "at most 16 MiB")
    record = open(f"{info}/RECORD").read()
    sparse(f"{info}/RECORD", 3 * GIB)
    for words in (["uninstall", "--dry-run", "aa"], ["verify"], ["show", "-f", "aa"], ["list"],
                  ["install", "--dry-run", "--no-index", "aa"]):
        done = limited(place, *words)
        assert done.code in (0, 1) and "bad_alloc" not in done.err and "not enough memory" not in done.err, done
    with open(f"{info}/RECORD", "w") as out:
        out.write(record)
    sparse(f"{info}/METADATA", 3 * GIB)
    for words in (["list"], ["check"], ["inspect"], ["freeze"]):
        done = limited(place, *words)
        assert done.code in (0, 1) and "bad_alloc" not in done.err and "not enough memory" not in done.err, done


@check
def no_memory_ends_in_one_line(place):
    if is_sanitized():
        return
    lines = "".join(f"x{i}==1.{i} ; python_version > '3.{i % 9}' and sys_platform == 'p{i}'\n" for i in range(60000))
    place.write("r.txt", lines)
    done = subprocess.run([PKG, "install", "--dry-run", "--no-index", "-r", "r.txt"], cwd=place.work,
                          env=place.environment({}), capture_output=True, text=True,
                          timeout=60, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (64 << 20, 64 << 20)))
    assert done.returncode == 1 and done.stderr.startswith("error: there is not enough memory\n"), (
        done.returncode, done.stderr)


@check
def pipes_and_devices_in_place_of_files_are_refused_at_once(place):
    for name in ("pyproject.toml", "pylock.toml", "base.txt"):
        os.mkfifo(f"{place.work}/{name}")
    fails(place.pkg("lock", timeout=20), "pyproject.toml", "it is a named pipe, expected a regular file")
    os.unlink(f"{place.work}/pyproject.toml")
    place.write("r.txt", "-r base.txt\n")
    fails(place.pkg("install", "-r", "r.txt", timeout=20), "base.txt", "it is a named pipe", "included at r.txt:1")
    place.write("r.txt", "-r /dev/zero\n")
    fails(place.pkg("install", "-r", "r.txt", timeout=20), "/dev/zero", "it is a device")
    place.write("pyproject.toml", BASE)
    fails(place.pkg("sync", "--dry-run", timeout=20), "pylock.toml", "it is a named pipe")
    os.mkfifo(f"{place.work}/x-1-py3-none-any.whl")
    fails(place.pkg("install", "--dry-run", "./x-1-py3-none-any.whl", timeout=20), "it is a named pipe")


@check
def the_user_may_name_a_pipe_as_a_requirements_file(place):
    env = place.venv()
    folder = place.wheels(wheel("aa", "1"))
    words = ["install", "--dry-run", "--python", env, "--no-index", "-f", folder, "-r"]
    done = place.pkg(*words, "/dev/stdin", stdin="aa\n")
    assert done.code == 0 and "aa" in done.out + done.err, done
    done = place.pkg(*words, "-", stdin="aa\n")
    assert done.code == 0 and "aa" in done.out + done.err, done
    reading, writing = os.pipe()
    os.write(writing, b"aa\n")
    os.close(writing)
    done = Run(subprocess.run([PKG, *words, f"/dev/fd/{reading}"], cwd=place.work, env=place.environment({}),
                              capture_output=True, text=True, pass_fds=[reading]))
    assert done.code == 0 and "aa" in done.out + done.err, done
    fails(place.pkg(*words, "/dev/zero", timeout=60), "`/dev/zero` has more, and pkg reads at most 16 MiB of it")


@check
def what_cannot_be_read_of_a_foreign_file_is_not_quoted(place):
    secret = f"{place.path}/home/secret"
    with open(secret, "w") as out:
        out.write("# first\n" + SECRET)
    os.symlink(secret, f"{place.work}/pyproject.toml")
    for words in (["lock"], ["sync"], ["tree"], ["add", "aa"]):
        done = place.pkg(*words)
        assert (done.code == 1 and "pyproject.toml" in done.err and "hunter2" not in done.out + done.err and
                "machine" not in done.err), done
    os.unlink(f"{place.work}/pyproject.toml")
    place.write("pyproject.toml", BASE)
    os.symlink(secret, f"{place.work}/pylock.toml")
    for words in (["lock"], ["sync", "--dry-run"], ["tree"], ["export"]):
        done = place.pkg(*words)
        assert "hunter2" not in done.out + done.err and "machine" not in done.err, done
    os.unlink(f"{place.work}/pylock.toml")
    place.write("r.txt", f"-r {secret}\n")
    done = place.pkg("install", "--dry-run", "--no-index", "-r", "r.txt")
    fails(done, secret, "line 2", "does not show")
    assert "hunter2" not in done.err and "machine" not in done.err, done
    place.write("r.txt", f"-c {secret}\n")
    done = place.pkg("install", "--dry-run", "--no-index", "-r", "r.txt")
    assert done.code == 1 and "hunter2" not in done.err, done
    place.write("own.txt", "# first\nmachine what is this\n")
    place.write("r.txt", "-r own.txt\n")
    fails(place.pkg("install", "--dry-run", "--no-index", "-r", "r.txt"), "machine what is this")
    fails(place.pkg("install", "--dry-run", "--no-index", "-r", secret), "machine")


def seconds(place, *words):
    begin = resource.getrusage(resource.RUSAGE_CHILDREN)
    place.pkg(*words)
    end = resource.getrusage(resource.RUSAGE_CHILDREN)
    return end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime


def grows_by_length(costs, few, many):
    """`many` is 4 times `few`: 16 times the cost would be the square; the margin is for the machine."""
    assert costs(many) < 9 * max(costs(few), 0.1), (costs(few), costs(many))


@check
def chains_of_groups_and_long_lists_cost_their_length(place):
    def groups(count):
        chain = "".join(f'g{i} = [{{include-group = "g{i + 1}"}}]\n' for i in range(count))
        place.write("pyproject.toml", f"{BASE}[dependency-groups]\n{chain}g{count} = []\n")
        return seconds(place, "lock", "--no-index")

    def lines(count):
        place.write("r.txt", "".join(f"x{i}\n" for i in range(count)))
        return seconds(place, "install", "--dry-run", "--no-index", "-r", "r.txt")

    def constraints(count):
        place.write("c.txt", "".join(f"x!=1.{i}\n" for i in range(count)))
        return seconds(place, "install", "--dry-run", "--no-index", "x", "-c", "c.txt")

    grows_by_length(groups, 500, 2000)
    grows_by_length(lines, 1000, 4000)
    grows_by_length(constraints, 1000, 4000)


@check
def a_list_of_specifiers_has_a_limit(place):
    place.write("r.txt", "x" + ",".join(f"!=1.{i}" for i in range(1001)) + "\n")
    fails(place.pkg("install", "--dry-run", "--no-index", "-r", "r.txt"), "there are more than 1000 version specifiers")


@check
def rounds_of_resolving_are_counted(place):
    wheels = [wheel("old", "1"), wheel("old", "2")]
    for i in range(30):
        wheels.append(wheel("tool", f"1.{i}", requires=[f"core==2.{i}"]))
        wheels.append(wheel("core", f"2.{i}", requires=["old<2" if i < 3 else "old>=2"]))
    env = place.venv()
    folder = place.wheels(*wheels)
    words = ["install", "--dry-run", "--python", env, "--no-index", "-f", folder, "tool", "old<2"]
    assert place.pkg(*words).code == 0
    fails(place.pkg(*words, "--resolver-rounds", "8"), "no answer was found in 8 rounds of resolving",
          "--resolver-rounds")
    fails(place.pkg(*words, PKG_RESOLVER_ROUNDS="8"), "8 rounds")
    assert place.pkg(*words, "--resolver-rounds", "0").code == 2
    place.write("pyproject.toml", BASE.replace("3.8", "3.9") +
                'dependencies = ["tool", "old<2"]\n[tool.pkg]\nresolver-rounds = 8\n')
    fails(place.pkg("lock", "--no-index", "-f", folder), "8 rounds")


if __name__ == "__main__":
    main()
