//! What is tried next, and what never again (rate-limits.md, "General algorithm" and "By status").

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::client::cool::Chill;
use crate::client::plan::{Pick, Plan};
use crate::model::{Failure, Kind, Scope};
use crate::store::{CoolDown, Traffic};

const NOW: i64 = 1_000_000;

fn failure(kind: Kind, scope: Scope, retry_after: Option<u64>) -> Failure {
    Failure { retry_after: retry_after.map(Duration::from_secs), ..Failure::new(kind, scope, "m") }
}

fn cool(key: &str, set_ms: i64, until_ms: i64) -> CoolDown {
    CoolDown {
        key: key.to_owned(),
        until_ms,
        cause: "429".to_owned(),
        source: "openai/one".to_owned(),
        set_ms,
        strikes: 1,
        probe_ms: None,
        waits: true,
    }
}

fn cold(cool_downs: Vec<CoolDown>) -> Traffic {
    Traffic { cool_downs, ..Traffic::default() }
}

fn chill(began_ms: i64, now_ms: i64) -> Chill {
    Chill {
        key: "model:x".to_owned(),
        wide: false,
        waits: true,
        stated: None,
        began_ms,
        now_ms,
        cause: "429".to_owned(),
        source: "openai/one".to_owned(),
        dice: 0,
    }
}

/// Two accounts and two models at one provider, one at another.
fn routes() -> Vec<Route> {
    vec![
        route("openai", "a", "one", Some(100)),
        route("openai", "a", "two", Some(200)),
        route("openai", "b", "one", Some(100)),
        route("anthropic", "c", "three", Some(100)),
    ]
}

/// The place of what is picked, or how long until something is, or nothing.
fn picked(plan: &Plan<'_>, routes: &[Route], now: i64) -> Result<usize, Option<Duration>> {
    match plan.pick(now) {
        Pick::Ready(route) | Pick::Probe { route, .. } => {
            Ok(routes.iter().position(|r| r.keys() == route.keys()).unwrap())
        }
        Pick::Wait { wait, .. } => Err(Some(wait)),
        Pick::Spent => Err(None),
    }
}

/// What is picked after the first route failed in this way.
fn after(kind: Kind, scope: Scope) -> Result<usize, Option<Duration>> {
    let routes = routes();
    let mut plan = Plan::new(&routes, Traffic::default());
    plan.condemn(&routes[0], &failure(kind, scope, None), NOW, NOW, 0);
    picked(&plan, &routes, NOW)
}

#[test]
fn the_first_route_is_tried_first() {
    let routes = routes();
    assert_eq!(picked(&Plan::new(&routes, Traffic::default()), &routes, NOW), Ok(0));
    assert_eq!(picked(&Plan::new(&[], Traffic::default()), &[], NOW), Err(None));
}

#[test]
fn a_failure_condemns_as_much_as_its_scope_says_and_no_more() {
    for (kind, scope, next) in [
        (Kind::NotFound, Scope::Model, Ok(1)),
        (Kind::Forbidden, Scope::Model, Ok(1)),
        (Kind::RateLimited, Scope::Model, Ok(1)),
        (Kind::Broken, Scope::Model, Ok(1)),
        (Kind::BadRequest, Scope::Model, Ok(1)),
        (Kind::Unauthorized, Scope::Account, Ok(2)),
        (Kind::QuotaSpent, Scope::Account, Ok(2)),
        (Kind::RateLimited, Scope::Account, Ok(2)),
        (Kind::Overloaded, Scope::Provider, Ok(3)),
        (Kind::Unreachable, Scope::Provider, Ok(3)),
        (Kind::Untrusted, Scope::Provider, Ok(3)),
        // Nobody else would do better.
        (Kind::BadRequest, Scope::Request, Err(None)),
        (Kind::Refused, Scope::Request, Err(None)),
        (Kind::Cancelled, Scope::Request, Err(None)),
    ] {
        assert_eq!(after(kind, scope), next, "{kind:?} {scope:?}");
    }
}

