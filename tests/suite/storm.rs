//! One expired token and everybody at once: eight processes with fifty tasks each, and processes that are killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use monster::auth::{Account, By, Fresh, Grant, Keep, Nobody, Opened, Tokens, Vault};
use monster::config::Network;
use monster::model::{Failure, Secret};
use monster::net::Net;
use monster::store::Store;
use monster::world::{Clock, Env};

// Not every mood is needed here.
#[allow(dead_code)]
#[path = "../../src/auth/tests/endpoint.rs"]
pub mod endpoint;

use endpoint::{Endpoint, Mood, access, refresh};

const PROCESSES: usize = 8;
const TASKS: usize = 50;
const NOW: &str = "2026-11-24T10:30:00Z";
/// Tells a copy of this program that it is one of the eight, and where.
const DIR: &str = "MONSTER_TEST_STORM_DIR";
/// A figure for `wait_until`: no story comes near it.
const HUNG: Duration = Duration::from_secs(120);

/// A vault whose one account has an expired token.
struct Place {
    dir: PathBuf,
    clock: Clock,
}

impl Place {
    fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), clock: Clock::fixed(NOW.parse().unwrap()) }
    }

    fn vault(&self) -> Vault {
        Vault::at(&self.dir.join("config"), &Env::fixed([("HOME", self.dir.display().to_string())], &self.dir))
    }

    fn opened(&self) -> Opened {
        self.vault().open(&Nobody, &|_| 0).unwrap()
    }

    /// Signs the account in; its token has been dead for a minute.
    fn sign_in(&self, endpoint: &Endpoint, generation: usize) {
        let mut opened =
            if self.vault().exists() { self.opened() } else { self.vault().create(&Keep::Plaintext, &Nobody).unwrap() };
        let now = self.clock.now().as_second();
        let mut grant = Grant::new(By::Refresh, "browser");
        grant.token_url = endpoint.url();
        grant.refresh = Some(Secret::new(refresh(generation)));
        (grant.obtained, grant.expires) = (now - 3_660, Some(now - 60));
        let mut account = Account::api_key("work", "mine", "generic", Secret::new(access(generation)), &self.clock);
        account.grant = Some(grant);
        opened.put(account).unwrap();
    }

    fn tokens(&self) -> Tokens {
        let settings = Network::within(30);
        let store = Store::at(&self.dir.join("state"), &self.clock).unwrap();
        let net = Arc::new(Net::new(settings));
        Tokens::new(self.opened(), Vec::new(), store, net, self.clock.clone(), &self.dir.join("state"))
    }

    /// A copy of this program that plays `story` in this place.
    fn spawn(&self, story: &str) -> Child {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", story, "--nocapture", "--test-threads", "1"])
            .env(DIR, &self.dir)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }
}

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn wait_until(what: impl Fn() -> bool) {
    let began = Instant::now();
    while !what() {
        assert!(began.elapsed() < HUNG, "it hangs");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn here() -> Option<Place> {
    std::env::var_os(DIR).map(|dir| Place::at(Path::new(&dir)))
}

/// Does nothing by itself: the storm starts copies of this program that run it.
#[test]
fn one_of_eight() {
    let Some(place) = here() else { return };
    let tokens = place.tokens();
    fs::write(place.dir.join(format!("ready-{}", std::process::id())), "").unwrap();
    wait_until(|| place.dir.join("go").exists());
    let refused = Secret::new(access(0));
    let got: Vec<Result<Fresh, Failure>> = block(async {
        // Half come because the time is up, half because the provider has just refused the old token.
        let tasks = (0..TASKS).map(|n| {
            let (tokens, refused) = (&tokens, &refused);
            async move { if n % 2 == 0 { tokens.fresh("work").await } else { tokens.instead("work", refused).await } }
        });
        futures_util::future::join_all(tasks).await
    });
    for one in got {
        let one = one.unwrap();
        assert_eq!(one.secret.expose(), access(1));
        assert_eq!(one.note, None);
    }
}

#[test]
fn four_hundred_tasks_in_eight_processes_make_one_request_and_lose_no_token() {
    let dir = tempfile::tempdir().unwrap();
    let (place, endpoint) = (Place::at(dir.path()), Endpoint::start());
    place.sign_in(&endpoint, 0);
    // Long enough that every one of them finds the renewal under way.
    endpoint.mood(Mood::Slow(Duration::from_millis(300)));
    let children: Vec<Child> = (0..PROCESSES).map(|_| place.spawn("storm::one_of_eight")).collect();
    let ready = || {
        fs::read_dir(dir.path())
            .unwrap()
            .flatten()
            .filter(|e| e.file_name().to_string_lossy().starts_with("ready-"))
            .count()
    };
    wait_until(|| ready() == PROCESSES);
    let began = Instant::now();
    fs::write(dir.path().join("go"), "").unwrap();
    for child in children {
        let done = child.wait_with_output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let storm = began.elapsed();
    assert_eq!(endpoint.forms().len(), 1, "one refresh for all");
    let account = place.opened().accounts()[0].clone();
    assert_eq!(account.secret.expose(), access(1));
    assert_eq!(account.grant.unwrap().refresh.unwrap().expose(), refresh(1));
    // The endpoint would have revoked everything had the old token come a second time.
    place.sign_in(&endpoint, 1);
    let began = Instant::now();
    assert_eq!(block(place.tokens().fresh("work")).unwrap().secret.expose(), access(2));
    let lone = began.elapsed();
    println!(
        "storm: {PROCESSES} processes x {TASKS} tasks, one expired token: 1 request; {} ms for all, {} ms for one alone ({:.1} x)",
        storm.as_millis(),
        lone.as_millis(),
        storm.as_secs_f64() / lone.as_secs_f64()
    );
}

/// Does nothing by itself: renews once, for the stories that kill it.
#[test]
fn one_who_is_killed() {
    let Some(place) = here() else { return };
    block(place.tokens().fresh("work")).unwrap();
    fs::write(place.dir.join("done"), "").unwrap();
}

#[cfg(unix)]
#[test]
fn a_process_killed_between_answer_and_write_leaves_the_old_token_or_the_new_one() {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::at(dir.path());
    let (mut old, mut new) = (0, 0);
    for n in 0..24_u32 {
        let endpoint = Endpoint::start();
        place.sign_in(&endpoint, 0);
        if n == 0 {
            // Once it dies for certain before it hears anything.
            endpoint.mood(Mood::Slow(HUNG));
        }
        let mut child = place.spawn("storm::one_who_is_killed");
        wait_until(|| !endpoint.forms().is_empty());
        // The endpoint has used the old token up. From here on it is a race, run over the whole stretch.
        std::thread::sleep(Duration::from_micros(u64::from(n) * 700));
        child.kill().unwrap();
        child.wait().unwrap();
        let opened = place.opened();
        assert!(opened.warnings().iter().all(|w| !w.contains("damaged")), "{:?}", opened.warnings());
        let account = opened.accounts()[0].clone();
        if account.secret.expose() == access(1) {
            new += 1;
            assert_eq!(account.grant.unwrap().refresh.unwrap().expose(), refresh(1), "both or none");
            assert_eq!(block(place.tokens().fresh("work")).unwrap().secret.expose(), access(1));
        } else {
            old += 1;
            assert_eq!(account.secret.expose(), access(0));
            endpoint.mood(Mood::Good);
            // What physics leaves: this endpoint forgives nothing, and the next one says what happened.
            let failure = block(place.tokens().fresh("work")).unwrap_err();
            assert!(failure.message.contains("was cut off before its answer was on disk"), "{failure}");
            assert!(failure.message.contains("monster login mine --method browser --name work"), "{failure}");
        }
    }
    println!("killed 24 times: {old} old, {new} new, none damaged");
    assert!(old > 0, "the one that heard nothing");
}

#[cfg(unix)]
#[test]
fn an_endpoint_that_forgives_the_last_token_heals_the_account() {
    let dir = tempfile::tempdir().unwrap();
    let (place, endpoint) = (Place::at(dir.path()), Endpoint::start());
    place.sign_in(&endpoint, 0);
    endpoint.mood(Mood::Slow(Duration::from_secs(60)));
    let mut child = place.spawn("storm::one_who_is_killed");
    wait_until(|| !endpoint.forms().is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    // Its lock died with it: nobody waits for it.
    endpoint.mood(Mood::Forgives);
    assert_eq!(block(place.tokens().fresh("work")).unwrap().secret.expose(), access(2));
    assert_eq!(place.opened().accounts()[0].secret.expose(), access(2));
}
