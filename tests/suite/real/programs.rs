//! Agents as whole programs, with the settings that `monster setup` wrote, in front of a real `monster serve`: what the
//! model says is printed, what it wants of a tool is carried out, what the upstream refuses is shown, and who is killed
//! takes the upstream with him. Each in front of its own dialect and of another's.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::setup::{QUIET, files, tools, undo};
use super::{result, skip};
use crate::caller::House;
use crate::commit::connected;
use crate::patience::ends;
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Call, Fault, Upstream};

/// What the model says in the end.
const SAID: &str = "Read: a quiet blue.";
/// What stands in the file it reads, and nowhere else.
const WORD: &str = "ultramarine-7731";
/// What the upstream refuses with.
const REFUSED: &str = "the colour is not known here";
/// What none of them needs longer for on a busy machine.
const LONG: Duration = Duration::from_secs(120);

/// A program, and how it is asked.
struct Program {
    tool: &'static str,
    path: &'static str,
    /// Before the prompt.
    args: &'static [&'static str],
    /// What names a model; without it, `monster setup` says which.
    model: Option<&'static str>,
    /// A model of its own dialect, and one of another.
    models: [&'static str; 2],
    /// Its tool that reads a file, and the arguments, with `FILE` for where that is.
    reads: Option<(&'static str, &'static str)>,
    /// It reads the key from the variable.
    variable: bool,
}

