//! Ids of secrets in settings: each is that of one place, however many there are.

use std::collections::HashSet;

use crate::git::patch::parse;
use crate::secrets::{Mode, Redactor};
use crate::tasks::keys::tests::Whole;
use crate::tasks::review::leak::leaks;

/// The ids of what these parts of a file add, where they stand behind a `+`.
fn ids(path: &str, parts: &[&str]) -> Vec<String> {
    let redactor = Redactor::new(Mode::Redact, Vec::new(), *b"settings");
    let (mut whole, mut hunk, mut old, mut new) = (String::new(), String::new(), 0, 0);
    for part in parts {
        let (mark, text) = part.strip_prefix('+').map_or((' ', *part), |text| ('+', text));
        whole.push_str(text);
        for line in text.lines() {
            hunk.extend([mark.to_string().as_str(), line, "\n"]);
            new += 1;
            old += u32::from(mark == ' ');
        }
    }
    let from = u32::from(old > 0);
    let head = format!("diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -{from},{old} +1,{new} @@\n");
    let change = parse((head + &hunk).as_bytes()).unwrap();
    leaks(&change, &Whole(whole), &redactor).into_iter().map(|found| found.id).collect()
}

fn id(path: &str, parts: &[&str]) -> String {
    let [id] = ids(path, parts).try_into().unwrap_or_else(|all| panic!("{path}: {parts:?}: {all:?}"));
    id
}

/// What somebody could have made up.
fn value(n: u32) -> String {
    let mut state = n.wrapping_mul(2_654_435_761).wrapping_add(97);
    let letters = (0..14).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"[(state >> 16) as usize % 62])
    });
    letters.collect()
}

#[test]
fn what_is_accepted_in_one_document_is_not_in_another() {
    let secret = |head: &str, n: u32| format!("{head}stringData:\n  password: \"{}\"\n", value(n));
    let named = |name: &str| format!("kind: Secret\nmetadata:\n  labels:\n    name: x\n  name: {name}\n");
    let yaml = |parts: &[&str]| id("c.yml", parts);
    let one = secret(&named("one"), 1);
    let (accepted, added) = (yaml(&[&format!("+{one}")]), |text: &str| format!("+---\n{text}"));
    for head in ["kind: Secret\n".to_owned(), String::new(), named("one"), named("two")] {
        assert_ne!(accepted, yaml(&[&one, &added(&secret(&head, 2))]), "{head}");
    }
    // Nor in one that is put before it; and its own stays what it is, wherever it comes to stand.
    let two = secret(&named("two"), 2);
    assert_ne!(accepted, yaml(&[&format!("+{two}---\n"), &one]));
    assert_eq!(accepted, yaml(&[&two, &added(&secret(&named("one"), 3))]), "the place alone");
    let kept = one.replace("name: one", "name: 'one' # the first");
    assert_eq!(accepted, yaml(&[&two, &added(&kept)]));
    let last = secret("", 3) + &named("one");
    assert_eq!(accepted, yaml(&["# Made by hand.\n", &added(&last)]), "names may stand behind it");
    // Where nothing has a name they are counted.
    let plain = secret("", 1);
    let first = yaml(&[&format!("+{plain}")]);
    assert_eq!(first, yaml(&[&added(&plain)]));
    assert_ne!(first, yaml(&[&plain, &added(&secret("", 2))]));
    // What looks like a border inside of a text is none.
    let cert = |name: &str| format!("{name}:\n  cert: |\n    ----- BEGIN -----\n  password: \"{}\"\n", value(5));
    let (dev, prod) = (cert("dev"), cert("prod"));
    assert_ne!(yaml(&[&format!("+{dev}")]), yaml(&[&format!("+{prod}")]));
}

