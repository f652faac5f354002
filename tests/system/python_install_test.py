#!/usr/bin/env python3
"""`pkg python`: Pythons from a catalogue on a loopback mirror, packed from the interpreter that runs this test, and
small fakes: what is installed, what an environment has of an upgrade, and all that is refused."""
import json, os, subprocess, sys, tarfile, threading, time

from python_archives import LIBC, MACHINE, OTHER, PythonWorld, fake, gzipped, key, put, real, source
from support import PKG, check, main, tree

def done(run):
    assert run.code == 0, run
    return run


def failed(run, *words, code=1):
    assert run.code == code, run
    for word in words:
        assert word in run.err, (word, run)
    return run


def asked(program, code, **env):
    run = subprocess.run([program, "-c", code], capture_output=True, text=True, env={**os.environ, **env})
    assert run.returncode == 0, run
    return run.stdout.strip()


@check
def a_python_is_installed_and_knows_where_it_lies(place):
    world, minor = PythonWorld(place), source().minor
    version = source().version(source().patch)
    world.mirror.add(version, real(source().patch))
    run = done(world.install(minor))
    folder = f"{world.pythons}/{key(version)}"
    link = f"{world.pythons}/{key(minor)}"
    assert f"+ cpython {version} {link}/bin/python{minor}" in run.err, run
    assert world.names() == sorted([".lock", key(version), key(minor)]) and os.readlink(link) == key(version)
    program = f"{folder}/bin/python3"
    said = json.loads(asked(program, "import json,sys,sysconfig as s; print(json.dumps([sys.prefix, "
                                     "s.get_config_var('prefix'), s.get_config_var('CC'), s.get_path('stdlib')]))"))
    assert said[:2] == [folder, folder] and said[2].split()[0] == "cc" and said[3].startswith(folder), said
    library = f"{folder}/lib/python{minor}"
    assert "[externally-managed]" in open(f"{library}/EXTERNALLY-MANAGED").read()
    assert open(f"{folder}/lib/pkgconfig/python-{minor}.pc").read() == (
        f"prefix={folder}\nlibdir=${{prefix}}/lib\nincludedir={folder}/include\nother=/installed/x\n")
    assert open(f"{folder}/bin/pip3").readline() == f"#!{folder}/bin/python{minor}\n"
    assert subprocess.run([f"{folder}/bin/shell"], capture_output=True, text=True).stdout == f"{folder}\n"
    assert not [name for _, _, files in os.walk(folder) for name in files if "/.new-" in name]
    note = json.load(open(f"{folder}/.pkg-python.json"))
    assert note["name"] == key(version) and note["sha256"] == world.mirror.entries[0]["sha256"], note
    # What is there is not fetched again.
    fetches = len(world.mirror.asked)
    assert "is there" in done(world.install(minor)).err
    assert len(world.mirror.asked) == fetches + 1  # the catalogue
    before = tree(folder)
    again = json.loads(done(world.install(minor, "--reinstall", "--json")).out)
    assert [one["outcome"] for one in again["changes"]] == ["installed"]
    after = {path: value for path, value in tree(folder).items() if "__pycache__" not in path}
    assert after == {path: value for path, value in before.items() if "__pycache__" not in path}
    listed = done(world.pkg("python", "list")).out
    assert listed == f"cpython-{version} {link}/bin/python{minor} (managed)\n", listed
    value = json.loads(done(world.pkg("python", "list", "--json")).out)
    assert [one["managed"] for one in value["interpreters"]] == [True] and value["downloads"] == []
    assert done(world.pkg("python", "find", minor)).out == f"{link}/bin/python{minor}\n"
    assert done(world.pkg("python", "find", version)).out == f"{folder}/bin/python{minor}\n"
    assert done(world.pkg("python", "dir")).out == f"{world.pythons}\n"
    refused = world.pkg("install", "--python", f"{folder}/bin/python3", "--no-index", "x")
    failed(refused, "externally managed")


