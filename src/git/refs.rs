//! Where a name leads to no commit: whether the files that names stand in say why.

use std::path::Path as FsPath;

use crate::world::files;

/// More names than any repository has (bytes).
const PACKED: u64 = 256 << 20;
/// A name that stands in a file of its own leads to an id or to another name (bytes).
const LOOSE: u64 = 64 << 10;

/// What is wrong with the files in which this name may stand, for people; `None` = nothing that can be seen: then there
/// may be no such name. Git says so as well of what was cut off, and libgit2 takes it for nothing.
pub(super) fn torn(git_dir: &FsPath, name: &str) -> Option<String> {
    let text = |path: &FsPath| {
        let bytes = files::read_bounded(path, LOOSE).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    };
    let common = text(&git_dir.join("commondir"));
    let common = common.map_or_else(|| git_dir.to_owned(), |way| git_dir.join(way.trim_end()));
    let packed = files::read_bounded(&common.join("packed-refs"), PACKED).unwrap_or_default();
    if packed.last().is_some_and(|last| *last != b'\n') {
        return Some("packed-refs does not end as it was written".to_owned());
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

/// To an id, or to another name.
fn leads(said: &str) -> bool {
    let first = said.split_whitespace().next().unwrap_or_default();
    said.starts_with("ref:") || matches!(first.len(), 40 | 64) && first.bytes().all(|b| b.is_ascii_hexdigit())
}
