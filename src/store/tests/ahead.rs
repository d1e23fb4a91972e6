//! What a proxy's requests leave: on disk before the database has it, and in it in the end, whatever happens.

use std::path::PathBuf;

use proptest::prelude::*;

use super::super::ahead::{Ahead, merged};
use super::super::group::run;
use super::super::verb::{Note, Verb};
use super::super::*;
use super::{attempt, clock, end, request};

fn done(clock: &Clock) -> RequestEnd {
    let served_by = Some(("openai".into(), "work".into(), "m".into()));
    RequestEnd { ended_ms: clock.millis(), outcome: Outcome::Done, served_by }
}

/// All of one request that was answered.
fn story(id: &str, clock: &Clock) -> Vec<Note> {
    vec![
        Note(Verb::Request, request(id, clock).cells()),
        Note(Verb::Attempt, attempt(id, 1, "m", clock).cells()),
        Note(Verb::AttemptEnd, end(clock, Some(7)).cells(id.into(), 1)),
        Note(Verb::RequestEnd, done(clock).cells(id.into())),
    ]
}

fn leavings(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("ahead-")).collect()
}

/// What history and the sums say of a store.
fn seen(store: &Store) -> (Vec<String>, Spent) {
    let filter = HistoryFilter { limit: 1000, ..HistoryFilter::default() };
    let mut rows: Vec<String> = store.history(&filter).unwrap().iter().map(|row| format!("{row:?}")).collect();
    rows.sort_unstable();
    (rows, store.spent(&super::all(), SpentBy::Model).unwrap())
}

#[tokio::test]
async fn what_is_answered_is_in_the_database_in_a_moment_and_the_files_are_gone_in_the_end() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = Store::at(dir.path(), &clock).unwrap();
    store.note_request(request("r1", &clock));
    let mut slot = store.note_attempt(attempt("r1", 1, "m", &clock)).await.unwrap();
    slot.finish(end(&clock, Some(7)));
    store.note_end("r1", done(&clock));
    let quick = seen(&store);

    let slow = Store::memory(&clock);
    slow.open_request(request("r1", &clock)).await.unwrap();
    slow.open_attempt(attempt("r1", 1, "m", &clock)).await.unwrap().finish(end(&clock, Some(7)));
    slow.close_request("r1", done(&clock));
    assert_eq!(quick, seen(&slow), "a proxy's rows are what others' are");

    drop(slot);
    drop(store);
    assert_eq!(leavings(dir.path()), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_row_lies_on_disk_before_anybody_waits_for_the_database() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = Store::at(dir.path(), &clock).unwrap();
    // Nothing gets into the database meanwhile.
    let other = connect(&dir.path().join(FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    store.note_request(request("r1", &clock));
    let mut slot = store.note_attempt(attempt("r1", 1, "m", &clock)).await.unwrap();
    let text: String = leavings(dir.path()).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    assert_eq!(text.lines().count(), 2, "{text}");
    slot.finish(end(&clock, None));
    store.note_end("r1", done(&clock));
    store.sure("r1");
    // Whoever is answered now has the end of it, too.
    let text: String = leavings(dir.path()).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    assert_eq!(text.lines().count(), 4, "{text}");
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(seen(&store).0.len(), 1);
}

#[test]
fn what_a_killed_process_left_behind_is_taken_in_once() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    drop(Store::at(dir.path(), &clock).unwrap());
    let lines: Vec<String> = ["r1", "r2"]
        .iter()
        .flat_map(|id| story(id, &clock))
        .map(|note| serde_json::to_string(&note).unwrap())
        .collect();
    // One was committed before it was killed, the other was half way, and the last line is half of one.
    {
        let store = Store::at(dir.path(), &clock).unwrap();
        store.writer.now(move |c| run(c, &mut merged(story("r1", &self::clock())))).unwrap();
    }
    let left = format!("{}\n{}", lines[..6].join("\n"), &lines[6][..20]);
    files::create_private(&dir.path().join("ahead-1-0"), left.as_bytes()).unwrap();

    let store = Store::at(dir.path(), &clock).unwrap();
    let (rows, sums) = seen(&store);
    let [first, second] = rows.as_slice() else { panic!("{rows:#?}") };
    assert!(first.contains("\"r1\"") && first.contains("\"done\""), "{first}");
    assert!(second.contains("\"r2\"") && !second.contains("\"done\""), "{second}");
    assert_eq!(sums.total.exact_cost.0, 7, "what was there already counts once");
    assert_eq!(leavings(dir.path()), Vec::<PathBuf>::new());
}

#[test]
fn a_story_that_begins_in_one_file_and_ends_in_another_is_whole_in_whatever_order_they_are_found() {
    for (begins, ends) in [("ahead-1-0", "ahead-1-1"), ("ahead-1-1", "ahead-1-0"), ("ahead-9-7", "ahead-2-3")] {
        let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
        drop(Store::at(dir.path(), &clock).unwrap());
        let lines: Vec<String> =
            story("r1", &clock).iter().map(|note| serde_json::to_string(note).unwrap() + "\n").collect();
        files::create_private(&dir.path().join(ends), lines[2..].concat().as_bytes()).unwrap();
        files::create_private(&dir.path().join(begins), lines[..2].concat().as_bytes()).unwrap();
        let store = Store::at(dir.path(), &clock).unwrap();
        let (rows, sums) = seen(&store);
        assert!(rows.len() == 1 && rows[0].contains("\"done\""), "{rows:#?}");
        assert_eq!(sums.total.exact_cost.0, 7, "{begins} {ends}");
        assert_eq!(leavings(dir.path()), Vec::<PathBuf>::new());
    }
}

#[test]
fn lines_of_an_older_version_are_taken_in_with_those_beside_them() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    drop(Store::at(dir.path(), &clock).unwrap());
    let mut older = story("r1", &clock);
    // It knew no numbers of bytes.
    older[2].1.truncate(22);
    let lines: String =
        older.iter().chain(&story("r2", &clock)).map(|note| serde_json::to_string(note).unwrap() + "\n").collect();
    files::create_private(&dir.path().join("ahead-1-0"), lines.as_bytes()).unwrap();
    let (rows, sums) = seen(&Store::at(dir.path(), &clock).unwrap());
    assert_eq!((rows.len(), sums.total.exact_cost.0), (2, 14), "{rows:#?}");
}

