//! What is asked again of what all processes share, and what need not be.

use super::super::*;
use super::{attempt, clock, end, request};

/// One whole request of a proxy, in the database.
async fn served(store: &Store, id: &str, clock: &Clock) {
    store.note_request(request(id, clock));
    store.note_attempt(attempt(id, 1, "m", clock)).await.unwrap().finish(end(clock, Some(7)));
    let served_by = Some(("openai".into(), "work".into(), "m".into()));
    store.note_end(id, RequestEnd { ended_ms: clock.millis(), outcome: Outcome::Done, served_by });
    let known = |store: &Store| store.history(&HistoryFilter { limit: 99, ..HistoryFilter::default() }).unwrap();
    assert!(known(store).iter().any(|row| row.id == id));
    while store.writer.ahead_waits() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    store.writer.flush(Duration::from_secs(5));
}

fn cools(store: &Store, key: &str, clock: &Clock) {
    let (name, now) = (key.to_owned(), clock.millis());
    store.cool(key.to_owned(), move |_| CoolDown {
        key: name.clone(),
        until_ms: now + 60_000,
        cause: "busy".to_owned(),
        source: "r1".to_owned(),
        set_ms: now,
        strikes: 1,
        probe_ms: None,
        waits: true,
    });
}

#[tokio::test]
async fn rows_of_requests_are_nobodys_news_and_all_else_is_whoever_wrote_it() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = Store::at(dir.path(), &clock).unwrap();
    assert!(!store.mark().holds(&store), "whoever serves nobody does not watch");
    served(&store, "r1", &clock).await;
    let mark = store.mark();
    assert!(mark.holds(&store));
    for n in 2..6 {
        served(&store, &format!("r{n}"), &clock).await;
        assert!(mark.holds(&store), "its own rows change nothing that is shared");
    }
    let other = Store::at(dir.path(), &clock).unwrap();
    assert!(store.traffic(None).unwrap().cool_downs.is_empty());
    served(&store, "r6", &clock).await;
    tokio::time::sleep(LATELY * 2).await;
    let mark = store.mark();
    cools(&other, "model:openai/work/m", &clock);
    other.writer.flush(Duration::from_secs(5));
    assert!(!mark.holds(&store), "another process wrote");
    assert_eq!(store.traffic(None).unwrap().cool_downs.len(), 1, "and it is seen at once");
    // What it wrote before a row of ours, which nobody looked at in between, is seen too.
    let mark = store.mark();
    cools(&other, "model:openai/work/n", &clock);
    other.writer.flush(Duration::from_secs(5));
    served(&store, "r7", &clock).await;
    assert!(!mark.holds(&store));
    let mark = store.mark();
    cools(&store, "model:openai/work/o", &clock);
    assert!(!mark.holds(&store), "its own news is news");
    assert_eq!(store.traffic(None).unwrap().cool_downs.len(), 3);
}

#[tokio::test]
async fn many_writers_at_once_hide_nothing_from_each_other() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let (store, other) = (Store::at(dir.path(), &clock).unwrap(), Store::at(dir.path(), &clock).unwrap());
    served(&store, "r0", &clock).await;
    for n in 1..60 {
        let mark = store.mark();
        let rows = async {
            store.note_request(request(&format!("a{n}"), &clock));
            drop(store.note_attempt(attempt(&format!("a{n}"), 1, "m", &clock)).await.unwrap());
        };
        let news = async {
            let key = format!("model:openai/work/{n}");
            cools(&other, &key, &clock);
            tokio::task::yield_now().await;
        };
        tokio::join!(rows, news);
        other.writer.flush(Duration::from_secs(5));
        assert!(!mark.holds(&store), "round {n}");
        tokio::time::sleep(Duration::from_millis(n % 7 * 3)).await;
        assert!(!mark.holds(&store), "round {n}, later");
    }
}
