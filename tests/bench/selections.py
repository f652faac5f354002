#!/usr/bin/env python3
"""How locking grows with a project's extras, groups, markers and conflict sets, on synthetic worlds.

    selections.py --pkg build/release/pkg [--uv uv] [--tables extras groups markers machines sets members]
    [--sizes 10 60 200] [--runs 3]

One line for each table and size: processor time, peak memory and bytes of the lock, warm (the cache has everything),
beside uv's where it is given. resolver_growth_bench.cpp counts nodes and runs of the solver for the like."""
import argparse, os, statistics, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import budget, measure, serve, world

PACKAGES = 20
TITLES = {"extras": "extras of four projects each", "groups": "dependency groups of four projects each",
          "markers": "requirements with a condition each", "machines": "extras, each with a machine of its own",
          "sets": "conflict sets of two", "members": "members of one conflict set"}


def shared(number: int) -> str:
    return f"shared{number:02d}"


def projects(own: int) -> list[world.Project]:
    """Twenty projects of two releases, most of which need the next one, and as many alone as are asked for."""
    chain = [world.Project(shared(number), [world.Release(f"{version}.0", [] if number % 5 == 4 else
             [shared(number + 1)]) for version in (1, 2)]) for number in range(PACKAGES)]
    alone = [world.Release("1.0"), world.Release("2.0")]
    return chain + [world.Project(f"own{number:03d}", alone) for number in range(own)]


def four(number: int) -> list[str]:
    return [shared((number * 7 + n * (n + number % 5 + 1)) % PACKAGES) for n in range(4)]


def listed(name: str, items: list[str]) -> str:
    return f"{name} = [{', '.join(repr(item) for item in items)}]\n"


def project_text(table: str, size: int) -> str:
    dependencies, extras, groups, conflicts = [shared(0)], {}, {}, []
    for number in range(size):
        if table == "extras":
            extras[f"extra{number}"] = four(number)
        elif table == "groups":
            groups[f"group{number}"] = four(number)
        elif table == "markers":
            dependencies.append(f"own{number:03d} ; platform_machine == 'm{number}' and python_version < "
                                f"'3.{10 + number % 5}'")
        elif table == "machines":
            extras[f"extra{number}"] = [f"{shared(9)} ; platform_machine == 'm{number}'"]
        elif table == "sets":
            for version in (1, 2):
                extras[f"extra{number}-{version}"] = [f"own{number:03d}=={version}.0"]
            conflicts.append([f"extra{number}-1", f"extra{number}-2"])
        else:
            extras[f"extra{number}"] = [f"{shared(9)}=={number % 2 + 1}.0", f"own{number:03d}"]
    if table == "members" and size > 1:
        conflicts.append(list(extras))
    text = '[project]\nname = "work"\nversion = "1"\nrequires-python = ">=3.10"\n'
    text += listed("dependencies", dependencies)
    text += "[project.optional-dependencies]\n" + "".join(listed(name, items) for name, items in extras.items())
    text += "[dependency-groups]\n" + "".join(listed(name, items) for name, items in groups.items())
    sets = ", ".join("[" + ", ".join(f'{{extra = "{name}"}}' for name in one) + "]" for one in conflicts)
    return text + f"[tool.uv]\nconflicts = [{sets}]\n"


class Selections:
    def __init__(self, options, work, tools, probes):
        self.options, self.work, self.tools, self.probes = options, work, tools, probes

    def figures(self, tool, table, size) -> str:
        project, cache = f"{self.work}/{table}-{size}-{tool.name}", f"{self.work}/{tool.name}-cache"
        os.makedirs(project)
        with open(f"{project}/pyproject.toml", "w") as out:
            out.write(project_text(table, size))
        runs, lock_file = [], tool.lock_file(project)
        try:
            self.probes.run(tool.lock(project, cache))
            for _ in range(self.options.runs):
                os.remove(lock_file)
                runs.append(self.probes.timed(tool.lock(project, cache)))
        except RuntimeError as error:
            return str(error).strip().splitlines()[-1][:60] + " | – | –"
        cpu, rss = (statistics.median(run[key] for run in runs) for key in ("cpu_ms", "rss_mib"))
        return f"{cpu:.0f} | {rss:.0f} | {os.path.getsize(lock_file):,}"

    def run(self):
        for table in self.options.tables:
            heads = [f" {tool.name}: cpu ms | MiB | lock bytes |" for tool in self.tools]
            print(f"\n**{TITLES[table]}**\n\n| size |" + "".join(heads))
            print("|---" * (1 + 3 * len(self.tools)) + "|")
            for size in self.options.sizes:
                cells = [self.figures(tool, table, size) for tool in self.tools]
                print(f"| {size} | " + " | ".join(cells) + " |", flush=True)


def lock_tools(options, work):
    """pkg, and uv where it is given, without an index yet; and what measures them, with a home in the folder `work`."""
    sys.path.insert(0, budget.bench_folder())
    import compare

    os.mkdir(f"{work}/home")
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("PIP_", "UV_", "PKG_", "VIRTUAL_ENV", "PYTHON"))}
    probes = measure.Probes(work, {**environment, "HOME": f"{work}/home", "PIP_CONFIG_FILE": "/dev/null",
                                   "NO_COLOR": "1"})
    tools = [compare.Pkg("pkg", os.path.abspath(options.pkg), "", options.python)]
    return tools + ([compare.Uv("uv", options.uv, "", options.python)] if options.uv else []), probes


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pkg", default=f"{budget.ROOT}/build/release/pkg")
    parser.add_argument("--uv")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--tables", nargs="*", default=list(TITLES), choices=list(TITLES))
    parser.add_argument("--sizes", nargs="*", type=int, default=[1, 10, 60, 200])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="selections-", ignore_cleanup_errors=True) as work:
        tools, probes = lock_tools(options, work)
        world.write(f"{work}/index", projects(max(options.sizes)))
        with serve.best(f"{work}/index") as server:
            for tool in tools:
                tool.index = server.url
            Selections(options, work, tools, probes).run()


if __name__ == "__main__":
    main()
