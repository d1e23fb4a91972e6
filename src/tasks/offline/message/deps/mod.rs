//! Dependencies: what was asked for in a manifest, and what a lock file's thousands of lines mean.

mod step;
mod words;

use std::collections::HashSet;

use step::{COMPILER, Step, What, locked, wanted};
pub(super) use words::cut;
pub(in crate::tasks) use words::{LISTED, more};
use words::{listed, words};

use super::names::{counted, each};
use super::told::{deed, told as files_told};
use super::{Hidden, Verdict, plain};
use crate::git::{Contents, FileChange, LineKind, Status};
use crate::tasks::offline::classify::Class;
use crate::tasks::offline::lockfile::LIMIT;

/// What asks for packages in a manifest of JSON, beside all that is called a dependency.
const ASKS: [&str; 7] = ["engines", "overrides", "resolutions", "pnpm", "volta", "require", "require-dev"];

/// Types that a habit of history may give a change of locked versions. It adds nothing that a user could see, so it is
/// never a feature, whatever commits of these files were called before.
pub(super) const TYPES: [&str; 5] = ["build", "chore", "deps", "fix", "ci"];

/// A scope that says that it is about packages.
pub(in crate::tasks) fn scope(scope: &str) -> bool {
    ["deps", "dep", "deps-dev", "dependencies"].iter().any(|one| scope.eq_ignore_ascii_case(one))
}

/// Only lock files, lock files with their manifests, or manifests in which nothing but dependencies changed.
pub(super) fn decide(
    files: &[&FileChange],
    classes: &[Class],
    contents: &dyn Contents,
    hidden: Hidden<'_>,
) -> Option<Verdict> {
    let verdict = |rule: &'static str, texts: Vec<String>, steps: &[Step]| verdict(rule, texts, steps, hidden);
    let words = |steps: &[Step], with_manifest: bool, locked: bool| words(steps, with_manifest, locked, hidden);
    if classes.is_empty() || !classes.iter().all(|c| matches!(c, Class::Lock | Class::Manifest)) {
        return None;
    }
    let of = |class: Class| files.iter().zip(classes).filter(move |(_, c)| **c == class).map(|(f, _)| *f);
    let wanted = sorted(of(Class::Manifest).flat_map(|file| wanted(file, contents)).collect());
    if !classes.contains(&Class::Lock) {
        let all = !wanted.is_empty() && files.iter().all(|file| explained(file, &wanted, contents));
        return all.then(|| verdict("manifest", words(&wanted, true, false), &wanted));
    }
    let locks: Vec<&FileChange> = of(Class::Lock).collect();
    if let (false, Some(verb)) = (classes.contains(&Class::Manifest), whole(&locks)) {
        let said = [files_named(&locks), counted(locks.len())].map(|name| format!("{verb} {name}"));
        return Some(verdict("lock", said.to_vec(), &[]));
    }
    // What was asked for says it; what comes along with it is the lock file's to know.
    let alone = wanted.is_empty();
    let lock = || sorted(of(Class::Lock).flat_map(|f| locked(f, contents)).collect());
    let manifests: Vec<&FileChange> = of(Class::Manifest).collect();
    // Something else is written down there: what is asked for or locked does not say it.
    let beside = |texts: &[String]| -> Vec<String> {
        let both = each(&manifests, |name| format!("{} {name}", deed(&manifests)));
        let both = both.iter().flat_map(|first| texts.iter().map(move |text| format!("{first} and {text}")));
        both.chain(files_told(files)).collect()
    };
    // That the compiler is another one brings no package along.
    if !alone && wanted.iter().all(|step| step.name == COMPILER) {
        let (mut all, lock) = (wanted, lock());
        let locked = if lock.is_empty() { Vec::new() } else { words(&lock, false, true) };
        if !manifests.iter().all(|file| explained(file, &all, contents)) {
            all.extend(lock);
            return Some(verdict("lock", beside(&locked), &all));
        }
        let first = words(&all, true, false);
        let both =
            locked.iter().flat_map(|second| first.iter().take(1).map(move |first| format!("{first} and {second}")));
        let texts = both.chain(first.iter().cloned()).collect();
        all.extend(lock);
        return Some(verdict("lock", texts, &all));
    }
    let told = if alone { lock() } else { wanted };
    let texts = words(&told, classes.contains(&Class::Manifest), alone);
    if !alone || told.is_empty() || manifests.iter().all(|file| follows(file, &told)) {
        return Some(verdict("lock", texts, &told));
    }
    Some(verdict("lock", beside(&texts), &told))
}

