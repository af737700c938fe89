"""Where sharesrv's time goes in a row: perf over its process while the generator runs."""

import os
import subprocess
import sys
import time

from rows import load
from servers import ROOT, Share, find

FOLDER = ROOT / "target/profiling"


def run(chosen, cores, seconds, told):
    if not find("perf"):
        sys.exit("bench: perf is missing. On Debian: sudo apt-get install linux-perf")
    # As released, but with its symbols.
    environment = dict(os.environ, CARGO_PROFILE_RELEASE_STRIP="false", CARGO_PROFILE_RELEASE_DEBUG="line-tables-only")
    subprocess.run(["cargo", "build", "--release", "--locked", "--target-dir", str(FOLDER), "-p", "sharesrv"],
                   check=True, cwd=ROOT, env=environment)  # fmt: skip
    subprocess.run(["cargo", "build", "--release", "--locked", "-p", "bench-load"], check=True, cwd=ROOT)
    Share.binary = FOLDER / "release/sharesrv"
    for row in chosen:
        server = row.ours(cores).start()
        try:
            if row.keys:
                load(cores, server, "fill", keys=row.keys)
            protocol = server.connect_protocol if row.connect else server.protocol
            options = {"keys": row.keys or 1, **row.options}
            data = server.folder / "perf.data"
            record = [find("perf"), "record", "-q", "-g", "-F", "499", "-p", str(server.pid), "-o", str(data)]
            perf = subprocess.Popen(cores.on(cores.load) + record, stderr=subprocess.DEVNULL)
            time.sleep(0.5)
            result = load(cores, server, row.work, protocol=protocol, seconds=seconds, **options)
            perf.send_signal(2)
            perf.wait()
            print(f"\n## {row.name}: {result['rate']:,.0f} {row.unit}, p50 {result['p50_us']:,.0f} us, "
                  f"{1e6 * result['server_cpu_s'] / result['operations']:.2f} us of processor each\n")  # fmt: skip
            shown(data, ["--no-children", "-g", "none", "--sort", "comm"], 6)
            shown(data, ["--no-children", "-g", "none", "--sort", "comm,symbol"], 40)
            shown(data, ["--children", "-g", "none", "--sort", "symbol"], 60, "sharesrv")
        finally:
            server.stop()


def shown(data, options, lines, only=""):
    told = subprocess.run([find("perf"), "report", "--stdio", "-q", "-i", str(data), *options],
                          capture_output=True, text=True).stdout  # fmt: skip
    kept = [line.rstrip()[:150] for line in told.splitlines() if line.strip() and only in line]
    print("\n".join(kept[:lines]) + "\n", flush=True)
