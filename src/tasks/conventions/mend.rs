//! Puts a message into the form that a convention asks for.

use super::Convention;
use super::cases::Case;
use super::parsed::addressed;
use super::rules::{Rule, long};

/// A message in the parts that are mended.
struct Draft {
    type_: Option<String>,
    scope: Option<String>,
    /// `!`.
    breaks: bool,
    subject: String,
    body: String,
    /// Trailers at the end.
    footer: String,
}

/// `known` are scopes of history's that say where the change is, `spelled` all of them.
pub(super) fn mend(
    one: &Convention,
    text: &str,
    (known, spelled): (&[String], &[String]),
    scopes: &[String],
) -> String {
    // How a header of another form is put together is not known.
    if one.parser.as_ref().is_some_and(|p| !p.usual) {
        return text.to_owned();
    }
    let mut draft = Draft::read(text);
    if one.of("breaking-change-exclamation-mark").any(|r| !r.never) {
        draft.breaks |= draft.footer.lines().any(|l| l.starts_with("BREAKING CHANGE:"));
    }
    draft.mend_type(one);
    draft.mend_scope(one, (known, spelled), scopes);
    draft.mend_subject(one);
    draft.mend_body(one);
    draft.mend_lengths(one);
    draft.text()
}

impl Draft {
    fn read(text: &str) -> Self {
        let (header, rest) = text.split_once('\n').unwrap_or((text, ""));
        let (type_, scope, breaks, subject) = head(header.trim());
        let rest = rest.trim_matches('\n').trim_end();
        let trailers = |block: &str| block.lines().all(|l| trailer(l) || l.starts_with("  ")) && !block.is_empty();
        let (body, footer) = match rest.rsplit_once("\n\n") {
            Some((body, last)) if trailers(last) => (body, last),
            None if trailers(rest) => ("", rest),
            _ => (rest, ""),
        };
        Self {
            type_: type_.map(str::to_owned),
            scope: scope.map(str::to_owned),
            breaks,
            subject: subject.to_owned(),
            body: body.trim_end().to_owned(),
            footer: footer.to_owned(),
        }
    }

    fn header(&self) -> String {
        let mark = if self.breaks { "!" } else { "" };
        match (&self.type_, &self.scope) {
            (Some(type_), Some(scope)) => format!("{type_}({scope}){mark}: {}", self.subject),
            (Some(type_), None) => format!("{type_}{mark}: {}", self.subject),
            (None, _) => self.subject.clone(),
        }
    }

    fn text(&self) -> String {
        let header = self.header();
        let parts = [header.as_str(), &self.body, &self.footer];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
    }

    /// The first of these that keeps the rules of a part, put where it belongs.
    fn choose<T>(&mut self, one: &Convention, about: &str, candidates: Vec<T>, put: impl Fn(&mut Self, T)) -> bool
    where
        T: Clone,
    {
        candidates.into_iter().any(|candidate| {
            put(self, candidate);
            self.keeps(one, about)
        })
    }

    fn keeps(&self, one: &Convention, about: &str) -> bool {
        let message = one.parse(&self.text());
        one.rules.iter().filter(|r| r.name.starts_with(about)).all(|r| r.holds(&message))
    }

    fn mend_type(&mut self, one: &Convention) {
        let Some(type_) = self.type_.clone() else { return };
        let mut candidates = vec![type_.clone(), type_.to_lowercase(), type_.to_uppercase(), Case::Sentence.of(&type_)];
        let listed = one.of("type-enum").filter_map(Rule::texts).flatten();
        candidates.extend(listed.filter(|t| t.eq_ignore_ascii_case(&type_)));
        if !self.choose(one, "type-", candidates, |draft, type_| draft.type_ = Some(type_)) {
            self.type_ = Some(type_);
        }
    }

