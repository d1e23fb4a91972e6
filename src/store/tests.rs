mod ahead;
mod cache;
mod callers;
mod history;
mod ledger;
mod queue;
mod watch;

use std::path::PathBuf;

use jiff::Timestamp;

use super::*;
use crate::model::{Cost, CostSource, Effort, Kind, NanoUsd, Purpose, Scope, Usage, UsageSource};

fn clock() -> Clock {
    Clock::fixed("2026-11-24T12:00:00Z".parse::<Timestamp>().unwrap())
}

fn request(id: &str, clock: &Clock) -> NewRequest {
    NewRequest {
        id: id.into(),
        parent: None,
        started_ms: clock.millis(),
        purpose: Purpose::Ask,
        caller: "monster ask".to_owned(),
        place: Place { repo: Some("/r".to_owned()), branch: Some("main".to_owned()), ..Place::default() },
        asked_model: "fast".to_owned(),
        asked_effort: Effort::Low.into(),
        redacted: 2,
        stream: true,
    }
}

fn attempt(request: &str, number: u32, model: &str, clock: &Clock) -> NewAttempt {
    NewAttempt {
        request_id: request.into(),
        number,
        started_ms: clock.millis(),
        provider: "openai".into(),
        upstream: "openai".into(),
        account: "work".into(),
        model: model.into(),
        maker: "openai".into(),
        dialect: "openai-chat".into(),
    }
}

fn end(clock: &Clock, cost: Option<u64>) -> AttemptEnd {
    AttemptEnd {
        ended_ms: clock.millis(),
        status: Some(200),
        usage: Some((
            Usage { input: 10, cache_read: 5, output: 3, reasoning: Some(1), ..Usage::default() },
            UsageSource::Reported,
        )),
        cost: cost.map(|n| Cost { amount: NanoUsd(n), source: CostSource::Computed }),
        finish: Some("stop".into()),
        effort_sent: Some("low".to_owned()),
        effort_confirmed: Some(true),
        first_content_ms: Some(clock.millis()),
        upstream_id: Some("chatcmpl-1".to_owned()),
        bytes: None,
        priced: Some("catalog 2026-11-20".to_owned()),
        failure: None,
    }
}

fn all() -> SpentFilter {
    SpentFilter { since_ms: 0, repo: None, account: None, model: None, zone: jiff::tz::TimeZone::UTC }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

fn on_disk() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    (dir, path)
}

#[test]
fn what_is_written_is_read_back_by_another_process() {
    let ((_keep, dir), clock) = (on_disk(), clock());
    let store = Store::at(&dir, &clock).unwrap();
    block_on(async {
        store.open_request(request("r1", &clock)).await.unwrap();
        let mut slot = store.open_attempt(attempt("r1", 1, "m", &clock)).await.unwrap();
        slot.finish(end(&clock, Some(7)));
    });
    let served_by = Some(("openai".into(), "work".into(), "m".into()));
    store.close_request(
        "r1",
        RequestEnd { ended_ms: clock.millis(), outcome: Outcome::Done, served_by: served_by.clone() },
    );
    drop(store);
    let rows =
        Store::at(&dir, &clock).unwrap().history(&HistoryFilter { limit: 9, ..HistoryFilter::default() }).unwrap();
    let row = &rows[0];
    assert_eq!((row.id.as_str(), row.outcome.as_str(), row.redacted), ("r1", "done", 2));
    let served_by = served_by.map(|(upstream, account, model)| [upstream, account, model].map(String::from).into());
    assert_eq!(row.served_by, served_by);
    let attempt = &row.attempts[0];
    assert_eq!(attempt.usage.unwrap().0.total(), 18);
    assert_eq!(attempt.usage.unwrap().0.reasoning, Some(1));
    assert_eq!(attempt.cost, Some(Cost { amount: NanoUsd(7), source: CostSource::Computed }));
    assert_eq!((attempt.status, attempt.effort_confirmed), (Some(200), Some(true)));
}

