//! Rules as commitlint has them: what each asks of a message taken apart.

use serde_json::Value;

use super::cases::Case;
use super::parsed::Parsed;

/// How binding a rule is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Told, and followed where that costs nothing (commitlint's 1).
    Wish,
    /// A message that breaks it is refused (commitlint's 2).
    Must,
}

/// One rule that is switched on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub(super) name: String,
    pub(super) level: Level,
    /// What it says must not be.
    pub(super) never: bool,
    pub(super) value: Value,
}

/// Reads a rule as configurations write it, `[2, "always", VALUE]`: `Ok(None)` when it is off, words when it cannot be
/// followed.
pub(super) fn read(name: &str, given: &Value) -> Result<Option<Rule>, String> {
    if !NAMES.contains(&name) {
        return Err(format!("the rule {name} is not known"));
    }
    let wrong = || format!("the rule {name} is no list of a level, \"always\" or \"never\", and a value");
    let parts = given.as_array().filter(|parts| (1..=3).contains(&parts.len())).ok_or_else(wrong)?;
    let level = match parts.first().and_then(Value::as_f64) {
        Some(0.0) => return Ok(None),
        Some(1.0) => Level::Wish,
        Some(2.0) => Level::Must,
        _ => return Err(wrong()),
    };
    let never = match parts.get(1).and_then(Value::as_str) {
        Some("always") => false,
        Some("never") => true,
        _ => return Err(wrong()),
    };
    let rule = Rule { name: name.to_owned(), level, never, value: parts.get(2).cloned().unwrap_or_default() };
    if rule.readable() { Ok(Some(rule)) } else { Err(format!("the value of the rule {name} cannot be followed")) }
}

/// Every rule that is known.
pub(super) const NAMES: [&str; 38] = [
    "body-case",
    "body-empty",
    "body-full-stop",
    "body-leading-blank",
    "body-max-length",
    "body-max-line-length",
    "body-min-length",
    "breaking-change-exclamation-mark",
    "footer-empty",
    "footer-leading-blank",
    "footer-max-length",
    "footer-max-line-length",
    "footer-min-length",
    "header-case",
    "header-full-stop",
    "header-max-length",
    "header-min-length",
    "header-trim",
    "references-empty",
    "scope-case",
    "scope-delimiter-style",
    "scope-empty",
    "scope-enum",
    "scope-max-length",
    "scope-min-length",
    "signed-off-by",
    "subject-case",
    "subject-empty",
    "subject-exclamation-mark",
    "subject-full-stop",
    "subject-max-length",
    "subject-min-length",
    "trailer-exists",
    "type-case",
    "type-empty",
    "type-enum",
    "type-max-length",
    "type-min-length",
];

/// Where a scope may be divided when nothing else is said.
const DELIMITERS: [&str; 3] = ["/", "\\", ","];

impl Rule {
    /// A rule of our own making, for what other programs declare.
    pub(super) fn new(name: &str, level: Level, never: bool, value: impl Into<Value>) -> Self {
        Self { name: name.to_owned(), level, never, value: value.into() }
    }

    /// What a rule is about and what it asks: `type-enum` is `("type", "enum")`.
    fn split(&self) -> (&str, &str) {
        self.name.split_once('-').unwrap_or((&self.name, ""))
    }

    fn readable(&self) -> bool {
        match self.split().1 {
            "enum" => self.texts().is_some(),
            "case" => self.cases().is_some(),
            "max-length" | "max-line-length" | "min-length" => self.value.is_u64() || self.value.is_null(),
            "full-stop" => self.value.is_null() || self.value.as_str().is_some_and(|s| s.encode_utf16().count() == 1),
            "delimiter-style" => self.value.is_null() || self.texts().is_some(),
            _ => true,
        }
    }

    /// The texts of a list, or of an object's `scopes`.
    pub(super) fn texts(&self) -> Option<Vec<String>> {
        let list = match &self.value {
            Value::Object(object) => object.get("scopes")?,
            other => other,
        };
        list.as_array()?.iter().map(|t| t.as_str().map(str::to_owned)).collect()
    }

