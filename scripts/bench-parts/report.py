"""Tables and the plot, for the terminal and for docs/performance.md."""

import math
import os
import platform
import re
import subprocess
import tempfile
import time
from pathlib import Path

from rows import ROWS, judged
from servers import ROOT, find

LEAST = {"idle": {0: 8e6, 100: 10e6, 10_000: 40e6}, "binary": 8e6, "empty_s": 0.050, "full_s": 2.0}


def number(value):
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(head, lines):
    """A Markdown table, its columns in line."""
    lines = [[str(cell) for cell in line] for line in lines]
    widths = [max(len(line[column]) for line in [head] + lines) for column in range(len(head))]
    row = lambda cells: "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths)) + " |"
    return "\n".join([row(head), "| " + " | ".join("-" * width for width in widths) + " |"] + [row(line) for line in lines])


def rows_table(results):
    lines = []
    for row in ROWS:
        if row.name not in results:
            continue
        title, unit = row.title, f" {row.unit}" if row.unit != "1/s" else ""
        for ours, peer, ratio, target, reached in judged(row, results[row.name]):
            side = lambda one: f"{number(one['rate'])}{unit}; {number(one['p50_us'])}, {number(one['p99_us'])}"
            verdict = {True: "yes", False: "**no**", None: ""}[reached]
            lines.append([title, side(ours), peer["label"], side(peer), f"{ratio:.2f}", target, verdict, stolen(ours, peer)])
            title = "the same"
    return table(["row", "sharesrv: 1/s; p50, p99 µs", "against", "it: 1/s; p50, p99 µs", "ratio", "target", "reached", "stolen, %"], lines)


def stolen(ours, peer):
    """What the host took of the processors in our runs and in the peer's: in the middle one, and the most."""
    return "; ".join(f"{side['stolen']:.0f} to {side['stolen_max']:.0f}" for side in (ours, peer) if "stolen" in side)


def itself_tables(results):
    parts = []
    lines = []
    yes = lambda reached: "yes" if reached else "**no**"
    for count, size in sorted((int(count), size) for count, size in results.get("idle", {}).get("sharesrv", {}).items()):
        most = LEAST["idle"].get(count)
        told = f"idle memory, {count:,} sessions" if count else "idle memory, no session"
        others = ", ".join(f"{label} {sizes[str(count)] / 1e6:.1f}" for label, sizes in results["idle"].items() if label != "sharesrv")
        lines.append([told, f"{size / 1e6:.1f} MB", f"≤ {most / 1e6:.0f} MB" if most else "", yes(size <= most) if most else "", others])
    if "binary" in results:
        size = results["binary"]
        lines.append(["the stripped binary", f"{size / 1e6:.2f} MB", f"≤ {LEAST['binary'] / 1e6:.0f} MB", yes(size <= LEAST["binary"]), ""])
    if "ready" in results:
        found = results["ready"]
        million = f"{found['million']:,}"
        lines.append(["ready, on empty data", f"{1000 * found['empty_s']:.1f} ms", "≤ 50 ms", yes(found["empty_s"] <= 0.05), ""])
        lines.append([f"ready, on {million} keys and {million} queued messages", f"{found['full_s']:.2f} s", "≤ 2 s",
                      yes(found["full_s"] <= 2), f"{found['full_file_bytes'] / 1e6:.0f} MB of file, {found['full_rss_bytes'] / 1e6:.0f} MB of memory"])  # fmt: skip
    if lines:
        parts.append(table(["what", "measured", "target", "reached", "the others (MB), remarks"], lines))
    if "wear" in results:
        loads = list(next(iter(results["wear"].values())))
        lines = [[label] + [f"{number(found[name]['bytes'])} ({number(found[name]['rate'])}/s)" for name in loads]
                 for label, found in results["wear"].items()]  # fmt: skip
        parts.append("Bytes written to the disk per set of one of 1,000 keys, and the rate:\n\n" + table(["side"] + loads, lines))
    if "flat" in results:
        for axis in ("clients", "keys"):
            counts = sorted({int(count) for line in results["flat"][axis].values() for count in line})
            lines = [[label] + [cost(line, count) for count in counts] for label, line in results["flat"][axis].items()]
            parts.append(f"Microseconds of processor per operation, by {axis}:\n\n" + table(["side"] + [f"{count:,}" for count in counts], lines))
    return "\n\n".join(parts)


def cost(line, count):
    point = line.get(str(count)) or line.get(count)
    return f"{point['cpu_us']:.1f}" if point else ""


