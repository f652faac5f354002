"""install, uninstall, list and friends through the real binary, over find-links folders and a loopback index."""
import hashlib, json, os, sys

from support import PKG, Index, Skip, check, main, tree, wheel


@check
def installs_from_an_index_with_dependencies_and_imports(place):
    index = Index([wheel("app", "1.0", requires=["lib>=2"]), wheel("lib", "1.0"), wheel("lib", "2.1")])
    env = place.venv()
    done = place.pkg("install", "--python", env, "-i", index.url, "app")
    assert done.code == 0 and "+ app 1.0" in done.err and "+ lib 2.1" in done.err, done
    assert place.python(env, "import app, lib; print(lib.__version__)").out == "2.1\n"
    listed = place.pkg("list", "--python", env, "--format", "json")
    assert json.loads(listed.out) == [{"name": "app", "version": "1.0"}, {"name": "lib", "version": "2.1"}], listed
    assert place.pkg("check", "--python", env).code == 0
    assert place.pkg("verify", "--python", env).code == 0


@check
def html_index_without_metadata_uses_ranges(place):
    index = Index([wheel("app", "1.0", requires=["lib"]), wheel("lib", "1.0")], json_api=False, answer=lambda path,
                  headers: (404, {}, b"") if path.endswith(".metadata") else None)
    env = place.venv()
    done = place.pkg("install", "--python", env, "-i", index.url, "app")
    assert done.code == 0, done
    assert any("Range" in headers for _, headers in index.requests), index.requests


@check
def second_install_into_another_environment_sends_no_request(place):
    index = Index([wheel("app", "1.0", requires=["lib"]), wheel("lib", "1.0")])
    first, second = place.venv("a"), place.venv("b")
    assert place.pkg("install", "--python", first, "-i", index.url, "app").code == 0
    index.requests.clear()
    done = place.pkg("install", "--python", second, "-i", index.url, "app")
    assert done.code == 0 and index.requests == [], (done, index.requests)
    assert place.pkg("install", "--python", second, "-i", index.url, "--offline", "app").code == 0


@check
def nothing_to_do_says_so_and_touches_nothing(place):
    folder = place.wheels(wheel("app", "1.0"))
    env = place.venv()
    assert place.pkg("install", "--python", env, "--no-index", "-f", folder, "app").code == 0
    before = tree(env)
    again = place.pkg("install", "--python", env, "--no-index", "-f", folder, "app")
    assert again.code == 0 and "Nothing to do" in again.err, again
    assert tree(env) == before


@check
def upgrade_replaces_and_uninstall_leaves_nothing(place):
    folder = place.wheels(wheel("app", "1.0", {"app/__init__.py": "", "app/old.py": ""},
                                entry_points="[console_scripts]\nrun-app = app:main\n"),
                          wheel("app", "2.0", {"app/__init__.py": "def main(): print('two')\n", "app/new.py": ""},
                                entry_points="[console_scripts]\nrun-app = app:main\n"))
    env = place.venv()
    empty = tree(env)
    assert place.pkg("install", "--python", env, "--no-index", "-f", folder, "app==1.0").code == 0
    done = place.pkg("install", "--python", env, "--no-index", "-f", folder, "-U", "app")
    assert done.code == 0 and "app 1.0 -> 2.0" in done.err, done
    assert not os.path.exists(f"{env}/lib/python3.11/site-packages/app/old.py")
    import subprocess
    assert subprocess.run([f"{env}/bin/run-app"], capture_output=True, text=True).stdout == "two\n"
    assert place.pkg("uninstall", "--python", env, "-y", "app").code == 0
    left = {k: v for k, v in tree(env).items() if k not in empty and not k.startswith(".pkg")}
    assert left == {}, left


@check
def conflict_is_explained_and_changes_nothing(place):
    folder = place.wheels(wheel("a", "1.0", requires=["c<2"]), wheel("b", "1.0", requires=["c>=2"]), wheel("c", "1.0"),
                          wheel("c", "2.0"))
    env = place.venv()
    before = tree(env)
    done = place.pkg("install", "--python", env, "--no-index", "-f", folder, "a", "b")
    assert done.code == 1 and done.err.startswith("error:"), done
    for word in ("a", "b", "c"):
        assert word in done.err, done
    assert tree(env) == before


