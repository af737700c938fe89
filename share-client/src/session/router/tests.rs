//! Who gets a message, in which order, and that none is lost or comes twice.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::time::{Duration, Instant};

use super::{Interest, Job, LAST_CHANGE, Router, Seen};
use crate::session::Message;
use crate::session::backlog::WAITING_MAX;
use crate::session::slot::{Slot, Waited};
use crate::wire::Pattern;
use crate::{Value, to_value};

fn message(number: u64, event: Option<&str>) -> Message {
    Message {
        number,
        at: Duration::ZERO,
        from: "aaaaaaaa".into(),
        to: "ALL".into(),
        event: event.map(str::to_owned),
        body: Value::Int(i64::try_from(number).unwrap()),
    }
}

fn event(pattern: &str) -> Interest {
    Interest::event(pattern).unwrap()
}

/// What is there now; nothing where it would have to be waited for.
fn now<T>(slot: &Slot<T>) -> Option<T> {
    match slot.wait(Some(Instant::now())) {
        Waited::Value(value) => Some(value),
        _ => None,
    }
}

fn number(router: &Router, interest: Interest) -> Option<u64> {
    now(&router.receive(interest)).map(|message| message.number)
}

fn handled(router: &Router) -> Option<(u64, Vec<u64>)> {
    match now(&router.job()) {
        Some(Job::Handle(message, handlers)) => Some((message.number, handlers)),
        _ => None,
    }
}

#[test]
fn a_filtered_receive_finds_what_came_before_and_leaves_the_rest_in_order() {
    let router = Router::new();
    for (number, event) in [(1, None), (2, Some("rain")), (3, Some("sun")), (4, Some("rain"))] {
        router.deliver(message(number, event));
    }
    assert_eq!(number(&router, event("r*")), Some(2));
    assert_eq!(number(&router, event("snow")), None);
    assert_eq!(number(&router, Interest::Any), Some(1));
    assert_eq!(number(&router, event("*")), Some(3));
    assert_eq!(number(&router, Interest::Plain), None);
    assert_eq!(number(&router, Interest::Any), Some(4));
}

#[test]
fn who_waits_gets_it_and_who_gave_up_does_not() {
    let router = Router::new();
    let (gave_up, plain, rain) =
        (router.receive(Interest::Any), router.receive(Interest::Plain), router.receive(event("rain")));
    assert!(now(&gave_up).is_none());
    router.deliver(message(1, Some("rain")));
    router.deliver(message(2, None));
    router.deliver(message(3, None));
    assert_eq!(now(&rain).unwrap().number, 1);
    assert_eq!(now(&plain).unwrap().number, 2);
    assert_eq!(number(&router, Interest::Any), Some(3));
}

#[test]
fn what_somebody_gave_up_on_goes_back_to_its_place() {
    let router = Router::new();
    let slot = router.receive(event("rain"));
    router.deliver(message(1, Some("rain")));
    router.deliver(message(2, Some("rain")));
    router.give_back(slot.abandon().unwrap());
    assert_eq!(number(&router, Interest::Any), Some(1));
    assert_eq!(number(&router, Interest::Any), Some(2));
}

#[test]
fn none_comes_twice() {
    let router = Router::new();
    for number in [1, 2, 1, 2, 3] {
        router.deliver(message(number, None));
    }
    assert_eq!([1, 2, 3].map(Some), [(); 3].map(|()| number(&router, Interest::Any)));
    assert_eq!(number(&router, Interest::Any), None);
}

