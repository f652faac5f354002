#!/usr/bin/env python3
"""The second half of docs/reference/variables.md, written from what `pkg config settings --json` prints; and whether
its first half names every variable that the sources look up.

    python3 tests/tools/variables_doc.py PKG            writes it
    python3 tests/tools/variables_doc.py --check PKG    ends with 1 when the page says something else
"""
import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/reference/variables.md"
BEGIN = "<!-- From here on written by tests/tools/variables_doc.py from `pkg config settings`. -->"
LOOKED_UP = re.compile(r"\b(?:getenv|environment_variable|environment|variable|getenv_)\(\s*\"([A-Za-z_]+)\"")
# Where names stand in lists that are looked up one by one.
LISTS = {"venv/discovery.cpp": r'"([A-Z_]{4,})"', "index/http/proxy.cpp": r'"([a-zA-Z_]+_proxy|[A-Z_]+_PROXY)"',
         "src/ops/environment/project_environment.cpp": r'kVariable[^"]*"([A-Z_]+)"',
         "src/cli/options/options_groups.cpp": r'"([A-Z]+_(?:CA_BUNDLE|CERT_FILE|CERT_DIR))"',
         "src/base/user_folders.cpp": r'"(XDG_[A-Z_]+|HOME)"', "index/torch_backend.cpp": r'"(PKG_[A-Z_]+)"'}


def reference(table):
    yield "A flag is on with `1`, `true`, `yes`, `on`, `y` or `t`, in any case. Lists are separated by white space."
    yield "Each variable may begin with `PIP_` instead of `PKG_`; where both are set, `PKG_` wins."
    yield ""
    yield "| variable | value | meaning |"
    yield "|---|---|---|"
    for setting in table["settings"]:
        name = setting["name"].upper().replace("-", "_")
        words = setting["values"].replace("|", " \\| ") if setting["kind"] == "choice" else setting["kind"]
        yield f"| `PKG_{name}` | {words} | {setting['help'].replace('|', chr(92) + '|')} |"


def names_in_sources():
    for folder in ("src", "index", "venv", "resolver"):
        for path in sorted((ROOT / folder).rglob("*.cpp")):
            text = re.sub(r"//.*", "", path.read_text(encoding="utf-8"))
            file = str(path.relative_to(ROOT))
            for pattern in (LOOKED_UP, re.compile(LISTS[file]) if file in LISTS else None):
                for name in pattern.findall(text) if pattern else []:
                    yield name, file


def faults(page):
    written = page.split(BEGIN)[0]
    named = set(re.findall(r"`([A-Za-z_<>]+)`", written))
    seen = dict(names_in_sources())
    for name, file in seen.items():
        if name not in named and name.lower() not in named:
            yield f"docs/reference/variables.md does not have {name}, which {file} looks up"
    if len(seen) < 20:
        yield f"only {len(seen)} variables were found in the sources: {sorted(seen)}"
    sources = "\n".join(path.read_text(encoding="utf-8") for folder in ("src", "index", "venv")
                        for path in (ROOT / folder).rglob("*.cpp"))
    for name in sorted(named):
        if re.fullmatch(r"[A-Z_]{4,}|[a-z]+_proxy", name) and f'"{name}"' not in sources:
            yield f"docs/reference/variables.md has {name}, which no source names"


def main():
    check, pkg = sys.argv[1] == "--check", sys.argv[-1]
    done = subprocess.run([pkg, "config", "settings", "--json"], check=True, stdout=subprocess.PIPE, text=True)
    page = PAGE.read_text(encoding="utf-8")
    wanted = page.split(BEGIN)[0] + BEGIN + "\n\n## Settings as variables\n\n" + "\n".join(
        reference(json.loads(done.stdout))) + "\n"
    if not check:
        PAGE.write_text(wanted, encoding="utf-8")
        return 0
    found = list(faults(page))
    if page != wanted:
        found.append("docs/reference/variables.md is not what the table says: python3 tests/tools/variables_doc.py PKG")
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
