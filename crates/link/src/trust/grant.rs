//! What a trust policy comes down to: whom it trusts, after what it denies, one edge per principal.

use std::collections::{BTreeMap, BTreeSet};

use orgraph_model::{Entity, Key, Properties, Ref, Relationship, Verb};
use serde_json::{Value, json};

use super::condition::Condition;
use super::organization::Organization;
use super::principal::Principal;
use super::statement::{Concerned, Statement, Ways};
use super::target::{Known, Target};

/// What one statement allows one principal.
#[derive(Debug)]
struct Grant<'a> {
    target: Target<'a>,
    actions: Vec<&'a str>,
    not_actions: &'a [&'a str],
    not_principals: Option<&'a [&'a str]>,
    condition: Condition<'a>,
    denial: Denial,
}

/// What the Deny statements of the same policy take from a grant.
#[derive(Debug, Default, Clone, Copy)]
struct Denial {
    /// Ways that are always denied to all that the grant names.
    ways: Ways,
    /// Whether something else is always denied: to some of them.
    is_partial: bool,
    /// Whether something is denied under a condition.
    is_conditional: bool,
}

/// Whom a role trusts, with what stands for those whom nobody owns.
pub(super) fn trusted<'a>(
    role: &Ref,
    statements: &'a [Statement<'a>],
    known: &Known<'_>,
    organization: &Organization,
) -> (Vec<Relationship>, Vec<Entity>) {
    let denials: Vec<(&Statement<'_>, Vec<Target<'_>>)> = statements
        .iter()
        .filter(|it| !it.is_allow)
        .map(|statement| (statement, named(&statement.principals, known)))
        .collect();
    let mut by_target: BTreeMap<Key, Vec<Grant<'a>>> = BTreeMap::new();
    for statement in statements.iter().filter(|it| it.is_allow) {
        let (targets, not_principals) = match &statement.principals {
            only @ Concerned::Only(_) => (named(only, known), None),
            Concerned::AllBut { written, .. } => {
                (known.target(&Principal::Everyone).into_iter().collect(), Some(written.as_slice()))
            }
        };
        for target in targets {
            let grant = grant(statement, target, not_principals, &denials);
            if let Some(grant) = grant {
                by_target.entry(grant.target.at.key.clone()).or_default().push(grant);
            }
        }
    }
    let mut stand_ins = Vec::new();
    let mut edges = Vec::with_capacity(by_target.len());
    for mut grants in by_target.into_values() {
        let properties = properties(&grants, organization);
        let Some(Grant { target, .. }) = grants.pop() else { continue };
        stand_ins.extend(target.stand_in);
        edges.push(Relationship {
            from: role.clone(),
            verb: Verb::Trusts,
            to: target.at,
            discriminator: String::new(),
            properties,
        });
    }
    (edges, stand_ins)
}

fn named<'a>(concerned: &Concerned<'a>, known: &Known<'_>) -> Vec<Target<'a>> {
    match concerned {
        Concerned::Only(principals) => principals.iter().filter_map(|it| known.target(it)).collect(),
        Concerned::AllBut { read, .. } => read.iter().flatten().filter_map(|it| known.target(it)).collect(),
    }
}

/// What a statement allows a principal; nothing where that is denied again.
fn grant<'a>(
    statement: &'a Statement<'a>,
    target: Target<'a>,
    not_principals: Option<&'a [&'a str]>,
    denials: &[(&Statement<'_>, Vec<Target<'_>>)],
) -> Option<Grant<'a>> {
    let possible = statement.ways.and(target.ways());
    let ways = if possible.is_empty() { statement.ways } else { possible };
    let denial = denial(&target, ways, denials);
    if ways.without(denial.ways).is_empty() {
        return None;
    }
    let is_left = |action: &&str| {
        let stands_for = Ways::of(action);
        stands_for.is_empty() || !stands_for.without(denial.ways).is_empty()
    };
    Some(Grant {
        actions: statement.actions.iter().copied().filter(is_left).collect(),
        not_actions: &statement.not_actions,
        condition: statement.condition,
        target,
        not_principals,
        denial,
    })
}

fn denial(target: &Target<'_>, ways: Ways, denials: &[(&Statement<'_>, Vec<Target<'_>>)]) -> Denial {
    let mut all = Denial::default();
    for (statement, named) in denials {
        let denied = statement.ways.and(ways);
        if denied.is_empty() {
            continue;
        }
        let reach = reach(target, &statement.principals, named);
        match reach {
            Reach::None => {}
            Reach::All | Reach::Some if statement.condition.is_there() => all.is_conditional = true,
            Reach::All => all.ways = all.ways.or(denied),
            Reach::Some => all.is_partial = true,
        }
    }
    all.is_partial |= !all.ways.is_empty();
    all
}

