//! Who may import whom, and which package is used where: read from the parsed source, held against tables.
//!
//! Changing a table here is a decision; its reason goes into ARCHITECTURE.md.

// A test that cannot go on says so by panicking; the doors of src/world are for the program.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;

/// What each folder of `src` may import beside itself, `model` and `world`.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("world", &[]),
    ("wire", &[]),
    ("catalog", &[]),
    ("secrets", &[]),
    ("git", &[]),
    ("code", &[]),
    ("config", &[]),
    ("providers", &["wire"]),
    ("ui", &["config"]),
    ("net", &["config"]),
    ("vault", &["config"]),
    ("store", &["config"]),
    ("auth", &["config", "net", "vault", "store", "providers"]),
    ("client", &["secrets", "config", "net", "wire", "providers", "catalog", "auth", "store"]),
    ("tasks", &["client", "git", "code", "config", "secrets", "store", "catalog"]),
    ("serve", &["wire", "client", "config", "store", "secrets", "auth", "catalog", "tasks"]),
    (
        "commands",
        &["tasks", "client", "git", "config", "secrets", "store", "catalog", "auth", "providers", "net", "ui", "serve"],
    ),
];

/// Which packages have a door, and the places that are one.
const DOORS: &[(&str, &[&str])] = &[
    ("reqwest", &["net/", "client/grpc.rs", "client/pass.rs", "auth/"]),
    ("tonic", &["client/grpc.rs"]),
    ("async_compression", &["net/packed.rs"]),
    ("h2", &["net/"]),
    ("http_body", &["net/", "client/grpc.rs", "client/pass.rs", "serve/"]),
    ("http_body_util", &["net/", "serve/"]),
    ("hyper", &["net/", "serve/"]),
    ("hyper_rustls", &["net/"]),
    ("hyper_util", &["net/", "serve/"]),
    ("rustls_platform_verifier", &["net/"]),
    ("tokio_util", &["net/packed.rs"]),
    ("tower_service", &["net/"]),
    ("interprocess", &["serve/pipe.rs", "serve/listen.rs"]),
    ("listenfd", &["serve/"]),
    ("tokio_rustls", &["serve/"]),
    ("prost", &["wire/"]),
    ("rustls", &["net/", "serve/"]),
    ("git2", &["git/"]),
    ("keyring", &["vault/"]),
    ("linux_keyutils", &["vault/"]),
    ("ring", &["auth/", "store/shelf.rs", "git/tree.rs"]),
    ("open", &["world/browser.rs"]),
    ("opentelemetry", &["serve/telemetry/"]),
    ("opentelemetry_http", &["net/export.rs", "serve/telemetry/"]),
    ("opentelemetry_otlp", &["serve/telemetry/"]),
    ("opentelemetry_sdk", &["serve/telemetry/"]),
    ("rustix", &["world/", "ui/"]),
    ("saphyr", &["tasks/conventions/yaml.rs", "tasks/offline/review/syntax.rs"]),
    ("age", &["vault/"]),
    ("aes", &["vault/ancestor.rs"]),
    ("cbc", &["vault/ancestor.rs"]),
    ("scrypt", &["vault/ancestor.rs", "secrets/allow.rs"]),
    ("rusqlite", &["store/"]),
    ("dialoguer", &["ui/"]),
    ("indicatif", &["ui/"]),
    ("console", &["ui/"]),
    ("getrandom", &["world/random.rs"]),
    ("tree_sitter", &["code/"]),
    ("tree_sitter_bash", &["code/"]),
    ("tree_sitter_c", &["code/"]),
    ("tree_sitter_go", &["code/"]),
    ("tree_sitter_java", &["code/"]),
    ("tree_sitter_python", &["code/"]),
    ("tree_sitter_rust", &["code/"]),
    ("tree_sitter_typescript", &["code/"]),
    ("toml_edit", &["config/", "commands/setup/toml.rs"]),
    ("quick_xml", &["tasks/offline/review/"]),
    ("jsonschema", &["tasks/"]),
    ("clap", &["commands/"]),
    ("clap_complete", &["commands/completions.rs"]),
    ("clap_mangen", &["commands/man.rs"]),
];

