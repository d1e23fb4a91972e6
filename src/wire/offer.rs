//! Tools and the choice among them, as both of OpenAI's dialects have them: they differ in nesting alone.

use serde_json::{Map, Value, json};

use super::Adapted;
use super::loss::{Loss, Losses};
use crate::model::{Dialect, Request, ToolChoice, ToolSpec};

/// How one of the two spells it.
pub(super) struct Offer {
    pub dialect: Dialect,
    /// A tool on offer.
    pub tool: fn(&ToolSpec, &Adapted, &mut Losses) -> Value,
    /// A tool that is named, of this kind.
    pub named: fn(&str, &str) -> Value,
    /// The choice among some, in this mode.
    pub among: fn(&str, Vec<Value>) -> Value,
}

impl Offer {
    /// Writes them into the body; nothing where nothing is on offer.
    pub(super) fn write(
        &self,
        body: &mut Map<String, Value>,
        request: &Request,
        adapted: &Adapted,
        losses: &mut Losses,
    ) {
        let own = adapted.quirks.newest;
        let offered = request.tools.iter().filter(|tool| match &request.tool_choice {
            ToolChoice::Among { names, .. } if !own => names.contains(&tool.name),
            _ => true,
        });
        let provided = request.extras.iter().filter(|e| e.dialect == self.dialect && e.name == "tools");
        let spelled: Vec<Value> =
            offered.map(|t| (self.tool)(t, adapted, losses)).chain(provided.map(|e| e.value.clone())).collect();
        if spelled.is_empty() {
            return;
        }
        body.insert("tools".into(), Value::Array(spelled));
        let named = |name: &str| {
            let custom = own && request.tools.iter().any(|t| t.name == name && t.custom.is_some());
            (self.named)(if custom { "custom" } else { "function" }, name)
        };
        let forced = !adapted.unforced;
        let choice = match &request.tool_choice {
            ToolChoice::Auto => json!("auto"),
            ToolChoice::None => json!("none"),
            ToolChoice::Required if forced => json!("required"),
            ToolChoice::Named(name) if forced => named(name),
            ToolChoice::Among { must, names } if own && (forced || !must) => {
                let mode = if *must { "required" } else { "auto" };
                (self.among)(mode, names.iter().map(|name| named(name)).collect())
            }
            ToolChoice::Among { must, .. } => {
                losses.add(Loss::Subset);
                losses.when(*must && !forced, Loss::Forced);
                json!(if *must && forced { "required" } else { "auto" })
            }
            ToolChoice::Required | ToolChoice::Named(_) => {
                losses.add(Loss::Forced);
                json!("auto")
            }
        };
        body.insert("tool_choice".into(), choice);
        losses.when(request.parallel == Some(false) && !adapted.quirks.parallel, Loss::Parallel);
        if let Some(parallel) = request.parallel.filter(|_| adapted.quirks.parallel) {
            body.insert("parallel_tool_calls".into(), json!(parallel));
        }
    }
}
