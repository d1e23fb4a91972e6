//! What programs that `monster` starts are told: nothing that opens anything.

use std::fs;
use std::path::{Path, PathBuf};

use crate::sandbox::Sandbox;

/// An executable script.
fn script(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, format!("#!/bin/sh\n{text}\n")).unwrap();
    crate::program::runnable(path);
}

/// Variables that hold secrets, and one that is nobody's business.
fn keys(sandbox: &mut Sandbox) -> Vec<String> {
    let names =
        ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "HOUSE_KEY", "HOUSE_SECRET"];
    let values: Vec<String> = names.iter().map(|name| crate::key::key(&format!("children {name}"))).collect();
    for (name, value) in names.iter().zip(&values) {
        sandbox.set(name, value);
    }
    sandbox.set("HARMLESS", "kept");
    sandbox.config(
        "[upstreams.house]\nbase_url = \"http://127.0.0.1:9/v1\"\nkey_env = \"HOUSE_KEY\"\n[upstreams.house.oauth]\n\
         client_id = \"app\"\nclient_secret_env = \"HOUSE_SECRET\"\ntoken_url = \"http://127.0.0.1:9/token\"\n",
    );
    values
}

/// What was recorded in a folder, a file for every process.
fn records(dir: &Path) -> Vec<(PathBuf, String)> {
    let files = fs::read_dir(dir).unwrap().flatten().map(|e| e.path());
    files.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

#[test]
fn a_program_that_holds_the_identity_gets_no_keys() {
    let mut sandbox = Sandbox::new();
    let values = keys(&mut sandbox);
    let passphrase = sandbox.home().join("passphrase");
    sandbox.set("MONSTER_PASSPHRASE_FILE", &passphrase.display().to_string());
    let (identity, holder, told) =
        (sandbox.home().join("identity"), sandbox.home().join("bin/holder"), sandbox.home().join("told"));
    let login = |flags: &[&str]| {
        let all = [&["login", "openai", "--stdin", "--no-check"], flags].concat();
        sandbox.monster(&all).stdin(sandbox.key("openai")).done().ok();
    };
    // Made by the key file's slot, and read by the program from then on.
    login(&["--store", "keyfile", "--keyfile", &identity.display().to_string()]);
    for name in ["accounts.age", "accounts.age.bak", "slots.json"] {
        drop(fs::remove_file(sandbox.config_dir().join(name)));
    }
    fs::create_dir(&told).unwrap();
    script(&holder, &format!("env > '{}'/$$\ncat '{}'", told.display(), identity.display()));
    login(&["--store", "command", "--command", &holder.display().to_string()]);
    sandbox.monster(&["accounts"]).done().ok();

    let records = records(&told);
    assert!(!records.is_empty(), "the program was asked");
    for (_, environment) in records {
        assert!(environment.contains("HARMLESS=kept"), "everything else it gets: {environment}");
        assert!(!environment.contains("MONSTER_PASSPHRASE"), "{environment}");
        assert!(!values.iter().any(|value| environment.contains(value)), "{environment}");
    }
}

#[test]
fn git_gets_no_keys_but_for_a_commit_which_is_the_users_own() {
    let mut sandbox = Sandbox::new();
    let values = keys(&mut sandbox);
    let told = sandbox.home().join("told");
    fs::create_dir(&told).unwrap();
    let repo = sandbox.repo("shy");
    // What libgit2 cannot read is read by a git process.
    fs::remove_dir_all(repo.path().join(".git")).unwrap();
    repo.git(&["init", "-q", "--object-format=sha256"]);
    repo.history(&[("docs: begin", "README.md", "# A\n")]).stage("README.md", "# A\n\nMore.\n");
    let path = std::env::var("PATH").unwrap();
    let real = std::env::split_paths(&path).map(|d| d.join("git")).find(|p| p.is_file()).unwrap();
    let bin = sandbox.home().join("bin");
    let record = format!("{{ echo \"$@\"; env; }} > '{}'/$$\nexec '{}' \"$@\"", told.display(), real.display());
    script(&bin.join("git"), &record);
    let path = format!("{}:{path}", bin.display());
    repo.monster(&["review", "--offline"]).env("PATH", &path).done().ok();
    repo.monster(&["commit", "-y", "--offline"]).env("PATH", &path).done().ok();

    let (commits, others): (Vec<_>, Vec<_>) =
        records(&told).into_iter().partition(|(_, record)| record.starts_with("commit "));
    assert!(!others.is_empty() && commits.len() == 1, "{} commits, {} others", commits.len(), others.len());
    for (_, record) in others {
        assert!(!values.iter().any(|value| record.contains(value)), "{record}");
    }
    assert!(values.iter().all(|value| commits[0].1.contains(value)), "its hooks may need them: {}", commits[0].1);
}
