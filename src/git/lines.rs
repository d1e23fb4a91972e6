//! The lines of a change, from the content of both sides.

use git2::{DiffLineType, DiffOptions, Patch};

use super::{FileChange, FileKind, Hunk, Line, LineKind};

/// How every comparison is made, by libgit2 as by git.
pub(super) fn options() -> DiffOptions {
    let mut options = DiffOptions::new();
    options.context_lines(3).include_typechange(true).ignore_submodules(false).indent_heuristic(true);
    options
}

/// Fills in what changed from one content to another. `text` = what attributes say, else the content decides. Nothing
/// is looked up by path: what a repository's attributes name could be anything.
pub(super) fn between(file: &mut FileChange, old: &[u8], new: &[u8], text: Option<bool>) -> Result<(), git2::Error> {
    let mut options = options();
    match text {
        Some(true) => options.force_text(true),
        Some(false) => options.force_binary(true),
        None => &mut options,
    };
    let patch = Patch::from_buffers(old, None, new, None, Some(&mut options))?;
    let size = |there: bool, bytes: &[u8]| there.then(|| u64::try_from(bytes.len()).ok()).flatten();
    if patch.delta().flags().is_binary() {
        file.kind = FileKind::Binary {
            old_size: size(file.old_mode.is_some(), old),
            new_size: size(file.new_mode.is_some(), new),
        };
    } else {
        file.hunks = hunks(&patch)?;
    }
    Ok(())
}

/// All of the old goes and all of the new comes: a file that became a link, or a link that became a file. Where a link
/// points to matters, and git compares the two as different things.
pub(super) fn retyped(file: &mut FileChange, old: &[u8], new: &[u8]) -> Result<(), git2::Error> {
    let mut options = DiffOptions::new();
    let removed = Patch::from_buffers(old, None, b"", None, Some(&mut options))?;
    let added = Patch::from_buffers(b"", None, new, None, Some(&mut options))?;
    let size = |bytes: &[u8]| u64::try_from(bytes.len()).ok();
    if added.delta().flags().is_binary() {
        file.kind = FileKind::Binary { old_size: size(old).filter(|_| file.had_content()), new_size: size(new) };
        return Ok(());
    }
    file.hunks = hunks(&removed)?;
    file.hunks.extend(hunks(&added)?);
    Ok(())
}

/// The hunks of a patch.
pub(super) fn hunks(patch: &Patch<'_>) -> Result<Vec<Hunk>, git2::Error> {
    let mut out = Vec::with_capacity(patch.num_hunks());
    for h in 0..patch.num_hunks() {
        let (head, count) = patch.hunk(h)?;
        let header = String::from_utf8_lossy(head.header()).into_owned();
        let section = header.splitn(3, "@@").nth(2).unwrap_or_default().trim().to_owned();
        let mut hunk = Hunk {
            old_start: head.old_start(),
            old_lines: head.old_lines(),
            new_start: head.new_start(),
            new_lines: head.new_lines(),
            section,
            lines: Vec::with_capacity(count),
        };
        for l in 0..count {
            let line = patch.line_in_hunk(h, l)?;
            let kind = match line.origin_value() {
                DiffLineType::Context => LineKind::Context,
                DiffLineType::Addition => LineKind::Added,
                DiffLineType::Deletion => LineKind::Removed,
                // "\ No newline at end of file" belongs to the line before.
                DiffLineType::ContextEOFNL | DiffLineType::AddEOFNL | DiffLineType::DeleteEOFNL => {
                    if let Some(last) = hunk.lines.last_mut() {
                        let last: &mut Line = last;
                        last.no_newline = true;
                    }
                    continue;
                }
                _ => continue,
            };
            let content = line.content();
            let content = content.strip_suffix(b"\n").unwrap_or(content);
            let text = String::from_utf8_lossy(content).into_owned();
            hunk.lines.push(Line { kind, text, old: line.old_lineno(), new: line.new_lineno(), no_newline: false });
        }
        out.push(hunk);
    }
    Ok(out)
}
