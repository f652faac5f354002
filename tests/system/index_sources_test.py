"""One package from several indexes: by marker, by extra and by group, in locks, exports and installs.
Usage: index_sources_test.py PKG BUILD_FOLDER [WORD…]"""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from lock_support import lock_text, project, versions
from support import PYTHON, Index, Skip, check, main, wheel

class Indexes:
    def __init__(self, place):
        self.public = Index([wheel("torch", "2.9.0", requires=["helper"]), wheel("helper", "1.0"),
                             wheel("vision", "0.1", requires=["torch"])])
        self.cpu = Index([wheel("torch", "2.9.0+cpu", requires=["helper"]),
                          wheel("torch", "2.8.0+cpu", requires=["helper"])])
        self.cuda = Index([wheel("torch", "2.9.0+cu130", requires=["helper"])])
        self.place = place

    def tables(self, tool="pkg"):
        return "".join(f'[[tool.{tool}.index]]\nname = "{name}"\nurl = "{index.url}"\nexplicit = true\n'
                       for name, index in (("cpu", self.cpu), ("cu130", self.cuda)))

    def pkg(self, *words):
        done = self.place.pkg(*words, PKG_INDEX_URL=self.public.url)
        assert done.code == 0, done
        return done


def torches(text):
    """(version, index, marker) of each entry."""
    entries = []
    for block in re.split(r"\n(?=\[)", text):
        if re.search('^name = "torch"$', block, re.M):
            entries.append(tuple((re.search(rf"^{key} = ['\"](.*)['\"]$", block, re.M) or [None, ""])[1]
                                 for key in ("version", "index", "marker")))
    return entries


EXTRAS = ('[project.optional-dependencies]\ncpu = ["torch"]\ncu130 = ["torch"]\n'
          '[tool.pkg]\nconflicts = [[{extra = "cpu"}, {extra = "cu130"}]]\n')
BY_EXTRA = '[tool.pkg.sources]\ntorch = [{index = "cpu", extra = "cpu"}, {index = "cu130", extra = "cu130"}]\n'


@check
def a_pyproject_given_with_r_has_its_sources_too(place):
    indexes = Indexes(place)
    project(place, ["vision"], more=EXTRAS + BY_EXTRA + indexes.tables())
    for extra, version in (("cpu", "2.9.0+cpu"), ("cu130", "2.9.0+cu130")):
        done = indexes.pkg("compile", "-r", "pyproject.toml", "--extra", extra)
        assert f"torch=={version}\n" in done.out, done
    assert "torch==2.9.0\n" in indexes.pkg("compile", "pyproject.toml").out
    indexes.pkg("install", "-r", "pyproject.toml", "--extra", "cpu")
    assert versions(place)["torch"] == "2.9.0+cpu", versions(place)


@check
def a_member_of_the_workspace_is_taken_from_its_folder(place):
    index = Index([wheel("helper", "1.0")])
    built = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    place.write("pyproject.toml", '[project]\nname = "root"\nversion = "1"\ndependencies = ["part"]\n'
                '[tool.pkg.workspace]\nmembers = ["part"]\n[tool.pkg.sources]\npart = {workspace = true}\n')
    place.write("part/pyproject.toml", '[project]\nname = "part"\nversion = "1"\ndependencies = ["helper"]\n' + built)
    done = place.pkg("compile", "-r", "pyproject.toml", PKG_INDEX_URL=index.url)
    assert done.code == 0 and "-e ./part\n" in done.out and "helper==1.0" in done.out, done


@check
def an_extra_chooses_the_index(place):
    indexes = Indexes(place)
    project(place, ["helper"], more=EXTRAS + BY_EXTRA + indexes.tables())
    indexes.pkg("lock")
    found = torches(lock_text(place))
    assert sorted(found) == [("2.9.0+cpu", indexes.cpu.url, "'cpu' in extras"),
                             ("2.9.0+cu130", indexes.cuda.url, "'cu130' in extras")], found
    assert not any("/torch/" in path for path, _ in indexes.public.requests), "the public index was asked for torch"
    for extra in ("cpu", "cu130"):
        indexes.pkg("sync", "--extra", extra)
        assert versions(place)["torch"] == f"2.9.0+{extra}", versions(place)
    both = place.pkg("sync", "--extra", "cpu", "--extra", "cu130", PKG_INDEX_URL=indexes.public.url)
    assert both.code != 0 and "conflict" in both.err, both
    assert place.pkg("lock", "--check", PKG_INDEX_URL=indexes.public.url).code == 0


