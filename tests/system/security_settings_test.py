"""A checkout's settings cannot spend the user's trust: what a project may not set, where credentials go, which folder
may be a cache, and what is made for its user alone."""
import base64, os, ssl, stat, subprocess

from support import PKG, Index, Run, check, main, wheel

SECRET = "c4n4ry"


def basic(user, password):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def sent(index):
    """The credentials that a server was given."""
    return {headers["Authorization"] for _, headers in index.requests if "Authorization" in headers}


def private(answers, user="alice"):
    """An index that wants these credentials."""
    index = Index(answers)
    plain = index.respond
    index.respond = lambda path, headers: plain(path, headers) if headers.get("Authorization") == basic(user,
        SECRET) else (401, {"WWW-Authenticate": "Basic"}, b"")
    return index


def project(place, settings, name="checkout"):
    place.write(f"{name}/pyproject.toml", f'[project]\nname = "h"\nversion = "1"\nrequires-python = ">=3.8"\n'
                                          f'dependencies = ["app"]\n{settings}')
    return f"{place.work}/{name}"


def umask(mode):
    return lambda: os.umask(mode)


def pkg(place, *words, mask=0o022, cwd=None, **env):
    return Run(subprocess.run([PKG, *words], cwd=cwd or place.work, env=place.environment(env), capture_output=True,
                              text=True, timeout=120, preexec_fn=umask(mask)))


@check
def a_proxy_and_trusted_hosts_of_a_checkout_are_ignored_with_one_line(place):
    index, proxy = private([wheel("app", "1.0")]), Index([])
    own = {"PIP_INDEX_URL": index.url.replace("://", f"://alice:{SECRET}@")}
    folder = project(place, f'[tool.pkg]\nproxy = "{proxy.url}"\ntrusted-host = ["127.0.0.1"]\n')
    done = place.pkg("lock", cwd=folder, **own)
    assert done.code == 0 and not proxy.requests, (done, proxy.requests)
    lines = [line for line in done.err.splitlines() if "ignored" in line]
    assert len(lines) == 1 and "`proxy`, `trusted-host`" in lines[0] and "pkg config trust" in lines[0], done
    debug = place.pkg("config", "debug", cwd=folder)
    assert "(ignored: not trusted)" in debug.out, debug
    # The user's own word counts, and what is trusted counts until it changes.
    assert place.pkg("config", "trust", cwd=folder).code == 0
    assert place.pkg("config", "trust", "--list").out == os.path.realpath(folder) + "\n"
    place.pkg("lock", "--upgrade", "--refresh", "--retries", "0", cwd=folder, **own)
    assert proxy.requests
    proxy.requests.clear()
    project(place, f'[tool.pkg]\nproxy = "{proxy.url}pulled/"\n')
    done = place.pkg("lock", "--upgrade", "--refresh", cwd=folder, **own)
    assert done.code == 0 and not proxy.requests and "ignored" in done.err, done
    assert place.pkg("config", "untrust", cwd=folder).code == 0
    assert place.pkg("config", "trust", "--list").out == ""


@check
def nothing_of_a_checkout_turns_checks_off_or_leads_elsewhere(place):
    keys = {"cert": '"/x"', "client-cert": '"/x"', "client-key": '"/x"', "cache-dir": '"../.."',
            "keyring-provider": '"subprocess"', "no-verify-hashes": "true", "no-verify-record": "true",
            "break-system-packages": "true", "user": "true", "no-proxy-env": "true"}
    folder = project(place, "[tool.pkg]\n" + "".join(f"{key} = {value}\n" for key, value in keys.items()))
    done = place.pkg("cache", "dir", cwd=folder)
    assert done.out == f"{place.path}/cache/pkg\n", done
    assert all(f"`{key}`" in done.err for key in keys), done
    place.write("checkout/script.py", '# /// script\n# dependencies = ["app"]\n# [tool.pkg]\n'
                                      '# proxy = "http://127.0.0.1:9"\n# ///\nimport app\nprint(app.__version__)\n')
    index = Index([wheel("app", "1.0")])
    done = place.pkg("run", "script.py", cwd=folder, PIP_INDEX_URL=index.url)
    assert done.code == 0 and done.out == "1.0\n", done


