"""How a command is measured: wall, processor time, memory and page faults; system calls, bytes read, threads and shared
objects (strace); instructions (callgrind); allocations (a preloaded counter). Each probe runs the command once, in an
environment and folder given by the caller."""
import collections, os, re, subprocess, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
READS = {"read", "pread64", "readv", "preadv", "recvfrom", "recvmsg"}
FAILED = "failed ({code}): {command}\n{text}"


class Probes:
    """The probes, their helper programs compiled into `folder`."""

    def __init__(self, folder: str, environment: dict[str, str]):
        self.folder, self.environment = folder, environment
        self.launcher, self.counter = f"{folder}/launch", f"{folder}/count_allocations.so"
        # Containers may forbid it; then addresses, and with them counts, vary a little.
        fixed = ["setarch", "-R"]
        self.fixed_layout = fixed if subprocess.run([*fixed, "true"], capture_output=True).returncode == 0 else []
        subprocess.run(["cc", "-O2", "-o", self.launcher, f"{HERE}/launch.c"], check=True)
        subprocess.run(["cc", "-O2", "-w", "-shared", "-fPIC", "-o", self.counter, f"{HERE}/count_allocations.c"],
                       check=True)

    def run(self, command, extra=None, cwd=None):
        done = subprocess.run(command, env={**self.environment, **(extra or {})}, cwd=cwd or self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
        if done.returncode:
            raise RuntimeError(FAILED.format(code=done.returncode, command=" ".join(command),
                                             text=(done.stdout + done.stderr)[-3000:]))
        return done

    def timed(self, command, cwd=None) -> dict:
        out = f"{self.folder}/figures"
        self.run([self.launcher, out, *command], cwd=cwd)
        wall, user, system, rss, minor, major, switches, _ = open(out).read().split()
        return {"wall_ms": float(wall) * 1e3, "user_ms": float(user) * 1e3, "sys_ms": float(system) * 1e3,
                "cpu_ms": (float(user) + float(system)) * 1e3,
                "rss_mib": int(rss) / 1024, "faults": int(minor) + int(major), "switches": int(switches)}

    def calls(self, command, cwd=None) -> dict:
        """System calls by name, bytes read, threads and processes started, shared objects opened."""
        with tempfile.NamedTemporaryFile(dir=self.folder, suffix=".strace") as log:
            self.run(["strace", "-f", "-qq", "-s", "0", "-o", log.name, *command], cwd=cwd)
            return parse_strace(open(log.name, errors="replace"))

    def instructions(self, command, cwd=None, out="/dev/null") -> int:
        # valgrind shows every machine the same processor, within what the real one has: no SHA or AVX-512 paths.
        # One processor, so that the number of threads is the same everywhere.
        done = self.run(["taskset", "-c", str(min(os.sched_getaffinity(0))), *self.fixed_layout, "valgrind",
                         "--tool=callgrind", f"--callgrind-out-file={out}", *command], cwd=cwd)
        return int(re.search(r"Collected : (\d+)", done.stderr)[1])

    def allocations(self, command, cwd=None) -> dict | None:
        """None when the program has an allocator of its own."""
        out = f"{self.folder}/allocations"
        if os.path.exists(out):
            os.remove(out)
        self.run(command, {"LD_PRELOAD": self.counter, "COUNT_ALLOCATIONS": out}, cwd=cwd)
        rows = [tuple(map(int, line.split())) for line in open(out)] if os.path.exists(out) else []
        calls = sum(row[0] for row in rows)
        return {"allocations": calls, "allocated_kib": sum(row[1] for row in rows) / 1024} if calls > 100 else None


def parse_strace(lines) -> dict:
    names, read, threads, processes, objects, pending = collections.Counter(), 0, 0, 0, set(), {}
    failed = collections.Counter()
    for line in lines:
        match = re.match(r"(\d+) +(?:(\w+)\(|<\.\.\. (\w+) resumed>)(.*)", line)
        if not match:
            continue
        process, begun, resumed, rest = match.groups()
        if begun:
            names[begun] += 1
            if rest.rstrip().endswith("<unfinished ...>"):
                pending[process] = rest
                continue
        name, text = begun or resumed, (pending.pop(process, "") + rest if resumed else rest)
        result = re.search(r"= (-?\d+)(?: ([A-Z]+))?[^=]*$", text)
        value = int(result[1]) if result else 0
        if value < 0:
            failed[f"{name} {result[2]}"] += 1
        if name in READS and value > 0:
            read += value
        if name in ("clone", "clone3", "vfork", "fork") and value > 0:
            threads += "CLONE_THREAD" in text
            processes += "CLONE_THREAD" not in text
        if name == "openat" and value >= 0 and (found := re.search(r'"([^"]*\.so[.\d]*)"', text)):
            objects.add(found[1])
    return {"calls": sum(names.values()), "by_name": names, "failed": failed, "read_kib": read / 1024,
            "threads": threads, "processes": processes, "objects": len(objects)}
