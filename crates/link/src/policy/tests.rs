//! Documents, and what they lead to.

mod denied;
mod every_type;
mod merged;
mod parts;
mod properties;

use orgraph_model::vocabulary::{
    AWS_API_GATEWAY_REST_API, AWS_CLOUDWATCH_EVENT_RULE, AWS_CLOUDWATCH_LOG_GROUP, AWS_DB_INSTANCE,
    AWS_DYNAMODB_TABLE, AWS_ECS_TASK_DEFINITION, AWS_IAM, AWS_IAM_POLICY, AWS_LAMBDA_FUNCTION, AWS_S3_BUCKET,
    AWS_SQS_QUEUE,
};
use orgraph_model::{AccountId, EntityType};
use serde_json::{Value, json};

use super::{link, lookups};
use crate::facts::tests::fact;
use crate::{Fact, Facts, Input, Linked, Lookup, Settings};

const POLICY: &str = "arn:aws:iam::111111111111:policy/app";

fn account() -> AccountId {
    "111111111111".parse().unwrap()
}

fn of_another(mut fact: Fact) -> Fact {
    fact.account = "222222222222".parse().unwrap();
    fact
}

/// What is stored in the account: nothing but keys.
fn stored() -> Vec<Fact> {
    let own = |entity_type: EntityType, key: &str| fact(entity_type, key, json!({}));
    vec![
        own(AWS_S3_BUCKET, "arn:aws:s3:::b"),
        own(AWS_S3_BUCKET, "arn:aws:s3:::b2"),
        own(AWS_SQS_QUEUE, "arn:aws:sqs:eu-west-1:111111111111:jobs"),
        own(AWS_DYNAMODB_TABLE, "arn:aws:dynamodb:eu-west-1:111111111111:table/prod-a"),
        own(AWS_DYNAMODB_TABLE, "arn:aws:dynamodb:us-east-1:111111111111:table/prod-b"),
        own(AWS_DYNAMODB_TABLE, "arn:aws:dynamodb:us-east-1:111111111111:table/test"),
        own(AWS_CLOUDWATCH_LOG_GROUP, "arn:aws:logs:eu-west-1:111111111111:log-group:app"),
        own(AWS_LAMBDA_FUNCTION, "arn:aws:lambda:eu-west-1:111111111111:function:f"),
        own(AWS_API_GATEWAY_REST_API, "arn:aws:apigateway:eu-west-1::/restapis/abc"),
        own(AWS_CLOUDWATCH_EVENT_RULE, "arn:aws:events:eu-west-1:111111111111:rule/tick"),
        own(AWS_CLOUDWATCH_EVENT_RULE, "arn:aws:events:eu-west-1:111111111111:rule/orders/tick"),
        own(AWS_ECS_TASK_DEFINITION, "arn:aws:ecs:eu-west-1:111111111111:task-definition/web:1"),
        own(AWS_ECS_TASK_DEFINITION, "arn:aws:ecs:eu-west-1:111111111111:task-definition/web:2"),
    ]
}

/// What else is stored in the graph: the account 222222222222 is read, 333333333333 is not.
fn elsewhere() -> Vec<Fact> {
    vec![
        of_another(fact(AWS_S3_BUCKET, "arn:aws:s3:::theirs", json!({}))),
        of_another(fact(AWS_SQS_QUEUE, "arn:aws:sqs:eu-west-1:222222222222:theirs", json!({}))),
        of_another(fact(
            AWS_DYNAMODB_TABLE,
            "arn:aws:dynamodb:eu-west-1:222222222222:table/prod-x",
            json!({}),
        )),
        of_another(fact(AWS_IAM, "aws_iam:222222222222", json!({}))),
        fact(
            AWS_DB_INSTANCE,
            "arn:aws:rds:eu-west-1:111111111111:db:one",
            json!({"dbiResourceId": "db-ONE", "accountId": "111111111111"}),
        ),
    ]
}

