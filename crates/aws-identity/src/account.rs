//! The account itself, as its own APIs describe it, and the services that are read in it.
//!
//! What the organization says about the account is the other contribution to the same entity, in `organization`.

mod services;

use std::collections::HashMap;

use aws_sdk_account::types::AlternateContactType;
use aws_sdk_iam::types::SummaryKeyType;
use aws_sdk_s3control::types::PublicAccessBlockConfiguration;
use orgraph_collect::prelude::*;
use orgraph_model::AwsPartition;

use crate::credential_report::{CredentialReport, UserCredentials, credential_report};

pub(crate) static ACCOUNT: Collector = Collector {
    name: "account",
    service: Service::ACCOUNT,
    scope: Scope::Account,
    calls: &[
        call("ListAccountAliases").of(Service::IAM),
        call("GetAccountSummary").of(Service::IAM),
        call("GenerateCredentialReport").of(Service::IAM),
        call("GetCredentialReport").of(Service::IAM),
        call("GetPublicAccessBlock")
            .of(Service::S3_CONTROL)
            .needs("s3:GetAccountPublicAccessBlock")
            .lists("PublicAccessBlockConfiguration"),
        call("GetContactInformation").lists("ContactInformation"),
        call("GetAlternateContact").lists("AlternateContact"),
    ],
    entities: &[
        entity::<Account>(),
        entity::<services::Acm>(),
        entity::<services::ApiGateway>(),
        entity::<services::BatchService>(),
        entity::<services::CloudFront>(),
        entity::<services::Config>(),
        entity::<services::DynamoDb>(),
        entity::<services::Ec2>(),
        entity::<services::Ecr>(),
        entity::<services::Ecs>(),
        entity::<services::Efs>(),
        entity::<services::Eks>(),
        entity::<services::ElasticLoadBalancing>(),
        entity::<services::Iam>(),
        entity::<services::Lambda>(),
        entity::<services::Rds>(),
        entity::<services::Redshift>(),
        entity::<services::Route53>(),
        entity::<services::S3>(),
        entity::<services::Waf>(),
        entity::<services::WafV2>(),
        entity::<services::AccessAnalyzer>(),
        entity::<services::AutoScaling>(),
        entity::<services::CloudFormation>(),
        entity::<services::CloudHsm>(),
        entity::<services::CloudWatch>(),
        entity::<services::CloudWatchEvent>(),
        entity::<services::CloudWatchLogs>(),
        entity::<services::ElastiCache>(),
        entity::<services::Elasticsearch>(),
        entity::<services::GuardDuty>(),
        entity::<services::Inspector>(),
        entity::<services::Kms>(),
        entity::<services::Sns>(),
        entity::<services::Sqs>(),
        entity::<services::Transfer>(),
        entity::<services::Workspaces>(),
    ],
    relationships: &[
        rel(AWS_ACCOUNT, Has, AWS_ACM),
        rel(AWS_ACCOUNT, Has, AWS_APIGATEWAY),
        rel(AWS_ACCOUNT, Has, AWS_BATCH),
        rel(AWS_ACCOUNT, Has, AWS_CLOUDFRONT),
        rel(AWS_ACCOUNT, Has, AWS_CONFIG),
        rel(AWS_ACCOUNT, Has, AWS_DYNAMODB),
        rel(AWS_ACCOUNT, Has, AWS_EC2),
        rel(AWS_ACCOUNT, Has, AWS_ECR),
        rel(AWS_ACCOUNT, Has, AWS_ECS),
        rel(AWS_ACCOUNT, Has, AWS_EFS),
        rel(AWS_ACCOUNT, Has, AWS_EKS),
        rel(AWS_ACCOUNT, Has, AWS_ELASTICLOADBALANCING),
        rel(AWS_ACCOUNT, Has, AWS_IAM),
        rel(AWS_ACCOUNT, Has, AWS_LAMBDA),
        rel(AWS_ACCOUNT, Has, AWS_RDS),
        rel(AWS_ACCOUNT, Has, AWS_REDSHIFT),
        rel(AWS_ACCOUNT, Has, AWS_ROUTE53),
        rel(AWS_ACCOUNT, Has, AWS_S3),
        rel(AWS_ACCOUNT, Has, AWS_WAF),
        rel(AWS_ACCOUNT, Has, AWS_WAF_V2),
        rel(AWS_ACCOUNT, Has, AWS_ACCESSANALYZER),
        rel(AWS_ACCOUNT, Has, AWS_AUTOSCALING),
        rel(AWS_ACCOUNT, Has, AWS_CLOUDFORMATION),
        rel(AWS_ACCOUNT, Has, AWS_CLOUDHSM),
        rel(AWS_ACCOUNT, Has, AWS_CLOUDWATCH),
        rel(AWS_ACCOUNT, Has, AWS_CLOUDWATCH_EVENT),
        rel(AWS_ACCOUNT, Has, AWS_CLOUDWATCH_LOGS),
        rel(AWS_ACCOUNT, Has, AWS_ELASTICACHE),
        rel(AWS_ACCOUNT, Has, AWS_ELASTICSEARCH),
        rel(AWS_ACCOUNT, Has, AWS_GUARDDUTY),
        rel(AWS_ACCOUNT, Has, AWS_INSPECTOR),
        rel(AWS_ACCOUNT, Has, AWS_KMS),
        rel(AWS_ACCOUNT, Has, AWS_SNS),
        rel(AWS_ACCOUNT, Has, AWS_SQS),
        rel(AWS_ACCOUNT, Has, AWS_TRANSFER),
        rel(AWS_ACCOUNT, Has, AWS_WORKSPACES),
    ],
    collect: |cx, out| Box::pin(account(cx, out)),
};

