#!/usr/bin/env python3
"""`pkg tree --format html` in a browser: what is on the page, search and branches, and that nothing of an index is
markup there. Skipped where there is no Chromium."""
import json, os, re, shutil, subprocess, tempfile, time
from support import Index, Place, Skip, check, main, wheel

BROWSER = next(filter(os.path.exists, ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")),
    None)
MARKUP = "</script><script>window.broken=1</script><img src=x onerror='window.broken=2'>"


class Browser:
    """A headless Chromium, by the DevTools protocol over pipes: messages end with a zero byte."""

    def __init__(self, folder):
        if BROWSER is None:
            raise Skip("there is no chromium")
        to_browser, self.out = os.pipe()
        self.into, from_browser = os.pipe()
        words = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 f"--user-data-dir={folder}", "--remote-debugging-pipe"]

        def arrange():  # the browser reads from 3 and writes to 4
            low, high = os.dup2(to_browser, 20), os.dup2(from_browser, 21)
            os.dup2(low, 3)
            os.dup2(high, 4)

        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False,
                                        preexec_fn=arrange, env={**os.environ, "HOME": folder})
        os.close(to_browser)
        os.close(from_browser)
        self.number, self.rest, self.events = 0, b"", []

    def ask(self, method, session=None, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return answer["result"]
            self.events.append(answer)

    def read(self):
        while b"\0" not in self.rest:
            data = os.read(self.into, 1 << 16)
            assert data, "the browser ended"
            self.rest += data
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def open(self, url):
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable", self.session)
        self.ask("Page.navigate", self.session, url=url)
        for _ in range(100):
            if self.run("document.readyState") == "complete" and self.run("location.href") == url:
                return
            time.sleep(0.05)
        raise AssertionError("the page was not loaded")

    def run(self, expression):
        result = self.ask("Runtime.evaluate", self.session, expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def seen(self, method):
        return [event for event in self.events if event.get("method") == method]

    def close(self):
        try:
            self.ask("Browser.close")
        except AssertionError:
            pass
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def installed(place):
    env = place.venv(".venv")
    more = f"Summary: {MARKUP}\nLicense-Expression: {MARKUP}\n"
    wheels = place.wheels(
        wheel("top", "1.0", requires=["middle>=1", "other"], metadata_extra="License: MIT\nSummary: the top\n"),
        wheel("middle", "1.5", requires=["bottom", "other"], metadata_extra=more),
        wheel("other", "2.0", metadata_extra="Classifier: License :: OSI Approved :: BSD License\n"),
        wheel("bottom", "3.0", requires=["top"]))
    done = place.pkg("install", "top", "--no-index", "-f", wheels, "--python", env)
    assert done.code == 0, done
    return env


def page_of(place, *words):
    done = place.pkg("tree", "--format", "html", "-o", "page.html", *words)
    assert done.code == 0, done
    with open(f"{place.work}/page.html", encoding="utf-8") as file:
        return file.read()


@check
def the_page_is_the_same_each_time_and_needs_nothing_else(place):
    env = installed(place)
    page = page_of(place, "--python", env)
    assert page == page_of(place, "--python", env)
    done = place.pkg("tree", "--format", "html", "--python", env)
    assert done.out == page, done
    other = re.search(r"""(src|href)\s*=|https?://|@import|url\(""", page.replace("img src=x", ""))
    assert not other, other
    assert place.path not in page
    assert page.count("<script") == 2 and page.count("</script>") == 2


@check
def a_lock_gives_sizes_of_downloads_and_what_holds_a_version_back(place):
    index = Index([wheel("alpha", "1.0"), wheel("alpha", "2.0"), wheel("beta", "1.0", requires=["alpha<2"])])
    place.write("pyproject.toml", "[project]\nname = 'mine'\nversion = '1'\nrequires-python = '>=3.8'\n"
                "dependencies = ['beta']\n")
    assert (done := place.pkg("lock", "-i", index.url)).code == 0, done
    page = page_of(place, "--outdated", "-i", index.url)
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S)[1])
    packages = {item["name"]: item for item in data["packages"]}
    assert packages["alpha"]["latest"] == "2.0" and "beta 1.0" in packages["alpha"]["held"][0], packages
    assert packages["alpha"]["size"] > 100, packages
    assert packages["mine"]["kind"] == "project"
    assert "to download" in page and "Dependencies of mine" in page
    asked = len(index.requests)
    assert place.pkg("tree", "--format", "html", "-i", index.url).code == 0
    assert len(index.requests) == asked  # nothing is asked without --outdated


@check
def a_browser_shows_it_and_takes_nothing_of_it_for_markup(place):
    page_of(place, "--python", installed(place))
    browser = Browser(tempfile.mkdtemp(dir=place.path))
    try:
        browser.open(f"file://{place.work}/page.html")
        assert "Dependencies of" in browser.run("document.title")
        names = "Array.from(document.querySelectorAll('#tree .name'), (one) => one.textContent).join(' ')"
        top = browser.run(names)
        assert top in ("bottom", "middle", "top"), top  # of a circle, the first by name
        browser.run("document.getElementById('expand').click()")
        assert set(browser.run(names).split()) == {"top", "middle", "other", "bottom"}
        assert "stands above" in browser.run("document.getElementById('tree').textContent")
        text = browser.run("document.getElementById('tree').textContent")
        assert "<script>window.broken=1</script>" in text and "MIT" in text and "BSD License" in text, text
        browser.run("document.getElementById('collapse').click()")
        assert browser.run(names) == top
        browser.run("const box = document.getElementById('search'); box.value = 'BSD'; "
                    "box.dispatchEvent(new Event('input'))")
        assert browser.run(names) == "other"
        assert browser.run("document.getElementById('count').textContent") == "1 package"
        # Nothing was taken for markup, and what would be does not run.
        assert browser.run("window.broken === undefined && document.images.length === 0")
        browser.run("const more = document.createElement('script'); more.textContent = 'window.broken = 3'; "
                    "document.body.append(more)")
        browser.run("document.body.insertAdjacentHTML('beforeend', \"<img src='https://index.example/x.png'>\")")
        time.sleep(0.3)
        assert browser.run("window.broken === undefined")
        asked = {event["params"]["requestId"]: event["params"]["request"]["url"]
                 for event in browser.seen("Network.requestWillBeSent")}
        stopped = {asked[event["params"]["requestId"]]: event["params"].get("blockedReason")
                   for event in browser.seen("Network.loadingFailed")}
        assert set(asked.values()) - set(stopped) == {f"file://{place.work}/page.html"}, (asked, stopped)
        assert stopped == {"https://index.example/x.png": "csp"}, stopped
        failures = [event for event in browser.seen("Runtime.exceptionThrown")]
        assert not failures, failures
    finally:
        browser.close()


if __name__ == "__main__":
    main()
