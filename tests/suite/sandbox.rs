//! The world a command runs in: a home of its own, a cleared environment, a clock that stands still.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

use crate::patience::Watched;
use crate::upstream::Upstream;

/// When every story happens: a Tuesday.
pub const NOW: &str = "2026-11-24T10:30:00Z";
/// How long a command may take before the story is called hung. No story comes near it.
const HUNG: Duration = Duration::from_secs(180);

/// A home, an environment and a clock.
pub struct Sandbox {
    /// Removed when dropped.
    _dir: TempDir,
    root: PathBuf,
    env: BTreeMap<String, String>,
    _watched: Watched,
}

impl Sandbox {
    /// A machine on which nothing is set up.
    pub fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("monster-").tempdir().unwrap();
        // On macOS the temporary folder is behind a symlink, and git prints where things really are.
        let root = dir.path().canonicalize().unwrap();
        let home = root.join("home");
        fs::create_dir_all(&home).unwrap();
        fs::write(
            home.join(".gitconfig"),
            "[user]\n\tname = Ada Example\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n",
        )
        .unwrap();
        let at = |path: &Path| path.display().to_string();
        let mut env = BTreeMap::new();
        let mut set = |name: &str, value: String| drop(env.insert(name.to_owned(), value));
        set("PATH", path());
        set("HOME", at(&home));
        set("XDG_CONFIG_HOME", at(&home.join(".config")));
        set("XDG_STATE_HOME", at(&home.join(".local/state")));
        set("XDG_CACHE_HOME", at(&home.join(".cache")));
        set("XDG_DATA_HOME", at(&home.join(".local/share")));
        set("TMPDIR", at(&root));
        set("TZ", "UTC".to_owned());
        set("LANG", "C.UTF-8".to_owned());
        set("TERM", "dumb".to_owned());
        set("MONSTER_NOW", NOW.to_owned());
        // Servers that really run on this machine are no part of a story.
        set("MONSTER_LOCAL_DISCOVER", "false".to_owned());
        // Nor is its keychain.
        set("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", at(&root.join("no-bus"))));
        set("GIT_CONFIG_NOSYSTEM", "1".to_owned());
        set("GIT_CONFIG_GLOBAL", at(&home.join(".gitconfig")));
        set("GIT_CEILING_DIRECTORIES", at(&root));
        set("GIT_TERMINAL_PROMPT", "0".to_owned());
        set("GIT_AUTHOR_DATE", "2026-11-20T09:00:00Z".to_owned());
        set("GIT_COMMITTER_DATE", "2026-11-20T09:00:00Z".to_owned());
        Self { _dir: dir, root, env, _watched: Watched::new() }
    }

    /// Sets a variable for everything that follows.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The clock goes on, for stories in which several processes wait for each other.
    #[cfg(target_os = "linux")]
    pub fn live(&mut self) -> &mut Self {
        self.env.remove("MONSTER_NOW");
        self
    }

    /// Writes the user's settings.
    pub fn config(&self, toml: &str) -> &Self {
        fs::create_dir_all(self.config_dir()).unwrap();
        fs::write(self.config_dir().join("config.toml"), toml).unwrap();
        self
    }

    /// The key of a provider, and its address where the provider's own SDK reads one from the environment.
    pub fn connect(&mut self, upstream: &Upstream, provider: &str) -> &mut Self {
        let name = match provider {
            "openai" => "OPENAI_API_KEY",
            "anthropic" => "ANTHROPIC_API_KEY",
            "gemini" => "GEMINI_API_KEY",
            "openrouter" => "OPENROUTER_API_KEY",
            "deepseek" => "DEEPSEEK_API_KEY",
            "xai" => "XAI_API_KEY",
            other => panic!("{other} has no variable"),
        };
        let base = match provider {
            "openai" => Some("OPENAI_BASE_URL"),
            "anthropic" => Some("ANTHROPIC_BASE_URL"),
            "gemini" => Some("GOOGLE_GEMINI_BASE_URL"),
            _ => None,
        };
        let key = self.key(provider);
        self.set(name, &key);
        if let Some(base) = base {
            self.set(base, &upstream.base(provider));
        }
        self
    }

    /// The test key of a provider; the upstream accepts no other.
    pub fn key(&self, provider: &str) -> String {
        crate::key::key(provider)
    }

    pub fn home(&self) -> PathBuf {
        self.root.join("home")
    }

    pub fn config_dir(&self) -> PathBuf {
        self.home().join(".config/monster")
    }

    pub fn state_dir(&self) -> PathBuf {
        self.home().join(".local/state/monster")
    }

    /// A new repository.
    pub fn repo(&self, name: &str) -> Repo<'_> {
        let path = self.root.join(name);
        fs::create_dir_all(&path).unwrap();
        let repo = Repo { sandbox: self, path };
        repo.git(&["init", "-q"]);
        repo
    }

    /// A repository that was made before.
    #[cfg(unix)]
    pub fn at(&self, name: &str) -> Repo<'_> {
        Repo { sandbox: self, path: self.root.join(name) }
    }

    /// `monster` with these arguments, in the home folder.
    pub fn monster(&self, args: &[&str]) -> Run<'_> {
        self.run(args, &self.home())
    }

    /// Any program in this world.
    pub fn command(&self, program: &str, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.env).current_dir(dir).stdin(Stdio::null());
        #[cfg(windows)]
        for name in ["SystemRoot", "SystemDrive", "windir", "TEMP", "TMP"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
    }

    fn run(&self, args: &[&str], dir: &Path) -> Run<'_> {
        let mut command = self.command(env!("CARGO_BIN_EXE_monster"), dir);
        command.args(args);
        let line =
            std::iter::once("monster".to_owned()).chain(args.iter().map(|a| quoted(a))).collect::<Vec<_>>().join(" ");
        Run { sandbox: self, command, line, stdin: RefCell::new(None), stdout: None }
    }

    /// What is printed, with everything that differs from run to run called by a fixed name.
    pub fn normal(&self, text: &str) -> String {
        let text = text.replace(&self.root.display().to_string(), "[ROOT]");
        let rules = [
            (r"http://127\.0\.0\.1:\d+", "[UPSTREAM]"),
            (r"127\.0\.0\.1:\d+", "[UPSTREAM]"),
            (r"\br[a-km-z2-9]{16}\b", "[ID.............]"),
            (r"MSEC_[a-z0-9]+_[a-z2-7]{17}", "[PLACEHOLDER]"),
            (r"\d+ [GM]iB free", "[ROOM] free"),
            (r"\b(git(?: version)?) \d+\.\d+[.\w]*", "$1 [VERSION]"),
        ];
        rules.iter().fold(text, |text, (from, to)| Regex::new(from).unwrap().replace_all(&text, *to).into_owned())
    }
}

