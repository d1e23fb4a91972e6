//! What we build on: licences we may pass on, one source, and nothing from a path outside this checkout.

// A test that cannot go on says so by panicking; the doors of src/world are for the program.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

/// Licences whose texts allow shipping the binary under MIT or Apache-2.0 (of `A OR B`, one is enough).
const ALLOWED: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "NCSA",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// The packages of this machine's build, as cargo tells them.
fn packages() -> Vec<Value> {
    let rustc = Command::new("rustc").arg("-vV").output().expect("rustc is there");
    let told = String::from_utf8(rustc.stdout).unwrap();
    let host = told.lines().find_map(|l| l.strip_prefix("host: ")).unwrap().to_owned();
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked", "--filter-platform", &host])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        out.status.success(),
        "Cargo.lock is stale, or cargo has no network:\n{}",
        String::from_utf8_lossy(&out.stderr)
    );
    let value: Value = serde_json::from_slice(&out.stdout).unwrap();
    let used: BTreeSet<&str> =
        value["resolve"]["nodes"].as_array().unwrap().iter().filter_map(|n| n["id"].as_str()).collect();
    let all = value["packages"].as_array().unwrap();
    all.iter().filter(|p| used.contains(p["id"].as_str().unwrap())).cloned().collect()
}

/// Whether an SPDX expression of `OR`, `AND`, parentheses and the old `/` can be met by the list.
fn allowed(expression: &str) -> bool {
    let plain = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let one = |licence: &str| ALLOWED.contains(&licence.trim());
    // `AND` binds tighter than `OR`; written out, every expression in use is a choice of sums or a sum of choices.
    plain.split(" OR ").any(|choice| choice.split(" AND ").all(one))
        || expression.split(" AND ").all(|part| part.trim_matches(['(', ')', ' ']).split(" OR ").any(one))
}

#[test]
fn every_licence_may_be_passed_on() {
    let packages = packages();
    assert!(packages.len() > 150, "the packages were found");
    let wrong: Vec<String> = packages
        .iter()
        .filter(|p| !p["license"].as_str().is_some_and(allowed))
        .map(|p| format!("{} {}: {}", p["name"], p["version"], p["license"]))
        .collect();
    assert!(wrong.is_empty(), "not in the list of tests/dependencies.rs:\n{}", wrong.join("\n"));
}

#[test]
fn every_package_comes_from_the_one_registry() {
    let ours = ["monster", "monster-fuzz"];
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        match package["source"].as_str() {
            None => assert!(ours.contains(&name), "{name} lies at a path"),
            Some(source) => assert!(source.starts_with("registry+"), "{name} comes from {source}"),
        }
    }
}

#[test]
fn expressions_are_read_as_they_are_meant() {
    for good in ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "(MIT OR Apache-2.0) AND Unicode-3.0", "Apache-2.0 AND ISC"] {
        assert!(allowed(good), "{good}");
    }
    for bad in ["GPL-3.0", "MIT AND GPL-3.0", "(GPL-2.0 OR LGPL-3.0) AND MIT", ""] {
        assert!(!allowed(bad), "{bad}");
    }
}
