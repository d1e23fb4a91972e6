//! Every rule proves itself on its own examples.

use super::{expand, redactor};
use crate::secrets::engine::{compile, rules};
use crate::secrets::rules::Find;

#[test]
fn every_rule_compiles_and_carries_examples() {
    for rule in rules() {
        assert!(matches!(rule.find, Find::Custom(_)) || compile(rule).is_some(), "{} does not compile", rule.name);
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
    for rule in rules() {
        for (seed, example) in (0..20).flat_map(|s| rule.hits.iter().map(move |e| (s, e))) {
            let (text, secrets) = expand(example, seed);
            let redacted = redactor().redact(&text);
            let named = crate::secrets::engine::find(&text).iter().any(|f| f.rule == rule.name);
            assert!(named, "{} misses {text}", rule.name);
            for secret in secrets.iter().filter(|s| s.len() >= 8) {
                assert!(!redacted.text.contains(secret.as_str()), "{}: {text} -> {}", rule.name, redacted.text);
            }
        }
    }
}

#[test]
fn no_rule_takes_its_own_negatives() {
    for rule in rules() {
        for example in rule.misses {
            let (text, _) = expand(example, 4);
            let found: Vec<_> = crate::secrets::engine::find(&text)
                .iter()
                .filter(|f| f.rule == rule.name)
                .map(|f| f.span.clone())
                .collect();
            assert!(found.is_empty(), "{} takes {text}: {found:?}", rule.name);
        }
    }
}