    fn mend_scope(&mut self, one: &Convention, (known, spelled): (&[String], &[String]), scopes: &[String]) {
        if self.type_.is_none() {
            return;
        }
        let before = self.scope.clone();
        let mut candidates: Vec<Option<String>> = vec![before.clone()];
        let listed: Vec<String> = one.of("scope-enum").filter(|r| !r.never).filter_map(Rule::texts).flatten().collect();
        let same = |name: &String| listed.iter().filter(|l| l.eq_ignore_ascii_case(name)).cloned().collect::<Vec<_>>();
        let forms = |name: &String| {
            let cases = [Case::Lower, Case::Kebab, Case::Snake, Case::Camel, Case::Pascal, Case::Upper, Case::Sentence];
            same(name).into_iter().chain(cases.map(|case| case.of(name)))
        };
        candidates.extend(before.iter().flat_map(forms).map(Some));
        // No scope is better than one that is none.
        candidates.push(None);
        candidates.extend(known.iter().cloned().map(Some));
        candidates.extend(scopes.iter().flat_map(|s| std::iter::once(s.clone()).chain(forms(s))).map(Some));
        // Of one there is nothing to choose.
        candidates.extend(listed.iter().filter(|_| listed.len() == 1).cloned().map(Some));
        // The pattern of all takes it, where it takes one of them.
        if one.pattern.is_some() {
            let spelled = &[known, spelled].concat();
            for scope in &candidates {
                self.scope.clone_from(scope);
                if self.keeps(one, "scope-") && one.fits(&self.text(), spelled) {
                    return;
                }
            }
            self.scope.clone_from(&before);
        }
        if !self.choose(one, "scope-", candidates, |draft, scope| draft.scope = scope) {
            self.scope = before;
        }
    }

    fn mend_subject(&mut self, one: &Convention) {
        let before = self.subject.clone();
        let bare = before.trim().trim_end_matches(|c: char| ".。".contains(c) || c.is_whitespace()).to_owned();
        let stops = one.rules.iter().filter(|r| r.name.ends_with("ject-full-stop") || r.name == "header-full-stop");
        let mark =
            stops.clone().find(|r| !r.never).map(|r| crate::git::message::sanitise(r.value.as_str().unwrap_or(".")));
        let stopped = |text: String| mark.as_ref().map_or_else(|| text.clone(), |mark| format!("{text}{mark}"));
        let first = |text: &str| text.chars().next().map(|c| c.len_utf8()).unwrap_or(0);
        let (head, tail) = bare.split_at(first(&bare));
        let word = bare.split(' ').next().unwrap_or_default();
        let rest = &bare[word.len()..];
        let candidates = vec![
            before.trim().to_owned(),
            stopped(bare.clone()),
            // What changes least comes first: a letter, a word, all of it.
            stopped(format!("{}{tail}", head.to_lowercase())),
            stopped(format!("{}{tail}", head.to_uppercase())),
            stopped(format!("{}{rest}", word.to_lowercase())),
            stopped(bare.to_lowercase()),
            stopped(Case::Start.of(&bare)),
            stopped(bare.to_uppercase()),
        ];
        // `HTTP stays` is not made `hTTP stays` while another form keeps the rules as well.
        let torn = |text: &String| {
            let mut letters = text.chars();
            letters.next().is_some_and(char::is_lowercase) && letters.next().is_some_and(char::is_uppercase)
        };
        let (torn, whole): (Vec<String>, Vec<String>) = candidates.into_iter().partition(torn);
        let candidates = whole.into_iter().chain(torn).collect();
        let put = |draft: &mut Self, subject: String| draft.subject = subject;
        let about = |r: &Rule| {
            matches!(
                r.name.as_str(),
                "subject-case" | "subject-full-stop" | "header-case" | "header-full-stop" | "header-trim"
            )
        };
        let only = Convention { rules: one.rules.iter().filter(|r| about(r)).cloned().collect(), ..one.clone() };
        if !self.choose(&only, "", candidates, put) {
            self.subject = before;
        }
    }

