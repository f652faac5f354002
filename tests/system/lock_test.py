"""lock, export and compile --universal over the loopback index. Usage: lock_test.py PKG BUILD_FOLDER [WORD…]"""
import hashlib, json, os, re, signal, subprocess, sys, threading, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lock_support import GROUPS, VERSION, lock_text, locked, project, synced, versions, world
from support import PKG, PYTHON, Index, check, main, wheel


@check
def a_project_is_locked_and_stays_locked(place):
    index = world()
    project(place, more=GROUPS)
    first = locked(place, index)
    assert ("+ app-core 2.0" in first.err and "+ leaf 1.1" in first.err and "+ plot 0.1" in first.err and
            "+ tester 5.0" in first.err), first
    text = lock_text(place)
    assert 'lock-version = "1.0"' in text and 'requires-python = ">=3.9"' in text and "[tool.pkg" in text, text
    assert "'plot' in extras" in text or '"plot" in extras' in text.replace("\\", ""), text
    asked = len(index.requests)
    again = locked(place, index)
    assert "up to date" in again.err and lock_text(place) == text and len(index.requests) == asked, again
    assert place.pkg("lock", "--check", PKG_INDEX_URL=index.url).code == 0
    # Comments and layout are no inputs.
    with open(f"{place.work}/pyproject.toml", "a") as file:
        file.write("# a comment\n")
    assert place.pkg("lock", "--check", PKG_INDEX_URL=index.url).code == 0


@check
def a_lock_from_an_empty_cache_has_the_same_bytes(place):
    index = world()
    project(place, more=GROUPS)
    locked(place, index)
    text = lock_text(place)
    os.unlink(f"{place.work}/pylock.toml")
    locked(place, index, "--no-cache")
    assert lock_text(place) == text


@check
def a_changed_project_is_stale_and_keeps_its_pins(place):
    index = world()
    project(place, ["app-core<2"])
    locked(place, index)
    project(place, ["app-core", "plot"])
    stale = place.pkg("lock", "--check", PKG_INDEX_URL=index.url)
    assert stale.code == 1 and "not up to date" in stale.err and "`plot` is asked for now" in stale.err, stale
    done = locked(place, index)
    assert "+ plot 0.1" in done.err and "app-core" not in done.err, done
    upgraded = locked(place, index, "-P", "app-core")
    assert "~ app-core 1.0 -> 2.0" in upgraded.err, upgraded
    back = locked(place, index, "-P", "app-core==1.0")
    assert "~ app-core 2.0 -> 1.0 (older)" in back.err, back
    every = locked(place, index, "-U", "--dry-run")
    assert "~ app-core 1.0 -> 2.0" in every.err and 'version = "2.0"' not in lock_text(place), every
    as_data = place.pkg("lock", "-U", "--json", PKG_INDEX_URL=index.url)
    changes = json.loads(as_data.out)["changes"]
    assert changes == [{"change": "upgraded", "name": "app-core", "old_versions": ["1.0"], "new_versions": ["2.0"]}], (
        as_data)


@check
def check_says_that_there_is_no_lock(place):
    index = world()
    project(place)
    done = place.pkg("lock", "--check", PKG_INDEX_URL=index.url)
    assert (done.code == 1 and "there is no `pylock.toml`" in done.err and
            not os.path.exists(f"{place.work}/pylock.toml")), done


@check
def options_are_part_of_what_a_lock_is_made_from(place):
    index = world()
    project(place, ["app-core"])
    locked(place, index, "--resolution", "lowest")
    assert 'version = "1.0"' in lock_text(place)
    stale = place.pkg("lock", "--check", PKG_INDEX_URL=index.url)
    assert stale.code == 1 and "--resolution was `lowest`" in stale.err, stale
    assert place.pkg("lock", "--check", "--resolution", "lowest", PKG_INDEX_URL=index.url).code == 0


@check
def a_failing_lock_leaves_the_old_one(place):
    index = world()
    project(place, ["leaf"])
    locked(place, index)
    text = lock_text(place)
    project(place, ["leaf>=7"])
    done = place.pkg("lock", PKG_INDEX_URL=index.url)
    assert done.code == 1 and lock_text(place) == text, done


