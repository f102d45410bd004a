//! Everything that is declared can be given.

use std::collections::BTreeSet;

use orgraph_model::services::SERVICES;
use orgraph_model::vocabulary::{self, AWS_ACCOUNT, AWS_SERVICE};
use serde_json::json;

use super::super::ALLOWED;
use super::super::types::{POLICIES, RESOURCES};
use super::allow;
use crate::facts::tests::fact;
use crate::{Facts, Input, Settings};

/// An ARN of each type: service, region, account and resource.
const ARNS: [(&str, &str); 80] = [
    ("aws_acm_certificate", "acm:@:certificate/1"),
    ("aws_api_gateway_rest_api", "apigateway:eu-west-1::/restapis/a"),
    ("aws_api_gateway_v2_api", "apigateway:eu-west-1::/apis/b"),
    ("aws_api_gateway_v2_route", "apigateway:eu-west-1::/apis/b/routes/r"),
    ("aws_api_gateway_v2_integration", "apigateway:eu-west-1::/apis/b/integrations/i"),
    ("aws_api_gateway_v2_authorizer", "apigateway:eu-west-1::/apis/b/authorizers/z"),
    ("aws_batch_compute_environment", "batch:@:compute-environment/c"),
    ("aws_batch_job", "batch:@:job/j"),
    ("aws_batch_job_definition", "batch:@:job-definition/d:1"),
    ("aws_batch_job_queue", "batch:@:job-queue/q"),
    ("aws_cloudformation_stack", "cloudformation:@:stack/s/1"),
    ("aws_cloudfront_distribution", "cloudfront::111111111111:distribution/E1"),
    ("aws_cloudwatch_event_rule", "events:@:rule/r"),
    ("aws_cloudwatch_metric_alarm", "cloudwatch:@:alarm:a"),
    ("aws_cloudwatch_log_group", "logs:@:log-group:g"),
    ("aws_config_rule", "config:@:config-rule/config-rule-1"),
    ("aws_dynamodb_table", "dynamodb:@:table/t"),
    ("aws_ami", "ec2:eu-west-1::image/ami-1"),
    ("aws_instance", "ec2:@:instance/i-1"),
    ("aws_key_pair", "ec2:@:key-pair/k"),
    ("aws_ebs_volume", "ec2:@:volume/vol-1"),
    ("aws_ebs_snapshot", "ec2:eu-west-1::snapshot/snap-1"),
    ("aws_eip", "ec2:@:elastic-ip/eipalloc-1"),
    ("aws_internet_gateway", "ec2:@:internet-gateway/igw-1"),
    ("aws_nat_gateway", "ec2:@:natgateway/nat-1"),
    ("aws_network_acl", "ec2:@:network-acl/acl-1"),
    ("aws_eni", "ec2:@:network-interface/eni-1"),
    ("aws_route_table", "ec2:@:route-table/rtb-1"),
    ("aws_security_group", "ec2:@:security-group/sg-1"),
    ("aws_subnet", "ec2:@:subnet/subnet-1"),
    ("aws_vpc", "ec2:@:vpc/vpc-1"),
    ("aws_vpn_gateway", "ec2:@:vpn-gateway/vgw-1"),
    ("aws_autoscaling_group", "autoscaling:@:autoScalingGroup:1:autoScalingGroupName/g"),
    ("aws_ecr_repository", "ecr:@:repository/r"),
    ("aws_ecs_cluster", "ecs:@:cluster/c"),
    ("aws_ecs_container_instance", "ecs:@:container-instance/c/1"),
    ("aws_ecs_service", "ecs:@:service/c/s"),
    ("aws_ecs_task_definition", "ecs:@:task-definition/t:1"),
    ("aws_ecs_task", "ecs:@:task/c/1"),
    ("aws_efs_file_system", "elasticfilesystem:@:file-system/fs-1"),
    ("aws_eks_cluster", "eks:@:cluster/c"),
    ("aws_alb", "elasticloadbalancing:@:loadbalancer/app/a/1"),
    ("aws_nlb", "elasticloadbalancing:@:loadbalancer/net/n/1"),
    ("aws_elb", "elasticloadbalancing:@:loadbalancer/e"),
    ("aws_lb", "elasticloadbalancing:@:loadbalancer/gwy/g/1"),
    ("aws_lb_target_group", "elasticloadbalancing:@:targetgroup/t/1"),
    ("aws_lb_listener", "elasticloadbalancing:@:listener/app/a/1/2"),
    ("aws_lb_listener_rule", "elasticloadbalancing:@:listener-rule/app/a/1/2/3"),
    ("aws_elasticache_memcached_cluster", "elasticache:@:cluster:m"),
    ("aws_elasticache_redis_cluster", "elasticache:@:replicationgroup:r"),
    ("aws_elasticsearch_domain", "es:@:domain/d"),
    ("aws_guardduty_detector", "guardduty:@:detector/d"),
    ("aws_iam_user", "iam::111111111111:user/u"),
    ("mfa_device", "iam::111111111111:mfa/u"),
    ("aws_iam_group", "iam::111111111111:group/g"),
    ("aws_iam_role", "iam::111111111111:role/r"),
    ("aws_iam_policy", "iam::111111111111:policy/p"),
    ("aws_iam_saml_provider", "iam::111111111111:saml-provider/s"),
    ("aws_iam_oidc_provider", "iam::111111111111:oidc-provider/example.com"),
    ("aws_accessanalyzer_analyzer", "access-analyzer:@:analyzer/a"),
    ("aws_kms_key", "kms:@:key/1"),
    ("aws_lambda_function", "lambda:@:function:f"),
    ("aws_redshift_cluster", "redshift:@:cluster:c"),
    ("aws_rds_cluster", "rds:@:cluster:c"),
    ("aws_db_instance", "rds:@:db:d"),
    ("aws_db_snapshot", "rds:@:snapshot:s"),
    ("aws_db_cluster_snapshot", "rds:@:cluster-snapshot:s"),
    ("aws_route53_zone", "route53:::hostedzone/Z1"),
    ("aws_s3_bucket", "s3:::b"),
    ("aws_sns_subscription", "sns:@:t:1"),
    ("aws_sns_topic", "sns:@:t"),
    ("aws_sqs_queue", "sqs:@:q"),
    ("aws_transfer_server", "transfer:@:server/s-1"),
    ("aws_transfer_user", "transfer:@:user/s-1/u"),
    ("aws_waf_web_acl", "waf::111111111111:webacl/1"),
    ("aws_waf_v2_web_acl", "wafv2:@:regional/webacl/w/1"),
    ("aws_workspace", "workspaces:@:workspace/ws-1"),
    ("aws_workspaces_bundle", "workspaces:@:workspacebundle/wsb-1"),
    ("aws_cloudtrail", "cloudtrail:@:trail/t"),
    ("aws_hsm", "cloudhsm:@:cluster/cluster-1"),
];

