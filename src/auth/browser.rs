//! Signing in with a browser: authorization code with PKCE (RFC 6749, 7636, 8252), and two shapes of it.

use std::time::Duration;

use url::Url;

use super::callback::{Answer, Expected};
use super::discover::{discover, get};
use super::error::SignInError;
use super::identity::{self, Claim};
use super::loopback::{Loopback, PATIENCE};
use super::pkce::{self, Pkce};
use super::presets::Shape;
use super::setup::Setup;
use super::talk::{Desk, Signed};
use super::token::{self, Granted, TokenError};
use crate::model::Secret;
use crate::vault::By;
use crate::world::browser;
use crate::world::input::Lines;

/// `OpenAI`'s name for "no client yet", and the scope without which a plan may not be used (sign-in.md).
const NOBODY: &str = "dynamic_agent_client";
const PLAN: &str = "chatgpt.tokens.use.direct";
/// What belongs to the first registration alone.
const FIRST: [&str; 2] = ["ext_agent_host_id", "agent_name_hint"];
/// A browser that runs in the terminal does not end; one that is started does within this.
const START: Duration = Duration::from_secs(3);

/// Signs in. The listener stands before the browser is sent away.
///
/// # Errors
/// [`SignInError`]; nothing was stored.
pub async fn browser(desk: Desk<'_>, mut setup: Setup) -> Result<Signed, SignInError> {
    discover(desk, &mut setup).await?;
    if setup.shape == Shape::Agent && setup.keys_url.is_none() {
        // There the plan of whoever signed in is used: it is not enough that somebody did.
        return Err(SignInError::Discovery(format!("{} publishes no keys to tell by who signed in", setup.label)));
    }
    let authorize = setup.address(&setup.authorize_url, "authorize_url")?.to_owned();
    let token_url = setup.address(&setup.token_url, "token_url")?.to_owned();
    let simple = setup.shape == Shape::KeyExchange;
    if !simple {
        setup.client()?;
    }
    let loopback = Loopback::bind(&setup.redirect).await?;
    let (pkce, state, nonce) = (Pkce::new()?, pkce::word()?, pkce::word()?);
    if simple {
        // No state is documented there: the path is the secret.
        setup.redirect.path = format!("{}/{state}", setup.redirect.path);
    }
    let back = setup.redirect.uri(loopback.port());
    let openid = setup.scopes.iter().any(|s| s == "openid");
    let page = address(&authorize, &setup, &back, &pkce, &state, openid.then_some(&nonce))?;
    let expected = Expected {
        path: if setup.redirect.path.is_empty() { "/".to_owned() } else { setup.redirect.path.clone() },
        hosts: vec![format!("{}:{}", setup.redirect.host, loopback.port())],
        state: (!simple).then_some(state),
        issuer: setup.issuer.clone(),
        named: setup.names_itself,
    };
    let opened = open(desk, &page).await;
    desk.talk.visit(&page, opened);
    let answer = loopback.wait(&expected, desk.talk, Lines::stdin(), PATIENCE).await;
    desk.talk.done();
    let (code, issued) = match answer? {
        Answer::Code { code, client_id } => (code, client_id),
        Answer::No { code, said } => return Err(refused(&setup, &code, &said)),
    };
    if simple {
        return key(desk, &token_url, &code, &pkce).await;
    }
    if setup.shape == Shape::Agent && setup.client_id.as_deref() == Some(NOBODY) {
        let issued = issued.ok_or_else(|| SignInError::Refused {
            label: setup.label.clone(),
            said: "no client was made for this installation; use an API key".to_owned(),
        })?;
        setup.client_id = Some(issued);
    }
    let granted = exchange(desk, &setup, &token_url, &code, &back, &pkce).await?;
    let who = who(desk, &setup, &granted, openid.then_some(nonce.as_str())).await?;
    let by = if granted.refresh.is_some() { By::Refresh } else { By::Never };
    let mut signed = Signed::granted(desk, &setup, by, "browser", granted)?;
    signed.who = who;
    if setup.shape == Shape::Agent {
        let scope = signed.grant.as_ref().map(|g| g.scope.as_str()).unwrap_or_default();
        signed.usable = scope.split(' ').any(|s| s == PLAN);
        if !signed.usable {
            desk.talk.tell("this sign-in does not allow requests on the plan; it is kept and not used: use an API key");
        }
    }
    Ok(signed)
}

