//! Material by its name: a file or lines of it, a pipe, a file as a commit has it, a change.

use std::path::Path;

use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::commands::redact::sendable;
use crate::git::{GitError, Repo, Source, patch};
use crate::tasks::ask::Material;
use crate::world::files;

/// Most bytes that are read of one.
const LIMIT: u64 = 8 << 20;

/// Reads it.
///
/// # Errors
/// Exit 2 when it is nothing of that.
pub(super) fn material(context: &Context, name: &str) -> Result<Material, CommandError> {
    if name.trim().is_empty() {
        return Err(CommandError::new(Exit::Usage, "--with names nothing")
            .hint("name a file, a revision or range of this repository, or - for standard input"));
    }
    let path = context.env.cwd().join(name);
    if path.is_dir() {
        let name = name.trim_end_matches('/');
        return Err(CommandError::new(Exit::Usage, format!("{name} is a folder, and material is a file or a change"))
            .hint(format!("name its files one by one: --with {name}/FILE")));
    }
    if path.is_file() {
        return Ok(Material { label: format!("The file {}", called(context, name)), text: file(name, &path)? });
    }
    if let Some(bytes) = files::read_pipe(&path, LIMIT).map_err(|e| unread(name, &e))? {
        return Ok(Material { label: format!("What {name} gives"), text: text(name, bytes)? });
    }
    if let Some((name, first, last)) = lines(name) {
        let path = context.env.cwd().join(name);
        if path.is_file() {
            let label = format!("Lines {first} to {last} of the file {}", called(context, name));
            let whole = file(name, &path)?;
            let text: String =
                whole.split_inclusive('\n').skip(first - 1).take((last - first).saturating_add(1)).collect();
            if text.is_empty() {
                let what = format!("{name} has no line {first}: it ends with line {}", whole.lines().count());
                return Err(CommandError::new(Exit::Usage, what));
            }
            return Ok(Material { label, text });
        }
    }
    let repo = context.repo().map_err(|_| {
        CommandError::new(Exit::Usage, format!("{name} is no file here, and this is no git repository"))
    })?;
    if let Some((revision, inside)) = name.split_once(':').filter(|(revision, _)| repo.resolves(revision)) {
        return of_commit(repo, name, revision, inside);
    }
    let source = Source::parse(name);
    let change = repo.diff(&source).map_err(|error| match &error {
        GitError::UnknownRevision(_) => {
            let what = format!("{name} is no file here, and no revision of this repository");
            CommandError::new(Exit::Usage, what).hints(error.hint())
        }
        _ => error.into(),
    })?;
    Ok(Material { label: format!("The change {}", change.label), text: patch::render(&change) })
}

/// `HEAD:src/main.rs`: the file as that commit has it.
fn of_commit(repo: &Repo, name: &str, revision: &str, inside: &str) -> Result<Material, CommandError> {
    let contents = repo.contents(&Source::Whole(revision.to_owned()))?;
    let Some(bytes) = contents.base(inside, LIMIT) else {
        return Err(CommandError::new(Exit::Usage, format!("{revision} has no file {inside} that can be read"))
            .hint("such a path is seen from the top of the repository"));
    };
    Ok(Material { label: format!("The file {inside} as it is in {revision}"), text: text(name, bytes)? })
}

fn file(name: &str, path: &Path) -> Result<String, CommandError> {
    text(name, files::read_bounded(path, LIMIT).map_err(|e| unread(name, &e))?)
}

fn unread(name: &str, error: &std::io::Error) -> CommandError {
    CommandError::of(Exit::Usage, error).hint(format!("{name} could not be read"))
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String, CommandError> {
    // What has no zero byte in it may be text in another encoding.
    let other = !bytes.contains(&0);
    sendable(bytes).map_err(|why| {
        let error = CommandError::new(Exit::Usage, format!("{name} {why}"));
        match other {
            true => error.hint(format!(
                "if it is text, give it as UTF-8: iconv -f LATIN1 -t UTF-8 {} | monster ask … --with -",
                crate::auth::quoted(name)
            )),
            false => error,
        }
    })
}

/// `FILE:10-20` and `FILE:10`.
fn lines(name: &str) -> Option<(&str, usize, usize)> {
    let (name, which) = name.rsplit_once(':')?;
    let (first, last) = which.split_once('-').unwrap_or((which, which));
    let (first, last) = (first.parse().ok()?, last.parse().ok()?);
    (1 <= first && first <= last).then_some((name, first, last))
}

/// What a file is called: from the top of the repository, else as somebody typed it. Folders above it that nobody needs
/// to know are left out.
fn called(context: &Context, name: &str) -> String {
    let path = context.env.cwd().join(name);
    let inside = || {
        let root = context.repo().ok()?.root()?.canonicalize().ok()?;
        let whole = path.parent()?.canonicalize().ok()?.join(path.file_name()?);
        let parts: Vec<_> = whole.strip_prefix(root).ok()?.iter().map(|part| part.to_string_lossy()).collect();
        Some(parts.join("/"))
    };
    let typed = || match Path::new(name) {
        absolute if absolute.is_absolute() => absolute.file_name().map(|name| name.to_string_lossy().into_owned()),
        _ => Some(name.to_owned()),
    };
    inside().or_else(typed).unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_file_are_named_behind_a_colon() {
        assert_eq!(lines("a/b.rs:10-20"), Some(("a/b.rs", 10, 20)));
        assert_eq!(lines("C:/b.rs:7"), Some(("C:/b.rs", 7, 7)));
        assert_eq!(lines(&format!("a:1-{}", usize::MAX)), Some(("a", 1, usize::MAX)));
        for none in ["a.rs", "a.rs:", "a.rs:0", "a.rs:9-3", "HEAD:a.rs", "a.rs:-3"] {
            assert_eq!(lines(none), None, "{none}");
        }
    }
}
