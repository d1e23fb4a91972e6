//! Dependencies: what was asked for in a manifest, and what a lock file's thousands of lines mean.

use std::collections::{BTreeMap, BTreeSet};

use super::names::{changed, counted, each, stepped};
use super::told::{deed, told as files_told};
use super::{Verdict, plain};
use crate::git::{Contents, FileChange, LineKind, Status};
use crate::tasks::offline::classify::Class;
use crate::tasks::offline::lockfile::{LIMIT, PackageChange, changes, direct};
use crate::tasks::offline::review::asked_for;

/// A name that has room in no subject is told by so much of it (characters).
const NAME: usize = 32;
/// Two names that have room in a subject are no longer together (characters).
const BOTH: usize = 44;
/// Longer lines of a body likewise: no version has more to say.
const LINE: usize = 72;
/// Longer ranges, both together, would cost the subject its scope (characters).
const RANGES: usize = 28;
/// Most packages that a body lists.
pub(in crate::tasks) const LISTED: usize = 12;

/// Types that a habit of history may give a change of locked versions. It adds nothing that a user could see, so it is
/// never a feature, whatever commits of these files were called before.
pub(super) const TYPES: [&str; 5] = ["build", "chore", "deps", "fix", "ci"];

/// A scope that says that it is about packages.
pub(in crate::tasks) fn scope(scope: &str) -> bool {
    ["deps", "dep", "deps-dev", "dependencies"].iter().any(|one| scope.eq_ignore_ascii_case(one))
}

/// What happened to a package.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    /// The project does not ask for it itself: it comes along with another one.
    along: bool,
    name: String,
    what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Added(Option<String>),
    Removed(Option<String>),
    /// A version of a package that is locked in another one before and after.
    Beside(String),
    Without(String),
    Bumped(String, String),
    /// Several files ask for it, not all of them for the same versions.
    Ways(BTreeSet<(String, String)>),
    /// Whoever installs it may bring other versions than before.
    Ranged(String, String),
    /// Something else about it.
    Changed,
}

impl What {
    fn verb(&self) -> &'static str {
        match self {
            Self::Added(_) | Self::Beside(_) => "add",
            Self::Removed(_) | Self::Without(_) => "remove",
            Self::Bumped(from, to) => stepped(from, to),
            Self::Ways(_) => "bump",
            Self::Ranged(..) | Self::Changed => "update",
        }
    }
}

impl Step {
    fn locked(change: PackageChange) -> Self {
        let what = match (change.from, change.to) {
            (None, None) => What::Changed,
            (None, Some(to)) if change.stays => What::Beside(to),
            (Some(from), None) if change.stays => What::Without(from),
            (None, to) => What::Added(to),
            (from, None) => What::Removed(from),
            (Some(from), Some(to)) => What::Bumped(from, to),
        };
        Self { along: true, name: change.name, what }
    }

    /// The same, with the version where the name alone would say that nothing is left of it.
    fn told(&self) -> String {
        match &self.what {
            What::Beside(version) | What::Without(version) => format!("{} {version}", self.name),
            _ => self.name.clone(),
        }
    }

    fn words(&self) -> String {
        self.worded(&self.name)
    }

    fn worded(&self, name: &str) -> String {
        let verb = self.what.verb();
        match &self.what {
            What::Added(Some(version))
            | What::Removed(Some(version))
            | What::Beside(version)
            | What::Without(version) => format!("{verb} {name} {version}"),
            What::Bumped(from, to) | What::Ranged(from, to) => format!("{verb} {name} {from} → {to}"),
            What::Ways(ways) => format!("{verb} {name} {}", changed(ways)),
            What::Added(None) | What::Removed(None) | What::Changed => format!("{verb} {name}"),
        }
    }
}

