//! Every class of finding that rules give: the one table that marks in comments, titles, lists of rules and
//! docs/REVIEW-RULES.md refer to. Each class has a planted and a clean fixture in `tests/review/NAME/`.

use crate::tasks::finding::Severity;

/// One class of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Its name in output, in `monster:ignore NAME` and in rule lists, kebab-case.
    pub name: &'static str,
    /// How bad a finding of this class is. Of secrets it is the highest.
    pub severity: Severity,
    /// Where the rule looks, for people.
    pub place: &'static str,
    /// What it says, at most 80 characters; a finding may name things in it.
    pub title: &'static str,
    /// What then happens.
    pub why: &'static str,
}

/// The row of a class by its name; `None` for a class that a model made up.
#[must_use]
pub fn row(name: &str) -> Option<&'static Row> {
    ALL.iter().find(|row| row.name == name)
}

/// Rows in order of their names, each as a constant and all of them in [`ALL`].
macro_rules! classes {
    ($($id:ident = $name:literal, $severity:ident, $place:literal, $title:literal, $why:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`")]
            pub(super) const $id: Row =
                Row { name: $name, severity: Severity::$severity, place: $place, title: $title, why: $why };
        )*

        /// Every class, by name.
        pub const ALL: &[Row] = &[$($id),*];
    };
}

classes! {
    API_REMOVED = "api-removed", Medium, "what a published package gives others: src/lib.rs, the first index.js or index.ts, packages of Go, Java and Python, headers of C; a changelog, a guide such as BREAKING-CHANGES.md or MIGRATION.md, or a version in the same change is enough",
        "Something is no longer public",
        "Callers outside break, and neither a version nor a changelog in this change says so.";
    ASSIGNMENT = "assignment-in-condition", Medium, "added lines of source and configuration",
        "A condition assigns",
        "One = sets the value and is almost always true.";
    BINARY = "binary-file", Low, "new programs, archives and databases beside source that none of it asks for by name",
        "A binary is committed beside source",
        "Nobody can review it, no merge can join it, and history keeps every version of it.";
    BUILD_OUTPUT = "build-output", Medium, "names of new files; .obj and .pdb where they are binary",
        "A file that a build or a desktop makes is committed",
        "It changes with every machine; .gitignore is the place for it.";
    CASE_COLLISION = "case-collision", High, "names of new files beside all others",
        "Two names differ in case alone",
        "On macOS and Windows one of the two overwrites the other.";
    CI_INJECTION = "ci-injection", High, "added lines of workflows",
        "A stranger's text becomes part of a script",
        "A title or branch name with a quote in it runs commands on the build server.";
    CI_WIDENED = "ci-widened", High, "added lines of workflows",
        "A workflow gets more rights",
        "pull_request_target and write-all run with the repository's secrets, also for strangers' changes.";
    CODE_INJECTION = "code-injection", High, "added lines of source and configuration",
        "Input is run as code",
        "Whoever controls the input controls the program.";
    CONFLICT = "conflict-marker", Critical, "added lines of every text; in documents whole conflicts alone",
        "A conflict marker is committed",
        "The file holds sides of an unresolved merge and will not work.";
    DEBUG_MACRO = "debug-macro", Medium, "added lines of product source",
        "dbg! is left in",
        "It prints to standard error in every build.";
    DEBUG_PRINT = "debug-print", Low, "added lines of product source",
        "A print for debugging is left in",
        "It tells its users nothing and hides what they look for.";
    DEBUGGER = "debugger", High, "added lines of everything written by hand but documents",
        "A debugger call is left in",
        "It stops the program where nobody watches.";
    FOCUSED_TEST = "focused-test", High, "added lines of tests and of their settings",
        "A focused test keeps all others from running",
        "The rest of the suite is skipped and still passes.";
    GENERATED = "generated-edited", Medium, "edits of at most 4 lines in files that say they are generated, where no description for generators changes and nothing of their name or folder, or named on those lines",
        "A generated file is edited by hand",
        "The next generation takes the edit back.";
    DIRECTION = "hidden-direction", High, "added lines of every text but prose and translations",
        "A line holds direction marks",
        "Editors show its parts in another order than the compiler reads them.";
    HTML_INJECTION = "html-injection", Medium, "added lines of product source",
        "HTML is set from a value",
        "Markup in the value runs as script in the page.";
    ILLEGAL_NAME = "illegal-name", Medium, "names of new files",
        "Windows cannot check out this name",
        "The repository cannot be cloned there.";
    INVISIBLE = "invisible-character", Medium, "added lines of source, tests, configuration, manifests and workflows, but translations",
        "A line holds an invisible character",
        "Two names can look the same and be different.";
    KEY_FILE = "key-file", High, "names and first bytes of new files, listed below",
        "A key file is committed",
        "By its name or its first bytes it holds credentials; history keeps them for ever.";
    LARGE_FILE = "large-file", Medium, "files that are new and over 5 MiB, or grow by as much, and that Git LFS does not hold",
        "A large file is committed",
        "Every clone carries it for ever; Git LFS or a release is the place for it.";
    LICENCE = "licence-header", Low, "new source files where nine in ten others have a header",
        "The licence header is missing",
        "Most files of this kind have one.";
    LOOKALIKE = "lookalike", Medium, "added lines of source, manifests and workflows",
        "A name mixes Latin with look-alike letters",
        "It looks like another name and is a different one.";
    LEFTOVER = "merge-leftover", Medium, "names of new files",
        "A left-over of a merge or an editor is committed",
        "By its name it is a copy kept aside, not part of the program.";
    MIGRATION = "migration", Low, "new migrations of databases, where the last three do not all go one way",
        "A migration has no way back",
        "It cannot be taken back when it goes wrong.";
    MODE = "mode", Low, "changed file modes",
        "A file's executable mark does not fit what it is",
        "This often happens by copying from another file system.";
    MUTABLE_DEFAULT = "mutable-default", Medium, "added lines of source and configuration",
        "A default argument is shared by all calls",
        "The list or dictionary is made once; what one call adds the next one sees.";
    PERMISSIONS = "open-permissions", Medium, "added lines of source, scripts and configuration",
        "Everybody may write this",
        "Any user of the machine can change what is run or read.";
    PIPE_TO_SHELL = "pipe-to-shell", Medium, "added lines of scripts, workflows and package.json",
        "A download is run unread",
        "Whoever controls the address runs commands here; a cut connection runs half of them.";
    SECRET = "secret", Critical, "added lines of every text",
        "A secret is added",
        "Whoever can read the repository can use it, also after a later commit removes it.";
    SHELL_INJECTION = "shell-injection", High, "added lines of source and configuration",
        "A command is put together and given to a shell",
        "A value with a semicolon in it runs as a command of its own.";
    SKIPPED_TEST = "skipped-test", Medium, "added lines of tests",
        "A test is switched off",
        "What it guarded is no longer checked.";
    SQL_INJECTION = "sql-injection", High, "added lines of source and configuration",
        "A query is put together from values",
        "A value with a quote in it changes the query.";
    STALE_LOCK = "stale-lock", Medium, "manifests beside their lock files",
        "A dependency changed and its lock file did not",
        "Builds that insist on the lock file will fail, others will get other versions.";
    STALE_MANIFEST = "stale-manifest", Medium, "lock files beside their manifests",
        "The lock file changed what is asked for and the manifest did not",
        "The next run of the package manager takes it back, and builds that insist on the lock file fail.";
    SUBMODULE = "submodule-unpushed", High, "submodules that are checked out",
        "A submodule points to a commit that no remote branch has",
        "Nobody else can check it out until that commit is pushed.";
    SWALLOWED = "swallowed-error", Low, "added lines of source and configuration",
        "An error is swallowed",
        "What went wrong is not even logged.";
    SYMLINK = "symlink", High, "new and changed symbolic links",
        "A symbolic link points out of the repository",
        "It resolves to other files on every machine.";
    SYNTAX = "syntax", High, "JSON, YAML, TOML and XML files that are new or could be read before",
        "The file no longer parses",
        "Whatever reads it stops at that line.";
    TEST_REMOVED = "test-removed", Medium, "deleted files that hold tests, whose subject, folder and package stay, where no new test is about the same and fewer than half of the tests or of the lines stand elsewhere",
        "A test file is deleted",
        "What it guarded is no longer checked; say why in the message.";
    TLS_OFF = "tls-off", High, "added lines of source and configuration",
        "Certificates are not checked",
        "Anybody between here and there can read and change what is sent.";
    TODO = "todo", Low, "added lines of source and configuration; an issue's number or key, an address, or a name as in TODO(ada) is enough",
        "A TODO without an issue",
        "Nobody will find it again.";
    UNFINISHED = "unfinished", Medium, "added lines of product source",
        "Unfinished code panics when it is reached",
        "todo! and unimplemented! end the thread at run time.";
    UNPINNED_ACTION = "unpinned-action", Low, "added lines of workflows",
        "An action follows a moving branch",
        "Whoever pushes to that branch or tag changes what runs here.";
    UNWRAP = "unwrap", Low, "added lines of product source",
        "unwrap ends the program when there is no value",
        "A panic instead of an error that a caller can answer.";
}
