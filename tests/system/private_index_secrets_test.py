"""What works with a private index leaves its secret in no lock, export, build, record or request to elsewhere."""
import base64, io, os, tarfile

from private_index import QUOTED, SECRET, TLS, USER, PrivateIndex, app, leaks, watch_children
from support import check, main, wheel


@check
def locks_and_exports_hold_no_secret(place):
    index = app()
    place.write("pyproject.toml", f'[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                  f'dependencies = ["app"]\n\n[[tool.pkg.index]]\nname = "corp"\nurl = "{index.url}"\n'
                                  f'default = true\n')
    kept = place.pkg("auth", "login", index.url, "--username", USER, "--password-stdin", stdin=SECRET)
    assert kept.code == 0, kept
    allowed = [f"{place.path}/home/.config/pkg/"]
    place.write("requirements.in", "app\n")
    runs = [place.pkg("lock", "-vv", *TLS), place.pkg("sync", "-vv", *TLS),
            place.pkg("compile", "-vv", "--generate-hashes", *TLS, "requirements.in", "-o", "requirements.txt"),
            place.pkg("export", "-vv", *TLS), place.pkg("tree", *TLS), place.pkg("why", "lib", *TLS),
            place.pkg("outdated", *TLS)]
    for run in runs[:4]:
        assert run.code == 0, run
    assert os.path.exists(f"{place.work}/pylock.toml") and os.path.exists(f"{place.work}/requirements.txt")
    found = leaks(place, *runs, allowed=allowed)
    assert not found, found
    url = index.with_user("me%40corp:" + QUOTED)
    env = place.venv("url")
    finish = watch_children()
    runs = [place.pkg("install", "-vv", "--python", env, *TLS, "--no-cache", "-r", "-", stdin=f"-i {url}\napp\n"),
            place.pkg("compile", "--emit-index-url", *TLS, "requirements.in", PIP_INDEX_URL=url),
            place.pkg("compile", *TLS, "requirements.in", PIP_INDEX_URL=url)]
    finish()
    found = leaks(place, *[r for r in runs if r.code == 0], allowed=allowed)
    assert runs[0].code == 0 and runs[2].code == 0 and not found, (found, runs)


BACKEND = """
import base64, hashlib, os, zipfile

NAME = "snoop-1.0.dist-info/"


def build_wheel(folder, settings=None, metadata=None):
    told = {"environment": dict(os.environ), "parents": []}
    pid = os.getpid()
    while pid > 1:
        for part in ("cmdline", "environ"):
            try:
                seen = part == "cmdline" or pid == os.getpid()
                told["parents"].append(open(f"/proc/{pid}/{part}", "rb").read() if seen else b"")
            except OSError:
                pass
        pid = int(open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[1])
    files = {"snoop.py": f"TOLD = {told!r}".encode(),
             NAME + "METADATA": b"Metadata-Version: 2.1\\nName: snoop\\nVersion: 1.0\\n",
             NAME + "WHEEL": b"Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"}
    digest = lambda data: base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    rows = "".join(f"{n},sha256={digest(d)},{len(d)}\\n" for n, d in files.items())
    files[NAME + "RECORD"] = (rows + NAME + "RECORD,,\\n").encode()
    with zipfile.ZipFile(os.path.join(folder, "snoop-1.0-py3-none-any.whl"), "w") as out:
        for name, data in files.items():
            out.writestr(name, data)
    return "snoop-1.0-py3-none-any.whl"
"""


def snooping_sdist():
    content = {"pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
               "backend.py": BACKEND.replace("\\\\n", "\\n"),
               "PKG-INFO": "Metadata-Version: 2.2\nName: snoop\nVersion: 1.0\n"}
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in content.items():
            entry = tarfile.TarInfo(f"snoop-1.0/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return "snoop-1.0.tar.gz", buffer.getvalue()


@check
def builds_learn_no_secret(place):
    index = PrivateIndex([snooping_sdist()])
    index.announce_metadata = False
    kept = place.pkg("auth", "login", index.url, "--username", USER, "--password-stdin", stdin=SECRET)
    assert kept.code == 0, kept
    allowed = [f"{place.path}/home/.config/pkg/"]
    url = index.with_user("me%40corp:" + QUOTED)
    for variables in ({}, {"PIP_INDEX_URL": url, "UV_INDEX_URL": url, "https_proxy": "", "MY_MIRROR": url},
                      {"PKG_INDEX_CORP_PASSWORD": SECRET, "PKG_INDEX_CORP_USERNAME": USER}):
        env = place.venv(f"env{len(os.listdir(place.path))}")
        done = place.pkg("install", "-vv", "--no-cache", "--python", env, *TLS, "--index", f"corp={index.url}", "-i",
                         index.url, "snoop", **variables)
        assert done.code == 0, done
        found = leaks(place, done, allowed=allowed)  # what the build saw is in the module that it made
        assert not found, (variables.keys(), found)
        assert place.python(env, "import snoop; print(len(snoop.TOLD['environment']) > 3)").out == "True\n"


@check
def direct_urls_are_recorded_without_their_password(place):
    index = app()
    name = next(n for n, _ in index.projects["lib"])
    url = index.with_user("me%40corp:" + QUOTED).replace("/simple/", f"/files/{name}")
    env = place.venv()
    wanted = place.write("req.txt", f"lib @ {url}\n")
    done = place.pkg("install", "-vv", "--python", env, "--no-index", *TLS, "--report", f"{place.work}/report.json",
                     "-r", wanted)
    assert done.code == 0, done
    frozen, shown, described = place.pkg("freeze", "--python", env), place.pkg("show", "-f", "--python", env,
        "lib"), place.pkg("inspect", "--python", env)
    assert "lib @ https://" in frozen.out, frozen
    found = leaks(place, done, frozen, shown, described, allowed=[wanted])
    assert not found, found


@check
def secrets_stay_with_their_origin(place):
    files = PrivateIndex([wheel("app", "1.0"), wheel("lib", "2.0")], tls=False, secret=None)
    name = files.projects["app"][0][0]
    page = (f'<!DOCTYPE html><html><body><a '
            f'href="{files.url.replace("/simple/", "/files/" + name)}">{name}</a></body></html>'.encode())
    index = PrivateIndex([], tls=False)
    index.answer = None
    plain = index.respond

    def respond(path, headers):
        answer = plain(path, headers)
        return (200, {"Content-Type": "text/html"}, page) if path == "/simple/app/" and answer[0] != 401 else answer

    index.respond = respond
    env = place.venv()
    done = place.pkg("install", "--python", env, "-vv", "app", PIP_INDEX_URL=index.with_user("me%40corp:" + QUOTED))
    assert done.code == 0 and not leaks(place, done), done
    assert files.requests and not [1 for _, headers in files.requests if "Authorization" in headers], files.requests
    assert [1 for _, headers in index.requests if "Authorization" in headers]


main()
