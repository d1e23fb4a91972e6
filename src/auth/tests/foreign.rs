//! Credentials that other programs made.

use std::path::Path;

use serde_json::{Value, json};

use super::server::Server;
use super::signer;
use crate::auth::{anthropic, google, token::TokenError};
use crate::config::Network;
use crate::net::Net;
use crate::vault::{By, Grant};
use crate::world::{Clock, Env, files};

const NOW: i64 = 1_795_689_000;

fn net() -> Net {
    Net::new(Network::within(1))
}

fn clock() -> Clock {
    Clock::fixed(jiff::Timestamp::from_second(NOW).unwrap())
}

fn put(path: &Path, value: &Value) {
    files::private_dir(path.parent().unwrap()).unwrap();
    files::replace(path, value.to_string().as_bytes(), 0o600).unwrap();
}

fn mint(grant: &Grant) -> Result<crate::auth::token::Granted, TokenError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(google::mint(&net(), &clock(), grant))
}

fn adc(file: &Path) -> Grant {
    let mut grant = Grant::new(By::Google, "adc");
    grant.file = Some(file.to_owned());
    grant
}

#[test]
fn a_person_s_google_file_gives_an_access_token_and_stays_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("adc.json");
    let server = Server::start(&[(200, r#"{"access_token":"new","expires_in":3599,"refresh_token":"other"}"#)]);
    let held = json!({ "type": "authorized_user", "client_id": "id", "client_secret": "word", "refresh_token": "old" });
    put(&file, &held);
    let mut grant = adc(&file);
    grant.token_url = server.url("/token");
    let granted = mint(&grant).unwrap();
    assert_eq!((granted.access.expose(), granted.expires_in), ("new", Some(3599)));
    assert!(granted.refresh.is_none(), "what else comes belongs to the file's owner");
    assert!(server.asked()[0].contains("grant_type=refresh_token&refresh_token=old&client_id=id&client_secret=word"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), held.to_string());
}

#[test]
fn a_service_account_signs_its_own_request() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("service.json");
    let server = Server::start(&[(200, r#"{"access_token":"new","expires_in":3600}"#)]);
    put(
        &file,
        &json!({ "type": "service_account", "client_email": "robot@example.org", "private_key_id": "k1",
            "private_key": signer::pem(), "token_uri": server.url("/token") }),
    );
    assert_eq!(mint(&adc(&file)).unwrap().access.expose(), "new");
    let asked = server.asked().remove(0);
    let body = asked.split_once("\r\n\r\n").unwrap().1;
    let form: Vec<(String, String)> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    assert_eq!(form[0].1, "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let now = NOW;
    let claims = json!({ "iss": "robot@example.org", "scope": google::SCOPE, "aud": server.url("/token"), "iat": now,
        "exp": now + 3600 });
    let expected = signer::sign(&json!({ "alg": "RS256", "typ": "JWT", "kid": "k1" }), &claims);
    assert_eq!(form[1].1, expected, "the signature of RS256 is the same each time");
}

#[test]
fn google_files_that_cannot_be_used_are_named_and_not_repeated() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("adc.json");
    let word = "w".repeat(24);
    let said = |value: &Value| {
        put(&file, value);
        mint(&adc(&file)).unwrap_err().to_string()
    };
    assert!(said(&json!({ "type": "external_account" })).contains("external_account, which monster does not use"));
    assert!(
        said(&json!({ "type": "service_account", "client_email": "a", "private_key": word })).contains("the key in")
    );
    assert!(said(&json!({ "type": "authorized_user", "client_id": "a" })).contains("holds no refresh_token"));
    assert!(!said(&json!({ "word": word })).contains(&word));
    files::replace(&file, word.as_bytes(), 0o600).unwrap();
    let told = mint(&adc(&file)).unwrap_err().to_string();
    assert!(told.ends_with("is no JSON"), "{told}");
}

#[test]
fn google_s_own_order_of_places_is_kept() {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let usual = home.join(".config/gcloud/application_default_credentials.json");
    let env = |more: &[(&str, &str)]| {
        let home = home.display().to_string();
        let vars = [("HOME", home.as_str())].into_iter().chain(more.iter().copied());
        Env::fixed(vars.collect::<Vec<_>>(), dir.path())
    };
    assert!(google::find(&env(&[])).unwrap_err().contains("no application default credentials"));
    put(&usual, &json!({ "type": "authorized_user", "quota_project_id": "mine" }));
    let found = google::find(&env(&[])).unwrap();
    assert_eq!((found.file, found.project.as_deref()), (usual, Some("mine")));
    let named = dir.path().join("named.json");
    put(&named, &json!({ "type": "service_account" }));
    let found = google::find(&env(&[("GOOGLE_APPLICATION_CREDENTIALS", "named.json")])).unwrap();
    assert_eq!((found.file, found.project), (named, None));
    let missing = google::find(&env(&[("GOOGLE_APPLICATION_CREDENTIALS", "gone.json")])).unwrap_err();
    assert!(missing.contains("gone.json cannot be read"), "a file that was named is not passed over: {missing}");
}

#[test]
fn an_anthropic_profile_is_read_and_an_expired_one_is_left_to_its_owner() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("anthropic");
    let place_text = place.display().to_string();
    let env = Env::fixed([("ANTHROPIC_CONFIG_DIR", place_text.as_str())], dir.path());
    assert!(anthropic::find(&env).unwrap_err().contains("default.json"));
    let token = "t".repeat(20);
    put(&place.join("credentials/work.json"), &json!({ "access_token": token, "expires_at": NOW + 60 }));
    files::replace(&place.join("active_config"), b"work\n", 0o600).unwrap();
    let mut grant = Grant::new(By::Anthropic, "profile");
    grant.file = Some(anthropic::find(&env).unwrap());
    let granted = anthropic::read(&grant, NOW).unwrap();
    assert_eq!((granted.access.expose(), granted.expires_in), (token.as_str(), Some(60)));
    let late = anthropic::read(&grant, NOW + 60).unwrap_err();
    assert!(late.to_string().contains("sign in again with its own program") && !late.ends(), "{late}");
    files::replace(&place.join("active_config"), b"../../etc/passwd", 0o600).unwrap();
    assert!(anthropic::find(&env).unwrap_err().contains("a name that no file has"));
}
