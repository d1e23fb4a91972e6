//! What secrets there are: tables of kinds, and what draws one of each.

mod blocks;
pub mod encode;
mod keyword;
mod prefix;
mod split;
mod syntax;

use crate::set::draw::Rng;
use crate::set::template::{Name, expand};
use crate::set::{contexts, fragments};

/// Kind, names (separated by commas), template of the value.
pub type Row = (&'static str, &'static str, &'static str);

/// The five classes that are measured apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A vendor's public prefix gives it away.
    Prefix,
    /// Only the name beside it gives it away.
    Keyword,
    /// It has a syntax of its own.
    Syntax,
    /// An armoured key.
    Block,
    /// A literal in pieces.
    Split,
}

impl Class {
    /// All classes in the order of the report.
    pub const ALL: [Self; 5] = [Self::Prefix, Self::Keyword, Self::Syntax, Self::Block, Self::Split];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Prefix => "known prefix",
            Self::Keyword => "keyword only",
            Self::Syntax => "own syntax",
            Self::Block => "key blocks",
            Self::Split => "split literals",
        }
    }
}

/// One kind of secret.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// Its class.
    pub class: Class,
    names: &'static str,
    template: &'static str,
}

impl Kind {
    /// Says whether a value without any name beside it is known for what it is.
    fn speaks(&self) -> bool {
        let Some((prefix, _)) = self.template.split_once('¦') else { return false };
        let shown = prefix.rsplit('›').next().unwrap_or(prefix);
        let letters = shown.chars().all(|c| c.is_ascii_alphabetic());
        match prefix {
            "hf_" | "r8_" | "SG." | "sk-" | "sk_" => true,
            // Its own form says it: a JWT, bech32 with its checksum, an extended key.
            "" => {
                ["‹jwt›", "‹bech:", "‹BECH:", "‹xprv›", "AZDO", "+ASt"].iter().any(|form| self.template.contains(form))
            }
            _ => prefix.len() >= 4 && (!letters || shown.len() >= 4),
        }
    }
}

/// A drawn value, marked, with the name it goes by.
pub struct Value {
    /// The name beside it.
    pub name: Name,
    /// The marked value.
    pub text: String,
}

/// Every kind there is.
pub fn all() -> Vec<Kind> {
    let rows = |class: Class, rows: &[Row]| {
        rows.iter().map(|(name, names, template)| Kind { name, class, names, template }).collect::<Vec<_>>()
    };
    let mut all = Vec::new();
    for table in [prefix::FORGES, prefix::CLOUDS, prefix::MODELS, prefix::SERVICES] {
        all.extend(rows(Class::Prefix, table));
    }
    for table in [keyword::VENDORS, keyword::PASSWORDS] {
        all.extend(rows(Class::Keyword, table));
    }
    for table in [syntax::CLOUD, syntax::AUTH, syntax::FILES, syntax::COMMANDS, syntax::NETWORK] {
        all.extend(table.iter().map(|(name, template)| Kind { name, class: Class::Syntax, names: "", template }));
    }
    all.extend(blocks::FORMS.iter().map(|name| Kind { name, class: Class::Block, names: "", template: "" }));
    all.extend(split::FORMS.iter().map(|(name, template)| Kind { name, class: Class::Split, names: "", template }));
    all
}

/// Draws a value of a kind of the first two classes.
pub fn value(rng: &mut Rng, kind: &Kind) -> Value {
    let name = Name::choose(rng, kind.names);
    let text = match kind.class {
        Class::Prefix => expand(rng, &format!("«{}»", kind.template)),
        _ => expand(rng, kind.template),
    };
    Value { name, text }
}

/// Draws a sample of a kind: the marked text and the name of its context.
pub fn sample(rng: &mut Rng, kind: &Kind) -> (String, String) {
    match kind.class {
        Class::Prefix | Class::Keyword => {
            let value = value(rng, kind);
            contexts::around(rng, &value, kind.class == Class::Keyword || !kind.speaks())
        }
        Class::Syntax => {
            let text = syntax::draw(rng, kind.name, kind.template);
            fragments::around(rng, &text)
        }
        Class::Block => {
            let text = blocks::draw(rng, kind.name);
            if blocks::has_gutters(kind.name) { fragments::finished(rng, &text) } else { fragments::around(rng, &text) }
        }
        Class::Split => {
            let text = split::draw(rng, kind.template);
            fragments::around(rng, &text)
        }
    }
}

/// Any value with a prefix, for the contexts that need one more.
pub fn prefixed(rng: &mut Rng) -> Value {
    let table = [prefix::FORGES, prefix::CLOUDS, prefix::MODELS, prefix::SERVICES][rng.below(4)];
    let (name, names, template) = table[rng.below(table.len())];
    value(rng, &Kind { name, class: Class::Prefix, names, template })
}

/// Any vendor's value without a prefix.
pub fn bare(rng: &mut Rng) -> Value {
    let table = [keyword::VENDORS, keyword::PASSWORDS][rng.below(2)];
    let (name, names, template) = table[rng.below(table.len())];
    value(rng, &Kind { name, class: Class::Keyword, names, template })
}
