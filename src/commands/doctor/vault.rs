//! Whether the sealed file opens, and whether the keychain does what it is there for.

use super::{CommandError, Context, Finding, State};
use crate::commands::accounts::{Asking, open, vault};
use crate::commands::show::counted;

/// The sealed file, opened once for everything that is looked at.
pub(super) fn sealed(context: &Context) -> Finding {
    let Some(vault) = vault(context) else {
        let hint = "set HOME, XDG_CONFIG_HOME or MONSTER_CONFIG_DIR";
        return Finding::new("accounts", State::Bad, "there is no place for them").hint(hint);
    };
    if !vault.exists() {
        return Finding::new("accounts", State::Absent, "no sealed file").hint("monster login");
    }
    match open(context, &vault, &Asking { ui: &context.ui, allowed: true }) {
        Ok(opened) => {
            let weak: Vec<&str> =
                vault.slots().unwrap_or_default().iter().map(|s| s.kind.note()).filter(|n| !n.is_empty()).collect();
            let mut says = format!("{} in the sealed file", counted(opened.accounts().len(), "account"));
            if !weak.is_empty() {
                says.push_str(&format!("; {}", weak.join("; ")));
            }
            let recovered = opened.recovered();
            match context.adopt(opened) {
                Ok(_) if recovered => {
                    says.push_str(
                        "; it is damaged or missing: its previous generation was opened, and the last change is lost",
                    );
                    let hint = "write it anew, as any change does: monster accounts rekey";
                    Finding::new("accounts", State::Bad, says).hint(hint)
                }
                Ok(_) => Finding::new("accounts", State::Good, says),
                Err(locked) => Finding { hint: locked.hint, ..Finding::broken("accounts", locked.why) },
            }
        }
        Err(error) => Finding::bad("accounts", error.into()),
    }
}

/// The keychain, where something of ours lies in it.
pub(super) fn keychain(context: &Context) -> Finding {
    let nothing = || Finding::new("keychain", State::Absent, "nothing of monster's lies in it");
    let Some(vault) = vault(context).filter(crate::auth::Vault::exists) else { return nothing() };
    match vault.probe_keychain() {
        Err(error) => Finding::bad("keychain", CommandError::from(error)),
        Ok(None) => nothing(),
        Ok(Some(Ok(()))) => Finding::new(
            "keychain",
            State::Good,
            "it took an entry, gave it back and forgot it; what opens the accounts lies in it",
        ),
        Ok(Some(Err(why))) => {
            let hint = "unlock or start it; or open the accounts by other means: monster accounts slots add";
            Finding::broken("keychain", why).hint(hint)
        }
    }
}
