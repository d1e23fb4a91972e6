//! The doors to the outside: clock, environment, files, randomness, memory, processes, ports, signals. Imports nothing
//! of ours.
//! The doors to the outside: clock, environment, files, randomness, processes, ports, the browser, typed lines. Imports
//! nothing of ours.

pub mod browser;
pub mod clock;
pub mod env;
pub mod files;
pub mod heap;
pub mod input;
pub mod life;
pub mod machine;
pub mod memory;
pub mod page;
pub mod ports;
pub mod process;
pub mod program;
pub mod random;
pub mod scratch;
pub mod signal;
pub mod space;

#[cfg(test)]
mod tests;

pub use clock::Clock;
pub use env::Env;