/// What a lookup finds of the graph, as the store does.
fn find(lookup: &Lookup) -> Vec<Fact> {
    let fits = |fact: &Fact| match lookup {
        Lookup::Keys(keys) => keys.contains(fact.key.as_str()),
        Lookup::Property { entity_type, property, values } => {
            let has = |values: &std::collections::BTreeSet<String>| {
                fact.texts(property).any(|it| values.contains(&it.to_lowercase()))
            };
            fact.entity_type == *entity_type && values.as_ref().is_none_or(has)
        }
        Lookup::Relationships { .. } => false,
    };
    elsewhere().into_iter().filter(fits).collect()
}

fn linked_with(policies: Vec<Fact>, settings: &Settings) -> Linked {
    let own: Facts = policies.into_iter().chain(stored()).collect();
    let account = account();
    let input = Input { account: &account, own: &own, settings };
    let found: Facts = lookups(&input).iter().flat_map(find).collect();
    link(&input, &found)
}

fn linked(statements: Value) -> Linked {
    let mut document = json!({"policyDocument": {"Version": "2012-10-17"}});
    document["policyDocument"]["Statement"] = statements;
    linked_with(vec![fact(AWS_IAM_POLICY, POLICY, document)], &Settings::default())
}

/// A statement of these parts.
fn allow(actions: &Value, resources: &Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources})
}

/// The last part of each key that is led to, with the actions.
fn shown(linked: &Linked) -> Vec<String> {
    let shown = linked.relationships.iter().map(|it| {
        let key = it.to.key.as_str();
        let name = key.strip_prefix("arn:aws:").unwrap_or(key);
        format!("{name} {}", words(&it.properties["actions"]))
    });
    shown.collect()
}

fn words(list: &Value) -> String {
    let words: Vec<&str> = list.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
    words.join(",")
}

/// The flags that are set, and the lists that are not empty, of the only relationship.
fn only(linked: &Linked) -> Value {
    assert_eq!(linked.relationships.len(), 1, "{:?}", shown(linked));
    let mut told = linked.relationships[0].properties.clone();
    told.retain(|_, value| *value != json!(false) && *value != json!([]));
    Value::Object(told)
}

#[test]
fn a_statement_leads_to_what_it_names() {
    let check = |actions: Value, resources: Value, expected: &[&str]| {
        let linked = linked(allow(&actions, &resources));
        assert_eq!(shown(&linked), expected, "{actions} on {resources}");
    };
    let own = "111111111111";

    // Everything on everything is the account, whatever else is stored.
    check(json!("*"), json!("*"), &["iam::111111111111:root *"]);
    check(json!(["*:*"]), json!(["arn:*:*:*:*:*"]), &["iam::111111111111:root *:*"]);
    // Something of a service on everything is the service.
    check(json!("s3:*"), json!("*"), &["aws_s3:111111111111 s3:*"]);
    check(
        json!(["s3:GetObject", "sqs:SendMessage", "s3:List*"]),
        json!("*"),
        &["aws_s3:111111111111 s3:GetObject,s3:List*", "aws_sqs:111111111111 sqs:SendMessage"],
    );
    check(
        json!(["sts:AssumeRole", "IAM:PassRole"]),
        json!("*"),
        &["aws_iam:111111111111 IAM:PassRole,sts:AssumeRole"],
    );
    check(
        json!("secretsmanager:GetSecretValue"),
        json!("*"),
        &["aws_service:111111111111:secretsmanager secretsmanager:GetSecretValue"],
    );
    check(json!(["*", "s3:Get*"]), json!("*"), &["iam::111111111111:root *", "aws_s3:111111111111 s3:Get*"]);
    // All resources of a service are the service.
    check(json!(["s3:*", "sqs:*"]), json!("arn:aws:s3:::*"), &["aws_s3:111111111111 s3:*"]);
    check(json!("*"), json!("arn:aws:sqs:*:111111111111:*"), &["aws_sqs:111111111111 *"]);
    check(json!("sqs:*"), json!("arn:aws:sqs"), &["aws_sqs:111111111111 sqs:*"]);
    check(json!("sqs:*"), json!("arn:aws:sqs:*:222222222222:*"), &[]);
    // A pattern is what the account has of it.
    check(
        json!("dynamodb:Query"),
        json!("arn:aws:dynamodb:*:*:table/prod-*"),
        &[
            "dynamodb:eu-west-1:111111111111:table/prod-a dynamodb:Query",
            "dynamodb:us-east-1:111111111111:table/prod-b dynamodb:Query",
        ],
    );
    check(json!("dynamodb:Query"), json!(format!("arn:aws:dynamodb:*:{own}:table/none-*")), &[]);
    check(json!("s3:*"), json!("arn:aws:s3:::b?"), &["s3:::b2 s3:*"]);
    check(json!("s3:*"), json!("arn:aws:s3:::B*"), &[]);
    check(json!("s3:*"), json!("arn:aws:s3:::${aws:PrincipalTag/bucket}2"), &["s3:::b2 s3:*"]);
    // An action says nothing about what belongs to another service.
    check(json!("s3:GetObject"), json!("arn:aws:sqs:eu-west-1:111111111111:jobs"), &[]);
    check(
        json!("*"),
        json!("arn:aws:sqs:eu-west-1:111111111111:jobs"),
        &["sqs:eu-west-1:111111111111:jobs *"],
    );
    // What IAM would not match, or what is not stored, leads nowhere.
    check(json!("s3:*"), json!(["arn:aws:*:::b", "b", "", "arn:aws:s3:::none"]), &[]);
    check(json!("GetObject"), json!("*"), &[]);
}

