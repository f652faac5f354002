#!/usr/bin/env python3
"""Swap folders of an environment for links to elsewhere, as fast as can be, while an installer works there: nothing
elsewhere may change.

    swap_test.py --driver build/dev/tests/kill/apply_driver [--rounds 40]

Each round has one folder that another process swaps all the while, and a few installations and removals. They may fail;
they may not crash.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "system"))
from folder_swap import swapped

SITE = "lib/python3.12/site-packages"
SWAPPED = ("bin", f"{SITE}/alpha", SITE, f"{SITE}/shared", "share", "lib", ".pkg", ".pkg/tx")


def make_canary(folder):
    """Has what the installer would replace or delete if it came here."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in ("alpha/__init__.py", "alpha_single.py", "alpha-tool", "lock", "trash/0"):
        os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
        with open(f"{folder}/{name}", "w") as out:
            out.write("precious")


def content(folder):
    found = {}
    for base, folders, files in os.walk(folder):
        for name in folders:
            found[os.path.relpath(os.path.join(base, name), folder)] = None
        for name in files:
            with open(os.path.join(base, name)) as text:
                found[os.path.relpath(os.path.join(base, name), folder)] = text.read()
    return found


class Harness:
    def __init__(self, driver, work):
        self.driver, self.work, self.broken = os.path.abspath(driver), work, 0
        self.store, self.env, self.canary = f"{work}/store", f"{work}/env", f"{work}/canary"
        self.run("make", self.store)
        self.run("env", f"{work}/empty")

    def run(self, *words):
        environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
        done = subprocess.run([self.driver, *words], env=environment, capture_output=True, text=True, timeout=120)
        if done.returncode not in (0, 1):
            self.complain(f"{' '.join(words)}: exit code {done.returncode}: {done.stderr[:1000]}")

    def complain(self, what):
        self.broken += 1
        print(f"BROKEN {what}", flush=True)

    def round(self, number):
        shutil.rmtree(self.env, ignore_errors=True)
        shutil.copytree(f"{self.work}/empty", self.env, symlinks=True)
        make_canary(self.canary)
        before = content(self.canary)
        if number % 3:
            self.run("install", self.env, self.store, "alpha-1.0", "beta-1.0")
        folder = SWAPPED[number % len(SWAPPED)]
        with swapped(f"{self.env}/{folder}", f"{self.env}/elsewhere", self.canary):
            for version in ("2.0", "1.0"):
                self.run("install", self.env, self.store, f"alpha-{version}", "beta-1.0")
                self.run("uninstall", self.env, "alpha")
        after = content(self.canary)
        if after != before:
            self.complain(f"round {number}, {folder}: "
                          f"{sorted(k for k in before.keys() | after.keys() if before.get(k, 0) != after.get(k, 0))}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--driver", required=True)
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pkg-swap-") as work:
        harness = Harness(options.driver, work)
        for number in range(options.rounds):
            harness.round(number)
    print(f"{options.rounds} rounds, {harness.broken} broken")
    sys.exit(1 if harness.broken else 0)


main()
