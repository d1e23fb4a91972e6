//! How to sign in at one upstream: a preset, overridden by settings, overridden by flags.

use url::Url;

use super::error::SignInError;
use super::method::Method;
use super::presets::{GENERIC, PRESETS, Preset, Shape};
use crate::config::OauthRow;
use crate::model::Secret;
use crate::providers::Upstream;
use crate::world::Env;

/// What the command line says.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// The user's own client.
    pub client_id: Option<String>,
    /// The directory to sign in to.
    pub tenant: Option<String>,
    /// Scopes instead of the usual ones.
    pub scopes: Vec<String>,
    /// Ways that were never tried live are offered too.
    pub experimental: bool,
    /// An id of this installation, where a provider wants one.
    pub installation: String,
}

/// Where the browser comes back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// `127.0.0.1` or `localhost`.
    pub host: String,
    /// 0 = any free one.
    pub port: u16,
    /// With its slash; empty where the registered address has none.
    pub path: String,
}

impl Redirect {
    /// Reads an address as a client registers it.
    ///
    /// # Errors
    /// A sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "the redirect \"{text}\" cannot be served: it takes the form http://127.0.0.1:PORT/PATH or \
                http://localhost:PORT/PATH"
            )
        };
        let url = Url::parse(text).map_err(|_| wrong())?;
        let host = url.host_str().filter(|host| ["127.0.0.1", "localhost"].contains(host)).ok_or_else(wrong)?;
        let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        if url.scheme() != "http" || !bare || url.password().is_some() {
            return Err(wrong());
        }
        // The parser adds a slash where there was none, and providers compare letter by letter.
        let slash = text.trim_start_matches("http://").contains('/');
        let path = if slash { url.path().to_owned() } else { String::new() };
        Ok(Self { host: host.to_owned(), port: url.port().unwrap_or(if written_port(text) { 80 } else { 0 }), path })
    }

    /// The address, once the port is known.
    #[must_use]
    pub fn uri(&self, port: u16) -> String {
        format!("http://{}:{port}{}", self.host, self.path)
    }
}

/// The parser drops a port 80 that was written.
fn written_port(text: &str) -> bool {
    text.trim_start_matches("http://").split('/').next().is_some_and(|authority| authority.contains(':'))
}

/// Parameters for the form, and what goes into the header.
type Credentials<'a> = (Vec<(&'a str, &'a str)>, Option<(&'a str, &'a Secret)>);

/// Everything a flow needs to know.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Whom one signs in to.
    pub label: String,
    /// What is offered beside a key.
    pub methods: Vec<Method>,
    /// Where endpoints are published.
    pub issuer: Option<String>,
    /// Where the browser goes.
    pub authorize_url: Option<String>,
    /// Where tokens are asked for.
    pub token_url: Option<String>,
    /// Where device codes are asked for.
    pub device_url: Option<String>,
    /// Where tokens are given back.
    pub revoke_url: Option<String>,
    /// Keys that sign ID tokens; known from discovery alone.
    pub keys_url: Option<String>,
    /// The server says in every answer who it is (RFC 9207).
    pub names_itself: bool,
    /// The client.
    pub client_id: Option<String>,
    /// The id that the command line names: of several identities of a machine this one. An app's own, in the settings,
    /// is none of these.
    pub identity: Option<String>,
    /// The client's secret.
    pub client_secret: Option<Secret>,
    /// A person's sign-in needs that secret too.
    pub secret_needed: bool,
    /// It travels in an `Authorization: Basic` header.
    pub basic: bool,
    /// The directory that was named.
    pub tenant: Option<String>,
    /// What the token is for.
    pub scopes: Vec<String>,
    /// Where the browser comes back to.
    pub redirect: Redirect,
    /// More parameters of the browser's address.
    pub params: Vec<(String, String)>,
    /// More parameters of token calls.
    pub token_params: Vec<(String, String)>,
    /// Headers that go with the token.
    pub headers: Vec<(String, String)>,
    /// Seconds before its end at which a token is renewed.
    pub lead: Option<u32>,
    /// What is not the standard's.
    pub shape: Shape,
    /// How one comes by a client of one's own.
    pub own: &'static str,
}

