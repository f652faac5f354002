"""The places pip installs to: --target, --prefix, --root, --user, and what goes with them."""
import json, os, subprocess, sys

from support import PYTHON, check, main, tree, wheel

PLACED = wheel("place-it", "1.0", {"place_it/__init__.py": "def main(): print('here')\n",
                                   "place_it-1.0.data/scripts/hello": "#!python\nprint('hello')\n",
                                   "place_it-1.0.data/headers/h.h": "", "place_it-1.0.data/data/share/doc/x.txt": "x",
                                   "place_it-1.0.data/platlib/plat_it.py": ""},
               entry_points="[console_scripts]\nplace-it = place_it:main\n")
NEWER = wheel("place-it", "2.0", {"place_it/__init__.py": "def main(): print('newer')\n"})
XY = ("python" + ".".join(subprocess.run([PYTHON, "-c", "import sys; print(*sys.version_info[:2])"],
                                         capture_output=True, text=True).stdout.split()))


def offline(place, *more):
    return ["--no-index", "-f", place.wheels(PLACED, *more)]


def files(path):
    return sorted(name for name, (kind, _, _) in tree(path).items() if kind != "dir")


def record(info):
    return {line.split(",")[0] for line in open(f"{info}/RECORD")}


def names(site):
    info = "place_it-1.0.dist-info"
    return ([f"{site}{info}/{n}" for n in ("INSTALLER", "METADATA", "RECORD", "REQUESTED", "WHEEL",
                                           "entry_points.txt")] + [f"{site}place_it/__init__.py", f"{site}plat_it.py"])


@check
def target_is_one_flat_folder_with_nothing_else_in_it(place):
    target = f"{place.path}/target"
    done = place.pkg("install", *offline(place), "--python", PYTHON, "--target", target, "place-it==1.0")
    assert done.code == 0, done
    assert (files(target) == sorted(names("") + ["bin/hello", "bin/place-it", "include/python/place-it/h.h",
                                                 "share/doc/x.txt"])), files(target)
    assert {"bin/hello", "bin/place-it", "share/doc/x.txt",
            "include/python/place-it/h.h"} <= record(f"{target}/place_it-1.0.dist-info")
    run = subprocess.run([f"{target}/bin/place-it"], env={"PYTHONPATH": target}, capture_output=True, text=True)
    assert run.stdout == "here\n", run
    again = place.pkg("install", *offline(place, NEWER), "--python", PYTHON, "--target", target, "place-it")
    assert again.code == 0 and "Nothing to do" in again.err, again
    upgraded = place.pkg("install", *offline(place, NEWER), "--python", PYTHON, "--target", target, "--upgrade",
                         "place-it")
    assert (upgraded.code == 0 and not any("hello" in f or "1.0" in f for f in files(target)) and
            os.path.exists(f"{target}/place_it-2.0.dist-info")), (upgraded, files(target))


@check
def target_may_be_for_another_python(place):
    folder = place.wheels(wheel("native", "1.0", tag="cp312-cp312-win_amd64"),
                          wheel("native", "1.0", tag="cp310-cp310-manylinux_2_17_x86_64"))
    words = ["install", "--no-index", "-f", folder, "--python", PYTHON, "native", "--platform", "win_amd64",
             "--python-version", "3.12", "--only-binary=:all:"]
    done = place.pkg(*words, "--target", f"{place.path}/t")
    assert done.code == 0, done
    refused = place.pkg(*words)
    assert refused.code != 0 and "--target" in refused.err, refused
    assert place.pkg(*words, "--dry-run").code == 0


@check
def prefix_is_a_tree_like_the_interpreters(place):
    prefix = f"{place.path}/prefix"
    done = place.pkg("install", *offline(place), "--python", PYTHON, "--prefix", prefix, "place-it")
    assert done.code == 0, done
    site = f"lib/{XY}/site-packages/"
    assert (files(prefix) == sorted(names(site) + ["bin/hello", "bin/place-it", f"include/{XY}/place-it/h.h",
                                                   "share/doc/x.txt"])), files(prefix)
    assert "../../../bin/place-it" in record(f"{prefix}/{site}place_it-1.0.dist-info")
    env = place.venv()
    inside = f"{place.path}/inside"
    assert place.pkg("install", *offline(place), "--python", env, "--prefix", inside, "place-it").code == 0
    assert f"include/site/{XY}/place-it/h.h" in files(inside), files(inside)


@check
def root_is_put_before_every_path(place):
    env = place.venv()
    done = place.pkg("install", *offline(place), "--python", env, "--root", f"{place.path}/root", "place-it")
    assert done.code == 0, done
    below = f"{place.path}/root{env}"
    assert os.path.exists(f"{below}/bin/place-it") and not os.path.exists(f"{env}/bin/place-it")
    assert open(f"{below}/bin/place-it").readline().strip() == f"#!{env}/bin/python"
    assert files(f"{place.path}/root")[0].startswith(env.lstrip("/"))
    assert place.pkg("list", "--python", env, "--format", "json").out.strip() == "[]"
    both = place.pkg("install", *offline(place), "--python", env, "--root", f"{place.path}/two", "--prefix", "/opt/x",
                     "place-it")
    assert both.code == 0 and os.path.exists(f"{place.path}/two/opt/x/bin/place-it"), both


