#!/usr/bin/env python3
"""`pkg tool` and `pkgx`: real environments and programs, an index on loopback, a person at a pseudo-terminal."""
import json, os, shutil, subprocess
from support import MAIN, Index, PKG, check, main, need_tool, on_terminal, program, wheel


class World:
    def __init__(self, place, *wheels, **env):
        self.place, self.index = place, Index(wheels)
        self.home = f"{place.path}/home"
        self.bin, self.tools = f"{self.home}/.local/bin", f"{self.home}/.local/share/pkg/tools"
        self.env = {"PKG_INDEX_URL": self.index.url, "PATH": "/usr/bin:/bin", **env}

    def pkg(self, *words, **more):
        return self.place.pkg(*words, **{**self.env, **more})

    def pkgx(self, *words):
        link = f"{self.place.path}/pkgx"
        if not os.path.islink(link):
            os.symlink(PKG, link)
        return subprocess.run([link, *words], cwd=self.place.work, capture_output=True, text=True,
                              env=self.place.environment(self.env))

    def add(self, made):
        self.index.projects.setdefault(made[0].split("-")[0], []).append(made)

    def start(self, name, *words):
        return subprocess.run([f"{self.bin}/{name}", *words], capture_output=True, text=True)


def person(world, *words, answer):
    return on_terminal(world.place, words, answer, **{**world.env, "TERM": "xterm"})


@check
def a_tool_runs_and_the_next_time_without_the_index(place):
    world = World(place, program("hello", "1.0", requires=["dep"]), wheel("dep", "1.0"))
    done = world.pkg("tool", "run", "hello", "a", "--json", "-q")
    assert (done.code, done.out) == (0, "hello 1.0 a --json -q\n"), done
    assert done.err.startswith(f"Fetching `hello` 1.0 from `{world.index.url}`, 2 packages\n"), done
    world.index.requests.clear()
    done = world.pkg("tool", "run", "hello", "b")
    assert (done.out, done.err) == ("hello 1.0 b\n", ""), done
    assert world.index.requests == [], world.index.requests
    done = world.pkg("tool", "run", "--offline", "hello", "c")
    assert (done.code, done.out, done.err) == (0, "hello 1.0 c\n", ""), done
    world.add(program("hello", "2.0"))
    assert world.pkg("tool", "run", "hello").out == "hello 1.0\n"
    assert world.pkg("tool", "run", "hello@latest").out == "hello 2.0\n"
    assert world.pkg("tool", "run", "hello").out == "hello 2.0\n"
    assert world.pkg("tool", "run", "hello@1.0").out == "hello 1.0\n"


@check
def exit_codes_are_those_of_a_shell(place):
    world = World(place, program("hello", "1.0"), program("dep", "1.0"), program("needs", "1.0", requires=["dep"]))
    assert world.pkg("tool", "run", "hello", "7").code == 7
    done = world.pkg("tool", "run", "--from", "hello", "helo")
    assert done.code == 127 and "it has: hello" in done.err, done
    assert "hint: pkg tool run --from hello hello" in done.err, done
    done = world.pkg("tool", "run", "--from", "needs", "dep")
    assert done.code == 127 and "hint: pkg tool run --from dep dep" in done.err, done
    done = world.pkg("tool", "run", "--json", "--from", "needs", "dep")
    assert done.code == 127 and json.loads(done.out)["error"]["kind"] == "not_found", done
    assert world.pkg("tool", "run").code == 2
    assert world.pkg("tool", "run", "absent").code == 1
    assert world.pkg("tool", "install", "hello").code == 0
    os.chmod(f"{world.tools}/hello/bin/hello", 0o755)
    with open(f"{world.tools}/hello/bin/hello", "w") as text:
        text.write("#!/nowhere/python\n")
    assert world.pkg("tool", "run", "hello").code == 126


@check
def pkgx_is_tool_run(place):
    world = World(place, program("hello", "1.0"))
    done = world.pkgx("hello", "--version", "3")
    assert (done.returncode, done.stdout) == (0, "hello 1.0 --version 3\n"), done
    assert world.pkgx("-q", "--with", "hello", "hello", "4").returncode == 4
    assert world.pkgx("--version").stdout.startswith("pkg ")
    assert "pkg tool run" in world.pkgx("--help").stdout
    assert world.pkgx().returncode == 2


