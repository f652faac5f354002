"""Instruction-count gates: what pkg may cost on a small synthetic world, counted by callgrind, so that no machine's
speed or load matters.

    gates.py PKG BUILD_FOLDER                      compare with gates.json; 1 when a count is over its gate
    gates.py PKG BUILD_FOLDER --move "reason"      write the counts as the new gates, and the reason, with the date,
    into their history

What could make counts differ is fixed: environment, lengths of paths, one processor, address layout, the routines that
the C library chooses by processor.
Pages stay fresh for a day, and a measured command that asks the index fails the test."""
import argparse, datetime, glob, json, os, re, shutil, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import measure, selections, serve, world

GATES = f"{measure.HERE}/gates.json"
PYTHON = "/usr/bin/python3"
PACKAGES, VERSIONS, FILES = 100, 6, 8
EXTRAS, MEMBERS = 40, 16  # of a project that asks for four projects in each; of one conflict set
HISTORY = 20
NOISE = 0.003  # of a count, between two runs

# glibc's string routines differ by processor and cache size; under valgrind all machines with AVX2 look alike, and
# these settle the rest.
TUNABLES = ":".join(["glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-ERMS,-FSRM", "glibc.cpu.x86_data_cache_size=0x8000",
                     "glibc.cpu.x86_shared_cache_size=0x100000",
                     "glibc.cpu.x86_non_temporal_threshold=0xc0000", "glibc.malloc.arena_max=1"])


class Gates:
    def __init__(self, pkg: str, folder: str):
        self.folder = folder
        for name in ("home", "index", "project"):
            os.mkdir(f"{folder}/{name}")
        self.pkg = shutil.copy(pkg, f"{folder}/pkg")  # the program's path has a fixed length, too
        environment = {"PATH": "/usr/bin:/bin", "HOME": f"{folder}/home", "LC_ALL": "C.UTF-8", "TMPDIR": folder,
                       "PIP_CONFIG_FILE": "/dev/null", "NO_COLOR": "1", "GLIBC_TUNABLES": TUNABLES}
        self.probes = measure.Probes(folder, environment)
        world.write(f"{folder}/index", world.tree(PACKAGES, VERSIONS, FILES) + world.ladder(60) +
                    selections.projects(MEMBERS))
        self.server = serve.Server(f"{folder}/index")
        self.common = ["--index-url", self.server.url, "--cache-dir", f"{folder}/cache", "-q"]
        self.write("all.in", world.name_of(0) + "\n")
        self.write("ladder.in", "start\n")
        self.write("project/pyproject.toml", f'[project]\nname = "work"\nversion = "1"\nrequires-python = ">=3.8"\n'
                                             f'dependencies = ["{world.name_of(0)}"]\n')

        for name, table, size in (("extras", "extras", EXTRAS), ("members", "members", MEMBERS)):
            os.mkdir(f"{folder}/{name}")
            self.write(f"{name}/pyproject.toml", selections.project_text(table, size))

    def write(self, name, text):
        with open(f"{self.folder}/{name}", "w") as out:
            out.write(text)

    def verb(self, name, *words):
        return [self.pkg, name, *words, *self.common]

    def remove(self, name):
        path = f"{self.folder}/{name}"
        if os.path.isdir(path):
            shutil.rmtree(path)
        elif os.path.exists(path):
            os.remove(path)

    def workloads(self):
        """(name, what to remove first, what to run first, what is counted): in this order, so that each finds what the
        former left."""
        solve = lambda source: self.verb("compile", source, "-o", "pins.txt", "--no-build", "--python", PYTHON)
        lock_of = lambda project: self.verb("lock", "--project", project, "--no-build", "--python", PYTHON)
        lock = lock_of("project")
        venv = [self.pkg, "venv", "-q", "--cache-dir", "cache", "--python", PYTHON, "env"]
        install, sync = self.verb("install", "-r", "pins.txt", "--python", "env"), self.verb("sync", "pins.txt",
            "--python", "env")
        yield "start", [], [], [self.pkg, "--version"]
        yield "backtrack-warm", ["pins.txt"], [solve("ladder.in")], solve("ladder.in")
        yield "resolve-warm", ["pins.txt"], [solve("all.in")], solve("all.in")
        yield "lock-warm", ["project/pylock.toml"], [lock], lock
        yield "lock-noop", [], [lock], lock
        yield "lock-extras", ["extras/pylock.toml"], [lock_of("extras")], lock_of("extras")
        yield "lock-conflicts", ["members/pylock.toml"], [lock_of("members")], lock_of("members")
        yield "venv", ["env"], [venv], venv
        yield "install-warm", ["env"], [venv, install], install
        yield "install-noop", [], [install], install
        yield "sync-noop", [], [sync], sync
        yield "list", [], [], [self.pkg, "list", "--python", "env"]
        yield "uninstall", [], [], [self.pkg, "uninstall", "-y", "-q", "-r", "pins.txt", "--python", "env"]

    def ready(self, name, removed, first):
        """Runs the preparations once to fill caches, then puts back the state in which the counted run begins."""
        for path in removed:
            self.remove(path)
        for command in first:
            self.probes.run(command)
        for path in removed:
            self.remove(path)
        if name == "install-warm":
            self.probes.run(first[0])

    def counts(self, only=()) -> dict[str, int]:
        found = {}
        for name, removed, first, command in self.workloads():
            self.ready(name, removed, first)
            asked = len(self.server.log)
            found[name] = self.probes.instructions(command)
            if len(self.server.log) != asked:
                raise SystemExit(f"{name}: asked the index {len(self.server.log) - asked} times, although the cache "
                                 f"holds everything")
        return found


