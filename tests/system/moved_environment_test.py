"""Environments whose folder is moved or copied: relocatable ones go on as they are, others are mended by sync, install
and verify --mend."""
import os, shutil, subprocess

from support import PYTHON, Run, check, main, tree, wheel

TOOL = wheel("tool", "1.0", {"tool.py": "import sys\ndef main():\n    print('tool in', sys.prefix)\n"},
             entry_points="[console_scripts]\ntool = tool:main\n")
SCRIPT = wheel("script", "1.0", {"script.py": "", "script-1.0.data/scripts/say": "#!python\nprint('said')\n"})
OTHER = wheel("other", "1.0", {"other.py": "def main():\n    print('other')\n"},
              entry_points="[console_scripts]\nother = other:main\n")


def run(*words, cwd=None, env=None):
    try:
        return Run(subprocess.run([str(word) for word in words], capture_output=True, text=True, cwd=cwd, env=env))
    except FileNotFoundError as gone:  # the interpreter that its first line names
        return Run(subprocess.CompletedProcess(words, 127, "", str(gone)))


def environment(place, *options, name="env"):
    path = f"{place.path}/{name}"
    made = place.pkg("venv", "--python", PYTHON, *options, path)
    assert made.code == 0, made
    words = ("install", "--no-index", "-f", place.wheels(TOOL, SCRIPT, OTHER), "--python", path, "tool", "script")
    done = place.pkg(*words)
    assert done.code == 0, done
    return path


def scripts_work(path):
    tool, say = run(f"{path}/bin/tool"), run(f"{path}/bin/say")
    return tool.out == f"tool in {path}\n" and say.out == "said\n"


def verify(place, path, *options):
    return place.pkg("verify", "--python", path, *options)


@check
def a_relocatable_environment_works_wherever_it_is_moved_to(place):
    path = environment(place, "--relocatable")
    assert scripts_work(path)
    assert "relocatable = true" in open(f"{path}/pyvenv.cfg").read()
    for name in ("moved", "with space", "quote'd $x"):
        there = f"{place.path}/{name}"
        os.rename(path, there)
        path = there
        assert scripts_work(path), name
        os.symlink(f"{path}/bin/tool", f"{place.path}/link-to-tool")
        assert run(f"{place.path}/link-to-tool").out == f"tool in {path}\n", name
        os.unlink(f"{place.path}/link-to-tool")
        for shell in ("bash", "dash", "zsh", "mksh", "ksh93", "yash"):
            if shutil.which(shell):
                done = run(shell, "-euc", '. "$1"; printf "%s|" "$VIRTUAL_ENV"; tool', "sh",
                           f"{path}/bin/activate")
                assert done.out == f"{path}|tool in {path}\n" and not done.err, (shell, name, done)
        assert verify(place, path).code == 0
    nothing_old = [name for name, (kind, _, _) in tree(f"{path}/bin").items()
                   if kind == "file" and f"{place.path}/env" in open(f"{path}/bin/{name}").read()]
    assert not nothing_old, nothing_old
    more = place.pkg("install", "--no-index", "-f", f"{place.work}/wheels", "--python", path, "other")
    assert more.code == 0 and run(f"{path}/bin/other").out == "other\n", more
    # In a folder of its own `sync` takes it without being told.
    os.makedirs(f"{place.path}/own")
    os.rename(path, f"{place.path}/own/.venv")
    path = f"{place.path}/own/.venv"
    done = place.pkg("sync", "--no-index", "-f", f"{place.work}/wheels", place.write("reqs.txt", "tool==1.0\n"),
                     cwd=f"{place.path}/own")
    assert done.code == 0 and run(f"{path}/bin/tool").out == f"tool in {path}\n", done
    assert not os.path.exists(f"{path}/bin/say"), done


@check
def a_moved_environment_is_named_by_verify_and_mended_when_asked(place):
    path = environment(place)
    assert verify(place, path).code == 0
    there = f"{place.path}/elsewhere"
    os.rename(path, there)
    assert not scripts_work(there)
    before = tree(there)
    said = verify(place, there)
    assert said.code == 1 and path in said.out and "--mend" in said.out, said
    assert tree(there) == before
    mended = verify(place, there, "--mend")
    assert mended.code == 0 and path in mended.err and there in mended.err, mended
    assert scripts_work(there)
    for base, _, names in os.walk(f"{there}/bin"):
        for name in names:
            if not os.path.islink(f"{base}/{name}"):
                assert f"{path}/" not in open(f"{base}/{name}").read(), name
    assert f"location = {there}\n" in open(f"{there}/pyvenv.cfg").read()
    assert verify(place, there).code == 0
    gone = place.pkg("uninstall", "-y", "--python", there, "tool", "script")
    assert gone.code == 0 and not os.path.exists(f"{there}/bin/tool"), gone


@check
def a_copied_environment_is_mended_by_install_and_leaves_the_original_alone(place):
    path = environment(place)
    there = f"{place.path}/copy of it"
    shutil.copytree(path, there, symlinks=True)
    before = tree(path)
    done = place.pkg("install", "--no-index", "-f", f"{place.work}/wheels", "--python", there, "other")
    assert done.code == 0 and "moved or copied" in done.err, done
    assert scripts_work(there) and scripts_work(path) and run(f"{there}/bin/other").out == "other\n"
    assert tree(path) == before
    again = place.pkg("install", "--no-index", "-f", f"{place.work}/wheels", "--python", there, "other")
    assert again.code == 0 and "moved or copied" not in again.err, again


@check
def sync_of_a_moved_project_mends_its_environment(place):
    project = f"{place.path}/project"
    os.makedirs(project)
    with open(f"{project}/pyproject.toml", "w") as out:
        out.write('[project]\nname = "p"\nversion = "1"\ndependencies = ["tool"]\nrequires-python = ">=3.8"\n')
    settings = {"PKG_NO_INDEX": "1", "PKG_FIND_LINKS": place.wheels(TOOL)}
    assert place.pkg("venv", "--python", PYTHON, cwd=project).code == 0
    first = place.pkg("sync", cwd=project, **settings)
    assert first.code == 0, first
    there = f"{place.path}/renamed"
    os.rename(project, there)
    dry = place.pkg("sync", "--dry-run", cwd=there, **settings)
    assert "moved or copied" in dry.err and run(f"{there}/.venv/bin/tool").code != 0, dry
    done = place.pkg("sync", cwd=there, **settings)
    assert done.code == 0 and "moved or copied" in done.err, done
    assert run(f"{there}/.venv/bin/tool").out == f"tool in {there}/.venv\n"
    quiet = place.pkg("sync", cwd=there, **settings)
    assert quiet.code == 0 and "moved" not in quiet.err, quiet


@check
def an_environment_reached_through_a_link_was_not_moved(place):
    path = environment(place)
    os.symlink(path, f"{place.path}/link")
    done = verify(place, f"{place.path}/link")
    assert done.code == 0, done


@check
def an_environment_that_is_moved_to_a_name_that_is_no_utf8_is_mended_and_starts(place):
    path = environment(place)
    for name in (b"by\xfftes", b"new\nline"):
        there = f"{place.path}/{os.fsdecode(name)}"
        os.rename(path, there)
        path = there
        verify(place, path, "--mend")
        assert run(f"{path}/bin/python", "-c", "print('started')").out == "started\n", name


main()
