//! The command: its flags, its configuration, its signals and its exit code.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::support::daemon::{command, run};
use crate::support::{Daemon, Peer};

/// Runs it, expecting that it refuses to start; its one line of explanation.
#[track_caller]
fn refused(mut command: Command) -> String {
    let ended = Daemon::launch({
        command.args(["--bind", "127.0.0.1"]);
        command
    });
    let Err(ended) = ended else { panic!("it started") };
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let lines: Vec<_> = ended.errors.lines().collect();
    assert_eq!(lines.len(), 1, "{}", ended.errors);
    lines[0].to_owned()
}

fn with(arguments: &[&str]) -> Command {
    let mut command = command();
    command.args(arguments);
    command
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn it_says_when_it_listens_and_answers() {
    let folder = TempDir::new().unwrap();
    let daemon = Daemon::start(folder.path(), &[]);
    assert_eq!(daemon.ask("'Hello World'"), "Hello World");
    assert_eq!(daemon.ask("getReg('server.durability')"), "full");
}

#[test]
fn it_listens_on_ipv6_and_ipv4_alike() {
    let folder = TempDir::new().unwrap();
    let mut command = command();
    command.args(["--port", "0", "--data", text(folder.path())]);
    let daemon = Daemon::launch(command).unwrap();
    assert_eq!(daemon.ask("ping()"), "pong");
    if TcpListener::bind("[::1]:0").is_ok() {
        let v6 = std::net::SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, daemon.address().port()));
        assert_eq!(v6.ask("ping()"), "pong");
    }
}

#[test]
fn sigterm_and_sigint_end_it_in_order() {
    for signal in [Signal::TERM, Signal::INT] {
        let folder = TempDir::new().unwrap();
        let mut daemon = Daemon::start(folder.path(), &["--durability", "normal"]);
        let id = daemon.client();
        daemon.ok("setReg('kept', 1)");
        let waiting = daemon.connect().send(format!("setReg('begun', 1); recv('{id}', 15)\n"));
        assert_eq!(daemon.ask("waitReg('begun', None, 15)"), "1");
        let half = daemon.connect().send("recv(");
        let started = Instant::now();
        daemon.signal(signal);
        let ended = daemon.wait();
        assert_eq!(ended.code, Some(0), "{}", ended.errors);
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
        assert_eq!(waiting.reply(), "NoneÈNoneÈNone");
        drop(half);
        assert_eq!(Daemon::start(folder.path(), &[]).ask("getReg('kept')"), "1");
    }
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let folder = TempDir::new().unwrap();
    let mut daemon = Daemon::start(folder.path(), &[]);
    daemon.signal(Signal::TERM);
    daemon.signal(Signal::INT);
    // Whichever was seen first; it may have ended in order before the second came.
    assert!(daemon.wait().code.is_some());
}

#[test]
fn a_second_daemon_on_the_same_data_exits_and_says_why() {
    let folder = TempDir::new().unwrap();
    let daemon = Daemon::start(folder.path(), &[]);
    let line = refused(with(&["--port", "0", "--data", text(folder.path())]));
    assert!(line.contains("in use") && line.contains(text(folder.path())), "{line}");
    assert_eq!(daemon.ask("ping()"), "pong");
    daemon.kill();
    // The lock went with its holder, however that ended.
    assert_eq!(Daemon::start(folder.path(), &[]).ask("ping()"), "pong");
}

#[test]
fn a_port_in_use_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = TempDir::new().unwrap();
    let line = refused(with(&["--port", &port, "--data", text(folder.path())]));
    assert!(line.contains(&port), "{line}");
}

#[test]
fn a_data_folder_that_cannot_be_written_is_said() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("a file");
    std::fs::write(&file, "no folder").unwrap();
    for path in [file.join("below"), file] {
        let line = refused(with(&["--port", "0", "--data", text(&path)]));
        assert!(line.contains(text(&path)), "{line}");
    }
}