def plot(results):
    """Two panels: processor time per operation by clients and by keys."""
    width, height, left, top, panel, tall = 900, 380, 60, 50, 360, 240
    colours = {"sharesrv get": "#1f77b4", "sharesrv set": "#d62728", "Redis get": "#8fbbd9", "Redis set": "#f0a5a5"}
    most = max(point["cpu_us"] for axis in ("clients", "keys") for line in results["flat"][axis].values() for point in line.values())
    most = max(10, math.ceil(most / 10) * 10)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height}" fill="white"/>',
           f'<text x="{left}" y="22" font-size="14">Microseconds of processor per operation</text>']  # fmt: skip
    for index, (axis, told) in enumerate((("clients", "clients, each with a session"), ("keys", "keys, 50 clients"))):
        x0 = left + index * (panel + 60)
        lines = results["flat"][axis]
        counts = sorted({int(count) for line in lines.values() for count in line})
        low, high = math.log10(counts[0]), math.log10(counts[-1])
        x = lambda count: x0 + panel * (math.log10(count) - low) / max(high - low, 1)
        y = lambda value: top + tall * (1 - value / most)
        for step in range(6):
            value = most * step / 5
            out.append(f'<line x1="{x0}" x2="{x0 + panel}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#ddd"/>')
            out.append(f'<text x="{x0 - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:g}</text>')
        for count in counts:
            out.append(f'<text x="{x(count):.1f}" y="{top + tall + 18}" text-anchor="middle">{count:,}</text>')
        out.append(f'<text x="{x0 + panel / 2}" y="{top + tall + 38}" text-anchor="middle">{told}</text>')
        for label, line in lines.items():
            points = sorted((int(count), point["cpu_us"]) for count, point in line.items())
            path = " ".join(f"{x(count):.1f},{y(value):.1f}" for count, value in points)
            out.append(f'<polyline points="{path}" fill="none" stroke="{colours[label]}" stroke-width="2"/>')
            out += [f'<circle cx="{x(count):.1f}" cy="{y(value):.1f}" r="3" fill="{colours[label]}"/>' for count, value in points]
    for index, (label, colour) in enumerate(colours.items()):
        at = left + 200 * index
        out.append(f'<rect x="{at}" y="{height - 28}" width="14" height="4" fill="{colour}"/>')
        out.append(f'<text x="{at + 20}" y="{height - 22}">{label.replace("get", "getReg").replace("set", "setReg") if "share" in label else label.upper().replace("REDIS", "Redis")}</text>')
    return "\n".join(out + ["</svg>"]) + "\n"


def machine(cores):
    """The machine and the versions, as the report says them."""
    cpu = re.search(r"model name\s*: (.*)|Model\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1))
    folder = os.environ.get("BENCH_DIR") or tempfile.gettempdir()
    kind = subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True).stdout.strip()
    versions = []
    for program, flag, found in (("redis-server", "--version", r"v=(\S+)"), ("mosquitto", "-h", r"version (\S+)"),
                                 ("nats-server", "--version", r"v([\d.]+)"), ("beanstalkd", "-v", r"beanstalkd (\S+)"),
                                 ("python3", "--version", r"Python (\S+)")):  # fmt: skip
        told = subprocess.run([find(program), flag], capture_output=True, text=True)
        version = re.search(found, told.stdout + told.stderr)
        versions.append(f"{program} {version.group(1) if version else '?'}")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT).stdout.strip()
    lines = [f"- {time.strftime('%Y-%m-%d')}, commit {commit or '?'}.",
             f"- {((cpu.group(1) or cpu.group(2)) if cpu else platform.machine()).strip()}, {len(cores.all)} cores, {memory / 2**20:.0f} GB; Linux {platform.release()}; "
             f"data on {kind}, where a write of 4 KB with fdatasync takes {sync_us(folder):,.0f} µs (median).",
             f"- {cores.told()[0].upper()}{cores.told()[1:]}.",
             f"- {', '.join(versions)}."]  # fmt: skip
    if kind in ("tmpfs", "ramfs"):
        lines.append("- **The data lies in memory: what `full` and `always` cost is not measured.** Set BENCH_DIR to a folder on a disk.")
    return "\n".join(lines)


def sync_us(folder):
    times = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(200):
            began = time.perf_counter()
            os.write(file.fileno(), b"\0" * 4096)
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - began)
    return 1e6 * sorted(times)[100]


def write(results, cores):
    """Puts the tables between their marks in docs/performance.md, and the plot beside it."""
    path = ROOT / "docs/performance.md"
    text = path.read_text()
    for mark, part in (("machine", machine(cores)), ("rows", rows_table(results)), ("itself", itself_tables(results))):
        pattern = re.compile(f"(<!-- bench: {mark} -->\n).*?(<!-- end -->)", re.S)
        if part and pattern.search(text):
            text = pattern.sub(lambda found: found.group(1) + part + "\n" + found.group(2), text)
    path.write_text(text)
    if "flat" in results:
        (ROOT / "docs/performance.svg").write_text(plot(results))
