#!/usr/bin/env python3
"""The same mistake in pkg, pip and uv: what each says, as the table of docs/internals/errors.md.

    python3 tests/bench/same_mistake.py PKG PEERS          prints the table
    python3 tests/bench/same_mistake.py PKG PEERS --write  writes it into docs/internals/errors.md

PEERS is a folder of programs that holds pip and uv (an environment's bin). Each mistake is made in a folder of its own,
against an index on loopback. Paths, addresses and times are made neutral, and lines cut, so that two runs say the same.
"""
import hashlib
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/system"))
from support import Index, Place, wheel  # noqa: E402

PAGE = ROOT / "docs/internals/errors.md"
BEGIN, END = "<!-- written by tests/bench/same_mistake.py -->", "<!-- end of what is written -->"
WIDTH, MOST_LINES = 150, 9
MISTAKES = []


class Mistake:
    """What was done wrong, the words for each tool (None: it has no such command), and files of the working folder.

    `more`: what pkg says beyond the shortest of them, or why there is no hint; a row where another tool's text is
    shorter needs it."""

    def __init__(self, title, pkg, pip=None, uv=None, files=None, environment=True, more=""):
        self.title, self.words, self.files, self.environment = title, {"pkg": pkg, "pip": pip, "uv": uv}, files or {}, \
            environment
        self.more = more
        MISTAKES.append(self)


def install(*words):
    return {"pkg": ("install", *words), "pip": ("install", *words), "uv": ("pip", "install", *words)}


BAD_SETUP = "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n" \
            "[project]\nname = 'broken'\n" \
    "version = '1'\n"
BACKEND = "import missing_module\ndef build_wheel(*_): pass\n"
PROJECT = "[project]\nname = 'mine'\nversion = '1'\nrequires-python = '>=3.8'\ndependencies = ['alpha']\n"

Mistake("a verb with a typo", ("instal", "alpha"), ("instal", "alpha"), ("instal", "alpha"),
        more="the same in two lines")
Mistake("a word of another tool", ("update", "alpha"), ("update", "alpha"), ("update", "alpha"),
        more="the verb that does it; pip names none")
Mistake("an option with a typo", ("install", "--upgrad", "alpha"), ("install", "--upgrad", "alpha"),
        ("pip", "install", "--upgrad", "alpha"))
Mistake("a project that no index has", **install("nosuchproject"))
Mistake("the name of an import", **install("sklearn"))
Mistake("a module of the standard library", **install("json"))
Mistake("a file of requirements without -r", **install("requirements.txt"), files={"requirements.txt": "alpha\n"})
Mistake("a file of requirements that is not there", **install("-r", "missing.txt"),
        more="the folder that was looked in; a hint where a file of nearly that name lies there")
Mistake("a line that is no requirement", **install("-r", "requirements.txt"),
        files={"requirements.txt": "alpha\nbeta >= \n"})
Mistake("one equals sign", **install("alpha=1.0"))
Mistake("a version that does not exist", **install("alpha==9"))
Mistake("two requirements that exclude each other", **install("beta", "alpha<2"))
Mistake("a Python that is too old", **install("modern"))
Mistake("wheels for other platforms only", **install("windows-only"),
        more="that there are wheels, for what, and how to ask for one there; pip says none of it")
Mistake("a hash that differs", **install("-r", "requirements.txt"),
        files={"requirements.txt": "alpha==1.0 --hash=sha256:" + "0" * 64 + "\n"},
        more="the line that asks for it")
Mistake("a hash that is missing", **install("--require-hashes", "-r", "requirements.txt"),
        files={"requirements.txt": "alpha==1.0\n"},
        more="the line, and how hashes are made")
Mistake("an index that is not reachable", ("install", "alpha", "-i", "CLOSED", "--retries", "0"),
        ("install", "alpha", "-i", "CLOSED", "--retries", "0"), ("pip", "install", "alpha", "-i", "CLOSED"),
        more="that the index was not reached; pip says that it has no such project")
