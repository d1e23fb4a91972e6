//! The one HTTP client: TLS, certificates, proxies, no redirects, and no plain HTTP to anybody but this machine.

pub mod export;
mod lane;
mod packed;
pub mod probe;
pub mod proxy;
mod public;
pub mod road;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::{Client, Proxy, Url, redirect};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use rustls_platform_verifier::Verifier;
use tokio::runtime::{Handle, Id};

use crate::config::Network;
use crate::model::Via;
use crate::world::Env;
use lane::Lane;
use proxy::Named;
use road::Road;

/// Where a machine of Azure's is told who it is (sign-in.md, "Azure Entra"). It is link-local: no router forwards what is
/// sent there.
pub const METADATA: &str = "http://169.254.169.254/metadata/identity/oauth2/token";

/// How the program calls itself.
const AGENT: &str = concat!("monster/", env!("CARGO_PKG_VERSION"));

/// Why an address cannot be called.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// Not an address.
    #[error("\"{0}\" is no address")]
    Url(String),
    /// Keys and code would travel in the clear.
    #[error("{0} is not encrypted: only https is called, and plain http on this machine")]
    Plain(String),
    /// The certificate file is of no use.
    #[error("the certificates in {} cannot be used: {why}", path.display())]
    Certificates {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The proxy's address, here without user and password, is of no use.
    #[error("this proxy cannot be used: {0}")]
    Proxy(String),
    /// Somebody else named it, and it leads to this machine or its network.
    #[error("{0} is no public address")]
    Private(String),
    /// TLS could not be set up.
    #[error("TLS could not be set up: {0}")]
    Tls(String),
}

/// HTTP clients, made when first needed, one for every way that differs: a call to this machine never loads certificates.
pub struct Net {
    settings: Network,
    /// Whom all calls are about, where they are about one.
    home: Option<Home>,
    clients: Mutex<Vec<(Way, Client)>>,
    lanes: Mutex<Vec<(Way, Arc<Lane>)>>,
    /// Who knows which certificates are good: by file of those that are good too.
    verifiers: Mutex<Vec<(Option<String>, Arc<Verifier>)>>,
    /// The proxies of the system and the environment.
    system: OnceLock<Matcher>,
    /// What was asked last.
    lately: Mutex<Vec<Known>>,
}

/// An upstream that an account is signed in to: its host, and how it is reached.
struct Home {
    host: Option<(String, u16)>,
    via: Via,
}

/// An address that was asked before.
struct Known {
    text: String,
    via: Via,
    runtime: Option<Id>,
    road: Road,
}

/// So many addresses are remembered.
const LATELY: usize = 32;

/// The head of an answer over HTTP/2 is no larger (bytes); over 1.1 it is a little more.
const HEADS: u32 = 256 << 10;

/// So many clients are kept.
const CLIENTS: usize = 128;

/// What makes a client another one: connections of one are never used for another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Way {
    /// Connections are carried by the runtime that opened them: whoever used another's would wait until it wakes.
    runtime: Option<Id>,
    secure: bool,
    /// HTTP/2 and nothing else.
    calls: bool,
    proxy: Option<String>,
    ca_file: Option<String>,
    connect_timeout: u64,
    public: bool,
}

impl Net {
    /// Opens nothing yet.
    #[must_use]
    pub const fn new(settings: Network) -> Self {
        Self {
            settings,
            home: None,
            clients: Mutex::new(Vec::new()),
            lanes: Mutex::new(Vec::new()),
            verifiers: Mutex::new(Vec::new()),
            system: OnceLock::new(),
            lately: Mutex::new(Vec::new()),
        }
    }

    /// For everything that is asked about one sign-in at an upstream with this address: over the account's own proxy, if
    /// it has one, whoever is asked; and where the upstream itself is asked, as that is reached. Its proxy and its
    /// certificates say nothing of other hosts.
    #[must_use]
    pub fn about(settings: Network, base_url: &str, via: Via) -> Self {
        Self { home: Some(Home { host: host(base_url), via }), ..Self::new(settings) }
    }

    /// As [`Self::about`], with the same settings and no connection open: connections belong to the runtime that opened
    /// them.
    #[must_use]
    pub fn again_about(&self, base_url: &str, via: Via) -> Self {
        Self::about(self.settings.clone(), base_url, via)
    }

    /// The client for an address.
    ///
    /// # Errors
    /// [`NetError`].
    pub fn client_for(&self, url: &str) -> Result<Client, NetError> {
        self.client_via(url, &self.usual(url))
    }

