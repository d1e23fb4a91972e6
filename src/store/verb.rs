//! What is written of requests and attempts: a statement and what it binds, so that it can wait in memory and in a file.

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params_from_iter};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// What a statement binds.
pub(super) type Cells = Vec<Cell>;

/// One value; `None` = NULL.
pub(super) type Cell = Option<Flat>;

/// A value that is there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Flat {
    Whole(i64),
    /// Most are short, and lie in their row: who writes it to the database is another thread than who made it, and to give
    /// back what another took costs both a lock.
    Text(SmolStr),
}

impl ToSql for Flat {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Whole(n) => ValueRef::Integer(*n),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// Values, with room for those of the end.
pub(super) fn cells<const N: usize>(whole: Verb, cells: [Cell; N]) -> Cells {
    let mut out = Vec::with_capacity(whole.width());
    out.extend(cells);
    out
}

/// What becomes a value.
pub(super) trait Flatten {
    fn flat(self) -> Cell;
}

/// The value of something.
pub(super) fn cell(what: impl Flatten) -> Cell {
    what.flat()
}

impl Flatten for i64 {
    fn flat(self) -> Cell {
        Some(Flat::Whole(self))
    }
}

impl Flatten for u32 {
    fn flat(self) -> Cell {
        Some(Flat::Whole(self.into()))
    }
}

impl Flatten for bool {
    fn flat(self) -> Cell {
        Some(Flat::Whole(self.into()))
    }
}

impl Flatten for String {
    fn flat(self) -> Cell {
        self.as_str().flat()
    }
}

impl Flatten for SmolStr {
    fn flat(self) -> Cell {
        Some(Flat::Text(self))
    }
}

impl Flatten for &str {
    fn flat(self) -> Cell {
        Some(Flat::Text(SmolStr::new(self)))
    }
}

impl Flatten for &String {
    fn flat(self) -> Cell {
        self.as_str().flat()
    }
}

impl Flatten for &Option<String> {
    fn flat(self) -> Cell {
        self.as_deref().flat()
    }
}

impl<T: Flatten> Flatten for Option<T> {
    fn flat(self) -> Cell {
        self.and_then(T::flat)
    }
}

/// A statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verb {
    /// A request begins.
    Request,
    /// An attempt begins.
    Attempt,
    /// An attempt ends.
    AttemptEnd,
    /// A request ends.
    RequestEnd,
    /// A request that has ended already.
    WholeRequest,
    /// An attempt that has ended already.
    WholeAttempt,
}

