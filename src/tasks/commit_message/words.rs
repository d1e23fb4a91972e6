//! Whether a text that a model gave for a message is words of anybody's: small models answer with marks, and answers that
//! were cut off leave half of their form.

use crate::git::ChangeSet;
use crate::git::message::NOTES;
use crate::tasks::fence::{fold, unthink};

/// A first line that says something: two words of letters or numbers, one of them a real word, and not marks for the most
/// part. Scripts that put no blanks between words have two letters at least.
pub(super) fn says(subject: &str) -> bool {
    let shown = subject.chars().filter(|c| !c.is_whitespace()).count();
    let told = subject.chars().filter(|c| c.is_alphanumeric()).count();
    if told * 4 < shown || remains(subject) {
        return false;
    }
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).count();
    if subject.chars().any(|c| c.is_alphabetic() && !c.is_ascii()) {
        return letters(subject) > 1;
    }
    let words = || subject.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let Some(first) = words().next() else { return false };
    // One word over and over is none.
    words().any(|word| !word.eq_ignore_ascii_case(first)) && words().any(|word| letters(word) > 1)
}

/// A line of code, as it stands in the change.
pub(super) fn is_code(subject: &str, change: &ChangeSet) -> bool {
    let bare = |text: &str| fold(text.trim_start_matches(['+', '-']));
    let said = bare(subject);
    let code = said.contains(['(', '{', ';', '=']);
    let lines = || change.files.iter().flat_map(|file| &file.hunks).flat_map(|hunk| &hunk.lines);
    code && lines().any(|line| bare(&line.text) == said)
}

/// A first line without what models put around it: the mark of a list or a heading, bold type, a label, quotes, and the
/// end of a form.
pub(super) fn undressed(line: &str) -> &str {
    let mut line = line.trim();
    for mark in ["- ", "* ", "\u{2022} ", "1. ", "# ", "## ", "### "] {
        line = line.strip_prefix(mark).unwrap_or(line).trim_start();
    }
    line = within(line, "**").unwrap_or(line);
    if let Some((label, rest)) = line.split_once(':') {
        let label = label.trim_matches(['"', '*', ' ']).to_lowercase();
        let rest = rest.trim_start_matches('*').trim();
        if LABELS.contains(&label.as_str()) && !rest.is_empty() {
            line = within(rest, "**").unwrap_or(rest);
        }
    }
    let text = line.trim_end_matches(['"', '}', ']', ',', ' ']);
    let end = line.get(text.len()..).unwrap_or_default();
    if end.starts_with('"') && end.len() > 1 && (end.contains(',') || !balanced(line)) {
        line = text.strip_prefix('"').filter(|rest| !rest.contains('"')).unwrap_or(text);
    }
    within(line, "\"").unwrap_or(line)
}

/// What a model calls its first line.
const LABELS: [&str; 5] = ["subject", "subject line", "title", "commit message", "commit title"];

/// What stands between two of this mark, and holds none itself.
fn within<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let inner = text.strip_prefix(mark)?.strip_suffix(mark)?;
    (!inner.contains(mark)).then_some(inner)
}

