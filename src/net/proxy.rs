//! Which proxy stands between us and an address, and whether it connects: what `monster doctor` says about it. Calls
//! themselves leave both to the HTTP client.

use std::io::ErrorKind;
use std::net::IpAddr;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;
use tokio::net::TcpStream;

use crate::config::Network;
use crate::model::Via;
use crate::world::Env;

/// A longer answer to CONNECT is none (bytes).
const HEAD: usize = 8 << 10;
/// What says which proxy, in the client's order.
const NAMES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// What an upstream's own proxy is named by.
const UPSTREAM: &str = "the upstream's proxy";

/// A proxy and who names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// A setting or a variable.
    pub by: String,
    /// Its address as it was given; may hold a password.
    url: String,
}

/// What was found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// It connects to where it was asked to.
    Connects,
    /// It takes connections; nothing was asked of it.
    Listens,
}

impl Named {
    /// A proxy that a setting or a variable names.
    #[must_use]
    pub fn new(by: &str, url: &str) -> Self {
        Self { by: by.to_owned(), url: url.to_owned() }
    }

    /// Its address without user and password.
    #[must_use]
    pub fn shown(&self) -> String {
        let Some(url) = self.parsed() else { return "what is no address".to_owned() };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        format!("{}://{}{port}", url.scheme(), url.host_str().unwrap_or_default())
    }

    /// Its address as the client takes it.
    pub(super) fn address(&self) -> String {
        let whole = whole(&self.url);
        Url::parse(&whole).map_or(whole, String::from)
    }

    /// The client can speak to it: from any other proxy it would turn away without a word, and go straight.
    pub(super) fn usable(&self) -> bool {
        let anybody = http::Uri::from_static("https://any.invalid/");
        // Of an address without a scheme there is nothing behind the host.
        let plain = self.url.contains("://") || !self.url.contains(['/', ' ']);
        plain && Matcher::builder().all(self.address()).build().intercept(&anybody).is_some()
    }

    /// How it is spoken to: `http`, `https`, `socks5`, …
    #[must_use]
    pub fn scheme(&self) -> String {
        self.parsed().map(|url| url.scheme().to_owned()).unwrap_or_default()
    }

    fn parsed(&self) -> Option<Url> {
        Url::parse(&whole(&self.url)).ok().filter(Url::has_host)
    }

    /// Connects to it and, where it can be asked without TLS, has it connect to `host:port`; nothing is sent there.
    ///
    /// # Errors
    /// What is wrong, as a half sentence.
    pub async fn probe(&self, to: Option<(&str, u16)>, limit: Duration) -> Result<Reached, String> {
        let late = |_| format!("it did not answer within {} s", limit.as_secs());
        tokio::time::timeout(limit, self.ask(to)).await.map_err(late)?
    }

    async fn ask(&self, to: Option<(&str, u16)>) -> Result<Reached, String> {
        let url = self.parsed().ok_or("it is no address")?;
        let scheme = url.scheme();
        let usual = match scheme {
            "http" => 80,
            "https" => 443,
            "socks4" | "socks4a" | "socks5" | "socks5h" => 1080,
            other => return Err(format!("\"{other}\" is no kind of proxy; there are http, https, socks5 and socks5h")),
        };
        if !self.usable() {
            return Err("it is no address".to_owned());
        }
        let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let stream = TcpStream::connect((host.as_str(), url.port().unwrap_or(usual)))
            .await
            .map_err(|e| format!("it cannot be reached ({e})"))?;
        let mut line = Line(stream);
        match (scheme, to) {
            ("http", Some(to)) => line.connect(&url, to).await.map(|()| Reached::Connects),
            ("socks5" | "socks5h", Some(to)) => line.socks(&url, to).await.map(|()| Reached::Connects),
            _ => Ok(Reached::Listens),
        }
    }
}

/// An address with a scheme: the variables may leave it out.
fn whole(url: &str) -> String {
    if url.contains("://") { url.to_owned() } else { format!("http://{url}") }
}

/// Which setting names a proxy and its URL, the nearest first: the account's, the upstream's, the common one. `None`
/// leaves it to the environment; [`Via::NONE`] means none.
pub(super) fn of<'a>(settings: &'a Network, via: &'a Via) -> Option<(&'static str, &'a str)> {
    let account = via.account.as_deref().unwrap_or_default();
    let name = account.split_once('/').map_or(account, |(_, name)| name);
    let own = |wanted: &str| settings.proxies.iter().find(|(who, _)| who == wanted).map(|(_, url)| url.as_str());
    let of_account = Some(account).filter(|a| !a.is_empty()).and_then(|account| own(account).or_else(|| own(name)));
    let named = |by, url: Option<&'a str>| url.map(|url| (by, url));
    named("net.proxies", of_account)
        .or_else(|| named(UPSTREAM, via.proxy.as_deref()))
        .or_else(|| named("net.proxy", settings.proxy.as_deref()))
}

