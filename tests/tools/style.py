#!/usr/bin/env python3
"""The rules of the house that a script can check, one function each.

    python3 tests/tools/style.py [--build build/dev] [RULE…]

Prints FILE:LINE and what to do about it. Ends with 1 when a rule is broken, and with 77 when none is but some could
not be checked: without clang-format-14, or without the objects of a build.
"""
import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIBRARIES = ("src", "resolver", "index", "venv")
LINE_LIMIT = 120
EXIT_SKIPPED = 77


class Skipped(Exception):
    """A rule cannot be checked here; the text says what is missing."""


def tracked():
    names = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], check=True, stdout=subprocess.PIPE).stdout
    return [name for name in names.decode().split("\0") if name and (ROOT / name).is_file()]


FILES = tracked()


def is_cpp(name):
    return name.endswith((".h", ".cpp"))


def in_libraries(name):
    return name.split("/")[0] in LIBRARIES


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def line_at(text, offset):
    return text.count("\n", 0, offset) + 1


# ---- format ---------------------------------------------------------------------------------------------------------

def formatting(_):
    """Every C++ file is as clang-format-14 writes it."""
    tool = shutil.which("clang-format-14")
    if not tool:
        raise Skipped("clang-format-14 is not installed")
    names = [name for name in FILES if is_cpp(name)]
    chunks = [names[at:at + 40] for at in range(0, len(names), 40)]

    def check(chunk):
        return subprocess.run([tool, "--dry-run", *chunk], cwd=ROOT, stderr=subprocess.PIPE, text=True).stderr

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        complaints = "".join(pool.map(check, chunks))
    for name in sorted(set(re.findall(r"^(\S+?):\d+:\d+: warning: code should be", complaints, re.M))):
        yield f"{name}: run clang-format-14 -i {name}"


# ---- line limit -----------------------------------------------------------------------------------------------------

def is_limited(name):
    return (is_cpp(name) or name.endswith((".py", ".cmake", ".sh", "CMakeLists.txt")) or
            name.startswith(("scripts/", ".ci/")))


# What may be as wide as it is: raw strings (data of tests, programs in other languages), tables that are not formatted.
WIDE = re.compile(r'R"(\w*)\(.*?\)\1"|// clang-format off.*?// clang-format on', re.S)


def without_wide(name, text):
    return WIDE.sub(lambda wide: "\n" * wide.group().count("\n"), text) if is_cpp(name) else text


def line_limit(_):
    """No line of C++, CMake, Python or shell is longer than 120 characters."""
    for name in filter(is_limited, FILES):
        for number, line in enumerate(without_wide(name, text_of(name)).split("\n"), 1):
            if len(line) > LINE_LIMIT:
                yield f"{name}:{number}: {len(line)} characters, at most {LINE_LIMIT}"


# ---- file names -----------------------------------------------------------------------------------------------------

def header_of(source):
    """The header that declares what `source` defines: X.h beside X.cpp, or Y.h where X begins with Y_."""
    folder, name = os.path.split(source)
    parts = name[:-len(".cpp")].split("_")
    for count in range(len(parts), 0, -1):
        header = f"{folder}/{'_'.join(parts[:count])}.h"
        if (ROOT / header).is_file():
            return header
    return None


def sources_with_header():
    exempt = re.compile(r"src/main\.cpp|src/cli/commands/")
    return [name for name in FILES if name.endswith(".cpp") and in_libraries(name) and not exempt.match(name)]


def header_names(_):
    """A source has its header beside it: X.cpp has X.h, or is a part of Y.h and named Y_….cpp."""
    for source in sources_with_header():
        if header_of(source) is None:
            yield f"{source}: no header beside it has its name, or the beginning of its name before a `_`"


# ---- declarations ---------------------------------------------------------------------------------------------------

SYMBOL = re.compile(r"^([0-9a-f]+) T (pkg::.*)$", re.M)


def without_brackets(name, opening, closing):
    """`name` without what stands in brackets: template arguments, parameters."""
    kept, depth = [], 0
    for letter in name:
        depth += letter == opening
        if depth == 0:
            kept.append(letter)
        depth -= letter == closing and depth > 0
    return "".join(kept)


def function_of(symbol):
    """`pkg::ops::sync(pkg::ops::InstallOptions, …)` → (class or namespace, name); None for what no person wrote."""
    if "(anonymous namespace)" in symbol or "operator" in symbol or "[clone" in symbol or "{lambda" in symbol:
        return None
    name = symbol.replace("[abi:cxx11]", "")
    name = without_brackets(without_brackets(name, "<", ">"), "(", ")").split(" ")[0]
    scope, _, last = name.rpartition("::")
    return scope.rpartition("::")[2], last


