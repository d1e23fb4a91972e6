//! Anthropic's profile files.

use super::token::{Granted, TokenError};
use crate::vault::Grant;

pub(super) fn read(_: &Grant, _: i64) -> Result<Granted, TokenError> {
    Err(TokenError::Unavailable("interim".to_owned()))
}
