//! Whether what a model says is about the change at all: no talk, no forged trailer, and no name that it was not shown.

use super::judge::{Problem, Rules, forged, forgeries};
use super::names::{Kind, keyed, kind, known, mention, versioned};

/// What a model was shown, and all that it was shown a part of.
#[derive(Debug, Clone, Default)]
pub struct Grounds<'a> {
    /// The diff, names of files and packages, the branch, the author's intent.
    pub material: Vec<&'a str>,
    /// Recent subjects: names may come from there, issues and people may not; theirs were other commits.
    pub examples: Vec<&'a str>,
}

impl Grounds<'_> {
    pub(super) fn shown(&self, word: &str) -> bool {
        self.material.iter().chain(&self.examples).any(|text| stands(text, word))
    }

    pub(super) fn of_change(&self, word: &str) -> bool {
        self.material.iter().any(|text| stands(text, word))
    }

    /// In capitals or without: `GPT-4` where the change says `gpt-4`, `OpenAPI` where it says `openapi`.
    pub(super) fn of_change_in_any_case(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        self.material.iter().any(|text| stands(&text.to_lowercase(), &word))
    }
}

/// Letters of scripts that are written without blanks, arrows and pictures: a name may stand right beside them.
#[must_use]
pub fn unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2010}'..='\u{2015}'
        | '\u{2026}' | '\u{2190}'..='\u{2bff}' | '\u{3000}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{fe0f}' | '\u{ff00}'..='\u{ffef}' | '\u{1f000}'..='\u{1faff}'
        | '\u{20000}'..='\u{3ffff}')
}

/// A word in runs of letters that are [`unspaced`] and of such that are not.
fn runs(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let kind = unspaced(rest.chars().next()?);
        let end = rest.find(|c| unspaced(c) != kind).unwrap_or(rest.len());
        let (run, left) = rest.split_at(end);
        rest = left;
        Some(run)
    })
}

/// Whether the word stands in the text, not merely inside a longer one.
fn stands(text: &str, word: &str) -> bool {
    let part = |c: char| (c.is_alphanumeric() || c == '_') && !unspaced(c);
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
const OPENINGS: [&str; 59] = [
    "absolutely",
    "als ki",
    "apologies",
    "as a large language model",
    "as a language model",
    "as an ai",
    "as an assistant",
    "cannot provide",
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
    "unable to provide",
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
const PHRASES: [&str; 26] = [
    "as an ai",
    "can i help",
    "can't help",
    "cannot assist",
    "cannot comply",
    "cannot fulfill",
    "cannot help",
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
    // An operator stands alone: "hand errors on with ?".
    if lower.strip_suffix(['?', '？']).is_some_and(|asked| !asked.ends_with(' ')) {
        return Some("?".to_owned());
    }
    // First person within: "fix what I broke".
    let first = ["I", "I'm", "I've", "I'll", "I'd"];
    subject.replace('’', "'").split_whitespace().find(|w| first.contains(w)).map(str::to_owned)
}

/// The phrase that gives a line away.
fn chatter(line: &str) -> Option<String> {
    let lower = line.to_lowercase().replace('’', "'");
    // As words of their own: an API can't be reached, and nobody says "I can't".
    let said = |phrase: &str| {
        let inside = |at: usize| lower[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        lower.match_indices(phrase).any(|(at, _)| !inside(at))
    };
    PHRASES.iter().find(|phrase| said(phrase)).map(|phrase| (*phrase).to_owned())
}

/// How much of a strange word is told (characters).
const TOLD: usize = 60;

fn strangers(line: &str, grounds: &Grounds<'_>, out: &mut Vec<Problem>) {
    let told = |word: &str| word.chars().take(TOLD).collect::<String>();
    for (n, piece) in line.split('`').enumerate() {
        let code = n % 2 == 1;
        let words = piece.split_whitespace().map(trimmed);
        let strange = words.filter(|word| !word.is_empty() && !grounds.of_change(word));
        for word in strange.flat_map(runs).map(trimmed).filter(|word| !word.is_empty()) {
            match kind(word) {
                Kind::Reference => {
                    let named = mention(word).unwrap_or(word);
                    let there = grounds.of_change(named) || numbered(named, grounds) || versioned(named, grounds);
                    // `GPT-4` only looks like an issue where the change speaks of `gpt-4`.
                    if !(there || named.contains('-') && keyed(named) && grounds.of_change_in_any_case(named)) {
                        out.push(Problem::Reference(told(named)));
                    }
                }
                Kind::Identifier if !known(word, code, grounds) => out.push(Problem::Invented(told(word))),
                Kind::Word if code && word.contains(char::is_alphanumeric) && !known(word, code, grounds) => {
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
