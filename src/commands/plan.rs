//! What would be sent and where: `--show-prompt` and the plan lines.

use super::context::Context;
use super::error::{Exit, Outcome};
use crate::client::{Client, Route, counted};
use crate::model::Request;

/// Prints the exact body that the first route would get, and sends nothing.
pub(super) fn show_prompt(context: &Context, client: &Client, routes: &[Route], request: Request) -> Outcome {
    let Some(route) = routes.first() else { return Ok(Exit::Nothing) };
    let (url, body) = client.preview(route, request)?;
    let through = client.redactor.policy().allow.listed.passed();
    if !through.is_empty() {
        context.ui.status(&super::listen::let_through("shown", &counted(through)));
    }
    context.ui.status(&format!("nothing was sent; this is the body for {} ({url})", route.name()));
    context.ui.out(&body)?;
    Ok(Exit::Done)
}
