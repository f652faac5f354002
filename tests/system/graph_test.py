"""tree, why, outdated and lock --explain through the real binary: over a lock and over an environment, whole texts."""
import json, os

from support import Index, check, main, wheel


def world():
    return Index([
        wheel("anyio", "4.3", requires=["idna>=2.8", "colorama; sys_platform == 'win32'"]),
        wheel("idna", "3.6"), wheel("idna", "3.7"), wheel("idna", "4.0"),
        wheel("idna", "5.0", requires_python=">=3.99"),
        wheel("colorama", "0.4"),
        wheel("web", "1.0", requires=["idna<4", "web-plugin>=1; extra == 'fast'"], extras=["fast"]),
        wheel("web-plugin", "2.0", requires=["web"]), wheel("web-plugin", "3.0rc1"),
        wheel("pytest", "8.1", requires=["idna"]), wheel("pytest", "8.2"),
        wheel("rich", "13.0"), wheel("rich", "14.0"),
    ])


PYPROJECT = """[project]
name = "app"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = [
  "anyio>=4",
  "web[fast]",
]

[project.optional-dependencies]
cli = ["rich<14"]

[dependency-groups]
dev = ["pytest"]
docs = ["rich"]
"""


def locked(place, pyproject=PYPROJECT):
    """A project with a lock, and the options that find its index."""
    index = world()
    place.write("pyproject.toml", pyproject)
    done = place.pkg("lock", "-i", index.url)
    assert done.code == 0, done
    return index


def says(done, text, code=0):
    assert done.code == code and done.out == text, f"{done}--- expected\n{text}"


@check
def tree_of_a_lock_is_the_part_for_this_environment(place):
    locked(place)
    says(place.pkg("tree"), """app v0.1.0
├── anyio v4.3
│   └── idna v3.7
├── web[fast] v1.0
│   ├── idna v3.7
│   └── web-plugin v2.0 (extra: fast)
│       └── web v1.0 (cycle)
└── pytest v8.2 (group: dev)
(cycle) stands on the way to itself
""")
    says(place.pkg("tree", "--no-default-groups", "--extra", "cli", "--prune", "web"), """app v0.1.0
├── anyio v4.3
│   └── idna v3.7
└── rich v13.0 (extra: cli)
""")
    says(place.pkg("tree", "--depth", "1", "--group", "docs"), """app v0.1.0
├── anyio v4.3
├── web[fast] v1.0
├── pytest v8.2 (group: dev)
└── rich v13.0 (group: docs)
""")


@check
def tree_of_the_whole_lock_has_markers(place):
    locked(place)
    says(place.pkg("tree", "--universal", "--package", "anyio"), """anyio v4.3
├── colorama v0.4 ; sys_platform == "win32"
└── idna v3.7
""")


@check
def inverted_tree(place):
    locked(place)
    says(place.pkg("tree", "--invert", "--package", "idna"), """idna v3.7
├── anyio v4.3
│   └── app v0.1.0
└── web v1.0
    ├── app v0.1.0
    └── web-plugin v2.0
        └── web v1.0 (extra: fast) (cycle)
(cycle) stands on the way to itself
""")


@check
def tree_as_json(place):
    locked(place)
    done = place.pkg("tree", "--json", "--package", "anyio")
    value = json.loads(done.out)
    assert value["schema"] == 1 and value["verb"] == "tree" and value["source"]["kind"] == "lock", done
    assert value["roots"] == ["anyio@4.3"], done
    assert value["packages"] == [
        {"id": "anyio@4.3", "name": "anyio", "kind": "package", "version": "4.3", "dependencies": [{"id": "idna@3.7"}]},
        {"id": "idna@3.7", "name": "idna", "kind": "package", "version": "3.7", "dependencies": []},
    ], done


@check
def outdated_releases_stand_in_the_tree(place):
    index = locked(place)
    says(place.pkg("tree", "--outdated", "--package", "anyio", "-i", index.url), """anyio v4.3
└── idna v3.7 (latest: v4.0)
""")


@check
def unknown_names_are_errors_with_a_hint(place):
    locked(place)
    done = place.pkg("tree", "--package", "anyoi")
    assert done.code == 1 and "hint: did you mean `anyio`?" in done.err, done
    done = place.pkg("tree", "--extra", "clii")
    assert done.code == 1 and done.err == "error: the lock has no extra `clii`\nhint: it has cli\n", done
    done = place.pkg("why", "nobody")
    assert done.code == 1 and "there is no `nobody`" in done.err, done


