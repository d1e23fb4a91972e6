//! Words of a message that look like names, and whether the change knows them: as they are, or in a form that a sentence
//! gives them.

use super::ground::Grounds;
use super::issue;

/// Names with a capital inside that are no identifiers.
const PRODUCTS: [&str; 113] = [
    "ASan",
    "CIFuzz",
    "CMake",
    "CPython",
    "CentOS",
    "ChatGPT",
    "ClickHouse",
    "CodeQL",
    "CoffeeScript",
    "CoreML",
    "DBus",
    "DevOps",
    "DevTools",
    "DuckDB",
    "DynamoDB",
    "ESLint",
    "EditorConfig",
    "FastAPI",
    "FreeBSD",
    "GHz",
    "GNUmakefile",
    "GiB",
    "GitHub",
    "GitLab",
    "GitOps",
    "GraphQL",
    "IPsec",
    "IPv4",
    "IPv6",
    "IPython",
    "IoT",
    "JQuery",
    "JSDoc",
    "JSONPath",
    "JUnit",
    "JavaScript",
    "JetBrains",
    "KiB",
    "LSan",
    "LaTeX",
    "LibreSSL",
    "LuaJIT",
    "MHz",
    "MSBuild",
    "MSan",
    "MacOS",
    "MariaDB",
    "McCabe",
    "MiB",
    "MongoDB",
    "MySQL",
    "NaN",
    "NetBSD",
    "NixOS",
    "NuGet",
    "NumPy",
    "OAuth",
    "OAuth2",
    "OCaml",
    "OSes",
    "OpenAI",
    "OpenAPI",
    "OpenBSD",
    "OpenGL",
    "OpenID",
    "OpenMP",
    "OpenSSH",
    "OpenSSL",
    "OpenTelemetry",
    "PHPUnit",
    "PaaS",
    "PostCSS",
    "PostgreSQL",
    "PowerShell",
    "PyPI",
    "PyTorch",
    "RESTful",
    "RabbitMQ",
    "RxJS",
    "SQLite",
    "SaaS",
    "TLSv1",
    "TSDoc",
    "TSan",
    "TailwindCSS",
    "TensorFlow",
    "TiB",
    "TypeScript",
    "UBSan",
    "VSCode",
    "VoiceOver",
    "WebAssembly",
    "WebGL",
    "WebRTC",
    "WebSocket",
    "WiFi",
    "YouTube",
    "dB",
    "eBPF",
    "gRPC",
    "iCloud",
    "iOS",
    "iPad",
    "iPadOS",
    "iPhone",
    "jQuery",
    "kB",
    "kHz",
    "kWh",
    "mTLS",
    "macOS",
    "tvOS",
    "watchOS",
];

/// Words with a stroke between that are plain language.
const PAIRS: [&str; 57] = [
    "add/remove",
    "and/or",
    "android/ios",
    "async/await",
    "before/after",
    "ci/cd",
    "client/server",
    "enable/disable",
    "enabled/disabled",
    "encode/decode",
    "first/last",
    "get/set",
    "head/tail",
    "host/port",
    "i/o",
    "import/export",
    "input/output",
    "ios/android",
    "key/value",
    "left/right",
    "light/dark",
    "linux/macos",
    "load/save",
    "lock/unlock",
    "login/logout",
    "macos/linux",
    "major/minor",
    "min/max",
    "mouse/keyboard",
    "n/a",
    "name/value",
    "next/prev",
    "old/new",
    "on/off",
    "open/close",
    "parent/child",
    "pass/fail",
    "prev/next",
    "push/pull",
    "read/write",
    "request/response",
    "row/column",
    "show/hide",
    "source/target",
    "start/stop",
    "stdin/stdout",
    "stdout/stderr",
    "success/failure",
    "tcp/ip",
    "true/false",
    "up/down",
    "upload/download",
    "username/password",
    "width/height",
    "windows/linux",
    "x/y",
    "yes/no",
];

/// `left-pad@1.3.0` where name and version stand apart.
pub(super) fn versioned(word: &str, grounds: &Grounds<'_>) -> bool {
    word.rsplit_once('@').is_some_and(|(name, version)| {
        let bare = version.strip_prefix('v').unwrap_or(version);
        !name.is_empty() && bare.starts_with(|c: char| c.is_ascii_digit()) && {
            grounds.of_change(name) && grounds.of_change(bare)
        }
    })
}

