//! Names nobody has listed in syntaxes that everybody writes, crossed with kinds of values.

use super::{expand, redactor};

#[rustfmt::skip]
const NAMES: &[&str] = &[
    "password", "DB_PASSWORD", "dbPassword", "smtp_pass", "MYSQL_PWD", "admin_passwd", "passphrase", "secret",
    "CLIENT_SECRET", "APP_SECRET_KEY", "api_key", "APIKEY", "X-Api-Key", "acmeApiKey", "accessToken",
    "refresh_token", "AUTH_TOKEN", "signing_key", "encryptionKey", "master-key", "JWT_SECRET", "webhook_secret",
    "PGPASSWORD", "acme.api.key", "ACME_TOKEN",
];

#[rustfmt::skip]
const SYNTAXES: &[&str] = &[
    "{n}={v}", "export {n}={v}", "{n}='{v}'", "{n}: {v}", "{n}: \"{v}\"", "  {n}: {v} # note", "\"{n}\": \"{v}\"",
    "'{n}': '{v}',", "{n} = \"{v}\"", "{n} := \"{v}\"", "const {n} = `{v}`;", "const {n}: &str = \"{v}\";",
    "var {n} string = \"{v}\"", ":{n} => \"{v}\"", "config[\"{n}\"] = \"{v}\"", "setenv(\"{n}\", \"{v}\")",
    "<{n}>{v}</{n}>", "<add key=\"{n}\" value=\"{v}\" />", "- name: {n}\n  value: {v}", "--{n} {v}", "--{n}={v}",
    "ENV {n}={v}", "ENV {n} {v}", "| {n} | {v} |", "\\\"{n}\\\": \\\"{v}\\\"", "#define {n} \"{v}\"", "+{n}={v}",
    "{n}={v}\\nA=b", "cmd -e {n}={v} image", "?a=b&{n}={v}&c=d", "a=b;{n}={v};c=d", "{n} = {v}",
    "if {n} == \"{v}\" {", "f({n}=\"{v}\")", "${n} = '{v}';", "self.{n} = \"{v}\"",
    "{\"name\": \"{n}\", \"value\": \"{v}\"}",
];

const VALUES: &[&str] = &["‹a32›", "‹a20›", "‹h32›", "‹h40›", "‹b40›", "‹w43›"];

#[test]
fn names_nobody_listed_are_found_in_every_usual_syntax() {
    let (mut all, mut missed) = (0u64, Vec::new());
    for (syntax, name, value) in
        SYNTAXES.iter().flat_map(|s| NAMES.iter().flat_map(move |n| VALUES.iter().map(move |v| (s, n, v))))
    {
        let (value, _) = expand(value, all * 31 + 7);
        let text = syntax.replace("{n}", name).replace("{v}", &value);
        all += 1;
        if redactor().redact(&text).text.contains(&value) {
            missed.push(text);
        }
    }
    let count = u64::try_from(missed.len()).unwrap();
    assert!(count * 1000 <= all * 2, "{count} of {all} missed:\n{}", missed[..missed.len().min(60)].join("\n"));
}
