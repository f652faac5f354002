"""install-warm, install-noop and uninstall by link mode, pkg beside uv, interleaved, as compare.py does for the default
mode."""
import os, statistics

import budget, measure

MODES = ("hardlink", "symlink", "copy")


class Mode:
    """A tool that always says its link mode, with environments of its own and the tool's one cache."""

    def __init__(self, tool, mode):
        self.tool, self.mode, self.name = tool, mode, f"{tool.name} {mode}"

    def __getattr__(self, name):
        return getattr(self.tool, name)

    def install(self, pins, env, cache, *extra):
        return self.tool.install(pins, env, cache, "--link-mode", self.mode, *extra)


def run(compare, tools, work, environment, runs) -> list[dict]:
    """One row for each workload: {"workload": …, "tools": {"pkg hardlink": figures, …}}, medians."""
    probes = measure.Probes(work, environment)
    workloads = budget.Workloads(work, compare, probes)
    workloads.make_projects([])
    workloads.path = lambda name, tool=None: f"{work}/{name}" + (f"-{tool.tool.name}" if tool and name == "cache"
        else f"-{tool.name.replace(' ', '-')}" if tool else "")
    modes = [Mode(tool, mode) for mode in MODES for tool in tools]
    rows = []
    for name, before, command in workloads.all():
        if name not in ("install-warm", "install-noop", "uninstall"):
            continue
        taken = {mode.name: [] for mode in modes}
        for turn in range(-1, runs):
            for mode in list(modes) if turn % 2 else list(reversed(modes)):
                try:
                    before(mode)
                    figures = probes.timed(command(mode))
                except RuntimeError as problem:
                    print(f"{mode.name}: left out: {str(problem)[:400]}", flush=True)
                    modes.remove(mode)
                    taken.pop(mode.name)
                    continue
                if turn >= 0:
                    taken[mode.name].append(figures)
        rows.append({"workload": name, "tools": {key: summary(values) for key, values in taken.items() if values}})
    return rows


def summary(values):
    middle = {key: statistics.median(value[key] for value in values) for key in values[0]}
    return {**middle, "wall_min_ms": min(value["wall_ms"] for value in values)}


def table(rows) -> str:
    lines = ["| workload | link mode | pkg wall (least), cpu, memory | uv wall (least), cpu, memory | wall ratio | to "
             "uv's hardlink |", "|---|---|---|---|---|---|"]
    cell = (lambda f: f"{f['wall_ms']:.1f} ms ({f['wall_min_ms']:.1f}), {f['cpu_ms']:.0f} ms, {f['rss_mib']:.0f} MiB"
            if f else "–")
    for row in rows:
        base = row["tools"].get("uv hardlink")
        for mode in MODES:
            mine, other = row["tools"].get(f"pkg {mode}"), row["tools"].get(f"uv {mode}")
            if mine or other:
                ratio = lambda other: f"{mine['wall_ms'] / other['wall_ms']:.2f}" if mine and other else "–"
                lines.append(f"| {row['workload']} | {mode} | {cell(mine)} | {cell(other)} | {ratio(other)} | "
                             f"{ratio(base)} |")
    return "\n".join(lines)