/// Only lock files, lock files with their manifests, or manifests in which nothing but dependencies changed.
pub(super) fn decide(files: &[&FileChange], classes: &[Class], contents: &dyn Contents) -> Option<Verdict> {
    if classes.is_empty() || !classes.iter().all(|c| matches!(c, Class::Lock | Class::Manifest)) {
        return None;
    }
    let of = |class: Class| files.iter().zip(classes).filter(move |(_, c)| **c == class).map(|(f, _)| *f);
    let wanted = sorted(of(Class::Manifest).flat_map(|file| wanted(file, contents)).collect());
    if !classes.contains(&Class::Lock) {
        let all = !wanted.is_empty() && files.iter().all(|file| explained(file, &wanted));
        return all.then(|| verdict("manifest", words(&wanted, true, false), &wanted));
    }
    let locks: Vec<&FileChange> = of(Class::Lock).collect();
    if let (false, Some(verb)) = (classes.contains(&Class::Manifest), whole(&locks)) {
        let said = [files_named(&locks), counted(locks.len())].map(|name| format!("{verb} {name}"));
        return Some(verdict("lock", said.to_vec(), &[]));
    }
    // What was asked for says it; what comes along with it is the lock file's to know.
    let alone = wanted.is_empty();
    let told = if alone { sorted(of(Class::Lock).flat_map(|f| locked(f, contents)).collect()) } else { wanted };
    let texts = words(&told, classes.contains(&Class::Manifest), alone);
    let manifests: Vec<&FileChange> = of(Class::Manifest).collect();
    if !alone || told.is_empty() || manifests.iter().all(|file| follows(file, &told)) {
        return Some(verdict("lock", texts, &told));
    }
    // Something else is written down there: what is locked does not say it.
    let both = each(&manifests, |name| format!("{} {name}", deed(&manifests)));
    let both = both.iter().flat_map(|first| texts.iter().map(move |text| format!("{first} and {text}")));
    Some(verdict("lock", both.chain(files_told(files)).collect(), &told))
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

fn verdict(rule: &'static str, texts: Vec<String>, steps: &[Step]) -> Verdict {
    let packages = steps.iter().map(|step| (plain(&step.name), line(step))).collect();
    Verdict { rule, type_: Some("build"), texts, soft: true, body: listed(steps), packages }
}

fn sorted(mut steps: Vec<Step>) -> Vec<Step> {
    steps.sort();
    steps.dedup();
    steps
}

/// What a lock file locks otherwise.
fn locked(file: &FileChange, contents: &dyn Contents) -> Vec<Step> {
    let text = |bytes: Option<Vec<u8>>| bytes.map(|b| String::from_utf8_lossy(&b).into_owned());
    let (before, after) = (text(contents.before(file, LIMIT)), text(contents.after(file, LIMIT)));
    if before.is_none() && after.is_none() {
        return Vec::new();
    }
    let all = changes(file.path.file_name(), before.as_deref(), after.as_deref()).unwrap_or_default();
    let steps = all.into_iter().map(Step::locked);
    let asked = |text: &Option<String>| text.as_ref().map(|t| direct(file.path.file_name(), t)).unwrap_or_default();
    let (old, new) = (asked(&before), asked(&after));
    let mut out: Vec<Step> = Vec::new();
    for mut step in steps {
        let (from, to) = (old.get(&step.name), new.get(&step.name));
        // What the project asks for is as before: another package brings it, or needs it no more.
        step.along = from == to;
        // The version that it asked for before may stay, for the sake of another package.
        if let (Some(from), Some(to)) = (from, to)
            && let (Some(old), Some(new)) = (from.difference(to).next().or(from.first()), to.difference(from).next())
            && from.len() == 1
        {
            step.what = What::Bumped(old.clone(), new.clone());
        }
        if out.last() != Some(&step) {
            out.push(step);
        }
    }
    out
}

/// What a manifest asks for otherwise.
fn wanted(file: &FileChange, contents: &dyn Contents) -> Vec<Step> {
    let Some((before, after)) = asked_for(file, contents) else { return manager(file).into_iter().collect() };
    let gone = before.keys().filter(|name| !after.contains_key(*name)).map(|name| (name, What::Removed(None)));
    let come = after.iter().filter_map(|(name, wish)| {
        let what = match before.get(name) {
            None => What::Added(None),
            Some(old) if old == wish => return None,
            Some(old) => asked(old, wish),
        };
        Some((name, what))
    });
    let asked = gone.chain(come).map(|(name, what)| Step { along: false, name: name.clone(), what });
    let mut out: Vec<Step> = asked.chain(manager(file)).collect();
    // The same package may be asked for to develop with, at its version.
    let more: Vec<Step> =
        beside(file, contents).into_iter().filter(|one| out.iter().all(|s| s.name != one.name)).collect();
    out.extend(more);
    out
}

/// What is asked for otherwise: from one version on, or in a range that has another end.
fn asked(from: &str, to: &str) -> What {
    let (old, new) = (from.trim().trim_matches(['"', '\'']), to.trim().trim_matches(['"', '\'']));
    // A table may say more than its version.
    let range = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || " .+-_<>=!~^|,*".contains(c))
    };
    match (version(from), version(to)) {
        (Some(from), Some(to)) if from != to => What::Bumped(from.to_owned(), to.to_owned()),
        _ if range(old) && range(new) && old.chars().count() + new.chars().count() <= RANGES => {
            What::Ranged(old.to_owned(), new.to_owned())
        }
        _ => What::Changed,
    }
}

