"""Wheel variants (PEP 825, draft): which one is taken, and what is said where none is. Usage: variants_test.py PKG
BUILD_FOLDER [WORD…]"""
import hashlib, json, os, sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sources import project, sdist
from support import Index, check, main, wheel

SCHEMA = "https://schemas.example/peps/825/v0.1.0.json"
CUDA, UPPER = "cuda_version_lower_bound", "cuda_version_upper_bound"
CU12 = {"nvidia": {CUDA: ["12.8"], UPPER: ["13"]}}
CU13 = {"nvidia": {CUDA: ["13.0"]}}
HAS_CU12 = ["--variant", f"nvidia :: {CUDA} :: 12.8", "--variant", f"nvidia :: {UPPER} :: 13"]
NO_GPU = ["--variant", "nvidia :: none :: none"]  # whatever this machine has


def variant(name, version, label, properties, requires=(), tag="py3-none-any"):
    dist = name.replace("-", "_")
    said = {"$schema": SCHEMA, "default-priorities": {"namespace": sorted(properties)}, "variants": {label: properties}}
    file_name, data = wheel(name, version, requires=requires, tag=tag, files={
        f"{dist}/__init__.py": f"variant = {label!r}\n", f"{dist}-{version}.dist-info/variant.json": json.dumps(said)})
    return file_name.removesuffix(".whl") + f"-{label}.whl", data


def variants_json(name, version, variants, namespaces=("nvidia", "x86_64"), schema=SCHEMA):
    said = {"$schema": schema, "default-priorities": {"namespace": list(namespaces)}, "variants": variants}
    return f"{name.replace('-', '_')}-{version}-variants.json", json.dumps(said).encode()


class VariantIndex(Index):
    """Announces variants.json as it does wheels; of such a file there is no metadata."""

    def metadata(self, data):
        return b"" if data.startswith((b"{", b"[")) else super().metadata(data)

    def asked(self, ending):
        return [path for path, _ in self.requests if path.endswith(ending)]


VARIANTS = {"null": {}, "cu12": CU12, "cu13": CU13}
REQUIRES = ['cudart; "nvidia" in variant_namespaces', 'cpulib; variant_label == "null"',
            'plainlib; variant_label == ""']


def torch(*labels, plain=False, json_file=None, **options):
    files = [variant("torch", "2.0", label, VARIANTS[label], REQUIRES) for label in labels]
    files += [wheel("torch", "2.0", files={"torch/__init__.py": "variant = ''\n"}, requires=REQUIRES)] if plain else []
    files += [json_file or variants_json("torch", "2.0", {label: VARIANTS[label] for label in labels})]
    return VariantIndex(files + [wheel(name, "1.0") for name in ("cudart", "cpulib", "plainlib")], **options)


def install(place, index, *words, env=None):
    env = env or place.venv()
    return env, place.pkg("install", "--python", env, "-i", index.url, "torch", *words)


def taken(place, env):
    return place.python(env, "import torch; print(torch.variant)").out.strip()


@check
def a_driver_that_is_named_gets_its_variant_with_what_that_requires(place):
    index = torch("null", "cu12", "cu13", plain=True)
    env, done = install(place, index, *HAS_CU12)
    assert done.code == 0 and taken(place, env) == "cu12", done
    assert "cudart 1.0" in done.err and "cpulib" not in done.err and "plainlib" not in done.err, done
    # What is installed knows which variant it is.
    assert place.pkg("check", "--python", env).code == 0
    assert "cudart" in place.pkg("tree", "--python", env).out, place.pkg("tree", "--python", env)
    place.pkg("uninstall", "--python", env, "cudart")
    broken = place.pkg("check", "--python", env)
    assert broken.code == 1 and "cudart" in broken.out + broken.err, broken
    again = place.pkg("install", "--python", env, "-i", index.url, "torch", *HAS_CU12)
    assert again.code == 0 and "cudart 1.0" in again.err, again


@check
def without_a_driver_the_null_variant_goes_before_the_plain_wheel(place):
    index = torch("null", "cu12", plain=True)
    env, done = install(place, index, *NO_GPU)
    assert done.code == 0 and taken(place, env) == "null" and "cpulib 1.0" in done.err, done
    assert place.pkg("freeze", "--python", env).out == "cpulib==1.0\ntorch==2.0\n"
    index = torch("cu12", plain=True)
    env, done = install(place, index, *NO_GPU, env=place.venv("plain"))
    assert done.code == 0 and taken(place, env) == "" and "plainlib 1.0" in done.err, done


