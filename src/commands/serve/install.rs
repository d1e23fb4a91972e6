//! `monster serve install`, `uninstall` and `status`: monster in the background, run by the user's own systemd or launchd.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::{Value, json};

use super::address::reached;
use crate::auth::quoted;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::net::probe;
use crate::serve::Address;
use crate::serve::unit::{LABEL, Listens, Plan, SERVICE, SOCKET, UnitError, listens, ours};
use crate::ui::plain;
use crate::world::{files, machine, process::Run};

/// A service file is no longer than this (bytes).
const FILE: u64 = 64 << 10;
/// The service manager answers within this, or not at all.
const PATIENCE: Duration = Duration::from_secs(30);
/// What monster says at `/healthz`.
const HEALTHY: &str = "monster is running";

/// Run monster serve in the background, from every sign-in on.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  monster serve install --print\n  monster serve install\n  monster serve install --socket --listen 127.0.0.1:7766\n\nIt is run by your own systemd or launchd, not by the system's: no rights are needed and none are given."
)]
pub(super) struct Install {
    /// Where to listen, in the place of `serve.listen`: 127.0.0.1:7766, unix:PATH; may be given several times.
    #[arg(long, value_name = "ADDRESS")]
    listen: Vec<String>,
    /// Ask callers at addresses of this machine for no key.
    #[arg(long)]
    no_auth: bool,
    /// Serve addresses beyond this machine without TLS: whoever is on the way reads keys, prompts and answers.
    #[arg(long)]
    plain: bool,
    /// Let systemd listen, and start monster with the first caller.
    #[arg(long)]
    socket: bool,
    /// Print what would be written and run, and do nothing.
    #[arg(long)]
    print: bool,
}

/// Who runs things in the background.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manager {
    Systemd,
    Launchd,
}

impl Manager {
    /// This system's.
    ///
    /// # Errors
    /// Exit 1 where there is none that we know.
    fn here() -> Result<Self, CommandError> {
        if cfg!(target_os = "linux") {
            Ok(Self::Systemd)
        } else if cfg!(target_os = "macos") {
            Ok(Self::Launchd)
        } else {
            let what = "monster knows systemd and launchd, and this system has neither";
            Err(CommandError::new(Exit::Failed, what)
                .hint("let your system start this command when you sign in: monster serve run"))
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Systemd => "systemd",
            Self::Launchd => "launchd",
        }
    }

    /// Where files of ours stand.
    fn places(self, context: &Context) -> Result<Vec<PathBuf>, CommandError> {
        let home = || {
            let what = "there is no home folder to write into";
            context.env.home().ok_or_else(|| CommandError::new(Exit::Failed, what).hint("set HOME"))
        };
        match self {
            Self::Systemd => {
                // The rules of XDG: what is relative is not there.
                let own = context.env.get("XDG_CONFIG_HOME").map(PathBuf::from).filter(|dir| dir.is_absolute());
                let dir = match own {
                    Some(dir) => dir,
                    None => home()?.join(".config"),
                };
                let dir = dir.join("systemd/user");
                Ok(vec![dir.join(SERVICE), dir.join(SOCKET)])
            }
            Self::Launchd => Ok(vec![home()?.join("Library/LaunchAgents").join(format!("{LABEL}.plist"))]),
        }
    }
}

/// One command for the service manager.
#[derive(Debug, Clone)]
struct Step(Vec<String>);

impl Step {
    fn new(words: &[&str]) -> Self {
        Self(words.iter().map(|word| (*word).to_owned()).collect())
    }

    /// As a person types it.
    fn line(&self) -> String {
        self.0.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
    }

    /// Runs it; what it said on its standard output, or why it failed.
    fn run(&self, context: &Context) -> Result<String, String> {
        let Some((program, args)) = self.0.split_first() else { return Ok(String::new()) };
        let args = args.iter().map(Into::into).collect();
        let run = Run {
            program,
            args,
            cwd: context.env.cwd(),
            stdin: None,
            env: vec![("SYSTEMD_COLORS".to_owned(), Some("0".to_owned()))],
            timeout: Some(PATIENCE),
        };
        let ran = run.collect().map_err(|e| e.to_string())?;
        let text = |bytes: &[u8]| plain(String::from_utf8_lossy(bytes).trim());
        if ran.ok() { Ok(text(&ran.stdout)) } else { Err(format!("{}{}", text(&ran.stdout), text(&ran.stderr))) }
    }
}

