"""Hands out a folder as world.py writes it: by threads of Python (few requests, counted and timed) or by nginx
(many)."""
import http.server, os, re, shutil, socket, subprocess, tempfile, threading, time, urllib.parse

JSON_TYPE = "application/vnd.pypi.simple.v1+json"
PAGE_AGE, FILE_AGE = "max-age=86400", "max-age=365000000, immutable, public"


class Server:
    """Static, from Python. `log` holds (begin, end, path) of every request; `delay_s` makes the index a distant one."""

    def __init__(self, folder: str, delay_s: float = 0):
        self.folder, self.delay_s, self.log, self.sent = folder, delay_s, [], 0  # sent: bytes of bodies
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = 1 << 16

            def do_GET(self):
                begin = time.monotonic()
                if server.delay_s:
                    time.sleep(server.delay_s)
                path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path)
                server.answer(self, path)
                server.log.append((begin, time.monotonic(), server.logged(path)))

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, *_):  # a client that is done hangs up on what it no longer needs
                pass

        self.listener = Listener(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.listener.server_port}/simple/"

    def logged(self, path: str) -> str:
        return path

    def answer(self, request, path):
        page = re.fullmatch(r"/simple/([A-Za-z0-9._-]+)/", path)
        place = f"{self.folder}/simple/{page[1]}/index.json" if page else f"{self.folder}{path}"
        found = os.path.isfile(place) and ".." not in path
        packed = page and "gzip" in request.headers.get("Accept-Encoding", "") and os.path.isfile(place + ".gz")
        body = open(place + (".gz" if packed else ""), "rb").read() if found else b""
        if found and (span := re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))):
            last = min(int(span[2] or len(body)), len(body) - 1)
            request.send_response(206)
            request.send_header("Content-Range", f"bytes {span[1]}-{last}/{len(body)}")
            body = body[int(span[1]) : last + 1]
        else:
            request.send_response(200 if found else 404)
        if packed:
            request.send_header("Content-Encoding", "gzip")
        request.send_header("Content-Type", JSON_TYPE if page else "application/octet-stream")
        request.send_header("Cache-Control", PAGE_AGE if page else FILE_AGE)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
        self.sent += len(body)
        request.wfile.flush()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown()
        self.listener.server_close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def nginx_configuration(folder: str, port: int, state: str, page_age: str) -> str:
    places = " ".join(f"{kind}_temp_path {state}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi",
        "scgi"))
    return f"""daemon off; worker_processes 1; error_log stderr crit; pid {state}/nginx.pid;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000;
  types {{ }} default_type application/octet-stream; {places}
  server {{
    listen 127.0.0.1:{port}; root {folder};
    location /simple/ {{
      default_type {JSON_TYPE}; gzip_static on; index index.json; add_header Cache-Control "{page_age}";
    }}
    location /files/ {{ add_header Cache-Control "{FILE_AGE}"; }}
  }}
}}
"""


def nginx_program() -> str | None:
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")


class Nginx:
    """nginx on a free port of loopback, for as long as the `with` lasts."""

    def __init__(self, folder: str, page_age: str = PAGE_AGE):
        self.folder, self.page_age = os.path.abspath(folder), page_age

    def __enter__(self):
        self.state = tempfile.TemporaryDirectory(prefix="bench-nginx-")
        os.chmod(self.state.name, 0o755)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}/simple/"
        configuration = f"{self.state.name}/nginx.conf"
        with open(configuration, "w") as out:
            # As root nginx would change to a user that cannot read a private folder.
            out.write(("user root;" if os.getuid() == 0 else "") + nginx_configuration(self.folder, port,
                self.state.name, self.page_age))
        self.process = subprocess.Popen([nginx_program(), "-e", "stderr", "-c", configuration])
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return self
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.02)
        self.__exit__()
        raise SystemExit("nginx did not start")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.state.cleanup()


def best(folder: str):
    return Nginx(folder) if nginx_program() else Server(folder)