@check
def without_variants_the_plain_wheel_is_taken_and_nothing_is_looked_up(place):
    index = torch("null", "cu12", plain=True)
    env, done = install(place, index, "--variant", "none")
    assert done.code == 0 and taken(place, env) == "" and not index.asked("variants.json"), (done, index.requests)
    both = place.pkg("install", "--python", env, "-i", index.url, "torch", "--variant", "none", *HAS_CU12)
    assert both.code == 2 and "`none` leaves wheel variants out" in both.err, both
    wrong = place.pkg("install", "--python", env, "-i", index.url, "torch", "--variant", "nvidia")
    assert wrong.code == 2 and "`nvidia` is no variant property" in wrong.err, wrong


@check
def a_processor_gets_its_level(place):
    levels = {f"v{n}": {"x86_64": {"level": [f"v{n}"]}} for n in (1, 2, 3, 4)}
    files = [variant("fast", "1.0", label, properties) for label, properties in levels.items()]
    index = VariantIndex(files + [wheel("fast", "1.0", files={"fast/__init__.py": "variant = ''\n"}),
                                  variants_json("fast", "1.0", levels)])
    for words, expected in ((["x86_64 :: level :: v2", "x86_64 :: level :: v1"], "v2"),
                            (["x86_64 :: level :: v1", "x86_64 :: level :: v3"], "v1"), (["x86_64 :: no :: no"], "")):
        env = place.venv(f"env{expected}")
        named = [word for one in words for word in ("--variant", one)]
        done = place.pkg("install", "--python", env, "-i", index.url, "fast", *named)
        assert done.code == 0, done
        assert place.python(env, "import fast; print(fast.variant)").out.strip() == expected, words
    if os.uname().machine == "x86_64":  # what is found out: every such machine has level 1
        env = place.venv("own")
        done = place.pkg("install", "--python", env, "-i", index.url, "fast")
        assert place.python(env, "import fast; print(fast.variant)").out.startswith("v"), done


@check
def where_only_variants_exist_and_none_fits_the_reason_is_said(place):
    index = torch("cu12", "cu13")
    _, done = install(place, index, *NO_GPU)
    assert done.code == 1, done
    said = " ".join(done.err.split())
    assert "torch` has wheel variants only, and none of them can be used here" in said, done
    assert f"none fits this machine: cu12 needs `nvidia :: {CUDA} :: 12.8`; cu13 needs" in said, done
    assert "--variant" in said, done
    _, done = install(place, index, "--variant", "none", env=f"{place.path}/env")
    assert done.code == 1 and "`--variant none` leaves them out" in " ".join(done.err.split()), done


@check
def an_older_release_that_fits_is_taken_as_with_tags(place):
    index = VariantIndex([variant("torch", "2.0", "cu12", CU12), variants_json("torch", "2.0", {"cu12": CU12}),
                          wheel("torch", "1.0")])
    env, done = install(place, index, *NO_GPU)
    assert done.code == 0 and "torch 1.0" in done.err, done


@check
def the_file_that_tells_variants_apart_is_asked_for_once_and_only_for_the_release_that_is_looked_at(place):
    files = []
    for version in ("1.0", "2.0", "3.0"):
        files += [variant("torch", version, "cu12", CU12), variants_json("torch", version, {"cu12": CU12})]
    index = VariantIndex(files)
    _, done = install(place, index, *HAS_CU12)
    assert done.code == 0 and index.asked("variants.json") == ["/files/torch-3.0-variants.json"], index.requests
    place.venv("again")
    _, done = install(place, index, *HAS_CU12, env=f"{place.path}/again")
    assert done.code == 0 and len(index.asked("variants.json")) == 1, index.requests
    _, done = install(place, index, *HAS_CU12, "--offline", env=place.venv("offline"))
    assert done.code == 0, done


@check
def a_broken_file_is_an_error_that_names_it(place):
    for body, said in ((b"{", "malformed JSON"), (b"[]", "it is no JSON object"),
                       (variants_json("torch", "2.0", {"cu12": {"other": {"a": ["b"]}}})[1],
                        "`variants.cu12` names the namespace `other`")):
        index = torch("cu12", plain=True, json_file=("torch-2.0-variants.json", body))
        env, done = install(place, index, *HAS_CU12, env=place.venv("env" + hashlib.sha256(body).hexdigest()[:8]))
        flat = " ".join(done.err.split())
        assert done.code == 1 and "`torch-2.0-variants.json` cannot be used" in flat and said in flat, done
        assert "--variant none" in flat, done
        done = place.pkg("install", "--python", env, "-i", index.url, "torch", "--variant", "none")
        assert done.code == 0, done
    large = b'{"x": "' + b"a" * 300_000 + b'"}'
    index = torch("cu12", json_file=("torch-2.0-variants.json", large))
    _, done = install(place, index, *HAS_CU12, env=place.venv("large"))
    assert done.code == 1 and "torch-2.0-variants.json" in done.err and "larger than 256 KiB" in done.err, done