/// Whether a name was shown, as it is or in a form that a sentence gives it.
pub(super) fn known(word: &str, code: bool, grounds: &Grounds<'_>) -> bool {
    named(word, grounds)
        || word.strip_suffix('s').is_some_and(|one| one.len() > 3 && named(one, grounds))
        || (!code && plain_name(word) && grounds.of_change_in_any_case(word))
        || compound(word, code, grounds)
        || composed(word, grounds)
        || flag(word, grounds)
}

fn named(word: &str, grounds: &Grounds<'_>) -> bool {
    let word = word.strip_suffix("()").unwrap_or(word);
    // A version is the same with and without its v.
    let bare = word.strip_prefix('v').filter(|rest| dotted(rest)).unwrap_or(word);
    if grounds.shown(word) || grounds.shown(bare) {
        return true;
    }
    // The case of the first letter follows the style of subjects.
    let mut chars = word.chars();
    let other = chars.next().map(|first| {
        let turned: String =
            if first.is_uppercase() { first.to_lowercase().collect() } else { first.to_uppercase().collect() };
        turned + chars.as_str()
    });
    if other.is_some_and(|other| grounds.shown(&other)) {
        return true;
    }
    match word.split_once('/') {
        Some((a, b)) if !b.contains('/') => {
            let there = |part: &str| !part.is_empty() && (grounds.shown(part) || product(part));
            there(a) && there(b)
        }
        _ => false,
    }
}

/// Letters and digits alone, as names of products are written.
fn plain_name(word: &str) -> bool {
    word.chars().all(char::is_alphanumeric)
}

/// `OAuth-based`, `page_count-Berechnung`: each part is plain language or was shown.
fn compound(word: &str, code: bool, grounds: &Grounds<'_>) -> bool {
    let parts = || word.split('-');
    let fine = |part: &str| match kind(part) {
        Kind::Word => named(part, grounds) || (!code && part.chars().all(char::is_alphabetic)),
        Kind::Identifier => named(part, grounds),
        Kind::Reference => false,
    };
    parts().count() > 1 && !word.contains('/') && parts().all(|part| !part.is_empty() && fine(part))
}

/// `Pager::next`, `pager.next()`, `count(text)`: the change has the parts apart from each other. Not a name of a file:
/// its ending is one that files of the change have.
fn composed(word: &str, grounds: &Grounds<'_>) -> bool {
    let mark = |c: char| "(),:.#=<>&*;".contains(c);
    let parts: Vec<&str> = word.split("->").flat_map(|part| part.split(mark)).filter(|part| !part.is_empty()).collect();
    let name = |part: &&str| part.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '$');
    let ending = |end: &str| {
        let of_file =
            |text: &&str| text.rsplit_once('.').is_some_and(|(stem, last)| last == end && stem.contains(name_char));
        grounds.material.iter().filter(|text| !text.contains(char::is_whitespace)).any(of_file)
    };
    let file = parts.len() == 2 && file(word) && parts.last().is_some_and(|end| ending(end));
    parts.len() > 1
        && !file
        && parts.iter().all(|part| name(part) && named(part, grounds))
        && parts.iter().any(|part| part.contains(|c: char| c.is_alphabetic()))
}

fn name_char(c: char) -> bool {
    c.is_alphanumeric()
}

/// `--dry-run` where a field `dry_run` is declared to be an option.
fn flag(word: &str, grounds: &Grounds<'_>) -> bool {
    const DECLARED: [&str; 5] = ["arg(", "clap(", "flag", "option", "argument("];
    let Some(name) = word.strip_prefix("--") else { return false };
    let name = name.split('=').next().unwrap_or(name).replace('-', "_");
    let declared = |text: &&str| DECLARED.iter().any(|mark| text.to_ascii_lowercase().contains(mark));
    grounds.of_change(&name) && grounds.material.iter().any(declared)
}

pub(super) enum Kind {
    /// Plain language, as far as can be seen.
    Word,
    /// An identifier, a path, a name of a file, an option.
    Identifier,
    /// An issue, a person, an address.
    Reference,
}

