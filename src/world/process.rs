//! The door to other processes.
//!
//! What is run for monster itself ([`Run::collect`]) gets none of the variables that hold secrets. What is run for the
//! user on the user's terminal ([`Run::attached`]: `git commit` with its hooks, an editor) is the user's own process
//! and keeps the user's environment.

use std::ffi::OsString;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{LazyLock, OnceLock};
use std::time::Duration;

/// Finds out names of variables.
type Names = Box<dyn FnOnce() -> Vec<String> + Send>;

/// Names of variables that hold secrets.
static CONCEALED: OnceLock<LazyLock<Vec<String>, Names>> = OnceLock::new();

/// Keeps variables from processes that are run for monster itself. The names are asked for when the first one starts;
/// the first call holds.
pub fn conceal(names: impl FnOnce() -> Vec<String> + Send + 'static) {
    let _ = CONCEALED.set(LazyLock::new(Box::new(names)));
}

/// A program to run, its words and its surroundings.
#[derive(Debug)]
pub struct Run<'a> {
    /// Program, looked up on the given environment's `PATH` by the system.
    pub program: &'a str,
    /// Arguments; never a secret.
    pub args: Vec<OsString>,
    /// Folder to run in.
    pub cwd: &'a Path,
    /// Bytes for its standard input; `None` = inherit nothing (empty input).
    pub stdin: Option<Vec<u8>>,
    /// Variables to set, and with `None` to remove, on top of what is inherited.
    pub env: Vec<(String, Option<String>)>,
    /// Kill it after this long, and wait no longer for its output; `None` = as long as it takes.
    pub timeout: Option<Duration>,
}

/// What a process left behind.
#[derive(Debug)]
pub struct Ran {
    /// Exit code; `None` when it was killed.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

impl Ran {
    /// It ended with code 0.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.code == Some(0)
    }
}

impl Run<'_> {
    #[allow(clippy::disallowed_methods)] // the one door
    fn command(&self) -> Command {
        let mut command = Command::new(self.program);
        command.args(&self.args).current_dir(self.cwd);
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// Runs it without the variables that hold secrets, and collects its output.
    ///
    /// # Errors
    /// When it cannot be started, or `TimedOut`.
    pub fn collect(self) -> io::Result<Ran> {
        let mut command = self.command();
        strip(&mut command);
        command.stdin(if self.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        if let (Some(input), Some(mut pipe)) = (self.stdin, child.stdin.take()) {
            // A child that stops reading early is not our error: its exit code tells.
            drop(std::thread::spawn(move || drop(pipe.write_all(&input))));
        }
        let stdout = reader(child.stdout.take());
        let stderr = reader(child.stderr.take());
        let late = |what: &str| {
            let limit = self.timeout.unwrap_or_default();
            io::Error::new(io::ErrorKind::TimedOut, format!("{} {what} longer than {limit:?}", self.program))
        };
        let mut waited = Duration::ZERO;
        let status = match self.timeout {
            None => child.wait()?,
            Some(limit) => {
                let step = Duration::from_millis(5);
                loop {
                    if let Some(status) = child.try_wait()? {
                        break status;
                    }
                    if waited >= limit {
                        let _ = child.kill();
                        let _ = child.wait();
                        return Err(late("took"));
                    }
                    std::thread::sleep(step);
                    waited += step;
                }
            }
        };
        // A process that it started and left behind may hold the pipes open for ever.
        let rest = self.timeout.map(|limit| limit.saturating_sub(waited).max(Duration::from_millis(200)));
        let gather = |output: Receiver<Vec<u8>>| match rest {
            None => Ok(output.recv().unwrap_or_default()),
            Some(rest) => match output.recv_timeout(rest) {
                Err(RecvTimeoutError::Timeout) => Err(late("left its output open")),
                done => Ok(done.unwrap_or_default()),
            },
        };
        Ok(Ran { code: status.code(), stdout: gather(stdout)?, stderr: gather(stderr)? })
    }

    /// Starts it without the variables that hold secrets, to be asked again and again. Each answer is waited for as long
    /// as the time limit says.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn talk(self) -> io::Result<Talk> {
        let mut command = self.command();
        strip(&mut command);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let (sent, heard) = sync_channel(PIECES);
        if let Some(pipe) = child.stdout.take() {
            drop(std::thread::spawn(move || tell(pipe, &sent)));
        }
        let stdin = child.stdin.take();
        Ok(Talk { child, stdin, heard, rest: Vec::new(), at: 0, patience: self.timeout })
    }

    /// Runs it on our own terminal and waits: an editor, or `git commit` with its hooks and editor.
    /// `stdin` here is fed through a pipe when given, inherited otherwise.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn attached(mut self) -> io::Result<Option<i32>> {
        let mut command = self.command();
        let input = self.stdin.take();
        command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::inherit() });
        let mut child = command.spawn()?;
        if let (Some(input), Some(mut pipe)) = (input, child.stdin.take()) {
            let _ = pipe.write_all(&input);
        }
        Ok(child.wait()?.code())
    }
}

