//! What a session keeps when its link is cut, freezes, or the server starts anew; and what it says was lost.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use share_client::session::Reconnected;
use share_client::{Error, Session, SessionOptions, Timeouts, Value};

use super::relay::Relay;
use super::support::{Peer, Server};
use super::{SOON, open, quick};

/// A session over the relay, and what it says when it is back.
fn over(relay: &Relay, options: SessionOptions) -> (Session, mpsc::Receiver<Reconnected>) {
    let session = Session::connect_with(relay.address(), options).unwrap();
    let (tell, told) = mpsc::channel();
    session.on_reconnect(move |_, news| tell.send(news.clone()).unwrap()).unwrap();
    (session, told)
}

/// Cuts the link, and waits until the server has seen it.
fn lose(relay: &Relay, session: &Session, other: &Session) {
    relay.lead_to(Relay::nowhere());
    relay.cut();
    while other.who(Some(&session.id())).unwrap()[0].connected {
        thread::yield_now();
    }
}

#[test]
fn a_cut_link_comes_back_as_the_same_client_with_all_that_came_meanwhile() {
    let server = Server::start();
    let relay = Relay::to(server.address());
    let (session, told) = over(&relay, quick());
    let other = open(&server);
    session.join("garden").unwrap();
    session.set_name("pump").unwrap();
    session.local().set("a", &1).unwrap();
    let mut watch = session.globals().watch::<i64>("k").unwrap();
    other.queue("jobs").put("dig").unwrap();
    let job = session.queue("jobs").take::<String>(SOON * 60).unwrap().unwrap();
    for round in 0..5 {
        other.send("garden", &round).unwrap();
        // What is written and does not arrive is lost; this one has arrived, and the others are sent when the server
        // knows that nobody is there.
        assert_eq!(session.recv(SOON).unwrap().unwrap().read::<i64>().unwrap(), round);
        lose(&relay, &session, &other);
        other.send("garden", &(100 + round)).unwrap();
        other.globals().set("k", &round).unwrap();
        relay.lead_to(server.address());
        let news = told.recv_timeout(SOON).unwrap();
        assert_eq!((news.id, news.previous_id, news.lost), (session.id(), None, Vec::new()));
        assert_eq!(watch.next_within(SOON).unwrap().unwrap().value, Some(round));
        assert_eq!(session.recv(SOON).unwrap().unwrap().read::<i64>().unwrap(), 100 + round);
    }
    job.done().unwrap();
    assert_eq!(session.local().get("a").unwrap(), Some(1));
    assert_eq!(other.find("pump").unwrap().id(), session.id());
}

#[test]
fn what_was_under_way_when_the_link_was_cut_is_done_at_most_once() {
    let server = Server::start();
    let relay = Relay::to(server.address());
    let (session, told) = over(&relay, quick());
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let session = session.clone();
            thread::spawn(move || {
                let (mut done, mut unknown) = (0, 0);
                while done < 200 {
                    match session.globals().incr("n", &1_i64) {
                        Ok(_) => done += 1,
                        Err(Error::Io(_)) => unknown += 1,
                        Err(error) => panic!("{error}"),
                    }
                    // What changes nothing is asked again.
                    assert!(session.globals().contains("server.name").unwrap());
                }
                (done, unknown)
            })
        })
        .collect();
    let mut cuts = 0;
    while threads.iter().any(|thread| !thread.is_finished()) && cuts < 20 {
        relay.cut();
        told.recv_timeout(SOON).unwrap();
        cuts += 1;
    }
    let (mut least, mut most) = (0, 0);
    for thread in threads {
        let (done, unknown) = thread.join().unwrap();
        (least, most) = (least + done, most + done + unknown);
    }
    let counted = session.globals().get::<i64>("n").unwrap().unwrap();
    assert!((least..=most).contains(&counted), "{least} <= {counted} <= {most}, {cuts} cuts");
}

