//! Which account is tried first.

use std::cell::Cell;

use proptest::prelude::*;

use crate::auth::{Standee, View, Why, Window, drain, drained, order, pin, pinned};
use crate::config::Strategy;
use crate::store::Store;
use crate::world::Clock;

fn one(name: &str, priority: i32, weight: Option<u32>) -> Standee<'_> {
    Standee { name, priority, weight, signed_out: false, draining: false, cooling: false }
}

/// Three equals: a, b, c.
fn three() -> [Standee<'static>; 3] {
    [one("a", 0, None), one("b", 0, None), one("c", 0, None)]
}

/// What a story scripts; everything else is as if nobody had said anything.
struct Says<'a> {
    pin: Option<&'a str>,
    turn: u64,
    dice: &'a [u64],
    used: &'a dyn Fn(&str) -> (u64, u64),
    window: &'a dyn Fn(&str) -> Option<Window>,
}

impl Default for Says<'_> {
    fn default() -> Self {
        Self { pin: None, turn: 0, dice: &[], used: &|_| (0, 0), window: &|_| None }
    }
}

fn ranked(line: &[Standee<'_>], strategy: Strategy, says: &Says<'_>) -> Vec<(usize, Why)> {
    let mut dice = says.dice.iter();
    let mut draw = |n: u64| dice.next().copied().unwrap_or_else(|| panic!("no dice for {n}"));
    let mut turn = || says.turn;
    order(
        line,
        &mut View { strategy, pin: says.pin, turn: &mut turn, dice: &mut draw, used: says.used, window: says.window },
    )
}

/// The names in order.
fn names(line: &[Standee<'_>], strategy: Strategy, says: &Says<'_>) -> String {
    ranked(line, strategy, says).into_iter().map(|(n, _)| line[n].name).collect::<Vec<_>>().join(" ")
}

#[test]
fn who_cools_down_has_no_turn_and_nobody_has_two_for_it() {
    let mut line = three();
    line[1].cooling = true;
    let says = |turn| Says { turn, ..Says::default() };
    let told: Vec<String> = (0..4).map(|turn| names(&line, Strategy::RoundRobin, &says(turn))).collect();
    assert_eq!(told, ["a c b", "c a b", "a c b", "c a b"]);
    line.iter_mut().for_each(|who| who.cooling = true);
    assert_eq!(names(&line, Strategy::RoundRobin, &says(1)), "a b c", "where all cool down nobody is lost");
    line[1].cooling = false;
    assert_eq!(names(&line, Strategy::FillFirst, &says(1)), "a b c", "other strategies have no turns");
}

#[test]
fn without_a_word_from_the_user_the_order_is_that_of_storing() {
    assert_eq!(names(&three(), Strategy::FillFirst, &Says::default()), "a b c");
    assert!(
        order(
            &[],
            &mut View {
                strategy: Strategy::Weighted,
                pin: None,
                turn: &mut || panic!("no turn"),
                dice: &mut |_| panic!("no dice"),
                used: &|_| (0, 0),
                window: &|_| None,
            }
        )
        .is_empty()
    );
}

#[test]
fn higher_priority_goes_first_and_a_pin_before_all() {
    let line = [one("a", 0, None), one("b", 5, None), one("c", -1, None)];
    for strategy in Strategy::ALL {
        assert_eq!(names(&line, strategy, &Says::default()), "b a c", "{strategy:?}");
        let says = Says { pin: Some("c"), ..Says::default() };
        assert_eq!(names(&line, strategy, &says), "c b a", "{strategy:?}");
        assert_eq!(ranked(&line, strategy, &says)[0].1, Why::Pinned);
    }
}

#[test]
fn who_is_drained_or_signed_out_stands_behind_even_when_pinned() {
    let mut line = three();
    line[0].signed_out = true;
    line[1].draining = true;
    for strategy in Strategy::ALL {
        let says = Says { pin: Some("a"), ..Says::default() };
        assert_eq!(names(&line, strategy, &says), "c b a", "{strategy:?}");
    }
    let why: Vec<Why> = ranked(&line, Strategy::FillFirst, &Says::default()).into_iter().map(|(_, why)| why).collect();
    assert_eq!(why, [Why::Alone, Why::Draining, Why::SignedOut]);
}

#[test]
fn shares_are_kept_to_the_request_and_who_has_none_stands_behind() {
    let line = [one("one", 0, Some(1)), one("three", 0, Some(3)), one("rest", 0, None)];
    let mut first = std::collections::BTreeMap::new();
    for n in 0..4 {
        let told = names(&line, Strategy::FillFirst, &Says { dice: &[n, 0], ..Says::default() });
        assert!(told.ends_with(" rest"), "{told}");
        *first.entry(told.split(' ').next().unwrap().to_owned()).or_insert(0) += 1;
    }
    assert_eq!(first, [("one".to_owned(), 1), ("three".to_owned(), 3)].into());
}

#[test]
fn where_shares_are_the_strategy_who_has_none_has_one() {
    let line = [one("one", 0, None), one("three", 0, Some(3))];
    let first = |n: u64| names(&line, Strategy::Weighted, &Says { dice: &[n, 0], ..Says::default() });
    assert_eq!([first(0), first(1), first(3)], ["one three", "three one", "three one"]);
    let says = Says { dice: &[1, 0], ..Says::default() };
    assert_eq!(ranked(&line, Strategy::Weighted, &says)[0].1, Why::Share(3, 4));
}

#[test]
fn turns_go_round_and_are_asked_for_once_and_only_where_there_are_equals() {
    let at = |turn: u64| names(&three(), Strategy::RoundRobin, &Says { turn, ..Says::default() });
    assert_eq!([at(0), at(1), at(2), at(3)], ["a b c", "b c a", "c a b", "a b c"]);
    let asked = Cell::new(0);
    let line = [one("a", 1, None), one("b", 1, None), one("c", 0, None), one("d", 0, None)];
    let mut turn = || {
        asked.set(asked.get() + 1);
        1
    };
    let mut view = View {
        strategy: Strategy::RoundRobin,
        pin: None,
        turn: &mut turn,
        dice: &mut |_| 0,
        used: &|_| (0, 0),
        window: &|_| None,
    };
    let order: Vec<&str> = order(&line, &mut view).into_iter().map(|(n, _)| line[n].name).collect();
    assert_eq!((order.join(" ").as_str(), asked.get()), ("b a d c", 1));
}

#[test]
fn who_used_least_goes_first_and_equal_use_falls_to_fewer_attempts() {
    let used = |name: &str| match name {
        "a" => (900, 1),
        "b" => (10, 4),
        _ => (10, 2),
    };
    assert_eq!(names(&three(), Strategy::LeastUsed, &Says { used: &used, ..Says::default() }), "c b a");
}

#[test]
fn what_would_be_lost_soonest_is_used_first_and_what_is_empty_last() {
    let line = [one("a", 0, None), one("b", 0, None), one("c", 0, None), one("d", 0, None)];
    let window = |name: &str| match name {
        "a" => Some(Window::Empty(1)),
        "b" => Some(Window::Left(9_000)),
        "c" => None,
        _ => Some(Window::Left(2_000)),
    };
    let says = Says { window: &window, ..Says::default() };
    assert_eq!(names(&line, Strategy::SoonestReset, &says), "d b c a");
    assert_eq!(ranked(&line, Strategy::SoonestReset, &says)[2].1, Why::NoReset);
}

proptest! {
    #[test]
    fn nobody_is_lost_or_doubled_and_priority_holds(
        rows in prop::collection::vec((-2..3_i32, prop::option::of(0..4_u32), 0..8_u8, 0..50_u64), 0..12),
        strategy in 0..5_usize, seed in any::<u64>(),
    ) {
        let names: Vec<String> = (0..rows.len()).map(|n| format!("n{n}")).collect();
        let line: Vec<Standee<'_>> = rows.iter().zip(&names)
            .map(|((priority, weight, state, _), name)| Standee {
                name, priority: *priority, weight: *weight, signed_out: *state == 0, draining: *state == 1, cooling: *state == 2,
            }).collect();
        let of = |name: &str| rows[name[1..].parse::<usize>().unwrap()].3;
        let mut state = seed;
        let mut dice = |n: u64| { state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1); (state >> 33) % n };
        let used = |name: &str| (of(name), 1);
        let window = |name: &str| Some(of(name)).filter(|n| *n > 9).map(|n| Window::Left(n.cast_signed()));
        let mut view = View {
            strategy: Strategy::ALL[strategy], pin: Some("n3"), turn: &mut || seed, dice: &mut dice, used: &used, window: &window,
        };
        let told = order(&line, &mut view);
        let mut places: Vec<usize> = told.iter().map(|(n, _)| *n).collect();
        for pair in told.windows(2) {
            let apart = |(n, _): &(usize, Why)| line[*n].signed_out || line[*n].draining;
            let pinned = |(n, _): &(usize, Why)| line[*n].name == "n3" && !apart(&(*n, Why::Alone));
            prop_assert!(!pinned(&pair[1]), "a pin goes first");
            prop_assert!(apart(&pair[1]) || !apart(&pair[0]), "who is apart stands behind");
            if !pinned(&pair[0]) && apart(&pair[0]) == apart(&pair[1]) && !apart(&pair[0]) {
                prop_assert!(line[pair[0].0].priority >= line[pair[1].0].priority);
            }
        }
        places.sort_unstable();
        prop_assert_eq!(places, (0..line.len()).collect::<Vec<_>>());
    }
}

#[test]
fn a_drain_holds_until_it_is_ended_and_leaves_no_word_where_there_was_none() {
    let store = Store::memory(&Clock::system());
    drain(&store, "x", "a b", None).unwrap();
    assert_eq!(store.recall("drain:x/a b").unwrap(), None);
    drain(&store, "x", "a b", Some(7)).unwrap();
    assert_eq!((drained(&store, "x", "a b"), drained(&store, "y", "a b")), (Some(7), None));
    drain(&store, "x", "a b", None).unwrap();
    assert_eq!(drained(&store, "x", "a b"), None);
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