/// Who may read the plain value of a `Secret`, and what for.
const EXPOSES: &[(&str, &str)] = &[
    ("auth/browser.rs", "sends code and verifier to the token endpoint"),
    ("auth/device.rs", "sends the device code to the token endpoint"),
    ("auth/google.rs", "signs a request for a token"),
    ("auth/revoke.rs", "gives a refresh token back"),
    ("auth/setup.rs", "sends a client's secret to the token endpoint"),
    ("auth/shape.rs", "looks at a key before it is stored"),
    ("auth/token.rs", "sends it to the token endpoint"),
    ("auth/workload.rs", "sends an identity token to be exchanged"),
    ("auth/renewal.rs", "sends a refresh token and a client's secret to the token endpoint"),
    ("commands/redact/allow.rs", "makes the fingerprint of a value that was typed at a prompt"),
    ("commands/accounts/reveal.rs", "shows it to a person who asked for it and was asked back"),
    ("commands/serve/token.rs", "shows it to a person who asked for it"),
    ("commands/setup/wish.rs", "writes an access key into a private file of the user's own tool"),
    ("model/secret.rs", "compares two"),
    ("net/export.rs", "puts it in a header for the collector of telemetry"),
    ("providers/compatible.rs", "puts it in a request's header"),
    ("secrets/known.rs", "masks it wherever it stands"),
    ("secrets/restore.rs", "gives it back to the client that sent it, where restoring was asked for"),
    ("secrets/vault.rs", "tells two values of one placeholder apart"),
    ("store/caller.rs", "hashes the key of a caller"),
    ("vault/account.rs", "writes it into the sealed payload"),
    ("vault/cache.rs", "gives the identity to the kernel's keyring, where the user chose a time"),
    ("vault/holder.rs", "gives the identity to what holds it, and opens with the passphrase"),
    ("vault/keychain.rs", "gives the identity to the keychain"),
    ("vault/machine.rs", "seals the identity for this machine"),
    ("vault/phrase.rs", "stretches a passphrase, and opens with it"),
    ("vault/rekey.rs", "writes a new identity where the old one stood in plain text"),
    ("vault/seal.rs", "keeps former identities in the sealed payload"),
];

/// Longer than this is not one thing (lines); tables of rules and names may be, and what is made from descriptions.
const LONGEST: usize = 600;

/// More packages than this in Cargo.lock is a decision.
const PACKAGES: usize = 529;

/// One source file and what it names.
struct Source {
    /// Relative to `src`.
    path: String,
    /// Its first folder; the file's own name for a file at the top.
    folder: String,
    /// Modules of this crate it names, by first segment.
    modules: BTreeSet<String>,
    /// First segments of every other path.
    packages: BTreeSet<String>,
    /// It says `super::super`.
    climbs: bool,
    /// It reads the plain value of a secret.
    exposes: bool,
    lines: usize,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    assert!(files.len() > 150, "the source was found");
    files.iter().map(|file| read(&root, file)).collect()
}

fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => walk(&path, out),
            false if path.extension().is_some_and(|e| e == "rs") => out.push(path),
            false => {}
        }
    }
}

fn read(root: &Path, file: &Path) -> Source {
    let text = std::fs::read_to_string(file).unwrap();
    let path = file.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
    let folder = path.split('/').next().unwrap().trim_end_matches(".rs").to_owned();
    // In `folder/mod.rs`, and there alone, `super` is the crate itself.
    let top = path.matches('/').count() == 1 && path.ends_with("/mod.rs");
    let mut seen = Paths { top, ..Paths::default() };
    // A test may use more than what it tests.
    if !path.ends_with("tests.rs") && !path.contains("/tests/") {
        seen.visit_file(&syn::parse_file(&text).unwrap_or_else(|e| panic!("{path}: {e}")));
    }
    Source {
        path,
        folder,
        modules: seen.modules,
        packages: seen.packages,
        climbs: seen.climbs,
        exposes: seen.exposes,
        lines: text.lines().count(),
    }
}

/// Collects the paths of a file outside its tests.
#[derive(Default)]
struct Paths {
    top: bool,
    modules: BTreeSet<String>,
    packages: BTreeSet<String>,
    climbs: bool,
    exposes: bool,
}

impl Paths {
    fn path(&mut self, segments: &[String]) {
        match segments {
            [first, second, ..] if first == "super" && second == "super" => self.climbs = true,
            [first, module, ..] if first == "crate" || (first == "super" && self.top) => {
                self.modules.insert(module.clone());
            }
            [first, ..] => {
                self.packages.insert(first.clone());
            }
            [] => {}
        }
        self.exposes |= segments.last().is_some_and(|name| name == "expose");
    }

    fn tree(&mut self, tree: &syn::UseTree, before: &mut Vec<String>) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.tree(&path.tree, before);
                before.pop();
            }
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(item, before)),
            syn::UseTree::Name(name) => self.leaf(before, &name.ident),
            syn::UseTree::Rename(name) => self.leaf(before, &name.ident),
            syn::UseTree::Glob(_) => self.path(before),
        }
    }

    fn leaf(&mut self, before: &[String], name: &syn::Ident) {
        let whole: Vec<String> = before.iter().cloned().chain([name.to_string()]).collect();
        self.path(&whole);
    }

    /// What a macro was given is no syntax tree, but `a :: b` is a path there too.
    fn tokens(&mut self, tokens: TokenStream) {
        let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
        self.exposes |= all.windows(2).any(|pair| match pair {
            [TokenTree::Punct(mark), TokenTree::Ident(name)] => ".:".contains(mark.as_char()) && name == "expose",
            _ => false,
        });
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(name) if colons == 2 || path.is_empty() => {
                    path.push(name.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                other => {
                    if path.len() > 1 {
                        self.path(&path);
                    }
                    (path, colons) = (Vec::new(), 0);
                    match other {
                        TokenTree::Group(group) => self.tokens(group.stream()),
                        TokenTree::Ident(name) => path.push(name.to_string()),
                        _ => {}
                    }
                }
            }
        }
        if path.len() > 1 {
            self.path(&path);
        }
    }
}

