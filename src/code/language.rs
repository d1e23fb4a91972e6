//! The languages that are parsed: their file names, their grammars, and what counts as a definition, as data.

use std::sync::OnceLock;

use tree_sitter::Query;

/// A language with a grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// Rust.
    Rust,
    /// Python.
    Python,
    /// TypeScript without JSX, in which `<T>value` is a cast.
    TypeScript,
    /// TypeScript with JSX, and JavaScript, which is a part of it.
    Tsx,
    /// Go.
    Go,
    /// Java.
    Java,
    /// C, and headers.
    C,
    /// Bash and POSIX shells.
    Bash,
}

/// How a definition says that others may use it.
#[derive(Debug, Clone, Copy)]
enum Public {
    /// This word is in its signature.
    Word(&'static str),
    /// This word is not.
    Without(&'static str),
    /// It begins with a capital letter.
    Capital,
    /// It does not begin with an underscore.
    Plain,
    /// It stands in an `export`.
    Export,
    /// Always.
    Always,
}

/// One row of the table.
struct Row {
    language: Language,
    extensions: &'static [&'static str],
    public: Public,
    /// What a line that is only a remark begins with.
    remarks: &'static [&'static str],
    query: &'static str,
}

const TYPESCRIPT: &str = "
(function_declaration name: (identifier) @name) @function
(generator_function_declaration name: (identifier) @name) @function
(function_signature name: (identifier) @name) @function
(method_definition name: (_) @name) @function
(lexical_declaration (variable_declarator name: (identifier) @name
    value: [(arrow_function body: (_) @body) (function_expression body: (_) @body)])) @function
(public_field_definition name: (property_identifier) @name value: (arrow_function body: (_) @body)) @function
(class_declaration name: (type_identifier) @name) @type
(abstract_class_declaration name: (type_identifier) @name) @type
(interface_declaration name: (type_identifier) @name) @type
(type_alias_declaration name: (type_identifier) @name) @type
(enum_declaration name: (identifier) @name) @type
(internal_module name: (identifier) @name) @scope
";

/// The table.
const ROWS: [Row; 8] = [
    Row {
        language: Language::Rust,
        extensions: &["rs"],
        public: Public::Word("pub"),
        remarks: &["//"],
        query: "
(function_item name: (identifier) @name) @function
(function_signature_item name: (identifier) @name) @function
(macro_definition name: (identifier) @name) @function
(struct_item name: (type_identifier) @name) @type
(enum_item name: (type_identifier) @name) @type
(union_item name: (type_identifier) @name) @type
(trait_item name: (type_identifier) @name) @type
(type_item name: (type_identifier) @name) @type
(impl_item type: (_) @name) @scope
(mod_item name: (identifier) @name body: (_)) @scope
",
    },
    Row {
        language: Language::Python,
        extensions: &["py", "pyi"],
        public: Public::Plain,
        remarks: &["#"],
        query: "
(function_definition name: (identifier) @name) @function
(class_definition name: (identifier) @name) @type
",
    },
    Row {
        language: Language::TypeScript,
        extensions: &["ts", "mts", "cts"],
        public: Public::Export,
        remarks: &["//", "*", "/*"],
        query: TYPESCRIPT,
    },
    Row {
        language: Language::Tsx,
        extensions: &["tsx", "jsx", "js", "mjs", "cjs"],
        public: Public::Export,
        remarks: &["//", "*", "/*"],
        query: TYPESCRIPT,
    },
    Row {
        language: Language::Go,
        extensions: &["go"],
        public: Public::Capital,
        remarks: &["//"],
        query: "
(function_declaration name: (identifier) @name) @function
(method_declaration receiver: (parameter_list (parameter_declaration type: (_) @owner))
    name: (field_identifier) @name) @function
(type_spec name: (type_identifier) @name) @type
(type_alias name: (type_identifier) @name) @type
",
    },
    Row {
        language: Language::Java,
        extensions: &["java"],
        public: Public::Word("public"),
        remarks: &["//", "*", "/*"],
        query: "
(method_declaration name: (identifier) @name) @function
(constructor_declaration name: (identifier) @name) @function
(class_declaration name: (identifier) @name) @type
(interface_declaration name: (identifier) @name) @type
(enum_declaration name: (identifier) @name) @type
(record_declaration name: (identifier) @name) @type
(annotation_type_declaration name: (identifier) @name) @type
",
    },
    Row {
        language: Language::C,
        extensions: &["c", "h"],
        public: Public::Without("static"),
        remarks: &["//", "*", "/*"],
        query: "
(function_definition declarator: (function_declarator declarator: (identifier) @name)) @function
(function_definition declarator: (pointer_declarator
    declarator: (function_declarator declarator: (identifier) @name))) @function
(function_definition declarator: (pointer_declarator declarator: (pointer_declarator
    declarator: (function_declarator declarator: (identifier) @name)))) @function
(declaration declarator: (function_declarator declarator: (identifier) @name)) @function
(declaration declarator: (pointer_declarator
    declarator: (function_declarator declarator: (identifier) @name))) @function
(preproc_function_def name: (identifier) @name) @function
(struct_specifier name: (type_identifier) @name body: (_)) @type
(union_specifier name: (type_identifier) @name body: (_)) @type
(enum_specifier name: (type_identifier) @name body: (_)) @type
(type_definition declarator: (type_identifier) @name) @type
",
    },
    Row {
        language: Language::Bash,
        extensions: &["sh", "bash"],
        public: Public::Always,
        remarks: &["#"],
        query: "(function_definition name: (word) @name) @function",
    },
];

