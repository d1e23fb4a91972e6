//! The sealed bytes.

use std::io::Write;

use age::x25519::Identity;
use proptest::prelude::*;

use super::{Desk, account, key};
use crate::vault::seal::{Payload, open, seal};
use crate::vault::{BACKUP, FILE, Keep, VaultError, slots};

fn sealed() -> (Identity, Vec<u8>) {
    let identity = Identity::generate();
    let payload = Payload { generation: 7, accounts: vec![account("work"), account("home")], ..Payload::empty() };
    let bytes = seal(&identity, &payload).unwrap();
    (identity, bytes)
}

#[test]
fn what_is_sealed_is_opened_again() {
    let (identity, bytes) = sealed();
    let payload = open(&identity, &bytes).unwrap();
    assert_eq!(payload.generation, 7);
    let read: Vec<_> = payload.accounts.iter().map(|a| (a.name.as_str(), a.secret.expose().to_owned())).collect();
    assert_eq!(read, [("work", key("work")), ("home", key("home"))]);
    assert_eq!(payload.accounts[0].created, "2026-11-24T12:00:00Z");
}

#[test]
fn every_byte_of_the_header_counts() {
    let (identity, bytes) = sealed();
    let header = bytes.windows(5).position(|w| w == b"\n--- ").unwrap() + 64;
    for at in 0..header {
        for bit in [0, 3, 5, 7] {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            assert!(open(&identity, &flipped).is_err(), "byte {at}, bit {bit}");
        }
    }
}

#[test]
fn every_byte_of_the_content_counts() {
    let (identity, bytes) = sealed();
    for at in (0..bytes.len()).step_by(7) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        assert!(open(&identity, &flipped).is_err(), "byte {at}");
    }
}

#[test]
fn a_file_that_was_cut_off_is_refused_wherever_it_was_cut() {
    let (identity, bytes) = sealed();
    for length in (0..bytes.len()).step_by(5) {
        assert!(open(&identity, &bytes[..length]).is_err(), "{length} bytes");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(open(&identity, &longer).is_err(), "and so is one that grew");
}

#[test]
fn another_identity_opens_nothing() {
    let (_, bytes) = sealed();
    assert!(matches!(open(&Identity::generate(), &bytes), Err(VaultError::Sealed(_))));
}

#[test]
fn a_stranger_who_knows_the_public_half_cannot_write_accounts() {
    let identity = Identity::generate();
    let recipient = identity.to_public();
    let encryptor = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).unwrap();
    let mut forged = Vec::new();
    let mut writer = encryptor.wrap_output(&mut forged).unwrap();
    writer.write_all(b"monster accounts 1\n").unwrap();
    writer.write_all(&[0; 32]).unwrap();
    writer.write_all(br#"{"generation":99,"accounts":[]}"#).unwrap();
    writer.finish().unwrap();
    let refused = open(&identity, &forged).unwrap_err();
    assert!(refused.to_string().contains("authenticity"), "{refused}");
}

#[test]
fn the_size_does_not_tell_how_many_accounts_there_are() {
    let identity = Identity::generate();
    let size = |names: &[&str]| {
        let payload = Payload { accounts: names.iter().map(|n| account(n)).collect(), ..Payload::empty() };
        let bytes = seal(&identity, &payload).unwrap();
        // age puts noise of random length into the header.
        bytes.len() - bytes.windows(5).position(|w| w == b"\n--- ").unwrap()
    };
    assert_eq!(size(&[]), size(&["a", "b", "c", "d", "e"]));
}

#[test]
fn neither_the_folder_nor_any_message_shows_a_key() {
    let desk = Desk::new();
    let mut opened = desk.vault.create(&Keep::Keychain, &super::Nobody).unwrap();
    opened.put(account("work")).unwrap();
    opened.put(account("home")).unwrap();
    for name in desk.listing() {
        let bytes = desk.read(&name);
        for secret in [key("work"), "AGE-SECRET-KEY".to_owned()] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{name} holds {secret}");
        }
    }
    let shown = format!("{:?} {opened:?} {:?} {:?}", desk.vault, opened.accounts(), desk.vault.slots().unwrap());
    assert!(!shown.contains(&key("work")) && !shown.contains("AGE-SECRET"), "{shown}");
}

