//! Tokens of sign-ins in everyday use: renewed in passing, once for all, and told when they are dead.

use monster::auth::{Account, By, Grant, Keep, Nobody, Vault};
use monster::model::Secret;
use monster::world::{Clock, Env};

use crate::sandbox::{NOW, Sandbox};
use crate::storm::endpoint::{Endpoint, Mood, refresh};
use crate::upstream::{Answer, Upstream};

const ASK: &[&str] = &["ask", "why?", "--model", "openai/gpt-4.1-mini"];

/// A sandbox that is signed in at the upstream; the token has some seconds to live.
fn signed_in(upstream: &Upstream, endpoint: &Endpoint, left: i64) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.set("OPENAI_BASE_URL", &upstream.base("openai"));
    endpoint.gives(&sandbox.key("openai"));
    let clock = Clock::fixed(NOW.parse().unwrap());
    let vault = Vault::at(&sandbox.config_dir(), &Env::fixed([("HOME", "/")], &sandbox.home()));
    let mut opened = vault.create(&Keep::Keyfile(sandbox.home().join("identity")), &Nobody).unwrap();
    let now = clock.now().as_second();
    let mut grant = Grant::new(By::Refresh, "browser");
    grant.token_url = endpoint.url();
    grant.refresh = Some(Secret::new(refresh(0)));
    (grant.obtained, grant.expires) = (now - 3_600 + left, Some(now + left));
    let old = Secret::new(["an old", "token"].join("-").replace(' ', "-"));
    let mut account = Account::api_key("work", "openai", "openai", old, &clock);
    account.grant = Some(grant);
    opened.put(account).unwrap();
    sandbox
}

#[test]
fn an_expired_token_is_renewed_in_passing() {
    let (upstream, endpoint) = (Upstream::start(), Endpoint::start());
    upstream.always(|_| Answer::text("Because."));
    let sandbox = signed_in(&upstream, &endpoint, 0);
    assert_eq!(sandbox.monster(ASK).done().ok().stdout, "Because.\n");
    assert_eq!(upstream.only().key(), sandbox.key("openai"), "the dead one was not even tried");
    sandbox.monster(ASK).done().ok();
    assert_eq!(endpoint.forms().len(), 1);
}

#[test]
fn a_token_that_is_refused_before_its_time_is_renewed_and_the_question_answered() {
    let (upstream, endpoint) = (Upstream::start(), Endpoint::start());
    upstream.may_refuse().always(|_| Answer::text("Because."));
    let sandbox = signed_in(&upstream, &endpoint, 3_000);
    let done = sandbox.monster(ASK).done();
    assert_eq!(done.ok().stdout, "Because.\n", "{}", done.stderr);
    assert_eq!(endpoint.forms().len(), 1);
    let list = sandbox.monster(&["history", "list", "--json"]).done().ok().json();
    let statuses: Vec<_> =
        list["requests"][0]["attempts"].as_array().unwrap().iter().map(|a| a["status"].clone()).collect();
    assert_eq!(statuses, [401, 200], "the ledger has both");
}

#[test]
fn eight_questions_at_once_renew_once() {
    let (upstream, endpoint) = (Upstream::start(), Endpoint::start());
    upstream.always(|_| Answer::text("Because."));
    let sandbox = signed_in(&upstream, &endpoint, 0);
    endpoint.mood(Mood::Slow(std::time::Duration::from_millis(500)));
    let asking: Vec<_> = (0..8).map(|_| sandbox.monster(ASK).start()).collect();
    for one in asking {
        assert_eq!(one.done(&sandbox).ok().stdout, "Because.\n");
    }
    assert_eq!(endpoint.forms().len(), 1);
    assert_eq!(upstream.calls().len(), 8);
}

#[test]
fn who_is_signed_out_is_told_everywhere() {
    let (upstream, endpoint) = (Upstream::start(), Endpoint::start());
    let sandbox = signed_in(&upstream, &endpoint, 0);
    endpoint.mood(Mood::Says(400, r#"{"error":"invalid_grant","error_description":"Token has been revoked."}"#));
    insta::assert_snapshot!("signed_out_ask", sandbox.monster(ASK).done().exits(5).all());
    insta::assert_snapshot!("signed_out_accounts", sandbox.monster(&["accounts"]).done().ok().all());
    let json = sandbox.monster(&["accounts", "--json"]).done().ok().json();
    assert_eq!(json["accounts"][0]["signed_out"], "Token has been revoked. (invalid_grant)");
    insta::assert_snapshot!("signed_out_test", sandbox.monster(&["accounts", "test"]).done().exits(1).all());
    let models = sandbox.monster(&["models", "list"]).done();
    assert!(models.ok().stderr.contains("work is signed out; sign in again with"), "{}", models.stderr);
    let doctor = sandbox.monster(&["doctor"]).done();
    assert!(doctor.exits(1).stdout.contains("monster login openai --method browser --name work"), "{}", doctor.stdout);
    assert_eq!(endpoint.forms().len(), 1, "the endpoint is not asked again");
    assert!(upstream.calls().is_empty());
}

#[test]
fn a_token_endpoint_in_trouble_costs_no_answer_while_the_old_token_lasts() {
    let (upstream, endpoint) = (Upstream::start(), Endpoint::start());
    upstream.may_refuse();
    let sandbox = signed_in(&upstream, &endpoint, 60);
    endpoint.mood(Mood::Says(502, "<html>bad gateway</html>"));
    let done = sandbox.monster(ASK).done();
    // The old token is used; that this upstream does not like it is another matter.
    assert!(done.stderr.contains("127.0.0.1 answers with status 502; the old one still lasts"), "{}", done.stderr);
    endpoint.mood(Mood::Good);
    upstream.always(|_| Answer::text("Because."));
    assert_eq!(sandbox.monster(ASK).done().ok().stdout, "Because.\n", "and nothing was lost");
}

#[test]
fn a_check_renews_a_token_as_a_call_does() {
    let (upstream, endpoint) = (Upstream::start(), Endpoint::start());
    upstream.lists(&["gpt-4.1-mini"]);
    let sandbox = signed_in(&upstream, &endpoint, 0);
    let done = sandbox.monster(&["accounts", "test"]).done();
    assert!(done.ok().stdout.contains("openai takes the token; 1 model"), "{}", done.stdout);
    assert_eq!(endpoint.forms().len(), 1);
}

#[test]
fn dead_sign_ins_do_not_keep_a_good_key_from_being_tried() {
    let (upstream, endpoint) = (Upstream::start(), Endpoint::start());
    upstream.always(|_| Answer::text("Because."));
    let sandbox = signed_in(&upstream, &endpoint, 0);
    endpoint.mood(Mood::Says(400, r#"{"error":"invalid_grant"}"#));
    sandbox.monster(ASK).done().exits(5);
    // Seven more that died the same way.
    let vault = Vault::at(&sandbox.config_dir(), &Env::fixed([("HOME", "/")], &sandbox.home()));
    let mut opened = vault.open(&Nobody, &|_| 0).unwrap();
    let dead = opened.accounts()[0].clone();
    for n in 0..7 {
        let mut other = dead.clone();
        other.name = format!("dead-{n}");
        opened.put(other).unwrap();
    }
    sandbox
        .monster(&["login", "openai", "--stdin", "--no-check", "--name", "good"])
        .stdin(sandbox.key("openai"))
        .done()
        .ok();
    let done = sandbox.monster(ASK).done();
    assert_eq!(done.ok().stdout, "Because.\n");
    assert!(!done.stderr.contains("signed out"), "nobody is bothered with them: {}", done.stderr);
}