#[test]
fn a_journal_that_is_none_is_said() {
    let folder = TempDir::new().unwrap();
    std::fs::write(
        folder.path().join("journal.sqlite"),
        "This is no database, but it is long enough. ".repeat(200),
    )
    .unwrap();
    let line = refused(with(&["--port", "0", "--data", text(folder.path())]));
    assert!(line.starts_with("sharesrv: "), "{line}");
}

#[test]
fn what_is_wrong_with_the_configuration_is_one_line() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("sharesrv.toml");
    for (content, named) in [
        ("prot = 1", "prot"),
        ("rows_max = 'many'", "rows_max"),
        ("rows_max = 0", "rows_max"),
        ("port = 70000", "port"),
        ("durability = 'ful'", "durability"),
        ("x = = 1", "line 1"),
        ("log = 'loudly'", "log"),
    ] {
        std::fs::write(&file, content).unwrap();
        for check in [&["--check-config"][..], &[]] {
            let mut command = with(&["--port", "0", "--data", text(folder.path()), "--config", text(&file)]);
            command.args(check);
            if content.starts_with("port") {
                command = with(&["--data", text(folder.path()), "--config", text(&file)]);
            }
            let line = refused(command);
            assert!(line.contains(named), "{content}: {line}");
        }
    }
    assert!(refused(with(&["--config", "/no/such/file.toml"])).contains("/no/such/file.toml"));
    for port in ["many", "-1", "65536", "99999999999999999999"] {
        assert_eq!(
            refused(with(&["--port", port])),
            "sharesrv: bad value for 'port': it must be a whole number from 0 to 65535"
        );
    }
    let expiry = refused(with(&["--client-expiry-s", "-1"]));
    assert!(expiry.starts_with("sharesrv: bad value for 'client_expiry_s': it must be a whole"), "{expiry}");
    for (flag, told) in [("--prot", "unexpected argument '--prot' found"), ("--data", "a value is required")]
    {
        let line = refused(with(&[flag]));
        assert!(line.starts_with(&format!("sharesrv: {told}")), "{line}");
    }
    assert!(refused(with(&["--bind=-1"])).contains("bind"));
    assert!(refused(with(&["--durability", "none"])).contains("durability"));
    let mut environment = command();
    environment.env("SHARESRV_PORT", "many");
    assert!(refused(environment).contains("PORT"));
}

#[test]
fn check_config_says_that_all_is_well() {
    let output = run(&["--check-config"]);
    assert!(output.status.success());
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("config/sharesrv.toml");
    assert!(run(&["--config", text(&example), "--check-config"]).status.success());
}

#[test]
fn print_config_can_be_read_back() {
    let folder = TempDir::new().unwrap();
    let (file, again) = (folder.path().join("a.toml"), folder.path().join("b.toml"));
    let changed =
        "port = 2981\nbind = '::1'\ndurability = 'memory'\nfunctions = '/f'\nrows_max = 7\nlog = 'warn'\n";
    std::fs::write(&file, changed).unwrap();
    let first = run(&["--config", text(&file), "--print-config"]);
    assert!(first.status.success());
    std::fs::write(&again, &first.stdout).unwrap();
    let second = run(&["--config", text(&again), "--print-config"]);
    assert_eq!(String::from_utf8(first.stdout.clone()).unwrap(), String::from_utf8(second.stdout).unwrap());
    let printed: toml::Table = String::from_utf8(first.stdout).unwrap().parse().unwrap();
    let wanted: toml::Table = changed.parse().unwrap();
    for (key, value) in &wanted {
        assert_eq!(printed.get(key), Some(value), "{key}");
    }
}