@check
def an_interrupted_lock_leaves_the_old_one(place):
    index = world()
    project(place, ["leaf"])
    locked(place, index)
    text = lock_text(place)
    project(place, ["leaf", "plot"])

    asked = threading.Event()

    def slow(path, headers):
        if "plot" in path:
            asked.set()
            time.sleep(3)

    index.answer = slow
    command = [PKG, "lock", "--refresh"]
    running = subprocess.Popen(command, cwd=place.work, env=place.environment({"PKG_INDEX_URL": index.url}),
                               stderr=subprocess.PIPE, text=True)
    assert asked.wait(30)
    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)
    assert running.returncode == 130 and lock_text(place) == text, (running.returncode, err)
    assert sorted(os.listdir(place.work)) == ["pylock.toml", "pyproject.toml"], os.listdir(place.work)


@check
def a_mirror_neutral_lock_has_no_addresses_and_is_synced_from_any_index(place):
    index, mirror = world(), world()
    project(place, ["leaf"], more="[tool.pkg]\nmirror-neutral = true\n")
    locked(place, index)
    assert "127.0.0.1" not in lock_text(place), lock_text(place)
    assert place.pkg("lock", "--check", PKG_INDEX_URL=mirror.url).code == 0
    done = synced(place, mirror, "--locked")
    assert versions(place) == {"leaf": "1.1"} and not [r for r in mirror.requests if "leaf" not in r[0]], done


@check
def markers_extras_and_pythons_are_in_one_lock(place):
    index = world()
    project(place, ["leaf<1.1; python_version < '3.10'", "leaf>=1.1; python_version >= '3.10'",
                    "winonly; sys_platform == 'win32'", "app-core[fast]"])
    locked(place, index)
    text = lock_text(place)
    assert text.count('name = "leaf"') >= 2 and "win32" in text, text
    synced(place, index)
    assert versions(place) == {"app-core": "2.0", "leaf": "1.1", "speed": "3.0"}, versions(place)


@check
def without_requires_python_the_lock_is_for_this_python_and_newer(place):
    index = world()
    project(place, ["leaf"], requires_python="")
    minor = ".".join(VERSION.split(".")[:2])
    done = locked(place, index, "--python", PYTHON)
    assert f"no requires-python is given: locking for Python >={minor}" in done.err, done
    assert f'requires-python = ">={minor}"' in lock_text(place)
    assert "up to date" in locked(place, index).err
    other = locked(place, index, "--python", PYTHON)
    assert "stays as it was" in other.err or "up to date" in other.err, other


@check
def exports_are_requirements_one_target_locks_and_bills_of_materials(place):
    index = world()
    project(place, ["leaf", "winonly; sys_platform == 'win32'"], more=GROUPS)
    locked(place, index)
    done = place.pkg("export", "--no-dev", PKG_INDEX_URL=index.url)
    assert (done.code == 0 and "leaf==1.1" in done.out and "--hash=sha256:" in done.out and "tester" not in done.out and
            "plot" not in done.out), done
    assert re.search(r"winonly==1.0 ?; sys_platform == ['\"]win32['\"]", done.out), done
    plain = place.pkg("export", "--no-hashes", "--extra", "plot", "-o", "req.txt", PKG_INDEX_URL=index.url)
    assert plain.code == 0 and "plot==0.1" in lock_text(place, "req.txt") and "--hash" not in lock_text(place,
        "req.txt"), plain
    env = place.venv("other")
    used = place.pkg("sync", "req.txt", "--python", env, PKG_INDEX_URL=index.url)
    assert used.code == 0, used
    one = place.pkg("export", "--format", "pylock", "--python-version", "3.12", "--python-platform", "windows",
                    PKG_INDEX_URL=index.url)
    assert one.code == 0 and "winonly" in one.out and "win32" in one.out, one
    bill = place.pkg("export", "--format", "cyclonedx", PKG_INDEX_URL=index.url)
    assert bill.code == 0 and json.loads(bill.out)["specVersion"] == "1.6", bill


