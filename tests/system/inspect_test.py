"""The verbs that only look, with the words and formats of pip: list, freeze, show, check, inspect, debug, config."""
import json, os, re

from sources import project, repository, write_tree
from support import check, main, wheel

APP = ("Summary: An app\nAuthor: Me\nAuthor-email: me@h.example\nLicense: MIT\nClassifier: Topic :: X\n"
       "Classifier: Topic :: A\n"
       "Project-URL: Docs, https://d.example\nProject-URL: Home-Page, https://h.example\n")


def filled(place):
    """(environment, folder of wheels): app 1.0, lib 2.1, Zope.Interface 5.0; app 2.0 and 3.0rc1 could be had."""
    folder = place.wheels(
        wheel("app", "1.0", requires=["lib>=2", "Zope.Interface", "opt; extra == 'x'"], extras=["x"],
              metadata_extra=APP, entry_points="[console_scripts]\nrun-app = app:main\n"),
        wheel("app", "2.0"), wheel("app", "3.0rc1"), wheel("lib", "2.1"), wheel("Zope.Interface", "5.0"))
    env = place.venv()
    assert place.pkg("install", "--python", env, "--no-index", "-f", folder, "app==1.0").code == 0
    os.remove(f"{folder}/lib-2.1-py3-none-any.whl")
    return env, folder


@check
def list_prints_pips_columns(place):
    env, folder = filled(place)
    index = ["--no-index", "-f", folder]
    pkg_list = lambda *words: place.pkg("list", "--python", env, *words).out
    assert (pkg_list() == "Package        Version\n-------------- -------\napp            1.0\nlib            2.1\n"
                          "Zope.Interface 5.0\n")
    assert pkg_list("--outdated",
                    *index) == (
        "Package Version Latest Type\n------- ------- ------ -----\napp     1.0     2.0    wheel\n")
    assert "3.0rc1" in pkg_list("--outdated", "--pre", *index)
    assert (json.loads(pkg_list("-o", "--format", "json", *index)) ==
            [{"name": "app", "version": "1.0", "latest_version": "2.0", "latest_filetype": "wheel"}])
    # lib is on no index: neither outdated nor up to date.
    assert (json.loads(pkg_list("--uptodate", "--format", "json", *index)) ==
            [{"name": "Zope.Interface", "version": "5.0"}])
    assert pkg_list("--outdated", "--no-binary", ":all:", *index) == ""
    assert pkg_list("--not-required", "--format", "freeze") == "app==1.0\n"
    site = f"{env}/lib/python3.11/site-packages"
    assert pkg_list("--format", "freeze", "-v", "--exclude",
                    "app") == f"lib==2.1 ({site})\nZope.Interface==5.0 ({site})\n"
    assert place.pkg("list", "--path", site, "--format", "freeze").out == "app==1.0\nlib==2.1\nZope.Interface==5.0\n"
    assert place.pkg("list", "--python", env, "-o", "-u", *index).code == 2
    assert place.pkg("list", "--python", env, "-o", "--format", "freeze", *index).code == 2
    assert "does not see packages of the user" in place.pkg("list", "--python", env, "--user").err


@check
def editables_have_their_column_and_their_line(place):
    env, folder = filled(place)
    tree = write_tree(f"{place.work}/ed", project("ed", "0.1"))
    assert place.pkg("install", "--python", env, "--no-index", "-e", "./ed").code == 0
    listed = place.pkg("list", "--python", env, "--editable").out
    assert (listed.splitlines()[0].split("  ")[-1].strip().endswith("Editable project location") and
            listed.rstrip().endswith(tree)), listed
    assert "ed " not in place.pkg("list", "--python", env, "--exclude-editable").out
    assert (json.loads(place.pkg("list", "--python", env, "-e", "--format", "json").out) ==
            [{"name": "ed", "version": "0.1", "editable_project_location": tree}])
    assert place.pkg("freeze", "--python",
                     env).out.splitlines()[1:3] == ["# Editable, without a remote repository (ed==0.1)", f"-e {tree}"]
    assert "-e" not in place.pkg("freeze", "--python", env, "--exclude-editable").out
    shown = place.pkg("show", "--python", env, "ed").out
    assert f"Editable project location: {tree}\n" in shown, shown


@check
def an_editable_in_a_folder_with_blanks_is_frozen_so_that_it_can_be_read_again(place):
    env, other = place.venv(), place.venv("other")
    write_tree(f"{place.work}/a b#c", project("ed", "0.1"))
    assert place.pkg("install", "--python", env, "--no-index", "-e", "./a b#c").code == 0
    frozen = place.pkg("freeze", "--python", env).out
    assert frozen.splitlines()[-1] == f"-e file://{place.work}/a%20b%23c", frozen
    again = place.pkg("install", "--python", other, "--no-index", "-r", place.write("r.txt", frozen))
    assert again.code == 0 and place.pkg("freeze", "--python", other).out == frozen, again


@check
def an_editable_in_a_checkout_is_frozen_by_its_commit(place):
    env = place.venv()
    commit = repository(f"{place.work}/repo", project("ed", "0.1"))
    from sources import git
    git(f"{place.work}/repo", "remote", "add", "origin", "git@git.example:me/ed.git")
    assert place.pkg("install", "--python", env, "--no-index", "-e", "./repo").code == 0
    assert place.pkg("freeze", "--python", env).out == f"-e git+ssh://git@git.example/me/ed.git@{commit}#egg=ed\n"


