//! Answers as their senders really send them (`tests/shapes`): read whole and in every cut, and told again elsewhere.

use std::fs;
use std::path::PathBuf;

use monster::model::{Dialect, Event};
use monster::wire::{Fold, Reply, surface, wire};

struct Shape {
    dialect: Dialect,
    name: String,
    bytes: Vec<u8>,
}

fn shapes() -> Vec<Shape> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/shapes");
    let mut out = Vec::new();
    for dialect in Dialect::ALL {
        let folder = root.join(dialect.name());
        let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
        let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
        files.sort();
        assert!(files.len() >= 3, "{} has too few shapes", folder.display());
        for file in files {
            let name = format!("{}/{}", dialect.name(), file.file_name().unwrap().to_string_lossy());
            out.push(Shape { dialect, name, bytes: fs::read(&file).unwrap() });
        }
    }
    out
}

impl Shape {
    fn streamed(&self) -> bool {
        [".sse", ".ndjson", ".grpc"].iter().any(|end| self.name.ends_with(end))
    }

    fn error(&self) -> bool {
        self.name.ends_with(".error.json")
    }

    /// Its events, in pieces of so many bytes where it is a stream.
    fn read(&self, piece: usize) -> Vec<Event> {
        if !self.streamed() {
            return wire(self.dialect).read_reply(&self.bytes).unwrap_or_else(|f| panic!("{}: {f:?}", self.name));
        }
        let (mut reader, mut out) = (wire(self.dialect).reader(), Vec::new());
        for bytes in self.bytes.chunks(piece) {
            reader.feed(bytes, &mut out).unwrap_or_else(|f| panic!("{}: {f:?}", self.name));
        }
        reader.end(&mut out).unwrap_or_else(|f| panic!("{}: {f:?}", self.name));
        out
    }
}

/// What a caller keeps of it; ids that are made up say nothing.
fn kept(events: &[Event]) -> String {
    let mut fold = Fold::default();
    events.iter().for_each(|event| fold.push(event));
    let message = serde_json::to_value(fold.message(None)).unwrap();
    let mut blocks = message["blocks"].clone();
    for block in blocks.as_array_mut().unwrap() {
        if let Some(call) = block.get_mut("tool_call").and_then(|c| c.as_object_mut()) {
            call.remove("id");
        }
    }
    format!("{blocks} {:?} {:?}", fold.finish, fold.usage)
}

#[test]
fn every_recorded_answer_is_read_the_same_however_it_is_cut() {
    let mut told = String::new();
    for shape in shapes() {
        if shape.error() {
            let failure = wire(shape.dialect).read_reply(&shape.bytes).unwrap_err();
            told.push_str(&format!("{}\n  {:?} {}\n", shape.name, failure.kind, failure.message));
            continue;
        }
        let whole = kept(&shape.read(usize::MAX));
        for piece in (1..=17).chain([64, 1_000]) {
            assert_eq!(kept(&shape.read(piece)), whole, "{} in pieces of {piece}", shape.name);
        }
        told.push_str(&format!("{}\n  {whole}\n", shape.name));
    }
    insta::assert_snapshot!("shapes", told);
}

#[test]
fn every_recorded_answer_says_the_same_in_every_dialect() {
    let said = |events: &[Event]| {
        let mut fold = Fold::default();
        events.iter().for_each(|event| fold.push(event));
        let calls = fold.message(None).blocks.into_iter().filter_map(|block| match block {
            monster::model::Block::ToolCall { name, input, .. } => {
                Some((name, serde_json::from_str::<serde_json::Value>(&input).unwrap()))
            }
            _ => None,
        });
        (fold.text(), calls.collect::<Vec<_>>(), fold.usage.map(|usage| usage.output))
    };
    for shape in shapes().iter().filter(|shape| !shape.error()) {
        let events = shape.read(usize::MAX);
        for dialect in Dialect::ALL {
            let told = surface(dialect).write_reply(&events, &Reply::default());
            let again =
                wire(dialect).read_reply(&told).unwrap_or_else(|f| panic!("{} in {dialect:?}: {f:?}", shape.name));
            assert_eq!(said(&again), said(&events), "{} in {dialect:?}", shape.name);
        }
    }
}
