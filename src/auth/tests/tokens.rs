//! Tokens: renewed in time, once, and never lost.

use std::sync::Arc;
use std::time::Duration;

use super::endpoint::{Endpoint, Mood, access, refresh};
use super::{Account, Keep, Nobody, Secret, Vault, env};
use crate::auth::{By, Fresh, Grant, Opened, Tokens, due};
use crate::config::Network;
use crate::model::{Failure, Kind};
use crate::net::Net;
use crate::store::Store;
use crate::world::Clock;

/// A vault with one signed-in account, its endpoint and a clock that stands still.
struct Desk {
    dir: tempfile::TempDir,
    clock: Clock,
    endpoint: Endpoint,
}

/// Seconds a token lives here.
const LIFE: i64 = 3_600;

impl Desk {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Grant)) -> Self {
        let clock = Clock::fixed("2026-11-24T10:30:00Z".parse().unwrap());
        let desk = Self { dir: tempfile::tempdir().unwrap(), clock, endpoint: Endpoint::start() };
        let mut opened = desk.vault().create(&Keep::Plaintext, &Nobody).unwrap();
        let now = desk.clock.now().as_second();
        let mut grant = Grant::new(By::Refresh, "browser");
        grant.token_url = desk.endpoint.url();
        grant.client_id = Some("app".to_owned());
        grant.refresh = Some(Secret::new(refresh(0)));
        (grant.obtained, grant.expires) = (now, Some(now + LIFE));
        change(&mut grant);
        let mut account = Account::api_key("work", "mine", "generic", Secret::new(access(0)), &desk.clock);
        account.grant = Some(grant);
        opened.put(account).unwrap();
        desk
    }

    fn vault(&self) -> Vault {
        Vault::at(&self.dir.path().join("monster"), &env(&[]))
    }

    fn opened(&self) -> Opened {
        self.vault().open(&Nobody, &|_| 0).unwrap()
    }

    /// As another process would have it: its own handle and its own memory.
    fn tokens(&self) -> Tokens {
        let settings = Network::within(5);
        let (net, store) = (Arc::new(Net::new(settings)), Store::memory(&self.clock));
        Tokens::new(self.opened(), Vec::new(), store, net, self.clock.clone(), &self.dir.path().join("state"))
    }

    fn stored(&self) -> Account {
        self.opened().accounts()[0].clone()
    }

    /// Lets every write fail before anything is changed, as a full disk does: a folder is in the way of the previous
    /// generation. Well again when that is removed.
    fn full(&self) -> std::path::PathBuf {
        let backup = self.dir.path().join("monster/accounts.age.bak");
        let _ = std::fs::remove_file(&backup);
        std::fs::create_dir_all(backup.join("in the way")).unwrap();
        backup
    }

    fn later(&self, seconds: i64) {
        self.clock.advance(Duration::from_secs(u64::try_from(seconds).unwrap()));
    }
}

fn block<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn fresh(tokens: &Tokens) -> Result<Fresh, Failure> {
    block(tokens.fresh("work"))
}

fn text(fresh: &Fresh) -> String {
    fresh.secret.expose().to_owned()
}

#[test]
fn a_token_with_time_left_is_used_as_it_is() {
    let desk = Desk::new();
    let tokens = desk.tokens();
    assert_eq!(text(&fresh(&tokens).unwrap()), access(0));
    desk.later(LIFE - 121);
    assert_eq!(text(&fresh(&tokens).unwrap()), access(0));
    assert_eq!(desk.endpoint.forms().len(), 0);
    desk.later(1);
    assert_eq!(text(&fresh(&tokens).unwrap()), access(1), "two minutes before its end it is renewed");
    let forms = desk.endpoint.forms();
    assert_eq!(forms, [format!("grant_type=refresh_token&refresh_token={}&client_id=app", refresh(0))]);
}

#[test]
fn the_renewed_token_is_on_disk_with_its_successor() {
    let desk = Desk::new();
    desk.later(LIFE);
    let used = fresh(&desk.tokens()).unwrap();
    let stored = desk.stored();
    assert_eq!(stored.secret.expose(), used.secret.expose());
    let grant = stored.grant.unwrap();
    assert_eq!(grant.refresh.unwrap().expose(), refresh(1));
    assert_eq!(grant.expires, Some(desk.clock.now().as_second() + LIFE));
    assert_eq!(used.note.as_deref(), None);
}

