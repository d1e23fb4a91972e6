//! Whether what a model says is about the change at all: no talk, no forged trailer, and no name that it was not shown.

use super::judge::{Problem, Rules, forged, forgeries};

/// What a model was shown, and all that it was shown a part of.
#[derive(Debug, Clone, Default)]
pub struct Grounds<'a> {
    /// The diff, names of files and packages, the branch, the author's intent.
    pub material: Vec<&'a str>,
    /// Recent subjects: names may come from there, issues and people may not; theirs were other commits.
    pub examples: Vec<&'a str>,
}

impl Grounds<'_> {
    fn shown(&self, word: &str) -> bool {
        self.material.iter().chain(&self.examples).any(|text| stands(text, word))
    }

    fn of_change(&self, word: &str) -> bool {
        self.material.iter().any(|text| stands(text, word))
    }
}

/// Whether the word stands in the text, not merely inside a longer one.
fn stands(text: &str, word: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back().is_some_and(part);
        let after = text[at + word.len()..].chars().next().is_some_and(part);
        !(before && word.starts_with(part) || after && word.ends_with(part))
    })
}

/// Everything in a model's subject (without type and scope) and body that it cannot know, or that is no message.
#[must_use]
pub fn suspects(subject: &str, body: Option<&str>, rules: &Rules, grounds: &Grounds<'_>) -> Vec<Problem> {
    let mut out = Vec::new();
    let body = body.unwrap_or_default();
    out.extend(talk(subject).or_else(|| body.lines().find_map(chatter)).map(Problem::Talk));
    let lines = forgeries(body, rules);
    out.extend(lines.iter().filter_map(|(_, problem)| problem.clone()));
    // A subject that is a trailer, and a breaking change in the middle of a sentence.
    out.extend(forged(subject, rules));
    if !rules.breaking && (subject.contains("BREAKING CHANGE") || body.contains("BREAKING CHANGE")) {
        out.push(Problem::Breaking);
    }
    let of_body = lines.iter().filter(|(_, problem)| problem.is_none()).map(|(line, _)| *line);
    for line in subject.lines().filter(|line| forged(line, rules).is_none()).chain(of_body) {
        // It is git's to say, of a commit that it has picked.
        if line.trim_start().to_lowercase().starts_with(PICKED) {
            out.push(Problem::Marker(PICKED.to_owned()));
        }
        strangers(line, grounds, &mut out);
    }
    let mut seen: Vec<Problem> = Vec::new();
    for problem in out {
        if !seen.contains(&problem) {
            seen.push(problem);
        }
    }
    seen
}

/// How git says where a commit was picked from. Lower case.
const PICKED: &str = "(cherry picked from commit";

/// Openings of what is said to a person, not of a change. Lower case, up to a word's end.
const OPENINGS: [&str; 57] = [
    "absolutely",
    "als ki",
    "apologies",
    "as a large language model",
    "as a language model",
    "as an ai",
    "as an assistant",
    "certainly",
    "commit message",
    "could you",
    "desculpe",
    "es tut mir leid",
    "here are",
    "here is",
    "here's",
    "i",
    "i'd",
    "i'll",
    "i'm",
    "i've",
    "ich kann",
    "ich habe",
    "je ne peux",
    "je suis",
    "let me",
    "let's",
    "lo siento",
    "mi dispiace",
    "my",
    "no puedo",
    "of course",
    "our",
    "please provide",
    "sorry",
    "sure",
    "thank you",
    "thanks",
    "the change",
    "the changes",
    "the commit",
    "the diff",
    "the following",
    "the provided",
    "these changes",
    "this change",
    "this commit",
    "this diff",
    "this patch",
    "unfortunately",
    "we",
    "we're",
    "we've",
    "what would you",
    "would you",
    "you",
    "you're",
    "your",
];