/// An account: who may sign in as its root user, and what it forbids all its buckets.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Account {
    /// The twelve digits of the account.
    id: String,
    /// Where its users sign in.
    #[serde(rename = "accessURL")]
    access_url: String,
    /// Whether the root user has an MFA device.
    #[serde(skip_serializing_if = "Option::is_none")]
    mfa_enabled: Option<bool>,
    /// Whether the root user has access keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    root_user_access_key_enabled: Option<bool>,
    /// Whether the root user has a password. Members whose root user is managed by the organization have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    root_user_password_enabled: Option<bool>,
    #[serde(flatten)]
    root_user: Option<RootUser>,
    /// Whether somebody is named as the contact of the account. Names and addresses are never read into the graph.
    contact_information_configured: Option<bool>,
    /// Whether somebody is named as the contact for security.
    security_contact_configured: Option<bool>,
    #[serde(flatten)]
    public_access: PublicAccess,
}

/// When the root user was last at work; up to four hours behind.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RootUser {
    /// When the root user last signed in with the password, in milliseconds since the epoch; `null` for never.
    root_user_password_last_used: Option<i64>,
    /// When an access key of the root user was last used, in milliseconds since the epoch; `null` for never.
    root_user_access_key_last_used: Option<i64>,
}

/// What the account forbids all its buckets.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "the four switches that AWS has")]
struct PublicAccess {
    /// Whether new public access control lists are refused in every bucket.
    block_public_acls: bool,
    /// Whether public access control lists are without effect in every bucket.
    ignore_public_acls: bool,
    /// Whether public bucket policies are refused.
    block_public_policy: bool,
    /// Whether public bucket policies only let in the account itself and AWS services.
    restrict_public_buckets: bool,
}

impl Entity for Account {
    const TYPE: EntityType = AWS_ACCOUNT;
    const VOLATILE: &'static [&'static str] = &["rootUserPasswordLastUsed", "rootUserAccessKeyLastUsed"];
}

/// What is asked about the account.
struct Details {
    summary: Detail<HashMap<SummaryKeyType, i32>>,
    report: Detail<CredentialReport>,
    public_access: Detail<Option<PublicAccessBlockConfiguration>>,
    contact: Detail<bool>,
    security_contact: Detail<bool>,
}

