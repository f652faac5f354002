"""Distributions that are not whole any more: what `check` says of them, and how install and sync make them whole.
Usage: incomplete_test.py PKG BUILD_FOLDER [WORD…]"""
import glob, json, os, shutil, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import Index, check, main, wheel


def world():
    return Index([wheel("a", "1", requires=["b"], files={"a/__init__.py": "", "a/two.py": "x = 1\n"}), wheel("b", "1"),
                  wheel("c", "1"), wheel("a", "2", requires=["b"], files={"a/__init__.py": ""})])


def made(place, index, *words):
    """The site folder of work/.venv, with a 1 and b 1 in it."""
    env = place.venv("work/.venv")
    done = place.pkg("install", "a==1", *words, PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    return glob.glob(f"{env}/lib/python*/site-packages")[0]


def said(done, name, what):
    return f"warning: `{name}` 1 is incomplete ({what}): it is installed again\n" in done.err


@check
def a_folder_that_is_gone_comes_back_by_install(place):
    index = world()
    site = made(place, index)
    for name in ("a", "b"):  # what was asked for, and what that needs
        shutil.rmtree(f"{site}/{name}")
        found = place.pkg("check")
        assert found.code == 1 and f"{name} 1 is incomplete: `{name}/__init__.py` is missing." in found.out, found
        done = place.pkg("install", "--dry-run", "a", PKG_INDEX_URL=index.url)
        assert done.code == 0 and said(done, name, f"`{name}/__init__.py` is missing"), done
        assert not os.path.exists(f"{site}/{name}")
        done = place.pkg("install", "a", PKG_INDEX_URL=index.url)
        assert done.code == 0 and said(done, name, f"`{name}/__init__.py` is missing"), done
        assert done.err.count("(reinstalled)") == 1, done
        assert place.pkg("check").code == 0 and place.pkg("verify").code == 0
        assert "is installed again" not in place.pkg("install", "a", PKG_INDEX_URL=index.url).err


@check
def a_link_whose_store_is_gone_is_seen(place):
    index = world()
    site = made(place, index, "--link-mode", "symlink")
    assert os.path.islink(f"{site}/a")
    shutil.rmtree(f"{place.path}/cache")
    done = place.pkg("install", "a", "--link-mode", "symlink", PKG_INDEX_URL=index.url)
    assert done.code == 0 and said(done, "a", "`a/__init__.py` is missing"), done
    assert place.python(f"{place.work}/.venv", "import a.two, b").code == 0


@check
def a_record_that_is_gone_comes_back_where_the_file_is_known(place):
    index = world()
    site = made(place, index)
    os.unlink(f"{site}/a-1.dist-info/RECORD")
    refused = place.pkg("uninstall", "a")
    assert refused.code == 1 and "its RECORD file is missing, so its files are not known" in refused.err, refused
    assert "pkg install --reinstall --no-deps a==1" in refused.err, refused
    done = place.pkg("install", "a", "c", PKG_INDEX_URL=index.url)
    assert done.code == 0 and said(done, "a", "its RECORD is missing") and "still there" not in done.err, done
    assert place.pkg("verify").code == 0 and place.pkg("uninstall", "a").code == 0
    assert not os.path.exists(f"{site}/a")


@check
def a_record_that_is_gone_is_written_again_when_that_is_asked_for(place):
    index = world()
    site = made(place, index)
    os.unlink(f"{site}/a-1.dist-info/RECORD")
    os.unlink(f"{place.work}/.venv/.pkg/origins")  # as if another tool had installed it
    before = sorted(os.listdir(f"{site}/a"))
    for words in (["a"], ["a==2"], ["-U", "a"]):
        refused = place.pkg("install", *words, PKG_INDEX_URL=index.url)
        assert refused.code == 1 and "cannot uninstall `a` 1" in refused.err, refused
        assert "pkg install --reinstall --no-deps a==1" in refused.err, refused
    assert sorted(os.listdir(f"{site}/a")) == before
    for words in (["--reinstall", "--no-deps", "a==1"], ["--ignore-installed", "a==2"]):
        if not os.path.exists(f"{site}/a-1.dist-info/RECORD"):
            done = place.pkg("install", *words, PKG_INDEX_URL=index.url)
            assert done.code == 0 and "`a` 1 had no RECORD: files of it that were not written over" in done.err, done
            assert place.pkg("verify").code == 0
            if words[-1] == "a==1":
                os.unlink(f"{site}/a-1.dist-info/RECORD")
                os.unlink(f"{place.work}/.venv/.pkg/origins")
    assert os.path.exists(f"{site}/a-2.dist-info") and not os.path.exists(f"{site}/a-1.dist-info")
    assert os.path.exists(f"{site}/a/two.py")  # of a 1, as it was said


@check
def what_another_tool_put_there_without_record_stays_satisfied(place):
    index = world()
    site = made(place, index)
    os.unlink(f"{site}/a-1.dist-info/RECORD")
    with open(f"{site}/a-1.dist-info/INSTALLER", "w") as file:
        file.write("debian\n")
    for words in (["a"], ["a", "c"]):
        done = place.pkg("install", *words, PKG_INDEX_URL=index.url)
        assert done.code == 0 and "a 1" not in done.err.replace("`a` 1", ""), done
    assert place.pkg("check").code == 0
    refused = place.pkg("uninstall", "a")
    assert refused.code == 1 and "it was installed by `debian`, which should uninstall it" in refused.err, refused


@check
def sync_makes_whole_what_is_not(place):
    index = world()
    place.write("pyproject.toml", '[project]\nname = "mine"\nversion = "1"\nrequires-python = ">=3.8"\n'
                                  'dependencies = ["a==1"]\n')
    place.venv("work/.venv")
    sync = lambda *words: place.pkg("sync", *words, PKG_INDEX_URL=index.url)
    assert sync().code == 0 and "Nothing to do" in sync().err
    site = glob.glob(f"{place.work}/.venv/lib/python*/site-packages")[0]
    for path, what in (("a", "`a/__init__.py` is missing"), ("b/__init__.py", "`b/__init__.py` is missing"),
                       ("a-1.dist-info/RECORD", "its RECORD is missing"),
                       ("b-1.dist-info/METADATA", "its METADATA is missing")):
        shutil.rmtree(f"{site}/{path}") if os.path.isdir(f"{site}/{path}") else os.unlink(f"{site}/{path}")
        done = sync("--frozen")
        assert done.code == 0 and said(done, path[0], what), (path, done)
        assert os.path.exists(f"{site}/{path}"), path
        assert "Nothing to do" in sync().err and place.pkg("verify").code == 0


@check
def what_is_not_whole_and_cannot_be_had_again_is_told(place):
    index = world()
    site = made(place, index)
    shutil.rmtree(f"{site}/b")
    shutil.rmtree(f"{site}/a")
    refused = place.pkg("install", "a", "--no-index")
    assert refused.code == 1 and "while installing `a` 1 again, which is incomplete" in refused.err, refused
    done = place.pkg("install", "a", "--dry-run", "--json", PKG_INDEX_URL=index.url)
    assert [one["change"] for one in json.loads(done.out)["changes"]] == ["reinstalled"] * 2, done


main()
