"""Coverage by gcov, summed by layer: see scripts/coverage.

A line counts once for a file, whatever number of template instances it has. Branches that only an exception takes
are left out: the code base throws nowhere by itself. So are those of lines with nothing but closing brackets: there
temporaries end, in ways that the compiler decides between and no condition of ours does.
"""
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "build" / "coverage"
FLOORS = ROOT / "tests" / "coverage" / "floors.json"
RESULT = OUT / "result.json"
LAYERS = {"base": "src/base", "pep": "src/pep", "resolver": "resolver", "index": "index", "venv": "venv",
          "builder": "src/builder", "lock": "src/lock", "ops": "src/ops", "cli": "src/cli"}


def layer_of(file):
    for layer, folder in LAYERS.items():
        if file.startswith(folder + "/"):
            return layer
    return None


def build():
    if not (OUT / "build.ninja").exists():
        OUT.mkdir(parents=True, exist_ok=True)
        exits = OUT / "count_exits.o"
        subprocess.run(["gcc", "-c", str(ROOT / "tests/coverage/count_exits.c"), "-o", str(exits)], check=True)
        subprocess.run(["cmake", "-S", ".", "-B", str(OUT), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
                        "-DCMAKE_CXX_FLAGS_DEBUG=-O0 --coverage -fprofile-update=atomic", "-DPKG_PRECOMPILED=ON",
                        f"-DCMAKE_EXE_LINKER_FLAGS=-Wl,--wrap=_exit {exits} -lgcov"],
                       cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", str(OUT), "pkg", *(f"test_{layer}" for layer in LAYERS)], check=True,
                   stdout=subprocess.DEVNULL)


def forget():
    for path in OUT.rglob("*.gcda"):
        path.unlink()


def gcov(paths):
    run = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", *map(str, paths)],
                         capture_output=True, text=True, cwd=OUT)
    return [json.loads(line) for line in run.stdout.split("\n") if line.startswith("{")]


def closing_lines(name):
    """The numbers of the lines that hold closing brackets alone."""
    text = (ROOT / name).read_text(encoding="utf-8").split("\n")
    return {number for number, line in enumerate(text, 1) if re.fullmatch(r"[\s\])};,]*", line)}


def collect():
    """{file: ({line: reached}, {(line, n): taken})} of what ran since forget()."""
    paths = sorted(OUT.rglob("*.gcda"))
    batches = [paths[i:i + 20] for i in range(0, len(paths), 20)]
    lines, branches = defaultdict(dict), defaultdict(dict)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for report in (one for batch in pool.map(gcov, batches) for one in batch):
            for file in report["files"]:
                path = os.path.normpath(os.path.join(report["current_working_directory"], file["file"]))
                if not path.startswith(f"{ROOT}/"):
                    continue
                name = os.path.relpath(path, ROOT)
                if layer_of(name) is None:
                    continue
                closing = closing_lines(name)
                for line in file["lines"]:
                    number = line["line_number"]
                    lines[name][number] = lines[name].get(number, False) or line["count"] > 0
                    kept = [b for b in line["branches"] if not b["throw"] and number not in closing]
                    for n, branch in enumerate(kept):
                        key = f"{number}.{n}"
                        branches[name][key] = branches[name].get(key, False) or branch["count"] > 0
    return lines, branches


def share(files, layer):
    marks = [reached for name, file in files.items() if layer is None or layer_of(name) == layer
             for reached in file.values()]
    return round(100 * sum(marks) / len(marks), 1) if marks else 0.0


def run(command, seconds=900):
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=seconds, check=False,
                   cwd=ROOT, env=os.environ | {"PKG_COVERAGE_FOLDER": str(OUT)})


def by_own_tests():
    reached = {}
    for layer in LAYERS:
        forget()
        run([OUT / "tests" / layer / f"test_{layer}"])
        lines, branches = collect()
        own = {name: file for name, file in lines.items() if layer_of(name) == layer}
        reached[layer] = {"lines": share(lines, layer), "branches": share(branches, layer),
                          "files": {name: round(100 * sum(file.values()) / len(file), 1) for name, file in own.items()}}
        print(f"{layer:10} {reached[layer]['lines']:6} % of lines  {reached[layer]['branches']:6} % of branches",
              flush=True)
    return reached


def by_all_tests():
    forget()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(run, [OUT / "tests" / layer / f"test_{layer}"]) for layer in LAYERS]
        for script in sorted((ROOT / "tests" / "system").glob("*_test.py")):
            if script.name != "instruction_gates_test.py":  # counts instructions: another binary's
                jobs.append(pool.submit(run, [sys.executable, script, OUT / "pkg", OUT]))
        for job in jobs:
            job.result()
    lines, branches = collect()
    reached = {layer: {"lines": share(lines, layer), "branches": share(branches, layer)} for layer in [*LAYERS, None]}
    reached["all"] = reached.pop(None)
    for layer, one in reached.items():
        print(f"{layer:10} {one['lines']:6} % of lines  {one['branches']:6} % of branches (all tests)", flush=True)
    return reached


def below_floors(result, may_raise):
    floors = json.loads(FLOORS.read_text()) if FLOORS.exists() else {}
    fell = []
    for part, layers in result.items():
        for layer, one in layers.items():
            for what in ("lines", "branches"):
                floor = floors.setdefault(part, {}).setdefault(layer, {}).get(what, 0)
                if one[what] < floor - 0.2:  # races and clocks move a line or two
                    fell.append(f"{part}: {layer} reaches {one[what]} % of its {what}, the floor is {floor} %")
                if may_raise and one[what] > floor:
                    floors[part][layer][what] = one[what]
    if may_raise:
        FLOORS.write_text(json.dumps(floors, indent=1) + "\n")
    return fell


def show_files(layer):
    files = json.loads(RESULT.read_text())["own tests"][layer]["files"]
    for name, percent in sorted(files.items(), key=lambda item: item[1]):
        print(f"{percent:6} %  {name}")


def main():
    words = sys.argv[1:]
    if words[:1] == ["--files"]:
        return show_files(words[1])
    build()
    result = {} if "--together" in words else {"own tests": by_own_tests()}
    if "--units" not in words:
        result["all tests"] = by_all_tests()
    known = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    RESULT.write_text(json.dumps(known | result))
    fell = below_floors(result, "--raise" in words)
    print("\n".join(fell) if fell else "no floor was missed")
    return 1 if fell else 0


if __name__ == "__main__":
    sys.exit(main())