@check
def a_person_is_asked_once_for_each_origin(place):
    need_tool("python3")
    world = World(place, program("hello", "1.0"))
    code, seen = person(world, "tool", "run", "hello", answer=b"n\n")
    assert code == 130 and f"`hello` 1.0 from `{world.index.url}`, 1 package" in seen, (code, seen)
    assert not [path for path, _ in world.index.requests if path.endswith(".whl")], world.index.requests
    code, seen = person(world, "tool", "run", "hello", "5", answer=b"y\n")
    assert code == 5 and "[y/N]" in seen, (code, seen)
    code, seen = person(world, "tool", "run", "hello@1.0", "6", answer=b"n\n")
    assert code == 6 and "[y/N]" not in seen, (code, seen)
    other = Index([program("hello", "1.0")])
    code, seen = person(world, "tool", "run", "-i", other.url, "hello", answer=b"\n")
    assert code == 130 and other.url in seen, (code, seen)
    for words in (["-y"], ["--yes"], ["--no-prompt"], ["--no-input"]):
        place_of = Index([program("hello", "1.0")])
        code, seen = person(world, "tool", "run", *words, "-i", place_of.url, "hello", "3", answer=b"n\n")
        assert code == 3 and "[y/N]" not in seen and "Fetching" in seen, (words, code, seen)
    world.env["PKG_NO_PROMPT"] = "1"
    code, seen = person(world, "tool", "run", "-i", Index([program("hello", "1.0")]).url, "hello", answer=b"n\n")
    assert code == 0 and "[y/N]" not in seen, (code, seen)


@check
def install_upgrade_uninstall(place):
    world = World(place, program("hello", "1.0", ["hello", "hello-more"]), program("plug", "1.0"))
    done = world.pkg("tool", "install", "hello<3", "--with", "plug", "--json")
    value = json.loads(done.out)
    assert (value["name"], value["version"], value["outcome"]) == ("hello", "1.0", "installed"), done
    assert [one["name"] for one in value["programs"]] == ["hello", "hello-more"] and value["with"] == ["plug"], done
    assert "is not on PATH: `pkg tool ensure-path`" in done.err, done
    assert world.start("hello", "a").stdout == "hello 1.0 a\n"
    world.add(program("hello", "2.0", ["hello"]))
    world.add(program("hello", "3.0", ["hello"]))
    done = world.pkg("tool", "list", "--show-version-specifiers", "--show-with")
    assert done.out == "hello 1.0 [required: <3] [with: plug]\n- hello\n- hello-more\n", done
    done = world.pkg("tool", "upgrade", "--all")
    assert done.code == 0 and "Changed hello 1.0 -> 2.0: hello" in done.err, done
    assert sorted(os.listdir(world.bin)) == ["hello"] and world.start("hello").stdout == "hello 2.0\n"
    assert "1 tool is up to date" in world.pkg("tool", "upgrade", "hello").err
    done = world.pkg("tool", "run", "hello")
    assert done.out == "hello 2.0\n" and done.err == "", done  # the installed one
    done = world.pkg("tool", "uninstall", "hello", "absent", "--json")
    assert done.code == 1 and json.loads(done.out)["removed"] == ["hello"], done
    assert os.listdir(world.bin) == [] and os.listdir(f"{world.tools}/.environments") == []
    assert json.loads(world.pkg("tool", "list", "--json").out)["tools"] == []


@check
def one_upgrade_that_fails_stops_no_other(place):
    world = World(place, program("alpha", "1.0"), program("beta", "1.0"))
    assert world.pkg("tool", "install", "alpha").code == 0 and world.pkg("tool", "install", "beta").code == 0
    world.add(program("alpha", "2.0", requires=["absent"]))
    del world.index.projects["alpha"][0]
    world.add(program("beta", "2.0"))
    done = world.pkg("tool", "upgrade", "--all", "--json")
    tools = {one["name"]: one for one in json.loads(done.out)["tools"]}
    assert done.code == 1 and tools["alpha"]["outcome"] == "failed" and tools["beta"]["version"] == "2.0", done
    assert world.start("alpha").stdout == "alpha 1.0\n" and world.start("beta").stdout == "beta 2.0\n"


@check
def a_checkout_says_nothing_of_tools(place):
    evil = Index([program("hello", "9.0")])
    world = World(place, program("hello", "1.0"))
    place.write("pyproject.toml", f"""[project]
name = "x"
version = "1"
[tool.pkg]
index-url = "{evil.url}"
prerelease = "allow"
no-such-setting = 1
[[tool.pkg.index]]
name = "evil"
url = "{evil.url}"
default = true
[tool.pkg.sources]
hello = {{ path = "hello" }}
""")
    place.write("hello/pyproject.toml", "[project]\nname = 'hello'\nversion = '8.0'\n")
    place.write(".python-version", "2.7\n")
    place.write(".venv/pip.conf", f"[global]\nindex-url = {evil.url}\n")
    env = {"VIRTUAL_ENV": f"{place.work}/.venv", "PKG_TRUST_PROJECT": "1"}
    assert world.pkg("tool", "run", "hello", **env).out == "hello 1.0\n"
    assert world.pkg("tool", "install", "hello", **env).code == 0
    assert world.start("hello").stdout == "hello 1.0\n"
    assert evil.requests == [], evil.requests


