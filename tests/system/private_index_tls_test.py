"""The way to a private index: certificates of both sides, and proxies. What is wrong
gives one line, at once, and changes nothing."""
import base64, os, re, socket, threading

from private_index import CA, CLIENT, TLS, Authority, PrivateIndex, app, fails, install
from support import check, main, wheel


@check
def a_missing_client_certificate_is_told_and_not_tried_again(place):
    index = app()
    # the alert may be lost in a reset, which is tried again
    fails(place, index, "--cert", f"{CA.folder}/ca.pem", "-i", index.url, says=["--client-cert"], most_connections=7)
    fails(place, index, "--cert", f"{CA.folder}/ca.pem", "--client-cert", f"{place.work}/absent.pem", "-i", index.url,
          says=["the client certificate cannot be used"])


@check
def keys_may_stand_apart_from_client_certificates(place):
    index = app()
    index.secret = None
    env = place.venv()
    done = place.pkg("install", "--python", env, "--client-cert", f"{CLIENT}.pem", "--client-key", f"{CLIENT}.key",
                     "-i", index.url, "app", REQUESTS_CA_BUNDLE="", CURL_CA_BUNDLE="",
                     SSL_CERT_FILE=f"{CA.folder}/ca.pem")
    assert done.code == 0, done


@check
def server_certificates_are_checked_and_told_apart(place):
    other = Authority(f"{place.path}/other-ca", "Another CA")
    stranger = PrivateIndex([wheel("app", "1.0")], certificate=other.sign("server"), wants_client=False, secret=None)
    fails(place, stranger, "--cert", f"{CA.folder}/ca.pem", "-i", stranger.url,
          says=["the certificate of `127.0.0.1` is not accepted", "--cert FILE"], most_connections=2)
    fails(place, stranger, "-i", stranger.url, says=["the certificate of `127.0.0.1` is not accepted"])
    expired = PrivateIndex([wheel("app", "1.0")], certificate=expired_certificate(), wants_client=False, secret=None)
    fails(place, expired, "--cert", f"{CA.folder}/ca.pem", "-i", expired.url, says=["has expired", "clock"],
          most_connections=2)
    elsewhere = PrivateIndex([wheel("app", "1.0")], certificate=CA.sign("elsewhere", alt="DNS:index.example"),
                             wants_client=False, secret=None)
    fails(place, elsewhere, "--cert", f"{CA.folder}/ca.pem", "-i", elsewhere.url, says=["another host name"],
          most_connections=2)
    fails(place, elsewhere, "--cert", f"{place.work}/absent.pem", "-i", elsewhere.url,
          says=["the certificates to trust cannot be read", "--cert"])
    env = place.venv()
    assert place.pkg("install", "--python", env, "--trusted-host", "127.0.0.1", "-i", elsewhere.url, "app").code == 0
    plain = PrivateIndex([wheel("app", "1.0")], tls=False, secret=None)
    fails(place, plain, "-i", plain.url.replace("http:", "https:"), says=["does not speak TLS", "http://"])


def expired_certificate():
    """x509 -req of OpenSSL 3.0 cannot sign the past: `ca` can."""
    CA.run("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=expired",
           "-keyout", "expired.key", "-out", "expired.csr")
    with open(f"{CA.folder}/ca.cnf", "w") as out:
        out.write(f"[ca]\ndefault_ca=d\n[d]\ndatabase={CA.folder}/index.txt\nserial={CA.folder}/serial\n"
                  f"new_certs_dir={CA.folder}\ndefault_md=sha256\npolicy=p\nx509_extensions=e\n[p]\n"
                  f"commonName=supplied\n[e]\nsubjectAltName=IP:127.0.0.1\n")
    open(f"{CA.folder}/index.txt", "w").close()
    with open(f"{CA.folder}/serial", "w") as out:
        out.write("1000\n")
    CA.run("ca", "-batch", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key", "-in", "expired.csr", "-out",
           "expired.pem", "-startdate", "20200101000000Z", "-enddate", "20200201000000Z", "-notext")
    return f"{CA.folder}/expired"


