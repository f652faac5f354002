#!/usr/bin/env python3
"""docs/reference/settings.md, written from what `pkg config settings --json` prints: the one table that the parser,
the readers of settings and completion are made of.

    python3 tests/tools/settings_doc.py PKG            writes it
    python3 tests/tools/settings_doc.py --check PKG    ends with 1 when page, --help or completion says otherwise
"""

import json
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/reference/settings.md"
BEGIN = "<!-- From here on written by tests/tools/settings_doc.py from `pkg config settings`. -->"


def output(pkg, *words):
    return subprocess.run([pkg, *words], check=True, stdout=subprocess.PIPE, text=True).stdout


def cell(text):
    return text.replace("|", "\\|")


def row(setting):
    flags = ", ".join(f"`{flag}`" for flag in setting["flags"].replace("!", "").split(","))
    kind = setting["values"].replace("|", " | ") if setting["kind"] == "choice" else setting["kind"]
    usual = f"`{setting['default']}`" if setting["default"] else "–"
    cells = [f"`{setting['name']}`", flags, cell(kind), cell(usual), setting["project_may"], cell(setting["help"])]
    return f"| {' | '.join(cells)} |"


def reference(table):
    lines = [
        BEGIN,
        "",
        "## Table",
        "",
        "| key | options | value | default | in a project | what it does |",
        "|---|---|---|---|---|---|",
    ]
    lines += [row(setting) for setting in table["settings"]]
    lines += [
        "",
        "## Accepted, without effect",
        "",
        "Options of pip that scripts give and pkg needs not. They are taken by every verb and change nothing.",
        "",
        "| option | why |",
        "|---|---|",
    ]
    lines += [
        f"| {', '.join(f'`{flag}`' for flag in option['flags'].split(','))} | {option['why']} |"
        for option in table["accepted"]
    ]
    return "\n".join(lines) + "\n"


def faults(pkg, table):
    """Where --help or completion does not have what the table has."""
    verbs = re.findall(r"^  (\w+) +", output(pkg, "--help"), re.M)
    helps = {verb: output(pkg, verb, "--help") for verb in verbs}
    everything = "\n".join(helps.values())
    for shell in ("bash", "zsh", "fish"):
        if "--help" not in output(pkg, "completion", shell):  # where the scripts take a verb's options from
            yield f"completion for {shell} does not ask --help"
    for setting in table["settings"]:
        names = [flag.strip("!-") for flag in setting["flags"].split(",") if flag.startswith(("--", "!--"))]
        for name in names:
            if not re.search(rf"--{re.escape(name)}\b", everything):
                yield f"no verb's --help has --{name}"
    others = "\n".join(text for verb, text in helps.items() if verb not in ("run", "tool"))  # which ask
    for option in table["accepted"]:
        for flag in option["flags"].split(","):
            if flag.startswith("--") and re.search(rf"^  .*{re.escape(flag)}\b", others, re.M):
                yield f"{flag} is said to have no effect, and --help has it"


def main():
    check, pkg = sys.argv[1] == "--check", sys.argv[-1]
    table = json.loads(output(pkg, "config", "settings", "--json"))
    text = PAGE.read_text()
    wanted = text[: text.index(BEGIN)] + reference(table)
    if not check:
        PAGE.write_text(wanted)
        return 0
    found = list(faults(pkg, table))
    if text != wanted:
        found.append("docs/reference/settings.md is not what the table says: python3 tests/tools/settings_doc.py PKG")
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
