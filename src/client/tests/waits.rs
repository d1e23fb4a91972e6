//! Stories about how long a refusal silences what it covers, by every form in which servers say it, from the answer on
//! the line to the row that all processes read.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::tape::{BEGIN, Seen, Take, Tape, at, call, client, clock, routes, row, says};
use crate::client::{Call, CallError, Client, Route, Terms, Tried};
use crate::config::RuleRow;
use crate::model::{Action, Failure, Kind, Purpose, Request, Scope};
use crate::store::CoolDown;
use crate::world::random::scripted;

fn now() -> jiff::Timestamp {
    BEGIN.parse().unwrap()
}

/// The dice add this to every stated time, and at most a tenth of it.
const LITTLE: f64 = 0.25;

/// Asks once, without patience; the cool-downs that come of it and how the call ended.
async fn refused(client: &Client, routes: &[Route]) -> (Vec<CoolDown>, CallError) {
    let error = call(client, routes, 0, None, &mut Seen::default()).await.unwrap_err();
    (client.store.cool_downs().unwrap(), error)
}

fn limited() -> Take {
    Take::error(429, "rate_limit_exceeded", "slower, please")
}

#[tokio::test(start_paused = true)]
async fn every_form_of_retry_after_becomes_the_cool_down_it_states() {
    scripted::seed(1);
    let epoch = now().as_second();
    let with = |name: &str, value: &str| limited().header(name, value);
    let spent =
        |reset: &str| limited().header("x-ratelimit-remaining-tokens", "0").header("x-ratelimit-reset-tokens", reset);
    let words = |text: &str| Take::error(429, "rate_limit_exceeded", text);
    let info = json!({ "error": { "code": 429, "status": "RESOURCE_EXHAUSTED", "message": "quota", "details": [
        { "@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37s" }] } });
    let forms = [
        ("seconds", with("retry-after", "37"), 37.0),
        ("a fraction of seconds", with("retry-after", "0.5"), 0.5),
        ("the date of HTTP", with("retry-after", "Thu, 26 Nov 2026 08:00:37 GMT"), 37.0),
        ("RFC 3339", with("retry-after", "2026-11-26T08:00:37Z"), 37.0),
        ("milliseconds", with("retry-after-ms", "1500"), 1.5),
        ("milliseconds beside rounded seconds", with("retry-after-ms", "1500").header("retry-after", "2"), 2.0),
        ("a duration of Go", spent("1m37.5s"), 97.5),
        ("milliseconds of Go", spent("820ms"), 0.82),
        ("RFC 3339 in a reset", spent("2026-11-26T08:00:37Z"), 37.0),
        ("epoch seconds", with("x-ratelimit-reset", &(epoch + 37).to_string()), 37.0),
        ("epoch milliseconds", with("x-ratelimit-reset", &((epoch + 37) * 1_000).to_string()), 37.0),
        ("seconds from now", with("x-ratelimit-reset", "37"), 37.0),
        ("RetryInfo", Take::whole(429, info.to_string()), 37.0),
        ("words", words("Rate limit reached for m. Please try again in 5.289s. Visit https://x.invalid"), 5.289),
        ("words of hours", words("Please retry in 1h2m3s."), 3_723.0),
        ("words beside a shorter header", words("Please try again in 20s.").header("retry-after", "10"), 20.0),
        ("nothing", limited(), 14.75),
        ("nonsense", with("retry-after", "soon"), 14.75),
    ];
    for (what, take, stated) in forms {
        let (tape, clock) = (Arc::new(Tape::default()), clock());
        tape.put("east1", take);
        let client = client(tape, &clock, Vec::new());
        let (cool, error) = refused(&client, &routes(&["east1"])).await;
        assert!(matches!(error, CallError::Cooling { .. }), "{what}: {error}");
        assert_eq!(cool.len(), 1, "{what}");
        let length = Duration::from_millis(u64::try_from(cool[0].until_ms - cool[0].set_ms).unwrap()).as_secs_f64();
        let least = stated + LITTLE;
        assert!(length >= least - 0.001 && length <= least + stated * 0.1 + 0.001, "{what}: {stated} became {length}");
        assert_eq!((cool[0].key.as_str(), cool[0].waits), ("model:east/east1/m", true), "{what}");
        assert_eq!(cool[0].source, "east/m", "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn at_once_is_believed_once() {
    scripted::seed(2);
    let (tape, clock) = (Arc::new(Tape::default()), clock());
    for _ in 0..4 {
        tape.put("east1", limited().header("retry-after", "0"));
    }
    tape.put("east1", says("here"));
    let client = client(tape.clone(), &clock, Vec::new());
    let began = tokio::time::Instant::now();
    assert_eq!(call(&client, &routes(&["east1"]), 300, None, &mut Seen::default()).await.unwrap().text, "here");
    let times: Vec<_> = row(&client).attempts.iter().map(|a| a.started_ms).collect();
    let gaps: Vec<_> = times.windows(2).map(|two| two[1] - two[0]).collect();
    assert!((250..1_000).contains(&gaps[0]), "the first time it is taken at its word: {gaps:?}");
    // Half way through a long one it is tried once.
    assert!(gaps[1..].iter().all(|gap| *gap >= 15_000) && gaps[3] > gaps[1], "then it backs off: {gaps:?}");
    assert!(began.elapsed() > Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn the_server_may_say_itself_whether_trying_again_helps() {
    let defect = |header: &str| Take::error(500, "server_error", "boom").header("x-should-retry", header);
    let (tape, clock) = (Arc::new(Tape::default()), clock());
    tape.put("east1", defect("false"));
    let never = client(tape.clone(), &clock, Vec::new());
    let (_, error) = refused(&never, &routes(&["east1"])).await;
    assert!(matches!(error, CallError::Exhausted(_)), "{error}");
    assert_eq!(tape.asked().len(), 1, "not a second time");

    let tape = Arc::new(Tape::default());
    tape.put("east1", defect("false")).put("west1", says("here"));
    let other = client(tape, &clock, Vec::new());
    let reply = call(&other, &routes(&["east1", "west1"]), 0, None, &mut Seen::default()).await.unwrap();
    assert_eq!(reply.route.account(), "west1", "somebody else may");

    let tape = Arc::new(Tape::default());
    let odd = Take::error(400, "invalid_request_error", "try me again").header("x-should-retry", "true");
    tape.put("east1", odd).put("east1", says("here"));
    let again = client(tape, &clock, Vec::new());
    assert_eq!(call(&again, &routes(&["east1"]), 0, None, &mut Seen::default()).await.unwrap().text, "here");

    // Where the server names a time, that is waited for; and money stays money.
    let tape = Arc::new(Tape::default());
    tape.put("east1", limited().header("x-should-retry", "false").header("retry-after", "3"))
        .put("east1", says("here"));
    let stated = client(tape, &clock, Vec::new());
    assert_eq!(call(&stated, &routes(&["east1"]), 60, None, &mut Seen::default()).await.unwrap().text, "here");
    let tape = Arc::new(Tape::default());
    let broke =
        Take::error(429, "insufficient_quota", "You exceeded your current quota.").header("x-should-retry", "true");
    tape.put("east1", broke);
    let money = client(tape.clone(), &clock, Vec::new());
    let error = call(&money, &routes(&["east1"]), 60, None, &mut Seen::default()).await.unwrap_err();
    assert_eq!((error.failure().unwrap().kind, tape.asked().len()), (Kind::QuotaSpent, 1));
}

#[tokio::test(start_paused = true)]
async fn no_credit_is_waited_for_by_nobody_and_asked_last() {
    let purses = [
        Take::error(
            429,
            "insufficient_quota",
            "You exceeded your current quota, please check your plan and billing details.",
        ),
        Take::error(402, "", "Insufficient Balance"),
        Take::error(403, "billing_not_active", "Your account is not active, please check your billing details."),
    ];
    for purse in purses {
        let (tape, clock) = (Arc::new(Tape::default()), clock());
        tape.put("east1", purse.clone()).put("east1", purse).put("east2", says("one")).put("east2", says("two"));
        let client = client(tape.clone(), &clock, Vec::new());
        // Alone it is asked, and the call ends there and then, however patient it is.
        let began = tokio::time::Instant::now();
        let error = call(&client, &routes(&["east1"]), 3_600, None, &mut Seen::default()).await.unwrap_err();
        assert_eq!(error.failure().unwrap().kind, Kind::QuotaSpent, "{error}");
        assert!(matches!(error, CallError::Exhausted(_)), "{error}");
        assert_eq!(began.elapsed(), Duration::ZERO);
        // Where there is another account it is not asked at all: the table of cool-downs is what processes share.
        let both = routes(&["east1", "east2"]);
        assert_eq!(call(&client, &both, 60, None, &mut Seen::default()).await.unwrap().text, "one");
        assert_eq!(tape.asked(), ["east1", "east2"]);
        // As the only one it is tried in spite of it, for somebody may have paid.
        call(&client, &routes(&["east1"]), 60, None, &mut Seen::default()).await.unwrap_err();
        assert_eq!(tape.asked(), ["east1", "east2", "east1"]);
        tape.put("east1", says("paid"));
        assert_eq!(call(&client, &routes(&["east1"]), 0, None, &mut Seen::default()).await.unwrap().text, "paid");
        assert!(client.store.cool_downs().unwrap().is_empty(), "what came through ends it");
    }
}

#[tokio::test(start_paused = true)]
async fn a_date_on_which_access_comes_back_is_kept() {
    let (tape, clock) = (Arc::new(Tape::default()), clock());
    let words = "You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC.";
    tape.put("east1", Take::error(400, "invalid_request_error", words));
    let client = client(tape, &clock, Vec::new());
    let (cool, error) = refused(&client, &[at("east1", "https://upstream.invalid/v1", "generic")]).await;
    assert_eq!(error.failure().unwrap().kind, Kind::QuotaSpent);
    let back: jiff::Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();
    let until = jiff::Timestamp::from_millisecond(cool[0].until_ms).unwrap();
    assert!(until >= back, "{until} is not before it");
    assert_eq!((cool[0].key.as_str(), cool[0].waits), ("account:east/east1", false));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_wrong_in_itself_is_sent_once() {
    let faults = [
        Take::error(400, "invalid_request_error", "messages: at least one message is required"),
        Take::error(422, "invalid_argument", "max_tokens must be positive"),
        Take::error(400, "content_policy_violation", "Your request was rejected by our safety system."),
    ];
    for fault in faults {
        let (tape, clock) = (Arc::new(Tape::default()), clock());
        tape.put("east1", fault);
        let client = client(tape.clone(), &clock, Vec::new());
        let error =
            call(&client, &routes(&["east1", "east2", "west1"]), 300, None, &mut Seen::default()).await.unwrap_err();
        assert!(matches!(error.failure().unwrap().kind, Kind::BadRequest | Kind::Refused), "{error}");
        assert_eq!(tape.asked(), ["east1"]);
        assert!(client.store.cool_downs().unwrap().is_empty(), "and nobody else pays for it");
    }
}

#[tokio::test(start_paused = true)]
async fn a_users_rule_changes_what_a_failure_is_covers_and_does_and_for_how_long() {
    let odd = || Take::error(400, "house_busy", "The house is full.");
    let rule = || RuleRow { status: vec![400], says: vec!["house_busy".to_owned()], ..RuleRow::default() };
    let table = [
        ("nothing", RuleRow { says: vec!["other".to_owned()], kind: Some(Kind::RateLimited), ..rule() }, None),
        ("its kind", RuleRow { kind: Some(Kind::RateLimited), ..rule() }, Some(("model:east/east1/m", true, 15))),
        (
            "what it covers",
            RuleRow { kind: Some(Kind::RateLimited), scope: Some(Scope::Account), ..rule() },
            Some(("account:east/east1", true, 15)),
        ),
        (
            "a whole provider",
            RuleRow { kind: Some(Kind::Overloaded), scope: Some(Scope::Provider), ..rule() },
            Some(("provider:east", true, 30)),
        ),
        (
            "for how long",
            RuleRow { action: Some(Action::Park), rest: Some(Duration::from_secs(600)), ..rule() },
            Some(("model:east/east1/m", true, 600)),
        ),
        (
            "not again for a time",
            RuleRow {
                action: Some(Action::Next),
                rest: Some(Duration::from_secs(7_200)),
                scope: Some(Scope::Account),
                ..rule()
            },
            Some(("account:east/east1", false, 7_200)),
        ),
        ("only for another", RuleRow { by: Some("west".to_owned()), kind: Some(Kind::RateLimited), ..rule() }, None),
    ];
    for (what, rule, wanted) in table {
        let (tape, clock) = (Arc::new(Tape::default()), clock());
        tape.put("east1", odd());
        let client = client(tape.clone(), &clock, vec![rule]);
        let (cool, _) = refused(&client, &routes(&["east1"])).await;
        let got = cool.first().map(|c| (c.key.as_str(), c.waits, (c.until_ms - c.set_ms) / 1_000));
        match (got, wanted) {
            (None, None) => {}
            (Some((key, waits, length)), Some((its, so, least))) => {
                assert_eq!((key, waits), (its, so), "{what}");
                assert!(length >= least && length <= least + least / 10 + 1, "{what}: {length} s for {least}");
            }
            other => panic!("{what}: {other:?}"),
        }
        assert_eq!(tape.asked().len(), 1, "{what}");
    }
}

#[test]
fn models_that_refuse_are_not_called_mute() {
    let tried = |kind: Kind| {
        let failure = Failure::new(kind, Scope::Request, "no");
        Tried { account: "a at u".into(), model: "u/m".into(), failure }
    };
    let told = |kinds: &[Kind]| CallError::Exhausted(kinds.iter().map(|kind| tried(*kind)).collect()).to_string();
    assert!(told(&[Kind::Refused, Kind::Refused]).starts_with("no model would answer: "));
    assert!(told(&[Kind::Refused, Kind::TimedOut]).starts_with("no model answered: "));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_waited_for_its_turn_began_when_it_came() {
    let tape = Arc::new(Tape::default());
    tape.put("east1", says("well"));
    let client = client(tape, &clock(), Vec::new());
    let came = client.clock.millis() - 1_500;
    let request = Request::text("m", Purpose::Ask, "is it?");
    let terms = Terms { began_ms: Some(came), ..Terms::default() };
    client.call(Call { routes: &routes(&["east1"]), request, terms }, &mut Seen::default()).await.unwrap();
    assert_eq!(row(&client).started_ms, came);
}