    fn mend_body(&mut self, one: &Convention) {
        if one.of("body-empty").any(|r| !r.never) {
            self.body = String::new();
        }
        if self.body.is_empty() {
            return;
        }
        let before = self.body.clone();
        let bare = before.trim_end_matches('.').to_owned();
        let first = before.chars().next().map_or(0, char::len_utf8);
        let mut candidates = Vec::new();
        for body in [before.clone(), bare.clone(), format!("{bare}.")] {
            let (head, tail) = body.split_at(first.min(body.len()));
            candidates.push(body.clone());
            candidates.push(format!("{}{tail}", head.to_uppercase()));
            candidates.push(format!("{}{tail}", head.to_lowercase()));
        }
        candidates.push(before.to_lowercase());
        let about = |r: &Rule| matches!(r.name.as_str(), "body-case" | "body-full-stop");
        let only = Convention { rules: one.rules.iter().filter(|r| about(r)).cloned().collect(), ..one.clone() };
        if !self.choose(&only, "body-", candidates, |draft, body| draft.body = body) {
            self.body = before;
        }
    }

    fn mend_lengths(&mut self, one: &Convention) {
        let most = |name: &str| one.of(name).map(Rule::number).filter(|n| *n > 0).min();
        let fixed = long(&self.header()).saturating_sub(long(&self.subject));
        let header = most("header-max-length").map(|n| n.saturating_sub(fixed));
        if let Some(room) =
            header.into_iter().chain(most("subject-max-length")).min().filter(|n| long(&self.subject) > *n)
        {
            let stop = self.subject.ends_with('.') && one.of("subject-full-stop").any(|r| !r.never);
            // Where no phrase ends in time, it is for whoever wrote it to say it shorter.
            let bare = self.subject.trim_end_matches('.');
            if let Some(cut) = crate::git::message::phrase(bare, room.saturating_sub(usize::from(stop))) {
                self.subject = if stop { format!("{cut}.") } else { cut.to_owned() };
            }
        }
        if let Some(width) = most("body-max-line-length") {
            self.body = narrowed(&self.body, width);
        }
    }
}

/// Type, scope, whether it breaks, and subject.
fn head(header: &str) -> (Option<&str>, Option<&str>, bool, &str) {
    let none = (None, None, false, header);
    let Some((mark, subject)) = header.split_once(": ") else { return none };
    let (mark, breaks) = mark.strip_suffix('!').map_or((mark, false), |mark| (mark, true));
    let (type_, scope) = match mark.split_once('(') {
        Some((type_, rest)) => match rest.strip_suffix(')') {
            Some(scope) => (type_, Some(scope)),
            None => return none,
        },
        None => (mark, None),
    };
    let word = !type_.is_empty() && type_.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if word { (Some(type_), scope.filter(|s| !s.is_empty()), breaks, subject.trim()) } else { none }
}

fn trailer(line: &str) -> bool {
    line.split_once(": ").is_some_and(|(key, _)| {
        key == "BREAKING CHANGE"
            || (key.starts_with(|c: char| c.is_ascii_uppercase())
                && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
    })
}

/// Lines that are too long are divided at blanks, and where there is none a path loses its beginning.
fn narrowed(body: &str, width: usize) -> String {
    let mut out: Vec<String> = Vec::new();
    for line in body.lines() {
        if long(line) <= width || addressed(line) {
            out.push(line.to_owned());
            continue;
        }
        let indent = if line.starts_with("- ") || line.starts_with("* ") { "  " } else { "" };
        let mut current = String::new();
        for word in line.split(' ') {
            let word = shortened(word, width.saturating_sub(2));
            let gap = usize::from(!current.is_empty());
            if !current.trim().is_empty() && current != "-" && long(&current) + gap + long(&word) > width {
                out.push(std::mem::replace(&mut current, format!("{indent}{word}")));
                continue;
            }
            if gap > 0 {
                current.push(' ');
            }
            current.push_str(&word);
        }
        out.push(current);
    }
    out.join("\n")
}

fn shortened(word: &str, width: usize) -> String {
    if long(word) <= width || !word.contains('/') {
        return word.to_owned();
    }
    let mut rest = word;
    while let Some((_, after)) = rest.split_once('/') {
        rest = after;
        if long(rest) + 2 <= width {
            break;
        }
    }
    format!("…/{rest}")
}