#[test]
fn an_attempt_that_is_dropped_is_finished_as_cancelled() {
    let clock = clock();
    let store = Store::memory(&clock);
    block_on(async {
        store.open_request(request("r1", &clock)).await.unwrap();
        drop(store.open_attempt(attempt("r1", 1, "m", &clock)).await.unwrap());
    });
    let rows = store.history(&HistoryFilter { limit: 1, ..HistoryFilter::default() }).unwrap();
    assert_eq!(rows[0].attempts[0].failure.as_ref().unwrap().0, "cancelled");
    assert!(rows[0].attempts[0].usage.is_none(), "nothing was used");
}

#[test]
fn a_request_without_an_end_was_interrupted() {
    let clock = clock();
    let store = Store::memory(&clock);
    block_on(store.open_request(request("r1", &clock))).unwrap();
    let outcome = || store.history(&HistoryFilter { limit: 1, ..HistoryFilter::default() }).unwrap()[0].outcome.clone();
    assert_eq!(outcome(), "running");
    clock.advance(Duration::from_secs(7 * 3600));
    assert_eq!(outcome(), "interrupted");
}

#[test]
fn sums_are_right_to_the_nano_dollar_and_unknown_prices_are_not_free() {
    let clock = clock();
    let store = Store::memory(&clock);
    block_on(async {
        store.open_request(request("r1", &clock)).await.unwrap();
        for (number, model, cost) in [(1, "a", Some(1)), (2, "a", Some(999_999_999)), (3, "b", None)] {
            store.open_attempt(attempt("r1", number, model, &clock)).await.unwrap().finish(end(&clock, cost));
        }
        let refused = AttemptEnd {
            status: Some(401),
            failure: Some((Kind::Unauthorized, Scope::Account, "no".into())),
            ..AttemptEnd::default()
        };
        store.open_attempt(attempt("r1", 4, "a", &clock)).await.unwrap().finish(refused);
    });
    let spent = store.spent(&all(), SpentBy::Model).unwrap();
    let row = |n: usize| (spent.rows[n].key.as_str(), spent.rows[n].sum.cost(), spent.rows[n].sum.unpriced);
    assert_eq!(row(0), ("openai/a", Some(NanoUsd(1_000_000_000)), 0));
    assert_eq!(row(1), ("openai/b", None, 1));
    let total = &spent.total;
    assert_eq!((total.cost(), total.unpriced, total.attempts), (Some(NanoUsd(1_000_000_000)), 1, 3));
    let later = SpentFilter { since_ms: clock.millis() + 900_000, ..all() };
    assert!(store.spent(&later, SpentBy::Model).unwrap().rows.is_empty(), "nothing since");
}

#[test]
fn children_stand_after_their_parent() {
    let clock = clock();
    let store = Store::memory(&clock);
    block_on(async {
        store.open_request(request("p", &clock)).await.unwrap();
        for id in ["c1", "c2"] {
            store.open_request(NewRequest { parent: Some("p".into()), ..request(id, &clock) }).await.unwrap();
        }
        store.open_request(request("q", &clock)).await.unwrap();
    });
    let ids: Vec<String> = store
        .history(&HistoryFilter { limit: 9, ..HistoryFilter::default() })
        .unwrap()
        .into_iter()
        .map(|r| r.id)
        .collect();
    assert_eq!(ids, ["q", "p", "c1", "c2"]);
}

fn cool(until_ms: i64, clock: &Clock) -> CoolDown {
    CoolDown {
        key: "model:x".into(),
        until_ms,
        cause: "429".into(),
        source: "r1".into(),
        set_ms: clock.millis(),
        strikes: 1,
        probe_ms: None,
        waits: true,
    }
}