#[test]
fn what_is_inside_of_a_resource_leads_to_the_resource() {
    let check = |action: &str, resource: &str, expected: &[&str], is_inside: bool| {
        let linked = linked(allow(&json!(action), &json!(resource)));
        let expected: Vec<String> = expected.iter().map(|it| format!("{it} {action}")).collect();
        assert_eq!(shown(&linked), expected, "{resource}");
        for relationship in &linked.relationships {
            assert_eq!(relationship.properties["subResource"], json!(is_inside), "{resource}");
        }
    };
    let here = "eu-west-1:111111111111";

    check("s3:GetObject", "arn:aws:s3:::b", &["s3:::b"], false);
    check("s3:GetObject", "arn:aws:s3:::b/*", &["s3:::b"], true);
    check("s3:GetObject", "arn:aws:s3:::b/home/${aws:username}/*", &["s3:::b"], true);
    check("s3:GetObject", "arn:aws:s3:::b*/x", &["s3:::b", "s3:::b2"], true);
    check(
        "logs:PutLogEvents",
        "arn:aws:logs:*:*:log-group:app:*",
        &[&format!("logs:{here}:log-group:app")],
        true,
    );
    check(
        "logs:PutLogEvents",
        &format!("arn:aws:logs:{here}:log-group:app:log-stream:one"),
        &[&format!("logs:{here}:log-group:app")],
        true,
    );
    check(
        "logs:PutLogEvents",
        "arn:aws:logs:*:*:log-group:a*",
        &[&format!("logs:{here}:log-group:app")],
        false,
    );
    check(
        "dynamodb:Query",
        "arn:aws:dynamodb:*:*:table/prod-a/index/*",
        &[&format!("dynamodb:{here}:table/prod-a")],
        true,
    );
    check(
        "lambda:InvokeFunction",
        &format!("arn:aws:lambda:{here}:function:f:live"),
        &[&format!("lambda:{here}:function:f")],
        true,
    );
    check(
        "lambda:InvokeFunction",
        "arn:aws:lambda:*:*:function:f*",
        &[&format!("lambda:{here}:function:f")],
        false,
    );
    for api in [format!("{here}:abc/prod/GET/x"), "*:*:abc/*".to_owned()] {
        check(
            "execute-api:Invoke",
            &format!("arn:aws:execute-api:{api}"),
            &["apigateway:eu-west-1::/restapis/abc"],
            true,
        );
    }
    check("execute-api:Invoke", "arn:aws:execute-api:eu-west-1:222222222222:abc/prod/*", &[], true);
    check(
        "apigateway:GET",
        "arn:aws:apigateway:*::/restapis/abc/stages/*",
        &["apigateway:eu-west-1::/restapis/abc"],
        true,
    );
    for user in [format!("{here}:dbuser:db-ONE/app"), "*:*:dbuser:*/app".to_owned()] {
        let database = [&*format!("rds:{here}:db:one")];
        check("rds-db:connect", &format!("arn:aws:rds-db:{user}"), &database, true);
    }
    check("rds-db:connect", "arn:aws:rds-db:*:*:dbuser:db-TWO/app", &[], true);
    // Other names of what is meant itself.
    check(
        "events:PutRule",
        "arn:aws:events:*:*:rule/default/tick",
        &[&format!("events:{here}:rule/tick")],
        false,
    );
    check(
        "events:PutRule",
        "arn:aws:events:*:*:rule/orders/tick",
        &[&format!("events:{here}:rule/orders/tick")],
        false,
    );
    let revisions = [1, 2].map(|it| format!("ecs:{here}:task-definition/web:{it}"));
    let revisions = [revisions[0].as_str(), revisions[1].as_str()];
    check("ecs:RunTask", &format!("arn:aws:ecs:{here}:task-definition/web"), &revisions, false);
    check("ecs:RunTask", "arn:aws:ecs:*:*:task-definition/web:*", &revisions, false);
}