/// The page that the browser is sent to.
fn address(
    authorize: &str,
    setup: &Setup,
    back: &str,
    pkce: &Pkce,
    state: &str,
    nonce: Option<&String>,
) -> Result<String, SignInError> {
    let wrong = |_| SignInError::Setting(format!("{authorize} is no address"));
    let mut url = Url::parse(authorize).map_err(wrong)?;
    let mut query = url.query_pairs_mut();
    if setup.shape == Shape::KeyExchange {
        query.append_pair("callback_url", back);
    } else {
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", setup.client()?)
            .append_pair("redirect_uri", back)
            .append_pair("state", state);
        if !setup.scopes.is_empty() {
            query.append_pair("scope", &setup.scope());
        }
        if let Some(nonce) = nonce {
            query.append_pair("nonce", nonce);
        }
    }
    query.append_pair("code_challenge", &pkce.challenge).append_pair("code_challenge_method", pkce::METHOD);
    let known = setup.client_id.as_deref() != Some(NOBODY);
    let again = setup.shape == Shape::Agent && known;
    for (name, value) in setup.params.iter().filter(|(name, _)| !(again && FIRST.contains(&name.as_str()))) {
        query.append_pair(name, value);
    }
    drop(query);
    Ok(url.into())
}

/// Opens the browser; aside, because one may run in the terminal for as long as it likes.
async fn open(desk: Desk<'_>, url: &str) -> bool {
    if !browser::sensible(desk.env) {
        return false;
    }
    let (sent, got) = tokio::sync::oneshot::channel();
    let (url, env) = (url.to_owned(), desk.env.clone());
    drop(std::thread::spawn(move || sent.send(browser::open(&url, &env))));
    tokio::time::timeout(START, got).await.map_or(true, |opened| opened.unwrap_or(false))
}

async fn exchange(
    desk: Desk<'_>,
    setup: &Setup,
    url: &str,
    code: &Secret,
    back: &str,
    pkce: &Pkce,
) -> Result<Granted, SignInError> {
    let (credentials, basic) = setup.credentials();
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", code.expose()),
        ("redirect_uri", back),
        ("code_verifier", pkce.verifier.expose()),
    ];
    form.extend(credentials);
    form.extend(setup.token_params.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    Ok(token::exchange(desk.net, desk.clock, url, &form, basic).await?)
}

/// `OpenRouter`'s exchange: JSON in, a plain key out.
async fn key(desk: Desk<'_>, url: &str, code: &Secret, pkce: &Pkce) -> Result<Signed, SignInError> {
    let body = serde_json::json!({ "code": code.expose(), "code_verifier": pkce.verifier.expose(),
        "code_challenge_method": pkce::METHOD });
    let request = token::client(desk.net, url)?
        .post(url)
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .body(body.to_string());
    let answer = token::answer(desk.clock, url, request, &[code.clone(), pkce.verifier.clone()]).await?;
    let key = answer["key"].as_str().filter(|key| !key.is_empty() && key.bytes().all(|b| b.is_ascii_graphic()));
    let key = key.ok_or_else(|| TokenError::Unavailable("the answer holds no key".to_owned()))?;
    Ok(Signed::key(Secret::new(key.to_owned())))
}

/// Who signed in, where that was asked for.
async fn who(
    desk: Desk<'_>,
    setup: &Setup,
    granted: &Granted,
    nonce: Option<&str>,
) -> Result<Option<String>, SignInError> {
    let Some(nonce) = nonce else { return Ok(None) };
    let identity = |why: &str| SignInError::Identity(why.to_owned());
    let token = granted.id_token.as_ref().ok_or_else(|| identity("there is no ID token in it"))?;
    let now = desk.clock.now().as_second();
    let claim = Claim { issuer: setup.issuer.as_deref(), client: setup.client()?, nonce: Some(nonce), now };
    match &setup.keys_url {
        Some(url) => identity::verify(token.expose(), &get(desk, url).await?, claim).map_err(identity),
        None => identity::direct(token.expose(), claim).map_err(identity),
    }
}

fn refused(setup: &Setup, code: &str, said: &str) -> SignInError {
    let plain = |text: &str| text.chars().filter(|c| !c.is_control()).take(300).collect::<String>();
    let said = if said.is_empty() { plain(code) } else { format!("{} ({})", plain(said), plain(code)) };
    SignInError::Refused { label: setup.label.clone(), said }
}
