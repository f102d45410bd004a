//! Graphviz.

use std::fmt::Write as _;

use crate::AnswerGraph;

/// The graph in DOT: `dot -Tsvg` draws it. Nodes have `_key`, `_type` and `displayName` as attributes.
pub fn dot(graph: &AnswerGraph) -> String {
    let mut out = String::from("digraph orgraph {\n  rankdir=LR;\n  node [shape=box, style=rounded];\n");
    for node in graph.nodes.values() {
        let name = node.display_name.as_deref().unwrap_or(&node.key);
        let entity_type = node.entity_type.as_deref().unwrap_or_default();
        let label = if entity_type.is_empty() { name.to_owned() } else { format!("{name}\n{entity_type}") };
        let key = quoted(&node.key);
        let _ = write!(out, "  {key} [label={}, _key={key}", quoted(&label));
        let _ = writeln!(out, ", _type={}, displayName={}];", quoted(entity_type), quoted(name));
    }
    for edge in graph.edges.values() {
        let (from, to, verb) = (quoted(&edge.from), quoted(&edge.to), quoted(&edge.verb));
        let _ = writeln!(out, "  {from} -> {to} [label={verb}, _key={}];", quoted(&edge.key));
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
    fn every_quote_in_the_text_is_paired() {
        let text = dot(&sample::graph());

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
