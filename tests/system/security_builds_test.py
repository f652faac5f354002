"""What programs that pkg starts may see and do: version control tools and keyring away from the checkout, and builds,
contained or not."""
import base64, http.server, json, os, pty, shutil, socket, stat, subprocess, sys, tempfile, threading, time

from sources import git, project, repository, write_tree
from support import PKG, check, main

CANARY = "c4n4ry"
BUILD = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else os.getcwd()
SECRETS = {"PIP_INDEX_URL": f"http://me:{CANARY}@127.0.0.1:1/simple/", "PKG_INDEX_CORP_PASSWORD": CANARY,
           "UV_INDEX_PRIVATE_PASSWORD": CANARY,
           "TWINE_PASSWORD": CANARY, "NPM_TOKEN": CANARY}


def executable(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, 0o755)
    return path


def refusing_server():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def hostile_config(canary):
    run = f"touch {canary}"
    return f"""[core]
\tsshCommand = {run}; false
\tfsmonitor = {run}
\tpager = {run}
\tgitProxy = {run}
\taskPass = {run}
[credential]
\thelper = "!{run}; echo"
[uploadpack]
\tpackObjectsHook = {run}
[filter "x"]
\tsmudge = {run}
[url "ext::sh -c '{run}' "]
\tinsteadOf = http://127.0.0.1:7/
"""


@check
def git_reads_no_configuration_of_the_folder_it_is_called_in(place):
    repo = f"{place.path}/repo"
    repository(repo, project("app", "1.0"))
    canary = f"{place.path}/canary"
    address = refusing_server()
    checkout, bare = f"{place.work}/checkout", f"{place.work}/bare"
    repository(checkout, {"a": "1"})
    git(place.work, "init", "-q", "--bare", bare)
    for config in (f"{checkout}/.git/config", f"{bare}/config"):
        with open(config, "a") as file:
            file.write(hostile_config(canary))
    os.makedirs(f"{checkout}/below")
    for folder in (checkout, f"{checkout}/below", bare):
        for url in (f"git+{address}/r.git", "git+ssh://git@127.0.0.1:1/r.git", "git+git://127.0.0.1:1/r.git",
                    "git+http://127.0.0.1:7/x.git", f"git+file://{repo}"):
            place.pkg("compile", "--no-header", "-", stdin=f"app @ {url}\n", cwd=folder, GIT_CONFIG_GLOBAL="/dev/null")
            assert not os.path.exists(canary), (folder, url)


@check
def a_mirror_in_the_cache_names_no_commands(place):
    repo = f"{place.path}/repo"
    repository(repo, project("app", "1.0", dynamic=False))
    first = place.pkg("compile", "-", stdin=f"app @ git+file://{repo}\n")
    assert first.code == 0, first
    canary = f"{place.path}/canary"
    mirrors = f"{place.path}/cache/pkg/git-v1"
    mirrors = mirrors if os.path.isdir(mirrors) else next(base for base, _, _ in os.walk(f"{place.path}/cache")
                                                          if base.endswith("git-v1"))
    changed = 0
    for name in os.listdir(mirrors):
        if os.path.isdir(f"{mirrors}/{name}"):
            with open(f"{mirrors}/{name}/config", "a") as file:
                file.write(hostile_config(canary))
            changed += 1
    assert changed == 1
    git(repo, "commit", "-q", "--allow-empty", "-m", "next")
    again = place.pkg("install", "--python", place.venv(), "--no-deps", f"app @ git+file://{repo}")
    assert again.code == 0 and not os.path.exists(canary), again
    with open(f"{mirrors}/{[n for n in os.listdir(mirrors) if os.path.isdir(f'{mirrors}/{n}')][0]}/config") as file:
        assert canary not in file.read()


RECORDER = """#!/bin/sh
{ echo "== $0 $*"; pwd; tr '\\0' '\\n' < /proc/$$/environ; } >> '%s'
%s
"""


