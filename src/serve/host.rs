//! Under which names monster is called, and by whose pages: a browser on this machine brings requests here that its user
//! knows nothing of.
//!
//! A page from anywhere can have its own name resolved to 127.0.0.1 (DNS rebinding); then the browser takes us for the
//! page's own server, and `Host` still says the page's name. A page can also just call us; then `Origin` says whose it is.

use std::net::{IpAddr, SocketAddr};

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Uri};
use url::Url;

use crate::model::{Failure, Kind, Scope};

/// The names under which monster is called.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// `serve.hosts`, in small letters: `proxy.example`, `proxy.example:7766`, and origins such as `app://notes`.
    hosts: Vec<String>,
    /// Where it listens.
    listen: Vec<IpAddr>,
    /// As almost all say it, who are no page: `127.0.0.1:7766`, `localhost:7766`. Nothing else need be looked at then.
    usual: Vec<String>,
}

/// A name and a port, as somebody says them.
struct Spoken {
    name: String,
    port: Option<u16>,
}

impl Spoken {
    fn new(name: &str, port: Option<u16>) -> Self {
        Self { name: name.trim_end_matches('.').to_ascii_lowercase(), port }
    }

    fn ip(&self) -> Option<IpAddr> {
        let bare = self.name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&self.name);
        bare.parse().map(|ip: IpAddr| ip.to_canonical()).ok()
    }

    /// This machine, whoever resolves it.
    fn loopback(&self) -> bool {
        self.name == "localhost" || self.ip().is_some_and(|ip| ip.is_loopback())
    }
}

impl Names {
    /// The names of `serve.hosts`, and the addresses that are listened at.
    #[must_use]
    pub fn new(hosts: &[String], listen: impl IntoIterator<Item = SocketAddr>) -> Self {
        let hosts = hosts.iter().map(|host| host.trim().trim_end_matches(['.', '/']).to_ascii_lowercase());
        let (mut here, mut usual) = (Vec::new(), Vec::new());
        for at in listen {
            here.push(at.ip().to_canonical());
            usual.extend([format!("127.0.0.1:{}", at.port()), format!("localhost:{}", at.port())]);
        }
        Self { hosts: hosts.filter(|host| !host.is_empty()).collect(), listen: here, usual }
    }

    /// The request calls us by a name of ours, and no foreign page made it.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn check(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), Failure> {
        if uri.authority().is_none() && !headers.contains_key(ORIGIN) && self.usually(headers) {
            return Ok(());
        }
        let called = self.called(headers, uri)?;
        let mut origins = headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (None, _) => Ok(()),
            (Some(origin), None) => self.page(origin.to_str().unwrap_or_default(), &called),
            _ => Err(forbidden("a request has one origin")),
        }
    }

    /// It is called as it usually is.
    fn usually(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        match (hosts.next(), hosts.next()) {
            (Some(host), None) => self.usual.iter().any(|usual| host == usual),
            _ => false,
        }
    }

    /// What we are called: by the address of HTTP/2, by `Host`, or by both.
    fn called(&self, headers: &HeaderMap, uri: &Uri) -> Result<Spoken, Failure> {
        let mut hosts = headers.get_all(HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (host, None) => host.map(|host| host.to_str().unwrap_or_default()),
            _ => return Err(forbidden("a request has one host")),
        };
        let mut called = None;
        for text in uri.authority().map(Authority::as_str).into_iter().chain(host) {
            let authority = text.parse::<Authority>().ok().filter(|_| !text.contains('@'));
            let spoken = authority.map(|a| Spoken::new(a.host(), a.port_u16()));
            let ours = spoken.filter(|spoken| self.ours(spoken));
            called = Some(ours.ok_or_else(|| {
                let what =
                    format!("{} is no name of this server; what it may be called stands in serve.hosts", said(text));
                forbidden(what)
            })?);
        }
        called.ok_or_else(|| forbidden("a request says which host it is for"))
    }

    fn ours(&self, spoken: &Spoken) -> bool {
        let ip = spoken.ip();
        spoken.loopback()
            || self.listed(spoken)
            || ip.is_some_and(|ip| self.listen.contains(&ip) && !ip.is_unspecified())
            // Whoever listens at every address has each of them. A number is no name: nobody can have it resolved anew.
            || (ip.is_some_and(|ip| !ip.is_unspecified()) && self.listen.iter().any(IpAddr::is_unspecified))
    }

    /// The user's own file says that we are called so.
    fn listed(&self, spoken: &Spoken) -> bool {
        let with_port = spoken.port.map(|port| format!("{}:{port}", spoken.name));
        self.hosts.iter().any(|host| *host == spoken.name || Some(host) == with_port.as_ref())
    }

    /// A page of this machine that calls this machine, our own, or one that the user's own file names.
    fn page(&self, origin: &str, called: &Spoken) -> Result<(), Failure> {
        let whole = origin.trim_end_matches('/').to_ascii_lowercase();
        if whole != "null" && self.hosts.contains(&whole) && whole.contains("://") {
            return Ok(());
        }
        let url = Url::parse(origin).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        // An origin is a scheme, a name and a port, and nothing else.
        let url = url.filter(|url| url.origin().ascii_serialization() == whole);
        let from = url.and_then(|url| Some(Spoken::new(url.host_str()?, url.port_or_known_default())));
        let fine = from.is_some_and(|from| {
            // A port that is not said is the scheme's own.
            let usual = called.port.is_none() && matches!(from.port, Some(80 | 443));
            let same = from.name == called.name && (from.port == called.port || usual);
            same || (from.loopback() && called.loopback()) || self.listed(&from)
        });
        if fine {
            return Ok(());
        }
        let what = format!("pages of {} may not call this server; those that may stand in serve.hosts", said(origin));
        Err(forbidden(what))
    }
}

