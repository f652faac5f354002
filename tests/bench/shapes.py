#!/usr/bin/env python3
"""Locks of projects that ask for what real ones ask for, over a synthetic index.

    shapes.py --pkg build/release/pkg [--uv uv] [--shapes transformers pandas airflow home-assistant] [--runs 10]
    [--out docs/internals/benchmarks.md]

The requirements, extras and bounds are those of the project (shapes/*.txt); home-assistant is 1,300 pins, one in ten
with a condition. Each project that is asked for exists in the versions that its bounds name, and needs some of forty
shared ones, so that the work is of the same shape whatever the real index holds on the day. Warm: the cache has
everything, the lock is gone. Tools run in turn; medians."""
import argparse, os, random, re, statistics, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import budget, selections, serve, tables, world
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.version import Version

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "shapes")
SHARED, MOST_VERSIONS, PINS = 40, 12, 1300
EXTRA = re.compile(r"""(?:\s+and\s+)?\bextra\s*==\s*(['"])(?P<name>[^'"]+)\1""")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def read_shape(name: str):
    """(requires-python, requirements, {extra: requirements}), without the markers about extras."""
    python, plain, extras = ">=3.10", [], {}
    with open(f"{FOLDER}/{name}.txt") as lines:
        for key, _, value in (line.strip().partition(": ") for line in lines if not line.startswith("#")):
            if key == "Requires-Python":
                python = value
                continue
            found = EXTRA.search(value)
            text = re.sub(r"\s*;\s*$", "", EXTRA.sub("", value))
            (extras.setdefault(normal(found["name"]), []) if found else plain).append(text)
    return python, plain, extras


def pins():
    dice = random.Random(7)
    conditions = ("sys_platform == 'linux'", "python_version < '3.14'", "platform_machine != 'armv7l'")
    return ">=3.13", [f"pin{number:04d}=={dice.randrange(1, 9)}.{dice.randrange(9)}.0" +
                      (f" ; {dice.choice(conditions)}" if number % 10 == 3 else "") for number in range(PINS)], {}


def versions_for(requirements) -> list[str]:
    """Those that bounds name and the next after each, and some beyond: newest that suit most are kept."""
    found = {Version("1.0"), Version("2.0"), Version("3.0")}
    for requirement in requirements:
        for specifier in requirement.specifier:
            version = Version(specifier.version.removesuffix(".*"))
            found |= {version, Version(f"{version.public}.1"), Version(f"{version.major + 1}.0")}
    liked = sorted(found, key=lambda version: (sum(one.specifier.contains(version, prereleases=True)
                                                   for one in requirements), version), reverse=True)
    return [str(version) for version in sorted(liked[:MOST_VERSIONS])]


def projects(own: str, texts: list[str]) -> list[world.Project]:
    asked = {}
    for text in texts:
        requirement = Requirement(text)
        asked.setdefault(normal(requirement.name), []).append(requirement)
    asked.pop(own, None)
    made = [world.Project(selections.shared(number), [world.Release(f"{version}.0", [] if number % 5 == 4 else
            [selections.shared(number + 1)]) for version in (1, 2)]) for number in range(SHARED)]
    for name, requirements in sorted(asked.items()):
        dice = random.Random(name)
        extras = sorted({extra for requirement in requirements for extra in requirement.extras})
        needs = [selections.shared(dice.randrange(SHARED)) for _ in range(dice.randrange(4))]
        needs += [f'{selections.shared(dice.randrange(SHARED))} ; extra == "{extra}"' for extra in extras]
        made.append(world.Project(name, [world.Release(version, needs, extras)
                                         for version in versions_for(requirements)]))
    return made


def project_text(name: str, python: str, plain: list[str], extras: dict) -> str:
    text = f'[project]\nname = "{name}"\nversion = "1"\nrequires-python = "{python}"\n'
    text += selections.listed("dependencies", plain) + "[project.optional-dependencies]\n"
    return text + "".join(selections.listed(extra, items) for extra, items in extras.items())


class Shapes:
    def __init__(self, options, work, tools, probes):
        self.options, self.work, self.tools, self.probes = options, work, tools, probes

    def row(self, shape: str) -> str:
        python, plain, extras = pins() if shape == "home-assistant" else read_shape(shape)
        name = "apache-airflow" if shape == "airflow" else shape
        texts = plain + [text for items in extras.values() for text in items]
        index, runs = f"{self.work}/index-{shape}", {tool.name: [] for tool in self.tools}
        world.write(index, projects(name, texts))
        with serve.best(index) as server:
            for tool in self.tools:
                tool.index = server.url
                folder = f"{self.work}/{shape}-{tool.name}"
                os.makedirs(folder)
                with open(f"{folder}/pyproject.toml", "w") as out:
                    out.write(project_text(name, python, plain, extras))
                self.probes.run(tool.lock(folder, f"{folder}-cache"))
            for _ in range(self.options.runs):
                for tool in self.tools:
                    folder = f"{self.work}/{shape}-{tool.name}"
                    os.remove(tool.lock_file(folder))
                    runs[tool.name].append(self.probes.timed(tool.lock(folder, f"{folder}-cache")))
        middle = {tool: {key: statistics.median(run[key] for run in found) for key in ("wall_ms", "cpu_ms", "rss_mib")}
                  for tool, found in runs.items()}
        cells = [f"{one['wall_ms']:.0f} | {one['cpu_ms']:.0f} | {one['rss_mib']:.0f}" for one in middle.values()]
        if len(self.tools) == 2:
            mine, other = middle.values()
            cells.append(f"{mine['cpu_ms'] / other['cpu_ms']:.2f} | {mine['rss_mib'] / other['rss_mib']:.2f}")
        return f"| {shape} | {len(texts)} | {len(extras)} | " + " | ".join(cells) + " |"

    def table(self) -> str:
        heads = [f" {tool.name}: wall ms | cpu ms | MiB |" for tool in self.tools]
        heads += [" cpu ratio | memory ratio |"] if len(self.tools) == 2 else []
        lines = ["| shape | requirements | extras |" + "".join(heads)]
        lines.append("|---" * (lines[0].count("|") - 1) + "|")
        for shape in self.options.shapes:
            lines.append(self.row(shape))
            print(lines[-1], flush=True)
        return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pkg", default=f"{budget.ROOT}/build/release/pkg")
    parser.add_argument("--uv")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--shapes", nargs="*", default=["transformers", "pandas", "airflow", "home-assistant"])
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--out", help="put the table into this page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="shapes-", ignore_cleanup_errors=True) as work:
        tools, probes = selections.lock_tools(options, work)
        table = Shapes(options, work, tools, probes).table()
    if options.out:
        tables.put(options.out, "shapes", table)


if __name__ == "__main__":
    main()
