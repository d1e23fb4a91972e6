//! The ledger's sums against its rows.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rusqlite::types::Value;

use super::super::ahead::merged;
use super::super::group::run;
use super::super::verb::{Note, Verb};
use super::*;

const DAY: u64 = 86_400;

/// One attempt of a made-up ledger.
#[derive(Debug, Clone)]
struct Made {
    model: u8,
    account: u8,
    place: u8,
    caller: u8,
    /// Seconds after the first.
    at: u64,
    end: Ended,
    /// The commit it ended in, told afterwards.
    commit: Option<u8>,
    deleted: bool,
}

#[derive(Debug, Clone)]
enum Ended {
    /// Somebody killed it.
    Never,
    /// Nothing was used.
    Refused,
    Used {
        usage: Usage,
        guessed: bool,
        cost: Option<(u64, u8)>,
    },
}

fn tokens() -> impl Strategy<Value = u64> {
    prop_oneof![8 => 0..2_000_000_u64, 1 => Just(u64::MAX)]
}

fn usage() -> impl Strategy<Value = Usage> {
    (tokens(), tokens(), tokens(), tokens(), tokens(), proptest::option::of(0..9_000_u64)).prop_map(
        |(input, cache_read, cache_write_short, cache_write_long, output, reasoning)| Usage {
            input,
            cache_read,
            cache_write_short,
            cache_write_long,
            output,
            reasoning,
        },
    )
}

fn ended() -> impl Strategy<Value = Ended> {
    let cost = proptest::option::of((prop_oneof![8 => 0..5_000_000_000_u64, 1 => Just(u64::MAX)], 0..4_u8));
    prop_oneof![
        1 => Just(Ended::Never),
        1 => Just(Ended::Refused),
        8 => (usage(), any::<bool>(), cost).prop_map(|(usage, guessed, cost)| Ended::Used { usage, guessed, cost }),
    ]
}

fn made() -> impl Strategy<Value = Made> {
    let names = (0..4_u8, 0..3_u8, 0..4_u8, 0..3_u8);
    (names, 0..20 * DAY, ended(), proptest::option::of(0..3_u8), proptest::bool::weighted(0.1)).prop_map(
        |((model, account, place, caller), at, end, commit, deleted)| Made {
            model,
            account,
            place,
            caller,
            at,
            end,
            commit,
            deleted,
        },
    )
}

fn place(n: u8) -> Place {
    let repo = (n > 0).then(|| format!("/r{}", n / 2));
    Place { repo, branch: (n > 0).then(|| format!("b{}", n % 2)), ..Place::default() }
}

/// The request, its attempt, and how that ended.
fn row(begin: i64, number: usize, made: &Made) -> (NewRequest, NewAttempt, Option<AttemptEnd>) {
    let id = format!("r{number}");
    let started_ms = begin + i64::try_from(made.at * 1000).unwrap();
    let clock = Clock::fixed(Timestamp::from_millisecond(started_ms).unwrap());
    let new = NewRequest { caller: format!("c{}", made.caller), place: place(made.place), ..request(&id, &clock) };
    let row = NewAttempt {
        account: format!("a{}", made.account).into(),
        ..attempt(&id, 1, &format!("m{}", made.model), &clock)
    };
    let end = match &made.end {
        Ended::Never => None,
        Ended::Refused => Some(AttemptEnd { ended_ms: started_ms, status: Some(401), ..AttemptEnd::default() }),
        Ended::Used { usage, guessed, cost } => {
            let source = if *guessed { UsageSource::Estimated } else { UsageSource::Reported };
            let sources = [CostSource::Reported, CostSource::Computed, CostSource::Estimated, CostSource::Local];
            let cost = cost.map(|(nano, source)| {
                let source = sources[usize::from(source)];
                Cost { amount: NanoUsd(if source == CostSource::Local { 0 } else { nano }), source }
            });
            Some(AttemptEnd { usage: Some((*usage, source)), cost, ..end(&clock, None) })
        }
    };
    (new, row, end)
}

fn write(store: &Store, begin: i64, number: usize, made: &Made) {
    let (new, row, end) = row(begin, number, made);
    block_on(async {
        store.open_request(new).await.unwrap();
        let mut slot = store.open_attempt(row).await.unwrap();
        match end {
            None => std::mem::forget(slot),
            Some(end) => slot.finish(end),
        }
    });
}