#[test]
fn a_row_that_got_into_the_database_before_its_end_was_known_learns_it() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = Store::at(dir.path(), &clock).unwrap();
    let whole = story("r1", &clock);
    let begun = whole[..2].to_vec();
    store.writer.now(move |c| run(c, &mut begun.clone())).unwrap();
    store.writer.now(move |c| run(c, &mut merged(whole.clone()))).unwrap();
    let (rows, sums) = seen(&store);
    assert!(rows.len() == 1 && rows[0].contains("\"done\""), "{rows:#?}");
    assert_eq!(sums.total.exact_cost.0, 7);
}

#[test]
fn what_nobody_waits_for_is_written_when_whoever_kept_the_database_locked_is_gone() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let store = Store::at(dir.path(), &clock).unwrap();
    let other = connect(&dir.path().join(FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    // The first of them waits for the whole time that another may take.
    assert!(store.remember("first", "lost, and told so").is_err());
    let now_ms = clock.millis();
    store.cool("account:openai/work".to_owned(), move |_| CoolDown {
        key: "account:openai/work".to_owned(),
        until_ms: now_ms + 60_000,
        cause: "limit".to_owned(),
        source: "test".to_owned(),
        set_ms: now_ms,
        strikes: 1,
        probe_ms: None,
        waits: true,
    });
    assert!(store.remember("second", "lost, and told so").is_err());
    other.execute_batch("COMMIT").unwrap();
    store.remember("third", "kept").unwrap();
    let keys: Vec<String> = store.cooling().unwrap().into_iter().map(|cool| cool.key).collect();
    assert_eq!(keys, ["account:openai/work"]);
    assert_eq!(store.recall("first").unwrap(), None);
}

#[test]
fn what_lies_in_a_file_of_a_process_that_runs_is_left_to_it() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    drop(Store::at(dir.path(), &clock).unwrap());
    let ahead = Ahead::new(Some(dir.path()));
    for note in story("r1", &clock) {
        ahead.push(note);
        assert!(ahead.flush());
    }
    let store = Store::at(dir.path(), &clock).unwrap();
    assert!(seen(&store).0.is_empty());
    drop(ahead);
    drop(store);
    assert_eq!(seen(&Store::at(dir.path(), &clock).unwrap()).0.len(), 1);
}

#[test]
fn of_what_many_threads_write_while_it_is_taken_nothing_is_lost_and_nothing_ends_before_it_began() {
    let (dir, clock) = (tempfile::tempdir().unwrap(), clock());
    let ahead = Ahead::new(Some(dir.path()));
    let store = Store::memory(&clock);
    let requests = |of: usize| (0..200).map(move |n| format!("r{of}-{n}"));
    let taken = || {
        let rows = ahead.take();
        store.writer.now(move |c| run(c, &mut rows.clone())).unwrap();
        ahead.settled();
    };
    let runtimes = [0, 1, 2].map(|_| tokio::runtime::Builder::new_current_thread().build().unwrap());
    let handles = runtimes.each_ref().map(|runtime| runtime.handle().clone());
    std::thread::scope(|scope| {
        let (ahead, clock, handles) = (&ahead, &clock, &handles);
        // What each writes comes from one runtime and another, and from none.
        let write = move |of: usize| {
            for (n, note) in requests(of).flat_map(|id| story(&id, clock)).enumerate() {
                let _within = handles.get((n + of) % 4).map(tokio::runtime::Handle::enter);
                ahead.push(note);
                assert!(ahead.flush());
            }
        };
        let threads: Vec<_> = (0..4).map(|of| scope.spawn(move || write(of))).collect();
        while threads.iter().any(|thread| !thread.is_finished()) {
            taken();
        }
    });
    taken();
    assert!(!ahead.full() && ahead.take().is_empty());
    let requests = seen(&store).0;
    assert_eq!(requests.len(), 800);
    assert!(requests.iter().all(|row| row.contains("ended_ms: Some")), "each knows its end: {requests:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever lies between begin and end: one row or two statements are the same.
    #[test]
    fn however_rows_are_cut_into_groups_they_come_to_the_same(cuts in proptest::collection::vec(1usize..6, 1..12)) {
        let clock = clock();
        let whole: Vec<Note> = ["a", "b", "c"].iter().flat_map(|id| story(id, &clock)).collect();
        // Those of three requests by turns.
        let mixed: Vec<Note> = (0..4).flat_map(|step| (0..3).map(move |of| of * 4 + step)).map(|at| whole[at].clone()).collect();
        let (one, other) = (Store::memory(&clock), Store::memory(&clock));
        one.writer.now(move |c| whole.iter().try_for_each(|note| note.run(c))).unwrap();
        let mut rest = mixed.as_slice();
        for cut in cuts.into_iter().chain([12]) {
            let (group, more) = rest.split_at(cut.min(rest.len()));
            let group = group.to_vec();
            other.writer.now(move |c| run(c, &mut merged(group.clone()))).unwrap();
            rest = more;
        }
        prop_assert_eq!(seen(&one), seen(&other));
    }
}
