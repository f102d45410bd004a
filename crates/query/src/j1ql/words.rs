//! The words a question may use, and which are meant by those that are nearly right.

use std::collections::{BTreeMap, BTreeSet};

use orgraph_model::{Verb, vocabulary};

/// Types, classes, verbs and properties of the graph.
#[derive(Debug, Clone)]
pub struct Words {
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
        let mut words = Self {
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
        words
    }

    /// The same with the names of properties, so that one that is mistyped is remarked on. Tags need not be named.
    pub fn with_properties(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.properties.extend(names.into_iter().map(Into::into));
        self
    }

    /// The types of a class; `None` when the class is not known.
    pub fn types_of(&self, class: &str) -> Option<&[String]> {
        self.classes.get(class).map(Vec::as_slice)
    }

    /// The classes of a type; `None` when the type is not known.
    pub fn classes_of(&self, entity_type: &str) -> Option<&[String]> {
        self.types.get(entity_type).map(Vec::as_slice)
    }

    /// Whether relationships with this verb are known; it is written in upper case.
    pub fn knows_verb(&self, verb: &str) -> bool {
        self.verbs.contains(verb)
    }

    /// Whether a property of this name is known. Without any known names, all are.
    pub fn knows_property(&self, name: &str) -> bool {
        self.properties.is_empty() || self.properties.contains(name)
    }

    pub(super) fn near_type(&self, name: &str) -> Vec<String> {
        nearest(name, self.types.keys().map(String::as_str))
    }

    pub(super) fn near_class(&self, name: &str) -> Vec<String> {
        nearest(name, self.classes.keys().map(String::as_str))
    }

    pub(super) fn near_verb(&self, name: &str) -> Vec<String> {
        nearest(name, self.verbs.iter().map(String::as_str))
    }

    pub(super) fn near_property(&self, name: &str) -> Vec<String> {
        nearest(name, self.properties.iter().map(String::as_str))
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
