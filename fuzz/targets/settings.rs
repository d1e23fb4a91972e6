//! Settings files from the user and from a repository: problems are told, nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::config::{Config, Inputs};
use monster::world::Env;

fuzz_target!(|data: &[u8]| {
    let dir = std::env::temp_dir().join(format!("monster-fuzz-{}", std::process::id()));
    if std::fs::create_dir_all(&dir).is_err() {
        return;
    }
    let file = dir.join("config.toml");
    if monster::world::files::replace(&file, data, 0o600).is_err() {
        return;
    }
    let env = Env::fixed::<&str, &str>([], &dir);
    let inputs = |user: bool| Inputs {
        user_file: user.then(|| file.clone()),
        repo_file: (!user).then(|| file.clone()),
        git_global: Vec::new(),
        git_local: Vec::new(),
        git_command: Vec::new(),
        env: &env,
        flags: Vec::new(),
    };
    drop(Config::load(inputs(true)).list());
    let repo = Config::load(inputs(false)).config;
    assert!(repo.upstreams.is_empty(), "a repository names no endpoints");
});