@check
def compile_universal_gives_lines_markers(place):
    index = world()
    place.write("in.txt", "leaf<1.1; python_version < '3.12'\nleaf>=1.1; python_version >= '3.12'\n"
                          "winonly; sys_platform == 'win32'\n")
    done = place.pkg("compile", "in.txt", "--universal", "--python-version", "3.9", "--no-annotate", "--no-header",
                     PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    lines = [l for l in done.out.splitlines() if l]
    assert len(lines) == 3 and all(";" in l for l in lines), done


@check
def locks_merge_as_git_asks(place):
    index = world()
    project(place, ["leaf"])
    locked(place, index)
    base = lock_text(place)
    project(place, ["leaf", "plot"])
    locked(place, index)
    ours = lock_text(place)
    project(place, ["leaf", "speed"])
    place.write("pylock.toml", base)
    locked(place, index)
    theirs = lock_text(place)
    for name, text in (("base", base), ("ours", ours), ("theirs", theirs)):
        place.write(f"{name}.tmp", text)
    project(place, ["leaf", "plot"])
    done = place.pkg("lock", "--merge", "base.tmp", "ours.tmp", "theirs.tmp", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    merged = lock_text(place, "ours.tmp")
    assert all(f'name = "{n}"' in merged for n in ("leaf", "plot", "speed")), merged
    early = place.pkg("lock", "--check", "-o", "ours.tmp", PKG_INDEX_URL=index.url)
    assert early.code == 1 and "outcome of a merge" in early.err, early
    # The merged project finds the pins, and has nothing left to change but the digest.
    project(place, ["leaf", "plot", "speed"])
    place.write("pylock.toml", merged)
    done = locked(place, index)
    assert not re.search(r"^[+~-] ", done.err, re.M), done
    assert place.pkg("lock", "--merge", "a", PKG_INDEX_URL=index.url).code == 2


@check
def a_project_may_name_the_index_of_a_package(place):
    index, other = world(), Index([wheel("leaf", "9.0"), wheel("plot", "9.0")])
    more = (f'[[tool.pkg.index]]\nname = "own"\nurl = "{other.url}"\nexplicit = true\n[tool.pkg.sources]\n'
            f'leaf = {{ index = "own" }}\n')
    project(place, ["leaf", "plot"], more=more)
    locked(place, index)
    text = lock_text(place)
    assert 'version = "9.0"' in text and 'version = "0.1"' in text and f'index = "{other.url}"' in text, text
    synced(place, index)
    assert versions(place) == {"leaf": "9.0", "plot": "0.1"}


@check
def a_workspace_has_one_lock_and_one_environment(place):
    index = world()
    place.write("pyproject.toml", '[project]\nname = "root"\nversion = "1"\nrequires-python = ">=3.9"\n'
                                  'dependencies = ["leaf"]\n[tool.pkg.workspace]\nmembers = ["packages/*"]\n')
    place.write("packages/one/pyproject.toml", '[project]\nname = "one"\nversion = "1"\n'
                                               'dependencies = ["plot", "two"]\n[tool.pkg.sources]\n'
                                               'two = { workspace = true }\n')
    place.write("packages/two/pyproject.toml", '[project]\nname = "two"\nversion = "1"\ndependencies = ["speed"]\n')
    inner = f"{place.work}/packages/one"
    done = place.pkg("sync", "--all-packages", cwd=inner, PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    assert (os.path.exists(f"{place.work}/pylock.toml") and os.path.isdir(f"{place.work}/.venv") and
            not os.path.exists(f"{inner}/.venv"))
    assert versions(place) == {"leaf": "1.1", "plot": "0.1", "speed": "3.0"}
    again = place.pkg("sync", "--all-packages", PKG_INDEX_URL=index.url)
    assert "Nothing to do" in again.err, again
    place.write("packages/two/pyproject.toml", '[project]\nname = "two"\nversion = "1"\n'
                                               'dependencies = ["speed", "winonly"]\n')
    assert place.pkg("lock", "--check", PKG_INDEX_URL=index.url).code == 1
    frozen = place.pkg("sync", "--frozen", "--all-packages", cwd=inner, PKG_INDEX_URL=index.url)
    assert frozen.code == 0 and "Nothing to do" in frozen.err, frozen
    done = place.pkg("run", "python", "-c", "import winonly", cwd=inner, PKG_INDEX_URL=index.url)
    assert done.code == 0, done


@check
def metadata_may_be_given_by_the_project(place):
    index = world()
    more = '[[tool.pkg.dependency-metadata]]\nname = "leaf"\nversion = "1.1"\nrequires-dist = ["plot"]\n'
    project(place, ["leaf"], more=more)
    done = locked(place, index)
    assert "+ plot 0.1" in done.err, done


@check
def a_folder_of_wheels_gives_a_lock_with_hashes(place):
    made = wheel("leaf", "1.1")
    place.wheels(made)
    project(place, ["leaf"])
    done = place.pkg("lock", "--no-index", "--find-links", f"{place.work}/wheels")
    assert done.code == 0, done
    text = lock_text(place)
    assert hashlib.sha256(made[1]).hexdigest() in text and 'path = "wheels/leaf-1.1-py3-none-any.whl"' in text, text
    installed = place.pkg("sync", "--no-index", "--frozen")
    assert installed.code == 0 and versions(place) == {"leaf": "1.1"}, installed


@check
def each_python_gets_the_newest_version_it_can_run(place):
    index = Index([wheel("num", "1.0", requires_python=">=3.9"), wheel("num", "2.0", requires_python=">=3.12"),
                   wheel("capped", "1.0"), wheel("capped", "2.0", requires_python=">=3.9,<3.11")])
    project(place, ["num"])
    done = locked(place, index)
    assert "+ num 2.0, 1.0" in done.err, done
    fewest = locked(place, index, "--fork-strategy", "fewest", "-U")
    assert "num 1.0" in lock_text(place).replace('name = "num"\nversion = "1.0"',
                                                 "num 1.0") and 'version = "2.0"' not in lock_text(place), fewest
    # Upper bounds count only when asked for.
    project(place, ["capped"])
    assert "+ capped 2.0\n" in locked(place, index).err, lock_text(place)
    strict = locked(place, index, "--strict-requires-python", "-U")
    assert "capped 2.0 -> 1.0" in strict.err, strict


@check
def a_platform_without_wheels_gets_an_older_release(place):
    index = Index([wheel("bin", "1.0", tag="cp39-abi3-macosx_11_0_x86_64"),
                   wheel("bin", "1.0", tag="cp39-abi3-manylinux_2_17_x86_64"),
                   wheel("bin", "2.0", tag="cp39-abi3-manylinux_2_17_x86_64")])
    project(place, ["bin"])
    done = locked(place, index, "--no-build")
    text = lock_text(place)
    assert ("+ bin 2.0, 1.0" in done.err and
            "sys_platform == 'darwin' and platform_machine == 'x86_64'" in text.replace('"', "'")), text
    again = text
    assert "up to date" in locked(place, index, "--no-build").err and lock_text(place) == again
    project(place, ["bin"], more='[tool.pkg]\nrequired-environments = ["win_amd64"]\n')
    refused = place.pkg("lock", "--no-build", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "bin" in refused.err and "win_amd64" in refused.err and lock_text(place) == again, (
        refused)


@check
def a_promised_platform_without_files_is_warned_about(place):
    linux = "cp39-abi3-manylinux_2_17_x86_64"
    index = Index([wheel("bin", "1.0", tag=linux), wheel("num", "1.0"), wheel("num", "2.0", tag=linux),
                   wheel("num", "2.0", tag="cp39-abi3-macosx_11_0_arm64")])
    three = ('[tool.pkg]\nenvironments = ["sys_platform == \'linux\'", "sys_platform == \'darwin\' and '
             'platform_machine == \'arm64\'", "sys_platform == \'win32\' and platform_machine == \'AMD64\'"]\n')
    project(place, ["bin", "num"], more=three)
    done = locked(place, index)
    warnings = [line for line in done.err.splitlines() if "no file" in line]
    assert len(warnings) == 1 and "`bin` 1.0 has no file for" in warnings[0], done
    assert "darwin" in warnings[0] and "win32" in warnings[0] and "required-environments" in warnings[0], done
    assert "+ num 2.0, 1.0" in done.err, done
    told = place.pkg("lock", "--explain", "num", PKG_INDEX_URL=index.url)
    assert told.code == 0 and "`num` 2.0 has no file for some platforms" in told.out, told
    assert "none for Windows on AMD64" in told.out and "macOS" not in told.out, told
    # Nobody promised a platform here; and who names one may have it, or not at all.
    project(place, ["bin"])
    assert "no file" not in locked(place, index).err
    project(place, ["bin"], more='[tool.pkg]\nrequired-environments = "common"\n')
    wished = locked(place, index)
    assert wished.err.count("has no file for") == 1 and "`win_amd64`" in wished.err, wished
    project(place, ["bin"], more='[tool.pkg]\nrequired-environments = ["sys_platform == \'win32\'"]\n')
    refused = place.pkg("lock", PKG_INDEX_URL=index.url)
    assert refused.code == 1 and "no wheel for" in refused.err, refused


@check
def a_required_system_without_a_machine_is_met_by_one_machine(place):
    index = Index([wheel("bin", "1.0", tag="cp39-abi3-win_amd64")])
    project(place, ["bin ; sys_platform == 'win32'"],
            more='[tool.pkg]\nrequired-environments = ["sys_platform == \'win32\'"]\n')
    done = locked(place, index)
    assert done.code == 0 and "+ bin 1.0" in done.err and "no file" not in done.err, done


@check
def a_conflict_knows_the_other_index(place):
    first, second = Index([wheel("leaf", "1.0")]), Index([wheel("leaf", "2.0")])
    project(place, ["leaf>=2"])
    done = place.pkg("lock", "--index-url", second.url, "--index", f"mine={first.url}")
    assert done.code == 1 and "is also on" in done.err, done


if __name__ == "__main__":
    main()