#[test]
fn cool_downs_are_known_to_everybody_until_something_comes_through() {
    let ((_keep, dir), clock) = (on_disk(), clock());
    let (one, two) = (Store::at(&dir, &clock).unwrap(), Store::at(&dir, &clock).unwrap());
    let first = cool(clock.millis() + 5_000, &clock);
    one.cool("model:x".into(), move |known| {
        assert_eq!(known, None);
        first.clone()
    });
    assert!(one.flush(Duration::from_secs(5)));
    assert_eq!(two.cooling().unwrap()[0].cause, "429");
    clock.advance(Duration::from_secs(6));
    assert!(two.cooling().unwrap().is_empty());
    assert_eq!(two.cool_downs().unwrap().len(), 1, "it is over, and nobody knows whether it is well again");
    let again = clock.millis() + 7_000;
    two.cool("model:x".into(), move |known| {
        let known = known.unwrap();
        CoolDown { until_ms: again, strikes: known.strikes + 1, ..known }
    });
    assert!(two.flush(Duration::from_secs(5)));
    assert_eq!(one.cool_downs().unwrap()[0].strikes, 2);
    one.wake("model:x");
    assert!(one.flush(Duration::from_secs(5)));
    assert!(two.cool_downs().unwrap().is_empty());
}

#[test]
fn an_ended_cool_down_is_forgotten_after_an_hour() {
    let clock = clock();
    let store = Store::memory(&clock);
    let first = cool(clock.millis() + 5_000, &clock);
    store.cool("model:x".into(), move |_| first.clone());
    clock.advance(Duration::from_secs(3_600));
    assert_eq!(store.cool_downs().unwrap().len(), 1);
    clock.advance(Duration::from_secs(6));
    assert!(store.cool_downs().unwrap().is_empty());
}

#[test]
fn of_eight_who_want_the_one_try_one_gets_it() {
    let ((_keep, dir), clock) = (on_disk(), clock());
    let store = Store::at(&dir, &clock).unwrap();
    let stale = Duration::from_secs(60);
    assert!(store.probe(&["model:x".to_owned()], None, stale).unwrap().is_none(), "there is nothing to try");
    let first = cool(clock.millis() + 5_000, &clock);
    store.cool("model:x".into(), move |_| first.clone());
    assert!(store.flush(Duration::from_secs(5)));
    let took: Vec<Option<Probe>> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..8)
            .map(|_| {
                let (dir, clock) = (&dir, &clock);
                scope.spawn(move || Store::at(dir, clock).unwrap().probe(&["model:x".to_owned()], None, stale).unwrap())
            })
            .collect();
        all.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(took.iter().flatten().count(), 1);
    clock.advance(Duration::from_secs(61));
    let second = store.probe(&["model:x".to_owned()], None, stale).unwrap();
    assert!(second.is_some(), "who is not heard of again is given up");
    // What the first gives back now is no longer its own; what the second gives back is free at once.
    drop(took);
    assert!(store.flush(Duration::from_secs(5)));
    assert!(store.probe(&["model:x".to_owned()], None, stale).unwrap().is_none());
    drop(second);
    assert!(store.flush(Duration::from_secs(5)));
    assert!(store.probe(&["model:x".to_owned()], None, stale).unwrap().is_some(), "who leaves is in nobody's way");
}

#[test]
fn a_lease_has_one_holder_and_dies_with_its_time() {
    let ((_keep, dir), clock) = (on_disk(), clock());
    let (one, two) = (Store::at(&dir, &clock).unwrap(), Store::at(&dir, &clock).unwrap());
    let held = one.lease("refresh", Duration::from_secs(10)).unwrap().expect("free");
    assert!(two.lease("refresh", Duration::from_secs(10)).unwrap().is_none());
    clock.advance(Duration::from_secs(11));
    let stolen = two.lease("refresh", Duration::from_secs(10)).unwrap().expect("expired");
    drop(held);
    one.flush(Duration::from_secs(5));
    assert!(one.lease("refresh", Duration::from_secs(1)).unwrap().is_none(), "the old holder gives back only its own");
    drop(stolen);
    two.flush(Duration::from_secs(5));
    assert!(one.lease("refresh", Duration::from_secs(1)).unwrap().is_some());
}

