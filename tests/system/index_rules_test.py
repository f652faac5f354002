"""What is asked of indexes, and when: pages that decide are as new as their index, rules of single indexes, and
cut-offs by the day. Usage: index_rules_test.py PKG BUILD_FOLDER [WORD…]"""

import os

from odd_index import JSON, page, sha256
from support import Index, check, main, wheel


@check
def a_release_of_a_moment_ago_is_seen_by_who_asks_for_something_new(place):
    for head in ({}, {"Cache-Control": "max-age=600"}):
        index = Index([wheel("app", "1.0"), wheel("user", "1.0", requires=["app"])])
        index.answer = lambda path, headers: (
            (lambda s, h, b: (s, {**h, **head}, b))(
                *index.page(path.split("/")[2], index.projects[path.split("/")[2]], headers)
            )
            if path.startswith("/simple/") and path.split("/")[2] in index.projects
            else None
        )
        place.write(
            "pyproject.toml",
            '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["app"]\n',
        )
        if os.path.exists(f"{place.work}/pylock.toml"):  # of another index
            os.remove(f"{place.work}/pylock.toml")
        cache = f"{place.path}/cache{len(head)}"
        env = place.venv(f"env{len(head)}")
        run = lambda *words: place.pkg(*words, "-i", index.url, "--cache-dir", cache)
        asked = lambda: [path for path, _ in index.requests if path.startswith("/simple/")]
        place.write("app.in", "app\n")
        for words in (["install", "--python", env, "app"], ["lock"], ["compile", "app.in", "-o", "app.txt"]):
            first = run(*words)
            assert first.code == 0, first
        index.requests.clear()
        for words in (
            ["install", "--python", env, "app"],
            ["install", "--python", env, "user"],
            ["lock"],
            ["compile", "app.in"],
        ):
            assert run(*words).code == 0
        assert asked() == ["/simple/user/"], index.requests  # warm runs that ask for nothing new send nothing
        version = 1

        def newer():
            nonlocal version
            version += 1
            index.projects["app"].append(wheel("app", f"{version}.0"))
            return f"{version}.0"

        for words in (
            ["install", "--dry-run", "--python", env, "app=={}"],
            ["install", "--dry-run", "--python", env, "app>={}"],
            ["install", "--dry-run", "--python", env, "-U", "app"],
            ["install", "--dry-run", "--python", env, "-P", "app", "app"],
            ["index", "versions", "app"],
            ["list", "--outdated", "--python", env],
            ["outdated"],
            ["lock", "--dry-run", "-P", "app"],
            ["lock", "--dry-run", "-U"],
            ["compile", "app.in", "-o", "app.txt", "-U"],
            ["compile", "app.in", "-P", "app=={}"],
            ["upgrade", "--dry-run", "app"],
            ["add", "--no-sync", "app>={}"],
        ):
            new = newer()
            done = run(*(word.format(new) for word in words))
            written = open(f"{place.work}/app.txt").read() if "-o" in words else ""
            assert done.code == 0 and new in done.out + done.err + written, (words, new, done)
        index.requests.clear()
        assert run("lock").code == 0 and asked() == [], index.requests


@check
def indexes_have_settings_of_their_own(place):
    private, public = Index([wheel("app", "1.0")]), Index([wheel("app", "2.0"), wheel("other", "1.0")])
    private.answer = lambda path, headers: (403, {}, b"no") if path == "/simple/other/" else None
    config = "[[index]]\nname = 'corp'\nurl = '{}'\n{}\n"
    env = place.venv()

    def run(more, *words):
        place.write("../home/.config/pkg/pkg.toml", config.format(private.url, more))
        return place.pkg("install", "--dry-run", "--no-cache", "--python", env, "-i", public.url, *words)

    assert run("", "other").code == 1
    done = run("ignore-error-codes = [403]", "app", "other")
    assert done.code == 0 and "1.0" in done.out + done.err and "2.0" not in done.out + done.err, done
    done = run("authenticate = 'always'", "app")
    assert done.code == 1 and "`corp` is asked with credentials only" in done.err, done
    for wrong, says in (
        ("explict = true", "pkg.toml:4: `explict` is no setting of an index"),
        ("explicit = 'true'", "pkg.toml:4: `explicit` of an index is a string"),
        (config.format(public.url, ""), "pkg.toml:4: the index `corp` is there twice, first in line 1"),
    ):
        done = run(wrong, "app")
        assert done.code != 0 and says in done.err, done
    place.wheels(wheel("flat", "3.0"))
    place.write(
        "../home/.config/pkg/pkg.toml", f"[[index]]\nname = 'here'\nurl = '{place.work}/wheels'\nformat = 'flat'\n"
    )
    done = place.pkg("install", "--dry-run", "--no-cache", "--python", env, "-i", public.url, "flat", "other")
    assert done.code == 0 and "flat" in done.out + done.err, done


@check
def a_cut_off_by_the_day_leaves_what_nobody_uploaded_alone(place):
    name, data = wheel("app", "1.0")
    item = lambda when: {
        "filename": name,
        "url": f"/files/{name}",
        "hashes": {"sha256": sha256(data)},
        "upload-time": when,
    }
    index = Index(
        [(name, data)],
        answer=lambda path, headers: (
            (200, {"Content-Type": JSON}, page(item("2024-05-01T00:00:00Z"))) if path.startswith("/simple/") else None
        ),
    )
    place.write(
        "lib/pyproject.toml",
        '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        '[project]\nname = "lib"\nversion = "0.1"\n',
    )
    place.write(
        "lib/backend.py",
        "def build_editable(d, c=None, m=None):\n    raise RuntimeError\nbuild_wheel = build_editable\n",
    )
    place.write(
        "pyproject.toml",
        '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["lib", "app"]\n'
        '[tool.pkg]\nexclude-newer = "2026-01-01T00:00:00Z"\n[tool.pkg.sources]\nlib = { path = "lib" }\n',
    )
    done = place.pkg("lock", "-i", index.url)
    assert done.code == 0, done
    place.wheels(wheel("local", "1.0"))
    done = place.pkg(
        "install",
        "--dry-run",
        "--python",
        place.venv(),
        "-i",
        index.url,
        "--exclude-newer",
        "2026-01-01",
        "-f",
        f"{place.work}/wheels",
        "local",
        f"./wheels/local-1.0-py3-none-any.whl",
        "app",
    )
    assert done.code == 0, done
    done = place.pkg(
        "install", "--dry-run", "--python", place.venv("e2"), "-i", index.url, "--exclude-newer", "2024-01-01", "app"
    )
    assert done.code == 1 and "cut-off" in done.err, done


if __name__ == "__main__":
    main()
