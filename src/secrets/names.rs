//! Names that say "what is assigned to me is a secret": for vendors nobody has listed.

/// How much a name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// `token`, `auth`, `…_key`: only a value that looks random counts.
    Weak,
    /// `api_key`, `client_secret`, `access_token`.
    Strong,
    /// `password` and kin: people choose weak values.
    Password,
}

/// In lower case; one of them is in every name that [`weigh`] accepts.
pub(super) const KEYS: &[&str] = &[
    "pass",
    "pwd",
    "secret",
    "token",
    "credential",
    "_key",
    "-key",
    "apikey",
    "accesskey",
    "privatekey",
    "signingkey",
    "encryptionkey",
    "masterkey",
    "sharedkey",
    "accountkey",
    "servicekey",
    "authkey",
    "sessionkey",
    "licensekey",
    "hmackey",
    "deploykey",
    "adminkey",
    "jwt",
    "salt",
    "auth",
    "sessionid",
    "session_id",
    "contraseña",
    "mot_de_passe",
    "senha",
];

/// Last words that make a name speak about a secret instead of holding one.
const ABOUT: &[&str] = &[
    "type",
    "types",
    "id",
    "ids",
    "name",
    "names",
    "path",
    "paths",
    "file",
    "files",
    "filename",
    "dir",
    "url",
    "uri",
    "endpoint",
    "hash",
    "hashed",
    "digest",
    "checksum",
    "length",
    "len",
    "size",
    "count",
    "limit",
    "max",
    "min",
    "ttl",
    "expiry",
    "expires",
    "expiration",
    "expired",
    "at",
    "age",
    "lifetime",
    "field",
    "label",
    "placeholder",
    "hint",
    "title",
    "text",
    "message",
    "msg",
    "error",
    "regex",
    "pattern",
    "format",
    "policy",
    "rule",
    "rules",
    "strength",
    "header",
    "prefix",
    "suffix",
    "param",
    "params",
    "parameter",
    "index",
    "usage",
    "used",
    "budget",
    "price",
    "cost",
    "provider",
    "source",
    "store",
    "manager",
    "service",
    "handler",
    "validator",
    "callback",
    "func",
    "function",
    "fn",
    "input",
    "form",
    "view",
    "page",
    "reset",
    "change",
    "required",
    "enabled",
    "visible",
    "valid",
    "invalid",
    "ref",
    "arn",
    "alias",
    "version",
    "kind",
    "algorithm",
    "alg",
    "mode",
    "env",
    "variable",
    "command",
    "cmd",
    "script",
    "attempts",
    "retries",
    "rotation",
    "date",
    "time",
    "timestamp",
    "row",
    "column",
    "event",
    "map",
    "list",
    "set",
    "table",
    "stream",
    "tree",
    "class",
    "style",
    "color",
    "icon",
    "css",
    "selector",
    "xpath",
    "link",
    "button",
    "description",
    "help",
    "prompt",
    "scheme",
    "issuer",
    "audience",
    "scope",
    "scopes",
    "domain",
    "host",
    "port",
    "user",
    "username",
    "method",
    "status",
    "state",
    "code",
    "rounds",
    "bits",
    "fingerprint",
];

/// Words that make any name harmless wherever they stand.
const HARMLESS: &[&str] = &[
    "max",
    "min",
    "num",
    "total",
    "public",
    "pub",
    "publishable",
    "tokenizer",
    "tokenize",
    "tokens",
    "integrity",
    "checksum",
    "foreign",
    "primary",
    "partition",
    "sort",
    "cache",
    "idempotency",
    "csrf",
    "xsrf",
    "cancel",
    "cancellation",
    "continuation",
    "next",
    "page",
    "design",
    "stop",
    "eos",
    "bos",
    "pad",
    "mask",
    "unk",
    "hash",
    "translation",
    "i18n",
    "keyboard",
    "author",
    "authors",
    "authored",
    "authority",
    "authorized",
    "passed",
    "passes",
    "passing",
    "passage",
    "passenger",
    "passive",
    "bypass",
    "compass",
    "compassion",
    "encompass",
    "surpass",
    "passport",
    "secretary",
    "passthrough",
    "md5",
    "sha1",
    "sha256",
    "sha512",
];

