//! What is done about which kind of secret, what the user finds secret beside the rules, and what is allowed.

use std::collections::{BTreeMap, BTreeSet};

use super::allow::{Allow, By};
use super::engine;
use super::hit::Hit;
use super::mode::Mode;
use super::own::Own;
use super::rules::{VENDORS, pii};

/// Findings below this confidence are left out when only what is nearly certain is wanted.
const STRICT: f64 = 0.9;

/// The rule of values that are masked because they are known, and their word in placeholders.
pub(super) const KNOWN: (&str, &str) = ("known-value", "known");
/// What the assignment parser finds: its rule and its two words in placeholders.
const ASSIGNMENT: [&str; 3] = ["assignment", "password", "secret"];

/// What is looked for and what happens to it.
#[derive(Debug)]
pub struct Policy {
    /// What happens to what is found, where nothing more is said of its kind.
    pub mode: Mode,
    /// No kind is treated more laxly than so: what a repository or the command line asks for. [`Mode::Off`] = no floor.
    pub floor: Mode,
    /// The user's modes of single kinds, by rule or by the word inside placeholders; a rule's own counts first.
    pub kinds: BTreeMap<String, Mode>,
    /// What a repository asks for single kinds; it can only make the mode stricter.
    pub raised: BTreeMap<String, Mode>,
    /// Only what is nearly certain: a confidence of 0.9, or a check inside the token that holds.
    pub strict: bool,
    /// Personal data too.
    pub pii: bool,
    /// The user's own rules.
    pub own: Own,
    /// What the user and the repository allow.
    pub allow: Allow,
}

impl Default for Policy {
    /// Everything is masked, and nothing more was said.
    fn default() -> Self {
        Self {
            mode: Mode::Redact,
            floor: Mode::Off,
            kinds: BTreeMap::new(),
            raised: BTreeMap::new(),
            strict: false,
            pii: false,
            own: Own::default(),
            allow: Allow::default(),
        }
    }
}

/// Where a text came from, as far as that matters for what is allowed in it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    /// A file's path from the top of its repository; `None` = not known, as in a request.
    pub path: Option<&'a str>,
    /// It is only reported on, never sent: there a mark on the line counts, which anybody could have written.
    pub report: bool,
}

/// What became of something that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is reported, and masked unless its mode says otherwise.
    Kept,
    /// Its kind is switched off.
    Off,
    /// It is not certain enough for `strict`.
    Unsure,
    /// It is allowed.
    Allowed(By),
}

impl Verdict {
    /// What is left out, and why: what says most comes first.
    pub(super) const LEFT: [Self; 5] =
        [Self::Allowed(By::User), Self::Allowed(By::Repository), Self::Allowed(By::Line), Self::Off, Self::Unsure];

    /// Half a sentence for people.
    #[must_use]
    pub const fn said(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Off => "left out: its kind is switched off",
            Self::Unsure => "left out: not certain enough for strict",
            Self::Allowed(By::User) => "left out: you allowed this value",
            Self::Allowed(By::Repository) => "left out: the repository allows this value in this place",
            Self::Allowed(By::Line) => "left out: its line says monster:allow",
        }
    }
}

/// One rule, for a list.
#[derive(Debug, Clone, PartialEq)]
pub struct RuleShown {
    /// `github-token`.
    pub rule: &'static str,
    /// `GitHub token`.
    pub kind: &'static str,
    /// The word inside placeholders: `github`.
    pub tag: &'static str,
    /// 0 to 1; `None` where it depends on what is found.
    pub confidence: Option<f64>,
    /// What happens to it.
    pub mode: Mode,
    /// It is the user's own.
    pub own: bool,
}

impl Policy {
    /// The same for every kind.
    #[must_use]
    pub fn all(mode: Mode) -> Self {
        Self { mode, ..Self::default() }
    }

    /// What happens to a kind.
    #[must_use]
    pub fn mode_of(&self, rule: &str, tag: &str) -> Mode {
        let asked = self.kinds.get(rule).or_else(|| self.kinds.get(tag)).copied().unwrap_or(self.mode);
        let raised = [rule, tag].into_iter().filter_map(|name| self.raised.get(name).copied()).max();
        asked.stricter(self.floor).stricter(raised.unwrap_or(Mode::Off))
    }

    /// The name by which settings block this rule alone, whatever the mode of all others; and whether it is a
    /// repository that says so.
    #[must_use]
    pub fn blocked_by_name(&self, rule: &str) -> Option<(String, bool)> {
        let shown = self.rules().into_iter().filter(|shown| shown.rule == rule);
        let names: Vec<&str> = std::iter::once(rule).chain(shown.map(|shown| shown.tag)).collect();
        let said = |modes: &BTreeMap<String, Mode>| {
            let name = names.iter().find(|name| modes.contains_key(**name))?;
            (modes.get(*name) == Some(&Mode::Block)).then(|| (*name).to_owned())
        };
        let mine = said(&self.kinds).map(|name| (name, false));
        mine.or_else(|| said(&self.raised).map(|name| (name, true)))
    }

