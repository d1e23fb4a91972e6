//! A new identity: the old one opens nothing, and nothing is lost on the way.

use age::x25519::Identity;

use super::{Desk, Mood, Nobody, Types, account, key, names};
use crate::model::Secret;
use crate::vault::{Ask, BACKUP, DAMAGED, FILE, Keep, Kind, Rekeyed, Renewal, VaultError, seal, slots};
use crate::world::files;

fn rekey(desk: &Desk) -> Result<Rekeyed, VaultError> {
    desk.vault.rekey(&Types("correct horse"), &|_| 0, &Renewal::default(), &super::still)
}

/// Two accounts, and every kind of slot that can be written.
fn full() -> Desk {
    let desk = Desk::made();
    desk.put("first");
    desk.put("second");
    let opened = desk.open().unwrap();
    for keep in [Keep::Keychain, Keep::Passphrase, Keep::Keyfile(desk.dir.path().join("key.txt")), Keep::Machine] {
        opened.add_slot(&keep, None, &Types("correct horse")).unwrap();
    }
    desk
}

fn old_identity(desk: &Desk) -> Identity {
    let Kind::Plaintext { identity } = desk.vault.slots().unwrap().remove(0).kind else { panic!("made in plain text") };
    identity.parse().unwrap()
}

#[test]
fn the_old_identity_opens_neither_generation_and_every_slot_has_the_new_one() {
    let desk = full();
    let old = old_identity(&desk);
    let before = desk.open().unwrap().id();
    let done = rekey(&desk).unwrap();
    assert_eq!(done.former, before);
    assert_ne!(done.opened.id(), before);
    assert!(done.dropped.is_empty() && done.notes.is_empty(), "{:?} {:?}", done.dropped, done.notes);
    assert_eq!(names(&done.opened), ["first", "second"]);
    for name in [FILE, BACKUP] {
        assert!(!seal::fits(&old, &desk.read(name)), "{name}");
    }
    assert_eq!(desk.ring.entries(), 1, "the old entry is gone");
    assert_eq!(desk.listing().iter().filter(|n| n.starts_with("machine-")).count(), 1);
    let book = desk.vault.book().unwrap();
    assert_eq!(
        book.slots.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(),
        ["plaintext", "keychain", "passphrase", "keyfile", "machine"]
    );
    for slot in &book.slots {
        let mut alone = book.clone();
        alone.slots = vec![slot.clone()];
        slots::write(&desk.vault.dir, &alone).unwrap();
        let opened = desk.vault.open(&Types("correct horse"), &|_| 0).unwrap();
        assert_eq!(names(&opened), ["first", "second"], "{slot:?}");
        assert_eq!(opened.accounts()[0].secret.expose(), key("first"));
    }
    let around: Vec<String> = std::fs::read_dir(desk.dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| n.starts_with("key.txt"))
        .collect();
    assert_eq!(around, ["key.txt"], "nothing is left beside the key file");
}

#[test]
fn the_previous_generation_still_stands_in_after_it() {
    let desk = full();
    rekey(&desk).unwrap();
    desk.write(FILE, b"rubbish");
    let opened = desk.open().unwrap();
    assert_eq!(names(&opened), ["first", "second"]);
    assert!(opened.warnings().iter().any(|w| w.contains("is damaged")));
}

#[test]
fn old_identities_are_kept_inside_for_history() {
    let desk = Desk::made();
    let old = old_identity(&desk);
    let once = rekey(&desk).unwrap();
    let twice = rekey(&desk).unwrap();
    assert_eq!(once.opened.payload.former.len(), 1);
    let former: Vec<String> = twice.opened.payload.former.iter().map(|s| s.expose().to_owned()).collect();
    assert_eq!(former.len(), 2);
    assert_eq!(former[0].parse::<Identity>().unwrap().to_public(), old.to_public());
    desk.put("work");
    assert_eq!(desk.open().unwrap().payload.former.len(), 2, "and stay there");
}

