//! Accounts on their way to another machine.

use proptest::prelude::*;

use super::{Account, Desk, account, key, names};
use crate::model::Secret;
use crate::vault::{Taken, VaultError, phrase, sealed_export, unpack};

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn packed() -> Vec<u8> {
    Desk::new().vault.pack(&[account("work"), account("home")], &secret("correct horse")).unwrap()
}

#[test]
fn what_is_packed_is_unpacked_with_the_passphrase_only() {
    let bytes = packed();
    assert!(sealed_export(&bytes));
    assert!(!bytes.windows(8).any(|w| w == &key("work").as_bytes()[..8]));
    let back = unpack(&bytes, &secret("correct horse")).unwrap();
    assert_eq!(back.iter().map(|a| a.secret.expose().to_owned()).collect::<Vec<_>>(), [key("work"), key("home")]);
    assert!(matches!(unpack(&bytes, &secret("battery staple")), Err(VaultError::WrongPassphrase)));
}

#[test]
fn taken_names_are_counted_on_and_the_same_account_is_known_again() {
    let desk = Desk::made();
    desk.put("work");
    let other = Account { secret: secret(&key("other")), ..account("work") };
    let renamed = Account { name: "job".to_owned(), ..account("work") };
    let mut opened = desk.open().unwrap();
    let taken = opened.take(&[account("work"), other.clone(), renamed, other]).unwrap();
    let added = |name: &str| Taken::Added(name.to_owned());
    let known = |name: &str| Taken::Known(name.to_owned());
    assert_eq!(taken, [known("work"), added("work-2"), known("work"), known("work-2")]);
    assert_eq!(desk.names(), ["work", "work-2"]);
    let elsewhere = Account { upstream: "anthropic".to_owned(), ..account("work") };
    assert_eq!(
        opened.take(&[elsewhere]).unwrap(),
        [added("work-3")],
        "the same key at another place is another account"
    );
    assert_eq!(opened.reread().unwrap().len(), 3);
}

#[test]
fn a_name_that_no_list_could_show_takes_nothing_in() {
    let desk = Desk::made();
    let bad = Account { name: "a\nb".to_owned(), ..account("x") };
    assert!(matches!(desk.open().unwrap().take(&[account("work"), bad]), Err(VaultError::Taken(_))));
    assert!(names(&desk.open().unwrap()).is_empty());
}

#[test]
fn other_sealed_files_and_newer_ones_are_told_apart() {
    let seal = |text: &str| phrase::seal(text.as_bytes(), &secret("p"), Some(1)).unwrap().into_bytes();
    let open = |text: &str| unpack(&seal(text), &secret("p")).unwrap_err();
    assert!(matches!(open("my diary"), VaultError::Export(_)));
    assert!(matches!(open("monster export x\n{}"), VaultError::Export(_)));
    assert!(matches!(open("monster export 2\nanything"), VaultError::Newer { found: 2, known: 1, .. }));
    assert!(open("monster export 1\n{\"accounts\":[\"very-secret\"]}").to_string().contains("column"));
    assert!(!open("monster export 1\n{\"accounts\":[\"very-secret\"]}").to_string().contains("very-secret"));
    let vault = age::x25519::Identity::generate();
    let sealed = crate::vault::seal::seal(&vault, &crate::vault::seal::Payload::empty()).unwrap();
    assert!(matches!(unpack(&sealed, &secret("p")), Err(VaultError::Export(_))), "an accounts file is no export");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_changed_export_is_an_error(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut bytes = packed();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        match unpack(&bytes, &secret("correct horse")) {
            // Armor may end its lines one way or the other.
            Ok(accounts) => prop_assert_eq!(accounts.len(), 2),
            Err(error) => prop_assert!(!error.to_string().contains(&key("work"))),
        }
    }
}
