//! The services that have a type of their own, and which of them is meant by a prefix of actions in a policy or by a
//! service principal.

use crate::EntityType;
use crate::vocabulary as types;

/// What is the same for a service in all accounts.
#[derive(Debug, Clone, Copy)]
pub struct KnownService {
    /// The type of its entity, of which every account has at most one.
    pub entity_type: EntityType,
    /// What kind of thing it is for, such as `security`.
    pub category: &'static str,
    /// What it does, such as `compute`.
    pub function: &'static [&'static str],
    /// The prefixes of its actions in policies and the first labels of its service principals.
    pub iam_prefixes: &'static [&'static str],
}

const fn service(
    entity_type: EntityType,
    iam_prefixes: &'static [&'static str],
    category: &'static str,
    function: &'static [&'static str],
) -> KnownService {
    KnownService { entity_type, category, function, iam_prefixes }
}

/// Every service that has a type of its own, in the order of the data model. STS counts as IAM.
pub static SERVICES: [KnownService; 36] = [
    service(types::AWS_ACM, &["acm"], "security", &["certificate-management"]),
    service(types::AWS_APIGATEWAY, &["apigateway", "execute-api"], "network", &["api-gateway"]),
    service(types::AWS_BATCH, &["batch"], "infrastructure", &["workload-management"]),
    service(types::AWS_CLOUDFRONT, &["cloudfront", "edgelambda"], "network", &["content-distribution"]),
    service(types::AWS_CONFIG, &["config"], "security", &["config-auditing"]),
    service(types::AWS_DYNAMODB, &["dynamodb"], "platform", &["database"]),
    service(
        types::AWS_EC2,
        &["ec2", "ec2fleet", "spot", "spotfleet", "vpc-flow-logs"],
        "infrastructure",
        &["compute", "networking"],
    ),
    service(
        types::AWS_ECR,
        &["ecr", "replication.ecr", "pullthroughcache.ecr"],
        "infrastructure",
        &["container-registry"],
    ),
    service(
        types::AWS_ECS,
        &["ecs", "ecs-tasks", "ecs.application-autoscaling"],
        "infrastructure",
        &["container-orchestration"],
    ),
    service(types::AWS_EFS, &["elasticfilesystem"], "infrastructure", &["file-system"]),
    service(
        types::AWS_EKS,
        &["eks", "eks-nodegroup", "eks-fargate", "eks-fargate-pods", "pods.eks"],
        "infrastructure",
        &["kubernetes-management"],
    ),
    service(types::AWS_ELASTICLOADBALANCING, &["elasticloadbalancing"], "network", &["load-balancing"]),
    service(types::AWS_IAM, &["iam", "sts"], "security", &["IAM"]),
    service(types::AWS_LAMBDA, &["lambda", "replicator.lambda"], "platform", &["serverless"]),
    service(
        types::AWS_RDS,
        &["rds", "rds-db", "rds-data", "monitoring.rds", "export.rds"],
        "platform",
        &["database"],
    ),
    service(types::AWS_REDSHIFT, &["redshift"], "platform", &["data-warehousing"]),
    service(types::AWS_ROUTE53, &["route53", "route53domains"], "network", &["DNS"]),
    service(types::AWS_S3, &["s3", "s3-object-lambda", "batchoperations.s3"], "infrastructure", &["storage"]),
    service(types::AWS_WAF, &["waf", "waf-regional"], "security", &["WAF"]),
    service(types::AWS_WAF_V2, &["wafv2"], "security", &["WAF"]),
    service(types::AWS_ACCESSANALYZER, &["access-analyzer"], "security", &["access-review"]),
    service(types::AWS_AUTOSCALING, &["autoscaling"], "infrastructure", &["provisioning"]),
    service(
        types::AWS_CLOUDFORMATION,
        &["cloudformation", "stacksets.cloudformation", "member.org.stacksets.cloudformation"],
        "platform",
        &["provisioning"],
    ),
    service(types::AWS_CLOUDHSM, &["cloudhsm"], "security", &["key-management", "encryption"]),
    service(types::AWS_CLOUDWATCH, &["cloudwatch", "monitoring"], "platform", &["monitoring"]),
    service(types::AWS_CLOUDWATCH_EVENT, &["events"], "platform", &["scheduling", "notification"]),
    service(types::AWS_CLOUDWATCH_LOGS, &["logs", "delivery.logs"], "platform", &["logging"]),
    service(types::AWS_ELASTICACHE, &["elasticache"], "platform", &["caching"]),
    service(types::AWS_ELASTICSEARCH, &["es", "opensearchservice"], "platform", &["indexing"]),
    service(
        types::AWS_GUARDDUTY,
        &["guardduty", "malware-protection.guardduty"],
        "security",
        &["monitoring"],
    ),
    service(types::AWS_INSPECTOR, &["inspector", "inspector2"], "security", &["VAS"]),
    service(types::AWS_KMS, &["kms"], "security", &["key-management", "encryption"]),
    service(types::AWS_SNS, &["sns"], "platform", &["notification"]),
    service(types::AWS_SQS, &["sqs"], "platform", &["queuing"]),
    service(types::AWS_TRANSFER, &["transfer"], "platform", &["SFTP"]),
    service(types::AWS_WORKSPACES, &["workspaces"], "infrastructure", &["desktop-virtualization"]),
];

