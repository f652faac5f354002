"""Requirements files, hash mode and sources without a name, through the real binary."""
import base64, hashlib, json, os, re, sys

from sources import project, repository, sdist, write_tree
from support import Index, check, main, wheel


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def hashed(made, requirement=None):
    name, data = made
    parts = name.split("-")
    return f"{requirement or parts[0] + '==' + parts[1]} --hash=sha256:{sha256(data)}\n"


def freeze(place, env):
    return place.pkg("freeze", "--python", env).out


def serving(texts, wheels=(), password=None):
    """An index that serves texts, too: {path: text}."""
    def answer(path, headers):
        if path not in texts:
            return None
        if password and headers.get("Authorization") != "Basic " + base64.b64encode(password.encode()).decode():
            return 401, {"WWW-Authenticate": "Basic"}, b""
        return 200, {"Content-Type": "text/plain"}, texts[path].encode()
    return Index(list(wheels), answer=answer)


@check
def files_include_each_other_and_carry_index_options(place):
    index = Index([wheel("a", "1.0"), wheel("b", "1.0"), wheel("b", "2.0"), wheel("c", "1.0rc1")])
    place.write("req.txt", f"--index-url {index.url}\n-r sub/more.txt\n-c con.txt\n--pre\na # the first\n")
    place.write("sub/more.txt", "b \\\n  >=1\n-r deep.txt\n")
    place.write("sub/deep.txt", "c ; python_version > '3'\n")
    place.write("con.txt", "b<2\n")
    env = place.venv()
    done = place.pkg("install", "--python", env, "-r", "req.txt")
    assert done.code == 0 and freeze(place, env) == "a==1.0\nb==1.0\nc==1.0rc1\n", done


@check
def files_behind_urls_are_read_with_the_options_of_local_files(place):
    good = Index([wheel("a", "1.0"), wheel("b", "1.0")])
    files = serving({"/r/req.txt": "a\n-r more.txt\n", "/r/more.txt": f"-i {good.url}\nb\n"})
    base = files.url.replace("/simple/", "")
    place.write("req.txt", f"-r {base}/r/req.txt\n")
    env = place.venv()
    done = place.pkg("install", "--python", env, "-r", "req.txt")
    assert done.code == 0 and freeze(place, env) == "a==1.0\nb==1.0\n", done
    missing = place.pkg("install", "--python", env, "-r", f"{base}/r/gone.txt")
    assert missing.code != 0 and "gone.txt" in missing.err, missing


@check
def the_password_of_a_requirements_url_is_never_shown(place):
    files = serving({"/req.txt": "???\n"}, password="me:s3cret")
    base = files.url.replace("/simple/", "").replace("http://", "http://me:s3cret@")
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", "-r", f"{base}/req.txt", "-v")
    assert done.code != 0 and "req.txt:1" in done.err and "s3cret" not in done.err + done.out, done


@check
def standard_input_and_variables_are_read(place):
    folder = place.wheels(wheel("a", "1.0"))
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", "-r", "-", stdin="-f ${LINKS}\na\n", LINKS=folder)
    assert done.code == 0 and freeze(place, env) == "a==1.0\n", done


@check
def one_hash_makes_all_required_and_all_problems_are_told_at_once(place):
    a, b = wheel("a", "1.0", requires=["b"]), wheel("b", "1.0")
    folder = place.wheels(a, b)
    env = place.venv()
    install = ["install", "--python", env, "--no-index", "-f", folder]
    place.write("some.txt", hashed(a) + "b==1.0\nc>=1\n")
    done = place.pkg(*install, "-r", "some.txt")
    assert done.code != 0 and "some.txt:2" in done.err and "some.txt:3" in done.err, done
    place.write("deps.txt", hashed(a))
    done = place.pkg(*install, "-r", "deps.txt")
    assert (done.code != 0 and "`b==1.0`, needed by `a` 1.0, has no hash" in done.err and
            f"--hash=sha256:{sha256(b[1])}" in done.err), done
    place.write("wrong.txt", hashed(a) + "b==1.0 --hash=sha256:" + "0" * 64 + "\n")
    done = place.pkg(*install, "-r", "wrong.txt")
    assert done.code != 0 and freeze(place, env) == "", done
    place.write("all.txt", hashed(a) + "b==1.0 --hash=sha256:" + "0" * 64 + f" --hash=sha256:{sha256(b[1])}\n")
    done = place.pkg(*install, "-r", "all.txt")
    assert done.code == 0 and freeze(place, env) == "a==1.0\nb==1.0\n", done


@check
def hashes_can_be_required_left_aside_or_only_checked(place):
    a, b = wheel("a", "1.0"), wheel("b", "1.0")
    folder = place.wheels(a, b)
    install = lambda env, *words, **more: place.pkg("install", "--python", env, "--no-index", "-f", folder, *words,
                                                    **more)
    env = place.venv()
    assert "has no hash" in install(env, "--require-hashes", "a==1.0").err
    assert "has no hash" in install(env, "a==1.0", PIP_REQUIRE_HASHES="1").err
    wrong = "a==1.0 --hash=sha256:" + "0" * 64 + "\n"
    place.write("wrong.txt", wrong + "b\n")
    ignored = install(env, "--no-verify-hashes", "-r", "wrong.txt")
    assert ignored.code == 0 and freeze(place, env) == "a==1.0\nb==1.0\n", ignored
    other = place.venv("other")
    checked = install(other, "--no-require-hashes", "-r", "wrong.txt")
    assert checked.code != 0 and freeze(place, other) == "", checked
    place.write("right.txt", hashed(a) + "b\n")
    assert install(other, "--no-require-hashes", "-r", "right.txt").code == 0


