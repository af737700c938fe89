//! Every limit is crossed once, and named with its value.

use sharesrv::config::{Config, Layers};

use crate::support::{Peer, Setup};

/// A limit: its key, a small value of it, what goes well under that, and what crosses it.
struct Crossing {
    key: &'static str,
    value: u64,
    well: &'static [&'static str],
    crosses: &'static str,
}

const ENDLESS_SQL: &str =
    "sql('WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c')";

const CROSSINGS: &[Crossing] = &[
    Crossing {
        key: "request_bytes_max",
        value: 50,
        well: &["len('123456789012345678901234567890')"],
        crosses: "len('1234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901')",
    },
    Crossing { key: "reply_bytes_max", value: 100, well: &["'x' * 100"], crosses: "'x' * 101" },
    Crossing {
        key: "clients_max",
        value: 2,
        well: &["getClientID('a')", "getClientID('b')", "getClientID('a')"],
        crosses: "getClientID('c')",
    },
    Crossing {
        key: "value_bytes_max",
        value: 1000,
        well: &["setReg('a', 'x' * 900)", "put('q', 'x' * 900)", "n = 'x' * 900"],
        crosses: "setReg('a', 'x' * 1000)",
    },
    Crossing { key: "value_bytes_max", value: 1000, well: &[], crosses: "put('q', 'x' * 1000)" },
    Crossing { key: "value_bytes_max", value: 1000, well: &[], crosses: "n = 'x' * 1000" },
    Crossing {
        key: "value_bytes_max",
        value: 1000,
        well: &[],
        crosses: "send(getClientID(), 'ALL', 'x' * 1000)",
    },
    Crossing {
        key: "expression_ms_max",
        value: 200,
        well: &["1 + 1"],
        crosses: "[x for x in range(10**5) for y in range(10**5) if x < 0]",
    },
    Crossing {
        key: "state_ms_max",
        value: 200,
        well: &["[getReg('a') for x in range(3)]"],
        crosses: "[x for x in range(10**5) for y in range(10**5) if getReg('a')]",
    },
    Crossing {
        key: "expression_memory_bytes_max",
        value: 100_000,
        well: &["len('x' * 50000)"],
        crosses: "len('x' * 200000)",
    },
    Crossing { key: "statement_ms_max", value: 50, well: &["sql('SELECT 1')"], crosses: ENDLESS_SQL },
    Crossing {
        key: "groups_max",
        value: 2,
        well: &["join(getClientID('a'), 'g1')", "join('a', 'g2')", "join('a', 'g1')", "join('a', 'ALL')"],
        crosses: "join('a', 'g3')",
    },
    Crossing {
        key: "registry_keys_max",
        value: 2,
        well: &["setReg('a', 1)", "setReg('b', 1)", "setReg('a', 2)"],
        crosses: "setReg('c', 1)",
    },
    Crossing { key: "registry_keys_max", value: 2, well: &["a = 1", "b = 1", "a = 2"], crosses: "c = 1" },
    Crossing {
        key: "registry_bytes_max",
        value: 3000,
        well: &["setReg('a', 'x' * 1000)", "setReg('b', 'x' * 1000)", "setReg('b', 'y' * 1000)"],
        crosses: "setReg('c', 'x' * 1000)",
    },
    Crossing {
        key: "queues_max",
        value: 2,
        well: &["put('a', 1)", "put('b', 1)", "put('b', 2)"],
        crosses: "put('c', 1)",
    },
    Crossing {
        key: "queue_items_max",
        value: 2,
        well: &["put('a', 1)", "put('a', 2)", "put('b', 1)", "get('a')", "put('a', 3)"],
        crosses: "put('a', 4)",
    },
    Crossing {
        key: "queue_bytes_max",
        value: 3000,
        well: &["put('a', 'x' * 1000)", "put('a', 'x' * 1000)", "put('b', 'x' * 1000)"],
        crosses: "put('a', 'x' * 1000)",
    },
    Crossing {
        key: "state_bytes_max",
        value: 3500,
        well: &["put('a', 'x' * 1000)", "setReg('a', 'x' * 1000)"],
        crosses: "setReg('b', 'x' * 1500)",
    },
    Crossing {
        key: "database_bytes_max",
        value: 100_000,
        well: &["sql('CREATE TABLE t (a)')", "sql('INSERT INTO t VALUES (zeroblob(30000))')"],
        crosses: "sql('INSERT INTO t VALUES (zeroblob(60000)), (zeroblob(60000))')",
    },
    Crossing {
        key: "rows_max",
        value: 3,
        well: &["sql('VALUES (1), (2), (3)')"],
        crosses: "sql('VALUES (1), (2), (3), (4)')",
    },
];

