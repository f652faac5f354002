"""Replays the recorded scenarios of pip that do not need pip's own test data, those that build included; the failures
must be those that docs/internals/conformance.md lists.

The environment in which they start has setuptools and wheel on its path, by a .pth file: importable for builds without
isolation, and installed for nobody."""
import os, re, shutil, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import build_tools

PKG = os.path.abspath(sys.argv[1])
ONLY = sys.argv[3] if len(sys.argv) > 3 else ""
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VECTORS = os.environ.get("PKG_VECTORS") or f"{ROOT}/fixtures/vectors"
PYTHON = shutil.which("python3.11") or "/usr/bin/python3.11"


def listed_failures():
    listed, section = set(), ""
    for line in open(f"{ROOT}/docs/internals/conformance.md"):
        if line.startswith("## "):
            section = line[3:].strip()
        elif section == "pip_scenarios.json scenarios" and (match := re.match(r"- `([^`]+)`", line)):
            listed.add(match[1])
    return listed


def template(folder):
    """(an environment to start from, a folder of build tools' wheels)"""
    tools, environment = f"{folder}/tools", f"{folder}/venv"
    if not build_tools.make(tools):
        sys.exit("the Debian packages python3-setuptools-whl and python3-wheel are needed")
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", environment], check=True)
    build_tools.unpack(tools, f"{folder}/unpacked")
    site = f"{environment}/lib/python3.11/site-packages"
    with open(f"{site}/build_tools.pth", "w") as out:
        out.write(f"{folder}/unpacked\n")
    # As an installed setuptools does: `distutils` is setuptools' own, not the one that Debian changed.
    shutil.copy(f"{folder}/unpacked/distutils-precedence.pth", site)
    return environment, tools


with tempfile.TemporaryDirectory(prefix="pkg-scenarios-") as folder:
    environment, tools = template(folder)
    done = subprocess.run(
        [sys.executable, f"{VECTORS}/replay_pip_scenarios.py", f"{VECTORS}/pip_scenarios.json", "--cmd", PKG, "--jobs",
         "2",
         "--venv-template", environment, "--buildwheels", tools, "--only", ONLY],
        capture_output=True, text=True, env={**os.environ, "PKG_NO_VERIFY_RECORD": "1"})
print(done.stdout, done.stderr)
failed = set(re.findall(r"^FAIL (\S+)", done.stdout, re.M))
if not re.search(r"^\d+ of \d+ scenarios pass", done.stdout, re.M):
    sys.exit("the replay did not run to its end")
listed = {name for name in listed_failures() if ONLY in name}
for name in sorted(failed - listed):
    print(f"fails, and is not listed in docs/internals/conformance.md: {name}")
for name in sorted(listed - failed):
    print(f"is listed in docs/internals/conformance.md, and passes: {name}")
sys.exit(1 if failed != listed else 0)
