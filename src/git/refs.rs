//! Where a name leads to no commit: whether the files that names stand in say why.

use std::io::{self, ErrorKind};
use std::path::Path as FsPath;

use crate::world::files;

/// More names than any repository has (bytes).
const PACKED: u64 = 256 << 20;
/// A name that stands in a file of its own leads to an id or to another name (bytes).
const LOOSE: u64 = 64 << 10;

/// What is wrong with the files in which this name may stand, for people; `None` = nothing that can be seen: then there
/// may be no such name. Git says so as well of what was cut off, and libgit2 takes it for nothing.
pub(super) fn torn(git_dir: &FsPath, name: &str) -> Option<String> {
    let text = |path: &FsPath| read(path).ok();
    let common = text(&git_dir.join("commondir"));
    let common = common.map_or_else(|| git_dir.to_owned(), |way| git_dir.join(way.trim_end()));
    if files::look(&common.join("reftable")).is_some() {
        // There they stand in none of these files, and one in their place says so.
        return None;
    }
    if let Some(what) = packed(&common) {
        return Some(what);
    }
    let head = text(&git_dir.join("HEAD"));
    let name = match name {
        "HEAD" => head.as_deref()?.strip_prefix("ref:")?.trim(),
        name => name,
    };
    if name.split('/').any(|part| part.is_empty() || part == "..") {
        return None;
    }
    let places = ["", "refs/", "refs/tags/", "refs/heads/", "refs/remotes/"].map(|folder| format!("{folder}{name}"));
    let cut =
        |place: &String| place.starts_with("refs/") && text(&common.join(place)).is_some_and(|said| !leads(&said));
    places.into_iter().find(cut).map(|place| format!("{place} leads nowhere"))
}

/// The same of all names, in the folder that all work trees have in common.
pub(super) fn torn_anywhere(common: &FsPath) -> Option<String> {
    let mut waiting = vec!["refs".to_owned()];
    while let Some(folder) = waiting.pop() {
        for one in std::fs::read_dir(common.join(&folder)).into_iter().flatten().flatten() {
            let name = one.file_name().to_string_lossy().into_owned();
            let place = format!("{folder}/{name}");
            // Somebody is just writing it, or it is none of git's.
            if name.starts_with('.') || name.ends_with(".lock") {
                continue;
            }
            if one.file_type().is_ok_and(|kind| kind.is_dir()) {
                waiting.push(place);
                continue;
            }
            let leads = match read(&one.path()) {
                Ok(said) => leads(&said),
                // Somebody has just taken it away.
                Err(error) => error.kind() == ErrorKind::NotFound,
            };
            if !leads {
                return Some(format!("{place} leads nowhere"));
            }
        }
    }
    packed(common)
}

fn read(path: &FsPath) -> io::Result<String> {
    Ok(String::from_utf8_lossy(&files::read_bounded(path, LOOSE)?).into_owned())
}

/// What is wrong with the file that many names share.
fn packed(common: &FsPath) -> Option<String> {
    let packed = files::read_bounded(&common.join("packed-refs"), PACKED).unwrap_or_default();
    let cut = packed.last().is_some_and(|last| *last != b'\n');
    cut.then(|| "packed-refs does not end as it was written".to_owned())
}

/// To an id, or to another name.
fn leads(said: &str) -> bool {
    let first = said.split_whitespace().next().unwrap_or_default();
    said.starts_with("ref:") || matches!(first.len(), 40 | 64) && first.bytes().all(|b| b.is_ascii_hexdigit())
}
