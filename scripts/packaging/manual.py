#!/usr/bin/env python3
"""Manual pages and completions, written from what a binary says of itself.

    python3 scripts/packaging/manual.py PKG FOLDER

writes FOLDER/man/man1/pkg.1.gz, pkgpy-VERB.1.gz for each verb (pkg-config.1 is another program's), and completions
where the shells look for them below FOLDER. The same binary gives the same bytes: the date is SOURCE_DATE_EPOCH's.
"""
import gzip
import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tests/tools"))
import commands_doc  # noqa: E402  how a verb's --help is read

ABOUT = "install Python packages, make environments, lock them"
COMPLETIONS = {
    "bash": "bash-completion/completions/pkg",
    "zsh": "zsh/site-functions/_pkg",
    "fish": "fish/vendor_completions.d/pkg.fish",
}


def roff(text):
    """Text that stands for itself."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return "\\&" + text if text.startswith(".") else text


def header(name, version):
    date = time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))))
    yield f'.TH {name.upper().replace("-", chr(92) + "-")} 1 "{date}" "pkg {version}" "pkg manual"'


def see_also(names):
    yield ".SH SEE ALSO"
    yield ",\n".join(f".BR {roff(name)} (1)" for name in names).replace(",\n", " ,\n")


def verb_page(verb, help_, version):
    name = "pkgpy-" + verb
    yield from header(name, version)
    yield from [".SH NAME", f"{roff(name)} \\- {roff(help_.text)}"]
    yield from [".SH SYNOPSIS", f".B {roff(help_.usage)}"]
    for title, options in help_.groups.items():
        yield f".SH {roff('ARGUMENTS' if title == 'Positionals' else title.upper())}"
        for option, text in options:
            yield from [".TP", f".B {roff(option)}", roff(text) if text else "\\&"]
    if help_.example:
        yield from [".SH EXAMPLE", ".nf", roff(help_.example), ".fi"]
    yield from see_also(["pkg"])


def main_page(helps, version):
    yield from header("pkg", version)
    yield from [".SH NAME", f"pkg \\- {ABOUT}", ".SH SYNOPSIS", ".B pkg", ".I VERB", "[OPTIONS] [WORDS]"]
    yield from [".SH DESCRIPTION",
                "A Python package manager and dependency resolver: what pip, venv and a lock tool do.",
                "Each verb has a page of its own."]
    yield ".SH VERBS"
    for verb, help_ in helps.items():
        yield from [".TP", f".BR pkg\\-{roff(verb)} (1)", roff(help_.text)]
    yield from [".SH EXAMPLE", ".nf", roff("pkg venv --python 3.12"), roff("pkg install numpy"), ".fi"]
    yield from see_also(f"pkgpy-{verb}" for verb in helps)


def write(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), compresslevel=9, mtime=0))


def main():
    pkg, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    version = commands_doc.output(pkg, "--version").split()[1]
    helps = {verb: commands_doc.parse(commands_doc.output(pkg, verb, "--help")) for verb in commands_doc.verbs_of(pkg)}
    pages = folder / "man/man1"
    write(pages / "pkg.1.gz", main_page(helps, version))
    write(pages / "pkgpy.1.gz", [".so man1/pkg.1"])  # the command's other name
    write(pages / "pkgx.1.gz", [".so man1/pkgpy-tool.1"])  # `pkg tool run`
    for verb, help_ in helps.items():
        write(pages / f"pkgpy-{verb}.1.gz", verb_page(verb, help_, version))
    for shell, name in COMPLETIONS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(subprocess.run([pkg, "completion", shell], check=True, stdout=subprocess.PIPE).stdout)


if __name__ == "__main__":
    main()
