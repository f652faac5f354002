#!/usr/bin/env python3
"""Progress as a person sees it: pkg in a pseudo-terminal whose bytes go to a terminal emulator (pyte), and on a pipe.
Skipped where pyte cannot be installed."""
import fcntl, http.server, os, pty, re, select, struct, subprocess, sys, termios, threading, time
from support import Index, PKG, PYTHON, Place, Skip, check, main, wheel

PIECE = 32 << 10


def emulator():
    folder = os.path.join(os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else "build"), "pyte-0.8.2")
    if not os.path.isdir(f"{folder}/pyte"):
        done = subprocess.run([PYTHON, "-m", "pip", "install", "-q", "--target", folder, "pyte==0.8.2"],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Skip(f"pyte cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    import pyte
    return pyte


class SlowIndex(Index):
    """Its files come piece by piece; `seconds` for each of them."""

    def __init__(self, wheels, seconds, json_api=True):
        super().__init__(wheels, json_api=json_api)
        index = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                status, headers, body = index.respond(self.path, dict(self.headers))
                self.send_response(status)
                for key, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(key, value)
                self.end_headers()
                pieces = [body[at : at + PIECE] for at in range(0, len(body), PIECE)]
                try:
                    for piece in pieces:
                        self.wfile.write(piece)
                        if len(pieces) > 2:
                            time.sleep(seconds / len(pieces))
                except OSError:
                    pass  # it was interrupted

            def log_message(self, *_):
                pass

        self.slow = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.slow.daemon_threads = True
        threading.Thread(target=self.slow.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.slow.server_port}/simple/"


def large(name, version="1.0", size=1_500_000):
    return wheel(name, version, files={f"{name.replace('-', '_')}/data.bin": os.urandom(size)})


class Terminal:
    """One command in a window; `screens` are what was to be seen from time to time."""

    def __init__(self, place, *words, columns=80, rows=24, **env):
        self.pyte = emulator()
        self.screen = self.pyte.Screen(columns, rows)
        self.stream = self.pyte.ByteStream(self.screen)
        self.bytes, self.screens, self.began = b"", [], time.monotonic()
        self.master, slave = pty.openpty()
        self.set_size(columns, rows, slave)

        def lead():
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        environment = {k: v for k, v in place.environment({}).items() if k != "NO_COLOR"}
        self.process = subprocess.Popen([PKG, *map(str, words)], cwd=place.work, stdin=slave, stdout=slave,
                                        stderr=slave,
                                        preexec_fn=lead, env={**environment, "TERM": "xterm", **env})
        os.close(slave)

    def set_size(self, columns, rows, descriptor):
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def resize(self, columns, rows):
        self.set_size(columns, rows, self.master)
        self.screen.resize(rows, columns)

    def type(self, text):
        os.write(self.master, text)

    def watch(self, until=lambda self: False, timeout=60):
        """Until the command ends, or `until` says so."""
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if not select.select([self.master], [], [], 0.05)[0]:
                continue
            try:
                data = os.read(self.master, 1 << 16)
            except OSError:
                data = b""
            if not data:
                self.code = self.process.wait(10)
                self.seconds = time.monotonic() - self.began
                return self
            self.bytes += data
            self.stream.feed(data)
            self.screens.append(self.lines())
            if until(self):
                return self
        self.process.kill()
        raise AssertionError(f"no end: {self.lines()}")

    def lines(self):
        return [line.rstrip() for line in self.screen.display if line.strip()]

    def shows(self, text):
        return any(text in line for line in self.lines())


def project_with_backend(place, seconds):
    place.write("slow/pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = 'backend'\n"
                "backend-path = ['.']\n"
                "[project]\nname = 'slow'\nversion = '1.0'\n")
    file_name, data = wheel("slow", "1.0")
    place.write("slow/" + file_name, data)
    place.write("slow/backend.py", "import shutil, time\n"
                "def build_wheel(folder, config_settings=None, metadata_directory=None):\n"
                f"    time.sleep({seconds})\n"
                f"    shutil.copy('{file_name}', folder)\n"
                f"    return '{file_name}'\n")
    return "./slow"


NAMES = ["short", "a-name-that-is-much-longer-than-any-window-of-a-sane-person-would-be-wide-enough-for", "third-one",
         "four",
         "five-of-them"]


@check
def each_download_has_a_line_that_fits_and_nothing_stays(place):
    index = SlowIndex([large(name) for name in NAMES], 1.5)
    env = place.venv()
    seen = Terminal(place, "install", *NAMES, "-i", index.url, "--python", env).watch()
    assert seen.code == 0, seen.lines()
    busy = [screen for screen in seen.screens if any(line.startswith("Downloading") for line in screen)]
    assert busy, seen.screens
    widest = max(busy, key=len)
    assert len(widest) >= 4, widest
    head = re.compile(r"Downloading \d of \d files, \d+\.\d of \d+\.\d MB, \d+\.\d MB/s$")
    assert any(head.match(screen[0]) for screen in busy), busy
    line = re.compile(r"  [\w.…-]+ +\[#*\.*\] \d\.\d of 1\.5 MB$")
    assert all(line.match(one) for one in widest[1:]), widest
    assert any("…" in one for one in widest)
    assert not any("[" in one or "Downloading" in one for one in seen.lines()), seen.lines()
    assert any("Installed 5 packages" in one for one in seen.lines())
    assert seen.lines()[0].startswith("In the environment") and not seen.screen.cursor.hidden
    # Drawn at most twelve times a second, whatever arrives.
    assert seen.bytes.count(b"Downloading ") <= seen.seconds * 13 + 2, (seen.bytes.count(b"Downloading "), seen.seconds)


@check
def the_length_of_the_answer_counts_where_the_index_says_none(place):
    index = SlowIndex([large("alpha")], 1.0, json_api=False)
    seen = Terminal(place, "install", "alpha", "-i", index.url, "--python", place.venv()).watch()
    assert seen.code == 0, seen.lines()
    assert any(re.search(r" \d\.\d of 1\.5 MB$", line) for screen in seen.screens for line in screen), seen.screens


@check
def a_window_that_changes_is_respected(place):
    index = SlowIndex([large(name) for name in NAMES], 2.5)
    window = Terminal(place, "install", *NAMES, "-i", index.url, "--python", place.venv(), columns=120, rows=30)
    window.watch(lambda seen: seen.shows("Downloading 1 of 5"))
    before = len(window.screens)
    window.resize(44, 4)
    window.watch(lambda seen: len(seen.screens) > before + 12)
    narrow = window.screens[-1]
    assert len(narrow) <= 4 and any("more" in line for line in narrow), narrow
    window.resize(100, 24)
    window.watch()
    assert window.code == 0, window.lines()
    assert not any("Downloading" in line or " MB" in line for line in window.lines()), window.lines()


@check
def control_c_leaves_nothing_behind(place):
    index = SlowIndex([large(name) for name in NAMES], 20)
    for columns in (80, 24):
        window = Terminal(place, "install", *NAMES, "-i", index.url, "--python", place.venv(f"env{columns}"),
                          "--no-cache",
                          columns=columns)
        window.watch(lambda seen: seen.shows("Downloading 1"))
        window.type(b"\x03")
        window.watch(timeout=30)
        assert window.code == 130, (window.code, window.lines())
        left = [line for line in window.lines() if line != "^C"]
        assert left[0] == "error: interrupted" and left[1].startswith("  while fetching"), left
        assert not any("Downloading" in line or " MB" in line for line in left), left
        assert not window.screen.cursor.hidden
        assert b"\x1b[?25l" not in window.bytes  # so that no end whatever can leave it hidden


@check
def builds_show_their_phase(place):
    window = Terminal(place, "install", project_with_backend(place, 1.5), "--python", place.venv()).watch()
    assert window.code == 0, window.lines()
    seen = {line for screen in window.screens for line in screen}
    assert any(re.match(r"Building slow, 1 s$", line) for line in seen), seen
    assert not any("Building" in line for line in window.lines()), window.lines()


@check
def no_colours_and_no_cursor_where_they_are_not_wanted(place):
    index = SlowIndex([large("alpha")], 1.0)
    env = place.venv()
    plain = Terminal(place, "install", "alpha", "-i", index.url, "--python", env, NO_COLOR="1").watch()
    assert plain.code == 0 and b"Downloading" in plain.bytes
    assert not re.search(rb"\x1b\[[0-9;]*m", plain.bytes), plain.bytes
    dumb = Terminal(place, "install", "alpha", "-i", index.url, "--python", env, "--reinstall", "--no-cache",
                    TERM="dumb").watch()
    assert dumb.code == 0 and b"\x1b" not in dumb.bytes and b"Downloading" not in dumb.bytes, dumb.bytes
    off = Terminal(place, "install", "alpha", "-i", index.url, "--python", env, "--reinstall", "--no-cache",
                   "--no-progress").watch()
    assert off.code == 0 and b"Downloading" not in off.bytes, off.bytes


@check
def on_a_pipe_what_takes_longer_than_three_seconds_says_so(place):
    env = place.venv()
    quick = SlowIndex([large("alpha")], 0.5)
    done = place.pkg("install", "alpha", "-i", quick.url, "--python", env)
    assert done.code == 0 and "Downloading" not in done.err, done
    slow = SlowIndex([large("beta")], 5)
    done = place.pkg("install", "beta", "-i", slow.url, "--python", env)
    line = r"^Downloading beta-1\.0-py3-none-any\.whl: 0\.\d of 1\.5 MB$"
    assert done.code == 0 and re.search(line, done.err, re.M), done
    assert "\r" not in done.err and "\x1b" not in done.err
    done = place.pkg("install", project_with_backend(place, 4), "--python", env)
    assert done.code == 0 and "Building slow, 3 s\n" in done.err, done
    assert "Downloading" not in place.pkg("install", "beta", "-i", slow.url, "--python", env, "--reinstall",
                                          "--no-cache",
                                          "-q").err


if __name__ == "__main__":
    main()
