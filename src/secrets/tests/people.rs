//! Stories about personal data, which is looked for only when the user asks.

use crate::secrets::checksum::luhn;
use crate::secrets::rules::pii;

fn found(text: &str) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    pii::find(text, &mut out);
    out.iter().map(|f| (f.rule, text[f.span.clone()].to_owned())).collect()
}

/// A number with its check digit, made here so that none stands in the repository.
fn card(head: &str) -> String {
    (0..10).map(|d| format!("{head}{d}")).find(|n| luhn(n.as_bytes())).unwrap()
}

/// An account with its check digits.
fn account(country: &str, rest: &str) -> String {
    (2..99).map(|d| format!("{country}{d:02}{rest}")).find(|n| crate::secrets::checksum::iban(n.as_bytes())).unwrap()
}

#[test]
fn people_are_found_in_the_forms_people_write() {
    let visa = card("453957876362148");
    let spaced = format!("{} {} {} {}", &visa[..4], &visa[4..8], &visa[8..12], &visa[12..]);
    let german = account("DE", "500105175407324931");
    let dutch = account("NL", "INGB0001234567");
    let dutch = format!("{} {} {} {} {}", &dutch[..4], &dutch[4..8], &dutch[8..12], &dutch[12..16], &dutch[16..]);
    for (text, rule, value) in [
        ("write to ann.lee+work@mail.acme.io, please", "pii-mail", "ann.lee+work@mail.acme.io"),
        ("<ann@posteo.de>", "pii-mail", "ann@posteo.de"),
        ("\"to\\nann@posteo.de\\n\"", "pii-mail", "ann@posteo.de"),
        ("邮箱：li.wei@qq.com。", "pii-mail", "li.wei@qq.com"),
        ("mailto:ann@posteo.de?x", "pii-mail", "ann@posteo.de"),
        ("call +49 30 901820-14 now", "pii-phone", "+49 30 901820-14"),
        ("tel:+442079460018", "pii-phone", "+442079460018"),
        ("(415) 734-2671", "pii-phone", "(415) 734-2671"),
        (&format!("card {visa}"), "pii-card", visa.as_str()),
        (&format!("card: {spaced};"), "pii-card", spaced.as_str()),
        (&format!("IBAN {german}."), "pii-iban", german.as_str()),
        (&format!("IBAN: {dutch}"), "pii-iban", dutch.as_str()),
        ("ssn 536-22-8716", "pii-ssn", "536-22-8716"),
        ("client_ip=84.17.52.9 status=200", "pii-ip", "84.17.52.9"),
    ] {
        assert_eq!(found(text), [(rule, value.to_owned())], "{text}");
    }
}

#[test]
fn makers_of_the_work_and_machines_are_left_alone() {
    let visa = card("453957876362148");
    let wrong = format!("{}{}", &visa[..15], (visa.as_bytes()[15] - b'0' + 1) % 10);
    for text in [
        "Author: Ann Lee <ann@posteo.de>",
        "+Signed-off-by: Ann Lee <ann@posteo.de>",
        "    Co-authored-by: Bo <bo@posteo.de>",
        "// Copyright (c) 2024 Ann Lee <ann@posteo.de>",
        "authors = [\"Ann Lee <ann@posteo.de>\"]",
        "git@github.com:acme/shop.git",
        "https://ann:word@host.acme.io/x",
        "https://ann@host.acme.io/x",
        "icon@2x.png",
        "import x from '@acme/shop'",
        "lodash@4.17.21",
        "ann@example.com",
        "12+ann@users.noreply.github.com",
        "@@ -1,12 +1,14 @@",
        "\n+1234567890123\n",
        "+1 (555) 555-0123",
        "0x+1",
        &wrong,
        "4242 4242 4242 4242",
        &format!("order_id: {visa}"),
        &format!("a{visa}"),
        "1735689600000000000",
        "GB82WEST12345698765432",
        "DE12345678901234567890",
        "123-45-6789",
        "2024-01-15",
        "000-12-3456",
        "listen 84.17.52.9:80",
        "client_ip=10.0.0.7",
        "version 1.2.3.4",
    ] {
        assert!(found(text).is_empty(), "{text}: {:?}", found(text));
    }
}
