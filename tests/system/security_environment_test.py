"""An environment folder is input: whose interpreter it leads to, what wheels bring into it, what its RECORD and
METADATA say.

The `.venv` of a checkout may lead to a program of the checkout: verbs that look never start it, others say so first and
once. A wheel cannot bring what belongs to the environment or to pkg, and what it ships besides its .dist-info makes no
distribution."""
import os, shutil, stat, subprocess
from support import PYTHON, Place, check, main, wheel

SITE = subprocess.run([PYTHON, "-c", "import sys; print('lib/python%d.%d/site-packages' % sys.version_info[:2])"],
                      capture_output=True, text=True).stdout.strip()
REAL = subprocess.run([PYTHON, "-c", "import os, sys; print(os.path.realpath(sys.executable))"], capture_output=True,
                      text=True).stdout.strip()
VERSION = SITE.split("/")[1][len("python") :]
READING = (["list"], ["list", "--not-required"], ["freeze"], ["verify"], ["check"], ["show", "x"], ["tree"],
           ["tree", "--installed"], ["why", "x"], ["outdated"], ["inspect"], ["export"], ["lock", "--no-index"],
           ["lock", "--check", "--no-index"], ["compile", "none.in", "--no-index"], ["python", "list"],
           ["python", "find", ".venv/"])


def planted(place, link="../../tools/python", home="/usr/bin"):
    """A checkout with a `.venv` that leads to a program of its own, which notes that it ran."""
    place.write("tools/python", f'#!/bin/sh\necho ran >> {place.path}/ran\nexec {REAL} "$@"\n')
    os.chmod(f"{place.work}/tools/python", 0o755)
    place.write(".venv/pyvenv.cfg", f"home = {home}\nversion = {VERSION}.1\n")
    os.makedirs(f"{place.work}/.venv/{SITE}")
    os.makedirs(f"{place.work}/.venv/bin")
    os.symlink(link, f"{place.work}/.venv/bin/python")
    place.write("pyproject.toml", '[project]\nname="h"\nversion="1"\nrequires-python=">=3.8"\n')
    place.write("none.in", "")


def ran(place):
    found = os.path.exists(f"{place.path}/ran")
    if found:
        os.unlink(f"{place.path}/ran")
    return found


@check
def verbs_that_look_never_start_the_interpreter_of_a_checkout(place):
    planted(place)
    for words in READING:
        done = place.pkg(*words)
        assert done.code in (0, 1) and not ran(place), (words, done)
    told = place.pkg("check")
    assert (told.code == 0 and told.err.count("leads to the interpreter") == 1 and
            "like the environment itself: it is not started" in told.err), told
    assert f"as Python {VERSION}.1" in told.err, told
    # A home that is made to fit changes nothing.
    place.write(".venv/pyvenv.cfg", f"home = {place.work}/tools\nversion = {VERSION}.1\n")
    assert "is not started" in place.pkg("check").err and not ran(place)


@check
def other_verbs_say_so_first(place):
    planted(place)
    wheels = place.wheels(wheel("alpha", "1.0"))
    done = place.pkg("install", "--no-index", "-f", wheels, "alpha")
    assert (done.code == 0 and
            done.err.startswith(f"warning: the environment `{place.work}/.venv` leads to the interpreter "
                                f"`{place.work}/tools/python`, which lies in")), done
    assert ran(place)
    again = place.pkg("run", "--no-project", "python", "-c", "print(1)")
    assert again.code == 0 and "leads to the interpreter" in again.err, again  # a script: no record is kept of it


@check
def it_is_said_once_for_a_program(place):
    program = shutil.copy(REAL, f"{place.path}/another-python")
    planted(place, link=program, home="/nowhere/bin")
    first = place.pkg("check")
    assert "its home `/nowhere/bin` is not on this machine: it is not started" in first.err, first
    used = place.pkg("run", "--no-project", "python", "-c", "print(7)")
    assert used.out == "7\n" and "pkg starts it now" in used.err, used
    assert place.pkg("check").err == "" and "leads to" not in place.pkg("run", "--no-project", "python", "-c", "").err


@check
def environments_that_were_made_here_never_warn(place):
    def quiet(env, **variables):
        for words in (["check"], ["install", "--no-index", "-f", place.wheels(wheel("alpha", "1.0")), "alpha",
                                  "--compile"], ["run", "--no-project", "python", "-c", ""], ["uninstall", "alpha"]):
            done = place.pkg(*words, "--python", env) if words[0] != "run" else place.pkg("run", "--no-project",
                "--python", env, *words[2:], **variables)
            assert done.code == 0 and "warning" not in done.err, (env, words, done)
            shutil.rmtree(f"{place.path}/cache", ignore_errors=True)

    quiet(place.venv("by_pkg"))
    for name, options in {"by_venv": [], "copies": ["--copies"]}.items():
        subprocess.run([PYTHON, "-m", "venv", "--without-pip", *options, f"{place.path}/{name}"], check=True)
        quiet(f"{place.path}/{name}")
    subprocess.run([f"{place.path}/copies/bin/python", "-m", "venv", "--without-pip", f"{place.path}/from_copy"],
                   check=True)
    quiet(f"{place.path}/from_copy")
    # A checkout in a repository, and a home folder with an environment of its own.
    os.makedirs(f"{place.work}/.git")
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", f"{place.work}/.venv"], check=True)
    quiet(f"{place.work}/.venv")
    os.makedirs(f"{place.path}/home/.git")
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", f"{place.path}/home/.venv"], check=True)
    quiet(f"{place.path}/home/.venv")