@check
def variables_of_an_index_go_where_the_user_says_that_it_is(place):
    theirs = private([wheel("app", "1.0")])
    folder = project(place, f'[[tool.pkg.index]]\nname = "corp"\nurl = "{theirs.url}"\n')
    variables = {"PKG_INDEX_CORP_USERNAME": "alice", "PKG_INDEX_CORP_PASSWORD": SECRET}
    done = place.pkg("lock", cwd=folder, **variables)
    assert done.code == 1 and not sent(theirs), (done, sent(theirs))
    assert ("PKG_INDEX_CORP_PASSWORD was not sent" in done.err and "PKG_TRUST_PROJECT=1" in done.err and
            "pkg config trust" in done.err), done
    assert SECRET not in done.out + done.err
    # Another place that the user gives the name is not this one.
    place.write("../home/.config/pkg/pkg.toml", f'[[index]]\nname = "corp"\nurl = "{Index([]).url}"\n')
    assert place.pkg("lock", cwd=folder, **variables).code == 1 and not sent(theirs)
    os.remove(f"{place.path}/home/.config/pkg/pkg.toml")
    # Ways to say that it is right: the variable of the name, one for CI, and for good.
    for more in ({"PKG_INDEX_CORP_URL": theirs.url}, {"PKG_TRUST_PROJECT": "1"}):
        theirs.requests.clear()
        done = place.pkg("lock", "--upgrade", "--refresh", cwd=folder, **variables, **more)
        assert done.code == 0 and sent(theirs) == {basic("alice", SECRET)}, done
    assert place.pkg("lock", "--upgrade", "--refresh", cwd=folder, **variables).code == 1
    assert place.pkg("config", "trust", cwd=folder).code == 0
    assert place.pkg("lock", "--upgrade", "--refresh", cwd=folder, **variables).code == 0


@check
def a_script_names_an_index_and_gets_its_variables_once_it_is_trusted(place):
    theirs = private([wheel("app", "1.0")])
    script = place.write("script.py", f'# /// script\n# dependencies = ["app"]\n# [[tool.pkg.index]]\n# name = "corp"\n'
                                      f'# url = "{theirs.url}"\n# ///\nimport app\nprint(app.__version__)\n')
    variables = {"PKG_INDEX_CORP_USERNAME": "alice", "PKG_INDEX_CORP_PASSWORD": SECRET}
    done = place.pkg("run", script, **variables)
    assert done.code == 1 and not sent(theirs) and "was not sent" in done.err, done
    assert place.pkg("config", "trust", script).code == 0
    done = place.pkg("run", script, **variables)
    assert done.code == 0 and done.out == "1.0\n", done


@check
def a_requirements_file_does_without_certificates_only_for_its_own_hosts(place):
    index = Index([wheel("app", "1.0")])
    place.write("r.txt", "--trusted-host 127.0.0.1\n--trusted-host LOCALHOST\napp\n")
    done = place.pkg("compile", "r.txt", "-i", index.url)
    assert done.code == 0 and "--trusted-host 127.0.0.1 is ignored" in done.err and "LOCALHOST" not in done.err, done


@check
def netrc_is_read_by_port_and_the_default_entry_is_for_own_indexes(place):
    name, data = wheel("app", "1.0")
    other = Index([(name, data)])
    index = Index([(name, data)])
    index.projects["app"] = [(name, data)]
    plain = index.respond
    index.respond = lambda path, headers: tuple(part.replace(b'"/files/', f'"{other.url[:-8]}/files/'.encode())
                                                if isinstance(part, bytes) else part for part in plain(path, headers))
    netrc = place.write("netrc", f"machine 127.0.0.1 login bob password {SECRET}\n")
    os.chmod(netrc, 0o600)
    assert place.pkg("download", "app", "-d", "d", "-i", index.url, NETRC=netrc).code == 0
    assert sent(index) == {basic("bob", SECRET)} and other.requests and not sent(other), (sent(index), other.requests)
    place.write("netrc", f"default login bob password {SECRET}\n")
    other.requests.clear()
    assert place.pkg("download", "app", "-d", "d2", "-i", index.url, "--no-cache", NETRC=netrc).code == 0
    assert other.requests and not sent(other)
    folder = project(place, f'[tool.pkg]\nindex-url = "{other.url}"\n')
    assert place.pkg("lock", "--upgrade", "--refresh", cwd=folder, NETRC=netrc).code == 0
    assert not sent(other)
    os.chmod(netrc, 0o622)
    index.requests.clear()
    done = place.pkg("download", "app", "-d", "d3", "-i", index.url, "--no-cache", NETRC=netrc)
    assert done.code == 0 and not sent(index) and "can be written by others" in done.err, done


