//! What must hold of a message, whoever wrote it.

use super::NOTES;

/// What must hold of a message: defaults, what history does, and what the repository declares, in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Longest subject in characters.
    pub subject_max: usize,
    /// Lines that begin with it would be lost.
    pub comment: String,
    /// Trailers that a flag or history's habit puts, by their keys. All others are forged when a model writes them.
    pub trailers: Vec<String>,
    /// The author says, or a rule has found, that the change breaks its users.
    pub breaking: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { subject_max: 72, comment: "#".to_owned(), trailers: Vec::new(), breaking: false }
    }
}

/// What is wrong with a message, worded for whoever wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Nothing there.
    #[error("it is empty")]
    Empty,
    /// Too long a subject.
    #[error("its subject has {0} characters, at most {1} fit")]
    Long(usize, usize),
    /// A masked secret would be committed as it is.
    #[error("it holds a placeholder for a masked secret")]
    Placeholder,
    /// A line git would take out.
    #[error("a line begins with the comment mark \"{0}\"")]
    Comment(String),
    /// Something that makes machines do things.
    #[error("it holds \"{0}\", which tools act upon")]
    Marker(String),
    /// A NUL, at which git would cut it off.
    #[error("it holds a NUL character")]
    Nul,
    /// A quoted scissors line.
    #[error("it holds a scissors line")]
    Scissors,
    /// Talk to somebody, a refusal, a question: no message.
    #[error("it says \"{0}\": that is talk, not what the change does")]
    Talk(String),
    /// A trailer that nobody's flags or history's habit put.
    #[error("it holds the trailer \"{0}\", which nobody asked for")]
    Trailer(String),
    /// A breaking change that nobody spoke of.
    #[error("it declares a breaking change, which the author did not")]
    Breaking,
    /// A name that stands nowhere in what was shown.
    #[error("\"{0}\" stands nowhere in the change")]
    Invented(String),
    /// An issue, person or address that stands nowhere in what was shown.
    #[error("it refers to \"{0}\", which stands nowhere in the change")]
    Reference(String),
    /// One word where a sentence is wanted.
    #[error("its subject \"{0}\" is a name, not a sentence that says what the change does")]
    Name(String),
    /// Marks, or half of a form, where words are wanted.
    #[error("its subject has no words that say what the change does")]
    Wordless,
    /// No type, or one that the repository does not have.
    #[error("its type is none of {0}")]
    Type(String),
    /// A body was asked for.
    #[error("its body is empty")]
    NoBody,
    /// A rule that the repository declares for its messages: its name and file, and what it asks.
    #[error("{1} ({0})")]
    Declared(String, String),
}

impl Problem {
    /// A short name that programs may rely on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Long(..) => "subject-too-long",
            Self::Placeholder => "masked-secret",
            Self::Comment(_) => "comment-line",
            Self::Marker(_) => "marker",
            Self::Nul => "nul",
            Self::Scissors => "scissors",
            Self::Talk(_) => "talk",
            Self::Trailer(_) => "forged-trailer",
            Self::Breaking => "breaking-undeclared",
            Self::Invented(_) => "invented-name",
            Self::Reference(_) => "invented-reference",
            Self::Name(_) => "subject-is-a-name",
            Self::Wordless => "subject-without-words",
            Self::Type(_) => "type-unknown",
            Self::NoBody => "body-empty",
            Self::Declared(..) => "convention",
        }
    }
}

