//! The permissions that follow from the declared calls.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use orgraph_collect::{Call, Collector, Scope, Service};
use serde::{Serialize, Serializer};

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

/// Values of keys, denied likewise, behind an action that is needed for something else.
const KEY_READS: (&str, &[&str]) =
    ("apigateway:GET", &["arn:*:apigateway:*::/apikeys*", "arn:*:apigateway:*::/usageplans/*/keys*"]);

/// Actions, sorted, each with the ARNs that it is limited to; without any, it is permitted on everything.
pub(crate) type Actions = BTreeMap<String, BTreeSet<&'static str>>;

/// The actions of the role in every account.
pub(crate) fn reader_actions() -> Actions {
    let regions = orgraph_aws_ec2::REGION_CALLS.iter().map(|call| (Service::EC2, call));
    actions(calls(|it| it.scope != Scope::Organization).chain(regions))
}

/// The actions that are needed in the management account besides.
pub(crate) fn organization_actions() -> Actions {
    let reader = reader_actions();
    let mut actions = actions(calls(|it| it.scope == Scope::Organization));
    actions.retain(|action, _| !reader.contains_key(action));
    actions
}

fn calls(wanted: impl Fn(&Collector) -> bool) -> impl Iterator<Item = (Service, &'static Call)> {
    collectors()
        .filter(move |it| wanted(it))
        .flat_map(|collector| collector.calls.iter().map(move |call| (collector.service, call)))
}

/// One call that needs an action on everything lifts the limits of the others.
fn actions<'a>(calls: impl Iterator<Item = (Service, &'a Call)>) -> Actions {
    let mut actions = Actions::new();
    for (service, call) in calls {
        let resources: BTreeSet<&str> = call.resources.iter().copied().collect();
        match actions.entry(call.iam_action(service)) {
            Entry::Vacant(entry) => {
                entry.insert(resources);
            }
            Entry::Occupied(mut entry) => {
                let is_limited = !(resources.is_empty() || entry.get().is_empty());
                let both = if is_limited { entry.get() | &resources } else { BTreeSet::new() };
                entry.insert(both);
            }
        }
    }
    actions
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
    pub(crate) sid: String,
    pub(crate) effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) principal: Option<BTreeMap<&'static str, &'static str>>,
    pub(crate) action: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "one_or_several")]
    pub(crate) resource: Vec<&'static str>,
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
    fn of(sid: &str, effect: &'static str, action: Vec<String>, resource: Vec<&'static str>) -> Self {
        Self { sid: sid.to_owned(), effect, principal: None, action, resource, condition: None }
    }

    fn on_everything(sid: &str, effect: &'static str, action: Vec<String>) -> Self {
        Self::of(sid, effect, action, vec!["*"])
    }
}

