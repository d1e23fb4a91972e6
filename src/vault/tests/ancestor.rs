//! The files of opencode-auth-monster, as its several versions left them.

// Another program writes these files, in its own way.
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeSet;
use std::path::Path;

use aes::Aes256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeEncrypt, KeyIvInit};
use serde_json::{Value, json};

use super::key;
use crate::vault::VaultError;
use crate::vault::ancestor::{Ancestor, Machine, Originals, done, named, read, strays};

/// What its `encrypt` makes with the key that its `deriveKey` takes from this text.
fn sealed(source: &str, secret: &str) -> String {
    let mut key = [0_u8; 32];
    scrypt::scrypt(source.as_bytes(), b"auth-monster-salt-v1", &scrypt::Params::new(14, 8, 1, 32).unwrap(), &mut key)
        .unwrap();
    let iv = [7_u8; 16];
    let mut buffer = secret.as_bytes().to_vec();
    buffer.resize(secret.len() + 16, 0);
    let out = cbc::Encryptor::<Aes256>::new(&key.into(), &iv.into())
        .encrypt_padded::<Pkcs7>(&mut buffer, secret.len())
        .unwrap();
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    format!("{}:{}", hex(&iv), hex(out))
}

fn here() -> Machine {
    Machine {
        addresses: vec!["aa:bb:cc:dd:ee:ff".into(), "02:00:00:00:00:01".into()],
        host: "box".into(),
        user: "ada".into(),
    }
}

fn row(id: &str, provider: &str) -> Value {
    json!({ "id": id, "email": format!("{id}@example.org"), "provider": provider, "isHealthy": true, "apiKey": "",
        "tokens": { "accessToken": "", "refreshToken": "" } })
}

fn write(dir: &Path, accounts: &Value, secrets: Option<&Value>) {
    std::fs::write(dir.join("auth-monster-accounts.json"), accounts.to_string()).unwrap();
    if let Some(secrets) = secrets {
        std::fs::write(dir.join("auth-monster-secrets.json"), secrets.to_string()).unwrap();
    }
}

fn keys(found: &Ancestor) -> Vec<(String, Option<String>)> {
    found.accounts.iter().map(|a| (a.id.clone(), a.key.as_ref().map(|k| k.expose().to_owned()))).collect()
}

#[test]
fn secrets_are_found_in_every_form_it_ever_had() {
    let dir = tempfile::tempdir().unwrap();
    let mut plain = row("plain", "openai");
    plain["apiKey"] = json!(key("plain"));
    let rows =
        json!([plain, row("old", "grok"), row("card", "deepseek"), row("name", "gemini"), row("none", "openai")]);
    let secrets = json!({
        "apiKey:old": STANDARD.encode(key("old")),
        "apiKey:card": sealed("02:00:00:00:00:01", &key("card")),
        "apiKey:name": sealed("boxada", &key("name")),
    });
    write(dir.path(), &rows, Some(&secrets));
    let wanted = |id: &str| (id.to_owned(), Some(key(id)));
    for path in [dir.path().to_owned(), dir.path().join("auth-monster-accounts.json")] {
        assert!(named(&path));
        let found = read(&path, &here()).unwrap();
        assert_eq!(
            keys(&found),
            [wanted("plain"), wanted("old"), wanted("card"), wanted("name"), ("none".to_owned(), None)]
        );
        assert!(found.accounts[4].empty());
        assert!(!format!("{found:?}").contains(&key("plain")));
    }
}

#[test]
fn tokens_are_told_from_keys_and_what_another_machine_encrypted_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut tokens = row("tokens", "anthropic");
    tokens["tokens"]["refreshToken"] = json!(key("refresh"));
    let secrets =
        json!({ "apiKey:far": sealed("99:99:99:99:99:99", &key("far")), "apiKey:odd": "???", "apiKey:num": 7 });
    write(
        dir.path(),
        &json!([tokens, row("far", "openai"), row("odd", "openai"), row("num", "openai")]),
        Some(&secrets),
    );
    let found = read(dir.path(), &here()).unwrap();
    let seen: Vec<_> = found.accounts.iter().map(|a| (a.key.is_some(), a.tokens, a.unreadable)).collect();
    assert_eq!(seen, [(false, true, false), (false, false, true), (false, false, true), (false, false, false)]);
    assert!(!found.accounts[1].empty(), "it is not thrown away for that");
}

