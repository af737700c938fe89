//! What must hold whatever clients do: a rollback leaves nothing behind, the records make the same state again,
//! and every byte is counted once.

use std::collections::{BTreeMap, BTreeSet};

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::*;

const NAMES: [&str; 4] = ["anna", "ben", "Zoë 1", "board"];
const GROUPS: [&str; 6] = ["ALL", "EVENTS", "g1", "g2", "anna", "group 3"];
const KEYS: [&str; 6] = ["a", "a.b", "a.c", "garden.soil", "x", "äö.ü"];
const PATTERNS: [&str; 7] = ["*", "a.*", "a*", "x", "*.?", "[!a]*", "client.*"];
const QUEUES: [&str; 3] = ["jobs", "up", "q.down"];
const EVENTS: [Option<&str>; 4] = [None, None, Some("tick"), Some("tock")];

fn small() -> Limits {
    Limits {
        clients_max: 7,
        groups_max: 6,
        inbox_messages_max: 5,
        inbox_bytes_max: 900,
        registry_keys_max: 8,
        registry_bytes_max: 1_400,
        queue_items_max: 4,
        queue_bytes_max: 600,
        queues_max: 4,
        state_bytes_max: 9_000,
        value_bytes_max: 400,
        ..Limits::default()
    }
}

struct Random {
    rng: Xoshiro256PlusPlus,
    /// Waits that were fulfilled, to be given back one day.
    owed: Vec<(Wait, Fulfilment)>,
    /// Numbers that were handed out, to be acknowledged.
    numbers: Vec<u64>,
    waiters: BTreeMap<WaiterId, Wait>,
}

