//! A conversation stays with an account, and what ends that.

use std::time::Duration;

use super::*;
use crate::auth::Why;
use crate::client::park::Patience;
use crate::client::sticky::{Thread, conversation};
use crate::client::{CallError, Rank, Tried};
use crate::model::{Failure, Kind, Scope};
use crate::store::{CoolDown, Store};
use crate::world::Clock;

struct Desk {
    store: Store,
    clock: Clock,
}

impl Desk {
    fn new() -> Self {
        let clock = Clock::fixed("2026-11-24T10:30:00Z".parse().unwrap());
        Self { store: Store::memory(&clock), clock }
    }

    /// Routes of these groups: (group, account, why).
    fn routes(&self, rows: &[(u32, &str, Why)]) -> Vec<Route> {
        let made = rows.iter().map(|(group, account, why)| {
            let model = format!("m{group}");
            let mut route = route("openai", account, &model, None);
            route.rank = Rank { group: *group, why: *why };
            route
        });
        made.collect()
    }

    /// Accounts in the order they would be tried.
    fn led(&self, routes: &[Route]) -> Vec<String> {
        let thread = Thread::find(&self.store, Some("talk"));
        thread.lead(routes).unwrap().iter().map(|r| r.account().to_owned()).collect()
    }

    /// One call that this account serves, after these failures.
    fn call(&self, routes: &[Route], account: &str, tried: &[(&str, Kind)], patience: u64) {
        let thread = Thread::find(&self.store, Some("talk"));
        let led = thread.lead(routes).unwrap();
        let served = led.iter().find(|r| r.account() == account).unwrap().clone();
        let tried: Vec<Tried> = tried
            .iter()
            .map(|(account, kind)| Tried {
                account: (*account).to_owned(),
                model: served.name(),
                failure: Failure::new(*kind, Scope::Account, "no"),
            })
            .collect();
        let patience = Patience::new(Duration::from_secs(patience));
        thread.keep(&self.store, &self.clock, &led, &served, &tried, &patience);
    }

    /// Everything of an account cools down for so many seconds.
    fn cool(&self, account: &str, seconds: i64) {
        let (key, now_ms) = (format!("account:openai/{account}"), self.clock.millis());
        let cool = CoolDown {
            key: key.clone(),
            until_ms: now_ms + seconds * 1_000,
            cause: "too fast".to_owned(),
            source: "a story".to_owned(),
            set_ms: now_ms,
            strikes: 1,
            probe_ms: None,
            waits: true,
        };
        self.store.cool(key, move |_| cool.clone());
    }
}

const TWO: [(u32, &str, Why); 2] = [(1, "a", Why::Stored), (1, "b", Why::Stored)];

#[test]
fn who_served_goes_first_in_its_group_and_groups_keep_their_order() {
    let desk = Desk::new();
    let routes =
        desk.routes(&[(1, "a", Why::Stored), (1, "b", Why::Stored), (2, "c", Why::Stored), (2, "d", Why::Stored)]);
    assert_eq!(desk.led(&routes), ["a", "b", "c", "d"]);
    desk.call(&routes, "d", &[], 60);
    assert_eq!(desk.led(&routes), ["a", "b", "d", "c"], "the model that the user wants first stays first");
    desk.call(&routes, "b", &[], 60);
    assert_eq!(desk.led(&routes), ["b", "a", "d", "c"]);
}

#[test]
fn a_call_without_a_conversation_binds_nothing() {
    let desk = Desk::new();
    let routes = desk.routes(&TWO);
    let thread = Thread::find(&desk.store, None);
    thread.keep(&desk.store, &desk.clock, &routes, &routes[1], &[], &Patience::new(Duration::ZERO));
    assert!(desk.store.bindings().unwrap().is_empty());
}

#[test]
fn a_pin_goes_before_a_binding_and_an_ended_sign_in_does_too() {
    let desk = Desk::new();
    desk.call(&desk.routes(&TWO), "b", &[], 60);
    assert_eq!(desk.led(&desk.routes(&[(1, "a", Why::Pinned), (1, "b", Why::Alone)])), ["a", "b"]);
    assert_eq!(desk.led(&desk.routes(&[(1, "a", Why::Alone), (1, "b", Why::SignedOut)])), ["a", "b"]);
}

#[test]
fn a_short_rest_ends_no_binding_and_a_long_one_does() {
    let desk = Desk::new();
    let routes = desk.routes(&TWO);
    desk.call(&routes, "b", &[], 60);
    desk.cool("b", 30);
    desk.call(&routes, "a", &[("b", Kind::RateLimited)], 60);
    assert_eq!(desk.led(&routes), ["b", "a"], "it is come back to");
    desk.call(&routes, "a", &[("b", Kind::RateLimited)], 10);
    assert_eq!(desk.led(&routes), ["a", "b"], "nobody waits that long");
}

#[test]
fn only_the_accounts_own_failure_ends_a_binding_at_once() {
    for (kind, stays) in [
        (Kind::Unauthorized, false),
        (Kind::Forbidden, false),
        (Kind::QuotaSpent, false),
        (Kind::Broken, true),
        (Kind::Overloaded, true),
        (Kind::Truncated, true),
    ] {
        let desk = Desk::new();
        let routes = desk.routes(&TWO);
        desk.call(&routes, "b", &[], 60);
        desk.call(&routes, "a", &[("b", kind)], 60);
        assert_eq!(desk.led(&routes)[0] == "b", stays, "{kind:?}");
    }
}

#[test]
fn a_drained_account_keeps_only_what_is_bound_to_it() {
    let desk = Desk::new();
    let drained = desk.routes(&[(1, "a", Why::Alone), (1, "b", Why::Draining)]);
    assert_eq!(desk.led(&drained), ["a"]);
    desk.call(&desk.routes(&TWO), "b", &[], 60);
    assert_eq!(desk.led(&drained), ["b", "a"]);
    let all = desk.routes(&[(1, "c", Why::Draining)]);
    let Err(CallError::NoRoute { notes }) = Thread::find(&desk.store, Some("talk")).lead(&all) else {
        panic!("it was asked")
    };
    assert!(notes[0].contains("monster accounts enable c"), "{notes:?}");
}

#[test]
fn nothing_of_a_conversation_is_kept_but_a_hash() {
    let desk = Desk::new();
    let routes = desk.routes(&TWO);
    desk.call(&routes, "a", &[], 60);
    let kept = desk.store.bindings().unwrap().remove(0).conversation;
    assert_eq!((kept.len(), kept.contains("talk")), (32, false));
    assert_ne!(conversation(&["ab", "c"]), conversation(&["a", "bc"]), "parts do not run together");
}