Mistake("an index that wants a login", ("install", "alpha", "-i", "LOGIN"),
        ("install", "alpha", "-i", "LOGIN", "--no-input"), ("pip", "install", "alpha", "-i", "LOGIN"),
        more="that a login is wanted, and how to give it; pip says that the index has no such project")
Mistake("a folder that is no project", **install("./empty"), files={"empty/readme.txt": "\n"},
        more="what to do")
Mistake("a pyproject.toml that is no TOML", **install("."), files={"pyproject.toml": "[project]\nname = mine\n"})
Mistake("a build that fails", **install("./broken"),
        files={"broken/pyproject.toml": BAD_SETUP, "broken/backend.py": BACKEND},
        more="what is missing where, and the log")
Mistake("a wheel that is damaged", **install("./alpha-1.0-py3-none-any.whl"),
        files={"alpha-1.0-py3-none-any.whl": "this is no archive"},
        more="what is wrong with it")
Mistake("to remove what is not there", ("uninstall", "alpha"), ("uninstall", "-y", "alpha"),
        ("pip", "uninstall", "alpha"),
        more="no error, so no hint; an installed name that is nearly the same is offered")
Mistake("a Python that is not there", ("venv", "--python", "3.99"), None, ("venv", "--python", "3.99"),
        more="where it was looked for, and how to name one")
Mistake("no lock yet", ("lock", "--check"), None, ("lock", "--check"), files={"pyproject.toml": PROJECT})


def wheels():
    yield wheel("alpha", "1.0")
    yield wheel("alpha", "2.0")
    yield wheel("beta", "1.0", requires=["alpha>=2"])
    yield wheel("modern", "1.0", requires_python=">=3.99")
    yield wheel("windows-only", "1.0", tag="cp311-cp311-win_amd64")


def answer(path, _):
    if path.startswith("/login/"):
        return 401, {"WWW-Authenticate": 'Basic realm="index"'}, b""
    return None


class Answer:
    """What a tool said: its exit code, the lines as the page shows them, and how long they are uncut."""

    def __init__(self, code, shown, lines, letters):
        self.code, self.shown, self.lines, self.letters = code, shown, lines, letters


def neutral(text, place, index):
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    port = re.search(r":(\d+)/", index.url)[1]
    text = text.replace(f"http://127.0.0.1:{port}", "https://index.example").replace(f"127.0.0.1:{port}",
        "index.example")
    text = text.replace("http://127.0.0.1:9", "https://closed.example").replace("127.0.0.1:9", "closed.example")
    text = text.replace("127.0.0.1", "closed.example")
    for folder, name in ((place.work, "."), (place.path, "~")):
        text = text.replace(folder, name)
    text = re.sub(r"(/[\w.+-]+)+/(python[\d.]*|lib/python[\w./-]*|backend\.py)", r"…/\2", text)
    text = re.sub(r"0x[0-9a-f]{6,}", "0x…", text)
    text = re.sub(r"https://(?!index\.example|closed\.example)\S+", "https://…", text)
    text = re.sub(r"\b\d+(\.\d+)?(ms|s)\b", "…s", text)
    text = re.sub(r"port=\d+", "port=…", text)
    text = re.sub(r"tmp\w{6,}|(pip|pkg)-[\w-]+-\w{6,8}\b", "tmp…", text)
    text = re.sub(r"CPython \d\.\d+\.\d+", "CPython 3.…", text)
    text = re.sub(r"[0-9a-f]{64}", lambda match: match[0][:8] + "…", text)
    lines = [line.rstrip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith(("[notice]", "Looking in indexes", "Using Python"))]
    return lines


def cut(lines):
    lines = [line if len(line) <= WIDTH else line[: WIDTH - 1] + "…" for line in lines]
    if len(lines) > MOST_LINES:
        lines = lines[: MOST_LINES - 3] + [f"[{len(lines) - MOST_LINES + 1} more lines]"] + lines[-2:]
    return lines