/// An answer without the marks of the form in which its model is spoken to, and without the tag around it. What stands in
/// the middle of a line stays: somebody may write about such a mark.
pub(super) fn unframed(answer: &str) -> &str {
    let mut text = unthink(answer).trim();
    for _ in 0..ROUNDS {
        let before = text;
        while let Some(rest) = OPENS.iter().find_map(|open| text.strip_prefix(open)) {
            let role = ["assistant", "model"].iter().find_map(|role| rest.strip_prefix(role));
            let role = role.filter(|rest| rest.starts_with(['\n', '\r', '<']));
            text = role.unwrap_or(rest).trim_start();
        }
        let ended = |mark: &&str| {
            let ends = |at: &usize| {
                let (lead, rest) = text.split_at_checked(*at).unwrap_or_default();
                let rest = rest.get(mark.len()..).unwrap_or_default();
                // Pages strike words through with it: there the answer goes on.
                let html = *mark == STRUCK.1;
                let struck = html && lead.lines().last().is_some_and(|line| line.contains(STRUCK.0));
                let rest = if html { rest } else { rest.lines().next().unwrap_or_default() }.trim();
                !struck && (rest.is_empty() || OPENS.iter().chain(&ENDS).any(|mark| rest.starts_with(mark)))
            };
            text.match_indices(*mark).map(|(at, _)| at).find(ends)
        };
        if let Some(end) = ENDS.iter().filter_map(ended).min() {
            text = text.get(..end).unwrap_or_default();
        }
        text = TAGS.iter().find_map(|tag| tagged(text, tag)).unwrap_or(text);
        text = unthink(text).trim();
        if text == before {
            break;
        }
    }
    text
}

/// Forms lie in each other, and no deeper than this.
const ROUNDS: usize = 8;

/// What begins and ends a turn of some models, and what is struck through in HTML.
const STRUCK: (&str, &str) = ("<s>", "</s>");

/// What opens a turn in the form of one model or another.
const OPENS: [&str; 8] = [
    "<|im_start|>",
    "<|start_header_id|>",
    "<|end_header_id|>",
    "<|assistant|>",
    "<start_of_turn>",
    "<|begin_of_text|>",
    STRUCK.0,
    "[/INST]",
];

/// What ends it.
const ENDS: [&str; 8] = [
    "<|im_end|>",
    "<|eot_id|>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<|end|>",
    "<end_of_turn>",
    STRUCK.1,
    "<\u{ff5c}end\u{2581}of\u{2581}sentence\u{ff5c}>",
];

/// What models put around all of an answer.
const TAGS: [&str; 7] = ["answer", "output", "response", "result", "commit", "commit_message", "commit-message"];

/// What stands between the two halves of a tag that begins a line; the second half may be missing where the first begins
/// all of it.
fn tagged<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    let at = if text.starts_with(&open) { 0 } else { text.find(&format!("\n{open}"))? + 1 };
    let inner = text.get(at + open.len()..)?;
    inner.rsplit_once(close.as_str()).map(|(inner, _)| inner).or((at == 0).then_some(inner)).map(str::trim)
}

/// Whether a scope is words of a path, one behind the other and each of them whole: `commit-message`, `commit` and
/// `message` of `src/commit_message/mod.rs`, and not `mess`.
pub(super) fn part_of(path: &str, scope: &str) -> bool {
    let wanted: String = parts(scope).concat();
    let words = parts(path);
    let begins = |from: usize| {
        let mut rest = wanted.as_str();
        for word in words.iter().skip(from) {
            match rest.strip_prefix(word.as_str()) {
                Some("") => return true,
                Some(more) => rest = more,
                None => return false,
            }
        }
        false
    };
    !wanted.is_empty() && (0..words.len()).any(begins)
}

/// Words in small letters: also those that only a capital parts.
fn parts(text: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let mut small = false;
    for c in text.chars() {
        if !c.is_alphanumeric() || (small && c.is_uppercase()) {
            out.push(String::new());
        }
        small = c.is_lowercase();
        if let Some(word) = out.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
    }
    out.retain(|word| !word.is_empty());
    out
}

/// A first line that a model broke, as one, and what it wrote below it: behind a blank line, or a list.
pub(super) fn first_line(text: &str) -> (String, Option<String>) {
    let begins = |line: &str| line.trim().is_empty() || line.trim_start().starts_with(['-', '*', '\u{2022}']);
    let lines: Vec<&str> = text.lines().collect();
    let end = lines.iter().skip(1).position(|line| begins(line)).map_or(lines.len(), |at| at + 1);
    let (first, below) = lines.split_at(end.min(lines.len()));
    let below = below.join("\n").trim().to_owned();
    (fold(&first.join(" ")), Some(below).filter(|below| !below.is_empty()))
}

