"""Faults of an index that need the whole program: bombs under a memory limit, downgrades, loops; each is one line, in
bounded time, and leaves the environment as it was."""
import gzip, resource, subprocess, time

from support import Index, PKG, check, main, tree, wheel


def fails(place, index, *words, says, seconds=20, **variables):
    env = place.venv()
    before = tree(env)
    start = time.time()
    done = place.pkg("install", "--python", env, "--no-cache", "-i", index.url, *words, "app", **variables)
    assert done.code == 1 and time.time() - start < seconds, (time.time() - start, done)
    assert sum(line.startswith("error:") for line in done.err.splitlines()) == 1 and says in done.err, done
    assert "\x1b" not in done.err and tree(env) == before, done


@check
def gzip_bombs_of_pages_are_refused_under_a_memory_limit(place):
    bomb = gzip.compress(b'<a href="x">' + b" " * (400 << 20), 9)
    index = Index([wheel("app", "1.0")], answer=lambda path,
                  headers: (200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, bomb))
    env = place.venv()
    limit = lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    done = subprocess.run([PKG, "install", "--python", env, "--no-cache", "-i", index.url, "app"], capture_output=True,
                          text=True, env=place.environment({}), preexec_fn=limit, timeout=60, cwd=place.work)
    assert done.returncode == 1 and "more than 50 times its size" in done.stderr, done
    assert len(index.requests) == 1


@check
def redirects_loop_ten_times_and_no_further(place):
    index = Index([wheel("app", "1.0")], answer=lambda path, headers: (302, {"Location": path + "x"}, b""))
    fails(place, index, says="more than 10 redirects")
    assert len(index.requests) == 11


@check
def a_server_that_never_answers_is_left(place):
    index = Index([wheel("app", "1.0")], answer=lambda path, headers: time.sleep(30))
    fails(place, index, "--timeout", "1", says="tried 3 times", seconds=15)


@check
def a_wheel_that_drips_is_left(place):
    name, data = wheel("app", "1.0")
    index = Index([(name, data)], answer=lambda path, headers: (200, {"Content-Length": str(len(data) + 5)}, data[:100])
                  if path == f"/files/{name}" else None)
    fails(place, index, "--timeout", "1", says="could not fetch", seconds=30)


@check
def control_bytes_of_a_server_do_not_reach_the_terminal(place):
    index = Index([wheel("app", "1.0")], answer=lambda path, headers: (302, {"Location": "gopher://\x1b[31mred/"}, b""))
    fails(place, index, says="redirected to")


@check
def retry_after_more_than_a_minute_is_not_waited_for(place):
    index = Index([wheel("app", "1.0")], answer=lambda path, headers: (429, {"Retry-After": "600"}, b""))
    fails(place, index, says="come back later", seconds=5)


if __name__ == "__main__":
    main()
