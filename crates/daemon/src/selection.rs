//! Which accounts are collected, and why the others are not. Pure: what the organization says and what the
//! configuration wants give a decision per account.

use orgraph_config::{Account as Explicit, Organization};
use orgraph_model::AccountId;

/// What the organization says about one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Its ID.
    pub(crate) id: AccountId,
    /// Its status, verbatim and upper case: `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, ...; `None` when AWS named none.
    pub(crate) status: Option<String>,
    /// The root and units above it, the root first; `None` when its place is unknown.
    pub(crate) ou_path: Option<Vec<String>>,
    /// Its tags; `None` when they could not be read.
    pub(crate) tags: Option<Vec<(String, String)>>,
}

/// What is done about an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// It is read.
    Collect,
    /// It stays as it is, because what decides it could not be read.
    Unknown(String),
    /// It carries the skip tag.
    Skip(String),
    /// The configuration leaves it out.
    Exclude(String),
    /// AWS lets nobody in.
    Suspended(String),
}

/// Decides about one account of the organization.
pub(crate) fn choose(
    listed: &Listed,
    management: &AccountId,
    organization: &Organization,
    explicit: &[Explicit],
) -> Choice {
    let id = listed.id.as_str();
    match listed.status.as_deref() {
        Some("ACTIVE") => {}
        Some(status) => return Choice::Suspended(format!("the organization says {status}")),
        None => return Choice::Unknown("its status could not be read".to_owned()),
    }
    if organization.exclude_accounts.iter().any(|it| it == id) {
        return Choice::Exclude("organization.exclude_accounts names it".to_owned());
    }
    let is_placed = !organization.include_ous.is_empty() || !organization.exclude_ous.is_empty();
    let ou_path = match &listed.ou_path {
        Some(ou_path) => ou_path.as_slice(),
        None if is_placed => return Choice::Unknown("the units it is in could not be read".to_owned()),
        None => &[],
    };
    if let Some(unit) = ou_path.iter().find(|it| organization.exclude_ous.contains(it)) {
        return Choice::Exclude(format!("organization.exclude_ous names {unit}, which it is in"));
    }
    let named = explicit.iter().any(|it| it.id == id);
    if named {
        return Choice::Collect;
    }
    if listed.id == *management {
        return if organization.include_management_account {
            Choice::Collect
        } else {
            Choice::Exclude("organization.include_management_account is false".to_owned())
        };
    }
    if !organization.auto_configure {
        return Choice::Exclude(
            "organization.auto_configure is false and no [[account]] names it".to_owned(),
        );
    }
    let included =
        organization.include_ous.is_empty() || ou_path.iter().any(|it| organization.include_ous.contains(it));
    if !included {
        return Choice::Exclude("organization.include_ous names no unit that it is in".to_owned());
    }
    let skip = &organization.skip_tag;
    match &listed.tags {
        None => Choice::Unknown("its tags could not be read, so whether to skip it is unknown".to_owned()),
        Some(tags) => {
            let tagged =
                tags.iter().any(|(key, value)| *key == skip.key && value.eq_ignore_ascii_case(&skip.value));
            if tagged {
                Choice::Skip(format!("it is tagged {}={}", skip.key, skip.value))
            } else {
                Choice::Collect
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn organization(text: &str) -> (Organization, Vec<Explicit>) {
        let services = &["ec2"];
        let text = format!("[organization]\nexternal_id = \"0123456789\"\n{text}");
        let config = orgraph_config::parse("test.toml", &text, services, &|_| None).unwrap();
        (config.organization.unwrap(), config.accounts)
    }

    fn listed(id: &str) -> Listed {
        Listed {
            id: id.parse().unwrap(),
            status: Some("ACTIVE".to_owned()),
            ou_path: Some(vec![
                "r-ab12".to_owned(),
                "ou-ab12-11111111".to_owned(),
                "ou-ab12-22222222".to_owned(),
            ]),
            tags: Some(Vec::new()),
        }
    }

    fn check(text: &str, listed: &Listed, expected: fn(&Choice) -> bool) {
        let (organization, explicit) = organization(text);
        let management = "000000000001".parse().unwrap();
        let choice = choose(listed, &management, &organization, &explicit);
        assert!(expected(&choice), "{text}: {choice:?}");
    }

    #[test]
    fn accounts_are_collected_unless_something_says_otherwise() {
        check("", &listed("000000000002"), |it| *it == Choice::Collect);
        check("", &listed("000000000001"), |it| *it == Choice::Collect);
        check("include_management_account = false", &listed("000000000001"), |it| {
            matches!(it, Choice::Exclude(_))
        });
        check("auto_configure = false", &listed("000000000002"), |it| matches!(it, Choice::Exclude(_)));
        check("exclude_accounts = [\"000000000002\"]", &listed("000000000002"), |it| {
            matches!(it, Choice::Exclude(_))
        });
    }

    #[test]
    fn units_are_included_and_excluded_with_all_below_them() {
        let member = listed("000000000002");
        check("include_ous = [\"ou-ab12-11111111\"]", &member, |it| *it == Choice::Collect);
        check("include_ous = [\"ou-ab12-33333333\"]", &member, |it| matches!(it, Choice::Exclude(_)));
        check("exclude_ous = [\"ou-ab12-11111111\"]", &member, |it| matches!(it, Choice::Exclude(_)));
    }

    #[test]
    fn the_skip_tag_has_an_exact_key_and_a_value_in_any_case() {
        let tagged = |key: &str, value: &str| Listed {
            tags: Some(vec![(key.to_owned(), value.to_owned())]),
            ..listed("000000000002")
        };
        check("", &tagged("j1-integration", "skip"), |it| matches!(it, Choice::Skip(_)));
        check("", &tagged("J1-Integration", "SKIP"), |it| *it == Choice::Collect);
        check("", &tagged("j1-integration", "KEEP"), |it| *it == Choice::Collect);
    }

    #[test]
    fn unread_tags_decide_nothing() {
        let unread = Listed { tags: None, ..listed("000000000002") };
        check("", &unread, |it| matches!(it, Choice::Unknown(_)));
        let unplaced = Listed { ou_path: None, ..listed("000000000002") };
        check("", &unplaced, |it| *it == Choice::Collect);
        check("exclude_ous = [\"ou-ab12-11111111\"]", &unplaced, |it| matches!(it, Choice::Unknown(_)));
        let unstated = Listed { status: None, ..listed("000000000002") };
        check("", &unstated, |it| matches!(it, Choice::Unknown(_)));
    }

    #[test]
    fn a_suspended_account_is_never_asked() {
        let suspended = Listed { status: Some("SUSPENDED".to_owned()), ..listed("000000000002") };
        check("", &suspended, |it| matches!(it, Choice::Suspended(_)));
    }
}
