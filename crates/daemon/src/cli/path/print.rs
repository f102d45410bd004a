//! Answers for people. Everything that comes from AWS is made harmless first.

use std::fmt::Write as _;

use comfy_table::{ContentArrangement, Table, presets};
use orgraph_query::Footer;
use orgraph_query::paths::{BlastRadius, Exposure, Node, Path, Step};

use crate::cli::safe::Safe;
use crate::clock::now;

pub(super) fn paths(paths: &[Path]) {
    if paths.is_empty() {
        println!("there is no such path");
    }
    for (number, it) in paths.iter().enumerate() {
        println!("path {}: {}", number + 1, steps(it.hops));
        print!("{}", told(it));
    }
}

pub(super) fn blast_radius(radius: &BlastRadius) {
    println!("{} reaches {} entities", name(&radius.start), radius.total);
    let mut table = table(["type", "reached", "hops", "access", "entity"]);
    for group in &radius.groups {
        for (number, it) in group.entities.iter().enumerate() {
            let first = |text: String| if number == 0 { text } else { String::new() };
            table.add_row([
                first(Safe(&group.type_name).to_string()),
                first(group.total.to_string()),
                it.hops.to_string(),
                it.access.as_str().to_owned(),
                Safe(&it.node.key).to_string(),
            ]);
        }
    }
    if radius.total > 0 {
        println!("{table}");
    }
}

pub(super) fn exposure(exposure: &Exposure) {
    println!("{} of {} data stores can be reached from the Internet", exposure.total, exposure.data_stores);
    if exposure.total > 0 {
        let mut table = table(["data store", "type", "account", "way", "hops", "through"]);
        for it in &exposure.exposed {
            table.add_row([
                Safe(&it.data_store.key).to_string(),
                Safe(&it.data_store.type_name).to_string(),
                Safe(it.data_store.account_id.as_deref().unwrap_or_default()).to_string(),
                format!("{}{}", it.way.as_str(), if it.conditional { ", under conditions" } else { "" }),
                it.hops.to_string(),
                through(&it.path),
            ]);
        }
        println!("{table}");
    }
    let more = exposure.total - exposure.exposed.len();
    if more > 0 {
        println!("… and {more} more: raise --limit to list them");
    }
}

/// To standard error, so that a program reads the answer alone.
pub(super) fn rests_on(footer: &Footer) {
    for line in footer.lines(now()) {
        eprintln!("{}", Safe(&line));
    }
}

fn table<const COLUMNS: usize>(header: [&str; COLUMNS]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header);
    table
}

fn steps(hops: usize) -> String {
    if hops == 1 { "1 step".to_owned() } else { format!("{hops} steps") }
}

/// `Internet → web-sg → web → deploy → data`.
fn through(path: &Path) -> String {
    let names: Vec<String> = path.nodes().map(|it| Safe(&it.display_name).to_string()).collect();
    names.join(" → ")
}

fn told(path: &Path) -> String {
    let mut told = format!("  {}\n", name(&path.start));
    for it in &path.steps {
        step(&mut told, it);
    }
    told
}

fn step(told: &mut String, step: &Step) {
    for it in &step.relationships {
        let arrow = if it.reversed { "←" } else { "→" };
        let _ = write!(told, "    {arrow} {}", Safe(&it.verb));
        let summaries: Vec<String> =
            it.facts.iter().filter_map(|it| it.summary.as_deref()).map(|it| Safe(it).to_string()).collect();
        if !summaries.is_empty() {
            let _ = write!(told, ": {}", summaries.join("; "));
        }
        if it.more_facts > 0 {
            let _ = write!(told, " and {} more", it.more_facts);
        }
        told.push('\n');
    }
    let _ = writeln!(told, "  {}", name(&step.node));
}

fn name(node: &Node) -> String {
    let state = if node.state == "read" { String::new() } else { format!(", {}", node.state) };
    let (display_name, key) = (Safe(&node.display_name), Safe(&node.key));
    format!("{display_name} ({}{state}) {key}", Safe(&node.type_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_is_told_with_its_state_and_without_escapes() {
        let mut node = Node {
            key: "arn:aws:iam::2:root".to_owned(),
            type_name: "aws_account".to_owned(),
            display_name: "a\u{1b}[31m".to_owned(),
            account_id: None,
            state: "missing",
        };

        assert_eq!(name(&node), "a\\u{1b}[31m (aws_account, missing) arn:aws:iam::2:root");
        node.state = "read";
        assert_eq!(name(&node), "a\\u{1b}[31m (aws_account) arn:aws:iam::2:root");
    }
}
