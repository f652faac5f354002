"""Synthetic indexes for gates and benches: the same numbers give the same bytes, on any machine and day.

A world is a list of projects. `write` lays it out as a static folder (simple/NAME/index.json, files/xx/SHA256/FILE and
FILE.metadata), which
`serve.py` or nginx hands out. Wheels are made only for the releases asked for; of others the page holds a name, a hash
and metadata."""
import base64, concurrent.futures, dataclasses, gzip, hashlib, io, json, os, random, zipfile

UPLOADED = "2024-01-01T00:00:00.000000Z"
ENDINGS = ("core", "client", "utils", "async", "http", "types", "cli", "data", "extras", "schema")


@dataclasses.dataclass
class Release:
    version: str
    requires: list[str] = dataclasses.field(default_factory=list)
    extras: list[str] = dataclasses.field(default_factory=list)
    files: int = 0  # Python files in its wheel; 0: the wheel itself is never made


@dataclasses.dataclass
class Project:
    name: str
    releases: list[Release]


def name_of(number: int) -> str:
    return f"p{number:05d}-{ENDINGS[number % len(ENDINGS)]}"


def tree(packages: int, versions: int = 4, files: int = 0, seed: int = 1) -> list[Project]:
    """Project 0 needs all others, directly or not: three children each, and one project further on that several need.
    The newest releases fit each other, but every 25th refuses the newest release of what it needs besides; release
    `versions - 1` of each project always fits."""
    dice = random.Random(seed)
    projects = []
    for number in range(packages):
        children = [child for child in range(3 * number + 1, 3 * number + 4) if child < packages]
        other = dice.randrange(number + 1, packages) if number + 1 < packages else None
        releases = []
        for version in range(1, versions + 1):
            lower = max(1, version - 2)
            requires = [f"{name_of(child)}>={lower}.0" for child in children]
            if other is not None and other not in children:
                picky = number % 25 == 7 and version == versions and versions > 1
                requires.append(f"{name_of(other)}>={max(1, lower - 1)}.0" + (f",<{versions}.0" if picky else ""))
            if children and number % 4 == 1:
                requires[-1] += ' ; python_version >= "3.8"'
            if number % 6 == 2 and other is not None:
                requires.append(f'{name_of(other)} ; sys_platform == "win32"')
            if number % 5 == 3 and other is not None:
                requires.append(f'{name_of(other)} ; extra == "more"')
            releases.append(Release(f"{version}.0", requires, ["more"] if number % 5 == 3 else [],
                                    files if version >= versions - 1 else 0))
        projects.append(Project(name_of(number), releases))
    return projects


def ladder(versions: int) -> list[Project]:
    """`many` has so many releases; all but the oldest need a newer `anchor` than `start` allows, so that a solver looks
    at each."""
    many = ([Release("1.0", ["anchor>=1"])] + [Release(f"{version}.0", ["anchor>=2"]) for version in range(2,
        versions + 1)])
    return [Project("many", many), Project("anchor", [Release("1.0"), Release("2.0")]),
            Project("start", [Release("1.0", ["many", "anchor<2"])])]


def one_wheel(files: int) -> list[Project]:
    return [Project("bulk", [Release("1.0", files=files)])]


def metadata_text(project: Project, release: Release) -> bytes:
    lines = ["Metadata-Version: 2.1", f"Name: {project.name}", f"Version: {release.version}",
             "Summary: made for a bench", "License: MIT", "Requires-Python: >=3.8"]
    lines += [f"Provides-Extra: {extra}" for extra in release.extras] + [f"Requires-Dist: {needed}"
        for needed in release.requires]
    lines += ["", "Text of some length, as real projects have it. " * 20]
    return "\n".join(lines).encode()


def record_row(path: str, data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(data)}\n"


def wheel_bytes(project: Project, release: Release, metadata: bytes) -> bytes:
    dist = project.name.replace("-", "_")
    info = f"{dist}-{release.version}.dist-info"
    content = {f"{dist}/__init__.py": b"__version__ = '%s'\n" % release.version.encode()}
    for number in range(1, release.files):
        # Fifty files a folder, as large projects have it; half a kilobyte each.
        folder = f"{dist}/part_{number // 50:04d}" if release.files > 50 else f"{dist}/inner"
        content[f"{folder}/module_{number:05d}.py"] = b"VALUE = %d\n" % number + b"# text\n" * 70
    content[f"{info}/METADATA"] = metadata
    content[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: bench\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    content[f"{info}/RECORD"] = ("".join(record_row(path, data) for path, data in content.items()) +
                                 f"{info}/RECORD,,\n").encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, data in content.items():
            entry = zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o100644 << 16
            archive.writestr(entry, data)
    return buffer.getvalue()


def publish(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(data)


def listed(folder: str, project: Project, release: Release) -> list[dict]:
    """The page's entries of one release, its files written: the wheel, two for other systems and a source archive, as
    in life."""
    dist, metadata = project.name.replace("-", "_"), metadata_text(project, release)
    items = []
    for tag in ("py3-none-any",) + (("cp311-cp311-win_amd64", "cp311-cp311-macosx_11_0_arm64") if not release.files and
                                    hash_number(project.name) % 4 == 0 else ()):
        file_name = f"{dist}-{release.version}-{tag}.whl"
        body = wheel_bytes(project, release, metadata) if release.files else b""
        digest = hashlib.sha256(body or file_name.encode()).hexdigest()
        place = f"files/{digest[:2]}/{digest}/{file_name}"
        if body:
            publish(f"{folder}/{place}", body)
        publish(f"{folder}/{place}.metadata", metadata)
        items.append({"filename": file_name, "url": f"../../{place}", "hashes": {"sha256": digest},
                      "size": len(body) or 50000, "requires-python": ">=3.8", "upload-time": UPLOADED,
                      "core-metadata": {"sha256": hashlib.sha256(metadata).hexdigest()}})
    source = f"{dist}-{release.version}.tar.gz"
    digest = hashlib.sha256(source.encode()).hexdigest()
    items.append({"filename": source, "url": f"../../files/{digest[:2]}/{digest}/{source}",
                  "hashes": {"sha256": digest}, "size": 40000, "requires-python": ">=3.8", "upload-time": UPLOADED})
    return items


def hash_number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def write_project(folder: str, project: Project) -> None:
    files = [item for release in project.releases for item in listed(folder, project, release)]
    page = {"meta": {"api-version": "1.1"}, "name": project.name,
            "versions": [release.version for release in project.releases], "files": files}
    body = json.dumps(page, separators=(",", ":")).encode()
    publish(f"{folder}/simple/{project.name}/index.json", body)
    publish(f"{folder}/simple/{project.name}/index.json.gz", gzip.compress(body, 6, mtime=0))


def write(folder: str, projects: list[Project]) -> None:
    if len(projects) < 200:
        for project in projects:
            write_project(folder, project)
        return
    with concurrent.futures.ProcessPoolExecutor() as pool:
        list(pool.map(write_project, [folder] * len(projects), projects, chunksize=50))