    fn delimiters(&self) -> Vec<String> {
        let own = match &self.value {
            Value::Object(object) => object.get("delimiters"),
            // Of an enumeration the list is the scopes.
            other => Some(other).filter(|_| self.name == "scope-delimiter-style"),
        };
        let own: Vec<String> =
            own.and_then(Value::as_array).into_iter().flatten().filter_map(|d| d.as_str().map(str::to_owned)).collect();
        if own.is_empty() { DELIMITERS.map(str::to_owned).to_vec() } else { own }
    }

    /// The cases that are asked for, each with whether it is asked for or ruled out.
    pub(super) fn cases(&self) -> Option<Vec<(Case, bool)>> {
        let list = self.value.get("cases").unwrap_or(&self.value);
        let one = |value: &Value| match value {
            Value::String(name) => Some((Case::parse(name)?, true)),
            Value::Object(check) => {
                let never = check.get("when").and_then(Value::as_str) == Some("never");
                Some((Case::parse(check.get("case")?.as_str()?)?, !never))
            }
            _ => None,
        };
        match list {
            Value::Array(all) => all.iter().map(one).collect(),
            single => Some(vec![one(single)?]),
        }
    }

    /// A number; 0 where none is given, as commitlint has it.
    pub(super) fn number(&self) -> usize {
        self.value.as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
    }

    fn stop(&self) -> char {
        self.value.as_str().and_then(|s| s.chars().next()).unwrap_or('.')
    }

    /// Whether a message keeps the rule.
    pub(super) fn holds(&self, message: &Parsed) -> bool {
        let (about, asks) = self.split();
        let part = match about {
            "type" => &message.type_,
            "scope" => &message.scope,
            "subject" => &message.subject,
            "body" => &message.body,
            "footer" => &message.footer,
            _ => &message.header,
        };
        let part = part.as_deref().filter(|t| !t.is_empty());
        let turned = |holds: bool| holds != self.never;
        match (about, asks) {
            ("header", "trim") => part.is_none_or(|h| h.trim() == h),
            ("references", _) => message.refers == self.never,
            ("signed", _) => turned(signed(&message.raw, self.value.as_str().unwrap_or_default())),
            ("trailer", _) => turned(trailed(&message.raw, self.value.as_str().unwrap_or_default())),
            ("breaking", _) => {
                let (header, footer) = (part.is_some_and(exclaims), message.footer.as_deref().is_some_and(breaks));
                (message.header.is_none() && message.footer.is_none()) || turned(header == footer)
            }
            ("subject", "exclamation-mark") => message.header.as_deref().is_none_or(|h| turned(exclaims(h))),
            ("subject", "full-stop") => self.subject_stop(message.header.as_deref()),
            ("header", "full-stop") => turned(part.is_some_and(|h| h.ends_with(self.stop()))),
            (_, "empty") => turned(part.is_none()),
            ("body", "leading-blank") => part.is_none() || turned(lines(&message.raw).nth(1) == Some("")),
            ("footer", "leading-blank") => part.is_none_or(|footer| turned(led(&message.raw, footer))),
            (_, "full-stop") => part.is_none_or(|text| turned(text.ends_with(self.stop()))),
            // Of these it does not matter whether they say always or never.
            ("header", "max-length") => message.header.as_deref().is_some_and(|h| long(h) <= self.number()),
            ("header", "min-length") => message.header.as_deref().is_some_and(|h| long(h) >= self.number()),
            (_, "max-length") => part.is_none_or(|text| long(text) <= self.number()),
            (_, "min-length") => part.is_none_or(|text| long(text) >= self.number()),
            (_, "max-line-length") => {
                let addressed = |line: &str| super::parsed::addressed(line);
                part.is_none_or(|text| lines(text).all(|line| addressed(line) || long(line) <= self.number()))
            }
            ("scope", "enum") => part.is_none_or(|scope| self.scope_listed(scope)),
            (_, "enum") => {
                part.is_none_or(|text| turned(self.texts().is_some_and(|all| all.iter().any(|t| t == text))))
            }
            ("scope", "delimiter-style") => part.is_none_or(|scope| turned(self.divided(scope))),
            ("scope", "case") => {
                let pieces = |scope: &str| pieces(scope, &self.delimiters());
                part.is_none_or(|scope| turned(self.cased(&pieces(scope))))
            }
            ("subject", "case") => {
                let letter = |t: &&str| t.starts_with(|c: char| c.is_lowercase() || c.is_uppercase());
                part.filter(letter).is_none_or(|text| turned(self.cased(&[text.to_owned()])))
            }
            ("header", "case") => {
                let letter = |t: &&str| t.starts_with(|c: char| c.is_ascii_alphabetic());
                part.filter(letter).is_none_or(|text| turned(self.cased(&[text.to_owned()])))
            }
            (_, "case") => part.is_none_or(|text| turned(self.cased(&[text.to_owned()]))),
            _ => true,
        }
    }

