//! Small graphs drawn by hand, and random ones against a naive search.

mod access;
mod names;
mod shortest;

use orgraph_model::{Key, vocabulary};

use super::graph::{EntityKind, Flags, Graph, Limits, Link, NewEntity, Place, RelationshipKind, Standing};
use super::path::Path;

/// A graph whose entities are called by their keys.
#[derive(Debug)]
pub(super) struct Drawn(pub(super) Graph);

impl Drawn {
    /// Entities by type and key; a `!` before the key for public ones, a `?` for private ones.
    pub(super) fn new(entities: &[(&str, &str)]) -> Self {
        let mut drawn = Self(Graph::empty(&Limits::default()));
        for (type_name, key) in entities {
            let (public, key) = match (key.strip_prefix('!'), key.strip_prefix('?')) {
                (Some(key), _) => (Some(true), key),
                (_, Some(key)) => (Some(false), key),
                _ => (None, *key),
            };
            drawn.entity(type_name, key, key, public);
        }
        drawn
    }

    pub(super) fn entity(&mut self, type_name: &str, key: &str, display_name: &str, public: Option<bool>) {
        let kinds = &mut self.0.entity_kinds;
        let number = kinds.iter().position(|it| *it.type_name == *type_name).unwrap_or_else(|| {
            let known = vocabulary::by_name(type_name).expect("the data model has the type");
            let classes = known.class.iter().map(|it| (*it).into()).collect();
            kinds.push(EntityKind { type_name: type_name.into(), classes });
            kinds.len() - 1
        });
        let entity = NewEntity {
            identity: Key::from(key).id().as_u128(),
            key,
            display_name,
            name: "",
            account: "111111111111",
            kind: u16::try_from(number).unwrap(),
            standing: Standing::Read,
            public,
        };
        self.0.add_entity(&entity).unwrap();
    }

    /// Relationships as `from VERB to`, and what access depends on.
    pub(super) fn with(mut self, relationships: &[(&str, Flags)]) -> Self {
        for (text, flags) in relationships {
            let [from, verb, to] = text.split(' ').collect::<Vec<_>>()[..] else { panic!("{text}") };
            let (from, to) = (self.at(from), self.at(to));
            let (from_type, to_type) = (self.0.type_name(from).to_owned(), self.0.type_name(to).to_owned());
            let kinds = &mut self.0.relationship_kinds;
            let known = |it: &RelationshipKind| {
                *it.from_type == *from_type && *it.verb == *verb && *it.to_type == *to_type
            };
            let number = kinds.iter().position(known).unwrap_or_else(|| {
                kinds.push(RelationshipKind {
                    rel_type: i16::try_from(kinds.len()).unwrap(),
                    type_name: format!("{from_type}_{verb}_{to_type}").to_lowercase().into(),
                    verb: verb.into(),
                    from_type: from_type.into(),
                    to_type: to_type.into(),
                });
                kinds.len() - 1
            });
            let link = Link { kind: u16::try_from(number).unwrap(), flags: *flags };
            self.0.add_relationship(from, to, link).unwrap();
        }
        self
    }

    pub(super) fn plain(self, relationships: &[&str]) -> Self {
        let relationships: Vec<_> = relationships.iter().map(|it| (*it, Flags::NONE)).collect();
        self.with(&relationships)
    }

    pub(super) fn at(&self, key: &str) -> Place {
        self.0.place(Key::from(key).id().as_u128()).unwrap_or_else(|| panic!("{key} is not drawn"))
    }
}

/// The keys on a path, with the verbs between them: `a -HAS- b`.
pub(super) fn told(path: &Path) -> String {
    let mut told = path.start.key.clone();
    for step in &path.steps {
        let verbs: Vec<String> = step
            .relationships
            .iter()
            .map(|it| if it.reversed { format!("<{}", it.verb) } else { format!("{}>", it.verb) })
            .collect();
        let verbs = if verbs.is_empty() { "public".to_owned() } else { verbs.join(",") };
        told = format!("{told} {verbs} {}", step.node.key);
    }
    told
}
