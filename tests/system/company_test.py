"""Many processes on one environment, one project and one cache. `--all` does fifty rounds of it."""
import os, random, re, signal, subprocess, sys, time

from support import PKG, PYTHON, check, main, tree, wheel

ROUNDS = 50 if "--all" in sys.argv else 2
sys.argv = [word for word in sys.argv if word != "--all"]
AT_ONCE = 10


def part(number, version="1.0", files=20):
    return wheel(f"part-{number}", version, {f"part_{number}/m{i}.py": f"v = '{version}'\n" for i in range(files)}
                 | {f"part_{number}/__init__.py": f"v = '{version}'\n"})


def parts(place):
    return place.wheels(*[part(number, version) for number in range(4) for version in ("1.0", "2.0")])


def start(place, *words, cwd=None, **env):
    return subprocess.Popen([PKG, *map(str, words)], cwd=cwd or place.work, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, env=place.environment({"PKG_NO_INDEX": "1", **env}))


def end(started, timeout=120):
    """All have to succeed."""
    for process in started:
        out, err = process.communicate(timeout=timeout)
        assert process.returncode == 0, (process.args, process.returncode, out, err)


def write_project(place, name):
    place.write(f"{name}/pyproject.toml", '[project]\nname="p"\nversion="1"\nrequires-python=">=3.9"\n'
                'dependencies=["part-0", "part-1"]\n')
    return f"{place.work}/{name}"


@check
def ten_at_once_on_a_project_that_has_no_environment_yet(place):
    wheels = parts(place)
    verbs = {"run": ["run", "python", "-c", "import part_1.m5"], "sync": ["sync"],
             "install": ["install", "part-2", "part-3"]}
    for number in range(ROUNDS):
        for name, words in verbs.items():
            project = write_project(place, f"{name}-{number}")
            end([start(place, *words, cwd=project, PKG_FIND_LINKS=wheels, PKG_CACHE_DIR=f"{place.path}/c{number}")
                 for _ in range(AT_ONCE)])
            whole = place.pkg("verify", "--python", f"{project}/.venv", cwd=project)
            assert whole.code == 0, (name, whole)
            assert not [n for n in os.listdir(project) if n.startswith("..venv-")], os.listdir(project)


@check
def ten_at_once_on_a_script_that_never_ran(place):
    wheels = parts(place)
    script = place.write("s.py", '# /// script\n# dependencies = ["part-0", "part-1"]\n# ///\n'
                         'import part_0.m1, part_1\n')
    for number in range(ROUNDS):
        end([start(place, "run", script, PKG_FIND_LINKS=wheels, PKG_CACHE_DIR=f"{place.path}/c{number}")
             for _ in range(AT_ONCE)])


@check
def one_environment_made_by_ten_is_made_once(place):
    for number in range(ROUNDS):
        env = f"{place.path}/env{number}"
        started = [start(place, "venv", "--python", PYTHON, env) for _ in range(AT_ONCE)]
        codes = [process.wait(timeout=60) for process in started]
        errors = [process.stderr.read() for process in started]
        [process.stdout.close() for process in started]
        assert sorted(codes) == [0] + [1] * (AT_ONCE - 1), (codes, errors)
        assert all("is an environment already" in text for text in errors if text.startswith("error")), errors
        end([start(place, "venv", "--clear", "--python", PYTHON, env) for _ in range(AT_ONCE)])
        assert place.python(env, "pass").code == 0
        assert not [name for name in os.listdir(place.path) if name.startswith(f".env{number}-")]


@check
def what_a_killed_venv_leaves_beside_goes_with_the_next_one(place):
    env = f"{place.path}/kept"
    end([start(place, "venv", "--python", PYTHON, env)])
    left = 0
    for number in range(20 * ROUNDS):
        victim = start(place, "venv", "--clear", "--python", PYTHON, env)
        time.sleep(0.0005 * (number % 40))
        victim.send_signal(signal.SIGKILL)
        victim.communicate()
        left += len([name for name in os.listdir(place.path) if name.startswith(".kept-")])
        if number % 5 == 4:
            end([start(place, "venv", "--clear", "--python", PYTHON, env)])
            assert not [name for name in os.listdir(place.path) if name.startswith(".kept-")], os.listdir(place.path)
        assert place.python(env, "pass").code == 0
    assert left, "no command was killed at the right moment"