/// What only ever is said to a person, wherever it stands. Lower case.
const PHRASES: [&str; 27] = [
    "as an ai",
    "can i help",
    "can't help",
    "cannot assist",
    "cannot comply",
    "cannot fulfill",
    "cannot help",
    "cannot provide",
    "feel free to",
    "happy to assist",
    "happy to help",
    "hope that helps",
    "hope this helps",
    "how can i",
    "i apologi",
    "i can't",
    "i cannot",
    "i'm sorry",
    "i'm unable",
    "language model, i",
    "let me know",
    "unable to assist",
    "unable to comply",
    "unable to help",
    "would you like",
    "抱歉",
    "申し訳",
];

/// Talk where the subject should stand: the words that give it away.
fn talk(subject: &str) -> Option<String> {
    let lower = subject.trim().to_lowercase().replace('’', "'");
    if let Some(said) = chatter(&lower) {
        return Some(said);
    }
    let opening = OPENINGS.iter().find(|opening| {
        lower
            .strip_prefix(**opening)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || "'-_/.".contains(c)))
    });
    let greeting = ["great", "hello", "hey", "hi", "ok", "okay", "yes"].iter().find(|word| {
        lower.strip_prefix(**word).is_some_and(|rest| rest.starts_with([',', '!', '.', ':']) || rest.is_empty())
    });
    if let Some(said) = opening.or(greeting) {
        return Some((*said).to_owned());
    }
    if lower.ends_with(['?', '？']) {
        return Some("?".to_owned());
    }
    // First person within: "fix what I broke".
    let first = ["I", "I'm", "I've", "I'll", "I'd"];
    subject.replace('’', "'").split_whitespace().find(|w| first.contains(w)).map(str::to_owned)
}

/// The phrase that gives a line away.
fn chatter(line: &str) -> Option<String> {
    let lower = line.to_lowercase().replace('’', "'");
    PHRASES.iter().find(|phrase| lower.contains(**phrase)).map(|phrase| (*phrase).to_owned())
}

/// Names with a capital inside that are no identifiers.
const PRODUCTS: [&str; 56] = [
    "ASan",
    "CIFuzz",
    "CMake",
    "CPython",
    "CoffeeScript",
    "DBus",
    "DevOps",
    "FreeBSD",
    "GHz",
    "GNUmakefile",
    "GiB",
    "GitHub",
    "GitLab",
    "GraphQL",
    "IPsec",
    "IPv4",
    "IPv6",
    "IPython",
    "JQuery",
    "JUnit",
    "JavaScript",
    "JetBrains",
    "KiB",
    "LSan",
    "LaTeX",
    "MHz",
    "MSan",
    "MacOS",
    "McCabe",
    "MiB",
    "MongoDB",
    "MySQL",
    "NetBSD",
    "OAuth",
    "OAuth2",
    "OCaml",
    "OSes",
    "OpenAI",
    "OpenBSD",
    "PHPUnit",
    "PostgreSQL",
    "PowerShell",
    "RESTful",
    "SQLite",
    "TLSv1",
    "TSan",
    "TiB",
    "TypeScript",
    "UBSan",
    "VSCode",
    "WebAssembly",
    "WebSocket",
    "WiFi",
    "YouTube",
    "iOS",
    "macOS",
];

/// Words with a stroke between that are plain language.
const PAIRS: [&str; 24] = [
    "and/or",
    "add/remove",
    "before/after",
    "ci/cd",
    "client/server",
    "encode/decode",
    "get/set",
    "i/o",
    "input/output",
    "key/value",
    "left/right",
    "load/save",
    "n/a",
    "old/new",
    "on/off",
    "open/close",
    "push/pull",
    "read/write",
    "request/response",
    "start/stop",
    "tcp/ip",
    "true/false",
    "up/down",
    "yes/no",
];

/// Names of standards that look like issues.
const STANDARDS: [&str; 14] =
    ["AES", "BASE", "CP", "EAN", "ES", "ISO", "MD", "RFC", "SHA", "TLS", "UCS", "UTF", "WINDOWS", "X"];

