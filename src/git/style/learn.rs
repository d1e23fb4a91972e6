//! Reads the last commits, and tells what most of them do.

use git2::Oid;

use super::habits::{habits, picture};
use super::paths::{by_path, heads, spelled};
use super::{Learned, Looks, Ours, conventional, head};
use crate::git::message::issue;
use crate::git::repo::Repo;

/// Commits looked at for style, and of those how many for which paths they touched.
const COMMITS: usize = 200;
const WITH_PATHS: usize = 100;
/// Paths of one commit.
const PATHS: usize = 100;
/// Commits that are gone through to find so many of one author.
const WALKED: usize = 600;
/// Of fewer commits of the author's own, those of all are taken.
const OWN: usize = 20;
/// Of fewer commits that people wrote, our own count too.
const FEW: usize = 5;
/// A tree this wide makes comparing commits too slow for a hook (entries at the top).
const WIDE: usize = 2_000;

const TYPES: [&str; 12] =
    ["feat", "fix", "docs", "style", "refactor", "perf", "test", "build", "ci", "chore", "revert", "deps"];

/// Authors that are programs, beside those whose name ends in `[bot]`.
const BOTS: [&str; 22] = [
    "allcontributors",
    "codecov",
    "dependabot",
    "dependabot-preview",
    "github actions",
    "github-actions",
    "gitlab-bot",
    "greenkeeper",
    "greenkeeperio-bot",
    "imgbot",
    "imgbotapp",
    "k8s-ci-robot",
    "mergify",
    "pre-commit-ci",
    "pyup-bot",
    "release-please",
    "renovate",
    "renovate bot",
    "semantic-release-bot",
    "snyk-bot",
    "travis ci",
    "weblate",
];

/// One commit, as far as it says how people write here.
struct Commit {
    subject: String,
    body: String,
    /// Of the author whose style is asked for.
    own: bool,
    /// Our message.
    ours: bool,
    /// A forge put it together: the number at its end is that of a request to merge.
    forged: bool,
}

impl Repo {
    /// How this repository writes; empty history counts as conventional. The author's own commits come first, those of
    /// programs and our own messages not at all.
    #[must_use]
    pub fn style(&self, ours: &Ours) -> Learned {
        let author = self.env().get("GIT_AUTHOR_EMAIL").map(str::to_owned).or_else(|| self.setting("user.email"));
        self.learn(author.as_deref().unwrap_or_default(), ours).unwrap_or_default()
    }

    fn learn(&self, author: &str, ours: &Ours) -> Option<Learned> {
        let Some(repo) = self.inner() else { return self.learn_by_process(author, ours) };
        let newest = repo.head().ok()?.peel_to_commit().ok()?.id();
        let mut commits: Vec<Commit> = Vec::new();
        let mut touched: Vec<(String, Vec<String>)> = Vec::new();
        let (mut own, mut typed, mut headed) = (0, 0, 0);
        for commit in self.past().from(repo, newest).take(WALKED) {
            let subject = &commit.subject;
            if commit.parents.len() > 1 || subject.is_empty() || bot(&commit.name, &commit.mail) {
                continue;
            }
            // Which of the two is the form here is known when all are read.
            let of_type = typed < WITH_PATHS && conventional(subject).is_some();
            let of_head = headed < WITH_PATHS && head(subject).is_some();
            if (of_type || of_head)
                && let Some(paths) = commit.paths(repo, WIDE, PATHS)
            {
                (typed, headed) = (typed + usize::from(of_type), headed + usize::from(of_head));
                touched.push((subject.clone(), paths.to_vec()));
            }
            let drafted = || {
                let parents: Vec<String> = commit.parents.iter().map(Oid::to_string).collect();
                format!("{}:{}", parents.join(" "), commit.tree)
            };
            let of_ours = ours.commits.contains(&commit.id.to_string())
                || (!ours.drafts.is_empty() && ours.drafts.contains(&drafted()));
            let mine = !author.is_empty() && commit.mail.eq_ignore_ascii_case(author);
            own += usize::from(mine && !of_ours);
            let forged = commit.by == b"noreply@github.com";
            let (subject, body) = (subject.clone(), commit.body.clone());
            commits.push(Commit { subject, body, own: mine, ours: of_ours, forged });
            if own >= COMMITS || (own >= OWN && commits.len() >= COMMITS * 2) || (own == 0 && commits.len() >= COMMITS)
            {
                break;
            }
        }
        Some(learned(commits, &touched))
    }

