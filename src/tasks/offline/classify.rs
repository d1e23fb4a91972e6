//! What a changed file is for. Packing ranks by it, the message's type and the review's scope follow it.

use crate::git::{FileChange, Path};

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Written by people, run by machines.
    Source,
    /// Tests, their fixtures and snapshots.
    Test,
    /// Read by people.
    Docs,
    /// Settings of tools and programs.
    Config,
    /// What a build server runs.
    Ci,
    /// Exact versions, written by a package manager.
    Lock,
    /// Wanted dependencies and build description.
    Manifest,
    /// Written by a program.
    Generated,
    /// Other people's code, copied in.
    Vendored,
    /// Pictures, fonts, sound, archives.
    Asset,
    /// Squeezed text: one line over 2,000 bytes, or lines of more than 300 bytes on average.
    Minified,
}

const LOCKS: &[&str] = &[
    "Cargo.lock",
    "Gemfile.lock",
    "Pipfile.lock",
    "Podfile.lock",
    "bun.lock",
    "bun.lockb",
    "composer.lock",
    "deno.lock",
    "flake.lock",
    "go.sum",
    "gradle.lockfile",
    "mix.lock",
    "npm-shrinkwrap.json",
    "package-lock.json",
    "packages.lock.json",
    "pdm.lock",
    "pnpm-lock.yaml",
    "poetry.lock",
    "pubspec.lock",
    "uv.lock",
    "yarn.lock",
];

const MANIFESTS: &[&str] = &[
    "BUILD",
    "BUILD.bazel",
    "CMakeLists.txt",
    "Cargo.toml",
    "Gemfile",
    "MODULE.bazel",
    "Package.swift",
    "Pipfile",
    "Podfile",
    "build.gradle",
    "build.gradle.kts",
    "build.sbt",
    "composer.json",
    "deno.json",
    "go.mod",
    "go.work",
    "libs.versions.toml",
    "meson.build",
    "mix.exs",
    "package.json",
    "pnpm-workspace.yaml",
    "pom.xml",
    "pubspec.yaml",
    "pyproject.toml",
    "settings.gradle",
    "setup.cfg",
    "setup.py",
];

const CI_FILES: &[&str] = &[
    ".appveyor.yml",
    ".cirrus.yml",
    ".drone.yml",
    ".gitlab-ci.yml",
    ".travis.yml",
    "Jenkinsfile",
    "appveyor.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
];

const CI_FOLDERS: &[&str] =
    &[".github/workflows/", ".github/actions/", ".circleci/", ".buildkite/", ".woodpecker/", ".gitlab/ci/"];

const VENDOR_FOLDERS: &[&str] = &["vendor", "third_party", "third-party", "node_modules", "Godeps", "bower_components"];

const TEST_FOLDERS: &[&str] = &["test", "tests", "__tests__", "spec", "specs", "e2e", "cypress"];

/// Data of tests: even a Markdown file in there is no documentation.
const FIXTURE_FOLDERS: &[&str] =
    &["__fixtures__", "__mocks__", "__snapshots__", "fixtures", "snapshots", "test-fixtures", "testdata"];

const DOC_NAMES: &[&str] = &[
    "AUTHORS",
    "CHANGELOG",
    "CHANGES",
    "CODE_OF_CONDUCT",
    "CONTRIBUTING",
    "CONTRIBUTORS",
    "COPYING",
    "HACKING",
    "HISTORY",
    "INSTALL",
    "LICENCE",
    "LICENSE",
    "MAINTAINERS",
    "NEWS",
    "NOTICE",
    "README",
    "SECURITY",
    "UPGRADING",
];

const DOC_EXTENSIONS: &[&str] =
    &["adoc", "asciidoc", "markdown", "md", "mdown", "mdx", "org", "pod", "rst", "tex", "txt"];

