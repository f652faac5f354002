"""Text from outside reaches a terminal only as text: packages, indexes, builds, settings, file names and arguments full
of escape sequences, C1 controls, bidi overrides and line ends, and every verb on a pseudo-terminal; JSON says the same
values without one such character."""
import json, os, pty, re, select, shlex, time

from support import PKG, Index, check, main, wheel

EVIL = "\x1b]0;PWN\x07\x1b[31mRED\x9b2J\u202eRTL\u2066\u200b\u2028\ufeff\U000e0041\x7f"
INJECT = EVIL + "\r\nINJECT"
# What pkg itself may send: its colours, and what redraws a line.
OWN = re.compile(r"\x1b\[(?:0|1|2|1;31|32|33|36)m|\x1b\[K|\r(?:\x1b\[\d+A)?(?:\x1b\[J)?|\x1b\[J|\r\n|\n|\t")
HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff\ufffd]")


def on_terminal(place, *words, cwd=None, timeout=60, **extra):
    """What `pkg words` writes to a terminal, and its exit code."""
    environment = place.environment({"TERM": "xterm", **extra})
    environment.pop("NO_COLOR")
    pid, fd = pty.fork()
    if pid == 0:
        try:
            os.chdir(cwd or place.work)
            os.execve(PKG, [PKG, *words], environment)
        finally:
            os._exit(127)
    out, end = b"", time.time() + timeout
    while time.time() < end:
        if not select.select([fd], [], [], 0.5)[0]:
            continue
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        out += data
    os.close(fd)
    return out.decode("utf-8", "replace"), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def faults(text):
    rest = OWN.sub("", text)
    found = [rest[max(0, m.start() - 30) : m.end() + 20] for m in HIDDEN.finditer(rest)]
    return found + (["a line of its own"] if re.search(r"^INJECT", text, re.M) else [])


def expect_clean(place, runs):
    wrong = []
    for words, keywords in runs:
        text, code = on_terminal(place, *words, **keywords)
        assert 0 <= code <= 2 or code in (126, 127), (words, code, text)
        if bad := faults(text):
            wrong.append((words, bad[:2]))
    assert not wrong, "\n".join(map(repr, wrong))


def plant(site, folder, metadata, **files):
    os.makedirs(f"{site}/{folder}")
    for name, text in {"METADATA": metadata, **files}.items():
        with open(f"{site}/{folder}/{name.replace('__', '.')}", "w", encoding="utf-8", newline="\n") as out:
            out.write(text)


def hostile_environment(place):
    env = place.venv()
    site = f"{env}/lib/python3.11/site-packages"
    fields = ("Summary", "Author", "Author-email", "License", "Home-page", "Classifier", "Requires-Python", "Keywords")
    metadata = "Metadata-Version: 2.1\nName: hostile\nVersion: 1.0\n" + "".join(f"{field}: {EVIL}\n"
        for field in fields)
    metadata += f"Project-URL: Homepage, {EVIL}\nRequires-Dist: dep{EVIL}\nRequires-Dist: other (>=1)\n\n{EVIL}\n"
    plant(site, "hostile-1.0.dist-info", metadata, INSTALLER=EVIL, REQUESTED="",
          entry_points__txt=f"[console_scripts]\n{EVIL} = a:b\n",
          RECORD=f'"{EVIL}.py",sha256={EVIL},{EVIL}\nhostile-1.0.dist-info/RECORD,,\n',
          direct_url__json=json.dumps({"url": "file:///x/" + EVIL, "dir_info": {"editable": True}}))
    plant(site, "weird\x1b[31m-2.0.dist-info", f"Metadata-Version: 2.1\nName: we\x1b[31mird\nVersion: 2.0{EVIL}\n")
    plant(site, "zz-1.0\x1b[31m.dist-info", f"Metadata-Version: 2.1\nName: zz\nVersion: 1.0+{EVIL}\n")
    return env


@check
def what_is_installed(place):
    env = ["--python", hostile_environment(place)]
    verbs = ["list", "list -v", "list --format freeze", "list --format json", "list --json", "freeze", "show hostile",
             "show -f -v hostile", "show zz", "check", "verify", "inspect", "tree",
             "tree --json", "why hostile", "why other", "uninstall --dry-run -v hostile"]
    expect_clean(place, [(verb.split() + env, {}) for verb in verbs])


@check
def json_says_the_same_values_without_a_hidden_character(place):
    env = hostile_environment(place)
    for verb in ("list --json", "list --format json", "inspect", "show hostile --json", "freeze --json"):
        run = place.pkg(*verb.split(), "--python", env)
        value = json.loads(run.out)  # as long as it is JSON at all, the escapes are within strings
        assert not HIDDEN.search(run.out.replace("\n", "")), (verb, HIDDEN.findall(run.out.replace("\n", "")))
        assert verb.startswith("freeze") or EVIL.rstrip("\u2028") in run.out or any(EVIL[:12] in text
            for text in strings_of(value)), (verb, run.out)


def strings_of(value):
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings_of(one)


@check
def letters_of_all_languages_stay(place):
    env = place.venv()
    summary = "Grüße 漢字 العربية עברית हिन्दी ไทย 🙂"
    plant(f"{env}/lib/python3.11/site-packages", "fine-1.0.dist-info",
          f"Metadata-Version: 2.1\nName: fine\nVersion: 1.0\nSummary: {summary}\n",
          RECORD="fine-1.0.dist-info/RECORD,,\n")
    run = place.pkg("show", "fine", "--python", env)
    assert f"Summary: {summary}\n" in run.out, run