static CLAUDE: Program = Program {
    tool: "claude-code",
    path: "npm/node_modules/.bin/claude",
    args: &["-p"],
    model: Some("--model"),
    models: ["claude-sonnet-4-6", "openai/gpt-5.4"],
    reads: Some(("Read", r#"{"file_path":"FILE"}"#)),
    variable: true,
};

static CODEX: Program = Program {
    tool: "codex",
    path: "npm/node_modules/.bin/codex",
    args: &["exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"],
    model: Some("-m"),
    models: ["gpt-5.4", "anthropic/claude-sonnet-4-6"],
    reads: Some(("exec_command", r#"{"cmd":"cat FILE"}"#)),
    variable: true,
};

static GEMINI: Program = Program {
    tool: "gemini-cli",
    path: "npm/node_modules/.bin/gemini",
    args: &["--skip-trust", "-p"],
    model: Some("-m"),
    models: ["gemini-2.5-flash", "anthropic/claude-sonnet-4-6"],
    reads: Some(("read_file", r#"{"file_path":"FILE"}"#)),
    variable: false,
};

static OPENCODE: Program = Program {
    tool: "opencode",
    path: "npm/node_modules/.bin/opencode",
    args: &["run"],
    model: None,
    models: ["openai/gpt-4.1-mini", "anthropic/claude-sonnet-4-6"],
    reads: Some(("read", r#"{"filePath":"FILE"}"#)),
    variable: true,
};

static AIDER: Program = Program {
    tool: "aider",
    path: "aider/bin/aider",
    args: &[
        "--no-git",
        "--yes",
        "--no-check-update",
        "--analytics-disable",
        "--no-show-model-warnings",
        // The others depend on what it knows of the model by its name.
        "--edit-format",
        "whole",
        "--file",
        "note.txt",
        "--message",
    ],
    model: None,
    models: ["openai/gpt-4.1-mini", "anthropic/claude-sonnet-4-6"],
    reads: None,
    variable: false,
};

/// Variables that are monster's own, and that a program would take for its.
const OWN: [&str; 10] = [
    "OPENAI_API_KEY",
    "OPENAI_BASE_URL",
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "GEMINI_API_KEY",
    "GOOGLE_GEMINI_BASE_URL",
    "OPENROUTER_API_KEY",
    "DEEPSEEK_API_KEY",
    "XAI_API_KEY",
    "DBUS_SESSION_BUS_ADDRESS",
];

/// Whether a call is what was asked, and not what the program asks beside it, such as for a title.
fn main(program: &Program, call: &Call) -> bool {
    program.reads.is_none_or(|(name, _)| call.body["tools"].to_string().contains(&format!("\"{name}\"")))
}

/// What the model does. aider has no tools: it edits by what it is told.
fn answer(program: &Program, file: &Path, call: &Call) -> Answer {
    let body = call.body.to_string();
    if !main(program, call) {
        return Answer::text("A title");
    }
    if body.contains("refuse-7731") {
        return Answer::status(400, "invalid_request_error", REFUSED);
    }
    if body.contains("stall-7731") {
        return Answer::text("one two three four five").fault(Fault::Stall(2));
    }
    match program.reads {
        Some((name, arguments)) if !body.contains(WORD) => {
            let arguments = arguments.replace("FILE", &file.display().to_string());
            Answer::text("I look.").tool(name, serde_json::from_str::<Value>(&arguments).unwrap())
        }
        Some(_) => Answer::text(SAID),
        None => Answer::text(format!("{SAID}\n\nnote.txt\n```\n{WORD} and green\n```\n")),
    }
}

/// A home with a set up program, and a server in front of a script.
struct World {
    program: &'static Program,
    sandbox: Sandbox,
    upstream: Upstream,
    key: String,
}

impl World {
    /// Has monster set the program up, for this model where the settings say which.
    fn set_up(&self, model: &str) {
        let mut write = vec!["setup", self.program.tool, "--write"];
        if self.program.model.is_none() {
            write.extend(["--model", model]);
        }
        if !self.program.variable {
            write.push("--key-stdin");
        }
        self.sandbox.monster(&write).stdin(self.key.clone()).done().ok();
    }

    fn start(&self, prompt: &str, model: &str) -> Child {
        let program = self.program;
        let mut command: Command = self.sandbox.command(tools().join(program.path).to_str().unwrap(), &self.work());
        for name in OWN {
            command.env_remove(name);
        }
        // Node and what it starts are found where the developer has them.
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command.envs(QUIET);
        command.args(program.args).arg(prompt);
        if let Some(flag) = program.model {
            command.args([flag, model]);
        }
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).spawn().unwrap()
    }

    fn work(&self) -> std::path::PathBuf {
        self.sandbox.home().join("work")
    }

    /// Asks, and waits for the end: what it printed, and on standard error.
    fn ask(&self, prompt: &str, model: &str) -> (bool, String, String) {
        let child = self.start(prompt, model);
        let id = child.id();
        let done = ends(child, LONG).unwrap_or_else(|said| {
            kill(id);
            panic!("{} does not come to an end: {:?}\n{said}", self.program.tool, self.seen())
        });
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (done.status.success(), text(&done.stdout), text(&done.stderr))
    }

    /// What arrived, for whoever reads of a failure.
    fn seen(&self) -> Vec<String> {
        let calls = self.upstream.calls();
        let short = |call: &Call| {
            let names: Vec<_> = regex::Regex::new(r#""name":"([\w-]+)""#)
                .unwrap()
                .captures_iter(&call.body["tools"].to_string())
                .map(|found| found[1].to_owned())
                .collect();
            format!("{} {} {} tools {names:?}", call.dialect, call.model, call.stream)
        };
        calls.iter().map(short).chain(self.upstream.refusals()).collect()
    }
}

fn kill(group: u32) {
    drop(Command::new("sh").args(["-c", &format!("kill -KILL -{group}")]).status());
}

fn run(program: &'static Program) {
    let tool = program.tool;
    if !tools().join(program.path).is_file() {
        return skip("programs", &format!("{tool} is not installed"));
    }
    let began = Instant::now();
    let upstream = Upstream::start();
    let mut sandbox = connected(&upstream);
    sandbox.live();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let config = fs::read_to_string(sandbox.config_dir().join("config.toml")).unwrap();
    sandbox.config(&format!("{config}[serve]\nlisten = [\"{free}\"]\npark = 1\n"));
    let key = sandbox.monster(&["serve", "key", "add", "agent"]).done().ok().raw.trim().to_owned();
    if program.variable {
        sandbox.set("MONSTER_KEY", &key);
    }
    let house = House::of(sandbox.monster(&["serve"]).start(), &sandbox);
    let world = World { program, sandbox, upstream, key };
    let note = world.work().join("note.txt");
    fs::create_dir_all(world.work()).unwrap();
    fs::write(&note, format!("{WORD}\n")).unwrap();
    let before = files(&world.sandbox);
    let file = note.clone();
    world.upstream.always(move |call| answer(program, &file, call));
    let [own, other] = program.models;
    // What is translated is held against the rules of the service that it goes to.
    world.set_up(other);
    reads(&world, &note, other);
    let (good, out, err) = world.ask("Do refuse-7731, please.", other);
    // Some break lines.
    let shown = format!("{out}{err}").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains(REFUSED), "{tool} ({good}) printed\n{out}\n{err}\n{:#?}", world.seen());
    let gone = world.upstream.hang_ups();
    let child = world.start("Do stall-7731, please.", other);
    world.upstream.wait_for_stall(LONG);
    kill(child.id());
    // What it started in a session of its own may live on, and hold its output open.
    drop(ends(child, LONG));
    world.upstream.wait_for_hang_ups(gone + 1, Duration::from_secs(10));
    // What goes on as it came is the program's own, and newer than those rules.
    world.upstream.takes_all();
    world.set_up(own);
    reads(&world, &note, own);
    house.close(&world.sandbox).ok();
    undo(&world.sandbox, tool, &before, &free.to_string());
    result(
        "programs",
        &format!("{tool}, in front of {own} and {other}"),
        &format!(
            "answered, {}, refused and killed, in {:.0} s",
            if program.reads.is_some() { "used its tool" } else { "edited" },
            began.elapsed().as_secs_f32()
        ),
    );
}

/// What the model wants of a tool happens, and its answer is printed.
fn reads(world: &World, note: &Path, model: &str) {
    let (tool, before) = (world.program.tool, world.upstream.calls().len());
    let (good, out, err) = world.ask("Which colour stands in note.txt?", model);
    let told = || format!("{tool} with {model} printed\n{out}\n--- stderr\n{err}\n{:#?}", world.seen());
    assert!(good && out.contains(SAID), "{}", told());
    let calls: Vec<Call> = world.upstream.calls().split_off(before);
    let bare = model.rsplit('/').next().unwrap();
    let calls: Vec<&Call> = calls.iter().filter(|call| main(world.program, call) && call.model == bare).collect();
    assert!(calls.iter().all(|call| call.stream) && !calls.is_empty(), "{}", told());
    match world.program.reads {
        Some(_) => assert!(calls.last().unwrap().body.to_string().contains(WORD), "{}", told()),
        None => {
            assert_eq!(fs::read_to_string(note).unwrap(), format!("{WORD} and green\n"), "{}", told());
            fs::write(note, format!("{WORD}\n")).unwrap();
        }
    }
}

#[test]
fn claude_code_works_through_monster() {
    run(&CLAUDE);
}

#[test]
fn codex_works_through_monster() {
    run(&CODEX);
}

#[test]
fn gemini_cli_works_through_monster() {
    run(&GEMINI);
}

#[test]
fn opencode_works_through_monster() {
    run(&OPENCODE);
}

#[test]
fn aider_works_through_monster() {
    run(&AIDER);
}
