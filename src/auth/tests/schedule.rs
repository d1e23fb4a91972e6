//! The loop that renews ahead of time, on a clock that only the story moves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::auth::{Renewing, Schedule};
use crate::model::{Failure, Kind, Scope};
use crate::world::Clock;

const LIFE: i64 = 3_600;

/// Accounts whose renewals go as the story says.
#[derive(Clone)]
struct Script {
    clock: Clock,
    began: i64,
    due: Arc<Mutex<HashMap<String, i64>>>,
    /// What the next renewals of an account give; after them all is well.
    next: Arc<Mutex<HashMap<String, Vec<Kind>>>>,
    /// Who was renewed when, seconds from the beginning.
    log: Arc<Mutex<Vec<(String, i64)>>>,
}

impl Script {
    fn new(due: &[(&str, i64)]) -> Self {
        let clock = Clock::fixed("2026-11-24T10:30:00Z".parse().unwrap());
        let began = clock.now().as_second();
        let due = due.iter().map(|(name, at)| ((*name).to_owned(), began + at)).collect();
        Self { clock, began, due: Arc::new(Mutex::new(due)), next: Arc::default(), log: Arc::default() }
    }

    fn fails(&self, name: &str, kinds: &[Kind]) {
        self.next.lock().unwrap().insert(name.to_owned(), kinds.to_vec());
    }

    fn log(&self) -> Vec<(String, i64)> {
        self.log.lock().unwrap().clone()
    }

    /// Runs the loop for some seconds.
    async fn run(&self, schedule: &Schedule<Self>, seconds: u64) {
        drop(tokio::time::timeout(Duration::from_secs(seconds), schedule.run()).await);
    }
}

impl Renewing for Script {
    fn due(&self) -> Vec<(String, i64)> {
        self.due.lock().unwrap().iter().map(|(n, at)| (n.clone(), *at)).collect()
    }

    async fn renew(&self, name: &str) -> Result<(), Failure> {
        let now = self.clock.now().as_second();
        self.log.lock().unwrap().push((name.to_owned(), now - self.began));
        let mut next = self.next.lock().unwrap();
        match next.get_mut(name).filter(|kinds| !kinds.is_empty()) {
            Some(kinds) => Err(Failure::new(kinds.remove(0), Scope::Account, "as scripted")),
            None => {
                self.due.lock().unwrap().insert(name.to_owned(), now + LIFE);
                Ok(())
            }
        }
    }
}

fn at(name: &str, seconds: i64) -> (String, i64) {
    (name.to_owned(), seconds)
}

#[tokio::test(start_paused = true)]
async fn each_is_renewed_when_it_is_due_and_again_a_life_later() {
    let script = Script::new(&[("a", 100), ("b", 40), ("c", 2 * LIFE)]);
    let schedule = Schedule::new(script.clone(), script.clock.clone());
    script.run(&schedule, 4_000).await;
    assert_eq!(script.log(), [at("b", 40), at("a", 100), at("b", 40 + LIFE), at("a", 100 + LIFE)]);
}

#[tokio::test(start_paused = true)]
async fn what_fails_comes_back_later_and_later() {
    let script = Script::new(&[("a", 10)]);
    script.fails("a", &[Kind::Unreachable; 6]);
    let schedule = Schedule::new(script.clone(), script.clock.clone());
    script.run(&schedule, 2_000).await;
    let times: Vec<i64> = script.log().into_iter().map(|(_, at)| at).collect();
    assert_eq!(times, [10, 40, 100, 220, 460, 760, 1_060], "30 s, doubled, five minutes at most");
}

#[tokio::test(start_paused = true)]
async fn one_in_trouble_does_not_hold_up_the_others() {
    let script = Script::new(&[("bad", 10), ("good", 10)]);
    script.fails("bad", &[Kind::Unreachable; 100]);
    let schedule = Schedule::new(script.clone(), script.clock.clone());
    script.run(&schedule, 5).await;
    assert!(script.log().is_empty(), "nothing before its time");
    script.run(&schedule, LIFE as u64 + 20).await;
    let good: Vec<i64> = script.log().into_iter().filter(|(n, _)| n == "good").map(|(_, at)| at).collect();
    assert_eq!(good, [10, 10 + LIFE]);
}

#[tokio::test(start_paused = true)]
async fn who_is_signed_out_is_left_alone_until_something_changes() {
    let script = Script::new(&[("a", 10)]);
    script.fails("a", &[Kind::Unauthorized]);
    let schedule = Arc::new(Schedule::new(script.clone(), script.clock.clone()));
    let told = async {
        tokio::time::sleep(Duration::from_secs(5_000)).await;
        assert_eq!(script.log(), [at("a", 10)]);
        schedule.changed();
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    tokio::select! {
        () = schedule.run() => unreachable!("it never ends"),
        () = told => {}
    }
    assert_eq!(script.log().len(), 2, "signed in again, it is renewed again");
}

#[tokio::test(start_paused = true)]
async fn an_account_that_comes_later_is_seen_when_it_is_told() {
    let script = Script::new(&[]);
    let schedule = Schedule::new(script.clone(), script.clock.clone());
    let told = async {
        tokio::time::sleep(Duration::from_secs(30)).await;
        let now = script.clock.now().as_second();
        script.due.lock().unwrap().insert("new".to_owned(), now + 20);
        schedule.changed();
        tokio::time::sleep(Duration::from_secs(25)).await;
    };
    tokio::select! {
        () = schedule.run() => unreachable!("it never ends"),
        () = told => {}
    }
    assert_eq!(script.log().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_leaves_it_due_is_not_repeated_at_once() {
    #[derive(Clone)]
    struct Stuck(Script);
    impl Renewing for Stuck {
        fn due(&self) -> Vec<(String, i64)> {
            self.0.due()
        }

        async fn renew(&self, name: &str) -> Result<(), Failure> {
            self.0.log.lock().unwrap().push((name.to_owned(), self.0.clock.now().as_second() - self.0.began));
            Ok(())
        }
    }
    let script = Script::new(&[("a", 0)]);
    let schedule = Schedule::new(Stuck(script.clone()), script.clock.clone());
    drop(tokio::time::timeout(Duration::from_secs(100), schedule.run()).await);
    let times: Vec<i64> = script.log().into_iter().map(|(_, at)| at).collect();
    assert_eq!(times, [0, 30, 90]);
}
