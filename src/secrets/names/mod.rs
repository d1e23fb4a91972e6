//! Names that say "what is assigned to me is a secret": for vendors nobody has listed.

mod lexicon;
pub(super) mod set;
mod words;

pub(super) use lexicon::KEYS;

use lexicon::{ABOUT, HARMLESS, IDLE, NEUTRAL, OWNERS, PASSES, PASSWORDS, SECRET_KEYS, TOGETHER, WEAK};
use set::{Packed, Set, count};
use words::{MOST, Words, ends, stem};

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

static ABOUT_SET: Set<{ count(ABOUT) }> = Set::new(ABOUT);
static HARMLESS_SET: Set<{ count(HARMLESS) }> = Set::new(HARMLESS);
static IDLE_SET: Set<{ count(IDLE) }> = Set::new(IDLE);
static NEUTRAL_SET: Set<{ count(NEUTRAL) }> = Set::new(NEUTRAL);
static OWNER_SET: Set<{ count(OWNERS) }> = Set::new(OWNERS);
static PASS_SET: Set<{ count(PASSES) }> = Set::new(PASSES);
static KEY_SET: Set<{ count(SECRET_KEYS) }> = Set::new(SECRET_KEYS);
static WEAK_SET: Set<{ count(WEAK) }> = Set::new(WEAK);

/// Longest name that is read, in bytes.
const LONGEST: usize = 128;

/// A word both as it stands and without the digits at its end.
#[derive(Clone, Copy, Default)]
struct Word<'a> {
    text: &'a [u8],
    whole: Packed,
    stem: Packed,
}

impl<'a> Word<'a> {
    fn of(word: &'a [u8]) -> Self {
        let text = stem(word);
        Self { text, whole: Packed::of(word), stem: Packed::of(text) }
    }

    fn within<const N: usize>(self, set: &Set<N>) -> bool {
        set.has(self.stem) || (self.whole != self.stem && set.has(self.whole))
    }

    fn is(self, word: &str) -> bool {
        self.text.eq_ignore_ascii_case(word.as_bytes())
    }

    fn ends(self, tails: &[&str]) -> bool {
        tails.iter().any(|t| ends(self.text, t))
    }

    /// Only a number, or what says no more than a number.
    fn neutral(self) -> bool {
        self.text.iter().all(u8::is_ascii_digit) || self.within(&NEUTRAL_SET)
    }
}

/// What `name` says of the value assigned to it; `None` = nothing.
pub(super) fn weigh(name: &str) -> Option<Weight> {
    if name.len() > LONGEST {
        return None;
    }
    // Scripts without words of their own: `数据库密码`.
    if !name.is_ascii() && PASSWORDS.iter().any(|p| !p.is_ascii() && name.ends_with(p)) {
        return Some(Weight::Password);
    }
    let split = Words::of(name.as_bytes())?;
    let mut words = [Word::default(); MOST];
    let mut count = 0;
    for (slot, word) in words.iter_mut().zip(split.all()) {
        *slot = Word::of(word);
        count += 1;
    }
    let mut words = words.get(..count)?;
    if words.iter().any(|w| w.within(&HARMLESS_SET)) {
        return None;
    }
    // `API_KEY_PROD_2` speaks of `API_KEY`, but `seed` and `data` may stand alone.
    while let [before @ .., last] = words
        && !before.is_empty()
        && last.neutral()
    {
        words = before;
    }
    let (last, before) = words.split_last()?;
    let previous = before.last();
    if last.within(&ABOUT_SET) {
        return about(*last, before);
    }
    if last.ends(PASSWORDS) || (last.is("passe") && previous.is_some_and(|p| p.is("de"))) {
        return Some(Weight::Password);
    }
    // `redis_auth`: Redis calls its password so.
    if last.is("auth") && previous.is_some_and(|p| p.is("redis") || p.is("sentinel")) {
        return Some(Weight::Password);
    }
    if last.within(&PASS_SET) {
        let owned = !last.is("pass") || previous.is_none_or(|p| p.within(&OWNER_SET));
        return Some(if owned { Weight::Password } else { Weight::Strong });
    }
    // `PASSWORD_DB`, `SECRET_STRIPE`: the telling word stands first.
    if before.iter().any(|w| w.ends(PASSWORDS)) {
        return Some(Weight::Strong);
    }
    let paged =
        || words.iter().any(|w| w.is("page")) && words.iter().any(|w| w.is("next") || w.is("previous") || w.is("prev"));
    if !last.is("salt") && (words.iter().any(|w| w.within(&IDLE_SET)) || paged()) {
        return None;
    }
    if last.ends(TOGETHER) {
        return Some(Weight::Strong);
    }
    if last.is("key") || last.is("keys") {
        return Some(if previous.is_some_and(|b| b.within(&KEY_SET) || ends(b.text, "api")) {
            Weight::Strong
        } else {
            Weight::Weak
        });
    }
    if last.is("token") && previous.is_some() {
        return Some(Weight::Strong);
    }
    if last.within(&WEAK_SET) {
        return Some(Weight::Weak);
    }
    if ends(last.text, "token") {
        return Some(Weight::Strong);
    }
    let telling = |w: &Word| w.is("secret") || w.is("token") || w.is("credential") || w.is("credentials");
    (before.iter().any(telling) || ends(last.text, "key") || ends(last.text, "salt")).then_some(Weight::Weak)
}

