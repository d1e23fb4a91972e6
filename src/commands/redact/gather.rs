//! What is looked through: files and folders, a change, the index, a range, a history.

use std::io::ErrorKind;
use std::path::{Component, MAIN_SEPARATOR, Path, PathBuf};

use super::form::Form;
use super::look::{Found, Item, Part};
use super::{form, legible};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::git::{
    ChangeSet, Contents, FileChange, FileKind, GitError, LineKind, Repo, Said, Source, State, Status, Version, patch,
};
use crate::secrets::Redactor;
use crate::world::files;

/// What is larger is left out and told (bytes).
pub(super) const LARGEST: u64 = 256 << 20;
/// What standard input is called.
const STDIN: &str = "-";
/// A patch that is larger is none.
const PATCH: usize = 256 << 20;

/// Files and what lies in folders; what git leaves out is left out, and links are not followed.
pub(super) struct Walk<'a> {
    context: &'a Context,
    repo: Option<&'a Repo>,
    /// Where the work tree really lies.
    root: Option<PathBuf>,
    waiting: Vec<(PathBuf, String)>,
}

impl<'a> Walk<'a> {
    /// # Errors
    /// Exit 2 for what is not there.
    pub(super) fn new(context: &'a Context, names: &[String]) -> Result<Self, CommandError> {
        let repo = context.repo().ok();
        let mut waiting = Vec::new();
        for name in names.iter().rev() {
            let path = context.env.cwd().join(name);
            if name != STDIN && std::fs::symlink_metadata(&path).is_err() {
                return Err(nowhere(name));
            }
            waiting.push((path, name.trim_end_matches('/').to_owned()));
        }
        let root = repo.and_then(Repo::root).and_then(|root| root.canonicalize().ok());
        Ok(Self { context, repo, root, waiting })
    }

    fn relative(&self, path: &Path) -> Option<PathBuf> {
        let whole = path.canonicalize().ok()?;
        whole.strip_prefix(self.root.as_ref()?).ok().map(Path::to_owned)
    }

    /// Looks at what comes next; `false` at the end.
    pub(super) fn step(&mut self, redactor: &Redactor, found: &mut Found) -> bool {
        let Some((path, name)) = self.waiting.pop() else { return false };
        if name == STDIN {
            self.stdin(redactor, found);
            return true;
        }
        // What is named is looked at, also through a link; what lies in a folder is not.
        let meta = match std::fs::metadata(&path) {
            Ok(meta) => meta,
            // Somebody took it away meanwhile.
            Err(error) if error.kind() == ErrorKind::NotFound && std::fs::symlink_metadata(&path).is_err() => {
                return true;
            }
            Err(error) => {
                self.unread(found, &name, &error.to_string());
                return true;
            }
        };
        if meta.is_dir() {
            self.enter(&path, &name, found);
            return true;
        }
        match files::read_bounded(&path, LARGEST) {
            Ok(bytes) => {
                let relative = self.relative(&path);
                let place = path.strip_prefix(self.context.env.cwd()).unwrap_or(&path);
                let raw = Some(inside(relative.as_deref().unwrap_or(place)).raw().to_vec());
                let path = relative.map(|p| inside(&p).to_string());
                whole(redactor, found, Item { name, path, raw, ..Item::default() }, &bytes);
            }
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                found.large += 1;
                self.context.ui.warn(&format!("{name} is larger than {} MiB", LARGEST >> 20));
            }
            Err(error) => self.unread(found, &name, &error.to_string()),
        }
        true
    }

    /// Standard input, as one text.
    fn stdin(&self, redactor: &Redactor, found: &mut Found) {
        match self.context.stdin_bytes(usize::try_from(LARGEST).unwrap_or(usize::MAX), "the text") {
            Ok(bytes) => match legible::text(&bytes) {
                Some(text) => {
                    let part = Part::Input;
                    let name = part.word().unwrap_or_default().to_owned();
                    found.files += 1;
                    found.part(redactor, &Item { part, name, text, ..Item::default() });
                }
                None => found.binary += 1,
            },
            Err(error) => {
                found.unreadable += 1;
                self.context.ui.warn(&error.what);
            }
        }
    }

    fn unread(&self, found: &mut Found, name: &str, why: &str) {
        found.unreadable += 1;
        self.context.ui.warn(&format!("{name} cannot be read: {why}"));
    }

    fn enter(&mut self, path: &Path, name: &str, found: &mut Found) {
        let entries = match std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
            Ok(entries) => entries,
            Err(error) => return self.unread(found, name, &error.to_string()),
        };
        let base = self.relative(path);
        let mut inside: Vec<(PathBuf, String)> = Vec::new();
        for entry in entries {
            let kind = match entry.file_type() {
                Ok(kind) => kind,
                Err(error) => {
                    self.unread(found, &format!("{name}/{}", entry.file_name().to_string_lossy()), &error.to_string());
                    continue;
                }
            };
            let file = entry.file_name();
            if !(kind.is_dir() || kind.is_file()) || file == ".git" {
                continue;
            }
            let left = |repo: &Repo| base.as_ref().is_some_and(|base| repo.leaves_out(&base.join(&file)));
            if self.repo.is_some_and(left) {
                continue;
            }
            let file = file.to_string_lossy();
            let shown = if name == "." { file.into_owned() } else { format!("{name}/{file}") };
            inside.push((entry.path(), shown));
        }
        inside.sort_by(|a, b| b.1.cmp(&a.1));
        self.waiting.extend(inside);
    }
}