@check
def full_archives_are_unpacked_too(place):
    world, patch = PythonWorld(place), source().patch
    version = source().version(patch)
    world.mirror.add(version, real(patch, full=True), "tar.zst")
    done(world.install(version))
    assert asked(f"{world.pythons}/{key(version)}/bin/python3", "import sys; print(sys.prefix)") == \
        f"{world.pythons}/{key(version)}"
    assert not os.path.exists(f"{world.pythons}/{key(version)}/PYTHON.json")


@check
def environments_go_on_with_an_upgrade_and_back(place):
    world, minor = PythonWorld(place), source().minor
    old, new = source().patch, source().patch + 1
    world.mirror.add(source().version(old), real(old))
    done(world.install(minor))
    done(world.pkg("venv", "--python", minor, f"{place.path}/env"))
    done(world.pkg("venv", "--python", source().version(old), f"{place.path}/exact"))
    config = open(f"{place.path}/env/pyvenv.cfg").read()
    assert f"home = {world.pythons}/{key(minor)}/bin\n" in config, config
    tells = "import sys; print('%d.%d.%d' % sys.version_info[:3], sys.prefix)"
    assert asked(f"{place.path}/env/bin/python", tells) == f"{source().version(old)} {place.path}/env"
    assert "is there" in done(world.pkg("python", "upgrade")).err
    world.mirror.add(source().version(new), real(new))
    run = done(world.pkg("python", "upgrade", minor))
    assert f"~ cpython {source().version(old)} -> cpython {source().version(new)}" in run.err, run
    assert asked(f"{place.path}/env/bin/python", tells) == f"{source().version(new)} {place.path}/env"
    assert asked(f"{place.path}/exact/bin/python", tells).startswith(source().version(old))
    done(world.pkg("list", "--python", f"{place.path}/env"))
    assert [line.split()[0] for line in done(world.pkg("python", "list")).out.splitlines()] == [
        f"cpython-{source().version(new)}", f"cpython-{source().version(old)}"]
    run = done(world.pkg("python", "uninstall", source().version(new)))
    assert asked(f"{place.path}/env/bin/python", tells).startswith(source().version(old))
    done(world.pkg("python", "uninstall", "--all"))
    assert world.has_nothing(), world.names()


@check
def wrong_bytes_are_refused(place):
    world = PythonWorld(place)
    data = fake(f"{OTHER}.1")
    name = world.mirror.add(f"{OTHER}.1", data)
    for changed, word in ((data[:-1] + b"x", "sha256"), (data + b"x", ""), (data[:-1], "")):
        world.mirror.files[name] = changed
        failed(world.install(OTHER), word)
        assert world.has_nothing(), world.names()
        failed(world.install(OTHER, "--no-verify-hashes"))
        assert world.has_nothing(), world.names()
    world.mirror.files[name] = data
    done(world.install(OTHER))


@check
def a_transfer_that_is_cut_goes_on(place):
    world = PythonWorld(place)
    padding = os.urandom(900_000)
    data = fake(f"{OTHER}.1", members=[lambda archive: put(archive, "python/lib/padding", padding)])
    name = world.mirror.add(f"{OTHER}.1", data)
    world.mirror.cut[name] = [300_000, 200_000, len(data)]
    done(world.install(OTHER))
    assert [part for _, part in world.mirror.fetched(name)] == [None, "bytes=300000-", "bytes=500000-"]
    done(world.pkg("python", "uninstall", "--all"))
    world.mirror.cut[name] = 1000
    failed(world.install(OTHER))
    assert world.has_nothing(), world.names()


def member(name, data=b"", **fields):
    return lambda archive: put(archive, name, data, **fields)


