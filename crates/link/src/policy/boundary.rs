//! Permissions boundaries: policies that grant nothing, and limit what others grant.

use orgraph_model::declare::rel;
use orgraph_model::vocabulary::{AWS_IAM_POLICY, AWS_IAM_ROLE, AWS_IAM_USER};
use orgraph_model::{Key, Properties, Ref, Relationship, Verb};

use crate::{Fact, Facts, Linked, Linker};

pub(crate) static BOUNDARIES: Linker = Linker {
    name: "boundaries",
    about: "A policy restricts the users and roles whose permissions boundary it is.",
    from: &[AWS_IAM_USER, AWS_IAM_ROLE],
    names: &[],
    entities: &[],
    relationships: &[
        rel(AWS_IAM_POLICY, Verb::Restricts, AWS_IAM_USER),
        rel(AWS_IAM_POLICY, Verb::Restricts, AWS_IAM_ROLE),
    ],
    lookups: |_| Vec::new(),
    link: |input, _| Linked::from(link(input.own)),
    parts: None,
};

fn link(own: &Facts) -> Vec<Relationship> {
    let restricted = |it: &Fact| {
        Some(Relationship {
            from: boundary(it)?,
            verb: Verb::Restricts,
            to: it.at(),
            discriminator: String::new(),
            properties: Properties::new(),
        })
    };
    own.of(AWS_IAM_USER).chain(own.of(AWS_IAM_ROLE)).filter_map(restricted).collect()
}

/// The policy that is the boundary of a user or role. A policy of AWS is an entity of each account that uses it.
fn boundary(principal: &Fact) -> Option<Ref> {
    let arn = principal.text("permissionsBoundaryArn")?;
    if Key::from(arn).arn_account() == Some("aws") {
        return Some(AWS_IAM_POLICY.at(format!("{AWS_IAM_POLICY}:{}:{arn}", principal.account)));
    }
    Some(AWS_IAM_POLICY.at(arn))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::facts::tests::fact;

    #[test]
    fn a_boundary_restricts_and_is_not_had() {
        let check = |boundary: Value, expected: &[&str]| {
            let own: Facts = [
                fact(AWS_IAM_USER, "user", json!({"permissionsBoundaryArn": boundary})),
                fact(AWS_IAM_ROLE, "role", json!({"permissionsBoundaryArn": boundary})),
            ]
            .into_iter()
            .collect();
            let shown: Vec<String> =
                link(&own).iter().map(|it| format!("{} {} {}", it.from.key, it.verb, it.to.key)).collect();
            assert_eq!(shown, expected, "{boundary}");
        };

        check(json!(null), &[]);
        check(
            json!("arn:aws:iam::111111111111:policy/limit"),
            &[
                "arn:aws:iam::111111111111:policy/limit RESTRICTS user",
                "arn:aws:iam::111111111111:policy/limit RESTRICTS role",
            ],
        );
        check(
            json!("arn:aws:iam::aws:policy/ReadOnlyAccess"),
            &[
                "aws_iam_policy:111111111111:arn:aws:iam::aws:policy/ReadOnlyAccess RESTRICTS user",
                "aws_iam_policy:111111111111:arn:aws:iam::aws:policy/ReadOnlyAccess RESTRICTS role",
            ],
        );
    }
}
