//! The rows a collector yields.
//!
//! Rows stay in memory as long as they are few. What is more is finished and set aside while the listing goes on, so
//! that memory does not grow with a partition; no collector has to know.

mod finish;
mod handles;
mod held;

use std::sync::Arc;

use orgraph_model::{
    AccountId, Entity as Row, EntityType, Gap, GapKind, Key, Outcome, Properties, Ref, Reference, Region,
    Relationship, RowsError, Source, Spilled, Status, Verb,
};
use orgraph_spill::{MemoryLimits, Spill};
use serde_json::Value;
use tokio::sync::Notify;

use crate::batch::finish::Rules;
use crate::batch::held::{Held, Troubles};
use crate::{Collector, Cx, Detail, Entity, Scope};

pub use handles::{Added, Linked};

/// The most entities one partition holds. More are not a partition but a listing without end.
const MAX_ENTITIES: usize = 5_000_000;

/// What one run has found so far.
#[derive(Debug)]
pub struct Batch {
    rules: Rules,
    account: AccountId,
    region: Region,
    limits: MemoryLimits,
    held: Held,
    /// What was set aside, if anything was.
    spill: Option<Spill>,
    troubles: Troubles,
    /// How many entities were added, in memory or not.
    entities: usize,
    /// Why rows could not be set aside. Nothing is kept from then on.
    failure: Option<RowsError>,
    failed: Arc<Notify>,
}

/// A batch that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) outcome: Outcome,
    pub(crate) entities: Vec<Row>,
    pub(crate) relationships: Vec<Relationship>,
    pub(crate) references: Vec<Reference>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) spilled: Option<Arc<Spilled>>,
}

impl Batch {
    /// An empty batch of `collector` for the account and region of `cx`.
    pub(crate) fn new(collector: &Collector, cx: &Cx) -> Self {
        let limits = match collector.scope {
            Scope::Region | Scope::Account => cx.session().limits().memory.clone(),
            // Who discovers accounts needs the list as a whole, and no organization is that large.
            Scope::Organization => MemoryLimits::unlimited(),
        };
        Self {
            rules: Rules::new(collector, cx.session().target()),
            account: cx.account().clone(),
            region: cx.region().clone(),
            limits,
            held: Held::default(),
            spill: None,
            troubles: Troubles::default(),
            entities: 0,
            failure: None,
            failed: Arc::default(),
        }
    }