/// Bytes of an answer that are read at once, and how many such pieces wait.
const PIECE: usize = 64 << 10;
const PIECES: usize = 4;

/// Reads a pipe piece by piece, aside, until nobody listens any more.
fn tell(mut pipe: impl Read, sent: &SyncSender<Vec<u8>>) {
    let mut piece = vec![0; PIECE];
    while let Ok(count @ 1..) = pipe.read(&mut piece) {
        if sent.send(piece[..count].to_vec()).is_err() {
            break;
        }
    }
}

/// A process that answers as often as it is asked. It ends with this.
#[derive(Debug)]
pub struct Talk {
    child: Child,
    stdin: Option<ChildStdin>,
    heard: Receiver<Vec<u8>>,
    /// What was heard last, taken as far as `at`.
    rest: Vec<u8>,
    at: usize,
    patience: Option<Duration>,
}

impl Talk {
    /// Asks. The answer to what was asked before must have been taken as a whole.
    ///
    /// # Errors
    /// When it listens no more.
    pub fn ask(&mut self, words: &[u8]) -> io::Result<()> {
        let pipe = self.stdin.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        pipe.write_all(words)?;
        pipe.flush()
    }

    /// The next line of the answer, without its end.
    ///
    /// # Errors
    /// When it said nothing more, or `TimedOut`.
    pub fn line(&mut self) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        loop {
            let there = self.there()?;
            let end = there.iter().position(|b| *b == b'\n');
            out.extend_from_slice(&there[..end.unwrap_or(there.len())]);
            self.at += end.map_or(there.len(), |at| at + 1);
            if end.is_some() {
                return Ok(out);
            }
        }
    }

    /// The next bytes of the answer, each piece as it comes.
    ///
    /// # Errors
    /// As [`Self::line`].
    pub fn take(&mut self, mut count: u64, mut take: impl FnMut(&[u8])) -> io::Result<()> {
        while count > 0 {
            let there = self.there()?;
            let now = usize::try_from(count).map_or(there.len(), |count| count.min(there.len()));
            take(&there[..now]);
            count -= now as u64;
            self.at += now;
        }
        Ok(())
    }

    /// What was heard and not taken; never empty.
    fn there(&mut self) -> io::Result<&[u8]> {
        if self.at == self.rest.len() {
            let next = match self.patience {
                None => self.heard.recv().map_err(|_| io::ErrorKind::UnexpectedEof)?,
                Some(patience) => self.heard.recv_timeout(patience).map_err(|error| match error {
                    RecvTimeoutError::Timeout => io::ErrorKind::TimedOut,
                    RecvTimeoutError::Disconnected => io::ErrorKind::UnexpectedEof,
                })?,
            };
            (self.rest, self.at) = (next, 0);
        }
        Ok(&self.rest[self.at..])
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        // Most go when nobody asks any more; nobody waits for one that does not.
        self.stdin = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Takes the variables that hold secrets from a process that is run for monster itself.
fn strip(command: &mut Command) {
    for name in CONCEALED.get().into_iter().flat_map(|names| names.iter()) {
        command.env_remove(name);
    }
}

/// Starts a program that goes on by itself, such as a browser, without the variables that hold secrets. `true` when it
/// runs, or has done its work within `patience`.
pub(super) fn launch(mut command: Command, patience: Duration) -> bool {
    strip(&mut command);
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = quiet.spawn() else { return false };
    let step = Duration::from_millis(10);
    let mut waited = Duration::ZERO;
    while waited < patience {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => {}
            Err(_) => return false,
        }
        std::thread::sleep(step);
        waited += step;
    }
    true
}

/// A program by its words.
#[allow(clippy::disallowed_methods)] // the one door
pub(super) fn words<'a>(mut words: impl Iterator<Item = &'a str>) -> Option<Command> {
    let mut command = Command::new(words.next()?);
    command.args(words);
    Some(command)
}

/// Reads a pipe to its end, aside.
fn reader(pipe: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sent, got) = sync_channel(1);
    drop(std::thread::spawn(move || {
        let mut out = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.read_to_end(&mut out);
        }
        // Whoever waited may have given up.
        let _ = sent.send(out);
    }));
    got
}
