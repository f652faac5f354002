"""What a release needs is learned without building it where that can be; builds wait, and one that fails is passed
over. Usage: metadata_test.py PKG BUILD_FOLDER [WORD…]"""
import os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sources import project, repository, sdist, write_tree
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


# Requires-Dist lines as releases of the last twenty years have them: what they mean of the six releases of `six` below.
# None: nobody can tell. A marker that says nothing (`>= "3.*"`) is valid, and false.
OLD_LINES = [("pytz (>dev)", "pytz==2020"), ("six (>=1.9.*)", "six==2.0"), ("six (>=1.9<2)", "six==1.16.0"),
             ("six (>=1.9,)", "six==2.0"), ("six !=~1.0", "six==2.0"), ('six >= "1.9"', "six==2.0"),
             ("six (>='1.9')", "six==2.0"), ("six (<=>=1.9)", None), ("six (~=1.*)", "six==1.16.0"),
             ("six >=1.9.*,<2", "six==1.16.0"), ("six == v1.16.0", "six==1.16.0"),
             ('six (>=1.9) ; python_version > "3" and', None), ('six>=1.9;python_version>="3.*"', "odd12==1.0"),
             ("six (>1.9.x)", None), ("six >= 1.9, < 2,", "six==1.16.0"), ("six (>=1.9,!=1.10*)", "six==2.0"),
             ("six >=1.9 , <2.*", "six==1.16.0")]
OLD_PYTHONS = [(">=3.6<4", True), (">=3.6.*", True), (">=3.6,", True), (">3.5.*", True), ("~=3.*", True),
               (">= 3.6.", True), ("!=3.0*,>=3", True), ('>="3.6"', True), ("3.6", True), (">=3.99.*", False),
               (">=3.6<3.7", False)]


def old_index():
    libraries = [wheel("six", version) for version in ("1.0", "1.8", "1.9", "1.10", "1.16.0", "2.0")]
    odd = [wheel(f"odd{i}", "1.0", requires=[line]) for i, (line, _) in enumerate(OLD_LINES)]
    pythons = [wheel(f"rp{i}", "1.0", requires_python=text) for i, (text, _) in enumerate(OLD_PYTHONS)]
    return Index([*libraries, wheel("pytz", "2020"), *odd, *pythons])


@check
def old_metadata_is_read_as_it_was_meant(place):
    index = old_index()
    for i, (line, expected) in enumerate(OLD_LINES):
        done = place.pkg("compile", "-v", "-i", index.url, "-", stdin=f"odd{i}\n")
        if expected is None:
            assert done.code == 1 and f"odd{i} 1.0 has metadata that is not understood" in done.err, (line, done)
        else:
            assert done.code == 0 and f"{expected}\n" in done.out and "warning" not in done.err, (line, done)
        is_old = line not in ("six (>=1.9,)", "six == v1.16.0", 'six>=1.9;python_version>="3.*"', "six >= 1.9, < 2,")
        assert (f"read `{line}` of `odd{i}` 1.0 as `" in done.err) == (is_old and expected is not None), (line, done)
    told = place.pkg("compile", "-v", "-i", index.url, "-", stdin="odd2\n")
    assert "read `six (>=1.9<2)` of `odd2` 1.0 as `six (>=1.9,<2)`" in told.err, told
    quiet = place.pkg("compile", "-i", index.url, "-", stdin="odd2\n")
    assert "read `" not in quiet.err, quiet


@check
def an_old_requires_python_is_read_on_pages_and_in_metadata(place):
    index = old_index()
    env = place.venv()
    for i, (text, is_met) in enumerate(OLD_PYTHONS):
        done = place.pkg("install", "--dry-run", "--python", env, "-i", index.url, f"rp{i}")
        assert done.code == (0 if is_met else 1), (text, done)
        assert is_met or "needs Python" in done.err or "fits Python" in done.err, (text, done)


@check
def what_a_user_writes_is_read_strictly(place):
    index = old_index()
    for line in ("six>=1.9.*", "six>=1.9<2", "pytz>dev"):
        done = place.pkg("compile", "-i", index.url, "-", stdin=f"{line}\n")
        assert done.code != 0 and "is not a version specifier" in done.err, (line, done)