@check
def a_mistyped_name_gets_the_nearest_one_that_was_seen_before(place):
    index = Index([wheel("numpy", "1.0")])
    env = place.venv()
    unknown = place.pkg("install", "--python", env, "-i", index.url, "nunpy")
    assert unknown.code == 1 and "did you mean" not in unknown.err, unknown
    assert place.pkg("install", "--python", env, "-i", index.url, "numpy").code == 0
    done = place.pkg("install", "--python", env, "-i", index.url, "nunpy")
    assert done.code == 1 and done.err.endswith("hint: did you mean `numpy`?\n"), done


@check
def wrong_hash_is_refused(place):
    name, data = wheel("app", "1.0")
    evil = data[:40] + bytes([data[40] ^ 1]) + data[41:]
    index = Index([(name, data)], answer=lambda path, headers: (200, {}, evil) if path == f"/files/{name}" else None)
    env = place.venv()
    before = tree(env)
    done = place.pkg("install", "--python", env, "-i", index.url, "app")
    assert done.code == 1 and hashlib.sha256(data).hexdigest() in done.err, done
    assert {k: v for k, v in tree(env).items() if not k.startswith(".pkg")} == {k: v for k, v in before.items()
        if not k.startswith(".pkg")}


@check
def lying_record_is_refused_unless_relaxed(place):
    folder = place.wheels(wheel("app", "1.0", record=lambda rows: rows.replace("sha256=", "sha256=A", 1)))
    env = place.venv()
    refused = place.pkg("install", "--python", env, "--no-index", "-f", folder, "app")
    assert refused.code == 1 and "RECORD" in refused.err, refused
    relaxed = place.pkg("install", "--python", env, "--no-index", "-f", folder, "--no-verify-record", "app")
    assert relaxed.code == 0, relaxed


@check
def two_owners_of_one_path_are_found_before_writing(place):
    folder = place.wheels(wheel("a", "1.0", {"shared.py": "A = 1\n"}), wheel("b", "1.0", {"shared.py": "B = 1\n"}))
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", "-f", folder, "--file-conflicts", "error", "a", "b")
    assert done.code == 1 and "shared.py" in done.err, done
    assert not os.path.exists(f"{env}/lib/python3.11/site-packages/shared.py")


@check
def install_outside_any_environment_makes_one(place):
    folder = place.wheels(wheel("app", "1.0"))
    done = place.pkg("install", "--no-index", "-f", folder, "app")
    assert done.code == 0 and ".venv" in done.err, done
    assert os.path.exists(f"{place.work}/.venv/pyvenv.cfg")
    assert "app" in place.pkg("list").out


@check
def dry_run_and_report_change_nothing(place):
    folder = place.wheels(wheel("app", "1.0", requires=["lib[x]"]),
                          wheel("lib", "1.0", extras=["x"], requires=["more; extra == 'x'"]), wheel("more", "3"))
    env = place.venv()
    before = tree(env)
    done = place.pkg("install", "--python", env, "--no-index", "-f", folder, "--dry-run", "--report", "-", "app")
    report = json.loads(done.out)
    assert report["version"] == "1" and [i["metadata"]["name"] for i in report["install"]] == ["app", "lib", "more"], (
        done)
    assert [i["requested"] for i in report["install"]] == [True, False, False]
    assert tree(env) == before


@check
def requirements_files_constraints_and_hashes(place):
    name, data = wheel("app", "1.0")
    folder = place.wheels((name, data), wheel("app", "2.0"), wheel("lib", "1.0"))
    place.write("more.txt", "lib\n")
    place.write("req.txt", "app  # newest allowed\n-r more.txt\n")
    place.write("con.txt", "app<2\n")
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", "-f", folder, "-r", "req.txt", "-c", "con.txt")
    assert done.code == 0 and "+ app 1.0" in done.err and "+ lib 1.0" in done.err, done
    other = place.venv("other")
    place.write("hashed.txt", f"app==1.0 --hash=sha256:{hashlib.sha256(data).hexdigest()}\n")
    assert place.pkg("install", "--python", other, "--no-index", "-f", folder, "-r", "hashed.txt").code == 0
    place.write("wrong.txt", f"app==1.0 --hash=sha256:{'0' * 64}\n")
    third = place.venv("third")
    assert place.pkg("install", "--python", third, "--no-index", "-f", folder, "-r", "wrong.txt").code == 1


