//! Nothing that a repository names is executed, by either way of reading.

use super::*;

/// A repository whose every setting that could start a program starts one that leaves a mark.
struct Trapped {
    desk: Desk,
    trap: String,
}

impl Trapped {
    fn new(how: &[&str]) -> Self {
        let desk = Desk::with(how);
        let trap = desk.root().join(".git/trap.sh");
        files::replace(&trap, b"#!/bin/sh\necho \"$0 $*\" >> \"$(dirname \"$0\")/sprung\"\nexit 1\n", 0o755).unwrap();
        let trap = trap.display().to_string();
        desk.write(".gitattributes", b"* filter=evil diff=evil\n*.odd filter=a=b.c\n");
        desk.stage("a", b"1\n");
        desk.stage("b.odd", b"1\n");
        desk.commit("one");
        desk.write("a", b"2\n");
        desk.write("b.odd", b"2\n");
        Self { desk, trap }
    }

    fn arm(&self) {
        let hook = self.desk.root().join(".git/hooks");
        for name in ["post-index-change", "reference-transaction", "pre-auto-gc"] {
            std::fs::create_dir_all(&hook).unwrap();
            std::fs::copy(self.desk.root().join(".git/trap.sh"), hook.join(name)).unwrap();
        }
        let trap = self.trap.as_str();
        let alias = format!("!{trap}");
        let settings = [
            ("filter.evil.clean", trap),
            ("filter.evil.smudge", trap),
            ("filter.evil.process", trap),
            ("filter.evil.required", "true"),
            ("filter.a=b.c.clean", trap),
            ("filter.a=b.c.process", trap),
            ("diff.external", trap),
            ("diff.evil.command", trap),
            ("diff.evil.textconv", trap),
            ("core.fsmonitor", trap),
            ("core.pager", trap),
            ("core.editor", trap),
            ("core.sshCommand", trap),
            ("core.askPass", trap),
            ("credential.helper", trap),
            ("gpg.program", trap),
            ("log.showSignature", "true"),
            ("alias.diff", &alias),
            ("alias.log", &alias),
        ];
        for (key, value) in settings {
            self.desk.git(&["config", key, value]);
        }
    }

    fn sprung(&self) -> String {
        let mark = self.desk.root().join(".git/sprung");
        std::fs::read_to_string(mark).unwrap_or_default()
    }

    /// Everything that only reads.
    fn read(&self, env: &[(&str, &str)]) {
        let repo = Repo::discover(self.desk.root(), &self.desk.env(env)).unwrap();
        let commit = || "HEAD".to_owned();
        let sources = [
            Source::Staged,
            Source::Worktree,
            Source::Tracked,
            Source::Commit(commit()),
            Source::Range(commit(), commit()),
        ];
        for source in sources {
            drop(repo.diff(&source));
            drop(plumbing::diff(&repo, &source));
            for contents in
                [repo.contents(&source).unwrap(), Box::new(contents::Blobs::by_process(&repo, &source).unwrap())]
            {
                drop((contents.tracked(), contents.base("a", 99)));
            }
        }
        drop((
            repo.style(&Ours::default()),
            repo.state(),
            repo.branch(),
            repo.head_id(),
            repo.settings(),
            repo.comment_mark(),
        ));
        drop((repo.default_base(), hooks::status(&repo, HOOK).unwrap()));
    }
}

#[test]
fn by_settings_of_the_repository() {
    for how in [&[][..], &["--object-format=sha256"]] {
        let trapped = Trapped::new(how);
        trapped.arm();
        trapped.read(&[]);
        assert_eq!(trapped.sprung(), "", "{how:?}");
        // The trap is one: git itself walks into it.
        trapped.desk.try_git(&["status"]);
        assert_ne!(trapped.sprung(), "", "{how:?}: the trap does not work");
    }
}

#[test]
fn by_a_filter_with_an_equals_sign_in_its_name() {
    let trapped = Trapped::new(&["--object-format=sha256"]);
    trapped.desk.git(&["config", "filter.a=b.c.clean", &trapped.trap]);
    // As long ago, so that git must look into the files.
    trapped.desk.git(&["update-index", "--force-write-index"]);
    trapped.read(&[]);
    assert_eq!(trapped.sprung(), "");
    trapped.desk.try_git(&["diff"]);
    assert!(trapped.sprung().contains("trap.sh"), "the trap does not work");
}

#[test]
fn by_the_signature_of_a_commit() {
    let trapped = Trapped::new(&["--object-format=sha256"]);
    let desk = &trapped.desk;
    let signed = desk.git(&["cat-file", "commit", "HEAD"]).replacen(
        "\n\n",
        "\ngpgsig-sha256 -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n",
        1,
    );
    desk.write(".git/signed", format!("{signed}\n").as_bytes());
    let id = desk.git(&["hash-object", "-t", "commit", "-w", ".git/signed"]);
    desk.git(&["update-ref", "HEAD", &id]);
    trapped.arm();
    drop(desk.repo().style(&Ours::default()));
    assert_eq!(trapped.sprung(), "");
    desk.git(&["config", "--unset", "alias.log"]);
    desk.try_git(&["--no-pager", "log", "--format=%s"]);
    assert!(trapped.sprung().contains("--verify"), "the trap does not work: {}", trapped.sprung());
}

#[test]
fn by_objects_that_are_somewhere_else() {
    let trapped = Trapped::new(&[]);
    let desk = &trapped.desk;
    let blob = desk.git(&["rev-parse", "HEAD:a"]);
    std::fs::remove_file(desk.root().join(format!(".git/objects/{}/{}", &blob[..2], &blob[2..]))).unwrap();
    for (key, value) in [
        ("remote.far.url", format!("ext::{}", trapped.trap).as_str()),
        ("remote.far.promisor", "true"),
        ("remote.far.partialclonefilter", "blob:none"),
        ("protocol.ext.allow", "always"),
        ("extensions.partialClone", "far"),
        ("core.repositoryFormatVersion", "1"),
    ] {
        desk.git(&["config", key, value]);
    }
    desk.git(&["add", "a"]);
    trapped.read(&[]);
    assert_eq!(trapped.sprung(), "");
    // Before 2.44 git knows no GIT_NO_LAZY_FETCH, and protocol.ext.allow goes before protocol.allow.
    let old = desk.repo().git().without("GIT_NO_LAZY_FETCH");
    assert!(old.bytes(&["cat-file", "-p", &blob]).is_err());
    assert_eq!(trapped.sprung(), "");
    desk.try_git(&["cat-file", "-p", &blob]);
    assert!(trapped.sprung().contains("trap.sh"), "the trap does not work");
}

#[test]
fn by_the_environment() {
    let trapped = Trapped::new(&[]);
    let trap = trapped.trap.clone();
    trapped.desk.git(&["config", "filter.evil.clean", &trap]);
    let by_words = format!("'filter.evil.clean'='{trap}' 'core.fsmonitor'='{trap}'");
    trapped.read(&[
        ("GIT_EXTERNAL_DIFF", &trap),
        ("GIT_PAGER", &trap),
        ("GIT_SSH_COMMAND", &trap),
        ("GIT_CONFIG_PARAMETERS", &by_words),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "filter.a=b.c.clean"),
        ("GIT_CONFIG_VALUE_0", &trap),
    ]);
    assert_eq!(trapped.sprung(), "");
}
