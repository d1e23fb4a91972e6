//! History is sealed without opening anything, and opened by whoever opens the accounts.

use super::*;
use crate::vault::Renewal;

#[test]
fn what_was_sealed_without_opening_is_read_once_the_accounts_are_open() {
    let desk = Desk::made();
    let recipient = desk.vault.recipient().unwrap().unwrap();
    let sealed = recipient.seal(b"what was asked").unwrap();
    assert!(!sealed.windows(8).any(|w| w == b"what was"));
    let opened = desk.open().unwrap();
    assert_eq!(recipient.id(), opened.id());
    assert_eq!(opened.unseal(&sealed).unwrap(), b"what was asked");
}

#[test]
fn a_new_identity_still_reads_what_was_sealed_to_the_ones_before() {
    let desk = Desk::made();
    let seal = |text: &[u8]| desk.vault.recipient().unwrap().unwrap().seal(text).unwrap();
    let first = seal(b"first");
    desk.vault.rekey(&Nobody, &|_| 0, &Renewal::default(), &still).unwrap();
    let second = seal(b"second");
    desk.vault.rekey(&Nobody, &|_| 0, &Renewal::default(), &still).unwrap();
    let third = seal(b"third");
    let opened = desk.open().unwrap();
    for (sealed, text) in [(first, "first"), (second, "second"), (third, "third")] {
        assert_eq!(opened.unseal(&sealed).unwrap(), text.as_bytes());
    }
}

#[test]
fn a_changed_byte_and_somebody_else_s_seal_are_errors() {
    let (desk, other) = (Desk::made(), Desk::made());
    let mut sealed = desk.vault.recipient().unwrap().unwrap().seal(b"what was asked").unwrap();
    assert!(matches!(other.open().unwrap().unseal(&sealed), Err(VaultError::Sealed(_))));
    *sealed.last_mut().unwrap() ^= 1;
    assert!(matches!(desk.open().unwrap().unseal(&sealed), Err(VaultError::Sealed(_))));
    assert!(matches!(desk.open().unwrap().unseal(b"no age file"), Err(VaultError::Sealed(_))));
}

#[test]
fn a_list_that_names_no_public_half_or_a_wrong_one_is_told_from_one_that_does() {
    let desk = Desk::new();
    assert!(desk.vault.recipient().unwrap().is_none(), "there is no list yet");
    let desk = Desk::made();
    let text = String::from_utf8(desk.read("slots.json")).unwrap();
    let id = desk.vault.recipient().unwrap().unwrap().id();
    desk.write("slots.json", text.replace(&id, "age1nobody").as_bytes());
    assert!(matches!(desk.vault.recipient(), Err(VaultError::Slots { .. })));
}
