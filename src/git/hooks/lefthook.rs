//! lefthook's file: which names it has, what calls us from it in each of its forms, and where that goes in YAML.

use super::Name;

/// Its names, in the order in which one is looked for.
pub(super) const FILES: [&str; 15] = [
    "lefthook.yml",
    "lefthook.yaml",
    ".lefthook.yml",
    ".lefthook.yaml",
    ".config/lefthook.yml",
    ".config/lefthook.yaml",
    "lefthook.toml",
    ".lefthook.toml",
    ".config/lefthook.toml",
    "lefthook.json",
    ".lefthook.json",
    ".config/lefthook.json",
    "lefthook.jsonc",
    ".lefthook.jsonc",
    ".config/lefthook.jsonc",
];

/// Lines for a file with this ending that has nothing for the hook yet.
pub(super) fn lines(name: Name, run: &str, form: &str) -> String {
    let text = name.text();
    let push = name == Name::PrePush;
    match form {
        "toml" => {
            let stdin = if push { "use_stdin = true\n" } else { "" };
            format!("[{text}.commands.monster]\nrun = '{run}'\n{stdin}")
        }
        "json" | "jsonc" => {
            let stdin = if push { ", \"use_stdin\": true" } else { "" };
            format!("\"{text}\": {{ \"commands\": {{ \"monster\": {{ \"run\": \"{run}\"{stdin} }} }} }}\n")
        }
        _ => {
            let stdin = if push { "\n      use_stdin: true" } else { "" };
            format!("{text}:\n  commands:\n    monster:\n      run: {run}{stdin}\n")
        }
    }
}

/// The parts of [`lines`] that are added where a file of YAML has something for the hook already, from the outermost on:
/// with `commands:`, the command alone, and as one of its `jobs:`.
pub(super) fn parts(lines: &str) -> [String; 3] {
    let below = |depth: usize| {
        let cut = |l: &str| format!("{}\n", l.get(depth * 2..).unwrap_or_default());
        lines.lines().skip(depth).map(cut).collect::<String>()
    };
    let command = below(2);
    let job = command.replacen("monster:\n", "- name: monster\n", 1);
    [below(1), command, job]
}

/// Where in a file of YAML that has something for the hook already our part goes, in words, and that part.
pub(super) fn beside(text: &str, name: Name, lines: &str) -> Option<(String, String)> {
    let key = name.text();
    let said: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#')).collect();
    let top = said.iter().find(|l| !l.starts_with("---")).map_or(0, |l| depth(l));
    let at = said.iter().position(|l| depth(l) == top && is_key(l.trim_start(), key))?;
    let block: Vec<&str> = said.iter().skip(at + 1).take_while(|l| depth(l) > top).copied().collect();
    let [commands, command, job] = parts(lines);
    let indented = |part: &str, by: usize| part.lines().map(|l| format!("{}{l}\n", " ".repeat(by))).collect::<String>();
    let Some(first) = block.first() else {
        // It stands on the key's own line, as `{}` does.
        return Some((format!("below \"{key}:\""), indented(&commands, top + 2)));
    };
    let child = depth(first);
    for (list, part) in [("commands", &command), ("jobs", &job)] {
        let Some(at) = block.iter().position(|l| depth(l) == child && is_key(l.trim_start(), list)) else { continue };
        // Entries of a list may stand as deep as its key.
        let next =
            block.get(at + 1).filter(|l| depth(l) > child || (list == "jobs" && l.trim_start().starts_with("- ")));
        let by = next.map_or(child + 2, |l| depth(l));
        return Some((format!("below \"{key}:\" and its \"{list}:\""), indented(part, by)));
    }
    Some((format!("below \"{key}:\""), indented(&commands, child)))
}

/// How many blanks a line begins with.
pub(super) fn depth(line: &str) -> usize {
    line.chars().take_while(|c| *c == ' ').count()
}

/// A line of YAML that begins with this key, quoted or not.
pub(super) fn is_key(line: &str, key: &str) -> bool {
    let quotes = ['"', '\''];
    let rest = line.trim_start_matches(quotes).strip_prefix(key);
    rest.is_some_and(|rest| rest.trim_start_matches(quotes).trim_start().starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_part_that_is_told_fits_where_it_is_to_go() {
        let lines = lines(Name::PrePush, "true", "yml");
        let said = |text: &str| beside(text, Name::PrePush, &lines);
        let told = |place: &str, part: &str| Some((place.to_owned(), part.to_owned()));
        assert_eq!(said("pre-commit:\n  commands:\n    a:\n      run: a\n"), None, "there is none yet");
        let command = "    monster:\n      run: true\n      use_stdin: true\n";
        for text in [
            "pre-push:\n  parallel: true\n  # all\n  commands:\n    a:\n      run: a\npre-commit:\n  jobs:\n    - run: b\n",
            "\"pre-push\":\n  commands:\n",
            "x:\n  pre-push:\n    jobs: []\npre-push:\n  commands:\n    a:\n      commands: 1\n",
        ] {
            assert_eq!(said(text), told("below \"pre-push:\" and its \"commands:\"", command), "{text}");
        }
        let wide = "pre-push:\n    commands:\n        a:\n            run: a\n";
        let (_, part) = said(wide).unwrap();
        assert_eq!(part, "        monster:\n          run: true\n          use_stdin: true\n");
        let job = |by: usize| {
            let blanks = " ".repeat(by);
            format!("{blanks}- name: monster\n{blanks}  run: true\n{blanks}  use_stdin: true\n")
        };
        for (text, by) in
            [("pre-push:\n  jobs:\n    - run: a\n", 4), ("pre-push:\n  jobs:\n  - run: a\n  - run: b\n", 2)]
        {
            assert_eq!(said(text), told("below \"pre-push:\" and its \"jobs:\"", &job(by)), "{text}");
        }
        let whole = "  commands:\n    monster:\n      run: true\n      use_stdin: true\n";
        for text in ["pre-push:\n  scripts:\n    a:\n      runner: sh\n", "pre-push: {}\n", "pre-push:\n"] {
            assert_eq!(said(text), told("below \"pre-push:\"", whole), "{text}");
        }
    }
}
