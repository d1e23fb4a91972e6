//! Answers that are used again, and what calibrating showed.

use super::*;

const DAY: i64 = 86_400_000;

fn put(store: &Store, name: &str, request: Option<&str>, text: &str) {
    let calls = request.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    store.shelve(NewCache { name: name.to_owned(), calls, sealed: text.as_bytes().to_vec() });
    assert!(store.flush(Duration::from_secs(5)));
}

fn texts(store: &Store, names: &[&str]) -> Vec<Option<String>> {
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let rows = store.shelved(&names).unwrap();
    rows.into_iter().map(|row| row.map(|row| String::from_utf8(row.sealed).unwrap())).collect()
}

#[test]
fn the_newest_answer_under_a_name_counts_and_comes_back_in_the_order_asked() {
    let store = Store::memory(&clock());
    put(&store, "a", None, "old");
    put(&store, "a", None, "new");
    put(&store, "b", None, "other");
    assert_eq!(texts(&store, &["b", "none", "a"]), [Some("other".into()), None, Some("new".into())]);
}

#[test]
fn an_answer_goes_after_thirty_days() {
    let dir = tempfile::tempdir().unwrap();
    let at = |days: i64| Clock::fixed(Timestamp::from_millisecond(clock().millis() + days * DAY).unwrap());
    put(&Store::at(dir.path(), &clock()).unwrap(), "a", None, "SEALED");
    assert!(texts(&Store::at(dir.path(), &at(29)).unwrap(), &["a"])[0].is_some());
    let later = Store::at(dir.path(), &at(30)).unwrap();
    assert_eq!(texts(&later, &["a"]), [None]);
    assert_eq!(later.purge(&Chosen::Expired, Depth::Content).unwrap().cached, 1, "and is taken away");
    assert_eq!(later.purge(&Chosen::Expired, Depth::Content).unwrap().cached, 0);
}

#[test]
fn a_purge_takes_answers_with_their_call_and_with_their_time() {
    let clock = clock();
    let (_dir, path) = on_disk();
    let store = Store::at(&path, &clock).unwrap();
    block_on(store.open_request(request("ra", &clock))).unwrap();
    store.close_request("ra", RequestEnd { ended_ms: clock.millis(), outcome: Outcome::Done, served_by: None });
    let fill = || {
        put(&store, "of-ra", Some("ra"), "x");
        put(&store, "of-none", None, "y");
    };
    let left = || texts(&store, &["of-ra", "of-none"]).iter().map(Option::is_some).collect::<Vec<_>>();
    fill();
    let gone = store.purge(&Chosen::Ids(vec!["ra".to_owned()]), Depth::Content).unwrap();
    assert_eq!((gone.cached, left()), (1, vec![false, true]));
    fill();
    assert_eq!(store.purge(&Chosen::Before(clock.millis()), Depth::Content).unwrap().cached, 0);
    assert_eq!(store.purge(&Chosen::Before(clock.millis() + 1), Depth::Content).unwrap().cached, 2);
    fill();
    assert_eq!(store.purgeable(&Chosen::All, Depth::Content).unwrap().cached, 2);
    assert_eq!(store.purge(&Chosen::All, Depth::Content).unwrap().cached, 2);
    assert_eq!(left(), [false, false]);
}

#[test]
fn an_answer_that_several_calls_gave_goes_with_any_of_them() {
    let clock = clock();
    let (_dir, path) = on_disk();
    let store = Store::at(&path, &clock).unwrap();
    for id in ["ra", "rb", "r"] {
        block_on(store.open_request(request(id, &clock))).unwrap();
        store.close_request(id, RequestEnd { ended_ms: clock.millis(), outcome: Outcome::Done, served_by: None });
    }
    for gone in ["ra", "rb"] {
        put(&store, "of-both", Some("ra rb"), "x");
        let chosen = |id: &str| Chosen::Ids(vec![id.to_owned()]);
        assert_eq!(store.purge(&chosen("r"), Depth::Content).unwrap().cached, 0, "only whole ids count");
        assert_eq!(store.purge(&chosen(gone), Depth::Content).unwrap().cached, 1);
        assert_eq!(texts(&store, &["of-both"]), [None]);
    }
}

#[test]
fn one_result_of_calibrating_a_model_is_kept() {
    let store = Store::memory(&clock());
    let row = |model: &str, result: &str| CalibrationRow {
        model: model.to_owned(),
        prompt: "p1".to_owned(),
        made_ms: 7,
        result: result.to_owned(),
    };
    store.calibrated(row("a/m", "{}")).unwrap();
    store.calibrated(row("a/m", "[]")).unwrap();
    assert_eq!(store.calibration("a/m").unwrap(), Some(row("a/m", "[]")));
    assert_eq!(store.calibration("a/other").unwrap(), None);
}
