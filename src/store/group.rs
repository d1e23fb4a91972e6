//! Runs many rows of a proxy together: what came whole in statements of many rows, and its sums as one for all that share
//! a place, where a trigger would look each up by itself.

use std::collections::HashMap;
use std::sync::LazyLock;

use rusqlite::{Connection, ErrorCode, params_from_iter};

use super::ahead::Ours;
use super::spent::SLOT;
use super::verb::{Cell, Cells, Flat, Note, Verb, cell};

/// Rows of one statement.
const TOGETHER: usize = 16;
/// Who counts an attempt, in the place of who works on it: whoever wrote it. The schema's trigger lets such rows be
/// (`steps/counted.sql`).
const WRITER: &str = "";
/// As the schema's triggers have it: more than this is no count of tokens and no price, but a mistake.
const LARGEST: i64 = 1_000_000_000_000_000;
/// Sums in a row of `spent`, behind its slot and scene.
const SUMS: usize = 13;

static REQUESTS: LazyLock<Many> = LazyLock::new(|| Many::new(Verb::WholeRequest, &[0, 2, 13]));
static ATTEMPTS: LazyLock<Many> =
    LazyLock::new(|| Many::new(Verb::WholeAttempt, &[0, 2, 9, 10, 15, 16, 17, 18, 19, 20, 22, 27, 29, 30]));

/// A statement of many rows.
struct Many {
    sql: String,
    /// The one for rows that differ in nothing but the columns of their own: when, how long, what they used. What one
    /// program asks one model is like that, and most of what is bound would be bound again and again.
    alike: String,
    own: &'static [usize],
    /// All other columns.
    same: Vec<usize>,
}

impl Many {
    fn new(verb: Verb, own: &'static [usize]) -> Self {
        let same: Vec<usize> = (0..verb.width()).filter(|column| !own.contains(column)).collect();
        Self { sql: verb.many(TOGETHER, &[]), alike: verb.many(TOGETHER, &same), own, same }
    }

    fn run(&self, c: &Connection, rows: &[&mut Note]) -> rusqlite::Result<()> {
        let all = || rows.iter().map(|note| &note.1);
        let Some(first) = all().next() else { return Ok(()) };
        let width = self.own.len() + self.same.len();
        let alike = |row: &Cells| row.len() == width && self.same.iter().all(|at| row.get(*at) == first.get(*at));
        match all().all(alike) {
            true => {
                let own = all().flat_map(|row| self.own.iter().filter_map(move |at| row.get(*at)));
                let values = self.same.iter().filter_map(|at| first.get(*at)).chain(own);
                c.prepare_cached(&self.alike)?.execute(params_from_iter(values))
            }
            false => c.prepare_cached(&self.sql)?.execute(params_from_iter(all().flatten())),
        }
        .map(drop)
    }
}

/// Where an attempt that came whole has what is summed.
mod at {
    pub(super) const STARTED: usize = 2;
    pub(super) const INPUT: usize = 15;
    pub(super) const SOURCE: usize = 21;
    pub(super) const COST: usize = 22;
    pub(super) const COST_SOURCE: usize = 23;
    pub(super) const SCENE: usize = 31;
    pub(super) const PROCESS: usize = 32;
}

/// Runs what was taken: whole requests first, whole attempts then, and what begins or ends others in its order.
pub(super) fn run(c: &Connection, rows: &mut [Note]) -> rusqlite::Result<()> {
    placed(c, rows)?;
    let of = |verb: Verb| move |note: &&mut Note| note.0 == verb;
    let mut requests: Vec<&mut Note> = rows.iter_mut().filter(of(Verb::WholeRequest)).collect();
    for group in requests.chunks_mut(TOGETHER) {
        insert(c, &REQUESTS, group)?;
    }
    let mut attempts: Vec<&mut Note> = rows.iter_mut().filter(of(Verb::WholeAttempt)).collect();
    let mut sums: HashMap<(i64, i64), [i64; SUMS]> = HashMap::new();
    for group in attempts.chunks_mut(TOGETHER) {
        let counts = group.len() == TOGETHER && group.iter().all(|note| number(note, at::SCENE).is_some());
        if counts {
            group.iter_mut().for_each(|note| counted(note, cell(WRITER)));
        }
        if insert(c, &ATTEMPTS, group)? {
            group.iter().filter(|_| counts).for_each(|note| sum(note, &mut sums));
        }
    }
    for ((slot, scene), sums) in sums {
        add(c, slot, scene, &sums)?;
    }
    let whole = |note: &&Note| matches!(note.0, Verb::WholeRequest | Verb::WholeAttempt);
    rows.iter().filter(|note| !whole(note)).try_for_each(|note| note.run(c))
}

/// Writes the rows, in one statement where there are enough; whether it was one. Where it is refused, one of them is there
/// already: each goes by itself then, and triggers count it.
fn insert(c: &Connection, many: &Many, rows: &mut [&mut Note]) -> rusqlite::Result<bool> {
    if rows.len() == TOGETHER {
        match many.run(c, rows) {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {}
            done => return done.map(|()| true),
        }
    }
    for note in rows {
        counted(note, None);
        note.run(c)?;
    }
    Ok(false)
}

/// Says who counts an attempt.
fn counted(note: &mut Note, who: Cell) {
    if note.0 == Verb::WholeAttempt
        && let Some(process) = note.1.get_mut(at::PROCESS)
    {
        *process = who;
    }
}

