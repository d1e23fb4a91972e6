//! A model's fix as a patch that was seen to apply.

use std::ops::Range;

use similar::TextDiff;

use super::anchor::{Anchor, strip, telling};
use crate::git::{ChangeSet, Contents, patch};
use crate::tasks::fence::fold;
use crate::tasks::finding::Side;

/// The largest file a fix is tried on (bytes).
const LIMIT: u64 = 4 << 20;

/// What a proposed fix is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fix {
    /// There is none, or it changes nothing.
    None,
    /// A unified diff to which `git apply --check` said yes, on the file after the change.
    Applies(String),
    /// It was not seen to apply: there is no whole file, it touches what was masked or what is gone, it does not say what
    /// it stands instead of, it is no patch of this file, or git could not be asked or said no. That a fix is badly
    /// written says nothing of the finding.
    Withheld,
}

/// Makes a patch of `proposed` (replacement code for the quoted lines, or a unified diff) and tries it.
#[must_use]
pub(super) fn fix(change: &ChangeSet, contents: &dyn Contents, anchor: &Anchor, quote: &str, proposed: &str) -> Fix {
    let proposed = unfence(proposed);
    if proposed.trim().is_empty() {
        return Fix::None;
    }
    if proposed.contains("MSEC_") || anchor.side == Side::Old {
        return Fix::Withheld;
    }
    let file = &change.files[anchor.place];
    let Some(Ok(after)) = contents.after(file, LIMIT).map(String::from_utf8) else {
        // Without the file (a patch on stdin) nothing can be tried, and what was not tried is not shown.
        return Fix::Withheld;
    };
    let lines: Vec<&str> = after.split_inclusive('\n').collect();
    let Some(place) = anchored(&lines, anchor) else { return Fix::Withheld };
    let mended = if is_diff(proposed) {
        // Counts and indentation are what models get wrong; what the lines themselves say is another thing.
        match patch::apply(&after, proposed).ok().or_else(|| marked(&lines, place, &body(proposed)?)) {
            Some(mended) => mended,
            None => return Fix::Withheld,
        }
    } else if let Some(hunk) = hunk(&lines, place, proposed) {
        match hunk {
            Some(mended) => mended,
            None => return Fix::Withheld,
        }
    } else {
        // The prompt's own numbers are no code, and who copied them says nothing sure of what is.
        if proposed.lines().filter(|line| !line.trim().is_empty()).all(numbered) {
            return Fix::Withheld;
        }
        // A quote of which only a part is found does not say what the proposal stands instead of.
        let Some(span) = quoted(&lines, place, quote) else { return Fix::Withheld };
        match within(&lines, &span, quote, proposed) {
            Part::Whole => replace(&lines, span, proposed),
            Part::Of(line) => [lines[..span.start].concat(), line, lines[span.end..].concat()].concat(),
            Part::Unclear => return Fix::Withheld,
        }
    };
    if mended == after {
        return Fix::None;
    }
    let diff = TextDiff::from_lines(&after, &mended)
        .unified_diff()
        .context_radius(3)
        .header(&patch::head("a/", &file.path), &patch::head("b/", &file.path))
        .to_string();
    match patch::apply(&after, &diff) {
        Ok(again) if again == mended => {}
        _ => return Fix::Withheld,
    }
    // Our own reading of a patch is one thing, git's another; the user has git's.
    match contents.applies(&file.path, after.as_bytes(), &diff) {
        Some(true) => Fix::Applies(diff),
        _ => Fix::Withheld,
    }
}

fn is_diff(text: &str) -> bool {
    text.starts_with("--- ") || text.starts_with("diff ") || is_header(text.lines().next().unwrap_or_default())
}

/// The line above a hunk, also one that does not say where.
fn is_header(line: &str) -> bool {
    line.trim_end() == "@@" || line.starts_with("@@ ")
}

/// The lines of the only hunk of a diff.
fn body(diff: &str) -> Option<Vec<&str>> {
    let mut lines = diff.lines().skip_while(|line| !is_header(line)).skip(1).peekable();
    lines.peek()?;
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with("\\ No newline")).collect();
    (!lines.iter().any(|line| is_header(line) || line.starts_with("diff "))).then_some(lines)
}

/// The lines of a hunk without anything above them, where `line` is the one that they are about. A list of things may
/// begin so too, and so may a line of a sum: then the line that they stand instead of does as well.
fn is_body(text: &str, line: &str) -> bool {
    let has = |mark: char| text.lines().any(|l| l.starts_with(mark));
    let all = |marks: &[char]| text.lines().all(|l| l.is_empty() || l.starts_with(marks));
    let like = |mark: char| line.trim_start().starts_with(mark);
    match (has('-'), has('+')) {
        (true, true) => all(&['-', '+', ' ']),
        (true, false) => all(&['-']) && !like('-'),
        (false, true) => all(&['+']) && !like('+'),
        (false, false) => false,
    }
}

