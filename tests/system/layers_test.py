"""Environments and caches in a lower layer of overlayfs, as every Dockerfile with two install steps has them: their
folders cannot be renamed. Needs a mount namespace."""
import os, shutil, subprocess, sys

from support import PYTHON, Skip, check, main, tree, wheel

ENTRY = "[console_scripts]\nlayered = layered:main\n"


def layered(version):
    return wheel("layered", version, {"layered/__init__.py": f"v='{version}'\n", "layered/sub/__init__.py": "",
                                      "layered/sub/m.py": "m=1\n"}, entry_points=ENTRY)


def single(version):
    return wheel("single", version, {"single.py": f"v='{version}'\n"})


def without_state(found):
    return {path: what for path, what in found.items() if ".pkg" not in path and "__pycache__" not in path}


class Layers:
    """What is in `m` becomes the lower layer of an overlay at the same path."""

    def __init__(self, place):
        self.place, self.path = place, f"{place.path}/m"
        self.wheels = place.wheels(layered("1.0"), layered("2.0"), single("1.0"), single("2.0"))
        self.env = f"{self.path}/env"
        os.mkdir(self.path)
        self.pkg("venv", "--python", PYTHON, self.env)

    def pkg(self, *words, code=0, cwd=None):
        done = self.place.pkg(*words, cwd=cwd, PKG_NO_INDEX="1", PKG_FIND_LINKS=self.wheels,
                              PKG_CACHE_DIR=f"{self.path}/cache")
        assert done.code == code, done
        return done

    def install(self, *words):
        return self.pkg("install", "--python", self.env, *words)

    def __enter__(self):
        os.rename(self.path, f"{self.place.path}/low")
        for name in ("m", "up", "scratch"):
            os.mkdir(f"{self.place.path}/{name}")
        options = "lowerdir={0}/low,upperdir={0}/up,workdir={0}/scratch".format(self.place.path)
        done = subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, self.path], capture_output=True)
        if done.returncode != 0:
            raise Skip(f"no overlay can be mounted here: {done.stderr.decode().strip()}")
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", self.path], check=True)

    def version(self, module="layered"):
        done = self.place.python(self.env, f"import {module}; print({module}.v)")
        return done.out.strip() if done.code == 0 else None

    def check_whole(self):
        self.pkg("verify", "--python", self.env)
        assert set(os.listdir(f"{self.env}/.pkg")) <= {"lock", "origins"}, os.listdir(f"{self.env}/.pkg")


@check
def packages_of_a_lower_layer_are_upgraded_reinstalled_and_uninstalled(place):
    layers = Layers(place)
    layers.install("layered==1.0", "single==1.0")
    before = tree(layers.env)
    with layers:
        layers.install("-U", "layered", "single")
        assert layers.version() == "2.0" and layers.version("single") == "2.0"
        layers.check_whole()
        layers.install("--force-reinstall", "layered==1.0", "single==1.0")
        assert layers.version() == "1.0"
        layers.check_whole()
        now = tree(layers.env)
        assert without_state(now) == without_state(before)
        layers.pkg("uninstall", "--python", layers.env, "layered", "single")
        assert layers.version() is None and not os.path.exists(f"{layers.env}/bin/layered")
        assert not [p for p in tree(layers.env) if "layered" in p or "single" in p]


@check
def a_lower_layer_is_synced(place):
    layers = Layers(place)
    layers.install("layered==1.0", "single==1.0")
    asked = place.write("asked.txt", "layered==2.0\n")
    with layers:
        layers.pkg("sync", "--python", layers.env, asked)
        assert layers.version() == "2.0" and layers.version("single") is None
        layers.check_whole()


@check
def an_environment_of_a_lower_layer_is_cleared(place):
    layers = Layers(place)
    layers.install("layered==1.0")
    with layers:
        layers.pkg("venv", "--clear", "--python", PYTHON, layers.env)
        assert layers.version() is None and not [p for p in tree(layers.env) if "layered" in p]
        assert not [name for name in os.listdir(layers.path) if name.startswith(".env-")], os.listdir(layers.path)
        layers.install("layered==2.0")
        assert layers.version() == "2.0"


@check
def a_project_of_a_lower_layer_adds_and_removes(place):
    layers = Layers(place)
    project = f"{layers.path}/project"
    os.mkdir(project)
    with open(f"{project}/pyproject.toml", "w") as out:
        out.write('[project]\nname="p"\nversion="1"\nrequires-python=">=3.9"\ndependencies=["layered==1.0"]\n')
    layers.pkg("venv", "--python", PYTHON, f"{project}/.venv")
    layers.env = f"{project}/.venv"
    layers.pkg("sync", cwd=project)
    with layers:
        layers.pkg("remove", "layered", cwd=project)
        assert layers.version() is None
        layers.pkg("add", "layered==2.0", cwd=project)
        assert layers.version() == "2.0"


@check
def a_target_and_a_cache_of_a_lower_layer_are_changed(place):
    layers = Layers(place)
    target = f"{layers.path}/target"
    layers.pkg("install", "--python", PYTHON, "--target", target, "layered==1.0")
    with layers:
        layers.pkg("install", "--python", PYTHON, "--target", target, "-U", "layered")
        assert os.path.exists(f"{target}/layered-2.0.dist-info")
        assert not os.path.exists(f"{target}/layered-1.0.dist-info")
        for base, _, files in os.walk(f"{layers.path}/cache"):
            for name in files:
                if base.endswith("/layered") and name == "__init__.py":
                    with open(f"{base}/{name}", "w") as out:
                        out.write("broken")
        layers.install("layered==1.0")
        assert layers.version() == "1.0"
        layers.pkg("cache", "prune")
        layers.pkg("cache", "clean")
        layers.install("--force-reinstall", "layered==1.0")


def in_namespace():
    """Runs this script again where it may mount."""
    if os.environ.get("PKG_LAYERS_NAMESPACE"):
        return
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--map-root-user"]
    if shutil.which("unshare") is None or subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL).returncode:
        print("SKIPPED environments in a lower layer: no mount namespace can be made here")
        sys.exit(0)
    os.execvpe("unshare", [*unshare, sys.executable, *sys.argv], {**os.environ, "PKG_LAYERS_NAMESPACE": "1"})


in_namespace()
main()
