//! Several processes at once, and what accounts may be called.

use std::time::Duration;

use super::{Account, Desk, Keep, Nobody, VaultError, account, key, names};
use crate::vault::FILE;

#[test]
fn eight_who_write_at_once_lose_nothing() {
    let desk = Desk::made();
    // Each has its own open files, as processes have: the lock is between those.
    std::thread::scope(|scope| {
        for who in 0..8 {
            let desk = &desk;
            scope.spawn(move || {
                let mut kept = desk.open().unwrap();
                for n in 0..5 {
                    kept.put(account(&format!("a{who}-{n}"))).unwrap();
                    desk.put(&format!("b{who}-{n}"));
                }
            });
        }
    });
    let opened = desk.open().unwrap();
    assert_eq!(opened.accounts().len(), 80);
    assert_eq!(opened.generation(), 81, "one change each");
    assert!(opened.accounts().iter().all(|a| a.secret.expose() == key(&a.name)));
}

#[test]
fn a_change_between_unlocking_and_reading_is_not_taken_for_an_older_copy() {
    let desk = Desk::made();
    let recall = |_: &str| {
        desk.put("meanwhile");
        desk.open().unwrap().generation()
    };
    assert_eq!(names(&desk.vault.open(&Nobody, &recall).unwrap()), ["meanwhile"]);
}

#[test]
fn of_several_who_make_it_at_once_one_does() {
    let desk = Desk::new();
    let made: Vec<bool> = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..4).map(|_| scope.spawn(|| desk.vault.create(&Keep::Keychain, &Nobody).is_ok())).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(made.iter().filter(|m| **m).count(), 1, "{made:?}");
    assert_eq!(desk.ring.entries(), 1, "the others left nothing in the keychain");
    desk.put("work");
    assert_eq!(desk.names(), ["work"]);
}

#[test]
fn somebody_who_holds_the_lock_for_ever_is_not_waited_for() {
    let mut desk = Desk::made();
    desk.vault.patience = Duration::ZERO;
    let held = desk.vault.lock().unwrap();
    let busy = desk.open().unwrap().put(account("work")).unwrap_err();
    assert!(matches!(busy, VaultError::Busy(_)) && busy.hint().is_some(), "{busy:?}");
    assert_eq!(desk.names(), Vec::<String>::new(), "reading goes on");
    drop(held);
    desk.put("work");
}

#[test]
fn what_another_process_changed_is_changed_further_not_back() {
    let desk = Desk::made();
    desk.put("work");
    let mut stale = desk.open().unwrap();
    desk.open().unwrap().rename("work", "job").unwrap();
    assert!(matches!(stale.set_enabled("work", false), Err(VaultError::NoAccount(_))));
    stale.set_enabled("job", false).unwrap();
    assert_eq!(names(&stale), ["job"]);
    assert!(!desk.open().unwrap().accounts()[0].enabled);
}

#[test]
fn a_change_that_is_refused_writes_nothing() {
    let desk = Desk::made();
    desk.put("work");
    let before = desk.read(FILE);
    let mut opened = desk.open().unwrap();
    assert!(matches!(opened.remove("home"), Err(VaultError::NoAccount(name)) if name == "home"));
    assert!(matches!(opened.rename("work", "work"), Err(VaultError::Taken(_))));
    assert_eq!(desk.read(FILE), before);
    assert_eq!(opened.generation(), 2);
}

#[test]
fn a_new_key_takes_the_old_one_s_place_at_the_same_upstream_only() {
    let desk = Desk::made();
    desk.put("work");
    let mut opened = desk.open().unwrap();
    let newer = Account { secret: crate::model::Secret::new(key("newer")), ..account("work") };
    opened.put(newer).unwrap();
    assert_eq!(opened.accounts().len(), 1);
    assert_eq!(opened.accounts()[0].secret.expose(), key("newer"));
    let stray = Account { upstream: "anthropic".to_owned(), ..account("work") };
    let refused = opened.put(stray).unwrap_err();
    assert_eq!(refused.to_string(), "the account \"work\" is one of openai");
    assert!(refused.hint().unwrap().contains("--name"));
    assert_eq!(desk.open().unwrap().accounts()[0].secret.expose(), key("newer"), "the other provider's key is there");
}