/// What a package of Node's wants of whoever installs it: other packages beside it, and the engine that runs it. No lock
/// file of its own has them.
fn beside(file: &FileChange, contents: &dyn Contents) -> Vec<Step> {
    if file.path.file_name() != "package.json" {
        return Vec::new();
    }
    let ranges = |bytes: Option<Vec<u8>>| {
        let root = serde_json::from_slice::<serde_json::Value>(&bytes?).ok()?;
        let groups = ["peerDependencies", "engines"].into_iter().filter_map(|group| root.get(group)?.as_object());
        let all = groups.flatten().filter_map(|(name, range)| Some((name.clone(), range.as_str()?.to_owned())));
        Some(all.collect::<BTreeMap<String, String>>())
    };
    let (Some(old), Some(new)) = (ranges(contents.before(file, LIMIT)), ranges(contents.after(file, LIMIT))) else {
        return Vec::new();
    };
    let other = new.iter().filter_map(|(name, to)| {
        let from = old.get(name).filter(|from| *from != to)?;
        Some(Step { along: false, name: name.clone(), what: asked(from, to) })
    });
    other.collect()
}

/// The package manager itself, as Node's projects name it in their manifest.
fn manager(file: &FileChange) -> Option<Step> {
    let named = |kind: LineKind| {
        let lines = file.hunks.iter().flat_map(|hunk| &hunk.lines).filter(move |line| line.kind == kind);
        let mut said = lines.filter_map(|line| line.text.trim().strip_prefix("\"packageManager\": \""));
        let (name, version) = said.next()?.split('"').next()?.split_once('@')?;
        Some((name.to_owned(), self::version(version.split('+').next()?)?.to_owned()))
    };
    let (old, new) = (named(LineKind::Removed)?, named(LineKind::Added)?);
    (old.0 == new.0 && old.1 != new.1).then_some(Step { along: false, name: new.0, what: What::Bumped(old.1, new.1) })
}

/// The version in a requirement such as `"^1.0"`, or in a table of them; none where it says up to which or which not.
fn version(wish: &str) -> Option<&str> {
    let own = match wish.split_once("version = \"") {
        Some((_, rest)) => rest.split('"').next()?,
        None => wish,
    };
    let bare = own.trim().trim_matches(['"', '\'', '(', ')']).trim();
    let from = bare.strip_prefix(">=").unwrap_or(bare).trim_start_matches(['^', '~', '=', 'v', ' ']);
    let plain = |c: char| c.is_ascii_alphanumeric() || ".+-_".contains(c);
    (from.starts_with(|c: char| c.is_ascii_digit()) && from.chars().all(plain)).then_some(from)
}

/// Every line that changed in a manifest names one of these packages or its version: what is locked says it.
fn follows(file: &FileChange, steps: &[Step]) -> bool {
    let versions = |step: &Step| match &step.what {
        What::Bumped(from, to) => vec![from.clone(), to.clone()],
        _ => Vec::new(),
    };
    let words: Vec<String> =
        steps.iter().flat_map(|step| versions(step).into_iter().chain([step.name.clone()])).collect();
    let mut lines = file.hunks.iter().flat_map(|hunk| &hunk.lines);
    lines.all(|line| {
        let changed = line.kind != LineKind::Context && !line.text.trim().is_empty();
        !changed || words.iter().any(|word| line.text.contains(word.as_str()))
    })
}

/// Every line that changed is about one of these packages, or holds them together.
fn explained(file: &FileChange, steps: &[Step]) -> bool {
    let side = |kind: LineKind| -> Vec<&str> {
        let lines = file.hunks.iter().flat_map(|hunk| &hunk.lines).filter(|line| line.kind == kind);
        // The last of a list gets its comma when another one follows.
        lines.map(|line| line.text.trim().trim_end_matches(',')).filter(|line| !line.is_empty()).collect()
    };
    let (gone, come) = (side(LineKind::Removed), side(LineKind::Added));
    let frame = |line: &str| line.starts_with('[') || line.ends_with(['{', '(', '[']) || line.ends_with("{}");
    let about = |line: &str| {
        // What comes along is Go's own line.
        let bare = line.chars().all(|c| "{}[]()".contains(c)) || line.ends_with("// indirect");
        // A member of JSON is about what it is called: `node` stands in half of all scripts.
        let member = line.strip_prefix('"').and_then(|rest| rest.split_once("\":")).map(|(name, _)| name);
        let named = |step: &Step| {
            member.map_or_else(
                || line.contains(&step.name),
                |name| name == step.name || name == "packageManager" && line.contains(&step.name),
            )
        };
        bare || frame(line) || steps.iter().any(named)
    };
    !file.hunks.is_empty()
        && gone.iter().filter(|line| !come.contains(*line)).all(|line| about(line))
        && come.iter().filter(|line| !gone.contains(*line)).all(|line| about(line))
}

/// How many packages are not named.
pub(in crate::tasks) fn more(count: usize) -> String {
    format!("{count} more package{}", if count == 1 { "" } else { "s" })
}

