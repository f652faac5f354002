#!/usr/bin/env python3
"""Kill `pkg tool` at its changing system calls: afterwards the tool is the old one or the new one, whole, and the next
command leaves nothing behind.

    tool_test.py --kill-at build/dev/tests/kill/kill_at --pkg build/dev/pkg     a sample of the points
    … --all                                                                     every point

For install, an install over the old with another --with, upgrade and uninstall: kill before a call; kill the command
that recovers as well; make a call fail. Right after the kill, before anybody recovered, the programs that the old and
the new tool both have must start.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from kill_test import must, run, write_wheel  # noqa: E402  (the wheels' programs are NAME-tool and NAME-script)

MODES = ("kill", "recovery", "ENOSPC", "EIO", "EROFS")


class World:
    """Tools and the user's programs, below one folder; wheels, cache and state beside it."""

    def __init__(self, pkg, kill_at, work):
        self.pkg, self.kill_at, self.work = pkg, kill_at, work
        self.below, self.kept = os.path.join(work, "account"), os.path.join(work, "kept")
        self.tools, self.bin = os.path.join(self.below, "tools"), os.path.join(self.below, "bin")
        self.wheels = os.path.join(work, "wheels")
        os.mkdir(self.wheels)
        os.mkdir(self.below)
        os.environ.update(PKG_TOOL_DIR=self.tools, PKG_BIN_DIR=self.bin, XDG_STATE_HOME=os.path.join(work, "state"),
                          PKG_CACHE_DIR=os.path.join(work, "cache"), PKG_NO_INDEX="1", PKG_FIND_LINKS=self.wheels,
                          PIP_CONFIG_FILE="/dev/null")
        self.points = self.broken = 0

    def tool(self, *words):
        return [self.pkg, "tool", *words]

    def traced(self, options, command):
        return run([self.kill_at, "--below", self.below, *options, "--", *command])

    def recover(self):
        return self.tool("uninstall", "never-installed")  # changes nothing, and is an error

    def state(self):
        """What the user sees: programs with what they lead to, and the packages of each tool."""
        seen = {name: os.readlink(os.path.join(self.bin, name)) for name in sorted(os.listdir(self.bin))} \
            if os.path.isdir(self.bin) else {}
        for name in sorted(os.listdir(self.tools)) if os.path.isdir(self.tools) else []:
            if not name.startswith("."):
                site = os.path.join(self.tools, name, "lib")
                found = []
                for at, folders, _ in os.walk(site):
                    found += [folder for folder in folders if folder.endswith(".dist-info")]
                seen[f"tool {name}"] = tuple(sorted(found))
        return seen

    def litter(self):
        """What nobody leads to."""
        if not os.path.isdir(self.tools):
            return []
        used = {os.path.realpath(os.path.join(self.tools, name)) for name in os.listdir(self.tools)
                if not name.startswith(".")}
        environments = os.path.join(self.tools, ".environments")
        left = [name for name in os.listdir(environments) if os.path.join(os.path.realpath(environments), name)
                not in used]
        left += [name for name in os.listdir(self.tools) if name.startswith(".") and name not in (".lock",
                 ".environments")]
        left += [name for folder in used for name in os.listdir(folder) if name == "links-pending"]
        return left + [name for name in os.listdir(self.bin) if name.startswith(".")] if os.path.isdir(self.bin) \
            else left

    def starts(self, program):
        path = os.path.join(self.bin, program)
        return os.path.exists(path) and subprocess.run([path], capture_output=True).returncode == 0

    def reset(self):
        shutil.rmtree(self.below)
        subprocess.run(["cp", "-a", self.kept, self.below], check=True)

    def complain(self, what):
        self.broken += 1
        print(f"BROKEN {what}", flush=True)

    def settle(self, what, before, after):
        healed = run(self.recover())
        found = self.state()
        if b"never-installed" not in healed.stderr or b"warning" in healed.stderr:
            self.complain(f"{what}: recovering: {healed.stderr.decode()}")
        elif found not in (before, after):
            self.complain(f"{what}: neither old nor new: {found}")
        elif self.litter():
            self.complain(f"{what}: left behind {self.litter()}")

    def at_point(self, verb, command, mode, n, before, after, always):
        what = f"{verb} {mode} at {n}"
        self.points += 1
        self.reset()
        if mode in ("kill", "recovery"):
            self.traced(["--kill", str(n)], command)
        else:
            done = self.traced(["--fail", str(n), mode], command)
            if done.returncode == 0 and self.state() != after:
                self.complain(f"{what}: exit 0, but not the new state: {self.state()}")
            if done.returncode not in (0, 1):
                self.complain(f"{what}: exit code {done.returncode}: {done.stderr.decode()[:300]}")
        for program in always:
            if not self.starts(program):
                self.complain(f"{what}: {program} does not start")
        if mode == "recovery":
            for m in range(1, 200):
                if self.traced(["--kill", str(m)], self.recover()).returncode != 137:
                    break
        self.settle(what, before, after)

    def verb(self, verb, command, always, modes, points):
        """`always`: programs that both states have."""
        before = self.state()
        shutil.rmtree(self.kept, ignore_errors=True)
        subprocess.run(["cp", "-a", self.below, self.kept], check=True)
        counted = os.path.join(self.work, "count")
        done = self.traced(["--count", counted], command)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr.decode()}")
        with open(counted) as text:
            total = int(text.read())
        after = self.state()
        assert before != after, (verb, before)
        for mode in modes:
            every = range(1, total + 1)
            places = every if points is None or points >= total else sorted(random.sample(every, points))
            for n in places:
                self.at_point(verb, command, mode, n, before, after, always)
        print(f"{verb}: {total} changing calls", flush=True)
        self.reset()
        must(command)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kill-at", required=True)
    parser.add_argument("--pkg", required=True)
    parser.add_argument("--points", type=int, default=60, help="how many, over all verbs and modes")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    modes = options.modes.split(",")
    points = None if options.all else max(1, options.points // (4 * len(modes)))
    with tempfile.TemporaryDirectory(prefix="pkg-kill-tool-") as work:
        world = World(os.path.abspath(options.pkg), os.path.abspath(options.kill_at), work)
        for name in ("alpha", "beta"):
            write_wheel(world.wheels, name, "1.0")
        must(world.tool("install", "alpha", "--with", "beta"))  # warms the cache
        must(world.tool("uninstall", "alpha"))
        world.verb("install", world.tool("install", "alpha"), [], modes, points)
        world.verb("install --with", world.tool("install", "alpha", "--with-executables-from", "beta"),
                   ["alpha-script"], modes, points)
        write_wheel(world.wheels, "alpha", "2.0")
        world.verb("upgrade", world.tool("upgrade", "--all"), ["alpha-script", "beta-script"], modes, points)
        world.verb("uninstall", world.tool("uninstall", "alpha"), [], modes, points)
    print(f"{world.points} points, {world.broken} broken")
    sys.exit(1 if world.broken else 0)


if __name__ == "__main__":
    main()