const ASSET_EXTENSIONS: &[&str] = &[
    "7z", "avif", "bmp", "bz2", "eot", "flac", "gif", "gz", "icns", "ico", "jpeg", "jpg", "mov", "mp3", "mp4", "ogg",
    "otf", "pdf", "png", "psd", "svg", "tar", "tgz", "ttf", "wav", "webm", "webp", "woff", "woff2", "xz", "zip", "zst",
];

const CONFIG_EXTENSIONS: &[&str] = &[
    "cfg",
    "cnf",
    "conf",
    "config",
    "editorconfig",
    "env",
    "ini",
    "json",
    "json5",
    "jsonc",
    "plist",
    "properties",
    "toml",
    "xml",
    "yaml",
    "yml",
];

const CONFIG_NAMES: &[&str] = &["CODEOWNERS", "Containerfile", "Dockerfile", "Procfile", "Vagrantfile"];

const SCRIPT_EXTENSIONS: &[&str] = &["cjs", "cts", "js", "mjs", "mts", "ts"];

/// What the program of a site is written in.
const SITE: &[&str] = &[
    "astro", "cjs", "css", "cts", "go", "js", "json", "jsx", "less", "mjs", "mts", "php", "py", "rb", "rs", "sass",
    "scss", "sh", "svelte", "toml", "ts", "tsx", "vue", "yaml", "yml",
];

/// The class of a path by its name alone. Exact names win over patterns: `spin.lock.rs` is source.
#[must_use]
pub fn by_path(path: &Path) -> Class {
    let name = path.file_name();
    let extension = path.extension();
    let text = path.as_str();
    if path.folders().any(|f| VENDOR_FOLDERS.contains(&f))
        || text.starts_with(".yarn/releases/")
        || text.contains("/.yarn/releases/")
    {
        return Class::Vendored;
    }
    if LOCKS.contains(&name) {
        return Class::Lock;
    }
    if path.folders().any(|f| FIXTURE_FOLDERS.contains(&f)) || extension == "snap" {
        return Class::Test;
    }
    if CI_FILES.contains(&name) || CI_FOLDERS.iter().any(|f| text.starts_with(f)) {
        return Class::Ci;
    }
    if is_manifest(name) {
        return if in_tests(path) { Class::Test } else { Class::Manifest };
    }
    if is_minified(name, &extension) {
        return Class::Minified;
    }
    if is_generated(name, &extension) {
        return Class::Generated;
    }
    if is_docs(path, name, &extension) {
        return Class::Docs;
    }
    if in_tests(path) || is_test_name(name, &extension) {
        return Class::Test;
    }
    if ASSET_EXTENSIONS.contains(&extension.as_str()) {
        return Class::Asset;
    }
    if is_config(name, &extension) {
        return Class::Config;
    }
    Class::Source
}

/// The class of a changed file: by name, by git attributes, then by how squeezed its added lines are.
#[must_use]
pub fn classify(file: &FileChange) -> Class {
    let class = by_path(&file.path);
    match class {
        Class::Lock | Class::Vendored => class,
        _ if file.generated => Class::Generated,
        Class::Source | Class::Config if is_squeezed(file) => Class::Minified,
        _ => class,
    }
}

/// Whether a program squeezed this file, wherever it lies. Settings on one line are somebody's own.
#[must_use]
pub fn minified(file: &FileChange) -> bool {
    let (name, extension) = (file.path.file_name(), file.path.extension());
    let code = matches!(by_path(&file.path), Class::Source | Class::Vendored) && !is_config(name, &extension);
    is_minified(name, &extension) || code && is_squeezed(file)
}

/// Whether a package manager writes a file of this name.
#[must_use]
pub fn is_lock(name: &str) -> bool {
    LOCKS.contains(&name)
}

