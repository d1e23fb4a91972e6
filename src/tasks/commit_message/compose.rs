//! Puts a message together from a model's words and what rule and user decided, and judges it.

use super::finish::Scoped;
use super::request::{Plan, offered, types};
use super::{Body, TYPES, Wish, finish, packages, pictures, words};
use crate::git::Looks;
use crate::git::message::{self, Grounds, Problem, issue};
use crate::tasks::fence::{fold, object};
use crate::tasks::offline::message::Draft;

/// An answer that cannot be used as it is.
pub(super) struct Refused {
    /// The message all the same, for a person to mend; `None` where there is none.
    pub(super) text: Option<String>,
    /// What is wrong.
    pub(super) problems: Vec<Problem>,
}

/// A message of a model's answer.
pub(super) fn compose(wish: &Wish<'_>, draft: &Draft, plan: &Plan, answer: &str) -> Result<String, Refused> {
    let nothing = || Refused { text: None, problems: vec![Problem::Empty] };
    let said = Said::read(answer).ok_or_else(nothing)?;
    let mut problems = Vec::new();
    problems.extend(said.choice.map(Problem::Talk));
    let (allowed, offered, grounds) = (types(wish), offered(wish, draft), grounds(wish, plan));
    let of_picture = |t: &&str| offered.iter().find(|one| one.eq_ignore_ascii_case(t)).cloned();
    let pictured = pictures::meant(words::undressed(&said.subject));
    let of_model = said.type_.and_then(|t| offered.iter().find(|one| one.eq_ignore_ascii_case(&t)).cloned());
    // Where subjects show pictures, a model says with one what it means; what it calls it may be one of several.
    let of_model = match wish.hints.looks {
        Looks::Gitmoji if !of_model.as_deref().is_some_and(|t| pictured.contains(&t)) => {
            pictured.iter().find_map(of_picture).or(of_model)
        }
        _ => of_model,
    };
    // What decides of locked versions is that they add nothing a user could see.
    let of_model = of_model.filter(|t| draft.rule != "lock" || t != "feat");
    let likely = || draft.likely.clone().filter(|_| plan.weak);
    // What is only likely a model that sees the change may know better; a weak one does not (measured: docs/GIT.md).
    let decided = draft.type_.clone().filter(|_| !draft.guessed || plan.weak || of_model.is_none());
    let type_ = decided.or(of_model).or_else(likely);
    let scope = match finish::scoped(wish, draft) {
        Scoped::Never => None,
        Scoped::Fixed(scope) => Some(scope),
        // Where one must stand and nobody knows any, a model's own word is better than none; a name is no word of its own.
        Scoped::Free { of, needed } => {
            let invented = |s: &String| !message::suspects(s, None, &wish.rules(), &grounds).is_empty();
            let known = |s: &String| may_be_scope(wish, s) || (needed && of.is_empty() && !invented(s));
            said.scope.filter(|s| plain_scope(s) && known(s))
        }
    };
    // `ci(ci): …` says the same twice.
    let twice = |scope: &String| wish.hints.looks == Looks::Conventional && type_.as_ref() == Some(scope);
    let scope = scope.filter(|s| !twice(s) || wish.scope.is_some() || wish.conventions.scope() == Some(true));
    let subject = message::sanitise(&said.subject);
    let (subject, below) = words::first_line(&subject);
    // In front of such subjects stands a part of the project, and one may be called as what models put there is.
    let (scope, subject) = match (wish.hints.looks, &scope) {
        (Looks::Subsystem, None) if !typed(wish, &subject) => headed(wish, scope, words::undressed(&subject)),
        _ => (scope, subject.as_str()),
    };
    let subject = bare(subject);
    // Where subjects show no pictures, one is the model's own ornament.
    let ornament = wish.hints.looks != Looks::Gitmoji && pictures::ornament(wish, subject);
    let subject = if ornament { bare(pictures::without(subject)) } else { subject };
    // A type of this repository's own stands in front as well.
    let subject = match subject.split_once(": ") {
        Some((mark, rest))
            if allowed.iter().any(|t| mark.split(['(', '!']).next().is_some_and(|m| m.eq_ignore_ascii_case(t))) =>
        {
            rest.trim()
        }
        _ => subject,
    };
    let (scope, subject) = headed(wish, scope, subject);
    if subject.is_empty() {
        return Err(nothing());
    }
    // Of a change that takes another one back it may be so.
    problems.extend(words::of_git(subject).filter(|_| wish.hints.undone.is_none()).map(Problem::Marker));
    // Behind a type git would keep such a line, but it is a comment of the model's and no subject.
    let told = |word: &str| grounds.material.iter().any(|text| text.contains(word));
    if wish.hints.looks != Looks::Plain && words::comments(subject, &wish.rules.comment, told) {
        problems.push(Problem::Comment(wish.rules.comment.clone()));
    }
    // Small models answer with the name of the first thing they see. Scripts without spaces have no single words.
    if subject.is_ascii() && !subject.contains(' ') {
        problems.push(Problem::Name(subject.to_owned()));
    } else if !words::says(subject) || words::is_code(subject, wish.change) {
        return Err(Refused { text: None, problems: vec![Problem::Wordless] });
    }
    // Behind a type a small letter is usual, without one a capital; who does otherwise is followed.
    let low = |text: &str| if wish.habits.capital == Some(true) { upper_first(text) } else { lower_first(text) };
    let high = |text: &str| if wish.habits.capital == Some(false) { lower_first(text) } else { upper_first(text) };
    let head = match wish.hints.looks {
        Looks::Conventional => match (type_, scope) {
            // What happened says more than where it did.
            (Some(type_), Some(scope))
                if wish.scope.is_none()
                    && wish.conventions.scope() != Some(true)
                    && !fits(wish, &format!("{type_}({scope}): {subject}"))
                    && fits(wish, &format!("{type_}: {subject}")) =>
            {
                format!("{type_}: {}", low(subject))
            }
            (Some(type_), Some(scope)) => format!("{type_}({scope}): {}", low(subject)),
            (Some(type_), None) => format!("{type_}: {}", low(subject)),
            (None, _) => {
                problems.push(Problem::Type(offered.join(", ")));
                subject.to_owned()
            }
        },
        Looks::Subsystem => match scope {
            Some(scope) => format!("{scope}: {}", low(subject)),
            None => subject.to_owned(),
        },
        Looks::Gitmoji => {
            let own = pictures::without(subject);
            let picture = pictures::chosen(wish, subject, type_.as_deref());
            picture.map_or_else(|| high(own), |picture| format!("{picture} {}", low(own)))
        }
        Looks::Plain => high(subject),
    };
    let body = match wish.body {
        Body::Never => None,
        _ => said.body.or(below).map(|b| words::unsigned(&message::sanitise_body(&b))).filter(|b| {
            !b.trim().is_empty() && fold(b) != fold(subject) && !lists_files(b, wish) && !words::no_body(b)
        }),
    };
    // Who is asked for the subject alone can say no body: where one must stand, it is the rules'.
    let must = wish.body == Body::Always || (wish.body == Body::Auto && wish.conventions.body() == Some(true));
    let body = body.or_else(|| draft.body.clone().filter(|_| plan.weak && must));
    let text = finish::formed(wish, &message::join(&head, body.as_deref()));
    // Judged as it would be committed: what the repair took out is no problem any more.
    let body = text.split_once('\n').map(|(_, body)| body.trim()).filter(|b| !b.is_empty());
    if wish.body == Body::Always && body.is_none() {
        problems.push(Problem::NoBody);
    }
    // The name of a picture is nobody's invention.
    let spoken = if wish.hints.looks == Looks::Gitmoji { pictures::without(subject) } else { subject };
    problems.extend(message::suspects(spoken, body, &wish.rules(), &grounds));
    // What the rules know is not the model's to leave out.
    let text = match packages::kept(wish, draft, subject, &head, body) {
        Some((head, body)) => finish::formed(wish, &message::join(&head, body.as_deref())),
        None => text.clone(),
    };
    // The key is ours to put, and no word of the model's.
    let new = finish::new(wish, &text);
    let text = finish::keyed(wish, &text);
    problems.extend(message::validate(&new, &wish.rules).err().unwrap_or_default());
    let untyped = problems.iter().any(|problem| matches!(problem, Problem::Type(_)));
    let refused = finish::refused(wish, &text, &new).into_iter();
    // Without its type the first line has no form: what is said of its parts is no reason of its own.
    problems.extend(refused.filter(|problem| !(untyped && finish::of_head(problem))));
    if problems.is_empty() { Ok(text) } else { Err(Refused { text: Some(text), problems }) }
}