#[test]
fn a_lease_given_back_just_now_is_free_or_held_but_no_error() {
    let ((_keep, dir), clock) = (on_disk(), clock());
    let taken: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let store = Store::at(&dir, &clock).unwrap();
                scope.spawn(move || {
                    (0..40).filter(|_| store.lease("refresh", Duration::from_secs(10)).unwrap().is_some()).count()
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).sum()
    });
    assert!(taken > 0, "and somebody has it");
}

#[test]
fn nothing_is_remembered_twice_when_a_neighbour_fails() {
    // A job whose group fails runs again: what it answers must not pile up and block the only writer.
    let clock = clock();
    let store = Store::memory(&clock);
    block_on(store.open_request(request("a", &clock))).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    assert_eq!(store.recall("nothing").unwrap(), None);
                    store.writer.later(|c| c.execute("INSERT INTO no_such_table VALUES (1)", []).map(drop));
                }
            });
        }
    });
    assert!(store.flush(Duration::from_secs(60)));
}

#[test]
fn absurd_costs_do_not_stop_the_sums() {
    let clock = clock();
    let store = Store::memory(&clock);
    block_on(async {
        store.open_request(request("r1", &clock)).await.unwrap();
        for (number, cost) in [(1, u64::MAX), (2, u64::MAX), (3, 5)] {
            store.open_attempt(attempt("r1", number, "a", &clock)).await.unwrap().finish(end(&clock, Some(cost)));
        }
    });
    for by in [SpentBy::Day, SpentBy::Model, SpentBy::Account, SpentBy::Repo] {
        let spent = store.spent(&all(), by).unwrap();
        assert_eq!(spent.rows[0].sum.cost(), Some(NanoUsd(2_000_000_000_000_005)), "a million dollars each");
        assert_eq!(spent.total, spent.rows[0].sum);
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let ((_keep, dir), clock) = (on_disk(), clock());
    drop(Store::at(&dir, &clock).unwrap());
    let mode = |path: &PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&dir), mode(&dir.join(FILE))), (0o700, 0o600));
    std::fs::set_permissions(dir.join(FILE), std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = Store::at(&dir, &clock).unwrap_err();
    assert!(refused.to_string().contains("chmod 600"), "{refused}");
    assert!(refused.hint().is_some());
}

#[test]
fn facts_are_remembered() {
    let store = Store::memory(&clock());
    assert_eq!(store.recall("a").unwrap(), None);
    store.remember("a", "1").unwrap();
    store.remember("a", "2").unwrap();
    assert_eq!(store.recall("a").unwrap().as_deref(), Some("2"));
}

#[test]
fn many_writers_lose_no_row() {
    let ((_keep, dir), clock) = (on_disk(), clock());
    let threads: Vec<_> = (0..8)
        .map(|t| {
            let (dir, clock) = (dir.clone(), clock.clone());
            std::thread::spawn(move || {
                let store = Store::at(&dir, &clock).unwrap();
                for n in 0..25 {
                    block_on(store.open_request(request(&format!("{t}-{n}"), &clock))).unwrap();
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|t| t.join().unwrap());
    let store = Store::at(&dir, &clock).unwrap();
    assert_eq!(store.history(&HistoryFilter { limit: 999, ..HistoryFilter::default() }).unwrap().len(), 200);
}

#[test]
fn a_row_that_cannot_be_written_costs_its_neighbours_nothing() {
    let clock = clock();
    let store = Store::memory(&clock);
    block_on(async {
        let (a, again, b) = tokio::join!(
            store.open_request(request("a", &clock)),
            store.open_request(request("a", &clock)),
            store.open_request(request("b", &clock)),
        );
        assert!(a.is_ok() && b.is_ok());
        assert!(matches!(again, Err(StoreError::Sqlite(_))));
    });
}

#[test]
fn a_newer_or_damaged_file_is_refused_and_left_alone() {
    let ((_keep, dir), clock) = (on_disk(), clock());
    drop(Store::at(&dir, &clock).unwrap());
    let path = dir.join(FILE);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Store::at(&dir, &clock), Err(StoreError::Newer { found: 99, .. })));
    let rubbish = "this is no database, however long it is made to be, and it stays as it is".repeat(9);
    for name in ["monster.db-wal", "monster.db-shm"] {
        drop(std::fs::remove_file(dir.join(name)));
    }
    files::replace(&path, rubbish.as_bytes(), 0o600).unwrap();
    assert!(matches!(Store::at(&dir, &clock), Err(StoreError::Damaged { .. })));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), rubbish);
}

