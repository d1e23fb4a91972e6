//! Parking among real processes: who waits stands in one line, whoever started it; one tries, nobody is forgotten.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use monster::store::{Store, TicketRow};
use monster::world::Clock;

use crate::commit::{connected, pager};
use crate::sandbox::{Running, Sandbox};
use crate::upstream::{Answer, Call, Upstream};

/// A figure for what is waited for; no story comes near it.
const LONG: Duration = Duration::from_secs(60);
const ONE: &str = "openai/gpt-4.1-mini";

/// A world whose clock goes.
fn live(upstream: &Upstream) -> Sandbox {
    let mut sandbox = connected(upstream);
    sandbox.live();
    sandbox
}

fn ask(sandbox: &Sandbox, question: &str, model: &str, wait: &str) -> Running {
    sandbox.monster(&["ask", question, wait, "--model", model]).start()
}

/// Who waits, as another process sees it.
fn waiting(sandbox: &Sandbox) -> Vec<TicketRow> {
    let store = Store::at(&sandbox.state_dir(), &Clock::system()).unwrap();
    store.tickets().unwrap().into_iter().filter(|t| !t.running).collect()
}

#[track_caller]
fn until(what: &str, there: impl Fn() -> bool) {
    let began = Instant::now();
    while !there() {
        assert!(began.elapsed() < LONG, "it never came to that: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Two accounts that take one request in a window and say so; the first window is long enough for all to stand in line.
struct Turnstiles(Mutex<Vec<(String, Instant)>>);

impl Turnstiles {
    const FIRST: Duration = Duration::from_secs(8);
    const WINDOW: Duration = Duration::from_secs(2);

    fn answer(&self, call: &Call) -> Answer {
        let mut ends = self.0.lock().unwrap();
        let now = Instant::now();
        if let Some((_, end)) = ends.iter().find(|(who, end)| *who == call.provider && *end > now) {
            let left = end.duration_since(now).as_secs() + 1;
            return Answer::rate_limited(left);
        }
        let window = if ends.iter().any(|(who, _)| *who == call.provider) { Self::WINDOW } else { Self::FIRST };
        ends.push((call.provider.clone(), now + window));
        Answer::text(call.user())
            .slow_head(Duration::from_millis(200))
            .header("x-ratelimit-remaining-requests", "0")
            .header("x-ratelimit-reset-requests", &format!("{}s", window.as_secs()))
    }
}

#[test]
fn eight_processes_wait_in_one_line_for_two_accounts_and_go_in_its_order_one_at_a_time() {
    let upstream = Upstream::start();
    let turnstiles = Arc::new(Turnstiles(Mutex::default()));
    let theirs = Arc::clone(&turnstiles);
    upstream.always(move |call| theirs.answer(call));
    let sandbox = live(&upstream);
    let second = "openrouter/openai/gpt-4o-mini";
    let both = format!("{ONE},{second}");
    for model in [ONE, second] {
        ask(&sandbox, "the first of all", model, "--no-wait").done(&sandbox).ok();
    }
    let mut running = Vec::new();
    for n in 1..=8 {
        running.push(ask(&sandbox, &format!("question {n}"), &both, "--wait=120"));
        // Served already, or seen standing there by this process, which is another one.
        until("a place in line", || waiting(&sandbox).len() + upstream.calls().len() - 2 >= n);
    }
    let line = waiting(&sandbox);
    assert!(line.windows(2).all(|two| two[0].id < two[1].id && two[0].since_ms <= two[1].since_ms));
    assert!(line.iter().all(|t| t.purpose == "ask" && t.keys.len() == 2 && t.wakes_ms.is_some()), "{line:#?}");
    let told: Vec<String> = running.into_iter().map(|one| one.done(&sandbox).ok().stderr.clone()).collect();
    assert!(told[2].contains("number 3 of 3 in line"), "{}", told[2]);
    assert!(told[7].contains(" in line"), "{}", told[7]);

    // Eight who woke at once would have been refused seven times.
    let calls = upstream.calls();
    assert_eq!(calls.len(), 2 + 8, "one request for each, and not one in vain");
    let asked = calls[2..].iter().map(|call| call.user().trim().to_owned());
    let served: Vec<usize> = asked.map(|q| q.trim_start_matches("question ").parse().unwrap()).collect();
    // Two who go at one moment, each to an account of its own, may overtake each other on the way.
    for (place, who) in served.iter().enumerate() {
        assert!(who.abs_diff(place + 1) <= 1, "the order of service: {served:?}");
    }
    assert!(waiting(&sandbox).is_empty());
}

#[test]
fn where_nothing_is_said_of_what_is_left_one_tries_and_the_others_follow_in_order() {
    const WINDOW: Duration = Duration::from_secs(3);
    let upstream = Upstream::start();
    // Three a window. Who opens one takes his time to be answered.
    let log: Arc<Mutex<Vec<(Instant, bool)>>> = Arc::default();
    let (kept, window) = (Arc::clone(&log), Mutex::new((Instant::now() + WINDOW, 3)));
    upstream.always(move |call| {
        let (mut window, now) = (window.lock().unwrap(), Instant::now());
        let opens = now >= window.0;
        if opens {
            *window = (now + WINDOW, 0);
        }
        kept.lock().unwrap().push((now, opens));
        if window.1 == 3 {
            return Answer::rate_limited(window.0.duration_since(now).as_secs() + 1);
        }
        window.1 += 1;
        Answer::text(call.user()).slow_head(if opens { Duration::from_millis(500) } else { Duration::ZERO })
    });
    let sandbox = live(&upstream);
    let mut running = Vec::new();
    for n in 1..=8 {
        running.push(ask(&sandbox, &format!("question {n}"), ONE, "--wait=120"));
        until("a place in line", || waiting(&sandbox).len() + upstream.calls().len() > n);
    }
    for (n, one) in running.into_iter().enumerate() {
        assert_eq!(one.done(&sandbox).ok().stdout.trim(), format!("question {}", n + 1));
    }
    let log = log.lock().unwrap();
    let opened = log.iter().filter(|(_, opens)| *opens).count();
    // Whoever opens a window is alone until the answer has begun.
    for two in log.windows(2).filter(|two| two[0].1) {
        assert!(two[1].0.duration_since(two[0].0) >= Duration::from_millis(450), "a herd");
    }
    let vain = log.len() - 8;
    println!("8 answered in {opened} windows, {vain} asked in vain");
    assert!(vain <= 1 + 2 * opened, "{vain} were refused in {opened} windows");
}

#[test]
fn who_does_not_wait_is_told_when_it_wakes_and_asks_nobody() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::rate_limited(900));
    let sandbox = live(&upstream);
    let first = ask(&sandbox, "first", ONE, "--wait=1000");
    until("a place in line", || waiting(&sandbox).len() == 1);
    let calls = upstream.calls().len();
    let done = ask(&sandbox, "second", ONE, "--no-wait").done(&sandbox);
    assert!(done.exits(5).stderr.contains("the first wakes in"), "{}", done.all());
    assert!(done.stderr.contains("min"), "{}", done.stderr);
    assert_eq!(upstream.calls().len(), calls);
    assert_eq!(waiting(&sandbox).len(), 1, "it took no place");
    first.signal("INT");
    first.done(&sandbox).exits(130);
    until("an empty line", || waiting(&sandbox).is_empty());
}

#[test]
fn ctrl_c_gives_the_place_back_and_the_next_moves_up() {
    let upstream = Upstream::start();
    upstream.next(Answer::rate_limited(6)).always(|call| Answer::text(call.user()));
    let sandbox = live(&upstream);
    let first = ask(&sandbox, "first", ONE, "--wait=60");
    until("one in line", || waiting(&sandbox).len() == 1);
    let second = ask(&sandbox, "second", ONE, "--wait=60");
    until("two in line", || waiting(&sandbox).len() == 2);
    let place = waiting(&sandbox)[0].id;
    first.signal("INT");
    first.done(&sandbox).exits(130);
    // Its process is gone, and so is its place: nobody has to wait until it is found to be silent.
    assert!(waiting(&sandbox).iter().all(|t| t.id != place), "{:#?}", waiting(&sandbox));
    assert_eq!(second.done(&sandbox).ok().stdout.trim(), "second");
    assert_eq!(upstream.calls().len(), 2);
}

#[test]
fn who_is_killed_in_line_loses_the_place_before_the_patience_of_the_others_ends() {
    let upstream = Upstream::start();
    upstream.next(Answer::rate_limited(3)).always(|call| Answer::text(call.user()));
    let sandbox = live(&upstream);
    let first = ask(&sandbox, "first", ONE, "--wait=60");
    until("one in line", || waiting(&sandbox).len() == 1);
    // Three seconds of the limit, ten until the first is found to be silent, and some to spare.
    let second = ask(&sandbox, "second", ONE, "--wait=20");
    let third = ask(&sandbox, "third", ONE, "--wait=25");
    until("three in line", || waiting(&sandbox).len() == 3);
    first.signal("KILL");
    let _ = first.done(&sandbox);
    assert_eq!(second.done(&sandbox).ok().stdout.trim(), "second");
    assert_eq!(third.done(&sandbox).ok().stdout.trim(), "third");
    assert!(waiting(&sandbox).is_empty());
    assert_eq!(upstream.calls().len(), 3);
}

#[test]
fn who_leaves_while_trying_whether_a_limit_is_over_is_in_nobody_s_way() {
    let upstream = Upstream::start();
    upstream.next(Answer::rate_limited(3)).next(Answer::text("never").slow_head(LONG + LONG));
    upstream.always(|call| Answer::text(call.user()));
    let sandbox = live(&upstream);
    let first = ask(&sandbox, "first", ONE, "--wait=60");
    until("one in line", || waiting(&sandbox).len() == 1);
    let second = ask(&sandbox, "second", ONE, "--wait=15");
    until("two in line", || waiting(&sandbox).len() == 2);
    upstream.wait_for_calls(2, LONG);
    first.signal("INT");
    first.done(&sandbox).exits(130);
    assert_eq!(second.done(&sandbox).ok().stdout.trim(), "second");

    // Neither is who fails by something else than the limit.
    upstream.next(Answer::rate_limited(3)).next(Answer::status(400, "invalid_request_error", "no such thing"));
    let third = ask(&sandbox, "third", ONE, "--wait=60");
    until("one in line", || waiting(&sandbox).len() == 1);
    let fourth = ask(&sandbox, "fourth", ONE, "--wait=15");
    third.done(&sandbox).exits(5);
    assert_eq!(fourth.done(&sandbox).ok().stdout.trim(), "fourth");
}

#[test]
fn a_full_line_takes_nobody_in_and_says_so() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::rate_limited(900));
    let mut sandbox = live(&upstream);
    sandbox.set("MONSTER_PARK_QUEUE", "2");
    let line: Vec<Running> = (1..=2)
        .map(|n| {
            let one = ask(&sandbox, "why?", ONE, "--wait=1000");
            until("a place in line", || waiting(&sandbox).len() == n);
            one
        })
        .collect();
    let done = ask(&sandbox, "why?", ONE, "--wait=1000").done(&sandbox);
    assert!(done.exits(5).stderr.contains("2 requests wait for the same routes already"), "{}", done.all());
    assert!(done.stderr.contains("monster quota"), "and what helps: {}", done.stderr);
    // Other routes are another line.
    let other = ask(&sandbox, "why?", "anthropic/claude-haiku-4-5", "--wait=1000");
    until("a line of its own", || waiting(&sandbox).len() == 3);
    for one in line.into_iter().chain([other]) {
        one.signal("INT");
        one.done(&sandbox).exits(130);
    }
}