/// A message with another type, in the style of its repository; `None` where subjects show no type.
#[must_use]
pub fn retype(wish: &Wish<'_>, text: &str, type_: &str) -> Option<String> {
    let (head, body) = text.split_once('\n').unwrap_or((text, ""));
    // It goes back to its place when the type has its own.
    let head = wish.issue.as_ref().map_or(head, |(key, place)| issue::without(head, key, place));
    let mut known = types(wish);
    known.extend(TYPES.map(str::to_owned).into_iter().chain(wish.type_.clone()));
    let (scope, rest) = match head.split_once(": ") {
        Some((mark, rest)) if known.iter().any(|t| mark.split(['(', '!']).next() == Some(t.as_str())) => {
            (mark.split_once('(').map(|(_, scope)| scope.trim_end_matches([')', '!'])), rest)
        }
        _ => (None, head),
    };
    let head = match (wish.hints.looks, scope) {
        (Looks::Conventional, Some(scope)) => format!("{type_}({scope}): {}", lower_first(rest)),
        (Looks::Conventional, None) => format!("{type_}: {}", lower_first(rest)),
        (Looks::Gitmoji, _) => {
            format!("{} {}", pictures::of_type(wish, type_), lower_first(pictures::without(head)))
        }
        (Looks::Plain | Looks::Subsystem, _) => return None,
    };
    Some(finish::keyed(wish, &finish::formed(wish, &message::join(&head, Some(body)))))
}

