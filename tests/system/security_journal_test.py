"""An environment folder is input: what lies in it, its journal, its links and its lock, never makes pkg change anything
outside; reading verbs change nothing at all; only what this user's pkg wrote is obeyed."""
import hashlib, hmac, os, shutil, struct, subprocess, time

from folder_swap import swapped
from support import check, main, tree, wheel

READING = (
    ["list"], ["freeze"], ["show", "held"], ["check"], ["verify"], ["tree"], ["inspect"], ["why", "held"],
    ["install", "--dry-run", "--no-index", "held"], ["uninstall", "--dry-run", "held"],
    ["run", "--no-sync", "--", "true"],
)
WRITING = (["install", "--no-index", "-f", "wheels", "other"], ["uninstall", "held"])


def paths(lists):
    return b"".join(struct.pack("<I", len(each)) + b"".join(struct.pack("<I", len(p)) + p.encode() for p in each)
                    for each in lists)


def old_journal(moved, created):
    text = b"pkg journal 1\n" + paths((moved, created))
    return text + hashlib.sha256(text).digest()


def journal(key, moved, created):
    body = paths((moved, created))
    mac = hmac.new(key, b"pkg journal 2\0" + body, hashlib.sha256).hexdigest()
    return b"pkg journal 2 " + mac.encode() + b"\n" + body


def own_key(place):
    with open(f"{place.path}/home/.local/state/pkg/environment-key", "rb") as key:
        return key.read()


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(content)


def victim(place):
    folder = f"{place.path}/victim"
    shutil.rmtree(folder, ignore_errors=True)
    write(f"{folder}/docs/thesis.txt", b"precious")
    write(f"{folder}/.bashrc", b"# mine\n")
    write(f"{folder}/tx/deep/keep", b"x")
    return folder


def environment(place):
    """An environment with `held` in it, where pkg finds it; made once, then copied."""
    template, env = f"{place.path}/template", f"{place.work}/.venv"
    if not os.path.isdir(template):
        place.wheels(wheel("held", "1.0"),
                     wheel("other", "1.0", entry_points="[console_scripts]\nother = other:main\n"))
        place.venv("work/.venv")
        done = place.pkg("install", "--no-index", "-f", "wheels", "held==1.0")
        assert done.code == 0, done
        shutil.rmtree(f"{env}/.pkg")
        os.rename(env, template)
    shutil.rmtree(env, ignore_errors=True)
    shutil.copytree(template, env, symlinks=True)
    return env


def planted(env, text, trash=b"echo pwned\n"):
    write(f"{env}/.pkg/tx/journal", text)
    write(f"{env}/.pkg/tx/trash/0", trash)


def site_of(env):
    return f"{env}/lib/{os.listdir(f'{env}/lib')[0]}/site-packages"


def forms(write_journal):
    """(name, prepare(env, victim)): the ways a checkout can bring a journal, a state folder or a lock that lead
    elsewhere."""
    def out(env, target):
        os.symlink(target, f"{env}/out")

    def delete(env, target):
        out(env, target)
        planted(env, write_journal([], ["out/docs"]))

    def overwrite(env, target):
        out(env, target)
        planted(env, write_journal(["out/.bashrc"], []))

    def create(env, target):
        out(env, target)
        planted(env, write_journal(["out/.ssh/authorized_keys"], []))

    def absolute(env, target):
        planted(env, write_journal([f"{target}/.bashrc"], []))

    def site_link(env, target):
        site = site_of(env)
        shutil.rmtree(site)
        os.symlink(target, site)
        planted(env, write_journal([f"{os.path.relpath(site, env)}/.bashrc"], []))

    def state_link(env, target):
        os.symlink(target, f"{env}/.pkg")

    def tx_link(env, target):
        os.makedirs(f"{env}/.pkg")
        os.symlink(target, f"{env}/.pkg/tx")

    def aside_link(env, target):
        planted(env, write_journal([], ["bin2"]))
        os.makedirs(f"{env}/bin2")
        os.symlink(target, f"{env}/.pkg/tx/aside")

    def lock_link(env, target):
        planted(env, write_journal([], ["nothing"]))
        os.symlink(f"{target}/.bashrc", f"{env}/.pkg/lock")

    return [(f.__name__, f) for f in (delete, overwrite, create, absolute, site_link, state_link, tx_link, aside_link,
                                      lock_link)]