/// What comes of a proposal that is the lines of a hunk, if that can be done; `None` where it is something else. Comments
/// (`-- a`) and steps (`++i;`) begin with a mark twice: where they are no hunk of these lines, they are code.
fn hunk(lines: &[&str], place: usize, proposed: &str) -> Option<Option<String>> {
    if !is_body(proposed, lines.get(place).copied().unwrap_or_default()) {
        return None;
    }
    let done = marked(lines, place, &proposed.lines().collect::<Vec<_>>());
    let all = |mark: &str| proposed.lines().all(|line| line.is_empty() || line.starts_with(mark));
    (done.is_some() || !(all("--") || all("++"))).then_some(done)
}

/// Does what the lines of a hunk say. What they leave or take away must stand there, the anchored line among it, and may
/// be indented in another way as a whole.
fn marked(lines: &[&str], place: usize, hunk: &[&str]) -> Option<String> {
    let split = |line: &str| match line.chars().next() {
        Some(mark @ ('-' | '+' | ' ')) => (mark, line.get(1..).unwrap_or_default().trim_end().to_owned()),
        _ => (' ', line.trim_end().to_owned()),
    };
    let hunk: Vec<(char, String)> = hunk.iter().map(|line| split(line)).collect();
    let old: Vec<&str> = hunk.iter().filter(|(mark, _)| *mark != '+').map(|(_, text)| text.as_str()).collect();
    let blank = |text: &str| text.chars().take_while(|c| matches!(c, ' ' | '\t')).collect::<String>();
    let first = old.iter().position(|text| !text.is_empty())?;
    let own = blank(old.get(first)?);
    // Without the indentation it has in the proposal, and with the one it has in the file.
    let shifted = |text: &str, indent: &str| match text {
        "" => Some(String::new()),
        text => text.strip_prefix(own.as_str()).map(|rest| format!("{indent}{rest}")),
    };
    let (at, indent) = (0..=place).rev().take(old.len()).find_map(|at| {
        let there = lines.get(at..at + old.len())?;
        let indent = blank(there.get(first)?);
        let same = |(line, text): (&&str, &&str)| shifted(text, &indent).is_some_and(|text| line.trim_end() == text);
        there.iter().zip(&old).all(same).then_some((at, indent))
    })?;
    let end_of = |line: &str| line.get(line.trim_end_matches(['\n', '\r']).len()..).unwrap_or_default().to_owned();
    let usual = Some(end_of(lines.get(at)?)).filter(|end| !end.is_empty()).unwrap_or_else(|| "\n".to_owned());
    let mut out = lines.get(..at)?.concat();
    let mut from = at;
    for (mark, text) in &hunk {
        if *mark == '+' {
            if !out.is_empty() && !out.ends_with('\n') {
                out.push_str(&usual);
            }
            out.push_str(&shifted(text, &indent)?);
            out.push_str(&usual);
            continue;
        }
        if *mark == ' ' {
            out.push_str(lines.get(from)?);
        }
        from += 1;
    }
    let rest = lines.get(from..)?;
    // A file whose last line has no end keeps it so.
    if rest.is_empty() && lines.last().is_some_and(|line| !line.ends_with('\n')) {
        out.truncate(out.trim_end_matches(['\n', '\r']).len());
    }
    Some(out + &rest.concat())
}

fn unfence(text: &str) -> &str {
    let trimmed = text.trim_matches('\n');
    let Some(rest) = trimmed.trim_start().strip_prefix("```") else { return trimmed };
    let body = rest.split_once('\n').map_or("", |(_, body)| body);
    body.rsplit_once("```").map_or(body, |(body, _)| body).trim_end_matches('\n')
}

/// Where the anchored line stands, if it does.
fn anchored(lines: &[&str], anchor: &Anchor) -> Option<usize> {
    let place = usize::try_from(anchor.line).ok()?.checked_sub(1)?;
    (lines.get(place)?.trim_end() == anchor.text.trim_end()).then_some(place)
}

/// The lines that a quote stands for: the anchored one, or all of several that stand there one after the other.
fn quoted(lines: &[&str], place: usize, quote: &str) -> Option<Range<usize>> {
    let quote: Vec<&str> = quote.trim_matches('\n').lines().collect();
    if quote.len() < 2 {
        return Some(place..place + 1);
    }
    let above = quote.iter().position(|l| telling(&strip(l)))?;
    let span = place.checked_sub(above)?..place - above + quote.len();
    let same = |(line, quote): (&&str, &&str)| fold(line) == fold(quote) || fold(line) == strip(quote);
    lines.get(span.clone())?.iter().zip(&quote).all(same).then_some(span)
}