/// As a proxy writes it.
fn notes(begin: i64, number: usize, made: &Made) -> Vec<Note> {
    let (id, (new, row, end)) = (format!("r{number}"), row(begin, number, made));
    let done = RequestEnd { ended_ms: row.started_ms, outcome: Outcome::Done, served_by: None };
    let mut notes = vec![Note(Verb::Request, new.cells()), Note(Verb::Attempt, row.cells())];
    if let Some(end) = end {
        notes.push(Note(Verb::AttemptEnd, end.cells(id.as_str().into(), 1)));
        notes.push(Note(Verb::RequestEnd, done.cells(id.as_str().into())));
    }
    notes
}

/// Every sum, as it lies there; a place by its names, for its number tells only which came first.
fn sums(store: &Store) -> Vec<String> {
    let read = |c: &Connection| {
        let mut rows = c.prepare(
            "SELECT slot, upstream, account, model, repo, branch, caller, commit_id, spent.* FROM spent
             JOIN scene ON scene.id = spent.scene ORDER BY 1, 2, 3, 4, 5, 6, 7, 8",
        )?;
        let rows = rows.query_map([], |row| {
            let cells = (0..8).chain(10..23).map(|at| row.get::<_, Value>(at).map(|cell| format!("{cell:?}")));
            cells.collect::<Result<Vec<_>, _>>().map(|cells| cells.join(" "))
        })?;
        rows.collect()
    };
    store.writer.read(read).unwrap()
}

/// Every row, as it lies there; who counted an attempt is no part of it, nor is the number of its place.
fn rows(store: &Store) -> Vec<String> {
    let read = |c: &Connection| {
        let mut all = Vec::new();
        for table in ["request", "attempt"] {
            let mut rows = c.prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2"))?;
            let names: Vec<String> = rows.column_names().map(str::to_owned).collect();
            let one = |row: &rusqlite::Row<'_>| {
                let cells = names.iter().enumerate().filter(|(_, name)| !["process", "scene"].contains(&name.as_str()));
                let cells = cells.map(|(at, name)| row.get::<_, Value>(at).map(|cell| format!("{name} {cell:?}")));
                cells.collect::<Result<Vec<_>, _>>().map(|cells| cells.join(", "))
            };
            all.extend(rows.query_map([], one)?.collect::<Result<Vec<_>, _>>()?);
        }
        Ok(all)
    };
    store.writer.read(read).unwrap()
}

/// What a row counts as, by hand.
fn counted(end: &Ended) -> Sum {
    const MOST: u64 = 1_000_000_000_000_000;
    match end {
        Ended::Never => Sum { interrupted: 1, ..Sum::default() },
        Ended::Refused => Sum::default(),
        Ended::Used { usage, cost, .. } => {
            let mut sum = Sum { attempts: 1, ..Sum::default() };
            sum.usage = Usage {
                input: usage.input.min(MOST),
                cache_read: usage.cache_read.min(MOST),
                cache_write_short: usage.cache_write_short.min(MOST),
                cache_write_long: usage.cache_write_long.min(MOST),
                output: usage.output.min(MOST),
                reasoning: usage.reasoning.filter(|n| *n > 0),
            };
            match cost {
                None => sum.unpriced = 1,
                Some((nano, 0 | 1)) => (sum.exact, sum.exact_cost) = (1, NanoUsd((*nano).min(MOST))),
                Some((nano, 2)) => (sum.guessed, sum.guessed_cost) = (1, NanoUsd((*nano).min(MOST))),
                Some(_) => sum.local = 1,
            }
            sum
        }
    }
}

fn key(by: SpentBy, begin: i64, made: &Made) -> (String, Option<String>) {
    let place = place(made.place);
    match by {
        SpentBy::Day => {
            let at = Timestamp::from_millisecond(begin + i64::try_from(made.at * 1000).unwrap()).unwrap();
            (at.to_zoned_datetime(zone()).strftime("%Y-%m-%d").to_string(), None)
        }
        SpentBy::Model => (format!("openai/m{}", made.model), None),
        SpentBy::Account => (format!("openai/a{}", made.account), None),
        SpentBy::Repo => (place.repo.unwrap_or_default(), None),
        SpentBy::Branch => (place.branch.unwrap_or_default(), place.repo),
        SpentBy::Commit => (made.commit.map(|n| format!("commit{n}")).unwrap_or_default(), None),
        SpentBy::Command => (format!("c{}", made.caller), None),
    }
}

