#!/usr/bin/env python3
"""Cold resolves against a distant index: how many round trips one after the other pkg and uv take, and which requests
could have been made sooner.

    round_trips.py --index-dir DIR --pkg build/release/pkg [--uv uv] [--sets jupyter airflow] [--delay-ms 20] [--runs 5]
    [--out FILE.md] [--late] [--plain]

DIR is an unpacked frozen index (mirror.py of the bench folder). Each answer is held back for the delay, and the server
notes when each request came and went. `trips` is the time from the first request to the last answer, over the time one
request takes. `floor` is what the answers themselves demand: a project's page can be asked for once some metadata has
named it, metadata once its page is there, both at once and without limit.
--plain: the same index with HTML pages and without metadata, so that wheels are looked into by ranges.
`late` requests began more than half a trip after they could have; --late lists the chain that ended last, with the lag
of each."""
import argparse, os, re, shutil, statistics, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import budget, measure, plain_index, serve
from pip._vendor.packaging.requirements import Requirement

PYTHON_VERSION = "3.12"


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class Trace:
    """One resolve as its server saw it: for every request what could have caused it."""

    def __init__(self, folder: str, log, asked: list[str]):
        start = min(begin for begin, _, _ in log)
        self.requests = sorted((begin - start, end - start, path) for begin, end, path in log)
        self.pages, self.metadata, self.names = {}, {}, {normal(re.split(r"[\[<>=!~; ]", line)[0]): (0.0, None)
                                                         for line in asked}
        for request in self.requests:
            begin, end, path = request
            if path.startswith("/simple/"):
                self.pages.setdefault(path.split("/")[2], request)
            elif path.endswith(".metadata"):
                self.metadata.setdefault(path, request)
        # First what is needed here for sure, then what extras and other systems need.
        for sure in (True, False):
            for request in sorted(self.metadata.values(), key=lambda request: request[1]):
                for name in required(folder + request[2], sure):
                    self.names.setdefault(name, (request[1], request))

    def cause(self, request):
        """(when it could have begun, the request whose answer allowed it)."""
        path = request[2]
        if path.startswith("/simple/"):
            return self.names.get(path.split("/")[2], (0.0, None))
        page = self.pages.get(normal(path.rsplit("/", 1)[1].split("-")[0]))
        return (page[1], page) if page else (0.0, None)

    def floor(self) -> int:
        """Requests on the longest chain of causes of what was asked for."""
        depth = {}
        for request in sorted(self.requests, key=lambda request: request[1]):
            cause = self.cause(request)[1]
            depth[request] = 1 + depth.get(cause, 0)
        return max(depth.values())

    def chain(self):
        """From the request that ended last back to the first: (lag behind its cause, request)."""
        request, found = max(self.requests, key=lambda request: request[1]), []
        while request:
            possible, cause = self.cause(request)
            found.append((request[0] - possible, request))
            request = cause
        return found[::-1]

    def late(self, trip: float) -> int:
        return sum(request[0] - self.cause(request)[0] > trip / 2 for request in self.requests)

    def widest(self) -> int:
        moments = sorted([(begin, 1) for begin, _, _ in self.requests] + [(end, -1) for _, end, _ in self.requests])
        running = most = 0
        for _, change in moments:
            running += change
            most = max(most, running)
        return most


def required(path: str, sure: bool) -> set[str]:
    """Names in the Requires-Dist lines of a metadata file; when `sure`, of those whose marker holds on this machine
    without an extra."""
    if not os.path.isfile(path):
        return set()
    head, found = open(path, errors="replace").read().split("\n\n", 1)[0], set()
    for line in re.findall(r"^Requires-Dist: *(.+)$", head, re.M):
        try:
            requirement = Requirement(line)
        except ValueError:
            continue
        if not sure or requirement.marker is None or requirement.marker.evaluate({"extra": "",
                "python_version": PYTHON_VERSION, "python_full_version": f"{PYTHON_VERSION}.1"}):
            found.add(normal(requirement.name))
    return found


def resolve(tool, source, options, probes, server):
    probes.run(["rm", "-rf", f"{probes.folder}/cold-{tool.name}", f"{probes.folder}/pins"])
    del server.log[:]
    server.sent = 0
    figures = probes.timed(tool.compile(source, f"{probes.folder}/pins", f"{probes.folder}/cold-{tool.name}"))
    trace = Trace(options.index_dir, list(server.log), [line.strip() for line in open(source) if line.strip()])
    return {**figures, "kib": server.sent / 1024}, trace


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index-dir", required=True)
    parser.add_argument("--pkg", default=f"{budget.ROOT}/build/release/pkg")
    parser.add_argument("--uv")
    parser.add_argument("--python", default=shutil.which("python3.12") or sys.executable)
    parser.add_argument("--sets", nargs="*", default=["jupyter", "airflow"])
    parser.add_argument("--delay-ms", type=float, default=20)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--late", action="store_true")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--out")
    options = parser.parse_args()
    options.index_dir = os.path.abspath(options.index_dir)
    global PYTHON_VERSION
    PYTHON_VERSION = ".".join(subprocess.run([options.python, "-c", "import sys; print(*sys.version_info[:2])"],
                                             capture_output=True, text=True, check=True).stdout.split())
    sys.path.insert(0, budget.bench_folder())
    import compare

    lines = [f"Delay of each answer: {options.delay_ms:g} ms.", "",
             "| set | tool | wall ms | requests | KiB | at once, at most | trips | floor | late requests |",
             "|---|---|---|---|---|---|---|---|---|"]
    print("\n".join(lines), flush=True)
    kind = plain_index.PlainServer if options.plain else serve.Server
    with tempfile.TemporaryDirectory(prefix="trips-") as work, kind(options.index_dir,
            options.delay_ms / 1000) as server:
        os.mkdir(f"{work}/home")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "PKG_", "VIRTUAL_ENV",
            "PYTHON"))}
        probes = measure.Probes(work, {**environment, "HOME": f"{work}/home", "PIP_CONFIG_FILE": "/dev/null"})
        tools = ([compare.Pkg("pkg", os.path.abspath(options.pkg), server.url, options.python)] +
                 ([compare.Uv("uv", options.uv, server.url, options.python)] if options.uv else []))
        for name in options.sets:
            source = f"{compare.SETS}/{name}.in"
            results = {tool.name: [] for tool in tools}
            for _ in range(options.runs):
                for tool in tools:
                    results[tool.name].append(resolve(tool, source, options, probes, server))
            for tool in tools:
                # The median run stands for all.
                figures, trace = sorted(results[tool.name], key=lambda run: run[0]["wall_ms"])[options.runs // 2]
                trip = statistics.median(end - begin for begin, end, _ in trace.requests)
                whole = max(end for _, end, _ in trace.requests)
                row = [name, tool.name, f"{figures['wall_ms']:.0f}", len(trace.requests), f"{figures['kib']:.0f}",
                       trace.widest(),
                       f"{whole / trip:.1f}", trace.floor(), trace.late(trip)]
                lines.append("| " + " | ".join(map(str, row)) + " |")
                print(lines[-1], flush=True)
                if options.late:
                    for lag, (begin, end, path) in trace.chain():
                        print(f"      {begin * 1e3:7.1f}..{end * 1e3:7.1f}  lag {lag * 1e3:6.1f}  "
                              f"{path.rsplit('/', 1)[1] or path}")
    if options.out:
        with open(options.out, "w") as out:
            out.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
