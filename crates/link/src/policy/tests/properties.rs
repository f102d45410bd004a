//! What holds for all documents.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::super::{link, lookups};
use super::{POLICY, account, elsewhere, find, stored};
use crate::facts::tests::fact;
use crate::{Facts, Input, Linked, Settings};
use orgraph_model::vocabulary::AWS_IAM_POLICY;

fn linked(document: &Value, reversed: bool) -> Linked {
    let mut own = stored();
    own.push(fact(AWS_IAM_POLICY, POLICY, json!({"policyDocument": document})));
    let mut found = elsewhere();
    if reversed {
        own.reverse();
        found.reverse();
    }
    let own: Facts = own.into_iter().collect();
    let (account, settings) = (account(), Settings::default());
    let input = Input { account: &account, own: &own, settings: &settings };
    let looked_up = lookups(&input);
    found.retain(|it| looked_up.iter().flat_map(find).any(|other| other.key == it.key));
    link(&input, &found.into_iter().collect())
}

fn action() -> impl Strategy<Value = String> {
    prop_oneof![
        "(s3|sqs|iam|sts|S3|ec2|\\*):(Get|Put|Delete|List)?(Object|Bucket)?\\*?",
        Just("*".to_owned()),
        ".{0,6}"
    ]
}

fn resource() -> impl Strategy<Value = String> {
    let resource = "(b|b2|jobs|table/prod-a|table/\\*|log-group:app|restapis|\\*|\\?)(/\\*|:\\*|/\\$\\{aws:username\\})?";
    let account = "(111111111111|222222222222|333333333333|\\*)?";
    let arn = format!(
        "arn:(aws|\\*):(s3|sqs|dynamodb|logs|apigateway|iam|rds-db):(eu-west-1|\\*)?:{account}:{resource}"
    );
    prop_oneof![4 => proptest::string::string_regex(&arn).unwrap(), 1 => Just("*".to_owned()), 1 => "[arn:*?${}]{0,12}"]
}

fn statement() -> impl Strategy<Value = Value> {
    (
        any::<bool>(),
        prop_oneof![Just("Action"), Just("NotAction")],
        proptest::collection::vec(action(), 1..4),
        prop_oneof![4 => Just("Resource"), 1 => Just("NotResource")],
        proptest::collection::vec(resource(), 1..4),
        any::<bool>(),
    )
        .prop_map(|(allows, action, actions, resource, resources, conditional)| {
            let mut statement = Map::new();
            statement.insert("Effect".to_owned(), if allows { "Allow" } else { "Deny" }.into());
            statement.insert(action.to_owned(), actions.into());
            statement.insert(resource.to_owned(), resources.into());
            if conditional {
                statement
                    .insert("Condition".to_owned(), json!({"StringEquals": {"sts:ExternalId": "secret"}}));
            }
            Value::Object(statement)
        })
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "(Allow|Deny|\\*|.{0,8})".prop_map(Value::from),
        action().prop_map(Value::from),
        resource().prop_map(Value::from),
    ];
    let name = "(Statement|Effect|Action|NotAction|Resource|NotResource|Condition|Sid|StringEquals|.{0,3})";
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name, inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn neither_order_nor_repetition_matters(statements in proptest::collection::vec(statement(), 0..5)) {
        let document = json!({"Statement": statements});
        let once = linked(&document, false);

        prop_assert_eq!(&once, &linked(&document, false));
        prop_assert_eq!(&once, &linked(&document, true));

        let mut targets: Vec<&str> = once.relationships.iter().map(|it| it.to.key.as_str()).collect();
        let count = targets.len();
        targets.dedup();
        prop_assert_eq!(targets.len(), count, "one relationship with each target");
        for relationship in &once.relationships {
            let properties = Value::Object(relationship.properties.clone());
            prop_assert!(!properties.to_string().contains("secret"), "{}", properties);
            prop_assert!(!relationship.properties["actions"].as_array().unwrap().is_empty());
        }
    }

    #[test]
    fn the_order_of_statements_does_not_change_what_is_led_to(
        mut statements in proptest::collection::vec(statement(), 0..5),
    ) {
        let one = linked(&json!({"Statement": statements.clone()}), false);
        statements.reverse();
        let other = linked(&json!({"Statement": statements}), false);

        let told = |it: &Linked| -> Vec<Value> {
            let shown = it.relationships.iter().map(|it| json!([it.to.key.as_str(), it.properties["actions"]]));
            shown.collect()
        };
        prop_assert_eq!(told(&one), told(&other));
    }

    #[test]
    fn a_denial_never_adds_anything(
        allowed in proptest::collection::vec(statement(), 0..3), denied in statement(),
    ) {
        let mut statements = allowed;
        let open = linked(&json!({"Statement": statements.clone()}), false);
        let mut denied = denied;
        denied["Effect"] = json!("Deny");
        statements.push(denied);
        let narrowed = linked(&json!({"Statement": statements}), false);

        for relationship in &narrowed.relationships {
            let before = open.relationships.iter().find(|it| it.to == relationship.to);
            prop_assert!(before.is_some(), "{}", relationship.to.key);
            let all = before.unwrap().properties["actions"].as_array().unwrap();
            let left = relationship.properties["actions"].as_array().unwrap();
            prop_assert!(left.iter().all(|it| all.contains(it)));
        }
    }

    #[test]
    fn no_document_is_too_strange(document in anything()) {
        linked(&document, false);
        linked(&json!({"Statement": document}), false);
    }
}