#[test]
fn a_wrong_passphrase_does_not_become_the_new_one() {
    let desk = full();
    let before: Vec<_> = desk.listing().iter().map(|n| desk.read(n)).collect();
    let refused = desk.vault.rekey(&Types("battery staple"), &|_| 0, &Renewal::default(), &super::still).unwrap_err();
    assert!(matches!(refused, VaultError::WrongPassphrase), "{refused:?}");
    assert_eq!(desk.listing().iter().map(|n| desk.read(n)).collect::<Vec<_>>(), before);
    assert_eq!(desk.ring.entries(), 1);
}

#[test]
fn a_slot_that_cannot_take_it_stops_it_before_anything_changes() {
    let desk = full();
    let before: Vec<_> = desk.listing().iter().map(|n| desk.read(n)).collect();
    desk.ring.turn(Mood::Refuses);
    let refused = rekey(&desk).unwrap_err();
    assert!(matches!(&refused, VaultError::Unwilling { slot, .. } if slot == "keychain"), "{refused:?}");
    assert!(refused.hint().unwrap().contains("slots remove keychain"));
    assert_eq!(desk.listing().iter().map(|n| desk.read(n)).collect::<Vec<_>>(), before);
    desk.vault.remove_slot("keychain").unwrap();
    rekey(&desk).unwrap();
}

#[test]
fn a_key_file_that_is_not_there_is_not_made_anew_and_one_that_holds_another_identity_is_not_written_over() {
    let desk = full();
    let path = desk.dir.path().join("key.txt");
    let stick = desk.dir.path().join("stick.txt");
    std::fs::rename(&path, &stick).unwrap();
    let before: Vec<_> = desk.listing().iter().map(|n| desk.read(n)).collect();
    let refused = rekey(&desk).unwrap_err();
    assert!(matches!(&refused, VaultError::Unwilling { slot, .. } if slot == "keyfile"), "{refused:?}");
    assert!(refused.to_string().contains("is not there; bring it back"), "{refused}");
    assert!(refused.hint().unwrap().contains("nothing was changed"));
    assert!(!path.exists());
    assert_eq!(desk.listing().iter().map(|n| desk.read(n)).collect::<Vec<_>>(), before);
    let another = crate::vault::holder::text_of(&Identity::generate()).expose().to_owned();
    files::replace(&path, another.as_bytes(), 0o600).unwrap();
    let refused = rekey(&desk).unwrap_err();
    assert!(refused.to_string().contains("holds another identity"), "{refused}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), another);
    std::fs::rename(&stick, &path).unwrap();
    rekey(&desk).unwrap();
}

#[test]
fn a_key_file_from_before_is_told_as_such_and_not_as_damage() {
    let desk = Desk::new();
    let path = desk.dir.path().join("key.txt");
    desk.vault.create(&Keep::Keyfile(path.clone()), &Nobody).unwrap();
    let stale = std::fs::read(&path).unwrap();
    rekey(&desk).unwrap();
    files::replace(&path, &stale, 0o600).unwrap();
    let told = desk.open().unwrap_err();
    assert!(matches!(&told, VaultError::Locked(why) if why == "slot keyfile holds another identity"), "{told:?}");
    assert!(!told.hint().unwrap().contains("move it away"));
}

/// Somebody who presses Ctrl-C when asked.
struct Interrupts;

impl Ask for Interrupts {
    fn interactive(&self) -> bool {
        true
    }

    fn passphrase(&self, _: &str, _: bool) -> Option<Secret> {
        std::panic::resume_unwind(Box::new("interrupted"))
    }
}

#[test]
fn an_interrupted_question_leaves_nothing_behind() {
    let desk = Desk::made();
    let opened = desk.open().unwrap();
    for keep in [Keep::Keyfile(desk.dir.path().join("key.txt")), Keep::Machine, Keep::Keychain, Keep::Passphrase] {
        opened.add_slot(&keep, None, &Types("correct horse")).unwrap();
    }
    let around = || {
        let names =
            |dir| std::fs::read_dir(dir).unwrap().map(|e: std::io::Result<std::fs::DirEntry>| e.unwrap().path());
        let mut all: Vec<_> = names(desk.dir.path()).chain(names(&desk.vault.dir)).collect();
        all.sort();
        all
    };
    let before = around();
    let rekey = || desk.vault.rekey(&Interrupts, &|_| 0, &Renewal::default(), &super::still);
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(rekey)).unwrap_err();
    assert_eq!((around(), desk.ring.entries()), (before, 1));
    assert!(desk.open().is_ok());
}