@check
def user_installs_below_the_user_base_and_warns_of_scripts(place):
    base = f"{place.path}/base"
    words = ["install", *offline(place), "--python", PYTHON, "--user", "--break-system-packages", "place-it"]
    done = place.pkg(*words, PYTHONUSERBASE=base)
    assert done.code == 0 and "not on PATH" in done.err and "place-it" in done.err, done
    assert {"bin/hello", "bin/place-it", f"lib/{XY}/site-packages/plat_it.py", "share/doc/x.txt"} <= set(files(base)), (
        files(base))
    quiet = place.pkg(*words, "--reinstall", "--no-warn-script-location", PYTHONUSERBASE=base)
    assert quiet.code == 0 and "PATH" not in quiet.err, quiet
    on_path = place.pkg(*words, "--reinstall", PYTHONUSERBASE=base, PATH=f"{base}/bin:{os.environ['PATH']}")
    assert on_path.code == 0 and "PATH" not in on_path.err, on_path


@check
def user_is_refused_where_nobody_would_see_it(place):
    env = place.venv()
    inside = place.pkg("install", *offline(place), "--python", env, "--user", "place-it",
                       PYTHONUSERBASE=f"{place.path}/base")
    assert inside.code == 1 and "--user" in inside.err, inside
    off = place.pkg("install", *offline(place), "--python", PYTHON, "--user", "place-it", PYTHONNOUSERSITE="1",
                    PYTHONUSERBASE=f"{place.path}/base")
    assert off.code == 1 and "PYTHONNOUSERSITE" in off.err, off
    for words in (["--target", "x"], ["--prefix", "x"]):
        both = place.pkg("install", *offline(place), "--python", PYTHON, "--user", *words, "place-it")
        assert both.code == 2, both
    assert not os.path.exists(f"{place.path}/base")


@check
def ignore_installed_installs_all_of_it_again(place):
    env = place.venv()
    folder = place.wheels(wheel("app", "1.0", requires=["lib"]),
                          wheel("lib", "1.0", files={"lib/__init__.py": "", "lib/inner.py": ""}))
    words = ["install", "--no-index", "-f", folder, "--python", env, "app"]
    assert place.pkg(*words).code == 0
    site = f"{env}/lib/{XY}/site-packages"
    os.remove(f"{site}/lib/inner.py")
    assert "Nothing to do" in place.pkg(*words).err
    done = place.pkg(*words, "-I")
    assert done.code == 0 and os.path.exists(f"{site}/lib/inner.py"), done


@check
def only_dependencies_leaves_out_what_is_named(place):
    env = place.venv()
    folder = place.wheels(wheel("app", "1.0", requires=["lib"]), wheel("lib", "1.0", requires=["deep"]),
                          wheel("deep", "1.0"))
    words = ["install", "--no-index", "-f", folder, "--python", env, "--only-deps"]
    done = place.pkg(*words, "app")
    assert (done.code == 0 and [d["name"] for d in json.loads(place.pkg("list", "--python", env, "--format",
        "json").out)] == ["deep", "lib"]), done
    place.write("r.txt", "app\n")
    assert place.pkg(*words, "-r", "r.txt").code == 2 and place.pkg(*words, "--no-deps", "app").code == 2


@check
def the_report_has_what_pips_has(place):
    env = place.venv()
    folder = place.wheels(wheel("app", "1.0", requires=["lib[x]"], extras=["y"], metadata_extra="Author: Me\n"),
                          wheel("lib", "1.0", extras=["x"]))
    for more in ([], ["--dry-run"]):
        done = place.pkg("install", "--no-index", "-f", folder, "--python", env, "app[y]", "--report", "report.json",
                         "-I", *more)
        report = json.load(open(f"{place.work}/report.json"))
        assert done.code == 0 and list(report) == ["version", "pip_version", "install", "environment"], (done, report)
        app, lib = report["install"]
        assert (app["requested_extras"] == ["y"] and app["metadata"]["author"] == "Me" and
                app["metadata"]["requires_dist"] == ["lib[x]"]), app
        assert (app["requested"] and not lib["requested"] and not app["is_direct"] and not app["is_yanked"] and
                "requested_extras" not in lib)
        hashes = app["download_info"]["archive_info"]["hashes"]
        assert (app["download_info"]["archive_info"]["hash"] == f"sha256={hashes['sha256']}" and
                app["download_info"]["url"].startswith("file://")), app
    direct = place.pkg("install", "--no-index", "--python", env, f"{folder}/lib-1.0-py3-none-any.whl", "--report", "-",
                       "--dry-run", "-I", "-q")
    item = json.loads(direct.out)["install"][0]
    assert item["is_direct"] and set(item["download_info"]["archive_info"]) == {"hash", "hashes"}, direct


main()