class Proxy:
    """An HTTP proxy (absolute form and CONNECT), or a SOCKS5 one, that wants a password when it is told one."""

    def __init__(self, expected=None, socks=False):
        self.expected, self.asked = expected, []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.talk_socks if socks else self.talk,), daemon=True).start()

    def accept(self, talk):
        while True:
            connection, _ = self.listener.accept()
            threading.Thread(target=self.guarded, args=(talk, connection), daemon=True).start()

    def guarded(self, talk, connection):
        try:
            talk(connection)
        except OSError:
            pass
        finally:
            connection.close()

    def talk(self, connection):
        head = b""
        while b"\r\n\r\n" not in head:
            piece = connection.recv(4096)
            if not piece:
                return
            head += piece
        method, target = head.split(b" ")[:2]
        self.asked.append(f"{method.decode()} {target.decode()}")
        if self.expected and b"Proxy-Authorization: Basic " + base64.b64encode(self.expected.encode()) not in head:
            connection.sendall(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n"
                               b"Connection: close\r\n\r\n")
            return
        if method == b"CONNECT":
            host, port = target.decode().rsplit(":", 1)
            upstream = socket.create_connection((host, int(port)))
            connection.sendall(b"HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n")
        else:
            host, rest = re.fullmatch(rb"http://([^/]+)(/.*)", target).groups()
            name, port = host.decode().split(":")
            upstream = socket.create_connection((name, int(port)))
            head = re.sub(rb"\r\nProxy-[^\r]*", b"", head).replace(target, rest, 1).replace(b"\r\n\r\n",
                b"\r\nConnection: close\r\n\r\n", 1)
            upstream.sendall(head)
        self.pump(connection, upstream)

    def talk_socks(self, connection):
        count = connection.recv(2)[1]
        connection.recv(count)
        connection.sendall(b"\x05\x02" if self.expected else b"\x05\x00")
        if self.expected:
            connection.recv(1)
            user = connection.recv(connection.recv(1)[0])
            password = connection.recv(connection.recv(1)[0])
            good = (user + b":" + password).decode() == self.expected
            connection.sendall(b"\x01\x00" if good else b"\x01\x01")
            if not good:
                return
        kind = connection.recv(4)[3]
        host = socket.inet_ntoa(connection.recv(4)) if kind == 1 else connection.recv(connection.recv(1)[0]).decode()
        port = int.from_bytes(connection.recv(2), "big")
        self.asked.append(f"SOCKS{kind} {host}:{port}")
        upstream = socket.create_connection(("127.0.0.1", port))
        connection.sendall(b"\x05\x00\x00\x01" + bytes(6))
        self.pump(connection, upstream)

    def pump(self, a, b):
        def copy(source, to):
            try:
                while piece := source.recv(65536):
                    to.sendall(piece)
            except OSError:
                pass
            for one in (source, to):
                try:
                    one.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

        back = threading.Thread(target=copy, args=(b, a), daemon=True)
        back.start()
        copy(a, b)
        back.join()


@check
def proxies_by_option_and_environment(place):
    plain = PrivateIndex([wheel("app", "1.0")], tls=False, secret=None)
    secure = PrivateIndex([wheel("app", "1.0")], wants_client=False, secret=None)
    cert = ["--cert", f"{CA.folder}/ca.pem"]

    def go(proxy, index, *words, **variables):
        env = place.venv(f"env{len(os.listdir(place.path))}")
        proxy.asked.clear()
        return place.pkg("install", "-vv", "--python", env, "--no-cache", "--retries", "1", *cert, "-i", index.url,
                         *words, "app", **variables)

    proxy = Proxy(expected=f"joe:c4n4ry")
    address = f"http://joe:c4n4ry@127.0.0.1:{proxy.port}"
    for index, first in ((plain, "GET http://"), (secure, "CONNECT 127.0.0.1:")):
        for words, variables in ((["--proxy", address], {}), ([], {"http_proxy": address, "https_proxy": address}),
                                 ([], {"all_proxy": address}), ([], {"PIP_PROXY": address})):
            done = go(proxy, index, *words, **variables)
            assert done.code == 0 and proxy.asked and proxy.asked[0].startswith(first), (done, proxy.asked)
            assert "c4n4ry" not in done.out + done.err, done
    for variables in ({"no_proxy": "127.0.0.1"}, {"PKG_NO_PROXY_ENV": "1"}):
        done = go(proxy, plain, http_proxy=address, **variables)
        assert done.code == 0 and not proxy.asked, (done, proxy.asked)
    done = go(proxy, plain, "--no-proxy-env", http_proxy=address)
    assert done.code == 0 and not proxy.asked, done
    wrong = go(proxy, secure, "--proxy", address.replace("joe", "jim"))
    assert wrong.code == 1 and "407" in wrong.err and "c4n4ry" not in wrong.err and len(proxy.asked) == 1, (
        wrong, proxy.asked)
    wrong = go(proxy, plain, "--proxy", address.replace("joe", "jim"))
    assert wrong.code == 1 and "407" in wrong.err and "c4n4ry" not in wrong.err, wrong
    for bad in ("ftp://joe:c4n4ry@127.0.0.1:1", "http://joe:c4n4ry@[127:1", f"joe:c4n4ry@127.0.0.1:1"):
        done = go(proxy, plain, "--proxy", bad)
        assert done.code == 1 and "c4n4ry" not in done.out + done.err, done
        shown = place.pkg("config", "list", PIP_PROXY=bad)
        assert "c4n4ry" not in shown.out + shown.err, shown
    socks = Proxy(expected="joe:c4n4ry", socks=True)
    for scheme, kind in (("socks5", 1), ("socks5h", 1)):
        done = go(socks, secure, "--proxy", f"{scheme}://joe:c4n4ry@127.0.0.1:{socks.port}")
        assert done.code == 0 and socks.asked[0].startswith(f"SOCKS{kind}"), (done, socks.asked)
    named = PrivateIndex([wheel("app", "1.0")], wants_client=False, secret=None)
    named.url = named.url.replace("127.0.0.1", "localhost")
    done = go(socks, named, "--proxy", f"socks5h://joe:c4n4ry@127.0.0.1:{socks.port}")
    assert done.code == 0 and socks.asked[0].startswith("SOCKS3 localhost"), (done, socks.asked)
    wrong = go(socks, secure, "--proxy", f"socks5://joe:wrong@127.0.0.1:{socks.port}")
    assert wrong.code == 1 and "wrong" not in wrong.err.replace("wrong version", ""), wrong


main()
