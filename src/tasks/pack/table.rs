//! The file table: every file of the change is in it, one by one or counted with its folder.

use super::{PRIVATE_KEY, locks, row};
use crate::git::{ChangeSet, Contents};

/// Files named in the table one by one; beyond that they are counted by folder.
const ROWS: usize = 400;
/// Folders that are counted one by one; where there are more, their parents are.
const FOLDERS: usize = 100;

/// The table, and the places of files that are only counted in it. Rows take at most half of the room.
pub(super) fn table(
    change: &ChangeSet,
    contents: &dyn Contents,
    named: &[(usize, &'static str)],
    room: usize,
) -> (String, Vec<usize>) {
    let files = if change.files.len() == 1 { "file" } else { "files" };
    let mut out = format!("{} {files}, +{} -{} lines\n", change.files.len(), change.added(), change.removed());
    let mut counted = Vec::new();
    let locks = locks(named);
    for place in 0..change.files.len() {
        if place >= ROWS || (place > 0 && out.len() > room / 2) {
            counted.push(place);
            continue;
        }
        line(&mut out, (change, contents), named, locks, place);
    }
    out.push_str(&folders(change, &counted));
    (out, counted)
}

pub(super) fn line(
    out: &mut String,
    (change, contents): (&ChangeSet, &dyn Contents),
    named: &[(usize, &'static str)],
    locks: usize,
    place: usize,
) {
    out.push_str(&row(place, &change.files[place], contents, locks));
    if named.contains(&(place, PRIVATE_KEY)) {
        out.push_str(" (holds a private key, not shown)");
    }
    out.push('\n');
}

/// These files by folder: as deep as there are few enough folders.
pub(super) fn folders(change: &ChangeSet, places: &[usize]) -> String {
    let at = |depth: usize| {
        let mut out: Vec<(String, usize, u64, u64)> = Vec::new();
        let mut index = std::collections::HashMap::new();
        for place in places {
            let Some(file) = change.files.get(*place) else { continue };
            let folder = file.path.folders().take(depth).collect::<Vec<_>>().join("/");
            let folder = if folder.is_empty() { "(top)".to_owned() } else { folder };
            let n = *index.entry(folder.clone()).or_insert_with(|| {
                out.push((folder, 0, 0, 0));
                out.len() - 1
            });
            out[n].1 += 1;
            out[n].2 += u64::from(file.added);
            out[n].3 += u64::from(file.removed);
        }
        out
    };
    let deepest = (1..=6).rev().map(at).find(|rows| rows.len() <= FOLDERS);
    let mut rows = deepest.unwrap_or_else(|| at(1));
    // Too many even at the top: the smallest are counted together, so that none is left out.
    if rows.len() > FOLDERS {
        rows.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let rest = rows.split_off(FOLDERS - 1);
        let sum = |pick: fn(&(String, usize, u64, u64)) -> u64| rest.iter().map(pick).sum::<u64>();
        let files = rest.iter().map(|r| r.1).sum();
        rows.push((format!("{} other folders", rest.len()), files, sum(|r| r.2), sum(|r| r.3)));
    }
    rows.iter()
        .map(|(folder, n, added, removed)| format!("and {n} more files in {folder}: +{added} -{removed}\n"))
        .collect()
}
