//! Did you mean: names near to a mistyped one.

/// More suggestions than this help nobody, even after the caller leaves some out.
const MOST: usize = 12;
/// Names longer than this are not names (characters).
const LONGEST: usize = 128;

/// The candidates near to `name`, nearest first, each once.
#[must_use]
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted: Vec<char> = name.to_lowercase().chars().take(LONGEST).collect();
    if wanted.is_empty() {
        return Vec::new();
    }
    let text: String = wanted.iter().collect();
    let bound = (wanted.len() / 3).clamp(1, 6);
    let mut found: Vec<(usize, &str)> = Vec::new();
    for candidate in candidates {
        let lower = candidate.to_lowercase();
        let tail = lower.rsplit('/').next().unwrap_or(&lower);
        let steps = distance(&wanted, &tail.chars().collect::<Vec<_>>());
        // A part of the name, left out or written alone, counts as one wrong letter and a bit more the more is missing.
        let part = wanted.len() >= 3 && (tail.contains(&text) || (tail.len() >= 4 && text.contains(tail)));
        let rank = if part { steps.min(1 + steps / 4) } else { steps };
        if part || rank <= bound {
            found.push((rank, candidate));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.len().cmp(&b.1.len())).then(a.1.cmp(b.1)));
    let mut out: Vec<String> = Vec::new();
    for (_, candidate) in found {
        if out.len() == MOST {
            break;
        }
        if !out.iter().any(|o| o == candidate) {
            out.push(candidate.to_owned());
        }
    }
    out
}

/// Letters to add, drop, change or swap with a neighbour to make `a` into `b`.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut best = (above[j] + usize::from(x != y)).min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && a[i - 1] == *y && *x == b[j - 1] {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}
