#!/usr/bin/env python3
"""Kill an installer at its changing system calls and look whether the next command finds the old environment or the new
one, and no litter.

    kill_test.py --kill-at build/dev/tests/kill/kill_at --pkg build/dev/pkg            a sample of the points
    kill_test.py --kill-at … --pkg … --all                                             every point
    kill_test.py --kill-at … --driver build/dev/tests/kill/apply_driver                venv alone
    … --symlink                                                                        with folders linked into the
    store
    … --overlay                                                                        the environment in a lower layer
    of overlayfs, whose folders cannot be renamed; needs a mount namespace, else says SKIPPED and why
    kill_test.py --kill-at … --uv PATH (or --pip PATH) --points 40                     others: 40 kills for each verb

For install, upgrade, reinstall, uninstall, sync, venv --clear and verify --mend: kill before a call; kill the recovery
as well; make a call fail (ENOSPC, EIO, EROFS; EXDEV, where a rename has to be done by copying).

Other installers recover nothing, so they are killed only, and two things are counted: how often the environment is
neither the old one nor the new one then, and how often it is still not the new one when the same command has run again.
Their notes and litter (INSTALLER, RECORD, `~…`) do not count.
"""
import argparse
import base64
import hashlib
import os
import random
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile

MODES = ("kill", "recovery", "ENOSPC", "EIO", "EROFS", "EXDEV")


def wheel_files(name, version, contested=True):
    inner = "two" if version == "2.0" else "one"
    theirs = {"shared/theirs.py": f"# {name} {version}\n"} if contested else {}  # of all, each with its own content
    return {
        **theirs,
        f"{name}/__init__.py": f"version = '{version}'\n",
        f"{name}/same.py": "same = 1\n",
        f"{name}/{inner}/inner.py": inner,
        f"shared/{name}.py": version,
        "shared/__init__.py": "",
        f"{name}_single.py": f"v = '{version}'\n",
        f"{name}-{version}.data/data/share/{name}/doc.txt": version,
        f"{name}-{version}.data/scripts/{name}-script": f"#!python\nprint('{version}')\n",
        f"{name}-{version}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{name}-{version}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: kill\nRoot-Is-Purelib: true\n"
                                             "Tag: py3-none-any\n",
        f"{name}-{version}.dist-info/entry_points.txt": f"[console_scripts]\n{name}-tool = {name}:main\n",
    }


def write_wheel(folder, name, version, contested=True):
    record = f"{name}-{version}.dist-info/RECORD"
    rows = []
    with zipfile.ZipFile(os.path.join(folder, f"{name}-{version}-py3-none-any.whl"), "w") as archive:
        for path, text in wheel_files(name, version, contested).items():
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
            rows.append(f"{path},sha256={digest},{len(text)}\n")
            info = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            info.external_attr = (0o755 if "/scripts/" in path else 0o644) << 16
            archive.writestr(info, text)
        archive.writestr(zipfile.ZipInfo(record, (2020, 1, 1, 0, 0, 0)), "".join(rows) + record + ",,\n")


class Installer:
    """A program over wheels in a folder."""
    contested = True  # some of which ship one path with different content

    def __init__(self, binary, work):
        self.binary, self.env, self.options = binary, os.path.join(work, "layer", "env"), []
        self.wheels, self.cache = os.path.join(work, "wheels"), os.path.join(work, "cache")
        os.mkdir(self.wheels)
        for name in ("alpha", "beta", "gamma"):
            for version in ("1.0", "2.0"):
                write_wheel(self.wheels, name, version, self.contested)

    def asked(self, wanted):
        path = os.path.join(os.path.dirname(self.wheels), "-".join(wanted) + ".txt")
        with open(path, "w") as text:
            text.writelines(word.replace("-", "==") + "\n" for word in wanted)
        return path