@check
def freeze_keeps_the_order_and_comments_of_a_file(place):
    env, folder = filled(place)
    place.write("req.txt", "# what we need\n--index-url https://index.example/simple\n\n"
                           "zope.interface>=4  # interfaces\nabsent==1\napp[x]==1.0 \\\n"
                           "  --hash=sha256:00\n./nowhere\n")
    done = place.pkg("freeze", "--python", env, "-r", "req.txt")
    assert (done.out == "# what we need\n--index-url https://index.example/simple\n\nZope.Interface==5.0\napp==1.0\n"
                        "## Installed, and named by no file:\nlib==2.1\n"), done
    assert "req.txt:5: `absent` is not installed" in done.err and "req.txt:8" in done.err, done
    assert place.pkg("freeze", "--path", f"{env}/lib/python3.11/site-packages", "--exclude",
                     "lib").out == "app==1.0\nZope.Interface==5.0\n"


@check
def show_prints_pips_fields(place):
    env, folder = filled(place)
    site = f"{env}/lib/python3.11/site-packages"
    expected = f"""Name: app
Version: 1.0
Summary: An app
Home-page: https://h.example
Author: Me
Author-email: me@h.example
License: MIT
Location: {site}
Requires: lib, Zope.Interface
Required-by: 
"""
    assert place.pkg("show", "--python", env, "app").out == expected, place.pkg("show", "--python", env, "app")
    verbose = place.pkg("show", "--python", env, "-v", "app").out
    assert verbose == expected + """Metadata-Version: 2.1
Installer: pkg
Classifiers:
  Topic :: X
  Topic :: A
Entry-points:
  [console_scripts]
  run-app = app:main
Project-URLs:
  Docs, https://d.example
  Home-Page, https://h.example
""", verbose
    files = place.pkg("show", "--python", env, "-f", "lib").out
    assert "Required-by: app\nFiles:\n" in files and "  lib/__init__.py\n" in files, files
    both = place.pkg("show", "--python", env, "lib", "absent", "app")
    assert both.code == 0 and "\n---\n" in both.out and "absent" in both.err, both
    assert place.pkg("show", "--python", env, "absent").code == 1


@check
def check_says_what_is_broken(place):
    env, folder = filled(place)
    assert place.pkg("check", "--python", env).out == "No broken requirements found.\n"
    place.wheels(wheel("broken", "1.0", requires=["absent>1", "lib<2"]))
    assert place.pkg("install", "--python", env, "--no-index", "-f", folder, "--no-deps", "broken").code == 0
    done = place.pkg("check", "--python", env)
    assert (done.code == 1 and done.out == "broken 1.0 requires absent>1, which is not installed.\n"
                                           "broken 1.0 has requirement lib<2, but you have lib 2.1.\n"), done


@check
def inspect_is_pips_report(place):
    env, folder = filled(place)
    report = json.loads(place.pkg("inspect", "--python", env).out)
    assert report["version"] == "1" and report["environment"]["python_version"] == "3.11", report
    app = report["installed"][0]
    assert app["metadata"]["name"] == "app" and app["metadata"]["requires_dist"] == ["lib>=2", "Zope.Interface",
        "opt; extra == 'x'"], app
    assert app["requested"] and app["installer"] == "pkg" and app["metadata_location"].endswith("/app-1.0.dist-info"), (
        app)


@check
def debug_tells_the_interpreter_its_tags_and_the_settings(place):
    env = place.venv()
    done = place.pkg("debug", "--python", env, "--index-url", "https://me:s3cret@index.example/simple")
    assert done.code == 0 and re.search(r"^pkg version: \d", done.out) and "compatible tags:" in done.out, done
    assert "s3cret" not in done.out and "index.example" in done.out, done
    assert len(place.pkg("debug", "--python", env, "-v").out) > len(done.out)
    assert "cp311-cp311-" in json.loads(place.pkg("debug", "--python", env, "--json").out)["tags"][0]


@check
def config_shows_and_changes_pips_files(place):
    user = f"{place.path}/home/.config/pip/pip.conf"
    config = lambda *words, **more: place.pkg("config", *words, PIP_CONFIG_FILE=more.pop("file", ""), **more)
    assert config("set", "global.timeout", "30").code == 0 and "timeout = 30" in open(user).read()
    assert config("set", "install.no-deps", "true").code == 0
    assert config("get", "global.timeout").out == "30\n" and config("get", "install.no-deps").out == "true\n"
    assert f"timeout = 30  ({user} [global])" in config("list").out and "install.no-deps = true" in config("list").out
    assert config("list", "--user").out == f"global.timeout = 30  ({user})\ninstall.no-deps = true  ({user})\n", (
        config("list", "--user"))
    assert config("get", "global.absent").code == 1
    assert config("unset", "install.no-deps").code == 0 and config("unset", "install.no-deps").code == 1
    assert config("set", "--user", "--site", "a.b", "c").code == 2
    assert config("set", "--site", "a.b", "c").code == 2
    env = place.venv()
    assert config("set", "--site", "global.retries", "2",
                  VIRTUAL_ENV=env).code == 0 and "retries = 2" in open(f"{env}/pip.conf").read()
    assert config("set", "global.retries", "3",
                  VIRTUAL_ENV=env).code == 0 and "retries = 3" in open(f"{env}/pip.conf").read()
    assert config("edit", EDITOR="sed -i s/30/31/").code == 0 and config("get", "timeout").out == "31\n"
    assert config("edit", VISUAL="", EDITOR="").code == 2
    assert "(absent)" in config("debug").out


main()
