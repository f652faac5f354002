#!/usr/bin/env python3
"""The reference part of docs/reference/commands.md, written from what `pkg VERB --help` prints.

    python3 tests/tools/commands_doc.py PKG            writes it
    python3 tests/tools/commands_doc.py --check PKG    ends with 1 when the page says something else

Option groups that several verbs have alike are described once; a verb lists them by name.
"""
import collections
import os
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parents[2] / "docs/reference/commands.md"
BEGIN = "<!-- From here on written by tests/tools/commands_doc.py from --help. -->"
TEXT_COLUMN = 30

Help = collections.namedtuple("Help", "text usage example groups")


def output(pkg, *words):
    environment = {**os.environ, "COLUMNS": "100"}
    return subprocess.run([pkg, *words], check=True, stdout=subprocess.PIPE, text=True, env=environment).stdout


def verbs_of(pkg):
    return re.findall(r"^  (\w+) +", output(pkg, "--help"), re.M)


def option_of(line):
    """`  --name VALUE   text` → (name, text); the text is empty when it begins on the next line."""
    is_on_line = len(line) > TEXT_COLUMN and line[TEXT_COLUMN - 1] == " " and line[TEXT_COLUMN] != " "
    is_on_line = is_on_line and not re.fullmatch(r"[A-Z]+", line[TEXT_COLUMN:])  # a value that begins there
    name, text = (line[:TEXT_COLUMN], line[TEXT_COLUMN:]) if is_on_line else (line, "")
    return [name.strip(), text.strip()]


def description_lines(lines):
    return next(i for i, line in enumerate(lines) if line.startswith("Usage:"))


def parse(text):
    """The parts of a verb's help."""
    groups, group = collections.OrderedDict(), None
    lines = text.splitlines()
    description = text.split("\n\nUsage:")[0].replace("\n", " ")
    for line in lines[description_lines(lines):]:
        if line.startswith("Usage:") or line.startswith("Example:") or not line.strip():
            continue
        if not line.startswith(" "):
            group = line[:-1]
            groups[group] = []
        elif not line.startswith("   "):
            groups[group].append(option_of(line))
        else:
            last = groups[group][-1]
            last[1] = (last[1] + " " + line.strip()).strip()
    usage = next(line[len("Usage:"):].strip() for line in lines if line.startswith("Usage:"))
    example = next((line[len("Example:"):].strip() for line in lines if line.startswith("Example:")), "")
    return Help(description, usage, example, groups)


def shared_groups(helps):
    """Groups that at least three verbs have letter by letter: (name, options) → the verbs."""
    users = collections.OrderedDict()
    for verb, help_ in helps.items():
        for name, options in help_.groups.items():
            users.setdefault((name, tuple(map(tuple, options))), []).append(verb)
    names = collections.Counter()
    shared = collections.OrderedDict()
    for (name, options), verbs in users.items():
        if len(verbs) >= 3 and name not in ("Options", "Arguments"):
            names[name] += 1
            title = name if names[name] == 1 else f"{name} ({', '.join(first_spelling(one[0]) for one in options)})"
            shared[name, options] = title
    return shared


def first_spelling(name):
    return max(re.findall(r"-[\w-]+", name.split(" ")[0] + " " + name), key=len) if name.startswith("-") else name


def cell(text):
    return text.replace("|", "\\|")


def table(options):
    yield "| option | meaning |"
    yield "|---|---|"
    for name, text in options:
        yield f"| `{cell(name)}` | {cell(text)} |"


def anchor(title):
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def reference(pkg):
    helps = {verb: parse(output(pkg, verb, "--help")) for verb in verbs_of(pkg)}
    shared = shared_groups(helps)
    yield "## Verbs"
    for verb, help_ in helps.items():
        yield from ["", f"### pkg {verb}", "", help_.text, "", "```usage", help_.usage]
        yield from ([f"{help_.example}    # for example"] if help_.example else [])
        yield "```"
        own, titles = [], []
        for name, options in help_.groups.items():
            title = shared.get((name, tuple(map(tuple, options))))
            titles += [title] if title else []
            own += [] if title else options
        if own:
            yield from ["", *table(own)]
        if titles:
            yield from ["", "And: " + ", ".join(f"[{title}](#{anchor(title)})" for title in titles) + "."]
    yield from ["", "## Options that verbs share"]
    for (_, options), title in shared.items():
        yield from ["", f"### {title}", "", *table(options)]


def main():
    words = sys.argv[1:]
    only_check = words[:1] == ["--check"]
    pkg = words[-1]
    page = PAGE.read_text(encoding="utf-8")
    written = page.split(BEGIN)[0] + BEGIN + "\n\n" + "\n".join(reference(pkg)) + "\n"
    if not only_check:
        PAGE.write_text(written, encoding="utf-8")
    elif written != page:
        print("docs/reference/commands.md does not say what --help says: python3 tests/tools/commands_doc.py", pkg)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
