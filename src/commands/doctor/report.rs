//! `--report`: what somebody who helps wants to know, in a text that may stand in public.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::{Context, Finding};
use crate::client::upstreams;
use crate::config::Origin;
use crate::git::{Repo, version};
use crate::providers::provider;
use crate::secrets::mask;
use crate::store::HistoryFilter;

/// So many requests without an answer are looked at.
const FAILED: usize = 50;
/// A user's name shorter than this is not looked for: it would be found everywhere (characters).
const NAME: usize = 2;

/// The text. It is made of words of our own where that can be, and what is left is masked.
pub(super) fn write(context: &Context, found: &[Finding]) -> String {
    let git = version(&context.env).map_or_else(|_| "no git".to_owned(), |version| format!("git {version}"));
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let mut out = format!("monster {}, {os} {arch}, {git}\n", env!("CARGO_PKG_VERSION"));
    out.push_str("\nChecks\n");
    for finding in found {
        let (part, says) = finding.public.clone().unwrap_or_else(|| (finding.part.clone(), finding.says.clone()));
        out.push_str(&format!("  {:<6} {part:<10} {says}\n", finding.state.name()));
    }
    out.push_str("\nSettings (values are left out)\n");
    let settings = settings(context);
    out.push_str(if settings.is_empty() { "  none is set\n" } else { &settings });
    out.push_str("\nLast failures\n");
    let failures = failures(context);
    out.push_str(if failures.is_empty() { "  none\n" } else { &failures });
    anonymous(context, &crate::ui::plain(&out))
}

/// What is set, and where; names that are the user's own are counted.
fn settings(context: &Context) -> String {
    let mut out = String::new();
    for shown in context.loaded().list() {
        let own = shown.key.starts_with("aliases.") || shown.key.starts_with("pools.");
        let origin = match shown.origin {
            Origin::Default => continue,
            Origin::File(..) => "settings file",
            Origin::GitGlobal(_) => "git config --global",
            Origin::GitCommand(_) => "git -c",
            Origin::RepoFile(..) => "the repository's file",
            Origin::GitLocal(_) => "git config of the repository",
            Origin::Env(_) => "environment",
            Origin::Flag => "command line",
        };
        if !own {
            out.push_str(&format!("  {:<26} {origin}\n", shown.key));
        }
    }
    let config = context.config();
    for (what, many) in [("aliases and pools", config.names.len()), ("rules", config.rules.len())] {
        if many > 0 {
            out.push_str(&format!("  {what:<26} {many}\n"));
        }
    }
    for row in &config.upstreams {
        let provider = provider(&row.provider).map_or("unknown", |served| served.id());
        let set = [
            ("base_url", row.base_url.is_some()),
            ("dialect", row.dialect.is_some()),
            ("auth", row.auth.is_some()),
            ("key_env", row.key_env.is_some()),
            ("headers", !row.headers.is_empty()),
            ("query", !row.query.is_empty()),
            ("paths", row.paths.call.is_some() || row.paths.models.is_some()),
            ("quirks", !row.quirks.is_empty()),
            ("models", !row.models.is_empty()),
            ("local", row.local.is_some()),
            ("strategy", row.strategy.is_some()),
            ("oauth", row.oauth.is_some()),
            ("proxy", row.via.proxy.is_some()),
            ("ca_file", row.via.ca_file.is_some()),
            ("connect_timeout", row.via.connect_timeout.is_some()),
            ("first_byte_timeout", row.via.first_byte_timeout.is_some()),
            ("idle_timeout", row.via.idle_timeout.is_some()),
        ];
        let set: Vec<&str> = set.into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect();
        out.push_str(&format!("  {:<26} {}\n", format!("an upstream ({provider})"), set.join(", ")));
    }
    out
}

/// The last failures by kind: how often, when last, at what, in which dialect.
fn failures(context: &Context) -> String {
    let filter = HistoryFilter { limit: FAILED, failed: true, ..HistoryFilter::default() };
    let rows = context.kept().and_then(|store| Ok(store.history(&filter)?)).unwrap_or_default();
    let all = upstreams(context.config(), &context.env);
    // Kind -> how often, and the newest: moment, status, provider, dialect.
    let mut kinds: BTreeMap<String, (usize, i64, String)> = BTreeMap::new();
    for attempt in rows.iter().flat_map(|row| &row.attempts) {
        let Some((kind, scope, _)) = &attempt.failure else { continue };
        let served = all.iter().find(|u| u.name == attempt.upstream).and_then(|u| provider(&u.provider));
        let by = served.map_or("an upstream", |served| served.id());
        let status = attempt.status.map(|status| format!(", HTTP {status}")).unwrap_or_default();
        let entry = kinds.entry(kind.clone()).or_default();
        entry.0 += 1;
        if attempt.started_ms >= entry.1 {
            entry.1 = attempt.started_ms;
            entry.2 = format!("{by}, {}{status}, {scope}", attempt.dialect);
        }
    }
    let mut out = String::new();
    for (kind, (many, last, what)) in kinds {
        let at = jiff::Timestamp::from_millisecond(last).unwrap_or_default();
        out.push_str(&format!("  {kind:<16} {many:>3}  last {} ({what})\n", at.strftime("%Y-%m-%d %H:%M UTC")));
    }
    out
}

/// The text without places, names and secrets.
fn anonymous(context: &Context, text: &str) -> String {
    let env = &context.env;
    let repo = context.repo().ok().and_then(Repo::root).map(PathBuf::from);
    let places = [
        (repo, "<repository>"),
        (env.state_dir(), "<state>"),
        (env.config_dir(), "<settings>"),
        (Some(std::env::temp_dir()), "<temporary>"),
        (env.home(), "~"),
    ];
    let mut out = text.to_owned();
    for (place, word) in places {
        let place = place.map(|p| p.to_string_lossy().trim_end_matches('/').to_owned()).unwrap_or_default();
        if place.len() > 1 {
            out = out.replace(&place, word);
        }
    }
    let named = ["USER", "LOGNAME", "USERNAME"].iter().filter_map(|name| env.get(name)).map(str::to_owned);
    let home = env.home().and_then(|home| Some(home.file_name()?.to_string_lossy().into_owned()));
    for name in named.chain(home).filter(|name| name.chars().count() >= NAME) {
        out = whole_words(&out, &name, "<user>");
    }
    match context.redactor() {
        Ok(redactor) => redactor.hide(&out),
        Err(_) => mask(&out),
    }
}

/// `name` replaced wherever it is no part of a longer word.
fn whole_words(text: &str, name: &str, word: &str) -> String {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(name) {
        let (before, after) = (&rest[..at], &rest[at + name.len()..]);
        let inside = letter(before.chars().next_back().or(out.chars().next_back())) || letter(after.chars().next());
        out.push_str(before);
        out.push_str(if inside { name } else { word });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_hidden_where_it_stands_alone() {
        let shown = |text: &str| whole_words(text, "ada", "<user>");
        assert_eq!(shown("ada at /srv/ada, ada-laptop"), "<user> at /srv/<user>, <user>-laptop");
        assert_eq!(shown("Canada, adamant, adaada"), "Canada, adamant, adaada");
        assert_eq!(shown(""), "");
    }
}