#[cfg(unix)]
#[test]
fn a_command_is_replaced_by_one_that_prints_a_new_identity_or_dropped() {
    let desk = Desk::made();
    desk.put("work");
    let file = |name: &str| desk.dir.path().join(name);
    let cat = |name: &str| ["cat", file(name).to_str().unwrap()].map(str::to_owned).to_vec();
    let opened = desk.open().unwrap();
    opened.add_slot(&Keep::Keyfile(file("old")), Some("for-pass"), &Nobody).unwrap();
    opened.add_slot(&Keep::Command(cat("old")), None, &Nobody).unwrap();
    desk.vault.remove_slot("for-pass").unwrap();

    let same =
        desk.vault.rekey(&Nobody, &|_| 0, &Renewal { command: Some(cat("old")), ..Renewal::default() }, &super::still);
    assert!(same.unwrap_err().to_string().contains("the identity that opens the accounts now"));
    let new = crate::vault::holder::text_of(&Identity::generate());
    crate::vault::holder::write_keyfile(&file("new"), &new).unwrap();
    let wish = Renewal { command: Some(cat("new")), ..Renewal::default() };
    let done = desk.vault.rekey(&Nobody, &|_| 0, &wish, &super::still).unwrap();
    assert!(done.dropped.is_empty());
    desk.vault.remove_slot("plaintext").unwrap();
    assert_eq!(desk.names(), ["work"]);

    let refused = rekey(&desk).unwrap_err();
    assert!(refused.to_string().contains("--command"), "the only one is never dropped: {refused}");
    desk.open().unwrap().add_slot(&Keep::Keychain, None, &Nobody).unwrap();
    let done = rekey(&desk).unwrap();
    assert_eq!(done.dropped[0].0, "command");
    assert_eq!(done.kept.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["keychain"]);
    assert_eq!(desk.names(), ["work"]);
}

#[test]
fn an_older_copy_that_the_user_means_is_taken_on_his_word_only() {
    let desk = Desk::made();
    desk.put("restored");
    let copy = desk.read(FILE);
    desk.open().unwrap().remove("restored").unwrap();
    let seen = desk.open().unwrap().generation();
    desk.write(FILE, &copy);
    let id = desk.vault.book().unwrap().id.unwrap();
    let recall = |asked: &str| if asked == id { seen } else { 0 };
    let refused = desk.vault.rekey(&Nobody, &recall, &Renewal::default(), &super::still).unwrap_err();
    assert!(matches!(refused, VaultError::Older { .. }));
    assert!(refused.hint().unwrap().contains("rekey --accept-older"), "{refused:?}");
    let wish = Renewal { accept_older: true, ..Renewal::default() };
    desk.vault.rekey(&Nobody, &recall, &wish, &super::still).unwrap();
    assert_eq!(names(&desk.vault.open(&Nobody, &recall).unwrap()), ["restored"]);
}

#[test]
fn the_whole_folder_from_before_is_told_apart() {
    let desk = Desk::made();
    let refused = desk.open_after(u64::MAX).unwrap_err();
    assert!(refused.to_string().contains("its accounts were rekeyed since"), "{refused}");
}

#[test]
fn whoever_had_it_open_is_told_and_loses_nothing_of_the_others() {
    let desk = Desk::made();
    let mut opened = desk.open().unwrap();
    rekey(&desk).unwrap();
    let refused = opened.put(account("late")).unwrap_err();
    assert!(matches!(refused, VaultError::Rekeyed) && refused.hint().is_some(), "{refused:?}");
    assert!(matches!(opened.add_slot(&Keep::Keychain, None, &Nobody), Err(VaultError::Rekeyed)));
    assert_eq!(desk.ring.entries(), 0);
    desk.put("later");
    assert_eq!(desk.names(), ["later"]);
}

