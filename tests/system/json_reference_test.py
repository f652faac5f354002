#!/usr/bin/env python3
"""docs/reference/json.md has exactly the keys that `--json` and `--progress json` print, and
docs/reference/exit-codes.md the codes. Every verb runs in a small world, and what it prints is compared with the
page."""
import collections, json, os, re, signal, subprocess, sys, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import doc_pages
from support import Index, PKG, Place, check, main, wheel

ROOT = doc_pages.ROOT
# Keys that need more than this world has: another user's login, a damaged cache, a moved environment …
NOT_SHOWN_HERE = {
    "pkg verify": {"moved_from"}, "pkg list": {"packages[].editable_project_location"},
    "pkg import": {"lost_pins[]"}, "pkg inspect": {"installed[].direct_url"}, "pkg install": {"changes[].source"},
    "pkg sync": {"changes[].source", "kept[].name", "kept[].version"}, "pkg uninstall": {"changes[].source"},
    "pkg add": {"changes[].source"}, "pkg upgrade": {"changes[].source", "kept[].name", "kept[].version"},
    "pkg lock --explain": {"answers[].marker", "answers[].possible", "answers[].hint"},
    "pkg lock": {"packages[].marker", *(f"build_changes[].{key}" for key in
                 ("change", "name", "old_versions", "new_versions"))},
    "pkg cache verify": {f"damaged[].{key}" for key in ("sha256", "name", "version", "what", "removed")},
}
SAME = {"pkg remove": "pkg add", "pkg wheel": "pkg download", "pkg cache prune": "pkg cache clean"}
EDGES = {"id", "requirement", "origin", "extras", "marker", "only_for_extras", "only_for_groups"}
CHANGES = {"old_version", "new_version", "source"}

Key = collections.namedtuple("Key", "path kind sometimes")


# ---- the page -------------------------------------------------------------------------------------------------------

