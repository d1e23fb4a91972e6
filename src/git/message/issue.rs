//! Issue keys: told from a branch's name, and put where history puts them. None is ever made up.

/// An issue as it is referred to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// `ABC-7`.
    Tracker(String),
    /// `12`, written `#12`.
    Number(u64),
    /// As the user wrote it.
    Own(String),
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tracker(key) | Self::Own(key) => f.write_str(key),
            Self::Number(number) => write!(f, "#{number}"),
        }
    }
}

/// Where history puts keys; `{}` stands for the key in each form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At the very beginning: `{}: `, `[{}] `.
    First(String),
    /// In a conventional subject, behind the type: `fix: {} `.
    Behind(String),
    /// As the scope: `fix({}): `.
    Scope,
    /// At the end of the subject: ` ({})`.
    Last(String),
    /// In a line at the end of the message: `Refs: {}`.
    Trailer(String),
}

/// Words that look like projects and are standards, products or parts of a date. History may show that one is a project.
const STANDARDS: [&str; 66] = [
    "AES", "ANSI", "API", "ARM", "BASE", "BIP", "CP", "CPP", "CSS", "CVE", "CWE", "EAN", "ECMA", "EIP", "ES", "FIPS",
    "GHSA", "GO", "GPT", "HTML", "HTTP", "IEC", "IEEE", "IETF", "ISO", "IPV", "JAVA", "JDK", "JRE", "KOTLIN", "LATIN",
    "LTS", "LUA", "MD", "NET", "NODE", "PART", "PEP", "PHASE", "PHP", "PKCS", "PYTHON", "QT", "RC", "RELEASE", "RFC",
    "RSA", "RUBY", "SCALA", "SHA", "SPRINT", "SQL", "SSL", "STAGE", "STEP", "SWIFT", "TLS", "UCS", "USB", "UTC", "UTF",
    "VERSION", "WIN", "WINDOWS", "WPA", "X",
];

/// Whether a word before a number is such a standard, also as `SHA3` and `ISO8601`.
#[must_use]
pub fn standard(word: &str) -> bool {
    STANDARDS.contains(&word) || STANDARDS.contains(&word.trim_end_matches(|c: char| c.is_ascii_digit()))
}

/// Folders of branches whose numbers are versions or days.
const VERSIONS: [&str; 7] = ["release", "releases", "version", "versions", "v", "support", "sprint"];

/// Words behind a number that make it one of the words: `3-way-merge`.
const COUNTED: [&str; 16] = [
    "bit", "bits", "byte", "bytes", "column", "columns", "d", "day", "days", "factor", "fold", "level", "phase",
    "step", "tier", "way",
];

/// Numbers have at most so many digits.
const DIGITS: usize = 7;

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

fn number(text: &str) -> Option<Key> {
    let fits = digits(text) && text.len() <= DIGITS && !text.starts_with('0');
    text.parse().ok().filter(|_| fits).map(Key::Number)
}

/// Where `ABC-7` stands in a text, as a word of its own: begin and end. Of [`STANDARDS`], only where it is a project.
fn tracked(text: &str, is_project: &dyn Fn(&str) -> bool) -> Vec<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    for (at, _) in text.match_indices('-') {
        let begin = text[..at]
            .rfind(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit()))
            .map_or(0, |n| n + text[n..].chars().next().map_or(1, char::len_utf8));
        let word = &text[begin..at];
        let end = text[at + 1..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |n| at + 1 + n);
        let number = &text[at + 1..end];
        let part = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let before = begin.checked_sub(1).and_then(|n| bytes.get(n));
        // `CVE-2024-1234`, `A-1.2`, `pre-ABC-7` of another word.
        let goes_on =
            bytes.get(end).is_some_and(|b| b"-.".contains(b)) && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
        let known = standard(word);
        let fits = word.len() >= 2
            && word.starts_with(|c: char| c.is_ascii_uppercase())
            && digits(number)
            && number.len() <= DIGITS
            && !number.starts_with('0');
        let known = known && !is_project(word);
        if fits && !known && !goes_on && !part(bytes.get(end)) && !part(before) {
            out.push((begin, end));
        }
    }
    out
}