/// A zone whose days begin at a quarter of an hour, and that has a short and a long day.
fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::posix("NEP-5:45DST,M11.1.0/2,M11.3.0/3").unwrap()
}

fn count(c: &Connection, sql: &str) -> i64 {
    c.query_row(sql, [], |r| r.get(0)).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Many rows together come to the sums that each alone comes to, also where some of them are there already.
    #[test]
    fn rows_that_are_written_together_are_counted_as_those_that_are_not(
        ledger in proptest::collection::vec(made(), 0..70), there in 0_usize..60,
    ) {
        let clock = clock();
        let begin = clock.millis();
        let (one, other) = (Store::memory(&clock), Store::memory(&clock));
        let all: Vec<Note> = ledger.iter().enumerate().flat_map(|(n, made)| notes(begin, n, made)).collect();
        if let Some(made) = ledger.get(there) {
            write(&other, begin, there, made);
        }
        let each = all.clone();
        one.writer.now(move |c| each.iter().try_for_each(|note| note.run(c))).unwrap();
        other.writer.now(move |c| {
            let mut rows = merged(all.clone());
            // A group that could not be committed is run again.
            c.execute_batch("SAVEPOINT first")?;
            run(c, &mut rows)?;
            c.execute_batch("ROLLBACK TO first; RELEASE first")?;
            run(c, &mut rows)
        }).unwrap();
        prop_assert_eq!(sums(&one), sums(&other));
        for store in [&one, &other] {
            store.writer.now(|c| {
                c.execute("UPDATE request SET commit_id = 'c' WHERE id LIKE '%1'", [])?;
                c.execute("DELETE FROM attempt WHERE request_id LIKE '%2'", []).map(drop)
            }).unwrap();
        }
        prop_assert_eq!(sums(&one), sums(&other), "after some moved and some went");
    }

    /// What differs only in when it was and what it used is written as what differs in everything.
    #[test]
    fn rows_of_one_program_that_asks_one_model_are_written_as_any_others(
        ledger in proptest::collection::vec((0..DAY, usage()), 0..50), other in proptest::option::of(0_usize..50),
    ) {
        let clock = clock();
        let begin = clock.millis();
        let (one, two) = (Store::memory(&clock), Store::memory(&clock));
        let made = |(n, (at, usage)): (usize, &(u64, Usage))| Made {
            // One of them asks another one, say.
            model: u8::from(other == Some(n)),
            account: 0,
            place: 1,
            caller: 0,
            at: *at,
            end: Ended::Used { usage: *usage, guessed: false, cost: Some((n as u64, 1)) },
            commit: None,
            deleted: false,
        };
        let all: Vec<Note> = ledger.iter().enumerate().flat_map(|one| notes(begin, one.0, &made(one))).collect();
        let each = all.clone();
        one.writer.now(move |c| each.iter().try_for_each(|note| note.run(c))).unwrap();
        two.writer.now(move |c| run(c, &mut merged(all.clone()))).unwrap();
        prop_assert_eq!(rows(&one), rows(&two));
        prop_assert_eq!(sums(&one), sums(&two));
    }

    /// Whatever is written, moved to a commit and deleted: every sum is the sum of its rows, to the nano-dollar.
    #[test]
    fn sums_are_their_rows(ledger in proptest::collection::vec(made(), 0..40)) {
        let clock = clock();
        let begin = clock.millis();
        let store = Store::memory(&clock);
        for (n, made) in ledger.iter().enumerate() {
            write(&store, begin, n, made);
        }
        for (n, made) in ledger.iter().enumerate() {
            let (id, commit) = (format!("r{n}"), made.commit.map(|n| format!("commit{n}")));
            let deleted = made.deleted;
            store.writer.now(move |c| {
                c.execute("UPDATE request SET commit_id = 'wrong' WHERE id = ?1", [&id])?;
                c.execute("UPDATE request SET commit_id = ?2 WHERE id = ?1", params![id, commit])?;
                if deleted {
                    // History may be purged in any order.
                    c.execute("DELETE FROM request WHERE id = ?1", [&id])?;
                    c.execute("DELETE FROM attempt WHERE request_id = ?1", [&id])?;
                }
                Ok(())
            }).unwrap();
        }
        clock.advance(Duration::from_secs(30 * DAY));
        let kept: Vec<&Made> = ledger.iter().filter(|made| !made.deleted).collect();
        for by in [SpentBy::Day, SpentBy::Model, SpentBy::Account, SpentBy::Repo, SpentBy::Branch, SpentBy::Commit, SpentBy::Command] {
            let mut wanted: BTreeMap<(String, Option<String>), Sum> = BTreeMap::new();
            for made in &kept {
                if !matches!(made.end, Ended::Refused) {
                    wanted.entry(key(by, begin, made)).or_default().add(&counted(&made.end));
                }
            }
            let spent = store.spent(&SpentFilter { zone: zone(), ..all() }, by).unwrap();
            let found: BTreeMap<_, _> =
                spent.rows.iter().map(|row| ((row.key.clone(), row.repo.clone()), row.sum.clone())).collect();
            prop_assert_eq!(found.len(), spent.rows.len(), "each key once");
            prop_assert_eq!(&found, &wanted, "{:?}", by);
            let mut total = Sum::default();
            spent.rows.iter().for_each(|row| total.add(&row.sum));
            prop_assert_eq!(&total, &spent.total);
            let here = store.spent(&SpentFilter { zone: zone(), repo: Some("/r1".into()), ..all() }, by).unwrap();
            let mut total = Sum::default();
            kept.iter().filter(|made| place(made.place).repo.as_deref() == Some("/r1")).for_each(|made| total.add(&counted(&made.end)));
            prop_assert_eq!(&total, &here.total, "{:?} in one repository", by);
            // Narrowed by each account and each model in turn, it is the same sum.
            for by_account in [true, false] {
                let parts = store.spent(&all(), if by_account { SpentBy::Account } else { SpentBy::Model }).unwrap();
                let mut total = Sum::default();
                for row in &parts.rows {
                    let key = Some(row.key.clone());
                    let (account, model) = if by_account { (key, None) } else { (None, key) };
                    let narrow = SpentFilter { zone: zone(), account, model, ..all() };
                    let part = store.spent(&narrow, by).unwrap().total;
                    prop_assert_eq!(&part, &row.sum, "{:?} of {}", by, &row.key);
                    total.add(&part);
                }
                prop_assert_eq!(&total, &spent.total);
            }
        }
        let empty = store.writer.read(|c| Ok(count(c, "SELECT count(*) FROM spent WHERE attempts < 1"))).unwrap();
        prop_assert_eq!(empty, 0);
    }
}

