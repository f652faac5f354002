"""What `pkg run` is given besides a command: variables of files, scripts from standard input and from a URL, an
environment of its own, folders in place; and the exit codes of a shell."""
import hashlib, http.server, json, os, threading

from support import PTH_BACKEND, PYTHON, Index, check, main, on_terminal, wheel

HEAD = '[project]\nname = "work"\nversion = "1"\nrequires-python = ">=3.9"\ndependencies = ["leaf"]\n'
SHOW = "import os; print([os.environ.get(n) for n in ('A', 'B', 'HOME')])"


def run(place, *words, **kept):
    return place.pkg("run", "--python", PYTHON, *words, **kept)


def alone(place, *words, **kept):
    return run(place, "--no-project", *words, **kept)


class Site:
    """Files over loopback; `more` are answers by path: (status, headers, body)."""

    def __init__(self, files, more=None):
        site = self
        self.files, self.more, self.asked = files, more or {}, []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                site.asked.append(self.path)
                body = site.files.get(self.path)
                status, headers, body = site.more.get(self.path, (404, {}, b"") if body is None else (200, {}, body))
                self.send_response(status)
                for key, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(key, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}"


@check
def variables_of_files(place):
    place.write(".env", "A=file\nexport B='b c'\nHOME=/nowhere\n")
    place.write("more.env", "B=\"${A}-${NONE:-none}\"\n")
    home = place.environment({})["HOME"]
    plain = alone(place, "python", "-c", SHOW)
    assert plain.out == f"[None, None, '{home}']\n", plain
    done = alone(place, "--env-file", ".env", "python", "-c", SHOW)
    assert done.out == f"['file', 'b c', '{home}']\n", done
    done = alone(place, "--env-file", ".env", "--env-file", "more.env", "python", "-c", SHOW)
    assert done.out == f"['file', 'file-none', '{home}']\n", done
    done = alone(place, "--env-file", ".env", "python", "-c", SHOW, A="mine")
    assert done.out == f"['mine', 'b c', '{home}']\n", done
    done = alone(place, "python", "-c", SHOW, PKG_ENV_FILE=".env more.env")
    assert done.out == f"['file', 'file-none', '{home}']\n", done
    done = alone(place, "--no-env-file", "python", "-c", SHOW, PKG_ENV_FILE=".env")
    assert done.out == plain.out, done


@check
def files_of_variables_that_are_none(place):
    for text, fault in ((b"A=1\nsecret value\n", "bad.env:2: expected NAME=value"),
                        (b"A='secret\n\n", "bad.env:1: the quote that `A` begins with is not closed"),
                        (b"A=1\0secret\n", "bad.env:1: there is a zero byte"),
                        (b"A=0123456789\n" + b"".join(b"%c=${%c}${%c}\n" % (i, i - 1, i - 1) for i in range(66, 91)),
                         "is longer than 128 KiB")):
        place.write("bad.env", text)
        done = alone(place, "--env-file", "bad.env", "python", "-c", SHOW)
        assert done.code == 1 and fault in done.err and "secret" not in done.err and done.out == "", done
    gone = alone(place, "--env-file", "gone.env", "python", "-c", SHOW)
    assert gone.code == 1 and "gone.env" in gone.err, gone
    with open(place.write("big.env", b""), "r+b") as file:
        file.truncate(1 << 40)
    assert alone(place, "--env-file", "big.env", "python", "-c", SHOW).code == 1


@check
def a_project_names_no_file_with_variables(place):
    place.write("pyproject.toml", HEAD.replace('"leaf"', "") + '[tool.pkg]\nenv-file = ".env"\n')
    place.write(".env", "A=file\n")
    done = run(place, "python", "-c", SHOW)
    assert done.code == 0 and done.out.startswith("[None, None,") and "`env-file`" in done.err, done
    trusted = run(place, "python", "-c", SHOW, PKG_TRUST_PROJECT="1")
    assert trusted.out.startswith("[None, None,"), trusted


