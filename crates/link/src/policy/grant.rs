//! What the Allow statements of one document lead to.

use std::collections::HashMap;
use std::rc::Rc;

use orgraph_model::AccountId;

use super::deny::{Denial, Extent};
use super::document::{Effect, Named, Statement};
use super::index::{Found, Index};
use super::offer::{Offer, Sort};
use super::resource::{ArnPattern, Scope};
use super::subresource::{Reading, readings};
use crate::Fact;

/// Where a policy leads.
pub(super) enum Target<'a, 'p> {
    /// An account.
    Account(AccountId),
    /// A service of an account, by the prefix of its actions.
    Service(AccountId, &'p str),
    /// An entity.
    Entity(&'a Fact),
}

/// One statement that allows something by one of its resources.
pub(super) struct Grant<'a, 'p> {
    pub(super) to: Target<'a, 'p>,
    pub(super) statement: usize,
    pub(super) offer: Rc<Offer<'p>>,
    /// The resource as written; `*` where the statement says which ones are not meant.
    pub(super) resource: &'p str,
    pub(super) has_variables: bool,
    pub(super) extent: Extent<'a, 'p>,
    pub(super) way: Way,
}

/// How a resource pattern led to the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It means the target, and all of it.
    Whole,
    /// It means something inside of the target.
    Inside,
    /// The target stands for more entities than are shown.
    Collapsed,
    /// It means something of the target.
    Part,
}

/// A document, made ready to be followed.
pub(super) struct Prepared<'p> {
    pub(super) statements: &'p [Statement],
    pub(super) denials: Vec<Denial<'p>>,
    /// Every way to read each resource pattern of each statement.
    readings: Vec<Vec<Vec<Reading>>>,
}

impl<'p> Prepared<'p> {
    pub(super) fn new(statements: &'p [Statement]) -> Self {
        let of_scope = |scope: &Scope| match scope {
            Scope::Arns(arns) => readings(arns),
            Scope::Everything | Scope::Nothing => Vec::new(),
        };
        let of_statement = |it: &Statement| match (it.effect, &it.resources) {
            (Effect::Allow, Named::These(these)) => these.iter().map(|it| of_scope(&it.scope)).collect(),
            _ => Vec::new(),
        };
        Self {
            statements,
            denials: Denial::all(statements),
            readings: statements.iter().map(of_statement).collect(),
        }
    }
}

/// What policies of an account can lead to.
pub(super) struct World<'w, 'a> {
    pub(super) account: &'w AccountId,
    pub(super) index: &'w Index<'a>,
    /// Whether this other account is read.
    pub(super) is_read: &'w dyn Fn(&AccountId) -> bool,
    /// How many entities one pattern may lead to.
    pub(super) limit: usize,
}

/// Everything that a document allows, before its Deny statements.
pub(super) fn grants<'a, 'p>(world: &World<'_, 'a>, document: &'p Prepared<'p>) -> Vec<Grant<'a, 'p>> {
    let mut following = Following { world, document, offers: HashMap::new(), grants: Vec::new() };
    let allowed = document.statements.iter().enumerate().filter(|(_, it)| it.effect == Effect::Allow);
    for (at, statement) in allowed {
        match &statement.resources {
            Named::AllBut(_) => following.everything(at, "*", false, Way::Part),
            Named::These(these) => {
                for (pattern, readings) in these.iter().zip(&document.readings[at]) {
                    let from = From {
                        statement: at,
                        resource: &pattern.written,
                        has_variables: pattern.has_variables,
                    };
                    match &pattern.scope {
                        Scope::Everything => {
                            following.everything(at, from.resource, from.has_variables, Way::Whole);
                        }
                        Scope::Arns(arns) => following.arns(from, arns, readings),
                        Scope::Nothing => {}
                    }
                }
            }
        }
    }
    following.grants
}

/// Which statement and resource a grant comes from.
#[derive(Clone, Copy)]
struct From<'p> {
    statement: usize,
    resource: &'p str,
    has_variables: bool,
}

struct Following<'w, 'a, 'p> {
    world: &'w World<'w, 'a>,
    document: &'p Prepared<'p>,
    offers: HashMap<(usize, Sort<'p>), Rc<Offer<'p>>>,
    grants: Vec<Grant<'a, 'p>>,
}

impl<'a, 'p> Following<'_, 'a, 'p> {
    fn offer(&mut self, statement: usize, sort: Sort<'p>) -> Rc<Offer<'p>> {
        let document = self.document;
        let offer = self
            .offers
            .entry((statement, sort))
            .or_insert_with(|| Rc::new(Offer::new(&document.statements[statement], sort, &document.denials)));
        Rc::clone(offer)
    }

    fn grant(
        &mut self,
        from: From<'p>,
        sort: Sort<'p>,
        to: Target<'a, 'p>,
        extent: Extent<'a, 'p>,
        way: Way,
    ) {
        let offer = self.offer(from.statement, sort);
        if !offer.actions.is_empty() {
            let From { statement, resource, has_variables } = from;
            self.grants.push(Grant { to, statement, offer, resource, has_variables, extent, way });
        }
    }

    /// Every action leads to its service; those of no single service lead to the account.
    fn everything(&mut self, statement: usize, resource: &'p str, has_variables: bool, way: Way) {
        let from = From { statement, resource, has_variables };
        let account = self.world.account;
        self.grant(from, Sort::OfNoService, Target::Account(account.clone()), Extent::Whole(None), way);
        if let Named::These(these) = &self.document.statements[statement].actions {
            let mut services: Vec<&'p str> = these.iter().filter_map(|it| it.service()).collect();
            services.sort_unstable();
            services.dedup();
            for service in services {
                let to = Target::Service(account.clone(), service);
                self.grant(from, Sort::NamedFor(service), to, Extent::Whole(Some(service)), way);
            }
        }
    }

    fn arns(&mut self, from: From<'p>, arns: &'p ArnPattern, readings: &'p [Reading]) {
        let World { account, index, is_read, limit } = *self.world;
        let sort = Sort::On(&arns.service);
        let extent = Extent::Pattern(arns);
        if self.offer(from.statement, sort).actions.is_empty() {
            return;
        }
        let other = arns.account().and_then(|it| it.parse::<AccountId>().ok()).filter(|it| it != account);
        if arns.is_whole_service() && arns.may_name(account.as_str()) {
            let to = Target::Service(account.clone(), &arns.service);
            return self.grant(from, sort, to, extent, Way::Whole);
        }
        let found = match index.find(readings, limit) {
            Found::Entities(found) => found,
            Found::TooMany => {
                let to = Target::Service(account.clone(), &arns.service);
                return self.grant(from, sort, to, extent, Way::Collapsed);
            }
        };
        if found.is_empty()
            && let Some(other) = other.filter(|it| !is_read(it))
        {
            return self.grant(from, sort, Target::Account(other), extent, Way::Part);
        }
        for (entry, reading) in found {
            let way = if reading.inside.is_some() { Way::Inside } else { Way::Part };
            let extent = Extent::Entity(entry.arn, reading);
            self.grant(from, sort, Target::Entity(entry.fact), extent, way);
        }
    }
}
