use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::reference::Secret;
use crate::review::Review;
use crate::secret::{self, Ways};
use crate::section::SkipTag;
use crate::shape;
use crate::tree::Place;
use crate::value::duration;

/// The AWS Organization to collect. Leave the section out to collect only the accounts named in `[[account]]`.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [organization]")]
pub struct Organization {
    /// Role in the management account (or in a delegated administrator of Organizations) to list the
    /// organization with. When not set, the credentials the daemon starts with must belong to that account.
    #[schemars(extend("x-example" = "arn:aws:iam::123456789012:role/orgraph-reader"))]
    pub management_role_arn: Option<String>,
    /// Name of the role that is assumed in every member account; the same name in all of them.
    pub member_role_name: String,
    /// Path of that role. Change it when the role was created with a path, such as `/security/`.
    pub member_role_path: String,
    /// External ID sent with every `AssumeRole`; the trust policy of the roles must ask for it. It is treated as
    /// a secret: prefer `external_id_file` or `external_id_env`.
    #[serde(skip_serializing)]
    #[schemars(with = "Option<Secret>", extend("x-example" = "0f3c1d2e-made-up"))]
    pub external_id: Option<SecretString>,
    /// File that holds the external ID, readable by its owner only.
    #[schemars(extend("x-example" = "/etc/orgraph/external-id"))]
    pub external_id_file: Option<PathBuf>,
    /// Environment variable that holds the external ID.
    #[schemars(extend("x-example" = "ORGRAPH_EXTERNAL_ID"))]
    pub external_id_env: Option<String>,
    /// Collect every active account of the organization, new ones as soon as they are seen. `false` lists the
    /// organization but collects only the management account and the accounts in `[[account]]`.
    pub auto_configure: bool,
    /// Collect the management account too, not only the members. `false` when its resources are of no interest
    /// or its administrators allow no role for that.
    pub include_management_account: bool,
    /// Collect only accounts in these organizational units and in the units below them. Empty: all accounts.
    #[schemars(extend("x-example" = ["ou-ab12-11111111"]))]
    pub include_ous: Vec<String>,
    /// Leave out accounts in these organizational units and in the units below them.
    #[schemars(extend("x-example" = ["ou-ab12-22222222"]))]
    pub exclude_ous: Vec<String>,
    /// Leave out these accounts.
    #[schemars(extend("x-example" = ["111111111111"]))]
    pub exclude_accounts: Vec<String>,
    /// Root of the organization that is expected. Set it so that credentials of another organization are refused
    /// instead of filling the graph with other accounts.
    #[schemars(extend("x-example" = "r-ab12"))]
    pub organization_root_id: Option<String>,
    /// An account with this tag in Organizations is left out.
    pub skip_tag: SkipTag,
    /// How long an account that left the organization or was closed stays in the graph before it ends there. Its
    /// history is kept. Longer gives time to notice a move that was not meant.
    #[serde(with = "duration")]
    #[schemars(with = "duration::Text")]
    pub grace_period: Duration,
}

impl Default for Organization {
    fn default() -> Organization {
        Organization {
            management_role_arn: None,
            member_role_name: "orgraph-reader".to_owned(),
            member_role_path: "/".to_owned(),
            external_id: None,
            external_id_file: None,
            external_id_env: None,
            auto_configure: true,
            include_management_account: true,
            include_ous: Vec::new(),
            exclude_ous: Vec::new(),
            exclude_accounts: Vec::new(),
            organization_root_id: None,
            skip_tag: SkipTag::default(),
            grace_period: Duration::from_hours(7 * 24),
        }
    }
}

impl Organization {
    pub(crate) fn check(&mut self, place: &Place<'_>, review: &mut Review<'_>) {
        if let Some(arn) = &self.management_role_arn {
            check_role_arn(arn, &place.key("management_role_arn"), review);
        }
        self.check_member_role(place, review);
        self.external_id = check_external_id(
            &Ways {
                name: "external_id",
                value: &self.external_id,
                file: &self.external_id_file,
                env: &self.external_id_env,
            },
            place,
            review,
        );
        self.check_lists(place, review);
        self.skip_tag.check(&place.key("skip_tag"), review);
        if let Some(root) = &self.organization_root_id
            && !shape::is_root_id(root)
        {
            let message = format!("`{root}` is not the ID of a root");
            let help = "roots look like \"r-ab12\": `aws organizations list-roots` shows yours";
            review.problem(&place.key("organization_root_id"), message, help);
        }
        if self.auto_configure && self.external_id.is_none() && review.wants_all_secrets() {
            let message = "the roles of all members are assumed without an external ID";
            review.warning(place, message, "add external_id_file or external_id_env");
        }
    }

    fn check_member_role(&self, place: &Place<'_>, review: &mut Review<'_>) {
        let name = &self.member_role_name;
        if !shape::is_role_name(name) {
            let help = if shape::role_arn(name).is_some() {
                "write the name alone: the account differs from member to member"
            } else {
                "write 1 to 64 letters, digits or any of + = , . @ _ -; a path goes into member_role_path"
            };
            review.problem(
                &place.key("member_role_name"),
                format!("`{name}` is not the name of a role"),
                help,
            );
        }
        let path = &self.member_role_path;
        if !shape::is_role_path(path) {
            let help = format!("write a path that begins and ends with a slash, such as \"/{}/\"", {
                let inner = path.trim_matches('/');
                if inner.is_empty() || inner.contains(' ') { "security" } else { inner }
            });
            review.problem(
                &place.key("member_role_path"),
                format!("`{path}` is not the path of a role"),
                help,
            );
        }
    }

    fn check_lists(&self, place: &Place<'_>, review: &mut Review<'_>) {
        let help = "units look like \"ou-ab12-11111111\": the console of AWS Organizations shows their IDs";
        let what = "the ID of an organizational unit";
        let (include, exclude) = (place.key("include_ous"), place.key("exclude_ous"));
        review.list(&include, &self.include_ous, shape::is_ou_id, what, help);
        review.list(&exclude, &self.exclude_ous, shape::is_ou_id, what, help);
        review.overlap(&exclude, &self.exclude_ous, &self.include_ous);
        let accounts = place.key("exclude_accounts");
        let help = "account IDs are 12 digits without dashes, such as \"123456789012\"";
        review.list(&accounts, &self.exclude_accounts, shape::is_account_id, "an account ID", help);
    }
}

/// Says what is wrong with a role ARN.
pub(super) fn check_role_arn(arn: &str, place: &Place<'_>, review: &mut Review<'_>) {
    if shape::role_arn(arn).is_none() {
        let help = "write it like \"arn:aws:iam::123456789012:role/orgraph-reader\"";
        review.problem(place, format!("`{arn}` is not the ARN of a role"), help);
    }
}

/// Reads an external ID, if it is wanted, and says what AWS would refuse about it.
pub(super) fn check_external_id(
    ways: &Ways<'_>,
    section: &Place<'_>,
    review: &mut Review<'_>,
) -> Option<SecretString> {
    if !review.wants_all_secrets() {
        return None;
    }
    let (external_id, place) = secret::resolve(ways, section, review)?;
    if let Some(fault) = shape::external_id_fault(external_id.expose_secret()) {
        let help =
            "write 2 to 1224 letters, digits or any of _ + = , . @ : / -, the same as in the trust policy";
        review.problem(&place, fault, help);
    }
    Some(external_id)
}
