//! What is said of packages, in a subject and in a body.

use std::collections::{BTreeSet, HashMap};

use super::step::{Step, What};
use crate::tasks::offline::message::{Hidden, plain};

/// A name that has room in no subject is told by so much of it (characters).
const NAME: usize = 32;
/// Two names that have room in a subject are no longer together (characters).
const BOTH: usize = 44;
/// Longer lines of a body likewise: no version has more to say.
const LINE: usize = 72;
/// Most packages that a body lists.
pub(in crate::tasks) const LISTED: usize = 12;

/// How many packages are not named.
pub(in crate::tasks) fn more(count: usize) -> String {
    format!("{count} more package{}", if count == 1 { "" } else { "s" })
}

/// Each package once. Of what is locked, a version beside another one is told for itself.
fn once(steps: &[Step], locked: bool) -> Vec<Step> {
    let mut out: Vec<Step> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for step in steps {
        let place = *places.entry(&step.name).or_insert(out.len());
        let Some(same) = out.get_mut(place) else {
            out.push(step.clone());
            continue;
        };
        let way = |what: &What| match what {
            What::Bumped(from, to) => Some(BTreeSet::from([(from.clone(), to.clone())])),
            _ => None,
        };
        let more = if let What::Ways(ways) = &step.what { Some(ways.clone()) } else { way(&step.what) };
        match (&mut same.what, more) {
            (What::Ways(all), Some(more)) => all.extend(more),
            (one, Some(mut all)) if way(one).is_some() => {
                all.extend(way(one).into_iter().flatten());
                *one = What::Ways(all);
            }
            _ if locked => out.push(step.clone()),
            (one, _) => *one = What::Changed,
        }
    }
    out
}

/// What is said of them, the shortest last. What is asked for comes or goes first; of `locked` packages it is what they
/// were moved to that the commit is about, and what comes or goes with them a consequence.
pub(super) fn words(steps: &[Step], with_manifest: bool, locked: bool, hidden: Hidden<'_>) -> Vec<String> {
    let steps = once(steps, locked);
    let steps = steps.as_slice();
    match steps {
        [] if with_manifest => return vec!["update dependencies".to_owned()],
        [] => return vec!["refresh the lock file".to_owned()],
        [one] => {
            let verb = one.what.verb();
            // Nothing else names it: of a name that no subject holds, the beginning is told as one.
            let begin = || one.name.chars().take(NAME).chain(['…']).collect();
            // Half a secret is told by nothing.
            let begin: String = Some(hidden(&one.name)).filter(|told| *told != one.name).unwrap_or_else(begin);
            return vec![
                one.words(),
                format!("{verb} {}", one.told()),
                one.worded(&begin),
                format!("{verb} {begin}"),
                format!("{verb} a package"),
            ];
        }
        _ => {}
    }
    let rank = |step: &Step| match &step.what {
        What::Bumped(..) | What::Ways(_) if locked => 0,
        What::Added(_) => 1,
        What::Removed(_) => 2,
        What::Beside(_) => 3,
        What::Without(_) => 4,
        What::Bumped(..) | What::Ways(_) => 5,
        What::Ranged(..) => 6,
        What::Changed => 7,
    };
    let Some(first) = steps.iter().min_by_key(|step| (step.along, rank(step))) else { return Vec::new() };
    let (verb, others) = (first.what.verb(), steps.len() - 1);
    let bumped = matches!(first.what, What::Bumped(..) | What::Ways(_));
    let alike = steps.iter().all(|step| step.what.verb() == verb);
    // One was asked for, and the others come with it. Two of which the same is said have room.
    if locked && bumped && !(alike && others == 1) && steps.iter().filter(|step| !step.along).count() == 1 {
        let tail = if alike { more(others) } else { format!("change {}", more(others)) };
        let said = [first.words(), format!("{verb} {}", first.told())].map(|said| format!("{said} and {tail}"));
        let short = [format!("{verb} {} and others", first.told()), format!("change {} packages", steps.len())];
        return said.into_iter().chain(short).collect();
    }
    if !alike {
        let all = format!("change {} packages", steps.len());
        return vec![format!("{verb} {} and change {}", first.told(), more(others)), all];
    }
    let all = format!("{verb} {} packages", steps.len());
    match steps {
        [a, b] => {
            vec![format!("{verb} {} and {}", a.told(), b.told()), format!("{verb} {} and {}", a.told(), more(1)), all]
        }
        _ => vec![format!("{verb} {} and {}", first.told(), more(others)), all],
    }
}

/// What is said of one in a body, without secrets: of one that was cut nobody would know it.
pub(in crate::tasks::offline::message) fn cut(line: &str) -> String {
    line.chars().take(LINE).collect()
}

/// All of them, where what is `said` of them does not name them all, or not the versions that they moved to.
pub(super) fn listed(steps: &[Step], said: &str, hidden: Hidden<'_>) -> Option<String> {
    let line = |step: &Step| cut(&hidden(&plain(&step.words())));
    let moved = |step: &Step| matches!(step.what, What::Bumped(..) | What::Ways(_) | What::Ranged(..));
    let untold = |step: &Step| moved(step) && !said.contains(&step.words());
    let named = match steps {
        [] => true,
        [one] => said.contains(&one.words()),
        [a, b] if a.name != b.name && (untold(a) || untold(b)) => false,
        [a, b] => a.what.verb() == b.what.verb() && a.told().chars().count() + b.told().chars().count() <= BOTH,
        _ => false,
    };
    let mut lines: Vec<String> = steps.iter().take(LISTED).map(|step| format!("- {}", line(step))).collect();
    if steps.len() > LISTED {
        lines.push(format!("- and {}", more(steps.len() - LISTED)));
    }
    (!named).then(|| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_piece_of_a_hidden_name_is_told() {
        let name = "n0".repeat(60);
        let hidden = |text: &str| text.replace(&name, "<hidden>");
        let step = |name: &str| {
            let what = What::Bumped("1.0.0".to_owned(), "1.1.0".to_owned());
            Step { along: false, name: name.to_owned(), what }
        };
        let steps = [step(&name), step("b"), step("c")];
        let said = words(&steps[..1], false, true, &hidden).into_iter().map(|text| hidden(&text));
        let told: Vec<String> = said.chain(listed(&steps, "", &hidden)).collect();
        assert!(told.iter().all(|text| !text.contains(&name[..8])), "{told:?}");
        assert!(told.last().is_some_and(|body| body.starts_with("- bump <hidden> 1.0.0 → 1.1.0\n")), "{told:?}");
        let long = step(&"b".repeat(60));
        assert!(words(&[long], false, true, &hidden)[3].ends_with("bbb…"), "what is none is cut");
        // Of one alone, what its subject leaves out stands in the body.
        let one = [step("b")];
        assert_eq!(listed(&one, "bump b 1.0.0 → 1.1.0", &hidden), None);
        let body = Some("- bump b 1.0.0 → 1.1.0".to_owned());
        assert_eq!([listed(&one, "bump b", &hidden), listed(&one, "bump a package", &hidden)], [body.clone(), body]);
    }
}