def said(tool, program, mistake):
    place, index = Place(), Index(wheels(), answer=answer)
    environment = place.environment({
        "PIP_INDEX_URL": index.url, "UV_INDEX_URL": index.url, "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "UV_NO_CONFIG": "1",
        "UV_PYTHON_DOWNLOADS": "never", "PIP_NO_CACHE_DIR": "1", "PIP_NO_COLOR": "1", "COLUMNS": "500",
        "PIP_ROOT_USER_ACTION": "ignore", "UV_CACHE_DIR": f"{place.path}/uv"})
    for name, text in mistake.files.items():
        place.write(name, text)
    if mistake.environment:
        python = os.path.join(os.path.dirname(program) if tool == "pip" else os.path.dirname(PEERS["uv"]), "python")
        subprocess.run([python, "-m", "venv", *(["--without-pip"]), f"{place.work}/.venv"], check=True)
        environment["VIRTUAL_ENV"] = f"{place.work}/.venv"
    words = [word.replace("CLOSED", "http://127.0.0.1:9/simple/").replace("LOGIN", index.url.replace("/simple/",
             "/login/"))
             for word in mistake.words[tool]]
    if tool == "pip" and mistake.environment:
        words = ["--python", f"{place.work}/.venv/bin/python", *words]
    done = subprocess.run([program, *words], cwd=place.work, env=environment, capture_output=True, text=True,
                          timeout=120,
                          stdin=subprocess.DEVNULL)
    lines = neutral(done.stdout + done.stderr, place, index)
    return Answer(done.returncode, cut(lines), len(lines), sum(len(line.strip()) for line in lines))


PEERS = {}


def has_way_out(lines):
    pattern = r"\s*(hint|tip|HINT|Hint|note): ?|.*(maybe you meant|For more information)"
    return any(re.match(pattern, line) for line in lines)


def summary(answers):
    """How long each tool's answer is, with a mark where it says what to do, and what a longer one of pkg has."""
    yield "| mistake | pkg | pip | uv | what pkg's longer text has, or why it has no hint |"
    yield "|---|---:|---:|---:|---|"
    for mistake in MISTAKES:
        cells, of_pkg = [], answers[mistake.title, "pkg"]
        for tool in PEERS:
            answer = answers.get((mistake.title, tool))
            cells.append("–" if answer is None else f"{answer.letters}{' +' if has_way_out(answer.shown) else ''}")
        is_longer = any(answers[mistake.title, tool].letters < of_pkg.letters for tool in PEERS
                        if (mistake.title, tool) in answers)
        if (is_longer or not has_way_out(of_pkg.shown)) != bool(mistake.more):
            print(f"{mistake.title}: {'says nothing of' if not mistake.more else 'explains'} what is "
                  f"{'longer or without a hint' if not mistake.more else 'neither longer nor without a hint'}",
                  file=sys.stderr)
        yield f"| {mistake.title} | {' | '.join(cells)} | {mistake.more} |"
    yield ""


def page_part():
    answers = {(mistake.title, tool): said(tool, program, mistake) for mistake in MISTAKES
               for tool, program in PEERS.items() if mistake.words[tool] is not None}
    yield from summary(answers)
    for mistake in MISTAKES:
        yield f"### {mistake.title}"
        yield ""
        yield f"`pkg {' '.join(mistake.words['pkg'])}`".replace("CLOSED", "https://closed.example/simple/").replace(
            "LOGIN", "https://index.example/login/")
        yield ""
        yield "```"
        for tool in PEERS:
            if (mistake.title, tool) not in answers:
                continue
            answer = answers[mistake.title, tool]
            yield f"{tool} (exit {answer.code})"
            yield from ("  " + line for line in answer.shown)
        yield "```"
        yield ""


def main():
    pkg, peers = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    PEERS.update({"pkg": pkg, "pip": f"{peers}/pip", "uv": f"{peers}/uv"})
    text = "\n".join(page_part())
    if "--write" not in sys.argv:
        print(text)
        return
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
