//! The keychain behind its door: whatever it does, an error comes in time, and nothing is lost.

use std::sync::Arc;
use std::time::Duration;

use super::{Desk, Mood, Nobody, Patience, Types, account, names};
use crate::vault::keychain::{Keychain, Ring};
use crate::vault::{Keep, VaultError, holder};

/// A desk whose keychain is waited for only a moment.
fn hurried() -> Desk {
    let mut desk = Desk::new();
    desk.vault.keychain = Keychain::scripted(Arc::clone(&desk.ring) as Arc<dyn Ring>, Duration::from_millis(30));
    desk
}

#[test]
fn a_keychain_that_hangs_is_not_waited_for() {
    let desk = hurried();
    desk.ring.turn(Mood::Hangs);
    let refused = desk.vault.create(&Keep::Keychain, &Nobody).unwrap_err();
    assert!(refused.to_string().contains("the keychain did not answer within"), "{refused}");
    assert!(!desk.vault.exists());
    assert!(desk.vault.create(&Keep::Auto, &Types("correct horse")).unwrap().warnings()[0].contains("did not answer"));
}

#[test]
fn a_keychain_that_hangs_later_leaves_the_accounts_locked() {
    let mut desk = Desk::new();
    desk.vault.create(&Keep::Keychain, &Nobody).unwrap().put(account("work")).unwrap();
    desk.ring.turn(Mood::Hangs);
    desk.vault.keychain = Keychain::scripted(Arc::clone(&desk.ring) as Arc<dyn Ring>, Duration::from_millis(30));
    let locked = desk.vault.open(&Patience, &|_| 0).unwrap_err();
    assert!(matches!(locked, VaultError::Locked(_)), "{locked:?}");
    assert!(locked.hint().unwrap().contains("unlock the keychain"));
    desk.ring.turn(Mood::Works);
    desk.vault.keychain = Keychain::scripted(Arc::clone(&desk.ring) as Arc<dyn Ring>, Duration::from_secs(60));
    assert_eq!(names(&desk.open().unwrap()), ["work"]);
}

#[test]
fn a_keychain_that_takes_and_does_not_give_back_is_not_trusted() {
    for (mood, why) in [(Mood::Forgets, "does not have the entry"), (Mood::Lies, "something else")] {
        let desk = Desk::new();
        desk.ring.turn(mood);
        let refused = desk.vault.create(&Keep::Keychain, &Nobody).unwrap_err();
        assert!(refused.to_string().contains(why), "{refused}");
        assert_eq!(desk.ring.entries(), 0, "{mood:?}: what it took is taken back");
        assert!(!desk.vault.exists());
    }
}

#[test]
fn a_keychain_that_breaks_is_an_error() {
    let desk = Desk::new();
    desk.ring.turn(Mood::Breaks);
    let refused = desk.vault.create(&Keep::Keychain, &Nobody).unwrap_err();
    assert!(refused.to_string().contains("the keychain broke off"), "{refused}");
}

#[test]
fn a_keychain_that_was_emptied_leaves_the_file_as_it_is() {
    let desk = Desk::new();
    desk.vault.create(&Keep::Keychain, &Nobody).unwrap();
    desk.ring.turn(Mood::Forgets);
    let before = desk.listing();
    let locked = desk.open().unwrap_err().to_string();
    assert_eq!(locked, "the accounts are locked: the keychain does not have the entry of these accounts");
    assert_eq!(desk.listing(), before);
}

#[test]
fn an_identity_that_came_to_open_nothing_is_taken_back() {
    let desk = Desk::new();
    let (_, given) = holder::keep(&desk.vault, &Keep::Keychain, &Nobody).unwrap();
    assert_eq!(desk.ring.entries(), 1);
    holder::give_up(&desk.vault, &given);
    assert_eq!(desk.ring.entries(), 0);
}
