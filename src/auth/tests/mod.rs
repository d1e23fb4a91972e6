//! Where keys come from.

// Shared with the storm of processes in tests/suite.
mod callback;
#[allow(dead_code, unreachable_pub)]
mod endpoint;
mod flows;
mod foreign;
mod order;
mod schedule;
mod server;
mod signer;
mod tokens;

use std::path::Path;

use super::{Credential, Source, from_env, from_vault};
use crate::model::Secret;
use crate::providers::{Auth, Upstream};
use crate::vault::{Account, Keep, Nobody, Vault};
use crate::world::{Clock, Env};

fn env(vars: &[(&str, &str)]) -> Env {
    Env::fixed(vars.iter().copied(), Path::new("/"))
}

fn upstream(name: &str, provider: &str) -> Upstream {
    Upstream::at(name, provider, "https://llm.example/v1")
}

fn found(vars: &[(&str, &str)], upstreams: &[Upstream]) -> Vec<(String, String, Source)> {
    let told = |c: Credential| (c.upstream, c.secret.expose().to_owned(), c.source);
    from_env(&env(vars), upstreams).into_iter().map(told).collect()
}

fn from(variable: &str) -> Source {
    Source::Env(variable.to_owned())
}

#[test]
fn a_provider_s_own_variable_serves_its_own_entry() {
    let all = [upstream("openai", "openai"), upstream("anthropic", "anthropic"), upstream("gemini", "gemini")];
    let vars = [("OPENAI_API_KEY", "o"), ("ANTHROPIC_API_KEY", "a"), ("GEMINI_API_KEY", "g")];
    let expected = [
        ("openai".to_owned(), "o".to_owned(), from("OPENAI_API_KEY")),
        ("anthropic".to_owned(), "a".to_owned(), from("ANTHROPIC_API_KEY")),
        ("gemini".to_owned(), "g".to_owned(), from("GEMINI_API_KEY")),
    ];
    assert_eq!(found(&vars, &all), expected);
    assert!(from_env(&env(&vars), &all).iter().all(|c| c.account == "env"));
    assert_eq!(found(&[], &all), []);
}

#[test]
fn a_provider_s_variable_is_not_sent_to_another_address_of_it() {
    let vars = [("OPENAI_API_KEY", "o")];
    assert_eq!(found(&vars, &[upstream("mine", "openai")]), [], "an entry of another name must name its variable");
    assert_eq!(found(&vars, &[upstream("openai", "generic")]), [], "nor does a name alone get the key");
}

#[test]
fn an_entry_s_own_variable_comes_first() {
    let mut entry = upstream("openai", "openai");
    entry.key_env = Some("WORK_KEY".to_owned());
    let all = [entry];
    let both = [("OPENAI_API_KEY", "o"), ("WORK_KEY", "w")];
    assert_eq!(found(&both, &all), [("openai".to_owned(), "w".to_owned(), from("WORK_KEY"))]);
    assert_eq!(found(&both[..1], &all)[0].2, from("OPENAI_API_KEY"), "and the provider's stands in");
}

#[test]
fn white_space_around_a_key_is_not_part_of_it_and_alone_is_no_key() {
    let all = [upstream("openai", "openai")];
    assert_eq!(found(&[("OPENAI_API_KEY", " o\r\n")], &all)[0].1, "o");
    assert_eq!(found(&[("OPENAI_API_KEY", " \n")], &all), []);
    let mut entry = upstream("openai", "openai");
    entry.key_env = Some("WORK_KEY".to_owned());
    assert_eq!(found(&[("OPENAI_API_KEY", "o"), ("WORK_KEY", " ")], &[entry])[0].1, "o", "the next one is looked at");
}

#[test]
fn an_entry_without_keys_gets_none() {
    let mut entry = upstream("openai", "openai");
    entry.auth = Some(Auth::None);
    assert_eq!(found(&[("OPENAI_API_KEY", "o")], &[entry]), []);
    assert_eq!(found(&[("OPENAI_API_KEY", "o")], &[upstream("openai", "no such provider")]), []);
}

#[test]
fn a_credential_does_not_show_its_key() {
    let key = ["sk", "x1y2z3"].join("-");
    let all = from_env(&env(&[("OPENAI_API_KEY", &key)]), &[upstream("openai", "openai")]);
    assert_eq!(all.len(), 1);
    assert!(!format!("{all:?}").contains(&key));
}

#[test]
fn stored_keys_are_all_known_and_say_whether_they_serve() {
    let dir = tempfile::tempdir().unwrap();
    let vault = Vault::at(&dir.path().join("monster"), &env(&[]));
    let mut opened = vault.create(&Keep::Plaintext, &Nobody).unwrap();
    for name in ["work", "home"] {
        let secret = Secret::new(format!("key of {name}"));
        opened.put(Account::api_key(name, "openai", "openai", secret, &Clock::system())).unwrap();
    }
    opened.set_enabled("home", false).unwrap();
    let keys = from_vault(&opened);
    let serve: Vec<(&str, bool)> = keys.iter().map(|k| (k.account.as_str(), k.enabled)).collect();
    assert_eq!(serve, [("work", true), ("home", false)], "a disabled key is still one to mask");
    let key = &keys[0];
    assert_eq!((key.account.as_str(), key.upstream.as_str(), key.secret.expose()), ("work", "openai", "key of work"));
    assert_eq!(key.source, Source::Vault);
}