/// The service whose actions begin with this prefix, whatever its case.
pub fn of_prefix(prefix: &str) -> Option<&'static KnownService> {
    let has = |it: &&KnownService| it.iam_prefixes.iter().any(|it| it.eq_ignore_ascii_case(prefix));
    SERVICES.iter().find(has)
}

/// The service of this type.
pub fn of_type(entity_type: EntityType) -> Option<&'static KnownService> {
    SERVICES.iter().find(|it| it.entity_type == entity_type)
}

/// A service principal such as `logs.eu-west-1.amazonaws.com`.
#[derive(Debug, Clone)]
pub struct ServicePrincipal {
    /// What it is called, in lower case and without domain and region: `logs`, `monitoring.rds`.
    pub prefix: String,
    /// The service it stands for, if that has a type of its own.
    pub service: Option<&'static KnownService>,
}

impl ServicePrincipal {
    /// What a service principal stands for. Longer names are looked for before shorter ones, and those that begin it
    /// before those that end it: `ecs.application-autoscaling` is ECS and `cks.kms` is KMS.
    pub fn read(principal: &str) -> Self {
        const DOMAINS: [&str; 3] = [".amazonaws.com.cn", ".amazonaws.com", ".aws.internal"];
        let name = principal.trim().to_ascii_lowercase();
        let name = DOMAINS.iter().find_map(|it| name.strip_suffix(it)).unwrap_or(&name);
        let mut labels: Vec<&str> = name.split('.').collect();
        if labels.len() > 1 {
            labels.pop_if(|it| is_region(it));
        }
        let first = (1..=labels.len()).rev().find_map(|end| of_prefix(&labels[..end].join(".")));
        let last = || (1..labels.len()).find_map(|begin| of_prefix(&labels[begin..].join(".")));
        Self { service: first.or_else(last), prefix: labels.join(".") }
    }
}

/// Whether a label reads as a region: `eu-west-1`, `us-gov-east-1`.
fn is_region(label: &str) -> bool {
    let parts: Vec<&str> = label.split('-').collect();
    let [area, directions @ .., number] = parts.as_slice() else { return false };
    let is_word = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_lowercase());
    is_word(area)
        && !directions.is_empty()
        && directions.iter().all(|it| is_word(it))
        && !number.is_empty()
        && number.bytes().all(|it| it.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_type_and_no_prefix_is_there_twice() {
        let mut seen = HashSet::new();
        for service in &SERVICES {
            assert_eq!(service.entity_type.class, ["Service"], "{}", service.entity_type);
            assert!(seen.insert(service.entity_type.name), "{}", service.entity_type);
            for prefix in service.iam_prefixes {
                assert!(seen.insert(prefix), "{prefix}");
                assert_eq!(
                    of_prefix(&prefix.to_uppercase()).map(|it| it.entity_type),
                    Some(service.entity_type)
                );
            }
        }
        assert!(of_prefix("cloudtrail").is_none(), "`aws_cloudtrail` is a trail");
        assert_eq!(of_type(types::AWS_KMS).unwrap().iam_prefixes, ["kms"]);
        assert!(of_type(types::AWS_KMS_KEY).is_none());
    }

    #[test]
    fn a_service_principal_is_known_by_its_labels() {
        let check = |principal: &str, prefix: &str, expected: Option<EntityType>| {
            let read = ServicePrincipal::read(principal);
            assert_eq!(read.prefix, prefix, "{principal}");
            assert_eq!(read.service.map(|it| it.entity_type), expected, "{principal}");
        };

        check("ec2.amazonaws.com", "ec2", Some(types::AWS_EC2));
        check("EC2.amazonaws.com.cn", "ec2", Some(types::AWS_EC2));
        check("ec2.cn-north-1.amazonaws.com.cn", "ec2", Some(types::AWS_EC2));
        check("logs.us-east-1.amazonaws.com", "logs", Some(types::AWS_CLOUDWATCH_LOGS));
        check("logs.us-gov-west-1.amazonaws.com", "logs", Some(types::AWS_CLOUDWATCH_LOGS));
        check("monitoring.rds.amazonaws.com", "monitoring.rds", Some(types::AWS_RDS));
        check("monitoring.amazonaws.com", "monitoring", Some(types::AWS_CLOUDWATCH));
        check(
            "ecs.application-autoscaling.amazonaws.com",
            "ecs.application-autoscaling",
            Some(types::AWS_ECS),
        );
        check(
            "dynamodb.application-autoscaling.amazonaws.com",
            "dynamodb.application-autoscaling",
            Some(types::AWS_DYNAMODB),
        );
        check(
            "member.org.stacksets.cloudformation.amazonaws.com",
            "member.org.stacksets.cloudformation",
            Some(types::AWS_CLOUDFORMATION),
        );
        check("replication.dynamodb.amazonaws.com", "replication.dynamodb", Some(types::AWS_DYNAMODB));
        check("cks.kms.amazonaws.com", "cks.kms", Some(types::AWS_KMS));
        check("secretsmanager.amazonaws.com", "secretsmanager", None);
        check("states.eu-west-1.amazonaws.com", "states", None);
        check("cloudtrail.amazonaws.com", "cloudtrail", None);
        check("email.cognito-idp.amazonaws.com", "email.cognito-idp", None);
        check("us-east-1.amazonaws.com", "us-east-1", None);
        check("something.example.com", "something.example.com", None);
        check("", "", None);
    }
}
