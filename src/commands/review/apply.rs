//! `--apply`: suggestions into the work tree, where it holds what was reviewed. Nothing else is touched: not the index,
//! and no file that is reached by a link.

use std::path::PathBuf;

use super::mend::{self, LIMIT, Mended};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::git::{ChangeSet, Contents, takes};
use crate::tasks::finding::Finding;
use crate::tasks::review::Masked;
use crate::world::files;

/// A file that is about to be written.
struct Ready {
    place: PathBuf,
    /// As it lies there.
    before: Vec<u8>,
    after: String,
    mode: u32,
}

/// Writes the suggestions of these findings, all of them or none.
///
/// # Errors
/// Exit 1 when one of them cannot be written, and why.
pub(super) fn apply(
    context: &Context,
    change: &ChangeSet,
    contents: &dyn Contents,
    findings: &[Finding],
    ids: &[String],
) -> Result<Vec<String>, CommandError> {
    let mut ids: Vec<&String> = ids.iter().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut chosen: Vec<&Finding> = Vec::new();
    for id in ids {
        // The same words in two places may have one id; whoever names it means both.
        let mut named = findings.iter().filter(|f| f.id == *id).peekable();
        if named.peek().is_none() {
            return Err(refused(id, "is not in this review")
                .hint("what a model found is found again where the same one is asked: --model MODEL"));
        }
        let before = chosen.len();
        chosen.extend(named.filter(|f| f.suggestion.is_some()));
        if chosen.len() == before {
            return Err(refused(id, "has no suggestion to apply"));
        }
    }
    let together = mend::together(change, contents, chosen);
    if let Some((finding, why)) = together.left.first() {
        return Err(refused(&finding.id, &format!("cannot be applied: {why}")));
    }
    let ready: Vec<Ready> = together.files.iter().map(|m| ready(context, m)).collect::<Result<_, _>>()?;
    // Somebody may have saved one while a model thought.
    let same = |file: &&Ready| files::read_bounded(&file.place, LIMIT).ok().as_deref() == Some(&file.before);
    if let Some(file) = ready.iter().find(|file| !same(file)) {
        let what = format!("{} has just been changed; nothing was changed by us", file.place.display());
        return Err(CommandError::new(Exit::Failed, what));
    }
    for (n, file) in ready.iter().enumerate() {
        files::replace(&file.place, file.after.as_bytes(), file.mode).map_err(|e| {
            let written = if n > 0 { "; the files before it are written" } else { "; nothing was changed" };
            CommandError::new(Exit::Failed, format!("{} could not be written: {e}{written}", file.place.display()))
        })?;
    }
    let names = Masked::of_change(change, &*context.redactor()?);
    let done = together.files.iter().flat_map(|m| m.findings.iter().map(move |f| (f, m)));
    Ok(done
        .map(|(finding, mended)| {
            context.ui.status(&format!("applied {}: {}", finding.id, names.told(mended.file.path.as_str())));
            finding.id.clone()
        })
        .collect())
}

fn refused(id: &str, why: &str) -> CommandError {
    CommandError::new(Exit::Failed, format!("the finding {id} {why}; nothing was changed"))
        .hint("see what there is with: monster review --all")
}

/// Holds a file of the work tree against what was reviewed.
fn ready(context: &Context, mended: &Mended<'_>) -> Result<Ready, CommandError> {
    let path = &mended.file.path;
    let cannot = |why: &str| {
        CommandError::new(Exit::Failed, format!("nothing is applied to {path}: {why}; nothing was changed"))
    };
    let (root, name) = context.repo()?.place(path).ok_or_else(|| cannot("there is no work tree"))?;
    let place = files::below(root, &name)
        .ok_or_else(|| cannot("it is no plain file of the work tree, or a link leads to it"))?;
    let before = files::read_bounded(&place, LIMIT).map_err(|e| cannot(&e.to_string()))?;
    let text = std::str::from_utf8(&before).map_err(|_| cannot("it is no text"))?;
    let windows = windows(text, &mended.before);
    if text != mended.before && !windows {
        return Err(cannot("the work tree does not hold what was reviewed")
            .hint("review the work tree itself with: monster review --worktree"));
    }
    if takes(mended.before.as_bytes(), &mended.hunks(), &context.env) == Some(false) {
        return Err(cannot("git apply does not take it"));
    }
    // Git turns line ends where it is told to; the work tree keeps its own.
    let after = if windows { mended.after.replace('\n', "\r\n") } else { mended.after.clone() };
    let mode = files::mode(&place).ok().flatten().unwrap_or(0o644);
    Ok(Ready { place, before, after, mode })
}

/// The first is the second with CR LF for every LF.
fn windows(there: &str, reviewed: &str) -> bool {
    !reviewed.contains('\r') && reviewed.contains('\n') && there == reviewed.replace('\n', "\r\n")
}