#[test]
fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("a.toml");
    std::fs::write(&file, "port = 1001\nclient_expiry_s = 1002\nrows_max = 1003\n").unwrap();
    let printed = |command: &mut Command| -> toml::Table {
        let output = command.arg("--print-config").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().parse().unwrap()
    };
    let port = |table: &toml::Table| table["port"].as_integer().unwrap();
    assert_eq!(port(&printed(&mut command())), 2980);
    assert_eq!(port(&printed(command().arg("--config").arg(&file))), 1001);
    assert_eq!(port(&printed(command().env("SHARESRV_CONFIG", &file))), 1001);
    let with_both = printed(command().arg("--config").arg(&file).env("SHARESRV_PORT", "2001"));
    assert_eq!(port(&with_both), 2001);
    assert_eq!(with_both["client_expiry_s"].as_integer(), Some(1002));
    assert_eq!(with_both["rows_max"].as_integer(), Some(1003));
    let all =
        printed(command().arg("--config").arg(&file).env("SHARESRV_PORT", "2001").args(["--port", "3001"]));
    assert_eq!(port(&all), 3001);
    let expiry = printed(command().env("SHARESRV_CLIENT_EXPIRY_S", "7"));
    assert_eq!(expiry["client_expiry_s"].as_integer(), Some(7));
}

#[test]
fn the_data_folder_is_found() {
    let folder = TempDir::new().unwrap();
    let there = |name: &str| folder.path().join(name).join("journal.sqlite").exists();
    let start = |command: &mut Command| {
        let daemon = Daemon::launch({
            command.args(["--port", "0", "--bind", "127.0.0.1"]);
            std::mem::replace(command, super::support::daemon::command())
        });
        daemon.unwrap().kill();
    };
    start(command().env("STATE_DIRECTORY", folder.path().join("systemd")));
    assert!(there("systemd"));
    start(command().env("XDG_STATE_HOME", folder.path().join("xdg")));
    assert!(there("xdg/sharesrv"));
    start(command().env("HOME", folder.path().join("home")));
    assert!(there("home/.local/state/sharesrv"));
}

#[test]
fn durability_memory_keeps_nothing_and_says_so_loudly() {
    let folder = TempDir::new().unwrap();
    let mut daemon = Daemon::start(folder.path(), &["--durability", "memory"]);
    assert_eq!(daemon.ask("setReg('a', 1)"), "OK");
    daemon.signal(Signal::TERM);
    let ended = daemon.wait();
    assert_eq!(ended.code, Some(0));
    assert!(ended.errors.contains("WARN") && ended.errors.contains("memory"), "{}", ended.errors);
    assert_eq!(Daemon::start(folder.path(), &[]).ask("getReg('a')"), "None");
}

#[test]
fn version_and_help_are_told() {
    let version = run(&["--version"]);
    assert_eq!(
        String::from_utf8(version.stdout).unwrap(),
        concat!("sharesrv ", env!("CARGO_PKG_VERSION"), "\n")
    );
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    for flag in [
        "--port",
        "--bind",
        "--data",
        "--config",
        "--durability",
        "--client-expiry-s",
        "--functions",
        "--log",
        "--check-config",
        "--print-config",
        "--version",
        "--help",
    ] {
        assert!(help.contains(flag), "{flag}");
    }
    assert!(!run(&["--no-such-flag"]).status.success());
}

#[test]
fn a_broken_function_file_is_named_with_its_line_and_the_daemon_starts() {
    let folder = TempDir::new().unwrap();
    let functions = folder.path().join("functions");
    std::fs::create_dir(&functions).unwrap();
    std::fs::write(functions.join("broken.rhai"), "fn good() { 1 }\nfn broken( {\n").unwrap();
    std::fs::write(functions.join("fine.rhai"), "fn fine() { 2 }\n").unwrap();
    let mut daemon = Daemon::start(folder.path(), &["--functions", text(&functions)]);
    assert_eq!(daemon.ask("fine()"), "2");
    daemon.signal(Signal::TERM);
    let ended = daemon.wait();
    assert!(ended.errors.contains("broken.rhai") && ended.errors.contains('2'), "{}", ended.errors);
}
