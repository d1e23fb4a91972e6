//! Stories about vendors' tokens: where they may stand, what only looks like one, which checks hold.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::expand;
use crate::secrets::engine::{find, rules};
use crate::secrets::rules::Find;

fn rules_in(text: &str) -> Vec<&'static str> {
    find(text).iter().map(|f| f.rule).collect()
}

fn checked(text: &str) -> bool {
    find(text).iter().any(|f| f.checksum && f.confidence >= 1.0)
}

#[test]
fn keys_are_how_their_tokens_begin_and_no_two_rules_share_a_name() {
    let mut names = std::collections::BTreeSet::new();
    for rule in rules() {
        assert!(names.insert(rule.name), "two rules are called {}", rule.name);
        let Find::Token(tokens) = rule.find else { continue };
        for token in tokens {
            assert!(
                rule.keys.iter().any(|k| token.key().starts_with(k) || k.starts_with(&token.key())),
                "{}: no key leads to {}",
                rule.name,
                token.key()
            );
        }
    }
    assert!(names.len() >= 500);
}

#[test]
fn whatever_is_no_part_of_a_token_may_touch_it() {
    for place in [
        "密钥是{}，谢谢",
        "a;{};b",
        "│{}│",
        "\u{1b}[1;31m{}\u{1b}[0m",
        "\\x1b[31m{}\\x1b[0m",
        "\\033[0m{}",
        "x%3D{}%26",
        "x%253D{}%2526",
        "\\u003d{}\\u0026",
        "\\\\n{}\\\\n",
        "=3D{}=",
        "<k>{}</k>",
        "&quot;{}&quot;",
        "**{}**",
        "({})",
        "Bearer:{}.",
        "https://h/{}/x",
    ] {
        for token in ["ghp_‹a36›", "AKIA‹u16›", "sk-ant-api03-‹w93›AA", "dop_v1_‹h64›", "sk-‹a48›", "AIza‹w35›"]
        {
            let (text, secrets) = expand(&place.replace("{}", token), 11);
            let all = find(&text);
            assert!(
                all.iter().any(|f| text[f.span.clone()].contains(secrets[0].as_str())),
                "{text}: {:?}",
                rules_in(&text)
            );
        }
    }
}

#[test]
fn a_prefix_inside_a_word_is_no_token() {
    for text in
        ["disk-‹a40›", "xAKIA‹u16›", "AKIA‹u16›abc", "my_r8_unorm_texture_with_a_long_name_for_gpus", "taskSK‹h32›"]
    {
        let (text, _) = expand(text, 3);
        let vendors: Vec<_> = rules_in(&text).into_iter().filter(|r| *r != "assignment").collect();
        assert!(vendors.is_empty(), "{text}: {vendors:?}");
    }
}

#[test]
fn base64_that_happens_to_hold_a_prefix_is_no_token() {
    for seed in 0..200 {
        for prefix in ["AKIA‹u16›", "LTAI‹a20›", "cio‹a32›", "SK‹h32›", "EAA‹a90›", "AIza‹a35›"]
        {
            let (text, _) = expand(&format!("data:image/png;base64,‹b60›/{prefix}+‹b60›=="), seed);
            assert!(rules_in(&text).is_empty(), "{text}: {:?}", rules_in(&text));
        }
    }
}