def compiler_of(build: str) -> str:
    """Which compiler made the program: the first two words of its identity and version, such as `GNU 12`."""
    for path in glob.glob(f"{build}/CMakeFiles/*/CMakeCXXCompiler.cmake"):
        text = open(path).read()
        kind, version = re.search(r'CMAKE_CXX_COMPILER_ID "(\w+)"',
                                  text), re.search(r'CMAKE_CXX_COMPILER_VERSION "(\d+)', text)
        if kind and version:
            return f"{kind[1]} {version[1]}"
    return "unknown"


def tolerance(held: dict, name: str) -> float:
    return held["tolerances"].get(name, held["tolerances"]["default"])["percent"]


def compare(counts: dict[str, int], held: dict) -> list[str]:
    """Prints the table; the workloads that are over their gates."""
    over, gates = [], held.get("gates", {})
    print(f"{'workload':<16} {'instructions':>14} {'gate':>14} {'change':>8}  verdict")
    for name, count in counts.items():
        gate = gates.get(name)
        if gate is None:
            over.append(name)
            print(f"{name:<16} {count:>14,} {'-':>14} {'-':>8}  has no gate yet: --move")
            continue
        change, allowed = (count / gate - 1) * 100, tolerance(held, name)
        verdict = "ok"
        if change > allowed:
            over.append(name)
            verdict = f"OVER by more than {allowed} %: make it cheaper, or --move with the reason"
        elif change < -2 * allowed:
            verdict = "well below: tighten the gate (--move)"
        print(f"{name:<16} {count:>14,} {gate:>14,} {change:>+7.2f}%  {verdict}")
    return over


def move(counts: dict[str, int], held: dict, compiler: str, reason: str) -> None:
    old = held.get("gates", {})
    # What differs by less than the noise of two runs keeps its gate, so that the file shows what really moved.
    same = {name for name, count in counts.items() if name in old and abs(count / old[name] - 1) < NOISE}
    moved = {name: f"{old.get(name, 0):,} -> {count:,}" for name, count in counts.items() if name not in same}
    held["gates"] = {name: old[name] if name in same else count for name, count in counts.items()}
    held["compiler"] = compiler
    held.setdefault("moves", []).insert(0, {"date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
                                            "reason": reason, "moved": moved})
    del held["moves"][HISTORY:]
    with open(GATES, "w") as out:
        out.write(json.dumps(held, indent=2) + "\n")


def main(words=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pkg")
    parser.add_argument("build")
    parser.add_argument("--move", metavar="REASON")
    options = parser.parse_args(words)
    held = json.load(open(GATES))
    compiler = compiler_of(options.build)
    with tempfile.TemporaryDirectory(prefix="pkg-gates-", dir="/tmp") as folder:
        gates = Gates(os.path.abspath(options.pkg), folder)
        with gates.server:
            counts = gates.counts()
    over = compare(counts, held)
    if options.move:
        move(counts, held, compiler, options.move)
        return 0
    if over and compiler != held.get("compiler"):
        print(f"not judged: made by {compiler}, the gates are for {held['compiler']}")
        return 0
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
