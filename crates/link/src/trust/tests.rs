//! Trust policies and whom they trust.

use orgraph_model::vocabulary::{AWS_IAM_ROLE, AWS_IAM_USER};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::Settings;
use crate::facts::tests::fact;

const ROLE: &str = "arn:aws:iam::111111111111:role/r";
const PARTNER: &str = "arn:aws:iam::333333333333:root";

fn account() -> orgraph_model::AccountId {
    "111111111111".parse().unwrap()
}

fn role(statements: &Value) -> Fact {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    fact(
        AWS_IAM_ROLE,
        ROLE,
        json!({"roleName": "r", "roleId": "AROAOWNROLEOWNROLE", "assumeRolePolicy": policy}),
    )
}

fn of(account: &str, mut fact: Fact) -> Fact {
    fact.account = account.parse().unwrap();
    fact
}

/// The account at hand, another member of its organization, and an account of somebody else.
fn accounts() -> Vec<Fact> {
    let listed = |id: &str, organization: Option<&str>| {
        let mut properties = json!({"accountId": id});
        if let Some(organization) = organization {
            properties["orgAccountArn"] =
                json!(format!("arn:aws:organizations::222222222222:account/{organization}/{id}"));
        }
        of(id, fact(AWS_ACCOUNT, &format!("arn:aws:iam::{id}:root"), properties))
    };
    vec![
        listed("111111111111", Some("o-1")),
        listed("222222222222", Some("o-1")),
        listed("333333333333", None),
        listed("444444444444", Some("o-2")),
    ]
}

fn linked(own: Vec<Fact>, found: Vec<Fact>) -> Linked {
    let (own, found): (Facts, Facts) = (own.into_iter().collect(), found.into_iter().collect());
    let (account, settings) = (account(), Settings::default());
    link(&Input { account: &account, own: &own, settings: &settings }, &found)
}

fn trusted(statements: &Value) -> BTreeMap<String, Value> {
    edges(linked(vec![role(statements)], accounts()))
}

fn edges(linked: Linked) -> BTreeMap<String, Value> {
    let named = |it: orgraph_model::Relationship| (it.to.key.to_string(), Value::Object(it.properties));
    linked.relationships.into_iter().map(named).collect()
}

fn allow(principal: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
}

fn allow_if(principal: &Value, condition: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition})
}

