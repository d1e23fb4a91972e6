//! A message taken apart as commitlint takes it apart (conventional-commits-parser): header, body, footer, references.

use regex::{Regex, RegexBuilder};

/// The largest automaton that a repository's own pattern may become (bytes).
const AUTOMATON: usize = 1 << 20;
/// Patterns longer than this are not read (bytes).
const PATTERN: usize = 2_000;

/// Lists of words that a repository declares are followed so far (words, and bytes of one): every line of a message is
/// looked at for each.
const LISTED: usize = 50;
const LISTED_WORD: usize = 50;

/// `type(scope): subject`.
const PLAIN: &str = r"^(\w*)(?:\((.*)\))?: (.*)$";
/// The same, and a `!` where it breaks its users.
const CONVENTIONAL: &str = r"^(\w*)(?:\((.*)\))?!?: (.*)$";
/// Words that make a reference to an issue an action.
const ACTIONS: [&str; 9] = ["close", "closes", "closed", "fix", "fixes", "fixed", "resolve", "resolves", "resolved"];

/// How messages are taken apart.
#[derive(Debug, Clone)]
pub(super) struct Parser {
    header: Regex,
    /// What the groups of the pattern are.
    fields: Vec<String>,
    /// What stands before the number of an issue.
    pub(super) prefixes: Vec<String>,
    /// What a footer about a breaking change begins with.
    notes: Vec<String>,
    actions: Vec<String>,
    /// The pattern is one of the usual ones: a header can be put together as well.
    pub(super) usual: bool,
}

/// A message in parts; `None` for what it does not have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    pub(super) raw: String,
    pub(super) header: Option<String>,
    pub(super) type_: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) subject: Option<String>,
    pub(super) body: Option<String>,
    pub(super) footer: Option<String>,
    /// It refers to an issue.
    pub(super) refers: bool,
}

impl Parser {
    fn of(pattern: &str, notes: &[&str]) -> Option<Self> {
        let texts = |all: &[&str]| all.iter().map(|t| (*t).to_owned()).collect();
        Some(Self {
            header: compile(pattern)?,
            fields: texts(&["type", "scope", "subject"]),
            prefixes: texts(&["#"]),
            notes: texts(notes),
            actions: texts(&ACTIONS),
            usual: true,
        })
    }

    /// What commitlint takes where nothing is said.
    pub(super) fn plain() -> Option<Self> {
        Self::of(PLAIN, &["BREAKING CHANGE"])
    }

    /// conventional-changelog-conventionalcommits, and what config-angular has.
    pub(super) fn conventional() -> Option<Self> {
        Self::of(CONVENTIONAL, &["BREAKING CHANGE", "BREAKING-CHANGE"])
    }

    /// With the options that a repository declares; words say what of them cannot be followed.
    pub(super) fn with(mut self, options: &serde_json::Value) -> (Option<Self>, Vec<String>) {
        let mut odd = Vec::new();
        let texts = |value: &serde_json::Value| -> Option<Vec<String>> {
            match value {
                serde_json::Value::String(one) => Some(vec![one.clone()]),
                serde_json::Value::Array(all) => all.iter().map(|t| t.as_str().map(str::to_owned)).collect(),
                _ => None,
            }
        };
        for (name, value) in options.as_object().into_iter().flatten() {
            let fits = |all: &Vec<String>| all.len() <= LISTED && all.iter().all(|word| word.len() <= LISTED_WORD);
            let given = texts(value).filter(|all| !all.is_empty());
            if given.as_ref().is_some_and(|all| !fits(all)) {
                odd.push(format!("its {name} is too long to be followed"));
            }
            let listed = || given.clone().filter(fits);
            match name.as_str() {
                // So JSON prints a pattern that a program held: which one it was is not known.
                "headerPattern" if value.as_object().is_some_and(serde_json::Map::is_empty) => {}
                "headerPattern" => match value.as_str().and_then(compile) {
                    Some(header) => {
                        self.usual = [PLAIN, CONVENTIONAL].iter().any(|p| Some(*p) == value.as_str());
                        self.header = header;
                    }
                    None => {
                        odd.push("its headerPattern cannot be followed".to_owned());
                        return (None, odd);
                    }
                },
                "headerCorrespondence" => self.fields = listed().unwrap_or(self.fields),
                "issuePrefixes" => self.prefixes = listed().unwrap_or(self.prefixes),
                "noteKeywords" => self.notes = listed().unwrap_or(self.notes),
                "referenceActions" => self.actions = listed().unwrap_or(self.actions),
                // They say nothing about what the rules look at.
                "breakingHeaderPattern" | "revertPattern" | "revertCorrespondence" | "commentChar" | "merge" => {}
                "mergePattern" | "mergeCorrespondence" | "issuePrefixesCaseSensitive" | "notesPattern" => {
                    odd.push(format!("its {name} is not followed"));
                }
                _ => {}
            }
        }
        (Some(self), odd)
    }