@check
def a_copy_that_is_another_program_is_said_before_it_is_run(place):
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", "--copies", f"{place.work}/.venv"], check=True)
    python = f"{place.work}/.venv/bin/python"
    os.unlink(python)
    place.write(".venv/bin/python", f"#!/bin/sh\necho ran >> {place.path}/ran\n")
    os.chmod(python, 0o755)
    looked = place.pkg("check")
    assert looked.code == 0 and looked.err == "" and not ran(place), looked
    done = place.pkg("run", "--no-project", "python", "-V")
    assert "which is another program than" in done.err and ran(place), done


@check
def an_environment_of_another_user_in_a_folder_above_is_said(place):
    if os.geteuid() != 0:
        return
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", f"{place.work}/.venv"], check=True)
    os.chown(f"{place.work}/.venv", 1234, 1234)
    below = f"{place.work}/sub"
    os.mkdir(below)
    wheels = place.wheels(wheel("alpha", "1.0"))
    assert place.pkg("list", cwd=below).err == ""
    for words in (["install", "--no-index", "-f", wheels, "alpha"], ["run", "--no-project", "python", "-c", ""]):
        done = place.pkg(*words, cwd=below)
        assert done.code == 0 and "belongs to another user (1234)" in done.err, done
    named = place.pkg("install", "--no-index", "-f", wheels, "alpha", "--python", f"{place.work}/.venv", cwd=below)
    assert "another user" not in named.err, named


@check
def pipes_and_devices_in_an_environment_are_errors_and_not_waited_for(place):
    wheels = place.wheels(wheel("aa", "1.0"))
    for name in ("pyvenv.cfg", f"{SITE}/aa-1.0.dist-info/METADATA", f"{SITE}/aa-1.0.dist-info/RECORD",
                 f"{SITE}/aa-1.0.dist-info/direct_url.json", f"{SITE}/aa-1.0.dist-info/entry_points.txt",
                 f"{SITE}/aa-1.0.dist-info/WHEEL"):
        for kind in ("pipe", "/dev/zero"):
            env = place.venv()
            assert place.pkg("install", "--python", env, "--no-index", "-f", wheels, "aa").code == 0
            path = f"{env}/{name}"
            if os.path.lexists(path):
                os.unlink(path)
            os.mkfifo(path) if kind == "pipe" else os.symlink(kind, path)
            for words in (["list"], ["show", "-f", "aa"], ["check"], ["verify"], ["freeze"], ["inspect"],
                          ["uninstall", "--dry-run", "aa"]):
                done = place.pkg(*words, "--python", env, timeout=20)
                assert done.code in (0, 1) and done.err.count("error:") <= 1, (name, kind, words, done)
            if name == "pyvenv.cfg":
                assert "expected a regular file" in place.pkg("list", "--python", env).err
            shutil.rmtree(env)


@check
def a_wheel_cannot_bring_what_belongs_to_the_environment_or_to_pkg(place):
    env = place.venv()
    own = [".gitignore", "pyvenv.cfg", ".pkg/tx/journal", ".pkg/links", "bin/python", "bin/python3.99", "bin/activate",
           "bin/activate.nu", "lib64"]
    own += [f"{SITE}/_pkg_links.py", f"{SITE}/_pkg_run.pth"]
    files = [f"evil-1.0.data/data/{name}" for name in own]
    files += [f"evil-1.0.data/scripts/{name}" for name in ("python", "python3.12", "activate", "activate_this.py")]
    files += [f"{place}/_pkg_links.py" for place in ("evil-1.0.data/purelib", "evil-1.0.data/platlib")]
    files += ["_pkg_links.py", "_pkg_links.pth", "_pkg_run.pth", "__pycache__/_pkg_links.cpython-312.pyc",
              "evil-1.0.data/purelib/__pycache__/_pkg_links.cpython-312.pyc"]
    for path in files:
        wheels = place.wheels(wheel("evil", "1.0", {"evil.py": "", path: "x"}), folder=f"wheels-{files.index(path)}")
        done = place.pkg("install", "--python", env, "--no-index", "-f", wheels, "evil")
        assert done.code == 1 and ("environment" in done.err), (path, done)
    for path in (".pkg/tx/journal", ".pkg/links"):
        wheels = place.wheels(wheel("evil", "1.0", {"evil.py": "", path: "x"}), folder=f"target-{len(path)}")
        done = place.pkg("install", "--target", "out", "--no-index", "-f", wheels, "evil")
        assert done.code == 1 and not os.path.exists(f"{place.work}/out/{path}"), (path, done)
    # What is nobody's but looks like it.
    wheels = place.wheels(wheel("fine", "1.0", {".gitignore": "x", "fine/_pkg_links.py": "",
                                                "fine-1.0.data/data/share/.gitignore": "*"}), folder="fine")
    for where in (["--python", env], ["--target", "out"]):
        done = place.pkg("install", *where, "--no-index", "-f", wheels, "fine")
        assert done.code == 0, done


