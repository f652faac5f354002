#!/usr/bin/env python3
"""Warm starts of `tool run`, `run` and `run --script`, beside uvx and uv run: how long until a program that does
nothing has started and ended. Runs are interleaved, the index is on loopback, each program has a home and a cache of
its own.

    python3 tests/bench/tools.py PKG PEERS          prints the table
    python3 tests/bench/tools.py PKG PEERS --write  writes it into docs/internals/benchmarks.md

PEERS is a folder that holds uv and uvx. The tool is a shell script and needs 20 packages; the script starts Python.
"""
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/system"))
from support import Index, PKG, Place, wheel  # noqa: E402

PAGE = ROOT / "docs/internals/benchmarks.md"
BEGIN, END = "<!-- bench:tools -->", "<!-- /bench:tools -->"
RUNS, PACKAGES, GOAL = 10, 20, 0.4


def world():
    yield wheel("quick", "1.0", files={"quick.py": "", "quick-1.0.data/scripts/quick": "#!/bin/sh\nexit 0\n"},
                requires=[f"part{n}" for n in range(PACKAGES)])
    yield from (wheel(f"part{n}", "1.0") for n in range(PACKAGES))


class FreshIndex(Index):
    """Its pages may be kept for ten minutes, as those of the usual index: a warm run asks nothing."""

    def respond(self, path, headers):
        status, answered, body = super().respond(path, headers)
        return status, {**answered, "Cache-Control": "max-age=600, public"}, body


class Side:
    """One program with its home, cache and folders."""

    def __init__(self, **env):
        self.place = Place()
        self.env = self.place.environment({"PATH": os.environ["PATH"], **env})
        self.place.write("project/pyproject.toml", "[project]\nname = \"p\"\nversion = \"1\"\n"
                         "requires-python = \">=3.9\"\ndependencies = [\"quick\"]\n")
        self.place.write("s.py", "# /// script\n# requires-python = \">=3.9\"\n# dependencies = [\"part1\"]\n# ///\n")

    def run(self, words, folder):
        began = time.perf_counter()
        done = subprocess.run(words, cwd=f"{self.place.work}/{folder}", env=self.env, capture_output=True)
        seconds = time.perf_counter() - began
        if done.returncode != 0:
            raise SystemExit(f"{words}: exit {done.returncode}\n{done.stderr.decode()}")
        return seconds * 1000


def measure(sides, workload):
    """{side: [ms]} of one workload: (folder, {side: words})."""
    folder, words = workload
    for _ in range(2):  # the first fills the cache
        for name, side in sides.items():
            side.run(words[name], folder)
    times = {name: [] for name in sides}
    for _ in range(RUNS):
        for name, side in sides.items():
            times[name].append(side.run(words[name], folder))
    return times


def cell(values):
    return f"{statistics.median(values):.1f} ms ({min(values):.1f})"


def table(pkg, peers):
    index = FreshIndex(world())
    pkgx = Side(PKG_INDEX_URL=index.url)
    link = f"{pkgx.place.path}/pkgx"
    os.symlink(pkg, link)
    sides = {"pkg": pkgx, "uv": Side(UV_DEFAULT_INDEX=index.url, UV_NO_PROGRESS="1", UV_PYTHON_DOWNLOADS="never")}
    uv, uvx = f"{peers}/uv", f"{peers}/uvx"
    workloads = {
        "`tool run`": ("", {"pkg": [link, "quick"], "uv": [uvx, "quick"]}),
        "`tool run --from … --with …`": ("", {"pkg": [link, "--from", "quick", "--with", "part1", "quick"],
                                              "uv": [uvx, "--from", "quick", "--with", "part1", "quick"]}),
        "`run`, a program of the project": ("project", {"pkg": [pkg, "run", "quick"], "uv": [uv, "run", "quick"]}),
        "`run --script`, Python included": ("", {"pkg": [pkg, "run", "--script", "s.py"],
                                                 "uv": [uv, "run", "--script", "s.py"]}),
    }
    version = subprocess.run([uv, "--version"], capture_output=True, text=True).stdout.split()[1]
    yield (f"{time.strftime('%Y-%m-%d')}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}; uv {version}; medians "
           f"(least) of {RUNS} interleaved runs.")
    yield ""
    yield "| warm start | pkg | uv | ratio |"
    yield "|---|---|---|---:|"
    for title, workload in workloads.items():
        times = measure(sides, workload)
        ratio = statistics.median(times["pkg"]) / statistics.median(times["uv"])
        shown = f"{ratio:.2f}" if ratio <= GOAL else f"**{ratio:.2f}**"
        yield f"| {title} | {cell(times['pkg'])} | {cell(times['uv'])} | {shown} |"
    for side in sides.values():
        shutil.rmtree(side.place.path)


def main():
    text = "\n".join(table(PKG, os.path.abspath(sys.argv[2])))
    print(text)
    if "--write" in sys.argv:
        page = PAGE.read_text(encoding="utf-8")
        written = re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n{text}\n{END}", page, flags=re.S)
        PAGE.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