/// Where subjects begin with the part of the project, a model's do as well: it stands there once, and is the scope where
/// no other is known.
fn headed<'a>(wish: &Wish<'_>, scope: Option<String>, subject: &'a str) -> (Option<String>, &'a str) {
    let said =
        |subject: &'a str| subject.split_once(": ").filter(|(head, rest)| plain_scope(head) && !rest.trim().is_empty());
    // Of a chain (`net: phy`) a model says all or some.
    let links = || scope.iter().flat_map(|scope| scope.split(": ")).collect::<Vec<_>>();
    if let (Looks::Subsystem, links @ [_, _, ..]) = (wish.hints.looks, links().as_slice()) {
        let mut subject = subject;
        for link in links {
            subject = said(subject)
                .filter(|(head, _)| head.eq_ignore_ascii_case(link))
                .map_or(subject, |(_, rest)| rest.trim());
        }
        return (scope, subject);
    }
    let said = said(subject);
    match (said.filter(|_| wish.hints.looks == Looks::Subsystem), &scope) {
        (Some((head, rest)), Some(known)) if head.eq_ignore_ascii_case(known) => (scope, rest.trim()),
        (Some((head, rest)), None) if wish.conventions.scope() != Some(false) && may_be_scope(wish, head) => {
            (Some(head.to_owned()), rest.trim())
        }
        _ => (scope, subject),
    }
}

/// It begins with a type, and not with the folder of this name that the change is in.
fn typed(wish: &Wish<'_>, subject: &str) -> bool {
    let head = words::undressed(subject).split_once(": ").map_or("", |(head, _)| head);
    let of_paths = || wish.change.files.iter().any(|file| words::part_of(file.path.as_str(), head));
    TYPES.iter().any(|one| one.eq_ignore_ascii_case(head)) && !of_paths()
}

fn fits(wish: &Wish<'_>, subject: &str) -> bool {
    subject.chars().count() <= finish::room(wish)
}

/// A list of the files says no more than git does.
fn lists_files(body: &str, wish: &Wish<'_>) -> bool {
    let lines = || body.lines().map(str::trim).filter(|l| !l.is_empty());
    let names = |line: &str| {
        let Some(rest) = line.strip_prefix(['-', '*', '•']) else { return false };
        let mut words = rest.trim().split([' ', ':']).filter(|w| !w.is_empty());
        let first = words.next().unwrap_or_default().trim_matches('`');
        // With what was done in it, it says something.
        words.count() < 2 && wish.change.files.iter().any(|f| f.path.as_str() == first || f.path.file_name() == first)
    };
    lines().count() > 1 && lines().all(names)
}

/// All that names may come from.
fn grounds<'a>(wish: &'a Wish<'_>, plan: &'a Plan) -> Grounds<'a> {
    let examples: Vec<&str> = wish.recent.iter().map(String::as_str).collect();
    let mut material: Vec<&str> = plan.told().collect();
    material.extend(wish.intent.as_deref());
    material.extend(wish.hints.branch.as_deref());
    for file in &wish.change.files {
        material.push(file.path.as_str());
        material.extend(file.old_path.as_ref().map(crate::git::Path::as_str));
        for hunk in &file.hunks {
            material.push(&hunk.section);
            material.extend(hunk.lines.iter().map(|line| line.text.as_str()));
        }
    }
    Grounds { material, examples }
}

