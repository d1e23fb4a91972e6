//! What became of the definitions of a text.

use std::collections::HashMap;

use super::{Definition, Kind, Outline};

/// What a change did to one definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference<'a> {
    /// It is new.
    Added(&'a Definition),
    /// It is gone.
    Removed(&'a Definition),
    /// It is used in another way: before, after.
    Signature(&'a Definition, &'a Definition),
}

/// The differences between two sides, those of the new side in its order, then what is gone.
#[must_use]
pub fn compare<'a>(before: &'a Outline, after: &'a Outline) -> Vec<Difference<'a>> {
    let mut old: HashMap<(&str, Kind), Vec<&Definition>> = HashMap::new();
    for definition in relevant(before) {
        old.entry((&definition.path, definition.kind)).or_default().push(definition);
    }
    // What stands there unchanged first: of two overloads only the other one differs.
    let mut left = Vec::new();
    for definition in relevant(after) {
        let same = old.get_mut(&(definition.path.as_str(), definition.kind)).and_then(|list| {
            let at = list.iter().position(|d| d.signature == definition.signature)?;
            Some(list.remove(at))
        });
        if same.is_none() {
            left.push(definition);
        }
    }
    let mut out = Vec::new();
    for definition in left {
        let known = old.get_mut(&(definition.path.as_str(), definition.kind)).filter(|list| !list.is_empty());
        out.push(match known {
            Some(list) => Difference::Signature(list.remove(0), definition),
            None => Difference::Added(definition),
        });
    }
    let mut gone: Vec<&Definition> = old.into_values().flatten().collect();
    gone.sort_by_key(|d| (d.first, d.last));
    out.extend(gone.into_iter().map(Difference::Removed));
    out
}

fn relevant(outline: &Outline) -> impl Iterator<Item = &Definition> {
    outline.definitions.iter().filter(|d| d.kind != Kind::Scope)
}