fn arn(after_partition: &str) -> String {
    format!("arn:aws:{}", after_partition.replace('@', "eu-west-1:111111111111"))
}

#[test]
fn every_type_has_an_example() {
    let examples: BTreeSet<&str> = ARNS.iter().map(|it| it.0).collect();
    let declared: BTreeSet<&str> = RESOURCES.iter().map(|it| it.name).collect();
    assert_eq!(examples, declared);
    assert_eq!(ALLOWED.relationships.len(), 472);
}

#[test]
fn everything_that_is_declared_can_be_given() {
    let mut given = BTreeSet::new();
    for policy in POLICIES {
        let mut resources = vec!["*".to_owned()];
        let mut actions = vec!["*".to_owned(), "ssm:GetParameter".to_owned()];
        actions.extend(SERVICES.iter().map(|it| format!("{}:*", it.iam_prefixes[0])));
        let mut own = Vec::new();
        for (name, example) in ARNS {
            let (arn, entity_type) = (arn(example), vocabulary::by_name(name).unwrap());
            own.push(fact(entity_type, &arn, json!({})));
            resources.push(arn);
        }
        let document = json!({"policyDocument": {"Statement": allow(&json!(actions), &json!(resources))}});
        own.push(fact(policy, "the-policy", document));
        let own: Facts = own.into_iter().collect();
        let settings = Settings::default();
        let account = super::account();
        let input = Input { account: &account, own: &own, settings: &settings };

        let linked = (ALLOWED.link)(&input, &Facts::default());

        let ends = linked.relationships.iter().map(|it| (it.from.entity_type.name, it.to.entity_type.name));
        given.extend(ends);
    }

    let declared: BTreeSet<(&str, &str)> =
        ALLOWED.relationships.iter().map(|it| (it.from.name, it.to.name)).collect();
    assert_eq!(given, declared);
    assert!(declared.contains(&("aws_iam_policy", AWS_ACCOUNT.name)));
    assert!(declared.contains(&("aws_iam_role_policy", AWS_SERVICE.name)));
}
