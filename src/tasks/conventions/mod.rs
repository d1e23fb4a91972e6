//! What a repository declares about its messages for programs that judge them: commitlint, commitizen, cocogitto,
//! git-cliff. Their files are read, never run; a message is judged as they would judge it, and put into the form they ask
//! for where that changes nothing that is said.

mod cases;
mod cliff;
mod cocogitto;
mod commitizen;
mod commitlint;
mod mend;
mod parsed;
mod rules;
mod script;
mod yaml;

#[cfg(test)]
mod tests;

use crate::config::worded;
use parsed::Parser;
use regex::Regex;
pub use rules::Level;
use rules::Rule;

/// How a file of the repository is read: its text by its path, `None` where there is none.
pub type Files<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// What of the declarations could not be followed, file by file.
#[derive(Debug, Clone, Default)]
struct Notes(Vec<String>);

impl Notes {
    fn say(&mut self, file: &str, what: &str) {
        let note = format!("{file}: {what}");
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }
}

/// What one program's file declares.
#[derive(Debug, Clone)]
struct Convention {
    file: String,
    rules: Vec<Rule>,
    /// `None` where it is not known how messages are taken apart there.
    parser: Option<Parser>,
    /// Merges, reverts, versions and notes to a rebase are not judged.
    ignores: bool,
    /// Beginnings of messages that are not judged.
    prefixes: Vec<String>,
    /// A pattern for the whole message, and how it is written.
    pattern: Option<(Regex, String)>,
}

impl Convention {
    /// It is written as its pattern has it. A scope of history's own (`spelled`) is one word there, also where a hyphen joins
    /// it: whoever writes it and asks for `\w+` thinks of no others. Any other scope is taken as the program takes it.
    fn fits(&self, text: &str, spelled: &[String]) -> bool {
        let joined = || {
            let (before, rest) = text.split_once('(')?;
            let (scope, after) = rest.split_once(')')?;
            let own = spelled.iter().any(|one| one == scope);
            own.then(|| format!("{before}({}){after}", scope.replace('-', "_")))
        };
        let pattern = self.pattern.as_ref().map(|(pattern, _)| pattern);
        pattern.is_none_or(|pattern| pattern.is_match(text) || joined().is_some_and(|text| pattern.is_match(&text)))
    }

    /// A file of which nothing is known yet.
    fn unread(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            rules: Vec::new(),
            parser: None,
            ignores: true,
            prefixes: Vec::new(),
            pattern: None,
        }
    }

    fn passed_over(&self, text: &str) -> bool {
        self.prefixes.iter().any(|p| text.starts_with(p.as_str())) || (self.ignores && usual(text))
    }

    fn parse(&self, text: &str) -> parsed::Parsed {
        self.parser.clone().or_else(Parser::plain).map(|p| p.parse(text)).unwrap_or_default()
    }

    fn of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| rule.name == name)
    }
}

/// A pattern is told up to so many characters.
const PATTERN: usize = 200;

/// A text of the repository's as one line that is not too long.
fn line(text: &str) -> String {
    let mut out: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(PATTERN).collect();
    if text.chars().nth(PATTERN).is_some() {
        out.push('…');
    }
    out
}

/// What is not judged anywhere: git's own words, and versions.
fn usual(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    let merge =
        ["Merge pull request", "Merge branch ", "Merge tag ", "Merge remote-tracking branch", "Automatic merge"];
    let undo = ["Revert ", "revert ", "Reapply ", "reapply "];
    let notes = ["fixup!", "squash!", "amend!"];
    let merged = first.starts_with("Merge ") && first.contains(" into ")
        || first.starts_with("Merged ") && (first.contains(" in ") || first.contains(" into "))
        || first.starts_with("Merged PR ") && first.contains(": ")
        || first.starts_with("Auto-merged ") && first.contains(" into ");
    merge.iter().chain(&undo).chain(&notes).any(|start| first.starts_with(start)) || merged || version(first)
}

