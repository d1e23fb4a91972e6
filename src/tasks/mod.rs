//! Work without a terminal: what the commands do, for anybody who calls the library.

pub mod areas;
pub mod ask;
pub mod commit_message;
pub mod conventions;
pub mod dialectic;
pub mod fence;
pub mod finding;
pub mod form;
mod keys;
pub mod offline;
pub mod pack;
pub mod review;
pub mod room;
mod weak;
