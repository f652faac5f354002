"""What a release needs is learned without building it where that can be; builds wait, and one that fails is passed
over. Usage: metadata_test.py PKG BUILD_FOLDER [WORD…]"""
import os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sources import project, sdist
from support import Index, check, main, wheel

WINDOWS = "cp311-cp311-win_amd64"


def failing(place, name="tried"):
    """A behave.py that fails at once, and how often it was asked."""
    path = f"{place.path}/{name}"
    return (f"open({path!r}, 'a').write('x')\nraise SystemExit('no compiler here')\n",
            lambda: os.path.getsize(path) if os.path.exists(path) else 0)


@check
def wheels_for_other_machines_tell_what_a_release_needs(place):
    behave, tried = failing(place)
    index = Index([sdist("db", "2.0", project("db", "2.0", behave=behave)), wheel("db", "2.0", tag=WINDOWS,
                                                                                  requires=["lib>=1"]),
                   wheel("lib", "1.5")])
    env = place.venv()
    compiled = place.pkg("compile", "-i", index.url, "-", stdin="db\n")
    assert compiled.code == 0 and "lib==1.5" in compiled.out and tried() == 0, (compiled, tried())
    dry = place.pkg("install", "--dry-run", "--python", env, "-i", index.url, "db")
    assert dry.code == 0 and "+ db 2.0" in dry.err and tried() == 0, (dry, tried())
    place.write("pyproject.toml", '[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                  'dependencies = ["db"]\n')
    locked = place.pkg("lock", PKG_INDEX_URL=index.url)
    assert locked.code == 0 and "+ lib 1.5" in locked.err and tried() == 0, (locked, tried())
    done = place.pkg("install", "--python", env, "-i", index.url, "db")
    assert done.code == 1 and "no compiler here" in done.err and tried() > 0, done
    own = place.pkg("compile", "-i", index.url, "--no-binary", "db", "-", stdin="db\n")
    assert own.code == 1 and "no compiler here" in own.err, own


@check
def a_build_of_an_old_release_waits_for_other_decisions(place):
    behave, tried = failing(place)
    index = Index([wheel("num", "1.0"), wheel("num", "2.0"), wheel("sci", "3.0", requires=["num<2"]),
                   sdist("sci", "2.0", project("sci", "2.0", behave=behave)),
                   sdist("sci", "1.0", project("sci", "1.0", behave=behave))])
    env = place.venv()
    done = place.pkg("install", "--python", env, "-i", index.url, "num", "sci")
    assert done.code == 0 and "+ num 1.0" in done.err and "+ sci 3.0" in done.err and tried() == 0, (done, tried())


@check
def a_release_that_cannot_be_built_is_passed_over(place):
    behave, tried = failing(place)
    index = Index([sdist("lib", "3.0", project("lib", "3.0", behave=behave)), wheel("lib", "2.0"),
                   wheel("app", "1.0", requires=["lib>=3"])])
    env = place.venv()
    done = place.pkg("install", "--python", env, "-i", index.url, "lib")
    assert done.code == 0 and "+ lib 2.0" in done.err, done
    assert "warning: `lib` 3.0 could not be built, and 2.0 is taken: " in done.err, done
    failed = place.pkg("install", "--dry-run", "--python", env, "-i", index.url, "app")
    for part in ("no compiler here", "app 1.0 depends on lib>=3", "`--only-binary lib` takes a release"):
        assert failed.code == 1 and part in failed.err, (part, failed)


@check
def a_project_of_which_nothing_can_be_built_is_given_up(place):
    behave, tried = failing(place)
    index = Index([sdist("lib", f"{n}.0", project("lib", f"{n}.0", behave=behave)) for n in range(1, 9)])
    done = place.pkg("compile", "-i", index.url, "-", stdin="lib\n")
    assert done.code == 1 and "lib 8.0" in done.err and "no compiler here" in done.err and tried() < 10, (done, tried())
    assert "--only-binary" not in done.err, done


@check
def newer_releases_whose_metadata_is_not_understood_are_warned_about(place):
    index = Index([wheel("lib", "1.0"), wheel("lib", "2.0", requires=["dep>=1.1.6<<2"]),
                   wheel("lib", "3.0", requires=["dep ; unknown_marker == 'x'"])])
    env = place.venv()
    for verb in (["install", "--dry-run", "--python", env, "lib"], ["compile", "-"]):
        done = place.pkg(*verb, "-i", index.url, stdin="lib\n")
        assert done.code == 0 and "warning: ignored `lib` 3.0 and 1 other, whose metadata is not" in done.err, done


if __name__ == "__main__":
    main()
