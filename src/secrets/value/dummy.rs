//! Values that everybody knows, or that only say what belongs there.

use super::marks::Marks;
use crate::secrets::names::set::{Packed, Set, count};

/// Values that stand for a password in documents, tests and compose files.
const DUMMIES: &str = "
    password passwd pass passwort pwd secret token changeme changeit change example root admin guest user
    username postgres mysql redis rabbitmq test testing tests foo bar baz foobar string str none null nil
    undefined true false yes no empty hidden masked redacted required optional default unknown invalid missing
    expired bearer basic digest plain plaintext text value key apikey api_key credential credentials auth
    authorization keyring keychain vault file prompt ask env environment inherit object number boolean bool int
    any dummy fake sample placeholder todo tbd xxx abc abc123 123456 12345678 123456789 1234567890
    enabled disabled readonly write read private public function static const return
    sha256 sha512 md5 bcrypt argon2 argon2id scrypt pbkdf2 hs256 rs256 es256 oauth2 base64 utf8 utf-8 ascii
    p4ssw0rd? parole clave contraseña contrasena senha kennwort wachtwoord motdepasse hasło haslo lösenord
    losenord adgangskode salasana heslo jelszó jelszo parola şifre sifre пароль 密码 密碼 パスワード 비밀번호 passphrase
    passcode secrets tokens mypassword mysecret mytoken mykey my-secret my-token my-password my_secret
    my_password my_token password1 password123 secret123 pass123 test123 testtest testpass testpassword
    testsecret testtoken test-token test-secret test-password test_token test_secret test_password test-key
    test_key testkey somepassword somesecret sometoken some-token some-secret some_token yourpassword yoursecret
    yourtoken insert enter never always auto automatic generated generate random same n/a na unset not-set
    notset hunter2 asdf asdfasdf supersecret super-secret super_secret topsecret top-secret
    s3cret s3cr3t p@ssw0rd p@ssword passw0rd pa55word pa55w0rd valid-token invalid-token invalid_token bad-token
    expired-token fixme tba fake-token faketoken fake-key dummy-key dummy-token mock-token mocktoken mock-key access-token
    access_token refresh_token refresh-token id_token api-key client_secret client-secret bearer-token
    session-token session-id sessionid email login name hello world helloworld blank verbose debug info warn
    error
";

/// Passwords of letters alone that people choose more often than others: below a password's name they are one.
const FAVOURITES: &str = "
    letmein sunshine football baseball basketball softball hockey soccer princess monkey dragon iloveyou qwerty
    qwertz qwertyuiop azerty azertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx welcome superman batman spiderman
    pokemon starwars shadow killer trustno summer winter autumn sommer herbst fruhling jennifer michelle jessica
    ashley charlie matthew joshua maggie buster ginger pepper cookie cheese chocolate banana flower butterfly angel
    lovely loveme bailey tigger mustang ferrari porsche mercedes harley corvette yamaha ranger tiger lion eagle
    eagles cowboys yankees lakers arsenal chelsea liverpool barcelona juventus schalke freedom whatever biteme
    samsung abcdefg abcdefgh abcdef lovers family friends forever babygirl babyboy sweetheart schatz schatzi hallo
    geheim sonnenschein motherlode opensesame ninja matrix phoenix thunder lightning diamond crystal jasmine nikita
    natasha snoopy garfield mickey minnie donald gandalf frodo merlin wizard letmeinnow iamgod blink metallica
    slipknot nirvana rocknroll
";

/// Pieces that only documents put inside a token.
static MARKS: Marks<35> = Marks::new([
    "example",
    "xxxxxx",
    "placeholder",
    "changeme",
    "change-me",
    "change_me",
    "dummy",
    "redacted",
    "insert-",
    "insert_",
    "replace-",
    "replace_",
    "replaceme",
    "...",
    "…",
    "****",
    "${",
    "{{",
    "your-",
    "your_",
    "yourkey",
    "yourapi",
    "yourtoken",
    "yoursecret",
    "yourpassword",
    "-your",
    "_your",
    "0000000000",
    "1234567890",
    "abcdefghij",
    "sflkxwrjsmekkf2qt4fwpmejf36pok6yjv",
    "foobar",
    "deadbeefdeadbeef",
    "-here",
    "_here",
]);

/// Whether `part` is in `value`, in any ASCII case; `part` is in lower case.
pub(in crate::secrets) fn within(value: &str, part: &str) -> bool {
    let (value, part) = (value.as_bytes(), part.as_bytes());
    let Some(first) = part.first() else { return true };
    value
        .windows(part.len())
        .any(|w| w.first().is_some_and(|b| b.eq_ignore_ascii_case(first)) && w.eq_ignore_ascii_case(part))
}

/// Whether `value` begins with `part`, in any ASCII case.
pub(in crate::secrets) fn begins(value: &str, part: &str) -> bool {
    value.as_bytes().get(..part.len()).is_some_and(|v| v.eq_ignore_ascii_case(part.as_bytes()))
}

/// A documentation example: what no real token contains.
pub(in crate::secrets) fn example(value: &str) -> bool {
    MARKS.within(value) || (value.starts_with('<') && value.ends_with('>')) || begins(value, "todo")
}

/// A value that everybody knows or that only says what belongs there.
pub(in crate::secrets) fn dummy(value: &str) -> bool {
    let bare = value.trim_matches(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric());
    known(bare) || example(value) || one_letter(value) || !value.chars().any(char::is_alphanumeric)
}

/// A word for a password, a type, a state, a well-known default.
fn known(bare: &str) -> bool {
    static SET: Set<{ count(DUMMIES) }> = Set::new(DUMMIES);
    SET.has(Packed::of(bare.as_bytes())) || bare.eq_ignore_ascii_case("correcthorsebatterystaple")
}

/// A password of letters alone that many people choose.
pub(in crate::secrets) fn favourite(value: &str) -> bool {
    static SET: Set<{ count(FAVOURITES) }> = Set::new(FAVOURITES);
    value.bytes().all(|b| b.is_ascii_lowercase()) && SET.has(Packed::of(value.as_bytes()))
}

fn one_letter(value: &str) -> bool {
    let mut bytes = value.bytes();
    bytes.next().is_none_or(|first| bytes.all(|b| b == first))
}
