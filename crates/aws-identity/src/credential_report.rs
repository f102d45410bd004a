//! The credential report of an account: when passwords and keys were used, in one answer for all users.
//!
//! IAM makes it at most once in four hours, so it may be older than a user.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_iam::Client;
use aws_sdk_iam::types::ReportStateType;
use orgraph_collect::prelude::*;
use serde::Deserialize;

/// The name of the root user in the report.
const ROOT: &str = "<root_account>";

/// How often to ask whether the report is made, and the longest pause between two questions. Half a minute in all.
const ATTEMPTS: u32 = 9;
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// What the report says, by the ARN of the user.
#[derive(Debug, Clone, Default)]
pub(crate) struct CredentialReport {
    rows: HashMap<String, Row>,
}

/// What it says about one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UserCredentials {
    /// When the user was made, in milliseconds since the epoch.
    pub(crate) created_on: Option<i64>,
    /// Whether there is a password; `None` where the report does not say.
    pub(crate) password_enabled: Option<bool>,
    /// When the password was last used.
    pub(crate) password_last_used: Option<i64>,
    /// When the password was last changed.
    pub(crate) password_last_changed: Option<i64>,
    /// Whether there is an MFA device.
    pub(crate) mfa_enabled: Option<bool>,
    /// Whether there is an active access key.
    pub(crate) access_key_enabled: Option<bool>,
    /// When an access key was last used.
    pub(crate) access_key_last_used: Option<i64>,
}

/// The columns that are read. The others tell of certificates and of services that keys were used for.
#[derive(Debug, Clone, Deserialize)]
struct Row {
    user: String,
    arn: String,
    user_creation_time: String,
    password_enabled: String,
    password_last_used: String,
    password_last_changed: String,
    mfa_active: String,
    access_key_1_active: String,
    access_key_1_last_used_date: String,
    access_key_2_active: String,
    access_key_2_last_used_date: String,
}

