//! References: what says where a secret is kept, or how to get it, instead of being one.

use super::marks::Marks;

/// How a place for a secret begins, wherever it is written.
static PLACES: Marks<76> = Marks::new([
    "process.env",
    "import.meta",
    "os.environ",
    "os.getenv",
    "env.",
    "env(",
    "env[",
    "op://",
    "vault:",
    "vault/",
    "enc[",
    "arn:",
    "file:",
    "secret:",
    "secrets.",
    "secrets/",
    "ref+",
    "ssm:",
    "ssm/",
    "./",
    "../",
    "~/",
    "http://",
    "https://",
    "data:",
    "sha256-",
    "sha512-",
    "sha384-",
    "sha1-",
    "sha256:",
    "sha512:",
    "h1:",
    "md5:",
    "self.",
    "this.",
    "config.",
    "settings.",
    "args.",
    "opts.",
    "options.",
    "params.",
    "ssh-rsa",
    "ssh-ed25519",
    "ecdsa-sha2",
    "var.",
    "local.",
    "module.",
    "-----begin",
    "keychain:",
    "env:",
    "cmd:",
    "pass:",
    "projects/",
    "kubernetes.io/",
    "azurekeyvault",
    "akv:",
    "aws-sm:",
    "gcp-sm:",
    "awssm:",
    "sops:",
    "base64 ",
    "read:",
    "prompt:",
    "keyring:",
    "lookup(",
    "system.getenv",
    "getenv",
    "/run/secrets",
    "/var/",
    "/etc/",
    "/home/",
    "/opt/",
    "/usr/",
    "/secrets",
    "/vault",
    "c:\\",
]);

/// How only a bare value in code or YAML refers to something.
const BARE: &[&str] =
    &["<", "{", "%(", "%{", "%s", "*", "!", "&", "os.", "data.", "@", "[", "(", "#", "|", ">", "--", "->", "- ", "?"];

/// What only templates and code hold.
static TEMPLATES: Marks<15> = Marks::new([
    "${",
    "{{",
    "#{",
    "$(",
    "<%",
    "%(",
    "{%",
    "%s",
    "{}",
    "{0}",
    "[[",
    "getenv",
    "environ",
    "\\(",
    "valuefrom",
]);

/// What only code holds.
const CODE: &[&str] = &["->", "::", "()", "=>", "&&", "||"];

/// A name for where the secret is kept, not the secret: variables, templates, calls, paths.
pub(in crate::secrets) fn reference(value: &str) -> bool {
    template(value)
        || path(value)
        || BARE.iter().any(|b| value.starts_with(b))
        || CODE.iter().any(|m| value.contains(m))
}

/// A path from the root; base64 may begin with a slash too.
fn path(value: &str) -> bool {
    value.starts_with('/') && (value.len() < 24 || !super::random(value) || super::wordy(value))
}

/// The same inside quotes, where a secret may begin with any mark.
pub(in crate::secrets) fn template(value: &str) -> bool {
    PLACES.begins(value)
        || value.starts_with("&lt;")
        || TEMPLATES.within(value)
        || (value.starts_with('<') && value.ends_with('>'))
        || blank(value)
        || variable(value)
        || hole(value)
        || pattern(value)
}

/// `$NAME`, as shells, PHP and make write it; a password may begin with `$` too, so the rest must be a plain name.
fn variable(value: &str) -> bool {
    value.strip_prefix('$').is_some_and(|rest| {
        !rest.is_empty()
            && !rest.starts_with("2a$")
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"_:.@*#?".contains(&b) || !b.is_ascii())
            && groups(rest) < 3
    }) || value
        .strip_prefix('%')
        .and_then(|v| v.strip_suffix('%'))
        .is_some_and(|v| v.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))
}

/// `[your key]`: a form's blank.
fn blank(value: &str) -> bool {
    value
        .strip_prefix('[')
        .and_then(|v| v.strip_suffix(']'))
        .is_some_and(|v| v.contains(' ') && v.bytes().all(|b| b.is_ascii_alphabetic() || b == b' '))
}

/// How often a digit follows a letter.
fn groups(value: &str) -> usize {
    value.as_bytes().windows(2).filter(|w| matches!(w, [a, b] if a.is_ascii_alphabetic() && b.is_ascii_digit())).count()
}

const fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// `{name}`, as format strings have it.
fn hole(value: &str) -> bool {
    let Some((_, rest)) = value.split_once('{') else { return false };
    rest.split_once('}').is_some_and(|(name, _)| {
        name.len() < 48
            && name.bytes().next().is_none_or(|b| b.is_ascii_alphabetic() || b == b'_')
            && name.bytes().all(|b| word(b) || matches!(b, b'[' | b']' | b'(' | b')' | b'\'' | b':'))
    })
}

/// A regular expression.
fn pattern(value: &str) -> bool {
    static PATTERNS: Marks<9> = Marks::new(["\\d", "\\w", "\\s", ".*", ".+", "[a-z", "[0-9", "(?", "[^"]);
    PATTERNS.within(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_variables_templates_and_patterns_refer_to_secrets() {
        for value in [
            "op://vault/item",
            "$DB_PASSWORD",
            "%PASSWORD%",
            "{password}",
            "{{ pw }}",
            "${X}",
            "^[a-z]+$",
            "vault:secret/x",
            "/run/secrets/db",
            "AWS-SM:x",
            "process.env.X",
        ] {
            assert!(template(value) && reference(value), "{value}");
        }
    }

    #[test]
    fn a_quoted_password_may_begin_with_any_mark() {
        for value in ["#9kd!xx", "(a8&1", "!Winter24", "@home2x", "$ecret-4-you!", "*7hh{", "/x9!"] {
            assert!(!template(value), "{value}");
        }
    }
}