    /// Takes a message apart.
    pub(super) fn parse(&self, text: &str) -> Parsed {
        let trimmed = text.trim_matches(['\r', '\n']);
        let mut lines = trimmed.split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l));
        let mut lines = lines.by_ref().filter(|l| !l.trim_start().starts_with("gpg:"));
        let header = lines.next().filter(|l| !l.is_empty()).map(str::to_owned);
        let mut out = Parsed { raw: text.to_owned(), ..Parsed::default() };
        if let Some(header) = &header {
            self.head(header, &mut out);
            out.refers = self.refers(header);
        }
        out.header = header;
        let rest: Vec<&str> = lines.collect();
        self.rest(&rest, &mut out);
        for part in [&mut out.body, &mut out.footer] {
            *part = part.take().map(|t| t.trim_matches(['\r', '\n']).to_owned()).filter(|t| !t.is_empty());
        }
        out
    }

    fn head(&self, header: &str, out: &mut Parsed) {
        let Some(found) = self.header.captures(header) else { return };
        let named = self.header.capture_names().flatten().next().is_some();
        for (n, field) in self.fields.iter().enumerate() {
            let group = if named { found.name(field) } else { found.get(n + 1) };
            let text = group.map(|g| g.as_str().to_owned()).filter(|t| !t.is_empty());
            match field.as_str() {
                "type" => out.type_ = text,
                "scope" => out.scope = text,
                "subject" => out.subject = text,
                _ => {}
            }
        }
    }

    /// Body up to the first line that refers to an issue or tells of a breaking change; footer from there.
    fn rest(&self, lines: &[&str], out: &mut Parsed) {
        let mut in_body = true;
        // A note goes on over the lines below it, up to one that refers to an issue.
        let mut in_note = false;
        for line in lines {
            let note = self.note(line);
            let refers = self.refers(line);
            if note {
                (in_note, in_body) = (true, false);
            } else if in_note {
                out.refers |= refers;
                in_note = !refers;
            } else if refers {
                out.refers = true;
                in_body = false;
            }
            let part = if in_body { &mut out.body } else { &mut out.footer };
            match part {
                Some(text) if !text.is_empty() => {
                    text.push('\n');
                    text.push_str(line);
                }
                _ => *part = Some((*line).to_owned()),
            }
        }
    }

    fn note(&self, line: &str) -> bool {
        let bare = line.trim_start_matches(|c: char| c.is_whitespace() || c == '|' || c == '*');
        self.notes.iter().any(|word| {
            let head = bare.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word));
            head.is_some_and(|_| bare[word.len()..].starts_with(|c: char| c == ':' || c.is_whitespace()))
        })
    }

    fn refers(&self, line: &str) -> bool {
        let sentences = self.sentences(line);
        let whole = [line];
        let told: Vec<&str> = sentences.iter().map(|(from, to)| &line[*from..*to]).collect();
        let told = if told.is_empty() { &whole[..] } else { &told };
        told.iter().any(|sentence| !address(sentence) && self.numbered(sentence))
    }

    /// `fixes #12 and closes #13`: what stands behind each action, up to the next.
    fn sentences(&self, line: &str) -> Vec<(usize, usize)> {
        // Lower case letters of ASCII alone: places stay what they are.
        let folded = line.to_ascii_lowercase();
        let actions = self.actions.iter().map(|a| a.to_ascii_lowercase()).filter(|a| !a.is_empty());
        let actions: Vec<String> = actions.collect();
        let next = |from: usize| {
            let mut places = folded[from..].char_indices().map(|(at, _)| from + at);
            places.find(|at| actions.iter().any(|a| folded[*at..].starts_with(a.as_str())))
        };
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(found) = next(at) {
            let ends = actions.iter().filter(|a| folded[found..].starts_with(a.as_str())).map(|a| found + a.len());
            let spaced = ends.into_iter().find(|end| folded[*end..].starts_with(char::is_whitespace));
            match spaced {
                Some(end) => {
                    let gap = folded[end..].len() - folded[end..].trim_start().len();
                    let to = next(end + gap).unwrap_or(folded.len());
                    out.push((end + gap, to));
                    at = to;
                }
                None => at = found + folded[found..].chars().next().map_or(1, char::len_utf8),
            }
        }
        out
    }

    /// `#12` before a space, a comma, a bracket or the end.
    fn numbered(&self, sentence: &str) -> bool {
        let folded = sentence.to_ascii_lowercase();
        self.prefixes.iter().filter(|p| !p.trim().is_empty()).any(|prefix| {
            let prefix = prefix.trim().to_ascii_lowercase();
            folded.match_indices(prefix.as_str()).any(|(at, _)| {
                let after = &folded[at + prefix.len()..];
                let rest = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-');
                rest.len() < after.len()
                    && (rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || ",;)]".contains(c)))
            })
        })
    }
}

