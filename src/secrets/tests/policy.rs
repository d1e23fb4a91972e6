//! Modes of single kinds, rules of the user's own, and what is allowed.

use std::collections::BTreeMap;

use super::expand;
use crate::model::Secret;
use crate::secrets::{
    Allow, By, Entry, Key, Known, Listed, Mode, Own, OwnRule, Place, Policy, Redactor, RuleShown, Verdict, env_values,
    mask, remember, stretch,
};

/// What is remembered is one for the whole process.
static ONE: std::sync::Mutex<()> = std::sync::Mutex::new(());

fn modes(rows: &[(&str, Mode)]) -> BTreeMap<String, Mode> {
    rows.iter().map(|(name, mode)| ((*name).to_owned(), *mode)).collect()
}

fn with(policy: Policy) -> Redactor {
    Redactor::with(policy, Vec::new(), [4; 8])
}

#[test]
fn a_rules_own_mode_counts_before_its_words_and_a_floor_before_both() {
    let policy = Policy {
        kinds: modes(&[("github", Mode::Off), ("github-pat", Mode::Block), ("password", Mode::Warn)]),
        raised: modes(&[("password", Mode::Redact), ("github", Mode::Warn)]),
        ..Policy::all(Mode::Redact)
    };
    assert_eq!(policy.mode_of("github-token", "github"), Mode::Warn, "raised by the repository");
    assert_eq!(policy.mode_of("github-pat", "github"), Mode::Block);
    assert_eq!(policy.mode_of("assignment", "password"), Mode::Redact);
    assert_eq!(policy.mode_of("npm-token", "npm"), Mode::Redact);
    assert_eq!(policy.blocked_by_name("github-pat"), Some(("github-pat".to_owned(), false)));
    assert_eq!(policy.blocked_by_name("github-token"), None);
    let people = |r: &RuleShown| r.rule.starts_with("pii-");
    assert!(policy.rules().iter().filter(|r| people(r)).all(|r| r.mode == Mode::Off), "nobody asked for them");
    let floor = Policy { floor: Mode::Block, pii: true, raised: modes(&[("npm", Mode::Block)]), ..policy };
    assert!(floor.rules().iter().all(|r| r.mode == Mode::Block));
    assert_eq!(floor.blocked_by_name("npm-token"), Some(("npm".to_owned(), true)), "by the word of its placeholders");
}

#[test]
fn what_is_only_warned_of_stays_and_the_rest_is_masked_round_it() {
    let (text, secrets) = expand("a ghp_‹a36› b npm_‹a36› c ghp_‹a36›", 11);
    let redactor = with(Policy { kinds: modes(&[("npm", Mode::Warn)]), ..Policy::all(Mode::Redact) });
    let redacted = redactor.redact(&text);
    assert_eq!(redacted.hits.iter().map(|h| h.mode).collect::<Vec<_>>(), [Mode::Redact, Mode::Warn, Mode::Redact]);
    assert!(redacted.text.contains(&secrets[1]));
    assert!(!redacted.text.contains(&secrets[0]) && !redacted.text.contains(&secrets[2]));
    assert!(!redactor.hide(&text).contains(&secrets[1]), "what is shown or kept is masked all the same");
    let off = with(Policy { kinds: modes(&[("npm", Mode::Off)]), ..Policy::all(Mode::Redact) });
    assert_eq!(off.redact(&text).hits.len(), 2);
    assert!(off.redact(&text).text.contains(&secrets[1]));
    let only = with(Policy { kinds: modes(&[("npm", Mode::Block)]), ..Policy::all(Mode::Off) });
    assert_eq!(only.redact(&text).hits.len(), 1, "one kind is looked for although the rest is off");
}

#[test]
fn of_two_that_overlap_the_stricter_mode_holds() {
    let (text, secrets) = expand("DB_PASSWORD=ghp_‹a36›", 3);
    let redactor = with(Policy {
        kinds: modes(&[("password", Mode::Block), ("github", Mode::Warn)]),
        ..Policy::all(Mode::Redact)
    });
    let redacted = redactor.redact(&text);
    assert!(redacted.hits.iter().any(|h| h.mode == Mode::Block), "{redacted:?}");
    assert!(!redacted.text.contains(&secrets[0]));
}

#[test]
fn only_what_is_certain_is_found_when_strict() {
    let (text, _) = expand("a ghp_‹a36›\nDB_PASSWORD=monkeybusiness\n", 5);
    let redactor = with(Policy { strict: true, ..Policy::all(Mode::Redact) });
    assert_eq!(redactor.redact(&text).hits.iter().map(|h| h.rule).collect::<Vec<_>>(), ["github-token"]);
    let verdicts: Vec<_> = redactor.judge(&text, Place::default()).into_iter().map(|(_, v)| v).collect();
    assert_eq!(verdicts, [Verdict::Kept, Verdict::Unsure]);
}

