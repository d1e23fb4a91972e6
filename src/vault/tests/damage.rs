//! Damage, crashes between two steps, and older copies put back.

use super::{Desk, Nobody, account, names};
use crate::vault::{BACKUP, DAMAGED, FILE, Keep, VaultError, slots};
use crate::world::files;

/// Two accounts, so that the previous generation holds the first one only.
fn two() -> Desk {
    let desk = Desk::made();
    desk.put("first");
    desk.put("second");
    desk
}

fn warned(desk: &Desk) -> bool {
    desk.open().unwrap().warnings().iter().any(|w| w.contains("is damaged"))
}

#[test]
fn a_damaged_file_opens_the_previous_generation_and_says_so() {
    assert!(!two().open().unwrap().recovered());
    // How many hundredths of the file are left.
    for left in [0, 1, 50, 99] {
        let desk = two();
        let mut bytes = desk.read(FILE);
        bytes.truncate(bytes.len() * left / 100);
        desk.write(FILE, &bytes);
        let opened = desk.open().unwrap();
        assert_eq!(names(&opened), ["first"], "{left} hundredths are left");
        assert!(opened.warnings().iter().any(|w| w.contains("the last change is lost")), "{:?}", opened.warnings());
        assert_eq!(desk.read(FILE), bytes, "looking changes nothing");
    }
}

#[test]
fn a_lost_file_opens_the_previous_generation() {
    let desk = two();
    std::fs::remove_file(desk.path(FILE)).unwrap();
    assert!(desk.vault.exists());
    assert!(warned(&desk));
    assert_eq!(desk.names(), ["first"]);
    assert!(matches!(desk.vault.create(&Keep::Plaintext, &Nobody), Err(VaultError::Exists(_))), "nor is it made anew");
}

#[test]
fn the_next_change_mends_the_file_and_keeps_the_damaged_one_aside() {
    let desk = two();
    desk.write(FILE, b"rubbish");
    desk.put("third");
    assert_eq!(desk.names(), ["first", "third"]);
    assert!(!warned(&desk));
    assert_eq!(desk.read(DAMAGED), b"rubbish");
    desk.write(FILE, b"rubbish again");
    assert_eq!(desk.names(), ["first"], "the generation before that change is kept, too");
}

#[test]
fn mending_counts_on_from_what_was_seen() {
    let desk = two();
    let seen = desk.open().unwrap().generation();
    desk.write(FILE, b"rubbish");
    let mut opened = desk.open_after(seen).unwrap();
    assert_eq!(opened.generation(), seen, "it stands in for the lost one");
    opened.put(account("third")).unwrap();
    assert_eq!(opened.generation(), seen + 1);
    assert_eq!(names(&desk.open_after(seen + 1).unwrap()), ["first", "third"]);
    desk.write(FILE, b"rubbish again");
    assert_eq!(names(&desk.open_after(seen + 1).unwrap()), ["first"], "and it can be mended again");
}

#[test]
fn two_who_mend_at_once_lose_nothing_of_each_other() {
    let desk = two();
    desk.write(FILE, b"rubbish");
    let (mut one, mut other) = (desk.open().unwrap(), desk.open().unwrap());
    one.put(account("third")).unwrap();
    other.put(account("fourth")).unwrap();
    assert_eq!(desk.names(), ["first", "third", "fourth"]);
}

#[test]
fn when_nothing_can_be_opened_nothing_is_changed() {
    let desk = two();
    desk.write(FILE, b"rubbish");
    desk.write(BACKUP, b"rubbish, too");
    let refused = desk.open().unwrap_err();
    assert!(matches!(refused, VaultError::Sealed(_)), "{refused:?}");
    assert!(refused.hint().unwrap().contains("backup"));
    assert_eq!((desk.read(FILE), desk.read(BACKUP)), (b"rubbish".to_vec(), b"rubbish, too".to_vec()));
}

#[test]
fn an_older_copy_is_refused() {
    let desk = Desk::made();
    desk.put("revoked");
    let copy = desk.read(FILE);
    desk.open().unwrap().remove("revoked").unwrap();
    let seen = desk.open().unwrap().generation();
    desk.write(FILE, &copy);
    let refused = desk.open_after(seen).unwrap_err();
    assert!(matches!(refused, VaultError::Older { found: 2, seen: 3 }), "{refused:?}");
    assert!(refused.hint().is_some());
    assert_eq!(desk.read(FILE), copy);
}

