//! The text of our hooks: how it is written, how it is known again, and how it is taken out of what others wrote.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::Name;

const PLAIN: &str = include_str!("../../../hooks/hook.sh");
const PUSH: &str = include_str!("../../../hooks/hook-push.sh");
const SHARED: &str = include_str!("../../../hooks/hook-shared.sh");
/// The line by which a hook is known as ours.
const MARK: &[u8] = b"# Installed by monster;";
/// The line that says what we installed, so that somebody's own lines are never removed with ours.
const SUM: &[u8] = b"# sha256 of the other lines: ";
const BEGIN: &[u8] = b"# >>> monster ";
const END: &[u8] = b"# <<< monster <<<";

/// What runs a hook that was there before, where others have written into ours.
pub(super) const FIRST: &str = "# What stood here before monster was installed.\nif [ -f \"$0.monster-prior\" ] && [ -x \"$0.monster-prior\" ]; then\n    \"$0.monster-prior\" \"$@\" || exit\nfi\n";

/// The whole hook for the program at `program`.
pub(super) fn whole(name: Name, program: &Path) -> Vec<u8> {
    let text = if name == Name::PrePush { PUSH } else { PLAIN };
    let named = replaced(filled(text, name).as_bytes(), b"@MONSTER@", &quoted(program.as_os_str().as_encoded_bytes()));
    let sum = sum(&named);
    replaced(&named, b"@SUM@", sum.as_bytes())
}

/// The lines for a hook that is shared with people who may not have monster.
pub(super) fn shared(name: Name) -> String {
    filled(SHARED, name)
}

fn filled(text: &str, name: Name) -> String {
    text.replace("@VERSION@", env!("CARGO_PKG_VERSION")).replace("@NAME@", name.text())
}

/// Something of ours is in it.
pub(super) fn ours(content: &[u8]) -> bool {
    content.split(|b| *b == b'\n').any(|line| line.starts_with(MARK))
}

/// It is as [`whole`] wrote it, for whatever program and by whatever version of monster.
pub(super) fn untouched(content: &[u8]) -> bool {
    let sum = sum(content);
    content.split(|b| *b == b'\n').any(|line| line.strip_prefix(SUM) == Some(sum.as_bytes()))
}

/// The program that it names, as [`quoted`] wrote it.
pub(super) fn program(content: &[u8]) -> Option<Vec<u8>> {
    let line = content.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(b"monster='"))?;
    let mut out = line.strip_suffix(b"'")?.to_vec();
    while let Some(at) = out.windows(4).position(|w| w == b"'\\''") {
        out.splice(at..at + 4, *b"'");
    }
    Some(out)
}

/// The version that wrote it; `None` of one that did not say so yet.
pub(super) fn version(content: &[u8]) -> Option<String> {
    let line = content.split(|b| *b == b'\n').find_map(|line| line.strip_prefix(BEGIN))?;
    let text = String::from_utf8_lossy(line);
    text.split_whitespace().next().filter(|word| *word != ">>>").map(str::to_owned)
}

/// Puts the shared lines below the first line of somebody's shell script.
pub(super) fn inserted(content: &[u8], block: &str) -> Vec<u8> {
    let first = content.iter().position(|b| *b == b'\n').map_or(content.len(), |at| at + 1);
    let head = if content.starts_with(b"#!") { first } else { 0 };
    let (before, after) = content.split_at(head);
    let end: &[u8] = if before.is_empty() || before.ends_with(b"\n") { b"" } else { b"\n" };
    [before, end, block.as_bytes(), after].concat()
}

/// It can hold lines for a shell: a shell's script, or nothing that names a program.
pub(super) fn is_shell(content: &[u8]) -> bool {
    let first = content.split(|b| *b == b'\n').next().unwrap_or_default();
    let Some(program) = first.strip_prefix(b"#!") else { return !content.contains(&0) };
    let program = String::from_utf8_lossy(program);
    program
        .split_whitespace()
        .any(|word| matches!(word.rsplit('/').next(), Some("sh" | "bash" | "dash" | "zsh" | "ksh" | "ash")))
}