#[test]
fn handlers_get_theirs_the_catch_all_the_rest_and_a_waiting_receive_comes_first() {
    let router = Router::new();
    router.deliver(message(1, Some("rain")));
    router.deliver(message(2, None));
    let rain = router.handle(Interest::handler("rain").unwrap());
    let all_rain = router.handle(Interest::handler("r*").unwrap());
    assert_eq!(handled(&router), Some((1, vec![rain])));
    let rest = router.handle(Interest::handler("*").unwrap());
    assert_eq!(handled(&router), Some((2, vec![rest])));
    router.deliver(message(3, Some("rain")));
    router.deliver(message(4, Some("sun")));
    let waiting = router.receive(event("rain"));
    router.deliver(message(5, Some("rain")));
    assert_eq!(now(&waiting).unwrap().number, 5);
    assert_eq!(handled(&router), Some((3, vec![rain, all_rain])));
    assert_eq!(handled(&router), Some((4, vec![rest])));
    assert_eq!(handled(&router), None);
    router.forget_handler(rest);
    router.deliver(message(6, None));
    assert_eq!(handled(&router), None);
    assert_eq!(number(&router, Interest::Any), Some(6));
}

#[test]
fn a_watch_gets_the_changes_that_match_and_nobody_else_does() {
    let router = Router::new();
    let change = |number, key: &str| Message { from: "REGISTRY".into(), ..message(number, Some(key)) };
    let garden = router.watch(Pattern::new("garden.*").unwrap());
    let gate = router.watch(Pattern::new("*.gate").unwrap());
    let next = |id| match now(&router.change(id)) {
        Some(Seen::Change { key, .. }) => key,
        other => panic!("{other:?}"),
    };
    router.deliver(change(1, "garden.gate"));
    router.deliver(change(2, "garden.soil"));
    router.deliver(change(3, "house"));
    router.deliver(message(4, Some("garden.gate")));
    assert_eq!(
        (next(garden), next(garden), next(gate)),
        ("garden.gate".into(), "garden.soil".into(), "garden.gate".into())
    );
    assert!(now(&router.change(garden)).is_none() && now(&router.change(gate)).is_none());
    assert_eq!(number(&router, Interest::Any), Some(3));
    assert_eq!(number(&router, Interest::Any), Some(4));
    // What is on its way when a watch ends is nobody's; what comes behind the mark is not its.
    router.end_watch(garden);
    router.deliver(change(5, "garden.soil"));
    let mark =
        |number, id: u64| Message { body: to_value(&id).unwrap(), ..message(number, Some(LAST_CHANGE)) };
    router.deliver(mark(6, gate));
    router.deliver(mark(7, garden));
    router.deliver(change(8, "garden.soil"));
    assert_eq!(number(&router, Interest::Any), Some(6), "the mark of another is a message like any other");
    assert_eq!(number(&router, Interest::Any), Some(8));
    assert!(router.change(garden).wait(None).is_closed());
}

#[test]
fn what_nobody_takes_is_bounded_and_counted() {
    let router = Router::new();
    let watch = router.watch(Pattern::new("*").unwrap());
    let many = u64::try_from(WAITING_MAX).unwrap() + 5;
    for number in 0..many {
        router.deliver(message(number, None));
        router.deliver(Message { from: "REGISTRY".into(), ..message(many + number, Some("k")) });
    }
    assert_eq!(router.dropped(), 5);
    assert_eq!(number(&router, Interest::Any), Some(5));
    assert!(matches!(now(&router.change(watch)), Some(Seen::Dropped(5))));
    assert!(
        matches!(now(&router.change(watch)), Some(Seen::Change { value: Value::Int(number), .. }) if number == i64::try_from(many).unwrap() + 5)
    );
}

#[test]
fn the_end_wakes_all_who_wait_and_leaves_what_has_come() {
    let router = Router::new();
    let watch = router.watch(Pattern::new("*").unwrap());
    router.deliver(message(1, None));
    let (slot, job, change) = (router.receive(event("x")), router.job(), router.change(watch));
    router.close();
    assert!(slot.wait(None).is_closed() && job.wait(None).is_closed() && change.wait(None).is_closed());
    assert_eq!(number(&router, Interest::Any), Some(1));
    assert!(router.receive(Interest::Any).wait(None).is_closed());
    assert!(router.job().wait(None).is_closed());
    assert!(router.change(watch).wait(None).is_closed());
}
