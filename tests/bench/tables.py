"""The tables of docs/internals/benchmarks.md, and how they get between their markers: `<!-- bench:NAME -->` …
`<!-- /bench:NAME -->`. Text around them is kept."""
import re

# Wall time against uv's (docs/internals/performance.md): the first word of a workload's name.
GOALS = {"start": 0.4, "venv": 0.4, "resolve-cold": 0.7, "resolve-warm": 0.4, "lock-cold": 0.7, "lock-warm": 0.4,
         "lock-noop": 0.3, "install-cold": 0.65, "install-warm": 0.7, "install-noop": 0.3,
         "sync-noop": 0.3, "list": 0.3, "uninstall": 0.5}
MEMORY_GOAL = 0.5


def figures(cell) -> str:
    return f"{cell['wall_ms']:.1f} ms ({cell['wall_min_ms']:.1f}), {cell['cpu_ms']:.0f} ms, {cell['rss_mib']:.0f} MiB"


def judged(value: float, goal: float | None) -> str:
    return f"**{value:.2f}**" if goal is not None and value > goal + 0.005 else f"{value:.2f}"


def comparison(rows, peer: str) -> str:
    """pkg beside one peer, with goals when the peer is uv; what misses its goal is bold."""
    with_goals = peer == "uv"
    head = ["workload", "pkg wall (least), cpu, memory", f"{peer} wall (least), cpu, memory", "wall ratio"] + (["goal"]
        if with_goals else []) + ["memory ratio"]
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for row in rows:
        mine, other = row["tools"].get("pkg"), row["tools"].get(peer)
        if not mine or not other:
            continue
        goal = GOALS.get(row["workload"].split()[0]) if with_goals else None
        ratio = mine["wall_ms"] / other["wall_ms"]
        cells = [row["workload"], figures(mine), figures(other), judged(ratio, goal) if with_goals else f"{ratio:.3f}"]
        cells += [f"{goal:g}" if goal else "–"] if with_goals else []
        cells.append(judged(mine["rss_mib"] / other["rss_mib"], MEMORY_GOAL if with_goals else None))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def put(path: str, name: str, text: str) -> None:
    """Replaces what stands between the markers of `name`; a file without them gets them at its end."""
    begin, end = f"<!-- bench:{name} -->", f"<!-- /bench:{name} -->"
    with open(path) as source:
        whole = source.read()
    block = f"{begin}\n{text.strip()}\n{end}"
    if begin in whole and end in whole:
        whole = re.sub(re.escape(begin) + r".*?" + re.escape(end), lambda _: block, whole, count=1, flags=re.S)
    else:
        whole = whole.rstrip("\n") + f"\n\n{block}\n"
    with open(path, "w") as out:
        out.write(whole)
