//! Which account is tried first.

use proptest::prelude::*;

use super::Secret;
use crate::auth::{Credential, Source, pin, pinned, ranked};
use crate::store::Store;
use crate::world::Clock;

fn credential(name: &str, upstream: &str, priority: i32, weight: Option<u32>) -> Credential {
    let key = Credential::key(name, upstream, Secret::new(format!("key of {name}")), Source::Vault);
    Credential { priority, weight, ..key }
}

fn names(ranked: &[Credential]) -> Vec<&str> {
    ranked.iter().map(|c| c.account.as_str()).collect()
}

#[test]
fn without_a_word_from_the_user_the_order_is_that_of_storing() {
    let all = vec![credential("a", "x", 0, None), credential("b", "y", 0, None), credential("c", "x", 0, None)];
    let ranked = ranked(all, &|_| None, &mut |_| unreachable!("nothing is drawn"));
    let of =
        |upstream: &str| names(&ranked).into_iter().filter(|n| ["a", "c"].contains(n) == (upstream == "x")).count();
    assert_eq!((of("x"), of("y")), (2, 1));
    assert_eq!(names(&ranked).iter().filter(|n| **n != "b").collect::<Vec<_>>(), [&"a", &"c"]);
}

#[test]
fn higher_priority_goes_first_and_a_pin_before_all() {
    let all = || vec![credential("a", "x", 0, None), credential("b", "x", 5, None), credential("c", "x", -1, None)];
    let mut none = |_| 0;
    assert_eq!(names(&ranked(all(), &|_| None, &mut none)), ["b", "a", "c"]);
    let pin = |upstream: &str| (upstream == "x").then(|| "c".to_owned());
    assert_eq!(names(&ranked(all(), &pin, &mut none)), ["c", "b", "a"]);
}

#[test]
fn shares_are_kept_to_the_request() {
    let all = || {
        vec![credential("one", "x", 0, Some(1)), credential("three", "x", 0, Some(3)), credential("rest", "x", 0, None)]
    };
    let mut first = std::collections::BTreeMap::new();
    for n in 0..4 {
        let mut draws = [n, 0].into_iter();
        let ranked = ranked(all(), &|_| None, &mut |_| draws.next().unwrap());
        *first.entry(names(&ranked)[0].to_owned()).or_insert(0) += 1;
        assert_eq!(names(&ranked)[2], "rest", "who has no share stands behind");
    }
    assert_eq!(first, [("one".to_owned(), 1), ("three".to_owned(), 3)].into());
}

proptest! {
    #[test]
    fn nobody_is_lost_or_doubled(rows in prop::collection::vec((0..3_u8, -2..3_i32, prop::option::of(0..4_u32)), 0..12), seed in any::<u64>()) {
        let all: Vec<Credential> = rows.iter().enumerate()
            .map(|(n, (upstream, priority, weight))| credential(&format!("n{n}"), &format!("u{upstream}"), *priority, *weight))
            .collect();
        let mut state = seed;
        let mut dice = |n: u64| { state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1); (state >> 33) % n };
        let ranked = ranked(all.clone(), &|_| None, &mut dice);
        let sorted = |list: &[Credential]| { let mut names: Vec<String> = list.iter().map(|c| c.account.clone()).collect(); names.sort(); names };
        prop_assert_eq!(sorted(&ranked), sorted(&all));
        for pair in ranked.windows(2).filter(|p| p[0].upstream == p[1].upstream) {
            prop_assert!(pair[0].priority >= pair[1].priority);
        }
    }
}

#[test]
fn a_pin_ends_by_itself_or_when_it_is_taken_out() {
    let store = Store::memory(&Clock::system());
    assert_eq!(pinned(&store, "x", 0), None);
    pin(&store, "x", Some("two words"), Some(1_000)).unwrap();
    assert_eq!(pinned(&store, "x", 999), Some(("two words".to_owned(), Some(1_000))));
    assert_eq!(pinned(&store, "x", 1_000), None);
    pin(&store, "x", Some("a"), None).unwrap();
    assert_eq!(pinned(&store, "x", i64::MAX - 1), Some(("a".to_owned(), None)));
    assert_eq!(pinned(&store, "y", 0), None);
    pin(&store, "x", None, None).unwrap();
    assert_eq!(pinned(&store, "x", 0), None);
}
