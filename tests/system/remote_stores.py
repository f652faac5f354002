"""Stores for a remote cache, over loopback: S3 with strict signatures, a plain HTTP cache with a cache server's bad
habits, nginx with WebDAV, and s3proxy where Java and its archive are there."""
import datetime, glob, hashlib, hmac, http.server, os, re, shutil, socket, socketserver, subprocess, threading, time
import urllib.parse

from support import Skip, need_tool


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Server:
    """What both stubs share: objects by path, what was asked, and a function that may answer instead."""

    def __init__(self):
        self.objects, self.asked, self.fault, self.lock = {}, [], None, threading.Lock()
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0) or 0))
                with server.lock:
                    server.asked.append((self.command, self.path, dict(self.headers), len(body)))
                if server.fault and server.fault(self, body):
                    return
                self.reply(*server.respond(self.command, self.path, self.headers, body))

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = any

            def reply(self, status, body=b"", headers=()):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                for name, value in headers:
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.listener = Listener(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()
        self.port = self.listener.server_port
        self.origin = f"http://127.0.0.1:{self.port}"

    def count(self, method, part=""):
        return sum(one[0] == method and part in one[1] for one in self.asked)

    def damaged(self):
        """Contents that are not what their name says."""
        return [path for path, data in self.objects.items()
                if "/cas/" in path and sha256(data) != path.rsplit("/", 1)[1]]


class HttpCache(Server):
    """GET, HEAD and PUT. No ETag, ranges are ignored, wrong bytes below /cas/ are a 500."""

    def __init__(self):
        super().__init__()
        self.url = f"{self.origin}/cache"

    def respond(self, method, path, headers, body):
        if method == "PUT":
            if "/cas/" in path and sha256(body) != path.rsplit("/", 1)[1]:
                return 500, b"wrong hash"
            with self.lock:
                self.objects[path] = body
            return 200,
        if method in ("GET", "HEAD"):
            found = self.objects.get(path)
            return (404, b"no") if found is None else (200, found)
        return 405,


class StrictS3(Server):
    """S3 in as far as a cache needs it. Every signature is computed again; what is not signed, or not the signed body,
    is refused."""

    def __init__(self, access="AKIATEST", secret="very/secret+key", region="eu-test-1", token=None):
        super().__init__()
        self.access, self.secret, self.region, self.token = access, secret, region, token
        self.roles = {}  # web identity token: (access key, secret, session token)
        self.url = "s3://bucket/some prefix"

    def environment(self):
        return {"AWS_ACCESS_KEY_ID": self.access, "AWS_SECRET_ACCESS_KEY": self.secret, "AWS_REGION": self.region,
                "AWS_ENDPOINT_URL_S3": self.origin, "PKG_REMOTE_CACHE": self.url,
                **({"AWS_SESSION_TOKEN": self.token} if self.token else {})}

    def error(self, status, code):
        return status, f"<?xml version='1.0'?><Error><Code>{code}</Code></Error>".encode()

    def wrong(self, method, path, headers, body):
        """The code of what is wrong with the signature; None: nothing."""
        text = headers.get("Authorization", "")
        match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, "
                             r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})", text)
        if not match:
            return "AccessDenied"
        access, day, region, names, signature = match.groups()
        if access != self.access:
            return "InvalidAccessKeyId"
        at = headers.get("x-amz-date", "")
        sent = datetime.datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        if abs((datetime.datetime.now(datetime.timezone.utc) - sent).total_seconds()) > 900 or at[:8] != day:
            return "RequestTimeTooSkewed"
        if region != self.region:
            return "AuthorizationHeaderMalformed"
        names = names.split(";")
        if names != sorted(names) or not {"host", "x-amz-date", "x-amz-content-sha256"} <= set(names):
            return "AccessDenied"
        for name in headers:
            if name.lower().startswith("x-amz-") and name.lower() not in names:
                return "AccessDenied"
        if headers.get("x-amz-security-token") != self.token:
            return "InvalidToken"
        if headers["x-amz-content-sha256"] != sha256(body):
            return "XAmzContentSHA256Mismatch"
        parts = urllib.parse.urlsplit(path)
        query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
        lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in names)
        canon = "\n".join([method, parts.path, query, lines, ";".join(names), sha256(body)])
        scope = f"{day}/{region}/s3/aws4_request"
        to_sign = "\n".join(["AWS4-HMAC-SHA256", at, scope, sha256(canon.encode())])
        key = ("AWS4" + self.secret).encode()
        for part in (day, region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        good = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        return None if hmac.compare_digest(good, signature) else "SignatureDoesNotMatch"

    def respond(self, method, path, headers, body):
        if method == "POST" and path == "/":
            return self.role(urllib.parse.parse_qs(body.decode()))
        if code := self.wrong(method, path, headers, body):
            return self.error(403, code)
        if not path.startswith("/bucket/"):
            return self.error(404, "NoSuchBucket")
        if method == "PUT":
            with self.lock:
                if headers.get("If-None-Match") == "*" and path in self.objects:
                    return self.error(412, "PreconditionFailed")
                self.objects[path] = body
            return 200, b"", [("ETag", f'"{hashlib.md5(body).hexdigest()}"')]
        found = self.objects.get(path)
        return self.error(404, "NoSuchKey") if found is None else (200, found)

    def role(self, form):
        found = self.roles.get(form.get("WebIdentityToken", [""])[0])
        if form.get("Action") != ["AssumeRoleWithWebIdentity"] or not form.get("RoleArn") or found is None:
            return self.error(400, "InvalidIdentityToken")
        self.access, self.secret, self.token = found
        later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        return 200, (f"<R><Credentials><AccessKeyId>{found[0]}</AccessKeyId><SecretAccessKey>{found[1]}"
                     f"</SecretAccessKey><SessionToken>{found[2]}</SessionToken><Expiration>{later}</Expiration>"
                     "</Credentials></R>").encode()


class Silent:
    """Takes connections, reads, and never answers."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/cache"
        self.kept = []
        threading.Thread(target=self.take, daemon=True).start()

    def take(self):
        while True:
            self.kept.append(self.listener.accept())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, seconds=30):
    for _ in range(int(seconds * 20)):
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server does not listen")


class Process:
    """A server that ends with its `with`."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(10)


class NginxDav(Process):
    """nginx with PUT. `If-None-Match: *` is ignored there."""

    def __init__(self, place, port=None):
        need_tool("nginx")
        self.port, self.folder = port or free_port(), f"{place.path}/nginx"
        os.makedirs(f"{self.folder}/data")
        user = "user root;" if os.geteuid() == 0 else ""
        temporary = " ".join(f"{name}_temp_path {self.folder}/{name};"
                             for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(f"{self.folder}/nginx.conf", "w") as file:
            file.write(f"daemon off; pid {self.folder}/pid; error_log {self.folder}/err.log; worker_processes 2;\n"
                       f"{user} events {{ worker_connections 1024; }}\n"
                       f"http {{ access_log {self.folder}/access.log; {temporary}\n"
                       f"client_max_body_size 0; server {{ listen 127.0.0.1:{self.port}; root {self.folder}/data;\n"
                       "location / { dav_methods PUT DELETE; create_full_put_path on; dav_access user:rw; } } }\n")
        self.process = subprocess.Popen(["nginx", "-p", self.folder, "-c", f"{self.folder}/nginx.conf"],
                                        stderr=subprocess.DEVNULL)
        wait_for(self.port, self.process)
        self.url = f"http://127.0.0.1:{self.port}/pkg"

    def files(self):
        return sorted(glob.glob(f"{self.folder}/data/pkg/*/*"))


def s3proxy_archive():
    """PKG_S3PROXY, or what `mvn dependency:get` put below build/parts (scripts/parts)."""
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    found = glob.glob(f"{root}/build/parts/**/s3proxy-*-jar-with-dependencies.jar", recursive=True)
    return os.environ.get("PKG_S3PROXY") or (found[0] if found else None)


class S3Proxy(Process):
    def __init__(self, place):
        need_tool("java")
        archive = s3proxy_archive()
        if archive is None:
            raise Skip("there is no s3proxy below build/parts (scripts/parts fetches it)")
        self.port, folder = free_port(), f"{place.path}/s3proxy"
        os.makedirs(f"{folder}/data/bucket")
        with open(f"{folder}/s3proxy.conf", "w") as file:
            file.write(f"s3proxy.endpoint=http://127.0.0.1:{self.port}\ns3proxy.authorization=aws-v2-or-v4\n"
                       "s3proxy.identity=AKIATEST\ns3proxy.credential=secretsecret\n"
                       f"jclouds.provider=filesystem-nio2\njclouds.filesystem.basedir={folder}/data\n")
        self.process = subprocess.Popen(["java", "-Xmx256m", "-jar", archive, "--properties", f"{folder}/s3proxy.conf"],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.port, self.process, 60)
        self.url = "s3://bucket/prefix"

    def environment(self):
        return {"AWS_ACCESS_KEY_ID": "AKIATEST", "AWS_SECRET_ACCESS_KEY": "secretsecret",
                "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{self.port}", "PKG_REMOTE_CACHE": self.url}
