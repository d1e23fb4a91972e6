//! A patch tried by git itself, on a copy of one file in a folder outside any repository.

use std::path::{Component, Path as FsPath};
use std::time::Duration;

use super::Path;
use super::contents::os_path;
use super::rehearse::Stage;
use crate::world::scratch::Scratch;
use crate::world::{Env, files};

/// Longer than this one small patch never takes.
const PATIENCE: Duration = Duration::from_secs(10);

/// What `git apply --check` says of `patch` where `path` holds `text`; `None` when it cannot be asked.
pub(super) fn applies(path: &Path, text: &[u8], patch: &str, env: &Env) -> Option<bool> {
    let name = os_path(path).filter(|name| inside(name))?;
    let scratch = Scratch::new("fix").ok()?;
    let stage = Stage { dir: scratch.path().join("tree"), state: scratch.path().join("state"), env };
    let file = stage.dir.join(name);
    std::fs::create_dir_all(file.parent()?).ok()?;
    files::swap(&file, text, 0o600).ok()?;
    let ran = stage.fed(&["apply", "--check", "-"], Some(patch.as_bytes().to_vec()), PATIENCE).ok()?;
    ran.code.map(|code| code == 0)
}

/// What git says of hunks (`@@ …`) for a file with this content, whatever the file is called: whether `git apply --check`
/// takes them. `None` where nobody can be asked.
#[must_use]
pub fn takes(content: &[u8], hunks: &str, env: &Env) -> Option<bool> {
    applies(&Path::from("file"), content, &format!("--- a/file\n+++ b/file\n{hunks}"), env)
}

/// A tree of git's can hold names that lead out of it.
fn inside(name: &FsPath) -> bool {
    let plain = |part: Component<'_>| match part {
        Component::Normal(part) => !part.eq_ignore_ascii_case(".git"),
        _ => false,
    };
    name.components().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::patch::head;

    fn asked(name: &str, text: &str, line: &str) -> Option<bool> {
        let path = Path::from(name);
        let patch = format!("--- {}\n+++ {}\n@@ -1,1 +1,1 @@\n-{line}\n+new\n", head("a/", &path), head("b/", &path));
        applies(&path, text.as_bytes(), &patch, &Env::system())
    }

    #[test]
    fn git_says_whether_a_patch_applies_whatever_the_file_is_called() {
        for name in ["a.rs", "deep/er/a b.rs", "q\"uote\\.rs", "tab\there.rs", "line\nfeed.rs", "ä.rs", "-x", "\"a\""]
        {
            assert_eq!(asked(name, "old\n", "old"), Some(true), "{name:?}");
            assert_eq!(asked(name, "old\n", "other"), Some(false), "{name:?}");
        }
    }

    #[test]
    fn line_ends_are_content() {
        let env = Env::system();
        assert_eq!(takes(b"a\r\nb\r\n", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n", &env), Some(true));
        assert_eq!(
            takes(b"a\nb \n", "@@ -1,2 +1,2 @@\n a\n-b \n+c  \n", &env),
            Some(true),
            "white space is content too"
        );
        assert_eq!(takes(b"a\nb\n", "@@ -1,2 +1,2 @@\n a\n-x\n+c\n", &env), Some(false));
    }

    #[test]
    fn nothing_is_written_outside_the_folder() {
        for name in ["../a.rs", "/tmp/a.rs", "a/../../b", ".git/config", "x/.GIT/hooks/a", ""] {
            assert_eq!(asked(name, "old\n", "old"), None, "{name:?}");
        }
    }
}
