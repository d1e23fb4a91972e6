//! Tokens that their vendor's prefix or name gives away, by field.

mod chat;
mod clouds;
mod data;
mod forges;
mod models;
mod observability;
mod payments;
mod vaults;
mod work;

use super::{Look, Rule, named, rule, specs, token};

const FIELDS: &[&[Rule]] = &[
    forges::RULES,
    clouds::RULES,
    models::RULES,
    payments::RULES,
    chat::RULES,
    observability::RULES,
    data::RULES,
    vaults::RULES,
    work::RULES,
];

const COUNT: usize = {
    let (mut count, mut field) = (0, 0);
    while field < FIELDS.len() {
        count += FIELDS[field].len();
        field += 1;
    }
    count
};

static ALL: [Rule; COUNT] = {
    let mut all = [FIELDS[0][0]; COUNT];
    let (mut at, mut field) = (0, 0);
    while field < FIELDS.len() {
        let mut rule = 0;
        while rule < FIELDS[field].len() {
            all[at] = FIELDS[field][rule];
            at += 1;
            rule += 1;
        }
        field += 1;
    }
    all
};

/// Every kind, field after field.
pub(in crate::secrets) static VENDORS: &[Rule] = &ALL;