#[test]
fn a_number_that_is_raised_is_never_lowered() {
    let (_keep, dir) = on_disk();
    let store = Store::at(&dir, &clock()).unwrap();
    for (given, kept) in
        [(9, "9"), (10, "10"), (9, "10"), (10, "10"), (u64::MAX, "18446744073709551615"), (11, "18446744073709551615")]
    {
        store.raise("generation", given).unwrap();
        assert_eq!(store.recall("generation").unwrap().as_deref(), Some(kept), "after {given}");
    }
}

#[test]
fn the_newest_word_on_a_limit_counts_and_an_endpoint_that_fails_keeps_what_it_said() {
    let (_dir, path) = on_disk();
    let clock = clock();
    let store = Store::at(&path, &clock).unwrap();
    let limit = |remaining, seen_ms| LimitRow {
        upstream: "openai".to_owned(),
        account: "work".to_owned(),
        model: "small".to_owned(),
        what: "requests".to_owned(),
        unit: "requests".to_owned(),
        ceiling: Some(u64::MAX),
        remaining,
        reset_ms: None,
        seen_ms,
        source: "header".to_owned(),
    };
    store.saw(vec![limit(Some(7), 20)]);
    store.saw(vec![limit(Some(9), 10)]);
    store.saw(Vec::new());
    // Another process reads only what is written.
    assert!(store.flush(Duration::from_secs(5)));
    let limits = Store::at(&path, &clock).unwrap().limits().unwrap();
    assert_eq!((limits.len(), limits[0].remaining), (1, Some(7)), "what was said before comes too late");
    store.saw(vec![limit(None, 30)]);
    assert_eq!(store.limits().unwrap()[0].remaining, None, "unknown is not what it was, nor zero");

    store.saw(vec![limit(Some(5), 30 + AHEAD)]);
    store.saw(vec![limit(Some(4), 30)]);
    assert_eq!(store.limits().unwrap()[0].remaining, Some(5), "clocks differ a little");
    store.saw(vec![limit(Some(3), 29)]);
    assert_eq!(
        (store.limits().unwrap()[0].remaining, store.limits().unwrap()[0].seen_ms),
        (Some(3), 29),
        "it was set back"
    );

    let asked = |asked_ms, failure: Option<&str>, said: Option<&str>| VendorRow {
        upstream: "deepseek".to_owned(),
        account: "env".to_owned(),
        source: "GET /user/balance".to_owned(),
        asked_ms,
        failure: failure.map(str::to_owned),
        said: said.map(|s| (s.to_owned(), asked_ms)),
    };
    store.asked(asked(10, None, Some("[1]")));
    store.asked(asked(20, Some("refused"), None));
    store.asked(asked(15, None, Some("[2]")));
    assert!(store.flush(Duration::from_secs(5)));
    let kept = Store::at(&path, &clock).unwrap().vendors().unwrap();
    assert_eq!(kept, [VendorRow { said: Some(("[1]".to_owned(), 10)), ..asked(20, Some("refused"), None) }]);
    store.asked(asked(21 + AHEAD, None, Some("[3]")));
    store.asked(asked(20, None, Some("[4]")));
    assert_eq!(store.vendors().unwrap(), [asked(20, None, Some("[4]"))], "after a clock was set back");
}

