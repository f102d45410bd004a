//! What passwords of users must be like.

use aws_sdk_iam::types::PasswordPolicy as Listed;
use orgraph_collect::prelude::*;

use super::console;

pub(crate) static PASSWORD_POLICY: Collector = Collector {
    name: "iam_password_policy",
    service: Service::IAM,
    scope: Scope::Account,
    calls: &[call("GetAccountPasswordPolicy").may_be_absent()],
    entities: &[entity::<PasswordPolicy>()],
    relationships: &[rel(AWS_IAM, Has, AWS_IAM_ACCOUNT_PASSWORD_POLICY)],
    collect: |cx, out| Box::pin(password_policy(cx, out)),
};

/// The shortest password where an account has no policy of its own.
const DEFAULT_MIN_LENGTH: i32 = 8;

/// The rules that passwords of users follow: those of the account, or those of AWS.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the switches that AWS has")]
struct PasswordPolicy {
    /// `password-policy`, since there is one.
    id: &'static str,
    /// Whether the account has rules of its own.
    configured: bool,
    /// How many characters a password has at least.
    min_length: Option<i32>,
    /// Whether one of them is a symbol.
    require_symbols: bool,
    /// Whether one of them is a digit.
    require_numbers: bool,
    /// Whether one of them is an upper-case letter.
    require_uppercase: bool,
    /// Whether one of them is a lower-case letter.
    require_lowercase: bool,
    /// Whether passwords expire.
    expire_passwords: bool,
    /// After how many days they expire.
    max_age_days: Option<i32>,
    /// How many earlier passwords may not be used again.
    history_count: Option<i32>,
    /// Whether a user whose password expired needs an administrator.
    hard_expiry: Option<bool>,
    /// Whether all users may change their own.
    allow_users_to_change_password: bool,
}

impl Entity for PasswordPolicy {
    const TYPE: EntityType = AWS_IAM_ACCOUNT_PASSWORD_POLICY;
}

async fn password_policy(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let iam = client!(aws_sdk_iam, IAM, cx);
    let answer = iam.get_account_password_policy().send().await;
    let policy = match answer.map_err(CollectError::from) {
        Ok(answer) => {
            let Some(listed) = answer.password_policy else {
                out.skip(None, "an answer without its password policy");
                return Ok(());
            };
            configured(&listed)
        }
        Err(CollectError::Gone { .. }) => default(),
        Err(error) => return Err(error),
    };
    out.add(AWS_IAM_ACCOUNT_PASSWORD_POLICY.of_account(cx.account()).key, "password-policy", &policy)
        .web_link(console(cx, "account_settings"));
    Ok(())
}

fn configured(listed: &Listed) -> PasswordPolicy {
    PasswordPolicy {
        configured: true,
        min_length: listed.minimum_password_length,
        require_symbols: listed.require_symbols,
        require_numbers: listed.require_numbers,
        require_uppercase: listed.require_uppercase_characters,
        require_lowercase: listed.require_lowercase_characters,
        expire_passwords: listed.expire_passwords,
        max_age_days: listed.max_password_age.filter(|it| *it > 0),
        history_count: listed.password_reuse_prevention.filter(|it| *it > 0),
        hard_expiry: listed.hard_expiry,
        allow_users_to_change_password: listed.allow_users_to_change_password,
        ..default()
    }
}

fn default() -> PasswordPolicy {
    PasswordPolicy {
        id: "password-policy",
        configured: false,
        min_length: Some(DEFAULT_MIN_LENGTH),
        require_symbols: false,
        require_numbers: false,
        require_uppercase: false,
        require_lowercase: false,
        expire_passwords: false,
        max_age_days: None,
        history_count: None,
        hard_expiry: Some(false),
        allow_users_to_change_password: false,
    }
}
