use proptest::prelude::*;

use super::*;

fn said(name: &str, before: &str, after: &str) -> Vec<String> {
    changes(name, Some(before), Some(after))
        .unwrap()
        .into_iter()
        .map(|c| match (c.from, c.to) {
            (Some(from), Some(to)) => format!("{} {from} → {to}", c.name),
            (None, Some(to)) => format!("+{} {to}", c.name),
            (Some(from), None) => format!("-{} {from}", c.name),
            (None, None) => unreachable!(),
        })
        .collect()
}

#[test]
fn cargo_names_what_was_bumped_added_and_removed() {
    let before = "version = 4\n[[package]]\nname = \"serde\"\nversion = \"1.0.1\"\n\n[[package]]\nname = \"old\"\nversion = \"0.1.0\"\n";
    let after = "version = 4\n[[package]]\nname = \"serde\"\nversion = \"1.0.2\"\n\n[[package]]\nname = \"fresh\"\nversion = \"2.0.0\"\n";
    assert_eq!(said("Cargo.lock", before, after), ["+fresh 2.0.0", "-old 0.1.0", "serde 1.0.1 → 1.0.2"]);
    assert_eq!(said("poetry.lock", before, after), said("uv.lock", before, after));
}

#[test]
fn two_versions_side_by_side_are_told_apart() {
    let package = |v: &str| format!("[[package]]\nname = \"syn\"\nversion = \"{v}\"\n");
    let before = format!("{}{}", package("1.0.0"), package("2.0.0"));
    let after = format!("{}{}", package("1.0.0"), package("2.0.1"));
    assert_eq!(said("Cargo.lock", &before, &after), ["syn 2.0.0 → 2.0.1"]);
}

#[test]
fn npm_in_all_three_versions() {
    let v1 = |v: &str| {
        format!(
            r#"{{"lockfileVersion":1,"dependencies":{{"a":{{"version":"1.0.0","dependencies":{{"left-pad":{{"version":"{v}"}}}}}}}}}}"#
        )
    };
    assert_eq!(said("package-lock.json", &v1("1.0.0"), &v1("1.3.0")), ["left-pad 1.0.0 → 1.3.0"]);
    let v3 = |v: &str| {
        format!(
            r#"{{"lockfileVersion":3,"packages":{{"":{{"name":"me","version":"{v}"}},"node_modules/@s/p":{{"version":"{v}"}},"node_modules/a/node_modules/left-pad":{{"version":"1.0.0"}}}}}}"#
        )
    };
    assert_eq!(said("package-lock.json", &v3("1.0.0"), &v3("1.3.0")), ["@s/p 1.0.0 → 1.3.0"]);
}

#[test]
fn yarn_classic_and_berry() {
    let classic = |v: &str| {
        format!(
            "# yarn lockfile v1\n\n\n\"@babel/core@^7.0.0\", \"@babel/core@^7.1.0\":\n  version \"{v}\"\n  resolved \"https://example.invalid/x\"\n  dependencies:\n    ms \"2.0.0\"\n"
        )
    };
    assert_eq!(said("yarn.lock", &classic("7.1.0"), &classic("7.2.0")), ["@babel/core 7.1.0 → 7.2.0"]);
    let berry = |v: &str| {
        format!(
            "__metadata:\n  version: 6\n\n\"left-pad@npm:^1.0.0\":\n  version: {v}\n  resolution: \"left-pad@npm:{v}\"\n\n\"me@workspace:.\":\n  version: 0.0.0-use.local\n"
        )
    };
    assert_eq!(said("yarn.lock", &berry("1.0.0"), &berry("1.3.0")), ["left-pad 1.0.0 → 1.3.0"]);
}

#[test]
fn pnpm_five_six_and_nine() {
    let five = |v: &str| {
        format!(
            "lockfileVersion: 5.4\n\npackages:\n\n  /@s/p/{v}_react@18.0.0:\n    resolution: {{integrity: x}}\n\n  /ms/{v}:\n    resolution: {{integrity: x}}\n"
        )
    };
    assert_eq!(said("pnpm-lock.yaml", &five("1.0.0"), &five("1.1.0")), ["@s/p 1.0.0 → 1.1.0", "ms 1.0.0 → 1.1.0"]);
    let six = |v: &str| {
        format!("lockfileVersion: '6.0'\n\npackages:\n\n  /@s/p@{v}(react@18.0.0):\n    resolution: {{integrity: x}}\n")
    };
    assert_eq!(said("pnpm-lock.yaml", &six("1.0.0"), &six("1.1.0")), ["@s/p 1.0.0 → 1.1.0"]);
    let nine = |v: &str| {
        format!(
            "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      ms:\n        version: {v}\n\npackages:\n\n  '@s/p@{v}':\n    resolution: {{integrity: x}}\n\nsnapshots:\n\n  ms@{v}: {{}}\n"
        )
    };
    assert_eq!(said("pnpm-lock.yaml", &nine("1.0.0"), &nine("1.1.0")), ["@s/p 1.0.0 → 1.1.0"]);
}

