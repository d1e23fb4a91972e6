//! Types by what they mean: where a repository has others than ours, the one of its own that says the same.

/// What ours are called elsewhere, the nearest first.
const KIN: [(&str, &[&str]); 11] = [
    ("feat", &["feature", "features", "new", "add", "added", "enhancement", "improvement", "minor"]),
    ("fix", &["bugfix", "bug", "fixes", "fixed", "hotfix", "patch"]),
    ("docs", &["doc", "documentation", "document"]),
    ("test", &["tests", "testing", "spec"]),
    ("refactor", &["refactoring", "refact", "cleanup", "clean", "rework", "restructure"]),
    ("perf", &["performance", "speed", "optimize", "optimise"]),
    ("build", &["deps", "dependencies", "dep", "packaging", "package", "chore"]),
    ("ci", &["workflow", "workflows", "pipeline", "build", "chore"]),
    ("chore", &["maintenance", "maint", "misc", "task", "housekeeping", "other"]),
    ("style", &["format", "formatting", "lint", "chore"]),
    ("revert", &["undo", "rollback"]),
];

/// The type among those that may be chosen (empty = any) that says what `type_` does; as it is spelled there.
pub(super) fn fitting(type_: &str, allowed: &[String]) -> Option<String> {
    let there = |name: &str| allowed.iter().find(|one| one.eq_ignore_ascii_case(name)).cloned();
    if allowed.is_empty() || allowed.iter().any(|one| one == type_) {
        return Some(type_.to_owned());
    }
    let kin = KIN.iter().find(|(ours, _)| *ours == type_).map_or(&[][..], |(_, kin)| kin);
    there(type_).or_else(|| kin.iter().find_map(|name| there(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_called_as_it_is_called_there() {
        let own = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        for (ours, there, told) in [
            ("feat", &["bug", "Feature"][..], Some("Feature")),
            ("fix", &["feature", "bugfix"], Some("bugfix")),
            ("docs", &["Docs"], Some("Docs")),
            ("build", &["chore", "deps"], Some("deps")),
            ("feat", &["bug", "chore"], None),
            ("whatever", &["bug"], None),
            ("docs", &[], Some("docs")),
        ] {
            assert_eq!(fitting(ours, &own(there)).as_deref(), told, "{ours} of {there:?}");
        }
    }
}