#[test]
fn an_answer_without_a_refresh_token_keeps_the_old_one() {
    let desk = Desk::new();
    desk.endpoint.mood(Mood::Keeps);
    desk.later(LIFE);
    fresh(&desk.tokens()).unwrap();
    assert_eq!(desk.stored().grant.unwrap().refresh.unwrap().expose(), refresh(0));
}

#[test]
fn fifty_tasks_and_two_handles_make_one_request() {
    let desk = Desk::new();
    desk.later(LIFE);
    let (one, other) = (desk.tokens(), desk.tokens());
    let got = block(async {
        let tasks = (0..50).map(|n| if n % 2 == 0 { one.fresh("work") } else { other.fresh("work") });
        futures_util::future::join_all(tasks).await
    });
    assert!(got.iter().all(|g| g.as_ref().unwrap().secret.expose() == access(1)));
    assert_eq!(desk.endpoint.forms().len(), 1);
}

#[test]
fn a_refused_token_is_replaced_once_and_by_what_lies_in_the_file_if_that_differs() {
    let desk = Desk::new();
    let (one, other) = (desk.tokens(), desk.tokens());
    desk.later(61);
    let refused = Secret::new(access(0));
    assert_eq!(text(&block(one.instead("work", &refused)).unwrap()), access(1), "its time was not up, yet it is dead");
    assert_eq!(text(&block(other.instead("work", &refused)).unwrap()), access(1), "the other one finds the new one");
    assert_eq!(text(&block(one.instead("work", &refused)).unwrap()), access(1), "a late caller with the old one too");
    assert_eq!(desk.endpoint.forms().len(), 1);
}