@check
def from_a_folder_and_from_git(place):
    need_tool("git")
    world = World(place)
    place.write("mine/pyproject.toml", """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
[project]
name = "mine"
version = "1.0"
[project.scripts]
mine = "mine:main"
""")
    backend = r'''
import base64, hashlib, os, re, zipfile
def build_wheel(folder, config=None, metadata=None, editable=False):
    version = re.search(r'^version = "(.*)"', open("pyproject.toml").read(), re.M)[1]
    info = f"mine-{version}.dist-info"
    files = {f"{info}/METADATA": f"Metadata-Version: 2.1\nName: mine\nVersion: {version}\n",
             f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
             f"{info}/entry_points.txt": "[console_scripts]\nmine = mine:main\n"}
    files["mine.pth" if editable else "mine.py"] = os.getcwd() + "\n" if editable else open("mine.py").read()
    name = f"mine-{version}-py3-none-any.whl"
    digest = lambda t: base64.urlsafe_b64encode(hashlib.sha256(t.encode()).digest()).rstrip(b"=").decode()
    rows = "".join(f"{n},sha256={digest(t)},{len(t)}\n" for n, t in files.items())
    with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
        for n, t in files.items():
            archive.writestr(n, t)
        archive.writestr(f"{info}/RECORD", rows + f"{info}/RECORD,,\n")
    return name
def build_editable(folder, config=None, metadata=None):
    return build_wheel(folder, editable=True)
'''
    place.write("mine/backend.py", backend)
    place.write("mine/mine.py", MAIN.format("mine one"))
    done = world.pkg("tool", "install", "./mine")
    assert done.code == 0 and world.start("mine").stdout == "mine one\n", done
    place.write("mine/mine.py", MAIN.format("mine two"))
    assert world.start("mine").stdout == "mine one\n"
    assert world.pkg("tool", "install", ".", cwd=f"{place.work}/mine").code == 0
    assert world.start("mine").stdout == "mine two\n"
    assert world.pkg("tool", "run", "--isolated", "./mine").out == "mine two\n"
    done = world.pkg("tool", "install", "-e", "./mine")
    assert done.code == 0, done
    place.write("mine/mine.py", MAIN.format("mine three"))
    assert world.start("mine").stdout == "mine three\n"
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.test"]
    for words in (["init", "-q"], ["add", "."], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], cwd=f"{place.work}/mine", check=True)
    done = world.pkg("tool", "install", f"git+file://{place.work}/mine")
    assert done.code == 0 and world.start("mine").stdout == "mine three\n", done
    place.write("mine/mine.py", MAIN.format("mine four"))
    assert world.start("mine").stdout == "mine three\n"
    subprocess.run([*git, "commit", "-qam", "y"], cwd=f"{place.work}/mine", check=True)
    done = world.pkg("tool", "upgrade", "mine")
    assert done.code == 0 and world.start("mine").stdout == "mine four\n", done


@check
def two_at_once_wait_for_each_other(place):
    world = World(place, *(program(f"tool{n}", "1.0") for n in range(6)))
    running = [subprocess.Popen([PKG, "tool", "install", f"tool{n % 6}"], cwd=place.work,
                                env=place.environment(world.env), stderr=subprocess.PIPE, text=True)
               for n in range(12)]
    for process in running:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    assert sorted(os.listdir(world.bin)) == [f"tool{n}" for n in range(6)]
    assert len(os.listdir(f"{world.tools}/.environments")) == 6


@check
def a_tool_that_lost_its_python_or_its_environment_is_made_again(place):
    world = World(place, program("hello", "1.0"))
    assert world.pkg("tool", "install", "hello").code == 0
    os.unlink(f"{world.tools}/hello/bin/python")
    done = world.pkg("tool", "list")
    assert "has lost its Python" in done.err, done
    assert world.pkg("tool", "upgrade", "hello").code == 0
    assert world.start("hello").stdout == "hello 1.0\n"
    assert world.pkg("tool", "run", "--isolated", "hello").code == 0
    shutil.rmtree(f"{place.path}/cache/pkg/environments-v2")
    assert world.pkg("tool", "run", "--isolated", "hello").out == "hello 1.0\n"
    assert world.pkg("cache", "prune", "--unused-for", "0 seconds").code == 0
    assert world.pkg("tool", "run", "--isolated", "hello").out == "hello 1.0\n"


@check
def path_is_ensured_once(place):
    world = World(place, SHELL="/bin/bash")
    profile = f"{world.home}/.bashrc"
    done = world.pkg("tool", "ensure-path", "--dry-run")
    assert done.code == 0 and "Would add this line" in done.err and not os.path.exists(profile), done
    for _ in range(2):
        assert world.pkg("tool", "ensure-path").code == 0
    with open(profile) as text:
        assert text.read() == 'export PATH="$HOME/.local/bin:$PATH"  # by pkg tool ensure-path\n'
    done = subprocess.run(["bash", "-c", ". ~/.bashrc; echo $PATH"], capture_output=True, text=True,
                          env={"HOME": world.home, "PATH": "/usr/bin:/bin"})
    assert done.stdout == f"{world.bin}:/usr/bin:/bin\n", done
    done = world.pkg("tool", "ensure-path", "--json", PATH=f"{world.bin}:/usr/bin:/bin")
    assert json.loads(done.out)["on_path"] is True, done
    assert world.pkg("tool", "dir").out == world.tools + "\n"
    assert world.pkg("tool", "dir", "--bin", PKG_BIN_DIR="/opt/x").out == "/opt/x\n"


main()
