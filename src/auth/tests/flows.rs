//! Rules of the flows that no story can wait for: pace, patience, proofs and addresses.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::server::Server;
use super::signer;
use super::upstream;
use crate::auth::callback::{Answer, Expected};
use crate::auth::device::Pace;
use crate::auth::identity::{Claim, direct, verify};
use crate::auth::loopback::Loopback;
use crate::auth::token::{self, Granted, Heard, TokenError};
use crate::auth::{
    Desk, Method, Redirect, Setup, Shown, SignInError, Talk, Wish, bearing, client, device, discover, pkce, revoke,
};
use crate::config::{Network, OauthRow};
use crate::model::{Dialect, Secret};
use crate::net::Net;
use crate::providers::Auth;
use crate::vault::{By, Grant};
use crate::world::{Clock, Env};

const NOW: i64 = 1_795_689_000;

struct Silent;

impl Talk for Silent {
    fn visit(&self, _: &str, _: bool) {}
    fn code(&self, _: &Shown<'_>) -> bool {
        true
    }
    fn waiting(&self, _: Duration) {}
    fn done(&self) {}
    fn tell(&self, _: &str) {}
}

fn net() -> Net {
    Net::new(Network::within(1))
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

fn refused(code: &str) -> Result<Granted, TokenError> {
    Err(TokenError::Refused { code: code.to_owned(), said: String::new() })
}

#[test]
fn a_verifier_is_random_and_its_challenge_the_one_of_the_standard() {
    // RFC 7636, appendix B.
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_eq!(pkce::challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let (one, two) = (pkce::Pkce::new().unwrap(), pkce::Pkce::new().unwrap());
    assert_ne!(one.verifier.expose(), two.verifier.expose());
    assert_eq!(one.challenge, pkce::challenge(one.verifier.expose()));
    let word = pkce::word().unwrap();
    assert!(word.len() == 43 && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)), "{word}");
    assert!(!format!("{one:?}").contains(one.verifier.expose()));
}

proptest! {
    #[test]
    fn only_equal_words_are_the_same(a in ".{0,12}", b in ".{0,12}") {
        prop_assert_eq!(pkce::same(&a, &b), a == b);
        prop_assert!(pkce::same(&a, &a));
    }
}

#[test]
fn slow_down_holds_for_good_and_trouble_doubles_the_wait_until_it_is_over() {
    let mut pace = Pace::new(5);
    let wait = |pace: &mut Pace, status: u16, heard: Result<Granted, TokenError>, interval: Option<u64>| {
        assert!(pace.step(status, heard, interval).is_none(), "it goes on");
        pace.wait
    };
    assert_eq!(wait(&mut pace, 400, refused("authorization_pending"), None), 5);
    assert_eq!(wait(&mut pace, 400, refused("slow_down"), None), 10);
    assert_eq!(wait(&mut pace, 400, refused("authorization_pending"), None), 10, "for good");
    assert_eq!(wait(&mut pace, 200, refused("slow_down"), Some(25)), 25, "GitHub names the new one");
    let trouble = || Err(TokenError::Unavailable("gone".to_owned()));
    assert_eq!(wait(&mut pace, 0, trouble(), None), 50);
    assert_eq!(wait(&mut pace, 502, trouble(), None), 60, "but not without end");
    assert_eq!(wait(&mut pace, 503, refused("temporarily_unavailable"), None), 60);
    assert_eq!(wait(&mut pace, 429, refused("too_many"), None), 60);
    assert_eq!(wait(&mut pace, 200, trouble(), None), 60, "a page of a hotel is no answer");
    assert_eq!(wait(&mut pace, 400, refused("authorization_pending"), None), 25, "and back");
    assert_eq!(Pace::new(0).wait, 1);
    assert_eq!(Pace::new(u64::MAX).wait, 86_400);
}