#[test]
fn invalid_grant_signs_the_account_out_and_nobody_asks_again() {
    let desk = Desk::new();
    desk.endpoint.mood(Mood::Says(400, r#"{"error":"invalid_grant","error_description":"Token has been revoked."}"#));
    desk.later(LIFE);
    let failure = fresh(&desk.tokens()).unwrap_err();
    assert_eq!(failure.kind, Kind::Unauthorized);
    for part in ["Token has been revoked.", "monster login mine --method browser --name work"] {
        assert!(failure.message.contains(part), "{failure}");
    }
    let again = fresh(&desk.tokens()).unwrap_err();
    assert_eq!(again.message, failure.message, "another process knows it too");
    assert_eq!(desk.endpoint.forms().len(), 1);
    assert_eq!(desk.stored().grant.unwrap().refresh.unwrap().expose(), refresh(0), "nothing is thrown away");
    assert!(desk.tokens().due().is_empty(), "nor is it renewed in the background");
}

#[test]
fn a_signed_out_account_uses_its_token_to_the_end() {
    let desk = Desk::with(|grant| grant.ended = Some("revoked".to_owned()));
    desk.later(LIFE - 60);
    assert_eq!(text(&fresh(&desk.tokens()).unwrap()), access(0));
    desk.later(60);
    assert!(fresh(&desk.tokens()).is_err());
}

#[test]
fn trouble_at_the_endpoint_costs_nothing_while_the_old_token_lasts() {
    let troubles = [
        Mood::Says(500, "{}"),
        Mood::Says(503, "<html>busy</html>"),
        Mood::Says(200, "<html>sign in to the wifi</html>"),
        Mood::Says(200, r#"{"access_token":""}"#),
        Mood::Says(200, r#"{"access_token":"two words"}"#),
        Mood::Says(429, r#"{"error":"slow_down"}"#),
    ];
    for mood in troubles {
        let desk = Desk::new();
        desk.endpoint.mood(mood.clone());
        desk.later(LIFE - 60);
        let made_do = fresh(&desk.tokens()).unwrap();
        assert_eq!(text(&made_do), access(0), "{mood:?}");
        assert!(made_do.note.unwrap().contains("the old one still lasts"), "{mood:?}");
        desk.later(60);
        let failure = fresh(&desk.tokens()).unwrap_err();
        assert_eq!(failure.kind, Kind::Unreachable, "{mood:?}: {failure}");
        // And it heals without a new sign-in.
        desk.endpoint.mood(Mood::Good);
        assert_eq!(text(&fresh(&desk.tokens()).unwrap()), access(1), "{mood:?}");
    }
}

#[test]
fn an_endpoint_that_nobody_answers_at_is_named() {
    let desk = Desk::with(|grant| grant.token_url = "http://127.0.0.1:1/token".to_owned());
    desk.later(LIFE);
    let failure = fresh(&desk.tokens()).unwrap_err();
    assert!(failure.message.contains("127.0.0.1 cannot be reached"), "{failure}");
}

#[test]
fn whoever_stops_waiting_loses_nothing() {
    let desk = Desk::new();
    desk.endpoint.mood(Mood::Slow(Duration::from_millis(300)));
    desk.later(LIFE);
    let tokens = desk.tokens();
    block(async {
        let waited = tokio::time::timeout(Duration::from_millis(50), tokens.fresh("work")).await;
        assert!(waited.is_err(), "the caller gave up");
    });
    tokens.settle(Duration::from_secs(20));
    assert_eq!(desk.stored().secret.expose(), access(1), "the answer is on disk all the same");
    assert_eq!(text(&fresh(&desk.tokens()).unwrap()), access(1));
    assert_eq!(desk.endpoint.forms().len(), 1);
}

#[test]
fn somebody_who_signs_in_anew_meanwhile_is_not_overwritten() {
    let desk = Desk::new();
    desk.endpoint.mood(Mood::Slow(Duration::from_millis(300)));
    desk.later(LIFE);
    let tokens = desk.tokens();
    std::thread::scope(|scope| {
        let renewal = scope.spawn(|| fresh(&tokens).unwrap());
        while desk.endpoint.forms().is_empty() {
            std::thread::yield_now();
        }
        let mut account = desk.stored();
        account.secret = Secret::new("signed in anew".to_owned());
        desk.opened().put(account).unwrap();
        renewal.join().unwrap();
    });
    assert_eq!(desk.stored().secret.expose(), "signed in anew");
}

#[test]
fn an_account_removed_meanwhile_is_not_put_back() {
    let desk = Desk::new();
    desk.endpoint.mood(Mood::Slow(Duration::from_millis(300)));
    desk.later(LIFE);
    let tokens = desk.tokens();
    std::thread::scope(|scope| {
        let renewal = scope.spawn(|| fresh(&tokens).unwrap());
        while desk.endpoint.forms().is_empty() {
            std::thread::yield_now();
        }
        desk.opened().remove("work").unwrap();
        assert_eq!(text(&renewal.join().unwrap()), access(1), "the call under way is served");
    });
    assert!(desk.opened().accounts().is_empty());
}

#[test]
fn a_token_that_cannot_be_written_serves_this_process_and_is_told() {
    let desk = Desk::new();
    desk.later(LIFE);
    let tokens = desk.tokens();
    desk.full();
    let used = fresh(&tokens).unwrap();
    assert_eq!(text(&used), access(1));
    assert!(used.note.unwrap().contains("could not be written"));
    assert_eq!(text(&fresh(&tokens).unwrap()), access(1), "it is remembered");
    assert_eq!(desk.endpoint.forms().len(), 1);
    assert_eq!(desk.stored().secret.expose(), access(0), "the file is whole");
}

#[test]
fn a_renewal_that_was_cut_off_is_named_when_its_token_is_missed() {
    let desk = Desk::new();
    desk.later(LIFE);
    // Killed between the endpoint's answer and the write: the note is there and the old token is used up.
    let path = crate::auth::renewal::place(&desk.dir.path().join("state"), &desk.stored());
    let mut lock = crate::auth::lock::Lock::take(&path, Duration::ZERO).unwrap();
    lock.asking(&desk.clock);
    drop(lock);
    desk.endpoint.mood(Mood::Says(400, r#"{"error":"invalid_grant"}"#));
    let failure = fresh(&desk.tokens()).unwrap_err();
    assert!(failure.message.contains("was cut off before its answer was on disk"), "{failure}");
    assert!(failure.message.contains("2026-11-24T11:30:00Z"), "{failure}");
}

#[test]
fn somebody_who_renews_for_ever_is_not_waited_for_and_the_old_token_serves() {
    let desk = Desk::new();
    desk.later(LIFE - 60);
    let path = crate::auth::renewal::place(&desk.dir.path().join("state"), &desk.stored());
    let mut held = crate::auth::lock::Lock::take(&path, Duration::ZERO).unwrap();
    held.asking(&desk.clock);
    let tokens = desk.tokens().patient(Duration::from_millis(20));
    let made_do = fresh(&tokens).unwrap();
    let note = made_do.note.clone().unwrap();
    assert_eq!(text(&made_do), access(0));
    assert!(note.contains(&format!("process {} renews", std::process::id())), "{note}");
    desk.later(60);
    assert!(fresh(&tokens).unwrap_err().message.contains("does not come to an end"));
    drop(held);
    assert_eq!(text(&fresh(&desk.tokens()).unwrap()), access(1));
}

#[test]
fn client_credentials_are_fetched_anew_without_a_refresh_token() {
    let desk = Desk::with(|grant| {
        (grant.by, grant.refresh) = (By::Client, None);
        grant.client_secret = Some(Secret::new("s3cret of the app".to_owned()));
        grant.scope = "a b".to_owned();
    });
    desk.later(LIFE);
    fresh(&desk.tokens()).unwrap();
    let expected = "grant_type=client_credentials&client_id=app&client_secret=s3cret+of+the+app&scope=a+b";
    assert_eq!(desk.endpoint.forms(), [expected]);
}

#[test]
fn a_token_that_nothing_renews_lasts_until_it_is_refused() {
    let desk = Desk::with(|grant| (grant.by, grant.expires) = (By::Never, None));
    desk.later(LIFE * 1_000);
    let tokens = desk.tokens();
    assert_eq!(text(&fresh(&tokens).unwrap()), access(0));
    let failure = block(tokens.instead("work", &Secret::new(access(0)))).unwrap_err();
    assert!(failure.message.contains("monster login"), "{failure}");
    let ends = Desk::with(|grant| grant.by = By::Never);
    ends.later(LIFE - 1);
    assert_eq!(text(&fresh(&ends.tokens()).unwrap()), access(0), "to its last second");
    ends.later(1);
    assert!(fresh(&ends.tokens()).unwrap_err().message.contains("has run out"));
}

#[test]
fn a_token_that_could_not_be_written_is_written_later_and_its_successor_too() {
    let desk = Desk::new();
    desk.later(LIFE);
    let tokens = desk.tokens();
    let backup = desk.full();
    assert!(fresh(&tokens).unwrap().note.unwrap().contains("could not be written"));
    assert!(tokens.busy());
    // Still in the way when the next one comes.
    desk.later(LIFE);
    assert_eq!(text(&fresh(&tokens).unwrap()), access(2));
    assert_eq!(desk.stored().secret.expose(), access(0));
    std::fs::remove_dir_all(&backup).unwrap();
    assert!(tokens.settle(Duration::from_secs(5)), "at the end it is tried again");
    assert_eq!(desk.stored().secret.expose(), access(2));
    assert_eq!(desk.stored().grant.unwrap().refresh.unwrap().expose(), refresh(2));
}

#[test]
fn a_new_sign_in_goes_before_what_could_not_be_written() {
    let desk = Desk::new();
    desk.later(LIFE);
    let tokens = desk.tokens();
    let backup = desk.full();
    fresh(&tokens).unwrap();
    std::fs::remove_dir_all(&backup).unwrap();
    let mut account = desk.stored();
    account.secret = Secret::new("signed-in-anew".to_owned());
    account.grant.as_mut().unwrap().expires = Some(desk.clock.now().as_second() + LIFE);
    desk.opened().put(account).unwrap();
    tokens.reload();
    assert_eq!(text(&fresh(&tokens).unwrap()), "signed-in-anew");
    assert!(tokens.settle(Duration::from_secs(5)));
    assert_eq!(desk.stored().secret.expose(), "signed-in-anew");
}

#[test]
fn an_account_that_is_renamed_meanwhile_gets_its_token() {
    let desk = Desk::new();
    desk.endpoint.mood(Mood::Slow(Duration::from_millis(300)));
    desk.later(LIFE);
    let tokens = desk.tokens();
    std::thread::scope(|scope| {
        let renewal = scope.spawn(|| fresh(&tokens).unwrap());
        while desk.endpoint.forms().is_empty() {
            std::thread::yield_now();
        }
        desk.opened().rename("work", "office").unwrap();
        renewal.join().unwrap();
    });
    assert_eq!((desk.stored().name.as_str(), desk.stored().secret.expose()), ("office", access(1).as_str()));
}

#[test]
fn a_new_identity_waits_for_a_renewal_and_loses_no_token() {
    let desk = Desk::new();
    desk.endpoint.mood(Mood::Slow(Duration::from_millis(300)));
    desk.later(LIFE);
    let tokens = desk.tokens();
    std::thread::scope(|scope| {
        let renewal = scope.spawn(|| fresh(&tokens).unwrap());
        while desk.endpoint.forms().is_empty() {
            std::thread::yield_now();
        }
        let (store, wish) = (Store::memory(&desk.clock), crate::auth::Renewal::default());
        crate::auth::rekey(&desk.vault(), &store, &Nobody, &wish, &desk.dir.path().join("state")).unwrap();
        assert_eq!(renewal.join().unwrap().note, None);
    });
    assert_eq!(desk.stored().secret.expose(), access(1));
}

#[test]
fn a_young_token_that_is_refused_is_not_replaced_again_and_again() {
    let desk = Desk::new();
    let tokens = desk.tokens();
    desk.later(59);
    let failure = block(tokens.instead("work", &Secret::new(access(0)))).unwrap_err();
    assert!(failure.message.contains("59 s old"), "{failure}");
    assert!(desk.endpoint.forms().is_empty());
    desk.later(1);
    assert_eq!(text(&block(tokens.instead("work", &Secret::new(access(0)))).unwrap()), access(1));
}

#[test]
fn an_endpoint_in_trouble_is_left_alone_for_a_while() {
    let desk = Desk::new();
    desk.endpoint.mood(Mood::Says(500, "{}"));
    desk.later(LIFE - 60);
    let tokens = desk.tokens();
    for _ in 0..5 {
        assert_eq!(text(&fresh(&tokens).unwrap()), access(0));
    }
    assert_eq!(desk.endpoint.forms().len(), 1, "one of five asked");
    desk.later(5);
    fresh(&tokens).unwrap();
    assert_eq!(desk.endpoint.forms().len(), 2);
    desk.endpoint.mood(Mood::Good);
    desk.later(9);
    assert_eq!(text(&fresh(&tokens).unwrap()), access(0), "the pause has doubled");
    desk.later(1);
    assert_eq!(text(&fresh(&tokens).unwrap()), access(1));
}

#[test]
fn google_s_file_is_looked_at_again_after_a_no() {
    let desk = Desk::with(|grant| {
        grant.by = By::Google;
        grant.file = Some("/nowhere/application_default_credentials.json".into());
    });
    desk.later(LIFE);
    assert!(fresh(&desk.tokens()).is_err());
    assert_eq!(desk.stored().grant.unwrap().ended, None);
}

#[test]
fn a_lead_never_eats_more_than_half_of_a_life() {
    let mut grant = Grant::new(By::Refresh, "device");
    assert_eq!(due(&grant), None, "what does not expire is never due");
    (grant.obtained, grant.expires) = (1_000, Some(1_000 + LIFE));
    assert_eq!(due(&grant), Some(1_000 + LIFE - 120));
    grant.lead = Some(600);
    assert_eq!(due(&grant), Some(1_000 + LIFE - 600));
    grant.lead = Some(100_000);
    assert_eq!(due(&grant), Some(1_000 + LIFE / 2), "a token is not due the moment it arrives");
    grant.expires = Some(900);
    assert_eq!(due(&grant), Some(900));
}

#[test]
fn no_failure_repeats_a_token() {
    let desk = Desk::new();
    desk.endpoint.mood(Mood::Says(
        400,
        r#"{"error":"invalid_request","error_description":"refresh_token refresh-token-0 is odd"}"#,
    ));
    desk.later(LIFE);
    let failure = fresh(&desk.tokens()).unwrap_err();
    assert!(!format!("{failure:?}").contains(&refresh(0)), "{failure}");
    assert!(failure.message.contains("(hidden) is odd"), "{failure}");
}
