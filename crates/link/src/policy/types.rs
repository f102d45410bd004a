//! What policies can allow.

use orgraph_model::declare::{Rel, rel};
use orgraph_model::services::SERVICES;
use orgraph_model::vocabulary as types;
use orgraph_model::{EntityType, Verb};

/// Who allows: managed policies, and those inline in one user, group or role.
pub(super) const POLICIES: [EntityType; 4] = [
    types::AWS_IAM_POLICY,
    types::AWS_IAM_USER_POLICY,
    types::AWS_IAM_GROUP_POLICY,
    types::AWS_IAM_ROLE_POLICY,
];

/// What policies name by its ARN.
pub(super) const RESOURCES: [EntityType; 80] = [
    types::AWS_ACM_CERTIFICATE,
    types::AWS_API_GATEWAY_REST_API,
    types::AWS_API_GATEWAY_V2_API,
    types::AWS_API_GATEWAY_V2_ROUTE,
    types::AWS_API_GATEWAY_V2_INTEGRATION,
    types::AWS_API_GATEWAY_V2_AUTHORIZER,
    types::AWS_BATCH_COMPUTE_ENVIRONMENT,
    types::AWS_BATCH_JOB,
    types::AWS_BATCH_JOB_DEFINITION,
    types::AWS_BATCH_JOB_QUEUE,
    types::AWS_CLOUDFORMATION_STACK,
    types::AWS_CLOUDFRONT_DISTRIBUTION,
    types::AWS_CLOUDWATCH_EVENT_RULE,
    types::AWS_CLOUDWATCH_METRIC_ALARM,
    types::AWS_CLOUDWATCH_LOG_GROUP,
    types::AWS_CONFIG_RULE,
    types::AWS_DYNAMODB_TABLE,
    types::AWS_AMI,
    types::AWS_INSTANCE,
    types::AWS_KEY_PAIR,
    types::AWS_EBS_VOLUME,
    types::AWS_EBS_SNAPSHOT,
    types::AWS_EIP,
    types::AWS_INTERNET_GATEWAY,
    types::AWS_NAT_GATEWAY,
    types::AWS_NETWORK_ACL,
    types::AWS_ENI,
    types::AWS_ROUTE_TABLE,
    types::AWS_SECURITY_GROUP,
    types::AWS_SUBNET,
    types::AWS_VPC,
    types::AWS_VPN_GATEWAY,
    types::AWS_AUTOSCALING_GROUP,
    types::AWS_ECR_REPOSITORY,
    types::AWS_ECS_CLUSTER,
    types::AWS_ECS_CONTAINER_INSTANCE,
    types::AWS_ECS_SERVICE,
    types::AWS_ECS_TASK_DEFINITION,
    types::AWS_ECS_TASK,
    types::AWS_EFS_FILE_SYSTEM,
    types::AWS_EKS_CLUSTER,
    types::AWS_ALB,
    types::AWS_NLB,
    types::AWS_ELB,
    types::AWS_LB_TARGET_GROUP,
    types::AWS_LB_LISTENER,
    types::AWS_LB_LISTENER_RULE,
    types::AWS_ELASTICACHE_MEMCACHED_CLUSTER,
    types::AWS_ELASTICACHE_REDIS_CLUSTER,
    types::AWS_ELASTICSEARCH_DOMAIN,
    types::AWS_GUARDDUTY_DETECTOR,
    types::AWS_IAM_USER,
    types::MFA_DEVICE,
    types::AWS_IAM_GROUP,
    types::AWS_IAM_ROLE,
    types::AWS_IAM_POLICY,
    types::AWS_IAM_SAML_PROVIDER,
    types::AWS_ACCESSANALYZER_ANALYZER,
    types::AWS_KMS_KEY,
    types::AWS_LAMBDA_FUNCTION,
    types::AWS_REDSHIFT_CLUSTER,
    types::AWS_RDS_CLUSTER,
    types::AWS_DB_INSTANCE,
    types::AWS_DB_SNAPSHOT,
    types::AWS_DB_CLUSTER_SNAPSHOT,
    types::AWS_ROUTE53_ZONE,
    types::AWS_S3_BUCKET,
    types::AWS_SNS_SUBSCRIPTION,
    types::AWS_SNS_TOPIC,
    types::AWS_SQS_QUEUE,
    types::AWS_TRANSFER_SERVER,
    types::AWS_TRANSFER_USER,
    types::AWS_WAF_WEB_ACL,
    types::AWS_WAF_V2_WEB_ACL,
    types::AWS_WORKSPACE,
    types::AWS_WORKSPACES_BUNDLE,
    types::AWS_CLOUDTRAIL,
    types::AWS_LB,
    types::AWS_HSM,
    types::AWS_IAM_OIDC_PROVIDER,
];

const TARGETS: usize = RESOURCES.len() + SERVICES.len() + 2;

/// Each policy with everything that it can allow.
pub(super) static RELATIONSHIPS: [Rel; POLICIES.len() * TARGETS] = {
    let mut rels = [rel(POLICIES[0], Verb::Allows, types::AWS_ACCOUNT); POLICIES.len() * TARGETS];
    let mut at = 0;
    while at < rels.len() {
        rels[at] = rel(POLICIES[at / TARGETS], Verb::Allows, target(at % TARGETS));
        at += 1;
    }
    rels
};

const fn target(at: usize) -> EntityType {
    const SERVICE: usize = RESOURCES.len();
    const LAST: usize = TARGETS - 2;
    match at {
        ..SERVICE => RESOURCES[at],
        SERVICE..LAST => SERVICES[at - SERVICE].entity_type,
        LAST => types::AWS_SERVICE,
        _ => types::AWS_ACCOUNT,
    }
}
