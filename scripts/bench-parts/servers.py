"""Starts and ends what is measured: each server with a folder and a port of its own, on the loopback."""

import contextlib
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OPEN_FILES = 65_536

# The limits that the rows cross which are there to be crossed: a million keys, ten thousand sessions.
LIMITS = """
connections_max = 12000
clients_max = 12000
registry_keys_max = 2000000
registry_bytes_max = 1073741824
queue_items_max = 2000000
queue_bytes_max = 1073741824
state_bytes_max = 2147483648
inbox_messages_max = 4000
inbox_bytes_max = 4194304
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def find(program):
    return shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/usr/local/sbin:/usr/bin:/bin")


class Cores:
    """Which cores the servers and the generator are held to: half of four or more, else nothing is held."""

    def __init__(self):
        self.all = sorted(os.sched_getaffinity(0))
        self.pinned = len(self.all) >= 4 and find("taskset") is not None
        self.server = self.all[:2]
        self.load = self.all[2:4]

    def on(self, cores):
        if not self.pinned:
            return []
        return [find("taskset"), "-c", ",".join(str(core) for core in cores)]

    def told(self):
        if not self.pinned:
            return f"not pinned: {len(self.all)} cores are fewer than four; server and generator get in each other's way"
        return f"servers held to cores {self.server}, the generator to cores {self.load} (taskset)"


# It ends with the bench, however that ends.
SPIN = """
import os
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""

# Where each session is a group of its own, the idle class gives way within its session alone.
AUTOGROUP = Path("/proc/sys/kernel/sched_autogroup_enabled")


@contextlib.contextmanager
def awake(cores):
    """No core sleeps meanwhile: a program of the idle class on each, which whatever is measured displaces at once."""
    groups = AUTOGROUP.read_text() if AUTOGROUP.exists() else "0"
    spinners = []
    try:
        if groups.strip() != "0":
            AUTOGROUP.write_text("0")
        for core in cores.all:
            spinners.append(subprocess.Popen([sys.executable, "-c", SPIN]))
            os.sched_setaffinity(spinners[-1].pid, {core})
            os.sched_setscheduler(spinners[-1].pid, os.SCHED_IDLE, os.sched_param(0))
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()
        if groups.strip() != "0":
            AUTOGROUP.write_text(groups)


class Server:
    """A server that runs; `stop` ends it and takes its folder away."""

    label = protocol = "?"
    #: The protocol of the row with a connection for each request.
    connect_protocol = None

    def __init__(self, cores, folder=None, **settings):
        self.cores = cores
        self.settings = settings
        self.keep = folder is not None
        self.folder = Path(folder or tempfile.mkdtemp(prefix="sharesrv-bench-", dir=os.environ.get("BENCH_DIR")))
        self.process = None
        self.port = None

    def command(self):
        raise NotImplementedError

    def start(self):
        self.port = free_port()
        self.log = open(self.folder / "log", "wb")
        began = time.monotonic()
        self.process = subprocess.Popen(
            self.cores.on(self.cores.server) + self.command(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if self.says_port() else self.log,
            stderr=self.log,
            cwd=self.folder,
            # Not the terminal's: Ctrl-C is for the bench, which then ends its servers.
            start_new_session=True,
        )
        try:
            if self.says_port():
                self.port = self.read_port()
            else:
                self.wait_for_port()
        except BaseException:
            self.stop()
            raise
        self.ready_s = time.monotonic() - began
        return self

    def says_port(self):
        return False

    def read_port(self):
        deadline = time.monotonic() + 60
        text = ""
        while time.monotonic() < deadline:
            if select.select([self.process.stdout], [], [], 1)[0]:
                more = os.read(self.process.stdout.fileno(), 4096).decode()
                if not more:
                    break
                text += more
                found = re.search(r"(\d+)\.?\n", text)
                if found:
                    return int(found.group(1))
        raise RuntimeError(f"{self.label} did not start: {(self.folder / 'log').read_text()[-500:]}")

    def wait_for_port(self):
        for _ in range(1000):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.01)
        raise RuntimeError(f"{self.label} did not start: {(self.folder / 'log').read_text()[-500:]}")

    @property
    def pid(self):
        return self.process.pid

    def memory_bytes(self):
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) * 1024

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process and self.process.stdout:
            self.process.stdout.close()
        self.log.close()
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)


class Share(Server):
    protocol = "share"
    connect_protocol = "one-shot"
    binary = ROOT / "target/release/sharesrv"

    @property
    def label(self):
        return f"sharesrv {self.settings.get('durability', 'full')}"

    def says_port(self):
        return True

    def command(self):
        config = self.folder / "bench.toml"
        config.write_text(LIMITS if self.settings.get("raised", True) else "")
        return [str(self.binary), "--port", "0", "--bind", "127.0.0.1", "--data", str(self.folder / "data"),
                "--config", str(config), "--durability", self.settings.get("durability", "full"),
                "--client-expiry-s", "3600"]  # fmt: skip


class Redis(Server):
    protocol = connect_protocol = "redis"

    @property
    def label(self):
        return f"Redis {self.settings.get('fsync', 'everysec')}"

    def command(self):
        return [find("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder),
                "--save", "", "--appendonly", "yes", "--appendfsync", self.settings.get("fsync", "everysec"),
                "--protected-mode", "no", "--maxclients", "12000", "--tcp-backlog", "1024"]  # fmt: skip


class Mosquitto(Server):
    protocol = "mqtt"
    label = "Mosquitto QoS 1"

    def command(self):
        config = self.folder / "mosquitto.conf"
        lines = [f"listener {self.port} 127.0.0.1", "allow_anonymous true", "set_tcp_nodelay true"]
        if os.geteuid() == 0:
            # As root it would become a user that cannot write here.
            lines.append("user root")
        if "autosave" in self.settings:
            lines += ["persistence true", f"persistence_location {self.folder}/",
                      f"autosave_interval {self.settings['autosave']}"]  # fmt: skip
        config.write_text("\n".join(lines) + "\n")
        return [find("mosquitto"), "-c", str(config)]


class Nats(Server):
    protocol = "nats"

    @property
    def label(self):
        return "NATS JetStream" if self.settings.get("jetstream") else "NATS core"

    def command(self):
        command = [find("nats-server"), "-a", "127.0.0.1", "-p", str(self.port)]
        if self.settings.get("jetstream"):
            command += ["-js", "-sd", str(self.folder)]
        return command


class Beanstalkd(Server):
    protocol = "beanstalk"
    label = "beanstalkd -f 0"

    def command(self):
        return [find("beanstalkd"), "-l", "127.0.0.1", "-p", str(self.port), "-b", str(self.folder), "-f", "0"]


class Echo(Server):
    protocol = "echo"

    @property
    def label(self):
        return "echo, synced" if self.settings.get("synced") else "echo (tokio)"

    def says_port(self):
        return True

    def command(self):
        file = [str(self.folder / "log.kept")] if self.settings.get("synced") else []
        return [str(ROOT / "target/release/bench-load"), "echo", *file]


class Python(Server):
    connect_protocol = "one-shot"
    label = "Python"

    def says_port(self):
        return True

    def command(self):
        return [find("python3"), str(Path(__file__).parent / "python_server.py")]
