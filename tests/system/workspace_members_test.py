"""Members of a workspace: which ones sync, run, export and tree are about, what these need, and that the others' things
go and stay as they should."""
import json, os, time

from support import PTH_BACKEND, PYTHON, Index, check, main, member, wheel

WHEELS = [wheel("base", "1.0"), wheel("api-lib", "1.0", requires=["deep"]), wheel("deep", "1.0"),
          wheel("root-lib", "1.0"), wheel("dev-tool", "1.0"), wheel("plot-lib", "1.0"), wheel("other-lib", "1.0")]


def workspace(place, virtual=False):
    tail = '[tool.pkg.workspace]\nmembers = ["packages/*"]\n'
    if virtual:
        place.write("pyproject.toml", '[dependency-groups]\ndev = ["dev-tool"]\n' + tail)
    else:
        member(place, ".", "root", ["root-lib", "models"], tail)
    member(place, "packages/models", "models", ["base"])
    member(place, "packages/api", "api", ["models", "api-lib; python_version >= '3'", "absent; python_version < '3'"],
           '[project.optional-dependencies]\nplot = ["plot-lib"]\n[dependency-groups]\nmore = ["dev-tool"]\n')
    member(place, "packages/other", "other", ["other-lib"])


def index_of(*more):
    return Index([*WHEELS, *more, wheel("absent", "1.0")])


def installed(place):
    listed = place.pkg("list", "--python", f"{place.work}/.venv", "--format", "json")
    return sorted(item["name"] for item in json.loads(listed.out))


def sync(place, index, *words, where=".", code=0):
    done = place.pkg("sync", "--python", PYTHON, "-i", index.url, *words, cwd=f"{place.work}/{where}")
    assert done.code == code, done
    return done


ROOT = ["base", "models", "root", "root-lib"]
API = ["api", "api-lib", "base", "deep", "models"]
ALL = sorted({*ROOT, *API, "other", "other-lib"})


@check
def sync_takes_the_member_that_it_is_called_in_or_those_that_are_named(place):
    index = index_of()
    workspace(place)
    sync(place, index)
    assert installed(place) == ROOT, installed(place)
    sync(place, index, where="packages/api")
    assert installed(place) == API, installed(place)
    assert "Nothing to do" in sync(place, index, where="packages/api").err
    sync(place, index, "--package", "Other")
    assert installed(place) == ["other", "other-lib"], installed(place)
    sync(place, index, "--package", "other", "--package", "models")
    assert installed(place) == ["base", "models", "other", "other-lib"], installed(place)
    sync(place, index, "--all-packages", where="packages/other")
    assert installed(place) == ALL, installed(place)
    sync(place, index, "--inexact", "--package", "api")
    assert installed(place) == ALL, installed(place)
    sync(place, index, "--package", "api", "--extra", "plot", "--group", "more")
    assert installed(place) == sorted([*API, "plot-lib", "dev-tool"]), installed(place)
    sync(place, index, "--package", "api", "--no-install-project")
    assert installed(place) == API, installed(place)  # what is left out is not removed either
    sync(place, index, "--package", "api", "--no-install-workspace")
    assert installed(place) == API, installed(place)
    sync(place, index, "--package", "api")
    sync(place, index, "--package", "api", "--check")
    sync(place, index, "--package", "other", "--check", code=1)
    assert installed(place) == API, installed(place)


@check
def a_root_without_a_project_is_all_of_them_and_its_groups_are_everybody_s(place):
    index = index_of()
    workspace(place, virtual=True)
    sync(place, index)
    every = sorted([*API, "other", "other-lib", "dev-tool"])
    assert installed(place) == every, installed(place)
    sync(place, index, where="packages/other")
    assert installed(place) == ["dev-tool", "other", "other-lib"], installed(place)
    sync(place, index, "--no-dev", where="packages/other")
    assert installed(place) == ["other", "other-lib"], installed(place)