pub(super) fn kind(word: &str) -> Kind {
    if word.contains("://") || word.starts_with("www.") || mention(word).is_some() || keyed(word) || commit(word) {
        return Kind::Reference;
    }
    if word.contains('@') && word.contains('.') {
        return Kind::Reference;
    }
    if product(word) || PAIRS.contains(&word.to_lowercase().as_str()) || acronyms(word) {
        return Kind::Word;
    }
    let chars: Vec<char> = word.chars().collect();
    let snake = chars.windows(3).any(|w| w[0].is_alphanumeric() && w[1] == '_' && w[2].is_alphanumeric());
    let camel = chars.windows(2).any(|w| w[0].is_lowercase() && w[1].is_uppercase());
    // `HTTPServer`, and not the plural of `URL`.
    let plural = word.strip_suffix('s').map_or(chars.len(), |_| chars.len() - 1);
    let capitals =
        chars[..plural].windows(3).any(|w| w[0].is_uppercase() && w[1].is_uppercase() && w[2].is_lowercase());
    let mut rest = chars.iter().skip(1);
    let begins = |c: Option<&char>| c.is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | '{'));
    // `_private`, `$PAGES`, `-x`; not what is stressed, and no price.
    let marked = match chars.first() {
        Some('_') => begins(rest.next()) && !word.ends_with('_'),
        Some('$') => begins(rest.next()),
        Some('-') => chars.len() == 2 && chars[1].is_ascii_alphabetic(),
        _ => false,
    };
    let numbers = dotted(word.strip_prefix('v').unwrap_or(word));
    let path = word.contains('/') && word.chars().any(char::is_alphabetic);
    let option = word.strip_prefix("--").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    let call = word.contains("::") || word.ends_with("()") || word.contains("->");
    let name = snake || camel || capitals || marked || path || option || call || numbers || file(word);
    if name { Kind::Identifier } else { Kind::Word }
}

fn product(word: &str) -> bool {
    PRODUCTS.iter().any(|p| word == *p || word.strip_suffix('s') == Some(p))
}

/// `TCP/UDP`, `HTTP/2`: no path is written so.
fn acronyms(word: &str) -> bool {
    let capitals = |part: &str| part.len() >= 2 && part.bytes().all(|b| b.is_ascii_uppercase());
    let number = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    word.split_once('/').is_some_and(|(a, b)| capitals(a) && (capitals(b) || (!b.is_empty() && number(b))))
}

/// The person in `@name`, `cc:@name`, `-@name`; an address (`a@b`) names none.
pub(super) fn mention(word: &str) -> Option<&str> {
    let at = word.match_indices('@').map(|(at, _)| at).find(|at| {
        let before = word[..*at].chars().next_back();
        let after = word[at + 1..].chars().next();
        before.is_none_or(|c| !c.is_alphanumeric()) && after.is_some_and(char::is_alphanumeric)
    })?;
    let rest = &word[at + 1..];
    let end = rest.find(|c: char| !(c.is_alphanumeric() || "-_/.".contains(c))).unwrap_or(rest.len());
    Some(&word[at..at + 1 + end])
}

/// The id of a commit, whole or shortened; not a number, and no word that has only its letters (`defaced`).
fn commit(word: &str) -> bool {
    let hex = word.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let (digits, letters) = (word.contains(|c: char| c.is_ascii_digit()), word.contains(|c: char| !c.is_ascii_digit()));
    hex && letters && ((7..=64).contains(&word.len()) && digits || (8..=64).contains(&word.len()))
}

/// `9.9.9`, `10.0.0.1:80`; not `1.2`, which may be any number.
fn dotted(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (host, port) = word.split_once(':').map_or((word, None), |(host, port)| (host, Some(port)));
    port.is_none_or(digits) && host.split('.').count() >= 3 && host.split('.').all(digits)
}

/// `#12`, `GH-12`, `ABC-7`; not `UTF-8`.
pub(super) fn keyed(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if let Some((before, number)) = word.rsplit_once('#') {
        return digits(number) && !before.contains(char::is_whitespace);
    }
    word.split_once('-').is_some_and(|(key, number)| {
        let letters = key.len() >= 2 && key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        letters && key.starts_with(|c: char| c.is_ascii_uppercase()) && digits(number) && !issue::standard(key)
    })
}

/// `pager.rs`, `Cargo.toml`, `foo.bar`; not `e.g` or `1.2`.
fn file(word: &str) -> bool {
    const PLACES: [&str; 16] = [
        ".net",
        "asp.net",
        "chart.js",
        "crates.io",
        "d3.js",
        "docs.rs",
        "express.js",
        "fly.io",
        "github.com",
        "next.js",
        "node.js",
        "nuxt.js",
        "socket.io",
        "three.js",
        "vue.js",
        "vuejs.org",
    ];
    // `e.g`, `a.k.a`.
    let short = word.split('.').all(|letter| letter.chars().count() == 1);
    if short || PLACES.contains(&word.to_lowercase().as_str()) {
        return false;
    }
    let Some((stem, end)) = word.rsplit_once('.') else { return false };
    let ending = (1..=8).contains(&end.len()) && end.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    ending
        && end.contains(|c: char| c.is_ascii_alphabetic())
        && stem.len() >= 2
        && stem.contains(|c: char| c.is_alphabetic())
}
