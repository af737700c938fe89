//! Connections that leave no file descriptor to others.

use std::net::TcpStream;
use std::process::Command;

use crate::support::daemon::command;
use crate::support::{Connection, Daemon, Lines, Peer};

const FILES_MAX: usize = 100;
/// More than two turns of the journal's log.
const WRITTEN_BYTES: usize = 40_000_000;
const VALUE_BYTES: usize = 60_000;

#[test]
fn the_journal_goes_on_where_connections_take_every_descriptor() {
    let data = tempfile::tempdir().unwrap();
    let mut limited = Command::new("sh");
    limited.args(["-c", "ulimit -n $0 && exec \"$@\"", &FILES_MAX.to_string()]).arg(command().get_program());
    limited.args(["--bind", "127.0.0.1", "--port", "0", "--durability", "normal", "--data"]).arg(data.path());
    let mut daemon = Daemon::launch(limited).expect("a daemon");
    let mut writer = Lines::new(Connection::to(daemon.address()));
    writer.ask("session()");
    let idle: Vec<_> = (0..2 * FILES_MAX).map(|_| TcpStream::connect(daemon.address()).unwrap()).collect();
    for number in 0..WRITTEN_BYTES / VALUE_BYTES {
        let reply = writer.ask(&format!("setReg('k{}', 'x' * {VALUE_BYTES})", number % 10));
        assert_eq!(reply, "{\"ok\":\"OK\"}", "{number}");
    }
    drop(idle);
    assert_eq!(writer.ask("len(getReg('k9'))"), format!("{{\"ok\":{VALUE_BYTES}}}"));
    daemon.signal(rustix::process::Signal::TERM);
    let ended = daemon.wait();
    assert_eq!(ended.code, Some(0), "{}", ended.errors);
}