/// The service manager is there and takes commands of ours.
fn answers(manager: Manager, context: &Context) -> bool {
    match manager {
        Manager::Systemd => Step::new(&["systemctl", "--user", "show", "--property=Version"]).run(context).is_ok(),
        Manager::Launchd => {
            domain().is_ok_and(|domain| Step::new(&["launchctl", "print", &domain]).run(context).is_ok())
        }
    }
}

/// Where launchd keeps what is the user's.
fn domain() -> Result<String, CommandError> {
    machine::user().map(|user| format!("gui/{user}")).map_err(|e| CommandError::of(Exit::Failed, &e))
}

fn refused(error: &UnitError) -> CommandError {
    CommandError::of(Exit::Failed, error).hint("move monster or its folders to a path of plain characters")
}

impl Install {
    pub(super) fn run(self, context: &Context) -> Outcome {
        let manager = Manager::here()?;
        if self.socket && manager == Manager::Launchd {
            let what = "launchd hands no sockets over that monster could take";
            return Err(CommandError::new(Exit::Usage, what).hint("leave --socket out: monster listens by itself"));
        }
        let plan = self.plan(context)?;
        let places = manager.places(context)?;
        let texts = match manager {
            Manager::Systemd => vec![Some(plan.service()), plan.socket().transpose()],
            Manager::Launchd => vec![Some(plan.plist())],
        };
        let mut made: Vec<(PathBuf, String)> = Vec::new();
        let mut gone: Vec<PathBuf> = Vec::new();
        for (path, text) in places.into_iter().zip(texts) {
            match text {
                Some(text) => made.push((path, text.map_err(|e| refused(&e))?)),
                None => gone.push(path),
            }
        }
        if self.print {
            return self.show(context, &made, &steps(manager, self.socket, false, &made)?);
        }
        let mut known = false;
        for path in made.iter().map(|(path, _)| path).chain(&gone) {
            known |= own(path)?.is_some();
        }
        for dir in plan.writes.iter().map(PathBuf::as_path).chain(made.iter().filter_map(|(path, _)| path.parent())) {
            files::private_dir(dir).map_err(|e| unwritten(dir, &e))?;
        }
        let there = answers(manager, context);
        for path in &gone {
            if own(path)?.is_some() {
                if there {
                    // What fails here was not running.
                    drop(Step::new(&["systemctl", "--user", "disable", "--now", SOCKET]).run(context));
                }
                std::fs::remove_file(path).map_err(|e| unwritten(path, &e))?;
            }
        }
        for (path, text) in &made {
            files::replace(path, text.as_bytes(), 0o644).map_err(|e| unwritten(path, &e))?;
        }
        let steps = steps(manager, self.socket, known, &made)?;
        if there {
            for step in &steps {
                step.run(context).map_err(|why| failed(step, why))?;
            }
        }
        if context.ui.look().json {
            return self.show(context, &made, &if there { Vec::new() } else { steps });
        }
        for (path, text) in &made {
            context.ui.out(&plain(&format!("wrote {}:\n\n{text}", path.display())))?;
        }
        if there {
            context.ui.status(&format!("{} runs it now and from every sign-in on", manager.name()));
            if manager == Manager::Systemd {
                context.ui.hint("to keep it running while you are signed out: loginctl enable-linger");
            }
        } else {
            context.ui.status(&format!("your {} does not answer here; where it does, run:", manager.name()));
            steps.iter().for_each(|step| context.ui.status(&format!("  {}", step.line())));
        }
        context.ui.hint("it sees no variables of this shell: its accounts are those of monster login");
        Ok(Exit::Done)
    }

