//! Resources, and where their policies are kept.

use std::collections::BTreeSet;
use std::sync::Arc;

use orgraph_model::vocabulary::{
    AWS_ECR_REPOSITORY, AWS_EFS_FILE_SYSTEM, AWS_ELASTICSEARCH_DOMAIN, AWS_IAM_ROLE, AWS_KMS_KEY,
    AWS_LAMBDA_FUNCTION, AWS_S3_BUCKET, AWS_S3_BUCKET_POLICY, AWS_SNS_TOPIC, AWS_SQS_QUEUE,
};
use orgraph_model::{AccountId, EntityType};
use serde_json::Value;

use super::principals::grants_of;
use super::{Directory, Grant, TYPES, tags};
use crate::Fact;
use crate::access::{Known, Policy, Resource, Target};
use crate::policy::resource::Arn;

/// Services whose resources have no policies of their own.
const WITHOUT_POLICIES: [&str; 19] = [
    "acm",
    "autoscaling",
    "batch",
    "cloudformation",
    "cloudfront",
    "cloudwatch",
    "ec2",
    "ecs",
    "eks",
    "elasticache",
    "elasticloadbalancing",
    "guardduty",
    "iam",
    "inspector2",
    "organizations",
    "rds",
    "route53",
    "sts",
    "workspaces",
];

/// The entity whose policy counts for an ARN.
struct Holder {
    entity_type: EntityType,
    key: String,
    /// The property of the policy; of a bucket, the policy is an entity of its own.
    property: &'static str,
    /// Whether the ARN is that of the entity, and not of something inside of it.
    is_itself: bool,
}

fn holder(text: &str) -> Option<Holder> {
    let arn = Arn::read(text)?;
    let head = |resource: &str| {
        format!("arn:{}:{}:{}:{}:{resource}", arn.partition, arn.service, arn.region, arn.account)
    };
    let first = |separator: char| arn.resource.split(separator).next().unwrap_or_default();
    let of = |entity_type, key: String, property| {
        let is_itself = key == text;
        Some(Holder { entity_type, key, property, is_itself })
    };
    match arn.service {
        // Access points have ARNs of an account, and policies of their own.
        "s3" if arn.account.is_empty() => of(AWS_S3_BUCKET, head(first('/')), "policyDocument"),
        "kms" if arn.resource.starts_with("key/") => of(AWS_KMS_KEY, text.to_owned(), "policy"),
        "sqs" => of(AWS_SQS_QUEUE, text.to_owned(), "policy"),
        "sns" => of(AWS_SNS_TOPIC, head(first(':')), "policy"),
        // Versions and aliases have policies of their own.
        "lambda" if arn.resource.starts_with("function:") && arn.resource.matches(':').count() == 1 => {
            of(AWS_LAMBDA_FUNCTION, text.to_owned(), "policy")
        }
        "ecr" if arn.resource.starts_with("repository/") => {
            of(AWS_ECR_REPOSITORY, text.to_owned(), "policyText")
        }
        "elasticfilesystem" if arn.resource.starts_with("file-system/") => {
            of(AWS_EFS_FILE_SYSTEM, text.to_owned(), "policy")
        }
        "es" => {
            let domain: Vec<&str> = arn.resource.splitn(3, '/').take(2).collect();
            of(AWS_ELASTICSEARCH_DOMAIN, head(&domain.join("/")), "accessPolicies")
        }
        "iam" if arn.resource.starts_with("role/") => of(AWS_IAM_ROLE, text.to_owned(), "assumeRolePolicy"),
        _ => None,
    }
}

impl Directory {
    /// The keys of the entities that hold what counts for a target.
    pub fn keys_of(target: &Target) -> BTreeSet<String> {
        let Target::One(arn) = target else { return BTreeSet::new() };
        let Some(holder) = holder(arn) else { return BTreeSet::from([arn.clone()]) };
        let mut keys = BTreeSet::from([holder.key.clone()]);
        if holder.entity_type == AWS_S3_BUCKET {
            keys.insert(format!("{AWS_S3_BUCKET_POLICY}:{}", holder.key));
        }
        keys
    }

    /// A resource with what is known of it. `home` is the account in which something without an account is looked for.
    pub fn resource(&self, target: Target, home: Option<&AccountId>) -> Resource {
        let arn = match &target {
            Target::One(arn) => arn.clone(),
            Target::Many(_) | Target::Nothing | Target::Everything => {
                return Resource {
                    account: target.account().or_else(|| home.cloned()),
                    region: None,
                    tags: None,
                    policy: Known::Unknown(format!("the policies of all that fits {}", target.text())),
                    is_closed_to_outsiders: Some(false),
                    is_of_aws: false,
                    target,
                };
            }
        };
        let holder = holder(&arn);
        let fact = self.facts.get(holder.as_ref().map_or(arn.as_str(), |it| it.key.as_str()));
        let region = Arn::read(&arn).map(|it| it.region.to_owned()).filter(|it| !it.is_empty());
        let is_itself = holder.as_ref().is_none_or(|it| it.is_itself);
        let is_bucket = holder.as_ref().is_some_and(|it| it.entity_type == AWS_S3_BUCKET);
        Resource {
            account: target.account().or_else(|| fact.map(|it| it.account.clone())),
            region,
            // Conditions on the tags of buckets see them only where that was switched on.
            tags: fact.filter(|_| is_itself && !is_bucket).map(tags),
            policy: match &holder {
                Some(holder) => self.policy_of_resource(holder, fact),
                None => policy_without_holder(&arn),
            },
            is_closed_to_outsiders: if is_bucket {
                fact.and_then(|it| self.is_closed(it))
            } else {
                Some(false)
            },
            is_of_aws: fact.is_some_and(|it| it.text("keyManager") == Some("AWS")),
            target,
        }
    }