/// Each package once. Of what is locked, a version beside another one is told for itself.
fn once(steps: &[Step], locked: bool) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::new();
    for step in steps {
        let Some(same) = out.iter_mut().find(|one| one.name == step.name) else {
            out.push(step.clone());
            continue;
        };
        let ways = [&same.what, &step.what].map(|what| match what {
            What::Bumped(from, to) => Some(BTreeSet::from([(from.clone(), to.clone())])),
            What::Ways(ways) => Some(ways.clone()),
            _ => None,
        });
        match ways {
            [Some(mut all), Some(more)] => {
                all.extend(more);
                same.what = What::Ways(all);
            }
            _ if locked => out.push(step.clone()),
            _ => same.what = What::Changed,
        }
    }
    out
}

/// What is said of them, the shortest last. What is asked for comes or goes first; of `locked` packages it is what they
/// were moved to that the commit is about, and what comes or goes with them a consequence.
fn words(steps: &[Step], with_manifest: bool, locked: bool) -> Vec<String> {
    let steps = once(steps, locked);
    let steps = steps.as_slice();
    match steps {
        [] if with_manifest => return vec!["update dependencies".to_owned()],
        [] => return vec!["refresh the lock file".to_owned()],
        [one] => {
            let verb = one.what.verb();
            // Nothing else names it: of a name that no subject holds, the beginning is told as one.
            let begin: String = one.name.chars().take(NAME).chain(['…']).collect();
            return vec![
                one.words(),
                format!("{verb} {}", one.told()),
                one.worded(&begin),
                format!("{verb} {begin}"),
                format!("{verb} a package"),
            ];
        }
        _ => {}
    }
    let rank = |step: &Step| match &step.what {
        What::Bumped(..) | What::Ways(_) if locked => 0,
        What::Added(_) => 1,
        What::Removed(_) => 2,
        What::Beside(_) => 3,
        What::Without(_) => 4,
        What::Bumped(..) | What::Ways(_) => 5,
        What::Ranged(..) => 6,
        What::Changed => 7,
    };
    let Some(first) = steps.iter().min_by_key(|step| (step.along, rank(step))) else { return Vec::new() };
    let (verb, others) = (first.what.verb(), steps.len() - 1);
    let bumped = matches!(first.what, What::Bumped(..) | What::Ways(_));
    let alike = steps.iter().all(|step| step.what.verb() == verb);
    // One was asked for, and the others come with it. Two of which the same is said have room.
    if locked && bumped && !(alike && others == 1) && steps.iter().filter(|step| !step.along).count() == 1 {
        let tail = if alike { more(others) } else { format!("change {}", more(others)) };
        let said = [first.words(), format!("{verb} {}", first.told())].map(|said| format!("{said} and {tail}"));
        let short = [format!("{verb} {} and others", first.told()), format!("change {} packages", steps.len())];
        return said.into_iter().chain(short).collect();
    }
    if !alike {
        let all = format!("change {} packages", steps.len());
        return vec![format!("{verb} {} and change {}", first.told(), more(others)), all];
    }
    let all = format!("{verb} {} packages", steps.len());
    match steps {
        [a, b] => {
            vec![format!("{verb} {} and {}", a.told(), b.told()), format!("{verb} {} and {}", a.told(), more(1)), all]
        }
        _ => vec![format!("{verb} {} and {}", first.told(), more(others)), all],
    }
}

/// What is said of one in a body.
fn line(step: &Step) -> String {
    plain(&step.words()).chars().take(LINE).collect()
}

/// All of them, where the subject does not name them all.
fn listed(steps: &[Step]) -> Option<String> {
    let named = match steps {
        [] | [_] => true,
        [a, b] => a.what.verb() == b.what.verb() && a.told().chars().count() + b.told().chars().count() <= BOTH,
        _ => false,
    };
    let mut lines: Vec<String> = steps.iter().take(LISTED).map(|step| format!("- {}", line(step))).collect();
    if steps.len() > LISTED {
        lines.push(format!("- and {}", more(steps.len() - LISTED)));
    }
    (!named).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use crate::git::patch::parse;
    use crate::git::{Contents, FileChange, Path, Prior};
    use crate::tasks::offline::message::tests::{draft, edit};
    use crate::tasks::offline::message::{Hints, message};

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
        assert_eq!(said("pnpm-lock.yaml", before, after).0, "build: bump @s/core and @a/bin");
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
        assert_eq!(told, "build: update Cargo.toml and bump nixpkgs aaaaaaa → bbbbbbb");
        // A workspace's own table is not read, and what is locked says the same.
        let same = edit("Cargo.toml", "", "nixpkgs = \"a\"", "nixpkgs = \"b\"") + &edit("flake.lock", "", "a", "b");
        let told = message(&parse(same.as_bytes()).unwrap(), &sides, &Hints::default()).subject;
        assert_eq!(told, "build: bump nixpkgs aaaaaaa → bbbbbbb");
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
}
