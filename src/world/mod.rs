//! The doors to the outside: clock, environment, files, randomness, processes, ports. Imports nothing of ours.

pub mod clock;
pub mod env;
pub mod files;
pub mod machine;
pub mod ports;
pub mod process;
pub mod random;

#[cfg(test)]
mod tests;

pub use clock::Clock;
pub use env::Env;