@check
def a_file_with_another_hash_than_announced_is_refused(place):
    wrong = variants_json("torch", "2.0", {"cu12": {}})[1]
    index = torch("cu12", answer=lambda path, _: (200, {}, wrong) if path.endswith("variants.json") else None)
    _, done = install(place, index, *NO_GPU)
    assert done.code == 1 and "`torch-2.0-variants.json` has sha256:" in done.err and "announced" in done.err, done
    index = torch("cu12", answer=lambda path, _: (404, {}, b"") if path.endswith("variants.json") else None)
    _, done = install(place, index, *NO_GPU, env=f"{place.path}/env")
    assert done.code == 1 and "torch-2.0-variants.json" in done.err and "404" in done.err, done


@check
def variants_that_cannot_be_told_apart_are_none(place):
    index = torch("cu12", "null", json_file=wheel("other", "1.0"))
    env, done = install(place, index, *HAS_CU12)
    assert done.code == 0 and taken(place, env) == "null", done
    index = torch("cu12", json_file=wheel("other", "1.0"))
    _, done = install(place, index, *HAS_CU12, env=place.venv("none"))
    assert done.code == 1 and "it lists no variants.json of the release" in " ".join(done.err.split()), done
    newer = variants_json("torch", "2.0", {"cu12": CU12}, schema="https://schemas.example/v2.0.0.json")
    _, done = install(place, torch("cu12", json_file=newer), *HAS_CU12, env=f"{place.path}/none")
    assert done.code == 1 and "a format that is not known" in " ".join(done.err.split()), done


@check
def wheels_for_other_platforms_do_not_ask_what_the_variants_are(place):
    index = VariantIndex([variant("torch", "2.0", "cu12", CU12, tag="cp311-cp311-win_amd64"),
                          variants_json("torch", "2.0", {"cu12": CU12}), wheel("torch", "1.0")])
    env, done = install(place, index, *HAS_CU12)
    assert done.code == 0 and "torch 1.0" in done.err and not index.asked("variants.json"), (done, index.requests)


@check
def download_and_compile_choose_like_install(place):
    index = torch("null", "cu12", plain=True)
    done = place.pkg("download", "-i", index.url, "torch", *HAS_CU12, "-d", f"{place.work}/files")
    assert done.code == 0 and "torch-2.0-py3-none-any-cu12.whl" in os.listdir(f"{place.work}/files"), done
    done = place.pkg("compile", "-", "-i", index.url, "--no-header", "--no-annotate", *HAS_CU12, stdin="torch\n")
    assert done.code == 0 and done.out == "cudart==1.0\ntorch==2.0\n", done
    done = place.pkg("compile", "-", "-i", index.url, *HAS_CU12, "-o", "pylock.toml", stdin="torch\n")
    assert done.code == 0, done
    with open(f"{place.work}/pylock.toml") as lock:
        text = lock.read()
    assert "any-cu12.whl" in text and "any-null.whl" not in text and "torch-2.0-py3-none-any.whl" not in text, text
    env = place.venv()
    done = place.pkg("sync", "pylock.toml", "--python", env)
    assert done.code == 0 and taken(place, env) == "cu12", done


@check
def a_folder_of_files_is_an_index_too(place):
    folder = place.wheels(variant("torch", "2.0", "cu12", CU12), variants_json("torch", "2.0", {"cu12": CU12}))
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", "-f", folder, "torch", *HAS_CU12)
    assert done.code == 0 and taken(place, env) == "cu12", done


@check
def a_variant_that_is_named_by_its_path_has_to_fit_too(place):
    folder = place.wheels(variant("torch", "2.0", "cu12", CU12, REQUIRES), *[wheel(n, "1.0") for n in ("cudart",)])
    path = f"{folder}/torch-2.0-py3-none-any-cu12.whl"
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", "-f", folder, path, *NO_GPU)
    assert done.code == 1 and f"needs `nvidia :: {CUDA} :: 12.8`" in " ".join(done.err.split()), done
    done = place.pkg("install", "--python", env, "--no-index", "-f", folder, path, *HAS_CU12)
    assert done.code == 0 and taken(place, env) == "cu12" and "cudart 1.0" in done.err, done


