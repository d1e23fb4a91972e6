//! Stories about what is judged: every check has one in which it is red, and no number stands alone.

use super::text::{Frame, render};
use super::view::{Amount, Check, Facts, Known, Lane, Stands, Until, age, judge, timeline};
use super::{json, low};
use crate::model::NanoUsd;
use crate::providers::Reading;
use crate::store::{CoolDown, LimitRow, PurseRow, TicketRow, VendorRow};
use crate::ui::{Color, Ui};
use crate::world::Env;

/// 2026-11-24 10:30:00 UTC.
const NOW: i64 = 1_795_516_200_000;
const MINUTE: i64 = 60_000;

fn known(stands: Stands) -> Vec<Known> {
    vec![Known { upstream: "openai".to_owned(), account: "work".to_owned(), stands }]
}

fn counter(remaining: Option<u64>, reset_ms: Option<i64>, seen_ms: i64) -> LimitRow {
    LimitRow {
        upstream: "openai".to_owned(),
        account: "work".to_owned(),
        model: "small".to_owned(),
        what: "requests".to_owned(),
        unit: "requests".to_owned(),
        ceiling: Some(60),
        remaining,
        reset_ms,
        seen_ms,
        source: "header".to_owned(),
    }
}

fn cool(key: &str, until_ms: i64) -> CoolDown {
    CoolDown {
        key: key.to_owned(),
        until_ms,
        cause: "OpenAI answered: slow down".to_owned(),
        source: "openai/small".to_owned(),
        set_ms: NOW - 2 * MINUTE,
        strikes: 1,
        probe_ms: None,
        waits: true,
    }
}

fn endpoint(said: Option<Reading>, at_ms: i64, failure: Option<&str>) -> VendorRow {
    VendorRow {
        upstream: "openai".to_owned(),
        account: "work".to_owned(),
        source: "GET /balance".to_owned(),
        asked_ms: NOW,
        failure: failure.map(str::to_owned),
        said: said.map(|reading| (serde_json::to_string(&[reading]).unwrap(), at_ms)),
    }
}

fn balance(left: u64) -> Reading {
    Reading { what: "balance".to_owned(), unit: "usd".to_owned(), left: Some(left), ..Reading::default() }
}

fn facts(stands: Stands) -> Facts {
    Facts { read_ms: NOW, accounts: known(stands), ..Facts::default() }
}

fn only(facts: &Facts) -> Lane {
    let mut lanes = judge(facts, NOW);
    assert_eq!(lanes.len(), 1);
    lanes.remove(0)
}

fn printer(color: Color) -> Ui {
    Ui::new(false, false, false, color, &Env::fixed([("TERM", "xterm")], std::path::Path::new("/")))
}

fn drawn(color: Color, facts: &Facts, columns: Option<usize>) -> String {
    let frame = Frame { ui: &printer(color), now_ms: NOW, zone: jiff::tz::TimeZone::UTC, columns };
    render(&frame, &judge(facts, NOW))
}

fn shown(facts: &Facts, columns: Option<usize>) -> String {
    drawn(Color::Never, facts, columns)
}

/// The line of this check is there, and stands out in colour.
#[track_caller]
fn red(facts: &Facts, check: Check) -> String {
    let lane = only(facts);
    assert!(lane.checks().contains(&check), "{check:?} is not among {:?}", lane.checks());
    let painted = drawn(Color::Always, facts, None);
    if check.bad() {
        assert!(painted.contains("\u{1b}[31m"), "{check:?} is not red: {painted}");
    }
    let names = json::value(&judge(facts, NOW), &facts.tickets, NOW, None)["accounts"][0]["checks"].to_string();
    assert!(names.contains(check.name()), "{names}");
    shown(facts, None)
}

#[test]
fn what_was_seen_in_the_future_has_an_age_that_nobody_knows() {
    let ahead = NOW + 6 * MINUTE;
    let limits = vec![counter(Some(58), None, ahead)];
    let odd = Facts { limits, vendors: vec![endpoint(Some(balance(9)), ahead, None)], ..facts(Stands::Ready) };
    let text = red(&odd, Check::Stale);
    assert!(text.contains("H unknown age") && text.contains("V unknown age GET /balance"), "{text}");
    let line = &json::value(&judge(&odd, NOW), &odd.tickets, NOW, None)["accounts"][0]["lines"][0];
    assert_eq!(line["source"]["age_seconds"], serde_json::Value::Null);
    assert_eq!((age(NOW, ahead), age(NOW, NOW + MINUTE), age(NOW, NOW - MINUTE)), (None, Some(0), Some(MINUTE)));
}

