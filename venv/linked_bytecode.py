# Written by pkg, which takes it away with the last link: bytecode of folders that are links into pkg's cache of wheels
# is kept in
# .pkg/bytecode of this environment, never in the cache. Nothing else is touched. See `pkg install --link-mode symlink`.
import sys
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES, SOURCE_SUFFIXES
from importlib.machinery import ExtensionFileLoader, FileFinder, SourceFileLoader, SourcelessFileLoader

SITE = "@site@"  # below the prefix


def install():
    site = __file__.rpartition("/")[0]
    state = site + "/" + "../" * (SITE.count("/") + 1) + ".pkg/"
    try:
        with open(state + "links", "rb") as text:
            listed = text.read().partition(b"\n")[2].decode(sys.getfilesystemencoding(), "surrogateescape").split("\0")
    except OSError:
        return
    places = {}  # folder -> folder of its bytecode, or None
    inside = {site}  # folders that links are in
    for path in listed[:-1:2]:
        if not path.startswith(SITE + "/"):
            continue
        below = path[len(SITE) :]
        places[site + below] = state + "bytecode" + below
        while below:
            below = below.rpartition("/")[0]
            inside.add(site + below)

    def place_of(folder):
        if folder not in places:
            above, slash, name = folder.rpartition("/")
            found = place_of(above) if len(above) >= len(site) else None
            places[folder] = found + "/" + name if found else None
        return places[folder]

    def kept(path):
        if path.endswith(".pyc"):
            cache, _, name = path.rpartition("/")
            folder, _, last = cache.rpartition("/")
            if last == "__pycache__" and folder.startswith(site):
                place = place_of(folder)
                if place:
                    return place + "/" + name
        return path

    class LinkedFileLoader(SourceFileLoader):
        def get_data(self, path):
            return super().get_data(kept(path))

        def set_data(self, path, data, **how):
            return super().set_data(kept(path), data, **how)

    finder = FileFinder.path_hook(
        (ExtensionFileLoader, EXTENSION_SUFFIXES), (LinkedFileLoader, SOURCE_SUFFIXES),
        (SourcelessFileLoader, BYTECODE_SUFFIXES)
    )

    def hook(path):
        if isinstance(path, str) and path.startswith(site) and (path in inside or place_of(path)):
            return finder(path)
        raise ImportError("no folder of links")

    sys.path_hooks.insert(0, hook)
    sys.path_importer_cache.pop(site, None)


install()