fn for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes
        .iter()
        .any(|a| a.path().is_ident("cfg") && quote::ToTokens::to_token_stream(a).to_string().contains("test"))
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        if !for_tests(&item.attrs) {
            syn::visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if !for_tests(&item.attrs) {
            self.tree(&item.tree, &mut Vec::new());
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
            self.path(&segments);
        }
        syn::visit::visit_path(self, path);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.exposes |= call.method == "expose";
        syn::visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.tokens(item.tokens.clone());
        syn::visit::visit_macro(self, item);
    }
}

#[test]
fn folders_import_only_what_the_table_allows() {
    let table: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|s| !matches!(s.folder.as_str(), "main" | "lib")) {
        let Some(allowed) = table.get(source.folder.as_str()) else {
            wrong.push(format!("{}: the folder {} stands in no table", source.path, source.folder));
            continue;
        };
        for module in &source.modules {
            let free = [source.folder.as_str(), "model", "world"].contains(&module.as_str());
            // `model` and `world` themselves get nothing for free.
            let free = free && (source.folder != "model" || module == "model");
            let free = free && (source.folder != "world" || module == "world");
            if !free && !allowed.contains(&module.as_str()) && table.contains_key(module.as_str()) {
                wrong.push(format!("{} imports {module}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "not in the table of tests/architecture.rs:\n{}", wrong.join("\n"));
}

#[test]
fn every_folder_of_the_table_is_there_and_in_the_map() {
    let folders: BTreeSet<String> = sources().into_iter().map(|s| s.folder).collect();
    let map = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for (folder, _) in MAY_IMPORT {
        assert!(folders.contains(*folder), "{folder} is in the table and not in src");
        assert!(map.contains(&format!("[`{folder}`]")), "{folder} is not in the map of src/lib.rs");
    }
}

#[test]
fn packages_are_used_only_behind_their_doors() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (package, doors) in DOORS {
            let open = doors.iter().any(|door| source.path.starts_with(door));
            if source.packages.contains(*package) && !open {
                wrong.push(format!("{} uses {package}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "outside their doors:\n{}", wrong.join("\n"));
}

#[test]
fn every_door_is_used() {
    let all: BTreeSet<String> = sources().into_iter().flat_map(|s| s.packages).collect();
    let unused: Vec<&str> = DOORS.iter().map(|(package, _)| *package).filter(|p| !all.contains(*p)).collect();
    assert!(unused.is_empty(), "a door to nothing, or a parse that sees nothing: {unused:?}");
}

#[test]
fn the_plain_value_of_a_secret_is_read_only_where_the_table_says_what_for() {
    let found: BTreeSet<String> = sources().into_iter().filter(|s| s.exposes).map(|s| s.path).collect();
    let table: BTreeSet<String> = EXPOSES.iter().map(|(path, _)| (*path).to_owned()).collect();
    let (new, gone): (Vec<_>, Vec<_>) = (found.difference(&table).collect(), table.difference(&found).collect());
    assert!(new.is_empty(), "these read a secret's plain value and stand in no table: {new:?}");
    assert!(gone.is_empty(), "these stand in the table and read none: {gone:?}");
}

#[test]
fn nothing_climbs_over_its_parent() {
    let wrong: Vec<String> = sources().into_iter().filter(|s| s.climbs).map(|s| s.path).collect();
    assert!(wrong.is_empty(), "super::super in {wrong:?}");
}

#[test]
fn files_stay_small() {
    let table = |path: &str| {
        ["/table", "/rules/", "wire/proto/"].iter().any(|part| path.contains(part)) || path.ends_with("names.rs")
    };
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|s| s.lines > LONGEST && !table(&s.path))
        .map(|s| format!("{} has {} lines", s.path, s.lines))
        .collect();
    assert!(long.is_empty(), "{long:#?}");
}

#[test]
fn every_story_is_in_the_suite() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let main = std::fs::read_to_string(dir.join("main.rs")).unwrap();
    for entry in std::fs::read_dir(&dir).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().trim_end_matches(".rs").to_owned();
        if !["main", "snapshots"].contains(&name.as_str()) {
            assert!(main.contains(&format!("mod {name};")), "tests/suite/{name} is run by nobody");
        }
    }
}

#[test]
fn the_number_of_packages_is_argued_for() {
    let lock = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock")).unwrap();
    let packages = lock.matches("[[package]]").count();
    assert!(packages <= PACKAGES, "{packages} packages in Cargo.lock, {PACKAGES} are argued for in ARCHITECTURE.md");
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("ARCHITECTURE.md")).unwrap();
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    for table in ["dependencies", "dev-dependencies"] {
        for name in manifest[table].as_table().unwrap().keys() {
            assert!(text.contains(&format!("`{name}`")), "ARCHITECTURE.md does not say why {name} is there");
        }
    }
}
