//! Traces and kept content: what is written, for how long, and how it is forgotten.

use std::path::Path;

use super::*;

const DAY: i64 = 86_400_000;

fn step(word: &str, said: &str) -> TraceRow {
    TraceRow { at_ms: 1, step: word.to_owned(), said: Some(said.to_owned()), ..TraceRow::default() }
}

fn kept(id: &str, part: Part, made_ms: i64, text: &'static str) -> NewContent {
    let seal: Seal = Box::new(move || Ok((text.len(), text.as_bytes().to_vec())));
    NewContent { request_id: id.to_owned(), part, made_ms, keep_ms: 30 * DAY, seal }
}

fn masked(id: &str) -> MaskedRow {
    MaskedRow {
        request_id: id.to_owned(),
        at_ms: 1,
        caller: "monster ask".to_owned(),
        rule: "password".to_owned(),
        kind: "password".to_owned(),
        action: "redact".to_owned(),
        confidence: 0.8,
        checksum: "none".to_owned(),
        start: 3,
        end: 12,
        fingerprint: format!("PRINT-OF-{id}"),
    }
}

/// A finished request with one attempt that cost something.
fn finished(store: &Store, clock: &Clock, id: &str) {
    block_on(async {
        store.open_request(request(id, clock)).await.unwrap();
        store.open_attempt(attempt(id, 1, "m", clock)).await.unwrap().finish(end(clock, Some(7)));
    });
    store.close_request(id, RequestEnd { ended_ms: clock.millis(), outcome: Outcome::Done, served_by: None });
}

fn holds(dir: &Path, text: &str) -> bool {
    std::fs::read_dir(dir).unwrap().flatten().any(|entry| {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        bytes.windows(text.len()).any(|w| w == text.as_bytes())
    })
}

fn attempts(store: &Store) -> usize {
    let filter = HistoryFilter { limit: 100, ..HistoryFilter::default() };
    store.history(&filter).unwrap().iter().map(|r| r.attempts.len()).sum()
}

#[test]
fn steps_come_back_in_their_order_whatever_batches_they_came_in() {
    let store = Store::memory(&clock());
    store.trace("ra", 0, vec![step("redact", "one"), step("route", "two")]);
    store.trace("rb", 0, vec![step("redact", "another's")]);
    store.trace("ra", 2, vec![step("done", "three")]);
    let said: Vec<_> = store.steps("ra").unwrap().into_iter().filter_map(|s| s.said).collect();
    assert_eq!(said, ["one", "two", "three"]);
}

#[test]
fn content_is_kept_until_its_time_and_goes_with_the_next_write() {
    let clock = clock();
    let store = Store::memory(&clock);
    let now = clock.millis();
    for id in ["ra", "rb"] {
        finished(&store, &clock, id);
    }
    store.keep(kept("ra", Part::Request, now, "sealed"));
    store.keep(kept("ra", Part::Answer, now, "sealed too"));
    let rows = store.content("ra").unwrap();
    assert_eq!(rows.iter().map(|r| (r.part, r.bytes)).collect::<Vec<_>>(), [(Part::Request, 6), (Part::Answer, 10)]);
    clock.advance(Duration::from_secs(30 * 86_400));
    assert_eq!(store.content("ra").unwrap(), [], "past its time it is not shown, though it may still lie there");
    store.keep(kept("rb", Part::Request, clock.millis(), "new"));
    let nothing = Chosen::Expired;
    assert_eq!(store.purgeable(&nothing, Depth::Content).unwrap().parts, 0, "the write took what was past its time");
}