/// Lock files that come or go themselves: the project asks for the same packages as before.
fn whole(locks: &[&FileChange]) -> Option<&'static str> {
    let all = |status: Status| locks.iter().all(|file| file.status == status);
    if all(Status::Deleted) { Some("remove") } else { all(Status::Added).then_some("add") }
}

fn files_named(files: &[&FileChange]) -> String {
    match files {
        [one] => plain(one.path.file_name()),
        [a, b] if a.path.file_name() != b.path.file_name() => {
            format!("{} and {}", plain(a.path.file_name()), plain(b.path.file_name()))
        }
        all => format!("{} lock files", all.len()),
    }
}

fn verdict(rule: &'static str, texts: Vec<String>, steps: &[Step], hidden: Hidden<'_>) -> Verdict {
    let packages = steps.iter().map(|step| (plain(&step.name), plain(&step.words()))).collect();
    // No text but the one that is taken speaks for what the body leaves out.
    let listed: Vec<Option<String>> = texts.iter().map(|text| listed(steps, text, hidden)).collect();
    let whole = listed.iter().map(Option::is_none).collect();
    let body = listed.into_iter().flatten().next();
    Verdict { rule, type_: Some("build"), texts, soft: true, body, whole, packages }
}

fn sorted(mut steps: Vec<Step>) -> Vec<Step> {
    steps.sort();
    steps.dedup();
    steps
}

/// Every line that changed in a manifest names one of these packages or its version: what is locked says it.
fn follows(file: &FileChange, steps: &[Step]) -> bool {
    let versions = |step: &Step| match &step.what {
        What::Bumped(from, to) => vec![from.clone(), to.clone()],
        _ => Vec::new(),
    };
    let words = steps.iter().flat_map(|step| versions(step).into_iter().chain([step.name.clone()]));
    let words = Words::new(words);
    let mut lines = file.hunks.iter().flat_map(|hunk| &hunk.lines);
    lines.all(|line| {
        let changed = line.kind != LineKind::Context && !line.text.trim().is_empty();
        !changed || words.any(&line.text, |_| true, |_| true)
    })
}

/// Every line that changed is about one of these packages, or holds them together.
fn explained(file: &FileChange, steps: &[Step], contents: &dyn Contents) -> bool {
    let json = file.path.extension() == "json";
    let rest = json.then(|| rest(file, steps, contents)).flatten();
    if rest == Some(false) {
        return false;
    }
    let side = |kind: LineKind| -> Vec<&str> {
        let lines = file.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind);
        // The last of a list gets its comma when another one follows.
        lines.map(|line| line.text.trim().trim_end_matches(',')).filter(|line| !line.is_empty()).collect()
    };
    let (gone, come) = (side(LineKind::Removed), side(LineKind::Added));
    let names = Words::new(steps.iter().map(|step| step.name.clone()));
    let frame = |line: &str| line.starts_with('[') || line.ends_with(['{', '(', '[']) || line.ends_with("{}");
    let about = |line: &str| {
        // What comes along is Go's own line.
        let bare = line.chars().all(|c| "{}[]()".contains(c)) || line.ends_with("// indirect");
        // A member of JSON is about what it is called: `node` stands in half of all scripts.
        let member = line.strip_prefix('"').and_then(|rest| rest.split_once("\":")).map(|(name, _)| name);
        let named = || match member {
            Some(name) => names.has(name) || name == "packageManager" && names.any(line, |_| true, |_| true),
            None => says(line, &names),
        };
        // Of several members in one line only the whole file tells which of them are others.
        if json && line.matches("\":").nth(1).is_some() {
            return rest == Some(true);
        }
        bare || frame(line) || named()
    };
    let (old, new): (HashSet<&str>, HashSet<&str>) = (gone.iter().copied().collect(), come.iter().copied().collect());
    !file.hunks.is_empty()
        && gone.iter().filter(|line| !new.contains(*line)).all(|line| about(line))
        && come.iter().filter(|line| !old.contains(*line)).all(|line| about(line))
}

/// Whether a line says one of these names, and not only a longer one.
fn says(line: &str, names: &Words) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    names.any(line, |before| !before.ends_with(part), |behind| !behind.starts_with(part))
}

