//! The small language kinds and contexts are written in, so that no whole token stands in the repository.
//!
//! `‹a36›` draws 36 letters and digits (the letters stand in [`alphabet`]), `‹a20-40›` between 20 and 40, `‹word›` and
//! its kin draw what their name says. `«` and `»` enclose a secret, `¦` ends its public prefix, `⟨` and `⟩` enclose
//! glue within a secret.

use crate::set::draw::{PEOPLE, Rng, WORDS, alphabet};
use crate::set::mark::{CLOSE, GAP, OPEN, PAG, PUBLIC};
use crate::set::{passwords, sums};
use base64::Engine;

/// Draws a text from a template.
pub fn expand(rng: &mut Rng, template: &str) -> String {
    expand_with(rng, template, &mut |_, _| None)
}

/// Draws a text from a template; `own` answers for names of its own first.
pub fn expand_with(rng: &mut Rng, template: &str, own: &mut dyn FnMut(&mut Rng, &str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template.chars();
    while let Some(c) = rest.next() {
        match c {
            '«' => out.push(OPEN),
            '»' => out.push(CLOSE),
            '¦' => out.push(PUBLIC),
            '⟨' => out.push(GAP),
            '⟩' => out.push(PAG),
            '‹' => {
                let name: String = rest.by_ref().take_while(|c| *c != '›').collect();
                let value = own(rng, &name).unwrap_or_else(|| draw(rng, &name));
                out.push_str(&value);
            }
            c => out.push(c),
        }
    }
    out
}

fn standard(rng: &mut Rng, n: usize) -> String {
    base64::engine::general_purpose::STANDARD.encode(rng.bytes(n))
}

fn url_safe(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Draws what one name stands for. An unknown name is a mistake in a table.
pub fn draw(rng: &mut Rng, name: &str) -> String {
    let mut letters = name.chars();
    if let Some(first) = letters.next()
        && let Some(letters_of) = alphabet(first)
        && letters.as_str().starts_with(|c: char| c.is_ascii_digit())
        && letters.as_str().chars().all(|c| c.is_ascii_digit() || c == '-')
    {
        let mut ends = letters.as_str().split('-').map(|n| n.parse::<usize>().unwrap_or(1));
        let low = ends.next().unwrap_or(1);
        let n = rng.between(low, ends.next().unwrap_or(low));
        return rng.chars(letters_of, n);
    }
    let (name, argument) = name.split_once(':').unwrap_or((name, ""));
    let n = argument.parse::<usize>().unwrap_or(0);
    match name {
        "g" => {
            let mut text = rng.chars("0123456789abcdef", 36).into_bytes();
            for at in [8, 13, 18, 23] {
                text[at] = b'-';
            }
            text[14] = b'4';
            text[19] = b"89ab"[rng.below(4)];
            String::from_utf8_lossy(&text).into_owned()
        }
        "word" => rng.pick(WORDS).to_owned(),
        "Word" => capital(rng.pick(WORDS)),
        "person" => rng.pick(PEOPLE).to_owned(),
        "Person" => capital(rng.pick(PEOPLE)),
        "host" => {
            let kind = rng.pick(&["db", "api", "cache", "mail", "build", "vpn", "git", "queue", "app", "search"]);
            let top =
                rng.pick(&["example.com", "internal", "corp.local", "svc.cluster.local", "acme.io", "example.org"]);
            format!("{kind}-{}.{}.{top}", rng.between(1, 9), rng.pick(WORDS))
        }
        "domain" => format!("{}.{}", rng.pick(WORDS), rng.pick(&["com", "io", "dev", "example.org", "de", "net"])),
        "ip" => format!("10.{}.{}.{}", rng.below(256), rng.below(256), rng.between(1, 254)),
        "port" => rng.pick(&["5432", "3306", "6379", "8080", "27017", "5672", "9200", "8443", "1433"]).to_owned(),
        "db" => rng.pick(&["orders", "billing", "app", "users", "analytics", "inventory", "shop"]).to_owned(),
        "env" => rng.pick(&["prod", "staging", "dev", "test", "qa", "live"]).to_owned(),
        "user" => rng.pick(&["admin", "root", "app", "svc", "deploy", "postgres", "readonly", "etl"]).to_owned(),
        "num" => rng.between(1, 9999).to_string(),
        "small" => rng.between(1, 99).to_string(),
        "day" => format!("202{}-{:02}-{:02}", rng.between(3, 6), rng.between(1, 12), rng.between(1, 28)),
        "clock" => format!("{:02}:{:02}:{:02}", rng.below(24), rng.below(60), rng.below(60)),
        "app" => format!("{}-{}", rng.pick(WORDS), rng.pick(&["api", "web", "worker", "service", "backend", "cli"])),
        "mail" => format!("{}.{}@{}.com", rng.pick(PEOPLE), rng.pick(WORDS), rng.pick(WORDS)),
        "file" => format!(
            "{}/{}.{}",
            rng.pick(&["src", "lib", "pkg/app", "internal", "services/api", "web/components"]),
            rng.pick(WORDS),
            rng.pick(&["rs", "go", "ts", "py", "java", "rb", "yml", "php"])
        ),
        "region" => rng.pick(&["us-east-1", "eu-west-1", "eu-central-1", "ap-south-1", "us-west-2"]).to_owned(),
        "pass" => passwords::plain(rng),
        "any" => passwords::any(rng),
        "crc" => sums::checked(rng, n),
        "routable" => sums::routable(rng, argument),
        "b64" => standard(rng, n),
        "b64pct" => standard(rng, n).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"),
        "u64" => {
            let bytes = rng.bytes(n);
            url_safe(&bytes)
        }
        "jwt" => jwt(rng),
        "jwthead" => url_safe(b"{\"alg\":\"HS256\",\"typ\":\"JWT\"}"),
        "glsa" => {
            let body = rng.chars(alphabet('a').unwrap_or("a"), 32);
            format!("{body}_{:08x}", sums::crc32(body.as_bytes()))
        }
        "b64of" => {
            let inner = draw_all(rng, argument);
            base64::engine::general_purpose::STANDARD.encode(inner)
        }
        "bech" => {
            let bytes = rng.bytes(32);
            sums::bech32(argument, &bytes)
        }
        "BECH" => {
            let bytes = rng.bytes(32);
            sums::bech32(&argument.to_lowercase(), &bytes).to_uppercase()
        }
        "wif" => {
            let mut bytes = vec![0x80];
            bytes.extend(rng.bytes(32));
            if rng.chance(70) {
                bytes.push(1);
            }
            sums::base58check(&bytes)
        }
        "xprv" => {
            let mut bytes = vec![0x04, 0x88, 0xad, 0xe4, 3];
            bytes.extend(rng.bytes(40));
            bytes.push(0);
            bytes.extend(rng.bytes(32));
            sums::base58check(&bytes)
        }
        "b58" => {
            let bytes = rng.bytes(n);
            sums::base58(&bytes)
        }
        "seed" => seed_phrase(rng, n),
        "card" => {
            let (head, n) = [("4", 16), ("51", 16), ("55", 16), ("37", 15), ("6011", 16)][rng.below(5)];
            sums::card(rng, head, n)
        }
        _ => panic!("a table uses an unknown name: {name}"),
    }
}

/// Draws the pieces of an argument that are joined with `;` (`a20;.;h8`); what is no name stands for itself.
fn draw_all(rng: &mut Rng, argument: &str) -> String {
    argument
        .split(';')
        .map(|piece| match piece.chars().next().and_then(alphabet) {
            Some(_) if piece[1..].chars().all(|c| c.is_ascii_digit()) && piece.len() > 1 => draw(rng, piece),
            _ => piece.to_owned(),
        })
        .collect()
}

/// Begins a word with a capital letter.
pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A token whose parts decode as RFC 7519 says.
pub fn jwt(rng: &mut Rng) -> String {
    let (head, n) = [
        ("{\"alg\":\"HS256\",\"typ\":\"JWT\"}", 32),
        ("{\"typ\":\"JWT\",\"alg\":\"HS512\"}", 64),
        ("{\"alg\":\"RS256\",\"kid\":\"2f\",\"typ\":\"JWT\"}", 256),
        ("{\"alg\":\"ES256\",\"typ\":\"JWT\"}", 64),
        ("{\"alg\":\"EdDSA\"}", 64),
    ][rng.below(5)];
    let body = format!(
        "{{\"sub\":\"{}\",\"iss\":\"https://{}\",\"iat\":17{},\"exp\":18{},\"scope\":\"read write\"}}",
        rng.between(1000, 99_999_999),
        draw(rng, "host"),
        rng.between(10_000_000, 99_999_999),
        rng.between(10_000_000, 99_999_999)
    );
    let signature = rng.bytes(n);
    format!("{}.{}.{}", url_safe(head.as_bytes()), url_safe(body.as_bytes()), url_safe(&signature))
}

/// Words of the public list of BIP 39 (a part of it, so that every phrase looks like one).
fn seed_phrase(rng: &mut Rng, n: usize) -> String {
    const LIST: &[&str] = &[
        "abandon", "ability", "absorb", "acoustic", "adjust", "album", "alcohol", "amateur", "anchor", "announce",
        "apple", "arctic", "armor", "attract", "awkward", "balance", "bamboo", "banner", "beauty", "blanket",
        "blossom", "bounce", "bracket", "bronze", "bubble", "cabbage", "canvas", "carbon", "cattle", "cereal",
        "chapter", "cherry", "citizen", "clever", "cluster", "coconut", "copper", "cousin", "cradle", "crunch",
        "damage", "decline", "deputy", "diesel", "donkey", "dragon", "eager", "elbow", "embrace", "enforce", "erosion",
        "evoke", "exotic", "fabric", "festival", "filter", "fossil", "frozen", "gadget", "garlic", "genius", "giggle",
        "glimpse", "gospel", "gravity", "hamster", "hidden", "hockey", "hundred", "illegal", "impulse", "inspire",
        "isolate", "jaguar", "jungle", "kidney", "kitchen", "ladder", "lawsuit", "lizard", "lobster", "lunar",
        "mammal", "maximum", "mimic", "mosquito", "muffin", "mystery", "napkin", "neutral", "nominee", "obscure",
        "october", "olympic", "orbit", "ostrich", "oxygen", "panther", "peasant", "pigeon", "pioneer", "pottery",
        "pulse", "puzzle", "quantum", "rabbit", "recycle", "ribbon", "salmon", "saddle", "scatter", "shrimp", "siren",
        "skull", "spatial", "sphere", "squirrel", "sunset", "surge", "symptom", "tackle", "tattoo", "thunder",
        "tornado", "trophy", "tunnel", "unfold", "upgrade", "vacuum", "velvet", "vintage", "voyage", "walnut",
        "whisper", "wrestle", "yellow", "zebra",
    ];
    (0..n).map(|_| rng.pick(LIST)).collect::<Vec<_>>().join(" ")
}

/// The words a value is called by, written in the style of its surroundings.
#[derive(Clone, Debug)]
pub struct Name(pub Vec<String>);

impl Name {
    /// Takes one of the names of a kind (separated by commas), sometimes with a project's or a stage's word before it.
    pub fn choose(rng: &mut Rng, names: &str) -> Self {
        let list: Vec<&str> = names.split(',').collect();
        let mut words: Vec<String> = rng.pick(&list).split_whitespace().map(str::to_owned).collect();
        if rng.chance(22) {
            let extra =
                rng.pick(&["prod", "staging", "my", "app", "test", "ci", "backend", "vite", "next", "main", "old"]);
            words.insert(0, extra.to_owned());
        }
        Self(words)
    }

    /// Writes the name in a style: `us` UPPER_SNAKE, `ls` lower_snake, `cm` camelCase, `ps` PascalCase, `kb` kebab-case,
    /// `dt` dotted, `sp` words, `Sp` Words with a capital letter, `hd` Header-Case.
    pub fn written(&self, style: &str) -> String {
        let words = &self.0;
        match style {
            "us" => words.join("_").to_uppercase(),
            "ls" => words.join("_"),
            "kb" => words.join("-"),
            "dt" => words.join("."),
            "sp" => words.join(" "),
            "Sp" => capital(&words.join(" ")),
            "ps" => words.iter().map(|word| capital(word)).collect(),
            "hd" => words.iter().map(|word| capital(word)).collect::<Vec<_>>().join("-"),
            "cm" => {
                let first = words.first().cloned().unwrap_or_default();
                words.iter().skip(1).fold(first, |name, word| name + &capital(word))
            }
            _ => panic!("a table uses an unknown style: {style}"),
        }
    }
}
