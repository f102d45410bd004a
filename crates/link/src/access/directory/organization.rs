//! Where accounts stand, and what the organization puts on them.

use orgraph_model::AccountId;
use orgraph_model::vocabulary::{
    AWS_ACCOUNT, AWS_ORGANIZATION, AWS_ORGANIZATIONAL_UNIT, AWS_ORGANIZATIONS_POLICY,
};
use serde_json::Value;

use super::{Directory, TYPES};
use crate::Fact;
use crate::access::{Guardrails, Known, LayerKind, Level, Membership};

impl Directory {
    fn account(&self, account: &AccountId) -> Option<&Fact> {
        self.of(AWS_ACCOUNT).find(|it| it.key.arn_account() == Some(account.as_str()))
    }

    /// The organization as an account is known to be in it.
    fn member(&self, account: &AccountId) -> Result<(&Fact, &Fact), String> {
        let Some(organization) = self.of(AWS_ORGANIZATION).next() else {
            return Err(format!("the organization of account {account}: none is read"));
        };
        let member = self.account(account).filter(|it| it.text("organizationId").is_some());
        let Some(member) = member else {
            return Err(format!("account {account}, which is not in the organization that is read"));
        };
        if member.text("organizationId") != organization.text("id") {
            return Err(format!("account {account}, which is in an organization that is not read"));
        }
        let management = organization.account.clone();
        let mut types = TYPES.organization.into_iter();
        match types.find_map(|it| self.doubt(&management, None, it, member.key.as_str())) {
            Some(doubt) => Err(doubt.to_owned()),
            None => Ok((organization, member)),
        }
    }

    /// Where an account stands in its organization.
    pub fn membership(&self, account: &AccountId) -> Known<Membership> {
        match self.member(account) {
            Ok((_, member)) => Known::Known(Membership {
                organization_id: member.text("organizationId").map(str::to_owned),
                path: member.text("ouPath").map(str::to_owned),
                is_management: member.is("management"),
            }),
            Err(why) => Known::Unknown(why),
        }
    }

    /// The policies of one kind over an account: `Scp` or `Rcp`.
    pub fn guardrails(&self, account: &AccountId, kind: LayerKind) -> Known<Guardrails> {
        match self.levels(account, kind) {
            Ok(guardrails) => Known::Known(guardrails),
            Err(why) => Known::Unknown(why),
        }
    }

    fn levels(&self, account: &AccountId, kind: LayerKind) -> Result<Guardrails, String> {
        let (organization, member) = self.member(account)?;
        // What one policy is attached to may be what is missing.
        let mut doubts = self.doubts.get(&organization.account).into_iter().flatten();
        if let Some(doubt) = doubts.find(|it| it.types.contains(&AWS_ORGANIZATIONS_POLICY)) {
            return Err(doubt.text.clone());
        }
        let policy_type = match kind {
            LayerKind::Rcp => "RESOURCE_CONTROL_POLICY",
            _ => "SERVICE_CONTROL_POLICY",
        };
        match organization.properties.get("availablePolicyTypes").and_then(Value::as_array) {
            Some(enabled) if !enabled.iter().any(|it| it == policy_type) => {
                return Ok(Guardrails::Off("the organization does not use them"));
            }
            Some(_) => {}
            None => return Err(format!("which types of policies are enabled in {}", organization.key)),
        }
        let Some(ids) = member.properties.get("ouIds").and_then(Value::as_array) else {
            return Err(format!("the place of account {account} in its organization"));
        };
        let mut levels = Vec::new();
        for (depth, id) in ids.iter().filter_map(Value::as_str).enumerate() {
            if depth == 0 {
                levels.push(self.level(format!("root {id}"), organization.key.as_str(), policy_type));
                continue;
            }
            let unit = self.of(AWS_ORGANIZATIONAL_UNIT).find(|it| it.text("id") == Some(id));
            let unit = unit.ok_or_else(|| format!("organizational unit {id}"))?;
            let place = format!("unit {} ({id})", unit.name.as_deref().unwrap_or_default());
            levels.push(self.level(place, unit.key.as_str(), policy_type));
        }
        if levels.is_empty() {
            return Err(format!("the place of account {account} in its organization"));
        }
        levels.push(self.level(format!("account {account}"), member.key.as_str(), policy_type));
        match levels.iter().find(|it| it.policies.is_empty() && kind == LayerKind::Scp) {
            // AWS leaves no level without one.
            Some(level) => Err(format!("the service control policies of {}", level.place)),
            None => Ok(Guardrails::Levels(levels)),
        }
    }

    fn level(&self, place: String, key: &str, policy_type: &str) -> Level {
        let is_of_type = |key: &&String| {
            let fact = self.facts.get(key.as_str());
            fact.is_some_and(|it| {
                it.entity_type == AWS_ORGANIZATIONS_POLICY && it.text("policyType") == Some(policy_type)
            })
        };
        let keys = self.restricting.get(key).into_iter().flatten().filter(is_of_type);
        Level { place, policies: keys.map(|it| self.policy(it)).collect() }
    }
}