fn nowhere(name: &str) -> CommandError {
    CommandError::new(Exit::Usage, format!("there is no file, folder, commit or range \"{name}\""))
}

/// The change that a name means where it is no file: a range of commits, or one commit.
///
/// # Errors
/// Exit 2 for a range whose ends git does not know, and for what is nothing at all.
pub(super) fn revisions(context: &Context, name: &str) -> Result<Option<Source>, CommandError> {
    if name == STDIN || std::fs::symlink_metadata(context.env.cwd().join(name)).is_ok() {
        return Ok(None);
    }
    let source = Source::parse(name);
    // A path that leads upwards has two dots as well.
    let upwards = Path::new(name).components().any(|part| matches!(part, Component::ParentDir));
    match (&source, context.repo()) {
        (Source::Commit(_), Ok(repo)) if !upwards => match repo.diff(&source) {
            Ok(_) => Ok(Some(source)),
            Err(error) => match unborn(repo, error) {
                GitError::UnknownRevision(_) | GitError::Dash(_) => Err(nowhere(name)),
                error => Err(error.into()),
            },
        },
        (Source::Commit(_), _) => Err(nowhere(name)),
        _ if upwards => Err(nowhere(name)),
        _ => Ok(Some(source)),
    }
}

/// What of a change is looked at: all of it, or what lies at or below these paths.
pub(super) struct Below(Vec<String>);

impl Below {
    pub(super) fn takes(&self, file: &FileChange) -> bool {
        let path = file.path.as_str();
        let at = |top: &String| {
            top.is_empty() || path.strip_prefix(top.as_str()).is_some_and(|r| r.is_empty() || r.starts_with('/'))
        };
        self.0.is_empty() || self.0.iter().any(at)
    }
}

/// Paths from the current folder, as they are called from the top of the repository.
///
/// # Errors
/// Exit 2 for one that lies outside.
pub(super) fn below(context: &Context, names: &[String]) -> Result<Below, CommandError> {
    if names.is_empty() {
        return Ok(Below(Vec::new()));
    }
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let root = repo(context)?.root().map(real).unwrap_or_default();
    let here = real(context.env.cwd());
    let one = |name: &String| {
        let mut path = PathBuf::new();
        // The file may be gone since: nothing is looked up.
        for part in here.join(name).components() {
            match part {
                Component::ParentDir => drop(path.pop()),
                Component::CurDir => {}
                part => path.push(part),
            }
        }
        let outside = || CommandError::new(Exit::Usage, format!("\"{name}\" does not lie in this repository"));
        path.strip_prefix(&root).map(|path| inside(path).to_string()).map_err(|_| outside())
    };
    names.iter().map(one).collect::<Result<_, _>>().map(Below)
}

/// A path from the top of the repository, as git writes it.
pub(super) fn inside(path: &Path) -> crate::git::Path {
    let slash = |b: &u8| if MAIN_SEPARATOR != '/' && *b == b'\\' { b'/' } else { *b };
    crate::git::Path::new(&path.as_os_str().as_encoded_bytes().iter().map(slash).collect::<Vec<u8>>())
}

fn whole(redactor: &Redactor, found: &mut Found, item: Item, bytes: &[u8]) -> bool {
    match legible::text(bytes) {
        Some(text) => found.look(redactor, &Item { text, ..item }),
        None => {
            found.binary += 1;
            found.name(redactor, &item);
            false
        }
    }
}

