//! Graphviz.

use std::fmt::Write as _;

use crate::{AnswerGraph, Basis};

/// The graph in DOT: `dot -Tsvg` draws it. Nodes have `_key`, `_type` and `displayName` as attributes. What was not read
/// is dashed, and so is what holds under conditions only; dotted is what no relationship says.
pub fn dot(graph: &AnswerGraph) -> String {
    let mut out = String::from("digraph orgraph {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n");
    for node in graph.nodes.values() {
        let name = node.display_name.as_deref().unwrap_or(&node.key);
        let entity_type = node.entity_type.as_deref().unwrap_or_default();
        let label = if entity_type.is_empty() { name.to_owned() } else { format!("{name}\n{entity_type}") };
        let key = quoted(&node.key);
        let _ = write!(out, "  {key} [label={}, _key={key}", quoted(&label));
        let _ = write!(out, ", _type={}, displayName={}", quoted(entity_type), quoted(name));
        let is_read = node.state.is_none_or(|it| it == "read");
        out.push_str(if is_read { "];\n" } else { ", style=\"rounded,dashed\"];\n" });
    }
    for edge in graph.edges.values() {
        let note = edge.note.iter().map(String::as_str);
        let label = std::iter::once(edge.verb.as_str()).chain(note).collect::<Vec<_>>().join("\n");
        let _ = write!(out, "  {} -> {} [label={}", quoted(&edge.from), quoted(&edge.to), quoted(&label));
        if edge.basis != Basis::Implied {
            let _ = write!(out, ", _key={}", quoted(&edge.key));
        }
        out.push_str(match edge.basis {
            Basis::Relationship => "];\n",
            Basis::Conditional => ", style=dashed];\n",
            Basis::Implied => ", style=dotted];\n",
        });
    }
    out.push_str("}\n");
    out
}

/// A quoted ID. In one only `\"` is an escape; in a label `\n` and the like are read too, so a backslash of the text
/// is doubled, which a label shows as one.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            it if it.is_control() => out.push('\u{fffd}'),
            it => out.push(it),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn text_cannot_end_its_quotes() {
        let text = dot(&sample::graph());

        assert_eq!(
            text,
            r#"digraph orgraph {
  rankdir=LR;
  node [shape=box, style=rounded];
  "i-1" [label="a \"b\" \\ <c> & 'd'\naws_instance", _key="i-1", _type="aws_instance", displayName="a \"b\" \\ <c> & 'd'"];
  "v\\" [label="v\\", _key="v\\", _type="", displayName="v\\"];
  "v\\" -> "i-1" [label="HAS", _key="v\\|HAS|i-1"];
}
"#
        );
    }

    #[test]
    fn what_is_less_than_read_or_certain_is_drawn_so() {
        let text = dot(&sample::graph_of_paths());

        assert_eq!(
            text.lines().skip(3).collect::<Vec<_>>(),
            [
                r#"  "i-1" [label="a \"b\" \\ <c> & 'd'\naws_instance", _key="i-1", _type="aws_instance", displayName="a \"b\" \\ <c> & 'd'"];"#,
                r#"  "v\\" [label="v\\", _key="v\\", _type="", displayName="v\\", style="rounded,dashed"];"#,
                r#"  "i-1" -> "v\\" [label="it is public", style=dotted];"#,
                r#"  "v\\" -> "i-1" [label="HAS\ntcp \"443\"\nand 1 more", _key="v\\|HAS|i-1", style=dashed];"#,
                "}",
            ]
        );
    }

    #[test]
    fn every_quote_in_the_text_is_paired() {
        let text = dot(&sample::graph_of_paths());

        let mut is_open = false;
        let mut characters = text.chars();
        while let Some(it) = characters.next() {
            match it {
                '"' => is_open = !is_open,
                '\\' if is_open => drop(characters.next()),
                ';' | '{' | '}' => assert!(!is_open, "a statement ends inside of quotes: {text}"),
                _ => {}
            }
        }
        assert!(!is_open);
    }
}
