"""The rows of the bench: what each asks of which servers, and what ratio it is to reach."""

import json
import statistics
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from servers import ROOT, Beanstalkd, Echo, Mosquitto, Nats, Python, Redis, Share


def load(cores, server, work, *, protocol=None, **options):
    """Runs the generator against a server; what it measured."""
    words = [str(ROOT / "target/release/bench-load"), work, protocol or server.protocol, f"127.0.0.1:{server.port}"]
    for name, value in options.items():
        words += [f"--{name}", str(value)]
    words += ["--server", str(server.pid)]
    done = subprocess.run(cores.on(cores.load) + words, capture_output=True, text=True)
    if done.returncode != 0:
        log = (server.folder / "log").read_text(errors="replace")[-500:]
        raise RuntimeError(f"{server.label}, {work}: {done.stderr.strip()} {log}".strip())
    return json.loads(done.stdout.splitlines()[-1])


@dataclass
class Against:
    """A peer of a row, and the least ratio to it; without one it shows what the row could reach at all."""

    peer: object
    least: float | None = None
    moonshot: float | None = None


@dataclass
class Row:
    name: str
    title: str
    work: str
    ours: object
    against: list
    options: dict = field(default_factory=dict)
    #: Keys that are there before.
    keys: int = 0
    #: A connection for each request.
    connect: bool = False
    unit: str = "1/s"
    #: At half of the slower side's peak; what counts is the p99.
    half: bool = False


def share(durability):
    return lambda cores: Share(cores, durability=durability)


def redis(fsync):
    return lambda cores: Redis(cores, fsync=fsync)


#: What the kernel's loopback allows; what it allows where each line is synced before it is answered.
ECHO = Against(lambda cores: Echo(cores))
ECHO_SYNCED = Against(lambda cores: Echo(cores, synced=True))


ROWS = [
    Row("eval", "session `(1+1)*2`, 50 connections", "eval", share("full"),
        [Against(redis("everysec"), 1.9), Against(ECHO.peer, 0.8)]),
    Row("get", "session `getReg`, one of 100,000 keys", "get", share("full"),
        [Against(redis("everysec"), 1.8), ECHO], keys=100_000),
    Row("set-normal", "session `setReg`, random of 100,000 keys, `normal`", "set", share("normal"),
        [Against(redis("everysec"), 1.3), ECHO], keys=100_000),
    Row("set-full", "the same, `full`", "set", share("full"),
        [Against(redis("always"), 1.6), ECHO_SYNCED], keys=100_000),
    Row("pairs", "`send` and `recv` of 60 bytes, pairwise, `full`", "pairs", share("full"),
        [Against(redis("always"), 1.6), ECHO_SYNCED], unit="messages/s"),
    Row("fanout", "a group of 60 listening sessions, 16 messages on their way, `normal`", "fanout", share("normal"),
        [Against(Mosquitto, 5.0), Against(lambda cores: Nats(cores), 0.5, 1.0)],
        {"connections": 60, "depth": 16}, unit="deliveries/s"),
    Row("queue-full", "`put` and `get`, `full`", "queue", share("full"),
        [Against(Beanstalkd, 5.0), Against(redis("always"), 1.5), ECHO_SYNCED], unit="pairs/s"),
    Row("queue-normal", "`put` and `get`, `normal`", "queue", share("normal"),
        [Against(lambda cores: Nats(cores, jetstream=True), 1.5)], unit="pairs/s"),
    Row("one-shot", "one-shot `getReg`, a connection for each request", "connect", share("full"),
        [Against(redis("everysec"), 1.2), Against(Python, 1.7)], keys=100_000, connect=True),
    Row("pipelined", "`setReg` pipelined (16), random of 100,000 keys, `normal`", "set", share("normal"),
        [Against(redis("everysec"), 0.7)], {"depth": 16}, keys=100_000),
    Row("scan-prefix", "`fetch('k.123.*')`: 1,000 of 1,000,000 keys, against SCAN MATCH", "scan", share("normal"),
        [Against(redis("everysec"), 100.0)], {"pattern": "k.123.*", "keys": 1_000}, keys=1_000_000),
    Row("scan-inner", "`fetch('k.*.123')`: 1,000 of 1,000,000 keys, against SCAN MATCH", "scan", share("normal"),
        [Against(redis("everysec"), 3.0)], {"pattern": "k.*.123", "keys": 1_000}, keys=1_000_000),
    Row("half-get", "p99 of `getReg` at half of the slower one's peak", "get", share("full"),
        [Against(redis("everysec"), 1.0), ECHO], keys=100_000, half=True),
    Row("half-set", "p99 of `setReg`, `normal`, at half of the slower one's peak", "set", share("normal"),
        [Against(redis("everysec"), 1.0), ECHO], keys=100_000, half=True),
]  # fmt: skip


