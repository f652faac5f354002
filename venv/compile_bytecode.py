# Run by the target interpreter: NUL-terminated pairs (source, bytecode file) on standard input; modules that do not
# compile are skipped.
import py_compile
import sys


def main():
    words = sys.stdin.buffer.read().split(b"\0")[:-1]
    for source, target in zip(words[::2], words[1::2]):
        try:
            py_compile.compile(sys_path(source), cfile=sys_path(target), doraise=True)
        except (py_compile.PyCompileError, ValueError, SyntaxError, RecursionError, MemoryError):
            pass


def sys_path(raw):
    return raw.decode(sys.getfilesystemencoding(), "surrogateescape")


main()
