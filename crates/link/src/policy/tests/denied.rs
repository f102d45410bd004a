//! What Deny statements take away.

use serde_json::{Value, json};

use super::{linked, only, shown};

/// A statement that allows and one that denies, each with its actions and resources.
fn narrowed(allow: (Value, Value), deny: (Value, Value)) -> Value {
    let statement = |effect: &str, (actions, resources): (Value, Value)| {
        let mut statement = json!({"Effect": effect});
        statement["Action"] = actions;
        statement["Resource"] = resources;
        statement
    };
    json!([statement("Allow", allow), statement("Deny", deny)])
}

#[test]
fn what_is_denied_altogether_leads_nowhere() {
    let check = |allow: (Value, Value), deny: (Value, Value), expected: &[&str]| {
        let statements = narrowed(allow, deny);
        assert_eq!(shown(&linked(statements.clone())), expected, "{statements}");
    };
    let bucket = || json!("arn:aws:s3:::b");

    check((json!("s3:*"), json!("*")), (json!("s3:*"), json!("*")), &[]);
    check((json!("*"), json!("*")), (json!("*"), json!("*")), &[]);
    check((json!("s3:Get*"), bucket()), (json!("s3:*"), bucket()), &[]);
    check((json!("s3:Get*"), bucket()), (json!("*"), json!("arn:aws:s3:::b*")), &[]);
    check((json!("*"), bucket()), (json!("s3:*"), json!("*")), &[]);
    check((json!("s3:*"), json!("arn:aws:s3:::b/a*")), (json!("s3:*"), json!("arn:aws:s3:::b/*")), &[]);
    check((json!("s3:*"), json!("arn:aws:s3:::*")), (json!("s3:*"), json!("arn:aws:s3:::*")), &[]);
    check(
        (json!(["s3:GetObject", "s3:PutObject"]), json!("arn:aws:s3:::b/*")),
        (json!("s3:Put*"), json!("*")),
        &["s3:::b s3:GetObject"],
    );
    check((json!("s3:*"), json!("arn:aws:s3:::b*")), (json!("s3:*"), bucket()), &["s3:::b2 s3:*"]);
    // What is denied on a bucket is not denied on what is in it.
    check((json!("s3:*"), json!("arn:aws:s3:::b/*")), (json!("s3:*"), bucket()), &["s3:::b s3:*"]);
}

#[test]
fn what_is_denied_in_part_is_told() {
    let check = |allow: (Value, Value), deny: (Value, Value), negated: Value| {
        let statements = narrowed(allow, deny);
        let told = only(&linked(statements.clone()));
        assert_eq!((&told["effective"], &told["partial"]), (&json!(true), &json!(true)), "{statements}");
        assert_eq!(told["negatedActions"], negated, "{statements}");
        assert_eq!(told["conditionalDeny"], Value::Null, "{statements}");
    };
    let bucket = || json!("arn:aws:s3:::b");

    check((json!("s3:*"), bucket()), (json!("s3:DeleteBucket"), bucket()), json!(["s3:DeleteBucket"]));
    check((json!("*"), json!("*")), (json!(["iam:*", "s3:Put*"]), json!("*")), json!(["iam:*", "s3:Put*"]));
    check((json!("s3:*"), json!("*")), (json!("s3:*"), bucket()), json!(["s3:*"]));
    check(
        (json!("s3:*"), json!("arn:aws:s3:::b/*")),
        (json!("*"), json!("arn:aws:s3:::b/x/*")),
        json!(["*"]),
    );
    check((json!(["s3:Get*", "s3:Put*"]), bucket()), (json!("s3:Put*"), bucket()), json!(["s3:Put*"]));
    // Everything on everything but a bucket: nothing else is known to be left.
    check((json!("sts:*"), json!("*")), (json!("*"), json!("arn:aws:iam::1:role/x")), json!(["*"]));
}

#[test]
fn what_is_denied_elsewhere_does_not_matter() {
    let check = |allow: (Value, Value), deny: (Value, Value)| {
        let statements = narrowed(allow, deny);
        let told = only(&linked(statements.clone()));
        assert_eq!((&told["partial"], &told["negatedActions"]), (&Value::Null, &Value::Null), "{statements}");
    };

    check((json!("s3:*"), json!("*")), (json!("sqs:*"), json!("*")));
    check((json!("s3:*"), json!("*")), (json!("*"), json!("arn:aws:sqs:*:*:*")));
    check((json!("s3:Get*"), json!("arn:aws:s3:::b")), (json!("s3:Put*"), json!("*")));
    check((json!("s3:*"), json!("arn:aws:s3:::b")), (json!("s3:*"), json!("arn:aws:s3:::c")));
    check((json!("*"), json!("arn:aws:s3:::b")), (json!("sqs:*"), json!("*")));
}

#[test]
fn a_denial_with_a_condition_takes_nothing_away() {
    let mut statements = narrowed(
        (json!("s3:*"), json!("arn:aws:s3:::b")),
        (json!("s3:DeleteBucket"), json!("arn:aws:s3:::b")),
    );
    statements[1]["Condition"] = json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}});
    let told = only(&linked(statements.clone()));

    assert_eq!(told["conditionalDeny"], true);
    assert_eq!((&told["partial"], &told["negatedActions"]), (&Value::Null, &Value::Null));
    // Nor is the condition one of what is allowed.
    assert_eq!((&told["hasCondition"], &told["conditions"]), (&Value::Null, &Value::Null));

    statements[1]["Action"] = json!("*");
    assert_eq!(shown(&linked(statements)), ["s3:::b s3:*"]);
}

#[test]
fn a_denial_of_everything_but_a_list_leaves_the_list() {
    let deny = |member: &str, list: &str| {
        let mut deny = json!({"Effect": "Deny", "Action": "*", "Resource": "*"});
        deny.as_object_mut().unwrap().remove(member.trim_start_matches("Not"));
        deny[member] = json!(list);
        deny
    };
    let check = |action: &str, resource: &str, deny: Value, expected: &[&str]| {
        let allow = json!({"Effect": "Allow", "Action": action, "Resource": resource});
        let linked = linked(json!([allow, deny]));
        assert_eq!(shown(&linked), expected, "{action} {resource} {deny}");
        linked
    };
    let bucket = "arn:aws:s3:::b";

    check("s3:PutObject", bucket, deny("NotAction", "s3:Get*"), &[]);
    let whole = check("s3:GetObject", bucket, deny("NotAction", "s3:Get*"), &["s3:::b s3:GetObject"]);
    assert_eq!(only(&whole)["partial"], Value::Null);
    let part = only(&check("s3:*", bucket, deny("NotAction", "s3:Get*"), &["s3:::b s3:*"]));
    assert_eq!((&part["partial"], &part["negatedNotActions"]), (&json!(true), &json!(["s3:Get*"])));

    check("s3:*", bucket, deny("NotResource", "arn:aws:s3:::c"), &[]);
    let whole = check("s3:*", bucket, deny("NotResource", "arn:aws:s3:::b*"), &["s3:::b s3:*"]);
    assert_eq!(only(&whole)["partial"], Value::Null);
    let part = check("s3:*", "*", deny("NotResource", bucket), &["aws_s3:111111111111 s3:*"]);
    assert_eq!(only(&part)["partial"], true);
}

#[test]
fn denying_what_is_not_allowed_anyway_takes_nothing_away() {
    let told = only(&linked(json!([
        {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"},
        {"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"},
    ])));

    assert_eq!((&told["partial"], &told["negatedActions"]), (&Value::Null, &Value::Null));
}
