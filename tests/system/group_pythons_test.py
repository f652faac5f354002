"""Dependency groups that are for some Pythons only: locked for these, refused by name elsewhere, by the lock alone too.
Usage: group_pythons_test.py PKG BUILD_FOLDER [WORD…]"""
import os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lock_support import lock_text, locked, project, synced, versions
from support import Index, check, main, wheel

MINOR = ".".join(map(str, sys.version_info[:2]))
NEXT = f"{sys.version_info[0]}.{sys.version_info[1] + 1}"
GROUPS = '[dependency-groups]\ndev = ["tester"]\ndocs = ["doc>=2"]\nall = [{include-group = "docs"}, "tester"]\n'


def world():
    return Index([wheel("leaf", "1.0"), wheel("tester", "5.0"), wheel("doc", "1.0"),
                  wheel("doc", "2.0", requires_python=f">={NEXT}")])


def table(tool, group, pythons):
    return f'[tool.{tool}.dependency-groups.{group}]\nrequires-python = "{pythons}"\n'


@check
def a_group_need_not_resolve_for_other_pythons(place):
    index = world()
    project(place, ["leaf"], more=GROUPS)
    refused = place.pkg("lock", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "doc" in refused.err, refused
    for tool in ("uv", "pkg"):
        project(place, ["leaf"], more=GROUPS + table(tool, "docs", f">={NEXT}"))
        locked(place, index)
        text = lock_text(place)
        assert f'group-requires-python = {{ all = ">={NEXT}", docs = ">={NEXT}" }}' in text, text
        assert f'doc>=2; \\"docs\\" in dependency_groups and python_full_version >= \\"{NEXT}\\"' in text, text
        assert place.pkg("lock", "--check", PKG_INDEX_URL=index.url).code == 0
    synced(place, index)
    assert versions(place) == {"leaf": "1.0", "tester": "5.0"}, versions(place)


@check
def an_interpreter_outside_is_refused_before_anything_changes(place):
    index = world()
    project(place, ["leaf"], more=GROUPS + table("pkg", "docs", f">={NEXT}"))
    synced(place, index)
    before = versions(place)
    for words in (["sync", "--group", "docs"], ["sync", "--all-groups"], ["sync", "--only-group", "all"],
                  ["sync", "--frozen", "--group", "docs"], ["run", "--group", "docs", "python", "-c", ""],
                  ["install", "--group", "docs"], ["install", "--group", "all"], ["compile", "--group", "docs"]):
        done = place.pkg(*words, PKG_INDEX_URL=index.url)
        assert done.code == 1 and f"needs Python >={NEXT}" in done.err and f"this is " in done.err, done
        assert "the dependency group `" in done.err and MINOR in done.err, done
    assert versions(place) == before, versions(place)
    # The lock alone says it.
    os.remove(f"{place.work}/pyproject.toml")
    alone = place.pkg("sync", "--group", "docs", "pylock.toml", "--python", f"{place.work}/.venv",
                      PKG_INDEX_URL=index.url)
    assert alone.code == 1 and "the dependency group `docs` needs" in alone.err, alone
    assert versions(place) == before, versions(place)


@check
def a_default_group_is_left_out_by_name(place):
    index = world()
    project(place, ["leaf"], more='[dependency-groups]\ndev = ["tester"]\n' + table("pkg", "dev", ">=3.99"))
    refused = place.pkg("sync", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "--no-group dev" in refused.err and "--no-default-groups" in refused.err, refused
    assert not os.path.exists(f"{place.work}/.venv"), "an environment was made"
    synced(place, index, "--no-group", "dev")
    assert versions(place) == {"leaf": "1.0"}, versions(place)


@check
def exports_carry_the_range(place):
    index = world()
    project(place, ["leaf"], more=GROUPS + table("pkg", "docs", f">={NEXT}"))
    locked(place, index)
    text = place.pkg("export", "--no-hashes", "--group", "docs", PKG_INDEX_URL=index.url)
    assert text.code == 0 and "doc==2.0 ; " in text.out and f'>= "{NEXT}"' in text.out, text
    narrow = place.pkg("export", "--group", "docs", "--python-version", MINOR, PKG_INDEX_URL=index.url)
    assert narrow.code == 1 and "the dependency group `docs` needs" in narrow.err, narrow
    wide = place.pkg("compile", "--universal", "--python-version", MINOR, "--group", "docs", PKG_INDEX_URL=index.url)
    assert wide.code == 0 and "doc==2.0 ; " in wide.out, wide


@check
def what_cannot_be_is_said_with_its_line(place):
    index = world()
    for more, wanted in ((table("pkg", "dosc", ">=3.9"), "did you mean `docs`?"),
                         (table("pkg", "docs", "<3.9"), "no Python of the project is one of the dependency group `"),
                         (table("pkg", "docs", "new"), "pyproject.toml:"),
                         ('[tool.pkg.dependency-groups.docs]\npython = "3"\n', "`python` is no setting of"),
                         ("[tool.uv.dependency-groups.docs]\nrequires-python = 3\n", "is an integer")):
        project(place, ["leaf"], more=GROUPS + more)
        done = place.pkg("lock", PKG_INDEX_URL=index.url)
        assert done.code != 0 and wanted in done.err and "pyproject.toml" in done.err, (wanted, done)
        assert not os.path.exists(f"{place.work}/pylock.toml")


if __name__ == "__main__":
    main()
