//! Migrations that cannot be taken back.

use std::sync::OnceLock;

use regex::Regex;

use super::Around;
use crate::git::FileChange;

/// Older migrations that are read to learn whether anybody here goes back.
const SAMPLE: usize = 3;
/// Larger ones are not read (bytes).
const LIMIT: u64 = 256 << 10;

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
    let text: String = file.added_lines().flat_map(|l| [l.text.as_str(), "\n"]).collect();
    let extension = file.path.extension();
    if extension == "py" && ["migrations.RunPython(", "migrations.RunSQL("].iter().any(|call| text.contains(call)) {
        return django(&text);
    }
    one_file(&extension, &text) && !nobody_goes_back(file, folder, &extension, around)
}

/// A tool that keeps both ways in one file, and how it writes them.
pub(super) struct Tool {
    pub(super) extensions: &'static [&'static str],
    pub(super) up: &'static str,
    down: &'static str,
}

/// With two files the other one is its own.
pub(super) const TOOLS: [Tool; 7] = [
    // goose, sql-migrate
    Tool {
        extensions: &["sql"],
        up: r"(?im)^--\s*\+(?:goose|migrate)\s+up\b",
        down: r"(?i)\+(?:goose|migrate)\s+down\b",
    },
    // dbmate
    Tool { extensions: &["sql"], up: r"(?im)^--\s*migrate:up\b", down: r"(?i)migrate:down\b" },
    // Alembic
    Tool { extensions: &["py"], up: r"(?m)^def upgrade\(", down: r"\bdef downgrade\(" },
    // Rails
    Tool { extensions: &["rb"], up: r"(?m)^\s*def (?:self\.)?up\b", down: r"\bdef (?:self\.)?down\b" },
    // Ecto
    Tool { extensions: &["ex", "exs"], up: r"(?m)^\s*def up\b", down: r"\bdef down\b" },
    // Laravel, Phinx, Doctrine
    Tool { extensions: &["php"], up: r"\bfunction up\(", down: r"\bfunction down\(" },
    // Knex, Sequelize, TypeORM, MikroORM
    Tool {
        extensions: &["cjs", "cts", "js", "mjs", "mts", "ts"],
        up: r"(?m)\bexports\.up\s*=|^\s*export (?:async )?function up\b|^\s*export const up\b|^\s*(?:public )?async up\s*\(|^\s*up\s*:\s*(?:async\b|function\b|\(|\w+\s*=>)|^\s*(?:public )?up\s*\([^)]*\)\s*(?::\s*[\w<>]+\s*)?\{",
        down: r"\bdown\b",
    },
];

/// The text of a migration says in one of the tools' ways how to go forward, and not how to go back.
fn one_file(extension: &str, text: &str) -> bool {
    static COMPILED: OnceLock<Vec<Option<[Regex; 2]>>> = OnceLock::new();
    let make = |tool: &Tool| Some([Regex::new(tool.up).ok()?, Regex::new(tool.down).ok()?]);
    let compiled = COMPILED.get_or_init(|| TOOLS.iter().map(make).collect());
    let ways = TOOLS.iter().zip(compiled).filter(|(tool, _)| tool.extensions.contains(&extension));
    // node-pg-migrate finds out by itself how to go back.
    let inferred = text.contains("pgm");
    !inferred && ways.filter_map(|(_, ways)| ways.as_ref()).any(|[up, down]| up.is_match(text) && !down.is_match(text))
}

/// The last of the older migrations in this folder, at least three, have no way back either.
fn nobody_goes_back(file: &FileChange, folder: &str, extension: &str, around: &Around<'_>) -> bool {
    let changed = |path: &str| around.files.iter().any(|f| f.file.path.as_str() == path);
    let same = |path: &&str| path.ends_with(&format!(".{extension}")) && *path != file.path.as_str() && !changed(path);
    let mut older: Vec<&str> = others(folder, around).filter(same).collect();
    older.sort_unstable();
    let last = older.iter().rev().take(SAMPLE);
    let texts: Vec<_> = last.filter_map(|path| around.contents.base(path, LIMIT)).collect();
    texts.len() == SAMPLE && texts.iter().all(|text| one_file(extension, &String::from_utf8_lossy(text)))
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
fn django(text: &str) -> bool {
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