#[test]
fn what_is_accepted_in_one_item_of_a_list_is_not_in_those_behind_it() {
    let item = |text: &str, n: u32| text.replace("VALUE", &value(n));
    for (path, head, one, tail) in [
        ("c.yml", "users:\n", "  - name: a\n    password: \"VALUE\"\n", "last: 1\n"),
        ("c.yml", "users:\n", "- password: \"VALUE\"\n  name: a\n", "last: 1\n"),
        ("c.yml", "- hosts:\n", "  - db:\n      password: \"VALUE\"\n", ""),
        ("c.toml", "a = 1\n", "[[user]]\nname = \"a\"\npassword = \"VALUE\"\n", "[other]\n"),
        ("c.toml", "[a]\n", "[[user]]\n[user.db]\npassword = \"VALUE\"\n", "[other]\n"),
        ("c.ini", "", "[db]\nhost = a\npassword = \"VALUE\"\n", ""),
        ("c.json", "{\n  \"users\": [\n", "    {\n      \"password\": \"VALUE\"\n    },\n", "    {}\n  ]\n}\n"),
        (
            "c.json",
            "{\n  \"u\": [\n",
            "    {\n      \"db\": {\n        \"password\": \"VALUE\"\n      }\n    },\n",
            "    1\n  ]\n}\n",
        ),
    ] {
        let accepted = id(path, &[head, &format!("+{}", item(one, 1)), tail]);
        let kept = item(one, 1);
        assert_ne!(accepted, id(path, &[head, &kept, &format!("+{}", item(one, 2)), tail]), "{path}: {one}");
        assert_eq!(accepted, id(path, &[head, &format!("+{}", item(one, 3)), &kept, tail]), "{path}: by their order");
        let both = ids(path, &[head, &format!("+{kept}{}", item(one, 2)), tail]);
        assert!(both.len() == 2 && both[0] == accepted && both[1] != accepted, "{path}: {both:?}");
    }
    let list = |name: &str| format!("+{name}:\n- password: \"{}\"\n", value(1));
    assert_ne!(id("c.yml", &[&list("dev")]), id("c.yml", &[&list("prod")]), "a list may stand at the margin");
}

#[test]
fn no_value_above_it_is_in_an_id() {
    let password = format!("password = \"{}\"\n", value(1));
    for (path, above) in [
        ("c.toml", "users = [\n  [\"bob\", \"VALUE\"],\n]\n"),
        ("c.toml", "users = [\n  [\"VALUE\"]\n]\n"),
        ("c.toml", "users = [\n[\"bob\", \"VALUE\"]\n]\n"),
        ("c.toml", "users = [\n[\"VALUE\"]\n]\n"),
        ("c.toml", "users = [\n['VALUE'] # first\n]\n"),
        ("c.ini", "[a]\nusers =\n  [VALUE]\n"),
        ("c.ini", "[a]\nusers = 1\n\n  # more\n  2\n  [VALUE]\n"),
        ("c.toml", "[a]\nusers = [ # [\n  ']', [\n  [VALUE]\n]]\n"),
        ("c.toml", "[a]\nusers = [{ a = \"\\\"]\" },\n  [VALUE]\n]\n"),
        ("c.toml", "[a]\nusers = \"\"\"\n\\\"\"\"\n  [VALUE]\n\"\"\"\n"),
        ("c.toml", "[a]\nusers = '''\\\n[VALUE]\n'''\n"),
        ("c.cfg", "[a]\nusers = 1\n[1, VALUE]\n"),
    ] {
        let of = |value: &str| id(path, &[&above.replace("VALUE", value), &format!("+{password}")]);
        assert_eq!(of("hunter2a"), of("hunter3b"), "{path}: {above}");
    }
    let folded = |value: &str| format!("a: |\n  {value}\n");
    let of = |value: &str| id("c.yml", &[&folded(value), &format!("+    password: \"{}\"\n", self::value(1))]);
    assert_eq!(of("hunter2a"), of("hunter3b"));
    // What heads a table counts.
    for head in [
        "[dev.db]",
        "[[dev]]",
        "[dev] # db",
        "[remote \"dev\"]",
        "[program:dev]",
        "[ dev ]",
        "[target.'cfg(any(dev, a))'.b]",
    ] {
        let of = |head: &str| id("c.toml", &[&format!("[a]\n{head}\n"), &format!("+{password}")]);
        assert_ne!(of(head), of(&head.replace("dev", "prod")), "{head}");
    }
}