class Pkg(Installer):
    def make_env(self):
        must([self.binary, "venv", self.env])

    def sources(self):
        return ["--no-index", "--find-links", self.wheels, "--cache-dir", self.cache]

    def install(self, *wanted):
        return [self.binary, "install", "--python", self.env, *self.sources(), *self.options,
                *(word.replace("-", "==") for word in wanted)]

    def reinstall(self, *wanted):
        return [*self.install(*wanted), "--force-reinstall"]

    def sync(self, *wanted):
        return [self.binary, "sync", "--python", self.env, *self.sources(), *self.options, self.asked(wanted)]

    def clear(self):
        return [self.binary, "venv", "--clear", "--prompt", "anew", "--cache-dir", self.cache, self.env]

    def uninstall(self, *names):
        return [self.binary, "uninstall", "--python", self.env, *names]

    def recover(self):
        # verbs that write recover, others say that it waits
        return [self.binary, "uninstall", "--python", self.env, "never-installed"]

    def move_here(self, *wanted):
        """An environment that was made at another place, and is moved here."""
        place, self.env = self.env, self.env + "-before"
        self.make_env()
        must(self.install(*wanted))
        shutil.rmtree(place)
        os.rename(self.env, place)
        self.env = place

    def mend(self):
        return [self.binary, "verify", "--mend", "--python", self.env, "--cache-dir", self.cache]


class Uv(Installer):
    contested = False  # which one wins there is chance

    def make_env(self):
        must([self.binary, "venv", "--quiet", "--python", sys.executable, self.env])

    def pip(self, *words):
        sources = ["--no-index", "--find-links", self.wheels] if words[0] != "uninstall" else []
        return [self.binary, "pip", words[0], "--python", self.env, "--cache-dir", self.cache, *sources, *words[1:]]

    def install(self, *wanted):
        return self.pip("install", *(word.replace("-", "==") for word in wanted))

    def reinstall(self, *wanted):
        return [*self.install(*wanted), "--reinstall"]

    def sync(self, *wanted):
        return self.pip("sync", self.asked(wanted))

    def clear(self):
        return [self.binary, "venv", "--clear", "--prompt", "anew", "--python", sys.executable, self.env]

    def uninstall(self, *names):
        return self.pip("uninstall", *names)


class Pip(Installer):
    contested = False

    def make_env(self):
        must([sys.executable, "-m", "venv", "--without-pip", self.env])

    def pip(self, *words):
        return [self.binary, "--python", os.path.join(self.env, "bin", "python"), *words]

    def install(self, *wanted):
        return self.pip("install", "--no-compile", "--no-index", "--find-links", self.wheels,
                        *(word.replace("-", "==") for word in wanted))

    def reinstall(self, *wanted):
        return [*self.install(*wanted), "--force-reinstall"]

    def uninstall(self, *names):
        return self.pip("uninstall", "--yes", *names)


class Driver:
    """venv::apply alone."""

    def __init__(self, binary, work):
        self.binary, self.env, self.options = binary, os.path.join(work, "layer", "env"), []
        self.store = os.path.join(work, "store")
        must([binary, "make", self.store])

    def make_env(self):
        must([self.binary, "env", self.env])

    def install(self, *wanted):
        return [self.binary, "install", self.env, self.store, *self.options, *wanted]

    def uninstall(self, *names):
        return [self.binary, "uninstall", self.env, *names]

    def recover(self):
        return [self.binary, "list", self.env]


def environment():
    # LeakSanitizer cannot work below ptrace.
    return {**os.environ, "ASAN_OPTIONS": "detect_leaks=0", "NO_COLOR": "1"}


def run(argv, **more):
    return subprocess.run(argv, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120, **more)


def must(argv):
    done = run(argv)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(argv)}\nexit code {done.returncode}\n{done.stdout.decode()}{done.stderr.decode()}")
    return done


def tree(folder):
    """What an environment is: paths, kinds, modes, bytes. The rest of the state folder is looked at by litter()."""
    found = {}
    for at, folders, files in os.walk(folder):
        if at == os.path.join(folder, ".pkg"):
            folders[:] = [name for name in folders if name == "overwritten"]
            files = [name for name in files if name == "links"]
        for name in folders + files:
            path = os.path.join(at, name)
            if path in (os.path.join(folder, ".pkg"), os.path.join(folder, ".lock")):  # the latter is uv's
                continue
            info = os.lstat(path)
            if stat.S_ISLNK(info.st_mode):
                what = os.readlink(path)
            elif stat.S_ISDIR(info.st_mode):
                what = "folder"
            else:
                with open(path, "rb") as content:
                    what = hashlib.sha256(content.read()).hexdigest()
            found[os.path.relpath(path, folder)] = (stat.S_IFMT(info.st_mode), stat.S_IMODE(info.st_mode), what)
    return found