/// Words that are looked for all at once: they may be as many as the lines.
struct Words {
    /// In order, each once.
    all: Vec<String>,
    /// Of each, the longest other one that it begins with.
    within: Vec<Option<usize>>,
}

/// No registry takes a longer name (bytes), and with each there is more to look for at every letter.
const LONGEST: usize = 256;

impl Words {
    fn new(words: impl Iterator<Item = String>) -> Self {
        let mut all: Vec<String> = words.filter(|word| !word.is_empty() && word.len() <= LONGEST).collect();
        all.sort_unstable();
        all.dedup();
        let mut within = Vec::with_capacity(all.len());
        for (at, word) in all.iter().enumerate() {
            // Whatever it begins with stands before it, and so does that of the one before it.
            let mut one = at.checked_sub(1);
            while let Some(other) = one.filter(|other| !word.starts_with(all[*other].as_str())) {
                one = within[other];
            }
            within.push(one);
        }
        Self { all, within }
    }

    fn has(&self, word: &str) -> bool {
        self.all.binary_search_by(|one| one.as_str().cmp(word)).is_ok()
    }

    /// One of them stands in this text, with such things before and behind it.
    fn any(&self, text: &str, before: impl Fn(&str) -> bool, behind: impl Fn(&str) -> bool) -> bool {
        let starts = text.char_indices().map(|(at, _)| text.split_at(at)).filter(|(head, _)| before(head));
        starts.map(|(_, rest)| rest).any(|rest| self.begins(rest, &behind))
    }

    /// A text begins with one of them, with such things behind it.
    fn begins(&self, text: &str, behind: impl Fn(&str) -> bool) -> bool {
        // What it begins with, the last one that stands before it begins with too.
        let mut one = self.all.partition_point(|word| word.as_str() <= text).checked_sub(1);
        while let Some(at) = one {
            if text.strip_prefix(self.all[at].as_str()).is_some_and(&behind) {
                return true;
            }
            one = self.within[at];
        }
        false
    }
}

/// Whether all else is as before in a manifest of JSON, where both its sides can be had.
fn rest(file: &FileChange, steps: &[Step], contents: &dyn Contents) -> Option<bool> {
    let names: HashSet<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    let side = |bytes: Option<Vec<u8>>| {
        let mut root: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&bytes?).ok()?;
        let named = |name: &str| names.contains(name);
        root.retain(|key, value| {
            let asks = key.contains("ependenc") || ASKS.contains(&key.as_str());
            if asks {
                without(value, &named);
            }
            // What was not there before holds nothing but them.
            let empty = asks && value.as_object().is_some_and(serde_json::Map::is_empty);
            let manager =
                key == "packageManager" && value.as_str().and_then(|v| v.split('@').next()).is_some_and(named);
            !empty && !manager
        });
        Some(root)
    };
    Some(side(contents.before(file, LIMIT))? == side(contents.after(file, LIMIT))?)
}

/// Takes members of these names out, however deep they stand.
fn without(value: &mut serde_json::Value, named: &dyn Fn(&str) -> bool) {
    let Some(object) = value.as_object_mut() else { return };
    object.retain(|key, _| !named(key));
    object.values_mut().for_each(|value| without(value, named));
}

#[cfg(test)]
mod tests {
    use crate::git::patch::parse;
    use crate::git::{Contents, FileChange, Path, Prior};
    use crate::tasks::offline::message::tests::{draft, edit};
    use crate::tasks::offline::message::{Hints, Wanted, message, message_as};

    struct Sides(String, String);

    impl Contents for Sides {
        fn before(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            Some(self.0.clone().into())
        }
        fn after(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            Some(self.1.clone().into())
        }
        fn base(&self, _: &str, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn tracked(&self) -> Vec<Path> {
            Vec::new()
        }
    }

    fn said(file: &str, before: String, after: String) -> (String, Option<String>) {
        let change = parse(edit(file, "", "a", "b").as_bytes()).unwrap();
        let told = message(&change, &Sides(before, after), &Hints::default());
        (told.subject, told.body)
    }