@check
def cleaning_leaves_what_is_not_pkgs(place):
    victim = f"{place.path}/victim"
    for name in ("tmp/work.txt", "my-notes-v2/a.txt", "lock-v1/x"):
        os.makedirs(os.path.dirname(f"{victim}/{name}"), exist_ok=True)
        with open(f"{victim}/{name}", "w") as out:
            out.write("precious")
    before = sorted(os.listdir(victim))
    for action in ("prune", "clean"):
        done = place.pkg("cache", action, "--cache-dir", victim)
        assert done.code == 1 and "which is not pkg's" in done.err and "--cache-dir" in done.err, done
    assert place.pkg("list", "--cache-dir", victim).code == 1  # whoever uses it, not only what removes
    assert sorted(os.listdir(victim)) == before and os.path.exists(f"{victim}/tmp/work.txt")


@check
def what_is_made_is_nobody_elses_to_write(place):
    index = Index([wheel("app", "1.0", entry_points="[console_scripts]\napp = app:x\n")])
    for mask in (0o000, 0o002, 0o077):
        cache, env = f"{place.path}/cache-{mask}", f"{place.path}/env-{mask}"
        assert pkg(place, "venv", env, "--cache-dir", cache, "--python", "/usr/bin/python3", mask=mask).code == 0
        done = pkg(place, "install", "--python", env, "--cache-dir", cache, "-i", index.url, "app", mask=mask)
        assert done.code == 0, done
        assert stat.S_IMODE(os.stat(cache).st_mode) == 0o700
        for top in (cache, env):
            for base, folders, files in os.walk(top):
                for name in folders + files:
                    status = os.lstat(os.path.join(base, name))
                    assert stat.S_ISLNK(status.st_mode) or not status.st_mode & 0o002, os.path.join(base, name)
    # A command that pkg runs gets the user's own mask back.
    done = pkg(place, "run", "--no-project", "sh", "-c", "umask", mask=0o000)
    assert done.code == 0 and done.out.strip() in ("0000", "0"), done


@check
def links_in_a_cache_and_caches_of_others_are_refused(place):
    for name in ("lock", "CACHEDIR.TAG", "tmp", "pages-v1", "wheels-v1"):
        cache, target = f"{place.path}/cache-{name}", f"{place.path}/target-{name}"
        os.makedirs(cache)
        os.makedirs(target)
        os.symlink(target, f"{cache}/{name}")
        done = place.pkg("cache", "clean", "--cache-dir", cache)
        assert done.code == 1 and f"`{name}` in it is a link" in done.err, done
        assert os.path.isdir(target)
    if os.geteuid() == 0:
        os.makedirs(f"{place.path}/theirs")
        os.chown(f"{place.path}/theirs", 12345, 12345)
        done = place.pkg("list", "--cache-dir", f"{place.path}/theirs")
        assert done.code == 1 and "belongs to another user" in done.err and "--no-cache" in done.err, done


@check
def logins_are_for_their_owner_and_never_behind_links(place):
    target = place.write("target", "precious")
    config = f"{place.path}/home/.config/pkg"
    os.makedirs(config)

    def login():
        return place.pkg("auth", "login", "https://x.example", "--username", "me", "--password-stdin",
                         stdin=f"{SECRET}\n")

    for name in ("credentials.json", "credentials.json.lock"):
        if os.path.exists(f"{config}/{name}"):  # the lock that the round before made
            os.remove(f"{config}/{name}")
        os.symlink(target, f"{config}/{name}")
        assert login().code == 1
        assert open(target).read() == "precious" and os.path.islink(f"{config}/{name}")
        os.remove(f"{config}/{name}")
    assert login().code == 0
    assert stat.S_IMODE(os.stat(f"{config}/credentials.json").st_mode) == 0o600