@check
def programs_see_no_secret_and_do_not_run_in_the_checkout(place):
    repo = f"{place.path}/repo"
    repository(repo, project("app", "1.0", dynamic=False))
    log = f"{place.path}/calls"
    executable(f"{place.path}/bin/git", RECORDER % (log, f'exec {shutil.which("git")} "$@"'))
    executable(f"{place.path}/bin/keyring", RECORDER % (log, "exit 1"))
    address = refusing_server()
    place.write("pyproject.toml", '[project]\nname = "p"\nversion = "1"\n')
    variables = {**SECRETS, "PATH": f"{place.path}/bin:{os.environ['PATH']}",
                 "https_proxy": f"http://me:{CANARY}@127.0.0.1:1",
                 "SSH_AUTH_SOCK": "/nowhere/agent", "GIT_DIR": place.work, "GIT_CONFIG_COUNT": "1",
                 "GIT_CONFIG_KEY_0": "core.sshCommand", "GIT_CONFIG_VALUE_0": "false"}
    done = place.pkg("compile", "--no-deps", "-", stdin=f"app @ git+file://{repo}\n", **variables)
    assert done.code == 0, done
    place.pkg("compile", "--keyring-provider", "subprocess", "-i", f"{address}/simple/", "-", stdin="absent\n",
              **variables)
    with open(log) as file:
        text = file.read()
    assert "/git -c" in text and "/keyring --mode creds get" in text, text
    assert CANARY not in text, [line for line in text.splitlines() if CANARY in line]
    assert f"\n{place.work}\n" not in text and "GIT_DIR=" not in text and "GIT_CONFIG_COUNT" not in text
    assert "SSH_AUTH_SOCK=/nowhere/agent" in text and f"HOME={place.path}/home" in text


