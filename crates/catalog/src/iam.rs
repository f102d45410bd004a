//! The permissions that follow from the declared calls.

use std::collections::{BTreeMap, BTreeSet};

use orgraph_collect::{Collector, Scope, Service};
use serde::Serialize;

use crate::collectors;

/// How many characters a managed policy may have. AWS does not count white space.
pub(crate) const POLICY_LIMIT: usize = 6_144;

/// Contents that the graph never holds. Denied, so that a broader policy on the same role does not permit them.
pub(crate) const DATA_READS: &[&str] = &[
    "dynamodb:BatchGetItem",
    "dynamodb:GetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "ec2:GetPasswordData",
    "kms:Decrypt",
    "lambda:GetFunction",
    "logs:FilterLogEvents",
    "logs:Get*Events",
    "s3:GetObject*",
    "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage",
    "ssm:GetParameter*",
];

/// The actions of the role in every account, sorted.
pub(crate) fn reader_actions() -> BTreeSet<String> {
    let regions = orgraph_aws_ec2::REGION_CALLS.iter().map(|call| call.iam_action(Service::EC2));
    actions(|it| it.scope != Scope::Organization).chain(regions).collect()
}

/// The actions that are needed in the management account besides, sorted.
pub(crate) fn organization_actions() -> BTreeSet<String> {
    let reader = reader_actions();
    actions(|it| it.scope == Scope::Organization).filter(|it| !reader.contains(it)).collect()
}

fn actions(wanted: impl Fn(&Collector) -> bool) -> impl Iterator<Item = String> {
    collectors()
        .filter(move |it| wanted(it))
        .flat_map(|collector| collector.calls.iter().map(|call| call.iam_action(collector.service)))
}

/// A policy document. The order of the fields is the order in the file.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Policy {
    version: &'static str,
    pub(crate) statement: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statement {
    pub(crate) sid: &'static str,
    pub(crate) effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) principal: Option<BTreeMap<&'static str, &'static str>>,
    pub(crate) action: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) resource: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) condition: Option<BTreeMap<&'static str, BTreeMap<&'static str, &'static str>>>,
}

impl Policy {
    fn of(statement: Vec<Statement>) -> Self {
        Self { version: "2012-10-17", statement }
    }

    /// The document as AWS takes it, without a line break at the end.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string_pretty(self).expect("texts and lists are JSON")
    }
}

impl Statement {
    fn on_everything(sid: &'static str, effect: &'static str, action: Vec<String>) -> Self {
        Self { sid, effect, principal: None, action, resource: Some("*"), condition: None }
    }
}

/// What the role in every account may do, in as many policies as the limit asks for. The first one also denies.
pub(crate) fn reader_policies() -> Vec<Policy> {
    let denied = DATA_READS.iter().map(|it| (*it).to_owned()).collect();
    let deny = Statement::on_everything("NeverReadContents", "Deny", denied);
    let mut policies = split(&reader_actions(), POLICY_LIMIT - counted(&Policy::of(vec![deny.clone()])));
    if let Some(first) = policies.first_mut() {
        first.statement.push(deny);
    }
    policies
}

/// What the role in the management account may do besides, in as many policies as the limit asks for.
pub(crate) fn organization_policies() -> Vec<Policy> {
    split(&organization_actions(), POLICY_LIMIT)
}

/// What the daemon's own identity may do: become the reader, in its organization.
pub(crate) fn hub_policy() -> Policy {
    Policy::of(vec![Statement {
        sid: GENERATED,
        effect: "Allow",
        principal: None,
        action: vec!["sts:AssumeRole".to_owned()],
        resource: Some("arn:aws:iam::*:role/orgraph-reader"),
        condition: Some(equals("aws:ResourceOrgID", "REPLACE-WITH-ORGANIZATION-ID")),
    }])
}

/// Who may become the reader: the daemon's identity, when it knows the external ID.
pub(crate) fn trust_policy() -> Policy {
    Policy::of(vec![Statement {
        sid: GENERATED,
        effect: "Allow",
        principal: Some(BTreeMap::from([("AWS", "REPLACE-WITH-ARN-OF-DAEMON-ROLE")])),
        action: vec!["sts:AssumeRole".to_owned()],
        resource: None,
        condition: Some(equals("sts:ExternalId", "REPLACE-WITH-EXTERNAL-ID")),
    }])
}