/// How much of a strange word is told (characters).
const TOLD: usize = 60;

fn strangers(line: &str, grounds: &Grounds<'_>, out: &mut Vec<Problem>) {
    let told = |word: &str| word.chars().take(TOLD).collect::<String>();
    for (n, piece) in line.split('`').enumerate() {
        let code = n % 2 == 1;
        for word in piece.split_whitespace() {
            let word = trimmed(word);
            if word.is_empty() {
                continue;
            }
            match kind(word) {
                Kind::Reference => {
                    let named = mention(word).unwrap_or(word);
                    if !grounds.of_change(named) && !numbered(named, grounds) {
                        out.push(Problem::Reference(told(named)));
                    }
                }
                Kind::Identifier if !known(word, grounds) => out.push(Problem::Invented(told(word))),
                Kind::Word if code && word.contains(char::is_alphanumeric) && !known(word, grounds) => {
                    out.push(Problem::Invented(told(word)));
                }
                _ => {}
            }
        }
    }
}

fn trimmed(word: &str) -> &str {
    let word = word.trim_matches(|c: char| "\"'“”‘’[]{}<>,;:!?.…*".contains(c)).trim_start_matches('(');
    // The brackets of a call stay; one that closes an aside goes.
    let word = if word.contains('(') { word } else { word.trim_end_matches(')') };
    let word = word.trim_matches(|c: char| "\"'“”‘’,;:!?.…*".contains(c));
    word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word)
}

/// `#12` where the branch is called `12-pages` or `issue/12`.
fn numbered(word: &str, grounds: &Grounds<'_>) -> bool {
    word.strip_prefix('#').is_some_and(|number| {
        grounds.material.iter().any(|text| {
            let name = !text.contains(char::is_whitespace);
            name && text.split(['/', '-', '_']).any(|part| part == number)
        })
    })
}

fn known(word: &str, grounds: &Grounds<'_>) -> bool {
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
        Some((a, b)) if !b.contains('/') => !a.is_empty() && !b.is_empty() && grounds.shown(a) && grounds.shown(b),
        _ => false,
    }
}

enum Kind {
    /// Plain language, as far as can be seen.
    Word,
    /// An identifier, a path, a name of a file, an option.
    Identifier,
    /// An issue, a person, an address.
    Reference,
}

fn kind(word: &str) -> Kind {
    if word.contains("://") || word.starts_with("www.") || mention(word).is_some() || issue(word) || commit(word) {
        return Kind::Reference;
    }
    if word.contains('@') && word.contains('.') {
        return Kind::Reference;
    }
    let product = |p: &str| word == p || word.strip_suffix('s') == Some(p);
    if PRODUCTS.iter().any(|p| product(p)) || PAIRS.contains(&word.to_lowercase().as_str()) {
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

/// The person in `@name`, `cc:@name`, `-@name`; an address (`a@b`) names none.
fn mention(word: &str) -> Option<&str> {
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
fn issue(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    if let Some((before, number)) = word.rsplit_once('#') {
        return digits(number) && !before.contains(char::is_whitespace);
    }
    word.split_once('-').is_some_and(|(key, number)| {
        let letters = key.len() >= 2 && key.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit());
        letters && key.starts_with(|c: char| c.is_ascii_uppercase()) && digits(number) && !STANDARDS.contains(&key)
    })
}

/// `pager.rs`, `Cargo.toml`, `foo.bar`; not `e.g` or `1.2`.
fn file(word: &str) -> bool {
    if matches!(word.to_lowercase().as_str(), "node.js" | "next.js" | "vue.js" | "e.g" | "i.e" | ".net" | "asp.net") {
        return false;
    }
    let Some((stem, end)) = word.rsplit_once('.') else { return false };
    let ending = (1..=8).contains(&end.len()) && end.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    ending
        && end.contains(|c: char| c.is_ascii_alphabetic())
        && stem.len() >= 2
        && stem.contains(|c: char| c.is_alphabetic())
}