    fn subject_stop(&self, header: Option<&str>) -> bool {
        let Some(header) = header else { return self.never };
        // `feat:` is no subject that ends with a colon.
        if header.find(':').is_some_and(|at| at > 0 && at + 1 == header.len()) {
            return true;
        }
        let stops = header.ends_with(self.stop()) && !header.ends_with("...");
        stops != self.never
    }

    /// Some case is that of every piece.
    fn cased(&self, pieces: &[String]) -> bool {
        self.cases()
            .unwrap_or_default()
            .iter()
            .any(|(case, wanted)| pieces.iter().all(|piece| case.fits(piece)) == *wanted)
    }

    fn scope_listed(&self, scope: &str) -> bool {
        let all = self.texts().unwrap_or_default();
        if all.is_empty() {
            return true;
        }
        let listed = |one: &str| all.iter().any(|s| s == one);
        let pieces = pieces(scope, &self.delimiters());
        if self.never {
            !pieces.iter().any(|p| listed(p)) && !listed(scope)
        } else {
            pieces.iter().all(|p| listed(p)) || listed(scope)
        }
    }

    /// Every delimiter of the scope is an allowed one.
    fn divided(&self, scope: &str) -> bool {
        let allowed = self.delimiters();
        let word = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        scope.split(word).filter(|d| !d.is_empty()).all(|found| {
            let found = if found.trim() == "," { "," } else { found };
            allowed.iter().any(|d| d == found)
        })
    }

    /// What the rule asks, in words.
    pub(super) fn words(&self) -> String {
        let (about, asks) = self.split();
        let must = if self.never { "must not" } else { "must" };
        // Models are told of it: what the repository says is words.
        let worded = |text: &String| crate::config::worded(text);
        let listed = || self.texts().unwrap_or_default().into_iter().filter(worded).collect::<Vec<_>>().join(", ");
        match (about, asks) {
            ("header", "trim") => "the first line must not begin or end with white space".to_owned(),
            ("references", _) if self.never => "it must refer to an issue".to_owned(),
            ("references", _) => "it must not refer to an issue".to_owned(),
            ("signed", _) | ("trailer", _) => {
                let key = self.value.as_str().unwrap_or_default().trim_end_matches([':', ' ']).to_owned();
                let key = if worded(&key) { format!(" \"{key}:\"") } else { " that is declared".to_owned() };
                format!("it {must} hold the trailer{key}")
            }
            ("breaking", _) => format!("a breaking change {must} be marked by \"!\" and told in a footer"),
            ("subject", "exclamation-mark") => format!("the subject {must} be marked by \"!\""),
            (_, "full-stop") => format!("the {about} {must} end with \"{}\"", self.stop().escape_debug()),
            (_, "leading-blank") => format!("the {about} {must} begin with an empty line"),
            (_, "empty") => format!("the {about} {must} be empty"),
            (_, "max-length") => format!("the {} must not be longer than {}", named(about), self.number()),
            (_, "min-length") => format!("the {} must not be shorter than {}", named(about), self.number()),
            (_, "max-line-length") => format!("no line of the {about} must be longer than {}", self.number()),
            (_, "enum") => format!("the {about} {must} be one of {}", listed()),
            ("scope", "delimiter-style") => {
                let short = |mark: &String| mark.chars().count() <= 2 && !mark.contains(char::is_control);
                let marks: Vec<String> = self.delimiters().into_iter().filter(short).collect();
                format!("the scope {must} be divided by {}", marks.join(" "))
            }
            (_, "case") => {
                let name = |v: &Value| v.as_str().or_else(|| v.get("case")?.as_str()).unwrap_or_default().to_owned();
                let of = self.value.get("cases").unwrap_or(&self.value);
                let all =
                    of.as_array().map_or_else(|| name(of), |all| all.iter().map(name).collect::<Vec<_>>().join(", "));
                format!("the {} {must} be {all}", named(about))
            }
            _ => self.name.clone(),
        }
    }