@check
def why_shows_chains_with_requirements_and_places(place):
    locked(place)
    says(place.pkg("why", "idna", "--offline"), """app v0.1.0
└── anyio v4.3  anyio>=4 in pyproject.toml:6
    └── idna v3.7  idna>=2.8

app v0.1.0
└── web v1.0  web[fast] in pyproject.toml:7
    └── idna v3.7  idna<4
""")
    says(place.pkg("why", "rich"), """app v0.1.0
└── rich v13.0  rich<14 in pyproject.toml:11 (extra: cli) · rich in pyproject.toml:15 (group: docs)
""")


@check
def why_looks_at_the_whole_lock_for_what_is_not_here(place):
    locked(place)
    done = place.pkg("why", "colorama")
    says(done, """app v0.1.0
└── anyio v4.3  anyio>=4 in pyproject.toml:6
    └── colorama v0.4  colorama; sys_platform == "win32"
""")
    assert done.err == "Not for this environment; in the whole lock:\n", done


@check
def why_as_json(place):
    locked(place)
    value = json.loads(place.pkg("why", "idna", "--json", "--limit", "1").out)
    assert value["schema"] == 1 and value["packages"] == [{
        "name": "idna", "version": "3.7", "requested": False, "has_more": True, "chains": [[
            {"name": "app", "version": "0.1.0"},
            {"name": "anyio", "version": "4.3",
             "requirements": [{"requirement": "anyio>=4", "origin": "pyproject.toml:6"}]},
            {"name": "idna", "version": "3.7", "requirements": [{"requirement": "idna>=2.8"}]},
        ]]}], value


@check
def outdated_says_what_holds_back(place):
    index = locked(place)
    done = place.pkg("outdated", "-i", index.url)
    says(done, """Package Locked Latest Held back by
------- ------ ------ ---------------------------------------------
idna    3.7    4.0    web 1.0 needs idna<4; 5.0 needs Python >=3.99
rich    13.0   14.0   app needs rich<14 (pyproject.toml:11)
""")
    assert done.err == "2 of 6 packages outdated\n", done
    assert place.pkg("outdated", "--exit-code", "-i", index.url).code == 1
    says(place.pkg("outdated", "--direct", "-q", "-i", index.url), """Package Locked Latest Held back by
------- ------ ------ -------------------------------------
rich    13.0   14.0   app needs rich<14 (pyproject.toml:11)
""")
    value = json.loads(place.pkg("outdated", "--json", "-i", index.url).out)
    assert value["packages"][0] == {
        "name": "idna", "version": "3.7", "latest": "4.0", "outdated": True, "direct": False, "newest": "5.0",
        "latest_filetype": "wheel",
        "held_back_by": [
            {"kind": "requirement", "version": "4.0", "package": "web 1.0", "detail": "idna<4",
             "message": "web 1.0 needs idna<4"},
            {"kind": "requires-python", "version": "5.0", "detail": ">=3.99", "message": "5.0 needs Python >=3.99"},
        ]}, value


@check
def what_only_the_lock_keeps_is_held_by_nothing(place):
    index = locked(place)
    name, data = wheel("anyio", "4.9", requires=["idna"])
    index.projects["anyio"].append((name, data))
    done = place.pkg("outdated", "--direct", "--refresh", "-i", index.url)
    assert "anyio   4.3    4.9    nothing: pkg lock -P anyio\n" in done.out, done
    done = place.pkg("lock", "--explain", "anyio", "--refresh", "-i", index.url)
    says(done, "only the lock keeps `anyio` 4.3: 4.9 can be had\n"
               "hint: pkg lock -P anyio, or pkg lock -U for everything\n")


@check
def constraints_of_the_project_hold_back(place):
    index = locked(place, PYPROJECT + '\n[tool.pkg]\nconstraint-dependencies = ["pytest<8.2"]\n')
    done = place.pkg("outdated", "-i", index.url)
    assert "pytest  8.1    8.2    constraint pytest<8.2 (pyproject.toml:18)\n" in done.out, done


@check
def explain_tells_the_conflict_that_a_newer_version_would_be(place):
    index = locked(place)
    before = open(f"{place.work}/pylock.toml").read()
    done = place.pkg("lock", "--explain", "idna", "-i", index.url)
    assert done.code == 0 and done.out.startswith("nothing newer than `idna` 3.7 can be had\n  because "), done
    assert "web 1.0 depends on idna<4" in done.out and "this question" not in done.out, done
    done = place.pkg("lock", "--explain", "anyio", "-i", index.url)
    says(done, "`anyio` 4.3 is the newest there is\n")
    done = place.pkg("lock", "--explain", "web-plugin", "-i", index.url)
    assert done.out.startswith("`web-plugin` 2.0 is the newest final release: 3.0rc1 is a pre-release\n"), done
    value = json.loads(place.pkg("lock", "--explain", "idna", "--json", "-i", index.url).out)
    assert value["answers"][0]["reason"] == "conflict" and value["answers"][0]["version"] == "3.7", value
    done = place.pkg("lock", "--explain", "idan", "-i", index.url)
    assert done.code == 1 and done.err == "error: `idan` is not in the lock\nhint: did you mean `idna`?\n", done
    assert open(f"{place.work}/pylock.toml").read() == before


