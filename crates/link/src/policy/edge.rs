//! What is known about one policy and one target, from all statements together.

use std::collections::{BTreeMap, BTreeSet};

use orgraph_model::Properties;
use serde_json::Value;

use super::action::{Kind, Kinds};
use super::deny::Reach;
use super::document::{Statement, condition_keys};
use super::grant::{Grant, Prepared, Way};
use super::offer::Offered;

/// What a document allows on one target.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property of its own")]
pub(super) struct Edge<'p> {
    /// The statements that allow it.
    statements: BTreeSet<usize>,
    actions: BTreeSet<&'p str>,
    resources: BTreeSet<&'p str>,
    not_actions: BTreeSet<&'p str>,
    kinds: Kinds,
    is_admin: bool,
    has_variables: bool,
    is_collapsed: bool,
    is_narrowed: bool,
    /// Whether the target itself is meant, and not only something inside of it.
    is_itself: bool,
    negated_actions: BTreeSet<&'p str>,
    negated_all_but: BTreeSet<&'p str>,
    is_conditionally_denied: bool,
}

impl<'p> Edge<'p> {
    /// Whether something is left of it after what is denied.
    pub(super) fn is_effective(&self) -> bool {
        !self.actions.is_empty()
    }

    /// Adds what a statement grants, less what the document denies.
    pub(super) fn add(&mut self, grant: &Grant<'_, 'p>, document: &Prepared<'p>) {
        let reach: Vec<Reach> = document.denials.iter().map(|it| it.of_resources(&grant.extent)).collect();
        let statement = &document.statements[grant.statement];
        let mut is_left = false;
        for offered in &grant.offer.actions {
            if self.is_denied(offered, &reach, document) {
                continue;
            }
            is_left = true;
            self.actions.insert(offered.written);
            self.kinds.add_all(offered.kinds);
            let is_whole = grant.way == Way::Whole && offered.is_all;
            self.is_admin |= statement.condition.is_none() && (is_whole || offered.has_all_of_iam);
        }
        if is_left {
            self.statements.insert(grant.statement);
            self.resources.insert(grant.resource);
            self.not_actions.extend(&grant.offer.not_actions);
            self.has_variables |= grant.has_variables;
            self.is_collapsed |= grant.way == Way::Collapsed;
            self.is_itself |= grant.way != Way::Inside;
        }
    }

    /// Whether an action is denied altogether. What is denied in part is remembered.
    fn is_denied(&mut self, offered: &Offered<'p>, reach: &[Reach], document: &Prepared<'p>) -> bool {
        let mut is_denied = false;
        for ((denial, of_resources), (of_action, by)) in
            document.denials.iter().zip(reach).zip(&offered.denied)
        {
            let both = (*of_resources).min(*of_action);
            if both == Reach::Nothing {
                continue;
            }
            if denial.statement.condition.is_some() {
                self.is_conditionally_denied = true;
                continue;
            }
            is_denied |= both == Reach::All;
            self.is_narrowed = true;
            self.negated_actions.extend(by);
            if denial.statement.actions.is_all_but() {
                let but = denial.statement.actions.listed().iter();
                self.negated_all_but.extend(but.map(|it| it.written.as_str()));
            }
        }
        is_denied
    }

    /// The properties of the relationship.
    pub(super) fn properties(&self, document: &Prepared<'p>) -> Properties {
        let statements: Vec<&Statement> =
            self.statements.iter().map(|it| &document.statements[*it]).collect();
        let conditions: Vec<&Value> = statements.iter().filter_map(|it| it.condition.as_ref()).collect();
        let keys: BTreeSet<&str> = conditions.iter().flat_map(|it| condition_keys(it)).collect();
        let not_resources: BTreeSet<&str> = statements
            .iter()
            .filter(|it| it.resources.is_all_but())
            .flat_map(|it| it.resources.listed())
            .map(|it| it.written.as_str())
            .collect();
        let is_partial = self.is_narrowed || statements.iter().any(|it| it.resources.is_all_but());
        let lower: BTreeSet<String> = self.actions.iter().map(|it| it.to_lowercase()).collect();
        let sids: BTreeSet<&str> = statements.iter().filter_map(|it| it.sid.as_deref()).collect();
        let has_condition = statements.iter().all(|it| it.condition.is_some());

        let mut properties = BTreeMap::from([
            ("effect", Value::from("ALLOW")),
            ("effective", Value::from(true)),
            ("actions", texts(&self.actions)),
            ("normalizedActions", lower.into_iter().collect()),
            ("resources", texts(&self.resources)),
            ("sids", texts(&sids)),
            ("conditions", unique(&conditions)),
            ("conditionKeys", texts(&keys)),
            ("hasCondition", Value::from(has_condition)),
            ("hasVariables", Value::from(self.has_variables)),
            ("admin", Value::from(self.is_admin)),
            ("write", Value::from(self.kinds.writes())),
            ("subResource", Value::from(!self.is_itself)),
            ("collapsed", Value::from(self.is_collapsed)),
            ("partial", Value::from(is_partial)),
            ("conditionalDeny", Value::from(self.is_conditionally_denied)),
        ]);
        properties.extend(Kind::ALL.map(|(kind, name)| (name, Value::from(self.kinds.has(kind)))));
        let exceptions = [
            ("notActions", &self.not_actions),
            ("notResources", &not_resources),
            ("negatedActions", &self.negated_actions),
            ("negatedNotActions", &self.negated_all_but),
        ];
        let exceptions = exceptions.into_iter().filter(|(_, it)| !it.is_empty());
        properties.extend(exceptions.map(|(name, it)| (name, texts(it))));
        properties.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

fn texts(texts: &BTreeSet<&str>) -> Value {
    texts.iter().copied().collect()
}

fn unique(values: &[&Value]) -> Value {
    let mut seen: Vec<&Value> = Vec::new();
    for value in values {
        if !seen.contains(value) {
            seen.push(value);
        }
    }
    seen.into_iter().cloned().collect()
}