@check
def hostile_archives_leave_nothing(place):
    world = PythonWorld(place)
    outside = f"{place.path}/outside"
    link = {"type": tarfile.SYMTYPE}
    rows = [
        ([member("/etc/x", b"x")], ""), ([member("python/../../x", b"x")], ""),
        ([member("python/lib/x", **link, linkname=outside)], "not relative"),
        ([member("python/lib/x", **link, linkname="../../../x")], "out of"),
        ([member("python/x", **link, linkname="../lib")], "out of"),
        ([member("python/dev", type=tarfile.CHRTYPE)], "refused"), ([member("python/fifo", type=tarfile.FIFOTYPE)], ""),
        ([member("other/x", b"x")], "folders at its top"), ([member("x", b"x")], "beside"),
        ([member("python/d", **link, linkname="lib"), member("python/d/x", b"x")], "no folder"),
        ([member("python/h", type=tarfile.LNKTYPE, linkname="../../etc/passwd")], ""),
        ([member("python/PYTHON.json", b"{}"), member("python/install/bin/x", **link, linkname="../../PYTHON.json")],
         "link out of the interpreter's folder"),
    ]
    for number, (members, word) in enumerate(rows):
        world.mirror.entries.clear()
        world.mirror.add(f"{OTHER}.{number}", fake(f"{OTHER}.{number}", members=members))
        failed(world.install(OTHER), word, f"while installing {key(f'{OTHER}.{number}')}")
        assert world.has_nothing() and not os.path.exists(outside), (word, world.names())
    for data, word in ((b"no archive", "no .tar.gz"), (gzipped(b"\0" * 4096), "folders at its top")):
        world.mirror.entries.clear()
        world.mirror.add(f"{OTHER}.50", data)
        failed(world.install(OTHER), word)
    world.mirror.entries.clear()
    world.mirror.add(f"{OTHER}.51", b"x", "zip")
    failed(world.install(OTHER), "is no archive that pkg unpacks")
    assert world.has_nothing()


@check
def what_does_not_start_here_is_not_left(place):
    world = PythonWorld(place)
    broken = ("#!/bin/sh\necho \"python: /lib/libc.so.6: version 'GLIBC_2.38' not found (required by python)\" >&2\n"
              "echo \"python: /lib/libc.so.6: version 'GLIBC_9.77' not found (required by libpython)\" >&2\nexit 1\n")
    world.mirror.add(f"{OTHER}.1", fake(f"{OTHER}.1", broken))
    failed(world.install(OTHER), f"{key(f'{OTHER}.1')} needs glibc 9.77 or newer", "nothing was installed")
    assert world.has_nothing(), world.names()
    for body, word in (("#!/bin/sh\necho 'pkg: cpython 3.1.2 -'\n", "holds another Python"),
                       ("#!/bin/sh\nexit 3\n", "does not start on this machine: exit code 3"),
                       ("#!/no/such/loader\n", "does not start on this machine")):
        world.mirror.entries.clear()
        world.mirror.add(f"{OTHER}.1", fake(f"{OTHER}.1", body))
        failed(world.install(OTHER), word)
        assert world.has_nothing(), world.names()


@check
def hostile_catalogues_are_refused(place):
    world = PythonWorld(place)
    world.mirror.add(f"{OTHER}.1", fake(f"{OTHER}.1"))
    good = dict(world.mirror.entries[0])
    for changes, word in (({"version": "../../x"}, "names no build"), ({"implementation": "a/b"}, "names no build"),
                          ({"platform": "linux-../x"}, "names no build"), ({"variant": "x"}, "variant"),
                          ({"url": "ftp://x/y.tar.gz"}, "https, http or file"), ({"sha256": "ab"}, "sha256"),
                          ({"size": 0}, "bytes"), ({"size": -1}, "size"), ({"version": None}, "version")):
        world.mirror.entries = [{**good, **changes}]
        failed(world.install(OTHER), word)
    for text, word in (("[]", "no object"), ("{}", "schema"), ('{"schema": 2, "pythons": []}', "schema 2"),
                       ('{"schema": 1}', "pythons"), ("{", "JSON")):
        path = place.write("catalogue.json", text)
        failed(world.install(OTHER, PKG_PYTHON_CATALOG=path), word if word != "JSON" else "catalogue")
    failed(world.install("3.1", PKG_PYTHON_CATALOG=f"{place.path}/none.json"), "none.json")
    failed(world.install(OTHER, PKG_PYTHON_CATALOG="http://198.51.100.1/c.json"), "without encryption", code=2)
    failed(world.install(OTHER, PKG_PYTHON_CATALOG=""), "there is no catalogue", code=2)
    assert world.has_nothing()


