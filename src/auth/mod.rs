//! Keys: where they come from, and whether they look like keys at all.

mod keys;
mod shape;

pub use keys::{Credential, Source, from_env, from_vault};
pub use shape::{ShapeError, check_shape};