/// One version out of a history. `true` when what was found in it is to be judged at other paths too.
pub(super) fn version(redactor: &Redactor, found: &mut Found, version: &Version) -> bool {
    let name = version.path.to_string();
    let raw = Some(version.path.raw().to_vec());
    let item = Item { path: Some(name.clone()), name, raw, commit: Some(version.commit.clone()), ..Item::default() };
    let Some(bytes) = &version.bytes else {
        found.large += 1;
        found.name(redactor, &item);
        return false;
    };
    whole(redactor, found, item, bytes)
}

/// What was said with a commit or a tag; with `people` also who said it.
pub(super) fn said(redactor: &Redactor, found: &mut Found, said: &Said, people: bool) {
    let part = if said.tag { Part::Tag } else { Part::Message };
    let people = said.people.iter().filter(|_| people).map(|who| (Part::Author, who));
    for (part, bytes) in std::iter::once((part, &said.message)).chain(people) {
        let name = part.word().unwrap_or_default().to_owned();
        let text = form::text(bytes).0;
        found.part(redactor, &Item { part, name, commit: Some(said.id.clone()), text, ..Item::default() });
    }
}

/// The added lines of a file, seen together with what stands round them: the whole file where it can be had, its hunks
/// otherwise. What git calls binary, or has one side of alone, is looked at as well when it is a text; then what is new is
/// found here. What stands in `theirs` is no news: a merge brings it.
///
/// # Errors
/// One sentence when it could not be looked through; it is counted then.
pub(super) fn file(
    redactor: &Redactor,
    found: &mut Found,
    file: &FileChange,
    contents: Option<&dyn Contents>,
    theirs: Option<&dyn Contents>,
) -> Result<(), String> {
    let there = theirs.and_then(|c| c.current(&file.path, LARGEST));
    let binary = matches!(file.kind, FileKind::Binary { .. });
    if file.status == Status::Deleted || matches!(file.kind, FileKind::Submodule { .. }) {
        return Ok(());
    }
    let name = file.path.to_string();
    let raw = Some(file.path.raw().to_vec());
    let item = Item { path: Some(name.clone()), name, raw, ..Item::default() };
    let new = matches!(file.status, Status::Added | Status::Renamed | Status::Copied) && there.is_none();
    // Of what git could not read it has no lines: that is not to say that none came.
    let blind = file.unread.is_some();
    let same = file.old_id.is_some() && file.old_id == file.new_id;
    if !binary && !blind && file.added == 0 || (binary || blind) && same {
        // Nothing came but perhaps a name.
        if new {
            found.name(redactor, &item);
        }
        return Ok(());
    }
    let after = contents.and_then(|c| c.after(file, LARGEST));
    let text = after.as_ref().and_then(|bytes| legible::text(bytes));
    let wide = after.as_ref().is_some_and(|bytes| form::text(bytes.get(..2).unwrap_or_default()).1 != Form::Utf8);
    let whole = text.is_some();
    let mut item = match text {
        // Here git has no lines, or others than a reader sees.
        Some(text) if binary || wide || blind => {
            let before = contents.and_then(|c| c.before(file, LARGEST)).and_then(|bytes| legible::text(&bytes));
            let rows = Some(legible::fresh(&before.unwrap_or_default(), &text));
            Item { text, rows, ..item }
        }
        Some(text) => {
            let mut rows: Vec<(u32, bool)> = (1..).take(text.matches('\n').count() + 1).map(|n| (n, false)).collect();
            for line in file.added_lines().filter_map(|l| l.new) {
                let at = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
                if let Some(row) = rows.get_mut(at) {
                    row.1 = true;
                }
            }
            Item { text, rows: Some(rows), ..item }
        }
        None if binary || blind => {
            found.name(redactor, &item);
            return unseen(found, file, contents.is_some(), after.is_some());
        }
        None => {
            let lines = file.hunks.iter().flat_map(|h| &h.lines).filter(|l| l.kind != LineKind::Removed);
            let rows = lines.clone().map(|l| (l.new.unwrap_or(0), l.kind == LineKind::Added)).collect();
            let text = lines.map(|l| l.text.as_str()).collect::<Vec<_>>().join("\n");
            Item { text, rows: Some(rows), ..item }
        }
    };
    if let (true, Some(rows), Some(there)) = (whole, &mut item.rows, there.and_then(|bytes| legible::text(&bytes))) {
        rows.iter_mut().zip(legible::fresh(&there, &item.text)).for_each(|(row, (_, came))| row.1 &= came);
    }
    if new {
        found.look(redactor, &item);
    } else {
        found.files += 1;
        found.part(redactor, &item);
    }
    Ok(())
}