@check
def a_lock_has_plain_and_null_wheels_alone_and_says_so(place):
    index = torch("null", "cu12", plain=True)
    place.write("pyproject.toml", '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\n'
                                  'dependencies = ["torch"]\n')
    done = place.pkg("lock", "-i", index.url)
    assert done.code == 0 and done.err.count("has no wheel variants: those of `torch` 2.0 (cu12)") == 1, done
    with open(f"{place.work}/pylock.toml") as lock:
        text = lock.read()
    assert "any-null.whl" in text and "any.whl" in text and "cu12" not in text, text
    assert not index.asked("variants.json"), index.requests
    os.unlink(f"{place.work}/pylock.toml")
    done = place.pkg("lock", "-i", torch("cu12").url)
    assert done.code == 1 and "`torch` has wheel variants only" in done.err, done
    assert "not in a lock" in " ".join(done.err.split()), done


def project_with_torch(place):
    place.write("pyproject.toml", '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\n'
                                  'dependencies = ["torch"]\n')


@check
def a_lock_has_what_the_null_variant_needs_and_what_the_plain_wheel_needs(place):
    index = VariantIndex([variant("torch", "2.0", "null", {}, REQUIRES, tag="py3-none-win_amd64"),
                          wheel("torch", "2.0", files={"torch/__init__.py": "variant = ''\n"}, requires=REQUIRES)] +
                         [wheel(name, "1.0") for name in ("cudart", "cpulib", "plainlib")])
    project_with_torch(place)
    done = place.pkg("lock", "-i", index.url)
    assert done.code == 0, done
    text = open(f"{place.work}/pylock.toml").read()
    assert '"cpulib"' in text and '"plainlib"' in text and "cudart" not in text, text
    done = place.pkg("sync", PKG_INDEX_URL=index.url)
    assert done.code == 0, done
    assert place.python(f"{place.work}/.venv", "import plainlib").code == 0
    assert place.pkg("check", "--python", f"{place.work}/.venv").code == 0


@check
def a_lock_refuses_a_release_whose_source_needs_something_else_than_its_null_variant(place):
    source = sdist("torch", "2.0", project("torch", "2.0"))
    files = [wheel(name, "1.0") for name in ("cudart", "cpulib", "plainlib")]
    project_with_torch(place)
    index = VariantIndex([variant("torch", "2.0", "null", {}, REQUIRES), source] + files)
    done = place.pkg("lock", "-i", index.url)
    assert done.code == 1 and "another as a source" in " ".join(done.err.split()), done
    index = VariantIndex([variant("torch", "2.0", "null", {}, ['cudart; "nvidia" in variant_namespaces', "cpulib"]),
                          source] + files)
    done = place.pkg("lock", "-i", index.url)
    assert done.code == 0, done


@check
def a_wheel_that_is_another_variant_than_its_name_says_is_refused(place):
    env = place.venv()
    for said, wanted in (("cu13", "speaks of `cu13`"), ("[", "cannot be read"), (None, "has no")):
        file_name, data = variant("torch", "2.0", "cu12" if said is None else said, CU12, REQUIRES)
        if said is None:
            data = wheel("torch", "2.0", requires=REQUIRES)[1]
        files = [("torch-2.0-py3-none-any-cu12.whl", data), variants_json("torch", "2.0", {"cu12": CU12})]
        index = VariantIndex(files + [wheel(name, "1.0") for name in ("cudart", "cpulib", "plainlib")])
        done = place.pkg("install", "--python", env, "-i", index.url, "torch", *HAS_CU12)
        assert done.code == 1 and "has the label `cu12`" in done.err and wanted in done.err, (said, done)
        assert place.pkg("list", "--python", env, "--format", "freeze").out == "", "something was installed"


@check
def hashes_of_a_compiled_file_are_of_the_chosen_variant(place):
    index = torch("null", "cu12", plain=True)
    place.write("requirements.in", "torch\n")
    done = place.pkg("compile", "requirements.in", "-o", "requirements.txt", "--generate-hashes", "-i", index.url,
                     *HAS_CU12)
    assert done.code == 0, done
    text = open(f"{place.work}/requirements.txt").read()
    chosen = dict(index.projects["torch"])["torch-2.0-py3-none-any-cu12.whl"]
    block = text[text.index("torch==2.0"):]
    assert hashlib.sha256(chosen).hexdigest() in block and block.count("--hash") == 1, text


main()