    /// The user said of this kind that it is not to be looked for.
    pub(super) fn silenced(&self, rule: &str, tag: &str) -> bool {
        let said = self.kinds.get(rule).or_else(|| self.kinds.get(tag));
        said == Some(&Mode::Off) && self.mode_of(rule, tag) == Mode::Off
    }

    /// Nothing is looked for.
    pub(super) fn idle(&self) -> bool {
        let off = |modes: &BTreeMap<String, Mode>| modes.values().all(|m| *m == Mode::Off);
        self.mode.stricter(self.floor) == Mode::Off && off(&self.kinds) && off(&self.raised)
    }

    /// Something is sent as it is although it was found.
    pub(super) fn lax(&self) -> bool {
        let lax = |mode: &Mode| *mode < Mode::Redact;
        let kinds = self.kinds.values().any(lax);
        lax(&self.mode.stricter(self.floor)) || kinds || self.strict || !self.allow.is_empty()
    }

    /// Some kind of secret is to stop what holds it.
    #[must_use]
    pub fn may_block(&self) -> bool {
        self.rules().iter().any(|rule| rule.mode == Mode::Block)
    }

    /// Every rule, with what happens to it.
    #[must_use]
    pub fn rules(&self) -> Vec<RuleShown> {
        let shown = |rule: &'static str, kind: &'static str, tag: &'static str, confidence, own| RuleShown {
            rule,
            kind,
            tag,
            confidence,
            mode: self.mode_of(rule, tag),
            own,
        };
        let mut out: Vec<RuleShown> =
            engine::rules().map(|r| shown(r.name, r.kind, r.tag, Some(r.confidence), false)).collect();
        let [rule, password, secret] = ASSIGNMENT;
        out.push(shown(rule, "password", password, None, false));
        out.push(shown(rule, "secret value", secret, None, false));
        out.push(shown(KNOWN.0, "known credential", KNOWN.1, Some(1.0), false));
        out.extend(pii::KINDS.iter().map(|(kind, rule, tag, checked)| {
            let shown = shown(rule, kind, tag, Some(pii::confidence(*checked)), false);
            // They are looked for only where somebody asks.
            RuleShown { mode: if self.pii { shown.mode } else { Mode::Off }, ..shown }
        }));
        out.extend(self.own.names().map(|(name, kind, tag)| shown(name, kind, tag, Some(1.0), true)));
        out
    }
}

/// Every name that a mode can be given to, beside those of the user's own rules: rules and words of placeholders.
#[must_use]
pub fn kinds() -> BTreeSet<&'static str> {
    let rules = engine::rules().flat_map(|r| [r.name, r.tag]);
    let people = pii::KINDS.iter().flat_map(|(_, rule, tag, _)| [*rule, *tag]);
    rules.chain(people).chain(ASSIGNMENT).chain([KNOWN.0, KNOWN.1]).collect()
}

/// Whether it is certain enough for `strict`.
pub(super) fn sure(confidence: f64, checksum: bool) -> bool {
    checksum || confidence >= STRICT
}

/// Whether nothing but a telling name, or less, gives it away: no vendor's shape, no check, no value that is known.
#[must_use]
pub fn vague(hit: &Hit) -> bool {
    hit.rule == ASSIGNMENT[0] || hit.rule != KNOWN.0 && !sure(hit.confidence, hit.checksum)
}

/// Whether it has the shape in which its vendor draws keys.
#[must_use]
pub fn by_vendor(hit: &Hit) -> bool {
    !vague(hit) && VENDORS.iter().any(|rule| rule.name == hit.rule)
}

/// How a finding came about, for whoever wants to know why.
#[must_use]
pub fn stage(hit: &Hit) -> &'static str {
    match hit.rule {
        rule if rule == KNOWN.0 => "known value",
        rule if rule == ASSIGNMENT[0] => "assignment parser",
        rule if pii::KINDS.iter().any(|k| k.1 == rule) => "personal data",
        rule if engine::rules().any(|r| r.name == rule) => "anchored rule",
        _ => "rule of your own",
    }
}

/// Whether the rule has a check inside its tokens, and whether it holds: `good`, `bad` or `none`.
#[must_use]
pub fn checksum(hit: &Hit) -> &'static str {
    match engine::rules().find(|r| r.name == hit.rule).is_some_and(|r| r.check.is_some()) {
        _ if hit.checksum => "good",
        true => "bad",
        false => "none",
    }
}
