//! The built binary as a process: for its arguments, its signals and its sudden end.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::wire::Peer;

/// The binary, with nothing of this process's environment that could configure it.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sharesrv"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SHARESRV_") {
            command.env_remove(name);
        }
    }
    command.env_remove("STATE_DIRECTORY").env_remove("XDG_STATE_HOME").stdin(Stdio::null());
    command
}

/// Runs the binary with arguments that make it end by itself.
pub fn run(arguments: &[&str]) -> Output {
    command().args(arguments).output().expect("the binary runs")
}

/// How a process ended: its exit code, none where a signal ended it; and what it said on standard error.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub errors: String,
}

/// A daemon that runs; it is killed with this value.
pub struct Daemon {
    address: SocketAddr,
    pid: Pid,
    ended: Receiver<Ended>,
    has_ended: bool,
}

impl Daemon {
    /// Starts one on this data, on a port of the system's choice.
    #[track_caller]
    pub fn start(data: &Path, arguments: &[&str]) -> Daemon {
        let mut command = command();
        // What is tested is meaning, on machines that are busy: who tests the limits on time sets them.
        command.env("SHARESRV_EXPRESSION_MS_MAX", "10000").env("SHARESRV_STATE_MS_MAX", "10000");
        command.args(["--bind", "127.0.0.1", "--port", "0", "--data"]).arg(data).args(arguments);
        Daemon::launch(command).unwrap_or_else(|ended| panic!("the daemon did not start: {ended:?}"))
    }

    /// Starts this command and waits until it listens, or has ended instead.
    pub fn launch(mut command: Command) -> Result<Daemon, Ended> {
        let mut child =
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs");
        let pid = Pid::from_child(&child);
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let ended = watch(child);
        let mut line = String::new();
        output.read_line(&mut line).expect("a pipe");
        let port = line.trim_end().strip_prefix("Server is now listening on port ");
        match port.and_then(|port| port.strip_suffix('.')).and_then(|port| port.parse::<u16>().ok()) {
            Some(port) => {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
                Ok(Daemon { address, pid, ended, has_ended: false })
            }
            None => {
                assert!(line.is_empty(), "the first line of output is {line:?}");
                Err(ended.recv().expect("the process ends"))
            }
        }
    }

    /// How long its threads have worked: what other processes do does not count. None where the system does not tell.
    pub fn worked(&self) -> Option<Duration> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.pid.as_raw_nonzero())).ok()?;
        let mut nanos = 0;
        for thread in threads {
            // A thread that ends meanwhile has no file.
            let Ok(text) = std::fs::read_to_string(thread.ok()?.path().join("schedstat")) else { continue };
            nanos += text.split(' ').next()?.parse::<u64>().ok()?;
        }
        Some(Duration::from_nanos(nanos))
    }

    /// As a power switch: SIGKILL, and gone.
    pub fn kill(mut self) {
        self.signal(Signal::KILL);
        self.wait();
    }

    pub fn signal(&self, signal: Signal) {
        let _ = kill_process(self.pid, signal);
    }

    /// Waits until it has ended.
    #[track_caller]
    pub fn wait(&mut self) -> Ended {
        let ended = self.ended.recv_timeout(Duration::from_secs(20)).expect("the daemon ends");
        self.has_ended = true;
        ended
    }
}

/// Waits for the process in a thread of its own, and reads what it says on standard error.
fn watch(mut child: Child) -> Receiver<Ended> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut errors = String::new();
        let _ = child.stderr.take().expect("a pipe").read_to_string(&mut errors);
        let code = child.wait().ok().and_then(|status| status.code());
        let _ = tell.send(Ended { code, errors });
    });
    told
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if !self.has_ended && self.ended.try_recv().is_err() {
            self.signal(Signal::KILL);
            let _ = self.ended.recv_timeout(Duration::from_secs(20));
        }
    }
}

impl Peer for Daemon {
    fn address(&self) -> SocketAddr {
        self.address
    }
}