/// The folders of `PATH` that hold what git and hooks need.
fn path() -> String {
    let all = std::env::var("PATH").unwrap_or_default();
    if cfg!(windows) {
        return all;
    }
    let holds = |dir: &PathBuf| ["git", "sh", "true"].iter().any(|tool| dir.join(tool).is_file());
    let dirs: Vec<PathBuf> = std::env::split_paths(&all).filter(holds).collect();
    std::env::join_paths(dirs).unwrap().into_string().unwrap()
}

/// A word as a shell takes it.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=~@^".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_owned() } else { format!("'{word}'") }
}

/// A repository in the sandbox.
pub struct Repo<'a> {
    sandbox: &'a Sandbox,
    path: PathBuf,
}

impl Repo<'_> {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `monster` with these arguments, here.
    pub fn monster(&self, args: &[&str]) -> Run<'_> {
        self.sandbox.run(args, &self.path)
    }

    /// Any program, here.
    pub fn any(&self, program: &str, args: &[&str]) -> Run<'_> {
        let mut command = self.sandbox.command(program, &self.path);
        command.args(args);
        Run {
            sandbox: self.sandbox,
            command,
            line: format!("{program} {}", args.join(" ")),
            stdin: RefCell::new(None),
            stdout: None,
        }
    }

    /// Any program here, as it is.
    #[cfg(target_os = "linux")]
    pub fn command(&self, program: &str) -> Command {
        self.sandbox.command(program, &self.path)
    }

    /// Runs git; what it prints, without the last line's end.
    pub fn git(&self, args: &[&str]) -> String {
        let out = self.sandbox.command("git", &self.path).args(args).output().expect("git is installed");
        let (stdout, stderr) = (String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(out.status.success(), "git {} failed\n{stdout}\n{stderr}", args.join(" "));
        stdout.trim_end_matches('\n').to_owned()
    }

    pub fn write(&self, file: &str, text: &str) -> &Self {
        let path = self.path.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path.join(file)).unwrap()
    }

    /// Writes a file and stages it.
    pub fn stage(&self, file: &str, text: &str) -> &Self {
        self.write(file, text).git(&["add", "--", file]);
        self
    }

    /// Commits what is staged.
    pub fn commit(&self, message: &str) -> &Self {
        self.git(&["commit", "-q", "-m", message]);
        self
    }

    /// Commits, one after the other: subject, file, text.
    pub fn history(&self, commits: &[(&str, &str, &str)]) -> &Self {
        for (subject, file, text) in commits {
            self.stage(file, text).commit(subject);
        }
        self
    }

    /// The last commit's message.
    pub fn message(&self) -> String {
        self.git(&["log", "-1", "--format=%B"]).trim_end().to_owned()
    }
}