/// Where `#12` stands in a text, as a word of its own.
fn numbered(text: &str) -> Vec<(usize, usize)> {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices('#')
        .filter_map(|(at, _)| {
            let end = text[at + 1..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |n| at + 1 + n);
            let own = !text[..at].ends_with(part) && !text[end..].starts_with(part);
            (own && number(&text[at + 1..end]).is_some()).then_some((at, end))
        })
        .collect()
}

/// Statuses of HTTP that branches are about: `404-page`.
const STATUSES: [u64; 10] = [400, 401, 403, 404, 409, 422, 429, 500, 502, 503];

/// The project of `ABC-7`.
fn project(key: &str) -> &str {
    key.split('-').next().unwrap_or(key)
}

/// The issue that a branch is about, by what history refers to: a key is one of a project that was seen there, or stands
/// where branches put it, behind a folder; a number is no smaller than the smallest there, which would be a count of
/// something.
#[must_use]
pub fn of_branch(branch: &str, seen: &Placed) -> Option<Key> {
    let least = seen.least;
    let keys = tracked(branch, &|word| seen.is_project(word));
    let known = |(from, to): &&(usize, usize)| seen.knows(&branch[*from..*to]);
    let placed = |(from, to): &&(usize, usize)| {
        branch[..*from].ends_with('/') && branch[*to..].chars().next().is_none_or(|c| matches!(c, '-' | '_' | '/'))
    };
    if let Some((from, to)) = keys.iter().find(known).or_else(|| keys.iter().find(placed)) {
        return Some(Key::Tracker(branch[*from..*to].to_owned()));
    }
    if let Some((from, to)) = numbered(branch).first() {
        return number(&branch[from + 1..*to]);
    }
    let parts: Vec<&str> = branch.split('/').collect();
    for (n, part) in parts.iter().enumerate() {
        let before = n.checked_sub(1).and_then(|n| parts.get(n)).copied().unwrap_or_default().to_ascii_lowercase();
        if VERSIONS.contains(&before.as_str()) {
            return None;
        }
        let (head, rest) = part.split_once(['-', '_']).unwrap_or((part, ""));
        let issue = ["gh", "issue", "issues", "ticket"];
        let named = if issue.contains(&head.to_ascii_lowercase().as_str()) {
            rest.split(['-', '_']).next()
        } else {
            Some(head).filter(|_| issue.contains(&before.as_str()))
        };
        if let Some(key) = named.and_then(number) {
            return Some(key);
        }
        // `12-count-pages`.
        let word = rest.split(['-', '_']).next().unwrap_or_default();
        let words =
            word.starts_with(|c: char| c.is_alphabetic()) && !COUNTED.contains(&word.to_ascii_lowercase().as_str());
        let year = head.len() == 4 && (head.starts_with("19") || head.starts_with("20"));
        if let Some(Key::Number(n)) = number(head)
            && words
            && !year
            && !STATUSES.contains(&n)
            && least.is_none_or(|least| n >= least)
        {
            return Some(Key::Number(n));
        }
    }
    None
}

/// A key as a user gives it on the command line; `None` for what would be no key.
#[must_use]
pub fn given(text: &str) -> Option<Key> {
    let fits =
        !text.is_empty() && text.len() <= 64 && text.chars().all(|c| c.is_alphanumeric() || "-_#/.:".contains(c));
    fits.then(|| number(text.trim_start_matches('#')).unwrap_or_else(|| Key::Own(text.to_owned())))
}

/// A key in a message of history: where it stands, whether it is of a tracker, its number, and such a key itself.
type Found = (Place, bool, Option<u64>, Option<String>);