    fn learn_by_process(&self, author: &str, ours: &Ours) -> Option<Learned> {
        let format = "--format=%H%x1f%P:%T%x1f%an%x1f%ae%x1f%ce%x1f%s%x1f%b%x1e";
        let out = self.git().bytes(&["log", "--no-merges", "-n", "400", format]).ok()?;
        let text = String::from_utf8_lossy(&out);
        let commit = |row: &str| {
            let [id, draft, name, mail, by, subject, body] =
                row.trim_start_matches('\n').split('\u{1f}').collect::<Vec<_>>().try_into().ok()?;
            let of_ours = ours.commits.contains(id) || ours.drafts.contains(draft);
            let own = !author.is_empty() && mail.eq_ignore_ascii_case(author);
            let forged = by == "noreply@github.com";
            let (subject, body) = (subject.to_owned(), body.trim().to_owned());
            (!bot(name, mail)).then_some(Commit { subject, body, own, ours: of_ours, forged })
        };
        Some(learned(text.split('\u{1e}').filter_map(commit).collect(), &[]))
    }
}

/// A program, by its name or its address.
fn bot(name: &str, mail: &str) -> bool {
    let name = name.trim().to_lowercase();
    let mail = mail.to_lowercase();
    let bare = name.trim_end_matches("[bot]").trim_end();
    name.ends_with("[bot]")
        || mail.contains("[bot]@")
        || BOTS.contains(&bare)
        || mail.split('@').next().is_some_and(|user| BOTS.contains(&user) || user == "bot")
}

fn learned(mut commits: Vec<Commit>, touched: &[(String, Vec<String>)]) -> Learned {
    // Where nearly all is ours, it stays as it is rather than to turn into nobody's.
    let few = commits.iter().filter(|c| !c.ours).count() < FEW;
    commits.retain(|c| few || !c.ours);
    let spelled = spelled(commits.iter().map(|c| c.subject.as_str()));
    if commits.iter().filter(|c| c.own).count() >= OWN {
        commits.retain(|c| c.own);
    }
    commits.truncate(COMMITS);
    // A key at the beginning looks like a subsystem, and is none.
    let keys = issue::learn(commits.iter().filter(|c| !c.forged).map(|c| (c.subject.as_str(), c.body.as_str())));
    // The rules write without a type where they do not know it: no reason to write plainly where somebody has a form.
    if few && commits.iter().any(|c| formed(issue::bare(&c.subject, &keys))) {
        commits.retain(|c| !c.ours || formed(issue::bare(&c.subject, &keys)));
    }
    let subjects: Vec<&str> = commits.iter().map(|c| issue::bare(&c.subject, &keys)).collect();
    let looks = looks(&subjects);
    let paths = |of: fn(&str) -> bool| {
        let said = touched.iter().map(|(subject, paths)| (subject.as_str(), paths.as_slice()));
        said.filter(move |(subject, _)| of(subject)).take(WITH_PATHS)
    };
    let (priors, scopes) = match looks {
        Looks::Subsystem => {
            let said = paths(|subject| head(subject).is_some());
            (Vec::new(), heads(said.map(|(subject, paths)| (issue::bare(subject, &keys), paths))))
        }
        _ => by_path(paths(|subject| conventional(subject).is_some())),
    };
    let total = subjects.len().max(1);
    // A key stands behind the type as well.
    let said = |s| issue::bare(words(s), &keys);
    let messages: Vec<(&str, &str, &str)> =
        commits.iter().zip(&subjects).map(|(c, s)| (said(s), *s, c.body.as_str())).collect();
    Learned {
        looks,
        conventional: subjects.iter().filter(|s| is_conventional(s)).count() * 2 >= total,
        priors,
        scopes,
        spelled,
        habits: habits(&messages),
        recent: subjects.iter().take(20).map(|s| (*s).to_owned()).collect(),
        keys,
    }
}