@check
def a_proxys_credentials_reach_git_by_no_variable_and_no_argument(place):
    asked = []

    class Proxy(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.headers.get("Proxy-Authorization"))
            self.send_response(407 if not asked[-1] else 404)
            self.send_header("Proxy-Authenticate", 'Basic realm="x"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *words):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    log = f"{place.path}/calls"
    executable(f"{place.path}/bin/git", RECORDER % (log, f'exec {shutil.which("git")} "$@"'))
    place.pkg("compile", "-", stdin="app @ git+http://repository.example/x.git\n",
              PATH=f"{place.path}/bin:{os.environ['PATH']}",
              http_proxy=f"http://me:{CANARY}@127.0.0.1:{server.server_address[1]}")
    assert "Basic " + base64.b64encode(f"me:{CANARY}".encode()).decode() in asked, asked
    with open(log) as file:
        assert CANARY not in file.read()


@check
def programs_of_the_checkout_and_of_relative_path_entries_are_not_run(place):
    canary = f"{place.path}/canary"
    repo = f"{place.path}/repo"
    repository(repo, project("app", "1.0", dynamic=False))
    place.write("pyproject.toml", '[project]\nname = "p"\nversion = "1"\n')
    for folder in (".", ".venv/bin", "tools"):
        for name in ("git", "keyring", "ssh", "hg"):
            executable(f"{place.work}/{folder}/{name}", f"#!/bin/sh\ntouch {canary}\nexit 1\n")
    os.makedirs(f"{place.work}/below")
    path = f"{place.work}/.venv/bin:.:tools::{os.environ['PATH']}"
    address = refusing_server()
    for cwd in (place.work, f"{place.work}/below"):
        done = place.pkg("compile", "--no-deps", "-", stdin=f"app @ git+file://{repo}\n", PATH=path, cwd=cwd)
        assert done.code == 0 and not os.path.exists(canary), done
        place.pkg("compile", "-", "-i", f"{address}/simple/", "--keyring-provider", "subprocess", stdin="absent\n",
                  PATH=path, cwd=cwd)
        place.pkg("compile", "-", stdin="app @ git+ssh://127.0.0.1:1/x.git\n", PATH=path, cwd=cwd)
        place.pkg("compile", "-", stdin="app @ hg+http://127.0.0.1:1/x\n", PATH=path, cwd=cwd)
        assert not os.path.exists(canary)


@check
def words_from_outside_are_never_options(place):
    canary = f"{place.path}/canary"
    for url in (f"git+ssh://%2DoProxyCommand=touch%20{canary}/x.git", "git+ssh://me@%2DoProxyCommand=x/x.git",
                "git+ssh://%2Dbos.path@host.example/x.git", "hg+ssh://%2Dbos.path@host.example/x",
                "svn+https://%2D%2Dconfig-dir=x@host.example/x", "git+https://host.example/x.git@%2D%2Dupload-pack=x",
                "bzr+ssh://%2Dx@host.example/x", "git+https://me%0A@host.example/x"):
        done = place.pkg("compile", "-", stdin=f"app @ {url}\n")
        assert done.code == 1 and ("begins with `-`" in done.err or "control characters" in done.err), (url, done)
    log = f"{place.path}/calls"
    executable(f"{place.path}/bin/keyring", RECORDER % (log, "exit 1"))
    address = refusing_server().replace("http://", "http://%2D%2Dmode@")
    place.pkg("compile", "-i", f"{address}/simple/", "--keyring-provider", "subprocess", "-", stdin="absent\n",
              PATH=f"{place.path}/bin:{os.environ['PATH']}")
    assert not os.path.exists(canary) and not os.path.exists(log)


# --- Builds.

SNOOP = """import os
if hook == 'build_wheel':
    seen, pid = [], os.getpid()
    while pid > 1:
        try:
            with open('/proc/%d/environ' % pid, 'rb') as file:
                environment = file.read()
        except OSError:
            environment = b''
        with open('/proc/%d/status' % pid) as file:
            lines = dict(line.split(':', 1) for line in file if ':' in line)
        name = lines['Name'].strip()
        if b'c4n4ry' in environment:
            seen.append(name)
        if name == 'pkg' and TOP:
            break
        pid = int(lines['PPid'])
    print('SEEN', seen)
    raise SystemExit('seen: ' + ' '.join(sorted(set(seen))))
"""


def as_nobody(place, *words, cwd, **env):
    """pkg as a user without rights, when the test itself runs as root."""
    if os.getuid() != 0:
        return place.pkg(*words, cwd=cwd, **env)
    for base, names, files in os.walk(place.path):
        for name in [base, *(os.path.join(base, one) for one in names + files)]:
            os.chown(name, 65534, 65534, follow_symlinks=False)
    done = subprocess.run([PKG, *words], cwd=cwd, env=place.environment(env), capture_output=True, text=True,
                          timeout=120, user=65534, group=65534, extra_groups=[])
    return done.returncode, done.stdout, done.stderr


@check
def no_build_sees_a_secret_in_the_processes_above_it(place):
    write_tree(f"{place.work}/app", project("app", "1.0", dynamic=False, behave=SNOOP.replace("TOP", "False")))
    env = place.venv()
    for options in ([], ["--sandbox-build"]):
        done = place.pkg("install", "--python", env, *options, "./app", **SECRETS)
        assert done.code == 1 and "seen:" in done.err, done
        told = done.err.split("seen:")[1].split("\n")[0]
        # Root sees everything of root's outside of a sandbox: pkg, its caller, but not the guard between.
        above = set(told.replace(")", " ").replace("`", " ").split())
        assert not above - {"."} if options else "pkg-guard" not in above, told


@check
def a_build_of_an_ordinary_user_cannot_look_into_pkg(place):
    probe = subprocess.run([PKG, "--version"], capture_output=True, user=65534) if os.getuid() == 0 else None
    if probe is not None and probe.returncode != 0:
        print("        (other users cannot run this binary)")
        return
    os.chmod(place.path, 0o755)
    behave = """import os
if hook == 'build_wheel':
    guard = pid = os.getpid()
    found = []
    while pid > 1:
        with open('/proc/%d/status' % pid) as file:
            lines = dict(line.split(':', 1) for line in file if ':' in line)
        for name in ('environ', 'mem', 'maps', 'fd'):
            try:
                if name == 'fd':
                    os.listdir('/proc/%d/fd' % pid)
                else:
                    open('/proc/%d/%s' % (pid, name), 'rb').read(1 if name == 'mem' else -1)
                readable = True
            except PermissionError:
                readable = False
            except OSError:
                readable = True
            if lines['Name'].strip() == 'pkg' and readable:
                found.append(name)
        if lines['Name'].strip() == 'pkg':
            raise SystemExit('open in pkg: %s.' % ' '.join(found))
        pid = int(lines['PPid'])
"""
    write_tree(f"{place.work}/app", project("app", "1.0", dynamic=False, behave=behave))
    if subprocess.run(["/usr/bin/python3", "-c", "import venv"], capture_output=True).returncode != 0:
        print("        (there is no Python for other users)")
        return
    env = place.venv(python="/usr/bin/python3")
    done = as_nobody(place, "install", "--python", env, "./app", cwd=place.work, **SECRETS)
    text = done[2] if isinstance(done, tuple) else done.err
    assert "open in pkg: ." in text, text


def left_over(marker):
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if marker.encode() in file.read():
                    found.append(int(pid))
        except OSError:
            pass
    return found


@check
def nothing_outlives_a_build_that_kills_its_guard(place):
    marker = f"marker-{os.getpid()}"
    daemon = (f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60) # {marker}'], "
              f"start_new_session=True)")
    # By name, and of the next three above: a test must not end what runs it.
    kill = """
pid = os.getppid()
for _ in range(3):
    with open('/proc/%d/status' % pid) as file:
        lines = dict(line.split(':', 1) for line in file if ':' in line)
    if lines['Name'].strip() == 'pkg-guard':
        os.kill(pid, 9)
        time.sleep(1)
        break
    pid = int(lines['PPid'])
"""
    env = place.venv()
    for name, options in (("free", []), ("contained", ["--sandbox-build"])):
        write_tree(f"{place.work}/{name}",
                   project(name, "1.0", dynamic=False,
                           behave=f"import os, subprocess, sys, time\nif hook == 'build_wheel':\n    {daemon}\n" +
                           "".join(f"    {line}\n" for line in kill.splitlines())))
        done = place.pkg("install", "--python", env, *options, f"./{name}")
        assert "Traceback (most recent" not in done.out, done
        assert not left_over(marker), (name, done)