#[test]
fn a_model_with_two_reasons_to_wait_stands_once_in_the_order_of_what_comes_next() {
    let limits = vec![
        counter(Some(0), Some(NOW + MINUTE), NOW),
        LimitRow { model: "big".to_owned(), ..counter(Some(0), Some(NOW + MINUTE), NOW) },
    ];
    let cools =
        vec![cool("model:openai/work/big", NOW + 2 * MINUTE), cool("model:openai/work/small", NOW + 2 * MINUTE)];
    let next = timeline(&judge(&Facts { limits, cools, ..facts(Stands::Ready) }, NOW), NOW);
    let names: Vec<&str> = next.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(names.iter().filter(|n| n.ends_with("small")).count(), 1, "{names:?}");
    assert_eq!(names.iter().filter(|n| n.ends_with("big")).count(), 1, "{names:?}");
}

/// Nothing stands out when all is well.
#[test]
fn an_account_with_enough_left_has_no_check() {
    let limits = vec![counter(Some(58), Some(NOW + MINUTE), NOW)];
    let well = Facts { limits, vendors: vec![endpoint(Some(balance(9)), NOW, None)], ..facts(Stands::Ready) };
    assert_eq!(only(&well).checks(), []);
    assert_eq!(only(&well).state(), "ready");
    assert!(!drawn(Color::Always, &well, None).contains("\u{1b}[31m"));
}

#[test]
fn an_empty_counter_is_red_and_a_low_one_is_told() {
    let empty = Facts { limits: vec![counter(Some(0), Some(NOW + MINUTE), NOW)], ..facts(Stands::Ready) };
    let text = red(&empty, Check::Empty);
    assert!(text.contains("0 of 60 requests left (0 %)  10:31 (in 1 min)  H now"), "{text}");
    let few = Facts { limits: vec![counter(Some(5), Some(NOW + MINUTE), NOW)], ..facts(Stands::Ready) };
    assert!(red(&few, Check::Low).contains("5 of 60 requests left (8 %)"));
    let enough = Facts { limits: vec![counter(Some(6), Some(NOW + MINUTE), NOW)], ..facts(Stands::Ready) };
    assert_eq!(only(&enough).checks(), [], "ten percent are not few");
}

#[test]
fn a_parked_account_says_why_since_when_until_when_and_when_the_next_may_try() {
    let of = |key: &str| Facts { cools: vec![cool(key, NOW + 10 * MINUTE)], ..facts(Stands::Ready) };
    let text = red(&of("account:openai/work"), Check::Parked);
    assert!(text.contains("openai/work  parked"), "{text}");
    assert!(text.contains("OpenAI answered: slow down"), "{text}");
    assert!(text.contains("10:40 (in 10 min), one request tries 10:34"), "{text}");
    assert!(text.contains("E 2 min ago openai/small"), "{text}");
    assert_eq!(only(&of("provider:openai")).state(), "parked");
    assert_eq!(only(&of("model:openai/work/small")).state(), "partly parked");
    for other in ["account:openai/home", "model:openai/workshop/small", "provider:anthropic"] {
        assert_eq!(only(&of(other)).state(), "ready", "{other}");
    }
    let over = Facts { cools: vec![cool("account:openai/work", NOW)], ..facts(Stands::Ready) };
    assert_eq!(only(&over).state(), "ready");
}

#[test]
fn an_account_that_cannot_be_used_at_all_says_so_first() {
    for (stands, check, state) in [
        (Stands::SignedOut, Check::SignedOut, "signed out"),
        (Stands::Disabled, Check::Disabled, "disabled"),
        (Stands::Locked, Check::Locked, "locked"),
    ] {
        let facts = Facts { cools: vec![cool("account:openai/work", NOW + MINUTE)], ..facts(stands) };
        assert!(red(&facts, check).contains(&format!("openai/work  {state}")));
        assert_eq!(timeline(&judge(&facts, NOW), NOW), [], "{state}: no capacity is promised");
    }
}

