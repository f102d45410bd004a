//! The words a question may use, and which are meant by those that are nearly right.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use orgraph_model::{Verb, vocabulary};

use super::kinds::Kinds;

/// Types of which there is one entity in the whole graph, and its key.
const SINGLE: [(&str, &str); 2] = [("internet", "global:internet"), ("everyone", "global:everyone")];

/// Types, classes, verbs and properties of the graph. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    known: Arc<Known>,
    kinds: Option<Kinds>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    /// Each type with its classes.
    types: BTreeMap<String, Vec<String>>,
    /// Each class with its types.
    classes: BTreeMap<String, Vec<String>>,
    verbs: BTreeSet<String>,
    properties: BTreeSet<String>,
}

impl Words {
    /// The types, classes and verbs of the data model, without properties.
    pub fn of_the_model() -> Self {
        let types = vocabulary::ALL.iter().map(|it| (it.name, it.class));
        Self::new(types, Verb::ALL.iter().map(|it| it.as_str()))
    }

    /// These types with their classes, and these verbs.
    pub fn new<'w>(
        types: impl IntoIterator<Item = (&'w str, &'w [&'w str])>,
        verbs: impl IntoIterator<Item = &'w str>,
    ) -> Self {
        let mut words = Known {
            types: BTreeMap::new(),
            classes: BTreeMap::new(),
            verbs: verbs.into_iter().map(str::to_owned).collect(),
            properties: BTreeSet::new(),
        };
        for (name, classes) in types {
            words.types.insert(name.to_owned(), classes.iter().map(|it| (*it).to_owned()).collect());
            for class in classes {
                words.classes.entry((*class).to_owned()).or_default().push(name.to_owned());
            }
        }
        Self { known: Arc::new(words), kinds: None }
    }

    /// The same with the kinds of relationship that a database stores. A question that was compiled with them is for a
    /// database that stores these and no others.
    pub fn with_kinds(mut self, kinds: Kinds) -> Self {
        self.kinds = Some(kinds);
        self
    }

    /// The kinds of relationship, if they are known.
    pub(super) fn kinds(&self) -> Option<&Kinds> {
        self.kinds.as_ref()
    }

    /// The key of the only entity of a type, if there is no more than one.
    pub(super) fn only_key(entity_type: &str) -> Option<&'static str> {
        SINGLE.iter().find(|it| it.0 == entity_type).map(|it| it.1)
    }

    /// The same with the names of properties, so that one that is mistyped is remarked on. Tags need not be named.
    pub fn with_properties(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Arc::make_mut(&mut self.known).properties.extend(names.into_iter().map(Into::into));
        self
    }

    /// The types of a class; `None` when the class is not known.
    pub fn types_of(&self, class: &str) -> Option<&[String]> {
        self.known.classes.get(class).map(Vec::as_slice)
    }

    /// The classes of a type; `None` when the type is not known.
    pub fn classes_of(&self, entity_type: &str) -> Option<&[String]> {
        self.known.types.get(entity_type).map(Vec::as_slice)
    }

    /// Whether relationships with this verb are known; it is written in upper case.
    pub fn knows_verb(&self, verb: &str) -> bool {
        self.known.verbs.contains(verb)
    }

    /// Whether a property of this name is known. Without any known names, all are.
    pub fn knows_property(&self, name: &str) -> bool {
        self.known.properties.is_empty() || self.known.properties.contains(name)
    }

    pub(super) fn near_type(&self, name: &str) -> Vec<String> {
        nearest(name, self.known.types.keys().map(String::as_str))
    }

    pub(super) fn near_class(&self, name: &str) -> Vec<String> {
        nearest(name, self.known.classes.keys().map(String::as_str))
    }

    pub(super) fn near_verb(&self, name: &str) -> Vec<String> {
        nearest(name, self.known.verbs.iter().map(String::as_str))
    }

    pub(super) fn near_property(&self, name: &str) -> Vec<String> {
        nearest(name, self.known.properties.iter().map(String::as_str))
    }
}

impl Default for Words {
    fn default() -> Self {
        Self::of_the_model()
    }
}

/// How alike two words have to be for one to be taken for the other.
const ALIKE: f64 = 0.84;

/// The words that are most like `word`, best first, at most three.
pub(super) fn nearest<'w>(word: &str, words: impl Iterator<Item = &'w str>) -> Vec<String> {
    // Comparing takes the product of both lengths.
    if word.len() > 100 {
        return Vec::new();
    }
    let folded = word.to_lowercase();
    let mut alike: Vec<(f64, &str)> = words
        .map(|it| (strsim::jaro_winkler(&folded, &it.to_lowercase()), it))
        .filter(|it| it.0 >= ALIKE && it.1 != word)
        .collect();
    alike.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    alike.dedup_by(|a, b| a.1 == b.1);
    alike.into_iter().take(3).map(|it| it.1.to_owned()).collect()
}
