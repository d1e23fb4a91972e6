//! Migrations that cannot be taken back.

use crate::git::FileChange;

/// A new migration says how to go forward and nowhere how to go back.
pub(super) fn one_way(file: &FileChange) -> bool {
    if !file.path.folders().any(|f| matches!(f, "migrations" | "migrate")) {
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
        "py" | "rb" | "js" | "ts" | "php" => {
            says(&["def upgrade(", "def self.up", "exports.up", "function up(", "async up("])
                && !says(&["downgrade", "def down", "exports.down", "function down(", "async down(", "reverse_code"])
        }
        _ => false,
    }
}
