//! Functions of the users' own, from the functions folder.

use std::path::Path;
use std::time::{Duration, Instant};

use sharesrv::config::Config;
use tempfile::TempDir;

use crate::support::{Peer, Server, Setup};

/// How long a busy machine may take to look at the folder.
const PATIENCE: Duration = Duration::from_secs(20);

fn server_with(folder: &Path) -> Server {
    Setup::manual().configure(|config| config.functions = Some(folder.to_owned())).start()
}

fn write(folder: &TempDir, name: &str, text: &str) {
    std::fs::write(folder.path().join(name), text).unwrap();
}

/// Lets the daemon look at the folder until the expression gives this reply.
#[track_caller]
fn until(server: &Server, text: &str, expected: &str) {
    let mut reply = String::new();
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        server.advance(Duration::from_secs(1));
        reply = server.ask(text);
        if reply == expected || (expected.ends_with(": ") && reply.starts_with(expected)) {
            return;
        }
        std::thread::yield_now();
    }
    panic!("{text} -> {reply}, not {expected}");
}

#[test]
fn a_function_is_callable_like_a_built_in() {
    let folder = TempDir::new().unwrap();
    write(&folder, "greet.rhai", "fn greet(name) { \"Hello \" + name }\nfn twice(n) { n * 2 }\n");
    let server = server_with(folder.path());
    assert_eq!(server.ask("greet('World')"), "Hello World");
    assert_eq!(server.ask_line("[twice(n) for n in range(3)]"), "[0, 2, 4]");
    assert_eq!(server.ask_line("twice(1 + 1) + 1"), "5");
    assert!(server.ask("greet()").starts_with("Error: "));
    assert!(server.ask("greet(1, 2)").starts_with("Error: "));
    assert_eq!(server.ask("greet(1)").split(": ").nth(1), Some("type"), "its operators are the clients'");
}

#[test]
fn it_reads_and_changes_what_is_shared_and_is_atomic() {
    let folder = TempDir::new().unwrap();
    write(
        &folder,
        "shared.rhai",
        "fn water(bed, litres) { incr(\"water.\" + bed, litres); setReg(\"last\", bed); getReg(\"water.\" + bed) }\n\
         fn fails() { setReg(\"half\", 1); 1 / 0 }\n",
    );
    let server = server_with(folder.path());
    assert_eq!(server.ask("water('roses', 2)"), "2");
    assert_eq!(server.ask("water('roses', 0.5)"), "2.5");
    assert_eq!(server.ask("getReg('last')"), "roses");
    assert_eq!(server.ask("fails()"), "Error: value: division by zero");
    assert_eq!(server.ask("getReg('half')"), "None");
}

#[test]
fn it_is_under_the_same_limits() {
    let folder = TempDir::new().unwrap();
    write(
        &folder,
        "bad.rhai",
        "fn forever() { loop { } }\nfn deep(n) { deep(n + 1) }\nfn big() { \"x\" * 1000000000 }\n",
    );
    let set = |config: &mut Config| {
        config.functions = Some(folder.path().to_owned());
        config.limits.expression_ms_max = 250;
    };
    let server = Setup::manual().configure(set).start();
    assert!(server.ask("forever()").starts_with("Error: limit: expression_ms_max"));
    assert!(server.ask("deep(0)").starts_with("Error: limit: "));
    assert!(server.ask("big()").starts_with("Error: limit: "));
    assert_eq!(server.ask("ping()"), "pong");
}

#[test]
fn a_private_function_is_not_callable() {
    let folder = TempDir::new().unwrap();
    write(&folder, "p.rhai", "private fn secret() { 41 }\nfn open_one() { secret() + 1 }\n");
    let server = server_with(folder.path());
    assert_eq!(server.ask("open_one()"), "42");
    assert!(server.ask("secret()").starts_with("Error: name: "));
}

#[test]
fn a_broken_file_leaves_the_others_alone() {
    let folder = TempDir::new().unwrap();
    write(&folder, "broken.rhai", "fn broken( {\n");
    write(&folder, "good.rhai", "fn good() { 1 }\n");
    write(&folder, "notes.txt", "fn notes() { 1 }\n");
    let server = server_with(folder.path());
    assert_eq!(server.ask("good()"), "1");
    assert!(server.ask("broken()").starts_with("Error: name: "));
    assert!(server.ask("notes()").starts_with("Error: name: "));
}

#[test]
fn a_changed_file_is_picked_up_without_a_restart() {
    let folder = TempDir::new().unwrap();
    write(&folder, "f.rhai", "fn version() { 1 }\n");
    let server = server_with(folder.path());
    assert_eq!(server.ask("version()"), "1");
    write(&folder, "f.rhai", "fn version() { \"two\" }\n");
    until(&server, "version()", "two");
    write(&folder, "g.rhai", "fn later() { \"added\" }\n");
    until(&server, "later()", "added");
    // A file that broke keeps nobody else's functions from working.
    write(&folder, "f.rhai", "fn version() {\n");
    write(&folder, "h.rhai", "fn last() { \"still read\" }\n");
    until(&server, "last()", "still read");
    assert_eq!(server.ask("later()"), "added");
    std::fs::remove_file(folder.path().join("g.rhai")).unwrap();
    until(&server, "later()", "Error: name: ");
}

#[test]
fn no_file_can_replace_what_the_server_owns() {
    let folder = TempDir::new().unwrap();
    write(
        &folder,
        "evil.rhai",
        "fn send(a, b, c) { \"stolen\" }\nfn len(x) { 17 }\nfn ping() { \"stolen\" }\n",
    );
    let server = server_with(folder.path());
    assert_eq!(server.ask("ping()"), "pong");
    assert_eq!(server.ask("len('abc')"), "3");
    let id = server.client();
    assert_eq!(server.ask(&format!("send('{id}', '{id}', 1)")), "OK");
}

#[test]
fn the_examples_of_the_project_do_what_their_comments_say() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/functions");
    let server = server_with(&folder);
    let mut played = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in text.lines() {
            if let Some((send, reply)) = line.trim_start_matches("//").split_once("->") {
                assert_eq!(server.ask(send.trim()), reply.trim(), "{line}");
                played += 1;
            }
        }
    }
    assert!(played >= 4, "{played}");
    assert!(server.ask("threshold()").starts_with("Error: name: "));
}

#[test]
fn the_folder_in_the_data_folder_is_the_default() {
    let mut server = Server::manual();
    let folder = server.folder().join("functions");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("f.rhai"), "fn mine() { \"mine\" }").unwrap();
    server.restart();
    assert_eq!(server.ask("mine()"), "mine");
}