#[test]
fn a_ledger_from_before_keeps_its_sums() {
    let ((_keep, dir), clock) = (on_disk(), clock());
    files::private_dir(&dir).unwrap();
    let path = dir.join(FILE);
    drop(files::open_private(&path).unwrap());
    let old = Connection::open(&path).unwrap();
    for step in ["core", "strikes", "limits"] {
        let file = format!("{}/src/store/steps/{step}.sql", env!("CARGO_MANIFEST_DIR"));
        old.execute_batch(&std::fs::read_to_string(file).unwrap()).unwrap();
    }
    old.pragma_update(None, "user_version", 3).unwrap();
    let now = clock.millis();
    old.execute_batch(&format!(
        "INSERT INTO request (id, started_ms, purpose, repo, asked_model, asked_effort, redacted, stream)
           VALUES ('r1', {now}, 'hook', '/r', 'fast', 'auto', 0, 1), ('r2', {now}, 'member', NULL, 'fast', 'auto', 0, 1);
         INSERT INTO attempt (request_id, number, started_ms, provider, upstream, account, model, maker, dialect, ended_ms,
           input, output, usage_source, cost_nano, cost_source) VALUES
           ('r1', 1, {now}, 'p', 'u', 'a', 'm', 'x', 'd', {now}, 10, 5, 'reported', 7, 'computed'),
           ('r1', 2, {now}, 'p', 'u', 'a', 'm', 'x', 'd', {now}, 1, 2, 'estimated', 9, 'estimated'),
           ('r2', 1, {now}, 'p', 'u', 'a', 'm', 'x', 'd', {now}, 1, 9223372036854775807, 'reported', NULL, NULL),
           ('r2', 2, {now}, 'p', 'u', 'a', 'm', 'x', 'd', NULL, NULL, NULL, NULL, NULL, NULL);"
    ))
    .unwrap();
    drop(old);
    let store = Store::at(&dir, &clock).unwrap();
    let spent = store.spent(&all(), SpentBy::Command).unwrap();
    let row = |n: usize| (spent.rows[n].key.as_str(), spent.rows[n].sum.clone());
    let (key, hook) = row(0);
    assert_eq!((key, hook.exact_cost, hook.guessed_cost, hook.attempts), ("git hook", NanoUsd(7), NanoUsd(9), 2));
    let (key, asked) = row(1);
    assert_eq!((key, asked.unpriced, asked.running, asked.attempts), ("monster ask", 1, 1, 1));
}

