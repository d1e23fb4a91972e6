//! A change that is too large for one request: what the one request says of it, and what others say of the rest.

use super::{Lines, Packed, Part, fill, locks, pack, split, table};
use crate::git::{ChangeSet, Contents};

/// Most parts that are summarised on their own.
const PARTS: usize = 6;

/// A change packed for one request and, where that does not hold it all, parts for others.
#[derive(Debug, Clone, Default)]
pub struct Whole {
    /// What the one request is given.
    pub text: String,
    /// What did not go into it, in at most six parts: every file that the table only counts is named in one of them.
    pub parts: Vec<String>,
}

/// Packs all of a change. Similar edits are told once where there is no room for each.
#[must_use]
pub fn whole(change: &ChangeSet, contents: &dyn Contents, room: usize) -> Whole {
    let packed = pack(change, contents, room, Lines::Plain);
    if packed.rest.is_empty() && packed.counted.is_empty() {
        return Whole { text: packed.text, parts: Vec::new() };
    }
    let mut less = change.clone();
    let same = split::collapse(&mut less);
    // So small that each of some files has room for a piece.
    let pieces = (2 * less.files.len()).clamp(4, 64);
    split::split(&mut less, (room / pieces).max(1_024));
    let head = room.saturating_sub(same.len().min(room / 4));
    let mut packed = pack(&less, contents, head, Lines::Plain);
    if !same.is_empty() {
        packed.text.push_str("\nEdits of one shape, of which one is shown:\n");
        // Whole lines: the end of one that is cut would be read as an edit.
        let cut = same.get(..same.floor_char_boundary(room / 4)).unwrap_or_default();
        packed.text.push_str(if cut.len() < same.len() {
            cut.rsplit_once('\n').map_or(cut, |(whole, _)| whole)
        } else {
            cut
        });
    }
    let parts = parts(&less, contents, &packed, room);
    Whole { text: packed.text, parts }
}

fn parts(change: &ChangeSet, contents: &dyn Contents, packed: &Packed, room: usize) -> Vec<String> {
    let bytes = |part: &Part| change.files[part.0].hunks[part.1].lines.iter().map(|l| l.text.len() + 2).sum::<usize>();
    let mut waiting: Vec<(usize, Vec<Part>)> = packed.counted.iter().map(|place| (*place, Vec::new())).collect();
    let mut index: std::collections::HashMap<usize, usize> =
        waiting.iter().enumerate().map(|(n, (place, _))| (*place, n)).collect();
    for part in &packed.rest {
        let n = *index.entry(part.0).or_insert_with(|| {
            waiting.push((part.0, Vec::new()));
            waiting.len() - 1
        });
        waiting[n].1.push(*part);
    }
    // Neighbours belong together; one file must not crowd out all others.
    waiting.sort_by(|a, b| change.files[a.0].path.as_str().cmp(change.files[b.0].path.as_str()));
    let cost = |(_, hunks): &(usize, Vec<Part>)| 80 + hunks.iter().map(bytes).sum::<usize>().min(room);
    let total: usize = waiting.iter().map(cost).sum();
    let count = total.div_ceil((room * 3 / 4).max(1)).clamp(1, PARTS);
    let mut groups: Vec<Vec<(usize, Vec<Part>)>> = vec![Vec::new()];
    let (mut spent, mut all) = (0, 0);
    for file in waiting {
        let own = cost(&file);
        if spent > 0 && all + own / 2 > total * groups.len() / count && groups.len() < count {
            groups.push(Vec::new());
            spent = 0;
        }
        spent += own;
        all += own;
        if let Some(group) = groups.last_mut() {
            group.push(file);
        }
    }
    groups.retain(|group| !group.is_empty());
    groups.iter().map(|group| part(change, contents, packed, group, room)).collect()
}

/// Every file of a part by name, then as many of its hunks as fit.
fn part(
    change: &ChangeSet,
    contents: &dyn Contents,
    all: &Packed,
    files: &[(usize, Vec<Part>)],
    room: usize,
) -> String {
    let mut out = Packed { text: format!("A part of a larger change: {} files\n", files.len()), ..Packed::default() };
    let (mut counted, locks) = (Vec::new(), locks(&all.named));
    for (place, _) in files {
        if out.text.len() > room * 3 / 4 {
            counted.push(*place);
        } else {
            table::line(&mut out.text, (change, contents), &all.named, locks, *place);
        }
    }
    out.text.push_str(&table::folders(change, &counted));
    let hunks: Vec<Part> = files.iter().flat_map(|(_, hunks)| hunks.iter().copied()).collect();
    fill(&mut out, change, &hunks, room, Lines::Plain);
    let mut left: Vec<usize> = out.rest.iter().map(|(place, _)| *place).collect();
    let hidden = left.len();
    left.dedup();
    if hidden > 0 {
        out.text.push_str(&format!("\n{hidden} more pieces of {} of these files are not shown\n", left.len()));
    }
    out.text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::patch::{Bare, parse};

    fn large() -> ChangeSet {
        let mut patch = String::new();
        for n in 0..2_000 {
            let word = ["alpha", "beta(x)", "gamma[1]", "delta.y", "eps::z"][n % 5];
            patch.push_str(&format!(
                "diff --git a/src/m{0}/f{n}.rs b/src/m{0}/f{n}.rs\n--- a/src/m{0}/f{n}.rs\n+++ b/src/m{0}/f{n}.rs\n@@ -1,1 +1,1 @@\n-old {word}\n+new {word} {n}\n",
                n % 50
            ));
        }
        for n in 0..300 {
            patch.push_str(&format!(
                "diff --git a/old/r{n}.rs b/new/r{n}.rs\nsimilarity index 100%\nrename from old/r{n}.rs\nrename to new/r{n}.rs\n"
            ));
        }
        patch.push_str(
            "diff --git a/src/big.rs b/src/big.rs\n--- a/src/big.rs\n+++ b/src/big.rs\n@@ -0,0 +1,80000 @@\n",
        );
        for n in 0..80_000 {
            patch.push_str(&format!("+let value{n} = {n};\n"));
        }
        parse(patch.as_bytes()).unwrap()
    }

    #[test]
    fn every_file_of_a_large_change_is_named_in_some_request() {
        let change = large();
        let whole = whole(&change, &Bare, 64 << 10);
        assert!((1..=PARTS).contains(&whole.parts.len()), "{}", whole.parts.len());
        let told = whole.parts.iter().fold(whole.text.clone(), |all, part| all + part);
        for file in &change.files {
            assert!(told.contains(file.path.as_str()), "{} is told nowhere", file.path);
        }
        assert!(told.contains("+let value0 = 0;"), "a hunk larger than the room is shown in part");
        assert!(told.contains("× 400 in 400 files"), "edits of one shape are counted");
        let most = whole.parts.iter().map(String::len).max().unwrap().max(whole.text.len());
        assert!(most <= 66 << 10, "{most}");
    }

    #[test]
    fn pieces_of_a_hunk_keep_all_lines_and_their_numbers() {
        let mut change = large();
        change.files.drain(..change.files.len() - 1);
        let before: Vec<_> = change.files[0].hunks[0].lines.clone();
        split::split(&mut change, 4_096);
        let hunks = &change.files[0].hunks;
        assert!(hunks.len() > 100);
        let after: Vec<_> = hunks.iter().flat_map(|h| h.lines.clone()).collect();
        assert!(before == after);
        for hunk in hunks {
            assert_eq!(Some(hunk.new_start), hunk.lines[0].new);
            assert_eq!(hunk.new_lines as usize, hunk.lines.len());
        }
    }
}