@check
def two_at_once_install_it_once(place):
    world = PythonWorld(place)
    name = world.mirror.add(f"{OTHER}.1", fake(f"{OTHER}.1"))
    world.mirror.wait[name] = threading.Event()
    command = [PKG, "python", "install", OTHER]
    both = [subprocess.Popen(command, env=place.environment(world.environment()), cwd=place.work,
                             stderr=subprocess.PIPE, text=True) for _ in range(2)]
    time.sleep(1)
    world.mirror.wait[name].set()
    said = sorted(one.communicate(timeout=60)[1].split()[0] for one in both)
    assert [one.returncode for one in both] == [0, 0] and said == ["+", "cpython"], said
    assert len(world.mirror.fetched(name)) == 1


@check
def what_is_needed_comes_by_itself(place):
    world, minor = PythonWorld(place), source().minor
    version = source().version(source().patch)
    world.mirror.add(version, real(source().patch))
    hint = f"`pkg python install {minor}` installs one"
    for words in (("--no-python-downloads",), ("--python-downloads", "manual"), ("--python-downloads", "never")):
        failed(world.pkg("venv", "--python", minor, *words), hint)
    failed(world.pkg("venv", "--python", minor, PKG_PYTHON_DOWNLOADS="manual"), hint)
    failed(world.pkg("venv", "--python", minor, "--offline"), "could be installed", "--offline")
    assert world.has_nothing()
    place.write("pyproject.toml", f'[project]\nname = "p"\nversion = "1"\nrequires-python = "=={minor}.*"\n'
                                  '[tool.pkg]\npython-catalog = "/evil.json"\npython-downloads = "never"\n')
    run = failed(world.pkg("run", "python", "-V"), "installs one")
    assert "python-catalog" in run.err and world.has_nothing(), run  # a project does not say where
    run = failed(world.pkg("sync", "--dry-run", PKG_PYTHON_DOWNLOADS="automatic"), "installs one")
    assert world.has_nothing()
    run = done(world.pkg("run", "python", "-c", "import sys; print(sys.base_prefix)", PKG_PYTHON_DOWNLOADS="automatic"))
    assert run.out.strip() == f"{world.pythons}/{key(minor)}", run
    assert f"Installing {key(version)} (" in run.err and "there is no Python here for" in run.err, run
    run = done(world.pkg("run", "python", "-c", "print(1)"))
    assert "Installing" not in run.err
    # A script says what it needs.
    done(world.pkg("python", "uninstall", "--all"))
    script = place.write("s/x.py", f'# /// script\n# requires-python = ">={minor},<{minor}.999"\n# ///\nprint("ran")\n')
    run = done(world.pkg("run", script, cwd=f"{place.work}/s", PKG_PYTHON_DOWNLOADS="automatic"))
    assert run.out == "ran\n" and "Installing" in run.err, run


@check
def links_go_where_nobody_elses_are(place):
    world = PythonWorld(place)
    world.mirror.add(f"{OTHER}.1", fake(f"{OTHER}.1"))
    run = done(world.install(OTHER, "--links"))
    link = f"{world.bin}/python{OTHER}"
    assert os.readlink(link) == f"{world.pythons}/{key(OTHER)}/bin/python{OTHER}" and "is not in PATH" in run.err, run
    os.remove(link)
    os.symlink("/bin/true", link)
    failed(world.install(OTHER, "--links"), "not a link that pkg made", "--force")
    run = done(world.install(OTHER, "--default", "--force", PATH=f"{place.path}/path:{world.bin}"))
    assert sorted(os.listdir(world.bin)) == ["python", "python3", f"python{OTHER}"] and "PATH" not in run.err, run
    os.remove(f"{world.bin}/python")
    open(f"{world.bin}/python", "w").write("mine")
    done(world.pkg("python", "uninstall", OTHER))
    assert os.listdir(world.bin) == ["python"]