#[test]
fn who_leaves_takes_the_log_in_where_something_went_or_it_is_long_and_only_there() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let log = || std::fs::metadata(dir.path().join("monster.db-wal")).map_or(0, |log| log.len());
    let store = Store::at(dir.path(), &clock).unwrap();
    finished(&store, &clock, "ra");
    finished(&store, &clock, "rb");
    store.keep(kept("rb", Part::Answer, clock.millis(), Box::leak("x".repeat(400 << 10).into_boxed_str())));
    drop(store);
    assert_eq!(log(), 0, "a long log costs the next one who reads it more");
    let store = Store::at(dir.path(), &clock).unwrap();
    let reader = Connection::open(dir.path().join(FILE)).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM request").unwrap();
    store.keep(kept("rb", Part::Answer, clock.millis(), Box::leak("y".repeat(400 << 10).into_boxed_str())));
    let began = Stopwatch::start();
    drop(store);
    assert!(log() > 0 && began.elapsed() < BUSY, "and nobody waits for somebody who reads: {:?}", began.elapsed());
    drop(reader);
    let store = Store::at(dir.path(), &clock).unwrap();
    assert_eq!(store.content("rb").unwrap().len(), 1);
    drop(store);
    assert_eq!(log(), 0, "the next one takes it in");
    let store = Store::at(dir.path(), &clock).unwrap();
    store.keep(kept("ra", Part::Request, clock.millis(), "SEALED-ONCE"));
    drop(store);
    assert!(log() > 0, "nobody waits for the disk");
    let store = Store::at(dir.path(), &clock).unwrap();
    assert_eq!(store.content("ra").unwrap().len(), 1, "and nothing is lost by that");
    clock.advance(Duration::from_secs(31 * 86_400));
    store.keep(kept("rb", Part::Request, clock.millis(), "new"));
    drop(store);
    assert!(!holds(dir.path(), "SEALED-ONCE"), "what is past its time lies nowhere");
    assert_eq!(log(), 0);
}

#[test]
fn a_call_that_is_kept_shortly_takes_nothing_from_others() {
    let clock = clock();
    let store = Store::memory(&clock);
    for id in ["ra", "rb"] {
        finished(&store, &clock, id);
    }
    store.keep(kept("ra", Part::Request, clock.millis(), "old"));
    clock.advance(Duration::from_secs(2 * 86_400));
    store.keep(NewContent { keep_ms: DAY, ..kept("rb", Part::Request, clock.millis(), "new") });
    assert_eq!(store.content("ra").unwrap().len(), 1, "its own end is 28 days away");
    assert_eq!(store.content("rb").unwrap()[0].kept_until_ms, clock.millis() + DAY);
}

#[test]
fn content_past_its_time_goes_with_the_next_call_though_nothing_is_kept_of_it() {
    let clock = clock();
    let store = Store::memory(&clock);
    let lies =
        || store.writer.read(|c| c.query_row("SELECT count(*) FROM content", [], |r| r.get::<_, i64>(0))).unwrap();
    finished(&store, &clock, "ra");
    store.keep(kept("ra", Part::Request, clock.millis(), "sealed"));
    clock.advance(Duration::from_secs(29 * 86_400));
    finished(&store, &clock, "rb");
    store.expire();
    assert_eq!(lies(), 1);
    clock.advance(Duration::from_secs(86_400));
    finished(&store, &clock, "rc");
    assert_eq!(lies(), 0);
    store.keep(kept("rc", Part::Request, clock.millis(), "sealed"));
    clock.advance(Duration::from_secs(30 * 86_400));
    store.expire();
    assert_eq!(lies(), 0, "and when somebody looks at history");
}

#[test]
fn content_of_a_call_that_was_purged_meanwhile_is_not_kept() {
    let clock = clock();
    let store = Store::memory(&clock);
    finished(&store, &clock, "ra");
    store.purge(&Chosen::All, Depth::Ledger).unwrap();
    store.keep(kept("ra", Part::Request, clock.millis(), "late"));
    store.keep(NewContent { seal: Box::new(|| Err("no".to_owned())), ..kept("ra", Part::Answer, clock.millis(), "") });
    assert_eq!(store.content("ra").unwrap(), []);
    assert_eq!(store.steps("ra").unwrap(), [], "nor why it is not");
}