@check
def an_egg_info_or_egg_link_in_a_wheel_is_no_distribution(place):
    env = place.venv()
    metadata = "Metadata-Version: 2.1\nName: requests\nVersion: 99.0\n"
    place.write("src/urllib3.egg-info/PKG-INFO", metadata.replace("requests", "urllib3"))
    carried = {"carrier.py": "", "requests.egg-info/PKG-INFO": metadata, "idna-9.egg-info": metadata,
               "urllib3.egg-link": f"{place.work}/src\n."}
    wheels = place.wheels(wheel("carrier", "1.0", carried))
    assert place.pkg("install", "--python", env, "--no-index", "-f", wheels, "carrier").code == 0
    for words in (["list", "--format", "freeze"], ["freeze"]):
        done = place.pkg(*words, "--python", env)
        assert done.out == "carrier==1.0\n", done
    assert "requests.egg-info` is a file of `carrier`, not a distribution: ignored" in place.pkg("list", "--python",
        env).err
    done = place.pkg("install", "--python", env, "--no-index", "requests>=2")
    assert done.code == 1 and "requests" in done.err, done
    assert place.pkg("uninstall", "--python", env, "carrier").code == 0
    assert not [name for name in os.listdir(f"{env}/{SITE}") if "egg" in name]


@check
def rows_of_record_that_name_folders_or_what_is_not_theirs_are_left_alone(place):
    env = place.venv()
    info = f"{env}/{SITE}/rr-1.0.dist-info"
    os.mkdir(info)
    open(f"{info}/METADATA", "w").write("Metadata-Version: 2.1\nName: rr\nVersion: 1.0\n")
    rows = [".", "..", "./", "..\\", "x/..", "../..", "../../..", "/", "../../../pyvenv.cfg", "../../../.gitignore",
            "../../../.pkg/lock", "../../../bin/python", "_pkg_run.pth", "../../../../outside"]
    open(f"{env}/{SITE}/_pkg_run.pth", "w").write("")
    open(f"{place.path}/outside", "w").write("")
    open(f"{info}/RECORD", "w").write("".join(f"{row},,\n" for row in rows) +
                                      "rr-1.0.dist-info/METADATA,,\nrr-1.0.dist-info/RECORD,,\n")
    done = place.pkg("uninstall", "--python", env, "rr")
    assert done.code == 0 and done.err.count("left alone") == len(rows), done
    for name in ("pyvenv.cfg", ".gitignore", "bin/python", f"{SITE}/_pkg_run.pth", "../outside"):
        assert os.path.lexists(f"{env}/{name}"), name
    assert not os.path.exists(info)


@check
def metadata_that_says_another_name_or_version_is_not_believed(place):
    env = place.venv()
    wheels = place.wheels(wheel("foo", "1.1"), wheel("bar", "2.0"))
    assert place.pkg("install", "--python", env, "--no-index", "-f", wheels, "foo", "bar").code == 0
    for name, text in {"foo-1.1": "Name: foo\nVersion: 1&11.\n", "bar-2.0": "Name: requests\nVersion: 2.0\n"}.items():
        path = f"{env}/{SITE}/{name}.dist-info/METADATA"
        os.unlink(path)
        open(path, "w").write("Metadata-Version: 2.1\n" + text)
        record = f"{env}/{SITE}/{name}.dist-info/RECORD"
        lines = [f"{name}.dist-info/METADATA,," if "METADATA" in line else line
                 for line in open(record).read().splitlines()]
        open(record, "w").write("\n".join(lines) + "\n")
    for words in (["list", "--format", "freeze"], ["freeze"]):
        assert place.pkg(*words, "--python", env).out == "bar==2.0\nfoo==1.1\n", words
    shown = place.pkg("show", "--python", env, "foo", "bar")
    assert "Name: foo\nVersion: 1.1\n" in shown.out and "Name: bar\nVersion: 2.0\n" in shown.out, shown
    checked = place.pkg("check", "--python", env)
    assert (checked.code == 1 and "bar 2.0 has the metadata of requests 2.0." in checked.out and
            "foo 1.1" in checked.out), checked
    verified = place.pkg("verify", "--python", env)
    assert (verified.code == 1 and "it is the metadata of requests 2.0" in verified.out and
            "it is the metadata of foo 1&11." in verified.out), verified


main()