fn found(subject: &str, body: &str, is_project: &dyn Fn(&str) -> bool) -> Option<Found> {
    let first = |text: &str| {
        let tracker = tracked(text, is_project).first().copied().map(|(a, b)| (a, b, true));
        tracker.or_else(|| numbered(text).last().copied().map(|(a, b)| (a, b, false)))
    };
    let of = |text: &str, a: usize, b: usize| text[a..b].strip_prefix('#').and_then(|n| n.parse().ok());
    if let Some((from, to, tracker)) = first(subject) {
        let number = of(subject, from, to);
        let key = tracker.then(|| subject[from..to].to_owned());
        let (before, after) = (&subject[..from], &subject[to..]);
        if after.trim_matches([')', ']', '.', ' ']).is_empty() {
            let open = before.rfind(|c: char| !" ([".contains(c)).map_or(0, |n| n + 1);
            let open = before.ceil_char_boundary(open);
            return Some((Place::Last(format!("{}{{}}{after}", &before[open..])), tracker, number, key));
        }
        let close = after.find(|c: char| !" :)]-–|".contains(c)).unwrap_or(after.len());
        let (tail, _) = after.split_at(close);
        if before.is_empty() || before == "[" || before == "(" {
            return Some((Place::First(format!("{before}{{}}{tail}")), tracker, number, key));
        }
        let (mark, open) = before.split_once(": ").unwrap_or((before, "?"));
        let word = |t: &str| !t.is_empty() && !t.contains(' ');
        if word(mark) && matches!(open, "" | "[" | "(") {
            return Some((Place::Behind(format!("{open}{{}}{tail}")), tracker, number, key));
        }
        let scope =
            before.strip_suffix('(').is_some_and(|t| t.chars().all(|c| c.is_ascii_lowercase()) && !t.is_empty());
        if scope && (after.starts_with("): ") || after.starts_with(")!: ")) {
            return Some((Place::Scope, tracker, number, key));
        }
    }
    body.lines().rev().take_while(|l| !l.trim().is_empty()).find_map(|line| {
        let (from, to, tracker) = first(line)?;
        let key = line[..from].trim_end_matches([' ', ':']);
        let word = !key.is_empty() && key.len() <= 20 && key.chars().all(|c| c.is_ascii_alphabetic() || c == '-');
        let whole = word && line[to..].trim().is_empty() && key.starts_with(|c: char| c.is_ascii_uppercase());
        let key = tracker.then(|| line[from..to].to_owned());
        whole.then(|| (Place::Trailer(format!("{}{{}}", &line[..from])), tracker, of(line, from, to), key))
    })
}

/// A subject without the key that begins or ends it, of a project that was seen.
#[must_use]
pub fn bare<'a>(subject: &'a str, seen: &Placed) -> &'a str {
    let known = tracked(subject, &|word| seen.is_project(word))
        .into_iter()
        .filter(|(from, to)| seen.knows(&subject[*from..*to]));
    let places = known.chain(numbered(subject));
    let mut out = subject;
    for (from, to) in places {
        let (before, after) = (&subject[..from], &subject[to..]);
        if before.trim_matches(['[', '(']).is_empty() {
            out = after.trim_start_matches([' ', ':', ')', ']', '-', '–', '|']);
        } else if after.trim_matches([')', ']', '.', ' ']).is_empty() && out.ends_with(after) {
            let kept = before.trim_end_matches([' ', '(', '[', ',']);
            let begin = subject.len() - out.len();
            out = kept.get(begin..).unwrap_or_default();
            break;
        }
    }
    if out.is_empty() { subject } else { out }
}

/// What history does with keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placed {
    /// Where it puts keys of a tracker.
    pub tracker: Option<Place>,
    /// Where it puts numbers.
    pub number: Option<Place>,
    /// The smallest number that it refers to.
    pub least: Option<u64>,
    /// Projects of its keys.
    pub projects: Vec<String>,
}