/// Words before `key` that make it a secret one.
const SECRET_KEYS: &[&str] = &[
    "api",
    "access",
    "private",
    "signing",
    "encryption",
    "master",
    "account",
    "service",
    "secret",
    "auth",
    "deploy",
    "shared",
    "hmac",
    "aes",
    "admin",
    "root",
    "session",
    "license",
    "app",
    "application",
    "subscription",
    "storage",
    "client",
    "webhook",
    "cipher",
    "crypto",
];

/// What `name` says of the value assigned to it; `None` = nothing.
pub(super) fn weigh(name: &str) -> Option<Weight> {
    if name.len() > 128 {
        return None;
    }
    let words = words(name);
    let last = words.last()?.as_str();
    if ABOUT.contains(&last) || words.iter().any(|w| HARMLESS.contains(&w.as_str())) {
        // `session_id` and Vault's `secret_id` are what a thief would use.
        let ids = last == "id" && words.iter().any(|w| w == "session");
        return ids.then_some(Weight::Weak);
    }
    let ends = |tails: &[&str]| words.iter().any(|w| tails.iter().any(|t| w.ends_with(t)));
    let is = |exact: &[&str]| words.iter().any(|w| exact.contains(&w.as_str()));
    if ends(&["password", "passwd", "passphrase", "passcode", "passwort", "pwd", "passwords"])
        || is(&["pass", "dbpass", "userpass", "contraseña", "senha"])
    {
        return Some(Weight::Password);
    }
    if ends(&[
        "secret",
        "secretkey",
        "apikey",
        "accesskey",
        "privatekey",
        "masterkey",
        "authkey",
        "accountkey",
        "sharedkey",
        "signingkey",
        "encryptionkey",
        "sessionkey",
        "deploykey",
        "adminkey",
        "servicekey",
        "hmackey",
    ]) {
        return Some(Weight::Strong);
    }
    let before = words.len().checked_sub(2).and_then(|i| words.get(i)).map(String::as_str);
    match last {
        "key" => Some(if before.is_some_and(|b| SECRET_KEYS.contains(&b)) { Weight::Strong } else { Weight::Weak }),
        "token" if before.is_some() => Some(Weight::Strong),
        "token" | "auth" | "jwt" | "salt" | "credential" | "credentials" | "secrets" | "sessionid" | "licensekey" => {
            Some(Weight::Weak)
        }
        _ if last.ends_with("token") => Some(Weight::Strong),
        _ if is(&["secret", "credential", "credentials", "token"]) => Some(Weight::Weak),
        _ => None,
    }
}

/// Splits `dbPassword`, `DB_PASSWORD`, `APIKey` and `db-password` into lower-case words.
fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|p| chars.get(p));
        let hump = c.is_uppercase()
            && (before.is_some_and(|b| b.is_lowercase() || b.is_ascii_digit())
                || before.is_some_and(|b| b.is_uppercase()) && chars.get(i + 1).is_some_and(|n| n.is_lowercase()));
        if (hump || !c.is_alphanumeric()) && !word.is_empty() {
            out.push(std::mem::take(&mut word));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    if !word.is_empty() {
        out.push(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_humps_and_marks() {
        assert_eq!(words("myAPIKey_for-x2Y"), ["my", "api", "key", "for", "x2", "y"]);
    }

    #[test]
    fn names_of_secrets_weigh_and_names_about_secrets_do_not() {
        for name in ["DB_PASSWORD", "pgpassword", "smtpPass", "spring.datasource.password", "PWD"] {
            assert_eq!(weigh(name), Some(Weight::Password), "{name}");
        }
        for name in ["apiKey", "API_KEY", "client_secret", "x-api-key", "AccessToken", "authtoken", "stripeSecretKey"] {
            assert_eq!(weigh(name), Some(Weight::Strong), "{name}");
        }
        for name in [
            "max_tokens",
            "token_type",
            "publicKey",
            "password_hash",
            "secret_name",
            "author",
            "passed",
            "primary_key",
            "tokenizer",
            "tokenUrl",
        ] {
            assert_eq!(weigh(name), None, "{name}");
        }
    }
}
