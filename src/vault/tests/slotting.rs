//! Slots that come and go while the sealed file stays as it is.

use super::{Desk, Mood, Nobody, Patience, Types, account, names};
use crate::vault::{FILE, Keep, Kind, VaultError, slots};

fn kinds(desk: &Desk) -> Vec<String> {
    desk.vault.slots().unwrap().into_iter().map(|s| s.name).collect()
}

#[test]
fn one_more_holder_opens_the_same_file() {
    let desk = Desk::made();
    desk.put("work");
    let before = desk.read(FILE);
    let keyfile = desk.dir.path().join("key.txt");
    let opened = desk.open().unwrap();
    for keep in [Keep::Keychain, Keep::Passphrase, Keep::Keyfile(keyfile), Keep::Machine] {
        let (slot, _) = opened.add_slot(&keep, None, &Types("correct horse")).unwrap();
        let mut alone = desk.vault.book().unwrap();
        let all = alone.slots.clone();
        alone.slots.retain(|s| s.name == slot.name);
        slots::write(&desk.vault.dir, &alone).unwrap();
        assert_eq!(names(&desk.vault.open(&Types("correct horse"), &|_| 0).unwrap()), ["work"], "{keep:?} alone");
        alone.slots = all;
        slots::write(&desk.vault.dir, &alone).unwrap();
    }
    assert_eq!(desk.read(FILE), before);
    assert_eq!(kinds(&desk), ["plaintext", "keychain", "passphrase", "keyfile", "machine"]);
}

#[test]
fn names_are_the_user_s_or_counted_and_never_twice_the_same() {
    let desk = Desk::made();
    let opened = desk.open().unwrap();
    for _ in 0..2 {
        opened.add_slot(&Keep::Keychain, None, &Nobody).unwrap();
    }
    opened.add_slot(&Keep::Keychain, Some("laptop"), &Nobody).unwrap();
    assert_eq!(kinds(&desk), ["plaintext", "keychain", "keychain-2", "laptop"]);
    for name in ["laptop", "", " ", "a\nb"] {
        let refused = opened.add_slot(&Keep::Keychain, Some(name), &Nobody).unwrap_err();
        assert!(matches!(refused, VaultError::SlotTaken(_)), "{refused:?}");
    }
    assert_eq!(desk.ring.entries(), 3, "what came to nothing left nothing");
}

#[test]
fn a_removed_slot_takes_its_entry_along_and_touches_no_data() {
    let desk = Desk::made();
    desk.put("work");
    desk.open().unwrap().add_slot(&Keep::Keychain, None, &Nobody).unwrap();
    let before = desk.read(FILE);
    let (slot, left) = desk.vault.remove_slot("keychain").unwrap();
    assert!(matches!(slot.kind, Kind::Keychain { .. }) && left.is_none());
    assert_eq!((desk.ring.entries(), desk.read(FILE)), (0, before));
    assert_eq!(desk.names(), ["work"]);
    desk.open().unwrap().add_slot(&Keep::Machine, None, &Nobody).unwrap();
    assert_eq!(desk.listing().iter().filter(|n| n.starts_with("machine-")).count(), 1);
    desk.vault.remove_slot("machine").unwrap();
    assert_eq!(desk.listing().iter().filter(|n| n.starts_with("machine-")).count(), 0);
}

#[test]
fn the_last_slot_stays_and_one_that_is_not_there_is_told() {
    let desk = Desk::made();
    desk.put("work");
    assert!(matches!(desk.vault.remove_slot("keychain"), Err(VaultError::NoSuchSlot(_))));
    let refused = desk.vault.remove_slot("plaintext").unwrap_err();
    assert!(matches!(refused, VaultError::LastSlot(_)), "{refused:?}");
    assert!(refused.hint().unwrap().contains("slots add"));
    assert_eq!(desk.names(), ["work"]);
}

#[test]
fn a_holder_that_cannot_take_it_leaves_everything_as_it_was() {
    let desk = Desk::made();
    let opened = desk.open().unwrap();
    let before = desk.read(slots::FILE);
    desk.ring.turn(Mood::Refuses);
    assert!(opened.add_slot(&Keep::Keychain, None, &Nobody).is_err());
    let other = desk.dir.path().join("other.txt");
    crate::world::files::create_private(&other, age_text().as_bytes()).unwrap();
    let refused = opened.add_slot(&Keep::Keyfile(other.clone()), None, &Nobody).unwrap_err();
    assert!(refused.to_string().contains("holds another identity"), "{refused}");
    assert!(std::fs::read_to_string(&other).unwrap().starts_with("AGE-SECRET-KEY"), "it is not written over");
    #[cfg(unix)]
    {
        let argv = ["cat", other.to_str().unwrap()].map(str::to_owned).to_vec();
        let refused = opened.add_slot(&Keep::Command(argv), None, &Nobody).unwrap_err();
        assert!(matches!(refused, VaultError::OtherIdentity(_)) && refused.hint().is_some(), "{refused:?}");
    }
    assert_eq!(desk.read(slots::FILE), before);
}

fn age_text() -> String {
    crate::vault::holder::text_of(&age::x25519::Identity::generate()).expose().to_owned()
}