    #[test]
    fn what_the_project_asks_for_itself_comes_first() {
        let cargo = |a: &str, z: &str| {
            let source = "source = \"registry\"\n";
            format!(
                "[[package]]\nname = \"own\"\nversion = \"0.1.0\"\ndependencies = [\"zed\"]\n\n[[package]]\nname = \"along\"\nversion = \"{a}\"\n{source}\n[[package]]\nname = \"also\"\nversion = \"{a}\"\n{source}\n[[package]]\nname = \"zed\"\nversion = \"{z}\"\n{source}"
            )
        };
        let (subject, body) = said("Cargo.lock", cargo("1.0.0", "2.0.0"), cargo("1.1.0", "2.1.0"));
        assert_eq!(subject, "build: bump zed 2.0.0 → 2.1.0 and 2 more packages");
        assert_eq!(
            body.as_deref(),
            Some("- bump zed 2.0.0 → 2.1.0\n- bump along 1.0.0 → 1.1.0\n- bump also 1.0.0 → 1.1.0")
        );
        let pnpm = |asked: &str, packages: &str| {
            format!(
                "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    devDependencies:\n      '@s/core':\n        specifier: ^1.0.0\n        version: {asked}(peer@2.0.0)\n      own:\n        specifier: workspace:*\n        version: link:own\n\npackages:\n\n{packages}\nsnapshots:\n"
            )
        };
        let held = |names: &[&str]| {
            names.iter().map(|name| format!("  '{name}':\n    resolution: {{}}\n\n")).collect::<String>()
        };
        let before = pnpm("1.0.0", &held(&["@a/bin@1.0.0", "@s/core@1.0.0"]));
        let after = pnpm("1.1.0", &held(&["@a/bin@1.1.0", "@s/core@1.0.0", "@s/core@1.1.0"]));
        let (subject, body) = said("pnpm-lock.yaml", before.clone(), after.clone());
        assert_eq!(subject, "build: bump @s/core and @a/bin");
        let versions = "- bump @s/core 1.0.0 → 1.1.0\n- bump @a/bin 1.0.0 → 1.1.0";
        assert_eq!(body.as_deref(), Some(versions), "the names leave no room for them");
        let change = parse(edit("pnpm-lock.yaml", "", "a", "b").as_bytes()).unwrap();
        let always = Wanted { body: true, ..Wanted::default() };
        let told = message_as(&change, &Sides(before, after), &Hints::default(), &always);
        assert_eq!(told.body.as_deref(), Some(versions), "and no list of files beside them");
    }

    #[test]
    fn what_a_package_wants_beside_it_is_named() {
        let tell = |old: &str, new: &str, a: &str, b: &str| {
            let change = parse(edit("package.json", "", old, new).as_bytes()).unwrap();
            let file = |line: &str| format!("{{\"name\": \"x\", {line}}}");
            message(&change, &Sides(file(a), file(b)), &Hints::default()).subject
        };
        let one = |group: &str, name: &str, from: &str, to: &str| {
            let (old, new) = (format!("\"{name}\": \"{from}\""), format!("\"{name}\": \"{to}\""));
            tell(&old, &new, &format!("\"{group}\": {{{old}}}"), &format!("\"{group}\": {{{new}}}"))
        };
        assert_eq!(one("peerDependencies", "vue", "^2.0.0", "^3.0.0"), "build: bump vue 2.0.0 → 3.0.0");
        assert_eq!(one("peerDependencies", "vue", "^2", "^2 || ^3"), "build: update vue ^2 → ^2 || ^3");
        let long = one("peerDependencies", "vue", "^1.0.0 || ^2.0.0", "^1.0.0 || ^2.0.0 || ^3.0.0");
        assert_eq!(long, "build: update vue", "no subject has room for it");
        assert_eq!(one("engines", "node", ">=18", ">=20"), "build: bump node 18 → 20");
        assert_eq!(one("engines", "node", ">=20", ">=9"), "build: downgrade node 20 → 9");
        for (from, to) in [("<20", "<22"), (">=18 <20", ">=18 <22"), ("<=20", "<=22"), (">18", ">20")] {
            assert_eq!(one("engines", "node", from, to), format!("build: update node {from} → {to}"));
            assert_eq!(one("dependencies", "vue", from, to), format!("build: update vue {from} → {to}"));
        }
        // What stands in a script is no package.
        let engine = |version: &str| format!("\"engines\": {{\"node\": \">={version}\"}}");
        let (old, new) = ("\"start\": \"node a.js\"", "\"start\": \"node b.js\"");
        let scripts = |line: &str, version: &str| format!("\"scripts\": {{{line}}}, {}", engine(version));
        assert_eq!(tell(old, new, &scripts(old, "18"), &scripts(new, "20")), "build: update package.json");
        assert_eq!(one("exports", "vue", "a", "b"), "build: update package.json", "that asks for nothing");
        // Something else changed too.
        let (old, new) = ("\"main\": \"a.js\"", "\"main\": \"b.js\"");
        let peers = |range: &str| format!("\"peerDependencies\": {{\"vue\": \"{range}\"}}");
        let told = tell(old, new, &format!("{old}, {}", peers("1")), &format!("{new}, {}", peers("2")));
        assert_eq!(told, "build: update package.json");
    }