#[test]
fn a_prompt_that_is_too_long_goes_only_where_there_is_more_room() {
    assert_eq!(after(Kind::TooLong, Scope::Request), Ok(1), "two has a larger window");
    let routes = routes();
    let mut plan = Plan::new(&routes, Traffic::default());
    plan.condemn(&routes[0], &failure(Kind::TooLong, Scope::Request, None), NOW, NOW, 0);
    plan.condemn(&routes[1], &failure(Kind::TooLong, Scope::Request, None), NOW, NOW, 0);
    assert_eq!(picked(&plan, &routes, NOW), Err(None));
    let unknown =
        [route("openai", "a", "one", None), route("openai", "a", "two", None), route("openai", "a", "big", Some(1))];
    let mut plan = Plan::new(&unknown, Traffic::default());
    plan.condemn(&unknown[0], &failure(Kind::TooLong, Scope::Request, None), NOW, NOW, 0);
    assert_eq!(picked(&plan, &unknown, NOW), Ok(1), "one that nobody knows may be larger");
}

#[test]
fn the_servers_word_is_honoured_with_a_little_on_top_and_told_to_others() {
    let one = [route("openai", "a", "one", None)];
    let mut plan = Plan::new(&one, Traffic::default());
    let told = plan.condemn(&one[0], &failure(Kind::RateLimited, Scope::Model, Some(20)), NOW, NOW, 255).unwrap();
    let cool = told.over(None);
    assert_eq!((cool.key, cool.until_ms - NOW), (one[0].keys()[0].clone(), 22_250));
    assert_eq!(picked(&plan, &one, NOW), Err(Some(Duration::from_millis(22_250))));
    assert_eq!(picked(&plan, &one, NOW + 22_250), Ok(0));
}

#[test]
fn cool_downs_without_a_stated_time_grow_to_a_bound() {
    // Each is met when the one before is over, by whatever process: what it knows comes from the store.
    let waits = |scope| {
        let one = [route("openai", "a", "one", None)];
        let (mut known, mut now, mut waits) = (None::<CoolDown>, NOW, Vec::new());
        for _ in 0..6 {
            let mut plan = Plan::new(&one, cold(known.clone().into_iter().collect()));
            let chill = plan.condemn(&one[0], &failure(Kind::RateLimited, scope, None), now, now, 0).unwrap();
            let cool = chill.over(known.as_ref());
            waits.push((cool.until_ms - now) / 1_000);
            now = cool.until_ms;
            known = Some(cool);
        }
        waits
    };
    assert_eq!(waits(Scope::Model), [15, 30, 60, 120, 240, 300]);
    assert_eq!(waits(Scope::Provider), [30, 60, 60, 60, 60, 60]);
}

#[test]
fn a_server_that_says_at_once_and_refuses_again_is_not_believed_twice() {
    let chill = Chill { stated: Some(Duration::ZERO), ..chill(NOW, NOW) };
    let first = chill.over(None);
    assert_eq!(first.until_ms - NOW, 250, "at once, and a breath");
    let again = Chill { began_ms: NOW + 250, now_ms: NOW + 260, ..chill };
    assert!(again.over(Some(&first)).until_ms - NOW >= 15_000);
}

#[test]
fn what_broke_is_tried_again_when_nothing_else_is_there_and_not_for_ever() {
    for (kind, scope, again) in [
        (Kind::Broken, Scope::Model, 2),
        (Kind::Truncated, Scope::Provider, 1),
        (Kind::TimedOut, Scope::Model, 1),
        (Kind::Unreachable, Scope::Provider, 1),
    ] {
        let one = [route("openai", "a", "one", None)];
        let mut plan = Plan::new(&one, Traffic::default());
        let broken = failure(kind, scope, None);
        assert!(plan.condemn(&one[0], &broken, NOW, NOW, 255).is_none(), "a hiccup is no business of other processes");
        assert_eq!(picked(&plan, &one, NOW), Err(Some(Duration::from_millis(500))));
        for n in 1..=again {
            assert_eq!(picked(&plan, &one, NOW + 1_000 * n), Ok(0), "{kind:?}");
            plan.condemn(&one[0], &broken, NOW + 1_000 * n, NOW + 1_000 * n, 255);
        }
        assert_eq!(picked(&plan, &one, i64::MAX - 1), Err(None), "{kind:?}");
    }
}

