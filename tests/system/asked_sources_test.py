"""Where a package comes from is what the project says: indexes that `add` writes down, locks that stay with their
index, the project's own name, other tools' tables. Usage: asked_sources_test.py PKG BUILD_FOLDER [WORD…]"""
import os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lock_support import lock_text, project, versions
from sources import project as tree, write_tree
from support import Index, check, main, wheel


def text(place, name="pyproject.toml"):
    with open(f"{place.work}/{name}") as file:
        return file.read()


def two_indexes():
    return Index([wheel("tooly", "9.0"), wheel("other", "1.0")]), Index([wheel("tooly", "1.0"), wheel("tooly", "1.5")])


@check
def add_writes_the_index_and_the_source(place):
    public, corp = two_indexes()
    project(place, ["other"])
    done = place.pkg("add", "--index", f"corp={corp.url}", "tooly<1.5", PKG_INDEX_URL=public.url)
    assert done.code == 0, done
    assert f'[[tool.pkg.index]]\nname = "corp"\nurl = "{corp.url}"\nexplicit = true\n' in text(place), text(place)
    assert 'tooly = { index = "corp" }' in text(place), text(place)
    assert versions(place) == {"other": "1.0", "tooly": "1.0"}, versions(place)
    # What the command locked is what the project asks for: nothing is resolved again.
    assert place.pkg("lock", "--check", PKG_INDEX_URL=public.url).code == 0
    place.write("pyproject.toml", text(place).replace("tooly<1.5", "tooly"))
    assert place.pkg("sync", "-P", "tooly", PKG_INDEX_URL=public.url).code == 0
    assert versions(place)["tooly"] == "1.5", versions(place)
    assert not any("/tooly/" in path for path, _ in public.requests), public.requests
    assert not any("/other/" in path for path, _ in corp.requests), corp.requests


@check
def a_second_requirement_joins_the_index_that_is_there(place):
    public, corp = two_indexes()
    corp.projects["more"] = [wheel("more", "2.0")]
    project(place, ["other"])
    for name in ("tooly", "more"):
        done = place.pkg("add", "--index", f"corp={corp.url}", name, PKG_INDEX_URL=public.url)
        assert done.code == 0, done
    assert text(place).count("[[tool.pkg.index]]") == 1, text(place)
    assert '"more>=2.0"' in text(place), text(place)
    other = place.pkg("add", "--index", f"corp={public.url}", "other", PKG_INDEX_URL=public.url)
    assert other.code == 1 and "the index `corp` of `pyproject.toml`" in other.err, other


@check
def an_index_that_cannot_be_written_down_is_refused(place):
    public, corp = two_indexes()
    project(place, ["other"])
    before = text(place)
    for words, wanted in ((("--index", corp.url), "has no name to be written with"),
                          (("--index", f"a={corp.url}", "--index", f"b={public.url}"), "more than once"),
                          (("--index", f"a={corp.url.replace('://', '://me:hunter2@')}"), "has credentials")):
        done = place.pkg("add", *words, "tooly", PKG_INDEX_URL=public.url)
        assert done.code == 2 and wanted in done.err, done
        assert "hunter2" not in done.err + done.out, done
    assert text(place) == before


@check
def a_locked_package_stays_with_its_index(place):
    public, corp = two_indexes()
    project(place, ["tooly"])
    assert place.pkg("lock", PKG_INDEX_URL=public.url).code == 0
    before = lock_text(place)
    moved = place.pkg("lock", "--extra-index-url", corp.url, PKG_INDEX_URL=public.url)
    assert moved.code == 1 and public.url in moved.err and corp.url in moved.err, moved
    assert "`tooly` is locked from" in moved.err and "pkg lock -P tooly" in moved.err, moved
    assert lock_text(place) == before
    asked = place.pkg("lock", "-P", "tooly", "--extra-index-url", corp.url, PKG_INDEX_URL=public.url)
    assert asked.code == 0 and f'index = "{corp.url}"' in lock_text(place), asked
    # The project's own word is asking, too.
    place.write("pyproject.toml", text(place) + f'[[tool.pkg.index]]\nname = "pub"\nurl = "{public.url}"\n'
                '[tool.pkg.sources]\ntooly = { index = "pub" }\n')
    named = place.pkg("lock", PKG_INDEX_URL=public.url)
    assert named.code == 0 and f'index = "{public.url}"' in lock_text(place), named