/// A word behind a blank may be part of what is said: "upgrade to ABC-17".
fn certain(place: &Place) -> bool {
    !matches!(place, Place::Last(form) if form.trim() == "{}")
}

/// A word of [`STANDARDS`] is a project where so many different numbers of it stand in a key's place.
const NUMBERS: usize = 3;

/// The words of [`STANDARDS`] that are projects here: every third message has a key of it in a place of its own.
fn projects(messages: &[(&str, &str)]) -> Vec<String> {
    let mut seen: Vec<(String, Vec<String>, usize)> = Vec::new();
    for (subject, body) in messages {
        let Some((place, .., Some(key))) = found(subject, body, &|_| true) else { continue };
        if !certain(&place) {
            continue;
        }
        match seen.iter_mut().find(|(one, ..)| one == project(&key)) {
            Some((_, all, times)) => {
                *times += 1;
                if !all.contains(&key) {
                    all.push(key);
                }
            }
            None => seen.push((project(&key).to_owned(), vec![key], 1)),
        }
    }
    seen.retain(|(_, all, times)| all.len() >= NUMBERS && *times * 3 >= messages.len());
    seen.into_iter().map(|(one, ..)| one).collect()
}

/// Learns from messages, each a subject and a body. A place is a habit from the second time on, where every third
/// message has it.
#[must_use]
pub fn learn<'a>(messages: impl Iterator<Item = (&'a str, &'a str)>) -> Placed {
    let messages: Vec<(&str, &str)> = messages.collect();
    let own = projects(&messages);
    let mut seen: Vec<(Place, bool, usize)> = Vec::new();
    let mut keys: Vec<(String, Vec<String>, bool)> = Vec::new();
    let mut out = Placed::default();
    let all = messages.len();
    let is_project = |word: &str| own.iter().any(|one| one == word);
    for (subject, body) in messages {
        let Some((place, tracker, number, key)) = found(subject, body, &is_project) else { continue };
        out.least = match (out.least, number) {
            (Some(least), Some(n)) => Some(least.min(n)),
            (least, n) => least.or(n),
        };
        if let Some(key) = key {
            let certain = certain(&place);
            match keys.iter_mut().find(|(one, _, _)| one == project(&key)) {
                Some((_, all, sure)) => {
                    all.push(key);
                    *sure |= certain;
                }
                None => keys.push((project(&key).to_owned(), vec![key], certain)),
            }
        }
        match seen.iter_mut().find(|(p, t, _)| *p == place && *t == tracker) {
            Some((_, _, n)) => *n += 1,
            None => seen.push((place, tracker, 1)),
        }
    }
    let most = |tracker: bool| {
        let own = seen.iter().filter(|(_, t, n)| *t == tracker && *n >= 2 && *n * 3 >= all);
        own.max_by_key(|(_, _, n)| *n).map(|(place, _, _)| place.clone())
    };
    (out.tracker, out.number) = (most(true), most(false));
    // One number again and again is a version: a project has issues. Where keys begin messages or stand in brackets, an
    // author may be at one for long.
    let several = |all: &[String]| all.iter().any(|key| Some(key) != all.first());
    keys.retain(|(_, all, certain)| all.len() >= 2 && (*certain || several(all)));
    out.projects = keys.into_iter().map(|(project, ..)| project).collect();
    if out.projects.is_empty() {
        out.tracker = None;
    }
    out
}

impl Placed {
    /// A key of a project that history refers to.
    fn knows(&self, key: &str) -> bool {
        self.is_project(project(key))
    }

    fn is_project(&self, word: &str) -> bool {
        self.projects.iter().any(|one| one == word)
    }

    /// Where a key belongs; `None` where history has no place for such.
    #[must_use]
    pub fn of(&self, key: &Key) -> Option<&Place> {
        match key {
            Key::Tracker(_) => self.tracker.as_ref(),
            Key::Number(_) => self.number.as_ref(),
            Key::Own(_) => self.tracker.as_ref().or(self.number.as_ref()),
        }
    }
}

