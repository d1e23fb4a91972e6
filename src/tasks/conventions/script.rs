//! A configuration that is a program, read without running it: where it does no more than to export one literal. What
//! is not certain is not read.

use serde_json::{Map, Number, Value};

/// Larger programs are not read (bytes).
const LIMIT: usize = 64 << 10;
const DEEP: usize = 16;

/// The exported object; `None` where the program does anything else.
pub(super) fn exported(text: &str) -> Option<Value> {
    if text.len() > LIMIT {
        return None;
    }
    let mut read = Reader { rest: text.strip_prefix('\u{feff}').unwrap_or(text) };
    let mut named: Option<(String, Value)> = None;
    loop {
        read.skip();
        if read.rest.is_empty() {
            return None;
        }
        if read.string().is_some_and(|word| word == "use strict") {
            read.eat(";");
            continue;
        }
        if read.import() {
            continue;
        }
        let exports = read.words(&["export", "default"]) || read.assigned("module.exports");
        if exports {
            let value = match read.value(0) {
                Some(value) => value,
                // `const config = {…}; export default config;`
                None => {
                    let name = read.name()?;
                    named.take().filter(|(known, _)| *known == name)?.1
                }
            };
            return read.ends().then_some(value).filter(Value::is_object);
        }
        if named.is_some() || !(read.word("const") || read.word("let") || read.word("var")) {
            return None;
        }
        let name = read.name()?;
        if read.eat(":") {
            // A type: TypeScript.
            read.type_name()?;
        }
        if !read.eat("=") {
            return None;
        }
        let value = read.value(0)?;
        read.typed();
        read.eat(";");
        named = Some((name, value));
    }
}

struct Reader<'a> {
    rest: &'a str,
}

fn part(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$'
}

