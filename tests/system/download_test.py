"""pkg download and pkg wheel through the real binary: files in a folder, for here and for other Pythons."""
import hashlib, io, json, os, tarfile, zipfile

from support import Index, check, main, wheel

BACKEND = '''
import os, zipfile
NAME = "%s-%s"
def build_wheel(directory, settings=None, metadata=None):
    name = NAME + "-py3-none-any.whl"
    rows = {"%s/__init__.py": "", NAME + ".dist-info/METADATA": "Metadata-Version: 2.1\\nName: %s\\nVersion: %s\\n",
            NAME + ".dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\n"
                                       "Tag: py3-none-any\\n"}
    import hashlib, base64
    def digest(text):
        return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    record = "".join("%%s,%%s,%%d\\n" %% (path, digest(text), len(text)) for path, text in rows.items())
    record += NAME + ".dist-info/RECORD,,\\n"
    with zipfile.ZipFile(os.path.join(directory, name), "w") as archive:
        for path, text in {**rows, NAME + ".dist-info/RECORD": record}.items():
            archive.writestr(path, text)
    return name
'''


def source(name, version):
    """{path: text} of a project that builds itself."""
    return {"pyproject.toml": f'[project]\nname = "{name}"\nversion = "{version}"\n[build-system]\nrequires = []\n'
                              f'build-backend = "backend"\nbackend-path = ["."]\n',
            "backend.py": BACKEND % (name, version, name, name, version),
                              "PKG-INFO": f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n"}


def sdist(name, version):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path, text in source(name, version).items():
            entry = tarfile.TarInfo(f"{name}-{version}/{path}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))
    return f"{name}-{version}.tar.gz", out.getvalue()


def names(folder):
    return sorted(os.listdir(folder))


@check
def download_puts_wheels_with_their_names_and_bytes_into_a_folder(place):
    made = [wheel("app", "1.0", requires=["lib>=1"]), wheel("lib", "1.5")]
    index = Index(made)
    done = place.pkg("download", "-i", index.url, "-d", "out", "app")
    assert done.code == 0 and "2 files" in done.err, done
    assert names(f"{place.work}/out") == [n for n, _ in made], names(f"{place.work}/out")
    for name, data in made:
        assert open(f"{place.work}/out/{name}", "rb").read() == data
    index.requests.clear()
    again = place.pkg("download", "-i", index.url, "-d", "out", "app", "--json")
    assert again.code == 0 and all(f["kept"] for f in json.loads(again.out)["files"]), again
    assert not any(path.endswith(".whl") for path, _ in index.requests), index.requests


@check
def a_file_that_is_there_with_other_bytes_is_fetched_again(place):
    name, data = wheel("app", "1.0")
    index = Index([(name, data)])
    place.write(f"out/{name}", "torn")
    done = place.pkg("download", "-i", index.url, "-d", "out", "app")
    assert done.code == 0 and open(f"{place.work}/out/{name}", "rb").read() == data, done


@check
def wrong_bytes_never_reach_the_folder(place):
    name, data = wheel("app", "1.0")
    index = Index([(name, data)], answer=lambda path, headers: (200, {}, data[:-1] + b"x") if path == f"/files/{name}"
                  else None)
    done = place.pkg("download", "-i", index.url, "-d", "out", "app")
    assert done.code == 1 and "app" in done.err, done
    assert not os.path.exists(f"{place.work}/out/{name}"), names(f"{place.work}/out")


@check
def hashes_of_a_requirements_file_count(place):
    folder = place.wheels(wheel("app", "1.0"))
    good = hashlib.sha256(open(f"{folder}/app-1.0-py3-none-any.whl", "rb").read()).hexdigest()
    place.write("good.txt", f"app==1.0 --hash=sha256:{good}\n")
    place.write("bad.txt", f"app==1.0 --hash=sha256:{'0' * 64}\n")
    assert place.pkg("download", "--no-index", "-f", folder, "-d", "a", "-r", "good.txt").code == 0
    bad = place.pkg("download", "--no-index", "-f", folder, "-d", "b", "-r", "bad.txt")
    assert bad.code == 1 and not os.path.exists(f"{place.work}/b/app-1.0-py3-none-any.whl"), bad


@check
def another_platform_needs_only_binary_and_takes_its_wheels(place):
    tags = ("cp312-cp312-win_amd64", "cp312-cp312-manylinux_2_17_x86_64", "cp310-cp310-macosx_11_0_arm64")
    folder = place.wheels(*[wheel("native", "1.0", requires=['extra-win; sys_platform == "win32"'], tag=t)
                            for t in tags], wheel("extra-win", "1.0"))
    there = ["--no-index", "-f", folder, "native", "--platform", "win_amd64", "--python-version", "312"]
    refused = place.pkg("download", "-d", "out", *there)
    assert refused.code != 0 and "--only-binary=:all:" in refused.err, refused
    done = place.pkg("download", "-d", "out", *there, "--only-binary=:all:")
    assert done.code == 0 and names(f"{place.work}/out") == ["extra_win-1.0-py3-none-any.whl",
                                                             "native-1.0-cp312-cp312-win_amd64.whl"], done
    done = place.pkg("download", "-d", "mac", "--no-index", "-f", folder, "native", "--platform", "macosx_12_0_arm64",
                     "--python-version", "3.10", "--abi", "cp310",
                     "--implementation", "cp", "--no-deps")
    assert done.code == 0 and names(f"{place.work}/mac") == ["native-1.0-cp310-cp310-macosx_11_0_arm64.whl"], done


@check
def sources_stay_sources_and_folders_become_wheels(place):
    place.wheels(sdist("src", "1.0"))
    for path, text in source("folder", "2.0").items():
        place.write(f"tree/{path}", text)
    done = place.pkg("download", "--no-index", "-f", f"{place.work}/wheels", "-d", "out", "src", "./tree")
    assert done.code == 0 and names(f"{place.work}/out") == ["folder-2.0-py3-none-any.whl", "src-1.0.tar.gz"], (
        (done, names(f"{place.work}/out")))
    built = place.pkg("wheel", "--no-index", "-f", f"{place.work}/wheels", "-w", "built", "src", "-e", "./tree")
    assert built.code == 0 and names(f"{place.work}/built") == ["folder-2.0-py3-none-any.whl",
                                                                "src-1.0-py3-none-any.whl"], built
    with zipfile.ZipFile(f"{place.work}/built/src-1.0-py3-none-any.whl") as archive:
        assert "src/__init__.py" in archive.namelist()


@check
def editables_and_nothing_are_refused_and_an_empty_file_is_fine(place):
    assert place.pkg("download").code != 0
    refused = place.pkg("download", "-e", ".")
    assert refused.code != 0 and "pkg wheel" in refused.err, refused
    place.write("blank.txt", "\n")
    assert place.pkg("download", "--no-index", "-r", "blank.txt").code == 0


@check
def only_dependencies_and_no_dependencies(place):
    folder = place.wheels(wheel("app", "1.0", requires=["lib"]), wheel("lib", "1.0"))
    where = ["--no-index", "-f", folder, "app"]
    assert place.pkg("download", "-d", "a", "--only-deps",
                     *where).code == 0 and names(f"{place.work}/a") == ["lib-1.0-py3-none-any.whl"]
    assert place.pkg("download", "-d", "b", "--no-deps",
                     *where).code == 0 and names(f"{place.work}/b") == ["app-1.0-py3-none-any.whl"]
    assert place.pkg("download", "-d", "c", "--no-deps", "--only-deps", *where).code != 0
    dry = place.pkg("download", "-d", "d", "--dry-run", *where)
    assert dry.code == 0 and not os.path.exists(f"{place.work}/d"), dry


@check
def the_report_says_what_was_downloaded(place):
    index = Index([wheel("app", "1.0", requires=["lib[x]"], metadata_extra="Summary: what it is\nKeywords: a,b\n"),
                   wheel("lib", "1.0", extras=["x"])])
    done = place.pkg("download", "-i", index.url, "-d", "out", "app", "--report", "-", "--quiet")
    report = json.loads(done.out)
    assert report["version"] == "1" and [i["metadata"]["name"] for i in report["install"]] == ["app", "lib"], report
    app = report["install"][0]
    assert app["metadata"]["summary"] == "what it is" and app["metadata"]["keywords"] == ["a", "b"], app
    assert (app["requested"] is True and app["is_direct"] is False and
            app["download_info"]["archive_info"]["hash"].startswith("sha256=")), app


main()
