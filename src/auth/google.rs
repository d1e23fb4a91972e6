//! Google's application default credentials (sign-in.md, "Google").

use super::token::{Granted, TokenError};
use crate::net::Net;
use crate::vault::Grant;
use crate::world::Clock;

pub(super) async fn mint(_: &Net, _: &Clock, _: &Grant) -> Result<Granted, TokenError> {
    Err(TokenError::Unavailable("interim".to_owned()))
}
