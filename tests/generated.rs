//! Completions and manual pages are what the binary prints, catalog and gRPC messages are what their sources say, and
//! the pages on traffic, on translation and on review rules have the program's own tables;
//! `UPDATE=1 cargo test --test generated` writes them.

// A test that cannot go on says so by panicking; the doors of src/world are for the program.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use monster::model::{Action, Dialect, Kind, RULES, Rest, Rule};
use monster::providers::Head;
use monster::wire::{LOSSES, Loss, REFUSED};

#[path = "generated/catalog.rs"]
mod catalog;

const SHELLS: [(&str, &str); 5] = [
    ("bash", "monster.bash"),
    ("elvish", "monster.elv"),
    ("fish", "monster.fish"),
    ("powershell", "_monster.ps1"),
    ("zsh", "_monster"),
];

fn monster(args: &[&str]) -> Vec<u8> {
    let home = tempfile::tempdir().unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_monster"))
        .args(args)
        .env_clear()
        .env("HOME", home.path())
        .current_dir(home.path())
        .output()
        .unwrap();
    assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
    out.stdout
}

/// Holds a folder equal to `made`, or makes it so.
fn fresh(folder: &str, made: &BTreeMap<String, Vec<u8>>) {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(&dir).unwrap();
        for old in files(&dir).into_keys().filter(|name| !made.contains_key(name)) {
            std::fs::remove_file(dir.join(old)).unwrap();
        }
        for (name, content) in made {
            std::fs::write(dir.join(name), content).unwrap();
        }
    }
    let there = files(&dir);
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&there), names(made), "{folder}/ holds other files; run: UPDATE=1 cargo test --test generated");
    for (name, content) in made {
        assert!(there[name] == *content, "{folder}/{name} is stale; run: UPDATE=1 cargo test --test generated");
    }
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let paths: Vec<PathBuf> =
        std::fs::read_dir(dir).map(|d| d.flatten().map(|e| e.path()).collect()).unwrap_or_default();
    paths
        .into_iter()
        .map(|p| (p.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&p).unwrap()))
        .collect()
}

#[test]
fn completions_are_fresh_for_five_shells() {
    let made = SHELLS.iter().map(|(shell, file)| ((*file).to_owned(), monster(&["completions", shell]))).collect();
    fresh("completions", &made);
}

#[test]
fn manual_pages_are_fresh() {
    let dir = tempfile::tempdir().unwrap();
    monster(&["man", &dir.path().display().to_string()]);
    let made = files(dir.path());
    assert!(made.contains_key("monster.1") && made.contains_key("monster-hook-install.1"), "{:?}", made.keys());
    let first = String::from_utf8(made["monster.1"].clone()).unwrap();
    assert!(first.contains("EXIT STATUS") && first.contains("\\fB130\\fR"), "the exit codes are in the manual");
    fresh("man", &made);
}

#[test]
fn the_catalog_is_made_from_its_source() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |name: &str| std::fs::read_to_string(root.join("data").join(name)).unwrap();
    let made = catalog::table(&[&read("models.json"), &read("routers.json")], &read("edits.json"));
    let place = root.join("src/catalog/models.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&place, &made).unwrap();
    }
    let there = std::fs::read_to_string(&place).unwrap();
    assert!(there == made, "src/catalog/models.json is stale; run: UPDATE=1 cargo test --test generated");
}

#[test]
fn the_messages_of_grpc_services_are_made_from_their_descriptions() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/wire/proto");
    for (source, package, place) in [("xai.proto", "xai_api", "xai.rs"), ("status.proto", "google.rpc", "rpc.rs")] {
        let described = protox::compile([source], [&dir]).unwrap();
        let out = tempfile::tempdir().unwrap();
        prost_build::Config::new().out_dir(out.path()).compile_fds(described).unwrap();
        let made = std::fs::read_to_string(out.path().join(format!("{package}.rs"))).unwrap();
        let place = dir.join(place);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&place, &made).unwrap();
        }
        let there = std::fs::read_to_string(&place).unwrap_or_default();
        assert!(there == made, "{} is stale; run: UPDATE=1 cargo test --test generated", place.display());
    }
}

/// How a rest is told.
fn rest(rule: &Rule) -> String {
    let told = |span: Duration| monster::client::park::spell(span);
    match rule.rest {
        _ if matches!(rule.action, Action::Stop) => String::new(),
        Rest::Stated if rule.kind == Kind::QuotaSpent => "as stated, else 1 h between tries".to_owned(),
        Rest::Stated if rule.action == Action::Park => "as stated, else the ladder".to_owned(),
        Rest::Stated if rule.action == Action::Retry => "a pause".to_owned(),
        Rest::Stated => "this request".to_owned(),
        Rest::Usually(span) => format!("as stated, else {}", told(span)),
        Rest::Least(span) => format!("as stated, at least {}", told(span)),
        Rest::Pacific => "as stated, else until midnight in California".to_owned(),
        Rest::Day => "as stated, else until the next day (UTC)".to_owned(),
        Rest::Month => "as stated, else until the next month (UTC)".to_owned(),
    }
}

