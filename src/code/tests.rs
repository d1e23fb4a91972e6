use proptest::prelude::*;

use super::*;

fn names(text: &str, file: &str) -> Vec<(String, u32, u32, bool)> {
    let outline = outline(text, Language::of(file).unwrap()).unwrap();
    outline.definitions.into_iter().map(|d| (d.path, d.first, d.last, d.exported)).collect()
}

fn row(path: &str, first: u32, last: u32, exported: bool) -> (String, u32, u32, bool) {
    (path.to_owned(), first, last, exported)
}

#[test]
fn every_grammar_fits_its_query() {
    for language in Language::ALL {
        assert!(language.grammar().is_some(), "{language:?}");
    }
}

#[test]
fn rust() {
    let text = "pub struct Page<T>(T);\n\nimpl<T> Page<T> {\n    pub fn load(\n        &self,\n        n: usize,\n    ) -> u8 {\n        0\n    }\n\n    fn inner() {}\n}\n\nmacro_rules! make { () => {} }\n";
    let found = [
        row("Page", 1, 1, true),
        row("Page", 3, 12, false),
        row("Page.load", 4, 9, true),
        row("Page.inner", 11, 11, false),
        row("make", 14, 14, false),
    ];
    assert_eq!(names(text, "src/a.rs"), found);
    let outline = outline(text, Language::Rust).unwrap();
    assert_eq!(outline.around(8).unwrap().signature, "pub fn load( &self, n: usize, ) -> u8");
    assert_eq!(outline.around(8).unwrap().path, "Page.load");
    assert_eq!(outline.around(10).unwrap().kind, Kind::Scope, "between two functions");
    assert_eq!(outline.around(13), None);
}

#[test]
fn python() {
    let text = "class A(Base):\n    @property\n    def size(self) -> int:\n        return 1\n\n    async def _go(self):\n        def deep(): pass\n\ndef top(a, b=1): ...\n";
    let found = [
        row("A", 1, 7, true),
        row("A.size", 2, 4, true),
        row("A._go", 6, 7, false),
        row("A._go.deep", 7, 7, true),
        row("top", 9, 9, true),
    ];
    assert_eq!(names(text, "a.py"), found);
}

#[test]
fn typescript_and_javascript() {
    let text = "export const sum = (a: number) => {\n  return a;\n};\nexport default class Box {\n  open(): void {}\n  shut = () => { go(); };\n}\nfunction f() {}\ninterface I { a: 1 }\n";
    let found = [
        row("sum", 1, 3, true),
        row("Box", 4, 7, true),
        row("Box.open", 5, 5, false),
        row("Box.shut", 6, 6, false),
        row("f", 8, 8, false),
        row("I", 9, 9, false),
    ];
    assert_eq!(names(text, "a.ts"), found);
    assert_eq!(names(text, "a.tsx"), found);
    let script = "export function App() {\n  return <p>{1}</p>;\n}\nconst g = function () { return 1 };\n";
    assert_eq!(names(script, "a.mjs"), [row("App", 1, 3, true), row("g", 4, 4, false)]);
}

#[test]
fn go_java_c_and_bash() {
    let go = "package a\n\ntype Server struct{}\n\nfunc (s *Server) Listen(addr string) error {\n\treturn nil\n}\n\nfunc help() {}\n";
    assert_eq!(
        names(go, "a.go"),
        [row("Server", 3, 3, true), row("Server.Listen", 5, 7, true), row("help", 9, 9, false)]
    );
    let java = "public class A {\n  public A(int x) {}\n  private int f() { return 1; }\n}\n";
    assert_eq!(names(java, "A.java"), [row("A", 1, 4, true), row("A.A", 2, 2, true), row("A.f", 3, 3, false)]);
    let c = "struct s { int a; };\nstatic int f(int a)\n{\n  return a;\n}\nchar *g(void) { return 0; }\nint h(int);\n";
    let found = [row("s", 1, 1, true), row("f", 2, 5, false), row("g", 6, 6, true), row("h", 7, 7, true)];
    assert_eq!(names(c, "a.c"), found);
    assert_eq!(
        names("go() {\n  echo\n}\nfunction stop { :; }\n", "a.sh"),
        [row("go", 1, 3, true), row("stop", 4, 4, true)]
    );
}

#[test]
fn half_written_code_still_has_its_other_functions() {
    let text = "fn whole(a: u8) -> u8 {\n    a\n}\n\nfn broken(a: {\n\nfn after() {}\n";
    assert!(names(text, "a.rs").contains(&row("whole", 1, 3, false)));
}

#[test]
fn what_is_too_large_or_unknown_is_left() {
    assert_eq!(outline(&"fn a() {}\n".repeat(200_000), Language::Rust), None);
    assert_eq!(Language::of("Makefile"), None);
    assert_eq!(Language::of(".rs"), None);
    assert_eq!(Language::of("a/B.RS"), Some(Language::Rust));
}

#[test]
fn differences_tell_signatures_from_what_is_new_and_gone() {
    let old = outline("fn a(x: u8) {}\nfn b() {}\nfn c() {}\nstruct S;\n", Language::Rust).unwrap();
    let new = outline("fn a(x: u16) {}\nfn b() { 1 }\nfn d() {}\nstruct S;\n", Language::Rust).unwrap();
    let told: Vec<String> = compare(&old, &new)
        .into_iter()
        .map(|d| match d {
            Difference::Added(d) => format!("+{}", d.name),
            Difference::Removed(d) => format!("-{}", d.name),
            Difference::Signature(a, b) => format!("{} -> {}", a.signature, b.signature),
        })
        .collect();
    assert_eq!(told, ["fn a(x: u8) -> fn a(x: u16)", "+d", "-c"]);
    let one = outline("class A { void f(int a) {} void f(long a) {} }", Language::Java).unwrap();
    let two = outline("class A { void f(int a) {} void f(long a, int b) {} }", Language::Java).unwrap();
    assert!(matches!(compare(&one, &two)[..], [Difference::Signature(a, _)] if a.signature.contains("long a")));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_every_line_is_in_the_text(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        holds(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn nor_with_words_of_code(words in prop::collection::vec(prop::sample::select(WORDS), 0..120)) {
        holds(&words.join(" "))?;
    }
}

const WORDS: &[&str] = &[
    "fn",
    "def",
    "class",
    "func",
    "function",
    "{",
    "}",
    "(",
    ")",
    "=>",
    "=",
    "a",
    "b1",
    "\n",
    "\n    ",
    ":",
    ";",
    "\"",
    "'",
    "impl",
    "struct",
    "export",
    "const",
    "<",
    ">",
    "/*",
    "//",
    "#",
    "pub",
    "static",
    "int",
    "*",
    ",",
    "\u{301}é",
];

fn holds(text: &str) -> Result<(), TestCaseError> {
    let lines = u32::try_from(text.split('\n').count()).unwrap();
    for language in Language::ALL {
        for d in outline(text, language).unwrap_or_default().definitions {
            prop_assert!(1 <= d.first && d.first <= d.last && d.last <= lines, "{language:?} {d:?} of {lines}");
            prop_assert!(d.signature.chars().count() <= SIGNATURE && !d.signature.contains('\n'));
        }
    }
    Ok(())
}
