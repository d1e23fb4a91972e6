//! Whether git itself takes a patch: tried on a copy of one file, in no repository.

use std::ffi::OsString;
use std::time::Duration;

use crate::world::process::Run;
use crate::world::scratch::Scratch;
use crate::world::{Env, files};

/// Checking one file never takes this long unless something hangs.
const PATIENCE: Duration = Duration::from_secs(20);
/// What the file is called while it is tried: names are not what is in question, and some would lead elsewhere.
const NAME: &str = "file";

/// What git says of hunks (`@@ …`) for a file with this content: whether `git apply --check` takes them. `None` where
/// nobody can be asked. Nothing is changed, and no setting of the user or of a repository holds.
#[must_use]
pub fn takes(content: &[u8], hunks: &str, env: &Env) -> Option<bool> {
    let scratch = Scratch::new("apply").ok()?;
    files::replace(&scratch.path().join(NAME), content, 0o600).ok()?;
    let patch = format!("--- a/{NAME}\n+++ b/{NAME}\n{hunks}");
    // Git looks for a repository above the folder it stands in, and would obey what it finds.
    let above = scratch.path().parent()?.to_string_lossy().into_owned();
    let mut vars: Vec<(String, Option<String>)> =
        env.vars().map(|(name, _)| name).filter(|n| n.starts_with("GIT_")).map(|n| (n.to_owned(), None)).collect();
    for (name, value) in [
        ("GIT_CEILING_DIRECTORIES", above.as_str()),
        ("GIT_CONFIG_NOSYSTEM", "1"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("LC_ALL", "C"),
    ] {
        vars.push((name.to_owned(), Some(value.to_owned())));
    }
    let args: Vec<OsString> = ["apply", "--check", "--whitespace=nowarn", "-"].map(Into::into).to_vec();
    let run = Run {
        program: "git",
        args,
        cwd: scratch.path(),
        stdin: Some(patch.into_bytes()),
        env: vars,
        timeout: Some(PATIENCE),
    };
    run.collect().ok().map(|ran| ran.ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_takes_what_fits_and_refuses_what_does_not() {
        let env = Env::system();
        let content = b"one\ntwo\nthree\n";
        assert_eq!(takes(content, "@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n", &env), Some(true));
        assert_eq!(takes(content, "@@ -1,3 +1,3 @@\n one\n-zwei\n+2\n three\n", &env), Some(false));
        assert_eq!(
            takes(b"a\r\nb\r\n", "@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n", &env),
            Some(true),
            "line ends are content"
        );
    }
}