/// What becomes of statuses that no line names, found out by asking: the page says it as three lines.
fn unlisted() -> String {
    let classified = |status: u16| {
        let head = Head { status, ..Head::default() };
        let provider = monster::providers::provider("openai").unwrap();
        provider.classify(provider.label(), Dialect::OpenAiChat, &head, b"", 0)
    };
    let named: Vec<u16> = RULES.iter().flat_map(|rule| rule.status).copied().collect();
    let mut out = String::new();
    let ranges = [("300 to 399", 300..400), ("any other below 500", 400..500), ("any other from 500 on", 500..600)];
    for (which, range) in ranges {
        let failures: Vec<_> = range.filter(|status| !named.contains(status)).map(classified).collect();
        let one = &failures[0];
        assert!(failures.iter().all(|f| (f.kind, f.scope, f.action) == (one.kind, one.scope, one.action)), "{which}");
        let kind = one.kind.name().replace('_', " ");
        let (long, does) = match one.action {
            Action::Stop => ("", "ends"),
            Action::Next => ("this request", "takes the next route"),
            Action::Retry => ("a pause", "takes the next route, else tries again"),
            _ => panic!("{which} has no words here"),
        };
        out.push_str(&format!("| {which} | {kind} | {} | {long} | {does} |\n", one.scope.name()));
    }
    out
}

#[test]
fn the_table_of_failures_on_the_page_is_the_programs_own() {
    let row = |rule: &Rule| {
        let statuses: Vec<String> = rule.status.iter().map(u16::to_string).collect();
        let quoted = |words: &[&str]| words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ");
        let by = if rule.by.is_empty() { String::new() } else { format!("{}: ", rule.by.join(", ")) };
        let code = if rule.code.is_empty() { String::new() } else { format!(" with code {}", quoted(rule.code)) };
        let says = if rule.says.is_empty() { String::new() } else { format!(" that says {}", quoted(rule.says)) };
        let does = match rule.action {
            Action::Stop => "ends",
            Action::Next => "takes the next route",
            Action::Park => "takes the next route, else waits",
            Action::Retry => "takes the next route, else tries again",
            Action::Refresh => "renews the token once, else takes the next route",
        };
        let kind = rule.kind.name().replace('_', " ");
        format!(
            "| {by}{}{code}{says} | {kind} | {} | {} | {does} |\n",
            statuses.join(", "),
            rule.scope.name(),
            rest(rule)
        )
    };
    let mut rows: String = RULES.iter().map(row).collect();
    rows.push_str(&unlisted());
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/TRAFFIC.md");
    let page = std::fs::read_to_string(&place).unwrap();
    let (head, tail) = page.split_once("<!-- rules -->\n").unwrap();
    let tail = tail.split_once("<!-- end of rules -->").unwrap().1;
    let made = format!("{head}<!-- rules -->\n{rows}<!-- end of rules -->{tail}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&place, &made).unwrap();
    }
    let there = std::fs::read_to_string(&place).unwrap();
    assert!(there == made, "the table in docs/TRAFFIC.md is stale; run: UPDATE=1 cargo test --test generated");
}

/// Holds the part of a page between two marks equal to `made`, or makes it so.
fn part(page: &str, mark: &str, made: &str) {
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let there = std::fs::read_to_string(&place).unwrap();
    let (open, close) = (format!("<!-- {mark} -->\n"), format!("<!-- end of {mark} -->"));
    let (head, tail) = there.split_once(&open).unwrap();
    let tail = tail.split_once(&close).unwrap().1;
    let whole = format!("{head}{open}{made}{close}{tail}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&place, &whole).unwrap();
        return;
    }
    assert!(there == whole, "{page} is stale; run: UPDATE=1 cargo test --test generated");
}