def difference(found, wanted):
    lines = [f"missing {path}" for path in sorted(wanted.keys() - found.keys())]
    lines += [f"too much {path}" for path in sorted(found.keys() - wanted.keys())]
    lines += [f"altered {path}" for path in sorted(found.keys() & wanted.keys()) if found[path] != wanted[path]]
    return "; ".join(lines[:6])


def litter(env):
    state = os.path.join(env, ".pkg")
    return [name for name in (os.listdir(state) if os.path.isdir(state) else []) if name not in ("lock", "state",
        "history", "links", "overwritten", "origins")]


def what_counts(found):
    """An environment as those see it who use it: without what installers note, and their litter."""
    notes = ("INSTALLER", "RECORD", "REQUESTED", "uv_cache.json")

    def is_note(path):
        parts = path.split(os.sep)
        return (len(parts) > 1 and parts[-2].endswith(".dist-info") and parts[-1] in notes) or any(
            part.startswith(("~", ".tmp")) for part in parts)

    return {path: what for path, what in found.items() if not is_note(path)}


def sample(total, points):
    every = range(1, total + 1)
    return every if points is None or points >= total else sorted(random.sample(every, points))


def mount_overlay(work, lower, at):
    layers = f"lowerdir={lower},upperdir={work}/upper,workdir={work}/scratch"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, at], check=True, stderr=subprocess.PIPE)


def why_no_overlay(work):
    """A reason when this kernel mounts no overlay for us, or its overlay renames folders of a lower layer."""
    lower, at = os.path.join(work, "lower"), os.path.join(work, "try")
    for folder in (lower, at, os.path.join(work, "upper"), os.path.join(work, "scratch")):
        os.mkdir(folder)
    os.mkdir(os.path.join(lower, "folder"))
    try:
        mount_overlay(work, lower, at)
    except (OSError, subprocess.CalledProcessError) as error:
        return f"no overlay can be mounted: {getattr(error, 'stderr', b'').decode().strip() or error}"
    try:
        os.rename(os.path.join(at, "folder"), os.path.join(at, "other"))
        return "this overlay renames folders of a lower layer"
    except OSError:
        return None
    finally:
        subprocess.run(["umount", at], check=True)


def enter_namespace():
    """Runs this program again where it may mount; None when it does already, else its exit code."""
    if os.environ.get("PKG_KILL_NAMESPACE"):
        return None
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL).returncode:
        print("SKIPPED --overlay: no mount namespace can be made here")
        return 0
    inside = {**os.environ, "PKG_KILL_NAMESPACE": "1"}
    return subprocess.run([*unshare, sys.executable, *sys.argv], env=inside).returncode