#[test]
fn a_principal_of_each_kind_is_trusted() {
    let member_role = of(
        "222222222222",
        fact(
            AWS_IAM_ROLE,
            "arn:aws:iam::222222222222:role/path/Reader",
            json!({"roleName": "Reader", "roleId": "AROAREADERREADER01"}),
        ),
    );
    let stand_in = of(
        "333333333333",
        fact(AWS_IAM_ROLE, "arn:aws:iam::333333333333:role/path/Reader", json!({"placeholder": true})),
    );
    let user =
        fact(AWS_IAM_USER, "arn:aws:iam::111111111111:user/ann", json!({"userId": "AIDAANNANNANNANN1"}));
    let check = |principal: Value, entity_type: EntityType, key: &str, cross_account: bool| {
        let found =
            accounts().into_iter().chain([member_role.clone(), stand_in.clone(), user.clone()]).collect();
        let links = linked(vec![role(&allow(&principal))], found).relationships;
        assert_eq!(links.len(), 1, "{principal}");
        assert_eq!((links[0].to.entity_type, links[0].to.key.as_str()), (entity_type, key), "{principal}");
        assert_eq!(links[0].from.key.as_str(), ROLE);
        assert_eq!(links[0].properties["crossAccount"], cross_account, "{principal}");
    };
    let aws = |text: &str| json!({"AWS": text});

    check(json!("*"), EVERYONE, "global:everyone", true);
    check(aws("*"), EVERYONE, "global:everyone", true);
    check(aws("333333333333"), AWS_ACCOUNT, PARTNER, true);
    check(aws(PARTNER), AWS_ACCOUNT, PARTNER, true);
    check(aws("arn:aws:iam::111111111111:root"), AWS_ACCOUNT, "arn:aws:iam::111111111111:root", false);
    let arn = "arn:aws:iam::111111111111:user/team/bob";
    check(aws(arn), AWS_IAM_USER, arn, false);
    let arn = "arn:aws:iam::333333333333:user/bob";
    check(aws(arn), AWS_IAM_USER, arn, true);
    let arn = "arn:aws:iam::111111111111:role/service-role/other";
    check(aws(arn), AWS_IAM_ROLE, arn, false);
    let arn = "arn:aws:iam::333333333333:role/other";
    check(aws(arn), AWS_IAM_ROLE, arn, true);
    check(aws("arn:aws:sts::111111111111:assumed-role/r/me"), AWS_IAM_ROLE, ROLE, false);
    let arn = "arn:aws:iam::222222222222:role/path/Reader";
    check(aws("arn:aws:sts::222222222222:assumed-role/reader/me"), AWS_IAM_ROLE, arn, true);
    let arn = "arn:aws:iam::333333333333:role/Reader";
    check(aws("arn:aws:sts::333333333333:assumed-role/Reader/me"), AWS_IAM_ROLE, arn, true);
    check(aws("arn:aws:sts::333333333333:federated-user/bob"), AWS_ACCOUNT, PARTNER, true);
    check(aws("AIDAANNANNANNANN1"), AWS_IAM_USER, "arn:aws:iam::111111111111:user/ann", false);
    let arn = "arn:aws:iam::222222222222:role/path/Reader";
    check(aws("AROAREADERREADER01"), AWS_IAM_ROLE, arn, true);
    check(aws("AROAOWNROLEOWNROLE:me"), AWS_IAM_ROLE, ROLE, false);
    let ssm = "aws_service:111111111111:ssm";
    check(json!({"Service": "ssm.amazonaws.com"}), AWS_SERVICE, ssm, false);
    check(json!({"Service": "ssm.eu-west-1.amazonaws.com"}), AWS_SERVICE, ssm, false);
    let arn = "arn:aws:iam::111111111111:saml-provider/idp";
    check(json!({"Federated": arn}), AWS_IAM_SAML_PROVIDER, arn, false);
    let arn = "arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com";
    check(json!({"Federated": arn}), AWS_IAM_OIDC_PROVIDER, arn, false);
    let key = "aws_iam_oidc_provider:111111111111:accounts.google.com";
    check(json!({"Federated": "accounts.google.com"}), AWS_IAM_OIDC_PROVIDER, key, false);
}

#[test]
fn every_service_that_has_a_type_is_trusted_by_its_principals() {
    assert_eq!(RELATIONSHIPS.len(), 43);
    for service in &SERVICES {
        for prefix in service.iam_prefixes {
            for domain in ["amazonaws.com", "amazonaws.com.cn", "eu-west-1.amazonaws.com"] {
                let links =
                    linked(vec![role(&allow(&json!({"Service": format!("{prefix}.{domain}")})))], vec![]);
                let to = &links.relationships[0].to;
                assert_eq!(*to, service.entity_type.of_account(&account()), "{prefix}.{domain}");
                assert_eq!(links.entities, [], "{prefix}.{domain}");
            }
        }
    }
}