def run(row, cores, seconds, rounds, calm, told):
    """Runs a row: every side in turn, `rounds` times, each run by `calmest`. What each side did, ours first."""
    makers = [row.ours] + [against.peer for against in row.against]
    servers = []
    try:
        for maker in makers:
            servers.append(maker(cores).start())
        for server in servers:
            if row.keys and server.protocol in ("share", "redis"):
                load(cores, server, "fill", keys=row.keys)
        options = dict(row.options)
        options.setdefault("keys", row.keys or 1)
        protocols = [server.connect_protocol if row.connect else server.protocol for server in servers]
        sides = list(zip(servers, protocols))
        if row.half:
            peaks = [load(cores, server, row.work, protocol=protocol, seconds=seconds, **options)["rate"]
                     for server, protocol in sides]  # fmt: skip
            options["rate"] = min(peaks) / 2
            told(f"{row.name}: peaks {', '.join(f'{peak:,.0f}' for peak in peaks)}; rate {options['rate']:,.0f}")
            # One stop of a core by somebody else decides a p99: twice as many runs.
            rounds *= 2
        runs = [[] for _ in servers]
        for number in range(rounds):
            for index, (server, protocol) in enumerate(sides):
                result = calmest(calm, cores, server, row.work, protocol=protocol, seconds=seconds, **options)
                if result["operations"] == 0:
                    raise RuntimeError(f"{server.label}, {row.name}: nothing was done")
                runs[index].append(result)
                told(f"{row.name} {number + 1}/{rounds}: {server.label} {result['rate']:,.0f} {row.unit}, "
                     f"p50 {result['p50_us']:,.0f}, p99 {result['p99_us']:,.0f} us, "
                     f"{result['stolen']:.1f} % stolen")  # fmt: skip
        return [summary(server.label, results) for server, results in zip(servers, runs)]
    finally:
        for server in servers:
            server.stop()


#: How often a run that a busy host disturbs is made, at most.
TRIES = 10


def calmest(calm, *words, **options):
    """As `load`, again where more than `calm` of 100 parts were stolen; the run with the least, and how much that is."""
    tries = []
    while not tries or (tries[-1]["stolen"] > calm and len(tries) < TRIES):
        before = processors()
        result = load(*words, **options)
        tries.append(result | {"stolen": stolen(before, processors())})
    return min(tries, key=lambda result: result["stolen"])


def processors():
    """All time of all processors so far, and how much of it a host gave to others: both 0 where nobody tells."""
    try:
        times = [int(time) for time in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    except (OSError, ValueError):
        return 0, 0
    return sum(times), times[7] if len(times) > 7 else 0


def stolen(before, after):
    """How many of 100 parts of the processors' time the host gave to others."""
    return 100 * (after[1] - before[1]) / max(after[0] - before[0], 1)


def summary(label, results):
    median = {key: statistics.median(result[key] for result in results) for key in results[0]}
    rates = [result["rate"] for result in results]
    return {"label": label, "rate": median["rate"], "p50_us": median["p50_us"], "p99_us": median["p99_us"],
            "rates": rates, "p99s_us": [result["p99_us"] for result in results],
            "stolen": median["stolen"], "stolen_max": max(result["stolen"] for result in results),
            "cpu_us": 1e6 * median.get("server_cpu_s", 0) / max(median["operations"], 1)}  # fmt: skip


def judged(row, sides):
    """Each peer of a row: our side, its side, the ratio, the target, and whether it is reached, if there is one.
    A ratio is the median of the rounds' own: what a machine does from minute to minute is no side's."""
    ours = sides[0]
    for against, peer in zip(row.against, sides[1:]):
        each = "p99s_us" if row.half else "rates"
        ratio = statistics.median(own / its for own, its in zip(ours[each], peer[each]))
        if against.least is None:
            yield ours, peer, ratio, "", None
        elif row.half:
            yield ours, peer, ratio, f"≤ {against.least:g}", ratio <= against.least
        else:
            target = f"≥ {against.least:g}" + (f" ({against.moonshot:g})" if against.moonshot else "")
            yield ours, peer, ratio, target, ratio >= against.least