@check
def compile_then_sync_is_exact(place):
    index = Index([wheel("app", "1.0", requires=["lib"]), wheel("lib", "1.0"), wheel("other", "1.0")])
    place.write("in.txt", "app\n")
    done = place.pkg("compile", "in.txt", "-o", "out.txt", "-i", index.url, "--python", sys.executable)
    text = open(f"{place.work}/out.txt").read()
    assert done.code == 0 and "app==1.0" in text and "lib==1.0\n    # via app" in text, (done, text)
    env = place.venv()
    assert place.pkg("install", "--python", env, "-i", index.url, "other").code == 0
    synced = place.pkg("sync", "out.txt", "--python", env, "-i", index.url)
    assert synced.code == 0 and "- other 1.0" in synced.err, synced
    assert "Nothing to do" in place.pkg("sync", "out.txt", "--python", env, "-i", index.url).err


@check
def settings_of_pip_are_honoured_and_explained(place):
    folder = place.wheels(wheel("app", "1.0"))
    env = place.venv()
    done = place.pkg("install", "--python", env, "app", PIP_NO_INDEX="1", PIP_FIND_LINKS=folder)
    assert done.code == 0, done
    conf = place.write("pip.conf", f"[global]\nno-index = true\nfind-links = {folder}\n")
    other = place.venv("other")
    assert place.pkg("install", "--python", other, "app", PIP_CONFIG_FILE=conf).code == 0
    debug = place.pkg("config", "debug", PIP_CONFIG_FILE=conf, PIP_TIMEOUT="7")
    assert "PIP_TIMEOUT" in debug.out and conf in debug.out, debug


@check
def freeze_show_inspect_and_index_versions(place):
    index = Index([wheel("app", "1.0", requires=["lib"]), wheel("lib", "1.0"), wheel("lib", "0.9")])
    env = place.venv()
    assert place.pkg("install", "--python", env, "-i", index.url, "app").code == 0
    assert place.pkg("freeze", "--python", env).out == "app==1.0\nlib==1.0\n"
    shown = place.pkg("show", "--python", env, "-f", "lib").out
    assert "Name: lib\n" in shown and "Required-by: app\n" in shown and "lib/__init__.py" in shown, shown
    inspected = json.loads(place.pkg("inspect", "--python", env).out)
    assert [(d["metadata"]["name"], d["requested"]) for d in inspected["installed"]] == [("app", True), ("lib", False)]
    versions = place.pkg("index", "versions", "lib", "--python", env, "-i", index.url)
    assert "Available versions: 1.0, 0.9" in versions.out, versions


@check
def altered_file_is_found_by_verify(place):
    folder = place.wheels(wheel("app", "1.0"))
    env = place.venv()
    assert place.pkg("install", "--python", env, "--no-index", "-f", folder, "--link-mode", "copy", "app").code == 0
    with open(f"{env}/lib/python3.11/site-packages/app/__init__.py", "a") as out:
        out.write("# touched\n")
    done = place.pkg("verify", "--python", env)
    assert done.code == 1 and "altered" in done.out and "app/__init__.py" in done.out, done


@check
def edit_through_a_hard_link_never_reaches_another_environment(place):
    index = Index([wheel("app", "1.0")])
    first, second = place.venv("first"), place.venv("second")
    assert place.pkg("install", "--python", first, "-i", index.url, "app").code == 0
    with open(f"{first}/lib/python3.11/site-packages/app/__init__.py", "a") as out:
        out.write("# touched\n")
    done = place.pkg("install", "--python", second, "-i", index.url, "app")
    assert done.code == 0, done
    assert "touched" not in open(f"{second}/lib/python3.11/site-packages/app/__init__.py").read()


