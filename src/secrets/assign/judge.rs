//! Is this value, under this name, in this place, a secret?

use std::ops::Range;

use super::ground::Ground;
use super::{short, told};
use crate::secrets::names::Weight;
use crate::secrets::value::{self, Shape};

/// A value to judge.
#[derive(Clone)]
pub(super) struct Case<'a> {
    pub(super) text: &'a str,
    pub(super) span: Range<usize>,
    pub(super) name: &'a str,
    pub(super) weight: Weight,
    pub(super) ground: Ground,
    /// A call, an index or a block follows the value.
    pub(super) call: bool,
}

/// How sure it is that this is a secret; `None` = it is not.
pub(super) fn judge(case: &Case<'_>) -> Option<f64> {
    let value = case.text.get(case.span.clone())?;
    // A literal that goes on in the next line behind a backslash.
    if value.contains('\n') {
        let whole: String =
            value.lines().map(|l| l.trim().trim_start_matches('+').trim().trim_end_matches('\\')).collect();
        return if whole.contains(['\n', ' ']) {
            None
        } else {
            judge(&Case { text: &whole, span: 0..whole.len(), ..case.clone() })
        };
    }
    if case.ground != Ground::Literal && crowded(value) {
        return None;
    }
    // References are encoded in addresses: `%24%7BTOKEN%7D`.
    if case.ground != Ground::Literal
        && let Some(plain) = decoded(value).filter(|plain| plain.len() < value.len())
    {
        let plain = plain.trim_matches(|c: char| c == '"' || c == '\\' || c.is_whitespace());
        let ground = if case.ground == Ground::Field { Ground::Cell } else { case.ground };
        if plain.starts_with('!')
            || judge(&Case { text: plain, span: 0..plain.len(), ground, ..case.clone() }).is_none()
        {
            return None;
        }
    }
    // `<your password>`, cut at its first blank.
    if value.strip_prefix('<').is_some_and(|v| v.starts_with(|c: char| c.is_alphabetic())) && case.ground == Ground::Env
    {
        return None;
    }
    let constant = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    if matches!(case.ground, Ground::Code | Ground::Line) && value.bytes().all(constant) && value.contains('_') {
        return None;
    }
    // Blocks of keys are read by their borders.
    if sealed(value, case) || value.starts_with("-----BEGIN") {
        return None;
    }
    let quoted = matches!(case.ground, Ground::Literal | Ground::Cell | Ground::Field);
    if value.len() < 4 || value.len() > 4096 || value::dummy(value) {
        return None;
    }
    // Salts of random printable characters hold every template's marks by chance.
    let soup = value.len() >= 40
        && value.bytes().filter(u8::is_ascii_punctuation).count() >= 10
        && value::entropy(value) >= 4.8
        && !value.contains("${")
        && !value.contains("{{");
    if soup
        && case.ground == Ground::Literal
        && case.weight >= Weight::Weak
        && value.bytes().any(|b| b.is_ascii_digit())
    {
        return (!value.contains("; ") && !value.contains("("))
            .then_some(0.8)
            .or_else(|| (value.bytes().filter(|b| *b == b' ').count() <= 3).then_some(0.75));
    }
    if if quoted || case.ground == Ground::Env { value::template(value) } else { value::reference(value) } {
        return None;
    }
    if named(value, case) || (!quoted && value.contains('.') && quantity(value)) {
        return None;
    }
    if short::chosen(value, case) {
        return Some(0.55);
    }
    let shape = Shape::of(value);
    if shape.spaces > 0 {
        return spaced(value, &shape, case);
    }
    if shape.foreign > 0 && shape.digits == 0 && shape.marks == 0 {
        return (case.weight == Weight::Password && quoted && beside(case)).then_some(0.55);
    }
    if case.weight == Weight::Weak && hashed(value, case) {
        return None;
    }
    // Numbers alone are limits, ports and times; a PIN would stand under a password's name.
    if shape.letters() == 0 && shape.marks == 0 {
        let told = case.weight == Weight::Password && case.ground != Ground::Code && value.len() >= 6;
        return told.then_some(0.6);
    }
    if matches!(case.ground, Ground::Code | Ground::Line | Ground::Prose) && !standing(value, &shape, case) {
        return None;
    }
    let random = value.len() >= 16 && value::speech(value.as_bytes()).0 < 4.2 && !value::wordy(value);
    if value::path_of_names(value)
        && !(random && case.weight >= Weight::Strong && !value.contains(['.', '/', ':', '?']))
    {
        return phrase(value, case);
    }
    if shape.digits == 0 && shape.marks == 0 {
        return letters(value, &shape, case).or_else(|| short::drawn(value, &shape, case).then_some(0.6));
    }
    mixed(value, &shape, case)
        .map(|confidence| if sure(value, &shape, case) { SURE } else { confidence })
        .or_else(|| short::drawn(value, &shape, case).then_some(0.6))
}