#[test]
fn a_call_whose_process_is_gone_was_interrupted_at_once() {
    let clock = clock();
    let store = Store::memory(&clock);
    block_on(async {
        for id in ["gone", "ours", "elsewhere"] {
            store.open_request(request(id, &clock)).await.unwrap();
            std::mem::forget(store.open_attempt(attempt(id, 1, "m", &clock)).await.unwrap());
        }
    });
    let ours = crate::world::life::own().map(str::to_owned);
    let parts: Vec<&str> = ours.as_deref().unwrap_or("boot/1/2/3").split('/').collect();
    let (gone, elsewhere) = (format!("{}/{}/{}/1", parts[0], parts[1], parts[2]), format!("{}/7/1/1", parts[0]));
    store
        .writer
        .now(move |c| {
            for (id, process) in [("gone", &gone), ("elsewhere", &elsewhere)] {
                c.execute("UPDATE request SET process = ?2 WHERE id = ?1", [id, process])?;
                c.execute("UPDATE attempt SET process = ?2 WHERE request_id = ?1", [id, process])?;
            }
            Ok(())
        })
        .unwrap();
    let rows = || store.history(&HistoryFilter { limit: 9, ..HistoryFilter::default() }).unwrap();
    let outcomes: BTreeMap<_, _> =
        rows().into_iter().map(|row| (row.id.clone(), (row.outcome, row.attempts[0].interrupted))).collect();
    assert_eq!(outcomes["ours"], ("running".to_owned(), false));
    assert_eq!(outcomes["elsewhere"], ("running".to_owned(), false), "nobody can tell from here");
    let total = store.spent(&all(), SpentBy::Model).unwrap().total;
    if ours.is_some() {
        assert_eq!(outcomes["gone"], ("interrupted".to_owned(), true));
        let failed = store.history(&HistoryFilter { limit: 9, failed: true, ..HistoryFilter::default() }).unwrap();
        assert_eq!(failed.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["gone"], "it gave no answer");
        assert_eq!((total.interrupted, total.running, total.cost()), (1, 2, None), "what it used is not known");
    }
    clock.advance(Duration::from_secs(7 * 3600));
    assert!(rows().iter().all(|row| row.outcome == "interrupted"), "no call lasts as long");
}

#[test]
fn a_draft_s_calls_all_count_to_its_commit() {
    let clock = clock();
    let store = Store::memory(&clock);
    let draft = |draft: &str| Draft { repo: "/r".to_owned(), draft: draft.to_owned() };
    block_on(async {
        for (id, of) in [("r1", "p:t"), ("r2", "p:t"), ("r3", "p:u")] {
            let place = Place { draft: Some(of.to_owned()), ..request(id, &clock).place };
            store.open_request(NewRequest { place, ..request(id, &clock) }).await.unwrap();
            store.open_attempt(attempt(id, 1, "m", &clock)).await.unwrap().finish(end(&clock, Some(5)));
        }
    });
    assert_eq!(store.drafts(0).unwrap(), [draft("p:t"), draft("p:u")]);
    store.ended_in(&draft("p:t"), "c1");
    store.ended_in(&Draft { repo: "/other".to_owned(), ..draft("p:u") }, "c1");
    let costs = || {
        let rows = store.spent(&all(), SpentBy::Commit).unwrap().rows;
        rows.into_iter().map(|row| (row.key, row.sum.exact_cost.0)).collect::<Vec<_>>()
    };
    assert_eq!(costs(), [("c1".to_owned(), 10), (String::new(), 5)]);
    store.ended_in(&draft("p:t"), "c2");
    assert_eq!(costs(), [("c2".to_owned(), 10), (String::new(), 5)]);
    assert!(store.drafts(clock.millis() + 1).unwrap().is_empty(), "old ones are forgotten");
    assert!(store.drafts(0).unwrap().is_empty());
}