class Harness:
    def __init__(self, kill_at, tool, work, overlay=False):
        self.kill_at, self.tool, self.work, self.overlay = kill_at, tool, work, overlay
        self.base = os.path.join(work, "base", "env")
        self.points = self.broken = 0
        self.layer, self.mounted = os.path.dirname(tool.env), False

    def traced(self, options, command):
        return run([self.kill_at, "--below", self.tool.env, *options, "--", *command])

    def reset(self):
        """The environment is the one that was kept; with an overlay in its lower layer."""
        if self.overlay:
            return self.mount()
        shutil.rmtree(self.tool.env, ignore_errors=True)  # the driver's key lies beside it, and stays
        os.makedirs(self.layer, exist_ok=True)
        subprocess.run(["cp", "-a", self.base, self.tool.env], check=True)

    def mount(self):
        self.unmount()
        for name in ("upper", "scratch"):
            shutil.rmtree(os.path.join(self.work, name), ignore_errors=True)
            os.mkdir(os.path.join(self.work, name))
        mount_overlay(self.work, os.path.dirname(self.base), self.layer)
        self.mounted = True

    def unmount(self):
        if self.mounted:
            subprocess.run(["umount", self.layer], check=True)
        self.mounted = False

    def keep_as_base(self):
        kept = os.path.join(self.work, "kept")
        subprocess.run(["cp", "-a", self.tool.env, kept], check=True)
        self.unmount()
        shutil.rmtree(os.path.dirname(self.base), ignore_errors=True)
        os.mkdir(os.path.dirname(self.base))
        os.rename(kept, self.base)

    def count(self, command):
        counted = os.path.join(self.work, "count")
        done = self.traced(["--count", counted], command)
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stderr.decode()}")
        with open(counted) as text:
            return int(text.read())

    def complain(self, what):
        self.broken += 1
        print(f"BROKEN {what}", flush=True)

    def settle(self, what, before, after, recover):
        """Let the next command recover; then it has to be one of the two states."""
        healed = run(recover)
        found = tree(self.tool.env)
        if healed.returncode != 0:
            self.complain(f"{what}: recovering failed: {healed.stderr.decode().strip()}")
        elif found != before and found != after:
            self.complain(f"{what}: neither old ({difference(found, before)}) nor new ({difference(found, after)})")
        elif litter(self.tool.env):
            self.complain(f"{what}: left behind {litter(self.tool.env)}")
        else:
            return "old" if found == before else "new"
        return None

    def at_point(self, verb, command, mode, n, before, after, recover):
        what = f"{verb} {mode} at {n}"
        self.points += 1
        self.reset()
        if mode == "kill":
            self.traced(["--kill", str(n)], command)
            self.settle(what, before, after, recover)
        elif mode == "recovery":
            self.traced(["--kill", str(n)], command)
            for m in range(1, 200):  # a recovery that is killed, at a later point each time
                if self.traced(["--kill", str(m)], recover).returncode == 0:
                    break
            self.settle(what, before, after, recover)
        else:
            done = self.traced(["--fail", str(n), mode], command)
            found = tree(self.tool.env)
            errors = [line for line in done.stderr.decode().splitlines() if line.startswith("error")]
            if done.returncode == 0:
                if found != after:
                    self.complain(f"{what}: exit 0, but not the new state: {difference(found, after)}")
            elif done.returncode != 1 or len(errors) != 1:
                self.complain(f"{what}: exit code {done.returncode}, {len(errors)} error lines: "
                              f"{done.stderr.decode()[:300]}")
            elif found != before:
                self.complain(f"{what}: failed, but the old state is not there: {difference(found, before)}")
            self.settle(what, before, after, recover)

    def begin(self, verb, command):
        """The states before and after, and how many calls lie between them."""
        before = tree(self.tool.env)
        self.keep_as_base()
        must(command)
        after = tree(self.tool.env)
        self.reset()
        total = self.count(command)
        if tree(self.tool.env) != after:
            raise SystemExit(f"{verb}: two runs differ: {difference(tree(self.tool.env), after)}")
        return before, after, total

    def verb(self, verb, command, modes, points, recover=None):
        before, after, total = self.begin(verb, command)
        for mode in modes:
            for n in sample(total, points):
                self.at_point(verb, command, mode, n, before, after, recover or self.tool.recover())
        print(f"{verb}: {total} changing calls", flush=True)
        self.reset()
        must(command)

    def killed_and_repeated(self, verb, command, points):
        """For programs that recover nothing: see the top of this file."""
        before, after, total = self.begin(verb, command)
        before, after, places = what_counts(before), what_counts(after), sample(total, points)
        torn = unmended = 0
        for n in places:
            self.reset()
            self.traced(["--kill", str(n)], command)
            torn += what_counts(tree(self.tool.env)) not in (before, after)
            run(command)
            found = what_counts(tree(self.tool.env))
            unmended += found != after
            if found != after:
                print(f"  {verb} at {n}, repeated: {difference(found, after)}")
        print(f"{verb}: {total} changing calls, {len(places)} kills: {torn} neither old nor new, "
              f"{unmended} not new after the same command again", flush=True)
        self.points, self.broken = self.points + len(places), self.broken + unmended
        self.reset()
        must(command)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kill-at", required=True)
    parser.add_argument("--pkg")
    parser.add_argument("--driver")
    parser.add_argument("--uv")
    parser.add_argument("--pip")
    parser.add_argument("--symlink", action="store_true", help="link mode symlink: links are made, split and removed")
    parser.add_argument("--overlay", action="store_true", help="the environment lies in a lower layer of overlayfs")
    parser.add_argument("--points", type=int, default=60,
                        help="how many, over all verbs and modes; of others, for each verb")
    parser.add_argument("--all", action="store_true", help="every point of every mode")
    parser.add_argument("--modes", default=",".join(MODES))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random.seed(options.seed)
    modes = options.modes.split(",")
    if options.overlay:
        code = enter_namespace()
        if code is not None:
            sys.exit(code)
    with tempfile.TemporaryDirectory(prefix="pkg-kill-") as work:
        os.environ["XDG_STATE_HOME"] = os.path.join(work, "state")
        reason = why_no_overlay(work) if options.overlay else None
        if reason:
            print(f"SKIPPED --overlay: {reason}")
            sys.exit(0)
        os.mkdir(os.path.join(work, "layer"))
        tool = make_tool(options, work)
        harness = Harness(os.path.abspath(options.kill_at), tool, work, options.overlay)
        try:
            if options.uv or options.pip:
                run_verbs_of_others(harness, tool, None if options.all else options.points)
            else:
                run_verbs(harness, tool, options, modes)
        finally:
            harness.unmount()
    print(f"{harness.points} points, {harness.broken} broken")
    sys.exit(1 if harness.broken else 0)


