//! What a statement offers: its actions on one service, with what the Deny statements of the same document say about
//! them.

use super::action::{ActionPattern, Actions, Kinds};
use super::deny::{Denial, Reach};
use super::document::{Named, Statement};

/// The actions of an Allow statement that apply to one service.
pub(super) struct Offer<'p> {
    pub(super) actions: Vec<Offered<'p>>,
    /// What the statement takes out of its actions, as written.
    pub(super) not_actions: Vec<&'p str>,
}

/// One action pattern.
pub(super) struct Offered<'p> {
    /// As the document has it.
    pub(super) written: &'p str,
    pub(super) kinds: Kinds,
    /// Whether it is everything that can be done.
    pub(super) is_all: bool,
    /// Whether everything that IAM does is among it.
    pub(super) has_all_of_iam: bool,
    /// How far each Deny statement reaches, and by which of its own actions.
    pub(super) denied: Vec<(Reach, Vec<&'p str>)>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sort<'p> {
    /// Actions of no single service.
    OfNoService,
    /// Those named for this service and no other.
    NamedFor(&'p str),
    /// Everything that applies to what belongs to this service.
    On(&'p str),
}

impl<'p> Offer<'p> {
    pub(super) fn new(statement: &'p Statement, sort: Sort<'_>, denials: &[Denial<'p>]) -> Self {
        let offered = |pattern: &'p ActionPattern, without: &[ActionPattern]| {
            let mut actions = match sort {
                Sort::OfNoService if pattern.service().is_none() => vec![pattern.all()],
                Sort::NamedFor(service) if pattern.service() == Some(service) => vec![pattern.all()],
                Sort::OfNoService | Sort::NamedFor(_) => Vec::new(),
                Sort::On(service) => pattern.of_service(service),
            };
            actions.retain(|it| !without.iter().any(|without| without.covers(it)));
            (!actions.is_empty()).then(|| Offered::new(pattern, &actions, without, denials))
        };
        match &statement.actions {
            Named::These(these) => {
                let actions = these.iter().filter_map(|it| offered(it, &[])).collect();
                Self { actions, not_actions: Vec::new() }
            }
            Named::AllBut(but) => Self {
                actions: offered(ActionPattern::any(), but).into_iter().collect(),
                not_actions: but.iter().map(|it| it.written.as_str()).collect(),
            },
        }
    }
}

impl<'p> Offered<'p> {
    fn new(
        pattern: &'p ActionPattern,
        actions: &[Actions],
        without: &[ActionPattern],
        denials: &[Denial<'p>],
    ) -> Self {
        let mut kinds = Kinds::default();
        for actions in actions {
            kinds.add_all(actions.kinds());
        }
        Self {
            written: &pattern.written,
            kinds,
            is_all: without.is_empty() && actions.iter().all(Actions::is_all),
            has_all_of_iam: actions.iter().any(Actions::has_all_of_iam)
                && !without.iter().any(ActionPattern::is_of_iam),
            denied: denials.iter().map(|it| it.of_actions(actions, without)).collect(),
        }
    }
}