    #[test]
    fn what_else_changed_in_a_manifest_of_one_line_is_not_hidden_behind_a_package() {
        let one = |p: &str, more: &str| format!("{{\"name\": \"x\", \"dependencies\": {{\"@x/p\": \"{p}\"}}{more}}}");
        let tell = |old: String, new: String| {
            let change = parse(edit("package.json", "", &old, &new).as_bytes()).unwrap();
            message(&change, &Sides(old, new), &Hints::default()).subject
        };
        assert_eq!(tell(one("1.0.0", ""), one("1.0.5", "")), "build: bump @x/p 1.0.0 → 1.0.5");
        let script = ", \"scripts\": {\"postinstall\": \"sh\"}";
        assert_eq!(tell(one("1.0.0", ""), one("1.0.5", script)), "build: update package.json");
        assert_eq!(
            tell(one("1.0.0", ""), one("1.0.5", &format!("{script}, \"a\": {{}}"))),
            "build: update package.json"
        );
        let named = ", \"scripts\": {\"@x/p\": \"sh\"}";
        assert_eq!(tell(one("1.0.0", ""), one("1.0.5", named)), "build: update package.json");
        // Nor is another package that is released with it.
        let (p, q) = (|v: &str| format!("{{\"name\": \"@x/p\", \"version\": \"{v}\"}}"), one);
        let sides = Folders(vec![("p", p("1.0.0"), p("1.0.5")), ("q", q("1.0.0", ""), q("1.0.5", ""))]);
        let patch = edit("p/package.json", "", &p("1.0.0"), &p("1.0.5"))
            + &edit("q/package.json", "", &q("1.0.0", ""), &q("1.0.5", ""));
        let told = message(&parse(patch.as_bytes()).unwrap(), &sides, &Hints::default()).subject;
        assert!(!told.contains("@x/p"), "{told}");
    }

