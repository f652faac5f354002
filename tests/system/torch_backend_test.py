"""--torch-backend: PyTorch's indexes by the machine's driver, or by name.
Usage: torch_backend_test.py PKG BUILD_FOLDER [WORD…]"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from support import Index, check, main, wheel


class Indexes:
    """The main index, and one server that holds PyTorch's indexes side by side."""

    def __init__(self):
        self.public = Index([wheel("torch", "2.12.0", requires=["helper"]), wheel("helper", "1.0"),
                             wheel("app", "1.0", requires=["torch", "torchvision"])])
        self.builds = {}
        for backend, versions in (("cpu", ("2.10.0", "2.9.0")), ("cu130", ("2.10.0",)), ("cu129", ("2.8.0",)),
                                  ("cu128", ("2.10.0", "2.9.0")), ("rocm7.1", ("2.10.0",))):
            wheels = [wheel("torchvision", f"0.25.0+{backend}")]
            wheels += [wheel("torch", f"{version}+{backend}", requires=["helper"]) for version in versions]
            self.builds[backend] = Index(wheels)
        self.front = Index([], answer=self.answer)
        self.root = self.front.url

    def answer(self, path, headers):
        backend, _, rest = path.removeprefix("/simple/").partition("/")
        if path.startswith("/simple/") and backend in self.builds:
            return self.builds[backend].respond("/simple/" + rest, headers)
        for index in self.builds.values():
            status, more, body = index.respond(path, headers)
            if status == 200 and path.startswith("/files/"):
                return status, more, body
        return 404, {}, b""

    def settings(self, **more):
        return {"PKG_INDEX_URL": self.public.url, "PKG_TORCH_INDEX_URL": self.root, **more}


def installed(place, env):
    listed = place.pkg("freeze", "--python", env)
    return dict(line.split("==") for line in listed.out.splitlines())


def torch_of(place, indexes, *words, **variables):
    env = place.venv(f"env{len(os.listdir(place.path))}")
    done = place.pkg("install", "--python", env, *words, **indexes.settings(**variables))
    assert done.code == 0, done
    return installed(place, env)


@check
def a_named_backend_is_the_only_index_for_torch(place):
    indexes = Indexes()
    found = torch_of(place, indexes, "app", "--torch-backend", "cu130")
    assert found == {"app": "1.0", "helper": "1.0", "torch": "2.10.0+cu130", "torchvision": "0.25.0+cu130"}, found
    asked = [path for path, _ in indexes.public.requests]
    assert not any("/torch" in path for path in asked), asked
    assert torch_of(place, indexes, "torch")["torch"] == "2.12.0"


@check
def auto_takes_what_the_driver_serves(place):
    indexes = Indexes()
    for driver, wanted in (("580.65.06", "2.10.0+cu130"), ("570.86.10", "2.10.0+cu128"), ("450.80.02", "2.10.0+cpu")):
        found = torch_of(place, indexes, "torch", "--torch-backend", "auto", PKG_CUDA_DRIVER_VERSION=driver)
        assert found["torch"] == wanted, (driver, found)
    found = torch_of(place, indexes, "torch", PKG_TORCH_BACKEND="auto", PKG_AMD_GPU_ARCHITECTURE="gfx1100")
    assert found["torch"] == "2.10.0+rocm7.1", found
    found = torch_of(place, indexes, "torch==2.8", "--torch-backend", "auto", PKG_CUDA_DRIVER_VERSION="570.86.10")
    assert found["torch"] == "2.8.0+cu129", found


@check
def nvidia_smi_names_driver_and_devices(place):
    indexes = Indexes()
    place.write("bin/nvidia-smi", "#!/bin/sh\necho '580.65.06, 7.0'\n")
    os.chmod(f"{place.work}/bin/nvidia-smi", 0o755)
    os.rename(f"{place.work}/bin", f"{place.path}/bin")
    path = f"{place.path}/bin:{os.environ['PATH']}"
    found = torch_of(place, indexes, "torch", "--torch-backend", "auto", PATH=path)
    assert found["torch"] == "2.10.0+cu128", found


@check
def compile_and_sync_agree(place):
    indexes = Indexes()
    place.write("requirements.in", "app\n")
    done = place.pkg("compile", "requirements.in", "-o", "requirements.txt", "--torch-backend", "cpu",
                     **indexes.settings())
    assert done.code == 0, done
    text = open(f"{place.work}/requirements.txt").read()
    assert "torch==2.10.0+cpu" in text and "torchvision==0.25.0+cpu" in text, text
    env = place.venv()
    done = place.pkg("sync", "--python", env, "requirements.txt", "--torch-backend", "cpu", **indexes.settings())
    assert done.code == 0, done
    assert installed(place, env)["torch"] == "2.10.0+cpu"
    again = place.pkg("sync", "--python", env, "requirements.txt", PKG_TORCH_BACKEND="cpu", **indexes.settings())
    assert again.code == 0, again


@check
def what_is_wrong_is_said(place):
    indexes = Indexes()
    env = place.venv()
    for words, variables, code, wanted in (
            (["--torch-backend", "cuda"], {}, 2, "--torch-backend: `cuda` is not a backend"),
            (["--torch-backend", "cu999"], {}, 1, "/cu999/`"),
            (["--torch-backend", "auto"], {"PKG_CUDA_DRIVER_VERSION": "new"}, 2, "PKG_CUDA_DRIVER_VERSION is `new`"),
            (["--torch-backend", "auto", "--platform", "win_amd64", "--dry-run"], {}, 2, "speaks of this machine")):
        done = place.pkg("install", "--python", env, "torch", *words, **indexes.settings(**variables))
        assert done.code == code and wanted in done.err, (words, done)


@check
def an_index_of_a_project_does_not_stand_in_for_pytorchs(place):
    indexes = Indexes()
    evil = Index([wheel("torch", "99.0+evil")])
    for name in ("pytorch-cpu", f"{indexes.root}cpu/"):
        place.write("pyproject.toml", '[project]\nname = "mine"\nversion = "1"\n'
                    f'[[tool.pkg.index]]\nname = "{name}"\nurl = "{evil.url}"\nexplicit = true\n')
        found = torch_of(place, indexes, "torch", "--torch-backend", "cpu")
        assert found["torch"] == "2.10.0+cpu", (name, found)
    assert not evil.requests, evil.requests


@check
def a_backend_of_the_settings_leaves_other_platforms_alone(place):
    indexes = Indexes()
    place.write("requirements.in", "torch\n")
    for words in (["compile", "requirements.in", "--universal"],
                  ["download", "torch", "--platform", "linux_x86_64", "--only-binary", ":all:", "-d", "files"]):
        done = place.pkg(*words, **indexes.settings(PKG_TORCH_BACKEND="auto"))
        assert done.code == 0, done
    done = place.pkg("compile", "requirements.in", "--emit-index-url", "--torch-backend", "cpu", **indexes.settings())
    assert done.code == 0 and f"--extra-index-url {indexes.root}cpu/" in done.out, done


@check
def a_project_cannot_say_where_the_indexes_are(place):
    indexes = Indexes()
    place.write("pyproject.toml", '[project]\nname = "mine"\nversion = "1"\n'
                f'[tool.pkg]\ntorch-backend = "cpu"\ntorch-index-url = "{indexes.root}evil/"\n')
    env = place.venv()
    done = place.pkg("install", "--python", env, "torch", **indexes.settings())
    assert done.code == 0, done
    assert installed(place, env)["torch"] == "2.10.0+cpu", installed(place, env)
    assert not any("evil" in path for path, _ in indexes.front.requests), indexes.front.requests


if __name__ == "__main__":
    main()