@check
def urls_with_a_hash_count_and_sources_that_have_none_are_refused(place):
    a, b = wheel("a", "1.0"), wheel("b", "1.0")
    folder = place.wheels(a, b)
    for name in ("tree", "other"):
        write_tree(f"{place.work}/{name}", project(name, "1.0"))
    env = place.venv()
    place.write("req.txt", hashed(a) + f"b @ file://{folder}/{b[0]}#sha256={sha256(b[1])}\n")
    done = place.pkg("install", "--python", env, "--no-index", "-f", folder, "-r", "req.txt")
    assert done.code == 0 and "b @ file://" in freeze(place, env), done
    place.write("bad.txt", hashed(a) + "-e ./tree\n./other\ngit+https://git.example/x\n" + f"./wheels/{b[0]}\n")
    done = place.pkg("install", "--python", env, "--no-index", "-f", folder, "-r", "bad.txt")
    for words in ("is editable", "is a folder", "is a checkout", f"its own is --hash=sha256:{sha256(b[1])}"):
        assert words in done.err, done


@check
def hashed_sdists_are_checked_before_they_are_built(place):
    made = sdist("src", "1.0", project("src", "1.0"))
    folder = place.wheels(made)
    env = place.venv()
    place.write("good.txt", f"src==1.0 --hash=sha256:{sha256(made[1])}\n")
    zeros = " --hash=sha256:" + "0" * 64
    for line in ("src==1.0" + zeros, f"./wheels/{made[0]}" + zeros, f"src @ ./wheels/{made[0]}" + zeros +
                 zeros.replace("0", "1")):
        place.write("bad.txt", line + "\n")
        done = place.pkg("install", "--python", env, "--no-index", "-f", folder, "-r", "bad.txt")
        assert done.code != 0 and freeze(place, env) == "", done
    done = place.pkg("install", "--python", env, "--no-index", "-f", folder, "-r", "good.txt")
    assert done.code == 0 and freeze(place, env) == "src==1.0\n", done


@check
def sources_without_a_name_get_theirs(place):
    write_tree(f"{place.work}/tree",
               project("tree-name", "1.0",
                       files={"pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\n'
                                                'backend-path = ["."]\n[tool.test]\nname = "tree-name"\n'
                                                'version = "1.0"\n'}))
    place.write("snapshot.zip", sdist("zipped", "2.0", project("zipped", "2.0"), kind="zip")[1])
    repository(f"{place.path}/repo", project("from-git", "3.0"))
    place.write("req.txt", f"./tree\n./tree\n./snapshot.zip ; python_version > '3'\ngit+file://{place.path}/repo\n")
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", "-r", "req.txt")
    assert done.code == 0, done
    frozen = freeze(place, env)
    assert re.search(r"^from-git @ git\+file://\S+/repo@[0-9a-f]{40}$", frozen, re.M), frozen
    assert f"tree-name @ file://{place.work}/tree\n" in frozen and "zipped @ file://" in frozen, frozen


@check
def config_settings_of_a_line_reach_the_backend_of_that_line_only(place):
    for name in ("one", "two"):
        write_tree(f"{place.work}/{name}", project(name, "1.0"))
    place.write("req.txt", "./one -C key=a -C key=b --config-settings other=1\n./two\n")
    env = place.venv()
    done = place.pkg("install", "--python", env, "--no-index", "-r", "req.txt")
    assert done.code == 0, done
    assert place.python(env,
                        "import one.settings; print(one.settings.settings)").out == (
        "{'key': ['a', 'b'], 'other': '1'}\n")
    assert place.python(env, "import two.settings").code != 0


@check
def words_are_read_as_pip_reads_them(place):
    write_tree(f"{place.work}/proj", project("proj", "1.0"))
    os.mkdir(f"{place.work}/empty")
    env = place.venv()
    install = lambda *words: place.pkg("install", "--python", env, "--no-index", *words)
    assert "proj" in install("proj").err and install("proj").code != 0  # a name, not the folder
    assert "no such file or folder: `./gone`" in install("./gone").err
    assert "neither `pyproject.toml` nor `setup.py`" in install("./empty").err
    assert install("proj @ ./proj").code == 0
    assert install("proj @ file:proj").code == 0
    assert install("-e", "proj @ file:./proj").code == 0
    assert freeze(place, env).endswith(f"-e {place.work}/proj\n"), freeze(place, env)


@check
def a_lock_is_a_requirements_file_too(place):
    a = wheel("a", "1.0")
    folder = place.wheels(a)
    place.write("pylock.toml", f'lock-version = "1.0"\ncreated-by = "test"\n[[packages]]\nname = "a"\nversion = "1.0"\n'
                               f'[[packages.wheels]]\nname = "{a[0]}"\npath = "wheels/{a[0]}"\n'
                               f'hashes = {{ sha256 = "{sha256(a[1])}" }}\n')
    env = place.venv()
    done = place.pkg("install", "--python", env, "-r", "pylock.toml")
    assert done.code == 0 and "a" in freeze(place, env), done


main()