@check
def a_marker_chooses_the_index(place):
    indexes = Indexes(place)
    sources = ('[tool.pkg.sources]\ntorch = [{index = "cpu", marker = "sys_platform != \'linux\'"}, '
               '{index = "cu130", extra = "cu130"}]\n')
    extra = '[project.optional-dependencies]\ncu130 = ["torch"]\n'
    project(place, ["torch", "vision"], more=extra + sources + indexes.tables())
    indexes.pkg("lock")
    found = {version: (index, marker) for version, index, marker in torches(lock_text(place))}
    assert set(found) == {"2.9.0", "2.9.0+cpu", "2.9.0+cu130"}, found
    assert found["2.9.0+cu130"] == (indexes.cuda.url, "'cu130' in extras"), found
    assert found["2.9.0+cpu"][1] == "'cu130' not in extras and sys_platform != 'linux'", found
    assert found["2.9.0"][1] == "'cu130' not in extras and sys_platform == 'linux'", found
    indexes.pkg("sync")
    assert versions(place)["torch"] == "2.9.0", versions(place)
    indexes.pkg("sync", "--extra", "cu130")
    assert versions(place)["torch"] == "2.9.0+cu130", versions(place)


@check
def a_group_chooses_the_index(place):
    indexes = Indexes(place)
    tables = ('[dependency-groups]\ngpu = ["torch"]\n[tool.pkg.sources]\n'
              'torch = [{index = "cu130", group = "gpu"}]\n')
    project(place, ["helper"], more=tables + indexes.tables())
    indexes.pkg("lock")
    assert torches(lock_text(place)) == [("2.9.0+cu130", indexes.cuda.url, "'gpu' in dependency_groups")]
    indexes.pkg("sync", "--group", "gpu")
    assert versions(place)["torch"] == "2.9.0+cu130", versions(place)


@check
def an_extra_that_asks_for_another_counts_for_its_sources(place):
    indexes = Indexes(place)
    extras = '[project.optional-dependencies]\ncpu = ["torch"]\nall = ["mine[cpu]"]\n'
    sources = '[tool.pkg.sources]\ntorch = [{index = "cpu", extra = "cpu"}]\n'
    project(place, ["helper"], more=extras + sources + indexes.tables())
    indexes.pkg("lock")
    found = torches(lock_text(place))
    assert [entry[:2] for entry in found] == [("2.9.0+cpu", indexes.cpu.url)], found
    indexes.pkg("sync", "--extra", "all")
    assert versions(place)["torch"] == "2.9.0+cpu", versions(place)


@check
def one_version_on_two_indexes_is_two_entries(place):
    indexes = Indexes(place)
    indexes.cpu.projects["torch"] = [wheel("torch", "2.9.0", files={"torch/__init__.py": "kind = 'cpu'\n"})]
    sources = '[tool.pkg.sources]\ntorch = {index = "cpu", marker = "sys_platform == \'linux\'"}\n'
    project(place, ["torch"], more=sources + indexes.tables())
    indexes.pkg("lock")
    found = torches(lock_text(place))
    assert sorted(found) == sorted([("2.9.0", indexes.cpu.url, "sys_platform == 'linux'"),
                                    ("2.9.0", indexes.public.url, "sys_platform != 'linux'")]), found
    indexes.pkg("sync")
    found = place.python(f"{place.work}/.venv", "import torch; print(torch.kind)")
    assert found.out == "cpu\n", found
    indexes.pkg("lock", "--check")