    fn plan(&self, context: &Context) -> Result<Plan, CommandError> {
        let settings = &context.config().serve;
        let wrong = |what: String| CommandError::new(Exit::Usage, what);
        let written = if self.listen.is_empty() { &settings.listen } else { &self.listen };
        let cwd = context.env.cwd();
        let mut addresses = Vec::new();
        for text in written {
            addresses.push(match Address::parse(text).map_err(wrong)? {
                // The service runs elsewhere.
                Address::Unix(path) => Address::Unix(cwd.join(path)),
                Address::Pipe(_) => return Err(wrong("a service listens at TCP or at a socket file".to_owned())),
                tcp @ Address::Tcp(_) => tcp,
            });
        }
        super::run::servable(context, &addresses, self.plain)?;
        let config = context.env.config_dir().map(|dir| cwd.join(dir));
        let config =
            config.ok_or_else(|| CommandError::new(Exit::Failed, "there is no place for monster's settings"))?;
        let state = cwd.join(context.state_dir()?);
        let runtime = context.env.get("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|dir| dir.is_absolute());
        let mut writes = vec![config, state.clone()];
        let sockets = addresses.iter().filter_map(|address| match address {
            Address::Unix(path) => Some(path),
            _ => None,
        });
        for socket in sockets.filter(|_| !self.socket) {
            // The folder for what runs is made anew at every sign-in: what is in it now says nothing.
            let runs = runtime.as_deref().filter(|dir| socket.starts_with(dir));
            writes.extend(runs.or_else(|| socket.parent()).map(Path::to_owned));
        }
        writes.dedup();
        let program = context.program()?;
        let temporary = |path: &Path| path.starts_with("/tmp") || path.starts_with("/var/tmp");
        let temporary = writes.iter().map(PathBuf::as_path).any(temporary) || temporary(&program);
        let kept = ["MONSTER_CONFIG_DIR", "MONSTER_STATE_DIR", "XDG_CONFIG_HOME", "XDG_STATE_HOME"];
        let variable = |name: &str| {
            let value = context.env.get(name)?;
            let whole =
                if name.starts_with("MONSTER") { cwd.join(value).display().to_string() } else { value.to_owned() };
            Some((name.to_owned(), whole))
        };
        let at = |address: &Address| {
            let stream = match address {
                Address::Tcp(at) => at.to_string(),
                Address::Unix(path) => path.display().to_string(),
                Address::Pipe(name) => name.clone(),
            };
            Listens { written: address.to_string(), stream }
        };
        Ok(Plan {
            program,
            listen: if self.listen.is_empty() {
                Vec::new()
            } else {
                addresses.iter().map(ToString::to_string).collect()
            },
            open: self.no_auth,
            plain: self.plain,
            variables: kept.into_iter().filter_map(variable).collect(),
            writes,
            temporary,
            drain: settings.drain,
            sockets: self.socket.then(|| addresses.iter().map(at).collect()),
            // The log itself is ours to turn: launchd keeps the file open that it writes to.
            log: state.join("serve.err"),
        })
    }

    fn show(&self, context: &Context, made: &[(PathBuf, String)], steps: &[Step]) -> Outcome {
        if context.ui.look().json {
            let one = |(path, text): &(PathBuf, String)| json!({ "path": path, "text": text });
            let left: Vec<String> = steps.iter().map(Step::line).collect();
            context.ui.json(&json!({ "schema": "monster.serve.install/1", "written": !self.print,
                "files": made.iter().map(one).collect::<Vec<Value>>(), "to_run": left }))?;
            return Ok(Exit::Done);
        }
        for (path, text) in made {
            context.ui.out(&plain(&format!("{}:\n\n{text}", path.display())))?;
        }
        context.ui.status("then this would be run:");
        steps.iter().for_each(|step| context.ui.status(&format!("  {}", step.line())));
        Ok(Exit::Done)
    }
}

/// What tells the service manager of the files. `again`: it may know them already, as they were.
fn steps(manager: Manager, socket: bool, again: bool, made: &[(PathBuf, String)]) -> Result<Vec<Step>, CommandError> {
    let systemctl = |words: &[&str]| Step::new(&[&["systemctl", "--user"], words].concat());
    let unit = if socket { SOCKET } else { SERVICE };
    Ok(match manager {
        Manager::Systemd if !again => vec![systemctl(&["daemon-reload"]), systemctl(&["enable", "--now", unit])],
        Manager::Systemd => {
            let mut out = vec![systemctl(&["daemon-reload"])];
            // A service that runs holds its own sockets.
            out.extend(socket.then(|| systemctl(&["stop", SERVICE])));
            out.extend([systemctl(&["enable", unit]), systemctl(&["restart", unit])]);
            out
        }
        Manager::Launchd => {
            let domain = domain()?;
            let file = made.first().map(|(path, _)| path.display().to_string()).unwrap_or_default();
            let mut out = Vec::new();
            out.extend(again.then(|| Step::new(&["launchctl", "bootout", &format!("{domain}/{LABEL}")])));
            out.push(Step::new(&["launchctl", "bootstrap", &domain, &file]));
            out
        }
    })
}

/// A file of ours; `None` when nothing stands there.
///
/// # Errors
/// Exit 1 when somebody else's stands there, or it cannot be read.
fn own(path: &Path) -> Result<Option<String>, CommandError> {
    let bytes = match files::read_own(path, FILE) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        // Longer than any of ours.
        Err(error) if error.kind() == ErrorKind::InvalidData => Vec::new(),
        read => read.map_err(|e| unwritten(path, &e))?,
    };
    let text = String::from_utf8(bytes).unwrap_or_default();
    if ours(&text) {
        return Ok(Some(text));
    }
    let what = format!("{} was not written by monster, and is left as it is", path.display());
    Err(CommandError::new(Exit::Failed, what)
        .hint("move it away, or see what monster would write: monster serve install --print"))
}