/// AWS takes a list of one as well, but writes it as a text.
fn one_or_several<S: Serializer>(resources: &[&'static str], serializer: S) -> Result<S::Ok, S::Error> {
    match resources {
        [one] => one.serialize(serializer),
        several => several.serialize(serializer),
    }
}

/// What the role in every account may do, in as many policies as the limit asks for. The first one also denies.
pub(crate) fn reader_policies() -> Vec<Policy> {
    let contents = DATA_READS.iter().map(|it| (*it).to_owned()).collect();
    let (action, keys) = KEY_READS;
    let denied = vec![
        Statement::on_everything("NeverReadContents", "Deny", contents),
        Statement::of("NeverReadKeys", "Deny", vec![action.to_owned()], keys.to_vec()),
    ];
    policies(reader_actions(), denied)
}

/// What the role in the management account may do besides, in as many policies as the limit asks for.
pub(crate) fn organization_policies() -> Vec<Policy> {
    policies(organization_actions(), Vec::new())
}

/// The first one also has the limited actions, each in a statement of its own, and what is denied.
fn policies(actions: Actions, denied: Vec<Statement>) -> Vec<Policy> {
    let (everywhere, limited): (Actions, Actions) = actions.into_iter().partition(|it| it.1.is_empty());
    let limited = limited.into_iter().map(|(action, resources)| {
        let name: String = action.chars().filter(char::is_ascii_alphanumeric).collect();
        Statement::of(&format!("Only{name}"), "Allow", vec![action], resources.into_iter().collect())
    });
    let besides: Vec<Statement> = limited.chain(denied).collect();
    let everywhere: BTreeSet<String> = everywhere.into_keys().collect();
    let mut policies = split(&everywhere, POLICY_LIMIT - counted(&Policy::of(besides.clone())));
    match policies.first_mut() {
        Some(first) => first.statement.extend(besides),
        None if besides.is_empty() => {}
        None => policies.push(Policy::of(besides)),
    }
    policies
}

/// What the daemon's own identity may do: become the reader, in its organization.
pub(crate) fn hub_policy() -> Policy {
    Policy::of(vec![Statement {
        sid: GENERATED.to_owned(),
        effect: "Allow",
        principal: None,
        action: vec!["sts:AssumeRole".to_owned()],
        resource: vec!["arn:aws:iam::*:role/orgraph-reader"],
        condition: Some(equals("aws:ResourceOrgID", "REPLACE-WITH-ORGANIZATION-ID")),
    }])
}

/// Who may become the reader: the daemon's identity, when it knows the external ID.
pub(crate) fn trust_policy() -> Policy {
    Policy::of(vec![Statement {
        sid: GENERATED.to_owned(),
        effect: "Allow",
        principal: Some(BTreeMap::from([("AWS", "REPLACE-WITH-ARN-OF-DAEMON-ROLE")])),
        action: vec!["sts:AssumeRole".to_owned()],
        resource: Vec::new(),
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
    use orgraph_collect::call;
    use serde_json::{Value, json};

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
        for action in reader_actions().keys().chain(organization_actions().keys()) {
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
            let mut allowed: Vec<&String> = allowed.flat_map(|it| &it.action).collect();
            allowed.sort_unstable();
            assert_eq!(allowed, actions.keys().collect::<Vec<_>>());
        }
    }

    #[test]
    fn apis_are_read_without_the_keys_of_those_who_call() {
        let statements: Vec<Statement> = reader_policies().into_iter().flat_map(|it| it.statement).collect();
        let of = |effect: &str| -> Vec<&Statement> {
            let with_effect = statements.iter().filter(|it| it.effect == effect);
            with_effect.filter(|it| it.action.iter().any(|it| covers(it, "apigateway:GET"))).collect()
        };

        let [allowed] = of("Allow")[..] else { panic!("{:#?}", of("Allow")) };
        assert_eq!(allowed.resource, ["arn:*:apigateway:*::/apis*", "arn:*:apigateway:*::/restapis*"]);
        let [denied] = of("Deny")[..] else { panic!("{:#?}", of("Deny")) };
        for key in ["/apikeys", "/apikeys/k1", "/usageplans/p1/keys", "/usageplans/p1/keys/k1"] {
            let arn = format!("arn:aws:apigateway:eu-west-1::{key}");
            assert!(denied.resource.iter().any(|it| covers(it, &arn)), "{key}");
            assert!(!allowed.resource.iter().any(|it| covers(it, &arn)), "{key}");
        }
    }

    #[test]
    fn an_action_is_limited_as_far_as_all_its_calls_are() {
        static CALLS: [Call; 3] =
            [call("A").needs("x:GET").only_on(&["a"]), call("B").needs("x:GET").only_on(&["b"]), call("C")];
        static UNLIMITED: Call = call("D").needs("x:GET");
        let of = |calls: &[&'static Call]| actions(calls.iter().map(|&it| (Service::SQS, it)));

        let [a, b, c] = CALLS.each_ref();
        assert_eq!(of(&[a, b, c])["x:GET"], BTreeSet::from(["a", "b"]));
        assert_eq!(of(&[a, b, c])["sqs:C"], BTreeSet::new());
        assert_eq!(of(&[a, &UNLIMITED, b])["x:GET"], BTreeSet::new());
        let policies = policies(of(&[a, b, c]), Vec::new());
        let [policy] = &policies[..] else { panic!("{policies:#?}") };
        let resources: Vec<Value> = policy.statement.iter().map(|it| json!(it)["Resource"].clone()).collect();
        assert_eq!(resources, [json!("*"), json!(["a", "b"])]);
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
        assert!(reader_actions().contains_key("lambda:ListFunctions"));
        assert!(reader_actions().contains_key("ec2:DescribeRegions"));
        assert!(reader_actions().keys().all(|it| it.split(':').count() == 2));
    }
}