    /// How an address is reached of which nobody says more.
    fn usual(&self, url: &str) -> Via {
        match &self.home {
            None => Via::default(),
            Some(home) if home.host.is_some() && host(url) == home.host => home.via.clone(),
            Some(home) => Via { account: home.via.account.clone(), ..Via::default() },
        }
    }

    /// The client for an address of an upstream, which may have a proxy, certificates and time-outs of its own.
    ///
    /// # Errors
    /// [`NetError`].
    pub fn client_via(&self, url: &str, via: &Via) -> Result<Client, NetError> {
        self.one(url, via, false)
    }

    /// How an address of an upstream is reached, which may have a proxy, certificates and time-outs of its own: remembered,
    /// because the same few addresses are asked again and again.
    ///
    /// # Errors
    /// [`NetError`].
    pub fn road_via(&self, url: &str, via: &Via) -> Result<Road, NetError> {
        let runtime = runtime();
        {
            let lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
            let asked = |known: &&Known| known.text == url && known.runtime == runtime && known.via == *via;
            if let Some(known) = lately.iter().find(asked) {
                return Ok(known.road.clone());
            }
        }
        let (read, way) = self.way(url, via, false)?;
        let road = self.road(read, way)?;
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        if lately.len() >= LATELY {
            lately.remove(0);
        }
        lately.push(Known { text: url.to_owned(), via: via.clone(), runtime, road: road.clone() });
        Ok(road)
    }

    /// The client for gRPC calls to an address: HTTP/2 and nothing else, kept open (xai.md, "gRPC").
    ///
    /// # Errors
    /// [`NetError`].
    pub fn caller_via(&self, url: &str, via: &Via) -> Result<Client, NetError> {
        self.one(url, via, true)
    }

    /// Whether a name that somebody else named leads to this machine or its network: looked at before a proxy is asked for
    /// it, which would look at nothing. Who connects directly is held to what it then connects to as well.
    ///
    /// # Errors
    /// `Private`.
    pub async fn away(&self, url: &str, via: &Via) -> Result<(), NetError> {
        if !via.public {
            return Ok(());
        }
        let Some((host, port)) = host(url) else { return Ok(()) };
        let found = tokio::net::lookup_host((host.as_str(), port)).await.ok();
        // What only a proxy can resolve is in its hands.
        let home = found.is_some_and(|mut found| found.any(|address| !public::public(address.ip())));
        if home { Err(NetError::Private(host)) } else { Ok(()) }
    }

    /// A request that only reads, to whoever tells a machine who it is: [`METADATA`], or where its environment says. Such
    /// a place may be plain http off this machine, as long as its address is written out and link-local or private, so
    /// that no name server and nobody on the internet has a part in it; and it is never asked through a proxy. Elsewhere
    /// nobody answers there, so that the patience is short. Every other address is called as usual.
    ///
    /// # Errors
    /// [`NetError`].
    pub fn metadata(&self, url: &str, query: &[(&str, &str)]) -> Result<reqwest::RequestBuilder, NetError> {
        let whole = Url::parse_with_params(url, query).map_err(|_| NetError::Url(bare(url)))?;
        let client = if near(&whole) { built(builder(2).no_proxy(), unread()?)? } else { self.client_for(url)? };
        Ok(client.get(whole))
    }

    /// The address, if it may be called, and what makes its connections others.
    fn way(&self, url: &str, via: &Via, calls: bool) -> Result<(Url, Way), NetError> {
        let parsed = Url::parse(url).map_err(|_| NetError::Url(bare(url)))?;
        let secure = match parsed.scheme() {
            "https" => true,
            "http" if loopback(&parsed) => false,
            "http" => return Err(NetError::Plain(without_query(&parsed))),
            _ => return Err(NetError::Url(without_query(&parsed))),
        };
        if via.public && (!secure || ip(&parsed).is_some_and(|ip| !public::public(ip))) {
            return Err(NetError::Private(parsed.host_str().unwrap_or_default().to_owned()));
        }
        let host = parsed.host_str().unwrap_or_default();
        let named = secure.then(|| proxy::named(&self.settings, &Env::system(), via, host)).flatten();
        if let Some(named) = named.as_ref().filter(|named| !named.usable()) {
            return Err(NetError::Proxy(format!("{}, which {} names", named.shown(), named.by)));
        }
        let none = proxy::of(&self.settings, via).is_some_and(|(_, url)| url == Via::NONE);
        let way = Way {
            runtime: runtime(),
            secure,
            calls,
            // What neither settings nor variables name, the system may.
            proxy: if none && secure { Some(Via::NONE.to_owned()) } else { named.map(|named| named.address()) },
            ca_file: via.ca_file.clone().or_else(|| self.settings.ca_file.clone()).filter(|_| secure),
            connect_timeout: via.connect_timeout.unwrap_or(self.settings.connect_timeout),
            public: via.public,
        };
        Ok((parsed, way))
    }

