//! Nothing that stands in a change makes the rules panic.

use super::*;

proptest::proptest! {
    #[test]
    fn no_text_makes_the_rules_panic(text in "\\PC{0,120}", path in "(src|tests|db/migrations|\\.github/workflows)/[a-z]{1,6}\\.(py|rs|js|sql|yml|json|toml|c)") {
        let line = text.replace('\n', " ");
        for finding in review(&parse(added(&path, &[&line]).as_bytes()).unwrap(), &Bare) {
            assert!(finding.line <= 1 && finding.title.chars().count() <= 80 && !finding.id.is_empty());
        }
    }

    #[test]
    fn no_manifest_makes_the_rules_panic(before in "\\PC{0,80}", after in "[\\[\\]{}\":,= \na-z0-9.]{0,80}", name in "(package.json|Cargo.toml|pyproject.toml|go.mod)") {
        let (name, before, after): (&'static str, &'static str, &'static str) = (name.leak(), before.leak(), after.leak());
        let tree = Tree::default().with(name, before, after).with("Cargo.lock", "", "").with("uv.lock", "", "").with("go.sum", "", "").with("yarn.lock", "", "");
        drop(tree.classes(&edited(name, 1, "a", "b")));
    }
}