#[test]
fn names_that_no_list_could_show_are_refused() {
    let desk = Desk::made();
    desk.put("work");
    let mut opened = desk.open().unwrap();
    for name in ["", " ", "a\nb", "\u{1b}[31mred", " work", "env"] {
        assert!(matches!(opened.put(account(name)), Err(VaultError::Taken(_))), "{name:?}");
        let refused = opened.rename("work", name).unwrap_err();
        assert!(!refused.to_string().contains(char::is_control), "{refused}");
    }
    for name in ["a".repeat(101), "work\u{202e}emoh".to_owned(), "\u{2067}work".to_owned()] {
        assert!(matches!(opened.put(account(&name)), Err(VaultError::Name(_))), "{name:?}");
        let refused = opened.rename("work", &name).unwrap_err();
        assert!(!refused.to_string().contains(&name), "{refused}");
    }
    opened.put(account("b\u{fc}ro / 2")).unwrap();
    opened.put(account(&"\u{e4}".repeat(100))).unwrap();
}

/// Which of several processes this is, and the folder they share; set only by the test below.
const SHARED: &str = "MONSTER_TEST_SHARED_VAULT";

#[test]
#[allow(clippy::disallowed_methods)] // what a test is told comes through its environment
fn a_process_that_renews_its_token_often_keeps_the_last_one() {
    let Desk { mut vault, dir: _own, .. } = Desk::new();
    let (who, times) = match std::env::var(SHARED) {
        Ok(told) => {
            let (who, dir) = told.split_once(' ').unwrap();
            vault.dir = dir.into();
            (who.to_owned(), 200)
        }
        Err(_) => {
            vault.create(&Keep::Plaintext, &Nobody).unwrap();
            ("alone".to_owned(), 5)
        }
    };
    // Slow disks are no failure here.
    vault.patience = Duration::from_secs(600);
    let token = |n: u32| crate::model::Secret::new(key(&format!("{who}{n}")));
    let mut opened = vault.open(&Nobody, &|_| 0).unwrap();
    for n in 1..=times {
        opened.put(Account { secret: token(n), ..account(&who) }).unwrap();
    }
    let kept = vault.open(&Nobody, &|_| 0).unwrap();
    let own = kept.accounts().iter().find(|a| a.name == who).unwrap();
    assert!(own.secret == token(times), "the last token is there");
}

#[test]
#[allow(clippy::disallowed_methods)] // real processes are the point
fn eight_processes_that_renew_two_hundred_tokens_each_lose_none() {
    let desk = Desk::made();
    let me = std::env::current_exe().unwrap();
    let test = "vault::tests::together::a_process_that_renews_its_token_often_keeps_the_last_one";
    let others: Vec<_> = (0..8)
        .map(|who| {
            std::process::Command::new(&me)
                .args(["--exact", test, "--nocapture"])
                .env(SHARED, format!("p{who} {}", desk.vault.dir.display()))
                .stdout(std::process::Stdio::piped())
                .stderr(std::process::Stdio::piped())
                .spawn()
                .unwrap()
        })
        .collect();
    for other in others {
        let ended = other.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stdout);
        assert!(ended.status.success() && said.contains("1 passed"), "{said}");
    }
    let opened = desk.open().unwrap();
    assert_eq!(opened.generation(), 1 + 8 * 200, "every update is one generation");
    for who in 0..8 {
        let name = format!("p{who}");
        let kept = opened.accounts().iter().find(|a| a.name == name).unwrap();
        assert_eq!(kept.secret.expose(), key(&format!("{name}200")));
    }
}

#[test]
fn two_sign_ins_at_once_get_two_names_and_one_that_names_an_account_takes_its_place() {
    let desk = Desk::made();
    let (mut one, mut two) = (desk.open().unwrap(), desk.open().unwrap());
    assert_eq!(one.add(account("a"), None).unwrap(), ("openai".to_owned(), false));
    assert_eq!(two.add(account("b"), None).unwrap(), ("openai-2".to_owned(), false));
    let rank = |a: &mut Account| (a.priority, a.weight) = (7, Some(3));
    two.alter("openai", rank).unwrap();
    assert_eq!(one.add(account("c"), Some("openai")).unwrap(), ("openai".to_owned(), true));
    let opened = desk.open().unwrap();
    let kept: Vec<_> = opened.accounts().iter().map(|a| (a.name.as_str(), a.secret.expose(), a.priority)).collect();
    assert_eq!(kept, [("openai", key("c").as_str(), 7), ("openai-2", key("b").as_str(), 0)]);
    assert_eq!(opened.accounts()[0].weight, Some(3));
    let elsewhere = Account { upstream: "mistral".to_owned(), ..account("d") };
    assert!(matches!(one.add(elsewhere, Some("openai")), Err(VaultError::Elsewhere { .. })));
    assert!(matches!(one.add(account("e"), Some("env")), Err(VaultError::Taken(_))));
}