#[test]
fn purging_the_ledger_leaves_no_name_of_a_repository_or_organisation() {
    let clock = clock();
    let store = Store::memory(&clock);
    for id in ["ra", "rb"] {
        finished(&store, &clock, id);
    }
    block_on(store.open_request(NewRequest {
        place: Place { repo: Some("/secret".to_owned()), ..Place::default() },
        ..request("rc", &clock)
    }))
    .unwrap();
    let other = NewAttempt { account: "gone".into(), ..attempt("rc", 1, "m", &clock) };
    block_on(store.open_attempt(other)).unwrap().finish(end(&clock, Some(7)));
    store.close_request("rc", RequestEnd { ended_ms: clock.millis(), outcome: Outcome::Done, served_by: None });
    store.belongs("openai", "gone", "org-1");
    store.belongs("openai", "work", "org-2");
    let scenes = || {
        store
            .writer
            .read(|c| c.prepare("SELECT repo FROM scene")?.query_map([], |r| r.get::<_, String>(0))?.collect())
            .unwrap()
    };
    let before: Vec<String> = scenes();
    assert_eq!(before, ["/r", "/secret"]);
    store.purge(&Chosen::Ids(vec!["rc".to_owned(), "ra".to_owned()]), Depth::Ledger).unwrap();
    assert_eq!(scenes(), ["/r"], "rb is still there");
    assert_eq!(store.organizations().unwrap(), [("openai/work".to_owned(), "org-2".to_owned())]);
    store.purge(&Chosen::All, Depth::Ledger).unwrap();
    assert_eq!(scenes(), Vec::<String>::new());
    assert_eq!(store.organizations().unwrap(), []);
}

#[cfg(target_os = "linux")]
#[test]
fn a_call_whose_process_was_killed_is_purged_like_one_that_ended() {
    let clock = clock();
    let store = Store::memory(&clock);
    block_on(store.open_request(request("killed", &clock))).unwrap();
    block_on(store.open_request(request("running", &clock))).unwrap();
    store.trace("killed", 0, vec![step("note", "killed")]);
    store
        .writer
        .now(|c| {
            // Of another start of this machine.
            c.execute("UPDATE request SET process = 'x' || process WHERE id = 'killed'", []).map(drop)
        })
        .unwrap();
    let gone = store.purge(&Chosen::All, Depth::Traces).unwrap();
    assert_eq!((gone.requests, gone.steps), (1, 1));
}

#[test]
fn what_cannot_be_sealed_is_a_step_and_no_loss() {
    let clock = clock();
    let store = Store::memory(&clock);
    finished(&store, &clock, "ra");
    store.trace("ra", 0, vec![step("done", "served")]);
    let seal: Seal = Box::new(|| Err("no randomness".to_owned()));
    store.keep(NewContent { seal, ..kept("ra", Part::Answer, clock.millis(), "") });
    let steps = store.steps("ra").unwrap();
    assert_eq!(steps[1].said.as_deref(), Some("the answer is not kept: no randomness"));
    assert_eq!(store.content("ra").unwrap(), []);
    assert_eq!(attempts(&store), 1);
}

#[test]
fn purged_content_is_gone_from_the_file_and_from_the_log_and_the_sums_stay() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = Store::at(dir.path(), &clock).unwrap();
    finished(&store, &clock, "ra");
    // Larger than a page, so that it lies in pages of its own; and one that shares a page with others.
    let long: &'static str = Box::leak("OVERFLOWING".repeat(2_000).into_boxed_str());
    store.keep(kept("ra", Part::Request, clock.millis(), "SHORT-SEALED"));
    store.keep(kept("ra", Part::Answer, clock.millis(), long));
    store.trace("ra", 0, vec![step("note", "SAID-ONCE")]);
    store.masked(vec![masked("ra"), masked("never-opened")]);
    assert!(store.flush(Duration::from_secs(5)));
    assert!(["SHORT-SEALED", "OVERFLOWING", "SAID-ONCE", "PRINT-OF-ra"].iter().all(|t| holds(dir.path(), t)));
    let chosen = Chosen::Ids(vec!["ra".to_owned()]);
    let gone = store.purge(&chosen, Depth::Traces).unwrap();
    assert_eq!(gone, Purged { requests: 1, parts: 2, steps: 1, attempts: 0, masked: 1, cached: 0, lingers: false });
    for text in ["SHORT-SEALED", "PRINT-OF-ra", "OVERFLOWING", "SAID-ONCE"] {
        assert!(!holds(dir.path(), text), "{text} is still on the disk");
    }
    assert_eq!(attempts(&store), 1, "what was spent is still known");
    let gone = store.purge(&Chosen::All, Depth::Ledger).unwrap();
    assert_eq!((gone.requests, gone.attempts), (1, 1));
    assert_eq!(attempts(&store), 0);
    assert_eq!(gone.masked, 1, "what was blocked has no row of its own, and goes by its time");
    assert_eq!(store.audit(0).unwrap(), Vec::new());
}