impl Verb {
    const fn sql(self) -> &'static str {
        match self {
            Self::Request => {
                "INSERT INTO request (id, parent, started_ms, purpose, repo, branch, asked_model, asked_effort, redacted,
                 stream, caller, commit_id, draft, process)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
            }
            Self::Attempt => {
                "INSERT INTO attempt (request_id, number, started_ms, provider, upstream, account, model, maker, dialect,
                 process) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
            }
            Self::AttemptEnd => {
                "UPDATE attempt SET ended_ms = ?3, first_content_ms = ?4, status = ?5, failure_kind = ?6,
                 failure_scope = ?7, failure = ?8, input = ?9, cache_read = ?10, cache_write_short = ?11,
                 cache_write_long = ?12, output = ?13, reasoning = ?14, usage_source = ?15, cost_nano = ?16,
                 cost_source = ?17, finish = ?18, effort_sent = ?19, effort_confirmed = ?20, upstream_id = ?21,
                 priced = ?22, sent_bytes = ?23, received_bytes = ?24, process = NULL WHERE request_id = ?1 AND number = ?2"
            }
            Self::RequestEnd => {
                "UPDATE request SET ended_ms = ?2, outcome = ?3, upstream = ?4, account = ?5, model = ?6, process = NULL
                 WHERE id = ?1"
            }
            Self::WholeRequest => {
                "INSERT INTO request (id, parent, started_ms, purpose, repo, branch, asked_model, asked_effort, redacted,
                 stream, caller, commit_id, draft, ended_ms, outcome, upstream, account, model)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            }
            Self::WholeAttempt => {
                "INSERT INTO attempt (request_id, number, started_ms, provider, upstream, account, model, maker, dialect,
                 ended_ms, first_content_ms, status, failure_kind, failure_scope, failure, input, cache_read,
                 cache_write_short, cache_write_long, output, reasoning, usage_source, cost_nano, cost_source, finish,
                 effort_sent, effort_confirmed, upstream_id, priced, sent_bytes, received_bytes, scene, process)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            }
        }
    }

    /// The statement for so many rows at once, of one that inserts a row. Where they have the same in these columns, that is
    /// bound once and first; what each has of its own is bound after it, row by row.
    pub(super) fn many(self, rows: usize, same: &[usize]) -> String {
        let one = self.sql();
        let head = one.split_once("VALUES ").map_or(one, |(head, _)| head);
        let mut next = same.len();
        let mut value = |column| {
            let place = same.iter().position(|known| *known == column).unwrap_or_else(|| {
                next += 1;
                next - 1
            });
            format!("?{}", place + 1)
        };
        let mut row = || format!("({})", (0..self.width()).map(&mut value).collect::<Vec<_>>().join(","));
        format!("{head}VALUES {}", (0..rows).map(|_| row()).collect::<Vec<_>>().join(","))
    }

    /// How many values at the front tell whose row it is.
    const fn key(self) -> usize {
        match self {
            Self::Request | Self::RequestEnd | Self::WholeRequest => 1,
            Self::Attempt | Self::AttemptEnd | Self::WholeAttempt => 2,
        }
    }

    /// How many values it binds.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::Request => 14,
            Self::Attempt => 10,
            Self::AttemptEnd => 24,
            Self::RequestEnd => 6,
            Self::WholeRequest => 18,
            Self::WholeAttempt => 33,
        }
    }

    /// The end that is in it, and where its values begin.
    const fn end(self) -> Option<(Self, usize)> {
        match self {
            Self::WholeRequest => Some((Self::RequestEnd, 13)),
            Self::WholeAttempt => Some((Self::AttemptEnd, 9)),
            _ => None,
        }
    }

    /// What it stands on comes before it.
    pub(super) const fn turn(self) -> u8 {
        match self {
            Self::Request | Self::WholeRequest => 0,
            Self::Attempt | Self::WholeAttempt => 1,
            Self::AttemptEnd => 2,
            Self::RequestEnd => 3,
        }
    }

    /// Runs it with these values.
    pub(super) fn run(self, c: &Connection, cells: &[Cell]) -> rusqlite::Result<()> {
        c.prepare_cached(self.sql())?.execute(params_from_iter(cells)).map(drop)
    }
}

/// A statement with what it binds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note(pub Verb, pub Cells);

impl Note {
    /// Runs it. A row that is there, because its process was killed between the database and its file, stays as it is,
    /// and learns its end.
    pub(super) fn run(&self, c: &Connection) -> rusqlite::Result<()> {
        match self.0.run(c, &self.1) {
            Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation) => {
                self.end().map_or(Ok(()), |end| end.0.run(c, &end.1))
            }
            done => done,
        }
    }

    /// The end alone, of what is whole.
    fn end(&self) -> Option<Self> {
        let (verb, at) = self.0.end()?;
        let values = self.1.get(at..)?.iter().take(verb.width() - verb.key());
        Some(Self(verb, self.row().iter().chain(values).cloned().collect()))
    }

    /// With as many values as are bound; what an older version did not know is not there.
    pub(super) fn padded(mut self) -> Self {
        self.1.resize(self.0.width(), None);
        self
    }

    /// Whose row it is.
    pub(super) fn row(&self) -> &[Cell] {
        self.1.get(..self.0.key()).unwrap_or_default()
    }

    /// Takes the end of what it begins into itself; gives it back where it is another's.
    pub(super) fn ends(&mut self, end: Self) -> Option<Self> {
        let whole = match (self.0, end.0) {
            (Verb::Request, Verb::RequestEnd) => Verb::WholeRequest,
            (Verb::Attempt, Verb::AttemptEnd) => Verb::WholeAttempt,
            _ => return Some(end),
        };
        if self.row() != end.row() {
            return Some(end);
        }
        // Nobody works on it any more.
        self.1.pop();
        self.1.extend(end.1.into_iter().skip(whole.key()));
        if whole == Verb::WholeAttempt {
            // The place of its sums is found where all rows are together, and there it is told who counts it.
            self.1.extend([None, None]);
        }
        self.0 = whole;
        None
    }
}
