//! `monster accounts slots`: what opens the sealed file.

use serde_json::json;

use super::vault_or_error;
use crate::commands::context::Context;
use crate::commands::error::{Exit, Outcome};
use crate::ui::Table;

/// What opens the sealed file.
pub(super) fn list(context: &Context) -> Outcome {
    let vault = vault_or_error(context)?;
    let slots = vault.slots()?;
    if context.ui.look().json {
        let rows: Vec<_> =
            slots.iter().map(|s| json!({ "name": s.name, "kind": s.kind.name(), "note": s.kind.note() })).collect();
        context.ui.json(&json!({ "schema": "monster.slots/1", "slots": rows }))?;
    } else if slots.is_empty() {
        context.ui.out("there is no sealed file yet")?;
    } else {
        let mut table = Table::new(&["slot", "kind", ""]);
        for slot in &slots {
            table.row([slot.name.clone(), slot.kind.name().to_owned(), slot.kind.note().to_owned()]);
        }
        context.ui.out(&table.render())?;
    }
    Ok(Exit::Done)
}
