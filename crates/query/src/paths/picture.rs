//! Paths as a part of the graph that can be drawn.

use super::path::{Path, Relationship};
use crate::{AnswerGraph, Basis, Edge, Node};

impl AnswerGraph {
    /// All paths in one picture: every entity once, every relationship once, parallel ones as one.
    pub fn of_paths<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut picture = Self::default();
        for path in paths {
            picture.nodes.extend(path.nodes().map(|it| (it.key.clone(), node(it))));
            let mut before = &path.start;
            for step in &path.steps {
                for it in &step.relationships {
                    let ends = if it.reversed { (&step.node, before) } else { (before, &step.node) };
                    picture.draw(&it.verb, (&ends.0.key, &ends.1.key), note(it), basis(it));
                }
                if step.relationships.is_empty() {
                    let because = step.because.unwrap_or_default();
                    picture.draw(because, (&before.key, &step.node.key), None, Basis::Implied);
                }
                before = &step.node;
            }
        }
        picture
    }

    fn draw(&mut self, verb: &str, (from, to): (&str, &str), note: Option<String>, basis: Basis) {
        let key = format!("{from}|{verb}|{to}");
        let edge = || Edge {
            key: key.clone(),
            verb: verb.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            note,
            basis,
        };
        self.edges.entry(key.clone()).or_insert_with(edge);
    }
}

fn node(node: &super::Node) -> Node {
    Node {
        key: node.key.clone(),
        entity_type: Some(node.type_name.clone()),
        display_name: Some(node.display_name.clone()),
        state: Some(node.state),
    }
}

/// What the first of the parallel relationships says, and how many more there are.
fn note(relationship: &Relationship) -> Option<String> {
    let summary = relationship.facts.first().and_then(|it| it.summary.clone());
    let more = relationship.facts.len().saturating_sub(1) + relationship.more_facts;
    let more = (more > 0).then(|| format!("and {more} more"));
    let lines: Vec<String> = summary.into_iter().chain(more).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn basis(relationship: &Relationship) -> Basis {
    if relationship.conditional { Basis::Conditional } else { Basis::Relationship }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths::path::Step;

    #[test]
    fn what_is_public_by_itself_is_drawn_without_a_relationship() {
        let node = |key: &str, state: &'static str| super::super::Node {
            key: key.to_owned(),
            type_name: "host".to_owned(),
            display_name: key.to_uppercase(),
            account_id: None,
            state,
        };
        let public = Some("it is public");
        let step = Step { relationships: Vec::new(), because: public, node: node("b", "placeholder") };
        let path = Path { hops: 1, start: node("a", "read"), steps: vec![step] };

        let picture = AnswerGraph::of_paths([&path, &path]);

        let nodes: Vec<_> = picture.nodes.values().map(|it| (it.key.as_str(), it.state)).collect();
        assert_eq!(nodes, [("a", Some("read")), ("b", Some("placeholder"))]);
        let [edge] = picture.edges.values().collect::<Vec<_>>()[..] else { panic!("{picture:?}") };
        assert_eq!((edge.from.as_str(), edge.to.as_str()), ("a", "b"));
        assert_eq!((edge.verb.as_str(), edge.basis), ("it is public", Basis::Implied));
    }
}
