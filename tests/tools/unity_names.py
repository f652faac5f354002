#!/usr/bin/env python3
"""Names that two sources of one batch of a unity build (PKG_UNITY) define differently in their anonymous namespaces:
what the compiler would say after minutes, said in a second.

    python3 tests/tools/unity_names.py

It reads text, not C++: constants, types and functions with the same parameters at the first column. Ends with 1 when
there are any: give one of them a longer name."""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARIES = ["src/base", "src/pep", "resolver", "index", "venv", "src/builder", "src/lock", "src/ops", "src/cli"]
BATCH = 32  # as in cmake/PkgLibrary.cmake


def name_in(line):
    """(name, what it is) that a line at the first column defines; None: nothing that could clash."""
    if match := re.match(r"(?:template <.*> )?(?:class|struct|enum class|enum|union) (\w+)(?:[^;]*$|[^;]*\{)", line):
        return match[1], "type"
    if match := re.match(r"using (\w+) =\s*(.*)", line):
        return match[1], "alias of " + match[2]
    if re.match(r"(?:inline )?(?:constexpr|const)\b", line) and (match := re.search(r"\b(k[A-Z]\w*)\b", line)):
        return match[1], "constant"
    if match := re.match(r"[\w:<>,*& \[\]]+?[\s*&](\w+)\((.*)", line):
        parameters = match[2].split(") {")[0].rstrip(");")
        return match[1], "function of " + re.sub(r"\s+(\w+)(?=\s*(,|$|=))", "", parameters)
    return None


def names_of(path):
    text = path.read_text(encoding="utf-8")
    for block in re.finditer(r"^namespace \{\n(.*?)^\}  // namespace\n", text, re.M | re.S):
        outer = re.findall(r"^namespace ([\w:]+) \{", text[: block.start()], re.M)
        for line in block[1].splitlines():
            if line and line[0] not in " }/#)" and (found := name_in(line)):
                yield (outer[-1] if outer else "", found[0]), found[1]


def clashes(batch):
    users = collections.defaultdict(dict)
    for path in batch:
        for name, what in names_of(path):
            users[name].setdefault(what, set()).add(path)
    for (space, name), kinds in users.items():
        files = set().union(*kinds.values())
        is_overloaded = all(what.startswith("function") and len(where) == 1 for what, where in kinds.items())
        is_same_alias = len(kinds) == 1 and next(iter(kinds)).startswith("alias")
        if len(files) > 1 and not is_overloaded and not is_same_alias:
            yield f"{space}::{name}: " + ", ".join(sorted(str(path.relative_to(ROOT)) for path in files))


def hidden_types(library):
    """Types of anonymous namespaces that are called as one of the library's headers: ambiguous in a batch."""
    declared = {}
    for header in sorted((ROOT / library).rglob("*.h")):
        text = header.read_text(encoding="utf-8")
        spaces = re.findall(r"^namespace ([\w:]+) \{", text, re.M)
        names = re.findall(r"^(?:class|struct|enum class|enum) (\w+)[^;(]*\{", text, re.M)
        for name in names:
            declared[(spaces[-1] if spaces else "", name)] = header
    for source in sorted((ROOT / library).rglob("*.cpp")):
        for (space, name), what in names_of(source):
            if what == "type" and (space, name) in declared:
                header = declared[(space, name)].relative_to(ROOT)
                yield f"{space}::{name}: {source.relative_to(ROOT)}, and {header} declares that name"


def declared_functions(library):
    """{(namespace, name): header} of functions of the library's headers."""
    declared = {}
    for header in sorted((ROOT / library).rglob("*.h")):
        text = header.read_text(encoding="utf-8")
        spaces = re.findall(r"^namespace ([\w:]+) \{", text, re.M)
        for name in re.findall(r"^[\w:][\w:<>,*& ]*?[\s*&](\w+)\(", text, re.M):
            declared[(spaces[-1] if spaces else "", name)] = header.relative_to(ROOT)
    return declared


def taken_calls(batch, declared):
    """Functions of anonymous namespaces that are called as one of a header, where a later source of the batch calls
    that one: gcc gives it the other without a word."""
    own = [dict.fromkeys(name for (_, name), _ in names_of(source)) for source in batch]
    for at, source in enumerate(batch):
        for (space, name), what in names_of(source):
            if not what.startswith("function") or (space, name) not in declared:
                continue
            for later in range(at + 1, len(batch)):
                called = re.search(rf"(?<![\w.>]){name}\(", batch[later].read_text(encoding="utf-8"))
                if called and name not in own[later]:
                    yield (f"{space}::{name}: {source.relative_to(ROOT)} has its own, and "
                           f"{batch[later].relative_to(ROOT)} means the one of {declared[(space, name)]}")


def main():
    found = []
    for library in LIBRARIES:
        found += hidden_types(library)
        declared = declared_functions(library)
        sources = sorted((ROOT / library).rglob("*.cpp"), key=str)
        for start in range(0, len(sources), BATCH):
            batch = sources[start : start + BATCH]
            found += [*clashes(batch), *taken_calls(batch, declared)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
