//! The doors, as those behind them see them.

mod browser;
mod env;
mod files;
mod life;
#[cfg(unix)]
mod process;