/// How much longer the first line becomes by a key (characters).
#[must_use]
pub fn width(key: &Key, place: &Place) -> usize {
    let key = key.to_string().chars().count();
    match place {
        Place::First(form) | Place::Behind(form) | Place::Last(form) => key + form.chars().count() - 2,
        Place::Scope => key + 2,
        Place::Trailer(_) => 0,
    }
}

/// Puts a key into a message, where it does not stand in it already.
#[must_use]
pub fn put(text: &str, key: &Key, place: &Place) -> String {
    let key = key.to_string();
    let there = text.match_indices(key.as_str()).any(|(at, _)| {
        !text[at + key.len()..].starts_with(|c: char| c.is_alphanumeric())
            && !text[..at].ends_with(|c: char| c.is_alphanumeric())
    });
    if there {
        return text.to_owned();
    }
    let (subject, rest) = text.split_at(text.find('\n').unwrap_or(text.len()));
    let filled = |form: &str| form.replacen("{}", &key, 1);
    let typed = subject.split_once(": ").filter(|(mark, _)| !mark.is_empty() && !mark.contains(' '));
    match (place, typed) {
        (Place::First(form), _) => format!("{}{subject}{rest}", filled(form)),
        (Place::Behind(form), Some((mark, said))) => format!("{mark}: {}{said}{rest}", filled(form)),
        (Place::Behind(form), None) => format!("{}{subject}{rest}", filled(form)),
        (Place::Scope, Some((mark, said))) => {
            let breaks = if mark.ends_with('!') { "!" } else { "" };
            let type_ = mark.split('(').next().unwrap_or(mark).trim_end_matches('!');
            format!("{type_}({key}){breaks}: {said}{rest}")
        }
        (Place::Scope, None) => text.to_owned(),
        (Place::Last(form), _) => format!("{subject}{}{rest}", filled(form)),
        (Place::Trailer(form), _) => {
            let trailer = |line: &str| line.split_once(": ").is_some_and(|(key, _)| !key.contains(' '));
            let last = text.trim_end().rsplit("\n\n").next().filter(|_| text.contains("\n\n")).unwrap_or_default();
            let gap = if !last.is_empty() && last.lines().all(trailer) { "\n" } else { "\n\n" };
            format!("{}{gap}{}", text.trim_end(), filled(form))
        }
    }
}