#[test]
fn a_server_that_wants_to_be_asked_seldom_is() {
    let mut pace = Pace::new(90);
    assert_eq!(pace.wait, 90);
    let trouble = Err(TokenError::Unavailable("gone".to_owned()));
    assert!(pace.step(0, trouble, None).is_none());
    assert_eq!(pace.wait, 90, "trouble is no reason to ask more often");
    assert!(pace.step(400, refused("slow_down"), None).is_none());
    assert_eq!(pace.wait, 95);
    assert!(pace.step(200, refused("slow_down"), Some(120)).is_none());
    assert_eq!(pace.wait, 120);
}

#[test]
fn a_device_sign_in_ends_with_the_words_of_the_standard_and_of_entra() {
    let end = |code: &str| Pace::new(5).step(400, refused(code), None).unwrap().unwrap_err();
    assert!(matches!(end("expired_token"), SignInError::Expired));
    assert!(matches!(end("code_expired"), SignInError::Expired));
    assert!(matches!(end("access_denied"), SignInError::Declined));
    assert!(matches!(end("authorization_declined"), SignInError::Declined));
    assert!(matches!(end("invalid_client"), SignInError::Token(_)));
}

#[test]
fn nobody_is_waited_for_without_end() {
    let ended = run(async {
        let loopback = Loopback::bind(&Redirect::parse("http://localhost/cb").unwrap()).await.unwrap();
        loopback.wait(&Expected::default(), &Silent, None, Duration::from_millis(30)).await
    });
    assert!(matches!(ended, Err(SignInError::Late(0))));
}

/// `GET /cb` with the state `s`.
fn expected(port: u16) -> Expected {
    Expected {
        path: "/cb".to_owned(),
        hosts: vec![format!("127.0.0.1:{port}")],
        state: Some("s".to_owned()),
        ..Expected::default()
    }
}

#[test]
fn a_request_in_small_pieces_is_one() {
    let answer = run(async {
        let loopback = Loopback::bind(&Redirect::parse("http://127.0.0.1/cb").unwrap()).await.unwrap();
        let port = loopback.port();
        let expected = expected(port);
        std::thread::spawn(move || {
            use std::io::Write;
            let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
            let head = format!("GET /cb?code=c&state=s HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n");
            for piece in head.as_bytes().chunks(7) {
                stream.write_all(piece).unwrap();
                stream.flush().unwrap();
            }
        });
        loopback.wait(&expected, &Silent, None, Duration::from_secs(60)).await
    });
    assert!(matches!(answer, Ok(Answer::Code { code, .. }) if code.expose() == "c"));
}

#[test]
fn a_crowd_that_says_nothing_keeps_nobody_out() {
    let answer = run(async {
        let loopback = Loopback::bind(&Redirect::parse("http://127.0.0.1/cb").unwrap()).await.unwrap();
        let port = loopback.port();
        let expected = expected(port);
        let (over, wait) = std::sync::mpsc::channel::<()>();
        std::thread::spawn(move || {
            use std::io::Write;
            let connect = || std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
            let crowd: Vec<_> = (0..80).map(|_| connect()).collect();
            let mut stream = connect();
            write!(stream, "GET /cb?code=c&state=s HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").unwrap();
            // They all stay until it is over.
            let _ = wait.recv();
            drop(crowd);
        });
        let answer = loopback.wait(&expected, &Silent, None, Duration::from_secs(60)).await;
        drop(over);
        answer
    });
    assert!(matches!(answer, Ok(Answer::Code { code, .. }) if code.expose() == "c"));
}

#[test]
fn a_silent_token_endpoint_is_not_waited_for_without_end() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap());
    let request = net().client_for(&url).unwrap().post(&url);
    let clock = Clock::system();
    let error = run(token::hear_within(Duration::from_millis(50), &clock, &url, request)).unwrap_err();
    assert_eq!(error.to_string(), "127.0.0.1 did not answer within 0 s");
    drop(listener);
}

