//! Something public is gone, and neither a version nor a changelog says so.

use std::sync::OnceLock;

use quick_xml::events::Event;
use regex::Regex;

use super::classes::API_REMOVED;
use super::exports::{self, Given};
use super::{Around, Found, Looked, beside, finding};
use crate::git::{Path, Status};
use crate::tasks::offline::classify::{Class, is_sideshow};

/// A language, and where and how its packages show what they give.
pub(super) struct Door {
    pub(super) extensions: &'static [&'static str],
    /// Whether a file gives names to others.
    gives: fn(&Path, &Around<'_>) -> bool,
    /// A repository of programs has such files too: only one that keeps a changelog owes a line in it.
    told_only: bool,
    how: How,
}

/// How a file gives names.
enum How {
    /// Each on a line of its own: the last group that fits is the name.
    Lines(&'static str),
    /// By lists and names that only the whole file shows.
    Whole(fn(&str) -> Vec<Given>),
}

impl Door {
    fn pattern(&self) -> Option<Regex> {
        match self.how {
            How::Lines(pattern) => Regex::new(pattern).ok(),
            How::Whole(_) => None,
        }
    }
}

const SCRIPTS: &[&str] = &["cjs", "cts", "js", "jsx", "mjs", "mts", "svelte", "ts", "tsx", "vue"];

pub(super) const DOORS: [Door; 6] = [
    Door {
        extensions: &["rs"],
        gives: |path, _| path.file_name() == "lib.rs" && path.folders().last() == Some("src") && !is_sideshow(path),
        told_only: false,
        how: How::Whole(exports::rust),
    },
    Door {
        extensions: SCRIPTS,
        gives: |path, around| {
            let first = matches!(path.file_name(), "index.ts" | "index.js" | "index.mts" | "index.mjs" | "index.cjs");
            // Outside of `src` it is a package's first file only beside its manifest.
            let begins = || path.folders().last() == Some("src") || around.stands(&beside(path, "package.json"));
            first && !is_sideshow(path) && begins()
        },
        told_only: false,
        how: How::Whole(exports::script),
    },
    Door {
        extensions: &["go"],
        gives: |path, _| {
            !within(path, &["cmd", "example", "examples", "internal", "main", "scripts", "testdata", "tools"])
        },
        told_only: true,
        how: How::Lines(
            r"^(?:func (?:\(\w+ \*?[A-Z]\w*(?:\[[^\]]*\])?\) )?([A-Z]\w*)[\[(]|(?:type|var|const) ([A-Z]\w*) )",
        ),
    },
    Door {
        extensions: &["java"],
        gives: |path, _| path.as_str().contains("src/main/java/") && !within(path, &["impl", "internal"]),
        told_only: true,
        how: How::Lines(
            r"^(?:public (?:(?:abstract|final|sealed|static) )*(?:class|interface|enum|record|@interface) (\w+)|    public (?:(?:abstract|default|final|static|synchronized) )*(?:<[^>]*> )?[\w.<>\[\], ?]+ (\w+)\()",
        ),
    },
    Door {
        extensions: &["py"],
        gives: |path, _| path.file_name() == "__init__.py" && path.folders().all(|f| !f.starts_with('_')),
        told_only: true,
        how: How::Lines(
            r#"^(?:(?:async def|def|class) ([A-Za-z]\w*)|from \.\S* import (?:\w+ as )?([A-Za-z]\w*)\s*$|    ["']([A-Za-z]\w*)["'],?\s*$)"#,
        ),
    },
    Door {
        extensions: &["h", "hh", "hpp"],
        gives: |path, _| within(path, &["include"]) && !within(path, &["detail", "impl", "internal", "private"]),
        told_only: true,
        how: How::Lines(r"^(?:extern |[A-Z_]+_(?:API|EXPORT) )?[A-Za-z][\w ]*[ *]+\*?([A-Za-z]\w*)\s*\([^;{}]*\)\s*;"),
    },
];

/// Larger files are not read (bytes).
const LIMIT: u64 = 1 << 20;

/// What a folder of notes about changes is called, where each change adds a file.
const NOTES: [&str; 6] = [".changes", ".changeset", "changelog.d", "changelogs", "newsfragments", "releasenotes"];

pub(super) fn check(around: &Around<'_>, out: &mut Vec<Found>) {
    if around.files.iter().any(|it| notes(&it.file.path) || guides(&it.file.path) || version_file(it)) {
        return;
    }
    let mut keeps = None;
    for it in &around.files {
        if !matches!(it.file.status, Status::Modified | Status::Deleted | Status::Renamed)
            || it.class != Class::Source
            || it.file.removed == 0
        {
            continue;
        }
        let of = |door: &Door| door.extensions.contains(&it.extension.as_str()) && (door.gives)(&it.file.path, around);
        let Some(number) = DOORS.iter().position(of) else { continue };
        let Some(door) = DOORS.get(number) else { continue };
        if !door.told_only && it.file.status != Status::Modified {
            continue;
        }
        let found = match door.how {
            How::Lines(_) => gone(it, number, around),
            How::Whole(given) => missing(it, door, given, around).filter(|_| !unpublished(&it.file.path, around)),
        };
        let Some((line, title)) = found else { continue };
        // A crate with a program beside its library has the library for the program.
        let told_only = door.told_only || (it.extension == "rs" && around.stands(&beside(&it.file.path, "main.rs")));
        if told_only && !*keeps.get_or_insert_with(|| around.tracked().iter().any(notes)) {
            continue;
        }
        if !around.files.iter().any(|manifest| versioned(manifest, &it.file.path, around)) {
            out.push(finding(it.file, 0, line, API_REMOVED).titled(&title));
        }
    }
}

/// A source or a setting that holds nothing but the version now says another one.
fn version_file(it: &Looked<'_>) -> bool {
    it.file.path.file_name().eq_ignore_ascii_case("version")
        || (matches!(it.extension.as_str(), "properties" | "py" | "h")
            && it.file.added_lines().any(|l| says_version(&l.text)))
}

/// A line that gives a version: `version = "1"`, `<version>1`, `spec.version = "1"`, `#define PAGER_VERSION 1`.
fn says_version(text: &str) -> bool {
    static VERSION: OnceLock<Option<Regex>> = OnceLock::new();
    const PATTERN: &str =
        r#"(?i)^\s*(?:#\s*define\s+\w*|set\s*\(\s*\w*|project\s*\(.*|\w{1,12}\.|["'<_]*)version\w*[\s:=>("',{]*v?\d"#;
    VERSION.get_or_init(|| Regex::new(PATTERN).ok()).as_ref().is_some_and(|p| p.is_match(text))
}

/// The manifest of the package that a file is in, or of one around it, says another version of the package itself.
fn versioned(manifest: &Looked<'_>, path: &Path, around: &Around<'_>) -> bool {
    let above = manifest.file.path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
    let inside = path.as_str().strip_prefix(above).is_some_and(|rest| above.is_empty() || rest.starts_with('/'));
    if manifest.class != Class::Manifest || !inside {
        return false;
    }
    let own: fn(&str) -> Option<Vec<String>> = match manifest.extension.as_str() {
        "toml" => toml_version,
        "json" => json_version,
        "xml" | "csproj" => xml_version,
        _ => return manifest.file.added_lines().any(|l| says_version(&l.text)),
    };
    let read = |bytes: Option<Vec<u8>>| own(std::str::from_utf8(&bytes?).ok()?);
    let before = read(around.contents.before(manifest.file, LIMIT));
    let after = read(around.contents.after(manifest.file, LIMIT));
    match (before, after) {
        (Some(before), Some(after)) => before != after,
        _ => manifest.file.added_lines().any(|l| says_version(&l.text)),
    }
}

/// The versions of the package, of a workspace and of a project.
fn toml_version(text: &str) -> Option<Vec<String>> {
    const PLACES: [&[&str]; 4] = [&["package"], &["workspace", "package"], &["project"], &["tool", "poetry"]];
    let root: toml::Table = toml::from_str(text).ok()?;
    let of = |place: &&[&str]| {
        let mut names = place.iter();
        let first = root.get(*names.next()?)?;
        names.try_fold(first, |table, name| table.get(name))?.get("version").map(ToString::to_string)
    };
    Some(PLACES.iter().filter_map(of).collect())
}

fn json_version(text: &str) -> Option<Vec<String>> {
    let root: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(root.get("version").map(ToString::to_string).into_iter().collect())
}

/// The project's own version; Maven's may be its parent's, or a property.
fn xml_version(text: &str) -> Option<Vec<String>> {
    const PLACES: [&str; 5] = [
        "project/version",
        "Project/PropertyGroup/Version",
        "Project/PropertyGroup/VersionPrefix",
        "Project/PropertyGroup/VersionSuffix",
        "Project/PropertyGroup/PackageVersion",
    ];
    let mut reader = quick_xml::Reader::from_str(text);
    let mut open: Vec<String> = Vec::new();
    let mut said: Vec<(String, String)> = Vec::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(tag) => {
                open.push(tag.local_name().as_ref().to_owned());
                // Nothing of interest stands deeper.
                if open.len() <= 3 {
                    said.push((open.join("/"), String::new()));
                }
            }
            Event::End(_) => drop(open.pop()),
            Event::Text(words) if open.len() <= 3 => {
                if let Some((_, text)) = said.last_mut().filter(|(place, _)| *place == open.join("/")) {
                    text.push_str(words.trim());
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let of = |place: &str| said.iter().filter(|(at, _)| at == place).map(|(_, text)| text.clone()).collect::<Vec<_>>();
    let mut out: Vec<String> = PLACES.iter().flat_map(|place| of(place)).collect();
    if out.is_empty() {
        out = of("project/parent/version");
    }
    let properties: Vec<String> = out
        .iter()
        .flat_map(|text| text.split("${").skip(1))
        .filter_map(|rest| rest.split('}').next())
        .flat_map(|name| of(&format!("project/properties/{name}")))
        .collect();
    out.extend(properties);
    Some(out)
}

/// The manifest says that the package goes to nobody.
fn unpublished(path: &Path, around: &Around<'_>) -> bool {
    let folder = path.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
    let folder = if folder == "src" { "" } else { folder.strip_suffix("/src").unwrap_or(folder) };
    let text = |folder: &str, name: &str| {
        let manifest = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
        String::from_utf8(around.contents.base(&manifest, LIMIT)?).ok()
    };
    if path.extension() == "rs" {
        let root = |folder: &str| text(folder, "Cargo.toml").and_then(|t| toml::from_str::<toml::Table>(&t).ok());
        let publish = root(folder).and_then(|r| r.get("package")?.get("publish").cloned());
        let nobody = |p: &toml::Value| p.as_bool() == Some(false) || p.as_array().is_some_and(Vec::is_empty);
        if publish.as_ref().and_then(|p| p.get("workspace")?.as_bool()) != Some(true) {
            return publish.is_some_and(|p| nobody(&p));
        }
        // The workspace says it, beside the package itself or in a folder above.
        let mut place = folder;
        let workspace = loop {
            match root(place).and_then(|root| root.get("workspace").cloned()) {
                None if !place.is_empty() => place = place.rsplit_once('/').map_or("", |(above, _)| above),
                found => break found,
            }
        };
        return workspace.is_some_and(|w| w.get("package").and_then(|p| p.get("publish")).is_some_and(nobody));
    }
    let root = text(folder, "package.json").and_then(|t| serde_json::from_str::<serde_json::Value>(&t).ok());
    root.is_some_and(|r| r.get("private").and_then(serde_json::Value::as_bool) == Some(true))
}

/// What a change asks of callers: `BREAKING-CHANGES.md`, `MIGRATION-v2.md`, `upgrade_guide.rst`. A repository that has
/// such a file keeps no changelog by that.
fn guides(path: &Path) -> bool {
    const WORDS: [&str; 7] = ["breaking", "migrate", "migrating", "migration", "migrations", "upgrade", "upgrading"];
    let name = path.file_name();
    // A program may be called `upgrade`.
    let prose = is_prose(path) && (name.contains('.') || !name.contains(char::is_lowercase));
    let first = name.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    prose && WORDS.contains(&first.to_ascii_lowercase().as_str())
}

/// Written for people.
fn is_prose(path: &Path) -> bool {
    matches!(path.extension().as_str(), "" | "md" | "mdx" | "rst" | "txt" | "adoc")
}

/// A file or a folder in which changes are listed.
fn notes(path: &Path) -> bool {
    const NAMES: [&str; 8] =
        ["changelog", "changes", "history", "migrating", "migration", "news", "releases", "upgrading"];
    let stem = path.file_name().split('.').next().unwrap_or_default().to_ascii_lowercase();
    (is_prose(path) && NAMES.contains(&stem.as_str())) || path.folders().any(|f| NOTES.contains(&f))
}

fn within(path: &Path, folders: &[&str]) -> bool {
    path.folders().any(|f| folders.contains(&f))
}

fn holds(text: &str, name: &str) -> bool {
    text.contains(name) && text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').any(|w| w == name)
}

/// A name stands on an added line of its language, but for the lines that do not count: it may have moved to another
/// file, or be handed on from there.
fn kept(name: &str, door: &Door, around: &Around<'_>, counts: impl Fn(&Looked<'_>, &str) -> bool) -> bool {
    let same = || around.files.iter().filter(|f| door.extensions.contains(&f.extension.as_str()));
    let shown = same().any(|f| f.file.added_lines().any(|l| holds(&l.text, name) && counts(f, &l.text)));
    // What was only moved or copied is on no added line.
    let moved = |f: &Looked<'_>| matches!(f.file.status, Status::Renamed | Status::Copied);
    let whole = |f: &Looked<'_>| around.contents.after(f.file, LIMIT);
    shown || same().filter(|f| moved(f)).filter_map(whole).any(|bytes| holds(&String::from_utf8_lossy(&bytes), name))
}

/// The first thing that the file gave as a whole and does not give now, with the line that is gone and a title.
fn missing<'a>(
    it: &Looked<'a>,
    door: &Door,
    given: fn(&str) -> Vec<Given>,
    around: &Around<'a>,
) -> Option<(&'a str, String)> {
    let file = it.file;
    let joined = |lines: Vec<&str>| lines.join("\n").into_bytes();
    let (before, after) = match (around.contents.before(file, LIMIT), around.contents.after(file, LIMIT)) {
        (Some(before), Some(after)) => (before, after),
        // Of a patch there are only its lines.
        (None, None) => (
            joined(file.removed_lines().map(|l| l.text.as_str()).collect()),
            joined(file.added_lines().map(|l| l.text.as_str()).collect()),
        ),
        _ => return None,
    };
    let before = given(&String::from_utf8_lossy(&before));
    if before.is_empty() {
        return None;
    }
    let after = given(&String::from_utf8_lossy(&after));
    let come = || after.iter().filter(|g| !before.contains(g));
    // What a module gives that is handed on whole from now on is not known.
    if come().any(|g| matches!(g, Given::All(_))) {
        return None;
    }
    before.iter().filter(|g| !after.contains(g)).find_map(|given| {
        let word = given.word();
        let said = |text: &str| match given {
            Given::Name(_) => holds(text, word) || text.starts_with("#[macro_export"),
            Given::All(_) => holds(text, word),
            Given::Default => text.contains("default") || text.contains("module.exports"),
        };
        let line = file.removed_lines().find(|l| said(&l.text))?;
        let still = match given {
            Given::Name(_) => kept(word, door, around, |f, text| {
                f.file.path != file.path || !(exports::narrowed(text, word) || text.starts_with('#'))
            }),
            // Its names may now be given one by one.
            Given::All(_) => come().next().is_some() || file.added_lines().any(|l| holds(&l.text, word)),
            Given::Default => false,
        };
        (!still).then(|| (line.text.as_str(), given.title()))
    })
}

/// The first name that a line of this file gave and that is not kept.
fn gone<'a>(it: &Looked<'a>, number: usize, around: &Around<'a>) -> Option<(&'a str, String)> {
    static COMPILED: OnceLock<Vec<Option<Regex>>> = OnceLock::new();
    let compiled = COMPILED.get_or_init(|| DOORS.iter().map(Door::pattern).collect());
    let pattern = compiled.get(number)?.as_ref()?;
    let door = DOORS.get(number)?;
    let program = || {
        let whole = around.contents.before(it.file, LIMIT).unwrap_or_default();
        it.extension == "go" && String::from_utf8_lossy(&whole).lines().any(|line| line.trim_end() == "package main")
    };
    it.file.removed_lines().find_map(|line| {
        let found = pattern.captures(&line.text)?;
        let name = found.iter().skip(1).flatten().last()?.as_str();
        let kept = kept(name, door, around, |_, _| true);
        (!kept && !program()).then(|| (line.text.as_str(), format!("{name} is no longer public")))
    })
}