    fn policy_of_resource(&self, holder: &Holder, fact: Option<&Fact>) -> Known<Option<Arc<Policy>>> {
        let Some(fact) = fact else {
            return Known::Unknown(format!("{}, which is not read", holder.key));
        };
        let region = Some(fact.region.as_str());
        let doubt = match holder.entity_type {
            // Buckets of all regions are one listing, as principals are.
            it if it == AWS_S3_BUCKET => {
                let key = format!("{AWS_S3_BUCKET_POLICY}:{}", holder.key);
                self.doubt(&fact.account, None, AWS_S3_BUCKET_POLICY, &key)
            }
            it if it == AWS_IAM_ROLE => self.doubt(&fact.account, None, it, &holder.key),
            it => self.doubt(&fact.account, region, it, &holder.key),
        };
        if let Some(doubt) = doubt {
            return Known::Unknown(doubt.to_owned());
        }
        if holder.entity_type == AWS_S3_BUCKET {
            let policy = self.policies.get(&format!("{AWS_S3_BUCKET_POLICY}:{}", holder.key));
            return Known::Known(policy.cloned());
        }
        match fact.properties.get(holder.property) {
            None => Known::Unknown(format!("the policy of {}", holder.key)),
            // Every key has one; and where it is not known whether a policy lets everybody in, it could not be read.
            Some(Value::Null)
                if fact.entity_type == AWS_KMS_KEY || fact.properties.get("public") == Some(&Value::Null) =>
            {
                Known::Unknown(format!("the policy of {}, which could not be read", holder.key))
            }
            Some(Value::Null) => Known::Known(None),
            Some(document) => {
                let policy = Policy::read(format!("the policy of {}", holder.key), document);
                Known::Known(Some(Arc::new(policy)))
            }
        }
    }

    /// Whether a bucket lets in nobody from outside, whatever a public policy of it says.
    fn is_closed(&self, bucket: &Fact) -> Option<bool> {
        let policy = self.facts.get(&format!("{AWS_S3_BUCKET_POLICY}:{}", bucket.key));
        match policy.map(|it| it.properties.get("public").and_then(Value::as_bool)) {
            None | Some(Some(false)) => Some(false),
            Some(None) => None,
            Some(Some(true)) if bucket.is("restrictPublicBuckets") => Some(true),
            Some(Some(true)) => bucket.text("access").map(|it| it == "Only authorized users of this account"),
        }
    }

    /// What policies of resources allow to somebody by name, to its account or to everybody: the resource, and what is
    /// named. Some of it may be denied by other policies.
    pub fn grants_of_resources(&self, account: Option<&AccountId>) -> BTreeSet<Grant> {
        let types = TYPES.resources.iter().filter(|it| **it != AWS_S3_BUCKET_POLICY);
        let facts = types.chain([&AWS_IAM_ROLE]).flat_map(|it| self.of(*it));
        let mut grants = BTreeSet::new();
        for fact in facts {
            let target = Target::One(fact.key.to_string());
            let Known::Known(Some(policy)) = self.resource(target, None).policy else { continue };
            let named = policy.named();
            let is_named = named.everybody || account.is_some_and(|it| named.accounts.contains(it));
            if !is_named {
                continue;
            }
            // In the policy of a resource, everything is the resource.
            let own = |mut grant: Grant| {
                if grant.resource == "*" {
                    grant.resource = fact.key.to_string();
                }
                grant
            };
            grants.extend(grants_of(&policy).into_iter().map(own));
        }
        grants
    }

    /// The accounts that the policy of a resource may let in, besides its own; `None` if any may be.
    pub fn accounts_let_in(resource: &Resource) -> Option<BTreeSet<AccountId>> {
        let mut accounts: BTreeSet<AccountId> = resource.account.iter().cloned().collect();
        match &resource.policy {
            _ if resource.account.is_none() => return None,
            Known::Unknown(_) => return None,
            Known::Known(None) => {}
            Known::Known(Some(policy)) => {
                let named = policy.named();
                if named.everybody {
                    return None;
                }
                accounts.extend(named.accounts);
            }
        }
        Some(accounts)
    }

    /// The services that the policy of a resource names, and whether it names everybody.
    pub fn outsiders_let_in(resource: &Resource) -> (BTreeSet<String>, bool) {
        match &resource.policy {
            Known::Known(Some(policy)) => {
                let named = policy.named();
                (named.services, named.everybody)
            }
            _ => (BTreeSet::new(), false),
        }
    }
}

fn policy_without_holder(arn: &str) -> Known<Option<Arc<Policy>>> {
    match Arn::read(arn) {
        Some(arn) if WITHOUT_POLICIES.contains(&arn.service) => Known::Known(None),
        // Of KMS, only keys have policies.
        Some(arn) if arn.service == "kms" => Known::Known(None),
        _ => Known::Unknown(format!("whether {arn} has a policy of its own, which is not read")),
    }
}
