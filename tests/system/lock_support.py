"""What the tests of lock, sync and the verbs around them share: a small world and its project."""
import json, subprocess

from support import PYTHON, Index, wheel

VERSION = subprocess.run([PYTHON, "-c", "import platform; print(platform.python_version())"], capture_output=True,
                         text=True).stdout.strip()


def world():
    return Index([
        wheel("app-core", "1.0", requires=["leaf>=1"], extras=["fast"],
              metadata_extra='Requires-Dist: speed; extra == "fast"\n'),
        wheel("app-core", "2.0", requires=["leaf>=1"], extras=["fast"],
              metadata_extra='Requires-Dist: speed; extra == "fast"\n'),
        wheel("leaf", "1.0"), wheel("leaf", "1.1"),
        wheel("speed", "3.0"),
        wheel("winonly", "1.0"),
        wheel("tester", "5.0", requires=["leaf"], entry_points="[console_scripts]\ntester = tester:main\n",
              files={"tester/__init__.py": "def main():\n    import leaf\n    print('tested', leaf.__version__)\n"
                                           "    return 3\n"}),
        wheel("plot", "0.1"),
    ])


def project(place, dependencies=("app-core",), requires_python='requires-python = ">=3.9"\n', more=""):
    listed = ", ".join(json.dumps(d) for d in dependencies)
    place.write("pyproject.toml", f'[project]\nname = "mine"\nversion = "1"\n'
                                  f'{requires_python}dependencies = [{listed}]\n{more}')


GROUPS = '[project.optional-dependencies]\nplot = ["plot"]\n[dependency-groups]\ndev = ["tester"]\nlint = ["winonly"]\n'


def lock_text(place, name="pylock.toml"):
    with open(f"{place.work}/{name}") as file:
        return file.read()


def versions(place, env=".venv"):
    listed = place.pkg("list", "--format", "json", "--python", f"{place.work}/{env}")
    assert listed.code == 0, listed
    return {d["name"]: d["version"] for d in json.loads(listed.out)}


def locked(place, index, *words, **kept):
    done = place.pkg("lock", *words, PKG_INDEX_URL=index.url, **kept)
    assert done.code == 0, done
    return done


def synced(place, index, *words, **kept):
    done = place.pkg("sync", *words, PKG_INDEX_URL=index.url, **kept)
    assert done.code == 0, done
    return done
