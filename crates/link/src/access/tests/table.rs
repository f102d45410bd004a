//! The truth table. Each group names the page and section of AWS's documentation that its rows follow.

mod conditions;
mod layers;
mod resources;

use super::words::World;
use crate::access::Answer;

/// The answer, the request, and the policies; words are explained in `words.rs`.
type Row = (Answer, &'static str, &'static [&'static str]);

/// Checks every row of a group, and says all that are wrong.
fn check(source: &str, rows: &[Row]) {
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|(expected, request, layers)| {
            let decision = World::new(request, layers).decide();
            let is_explained = (decision.answer == Answer::Unknown) != decision.needs.is_empty();
            let is_right = decision.answer == *expected && is_explained;
            (!is_right).then(|| format!("{request} {layers:?}: {expected:?} expected, {decision:#?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{source}\n{}", wrong.join("\n"));
}

#[test]
fn the_table_is_long_enough() {
    let rows: usize = [layers::GROUPS, resources::GROUPS, conditions::GROUPS]
        .iter()
        .flat_map(|it| it.iter())
        .map(|(_, rows)| rows.len())
        .sum();

    assert!(rows >= 150, "{rows} decisions");
}

/// Groups of rows with their sources.
type Groups = &'static [(&'static str, &'static [Row])];

#[test]
fn layers_are_put_together_as_aws_does() {
    for (source, rows) in layers::GROUPS {
        check(source, rows);
    }
}

#[test]
fn policies_of_resources_count_as_aws_lets_them() {
    for (source, rows) in resources::GROUPS {
        check(source, rows);
    }
}

#[test]
fn conditions_and_variables_are_evaluated_as_aws_does() {
    for (source, rows) in conditions::GROUPS {
        check(source, rows);
    }
}