/// Those that have a test of their own: in `replies`, in `buffers`, and below.
const ELSEWHERE: [&str; 4] =
    ["connections_max", "buffered_bytes_max", "inbox_messages_max", "inbox_bytes_max"];

fn limited(key: &str, value: u64) -> Setup {
    Setup::system().configure(|config| {
        let mut layers = Layers::default();
        layers.file(&config.to_toml()).unwrap();
        layers.word(key, &value.to_string()).unwrap();
        *config = layers.finish().unwrap();
    })
}

#[test]
fn each_is_crossed_and_names_itself() {
    let wrong: Vec<String> = std::thread::scope(|scope| {
        let crossings: Vec<_> =
            CROSSINGS.iter().map(|crossing| scope.spawn(move || cross(crossing))).collect();
        crossings.into_iter().filter_map(|crossing| crossing.join().unwrap().err()).collect()
    });
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

fn cross(crossing: &Crossing) -> Result<(), String> {
    let Crossing { key, value, well, crosses } = crossing;
    let server = limited(key, *value).start();
    for text in *well {
        let reply = server.ask(text);
        if reply.starts_with("Error") {
            return Err(format!("{key} = {value}: {text} -> {reply}"));
        }
    }
    let reply = server.ask(crosses);
    if !reply.starts_with("Error: limit: ") || !reply.contains(key) || !reply.contains(&value.to_string()) {
        return Err(format!("{key} = {value}: {crosses} -> {}", reply.chars().take(100).collect::<String>()));
    }
    // The daemon goes on, and what went well is still there.
    match server.ask("ping()").as_str() {
        "pong" => Ok(()),
        reply => Err(format!("{key} = {value}: ping() -> {reply}")),
    }
}

#[test]
fn no_limit_is_left_out() {
    let keys: toml::Table = Config::default().to_toml().parse().unwrap();
    for key in keys.keys().filter(|key| key.ends_with("_max")) {
        let crossed =
            CROSSINGS.iter().any(|crossing| crossing.key == key) || ELSEWHERE.contains(&key.as_str());
        assert!(crossed, "{key} is never crossed");
    }
}

#[test]
fn an_inbox_full_of_bytes_drops_its_oldest_and_says_so() {
    let server = limited("inbox_bytes_max", 5000).start();
    let id = server.client();
    for letter in ["a", "b", "c", "d", "e", "f", "g", "h"] {
        assert_eq!(server.ask(&format!("send('{id}', '{id}', '{letter}' * 1000)")), "OK");
    }
    let notice = server.ask(&format!("recv('{id}')"));
    assert!(notice.starts_with(&format!("SYSTEMÈ{id}È")), "{notice}");
    let dropped: usize = server.ok("getReg('server.dropped')").parse().unwrap();
    assert!(dropped > 0 && notice.contains(&dropped.to_string()), "{dropped}: {notice}");
    let left: usize = server.ok(&format!("pending('{id}')")).parse().unwrap();
    assert_eq!(left + dropped, 8);
    let oldest = server.ask(&format!("recv('{id}')"));
    assert!(oldest.ends_with(&["a", "b", "c", "d", "e", "f", "g", "h"][dropped].repeat(1000)), "{oldest}");
}

#[test]
fn an_inbox_full_of_messages_drops_its_oldest_and_says_so() {
    let server = limited("inbox_messages_max", 2).start();
    let id = server.client();
    for number in 0..5 {
        server.ok(&format!("send('{id}', '{id}', {number})"));
    }
    let notice = server.ask(&format!("recv('{id}')"));
    assert!(notice.starts_with(&format!("SYSTEMÈ{id}È")) && notice.contains('3'), "{notice}");
    assert_eq!(server.ask(&format!("recv('{id}')")), format!("{id}È{id}È3"));
}

#[test]
fn what_was_refused_leaves_nothing_behind() {
    let server = limited("registry_keys_max", 2).start();
    let reply = server.ask("[setReg('a', 1), setReg('b', 1), setReg('c', 1)]");
    assert!(reply.starts_with("Error: limit: registry_keys_max is 2"), "{reply}");
    assert_eq!(server.ask("keys()"), "[]");
}
