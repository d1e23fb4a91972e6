//! Places in the queues for cooling routes.

use std::time::Duration;

use crate::store::{CoolDown, NewTicket, Queued, Store, Ticket};
use crate::world::Clock;

fn keys(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| format!("model:{name}")).collect()
}

fn stands(store: &Store, wants: &[&str]) -> Ticket {
    let new = NewTicket {
        request_id: format!("r-{}", wants.join("")),
        purpose: "ask".to_owned(),
        model: "balanced".to_owned(),
        keys: keys(wants),
        wakes_ms: None,
        gives_up_ms: store.clock.millis() + 60_000,
    };
    match store.queue(new, 64).unwrap() {
        Queued::In(ticket) => ticket,
        Queued::Full(waiting) => panic!("{waiting} wait"),
    }
}

#[test]
fn who_stands_first_goes_first_wherever_wishes_overlap() {
    let (store, _clock, _dir) = cooling(&["a", "b", "c"]);
    let (one, mut two, three) = (stands(&store, &["a", "b"]), stands(&store, &["c"]), stands(&store, &["b", "c"]));
    let place = |ticket: &Ticket| {
        let traffic = store.traffic(Some(ticket.id())).unwrap();
        (traffic.before, traffic.waiting)
    };
    assert_eq!((place(&one), place(&two), place(&three)), ((0, 2), (0, 2), (2, 3)));
    let new = store.traffic(None).unwrap();
    assert_eq!(new.ahead.len(), 3, "who comes now stands behind all of them");
    // The one try of a cool-down belongs to the oldest who waits for it.
    let stale = Duration::from_secs(60);
    let had = std::cell::RefCell::new(Vec::new());
    let tries = |name: &str, ticket: Option<i64>| {
        let probe = store.probe(&keys(&[name]), ticket, stale).unwrap();
        let got = probe.is_some();
        had.borrow_mut().extend(probe);
        got
    };
    assert!(!tries("b", Some(three.id())) && !tries("c", Some(three.id())) && !tries("a", None));
    assert!(tries("c", Some(two.id())) && !tries("c", Some(two.id())), "once");
    // Who tries is in nobody's way, and keeps its place.
    one.beat(true, None);
    assert!(tries("b", Some(three.id())));
    assert_eq!(place(&three), (1, 3));
    one.beat(false, None);
    assert_eq!(place(&three), (2, 3));
    // Wishes change, and who leaves makes room.
    two.want(keys(&["a"]));
    assert_eq!((place(&two), place(&three)), ((1, 2), (1, 2)));
    drop(one);
    assert_eq!((place(&two), place(&three)), ((0, 1), (0, 1)));
    drop((two, three));
    assert!(store.traffic(None).unwrap().ahead.is_empty() && store.tickets().unwrap().is_empty());
}

#[test]
fn a_queue_is_bounded_and_who_is_not_heard_of_loses_its_place() {
    let (store, clock, _dir) = cooling(&["a"]);
    let _held = (stands(&store, &["a"]), stands(&store, &["a", "b"]));
    let new = |most| {
        let new = NewTicket {
            request_id: "r".to_owned(),
            purpose: "ask".to_owned(),
            model: "m".to_owned(),
            keys: keys(&["a"]),
            wakes_ms: None,
            gives_up_ms: 0,
        };
        matches!(store.queue(new, most).unwrap(), Queued::Full(2))
    };
    assert!(new(2), "two wait, and no more may");
    assert_eq!(store.tickets().unwrap().len(), 2);
    clock.advance(Duration::from_secs(11));
    assert!(store.tickets().unwrap().is_empty(), "killed, or stopped");
    assert!(store.probe(&keys(&["a"]), None, Duration::from_secs(60)).unwrap().is_some(), "and in nobody's way");
    assert!(!new(2));
}

#[test]
fn what_was_written_before_the_clock_was_set_back_is_in_nobodys_way() {
    let (tomorrow, _, dir) = cooling(&["a"]);
    let late = stands(&tomorrow, &["a"]);
    let tried = tomorrow.probe(&keys(&["a"]), Some(late.id()), Duration::from_secs(60)).unwrap();
    // Killed, and its ticket and its try stay.
    std::mem::forget((late, tried.unwrap()));
    let store = Store::at(dir.path(), &Clock::fixed("2026-11-25T08:00:00Z".parse().unwrap())).unwrap();
    assert!(store.tickets().unwrap().is_empty() && store.traffic(None).unwrap().ahead.is_empty());
    let tries = || store.probe(&keys(&["a"]), None, Duration::from_secs(60)).unwrap();
    let (one, two) = (tries(), tries());
    assert!(one.is_some() && two.is_none(), "and one at a time may try");
}

#[cfg(target_os = "linux")]
#[test]
fn whose_process_is_gone_has_lost_its_place_at_once() {
    let (store, _clock, dir) = cooling(&["a"]);
    let ticket = stands(&store, &["a"]);
    assert!(store.flush(Duration::from_secs(5)));
    let own = crate::world::life::own().unwrap().to_owned();
    let (rest, _) = own.rsplit_once('/').unwrap();
    let gone = format!("{rest}/1");
    let c = rusqlite::Connection::open(dir.path().join(crate::store::FILE)).unwrap();
    c.execute("UPDATE ticket SET process = ?1", [gone]).unwrap();
    assert_eq!(store.traffic(None).unwrap().ahead.len(), 1, "seen for a last time");
    assert!(store.traffic(None).unwrap().ahead.is_empty());
    drop(ticket);
}

/// A store on disk in which these cool down.
fn cooling(names: &[&str]) -> (Store, Clock, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::fixed("2026-11-26T08:00:00Z".parse().unwrap());
    let store = Store::at(dir.path(), &clock).unwrap();
    for key in keys(names) {
        let now = clock.millis();
        store.cool(key.clone(), move |_| CoolDown {
            key: key.clone(),
            until_ms: now + 1,
            cause: "429".to_owned(),
            source: "a/m".to_owned(),
            set_ms: now,
            strikes: 1,
            probe_ms: None,
            waits: true,
        });
    }
    (store, clock, dir)
}
