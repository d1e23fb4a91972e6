//! The id of the tree that a commit of the index would have, found without writing an object anywhere.

use git2::{ObjectType, Oid, Repository};
use ring::digest;
use sha2::{Digest, Sha256};

use super::repo::Repo;
use crate::world::files;

/// One thing in the index.
pub(super) struct Entry {
    pub(super) path: Vec<u8>,
    pub(super) mode: u32,
    /// Full hex.
    pub(super) id: String,
    /// 0, or the side of a conflict.
    pub(super) stage: u8,
    /// `git add -N`: announced, not yet added.
    pub(super) soon: bool,
}

/// The id of the tree that is staged; `None` while files are in conflict, or when the index cannot be read.
pub(super) fn staged(repo: &Repo) -> Option<String> {
    let entries = entries(repo)?;
    if entries.iter().any(|e| e.stage != 0) {
        return None;
    }
    let wide = entries.first().map_or_else(|| repo.inner().is_none() && sha256(repo), |e| e.id.len() == 64);
    let listed: Vec<&Entry> = entries.iter().filter(|e| !e.soon).collect();
    hash(&listed, 0, wide)
}

/// What is in the index, ordered by path, as it lies on disk now.
pub(super) fn entries(repo: &Repo) -> Option<Vec<Entry>> {
    match repo.inner() {
        Some(_) => repo.again().ok().and_then(|fresh| by_library(&fresh)).or_else(|| by_process(repo)),
        None => by_process(repo),
    }
}

fn by_library(repo: &Repository) -> Option<Vec<Entry>> {
    let index = repo.index().ok()?;
    let entry = |e: git2::IndexEntry| Entry {
        mode: e.mode,
        id: e.id.to_string(),
        stage: u8::try_from((e.flags >> 12) & 3).unwrap_or(0),
        soon: git2::IndexEntryExtendedFlag::from_bits_truncate(e.flags_extended).is_intent_to_add(),
        path: e.path,
    };
    Some(index.iter().map(entry).collect())
}

fn by_process(repo: &Repo) -> Option<Vec<Entry>> {
    let out = repo.git().bytes(&["ls-files", "--stage", "-z", "--full-name"]).ok()?;
    // "MODE ID STAGE TAB PATH"
    out.split(|b| *b == 0)
        .filter(|row| !row.is_empty())
        .map(|row| {
            let tab = row.iter().position(|b| *b == b'\t')?;
            let head = std::str::from_utf8(&row[..tab]).ok()?;
            let [mode, id, stage] = head.split(' ').collect::<Vec<_>>().try_into().ok()?;
            let mode = u32::from_str_radix(mode, 8).ok()?;
            let path = row[tab + 1..].to_vec();
            Some(Entry { path, mode, id: id.to_owned(), stage: stage.parse().ok()?, soon: false })
        })
        .collect()
}

/// The index ends in the sum of what stands before that. Git does not look, and reads one that was cut off as if what is
/// missing had never been staged; of those that libgit2 reads, libgit2 looks.
pub(super) fn torn(repo: &Repo) -> bool {
    let path = repo
        .env()
        .get("GIT_INDEX_FILE")
        .map_or_else(|| repo.git_dir().join("index"), |path| repo.env().cwd().join(path));
    let Ok(bytes) = files::read_bounded(&path, INDEX) else { return false };
    let wide = repo.inner().is_none() && sha256(repo);
    let algorithm = if wide { &digest::SHA256 } else { &digest::SHA1_FOR_LEGACY_USE_ONLY };
    let Some((text, sum)) = bytes.len().checked_sub(algorithm.output_len()).map(|at| bytes.split_at(at)) else {
        return true;
    };
    // Without a sum (index.skipHash) it ends in zeros.
    sum.iter().any(|byte| *byte != 0) && digest::digest(algorithm, text).as_ref() != sum
}

/// A larger index is not summed up (bytes).
const INDEX: u64 = 256 << 20;

fn sha256(repo: &Repo) -> bool {
    repo.git().line(&["rev-parse", "--show-object-format"]).is_ok_and(|format| format == "sha256")
}

/// The id of the tree of these entries, whose first `skip` bytes of path are the folder's name. The index is ordered
/// as a tree is: a folder by its name with a slash behind it.
fn hash(entries: &[&Entry], skip: usize, wide: bool) -> Option<String> {
    let mut body = Vec::new();
    let mut rest = entries;
    while let Some(first) = rest.first() {
        let name = first.path.get(skip..)?;
        let (mode, name, id, taken) = match name.iter().position(|b| *b == b'/') {
            None => (first.mode, name, first.id.clone(), 1),
            Some(at) => {
                let folder = first.path.get(..=skip + at)?;
                let inside = rest.iter().take_while(|e| e.path.starts_with(folder)).count();
                (0o040_000, &name[..at], hash(&rest[..inside], folder.len(), wide)?, inside)
            }
        };
        body.extend(format!("{mode:o} ").bytes());
        body.extend(name);
        body.push(0);
        body.extend(bytes(&id)?);
        rest = &rest[taken..];
    }
    if wide {
        let mut hasher = Sha256::new();
        hasher.update(format!("tree {}\0", body.len()));
        hasher.update(&body);
        return Some(hasher.finalize().iter().map(|b| format!("{b:02x}")).collect());
    }
    Oid::hash_object(ObjectType::Tree, &body).ok().map(|id| id.to_string())
}

/// From hex.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    hex.as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect()
}
