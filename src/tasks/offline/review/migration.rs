//! Migrations that cannot be taken back.

use super::Around;
use crate::git::FileChange;

/// A new migration says how to go forward and nowhere how to go back.
pub(super) fn one_way(file: &FileChange, around: &Around<'_>) -> bool {
    let folder = file.path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = file.path.file_name();
    if let Some(stem) = name.strip_suffix(".up.sql") {
        return !there(&format!("{folder}/{stem}.down.sql"), around) && both_ways(folder, ".down.sql", around);
    }
    // Diesel: one folder for each migration.
    if name == "up.sql" {
        return !there(&format!("{folder}/down.sql"), around);
    }
    if let Some(undo) = flyway(name) {
        let undone = |path: &str| path.rsplit('/').next().is_some_and(|n| n.starts_with('U') && n.contains("__"));
        return !there(&format!("{folder}/{undo}"), around) && others(folder, around).any(undone);
    }
    if !file.path.folders().any(|f| matches!(f, "migrations" | "migrate" | "versions")) {
        return false;
    }
    let says = |words: &[&str]| {
        file.added_lines().any(|l| {
            let text = l.text.to_ascii_lowercase();
            words.iter().any(|w| text.contains(w))
        })
    };
    match file.path.extension().as_str() {
        // Tools that keep both ways in one file mark them; with two files the other one is its own.
        "sql" => {
            (says(&["+goose up"]) && !says(&["+goose down"])) || (says(&["migrate:up"]) && !says(&["migrate:down"]))
        }
        "py" if says(&["migrations.runpython(", "migrations.runsql("]) => django(file),
        "py" | "rb" | "js" | "ts" | "php" => {
            says(&["def upgrade(", "def self.up", "exports.up", "function up(", "async up("])
                && !says(&["downgrade", "def down", "exports.down", "function down(", "async down(", "reverse_code"])
        }
        _ => false,
    }
}

fn there(path: &str, around: &Around<'_>) -> bool {
    let path = path.trim_start_matches('/');
    around.stands(path) || around.files.iter().any(|f| f.file.path.as_str() == path)
}

/// Paths in one folder, of the change and of what lies around it.
fn others<'a>(folder: &'a str, around: &'a Around<'_>) -> impl Iterator<Item = &'a str> {
    let tracked = around.tracked().iter().map(crate::git::Path::as_str);
    let changed = around.files.iter().map(|f| f.file.path.as_str());
    tracked.chain(changed).filter(move |path| path.rsplit_once('/').map_or("", |(f, _)| f) == folder)
}

/// Migrations in this folder go back, or there is no other by which to tell.
fn both_ways(folder: &str, back: &str, around: &Around<'_>) -> bool {
    let mut forward = others(folder, around).filter(|path| path.ends_with(".up.sql"));
    others(folder, around).any(|path| path.ends_with(back)) || forward.nth(2).is_none()
}

/// `U3__pages.sql` for `V3__pages.sql`.
fn flyway(name: &str) -> Option<String> {
    let rest = name.strip_prefix('V').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))?;
    (name.ends_with(".sql") && rest.contains("__")).then(|| format!("U{rest}"))
}

/// A step of Django's that runs code or SQL is told only how to go forward.
fn django(file: &FileChange) -> bool {
    let text: String = file.added_lines().map(|l| l.text.as_str()).collect::<Vec<_>>().join("\n");
    ["migrations.RunPython(", "migrations.RunSQL("]
        .iter()
        .flat_map(|call| text.match_indices(call).map(|(at, call)| at + call.len()))
        .filter_map(|at| text.get(at..))
        .filter_map(arguments)
        .any(|all| {
            all.iter().filter(|a| !["hints", "atomic", "elidable"].iter().any(|o| a.starts_with(o))).count() == 1
        })
}

/// What stands between the brackets of a call, parted at its own commas; `None` when it does not end.
fn arguments(rest: &str) -> Option<Vec<String>> {
    let (mut depth, mut quote, mut out, mut last) = (0_u32, None::<char>, Vec::new(), String::new());
    let mut chars = rest.chars();
    loop {
        let c = chars.next()?;
        match (quote, c) {
            (Some(_), '\\') => drop(chars.next()),
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')') if depth == 0 => break,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                out.push(std::mem::take(&mut last));
                continue;
            }
            (None, _) => {}
        }
        last.push(c);
    }
    out.push(last);
    let out = out.into_iter().map(|a| a.trim().to_owned()).filter(|a| !a.is_empty()).collect::<Vec<_>>();
    (!out.is_empty()).then_some(out)
}
