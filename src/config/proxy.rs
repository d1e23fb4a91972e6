//! Addresses of proxies in settings.

use crate::model::Via;

/// How an account's proxy is written.
pub(super) const TAKES: &str =
    "entries such as \"work=socks5h://127.0.0.1:9050\", \"openai/env=http://proxy:8080\" or \"home=none\"";
/// What a proxy may speak.
const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

/// `NAME=URL`, `UPSTREAM/NAME=URL`, `NAME=none`.
pub(super) fn account(text: &str) -> Option<(String, String)> {
    let (account, proxy) = text.split_once('=')?;
    let (account, proxy) = (account.trim(), proxy.trim());
    (!account.is_empty() && fits(proxy)).then(|| (account.to_owned(), proxy.to_owned()))
}

/// It is a proxy's URL, or the word for none.
pub(super) fn fits(proxy: &str) -> bool {
    let whole = proxy.contains("://") && !proxy.contains(char::is_whitespace);
    let known = |url: url::Url| SCHEMES.contains(&url.scheme()) && url.host_str().is_some_and(|host| !host.is_empty());
    proxy == Via::NONE || (whole && url::Url::parse(proxy).is_ok_and(known))
}

/// An entry as it may be repeated, whatever is wrong with it: without user and password.
pub(super) fn shown(text: &str) -> String {
    let Some((before, host)) = text.rsplit_once('@') else { return text.to_owned() };
    let upto = |mark: &str| before.split_once(mark).map(|(kept, _)| format!("{kept}{mark}"));
    format!("{}{host}", upto("://").or_else(|| upto("=")).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_client_could_use_is_no_proxy_and_is_repeated_without_its_password() {
        for good in
            ["none", "http://proxy:8080", "https://ada:word@proxy", "socks5h://127.0.0.1:9050", "socks5://[::1]:1/"]
        {
            assert!(fits(good), "{good}");
        }
        for bad in [
            "",
            "proxy:8080",
            "http://",
            "socks5://",
            "ftp://x",
            "http://proxy:99999",
            "socks5h://x:99999",
            "http://a b",
        ] {
            assert!(!fits(bad), "{bad}");
        }
        for (entry, told) in [
            ("work=http://ada:word@proxy:99999", "work=http://proxy:99999"),
            ("work=http://ada:w@rd@proxy", "work=http://proxy"),
            ("work=ada:word@proxy:80", "work=proxy:80"),
            ("ada:word@proxy", "proxy"),
            ("work=ftp://x", "work=ftp://x"),
        ] {
            assert_eq!(shown(entry), told);
        }
    }
}
