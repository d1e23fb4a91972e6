//! Hunks larger than the room, cut at line borders; and the same edit in many places, told once.

use std::collections::HashMap;

use crate::git::{ChangeSet, Hunk, LineKind};

/// An edit is the same edit from so many places on.
const SAME: usize = 8;
/// Hunks with more changed lines than this are looked at one by one.
const SMALL: usize = 12;
/// Paths given as examples of an edit.
const EXAMPLES: usize = 3;

/// Cuts every hunk that would take more than `most` bytes. Lines stay whole, and with them every secret that one line
/// holds; files that show a private key are never shown at all.
pub(in crate::tasks) fn split(change: &mut ChangeSet, most: usize) {
    for file in &mut change.files {
        if file.hunks.iter().any(|hunk| size(hunk) > most) {
            file.hunks = std::mem::take(&mut file.hunks).into_iter().flat_map(|hunk| cut(hunk, most)).collect();
        }
    }
}

fn size(hunk: &Hunk) -> usize {
    hunk.lines.iter().map(|line| line.text.len() + 2).sum()
}

fn cut(hunk: Hunk, most: usize) -> Vec<Hunk> {
    if size(&hunk) <= most {
        return vec![hunk];
    }
    let (mut old, mut new) = (hunk.old_start, hunk.new_start);
    let begin = |old, new| Hunk { old_start: old, new_start: new, section: hunk.section.clone(), ..Hunk::default() };
    let mut out = vec![begin(old, new)];
    let mut used = 0;
    for line in hunk.lines {
        let bytes = line.text.len() + 2;
        if used > 0 && used + bytes > most {
            out.push(begin(old, new));
            used = 0;
        }
        used += bytes;
        let Some(last) = out.last_mut() else { break };
        if line.kind != LineKind::Added {
            old = old.saturating_add(1);
            last.old_lines += 1;
        }
        if line.kind != LineKind::Removed {
            new = new.saturating_add(1);
            last.new_lines += 1;
        }
        last.lines.push(line);
    }
    out
}

/// Leaves one of many edits of the same shape, and says how many there are. Deterministic.
pub(super) fn collapse(change: &mut ChangeSet) -> String {
    let mut shapes: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
    for (place, file) in change.files.iter().enumerate() {
        for (n, hunk) in file.hunks.iter().enumerate() {
            if let Some(shape) = shape(hunk) {
                shapes.entry(shape).or_default().push((place, n));
            }
        }
    }
    let mut many: Vec<Vec<(usize, usize)>> = shapes.into_values().filter(|places| places.len() >= SAME).collect();
    many.sort();
    let mut out = String::new();
    let mut gone: HashMap<usize, Vec<usize>> = HashMap::new();
    for places in many {
        let Some((&(first, n), rest)) = places.split_first() else { continue };
        let mut files: Vec<usize> = places.iter().map(|(place, _)| *place).collect();
        files.dedup();
        let line = change.files[first].hunks[n].new_start;
        let named: Vec<&str> = files.iter().take(EXAMPLES).map(|p| change.files[*p].path.as_str()).collect();
        out.push_str(&format!(
            "the edit of {} at line {line} × {} in {} files, for example {}\n",
            super::file_id(first),
            places.len(),
            files.len(),
            named.join(", ")
        ));
        for (place, n) in rest {
            gone.entry(*place).or_default().push(*n);
        }
    }
    for (place, gone) in gone {
        let mut n = 0;
        change.files[place].hunks.retain(|_| {
            n += 1;
            !gone.contains(&(n - 1))
        });
    }
    out
}

/// What an edit looks like, whatever the names and numbers in it; `None` where it is too large to be one of many.
fn shape(hunk: &Hunk) -> Option<String> {
    let changed = hunk.lines.iter().filter(|l| l.kind != LineKind::Context);
    if changed.clone().count() > SMALL {
        return None;
    }
    let mut out = String::new();
    for line in changed {
        out.push(if line.kind == LineKind::Added { '+' } else { '-' });
        let mut last = ' ';
        for c in line.text.trim().chars() {
            let class = match c {
                c if c.is_alphanumeric() || c == '_' => 'a',
                c if c.is_whitespace() => ' ',
                c => c,
            };
            if !(class == last && matches!(class, 'a' | ' ')) {
                out.push(class);
            }
            last = class;
        }
        out.push('\n');
    }
    (!out.is_empty()).then_some(out)
}