#[test]
fn a_request_that_runs_is_left_alone_and_children_go_with_their_parent() {
    let clock = clock();
    let store = Store::memory(&clock);
    block_on(store.open_request(request("running", &clock))).unwrap();
    finished(&store, &clock, "parent");
    block_on(store.open_request(NewRequest { parent: Some("parent".to_owned()), ..request("child", &clock) })).unwrap();
    let end = RequestEnd { ended_ms: clock.millis(), outcome: Outcome::Done, served_by: None };
    store.close_request("child", end);
    for id in ["running", "parent", "child"] {
        store.trace(id, 0, vec![step("note", id)]);
    }
    let gone = store.purge(&Chosen::Ids(vec!["parent".to_owned(), "running".to_owned()]), Depth::Traces).unwrap();
    assert_eq!((gone.requests, gone.steps), (2, 2));
    assert_eq!(store.steps("running").unwrap().len(), 1);
}

#[test]
fn what_another_process_reads_meanwhile_is_told() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = Store::at(dir.path(), &clock).unwrap();
    finished(&store, &clock, "ra");
    store.keep(kept("ra", Part::Request, clock.millis(), "SHORT-SEALED"));
    assert!(store.flush(Duration::from_secs(5)));
    let reader = Connection::open(dir.path().join(FILE)).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM request").unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM content", [], |r| r.get(0)).unwrap();
    assert!(store.purge(&Chosen::All, Depth::Traces).unwrap().lingers);
    reader.execute_batch("COMMIT").unwrap();
    assert!(!store.purge(&Chosen::Expired, Depth::Content).unwrap().lingers, "the next purge finishes it");
    assert!(!holds(dir.path(), "SHORT-SEALED"));
}

#[test]
fn two_processes_keep_and_purge_side_by_side() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let stores = [Store::at(dir.path(), &clock).unwrap(), Store::at(dir.path(), &clock).unwrap()];
    std::thread::scope(|scope| {
        for (n, store) in stores.iter().enumerate() {
            let clock = &clock;
            scope.spawn(move || {
                for i in 0..20 {
                    let id = format!("r{n}-{i}");
                    finished(store, clock, &id);
                    store.trace(&id, 0, vec![step("redact", "one"), step("done", "two")]);
                    store.keep(kept(&id, Part::Request, clock.millis(), "sealed"));
                    if i % 5 == 4 {
                        store.purge(&Chosen::Ids(vec![id]), Depth::Traces).unwrap();
                    }
                }
            });
        }
    });
    for (n, store) in stores.iter().enumerate() {
        for i in 0..20 {
            let (steps, parts) = if i % 5 == 4 { (0, 0) } else { (2, 1) };
            let other = &stores[1 - n];
            assert!(store.flush(Duration::from_secs(5)));
            assert_eq!(other.steps(&format!("r{n}-{i}")).unwrap().len(), steps, "{n} {i}");
            assert_eq!(other.content(&format!("r{n}-{i}")).unwrap().len(), parts, "{n} {i}");
        }
    }
    assert_eq!(attempts(&stores[0]), 40, "no row of the ledger was lost");
}

#[test]
fn ids_are_found_by_their_beginning_and_the_last_one_by_its_place() {
    let clock = clock();
    let store = Store::memory(&clock);
    for id in ["rabc", "rabd", "rb"] {
        finished(&store, &clock, id);
    }
    block_on(store.open_request(NewRequest { parent: Some("rb".to_owned()), ..request("rz", &clock) })).unwrap();
    assert_eq!(store.ids("rab").unwrap(), ["rabd", "rabc"]);
    assert_eq!(store.ids("rabc").unwrap(), ["rabc"]);
    assert_eq!(store.ids("last").unwrap(), ["rb"], "a part of a request is not the last one");
    assert_eq!(store.ids("q").unwrap(), Vec::<String>::new());
}

/// Upstream and account of the only attempt.
fn only_attempt(store: &Store) -> (String, String) {
    let rows = store.history(&HistoryFilter { limit: 9, ..HistoryFilter::default() }).unwrap();
    let mut all = rows.into_iter().flat_map(|row| row.attempts);
    let only = all.next().unwrap();
    assert!(all.next().is_none());
    (only.upstream, only.account)
}