#[test]
fn an_endpoint_that_refuses_is_red_and_what_it_said_before_stays_with_its_age() {
    let old = endpoint(Some(balance(9_500_000_000)), NOW - 30 * MINUTE, Some("DeepSeek answered 402: no"));
    let facts = Facts { vendors: vec![old], ..facts(Stands::Ready) };
    let text = red(&facts, Check::Refused);
    assert!(text.contains("DeepSeek answered 402: no"), "{text}");
    let text = red(&facts, Check::Stale);
    assert!(text.contains("$9.50 left, stale") && text.contains("V 30 min ago GET /balance"), "{text}");
}

#[test]
fn a_balance_that_serves_no_calls_and_one_that_is_gone_are_red() {
    let barred = Reading { barred: true, ..balance(70_000_000) };
    let text = red(&Facts { vendors: vec![endpoint(Some(barred), NOW, None)], ..facts(Stands::Ready) }, Check::Barred);
    assert!(text.contains("$0.0700 left, not available for calls"), "{text}");
    let gone = Facts { vendors: vec![endpoint(Some(balance(0)), NOW, None)], ..facts(Stands::Ready) };
    assert!(red(&gone, Check::Empty).contains("$0 left"));
}

#[test]
fn a_number_without_a_reset_grows_stale_and_one_with_a_reset_does_not() {
    let of = |reset, seen| Facts { limits: vec![counter(Some(58), reset, seen)], ..facts(Stands::Ready) };
    let text = red(&of(None, NOW - 61 * MINUTE), Check::Stale);
    assert!(text.contains("58 of 60 requests left (96 %), stale") && text.contains("H 1 h 1 min ago"), "{text}");
    assert_eq!(only(&of(None, NOW - 59 * MINUTE)).checks(), []);
    assert_eq!(only(&of(Some(NOW + MINUTE), NOW - 61 * MINUTE)).checks(), []);
}

#[test]
fn what_nobody_said_is_unknown_and_never_zero() {
    let text = red(&facts(Stands::Ready), Check::Unknown);
    assert!(text.contains("unknown: no answer has stated any yet"), "{text}");
    let unsaid = Facts { limits: vec![counter(None, None, NOW)], ..facts(Stands::Ready) };
    let text = shown(&unsaid, None);
    assert!(text.contains("unknown left of 60 requests  unknown"), "{text}");
    let value = json::value(&judge(&unsaid, NOW), &[], NOW, None);
    assert!(value["accounts"][0]["lines"][0]["left"].is_null());
    assert!(value["accounts"][0]["lines"][0]["percent_left"].is_null());
    assert!(!low(&judge(&unsaid, NOW), 100), "and it is not below anything");
}

#[test]
fn a_window_that_has_ended_is_full_again_and_not_empty() {
    let ended =
        Facts { limits: vec![counter(Some(0), Some(NOW - 4 * MINUTE), NOW - 9 * MINUTE)], ..facts(Stands::Ready) };
    let lane = only(&ended);
    assert_eq!(lane.checks(), []);
    assert_eq!(lane.lines[0].until, Until::Over(NOW - 4 * MINUTE));
    assert!(matches!(lane.lines[0].amount, Amount::Full { .. }));
    let text = shown(&ended, None);
    assert!(text.contains("requests full again, not confirmed  since 10:26  H 9 min ago"), "{text}");
    assert!(!low(&judge(&ended, NOW), 50));
}

#[test]
fn a_share_is_one_clamped_value() {
    let percent = |left, ceiling| {
        let limits = vec![LimitRow { ceiling, ..counter(Some(left), Some(NOW + MINUTE), NOW) }];
        only(&Facts { limits, ..facts(Stands::Ready) }).lines[0].percent()
    };
    assert_eq!(percent(1, Some(1_000_000)), Some(1), "something is left");
    assert_eq!(percent(0, Some(10)), Some(0));
    assert_eq!(percent(11, Some(10)), Some(100), "never more than the whole");
    assert_eq!(percent(u64::MAX, Some(u64::MAX)), Some(100));
    assert_eq!((percent(5, None), percent(0, Some(0))), (None, None));
}

