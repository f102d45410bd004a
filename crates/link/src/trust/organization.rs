//! Which accounts are in the organization of the account at hand.

use std::collections::BTreeMap;

use orgraph_model::AccountId;
use orgraph_model::vocabulary::AWS_ACCOUNT;

use super::condition::Condition;
use super::target::Target;
use crate::{Fact, Facts};

/// The organization as seen from an account.
#[derive(Debug)]
pub(super) struct Organization {
    account: AccountId,
    /// The ID of its organization, if it is known to be in one.
    id: Option<String>,
    /// The organizations of other accounts.
    by_account: BTreeMap<AccountId, String>,
}

impl Organization {
    pub(super) fn new(account: &AccountId, found: &Facts) -> Self {
        let member = |it: &Fact| Some((it.key.arn_account()?.parse().ok()?, organization(it)?.to_owned()));
        let by_account: BTreeMap<AccountId, String> = found.of(AWS_ACCOUNT).filter_map(member).collect();
        Self { account: account.clone(), id: by_account.get(account).cloned(), by_account }
    }

    /// Whether it belongs to another account, or to nobody.
    pub(super) fn is_foreign(&self, target: &Target<'_>) -> bool {
        target.account.as_ref() != Some(&self.account)
    }

    /// Whether it, or somebody who is meant by it under this condition, is outside the organization; `None` where that
    /// cannot be told.
    pub(super) fn is_outside(&self, target: &Target<'_>, condition: Condition<'_>) -> Option<bool> {
        let Some(account) = &target.account else {
            return self.lets_in_outsiders(condition);
        };
        if !self.is_foreign(target) {
            return Some(false);
        }
        let own = self.id.as_ref()?;
        Some(self.by_account.get(account) != Some(own))
    }

    fn lets_in_outsiders(&self, condition: Condition<'_>) -> Option<bool> {
        match condition.one_of("aws:PrincipalOrgID") {
            Some(trusted) => {
                let own = self.id.as_deref()?;
                Some(trusted.iter().any(|it| *it != own))
            }
            None if condition.may_tell_callers_apart() => None,
            None => Some(true),
        }
    }
}

/// The ID of the organization, from the ARN that an account has there:
/// `arn:aws:organizations::{management}:account/{organization}/{account}`.
fn organization(account: &Fact) -> Option<&str> {
    let arn = account.text("orgAccountArn")?;
    Some(arn.split('/').nth(1).unwrap_or(arn))
}
