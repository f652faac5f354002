#!/usr/bin/env python3
"""`pkg self version`, and `pkg self update` against a loopback server: what is taken, and all that is not."""
import base64, hashlib, http.server, io, json, os, shutil, signal, subprocess, tarfile, threading, time
from support import PKG, check, main, need_tool

NEW = "9.1.0"


def openssl(*words, data=b""):
    return subprocess.run(["openssl", *words], input=data, capture_output=True, check=True).stdout


class Releases:
    """A folder of releases over HTTP, signed with a key made for it."""

    def __init__(self, place, version=NEW, program=None):
        need_tool("openssl")
        self.place, self.version = place, version
        self.key = f"{place.path}/key.pem"
        openssl("genpkey", "-algorithm", "ed25519", "-out", self.key)
        raw = openssl("pkey", "-in", self.key, "-pubout", "-outform", "DER")[-32:]
        self.public = base64.b64encode(raw).decode()
        self.files, self.cut, self.asked, self.wait = {}, {}, [], 0
        releases = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                releases.asked.append(self.path)
                body = releases.files.get(self.path.lstrip("/"))
                self.send_response(200 if body is not None else 404)
                body = body or b""
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if releases.wait and self.path.endswith(".gz"):
                    time.sleep(releases.wait)
                self.wfile.write(body[: releases.cut.get(self.path.lstrip("/"), len(body))])

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/manifest.json"
        self.target = json.loads(place.pkg("self", "version", "--json").out)["target"]
        self.publish(program or f"#!/bin/sh\necho pkg {version}\n".encode())

    def publish(self, program, **changes):
        name = f"pkgpy-{self.version}-{self.target}"
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            entry = tarfile.TarInfo(f"{name}/bin/pkg")
            entry.size, entry.mode = len(program), 0o755
            archive.addfile(entry, io.BytesIO(program))
            link = tarfile.TarInfo(f"{name}/bin/pkgpy")
            link.type, link.linkname = tarfile.SYMTYPE, "pkg"
            archive.addfile(link)
        data = buffer.getvalue()
        self.archive = f"{name}.tar.gz"
        self.files[self.archive] = data
        file = {"target": self.target, "url": self.archive, "sha256": hashlib.sha256(data).hexdigest(),
                "size": len(data), **changes}
        self.sign({"version": self.version, "files": [file]})

    def sign(self, manifest):
        text = json.dumps(manifest).encode()
        path = f"{self.place.path}/manifest.json"
        with open(path, "wb") as file:
            file.write(text)
        signature = openssl("pkeyutl", "-sign", "-inkey", self.key, "-rawin", "-in", path)
        self.files["manifest.json"] = text
        self.files["manifest.json.sig"] = base64.b64encode(signature) + b"\n"


