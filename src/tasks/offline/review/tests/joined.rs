//! What a line alone does not show: statements over several lines, blocks, halves of conflicts.

use super::*;

/// A change of `a.py` in one hunk, its lines marked as in a patch.
fn hunk(path: &str, lines: &[&str]) -> String {
    let count = |other: char| lines.iter().filter(|l| !l.starts_with(other)).count();
    format!(
        "diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{} +1,{} @@\n{}\n",
        count('+'),
        count('-'),
        lines.join("\n")
    )
}

#[test]
fn a_statement_is_told_once_where_the_change_begins_and_not_where_it_stood_there_before() {
    let call = ["import os", "subprocess.run(", "    f\"ls {path}\",", "    shell=True,", ")"];
    assert_eq!(found(&added("src/a.py", &call)), [("shell-injection".to_owned(), 2)]);
    let argument = hunk("src/a.py", &[" requests.get(", "     url,", "+    verify=False,", " )"]);
    assert_eq!(found(&argument), [("tls-off".to_owned(), 3)]);
    let other = hunk("src/a.py", &[" requests.get(", "+    url,", "     verify=False,", " )"]);
    assert!(found(&other).is_empty(), "{other}");
    let one = added("src/a.py", &["subprocess.run(f\"ls {path}\", shell=True,", "    check=True)"]);
    assert_eq!(found(&one), [("shell-injection".to_owned(), 1)]);
    let gone = hunk("src/a.py", &[" requests.get(", "-    verify=False,", "+    verify=True,", " )"]);
    assert!(found(&gone).is_empty(), "{gone}");
}

#[test]
fn a_statement_ends_with_its_bracket_and_after_five_lines() {
    let ended = ["requests.get(", "    url,", ")", "save(path, verify=False)"];
    assert!(classes(&added("src/a.py", &ended)).is_empty());
    let long = ["requests.get(", "    1,", "    2,", "    3,", "    4,", "    verify=False,", ")"];
    assert!(classes(&added("src/a.py", &long)).is_empty());
    assert_eq!(classes(&added("src/a.py", &[&long[..4], &long[5..]].concat())), ["tls-off"]);
}

#[test]
fn an_except_that_raises_again_is_left_alone_and_the_next_block_is_not_its_own() {
    let again = ["    except:", "        clean()", "", "        raise"];
    assert!(classes(&added("src/a.py", &again)).is_empty());
    let known =
        hunk("src/a.py", &[" try:", "     f()", "-except OSError:", "+except:", "     clean()", "     raise", " x()"]);
    assert!(classes(&known).is_empty(), "{known}");
    let next = ["except:", "    clean()", "if x:", "    raise"];
    assert_eq!(found(&added("src/a.py", &next)), [("swallowed-error".to_owned(), 1)]);
    let tree = Tree::default().with("src/a.py", "", "except:\n    a()\n    raise E() from None\n");
    assert!(tree.classes(&added("src/a.py", &["except:"])).is_empty(), "the rest of the file is looked at");
}

#[test]
fn code_below_a_test_module_is_product_again() {
    let tests = ["#[cfg(test)]", "mod tests {", "    #[test]", "    fn one() {", "        todo!()", "    }", "}", ""];
    let product = ["pub fn two() {", "    todo!()", "}"];
    assert!(classes(&added("src/a.rs", &tests)).is_empty());
    let both = added("src/a.rs", &[&tests[..], &product[..]].concat());
    assert_eq!(found(&both).into_iter().map(|found| found.1).collect::<Vec<_>>(), [10]);
}