#[test]
fn a_call_is_not_tried_more_than_six_times() {
    let many: Vec<Route> = (0..9).map(|n| route("openai", "a", &format!("m{n}"), None)).collect();
    let mut plan = Plan::new(&many, Traffic::default());
    let mut tries = 0;
    while let Pick::Ready(route) = plan.pick(NOW) {
        plan.condemn(route, &failure(Kind::NotFound, Scope::Model, None), NOW, NOW, 0);
        tries += 1;
    }
    assert_eq!(tries, 6);
}

#[test]
fn cool_downs_of_other_processes_count_and_the_soonest_is_waited_for() {
    let routes = routes();
    let provider = cool(&routes[0].keys()[2], NOW, NOW + 9_000);
    let other = cool(&routes[3].keys()[1], NOW, NOW + 5_000);
    let plan = Plan::new(&routes, cold(vec![provider, other]));
    assert_eq!(picked(&plan, &routes, NOW), Err(Some(Duration::from_secs(5))));
    assert_eq!(picked(&plan, &routes, NOW + 5_000), Ok(3));
    assert_eq!(picked(&plan, &routes, NOW + 9_000), Ok(0));
}

#[test]
fn who_loses_the_one_try_to_another_takes_the_next_route_instead() {
    let routes = routes();
    let over = cool(&routes[0].keys()[0], NOW - 9_000, NOW);
    let mut plan = Plan::new(&routes[..1], cold(vec![over.clone()]));
    let keys = match plan.pick(NOW) {
        Pick::Probe { keys, .. } => keys,
        _ => panic!("one may try"),
    };
    plan.beaten(keys.clone(), NOW + 250);
    assert_eq!(picked(&plan, &routes, NOW), Err(Some(Duration::from_millis(250))), "where there is no other, it waits");
    assert_eq!(picked(&plan, &routes, NOW + 250), Ok(0));
    let mut plan = Plan::new(&routes, cold(vec![over]));
    plan.beaten(keys, NOW + 250);
    assert_eq!(picked(&plan, &routes, NOW), Ok(1));
}

#[test]
fn a_late_word_of_an_old_burst_leaves_the_one_try_that_runs_alone() {
    // Sent before the cool-down began, answered after its end, while somebody tries whether it is over.
    let over = CoolDown { probe_ms: Some(NOW - 10), ..cool("model:x", NOW - 500, NOW - 20) };
    let late = Chill { stated: Some(Duration::from_millis(100)), ..chill(NOW - 900, NOW) }.over(Some(&over));
    assert_eq!((late.set_ms, late.strikes, late.probe_ms), (over.set_ms, 1, over.probe_ms));
    assert!(late.until_ms > NOW);
}

#[test]
fn a_try_that_is_given_back_has_to_be_had_again() {
    let routes = routes();
    let over = cool(&routes[0].keys()[0], NOW - 9_000, NOW);
    let mut plan = Plan::new(&routes[..1], cold(vec![over.clone()]));
    plan.take(vec![over.key.clone()]);
    assert!(matches!(plan.pick(NOW), Pick::Ready(_)), "it is ours");
    plan.give(&[over.key]);
    assert!(matches!(plan.pick(NOW), Pick::Probe { .. }), "and is not any more");
}