impl Reader<'_> {
    /// Blanks and comments.
    fn skip(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(after) = self.rest.strip_prefix("//") {
                self.rest = after.split_once('\n').map_or("", |(_, rest)| rest);
            } else if let Some(after) = self.rest.strip_prefix("/*") {
                self.rest = after.split_once("*/").map_or("", |(_, rest)| rest);
            } else {
                return;
            }
        }
    }

    fn eat(&mut self, mark: &str) -> bool {
        self.skip();
        let after = self.rest.strip_prefix(mark);
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// A whole word.
    fn word(&mut self, word: &str) -> bool {
        self.skip();
        let after = self.rest.strip_prefix(word).filter(|rest| !rest.starts_with(part));
        self.rest = after.unwrap_or(self.rest);
        after.is_some()
    }

    /// Words one after another, or none of them.
    fn words(&mut self, words: &[&str]) -> bool {
        let before = self.rest;
        let all = words.iter().all(|word| self.word(word));
        if !all {
            self.rest = before;
        }
        all
    }

    fn assigned(&mut self, name: &str) -> bool {
        let before = self.rest;
        let there = self.word(name) && self.eat("=") && !self.rest.starts_with('=');
        if !there {
            self.rest = before;
        }
        there
    }

    fn name(&mut self) -> Option<String> {
        self.skip();
        let end = self.rest.find(|c| !part(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())).then(|| name.to_owned())
    }

    /// `import type { UserConfig } from '@commitlint/types';`, and the constants of that package alone.
    fn import(&mut self) -> bool {
        let before = self.rest;
        let mut read = || {
            if !self.word("import") {
                return None;
            }
            let types = self.word("type");
            if !self.eat("{") {
                return None;
            }
            let mut harmless = true;
            while !self.eat("}") {
                let name = self.name()?;
                harmless &= matches!(name.as_str(), "RuleConfigSeverity" | "UserConfig" | "type");
                self.eat(",");
            }
            let from = self.word("from").then(|| self.string())??;
            self.eat(";");
            (types || (harmless && from == "@commitlint/types")).then_some(())
        };
        let done = read().is_some();
        if !done {
            self.rest = before;
        }
        done
    }

    fn type_name(&mut self) -> Option<()> {
        self.name()?;
        while self.eat(".") {
            self.name()?;
        }
        Some(())
    }

    /// `as const`, `satisfies UserConfig`.
    fn typed(&mut self) {
        while self.word("as") || self.word("satisfies") {
            if !self.word("const") && self.type_name().is_none() {
                return;
            }
        }
    }

    fn ends(&mut self) -> bool {
        self.typed();
        while self.eat(";") {}
        self.skip();
        self.rest.is_empty()
    }

    fn string(&mut self) -> Option<String> {
        self.skip();
        let quote = self.rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
        let before = self.rest;
        let mut out = String::new();
        let mut chars = self.rest[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                _ if c == quote => {
                    self.rest = &before[at + 2..];
                    return Some(out);
                }
                // Something is computed in it.
                '$' if quote == '`' && before[at + 2..].starts_with('{') => return None,
                '\n' if quote != '`' => return None,
                '\\' => match chars.next()?.1 {
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    c @ ('\\' | '\'' | '"' | '`' | '/' | '.' | '(' | ')' | '[' | ']' | '-') => out.push(c),
                    _ => return None,
                },
                c => out.push(c),
            }
        }
        None
    }

    /// A literal; `None` and nothing read where there is another thing.
    fn value(&mut self, depth: usize) -> Option<Value> {
        let before = self.rest;
        let value = self.literal(depth);
        if value.is_none() {
            self.rest = before;
        }
        value
    }

    fn literal(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEP {
            return None;
        }
        if self.eat("{") {
            return self.object(depth);
        }
        if self.eat("[") {
            let mut out = Vec::new();
            while !self.eat("]") {
                out.push(self.value(depth + 1)?);
                self.typed();
                if !self.eat(",") && !self.rest.trim_start().starts_with(']') {
                    return None;
                }
            }
            return Some(Value::Array(out));
        }
        for (word, value) in [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)] {
            if self.word(word) {
                return Some(value);
            }
        }
        for (word, level) in [("Disabled", 0), ("Warning", 1), ("Error", 2)] {
            if self.word(&format!("RuleConfigSeverity.{word}")) {
                return Some(Value::from(level));
            }
        }
        if let Some(text) = self.string() {
            return Some(Value::String(text));
        }
        if let Some(pattern) = self.pattern() {
            return Some(Value::String(pattern));
        }
        let end = self.rest.find(|c: char| !(part(c) || c == '.')).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        let digits = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
        let number = number.parse::<u64>().ok().filter(|_| digits)?;
        self.rest = rest;
        Some(Value::Number(Number::from(number)))
    }

    /// `/^(\w+): (.*)$/`, without flags: they would change what it means.
    fn pattern(&mut self) -> Option<String> {
        self.skip();
        let text = self.rest.strip_prefix('/')?;
        let (mut class, mut escaped) = (false, false);
        for (at, c) in text.char_indices() {
            match c {
                '\n' => return None,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '[' => class = true,
                ']' => class = false,
                '/' if !class => {
                    self.rest = &text[at + 1..];
                    return (!self.rest.starts_with(part)).then(|| text[..at].to_owned());
                }
                _ => {}
            }
        }
        None
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut out = Map::new();
        while !self.eat("}") {
            let key = match self.string() {
                Some(key) => key,
                None => self.name()?,
            };
            if !self.eat(":") {
                return None;
            }
            out.insert(key, self.value(depth + 1)?);
            self.typed();
            if !self.eat(",") && !self.rest.trim_start().starts_with('}') {
                return None;
            }
        }
        Some(Value::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_program_that_exports_one_literal_is_read() {
        let rules = json!({ "extends": ["@commitlint/config-conventional"], "rules": { "type-enum": [2, "always", ["a", "b"]] } });
        for program in [
            "module.exports = { extends: ['@commitlint/config-conventional'], rules: { 'type-enum': [2, \"always\", ['a', `b`],] } };",
            "'use strict';\n// rules\nmodule.exports = {\n  extends: ['@commitlint/config-conventional'],\n  rules: { \"type-enum\": [2, 'always', ['a', /* and */ 'b']], },\n}\n",
            "/** @type {import('@commitlint/types').UserConfig} */\nexport default { extends: ['@commitlint/config-conventional'], rules: { 'type-enum': [2, 'always', ['a', 'b']] } }",
            "import type { UserConfig } from '@commitlint/types';\nimport { RuleConfigSeverity } from '@commitlint/types';\n\nconst Configuration: UserConfig = {\n  extends: ['@commitlint/config-conventional'],\n  rules: { 'type-enum': [RuleConfigSeverity.Error, 'always', ['a', 'b']] },\n};\n\nexport default Configuration;\n",
            "const config = { extends: ['@commitlint/config-conventional'], rules: { 'type-enum': [2, 'always', ['a', 'b']] } } as const;\nmodule.exports = config;",
        ] {
            assert_eq!(exported(program), Some(rules.clone()), "{program}");
        }
        let pattern =
            exported("module.exports = { parserPreset: { parserOpts: { headerPattern: /^(\\w+)[/:] (.*)$/ } } }")
                .unwrap();
        assert_eq!(pattern["parserPreset"]["parserOpts"]["headerPattern"], json!("^(\\w+)[/:] (.*)$"));
    }

    #[test]
    fn a_program_that_does_anything_else_is_not() {
        for program in [
            "",
            "module.exports = require('./other');",
            "module.exports = { ...require('./other'), rules: {} };",
            "module.exports = { rules: { 'type-enum': [2, 'always', types] } };",
            "module.exports = { rules: { 'type-enum': () => [2, 'always', []] } };",
            "module.exports = { extends: [`${name}`] };",
            "import { types } from './types.js';\nexport default { rules: {} };",
            "module.exports = { rules: {} };\nmodule.exports.rules = { a: [] };",
            "const a = {};\nconst b = {};\nmodule.exports = b;",
            "const a = {};\nexport default b;",
            "console.log(1); module.exports = {};",
            "module.exports = { max: 60 + 12 };",
            "module.exports = { max: 1e3 };",
            "module.exports = { a: 'b' + 'c' };",
            "module.exports = { get a() { return 1 } };",
            "module.exports = { ignores: [(message) => message.includes('wip')] };",
            "export default [];",
            "module.exports == {}",
            "module.exports = { p: /a/i }",
        ] {
            assert_eq!(exported(program), None, "{program}");
        }
        assert_eq!(exported(&format!("module.exports = {}{}", "[".repeat(9_000), "]".repeat(9_000))), None);
    }

    proptest! {
        #[test]
        fn nothing_ends_in_a_panic(text in "(module\\.exports = |export default |const a = |import )?[-a-c0-9{}\\[\\]():,;'\"`$/\\\\*. \n\u{e4}]{0,200}") {
            let _ = exported(&text);
        }
    }
}
