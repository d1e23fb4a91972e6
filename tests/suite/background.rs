//! `monster serve install`, `uninstall` and `status`, with a systemd that only notes what it is told.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::PathBuf;

use crate::sandbox::{Done, Sandbox};

/// What a person sees, with the program's own place called by a fixed name.
fn seen(done: &Done) -> String {
    // Where the sandbox lies among temporary files, it must be seen there.
    let text = done.all().replace("PrivateTmp=no", "PrivateTmp=yes");
    text.replace(env!("CARGO_BIN_EXE_monster"), "[MONSTER]")
}

/// A systemctl that writes down what it was told; `active` is what it says of units.
fn managed(sandbox: &mut Sandbox, active: &str) -> PathBuf {
    let dir = sandbox.home().join("bin");
    fs::create_dir_all(&dir).unwrap();
    let (told, tool) = (sandbox.home().join("told"), dir.join("systemctl"));
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *show*) exit 0;; *is-active*) echo {active}; exit 3;; *is-enabled*) echo enabled; exit 0;; esac\necho \"$*\" >> '{}'\n",
        told.display()
    );
    fs::write(&tool, script).unwrap();
    crate::program::runnable(&tool);
    let path = sandbox.command("sh", &sandbox.home()).args(["-c", "echo $PATH"]).output().unwrap();
    let path = String::from_utf8(path.stdout).unwrap();
    sandbox.set("PATH", &format!("{}:{}", dir.display(), path.trim()));
    told
}

/// A folder for temporary files of its own would hide what others must find.
#[test]
fn what_lies_among_temporary_files_is_seen_there() {
    let sandbox = Sandbox::new();
    let text =
        |args: &[&str]| sandbox.monster(&[&["serve", "install", "--print"], args].concat()).done().ok().raw.clone();
    assert!(text(&["--listen", "unix:/tmp/monster.sock"]).contains("PrivateTmp=no"));
    if !sandbox.home().starts_with("/tmp") && !env!("CARGO_BIN_EXE_monster").starts_with("/tmp") {
        assert!(text(&[]).contains("PrivateTmp=yes"));
    }
}

fn unit(sandbox: &Sandbox, name: &str) -> PathBuf {
    sandbox.home().join(".config/systemd/user").join(name)
}

#[test]
fn without_a_session_the_unit_is_written_and_the_commands_are_told() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!("printed", seen(sandbox.monster(&["serve", "install", "--print"]).done().ok()));
    assert!(!unit(&sandbox, "monster-serve.service").exists(), "printing writes nothing");
    insta::assert_snapshot!("installed", seen(sandbox.monster(&["serve", "install"]).done().ok()));
    let text = fs::read_to_string(unit(&sandbox, "monster-serve.service")).unwrap();
    assert!(text.contains("ProtectSystem=strict") && sandbox.state_dir().is_dir() && sandbox.config_dir().is_dir());
    insta::assert_snapshot!("status", seen(sandbox.monster(&["serve", "status"]).done().ok()));
    insta::assert_snapshot!("uninstalled", seen(sandbox.monster(&["serve", "uninstall"]).done().ok()));
    assert!(!unit(&sandbox, "monster-serve.service").exists());
    insta::assert_snapshot!("not_installed", seen(sandbox.monster(&["serve", "uninstall"]).done().ok()));
}

#[test]
fn systemd_is_told_to_run_it_and_to_stop_it() {
    let mut sandbox = Sandbox::new();
    let told = managed(&mut sandbox, "activating");
    let lines = || fs::read_to_string(&told).unwrap_or_default();
    sandbox.monster(&["serve", "install", "--listen", "unix:s/monster.sock", "--no-auth"]).done().ok();
    assert_eq!(lines(), "--user daemon-reload\n--user enable --now monster-serve.service\n");
    let text = fs::read_to_string(unit(&sandbox, "monster-serve.service")).unwrap();
    let socket = format!("unix:{}/s/monster.sock", sandbox.home().display());
    assert!(text.contains(&format!("serve run --listen {socket} --no-auth\n")), "{text}");
    assert!(text.contains(&format!("ReadWritePaths=-{}/s\n", sandbox.home().display())), "{text}");
    insta::assert_snapshot!("runs", seen(sandbox.monster(&["serve", "status"]).done().ok()));

    fs::remove_file(&told).unwrap();
    sandbox.monster(&["serve", "install", "--socket"]).done().ok();
    assert_eq!(
        lines(),
        "--user daemon-reload\n--user stop monster-serve.service\n--user enable monster-serve.socket\n--user restart monster-serve.socket\n"
    );
    let text = fs::read_to_string(unit(&sandbox, "monster-serve.socket")).unwrap();
    assert!(text.contains("ListenStream=127.0.0.1:7766\n"), "{text}");

    fs::remove_file(&told).unwrap();
    sandbox.monster(&["serve", "install"]).done().ok();
    assert!(!unit(&sandbox, "monster-serve.socket").exists(), "nobody else listens there any more");
    assert!(lines().starts_with("--user disable --now monster-serve.socket\n"), "{}", lines());

    fs::remove_file(&told).unwrap();
    sandbox.monster(&["serve", "uninstall"]).done().ok();
    assert_eq!(lines(), "--user disable --now monster-serve.service\n--user daemon-reload\n");
}

