"""What a workspace costs by its number of members: members.py PKG [N…] prints a table (docs/internals/benchmarks.md).

Each member asks for one package of its own and for the three members before it; the index is on loopback. Times are the
best of five; `run` is warm, of `true`. Growth is to be that of the files that have to be read."""
import os, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../system"))
PKG, COUNTS = os.path.abspath(sys.argv[1]), [int(n) for n in sys.argv[2:]] or [3, 30, 100, 300]
from support import PYTHON, Index, Place, wheel  # noqa: E402

# What the row is called, the words, and what is removed before each run.
WORK = [("lock, first", ["lock", "--python", PYTHON], "lock"),
        ("lock, fresh", ["lock", "--python", PYTHON], ""),
        ("sync --package", ["sync", "--package", "m2"], "env"),
        ("sync --package, nothing to do", ["sync", "--package", "m2"], ""),
        ("run --package, warm", ["run", "--package", "m2", "true"], ""),
        ("export --package", ["export", "--package", "m2"], ""),
        ("export --all-packages", ["export", "--all-packages"], "")]


def workspace(place, count):
    place.write("pyproject.toml", '[tool.pkg.workspace]\nmembers = ["m/*"]\n')
    for i in range(count):
        needs = [f'"lib{i}"', *(f'"m{j}"' for j in range(max(0, i - 3), i))]
        place.write(f"m/{i}/pyproject.toml", f'[project]\nname = "m{i}"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                             f'dependencies = [{", ".join(needs)}]\n')


def best(place, index, words, undo):
    times = []
    for _ in range(5):
        if undo == "lock":
            subprocess.run(["rm", "-f", f"{place.work}/pylock.toml"], check=True)
        if undo == "env":
            subprocess.run(["rm", "-rf", f"{place.work}/.venv"], check=True)
        start = time.perf_counter()
        done = place.pkg(*words, PKG_INDEX_URL=index.url, timeout=600)
        times.append(time.perf_counter() - start)
        assert done.code == 0, done
    return min(times)


def main():
    index = Index([wheel(f"lib{i}", "1.0") for i in range(max(COUNTS))])
    rows = {name: [] for name, _, _ in WORK}
    for count in COUNTS:
        place = Place()
        workspace(place, count)
        for name, words, undo in WORK:
            rows[name].append(best(place, index, words, undo))
        subprocess.run(["rm", "-rf", place.path], check=True)
    print("| | " + " | ".join(f"{count} members" for count in COUNTS) + " |")
    print("|---|" + "---:|" * len(COUNTS))
    for name, times in rows.items():
        print(f"| {name} | " + " | ".join(f"{1000 * one:.0f} ms" for one in times) + " |")


main()