@check
def variables_of_files_do_not_reach_pkg_itself(place):
    index = Index([wheel("leaf", "1.0")])
    place.write("pyproject.toml", HEAD)
    place.write(".env", "PKG_INDEX_URL=http://127.0.0.1:9/\nPATH=/nowhere\nVIRTUAL_ENV=/x\n")
    done = run(place, "-i", index.url, "--env-file", ".env", "python", "-c",
               "import os, leaf; print(os.environ['PKG_INDEX_URL'], os.environ['VIRTUAL_ENV'])")
    assert done.code == 0 and done.out == f"http://127.0.0.1:9/ {place.work}/.venv\n", done


@check
def a_script_from_standard_input(place):
    index = Index([wheel("leaf", "1.0")])
    done = alone(place, "-", "a", "b", stdin="import sys\nprint(sys.argv, repr(sys.stdin.read()))\n")
    assert done.code == 0 and done.out == "['-', 'a', 'b'] ''\n", done
    script = "# /// script\n# dependencies = ['leaf']\n# ///\nimport leaf, sys; print(leaf.__version__, sys.prefix)\n"
    first = run(place, "-i", index.url, "-", stdin=script)
    assert first.code == 0 and first.out.startswith("1.0 ") and "/environments-v2/stdin-" in first.out, first
    asked = len(index.requests)
    again = run(place, "-i", index.url, "-", stdin=script + "print('more')\n")
    assert again.code == 0 and again.out == first.out + "more\n" and len(index.requests) == asked, again
    # Nothing of the script but its block is kept, and nothing of it lies around.
    kept = [os.path.join(folder, name) for folder, _, names in os.walk(f"{place.path}/cache/pkg/scripts-v1")
            for name in names]
    assert len(kept) == 1, kept
    with open(kept[0]) as file:
        assert file.read() == script[:script.index("import")]
    assert os.stat(kept[0]).st_mode & 0o777 == 0o600
    assert os.listdir(f"{place.path}/tmp") == [], os.listdir(f"{place.path}/tmp")
    assert alone(place, "-", stdin="raise SystemExit(7)").code == 7
    broken = alone(place, "-", stdin="# /// script\n# dependencies = [\n# ///\n")
    assert broken.code == 1 and "error:" in broken.err, broken


@check
def a_script_from_a_url(place):
    index = Index([wheel("leaf", "1.0")])
    text = b"# /// script\n# dependencies = ['leaf']\n# ///\nimport leaf, sys; print(leaf.__version__, sys.argv[1:])\n"
    site = Site({"/tools/show.py": text, "/binary": b"\x7fELF\0\0"},
                {"/moved": (302, {"Location": "/tools/show.py"}, b"")})
    url, digest = f"{site.url}/tools/show.py", hashlib.sha256(text).hexdigest()
    refused = run(place, "-i", index.url, url, "x")
    assert refused.code == 2 and digest in refused.err and "--yes" in refused.err and refused.out == "", refused
    assert not os.path.exists(f"{place.path}/cache/pkg/scripts-v1")
    done = run(place, "-i", index.url, "-y", url, "x")
    assert done.code == 0 and done.out == "1.0 ['x']\n", done
    again = run(place, "-i", index.url, f"{site.url}/moved", "y")  # the same bytes of the same address
    assert again.code == 0 and again.out == "1.0 ['y']\n", again
    site.files["/tools/show.py"] = b"print('another')\n"
    other = run(place, "-i", index.url, url)
    assert other.code == 2 and other.out == "", other
    assert run(place, "--yes", url).out == "another\n"
    assert run(place, "--yes", f"{site.url}/none").code == 1
    binary = run(place, "--yes", f"{site.url}/binary")
    assert binary.code == 1 and "is no Python script" in binary.err, binary
    offline = run(place, "--yes", "--offline", url)
    assert offline.code == 1 and offline.out == "", offline


@check
def a_script_from_a_url_is_asked_for_on_a_terminal(place):
    site = Site({"/show.py": b"print('it ran')\n"})
    words = ["run", "--no-project", "--python", PYTHON, f"{site.url}/show.py"]
    code, shown = on_terminal(place, words, b"n\n")
    assert code != 0 and "it ran" not in shown and "sha256" in shown and f"{site.url}/show.py" in shown, (code, shown)
    code, shown = on_terminal(place, words, b"\n")
    assert code != 0 and "it ran" not in shown, (code, shown)
    code, shown = on_terminal(place, words, b"y\n")
    assert code == 0 and "it ran" in shown, (code, shown)
    code, shown = on_terminal(place, words, b"")
    assert code == 0 and "it ran" in shown and "[y/N]" not in shown, (code, shown)


