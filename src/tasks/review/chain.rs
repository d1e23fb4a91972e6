//! What stands above a line in files of settings, which define nothing: the keys or the table that it lies in.

use crate::git::{Contents, FileChange, LineKind};

/// A larger file is read by its hunks alone (bytes).
const LARGEST: u64 = 4 << 20;

/// How such a file says what lies in what.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// By how far a line stands in: YAML, and JSON as it is mostly written.
    Margin,
    /// By heads: TOML, INI.
    Head,
}

/// The lines of a file of settings, each with the one that it lies in. Made once for a file.
pub(super) struct Chains {
    /// By number: what it says without a value, and the place of the one above it.
    rows: Vec<(u32, String, Option<usize>)>,
}

impl Chains {
    /// Of this file, as a whole where it can be had: hunks may show the same line with more or fewer above it. `None` for
    /// other files.
    pub(super) fn new(file: &FileChange, contents: &dyn Contents) -> Option<Self> {
        let how = match file.path.extension().as_str() {
            "yml" | "yaml" | "json" => How::Margin,
            "toml" | "ini" | "cfg" | "conf" => How::Head,
            _ => return None,
        };
        let mut chains = Self { rows: Vec::new() };
        let whole = contents.after(file, LARGEST).and_then(|bytes| String::from_utf8(bytes).ok());
        match whole {
            Some(text) => chains.read(how, (1..).zip(text.lines())),
            None => {
                for hunk in &file.hunks {
                    let lines = hunk.lines.iter().filter(|line| line.kind != LineKind::Removed);
                    chains.read(how, lines.filter_map(|line| Some((line.new?, line.text.as_str()))));
                }
                // A patch from elsewhere may have its hunks in any order: then their lines are not found.
            }
        }
        Some(chains)
    }

    fn read<'t>(&mut self, how: How, lines: impl Iterator<Item = (u32, &'t str)>) {
        // Those that the next line may lie in, and how far they stand in.
        let mut open: Vec<(usize, usize)> = Vec::new();
        for (number, text) in lines {
            let bare = text.trim_start();
            let margin = text.len() - bare.len();
            let at = self.rows.len();
            let said = bare.chars().any(char::is_alphanumeric) && !bare.starts_with(['#', ';']);
            let head = how == How::Head && bare.starts_with('[');
            if bare.starts_with("---") || head {
                open.clear();
            } else if how == How::Margin && said {
                while open.last().is_some_and(|(_, other)| *other >= margin) {
                    open.pop();
                }
            }
            let above = open.last().map(|(row, _)| *row);
            if head || how == How::Margin && said {
                open.push((at, margin));
            }
            // A value may be a secret.
            let key = if head { bare } else { bare.split([':', '=']).next().unwrap_or_default() };
            self.rows.push((number, key.trim().to_owned(), above));
        }
    }

    /// What stands above the line with this number, the nearest first.
    pub(super) fn above(&self, number: u32) -> String {
        let at = self.rows.partition_point(|(other, ..)| *other < number);
        let mut row = self.rows.get(at).filter(|(other, ..)| *other == number);
        let mut out = String::new();
        while let Some(next) = row.and_then(|(.., above)| self.rows.get((*above)?)) {
            out.push_str(&next.1);
            out.push('\0');
            row = Some(next);
        }
        out
    }
}
