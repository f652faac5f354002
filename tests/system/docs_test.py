#!/usr/bin/env python3
"""Runs the documentation. Every ```sh and ```console block of the user's pages and of README.md runs, line by line and
in order, in one folder and one shell per page, against a loopback index that has the projects which the pages name.

    docs_test.py PKG BUILD_FOLDER [WORD ...]     only pages whose path has one of the words

A block ```console has lines `$ command` and what they print: those lines have to appear in that order; `…` stands for
anything. What a page says to this test stands in comments, which are obeyed in order:

    <!-- test
    folder NAME            work in a new folder from here on
    file PATH              a file, with the lines below, indented by four
    env NAME=VALUE         a variable
    run COMMAND            a command that readers do not see
    need PROGRAM           the rest of the page is skipped where there is none
    exit N                 the last command of the next block ends so
    skip REASON            the next block is not run
    -->

Lines that cannot run here (docker, other tools) stand in blocks of another language. The test counts those, and no
`text` block may hide a `pkg` command. Second half: each `pkg VERB --option` that any page names exists, and so do
variables, and the errors that docs/troubleshooting.md quotes."""
import collections, concurrent.futures, os, re, shlex, shutil, subprocess, sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import doc_pages
from support import Index, PKG, Place, wheel

SHOWN = ("README.md", "docs/*.md", "docs/start/*.md", "docs/guides/*.md", "docs/concepts/*.md", "docs/reference/*.md",
         "docs/*/decisions/*.md")
RUN = ("sh", "console")
SECONDS_PER_PAGE = 300
PAGES_AT_A_TIME = 3


# ---- the world ------------------------------------------------------------------------------------------------------

def script(name, text):
    return {"entry_points": f"[console_scripts]\n{name} = {name}_main:main\n",
            "files": {f"{name}_main.py": f"def main():\n    print({text!r})\n", f"{name}/__init__.py": ""}}


def public_wheels():
    plain = ["numpy 1.26.4", "numpy 2.1.3", "numpy 2.2.0", "pandas 2.2.3 numpy>=1.26", "idna 3.6", "idna 3.10",
             "sniffio 1.3.1", "anyio 4.6.2 idna>=2.8 sniffio>=1.1", "certifi 2024.8.30", "h11 0.14.0",
             "httpcore 1.0.7 certifi h11", "httpx 0.27.2 anyio certifi httpcore idna",
             "httpx 0.28.1 anyio certifi httpcore idna", "urllib3 1.26.20", "urllib3 2.2.3",
             "requests 2.32.3 urllib3>=1.21 idna certifi", "flask 3.0.3 werkzeug>=3 jinja2>=3.1 click>=8.1",
             "flask 3.1.0 werkzeug>=3 jinja2>=3.1 click>=8.1", "werkzeug 3.1.3", "jinja2 3.1.4 markupsafe>=2",
             "markupsafe 3.0.2", "click 8.1.7", "rich 13.9.4", "torch 2.5.1", "torchvision 0.20.1 torch",
             "starlette 0.41.3 anyio", "gunicorn 23.0.0", "setuptools 75.6.0", "wheel 0.45.1", "pip 24.3.1",
             "django 5.1.3", "attrs 24.2.0", "scipy 1.14.1 numpy", "matplotlib 3.9.2 numpy", "pytest-cov 6.0.0 pytest",
             "clash-a 1.0 urllib3<2", "clash-b 1.0 urllib3>=2", "typing-extensions 4.12.2"]
    for row in plain:
        name, version, *requires = row.split()
        yield wheel(name, version, requires=requires)
    yield wheel("fastapi", "0.115.5", requires=["starlette", "uvicorn ; extra == 'standard'"], extras=["standard"])
    for name, version, text in (("uvicorn", "0.32.1", "uvicorn"), ("pytest", "8.3.3", "1 passed"),
                                ("ruff", "0.8.0", "All checks passed!"), ("black", "24.10.0", "black, 24.10.0"),
                                ("cowsay", "6.1", "moo"), ("mypy", "1.13.0", "Success: no issues found")):
        yield wheel(name, version, **script(name, text))
    yield wheel("win-only", "1.0", tag="cp312-cp312-win_amd64")
    yield wheel("future", "2.0", requires_python=">=3.99")