#[test]
fn what_is_gone_or_allows_nothing_is_not_trusted() {
    let check = |statement: Value| assert_eq!(trusted(&statement), BTreeMap::new(), "{statement}");

    check(allow(&json!({"AWS": "AROAGONEGONEGONE01"})));
    check(allow(&json!({"AWS": "AIDAGONEGONEGONE01"})));
    check(
        json!({"Effect": "Allow", "Principal": "*", "Action": ["sts:TagSession", "sts:SetSourceIdentity"]}),
    );
    check(json!({"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}));
    check(json!({"Effect": "Allow", "Action": "sts:AssumeRole"}));
    check(json!([]));
    check(Value::Null);
    assert_eq!(linked(vec![fact(AWS_IAM_ROLE, ROLE, json!({"roleName": "r"}))], vec![]), Linked::default());
}

#[test]
fn a_service_role_trusts_its_service() {
    let trusted = trusted(&json!([{
        "Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": ["sts:TagSession", "sts:AssumeRole"]
    }]));

    let expected = json!({
        "crossAccount": false, "external": false, "actions": ["sts:AssumeRole", "sts:TagSession"],
        "normalizedActions": ["sts:assumerole", "sts:tagsession"], "conditions": [], "conditionKeys": [],
        "hasCondition": false, "externalIdRequired": false, "mfaRequired": false, "principalOrgId": null,
        "sourceAccounts": null, "conditionalDeny": false, "partial": false
    });
    assert_eq!(trusted, BTreeMap::from([("aws_ec2:111111111111".to_owned(), expected)]));
}

#[test]
fn another_account_is_trusted_with_an_external_id_that_is_never_shown() {
    let condition = json!({
        "StringEquals": {"sts:ExternalId": "the-secret"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}
    });
    let statement = allow_if(&json!({"AWS": PARTNER}), &condition);

    let linked = linked(vec![role(&statement)], accounts());

    let shown = format!("{linked:?}");
    assert!(!shown.contains("the-secret"), "{shown}");
    let edge = &edges(linked)[PARTNER];
    assert_eq!(edge["externalIdRequired"], true);
    assert_eq!(edge["mfaRequired"], true);
    assert_eq!(edge["external"], true);
    assert_eq!(edge["conditionKeys"], json!(["aws:MultiFactorAuthPresent", "sts:ExternalId"]));
    assert_eq!(edge["conditions"][0]["StringEquals"]["sts:ExternalId"], "<redacted>");
}

#[test]
fn who_is_outside_the_organization_is_external() {
    let check = |principal: &str, condition: Value, expected: Value| {
        let edges = trusted(&allow_if(&json!({"AWS": principal}), &condition));
        let edge = edges.values().next().unwrap();
        assert_eq!(edge.get("external").cloned().unwrap_or_default(), expected, "{principal} {condition}");
    };

    check("111111111111", json!({}), json!(false));
    check("222222222222", json!({}), json!(false));
    check("333333333333", json!({}), json!(true));
    check("444444444444", json!({}), json!(true));
    check("999999999999", json!({}), json!(true));
    check("arn:aws:iam::222222222222:user/a", json!({}), json!(false));
    check("*", json!({}), json!(true));
    check("*", json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}), json!(false));
    check("*", json!({"StringEquals": {"aws:PrincipalOrgID": ["o-1", "o-2"]}}), json!(true));
    check("*", json!({"StringEquals": {"sts:ExternalId": "x"}}), json!(true));
    check("*", json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}), json!(true));
    // These may, or may not, keep outsiders out.
    check("*", json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111111111111:role/*"}}), Value::Null);
    check("*", json!({"StringLike": {"idp.example.com:sub": "x"}}), Value::Null);
}

#[test]
fn without_a_known_organization_nobody_is_said_to_be_outside() {
    let trusted = |principal: &Value| edges(linked(vec![role(&allow(principal))], vec![]));

    assert_eq!(trusted(&json!({"AWS": PARTNER}))[PARTNER].get("external"), None);
    assert_eq!(trusted(&json!({"AWS": "111111111111"})).into_values().next().unwrap()["external"], false);
    assert_eq!(trusted(&json!("*"))["global:everyone"]["external"], true);
}

#[test]
fn everyone_of_the_organization_is_everyone_with_its_id() {
    let condition = json!({"StringEquals": {"aws:PrincipalOrgID": "o-1"}});

    let edge = &trusted(&allow_if(&json!("*"), &condition))["global:everyone"];

    assert_eq!(edge["principalOrgId"], "o-1");
    assert_eq!(edge["crossAccount"], true);
    assert_eq!(edge["conditions"], json!([condition]));
}

#[test]
fn statements_about_one_principal_are_one_edge_with_what_all_of_them_ask_for() {
    let mfa = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let both = json!({
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "StringEquals": {"sts:ExternalId": "x", "aws:SourceAccount": "222222222222"}
    });
    let principal = json!({"AWS": ["333333333333", PARTNER]});

    let trusted = trusted(&json!([
        allow_if(&principal, &mfa),
        allow_if(&principal, &both),
        {"Effect": "Allow", "Principal": principal, "Action": "STS:AssumeRole*", "Condition": both},
    ]));

    assert_eq!(trusted.len(), 1);
    let edge = &trusted[PARTNER];
    assert_eq!((&edge["mfaRequired"], &edge["externalIdRequired"]), (&json!(true), &json!(false)));
    assert_eq!((&edge["hasCondition"], &edge["sourceAccounts"]), (&json!(true), &Value::Null));
    assert_eq!(edge["actions"], json!(["STS:AssumeRole*", "sts:AssumeRole"]));
    assert_eq!(edge["conditions"].as_array().unwrap().len(), 2);
}

#[test]
fn values_are_those_of_all_statements_if_each_has_some() {
    let from = |account: &str| json!({"StringEquals": {"aws:SourceAccount": account}});
    let service = json!({"Service": "config.amazonaws.com"});
    let restricted = [allow_if(&service, &from("222222222222")), allow_if(&service, &from("111111111111"))];

    let all = trusted(&json!(restricted));
    let open = trusted(&json!([restricted[0], allow(&service)]));

    assert_eq!(all["aws_config:111111111111"]["sourceAccounts"], json!(["111111111111", "222222222222"]));
    assert_eq!(open["aws_config:111111111111"]["sourceAccounts"], Value::Null);
    assert_eq!(open["aws_config:111111111111"]["hasCondition"], false);
}

#[test]
fn sessions_are_told_unless_the_whole_role_is_trusted() {
    let session = |name: &str| json!({"AWS": format!("arn:aws:sts::111111111111:assumed-role/r/{name}")});
    let check = |statements: Value, expected: Value| {
        assert_eq!(
            trusted(&statements)[ROLE].get("session").cloned().unwrap_or_default(),
            expected,
            "{statements}"
        );
    };

    check(allow(&session("a")), json!("a"));
    check(json!([allow(&session("b")), allow(&session("a"))]), json!(["a", "b"]));
    check(json!([allow(&session("a")), allow(&json!({"AWS": ROLE}))]), Value::Null);
    let federated = trusted(&allow(&json!({"AWS": "arn:aws:sts::333333333333:federated-user/bob"})));
    assert_eq!(federated[PARTNER]["session"], "bob");
}

#[test]
fn all_but_some_are_everyone() {
    let all_but = |principals: Value| json!({"Effect": "Allow", "NotPrincipal": {"AWS": principals}, "Action": "sts:AssumeRole"});
    let check = |statements: Value, expected: Value| {
        let edge = &trusted(&statements)["global:everyone"];
        assert_eq!(edge.get("notPrincipals").cloned().unwrap_or_default(), expected, "{statements}");
    };

    check(all_but(json!("333333333333")), json!(["333333333333"]));
    let twice = json!([all_but(json!(["222222222222", "333333333333"])), all_but(json!("333333333333"))]);
    check(twice, json!(["333333333333"]));
    check(json!([all_but(json!("333333333333")), allow(&json!("*"))]), Value::Null);
}

#[test]
fn all_actions_but_some_let_assume() {
    let except = |actions: &str| json!({"Effect": "Allow", "Principal": {"AWS": "333333333333"}, "NotAction": actions});

    let edge = &trusted(&except("sts:TagSession"))[PARTNER];

    assert_eq!((&edge["actions"], &edge["notActions"]), (&json!(["*"]), &json!(["sts:TagSession"])));
    assert_eq!(trusted(&except("sts:*")), BTreeMap::new());
}

/// What is left of a trust after a denial: nothing, or whether something is denied in part and under a condition.
fn left(principal: &Value, denied: &Value) -> Option<(bool, bool)> {
    let mut denied = denied.clone();
    denied["Effect"] = json!("Deny");
    if denied.get("Action").is_none() && denied.get("NotAction").is_none() {
        denied["Action"] = json!("sts:AssumeRole");
    }
    let allowed = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:*"});
    let edges = trusted(&json!([denied, allowed]));
    let edge = edges.into_values().next()?;
    Some((edge["partial"].as_bool().unwrap(), edge["conditionalDeny"].as_bool().unwrap()))
}

#[test]
fn a_denial_takes_trust_away_only_where_it_surely_covers_it() {
    const GONE: Option<(bool, bool)> = None;
    const WHOLE: Option<(bool, bool)> = Some((false, false));
    const PARTIAL: Option<(bool, bool)> = Some((true, false));
    const CONDITIONAL: Option<(bool, bool)> = Some((false, true));
    let user = json!({"AWS": "arn:aws:iam::333333333333:user/bob"});
    let partner = json!({"AWS": "333333333333"});
    let session = json!({"AWS": "arn:aws:sts::111111111111:assumed-role/r/me"});
    let this = json!({"AWS": ROLE});
    let saml = json!({"Federated": "arn:aws:iam::111111111111:saml-provider/idp"});
    let condition = json!({"Bool": {"aws:MultiFactorAuthPresent": "false"}});
    let check = |principal: &Value, denied: Value, expected| {
        assert_eq!(left(principal, &denied), expected, "{principal} without {denied}");
    };

    check(&user, json!({"Principal": user}), GONE);
    check(&user, json!({"Principal": "*"}), GONE);
    check(&user, json!({"Principal": partner}), GONE);
    check(&user, json!({"Principal": {"AWS": "222222222222"}}), WHOLE);
    check(&user, json!({"Principal": user, "Action": "sts:TagSession"}), WHOLE);
    check(&user, json!({"Principal": user, "Action": "sts:AssumeRoleWithSAML"}), WHOLE);
    check(&user, json!({"Principal": user, "NotAction": "sts:TagSession"}), GONE);
    check(&user, json!({"Principal": user, "NotAction": "sts:AssumeRole"}), WHOLE);
    check(&user, json!({"Principal": user, "Condition": condition}), CONDITIONAL);
    check(&user, json!({"Principal": "*", "Condition": condition}), CONDITIONAL);
    check(&user, json!({"Principal": user, "Condition": {}}), GONE);
    check(&partner, json!({"Principal": user}), PARTIAL);
    check(&partner, json!({"Principal": user, "Condition": condition}), CONDITIONAL);
    check(&this, json!({"Principal": session}), PARTIAL);
    check(&session, json!({"Principal": this}), GONE);
    check(&saml, json!({"Principal": {"AWS": "111111111111"}}), WHOLE);
    check(&saml, json!({"Principal": saml}), WHOLE);
    check(&saml, json!({"Principal": saml, "Action": "sts:AssumeRoleWithSAML"}), GONE);
    check(&json!("*"), json!({"Principal": user}), PARTIAL);
    check(&json!("*"), json!({"Principal": "*"}), PARTIAL);
    check(&json!("*"), json!({"Principal": "*", "Action": "sts:*"}), GONE);
    check(&user, json!({"NotPrincipal": user}), WHOLE);
    check(&user, json!({"NotPrincipal": partner}), WHOLE);
    check(&user, json!({"NotPrincipal": {"AWS": "222222222222"}}), GONE);
    check(&user, json!({"NotPrincipal": {"AWS": ["222222222222", "somebody"]}}), PARTIAL);
    check(&partner, json!({"NotPrincipal": user}), PARTIAL);
    check(&json!("*"), json!({"NotPrincipal": user}), PARTIAL);
}

#[test]
fn a_denied_action_is_not_among_the_actions() {
    let saml = json!({"Federated": "*"});

    let trusted = trusted(&json!([
        {"Effect": "Allow", "Principal": saml, "Action": ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:TagSession"]},
        {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"},
    ]));

    let edge = &trusted["global:everyone"];
    assert_eq!(edge["actions"], json!(["sts:AssumeRoleWithSAML", "sts:TagSession"]));
    assert_eq!(edge["partial"], true);
}

#[test]
fn whoever_is_no_longer_in_the_policy_is_no_longer_trusted() {
    let before = trusted(&allow(&json!({"AWS": ["222222222222", "333333333333"]})));
    let after = trusted(&allow(&json!({"AWS": "222222222222"})));

    assert_eq!(before.len(), 2);
    assert_eq!(after.into_keys().collect::<Vec<_>>(), ["arn:aws:iam::222222222222:root"]);
}

#[test]
fn what_nobody_reads_gets_a_stand_in() {
    let principals = json!({
        "AWS": [
            "*", "111111111111", "333333333333", "arn:aws:iam::111111111111:user/ann",
            "arn:aws:iam::333333333333:user/team/bob", "arn:aws:sts::333333333333:assumed-role/admin/me"
        ],
        "Service": ["ec2.amazonaws.com", "ssm.amazonaws.com"],
        "Federated": [
            "arn:aws:iam::111111111111:saml-provider/idp", "arn:aws:iam::111111111111:oidc-provider/h.example.com/p",
            "cognito-identity.amazonaws.com"
        ]
    });

    let entities = linked(vec![role(&allow(&principals))], vec![]).entities;

    let named: Vec<(&str, &str)> =
        entities.iter().map(|it| (it.key.as_str(), it.name.as_deref().unwrap())).collect();
    let expected = [
        ("arn:aws:iam::111111111111:oidc-provider/h.example.com/p", "h.example.com/p"),
        ("arn:aws:iam::333333333333:role/admin", "admin"),
        (PARTNER, "333333333333"),
        ("arn:aws:iam::333333333333:user/team/bob", "bob"),
        (
            "aws_iam_oidc_provider:111111111111:cognito-identity.amazonaws.com",
            "cognito-identity.amazonaws.com",
        ),
        ("aws_service:111111111111:ssm", "ssm"),
        ("global:everyone", "everyone"),
    ];
    assert_eq!(named, expected);
    assert!(entities.iter().all(|it| it.source == orgraph_model::Source::SystemMapper));
    assert_eq!(
        Value::Object(entities[2].properties.clone()),
        json!({"accountId": "333333333333", "arn": PARTNER, "placeholder": true})
    );
}

#[test]
fn only_what_the_policies_name_is_looked_up() {
    let looked_up = |principal: Value| {
        let own: Facts = [role(&allow(&principal))].into_iter().collect();
        let (account, settings) = (account(), Settings::default());
        lookups(&Input { account: &account, own: &own, settings: &settings })
    };
    let keys = |keys: &[&str]| vec![Lookup::Keys(keys.iter().map(ToString::to_string).collect())];
    let own = "arn:aws:iam::111111111111:root";

    assert_eq!(looked_up(json!({"Service": "ec2.amazonaws.com"})), []);
    assert_eq!(looked_up(json!({"AWS": "111111111111"})), []);
    assert_eq!(looked_up(json!("*")), keys(&[own]));
    assert_eq!(looked_up(json!({"AWS": "arn:aws:iam::333333333333:user/a"})), keys(&[own, PARTNER]));
    let session = looked_up(json!({"AWS": "arn:aws:sts::333333333333:assumed-role/Admin/me"}));
    assert_eq!(session.len(), 2);
    assert_eq!(
        session[0],
        Lookup::Property {
            entity_type: AWS_IAM_ROLE,
            property: "roleName",
            values: Some(BTreeSet::from(["admin".to_owned()]))
        }
    );
    assert_eq!(looked_up(json!({"AWS": "AROAGONEGONEGONE01"})).len(), 3);
}

/// A statement out of a few numbers.
fn made_up((effect, principal, action, condition): (u8, u8, u8, u8)) -> Value {
    let principals = [
        json!("*"),
        json!({"AWS": "333333333333"}),
        json!({"AWS": ["arn:aws:iam::333333333333:user/bob", "222222222222"]}),
        json!({"AWS": "arn:aws:sts::111111111111:assumed-role/r/me"}),
        json!({"AWS": "AROAOWNROLEOWNROLE"}),
        json!({"Service": ["ec2.amazonaws.com", "ssm.amazonaws.com"]}),
        json!({"Federated": "accounts.google.com"}),
    ];
    let actions = [json!("sts:AssumeRole"), json!(["sts:*", "sts:TagSession"]), json!("sts:TagSession")];
    let conditions = [
        json!({}),
        json!({"StringEquals": {"sts:ExternalId": "the-secret"}}),
        json!({"StringLike": {"STS:ExternalID": ["the-secret", "x"]}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
        json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
    ];
    let named = if effect == 2 { "NotPrincipal" } else { "Principal" };
    json!({
        "Effect": if effect == 1 { "Deny" } else { "Allow" },
        named: principals[usize::from(principal) % principals.len()],
        "Action": actions[usize::from(action) % actions.len()],
        "Condition": conditions[usize::from(condition) % conditions.len()],
    })
}

/// Any JSON whose words are those of policies.
fn any_json() -> impl Strategy<Value = Value> {
    let word = proptest::sample::select(vec![
        "Allow",
        "Deny",
        "*",
        "sts:AssumeRole",
        "AWS",
        "Service",
        "333333333333",
        "arn:aws:iam::1:role/",
        "a.b",
        "",
    ]);
    let leaf =
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), word.prop_map(Value::from)];
    let name = proptest::sample::select(vec![
        "Statement",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Condition",
        "AWS",
        "Bool",
    ]);
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name.clone(), inner, 0..5)
                .prop_map(|it| it.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn neither_the_order_of_statements_nor_that_of_facts_matters(
        statements in proptest::collection::vec((0_u8..3, 0_u8..7, 0_u8..3, 0_u8..4), 0..8),
    ) {
        let statements: Vec<Value> = statements.into_iter().map(made_up).collect();
        let reversed: Vec<Value> = statements.iter().rev().cloned().collect();
        let other = fact(AWS_IAM_ROLE, "arn:aws:iam::111111111111:role/a", json!({"roleName": "a"}));
        let found: Vec<Fact> = accounts().into_iter().rev().collect();

        let once = linked(vec![role(&json!(statements)), other.clone()], accounts());
        let again = linked(vec![other, role(&json!(reversed))], found);

        prop_assert_eq!(&once, &again);
        let shown = format!("{once:?}");
        prop_assert!(!shown.contains("the-secret"));
        let declared = |it: &orgraph_model::Relationship| TRUSTS.relationships.iter().any(|rel| rel.to == it.to.entity_type);
        prop_assert!(once.relationships.iter().all(declared));
    }

    #[test]
    fn no_document_is_too_odd(policy in any_json()) {
        let role = fact(AWS_IAM_ROLE, ROLE, json!({"assumeRolePolicy": policy}));
        let own: Facts = [role.clone()].into_iter().collect();
        let (account, settings) = (account(), Settings::default());

        lookups(&Input { account: &account, own: &own, settings: &settings });
        linked(vec![role], accounts());
    }
}
