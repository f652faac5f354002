"""Source trees, sdists and repositories for system tests, built by a backend that needs nothing: backend.py lies in the
tree itself."""
import io, os, subprocess, tarfile, time, zipfile

# A PEP 517/660 backend in one file. Reads [project] name, version and dependencies from its own pyproject.toml by
# simple lines, so that it runs on
# every Python. What it does besides is told by the tree's `behave.py`.
BACKEND = '''
import base64, hashlib, os, zipfile

def read():
    found = {"dependencies": []}
    for line in open("pyproject.toml"):
        key, _, value = line.partition("=")
        key, value = key.strip(), value.strip()
        if key in ("name", "version") and value.startswith('"'):
            found[key] = value.strip('"')
        if key == "dependencies":
            found["dependencies"] = [part.strip().strip('"') for part in value.strip("[]").split(",") if part.strip()]
    return found

def behave(hook, settings=None):
    if os.path.exists("behave.py"):
        scope = {"hook": hook, "settings": settings}
        exec(open("behave.py").read(), scope)
        return scope.get("result")

def metadata():
    found = read()
    version = behave("version") or found["version"]
    text = "Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n" % (found["name"], version)
    text += "".join("Requires-Dist: %s\\n" % one for one in found["dependencies"])
    return found["name"].replace("-", "_"), version, text

def get_requires_for_build_wheel(config_settings=None):
    return behave("get_requires", config_settings) or []

get_requires_for_build_editable = get_requires_for_build_wheel

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    behave("prepare_metadata", config_settings)
    name, version, text = metadata()
    info = "%s-%s.dist-info" % (name, version)
    os.mkdir(os.path.join(metadata_directory, info))
    with open(os.path.join(metadata_directory, info, "METADATA"), "w") as file:
        file.write(text)
    return info

prepare_metadata_for_build_editable = prepare_metadata_for_build_wheel

def write_wheel(wheel_directory, files):
    name, version, text = metadata()
    info = "%s-%s.dist-info" % (name, version)
    files[info + "/METADATA"] = text
    files[info + "/WHEEL"] = "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    if os.path.exists("entry_points.txt"):
        files[info + "/entry_points.txt"] = open("entry_points.txt").read()
    rows = ""
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data.encode()).digest()).rstrip(b"=").decode()
        rows += "%s,sha256=%s,%d\\n" % (path, digest, len(data.encode()))
    files[info + "/RECORD"] = rows + info + "/RECORD,,\\n"
    file_name = "%s-%s-py3-none-any.whl" % (name, version)
    with zipfile.ZipFile(os.path.join(wheel_directory, file_name), "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return file_name

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    behave("build_wheel", config_settings)
    files = {}
    name = metadata()[0]
    for folder, _, names in os.walk(name):
        for one in names:
            if one.endswith(".py"):
                files[os.path.join(folder, one)] = open(os.path.join(folder, one)).read()
    if config_settings:
        files[name + "/settings.py"] = "settings = %r\\n" % (config_settings,)
    return write_wheel(wheel_directory, files)

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    behave("build_editable", config_settings)
    return write_wheel(wheel_directory, {metadata()[0] + "_editable.pth": os.getcwd() + "\\n"})
'''


def project(name, version, requires=(), build_requires=(), behave="", files=None, dynamic=True, entry_points=""):
    """Files of a source tree. `dynamic`: its dependencies are told by the backend alone."""
    module = name.replace("-", "_")
    required = ", ".join('"%s"' % one for one in build_requires)
    text = ("[build-system]\nrequires = [%s]\nbuild-backend = \"backend\"\nbackend-path = [\".\"]\n\n[project]\n"
            % required)
    dependencies = "dependencies = [%s]\n" % ", ".join('"%s"' % one for one in requires)
    text += f'name = "{name}"\nversion = "{version}"\n'
    text += 'dynamic = ["dependencies"]\n[tool.test]\n' + dependencies if dynamic else dependencies
    tree = {"pyproject.toml": text, "backend.py": BACKEND, f"{module}/__init__.py": f"version = {version!r}\n"}
    if behave:
        tree["behave.py"] = behave
    if entry_points:
        tree["entry_points.txt"] = entry_points
    tree.update(files or {})
    return tree


def write_tree(folder, tree):
    for path, text in tree.items():
        full = os.path.join(folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w") as file:
            file.write(text)
    return folder


def sdist(name, version, tree, kind="tar.gz", top=None):
    """(file name, bytes) of a source distribution."""
    base = f"{name.replace('-', '_')}-{version}"
    top = base if top is None else top
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    files = {**({"PKG-INFO": metadata} if "PKG-INFO" not in tree else {}), **tree}
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for path, text in files.items():
                archive.writestr(f"{top}/{path}", text)
    else:
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for path, text in files.items():
                entry = tarfile.TarInfo(f"{top}/{path}")
                entry.size, entry.mtime, entry.mode = len(text.encode()), int(time.time()), 0o644
                archive.addfile(entry, io.BytesIO(text.encode()))
    return f"{base}.{kind}", buffer.getvalue()


def git(folder, *words):
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    return subprocess.run(["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@t.example", "-c",
                           "init.defaultBranch=main",
                           "-c", "protocol.file.allow=always", *words], check=True, capture_output=True, text=True,
                          env=environment).stdout.strip()


def repository(folder, tree):
    """A git repository with one commit; its id."""
    os.makedirs(folder, exist_ok=True)
    git(folder, "init", "-q")
    return commit(folder, tree)


def commit(folder, tree, message="change"):
    write_tree(folder, tree)
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
    return git(folder, "rev-parse", "HEAD")
