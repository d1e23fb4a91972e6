//! Other processes.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use crate::world::process::{Ran, Run};

fn sh(script: &str, stdin: Option<Vec<u8>>, timeout: Option<Duration>) -> std::io::Result<Ran> {
    let args = vec!["-c".into(), script.into()];
    Run { program: "sh", args, cwd: Path::new("/"), stdin, env: Vec::new(), timeout }.collect()
}

#[test]
fn output_errors_and_code_are_collected() {
    let ran = sh("cat; echo no >&2; exit 7", Some(b"yes".to_vec()), None).unwrap();
    assert_eq!((ran.code, ran.ok()), (Some(7), false));
    assert_eq!((ran.stdout.as_slice(), ran.stderr.as_slice()), (b"yes".as_slice(), b"no\n".as_slice()));
}

#[test]
fn more_than_a_pipe_holds_goes_both_ways() {
    let input = vec![b'x'; 1 << 20];
    let ran = sh("cat", Some(input.clone()), Some(Duration::from_secs(60))).unwrap();
    assert_eq!(ran.stdout, input);
}

#[test]
fn a_process_that_does_not_read_is_no_error() {
    let ran = sh("exit 0", Some(vec![b'x'; 1 << 20]), None).unwrap();
    assert!(ran.ok());
}

#[test]
fn one_that_takes_too_long_is_ended() {
    let late = sh("exec sleep 1000", None, Some(Duration::from_millis(50))).unwrap_err();
    assert_eq!(late.kind(), ErrorKind::TimedOut);
    assert_eq!(late.to_string(), "sh took longer than 50ms");
}

#[test]
fn one_that_leaves_another_behind_with_its_output_is_not_waited_for() {
    let late = sh("sleep 30 & echo done", None, Some(Duration::from_millis(500))).unwrap_err();
    assert_eq!(late.kind(), ErrorKind::TimedOut);
    assert!(late.to_string().contains("left its output open"), "{late}");
}

#[test]
fn one_that_is_not_there_is_not_found() {
    let run = Run {
        program: "/no/such/program",
        args: Vec::new(),
        cwd: Path::new("/"),
        stdin: None,
        env: Vec::new(),
        timeout: None,
    };
    assert_eq!(run.collect().unwrap_err().kind(), ErrorKind::NotFound);
}
