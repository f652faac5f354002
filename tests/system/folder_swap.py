"""A process that exchanges a folder and a link to elsewhere, as fast as it can, while something else works there."""
import contextlib, multiprocessing, os


def swap(folder, link):
    aside = folder + ".aside"
    while True:
        for source, to in ((folder, aside), (link, folder), (folder, link), (aside, folder)):
            try:
                os.rename(source, to)
            except OSError:
                pass


@contextlib.contextmanager
def swapped(folder, link, target):
    """Makes `link`, which leads to `target`, and swaps it with `folder` until the block ends."""
    os.symlink(target, link)
    other = multiprocessing.Process(target=swap, args=(folder, link))
    other.start()
    try:
        yield
    finally:
        other.kill()
        other.join()