fn is_conventional(subject: &str) -> bool {
    conventional(subject).is_some_and(|(t, _)| TYPES.contains(&t))
}

fn is_pictured(subject: &str) -> bool {
    subject.starts_with(':') || subject.chars().next().is_some_and(picture)
}

fn has_part(subject: &str) -> bool {
    !is_conventional(subject) && subject.split_once(": ").is_some_and(|(head, _)| !head.contains(' '))
}

/// A subject that shows how it is to be written, more than by its words.
fn formed(subject: &str) -> bool {
    is_conventional(subject) || is_pictured(subject) || has_part(subject)
}

fn looks(subjects: &[&str]) -> Looks {
    let half = |of: fn(&str) -> bool| {
        let n = subjects.iter().filter(|s| of(s)).count();
        n * 2 >= subjects.len().max(1)
    };
    // A repository without habits yet gets the most common one.
    if subjects.len() < 3 || half(is_conventional) {
        Looks::Conventional
    } else if half(is_pictured) {
        Looks::Gitmoji
    } else if half(has_part) {
        Looks::Subsystem
    } else {
        Looks::Plain
    }
}

/// What a subject says, without type, subsystem and picture.
fn words(subject: &str) -> &str {
    let named = subject.strip_prefix(':').and_then(|rest| rest.split_once(':')).filter(|(name, _)| !name.contains(' '));
    let rest = named.map_or(subject, |(_, rest)| rest);
    let rest = rest.trim_start_matches(|c: char| picture(c) || c == '\u{fe0f}' || c == '\u{200d}').trim_start();
    match rest.split_once(": ") {
        Some((mark, said)) if !mark.contains(' ') => said.trim_start(),
        _ => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commit(subject: &str, own: bool) -> Commit {
        Commit { subject: subject.to_owned(), body: String::new(), own, ours: false, forged: false }
    }

    #[test]
    fn the_authors_own_style_comes_before_that_of_all() {
        let mut commits: Vec<Commit> = (0..30).map(|n| commit(&format!("feat: add {n}"), false)).collect();
        commits.extend((0..19).map(|n| commit(&format!("Add {n}"), true)));
        let told = |commits: &mut Vec<Commit>| learned(std::mem::take(commits), &[]);
        let all = told(&mut commits);
        assert_eq!((all.looks, all.recent[0].as_str()), (Looks::Conventional, "feat: add 0"), "too few of one's own");
        commits.extend((0..30).map(|n| commit(&format!("feat: add {n}"), false)));
        commits.extend((0..20).map(|n| commit(&format!("Add {n}"), true)));
        let own = told(&mut commits);
        assert_eq!((own.looks, own.recent[0].as_str()), (Looks::Plain, "Add 0"));
    }

    #[test]
    fn our_own_messages_say_nothing_while_people_write_some() {
        let ours = |n: usize| Commit { ours: true, ..commit(&format!("feat: add {n}"), false) };
        let people = |n: usize| commit(&format!("Add {n}"), false);
        let told = |people_: usize| learned((0..20).map(ours).chain((0..people_).map(people)).collect(), &[]);
        assert_eq!((told(5).looks, told(4).looks), (Looks::Plain, Looks::Conventional));
    }

    #[test]
    fn what_we_drafted_without_a_type_makes_no_history_plain() {
        let ours = |n: usize| Commit { ours: true, ..commit(&format!("Update f{n} in a.py"), false) };
        let told = |people: &[&str]| {
            learned((0..10).map(ours).chain(people.iter().map(|s| commit(s, false))).collect(), &[]).looks
        };
        assert_eq!(told(&["feat: start"]), Looks::Conventional);
        assert_eq!(told(&["net: start", "disk: stop", "net: go"]), Looks::Subsystem);
        // Whoever writes plainly, or lets us, is followed.
        assert_eq!((told(&["Start", "Stop", "Go"]), told(&[])), (Looks::Plain, Looks::Plain));
    }

    #[test]
    fn programs_are_no_authors() {
        for (name, mail) in [
            ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"),
            ("Renovate Bot", "bot@renovateapp.com"),
            ("github-actions", "a@b.c"),
            ("Somebody", "pre-commit-ci@users.noreply.github.com"),
        ] {
            assert!(bot(name, mail), "{name}");
        }
        assert!(!bot("Ada Botham", "ada@robot.example"));
    }

    #[test]
    fn the_part_of_the_project_in_front_is_its_scope_and_no_type() {
        let said = ["net: count packets", "net/http: close it", "net: drop ipv4", "fix(net): count", "docs: say why"];
        let commits = said.iter().map(|subject| commit(subject, false)).collect();
        let paths =
            [&["net/a.c"][..], &["net/http/b.c"], &["net/a.c", "net/c.c"], &["net/c.c"], &["Documentation/a.rst"]];
        let touched: Vec<(String, Vec<String>)> = said
            .iter()
            .zip(paths)
            .map(|(subject, paths)| ((*subject).to_owned(), paths.iter().map(|path| (*path).to_owned()).collect()))
            .collect();
        let told = learned(commits, &touched);
        assert_eq!((told.looks, told.priors.len()), (Looks::Subsystem, 0));
        let of = |prefix: &str| told.scopes.iter().find(|(p, _)| p == prefix).map(|(_, scope)| scope.as_str());
        assert_eq!((of("net/"), of("net/a.c"), of("net/http/")), (Some("net"), Some("net"), None), "one is no habit");
    }

    #[test]
    fn a_chain_of_parts_is_learned_as_far_as_a_folder_has_it() {
        let rows = [
            ("net: phy: count packets", "drivers/net/phy/micrel.c"),
            ("net: phy: micrel: close it", "drivers/net/phy/micrel.c"),
            ("net: phy: drop ipv4", "drivers/net/phy/core.c"),
            ("net: tun: say why", "drivers/net/tun.c"),
            ("net: Fix: a colon in words: b", "drivers/net/tun.c"),
            ("net: veth: say why", "drivers/net/veth.c"),
            ("net: veth: say why not", "drivers/net/veth.c"),
        ];
        let commits = rows.iter().map(|(subject, _)| commit(subject, false)).collect();
        let touched: Vec<_> = rows.iter().map(|(s, path)| ((*s).to_owned(), vec![(*path).to_owned()])).collect();
        let told = learned(commits, &touched);
        let of = |prefix: &str| told.scopes.iter().find(|(p, _)| p == prefix).map(|(_, scope)| scope.as_str());
        assert_eq!((of("drivers/net/"), of("drivers/net/phy/")), (Some("net"), Some("net: phy")));
        assert_eq!((of("drivers/net/veth.c"), of("drivers/net/tun.c")), (Some("net: veth"), Some("net")));
    }

    #[test]
    fn scopes_are_known_as_they_are_spelled() {
        let said = ["docs(contributing): a", "fix(API): b", "fix(API): c", "Say why", "feat: d"];
        let told = learned(said.iter().map(|subject| commit(subject, false)).collect(), &[]);
        assert_eq!(told.spelled, ["API", "contributing"]);
    }

    #[test]
    fn a_key_in_front_is_no_subsystem() {
        let told = learned((1..6).map(|n| commit(&format!("ABC-{n}: Add page {n}"), false)).collect(), &[]);
        assert_eq!(told.looks, Looks::Plain);
        assert_eq!(told.recent[0], "Add page 1");
        assert_eq!(told.habits.capital, Some(true));
        assert_eq!(told.keys.tracker, Some(issue::Place::First("{}: ".to_owned())));
    }

    #[test]
    fn a_key_behind_the_type_is_no_capital() {
        let told = learned((1..6).map(|n| commit(&format!("feat: ABC-1{n} add page {n}"), false)).collect(), &[]);
        assert_eq!(told.keys.tracker, Some(issue::Place::Behind("{} ".to_owned())));
        assert_eq!(told.habits.capital, Some(false));
    }

    #[test]
    fn numbers_that_a_forge_puts_there_are_no_habit() {
        let merged = |n: usize| Commit { forged: true, ..commit(&format!("Add page {n} (#{n}0)"), false) };
        assert_eq!(learned((1..6).map(merged).collect(), &[]).keys.number, None);
    }
}