/// JSON has no comments, so the statement's name says where it comes from.
const GENERATED: &str = "GeneratedByOrgraphCatalogWrite";

fn equals(
    key: &'static str,
    value: &'static str,
) -> BTreeMap<&'static str, BTreeMap<&'static str, &'static str>> {
    BTreeMap::from([("StringEquals", BTreeMap::from([(key, value)]))])
}

/// Whole services together where they fit, a service over several policies where it does not.
fn split(actions: &BTreeSet<String>, limit: usize) -> Vec<Policy> {
    let mut policies: Vec<Policy> = Vec::new();
    let mut services: Vec<Vec<String>> = Vec::new();
    for action in actions {
        match services.last_mut() {
            Some(service) if prefix(&service[0]) == prefix(action) => service.push(action.clone()),
            _ => services.push(vec![action.clone()]),
        }
    }
    let allow =
        |actions: Vec<String>| Policy::of(vec![Statement::on_everything(GENERATED, "Allow", actions)]);
    let mut current: Vec<String> = Vec::new();
    for service in services {
        let together = [current.as_slice(), service.as_slice()].concat();
        if counted(&allow(together.clone())) <= limit {
            current = together;
            continue;
        }
        for action in service {
            let more = [current.as_slice(), std::slice::from_ref(&action)].concat();
            let opens_service = current.last().is_some_and(|it| prefix(it) != prefix(&action));
            if opens_service || counted(&allow(more.clone())) > limit {
                policies.push(allow(std::mem::replace(&mut current, vec![action])));
            } else {
                current = more;
            }
        }
    }
    if !current.is_empty() {
        policies.push(allow(current));
    }
    policies
}

fn prefix(action: &str) -> &str {
    action.split(':').next().unwrap_or(action)
}

fn counted(policy: &Policy) -> usize {
    policy.json().chars().filter(|it| !it.is_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether `pattern`, in which `*` is any text, covers `action`. IAM compares without case.
    fn covers(pattern: &str, action: &str) -> bool {
        let (pattern, action) = (pattern.to_ascii_lowercase(), action.to_ascii_lowercase());
        let mut parts = pattern.split('*');
        let Some(mut rest) = action.strip_prefix(parts.next().unwrap_or_default()) else { return false };
        for part in parts {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
        pattern.ends_with('*') || rest.is_empty()
    }

    #[test]
    fn nothing_that_is_needed_is_denied() {
        assert!(
            covers("s3:GetObject*", "s3:getobjectacl")
                && !covers("lambda:GetFunction", "lambda:GetFunctions")
        );
        for action in reader_actions().iter().chain(&organization_actions()) {
            let denied = DATA_READS.iter().find(|it| covers(it, action));
            assert_eq!(denied, None, "{action} is declared by a collector and denied");
        }
    }

    #[test]
    fn every_policy_fits_and_together_they_hold_every_action_once() {
        for (policies, actions) in
            [(reader_policies(), reader_actions()), (organization_policies(), organization_actions())]
        {
            assert!(policies.iter().all(|it| counted(it) <= POLICY_LIMIT));
            let allowed = policies.iter().flat_map(|it| &it.statement).filter(|it| it.effect == "Allow");
            let allowed: Vec<&String> = allowed.flat_map(|it| &it.action).collect();
            assert_eq!(allowed, actions.iter().collect::<Vec<_>>());
        }
    }

    #[test]
    fn policies_are_split_between_services_where_that_is_possible() {
        let actions: BTreeSet<String> = (10..30)
            .flat_map(|it| [format!("a:Get{it}"), format!("b:Get{it}"), format!("c:Get{it}")])
            .collect();
        let half = 430;

        let policies = split(&actions, half);

        assert!(policies.len() > 1 && policies.iter().all(|it| counted(it) <= half), "{policies:#?}");
        for policy in &policies {
            let actions = &policy.statement[0].action;
            assert_eq!(prefix(&actions[0]), prefix(&actions[actions.len() - 1]));
        }
        let kept: Vec<&String> = policies.iter().flat_map(|it| &it.statement[0].action).collect();
        assert_eq!(kept, actions.iter().collect::<Vec<_>>());
    }

    #[test]
    fn an_action_is_named_as_aws_permits_it() {
        assert!(reader_actions().contains("lambda:ListFunctions"));
        assert!(reader_actions().contains("ec2:DescribeRegions"));
        assert!(reader_actions().iter().all(|it| it.split(':').count() == 2));
    }
}
