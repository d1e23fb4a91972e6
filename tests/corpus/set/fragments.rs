//! What a whole text is wrapped into: diffs, prompts, logs, mails, encodings.

use crate::set::draw::Rng;
use crate::set::fill;
use crate::set::mark::{self, GAP, PAG};
use crate::set::template::expand;

/// Outer contexts and how often each one comes.
const WRAPS: &[(&str, usize)] = &[
    ("", 54),
    ("diff added", 9),
    ("diff removed", 3),
    ("diff with line numbers", 4),
    ("json string", 7),
    ("json string in json", 3),
    ("markdown fence", 4),
    ("crlf", 3),
    ("indented", 3),
    ("quoted mail", 2),
    ("line numbers", 3),
    ("numbers and bar", 2),
    ("log prefix", 2),
    ("ansi coloured lines", 2),
    ("git log -p", 3),
    ("html escaped", 2),
    ("xml cdata", 1),
    ("base64 of the file", 1),
    ("percent-encoded whole", 1),
    ("heredoc", 2),
    ("sse chunk", 2),
    ("json array of lines", 2),
    ("configmap literal", 2),
    ("combined diff", 1),
    ("blame", 1),
    ("pretty box", 1),
];

/// Wraps a text whose inner context has a name already.
pub fn wrap(rng: &mut Rng, text: &str, inner: &str) -> (String, String) {
    let (outer, _) = WRAPS[rng.weighted(WRAPS.iter().map(|(_, weight)| *weight))];
    let wrapped = apply(rng, text, outer);
    (wrapped, if outer.is_empty() { inner.to_owned() } else { format!("{inner} / {outer}") })
}

/// Puts a fragment that is a text of its own among innocent lines, and wraps it.
pub fn around(rng: &mut Rng, fragment: &str) -> (String, String) {
    let single = !fragment.contains('\n');
    let choice = rng.below(if single { 10 } else { 4 });
    let (name, text) = match choice {
        0 | 1 => ("alone", format!("{fragment}\n")),
        2 => {
            let style = rng.pick(&["env", "sh", "yaml", "py", "log"]);
            ("after lines", format!("{}\n{fragment}\n", fill::lines(rng, style)))
        }
        3 => ("in a fence", format!("Like this:\n\n```\n{fragment}\n```\n")),
        4 => ("comment //", format!("// {fragment}\n{}", fill::lines(rng, "js"))),
        5 => ("comment #", format!("# {fragment}\n{}", fill::lines(rng, "py"))),
        6 => ("log message", expand(rng, "‹day› ‹clock› DEBUG sent: ") + fragment + "\n"),
        7 => ("chat", format!("it fails when I use\n{fragment}\nany idea?\n")),
        8 => ("chat, chinese", format!("请帮我看看这一行：\n{fragment}\n谢谢\n")),
        _ => ("indented in code", format!("    {fragment}\n")),
    };
    wrap(rng, &text, name)
}

/// Wraps a block that has gutters or joints of its own: nobody pastes one diff into another.
pub fn finished(rng: &mut Rng, fragment: &str) -> (String, String) {
    let outer = rng.pick(&["", "", "", "json string", "json string in json", "markdown fence", "crlf"]);
    let text = apply(rng, &format!("{fragment}\n"), outer);
    (text, if outer.is_empty() { "alone".into() } else { format!("alone / {outer}") })
}

fn head(rng: &mut Rng) -> String {
    expand(
        rng,
        "diff --git a/‹word›/config b/‹word›/config\nindex ‹h7›..‹h7› 100644\n--- a/‹word›/config\n+++ b/‹word›/config\n@@ -‹small›,3 +‹small›,9 @@ def ‹word›\n",
    )
}

