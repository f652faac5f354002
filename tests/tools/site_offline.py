#!/usr/bin/env python3
"""Whether a built documentation site loads anything from another host: scripts, styles, fonts, icons, pictures, frames.
Links that a reader follows may lead out.

    python3 tests/tools/site_offline.py build/site
"""
import html.parser
import pathlib
import re
import sys

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src",
          "embed": "src", "object": "data", "link": "href", "use": "href", "image": "href"}
OUTSIDE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//", re.I)
IN_STYLE = re.compile(r"(?:@import\s+|url\()\s*[\"']?((?:https?:)?//[^\"')\s]+)", re.I)


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.outside = []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if OUTSIDE.match(attributes.get(LOADED.get(tag), "") or ""):
            self.outside.append(f"<{tag}> loads {attributes[LOADED[tag]]}")
        self.outside += [f"a style loads {url}" for url in IN_STYLE.findall(attributes.get("style") or "")]
        if "mermaid" in (attributes.get("class") or "").split():
            self.outside.append("a mermaid diagram makes the theme load a script from a CDN")


def faults(site):
    pages = sorted(site.rglob("*.html"))
    if not pages:
        yield f"{site} has no pages"
    for path in pages:
        page = Page()
        page.feed(path.read_text(encoding="utf-8"))
        yield from (f"{path.relative_to(site)}: {fault}" for fault in page.outside)
    for path in sorted(site.rglob("*.css")):
        urls = IN_STYLE.findall(path.read_text(encoding="utf-8"))
        yield from (f"{path.relative_to(site)}: loads {url}" for url in urls)


def main():
    found = list(faults(pathlib.Path(sys.argv[1])))
    print("\n".join(found) if found else "the site loads nothing from another host")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