@check
def requests_choose_among_what_the_catalogue_has(place):
    world = PythonWorld(place)
    for version, changes in ((f"{OTHER}.1", {}), (f"{OTHER}.3", {}), (f"{OTHER}.2", {}), ("9.8.7", {}),
                             ("9.10.0rc1", {}), (f"{OTHER}.4", {"libc": "other"}),
                             (f"{OTHER}.4", {"platform": "linux-other"}),
                             (f"{OTHER}.5", {"variant": "debug"}), (f"{OTHER}.6", {"variant": "freethreaded"})):
        world.mirror.add(version, fake(version), **changes)
    world.mirror.add("3.77.2", fake("3.77.2", implementation="pypy"), implementation="pypy")

    def installed(request):
        failed_or_done = world.pkg("python", "install", "--json", request)
        if failed_or_done.code != 0:
            return failed_or_done.err.split("\n")[0]
        return json.loads(failed_or_done.out)["changes"][0]["name"]

    assert installed(OTHER) == key(f"{OTHER}.3") and installed(f"{OTHER}.1") == key(f"{OTHER}.1")
    assert installed(f">=9.8,<{OTHER}") == key("9.8.7") and installed("cp98") == key("9.8.7")
    assert installed(f"cpython@{OTHER}") == key(f"{OTHER}.3") and installed("9.10") == key("9.10.0rc1")
    assert installed(f"cpython-{OTHER}-linux-{MACHINE}-{LIBC}") == key(f"{OTHER}.3")
    assert installed("pypy3.77") == key("3.77.2").replace("cpython", "pypy")
    # The fakes are neither, but they were chosen.
    assert "archive holds no" in installed(f"{OTHER}t") and "another Python" in installed(f"{OTHER}+debug")
    assert "has none for" in installed("9.7") and "names no version" in installed("/usr/bin/python3")
    listed = done(world.pkg("python", "list", "--only-downloads")).out
    assert listed == f"cpython-{OTHER}.6t can be installed\ncpython-{OTHER}.5d can be installed\n" \
                     f"cpython-{OTHER}.3 can be installed\ncpython-9.8.7 can be installed\n" \
                     "pypy-3.77.2 can be installed\n", listed


@check
def a_mirror_takes_the_place_of_the_base(place):
    world = PythonWorld(place)
    data = fake(f"{OTHER}.1")
    name = world.mirror.add(f"{OTHER}.1", data)
    world.mirror.files[f"copy/{name}"] = data
    catalogue = {"schema": 1, "base": "https://example.invalid/releases/", "pythons": world.mirror.entries}
    path = place.write("c.json", json.dumps(catalogue))
    run = done(world.install(OTHER, "--mirror", f"{world.mirror.base}copy", PKG_PYTHON_CATALOG=path))
    assert [asked[0] for asked in world.mirror.asked] == [f"copy/{name}"], world.mirror.asked
    # A folder with the archives beside the catalogue needs no network.
    done(world.pkg("python", "uninstall", "--all"))
    os.makedirs(f"{place.work}/offline")
    with open(f"{place.work}/offline/{name.replace('%2B', '+')}", "wb") as file:
        file.write(data)
    path = place.write("offline/c.json", json.dumps({**catalogue, "base": "."}))
    done(world.install(OTHER, "--offline", PKG_PYTHON_CATALOG=path))
    outside = [{**world.mirror.entries[0], "url": "https://elsewhere.invalid/x.tar.gz"}]
    path = place.write("c.json", json.dumps({**catalogue, "pythons": outside}))
    failed(world.install(OTHER, "--mirror", world.mirror.base, PKG_PYTHON_CATALOG=path), "outside of its base")