#[test]
fn samples_of_documents_are_let_go() {
    let ascending: String = ('a'..='z').chain('0'..='9').collect();
    for (head, tail) in [
        ("ghp_", ascending.as_str()),
        ("ghp_", "1a2b3c4d5e6f7g8h9i0j1k2l3m4n5o6p7q8r"),
        ("sk_live_", "1a2b3c4d5e6f7g8h9i0j1k2l"),
        ("sk_test_", "4eC39HqLyjWDarjtT1zdp7dc"),
        ("sk-", "1234567890abcdef1234567890abcdef"),
        ("sk-proj-", "your-openai-api-key-goes-right-in-here-please"),
        ("xoxb-", "123456789012-1234567890123-abcdefghijklmnopqrstuvwx"),
        ("hf_", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
        ("AKIA", "IOSFODNN7EXAMPLE"),
        ("AIza", "SyDOCUMENTATION-EXAMPLE-KEY-00000000000"),
        ("glpat-", "this-is-only-an-example"),
        ("dop_v1_", "deadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeefdeadbeef"),
    ] {
        assert!(rules_in(&format!("KEY={head}{tail}")).iter().all(|r| *r == "assignment"), "{head}{tail}");
    }
}

#[test]
fn nothing_sure_is_found_in_what_is_no_secret() {
    for line in [
        "commit ‹h40›",
        "sha256:‹h64›",
        "\"integrity\": \"sha512-‹b86›==\"",
        "golang.org/x/text v0.3.0 h1:‹b43›=",
        "‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
        "data:image/png;base64,iVBORw0KGgo‹b600›",
        "ssh-rsa AAAAB3NzaC1yc2E‹b300› ann@host",
        "pk_live_‹a24›",
        "heroku version ‹h8›-‹h4›-‹h4›-‹h4›-‹h12›",
        "datadog-agent@sha256:‹h64›",
        "cloudflare commit ‹h40›",
        "!function(e,t){var n=e.sk_,r=t.pat;return n.key_=r,e}(a,b);",
        "stripe.js?v=‹h32›",
        "twilio-‹h40›.tgz",
    ] {
        for seed in 0..50 {
            let (text, _) = expand(line, seed);
            let sure: Vec<_> = find(&text).into_iter().filter(|f| f.confidence >= 0.9).map(|f| f.rule).collect();
            assert!(sure.is_empty(), "{text}: {sure:?}");
        }
    }
}

#[test]
fn keys_without_a_form_are_known_by_their_vendors_name() {
    for line in [
        "DATADOG_API_KEY=‹h32›",
        "\"datadogApiKey\": \"‹h32›\"",
        "datadog:\n  api_key: ‹h32›",
        "| Datadog API key | `‹h32›` |",
        "the datadog api key is ‹h32› until Friday",
        "datadog api keyは‹h32›です",
        "datadog.setApiKey('‹h32›')",
        "<key>DatadogApiKey</key>\n<string>‹h32›</string>",
        "variable \"datadog_api_key\" {\n  type = string\n  default = \"‹h32›\"\n}",
    ] {
        let (text, _) = expand(line, 6);
        assert!(rules_in(&text).contains(&"datadog-key"), "{text}: {:?}", rules_in(&text));
    }
}

#[test]
fn checks_that_vendors_build_in_make_a_finding_sure() {
    let (random, _) = expand("‹a30›", 8);
    let crc = crc32(random.as_bytes());
    assert!(checked(&format!("ghp_{random}{}", base(crc, 62, 6))));
    assert!(checked(&format!("npm_{random}{}", base(crc, 62, 6))));
    assert!(!checked(&format!("ghp_{random}{}", base(crc ^ 1, 62, 6))));
    assert!(!find(&format!("ghp_{random}{}", base(crc ^ 1, 62, 6))).is_empty(), "a wrong check excuses nothing");

    let (routed, _) = expand("glpat-‹w40›.01.0z", 8);
    assert!(checked(&format!("{routed}{}", base(crc32(routed.as_bytes()), 36, 7))));
    let (account, _) = expand("‹a32›", 9);
    let sum = crc32(format!("glsa_{account}").as_bytes()).to_le_bytes();
    assert!(checked(&format!("glsa_{account}_{}", sum.iter().map(|b| format!("{b:02x}")).collect::<String>())));
    let (token, _) = expand("ATATT3‹w180›", 9);
    assert!(checked(&format!("{token}={:08X}", crc32(token.as_bytes()))));

    let policy = STANDARD.encode(format!(r#"{{"o":"1","n":"a","k":"{account}","m":{{"r":"eu"}}}}"#));
    assert!(checked(&format!("glc_{policy}")));
    let service =
        STANDARD.encode(format!(r#"{{"signInAddress":"a.1password.com","secretKey":"{account}{account}{account}"}}"#));
    assert!(checked(&format!("ops_{service}")));
    let macaroon = URL_SAFE_NO_PAD.encode([b"\x02\x01\x08pypi.org".to_vec(), random.repeat(4).into_bytes()].concat());
    assert!(checked(&format!("pypi-{macaroon}")));
    let bot = URL_SAFE_NO_PAD.encode("258526759591938251");
    let (rest, _) = expand(".‹w6›.‹w38›", 4);
    assert!(checked(&format!("Bot {bot}{rest}")));
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
    let (rest, _) = expand(".eyJ‹w40›.‹w43›", 4);
    assert!(checked(&format!("{header}{rest}")));
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |c, _| if c & 1 == 1 { (c >> 1) ^ 0xEDB8_8320 } else { c >> 1 })
    })
}

fn base(mut number: u32, radix: u32, width: usize) -> String {
    let alphabet: Vec<char> = if radix > 36 {
        ('0'..='9').chain('A'..='Z').chain('a'..='z').collect()
    } else {
        ('0'..='9').chain('a'..='z').collect()
    };
    let mut out = Vec::new();
    while out.len() < width {
        out.push(alphabet[(number % radix) as usize]);
        number /= radix;
    }
    out.iter().rev().collect()
}