@check
def names_that_no_member_has(place):
    index = index_of()
    workspace(place)
    done = sync(place, index, "--package", "apj", code=1)
    assert "`apj` is no member of the workspace" in done.err and "did you mean `api`?" in done.err, done
    done = sync(place, index, "--package", "nothing-of-it", code=1)
    assert "its members: root, api, models, other" in done.err, done
    assert not os.path.exists(f"{place.work}/.venv")
    sync(place, index, "--package", "api", "--all-packages", code=2)
    done = sync(place, index, "--package", "other", "--extra", "plot", code=1)
    assert "extra `plot`" in done.err and "--package api" in done.err, done
    place.write("requirements.txt", "base==1.0\n")
    sync(place, index, "--package", "api", "requirements.txt", code=2)
    place.write("script.py", "# /// script\n# dependencies = []\n# ///\n")
    sync(place, index, "--package", "api", "--script", "script.py", code=2)
    away = place.pkg("run", "--no-project", "--package", "api", "python")
    assert away.code == 2, away


@check
def run_takes_the_member_and_a_warm_one_does_nothing(place):
    index = index_of()
    workspace(place)
    show = "import importlib.util as u; print([n for n in ('api_lib', 'other_lib', 'root_lib') if u.find_spec(n)])"
    words = ("run", "--python", PYTHON, "-i", index.url)
    inside = {"cwd": f"{place.work}/packages/api"}
    assert place.pkg(*words, "python", "-c", show, **inside).out == "['api_lib']\n"
    assert place.pkg(*words, "--package", "other", "python", "-c", show).out == "['api_lib', 'other_lib']\n"
    assert place.pkg(*words, "--exact", "--package", "other", "python", "-c", show).out == "['other_lib']\n"
    assert place.pkg(*words, "--all-packages", "python", "-c", show).out == "['api_lib', 'other_lib', 'root_lib']\n"
    sync(place, index, "--all-packages")
    for kept in (inside, {}):
        told = place.pkg(*words, "-v", "python", "-c", show, **kept)
        assert told.code == 0 and "Installed" not in told.err and "+" not in told.err, told
    assert installed(place) == ALL, installed(place)


@check
def export_has_what_the_member_needs(place):
    index = index_of()
    workspace(place)
    sync(place, index)

    def names(*words, where="."):
        done = place.pkg("export", "--no-hashes", "--no-annotate", "--no-header", "-i", index.url, *words,
                         cwd=f"{place.work}/{where}")
        assert done.code == 0, done
        return sorted(line.split("==")[0] for line in done.out.splitlines())

    assert names() == ["base", "root-lib"], names()
    assert names(where="packages/api") == ["api-lib", "base", "deep"], names(where="packages/api")
    assert names("--package", "other") == ["other-lib"]
    assert names("--package", "api", "--extra", "plot") == ["api-lib", "base", "deep", "plot-lib"]
    assert names("--all-packages") == ["api-lib", "base", "deep", "other-lib", "root-lib"]
    assert names("--package", "api", "--prune", "deep") == ["api-lib", "base"]
    assert names("--package", "api", "--python-version", "3.11") == ["api-lib", "base", "deep"]
    told = place.pkg("export", "--package", "api", "--no-hashes", "-i", index.url)
    assert "# via" in told.out and "models" in told.out and "other" not in told.out.replace("--package", ""), told
    sbom = place.pkg("export", "--format", "cyclonedx", "-i", index.url, cwd=f"{place.work}/packages/api")
    assert sbom.code == 0 and "other-lib" in sbom.out, sbom  # a whole lock in another form
    refused = place.pkg("export", "--format", "cyclonedx", "--package", "api")
    assert refused.code == 1, refused


@check
def tree_starts_at_members(place):
    index = index_of()
    workspace(place)
    sync(place, index)
    done = place.pkg("tree", "--package", "api")
    assert done.code == 0 and done.out.startswith("api v1.0") and "other-lib" not in done.out, done
    whole = place.pkg("tree")
    assert place.pkg("tree", "--all-packages").out == whole.out and "other-lib" in whole.out, whole
    assert place.pkg("tree", "--all-packages", "--package", "api").code == 2


