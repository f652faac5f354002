"""Tasks of [tool.pkg.tasks] through the real binary: order, arguments, variables, folders, exit codes, signals, the
list, and who wins."""
import json, os, signal, subprocess

from support import PKG, PYTHON, check, main

HEAD = '[project]\nname = "work"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = []\n'


def project(place, tasks, more=""):
    place.write("pyproject.toml", HEAD + more + "[tool.pkg.tasks]\n" + tasks)


def run(place, *words, **kept):
    return place.pkg("run", "--python", PYTHON, *words, **kept)


@check
def a_task_runs_in_the_project_s_folder_and_takes_arguments(place):
    project(place, """show = "sh -c 'pwd; echo \\"$@\\"' sh one"\n""")
    os.makedirs(f"{place.work}/below")
    done = run(place, "show", "two three", "--list", cwd=f"{place.work}/below")
    assert done.code == 0 and done.out == f"{place.work}\none two three --list\n", done
    assert os.path.exists(f"{place.work}/.venv/bin/python")
    words = run(place, "show", "--", "-x")
    assert words.out.endswith("one -- -x\n"), words


@check
def python_of_a_task_is_the_environment_s(place):
    project(place, 'where = ["python", "-c", "import sys, os; print(sys.prefix, os.environ[\'VIRTUAL_ENV\'])"]\n'
                   'file = "code.py 1"\n')
    place.write("code.py", "import sys; print(sys.prefix, sys.argv[1:])\n")
    env = f"{place.work}/.venv"
    assert run(place, "where").out == f"{env} {env}\n"
    assert run(place, "file").out == f"{env} ['1']\n"


@check
def env_cwd_and_depends(place):
    project(place, """
first = {cmd = "sh -c 'echo first >> log'", cwd = "out"}
second = {cmd = ["sh", "-c", "echo second $NAME >> out/log"], env = {NAME = "x y"}, depends = ["first"]}
third = {cmd = "sh -c 'echo third $NAME >> out/log'", depends = ["second", "first"]}
all = {depends = ["third", "second"]}
""")
    os.makedirs(f"{place.work}/out")
    done = run(place, "all", NAME="mine")
    assert done.code == 0, done
    with open(f"{place.work}/out/log") as log:
        assert log.read() == "first\nsecond x y\nthird mine\n"
    assert "second: sh -c" in done.err, done
    refused = run(place, "all", "argument")
    assert refused.code == 2 and "no command that could take arguments" in refused.err, refused
    os.rename(f"{place.work}/out", f"{place.work}/gone")
    lost = run(place, "first")
    assert lost.code == 1 and "which is no folder" in lost.err and "pyproject.toml:" in lost.err, lost


@check
def a_sequence_stops_at_the_first_failure_and_says_where(place):
    project(place, """
seq = {cmds = ["sh -c 'echo 1'", ["sh", "-c", "exit 3"], "sh -c 'echo never'"]}
after = {cmd = "sh -c 'echo never'", depends = ["seq"]}
last = "sh -c 'exit 5'"
killed = {cmds = ["sh -c 'kill -KILL $$'", "sh -c 'echo never'"]}
lost = {cmds = ["sh -c 'echo 1'", "no-such-program-at-all"]}
made = {cmds = ["./make.sh", "./made.sh"]}
""")
    for name in ("seq", "after"):
        done = run(place, name)
        assert done.code == 3 and done.out == "1\n" and "task `seq` stopped" in done.err, done
    quiet = run(place, "-q", "seq")
    assert quiet.code == 3 and quiet.err == "", quiet
    assert run(place, "last").code == 5
    killed = run(place, "killed")
    assert killed.code == 137 and killed.out == "", killed
    lost = run(place, "lost")
    assert lost.code == 127 and lost.out == "1\n" and "no-such-program-at-all" in lost.err, lost
    made = place.write("make.sh", "#!/bin/sh\nprintf '#!/bin/sh\\necho made\\n' > made.sh; chmod +x made.sh\n")
    os.chmod(made, 0o755)
    made = run(place, "made")
    assert made.code == 0 and made.out == "made\n", made


