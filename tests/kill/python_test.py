#!/usr/bin/env python3
"""Kill `pkg python install`, `upgrade` and `uninstall` at their changing system calls: after each the old or the new
Pythons are there and whole, the next command finishes, and nothing is left.

    python_test.py --kill-at PROGRAM --pkg PKG [--points N | --all]"""
import argparse, hashlib, io, json, os, random, shutil, subprocess, sys, tarfile, tempfile

MACHINE = os.uname().machine
LIBC = "gnu" if os.path.exists("/lib64/ld-linux-x86-64.so.2") else "musl"


def key(version):
    return f"cpython-{version}-linux-{MACHINE}-{LIBC}"


def archive(version):
    """A fake: its interpreter is a shell script, and a dozen files stand for a library."""
    buffer = io.BytesIO()
    program = f"#!/bin/sh\ncase \"$*\" in *pkg:*) echo 'pkg: cpython {version} -';; *) echo {version};; esac\n"
    files = {"bin/python9.9": program, "bin/pip": "#!/install/bin/python9.9\n", "lib/python9.9/os.py": f"# {version}\n",
             "lib/python9.9/_sysconfigdata_x.py": "build_time_vars = {'prefix': '/install'}\n",
             **{f"lib/python9.9/m{number}.py": f"x = '{version}'\n" for number in range(6)}}
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"python/{name}")
            entry.size, entry.mode = len(text), 0o755 if name.startswith("bin/") else 0o644
            tar.addfile(entry, io.BytesIO(text.encode()))
    return subprocess.run(["gzip", "-n"], input=buffer.getvalue(), capture_output=True, check=True).stdout


class World:
    def __init__(self, options, work):
        self.options, self.work = options, work
        self.root, self.versions = f"{work}/pythons", []
        self.env = {**{k: v for k, v in os.environ.items() if not k.startswith(("PKG_", "PIP_"))},
                    "HOME": work, "XDG_CACHE_HOME": f"{work}/cache", "XDG_STATE_HOME": f"{work}/state",
                    "PKG_PYTHON_DIR": self.root, "PKG_BIN_DIR": f"{work}/bin",
                    "PKG_PYTHON_CATALOG": f"{work}/catalogue.json", "PYENV_ROOT": "/nowhere"}
        os.makedirs(self.root)
        self.points = self.broken = 0

    def offer(self, *versions):
        entries = []
        for version in versions:
            data = archive(version)
            with open(f"{self.work}/{version}.tar.gz", "wb") as file:
                file.write(data)
            entries.append({"implementation": "cpython", "version": version, "platform": f"linux-{MACHINE}",
                            "libc": LIBC, "url": f"{version}.tar.gz", "sha256": hashlib.sha256(data).hexdigest(),
                            "size": len(data)})
        with open(f"{self.work}/catalogue.json", "w") as file:
            json.dump({"schema": 1, "pythons": entries}, file)

    def run(self, *words):
        return subprocess.run([self.options.pkg, "python", *words], env=self.env, cwd=self.work, capture_output=True,
                              text=True, timeout=120)

    def must(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, done

    def state(self):
        """What others see: whole interpreters and links; temporary names are nobody's."""
        found = {}
        for name in sorted(os.listdir(self.root)):
            if name.startswith("."):
                continue
            path = f"{self.root}/{name}"
            if os.path.islink(path):
                found[name] = os.readlink(path)
                continue
            inside = []
            for base, _, files in os.walk(path):
                for file in files:
                    full = os.path.join(base, file)
                    text = os.readlink(full) if os.path.islink(full) else open(full).read()
                    inside.append((os.path.relpath(full, path), text))
            found[name] = sorted(inside)
        return found

    def killed(self, what, words, before, make_before):
        """`before` and what the command makes of it are the only states, links apart, at every point."""
        self.must(*words)
        after = self.state()
        make_before()
        assert self.state() == before, what
        count_file = f"{self.work}/count"
        command = [self.options.kill_at, "--below", self.root]
        tail = ["--", self.options.pkg, "python", *words]

        def traced(*how):
            return subprocess.run([*command, *how, *tail], env=self.env, cwd=self.work, capture_output=True,
                                  timeout=120)

        assert traced("--count", count_file).returncode == 0, what
        total = int(open(count_file).read())
        make_before()
        points = [(number, how) for number in range(1, total + 1) for how in ([], ["--after"])]
        if not self.options.all:
            points = random.sample(points, min(len(points), self.options.points))
        folders = [{n: v for n, v in state.items() if not isinstance(v, str)} for state in (before, after)]
        for number, how in points:
            traced("--kill", str(number), *how)
            self.points += 1
            seen = self.state()
            problems = []
            if {n: v for n, v in seen.items() if not isinstance(v, str)} not in folders:
                problems.append(f"neither the old nor the new folders: {sorted(seen)}")
            problems += [f"{name} leads nowhere" for name, value in seen.items()
                         if isinstance(value, str) and not os.path.exists(f"{self.root}/{value}")]
            done = self.run(*words)
            is_gone = "uninstall" in words and key(words[-1]) not in seen  # nothing is left to do
            if done.returncode != 0 and not is_gone:
                problems.append(f"the next one fails: {done.stderr}")
            if "uninstall" in words:
                self.run("uninstall", "8.8")  # whoever holds the lock clears up
            if self.state() != after:
                problems.append(f"not what it should be: {sorted(self.state())}")
            left = [name for name in os.listdir(self.root) if name.startswith((".new-", ".old-"))]
            if left:
                problems.append(f"left: {left}")
            if problems:
                self.broken += 1
                print(f"BROKEN {what} at {number} {how}: {problems}")
            make_before()
        print(f"{what}: {total} calls, {len(points)} points")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kill-at", required=True)
    parser.add_argument("--pkg", required=True)
    parser.add_argument("--points", type=int, default=12, help="for each of the commands")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.kill_at, options.pkg = os.path.abspath(options.kill_at), os.path.abspath(options.pkg)
    random.seed(options.seed)
    with tempfile.TemporaryDirectory(prefix="pkg-kill-") as work:
        world = World(options, work)

        def clear():
            for name in os.listdir(world.root):
                path = f"{world.root}/{name}"
                shutil.rmtree(path) if os.path.isdir(path) and not os.path.islink(path) else os.remove(path)

        def with_old():
            clear()
            world.offer("9.9.1")
            world.must("install", "9.9")
            world.offer("9.9.1", "9.9.2")

        world.offer("9.9.1")
        world.killed("install", ["install", "9.9"], {}, clear)
        with_old()
        world.killed("reinstall", ["install", "9.9.1", "--reinstall"], world.state(), with_old)
        with_old()
        world.killed("upgrade", ["upgrade", "9.9"], world.state(), with_old)

        def with_both():
            with_old()
            world.must("upgrade")

        with_both()
        world.killed("uninstall", ["uninstall", "9.9.2"], world.state(), with_both)
        print(f"{world.points} points, {world.broken} broken")
        sys.exit(1 if world.broken else 0)


main()
