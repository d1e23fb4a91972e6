//! The page about accounts is held equal to the program: its session is played from the first line to the last.

use std::fs;
use std::process::Stdio;

use crate::issuer::Issuer;
use crate::sandbox::Sandbox;
use crate::upstream::Upstream;

const PAGE: &str = include_str!("../../docs/ACCOUNTS.md");

fn blocks(language: &str) -> Vec<&'static str> {
    PAGE.split("\n```").filter_map(|part| part.strip_prefix(language)?.strip_prefix('\n')).collect()
}

#[test]
fn the_session_on_the_page_is_what_happens() {
    let (upstream, issuer) = (Upstream::start(), Issuer::start());
    upstream.lists(&["gpt-4.1-mini", "gpt-5.2"]);
    let mut sandbox = Sandbox::new();
    sandbox.set("OPENAI_BASE_URL", &upstream.base("openai"));
    // The page has names that people can read; here the scripted servers stand behind them.
    let real = [("https://login.example.com", issuer.url("")), ("https://models.example.com/v1", issuer.url("/v1"))];
    let settings = real.iter().fold(blocks("toml").concat(), |text, (name, place)| text.replace(name, place));
    sandbox.config(&settings);
    let file = |name: &str, text: &str| {
        fs::write(sandbox.home().join(name), text).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(sandbox.home().join(name), fs::Permissions::from_mode(0o600)).unwrap();
        }
    };
    file("openai.key", &sandbox.key("openai"));
    file("passphrase", "correct horse battery staple\n");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_monster")).parent().unwrap().display().to_string();
    let mut played = String::new();
    for block in blocks("console") {
        let line = block.strip_prefix("$ ").unwrap().lines().next().unwrap();
        let script = format!("PATH='{program}':$PATH; {line} 2>&1");
        let out = sandbox.command("sh", &sandbox.home()).args(["-c", &script]).stdin(Stdio::null()).output().unwrap();
        let said = String::from_utf8(out.stdout).unwrap();
        assert!(out.status.success(), "{line}\n{said}");
        let said = real.iter().fold(said, |text, (name, place)| text.replace(place.as_str(), name));
        let home = sandbox.home().display().to_string();
        played.push_str(&format!("$ {line}\n{}\n\n", said.replace(&home, "/home/ada").trim_end()));
    }
    let page: String = blocks("console").iter().map(|block| format!("{}\n\n", block.trim_end())).collect();
    assert_eq!(page, played, "\nwhat happens:\n{played}");
}
