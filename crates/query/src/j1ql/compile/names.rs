//! What the names in a question stand for.

use super::super::ast::{Hop, Optional, Pattern, Query, Selector, Span, Spanned, Traversal, Verbs};
use super::super::diagnose::Diagnostic;
use super::super::words::nearest;

/// What a name stands for. Entities and relationships are numbered in the order in which they are written, the entity
/// and the relationship of a hop with the same number; the entity that a question begins with is number 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Binding {
    /// The entity of that number.
    Entity(usize),
    /// The relationship of that number.
    Relationship(usize),
    /// Where the optional way of that number arrives.
    Arrival(usize),
}

#[derive(Debug)]
struct Name {
    text: String,
    binding: Binding,
    /// Whether `AS` gave it; otherwise it is the class, type or verb itself.
    is_given: bool,
    /// Whether it lies beyond a negated relationship, where there is nothing.
    is_negated: bool,
}

/// All names of a question.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: Vec<Name>,
    hops: usize,
    optionals: usize,
}

impl Names {
    pub(super) fn of(query: &Query, text: &str) -> Result<Self, Diagnostic> {
        let mut names = Self::default();
        names.selector(&query.start, 0, false, text)?;
        names.steps(&query.steps, false, text)?;
        Ok(names)
    }

    fn steps(&mut self, steps: &[Traversal], negated: bool, text: &str) -> Result<(), Diagnostic> {
        let mut negated = negated;
        for step in steps {
            match step {
                Traversal::Hop(hop) => {
                    negated |= hop.negated;
                    self.hop(hop, negated, text)?;
                }
                Traversal::Optional(Optional { steps, alias, .. }) => {
                    self.optionals += 1;
                    let number = self.optionals;
                    self.steps(steps, negated, text)?;
                    if let Some(alias) = alias {
                        self.give(alias, Binding::Arrival(number), negated, text)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn hop(&mut self, hop: &Hop, negated: bool, text: &str) -> Result<(), Diagnostic> {
        self.hops += 1;
        let number = self.hops;
        match (&hop.alias, &hop.verbs) {
            (Some(alias), _) => self.give(alias, Binding::Relationship(number), negated, text)?,
            (None, Verbs::Names(verbs)) if verbs.len() == 1 => {
                self.add(verbs[0].node.to_uppercase(), Binding::Relationship(number), false, negated);
            }
            (None, _) => {}
        }
        self.selector(&hop.target, number, negated, text)
    }

    fn selector(
        &mut self,
        selector: &Selector,
        number: usize,
        negated: bool,
        text: &str,
    ) -> Result<(), Diagnostic> {
        match (&selector.alias, &selector.pattern) {
            (Some(alias), _) => self.give(alias, Binding::Entity(number), negated, text)?,
            (None, Pattern::Names(names)) if names.len() == 1 => {
                self.add(names[0].node.clone(), Binding::Entity(number), false, negated);
            }
            (None, _) => {}
        }
        Ok(())
    }

    fn give(
        &mut self,
        alias: &Spanned<String>,
        binding: Binding,
        negated: bool,
        text: &str,
    ) -> Result<(), Diagnostic> {
        if self.names.iter().any(|it| it.is_given && it.text == alias.node) {
            let message = format!("the name `{}` is given twice", alias.node);
            return Err(Diagnostic::at(text, alias.span, message));
        }
        self.add(alias.node.clone(), binding, true, negated);
        Ok(())
    }

    fn add(&mut self, text: String, binding: Binding, is_given: bool, is_negated: bool) {
        self.names.push(Name { text, binding, is_given, is_negated });
    }

    /// What `name` stands for: a name that was given, else the only class or type, else the only verb of that spelling.
    pub(super) fn find(&self, name: &str, span: Span, text: &str) -> Result<Binding, Diagnostic> {
        let given = |it: &&Name| it.is_given && it.text == name;
        let entity = |it: &&Name| !it.is_given && matches!(it.binding, Binding::Entity(_)) && it.text == name;
        let verb = |it: &&Name| {
            !it.is_given
                && matches!(it.binding, Binding::Relationship(_))
                && it.text.eq_ignore_ascii_case(name)
        };
        let mut found: Vec<&Name> = self.names.iter().filter(given).collect();
        if found.is_empty() {
            found = self.names.iter().filter(entity).collect();
        }
        if found.is_empty() {
            found = self.names.iter().filter(verb).collect();
        }
        match found.as_slice() {
            [] => {
                let known = self.names.iter().map(|it| it.text.as_str());
                Err(Diagnostic::at(text, span, format!("nothing is called `{name}`"))
                    .expecting(&["a name given with `AS`"])
                    .suggesting(nearest(name, known)))
            }
            [only] if only.is_negated => {
                let message = format!(
                    "`{name}` lies beyond a negated relationship, so there is nothing to show or compare"
                );
                Err(Diagnostic::at(text, span, message))
            }
            [only] => Ok(only.binding),
            _ => {
                let message =
                    format!("`{name}` stands in several places; give the one that is meant a name with `AS`");
                Err(Diagnostic::at(text, span, message))
            }
        }
    }
}