@check
def a_script_does_not_come_from_where_anybody_could_change_it(place):
    site = Site({}, {"/away": (302, {"Location": "http://host.invalid/x.py"}, b"")})
    plain = run(place, "--yes", "http://host.invalid/x.py")
    assert plain.code == 2 and "--trusted-host host.invalid" in plain.err, plain
    away = run(place, "--yes", f"{site.url}/away", "--retries", "0")
    assert away.code != 0 and "x.py" in away.err, away
    secret = run(place, "--yes", "http://me:secret@host.invalid/x.py")
    assert secret.code == 2 and "secret" not in secret.err, secret


@check
def isolated_is_an_environment_of_its_own(place):
    index = Index([wheel("leaf", "1.0"), wheel("more", "1.0")])
    place.write("pyproject.toml", HEAD + '[dependency-groups]\ndev = ["more"]\n')
    show = "import importlib.util as u, sys; print(sys.prefix, [n for n in ('leaf', 'more') if u.find_spec(n)])"
    kept = ("-i", index.url, "--isolated")
    first = run(place, *kept, "python", "-c", show)
    prefix = first.out.split()[0]
    assert first.code == 0 and "/environments-v2/work-" in prefix and first.out.endswith("['leaf', 'more']\n"), first
    assert not os.path.exists(f"{place.work}/.venv")
    asked = len(index.requests)
    assert run(place, *kept, "python", "-c", show).out == first.out and len(index.requests) == asked
    without = run(place, *kept, "--no-dev", "python", "-c", show)
    assert without.out.endswith("['leaf']\n") and not without.out.startswith(prefix), without
    away = run(place, *kept, "--no-project", "--with", "more", "python", "-c", show)
    assert away.out.endswith("['more']\n"), away
    both = run(place, *kept, "--no-sync", "python")
    assert both.code == 2, both
    # The user's settings count: it is not pip's option of that name.
    asked = len(index.requests)
    by_variable = run(place, "--isolated", "--with", "more", "python", "-c", show, PKG_INDEX_URL=index.url)
    assert by_variable.code == 0 and by_variable.out.endswith("['leaf', 'more']\n"), by_variable


@check
def a_folder_in_place_for_one_run(place):
    index = Index([])
    place.write("lib/pyproject.toml", '[project]\nname = "lib"\nversion = "1"\n'
                '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n')
    place.write("lib/lib.py", "value = 1\n")
    place.write("lib/backend.py", PTH_BACKEND)
    kept = ("-i", index.url, "--no-project", "--with-editable", "./lib", "python", "-c", "import lib; print(lib.value)")
    first = run(place, *kept)
    assert first.code == 0 and first.out == "1\n", first
    place.write("lib/lib.py", "value = 22\n")
    assert run(place, *kept).out == "22\n"


@check
def exit_codes_are_those_of_a_shell(place):
    none = alone(place, "no-such-program-at-all")
    assert none.code == 127 and "there is no program" in none.err, none
    assert alone(place, "./no/such").code == 127
    value = alone(place, "--json", "no-such-program-at-all")
    assert value.code == 127 and json.loads(value.out)["error"]["kind"] == "not_found", value
    place.write("plain", "text\n")
    plain = alone(place, "./plain")
    assert plain.code == 126 and "chmod +x" in plain.err, plain
    assert alone(place, "./").code == 126
    os.chmod(f"{place.work}/plain", 0o755)
    assert alone(place, "./plain").code == 126  # no first line that names a program
    os.chmod(place.write("lost", "#!/no/such/interpreter\n"), 0o755)
    lost = alone(place, "./lost")
    assert lost.code == 126 and "first line" in lost.err, lost
    for code in (0, 1, 2, 126, 127, 255):
        assert alone(place, "python", "-c", f"raise SystemExit({code})").code == code
    killed = alone(place, "sh", "-c", "kill -TERM $$")
    assert killed.code == -15, killed


@check
def a_script_without_a_window_is_a_script(place):
    place.write("hello.pyw", "print('hello')\n")
    done = alone(place, "--gui-script", "hello.pyw")
    assert done.code == 0 and done.out == "hello\n", done


main()