/// Whether the path lies among examples, scripts or other code that talks to a terminal by trade.
#[must_use]
pub fn is_sideshow(path: &Path) -> bool {
    const FOLDERS: &[&str] = &[
        "bench",
        "benches",
        "benchmark",
        "benchmarks",
        "bin",
        "cli",
        "cmd",
        "demo",
        "demos",
        "example",
        "examples",
        "fuzz",
        "playground",
        "samples",
        "script",
        "scripts",
        "tools",
    ];
    let stem = path.file_name().split('.').next();
    path.folders().any(|f| FOLDERS.contains(&f)) || stem == Some("cli")
}

/// Whether a file of this name is data, and no program: words, settings, pictures, what tests compare with.
#[must_use]
pub fn is_data(path: &Path) -> bool {
    let extension = path.extension();
    let any = |list: &[&str]| list.contains(&extension.as_str());
    path.folders().any(|f| FIXTURE_FOLDERS.contains(&f))
        || any(DOC_EXTENSIONS)
        || any(CONFIG_EXTENSIONS)
        || any(ASSET_EXTENSIONS)
        || any(&["", "csv", "htm", "html", "log", "out", "snap", "tsv"])
}

fn is_manifest(name: &str) -> bool {
    MANIFESTS.contains(&name)
        || (name.starts_with("requirements") && (name.ends_with(".txt") || name.ends_with(".in")))
        || name.ends_with(".gemspec")
        || name.ends_with(".csproj")
        || name.ends_with(".podspec")
}

fn in_tests(path: &Path) -> bool {
    path.folders().any(is_test_folder)
}

/// Whether a folder of this name is one for tests.
#[must_use]
pub fn is_test_folder(name: &str) -> bool {
    TEST_FOLDERS.contains(&name)
}

/// Whether a file says by its name that tests stand in it, and not only what they need.
#[must_use]
pub fn names_tests(path: &Path) -> bool {
    let (name, extension) = (path.file_name(), path.extension());
    let told = is_test_name(name, &extension) || (in_tests(path) && name.starts_with("test_"));
    told && !serves_tests(name, &extension)
}

/// Whether a file of this name holds what tests need, and none itself.
#[must_use]
pub fn serves_tests(name: &str, extension: &str) -> bool {
    let stem = name.strip_suffix(&format!(".{extension}")).unwrap_or(name);
    name == "conftest.py" || ["test-utils", "test_utils", "test-helpers", "test_helpers"].contains(&stem)
}

fn is_test_name(name: &str, extension: &str) -> bool {
    let stem = name.strip_suffix(&format!(".{extension}")).unwrap_or(name);
    if serves_tests(name, extension) || matches!(name, "tests.rs" | "test.rs" | "tests.py") {
        return true;
    }
    let dotted = [".test", ".tests", ".spec", ".e2e", ".cy", ".test-d"].iter().any(|s| stem.ends_with(s));
    let tailed = ["_test", "_tests", "_spec", "-test", "-spec"].iter().any(|s| stem.ends_with(s));
    let camel = matches!(extension, "java" | "kt" | "cs" | "scala" | "swift" | "php" | "groovy")
        && ["Test", "Tests", "Spec", "IT"].iter().any(|s| stem.ends_with(s));
    dotted || tailed || camel || (extension == "py" && stem.starts_with("test_"))
}

fn is_minified(name: &str, extension: &str) -> bool {
    name.contains(".min.") && matches!(extension, "js" | "css")
}

fn is_generated(name: &str, extension: &str) -> bool {
    const TAILS: &[&str] = &[
        ".pb.go",
        "_pb2.py",
        "_pb2.pyi",
        "_pb2_grpc.py",
        ".pb.cc",
        ".pb.h",
        ".g.dart",
        ".freezed.dart",
        ".designer.cs",
    ];
    TAILS.iter().any(|t| name.ends_with(t)) || name.contains(".generated.") || extension == "map"
}