def functions_given(built):
    """[(source, class or namespace, name)] of what an object gives to others. The object of a unity build holds several
    sources: its line numbers tell which."""
    listing = subprocess.run(["nm", "-C", "--defined-only", built], check=True, stdout=subprocess.PIPE, text=True)
    found = [(address, function_of(symbol)) for address, symbol in SYMBOL.findall(listing.stdout)]
    found = [(address, *function) for address, function in found if function]
    asked = "\n".join(address for address, _, _ in found)
    lines = subprocess.run(["addr2line", "-e", built], input=asked, check=True, stdout=subprocess.PIPE, text=True)
    places = [os.path.realpath(line.rpartition(":")[0]) for line in lines.stdout.splitlines()]
    return {(os.path.relpath(place, ROOT), scope, name) for place, (_, scope, name) in zip(places, found)
            if os.path.isfile(place)}


def unit_text(header):
    """`header`, its parts beside it (zip.h: zip_format.h too), and the header it is a part of (fs_lock.h: fs.h too)."""
    folder, stem = os.path.split(header[:-len(".h")])
    words = stem.split("_")
    wholes = [f"{folder}/{'_'.join(words[:count])}.h" for count in range(1, len(words))]
    parts = [str(part.relative_to(ROOT)) for part in sorted((ROOT / folder).glob(stem + "_*.h"))]
    return "\n".join(text_of(name) for name in [header, *wholes, *parts] if (ROOT / name).is_file())