#[test]
fn damage_is_no_way_to_put_an_older_copy_back() {
    let desk = Desk::made();
    desk.put("revoked");
    let copy = desk.read(FILE);
    desk.open().unwrap().remove("revoked").unwrap();
    desk.put("other");
    let seen = desk.open().unwrap().generation();
    desk.write(FILE, b"rubbish");
    assert_eq!(names(&desk.open_after(seen).unwrap()), Vec::<String>::new(), "the real previous generation will do");
    desk.write(BACKUP, &copy);
    let refused = desk.open_after(seen).unwrap_err();
    assert!(matches!(refused, VaultError::Older { found: 2, seen: 4 }), "{refused:?}");
}

#[test]
fn an_older_copy_put_back_while_we_work_is_not_written_over() {
    let desk = two();
    let mut opened = desk.open().unwrap();
    let copy = desk.read(BACKUP);
    desk.write(FILE, &copy);
    assert!(matches!(opened.put(account("third")), Err(VaultError::Older { .. })));
    assert_eq!(desk.read(FILE), copy);
}

#[test]
fn generations_are_remembered_under_the_vault_s_own_name() {
    let (one, other) = (two(), two());
    let (one, other) = (one.open().unwrap(), other.open().unwrap());
    assert!(one.id().starts_with("age1"), "{}", one.id());
    assert_ne!(one.id(), other.id());
    let desk = two();
    let id = desk.open().unwrap().id();
    let asked = std::cell::RefCell::new(Vec::new());
    let recall = |id: &str| {
        asked.borrow_mut().push(id.to_owned());
        0
    };
    assert!(desk.vault.open(&Nobody, &recall).is_ok());
    assert_eq!(asked.into_inner(), [id]);
}

#[test]
fn a_crash_between_any_two_steps_of_a_change_leaves_the_old_or_the_new() {
    let desk = two();
    let (old, older) = (desk.read(FILE), desk.read(BACKUP));
    desk.put("third");
    let new = desk.read(FILE);
    // Before anything; temporary files written; previous generation kept; all done but the folder's fsync.
    let steps: [(&[u8], &[u8], &[&str]); 4] = [
        (&old, &older, &["first", "second"]),
        (&old, &older, &["first", "second"]),
        (&old, &old, &["first", "second"]),
        (&new, &old, &["first", "second", "third"]),
    ];
    for (step, (file, backup, expected)) in steps.into_iter().enumerate() {
        desk.write(FILE, file);
        desk.write(BACKUP, backup);
        if step == 1 {
            desk.write(".accounts.age.0123456789ab.tmp", &new[..new.len() / 2]);
        }
        assert_eq!(desk.names(), expected, "after step {step}");
        assert!(!warned(&desk), "after step {step}");
    }
}

#[test]
fn what_a_crash_left_beside_the_file_is_swept_away_by_the_next_change() {
    let desk = two();
    for name in [".accounts.age.0123456789ab.tmp", ".slots.json.0123456789ab.tmp", ".accounts.age.mine.tmp"] {
        desk.write(name, b"half of it");
    }
    desk.put("third");
    desk.open().unwrap().add_slot(&Keep::Plaintext, None, &Nobody).unwrap();
    let hidden: Vec<_> = desk.listing().into_iter().filter(|n| n.starts_with('.')).collect();
    assert_eq!(hidden, [".accounts.age.mine.tmp"], "only what is ours");
}

#[test]
fn a_crash_between_any_two_steps_of_mending_leaves_all_that_was_left() {
    let desk = two();
    desk.write(FILE, b"rubbish");
    let before = desk.read(BACKUP);
    desk.put("third");
    let (kept, mended) = (desk.read(BACKUP), desk.read(FILE));
    desk.write(BACKUP, &before);
    desk.write(FILE, b"rubbish");
    assert_eq!(desk.names(), ["first"], "before anything");
    desk.write(BACKUP, &kept);
    assert_eq!(desk.names(), ["first"], "what stands in is kept");
    std::fs::remove_file(desk.path(FILE)).unwrap();
    assert_eq!(desk.names(), ["first"], "the damaged file is moved aside");
    desk.write(FILE, &mended);
    assert_eq!(desk.names(), ["first", "third"]);
}

