//! `kill -9` under load: everything that was answered is there after the restart.

use std::net::SocketAddr;
use std::sync::mpsc::{Sender, channel};

use tempfile::TempDir;

use crate::support::{Connection, Daemon, Peer};

const WRITERS: usize = 8;
const BALLAST_BYTES: usize = 65_000;

/// What one writer was told.
#[derive(Default)]
struct Told {
    /// Its counter's highest value that was answered.
    count: i64,
    /// How many messages it was told were sent.
    sent: i64,
    /// The row that came last may be there: nobody was told that it went.
    row_left: bool,
}

/// Writes until the daemon is gone.
fn write(address: SocketAddr, number: usize, id: &str, answered: &Sender<()>) -> Told {
    let mut told = Told::default();
    let ask = |text: String| -> Option<String> {
        let reply = Connection::try_to(address)?.try_ask(text.as_bytes())?;
        String::from_utf8(reply).ok().filter(|reply| !reply.is_empty())
    };
    loop {
        match ask(format!("incr('count.{number}')")) {
            Some(reply) => told.count = reply.parse().unwrap_or_else(|_| panic!("{reply}")),
            None => return told,
        }
        let _ = answered.send(());
        // So much that the journal's log turns again and again, and a row that comes and goes within it.
        let turning = [
            format!("[setReg('ballast.{number}.' + str(n), 'x' * {BALLAST_BYTES}) for n in range(2)][1]"),
            format!("setReg('gone.{number}.{}', 1)", told.sent),
            format!("delete('gone.{number}.*')"),
        ];
        for (step, text) in turning.into_iter().enumerate() {
            told.row_left |= step == 1;
            match ask(text) {
                Some(reply) => {
                    assert!(reply == "OK" || reply.parse::<u64>().is_ok_and(|gone| gone > 0), "{reply}")
                }
                None => return told,
            }
            let _ = answered.send(());
        }
        told.row_left = false;
        match ask(format!("send('{id}', '{id}', {})", told.sent)) {
            Some(reply) => {
                assert_eq!(reply, "OK");
                told.sent += 1;
            }
            None => return told,
        }
        let _ = answered.send(());
    }
}

#[test]
fn nothing_that_was_answered_is_lost() {
    let rounds = std::env::var("SHARESRV_KILL_ROUNDS").map_or(5, |rounds| rounds.parse().unwrap());
    let folder = TempDir::new().unwrap();
    let mut counts = [0_i64; WRITERS];
    for round in 0..rounds {
        let durability = if round % 2 == 0 { "normal" } else { "full" };
        let daemon = Daemon::start(folder.path(), &["--durability", durability]);
        let ids: Vec<_> = (0..WRITERS).map(|_| daemon.client()).collect();
        let (address, (answered, replies)) = (daemon.address(), channel());
        let told: Vec<Told> = std::thread::scope(|scope| {
            let ids = &ids;
            let answered = answered;
            let writers: Vec<_> = (0..WRITERS)
                .map(|number| {
                    let answered = answered.clone();
                    scope.spawn(move || write(address, number, &ids[number], &answered))
                })
                .collect();
            drop(answered);
            // A different moment each round, by the work that was done.
            let _ = replies.iter().take(100 + 93 * (round % 11)).count();
            daemon.kill();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        let daemon = Daemon::start(folder.path(), &[]);
        for (number, told) in told.iter().enumerate() {
            let count: i64 = daemon.ok(&format!("getReg('count.{number}', 0)")).parse().unwrap();
            // The last request may have been committed without its reply having arrived.
            let answered = told.count.max(counts[number]);
            assert!((answered..=answered + 1).contains(&count), "round {round}: {count}, told {answered}");
            counts[number] = count;
            let left: u64 = daemon.ok(&format!("len(keys('gone.{number}.*'))")).parse().unwrap();
            assert!(left <= u64::from(told.row_left), "round {round}: {left} of the deleted rows came back");
            daemon.ok(&format!("delete('gone.{number}.*')"));
            let id = &ids[number];
            let pending: i64 = daemon.ok(&format!("pending('{id}')")).parse().unwrap();
            assert!(
                (told.sent..=told.sent + 1).contains(&pending),
                "round {round}: {pending} of {}",
                told.sent
            );
            for sent in 0..told.sent.min(20) {
                assert_eq!(daemon.ask(&format!("recv('{id}')")), format!("{id}È{id}È{sent}"));
            }
            daemon.ok(&format!("exit('{id}')"));
        }
        daemon.kill();
    }
    assert!(rounds < 5 || folder.path().join("journal.sqlite-log1").exists(), "the log never turned");
}
