//! Stories of callers and their keys.

use http::HeaderValue;
use proptest::prelude::*;

use super::*;
use crate::model::{Cost, CostSource, Effort, Usage, UsageSource};
use crate::store::{AttemptEnd, NewAttempt, NewRequest, Place};

fn clock() -> Clock {
    Clock::fixed("2026-11-24T10:30:00Z".parse().unwrap())
}

fn key(word: &str) -> Secret {
    Secret::new(format!("mk_{word}"))
}

/// A house in which `editor` has a key with this permit.
fn house(permit: Permit) -> (Store, Arc<Access>) {
    let store = Store::memory(&clock());
    store.add_caller("editor", KeyHash::of(&key("editor")), permit).unwrap();
    let access = Arc::new(Access::open(store.clone(), &clock()).unwrap());
    (store, access)
}

async fn editor(access: &Arc<Access>) -> Caller {
    access.recognise(&[key("editor")]).await.unwrap()
}

fn headers(of: &[(&'static str, &str)]) -> HeaderMap {
    of.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap())).collect()
}

#[test]
fn a_key_is_found_wherever_a_client_puts_it() {
    for (of, query) in [
        (headers(&[("authorization", "Bearer mk_editor")]), None),
        (headers(&[("authorization", "bearer  mk_editor ")]), None),
        (headers(&[("x-api-key", "mk_editor")]), None),
        (headers(&[("x-goog-api-key", "mk_editor")]), None),
        (headers(&[("api-key", "mk_editor")]), None),
        (HeaderMap::new(), Some("alt=sse&key=mk%5Feditor")),
    ] {
        assert_eq!(presented(&of, query), [key("editor")], "{of:?} {query:?}");
    }
}

#[test]
fn what_is_no_key_is_none_and_of_two_keys_each_counts() {
    for of in [
        headers(&[("authorization", "Basic bWtfZWRpdG9y")]),
        headers(&[("authorization", "mk_editor")]),
        headers(&[("authorization", "Bearer")]),
        headers(&[("x-api-key", "  ")]),
        headers(&[("x-api-key", &"k".repeat(LONGEST + 1))]),
    ] {
        assert!(presented(&of, Some("monkey=1&key=")).is_empty(), "{of:?}");
    }
    let both = headers(&[("authorization", "Bearer theirs"), ("x-api-key", "mk_editor")]);
    assert_eq!(presented(&both, None), [Secret::new("theirs".into()), key("editor")]);
    let many = format!("{}key=x", "key=a&".repeat(1_000));
    assert_eq!(presented(&HeaderMap::new(), Some(&many)).len(), 5, "nobody is hashed to death");
}