    /// Adds an entity. `name` is what the API calls it; the tag `Name` wins over it.
    ///
    /// An entity whose ARN belongs to another account is not written: that account's own collector does.
    pub fn add<E: Entity>(&mut self, key: impl Into<Key>, name: impl Into<String>, entity: &E) -> Added<'_> {
        let key = key.into();
        // The word `aws` in place of an account is AWS itself, which no collector reads.
        let owner = key.arn_account().filter(|it| *it != "aws");
        let checked = E::ARN_NAMES_OWNER && !E::TYPE.shared;
        if checked && owner.is_some_and(|it| it != self.account.as_str()) {
            self.push_gap(item_gap(Some(key), "an entity of another account".to_owned()));
            return Added { held: &mut self.held, index: None };
        }
        let Ok(Value::Object(properties)) = serde_json::to_value(entity) else {
            self.push_gap(item_gap(Some(key), "properties that are not a JSON object".to_owned()));
            return Added { held: &mut self.held, index: None };
        };
        let name = name.into();
        let (account, region) = (self.account.clone(), self.region.clone());
        let index = self.push_entity(Row {
            key,
            entity_type: E::TYPE,
            source: Source::Integration,
            account,
            region,
            name: Some(name.clone()),
            display_name: Some(name),
            properties,
            tags: Properties::new(),
            volatile: E::VOLATILE,
        });
        Added { held: &mut self.held, index }
    }

    /// Adds a stand-in for something that is only named, such as a foreign account. It yields to the owner of the key.
    pub fn placeholder(&mut self, named: &Ref, owner: &AccountId, name: &str) {
        let region = self.region.clone();
        self.push_entity(Row {
            key: named.key.clone(),
            entity_type: named.entity_type,
            source: Source::SystemMapper,
            account: owner.clone(),
            region,
            name: Some(name.to_owned()),
            display_name: Some(name.to_owned()),
            properties: Properties::new(),
            tags: Properties::new(),
            volatile: &[],
        });
    }

    /// Adds a relationship; neither end has to be stored.
    pub fn link(&mut self, from: Ref, verb: Verb, to: Ref) -> Linked<'_> {
        self.make_room();
        let index = self.held.push_relationship(Relationship {
            from,
            verb,
            to,
            discriminator: String::new(),
            properties: Properties::new(),
        });
        Linked { relationship: &mut self.held.relationships[index] }
    }

    /// Adds a relationship from `from` to each entity of `to_type` in this account and region whose `property` is, or
    /// holds, `value`.
    pub fn find(
        &mut self,
        from: Ref,
        verb: Verb,
        to_type: EntityType,
        property: &str,
        value: &str,
    ) -> &mut Reference {
        self.reference(from, verb, to_type, property, value, false)
    }

    /// Adds a relationship to `to` from each entity of `from_type` in this account and region whose `property` is, or
    /// holds, `value`.
    pub fn find_source(
        &mut self,
        from_type: EntityType,
        property: &str,
        value: &str,
        verb: Verb,
        to: Ref,
    ) -> &mut Reference {
        self.reference(to, verb, from_type, property, value, true)
    }

    fn reference(
        &mut self,
        from: Ref,
        verb: Verb,
        to_type: EntityType,
        property: &str,
        value: &str,
        reversed: bool,
    ) -> &mut Reference {
        self.make_room();
        let index = self.held.push_reference(Reference {
            from,
            verb,
            to_type,
            property: property.to_owned(),
            value: value.to_owned(),
            reversed,
            any_region: false,
            properties: Properties::new(),
        });
        &mut self.held.references[index]
    }

    /// Records an item that could not be read. With its key, the entity it was before is kept; without, nothing of
    /// the partition is removed.
    pub fn skip(&mut self, key: Option<Key>, why: impl Into<String>) {
        self.push_gap(item_gap(key, why.into()));
    }

    /// Records a failed detail call that feeds the entity `key`, which is not in this batch itself (for instance the
    /// policy of a bucket): it is kept as it was before, with the relationships that touch it.
    pub fn keep<T>(&mut self, key: impl Into<Key>, detail: &Detail<T>) {
        if let Some(gap) = detail.gap(key, &[]) {
            self.push_gap(gap);
        }
    }

    /// Records a part of the listing that could not be read, after which nothing of the partition is removed.
    pub fn incomplete(&mut self, error: &crate::CollectError) {
        self.push_gap(Gap {
            kind: GapKind::Listing,
            key: None,
            operation: error.operation().to_owned(),
            properties: Vec::new(),
            status: error.status(),
            reason: error.to_string(),
        });
    }

    /// Tells when rows can no longer be set aside, after which going on is in vain.
    pub(crate) fn failed(&self) -> Arc<Notify> {
        Arc::clone(&self.failed)
    }

    /// Ends the batch: one row per key, the declared relationships from the service entity, the account's tags, and
    /// nothing that PostgreSQL would refuse. An error means that rows could not be set aside.
    pub(crate) fn finish(mut self) -> Result<Finished, RowsError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        if self.entities > MAX_ENTITIES {
            let reason = format!("more than {MAX_ENTITIES} entities in one partition; the rest is left out");
            self.push_gap(self.rules.listing_gap(reason));
        }
        if self.spill.is_some() {
            self.set_aside()?;
        }
        match self.spill.take() {
            Some(spill) => self.finish_spilled(spill),
            None => Ok(self.finish_held()),
        }
    }

    fn finish_held(mut self) -> Finished {
        self.rules.finish(&mut self.held);
        let conflicting = self.held.leave_last_of_each();
        if conflicting > 0 {
            self.held.gaps.push(self.rules.inconsistent(conflicting));
        }
        self.held.gaps.iter().for_each(|it| self.troubles.add(it));
        let Held { entities, relationships, references, gaps, .. } = self.held;
        let outcome = self.troubles.outcome();
        Finished { outcome, entities, relationships, references, gaps, spilled: None }
    }

    fn finish_spilled(mut self, mut spill: Spill) -> Result<Finished, RowsError> {
        let conflicting = spill.settle();
        if conflicting > 0 {
            let gap = self.rules.inconsistent(conflicting);
            self.troubles.add(&gap);
            spill.gap(&gap)?;
        }
        Ok(Finished {
            outcome: self.troubles.outcome(),
            entities: Vec::new(),
            relationships: Vec::new(),
            references: Vec::new(),
            gaps: Vec::new(),
            spilled: Some(Arc::new(spill.finish()?)),
        })
    }

    /// Where the entity is, unless there are too many.
    fn push_entity(&mut self, row: Row) -> Option<usize> {
        self.make_room();
        self.entities += 1;
        (self.entities <= MAX_ENTITIES).then(|| self.held.push_entity(row))
    }

    fn push_gap(&mut self, gap: Gap) {
        self.make_room();
        self.held.push_gap(gap);
    }

    /// Called before a row is added, when no other is in the making any more.
    fn make_room(&mut self) {
        if self.held.len() < self.limits.rows && self.held.bytes < self.limits.bytes {
            return;
        }
        if self.failure.is_none()
            && let Err(failure) = self.set_aside()
        {
            self.failure = Some(failure);
            self.failed.notify_one();
        }
        self.held.clear();
    }

    fn set_aside(&mut self) -> Result<(), RowsError> {
        self.rules.finish(&mut self.held);
        let mut spill = match self.spill.take() {
            Some(spill) => spill,
            None => Spill::new(&self.limits.folder)?,
        };
        self.held.entities.iter().try_for_each(|it| spill.entity(it))?;
        self.held.relationships.iter().try_for_each(|it| spill.relationship(it))?;
        self.held.references.iter().try_for_each(|it| spill.reference(it))?;
        for gap in &self.held.gaps {
            self.troubles.add(gap);
            spill.gap(gap)?;
        }
        self.held.clear();
        self.spill = Some(spill);
        Ok(())
    }
}

fn item_gap(key: Option<Key>, reason: String) -> Gap {
    let operation = "item".to_owned();
    Gap { kind: GapKind::Item, key, operation, properties: Vec::new(), status: Status::Partial, reason }
}