#[test]
fn a_crash_while_it_is_made_costs_nothing_but_the_slot() {
    let desk = Desk::made();
    std::fs::remove_file(desk.path(FILE)).unwrap();
    assert!(!desk.vault.exists());
    desk.vault.create(&Keep::Plaintext, &Nobody).unwrap();
    desk.put("first");
    assert_eq!(desk.names(), ["first"]);
}

#[test]
fn a_file_that_was_moved_away_can_be_put_back_with_what_opens_it() {
    let desk = Desk::made();
    desk.put("first");
    let moved = desk.read(FILE);
    std::fs::remove_file(desk.path(FILE)).unwrap();
    std::fs::remove_file(desk.path(BACKUP)).unwrap();
    desk.vault.create(&Keep::Plaintext, &Nobody).unwrap();
    assert!(desk.listing().contains(&"slots.old-1.json".to_owned()), "{:?}", desk.listing());
    desk.write(FILE, &moved);
    std::fs::rename(desk.path("slots.old-1.json"), desk.path(slots::FILE)).unwrap();
    assert_eq!(desk.names(), ["first"]);
}

#[test]
fn a_file_made_anew_for_an_identity_that_was_met_counts_on_from_there() {
    let desk = Desk::new();
    let keep = Keep::Keyfile(desk.dir.path().join("key.txt"));
    desk.vault.create(&keep, &Nobody).unwrap();
    std::fs::remove_file(desk.path(FILE)).unwrap();
    let made = desk.vault.create_after(&keep, &Nobody, &|_| 7).unwrap();
    assert_eq!((made.generation(), desk.open_after(7).unwrap().generation()), (8, 8));
    std::fs::remove_file(desk.path(FILE)).unwrap();
    let refused = desk.vault.create_after(&keep, &Nobody, &|_| u64::MAX).unwrap_err();
    assert!(refused.to_string().contains("was given up by a rekeying"), "{refused}");
    assert!(!desk.vault.exists() && desk.dir.path().join("key.txt").exists());
}

#[cfg(unix)]
#[test]
fn what_keeps_us_from_looking_is_told_and_not_taken_for_nothing() {
    let desk = Desk::new();
    files::replace(&desk.dir.path().join("file"), b"", 0o600).unwrap();
    let mut vault = desk.vault.clone();
    assert!(!vault.exists());
    // Another user's folder says no in the same place; a test that root runs would look into that.
    vault.dir = desk.dir.path().join("file").join("monster");
    assert!(vault.exists());
    assert!(matches!(vault.open(&Nobody, &|_| 0), Err(VaultError::Io { .. })));
}

#[test]
fn a_file_made_anew_while_we_work_is_not_written_over() {
    let desk = two();
    let mut opened = desk.open().unwrap();
    for name in [FILE, BACKUP, slots::FILE] {
        std::fs::remove_file(desk.path(name)).unwrap();
    }
    assert!(opened.put(account("third")).is_err(), "what was removed does not come back");
    assert!(!desk.vault.exists());
    desk.vault.create(&Keep::Plaintext, &Nobody).unwrap();
    desk.put("theirs");
    assert!(opened.put(account("third")).is_err(), "it is sealed to another identity");
    assert_eq!(desk.names(), ["theirs"]);
}

#[test]
fn a_file_damaged_while_we_work_is_not_written_over_unseen() {
    let desk = two();
    let mut opened = desk.open().unwrap();
    desk.write(FILE, b"rubbish");
    assert!(opened.put(account("third")).is_err());
    assert_eq!(desk.read(FILE), b"rubbish");
}

#[test]
fn accounts_without_slots_are_told_and_slots_that_are_damaged_as_well() {
    let desk = two();
    std::fs::remove_file(desk.path(slots::FILE)).unwrap();
    assert!(matches!(desk.open(), Err(VaultError::NoSlot(_))));
    desk.write(slots::FILE, b"{\n  \"version\": 1,\n  \"slots\": [\"AGE-SECRET\"]\n}");
    let told = desk.open().unwrap_err().to_string();
    assert!(told.contains("line 3") && !told.contains("AGE-SECRET"), "{told}");
    desk.write(slots::FILE, br#"{"version":2,"slots":{"shaped":"otherwise"}}"#);
    let newer = desk.open().unwrap_err();
    assert!(matches!(newer, VaultError::Newer { found: 2, known: 1, .. }), "{newer:?}");
    assert!(newer.hint().unwrap().contains("update monster"));
}
