"""Projects with [tool.uv] tables, as they stand: what they ask for is locked and installed. fixtures/uv_projects
says what. Usage: uv_projects_test.py PKG BUILD_FOLDER [WORD…]"""
import json, os, shutil, sys, tomllib

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sources import BACKEND
from support import Index, check, main, wheel

FIXTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../fixtures/uv_projects")


def indexes_of(expected):
    made = {}
    for name, releases in expected["indexes"].items():
        wheels = [wheel(r[0], r[1], requires=r[2] if len(r) > 2 else (), extras=r[3] if len(r) > 3 else ())
                  for r in releases]
        made[name] = Index(wheels)
        times = {key.replace("-", "_", key.count("-") - 1): when for key, when in expected.get("uploaded", {}).items()}
        made[name].uploaded = {file: next((when for key, when in times.items() if file.startswith(key + "-")),
                                          "2024-01-01T00:00:00Z") for file, _ in wheels}
    return made


def copied(place, name, indexes):
    """The fixture in the place's folder, with addresses of indexes and a build backend where one is asked for."""
    shutil.copytree(os.path.join(FIXTURES, name), place.work, dirs_exist_ok=True)
    for folder, _, files in os.walk(place.work):
        if "pyproject.toml" not in files:
            continue
        path = os.path.join(folder, "pyproject.toml")
        with open(path) as file:
            text = file.read()
        for index_name, index in indexes.items():
            text = text.replace(f"INDEX:{index_name}", index.url)
        with open(path, "w") as file:
            file.write(text)
        if "backend-path" in text:
            with open(os.path.join(folder, "backend.py"), "w") as file:
                file.write(BACKEND)


def locked_releases(text):
    found = {}
    for package in tomllib.loads(text)["packages"]:
        if "directory" not in package:
            found.setdefault(package["name"], set()).add(package["version"])
    return {name: sorted(versions) for name, versions in found.items()}


def installed(place, folder):
    done = place.pkg("list", "--format", "json", "--python", ".venv", cwd=folder)
    assert done.code == 0, done
    return json.loads(done.out)


def shows(place, name):
    with open(os.path.join(FIXTURES, name, "expected.json")) as file:
        expected = json.load(file)
    indexes = indexes_of(expected)
    copied(place, name, indexes)
    folder = os.path.join(place.work, expected.get("folder", "."))
    url = "" if "untouched" in expected else indexes["public"].url  # a configured index goes before the project's
    first = place.pkg("lock", cwd=folder, PKG_INDEX_URL=url)
    assert first.code == 0 and "[tool.uv] of pyproject.toml counts" in first.err, first
    text = open(os.path.join(folder, "pylock.toml")).read()
    assert locked_releases(text) == expected["lock"], locked_releases(text)
    checked = place.pkg("lock", "--check", cwd=folder, PKG_INDEX_URL=url)
    assert checked.code == 0, checked
    for options, wanted in expected["sync"]:
        done = place.pkg("sync", *options, cwd=folder, PKG_INDEX_URL=url)
        assert done.code == 0, done
        found = {d["name"]: d["version"] for d in installed(place, folder)}
        assert found == wanted, (options, found)
    if "editable" in expected:
        found = {d["name"] for d in installed(place, folder) if "editable_project_location" in d}
        assert found == set(expected["editable"]), found
    if "refused" in expected:
        done = place.pkg("sync", *expected["refused"], cwd=folder, PKG_INDEX_URL=url)
        assert done.code == 1 and "conflict" in done.err, done
    asked = {path for index in indexes.values() for path, _ in index.requests}
    for project in expected.get("never_asked", ()):
        assert f"/simple/{project}/" not in asked, (project, asked)
    for index in expected.get("untouched", ()):
        assert not indexes[index].requests, indexes[index].requests


def test_of(name):
    def shown(place):
        shows(place, name)

    shown.__name__ = name
    return check(shown)


for fixture in sorted(os.listdir(FIXTURES)):
    if os.path.isdir(os.path.join(FIXTURES, fixture)):
        test_of(fixture)

if __name__ == "__main__":
    main()
