//! Any document, in every place where one can stand: linked as the policy and as the trust policy of a role, and asked
//! for access as the policy of an identity, a boundary, a session, a resource and an organization.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use orgraph_link::access::{
    Action, Answer, Context, Guardrails, Identity, Kind, Known, Level, Membership, Policy, Question, Requester,
    Resource, Target, decide,
};
use orgraph_link::{Fact, Facts, Input, LINKERS, Settings};
use orgraph_model::vocabulary::{AWS_IAM_POLICY, AWS_IAM_ROLE, AWS_S3_BUCKET, AWS_SQS_QUEUE};
use orgraph_model::{AccountId, EntityType, Key, Properties, Region};
use serde_json::{Value, json};

const REQUESTS: [(&str, &str); 4] = [
    ("s3:GetObject", "arn:aws:s3:::bucket/home/ann/x"),
    ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:222222222222:jobs"),
    ("kms:Decrypt", "arn:aws:kms:eu-west-1:111111111111:key/k"),
    ("s3:*", "arn:aws:s3:::bucket/*"),
];

fuzz_target!(|data: &[u8]| {
    let Ok(document) = serde_json::from_slice::<Value>(data) else { return };
    linked(&document);
    asked(&document);
});

fn account() -> AccountId {
    "111111111111".parse().expect("it is an account")
}

fn linked(document: &Value) {
    let account = account();
    let fact = |entity_type: EntityType, key: &str, properties: Value| {
        let Value::Object(properties) = properties else { unreachable!() };
        let region = Region::global();
        let key = Key::from(key);
        Fact { key, entity_type, account: account.clone(), region, name: None, properties, tags: Properties::new() }
    };
    let own: Facts = [
        fact(AWS_IAM_POLICY, "arn:aws:iam::111111111111:policy/p", json!({"policyDocument": document})),
        fact(AWS_IAM_ROLE, "arn:aws:iam::111111111111:role/r", json!({"assumeRolePolicy": document})),
        fact(AWS_S3_BUCKET, "arn:aws:s3:::bucket", json!({})),
        fact(AWS_SQS_QUEUE, "arn:aws:sqs:eu-west-1:111111111111:jobs", json!({})),
    ]
    .into_iter()
    .collect();
    let settings = Settings::default();
    let input = Input { account: &account, own: &own, settings: &settings };
    for linker in LINKERS.iter().filter(|it| ["policies", "trust"].contains(&it.name)) {
        let _ = (linker.lookups)(&input);
        let once = (linker.link)(&input, &Facts::default());
        assert_eq!(once, (linker.link)(&input, &Facts::default()), "the same facts give the same");
    }
}

fn asked(document: &Value) {
    let policy = Arc::new(Policy::read("document", document));
    let all = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}});
    let all = Arc::new(Policy::read("all", &all));
    for (action, arn) in REQUESTS {
        let request = Request::new(action, arn);
        let free = request.answer(&Layers::of(&all, None, None, &all, None));
        for layers in [
            Layers::of(&policy, None, None, &all, None),
            Layers::of(&all, Some(&policy), None, &all, None),
            Layers::of(&all, None, Some(&policy), &all, None),
            Layers::of(&all, None, None, &policy, None),
            Layers::of(&policy, Some(&policy), Some(&policy), &policy, Some(&policy)),
        ] {
            let answer = request.answer(&layers);
            // A boundary, a session's policy and one of the organization only take away.
            if layers.resource.is_none() {
                assert!(answer >= free, "{action} became {answer:?} from {free:?}");
            }
        }
    }
}

struct Layers {
    identity: Known<Identity>,
    session: Option<Arc<Policy>>,
    scps: Known<Guardrails>,
    resource: Option<Arc<Policy>>,
}

impl Layers {
    fn of(
        identity: &Arc<Policy>,
        boundary: Option<&Arc<Policy>>,
        session: Option<&Arc<Policy>>,
        scp: &Arc<Policy>,
        resource: Option<&Arc<Policy>>,
    ) -> Self {
        let level = Level { place: "root".to_owned(), policies: vec![Arc::clone(scp)] };
        Self {
            identity: Known::Known(Identity { policies: vec![Arc::clone(identity)], boundary: boundary.cloned() }),
            session: session.cloned(),
            scps: Known::Known(Guardrails::Levels(vec![level])),
            resource: resource.cloned(),
        }
    }
}

struct Request {
    requester: Requester,
    action: Action,
    target: Target,
    context: Context,
}

impl Request {
    fn new(action: &str, arn: &str) -> Self {
        let requester = Requester {
            kind: Kind::Role { session: None },
            arn: "arn:aws:iam::111111111111:role/r".to_owned(),
            account: Some(account()),
            unique_id: Some("AROAEXAMPLEEXAMPLE123".to_owned()),
            tags: Some([("team".to_owned(), "blue".to_owned())].into()),
            takes_session_tags: false,
            has_boundary: false,
        };
        let mut context = Context::default();
        context.give("aws:SourceIp", "203.0.113.7");
        context.give("aws:CurrentTime", "2026-01-01T00:00:00Z");
        context.give_absent("aws:MultiFactorAuthPresent");
        Self {
            requester,
            action: Action::read(action).expect("it is an action"),
            target: Target::read(arn).expect("it is an ARN"),
            context,
        }
    }

    fn answer(&self, layers: &Layers) -> Answer {
        let membership = Known::Known(Membership {
            organization_id: Some("o-1".to_owned()),
            path: Some("o-1/r-1/".to_owned()),
            is_management: false,
        });
        let resource = Resource {
            account: self.target.account().or_else(|| Some(account())),
            target: self.target.clone(),
            region: None,
            tags: None,
            policy: Known::Known(layers.resource.clone()),
            is_closed_to_outsiders: Some(false),
            is_of_aws: false,
        };
        decide(&Question {
            requester: &self.requester,
            identity: &layers.identity,
            session: layers.session.as_ref(),
            membership: &membership,
            scps: &layers.scps,
            action: &self.action,
            resource: &resource,
            resource_membership: &membership,
            rcps: &Known::Known(Guardrails::Off("not used")),
            context: &self.context,
        })
        .answer
    }
}