@check
def mistakes_get_a_hint_and_exit_code_two(place):
    verb = place.pkg("instal", "x")
    assert verb.code == 2 and "install" in verb.err, verb
    option = place.pkg("install", "--no-dep", "x")
    assert option.code == 2 and "--no-deps" in option.err, option
    assert place.pkg("--version").out.startswith("pkg ")


@check
def index_fault_is_one_line_and_no_absence(place):
    index = Index([wheel("app", "1.0")], answer=lambda path, headers: (503, {"Retry-After": "0"}, b"") if path ==
                  "/simple/app/" else None)
    env = place.venv()
    done = place.pkg("install", "--python", env, "-i", index.url, "--retries", "1", "app")
    assert done.code == 1 and "503" in done.err and "Traceback" not in done.err, done


@check
def credentials_stay_out_of_messages(place):
    index = Index([wheel("app", "1.0")], answer=lambda path, headers: (401, {}, b"") if headers.get("Authorization") !=
                  "Basic dXNlcjpzM2NyZXQ=" else None)
    env = place.venv()
    url = index.url.replace("http://", "http://user:s3cret@")
    done = place.pkg("install", "-v", "--python", env, "-i", url, "app")
    assert done.code == 0 and "s3cret" not in done.err + done.out, done
    missing = place.pkg("install", "-v", "--python", env, "-i", url, "nothere")
    assert missing.code == 1 and "s3cret" not in missing.err + missing.out, missing
    for base, _, files in os.walk(f"{place.path}/cache"):
        for file in files:
            assert b"s3cret" not in open(os.path.join(base, file), "rb").read(), file


@check
def network_library_loads_on_the_first_request_only(place):
    with open(PKG, "rb") as program:
        if b"libcurl.so.4" not in program.read():
            raise Skip("libcurl is linked into this pkg")
    index = Index([wheel("app", "1.0", requires=["lib"]), wheel("lib", "1.0")])
    place.write("in.txt", "app\n")
    env = place.venv()
    compile_words = ("compile", "in.txt", "-i", index.url, "--python", sys.executable)
    loads = lambda *words: "libcurl" in place.pkg(*words, LD_DEBUG="libs").err
    assert loads(*compile_words), "a cold resolve needs the network"
    assert not loads(*compile_words), "a warm resolve loaded libcurl"
    assert place.pkg("install", "--python", env, "-i", index.url, "app").code == 0
    for words in (("--version",), ("list", "--python", env), ("install", "--python", env, "-i", index.url, "app")):
        assert not loads(*words), words


@check
def netrc_is_used_for_its_host_only(place):
    index = Index([wheel("app", "1.0")], answer=lambda path, headers: (401, {}, b"") if headers.get("Authorization") !=
                  "Basic bWU6bmV0cmM=" else None)
    env = place.venv()
    with open(f"{place.path}/home/.netrc", "w") as out:
        out.write("machine other.example login me password wrong\nmachine 127.0.0.1 login me password netrc\n")
    done = place.pkg("install", "--python", env, "-i", index.url, "app")
    assert done.code == 0, done


@check
def archived_project_is_told(place):
    name, data = wheel("app", "1.0")
    body = json.dumps({"meta": {"api-version": "1.4"}, "name": "app", "project-status": {"status": "archived",
        "reason": "moved"},
                       "files": [{"filename": name, "url": f"/files/{name}",
                                  "hashes": {"sha256": hashlib.sha256(data).hexdigest()}}]}).encode()
    page = (200, {"Content-Type": "application/vnd.pypi.simple.v1+json"}, body)
    index = Index([(name, data)], answer=lambda path, headers: page if path == "/simple/app/" else None)
    done = place.pkg("install", "--python", place.venv(), "-i", index.url, "app")
    assert done.code == 0 and "archived" in done.err and "moved" in done.err, done


