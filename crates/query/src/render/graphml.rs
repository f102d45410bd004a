//! `GraphML`, for yEd, Gephi and `NetworkX`.

use std::collections::HashMap;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use crate::{AnswerGraph, Edge, Node};

/// The attributes: identifier, what has it, name.
const ATTRIBUTES: [(&str, &str, &str); 8] = [
    ("key", "node", "_key"),
    ("type", "node", "_type"),
    ("name", "node", "displayName"),
    ("state", "node", "state"),
    ("edge_key", "edge", "_key"),
    ("verb", "edge", "_class"),
    ("note", "edge", "note"),
    ("basis", "edge", "basis"),
];

/// The graph in `GraphML`. Nodes and edges have their keys as attributes and are numbered, because an identifier in XML
/// may not be any text.
pub fn graphml(graph: &AnswerGraph) -> io::Result<String> {
    let numbers: HashMap<&str, usize> =
        graph.nodes.keys().enumerate().map(|(number, key)| (key.as_str(), number)).collect();
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 2);
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let root =
        out.create_element("graphml").with_attribute(("xmlns", "http://graphml.graphdrawing.org/xmlns"));
    root.write_inner_content(|out| {
        for (id, of, name) in ATTRIBUTES {
            out.create_element("key")
                .with_attributes([("id", id), ("for", of), ("attr.name", name), ("attr.type", "string")])
                .write_empty()?;
        }
        let inner =
            out.create_element("graph").with_attributes([("id", "orgraph"), ("edgedefault", "directed")]);
        inner.write_inner_content(|out| {
            graph.nodes.values().enumerate().try_for_each(|(at, it)| node(out, at, it))?;
            graph.edges.values().enumerate().try_for_each(|(at, it)| edge(out, &numbers, at, it))
        })?;
        Ok(())
    })?;
    String::from_utf8(out.into_inner()).map_err(io::Error::other)
}

fn node(out: &mut Writer<Vec<u8>>, at: usize, node: &Node) -> io::Result<()> {
    let id = format!("n{at}");
    let element = out.create_element("node").with_attribute(("id", id.as_str()));
    element.write_inner_content(|out| {
        data(out, "key", Some(&node.key))?;
        data(out, "type", node.entity_type.as_deref())?;
        data(out, "name", node.display_name.as_deref())?;
        data(out, "state", node.state)
    })?;
    Ok(())
}

fn edge(out: &mut Writer<Vec<u8>>, numbers: &HashMap<&str, usize>, at: usize, edge: &Edge) -> io::Result<()> {
    // An end that is no node cannot be drawn; `Reader::complete_graph` leaves none.
    let (Some(from), Some(to)) = (numbers.get(edge.from.as_str()), numbers.get(edge.to.as_str())) else {
        return Ok(());
    };
    let ids = [format!("e{at}"), format!("n{from}"), format!("n{to}")];
    let element = out.create_element("edge").with_attributes([
        ("id", ids[0].as_str()),
        ("source", &ids[1]),
        ("target", &ids[2]),
    ]);
    element.write_inner_content(|out| {
        data(out, "edge_key", Some(&edge.key))?;
        data(out, "verb", Some(&edge.verb))?;
        data(out, "note", edge.note.as_deref())?;
        data(out, "basis", edge.basis.as_str())
    })?;
    Ok(())
}

fn data(out: &mut Writer<Vec<u8>>, key: &str, text: Option<&str>) -> io::Result<()> {
    let Some(text) = text else { return Ok(()) };
    let text = permitted(text);
    out.create_element("data").with_attribute(("key", key)).write_text_content(BytesText::new(&text))?;
    Ok(())
}

/// XML has no way to write most control characters, not even escaped.
fn permitted(text: &str) -> String {
    let is_forbidden = |it: char| matches!(it, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(|it| if is_forbidden(it) { '\u{fffd}' } else { it }).collect()
}

#[cfg(test)]
mod tests {
    use quick_xml::Reader;

    use super::*;
    use crate::render::sample;

    /// Every text of a `data` element with its attribute, read back by a parser.
    fn read(text: &str) -> Vec<(String, String)> {
        let mut reader = Reader::from_str(text);
        let (mut found, mut current, mut inner) = (Vec::new(), None, String::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(it) if it.name().as_ref() == "data" => {
                    let key = it.try_get_attribute("key").unwrap().unwrap();
                    current = Some(key.value.into_owned());
                    inner.clear();
                }
                Event::Text(it) => inner.push_str(&it),
                Event::GeneralRef(it) => match it.resolve_char_ref().unwrap() {
                    Some(character) => inner.push(character),
                    None => inner.push_str(quick_xml::escape::resolve_predefined_entity(&it).unwrap()),
                },
                Event::End(it) if it.name().as_ref() == "data" => {
                    found.push((current.take().unwrap(), inner.clone()));
                }
                Event::Eof => return found,
                _ => {}
            }
        }
    }

    #[test]
    fn text_comes_back_as_it_was() {
        let text = graphml(&sample::graph()).unwrap();

        let expected = [
            ("key", "i-1"),
            ("type", "aws_instance"),
            ("name", "a \"b\" \\ <c> & 'd'"),
            ("key", "v\\"),
            ("edge_key", "v\\|HAS|i-1"),
            ("verb", "HAS"),
        ];
        assert_eq!(read(&text), expected.map(|(key, text)| (key.to_owned(), text.to_owned())));
        assert!(text.contains(r#"<edge id="e0" source="n1" target="n0">"#), "{text}");
    }

    #[test]
    fn what_paths_know_besides_is_there() {
        let found = read(&graphml(&sample::graph_of_paths()).unwrap());

        for (key, text) in [("state", "missing"), ("basis", "implied"), ("note", "tcp \"443\"\nand 1 more")] {
            assert!(found.contains(&(key.to_owned(), text.to_owned())), "{key}: {found:?}");
        }
    }

    #[test]
    fn characters_that_xml_cannot_hold_are_replaced() {
        assert_eq!(permitted("a\u{0}b\u{1b}c\td\u{ffff}"), "a\u{fffd}b\u{fffd}c\td\u{fffd}");
    }
}
