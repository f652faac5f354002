"""Distributions that ship one path with different content, and odd but real wheels, through the real binary."""
import io, os, stat, zipfile

from support import check, main, record_digest, tree, wheel


def part(name, version="1.0", init=True, requires=()):
    files = {f"ns/{name}.py": f"who = {name!r}\n"}
    if init:
        extended = "__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"
        files["ns/__init__.py"] = f"# {name} {version}\n{extended}"
    return wheel(name, version, files, requires=requires)


def first_line(env):
    with open(f"{env}/lib/python3.11/site-packages/ns/__init__.py") as text:
        return text.readline()


def installing(place, env, *words, **more):
    return place.pkg("install", "--python", env, "--no-index", "-f", f"{place.path}/work/wheels", *words, **more)


def outside_state(env):
    return {path: what for path, what in tree(env).items() if not path.startswith(".pkg")}


def kept(env):
    return os.path.exists(f"{env}/.pkg/overwritten")


@check
def both_import_one_warning_names_both_and_each_can_go(place):
    place.wheels(part("nsa"), part("nsb"), wheel("app", "1.0", requires=["nsa", "nsb"]))
    env = place.venv()
    empty = outside_state(env)
    done = installing(place, env, "app")
    assert done.code == 0 and done.err.count("warning:") == 1, done
    assert "`nsa` 1.0 (needed by `app`) and `nsb` 1.0 (needed by `app`) ship 1 path with different" in done.err, done
    assert place.python(env, "import ns.nsa, ns.nsb; print('both')").out == "both\n"
    assert first_line(env) == "# nsb 1.0\n"
    assert place.pkg("verify", "--python", env).code == 0 and place.pkg("check", "--python", env).code == 0
    assert place.pkg("uninstall", "--python", env, "-y", "nsb", "app").code == 0
    assert first_line(env) == "# nsa 1.0\n" and not kept(env)
    assert place.pkg("verify", "--python", env).code == 0
    assert place.pkg("uninstall", "--python", env, "-y", "nsa").code == 0
    assert outside_state(env) == empty


@check
def every_way_of_linking_keeps_and_brings_back(place):
    place.wheels(part("nsa"), part("nsb"), part("nsb", "2.0", init=False))
    for mode in ("hardlink", "copy", "symlink", "clone"):
        env = place.venv(mode)
        assert installing(place, env, "--link-mode", mode, "nsa").code == 0
        assert installing(place, env, "--link-mode", mode, "nsb==1.0").code == 0
        assert first_line(env) == "# nsb 1.0\n", mode
        assert place.pkg("verify", "--python", env).code == 0, mode
        assert installing(place, env, "--link-mode", mode, "nsb==2.0").code == 0
        assert first_line(env) == "# nsa 1.0\n" and not kept(env), mode
        assert place.pkg("verify", "--python", env).code == 0, mode


@check
def install_puts_what_arrives_first_sync_goes_by_name(place):
    place.wheels(part("nsa"), part("nsb"))
    env = place.venv()
    assert installing(place, env, "nsb").code == 0 and installing(place, env, "nsa").code == 0
    assert first_line(env) == "# nsa 1.0\n"
    other = place.venv("work/.venv")
    place.write("one.txt", "nsb==1.0\n")
    place.write("two.txt", "nsa==1.0\nnsb==1.0\n")
    for file in ("one.txt", "two.txt"):
        done = place.pkg("sync", "--no-index", "-f", f"{place.path}/work/wheels", file)
        assert done.code == 0, done
    assert first_line(other) == "# nsb 1.0\n"


@check
def file_conflicts_error_refuses_from_every_place(place):
    place.wheels(part("nsa"), part("nsb"))
    env = place.venv()
    before = outside_state(env)
    refused = "both install `lib/python3.11/site-packages/ns/__init__.py`, with different content"
    done = installing(place, env, "--file-conflicts", "error", "nsa", "nsb")
    assert done.code == 1 and refused in done.err and "--file-conflicts warn" in done.err, done
    done = installing(place, env, "nsa", "nsb", PKG_FILE_CONFLICTS="error")
    assert done.code == 1 and refused in done.err, done
    place.write("pyproject.toml", '[tool.pkg]\nfile-conflicts = "error"\n')
    done = installing(place, env, "nsa", "nsb")
    assert done.code == 1 and refused in done.err, done
    assert outside_state(env) == before
    # The user's own word counts for more than the project's.
    done = installing(place, env, "nsa", "nsb", PKG_FILE_CONFLICTS="warn")
    assert done.code == 0, done
    done = installing(place, env, "nsa", PKG_FILE_CONFLICTS="perhaps")
    assert done.code == 2 and "expected one of `warn`, `error`" in done.err, done


def edited(archive, change):
    """The wheel with its entries changed by a function of (ZipInfo, bytes)."""
    name, data = archive
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            new.writestr(*change(info, old.read(info)))
    return name, out.getvalue()


@check
def a_wheel_of_2012_and_scripts_without_x_bit(place):
    as_then = b"Wheel-Version: 0.1\nPackager: bdist_wheel\nRoot-Is-Purelib: true\n"
    path = "ancient-1.0.dist-info/WHEEL"

    def record(rows):
        other = [row for row in rows.splitlines(True) if not row.startswith(path)]
        return "".join([f"{path},{record_digest(as_then)},{len(as_then)}\n", *other])

    ancient = edited(wheel("ancient", "1.0", record=record),
                     lambda info, data: (info, as_then if info.filename == path else data))
    place.wheels(ancient, wheel("scr", "1.0", {"scr-1.0.data/scripts/tool": "#!/bin/sh\necho ran\n"}))
    env = place.venv()
    done = installing(place, env, "ancient", "scr")
    assert done.code == 0 and "warning" not in done.err, done
    assert os.stat(f"{env}/bin/tool").st_mode & stat.S_IXUSR


@check
def an_incomplete_record_names_the_way_out(place):
    place.wheels(wheel("unlisted", "1.0", {"unlisted/__init__.py": "", "unlisted/core.py": ""},
                        record=lambda rows: "".join(l for l in rows.splitlines(True) if "core" not in l)))
    env = place.venv()
    done = installing(place, env, "unlisted")
    assert done.code == 1 and "--no-verify-record" in done.err, done
    assert installing(place, env, "--no-verify-record", "unlisted").code == 0


main()
