#!/usr/bin/env python3
"""How pkg's cost grows with the size of its input, on synthetic worlds: packages, versions of one package, files of one
wheel, locked packages.

    scaling.py --pkg build/release/pkg [--uv uv] [--tables packages versions files locks] [--largest 10000] [--runs 3]
    [--out FILE.md] [--instructions]

One line for each workload and size: wall median, processor time, peak memory, system calls, instructions where asked
for. `growth` is the processor time over that of the line before, beside the growth of the input; `!` marks what grows
clearly faster than its input (more than 1.5 times as fast, above 20 ms)."""
import argparse, os, shutil, statistics, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import budget, measure, serve, world

SIZES = {"packages": [10, 100, 1000, 10000], "versions": [10, 100, 1000, 10000], "files": [10, 100, 1000, 10000, 50000],
         "locks": [10, 100, 1000, 5000]}
TITLES = {"packages": "Packages (4 releases each, all in the answer)", "versions": "Releases of one package",
          "files": "Files in one wheel", "locks": "Locked packages (a wheel of one module each)"}
FEW_RUNS_ABOVE_MS, STRACE_UP_TO, CALLGRIND_UP_TO = 3000, 10000, 1000
HEAD = ["workload", "size", "wall ms", "cpu ms", "growth (input)", "MiB", "system calls", "M instructions"]


