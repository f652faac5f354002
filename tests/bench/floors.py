#!/usr/bin/env python3
"""Floors of docs/internals/performance.md: what the system calls of a workload cost at least, measured with a small C
program on a full environment and cache.

    floors.py --env DIR --cache DIR --tmp DIR [--runs 7]     DIRs of one file system, as pkg left them after an install
    of the jupyter pins"""
import argparse, glob, os, shutil, statistics, subprocess, sys, tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import measure


def tree_list(source: str, target: str) -> str:
    lines = []
    for base, _, files in os.walk(source):
        folder = target + base[len(source):]
        lines.append(f"D {folder}")
        lines += [f"F {base}/{name} {folder}/{name}" for name in files if " " not in name and
                  not os.path.islink(f"{base}/{name}")]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--env", required=True)
    parser.add_argument("--cache", required=True)
    parser.add_argument("--tmp", required=True)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="floors-", dir=options.tmp) as work:
        probes = measure.Probes(work, dict(os.environ))
        for name, flags in (("static", ["-static"]), ("dynamic", []), ("floors", [])):
            source = f"{work}/{name}.c"
            if name != "floors":
                open(source, "w").write("int main(void) { return 0; }\n")
            subprocess.run(["cc", "-O2", *flags, "-o", f"{work}/{name}", source if name != "floors"
                            else f"{measure.HERE}/floors.c"], check=True)
        site = glob.glob(f"{options.env}/lib/python*/site-packages")[0]
        infos = glob.glob(f"{site}/*.dist-info")
        lists = {"pages": glob.glob(f"{options.cache}/pages-v*/*/*") + glob.glob(f"{options.cache}/metadata-v*/*"),
                 "infos": [f"{info}/METADATA" for info in infos], "records": [f"{info}/RECORD" for info in infos]}
        for name, paths in lists.items():
            open(f"{work}/{name}.list", "w").write("\n".join(paths) + "\n")

        def show(what, command, before=lambda: None):
            runs = []
            for _ in range(options.runs):
                before()
                runs.append(probes.timed(command()))
            row = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            print(f"{what:<64} {row['wall_ms']:8.2f} ms wall {row['cpu_ms']:8.2f} ms cpu", flush=True)

        number = [0]
        def fresh(kind):
            number[0] += 1
            open(f"{work}/tree.list", "w").write(tree_list(f"{options.env}/lib", f"{work}/{kind}-{number[0]}"))
        show("start: a static process that does nothing", lambda: [f"{work}/static"])
        show("start: a process with the C library alone", lambda: [f"{work}/dynamic"])
        show(f"resolve-warm: {len(lists['pages'])} pages and bundles read whole",
             lambda: [f"{work}/floors", "read", f"{work}/pages.list"])
        show(f"list: {len(infos)} METADATA read", lambda: [f"{work}/floors", "read", f"{work}/infos.list"])
        show(f"noop: {len(infos)} RECORD looked at", lambda: [f"{work}/floors", "stat", f"{work}/records.list"])
        show("install-warm: folders made, files linked, one process",
             lambda: [f"{work}/floors", "link", f"{work}/tree.list", "1"], lambda: fresh("one"))
        show("install-warm: folders made, files linked, two processes",
             lambda: [f"{work}/floors", "link", f"{work}/tree.list", "2"], lambda: fresh("two"))
        show("install-cold: folders made, files written, two processes",
             lambda: [f"{work}/floors", "write", f"{work}/tree.list", "2"], lambda: fresh("new"))
        links = iter([f"{work}/two-{n}" for n in range(options.runs + 1, 2 * options.runs + 1)])
        show("uninstall: rm -rf of the linked tree", lambda: ["rm", "-rf", next(links)])


if __name__ == "__main__":
    main()