#[test]
fn what_is_asked_last_still_waits_its_turn_where_another_try_runs() {
    let one = [route("openai", "a", "one", None)];
    let spent = CoolDown { waits: false, ..cool(&one[0].keys()[1], NOW, NOW + 3_600_000) };
    let over = cool(&one[0].keys()[0], NOW - 9_000, NOW - 10);
    let plan = Plan::new(&one, cold(vec![spent.clone(), over.clone()]));
    assert!(matches!(plan.pick(NOW), Pick::Probe { keys, .. } if keys == [over.key.clone()]));
    assert!(matches!(plan.resting(NOW), Some(Pick::Probe { .. })));
    let tried = CoolDown { probe_ms: Some(NOW - 5), ..over };
    assert_eq!(picked(&Plan::new(&one, cold(vec![spent, tried])), &one, NOW), Err(Some(Duration::from_millis(250))));
}

#[test]
fn a_clock_that_was_set_back_does_not_lengthen_a_rest() {
    let one = [route("openai", "a", "one", None)];
    let tomorrow = cool(&one[0].keys()[0], NOW + 86_400_000, NOW + 90_000_000);
    let plan = Plan::new(&one, cold(vec![tomorrow.clone()]));
    assert!(matches!(plan.pick(NOW), Pick::Probe { .. }));
    let tried = CoolDown { probe_ms: Some(NOW - 100), ..tomorrow.clone() };
    assert_eq!(picked(&Plan::new(&one, cold(vec![tried])), &one, NOW), Err(Some(Duration::from_millis(250))));
    let anew = chill(NOW - 5, NOW).over(Some(&tomorrow));
    assert!(anew.set_ms == NOW && anew.until_ms < NOW + 60_000, "{anew:?}");
}

#[test]
fn money_is_tried_last_and_waited_for_by_nobody() {
    let routes = routes();
    let spent = CoolDown { waits: false, ..cool(&routes[0].keys()[1], NOW, NOW + 3_600_000) };
    let plan = Plan::new(&routes, cold(vec![spent.clone()]));
    assert_eq!(picked(&plan, &routes, NOW), Ok(2), "another account goes first");
    assert_eq!(
        picked(&Plan::new(&routes[..2], cold(vec![spent])), &routes, NOW),
        Ok(0),
        "and it is tried where it is alone"
    );
    let mut plan = Plan::new(&routes[..2], Traffic::default());
    let chill = plan.condemn(&routes[0], &failure(Kind::QuotaSpent, Scope::Account, None), NOW, NOW, 0).unwrap();
    assert!(!chill.waits && chill.over(None).until_ms == NOW + 3_600_000);
    assert_eq!(picked(&plan, &routes, NOW), Err(None), "not twice in one call");
}

proptest! {
    #[test]
    fn any_run_of_failures_ends_within_six_tries_and_never_picks_what_sleeps(
        failures in prop::collection::vec(
            (0usize..8, prop::sample::select(vec![Scope::Request, Scope::Model, Scope::Account, Scope::Provider]), prop::option::of(any::<u32>())),
            1..12,
        ),
        dice in any::<u8>(),
    ) {
        let kinds = [Kind::RateLimited, Kind::Overloaded, Kind::Broken, Kind::TooLong, Kind::Refused, Kind::QuotaSpent, Kind::TimedOut, Kind::NotFound];
        let routes = routes();
        let mut plan = Plan::new(&routes, Traffic::default());
        let (mut now, mut tries) = (NOW, 0);
        for (kind, scope, retry) in failures.into_iter().cycle() {
            let route = match plan.pick(now) {
                Pick::Ready(route) => route,
                Pick::Probe { route, keys } => {
                    plan.take(keys);
                    prop_assert!(matches!(plan.pick(now), Pick::Ready(r) if r.keys() == route.keys()), "its try is had");
                    route
                }
                Pick::Wait { route, wait, .. } => {
                    prop_assert!(!wait.is_zero());
                    now = now.saturating_add(i64::try_from(wait.as_millis()).unwrap());
                    prop_assert!(
                        matches!(plan.pick(now), Pick::Ready(r) | Pick::Probe { route: r, .. } if r.keys() == route.keys()),
                        "it wakes when it was said to"
                    );
                    continue;
                }
                Pick::Spent => break,
            };
            plan.condemn(route, &failure(kinds[kind], scope, retry.map(u64::from)), now, now, dice);
            tries += 1;
        }
        prop_assert!((1..=6).contains(&tries));
    }
}