@check
def the_project_is_never_taken_from_an_index(place):
    index = Index([wheel("tester", "1.0", requires=["mine>=1"]), wheel("mine", "7.0")])
    write_tree(place.work, tree("mine", "3.0", requires=["tester"], dynamic=False))
    done = place.pkg("sync", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    assert 'name = "mine"' not in lock_text(place), lock_text(place)
    assert versions(place) == {"mine": "3.0", "tester": "1.0"}, versions(place)
    assert not any("/mine/" in path for path, _ in index.requests), index.requests
    bare = place.pkg("sync", "--no-install-project", PKG_INDEX_URL=index.url, PKG_PROJECT_ENVIRONMENT="other")
    assert bare.code == 0 and versions(place, "other") == {"tester": "1.0"}, bare
    index.projects["tester"].append(wheel("tester", "2.0", requires=["mine>=4"]))
    newer = place.pkg("add", "tester>=2", "--refresh", PKG_INDEX_URL=index.url)
    assert newer.code == 1 and "`mine` is your own project, version 3.0" in newer.err, newer


@check
def tables_of_uv_count_as_they_stand(place):
    public = Index([wheel("six", "1.0"), wheel("six", "2.0"), wheel("idna", "3.0"), wheel("idna", "4.0")])
    corp = Index([wheel("secret", "1.0")])
    public.projects["secret"] = [wheel("secret", "9.0")]
    write_tree(f"{place.work}/packages/core", tree("core", "1.0", requires=["idna"], dynamic=False))
    project(place, ["core", "six", "secret"], more=f'''[tool.uv]
constraint-dependencies = ["idna<4"]
override-dependencies = ["six==1.0"]
dev-dependencies = ["core"]
required-version = ">=0.4"
[tool.uv.workspace]
members = ["packages/*"]
[tool.uv.sources]
core = {{ workspace = true }}
secret = {{ index = "corp" }}
[[tool.uv.index]]
name = "corp"
url = "{corp.url}"
explicit = true
''')
    done = place.pkg("sync", PKG_INDEX_URL=public.url)
    assert done.code == 0 and "[tool.uv] of pyproject.toml counts" in done.err, done
    wanted = {"core": "1.0", "idna": "3.0", "six": "1.0", "secret": "1.0"}
    assert {k: v for k, v in versions(place).items() if k != "mine"} == wanted, versions(place)
    again = place.pkg("lock", "--check", PKG_INDEX_URL=public.url)
    assert again.code == 0 and "tool.uv" not in again.err, again
    assert not any("/secret/" in path for path, _ in public.requests), public.requests


@check
def a_log_tells_what_was_used_and_no_secret(place):
    public, _ = two_indexes()
    env = place.venv()
    login = public.url.replace("://", "://me:hunter2@")
    done = place.pkg("install", "-q", "--python", env, "--log", "talk.log", "tooly", PKG_INDEX_URL=login)
    assert done.code == 0 and not done.err, done
    log = text(place, "talk.log")
    assert log.startswith("# pkg ") and "hunter2" not in log, log
    for part in ("detail index http", "detail cache `", f"detail environment `{env}`", "`tooly` in `http",
                 "answered with status 200", "chose tooly 9.0: tooly-9.0-py3-none-any.whl", "downloaded `tooly-9.0"):
        assert part in log, (part, log)
    again = place.pkg("install", "-vv", "--python", env, "--dry-run", "-U", "tooly", PKG_INDEX_URL=login)
    assert "answered with status" in again.err and "hunter2" not in again.err, again
    place.pkg("install", "-q", "--python", env, "--force-reinstall", "--log", "talk.log", "tooly", PKG_INDEX_URL=login)
    assert "`tooly-9.0-py3-none-any.whl` is in the cache: `" in text(place, "talk.log"), text(place, "talk.log")
    place.pkg("list", "--python", env, PKG_LOG="talk.log", PKG_INDEX_URL=login)
    assert text(place, "talk.log").count("# pkg ") == 3, text(place, "talk.log")


@check
def settings_that_are_wrong_stop_every_verb(place):
    for verb in ("list", "lock", "cache", "venv"):
        done = place.pkg(verb, *(["dir"] if verb == "cache" else []), PKG_NO_BUILD="ja")
        assert done.code == 2 and "the variable `PKG_NO_BUILD` is `ja`" in done.err, done
    assert place.pkg("config", "list", PKG_NO_BUILD="ja").code == 0
    assert place.pkg("list", "--isolated", "--python", place.venv(), PKG_NO_BUILD="ja").code == 0


@check
def a_folder_is_an_index_by_its_path(place):
    name, data = wheel("tooly", "3.0")
    place.write(f"idx/tooly/{name}", data)
    place.write("idx/tooly/index.html", f'<!DOCTYPE html><html><body><a href="{name}">{name}</a></body></html>')
    place.write("lists/needs.txt", "-i ../idx\ntooly\n")
    env = place.venv()
    dry = ("install", "--dry-run", "--python", env)
    for words in (["-i", f"{place.work}/idx"], ["-i", "./idx"], ["--index", "x=./idx"]):
        done = place.pkg(*dry, *words, "tooly")
        assert done.code == 0 and "+ tooly 3.0" in done.err, (words, done)
    done = place.pkg(*dry, "-r", "lists/needs.txt")
    assert done.code == 0 and "+ tooly 3.0" in done.err, done
    done = place.pkg(*dry, "tooly", PIP_INDEX_URL="idx")
    assert done.code == 0 and "+ tooly 3.0" in done.err, done


@check
def names_that_share_variables_and_addresses_with_credentials_are_refused(place):
    project(place, [], more='[[tool.pkg.index]]\nname = "c"\nurl = "http://one.test/"\n'
                            '[[tool.pkg.index]]\nname = "C"\nurl = "http://two.test/"\n')
    done = place.pkg("lock")
    assert done.code == 1 and "the indexes `c` and `C` would have the same variables, PKG_INDEX_C_*" in done.err, done
    project(place, [])
    before = text(place)
    refused = place.pkg("add", "tooly @ http://me:hunter2@one.test/tooly-1.0-py3-none-any.whl")
    assert refused.code == 2 and "has credentials" in refused.err and "hunter2" not in refused.err, refused
    assert text(place) == before


if __name__ == "__main__":
    main()