def make_tool(options, work):
    for kind, binary in ((Uv, options.uv), (Pip, options.pip), (Pkg, options.pkg), (Driver, options.driver)):
        if binary:
            return kind(os.path.abspath(binary), work)
    raise SystemExit("which program? --pkg, --driver, --uv or --pip")


def run_verbs_of_others(harness, tool, points):
    tool.make_env()
    must(tool.install("alpha-1.0", "beta-1.0", "gamma-1.0"))
    must(tool.install("alpha-2.0", "beta-2.0", "gamma-2.0"))
    must(tool.uninstall("alpha", "beta", "gamma"))
    harness.killed_and_repeated("install", tool.install("alpha-1.0", "beta-1.0"), points)
    harness.killed_and_repeated("upgrade", tool.install("alpha-2.0", "gamma-1.0"), points)
    harness.killed_and_repeated("reinstall", tool.reinstall("alpha-2.0"), points)
    if hasattr(tool, "sync"):
        harness.killed_and_repeated("sync", tool.sync("alpha-1.0", "beta-1.0"), points)
    harness.killed_and_repeated("uninstall", tool.uninstall("alpha", "gamma"), points)
    if hasattr(tool, "clear"):
        harness.killed_and_repeated("clear", tool.clear(), points)


def run_verbs(harness, tool, options, modes):
    tool.make_env()
    must(tool.install("alpha-1.0", "beta-1.0", "gamma-1.0"))  # warms the cache
    must(tool.install("alpha-2.0", "beta-2.0", "gamma-2.0"))
    must(tool.uninstall("alpha", "beta", "gamma"))
    verbs = 7 if options.pkg and not options.symlink else 3
    per_mode = None if options.all else max(1, options.points // (verbs * len(modes)))
    if options.symlink:
        tool.options = ["--symlink"] if options.driver else ["--link-mode", "symlink"]
        must(tool.install("alpha-1.0", "beta-1.0", "gamma-1.0"))  # guards the store
        must(tool.install("alpha-2.0", "beta-2.0", "gamma-2.0"))
        must(tool.uninstall("alpha", "beta", "gamma"))
        must(tool.install("beta-1.0"))
        harness.verb("split", tool.install("alpha-1.0", "gamma-1.0"), modes, per_mode)
        harness.verb("upgrade", tool.install("alpha-2.0", "beta-2.0"), modes, per_mode)
        harness.verb("uninstall", tool.uninstall("alpha", "beta", "gamma"), modes, per_mode)
        return
    harness.verb("install", tool.install("alpha-1.0", "beta-1.0"), modes, per_mode)
    harness.verb("upgrade", tool.install("alpha-2.0", "gamma-1.0"), modes, per_mode)
    if options.pkg:
        harness.verb("reinstall", tool.reinstall("alpha-2.0"), modes, per_mode)
        harness.verb("sync", tool.sync("alpha-1.0", "beta-1.0"), modes, per_mode)
    harness.verb("uninstall", tool.uninstall("alpha", "gamma"), modes, per_mode)
    if options.pkg:
        harness.verb("clear", tool.clear(), modes, per_mode)
        harness.unmount()
        tool.move_here("alpha-1.0", "beta-1.0")
        # What is replaced after the transaction is whole, file by file: a kill leaves some of it to the next mending.
        killing = [mode for mode in modes if mode in ("kill", "recovery")]
        harness.verb("mend", tool.mend(), killing, per_mode, recover=tool.mend())


if __name__ == "__main__":
    main()
