//! The doors, as those behind them see them.

mod browser;
mod env;
mod files;
#[cfg(unix)]
mod process;
