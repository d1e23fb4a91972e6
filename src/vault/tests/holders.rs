//! Who holds the identity.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;

use super::{Desk, Mood, Nobody, Patience, Types, account, names};
use crate::model::Secret;
use crate::vault::keychain::{Keychain, Ring};
use crate::vault::{Ask, Keep, Kind, Slot, VaultError, holder, slots};
use crate::world::files;

fn identity() -> String {
    Identity::generate().to_string().expose_secret().to_owned()
}

fn private(dir: &std::path::Path, name: &str, content: &[u8]) -> PathBuf {
    let path = dir.join(name);
    files::replace(&path, content, 0o600).unwrap();
    path
}

/// Stores an account, opens again as another process would, and finds it.
fn holds(desk: &Desk, keep: &Keep, ask: &dyn Ask) {
    desk.vault.create(keep, ask).unwrap().put(account("work")).unwrap();
    let opened = desk.vault.open(ask, &|_| 0).unwrap();
    assert_eq!(names(&opened), ["work"]);
    assert_eq!(opened.generation(), 2);
}

#[test]
fn the_keychain_holds_it() {
    let desk = Desk::new();
    holds(&desk, &Keep::Keychain, &Nobody);
    assert_eq!(desk.ring.entries(), 1);
    assert!(!String::from_utf8(desk.read(slots::FILE)).unwrap().contains("AGE-SECRET"));
}

#[test]
fn a_passphrase_holds_it() {
    holds(&Desk::new(), &Keep::Passphrase, &Types("correct horse"));
}

#[test]
fn a_wrong_passphrase_is_told_and_changes_nothing() {
    let desk = Desk::new();
    holds(&desk, &Keep::Passphrase, &Types("correct horse"));
    let before = desk.listing().iter().map(|n| desk.read(n)).collect::<Vec<_>>();
    let refused = desk.vault.open(&Types("battery staple"), &|_| 0).unwrap_err();
    assert!(matches!(refused, VaultError::WrongPassphrase), "{refused:?}");
    assert!(refused.hint().is_some());
    assert_eq!(desk.listing().iter().map(|n| desk.read(n)).collect::<Vec<_>>(), before);
}

#[test]
fn without_anybody_to_ask_the_accounts_stay_locked_and_the_hint_says_what_opens_them() {
    let desk = Desk::new();
    holds(&desk, &Keep::Passphrase, &Types("correct horse"));
    let locked = desk.vault.open(&Nobody, &|_| 0).unwrap_err();
    assert_eq!(locked.to_string(), "the accounts are locked: nobody gave the passphrase");
    assert!(locked.hint().unwrap().contains("MONSTER_PASSPHRASE_FILE"));
}

#[test]
fn nothing_typed_is_no_passphrase() {
    let desk = Desk::new();
    assert!(matches!(desk.vault.create(&Keep::Passphrase, &Types("")), Err(VaultError::NoKeeper(_))));
    assert!(!desk.vault.exists());
}

#[test]
fn a_passphrase_file_means_what_a_person_types_whatever_ends_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let file = private(dir.path(), "passphrase", b" correct horse ");
    let desk = Desk::with(&[("MONSTER_PASSPHRASE_FILE", &file)]);
    holds(&desk, &Keep::Passphrase, &Nobody);
    for end in ["\n", "\r\n", "\n\n"] {
        private(dir.path(), "passphrase", format!(" correct horse {end}").as_bytes());
        assert_eq!(names(&desk.vault.open(&Nobody, &|_| 0).unwrap()), ["work"], "{end:?}");
    }
    private(dir.path(), "passphrase", b"correct horse");
    assert!(desk.vault.open(&Nobody, &|_| 0).is_err(), "blanks inside the line belong to it");
    let mut typed = desk;
    typed.vault.given.file = None;
    assert_eq!(names(&typed.vault.open(&Types(" correct horse "), &|_| 0).unwrap()), ["work"]);
}

#[test]
fn an_empty_or_unreadable_passphrase_file_is_told_and_never_taken_for_a_passphrase() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("passphrase");
    let desk = Desk::with(&[("MONSTER_PASSPHRASE_FILE", &file)]);
    let refused = || desk.vault.create(&Keep::Passphrase, &Nobody).unwrap_err().to_string();
    assert!(refused().contains("passphrase cannot be used"), "{}", refused());
    private(dir.path(), "passphrase", b"\r\n");
    assert!(refused().ends_with("it is empty"), "{}", refused());
    // What PowerShell writes by itself: other bytes must not all become the same passphrase.
    private(dir.path(), "passphrase", b"\xff\xfep\0a\0s\0s\0");
    assert!(refused().ends_with("it is no UTF-8 text"), "{}", refused());
    assert!(!desk.vault.exists());
}

