//! Whose code a file is, by evidence: a folder of this name is made by anybody, and what a package manager wrote down
//! beside the code by none but it.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use crate::git::{Contents, FileChange, Path};

/// Folders that package managers fill, or that are there for other people's code and nothing else.
const ROOTS: [&str; 5] = ["node_modules", "bower_components", "third_party", "third-party", "Godeps"];
/// The same, by more than one name.
const PLACES: [&str; 2] = [".yarn/releases/", "vendor/bundle/"];
/// People call folders of their own so too.
const VENDOR: &str = "vendor/";
/// The largest list of packages that is read (bytes).
const LIMIT: u64 = 16 << 20;

/// What lies beside the files of a change, read once each.
pub(super) struct Vendors<'c> {
    contents: &'c dyn Contents,
    /// By the file of a list, the names that stand there; `None` = there is no such list.
    lists: RefCell<HashMap<String, Option<Rc<HashSet<String>>>>>,
}

impl<'c> Vendors<'c> {
    /// As it stands after the change.
    pub(super) fn new(contents: &'c dyn Contents) -> Self {
        Self { contents, lists: RefCell::default() }
    }

    /// Something speaks for it that the file was copied in: its place, `.gitattributes` from before the change, or the
    /// list of whoever copied it.
    pub(super) fn hold(&self, file: &FileChange) -> bool {
        let path = file.path.as_str();
        let there = |place: &str| path.starts_with(place) || path.contains(&format!("/{place}"));
        file.vendored
            || file.path.folders().any(|folder| ROOTS.contains(&folder))
            || PLACES.iter().any(|place| there(place))
            || path.match_indices(VENDOR).any(|(at, _)| {
                let (root, rest) = path.split_at(at + VENDOR.len());
                (at == 0 || path[..at].ends_with('/')) && self.listed(root, rest)
            })
    }

    /// A list in `root` names what `rest` belongs to.
    fn listed(&self, root: &str, rest: &str) -> bool {
        self.by_go(root, rest) || self.by_cargo(root, rest) || self.by_composer(root, rest)
    }

    /// `# example.org/module v1.2.3`, as `go mod vendor` writes it.
    fn by_go(&self, root: &str, rest: &str) -> bool {
        let modules = self.list(format!("{root}modules.txt"), |text| {
            let modules = text.lines().filter_map(|line| line.strip_prefix("# ")?.split(' ').next());
            Some(modules.filter(|module| !module.is_empty()).map(str::to_owned).collect())
        });
        modules.is_some_and(|modules| within(rest, &modules))
    }

    /// The sums that `cargo vendor` writes for each package name this file.
    fn by_cargo(&self, root: &str, rest: &str) -> bool {
        let Some((package, file)) = rest.split_once('/') else { return false };
        let files = self.list(format!("{root}{package}/.cargo-checksum.json"), |text| {
            let sums = serde_json::from_str::<Value>(text).ok()?;
            Some(sums["files"].as_object()?.keys().cloned().collect())
        });
        files.is_some_and(|files| files.contains(file))
    }

    /// What Composer notes of what it installed, and its own files.
    fn by_composer(&self, root: &str, rest: &str) -> bool {
        let packages = self.list(format!("{root}composer/installed.json"), |text| {
            let list = serde_json::from_str::<Value>(text).ok()?;
            // Before its second version it was a list alone.
            let packages = list["packages"].as_array().or_else(|| list.as_array());
            let names = packages.into_iter().flatten().filter_map(|package| package["name"].as_str());
            Some(names.filter(|name| name.contains('/')).map(str::to_owned).collect())
        });
        packages.is_some_and(|packages| {
            rest == "autoload.php" || below(rest, "composer").is_some() || within(rest, &packages)
        })
    }

    /// The names in a list on the new side, read once: a file may hold many a finding.
    fn list(&self, path: String, read: impl Fn(&str) -> Option<HashSet<String>>) -> Option<Rc<HashSet<String>>> {
        if let Some(known) = self.lists.borrow().get(&path) {
            return known.clone();
        }
        let bytes = self.contents.current(&Path::from(path.as_str()), LIMIT);
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let names = text.and_then(|text| read(&text)).map(Rc::new);
        self.lists.borrow_mut().insert(path, names.clone());
        names
    }
}

/// A path stands below one of these folders.
fn within(path: &str, folders: &HashSet<String>) -> bool {
    path.match_indices('/').any(|(at, _)| folders.contains(&path[..at]))
}

/// What of a path stands below this folder.
fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Status;

    /// Files by name.
    struct Tree(Vec<(&'static str, &'static str)>);

    impl Contents for Tree {
        fn before(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn after(&self, _: &FileChange, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn base(&self, _: &str, _: u64) -> Option<Vec<u8>> {
            None
        }
        fn tracked(&self) -> Vec<Path> {
            Vec::new()
        }
        fn current(&self, path: &Path, _: u64) -> Option<Vec<u8>> {
            self.0.iter().find(|(name, _)| *name == path.as_str()).map(|(_, text)| text.as_bytes().to_vec())
        }
    }

    #[test]
    fn a_folder_called_vendor_is_somebody_elses_where_a_list_says_so() {
        let tree = Tree(vec![
            ("vendor/modules.txt", "# example.org/a/b v1.2.0\n## explicit; go 1.22\nexample.org/a/b/c\n"),
            ("rust/vendor/serde/.cargo-checksum.json", r#"{"files":{"src/lib.rs":"00"},"package":"00"}"#),
            ("php/vendor/composer/installed.json", r#"{"packages":[{"name":"monolog/monolog"}]}"#),
            ("old/vendor/composer/installed.json", r#"[{"name":"twig/twig"}]"#),
            ("odd/vendor/modules.txt", "# \n"),
            ("odd/vendor/composer/installed.json", "[3"),
        ]);
        let vendors = Vendors::new(&tree);
        let theirs = |path: &str| vendors.hold(&FileChange::new(Path::from(path), Status::Added));
        for path in [
            "node_modules/a/b.js",
            "web/third_party/a.c",
            "vendor/bundle/ruby/3.3.0/gems/rack/a.rb",
            "vendor/example.org/a/b/c/d.go",
            "rust/vendor/serde/src/lib.rs",
            "php/vendor/monolog/monolog/src/a.php",
            "php/vendor/composer/ClassLoader.php",
            "php/vendor/autoload.php",
            "old/vendor/twig/twig/a.php",
        ] {
            assert!(theirs(path), "{path}");
        }
        for path in [
            "vendor/own/a.go",
            "vendor/example.org/a/bb/d.go",
            "rust/vendor/serde/src/own.rs",
            "rust/vendor/a.rs",
            "php/vendor/own/a.php",
            "odd/vendor/a/b.go",
            "src/vendor/login.py",
            "src/myvendor/bundle/a.py",
            "src/node_modules.js",
        ] {
            assert!(!theirs(path), "{path}");
        }
        let mut said = FileChange::new(Path::from("src/vendor/login.py"), Status::Added);
        said.vendored = true;
        assert!(vendors.hold(&said));
    }
}