/// What is said of a file that git calls binary and that is no text, or that could not be had.
fn unseen(found: &mut Found, file: &FileChange, asked: bool, had: bool) -> Result<(), String> {
    if had || (!asked && legible::MEDIA.contains(&file.path.extension().as_str())) {
        found.binary += 1;
        return Ok(());
    }
    if let FileKind::Binary { new_size: Some(size), .. } = file.kind
        && size > LARGEST
    {
        found.large += 1;
        return Err(format!("{} is larger than {} MiB", file.path, LARGEST >> 20));
    }
    found.unreadable += 1;
    if let Some(why) = &file.unread {
        Err(format!("{} cannot be read: {why}", file.path))
    } else if asked {
        Err(format!("{} cannot be read", file.path))
    } else {
        Err(format!(
            "the diff does not hold what stands in {}; scan the files or the range, or make it with: git diff --text",
            file.path
        ))
    }
}

/// The repository round the current folder.
///
/// # Errors
/// Exit 3 when there is none.
pub(super) fn repo(context: &Context) -> Result<&Repo, CommandError> {
    context.repo().map_err(|error| CommandError {
        hints: vec!["run it inside a repository, or name files: monster redact scan FILE".to_owned()],
        ..error
    })
}

/// A change of the repository, with whole files.
///
/// # Errors
/// Exit 2 or 3 for what git does not know.
pub(super) fn change(context: &Context, source: &Source) -> Result<(ChangeSet, Box<dyn Contents>), CommandError> {
    let repo = repo(context)?;
    Ok((repo.diff(source).map_err(|error| unborn(repo, error))?, repo.contents(source)?))
}

/// Before the first commit, neither HEAD nor its branch is unknown: it has no commit yet.
fn unborn(repo: &Repo, error: GitError) -> GitError {
    match error {
        GitError::UnknownRevision(rev) if repo.head_id().is_none() => {
            if of_head(&rev, repo.branch().as_deref()) {
                GitError::Unborn
            } else {
                GitError::UnknownRevision(rev)
            }
        }
        error => error,
    }
}

/// Whether a revision is reckoned from HEAD, or from the branch that it leads to.
fn of_head(rev: &str, branch: Option<&str>) -> bool {
    let reckoned = |rest: &str| rest.is_empty() || rest.starts_with(['~', '^']) || rest.starts_with("@{");
    let from = |name: &str| rev.strip_prefix(name).is_some_and(reckoned);
    from("@") || from("HEAD") || branch.is_some_and(from) || rev.starts_with("@{")
}

/// The side that is being merged, where one is.
pub(super) fn merged(context: &Context) -> Option<Box<dyn Contents>> {
    let repo = context.repo().ok().filter(|repo| repo.state() == State::Merging)?;
    repo.contents(&Source::Whole("MERGE_HEAD".to_owned())).ok()
}

/// A patch from a file or standard input.
///
/// # Errors
/// Exit 2 when it is none.
pub(super) fn patch(context: &Context, name: &str) -> Result<ChangeSet, CommandError> {
    let bytes = if name == "-" {
        context.stdin_bytes(PATCH, "the diff")?
    } else {
        files::read_bounded(&context.env.cwd().join(name), LARGEST)
            .map_err(|e| CommandError::new(Exit::Usage, format!("{name} cannot be read: {e}")))?
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(ChangeSet::default());
    }
    Ok(patch::parse(&bytes)?)
}

#[cfg(test)]
mod tests {
    use super::of_head;

    #[test]
    fn only_what_is_reckoned_from_head_is_head() {
        for rev in ["@", "@~1", "@^", "@{1}", "@@{1}", "HEAD", "HEAD~2", "main", "main^2", "main@{1}"] {
            assert!(of_head(rev, Some("main")), "{rev}");
        }
        for rev in ["@scope/package", "~user", "^", "HEADS", "main2", "other", ""] {
            assert!(!of_head(rev, Some("main")), "{rev}");
        }
    }
}
