//! A terminal of one's own: what it shows is read as it comes, keys are typed when they are due, and what a command
//! leaves of the terminal's settings is seen afterwards.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use crate::sandbox::{Repo, quoted};

const LONG: Duration = Duration::from_secs(60);

/// `monster` on a terminal.
pub struct Terminal {
    /// `script`, which holds the terminal.
    child: Child,
    keys: Option<ChildStdin>,
    shown: Arc<(Mutex<Vec<u8>>, Condvar)>,
    /// Up to here the story has read.
    read: usize,
    /// Where the command writes its process id and the terminal's name.
    notes: PathBuf,
}

/// What the terminal showed, and how it was left.
pub struct Left {
    /// Everything, control sequences included.
    pub all: String,
    /// The command's exit code.
    pub code: i32,
    /// `stty -a`, afterwards.
    pub settings: String,
}

impl Repo<'_> {
    /// `monster` with these arguments, here, on a terminal.
    pub fn terminal(&self, args: &[&str]) -> Terminal {
        self.terminal_after("", args)
    }

    /// The same, on a terminal of so many columns and rows.
    pub fn terminal_of(&self, columns: u16, rows: u16, args: &[&str]) -> Terminal {
        self.terminal_after(&format!("stty cols {columns} rows {rows}; "), args)
    }

    fn terminal_after(&self, first: &str, args: &[&str]) -> Terminal {
        let program = quoted(env!("CARGO_BIN_EXE_monster"));
        let line = std::iter::once(program).chain(args.iter().map(|a| quoted(a))).collect::<Vec<_>>().join(" ");
        let notes = tempfile::tempdir_in(self.path().parent().unwrap()).unwrap().keep();
        // Keys that interrupt reach the shell too, which goes on to tell how the terminal was left.
        let around = format!(
            "{first}trap : INT; tty > '{0}/tty'; sh -c 'echo $$ > \"$0/pid\"; exec \"$@\"' '{0}' {line}; \
             echo \"[exit $?]\"; stty -a; echo '[end]'",
            notes.display()
        );
        let mut command = self.command("script");
        command.args(["-qec", &around, "/dev/null"]).env("TERM", "xterm");
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let shown: Arc<(Mutex<Vec<u8>>, Condvar)> = Arc::default();
        let (mut pipe, kept) = (child.stdout.take().unwrap(), Arc::clone(&shown));
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(n @ 1..) = pipe.read(&mut piece) {
                kept.0.lock().unwrap().extend_from_slice(&piece[..n]);
                kept.1.notify_all();
            }
        });
        let keys = child.stdin.take();
        Terminal { child, keys, shown, read: 0, notes }
    }
}

impl Terminal {
    /// Waits until it shows this, after what was waited for before.
    #[track_caller]
    pub fn until(&mut self, text: &str) -> &mut Self {
        let (shown, come) = &*self.shown;
        let find = |all: &[u8]| all[self.read..].windows(text.len()).position(|w| w == text.as_bytes());
        let (shown, _) = come.wait_timeout_while(shown.lock().unwrap(), LONG, |all| find(all).is_none()).unwrap();
        let Some(at) = find(&shown) else {
            panic!("the terminal never showed {text:?}:\n{}", String::from_utf8_lossy(&shown))
        };
        self.read += at + text.len();
        drop(shown);
        self
    }

    /// Waits until what is typed is not shown.
    #[track_caller]
    pub fn until_hidden(&mut self) -> &mut Self {
        let name = self.note("tty");
        let patience = Instant::now();
        while !has(&settings(&name), "-echo") {
            assert!(patience.elapsed() < LONG, "what is typed is shown");
            std::thread::sleep(Duration::from_millis(10));
        }
        self
    }

    /// Types.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        let pipe = self.keys.as_mut().unwrap();
        pipe.write_all(keys.as_bytes()).and_then(|()| pipe.flush()).unwrap();
        self
    }

    /// Sends the command itself a signal, by name.
    pub fn signal(&mut self, name: &str) -> &mut Self {
        let kill = format!("kill -{name} {}", self.note("pid"));
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success(), "{kill}");
        self
    }

    /// Waits for the command's end.
    #[track_caller]
    pub fn left(&mut self) -> Left {
        self.until("[exit ").until("[end]");
        drop(self.keys.take());
        self.child.wait().unwrap();
        let all = String::from_utf8_lossy(&self.shown.0.lock().unwrap()).into_owned();
        let (all, after) = all.rsplit_once("[exit ").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let (code, settings) = after.split_once(']').unwrap();
        Left { all, code: code.parse().unwrap(), settings: settings.to_owned() }
    }

    fn note(&self, name: &str) -> String {
        std::fs::read_to_string(self.notes.join(name)).unwrap().trim().to_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        drop(self.keys.take());
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Left {
    /// Keys are shown, lines are whole, the cursor is there.
    #[track_caller]
    pub fn whole(&self) -> &Self {
        for setting in ["echo", "icanon", "isig"] {
            assert!(has(&self.settings, setting), "{setting} is gone: {}", self.settings);
        }
        let (hidden, shown) = (self.all.rfind("\u{1b}[?25l"), self.all.rfind("\u{1b}[?25h"));
        assert!(hidden < shown || hidden.is_none(), "the cursor is gone: {:?}", self.all);
        self
    }

    /// It ended with this code.
    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "the exit code is wrong: {}", self.all);
        self
    }
}

fn settings(tty: &str) -> String {
    let out = Command::new("stty").args(["-F", tty, "-a"]).output().unwrap();
    String::from_utf8_lossy(&out.stdout).into_owned()
}

fn has(settings: &str, setting: &str) -> bool {
    settings.split_whitespace().any(|word| word == setting)
}