    /// No words of a message keep this rule: git puts such trailers when it is told to.
    pub(super) fn of_flags(&self) -> bool {
        matches!(self.name.as_str(), "signed-off-by" | "trailer-exists") && !self.never
    }
}

fn named(about: &str) -> &str {
    if about == "header" { "first line" } else { about }
}

/// Lengths are counted as JavaScript counts them.
pub(super) fn long(text: &str) -> usize {
    text.encode_utf16().count()
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line))
}

fn pieces(scope: &str, delimiters: &[String]) -> Vec<String> {
    let mut out = vec![scope.to_owned()];
    for delimiter in delimiters.iter().filter(|d| !d.is_empty()) {
        let cut = |piece: &String| {
            piece
                .split(delimiter.as_str())
                .enumerate()
                // A comma may have one blank behind it.
                .map(|(n, p)| if n > 0 && delimiter == "," { p.strip_prefix(' ').unwrap_or(p) } else { p }.to_owned())
                .collect::<Vec<_>>()
        };
        out = out.iter().flat_map(cut).collect();
    }
    out
}

/// `type(scope)!: subject`.
fn exclaims(header: &str) -> bool {
    header.match_indices("!: ").any(|(at, _)| {
        let mark = &header[..at];
        let word = |t: &str| t.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        match mark.split_once('(') {
            Some((type_, rest)) => word(type_) && rest.ends_with(')'),
            None => word(mark),
        }
    })
}

fn breaks(footer: &str) -> bool {
    lines(footer).any(|l| l.starts_with("BREAKING CHANGE:") || l.starts_with("BREAKING-CHANGE:"))
}

/// The line before the first of the footer is empty.
fn led(raw: &str, footer: &str) -> bool {
    let all: Vec<&str> = lines(raw).collect();
    let first = lines(footer).next().unwrap_or_default();
    let at = all.iter().position(|line| *line == first);
    // A place before the first is counted from the end.
    let before = match at {
        Some(0) => all.len().checked_sub(1),
        Some(at) => Some(at - 1),
        None => all.len().checked_sub(2),
    };
    before.and_then(|n| all.get(n)) == Some(&"")
}