impl Random {
    fn new(seed: u64) -> Random {
        let rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        Random { rng, owed: Vec::new(), numbers: Vec::new(), waiters: BTreeMap::new() }
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.rng.random_range(0..choices.len())]
    }

    fn value(&mut self) -> Value {
        match self.rng.random_range(0..6) {
            0 => Value::None,
            1 => Value::Float(self.rng.random_range(0..9).into()),
            2 => Value::from("x".repeat(self.rng.random_range(0..300))),
            3 => Value::list(vec![Value::from(1), Value::from("two")]),
            4 => Value::from("++ping"),
            _ => Value::Int(self.rng.random_range(0..5)),
        }
    }

    fn span(&mut self) -> Duration {
        seconds(self.rng.random_range(1..900))
    }

    fn anyone(&mut self, state: &State) -> ClientId {
        let live = state.who(None).unwrap();
        if live.is_empty() || self.rng.random_ratio(1, 20) {
            return ClientId::parse("gone0000").unwrap();
        }
        live[self.rng.random_range(0..live.len())].id
    }

    fn key(&mut self, state: &State) -> String {
        if self.rng.random_ratio(1, 4) {
            return format!("client.{}.k", self.anyone(state));
        }
        self.of(&KEYS).to_owned()
    }

    fn queue(&mut self, state: &State) -> String {
        if self.rng.random_ratio(1, 4) {
            return format!("client.{}.up", self.anyone(state));
        }
        self.of(&QUEUES).to_owned()
    }

    /// One operation; refusals are as good as anything.
    fn step(&mut self, state: &mut State) {
        match self.rng.random_range(0..6) {
            0 => self.client_step(state),
            1 => self.message_step(state),
            2 => self.registry_step(state),
            3 => self.queue_step(state),
            4 => self.session_step(state),
            _ => self.wait_step(state),
        }
    }

    fn client_step(&mut self, state: &mut State) {
        let (client, name) = (self.anyone(state), self.of(&NAMES));
        let group = if self.rng.random_ratio(1, 6) {
            format!("client.{}.room", self.anyone(state))
        } else {
            self.of(&GROUPS).to_owned()
        };
        let expired: Vec<_> = state.tombstones.by_number.values().copied().collect();
        let pattern = self.of(&PATTERNS);
        let _ = match self.rng.random_range(0..14) {
            0 => state.client(None, HOME).map(drop),
            1 => state.client(Some(name), HOME).map(drop),
            2 if !expired.is_empty() => {
                let id = expired[self.rng.random_range(0..expired.len())];
                state.caller(id.as_str(), HOME).map(drop)
            }
            3 => state.caller(name, HOME).map(drop),
            4 => state.set_name(client, name),
            5 => state.set_name(client, ""),
            6 if self.rng.random_ratio(1, 3) => state.exit(client),
            7 | 8 => state.join(client, &group),
            9 => state.leave(client, &group),
            10 => state.find(client.as_str()).map(drop),
            11 | 12 => state.watch(client, pattern),
            13 => state.unwatch(client, self.rng.random_ratio(1, 2).then_some(pattern)),
            _ => state.caller(client.as_str(), HOME).map(drop),
        };
    }

    fn session_step(&mut self, state: &mut State) {
        let (client, id) = (self.anyone(state), self.rng.random_range(0..u64::MAX));
        let flight = state.flights.iter().next().map(|(row, flight)| (*row, flight.receivers[0].0));
        match (self.rng.random_range(0..10), flight) {
            (0..2, _) => drop(state.connect(client, Arc::new(Window::new(SessionId(id))))),
            (2..5, _) => drop(state.listen(client, self.rng.random_ratio(4, 5))),
            (5, Some((row, _))) => state.arrived(row),
            (6, Some((row, delivery))) => state.push_back(row, delivery),
            (7, _) => state.refill(client),
            (8, _) => {
                let number = state.clients.by_id.get(&client);
                let session = number.and_then(|number| state.clients.live[number].session.as_ref());
                if let Some(session) = session.map(|session| session.window.session()) {
                    state.disconnect(client, session);
                }
            }
            _ => drop(state.send(client, "ALL", None, self.value())),
        }
    }

    fn message_step(&mut self, state: &mut State) {
        let (client, event, body, span) = (self.anyone(state), self.of(&EVENTS), self.value(), self.span());
        let to = match self.rng.random_range(0..3) {
            0 => self.anyone(state).to_string(),
            1 => self.of(&NAMES).to_owned(),
            _ => self.of(&GROUPS).to_owned(),
        };
        let number = self.numbers.last().copied().unwrap_or(1);
        let _ = match self.rng.random_range(0..9) {
            0..4 => state.send(client, &to, event, body),
            4 => state.notify("SQLite", client, None, body),
            5 => state.recv(client, None).map(drop),
            6 => state.recv(client, Some("t?ck")).map(drop),
            7 => state.lease(client, span).map(|got| self.numbers.extend(got.map(|got| got.number))),
            _ => state.ack(client, number),
        };
    }

    fn registry_step(&mut self, state: &mut State) {
        let (key, value, span, pattern) = (self.key(state), self.value(), self.span(), self.of(&PATTERNS));
        let space = if self.rng.random_ratio(1, 4) { Space::Names } else { Space::Registry };
        let _ = match self.rng.random_range(0..8) {
            0..3 => state.set(space, &key, value, None),
            3 => state.set(space, &key, value, Some(span)),
            4 => state.remove(space, &key).map(drop),
            5 => state.incr(&key, Value::Int(1)).map(drop),
            6 => state.swap(&key, &Value::None, value).map(drop),
            _ => state.scan(Some(pattern)).map(|mut scan| state.delete(&mut scan)).map(|_| ()),
        };
    }

    fn queue_step(&mut self, state: &mut State) {
        let (queue, value, span) = (self.queue(state), self.value(), self.span());
        let number = self.numbers.last().copied().unwrap_or(1);
        let _ = match self.rng.random_range(0..8) {
            0..4 => state.put(&queue, value),
            4 => state.take_out(&queue).map(drop),
            5 => state.take(&queue, span).map(|got| self.numbers.extend(got.map(|(number, _)| number))),
            6 => state.done(&queue, number),
            _ => state.drop_queue(&queue).map(drop),
        };
    }

    fn wait_step(&mut self, state: &mut State) {
        let wait = match self.rng.random_range(0..6) {
            0 | 1 => Wait::Message {
                client: self.anyone(state),
                event: self.rng.random_ratio(1, 2).then(|| shared("t*")),
            },
            2 => Wait::Item { queue: shared(&self.queue(state)) },
            3 => Wait::Changed { key: shared(&self.key(state)), old: self.value() },
            _ => {
                if let Some((wait, fulfilment)) = self.owed.pop() {
                    state.give_back(&wait, fulfilment);
                }
                return;
            }
        };
        match state.wait(wait.clone()) {
            Ok(Ok(fulfilment)) if self.rng.random_ratio(1, 2) => self.owed.push((wait, fulfilment)),
            Ok(Err(waiter)) => drop(self.waiters.insert(waiter, wait)),
            _ => {}
        }
    }

    fn move_time(&mut self, now: &mut Moment) {
        let by: u64 = if self.rng.random_ratio(1, 3) { self.rng.random_range(0..400) } else { 1 };
        now.monotonic += seconds(by);
        now.unix_micros += i64::try_from(by).unwrap() * 1_000_000;
    }
}

