//! Which entities and relationships a path may use.

use std::rc::Rc;

use orgraph_model::{Verb, vocabulary};
use serde::{Deserialize, Serialize};

use super::PathError;
use super::graph::{EntityKind, Graph};

/// Which paths are wanted. The ends of a path may be anything.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Filter {
    /// At most this many steps.
    pub max_hops: u8,
    /// Whether relationships are followed against their direction too.
    pub direction: Direction,
    /// Entities of these classes; together with `types` empty for any.
    pub classes: Vec<String>,
    /// Entities of these types.
    pub types: Vec<String>,
    /// No entities of these types.
    pub not_types: Vec<String>,
    /// Relationships of these verbs; empty for any.
    pub verbs: Vec<String>,
    /// No relationships of these verbs.
    pub not_verbs: Vec<String>,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            max_hops: 10,
            direction: Direction::default(),
            classes: Vec::new(),
            types: Vec::new(),
            not_types: Vec::new(),
            verbs: Vec::new(),
            not_verbs: Vec::new(),
        }
    }
}

/// Which way relationships are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Both ways: how do these two hang together?
    #[default]
    Undirected,
    /// From the first entity of a relationship to the second only.
    Directed,
}

/// A filter in the numbers of one graph.
pub(super) struct Allowed {
    /// By kind of entity.
    pub(super) entities: Vec<bool>,
    /// By kind of relationship.
    pub(super) relationships: Rc<[bool]>,
}

impl Filter {
    /// # Errors
    ///
    /// [`PathError::UnknownWord`] for a type, class or verb that neither the data model nor the graph has.
    pub(super) fn allowed(&self, graph: &Graph) -> Result<Allowed, PathError> {
        let types = || graph.entity_kinds.iter().map(|it| &*it.type_name);
        let known_types: Vec<&str> = types().chain(vocabulary::ALL.iter().map(|it| it.name)).collect();
        let classes = graph.entity_kinds.iter().flat_map(|it| it.classes.iter().map(|it| &**it));
        let in_model = vocabulary::ALL.iter().flat_map(|it| it.class.iter().copied());
        let known_classes: Vec<&str> = classes.chain(in_model).collect();
        let verbs = graph.relationship_kinds.iter().map(|it| &*it.verb);
        let known_verbs: Vec<&str> = verbs.chain(Verb::ALL.iter().map(|it| it.as_str())).collect();
        let types = words("type", &self.types, &known_types)?;
        let not_types = words("type", &self.not_types, &known_types)?;
        let classes = words("class", &self.classes, &known_classes)?;
        let verbs = words("verb", &self.verbs, &known_verbs)?;
        let not_verbs = words("verb", &self.not_verbs, &known_verbs)?;

        let is_any = types.is_empty() && classes.is_empty();
        let is_allowed = |it: &EntityKind| {
            let named =
                types.contains(&&*it.type_name) || it.classes.iter().any(|it| classes.contains(&&**it));
            (is_any || named) && !not_types.contains(&&*it.type_name)
        };
        Ok(Allowed {
            entities: graph.entity_kinds.iter().map(is_allowed).collect(),
            relationships: graph
                .relationship_kinds
                .iter()
                .map(|it| (verbs.is_empty() || verbs.contains(&&*it.verb)) && !not_verbs.contains(&&*it.verb))
                .collect(),
        })
    }
}

/// The known words that were meant, whatever their case.
pub(super) fn words<'a>(
    kind: &'static str,
    asked: &[String],
    known: &[&'a str],
) -> Result<Vec<&'a str>, PathError> {
    let word = |text: &String| {
        known.iter().copied().find(|it| it.eq_ignore_ascii_case(text)).ok_or_else(|| {
            let mut near: Vec<(f64, &str)> = known
                .iter()
                .map(|it| (strsim::jaro_winkler(&it.to_lowercase(), &text.to_lowercase()), *it))
                .filter(|(likeness, _)| *likeness > 0.85)
                .collect();
            near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
            near.dedup_by_key(|it| it.1);
            let near = near.into_iter().take(3).map(|it| it.1.to_owned()).collect();
            PathError::UnknownWord { kind, text: text.clone(), near }
        })
    };
    asked.iter().map(word).collect()
}