#[cfg(unix)]
#[test]
fn a_command_is_added_once_its_program_has_the_identity() {
    let desk = Desk::made();
    desk.put("work");
    let file = desk.dir.path().join("store");
    let opened = desk.open().unwrap();
    opened.add_slot(&Keep::Keyfile(file.clone()), Some("for-pass"), &Nobody).unwrap();
    let argv = ["cat", file.to_str().unwrap()].map(str::to_owned).to_vec();
    opened.add_slot(&Keep::Command(argv), None, &Nobody).unwrap();
    desk.vault.remove_slot("for-pass").unwrap();
    desk.vault.remove_slot("plaintext").unwrap();
    assert_eq!(names(&desk.vault.open(&Patience, &|_| 0).unwrap()), ["work"]);
}

#[test]
fn a_machine_bound_key_file_is_called_weak_and_opens_nowhere_else() {
    let mut desk = Desk::new();
    let made = desk.vault.create(&Keep::Machine, &Nobody).unwrap();
    assert!(made.warnings()[0].contains("protects only copies"), "{:?}", made.warnings());
    desk.put("work");
    let slot = desk.vault.slots().unwrap().remove(0);
    assert!(slot.kind.weak() && slot.kind.note().starts_with("weak"));
    for name in desk.listing() {
        let bytes = desk.read(&name);
        assert!(!bytes.windows(14).any(|w| w == b"AGE-SECRET-KEY"), "{name}");
    }
    desk.vault.machine = Some("ffffffffffffffffffffffffffffffff".to_owned());
    let locked = desk.open().unwrap_err().to_string();
    assert!(locked.contains("made on another machine"), "{locked}");
    let Kind::Machine { file } = slot.kind else { panic!("{slot:?}") };
    desk.write(&file, b"{\"salt\":1}");
    assert!(desk.open().unwrap_err().to_string().contains("damaged (line 1"), "{:?}", desk.open());
}

#[test]
fn a_list_that_names_a_file_elsewhere_is_not_followed() {
    let desk = Desk::made();
    for file in ["../accounts.age", "/etc/passwd", "slots.json", ""] {
        let mut book = desk.vault.book().unwrap();
        book.slots = vec![slots::Slot { name: "machine".into(), kind: Kind::Machine { file: file.into() } }];
        slots::write(&desk.vault.dir, &book).unwrap();
        assert!(desk.open().unwrap_err().to_string().contains("none of ours"), "{file}");
    }
}

#[test]
fn an_interrupted_rekeying_is_finished_before_slots_come_or_go() {
    let desk = Desk::made();
    let opened = desk.open().unwrap();
    let mut book = desk.vault.book().unwrap();
    book.next = book.slots.clone();
    slots::write(&desk.vault.dir, &book).unwrap();
    assert!(matches!(opened.add_slot(&Keep::Keychain, None, &Nobody), Err(VaultError::Unsettled)));
    let refused = desk.vault.remove_slot("plaintext").unwrap_err();
    assert!(refused.hint().unwrap().contains("accounts rekey"), "{refused:?}");
    desk.put("work");
    assert_eq!(desk.names(), ["work"], "everything else goes on");
}

#[test]
fn a_list_from_before_it_had_an_id_is_read_and_given_one() {
    let desk = Desk::made();
    let mut book = desk.vault.book().unwrap();
    book.id = None;
    slots::write(&desk.vault.dir, &book).unwrap();
    desk.put("work");
    desk.open().unwrap().add_slot(&Keep::Keychain, None, &Nobody).unwrap();
    assert_eq!(desk.vault.book().unwrap().id, Some(desk.open().unwrap().id()));
    assert_eq!(account("work").name, desk.names()[0]);
}

#[test]
fn a_slot_stays_while_no_other_gives_the_identity() {
    let desk = Desk::new();
    desk.vault.create(&Keep::Passphrase, &Types("correct horse")).unwrap();
    let opened = desk.vault.open(&Types("correct horse"), &|_| 0).unwrap();
    opened.add_slot(&Keep::Keychain, None, &Nobody).unwrap();
    let before = desk.read(slots::FILE);
    for mood in [Mood::Forgets, Mood::Refuses, Mood::Lies] {
        desk.ring.turn(mood);
        let refused = desk.vault.remove_slot("passphrase").unwrap_err();
        assert!(matches!(&refused, VaultError::OnlySlot { why, .. } if why.contains("keychain")), "{refused:?}");
        assert!(refused.hint().unwrap().contains("slots add"), "{refused:?}");
        assert_eq!(desk.read(slots::FILE), before, "{mood:?}");
    }
    let other = Desk::made().vault.slots().unwrap().remove(0);
    let mut book = desk.vault.book().unwrap();
    book.slots.push(other);
    slots::write(&desk.vault.dir, &book).unwrap();
    let refused = desk.vault.remove_slot("passphrase").unwrap_err().to_string();
    assert!(refused.contains("what plaintext holds does not open the accounts"), "{refused}");
    // A passphrase counts without being asked for, and the keychain's entry is worth nothing.
    desk.vault.remove_slot("keychain").unwrap();
    desk.vault.remove_slot("plaintext").unwrap();
    assert!(desk.vault.open(&Types("correct horse"), &|_| 0).is_ok());
    desk.ring.turn(Mood::Works);
    opened.add_slot(&Keep::Keychain, None, &Nobody).unwrap();
    desk.vault.remove_slot("passphrase").unwrap();
    assert!(desk.open().is_ok());
}