@check
def what_somebody_else_made_meanwhile_stays(place):
    """The moment between looking and making is stretched by a folder that a thread fills as soon as it may."""
    for number in range(20 * ROUNDS):
        env = f"{place.path}/theirs{number}"
        ours = start(place, "venv", "--python", PYTHON, env)
        time.sleep(random.random() * 0.02)
        try:
            os.mkdir(env)
            with open(f"{env}/my-notes.txt", "w") as out:
                out.write("notes")
            mine = True
        except FileExistsError:
            mine = False
        ours.communicate(timeout=60)
        if mine and ours.returncode != 0:
            assert os.path.exists(f"{env}/my-notes.txt"), os.listdir(env)


@check
def mixed_verbs_on_one_environment_and_one_cache(place):
    wheels, env, cache = parts(place), place.venv(), f"{place.path}/shared"
    chance = random.Random(1)
    verbs = [["install", "part-0==1.0", "part-1"], ["install", "-U", "part-0"], ["install", "part-2", "part-3==1.0"],
             ["uninstall", "part-0"], ["uninstall", "part-1", "part-2"], ["install", "--force-reinstall", "part-3"],
             ["list"], ["freeze"]]
    for _ in range(ROUNDS):
        end([start(place, verb[0], "--python", env, *verb[1:], PKG_FIND_LINKS=wheels, PKG_CACHE_DIR=cache)
             for verb in chance.sample(verbs, len(verbs))])
        for verb in ("verify", "check"):
            done = place.pkg(verb, "--python", env)
            assert done.code == 0, done
        assert set(os.listdir(f"{env}/.pkg")) <= {"lock", "origins"}, os.listdir(f"{env}/.pkg")


@check
def readers_see_one_version_or_none_while_it_is_upgraded(place):
    wheels, env = place.wheels(part(0, "1.0", 300), part(0, "2.0", 300)), place.venv()
    site = next(f"{base}/site-packages" for base, folders, _ in os.walk(f"{env}/lib") if "site-packages" in folders)
    end([start(place, "install", "--python", env, "part-0==1.0", PKG_FIND_LINKS=wheels)])
    for number in range(4 * ROUNDS):
        version = "1.0" if number % 2 else "2.0"
        writer = start(place, "install", "--python", env, f"part-0=={version}", PKG_FIND_LINKS=wheels)
        while writer.poll() is None:
            listed = place.pkg("list", "--python", env, "--format", "freeze")
            assert listed.code == 0 and len(re.findall("^part-0==", listed.out, re.M)) <= 1, listed
            assert len([n for n in os.listdir(site) if n.endswith(".dist-info")]) <= 1, os.listdir(site)
        end([writer])
        seen = place.python(env, "import part_0, part_0.m299; print(part_0.v, part_0.m299.v)")
        assert seen.out.split() == [version, version], seen


@check
def a_killed_holder_of_the_lock_blocks_nobody(place):
    wheels, env = place.wheels(part(0, "1.0", 2000), part(1)), place.venv()
    for number in range(3 * ROUNDS):
        victim = start(place, "install", "--python", env, "part-0", PKG_FIND_LINKS=wheels)
        time.sleep(0.02 + 0.05 * (number % 5))
        victim.send_signal(signal.SIGKILL)
        victim.communicate()
        begun = time.monotonic()
        end([start(place, "install", "--python", env, "part-1", PKG_FIND_LINKS=wheels)])
        assert time.monotonic() - begun < 30
        assert set(os.listdir(f"{env}/.pkg")) <= {"lock", "origins"}, os.listdir(f"{env}/.pkg")
        end([start(place, "uninstall", "--python", env, "part-0", "part-1")])
        assert not [path for path in tree(env) if "part_" in path]


main()