#[test]
fn scripts_hear_when_less_is_left_than_they_wish() {
    let of = |left| {
        judge(&Facts { limits: vec![counter(Some(left), Some(NOW + MINUTE), NOW)], ..facts(Stands::Ready) }, NOW)
    };
    assert!(low(&of(11), 20) && !low(&of(12), 20));
    assert!(low(&of(0), 1) && !low(&of(0), 0));
    let gone = judge(&Facts { vendors: vec![endpoint(Some(balance(0)), NOW, None)], ..facts(Stands::Ready) }, NOW);
    assert!(low(&gone, 1), "nothing left of an unknown whole is less than anything");
}

#[test]
fn accounts_of_one_organisation_are_told_to_share() {
    let mut all = facts(Stands::Ready);
    all.accounts.push(Known { account: "home".to_owned(), ..all.accounts[0].clone() });
    all.accounts.push(Known { account: "other".to_owned(), ..all.accounts[0].clone() });
    let member = |who: &str, org: &str| (format!("openai/{who}"), org.to_owned());
    all.organizations = vec![member("work", "org-a"), member("home", "org-a"), member("other", "org-b")];
    let lanes = judge(&all, NOW);
    let shares: Vec<Vec<String>> = lanes.into_iter().map(|l| l.shares).collect();
    assert_eq!(shares, [vec!["home".to_owned()], vec!["work".to_owned()], vec![]]);
    assert!(shown(&all, None).contains("openai/work  ready, shares its limits with home"));
}

/// Accounts of which everything is known that can be.
fn everything() -> Facts {
    let mut all = facts(Stands::Ready);
    all.accounts.extend(["home", "spare", "billing", "old"].map(|name| Known {
        upstream: "openai".to_owned(),
        account: name.to_owned(),
        stands: match name {
            "billing" => Stands::Admin,
            "old" => Stands::SignedOut,
            _ => Stands::Ready,
        },
    }));
    all.accounts.push(Known { upstream: "deepseek".to_owned(), account: "env".to_owned(), stands: Stands::Ready });
    all.limits = vec![
        counter(Some(58), Some(NOW + MINUTE), NOW - 4_000),
        LimitRow { what: "tokens".to_owned(), unit: "tokens".to_owned(), ..counter(Some(1), None, NOW - 90 * MINUTE) },
        LimitRow { account: "home".to_owned(), ..counter(Some(0), Some(NOW + 26 * 60 * MINUTE), NOW) },
        LimitRow {
            account: "home".to_owned(),
            model: String::new(),
            what: "plan/5h".to_owned(),
            unit: "percent".to_owned(),
            ceiling: Some(100),
            source: "error".to_owned(),
            ..counter(Some(37), Some(NOW - MINUTE), NOW - 2 * MINUTE)
        },
        LimitRow { what: "none".to_owned(), ..counter(None, None, NOW) },
    ];
    all.cools =
        vec![cool("account:openai/home", NOW + 10 * MINUTE), cool("model:openai/work/large", NOW + 90 * MINUTE)];
    all.tickets = vec![
        ticket(1, "review", "model:openai/home/small", NOW + 10 * MINUTE),
        ticket(2, "ask", "account:openai/home", NOW + 9 * MINUTE),
        ticket(3, "ask", "model:gemini/else/x", NOW + 9 * MINUTE),
    ];
    all.read_ms = NOW;
    let refused = endpoint(Some(balance(9_500_000_000)), NOW - 11 * MINUTE, Some("answered 429: try again in 20 s"));
    all.vendors = vec![
        VendorRow { upstream: "deepseek".to_owned(), account: "env".to_owned(), ..refused },
        VendorRow {
            account: "billing".to_owned(),
            ..endpoint(
                Some(Reading {
                    left: None,
                    used: Some(1_239_500_000),
                    note: Some("at least".to_owned()),
                    ..balance(0)
                }),
                NOW,
                None,
            )
        },
    ];
    let purse = |account: &str, cost: Option<u64>, unpriced| PurseRow {
        upstream: "openai".to_owned(),
        account: account.to_owned(),
        attempts: 3,
        cost: cost.map(NanoUsd),
        unpriced,
    };
    all.purses = vec![purse("work", Some(1_200_000), 1), purse("home", None, 3)];
    all
}

