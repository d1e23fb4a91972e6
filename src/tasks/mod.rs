//! Work without a terminal: commit messages, reviews, questions, dialectics, and the offline rules.

pub mod finding;