fn unwritten(path: &Path, error: &std::io::Error) -> CommandError {
    let mut told = CommandError::new(Exit::Failed, format!("{} cannot be used", path.display()));
    told.causes.push(error.to_string());
    told
}

fn failed(step: &Step, why: String) -> CommandError {
    let mut told = CommandError::new(Exit::Failed, format!("{} failed", step.line()));
    told.causes.extend(Some(why).filter(|why| !why.is_empty()));
    told.hint(format!("see why: journalctl --user --unit {SERVICE}"))
}

/// Stops it, and takes away what `install` wrote.
pub(super) fn uninstall(context: &Context) -> Outcome {
    let manager = Manager::here()?;
    let mut found = Vec::new();
    for path in manager.places(context)? {
        if own(&path)?.is_some() {
            found.push(path);
        }
    }
    let there = !found.is_empty() && answers(manager, context);
    let stop = match manager {
        Manager::Systemd => {
            let units = found.iter().rev().filter_map(|path| path.file_name()?.to_str());
            Step::new(&[&["systemctl", "--user", "disable", "--now"][..], &units.collect::<Vec<_>>()].concat())
        }
        Manager::Launchd => Step::new(&["launchctl", "bootout", &format!("{}/{LABEL}", domain()?)]),
    };
    if there && let Err(why) = stop.run(context) {
        // It was not running; the files go all the same.
        context.ui.detail(&format!("{}: {why}", stop.line()));
    }
    for path in &found {
        std::fs::remove_file(path).map_err(|e| unwritten(path, &e))?;
    }
    let reload = Step::new(&["systemctl", "--user", "daemon-reload"]);
    if there && manager == Manager::Systemd {
        reload.run(context).map_err(|why| failed(&reload, why))?;
    }
    if context.ui.look().json {
        context.ui.json(&json!({ "schema": "monster.serve.uninstall/1", "removed": found, "stopped": there }))?;
        return Ok(Exit::Done);
    }
    if found.is_empty() {
        context.ui.out("not installed")?;
        return Ok(Exit::Done);
    }
    for path in &found {
        context.ui.out(&plain(&format!("removed: {}", path.display())))?;
    }
    if !there {
        context.ui.status(&format!("your {} does not answer here; where it does, run:", manager.name()));
        let steps = if manager == Manager::Systemd { vec![stop, reload] } else { vec![stop] };
        steps.iter().for_each(|step| context.ui.status(&format!("  {}", step.line())));
    }
    Ok(Exit::Done)
}