/// How much of a target a Deny statement concerns.
enum Reach {
    None,
    Some,
    All,
}

fn reach(target: &Target<'_>, concerned: &Concerned<'_>, named: &[Target<'_>]) -> Reach {
    match concerned {
        Concerned::Only(_) if named.iter().any(|it| it.covers(target)) => Reach::All,
        Concerned::Only(_) if named.iter().any(|it| target.covers(it)) => Reach::Some,
        Concerned::Only(_) => Reach::None,
        Concerned::AllBut { read, .. } => {
            // What cannot be read may be anybody.
            let is_clear = read.iter().all(Option::is_some);
            let is_apart = |it: &Target<'_>| !it.covers(target) && !target.covers(it);
            match named {
                named if is_clear && named.iter().all(is_apart) => Reach::All,
                named if named.iter().any(|it| it.covers(target)) => Reach::None,
                _ => Reach::Some,
            }
        }
    }
}

/// All statements that trust one principal as one: it has what every one of them asks for.
fn properties<'a>(grants: &[Grant<'a>], organization: &Organization) -> Properties {
    let every = |asks: fn(Condition<'a>) -> bool| grants.iter().all(|it| asks(it.condition));
    let any = |has: fn(&Denial) -> bool| grants.iter().any(|it| has(&it.denial));
    let actions: BTreeSet<&str> = grants.iter().flat_map(|it| it.actions.iter().copied()).collect();
    let normalized: BTreeSet<String> = actions.iter().map(|it| it.to_ascii_lowercase()).collect();
    let mut conditions: Vec<Value> = grants.iter().filter_map(|it| it.condition.redacted()).collect();
    conditions.sort_by_cached_key(ToString::to_string);
    conditions.dedup();
    let keys: BTreeSet<&str> = grants.iter().flat_map(|it| it.condition.keys()).collect();
    let accounts = union(grants.iter().map(|it| it.condition.one_of("aws:SourceAccount")));
    let organizations = union(grants.iter().map(|it| it.condition.one_of("aws:PrincipalOrgID")));
    let not_actions: BTreeSet<&str> = grants.iter().flat_map(|it| it.not_actions.iter().copied()).collect();
    let sessions = union(grants.iter().map(|it| it.target.session.map(|it| BTreeSet::from([it]))));
    // Whoever is not excepted by one of the statements is trusted.
    let excepted = |it: &Grant<'a>| Some(it.not_principals?.iter().copied().collect::<BTreeSet<_>>());
    let exceptions = grants.iter().map(excepted).reduce(|one, other| Some(&one? & &other?)).flatten();
    let exceptions: Option<BTreeSet<&str>> = exceptions.filter(|it| !it.is_empty());

    let mut properties = Properties::new();
    let mut say = |name: &str, value: Value| drop(properties.insert(name.to_owned(), value));
    let is_external = external(grants, organization);
    say("crossAccount", json!(grants.iter().any(|it| organization.is_foreign(&it.target))));
    if let Some(is_external) = is_external {
        say("external", json!(is_external));
    }
    say("actions", json!(actions));
    say("normalizedActions", json!(normalized));
    say("conditions", json!(conditions));
    say("conditionKeys", json!(keys));
    say("hasCondition", json!(every(Condition::is_there)));
    say("externalIdRequired", json!(every(Condition::requires_external_id)));
    say("mfaRequired", json!(every(Condition::requires_mfa)));
    say("principalOrgId", organizations.as_ref().map_or(Value::Null, one_or_several));
    say("sourceAccounts", json!(accounts));
    say("conditionalDeny", json!(any(|it| it.is_conditional)));
    say("partial", json!(any(|it| it.is_partial)));
    if !not_actions.is_empty() {
        say("notActions", json!(not_actions));
    }
    if let Some(sessions) = sessions {
        say("session", one_or_several(&sessions));
    }
    if let Some(exceptions) = exceptions {
        say("notPrincipals", json!(exceptions));
    }
    properties
}

/// Whether somebody outside the organization is trusted; `None` where that cannot be told.
fn external(grants: &[Grant<'_>], organization: &Organization) -> Option<bool> {
    let each: Vec<Option<bool>> =
        grants.iter().map(|it| organization.is_outside(&it.target, it.condition)).collect();
    if each.contains(&Some(true)) {
        return Some(true);
    }
    each.into_iter().collect::<Option<Vec<_>>>().map(|_| false)
}

/// All values, if each statement has some.
fn union<'a>(mut each: impl Iterator<Item = Option<BTreeSet<&'a str>>>) -> Option<BTreeSet<&'a str>> {
    each.try_fold(BTreeSet::new(), |mut all, values| {
        all.extend(values?);
        Some(all)
    })
}

fn one_or_several(values: &BTreeSet<&str>) -> Value {
    match values.len() {
        1 => json!(values.first()),
        _ => json!(values),
    }
}
