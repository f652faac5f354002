#!/usr/bin/env python3
"""scripts/site builds the documentation: no broken link or anchor, no page outside the navigation, nothing loaded from
another host. Skipped where mkdocs cannot be installed; `links` of tests/tools/style.py checks the links everywhere."""
import os, subprocess, sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

done = subprocess.run([f"{ROOT}/scripts/site"], cwd=ROOT, capture_output=True, text=True)
if done.returncode == 77:
    print(done.stdout.strip() or "SKIPPED: mkdocs cannot be installed")
    sys.exit(77)
print(done.stdout + (done.stderr if done.returncode else ""))
print("FAILED  the site is built" if done.returncode else "ok      the site is built")
sys.exit(done.returncode)
