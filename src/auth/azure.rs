//! The Azure CLI's token.

use super::token::{Granted, TokenError};
use crate::vault::Grant;

pub(super) fn read(_: &Grant) -> Result<Granted, TokenError> {
    Err(TokenError::Unavailable("interim".to_owned()))
}