/// A first line without the key that [`put`] has put there; a key in a scope is one, and stays.
#[must_use]
pub fn without<'a>(subject: &'a str, key: &Key, place: &Place) -> &'a str {
    let key = key.to_string();
    match place {
        Place::First(form) => subject.strip_prefix(&form.replacen("{}", &key, 1)).unwrap_or(subject),
        Place::Last(form) => subject.strip_suffix(&form.replacen("{}", &key, 1)).unwrap_or(subject),
        Place::Behind(_) | Place::Scope | Place::Trailer(_) => subject,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(branch: &str) -> Option<String> {
        let seen = Placed { projects: vec!["ABC".to_owned()], ..Placed::default() };
        of_branch(branch, &seen).map(|key| key.to_string())
    }

    #[test]
    fn a_branch_names_its_issue() {
        for (branch, told) in [
            ("ABC-7", "ABC-7"),
            ("feature/DEF-7-of-ABC-8", "ABC-8"),
            ("feature/ABC-123-count-pages", "ABC-123"),
            ("ada/PAY2-9_refunds", "PAY2-9"),
            ("fix/#123-pages", "#123"),
            ("123-count-pages", "#123"),
            ("fix/45_pages", "#45"),
            ("gh-12", "#12"),
            ("fix/gh-12-pages", "#12"),
            ("issue/77", "#77"),
            ("issue-77-pages", "#77"),
        ] {
            assert_eq!(key(branch).as_deref(), Some(told), "{branch}");
        }
    }

    #[test]
    fn what_only_looks_like_an_issue_is_none() {
        for branch in [
            "main",
            "utf-8",
            "UTF-8-names",
            "fix/sha-256",
            "SHA-256",
            "SHA3-256",
            "CVE-2024-12345",
            "fix/CVE-2024-12345",
            "release/2024-10",
            "release/12-candidate",
            "iso-8601",
            "ISO-8601-dates",
            "2024-10-31",
            "2024-roadmap",
            "v1.2.3",
            "3-way-merge",
            "64-bit-ids",
            "es-2022",
            "RFC-9110",
            "fix-12",
            "pages-2",
            "abc-7",
            "A-7",
            "ABC-07",
            "XABC-7x",
            "JAVA-17",
            "upgrade/JAVA-17",
            "DEF-7",
            "fix/upgrade-to-QUARKUS-3",
            "ES-2020",
            "X-1",
            "404",
        ] {
            assert_eq!(key(branch), None, "{branch}");
        }
        let seen = Placed { least: Some(120), ..Placed::default() };
        assert_eq!(of_branch("3-column-layouts", &seen), None);
        assert_eq!(of_branch("7-pages", &seen), None, "history refers to no number so small");
        assert_eq!(of_branch("130-pages", &seen), Some(Key::Number(130)));
    }

    fn place(messages: &[(&str, &str)]) -> Placed {
        learn(messages.iter().copied())
    }

    #[test]
    fn keys_go_where_history_puts_them() {
        let text = "fix(pager): count pages\n\nWhy.";
        for (one, two, told) in [
            ("ABC-1: add a", "ABC-2: add b", "ABC-7: fix(pager): count pages\n\nWhy."),
            ("[ABC-1] add a", "[ABC-2] add b", "[ABC-7] fix(pager): count pages\n\nWhy."),
            ("ABC-1 add a", "ABC-2 add b", "ABC-7 fix(pager): count pages\n\nWhy."),
            ("feat: ABC-1 add a", "fix: ABC-2 add b", "fix(pager): ABC-7 count pages\n\nWhy."),
            ("feat(x): [ABC-1] add a", "fix: [ABC-2] add b", "fix(pager): [ABC-7] count pages\n\nWhy."),
            ("feat(ABC-1): add a", "fix(ABC-2): add b", "fix(ABC-7): count pages\n\nWhy."),
            ("add a (ABC-1)", "add b (ABC-2)", "fix(pager): count pages (ABC-7)\n\nWhy."),
            ("add a, ABC-1", "add b, ABC-2", "fix(pager): count pages ABC-7\n\nWhy."),
        ] {
            let placed = place(&[(one, ""), (two, "")]);
            let key = Key::Tracker("ABC-7".to_owned());
            let found = placed.of(&key).unwrap();
            let done = put(text, &key, found);
            assert_eq!(done, told, "{one}");
            assert_eq!(put(&done, &key, found), done, "once is enough");
            let longer = done.lines().next().unwrap().len() - text.lines().next().unwrap().len();
            assert!(longer <= width(&key, found), "{one}");
        }
        let refs = place(&[("fix: a", "Why.\n\nRefs: #12"), ("fix: b", "Refs: #15"), ("fix: c", "")]);
        let key = Key::Number(20);
        assert_eq!(put("fix: d", &key, refs.of(&key).unwrap()), "fix: d\n\nRefs: #20");
        assert_eq!(put("fix: d\n\nCc: a", &key, refs.of(&key).unwrap()), "fix: d\n\nCc: a\nRefs: #20");
        assert_eq!((refs.least, refs.of(&Key::Tracker("A-1".into()))), (Some(12), None));
    }

    #[test]
    fn a_subject_is_bared_of_its_key() {
        for (subject, bared) in [
            ("ABC-1: add a", "add a"),
            ("[#12] add a", "add a"),
            ("add a (ABC-1)", "add a"),
            ("fix: add a, #12", "fix: add a"),
            ("ABC-1 add a (#12)", "add a"),
            ("read UTF-8", "read UTF-8"),
            ("ABC-1", "ABC-1"),
            ("move ABC-1 about", "move ABC-1 about"),
            ("move to QUARKUS-3", "move to QUARKUS-3"),
        ] {
            let seen = Placed { projects: vec!["ABC".to_owned()], ..Placed::default() };
            assert_eq!(bare(subject, &seen), bared);
        }
    }

    #[test]
    fn a_project_that_is_named_like_a_standard_is_one_where_history_says_so() {
        let placed = place(&[("NET-1: add a", ""), ("NET-22: add b", ""), ("NET-3: read UTF-8", ""), ("c", "")]);
        assert_eq!((placed.projects.as_slice(), placed.number.as_ref()), (&["NET".to_owned()][..], None));
        assert_eq!(placed.tracker, Some(Place::First("{}: ".to_owned())));
        assert_eq!(of_branch("NET-7-pages", &placed), Some(Key::Tracker("NET-7".to_owned())));
        assert_eq!(of_branch("fix/UTF-8-names", &placed), None);
        assert_eq!(bare("NET-1: add a", &placed), "add a");
        assert_eq!(place(&[("GO-1: a", ""), ("GO-1: b", ""), ("GO-1: c", "")]), Placed::default(), "one number");
        assert_eq!(place(&[("read SHA-1", ""), ("read SHA-256", ""), ("read SHA-512", "")]), Placed::default());
    }

    #[test]
    fn without_a_habit_there_is_no_place() {
        assert_eq!(place(&[("ABC-1: a", ""), ("b", ""), ("c", "")]).tracker, None, "once is no habit");
        let rare: Vec<(&str, &str)> =
            std::iter::repeat_n(("b", ""), 9).chain([("a (#1)", ""), ("b (#2)", "")]).collect();
        assert_eq!(place(&rare).number, None, "nor is now and then");
        assert_eq!(place(&[("read UTF-8", ""), ("write UTF-8", "")]), Placed::default());
        assert_eq!(place(&[("move to QUARKUS-3", ""), ("tests of QUARKUS-3", "")]), Placed::default(), "a version");
        assert_eq!(place(&[("move to ABC-3", ""), ("tests of ABC-4", "")]).projects, ["ABC"]);
    }

    #[test]
    fn a_key_of_the_users_is_taken_as_it_is() {
        assert_eq!(given("12"), Some(Key::Number(12)));
        assert_eq!(given("#12"), Some(Key::Number(12)));
        assert_eq!(given("abc-7"), Some(Key::Own("abc-7".into())));
        assert_eq!((given("a b"), given(""), given("a\nb")), (None, None, None));
    }

    proptest! {
        #[test]
        fn a_key_of_a_branch_stands_in_it(branch in "[a-zA-Z0-9#/_.\u{e4}-]{0,40}") {
            if let Some(key) = of_branch(&branch, &Placed::default()) {
                let told = key.to_string();
                prop_assert!(branch.contains(told.trim_start_matches('#')), "{told}");
            }
        }

        #[test]
        fn nothing_of_history_ends_in_a_panic(subject in "[a-zA-Z0-9#\u{e4}\u{2013}: ()\\[\\]-]{0,60}", body in "[A-Z#0-9: a-z\n-]{0,60}") {
            let placed = learn([(subject.as_str(), body.as_str()), (subject.as_str(), body.as_str())].into_iter());
            for (key, place) in [(Key::Number(12), placed.number), (Key::Tracker("ABC-7".into()), placed.tracker)] {
                if let Some(place) = place {
                    let done = put("fix: a", &key, &place);
                    prop_assert!(done.contains(&key.to_string()), "{done}");
                }
            }
        }
    }
}