#[test]
fn history_is_narrowed_by_outcome_model_place_and_command() {
    let clock = clock();
    let store = Store::memory(&clock);
    finished(&store, &clock, "good");
    for (id, outcome) in [("bad", Outcome::Failed(Kind::Broken)), ("stopped", Outcome::Cancelled)] {
        block_on(store.open_request(NewRequest { purpose: Purpose::Review, ..request(id, &clock) })).unwrap();
        let served_by = Some(("house".into(), "work".into(), "m-1".into()));
        store.close_request(id, RequestEnd { ended_ms: clock.millis(), outcome, served_by });
    }
    block_on(store.open_request(request("running", &clock))).unwrap();
    let find = |filter: HistoryFilter| {
        let rows = store.history(&HistoryFilter { limit: 10, ..filter }).unwrap();
        rows.into_iter().map(|r| r.id).collect::<Vec<_>>()
    };
    let all = HistoryFilter::default;
    assert_eq!(find(HistoryFilter { failed: true, ..all() }), ["stopped", "bad"]);
    assert_eq!(find(HistoryFilter { model: Some("house/m".to_owned()), ..all() }), ["stopped", "bad"]);
    assert_eq!(find(HistoryFilter { purpose: Some("ask".to_owned()), ..all() }), ["running", "good"]);
    assert_eq!(find(HistoryFilter { repo: Some("r".to_owned()), ..all() }).len(), 4);
    assert_eq!(find(HistoryFilter { repo: Some("other".to_owned()), ..all() }), Vec::<String>::new());
    assert_eq!(find(HistoryFilter { id: Some("bad".to_owned()), ..all() }), ["bad"]);
    let account = find(HistoryFilter { account: Some("nobody".to_owned()), ..all() });
    assert_eq!(account, Vec::<String>::new(), "who asked nobody is nobody's");
    let attempt = only_attempt(&store);
    for name in [attempt.1.clone(), format!("{}/{}", attempt.0, attempt.1)] {
        assert_eq!(find(HistoryFilter { account: Some(name), ..all() }), ["good"]);
    }
    clock.advance(Duration::from_secs(7 * 3_600));
    assert_eq!(find(HistoryFilter { failed: true, ..all() }), ["running", "stopped", "bad"], "it was interrupted");
}

#[test]
fn a_short_list_of_a_long_history_reads_what_it_shows_and_one_call_is_found_by_its_id() {
    let clock = clock();
    let store = Store::memory(&clock);
    let open = |id: &str, parent: Option<&str>| {
        block_on(store.open_request(NewRequest { parent: parent.map(str::to_owned), ..request(id, &clock) })).unwrap();
    };
    for (id, parent) in [
        ("one", None),
        ("two", None),
        ("one-b", Some("one")),
        ("lost", Some("purged")),
        ("one-a", Some("one")),
        ("deep", Some("one-b")),
        ("three", None),
    ] {
        open(id, parent);
    }
    let list = |filter: HistoryFilter| {
        let rows = store.history(&HistoryFilter { limit: 10, ..filter }).unwrap();
        rows.into_iter().map(|r| r.id).collect::<Vec<_>>()
    };
    let all = HistoryFilter::default;
    assert_eq!(list(all()), ["three", "lost", "deep", "two", "one", "one-b", "one-a"]);
    let parent = HistoryFilter { parent: Some("one".to_owned()), ..all() };
    assert_eq!(list(parent.clone()), ["one-b", "one-a"]);
    let id = HistoryFilter { id: Some("one-a".to_owned()), ..all() };
    assert_eq!(list(id.clone()), ["one-a"]);

    let plan = |filter: &HistoryFilter| {
        let sql = format!("EXPLAIN QUERY PLAN {}", super::super::history::sql(filter));
        let told = move |c: &Connection| {
            let none = rusqlite::types::Null;
            c.prepare(&sql)?
                .query_map(params![20, none, none, none, none, none, none, none, none], |r| r.get::<_, String>(3))?
                .collect::<rusqlite::Result<Vec<String>>>()
        };
        store.writer.read(told).unwrap().join("\n")
    };
    let (whole, children, one) = (plan(&all()), plan(&parent), plan(&id));
    assert!(whole.contains("MERGE (UNION ALL)") && !whole.contains("B-TREE"), "nothing is sorted: {whole}");
    assert!(whole.contains("SEARCH r USING INDEX request_parent"), "{whole}");
    assert!(children.contains("SEARCH r USING INDEX request_parent"), "{children}");
    assert!(one.contains("SEARCH r USING INDEX sqlite_autoindex_request_1"), "{one}");
}
