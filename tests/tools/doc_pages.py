"""Pages of the documentation as tests see them: blocks of code, what a page says to tests, `pkg …` in the text."""
import collections
import pathlib
import re
import shlex
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
# kind: "block" (info: the language; text: its lines) or "test" (text: what a comment says to tests).
Piece = collections.namedtuple("Piece", "kind info text line")
PIECE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<code>.*?)^(?P=indent)```[ ]*$"
                   r"|<!-- test\b:?(?P<test>.*?)-->", re.M | re.S)
NO_VERBS = ("help", "journal", "clearing", "has", "met", "instal")  # of files and errors that begin with `pkg `
BEFORE_VERB = ("--project", "--python", "--target", "--prefix", "--root", "--index", "--progress")  # with a value
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def pages(*patterns):
    """The documents of this project, as paths relative to its root."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [path.relative_to(ROOT) for path in found if not patterns or any(path.match(p) for p in patterns)]


def text_of(page):
    return (ROOT / page).read_text(encoding="utf-8")


def pieces(text):
    for found in PIECE.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        if found["test"] is not None:
            yield Piece("test", "", found["test"].strip("\n"), line)
        else:
            indent = len(found["indent"])
            code = "\n".join(row[indent:] for row in found["code"].splitlines())
            yield Piece("block", found["info"].strip(), code, line)


def joined(rows):
    """Lines with their continuations: (number from 0, text)."""
    number, open_row = 0, ""
    for i, row in enumerate(rows):
        number = number if open_row else i
        open_row += row
        if open_row.endswith("\\"):
            open_row = open_row[:-1]
            continue
        yield number, open_row
        open_row = ""
    if open_row:
        yield number, open_row


# ---- `pkg VERB --option …` against --help ---------------------------------------------------------------------------

class Verbs:
    """The verbs of a binary, their options and whether these take a value; `actions`: of verbs such as `cache`."""

    def __init__(self, pkg):
        self.pkg = pkg
        top = self.output("--help")
        self.own = {"--version", "-V", *re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", top)}
        self.options, self.actions = {}, {}
        for verb in re.findall(r"^  (\w+) +", top, re.M):
            text = self.output(verb, "--help")
            self.options[verb] = dict(self.options_of(text))
            if words := re.search(r"^Usage:.* ((?:\w+\|)+\w+)", text, re.M):
                self.actions[verb] = words[1].split("|")

    def output(self, *words):
        return subprocess.run([self.pkg, *words], check=True, stdout=subprocess.PIPE, text=True).stdout

    @staticmethod
    def options_of(text):
        for row in re.findall(r"^  (-.*)$", text, re.M):
            head = re.split(r" {2,}", row)[0]
            names = re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", head)
            takes_value = bool(re.search(r" [A-Z\[]|[a-z]\|[a-z]", re.sub(r"\{\w+\}", "", head)))
            yield from ((name, takes_value) for name in names)

    def fault(self, command):
        """What is wrong with the words after `pkg`; None: nothing."""
        command = re.split(r"\s(?:&&|\|\||;|\||>|<|#|--)(?:\s|$)|…|;", command)[0]
        try:
            words = shlex.split(command)
        except ValueError:
            words = command.split()
        verb = None
        while words:
            word = words.pop(0)
            if word.startswith("-") and word != "-":
                if fault := self.option_fault(verb, word, words):
                    return fault
            elif verb is None:
                if word not in self.options:
                    return None if word.isupper() or word in NO_VERBS else f"there is no verb `{word}`"
                verb = word
            elif verb == "run":
                return None
            elif verb in self.actions and word.islower() and word.isalpha():
                if word not in self.actions[verb]:
                    return f"`pkg {verb}` has no `{word}`"
                if verb == "tool" and word == "run":  # up to the tool's name
                    return self.rest_fault(verb, words, only_options=True)
                if verb in ("python", "index", "config", "auth", "cache", "tool"):
                    return self.rest_fault(verb, words)
        return None

    def rest_fault(self, verb, words, only_options=False):
        while words:
            word = words.pop(0)
            if word.startswith("-") and word != "-":
                if fault := self.option_fault(verb, word, words):
                    return fault
            elif only_options:
                return None
        return None

    def option_fault(self, verb, word, words):
        name, has_value, _ = word.partition("=")
        if verb is None:
            if name in self.own or any(name in options for options in self.options.values()):
                if name in BEFORE_VERB and words:
                    words.pop(0)
                return None
            return f"pkg has no `{name}`"
        options = self.options[verb]
        if name not in options and re.fullmatch(r"-[a-zA-Z].+", name) and name[:2] in options:  # -n1, -vv
            return None
        if name not in options:
            return None if name in self.accepted() else f"`pkg {verb} --help` has no `{name}`"
        if options[name] and not has_value and words:
            words.pop(0)
        return None

    @staticmethod
    def accepted():
        return {"-y", "--yes", "--no-input", "--version", "--help"}


def commands_in(text):
    """`pkg …` in inline code and in blocks, wherever a reader would copy it from: (line, words after pkg)."""
    blocks = [(piece.line, piece) for piece in pieces(text) if piece.kind == "block"]
    prose = re.sub(PIECE, lambda found: "\n" * found.group().count("\n"), text)
    for found in INLINE.finditer(prose):
        if found[1].startswith("pkg "):
            yield prose.count("\n", 0, found.start()) + 1, found[1][len("pkg "):]
    for line, piece in blocks:
        for number, row in joined(piece.text.splitlines()):
            row = re.sub(r"^\s*#.*", "", row)
            for found in re.finditer(r"(?:^|[\s$;&(\"'])pkg ((?:-|[a-z]+\b)[^\"]*)", row):
                if piece.info in ("sh", "console", "yaml", "dockerfile", "toml", "usage", "ini"):
                    yield line + 1 + number, found[1]
