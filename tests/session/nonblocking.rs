//! The client crate's sessions on tokio: the same as the others, and nothing is lost where what waits is dropped.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use share_client::nonblocking::Session;
use share_client::{Error, Kind, Value};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::relay::Relay;
use super::support::{Peer, Server};
use super::{Plant, SOON, plant, quick};

async fn open(server: &Server) -> Session {
    Session::connect(server.address()).await.expect("a session")
}

async fn told<T>(news: &mut mpsc::UnboundedReceiver<T>) -> T {
    timeout(SOON, news.recv()).await.expect("in time").expect("something")
}

#[tokio::test]
async fn values_are_shared_in_both_directions() {
    let server = Server::start();
    let (client, peer) = (open(&server).await, open(&server).await);
    client.globals().set("shared.list", &vec![1, 2, 3]).await.unwrap();
    assert_eq!(peer.globals().get("shared.list").await.unwrap(), Some(vec![1, 2, 3]));
    client.globals().set("shared.plant", &plant()).await.unwrap();
    assert_eq!(peer.globals().get::<Plant>("shared.plant").await.unwrap(), Some(plant()));
    assert_eq!(peer.globals().keys("shared.*").await.unwrap(), ["shared.list", "shared.plant"]);
    assert!(peer.globals().contains("shared.list").await.unwrap());
    assert_eq!(peer.globals().remove::<Vec<i64>>("shared.list").await.unwrap(), Some(vec![1, 2, 3]));
    assert_eq!(client.globals().get::<Value>("shared.list").await.unwrap(), None);
    assert_eq!(client.globals().incr("shared.n", &2).await.unwrap(), 2);
    assert!(client.globals().swap("shared.n", &2, &3).await.unwrap());
    assert!(client.globals().age("shared.n").await.unwrap().unwrap() < SOON);
    assert_eq!(client.globals().remove_matching("shared.*").await.unwrap(), 2);

    let seen = peer.peer(client.id()).local();
    client.local().set("a", &1).await.unwrap();
    assert_eq!(seen.get("a").await.unwrap(), Some(1));
    seen.set("b", &2).await.unwrap();
    assert_eq!(client.local().get("b").await.unwrap(), Some(2));
    let mut entries = seen.iter::<i64>("*").await.unwrap();
    assert_eq!(entries.next().await.unwrap().unwrap(), ("a".into(), 1));
    assert_eq!(entries.next().await.unwrap().unwrap(), ("b".into(), 2));
    assert!(entries.next().await.is_none());
    assert_eq!(peer.eval::<Vec<usize>>("[len(k) for k in ['a', 'bc']]").await.unwrap(), [1, 2]);
    let rows: Vec<(i64, String)> = peer.sql("SELECT ?, ?", &(1, "x")).await.unwrap();
    assert_eq!(rows, [(1, "x".to_owned())]);
    client.exit().await.unwrap();
    assert_eq!(seen.set("c", &3).await.unwrap_err().kind(), Some(Kind::State));
}

#[tokio::test]
async fn changes_come_as_a_stream_that_may_be_left_and_taken_up() {
    let server = Server::start();
    let (client, peer) = (open(&server).await, open(&server).await);
    let mut local = peer.peer(client.id()).local().watch::<i64>("*").await.unwrap();
    let mut global = peer.globals().watch::<i64>("n.*").await.unwrap();
    assert_eq!(local.next_within(Duration::ZERO).await.unwrap(), None);
    client.local().set("t", &1).await.unwrap();
    client.globals().set("n.a", &2).await.unwrap();
    client.globals().remove::<i64>("n.a").await.unwrap();
    let change = local.next_within(SOON).await.unwrap().unwrap();
    assert_eq!((change.key.as_str(), change.value), ("t", Some(1)));
    assert_eq!(global.next().await.unwrap().unwrap().value, Some(2));
    assert_eq!(global.next().await.unwrap().unwrap().value, None);
    drop(local);
    client.local().set("t", &2).await.unwrap();
    client.globals().set("n.b", &3).await.unwrap();
    assert_eq!(global.next().await.unwrap().unwrap().key, "n.b");
    assert_eq!(peer.recv(Duration::ZERO).await.unwrap(), None, "a change that nobody watches any more");
    let waiter = {
        let client = client.clone();
        tokio::spawn(async move { client.globals().wait_change::<i64>("n.b", &3, SOON).await })
    };
    peer.globals().set("n.b", &4).await.unwrap();
    assert_eq!(waiter.await.unwrap().unwrap(), Some(4));
    assert_eq!(global.next().await.unwrap().unwrap().value, Some(4));
    peer.close();
    assert!(global.next().await.is_none());
    assert!(matches!(global.next_within(SOON).await, Err(Error::Closed(_))));
}

