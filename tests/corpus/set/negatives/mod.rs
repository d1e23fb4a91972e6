//! What looks like a secret and is none.

mod code;
mod hashes;
mod ids;
mod public;
mod tricky;

use crate::set::draw::Rng;
use crate::set::kinds::{self, encode};
use crate::set::mark;
use crate::set::template::{Name, expand, expand_with};
use crate::set::{contexts, fragments};

/// One kind of look.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Its name.
    pub name: &'static str,
    template: &'static str,
}

/// Name and template. A template that is empty is drawn by [`special`].
pub type Row = (&'static str, &'static str);

const PLACEHOLDERS: &[&str] = &[
    "your-api-key",
    "your_api_key_here",
    "YOUR_TOKEN",
    "<your-token>",
    "<token>",
    "<API_KEY>",
    "xxxx",
    "xxxxxxxxxxxxxxxxxxxx",
    "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX",
    "changeme",
    "change-me",
    "CHANGE_ME",
    "${VAR}",
    "${API_KEY}",
    "$API_KEY",
    "{{ api_key }}",
    "{{token}}",
    "%(password)s",
    "%API_KEY%",
    "<%= secret %>",
    "#{token}",
    "@@TOKEN@@",
    "__API_KEY__",
    "...",
    "***",
    "********",
    "TODO",
    "FIXME",
    "REPLACE_ME",
    "replace-with-your-key",
    "insert-your-key-here",
    "example",
    "EXAMPLE_KEY",
    "placeholder",
    "dummy",
    "your-secret-here",
    "my-secret-value-here",
    "sk-your-key-here",
    "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
    "AKIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "null",
    "none",
    "undefined",
    "REDACTED",
    "[redacted]",
    "(hidden)",
    "<REDACTED>",
    "your password",
    "sk-...",
    "ghp_...",
    "process.env.API_KEY",
    "os.environ[...]",
    "see-vault",
    "set-in-ci",
    "from-keyring",
    "op://vault/item/field",
    "vault:secret/app#key",
    "env:API_KEY",
    "file:/run/secrets/key",
    "0000000000000000",
    "1234567890abcdef1234567890abcdef",
    "abcdefghijklmnopqrstuvwxyz",
    "00000000-0000-0000-0000-000000000000",
    "deadbeefdeadbeefdeadbeefdeadbeef",
    "0x0000000000000000000000000000000000000000000000000000000000000000",
    "ENC[AES256_GCM,data:abc]",
    "enter-password",
    "secret-goes-here",
    "not-a-real-token",
    "fake-token",
    "test-placeholder",
    "put_your_key_here",
    "user-provided",
    "<paste here>",
    "[your key]",
    "{apiKey}",
    ":token",
    "$1",
    "?",
    "lorem",
    "{{ vault_password }}",
    "!vault",
    "${{ secrets.TOKEN }}",
];

/// Every look there is.
pub fn all() -> Vec<Look> {
    let mut all: Vec<Look> = [hashes::HASHES, ids::IDS, public::PUBLIC, code::CODE, tricky::TRICKY]
        .into_iter()
        .flatten()
        .map(|(name, template)| Look { name, template })
        .collect();
    // Files of the positives with a reference or a placeholder in the secret's place: often, they are the commonest.
    for _ in 0..30 {
        all.push(Look { name: "placeholder in a positive's place", template: "*placeholder" });
        all.push(Look { name: "reference in a positive's place", template: "*reference" });
    }
    all
}

fn reference(rng: &mut Rng, name: &Name) -> String {
    let upper = name.written("us");
    let lower = name.written("ls");
    match rng.below(10) {
        0 => format!("${{{upper}}}"),
        1 => format!("${upper}"),
        2 => format!("{{{{ {lower} }}}}"),
        3 => format!("${{{{ secrets.{upper} }}}}"),
        4 => format!("op://Private/{lower}/credential"),
        5 => format!("vault:secret/data/app#{lower}"),
        6 => format!("<{}>", name.written("kb")),
        7 => format!("%{upper}%"),
        8 => format!("/run/secrets/{lower}"),
        _ => format!("<your {}>", name.written("sp")),
    }
}

/// Draws a sample of a look: the text and the name of its context.
pub fn sample(rng: &mut Rng, look: &Look) -> (String, String) {
    match look.template {
        "*placeholder" | "*reference" => {
            let mut value = if rng.chance(50) { kinds::prefixed(rng) } else { kinds::bare(rng) };
            value.text = match look.template {
                "*reference" => reference(rng, &value.name),
                _ => rng.pick(PLACEHOLDERS).to_owned(),
            };
            contexts::instead(rng, &value)
        }
        "" => {
            let text = special(rng, look.name);
            fragments::around(rng, &text)
        }
        template => {
            let text = expand_with(rng, template, &mut |_, _| None);
            fragments::around(rng, &mark::plain(&text))
        }
    }
}

fn special(rng: &mut Rng, name: &str) -> String {
    match name {
        "public-key-pem" => encode::public_key(rng),
        "certificate" => encode::certificate(rng),
        "certificate-base64" => expand(rng, "certificate-authority-data: ") + &encode::certificate_base64(rng),
        "pgp-public" => mark::plain(&encode::pgp(rng, "PGP PUBLIC KEY BLOCK")),
        "pgp-signature" => mark::plain(&encode::pgp(rng, "PGP SIGNATURE")),
        _ => panic!("a look without a template: {name}"),
    }
}
