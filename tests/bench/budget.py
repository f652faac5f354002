#!/usr/bin/env python3
"""What each workload of docs/internals/performance.md costs pkg and uv: wall, processor time, memory, page faults,
system calls, bytes read, threads, shared objects, allocations and instructions.

    budget.py --index-dir DIR --pkg build/release/pkg [--uv uv] [--only WORD ...] [--runs 5] [--instructions] [--docs
    docs/internals/performance.md]

The index is the frozen one of the bench folder (PKG_BENCH, by default ../shared/bench beside the checkout), whose
requirement sets and command lines are used. Instructions take minutes for the cold workloads, so they are counted only
when asked for."""
import argparse, json, os, shutil, statistics, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import measure, serve, tables

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def bench_folder() -> str:
    return os.path.abspath(os.environ.get("PKG_BENCH") or os.path.join(ROOT, "..", "shared", "bench"))


class Workloads:
    """What is run, and what is put right before each run. `name -> (before(tool), command(tool))`, in the order in
    which they can follow each other."""

    def __init__(self, work: str, compare, probes: measure.Probes):
        self.work, self.probes, self.sets, self.number = work, probes, compare.SETS, 0

    def path(self, name, tool=None):
        return f"{self.work}/{name}" + (f"-{tool.name}" if tool else "")

    def put_away(self, path):
        """ext4 shuns inodes deleted lately, so what is old is moved aside."""
        if os.path.lexists(path):
            self.number += 1
            os.makedirs(self.path("away"), exist_ok=True)
            os.rename(path, self.path(f"away/{self.number}"))

    def fresh_env(self, tool):
        self.put_away(self.path("env", tool))
        self.probes.run(tool.venv(self.path("env", tool), self.path("cache", tool)))

    def full_env(self, tool):
        self.fresh_env(tool)
        self.probes.run(tool.install(self.path("pins.txt"), self.path("env", tool), self.path("cache", tool)))

    def cold(self, tool, also=lambda tool: None):
        also(tool)
        self.put_away(self.path("cold", tool))

    def unlock(self, tool, name):
        self.put_away(tool.lock_file(self.path(f"project-{name}", tool)))

    def make_projects(self, tools):
        shutil.copy(f"{self.sets}/jupyter.pins.txt", self.path("pins.txt"))
        for tool in tools:
            for name in ("jupyter", "airflow"):
                project = self.path(f"project-{name}", tool)
                os.makedirs(project)
                lines = [line.strip() for line in open(f"{self.sets}/{name}.in") if line.strip()]
                with open(f"{project}/pyproject.toml", "w") as out:
                    out.write('[project]\nname = "work"\nversion = "1"\nrequires-python = ">=3.10"\ndependencies = ' +
                              json.dumps(lines) + "\n")

    def all(self):
        nothing = lambda tool: None
        cache, cold, env = (lambda t: self.path("cache", t)), (lambda t: self.path("cold",
            t)), (lambda t: self.path("env", t))
        pins, out = self.path("pins.txt"), (lambda t: self.path("answer", t))
        yield "start", nothing, lambda t: t.start()
        yield "venv", lambda t: self.put_away(env(t)), lambda t: t.venv(env(t), cache(t))
        for name in ("jupyter", "airflow", "boto3", "starlette"):
            source = f"{self.sets}/{name}.in"
            if name in ("jupyter", "airflow"):
                yield f"resolve-cold {name}", lambda t: self.cold(t,
                    lambda t: self.put_away(out(t))), lambda t, source=source: t.compile(source, out(t), cold(t))
            yield f"resolve-warm {name}", lambda t: self.put_away(out(t)), lambda t, source=source: t.compile(source,
                out(t), cache(t))
        for name in ("jupyter", "airflow"):
            project = lambda t, name=name: self.path(f"project-{name}", t)
            yield f"lock-warm {name}", lambda t, name=name: self.unlock(t,
                name), lambda t, project=project: t.lock(project(t), cache(t))
            yield f"lock-noop {name}", nothing, lambda t, project=project: t.lock(project(t), cache(t))
        yield "install-cold", lambda t: self.cold(t, self.fresh_env), lambda t: t.install(pins, env(t), cold(t))
        yield "install-warm", self.fresh_env, lambda t: t.install(pins, env(t), cache(t))
        yield "install-noop", nothing, lambda t: t.install(pins, env(t), cache(t))
        yield "sync-noop", nothing, lambda t: t.sync(pins, env(t), cache(t))
        yield "list", nothing, lambda t: t.listing(env(t), cache(t))
        yield "uninstall", self.full_env, lambda t: t.uninstall(pins, env(t), cache(t))