/// Judges the form of a message: what no message may hold, whoever wrote it.
///
/// # Errors
/// Everything that is wrong with it.
pub fn validate(text: &str, rules: &Rules) -> Result<(), Vec<Problem>> {
    let mut out = Vec::new();
    let subject = text.lines().next().unwrap_or_default().trim();
    if subject.is_empty() {
        return Err(vec![Problem::Empty]);
    }
    let length = subject.chars().count();
    if length > rules.subject_max {
        out.push(Problem::Long(length, rules.subject_max));
    }
    if text.contains('\0') {
        out.push(Problem::Nul);
    }
    if text.contains("MSEC_") {
        out.push(Problem::Placeholder);
    }
    if text.lines().any(|l| l.starts_with(&rules.comment)) {
        out.push(Problem::Comment(rules.comment.clone()));
    }
    let lower = text.to_lowercase();
    out.extend(markers(text).into_iter().map(|(_, marker)| Problem::Marker(marker.to_lowercase())));
    for start in NOTES {
        if lower.starts_with(start) {
            out.push(Problem::Marker(start.trim().to_owned()));
        }
    }
    if text.lines().any(|l| l.contains(">8 ---")) {
        out.push(Problem::Scissors);
    }
    if out.is_empty() { Ok(()) } else { Err(out) }
}

/// What build servers and those who publish pages are told to do nothing by, beside `ci` and `actions`. Lower case.
const SERVERS: [&str; 20] = [
    "appveyor",
    "azp",
    "azpipelines",
    "azurepipelines",
    "bitbucket",
    "buildkite",
    "cd",
    "cf",
    "circle",
    "circleci",
    "cirrus",
    "drone",
    "gitlab",
    "jenkins",
    "netlify",
    "pages",
    "render",
    "travis",
    "vercel",
    "woodpecker",
];
/// Longer than this nothing in brackets is such a word (bytes).
const MARKER: usize = 40;

/// Words upon which programs act, by where they begin: `[skip ci]`, `[actions skip]`, `***NO_CI***` and their kin, and
/// `+semver:`, by which GitVersion counts the next version.
fn markers(text: &str) -> Vec<(usize, &str)> {
    let acts = |inner: &str| {
        let inner = inner.to_lowercase();
        let words: Vec<&str> = inner.split([' ', '-', '_', '\t']).filter(|word| !word.is_empty()).collect();
        let named = |word: &str| matches!(word, "ci" | "actions") || SERVERS.contains(&word);
        let (skip, others): (Vec<&str>, Vec<&str>) = words.iter().partition(|word| **word == "skip");
        words == ["no", "ci"] || (!skip.is_empty() && !others.is_empty() && others.into_iter().all(named))
    };
    let mut out = Vec::new();
    for (open, close) in [("[", "]"), ("***", "***")] {
        for (at, _) in text.match_indices(open) {
            let rest = &text[at + open.len()..];
            if let Some(end) = rest.find(close).filter(|end| *end <= MARKER && acts(&rest[..*end])) {
                out.push((at, &text[at..at + open.len() + end + close.len()]));
            }
        }
    }
    let bump = |(at, _): (usize, &str)| {
        let found = text.get(at..at + BUMP.len()).filter(|found| found.eq_ignore_ascii_case(BUMP))?;
        Some((at, found))
    };
    out.extend(text.match_indices('+').filter_map(bump));
    out.sort_by_key(|(at, _)| *at);
    out
}

/// What GitVersion reads a version's next step behind.
const BUMP: &str = "+semver:";

/// A message in which nothing tells a program what to do: its brackets become round, its stars and its plus go.
#[must_use]
pub fn unmarked(text: &str) -> String {
    markers(text).into_iter().fold(text.to_owned(), |text, (_, marker)| {
        if let Some(bare) = marker.strip_prefix('+') {
            return text.replace(marker, bare);
        }
        let inner = marker.trim_matches(['[', ']', '*']);
        text.replace(marker, &if marker.starts_with('[') { format!("({inner})") } else { inner.replace('_', " ") })
    })
}

/// Keys of trailers that do not end in `-by`, in lower case. Tools act upon them, and people believe them.
const KEYS: [&str; 35] = [
    "backport-of",
    "bug",
    "cc",
    "change-id",
    "changelog",
    "close",
    "closes",
    "commit-queue",
    "cr",
    "depends-on",
    "fix",
    "fixed",
    "fixes",
    "git-commit-id",
    "issue",
    "issues",
    "jira",
    "link",
    "merge-request",
    "needed-by",
    "part-of",
    "pick-to",
    "ref",
    "refs",
    "relates-to",
    "release-as",
    "resolve",
    "resolves",
    "reviewed-on",
    "see-also",
    "skip-checks",
    "task",
    "task-number",
    "topic",
    "upstream-commit",
];