#[tokio::test]
async fn a_conversation_over_pipes() {
    let server = Server::start();
    let (client, peer) = (open(&server).await, open(&server).await);
    let far = peer.peer(client.id());
    let answering = tokio::spawn(async move {
        let (plain, sums) = (far.pipe("plain"), far.pipe("sums"));
        assert_eq!(plain.recv::<String>(SOON).await.unwrap().as_deref(), Some("hello"));
        plain.send("hello yourself").await.unwrap();
        for _ in 0..20 {
            let numbers: (i64, i64) = sums.recv(SOON).await.unwrap().unwrap();
            sums.send(&(numbers.0 + numbers.1)).await.unwrap();
        }
        sums.recv::<i64>(SOON).await
    });
    client.pipe("plain").send("hello").await.unwrap();
    for number in 0..20 {
        client.pipe("sums").send(&(number, 1)).await.unwrap();
    }
    for number in 0..20 {
        assert_eq!(client.pipe("sums").recv::<i64>(SOON).await.unwrap(), Some(number + 1));
    }
    assert_eq!(client.pipe("plain").recv::<String>(SOON).await.unwrap().as_deref(), Some("hello yourself"));
    client.exit().await.unwrap();
    assert!(matches!(answering.await.unwrap(), Err(Error::Closed(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_item_is_got_once_however_often_a_getter_gives_up() {
    let server = Server::start();
    let producer = open(&server).await;
    let got = Arc::new(AtomicUsize::new(0));
    let getters: Vec<_> = (0..3)
        .map(|number| {
            let (address, got) = (server.address(), Arc::clone(&got));
            tokio::spawn(async move {
                let session = Session::connect(address).await.unwrap();
                let queue = session.queue("news");
                let mut mine: Vec<u64> = Vec::new();
                let mut patience = 1;
                while got.load(Ordering::SeqCst) < 300 {
                    // Dropped in the middle, over and over, at another moment each time.
                    patience = (patience * 7 + number) % 3000 + 1;
                    let wait = Duration::from_micros(patience);
                    let item = match patience % 2 {
                        0 => timeout(wait, queue.get_wait(SOON)).await,
                        _ => timeout(wait, queue.get()).await,
                    };
                    if let Ok(Some(item)) = item.unwrap_or(Ok(None)) {
                        mine.push(item);
                        got.fetch_add(1, Ordering::SeqCst);
                    }
                }
                mine
            })
        })
        .collect();
    producer.queue("news").put_all(0..300).await.unwrap();
    let mut all = Vec::new();
    for getter in getters {
        all.extend(getter.await.unwrap());
    }
    all.sort_unstable();
    assert_eq!(all, (0..300).collect::<Vec<u64>>());
}

#[tokio::test]
async fn what_is_taken_and_not_done_comes_back() {
    let server = Server::start();
    let session = open(&server).await;
    let jobs = session.local_queue("jobs");
    assert!(jobs.take::<String>(SOON).await.unwrap().is_none());
    jobs.put("dig").await.unwrap();
    assert_eq!((jobs.len().await.unwrap(), jobs.is_empty().await.unwrap()), (1, false));
    assert_eq!(session.queues(None).await.unwrap(), [jobs.name()]);
    let lost = jobs.take::<String>(Duration::from_millis(20)).await.unwrap().unwrap();
    let again = jobs.take_wait::<String>(SOON, SOON).await.unwrap().unwrap();
    assert_eq!((again.value.as_str(), again.number()), ("dig", lost.number()));
    again.done().await.unwrap();
    assert_eq!(lost.done().await.unwrap_err().kind(), Some(Kind::State));
    jobs.remove().await.unwrap();
}

#[tokio::test]
async fn events_reach_their_handlers_the_catch_all_and_a_filtered_receive() {
    let server = Server::start();
    let (one, other) = (open(&server).await, open(&server).await);
    other.join("garden").await.unwrap();
    one.emit("garden", "early", &1).await.unwrap();
    one.send("garden", "plain").await.unwrap();
    let early = other.recv_event("early", SOON).await.unwrap().unwrap();
    assert_eq!((early.from.clone(), early.read::<i64>().unwrap()), (one.id(), 1));
    let (tell, mut news) = mpsc::unbounded_channel();
    let (rain, rest) = (tell.clone(), tell);
    other
        .on("rain", move |session, message| {
            let rain = rain.clone();
            async move {
                session.emit(&message.from, "thanks", &message.body).await.unwrap();
                rain.send(("rain", message.body.to_string())).unwrap();
            }
        })
        .await
        .unwrap();
    other.on("broken", async |_, _| panic!("this one is contained")).await.unwrap();
    let catch_all = other
        .on("*", move |_, message| {
            rest.send(("rest", message.body.to_string())).unwrap();
            async {}
        })
        .await
        .unwrap();
    assert_eq!(told(&mut news).await, ("rest", "plain".into()));
    for (event, body) in [("rain", 1), ("broken", 2), ("sun", 3)] {
        one.emit("garden", event, &body).await.unwrap();
    }
    assert_eq!(told(&mut news).await, ("rain", "1".into()));
    assert_eq!(told(&mut news).await, ("rest", "3".into()));
    one.send(&one.id(), "to myself").await.unwrap();
    assert_eq!(one.recv_event("th*", SOON).await.unwrap().unwrap().from, other.id());
    assert_eq!(one.recv(SOON).await.unwrap().unwrap().body, Value::from("to myself"));
    assert!(other.off(catch_all) && !other.off(catch_all));
    // A receive that was given up takes nothing; the stream finds what it would have.
    assert!(timeout(Duration::from_millis(1), other.recv(SOON)).await.is_err());
    one.send("garden", "the end").await.unwrap();
    let mut messages = other.messages().await.unwrap();
    assert_eq!(messages.next().await.unwrap().body, Value::from("the end"));
    other.close();
    assert!(messages.next().await.is_none());
}

#[tokio::test]
async fn names_presence_and_leases() {
    let server = Server::start();
    let pump = Session::connect_with(server.address(), quick().name("pump")).await.unwrap();
    let desk = open(&server).await;
    assert_eq!(desk.find("pump").await.unwrap().id(), pump.id());
    assert_eq!(desk.find("nobody").await.unwrap_err().kind(), Some(Kind::State));
    desk.join("EVENTS").await.unwrap();
    desk.send("pump", "one").await.unwrap();
    let leased = pump.lease(SOON).await.unwrap().unwrap();
    assert_eq!(leased.body, Value::from("one"));
    pump.ack(leased.number).await.unwrap();
    let again = Session::connect_with(server.address(), quick().name("pump")).await.unwrap();
    assert_eq!(again.id(), pump.id());
    assert!(pump.wait_until_closed().await.contains("another session"));
    assert!(matches!(pump.ping().await, Err(Error::Closed(_))) && pump.closed().is_some());
    drop(again);
    for _ in 0..2 {
        assert_eq!(desk.recv_event("session_close", SOON).await.unwrap().unwrap().from, "EVENTS");
    }
    assert!(!desk.who(Some("pump")).await.unwrap()[0].connected);
    desk.set_name("pump").await.unwrap_err();
    desk.leave("EVENTS").await.unwrap();
    assert_eq!(desk.groups().await.unwrap(), ["ALL"]);
}

#[tokio::test]
async fn a_restart_of_the_server_is_survived_with_all_that_was_there() {
    let mut server = Server::start();
    let relay = Relay::to(server.address());
    let session = Session::connect_with(relay.address(), quick()).await.unwrap();
    let other = Session::connect_with(relay.address(), quick()).await.unwrap();
    let (tell, mut news) = mpsc::unbounded_channel();
    let (tell_other, mut other_news) = mpsc::unbounded_channel();
    session.join("garden").await.unwrap();
    session.local().set("a", &1).await.unwrap();
    let mut watch = session.globals().watch::<i64>("k").await.unwrap();
    for (session, tell) in [(&session, tell), (&other, tell_other)] {
        session.on_reconnect(move |_, back| {
            tell.send(back).unwrap();
            async {}
        });
    }
    other.queue("q").put("kept").await.unwrap();
    assert_eq!(session.queue("q").get_wait::<String>(SOON).await.unwrap().as_deref(), Some("kept"));
    let waiting = {
        let session = session.clone();
        tokio::spawn(async move { session.queue("q").get_wait::<String>(SOON).await })
    };
    server.restart();
    relay.lead_to(server.address());
    let back = told(&mut news).await;
    assert_eq!((back.id, back.previous_id, back.lost), (session.id(), None, Vec::new()));
    assert_eq!(session.local().get("a").await.unwrap(), Some(1));
    // Before that, nobody would know whether what it sends was done.
    told(&mut other_news).await;
    other.send("garden", "after").await.unwrap();
    assert_eq!(session.recv(SOON).await.unwrap().unwrap().body, Value::from("after"));
    other.queue("q").put("for who waited all along").await.unwrap();
    assert_eq!(waiting.await.unwrap().unwrap().as_deref(), Some("for who waited all along"));
    other.globals().set("k", &7).await.unwrap();
    assert_eq!(watch.next().await.unwrap().unwrap().value, Some(7));
}

#[tokio::test]
async fn tasks_share_a_session_while_one_of_them_waits() {
    let server = Server::start();
    let session = open(&server).await;
    let waiter = {
        let session = session.clone();
        tokio::spawn(async move { session.queue("never").get_wait::<i64>(SOON * 60).await })
    };
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move {
                for _ in 0..50 {
                    session.globals().incr("n", &1).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(session.globals().get("n").await.unwrap(), Some(400));
    session.close();
    assert!(matches!(waiter.await.unwrap(), Err(Error::Closed(_))));
    assert!(matches!(session.queue("never").get_wait::<i64>(SOON).await, Err(Error::Closed(_))));
}
