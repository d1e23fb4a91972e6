//! A corpus of secrets and of what looks like them, drawn afresh from a seed.
//!
//! Written from vendors' public documents alone: it knows nothing of the engine it measures.

pub mod contexts;
pub mod draw;
pub mod fill;
pub mod fragments;
pub mod kinds;
pub mod mark;
pub mod negatives;
pub mod passwords;
pub mod personal;
pub mod sums;
pub mod template;

use draw::Rng;
use kinds::Class;
use mark::Secret;

/// What a sample is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It holds secrets.
    Positive(Class),
    /// It holds none.
    Negative,
    /// It holds personal data.
    Personal,
    /// It holds none, and looks as if.
    Impersonal,
}

/// One text with the truth about it.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its id, unique within the corpus.
    pub id: String,
    /// The text a detector sees.
    pub text: String,
    /// Its secrets.
    pub truth: Vec<Secret>,
    /// Ranges that may be masked and need not be.
    pub neutral: Vec<(usize, usize)>,
    /// The kind of its secret, or of its look.
    pub kind: String,
    /// Where it stands: `inner` or `inner / outer`.
    pub context: String,
    /// What it is for.
    pub role: Role,
}

fn finish(at: usize, marked: &str, kind: &str, context: String, role: Role) -> Sample {
    let (text, truth, neutral) = mark::strip(marked);
    let letter = match role {
        Role::Positive(_) => 'p',
        Role::Negative => 'n',
        Role::Personal => 'd',
        Role::Impersonal => 'e',
    };
    Sample { id: format!("{letter}{at}"), text, truth, neutral, kind: kind.to_owned(), context, role }
}

/// Draws a corpus of about `size` samples: half of them hold secrets, every kind equally often.
pub fn corpus(seed: u64, size: usize) -> Vec<Sample> {
    let mut rng = Rng::new(seed);
    let mut kinds = kinds::all();
    let mut samples = Vec::with_capacity(size);
    while samples.len() < size / 2 {
        rng.shuffle(&mut kinds);
        for kind in &kinds {
            if samples.len() >= size / 2 {
                break;
            }
            let (text, context) = kinds::sample(&mut rng, kind);
            samples.push(finish(samples.len(), &text, kind.name, context, Role::Positive(kind.class)));
        }
    }
    let mut looks = negatives::all();
    while samples.len() < size {
        rng.shuffle(&mut looks);
        for look in &looks {
            if samples.len() >= size {
                break;
            }
            let (text, context) = negatives::sample(&mut rng, look);
            samples.push(finish(samples.len(), &text, look.name, context, Role::Negative));
        }
    }
    samples
}

/// Draws `size` samples of personal data and of what looks like it.
pub fn personal(seed: u64, size: usize) -> Vec<Sample> {
    let mut rng = Rng::new(seed ^ 0x5eed);
    (0..size)
        .map(|at| {
            let (text, kind, context, real) = personal::sample(&mut rng, at % 2 == 0);
            finish(at, &text, kind, context, if real { Role::Personal } else { Role::Impersonal })
        })
        .collect()
}
