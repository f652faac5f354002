"""Pages of a hostile index, read by the optimised program under valgrind: no byte beyond a page is read or written."""
import gzip, re, subprocess, zlib

from support import Index, PKG, check, main, wheel

JSON = "application/vnd.pypi.simple.v1+json"
STRING = b'{"meta":{"api-version":"1.0"},"name":"' + b"x" * 983
PAGES = {  # what the page ends in: (content type, page)
    "two": (JSON, STRING + b"\xc3"),
    "three": (JSON, STRING + b"\xe2\x82"),
    "four": (JSON, STRING + b"\xf0"),
    "outside": (JSON, b'"))))00000000000000000)\xef'),
    "escape": (JSON, STRING + b"\\u00"),
    "backslash": (JSON, STRING + b"\\"),
    "number": (JSON, b'{"files":[{"size":-1.5e'),
    "tag": ("text/html", b"<!DOCTYPE html><html><body><a href='x-1.zip' data-yanked=\"&#x"),
    "comment": ("text/html", b"<a href='x-1.zip'>x</a><!--"),
}


def under_valgrind(place, index, project):
    memcheck = ["valgrind", "-q", "--error-exitcode=99", PKG, "index", "versions", project, "-i", index.url,
                "--no-cache", "--retries", "0"]
    return subprocess.run(memcheck, cwd=place.work, env=place.environment({}), capture_output=True, text=True,
                          errors="replace", timeout=120)


def answer(coding, encode):
    def respond(path, headers):
        kind, page = PAGES[path.strip("/").split("/")[-1]]
        return 200, {"Content-Type": kind, **({"Content-Encoding": coding} if coding else {})}, encode(page)

    return respond


def read_cleanly(place, projects, coding=None, encode=lambda page: page):
    index = Index([wheel("app", "1.0")], answer=answer(coding, encode))
    for project in projects:
        done = under_valgrind(place, index, project)
        assert done.returncode in (0, 1) and not re.search("Invalid (read|write|free)",
                                                           done.stderr) and "uninitialised" not in done.stderr, (
                                                               project, done)
        assert done.returncode == 1 and done.stderr.count("error:") == 1 or project in ("tag", "comment"), (
            project, done)


@check
def pages_that_end_inside_a_sequence_a_string_or_a_tag(place):
    read_cleanly(place, PAGES)


@check
def the_same_out_of_a_gzip_or_deflate_stream(place):
    read_cleanly(place, ["four"], "gzip", gzip.compress)
    read_cleanly(place, ["three"], "deflate", zlib.compress)


if __name__ == "__main__":
    main()