/// The proxy for https to `host`; `None` when none stands there or `NO_PROXY` leaves the host out.
#[must_use]
pub fn named(settings: &Network, env: &Env, via: &Via, host: &str) -> Option<Named> {
    let from_env = || {
        let said = |name: &&str| env.get(name).filter(|url| !url.trim().is_empty());
        NAMES.iter().find_map(|name| Some(Named::new(name, said(name)?)))
    };
    let named = of(settings, via).map(|(by, url)| Named::new(by, url)).or_else(from_env)?;
    if named.url == Via::NONE {
        return None;
    }
    let left_out = ["NO_PROXY", "no_proxy"].iter().find_map(|name| env.get(name)).unwrap_or_default();
    (!bypassed(left_out, host)).then_some(named)
}

/// The hosts of the proxies that may be asked: the one that is set, and those that the environment names.
pub(super) fn hosts(set: Option<&str>, env: &Env) -> Vec<String> {
    let named = NAMES.iter().filter_map(|name| env.get(name));
    let hosts =
        set.into_iter().chain(named).filter_map(|url| Url::parse(&whole(url)).ok()?.host_str().map(str::to_owned));
    hosts.collect()
}

/// `NO_PROXY` names this host: itself, a domain above it, an address or a range of addresses, or everything.
fn bypassed(list: &str, host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let ip: Option<IpAddr> = host.parse().ok();
    list.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| match ip {
        Some(ip) => entry == "*" || entry.parse() == Ok(ip) || within(entry, ip),
        None => {
            let domain = entry.trim_start_matches('.').to_ascii_lowercase();
            let host = host.to_ascii_lowercase();
            entry == "*" || host == domain || host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
        }
    })
}

/// `10.0.0.0/8` holds the address.
fn within(range: &str, ip: IpAddr) -> bool {
    let Some((net, bits)) = range.split_once('/') else { return false };
    let Ok(bits) = bits.parse::<u32>() else { return false };
    match (net.parse(), ip) {
        (Ok(IpAddr::V4(net)), IpAddr::V4(ip)) if bits <= 32 => {
            let shift = 32 - bits;
            u32::from(net).checked_shr(shift) == u32::from(ip).checked_shr(shift)
        }
        (Ok(IpAddr::V6(net)), IpAddr::V6(ip)) if bits <= 128 => {
            let shift = 128 - bits;
            u128::from(net).checked_shr(shift) == u128::from(ip).checked_shr(shift)
        }
        _ => false,
    }
}

/// A connection to a proxy.
struct Line(TcpStream);

impl Line {
    /// RFC 9110, 9.3.6.
    async fn connect(&mut self, proxy: &Url, (host, port): (&str, u16)) -> Result<(), String> {
        let mut head = format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\n");
        if let Some((user, password)) = login(proxy) {
            let word = STANDARD.encode(format!("{user}:{password}"));
            head.push_str(&format!("proxy-authorization: Basic {word}\r\n"));
        }
        head.push_str("\r\n");
        self.send(head.as_bytes()).await?;
        let mut got = Vec::new();
        while !got.windows(4).any(|w| w == b"\r\n\r\n") {
            if got.len() > HEAD || !self.more(&mut got).await? {
                break;
            }
        }
        let told = String::from_utf8_lossy(&got);
        let mut words = told.lines().next().unwrap_or_default().split_whitespace();
        let status = words.next().filter(|word| word.starts_with("HTTP/")).and(words.next());
        match status.and_then(|status| status.parse::<u16>().ok()) {
            Some(200..=299) => Ok(()),
            Some(407) => Err("it wants a user name and a password (407)".to_owned()),
            Some(status) => Err(format!("it does not connect to {host}: it answers CONNECT with {status}")),
            None => Err("what it says is no HTTP".to_owned()),
        }
    }

    /// RFC 1928, and 1929 for names and passwords.
    async fn socks(&mut self, proxy: &Url, (host, port): (&str, u16)) -> Result<(), String> {
        let login = login(proxy);
        let hello: &[u8] = if login.is_some() { &[5, 2, 0, 2] } else { &[5, 1, 0] };
        self.send(hello).await?;
        let strange = || "what it says is no SOCKS5".to_owned();
        match (self.exact::<2>().await?, login) {
            ([5, 0], _) => {}
            ([5, 2], Some((user, password))) => {
                let sized = |text: &str| u8::try_from(text.len()).map_err(|_| "its user name is too long".to_owned());
                let mut word = vec![1, sized(&user)?];
                word.extend(user.as_bytes());
                word.push(sized(&password)?);
                word.extend(password.as_bytes());
                self.send(&word).await?;
                if self.exact::<2>().await?[1] != 0 {
                    return Err("it does not take this user name and password".to_owned());
                }
            }
            ([5, _], _) => return Err("it wants a user name and a password".to_owned()),
            _ => return Err(strange()),
        }
        let length = u8::try_from(host.len()).map_err(|_| "the host's name is too long".to_owned())?;
        let mut request = vec![5, 1, 0, 3, length];
        request.extend(host.as_bytes());
        request.extend(port.to_be_bytes());
        self.send(&request).await?;
        let why = match self.exact::<2>().await? {
            [5, 0] => return Ok(()),
            [5, 2] => "its rules forbid it",
            [5, 3] => "it cannot reach that network",
            [5, 4] => "it cannot reach or find that host",
            [5, 5] => "that host refuses",
            [5, _] => "it failed",
            _ => return Err(strange()),
        };
        Err(format!("it does not connect to {host}: {why}"))
    }