#[test]
fn what_each_account_spent_is_told_by_upstream_and_account() {
    let clock = clock();
    let store = Store::memory(&clock);
    block_on(async {
        store.open_request(request("r1", &clock)).await.unwrap();
        let rows = [("openai", "env", Some(5)), ("openai", "env", None), ("anthropic", "env", Some(7))];
        for (n, (upstream, account, cost)) in (1_u32..).zip(rows) {
            let (upstream, account) = (upstream.to_owned(), account.to_owned());
            let row =
                NewAttempt { upstream: upstream.into(), account: account.into(), ..attempt("r1", n, "m", &clock) };
            store.open_attempt(row).await.unwrap().finish(end(&clock, cost));
        }
        // One that was refused used nothing.
        let refused = AttemptEnd { usage: None, cost: None, ..end(&clock, None) };
        store.open_attempt(attempt("r1", 9, "m", &clock)).await.unwrap().finish(refused);
    });
    let purse = |upstream: &str, attempts, cost, unpriced| PurseRow {
        upstream: upstream.to_owned(),
        account: "env".to_owned(),
        attempts,
        cost: Some(NanoUsd(cost)),
        unpriced,
    };
    let now = clock.millis();
    assert_eq!(store.purses(now).unwrap(), [purse("anthropic", 1, 7, 0), purse("openai", 2, 5, 1)]);
    assert_eq!(store.purses(now + 1).unwrap(), []);
}

#[test]
fn the_organisation_of_an_account_is_remembered() {
    let store = Store::memory(&clock());
    store.belongs("openai", "work", "org-a");
    store.belongs("openai", "work", "org-b");
    store.belongs("openai", "home", "org-b");
    store.remember("organizations", "none").unwrap();
    let told = |who: &str, org: &str| (format!("openai/{who}"), org.to_owned());
    assert_eq!(store.organizations().unwrap(), [told("home", "org-b"), told("work", "org-b")]);
}

#[test]
fn every_number_of_a_counter_is_given_out_once_whoever_asks() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Clock::system();
    // Each store is what another process would have open.
    let mut numbers: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let store = Store::at(dir.path(), &clock).unwrap();
                    (0..25).map(|_| store.turn("accounts:openai").unwrap()).collect::<Vec<u64>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
    });
    numbers.sort_unstable();
    assert_eq!(numbers, (0..200).collect::<Vec<u64>>());
    let store = Store::at(dir.path(), &clock).unwrap();
    store.remember("use:openai", "1 a").unwrap();
    store.remember("used", "no").unwrap();
    let steering = store.steering(&["use:"]).unwrap();
    assert_eq!(steering.turns, [("accounts:openai".to_owned(), 200)], "looking moves nothing");
    assert_eq!(steering.facts, [("use:openai".to_owned(), "1 a".to_owned())]);
}

#[test]
fn a_conversation_is_bound_for_an_hour_after_its_last_call() {
    let at = |text: &str| Clock::fixed(text.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let store = |time: &str| Store::at(dir.path(), &at(time)).unwrap();
    let bound = |time: &str, account: &str, instead: Option<Binding>| {
        let used_ms = at(time).millis();
        let [conversation, upstream, model] = ["c", "openai", "m"].map(str::to_owned);
        let binding = Binding { conversation, upstream, model, account: account.to_owned(), used_ms };
        store(time).bind(binding.clone(), instead);
        binding
    };
    let accounts =
        |time: &str| -> Vec<String> { store(time).bound("c").unwrap().into_iter().map(|b| b.account).collect() };
    let old = bound("2026-11-24T10:00:00Z", "a", None);
    assert_eq!(accounts("2026-11-24T10:59:59Z"), ["a"]);
    bound("2026-11-24T10:30:00Z", "a", None);
    assert_eq!(accounts("2026-11-24T11:29:59Z"), ["a"], "each call counts anew");
    assert!(accounts("2026-11-24T11:30:00Z").is_empty());
    bound("2026-11-24T11:00:00Z", "b", Some(old));
    assert_eq!(accounts("2026-11-24T11:00:00Z"), ["b"]);
    let now = store("2026-11-24T11:00:00Z");
    now.unbind("openai", Some("a"));
    assert_eq!(now.bindings().unwrap().len(), 1);
    now.unbind("openai", None);
    assert!(now.bindings().unwrap().is_empty());
}
