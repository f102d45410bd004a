//! Trails and the accounts whose activity they log.

use orgraph_model::declare::rel;
use orgraph_model::vocabulary::{AWS_ACCOUNT, AWS_CLOUDTRAIL};
use orgraph_model::{Properties, Relationship, Verb};

use crate::{Fact, Facts, Linked, Linker, Lookup};

pub(crate) static ORGANIZATION_TRAILS: Linker = Linker {
    name: "trails",
    about: "A trail logs the account it belongs to; a trail of the organization logs all its accounts.",
    from: &[AWS_CLOUDTRAIL, AWS_ACCOUNT],
    names: &[],
    entities: &[],
    relationships: &[rel(AWS_CLOUDTRAIL, Verb::Logs, AWS_ACCOUNT)],
    lookups: |input| lookups(input.own),
    link: |input, found| Linked::from(link(input.own, found)),
    parts: None,
};

fn is_of_organization(trail: &Fact) -> bool {
    trail.is("organizationTrail")
}

fn lookups(own: &Facts) -> Vec<Lookup> {
    let needed = own.of(AWS_CLOUDTRAIL).any(is_of_organization);
    let lookup = Lookup::Property { entity_type: AWS_ACCOUNT, property: "accountId", values: None };
    if needed { vec![lookup] } else { Vec::new() }
}

fn link(own: &Facts, found: &Facts) -> Vec<Relationship> {
    let mut links = Vec::new();
    for trail in own.of(AWS_CLOUDTRAIL) {
        let home = own.of(AWS_ACCOUNT).filter(|it| it.text("accountId") == Some(trail.account.as_str()));
        // An account that is only named by somebody, such as a partner's, is not in the organization.
        let members = found.of(AWS_ACCOUNT).filter(|it| it.text("orgAccountArn").is_some());
        let accounts: Vec<&Fact> =
            if is_of_organization(trail) { home.chain(members).collect() } else { home.collect() };
        let mut keys: Vec<_> = accounts.into_iter().map(Fact::at).collect();
        keys.sort_by(|a, b| a.key.cmp(&b.key));
        keys.dedup();
        links.extend(keys.into_iter().map(|account| Relationship {
            from: trail.at(),
            verb: Verb::Logs,
            to: account,
            discriminator: String::new(),
            properties: Properties::new(),
        }));
    }
    links
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::tests::fact;

    fn logged(is_of_organization: bool) -> Vec<String> {
        let own: Facts = [
            fact(AWS_CLOUDTRAIL, "trail", json!({"organizationTrail": is_of_organization})),
            fact(AWS_ACCOUNT, "home", json!({"accountId": "111111111111"})),
        ]
        .into_iter()
        .collect();
        let found = [
            fact(AWS_ACCOUNT, "home", json!({"accountId": "111111111111", "orgAccountArn": "arn"})),
            fact(AWS_ACCOUNT, "member", json!({"accountId": "222222222222", "orgAccountArn": "arn"})),
            fact(AWS_ACCOUNT, "partner", json!({"accountId": "333333333333"})),
        ];
        let links = link(&own, &found.into_iter().collect());
        links.iter().map(|it| it.to.key.to_string()).collect()
    }

    #[test]
    fn a_trail_logs_its_account_and_a_trail_of_the_organization_every_member() {
        assert_eq!(logged(false), ["home"]);
        assert_eq!(logged(true), ["home", "member"]);
    }

    #[test]
    fn accounts_are_looked_up_only_for_a_trail_of_the_organization() {
        let own = |flag: bool| {
            [fact(AWS_CLOUDTRAIL, "t", json!({"organizationTrail": flag}))].into_iter().collect()
        };

        assert_eq!(lookups(&own(false)).len(), 0);
        assert_eq!(lookups(&own(true)).len(), 1);
    }
}