/// `1.2.3`, `v1.2.3-rc.1`, `chore(release): 1.2.3 [skip ci]`.
fn version(first: &str) -> bool {
    let bare = match first.strip_prefix("chore") {
        Some(rest) => match rest.strip_prefix('(').and_then(|r| r.split_once("):")) {
            Some((scope, rest)) if !scope.is_empty() && !scope.contains(')') => rest,
            _ => rest.strip_prefix(':').unwrap_or(first),
        },
        None => first,
    };
    let mut bare = bare.to_owned();
    for note in ["[skip ci]", "[ci skip]", "[skip-ci]", "[ci-skip]", "(skip ci)", "(ci skip)", "(skip-ci)", "(ci-skip)"]
    {
        if let Some(at) = bare.to_ascii_lowercase().find(note) {
            bare.replace_range(at..at + note.len(), "");
        }
    }
    let bare = bare.trim().trim_start_matches('=').trim_start();
    let bare = bare.strip_prefix('v').unwrap_or(bare);
    let end = bare.find(['-', '+']).unwrap_or(bare.len());
    let (numbers, rest) = bare.split_at(end);
    let number = |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) && (n == "0" || !n.starts_with('0'));
    let parts: Vec<&str> = numbers.split('.').collect();
    parts.len() == 3
        && parts.into_iter().all(number)
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || "-+.".contains(c))
        && !rest.ends_with(['-', '+', '.'])
}

/// A rule that a message breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Its name, as commitlint has it.
    pub rule: String,
    /// How binding it is.
    pub level: Level,
    /// What it asks, in words.
    pub said: String,
    /// The file that declares it.
    pub file: String,
    /// No words of a message keep it: it asks for a trailer that git puts when it is told to.
    pub of_flags: bool,
}

/// What a repository declares about its messages.
#[derive(Debug, Clone, Default)]
pub struct Conventions {
    all: Vec<Convention>,
    notes: Notes,
    /// Scopes as history spells them.
    spelled: Vec<String>,
}

impl Conventions {
    /// Reads what there is. `printed` is a file of the user's with what `commitlint --print-config json` says, and its
    /// text: it stands for the repository's own files of commitlint.
    ///
    /// # Errors
    /// In words, what is wrong with `printed`.
    pub fn read(files: &Files<'_>, printed: Option<(&str, &str)>) -> Result<Self, String> {
        let mut notes = Notes::default();
        let lint = match printed {
            Some((file, text)) => Some(commitlint::printed(file, text, &mut notes)?),
            None => commitlint::read(files, &mut notes),
        };
        let others =
            [commitizen::read(files, &mut notes), cocogitto::read(files, &mut notes), cliff::read(files, &mut notes)];
        let all: Vec<Convention> = lint.into_iter().chain(others.into_iter().flatten()).collect();
        for one in &all {
            let unworded = |rule: &&Rule| rule.texts().unwrap_or_default().iter().any(|text| !worded(text));
            for rule in one.rules.iter().filter(|rule| rule.name.ends_with("-enum")).filter(unworded) {
                notes.say(&one.file, &format!("what is no word in the rule {} is ignored", rule.name));
            }
        }
        Ok(Self { all, notes, spelled: Vec::new() })
    }

    /// Learns how history spells its scopes: what everybody writes there is held to no letter of a pattern.
    pub fn learn(&mut self, spelled: &[String]) {
        self.spelled = spelled.to_vec();
    }

    /// Whether how history spells its scopes makes a difference.
    #[must_use]
    pub fn patterned(&self) -> bool {
        self.all.iter().any(|one| one.pattern.is_some())
    }