def functions_by_source(build):
    """{source: {(class or namespace, name)}} of all objects of the libraries."""
    objects = [str(item) for pattern in ("*.cpp.o", "*.cxx.o") for item in pathlib.Path(build).rglob(pattern)
               if re.search(r"/CMakeFiles/pkg_[a-z]+\.dir/", str(item)) and "/tests/" not in str(item)]
    found = {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for given in pool.map(functions_given, objects):
            for source, scope, name in given:
                found.setdefault(source, set()).add((scope, name))
    return found


def declarations(build):
    """The header of a source declares every function that the source gives to others."""
    if not (shutil.which("nm") and shutil.which("addr2line")):
        raise Skipped("nm and addr2line are not installed")
    functions = functions_by_source(build) if build else {}
    if not functions:
        raise Skipped("no objects with line numbers: give the folder of a build with --build")
    for source in sources_with_header():
        header = header_of(source)
        if header is None:
            continue
        text = unit_text(header)
        declared = set(re.findall(r"~?\w+", text))
        for scope, name in sorted(functions.get(source, ())):
            is_own_class = scope[:1].isupper() and not re.search(rf"\b(class|struct) ([\w:]+::)?{scope}\b[^;]*{{", text)
            if name not in declared and not is_own_class:
                yield f"{source}: {header} does not declare `{name}`"


# ---- includes that a precompiled header hides -----------------------------------------------------------------------

PRECOMPILED = "cmake/precompiled/common.h"
# What a file uses of each header that is precompiled.
USES = {
    "algorithm": r"std::(?:ranges::)?(?:sort|find|find_if|any_of|all_of|none_of|copy|transform|lower_bound|upper_bound|"
                 r"unique|count|equal|min|max|min_element|max_element|reverse|clamp)\b",
    "cstdint": r"std::u?int(?:8|16|32|64)_t\b|std::uintptr_t\b",
    "filesystem": r"std::filesystem\b",
    "functional": r"std::(?:function|hash|less|greater)\b",
    "map": r"std::(?:multi)?map\b",
    "memory": r"std::(?:unique_ptr|shared_ptr|weak_ptr|make_unique|make_shared|addressof)\b",
    "optional": r"std::(?:optional|nullopt)\b",
    "set": r"std::(?:multi)?set\b",
    "span": r"std::span\b",
    "string": r"std::(?:string|to_string)\b",
    "string_view": r"std::string_view\b",
    "unordered_map": r"std::unordered_map\b",
    "utility": r"std::(?:pair|move|exchange|swap|forward|as_const|make_pair)\b",
    "variant": r"std::(?:variant|visit|holds_alternative|get_if|monostate)\b",
    "vector": r"std::vector\b",
}
INCLUDE = re.compile(r'^#include [<"]([^>"]+)[>"]', re.M)


def own_header(name):
    return next((path for path in ("src/" + name, name) if (ROOT / path).is_file()), None)


def reached_headers(name, known):
    """The headers that are not ours among what `name` includes, whatever lies between."""
    if name not in known:
        known[name] = set()  # a circle ends here
        for included in INCLUDE.findall(text_of(name)):
            ours = own_header(included)
            known[name] |= reached_headers(ours, known) if ours else {included}
    return known[name]


def hidden_includes(_):
    """What a file uses of the precompiled headers, it includes, or a header of ours that it includes does."""
    precompiled, known = set(INCLUDE.findall(text_of(PRECOMPILED))), {}
    if precompiled != set(USES):
        yield f"{PRECOMPILED}: style.py knows other headers: {', '.join(sorted(precompiled ^ set(USES)))}"
    for name in FILES:
        if is_cpp(name) and in_libraries(name):
            text = re.sub(r"//.*", "", text_of(name))
            for header in sorted(set(USES) - reached_headers(name, known)):
                if re.search(USES[header], text):
                    yield f"{name}: include <{header}>"


# ---- std::filesystem ------------------------------------------------------------------------------------------------

THROWING = re.compile(
    r"\b(?:stdfs|std::filesystem)::(exists|is_\w+|status|symlink_status|remove|remove_all|rename|create_\w+|file_size|"
    r"canonical|weakly_canonical|absolute|current_path|recursive_directory_iterator|directory_iterator|copy|copy_file|"
    r"copy_symlink|last_write_time|equivalent|read_symlink|relative|proximate|space|permissions|temp_directory_path|"
    r"hard_link_count|resize_file)\b[^()\n]{0,20}\(")
# Files whose calls cannot fail in a way that matters, each with the reason.
MAY_THROW = {}


def arguments_at(text, opening):
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return text[opening + 1:at]
    return text[opening + 1:]


def filesystem(_):
    """std::filesystem is called with an error_code: without one it throws, and nothing here catches that."""
    for name in FILES:
        if not is_cpp(name) or not in_libraries(name) or name in MAY_THROW:
            continue
        text = text_of(name)
        codes = set(re.findall(r"std::error_code&?\s+(\w+)", text))
        for call in THROWING.finditer(text):
            words = set(re.findall(r"\w+", arguments_at(text, call.end() - 1)))
            is_end = call.group(1).endswith("iterator") and not words
            is_of_status = call.group(1).startswith("is_") and words & {"symlink_status", "status"}
            if not words & codes and not is_end and not is_of_status:
                at = line_at(text, call.start())
                yield f"{name}:{at}: `{call.group(1)}` throws: pass an error_code, or use base/fs"
        for loop in re.finditer(r"for \([^;)]*: *(?:stdfs|std::filesystem)::(?:recursive_)?directory_iterator", text):
            yield f"{name}:{line_at(text, loop.start())}: such a loop throws when it goes on: use increment(error_code)"


# ---- what throws ----------------------------------------------------------------------------------------------------

PARSERS = re.compile(r"\bstd::(sto(?:i|l|ll|ul|ull|f|d|ld)|regex\w*|any_cast)\b")
AT = re.compile(r"(?:\.|->)at\((?!\))")
# Where a key or index of at() is certain, or what it throws is caught, each with the reason.
MAY_CALL_AT = {
    "resolver/explain.cpp": "keys are ids that the same function put there",
    "resolver/merge_forks.cpp": "keys are nodes that the same function put there",
    "resolver/build_resolution.cpp": "keys are projects that the same function put there",
    "src/ops/fetch/file_folder.cpp": "keys are names that the same function put there",
    "src/ops/builds/builds.cpp": "SourceUrl::at, which throws nothing",
    "venv/interpreter/interpreter_probe.cpp": "the answer of a program; what is thrown is caught there",
}
CERTAIN_INDEX = re.compile(r"\bversion\.at\([01]\)")  # of an array of three


def throwing(_):
    """Nothing is called whose way to fail is an exception: std::stoi and its like, std::regex, at()."""
    for name in (name for name in FILES if is_cpp(name) and in_libraries(name)):
        text = text_of(name)
        for found in PARSERS.finditer(text):
            yield f"{name}:{line_at(text, found.start())}: std::{found.group(1)} throws: see base/text.h"
        if name in MAY_CALL_AT:
            continue
        for found in AT.finditer(CERTAIN_INDEX.sub("version[0]", text)):
            yield f"{name}:{line_at(text, found.start())}: at() throws: find() or [] with a check"


# ---- words ----------------------------------------------------------------------------------------------------------

def banned_phrases():
    """tests/tools/phrases.txt: `phrase | better words`; a word may be a regular expression. And: of documents alone?"""
    for line in text_of("tests/tools/phrases.txt").splitlines():
        if line and not line.startswith("#"):
            only_docs, line = line.startswith("docs:"), line.removeprefix("docs:")
            phrase, better = (part.strip() for part in line.split(" | ", 1))
            words = r"(?:\s|//|#|\"|\*)+".join(phrase.split())
            yield re.compile(r"\b" + words + r"\b", re.I), better, only_docs


def has_prose(name):
    is_page = name.endswith(".md") and (name.startswith("docs/") or "/" not in name)
    return is_page or (is_cpp(name) and in_libraries(name))


def phrases(_):
    """Documents, help texts and comments have none of the phrases of tests/tools/phrases.txt."""
    banned = list(banned_phrases())
    for name in filter(has_prose, FILES):
        text = text_of(name)
        is_document = name.endswith(".md") and name != "CHANGELOG.md"
        for phrase, better, only_docs in banned:
            for found in phrase.finditer(text) if is_document or not only_docs else ():
                words = " ".join(re.sub(r'[/#"*]+', " ", found.group()).split())
                yield f"{name}:{line_at(text, found.start())}: “{words}”: {better}"


# ---- links ----------------------------------------------------------------------------------------------------------

LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.*)$", re.M)
ANCHOR = re.compile(r"<a (?:name|id)=\"([^\"]+)\"")