/// A scope of a model's: one that is allowed, or where nothing is said, one that history or the paths know.
fn may_be_scope(wish: &Wish<'_>, scope: &str) -> bool {
    let scopes = wish.scopes();
    if !scopes.is_empty() {
        return scopes.iter().any(|s| s.eq_ignore_ascii_case(scope));
    }
    let folded = scope.to_lowercase();
    let of_history = wish.hints.scopes.iter().any(|(_, s)| s.to_lowercase() == folded)
        || wish.recent.iter().any(|s| {
            let s = s.to_lowercase();
            let head = || wish.hints.looks == Looks::Subsystem && s.starts_with(&format!("{folded}: "));
            s.contains(&format!("({folded})")) || head()
        });
    of_history || wish.change.files.iter().any(|file| words::part_of(file.path.as_str(), scope))
}

/// What a model said, before it is trusted.
struct Said {
    type_: Option<String>,
    scope: Option<String>,
    subject: String,
    body: Option<String>,
    /// The first of several messages to choose from, by its label, where one was asked for.
    choice: Option<String>,
}

impl Said {
    /// From the object asked for, or from a plain message: small models forget the form but know the words.
    fn read(answer: &str) -> Option<Self> {
        let answer = words::unframed(answer);
        let Some(value) = object(answer) else {
            let text = message::sanitise(answer);
            let (head, body) = text.split_once('\n').unwrap_or((&text, ""));
            let (type_, scope, subject) = conventional(words::undressed(head));
            let body = Some(body.trim().to_owned()).filter(|b| !b.is_empty());
            return Some(Self { type_, scope, subject: subject.to_owned(), body, choice: words::choice(&text) })
                .filter(|s| !s.subject.trim().is_empty());
        };
        let text = |key: &str| {
            value
                .get(key)
                .and_then(serde_json::Value::as_str)
                .map(str::trim)
                .filter(|t| !t.is_empty())
                .map(str::to_owned)
        };
        let subject = text("subject")?;
        let (type_, scope, _) = conventional(&subject);
        // The mark of a change that breaks its users is no part of the type; whether it stands there is not the model's to say.
        let said = text("type").map(|type_| type_.trim_end_matches([':', '!']).to_owned());
        let (said, within) = match said.as_deref().and_then(|said| said.strip_suffix(')')?.split_once('(')) {
            Some((type_, scope)) => (Some(type_.trim().to_owned()), Some(scope.to_owned())),
            None => (said, None),
        };
        let body = text("body");
        let choice = words::choice(&format!("{subject}\n{}", body.as_deref().unwrap_or_default()));
        Some(Self { type_: said.or(type_), scope: text("scope").or(within).or(scope), subject, body, choice })
    }
}

/// Type, scope and rest of a conventional subject; no type when it is none.
fn conventional(head: &str) -> (Option<String>, Option<String>, &str) {
    let Some((mark, rest)) = head.split_once(": ") else { return (None, None, head) };
    let mark = mark.trim_end_matches('!');
    let (type_, scope) = match mark.split_once('(') {
        Some((type_, scope)) => (type_, Some(scope.trim_end_matches(')').to_owned())),
        None => (mark, None),
    };
    match TYPES.iter().find(|one| one.eq_ignore_ascii_case(type_)) {
        Some(type_) => (Some((*type_).to_owned()), scope, rest),
        None => (None, None, head),
    }
}

/// A subject without type prefix, surrounding quotes and final full stop.
fn bare(subject: &str) -> &str {
    let line = words::undressed(subject.lines().next().unwrap_or(""));
    let (_, _, rest) = conventional(line);
    unquoted(unheaded(rest.trim())).trim_end_matches(['.', '。']).trim()
}

/// What models put in front that is no part of a subject, beside types.
const HEADS: [&str; 9] = [
    "feature",
    "bugfix",
    "documentation",
    "refactoring",
    "performance",
    "commit",
    "commit message",
    "message",
    "subject",
];