@check
def no_journal_that_came_with_a_folder_changes_anything(place):
    target, env = victim(place), environment(place)
    before = tree(target)
    cases = [(form, verb) for form in forms(old_journal) for verb in (["list"], *WRITING)]
    cases += [(form, ["uninstall", "held"]) for form in forms(lambda m, c: journal(b"\0" * 32, m, c))]
    for (name, prepare), verb in cases:
        env = environment(place)
        prepare(env, target)
        planted_tree = tree(env)
        done = place.pkg(*verb)
        assert tree(target) == before, (name, verb, done)
        if verb[0] == "list":
            assert tree(env) == planted_tree and done.code == 0 and done.err.count("waits") == 1, (name, done)
        else:
            assert done.code == 1 and done.err.count("error:") == 1 and env in done.err, (name, verb, done)


@check
def a_journal_with_the_users_own_mac_still_follows_no_link(place):
    environment(place)
    target, key = victim(place), own_key(place)
    before = tree(target)
    for name, prepare in forms(lambda m, c: journal(key, m, c)):
        env = environment(place)
        prepare(env, target)
        done = place.pkg("uninstall", "never-there")
        assert tree(target) == before, (name, done)
        assert done.code == 1 and done.err.count("error:") == 1, (name, done)


@check
def verbs_that_read_say_that_recovery_waits_and_change_nothing(place):
    env = environment(place)
    planted(env, journal(own_key(place), ["bin/thing"], []))
    before = tree(env)
    for verb in READING:
        done = place.pkg(*verb)
        assert tree(env) == before, (verb, done)
        assert done.code == 0 and done.err.count("an interrupted change of") == 1, (verb, done)


@check
def verbs_that_write_undo_what_this_user_left(place):
    for verb in WRITING:
        env = environment(place)
        planted(env, journal(own_key(place), ["bin/thing"], []), b"old")
        done = place.pkg(*verb)
        assert done.code == 0, (verb, done)
        with open(f"{env}/bin/thing", "rb") as thing:
            assert thing.read() == b"old"
        assert not os.path.exists(f"{env}/.pkg/tx")


@check
def a_copied_environment_recovers_itself_and_another_users_does_not(place):
    env = environment(place)
    planted(env, journal(own_key(place), ["bin/thing"], []), b"old")
    copy = f"{place.path}/copy"
    shutil.copytree(env, copy, symlinks=True)
    before = tree(env)
    done = place.pkg("uninstall", "never-there", HOME=f"{place.path}/other-home")
    assert (done.code == 1 and "was not written by this user's pkg on this machine" in done.err and
            ".pkg/tx/journal" in done.err), done
    assert {p: v for p, v in tree(env).items() if p != ".pkg/lock"} == before
    done = place.pkg("uninstall", "--python", copy, "never-there")
    assert done.code == 0 and os.path.exists(f"{copy}/bin/thing") and not os.path.exists(f"{env}/bin/thing"), done


@check
def the_key_is_its_owners_alone(place):
    environment(place)
    folder = f"{place.path}/home/.local/state/pkg"
    assert os.stat(folder).st_mode & 0o777 == 0o700
    assert os.stat(f"{folder}/environment-key").st_mode & 0o777 == 0o600
    assert len(own_key(place)) == 32