#[test]
fn a_damaged_file_is_mended_first() {
    let desk = Desk::made();
    desk.put("first");
    desk.put("second");
    desk.write(FILE, b"rubbish");
    rekey(&desk).unwrap();
    assert_eq!(desk.names(), ["first"]);
    assert!(!desk.listing().contains(&DAMAGED.to_owned()), "what the old identity may still open is gone");
}

#[test]
fn a_key_file_with_more_in_it_is_kept_aside() {
    let desk = Desk::new();
    let path = desk.dir.path().join("key.txt");
    let text = crate::vault::holder::text_of(&Identity::generate());
    let content = format!("# mine, from age-keygen\n{}\n", text.expose());
    files::create_private(&path, content.as_bytes()).unwrap();
    desk.vault.create(&Keep::Keyfile(path.clone()), &Nobody).unwrap().put(account("work")).unwrap();
    rekey(&desk).unwrap();
    assert_eq!(desk.names(), ["work"]);
    assert_eq!(std::fs::read_to_string(desk.dir.path().join("key.txt.old")).unwrap(), content);
    assert!(!std::fs::read_to_string(&path).unwrap().contains(text.expose()));
}

#[test]
fn an_interrupted_rekeying_leaves_both_lists_and_the_next_one_clears_them_away() {
    let desk = full();
    let mut book = desk.vault.book().unwrap();
    // As it is after its first step: new holders wait, and nothing was sealed to them yet.
    let wait = desk.dir.path().join("key.txt.new-01234567");
    let new = crate::vault::holder::text_of(&Identity::generate());
    crate::vault::holder::write_keyfile(&wait, &new).unwrap();
    let name = "keyfile (new)".to_owned();
    book.next = vec![slots::Slot { name, kind: Kind::Keyfile { path: wait.clone() } }];
    slots::write(&desk.vault.dir, &book).unwrap();
    assert_eq!(desk.names(), ["first", "second"], "the new identity opens nothing, so the old one is asked");
    desk.put("third");
    let done = rekey(&desk).unwrap();
    assert_eq!(done.kept.len(), 5);
    assert!(!wait.exists());
    assert_eq!(desk.names(), ["first", "second", "third"]);
    assert!(desk.vault.book().unwrap().next.is_empty());
}

#[test]
fn a_key_file_that_still_waits_when_a_rekeying_is_interrupted_gets_to_its_place_with_the_next() {
    let desk = Desk::new();
    let path = desk.dir.path().join("key.txt");
    desk.vault.create(&Keep::Keyfile(path.clone()), &Nobody).unwrap();
    let (before, old) = (desk.vault.book().unwrap(), std::fs::read(&path).unwrap());
    rekey(&desk).unwrap();
    // As it is when both files are written, and neither the list nor the key file has moved.
    let wait = desk.dir.path().join("key.txt.new-01234567");
    std::fs::rename(&path, &wait).unwrap();
    files::replace(&path, &old, 0o600).unwrap();
    let mut both = before;
    both.next = vec![slots::Slot { name: "keyfile (new)".to_owned(), kind: Kind::Keyfile { path: wait.clone() } }];
    slots::write(&desk.vault.dir, &both).unwrap();
    desk.put("first");
    let done = rekey(&desk).unwrap();
    assert_eq!(done.kept.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["keyfile"]);
    assert!(!wait.exists());
    assert_eq!(desk.names(), ["first"]);
}

#[test]
fn a_rekeying_that_was_interrupted_late_is_finished_with_the_new_holders() {
    let desk = full();
    let before = desk.vault.book().unwrap();
    let old = old_identity(&desk);
    rekey(&desk).unwrap();
    let (file, backup, after) = (desk.read(FILE), desk.read(BACKUP), desk.vault.book().unwrap());
    // As it is when both files are written and the list is not: the old holders that are left open nothing.
    let mut both = before;
    both.next = after.slots;
    slots::write(&desk.vault.dir, &both).unwrap();
    assert_eq!(desk.names(), ["first", "second"]);
    assert!(!seal::fits(&old, &file) && !seal::fits(&old, &backup));
    let done = rekey(&desk).unwrap();
    assert_eq!(done.kept.len(), 5);
    assert_eq!(desk.ring.entries(), 1, "no identity is left behind in the keychain");
    assert_eq!(desk.names(), ["first", "second"]);
}
