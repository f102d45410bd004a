//! Whether a statement applies to a request.

use super::Tri;
use super::condition::void;
use super::context::Context;
use super::document::{List, ResourceTemplate, Statement, scope};
use super::need::Need;
use super::principal::Closeness;
use super::request::{Action, Requester, Target};
use super::template::Filled;
use crate::policy::action::ActionPattern;
use crate::policy::resource::{Arn, Scope};

/// A request as statements see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) requester: &'a Requester,
    pub(super) action: &'a Action,
    pub(super) target: &'a Target,
    /// What of `target` is an ARN.
    pub(super) arn: Option<Arn<'a>>,
    pub(super) context: &'a Context,
}

impl Statement {
    /// Whether it applies, for each closeness in which it does or may, with what would have to be known where it may.
    pub(super) fn applies(&self, asked: &Asked<'_>) -> Vec<(Closeness, Tri, Vec<Need>)> {
        let mut needs = Vec::new();
        // The cheapest first, and the one that most often says no.
        let of_action = self.of_action(asked, &mut needs);
        if of_action == Tri::No {
            return Vec::new();
        }
        let of_resource = self.of_resource(asked, &mut needs);
        if of_resource == Tri::No {
            return Vec::new();
        }
        let mut of_whom = Vec::new();
        let concerned = self.whom.concerns(asked.requester, !self.is_allow, &mut of_whom);
        if concerned.is_empty() {
            return Vec::new();
        }
        let mut of_conditions = Tri::Yes;
        for condition in &self.conditions {
            of_conditions = of_conditions.and(condition.is_met(asked.context, &mut needs));
            if of_conditions == Tri::No {
                return Vec::new();
            }
        }
        let rest = of_action.and(of_resource).and(of_conditions);
        let each = concerned.into_iter().map(|(closeness, is)| {
            let applies = rest.and(is);
            let mut needs = if rest == Tri::Unknown { needs.clone() } else { Vec::new() };
            if is == Tri::Unknown {
                needs.extend(of_whom.iter().cloned());
            }
            (closeness, applies, needs)
        });
        each.collect()
    }

    fn of_action(&self, asked: &Asked<'_>, needs: &mut Vec<Need>) -> Tri {
        let one = |pattern: &ActionPattern| {
            if pattern.covers(&asked.action.actions) {
                Tri::Yes
            } else if pattern.overlaps(&asked.action.actions) {
                Tri::Unknown
            } else {
                Tri::No
            }
        };
        let is = match &self.actions {
            List::Only(these) => Tri::any(these.iter().map(one)),
            List::AllBut(these) => Tri::any(these.iter().map(one)).not(),
        };
        if is == Tri::Unknown {
            needs.push(Need::Choice(format!("which of the actions {} is meant", asked.action.written)));
        }
        is
    }

    fn of_resource(&self, asked: &Asked<'_>, needs: &mut Vec<Need>) -> Tri {
        let mut open = Vec::new();
        let is = match &self.resources {
            None => Tri::Yes,
            Some(List::Only(these)) => Tri::any(these.iter().map(|it| it.fits(asked, &mut open))),
            Some(List::AllBut(these)) => {
                let is_listed = Tri::any(these.iter().map(|it| it.fits(asked, &mut open)));
                let is_void = |it: &&ResourceTemplate| {
                    it.fixed.is_none() && it.template.fill(asked.context) == Filled::Void
                };
                match these.iter().find(is_void) {
                    Some(it) if is_listed == Tri::No => {
                        open.push(void(&it.template.written));
                        Tri::Unknown
                    }
                    _ => is_listed.not(),
                }
            }
        };
        if is == Tri::Unknown {
            needs.append(&mut open);
        }
        is
    }
}

impl ResourceTemplate {
    fn fits(&self, asked: &Asked<'_>, needs: &mut Vec<Need>) -> Tri {
        if let Some(scope) = &self.fixed {
            return scope_fits(scope, asked, needs);
        }
        match self.template.fill(asked.context) {
            Filled::Whole(signs) => scope_fits(&scope(&signs), asked, needs),
            Filled::Void => Tri::No,
            Filled::Open(signs, open) => {
                if scope_fits(&scope(&signs), asked, needs) == Tri::No {
                    return Tri::No;
                }
                needs.extend(open);
                Tri::Unknown
            }
        }
    }
}

fn scope_fits(scope: &Scope, asked: &Asked<'_>, needs: &mut Vec<Need>) -> Tri {
    let arns = match scope {
        Scope::Everything => return Tri::Yes,
        Scope::Nothing => return Tri::No,
        Scope::Arns(arns) => arns,
    };
    let is = match (asked.target, asked.arn) {
        (Target::One(_), Some(arn)) => return arns.fits(&arn).into(),
        (Target::One(_), None) | (Target::Nothing, _) => return Tri::No,
        (Target::Everything, _) => Tri::Unknown,
        (Target::Many(pattern), _) if arns.covers(&pattern.arns) => Tri::Yes,
        (Target::Many(pattern), _) if arns.overlaps(&pattern.arns) => Tri::Unknown,
        (Target::Many(_), _) => Tri::No,
    };
    if is == Tri::Unknown {
        needs.push(Need::Choice(format!("which of the resources {} is meant", asked.target.text())));
    }
    is
}
