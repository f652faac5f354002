"""Replays the recorded scenarios of pip that need neither a build nor pip's own test data; the failures must be those that docs/conformance.md lists."""
import os, re, subprocess, sys

PKG = os.path.abspath(sys.argv[1])
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VECTORS = os.environ.get("PKG_VECTORS") or f"{ROOT}/fixtures/vectors"

listed = set()
section = ""
for line in open(f"{ROOT}/docs/conformance.md"):
    if line.startswith("## "):
        section = line[3:].strip()
    elif section == "pip_scenarios.json scenarios" and (match := re.match(r"- `([^`]+)`", line)):
        listed.add(match[1])

done = subprocess.run(
    [sys.executable, f"{VECTORS}/replay_pip_scenarios.py", f"{VECTORS}/pip_scenarios.json", "--cmd", PKG, "--jobs", "2"],
    capture_output=True, text=True, env={**os.environ, "PKG_NO_VERIFY_RECORD": "1", "PYTHON311": "/usr/bin/python3.11"})
print(done.stdout, done.stderr)
failed = set(re.findall(r"^FAIL (\S+)", done.stdout, re.M))
if not re.search(r"^\d+ of \d+ scenarios pass", done.stdout, re.M):
    sys.exit("the replay did not run to its end")
for name in sorted(failed - listed):
    print(f"fails, and is not listed in docs/conformance.md: {name}")
for name in sorted(listed - failed):
    print(f"is listed in docs/conformance.md, and passes: {name}")
sys.exit(1 if failed != listed else 0)
