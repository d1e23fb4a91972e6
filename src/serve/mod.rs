//! The same client as a local proxy: editors and agents call it in the dialect they speak.

pub mod access;
pub mod host;
pub mod unit;
