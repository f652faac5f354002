#!/usr/bin/env python3
"""Archives whose bytes depend on their contents alone: times are SOURCE_DATE_EPOCH, owners root, entries sorted.

    pack.py tarball ROOT NAME OUT.tar.gz              the folder ROOT as NAME/
    pack.py wheel ROOT VERSION TARGET DIST            ROOT is what cmake --install made
    pack.py image DIST VERSION CA_FILE TARGET=ROOT…   an OCI image layout, and each layer as a file for Dockerfile
    pack.py manifest DIST VERSION TARGET…             manifest.json, signed with the key in the file $PKG_SIGNING_KEY
"""
import base64
import gzip
import hashlib
import io
import json
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile

EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "1700000000"))
NAME = "pkgpy"
SUMMARY = "pkg: a Python package manager and dependency resolver in one fast binary"
WHEEL_TAGS = {
    "x86_64-linux-musl": "manylinux_2_17_x86_64.manylinux2014_x86_64.musllinux_1_1_x86_64",
    "aarch64-linux-musl": "manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
}
IMAGE_ARCHITECTURES = {"x86_64-linux-musl": "amd64", "aarch64-linux-musl": "arm64"}
# The other names of the command, where an archive cannot hold a link.
ALIAS = '#!/bin/sh\nexec "$(dirname "$(readlink -f "$0")")/pkg"%s "$@"\n'


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def tar_bytes(entries):
    """{name: path, bytes, None for a folder, or ("link", target)} as an uncompressed tar."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(entries):
            content = entries[name]
            info = tarfile.TarInfo(name)
            info.mtime, info.mode = EPOCH, 0o755
            if content is None:
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            elif isinstance(content, tuple):
                info.type, info.linkname, info.mode = tarfile.SYMTYPE, content[1], 0o777
                tar.addfile(info)
            else:
                data = content if isinstance(content, bytes) else content.read_bytes()
                is_program = not isinstance(content, bytes) and os.access(content, os.X_OK)
                info.size, info.mode = len(data), 0o755 if is_program else 0o644
                tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def gzipped(data):
    out = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=out, mode="wb", compresslevel=9, mtime=EPOCH) as stream:
        stream.write(data)
    return out.getvalue()


def tree(root, prefix):
    entries = {}
    for path in sorted(root.rglob("*")):
        name = prefix + path.relative_to(root).as_posix()
        if path.is_symlink():
            entries[name] = ("link", os.readlink(path))
        else:
            entries[name] = None if path.is_dir() else path
    return entries


def tarball(root, name, out):
    entries = tree(pathlib.Path(root), name + "/")
    entries[name] = None
    pathlib.Path(out).write_bytes(gzipped(tar_bytes(entries)))


def wheel(root, version, target, dist):
    root = pathlib.Path(root)
    info = f"{NAME}-{version}.dist-info"
    documents = root / "share/doc" / NAME
    licences = sorted(path for path in [*documents.glob("LICENSE*"), *documents.glob("licences/*")] if path.is_file())
    metadata = [
        "Metadata-Version: 2.4", f"Name: {NAME}", f"Version: {version}", f"Summary: {SUMMARY}",
        "License-Expression: Apache-2.0 OR MIT",
        *(f"License-File: {path.relative_to(documents).as_posix()}" for path in licences),
        "Requires-Python: >=3.6", "Classifier: Environment :: Console",
        "Classifier: Operating System :: POSIX :: Linux", "Description-Content-Type: text/markdown", "",
        (documents / "README.md").read_text(encoding="utf-8"),
    ]
    tags = [f"Tag: py3-none-{tag}" for tag in WHEEL_TAGS[target].split(".")]
    about = ["Wheel-Version: 1.0", "Generator: pkg scripts/package", "Root-Is-Purelib: false", *tags, ""]
    files = {
        f"{NAME}-{version}.data/scripts/pkg": ((root / "bin/pkg").read_bytes(), 0o755),
        f"{NAME}-{version}.data/scripts/{NAME}": ((ALIAS % "").encode(), 0o755),
        f"{NAME}-{version}.data/scripts/pkgx": ((ALIAS % " tool run").encode(), 0o755),
        f"{info}/METADATA": ("\n".join(metadata).encode(), 0o644),
        f"{info}/WHEEL": ("\n".join(about).encode(), 0o644),
    }
    for path in licences:
        files[f"{info}/licenses/{path.relative_to(documents).as_posix()}"] = (path.read_bytes(), 0o644)
    rows = [f"{name},sha256={base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode()},{len(data)}"
            for name, (data, _) in files.items()]
    record = f"{info}/RECORD"
    files[record] = ("\n".join([*rows, f"{record},,", ""]).encode(), 0o644)
    out = pathlib.Path(dist) / f"{NAME}-{version}-py3-none-{WHEEL_TAGS[target]}.whl"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, (data, mode) in files.items():
            entry = zipfile.ZipInfo(name, time.gmtime(max(EPOCH, 315532800))[:6])
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 3
            entry.external_attr = (0o100000 | mode) << 16
            archive.writestr(entry, data)
    print(out)


def image(dist, version, certificates, *roots):
    dist = pathlib.Path(dist)
    layout = dist / f"{NAME}-{version}-oci"
    blobs = layout / "blobs/sha256"
    blobs.mkdir(parents=True, exist_ok=True)
    created = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(EPOCH))

    def blob(kind, data):
        (blobs / sha256(data)).write_bytes(data)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": "sha256:" + sha256(data), "size": len(data)}

    def text(kind, value):
        return blob(kind, json.dumps(value, sort_keys=True, separators=(",", ":")).encode())

    manifests = []
    for target, root in (word.split("=", 1) for word in roots):
        architecture = IMAGE_ARCHITECTURES[target]
        entries = {
            **tree(pathlib.Path(root), "usr/"),
            **dict.fromkeys(["usr", "etc", "etc/ssl", "etc/ssl/certs", "root", "tmp"]),
            "etc/ssl/certs/ca-certificates.crt": pathlib.Path(certificates).read_bytes(),
            "etc/passwd": b"root:x:0:0:root:/root:/sbin/nologin\n",
        }
        layer = tar_bytes(entries)
        packed = gzipped(layer)
        (dist / f"{NAME}-{version}-image-{architecture}.tar.gz").write_bytes(packed)
        config = text("config.v1+json", {
            "architecture": architecture, "os": "linux", "created": created,
            "config": {"Entrypoint": ["/usr/bin/pkg"], "Env": ["PATH=/usr/bin:/bin", "HOME=/root"],
                       "Labels": {"org.opencontainers.image.title": NAME, "org.opencontainers.image.version": version}},
            "rootfs": {"type": "layers", "diff_ids": ["sha256:" + sha256(layer)]},
            "history": [{"created": created, "created_by": "scripts/package"}]})
        manifest = text("manifest.v1+json", {
            "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config,
            "layers": [blob("layer.v1.tar+gzip", packed)]})
        manifests.append({**manifest, "platform": {"architecture": architecture, "os": "linux"}})
    (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}\n')
    (layout / "index.json").write_text(json.dumps(
        {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests},
        sort_keys=True, separators=(",", ":")) + "\n")


def manifest(dist, version, *targets):
    dist = pathlib.Path(dist)
    files = []
    for target in targets:
        name = f"{NAME}-{version}-{target}.tar.gz"
        data = (dist / name).read_bytes()
        files.append({"target": target, "url": name, "sha256": sha256(data), "size": len(data)})
    path = dist / "manifest.json"
    path.write_text(json.dumps({"version": version, "files": files}, indent=1) + "\n")
    key = os.environ.get("PKG_SIGNING_KEY")
    if not key:
        return
    with tempfile.TemporaryDirectory() as folder:
        raw = pathlib.Path(folder) / "signature"
        subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", str(path), "-out", str(raw)],
                       check=True)
        (dist / "manifest.json.sig").write_bytes(base64.b64encode(raw.read_bytes()) + b"\n")


if __name__ == "__main__":
    {"tarball": tarball, "wheel": wheel, "image": image, "manifest": manifest}[sys.argv[1]](*sys.argv[2:])