async fn account(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let iam = client!(aws_sdk_iam, IAM, cx);
    let s3control = client!(aws_sdk_s3control, S3_CONTROL, cx);
    let contacts = client!(aws_sdk_account, ACCOUNT, cx);

    // Without the alias the name would be another one: it is the one answer that cannot be missing.
    let mut aliases = pages!(cx, iam.list_account_aliases(), marker);
    let mut alias = None;
    while let Some(page) = aliases.next().await? {
        alias = alias.or(page.account_aliases.into_iter().next());
    }
    let summary = detail(iam.get_account_summary().send().await)?;
    let report = credential_report(&iam).await?;
    let public_access = s3control.get_public_access_block().account_id(cx.account().as_str());
    let public_access = detail(public_access.send().await)?;
    let contact = detail(contacts.get_contact_information().send().await)?;
    let security_contact =
        contacts.get_alternate_contact().alternate_contact_type(AlternateContactType::Security);
    let security_contact = detail(security_contact.send().await)?;
    let details = Details {
        summary: summary.map(|it| it.and_then(|it| it.summary_map).unwrap_or_default()),
        report,
        public_access: public_access.map(|it| it.and_then(|it| it.public_access_block_configuration)),
        contact: contact.map(|it| it.is_some_and(|it| it.contact_information.is_some())),
        security_contact: security_contact.map(|it| it.is_some_and(|it| it.alternate_contact.is_some())),
    };
    itself(cx, out, alias.as_deref(), &details);
    services::services(cx, out);
    Ok(())
}

fn itself(cx: &Cx, out: &mut Batch, alias: Option<&str>, details: &Details) {
    let id = cx.account().to_string();
    let configured = cx.session().target().name.clone();
    let name = alias.map(str::to_owned).or(configured.clone()).unwrap_or_else(|| id.clone());
    let summary = |key: &SummaryKeyType| details.summary.known().and_then(|it| it.get(key)).map(|it| *it > 0);
    let root = details.report.known().and_then(CredentialReport::root);
    let password_in_report = root.as_ref().and_then(|it| it.password_enabled);
    let switch = |of: fn(&PublicAccessBlockConfiguration) -> Option<bool>| {
        let configuration = details.public_access.known().and_then(Option::as_ref);
        configuration.and_then(of).unwrap_or(false)
    };

    out.add(
        account_key(cx, &id),
        &name,
        &Account {
            access_url: access_url(cx.partition(), alias.unwrap_or(&id)),
            id,
            mfa_enabled: summary(&SummaryKeyType::AccountMfaEnabled),
            root_user_access_key_enabled: summary(&SummaryKeyType::AccountAccessKeysPresent),
            root_user_password_enabled: summary(&SummaryKeyType::AccountPasswordPresent)
                .or(password_in_report),
            root_user: root.as_ref().map(root_user),
            contact_information_configured: details.contact.known().copied(),
            security_contact_configured: details.security_contact.known().copied(),
            public_access: PublicAccess {
                block_public_acls: switch(|it| it.block_public_acls),
                ignore_public_acls: switch(|it| it.ignore_public_acls),
                block_public_policy: switch(|it| it.block_public_policy),
                restrict_public_buckets: switch(|it| it.restrict_public_buckets),
            },
        },
    )
    .display_name(configured.unwrap_or(name))
    .web_link(cx.console("billing/home#/account"))
    .unknown(&details.summary, &["mfaEnabled", "rootUserAccessKeyEnabled", "rootUserPasswordEnabled"])
    .unknown(&details.report, &["rootUserPasswordLastUsed", "rootUserAccessKeyLastUsed"])
    .unknown(
        &details.public_access,
        &["blockPublicAcls", "ignorePublicAcls", "blockPublicPolicy", "restrictPublicBuckets"],
    )
    .unknown(&details.contact, &["contactInformationConfigured"])
    .unknown(&details.security_contact, &["securityContactConfigured"]);
}

fn root_user(credentials: &UserCredentials) -> RootUser {
    RootUser {
        root_user_password_last_used: credentials.password_last_used,
        root_user_access_key_last_used: credentials.access_key_last_used,
    }
}

/// The key of an account of this partition of AWS: the ARN of its root.
pub(crate) fn account_key(cx: &Cx, id: &str) -> String {
    cx.arn_of(id, "iam", "root")
}

fn access_url(partition: AwsPartition, alias: &str) -> String {
    let domain = match partition {
        AwsPartition::Aws => "aws.amazon.com",
        AwsPartition::AwsUsGov => "amazonaws-us-gov.com",
        AwsPartition::AwsCn => "amazonaws.cn",
    };
    format!("https://{alias}.signin.{domain}/console")
}