/// A subject that is a comment of the model's: the mark, and a word right behind it. `#[must_use]` and `#12` are none, nor
/// is what the change itself is told to hold: `#include`.
pub(super) fn comments(subject: &str, mark: &str, told: impl Fn(&str) -> bool) -> bool {
    let Some(rest) = subject.strip_prefix(mark).filter(|_| !mark.is_empty()) else { return false };
    let rest = rest.strip_prefix(' ').unwrap_or(rest);
    let first = subject.split(' ').next().unwrap_or_default();
    rest.starts_with(char::is_alphabetic) && (first == mark || !told(first))
}

/// The label of the first of several messages to choose from: `Option 1` where an `Option 2` follows, or `1.` and `2.`.
pub(super) fn choice(text: &str) -> Option<String> {
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let (word, number) = label(lines.next()?)?;
    let next = match number {
        '1' => '2',
        'A' => 'B',
        _ => return None,
    };
    let follows = lines.filter_map(label).any(|(other, number)| other == word && number == next);
    follows.then(|| format!("{word} {number}").trim().to_owned())
}

/// What a model calls one of several messages.
const CHOICES: [&str; 6] = ["option", "alternative", "version", "variant", "choice", "suggestion"];

/// A line's label as one of several, in small letters, and its number or capital: `**Option 1:** …`, `2. …`.
fn label(line: &str) -> Option<(&'static str, char)> {
    let line = line.trim_start_matches(['#', '*', '-', ' ', '\t']).to_lowercase();
    let said = CHOICES.iter().find_map(|word| Some((*word, line.strip_prefix(*word)?.strip_prefix(' ')?)));
    let (word, rest) = said.unwrap_or(("", &line));
    let mut rest = rest.chars();
    let number = rest.next().filter(char::is_ascii_alphanumeric)?.to_ascii_uppercase();
    let rest = rest.as_str();
    let ends = match word {
        // `1.5 s` is a number, and `a) …` may be half of a sentence.
        "" => number.is_ascii_digit() && [". ", ") "].iter().any(|end| rest.starts_with(end)),
        // `Version 1 of the page` is a sentence.
        _ => rest.trim().is_empty() || rest.starts_with([':', ')', '*']) || rest.starts_with(". "),
    };
    ends.then_some((word, number))
}