#[test]
fn python_ruby_go_and_php() {
    let pip = |v: &str| format!(r#"{{"_meta":{{}},"default":{{"flask":{{"version":"=={v}"}}}},"develop":{{}}}}"#);
    assert_eq!(said("Pipfile.lock", &pip("2.0"), &pip("2.1")), ["flask 2.0 → 2.1"]);
    let gem = |v: &str| {
        format!(
            "GEM\n  remote: https://example.invalid/\n  specs:\n    rails ({v})\n      rake (>= 12)\n\nDEPENDENCIES\n  rails\n"
        )
    };
    assert_eq!(said("Gemfile.lock", &gem("7.0.0"), &gem("7.0.1")), ["rails 7.0.0 → 7.0.1"]);
    let sum = |v: &str| format!("a.b/c {v} h1:x=\na.b/c {v}/go.mod h1:y=\nz.z/old v0.1.0/go.mod h1:y=\n");
    assert_eq!(said("go.sum", &sum("v1.0.0"), &sum("v1.1.0")), ["a.b/c v1.0.0 → v1.1.0"]);
    let module = |v: &str| {
        format!(
            "module me\n\ngo 1.22\n\nrequire one.x/y {v}\n\nrequire (\n\ta.b/c {v} // indirect\n)\n\nreplace (\n\ta.b/d => ../d\n)\n"
        )
    };
    assert_eq!(
        said("go.mod", &module("v1.0.0"), &module("v1.1.0")),
        ["a.b/c v1.0.0 → v1.1.0", "one.x/y v1.0.0 → v1.1.0"]
    );
    let php = |v: &str| format!(r#"{{"packages":[{{"name":"m/log","version":"{v}"}}],"packages-dev":[]}}"#);
    assert_eq!(said("composer.lock", &php("v1.0"), &php("v1.1")), ["m/log 1.0 → 1.1"]);
}

#[test]
fn what_does_not_parse_is_not_guessed_at() {
    assert_eq!(changes("Cargo.lock", Some("<<<<<<< HEAD"), Some("")), None);
    assert_eq!(changes("spin.lock", Some(""), Some("")), None);
}

proptest! {
    #[test]
    fn no_bytes_upset_any_reader(text in "(?s).{0,200}|[ a@/:\"'(),._=\\n-]{0,120}") {
        for name in ["Cargo.lock", "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "Pipfile.lock", "composer.lock", "Gemfile.lock", "go.sum", "go.mod"] {
            let _ = changes(name, Some(&text), None);
        }
    }
}

/// A file, what stands in it, and the packages of it.
type Row = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

#[test]
fn eight_more_formats_are_read() {
    let rows: [Row; 8] = [
        (
            "bun.lock",
            "{\n  \"workspaces\": {},\n  \"packages\": {\n    \"@types/node\": [\"@types/node@20.1.0\", \"\", {}, \"sha\"],\n    \"left-pad\": [\"left-pad@1.3.0\", \"\", {}, \"sha\"],\n  }\n}\n",
            &[("@types/node", "20.1.0"), ("left-pad", "1.3.0")],
        ),
        (
            "deno.lock",
            "{\"version\":\"4\",\"npm\":{\"chalk@5.3.0\":{},\"@a/b@1.0.0_react@18.0.0\":{}},\"jsr\":{\"@std/path@1.0.2\":{}}}",
            &[("@a/b", "1.0.0"), ("@std/path", "1.0.2"), ("chalk", "5.3.0")],
        ),
        (
            "flake.lock",
            "{\"nodes\":{\"nixpkgs\":{\"locked\":{\"rev\":\"0123456789abcdef\"}},\"root\":{\"inputs\":{}}}}",
            &[("nixpkgs", "0123456")],
        ),
        (
            "mix.lock",
            "%{\n  \"cowboy\": {:hex, :cowboy, \"2.9.0\", \"aa\", [:make]},\n  \"own\": {:git, \"https://x.example/own.git\", \"fedcba9876543210\", []},\n}\n",
            &[("cowboy", "2.9.0"), ("own", "fedcba9")],
        ),
        (
            "pubspec.lock",
            "packages:\n  async:\n    dependency: transitive\n    version: \"2.11.0\"\nsdks:\n  dart: \">=3\"\n",
            &[("async", "2.11.0")],
        ),
        (
            "Podfile.lock",
            "PODS:\n  - Alamofire (5.4.0)\n  - Fire/Core (1.0):\n    - Alamofire (~> 5)\n\nDEPENDENCIES:\n  - Alamofire (9)\n",
            &[("Alamofire", "5.4.0"), ("Fire", "1.0")],
        ),
        (
            "gradle.lockfile",
            "# note\ncom.google.guava:guava:31.1=compileClasspath,test\nempty=annotation\n",
            &[("com.google.guava:guava", "31.1")],
        ),
        (
            "packages.lock.json",
            "{\"version\":1,\"dependencies\":{\"net8.0\":{\"Serilog\":{\"type\":\"Direct\",\"resolved\":\"3.1.1\"}}}}",
            &[("Serilog", "3.1.1")],
        ),
    ];
    for (name, text, wanted) in rows {
        let found = read(name, text).unwrap();
        let found: Vec<(&str, &str)> =
            found.iter().flat_map(|(n, vs)| vs.iter().map(move |v| (n.as_str(), v.as_str()))).collect();
        assert_eq!(found, wanted, "{name}");
    }
    assert!(read("bun.lockb", "\0binary").is_none(), "named only");
    for name in ["deno.lock", "flake.lock", "packages.lock.json"] {
        assert!(read(name, "<<<<<<<").is_none(), "{name}");
    }
}
