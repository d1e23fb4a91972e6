//! Tools of the user's that are no agents of their own: each is set up in a home of its own, started with one prompt, and
//! its request arrives where `monster serve` would listen, with the key. These tests are about the settings alone, so the
//! scripted upstream stands in for the server; agents meet the real one in `programs.rs`. `.ci/parts` installs them, in
//! `tests/real/tools`.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{parts, result, skip};
use crate::key::key;
use crate::patience::ended;
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

/// A program and what it is to do.
struct Program {
    tool: &'static str,
    /// Below the folder of tools.
    path: &'static str,
    args: &'static [&'static str],
    /// Where its request comes in.
    door: &'static str,
    /// It reads the key from the variable; otherwise its settings hold it.
    variable: bool,
}

const PROGRAMS: [Program; 2] = [
    Program {
        tool: "continue",
        path: "npm/node_modules/.bin/cn",
        args: &["-p", "say hi"],
        door: "/v1/chat/completions",
        variable: true,
    },
    Program {
        tool: "llm",
        path: "llm/bin/llm",
        args: &["-m", "monster/balanced", "say hi"],
        door: "/v1/chat/completions",
        variable: false,
    },
];

/// They leave alone what they would fetch beside the answer, which here could only fail, some of it slowly.
pub const QUIET: [(&str, &str); 6] = [
    ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
    ("LITELLM_LOCAL_MODEL_COST_MAP", "True"),
    ("OPENCODE_DISABLE_MODELS_FETCH", "1"),
    ("OPENCODE_DISABLE_AUTOUPDATE", "1"),
    ("OPENCODE_DISABLE_LSP_DOWNLOAD", "1"),
    ("OPENCODE_DISABLE_DEFAULT_PLUGINS", "1"),
];

const SAID: &str = "Hello from behind monster.";

pub fn tools() -> PathBuf {
    std::env::var_os("MONSTER_TEST_TOOLS").map_or_else(|| parts().join("tools"), PathBuf::from)
}

fn run(tool: &str) {
    let program = PROGRAMS.iter().find(|program| program.tool == tool).unwrap();
    let path = tools().join(program.path);
    if !path.is_file() {
        return skip("setup", &format!("{tool} is not installed"));
    }
    let upstream = Upstream::start();
    // What a whole agent sends is held against the real services' rules elsewhere.
    upstream.takes_all().always(|_| Answer::text(SAID));
    let mut sandbox = Sandbox::new();
    let base = upstream.base("azure");
    let access = key("monster serve");
    sandbox.config(&format!("[serve]\nlisten = [\"{}\"]\n", base.trim_start_matches("http://")));
    let write: &[&str] = if program.variable {
        sandbox.set("MONSTER_KEY", &access);
        &["setup", tool, "--write"]
    } else {
        &["setup", tool, "--key-stdin", "--write"]
    };
    let before = files(&sandbox);
    sandbox.monster(write).stdin(access.clone()).done().ok();
    let dir = sandbox.home().join("work");
    fs::create_dir_all(&dir).unwrap();
    let mut command = sandbox.command(path.to_str().unwrap(), &dir);
    // Node and what it starts are found where the developer has them.
    command.env("PATH", std::env::var_os("PATH").unwrap()).env_remove("DBUS_SESSION_BUS_ADDRESS");
    command.envs(QUIET);
    let child = command.args(program.args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let began = Instant::now();
    upstream.wait_for_calls(1, Duration::from_secs(100));
    let done = ended(child, Duration::from_secs(300), tool);
    let (stdout, stderr) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    let calls = upstream.calls();
    let arrived = calls.iter().find(|call| call.path == program.door);
    let arrived = arrived.unwrap_or_else(|| {
        let paths: Vec<_> = calls.iter().map(|call| call.path.clone()).collect();
        panic!("{tool} called {paths:?}\n{stdout}\n{stderr}")
    });
    let keys = ["authorization", "x-api-key", "x-goog-api-key"].map(|name| arrived.header(name).unwrap_or_default());
    assert!(keys.iter().any(|key| key.trim_start_matches("Bearer ") == access), "{tool} sent another key");
    assert!(stdout.contains(SAID), "{tool} printed\n{stdout}\n{stderr}\n{:?}", upstream.refusals());
    undo(&sandbox, tool, &before, &base);
    result(
        "setup",
        &format!("{tool}, set up and asked once"),
        &format!("arrived at {} with the key after {:.1} s", program.door, began.elapsed().as_secs_f32()),
    );
}

/// Takes a set up back: of what was not there before, nothing of ours leads to `base` any more.
pub fn undo(sandbox: &Sandbox, tool: &str, before: &[PathBuf], base: &str) {
    sandbox.monster(&["setup", tool, "--undo"]).done().ok();
    for file in files(sandbox).iter().filter(|file| !before.contains(file)) {
        // What the tool itself has made since is the tool's.
        let text = fs::read(file).unwrap_or_default();
        let said = String::from_utf8_lossy(&text);
        assert!(!file.to_string_lossy().contains("monster-backup"), "{} was left", file.display());
        let config =
            ["settings.json", "config.toml", ".env", "opencode.json", ".aider.conf.yml", "config.yaml", "keys.json"];
        let named = config.iter().any(|name| file.file_name().is_some_and(|n| n == *name));
        assert!(!named || !said.contains(base), "{} still leads here:\n{said}", file.display());
    }
}

/// All that is in the home.
pub fn files(sandbox: &Sandbox) -> Vec<PathBuf> {
    let (mut out, mut dirs) = (Vec::new(), vec![sandbox.home()]);
    while let Some(dir) = dirs.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            match entry.file_type().map(|kind| kind.is_dir()) {
                Ok(true) if entry.file_name() != "node_modules" => dirs.push(entry.path()),
                Ok(false) => out.push(entry.path()),
                _ => {}
            }
        }
    }
    out
}

#[test]
fn continue_calls_monster() {
    run("continue");
}

#[test]
fn llm_calls_monster() {
    run("llm");
}