#[test]
fn a_mark_counts_on_its_own_line_in_reports_alone() {
    let (text, _) = expand("a = 'ghp_‹a36›' # monster:allow\nb = 'ghp_‹a36›'\\n# monster:allow\n", 8);
    let redactor = with(Policy::default());
    let report = Place { report: true, path: None };
    let verdicts: Vec<_> = redactor.judge(&text, report).into_iter().map(|(_, v)| v).collect();
    assert_eq!(verdicts, [Verdict::Allowed(By::Line), Verdict::Kept], "an escaped line end ends a line too");
    assert_eq!(redactor.redact(&text).hits.len(), 2);
    let far = format!("{} {} monster:allow", expand("k ghp_‹a36›", 9).0, "x ".repeat(2_000));
    assert_eq!(redactor.scan(&far).len(), 1, "a file of one line is no line");
}

#[test]
fn the_users_word_counts_for_known_values_too_and_another_key_knows_nothing() {
    let value = "winter-holiday-plans";
    let allow = |key: [u8; 32]| {
        let key = Key::new(key);
        Allow { user: [Key::new([1; 32]).fingerprint(value)].into(), key, ..Allow::default() }
    };
    let redactor = |key| {
        let known = vec![Known::new("work", Secret::new(value.to_owned()))];
        Redactor::with(Policy { allow: allow(key), ..Policy::all(Mode::Redact) }, known, [1; 8])
    };
    assert_eq!(redactor([1; 32]).redact("see winter-holiday-plans").hits.len(), 0);
    assert_eq!(redactor([2; 32]).redact("see winter-holiday-plans").hits.len(), 1);
}

#[test]
fn a_pattern_that_could_take_quadratic_time_comes_to_its_end() {
    let rule = |pattern: &str, literal: Option<&str>| OwnRule {
        name: "slow-one".to_owned(),
        pattern: Some(pattern.to_owned()),
        literal: literal.map(str::to_owned),
        slow: true,
        ..OwnRule::default()
    };
    let own = Own::new(&[rule(".*[^A-Z]|[A-Z]", None)]).unwrap();
    let redactor = with(Policy { own, ..Policy::all(Mode::Redact) });
    assert!(!redactor.redact(&"A".repeat(60_000)).hits.is_empty());
    // A literal at every place is one look at each byte, not one at each place.
    let own = Own::new(&[rule("zzz[0-9]{4}", Some("zzz"))]).unwrap();
    let redactor = with(Policy { own, ..Policy::all(Mode::Redact) });
    let text = format!("{}zzz1234", "zzz".repeat(100_000));
    let hits = redactor.redact(&text).hits;
    assert_eq!((hits.len(), hits[0].end), (1, text.len()));
}

#[test]
fn rules_that_cannot_hold_are_named_by_their_place() {
    let named = |name: &str| OwnRule { name: name.to_owned(), literal: Some("BLUE-".to_owned()), ..OwnRule::default() };
    let wrong = Own::new(&[named("ok"), named("Not Ok"), named("ok"), named("password")]).unwrap_err();
    assert_eq!(wrong.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1, 2, 3], "{wrong:?}");
}

#[test]
fn an_environment_file_gives_the_values_that_are_worth_hiding() {
    let text = "# A=b\nexport TOKEN='a b#c' # told\nMODE=production\nN=123456789\nPATH=/usr/bin:/bin\nDB_PASSWORD=production\nURL=https://x/1\nS=\"q\"\nX=ab3-ef #no\n=\n";
    let values: Vec<(String, String)> = env_values(text).into_iter().map(|(n, v)| (n.to_string(), v)).collect();
    let names: Vec<&str> = values.iter().map(|(n, _)| n.as_str()).collect();
    assert_eq!(names, ["TOKEN", "DB_PASSWORD", "URL", "X"], "{values:?}");
    assert_eq!((values[0].1.as_str(), values[3].1.as_str()), ("a b#c", "ab3-ef"));
}

#[test]
fn errors_are_masked_with_what_was_remembered() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let value = "seven grey herons at dusk";
    assert!(mask(value).contains("herons"));
    remember(&Redactor::new(Mode::Off, vec![Known::new("w", Secret::new(value.to_owned()))], [1; 8]));
    assert_eq!(mask("said seven grey herons at dusk."), "said <hidden known credential>.");
    remember(&Redactor::new(Mode::Off, Vec::new(), [1; 8]));
}

#[test]
fn a_repositorys_list_takes_only_so_much_time() {
    let (salt, rule) = (vec![7; 16], "github-token");
    let tokens: Vec<String> = (0..21).map(|seed| expand("ghp_‹a36›", seed).0).collect();
    let hash = stretch(&salt, &tokens[20]).unwrap();
    let path = globset::Glob::new("**").unwrap().compile_matcher();
    let listed = Listed::new(salt, vec![Entry { rule: rule.to_owned(), path, hash }]);
    let full = listed.full();
    let full = || full.load(std::sync::atomic::Ordering::Relaxed);
    let allow = Allow { listed, key: Key::new([1; 32]), ..Allow::default() };
    let redactor = with(Policy { allow, ..Policy::all(Mode::Redact) });
    for token in &tokens[..20] {
        assert_eq!(redactor.redact(&format!("see {token}")).hits.len(), 1);
    }
    assert!(!full());
    let last = format!("see {}", tokens[20]);
    assert_eq!(redactor.redact(&last).hits.len(), 1, "it is listed, and no longer compared");
    assert!(full());
    let verdicts: Vec<_> = redactor.judge(&last, Place { path: Some("a.py"), report: true });
    assert_eq!(verdicts[0].1, Verdict::Allowed(By::Repository), "files have more room");
}

