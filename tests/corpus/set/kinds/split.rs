//! Literals in pieces: joined by operators, by adjacency, by folds, by soft line breaks.

use crate::set::draw::Rng;
use crate::set::kinds;
use crate::set::mark::{self, CLOSE, GAP, OPEN, PAG, PUBLIC};
use crate::set::template::{Name, expand_with};

/// Form and template: `‹1›`, `‹2›`, `‹3›` are the pieces, all that stands between them is glue.
pub const FORMS: &[(&str, &str)] = &[
    ("js-plus", "const ‹cm› = \"‹1›\" + \"‹2›\";"),
    ("js-plus-lines", "const ‹cm› =\n  '‹1›' +\n  '‹2›' +\n  '‹3›';"),
    ("js-array-join", "const ‹cm› = [\"‹1›\", \"‹2›\", \"‹3›\"].join(\"\");"),
    ("js-template-piece", "const ‹cm› = `‹1›${\"‹2›\"}`;"),
    ("js-concat-call", "let ‹cm› = \"‹1›\".concat(\"‹2›\", \"‹3›\");"),
    ("ts-plus-typed", "export const ‹us›: string = \"‹1›\" + \"‹2›\";"),
    ("python-adjacent", "‹us› = (\n    \"‹1›\"\n    \"‹2›\"\n    \"‹3›\"\n)"),
    ("python-adjacent-line", "‹ls› = \"‹1›\" \"‹2›\""),
    ("python-plus", "‹ls› = '‹1›' + '‹2›'"),
    ("python-plus-backslash", "‹ls› = \"‹1›\" + \\\n    \"‹2›\""),
    ("python-join", "‹ls› = \"\".join([\"‹1›\", \"‹2›\", \"‹3›\"])"),
    ("python-backslash-in-string", "‹ls› = \"‹1›\\\n‹2›\""),
    ("java-plus", "private static final String ‹us› = \"‹1›\" + \"‹2›\";"),
    ("java-plus-lines", "String ‹cm› = \"‹1›\"\n        + \"‹2›\"\n        + \"‹3›\";"),
    ("java-builder", "String ‹cm› = new StringBuilder(\"‹1›\").append(\"‹2›\").append(\"‹3›\").toString();"),
    ("kotlin-plus", "val ‹cm› = \"‹1›\" +\n    \"‹2›\""),
    ("csharp-plus", "const string ‹ps› = \"‹1›\" + \"‹2›\";"),
    ("go-plus", "const ‹ps› = \"‹1›\" + \"‹2›\""),
    ("go-plus-lines", "var ‹cm› = \"‹1›\" +\n\t\"‹2›\" +\n\t\"‹3›\""),
    ("c-adjacent", "static const char *‹ls› = \"‹1›\" \"‹2›\";"),
    ("c-adjacent-lines", "#define ‹us› \\\n    \"‹1›\" \\\n    \"‹2›\""),
    ("c-backslash-newline", "char *‹ls› = \"‹1›\\\n‹2›\";"),
    ("rust-concat", "const ‹us›: &str = concat!(\"‹1›\", \"‹2›\", \"‹3›\");"),
    ("rust-backslash-newline", "let ‹ls› = \"‹1›\\\n         ‹2›\";"),
    ("php-dot", "$‹cm› = '‹1›' . '‹2›';"),
    ("php-dot-lines", "$‹ls› = \"‹1›\"\n    . \"‹2›\";"),
    ("perl-dot", "my $‹ls› = \"‹1›\" . \"‹2›\";"),
    ("ruby-backslash", "‹us› = \"‹1›\" \\\n  \"‹2›\""),
    ("ruby-plus", "‹ls› = '‹1›' + '‹2›'"),
    ("ruby-shovel", "‹ls› = +\"‹1›\" << \"‹2›\""),
    ("swift-plus", "let ‹cm› = \"‹1›\" + \"‹2›\""),
    ("lua-dots", "local ‹ls› = \"‹1›\" .. \"‹2›\""),
    ("elixir-concat", "@‹ls› \"‹1›\" <> \"‹2›\""),
    ("haskell-append", "‹cm› = \"‹1›\" ++ \"‹2›\""),
    ("vb-ampersand", "Const ‹ps› = \"‹1›\" & \"‹2›\""),
    ("sql-bars", "UPDATE settings SET value = '‹1›' || '‹2›' WHERE name = '‹ls›';"),
    ("scala-plus", "val ‹cm›: String = \"‹1›\" + \"‹2›\""),
    ("dart-adjacent", "const ‹cm› = '‹1›'\n    '‹2›';"),
    ("shell-adjacent", "export ‹us›=\"‹1›\"\"‹2›\""),
    ("shell-backslash-newline", "export ‹us›=\"‹1›\\\n‹2›\""),
    ("shell-append", "‹us›=\"‹1›\"\n‹us›+=\"‹2›\""),
    ("makefile-continued", "‹us› = ‹1›\\\n‹2›"),
    ("properties-continued", "‹dt›=‹1›\\\n    ‹2›"),
    ("yaml-quoted-fold", "‹ls›: \"‹1›\\\n  ‹2›\""),
    ("yaml-folded", "‹ls›: >-\n  ‹1›\n  ‹2›"),
    ("yaml-literal-block", "‹ls›: |\n  ‹1›\\\n  ‹2›"),
    ("toml-multiline-trim", "‹ls› = \"\"\"\\\n  ‹1›\\\n  ‹2›\"\"\""),
    ("terraform-join", "  ‹ls› = join(\"\", [\"‹1›\", \"‹2›\"])"),
    ("terraform-format", "  ‹ls› = format(\"%s%s\", \"‹1›\", \"‹2›\")"),
    ("powershell-plus", "$‹ps› = \"‹1›\" + \"‹2›\""),
    ("powershell-continued", "$‹ps› = '‹1›' + `\n  '‹2›'"),
    ("groovy-plus", "def ‹cm› = '‹1›' + '‹2›'"),
    ("quoted-printable", "Content-Transfer-Encoding: quoted-printable\n\nthe ‹sp› is ‹1›=\n‹2› until friday"),
    ("vars-then-sum", "const a = \"‹1›\";\nconst ‹cm› = a + \"‹2›\";"),
    ("cpp-raw-adjacent", "std::string ‹ls›{\"‹1›\" \"‹2›\"};"),
    ("json-wrapped-mail", "‹us›=‹1›=\n‹2›"),
    ("r-paste0", "‹ls› <- paste0(\"‹1›\", \"‹2›\")"),
    ("julia-star", "const ‹us› = \"‹1›\" * \"‹2›\""),
    ("jinja-tilde", "{% set ‹ls› = \"‹1›\" ~ \"‹2›\" %}"),
    ("html-spans", "<p>‹sp›: <code>‹1›</code><code>‹2›</code></p>"),
];

