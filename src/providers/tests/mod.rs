//! Stories about providers: where they are, what they take, and what their answers mean.

mod accepted;
mod address;
mod azure;
mod balances;
mod count;
mod counters;
mod effort;
mod errors;
mod listing;
mod vendors;
mod vertex;
mod waits;

use super::{Auth, Head, Intent, Provider, Upstream, all, provider};
use crate::catalog::{Catalog, maker_of};
use crate::model::{Dialect, Effort, Failure, ModelCard, Purpose, Secret};

/// 2026-11-22 07:00:00 UTC.
const NOW: i64 = 1_795_330_800;

fn by_id(id: &str) -> &'static dyn Provider {
    provider(id).unwrap_or_else(|| panic!("no provider {id}"))
}

fn upstream(id: &str) -> Upstream {
    Upstream::at(id, id, by_id(id).base_url())
}

/// The catalog's card, or that of a model nobody knows.
fn card(provider: &str, id: &str) -> ModelCard {
    Catalog::embedded()
        .card(provider, id)
        .cloned()
        .unwrap_or_else(|| ModelCard::unknown(provider, id, maker_of(provider, id), Vec::new()))
}

fn intent(effort: Effort) -> Intent {
    Intent {
        effort: effort.into(),
        asked: None,
        max_output: None,
        structured: false,
        tools: false,
        called: false,
        forced: false,
        images: false,
        documents: false,
        purpose: Purpose::Ask,
        prompt_bytes: 0,
        count: None,
        vectors: false,
    }
}

fn head(status: u16, headers: &[(&str, &str)]) -> Head {
    Head { status, headers: headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect() }
}

/// What a provider's own dialect makes of an answer.
fn meant(id: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Failure {
    let dialect = by_id(id).dialect(&upstream(id), &card(id, "x"), &intent(Effort::Auto));
    by_id(id).classify(by_id(id).label(), dialect, &head(status, headers), body.as_bytes(), NOW)
}

#[test]
fn every_provider_is_found_by_its_id_and_says_who_it_is() {
    for one in all() {
        assert_eq!(provider(one.id()).unwrap().label(), one.label());
        assert!(!one.label().is_empty());
        assert!(!one.base_url().ends_with('/'), "{}", one.id());
        if one.sign_in().needs_key {
            // A variable that is set for other things is no key for models.
            assert!(!one.sign_in().env.is_empty() || ["github", "vertex"].contains(&one.id()), "{}", one.id());
            assert!(one.sign_in().url.starts_with("https://"), "{}", one.id());
            // Of some only the customer knows where they are.
            let away = one.base_url().starts_with("https://") || one.base_url().is_empty();
            assert!(away && !one.local(), "{}", one.id());
        }
    }
    assert!(provider("nobody").is_none());
}