@check
def environments_are_shown_from_what_nothing_needs(place):
    index = world()
    env = place.venv()
    assert place.pkg("install", "--python", env, "-i", index.url, "web[fast]", "rich<14", "idna==3.6").code == 0
    says(place.pkg("tree", "--python", env), """rich v13.0
web-plugin v2.0
└── web v1.0
    └── idna v3.6
""")
    says(place.pkg("why", "--python", env, "idna"), """web v1.0
└── idna v3.6  idna<4

web-plugin v2.0
└── web v1.0  web
    └── idna v3.6  idna<4

idna v3.6 was asked for, too
""")
    says(place.pkg("why", "--python", env, "rich"), "rich v13.0: nothing needs it; it was asked for\n")
    says(place.pkg("outdated", "--python", env, "-i", index.url), """Package Installed Latest Held back by
------- --------- ------ ---------------------------------------------
idna    3.6       4.0    web 1.0 needs idna<4; 5.0 needs Python >=3.99
rich    13.0      14.0   nothing: pkg install -U rich
""")
    done = place.pkg("tree", "--python", env, "--universal")
    assert done.code == 2 and "there is none" in done.err, done


@check
def installed_looks_past_the_lock(place):
    index = locked(place)
    env = place.venv()
    assert place.pkg("install", "--python", env, "-i", index.url, "rich<14").code == 0
    says(place.pkg("tree", "--installed", "--python", env), "rich v13.0\n")


@check
def members_of_a_workspace_are_roots_and_need_each_other(place):
    index = world()
    place.write("pyproject.toml", '[tool.pkg.workspace]\nmembers = ["packages/*"]\n')
    place.write("packages/a/pyproject.toml", '[project]\nname = "a"\nversion = "2"\nrequires-python = ">=3.11"\n'
                                             'dependencies = ["b", "rich<14"]\n[tool.pkg.sources]\n'
                                             'b = { workspace = true }\n')
    place.write("packages/b/pyproject.toml", '[project]\nname = "b"\nversion = "3"\nrequires-python = ">=3.11"\n'
                                             'dependencies = ["idna<4"]\n')
    done = place.pkg("lock", "-i", index.url)
    assert done.code == 0, done
    says(place.pkg("tree"), """a v2
├── b v3
│   └── idna v3.7
└── rich v13.0
b v3 (*)
(*) shown above with what is below it
""")
    says(place.pkg("why", "idna", cwd=f"{place.work}/packages/a"), """b v3
└── idna v3.7  idna<4 in packages/b/pyproject.toml:5

a v2
└── b v3  b in packages/a/pyproject.toml:5
    └── idna v3.7  idna<4 in packages/b/pyproject.toml:5
""")
    done = place.pkg("outdated", "-i", index.url)
    assert "rich    13.0   14.0   a needs rich<14 (packages/a/pyproject.toml:5)\n" in done.out, done


@check
def another_tools_lock_begins_with_what_nothing_needs(place):
    files = ("[[packages.wheels]]\nname = '{0}-1-py3-none-any.whl'\n"
             "url = 'https://index.example/{0}-1-py3-none-any.whl'\nhashes = {{ sha256 = '" + "a" * 64 + "' }}\n")
    place.write("pylock.toml", "lock-version = '1.0'\ncreated-by = 'other'\n[[packages]]\nname = 'anyio'\n"
                               "version = '1'\ndependencies = [{ name = 'idna' }]\n"
                + files.format("anyio") + "[[packages]]\nname = 'idna'\nversion = '1'\n" + files.format("idna"))
    says(place.pkg("tree"), "anyio v1\n└── idna v1\n")
    done = place.pkg("why", "idna", "--offline")
    says(done, "anyio v1\n└── idna v1  idna\n")
    assert done.err == "warning: what these require could not be read: anyio\n", done


@check
def help_has_examples(place):
    for verb, example in (("tree", "pkg tree --invert --package idna"), ("why", "pkg why idna"),
                          ("outdated", "pkg outdated --direct --exit-code")):
        done = place.pkg(verb, "--help")
        assert done.code == 0 and f"Example: {example}\n" in done.out, done


main()