def without_code(text):
    """`text` without blocks of code, whose lines stay."""
    return re.sub(r"^```.*?^```", lambda block: "\n" * block.group().count("\n"), text, flags=re.M | re.S)


def anchors_of(name):
    """Headings as code hosts turn them into anchors, and those that are written."""
    text = without_code(text_of(name))
    headings = (re.sub(r"<[^>]*>|\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in HEADING.findall(text))
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings} | set(
        ANCHOR.findall(text))


def links(_):
    """Links between the documents lead to a file and an anchor that are there."""
    for name in (name for name in FILES if name.endswith(".md")):
        text = without_code(text_of(name))
        for found in LINK.finditer(text):
            target, _, anchor = found.group(1).partition("#")
            if "://" in target or target.startswith("mailto:"):
                continue
            file = os.path.normpath(os.path.join(os.path.dirname(name), target)) if target else name
            is_there = (ROOT / file).exists()
            if not is_there or (anchor and file.endswith(".md") and anchor not in anchors_of(file)):
                yield f"{name}:{line_at(text, found.start())}: {found.group(1)} leads nowhere"


REFERENCE = re.compile(r"(?<![\w/])(docs/[\w./-]+\.md)(?:#([\w-]+))?")


def references(_):
    """Code, scripts and tests that name a page of docs, and an anchor in it, name ones that are there."""
    for name in (name for name in FILES if not name.endswith(".md") and not name.startswith("fixtures/")):
        text = text_of(name)
        for found in REFERENCE.finditer(text):
            page, anchor = found.groups()
            if not (ROOT / page).exists() or (anchor and anchor not in anchors_of(page)):
                yield f"{name}:{line_at(text, found.start())}: {found.group()} leads nowhere"


def navigation(_):
    """The site's navigation has every page of docs, and the pages link to nothing outside of docs."""
    listed = set(re.findall(r"^ *- (?:[^:\n]+: )?(\S+\.md)$", text_of(".mkdocs.yml"), re.M))
    for name in (name for name in FILES if name.startswith("docs/") and name.endswith(".md")):
        if name.removeprefix("docs/") not in listed and not name.startswith("docs/internals/decisions/0"):
            yield f"{name} is not in the navigation of .mkdocs.yml"
        for target in LINK.findall(without_code(text_of(name))):
            if "://" not in target and not os.path.normpath(os.path.dirname(name) + "/" + target).startswith("docs"):
                yield f"{name}: {target} leads out of docs"


# ---- the run --------------------------------------------------------------------------------------------------------

RULES = (formatting, line_limit, header_names, declarations, hidden_includes, filesystem, throwing, phrases, links,
         references, navigation)


def run(rule, build):
    """0 kept, 1 broken, EXIT_SKIPPED not checked."""
    try:
        broken = list(rule(build))
    except Skipped as reason:
        print(f"SKIPPED {rule.__name__}: {reason}")
        return EXIT_SKIPPED
    for line in broken:
        print(line)
    print(f"{'FAILED ' if broken else 'ok     '} {rule.__name__}: {rule.__doc__}")
    return 1 if broken else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", help="a build folder, whose objects say which source defines what")
    parser.add_argument("rules", nargs="*", metavar="RULE", help=", ".join(rule.__name__ for rule in RULES))
    options = parser.parse_args()
    unknown = set(options.rules) - {rule.__name__ for rule in RULES}
    if unknown:
        parser.error("no such rule: " + ", ".join(sorted(unknown)))
    codes = [run(rule, options.build) for rule in RULES if not options.rules or rule.__name__ in options.rules]
    return 1 if 1 in codes else EXIT_SKIPPED if EXIT_SKIPPED in codes else 0


if __name__ == "__main__":
    sys.exit(main())