@check
def yanked_release_is_left_unless_pinned_and_then_told(place):
    wheels = [wheel("app", "1.0"), wheel("app", "2.0")]

    def link(name, data):
        yanked = ' data-yanked="broken"' if "2.0" in name else ""
        return f'<a href="/files/{name}#sha256={hashlib.sha256(data).hexdigest()}"{yanked}>{name}</a>'

    links = "".join(link(name, data) for name, data in wheels)
    page = (200, {"Content-Type": "text/html"}, f"<html><body>{links}</body></html>".encode())
    index = Index(wheels, answer=lambda path, headers: page if path == "/simple/app/" else None)
    env = place.venv()
    assert "+ app 1.0" in place.pkg("install", "--python", env, "-i", index.url, "app").err
    pinned = place.pkg("install", "--python", env, "-i", index.url, "app==2.0")
    assert pinned.code == 0 and "broken" in pinned.err, pinned


@check
def offline_says_what_is_missing(place):
    index = Index([wheel("app", "1.0")])
    done = place.pkg("install", "--python", place.venv(), "-i", index.url, "--offline", "app")
    assert done.code == 1 and "app" in done.err and index.requests == [], done


@check
def first_index_that_has_a_project_wins(place):
    inner, outer = Index([wheel("app", "1.0")]), Index([wheel("app", "9.0"), wheel("lib", "1.0")])
    env = place.venv()
    done = place.pkg("install", "--python", env, "-i", outer.url, "--extra-index-url", inner.url, "app", "lib")
    assert done.code == 0 and "+ app 1.0" in done.err and "+ lib 1.0" in done.err, done
    best = place.pkg("install", "--python", place.venv("best"), "-i", outer.url, "--extra-index-url", inner.url,
                     "--index-strategy", "unsafe-best-match", "app")
    assert "+ app 9.0" in best.err, best


@check
def bytecode_is_compiled_when_asked_for(place):
    folder = place.wheels(wheel("app", "1.0"))
    env = place.venv()
    assert place.pkg("install", "--python", env, "--no-index", "-f", folder, "--compile", "app").code == 0
    cached = f"{env}/lib/python3.11/site-packages/app/__pycache__"
    assert os.listdir(cached), cached
    assert place.pkg("uninstall", "--python", env, "app").code == 0
    assert not os.path.exists(os.path.dirname(cached))


@check
def orphans_go_with_what_needed_them(place):
    folder = place.wheels(wheel("app", "1.0", requires=["lib"]), wheel("lib", "1.0", requires=["deep"]),
                          wheel("deep", "1"), wheel("own", "1"))
    env = place.venv()
    assert place.pkg("install", "--python", env, "--no-index", "-f", folder, "app", "own").code == 0
    done = place.pkg("uninstall", "--python", env, "--orphans", "app")
    assert (done.code == 0 and json.loads(place.pkg("list", "--python", env, "--format", "json").out) ==
            [{"name": "own", "version": "1"}]), done


@check
def two_commands_at_once_leave_both_installed(place):
    import threading
    folder = place.wheels(*[wheel(f"p{i}", "1.0") for i in range(8)])
    env = place.venv()
    done = []
    threads = [threading.Thread(target=lambda i=i: done.append(place.pkg("install", "--python", env, "--no-index", "-f",
        folder, f"p{i}"))) for i in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    assert all(d.code == 0 for d in done), done
    assert len(json.loads(place.pkg("list", "--python", env, "--format", "json").out)) == 8
    assert place.pkg("verify", "--python", env).code == 0


@check
def cache_verbs_tell_and_clean(place):
    index = Index([wheel("app", "1.0")])
    assert place.pkg("install", "--python", place.venv(), "-i", index.url, "app").code == 0
    assert "app" in place.pkg("cache", "list").out
    assert json.loads(place.pkg("cache", "info", "--json").out)["wheels"] == 1
    assert place.pkg("cache", "verify").code == 0
    assert place.pkg("cache", "clean", "app").code == 0
    assert place.pkg("cache", "list").out == ""


@check
def completion_scripts_are_valid_shell(place):
    import shutil, subprocess
    for shell in ("bash", "zsh", "fish"):
        script = place.pkg("completion", shell)
        assert script.code == 0 and "install" in script.out, script
        if shutil.which(shell):
            checked = subprocess.run([shell, "-n"] if shell != "fish" else ["fish", "--no-execute"], input=script.out,
                                     text=True, capture_output=True)
            assert checked.returncode == 0, (shell, checked.stderr)


main()
