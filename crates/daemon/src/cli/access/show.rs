//! Answers, for people and for programs.

use comfy_table::{ContentArrangement, Table, presets};

use super::Format;
use crate::access::{Explained, Listed, Row};
use crate::cli::safe::Safe;

/// One decision with everything it rests on.
pub(super) fn explained(format: Format, answer: &Explained) -> anyhow::Result<()> {
    if format == Format::Json {
        println!("{}", serde_json::to_string_pretty(answer)?);
        return Ok(());
    }
    println!("{}", answer.decision.as_str());
    if let Some(note) = &answer.note {
        println!("({note})");
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["layer", "", "effect", "by"]);
    for layer in &answer.layers {
        let mut by: Vec<String> = Vec::new();
        for it in &layer.statements {
            let may = if it.applies { "" } else { " (may apply)" };
            by.push(format!("{}{may}: {} of {}", it.effect, it.statement, it.policy));
        }
        by.extend(layer.note.clone());
        table.add_row([
            layer.title.to_owned(),
            Safe(layer.place.as_deref().unwrap_or_default()).to_string(),
            layer.effect.to_owned(),
            by.iter().map(|it| Safe(it).to_string()).collect::<Vec<_>>().join("\n"),
        ]);
    }
    if !answer.layers.is_empty() {
        println!("{table}");
    }
    if !answer.needs.is_empty() {
        println!("what would have to be known:");
        for need in &answer.needs {
            println!("  {}", Safe(&need.said));
        }
    }
    not_evaluated(&answer.not_evaluated);
    Ok(())
}

/// Several answers.
pub(super) fn listed(format: Format, answer: &Listed) -> anyhow::Result<()> {
    if format == Format::Json {
        println!("{}", serde_json::to_string_pretty(answer)?);
        return Ok(());
    }
    println!("{} allowed, {} unknown, {} denied", answer.allowed, answer.unknown, answer.denied);
    if !answer.answers.is_empty() {
        let mut table = Table::new();
        table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
        for it in &answer.answers {
            let needs: Vec<String> = it.needs.iter().map(|it| Safe(&it.said).to_string()).collect();
            let subject = subject(it);
            table.add_row([it.decision.as_str().to_owned(), Safe(&subject).to_string(), needs.join("\n")]);
        }
        println!("{table}");
    }
    not_evaluated(&answer.not_evaluated);
    Ok(())
}

/// What a row is about.
fn subject(row: &Row) -> String {
    let text = |it: &Option<String>| it.clone().unwrap_or_default();
    match &row.principal {
        Some(principal) => principal.clone(),
        None => format!("{} on {}", text(&row.action), text(&row.resource)),
    }
}

fn not_evaluated(what: &[&str]) {
    println!("not evaluated: {}", what.join("; "));
}
