//! Files that must be private and whole.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::world::files::{
    create_private, erase, open_private, private_dir, read_bounded, read_own, read_private, replace, replace_erasing,
    sweep,
};

fn folder() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("file");
    (dir, path)
}

fn listing(dir: &Path) -> Vec<String> {
    let mut out: Vec<String> =
        std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    out.sort();
    out
}

#[test]
fn what_was_replaced_is_read_and_nothing_else_is_left() {
    let (dir, path) = folder();
    replace(&path, b"one", 0o600).unwrap();
    replace(&path, b"two", 0o600).unwrap();
    assert_eq!(read_private(&path, 3).unwrap(), b"two");
    assert_eq!(listing(dir.path()), ["file"]);
}

#[test]
fn a_replacement_that_fails_leaves_the_old_and_no_temporary_file() {
    let (dir, path) = folder();
    std::fs::create_dir(&path).unwrap();
    assert!(replace(&path, b"new", 0o600).is_err(), "a folder is not replaced by a file");
    assert_eq!(listing(dir.path()), ["file"]);
    assert!(replace(&dir.path().join("no/such/folder"), b"x", 0o600).is_err());
    assert!(replace(Path::new("/"), b"x", 0o600).is_err(), "there is no name");
}

#[test]
fn readers_meet_the_old_or_the_new_and_never_a_half() {
    let (_dir, path) = folder();
    let (old, new) = (vec![b'o'; 100_000], vec![b'n'; 70_000]);
    replace(&path, &old, 0o600).unwrap();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for _ in 0..30 {
                replace(&path, &new, 0o600).unwrap();
                replace(&path, &old, 0o600).unwrap();
            }
        });
        while !writer.is_finished() {
            let read = read_private(&path, 1 << 20).unwrap();
            assert!(read == old || read == new, "{} bytes, {:?} first", read.len(), read.first());
        }
    });
}