    async fn send(&self, mut bytes: &[u8]) -> Result<(), String> {
        while !bytes.is_empty() {
            self.0.writable().await.map_err(|e| broken(&e))?;
            match self.0.try_write(bytes) {
                Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                Err(e) => return Err(broken(&e)),
            }
        }
        Ok(())
    }

    /// More of what it says; `false` at the end.
    async fn more(&self, into: &mut Vec<u8>) -> Result<bool, String> {
        let mut piece = [0; 512];
        let n = self.read(&mut piece).await?;
        into.extend(piece.iter().take(n));
        Ok(n > 0)
    }

    /// Just so many bytes.
    async fn exact<const N: usize>(&self) -> Result<[u8; N], String> {
        let mut out = [0; N];
        let mut have = 0;
        while let Some(rest) = out.get_mut(have..).filter(|rest| !rest.is_empty()) {
            match self.read(rest).await? {
                0 => return Err("it closes the connection".to_owned()),
                n => have += n,
            }
        }
        Ok(out)
    }

    async fn read(&self, into: &mut [u8]) -> Result<usize, String> {
        loop {
            self.0.readable().await.map_err(|e| broken(&e))?;
            match self.0.try_read(into) {
                Err(e) if e.kind() == ErrorKind::WouldBlock => {}
                done => return done.map_err(|e| broken(&e)),
            }
        }
    }
}

fn broken(error: &std::io::Error) -> String {
    format!("the connection to it broke ({error})")
}

/// User name and password that stand in an address.
pub(super) fn login(url: &Url) -> Option<(String, String)> {
    let plain = |text: &str| {
        let pair = format!("x={}", text.replace('+', "%2B").replace('&', "%26"));
        url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
    };
    let there = !url.username().is_empty() || url.password().is_some();
    there.then(|| (plain(url.username()), plain(url.password().unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_names_hosts_domains_addresses_and_ranges() {
        for (list, host, out) in [
            ("example.com", "example.com", true),
            ("example.com", "api.example.com", true),
            (".example.com", "api.example.com", true),
            (".example.com", "example.com", true),
            ("example.com", "notexample.com", false),
            ("a.b, Example.COM ,c", "api.example.com", true),
            ("*", "anything", true),
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.1.2.3", false),
            ("0.0.0.0/0", "11.1.2.3", true),
            ("192.168.0.1", "192.168.0.1", true),
            ("fd00::/8", "[fd12::1]", true),
            ("10.0.0.0/99,/,x/y", "10.1.2.3", false),
            ("", "example.com", false),
        ] {
            assert_eq!(bypassed(list, host), out, "{list} {host}");
        }
    }

    #[test]
    fn the_setting_goes_before_variables_and_a_password_is_not_shown() {
        let settings = |proxy: Option<&str>| Network {
            proxy: proxy.map(str::to_owned),
            proxies: vec![
                ("work".to_owned(), "socks5h://w:1".to_owned()),
                ("openai/env".to_owned(), "http://o:2".to_owned()),
                ("home".to_owned(), Via::NONE.to_owned()),
            ],
            ..Network::within(1)
        };
        let env = |vars: &[(&str, &str)]| Env::fixed(vars.iter().copied(), std::path::Path::new("/"));
        let both = env(&[("HTTPS_PROXY", "http://b:1"), ("all_proxy", "socks5://c:2"), ("NO_PROXY", "left.out")]);
        let named = |settings: &Network, env: &Env, host: &str| {
            named(settings, env, &Via::default(), host).map(|n| (n.by.clone(), n.shown()))
        };
        let own = settings(Some("http://ada:secret@a:8080"));
        assert_eq!(named(&own, &both, "x"), Some(("net.proxy".to_owned(), "http://a:8080".to_owned())));
        let none = settings(None);
        assert_eq!(named(&none, &both, "x"), Some(("HTTPS_PROXY".to_owned(), "http://b:1".to_owned())));
        assert_eq!(named(&none, &both, "left.out"), None);
        let bare = env(&[("all_proxy", "user@c:2")]);
        assert_eq!(named(&none, &bare, "x"), Some(("all_proxy".to_owned(), "http://c:2".to_owned())));
        assert_eq!(named(&none, &env(&[]), "x"), None);

        let via = |account: &str, proxy: Option<&str>| {
            let via = Via { account: Some(account.to_owned()), proxy: proxy.map(str::to_owned), ..Via::default() };
            super::named(&own, &both, &via, "x").map(|n| n.shown())
        };
        assert_eq!(via("a/work", Some("http://up:1")).as_deref(), Some("socks5h://w:1"), "the account's goes first");
        assert_eq!(via("openai/env", None).as_deref(), Some("http://o:2"));
        assert_eq!(via("other/env", Some("http://up:1")).as_deref(), Some("http://up:1"));
        assert_eq!(via("other/env", None).as_deref(), Some("http://a:8080"));
        assert_eq!((via("a/home", None), via("other/env", Some("none"))), (None, None));
    }
}