#[test]
fn what_systemd_refuses_is_told_with_its_own_words() {
    let mut sandbox = Sandbox::new();
    managed(&mut sandbox, "failed");
    let tool = sandbox.home().join("bin/systemctl");
    fs::write(tool, "#!/bin/sh\ncase \"$*\" in *enable*) echo 'Unit is masked.' >&2; exit 1;; esac\n").unwrap();
    insta::assert_snapshot!("refused", seen(sandbox.monster(&["serve", "install"]).done().exits(1)));
}

#[test]
fn a_unit_that_is_not_ours_is_left_alone() {
    let mut sandbox = Sandbox::new();
    let told = managed(&mut sandbox, "active");
    let theirs = unit(&sandbox, "monster-serve.service");
    fs::create_dir_all(theirs.parent().unwrap()).unwrap();
    fs::write(&theirs, "[Service]\nExecStart=/usr/bin/own\n").unwrap();
    insta::assert_snapshot!("not_ours", seen(sandbox.monster(&["serve", "install"]).done().exits(1)));
    sandbox.monster(&["serve", "uninstall"]).done().exits(1);
    sandbox.monster(&["serve", "install", "--socket"]).done().exits(1);
    insta::assert_snapshot!("not_ours_status", seen(sandbox.monster(&["serve", "status"]).done().ok()));
    assert_eq!(fs::read_to_string(&theirs).unwrap(), "[Service]\nExecStart=/usr/bin/own\n");
    assert!(!told.exists() && !unit(&sandbox, "monster-serve.socket").exists());
}

#[test]
fn paths_with_spaces_percent_and_dollar_signs_are_read_back_by_systemd_as_they_are() {
    let mut sandbox = Sandbox::new();
    let odd = sandbox.home().join("100% state $HOME");
    sandbox.set("MONSTER_STATE_DIR", odd.to_str().unwrap());
    let socket = format!("unix:{}/s", odd.display());
    sandbox.monster(&["serve", "install", "--listen", &socket]).done().ok();
    let file = unit(&sandbox, "monster-serve.service");
    let text = fs::read_to_string(&file).unwrap();
    let home = sandbox.home().display().to_string();
    assert!(text.contains(&format!("Environment=\"MONSTER_STATE_DIR={home}/100%% state $HOME\"\n")), "{text}");
    assert!(text.contains(&format!("--listen \"unix:{home}/100%% state $$HOME/s\"\n")), "{text}");
    let analyze = sandbox
        .command("/usr/bin/systemd-analyze", &sandbox.home())
        .args(["--user", "--man=no", "verify"])
        .arg(&file)
        .output();
    // Where there is no systemd, its units are not looked at.
    if let Ok(out) = analyze {
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert!(!said.contains("monster-serve"), "{said}");
    }
}

#[test]
fn status_says_who_answers() {
    let sandbox = Sandbox::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    sandbox.config(&format!("[serve]\nlisten = [\"{address}\"]\n"));
    let state = || {
        let done = sandbox.monster(&["serve", "status", "--json"]).done();
        done.ok().json()["addresses"][0]["state"].as_str().unwrap().to_owned()
    };
    let server = std::thread::spawn(move || {
        for said in ["monster is running\n", "It works!\n"] {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 512]).unwrap();
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{said}", said.len()).unwrap();
        }
    });
    assert_eq!(state(), "monster answers");
    assert_eq!(state(), "somebody listens there who does not say that it is monster");
    server.join().unwrap();
    assert_eq!(state(), "nobody listens");
}

#[test]
fn what_could_not_be_served_is_not_installed_either() {
    let sandbox = Sandbox::new();
    let without = |done: &Done| done.stderr.replace(" install --print", "");
    let beyond = ["--listen", "0.0.0.0:9"];
    let same = |more: &[&str], word: &str| {
        let served = sandbox.monster(&[&["serve"], &beyond[..], more].concat()).done();
        let installed = sandbox.monster(&[&["serve", "install", "--print"], &beyond[..], more].concat()).done();
        assert!(installed.exits(2).stderr.contains(word), "{}", installed.all());
        assert_eq!(without(&installed), without(served.exits(2)));
        assert_eq!(installed.stdout, "");
    };
    same(&[], "there is no certificate for it");
    if TcpListener::bind("0.0.0.0:9").is_ok() {
        same(&["--plain"], "there is no key");
    }
    sandbox.monster(&["serve", "key", "add", "editor"]).done().ok();
    let printed = sandbox.monster(&[&["serve", "install", "--print", "--plain"], &beyond[..]].concat()).done();
    assert!(printed.ok().stdout.contains("--listen 0.0.0.0:9 --plain"), "{}", printed.all());
}

#[test]
fn programs_read_what_was_written() {
    let sandbox = Sandbox::new();
    let value = sandbox.monster(&["serve", "install", "--print", "--json"]).done().ok().json();
    assert_eq!((value["written"].as_bool(), value["files"].as_array().unwrap().len()), (Some(false), 1));
    assert_eq!(value["to_run"][1], "systemctl --user enable --now monster-serve.service");
    sandbox.monster(&["serve", "install", "--listen", "nonsense"]).done().exits(2);
    sandbox.monster(&["serve", "install", "--listen", "pipe:monster"]).done().exits(2);
}
