//! Nothing here is waited for without an end: a story that hangs fails, and says which one it was.

use std::io::{Read, Write};
use std::process::{Child, Output};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The longest that any story may take: one with a real model on a slow machine. No other comes near it.
const STORY: Duration = Duration::from_secs(35 * 60);
/// What a program left running may hold its output open; so long it is read on.
const REST: Duration = Duration::from_secs(5);

/// Stories under way: which, and since when.
static UNDER_WAY: Mutex<Vec<(u64, String, Instant)>> = Mutex::new(Vec::new());
static WATCH: Once = Once::new();

/// While it lives its story is watched.
pub struct Watched(u64);

impl Watched {
    /// Watches the story that this thread tells.
    pub fn new() -> Self {
        WATCH.call_once(|| drop(thread::spawn(watch)));
        let name = thread::current().name().unwrap_or("a story").to_owned();
        let mut all = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        let id = all.iter().map(|(id, ..)| id + 1).max().unwrap_or(0);
        all.push((id, name, Instant::now()));
        Self(id)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner).retain(|(id, ..)| *id != self.0);
    }
}

/// Ends all tests when one hangs: whoever waits for them learns which, instead of nothing.
fn watch() {
    loop {
        thread::sleep(Duration::from_secs(5));
        let all = UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, name, since)) = all.iter().find(|(.., since)| since.elapsed() > STORY) {
            // Past the test harness, which would swallow it.
            let _ = writeln!(std::io::stderr(), "{name} hangs: it began {} s ago", since.elapsed().as_secs());
            std::process::abort();
        }
    }
}

/// Waits for the end of a program, and for what it wrote; what it started itself and left running is not waited for.
pub fn ended(child: Child, most: Duration, what: &str) -> Output {
    ends(child, most).unwrap_or_else(|said| panic!("{what} did not end within {} s\n{said}", most.as_secs()))
}

/// As [`ended`], or what it said until it was killed.
pub fn ends(mut child: Child, most: Duration) -> Result<Output, String> {
    let (out, err) = (child.stdout.take().map(collect), child.stderr.take().map(collect));
    let began = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break Some(status),
            None if began.elapsed() > most => {
                drop(child.kill());
                break None;
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    let read = |pipe: Option<Receiver<Vec<u8>>>| pipe.map(|pipe| whole(&pipe)).unwrap_or_default();
    let (stdout, stderr) = (read(out), read(err));
    let Some(status) = status else {
        let text = String::from_utf8_lossy;
        return Err(format!("{}\n{}", text(&stdout), text(&stderr)));
    };
    Ok(Output { status, stdout, stderr })
}

/// What comes out of a pipe, in pieces.
fn collect(mut pipe: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sent, pieces) = channel();
    thread::spawn(move || {
        let mut piece = [0; 1 << 14];
        while let Ok(bytes @ 1..) = pipe.read(&mut piece) {
            if sent.send(piece[..bytes].to_vec()).is_err() {
                break;
            }
        }
    });
    pieces
}

/// What was collected, until the pipe is closed or nothing comes any more.
fn whole(pieces: &Receiver<Vec<u8>>) -> Vec<u8> {
    let mut all = Vec::new();
    while let Ok(piece) = pieces.recv_timeout(REST) {
        all.extend(piece);
    }
    all
}

#[cfg(unix)]
#[test]
fn what_a_program_leaves_running_is_not_waited_for() {
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "sleep 600 & echo $!"]).stdout(std::process::Stdio::piped());
    let began = Instant::now();
    let done = ended(shell.spawn().unwrap(), Duration::from_secs(60), "a shell");
    let id = String::from_utf8(done.stdout).unwrap();
    drop(std::process::Command::new("kill").arg(id.trim()).status());
    assert!(done.status.success() && began.elapsed() < Duration::from_secs(60));
}

#[cfg(unix)]
#[test]
#[should_panic(expected = "a shell did not end within 0 s\nso far")]
fn what_does_not_end_is_told_with_what_it_said() {
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "echo so far; exec sleep 600"]).stdout(std::process::Stdio::piped());
    ended(shell.spawn().unwrap(), Duration::from_millis(500), "a shell");
}