@check
def colours_are_ours_alone(place):
    env = hostile_environment(place)
    text, _ = on_terminal(place, "tree", "--python", env, "--color", "always")
    assert not faults(text) and "\x1b[31m" not in text, text
    run = place.pkg("check", "--python", env, "--color", "always")
    assert not faults(run.out + run.err), run


@check
def what_an_index_says(place):
    good = wheel("good", "1.0", metadata_extra=f"Summary: {EVIL}\n", requires=["nosuch" + EVIL])
    api = "application/vnd.pypi.simple.v1+json"

    def page(name, file, **more):
        return (200, {"Content-Type": api},
                json.dumps({"meta": {"api-version": "1.1"}, "name": name,
                            "files": [{"filename": f"{name}-1.0-py3-none-any.whl", "url": "/files/x", "hashes": {},
                                       **file}], **more}).encode())

    answers = {
        "yank": page("yank", {"yanked": INJECT, "requires-python": INJECT}),
        "stat": page("stat", {}, **{"project-status": {"status": INJECT, "reason": INJECT}}),
        "arch": page("arch", {}, **{"project-status": {"status": "archived", "reason": INJECT}}),
        "file": page("file", {"filename": f"file-1.0{INJECT}-py3-none-any.whl", "url": "/files/" + INJECT,
                              "hashes": {"sha256": INJECT}}),
        "redir": (302, {"Location": "http://127.0.0.1:1/%1b%5b31m\x1b[31m"}, b""),
        "broken": (200, {"Content-Type": api},
                   b'{"meta":{"api-version":"1.1"},"name":"broken","files":[{"filename":"\x1b[31m'),
        "type": (200, {"Content-Type": "appli\x1b[31mcation/x"}, b"x"),
        "api": (200, {"Content-Type": api}, json.dumps({"meta": {"api-version": "1.9\x1b[31m"}, "name": "api",
                                                        "files": []}).encode()),
        "old": page("old", {"requires-python": ">=99 " + EVIL}),
    }
    index = Index([good], answer=lambda path, _: answers.get(path.strip("/").split("/")[-1]))
    env = place.venv()
    options = ["-i", index.url, "--retries", "0"]
    runs = [(["install", "-v", "--dry-run", "--python", env, name, *options], {}) for name in [*answers, "good",
        "nosuch"]]
    runs += [(["index", "versions", name, *options], {}) for name in ("yank", "file", "broken")]
    expect_clean(place, runs)


@check
def settings_arguments_and_variables(place):
    options = ["-i", "http://127.0.0.1:1/simple/", "--retries", "0"]
    runs = [([*verb, word, *options], {}) for word in (EVIL, "x==" + EVIL, "x @ " + EVIL, "./" + EVIL, "-" + EVIL)
            for verb in (["install", "--dry-run"], ["uninstall"])]
    runs += [([INJECT], {}), (["hash", INJECT], {}), (["show", INJECT], {}), (["venv", "--python", INJECT, "e"], {}),
             (["cache", "clean", INJECT], {}), (["run", INJECT], {}), (["completion", INJECT], {})]
    runs += [(["config", "list"], {"PIP_INDEX_URL": EVIL}),
             (["config", "debug"], {"PIP_PROXY": EVIL, "PKG_CERT": EVIL}), (["list"], {"VIRTUAL_ENV": EVIL}),
             (["cache", "dir"], {"PKG_CACHE_DIR": "/nonexistent/" + EVIL})]
    place.write("pip.conf", f"[global]\n{EVIL} = {EVIL}\nindex-url = {EVIL}\n")
    runs += [(["config", *words], {"PIP_CONFIG_FILE": f"{place.work}/pip.conf"}) for words in (["list"],
        ["list", "--json"], ["debug"], ["get", "global.index-url"])]
    for number, line in enumerate((f"good{INJECT}", f"--unknown{INJECT}", f"good ; python_version == '{EVIL}'",
                                   f"x @ https://h/{EVIL}", f"-r {EVIL}", f"good[{EVIL}]")):
        place.write(f"r{number}.txt", line + "\n")
        runs.append((["install", "--dry-run", "-r", f"r{number}.txt", *options], {}))
    expect_clean(place, runs)


@check
def a_checkout_and_its_build(place):
    options = ["-i", "http://127.0.0.1:1/simple/", "--retries", "0"]
    text = json.dumps(EVIL)
    projects = [f"[project]\nname={text}\nversion='1'\n", f"[project]\nname='p'\nversion='1'\ndependencies=[{text}]\n",
                f"[project]\nname='p'\nversion='1'\nrequires-python={text}\n",
                f"[project]\nname='p'\nversion='1'\n[tool.pkg]\n{text}=true\nindex-url={text}\n",
                f"[project]\nname='p'\nversion='1'\n[dependency-groups]\n{text}=[{text}]\n", "[project\n\x1b[31m",
                f"[project]\nname='p'\nversion='1'\n[[tool.pkg.index]]\nname={text}\nurl={text}\n"]
    runs = []
    for number, project in enumerate(projects):
        place.write(f"p{number}/pyproject.toml", project)
        runs += [(["lock", *options], {"cwd": f"{place.work}/p{number}"}), (["config", "debug"],
            {"cwd": f"{place.work}/p{number}"}), (["tree"], {"cwd": f"{place.work}/p{number}"})]
    place.write("b/pyproject.toml", "[build-system]\nrequires=[]\nbuild-backend='b'\nbackend-path=['.']\n")
    place.write("b/b.py", f"import sys\ndef build_wheel(*a, **k):\n"
                          f"    print({INJECT!r}); print({INJECT!r}, file=sys.stderr)\n"
                          f"    raise RuntimeError({INJECT!r})\n".encode())
    runs += [(["install", "-v", "--python", place.venv(), "./b", *options], {})]
    expect_clean(place, runs)


main()