fn is_docs(path: &Path, name: &str, extension: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    if DOC_NAMES.contains(&stem.to_ascii_uppercase().as_str()) && (stem == name || DOC_EXTENSIONS.contains(&extension))
    {
        return true;
    }
    if stem.to_ascii_uppercase().starts_with("LICENSE-") {
        return true;
    }
    if extension == "txt" {
        return path.folders().any(|f| matches!(f, "docs" | "doc")) && !in_tests(path);
    }
    if DOC_EXTENSIONS.contains(&extension) {
        return true;
    }
    let first = path.folders().next().unwrap_or("");
    // A site is a program as well as its pages.
    let program = first == "website" && (SITE.contains(&extension) || name.contains(".config."));
    matches!(first, "docs" | "doc" | "website") && !program && !is_test_name(name, extension)
}

fn is_config(name: &str, extension: &str) -> bool {
    let hidden = name.starts_with('.') && name.len() > 1;
    let stem = name.strip_suffix(&format!(".{extension}")).unwrap_or(name);
    let tool = SCRIPT_EXTENSIONS.contains(&extension) && (stem.ends_with(".config") || stem.ends_with("rc"));
    hidden
        || CONFIG_EXTENSIONS.contains(&extension)
        || CONFIG_NAMES.contains(&name)
        || name.starts_with("Dockerfile.")
        || tool && stem.ends_with(".config")
}

/// Nearly all of it in lines that nobody writes: one line of ordinary code among them, and a person had a hand in it.
fn is_squeezed(file: &FileChange) -> bool {
    let (mut lines, mut bytes) = (0_usize, 0_usize);
    for line in file.added_lines() {
        if line.text.len() <= SHORT && is_code(line.text.trim()) {
            return false;
        }
        lines += 1;
        bytes += line.text.len();
    }
    bytes > 2_000 && bytes > lines.saturating_mul(SHORT)
}

/// A longer line is nobody's (bytes).
const SHORT: usize = 300;

/// It says something, and is no comment: squeezed files have heads and feet of those.
fn is_code(line: &str) -> bool {
    line.contains(char::is_alphanumeric) && !comment(line)
}

/// It begins as a comment does, in one language or another.
pub(super) fn comment(text: &str) -> bool {
    let hash = text.starts_with('#') && !text.starts_with("#[") && !text.starts_with("#!");
    hash || ["//", "/*", "*", "--", "\"\"\"", "<!--"].iter().any(|mark| text.starts_with(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_names_beat_patterns() {
        for (path, class) in [
            ("src/spin.lock.rs", Class::Source),
            ("Cargo.lock", Class::Lock),
            ("web/package-lock.json", Class::Lock),
            ("web/package.json", Class::Manifest),
            ("src/test_harness_view.rs", Class::Source),
            ("playground/test-utils.ts", Class::Test),
            ("src/contest.py", Class::Source),
            ("tests/test_pager.py", Class::Test),
            ("pager_test.go", Class::Test),
            ("src/pager.spec.ts", Class::Test),
            ("src/main/java/Latest.java", Class::Source),
            ("src/PagerTest.java", Class::Test),
            ("tests/README.md", Class::Docs),
            ("tests/fixtures/post.md", Class::Test),
            ("README", Class::Docs),
            ("requirements-dev.txt", Class::Manifest),
            ("robots.txt", Class::Source),
            ("docs/guide/index.ts", Class::Docs),
            ("website/docs/index.md", Class::Docs),
            ("website/static/logo.svg", Class::Docs),
            ("website/src/pages/index.tsx", Class::Source),
            ("website/docusaurus.config.js", Class::Config),
            ("src/docs/render.ts", Class::Source),
            (".github/workflows/ci.yml", Class::Ci),
            (".github/dependabot.yml", Class::Config),
            ("vite.config.ts", Class::Config),
            ("Dockerfile", Class::Config),
            ("vendor/lib/a.c", Class::Vendored),
            ("api/v1/user.pb.go", Class::Generated),
            ("static/app.min.js", Class::Minified),
            ("logo.svg", Class::Asset),
            ("src/licenses.rs", Class::Source),
        ] {
            assert_eq!(by_path(&Path::from(path)), class, "{path}");
        }
    }
}
