//! An identity that the kernel keeps for a while.

// What a test is told comes through its environment.
#![allow(clippy::disallowed_methods)]

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::{Desk, Nobody, Patience, Types, account, names};
use crate::model::Secret;
use crate::vault::cache::{Cache, Shelf};
use crate::vault::{Keep, VaultError};

/// A shelf that does as it is told.
#[derive(Default)]
struct Script {
    kept: Mutex<BTreeMap<String, (String, Duration)>>,
    refuses: bool,
}

impl Shelf for Script {
    fn put(&self, name: &str, secret: &Secret, life: Duration) -> Result<(), String> {
        if self.refuses {
            return Err("the kernel's keyring refused (scripted)".to_owned());
        }
        self.kept.lock().unwrap().insert(name.to_owned(), (secret.expose().to_owned(), life));
        Ok(())
    }

    fn get(&self, name: &str) -> Option<Secret> {
        Some(Secret::new(self.kept.lock().unwrap().get(name)?.0.clone()))
    }

    fn forget(&self, name: &str) -> Result<bool, String> {
        Ok(self.kept.lock().unwrap().remove(name).is_some())
    }
}

/// A vault that a passphrase opens, and a shelf for it.
fn sealed(life: u64) -> (Desk, Arc<Script>) {
    let mut desk = Desk::new();
    let shelf = Arc::new(Script::default());
    desk.vault.cache = Cache::scripted(Arc::clone(&shelf) as Arc<dyn Shelf>, Duration::from_secs(life));
    desk.vault.create(&Keep::Passphrase, &Types("correct horse")).unwrap().put(account("work")).unwrap();
    (desk, shelf)
}

#[test]
fn what_a_person_unlocked_once_opens_without_anybody() {
    let (desk, shelf) = sealed(900);
    assert!(matches!(desk.open(), Err(VaultError::Locked(_))), "making it keeps nothing");
    let id = desk.vault.open(&Types("correct horse"), &|_| 0).unwrap().id();
    let kept = shelf.kept.lock().unwrap().clone();
    assert_eq!(kept.keys().collect::<Vec<_>>(), [&format!("monster:{id}")]);
    assert_eq!(kept.values().next().unwrap().1, Duration::from_secs(900));
    assert_eq!(names(&desk.open().unwrap()), ["work"]);
    desk.open().unwrap().put(account("home")).unwrap();
    assert_eq!(names(&desk.vault.open(&Patience, &|_| 0).unwrap()), ["work", "home"]);
}

#[test]
fn locking_forgets_it() {
    let (desk, _) = sealed(900);
    drop(desk.vault.open(&Types("correct horse"), &|_| 0).unwrap());
    assert!(desk.vault.forget_unlocked().unwrap());
    assert!(matches!(desk.open(), Err(VaultError::Locked(_))));
    assert!(!desk.vault.forget_unlocked().unwrap(), "there is nothing left");
}

#[test]
fn nothing_is_kept_unless_a_time_was_chosen_and_then_only_what_is_slow_to_open() {
    let (desk, shelf) = sealed(0);
    drop(desk.vault.open(&Types("correct horse"), &|_| 0).unwrap());
    assert!(shelf.kept.lock().unwrap().is_empty());
    let mut desk = Desk::new();
    desk.vault.cache = Cache::scripted(Arc::clone(&shelf) as Arc<dyn Shelf>, Duration::from_secs(900));
    desk.vault.create(&Keep::Keychain, &Nobody).unwrap();
    drop(desk.open().unwrap());
    assert!(shelf.kept.lock().unwrap().is_empty(), "the keychain answers each time");
}

#[test]
fn a_kept_identity_that_no_longer_fits_is_passed_over() {
    let (desk, shelf) = sealed(900);
    let opened = desk.vault.open(&Types("correct horse"), &|_| 0).unwrap();
    let other = age::x25519::Identity::generate();
    let name = format!("monster:{}", opened.id());
    shelf.put(&name, &crate::vault::holder::text_of(&other), Duration::from_secs(1)).unwrap();
    assert!(matches!(desk.open(), Err(VaultError::Locked(_))), "it is no proof of anything");
    assert_eq!(names(&desk.vault.open(&Types("correct horse"), &|_| 0).unwrap()), ["work"]);
}

#[test]
fn a_kernel_that_refuses_is_told_and_the_accounts_open_all_the_same() {
    let mut desk = sealed(900).0;
    let shelf = Arc::new(Script { refuses: true, ..Script::default() });
    desk.vault.cache = Cache::scripted(shelf, Duration::from_secs(900));
    let opened = desk.vault.open(&Types("correct horse"), &|_| 0).unwrap();
    assert_eq!(names(&opened), ["work"]);
    assert!(opened.warnings()[0].contains("cannot be kept unlocked"), "{:?}", opened.warnings());
}

#[cfg(target_os = "linux")]
#[test]
fn the_kernel_itself_keeps_it_for_other_processes_and_forgets_it() {
    let mut desk = sealed(900).0;
    desk.vault.cache = Cache::system();
    desk.vault.cache.life = Duration::from_secs(60);
    let opened = desk.vault.open(&Types("correct horse"), &|_| 0).unwrap();
    if let Some(refused) = opened.warnings().first() {
        assert!(std::env::var_os("MONSTER_TEST_ALL").is_none(), "{refused}");
        eprintln!("skipped: {refused}");
        return;
    }
    assert_eq!(names(&desk.open().unwrap()), ["work"]);
    // A thread of its own has other credentials to the kernel's eye, as another process has.
    let seen = std::thread::scope(|scope| scope.spawn(|| names(&desk.open().unwrap())).join().unwrap());
    assert_eq!(seen, ["work"]);
    assert!(desk.vault.forget_unlocked().unwrap());
    assert!(matches!(desk.open(), Err(VaultError::Locked(_))));
}