/// A grammar and its query, ready for use.
pub(super) struct Grammar {
    pub(super) language: tree_sitter::Language,
    pub(super) query: Query,
}

static GRAMMARS: [OnceLock<Option<Grammar>>; ROWS.len()] = [const { OnceLock::new() }; ROWS.len()];

impl Language {
    /// Every one.
    pub const ALL: [Self; 8] =
        [Self::Rust, Self::Python, Self::TypeScript, Self::Tsx, Self::Go, Self::Java, Self::C, Self::Bash];

    /// By the extension of a file's name.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let (stem, extension) = name.rsplit_once('.')?;
        let extension = extension.to_ascii_lowercase();
        let known = |row: &&Row| row.extensions.contains(&extension.as_str());
        (!stem.is_empty()).then(|| ROWS.iter().find(known).map(|row| row.language))?
    }

    /// Code in one can use what the other defines.
    #[must_use]
    pub fn akin(self, other: Self) -> bool {
        let scripts = [Self::TypeScript, Self::Tsx];
        self == other || (scripts.contains(&self) && scripts.contains(&other))
    }

    /// This line is only a remark.
    #[must_use]
    pub fn remark(self, line: &str) -> bool {
        let line = line.trim_start();
        self.row().is_some_and(|row| row.remarks.iter().any(|mark| line.starts_with(mark)))
    }

    /// The grammar, made once.
    pub(super) fn grammar(self) -> Option<&'static Grammar> {
        let place = ROWS.iter().position(|row| row.language == self)?;
        GRAMMARS.get(place)?.get_or_init(|| self.make(ROWS.get(place)?)).as_ref()
    }

    fn make(self, row: &Row) -> Option<Grammar> {
        let language: tree_sitter::Language = match self {
            Self::Rust => tree_sitter_rust::LANGUAGE,
            Self::Python => tree_sitter_python::LANGUAGE,
            Self::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT,
            Self::Tsx => tree_sitter_typescript::LANGUAGE_TSX,
            Self::Go => tree_sitter_go::LANGUAGE,
            Self::Java => tree_sitter_java::LANGUAGE,
            Self::C => tree_sitter_c::LANGUAGE,
            Self::Bash => tree_sitter_bash::LANGUAGE,
        }
        .into();
        let query = Query::new(&language, row.query).ok()?;
        Some(Grammar { language, query })
    }

    fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.language == self)
    }

    pub(super) fn exports(self, name: &str, signature: &str, export: bool) -> bool {
        let word = |word: &str| signature.split(|c: char| !c.is_alphanumeric() && c != '_').any(|w| w == word);
        self.row().is_some_and(|row| match row.public {
            Public::Word(mark) => word(mark),
            Public::Without(mark) => !word(mark),
            Public::Capital => name.starts_with(char::is_uppercase),
            Public::Plain => !name.starts_with('_'),
            Public::Export => export,
            Public::Always => true,
        })
    }
}
