//! A session that is carried on by another while it has things to say: each of them is said or is still there.

use std::time::Duration;

use crate::support::{Disk, Lines, Peer, Setup};

/// The words among these that the lines hold, in order.
fn words<'w>(lines: &[String], words: &[&'w str]) -> Vec<&'w str> {
    let found =
        lines.iter().filter_map(|line| words.iter().find(|word| line.contains(&format!("\"{word}\""))));
    found.copied().collect()
}

fn all(mut session: Lines) -> Vec<String> {
    std::iter::from_fn(|| session.hear()).collect()
}

#[test]
fn what_comes_behind_a_wait_is_said_though_the_wait_gives_its_message_back() {
    const WORDS: [&str; 4] = ["m1", "m2", "item", "m3"];
    let disk = Disk::default();
    let server = Setup::system().disk(&disk).start();
    let (mut older, id) = server.session();
    let (mut sender, _) = server.session();
    older.send(b"recv(60)\nrecv(1)\nget('q')\nrecv()\n");
    assert!(older.is_silent(Duration::from_millis(50)), "there is nothing yet");
    disk.hold();
    sender.say(&format!("[send('{id}', 'm1'), send('{id}', 'm2'), send('{id}', 'm3'), put('q', 'item')]"));
    disk.wait_for_commit();
    // Time for the lines behind the wait to take the rest, which nobody can see before it is committed.
    let silent = older.is_silent(Duration::from_millis(100));
    let mut next = server.lines();
    next.say(&format!("session('{id}')"));
    let silent = next.is_silent(Duration::from_millis(100)) && silent;
    disk.release();
    assert!(silent, "answered before the commit");
    assert!(next.hear().expect("a welcome").contains(&id));
    let said = all(older);
    assert!(said.last().unwrap().contains("another session carries this client on"), "{said:?}");
    let left: Vec<String> = ["recv()", "recv()", "recv()", "get('q')"].map(|line| next.ask(line)).into();
    let mut found = [words(&said, &WORDS), words(&left, &WORDS)].concat();
    assert!(found.contains(&"m1"), "{said:?} {left:?}");
    found.sort_unstable();
    assert_eq!(found, ["item", "m1", "m2", "m3"], "{said:?} {left:?}");
}

#[test]
fn what_a_script_takes_is_said_by_the_session_that_it_was_begun_in() {
    let server = Setup::system().configure(|config| config.limits.expression_ms_max = 60_000).start();
    for end in ["session('ID')", "exit('ID')"] {
        let (mut older, id) = server.session();
        server.ok("put('q', 'item')");
        older.say("[sum(x * x % 7 for x in range(30000)) > 0, get('q')]");
        assert!(older.is_silent(Duration::from_millis(20)), "it takes longer");
        let mut other = server.lines();
        other.say(&end.replace("ID", &id));
        let said = all(older);
        assert_eq!(words(&said[..1], &["item"]), ["item"], "{end}: {said:?}");
        assert!(said.last().unwrap().contains("\"state\""), "{end}: {said:?}");
        assert_eq!(server.ask("size('q')"), "0");
    }
}