#[test]
fn a_burst_inside_one_window_counts_once() {
    let first = chill(NOW, NOW + 100).over(None);
    // Three more that were under way when it began.
    let mut known = first.clone();
    for n in 0..3 {
        known = chill(NOW + n, NOW + 200 + n).over(Some(&known));
        assert_eq!((known.strikes, known.set_ms, known.until_ms), (1, first.set_ms, first.until_ms));
    }
    let longer = Chill { stated: Some(Duration::from_secs(60)), ..chill(NOW, NOW + 300) }.over(Some(&known));
    assert_eq!((longer.strikes, longer.set_ms), (1, first.set_ms), "a longer word of the server's is believed");
    assert!(longer.until_ms >= NOW + 60_300);
    let next = chill(first.until_ms, first.until_ms + 50).over(Some(&first));
    assert_eq!((next.strikes, next.until_ms - next.set_ms), (2, 30_000), "one that began after it is the next window");
}

#[test]
fn half_way_through_a_long_cool_down_one_request_may_try() {
    let one = [route("openai", "a", "one", None)];
    let key = &one[0].keys()[0];
    let mut long = cool(key, NOW, NOW + 600_000);
    let plan = |known: &CoolDown| Plan::new(&one, cold(vec![known.clone()]));
    assert_eq!(picked(&plan(&long), &one, NOW + 1), Err(Some(Duration::from_millis(299_999))), "it wakes for the try");
    assert!(matches!(plan(&long).pick(NOW + 300_000), Pick::Probe { keys, .. } if keys == [key.clone()]));
    long.probe_ms = Some(NOW + 300_000);
    let rest = Err(Some(Duration::from_secs(299)));
    assert_eq!(picked(&plan(&long), &one, NOW + 301_000), rest, "everybody else waits for the end");
    assert_eq!(picked(&plan(&long), &one, NOW + 500_000), Err(Some(Duration::from_secs(100))), "once is enough");
    let short = cool(key, NOW, NOW + 59_999);
    assert_eq!(picked(&plan(&short), &one, NOW + 30_000), Err(Some(Duration::from_millis(29_999))));
}

#[test]
fn when_a_cool_down_is_over_one_goes_first_and_the_others_wait_for_it() {
    let one = [route("openai", "a", "one", None)];
    let key = &one[0].keys()[0];
    let mut over = cool(key, NOW, NOW + 10_000);
    let plan = |known: &CoolDown| Plan::new(&one, cold(vec![known.clone()]));
    assert!(matches!(plan(&over).pick(NOW + 10_000), Pick::Probe { .. }));
    over.probe_ms = Some(NOW + 10_000);
    assert_eq!(
        picked(&plan(&over), &one, NOW + 12_000),
        Err(Some(Duration::from_millis(250))),
        "seen again in a moment"
    );
    assert!(matches!(plan(&over).pick(NOW + 70_000), Pick::Probe { .. }), "who is not heard of again is given up");
    let mut mine = plan(&over);
    mine.take(vec![key.clone()]);
    assert!(matches!(mine.pick(NOW + 12_000), Pick::Ready(_)), "the one who has the try");
}

#[test]
fn another_route_that_is_awake_is_taken_while_somebody_else_tries_the_first() {
    let routes = routes();
    let mut over = cool(&routes[0].keys()[0], NOW, NOW + 10_000);
    over.probe_ms = Some(NOW + 10_000);
    assert_eq!(picked(&Plan::new(&routes, cold(vec![over])), &routes, NOW + 10_100), Ok(1));
}
