//! Signing in as a machine or a workload: nobody is asked, and every token is fetched anew.

use std::fs;

use crate::issuer::Issuer;
use crate::sandbox::Sandbox;

const STORE: [&str; 4] = ["--store", "keyfile", "--keyfile", "key.txt"];
/// An hour and more after every story's moment.
const LATER: &str = "2026-11-24T13:00:00Z";

fn login(sandbox: &Sandbox, words: &[&str]) -> String {
    sandbox.monster(&[&["login"], words, &STORE].concat()).done().ok().all()
}

/// A resource of Azure's, whose address is the issuer's.
fn resource(issuer: &Issuer, id: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.config(&format!("[upstreams.{id}]\nprovider = \"{id}\"\nbase_url = \"{}\"\n", issuer.url("")));
    sandbox
}

#[test]
fn a_machine_of_azure_s_signs_in_as_itself_and_gets_the_next_token_by_itself() {
    const PATH: &str = "/metadata/identity/oauth2/token";
    let issuer = Issuer::start();
    let mut sandbox = resource(&issuer, "azure-foundry");
    sandbox.set("AZURE_POD_IDENTITY_AUTHORITY_HOST", &issuer.url(""));
    login(&sandbox, &["azure-foundry", "--method", "managed", "--client-id", "id-of-mine"]);
    let asked = issuer.last(PATH);
    assert_eq!((asked["resource"].as_str(), asked["client_id"].as_str()), ("https://ai.azure.com", "id-of-mine"));
    let first = issuer.play().calls.last().unwrap().clone();
    assert!(first["authorization"].starts_with("Bearer ") && !first.contains_key("api-key"));
    sandbox.monster(&["accounts", "test", "azure-foundry"]).done().ok();
    assert_eq!(issuer.count(PATH), 1, "the token is kept while it lasts");
    sandbox.set("MONSTER_NOW", LATER);
    sandbox.monster(&["accounts", "test", "azure-foundry"]).done().ok();
    assert_eq!(issuer.count(PATH), 2);
    assert_ne!(issuer.play().calls.last().unwrap()["authorization"], first["authorization"]);
}

#[test]
fn an_app_s_own_id_is_not_the_machine_s() {
    let issuer = Issuer::start();
    let mut sandbox = resource(&issuer, "azure");
    sandbox.config(&format!(
        "[upstreams.azure]\nprovider = \"azure\"\nbase_url = \"{}\"\n[upstreams.azure.oauth]\nclient_id = \"app-of-ada\"\n",
        issuer.url("")
    ));
    sandbox.set("AZURE_POD_IDENTITY_AUTHORITY_HOST", &issuer.url(""));
    login(&sandbox, &["azure", "--method", "managed"]);
    assert_eq!(issuer.last("/metadata/identity/oauth2/token").get("client_id"), None);
}

#[test]
fn a_token_that_has_run_out_when_it_comes_is_not_kept_for_an_hour() {
    for until in ["1795516100", "-9223372036854775808"] {
        let issuer = Issuer::start();
        let mut sandbox = resource(&issuer, "azure");
        sandbox.set("IDENTITY_ENDPOINT", &issuer.url("/msi/token")).set("IDENTITY_HEADER", "word-of-the-house");
        let gone = format!(r#"{{"access_token":"t1","expires_on":"{until}"}}"#);
        issuer.instead("/msi/token", 200, "application/json", &gone);
        login(&sandbox, &["azure", "--method", "managed", "--no-check"]);
        sandbox.monster(&["accounts", "test", "azure"]).done().ok();
        assert_eq!(issuer.count("/msi/token"), 2, "{until}: another is asked for");
    }
}

#[test]
fn an_app_service_says_where_it_is_asked_and_with_which_word() {
    let issuer = Issuer::start();
    let mut sandbox = resource(&issuer, "azure");
    sandbox.set("IDENTITY_ENDPOINT", &issuer.url("/msi/token"));
    sandbox.set("IDENTITY_HEADER", "word-of-the-house");
    login(&sandbox, &["azure", "--method", "managed"]);
    assert_eq!(issuer.last("/msi/token")["resource"], "https://cognitiveservices.azure.com");
    let refused = r#"{"error":"invalid_request","error_description":"Identity word-of-the-house not found"}"#;
    issuer.instead("/msi/token", 400, "application/json", refused);
    let out = sandbox.monster(&[&["login", "azure", "--method", "managed"], &STORE[..]].concat()).done();
    assert!(out.exits(1).stderr.contains("not found"), "{}", out.all());
    assert!(!out.all().contains("word-of-the-house"), "{}", out.all());
    // Another start, another place.
    sandbox.set("MONSTER_NOW", LATER).set("IDENTITY_ENDPOINT", &issuer.url("/metadata/other"));
    issuer.instead("/metadata/other", 200, "application/json", r#"{"access_token":"t1","expires_on":"1795602600"}"#);
    sandbox.monster(&["accounts", "test", "azure"]).done().exits(1);
    assert_eq!(issuer.count("/metadata/other"), 1);
}

#[test]
fn an_identity_token_is_exchanged_for_one_of_anthropic_s_as_its_file_says_now() {
    const PATH: &str = "/v1/oauth/token";
    let issuer = Issuer::start();
    let mut sandbox = Sandbox::new();
    sandbox.set("ANTHROPIC_BASE_URL", &issuer.url(""));
    let all = ["anthropic", "--method", "federation"];
    let out = sandbox.monster(&[&["login"], &all[..], &STORE].concat()).done();
    assert!(out.exits(2).stderr.contains("ANTHROPIC_FEDERATION_RULE_ID is not set"), "{}", out.all());
    let file = sandbox.home().join("identity");
    let (one, two) = (["eyJ", "one"].join(""), ["eyJ", "two"].join(""));
    fs::write(&file, format!("{one}\n")).unwrap();
    sandbox.set("ANTHROPIC_FEDERATION_RULE_ID", "fdrl_1").set("ANTHROPIC_ORGANIZATION_ID", "org-1");
    sandbox.set("ANTHROPIC_WORKSPACE_ID", "wrkspc_1").set("ANTHROPIC_IDENTITY_TOKEN_FILE", "identity");
    login(&sandbox, &all);
    let asked = issuer.last(PATH);
    assert_eq!(asked["assertion"], one);
    assert_eq!((asked["federation_rule_id"].as_str(), asked["organization_id"].as_str()), ("fdrl_1", "org-1"));
    assert_eq!((asked["workspace_id"].as_str(), asked.get("service_account_id")), ("wrkspc_1", None));
    let call = issuer.play().calls.last().unwrap().clone();
    assert!(call["authorization"].starts_with("Bearer ") && !call.contains_key("x-api-key"));
    assert_eq!(call["anthropic-beta"], "oauth-2025-04-20");
    fs::write(&file, &two).unwrap();
    sandbox.set("MONSTER_NOW", LATER);
    sandbox.monster(&["accounts", "test", "anthropic"]).done().ok();
    assert_eq!(issuer.last(PATH)["assertion"], two);
    // A rule that no longer fits ends nothing: tomorrow's identity may fit again.
    let refused = r#"{"error":"invalid_grant","error_description":"no rule fits"}"#;
    sandbox.set("MONSTER_NOW", "2026-11-24T16:00:00Z");
    issuer.instead(PATH, 401, "application/json", refused);
    let out = sandbox.monster(&["accounts", "test", "anthropic"]).done();
    assert!(out.all().contains("no rule fits"), "{}", out.all());
    sandbox.monster(&["accounts", "test", "anthropic"]).done().ok();
}