#[test]
fn one_arn_leads_into_any_account() {
    let check = |action: &str, resource: &str, expected: &[&str]| {
        let linked = linked(allow(&json!(action), &json!(resource)));
        assert_eq!(shown(&linked), expected, "{resource}");
        for relationship in &linked.relationships {
            assert_eq!(relationship.properties["crossAccount"], json!(true), "{resource}");
        }
        linked
    };

    check("s3:GetObject", "arn:aws:s3:::theirs/*", &["s3:::theirs s3:GetObject"]);
    check("sqs:*", "arn:aws:sqs:eu-west-1:222222222222:theirs", &["sqs:eu-west-1:222222222222:theirs sqs:*"]);
    // A pattern does not, and what an account that is read does not have is not there.
    check("sqs:*", "arn:aws:sqs:*:222222222222:their*", &[]);
    check("sqs:*", "arn:aws:sqs:eu-west-1:222222222222:gone", &[]);
    check("s3:GetObject", "arn:aws:s3:::their*", &[]);
    // An account that is not read stands for what it may have.
    let linked = check(
        "sts:AssumeRole",
        "arn:aws:iam::333333333333:role/*",
        &["iam::333333333333:root sts:AssumeRole"],
    );
    let placeholder = &linked.entities[0];
    assert_eq!(placeholder.key.as_str(), "arn:aws:iam::333333333333:root");
    assert_eq!(placeholder.account.as_str(), "333333333333");
    assert_eq!(placeholder.display_name.as_deref(), Some("333333333333"));
    assert_eq!(placeholder.properties["accountId"], "333333333333");
    assert_eq!(linked.relationships[0].properties["admin"], false);
}

#[test]
fn a_pattern_of_too_much_leads_to_the_service() {
    let settings = Settings { resource_fanout_limit: 1, ..Settings::default() };
    let document = |resource: &str| json!({"policyDocument": {"Statement": allow(&json!("dynamodb:*"), &json!(resource))}});
    let linked =
        |resource: &str| linked_with(vec![fact(AWS_IAM_POLICY, POLICY, document(resource))], &settings);

    let collapsed = linked("arn:aws:dynamodb:*:*:table/prod-*");
    assert_eq!(shown(&collapsed), ["aws_dynamodb:111111111111 dynamodb:*"]);
    assert_eq!(only(&collapsed)["collapsed"], true);
    assert_eq!(only(&collapsed)["admin"], Value::Null);
    let whole = linked("arn:aws:dynamodb:eu-*:*:table/prod-*");
    assert_eq!(shown(&whole), ["dynamodb:eu-west-1:111111111111:table/prod-a dynamodb:*"]);
}