/// Without a type in a form that is none: `feat(core):x`, `feat (core): x`, `feat/core: x`, `[feat] x`, `feature: x`.
fn unheaded(subject: &str) -> &str {
    let boxed = subject.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let Some((head, rest)) = boxed.or_else(|| subject.split_once(':')) else { return subject };
    let head = head.trim_start_matches(|c: char| !c.is_alphanumeric());
    let (name, scope) = head.split_at(head.find(['(', '/', '!']).unwrap_or(head.len()));
    let name = name.trim().to_lowercase();
    // In a box it is how some mark what is not done; before a colon it is what a model makes of that.
    let unfinished = boxed.is_none() && name == "wip";
    let known = TYPES.contains(&name.as_str()) || HEADS.contains(&name.as_str()) || unfinished;
    let rest = rest.trim_start_matches(':').trim();
    if known && !scope.contains(' ') && !rest.is_empty() { rest } else { subject }
}

/// Without quotes round the whole; a quoted name at the end keeps its own.
fn unquoted(text: &str) -> &str {
    ['"', '`', '\'']
        .into_iter()
        .find_map(|mark| text.strip_prefix(mark)?.strip_suffix(mark).filter(|inner| !inner.contains(mark)))
        .unwrap_or(text)
}

/// A word as a model may make one up.
fn plain_scope(scope: &str) -> bool {
    !scope.is_empty() && scope.len() <= 24 && scope.chars().all(|c| c.is_alphanumeric() || "-_/.".contains(c))
}

/// `Add x` becomes `add x`, but `HTTP stays` stays.
pub(super) fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && second.is_lowercase() => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

pub(super) fn upper_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_in_a_form_that_is_none_is_no_part_of_the_subject() {
        for said in [
            "feat(core):count pages",
            "feat (core): count pages",
            "feature(core): count pages",
            "feat/core: count pages",
            "[feat] count pages",
            "[feat]: count pages",
            "✨ feat(core): count pages",
            "> feat!: count pages",
            "commit: count pages",
            "message: count pages",
            "Documentation: count pages",
            "refactoring(core): count pages",
            "wip: count pages",
        ] {
            assert_eq!(bare(said), "count pages", "{said}");
        }
        for honest in ["count pages: twice", "http: count pages", "[wip] count pages", "wip pages: count them"] {
            assert_eq!(bare(honest), honest);
        }
        for note in ["fixup! count pages", "Squash! count pages", "amend! count pages"] {
            assert!(words::of_git(note).is_some(), "{note}");
        }
    }

    #[test]
    fn a_conventional_head_is_taken_apart() {
        assert_eq!(conventional("fix(pager): count"), (Some("fix".into()), Some("pager".into()), "count"));
        assert_eq!(conventional("feat!: drop"), (Some("feat".into()), None, "drop"));
        assert_eq!(conventional("Fix: Count"), (Some("fix".into()), None, "Count"), "as some models write it");
        assert_eq!(conventional("note: this"), (None, None, "note: this"), "note is no type");
    }

    #[test]
    fn a_subject_is_bared_of_what_models_put_around_it() {
        assert_eq!(bare("\"feat: add paging.\""), "add paging");
        assert_eq!(bare("fix(x): Add `foo` to bar."), "Add `foo` to bar");
        assert_eq!(bare("add `foo` to `Bar`"), "add `foo` to `Bar`", "names keep their own quotes");
        assert_eq!(bare("`foo` and `bar`"), "`foo` and `bar`");
    }

    #[test]
    fn case_is_mended_without_breaking_names() {
        assert_eq!(lower_first("Add paging"), "add paging");
        assert_eq!(lower_first("HTTP stays"), "HTTP stays");
        assert_eq!(upper_first("änder das"), "Änder das");
    }

    #[test]
    fn a_plain_answer_is_read_too() {
        let said = Said::read("<think>hm</think>\nfix(io): close the file\n\nIt leaked.").unwrap();
        assert_eq!((said.type_.as_deref(), said.subject.as_str()), (Some("fix"), "close the file"));
        assert_eq!(said.body.as_deref(), Some("It leaked."));
        let both = [
            "Option 1:\nfeat: count pages\n\nOption 2:\nfeat: count all pages",
            r#"{"subject": "1. count pages", "body": "2. count all pages"}"#,
        ];
        for answer in both {
            assert!(Said::read(answer).unwrap().choice.is_some(), "{answer}");
        }
        assert!(Said::read("{\"type\": \"fix\"}").is_none(), "an object without a subject is no message");
    }
}