#[test]
fn what_is_accepted_in_one_table_is_not_in_another_however_its_head_is_written() {
    let table = |head: &str, n: u32| format!("{head}\n  password = \"{}\"\n", value(n));
    for (path, above, heads) in [
        ("c.toml", "[servers]\n", ["  [servers.prod]", "  [servers.evil]"]),
        ("c.toml", "users = [[1], [\"[\"]]\n", ["\t[[prod]]", "\t[[evil]] # [prod]"]),
        ("c.toml", "", ["[\"prod.db\"]", "[\"evil.db\"]"]),
        ("c.toml", "", ["['prod']", "[\"evil\\\"]\"]"]),
        ("c.toml", "a = '''it's'''\nb = '['\n", ["[-prod]", "[-evil]"]),
        ("c.ini", "[servers]\n", ["  [servers.prod]", "  [servers.evil]"]),
        ("c.ini", "[servers]\n  a = don't [\n", ["  [prod]", "  [evil]"]),
        ("c.ini", "", ["[~prod]", "[~evil]"]),
        ("c.ini", "", ["[prod's]", "[evil's] ; it's"]),
        ("c.ini", "", ["[prod] ; it's", "[evil's] ; it's"]),
        ("c.conf", "", ["[(prod)]", "[(evil)]"]),
        ("c.cfg", "", ["[prod=db&x]", "[evil=db&x]"]),
    ] {
        let [prod, evil] = heads;
        parted(path, above, heads);
        let accepted = id(path, &[above, &format!("+{}", table(prod, 1))]);
        let added = format!("+{}", table(evil, 2));
        assert_ne!(accepted, id(path, &[above, &added, &table(prod, 1)]), "{path}: {evil}");
        assert_eq!(accepted, id(path, &[above, &table(evil, 2), &format!("+{}", table(prod, 1))]), "{path}: {prod}");
    }
    // Of some nobody knows whether they are heads or rows of a list.
    for (above, heads) in [
        ("", ["[prod]", "[evil, x]"]),
        ("", ["[prod]", "[\"evil\"]"]),
        ("[a]\nb = 1\n", ["  [prod]", "  [evil]"]),
        ("b = 1\n", ["  [prod]", "  ['evil', x] ; it's"]),
    ] {
        parted("c.ini", above, heads);
    }
}

/// What was accepted in the first table is not in one that comes behind it.
fn parted(path: &str, above: &str, [prod, evil]: [&str; 2]) {
    let password = |n: u32| format!("  password = \"{}\"\n", value(n));
    let accepted = id(path, &[above, &format!("+{prod}\n{}", password(1))]);
    let moved = id(path, &[above, &format!("{prod}\n"), &format!("+{evil}\n{}", password(2))]);
    assert_ne!(accepted, moved, "{path}: {evil}");
}

#[test]
fn many_secrets_below_one_long_key_are_told() {
    let long = "k".repeat(1_000_000);
    let lines: String = (0..20_000).map(|n| format!("  pI_password: \"{}\"\n", value(n))).collect();
    let found = ids("c.yml", &[&format!("+{long}:\n{lines}")]);
    assert_eq!((found.len(), found.iter().collect::<HashSet<_>>().len()), (20_000, 20_000));
    let deep: String = (0..1_000).map(|n| format!("{}k{n}:\n", " ".repeat(n + 1))).collect();
    let of = |top: &str| {
        id("c.yml", &[&format!("{top}:\n"), &format!("+{deep}{}password: \"{}\"\n", " ".repeat(1_001), value(1))])
    };
    assert_ne!(of("dev"), of("prod"), "however far above");
}