fn signed(raw: &str, value: &str) -> bool {
    let picked = |l: &str| {
        let l = l.trim().to_ascii_lowercase();
        l.strip_prefix("(cherry picked from commit ")
            .and_then(|l| l.strip_suffix(')'))
            .is_some_and(|id| (7..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let own = |l: &&str| !l.starts_with('#') && !l.is_empty() && !picked(l);
    lines(raw).filter(own).last().is_some_and(|last| last.starts_with(value))
}

/// A line of the last paragraph, where that is made of trailers.
fn trailed(raw: &str, value: &str) -> bool {
    let all: Vec<&str> = lines(raw.trim_end()).collect();
    let begin = all.iter().rposition(|l| l.trim().is_empty());
    let Some(begin) = begin else { return false };
    let trailer = |l: &str| {
        l.split_once(':')
            .is_some_and(|(key, _)| !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
    };
    let block = &all[begin + 1..];
    block.iter().all(|l| trailer(l) || l.starts_with([' ', '\t'])) && block.iter().any(|l| l.starts_with(value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::parsed::Parser;
    use super::*;

    fn holds(name: &str, when: &str, value: Value, text: &str) -> bool {
        let rule = read(name, &json!([2, when, value])).unwrap().unwrap();
        rule.holds(&Parser::conventional().unwrap().parse(text))
    }

    #[test]
    fn each_rule_looks_at_its_part() {
        let table: [(&str, &str, Value, &str, &str); 20] = [
            ("type-enum", "always", json!(["feat", "fix"]), "feat: a", "docs: a"),
            ("type-empty", "never", json!(null), "feat: a", "just words"),
            ("type-case", "always", json!("lower-case"), "feat: a", "Feat: a"),
            ("scope-enum", "always", json!(["api", "ui"]), "fix(api,ui): a", "fix(api/db): a"),
            ("scope-enum", "always", json!({"scopes": ["a/b"]}), "fix(a/b): a", "fix(a): a"),
            ("scope-case", "always", json!(["kebab-case", "upper-case"]), "fix(my-api): a", "fix(My-Api): a"),
            ("scope-empty", "never", json!(null), "fix(api): a", "fix: a"),
            ("scope-empty", "always", json!(null), "fix: a", "fix(api): a"),
            ("scope-delimiter-style", "always", json!(["/"]), "fix(a/b): a", "fix(a,b): a"),
            ("subject-case", "never", json!(["sentence-case", "upper-case"]), "fix: add Paging", "fix: Add paging"),
            ("subject-full-stop", "never", json!("."), "fix: wait...", "fix: wait."),
            ("header-max-length", "always", json!(8), "fix: one\n\nlonger body", "fix: ones"),
            ("body-leading-blank", "always", json!(null), "fix: a\n\nb", "fix: a\nb"),
            ("body-max-line-length", "always", json!(10), "fix: a\n\nhttps://a.b/0123456789", "fix: a\n\n01234567890"),
            ("footer-leading-blank", "always", json!(null), "fix: a\n\nb\n\nfixes #1", "fix: a\n\nb\nfixes #1"),
            ("references-empty", "never", json!(null), "fix: a #1", "fix: a"),
            ("signed-off-by", "always", json!("Signed-off-by:"), "fix: a\n\nSigned-off-by: A", "fix: a"),
            ("trailer-exists", "always", json!("Refs:"), "fix: a\n\nRefs: x\nCc: y", "fix: a\n\nRefs is x"),
            ("subject-exclamation-mark", "never", json!(null), "fix(a): a", "fix(a)!: a"),
            (
                "breaking-change-exclamation-mark",
                "always",
                json!(null),
                "fix!: a\n\nBREAKING CHANGE: b",
                "fix: a\n\nBREAKING CHANGE: b",
            ),
        ];
        for (name, when, value, good, bad) in table {
            assert!(holds(name, when, value.clone(), good), "{name} {value}: {good}");
            assert!(!holds(name, when, value.clone(), bad), "{name} {value}: {bad}");
        }
    }

    #[test]
    fn levels_and_what_cannot_be_followed() {
        let level = |given: Value| read("type-enum", &given).map(|rule| rule.map(|r| r.level));
        assert_eq!(level(json!([2, "always", ["a"]])), Ok(Some(Level::Must)));
        assert_eq!(level(json!([1, "always", ["a"]])), Ok(Some(Level::Wish)));
        assert_eq!(level(json!([0])), Ok(None));
        assert_eq!(level(json!([0, "always", 7])), Ok(None));
        for wrong in
            [json!([3, "always"]), json!(2), json!([2]), json!([2, "sometimes", []]), json!([2, "always", "feat"])]
        {
            assert!(level(wrong.clone()).is_err(), "{wrong}");
        }
        assert_eq!(read("no-such-rule", &json!([2, "always"])).unwrap_err(), "the rule no-such-rule is not known");
        assert!(read("subject-case", &json!([2, "always", "title-case"])).is_err());
    }
}