@check
def without_a_place_for_the_key_a_change_goes_on_and_says_what_is_lost(place):
    environment(place)
    for folder in ("home/.local/state/pkg", "cache/pkg"):
        key = f"{place.path}/{folder}/environment-key"
        if os.path.exists(key):
            os.remove(key)
        os.symlink("/dev/zero", key)
    done = place.pkg("install", "-v", "--no-index", "-f", "wheels", "other")
    assert done.code == 0 and done.err.count("could not undo it") == 1, done


@check
def the_lock_holds_no_argument(place):
    env = environment(place)
    done = place.pkg("install", "--index-url", "http://user:canary@127.0.0.1:1/simple/", "--no-index", "-f", "wheels",
                     "other")
    assert done.code == 0, done
    with open(f"{env}/.pkg/lock") as lock:
        words = lock.read().split()
    assert len(words) == 2 and words[0].isdigit() and words[1] == "install", words
    for base, _, files in os.walk(place.path):
        for name in files:
            if "lock" in name and os.path.isfile(f"{base}/{name}"):
                with open(f"{base}/{name}", "rb") as text:
                    assert b"canary" not in text.read(), name


@check
def a_list_of_links_or_a_sync_state_that_came_along_counts_for_nothing(place):
    env = environment(place)
    target = victim(place)
    site, before = site_of(env), tree(target)
    os.symlink(target, f"{site}/linked")
    below = os.path.relpath(f"{site}/linked", env)
    write(f"{env}/.pkg/links", b"pkg links 1\n" + below.encode() + b"\0" + target.encode() + b"\0")
    with open(f"{site}/held-1.0.dist-info/RECORD", "a") as record:
        record.write("linked/.bashrc,,\nlinked/docs/thesis.txt,,\n")
    done = place.pkg("uninstall", "held")
    assert done.code == 0 and os.path.islink(f"{site}/linked") and tree(target) == before, done


@check
def folders_of_the_environment_that_lead_out_are_refused(place):
    for name in ("bin", "include", "lib"):
        env = environment(place)
        outside = f"{place.path}/outside"
        shutil.rmtree(outside, ignore_errors=True)
        os.rename(f"{env}/{name}", outside) if os.path.isdir(f"{env}/{name}") else os.makedirs(outside)
        os.symlink(outside, f"{env}/{name}")
        before = tree(outside)
        for verb in WRITING:
            done = place.pkg(*verb)
            assert tree(outside) == before, (name, verb, done)
            assert done.code == 1 and "leads out" in done.err, (name, verb, done)


@check
def folders_that_are_swapped_for_links_meanwhile_lead_nowhere(place):
    environment(place)
    for name in ("racing", "steady"):
        for version in ("1.0", "2.0"):
            files = {f"{name}/part{i}/m{j}.py": f"v = {version!r}\n" for i in range(6) for j in range(6)}
            place.wheels(wheel(name, version, files, entry_points=f"[console_scripts]\n{name} = {name}:main\n"))
    canary = victim(place)
    os.makedirs(f"{canary}/part0")
    before = tree(canary)
    env = environment(place)
    site = os.path.relpath(site_of(env), env)
    rounds = 0
    start = time.monotonic()
    for i in range(40):
        if time.monotonic() - start > 12:
            break  # a slow machine; tests/kill/swap_test.py does more of them
        env = environment(place)
        if i % 4:  # something to upgrade or take away
            place.pkg("install", "--no-index", "-f", "wheels", "racing==1.0", "steady==1.0")
        folder = ("bin", f"{site}/racing", f"{site}/racing/part0", site)[i // 4 % 4]
        with swapped(f"{env}/{folder}", f"{env}/elsewhere", canary):
            verb = ["uninstall", "racing"] if i % 4 == 2 else ["install", "--no-index", "-f", "wheels", "racing==2.0",
                                                               "steady==2.0"]
            done = place.pkg(*verb)
        rounds += 1
        assert tree(canary) == before, (i, folder, verb, done)
        assert done.code in (0, 1) and "internal" not in done.err, (i, folder, done)
    assert rounds >= 4, rounds


main()
