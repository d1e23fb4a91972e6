//! Keys of those who call the proxy, and what they spend.

use super::*;
use crate::model::Secret;

fn hash(word: &str) -> KeyHash {
    KeyHash::of(&Secret::new(word.to_owned()))
}

fn permit() -> Permit {
    Permit {
        models: vec!["gpt-*".into(), "anthropic/*".into()],
        per_minute: Some(60),
        at_once: Some(4),
        day: Some(NanoUsd(5_000_000_000)),
        month: None,
        secrets: Some("block".into()),
        restore: None,
    }
}

#[test]
fn a_key_is_kept_changed_and_forgotten_and_another_process_sees_it() {
    let ((_keep, dir), clock) = (on_disk(), clock());
    let store = Store::at(&dir, &clock).unwrap();
    assert!(store.add_caller("editor", hash("one"), permit()).unwrap());
    clock.advance(Duration::from_secs(60));
    store.caller_called("editor");
    let row = CallerRow {
        name: "editor".into(),
        hash: hash("one"),
        made_ms: clock.millis() - 60_000,
        used_ms: Some(clock.millis()),
        permit: permit(),
    };
    assert_eq!(row.caller(), "serve/editor");
    // What was written in the background is there for this process at once, and for others after that.
    assert_eq!(store.callers().unwrap(), std::slice::from_ref(&row));
    let other = Store::at(&dir, &clock).unwrap();
    assert_eq!(other.callers().unwrap(), std::slice::from_ref(&row));
    assert!(other.change_caller("editor", Permit::default()).unwrap());
    assert_eq!(store.callers().unwrap(), [CallerRow { permit: Permit::default(), ..row }]);
    assert!(store.remove_caller("editor").unwrap());
    assert!(other.callers().unwrap().is_empty());
    assert!(!store.remove_caller("editor").unwrap() && !store.change_caller("editor", permit()).unwrap());
}

#[test]
fn neither_a_name_nor_a_key_is_there_twice() {
    let store = Store::memory(&clock());
    assert!(store.add_caller("editor", hash("one"), Permit::default()).unwrap());
    assert!(!store.add_caller("editor", hash("two"), permit()).unwrap(), "the name is taken");
    assert!(!store.add_caller("agent", hash("one"), permit()).unwrap(), "one key cannot be two callers");
    let rows = store.callers().unwrap();
    assert_eq!((rows.len(), rows[0].hash == hash("one"), &rows[0].permit), (1, true, &Permit::default()));
}

#[test]
fn the_key_itself_is_nowhere_in_the_file() {
    let ((_keep, dir), clock) = (on_disk(), clock());
    let word = "a-word-that-would-be-found-in-the-file";
    let store = Store::at(&dir, &clock).unwrap();
    store.add_caller("editor", hash(word), permit()).unwrap();
    drop(store);
    let mut read = 0;
    for entry in std::fs::read_dir(&dir).unwrap().flatten() {
        let bytes = std::fs::read(entry.path()).unwrap();
        read += bytes.len();
        assert!(!bytes.windows(word.len()).any(|w| w == word.as_bytes()), "{:?}", entry.path());
    }
    assert!(read > 4_096, "the file was read");
}

#[test]
fn a_ceiling_of_one_caller_counts_his_calls_that_ended_and_those_that_run_and_nobody_else_s() {
    let clock = clock();
    let store = Store::memory(&clock);
    for (id, caller, cost) in [("r1", "serve/editor", 700), ("r2", "serve/agent", 5), ("r3", "monster ask", 90)] {
        block_on(async {
            let row = NewRequest { caller: caller.to_owned(), ..request(id, &clock) };
            store.open_request(row).await.unwrap();
            store.open_attempt(attempt(id, 1, "m", &clock)).await.unwrap().finish(end(&clock, Some(cost)));
        });
    }
    let wanted = |id: &str, caller: &str, most: u64| Wanted {
        id: id.to_owned(),
        repo: None,
        caller: caller.to_owned(),
        offers: vec![Offer { account: "openai/work".to_owned(), most: NanoUsd(most) }],
        ceilings: vec![Ceiling {
            since_ms: 0,
            repo: None,
            account: None,
            caller: Some(caller.to_owned()),
            most: NanoUsd(1_000),
        }],
        stop: true,
    };
    let taken = |caller: &str| store.weigh(wanted("r9", caller, 1)).unwrap().taken[0].0;
    assert_eq!((taken("serve/editor"), taken("serve/agent"), taken("serve/nobody")), (700, 5, 0));
    let (admitted, held) = store.admit(wanted("r4", "serve/editor", 300)).unwrap();
    assert_eq!(admitted.beyond, [None]);
    assert_eq!((taken("serve/editor"), taken("serve/agent")), (1_000, 5), "a call that runs holds what it may cost");
    assert_eq!(store.weigh(wanted("r5", "serve/editor", 1)).unwrap().beyond, [Some(0)]);
    drop(held);
    assert_eq!(taken("serve/editor"), 700);
}