@check
def a_lock_that_is_taken_as_it_is_may_not_know_what_the_member_asks_for(place):
    index = index_of(wheel("fresh", "1.0"))
    workspace(place)
    sync(place, index)
    member(place, "packages/other", "other", ["other-lib", "fresh"])
    done = sync(place, index, "--frozen", "--package", "other")
    assert "the lock has no `fresh`" in done.err and "packages/other/pyproject.toml" in done.err, done
    assert installed(place) == ["other", "other-lib"], installed(place)
    sync(place, index, "--frozen", "--package", "models")
    assert installed(place) == ["base", "models"], installed(place)
    sync(place, index, "--package", "other")
    assert installed(place) == ["fresh", "other", "other-lib"], installed(place)


@check
def a_member_s_own_index_is_for_its_sources(place):
    index, own = index_of(), Index([wheel("base", "2.0"), wheel("other-lib", "9.0")])
    workspace(place)
    table = f'[[tool.pkg.index]]\nname = "own"\nurl = "{own.url}"\n[tool.pkg.sources]\nother-lib = {{index = "own"}}\n'
    member(place, "packages/other", "other", ["other-lib"], table)
    sync(place, index, "--all-packages")
    listed = json.loads(place.pkg("list", "--python", f"{place.work}/.venv", "--format", "json").out)
    versions = {item["name"]: item["version"] for item in listed}
    assert versions["other-lib"] == "9.0" and versions["base"] == "1.0", versions
    assert all(path.startswith(("/simple/other-lib/", "/files/other_lib")) for path, _ in own.requests), own.requests
    # No login that is for another place goes there.
    place.pkg("lock", "-U", "-i", index.url, "--refresh", PKG_INDEX_OWN_USERNAME="me", PKG_INDEX_OWN_PASSWORD="secret")
    assert all("Authorization" not in headers for _, headers in own.requests)
    member(place, "packages/api", "api", ["models"], table.replace(own.url, index.url).replace("other-lib", "api-lib"))
    two = place.pkg("lock", "-i", index.url)
    assert two.code == 1 and "the index `own` is two places" in two.err, two
    member(place, "packages/api", "api", ["models"], f'[[tool.pkg.index]]\nurl = "{own.url}"\n')
    nameless = place.pkg("lock", "-i", index.url)
    assert nameless.code == 1 and "needs a `name`" in nameless.err, nameless


@check
def a_member_that_only_its_backend_knows(place):
    index = index_of()
    workspace(place)
    text = '[project]\nname = "odd"\nversion = "1.0"\nrequires-python = ">=3.9"\ndynamic = ["dependencies"]\n' \
           '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    place.write("packages/odd/pyproject.toml", text)
    place.write("packages/odd/backend.py", PTH_BACKEND)
    done = sync(place, index, "--package", "odd", code=1)
    assert "dynamic" in done.err and "--all-packages" in done.err, done
    sync(place, index, where="packages/odd")  # nobody asked for this one alone
    assert installed(place) == sorted([*ALL, "odd"]), installed(place)


@check
def three_hundred_members_are_chosen_from_in_the_time_that_they_take_to_read(place):
    count = 300
    index = Index([wheel(f"lib{i}", "1.0") for i in range(count)])
    place.write("pyproject.toml", '[tool.pkg.workspace]\nmembers = ["m/*"]\n')
    for i in range(count):
        earlier = [f"m{j}" for j in range(max(0, i - 3), i)]
        member(place, f"m/{i}", f"m{i}", [f"lib{i}", *earlier], package=False)
    assert place.pkg("lock", "-i", index.url, "--python", PYTHON).code == 0
    start = time.time()
    sync(place, index, "--package", "m2")
    assert installed(place) == ["lib0", "lib1", "lib2"], installed(place)
    assert time.time() - start < 30, time.time() - start
    start = time.time()
    assert "Nothing to do" in sync(place, index, "--package", "m2").err
    assert time.time() - start < 15, time.time() - start


main()