/// A command that is about to run.
pub struct Run<'a> {
    sandbox: &'a Sandbox,
    command: Command,
    line: String,
    stdin: RefCell<Option<Vec<u8>>>,
    stdout: Option<Stdio>,
}

impl<'a> Run<'a> {
    /// Gives it this on standard input, which is empty otherwise.
    pub fn stdin(self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin.replace(Some(text.into()));
        self
    }

    /// Sets a variable for this run alone.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Nobody reads what it prints on standard output.
    pub fn no_reader(mut self) -> Self {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        self.stdout = Some(writer.into());
        self
    }

    /// Runs it to its end.
    pub fn done(self) -> Done {
        let sandbox = self.sandbox;
        self.start().done(sandbox)
    }

    /// Starts it with what it starts as one group, as a terminal does.
    #[cfg(unix)]
    pub fn start_group(mut self) -> Running {
        std::os::unix::process::CommandExt::process_group(&mut self.command, 0);
        self.start()
    }

    /// Starts it.
    pub fn start(mut self) -> Running {
        let stdin = self.stdin.take();
        self.command.stdin(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        let unread = self.stdout.is_some();
        self.command.stdout(self.stdout.take().unwrap_or_else(Stdio::piped)).stderr(Stdio::piped());
        let mut child = self.command.spawn().expect("monster is built");
        if let Some(text) = stdin {
            let mut pipe = child.stdin.take().unwrap();
            // A command that does not read its input closes the pipe, which is its right.
            std::thread::spawn(move || drop(pipe.write_all(&text)));
        }
        let out = if unread { collect(std::io::empty()) } else { collect(child.stdout.take().unwrap()) };
        let err = collect(child.stderr.take().unwrap());
        Running { child, out, err, line: self.line }
    }
}

/// Reads a pipe to its end, aside.
fn collect(mut pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sent, got) = channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        drop(pipe.read_to_end(&mut bytes));
        drop(sent.send(String::from_utf8_lossy(&bytes).into_owned()));
    });
    got
}

/// A command that runs.
pub struct Running {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
    line: String,
}

impl Running {
    /// Its process id.
    #[cfg(target_os = "linux")]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal by name, for example `INT`.
    #[cfg(unix)]
    pub fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success(), "{kill}");
    }

    /// Sends a signal to the whole group.
    #[cfg(unix)]
    pub fn signal_group(&self, name: &str) {
        let kill = format!("kill -{name} -{}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success(), "{kill}");
    }

    /// Waits for its end.
    pub fn done(self, sandbox: &Sandbox) -> Done {
        self.within(HUNG, sandbox)
    }

    /// Waits so long for its end.
    pub fn within(self, most: Duration, sandbox: &Sandbox) -> Done {
        self.ends(most, sandbox).unwrap_or_else(|said| panic!("{said}"))
    }

    /// As [`Self::within`], or what it said until it was killed: real models take their time.
    pub fn ends(mut self, most: Duration, sandbox: &Sandbox) -> Result<Done, String> {
        let Ok(out) = self.out.recv_timeout(most) else {
            drop(self.child.kill());
            let err = self.err.recv_timeout(Duration::from_secs(5)).unwrap_or_default();
            return Err(format!("$ {}\nhung; on stderr it said:\n{err}", self.line));
        };
        let err = self.err.recv_timeout(HUNG).expect("stderr is closed too");
        let status = self.child.wait().unwrap();
        let exit = status.code().map_or_else(|| format!("{status}"), |code| code.to_string());
        Ok(Done {
            line: std::mem::take(&mut self.line),
            exit,
            stdout: sandbox.normal(&out),
            stderr: sandbox.normal(&err),
            raw: out,
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A story that failed leaves no server behind.
        if std::thread::panicking() {
            drop(self.child.kill());
        }
    }
}

/// A command that has ended.
#[must_use = "say how it should have ended: ok() or exits(code)"]
pub struct Done {
    line: String,
    exit: String,
    /// Standard output, normalised.
    pub stdout: String,
    /// Standard error, normalised.
    pub stderr: String,
    /// Standard output, just as it came.
    pub raw: String,
}

impl Done {
    /// It ended with 0.
    #[track_caller]
    pub fn ok(&self) -> &Self {
        self.exits(0)
    }

    /// It ended with this code.
    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.exit, code.to_string(), "the exit code is wrong\n{}", self.all());
        self
    }

    /// Everything a person sees.
    pub fn all(&self) -> String {
        let part = |name: &str, text: &str| {
            if text.is_empty() { String::new() } else { format!("--- {name}\n{}\n", text.trim_end_matches('\n')) }
        };
        format!("$ {}\nexit {}\n{}{}", self.line, self.exit, part("stdout", &self.stdout), part("stderr", &self.stderr))
    }

    /// Standard output as JSON, just as it came.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.raw).unwrap_or_else(|e| panic!("no JSON: {e}\n{}", self.all()))
    }
}