#[test]
fn each_conflict_is_told_by_the_first_of_its_markers_that_is_left() {
    let lines = |path: &str, lines: &[&str]| found(&added(path, lines)).into_iter().map(|f| f.1).collect::<Vec<_>>();
    let whole = ["<<<<<<< HEAD", "a", "||||||| base", "b", "=======", "c", ">>>>>>> topic"];
    assert_eq!(lines("src/a.rs", &whole), [1]);
    assert_eq!(lines("src/a.rs", &[whole, whole].concat()), [1, 8]);
    for left in 1..whole.len() {
        assert_eq!(lines("src/a.rs", &whole[left..]).len(), 1, "{left}");
    }
    assert_eq!(lines("src/a.rs", &["a", "<<<<<<< HEAD"]), [2]);
    assert_eq!(lines("src/a.rs", &["=======", ">>>>>>> topic"]), [2]);
    assert_eq!(lines("src/a.rs", &["=======", "a <<<<<<< b", ">>>>>>>>> c", "<<<<<<<"]), [0; 0]);
    assert_eq!(lines("docs/a.md", &[whole, whole].concat()), [1, 8]);
    assert_eq!(lines("docs/a.md", &["<<<<<<< begins one,", ">>>>>>> ends it."]), [0; 0]);
    let change = parse(added("src/a.rs", &[whole, whole].concat()).as_bytes()).unwrap();
    assert_eq!(conflict_markers(&change).iter().map(|(_, line)| *line).collect::<Vec<_>>(), [1, 8]);
}

#[test]
fn characters_that_a_script_or_an_emoji_needs_are_no_hidden_ones() {
    let said = |path: &str, text: &str| classes(&added(path, &["x = 1", text]));
    let seen = [
        "a = '\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}'",
        "a = '\u{915}\u{94d}\u{200d}\u{937}'",
        "a = '\u{1f469}\u{200d}\u{1f4bb} \u{2764}\u{fe0f}\u{200d}\u{1f525} 1\u{fe0f}\u{20e3} \u{a9}\u{fe0f}'",
        "a = '\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'",
        "a = '\u{845b}\u{e0100}'",
        "a = '\u{5e9}\u{5dc}\u{5d5}\u{5dd}!\u{200f}'",
        "a = '\u{e01}\u{200b}\u{e02}'",
    ];
    for text in seen {
        assert!(said("src/a.py", text).is_empty(), "{text:?}");
    }
    let hidden = [
        '\u{ad}',
        '\u{61c}',
        '\u{180e}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{2028}',
        '\u{2029}',
        '\u{2060}',
        '\u{2064}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{ffa0}',
        '\u{e0041}',
        '\u{e0101}',
    ];
    for c in hidden {
        for path in ["src/a.py", "tests/test_a.py", ".github/workflows/a.yml", "Cargo.toml"] {
            assert_eq!(said(path, &format!("us{c}er")), ["invisible-character"], "{path} {c:?}");
        }
        assert!(said("locales/de.json", &format!("us{c}er")).is_empty(), "{c:?}");
        assert!(said("tests/fixtures/a.py", &format!("us{c}er")).is_empty(), "{c:?}");
        assert!(said("README.md", &format!("us{c}er")).is_empty(), "{c:?}");
    }
    assert_eq!(said("src/a.py", "\u{1f600}\u{fe0f}\u{e0100}\u{e0101}"), ["invisible-character"], "one chooses a form");
    assert!(classes(&added("src/a.py", &["\u{feff}import os"])).is_empty(), "it begins a file");
    assert!(said("config.yml", "a: Do\u{ad}nau").is_empty());
    assert_eq!(said(".github/workflows/a.yml", "- uses: \u{430}ctions/cache@v4"), ["lookalike"]);
}

#[test]
fn words_of_a_rule_are_known_to_the_statements() {
    let (names, most) = joined();
    assert_eq!(most, 5);
    for rule in table::rules().iter().filter(|r| r.hits.iter().any(|h| h.contains('\n'))) {
        assert!(names.contains(&rule.class.name), "{}", rule.class.name);
    }
}

#[test]
fn what_looks_like_a_mistake_and_is_none() {
    for (path, lines) in [
        ("assets/teapot.obj", &["v 0 0 0"][..]),
        ("data/1abc.pdb", &["ATOM 1"]),
        ("src/cli.ts", &["console.log(output);"]),
        ("src/a.py", &["print(\"do not chmod 777 it\")", "def save(path, verify=False):", "save('x', verify=False)"]),
        ("src/a.ts", &["el.innerHTML = t('title');", "log(`update config, set level=${level}`);"]),
    ] {
        assert_eq!(classes(&added(path, lines)), Vec::<String>::new(), "{path}");
    }
}
