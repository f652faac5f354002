"""Runs the slips of mutations.txt against the unit tests of their layers. See scripts/mutate."""
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "build" / "mutate"
LONGEST_S = 300  # a slip may make a test loop for ever


class Slip:
    def __init__(self, layer, file, number):
        self.layer, self.file, self.number = layer, file, number
        self.old, self.new = [], []

    def pattern(self):
        words = " ".join(self.old).split()
        return re.compile(r"\s*".join(re.escape(word) for word in words))

    def __str__(self):
        return f"{self.layer} {self.file}: {' '.join(self.old)[:70]}"


def read_slips():
    slips = []
    for number, line in enumerate((ROOT / "tests/mutation/mutations.txt").read_text().split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("- "):
            slips[-1].old.append(line[2:])
        elif line.startswith("+ "):
            slips[-1].new.append(line[2:])
        else:
            slips.append(Slip(*line.split(), number))
    return slips


def has_place(slip):
    path = ROOT / slip.file
    found = len(slip.pattern().findall(path.read_text())) if path.exists() else 0
    if found != 1:
        print(f"mutations.txt:{slip.number}: found {found} times, expected once: {slip}")
    return found == 1


def changed(slip, text):
    found = list(slip.pattern().finditer(text))
    return text[: found[0].start()] + " ".join(slip.new) + text[found[0].end():]


def copy_tree():
    """The tracked files as they are now; those that did not change keep their times, so that little is built again."""
    names = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True).split("\n")
    wanted = {name for name in names if name and (ROOT / name).is_file()}
    for name in wanted:
        source, target = ROOT / name, PLACE / "tree" / name
        data = source.read_bytes()
        if target.is_file() and target.read_bytes() == data:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        target.chmod(source.stat().st_mode)
    for folder, _, files in os.walk(PLACE / "tree"):
        for name in files:
            path = Path(folder) / name
            if str(path.relative_to(PLACE / "tree")) not in wanted:
                path.unlink()


def build(layer):
    command = ["ninja", "-C", str(PLACE / "out"), f"test_{layer}"]
    return subprocess.run(command, capture_output=True, text=True)


def passes(layer):
    """Whether the layer's tests pass; the first that did not, else."""
    log = PLACE / f"{layer}.log"
    with log.open("w") as output:
        try:
            run = subprocess.run([str(PLACE / "out/tests" / layer / f"test_{layer}"), "--abort-after=1"],
                                 stdout=output, stderr=subprocess.STDOUT, timeout=LONGEST_S, cwd=PLACE)
        except subprocess.TimeoutExpired:
            return False, "ran for too long"
    if run.returncode == 0:
        return True, ""
    before, error, _ = log.read_text(errors="replace").partition(" ERROR: ")
    cases = re.findall(r"TEST CASE: +(.*)", before)  # those without an error only told something, as what they skip
    return False, cases[-1] if cases and error else f"exit {run.returncode}"


def main():
    words = sys.argv[1:]
    slips = read_slips()
    if not all([has_place(slip) for slip in slips]):
        return 1
    print(f"{len(slips)} slips, each finds its place")
    if words == ["--check"]:
        return 0
    if words:
        slips = [slip for slip in slips if any(word in str(slip) for word in words)]
    copy_tree()
    configure = ["cmake", "-S", str(PLACE / "tree"), "-B", str(PLACE / "out"), "-G", "Ninja",
                 "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_FLAGS_DEBUG=-O0", "-DPKG_PRECOMPILED=ON"]
    subprocess.run(configure, check=True, capture_output=True)
    for layer in sorted({slip.layer for slip in slips}):
        if build(layer).returncode != 0:
            raise SystemExit(f"test_{layer} does not build")
        ok, why = passes(layer)
        if not ok:
            raise SystemExit(f"test_{layer} fails without a slip: {why}")
    unnoticed = []
    for slip in slips:
        path = PLACE / "tree" / slip.file
        text = path.read_text()
        start = time.monotonic()
        path.write_text(changed(slip, text))
        try:
            if build(slip.layer).returncode != 0:
                verdict, why = "does not compile", ""
            else:
                ok, why = passes(slip.layer)
                verdict = "UNNOTICED" if ok else "noticed"
        finally:
            path.write_text(text)
        if verdict != "noticed":
            unnoticed.append(slip)
        print(f"{verdict:10} {slip}  [{why}] ({time.monotonic() - start:.0f} s)", flush=True)
    print(f"{len(slips) - len(unnoticed)} noticed, {len(unnoticed)} not")
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