#[test]
fn a_link_that_freezes_is_noticed_and_taken_over_at_once() {
    let server = Server::start();
    let relay = Relay::to(server.address());
    let timeouts = Timeouts { connect: SOON, reply: Duration::from_secs(2) };
    let (session, told) = over(&relay, quick().timeouts(timeouts).heartbeat(Duration::from_millis(50)));
    let other = open(&server);
    session.recv(Duration::ZERO).unwrap();
    relay.freeze();
    // The server still believes that the session is there.
    assert!(other.who(Some(&session.id())).unwrap()[0].connected);
    let news = told.recv_timeout(SOON).unwrap();
    assert_eq!((news.id, news.lost), (session.id(), Vec::new()));
    other.send(&session.id(), "are you back?").unwrap();
    assert_eq!(session.recv(SOON).unwrap().unwrap().body, Value::from("are you back?"));
}

#[test]
fn a_client_that_the_server_forgot_is_made_anew_and_says_what_was_lost() {
    let server = Server::manual();
    let relay = Relay::to(server.address());
    let (session, told) = over(&relay, quick().name("pump"));
    let other = open(&server);
    session.join("garden").unwrap();
    session.local().set("a", &1).unwrap();
    let old = session.id();
    // Nobody is there for the client, so that it expires.
    lose(&relay, &session, &other);
    server.advance(Duration::from_secs(601));
    while !other.who(Some("pump")).unwrap().is_empty() {
        thread::yield_now();
    }
    relay.lead_to(server.address());
    let news = told.recv_timeout(SOON).unwrap();
    assert_eq!((news.rejoined, news.renamed.as_deref()), (vec!["garden".to_owned()], Some("pump")));
    assert_eq!(
        news.lost,
        ["the client was made anew: its messages, leases and own keys and queues are gone"]
    );
    assert_eq!((session.id(), news.id == old), (news.id, news.previous_id.is_none()));
    assert_eq!(session.local().get::<i64>("a").unwrap(), None);
    other.send("garden", "welcome back").unwrap();
    let welcomed = |message: &share_client::session::Message| message.body == Value::from("welcome back");
    assert!(session.messages().unwrap().any(|message| welcomed(&message)));
    assert_eq!(other.find("pump").unwrap().id(), session.id());
}

#[test]
fn a_restart_of_the_server_is_survived_with_all_that_was_there() {
    let mut server = Server::start();
    let relay = Relay::to(server.address());
    let (session, told) = over(&relay, quick());
    session.join("garden").unwrap();
    session.local().set("a", &1).unwrap();
    session.queue("jobs").put("dig").unwrap();
    let job = session.queue("jobs").take::<String>(SOON * 60).unwrap().unwrap();
    open(&server).send("garden", "to be leased").unwrap();
    let leased = session.lease(SOON * 60).unwrap().unwrap();
    assert_eq!(session.queue("q").get_wait::<String>(Duration::from_millis(1)).unwrap(), None);
    let waiting = {
        let session = session.clone();
        thread::spawn(move || session.queue("q").get_wait::<String>(SOON))
    };
    server.restart();
    relay.lead_to(server.address());
    let news = told.recv_timeout(SOON).unwrap();
    assert_eq!((news.id, news.previous_id, news.lost), (session.id(), None, Vec::new()));
    let other = open(&server);
    other.queue("q").put("for who waited all along").unwrap();
    assert_eq!(waiting.join().unwrap().unwrap().as_deref(), Some("for who waited all along"));
    job.done().unwrap();
    session.ack(leased.number).unwrap();
    assert_eq!(session.local().get("a").unwrap(), Some(1));
    assert_eq!(session.groups().unwrap(), ["ALL", "garden"]);
    other.send("garden", "after").unwrap();
    assert_eq!(session.recv(SOON).unwrap().unwrap().body, Value::from("after"));
}

#[test]
fn a_server_that_stays_away_is_given_up_in_the_end() {
    let mut server = Server::start();
    let relay = Relay::to(server.address());
    let (session, _told) = over(&relay, quick().give_up_after(Duration::from_millis(100)));
    let waiting = {
        let session = session.clone();
        thread::spawn(move || session.recv(SOON * 60))
    };
    server.stop().unwrap();
    assert!(session.wait_until_closed().starts_with("the connection was lost and did not come back"));
    assert!(matches!(waiting.join().unwrap(), Err(Error::Closed(_))));
    assert!(matches!(session.ping(), Err(Error::Closed(_))));
}