    fn one(&self, url: &str, via: &Via, calls: bool) -> Result<Client, NetError> {
        self.client(self.way(url, via, calls)?.1)
    }

    fn client(&self, way: Way) -> Result<Client, NetError> {
        kept(&self.clients, way, |way| {
            let builder = builder(way.connect_timeout);
            let builder = if way.calls { calling(builder) } else { builder };
            // Behind a proxy it is the proxy that resolves names, but for its own.
            let proxies = || proxy::hosts(way.proxy.as_deref(), &Env::system());
            let builder =
                if way.public { builder.dns_resolver(public::Public { proxies: proxies() }) } else { builder };
            built(if way.secure { proxied(builder, way)? } else { builder.no_proxy() }, self.tls(way)?)
        })
    }

    fn lane(&self, way: Way) -> Result<Arc<Lane>, NetError> {
        let patience = Duration::from_secs(way.connect_timeout);
        kept(&self.lanes, way, |way| Ok(Arc::new(Lane::new(self.tls(way)?, way.secure, patience))))
    }

    fn tls(&self, way: &Way) -> Result<ClientConfig, NetError> {
        if !way.secure {
            return unread();
        }
        let verifier = kept(&self.verifiers, way.ca_file.clone(), |file| verifier(file.as_deref()).map(Arc::new))?;
        let mut tls = config()?.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
        let spoken: &[&str] = if way.calls { &["h2"] } else { &["h2", "http/1.1"] };
        tls.alpn_protocols = spoken.iter().map(|name| name.as_bytes().to_vec()).collect();
        Ok(tls)
    }
}

/// What is there already for this, or is made now.
fn kept<K: PartialEq, V: Clone>(
    all: &Mutex<Vec<(K, V)>>,
    key: K,
    make: impl FnOnce(&K) -> Result<V, NetError>,
) -> Result<V, NetError> {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((_, value)) = all.iter().find(|(known, _)| *known == key) {
        return Ok(value.clone());
    }
    let value = make(&key)?;
    // Those who use one keep it.
    if all.len() >= CLIENTS {
        all.clear();
    }
    all.push((key, value.clone()));
    Ok(value)
}

/// The runtime that asks.
fn runtime() -> Option<Id> {
    Handle::try_current().ok().map(|handle| handle.id())
}

fn builder(connect_timeout: u64) -> reqwest::ClientBuilder {
    Client::builder()
        .user_agent(AGENT)
        .http2_max_header_list_size(HEADS)
        // A redirect could carry a key to another host.
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(Duration::from_secs(connect_timeout))
}

fn proxied(builder: reqwest::ClientBuilder, way: &Way) -> Result<reqwest::ClientBuilder, NetError> {
    Ok(match way.proxy.as_deref() {
        None => builder,
        Some(Via::NONE) => builder.no_proxy(),
        Some(proxy) => {
            let proxy = Proxy::all(proxy).map_err(|_| NetError::Proxy(Named::new("", proxy).shown()))?;
            builder.proxy(proxy.no_proxy(reqwest::NoProxy::from_env()))
        }
    })
}

fn built(builder: reqwest::ClientBuilder, tls: ClientConfig) -> Result<Client, NetError> {
    builder.tls_backend_preconfigured(tls).build().map_err(|e| NetError::Tls(e.to_string()))
}

fn calling(builder: reqwest::ClientBuilder) -> reqwest::ClientBuilder {
    builder
        .http2_prior_knowledge()
        .http2_keep_alive_interval(Duration::from_secs(30))
        .http2_keep_alive_timeout(Duration::from_secs(10))
        .http2_keep_alive_while_idle(true)
}

impl std::fmt::Debug for Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Net")
    }
}

fn ring() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn config() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, NetError> {
    let config = ClientConfig::builder_with_provider(ring()).with_safe_default_protocol_versions();
    config.map_err(|e| NetError::Tls(e.to_string()))
}