#[test]
fn the_tables_of_what_gets_lost_are_the_programs_own() {
    let heads = |first: &str| {
        let names: Vec<&str> = Dialect::ALL.iter().map(|d| d.name()).collect();
        format!("| {first} | {} |\n|---{}|\n", names.join(" | "), "|---".repeat(Dialect::ALL.len()))
    };
    let mut losses = heads("what happens");
    let mut told: Vec<&Loss> = Vec::new();
    for (loss, ..) in LOSSES {
        if told.contains(&loss) {
            continue;
        }
        told.push(loss);
        let cells: Vec<&str> = Dialect::ALL
            .iter()
            .map(|dialect| {
                let entry = LOSSES.iter().find(|(l, dialects, _)| l == loss && dialects.contains(dialect));
                entry.map_or("", |(.., when)| if when.is_empty() { "always" } else { when })
            })
            .collect();
        let name = if matches!(loss, Loss::Word(_) | Loss::Extra(_)) {
            "its own name".to_owned()
        } else {
            format!("`{}`", loss.name())
        };
        losses.push_str(&format!("| {} ({name}) | {} |\n", loss.sentence(), cells.join(" | ")));
    }
    part("docs/TRANSLATION.md", "losses", &losses);
    let mut refused = heads("why it is not sent");
    for (why, dialects) in REFUSED {
        let cells: Vec<&str> = Dialect::ALL.iter().map(|d| if dialects.contains(d) { "refused" } else { "" }).collect();
        refused.push_str(&format!("| {} | {} |\n", why.sentence(), cells.join(" | ")));
    }
    part("docs/TRANSLATION.md", "refusals", &refused);
}

#[test]
fn the_page_of_review_rules_is_the_programs_own_table() {
    use monster::tasks::offline::review::{classes, extensions, joined, keys};
    let mut page = String::from(
        "# What a review looks for by rule\n\n\
         A review looks for these classes with rules alone: without a model, without an account and without a network. \
         They are looked for in every review, before and beside any model, and `monster review --offline` looks for \
         nothing else. Most look at added lines alone, so that what stood there before is nobody's fault today, and of \
         these at none that was only moved or indented in another way.\n\n\
         A finding is silenced by `monster:ignore CLASS reason` on its line, or in a comment alone on the line above; \
         without a class or a reason it is not. \
         Each class has fixtures in `tests/review`, planted and clean, and a test holds every rule to them. \
         This page is written from the program's own table by `UPDATE=1 cargo test --test generated`.\n\n\
         | class | severity | where | what | why |\n|---|---|---|---|---|\n",
    );
    for row in classes::ALL {
        let severity = row.severity.name();
        page.push_str(&format!("| `{}` | {severity} | {} | {} | {} |\n", row.name, row.place, row.title, row.why));
    }
    let (names, lines) = joined();
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    page.push_str(&format!(
        "\nOf rules about lines, {} look at statements too that go over up to {lines} lines, while a bracket or a string \
         is open, behind an operator or before one; the finding stands at the first added line. All others see one line \
         at a time.\n",
        names.join(", ")
    ));
    page.push_str(
        "\nThe severity of a secret is high where its shape alone is less sure. Where only a name gives it away, and no \
         shape of a vendor's, it is medium in minified files and in other people's code: below `node_modules`, \
         `bower_components`, `third_party`, `third-party`, `Godeps`, `vendor/bundle` and `.yarn/releases`; in a folder \
         `vendor` where `modules.txt` (Go), `composer/installed.json` or a package's `.cargo-checksum.json` names what \
         the file belongs to; and where `.gitattributes` say `linguist-vendored`, unless the change touches them. In \
         any other folder `vendor` it is somebody's own.\n\n## Files\n\n\
         Classes of lines that are looked for in files of some kinds alone, by extension or name:\n\n| class | files |\n|---|---|\n",
    );
    for row in classes::ALL {
        let extensions: Vec<String> = extensions(row).iter().map(|e| format!("`{e}`")).collect();
        if !extensions.is_empty() {
            page.push_str(&format!("| `{}` | {} |\n", row.name, extensions.join(", ")));
        }
    }
    let list = |all: &[&str]| all.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
    page.push_str(&format!(
        "\n## Key files\n\n\
         - By name: {}.\n\
         - By extension: {} (`debug.keystore`, which Android's tools make for everybody, is none).\n\
         - By the first bytes of a private key (DER), or a line that begins one (PEM): {}. Every other new file that is \
         neither source nor documentation, when its first line begins a private key.\n\
         - `.env.local` and its like, and `.env` and that of a stage (`.env.production`) where one of {} stands beside \
         it. What else such a file holds is looked for as a secret.\n",
        list(keys::NAMES),
        list(keys::EXTENSIONS),
        list(keys::BYTES),
        list(keys::SHOWN),
    ));
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/REVIEW-RULES.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&place, &page).unwrap();
    }
    let there = std::fs::read_to_string(&place).unwrap_or_default();
    assert!(there == page, "docs/REVIEW-RULES.md is stale; run: UPDATE=1 cargo test --test generated");
}