def measure_all(probes, before, command, tool, options, name) -> dict:
    def ready():
        before(tool)
        return command(tool)
    probes.run(ready())  # fills the cache, warms the page cache
    runs = [probes.timed(ready()) for _ in range(options.runs)]
    row = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
    row.update(probes.calls(ready()))
    if tool.name == "pkg":  # others have allocators of their own, which a preloaded counter does not see
        row.update(probes.allocations(ready()) or {})
    if options.instructions and tool.name == "pkg" and not any(word in name for word in ("cold", "venv")):
        out = os.path.join(options.callgrind,
                           name.replace(" ", "-") + ".callgrind") if options.callgrind else "/dev/null"
        row["instructions"] = probes.instructions(ready(), out=out)
    return row


COLUMNS = [("wall ms", "wall_ms", ".1f"), ("cpu ms (user + sys)", "cpu_ms", "cpu"), ("MiB", "rss_mib", ".0f"),
           ("faults", "faults", ".0f"), ("calls", "calls", "d"),
           ("read KiB", "read_kib", ".0f"), ("threads", "threads", "d"), ("objects", "objects", "d"),
           ("allocations", "allocations", "d"), ("KiB asked", "allocated_kib", ".0f"),
           ("M instructions", "instructions", "M")]


def cells(row) -> list[str]:
    def text(key, form):
        if key not in row:
            return "–"
        if form == "cpu":  # the kernel samples the two parts by ticks: of short runs only the sum means something
            return f"{row[key]:.1f}" + (f" ({row['user_ms']:.0f} + {row['sys_ms']:.0f})" if row[key] > 50 else "")
        return f"{row[key] / 1e6:.1f}" if form == "M" else format(row[key], form)
    top = ", ".join(f"{name} {count}" for name, count in row["by_name"].most_common(5))
    return [text(key, form) for _, key, form in COLUMNS] + [top]


def section(rows) -> str:
    """The table of one workload: {tool: row}."""
    titles = ["", *(title for title, _, _ in COLUMNS), "most frequent calls"]
    return "\n".join(["| " + " | ".join(titles) + " |", "|---" * len(titles) + "|"] +
                     [f"| {name} | " + " | ".join(cells(row)) + " |" for name, row in rows.items()])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index-dir", required=True, help="an unpacked frozen index with its wheels")
    parser.add_argument("--pkg", default=f"{ROOT}/build/release/pkg")
    parser.add_argument("--uv", help="compare with this uv")
    parser.add_argument("--python", default=shutil.which("python3.12") or sys.executable)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--instructions", action="store_true")
    parser.add_argument("--callgrind", help="keep callgrind's output in this folder")
    parser.add_argument("--failed-calls", action="store_true", help="print failed system calls too")
    parser.add_argument("--tmp")
    parser.add_argument("--docs", help="put each workload's table between the markers `bench:budget-WORKLOAD` of this "
                                       "page")
    options = parser.parse_args()
    sys.path.insert(0, bench_folder())
    import compare

    with serve.best(options.index_dir) as server, tempfile.TemporaryDirectory(prefix="budget-",
            dir=options.tmp) as work:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PKG_", "VIRTUAL_ENV",
            "PYTHON"))}
        os.mkdir(f"{work}/home")
        probes = measure.Probes(work, {**environment, "HOME": f"{work}/home", "NO_COLOR": "1"})
        tools = [compare.Pkg("pkg", os.path.abspath(options.pkg), server.url, options.python)]
        tools += [compare.Uv("uv", options.uv, server.url, options.python)] if options.uv else []
        workloads = Workloads(work, compare, probes)
        workloads.make_projects(tools)
        lines = ["| workload | tool | " + " | ".join(title for title, _, _ in COLUMNS) + " | most frequent calls |",
                 "|---" * (len(COLUMNS) + 3) + "|"]
        print("\n".join(lines))
        for name, before, command in workloads.all():
            if options.only and not any(word in name for word in options.only):
                continue
            rows = {}
            for tool in tools:
                rows[tool.name] = row = measure_all(probes, before, command, tool, options, name)
                lines.append(f"| {name} | {tool.name} | " + " | ".join(cells(row)) + " |")
                print(lines[-1], flush=True)
                if options.failed_calls:
                    print("    failed: " + ", ".join(f"{k} {v}" for k, v in row["failed"].most_common(12)))
            if options.docs:
                tables.put(options.docs, "budget-" + name.replace(" ", "-"), section(rows))


if __name__ == "__main__":
    main()