/// Whether a trailer's key is one that names a person or a change for a review, however its line stands in a text.
pub(super) fn names_people(key: &str) -> bool {
    let folded = key.to_lowercase();
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    folded.chars().all(word) && (folded.ends_with("-by") || folded == "change-id")
}

/// What is forged about a line that a model wrote below its subject: a trailer, or a declaration of a breaking change.
pub(super) fn forged(line: &str, rules: &Rules) -> Option<Problem> {
    // Programs that count versions read a first line further down as that of another change.
    if !rules.breaking && line.starts_with(|c: char| c.is_ascii_lowercase()) && super::breaks(line) {
        return Some(Problem::Breaking);
    }
    let (key, _) = line.trim_start().split_once(':')?;
    let folded = key.trim_end().to_lowercase();
    if matches!(folded.as_str(), "breaking change" | "breaking-change" | "breaking changes") {
        return (!rules.breaking).then_some(Problem::Breaking);
    }
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let trailer = folded.chars().all(word) && (folded.ends_with("-by") || KEYS.contains(&folded.as_str()));
    (trailer && !known(&folded, rules)).then(|| Problem::Trailer(key.trim().to_owned()))
}

/// A flag or a habit puts trailers with this key, in lower case. An id of a change is made by a hook, never by a model.
fn known(folded: &str, rules: &Rules) -> bool {
    folded != "change-id" && rules.trailers.iter().any(|t| t.eq_ignore_ascii_case(folded))
}

/// Words that open a sentence and not a trailer, in lower case: no tool acts upon them.
const PROSE: [&str; 18] = [
    "after",
    "background",
    "before",
    "caveat",
    "context",
    "effect",
    "example",
    "hint",
    "motivation",
    "note",
    "notes",
    "now",
    "rationale",
    "reason",
    "result",
    "usage",
    "warning",
    "why",
];

/// What is forged in a body, line by line: trailers and declarations by their keys wherever they stand, and in the last
/// paragraph, where it is made of trailers alone, whatever their keys.
pub(super) fn forgeries<'a>(body: &'a str, rules: &Rules) -> Vec<(&'a str, Option<Problem>)> {
    let lines: Vec<&str> = body.lines().collect();
    let end = lines.iter().rposition(|l| !l.trim().is_empty()).map_or(0, |last| last + 1);
    let begin = lines[..end].iter().rposition(|l| l.trim().is_empty()).map_or(0, |blank| blank + 1);
    let key = |line: &str| -> Option<String> {
        let (key, value) = line.split_once(':')?;
        let key = key.trim_end();
        let word = key.starts_with(|c: char| c.is_ascii_alphabetic())
            && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let word = word || key.eq_ignore_ascii_case("breaking change");
        (word && value.starts_with([' ', '\t']) && !value.trim().is_empty()).then(|| key.to_owned())
    };
    let more = |line: &str| line.starts_with([' ', '\t']);
    let last = &lines[begin..end];
    let trailers = last.first().is_some_and(|l| key(l).is_some()) && last.iter().all(|l| key(l).is_some() || more(l));
    let mut out = Vec::new();
    let mut gone = None;
    for (n, line) in lines.iter().enumerate() {
        let of_block = trailers && (begin..end).contains(&n);
        let problem = forged(line, rules).or_else(|| {
            if !of_block {
                return None;
            }
            let Some(key) = key(line) else { return gone.clone().filter(|_| more(line)) };
            let folded = key.to_lowercase();
            let breaks = matches!(folded.as_str(), "breaking change" | "breaking-change");
            let fine = breaks || known(&folded, rules) || PROSE.contains(&folded.as_str());
            (!fine).then_some(Problem::Trailer(key))
        });
        gone.clone_from(&problem);
        out.push((*line, problem));
    }
    out
}