/// Has the report made where there is none, and reads it.
pub(crate) async fn credential_report(iam: &Client) -> Result<Detail<CredentialReport>, CollectError> {
    let mut pause = Duration::from_millis(500);
    for attempt in 1.. {
        match detail(iam.generate_credential_report().send().await)? {
            Detail::Unknown(error) => return Ok(Detail::Unknown(error)),
            Detail::Known(Some(made)) if made.state == Some(ReportStateType::Complete) => break,
            Detail::Known(_) if attempt == ATTEMPTS => {
                let operation = "GenerateCredentialReport".to_owned();
                return Ok(Detail::Unknown(CollectError::Timeout { operation }));
            }
            Detail::Known(_) => tokio::time::sleep(pause).await,
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    let report = detail(iam.get_credential_report().send().await)?;
    Ok(match report {
        Detail::Unknown(error) => Detail::Unknown(error),
        Detail::Known(report) => {
            let content = report.and_then(|it| it.content).map(aws_smithy_types::Blob::into_inner);
            read(&content.unwrap_or_default())
        }
    })
}

fn read(content: &[u8]) -> Detail<CredentialReport> {
    let mut rows = HashMap::new();
    for row in csv::Reader::from_reader(content).deserialize::<Row>() {
        match row {
            Ok(row) => drop(rows.insert(row.arn.clone(), row)),
            Err(_) => return unreadable("a line of the report cannot be read"),
        }
    }
    if rows.is_empty() {
        return unreadable("the report is empty");
    }
    Detail::Known(CredentialReport { rows })
}

fn unreadable(reason: &str) -> Detail<CredentialReport> {
    Detail::Unknown(CollectError::Failed {
        operation: "GetCredentialReport".to_owned(),
        reason: reason.to_owned(),
    })
}

impl CredentialReport {
    /// What it says about the user with this ARN who was made at `created_on`, and not about an earlier one of the
    /// same name.
    pub(crate) fn user(&self, arn: &str, created_on: Option<i64>) -> Option<UserCredentials> {
        let credentials = self.rows.get(arn)?.credentials();
        let seconds = |millis: Option<i64>| millis.map(|it| it / 1000);
        (seconds(credentials.created_on) == seconds(created_on)).then_some(credentials)
    }

    /// What it says about the root user.
    pub(crate) fn root(&self) -> Option<UserCredentials> {
        let root = self.rows.values().find(|it| it.user == ROOT);
        root.map(Row::credentials)
    }
}

impl Row {
    fn credentials(&self) -> UserCredentials {
        let first_key = yes_or_no(&self.access_key_1_active);
        let second_key = yes_or_no(&self.access_key_2_active);
        let first_used = iso_millis(&self.access_key_1_last_used_date);
        let second_used = iso_millis(&self.access_key_2_last_used_date);
        UserCredentials {
            created_on: iso_millis(&self.user_creation_time),
            password_enabled: yes_or_no(&self.password_enabled),
            password_last_used: iso_millis(&self.password_last_used),
            password_last_changed: iso_millis(&self.password_last_changed),
            mfa_enabled: yes_or_no(&self.mfa_active),
            access_key_enabled: first_key.zip(second_key).map(|(first, second)| first || second),
            access_key_last_used: first_used.max(second_used),
        }
    }
}

/// The report also says `not_supported`, `no_information` and `N/A`.
fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "true" | "TRUE" => Some(true),
        "false" | "FALSE" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;
    use orgraph_collect::replay::{Answer, Asked, session};
    use orgraph_collect::{Facts, client};
    use orgraph_model::Region;

    use super::*;

    const REPORT: &str = "\
user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date
<root_account>,arn:aws:iam::123456789012:root,2020-01-01T00:00:00+00:00,not_supported,2021-01-01T00:00:00+00:00,not_supported,not_supported,true,false,N/A,N/A,false,N/A,N/A
alice,arn:aws:iam::123456789012:user/alice,2022-01-01T00:00:00+00:00,true,no_information,2022-01-01T00:00:00+00:00,N/A,false,false,N/A,2022-05-01T00:00:00+00:00,true,N/A,2022-06-01T00:00:00+00:00
";

    #[test]
    fn words_that_are_no_answer_are_unknown() {
        let report = read(REPORT.as_bytes());
        let report = report.known().unwrap();

        let root = report.root().unwrap();
        let alice = report.user("arn:aws:iam::123456789012:user/alice", Some(1_640_995_200_000)).unwrap();

        assert_eq!(
            (root.password_enabled, root.mfa_enabled, root.access_key_enabled),
            (None, Some(true), Some(false))
        );
        assert_eq!((root.password_last_used, root.access_key_last_used), (Some(1_609_459_200_000), None));
        assert_eq!((alice.password_enabled, alice.password_last_used), (Some(true), None));
        assert_eq!(
            (alice.access_key_enabled, alice.access_key_last_used),
            (Some(true), Some(1_654_041_600_000))
        );
    }

    #[test]
    fn a_user_who_was_made_again_is_not_the_one_in_the_report() {
        let report = read(REPORT.as_bytes());
        let report = report.known().unwrap();

        assert_eq!(report.user("arn:aws:iam::123456789012:user/alice", Some(1_700_000_000_000)), None);
        assert_eq!(report.user("arn:aws:iam::123456789012:user/bob", Some(1_640_995_200_000)), None);
    }

    #[test]
    fn a_report_that_cannot_be_read_is_unknown() {
        assert!(read(b"").known().is_none());
        assert!(read(b"user,arn\nalice,arn:aws:iam::123456789012:user/alice\n").known().is_none());
    }

    async fn asked_for(
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> Detail<CredentialReport> {
        static CALLS: [Call; 2] = [call("GenerateCredentialReport"), call("GetCredentialReport")];
        let session = session(answer).await;
        let facts = Arc::new(Facts::default());
        let epoch = DateTime::UNIX_EPOCH;
        let cx = Cx::with_calls("test", Service::IAM, &CALLS, &session, Region::global(), facts, epoch);
        credential_report(&client!(aws_sdk_iam, IAM, cx)).await.unwrap()
    }

    fn state(state: &str) -> Answer {
        Answer::ok(format!(
            "<GenerateCredentialReportResponse><GenerateCredentialReportResult><State>{state}</State>\
             </GenerateCredentialReportResult></GenerateCredentialReportResponse>"
        ))
    }

    #[tokio::test(start_paused = true)]
    async fn the_report_is_waited_for() {
        let report = asked_for(|asked| match (asked.operation.as_str(), asked.before) {
            ("GenerateCredentialReport", 0) => state("STARTED"),
            ("GenerateCredentialReport", 1) => state("INPROGRESS"),
            ("GenerateCredentialReport", _) => state("COMPLETE"),
            _ => Answer::ok(
                "<GetCredentialReportResponse><GetCredentialReportResult><Content>\
                 dXNlcixhcm4KYWxpY2UsYXJuOmF3czppYW06OjEyMzQ1Njc4OTAxMjp1c2VyL2FsaWNlCg==</Content>\
                 </GetCredentialReportResult></GetCredentialReportResponse>",
            ),
        })
        .await;

        // The answer lacks columns, which proves that it was read.
        assert!(matches!(report, Detail::Unknown(error) if error.operation() == "GetCredentialReport"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_report_that_is_never_made_is_not_waited_for_for_ever() {
        let report = asked_for(|_| state("INPROGRESS")).await;

        assert!(matches!(report, Detail::Unknown(CollectError::Timeout { .. })));
    }
}