#[test]
fn what_is_not_certain_hides_nothing_that_is() {
    let (text, _) = expand("password: sk-ant-api03-‹w93›AA\nDB_PASSWORD=winter-holiday-plans\n", 5);
    let policy = Policy { kinds: modes(&[("assignment", Mode::Block)]), strict: true, ..Policy::all(Mode::Redact) };
    let known = vec![Known::new("work", Secret::new("winter-holiday-plans".to_owned()))];
    let redactor = Redactor::with(policy, known, [4; 8]);
    // Whichever rule gives the name, both are there.
    for hits in [redactor.scan(&text), redactor.redact(&text).hits] {
        assert_eq!(hits.len(), 2, "{hits:?}");
        assert_eq!(hits[1].rule, "known-value");
    }
    let said: Vec<Verdict> = redactor.judge(&text, Place::default()).into_iter().map(|(_, v)| v).collect();
    assert_eq!(said, [Verdict::Kept, Verdict::Kept], "of one value one thing is said");
}

#[test]
fn what_overlaps_stays_as_certain_as_its_surest_part() {
    let policy = Policy { kinds: modes(&[("assignment", Mode::Block)]), ..Policy::all(Mode::Redact) };
    let known = vec![Known::new("work", Secret::new("winter-holiday-plans-77".to_owned()))];
    let redactor = Redactor::with(policy, known, [4; 8]);
    let text = "DB_PASSWORD=winter-holiday-plans-77 # monster:allow\n";
    let hits = redactor.redact(text).hits;
    assert_eq!((hits[0].rule, hits[0].mode, hits[0].label.as_deref()), ("assignment", Mode::Block, Some("work")));
    assert_eq!(redactor.scan(text).len(), 1, "no mark covers a known value, whatever else finds it");
}

#[test]
fn history_is_masked_where_strict_leaves_something_out() {
    assert!(with(Policy { strict: true, ..Policy::all(Mode::Redact) }).lax());
    assert!(!with(Policy::all(Mode::Redact)).lax());
}

#[test]
fn errors_are_masked_with_what_was_learned_later_and_by_rules_of_the_users_own() {
    let _one = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let rule = OwnRule { name: "ticket".to_owned(), literal: Some("BLUE-HERON".to_owned()), ..OwnRule::default() };
    let own = Own::new(&[rule]).unwrap();
    let redactor = with(Policy { own, ..Policy::all(Mode::Redact) });
    remember(&redactor);
    assert!(mask("five green frogs").contains("frogs"));
    redactor.learn(Known::new("w", Secret::new("five green frogs".to_owned())));
    assert_eq!(mask("said five green frogs."), "said <hidden known credential>.");
    assert_eq!(mask("see BLUE-HERON"), "see <hidden ticket>");
    remember(&Redactor::new(Mode::Off, Vec::new(), [1; 8]));
}

#[test]
fn an_error_shows_no_value_that_it_names_twice() {
    let (text, secrets) = expand("password=‹a24› failed; retry with ‹a0›", 3);
    let text = format!("{text}{}", secrets[0]);
    assert!(!mask(&text).contains(&secrets[0]), "{}", mask(&text));
}

#[test]
fn what_a_repository_allows_is_allowed_whichever_rule_finds_it() {
    let (text, secrets) = expand("DB_PASSWORD=ghp_‹a36›\n", 3);
    let entry = Entry {
        rule: "github-token".to_owned(),
        path: globset::Glob::new("*.env").unwrap().compile_matcher(),
        hash: stretch(b"salt", &secrets_of(&text)).unwrap(),
    };
    let allow = Allow { listed: Listed::new(b"salt".to_vec(), vec![entry]), ..Allow::default() };
    let redactor = with(Policy { allow, ..Policy::all(Mode::Redact) });
    assert!(!secrets.is_empty());
    let place = |path| Place { path: Some(path), report: true };
    assert_eq!(redactor.scan_in(&text, place("a.env")).len(), 0);
    assert_eq!(redactor.scan_in(&text, place("a.txt")).len(), 1);
    let said: Vec<_> = redactor.judge(&text, place("a.env")).into_iter().map(|(h, v)| (h.rule, v)).collect();
    assert_eq!(said, [("github-token", Verdict::Allowed(By::Repository))]);
}

/// The value of the first assignment.
fn secrets_of(text: &str) -> String {
    text.trim_end().split_once('=').unwrap().1.to_owned()
}