/// Everything but our marked lines; `None` where their end is missing, or there are none.
pub(super) fn without(content: &[u8]) -> Option<Vec<u8>> {
    let (mut out, mut inside, mut any) = (Vec::new(), false, false);
    for line in content.split_inclusive(|b| *b == b'\n') {
        if !inside && line.starts_with(BEGIN) {
            (inside, any) = (true, true);
        } else if inside {
            // A checkout may have given it line ends of Windows.
            inside = line.trim_ascii_end() != END;
        } else {
            out.extend_from_slice(line);
        }
    }
    (any && !inside).then_some(out)
}

/// Nothing is done by it: what we began such a file with, or nothing.
pub(super) fn hollow(content: &[u8]) -> bool {
    content.split(|b| *b == b'\n').all(|line| {
        let line = line.trim_ascii();
        line.is_empty() || line.starts_with(b"#!") || line == b"exit 0"
    })
}

/// Of all lines but the one that says it.
fn sum(content: &[u8]) -> String {
    let mut hash = Sha256::new();
    for line in content.split_inclusive(|b| *b == b'\n').filter(|line| !line.starts_with(SUM)) {
        hash.update(line);
    }
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

/// The first `from` replaced; in bytes, because a program's path may be no text.
fn replaced(content: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    match content.windows(from.len()).position(|w| w == from) {
        Some(at) => {
            let (before, rest) = content.split_at(at);
            [before, to, rest.get(from.len()..).unwrap_or_default()].concat()
        }
        None => content.to_vec(),
    }
}

/// For a POSIX shell.
fn quoted(text: &[u8]) -> Vec<u8> {
    let inner = text.split(|b| *b == b'\'').collect::<Vec<_>>().join(&b"'\\''"[..]);
    [b"'", inner.as_slice(), b"'"].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_into_a_script_comes_out_of_it_byte_for_byte() {
        for script in ["#!/bin/sh\necho a\n", "echo a", "", "#!/usr/bin/env bash\r\necho \u{fc}\r\n", "#!/bin/sh"] {
            let block = shared(Name::CommitMsg);
            let with = inserted(script.as_bytes(), &block);
            assert!(ours(&with) && version(&with).is_some(), "{script:?}");
            if script.contains('\n') || !script.starts_with("#!") {
                assert_eq!(without(&with).as_deref(), Some(script.as_bytes()), "{script:?}");
            }
        }
        let windows = format!("#!/bin/sh\n{}echo a\n", shared(Name::CommitMsg)).replace('\n', "\r\n");
        assert_eq!(without(windows.as_bytes()).as_deref(), Some(b"#!/bin/sh\r\necho a\r\n".as_slice()));
        let cut = shared(Name::CommitMsg).replace("# <<< monster <<<", "");
        assert_eq!(without(cut.as_bytes()), None, "without its end nobody knows what is ours");
    }

    #[test]
    fn a_hook_says_whose_it_is_by_which_version_and_whether_it_was_edited() {
        for name in Name::ALL {
            let text = whole(name, Path::new("/opt/it's/monster"));
            assert!(ours(&text) && untouched(&text));
            assert_eq!(version(&text).as_deref(), Some(env!("CARGO_PKG_VERSION")));
            assert_eq!(program(&text).as_deref(), Some(b"/opt/it's/monster".as_slice()));
            let more = [text.as_slice(), b"echo mine\n"].concat();
            assert!(ours(&more) && !untouched(&more));
            assert_eq!(without(&more).unwrap(), b"#!/bin/sh\necho mine\n");
        }
    }

    #[test]
    fn only_shells_take_a_shells_lines() {
        for (text, shell) in [
            ("#!/bin/sh\n", true),
            ("#!/usr/bin/env bash\n", true),
            ("npx lint\n", true),
            ("#!/usr/bin/env python3\n", false),
            ("#!/usr/bin/perl -w\n", false),
            ("\u{0}ELF", false),
        ] {
            assert_eq!(is_shell(text.as_bytes()), shell, "{text:?}");
        }
    }
}