/// As sure as a structure.
const SURE: f64 = 0.9;

/// Nobody writes such a value below such a name but for a secret.
fn sure(value: &str, shape: &Shape, case: &Case<'_>) -> bool {
    let told = match case.ground {
        Ground::Literal | Ground::Env | Ground::Line | Ground::Field | Ground::Cell => true,
        Ground::Prose | Ground::Code => value.len() >= 16,
    };
    let code = |b: u8| !b.is_ascii_graphic() || b"%${}()<>[]\\\"'`".contains(&b);
    let drawn = shape.digits >= 2 && shape.letters() >= 3 && value.len() >= 12 && value::entropy(value) >= 2.8;
    let chosen = case.weight == Weight::Password && value.len() >= 8 && shape.digits > 0 && shape.letters() >= 3;
    case.weight >= Weight::Strong
        && told
        && (drawn || chosen)
        && !value.bytes().any(code)
        && !value::wordy(value)
        && !speaks(value)
}

/// More than these and it is a text of names and values, not a value.
const TIES: usize = 4;

/// Names and values follow one another inside.
pub(super) fn crowded(value: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'"');
    let tied = |w: &&[u8]| matches!(w, [b'=' | b':', next] if word(*next)) || matches!(w, [b'%', b'3']);
    value.len() > 2 * TIES && value.as_bytes().windows(2).filter(tied).nth(TIES).is_some()
}