@check
def the_list_and_its_json(place):
    project(place, 'b = {cmd = "x y", help = "Does\\u001b[31m it"}\n'
                   'a = {cmds = ["p", ["q", "r s"]], depends = ["b"]}\n')
    done = run(place, "--list")
    assert done.code == 0 and done.out == "a  (b); p; q 'r s'\nb  Does\\x1b[31m it\n", done
    assert not os.path.exists(f"{place.work}/.venv") and not os.path.exists(f"{place.work}/pylock.toml")
    value = json.loads(run(place, "--list", "--json").out)
    assert value["tasks"] == [
        {"name": "a", "commands": [["p"], ["q", "r s"]], "depends": ["b"], "file": "pyproject.toml"},
        {"name": "b", "commands": [["x", "y"]], "depends": [], "file": "pyproject.toml", "help": "Does\x1b[31m it"},
    ], value
    os.remove(f"{place.work}/pyproject.toml")
    none = run(place, "--list")
    assert none.code == 0 and none.out == "" and "There are no tasks" in none.err, none


@check
def a_task_wins_over_a_program_and_not_over_python(place):
    project(place, "true = \"sh -c 'echo task'\"\n")
    assert run(place, "true").out == "task\n"
    assert run(place, "/bin/true").out == ""
    assert run(place, "--no-project", "true").out == ""
    assert run(place, "-m", "true").code == 1  # a module of that name
    project(place, 'python = "evil"\n')
    refused = run(place, "python", "-V")
    assert refused.code == 1 and "a task cannot be called `python`" in refused.err, refused


@check
def circles_and_shell_signs_are_errors_before_anything_is_made(place):
    project(place, 'a = {cmd = "true", depends = ["b"]}\nb = {depends = ["a"]}\n')
    done = run(place, "a")
    assert done.code == 1 and "in a circle: a → b → a" in done.err, done
    project(place, 'a = "echo a && echo b"\n')
    done = run(place, "a")
    assert done.code == 1 and "`&` is for a shell" in done.err and "sh -c" in done.err, done
    assert not os.path.exists(f"{place.work}/.venv")


@check
def a_new_task_leaves_the_lock_as_it_is(place):
    project(place, 'a = "true"\n')
    assert run(place, "a").code == 0
    project(place, 'a = "false"\nb = "true"\n')
    assert place.pkg("lock", "--check").code == 0
    project(place, 'a = "false"\n', more="[tool.pkg]\nfork-strategy = \"fewest\"\n")
    assert place.pkg("lock", "--check").code == 1


@check
def members_have_tasks_of_their_own(place):
    place.write("pyproject.toml", HEAD + '[tool.pkg.workspace]\nmembers = ["m"]\n[tool.pkg.tasks]\n'
                                         'build = "sh -c \'echo root; pwd\'"\ncommon = {depends = ["build"]}\n')
    place.write("m/pyproject.toml", HEAD.replace("work", "m") + "[tool.pkg.tasks]\nbuild = \"sh -c 'echo m; pwd'\"\n")
    inside = {"cwd": f"{place.work}/m"}
    assert run(place, "build").out == f"root\n{place.work}\n"
    assert run(place, "build", **inside).out == f"m\n{place.work}/m\n"
    assert run(place, "common", **inside).out == f"root\n{place.work}\n"
    assert run(place, "--package", "m", "build").out == f"m\n{place.work}/m\n"


@check
def signals_reach_the_command_and_end_the_sequence(place):
    project(place, """
long = {cmds = [
  ["sh", "-c", "trap 'echo got; exit 9' TERM; echo ready; while :; do sleep 0.05; done"], "sh -c 'echo never'"]}
plain = {cmds = ["sh -c 'echo ready; exec sleep 60'", "sh -c 'echo never'"]}
""")
    assert run(place, "python", "-V").code == 0
    for task, code, output in (("long", 9, "ready\ngot\n"), ("plain", 143, "ready\n")):
        started = subprocess.Popen([PKG, "run", "-q", task], cwd=place.work, env=place.environment({}),
                                   stdout=subprocess.PIPE, text=True)
        first = started.stdout.readline()
        started.send_signal(signal.SIGTERM)
        rest, _ = started.communicate(timeout=30)
        assert (started.returncode, first + rest) == (code, output), (task, started.returncode, first + rest)
    # What the terminal sends, everybody gets.
    started = subprocess.Popen([PKG, "run", "-q", "plain"], cwd=place.work, env=place.environment({}),
                               stdout=subprocess.PIPE, text=True, start_new_session=True)
    started.stdout.readline()
    os.killpg(started.pid, signal.SIGINT)
    rest, _ = started.communicate(timeout=30)
    assert started.returncode == 130 and rest == "", (started.returncode, rest)


main()