def rows_of(section):
    for name, kind in re.findall(r"^\| `([^`]+)` \| ([^|]+) \|", section, re.M):
        yield Key(name.rstrip("?"), re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", kind.strip()), name.endswith("?"))


def sections():
    text = (ROOT / "docs/reference/json.md").read_text()
    found = re.split(r"^##+ (.*)$", text, flags=re.M)
    return {title.replace("`", ""): list(rows_of(body)) for title, body in zip(found[1::2], found[2::2])}


def keys_of(verb, page):
    """{path: Key} of a verb's document, with the shared shapes in place."""
    keys = {}
    for key in page[verb]:
        keys[key.path] = key
        shape = key.kind.removeprefix("list of ")
        if shape != key.kind and shape in ("change", "lock change", "edge"):
            for inner in page[shape]:
                path = f"{key.path}[].{inner.path}"
                keys[path] = Key(path, inner.kind, inner.sometimes)
    return keys


# ---- what is printed ------------------------------------------------------------------------------------------------

def paths_of(value, path="", opaque=()):
    """Each key of a document as `a[].b`, with its value."""
    if path in opaque:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            below = f"{path}.{name}" if path else name
            yield below, inner
            yield from paths_of(inner, below, opaque)
    elif isinstance(value, list):
        for inner in value:
            yield from paths_of(inner, f"{path}[]", opaque)


def is_of(kind, value):
    words = {"text": str, "number": (int, float), "true or false": bool, "object": dict}
    if kind.startswith("list"):
        return isinstance(value, list) and (kind != "list of text" or all(isinstance(one, str) for one in value))
    return any(value is None if word == "null" else isinstance(value, words[word]) and (word != "number" or
               not isinstance(value, bool)) for word in ([kind] if kind in words else kind.split(" or ")))


def compare(verb, documents, page):
    """What `documents` and the section of `verb` do not have in common."""
    keys, seen = keys_of(verb, page), set()
    opaque = [path for path, key in keys.items() if key.kind == "object"]
    folders = {path.rsplit(".", 1)[0].rstrip("[]") for path in keys if "." in path}
    for document in documents:
        for path, value in paths_of(document, opaque=opaque):
            if path in ("schema", "verb"):
                continue
            if path not in keys and path not in folders:
                yield f"{verb} prints `{path}`, and the page does not have it"
            seen.add(path)
            if path in keys and not is_of(keys[path].kind, value):
                yield f"{verb}: `{path}` is {value!r}, not {keys[path].kind}"
        for key in page[verb]:
            if not key.sometimes and "[]" not in key.path and "." not in key.path and key.path not in document:
                yield f"{verb} does not print `{key.path}`, and the page does not mark it with `?`"
    for path in sorted(set(keys) - seen - NOT_SHOWN_HERE.get(verb, set())):
        if not ("[]." in path and path.rsplit(".", 1)[-1] in EDGES | CHANGES):
            yield f"{verb} never prints `{path}` here"


def world(place):
    place.index = Index([wheel("app-base", "1.0", requires=["leaf"]), wheel("app-base", "2.0", requires=["leaf<2"]),
                         wheel("leaf", "1.0"), wheel("leaf", "2.0"), wheel("leaf", "3.0", requires_python=">=3.99"),
                         wheel("extra-user", "1.0"),
                         wheel("toolish", "1.0", requires=["leaf"], entry_points="[console_scripts]\nx = toolish:x\n"),
                         wheel("wants", "1.0", requires=["absent"])])
    place.env = {"PKG_INDEX_URL": place.index.url, "PATH": "/usr/bin:/bin"}


class Documents:
    """Runs verbs with --json and keeps what they print, by verb."""

    def __init__(self, place):
        self.place, self.by_verb = place, collections.defaultdict(list)

    def run(self, verb, *words, cwd=None, code=0, stdin=None):
        name = verb.removeprefix("pkg ").removesuffix(" --explain").removesuffix(" --list").removesuffix(" --bump")
        done = self.place.pkg(*name.split(), *words, "--json", cwd=cwd, stdin=stdin, **self.place.env)
        assert done.code == code, f"{verb} {words}: {done}"
        document = json.loads(done.out)
        assert document["schema"] == 1, document
        assert verb == "pkg inspect" or document["verb"] == name, document["verb"]
        self.by_verb[verb].append(document)
        return document


def run_everything(place):
    world(place)
    documents, here = Documents(place), place.work
    run = documents.run
    environment_verbs(place, run)
    tool_verbs(place, run)
    project = f"{here}/project"
    run("pkg init", "project")
    project_verbs(place, run, project)
    upgrading_verbs(place, run, f"{here}/older")
    versions_and_members(place, run, f"{here}/space")
    place.write("moved/Pipfile", "[packages]\nleaf = '*'\n[requires]\npython_version = '3'\n"
                                 "[scripts]\ntest = 'pytest'\n")
    run("pkg import", "--dry-run", cwd=f"{here}/moved")
    run("pkg import", cwd=f"{here}/moved")
    cache_and_settings(place, run, project)
    return documents.by_verb


def environment_verbs(place, run):
    run("pkg venv")
    run("pkg install", "app-base==1.0", "leaf<2")
    run("pkg install", "app-base==1.0", "extra-user")
    run("pkg install", "app-base", "--dry-run")
    run("pkg list")
    run("pkg list", "--outdated")
    run("pkg freeze")
    run("pkg show", "app-base", "--files")
    run("pkg check")
    run("pkg install", "wants", "--no-deps")
    run("pkg check", code=1)
    run("pkg uninstall", "wants")
    run("pkg verify")
    site = next(f"{base}/leaf/__init__.py" for base, folders, _ in os.walk(f"{place.work}/.venv") if "leaf" in folders)
    os.unlink(site)
    run("pkg verify", code=1)
    run("pkg install", "leaf<2", "--reinstall")
    run("pkg inspect")
    run("pkg python list")
    run("pkg python find")
    run("pkg uninstall", "extra-user", "nothing-of-it", "--dry-run")
    run("pkg download", "leaf", "-d", "wheels")
    run("pkg download", "leaf", "-d", "wheels")
    run("pkg wheel", "leaf", "-w", "wheels2")
    place.write("requirements.in", "app-base\n")
    run("pkg compile", "requirements.in", "-o", "requirements.txt")
    run("pkg sync", "requirements.txt")
    run("pkg bundle", "-r", "requirements.txt", "-o", "bundle")
    run("pkg index versions", "leaf")
    run("pkg hash", "requirements.in")
    run("pkg debug")


def tool_verbs(place, run):
    run("pkg tool dir")
    run("pkg tool ensure-path")
    run("pkg tool list")
    run("pkg tool install", "toolish")
    run("pkg tool install", "toolish", "--with", "extra-user")
    run("pkg tool list")
    place.index.projects["toolish"].append(wheel("toolish", "2.0", entry_points="[console_scripts]\nx = toolish:x\n"))
    run("pkg tool upgrade", "toolish")
    run("pkg tool upgrade", "toolish", "absent", code=1)
    tool = f"{place.path}/home/.local/share/pkg/tools/toolish/pkg-tool.toml"
    with open(tool, "w") as text:
        text.write("format = 1\n")
    run("pkg tool list")
    run("pkg tool upgrade", "toolish", code=1)
    run("pkg tool uninstall", "toolish", "absent", code=1)


def project_verbs(place, run, project):
    run("pkg add", "app-base<2", cwd=project)
    run("pkg add", "app-base<3", cwd=project)
    run("pkg add", "leaf", "--dev", "--no-sync", cwd=project)
    run("pkg lock", cwd=project)
    run("pkg lock", "-U", cwd=project)
    run("pkg lock", "--check", cwd=project)
    run("pkg lock --explain", "--explain", "leaf", cwd=project)
    run("pkg sync", cwd=project)
    run("pkg sync", cwd=project)
    run("pkg add", "app-base<2", "--frozen", cwd=project)
    run("pkg sync", cwd=project)
    run("pkg tree", cwd=project)
    run("pkg tree", "--outdated", cwd=project)
    run("pkg tree", "--invert", "--package", "leaf", "--installed", cwd=project)
    run("pkg why", "leaf", cwd=project)
    run("pkg outdated", cwd=project)
    run("pkg upgrade", cwd=project)
    run("pkg export", cwd=project)
    with open(f"{project}/pyproject.toml", "a") as file:
        file.write('[tool.pkg.tasks]\na = {cmd = "b c", help = "d", depends = ["e"]}\ne = "f"\n')
    run("pkg run --list", "--list", cwd=project)
    run("pkg remove", "leaf", "--dev", cwd=project)


def upgrading_verbs(place, run, older):
    run("pkg init", "older")
    run("pkg add", "leaf<2", "--no-sync", cwd=older)
    run("pkg add", "leaf>=1", "--no-sync", cwd=older)
    run("pkg add", "extra-user", "--frozen", cwd=older)
    run("pkg sync", cwd=older)
    run("pkg lock --explain", "--explain", "leaf", cwd=older)
    run("pkg add", "app-base<2", "--frozen", cwd=older)
    run("pkg lock", cwd=older)
    run("pkg remove", "app-base", "--no-sync", cwd=older)
    run("pkg upgrade", cwd=older)


def versions_and_members(place, run, space):
    """A workspace whose root is none of its members, one of them with a dynamic version."""
    place.write("space/pyproject.toml", "[tool.pkg.workspace]\nmembers = ['api']\n"
                                        "[dependency-groups]\nlint = ['leaf<2']\n")
    place.write("space/api/pyproject.toml", "[project]\nname = 'api'\nversion = '1.0'\nrequires-python = '>=3.9'\n"
                                            "dependencies = ['models']\n[project.optional-dependencies]\nx = []\n")
    run("pkg init", "--bare", "models", "--vcs", "none", cwd=space)
    run("pkg init", "--script", "s.py", cwd=space)
    run("pkg workspace list", cwd=space)
    run("pkg workspace dir", cwd=space)
    run("pkg workspace dir", "--package", "api", cwd=space)
    run("pkg workspace metadata", cwd=f"{space}/api")
    run("pkg version", cwd=f"{space}/api")
    run("pkg lock", cwd=space)
    run("pkg add", "leaf<3", "--frozen", "--package", "api", cwd=space)
    run("pkg version", "--bump", "minor", cwd=f"{space}/api")
    run("pkg version", "--package", "models", "2.0", "--dry-run", cwd=space)
    run("pkg upgrade --bump", "--bump", "--dry-run", cwd=space)
    run("pkg upgrade --bump", "--bump", "--group", "lint", cwd=space)
    place.write("space/models/pyproject.toml", "[project]\nname = 'models'\ndynamic = ['version']\n")
    run("pkg version", cwd=f"{space}/models")
    run("pkg workspace metadata", cwd=space)
    run("pkg upgrade", "--no-project", cwd=place.work)


def cache_and_settings(place, run, project):
    for verb in ("dir", "info", "list", "verify", "prune", "clean"):
        run(f"pkg cache {verb}")
    run("pkg cache key", "fleet-key")
    run("pkg self version")
    done = place.pkg("config", "set", "global.timeout", "20", PIP_CONFIG_FILE="")
    assert done.code == 0, done
    place.env["PIP_CONFIG_FILE"] = ""
    run("pkg config list")
    run("pkg config get", "global.timeout")
    run("pkg config debug")
    run("pkg config settings")
    place.env.pop("PIP_CONFIG_FILE")
    with open(f"{project}/pyproject.toml", "a") as file:
        file.write("\n[tool.pkg]\nproxy = 'http://127.0.0.1:9'\n")
    done = place.pkg("config", "trust", cwd=project)
    assert done.code == 0, done
    run("pkg config trust --list", "--list", cwd=project)
    done = place.pkg("auth", "login", "https://index.example", "--username", "me", "--password-stdin", stdin="secret\n")
    assert done.code == 0, done
    run("pkg auth list")


# ---- checks ---------------------------------------------------------------------------------------------------------

@check
def every_document_has_the_keys_of_the_page(place):
    page = sections()
    by_verb = run_everything(place)
    described = {title for title in page if title.startswith("pkg ")}
    assert described <= set(by_verb), described - set(by_verb)
    found = []
    for verb in sorted(described):
        documents = by_verb[verb] + [d for other, name in SAME.items() if name == verb for d in by_verb[other]]
        found += compare(verb, documents, page)
    assert not found, "\n" + "\n".join(sorted(set(found)))


@check
def every_verb_is_described_or_prints_no_document(place):
    page = sections()
    text = (ROOT / "docs/reference/json.md").read_text()
    verbs = re.findall(r"^  (\w+) +", place.pkg("--help").out, re.M)
    without = {"run", "completion"}
    missing = [verb for verb in verbs if verb not in without and f"`pkg {verb}" not in text]
    assert not missing, missing
    assert page


@check
def errors_have_the_keys_of_the_page(place):
    world(place)
    page = {"pkg error": sections()["Errors"]}
    done = place.pkg("install", "nothing-of-it", "--json", "--python", place.venv(), **place.env)
    document = json.loads(done.out)
    assert done.code == 1 and not list(compare("pkg error", [document], page)), document


@check
def events_have_the_keys_of_the_page(place):
    world(place)
    text = (ROOT / "docs/reference/json.md").read_text().split("## Events")[1]
    rows = re.findall(r"^\| `([a-z-]+)` \| (.+?) \|", text, re.M)
    page = {event: set(re.findall(r"`([a-z]+)`", re.sub(r"\([^)]*\)", "", keys))) for event, keys in rows}
    done = place.pkg("install", "app-base", "--progress", "json", "-v", "--python", place.venv(), **place.env)
    assert done.code == 0, done
    seen = set()
    for line in done.err.splitlines():
        if not line.startswith("{"):
            continue
        event = json.loads(line)
        name = event.pop("event")
        seen.add(name)
        assert set(event) == page[name], (name, event, page[name])
    assert {"transfer-started", "transfer-progress", "transfer-finished"} <= seen, seen


def exit_table(title):
    text = (ROOT / "docs/reference/exit-codes.md").read_text()
    return dict(re.findall(r"^\| `(\w+)` \| (\d+) \|", text.split(f"## {title}")[1], re.M))


@check
def kinds_of_errors_are_those_of_the_page(place):
    listed = exit_table("Kinds")
    source = (ROOT / "src/base/result.cpp").read_text()
    names = re.findall(r'return "(\w+)";', source.split("kind_name", 1)[1].split("\n}", 1)[0])
    assert set(names) == set(listed), set(names) ^ set(listed)
    world(place)
    wrong = {"usage": ["install", "--no-such-option"], "not_found": ["list", "--python", "/nowhere/python"],
             "bad_data": ["hash", "."], "conflict": ["install", "leaf<2", "leaf>=2", "--dry-run"],
             "network": ["install", "leaf", "--dry-run", "-i", "http://127.0.0.1:9/", "--retries", "0"]}
    for kind, words in wrong.items():
        done = place.pkg(*words, "--json", **place.env)
        found = json.loads(done.out)["error"]["kind"]
        assert done.code == int(listed[found]), (kind, done)
        if kind != "bad_data":
            assert found == kind, (kind, found)


@check
def a_command_that_is_interrupted_ends_with_130(place):
    world(place)
    place.index.answer = lambda *_: time.sleep(5)
    started = subprocess.Popen([PKG, "install", "leaf", "--dry-run"], cwd=place.work, env=place.environment(place.env),
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    time.sleep(1)
    started.send_signal(signal.SIGINT)
    started.communicate(timeout=30)
    assert started.returncode == 130, started.returncode


@check
def run_ends_with_the_code_of_the_command(place):
    world(place)
    done = place.pkg("run", "--no-project", "python", "-c", "raise SystemExit(7)", **place.env)
    assert done.code == 7, done


main()