/// What a first line begins with that git and forges write themselves, and that programs pass over: of a merge, or of a
/// change that takes another one back.
pub(super) fn of_git(subject: &str) -> Option<String> {
    // Behind a type it would mean nothing to git, and something to whoever reads it.
    if let Some(note) = NOTES.iter().find(|note| subject.to_lowercase().starts_with(*note)) {
        return Some(note.trim_end().to_owned());
    }
    let words: Vec<&str> = subject.split(' ').collect();
    let quotes = |word: &str| word.starts_with(['\'', '"']);
    let lower: Vec<String> = words.iter().take(4).map(|word| word.to_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match lower.as_slice() {
        ["merge", "pull", "request", ..] | ["merge", "remote-tracking", "branch", ..] => {}
        ["merge", "branch" | "branches" | "tag" | "commit", name, ..] if quotes(name) => {}
        // Of more words it may be about how branches are merged.
        ["merge", "branch", _] => {}
        ["merge", "branch", _, "into"] if words.len() == 5 => {}
        ["revert" | "reapply", what, ..] if what.starts_with('"') && subject.ends_with('"') => {}
        _ => return None,
    }
    Some(words.into_iter().take(2).collect::<Vec<_>>().join(" "))
}

/// Who signs messages: models, and programs that ask them. Lower case.
const SIGNERS: [&str; 20] = [
    "ai",
    "aider",
    "aicommits",
    "anthropic",
    "chatgpt",
    "claude",
    "codex",
    "copilot",
    "cursor",
    "deepseek",
    "devin",
    "gemini",
    "gpt",
    "grok",
    "llama",
    "llm",
    "mistral",
    "openai",
    "opencommit",
    "qwen",
];

/// A body without the lines by which models and their programs sign what they write: `🤖 Generated with [Claude Code](…)`.
pub(super) fn unsigned(body: &str) -> String {
    let kept: Vec<&str> = body.lines().filter(|line| !signs(line)).collect();
    kept.join("\n").trim().to_owned()
}

/// A line of its own that says so, and no more; one that a sentence goes on in begins with a small letter.
fn signs(line: &str) -> bool {
    let line = line.trim_matches(|c: char| !c.is_alphanumeric());
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let [verb, by, who @ ..] = words.as_slice() else { return false };
    let verb = matches!(*verb, "Generated" | "Written" | "Created" | "Made" | "Drafted" | "Authored");
    let by = matches!(*by, "with" | "by" | "using");
    let signer = |word: &&str| SIGNERS.contains(&word.to_lowercase().as_str());
    let said = line.split("](").next().unwrap_or_default();
    verb && by && who.iter().take(2).any(signer) && said.split_whitespace().count() <= 6
}

/// A body that says that there is none, or is a piece of a form.
pub(super) fn no_body(body: &str) -> bool {
    let word = body.trim().trim_matches(['"', '.']).to_lowercase();
    let none = matches!(word.as_str(), "null" | "none" | "n/a" | "undefined" | "empty" | "{}" | "[]");
    none || body.trim_start().starts_with("\"body\"") || remains(body)
}

/// What is left of JSON that has no end, or no beginning.
fn remains(text: &str) -> bool {
    let begins = |line: &str| {
        let line = line.trim_start();
        let quoted = line.strip_prefix('"').and_then(|rest| rest.split_once('"'));
        line.starts_with(['{', '[', '}']) || quoted.is_some_and(|(_, rest)| rest.trim_start().starts_with(':'))
    };
    // In the middle of a line a key stands behind what opens its object.
    let opens = text.match_indices('{').any(|(at, _)| begins(text[at + 1..].lines().next().unwrap_or_default()));
    (opens || text.lines().any(begins)) && !balanced(text)
}

/// Every brace and bracket has its other half, in order.
fn balanced(text: &str) -> bool {
    let mut open = Vec::new();
    for mark in text.chars().filter(|c| "{}[]".contains(*c)) {
        let fits = match mark {
            '}' => open.pop() == Some('{'),
            ']' => open.pop() == Some('['),
            mark => {
                open.push(mark);
                true
            }
        };
        if !fits {
            return false;
        }
    }
    open.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_and_halves_of_a_form_say_nothing() {
        for subject in [
            "%%% \\0 {\"a\": [}",
            "%%% 0 %%%",
            "{",
            "{\"type\": \"fix\", \"subject\": \"count the last pa",
            "\"subject\": \"count the last page\"}",
            "... --- ...",
            "##### a b #####",
            "123 456",
            "null null",
            "aaaa aaaa Aaaa aaaa",
            "=> {\"count\": the last page",
            "\u{4fee}",
            "\u{1f41b} \u{1f389}",
        ] {
            assert!(!says(subject), "{subject}");
        }
    }

    #[test]
    fn what_models_put_around_a_line_is_taken_off_it_and_nothing_of_the_line() {
        for (line, bare) in [
            ("**fix: count the last page**", "fix: count the last page"),
            ("- **count** the last page", "**count** the last page"),
            ("### Count the last page", "Count the last page"),
            ("Subject: \"count the last page\"", "count the last page"),
            ("**Title:** Count the last page", "Count the last page"),
            ("\"subject\": \"count the last page\",", "count the last page"),
            ("count the last page\"}", "count the last page"),
            ("count \"a\" and \"b\"", "count \"a\" and \"b\""),
            ("read {\"a\": \"b\"}", "read {\"a\": \"b\"}"),
            ("accept an unmatched }", "accept an unmatched }"),
            ("quote \"}\" as it is", "quote \"}\" as it is"),
            ("title: ", "title:"),
            ("pager: count the last page", "pager: count the last page"),
            ("-v says more", "-v says more"),
        ] {
            assert_eq!(undressed(line), bare, "{line}");
        }
        for body in ["null", "None.", "\"body\": \"\"", "{\"a\": [", "N/A"] {
            assert!(no_body(body), "{body}");
        }
        for body in ["None of them is counted twice.", "Empty pages stay.\n\n- {\"a\": 1} is read"] {
            assert!(!no_body(body), "{body}");
        }
    }

    #[test]
    fn the_form_around_an_answer_is_taken_off_and_words_about_it_stay() {
        for answer in [
            "fix: count pages<|im_end|>",
            "fix: count pages<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nthanks",
            "fix: count pages</s>\n",
            "<|im_start|>assistant\nfix: count pages<|im_end|>\n<|im_start|>user\nmore",
            "<|start_header_id|>assistant<|end_header_id|>\n\nfix: count pages",
            "<start_of_turn>model\nfix: count pages<end_of_turn>",
            "<answer>fix: count pages</answer>",
            "<think>hm</think>\n<answer>\nfix: count pages\n</answer><|im_end|>",
            "Here it is:\n<commit_message>fix: count pages</commit_message>",
            "<s>fix: count pages",
            "fix: count pages",
        ] {
            assert_eq!(unframed(answer), "fix: count pages", "{answer}");
        }
        for answer in ["fix: take <|im_end|> off answers", "fix: read <answer> tags", "{\"subject\": \"drop </s>\"}"] {
            assert_eq!(unframed(answer), answer);
        }
        let kept = [
            "feat: strike old prices\n\nThey are shown as <s>old</s>\n\nBREAKING CHANGE: the old class is gone",
            "feat: strike old prices\n\nThey end with </s>\nin the page",
            "feat: read output elements\n\n<output> elements are read now, too.",
        ];
        for answer in kept {
            assert_eq!(unframed(answer), answer);
        }
        assert_eq!(unframed(&format!("{}fix: count pages</s>\n</s>", "<s>".repeat(20_000))), "fix: count pages");
        for answer in ["<|im_end|>", "</s>", "<answer></answer>", "<s><s><s>"] {
            assert_eq!(unframed(answer), "");
        }
    }

    #[test]
    fn a_broken_first_line_is_one_and_what_stands_below_it_is_not() {
        let told = |text: &str| {
            let (first, below) = first_line(text);
            (first, below.unwrap_or_default())
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(told("count the\nlast page"), pair("count the last page", ""));
        assert_eq!(told("count\n\nIt was\nlost."), pair("count", "It was\nlost."));
        assert_eq!(told("count\n- a\n- b"), pair("count", "- a\n- b"));
        assert_eq!((told("count"), told("")), (pair("count", ""), pair("", "")));
    }

    #[test]
    fn what_git_and_forges_write_is_told_from_words_about_it() {
        for (subject, told) in [
            ("Merge branch 'topic' into main", "Merge branch"),
            ("Merge branch topic", "Merge branch"),
            ("merge branch topic into main", "merge branch"),
            ("Merge pull request #12 from a/b", "Merge pull"),
            ("Revert \"feat: add paging\"", "Revert \"feat:"),
        ] {
            assert_eq!(of_git(subject).as_deref(), Some(told), "{subject}");
        }
        for subject in [
            "Merge branches of the lookup into one",
            "Merge branch lookup and cache into one",
            "Merge two pages",
            "Revert to the old count",
            "Revert \"a\" to what it was",
            "Merge commit hooks",
        ] {
            assert_eq!(of_git(subject), None, "{subject}");
        }
    }

    #[test]
    fn a_comment_is_told_from_what_begins_with_its_mark() {
        let none = |_: &str| false;
        for (subject, mark) in [("#count pages", "#"), ("# count pages", "#"), (";count pages", ";")] {
            assert!(comments(subject, mark, none), "{subject}");
        }
        for subject in ["#[must_use] on counts", "#12 is mended", "count #pages", "`#count` pages", "count pages"] {
            assert!(!comments(subject, "#", none), "{subject}");
        }
        assert!(!comments("#include once", "#", |word| word == "#include"));
        assert!(!comments("count pages", "", none));
    }

    #[test]
    fn messages_to_choose_from_are_told_from_lists_and_sentences() {
        for (text, told) in [
            ("Option 1:\nfeat: count pages\n\nOption 2:\nfeat: count all pages", "option 1"),
            ("Option 1: feat: count pages\n\nOption 2: feat: count all pages", "option 1"),
            ("**Option A:** count pages\n**Option B:** count all pages", "option A"),
            ("### Alternative 1\ncount pages\n\n### Alternative 2\ncount all pages", "alternative 1"),
            ("1. feat: count pages\n2. feat: count all pages", "1"),
            ("1) count pages\n\n2) count all pages", "1"),
        ] {
            assert_eq!(choice(text).as_deref(), Some(told), "{text}");
        }
        for text in [
            "count pages\n\n1. read them\n2. count them",
            "Version 1 of the page is dropped\n\nVersion 2 stays.",
            "Option 1: count pages",
            "1. count pages",
            "1.5 s are enough\n2. 3 s were too long",
            "A page is counted\n\nB pages are not.",
            "",
        ] {
            assert_eq!(choice(text), None, "{text}");
        }
    }

    #[test]
    fn a_scope_of_a_path_is_made_of_whole_words() {
        for scope in ["commit-message", "commit_message", "commit", "Message", "mod", "src", "src/commit_message", "rs"]
        {
            assert!(part_of("src/commit_message/mod.rs", scope), "{scope}");
        }
        for scope in ["mess", "commit-mess", "age", "c", "", "-", "message-commit"] {
            assert!(!part_of("src/commit_message/mod.rs", scope), "{scope}");
        }
        assert!(part_of("web/PageView.tsx", "page") && part_of("web/PageView.tsx", "page-view"));
        assert!(part_of("web/PageView.tsx", "pageview") && !part_of("web/PageView.tsx", "pagev"));
    }

    #[test]
    fn what_models_sign_with_is_taken_out_and_no_sentence_is() {
        let signed = "It was lost.\n\n\u{1f916} Generated with [Claude Code](https://claude.ai/code)\n\nGenerated by GitHub Copilot.";
        assert_eq!(unsigned(signed), "It was lost.");
        assert_eq!(unsigned("Written by ChatGPT"), "");
        for body in [
            "Generated with protoc 3.21.",
            "Files are\ngenerated with Claude Code and checked in.",
            "Created by the client of OpenAI, it is closed with it.",
            "Generated by gemini when the account has no name of its own.",
        ] {
            assert_eq!(unsigned(body), body);
        }
    }

    #[test]
    fn words_of_any_script_say_something() {
        for subject in [
            "count the last page",
            "use C",
            "bump serde to 1.0.228",
            "drop 32-bit",
            "allow ^[0-9]+$ and {} in names",
            "read `[` and `{` as they are",
            "[core] count pages",
            "support x => y in a.b()",
            "\u{4fee}\u{590d}\u{5206}\u{9875}",
            "\u{30da}\u{30fc}\u{30b8}\u{3092}\u{6570}\u{3048}\u{308b}",
            "\u{418}\u{441}\u{43f}\u{440}\u{430}\u{432}\u{438}\u{442}\u{44c}",
            "\u{e41}\u{e01}\u{e49}\u{e44}\u{e02}",
            "compte la derni\u{e8}re page",
        ] {
            assert!(says(subject), "{subject}");
        }
    }
}
