//! The words of a question, looked up: which types a class has, which relationships a verb means.

use std::collections::BTreeSet;

use super::super::ast::{Pattern, Selector, Spanned, Verbs};
use super::super::diagnose::Diagnostic;
use super::super::kinds::Kind;
use super::super::synonyms;
use super::Compiler;

/// The relationships that a hop may follow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct VerbSet {
    /// All with one of these verbs.
    pub(super) verbs: BTreeSet<String>,
    /// And all of these types.
    pub(super) types: BTreeSet<String>,
    /// The verbs of those types.
    pub(super) other_verbs: BTreeSet<&'static str>,
}

impl VerbSet {
    /// Whether relationships of a kind are in it.
    pub(super) fn contains(&self, kind: &Kind) -> bool {
        self.verbs.contains(&kind.verb) || self.types.contains(&kind.name)
    }

    /// Whether one relationship may be in both.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let all = |it: &Self| {
            let mut all: BTreeSet<String> = it.verbs.clone();
            all.extend(it.other_verbs.iter().map(|it| (*it).to_owned()));
            all
        };
        !all(self).is_disjoint(&all(other))
    }
}

impl Compiler<'_> {
    /// Looks up every class, type and verb, and remarks on those that nothing here answers to.
    pub(super) fn look_up_words(&mut self) -> Result<(), Diagnostic> {
        for number in 0..self.plan.selector_count() {
            let types = self.types_of(self.plan.selector(number))?;
            self.types.push(types);
            if number > 0 {
                let verbs = self.verb_set(&self.plan.hop(number).verbs)?;
                self.verbs.insert(number, verbs);
            }
        }
        Ok(())
    }

    fn types_of(&mut self, selector: &Selector) -> Result<Option<Vec<String>>, Diagnostic> {
        let Pattern::Names(names) = &selector.pattern else { return Ok(None) };
        let mut types = BTreeSet::new();
        for name in names {
            if name.node.starts_with(char::is_uppercase) {
                types.extend(self.types_of_class(name)?);
            } else {
                types.extend(self.types_of_type(name)?);
            }
        }
        Ok(Some(types.into_iter().collect()))
    }

    fn types_of_class(&mut self, class: &Spanned<String>) -> Result<Vec<String>, Diagnostic> {
        if let Some(types) = self.words.types_of(&class.node) {
            return Ok(types.to_vec());
        }
        if synonyms::OTHER_CLASSES.contains(&class.node.as_str()) {
            self.remark(class, "nothing in this graph has the class");
            return Ok(Vec::new());
        }
        let mut near = self.words.near_class(&class.node);
        near.extend(self.words.near_type(&class.node));
        near.truncate(3);
        Err(Diagnostic::at(self.text, class.span, format!("there is no class `{}`", class.node))
            .suggesting(near))
    }

    fn types_of_type(&mut self, name: &Spanned<String>) -> Result<Vec<String>, Diagnostic> {
        if let Some((_, types)) = synonyms::TYPES.iter().find(|it| it.0 == name.node) {
            return Ok(types.iter().map(|it| (*it).to_owned()).collect());
        }
        if self.words.classes_of(&name.node).is_some() {
            return Ok(vec![name.node.clone()]);
        }
        let mut near = self.words.near_type(&name.node);
        near.extend(self.words.near_class(&name.node));
        near.truncate(3);
        // Other providers have types too; nothing here is of them.
        let is_foreign = name.node.trim_matches('_').contains('_') && !name.node.starts_with("aws");
        if is_foreign && near.iter().all(|it| it.starts_with("aws_")) {
            self.remark(name, "nothing in this graph has the type");
            return Ok(Vec::new());
        }
        Err(Diagnostic::at(self.text, name.span, format!("there is no type `{}`", name.node))
            .suggesting(near))
    }

    fn verb_set(&mut self, verbs: &Verbs) -> Result<Option<VerbSet>, Diagnostic> {
        let Verbs::Names(names) = verbs else { return Ok(None) };
        let mut set = VerbSet::default();
        for name in names {
            let verb = name.node.to_uppercase();
            for synonym in synonyms::VERBS.iter().filter(|it| it.asked == verb) {
                set.other_verbs.insert(synonym.stored);
                for from in synonym.from {
                    set.types.extend(synonym.to.iter().map(|to| relationship_type(from, synonym.stored, to)));
                }
            }
            if self.words.knows_verb(&verb) {
                set.verbs.insert(verb);
            } else if synonyms::OTHER_VERBS.contains(&verb.as_str()) {
                self.remark(name, "no relationship in this graph has the verb");
            } else {
                let near = self.words.near_verb(&verb);
                let message = format!("there is no verb `{}`", name.node);
                return Err(Diagnostic::at(self.text, name.span, message).suggesting(near));
            }
        }
        Ok(Some(set))
    }

    fn remark(&mut self, word: &Spanned<String>, what: &str) {
        let message = format!("{what} `{}`", word.node);
        self.warnings.push(Diagnostic::at(self.text, word.span, message));
    }
}

/// How the type of a relationship is called.
fn relationship_type(from: &str, verb: &str, to: &str) -> String {
    format!("{from}_{}_{}", verb.to_lowercase(), to.strip_prefix("aws_").unwrap_or(to))
}