#[test]
fn a_slot_in_plain_text_is_not_shown_either() {
    let desk = Desk::made();
    let identity = String::from_utf8(desk.read(slots::FILE)).unwrap();
    assert!(identity.contains("AGE-SECRET-KEY"), "the user asked for it");
    assert_eq!(format!("{:?}", desk.vault.slots().unwrap()), "[Slot(plaintext, plaintext)]");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_in_place_of_the_file_are_an_error_and_stay(bytes in proptest::collection::vec(any::<u8>(), 0..600), header in any::<bool>()) {
        let desk = Desk::made();
        let mut content = if header { b"age-encryption.org/v1\n-> X25519 ".to_vec() } else { Vec::new() };
        content.extend(bytes);
        desk.write(FILE, &content);
        desk.write(BACKUP, &content);
        prop_assert!(desk.open().is_err());
        prop_assert_eq!(desk.read(FILE), content);
    }

    #[test]
    fn any_text_in_place_of_the_slots_is_an_error(text in "(\\{|\\}|\\[|\\]|\"|:|,|version|slots|name|kind|is|keychain|1| |é){0,20}") {
        let desk = Desk::made();
        desk.write(slots::FILE, text.as_bytes());
        prop_assert!(desk.open().is_err());
    }

    #[test]
    fn a_changed_list_of_slots_never_makes_us_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let desk = Desk::new();
        desk.vault.create(&Keep::Passphrase, &super::Types("correct horse")).unwrap();
        let mut bytes = desk.read(slots::FILE);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        desk.write(slots::FILE, &bytes);
        // Some changes are harmless (white space, the slot's name): then it opens, and nothing else may happen.
        if let Ok(opened) = desk.vault.open(&super::Types("correct horse"), &|_| 0) {
            prop_assert_eq!(opened.generation(), 1);
        }
    }
}

#[test]
fn a_file_from_a_newer_version_is_told_and_nothing_older_stands_in_for_it() {
    let desk = Desk::made();
    desk.put("work");
    let identity = identity_of(&desk);
    for (text, newer) in
        [("monster accounts 2\nanything", true), ("monster accounts 1", false), ("monster accounts x\n", false)]
    {
        desk.write(FILE, &by_hand(&identity, text.as_bytes()));
        let before = desk.read(FILE);
        match desk.open() {
            Err(VaultError::Newer { found: 2, known: 1, .. }) => assert!(newer),
            Ok(opened) => assert!(!newer && opened.warnings().iter().any(|w| w.contains("is damaged"))),
            other => panic!("{other:?}"),
        }
        assert_eq!(desk.read(FILE), before);
    }
}

#[test]
fn what_a_newer_version_wrote_survives_a_change_by_this_one() {
    let desk = Desk::made();
    desk.put("work");
    let identity = identity_of(&desk);
    let mut payload = open(&identity, &desk.read(FILE)).unwrap();
    payload.other.insert("policy".to_owned(), serde_json::json!({ "rotate": 90 }));
    payload.accounts[0].other.insert("badge".to_owned(), serde_json::json!("blue"));
    desk.write(FILE, &seal(&identity, &payload).unwrap());
    desk.open().unwrap().rename("work", "job").unwrap();
    desk.open().unwrap().set_enabled("job", false).unwrap();
    let kept = desk.open().unwrap();
    assert_eq!(kept.payload.other["policy"]["rotate"], 90);
    assert_eq!(kept.accounts()[0].other["badge"], "blue");
    desk.vault.rekey(&super::Nobody, &|_| 0, &crate::vault::Renewal::default(), &super::still).unwrap();
    let kept = desk.open().unwrap();
    assert_eq!(
        (&kept.payload.other["policy"]["rotate"], &kept.accounts()[0].other["badge"]),
        (&90.into(), &"blue".into())
    );
    assert!(!format!("{:?} {:?}", kept.payload, kept.accounts()).contains("blue"), "it may be a secret");
}

#[test]
fn a_flipped_byte_on_disk_gives_the_previous_generation_or_an_error_and_never_an_empty_vault() {
    let desk = Desk::made();
    desk.put("first");
    desk.put("second");
    let bytes = desk.read(FILE);
    let header = bytes.windows(5).position(|w| w == b"\n--- ").unwrap() + 64;
    for at in (0..header).chain((header..bytes.len()).step_by(211)) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        desk.write(FILE, &flipped);
        assert_eq!(desk.names(), ["first"], "byte {at}");
    }
}

fn identity_of(desk: &Desk) -> Identity {
    let crate::vault::Kind::Plaintext { identity } = desk.vault.slots().unwrap().remove(0).kind else {
        panic!("made in plain text")
    };
    identity.parse().unwrap()
}

/// Sealed as anybody could who knows the identity.
fn by_hand(identity: &Identity, clear: &[u8]) -> Vec<u8> {
    let recipient = identity.to_public();
    let mut out = Vec::new();
    let mut writer = age::Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient))
        .unwrap()
        .wrap_output(&mut out)
        .unwrap();
    writer.write_all(clear).unwrap();
    writer.finish().unwrap();
    out
}