fn ticket(id: i64, purpose: &str, key: &str, wakes: i64) -> TicketRow {
    TicketRow {
        id,
        request_id: format!("r{id}"),
        purpose: purpose.to_owned(),
        model: "balanced".to_owned(),
        since_ms: NOW - MINUTE,
        beat_ms: 0,
        wakes_ms: Some(wakes),
        gives_up_ms: NOW + 20 * MINUTE,
        running: false,
        keys: vec![key.to_owned()],
    }
}

#[test]
fn who_waits_is_told_where_they_wait_and_in_which_order() {
    let mut all = facts(Stands::Ready);
    all.tickets = vec![ticket(4, "review", "model:openai/work/small", NOW + 10 * MINUTE)];
    let text = shown(&all, None);
    assert!(text.contains("in line  1 request waits: review r4"), "{text}");
    let value = json::value(&judge(&all, NOW), &all.tickets, NOW, None);
    assert_eq!(value["in_line"][0]["place"], 1);
    assert_eq!(value["in_line"][0]["request"], "r4");
    assert!(!shown(&Facts { tickets: Vec::new(), ..all }, None).contains("in line"));
}

#[test]
fn money_is_waited_for_by_nobody_and_says_so() {
    let spent = CoolDown { waits: false, ..cool("account:openai/work", NOW + 30 * MINUTE) };
    let text = shown(&Facts { cools: vec![spent], ..facts(Stands::Ready) }, None);
    assert!(text.contains("asked last") && !text.contains("parked  "), "{text}");
}

#[test]
fn no_number_is_printed_without_source_and_age() {
    let told = regex::Regex::new(r"  [HEVLQ] (now|\d+ (ms|s|min|h|d)( \d+ (s|min|h))? ago)( \S.*)?$").unwrap();
    for columns in [None, Some(80), Some(200)] {
        let text = shown(&everything(), columns);
        let numbered: Vec<&str> = text.lines().filter(|l| l.chars().any(|c| c.is_ascii_digit())).collect();
        assert!(numbered.len() >= 14, "{text}");
        for line in numbered {
            assert!(told.is_match(line), "a number without source and age: {line:?}\n{text}");
        }
    }
    let value = json::value(&judge(&everything(), NOW), &everything().tickets, NOW, None);
    for lane in value["accounts"].as_array().unwrap() {
        for line in lane["lines"].as_array().unwrap() {
            let numbers = ["left", "used", "ceiling", "until", "next_try"].iter().any(|f| !line[*f].is_null());
            let source = &line["source"];
            assert!(!numbers || (source["letter"].is_string() && source["age_seconds"].is_u64()), "{line:#}");
        }
    }
}

#[test]
fn everything_at_once_reads_like_this() {
    insta::assert_snapshot!("everything", shown(&everything(), None));
    insta::assert_snapshot!("everything_wide", shown(&everything(), Some(200)));
}

#[test]
fn capacity_comes_soonest_first_and_unknown_lanes_stay_empty() {
    let all = timeline(&judge(&everything(), NOW), NOW);
    let told: Vec<(&str, bool, Option<i64>)> =
        all.iter().map(|n| (n.name.as_str(), n.open, n.at_ms.map(|at| (at - NOW) / MINUTE))).collect();
    assert_eq!(
        told,
        [
            ("openai/work", true, Some(0)),
            ("openai/home", false, Some(10)),
            ("openai/work large", false, Some(90)),
            ("openai/home small", false, Some(1_560)),
            ("openai/spare", false, None),
            ("deepseek/env", false, None),
        ]
    );
    let wide = shown(&everything(), Some(200));
    let spare = wide.lines().find(|l| l.contains("openai/spare ") && l.contains("unknown")).unwrap();
    assert!(!spare.contains('#') && !spare.contains('.'), "nothing is invented: {spare}");
    assert!(wide.contains("########################  now"), "{wide}");
}

#[test]
fn what_servers_say_cannot_drive_the_terminal() {
    let mut all = everything();
    all.cools[0].cause = "wait\u{1b}[2J\u{7}\nnow".to_owned();
    all.vendors[0].failure = Some("\u{1b}]0;x\u{7}no".to_owned());
    all.limits[0].what = "re\u{202e}quests".to_owned();
    let text = shown(&all, Some(200));
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()) && !text.contains('\u{202e}'), "{text:?}");
}
