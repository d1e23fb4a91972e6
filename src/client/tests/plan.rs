//! What is tried next, and what never again (rate-limits.md, "General algorithm" and "By status").

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::client::plan::{Cooled, Pick, Plan};
use crate::model::{Failure, Kind, Scope};

const NOW: i64 = 1_000_000;

fn failure(kind: Kind, scope: Scope, retry_after: Option<u64>) -> Failure {
    Failure { retry_after: retry_after.map(Duration::from_secs), ..Failure::new(kind, scope, "m") }
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
        Pick::Ready(route) => Ok(routes.iter().position(|r| r.keys() == route.keys()).unwrap()),
        Pick::Wait { wait, .. } => Err(Some(wait)),
        Pick::Spent => Err(None),
    }
}

/// What is picked after the first route failed in this way.
fn after(kind: Kind, scope: Scope) -> Result<usize, Option<Duration>> {
    let routes = routes();
    let mut plan = Plan::new(&routes, []);
    plan.condemn(&routes[0], &failure(kind, scope, None), NOW, 0);
    picked(&plan, &routes, NOW)
}

#[test]
fn the_first_route_is_tried_first() {
    let routes = routes();
    assert_eq!(picked(&Plan::new(&routes, []), &routes, NOW), Ok(0));
    assert_eq!(picked(&Plan::new(&[], []), &[], NOW), Err(None));
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
    let mut plan = Plan::new(&routes, []);
    plan.condemn(&routes[0], &failure(Kind::TooLong, Scope::Request, None), NOW, 0);
    plan.condemn(&routes[1], &failure(Kind::TooLong, Scope::Request, None), NOW, 0);
    assert_eq!(picked(&plan, &routes, NOW), Err(None));
    let unknown =
        [route("openai", "a", "one", None), route("openai", "a", "two", None), route("openai", "a", "big", Some(1))];
    let mut plan = Plan::new(&unknown, []);
    plan.condemn(&unknown[0], &failure(Kind::TooLong, Scope::Request, None), NOW, 0);
    assert_eq!(picked(&plan, &unknown, NOW), Ok(2));
}

#[test]
fn the_servers_word_is_honoured_with_a_little_on_top_and_told_to_others() {
    let one = [route("openai", "a", "one", None)];
    let mut plan = Plan::new(&one, []);
    let Some(Cooled { key, wait }) =
        plan.condemn(&one[0], &failure(Kind::RateLimited, Scope::Model, Some(20)), NOW, 255)
    else {
        panic!("no cool-down")
    };
    assert_eq!((key, wait), (one[0].keys()[0].clone(), Duration::from_millis(22_250)));
    assert_eq!(picked(&plan, &one, NOW), Err(Some(wait)));
    assert_eq!(picked(&plan, &one, NOW + 22_250), Ok(0));
}

#[test]
fn cool_downs_without_a_stated_time_grow_to_a_bound() {
    let waits = |scope| {
        let one = [route("openai", "a", "one", None)];
        let mut plan = Plan::new(&one, []);
        (0..6)
            .map(|_| plan.condemn(&one[0], &failure(Kind::RateLimited, scope, None), NOW, 0).unwrap().wait.as_secs())
            .collect::<Vec<_>>()
    };
    assert_eq!(waits(Scope::Model), [15, 30, 60, 120, 240, 300]);
    assert_eq!(waits(Scope::Provider), [30, 60, 60, 60, 60, 60]);
}

#[test]
fn a_server_that_says_at_once_and_refuses_again_is_not_believed_twice() {
    let one = [route("openai", "a", "one", None)];
    let mut plan = Plan::new(&one, []);
    let wait = |plan: &mut Plan<'_>| {
        plan.condemn(&one[0], &failure(Kind::RateLimited, Scope::Model, Some(0)), NOW, 0).unwrap().wait
    };
    assert_eq!(wait(&mut plan), Duration::from_millis(250));
    assert!(wait(&mut plan) >= Duration::from_secs(15));
}

#[test]
fn what_broke_is_tried_once_more_when_nothing_else_is_there_and_then_never() {
    for (kind, scope) in [
        (Kind::Broken, Scope::Model),
        (Kind::Truncated, Scope::Provider),
        (Kind::TimedOut, Scope::Model),
        (Kind::Unreachable, Scope::Provider),
    ] {
        let one = [route("openai", "a", "one", None)];
        let mut plan = Plan::new(&one, []);
        let broken = failure(kind, scope, None);
        assert!(plan.condemn(&one[0], &broken, NOW, 255).is_none(), "a hiccup is no business of other processes");
        assert_eq!(picked(&plan, &one, NOW), Err(Some(Duration::from_millis(500))));
        assert_eq!(picked(&plan, &one, NOW + 500), Ok(0));
        plan.condemn(&one[0], &broken, NOW + 500, 255);
        assert_eq!(picked(&plan, &one, i64::MAX - 1), Err(None), "{kind:?}");
    }
}

#[test]
fn a_call_is_not_tried_more_than_six_times() {
    let many: Vec<Route> = (0..9).map(|n| route("openai", "a", &format!("m{n}"), None)).collect();
    let mut plan = Plan::new(&many, []);
    let mut tries = 0;
    while let Pick::Ready(route) = plan.pick(NOW) {
        plan.condemn(route, &failure(Kind::NotFound, Scope::Model, None), NOW, 0);
        tries += 1;
    }
    assert_eq!(tries, 6);
}

#[test]
fn cool_downs_of_other_processes_count_and_the_soonest_is_waited_for() {
    let routes = routes();
    let provider = (routes[0].keys()[2].clone(), NOW + 9_000);
    let other = (routes[3].keys()[1].clone(), NOW + 5_000);
    let plan = Plan::new(&routes, [provider, other]);
    assert_eq!(picked(&plan, &routes, NOW), Err(Some(Duration::from_secs(5))));
    assert_eq!(picked(&plan, &routes, NOW + 5_000), Ok(3));
    assert_eq!(picked(&plan, &routes, NOW + 9_000), Ok(0));
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
        let mut plan = Plan::new(&routes, []);
        let (mut now, mut tries) = (NOW, 0);
        for (kind, scope, retry) in failures.into_iter().cycle() {
            let route = match plan.pick(now) {
                Pick::Ready(route) => route,
                Pick::Wait { route, wait, .. } => {
                    prop_assert!(!wait.is_zero());
                    now = now.saturating_add(i64::try_from(wait.as_millis()).unwrap());
                    prop_assert!(matches!(plan.pick(now), Pick::Ready(r) if r.keys() == route.keys()), "it wakes when it was said to");
                    route
                }
                Pick::Spent => break,
            };
            plan.condemn(route, &failure(kinds[kind], scope, retry.map(u64::from)), now, dice);
            tries += 1;
        }
        prop_assert!((1..=6).contains(&tries));
    }
}