#[test]
fn originals_that_were_wholly_taken_over_are_gone_and_a_note_without_secrets_stays() {
    let dir = tempfile::tempdir().unwrap();
    let mut plain = row("a", "openai");
    plain["apiKey"] = json!(key("a"));
    write(dir.path(), &json!([plain, row("b", "openai")]), Some(&json!({ "apiKey:b": STANDARD.encode(key("b")) })));
    // Whoever has the file open sees what becomes of its blocks.
    let held = std::fs::File::open(dir.path().join("auth-monster-accounts.json")).unwrap();
    let found = read(dir.path(), &here()).unwrap();
    let all = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
    assert_eq!(found.retire(&all, "2026-11-26").unwrap(), Originals::Removed);
    assert!(done(dir.path()));
    let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["auth-monster-accounts.json.migrated"]);
    let note = std::fs::read_to_string(dir.path().join("auth-monster-accounts.json.migrated")).unwrap();
    assert_eq!(note, "2026-11-26: monster took over 2 of 2 accounts.\n");
    let blocks = std::io::read_to_string(held).unwrap();
    assert!(!blocks.is_empty() && blocks.bytes().all(|b| b == 0), "overwritten, not only unlinked");
}

#[test]
fn what_was_not_taken_over_stays_whole() {
    let dir = tempfile::tempdir().unwrap();
    let secrets = json!({ "apiKey:a": STANDARD.encode(key("a")), "accessToken:w": STANDARD.encode(key("w")),
        "apiKey:stray": STANDARD.encode(key("stray")) });
    write(dir.path(), &json!([row("a", "openai"), row("w", "windsurf")]), Some(&secrets));
    let found = read(dir.path(), &here()).unwrap();
    let kept = found.retire(&BTreeSet::from(["a".to_owned()]), "2026-11-26").unwrap();
    assert_eq!(kept, Originals::Kept { accounts: 1, strays: 1 });
    assert!(!done(dir.path()));
    let again = read(dir.path(), &here()).unwrap();
    assert_eq!(again.accounts.len(), 1);
    assert!(again.accounts[0].id == "w" && again.accounts[0].tokens);
    let secrets = std::fs::read_to_string(dir.path().join("auth-monster-secrets.json")).unwrap();
    assert!(secrets.contains("apiKey:stray") && !secrets.contains("apiKey:a"), "{secrets}");
}

#[test]
fn interrupted_between_the_two_files_it_is_simply_done_again() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &json!([row("a", "openai")]), Some(&json!({ "apiKey:a": STANDARD.encode(key("a")) })));
    read(dir.path(), &here()).unwrap();
    std::fs::remove_file(dir.path().join("auth-monster-secrets.json")).unwrap();
    let again = read(dir.path(), &here()).unwrap();
    assert!(again.accounts[0].empty(), "what it held was stored before that");
    assert_eq!(again.retire(&BTreeSet::from(["a".to_owned()]), "2026-11-26").unwrap(), Originals::Removed);
}

#[test]
fn a_removal_that_was_interrupted_is_finished() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &json!([row("a", "openai")]), Some(&json!({})));
    std::fs::write(dir.path().join("auth-monster-secrets.json"), "\0\0\0\0piKey:a").unwrap();
    assert!(read(dir.path(), &here()).unwrap().accounts[0].empty());
    std::fs::write(dir.path().join("auth-monster-accounts.json"), "\0\0").unwrap();
    let found = read(dir.path(), &here()).unwrap();
    assert!(found.interrupted());
    assert_eq!(found.retire(&BTreeSet::new(), "2026-11-26").unwrap(), Originals::Removed);
    assert!(done(dir.path()) && !dir.path().join("auth-monster-secrets.json").exists());
}

#[test]
fn damaged_files_and_a_running_opencode_are_told_and_touched_by_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let told = || read(dir.path(), &here()).unwrap_err();
    assert!(matches!(told(), VaultError::Io { .. }), "there is nothing");
    for text in ["{\"very-secret\":", "{}", "7"] {
        std::fs::write(dir.path().join("auth-monster-accounts.json"), text).unwrap();
        assert!(matches!(told(), VaultError::Export(_)));
        assert!(!told().to_string().contains("very-secret"));
    }
    write(dir.path(), &json!([7, null, "x", { "tokens": 3 }]), Some(&json!({ "apiKey:": "?" })));
    assert_eq!(read(dir.path(), &here()).unwrap().accounts.len(), 4, "odd rows are rows without secrets");
    std::fs::create_dir(dir.path().join("auth-monster-accounts.json.lock")).unwrap();
    assert!(told().to_string().contains("end opencode"), "{}", told());
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_so_not_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let real = dir.path().join("elsewhere.json");
    std::fs::write(&real, "[]").unwrap();
    std::os::unix::fs::symlink(&real, dir.path().join("auth-monster-accounts.json")).unwrap();
    assert!(read(dir.path(), &here()).unwrap_err().to_string().contains("symbolic link"));
}

