//! Where this program lies, as it is called: an upgrade moves what a link leads to, and not the link.

use std::io;
use std::path::{Path, PathBuf};

use super::env::Env;

/// The path by which this program was called, where it leads to this program; otherwise the one that it really has.
///
/// # Errors
/// When the system does not say.
pub fn called(env: &Env) -> io::Result<PathBuf> {
    let real = std::env::current_exe()?;
    let name = std::env::args_os().next().map(PathBuf::from);
    Ok(name.and_then(|name| named(&name, env, &real)).unwrap_or(real))
}

/// A shell finds no program of this name. Without a list of folders to look in nobody can say so.
#[must_use]
pub fn unfound(name: &str, env: &Env) -> bool {
    let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    env.get("PATH")
        .is_some_and(|folders| !std::env::split_paths(folders).any(|folder| runs(&env.cwd().join(folder).join(&name))))
}

/// A file that may be run.
#[must_use]
pub fn runs(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| meta.is_file() && executable(&meta))
}

/// Its owner may run it.
#[cfg(unix)]
#[must_use]
pub fn executable(meta: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o100 != 0
}

/// Its owner may run it.
#[cfg(not(unix))]
#[must_use]
pub const fn executable(_: &std::fs::Metadata) -> bool {
    true
}

/// What a name leads to as a shell would find it: a path from the current folder, or a word that is looked up.
fn named(name: &Path, env: &Env, real: &Path) -> Option<PathBuf> {
    let real = real.canonicalize().ok()?;
    let same = |path: &PathBuf| path.canonicalize().is_ok_and(|leads| leads == real);
    // Without the dots that do not matter.
    let tidy = |path: PathBuf| path.components().collect::<PathBuf>();
    if name.components().count() > 1 || name.is_absolute() {
        return Some(tidy(env.cwd().join(name))).filter(same);
    }
    let folders = env.get("PATH")?;
    std::env::split_paths(folders).map(|folder| tidy(env.cwd().join(folder).join(name))).find(same)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_to_the_program_is_kept_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let real = root.join("cellar/monster");
        for folder in ["cellar", "bin", "other"] {
            std::fs::create_dir(root.join(folder)).unwrap();
        }
        crate::world::files::replace(&real, b"it", 0o755).unwrap();
        crate::world::files::replace(&root.join("other/monster"), b"another", 0o755).unwrap();
        std::os::unix::fs::symlink("../cellar/monster", root.join("bin/monster")).unwrap();
        let path = format!("{0}/none:{0}/other:{0}/bin", root.display());
        let env = Env::fixed([("PATH", path.as_str())], &root);
        let found = |name: &str| named(Path::new(name), &env, &real);
        let link = Some(root.join("bin/monster"));
        assert_eq!(found("monster"), link);
        assert_eq!(found("./bin/monster"), link);
        assert_eq!(found(&root.join("bin/monster").display().to_string()), link);
        assert_eq!(found("other/monster"), None);
        assert_eq!(found("sh"), None);
        assert!(!unfound("monster", &env) && unfound("monstrous", &env));
        crate::world::files::replace(&root.join("bin/notes"), b"no program", 0o644).unwrap();
        assert!(unfound("notes", &env), "it may not be run");
        assert!(!unfound("monstrous", &Env::fixed([("A", "b")], &root)), "nobody knows where a shell would look");
    }
}