fn number(note: &Note, at: usize) -> Option<i64> {
    match note.1.get(at) {
        Some(Some(Flat::Whole(number))) => Some(*number),
        _ => None,
    }
}

/// Adds what an attempt used, as the schema's triggers do.
fn sum(note: &Note, sums: &mut HashMap<(i64, i64), [i64; SUMS]>) {
    let (Some(scene), Some(started)) = (number(note, at::SCENE), number(note, at::STARTED)) else { return };
    let cost = number(note, at::COST);
    if cost.is_none() && note.1.get(at::SOURCE).is_none_or(Option::is_none) {
        return;
    }
    let nano = cost.unwrap_or(0).min(LARGEST);
    let source = there(&note.1, at::COST_SOURCE);
    let (exact, local) = (matches!(source, "reported" | "computed"), source == "local");
    let guessed = !exact && !local;
    let one = |yes: bool| i64::from(yes && cost.is_some());
    let tokens = |place: usize| number(note, at::INPUT + place).unwrap_or(0).min(LARGEST);
    let more = [
        1,
        tokens(0),
        tokens(1),
        tokens(2),
        tokens(3),
        tokens(4),
        tokens(5),
        one(exact),
        if exact { nano } else { 0 },
        one(guessed),
        if guessed { nano } else { 0 },
        one(local),
        i64::from(cost.is_none()),
    ];
    let sums = sums.entry((started / SLOT, scene)).or_default();
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum = sum.saturating_add(more));
}

fn add(c: &Connection, slot: i64, scene: i64, sums: &[i64; SUMS]) -> rusqlite::Result<()> {
    c.prepare_cached(
        "INSERT INTO spent VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
         ON CONFLICT (slot, scene) DO UPDATE SET
            attempts = attempts + excluded.attempts,
            input = min(input + excluded.input, 9000000000000000000),
            cache_read = min(cache_read + excluded.cache_read, 9000000000000000000),
            cache_write_short = min(cache_write_short + excluded.cache_write_short, 9000000000000000000),
            cache_write_long = min(cache_write_long + excluded.cache_write_long, 9000000000000000000),
            output = min(output + excluded.output, 9000000000000000000),
            reasoning = min(reasoning + excluded.reasoning, 9000000000000000000),
            exact = exact + excluded.exact,
            exact_nano = min(exact_nano + excluded.exact_nano, 9000000000000000000),
            guessed = guessed + excluded.guessed,
            guessed_nano = min(guessed_nano + excluded.guessed_nano, 9000000000000000000),
            local = local + excluded.local,
            unpriced = unpriced + excluded.unpriced",
    )?
    .execute(params_from_iter([slot, scene].iter().chain(sums)))
    .map(drop)
}

/// Gives attempts that come whole the place of their sums: found once for all that share it, and not for each by a trigger.
/// One whose request is not among them is left to that.
fn placed(c: &Connection, rows: &mut [Note]) -> rusqlite::Result<()> {
    let begun = |note: &&Note| matches!(note.0, Verb::Request | Verb::WholeRequest);
    let requests: HashMap<Option<&Cell>, &Cells, Ours> =
        rows.iter().filter(begun).map(|note| (note.1.first(), &note.1)).collect();
    let mut known: HashMap<[&str; 7], i64> = HashMap::new();
    // Mostly it is that of the one before.
    let mut last: Option<([&str; 7], i64)> = None;
    let mut scenes: Vec<(usize, i64)> = Vec::new();
    for (at, note) in rows.iter().enumerate().filter(|(_, note)| note.0 == Verb::WholeAttempt) {
        let Some(request) = requests.get(&note.1.first()) else { continue };
        // Upstream, account and model of the attempt; repository, branch, caller and commit of the request.
        let [upstream, account, model] = [4, 5, 6].map(|at| there(&note.1, at));
        let [repo, branch, caller, commit] = [4, 5, 10, 11].map(|at| there(request, at));
        let place = [upstream, account, model, repo, branch, caller, commit];
        let before = last.filter(|(before, _)| *before == place).map(|(_, scene)| scene);
        let scene = match before.or_else(|| known.get(&place).copied()) {
            Some(scene) => scene,
            None => {
                let scene = scene(c, place)?;
                known.insert(place, scene);
                scene
            }
        };
        last = Some((place, scene));
        scenes.push((at, scene));
    }
    for (at, scene) in scenes {
        if let Some(place) = rows.get_mut(at).and_then(|note| note.1.get_mut(at::SCENE)) {
            *place = cell(scene);
        }
    }
    Ok(())
}

/// The text at a place; none is an empty one.
fn there(cells: &[Cell], at: usize) -> &str {
    match cells.get(at) {
        Some(Some(Flat::Text(text))) => text,
        _ => "",
    }
}

fn scene(c: &Connection, place: [&str; 7]) -> rusqlite::Result<i64> {
    c.prepare_cached(
        "INSERT INTO scene (upstream, account, model, repo, branch, caller, commit_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params_from_iter(place))?;
    c.prepare_cached(
        "SELECT id FROM scene WHERE upstream = ?1 AND account = ?2 AND model = ?3 AND repo = ?4 AND branch = ?5
         AND caller = ?6 AND commit_id = ?7",
    )?
    .query_row(params_from_iter(place), |row| row.get(0))
}