class Installed:
    """pkg as a tarball leaves it: PREFIX/bin/pkg."""

    def __init__(self, place, releases):
        self.place, self.releases, self.prefix = place, releases, f"{place.path}/opt/pkg"
        os.makedirs(f"{self.prefix}/bin")
        self.binary = f"{self.prefix}/bin/pkg"
        shutil.copy(PKG, self.binary)
        self.bytes = self.read()

    def read(self):
        with open(self.binary, "rb") as file:
            return file.read()

    def command(self, *words):
        return [self.binary, "self", "update", "--retries", "0", "--self-update-url", self.releases.url,
                "--self-update-key", self.releases.public, *words]

    def update(self, *words, **env):
        done = subprocess.run(self.command(*words), cwd=self.place.work, env=self.place.environment(env),
                              capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def is_untouched(self):
        return self.read() == self.bytes and os.listdir(f"{self.prefix}/bin") == ["pkg"]


@check
def the_version_says_how_it_was_built(place):
    done = place.pkg("self", "version", "--json")
    assert done.code == 0, done
    value = json.loads(done.out)
    assert value["schema"] == 1 and value["verb"] == "self version"
    assert place.pkg("--version").out == f"pkg {value['version']}\n"
    assert value["build"]["sanitizers"] != "OFF"
    build = value["build"]
    assert value["target"].split("-")[1] == "linux" and build["compiler"] and build["standard_library"]
    assert "://" not in done.out  # the default index by its origin, not by its address
    names = {library["name"]: library for library in value["libraries"]}
    assert {"OpenSSL", "libcurl", "libdeflate", "libarchive", "libzstd"} <= set(names), names
    assert names["OpenSSL"]["running"] == names["OpenSSL"]["built_with"] and names["libcurl"]["running"]
    text = place.pkg("self", "version").out
    assert f"target: {value['target']}" in text and "OpenSSL" in text, text


@check
def a_newer_release_takes_the_place_of_the_old_one(place):
    releases = Releases(place)
    own = Installed(place, releases)
    code, text = own.update("--check")
    assert code == 0 and f"pkg {NEW} is there" in text and own.is_untouched(), text
    code, text = own.update("--dry-run", "--json")
    assert code == 0 and json.loads(text)["outcome"] == "available" and own.is_untouched(), text
    assert not any(path.endswith(".gz") for path in releases.asked)
    mode = os.stat(own.binary).st_mode
    code, text = own.update()
    assert code == 0 and f"-> {NEW}" in text, text
    assert own.read().startswith(b"#!/bin/sh") and os.stat(own.binary).st_mode == mode
    assert os.listdir(f"{own.prefix}/bin") == ["pkg"]


@check
def what_is_tampered_with_is_refused(place):
    releases = Releases(place)
    own = Installed(place, releases)
    good = dict(releases.files)

    def refused(word, **changed):
        releases.files = {**good, **changed}
        code, text = own.update()
        assert code == 1 and word in text and own.is_untouched(), text

    manifest = json.loads(good["manifest.json"])
    refused("is not signed by the key", **{"manifest.json": good["manifest.json"].replace(NEW.encode(), b"9.9.9")})
    refused("is not signed by the key", **{"manifest.json": good["manifest.json"] + b" "})
    refused("is no signature", **{"manifest.json.sig": b"bm8="})
    refused("is not signed by the key", **{"manifest.json.sig": base64.b64encode(bytes(64))})
    refused("404", **{"manifest.json.sig": None})
    refused("has the sha256", **{releases.archive: good[releases.archive][:-1] + b"x"})
    refused("bytes, expected", **{releases.archive: good[releases.archive][:-1]})
    releases.files = dict(good)
    other = Releases(place)  # the same address, another key
    releases.files["manifest.json.sig"] = other.files["manifest.json.sig"]
    code, text = own.update()
    assert code == 1 and "is not signed" in text and own.is_untouched(), text
    releases.files = dict(good)
    releases.key = other.key
    releases.sign(manifest)
    code, text = own.update()
    assert code == 1 and "is not signed" in text and own.is_untouched(), text


@check
def a_signed_release_that_is_wrong_is_refused(place):
    releases = Releases(place)
    own = Installed(place, releases)
    for word, changes in (("has the sha256", {"sha256": "0" * 64}), ("larger than", {"size": 10}),
                          ("no file for", {"target": "mips-linux-gnu"}), ("404", {"url": "gone.tar.gz"}),
                          ("expected 1 to", {"size": 0})):
        releases.publish(b"#!/bin/sh\necho pkg 9.1.0\n", **changes)
        code, text = own.update()
        assert code == 1 and word in text and own.is_untouched(), (word, text)
    for program in (b"#!/bin/sh\necho something else\n", b"no program", b"#!/bin/sh\nexit 3\n"):
        releases.publish(program)
        code, text = own.update()
        assert code == 1 and "does not start here" in text and own.is_untouched(), text
    releases.publish(b"#!/bin/sh\necho pkg 9.1.0\n")
    releases.files["manifest.json"] = releases.files["manifest.json"].replace(b'"files"', b'"file"')
    releases.sign({"version": NEW})
    code, text = own.update()
    assert code == 1 and "has no list `files`" in text and own.is_untouched(), text


@check
def a_cut_download_and_a_silent_server_change_nothing(place):
    releases = Releases(place)
    own = Installed(place, releases)
    releases.cut[releases.archive] = 20
    code, text = own.update()
    assert code == 1 and own.is_untouched(), text
    releases.cut = {"manifest.json": 5}
    code, text = own.update()
    assert code == 1 and own.is_untouched(), text
    releases.cut = {}
    releases.server.shutdown()
    releases.server.server_close()
    code, text = own.update()
    assert code == 1 and own.is_untouched(), text


@check
def an_older_release_is_taken_only_by_force(place):
    releases = Releases(place, version="0.0.1")
    own = Installed(place, releases)
    code, text = own.update()
    assert code == 1 and "older than this pkg" in text, text
    assert own.is_untouched()
    code, text = own.update("--force")
    assert code == 0 and "-> 0.0.1" in text, text
    version = place.pkg("--version").out.split()[1]
    same = Releases(place, version=version)
    shutil.copy(PKG, own.binary)
    own.releases = same
    code, text = own.update()
    assert code == 0 and "is the newest release" in text and own.is_untouched(), text


@check
def what_something_else_installed_stays_its_business(place):
    releases = Releases(place)
    own = Installed(place, releases)
    os.makedirs(f"{own.prefix}/share/pkgpy")
    marker = f"{own.prefix}/share/pkgpy/installed-by"
    with open(marker, "w") as file:
        file.write("apt\n")
    code, text = own.update()
    assert code == 1 and "was installed by apt" in text and own.is_untouched() and not releases.asked, text
    code, text = own.update("--check")
    assert code == 0 and f"pkg {NEW} is there" in text, text
    os.remove(marker)
    os.makedirs(f"{own.prefix}/lib/python3.12/site-packages/pkgpy-0.1.0.dist-info")
    code, text = own.update()
    assert code == 1 and "was installed by pip" in text and own.is_untouched(), text
    shutil.rmtree(f"{own.prefix}/lib")
    with open(marker, "w") as file:
        file.write("tarball\n")
    if os.geteuid() == 0:
        os.chown(f"{own.prefix}/bin", 12345, 12345)
        code, text = own.update()
        assert code == 1 and "belongs to another user" in text and own.is_untouched(), text
        os.chown(f"{own.prefix}/bin", 0, 0)
    else:
        os.chmod(f"{own.prefix}/bin", 0o555)
        code, text = own.update()
        assert code == 1 and "cannot write into" in text, text
        os.chmod(f"{own.prefix}/bin", 0o755)
    code, text = own.update()
    assert code == 0, text


@check
def without_address_or_key_nothing_is_asked(place):
    done = place.pkg("self", "update")
    assert done.code == 2 and "no address" in done.err, done
    done = place.pkg("self", "update", PKG_SELF_UPDATE_URL="http://127.0.0.1:9/manifest.json", PKG_SELF_UPDATE_KEY="")
    assert done.code == 2 and "no public key" in done.err, done
    done = place.pkg("self", "update", PKG_SELF_UPDATE_URL="http://127.0.0.1:9/manifest.json", PKG_SELF_UPDATE_KEY="x")
    assert done.code == 1 and "expected 32 bytes" in done.err, done
    # A project may not say where pkg itself comes from.
    place.write("pyproject.toml", "[tool.pkg]\nself-update-url = 'http://127.0.0.1:9/manifest.json'\n")
    done = place.pkg("self", "update")
    assert done.code == 2 and "no address" in done.err, done


@check
def killed_at_any_time_there_is_one_whole_program(place):
    program = b"#!/bin/sh\necho pkg 9.1.0\n" + b"#" * 3_000_000
    releases = Releases(place, program=program)
    own = Installed(place, releases)
    updated = 0
    for step in range(14):
        with open(own.binary, "wb") as file:
            file.write(own.bytes)
        process = subprocess.Popen(own.command(), cwd=place.work, env=place.environment({}), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(0.02 + step * 0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        now = own.read()
        assert now in (own.bytes, program), len(now)
        updated += now == program
    code, text = own.update()
    assert code == 0 or updated, text
    # What was left is removed when it is old.
    left = f"{own.prefix}/bin/.pkg-update-aaaaaa"
    open(left, "w").close()
    os.utime(left, (1, 1))
    shutil.copy(PKG, own.binary)
    code, text = own.update()
    assert code == 0 and not os.path.exists(left), text


if __name__ == "__main__":
    main()