#[test]
fn errors_are_read_in_every_shape_and_repeat_no_secret() {
    let secret = "s3cret-word";
    let hidden = [Secret::new(secret.to_owned())];
    let said = |status: u16, body: &str| {
        let heard = Heard { host: "id.example".to_owned(), status, skew: None, body: body.as_bytes().to_vec() };
        assert!(!format!("{heard:?}").contains(secret));
        heard.meaning(&hidden).unwrap_err()
    };
    assert_eq!(said(400, r#"{"error":"invalid_grant"}"#).code(), Some("invalid_grant"));
    assert_eq!(said(200, r#"{"error":"bad","error_description":"no\u001b[31m"}"#).to_string(), "no[31m (bad)");
    assert_eq!(said(403, r#"{"error":{"code":403,"message":"Invalid code"}}"#).to_string(), "Invalid code (403)");
    assert_eq!(
        said(400, r#"{"error":"x","error_description":"s3cret-word is no code"}"#).to_string(),
        "(hidden) is no code (x)"
    );
    for (status, body) in [(200, "<html>"), (200, "[]"), (302, ""), (404, "{}"), (500, "{}"), (429, "slow")] {
        assert!(matches!(said(status, body), TokenError::Unavailable(_)), "{status} {body}");
    }
    let granted = token::granted(json!({ "access_token": secret, "refresh_token": secret })).unwrap();
    assert!(!format!("{granted:?}").contains(secret));
}

/// A client whose secret looks different wherever it travels.
fn confidential(server: &Server, basic: bool) -> Setup {
    let row = OauthRow {
        client_id: Some("app".to_owned()),
        token_url: Some(server.url("/token")),
        device_url: Some(server.url("/device")),
        basic: Some(basic),
        ..OauthRow::default()
    };
    let found = setup("mine", "generic", Some(&row), &Wish::default()).unwrap().unwrap();
    Setup { client_secret: Some(Secret::new("s3cret/word".to_owned())), ..found }
}

fn desk<T>(work: impl AsyncFnOnce(Desk<'_>) -> T) -> T {
    let env = super::env(&[]);
    run(work(Desk { net: &net(), clock: &Clock::system(), env: &env, talk: &Silent }))
}

const ECHO: &str = r#"{"error":"invalid_client","error_description":
    "app s3cret/word s3cret%2Fword Basic YXBwOnMzY3JldCUyRndvcmQ= the-device-code"}"#;

#[test]
fn a_client_s_secret_is_not_repeated_however_it_travelled() {
    let told = |basic: bool| {
        let server = Server::start(&[(401, ECHO)]);
        let setup = confidential(&server, basic);
        let error = desk(async |desk| client(desk, setup).await).unwrap_err().to_string();
        assert_eq!(server.asked()[0].contains("YXBwOnMzY3JldCUyRndvcmQ="), basic);
        error
    };
    assert_eq!(told(true), "app (hidden) (hidden) Basic (hidden) the-device-code (invalid_client)");
    assert!(told(false).starts_with("app (hidden) (hidden) Basic"));
}

#[test]
fn a_device_s_poll_repeats_neither_its_code_nor_the_client_s_secret() {
    let code =
        r#"{"device_code":"the-device-code","user_code":"U","verification_uri":"https://id.example","interval":0}"#;
    for basic in [true, false] {
        let server = Server::start(&[(200, code), (401, ECHO)]);
        let setup = confidential(&server, basic);
        let error = desk(async |desk| device(desk, setup).await).unwrap_err().to_string();
        assert!(error.starts_with("app (hidden) (hidden) Basic"), "{error}");
        assert!(error.ends_with(" (hidden) (invalid_client)"), "{error}");
    }
}

#[test]
fn an_id_token_is_believed_only_whole_and_for_us() {
    let claims = json!({ "iss": "https://id.example", "aud": "us", "sub": "ada", "email": "ada@example.org",
        "exp": NOW + 60, "iat": NOW, "nonce": "n" });
    let keys = json!({ "keys": [{ "kty": "EC", "kid": "k0" }, signer::jwk("k1")] });
    let head = json!({ "alg": "RS256", "kid": "k1" });
    let claim = Claim { issuer: Some("https://id.example"), client: "us", nonce: Some("n"), now: NOW };
    let with = |changes: Value| {
        let mut claims = claims.clone();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        verify(&signer::sign(&head, &claims), &keys, claim)
    };
    assert_eq!(with(json!({})), Ok(Some("ada@example.org".to_owned())));
    assert!(with(json!({ "aud": ["us"] })).is_ok());
    assert!(with(json!({ "aud": ["us", "them"], "azp": "us" })).is_ok());
    assert!(with(json!({ "exp": NOW - 299 })).is_ok(), "clocks differ a little");
    for changes in [
        json!({ "exp": NOW - 300 }),
        json!({ "exp": "soon" }),
        json!({ "iat": NOW + 301 }),
        json!({ "nbf": NOW + 301 }),
        json!({ "nonce": "m" }),
        json!({ "nonce": null }),
        json!({ "iss": "https://id.example/" }),
        json!({ "aud": "them" }),
        json!({ "aud": ["us", "them"] }),
        json!({ "aud": "us", "azp": "them" }),
        json!({ "aud": null }),
    ] {
        assert!(with(changes.clone()).is_err(), "{changes}");
    }
    let good = signer::sign(&head, &claims);
    for (token, keys) in [
        (signer::sign(&json!({ "alg": "none" }), &claims), keys.clone()),
        (signer::sign(&json!({ "alg": "HS256", "kid": "k1" }), &claims), keys.clone()),
        (signer::sign(&json!({ "alg": "RS256", "kid": "k2" }), &claims), keys.clone()),
        (good.rsplit_once('.').unwrap().0.to_owned() + ".", keys.clone()),
        (good.clone() + ".x", keys.clone()),
        (good.clone(), json!({ "keys": [] })),
        (good.clone(), json!({})),
        (String::new(), keys.clone()),
    ] {
        assert!(verify(&token, &keys, claim).is_err(), "{token}");
    }
    assert!(verify(&signer::sign(&json!({ "alg": "RS256" }), &claims), &keys, claim).is_ok(), "any of its keys");
}

#[test]
fn without_published_keys_an_id_token_still_answers_this_sign_in() {
    let claim = Claim { issuer: None, client: "us", nonce: Some("n"), now: NOW };
    let claims = json!({ "iss": "https://id.example", "aud": "us", "email": "ada@example.org", "exp": NOW + 60,
        "nonce": "n" });
    let with = |changes: Value, claim: Claim<'_>| {
        let mut claims = claims.clone();
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        direct(&signer::sign(&json!({ "alg": "ES256" }), &claims), claim)
    };
    assert_eq!(with(json!({}), claim), Ok(Some("ada@example.org".to_owned())));
    let named = Claim { issuer: Some("https://id.example"), ..claim };
    assert!(with(json!({}), named).is_ok());
    assert!(with(json!({ "iss": "https://evil.example" }), named).is_err());
    for changes in
        [json!({ "nonce": "m" }), json!({ "nonce": null }), json!({ "aud": "them" }), json!({ "exp": NOW - 300 })]
    {
        assert!(with(changes.clone(), claim).is_err(), "{changes}");
    }
    for token in ["", "a.b", "a.b.c", "a.e30"] {
        assert!(direct(token, claim).is_err(), "{token}");
    }
}

#[test]
fn endpoints_are_looked_for_at_the_two_known_places() {
    let places = discover::places("https://id.example/tenant/").unwrap();
    assert_eq!(places[0], "https://id.example/tenant/.well-known/openid-configuration");
    assert_eq!(places[1], "https://id.example/.well-known/oauth-authorization-server/tenant");
    for wrong in ["http://id.example", "https://id.example?x=1", "id.example", "ftp://id.example", ""] {
        assert!(discover::places(wrong).is_err(), "{wrong}");
    }
    assert!(discover::places("http://127.0.0.1:9").is_ok());
}

#[test]
fn a_redirect_is_kept_letter_by_letter() {
    for (text, uri) in [
        ("http://127.0.0.1", "http://127.0.0.1:7"),
        ("http://localhost/", "http://localhost:7/"),
        ("http://localhost/auth/callback", "http://localhost:7/auth/callback"),
    ] {
        let redirect = Redirect::parse(text).unwrap();
        assert_eq!((redirect.port, redirect.uri(7).as_str()), (0, uri));
    }
    assert_eq!(Redirect::parse("http://localhost:8400/cb").unwrap().port, 8400);
    assert_eq!(Redirect::parse("http://127.0.0.1:80/cb").unwrap().port, 80);
    for wrong in [
        "https://127.0.0.1/cb",
        "http://example.org/cb",
        "http://0.0.0.0/cb",
        "http://localhost.example.org/cb",
        "http://localhost@example.org/",
        "http://user@localhost/",
        "http://127.0.0.1/cb?x=1",
        "http://127.0.0.1/cb#x",
        "urn:ietf:wg:oauth:2.0:oob",
        "",
    ] {
        assert!(Redirect::parse(wrong).is_err(), "{wrong}");
    }
}

fn setup(name: &str, provider: &str, row: Option<&OauthRow>, wish: &Wish) -> Result<Option<Setup>, SignInError> {
    Setup::of(&upstream(name, provider), row, wish, &Env::fixed([("SECRET", "word")], std::path::Path::new("/")))
}

#[test]
fn what_a_provider_offers_belongs_to_its_own_entry() {
    let wish = Wish::default();
    assert_eq!(setup("gemini", "gemini", None, &wish).unwrap().unwrap().methods, [Method::Adc, Method::Browser]);
    assert!(setup("mine", "gemini", None, &wish).unwrap().is_none());
    assert!(setup("openai", "openai", None, &wish).unwrap().unwrap().methods.is_empty());
    let tried = Wish { experimental: true, ..Wish::default() };
    assert_eq!(setup("openai", "openai", None, &tried).unwrap().unwrap().methods, [Method::Browser]);
    let row = OauthRow { preset: Some("google".to_owned()), ..OauthRow::default() };
    assert_eq!(setup("mine", "gemini", Some(&row), &wish).unwrap().unwrap().label, "Google");
    let row = OauthRow { preset: Some("gogle".to_owned()), ..OauthRow::default() };
    assert!(setup("mine", "gemini", Some(&row), &wish).unwrap_err().to_string().contains("there are: openrouter"));
}

#[test]
fn settings_and_flags_come_before_the_preset() {
    let row = OauthRow {
        preset: Some("entra".to_owned()),
        client_id: Some("app".to_owned()),
        client_secret_env: Some("SECRET".to_owned()),
        tenant: Some("contoso.example".to_owned()),
        authority: Some("login.microsoftonline.us".to_owned()),
        ..OauthRow::default()
    };
    let found = setup("azure", "openai", Some(&row), &Wish::default()).unwrap().unwrap();
    let token = "https://login.microsoftonline.us/contoso.example/oauth2/v2.0/token";
    assert_eq!(found.token_url.as_deref(), Some(token));
    assert_eq!(found.redirect.uri(9), "http://localhost:9");
    assert_eq!(found.client_secret.as_ref().map(Secret::expose), Some("word"));
    let wish = Wish {
        client_id: Some("other".to_owned()),
        tenant: Some("t2".to_owned()),
        scopes: vec!["s".to_owned()],
        ..Wish::default()
    };
    let found = setup("azure", "openai", Some(&row), &wish).unwrap().unwrap();
    assert!(found.token_url.unwrap().contains("/t2/") && found.client_id.as_deref() == Some("other"));
    assert_eq!(found.scopes, ["s"]);
    let evil = Wish { tenant: Some("../evil".to_owned()), ..Wish::default() };
    assert!(setup("azure", "openai", Some(&row), &evil).is_err());
    let row = OauthRow { token_url: Some("http://id.example/token".to_owned()), ..OauthRow::default() };
    assert!(setup("mine", "generic", Some(&row), &wish).unwrap_err().to_string().contains("not encrypted"));
}

#[test]
fn no_preset_brings_another_vendor_s_client() {
    for (name, provider) in
        [("gemini", "gemini"), ("github", "github"), ("huggingface", "huggingface"), ("anthropic", "anthropic")]
    {
        let found = setup(name, provider, None, &Wish::default()).unwrap().unwrap();
        assert!(found.client_id.is_none() && found.client_secret.is_none(), "{name}");
    }
}

#[test]
fn a_token_travels_as_a_bearer_with_what_goes_with_it() {
    let mut grant = Grant::new(By::Google, "adc");
    grant.headers = vec![("x-goog-user-project".to_owned(), "mine".to_owned())];
    let mut gemini = upstream("gemini", "gemini");
    gemini.headers = vec![("X-Goog-User-Project".to_owned(), "old".to_owned()), ("x-team".to_owned(), "a".to_owned())];
    let asked = bearing(&gemini, &grant);
    assert_eq!((asked.auth, asked.dialect), (Some(Auth::Bearer), None));
    let team = ("x-team".to_owned(), "a".to_owned());
    assert_eq!(asked.headers, [team, ("x-goog-user-project".to_owned(), "mine".to_owned())]);
    grant.scope = "openid chatgpt.tokens.use.direct".to_owned();
    assert_eq!(bearing(&gemini, &grant).dialect, Some(Dialect::OpenAiResponses));
}

#[test]
fn what_belongs_to_another_program_is_never_given_back() {
    let server = Server::start(&[(200, ""), (503, "later")]);
    let mut grant = Grant::new(By::Refresh, "browser");
    grant.revoke_url = Some(server.url("/revoke"));
    grant.refresh = Some(Secret::new("the-refresh-token".to_owned()));
    grant.client_id = Some("app".to_owned());
    let access = Secret::new("the-access-token".to_owned());
    let ask = |grant: &Grant| run(revoke(&net(), &Clock::system(), &access, grant));
    assert_eq!(ask(&grant), Ok(true), "an empty answer is a yes");
    assert!(server.asked()[0].ends_with("token=the-refresh-token&token_type_hint=refresh_token&client_id=app"));
    assert!(!ask(&grant).unwrap_err().to_string().contains("the-refresh-token"));
    for by in [By::Google, By::Azure, By::Anthropic] {
        grant.by = by;
        assert_eq!(ask(&grant), Ok(false));
    }
    grant.by = By::Refresh;
    grant.revoke_url = None;
    assert_eq!(ask(&grant), Ok(false));
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn without_a_refresh_token_the_access_token_is_given_back() {
    let server = Server::start(&[(200, ""), (200, ""), (503, "later")]);
    let access = Secret::new("the-access-token".to_owned());
    let ask = |access: &Secret, grant: &Grant| run(revoke(&net(), &Clock::system(), access, grant));
    for by in [By::Never, By::Client] {
        let mut grant = Grant::new(by, "browser");
        grant.revoke_url = Some(server.url("/revoke"));
        assert_eq!(ask(&Secret::new(String::new()), &grant), Ok(false), "none was fetched yet");
        assert_eq!(ask(&access, &grant), Ok(true));
        assert!(server.asked().last().unwrap().ends_with("token=the-access-token&token_type_hint=access_token"));
    }
    let mut grant = Grant::new(By::Never, "browser");
    grant.revoke_url = Some(server.url("/revoke"));
    assert!(!ask(&access, &grant).unwrap_err().to_string().contains("the-access-token"));
}