#[test]
fn a_key_file_is_made_private_and_holds_it() {
    let desk = Desk::new();
    let path = desk.dir.path().join("key.txt");
    holds(&desk, &Keep::Keyfile(path.clone()), &Nobody);
    assert!(String::from_utf8(files::read_private(&path, 999).unwrap()).unwrap().starts_with("AGE-SECRET-KEY-1"));
    std::fs::remove_file(&path).unwrap();
    let locked = desk.open().unwrap_err();
    assert!(matches!(locked, VaultError::Locked(_)) && locked.to_string().contains("key.txt"), "{locked}");
    assert!(!path.exists(), "opening never makes a new one");
}

#[test]
fn a_key_file_from_age_keygen_is_used_as_it_is() {
    let desk = Desk::new();
    let content = format!("# created: 2026-11-24T12:00:00Z\n# public key: age1…\n{}\n", identity());
    let path = private(desk.dir.path(), "key.txt", content.as_bytes());
    holds(&desk, &Keep::Keyfile(path.clone()), &Nobody);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
}

#[test]
fn a_key_file_that_holds_something_else_is_not_written_over() {
    let desk = Desk::new();
    let two = format!("{}\n{}\n", identity(), identity());
    for (content, why) in [("my notes\n", "it holds no age identity"), (two.as_str(), "more than one"), ("", "no age")]
    {
        let path = private(desk.dir.path(), "key.txt", content.as_bytes());
        let refused = desk.vault.create(&Keep::Keyfile(path.clone()), &Nobody).unwrap_err().to_string();
        assert!(refused.contains(why), "{refused}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content);
    }
    let cut = identity();
    let path = private(desk.dir.path(), "key.txt", &cut.as_bytes()[..40]);
    let refused = desk.vault.create(&Keep::Keyfile(path), &Nobody).unwrap_err();
    assert!(!refused.to_string().contains(&cut[..40]), "nor is it repeated: {refused}");
}

#[cfg(unix)]
#[test]
fn a_command_prints_it_among_other_lines() {
    let desk = Desk::new();
    let path = private(desk.dir.path(), "pass", format!("{}\nurl: example\n", identity()).as_bytes());
    let argv = ["cat", path.to_str().unwrap()].map(str::to_owned).to_vec();
    holds(&desk, &Keep::Command(argv), &Nobody);
}

#[cfg(unix)]
#[test]
fn a_command_that_fails_is_named_once_with_its_code_and_not_with_what_it_said() {
    let desk = Desk::new();
    let run = |script: &str| {
        let argv = ["sh", "-c", script].map(str::to_owned).to_vec();
        desk.vault.create(&Keep::Command(argv), &Nobody).unwrap_err().to_string()
    };
    let told = run("echo very-secret; echo very-secret >&2; exit 3");
    assert_eq!(told, "there is nothing to seal the accounts with: the command sh: it ended with code 3");
    assert!(run("echo hello").contains("it holds no age identity"));
    assert!(run("printf '\\377'").contains("no UTF-8"));
    let gone = desk.vault.create(&Keep::Command(vec!["/no/such/program".to_owned()]), &Nobody).unwrap_err();
    assert!(gone.to_string().contains("/no/such/program"), "{gone}");
}

#[cfg(unix)]
#[test]
fn a_command_that_fails_later_leaves_the_accounts_locked() {
    let desk = Desk::new();
    let path = private(desk.dir.path(), "pass", identity().as_bytes());
    holds(&desk, &Keep::Command(["cat", path.to_str().unwrap()].map(str::to_owned).to_vec()), &Nobody);
    std::fs::remove_file(&path).unwrap();
    let locked = desk.open().unwrap_err();
    assert_eq!(locked.to_string(), "the accounts are locked: the command cat: it ended with code 1");
}

#[test]
fn plain_text_is_said_when_it_is_made_and_each_time_it_is_opened() {
    let desk = Desk::new();
    let made = desk.vault.create(&Keep::Plaintext, &Nobody).unwrap();
    assert!(made.warnings()[0].contains("plain text"), "{:?}", made.warnings());
    assert!(desk.open().unwrap().warnings()[0].contains("plain text"));
    assert!(desk.vault.slots().unwrap()[0].kind.note().starts_with("weak"));
}

#[test]
fn plain_text_is_said_whatever_else_opens_it() {
    let desk = Desk::new();
    desk.vault.create(&Keep::Keychain, &Nobody).unwrap().add_slot(&Keep::Plaintext, None, &Nobody).unwrap();
    assert_eq!(desk.open().unwrap().warnings(), ["the keys lie in plain text (slot plaintext)"]);
}

/// A keychain that waits for a person, and takes what it was given when nobody waits for it any more.
struct Late {
    unlocked: Mutex<Receiver<()>>,
    taken: Mutex<Vec<(String, String)>>,
    forgotten: SyncSender<String>,
}

impl Ring for Late {
    fn put(&self, entry: &str, secret: &Secret) -> Result<(), String> {
        self.unlocked.lock().unwrap().recv().map_err(|e| e.to_string())?;
        self.taken.lock().unwrap().push((entry.to_owned(), secret.expose().to_owned()));
        Ok(())
    }

    fn get(&self, _: &str) -> Result<Secret, String> {
        Err("nobody asks it back".to_owned())
    }

    fn forget(&self, entry: &str) -> Result<(), String> {
        self.forgotten.send(entry.to_owned()).map_err(|e| e.to_string())
    }
}

#[test]
fn what_a_keychain_takes_too_late_is_forgotten_there_and_opens_nothing() {
    let mut desk = Desk::new();
    let ((unlock, unlocked), (forgotten, forgot)) = (sync_channel(1), sync_channel(1));
    let late = Arc::new(Late { unlocked: Mutex::new(unlocked), taken: Mutex::default(), forgotten });
    desk.vault.keychain = Keychain::scripted(Arc::clone(&late) as Arc<dyn Ring>, Duration::from_millis(10));
    let made = desk.vault.create(&Keep::Auto, &Types("correct horse")).unwrap();
    assert_eq!(desk.vault.slots().unwrap()[0].kind.name(), "passphrase");
    unlock.send(()).unwrap();
    let entry = forgot.recv_timeout(Duration::from_secs(60)).unwrap();
    let taken = late.taken.lock().unwrap().clone();
    assert_eq!((taken.len(), &taken[0].0), (1, &entry));
    assert_ne!(taken[0].1, holder::text_of(&made.identity).expose(), "the passphrase seals another identity");
}

#[cfg(unix)]
#[test]
fn in_a_hurry_slots_that_hang_are_given_up_together() {
    let desk = Desk::new();
    let path = private(desk.dir.path(), "pass", identity().as_bytes());
    let script = format!("cat {}", path.display());
    holds(&desk, &Keep::Command(["sh", "-c", &script].map(str::to_owned).to_vec()), &Nobody);
    let mut book = desk.vault.book().unwrap();
    book.slots[0].kind = Kind::Command { argv: ["sleep", "600"].map(str::to_owned).to_vec() };
    book.slots.push(Slot { name: "second".to_owned(), ..book.slots[0].clone() });
    slots::write(&desk.vault.dir, &book).unwrap();
    let hurried = desk.vault.hurry(Duration::from_millis(20));
    let locked = hurried.open(&Nobody, &|_| 0).unwrap_err().to_string();
    assert!(locked.contains("took longer than") && locked.ends_with("no time left for the other slots"), "{locked}");
}

#[test]
fn auto_takes_the_keychain_when_it_works() {
    let desk = Desk::new();
    holds(&desk, &Keep::Auto, &Nobody);
    assert_eq!(desk.vault.slots().unwrap()[0].kind.name(), "keychain");
}

#[test]
fn auto_asks_for_a_passphrase_when_the_keychain_does_not_work_and_says_why() {
    let desk = Desk::new();
    desk.ring.turn(Mood::Refuses);
    let made = desk.vault.create(&Keep::Auto, &Types("correct horse")).unwrap();
    assert_eq!(desk.vault.slots().unwrap()[0].kind.name(), "passphrase");
    assert!(made.warnings()[0].contains("locked or not set up"), "{:?}", made.warnings());
}

#[test]
fn auto_never_takes_plain_text_by_itself() {
    let desk = Desk::new();
    desk.ring.turn(Mood::Refuses);
    let refused = desk.vault.create(&Keep::Auto, &Nobody).unwrap_err();
    assert!(refused.to_string().contains("nobody to ask for a passphrase"), "{refused}");
    assert!(refused.hint().unwrap().contains("--store passphrase"));
    assert_eq!(desk.listing(), ["accounts.lock"], "nothing is left behind");
}

#[test]
fn a_passphrase_is_asked_for_last() {
    let desk = Desk::new();
    desk.vault.create(&Keep::Passphrase, &Types("correct horse")).unwrap();
    let mut book = desk.vault.book().unwrap();
    book.slots.extend(Desk::made().vault.slots().unwrap());
    slots::write(&desk.vault.dir, &book).unwrap();
    // The plain slot is another vault's: it is tried first, opens nothing here, and the passphrase still does.
    assert!(desk.vault.open(&Types("correct horse"), &|_| 0).is_ok());
    let refused = desk.vault.open(&Types("battery staple"), &|_| 0).unwrap_err();
    assert!(matches!(refused, VaultError::WrongPassphrase), "{refused:?}");
}

#[test]
fn nobody_is_asked_when_something_else_opens_it() {
    let desk = Desk::new();
    desk.vault.create(&Keep::Passphrase, &Types("correct horse")).unwrap();
    let opened = desk.vault.open(&Types("correct horse"), &|_| 0).unwrap();
    opened.add_slot(&Keep::Keychain, None, &Nobody).unwrap();
    assert!(desk.vault.open(&Patience, &|_| 0).is_ok());
}
