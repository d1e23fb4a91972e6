//! What must hold of a message, whoever wrote it.

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
    for marker in ["[skip ci]", "[ci skip]", "[no ci]", "***no_ci***"] {
        if lower.contains(marker) {
            out.push(Problem::Marker(marker.to_owned()));
        }
    }
    for start in ["fixup! ", "squash! ", "amend! "] {
        if lower.starts_with(start) {
            out.push(Problem::Marker(start.trim().to_owned()));
        }
    }
    if text.lines().any(|l| l.contains(">8 ---")) {
        out.push(Problem::Scissors);
    }
    if out.is_empty() { Ok(()) } else { Err(out) }
}

/// Keys of trailers that do not end in `-by`, in lower case. Tools act upon them, and people believe them.
const KEYS: [&str; 20] = [
    "bug",
    "cc",
    "change-id",
    "close",
    "closes",
    "fix",
    "fixed",
    "fixes",
    "git-commit-id",
    "issue",
    "issues",
    "link",
    "ref",
    "refs",
    "relates-to",
    "release-as",
    "resolve",
    "resolves",
    "see-also",
    "skip-checks",
];

/// Whether a trailer's key is one that names a person or a change for a review, however its line stands in a text.
pub(super) fn names_people(key: &str) -> bool {
    let folded = key.to_lowercase();
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    folded.chars().all(word) && (folded.ends_with("-by") || folded == "change-id")
}

/// What is forged about a line that a model wrote below its subject: a trailer, or a declaration of a breaking change.
pub(super) fn forged(line: &str, rules: &Rules) -> Option<Problem> {
    let (key, _) = line.trim_start().split_once(':')?;
    let folded = key.trim_end().to_lowercase();
    if matches!(folded.as_str(), "breaking change" | "breaking-change" | "breaking changes") {
        return (!rules.breaking).then_some(Problem::Breaking);
    }
    let word = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let trailer = folded.chars().all(word) && (folded.ends_with("-by") || KEYS.contains(&folded.as_str()));
    let known = rules.trailers.iter().any(|t| t.eq_ignore_ascii_case(&folded));
    (trailer && !known).then(|| Problem::Trailer(key.trim().to_owned()))
}
