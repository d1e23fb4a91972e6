//! Stories about the sums that Prometheus reads.

use std::collections::BTreeSet;

use super::*;

fn board() -> Arc<Board> {
    Board::new(Clock::system(), Journal::at(None), None)
}

/// Name, labels and value of a line, as the text format has them.
fn sample(line: &str) -> (String, Vec<(String, String)>, f64) {
    let (named, value) = line.rsplit_once(' ').unwrap();
    let (name, rest) = named.split_once('{').unwrap_or((named, ""));
    let mut rest = rest.strip_suffix('}').unwrap_or(rest);
    let mut labels = Vec::new();
    while let Some((label, more)) = rest.split_once("=\"") {
        let (mut text, mut escaped, mut end) = (String::new(), false, None);
        for (at, c) in more.char_indices() {
            match (escaped, c) {
                (true, 'n') => text.push('\n'),
                (true, '\\' | '"') => text.push(c),
                (true, _) => panic!("{line}"),
                (false, '"') => {
                    end = Some(at);
                    break;
                }
                (false, '\\') => {}
                (false, _) => text.push(c),
            }
            escaped = !escaped && c == '\\';
        }
        labels.push((label.trim_start_matches(',').to_owned(), text));
        rest = &more[end.unwrap() + 1..];
    }
    assert!(rest.is_empty(), "{line}");
    (name.to_owned(), labels, value.parse().unwrap())
}

#[test]
fn every_sum_has_a_kind_and_a_name_that_prometheus_takes() {
    let board = board();
    for (outcome, why) in [(Kind::Overloaded, "key"), (Kind::Cancelled, "limit")] {
        board.open("r-1", "serve/editor", "openai-chat", "m", true).end(Err(outcome));
        board.refused(why);
    }
    let usage =
        Usage { input: 5, cache_read: 7, cache_write_short: 1, cache_write_long: 2, output: 11, reasoning: Some(3) };
    let odd = "up/a \"b\" \\ c\nd";
    board.with(|inner| {
        inner.sums.spend(odd, &usage, Some(1_500_000_000));
        inner.sums.took.add(Duration::from_millis(7));
        inner.sums.took.add(Duration::from_secs(400));
    });
    let text = board.metrics(0);
    assert!(text.ends_with('\n'), "the format wants it");
    let (mut kinds, mut seen) = (BTreeMap::new(), BTreeSet::new());
    let mut samples = Vec::new();
    for line in text.lines() {
        if let Some(told) = line.strip_prefix("# TYPE ") {
            let (name, kind) = told.split_once(' ').unwrap();
            assert!(kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} is told twice");
            assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
        } else if !line.starts_with("# HELP ") {
            let (name, labels, value) = sample(line);
            assert!(seen.insert((name.clone(), labels.clone())), "{line} is told twice");
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
            let family = family.filter(|family| kinds.get(*family).is_some_and(|kind| kind == "histogram"));
            assert!(kinds.contains_key(family.unwrap_or(&name)), "{line} has no kind");
            samples.push((name, labels, value));
        }
    }
    let of = |name: &str| samples.iter().filter(|(n, ..)| n == name).collect::<Vec<_>>();
    // Each token once: the sum over the kinds is what was used.
    let tokens = of("monster_tokens_total");
    assert!(tokens.iter().all(|(_, labels, _)| labels[0] == ("route".to_owned(), odd.to_owned())), "{tokens:?}");
    let sum: f64 = tokens.iter().map(|(.., value)| value).sum();
    assert_eq!((sum, tokens.len()), (26.0, TOKENS.len()));
    assert!((of("monster_cost_dollars_total")[0].2 - 1.5).abs() < 1e-9);
    let buckets = of("monster_request_seconds_bucket");
    let counts: Vec<f64> = buckets.iter().map(|(.., value)| *value).collect();
    assert!(counts.is_sorted(), "they are cumulative: {counts:?}");
    assert_eq!(buckets.last().unwrap().1[0].1, "+Inf");
    assert_eq!((*counts.last().unwrap(), of("monster_request_seconds_count")[0].2), (4.0, 4.0));
    assert!((of("monster_request_seconds_sum")[0].2 - 400.007).abs() < 0.1, "in seconds");
}

#[test]
fn callers_who_name_ever_new_models_do_not_make_ever_more_sums() {
    let board = board();
    let usage = Usage { input: 1, ..Usage::default() };
    board.with(|inner| (0..2 * ROUTES).for_each(|n| inner.sums.spend(&format!("up/m{n}"), &usage, Some(1))));
    let text = board.metrics(0);
    let input = |line: &&str| line.starts_with("monster_tokens_total") && line.contains("kind=\"input\"");
    let lines: Vec<&str> = text.lines().filter(input).collect();
    assert_eq!(lines.len(), ROUTES + 1);
    assert!(text.contains(&format!("monster_tokens_total{{route=\"others\",kind=\"input\"}} {ROUTES}\n")), "{lines:?}");
}

#[test]
fn what_has_no_price_is_not_said_to_cost_nothing() {
    let board = board();
    let usage = Usage { input: 1, ..Usage::default() };
    board.with(|inner| [None, Some(5), None].into_iter().for_each(|cost| inner.sums.spend("up/some", &usage, cost)));
    board.with(|inner| inner.sums.spend("up/none", &usage, None));
    board.with(|inner| inner.sums.spend("here/free", &usage, Some(0)));
    let text = board.metrics(0);
    let costs: Vec<&str> = text.lines().filter(|line| line.starts_with("monster_cost_dollars_total")).collect();
    assert_eq!(
        costs,
        [
            "monster_cost_dollars_total{route=\"here/free\"} 0.000000000",
            "monster_cost_dollars_total{route=\"up/some\"} 0.000000005"
        ]
    );
}