def corp_wheels():
    yield wheel("corp-tool", "1.4.0", requires=["requests"])
    yield wheel("corp-lib", "2.0.0")


class World:
    """The two indexes of the pages: everybody's, and a company's that wants a login."""

    def __init__(self):
        self.public = Index(public_wheels(), answer=self.of_torch)
        for files in self.public.projects.values():
            for file_name, _ in files:
                self.public.uploaded[file_name] = "2024-11-01T00:00:00Z"
        self.corp = Index(corp_wheels(), answer=self.login)
        for index in (self.public, self.corp):
            index.server.handle_error = lambda *_: None  # a client that has what it wanted hangs up

    def of_torch(self, path, headers):
        found = re.fullmatch(r"/torch/cpu/([^/]+)/", path)
        files = self.public.projects.get(found[1]) if found else None
        return self.public.page(found[1], files, headers) if files else None

    @staticmethod
    def login(_, headers):
        if "Authorization" not in headers:
            return 401, {"WWW-Authenticate": 'Basic realm="corp"'}, b""
        return None

    def here(self, text):
        """`text` with the addresses that pages name turned into those of this run."""
        text = text.replace("https://index.example/simple/", self.public.url)
        text = text.replace("https://index.example/torch/", self.public.url.replace("/simple/", "/torch/"))
        return text.replace("https://corp.example/", self.corp.url.removesuffix("simple/"))


# ---- a page ---------------------------------------------------------------------------------------------------------

Step = collections.namedtuple("Step", "line command exit expected")


def commands_of(piece):
    """(line, command, what it prints) of a block."""
    if piece.info == "sh":
        for number, row in doc_pages.joined(piece.text.splitlines()):
            if row.strip() and not row.lstrip().startswith("#"):
                yield piece.line + 1 + number, row, []
        return
    rows = piece.text.splitlines()
    starts = [i for i, row in enumerate(rows) if row.startswith("$ ")]
    for start, end in zip(starts, [*starts[1:], len(rows)]):
        yield piece.line + 1 + start, rows[start][2:], rows[start + 1:end]


def steps_of(text, excluded):
    """The steps of a page, and in `excluded` what is not run."""
    wanted_exit, skipped = 0, False
    for piece in doc_pages.pieces(text):
        if piece.kind == "test":
            for step in directives(piece):
                if step[0] == "exit":
                    wanted_exit = int(step[1])
                elif step[0] == "skip":
                    skipped = True
                else:
                    yield Step(piece.line, step[1], 0, [])
        elif piece.info not in RUN or skipped:
            excluded[f"{piece.info or 'no language'}{', said to skip' if skipped else ''}"] += 1
            skipped = False
        else:
            found = list(commands_of(piece))
            for i, (line, command, expected) in enumerate(found):
                yield Step(line, command, wanted_exit if i + 1 == len(found) else 0, expected)
            wanted_exit = 0


def directives(piece):
    """Comments as (word, value); what the shell does for it, where it is for the shell."""
    rows = piece.text.splitlines()
    while rows:
        word, _, value = rows.pop(0).strip().partition(" ")
        if word in ("exit", "skip"):
            yield word, value
        elif word == "folder":
            yield "sh", f'mkdir -p "$PAGE/{value}" && cd "$PAGE/{value}"'
        elif word == "file":
            content = []
            while rows and (rows[0].startswith("    ") or not rows[0].strip()):
                content.append(rows.pop(0)[4:])
            folder = os.path.dirname(value) or "."
            text = shlex.quote("\n".join(content) + "\n")
            yield "sh", f"mkdir -p {folder} && printf %s {text} > {shlex.quote(value)}"
        elif word == "env":
            name, _, text = value.partition("=")
            yield "sh", f"export {name}={shlex.quote(text)}"
        elif word == "run":
            yield "sh", value
        elif word == "need":
            yield "sh", f'command -v {value} >/dev/null || {{ echo "{value}" >"$PAGE.skipped"; exit 0; }}'
        elif word:
            raise ValueError(f"line {piece.line}: what does `{word}` mean?")


