"""Overrides and excludes for what one parent asks for: locked, installed, exported, explained.
Usage: parent_rules_test.py PKG BUILD_FOLDER [WORD…]"""
import os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lock_support import lock_text, locked, project, synced, versions
from support import Index, check, main, wheel


def world():
    return Index([wheel("sci", "1.0", requires=["num<2"]), wheel("sci", "2.0", requires=["num<2"]),
                  wheel("plot", "1.0", requires=["num<2", "torch"]), wheel("num", "1.0"), wheel("num", "2.0"),
                  wheel("torch", "3.0")])


def rules(key, *entries):
    return f"[tool.pkg]\n{key} = [{', '.join(entries)}]\n"


@check
def an_override_holds_for_one_parent(place):
    index = world()
    project(place, ["sci"], more=rules("override-dependencies", '{ parent = "sci>=2", dependencies = ["num>=2"] }'))
    synced(place, index)
    assert versions(place) == {"num": "2.0", "sci": "2.0"}, versions(place)
    assert place.pkg("lock", "--check", PKG_INDEX_URL=index.url).code == 0
    # For the other releases it says nothing, and a change locks again.
    project(place, ["sci<2"], more=rules("override-dependencies", '{ parent = "sci>=2", dependencies = ["num>=2"] }'))
    synced(place, index)
    assert versions(place) == {"num": "1.0", "sci": "1.0"}, versions(place)
    project(place, ["sci<2"], more=rules("override-dependencies", '{ parent = "sci", dependencies = ["num>=2"] }'))
    stale = place.pkg("lock", "--check", PKG_INDEX_URL=index.url)
    assert stale.code == 1 and "override-dependencies" in stale.err, stale
    synced(place, index)
    assert versions(place)["num"] == "2.0", versions(place)
    exported = place.pkg("export", "--no-hashes", PKG_INDEX_URL=index.url)
    assert exported.code == 0 and "num==2.0\n    # via sci" in exported.out, exported


@check
def the_rest_asks_as_before(place):
    index = world()
    override = rules("override-dependencies", '{ parent = "sci", dependencies = ["num>=2"] }')
    project(place, ["sci", "plot"], more=override)
    refused = place.pkg("lock", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "depend on num>=2 (overridden at pyproject.toml:7)" in refused.err, refused
    assert "plot 1.0 depends on num<2" in refused.err, refused
    project(place, ["sci", "plot"], more=rules("override-dependencies", '"num==1.0"',
                                               '{ parent = "sci", dependencies = ["num<9"] }'))
    locked(place, index)
    assert 'version = "1.0"' in lock_text(place)


@check
def an_exclude_holds_for_one_parent(place):
    index = world()
    project(place, ["plot", "sci"], more=rules("exclude-dependencies", '{ parent = "plot", dependencies = ["torch"] }',
                                               '{ parent = "sci", dependencies = ["torch"] }'))
    done = locked(place, index)
    assert "`sci` does not ask for `torch`: there is nothing to exclude (pyproject.toml:7)" in done.err, done
    assert done.err.count("nothing to exclude") == 1, done
    assert 'name = "torch"' not in lock_text(place), lock_text(place)
    synced(place, index)
    assert "torch" not in versions(place), versions(place)
    # As with an exclude for all parents, what the metadata says is missed.
    missed = place.pkg("check", "--python", f"{place.work}/.venv")
    assert missed.code == 1 and "torch" in missed.out + missed.err, missed
    project(place, ["plot", "torch"],
            more=rules("exclude-dependencies", '{ parent = "plot", dependencies = ["torch"] }'))
    synced(place, index)
    assert versions(place)["torch"] == "3.0", versions(place)


@check
def tables_of_uv_say_the_same(place):
    index = world()
    project(place, ["sci", "torch"], more="""[tool.uv]
override-dependencies = [{ package = { name = "sci", version = "2.0" }, dependencies = ["num>=2", "plot"] }]
exclude-dependencies = [{ package = { name = "plot" }, dependencies = ["num"] }]
""")
    done = synced(place, index)
    assert "`exclude-dependencies`" in done.err and "`override-dependencies`" in done.err, done
    assert versions(place) == {"num": "2.0", "plot": "1.0", "sci": "2.0", "torch": "3.0"}, versions(place)


@check
def entries_that_are_none_are_refused_with_their_line(place):
    index = world()
    for key, entry, wanted in (
            ("override-dependencies", '{ parent = "sci" }', "has a `parent` and its `dependencies`"),
            ("override-dependencies", '{ parent = "sci[x]", dependencies = ["num"] }', "have no meaning there"),
            ("override-dependencies", '{ parrent = "sci", dependencies = ["num"] }', "did you mean `parent`?"),
            ("exclude-dependencies", '{ parent = "sci", dependencies = "num" }', "not an array of names"),
            ("exclude-dependencies", "7", "is an integer")):
        project(place, ["sci"], more=rules(key, entry))
        done = place.pkg("lock", PKG_INDEX_URL=index.url)
        assert done.code != 0 and wanted in done.err and "pyproject.toml:7" in done.err, (wanted, done)


if __name__ == "__main__":
    main()