/// What a proposal stands instead of.
enum Part {
    /// The lines as a whole.
    Whole,
    /// A part of the one line, which is this one with it.
    Of(String),
    /// Nobody can tell.
    Unclear,
}

/// Whether a quote of one line is all of that line. Where it is a part of it, the proposal is one for the part, or says the
/// rest of the line again.
fn within(lines: &[&str], span: &Range<usize>, quote: &str, proposed: &str) -> Part {
    let (line, quote) = (lines.get(span.start).copied().unwrap_or_default(), quote.trim());
    if span.len() > 1 || fold(line) == fold(quote) || fold(line) == strip(quote) {
        return Part::Whole;
    }
    let (bare, mut found) = (strip(quote), line.matches(quote));
    let rest = fold(line).replacen(&bare, "\0", 1);
    let again = rest.split('\0').map(str::trim).filter(|part| part.len() > 1).all(|part| fold(proposed).contains(part));
    match (found.next(), found.next()) {
        _ if again && rest.contains('\0') => Part::Whole,
        (Some(_), None) if proposed.lines().count() == 1 => Part::Of(line.replacen(quote, proposed.trim(), 1)),
        _ => Part::Unclear,
    }
}

/// A line as the prompt shows it: a number, then code.
fn numbered(line: &str) -> bool {
    let rest = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < line.trim_start().len() && rest.starts_with([' ', '\t'])
}

