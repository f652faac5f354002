"""An index whose answers are written to the socket, for tests of odd answers, and what such tests share."""

import hashlib, json, os, socket, struct, time

from support import Index

JSON = "application/vnd.pypi.simple.v1+json"


def page(*files, project="app", **more):
    return json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": list(files), **more}).encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class RawIndex(Index):
    """An index some of whose answers are written to the socket by `act`, a function of handler and path that returns
    whether it did so; (bytes, how) of `send` ends the connection: "close", or "reset"."""

    def __init__(self, wheels, act, **options):
        super().__init__(wheels, **options)
        index, plain = self, self.server.RequestHandlerClass.do_GET

        def do_get(handler):
            if not act(handler, handler.path):
                return plain(handler)
            index.requests.append((handler.path, dict(handler.headers)))

        self.server.RequestHandlerClass.do_GET = do_get


def send(handler, head, body, how="close"):
    lines = "".join(f"{key}: {value}\r\n" for key, value in head.items())
    handler.wfile.write(f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode() + body)
    handler.wfile.flush()
    handler.close_connection = True
    if how == "reset":
        time.sleep(0.2)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
    else:
        handler.connection.shutdown(socket.SHUT_WR)


def torn_once(
    part, how, times=1, says_length=True, of=lambda path: path.endswith(".whl") or path.startswith("/simple/")
):
    """Each of these answers breaks off in the middle, as often as `times` says, and nothing has range support."""
    left = {}

    def act(handler, path):
        if not of(path):
            return False
        status, head, body = part["index"].respond(path, {k: v for k, v in handler.headers.items() if k != "Range"})
        left.setdefault(path, times)
        if left[path] == 0:
            send(handler, {**head, "Content-Length": len(body)}, body)
            return True
        left[path] -= 1
        length = {"Content-Length": len(body)} if says_length else {"Connection": "close"}
        send(handler, {**head, **length}, body[: len(body) // 2], how)
        return True

    return act


def fresh_venv(place):
    return place.venv(f"env{len(os.listdir(place.path))}")


def installs(place, index, *words, wants=0, env=None, cache="--no-cache", **variables):
    env = env or fresh_venv(place)
    done = place.pkg("install", "--python", env, *([cache] if cache else []), "-i", index.url, *words, **variables)
    assert done.code == wants, done
    return done


BIG = {f"app/data{i}.bin": os.urandom(40_000) for i in range(8)}