#[test]
fn a_rollback_leaves_the_state_as_it_was() {
    let mut changed = 0;
    for seed in 0..60 {
        let mut random = Random::new(seed);
        let World { mut state, mut now, .. } = World::with(small(), Vec::new());
        for _ in 0..80 {
            random.move_time(&mut now);
            state.begin(now);
            let before = state.dump(true);
            let keep = random.rng.random_ratio(1, 2);
            for _ in 0..random.rng.random_range(0..12) {
                random.step(&mut state);
            }
            if keep {
                state.commit();
            } else {
                changed += usize::from(state.dump(true) != before);
                state.undo_all();
                assert_eq!(state.dump(true), before, "seed {seed}");
                random.owed.clear();
                state.rollback();
            }
            state.verify();
        }
    }
    assert!(changed > 1_000, "only {changed} of the rolled back transactions had changed anything");
}

#[test]
fn the_records_make_the_same_state_again() {
    let mut tables = BTreeSet::new();
    for seed in 100..160 {
        let mut random = Random::new(seed);
        let World { mut state, mut now, .. } = World::with(small(), Vec::new());
        let mut rows: BTreeMap<(Table, u64), Row> = BTreeMap::new();
        let mut known = BTreeSet::new();
        let mut sequence = 0;
        for round in 0..81 {
            random.move_time(&mut now);
            state.begin(now);
            let last = round == 80;
            if last {
                tables.extend(rows.keys().map(|(table, _)| *table));
                land_all(&mut state);
            }
            for _ in 0..random.rng.random_range(0..if last { 1 } else { 12 }) {
                random.step(&mut state);
            }
            let keep = last || random.rng.random_ratio(4, 5);
            let commit = if keep {
                state.commit()
            } else {
                random.owed.clear();
                state.rollback()
            };
            sequence += u64::from(!commit.records.is_empty());
            assert_eq!((commit.sequence, state.last_sequence()), (sequence, sequence));
            for (waiter, fulfilment) in commit.fulfilled {
                if let Some(wait) = random.waiters.remove(&waiter) {
                    random.owed.push((wait, fulfilment));
                }
            }
            let mut numbers = BTreeSet::new();
            for record in commit.records {
                match record {
                    Record::Put { number, row, fresh } => {
                        assert!(number < commit.next_number);
                        assert!(!(fresh && known.contains(&number)), "{number} is not fresh");
                        assert!(fresh || known.contains(&number) || numbers.contains(&number), "{number}");
                        numbers.insert(number);
                        if let Row::Push { receivers, .. } = &row {
                            // The numbers of its deliveries are theirs alone, row or no row.
                            numbers.extend(receivers.iter().map(|(delivery, _)| *delivery));
                        }
                        rows.insert((row.table(), number), row);
                    }
                    Record::Delete { table, number } => {
                        assert!(rows.remove(&(table, number)).is_some(), "{table:?} {number}");
                    }
                }
            }
            known.extend(numbers);
        }
        let mut again = State::new(small(), EXPIRY, ids(Vec::new()));
        again.begin_restore(now);
        for ((_, number), row) in rows {
            again.restore(number, row);
        }
        again.restored(state.next_number, now);
        again.verify();
        assert_eq!(again.dump(false), state.dump(false), "seed {seed}");
        again.begin(now);
        assert!(again.commit().records.is_empty(), "nothing is an orphan");
    }
    assert_eq!(tables.len(), 11, "only {tables:?} had rows");
}

/// A restart puts what is on its way into the inboxes; so that both sides are alike, so does this.
fn land_all(state: &mut State) {
    let flights: Vec<_> =
        state.flights.iter().map(|(row, flight)| (*row, Arc::clone(&flight.receivers))).collect();
    for (row, receivers) in flights {
        receivers.iter().for_each(|(delivery, _)| state.push_back(row, *delivery));
    }
}

#[test]
fn no_limit_is_ever_crossed() {
    for seed in 200..240 {
        let mut random = Random::new(seed);
        let World { mut state, mut now, .. } = World::with(small(), Vec::new());
        for _ in 0..200 {
            random.move_time(&mut now);
            state.begin(now);
            random.step(&mut state);
            random.owed.clear();
            state.commit();
            state.verify();
            let limits = &state.limits;
            assert!(state.clients.live.len() <= limits.clients_max);
            assert!(state.groups.len() <= limits.groups_max);
            assert!(state.registry.entries.len() <= limits.registry_keys_max);
            assert!(state.registry.bytes <= limits.registry_bytes_max);
            assert!(state.queues.len() <= limits.queues_max);
            for (_, queue) in state.queues.under("") {
                assert!(queue.line.len() <= limits.queue_items_max);
                assert!(queue.line.bytes() <= limits.queue_bytes_max);
            }
            // A notice in each inbox is all that may come on top.
            for client in state.clients.live.values() {
                assert!(client.inbox.len() <= limits.inbox_messages_max + 1);
                assert!(client.inbox.bytes() <= limits.inbox_bytes_max + 200);
            }
            assert!(state.bytes <= limits.state_bytes_max + limits.clients_max * 300);
        }
    }
}