/// For what is not encrypted: the certificates of the system stay unread.
fn unread() -> Result<ClientConfig, NetError> {
    Ok(config()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

/// The system's own judgement of certificates, and those of a file beside.
fn verifier(file: Option<&str>) -> Result<Verifier, NetError> {
    let Some(path) = file.map(PathBuf::from) else {
        return Verifier::new(ring()).map_err(|e| NetError::Tls(e.to_string()));
    };
    let broken = |why: String| NetError::Certificates { path: path.clone(), why };
    let pem = std::fs::read(&path).map_err(|e| broken(e.to_string()))?;
    let all: Vec<CertificateDer<'static>> =
        CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(|e| broken(e.to_string()))?;
    if all.is_empty() {
        return Err(broken("there is no certificate in it".to_owned()));
    }
    Verifier::new_with_extra_roots(all, ring()).map_err(|e| broken(e.to_string()))
}

/// Host and port of an https address somewhere else; `None` for what no proxy is ever asked for.
#[must_use]
pub fn host(url: &str) -> Option<(String, u16)> {
    let parsed = Url::parse(url).ok().filter(|url| url.scheme() == "https")?;
    Some((parsed.host_str()?.to_owned(), parsed.port_or_known_default()?))
}

/// The address is another machine's, as far as it says by itself.
#[must_use]
pub fn away(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| !loopback(&url))
}

/// The address is this machine's own.
#[must_use]
pub fn here(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| loopback(&url))
}

/// Plain http to an address of the network around this machine, written out.
fn near(url: &Url) -> bool {
    let ip = url.host_str().and_then(|host| host.parse::<std::net::Ipv4Addr>().ok());
    url.scheme() == "http" && ip.is_some_and(|ip| ip.is_link_local() || ip.is_private())
}

/// As [`here`].
fn loopback(url: &Url) -> bool {
    match url.host_str() {
        Some("localhost") => true,
        _ => ip(url).is_some_and(|ip| ip.is_loopback()),
    }
}

/// The number that stands in a name's place.
fn ip(url: &Url) -> Option<std::net::IpAddr> {
    url.host_str()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// What cannot be read as an address, without what may be a key in it.
fn bare(text: &str) -> String {
    let head = text.split(['?', '#']).next().unwrap_or_default();
    head.rsplit_once('@').map_or(head, |(_, rest)| rest).to_owned()
}

/// An address as it may be shown: user, password and query may be keys.
#[must_use]
pub fn shown(url: &str) -> String {
    let Ok(url) = Url::parse(url) else { return bare(url) };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path().trim_end_matches('/'))
}