@check
def releases_that_nobody_understands_are_one_warning(place):
    index = Index([wheel("lib", "1.0"), *[wheel("lib", f"{n}.0", requires=[f"dep (<=>={n})"]) for n in (2, 3, 4)],
                   wheel("app", "1.0"), wheel("app", "2.0", requires=["gone"]),
                   wheel("gone", "1.0", requires=["dep (<=>=1)"])])
    place.write("pyproject.toml", '[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                  'dependencies = ["lib", "app"]\n')
    done = place.pkg("lock", PKG_INDEX_URL=index.url)
    assert done.code == 0 and "+ lib 1.0" in done.err and "+ app 1.0" in done.err, done
    warnings = [line for line in done.err.splitlines() if "ignored" in line]
    assert len(warnings) == 2 and "ignored `gone` 1.0, whose metadata is not understood: " in warnings[0], done
    assert "ignored `lib` 4.0 and 2 others, whose metadata is not understood: " in warnings[1], done
    assert "`dep (<=>=4)` is not a requirement: " in warnings[1], done


GIVEN = '[[tool.pkg.dependency-metadata]]\nname = "app"\nversion = "1.0"\nrequires-dist = ["leaf"]\n'


@check
def metadata_that_the_project_gives_counts_for_every_verb(place):
    index = Index([wheel("app", "1.0", requires=["nowhere"]), wheel("leaf", "1.0")])
    for text in (GIVEN, GIVEN.replace("tool.pkg", "tool.uv")):
        place.write("pyproject.toml", text)
        env = place.venv(f"env{len(text)}")
        done = place.pkg("install", "--python", env, "-i", index.url, "app")
        assert done.code == 0 and "+ leaf 1.0" in done.err and "nowhere" not in done.err, done
        again = place.pkg("install", "--python", env, "-i", index.url, "app")
        assert again.code == 0 and "+" not in again.out, again
        for verb in ("download", "wheel"):
            out = f"out-{verb}{len(text)}"
            done = place.pkg(verb, "-d" if verb == "download" else "-w", out, "-i", index.url, "app")
            assert done.code == 0 and "leaf-1.0-py3-none-any.whl" in os.listdir(f"{place.work}/{out}"), done
        compiled = place.pkg("compile", "-i", index.url, "-", stdin="app\n")
        assert compiled.code == 0 and "leaf==1.0" in compiled.out, compiled
    place.write("pyproject.toml", "")
    refused = place.pkg("compile", "-i", index.url, "-", stdin="app\n")
    assert refused.code == 1 and "nowhere" in refused.err, refused


@check
def metadata_in_the_users_own_file_counts_for_commands_but_not_for_locks(place):
    index = Index([wheel("app", "1.0", requires=["other"]), wheel("leaf", "1.0"), wheel("other", "1.0")])
    os.makedirs(f"{place.path}/home/.config/pkg")
    with open(f"{place.path}/home/.config/pkg/pkg.toml", "w") as out:
        out.write(GIVEN.replace("tool.pkg.", ""))
    compiled = place.pkg("compile", "-i", index.url, "-", stdin="app\n")
    assert compiled.code == 0 and "leaf==1.0" in compiled.out and "other" not in compiled.out, compiled
    place.write("pyproject.toml", '[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                  'dependencies = ["app"]\n')
    locked = place.pkg("lock", PKG_INDEX_URL=index.url)
    assert locked.code == 0 and "+ other 1.0" in locked.err and "leaf" not in locked.err, locked
    with open(f"{place.path}/home/.config/pkg/pkg.toml", "a") as out:
        out.write("nmae = 1\n")
    wrong = place.pkg("compile", "-i", index.url, "-", stdin="app\n")
    assert wrong.code == 2 and "nmae" in wrong.err and "pkg.toml:5" in wrong.err, wrong


@check
def given_metadata_spares_the_build_of_a_folder_and_of_a_revision(place):
    behave, tried = failing(place)
    tree = project("app", "1.0", behave=behave)
    index = Index([wheel("leaf", "1.0")])
    write_tree(f"{place.work}/app", tree)
    repository(f"{place.work}/repo", tree)
    place.write("pyproject.toml", GIVEN)
    for line in ("app @ ./app", f"app @ git+file://{place.work}/repo"):
        compiled = place.pkg("compile", "-i", index.url, "-", stdin=f"{line}\n")
        assert compiled.code == 0 and "leaf==1.0" in compiled.out and tried() == 0, (line, compiled, tried())


if __name__ == "__main__":
    main()