@check
def a_contained_build_reaches_nothing_of_others(place):
    home = tempfile.mkdtemp(prefix="home-", dir=BUILD)  # not below /tmp, which a build has its own
    outside = f"{home}/outside"
    os.makedirs(outside)
    with open(f"{outside}/file", "w") as file:
        file.write("plain")
    os.mkfifo(f"{outside}/fifo")
    reader = os.open(f"{outside}/fifo", os.O_RDONLY | os.O_NONBLOCK)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{outside}/socket")
    listener.listen(8)
    os.chdir(outside)
    relative = socket.socket(socket.AF_UNIX)
    relative.bind("relative")
    relative.listen(8)
    os.chdir("/")
    datagrams = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    datagrams.bind(f"{outside}/datagrams")
    abstract = socket.socket(socket.AF_UNIX)
    abstract.bind(f"\0{outside}")
    abstract.listen(8)
    # A service in another network namespace, as a container's: no list of ours has it.
    other = subprocess.Popen(["unshare", "-Urn", sys.executable, "-c",
                              f"import socket, time\ns = socket.socket(socket.AF_UNIX)\n"
                              f"s.bind({outside + '/other'!r})\ns.listen(8)\ntime.sleep(60)"],
                             stderr=subprocess.DEVNULL)
    while not os.path.exists(f"{outside}/other") and other.poll() is None:
        time.sleep(0.01)
    _, terminal = pty.openpty()
    victim = subprocess.Popen(["sleep", "60"])
    behave = f"""import os, socket, stat, multiprocessing, tempfile
if hook == 'build_wheel':
    outside = {outside!r}
    done = []
    def attempt(name, deed):
        try:
            deed()
        except (OSError, AttributeError):
            return
        done.append(name)
    def connect(path, kind=socket.SOCK_STREAM):
        with socket.socket(socket.AF_UNIX, kind) as s:
            s.connect(path)
    def opened(path, how):
        os.close(os.open(path, how | os.O_NONBLOCK | os.O_NOCTTY))
    assert open(outside + '/file').read() == 'plain'
    attempt('write', lambda: open(outside + '/file', 'w'))
    attempt('fifo', lambda: opened(outside + '/fifo', os.O_WRONLY))
    attempt('fifo-rw', lambda: opened(outside + '/fifo', os.O_RDWR))
    for name in ('socket', 'relative', 'other'):
        if os.path.exists(outside + '/' + name):
            attempt(name, lambda: connect(outside + '/' + name))
            os.chdir(outside)
            attempt(name + '-by-relative-path', lambda: connect(name))
            os.symlink(outside + '/' + name, tempfile.gettempdir() + '/link-' + name)
            attempt(name + '-by-link', lambda: connect(tempfile.gettempdir() + '/link-' + name))
            os.chdir(os.path.dirname(os.path.abspath(__file__)) if '__file__' in globals() else '/')
    attempt('datagrams', lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', outside + '/datagrams'))
    attempt('datagram-pair',
            lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', outside + '/datagrams'))
    attempt('abstract', lambda: connect('\\0' + outside))
    attempt('vsock', lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM))
    attempt('terminal', lambda: opened({os.ttyname(terminal)!r}, os.O_RDWR))
    attempt('terminal-read', lambda: opened({os.ttyname(terminal)!r}, os.O_RDONLY))
    attempt('tty', lambda: opened('/dev/tty', os.O_RDWR))
    attempt('signal', lambda: os.kill({victim.pid}, 0))
    for device in ('kmsg', 'mem', 'vda', 'sda', 'nvme0n1', 'loop0', 'fuse', 'ptmx', 'tty0'):
        attempt('/dev/' + device, lambda: opened('/dev/' + device, os.O_RDONLY))
    attempt('environment',
            lambda: b'c4n4ry' in open('/proc/%d/environ' % os.getppid(), 'rb').read() or os.stat('/nowhere'))
    # What is its own works.
    os.chdir(tempfile.gettempdir())
    with socket.socket(socket.AF_UNIX) as own:
        own.bind('own')
        own.listen(1)
        connect('own')
        connect(os.path.abspath('own'))
    with multiprocessing.get_context('forkserver').Pool(2) as pool:
        assert pool.map(abs, [-1, -2]) == [1, 2]
    multiprocessing.Lock().acquire()
    for device in ('null', 'zero', 'urandom'):
        open('/dev/' + device, 'rb').read(1)
    open('/dev/null', 'w').write('x')
    MEANS
    raise SystemExit('reached: %s.' % ' '.join(done))
"""
    own = ("open('/tmp/own', 'w').write('x')\n    assert sorted(os.listdir('/dev')) == ['fd', 'full', 'null', "
           "'random', 'shm', 'stderr', 'stdin', 'stdout', 'urandom', 'zero'], os.listdir('/dev')")
    env = place.venv()
    try:
        for name, wrap, checked in (("namespaces", [], own), ("landlock", ["unshare", "-Ur", "sh", "-c",
                'echo 0 > /proc/sys/user/max_user_namespaces; exec "$0" "$@"'], "pass")):
            write_tree(f"{place.work}/{name}",
                       project(name, "1.0", dynamic=False, behave=behave.replace("MEANS", checked)))
            done = subprocess.run([*wrap, PKG, "install", "--python", env, "--sandbox-build", f"./{name}"],
                                  cwd=place.work, env=place.environment({**SECRETS, "HOME": home}), capture_output=True,
                                  text=True, timeout=60)
            if "cannot be contained" in done.stderr or "unshare:" in done.stderr:
                print(f"        (this machine has no {name})")
                continue
            assert "reached: ." in done.stderr, (name, done.stderr)
            assert ("Landlock alone" in done.stderr) == (name == "landlock"), done.stderr
            assert os.listdir(outside).count("file") == 1 and stat.S_ISFIFO(os.stat(f"{outside}/fifo").st_mode)
        try:
            assert os.read(reader, 10) == b""
        except BlockingIOError:
            pass
    finally:
        other.kill()
        victim.kill()
        shutil.rmtree(home)


main()