/// `session_id` and Vault's `secret_id` are what a thief would use; other ids and names speak of secrets only.
fn about(last: Word<'_>, before: &[Word<'_>]) -> Option<Weight> {
    let (id, previous) = (last.is("id"), before.last()?);
    (id && (previous.is("session") || previous.is("secret"))).then_some(Weight::Weak)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_passwords_are_known_in_many_languages_and_spellings() {
        for name in [
            "DB_PASSWORD",
            "pgpassword",
            "smtpPass",
            "spring.datasource.password",
            "PWD",
            "password2",
            "contraseña",
            "mot_de_passe",
            "senha",
            "пароль",
            "数据库密码",
            "パスワード",
            "비밀번호",
            "hasło",
            "wachtwoord",
            "lösenord",
            "MYSQL_ROOT_PASSWORD",
            "db-pw",
            "requirepass",
            "DB_PASSWORD_PROD",
            "new_password_confirmation",
            "_password",
            "ansible_become_pass",
            "userPassphrase",
            "CACHE_PASSWORD",
            "passwort",
        ] {
            assert_eq!(weigh(name), Some(Weight::Password), "{name}");
        }
    }

    #[test]
    fn names_of_keys_and_tokens_are_strong() {
        for name in [
            "apiKey",
            "API_KEY",
            "client_secret",
            "x-api-key",
            "AccessToken",
            "authtoken",
            "stripeSecretKey",
            "NEXTAUTH_SECRET",
            "secret_key_base",
            "AWS_SECRET_ACCESS_KEY",
            "API_KEY_V2",
            "presharedKey",
            "APP_KEY",
            "SECURE_AUTH_KEY",
            "github_token_2",
            "OPENAI_API_KEY",
            "vapidPrivateKey",
            "PASSWORD_DB",
        ] {
            assert_eq!(weigh(name), Some(Weight::Strong), "{name}");
        }
    }

    #[test]
    fn names_that_could_mean_anything_are_weak() {
        for name in ["token", "key", "ACME_KEY", "auth", "salt", "session_id", "SECRET_STRIPE", "userKey", "secret_id"]
        {
            assert_eq!(weigh(name), Some(Weight::Weak), "{name}");
        }
    }

    #[test]
    fn names_about_secrets_say_nothing() {
        for name in [
            "max_tokens",
            "token_type",
            "publicKey",
            "password_hash",
            "secret_name",
            "author",
            "passed",
            "tokenizer",
            "tokenUrl",
            "next_page_token",
            "PasswordField",
            "keyboard",
            "passport",
            "NEXT_PUBLIC_TOKEN",
            "csrf_token",
            "cacheKey",
            "password_policy",
            "token_count",
            "keyword",
            "api_key_id",
            "key_path",
            "",
        ] {
            assert_eq!(weigh(name), None, "{name}");
        }
    }
}