/// A value without percent signs, when it has some.
fn decoded(value: &str) -> Option<String> {
    if !value.contains('%') {
        return None;
    }
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let hex = |b: Option<u8>| b.and_then(|b| char::from(b).to_digit(16));
        match (byte, hex(ahead.next()), hex(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8(out).ok()
}

/// Encrypted for a cluster: meant to be seen.
fn sealed(value: &str, case: &Case<'_>) -> bool {
    if value.len() < 150 || !value.starts_with("Ag") {
        return false;
    }
    let mut from = case.span.start.saturating_sub(4096).min(case.text.len());
    while !case.text.is_char_boundary(from) {
        from += 1;
    }
    case.text.get(from..case.span.start).is_some_and(|t| t.contains("encryptedData") || t.contains("SealedSecret"))
}

/// Words that values hold which speak of secrets.
pub(super) fn speaks(value: &str) -> bool {
    ["password", "passwd", "passwort", "secret", "token", "apikey", "api_key", "api-key", "credential"]
        .iter()
        .any(|w| value::within(value, w))
}

/// Digests and identifiers that a weak name may well hold.
fn hashed(value: &str, case: &Case<'_>) -> bool {
    let token = value::begins(case.name.get(case.name.len().saturating_sub(5)..).unwrap_or_default(), "token");
    value::uuid(value) || (value::digest(value) && !token && !(case.ground == Ground::Env && value.len() == 32))
}

/// The value names something: a file, a type, a version, a time, a mail address, the name itself.
fn named(value: &str, case: &Case<'_>) -> bool {
    const FILES: [&str; 34] = [
        ".txt",
        ".json",
        ".yml",
        ".yaml",
        ".pem",
        ".key",
        ".crt",
        ".cer",
        ".env",
        ".py",
        ".js",
        ".ts",
        ".go",
        ".rs",
        ".md",
        ".html",
        ".php",
        ".sh",
        ".conf",
        ".cfg",
        ".ini",
        ".xml",
        ".gpg",
        ".asc",
        ".age",
        ".kdbx",
        ".jks",
        ".p12",
        ".pfx",
        ".toml",
        ".tsx",
        ".java",
        ".properties",
        ".parquet",
    ];
    let tail =
        |t: &&str| value.len() > t.len() && value::begins(value.get(value.len() - t.len()..).unwrap_or_default(), t);
    FILES.iter().any(tail)
        || told::field(value)
        || told::typed(value)
        || told::said(value)
        || kind(value)
        || moment(value)
        || value.eq_ignore_ascii_case(case.name)
}

/// `varchar255`, `bytes32`, `uint8`, `utf8mb4`.
fn kind(value: &str) -> bool {
    const KINDS: [&str; 16] = [
        "uint", "int", "float", "bytes", "byte", "string", "str", "char", "varchar", "nvarchar", "utf", "hs", "rs",
        "es", "sha", "aes",
    ];
    let digits = value.bytes().rev().take_while(u8::is_ascii_digit).count();
    let stem = value.get(..value.len() - digits).unwrap_or_default().trim_end_matches(['-', '_', '(']);
    digits > 0 && digits < 5 && KINDS.iter().any(|k| k.eq_ignore_ascii_case(stem))
}

/// `0.687s`, `12px`, `10min`.
fn quantity(value: &str) -> bool {
    let stem = value.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    !stem.is_empty()
        && value.len() - stem.len() <= 3
        && value.len() <= 12
        && stem.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}

/// `2024-05-01T10:00:00Z`, `1.2.3`, `10.0.0.1`, `v2.0.1`.
fn moment(value: &str) -> bool {
    let rest = value.strip_prefix(['v', 'V']).unwrap_or(value);
    let letters = rest.bytes().filter(u8::is_ascii_alphabetic).count();
    rest.bytes().all(|b| b.is_ascii_digit() || b"-:.TZ+ ".contains(&b))
        && letters <= 2
        && rest.starts_with(|c: char| c.is_ascii_digit())
        && rest.contains(['.', '-', ':'])
        && rest.len() <= 32
}

/// Bare words in code are expressions: calls, fields, variables. Whether this one stands for itself.
fn standing(value: &str, shape: &Shape, case: &Case<'_>) -> bool {
    let identifier = value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    let odd = value.len() >= 16
        && value::entropy(value) >= 3.2
        && (shape.digits >= 3 || shape.digits >= 1 && value::jumpy(value))
        && !value::wordy(value);
    let line = case.ground == Ground::Line;
    if short::drawn(value, shape, case) {
        return !case.call;
    }
    if case.ground == Ground::Prose && (shape.digits == 0 || value.len() < 6) {
        return case.weight == Weight::Password && strung(value);
    }
    if odd {
        return !case.call;
    }
    if case.call || (value::path_of_names(value) && !line) {
        return false;
    }
    if line && case.weight == Weight::Password {
        // A settings file, unless it is a field of a record: a type, a call, a path.
        let humps = shape.upper >= 2 && shape.lower >= 2 && value::speech(value.as_bytes()).0 < 4.2;
        let camel = capitals(value) >= 4 && value.len() >= 16 && !speaks(value);
        let phrase = value.split(['_', '-', '.']).filter(|w| w.len() >= 4 && value::wordy(w)).count() >= 4;
        return shape.digits > 0 || !identifier || (humps && value.len() >= 10) || phrase || camel || beside(case);
    }
    let letters = shape.digits == 0 && shape.marks == 0 && value.len() >= 16 && value::jumpy(value);
    if line && case.weight == Weight::Strong && letters && value::speech(value.as_bytes()).0 < 4.2 {
        return true;
    }
    if line && case.weight == Weight::Strong && value.len() >= 8 && shape.digits > 0 {
        return value::entropy(value) >= 2.8 && !value::wordy(value) && !value.contains('.');
    }
    if case.ground == Ground::Prose && case.weight == Weight::Password {
        return shape.digits > 0 && shape.letters() > 0 && !value.contains(['(', '=', '/']);
    }
    !identifier && !speaks(value)
}

/// Four lower-case words or more, strung together: `fossil.topaz.candle.lemon`.
fn strung(value: &str) -> bool {
    let mut parts = value.split(['.', '-', '_']);
    value.len() >= 16
        && value.split(['.', '-', '_']).count() >= 4
        && parts.all(|w| w.len() >= 3 && w.bytes().all(|b| b.is_ascii_lowercase()))
}

/// Words that begin with a capital: `SpringBridgeCoffeeWinter`.
fn capitals(value: &str) -> usize {
    let letters = value.bytes().all(|b| b.is_ascii_alphabetic());
    let rows = value.as_bytes().windows(2);
    let starts = rows.filter(|w| matches!(w, [a, b] if a.is_ascii_uppercase() && b.is_ascii_lowercase())).count();
    if letters { starts } else { 0 }
}

/// Another setting of an account stands on a line nearby: a user, a host, a mail address.
pub(super) fn beside(case: &Case<'_>) -> bool {
    const NEIGHBOURS: [&str; 10] =
        ["user", "username", "login", "email", "host", "hostname", "uid", "account", "database", "usr"];
    let mut from = case.span.start.saturating_sub(240);
    while !case.text.is_char_boundary(from) {
        from += 1;
    }
    let mut to = (case.span.end + 160).min(case.text.len());
    while !case.text.is_char_boundary(to) {
        to -= 1;
    }
    let around = case.text.get(from..to).unwrap_or_default();
    around.split(['\n', ',', '{', ';', '&']).any(|line| {
        let line = line.trim_start_matches(['+', '-', ' ', '\t', '"', '\'', '\\']);
        let end = line.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-')).count();
        let name = line.get(..end).unwrap_or_default();
        let last = name.rsplit(['_', '.', '-']).next().unwrap_or_default();
        let value = line.get(end..).unwrap_or_default().trim_start_matches(['"', '\'', '\\', ' ']);
        // `host mail.example.org`, as servers' own settings have it.
        let spaced = line.as_bytes().get(end) == Some(&b' ') && !value.contains(' ');
        let value = value.strip_prefix([':', '=']).unwrap_or(if spaced { value } else { "" });
        let value = value.trim_start_matches([' ', '=', '>', '"', '\'', '\\']);
        // A literal, not a type or a call: `user: ann`, not `user: User,` or `user: String`.
        NEIGHBOURS.iter().any(|n| n.eq_ignore_ascii_case(last) || name.eq_ignore_ascii_case(n))
            && value.len() >= 2
            && !value.contains(['(', '<', '['])
            && !value.starts_with(|c: char| c.is_ascii_uppercase())
            && !value::dummy(value.trim_end_matches(['"', '\'', ' ', '\r', '\\']))
            || (n_user(name) && value.starts_with(|c: char| c.is_ascii_lowercase()) && value.len() >= 2 && plain(value))
    })
}

fn n_user(name: &str) -> bool {
    ["user", "username", "login"]
        .iter()
        .any(|n| n.eq_ignore_ascii_case(name.rsplit(['_', '.', '-']).next().unwrap_or_default()))
}

/// `admin`, `root`: known users, but literals.
fn plain(value: &str) -> bool {
    let value = value.trim_end_matches(['"', '\'', ' ', '\r', '\\']);
    ["admin", "root", "postgres", "guest", "test", "mysql"].contains(&value)
}

/// Words with separators: `correct-horse-battery-staple`, but no path, key of a catalogue or class of a style.
fn phrase(value: &str, case: &Case<'_>) -> Option<f64> {
    if case.weight != Weight::Password || speaks(value) || value.contains(['/', ':', '?']) {
        return None;
    }
    // Words of catalogues, of code, and of what stands in for a password.
    const CODE: &str = "auth form forms error errors label labels message messages title user users settings page pages common \
        validation required field fields input login account placeholder text config data value values state props env process \
        self this db service http https www com org net index name type from keyring vault file stdin prompt none default change \
        replace insert your here todo sample test keychain env secretmanager manager store";
    if value.split(['-', '_', '.']).any(|w| CODE.split_ascii_whitespace().any(|c| c.eq_ignore_ascii_case(w))) {
        return None;
    }
    if value.contains('.') {
        let words = value.split('.').filter(|w| w.len() >= 3 && w.bytes().all(|b| b.is_ascii_lowercase())).count();
        return (words >= 4 && case.ground != Ground::Code && value.split('.').count() == words).then_some(0.6);
    }
    let words = value.split(['-', '_']).filter(|w| w.len() >= 3).count();
    let least = match case.ground {
        Ground::Env => 2,
        Ground::Literal | Ground::Line | Ground::Field | Ground::Cell if beside(case) => 2,
        Ground::Literal | Ground::Field | Ground::Cell | Ground::Line => 4,
        Ground::Prose if strung(value) => 4,
        Ground::Prose | Ground::Code => return None,
    };
    (words >= least && value.len() >= 12).then_some(0.6)
}

/// Letters alone: a label or a word, unless humps, length or the company speak against it.
fn letters(value: &str, shape: &Shape, case: &Case<'_>) -> Option<f64> {
    let humps = value.chars().skip(1).any(|c| c.is_ascii_uppercase()) && shape.lower > 0;
    let least = if case.weight == Weight::Password && humps && shape.upper >= 2 { 10 } else { 16 };
    let random = value.len() >= least && value::speech(value.as_bytes()).0 < 4.2 && value::entropy(value) >= 3.0;
    if random && case.weight > Weight::Weak && case.ground != Ground::Code {
        return Some(0.7);
    }
    match case.weight {
        Weight::Password if speaks(value) => None,
        Weight::Password if case.ground == Ground::Line && capitals(value) >= 4 => Some(0.55),
        Weight::Password if case.ground == Ground::Env && value.len() >= 6 => Some(0.6),
        Weight::Password
            if case.ground == Ground::Literal
                && value.len() >= 9
                && (humps || shape.upper == 0)
                && value::entropy(value) >= 2.5 =>
        {
            Some(0.55)
        }
        Weight::Password if case.ground == Ground::Field && value.len() >= 6 => Some(0.55),
        Weight::Password
            if !matches!(case.ground, Ground::Code | Ground::Prose) && value.len() >= 5 && beside(case) =>
        {
            Some(0.55)
        }
        Weight::Weak
            if value.len() >= 20 && random && matches!(case.ground, Ground::Literal | Ground::Cell | Ground::Env) =>
        {
            Some(0.65)
        }
        Weight::Strong if value.len() >= 20 && humps && value::entropy(value) >= 3.6 && !value::wordy(value) => {
            Some(0.7)
        }
        _ => None,
    }
}

/// Blanks in it: a passphrase in quotes, or keys of random bytes with every mark there is.
fn spaced(value: &str, shape: &Shape, case: &Case<'_>) -> Option<f64> {
    if !matches!(case.ground, Ground::Literal | Ground::Cell) || speaks(value) {
        return None;
    }
    if case.weight >= Weight::Strong && value.len() >= 32 && shape.marks >= 6 && shape.digits >= 2 && shape.spaces <= 6
    {
        return (value::entropy(value) >= 4.5).then_some(0.8);
    }
    if value.contains('\n') || case.weight != Weight::Password {
        return None;
    }
    const PROSE: &str = "the a an is your you please must enter for to with of and or be should this that it in on at not no \
        least characters character login forgot forgotten confirm field required change reset new old current show hide \
        repeat again email user username invalid wrong incorrect contain contains match matches bitte ihr ihre der die das \
        und el la los las su de du le les votre mot passe usted il seu sua при ваш";
    let words: Vec<&str> = value.split(' ').filter(|w| !w.is_empty()).collect();
    let sentence = words.iter().any(|w| {
        let bare = w.trim_matches(|c: char| !c.is_alphanumeric());
        PROSE.split_ascii_whitespace().any(|p| p.eq_ignore_ascii_case(bare))
    });
    if sentence || words.len() > 8 || value.ends_with(['.', ':', '…', '?']) || value.contains(['=', '(', '<']) {
        return None;
    }
    let phrase = words.len() >= 4 && value.bytes().all(|b| b.is_ascii_lowercase() || b == b' ');
    let chosen = shape.digits > 0 && value.len() >= 8 && words.iter().all(|w| w.len() <= 16);
    (phrase || (chosen && (shape.marks > 0 || words.len() >= 2 && shape.digits >= 2))).then_some(0.6)
}

/// A word with a mark behind it, as forms show it: `Passwort:`, `Required*`.
fn titled(value: &str) -> bool {
    let stem = value.trim_end_matches(|c: char| !c.is_alphanumeric());
    let mark = value.get(stem.len()..).unwrap_or_default();
    let word = stem.chars().all(char::is_alphabetic) && !stem.chars().skip(1).any(char::is_uppercase);
    word && value::speech(stem.as_bytes()).0 >= 4.0
        && (mark.contains([':', '*', '?', '.']) || stem.starts_with(char::is_uppercase))
}

/// A part of a phrase that is no word: `kbbYM4sY`.
fn drawn(part: &str) -> bool {
    let shape = Shape::of(part);
    part.len() >= 6 && shape.digits > 0 && shape.lower > 0 && shape.upper > 0 && !value::wordy(part)
}

/// In quotes, and no code.
fn quoted(value: &str, case: &Case<'_>) -> bool {
    case.ground == Ground::Literal && !value.contains(['(', ')', '{', '<', ';', ' ', '=', '/'])
}

/// Digits or marks among letters.
fn mixed(value: &str, shape: &Shape, case: &Case<'_>) -> Option<f64> {
    let entropy = value::entropy(value);
    let odd = value.bytes().filter(|b| b.is_ascii_punctuation() && !b"-_./:".contains(b)).count();
    let label = shape.digits == 0 && titled(value);
    let grown = value.len() >= 24 && !value::wordy(value) && shape.digits > 0;
    if speaks(value) && !grown && (shape.digits < 3 && case.weight != Weight::Password || label || value.contains('/'))
    {
        return None;
    }
    match case.weight {
        Weight::Password => {
            let selector = label || (value.starts_with(['#', '.']) && odd <= 1 && value::wordy(value));
            let path = value.matches('/').count() >= 2 && value::wordy(value);
            let least = if shape.marks > 0 && shape.digits > 0 { 4 } else { 5 };
            (value.len() >= least && !path && (!selector || beside(case))).then_some(0.8)
        }
        Weight::Strong => {
            let wordy = value::wordy(value) && odd == 0 && !value.split(['-', '_', '.']).any(drawn);
            let ordinary = value.len() >= 8 && shape.letters() > 0 && shape.digits > 0 && entropy >= 2.5;
            let long = value.len() >= 16 && entropy >= 3.3 && shape.lower > 0 && shape.upper > 0;
            if wordy || value.matches('/').count() >= 2 && value::wordy(value) {
                return None;
            }
            if value.len() < 12 && shape.digits < 2 && odd == 0 {
                return None;
            }
            if ordinary { Some(0.8) } else { long.then_some(0.7) }
        }
        // A path in a store: `uploads/9f16…/wonder.png`.
        Weight::Weak if value.split('/').any(|s| s.len() >= 4 && value.contains('/') && value::wordy(s)) => None,
        Weight::Weak => {
            let drawn = shape.digits >= 2 || (value.len() >= 20 && shape.digits > 0 && value::jumpy(value));
            let long = value.len() >= 16 && value::random(value) && entropy >= 3.0 && drawn;
            let every = shape.lower > 0 && shape.upper > 0 && shape.digits >= 2 && odd > 0;
            let chosen = every && value.len() >= 10 && odd <= 4 && matches!(case.ground, Ground::Literal | Ground::Env);
            ((long && !value::wordy(value) && (odd <= 4 || odd <= 8 && quoted(value, case))
                || chosen && !value.contains(['(', '<', '=']))
                && !value.contains("://"))
            .then_some(0.65)
        }
    }
}