/// What somebody else wrote, made fit to be told.
fn said(text: &str) -> String {
    let shown: String = text.chars().filter(|c| ('!'..='~').contains(c)).take(100).collect();
    format!("\"{shown}\"")
}

fn forbidden(what: impl Into<String>) -> Failure {
    Failure::new(Kind::Forbidden, Scope::Request, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let hosts = ["Proxy.Example".to_owned(), "other.example:8443".to_owned(), "app://notes".to_owned()];
        Names::new(&hosts, ["192.168.7.5:7766".parse().unwrap(), "127.0.0.1:7766".parse().unwrap()])
    }

    fn asked(host: &str, origin: Option<&str>) -> Result<(), Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        names().check(&headers, &Uri::from_static("/v1/models"))
    }

    #[test]
    fn monster_is_called_by_this_machine_s_names_its_own_addresses_and_what_the_user_says() {
        for host in [
            "127.0.0.1:7766",
            "localhost",
            "LocalHost.:7766",
            "[::1]:7766",
            "[::ffff:127.0.0.1]",
            "127.8.8.8",
            "192.168.7.5:7766",
            "proxy.example",
            "PROXY.example:443",
            "other.example:8443",
        ] {
            assert!(asked(host, None).is_ok(), "{host}");
        }
    }

    #[test]
    fn a_page_s_own_name_that_was_made_to_mean_this_machine_is_refused() {
        for host in [
            "evil.example",
            "evil.example:7766",
            "localhost.evil.example",
            "127.0.0.1.nip.io",
            "proxy.example.evil.example",
            "other.example",
            "other.example:80",
            "0.0.0.0:7766",
            "[::]:7766",
            "192.168.7.6",
            "localhost@evil.example",
            "evil.example@localhost",
            "",
            "a b",
        ] {
            let refused = asked(host, None).unwrap_err();
            assert_eq!(refused.kind, Kind::Forbidden, "{host}");
        }
    }

    #[test]
    fn a_request_says_once_and_truly_whom_it_is_for() {
        let mut headers = HeaderMap::new();
        let plain = Uri::from_static("/v1/models");
        assert!(names().check(&headers, &plain).is_err(), "no host");
        assert!(names().check(&headers, &Uri::from_static("http://localhost:7766/v1/models")).is_ok(), "HTTP/2");
        assert!(names().check(&headers, &Uri::from_static("http://evil.example/v1/models")).is_err());
        headers.append(HOST, "localhost".parse().unwrap());
        assert!(names().check(&headers, &Uri::from_static("http://evil.example/")).is_err(), "both must be ours");
        headers.append(HOST, "evil.example".parse().unwrap());
        assert!(names().check(&headers, &plain).is_err(), "two hosts");
    }

    #[test]
    fn pages_of_this_machine_call_this_machine_and_foreign_ones_do_not() {
        for origin in ["http://localhost:3000", "http://127.0.0.1:8080", "https://[::1]", "app://notes"] {
            assert!(asked("127.0.0.1:7766", Some(origin)).is_ok(), "{origin}");
        }
        for origin in [
            "null",
            "",
            "https://evil.example",
            "http://localhost.evil.example",
            "https://localhost@evil.example",
            "http://localhost:3000/path",
            "http://localhost:3000, https://evil.example",
            "file://",
            "app://other",
            "chrome-extension://abcdef",
            "localhost",
        ] {
            let refused = asked("127.0.0.1:7766", Some(origin)).unwrap_err();
            assert_eq!(refused.kind, Kind::Forbidden, "{origin}");
        }
    }

    #[test]
    fn what_is_called_by_another_name_is_called_by_its_own_pages_and_not_by_those_of_the_caller_s_machine() {
        assert!(asked("proxy.example", Some("https://proxy.example")).is_ok());
        assert!(asked("192.168.7.5:7766", Some("http://192.168.7.5:7766")).is_ok());
        assert!(asked("192.168.7.5:7766", Some("http://192.168.7.5:9000")).is_err(), "another server of that machine");
        assert!(asked("192.168.7.5:7766", Some("http://localhost:3000")).is_err());
        let mut two = HeaderMap::new();
        two.append(HOST, "localhost".parse().unwrap());
        two.append(ORIGIN, "http://localhost".parse().unwrap());
        two.append(ORIGIN, "https://evil.example".parse().unwrap());
        assert!(names().check(&two, &Uri::from_static("/")).is_err());
    }

    #[test]
    fn who_listens_everywhere_is_called_by_numbers_but_by_no_name_that_is_not_listed() {
        let names = Names::new(&[], ["0.0.0.0:7766".parse().unwrap()]);
        let asked = |host: &str| {
            let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
            names.check(&headers, &Uri::from_static("/")).is_ok()
        };
        assert!(asked("10.1.2.3:7766") && asked("[fe80::1]"));
        assert!(!asked("evil.example") && !asked("0.0.0.0"));
    }

    #[test]
    fn what_is_told_of_a_foreign_name_drives_no_terminal_and_ends() {
        let long = format!("{}.example", "a".repeat(500));
        let told = asked(&long, None).unwrap_err().message;
        assert!(told.len() < 250 && told.is_ascii(), "{told}");
    }
}
