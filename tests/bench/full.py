#!/usr/bin/env python3
"""The whole comparison: pkg beside uv and pip on the frozen index, link modes, growth with size, a distant index;
tables into docs/internals/benchmarks.md. See scripts/bench."""
import argparse, datetime, json, os, signal, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import budget, link_modes, serve, stage, tables

HERE = os.path.dirname(os.path.abspath(__file__))


def options_of(words):
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="3 runs of each, no pip")
    parser.add_argument("--runs", type=int)
    parser.add_argument("--pip-runs", type=int, default=2)
    parser.add_argument("--only", nargs="*",
                        help="only workloads whose name holds one of these words; other parts are left out")
    parser.add_argument("--parts", nargs="*", default=["compare", "pip", "links", "distant"],
                        choices=["compare", "pip", "links", "distant", "scaling"])
    parser.add_argument("--scaling", action="store_true", help="the tables of growth too (half an hour)")
    parser.add_argument("--largest", type=int, default=50000, help="largest size of the tables of growth")
    parser.add_argument("--index-dir", help="an unpacked frozen index (default: unpacks the bench folder's)")
    parser.add_argument("--peers", help="a folder with uv and pip (default: fetches current ones into a throw-away "
                                        "environment)")
    parser.add_argument("--python", help="CPython 3.12 (default: the one on PATH)")
    parser.add_argument("--pkg", default=f"{budget.ROOT}/build/release/pkg")
    parser.add_argument("--tmp", help="where to work; a few GiB")
    parser.add_argument("--docs", default=f"{budget.ROOT}/docs/internals/benchmarks.md",
                        help="the page that gets the tables")
    options = parser.parse_args(words)
    options.runs = options.runs or (3 if options.quick else 10)
    if options.only:
        options.parts = ["compare"]
    if options.quick and "pip" in options.parts:
        options.parts.remove("pip")
    if options.scaling:
        options.parts.append("scaling")
    return options


def passed_on(command) -> str:
    """Runs a program, its output shown and returned. When we are told to stop, it is interrupted and waited for: it has
    mounts to undo."""
    # A group of its own: a Ctrl-C reaches it once, through us.
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    lines = []
    try:
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    except BaseException:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=120)
        raise
    if process.wait():
        raise SystemExit(f"failed ({process.returncode}): {' '.join(command)}")
    return "".join(lines)


class Whole:
    def __init__(self, options, work):
        self.options, self.work, self.bench = options, work, budget.bench_folder()
        self.pkg = os.path.abspath(options.pkg)
        self.python = stage.interpreter(options.python, self.pkg)
        self.peers = stage.peers(options.peers, work, self.python)
        self.index = stage.frozen_index(self.bench, options.index_dir, work)
        stage.fill_wheels(self.bench, self.index, self.pkg, self.python, work)
        self.uv, self.pip = f"{self.peers}/uv", f"{self.peers}/pip"

    def versions(self, *tools):
        return ", ".join(stage.quiet([tool, "--version"]).split(" from")[0].split(" (")[0].strip() for tool in tools)

    def header(self, file_system, runs, tools, link_mode="the default of each (hard links of pkg, uv's own)"):
        return (f"{datetime.date.today()}; {stage.machine()}; file system {file_system}; CPython "
                f"{stage.quiet([self.python, '-c', 'import platform; print(platform.python_version())']).strip()}; "
                f"{self.versions(*tools)}; link mode: {link_mode}; no byte-compilation; medians of {runs} interleaved "
                f"runs.")

    def compared(self, tools, runs):
        out = f"{self.work}/rows.json"
        fresh = ["--fresh-fs"] if os.getuid() == 0 else []
        text = passed_on([sys.executable, "-u", f"{self.bench}/compare.py", "--index", self.url, "--tools", tools,
                          "--python", self.python, "--runs", str(runs), "--json", out,
                          *fresh, *(["--tmp", self.options.tmp] if self.options.tmp else []),
                          *(["--only", *self.options.only] if self.options.only else [])])
        differences = [line.strip() for line in text.splitlines() if "DIFFERENT" in line]
        same = ("Pins, locked versions, distributions and files: the same." if not differences else "Differences:\n\n" +
                "\n".join(f"- {line}" for line in differences))
        return (json.load(open(out)), same, "ext4, fresh, loop-mounted" if fresh
                else "in use (not root: no fresh file system)")

    def compare(self):
        rows, same, file_system = self.compared(f"pkg={self.pkg},uv={self.uv}", self.options.runs)
        return (f"{self.header(file_system, self.options.runs, [self.pkg, self.uv])} A figure that misses its goal is "
                f"bold.\n\n{tables.comparison(rows, 'uv')}\n\n{same}")

    def pip_rows(self):
        rows, same, file_system = self.compared(f"pkg={self.pkg},pip={self.pip}", self.options.pip_runs)
        return (f"{self.header(file_system, self.options.pip_runs, [self.pkg, self.pip])}\n\n"
                f"{tables.comparison(rows, 'pip')}\n\n{same}")

    def links(self):
        sys.path.insert(0, self.bench)
        import compare
        with stage.fresh_file_system(self.options.tmp) as (folder, file_system):
            os.mkdir(f"{folder}/home")
            keep = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PKG_", "VIRTUAL_ENV",
                "PYTHON"))}
            tools = [compare.Pkg("pkg", self.pkg, self.url, self.python),
                     compare.Uv("uv", self.uv, self.url, self.python)]
            rows = link_modes.run(compare, tools, folder, {**keep, "HOME": f"{folder}/home", "NO_COLOR": "1"},
                                  self.options.runs)
        text = link_modes.table(rows)
        print(text, flush=True)
        return f"{self.header(file_system, self.options.runs, [self.pkg, self.uv], 'as named')}\n\n{text}"

    def script(self, name, *words):
        out = f"{self.work}/{name}.md"
        passed_on([sys.executable, "-u", f"{HERE}/{name}.py", "--pkg", self.pkg, "--uv", self.uv, "--python",
                   self.python, "--out", out, *words])
        return open(out).read()

    def distant(self):
        return self.script("round_trips", "--index-dir", self.index, "--runs", str(min(self.options.runs, 5)))

    def scaling(self):
        with stage.fresh_file_system(self.options.tmp) as (folder, file_system):
            return self.header(file_system, "up to 3", [self.pkg, self.uv]) + "\n\n" + self.script("scaling", "--tmp",
                folder, "--largest", str(self.options.largest), "--instructions")

    def go(self):
        parts = {"compare": self.compare, "pip": self.pip_rows, "links": self.links, "distant": self.distant,
                 "scaling": self.scaling}
        with serve.Nginx(self.index, "max-age=600") as server:
            self.url = server.url
            for name in self.options.parts:
                print(f"== {name}", flush=True)
                # Written at once, so that a later failure costs only its own part.
                tables.put(self.options.docs, name, parts[name]())


def stop(*_):
    raise SystemExit(130)


def main():
    options = options_of(None)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.tmp, ignore_cleanup_errors=True) as work:
        os.chmod(work, 0o755)
        Whole(options, work).go()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