def missing_line(expected, out):
    """The first line of `expected` that `out` does not have after those before it; None: all are there."""
    rest = iter(out.splitlines())
    for row in (row for row in expected if row.strip() and row.strip() != "…"):
        pattern = re.compile(".*".join(re.escape(part) for part in row.rstrip().split("…")))
        if not any(pattern.fullmatch(line.rstrip()) for line in rest):
            return row
    return None


def run_page(world, page, place, excluded):
    """(how many commands ran, faults)."""
    steps = list(steps_of(doc_pages.text_of(page), excluded))
    if not steps:
        return 0, []
    binaries, logs = f"{place.path}/bin", f"{place.path}/logs"
    os.mkdir(binaries), os.mkdir(logs)
    os.symlink(PKG, f"{binaries}/pkg")
    rows = [f'PAGE={shlex.quote(place.work)}; cd "$PAGE"']
    for i, step in enumerate(steps):
        rows.append(f"{{\n{world.here(step.command)}\n}} >{logs}/{i} 2>&1 </dev/null\n"
                    f"code=$?; echo $code >{logs}/{i}.code; [ $code -eq {step.exit} ] || exit")
    environment = place.environment({"PKG_INDEX_URL": world.public.url, "PATH": f"{binaries}:/usr/bin:/bin"})
    environment.pop("XDG_CONFIG_HOME", None)
    subprocess.run(["bash", "-c", "\n".join(rows)], env=environment, timeout=SECONDS_PER_PAGE, check=False)
    if os.path.exists(f"{place.work}.skipped"):
        print(f"SKIPPED {page}: there is no {open(f'{place.work}.skipped').read().strip()}")
    return outcome(page, steps, logs, os.path.exists(f"{place.work}.skipped"))


def outcome(page, steps, logs, was_skipped):
    done = 0
    for i, step in enumerate(steps):
        if not os.path.exists(f"{logs}/{i}.code"):
            return done, [] if was_skipped else [f"{page}:{step.line}: the shell ended at: {step.command}"]
        code, out = int(open(f"{logs}/{i}.code").read()), open(f"{logs}/{i}").read()
        if code != step.exit:
            return done, [f"{page}:{step.line}: {step.command}\n  exit {code}, not {step.exit}\n{out}"]
        row = missing_line(step.expected, out)
        if row is not None:
            return done, [f"{page}:{step.line}: {step.command}\n  does not print: {row}\n{out}"]
        done += 1
    return done, []


# ---- all of them ----------------------------------------------------------------------------------------------------

def hidden_commands(page):
    """Commands of pkg in blocks that nobody runs."""
    for piece in doc_pages.pieces(doc_pages.text_of(page)):
        if piece.kind == "block" and piece.info in ("text", ""):
            for number, row in enumerate(piece.text.splitlines()):
                if re.match(r"\s*(\$ )?pkg ", row):
                    kind = piece.info or "nameless"
                    yield f"{page}:{piece.line + 1 + number}: a `{kind}` block hides a command: {row}"


