#!/usr/bin/env python3
"""Counts the public functions that can fail and whose comment names their errors.

    python3 tests/tools/errors_named.py             a table by layer
    python3 tests/tools/errors_named.py --list venv the declarations of a layer that name none
    python3 tests/tools/errors_named.py --check     ends with 1 when a layer is below what it has reached (GOALS)

A function that returns Result or Status counts as named when an ErrorKind (base/result.h) stands in the comment above
it or behind it, in the comment above its class, or in the comment at the top of its header: one sentence may serve a
whole header ("Errors are bad_data with file and line"). Words that are English too (network, build …) count only where
the comment speaks of errors.
"""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYERS = ("src/base", "src/pep", "resolver", "index", "venv", "src/builder", "src/lock", "src/ops", "src/cli")
GOALS = {"src/base": 95, "src/pep": 95, "resolver": 90, "index": 95, "venv": 90, "src/builder": 85, "src/lock": 90,
         "src/ops": 85, "src/cli": 84}

DECLARATION = re.compile(
    r"^(?P<indent> *)(?:static |virtual |inline |friend |explicit |template <[^>]*> )*"
    r"(?P<type>Result<.*?>|Status) (?P<name>~?\w+)\((?P<rest>.*)$")
PLAIN_KINDS = re.compile(r"\b(bad_data|not_found|hash_mismatch|io|busy|unsupported|interrupted)\b")
LISTED_KINDS = re.compile(r"\b(usage|conflict|network|build|internal)(:| ·)")
OTHER_KINDS = re.compile(r"\b(usage|conflict|network|build|internal)\b")
ERRORS = re.compile(r"\b(errors?|fails?)\b", re.I)

Function = collections.namedtuple("Function", "file line name is_named")


def names_errors(comment):
    speaks_of_errors = ERRORS.search(comment) and OTHER_KINDS.search(comment)
    return bool(PLAIN_KINDS.search(comment) or LISTED_KINDS.search(comment) or speaks_of_errors or
                re.search(r"\b[Ee]rrors?( are|:| is)", comment))


def comment_above(lines, at):
    """The comment above line `at`, or above the declarations without a gap that it stands among."""
    words = []
    while at > 0 and lines[at - 1].strip():
        at -= 1
        line = lines[at].strip()
        if line.startswith("//"):
            words.append(line)
        elif words or re.match(r"(class|struct|namespace|public:|private:|enum)\b", line) or line == "}":
            break
    return " ".join(reversed(words))


def behind(line):
    return line[line.index("//"):] if "//" in line else ""


def statement(lines, at):
    """The declaration that begins at line `at`, with the comments behind its lines."""
    text = ""
    for line in lines[at:at + 12]:
        text += line + "\n"
        if ";" in line or line.rstrip().endswith("{"):
            break
    return text


def class_comment(lines, at):
    """The comment above the class that the indented line `at` is in."""
    for above in range(at, -1, -1):
        if re.match(r"(class|struct) \w+[^;]*$", lines[above]):
            return comment_above(lines, above)
    return ""


def functions_of(path):
    lines = path.read_text(encoding="utf-8").split("\n")
    top = []
    for line in lines[1:]:
        if not line.startswith("//"):
            break
        top.append(line)
    is_public = True
    for at, line in enumerate(lines):
        if re.match(r"class \w+", line):
            is_public = False
        elif re.match(r"struct \w+|};|}", line) or line.strip() == "public:":
            is_public = True
        elif line.strip() in ("private:", "protected:"):
            is_public = False
        found = DECLARATION.match(line)
        if not found or not is_public:
            continue
        comment = " ".join([" ".join(top), comment_above(lines, at)] + [behind(one) for one in
                                                                         statement(lines, at).split("\n")])
        if found["indent"]:
            comment += " " + class_comment(lines, at)
        yield Function(path.relative_to(ROOT).as_posix(), at + 1, found["name"], names_errors(comment))


def layer_of(name):
    return next((layer for layer in LAYERS if name.startswith(layer + "/")), None)


def main():
    by_layer = {layer: [] for layer in LAYERS}
    for layer in LAYERS:
        for path in sorted((ROOT / layer).rglob("*.h")):
            by_layer[layer] += functions_of(path)
    words = sys.argv[1:]
    if words[:1] == ["--list"]:
        for function in (one for layer in words[1:] for one in by_layer[layer] if not one.is_named):
            print(f"{function.file}:{function.line}: {function.name}")
        return 0
    below = 0
    for layer, functions in by_layer.items():
        named = sum(one.is_named for one in functions)
        share = 100 * named // len(functions) if functions else 100
        goal = GOALS.get(layer, 0)
        below += share < goal
        print(f"{layer:12} {named:4} of {len(functions):4} {share:4} %" + (f"  (at least {goal} %)" if goal else ""))
    return 1 if below and words[:1] == ["--check"] else 0


if __name__ == "__main__":
    sys.exit(main())
