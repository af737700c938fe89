"""What is measured of sharesrv in itself, with the peers beside it where that says something."""

import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from rows import load
from servers import ROOT, Mosquitto, Nats, Redis, Share


def idle(cores, quick, told):
    """Memory with 0, 100 and 10,000 connections that do nothing."""
    found = {}
    counts = [0, 100, 1_000 if quick else 10_000]
    sides = [("sharesrv", Share(cores)), ("Redis", Redis(cores)), ("NATS", Nats(cores)),
             ("Mosquitto", Mosquitto(cores))]  # fmt: skip
    for label, server in sides:
        server.start()
        found[label] = {}
        try:
            for count in counts:
                holder = hold(cores, server, count) if count else None
                try:
                    time.sleep(1)
                    found[label][count] = server.memory_bytes()
                finally:
                    if holder:
                        holder.stdin.close()
                        holder.wait(60)
                told(f"idle: {label} with {count:,} connections {found[label][count] / 1e6:.1f} MB")
        finally:
            server.stop()
    return found


def hold(cores, server, count):
    words = [str(ROOT / "target/release/bench-load"), "idle", server.protocol, f"127.0.0.1:{server.port}",
             "--connections", str(count)]  # fmt: skip
    holder = subprocess.Popen(cores.on(cores.load) + words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    if "open" not in holder.stdout.readline():
        raise RuntimeError(f"{server.label}: {count} connections cannot be opened")
    return holder


def binary(cores, quick, told):
    """The size of the program, as it is installed."""
    size = Share.binary.stat().st_size
    told(f"binary: {size / 1e6:.2f} MB")
    return size


def ready(cores, quick, told):
    """From the start of the process to the line that says it listens."""
    million = 100_000 if quick else 1_000_000
    found = {"million": million}
    with tempfile.TemporaryDirectory(prefix="sharesrv-bench-") as folder:
        times = []
        for round in range(3 if quick else 7):
            server = Share(cores, folder=Path(folder) / f"empty{round}")
            server.folder.mkdir()
            server.start()
            times.append(server.ready_s)
            server.stop()
        found["empty_s"] = statistics.median(times)
        told(f"ready: {1000 * found['empty_s']:.1f} ms on empty data")
        full = Path(folder) / "full"
        full.mkdir()
        server = Share(cores, folder=full, durability="normal").start()
        try:
            load(cores, server, "fill", keys=million, items=million)
        finally:
            server.stop()
        times = []
        for _ in range(3):
            server = Share(cores, folder=full, durability="normal").start()
            times.append(server.ready_s)
            found["full_rss_bytes"] = server.memory_bytes()
            server.stop()
        found["full_s"] = statistics.median(times)
        found["full_file_bytes"] = (full / "data/journal.sqlite").stat().st_size
        told(f"ready: {found['full_s']:.2f} s on {million:,} keys and {million:,} queued messages")
    return found


def flat(cores, quick, told):
    """Processor time per operation as clients and keys grow."""
    found = {"clients": {}, "keys": {}}
    clients = [1, 10, 100, 1_000] if quick else [1, 10, 100, 1_000, 10_000]
    keys = [1_000, 10_000, 100_000] if quick else [1_000, 10_000, 100_000, 1_000_000]
    seconds = 1 if quick else 4
    makers = {"sharesrv": lambda: Share(cores, durability="normal"), "Redis": lambda: Redis(cores)}
    for label, maker in makers.items():
        server = maker().start()
        try:
            for count in keys:
                load(cores, server, "fill", keys=count)
                # Getting first: it compares the values that setting changes.
                for work in ("get", "set"):
                    result = load(cores, server, work, keys=count, seconds=seconds)
                    note(found["keys"], label, work, count, result, told)
            some = min(100_000, keys[-1])
            load(cores, server, "fill", keys=some)
            for work in ("get", "set"):
                for count in clients:
                    result = load(cores, server, work, keys=some, connections=count, seconds=seconds)
                    note(found["clients"], label, work, count, result, told)
        finally:
            server.stop()
    return found


def note(found, label, work, count, result, told):
    cost = 1e6 * result["server_cpu_s"] / result["operations"]
    found.setdefault(f"{label} {work}", {})[count] = {"cpu_us": cost, "rate": result["rate"]}
    told(f"flat: {label} {work} at {count:,}: {cost:.1f} us of processor an operation, {result['rate']:,.0f}/s")


def wear(cores, quick, told):
    """Bytes that the process has the disk write, per setting of one of 1,000 keys."""
    sides = [
        ("sharesrv normal", Share(cores, durability="normal")),
        ("sharesrv full", Share(cores, durability="full")),
        ("Redis everysec", Redis(cores, fsync="everysec")),
        ("Redis always", Redis(cores, fsync="always")),
        # Its own setting would write once in half an hour, and lose as much.
        ("Mosquitto, retained, saved every second", Mosquitto(cores, autosave=1)),
    ]
    loads = {
        "alone, one in 2 s": {"connections": 1, "rate": 0.5, "seconds": 8 if quick else 30, "warm": 2},
        "100/s": {"connections": 10, "rate": 100, "seconds": 4 if quick else 20, "warm": 2},
        "50 connections, as fast as it goes": {"connections": 50, "seconds": 2 if quick else 15, "warm": 1},
    }
    found = {}
    for label, server in sides:
        server.start()
        found[label] = {}
        try:
            if server.protocol != "mqtt":
                load(cores, server, "fill", keys=1_000)
            time.sleep(2)
            for name, options in loads.items():
                result = load(cores, server, "set", keys=1_000, **options)
                written = result["server_written_bytes"]
                operations = max(result["operations"], 1)
                found[label][name] = {"bytes": written / operations, "rate": result["rate"]}
                told(f"wear: {label}, {name}: {written / operations:,.0f} bytes a set, {result['rate']:,.0f}/s")
        finally:
            server.stop()
    return found


PARTS = {"idle": idle, "binary": binary, "ready": ready, "flat": flat, "wear": wear}