class Tls:
    """A server with a certificate of an own authority; tells whether it was shown a client certificate."""

    def __init__(self, place, name, alt, version=None, paths=None):
        folder = f"{place.path}/ca"
        if not os.path.isdir(folder):
            os.makedirs(folder)
            self.openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                         "-days", "2", "-subj", "/CN=Test CA", "-keyout", "ca.key", "-out", "ca.pem")
        self.openssl(folder, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                     "-subj", "/CN=localhost", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        with open(f"{folder}/{name}.ext", "w") as out:
            out.write("basicConstraints=CA:FALSE\n" + (f"subjectAltName={alt}\n" if alt else ""))
        self.openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
                     "-CAcreateserial", "-days", "2", "-extfile", f"{name}.ext", "-out", f"{name}.pem")
        self.pem, self.key, self.ca = f"{folder}/{name}.pem", f"{folder}/{name}.key", f"{folder}/ca.pem"
        self.clients = []
        self.index = Index([wheel("app", "1.0")], answer=paths)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem, self.key)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.load_verify_locations(self.ca)
        if version:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = version
        accept = self.index.server.get_request

        def get_request():
            connection, address = accept()
            connection.settimeout(5)
            secured = context.wrap_socket(connection, server_side=True)
            self.clients.append(secured.getpeercert() or None)
            return secured, address

        self.index.server.get_request = get_request
        self.index.server.handle_error = lambda *_: None
        self.url = f"https://localhost:{self.index.server.server_port}/simple/"

    @staticmethod
    def openssl(folder, *words):
        done = subprocess.run(["openssl", *words], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def ask(place, server, *words, **env):
    return place.pkg("compile", "-", "--refresh", "--retries", "0", "-i", server.url, "--cert", server.ca, *words,
                     stdin="app\n", **env)


@check
def a_certificate_lists_its_names(place):
    good = Tls(place, "good", "DNS:localhost")
    assert ask(place, good).code == 0
    bare = Tls(place, "bare", "")
    done = ask(place, bare)
    assert done.code == 1 and "lists no host names" in done.err and not bare.index.requests, (done, bare.index.requests)
    assert ask(place, bare, "--trusted-host", "LocalHost").code == 0


@check
def tls_is_1_2_at_least_whatever_openssl_allows(place):
    conf = place.write("openssl.cnf", "openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nMinProtocol=TLSv1\n"
                                      "CipherString=DEFAULT@SECLEVEL=0\n")
    old = Tls(place, "old", "DNS:localhost", version=ssl.TLSVersion.TLSv1_1)
    assert ask(place, old, OPENSSL_CONF=conf).code == 1 and not old.index.requests
    assert ask(place, Tls(place, "new", "DNS:localhost", version=ssl.TLSVersion.TLSv1_2), OPENSSL_CONF=conf).code == 0


@check
def a_client_certificate_is_shown_to_own_indexes_and_where_it_is_given_for_the_command(place):
    other = Tls(place, "other", "DNS:localhost")
    first = Tls(place, "first", "DNS:localhost", paths=lambda path, headers: (302, {"Location": other.url + "app/"},
        b"") if path == "/simple/app/" else None)
    client = Tls(place, "client", "DNS:localhost")
    words = ["--client-cert", client.pem, "--client-key", client.key]
    done = ask(place, first, *words)
    assert done.code == 0, done
    assert any(first.clients) and other.clients and not any(other.clients), (first.clients, other.clients)
    folder = project(place, f'[tool.pkg]\nindex-url = "{other.url}"\n')
    settings = {"PKG_CLIENT_CERT": client.pem, "PKG_CLIENT_KEY": client.key}
    assert place.pkg("lock", "--upgrade", "--refresh", "--cert", other.ca, cwd=folder, **settings).code == 0
    assert not any(other.clients)
    assert place.pkg("lock", "--upgrade", "--refresh", "--cert", other.ca, *words, cwd=folder).code == 0
    assert any(other.clients), "a certificate given for the command is for the project's index"


if __name__ == "__main__":
    main()