def invented_errors():
    """Headings of docs/troubleshooting.md that quote what no source says. `…` stands for what differs."""
    literal = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
    said = ["No space left on device", "Permission denied"]  # the C library's
    for folder in ("src", "index", "venv", "resolver"):
        for path in sorted((doc_pages.ROOT / folder).rglob("*.cpp")):
            said.append(literal.sub(r"\1", re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8"))))
    text = "\n".join(said)
    page = doc_pages.text_of("docs/troubleshooting.md")
    for heading in re.findall(r"^### `(.*)$", page, re.M):
        pieces = [piece.strip() for piece in heading.rstrip("`").split("…")]
        for piece in (piece for piece in pieces if len(piece) > 3):
            words = piece.split(" ")  # what is put together of two literals counts, too
            halves = [(" ".join(words[:i]), " ".join(words[i:])) for i in range(1, len(words))]
            if piece not in text and not any(a in text and b in text for a, b in halves):
                yield f"docs/troubleshooting.md: no source says “{piece}”"


def missing_words(page, verbs):
    """Verbs and options that a page names and pkg does not have."""
    for line, words in doc_pages.commands_in(doc_pages.text_of(page)):
        if fault := verbs.fault(words):
            yield f"{page}:{line}: `pkg {words}`: {fault}"


OTHER_VARIABLES = re.compile(r"PKG_INDEX(_CORP_\w+)?|PKG_CONFIG|PKG_DEFAULT_INDEX_URL")  # named indexes; building pkg


def unknown_variables():
    """`PKG_…` in the user's pages that docs/reference/variables.md does not have."""
    known = set(re.findall(r"`(PKG_[A-Z_]+)`", doc_pages.text_of("docs/reference/variables.md")))
    for page in (page for page in doc_pages.pages(*SHOWN) if "internals" not in page.parts):
        for name in set(re.findall(r"PKG_[A-Z][A-Z_]*[A-Z]", doc_pages.text_of(page))) - known:
            if not OTHER_VARIABLES.fullmatch(name):
                yield f"{page}: there is no variable {name}"


# What the guides for those who come from other tools say that pkg does not have.
ABSENT = {"build": "guides/from-*.md", "publish": "guides/from-*.md",
          "shell": "from-poetry.md"}
ABSENT_ACTIONS = {"python": ("install", "pin")}


def denied_features(verbs):
    """What pages deny and pkg has by now."""
    for verb, where in ABSENT.items():
        if verb in verbs.options:
            yield f"pkg has `{verb}` now, and docs/{where} and README.md say that it has not"
    for verb, actions in ABSENT_ACTIONS.items():
        for action in set(actions) & set(verbs.actions.get(verb, ())):
            yield f"`pkg {verb}` has `{action}` now, and docs/guides/from-*.md and start/install.md say that it has not"


def main():
    only = sys.argv[3:]
    world, faults, excluded, ran, pages = World(), [], collections.Counter(), 0, 0
    shown = [page for page in doc_pages.pages(*SHOWN)
             if "internals" not in page.parts and (not only or any(word in str(page) for word in only))]
    places = {page: Place() for page in shown}
    with concurrent.futures.ThreadPoolExecutor(PAGES_AT_A_TIME) as pool:
        outcomes = list(pool.map(lambda page: run_page(world, page, places[page], excluded), shown))
    for page, (done, found) in zip(shown, outcomes):
        place = places[page]
        ran, pages = ran + done, pages + bool(done)
        faults += found + list(hidden_commands(page))
        kept = f" (kept: {place.path})" if found else ""
        print(f"{'FAILED ' if found else 'ok     '} {page}: {done} command lines{kept}")
        if not found:
            shutil.rmtree(place.path, ignore_errors=True)
    verbs, named = doc_pages.Verbs(PKG), 0
    for page in doc_pages.pages():
        if str(page) == "docs/internals/errors.md":  # of mistakes
            continue
        named += sum(1 for _ in doc_pages.commands_in(doc_pages.text_of(page)))
        faults += missing_words(page, verbs)
    faults += [*invented_errors(), *unknown_variables(), *denied_features(verbs)]
    print(f"{ran} command lines of {pages} pages ran; not run: " +
          ", ".join(f"{count} {what}" for what, count in sorted(excluded.items())))
    print(f"{named} commands that pages name were compared with --help")
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
