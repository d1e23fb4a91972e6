//! Git LFS: git keeps a pointer, the work tree what it points to. The filter that would turn one into the other is a
//! program, and not started; the pointer's own hash says whether they are the same.

use sha2::{Digest, Sha256};

use super::contents::in_work_tree;
use super::patch::LFS;
use super::{FileChange, FileKind};

/// Larger files are not hashed: of the same size, they are told as changed (bytes).
const HASHED: u64 = 256 << 20;
/// A pointer is a few short lines (bytes).
const POINTER: usize = 1_024;

/// Takes out files of the work tree that are what their pointer says, and the lines of those that are not: they would
/// compare a pointer with what it points to. `blob` gives what git keeps.
pub(super) fn settle(root: &std::path::Path, files: &mut Vec<FileChange>, blob: impl Fn(&str) -> Option<Vec<u8>>) {
    files.retain_mut(|file| {
        if !file.lfs || file.new_mode.is_none_or(|mode| mode & 0o170_000 != 0o100_000) {
            return true;
        }
        let held = in_work_tree(root, &file.path, HASHED);
        if held.as_ref().is_some_and(|held| held.starts_with(LFS.as_bytes())) {
            // The pointer itself lies there: nothing was fetched.
            return true;
        }
        let known = file.old_id.as_deref().and_then(&blob).and_then(|kept| pointer(&kept));
        let hash = |held: &Vec<u8>| Sha256::digest(held).iter().map(|b| format!("{b:02x}")).collect::<String>();
        if known.is_some() && known == held.as_ref().map(hash) {
            file.new_id = file.old_id.clone();
            return file.old_mode != file.new_mode;
        }
        file.hunks.clear();
        (file.added, file.removed, file.new_id, file.kind) = (0, 0, None, FileKind::Text);
        (file.eol_only, file.whitespace_only) = (false, false);
        true
    });
}

/// The hash that a pointer names.
fn pointer(kept: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(kept.get(..POINTER.min(kept.len()))?).ok()?;
    let hash = text.strip_prefix(LFS)?.lines().find_map(|line| line.strip_prefix("oid sha256:"))?;
    Some(hash.to_owned())
}
