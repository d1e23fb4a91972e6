//! Whose the files are, and who else may read or replace them.

// What a test is told comes through its environment.
#![allow(clippy::disallowed_methods)]

use std::os::unix::fs::{PermissionsExt, symlink};

use super::{Desk, Nobody, Patience, Types, account};
use crate::vault::{BACKUP, FILE, Keep, LOCK, VaultError, slots};

fn mode(desk: &Desk, name: &str) -> u32 {
    std::fs::metadata(desk.path(name)).unwrap().permissions().mode() & 0o777
}

fn set_mode(path: &std::path::Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A vault that a passphrase opens, with one account.
fn sealed() -> Desk {
    let desk = Desk::new();
    desk.vault.create(&Keep::Passphrase, &Types("correct horse")).unwrap().put(account("work")).unwrap();
    desk
}

#[test]
fn only_the_owner_may_read_what_is_made() {
    let desk = sealed();
    assert_eq!(mode(&desk, ""), 0o700);
    for name in desk.listing() {
        assert_eq!(mode(&desk, &name), 0o600, "{name}");
    }
    assert_eq!(desk.listing(), [FILE, BACKUP, LOCK, slots::FILE]);
}

#[test]
fn a_file_that_others_can_read_is_refused_before_anybody_is_asked() {
    for name in [FILE, slots::FILE] {
        let desk = sealed();
        set_mode(&desk.path(name), 0o640);
        let refused = desk.vault.open(&Patience, &|_| 0).unwrap_err().to_string();
        assert!(refused.contains("run: chmod 600") && refused.contains(name), "{refused}");
        set_mode(&desk.path(name), 0o600);
        assert!(desk.vault.open(&Types("correct horse"), &|_| 0).is_ok());
    }
}

#[test]
fn a_file_that_others_can_read_by_now_is_not_written_over() {
    let desk = Desk::made();
    let mut opened = desk.open().unwrap();
    desk.put("theirs");
    set_mode(&desk.path(FILE), 0o644);
    assert!(opened.put(account("ours")).is_err(), "what is in it is not known to us");
    set_mode(&desk.path(FILE), 0o600);
    assert_eq!(desk.names(), ["theirs"]);
}

#[test]
fn links_are_not_followed() {
    for name in [FILE, slots::FILE] {
        let desk = sealed();
        let elsewhere = desk.dir.path().join("elsewhere");
        std::fs::rename(desk.path(name), &elsewhere).unwrap();
        symlink(&elsewhere, desk.path(name)).unwrap();
        let refused = desk.vault.open(&Patience, &|_| 0).unwrap_err();
        assert!(matches!(refused, VaultError::Io { .. }), "{refused:?}");
        assert!(refused.to_string().contains("symbolic link"), "{refused}");
    }
    let desk = Desk::made();
    let victim = desk.dir.path().join("victim");
    std::fs::remove_file(desk.path(LOCK)).unwrap();
    symlink(&victim, desk.path(LOCK)).unwrap();
    assert!(desk.open().unwrap().put(account("work")).is_err());
    assert!(!victim.exists(), "nor is anything made behind them");
}

#[test]
fn a_key_file_behind_a_link_is_refused() {
    let desk = Desk::new();
    let (real, link) = (desk.dir.path().join("real"), desk.dir.path().join("link"));
    symlink(&real, &link).unwrap();
    let refused = desk.vault.create(&Keep::Keyfile(link), &Nobody).unwrap_err();
    assert!(refused.to_string().contains("symbolic link"), "{refused}");
    assert!(!real.exists());
}

#[test]
fn a_folder_in_which_others_can_write_is_refused() {
    let desk = sealed();
    let mut opened = desk.vault.open(&Types("correct horse"), &|_| 0).unwrap();
    set_mode(&desk.vault.dir, 0o770);
    let refused = desk.vault.open(&Patience, &|_| 0).unwrap_err().to_string();
    assert!(refused.contains("run: chmod go-w"), "{refused}");
    assert!(opened.put(account("home")).is_err());
    set_mode(&desk.vault.dir, 0o755);
    assert!(opened.put(account("home")).is_ok(), "reading its list of names is no harm");
}

#[test]
fn a_folder_of_ours_in_which_others_could_write_is_closed_before_anything_is_put_there() {
    let desk = Desk::new();
    std::fs::create_dir(&desk.vault.dir).unwrap();
    set_mode(&desk.vault.dir, 0o775);
    desk.vault.create(&Keep::Plaintext, &Nobody).unwrap();
    assert_eq!(mode(&desk, ""), 0o755);
}

#[test]
fn a_file_of_another_user_is_refused_before_anybody_is_asked() {
    for name in [FILE, slots::FILE] {
        let desk = sealed();
        // Only root may give files away.
        if std::os::unix::fs::chown(desk.path(name), Some(12_345), None).is_err() {
            assert!(std::env::var_os("MONSTER_TEST_ALL").is_none(), "files must be given away to test this");
            eprintln!("skipped: files cannot be given to another user here");
            return;
        }
        let refused = desk.vault.open(&Patience, &|_| 0).unwrap_err().to_string();
        assert!(refused.contains("belongs to another user") && refused.contains(name), "{refused}");
    }
}

#[test]
fn a_passphrase_is_read_from_a_descriptor_to_its_end_and_once() {
    use std::io::Write;
    use std::os::fd::AsRawFd;
    // As a shell hands it over: open in the program that it starts.
    let pipe = || {
        let (reader, writer) = std::io::pipe().unwrap();
        rustix::io::fcntl_setfd(&reader, rustix::io::FdFlags::empty()).unwrap();
        (reader, writer)
    };
    let (reader, mut writer) = pipe();
    writer.write_all(b"correct horse\n").unwrap();
    drop(writer);
    let mut desk = Desk::new();
    desk.vault.given.fd = Some(reader.as_raw_fd().to_string());
    desk.vault.create(&Keep::Passphrase, &Nobody).unwrap().put(account("work")).unwrap();
    assert_eq!(desk.names(), ["work"], "a drained pipe is not read again");
    for (fd, why) in [("x", "no descriptor number"), ("9999", "not open"), ("-1", "no descriptor number")] {
        desk.vault.given.fd = Some(fd.to_owned());
        let refused = desk.open().unwrap_err().to_string();
        assert!(refused.contains(why) && refused.contains("MONSTER_PASSPHRASE_FD"), "{refused}");
    }
    let (reader, mut writer) = pipe();
    let filled = std::thread::spawn(move || drop(writer.write_all(&[b'x'; 70_000])));
    desk.vault.given.fd = Some(reader.as_raw_fd().to_string());
    assert!(desk.open().unwrap_err().to_string().contains("larger than 65536 bytes"));
    drop(reader);
    filled.join().unwrap();
}