fn without_query(url: &Url) -> String {
    format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net() -> Net {
        Net::new(Network::within(1))
    }

    #[test]
    fn plain_http_is_for_this_machine_alone() {
        for url in ["http://127.0.0.1:1/v1", "http://localhost:11434", "http://[::1]:80/", "http://127.8.8.8/"] {
            assert!(net().client_for(url).is_ok(), "{url}");
        }
        for url in ["http://example.com/v1?key=secret", "http://192.168.0.1/", "http://localhost.example.com/"] {
            let error = net().client_for(url).unwrap_err();
            assert!(matches!(error, NetError::Plain(_)), "{url}: {error}");
            assert!(!error.to_string().contains("secret"), "queries may hold keys: {error}");
        }
        assert!(matches!(net().client_for("ftp://127.0.0.1/"), Err(NetError::Url(_))));
        assert!(matches!(net().client_for("nonsense"), Err(NetError::Url(_))));
        // One that our two readers of addresses do not agree on, too.
        for odd in ["https://{host}/v1?key=secret", "https://ada:secret@{host}/", "nonsense?key=secret"] {
            let told = net().road_via(odd, &Via::default()).map(drop).unwrap_err();
            assert!(matches!(told, NetError::Url(_)) && !told.to_string().contains("secret"), "{odd}: {told}");
        }
        assert!(net().client_for("https://example.com").is_ok());
    }

    #[test]
    fn what_somebody_else_named_leads_nowhere_at_home() {
        let via = Via { public: true, ..Via::default() };
        for url in
            ["http://127.0.0.1:1/a", "https://127.0.0.1/a", "https://[::1]/a", "https://10.0.0.1/", "https://0x7f.1/"]
        {
            assert!(matches!(net().client_via(url, &via), Err(NetError::Private(_))), "{url}");
        }
        assert!(net().client_via("https://example.com/a.png", &via).is_ok());
    }

    #[tokio::test]
    async fn nor_does_a_name_that_is_resolved_to_it() {
        let via = Via { public: true, ..Via::default() };
        let client = net().client_via("https://localhost:9/a", &via).unwrap();
        let error = client.get("https://localhost:9/a").send().await.unwrap_err();
        assert!(format!("{error:?}").contains("is no public address"), "{error:?}");
    }

    #[test]
    fn whoever_tells_a_machine_who_it_is_is_asked_in_the_clear_only_where_nobody_else_can_be() {
        let query = [("resource", "a&b@evil.example")];
        // A virtual machine's, an app service's on Linux, of today and of before; and what is called as usual.
        for url in [METADATA, "http://169.254.129.3:8081/msi/token", "http://172.16.0.2:8081/msi/token"] {
            let request = net().metadata(url, &query).unwrap().build().unwrap();
            assert_eq!(request.url().as_str(), format!("{url}?resource=a%26b%40evil.example"));
            assert!(matches!(net().client_for(url), Err(NetError::Plain(_))), "nobody else gets there");
        }
        for url in ["http://127.0.0.1:42356/msi/token", "https://identity.example/token"] {
            assert!(net().metadata(url, &query).is_ok(), "{url}");
        }
        for url in ["http://identity.example/", "http://8.8.8.8/", "http://172.32.0.1/", "http://169.254.1.1.example/"]
        {
            assert!(matches!(net().metadata(url, &query), Err(NetError::Plain(_))), "{url}");
        }
        assert!(matches!(net().metadata("nonsense", &query), Err(NetError::Url(_))));
    }

    #[test]
    fn ways_that_differ_share_no_connection_and_others_do() {
        let mut net = net();
        net.settings.proxies = vec![("a/work".to_owned(), "socks5h://127.0.0.1:9".to_owned())];
        let via = |account: &str| Via { account: Some(account.to_owned()), ..Via::default() };
        let slow = Via { connect_timeout: Some(9), ..Via::default() };
        for via in [Via::default(), via("a/home"), via("a/work"), via("a/work"), slow] {
            net.client_via("https://example.com", &via).unwrap();
            net.client_via("http://127.0.0.1:1", &via).unwrap();
        }
        let ways: Vec<Way> = net.clients.lock().unwrap().iter().map(|(way, _)| way.clone()).collect();
        assert_eq!(ways.iter().filter(|way| way.secure).count(), 3, "{ways:?}");
        assert_eq!(ways.iter().filter(|way| !way.secure).count(), 2, "a proxy makes no difference here: {ways:?}");
    }

    #[test]
    fn a_sign_in_goes_over_the_account_s_proxy_and_to_its_upstream_as_that_is_reached() {
        let mut net = net();
        net.settings.proxies = vec![("work".to_owned(), "socks5h://127.0.0.1:9".to_owned())];
        let via = |account: &str| Via {
            account: Some(account.to_owned()),
            proxy: Some("http://127.0.0.1:7".to_owned()),
            ca_file: Some("/house.pem".to_owned()),
            connect_timeout: Some(3),
            ..Via::default()
        };
        let way = |account: &str, url: &str| {
            let about = net.again_about("https://house.example/v1", via(account));
            let via = about.usual(url);
            let proxy = proxy::of(&about.settings, &via).map(|(_, url)| url.to_owned());
            (proxy, via.ca_file, via.connect_timeout)
        };
        let house = |proxy: &str| (Some(proxy.to_owned()), Some("/house.pem".to_owned()), Some(3));
        assert_eq!(way("a/home", "https://house.example/oauth/token"), house("http://127.0.0.1:7"));
        assert_eq!(way("a/work", "https://house.example:443/token"), house("socks5h://127.0.0.1:9"));
        assert_eq!(
            way("a/work", "https://issuer.example/token"),
            (Some("socks5h://127.0.0.1:9".to_owned()), None, None)
        );
        for elsewhere in ["https://issuer.example/token", "https://house.example:8443/", "https://house.example.net/"] {
            assert_eq!(way("a/home", elsewhere), (None, None, None), "{elsewhere}");
        }
        assert!(Net::about(Network::within(1), "", via("a/home")).usual("nonsense").ca_file.is_none());
    }

    #[test]
    fn a_useless_proxy_is_named_without_its_password() {
        // Made here, so that nothing in the source looks like one.
        let word = ["house", "word"].concat();
        let mut net = net();
        net.settings.proxy = Some(format!("http://ada:{word}@proxy:99999"));
        let error = net.client_for("https://example.com").unwrap_err();
        assert_eq!(error.to_string(), "this proxy cannot be used: what is no address");
    }

    #[test]
    fn a_useless_certificate_file_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        let mut net = net();
        net.settings.ca_file = Some(path.display().to_string());
        assert!(matches!(net.client_for("https://example.com"), Err(NetError::Certificates { .. })), "not there");
        crate::world::files::replace(&path, b"hello", 0o600).unwrap();
        assert!(matches!(net.client_for("https://example.com"), Err(NetError::Certificates { .. })), "no PEM");
    }
}