#[test]
fn a_new_private_file_is_never_made_over_another() {
    let (_dir, path) = folder();
    create_private(&path, b"mine").unwrap();
    assert_eq!(create_private(&path, b"theirs").unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(read_private(&path, 9).unwrap(), b"mine");
}

#[test]
fn what_is_larger_than_allowed_is_not_read() {
    let (_dir, path) = folder();
    replace(&path, &[7; 11], 0o600).unwrap();
    assert_eq!(read_private(&path, 10).unwrap_err().kind(), ErrorKind::InvalidData);
    assert_eq!(read_bounded(&path, 10).unwrap_err().kind(), ErrorKind::InvalidData);
    assert_eq!(read_bounded(&path, 11).unwrap().len(), 11);
}

#[test]
fn what_is_not_there_is_not_found_and_a_folder_is_no_file() {
    let (dir, path) = folder();
    assert_eq!(read_private(&path, 9).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(read_bounded(&path, 9).unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(read_private(dir.path(), 9).unwrap_err().kind(), ErrorKind::IsADirectory);
    assert_eq!(read_bounded(dir.path(), 9).unwrap_err().kind(), ErrorKind::IsADirectory);
}

#[test]
fn an_opened_file_keeps_what_is_in_it() {
    let (_dir, path) = folder();
    drop(open_private(&path).unwrap());
    replace(&path, b"kept", 0o600).unwrap();
    drop(open_private(&path).unwrap());
    assert_eq!(read_private(&path, 9).unwrap(), b"kept");
}

#[cfg(unix)]
mod on_unix {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

    use super::*;
    use crate::world::files::{check_dir, close_dir, own_uid};
    use crate::world::process::Run;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn we_are_who_owns_what_we_make() {
        let (_dir, path) = folder();
        replace(&path, b"", 0o600).unwrap();
        assert_eq!(own_uid().unwrap(), std::fs::metadata(&path).unwrap().uid());
    }

    #[test]
    fn modes_are_as_asked_whatever_the_umask_is() {
        let (dir, path) = folder();
        for wanted in [0o600, 0o644, 0o755, 0o666] {
            replace(&path, b"x", wanted).unwrap();
            assert_eq!(mode(&path), wanted);
        }
        drop(open_private(&dir.path().join("opened")).unwrap());
        create_private(&dir.path().join("created"), b"x").unwrap();
        private_dir(&dir.path().join("a/b")).unwrap();
        for (name, wanted) in [("opened", 0o600), ("created", 0o600), ("a", 0o700), ("a/b", 0o700)] {
            assert_eq!(mode(&dir.path().join(name)), wanted, "{name}");
        }
    }

    #[test]
    fn what_others_can_read_is_refused_with_the_command_that_mends_it() {
        let (_dir, path) = folder();
        replace(&path, b"x", 0o600).unwrap();
        for bit in [0o040, 0o020, 0o010, 0o004, 0o002, 0o001] {
            set_mode(&path, 0o600 | bit);
            let refused = read_private(&path, 9).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::PermissionDenied, "{bit:o}");
            assert!(refused.to_string().ends_with(&format!("run: chmod 600 {}", path.display())), "{refused}");
            assert!(open_private(&path).is_err(), "{bit:o}");
        }
        assert_eq!(read_bounded(&path, 9).unwrap(), b"x", "not everything is private");
    }

    #[test]
    fn links_are_not_followed_wherever_they_lead() {
        let (dir, path) = folder();
        let link = dir.path().join("link");
        symlink(&path, &link).unwrap();
        assert_eq!(read_private(&link, 9).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert!(open_private(&link).is_err());
        assert!(create_private(&link, b"x").is_err());
        assert!(!path.exists(), "nothing was made behind it");
        replace(&path, b"theirs", 0o600).unwrap();
        assert_eq!(read_private(&link, 9).unwrap_err().kind(), ErrorKind::InvalidInput);
        replace(&link, b"ours", 0o600).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs", "a replacement replaces the link");
    }

    #[test]
    fn a_pipe_is_refused_and_not_waited_for() {
        let (dir, path) = folder();
        let run = Run {
            program: "mkfifo",
            args: vec![path.clone().into()],
            cwd: dir.path(),
            stdin: None,
            env: Vec::new(),
            timeout: None,
        };
        assert!(run.collect().unwrap().ok());
        set_mode(&path, 0o600);
        for refused in [read_private(&path, 9), read_bounded(&path, 9)] {
            assert!(refused.unwrap_err().to_string().ends_with("is not a plain file"));
        }
        assert!(open_private(&path).is_err());
        assert!(read_bounded(Path::new("/dev/zero"), 9).is_err());
    }

    #[test]
    fn what_belongs_to_somebody_else_is_refused() {
        let (dir, path) = folder();
        // Only root can give files away; everybody else finds enough of root's.
        let (file, folder) = if own_uid().unwrap() == 0 {
            replace(&path, b"x", 0o600).unwrap();
            let sub = dir.path().join("sub");
            private_dir(&sub).unwrap();
            chown(&path, Some(65_534), None).unwrap();
            chown(&sub, Some(65_534), None).unwrap();
            (path, Some(sub))
        } else {
            (PathBuf::from("/etc/passwd"), None)
        };
        let refused = read_private(&file, 1 << 20).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::PermissionDenied);
        assert!(refused.to_string().ends_with("belongs to another user"), "{refused}");
        if let Some(folder) = folder {
            assert!(check_dir(&folder).unwrap_err().to_string().ends_with("belongs to another user"));
        }
    }

    #[test]
    fn a_folder_in_which_others_can_write_is_refused_until_it_is_closed() {
        let (dir, path) = folder();
        private_dir(&path).unwrap();
        check_dir(&path).unwrap();
        for open in [0o720, 0o702, 0o777, 0o1777] {
            set_mode(&path, open);
            let refused = check_dir(&path).unwrap_err();
            assert!(refused.to_string().contains("chmod go-w"), "{refused}");
            close_dir(&path).unwrap();
            check_dir(&path).unwrap();
            assert_eq!(mode(&path), open & 0o7755, "and nothing else is taken away");
        }
        assert_eq!(check_dir(&dir.path().join("none")).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn a_folder_behind_a_link_counts_as_what_it_is() {
        let (dir, path) = folder();
        private_dir(&path).unwrap();
        let link = dir.path().join("link");
        symlink(&path, &link).unwrap();
        check_dir(&link).unwrap();
        set_mode(&path, 0o777);
        assert!(check_dir(&link).is_err());
    }
}

#[test]
fn what_is_erased_or_replaced_so_is_overwritten_first() {
    let (dir, path) = folder();
    for replaced in [true, false] {
        replace(&path, &vec![b'x'; 20_000], 0o644).unwrap();
        // Whoever has the file open sees what becomes of its blocks.
        let held = std::fs::File::open(&path).unwrap();
        if replaced {
            replace_erasing(&path, b"new", 0o600).unwrap();
            assert_eq!(read_private(&path, 9).unwrap(), b"new");
        } else {
            erase(&path).unwrap();
        }
        assert_eq!(std::io::read_to_string(held).unwrap(), "\0".repeat(20_000));
    }
    assert!(listing(dir.path()).is_empty());
    assert_eq!(erase(&path).unwrap_err().kind(), ErrorKind::NotFound);
}

#[test]
fn a_new_file_never_takes_another_s_place_and_leaves_nothing_beside_it() {
    let (dir, path) = folder();
    create_private(&path, b"one").unwrap();
    assert_eq!(create_private(&path, b"two").unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!((read_private(&path, 9).unwrap(), listing(dir.path())), (b"one".to_vec(), vec!["file".to_owned()]));
}

#[cfg(unix)]
#[test]
fn a_link_is_neither_read_nor_erased() {
    let (dir, path) = folder();
    replace(&dir.path().join("theirs"), b"kept", 0o644).unwrap();
    std::os::unix::fs::symlink(dir.path().join("theirs"), &path).unwrap();
    assert!(read_own(&path, 9).is_err() && erase(&path).is_err() && replace_erasing(&path, b"", 0o600).is_err());
    assert_eq!(read_own(&dir.path().join("theirs"), 9).unwrap(), b"kept");
}

#[cfg(target_os = "linux")]
#[test]
fn a_descriptor_of_our_own_is_not_taken_for_one_that_was_handed_over() {
    use std::os::fd::AsRawFd;
    let (_dir, path) = folder();
    replace(&path, b"ours", 0o600).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    let number = u32::try_from(file.as_raw_fd()).unwrap();
    let refused = crate::world::files::read_descriptor(number, 9).unwrap_err();
    assert_eq!(refused.to_string(), "it is not open");
    assert!(crate::world::files::read_descriptor(0, 1 << 20).is_ok(), "standard input was handed over");
}

#[cfg(unix)]
#[test]
fn sweeping_erases_what_was_left_behind_but_not_what_is_just_being_put_in_its_place() {
    let (dir, path) = folder();
    let beside = |tail: &str| dir.path().join(format!(".file.{tail}.tmp"));
    // As a writer has it for a moment: one file under both names.
    create_private(&beside("0123456789ab"), b"precious").unwrap();
    std::fs::hard_link(beside("0123456789ab"), &path).unwrap();
    create_private(&beside("ba9876543210"), b"left over").unwrap();
    let held = std::fs::File::open(beside("ba9876543210")).unwrap();
    sweep(&path);
    assert_eq!(listing(dir.path()), ["file"]);
    assert_eq!(std::fs::read(&path).unwrap(), b"precious");
    assert_eq!(std::io::read_to_string(held).unwrap(), "\0".repeat(9), "overwritten, not only unlinked");
}