fn apply(rng: &mut Rng, text: &str, outer: &str) -> String {
    match outer {
        "" => text.to_owned(),
        "diff added" => head(rng) + " \n" + &mark::prefixed(text, |_| "+".into()) + " end\n",
        "diff removed" => head(rng) + &mark::prefixed(text, |_| "-".into()) + "+# moved to the vault\n",
        "diff with line numbers" => {
            let first = rng.between(1, 400);
            let bar = rng.pick(&[" +", " + ", "+", "  +  "]);
            let width = rng.pick(&["4", "5", "6"]).parse::<usize>().unwrap_or(4);
            head(rng) + &mark::prefixed(text, |at| format!("{:>width$}{bar}", first + at))
        }
        "json string" => format!(
            "{{\"model\":\"m\",\"messages\":[{{\"role\":\"user\",\"content\":\"Review this:\\n\\n{}\"}}]}}",
            mark::json(text)
        ),
        "json string in json" => {
            let inner = format!("{{\"path\":\"config\",\"content\":\"{}\"}}", mark::json(text));
            format!(
                "{{\"tool_calls\":[{{\"id\":\"call_{}\",\"function\":{{\"name\":\"write\",\"arguments\":\"{}\"}}}}]}}",
                rng.chars("abcdefghij0123456789", 8),
                mark::json(&inner)
            )
        }
        "markdown fence" => {
            let language = rng.pick(&["", "sh", "yaml", "text", "python"]);
            format!("# Notes\n\nThis is what I have:\n\n```{language}\n{text}```\n\nDoes it look right?\n")
        }
        "crlf" => text.replace('\n', "\r\n"),
        "indented" => mark::prefixed(text, |_| "        ".into()),
        "quoted mail" => {
            let top = expand(rng, "On Tuesday ‹Person› wrote:\n");
            top + &mark::prefixed(text, |_| "> ".into()) + "\nThanks!\n"
        }
        "line numbers" => mark::prefixed(text, |at| format!("{:>6}\t", at + 1)),
        "numbers and bar" => mark::prefixed(text, |at| format!("{:>4} | ", at + 1)),
        "log prefix" => {
            let top = expand(rng, "‹day›T‹clock›.‹d3›Z ‹app› | ");
            mark::prefixed(text, |_| top.clone())
        }
        "ansi coloured lines" => {
            let ended = text.strip_suffix('\n').unwrap_or(text).replace('\n', &format!("{GAP}\u{1b}[m{PAG}\n"));
            mark::prefixed(&ended, |_| "\u{1b}[32m+\u{1b}[m\u{1b}[32m".into()) + "\u{1b}[m\n"
        }
        "git log -p" => {
            let top = expand(
                rng,
                "commit ‹h40›\nAuthor: ‹Person› ‹Word› <‹mail›>\nDate:   Mon Jun 2 ‹clock› 2025 +0200\n\n    Add ‹word› settings\n\n",
            );
            top + &head(rng) + &mark::prefixed(text, |_| "+".into())
        }
        "html escaped" => format!("<pre><code>{}</code></pre>\n", mark::xml(text)),
        "xml cdata" => format!("<script><![CDATA[\n{text}]]></script>\n"),
        "base64 of the file" => {
            let width = if rng.chance(40) { 76 } else { 0 };
            format!("content: {}\n", mark::base64(text, width))
        }
        "percent-encoded whole" => format!("POST /paste HTTP/1.1\n\nsyntax=text&body={}\n", mark::percent(text)),
        "heredoc" => format!("cat > config <<'EOF'\n{text}EOF\nsystemctl restart app\n"),
        "sse chunk" => format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n", mark::json(text)),
        "json array of lines" => {
            let rows: Vec<String> = mark::json(text).split(&format!("{GAP}\\n{PAG}")).map(str::to_owned).collect();
            format!("\"source\": [\n  \"{}\"\n]\n", rows.join(&format!("{GAP}\\n\",\n  \"{PAG}")))
        }
        "configmap literal" => {
            let top =
                expand(rng, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ‹app›\ndata:\n  ‹word›.conf: |\n");
            top + &mark::prefixed(text, |_| "    ".into())
        }
        "combined diff" => head(rng) + &mark::prefixed(text, |_| "++".into()),
        "blame" => {
            let top = expand(rng, "^‹h7› (‹Person› ‹Word› ‹day› ‹clock› +0100 ");
            mark::prefixed(text, |at| format!("{top}{:>3}) ", at + 1))
        }
        "pretty box" => mark::prefixed(text, |_| "│ ".into()),
        _ => panic!("an unknown outer context: {outer}"),
    }
}
