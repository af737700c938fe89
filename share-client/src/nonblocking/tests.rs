//! What becomes of an item whose getter gave up, where it comes late, against a server of a few lines.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use super::{Queue, Session};
use crate::session::tests::fake::{Act, Fake, Peer};

const SOON: Duration = Duration::from_secs(20);
const LONG: Duration = Duration::from_secs(60);

/// Somebody who waits for an item, and the connection on which the server was asked for it.
async fn waits(queue: &Queue, fake: &Fake) -> (tokio::task::JoinHandle<Option<String>>, Peer) {
    let queue = queue.clone();
    let getter = tokio::spawn(async move { queue.get_wait(LONG).await.unwrap() });
    let connection = fake.connection();
    while !fake.asked().1.starts_with("get(") {}
    (getter, connection)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_late_to_a_getter_who_gave_up_goes_to_who_waits_and_to_who_comes_next() {
    let fake = Fake::new(|_, line| line.starts_with("get(").then_some(Act::Nothing));
    let session = Session::connect(fake.address).await.unwrap();
    let _ = fake.connection();
    let queue = session.queue("news");
    let (given_up, first) = waits(&queue, &fake).await;
    let (getter, second) = waits(&queue, &fake).await;
    given_up.abort();
    assert!(given_up.await.unwrap_err().is_cancelled());
    first.say("{\"ok\":\"late\"}");
    let got = tokio::time::timeout(SOON, getter).await.unwrap().unwrap();
    assert_eq!(got.as_deref(), Some("late"));
    // The wait of the one who has got it goes to its end as well.
    second.say("{\"ok\":\"later\"}");
    let got = tokio::time::timeout(SOON, queue.get_wait::<String>(LONG)).await.unwrap().unwrap();
    assert_eq!(got.as_deref(), Some("later"));
}