#[test]
fn patience_is_the_sum_of_all_waits() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::rate_limited(2));
    // The clock stands still but for what is waited: the sums are exact.
    let sandbox = connected(&upstream);
    let done = ask(&sandbox, "why?", ONE, "--wait=5").done(&sandbox);
    assert!(done.exits(5).stderr.contains("every route is cooling down"), "{}", done.all());
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    let request = &history["requests"][0];
    let attempts = request["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 3, "at once, after two seconds and after four: {history:#}");
    assert_eq!(upstream.calls().len(), 3);
    let at = |value: &serde_json::Value| value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let waited = at(&request["ended"]).duration_since(at(&request["started"]));
    assert!(waited.as_secs_f64() <= 5.0, "{waited:?}");
}

#[test]
fn the_hook_waits_for_nobody() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::rate_limited(2));
    let mut sandbox = live(&upstream);
    sandbox.set("MONSTER_MODEL", ONE).set("GIT_EDITOR", "true").set("MONSTER_HOOK_DEADLINE", "60");
    let repo = pager(&sandbox);
    repo.monster(&["hook", "install"]).done().ok();
    // Two seconds would fit its deadline thirty times.
    repo.any("git", &["commit"]).done().ok();
    assert_eq!(upstream.calls().len(), 1, "it did not wait for a second try");
    let history = sandbox.monster(&["history", "--json"]).done().ok().json();
    let id = history["requests"][0]["id"].as_str().unwrap();
    let shown = sandbox.monster(&["history", "show", id]).done();
    assert!(!shown.ok().stdout.contains("waiting"), "{}", shown.stdout);
}

#[test]
fn accounts_wake_lets_go_who_waits_for_a_quarter_of_an_hour() {
    let upstream = Upstream::start();
    upstream.next(Answer::rate_limited(900)).always(|call| Answer::text(call.user()));
    let sandbox = live(&upstream);
    let one = ask(&sandbox, "first", ONE, "--wait=1000");
    until("one in line", || waiting(&sandbox).len() == 1);
    let two = ask(&sandbox, "second", ONE, "--wait=1000");
    until("two in line", || waiting(&sandbox).len() == 2);
    sandbox.monster(&["accounts", "wake"]).done().ok();
    assert_eq!(one.within(LONG, &sandbox).ok().stdout.trim(), "first");
    assert_eq!(two.within(LONG, &sandbox).ok().stdout.trim(), "second");
    assert_eq!(upstream.calls().len(), 3);
}