/// Where an address stands, nothing is taken for an issue.
fn address(text: &str) -> bool {
    ["http://", "https://"].iter().any(|start| {
        text.match_indices(start).any(|(at, _)| {
            let before = text[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
            let after = text[at + start.len()..].chars().next();
            !before && after.is_some_and(|c| c.is_ascii_alphanumeric() || "-@:%_+.~#?&/=".contains(c))
        })
    })
}

/// A line with an address in it may be as long as it is.
pub(super) fn addressed(line: &str) -> bool {
    ["http://", "https://"].iter().any(|start| {
        line.match_indices(start).any(|(at, _)| {
            let before = line[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
            !before && line[at + start.len()..].starts_with(|c: char| !c.is_whitespace())
        })
    })
}

/// A pattern of JavaScript's; `None` where it needs what our automata do not have, or is too large.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    if pattern.len() > PATTERN {
        return None;
    }
    // A word's letters and digits are those of ASCII there.
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('w') => out.push_str("[0-9A-Za-z_]"),
            Some('d') => out.push_str("[0-9]"),
            // Escapes that mean the character itself, and that our syntax does not know.
            Some('/') => out.push('/'),
            Some(other) => {
                out.push('\\');
                out.push(other);
            }
            None => out.push('\\'),
        }
    }
    RegexBuilder::new(&out).size_limit(AUTOMATON).dfa_size_limit(AUTOMATON).build().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Parsed {
        Parser::conventional().unwrap().parse(text)
    }

    #[test]
    fn a_header_has_type_scope_and_subject() {
        let one = parsed("feat(pager)!: count pages\n\nWhy.\n\nCloses #12\nmore");
        assert_eq!((one.type_.as_deref(), one.scope.as_deref()), (Some("feat"), Some("pager")));
        assert_eq!((one.subject.as_deref(), one.body.as_deref()), (Some("count pages"), Some("Why.")));
        assert_eq!((one.footer.as_deref(), one.refers), (Some("Closes #12\nmore"), true));
        let plain = Parser::plain().unwrap().parse("feat!: count pages");
        assert_eq!((plain.type_, plain.subject), (None, None), "who declares nothing has no exclamation mark");
    }

    #[test]
    fn a_reference_is_a_number_and_its_mark() {
        for text in ["fix: a (#12)", "fix: a #12", "docs: see owner/repo#12", "fix: closes #1 and fixes #2"] {
            assert!(parsed(text).refers, "{text}");
        }
        for text in ["fix: a", "fix: a# b", "fix: see https://a.b/#12", "fix: a #12."] {
            assert!(!parsed(text).refers, "{text}");
        }
    }

    #[test]
    fn a_breaking_change_is_a_footer_up_to_an_issue() {
        let one = parsed("fix: a\n\nbody\n\nBREAKING CHANGE: all\nof it\nfixes #1\n\nend");
        assert_eq!(one.body.as_deref(), Some("body"));
        assert_eq!(one.footer.as_deref(), Some("BREAKING CHANGE: all\nof it\nfixes #1\n\nend"));
    }

    #[test]
    fn what_our_patterns_cannot_do_is_said_and_not_guessed() {
        let with = |text: &str| Parser::plain().unwrap().with(&serde_json::json!({ "headerPattern": text }));
        assert!(with("^(?=a)(.*)$").0.is_none(), "no looking ahead");
        let endless = "(a{1,100}){1,100}".repeat(20);
        assert!(with(&endless).0.is_none(), "no automaton without end");
        let (own, odd) = with(r"^\[(\w+)\] (.*)$");
        let own = own.unwrap();
        assert!(odd.is_empty() && !own.usual);
        assert_eq!(own.parse("[feat] x").type_.as_deref(), Some("feat"));
        assert_eq!(own.parse("[фича] x").type_, None, "letters of ASCII alone");
    }

    proptest! {
        #[test]
        fn every_text_is_taken_apart_and_nothing_of_it_is_made_up(text in "[ -~\n\r#:()!\u{e4}]{0,200}") {
            let one = parsed(&text);
            for part in [&one.header, &one.type_, &one.scope, &one.subject].into_iter().flatten() {
                prop_assert!(text.contains(part.as_str()));
            }
            for part in [&one.body, &one.footer].into_iter().flatten() {
                prop_assert!(text.replace("\r\n", "\n").contains(part.as_str()) || text.contains("gpg:"), "{part:?}");
            }
        }
    }
}