/// Puts the proposed lines in place of these, at the indentation of the first.
fn replace(lines: &[&str], span: Range<usize>, proposed: &str) -> String {
    let ending = |line: &str| line[line.trim_end_matches(['\n', '\r']).len()..].to_owned();
    let of = |at: usize| lines.get(at).copied().unwrap_or_default();
    let (first, last) = (of(span.start), ending(of(span.end - 1)));
    let between = Some(ending(first)).filter(|e| !e.is_empty()).unwrap_or_else(|| "\n".to_owned());
    let indent: String = first.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let own: String = proposed.chars().take_while(|c| matches!(c, ' ' | '\t')).collect();
    let mut out = lines[..span.start].concat();
    let count = proposed.lines().count();
    for (n, text) in proposed.lines().enumerate() {
        let text = text.strip_prefix(own.as_str()).unwrap_or(text);
        if !text.trim().is_empty() {
            out.push_str(&indent);
            out.push_str(text.trim_end());
        }
        out.push_str(if n + 1 < count { &between } else { &last });
    }
    out.push_str(&lines[span.end..].concat());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(after: &str, place: usize, quote: &str, proposed: &str) -> Option<String> {
        let lines: Vec<&str> = after.split_inclusive('\n').collect();
        quoted(&lines, place, quote).map(|span| replace(&lines, span, proposed))
    }

    const CODE: &str = "fn f() {\n    let a = 1;\n\n    let b = 2;\n    go(a, b);\n}\n";

    #[test]
    fn a_fix_stands_instead_of_every_quoted_line() {
        let quote = "let a = 1;\n\nlet b = 2;";
        assert_eq!(
            mended(CODE, 1, quote, "let a = 3;\nlet b = 4;").as_deref(),
            Some("fn f() {\n    let a = 3;\n    let b = 4;\n    go(a, b);\n}\n")
        );
        let numbered = "    4 +    let b = 2;\n    5 +    go(a, b);";
        assert_eq!(
            mended(CODE, 3, numbered, "go(a, 2);").as_deref(),
            Some("fn f() {\n    let a = 1;\n\n    go(a, 2);\n}\n")
        );
    }

    #[test]
    fn a_quote_that_does_not_go_on_so_has_no_fix() {
        assert_eq!(mended(CODE, 1, "let a = 1;\nlet b = 2;", "let a = 3;"), None, "a line between is left out");
        assert_eq!(mended(CODE, 4, "go(a, b);\n}\nmore();", "stop();"), None, "the file ends before");
    }

    #[test]
    fn of_a_line_that_is_quoted_in_part_the_rest_stays() {
        let line = "  if (b > 0) { log(a); return a / b; }\n";
        let made = |quote: &str, proposed: &str| match within(&[line], &(0..1), quote, proposed) {
            Part::Whole => "whole".to_owned(),
            Part::Of(line) => line,
            Part::Unclear => "unclear".to_owned(),
        };
        assert_eq!(made("return a / b;", "return a / (b || 1);"), "  if (b > 0) { log(a); return a / (b || 1); }\n");
        assert_eq!(made(line, "stop();"), "whole");
        assert_eq!(made("    1 +  if (b > 0) { log(a); return a / b; }", "stop();"), "whole");
        assert_eq!(
            made("return a / b;", "if (b > 0) { log(a); return a / (b || 1); }"),
            "whole",
            "it says the rest again"
        );
        assert_eq!(made("return a / b;", "const c = b || 1;\nreturn a / c;"), "unclear");
    }

    #[test]
    fn lines_of_a_hunk_are_done_and_not_written() {
        let done = |place: usize, text: &str| {
            let lines: Vec<&str> = CODE.split_inclusive('\n').collect();
            assert!(is_body(text, lines[place]), "{text}");
            marked(&lines, place, &text.lines().collect::<Vec<_>>())
        };
        let wanted = CODE.replace("let a = 1;", "let a = 2;");
        for text in ["-let a = 1;\n+let a = 2;", "- let a = 1;\n+ let a = 2;", "-    let a = 1;\n+    let a = 2;"] {
            assert_eq!(done(1, text).as_deref(), Some(wanted.as_str()), "{text}");
        }
        assert_eq!(done(1, " fn f() {\n-    let a = 1;\n+    let a = 2;\n\n").as_deref(), Some(wanted.as_str()));
        assert_eq!(done(1, "-let a = 9;\n+let a = 2;"), None, "it takes away what is not there");
        assert_eq!(done(4, "-let a = 1;\n+let a = 2;"), None, "it is about another line");
        assert_eq!(done(1, "+let a = 2;"), None, "instead of what?");
        assert_eq!(marked(&["a\n", "  b"], 1, &["-b", "+c"]).as_deref(), Some("a\n  c"), "the file's end stays");
    }

    #[test]
    fn a_list_and_a_sum_are_no_hunk() {
        assert!(!is_body("- run: make\n- run: test", "      - run: make"));
        assert!(!is_body("+ size", "    + items"));
        assert!(!is_body("let a = 1;\n+ b", "    let a;"));
    }

    #[test]
    fn comments_and_steps_that_begin_with_a_mark_are_code() {
        let of = |line: &str, proposed: &str| hunk(&[line], 0, proposed);
        assert_eq!(of("DROP TABLE x;\n", "-- DROP TABLE x;"), None);
        assert_eq!(of("  print(a)\n", "-- it says too much:\n-- print(a)\n"), None);
        assert_eq!(of("i++;\n", "++i;"), None);
        assert_eq!(of("-a;\n", "--a;"), None, "the line begins so as well");
        assert_eq!(of("DROP TABLE x;\n", "-DROP TABLE x;"), Some(Some(String::new())));
        assert_eq!(of("DROP TABLE x;\n", "-DROP TABLE y;"), Some(None), "it takes away what is not there");
        assert_eq!(of("let a = 1;\n", "+let a = 2;"), Some(None), "instead of what?");
        assert_eq!(of("a\n", "-- a\n+- b"), Some(None), "two marks are a hunk");
        let lines = ["DROP TABLE x;\n"];
        assert_eq!(replace(&lines, 0..1, "-- DROP TABLE x;"), "-- DROP TABLE x;\n");
    }

    #[test]
    fn a_diff_with_wrong_numbers_has_a_body() {
        assert_eq!(body("--- a/f\n+++ b/f\n@@ -1,9 +1,9 @@\n-a\n+b"), Some(vec!["-a", "+b"]));
        assert_eq!(body("@@\n-a\n+b"), Some(vec!["-a", "+b"]));
        assert_eq!(body("--- a/f\n+++ b/f\n@@ -1 +1 @@\n-a\n+b\n--- a/g\n+++ b/g\n@@ -1 +1 @@\n-a\n+b"), None);
        assert_eq!(body("--- a/f\n+++ b/f"), None);
    }

    #[test]
    fn numbers_of_the_prompt_are_no_code() {
        assert!(numbered("    2 +    b = a") && numbered("12  x"));
        assert!(!numbered("b = 2") && !numbered("2x + 1") && !numbered("+ 2"));
    }

    #[test]
    fn one_line_is_replaced_at_its_indentation_and_keeps_its_end() {
        assert_eq!(mended("a\r\n  b", 1, "b", "c\n  d").as_deref(), Some("a\r\n  c\n    d"));
        assert_eq!(mended("  a\r\nb", 0, "a", "c\nd").as_deref(), Some("  c\r\n  d\r\nb"));
    }
}
