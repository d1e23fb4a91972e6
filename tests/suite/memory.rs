//! What a process leaves of its memory, and what others may see of it: nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::commit::{connected, pager};
use crate::sandbox::{Running, Sandbox, quoted};
use crate::upstream::{Answer, Fault, Upstream};

const LONG: Duration = Duration::from_secs(60);

/// `monster ask`, waiting for a model that does not go on, with core dumps allowed; run by way of `through`.
fn waiting(sandbox: &Sandbox, upstream: &Upstream, through: &str, program: &Path) -> Running {
    upstream.next(Answer::text("One two three.").fault(Fault::Stall(1)));
    let program = quoted(&program.display().to_string());
    let line = format!("ulimit -c unlimited; exec {through} {program} ask why --model openai/gpt-4.1-mini");
    let running = sandbox.repo("dumps").any("sh", &["-c", &line]).start();
    upstream.wait_for_stall(LONG);
    running
}

#[test]
fn a_process_that_dies_leaves_no_core_dump() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    let folder = sandbox.repo("dumps").path().to_owned();
    // Ctrl-\ on a terminal.
    let allowed = Command::new("sh").args(["-c", "ulimit -c unlimited; kill -QUIT $$"]).current_dir(&folder).status();
    if !allowed.unwrap().to_string().contains("core dumped") {
        println!("skipped: memory/core (this machine writes no core dumps at all)");
        return;
    }
    let names = || {
        let mut names: Vec<_> = fs::read_dir(&folder).unwrap().flatten().map(|e| e.file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    let running = waiting(&sandbox, &upstream, "", Path::new(env!("CARGO_BIN_EXE_monster")));
    running.signal("QUIT");
    let done = running.done(&sandbox);
    assert!(done.all().contains("\nexit signal: 3 (SIGQUIT)\n"), "the system says of a dump: {}", done.all());
    assert_eq!(names(), before, "and none is there");
}

/// Root sees everything and may do everything: then the story happens to a user who is nobody. What to start programs
/// with, and where `monster` lies for that user; `None` where root cannot become somebody else.
fn nobody(sandbox: &Sandbox) -> Option<(&'static str, PathBuf)> {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_monster"));
    if Command::new("id").arg("-u").output().unwrap().stdout != b"0\n" {
        return Some(("", program));
    }
    let through = "setpriv --reuid 65534 --regid 65534 --clear-groups";
    let theirs = sandbox.home().join("monster");
    crate::program::copied(&program, &theirs);
    let give = format!("chown -R 65534:65534 '{}' && {through} true", sandbox.home().parent().unwrap().display());
    Command::new("sh").args(["-c", &give]).status().unwrap().success().then_some((through, theirs))
}

#[test]
fn other_processes_of_the_same_user_read_neither_memory_nor_environment() {
    let upstream = Upstream::start();
    let sandbox = connected(&upstream);
    sandbox.repo("dumps");
    let Some((through, program)) = nobody(&sandbox) else {
        println!("skipped: memory/others (root cannot become somebody else here)");
        return;
    };
    let running = waiting(&sandbox, &upstream, through, &program);
    for file in ["environ", "mem", "maps"] {
        let look = format!("{through} head -c 1 /proc/{}/{file}", running.id());
        let looked = Command::new("sh").args(["-c", &look]).output().unwrap();
        let said = String::from_utf8_lossy(&looked.stderr).into_owned();
        assert!(!looked.status.success() && said.contains("denied"), "{file}: {said}{:?}", looked.stdout);
    }
    running.signal("INT");
    running.done(&sandbox).exits(130);
}

#[test]
fn an_ordinary_user_reviews_and_commits_all_the_same() {
    // What a process keeps to itself belongs to root under /proc: nothing that monster reads there may get lost.
    let sandbox = Sandbox::new();
    let repo = pager(&sandbox);
    let Some((through, program)) = nobody(&sandbox) else {
        println!("skipped: memory/others (root cannot become somebody else here)");
        return;
    };
    let run = |line: &str| {
        let line = line.replace("monster", &quoted(&program.display().to_string()));
        repo.any("sh", &["-c", &format!("{through} {line}")]).env("GIT_EDITOR", "true").done()
    };
    run("monster commit --help").ok();
    run("monster review HEAD").ok();
    run("monster hook install").ok();
    run("git commit").ok();
    assert_eq!(run("git log -1 --format=%s").ok().stdout, "Update pages in pager.rs\n");
}