    /// What of them could not be followed, for whoever wants to know.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes.0
    }

    /// The files that declare something.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|one| one.file.as_str())
    }

    fn rules<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Rule> {
        self.all.iter().flat_map(move |one| one.of(name))
    }

    /// What every binding list of a name allows; where none binds, what the first one wishes. Empty = anything.
    fn listed(&self, name: &str) -> Vec<String> {
        let lists = |level: Level| {
            self.rules(name)
                .filter(move |r| r.level == level && !r.never)
                .filter_map(Rule::texts)
                .filter(|l| !l.is_empty())
        };
        let both = |all: Vec<String>, other: Vec<String>| all.into_iter().filter(|one| other.contains(one)).collect();
        let must = lists(Level::Must).reduce(both);
        let all: Vec<String> = must.or_else(|| lists(Level::Wish).next()).unwrap_or_default();
        // Models are told of them: what is no word is none of them.
        all.into_iter().filter(|one| worded(one)).collect()
    }

    /// Types that may be chosen; empty = any.
    #[must_use]
    pub fn types(&self) -> Vec<String> {
        self.listed("type-enum")
    }

    /// Scopes that may be chosen; empty = any.
    #[must_use]
    pub fn scopes(&self) -> Vec<String> {
        self.listed("scope-enum")
    }

    /// Every message begins with a type.
    #[must_use]
    pub fn typed(&self) -> bool {
        self.rules("type-empty").any(|r| r.never) || self.rules("type-enum").any(|r| r.level == Level::Must)
    }

    /// The longest first line, in characters.
    #[must_use]
    pub fn subject_max(&self) -> Option<usize> {
        self.rules("header-max-length").map(Rule::number).filter(|n| *n > 0).min()
    }

    /// How much longer the subject of a message is, without its type, than some rule allows.
    #[must_use]
    pub fn over(&self, text: &str) -> usize {
        let judging = self.all.iter().filter(|one| !one.passed_over(text));
        let over = |one: &Convention| {
            let subject = one.parse(text).subject.unwrap_or_default();
            let most = one.of("subject-max-length").map(Rule::number).filter(|n| *n > 0).min();
            most.map(|most| rules::long(&subject).saturating_sub(most))
        };
        judging.filter_map(over).max().unwrap_or(0)
    }

    /// The longest line of a body, in characters.
    #[must_use]
    pub fn width(&self) -> Option<usize> {
        let lines = self.rules("body-max-line-length").chain(self.rules("footer-max-line-length"));
        lines.map(Rule::number).filter(|n| *n > 0).min()
    }

    /// Whether a message needs a body (`Some(true)`) or may have none (`Some(false)`).
    #[must_use]
    pub fn body(&self) -> Option<bool> {
        self.decided("body-empty")
    }

    /// Whether a message needs a scope (`Some(true)`) or may have none (`Some(false)`).
    #[must_use]
    pub fn scope(&self) -> Option<bool> {
        self.decided("scope-empty")
    }

    /// What a rule that something is empty comes to: what binds stands over what is only wished.
    fn decided(&self, name: &str) -> Option<bool> {
        let of = |level: Level| self.rules(name).find(|r| r.level == level).map(|r| r.never);
        of(Level::Must).or_else(|| of(Level::Wish))
    }

    /// A message refers to an issue.
    #[must_use]
    pub fn refers(&self) -> bool {
        self.rules("references-empty").any(|r| r.never)
    }

    /// Lines that tell a writer what the rules ask beside types, lengths, and which scope there is: see [`Self::scope`].
    #[must_use]
    pub fn told(&self) -> Vec<String> {
        const TOLD: [&str; 6] =
            ["subject-case", "scope-case", "body-empty", "body-case", "body-full-stop", "subject-min-length"];
        let mut out: Vec<String> = Vec::new();
        for rule in TOLD.iter().flat_map(|name| self.rules(name)) {
            let words = rule.words();
            if !out.contains(&words) {
                out.push(words);
            }
        }
        out
    }

    /// Every rule that a message breaks, the binding ones first.
    #[must_use]
    pub fn judge(&self, text: &str) -> Vec<Breach> {
        let mut out = Vec::new();
        for one in self.all.iter().filter(|one| !one.passed_over(text)) {
            let message = one.parse(text);
            for rule in one.rules.iter().filter(|rule| !rule.holds(&message)) {
                out.push(Breach {
                    rule: rule.name.clone(),
                    level: rule.level,
                    said: rule.words(),
                    file: one.file.clone(),
                    of_flags: rule.of_flags(),
                });
            }
            if let Some((_, written)) = one.pattern.as_ref().filter(|_| !one.fits(text, &self.spelled)) {
                out.push(Breach {
                    rule: "schema_pattern".to_owned(),
                    level: Level::Must,
                    said: format!("it must be written as {}", line(written)),
                    file: one.file.clone(),
                    of_flags: false,
                });
            }
        }
        out.sort_by_key(|breach| std::cmp::Reverse(breach.level));
        out
    }

    /// The message in the form that the rules ask for, as far as that changes nothing that is said: cases, stops, line
    /// lengths, a scope that is none. `scopes` are what a scope may be taken from where one must stand.
    #[must_use]
    pub fn mend(&self, text: &str, scopes: &[String]) -> String {
        self.mend_as(text, &[], scopes)
    }

    /// The same, where history knows some scopes: they are taken first, and spelled as they are there.
    #[must_use]
    pub fn mend_as(&self, text: &str, known: &[String], scopes: &[String]) -> String {
        let all = self.all.iter().filter(|one| !one.passed_over(text));
        all.fold(text.to_owned(), |text, one| mend::mend(one, &text, (known, &self.spelled), scopes))
    }
}