/// What is installed, what the service manager says of it, and who answers where it listens.
pub(super) fn status(context: &Context) -> Outcome {
    let manager = Manager::here().ok();
    let (mut installed, mut foreign, mut at) = (Vec::new(), Vec::new(), Vec::new());
    for path in manager.map(|manager| manager.places(context)).transpose()?.into_iter().flatten() {
        match own(&path) {
            Ok(Some(text)) => {
                at.extend(listens(&text));
                installed.push(path);
            }
            Ok(None) => {}
            Err(_) => foreign.push(path),
        }
    }
    if at.is_empty() {
        at.clone_from(&context.config().serve.listen);
    }
    let state = manager.filter(|_| !installed.is_empty()).map(|manager| said(manager, &installed, context));
    // One that was started by hand may listen elsewhere: its socket says where. What it says of an address that is not
    // asked in the clear is taken for true: it is our own.
    let inside = super::run::inside(context);
    let ours = inside.as_ref().map(super::run::listening).unwrap_or_default();
    let heard: Vec<(String, Heard)> = at.iter().map(|text| (text.clone(), hear(text, &ours))).collect();
    if context.ui.look().json {
        let one = |(address, heard): &(String, Heard)| json!({ "address": address, "state": heard.name() });
        let mut told = json!({ "schema": "monster.serve.status/1", "installed": !installed.is_empty(),
            "files": installed, "foreign": foreign, "manager": manager.map(Manager::name), "service": state,
            "addresses": heard.iter().map(one).collect::<Vec<Value>>() });
        if let Some(inside) = inside {
            told["running"] = inside;
        }
        context.ui.json(&told)?;
        return Ok(Exit::Done);
    }
    let mut lines: Vec<String> = installed.iter().map(|path| format!("installed: {}", path.display())).collect();
    lines.extend(foreign.iter().map(|path| format!("not monster's: {}", path.display())));
    if lines.is_empty() {
        lines.push("not installed".to_owned());
    }
    lines.extend(state.zip(manager).map(|(state, manager)| format!("{}: {state}", manager.name())));
    lines.extend(heard.iter().map(|(address, heard)| format!("{address}: {}", heard.name())));
    if let Some(inside) = inside {
        let listen: Vec<&str> = inside["listen"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        lines.push(format!("running: process {}, at {}", inside["pid"], listen.join(", ")));
        if let Some(leaked) = inside["placeholders_in_arguments"].as_u64().filter(|leaked| *leaked > 0) {
            let mode = inside["restore"].as_str().unwrap_or_default();
            let what = match mode {
                "tools" => {
                    "which leaves out calls that could send a secret to somebody, and all calls of tools that are not \
                     known by their names as tools of files or commands"
                }
                _ => "and \"tools\" puts the secrets back there, in calls of tools of files and commands",
            };
            lines.push(format!(
                "placeholders: {leaked} answers had some in arguments of tools, which may write them into files; \
                 serve.restore is {mode}, {what}"
            ));
        }
    }
    context.ui.out(&plain(&lines.join("\n")))?;
    Ok(Exit::Done)
}

/// What the service manager says of our units.
fn said(manager: Manager, installed: &[PathBuf], context: &Context) -> String {
    if !answers(manager, context) {
        return "does not answer here".to_owned();
    }
    let unit = |path: &PathBuf| Some(path.file_name()?.to_str()?.to_owned());
    match manager {
        Manager::Systemd => {
            // Both end with a code of their own where the word is not "active" or "enabled".
            let word = |verb: &str, unit: &str| match Step::new(&["systemctl", "--user", verb, unit]).run(context) {
                Ok(word) | Err(word) => word.lines().next().unwrap_or("unknown").to_owned(),
            };
            let one = |unit: String| format!("{unit} is {}, {}", word("is-active", &unit), word("is-enabled", &unit));
            installed.iter().filter_map(unit).map(one).collect::<Vec<_>>().join("; ")
        }
        Manager::Launchd => {
            let label = domain().map(|domain| format!("{domain}/{LABEL}")).unwrap_or_default();
            let told = Step::new(&["launchctl", "print", &label]).run(context);
            let state = told
                .ok()
                .and_then(|told| told.lines().find_map(|line| line.trim().strip_prefix("state = ").map(str::to_owned)));
            state.unwrap_or_else(|| "not loaded".to_owned())
        }
    }
}

/// Who is at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Monster,
    Other,
    Nobody,
    NoAddress,
}

impl Heard {
    const fn name(self) -> &'static str {
        match self {
            Self::Monster => "monster answers",
            Self::Other => "somebody listens there who does not say that it is monster",
            Self::Nobody => "nobody listens",
            Self::NoAddress => "that is no address",
        }
    }
}

fn hear(text: &str, ours: &[Address]) -> Heard {
    let Ok(address) = Address::parse(text) else { return Heard::NoAddress };
    if ours.contains(&address) {
        return Heard::Monster;
    }
    let answer = match address {
        Address::Tcp(at) => probe::tcp(reached(at), "/healthz"),
        Address::Unix(path) => probe::socket(&path, "/healthz"),
        // Only its own user comes in there, and it is none of his that runs.
        Address::Pipe(_) => return Heard::Nobody,
    };
    match answer {
        Ok(said) if said.contains(HEALTHY) => Heard::Monster,
        Ok(_) => Heard::Other,
        Err(error) if matches!(error.kind(), ErrorKind::ConnectionRefused | ErrorKind::NotFound) => Heard::Nobody,
        Err(error) if error.kind() == ErrorKind::Unsupported => Heard::NoAddress,
        // Somebody took the line and said nothing.
        Err(_) => Heard::Other,
    }
}
