//! Personal data, and what looks like it.

use crate::set::draw::Rng;
use crate::set::fragments;
use crate::set::mark::secret;
use crate::set::sums;
use crate::set::template::{draw, expand};

const SENTENCES: &[&str] = &[
    "customer record: ‹v›\n",
    "please reach me at ‹v›, thanks\n",
    "{\"id\": ‹num›, \"value\": \"‹v›\"}\n",
    "‹num›,‹Person›,‹v›,‹day›\n",
    "user.contact = \"‹v›\"\n",
    "| ‹Person› | ‹v› |\n",
    "<td>‹v›</td>\n",
    "‹day› ‹clock› INFO order for ‹v› shipped\n",
    "INSERT INTO people VALUES (‹num›, '‹v›');\n",
    "你好，我的联系方式是‹v›，谢谢\n",
    "- name: ‹Person›\n  detail: ‹v›\n",
];

/// Draws one: personal data, or a near miss. Answers with text, kind, context, and whether it is real.
pub fn sample(rng: &mut Rng, real: bool) -> (String, &'static str, String, bool) {
    let (kind, value, label) = if real { person(rng) } else { near(rng) };
    if kind == "author-line" {
        return (value, kind, "alone".into(), false);
    }
    let sentence = if label.is_empty() || rng.chance(40) { rng.pick(SENTENCES) } else { label };
    let shown = if real { secret(&value) } else { value };
    let mut own = |_: &mut Rng, field: &str| (field == "v").then(|| shown.clone());
    let text = crate::set::template::expand_with(rng, sentence, &mut own);
    let (text, context) =
        if rng.chance(30) { fragments::wrap(rng, &text, "sentence") } else { (text, "sentence".into()) };
    (text, kind, context, real)
}

fn grouped(number: &str, size: usize, glue: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    letters.chunks(size).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(glue)
}

fn person(rng: &mut Rng) -> (&'static str, String, &'static str) {
    match rng.below(9) {
        0 | 1 => ("email", address(rng), "email: ‹v›\n"),
        2 => {
            let number = draw(rng, "card");
            let shown = match rng.below(3) {
                0 => number,
                1 => grouped(&number, 4, " "),
                _ => grouped(&number, 4, "-"),
            };
            ("card", shown, "card number: ‹v›\n")
        }
        3 | 4 => {
            let (country, body) = account(rng);
            let number = sums::iban(country, &body);
            let shown = if rng.chance(50) { grouped(&number, 4, " ") } else { number };
            ("iban", shown, "IBAN: ‹v›\n")
        }
        5 | 6 => ("phone", phone(rng), "phone: ‹v›\n"),
        _ => {
            let area = rng.between(1, 665);
            let text = format!("{area:03}-{:02}-{:04}", rng.between(1, 99), rng.between(1, 9999));
            ("ssn", text, "SSN: ‹v›\n")
        }
    }
}

fn address(rng: &mut Rng) -> String {
    let template = rng.pick(&[
        "‹person›.‹word›@‹word›.com",
        "‹person›‹d2›@gmail.com",
        "‹person›+‹word›@‹word›.io",
        "‹person›_‹word›@mail.‹word›.co.uk",
        "‹person›@‹word›-‹word›.de",
        "‹l2›‹d4›@uni-‹word›.ac.at",
    ]);
    expand(rng, template)
}

fn phone(rng: &mut Rng) -> String {
    let template = rng.pick(&[
        "+1 (2‹d2›) 5‹d2›-‹d4›",
        "+49 151 ‹d8›",
        "+44 20 7‹d3› ‹d4›",
        "+33 6 ‹d2› ‹d2› ‹d2› ‹d2›",
        "+1-4‹d2›-5‹d2›-‹d4›",
        "+4179‹d7›",
        "+81 90-‹d4›-‹d4›",
        "(4‹d2›) 5‹d2›-‹d4›",
    ]);
    expand(rng, template)
}

fn account(rng: &mut Rng) -> (&'static str, String) {
    match rng.below(5) {
        0 => ("DE", draw(rng, "d18")),
        1 => ("FR", draw(rng, "d23")),
        2 => ("NL", format!("ABNA{}", draw(rng, "d10"))),
        3 => ("GB", format!("NWBK{}", draw(rng, "d14"))),
        _ => ("ES", draw(rng, "d20")),
    }
}

fn near(rng: &mut Rng) -> (&'static str, String, &'static str) {
    match rng.below(13) {
        0 => ("card-bad-luhn", bad_card(rng), "number: ‹v›\n"),
        1 => {
            let (country, body) = account(rng);
            let good = sums::iban(country, &body);
            let check: u32 = good[2..4].parse().unwrap_or(10);
            (
                "iban-bad-check",
                format!("{country}{:02}{body}", (check % 90) + 2 + u32::from(check % 90 + 2 == check)),
                "ref: ‹v›\n",
            )
        }
        2 => {
            let template = rng.pick(&[
                "Author: ‹Person› ‹Word› <‹mail›>\n",
                "Co-authored-by: ‹Person› <‹mail›>\n",
                "Copyright (c) 2024 ‹Person› ‹Word› <‹mail›>\n",
                "Signed-off-by: ‹Person› ‹Word› <‹mail›>\n",
                "authors = [\"‹Person› ‹Word› <‹mail›>\"]\n",
                "@author ‹Person› <‹mail›>\n",
                "SPDX-FileCopyrightText: 2023 ‹Person› ‹Word› <‹mail›>\n",
                "maintainer: ‹Person› <‹mail›>\n",
            ]);
            ("author-line", expand(rng, template), "")
        }
        3 => ("ssh-remote", expand(rng, "git@github.com:‹word›/‹word›.git"), "url = ‹v›\n"),
        4 => ("date-time", expand(rng, "‹day›T‹clock›.‹d6›Z"), "at: ‹v›\n"),
        5 => ("epoch-millis", expand(rng, "17‹d11›"), "timestamp: ‹v›\n"),
        6 => ("ssn-like-000", format!("000-{}-{}", draw(rng, "d2"), draw(rng, "d4")), "code: ‹v›\n"),
        7 => ("decorator", expand(rng, "@‹word›.‹word›(‹word›)"), ""),
        8 => ("package-at-version", expand(rng, "‹word›@‹d1›.‹small›.‹d1›"), "depends on ‹v›\n"),
        9 => ("uuid", draw(rng, "g"), "id: ‹v›\n"),
        10 => ("ip-port", expand(rng, "‹ip›:‹port›"), "listen ‹v›\n"),
        11 => ("scoped-package", expand(rng, "@‹word›/‹word›-‹word›"), "import ‹v›\n"),
        _ => ("version-like", expand(rng, "‹d1›.‹d2›.‹d4›-‹d8›"), "version ‹v›\n"),
    }
}

fn bad_card(rng: &mut Rng) -> String {
    loop {
        let number = format!("4{}", draw(rng, "d15"));
        if !sums::luhn(&number) {
            return number;
        }
    }
}