    /// Files by the folder that they are in.
    struct Folders(Vec<(&'static str, String, String)>);

    impl Contents for Folders {
        fn before(&self, file: &FileChange, _: u64) -> Option<Vec<u8>> {
            let of =
                |(folder, old, _): &(&str, String, String)| file.path.as_str().starts_with(folder).then(|| old.clone());
            self.0.iter().find_map(of).map(String::into_bytes)
        }
        fn after(&self, file: &FileChange, _: u64) -> Option<Vec<u8>> {
            let of =
                |(folder, _, new): &(&str, String, String)| file.path.as_str().starts_with(folder).then(|| new.clone());
            self.0.iter().find_map(of).map(String::into_bytes)
        }
        fn base(&self, _: &str, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn tracked(&self) -> Vec<Path> {
            Vec::new()
        }
    }

    #[test]
    fn a_package_that_several_files_ask_for_is_named_once() {
        let told = |all: &[(&'static str, &str, &str)]| {
            let line = |range: &str| format!("\"node\": \"{range}\"");
            let file = |range: &str| format!("{{\"engines\": {{{}}}}}", line(range));
            let patch: String =
                all.iter().map(|(at, a, b)| edit(&format!("{at}/package.json"), "", &line(a), &line(b))).collect();
            let sides = all.iter().map(|(at, a, b)| (*at, file(a), file(b))).collect();
            let told = message(&parse(patch.as_bytes()).unwrap(), &Folders(sides), &Hints::default());
            (told.subject, told.body.unwrap_or_default())
        };
        let both = |a, b| told(&[("a", a, ">=20"), ("b", b, ">=20")]);
        assert_eq!(both(">=18", ">=18"), ("build: bump node 18 → 20".to_owned(), String::new()));
        assert_eq!(both(">=16", ">=18").0, "build: bump node 16 and 18 → 20");
        let (subject, body) = both(">=16", "<19");
        assert_eq!(subject, "build: update node");
        assert_eq!(body, "- bump node 16 → 20\n- update node <19 → >=20");
        let (subject, _) = told(&[("a", ">=16", ">=18"), ("b", ">=18", ">=20")]);
        assert_eq!(subject, "build: bump node 16 → 18 and 18 → 20");
    }

    #[test]
    fn a_manifest_that_asks_for_nothing_else_is_told_with_what_is_locked() {
        let change = edit("Cargo.toml", "", "rust-version = \"1.80\"", "rust-version = \"1.87\"")
            + &edit("flake.lock", "", "a", "b");
        let lock = |rev: &str| format!("{{\"nodes\": {{\"nixpkgs\": {{\"locked\": {{\"rev\": \"{rev}\"}}}}}}}}");
        let sides = Sides(lock("aaaaaaa"), lock("bbbbbbb"));
        let told = message(&parse(change.as_bytes()).unwrap(), &sides, &Hints::default()).subject;
        assert_eq!(told, "build: bump rust-version 1.80 → 1.87 and bump nixpkgs aaaaaaa → bbbbbbb");
        // A workspace's own table is not read, and what is locked says the same.
        let same = edit("Cargo.toml", "", "nixpkgs = \"a\"", "nixpkgs = \"b\"") + &edit("flake.lock", "", "a", "b");
        let told = message(&parse(same.as_bytes()).unwrap(), &sides, &Hints::default()).subject;
        assert_eq!(told, "build: bump nixpkgs aaaaaaa → bbbbbbb");
    }

    #[test]
    fn the_compiler_that_is_needed_is_told_with_what_is_locked() {
        let lock = |version: &str| format!("[[package]]\nname = \"libc\"\nversion = \"{version}\"\n");
        let needs = |path: &str| edit(path, "", "rust-version = \"1.70\"", "rust-version = \"1.75.0\" # as Debian");
        let locked = edit("Cargo.lock", "", "version = \"0.2.1\"", "version = \"0.2.2\"");
        let said = |patch: &str| {
            let sides = Sides(lock("0.2.1"), lock("0.2.2"));
            message(&parse(patch.as_bytes()).unwrap(), &sides, &Hints::default()).subject
        };
        let told = "Bump rust-version 1.70 → 1.75.0";
        assert!(said(&needs("Cargo.toml")).contains(&told[1..]), "{}", said(&needs("Cargo.toml")));
        let both = needs("Cargo.toml") + &needs("a/Cargo.toml") + &locked;
        assert_eq!(said(&both), "build: bump rust-version 1.70 → 1.75.0 and bump libc 0.2.1 → 0.2.2");
        // Where a subject has no room for all versions, the body says them.
        let change = edit("Cargo.toml", "", "rust-version = \"1.80.0\"", "rust-version = \"1.81.0\"") + &locked;
        let json = |version: &str| lock(version).replace("libc", "serde_json");
        let sides = Sides(json("1.0.120"), json("1.0.128"));
        let told = message(&parse(change.as_bytes()).unwrap(), &sides, &Hints::default());
        assert_eq!(told.subject, "build: bump rust-version 1.80.0 → 1.81.0 and bump serde_json");
        let both = "- bump rust-version 1.80.0 → 1.81.0\n- bump serde_json 1.0.120 → 1.0.128";
        assert_eq!(told.body.as_deref(), Some(both));
        let down = edit("Cargo.toml", "", "rust-version = \"1.75\"", "rust-version = \"1.70\"");
        assert!(said(&(down + &locked)).contains("downgrade rust-version 1.75 → 1.70"));
        // Something else is written down there too.
        let more = |old: &str, new: &str| {
            let (from, to) = ("rust-version = \"1.70\"", "rust-version = \"1.75.0\"");
            let (old, new) = (format!("{from}\n-{old}"), format!("{to}\n+{new}"));
            edit("Cargo.toml", "", &old, &new).replace("-1,1 +1,1", "-1,2 +1,2") + &locked
        };
        for (old, new) in [("edition = \"2021\"", "edition = \"2024\""), ("lto = false", "lto = true")] {
            assert_eq!(said(&more(old, new)), "build: update Cargo.toml and bump libc 0.2.1 → 0.2.2");
        }
    }

    #[test]
    fn the_package_manager_is_a_package_too() {
        let line = |version: &str| format!("  \"packageManager\": \"pnpm@{version}+sha512.ab\",");
        let patch = edit("package.json", "", &line("11.21.0"), &line("11.22.0"));
        assert_eq!(draft(&patch, &Hints::default()).subject, "build: bump pnpm 11.21.0 → 11.22.0");
    }

    #[test]
    fn a_scope_that_commits_of_a_lock_file_had_is_none_of_packages() {
        let hints = |scope: &str| Hints { scopes: vec![("Cargo.lock".into(), scope.into())], ..Hints::default() };
        let of = |scope: &str| draft(&edit("Cargo.lock", "", "a", "b"), &hints(scope)).scope;
        assert_eq!((of("config"), of("deps")), (None, Some("deps".to_owned())));
    }

    #[test]
    fn documents_beside_a_source_are_no_upkeep() {
        let prior =
            |(type_, share): (&str, f64)| Prior { prefix: "src/".into(), type_: type_.into(), share, count: 20 };
        let hints = Hints { priors: [("chore", 0.7), ("feat", 0.3)].map(prior).to_vec(), ..Hints::default() };
        let source = edit("src/a.rs", "fn a() {", "    a();", "    b();");
        let told = draft(&(source + &edit("BREAKING-CHANGES.md", "", "a", "b")), &hints);
        assert_ne!(told.type_.or(told.likely).or(told.least).as_deref(), Some("chore"));
    }

    #[test]
    fn names_that_begin_with_each_other_are_looked_for_in_no_time() {
        let (names, line) = (|| (1..=1_000).map(|n| "a.".repeat(n)), "a.".repeat(50_000));
        for words in [super::Words::new(names()), super::Words::new(names().map(|name| name + "b"))] {
            assert!(!words.any(&line, |_| true, |rest| rest.starts_with('!')));
            assert_eq!(super::says(&(line.clone() + "b"), &words), words.has("a.b"));
        }
        let words = super::Words::new(["b", "ab", "abc", "abd"].map(str::to_owned).into_iter());
        let said = ["ab", "(abc)", "x ab d", "é/b"].iter().all(|line| super::says(line, &words));
        let none = ["abcd", "aab", "ab-c", "éb", ""].iter().any(|line| super::says(line, &words));
        assert!(said && !none && words.has("abd") && !words.has("a"));
    }

    #[test]
    fn thousands_of_packages_are_told_as_a_few_are() {
        let yarn = |version: &str| -> String {
            let one = |n: usize| format!("\"p{n}@^1\":\n  version \"1.{version}.0\"\n\n");
            (0..100_000).map(one).collect()
        };
        let (subject, body) = said("yarn.lock", yarn("1"), yarn("2"));
        assert_eq!(subject, "build: bump p0 and 99999 more packages");
        assert!(body.is_some_and(|body| body.ends_with("- and 99988 more packages")));
        // One of them at many versions.
        let many = |major: usize| -> String {
            (0..30_000).map(|n| format!("\"p@{n}\":\n  version \"{major}.{n}.0\"\n\n")).collect()
        };
        assert_eq!(said("yarn.lock", many(1), many(2)).0, "build: bump p");
        // What asks for them, and what else is said there.
        let tell = |path: &str, lines: &dyn Fn(usize) -> String, whole: &dyn Fn(&str) -> String, more: &str| {
            let side =
                |mark: char, at: usize| -> String { lines(at).lines().map(|l| format!("{mark}{l}\n")).collect() };
            let count = lines(1).lines().count();
            let head =
                format!("diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -1,{count} +1,{count} @@\n");
            let patch = head + &side('-', 1) + &side('+', 2) + more;
            message(&parse(patch.as_bytes()).unwrap(), &Sides(whole(&lines(1)), whole(&lines(2))), &Hints::default())
                .subject
        };
        let json = |at: usize| (0..30_000).map(|n| format!("    \"p{n}\": \"{at}.0.0\",\n")).collect::<String>();
        let object = |lines: &str| format!("{{\"dependencies\": {{{}}}}}", lines.trim_end().trim_end_matches(','));
        assert_eq!(tell("package.json", &json, &object, ""), "build: bump p0 and 29999 more packages");
        let toml = |at: usize| (0..20_000).map(|n| format!("p{n} = \"{at}.0\"\n")).collect::<String>();
        let table = |lines: &str| format!("[dependencies]\n{lines}");
        assert_eq!(tell("Cargo.toml", &toml, &table, ""), "build: bump p0 and 19999 more packages");
        let lock = |lines: &str| yarn(if lines.contains("2.0") { "2" } else { "1" });
        let told = tell("Cargo.toml", &toml, &lock, &edit("yarn.lock", "", "a", "b"));
        assert_eq!(told, "build: bump p0 and 99999 more packages");
    }
}
