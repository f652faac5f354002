"""An index that announces nothing: HTML pages without metadata, wheels that have to be looked into. Made from a frozen
index: each wheel is an archive with the frozen METADATA at its end, behind filler, and answers ranges and HEAD."""
import functools, gzip, html, io, json, os, re, zipfile

import serve

FILLER_BYTES = 400_000


def page_text(folder: str, name: str) -> bytes:
    with open(f"{folder}/simple/{name}/index.json") as page:
        files = json.load(page)["files"]
    lines = ["<!DOCTYPE html><html><body>"]
    for file in files:
        needs = file.get("requires-python")
        python = f' data-requires-python="{html.escape(needs)}"' if needs else ""
        lines.append(f'<a href="{file["url"]}#sha256={file["hashes"]["sha256"]}"{python}>{file["filename"]}</a><br>')
    return "\n".join(lines + ["</body></html>"]).encode()


@functools.lru_cache(64)
def wheel_bytes(path: str) -> bytes:
    """Of the path that the frozen index would have it under."""
    name, version = os.path.basename(path).split("-")[:2]
    known = os.path.isfile(path + ".metadata")
    least = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode()
    text = open(path + ".metadata", "rb").read() if known else least
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(f"{name}/data.bin"), b"\0" * FILLER_BYTES)  # stored
        archive.writestr(f"{name}-{version}.dist-info/METADATA", text)
        archive.writestr(f"{name}-{version}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n")
        archive.writestr(f"{name}-{version}.dist-info/RECORD", "")
    return packed.getvalue()


class PlainServer(serve.Server):
    def __init__(self, folder: str, delay_s: float = 0):
        super().__init__(folder, delay_s)
        self.pages = functools.lru_cache(None)(lambda name: gzip.compress(page_text(folder, name), 5, mtime=0))
        handler = self.listener.RequestHandlerClass
        handler.do_HEAD = handler.do_GET

    def logged(self, path: str) -> str:
        return path + ".metadata" if path.endswith(".whl") else path

    def answer(self, request, path):
        page = re.fullmatch(r"/simple/([A-Za-z0-9._-]+)/", path)
        headers, status, body = {"Cache-Control": serve.PAGE_AGE if page else serve.FILE_AGE}, 200, b""
        if page and os.path.isfile(f"{self.folder}/simple/{page[1]}/index.json"):
            body = self.pages(page[1])
            headers["Content-Type"] = "text/html"
            if "gzip" in request.headers.get("Accept-Encoding", ""):
                headers["Content-Encoding"] = "gzip"
            else:
                body = gzip.decompress(body)
        elif path.endswith(".whl") and ".." not in path:
            body = wheel_bytes(self.folder + path)
            headers |= {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes"}
            if span := re.fullmatch(r"bytes=(\d*)-(\d*)", request.headers.get("Range", "")):
                first = int(span[1]) if span[1] else max(0, len(body) - int(span[2]))
                last = min(int(span[2]), len(body) - 1) if span[1] and span[2] else len(body) - 1
                headers["Content-Range"], status = f"bytes {first}-{last}/{len(body)}", 206
                body = body[first : last + 1]
        else:
            status = 404
        request.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            request.send_header(key, value)
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)
            self.sent += len(body)
        request.wfile.flush()
