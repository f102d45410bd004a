//! Paths as a picture, in the language of Graphviz.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::path::{Node, Path, Relationship};

/// All paths in one picture: every entity once, every relationship once, in an order that does not change.
pub fn dot<'a>(paths: impl IntoIterator<Item = &'a Path>) -> String {
    let mut nodes: BTreeMap<&str, &Node> = BTreeMap::new();
    let mut edges: BTreeSet<String> = BTreeSet::new();
    for path in paths {
        nodes.extend(path.nodes().map(|it| (it.key.as_str(), it)));
        let mut before = &path.start;
        for step in &path.steps {
            for relationship in &step.relationships {
                let (from, to) =
                    if relationship.reversed { (&step.node, before) } else { (before, &step.node) };
                edges.insert(edge(from, to, relationship));
            }
            if step.relationships.is_empty() {
                let because = quoted(step.because.unwrap_or_default());
                let (from, to) = (quoted(&before.key), quoted(&step.node.key));
                edges.insert(format!("  {from} -> {to} [label={because}, style=dotted];"));
            }
            before = &step.node;
        }
    }
    let mut dot =
        String::from("digraph orgraph {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    for node in nodes.values() {
        let style = if node.state == "read" { "" } else { ", style=dashed" };
        let label = quoted(&format!("{}\n{}", node.display_name, node.type_name));
        let _ = writeln!(dot, "  {} [label={label}{style}];", quoted(&node.key));
    }
    for edge in &edges {
        let _ = writeln!(dot, "{edge}");
    }
    dot.push_str("}\n");
    dot
}

fn edge(from: &Node, to: &Node, relationship: &Relationship) -> String {
    let mut label = relationship.verb.clone();
    if let Some(summary) = relationship.facts.first().and_then(|it| it.summary.as_deref()) {
        let _ = write!(label, "\n{summary}");
    }
    let more = relationship.facts.len().saturating_sub(1) + relationship.more_facts;
    if more > 0 {
        let _ = write!(label, "\nand {more} more");
    }
    let style = if relationship.conditional { ", style=dashed" } else { "" };
    format!("  {} -> {} [label={}{style}];", quoted(&from.key), quoted(&to.key), quoted(&label))
}

/// A string of the language: lines stay lines, and no other control character comes through.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            it if it.is_control() => {
                let _ = write!(quoted, "\\\\u{{{:x}}}", u32::from(it));
            }
            it => quoted.push(it),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::path::Step;

    #[test]
    fn nothing_that_aws_says_leaves_its_quotes() {
        let node = |key: &str| Node {
            key: key.to_owned(),
            type_name: "host".to_owned(),
            display_name: "a\"];\u{1b}\\".to_owned(),
            account_id: None,
            state: "placeholder",
        };
        let step = Step { relationships: Vec::new(), because: Some("it is public"), node: node("b\"") };
        let path = Path { hops: 1, start: node("a"), steps: vec![step] };

        let drawn = dot([&path, &path]);

        assert_eq!(
            drawn,
            r#"digraph orgraph {
  rankdir=LR;
  node [shape=box, fontname="sans-serif"];
  "a" [label="a\"];\\u{1b}\\\nhost", style=dashed];
  "b\"" [label="a\"];\\u{1b}\\\nhost", style=dashed];
  "a" -> "b\"" [label="it is public", style=dotted];
}
"#
        );
    }
}
