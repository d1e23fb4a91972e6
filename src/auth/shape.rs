//! Whether a key looks like one, before anybody is asked about it. An unknown beginning is never refused.

use crate::model::Secret;

/// Why a text is no key.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ShapeError {
    /// Cut at a line or pasted with words around it.
    #[error("the key holds white space or control characters; was something else pasted with it?")]
    Space,
    /// Quotes came with it.
    #[error("the key has quotes around it; leave them out")]
    Quotes,
    /// A word processor or a web page has changed it, or it never was one.
    #[error("the key holds characters that no key has, such as a long dash or a hidden one; copy it again")]
    Foreign,
    /// It is a variable's name or an assignment.
    #[error("this looks like an assignment, not like a key; give only what stands behind the =")]
    Assignment,
}

/// Beginnings that are one provider's own.
const PREFIXES: [(&str, &str); 6] = [
    ("sk-ant-", "anthropic"),
    ("sk-or-", "openrouter"),
    ("sk-proj-", "openai"),
    ("xai-", "xai"),
    ("AIza", "gemini"),
    ("gsk_", "groq"),
];

/// Beginnings of keys that administrate an organisation and serve no calls.
const ADMIN: [(&str, &str); 2] = [("sk-admin-", "openai"), ("sk-ant-admin", "anthropic")];

/// An administrator's key of `provider`, which says what was spent and serves no calls.
#[must_use]
pub fn admin(provider: &str, key: &Secret) -> bool {
    ADMIN.iter().any(|(prefix, owner)| *owner == provider && key.expose().starts_with(prefix))
}

/// Looks at a key for `provider`; a warning when it begins like another provider's.
///
/// # Errors
/// [`ShapeError`] when it cannot be a key.
pub fn check_shape(provider: &str, key: &Secret) -> Result<Option<String>, ShapeError> {
    let text = key.expose();
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(ShapeError::Space);
    }
    if !text.is_ascii() {
        return Err(ShapeError::Foreign);
    }
    if text.starts_with(['"', '\'']) || text.ends_with(['"', '\'']) {
        return Err(ShapeError::Quotes);
    }
    if text.split_once('=').is_some_and(|(name, rest)| {
        let variable = name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        !rest.is_empty() && variable && (name.ends_with("_KEY") || name.ends_with("_TOKEN"))
    }) {
        return Err(ShapeError::Assignment);
    }
    let other = PREFIXES.iter().find(|(prefix, owner)| text.starts_with(prefix) && *owner != provider);
    let strict = ["openai", "anthropic", "gemini", "xai", "openrouter", "deepseek"].contains(&provider);
    Ok(other.filter(|_| strict).map(|(_, owner)| format!("this key begins like one of {owner}, not of {provider}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(provider: &str, text: &str) -> Result<Option<String>, ShapeError> {
        check_shape(provider, &Secret::new(text.to_owned()))
    }

    #[test]
    fn pasted_rubbish_is_told_apart_from_keys() {
        let body = "k".repeat(40);
        assert_eq!(shape("openai", &["sk", &body].join("-")), Ok(None));
        assert_eq!(shape("openai", &format!("{body}\n{body}")), Err(ShapeError::Space));
        assert_eq!(shape("openai", &format!("\"{body}\"")), Err(ShapeError::Quotes));
        assert_eq!(shape("openai", &format!("OPENAI_API_KEY={body}")), Err(ShapeError::Assignment));
        assert!(shape("openai", &["sk", "ant", &body].join("-")).unwrap().unwrap().contains("anthropic"));
        assert_eq!(shape("generic", &["sk", "ant", &body].join("-")), Ok(None), "anybody may issue such keys");
        assert_eq!(shape("openai", "no-known-beginning"), Ok(None));
    }

    #[test]
    fn what_no_header_could_carry_is_refused_before_it_is_stored() {
        let body = "k".repeat(40);
        assert_eq!(shape("openai", &["sk", &body].join("\u{2013}")), Err(ShapeError::Foreign), "a long dash");
        assert_eq!(shape("openai", &format!("{body}\u{200b}")), Err(ShapeError::Foreign), "a hidden character");
        assert_eq!(shape("openai", &format!("{body}\u{7}")), Err(ShapeError::Space));
        assert_eq!(shape("openai", &format!("export OPENAI_API_KEY={body}")), Err(ShapeError::Space));
    }

    #[test]
    fn an_assignment_is_one_whatever_the_variable_is_called() {
        let body = "k".repeat(40);
        for name in ["HF_TOKEN", "K8S_KEY", "MISTRAL_API_KEY"] {
            assert_eq!(shape("generic", &format!("{name}={body}")), Err(ShapeError::Assignment), "{name}");
        }
        assert_eq!(shape("generic", &format!("{body}==")), Ok(None), "base64 ends so");
        assert_eq!(shape("generic", "X_KEY="), Ok(None), "nothing stands behind it");
    }

    #[test]
    fn an_administrators_key_is_told_from_one_that_serves_calls() {
        let key = |parts: &[&str]| Secret::new([parts, &["k".repeat(40).as_str()]].concat().join("-"));
        assert!(admin("openai", &key(&["sk", "admin"])));
        assert!(admin("anthropic", &key(&["sk", "ant", "admin01"])));
        assert!(!admin("openai", &key(&["sk", "proj"])) && !admin("anthropic", &key(&["sk", "ant", "api03"])));
        assert!(!admin("generic", &key(&["sk", "admin"])), "anybody may issue such keys");
    }

    #[test]
    fn no_message_repeats_the_key() {
        let body = "k".repeat(40);
        for text in [format!("{body} {body}"), format!("'{body}'"), format!("A_KEY={body}"), format!("{body}é")] {
            let told = shape("openai", &text).unwrap_err();
            assert!(!format!("{told} {told:?}").contains(&body), "{told}");
        }
    }
}