@check
def tables_of_uv_count_as_they_stand(place):
    indexes = Indexes(place)
    tables = (EXTRAS + BY_EXTRA + indexes.tables()).replace("tool.pkg", "tool.uv")
    project(place, ["helper"], more=tables)
    indexes.pkg("lock")
    assert sorted(entry[:2] for entry in torches(lock_text(place))) == [
        ("2.9.0+cpu", indexes.cpu.url), ("2.9.0+cu130", indexes.cuda.url)]


@check
def lists_that_may_be_selected_together_are_refused(place):
    indexes = Indexes(place)
    extras = EXTRAS.split("[tool.pkg]")[0]
    for more, wanted in ((extras + BY_EXTRA, "two sources of `torch` are for the same environments"),
                         (EXTRAS + BY_EXTRA.replace('extra = "cu130"', 'extra = "cuda"'), "there is no extra `cuda`"),
                         (EXTRAS + BY_EXTRA.replace('extra = "cu130"', 'extra = "cu130", group = "x"'),
                          "has both `extra` and `group`")):
        project(place, ["helper"], more=more + indexes.tables())
        done = place.pkg("lock", PKG_INDEX_URL=indexes.public.url)
        assert done.code != 0 and wanted in done.err, done
        assert "pyproject.toml:" in done.err, done


@check
def a_path_counts_for_the_list_of_one_extra(place):
    indexes = Indexes(place)
    place.write("lib/pyproject.toml", '[project]\nname = "torch"\nversion = "3.0"\n')
    extras = '[project.optional-dependencies]\nown = ["torch"]\n'
    project(place, ["torch"], more=extras + '[tool.pkg.sources]\ntorch = {path = "lib", extra = "own"}\n')
    indexes.pkg("lock")
    text = lock_text(place)
    assert 'path = "lib"' in text and torches(text)[0][2] == "'own' not in extras", torches(text)


def pip_of(place, name):
    made = subprocess.run([PYTHON, "-m", "venv", f"{place.path}/{name}"], capture_output=True, text=True)
    pip = f"{place.path}/{name}/bin/pip"
    return pip if made.returncode == 0 and os.path.exists(pip) else None


@check
def pip_installs_what_is_exported(place):
    indexes = Indexes(place)
    project(place, ["helper"], more=EXTRAS + BY_EXTRA + indexes.tables())
    indexes.pkg("lock")
    for extra, index in (("cpu", indexes.cpu), ("cu130", indexes.cuda)):
        indexes.pkg("export", "--extra", extra, "--emit-index-url", "-o", f"{extra}.txt")
        with open(f"{place.work}/{extra}.txt") as file:
            text = file.read()
        assert f"torch==2.9.0+{extra}" in text and f"--index-url {indexes.public.url}\n" in text, text
        assert f"--extra-index-url {index.url}\n" in text and text.count("index-url ") == 3, text  # and the header
        if (pip := pip_of(place, f"env-{extra}")) is None:
            raise Skip("no pip at hand")
        done = subprocess.run([pip, "install", "-q", "--no-cache-dir", "-r", f"{place.work}/{extra}.txt"],
                              capture_output=True, text=True, env=place.environment({}))
        assert done.returncode == 0, done
        listed = subprocess.run([pip, "freeze"], capture_output=True, text=True, env=place.environment({})).stdout
        assert f"torch==2.9.0+{extra}" in listed and "helper==1.0" in listed, listed


@check
def six_environments_get_what_their_sources_say(place):
    indexes = Indexes(place)
    sources = ("[tool.pkg.sources]\ntorch = [{index = \"cpu\", marker = \"sys_platform != 'linux'\"}, "
               "{index = \"cu130\", extra = \"cu130\"}]\n")
    project(place, ["torch"], more='[project.optional-dependencies]\ncu130 = ["torch"]\n' + sources +
            indexes.tables())
    indexes.pkg("lock")
    for platform in ("linux", "macos", "windows"):
        for extras in ([], ["--extra", "cu130"]):
            text = indexes.pkg("export", *extras, "--no-hashes", "--python-platform", platform).out
            wanted = "2.9.0+cu130" if extras else "2.9.0" if platform == "linux" else "2.9.0+cpu"
            assert re.search(rf"^torch=={re.escape(wanted)}$", text, re.M), (platform, extras, text)


if __name__ == "__main__":
    main()
