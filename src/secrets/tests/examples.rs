//! Every rule proves itself on its own examples.

use super::{expand, redactor};
use crate::secrets::engine::{compile, rules};
use crate::secrets::rules::Find;

#[test]
fn every_rule_compiles_and_carries_examples() {
    for rule in rules() {
        if matches!(rule.find, Find::Here(_) | Find::Near(..)) {
            assert!(compile(rule).is_some(), "{} does not compile", rule.name);
        }
        assert!(!rule.hits.is_empty() && !rule.misses.is_empty(), "{} has no examples", rule.name);
        assert!(
            (2..=12).contains(&rule.tag.len())
                && rule.tag.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        );
        assert!(rule.keys.iter().all(|k| *k == k.to_lowercase()), "{}: keys are lower case", rule.name);
    }
}

#[test]
fn every_rule_masks_its_own_examples() {
    let mut missed = Vec::new();
    for rule in rules() {
        for (seed, example) in (0..8).flat_map(|s| rule.hits.iter().map(move |e| (s, e))) {
            let (text, secrets) = expand(example, seed);
            if !crate::secrets::engine::find(&text).iter().any(|f| f.rule == rule.name) {
                missed.push(format!("{} misses {text}", rule.name));
                continue;
            }
            let redacted = redactor().redact(&text);
            for secret in secrets.iter().filter(|s| s.len() >= 8) {
                if redacted.text.contains(secret.as_str()) {
                    missed.push(format!("{}: {text} -> {}", rule.name, redacted.text));
                }
            }
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn no_rule_takes_its_own_negatives() {
    let mut taken = Vec::new();
    for rule in rules() {
        for example in rule.misses {
            let (text, _) = expand(example, 4);
            let found = crate::secrets::engine::find(&text);
            let found: Vec<_> = found.iter().filter(|f| f.rule == rule.name).map(|f| f.span.clone()).collect();
            if !found.is_empty() {
                taken.push(format!("{} takes {text}: {found:?}", rule.name));
            }
        }
    }
    assert!(taken.is_empty(), "{}", taken.join("\n"));
}