@check
def a_pin_is_what_new_environments_have(place):
    world = PythonWorld(place)
    failed(world.pkg("python", "pin"), "no Python is pinned")
    assert "Pinned 3.13 in" in done(world.pkg("python", "pin", "3.13")).err
    assert open(f"{place.work}/.python-version").read() == "3.13\n"
    assert done(world.pkg("python", "pin")).out == "3.13\n"
    assert "Already pinned" in done(world.pkg("python", "pin", "3.13")).err
    done(world.pkg("python", "pin", "--global", "3.12"))
    assert open(f"{place.path}/home/.config/pkg/.python-version").read() == "3.12\n"
    assert done(world.pkg("python", "pin", cwd=place.path)).out == "3.12\n"
    for word in ("/usr/bin/python3", "x y", "3.13 # no", ""):
        if word:
            failed(world.pkg("python", "pin", word), "is no version that can be pinned", code=2)
    world.mirror.add(f"{OTHER}.1", fake(f"{OTHER}.1"))
    done(world.pkg("python", "pin", OTHER))
    assert f"cpython {OTHER}.1" in done(world.install()).err  # what is pinned


@check
def the_catalogue_of_a_list_of_checksums(place):
    world = PythonWorld(place)
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../scripts/python-catalog")
    archives = f"{place.work}/archives"
    os.makedirs(archives)
    name = f"cpython-{OTHER}.1+20250612-{MACHINE}-unknown-linux-{LIBC}-install_only.tar.gz"
    with open(f"{archives}/{name}", "wb") as file:
        file.write(fake(f"{OTHER}.1"))
    others = ["cpython-3.13.5+20250612-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz",
              "cpython-3.13.5+20250612-x86_64-unknown-linux-gnu-freethreaded+pgo+lto-full.tar.zst",
              "cpython-3.13.5+20250612-x86_64-unknown-linux-gnu-debug-full.tar.zst",
              "cpython-3.13.5+20250612-aarch64-unknown-linux-musl-install_only.tar.gz",
              "cpython-3.14.0rc2+20250612-aarch64-unknown-linux-gnu-install_only.tar.gz",
              "cpython-3.13.5+20250612-aarch64-apple-darwin-debug-full.tar.zst",
              "cpython-3.13.5+20250612-x86_64-pc-windows-msvc-install_only.tar.gz", "SHA256SUMS",
              "pypy3.10-v7.3.17-linux64.tar.bz2"]
    sums = subprocess.run(["sha256sum", name], cwd=archives, capture_output=True, text=True, check=True).stdout
    sums += "".join(f"{'ab' * 32}  {other}\n" for other in others)
    place.write("archives/SHA256SUMS", sums)
    made = subprocess.run([sys.executable, script, f"{archives}/SHA256SUMS", "--base", "https://mirror.invalid/r/",
                           "--sizes", archives], capture_output=True, text=True)
    assert made.returncode == 0, made
    catalogue = json.loads(made.stdout)
    found = {(one["version"], one.get("variant", ""), one["platform"], one["libc"]) for one in catalogue["pythons"]}
    assert found == {(f"{OTHER}.1", "", f"linux-{MACHINE}", LIBC), ("3.13.5", "", "linux-x86_64", "gnu"),
                     ("3.13.5", "freethreaded", "linux-x86_64", "gnu"), ("3.13.5", "debug", "linux-x86_64", "gnu"),
                     ("3.13.5", "debug", "darwin-arm64", "none"), ("3.13.5", "", "linux-aarch64", "musl"),
                     ("3.14.0rc2", "", "linux-aarch64", "gnu")}, found
    path = place.write("made.json", made.stdout)
    done(world.install(OTHER, "--mirror", f"file://{archives}", PKG_PYTHON_CATALOG=path))


main()
