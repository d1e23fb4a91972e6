//! Service files, and what systemd itself makes of them.

use super::*;

fn plan() -> Plan {
    Plan {
        program: "/usr/local/bin/monster".into(),
        variables: vec![("MONSTER_STATE_DIR".into(), "/home/ada/state of monster".into())],
        writes: vec!["/home/ada/.config/monster".into(), "/home/ada/state of monster".into()],
        drain: 30,
        log: "/home/ada/state of monster/serve.err".into(),
        ..Plan::default()
    }
}

fn activated() -> Plan {
    let at = |written: &str, stream: &str| Listens { written: written.into(), stream: stream.into() };
    Plan {
        sockets: Some(vec![at("127.0.0.1:7766", "127.0.0.1:7766"), at("unix:/run/100%/s", "/run/100%/s")]),
        ..plan()
    }
}

#[test]
fn a_service_reaches_its_own_folders_and_nothing_else() {
    insta::assert_snapshot!("service", plan().service().unwrap());
    assert_eq!(plan().socket().unwrap(), None);
}

#[test]
fn where_the_system_listens_the_service_is_told_no_address() {
    let plan = activated();
    let service = plan.service().unwrap();
    assert!(!service.contains("--listen") && service.contains("Requires=monster-serve.socket"), "{service}");
    assert_eq!(listens(&service), ["127.0.0.1:7766", "unix:/run/100%/s"]);
    insta::assert_snapshot!("socket", plan.socket().unwrap().unwrap());
}

#[test]
fn launchd_gets_the_same() {
    let listen = vec!["unix:/tmp/a & <b>".to_owned()];
    insta::assert_snapshot!("plist", Plan { listen, open: true, ..plan() }.plist().unwrap());
}

#[test]
fn our_files_are_known_by_their_first_words_and_others_are_not() {
    for text in [plan().service().unwrap(), activated().socket().unwrap().unwrap(), plan().plist().unwrap()] {
        assert!(ours(&text), "{text}");
    }
    for text in ["", "[Unit]\n", "[Service]\nExecStart=/bin/x\n# Written by monster serve install.\n", "# by monster"] {
        assert!(!ours(text), "{text}");
    }
}

#[test]
fn what_would_begin_another_line_is_refused() {
    for hostile in ["/a\nExecStartPre=/bin/evil", "/a\rb", "/a\0b", "/a\u{85}b"] {
        let plan = Plan { program: hostile.into(), ..plan() };
        assert!(matches!(plan.service(), Err(UnitError::Control(_))), "{hostile:?}");
        assert!(matches!(plan.plist(), Err(UnitError::Control(_))), "{hostile:?}");
    }
    for name in ["/a\"b", "/a'b", "/a\\b"] {
        assert!(matches!(Plan { program: name.into(), ..plan() }.service(), Err(UnitError::Program(_))), "{name}");
    }
    let stream = "/a\\".to_owned();
    let joined = Plan { sockets: Some(vec![Listens { written: "unix:/a\\".into(), stream }]), ..plan() };
    assert!(matches!(joined.socket(), Err(UnitError::Text(_))) && matches!(joined.service(), Err(UnitError::Text(_))));
}

#[test]
fn a_listed_address_is_read_back_as_it_was_written() {
    let listen = vec!["127.0.0.1:1".to_owned(), "unix:/a b/100%".to_owned()];
    assert_eq!(listens(&Plan { listen: listen.clone(), ..plan() }.service().unwrap()), listen);
    assert!(listens(&plan().service().unwrap()).is_empty());
}

/// systemd reads the files, finds the program under its odd name, and knows every setting.
#[cfg(target_os = "linux")]
#[test]
fn systemd_finds_nothing_wrong_and_the_program_under_whatever_name() {
    use crate::world::process::Run;
    let dir = tempfile::tempdir().unwrap();
    for (n, name) in ["plain", "with space", "100% of $HOME"].iter().enumerate() {
        let home = dir.path().join(n.to_string());
        let (bin, odd) = (home.join(name), home.join(format!("{name} \"odd\" \\x41 'name'")));
        std::fs::create_dir_all(&bin).unwrap();
        std::fs::create_dir_all(&odd).unwrap();
        let program = bin.join("monster");
        std::fs::copy("/bin/true", &program).unwrap();
        let listen = vec![format!("unix:{}/s", odd.display())];
        let sockets = Some(vec![Listens { written: listen[0].clone(), stream: format!("{}/s", odd.display()) }]);
        for plan in [
            Plan { program: program.clone(), listen, writes: vec![odd.clone()], ..plan() },
            Plan { program: program.clone(), sockets, writes: vec![odd.clone()], ..plan() },
        ] {
            let mut args = vec!["--user".into(), "--man=no".into(), "verify".into()];
            for (name, text) in [(SERVICE, Some(plan.service().unwrap())), (SOCKET, plan.socket().unwrap())] {
                let file = home.join(name);
                if let Some(text) = text {
                    crate::world::files::replace(&file, text.as_bytes(), 0o644).unwrap();
                    args.push(file.into_os_string());
                }
            }
            let env = vec![("XDG_RUNTIME_DIR".to_owned(), Some(home.display().to_string()))];
            let run = Run { program: "systemd-analyze", args, cwd: &home, stdin: None, env, timeout: None };
            let Ok(ran) = run.collect() else {
                // There is no systemd here.
                return;
            };
            let said = String::from_utf8_lossy(&ran.stderr).into_owned();
            let of_ours: Vec<&str> = said.lines().filter(|line| line.contains("monster-serve")).collect();
            assert!(of_ours.is_empty(), "{name}: {said}");
        }
    }
}