impl Setup {
    /// The setup for an upstream; `None` when it knows nothing but keys.
    ///
    /// # Errors
    /// [`SignInError::Setting`].
    pub fn of(
        upstream: &Upstream,
        row: Option<&OauthRow>,
        wish: &Wish,
        env: &Env,
    ) -> Result<Option<Self>, SignInError> {
        let Some(preset) = preset(upstream, row)? else { return Ok(None) };
        let none = OauthRow::default();
        let row = row.unwrap_or(&none);
        let authority = row.authority.as_deref().unwrap_or(preset.authority);
        let named = wish.tenant.as_deref().or(row.tenant.as_deref()).map(str::to_owned);
        let tenant = named.as_deref().unwrap_or(preset.tenant);
        if !tenant.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)) {
            return Err(SignInError::Setting(format!("\"{tenant}\" is no tenant")));
        }
        let filled = |text: &str| {
            let text = text.replace("{authority}", authority).replace("{tenant}", tenant);
            // Some addresses have the version of the API in them.
            let base = upstream.base_url.strip_suffix("/v1").unwrap_or(&upstream.base_url);
            text.replace("{installation}", &wish.installation).replace("{base}", base)
        };
        let either = |own: &Option<String>, usual: &str| {
            own.clone().or_else(|| Some(filled(usual)).filter(|text| !text.is_empty()))
        };
        let both = |usual: &[(&str, &str)], own: &[(String, String)]| {
            let kept = usual.iter().filter(|(name, _)| own.iter().all(|(n, _)| n != name));
            let usual = kept.map(|(name, value)| ((*name).to_owned(), filled(value)));
            usual.chain(own.iter().cloned()).collect::<Vec<_>>()
        };
        let own_scopes = preset.scopes_at.iter().find(|(id, _)| *id == upstream.provider).map(|(_, scopes)| *scopes);
        let usual_scopes = || own_scopes.unwrap_or(preset.scopes).iter().map(|s| (*s).to_owned()).collect();
        let setup = Self {
            label: if preset.label.is_empty() { upstream.name.clone() } else { preset.label.to_owned() },
            methods: Vec::new(),
            issuer: either(&row.issuer, preset.issuer),
            authorize_url: either(&row.authorize_url, preset.authorize),
            token_url: either(&row.token_url, preset.token),
            device_url: either(&row.device_url, preset.device),
            revoke_url: either(&row.revoke_url, preset.revoke),
            keys_url: None,
            names_itself: false,
            identity: wish.client_id.clone(),
            client_id: wish.client_id.clone().or_else(|| either(&row.client_id, preset.client_id)),
            client_secret: row
                .client_secret_env
                .as_deref()
                .and_then(|name| env.get(name))
                .map(|word| Secret::new(word.trim().to_owned())),
            secret_needed: preset.secret,
            basic: row.basic.unwrap_or(false),
            tenant: named.clone(),
            scopes: if wish.scopes.is_empty() {
                row.scopes.clone().unwrap_or_else(usual_scopes)
            } else {
                wish.scopes.clone()
            },
            redirect: Redirect::parse(row.redirect.as_deref().unwrap_or(preset.redirect))
                .map_err(SignInError::Setting)?,
            params: both(preset.params, &row.params),
            token_params: both(preset.token_params, &row.token_params),
            headers: Vec::new(),
            lead: row.lead.or(preset.lead),
            shape: preset.shape,
            own: preset.own,
        };
        for url in [&setup.issuer, &setup.authorize_url, &setup.token_url, &setup.device_url, &setup.revoke_url] {
            if let Some(url) = url.as_deref().filter(|url| !private(url)) {
                return Err(SignInError::Setting(format!("{url} is not encrypted: sign-ins go over https alone")));
            }
        }
        let methods = setup.offered(preset, wish.experimental);
        Ok(Some(Self { methods, ..setup }))
    }

    fn offered(&self, preset: &Preset, experimental: bool) -> Vec<Method> {
        if preset.experimental && !experimental {
            return Vec::new();
        }
        if !preset.methods.is_empty() {
            return preset.methods.to_vec();
        }
        let published = self.issuer.is_some();
        let there = [
            (Method::Browser, published || self.authorize_url.is_some()),
            (Method::Device, published || self.device_url.is_some()),
            (Method::Client, published || self.token_url.is_some()),
        ];
        there.into_iter().filter(|(_, there)| *there).map(|(method, _)| method).collect()
    }

    /// The client's id.
    pub(super) fn client(&self) -> Result<&str, SignInError> {
        self.client_id.as_deref().ok_or_else(|| SignInError::Missing {
            what: format!("signing in to {} takes a client of your own", self.label),
            hint: format!("{}; then give its id with --client-id ID", self.own),
        })
    }

    /// The scopes as they are sent.
    pub(super) fn scope(&self) -> String {
        self.scopes.join(" ")
    }

    /// An address that must be there by now.
    pub(super) fn address<'a>(&self, url: &'a Option<String>, key: &str) -> Result<&'a str, SignInError> {
        url.as_deref().ok_or_else(|| SignInError::Missing {
            what: format!("it is not known where {} takes this", self.label),
            hint: format!("set upstreams.NAME.oauth.{key} in your settings"),
        })
    }

    /// The client as it authenticates: parameters for the form, or id and secret for the header.
    pub(super) fn credentials(&self) -> Credentials<'_> {
        let id = self.client_id.as_deref();
        match (&self.client_secret, id) {
            (Some(secret), Some(id)) if self.basic => (Vec::new(), Some((id, secret))),
            (secret, id) => {
                let id = id.map(|id| ("client_id", id));
                let secret = secret.as_ref().map(|secret| ("client_secret", secret.expose()));
                (id.into_iter().chain(secret).collect(), None)
            }
        }
    }
}

/// Encrypted, or on this machine.
pub(super) fn private(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let here = || match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && here())
}

fn preset(upstream: &Upstream, row: Option<&OauthRow>) -> Result<Option<&'static Preset>, SignInError> {
    if let Some(name) = row.and_then(|row| row.preset.as_deref()) {
        let found = PRESETS.iter().find(|p| p.name == name);
        return found.map(Some).ok_or_else(|| {
            let names: Vec<&str> = PRESETS.iter().map(|p| p.name).collect();
            SignInError::Setting(format!("there is no preset \"{name}\"; there are: {}", names.join(", ")))
        });
    }
    // As with keys: what is a provider's own belongs to its own entry alone.
    let own = PRESETS
        .iter()
        .find(|p| upstream.name == upstream.provider && p.providers.contains(&upstream.provider.as_str()));
    Ok(own.or_else(|| row.map(|_| &GENERIC)))
}
