#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use crate::world::life;

#[test]
#[allow(clippy::disallowed_methods)] // what is killed here is not run for anybody
fn a_process_lives_until_it_is_killed_and_its_number_alone_says_nothing() {
    let own = life::own().expect("Linux says it");
    assert_eq!(life::runs(own), Some(true));
    let mut child = Command::new("sleep").arg("60").stdin(Stdio::null()).spawn().unwrap();
    let parts: Vec<&str> = own.split('/').collect();
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let start = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().to_owned();
    let who = |start: &str| format!("{}/{}/{}/{start}", parts[0], parts[1], child.id());
    let (it, before) = (who(&start), who("1"));
    assert_eq!(life::runs(&it), Some(true));
    assert_eq!(life::runs(&before), Some(false), "another process had the number before");
    assert_eq!(life::runs(&it.replacen(parts[0], "00000000", 1)), Some(false), "another boot");
    assert_eq!(life::runs(&format!("{}/1/1/1", parts[0])), None, "another namespace");
    child.kill().unwrap();
    let dead = (0..400).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(5));
        life::runs(&it) == Some(false)
    });
    assert!(dead, "a killed one that nobody has asked after yet is no living one");
    child.wait().unwrap();
    assert_eq!(life::runs(&it), Some(false));
    assert_eq!(life::runs("nonsense"), None);
}
