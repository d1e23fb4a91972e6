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
    let url = |(scheme, rest): (&str, &str)| {
        SCHEMES.contains(&scheme) && !rest.trim_matches('/').is_empty() && !rest.contains(char::is_whitespace)
    };
    proxy == Via::NONE || proxy.split_once("://").is_some_and(url)
}
