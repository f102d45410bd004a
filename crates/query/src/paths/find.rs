//! Entities by what people call them.

use orgraph_model::Key;

use super::PathError;
use super::graph::{Graph, Place};

/// How many entities an error names.
const NAMED: usize = 10;

impl Graph {
    /// The one entity that is meant by its key, by `type:name`, or by a name that no other entity has. A name is the
    /// display name, the name, or the last part of the key: `i-0123` of an instance.
    ///
    /// # Errors
    ///
    /// [`PathError::NotFound`] and [`PathError::Ambiguous`], which name entities that may be meant.
    pub fn find(&self, text: &str) -> Result<Place, PathError> {
        if let Some(place) = self.place(Key::from(text).id().as_u128()) {
            return Ok(place);
        }
        let (type_name, name) = match text.split_once(':') {
            Some((before, after)) if self.entity_kinds.iter().any(|it| *it.type_name == *before) => {
                (Some(before), after)
            }
            _ => (None, text),
        };
        let candidates = || self.places().filter(|it| type_name.is_none_or(|of| self.type_name(*it) == of));
        // A display name goes before what is called so in other ways.
        let named: Vec<Place> = candidates().filter(|it| self.display_name(*it) == name).collect();
        let found = if named.is_empty() {
            candidates().filter(|it| self.other_name(*it) == name || self.local_name(*it) == name).collect()
        } else {
            named
        };
        match found[..] {
            [place] => Ok(place),
            [] => Err(PathError::NotFound { text: text.to_owned(), near: self.near(name) }),
            _ => Err(PathError::Ambiguous {
                text: text.to_owned(),
                count: found.len(),
                keys: self.first_keys(found),
            }),
        }
    }

    /// The last part of the key.
    fn local_name(&self, place: Place) -> &str {
        let key = self.key(place);
        key.rsplit(['/', ':']).next().unwrap_or(key)
    }

    /// Entities that are called so in another case.
    fn near(&self, name: &str) -> Vec<String> {
        let is_near = |it: &Place| {
            self.display_name(*it).eq_ignore_ascii_case(name)
                || self.key(*it).eq_ignore_ascii_case(name)
                || self.local_name(*it).eq_ignore_ascii_case(name)
        };
        self.first_keys(self.places().filter(is_near).collect())
    }

    fn first_keys(&self, places: Vec<Place>) -> Vec<String> {
        let mut keys: Vec<String> = places.into_iter().map(|it| self.key(it).to_owned()).collect();
        keys.sort();
        keys.truncate(NAMED);
        keys
    }
}