class Scaling:
    def __init__(self, options, work, tools, probes):
        self.options, self.work, self.tools, self.probes = options, work, tools, probes
        self.lines, self.last = [], {}

    def world(self, name, projects):
        folder = f"{self.work}/{name}"
        world.write(folder, projects)
        return folder

    def place(self, name, tool):
        path = f"{self.work}/{name}-{tool.name}"
        os.makedirs(path, exist_ok=True)
        return path

    def measure(self, workload, size, prepare, command):
        """prepare(tool) puts the state right before each run; command(tool) is what is measured, None where a tool has
        no such thing."""
        figures = {}
        for tool in self.tools:
            if command(tool) is None:
                continue
            runs = []
            while len(runs) < self.options.runs and not (runs and runs[-1]["wall_ms"] > FEW_RUNS_ABOVE_MS):
                prepare(tool)
                runs.append(self.probes.timed(command(tool)))
            figures[tool.name] = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        mine = figures["pkg"]
        if size <= STRACE_UP_TO and mine["wall_ms"] < 10000:
            prepare(self.tools[0])
            mine.update(self.probes.calls(command(self.tools[0])))
        if self.options.instructions and size <= CALLGRIND_UP_TO and "cold" not in workload:
            prepare(self.tools[0])
            mine["instructions"] = self.probes.instructions(command(self.tools[0]))
        self.show(workload, size, figures)

    def show(self, workload, size, figures):
        mine, growth = figures["pkg"], "–"
        if workload in self.last:
            before, old = self.last[workload]
            more, input_more = mine["cpu_ms"] / old, size / before
            growth = f"{more:.1f} ({input_more:g})" + (" !" if more > 1.5 * input_more and mine["cpu_ms"] > 20 else "")
        self.last[workload] = size, mine["cpu_ms"]
        cells = [workload, f"{size:,}", f"{mine['wall_ms']:.1f}", f"{mine['cpu_ms']:.1f}", growth,
                 f"{mine['rss_mib']:.0f}", f"{mine['calls']:,}" if "calls" in mine else "–",
                 f"{mine['instructions'] / 1e6:.1f}" if "instructions" in mine else "–"]
        for tool in self.tools[1:]:
            other = figures.get(tool.name)
            cells.append(f"{other['wall_ms']:.1f} ms, cpu {other['cpu_ms']:.0f}, {other['rss_mib']:.0f} MiB" if other
                         else "–")
        self.say("| " + " | ".join(cells) + " |")

    def say(self, line):
        self.lines.append(line)
        print(line, flush=True)

    def table(self, name):
        titles = HEAD + [tool.name for tool in self.tools[1:]]
        self.say(f"\n**{TITLES[name]}**\n\n| " + " | ".join(titles) + " |\n" + "|---" * len(titles) + "|")
        for size in SIZES[name]:
            if size <= self.options.largest:
                getattr(self, name)(size)

    def resolves(self, size, name, source, cold=True):
        """resolve cold and warm of one requirement."""
        wanted = f"{self.work}/{name}.in"
        with open(wanted, "w") as out:
            out.write(source + "\n")
        answer, cache = (lambda t: f"{self.place(name, t)}/pins.txt"), (lambda t: f"{self.place(name, t)}/cache")
        command = lambda t: t.compile(wanted, answer(t), cache(t))
        def forget(tool):
            self.unlink(answer(tool))
            self.aside(cache(tool))
        self.measure(f"resolve cold: {source}", size, forget, command) if cold else [self.probes.run(command(tool))
            for tool in self.tools]
        self.measure(f"resolve warm: {source}", size, lambda t: self.unlink(answer(t)), command)

    def unlink(self, path):
        if os.path.exists(path):
            os.remove(path)

    def aside(self, path):
        """Out of the way; deleted at the end only, because ext4 shuns inodes deleted lately."""
        if os.path.exists(path):
            os.rename(path, tempfile.mkdtemp(dir=self.work) + "/old")

    def with_index(self, folder):
        for tool in self.tools:
            tool.index = self.server.url

    def packages(self, size):
        folder = self.world(f"packages-{size}", world.tree(size))
        with serve.best(folder) as self.server:
            self.with_index(folder)
            self.resolves(size, f"packages-{size}", world.name_of(0))
            self.locks_of(size, f"packages-{size}")

    def project(self, name, tool, requirement):
        path = self.place(f"{name}-project", tool)
        with open(f"{path}/pyproject.toml", "w") as out:
            out.write(f'[project]\nname = "work"\nversion = "1"\nrequires-python = ">=3.10"\n'
                      f'dependencies = ["{requirement}"]\n')
        return path

    def locks_of(self, size, name):
        projects = {tool.name: self.project(name, tool, world.name_of(0)) for tool in self.tools}
        command = lambda t: t.lock(projects[t.name], f"{self.place(name, t)}/cache")
        for tool in self.tools:
            self.probes.run(command(tool))
        self.measure("lock warm", size, lambda t: self.unlink(t.lock_file(projects[t.name])), command)
        self.measure("lock noop", size, lambda t: None, command)

    def versions(self, size):
        with serve.best(self.world(f"versions-{size}", world.ladder(size))) as self.server:
            self.with_index(None)
            self.resolves(size, f"newest-{size}", "many")
            self.resolves(size, f"ladder-{size}", "start")

    def environments(self, name):
        """For each tool an empty environment, and the way to a new one."""
        env, cache = (lambda t: f"{self.place(name, t)}/env"), (lambda t: f"{self.place(name, t)}/cache")
        def fresh(tool):
            self.aside(env(tool))
            self.probes.run(tool.venv(env(tool), cache(tool)))
        return env, cache, fresh

    def files(self, size):
        with serve.best(self.world(f"files-{size}", world.one_wheel(size))) as self.server:
            self.with_index(None)
            pins = f"{self.work}/bulk.txt"
            with open(pins, "w") as out:
                out.write("bulk==1.0\n")
            env, cache, fresh = self.environments(f"files-{size}")
            def fresh_cold(tool):
                fresh(tool)
                self.aside(cache(tool))
            install, full = (lambda t: t.install(pins, env(t), cache(t))), (lambda t: (fresh(t),
                self.probes.run(t.install(pins, env(t), cache(t)))))
            self.measure("install cold", size, fresh_cold, install)
            self.measure("install warm", size, fresh, install)
            self.measure("install noop", size, lambda t: None, install)
            self.measure("list", size, lambda t: None, lambda t: t.listing(env(t), cache(t)))
            self.measure("uninstall", size, full, lambda t: t.uninstall(pins, env(t), cache(t)))

    def locks(self, size):
        """A project of so many packages, locked and installed: what it costs that nothing changed, and an export."""
        name = f"locks-{size}"
        with serve.best(self.world(name, world.tree(size, versions=1, files=1))) as self.server:
            self.with_index(None)
            projects = {tool.name: self.project(name, tool, world.name_of(0)) for tool in self.tools}
            env, cache, fresh = self.environments(name)
            lock = lambda t: t.lock(projects[t.name], cache(t))
            pins = f"{self.work}/{name}.txt"
            with open(pins, "w") as out:
                out.write("".join(f"{world.name_of(number)}==1.0\n" for number in range(size)))
            for tool in self.tools:
                fresh(tool)
                self.probes.run(lock(tool))
            self.measure("lock noop", size, lambda t: None, lock)
            self.measure("install of the pins, cold", size, lambda t: (fresh(t), self.aside(cache(t))),
                         lambda t: t.install(pins, env(t), cache(t)))
            self.measure("install noop", size, lambda t: None, lambda t: t.install(pins, env(t), cache(t)))
            self.measure("sync noop", size, lambda t: None, lambda t: t.sync(pins, env(t), cache(t)))
            self.measure("list", size, lambda t: None, lambda t: t.listing(env(t), cache(t)))
            self.measure("export", size, lambda t: None, lambda t: self.export(t, projects[t.name], cache(t)))
            self.measure("uninstall", size, lambda t: (fresh(t), self.probes.run(t.install(pins, env(t), cache(t)))),
                         lambda t: t.uninstall(pins, env(t), cache(t)))

    def export(self, tool, project, cache):
        if tool.name == "pkg":
            return [tool.path, "export", "--project", project, "--frozen", "-q", "-o", f"{project}/out.txt"]
        return [tool.path, "export", "--project", project, "--frozen", "-q", "-o", f"{project}/out.txt", "--no-config",
                "--cache-dir", cache, "--python", tool.python]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pkg", default=f"{budget.ROOT}/build/release/pkg")
    parser.add_argument("--uv")
    parser.add_argument("--python", default=shutil.which("python3.12") or sys.executable)
    parser.add_argument("--tables", nargs="*", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--largest", type=int, default=50000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--instructions", action="store_true")
    parser.add_argument("--tmp")
    parser.add_argument("--out")
    options = parser.parse_args()
    sys.path.insert(0, budget.bench_folder())
    import compare

    with tempfile.TemporaryDirectory(prefix="scaling-", dir=options.tmp, ignore_cleanup_errors=True) as work:
        os.chmod(work, 0o755)
        os.mkdir(f"{work}/home")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PKG_", "VIRTUAL_ENV",
            "PYTHON"))}
        probes = measure.Probes(work, {**environment, "HOME": f"{work}/home", "PIP_CONFIG_FILE": "/dev/null",
                                       "NO_COLOR": "1"})
        tools = ([compare.Pkg("pkg", os.path.abspath(options.pkg), "", options.python)] +
                 ([compare.Uv("uv", options.uv, "", options.python)] if options.uv else []))
        bench = Scaling(options, work, tools, probes)
        for name in options.tables:
            bench.last.clear()
            bench.table(name)
    if options.out:
        with open(options.out, "w") as out:
            out.write("\n".join(bench.lines).lstrip("\n") + "\n")


if __name__ == "__main__":
    main()