#[test]
fn what_changed_while_a_person_was_asked_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let secrets = json!({ "apiKey:a": STANDARD.encode(key("a")) });
    write(dir.path(), &json!([row("a", "openai")]), Some(&secrets));
    let found = read(dir.path(), &here()).unwrap();
    let changes = [
        (json!([row("a", "openai"), row("new", "openai")]), secrets),
        (json!([row("a", "openai")]), json!({ "apiKey:a": STANDARD.encode(key("another")) })),
    ];
    for (rows, secrets) in changes {
        write(dir.path(), &rows, Some(&secrets));
        let refused = found.retire(&BTreeSet::from(["a".to_owned()]), "2026-11-26").unwrap_err();
        assert!(matches!(refused, VaultError::Changed(_)), "{refused:?}");
        assert_eq!(std::fs::read_to_string(dir.path().join("auth-monster-accounts.json")).unwrap(), rows.to_string());
        assert_eq!(std::fs::read_to_string(dir.path().join("auth-monster-secrets.json")).unwrap(), secrets.to_string());
        assert!(!dir.path().join("auth-monster-accounts.json.migrated").exists());
    }
}

#[test]
fn secrets_of_no_account_are_not_called_removed() {
    let dir = tempfile::tempdir().unwrap();
    let secrets = json!({ "apiKey:a": STANDARD.encode(key("a")), "apiKey:stray": STANDARD.encode(key("stray")) });
    write(dir.path(), &json!([row("a", "openai")]), Some(&secrets));
    let found = read(dir.path(), &here()).unwrap();
    let kept = found.retire(&BTreeSet::from(["a".to_owned()]), "2026-11-26").unwrap();
    assert_eq!(kept, Originals::Kept { accounts: 0, strays: 1 });
    assert!(done(dir.path()) && strays(dir.path()));
}

#[test]
fn the_note_counts_what_is_gone_and_keeps_what_it_said_before() {
    let dir = tempfile::tempdir().unwrap();
    let mut plain = row("a", "openai");
    plain["apiKey"] = json!(key("a"));
    write(dir.path(), &json!([plain, row("b", "openai"), row("c", "openai")]), None);
    for id in ["a", "b"] {
        let found = read(dir.path(), &here()).unwrap();
        assert!(!found.interrupted());
        found.retire(&BTreeSet::from([id.to_owned(), "no-such-row".to_owned()]), "2026-11-26").unwrap();
    }
    let note = std::fs::read_to_string(dir.path().join("auth-monster-accounts.json.migrated")).unwrap();
    let lines = ["2026-11-26: monster took over 1 of 3 accounts.", "2026-11-26: monster took over 1 of 2 accounts."];
    assert_eq!(note.lines().collect::<Vec<_>>(), lines);
}

#[test]
fn what_is_no_text_is_not_taken_for_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (mut number, mut both) = (row("n", "openai"), row("b", "openai"));
    number["apiKey"] = json!(123);
    both["apiKey"] = json!(key("b"));
    both["tokens"]["accessToken"] = json!({ "value": key("b") });
    write(dir.path(), &json!([number, both, { "id": "x", "provider": "openai" }]), None);
    let found = read(dir.path(), &here()).unwrap();
    let seen: Vec<_> = found.accounts.iter().map(|a| (a.odd, a.empty(), a.beside_the_key())).collect();
    let odd = Some("secrets that are no text");
    assert_eq!(seen, [(true, false, odd), (true, false, odd), (false, true, None)]);
}

#[test]
fn what_else_an_account_holds_is_seen() {
    let dir = tempfile::tempdir().unwrap();
    let (mut headers, mut both) = (row("h", "openai"), row("b", "openai"));
    headers["metadata"] = json!({ "headers": { "x-api-key": key("h") } });
    both["apiKey"] = json!(key("b"));
    both["tokens"]["refreshToken"] = json!(key("refresh"));
    write(dir.path(), &json!([headers, both, row("none", "openai")]), None);
    let found = read(dir.path(), &here()).unwrap();
    let seen: Vec<_> = found.accounts.iter().map(|a| (a.empty(), a.beside_the_key())).collect();
    assert_eq!(seen, [(false, Some("its headers")), (false, Some("its tokens")), (true, None)]);
}