#[tokio::test(start_paused = true)]
async fn who_has_no_key_of_ours_stays_outside() {
    let (_, access) = house(Permit::default());
    for presented in [vec![], vec![key("other")], vec![Secret::new("mk_editor ".into())]] {
        let refused = access.recognise(&presented).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Unauthorized);
        assert!(refused.message.contains("monster serve key add") && !refused.message.contains("mk_"), "{refused}");
    }
    let caller = access.recognise(&[key("other"), key("editor")]).await.unwrap();
    assert_eq!(caller.name(), "serve/editor");
    assert_eq!((caller.secrets(), caller.restore()), (None, None));
    assert_eq!(Caller::owner().name(), "monster serve");
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_made_or_removed_meanwhile_counts_so_without_a_signal() {
    let (store, access) = house(Permit::default());
    editor(&access).await;
    tokio::time::advance(Duration::from_millis(300)).await;
    store.add_caller("agent", KeyHash::of(&key("agent")), Permit::default()).unwrap();
    assert_eq!(access.recognise(&[key("agent")]).await.unwrap().name(), "serve/agent", "at once");
    store.remove_caller("editor").unwrap();
    tokio::time::advance(FRESH).await;
    assert!(access.recognise(&[key("editor")]).await.is_err());
    store.remove_caller("agent").unwrap();
    access.reload().unwrap();
    assert!(access.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_minute_holds_so_many_requests_and_the_next_is_told_when_to_come_back() {
    let (_, access) = house(Permit { per_minute: Some(3), ..Permit::default() });
    let caller = editor(&access).await;
    for _ in 0..3 {
        drop(access.admit(&caller, true).await.unwrap());
        tokio::time::advance(Duration::from_secs(10)).await;
    }
    let refused = access.admit(&caller, true).await.unwrap_err();
    assert_eq!((refused.kind, refused.retry_after), (Kind::RateLimited, Some(Duration::from_secs(30))));
    tokio::time::advance(Duration::from_secs(30)).await;
    drop(access.admit(&caller, true).await.unwrap());
    let again = access.admit(&caller, true).await.unwrap_err();
    assert_eq!(again.retry_after, Some(Duration::from_secs(10)), "the second of them is not a minute old");
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_lowered_holds_for_what_was_counted_before() {
    let (store, access) = house(Permit { per_minute: Some(3), at_once: Some(9), ..Permit::default() });
    let caller = editor(&access).await;
    let held = access.admit(&caller, true).await.unwrap();
    drop(access.admit(&caller, true).await.unwrap());
    store.change_caller("editor", Permit { per_minute: Some(1), at_once: Some(1), ..Permit::default() }).unwrap();
    access.reload().unwrap();
    let caller = editor(&access).await;
    assert!(access.admit(&caller, true).await.unwrap_err().message.contains("at once"), "one is still under way");
    drop(held);
    tokio::time::advance(Duration::from_secs(59)).await;
    let caller = editor(&access).await;
    assert_eq!(access.admit(&caller, true).await.unwrap_err().retry_after, Some(Duration::from_secs(1)));
    tokio::time::advance(Duration::from_secs(1)).await;
    drop(access.admit(&caller, true).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn so_many_requests_are_under_way_at_once_and_one_that_ends_makes_room() {
    let (_, access) = house(Permit { at_once: Some(2), ..Permit::default() });
    let caller = editor(&access).await;
    let (first, _second) = (access.admit(&caller, true).await.unwrap(), access.admit(&caller, true).await.unwrap());
    let refused = access.admit(&caller, true).await.unwrap_err();
    assert_eq!((refused.kind, refused.retry_after), (Kind::RateLimited, Some(SOON)));
    drop(access.admit(&Caller::owner(), true).await.unwrap());
    drop(first);
    drop(access.admit(&caller, true).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_list_of_models_holds_for_names_as_they_are_asked_and_for_routes() {
    let models = vec![
        "gpt-*".to_owned(),
        "Anthropic/*".to_owned(),
        "fast".to_owned(),
        "monster/long".to_owned(),
        "[".to_owned(),
    ];
    let (_, access) = house(Permit { models, ..Permit::default() });
    let caller = editor(&access).await;
    for (asked, route) in [
        ("gpt-5.5", "azure/prod"),
        ("best", "openai/gpt-5.5"),
        ("claude", "anthropic/claude-opus-4-5"),
        ("fast", "mistral/small"),
        ("monster/fast", "mistral/small"),
        ("fast(high)", "mistral/small"),
        ("monster/fast(high)", "mistral/small"),
        ("fast:latest", "mistral/small"),
        ("monster/fast(low):latest", "mistral/small"),
        ("long", "mistral/small"),
        ("long(8192)", "mistral/small"),
    ] {
        assert!(caller.allows(asked, route), "{asked} over {route}");
    }
    for (asked, route) in [
        ("claude", "vertex/claude-opus-4-5"),
        ("gpt-5.5,claude", "vertex/claude-opus-4-5"),
        ("fast,claude", "vertex/claude-opus-4-5"),
        ("fast(high),claude", "vertex/claude-opus-4-5"),
        ("balanced(low)", "mistral/small"),
        ("steadfast(low)", "mistral/small"),
        ("my-gpt-5.5", "local/my-gpt-5.5"),
        ("[", "openrouter/x"),
    ] {
        assert!(!caller.allows(asked, route), "{asked} over {route}");
    }
    let routes = vec!["vertex/claude-opus-4-5".to_owned(), "anthropic/claude-opus-4-5".to_owned()];
    assert_eq!(caller.choose("claude", routes.clone(), Clone::clone).unwrap(), routes[1..]);
    assert_eq!(caller.choose("x", routes[..1].to_vec(), Clone::clone).unwrap_err().kind, Kind::Forbidden);
    assert!(caller.choose("x", Vec::<String>::new(), Clone::clone).unwrap().is_empty(), "that is another's to say");
    assert_eq!(Caller::owner().choose("x", routes.clone(), Clone::clone).unwrap(), routes);
}

#[tokio::test(start_paused = true)]
async fn a_list_in_which_no_glob_is_one_allows_nothing() {
    let (_, access) = house(Permit { models: vec!["[".to_owned()], ..Permit::default() });
    assert!(!editor(&access).await.allows("gpt-5.5", "openai/gpt-5.5"));
}

#[tokio::test(start_paused = true)]
async fn words_of_a_later_version_make_nothing_laxer() {
    let permit = |secrets: &str, restore: &str| Permit {
        secrets: Some(secrets.into()),
        restore: Some(restore.into()),
        ..Permit::default()
    };
    for (words, secrets, restore) in [
        (("block", "tools"), Mode::Block, Restore::Tools),
        (("off", "off"), Mode::Off, Restore::Off),
        (("later", "later"), Mode::Redact, Restore::Off),
    ] {
        let (_, access) = house(permit(words.0, words.1));
        let caller = editor(&access).await;
        assert_eq!((caller.secrets(), caller.restore()), (Some(secrets), Some(restore)), "{words:?}");
    }
}

/// A call of `caller` that has cost so much.
async fn spend(store: &Store, id: &str, caller: &str, nano: u64) {
    let now = clock().millis();
    let request = NewRequest {
        id: id.into(),
        parent: None,
        started_ms: now,
        purpose: Purpose::Serve,
        caller: caller.to_owned(),
        place: Place::default(),
        asked_model: "gpt".to_owned(),
        asked_effort: Effort::Auto.into(),
        redacted: 0,
        stream: false,
    };
    let attempt = NewAttempt {
        request_id: id.into(),
        number: 1,
        started_ms: now,
        provider: "openai".into(),
        upstream: "openai".into(),
        account: "work".into(),
        model: "gpt".into(),
        maker: "openai".into(),
        dialect: "openai-chat".into(),
    };
    store.open_request(request).await.unwrap();
    store.open_attempt(attempt).await.unwrap().finish(AttemptEnd {
        ended_ms: now,
        status: Some(200),
        usage: Some((Usage { input: 9, ..Usage::default() }, UsageSource::Reported)),
        cost: Some(Cost { amount: NanoUsd(nano), source: CostSource::Reported }),
        finish: None,
        effort_sent: None,
        effort_confirmed: None,
        first_content_ms: None,
        upstream_id: None,
        bytes: None,
        priced: None,
        failure: None,
    });
}

#[tokio::test(start_paused = true)]
async fn a_budget_counts_what_this_caller_spent_and_nothing_of_others() {
    let permit = Permit { day: Some(NanoUsd(2_000_000_000)), month: Some(NanoUsd(9_000_000_000)), ..Permit::default() };
    let (store, access) = house(permit.clone());
    let caller = editor(&access).await;
    spend(&store, "r1", "serve/agent", 50_000_000_000).await;
    spend(&store, "r2", "serve/editor", 1_999_999_999).await;
    drop(access.admit(&caller, true).await.unwrap());
    spend(&store, "r3", "serve/editor", 1).await;
    let refused = access.admit(&caller, true).await.unwrap_err();
    assert_eq!(refused.kind, Kind::QuotaSpent);
    assert_eq!(refused.message, "the budget of this key is $2 a day, and $2.00 is spent or reserved");
    let ceilings = access.ceilings(&caller);
    assert_eq!(ceilings.len(), 2);
    assert!(ceilings.iter().all(|ceiling| ceiling.caller.as_deref() == Some("serve/editor")));
    // A new key of the same name takes over what was spent.
    store.change_caller("editor", Permit { day: None, ..permit }).unwrap();
    access.reload().unwrap();
    let caller = editor(&access).await;
    drop(access.admit(&caller, true).await.unwrap());
    spend(&store, "r4", "serve/editor", 7_000_000_000).await;
    let refused = access.admit(&caller, true).await.unwrap_err();
    assert!(refused.message.contains("$9 a month"), "{refused}");
    assert!(access.ceilings(&Caller::owner()).is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_store_learns_at_most_once_a_minute_that_a_key_is_called_with() {
    let (store, access) = house(Permit::default());
    let used = || store.callers().unwrap()[0].used_ms;
    let caller = editor(&access).await;
    assert_eq!(used(), None);
    drop(access.admit(&caller, true).await.unwrap());
    assert_eq!(used(), Some(clock().millis()));
}

proptest! {
    #[test]
    fn no_other_word_is_let_in(words in proptest::collection::vec(".{0,80}", 1..4), flip in 0..9_usize, bit in 0..7_u8) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (_, access) = house(Permit::default());
            let words: Vec<Secret> = words.into_iter().filter(|word| word != "mk_editor").map(Secret::new).collect();
            assert!(access.recognise(&words).await.is_err());
            // Nor is the key with one bit changed.
            let mut near = b"mk_editor".to_vec();
            near[flip] ^= 1 << bit;
            let near = Secret::new(String::from_utf8(near).unwrap());
            assert!(access.recognise(&[near]).await.is_err());
            assert!(access.recognise(&[key("editor")]).await.is_ok());
        });
    }
}
