//! Completions and manual pages are what the binary prints, and the catalog is what its source says;
//! `UPDATE=1 cargo test --test generated` writes them.

// A test that cannot go on says so by panicking; the doors of src/world are for the program.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

#[path = "generated/catalog.rs"]
mod catalog;

const SHELLS: [(&str, &str); 5] = [
    ("bash", "monster.bash"),
    ("elvish", "monster.elv"),
    ("fish", "monster.fish"),
    ("powershell", "_monster.ps1"),
    ("zsh", "_monster"),
];

fn monster(args: &[&str]) -> Vec<u8> {
    let home = tempfile::tempdir().unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_monster"))
        .args(args)
        .env_clear()
        .env("HOME", home.path())
        .current_dir(home.path())
        .output()
        .unwrap();
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// Holds a folder equal to `made`, or makes it so.
fn fresh(folder: &str, made: &BTreeMap<String, Vec<u8>>) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(&dir).unwrap();
        for old in files(&dir).into_keys().filter(|name| !made.contains_key(name)) {
            std::fs::remove_file(dir.join(old)).unwrap();
        }
        for (name, content) in made {
            std::fs::write(dir.join(name), content).unwrap();
        }
    }
    let there = files(&dir);
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&there), names(made), "{folder}/ holds other files; run: UPDATE=1 cargo test --test generated");
    for (name, content) in made {
        assert!(there[name] == *content, "{folder}/{name} is stale; run: UPDATE=1 cargo test --test generated");
    }
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let paths: Vec<PathBuf> =
        std::fs::read_dir(dir).map(|d| d.flatten().map(|e| e.path()).collect()).unwrap_or_default();
    paths
        .into_iter()
        .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&p).unwrap()))
        .collect()
}

#[test]
fn completions_are_fresh_for_five_shells() {
    let made = SHELLS.iter().map(|(shell, file)| ((*file).to_owned(), monster(&["completions", shell]))).collect();
    fresh("completions", &made);
}

#[test]
fn manual_pages_are_fresh() {
    let dir = tempfile::tempdir().unwrap();
    monster(&["man", &dir.path().display().to_string()]);
    let made = files(dir.path());
    assert!(made.contains_key("monster.1") && made.contains_key("monster-hook-install.1"), "{:?}", made.keys());
    let first = String::from_utf8(made["monster.1"].clone()).unwrap();
    assert!(first.contains("EXIT STATUS") && first.contains("\\fB130\\fR"), "the exit codes are in the manual");
    fresh("man", &made);
}

#[test]
fn the_catalog_is_made_from_its_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join("data").join(name)).unwrap();
    let made = catalog::table(&[&read("models.json"), &read("routers.json")], &read("edits.json"));
    let place = root.join("src/catalog/models.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&place, &made).unwrap();
    }
    let there = std::fs::read_to_string(&place).unwrap();
    assert!(there == made, "src/catalog/models.json is stale; run: UPDATE=1 cargo test --test generated");
}
