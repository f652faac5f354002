# Run by pkg in the interpreter of a build environment, as `python -c`: calls the hooks of one build backend (PEP 517,
# 660).
#   argv      two descriptors: questions are read from the first, answers written to the second; one line of JSON each
#   question  {"hook": …, "optional": …, "folder": hex or null, "settings": {…} or null, "metadata": hex or null}; the
# first line instead
#             describes the backend: {"object": …, "path": [hex …], "tree": hex}
#   answer    {"is": "value" | "missing" | "unavailable" | "raised" | "exited" | "died" | "wrong", …}
# The backend is imported once; every hook runs in a fork of its own, so that what it does to its process ends with it.
# A fork answers
# through memory that both share: whatever it does to descriptors does not matter. Standard output and error are the
# log.
# Works on every Python from 3.7 on.
import sys

if sys.path and sys.path[0] == "":
    del sys.path[0]  # -c puts the working folder there, which is the source tree

import atexit
import importlib
import json
import mmap
import os
import traceback
import warnings

ROOM = 8 << 20


def path_of(text):
    return os.fsdecode(bytes.fromhex(text))


def plain(text):
    return str(text).encode("utf-8", "backslashreplace").decode("utf-8")


def line_of(error):
    try:
        lines = "".join(traceback.format_exception_only(type(error), error)).strip().splitlines()
        # Of a syntax error the place comes first.
        return plain(lines[-1 if isinstance(error, SyntaxError) else 0])
    except BaseException:
        return type(error).__name__


def is_ours(frame):
    name = frame.f_code.co_filename
    return name == "<string>" or name.startswith("<frozen importlib") or name == importlib.__file__


def show_traceback(error):
    try:
        trace = error.__traceback__
        while trace is not None and is_ours(trace.tb_frame):
            trace = trace.tb_next
        traceback.print_exception(type(error), error, trace)
        sys.stderr.flush()
    except BaseException:
        pass


def exit_answer(error):
    show_traceback(error)
    return {"is": "exited", "what": plain(error.code)}


def set_up_streams():
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace", line_buffering=True)


def folders_of(module):
    file = getattr(module, "__file__", None)
    return [file] if file else list(getattr(module, "__path__", []))


def is_below(path, folder):
    path, folder = os.path.realpath(path), os.path.realpath(folder)
    return path == folder or path.startswith(os.path.join(folder, ""))


class Unavailable(Exception):
    pass


def load(setup):
    path = [os.path.join(path_of(setup["tree"]), path_of(p)) for p in setup["path"]]
    sys.path[:0] = path
    name, _, attributes = setup["object"].partition(":")
    sys.argv[:] = [name]
    module = importlib.import_module(name)
    places = folders_of(module)
    if path and not (places and all(any(is_below(f, p) for p in path) for f in places)):
        raise Unavailable("the module %s was found outside of backend-path" % name)
    backend = module
    for attribute in filter(None, attributes.split(".")):
        backend = getattr(backend, attribute)
    return backend


def loaded(setup):
    """The backend, and what to answer if there is none."""
    try:
        return load(setup), None
    except SystemExit as error:
        return None, exit_answer(error)
    except BaseException as error:
        show_traceback(error)
        return None, {"is": "unavailable", "what": line_of(error)}


def call(hook, question):
    arguments = []
    if question["folder"] is not None:
        arguments.append(path_of(question["folder"]))
    arguments.append(question["settings"])
    if question["hook"].startswith("build_"):
        arguments.append(None if question["metadata"] is None else path_of(question["metadata"]))
    return hook(*arguments)


def checked(value, question):
    if question["hook"].startswith("get_requires"):
        if isinstance(value, (list, tuple)) and all(isinstance(v, str) for v in value):
            return {"is": "value", "value": [plain(v) for v in value]}
        return {"is": "wrong", "what": "%s, expected a list of strings" % plain(repr(value))[:200]}
    if isinstance(value, str):
        return {"is": "value", "value": plain(value)}
    return {"is": "wrong", "what": "%s, expected a file name" % plain(repr(value))[:200]}


def answer(backend, question):
    if question["hook"] == "":
        return {"is": "value", "value": [h for h in question["optional"] if callable(getattr(backend, h, None))]}
    hook = getattr(backend, question["hook"], None)
    if hook is None:
        return {"is": "missing"}
    try:
        return checked(call(hook, question), question)
    except SystemExit as error:
        return exit_answer(error)
    except BaseException as error:
        show_traceback(error)
        return {"is": "raised", "what": line_of(error)[:2000]}


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            pass


def finish():
    try:
        atexit._run_exitfuncs()
    except BaseException:
        pass
    flush()


def put(shared, value):
    data = json.dumps(value).encode("ascii")
    if len(data) > ROOM - 16:
        data = json.dumps({"is": "wrong", "what": "too much"}).encode("ascii")
    shared[16:16 + len(data)] = data
    shared[0:16] = b"%016d" % len(data)


def run_in_fork(backend, question, setup, descriptors):
    shared = mmap.mmap(-1, ROOM)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        process = os.getpid()
        try:
            for descriptor in descriptors:
                os.close(descriptor)
            os.chdir(path_of(setup["tree"]))
            importlib.invalidate_caches()
            result = answer(backend, question)
            if os.getpid() == process:  # not a fork that the hook made and let run on
                put(shared, result)
                finish()
        finally:
            os._exit(0)
    try:
        status = os.waitpid(child, 0)[1]
    except ChildProcessError:  # a backend may ignore SIGCHLD
        status = 0
    size = int(shared[0:16].strip(b"\0") or 0)
    # What ended after its answer has answered; atexit functions may fail.
    result = json.loads(shared[16:16 + size].decode("ascii")) if size else died(status)
    shared.close()
    return result


def died(status):
    if os.WIFSIGNALED(status):
        return {"is": "died", "signal": os.WTERMSIG(status)}
    return {"is": "died", "code": os.WEXITSTATUS(status)}


def serve(questions, answers, descriptors):
    setup = json.loads(questions.readline())
    set_up_streams()
    backend, problem, process = None, None, os.getpid()
    for line in questions:
        question = json.loads(line)
        if backend is None and problem is None:
            backend, problem = loaded(setup)
            flush()
            if os.getpid() != process:
                os._exit(0)
        result = problem or run_in_fork(backend, question, setup, descriptors)
        answers.write(json.dumps(result).encode("ascii") + b"\n")
        answers.flush()


def main():
    descriptors = [int(word) for word in sys.argv[1:3]]
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    with os.fdopen(descriptors[0], "rb") as questions, os.fdopen(descriptors[1], "wb") as answers:
        serve(questions, answers, descriptors)


main()
