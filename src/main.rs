//! The `monster` program.

fn main() {}