/// Where a value is cut: never into its public prefix's first three characters, so that there is something to see.
fn cut(rng: &mut Rng, value: &str, pieces: usize) -> Vec<String> {
    let letters: Vec<char> = value.chars().collect();
    let public = letters.iter().position(|c| *c == PUBLIC).map_or(0, |at| at + 1);
    let last = letters.len().saturating_sub(4);
    let first = (public.max(2) + 2).min(last);
    let mut ends: Vec<usize> = (1..pieces)
        .map(|at| {
            // A human cuts about evenly; a few times the cut falls right behind the prefix.
            let even = first + (last - first) * at / pieces;
            (even + rng.below(4)).min(last).max(first)
        })
        .collect();
    ends.push(letters.len());
    let mut from = 0;
    ends.into_iter()
        .map(|to| {
            let piece = letters[from.min(to)..to].iter().collect();
            from = to;
            piece
        })
        .collect()
}

/// Draws one: mostly a value with a prefix, sometimes one that only its name gives away.
pub fn draw(rng: &mut Rng, template: &str) -> String {
    let value = loop {
        let value = if rng.chance(70) { kinds::prefixed(rng) } else { kinds::bare(rng) };
        let plain = mark::plain(&value.text);
        let ascii = plain.chars().all(|c| c.is_ascii_alphanumeric() || "-_.:/+=".contains(c));
        if ascii && (18..=220).contains(&plain.len()) {
            break value;
        }
    };
    let name = match template.contains("‹us›") {
        true => Name(value.name.0.iter().map(|word| word.replace(|c: char| !c.is_alphanumeric(), "")).collect()),
        false => value.name,
    };
    let inner: String = value.text.chars().filter(|c| *c != OPEN && *c != CLOSE).collect();
    let count = if template.contains("‹3›") { 3 } else { 2 };
    let pieces = cut(rng, &inner, count);
    expand_with(rng, template, &mut |_, field| match field {
        "1" => Some(format!("{OPEN}{}{GAP}", pieces[0])),
        "2" if count == 2 => Some(format!("{PAG}{}{CLOSE}", pieces[1])),
        "2" => Some(format!("{PAG}{}{GAP}", pieces[1])),
        "3" => Some(format!("{PAG}{}{CLOSE}", pieces[2])),
        style => Some(name.written(style)),
    })
}
