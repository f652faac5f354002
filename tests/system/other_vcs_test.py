"""Mercurial, Subversion and Breezy: a revision is installed, recorded, kept as asked for, and nothing of the repository
or the URL is obeyed."""
import json, os, subprocess

from sources import project, write_tree
from support import check, main, need_tool


class Repository:
    """One repository of one tool: `url` as a requirement has it, and commit(tree), which gives the new
    revision's name."""

    def __init__(self, place, name):
        self.tool, self.folder = name, f"{place.work}/{name}-repo"
        # Breezy finds its modules by the first python3 on PATH, which has to be Debian's.
        self.variables = {"PATH": f"/usr/bin:{os.environ['PATH']}"} if name == "bzr" else {}
        self.environment = {**place.environment(self.variables), "BRZ_EMAIL": "t <t@t.example>", "HGUSER": "t"}
        self.pkg = lambda *words, **more: place.pkg(*words, **self.variables, **more)

    def run(self, *words, cwd=None):
        done = subprocess.run([*words], cwd=cwd or self.folder, env=self.environment, capture_output=True, text=True)
        assert done.returncode == 0, (words, done)
        return done.stdout.strip()


class Mercurial(Repository):
    def __init__(self, place):
        need_tool("hg")
        super().__init__(place, "hg")
        os.mkdir(self.folder)
        self.run("hg", "init")
        self.url = f"hg+file://{self.folder}"

    def commit(self, tree):
        write_tree(self.folder, tree)
        self.run("hg", "commit", "--addremove", "--message", "x")
        return self.run("hg", "log", "--rev", ".", "--template", "{node}")

    def name_revision(self, name):
        self.run("hg", "tag", "--local", name)


class Subversion(Repository):
    def __init__(self, place):
        need_tool("svn")
        super().__init__(place, "svn")
        self.run("svnadmin", "create", f"{self.folder}-store", cwd=place.work)
        self.run("svn", "checkout", "--quiet", f"file://{self.folder}-store", self.folder, cwd=place.work)
        self.url = f"svn+file://{self.folder}-store"

    def commit(self, tree):
        write_tree(self.folder, tree)
        self.run("svn", "add", "--force", "--quiet", ".")
        self.run("svn", "commit", "--quiet", "--message", "x")
        self.run("svn", "update", "--quiet")
        return self.run("svn", "info", "--show-item", "last-changed-revision")


class Breezy(Repository):
    def __init__(self, place):
        need_tool("brz")
        super().__init__(place, "bzr")
        os.mkdir(self.folder)
        self.run("brz", "init", "--quiet")
        self.url = f"bzr+file://{self.folder}"

    def commit(self, tree):
        write_tree(self.folder, tree)
        self.run("brz", "add", "--quiet")
        self.run("brz", "commit", "--quiet", "--message", "x")
        return self.run("brz", "revno")


def version(place, env):
    return place.python(env, "import app; print(app.version)").out.strip()


def direct_url(env):
    site = f"{env}/lib/" + os.listdir(f"{env}/lib")[0] + "/site-packages"
    info = next(name for name in os.listdir(site) if name.startswith("app-") and name.endswith(".dist-info"))
    with open(f"{site}/{info}/direct_url.json") as file:
        return json.load(file)


def installs_revisions(place, repository):
    first = repository.commit(project("app", "1.0"))
    second = repository.commit(project("app", "2.0"))
    assert first != second
    env = place.venv()
    for word, commit_id, asked, expected in [(f"@{first}", first, first, "1.0"), ("", second, None, "2.0")]:
        done = repository.pkg("install", "--python", env, "--no-index", repository.url + word)
        assert done.code == 0, done
        assert version(place, env) == expected
        info = {"vcs": repository.tool, "commit_id": commit_id, **({"requested_revision": asked} if asked else {})}
        found = direct_url(env)
        assert found == {"url": repository.url.split("+", 1)[1], "vcs_info": info}, found
    frozen = repository.pkg("freeze", "--python", env)
    assert frozen.out == f"app @ {repository.url}@{second}\n", frozen
    # What freeze wrote gives the same again, in another environment.
    again = place.venv("again")
    requirements = place.write("frozen.txt", frozen.out)
    assert repository.pkg("install", "--python", again, "--no-index", "-r", requirements).code == 0
    assert version(place, again) == "2.0"


def locks_the_revision(place, repository):
    """A lock keeps the commit: what came afterwards is not installed until the lock is upgraded."""
    first = repository.commit(project("app", "1.0"))
    place.write("p/pyproject.toml", '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.8"\n'
                f'dependencies = ["app @ {repository.url}"]\n')
    folder = f"{place.work}/p"
    locked = repository.pkg("lock", "--no-index", cwd=folder)
    assert locked.code == 0, locked
    with open(f"{folder}/pylock.toml") as file:
        text = file.read()
    assert f'commit-id = "{first}"' in text and f'type = "{repository.tool}"' in text, text
    repository.commit(project("app", "2.0"))
    synced = repository.pkg("sync", "--no-index", cwd=folder)
    assert synced.code == 0 and version(place, f"{folder}/.venv") == "1.0", synced
    upgraded = repository.pkg("sync", "--no-index", "-U", cwd=folder)
    assert upgraded.code == 0 and version(place, f"{folder}/.venv") == "2.0", upgraded


def refuses_what_is_none(place, repository):
    repository.commit(project("app", "1.0"))
    env = place.venv()
    witness = f"{place.path}/witness"
    wrong = repository.pkg("install", "--python", env, "--no-index", f"{repository.url}@nowhere")
    assert wrong.code == 1 and "Traceback" not in wrong.err and repository.tool in wrong.err, wrong
    for word in (f"@--config=alias.identify=!touch {witness}", f"@-o{witness}", "@--help"):
        refused = repository.pkg("install", "--python", env, "--no-index", repository.url + word)
        assert refused.code != 0 and not os.path.exists(witness), (word, refused)
    gone = repository.pkg("install", "--python", env, "--no-index", repository.url + "-that-is-not-there")
    assert gone.code == 1 and repository.tool in gone.err, gone


def has_one_subdirectory(place, repository):
    tree = {f"packages/app/{path}": text for path, text in project("app", "3.0").items()}
    repository.commit(tree)
    env = place.venv()
    done = repository.pkg("install", "--python", env, "--no-index", f"app @ {repository.url}#subdirectory=packages/app")
    assert done.code == 0 and version(place, env) == "3.0", done
    assert direct_url(env)["subdirectory"] == "packages/app"


for kind in (Mercurial, Subversion, Breezy):
    for part in (installs_revisions, locks_the_revision, refuses_what_is_none, has_one_subdirectory):
        def run(place, kind=kind, part=part):
            part(place, kind(place))
        run.__name__ = f"{kind.__name__}_{part.__name__}"
        check(run)


@check
def Mercurial_a_repository_runs_no_hook(place):
    repository = Mercurial(place)
    witness = f"{place.path}/witness"
    repository.commit(project("app", "1.0"))
    with open(f"{repository.folder}/.hg/hgrc", "a") as file:
        file.write(f"[hooks]\noutgoing = touch {witness}\nupdate = touch {witness}\npost-identify = touch {witness}\n")
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", repository.url)
    assert done.code == 0, done
    assert not os.path.exists(witness), "a hook of the repository ran"


@check
def Mercurial_a_tag_is_a_revision(place):
    repository = Mercurial(place)
    commit = repository.commit(project("app", "1.0"))
    repository.name_revision("v1")
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", f"{repository.url}@{commit[:12]}")
    assert done.code == 0 and direct_url(env)["vcs_info"]["commit_id"] == commit, done


main()
