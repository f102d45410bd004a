//! Which entity it is that Config evaluated: Config has types and IDs of its own.

use orgraph_collect::Rel;
use orgraph_collect::prelude::*;

/// How Config calls an account as a whole.
pub(super) const ACCOUNT: &str = "AWS::::Account";

/// One type of entity that Config evaluates.
pub(super) struct Evaluated {
    pub(super) to: EntityType,
    /// The types of Config that it is.
    names: &'static [&'static str],
    /// The property that holds what Config takes for the ID, where that is not an ARN.
    property: &'static str,
    /// Whether it may be stored in another region than that of the rule.
    pub(super) anywhere: bool,
}

impl Evaluated {
    /// The property that tells which entity it is, and its value.
    pub(super) fn found_by<'a>(&self, id: &'a str, account: &str) -> (&'static str, &'a str) {
        if id.starts_with("arn:") {
            return ("arn", id);
        }
        // Search domains are named `{account}/{domain}`.
        let local = id.strip_prefix(account).and_then(|it| it.strip_prefix('/'));
        (self.property, local.unwrap_or(id))
    }

    const fn by(self, property: &'static str) -> Self {
        Self { property, ..self }
    }
}

const fn regional(to: EntityType, names: &'static [&'static str]) -> Evaluated {
    Evaluated { to, names, property: "id", anywhere: false }
}

const fn global(to: EntityType, names: &'static [&'static str]) -> Evaluated {
    Evaluated { to, names, property: "id", anywhere: true }
}

/// The types that the type `name` of Config may be.
pub(super) fn types(name: &str) -> impl Iterator<Item = &'static Evaluated> {
    EVALUATED.iter().filter(move |it| it.names.contains(&name))
}

const TYPES: usize = 61;

static EVALUATED: [Evaluated; TYPES] = [
    regional(AWS_ACM_CERTIFICATE, &["AWS::ACM::Certificate"]),
    regional(AWS_ACCESSANALYZER_ANALYZER, &["AWS::AccessAnalyzer::Analyzer"]),
    regional(AWS_API_GATEWAY_REST_API, &["AWS::ApiGateway::RestApi"]),
    regional(AWS_API_GATEWAY_V2_API, &["AWS::ApiGatewayV2::Api"]),
    regional(AWS_API_GATEWAY_V2_INTEGRATION, &["AWS::ApiGatewayV2::Integration"]),
    regional(AWS_AUTOSCALING_GROUP, &["AWS::AutoScaling::AutoScalingGroup"]),
    regional(AWS_BATCH_COMPUTE_ENVIRONMENT, &["AWS::Batch::ComputeEnvironment"]),
    regional(AWS_BATCH_JOB_QUEUE, &["AWS::Batch::JobQueue"]),
    regional(AWS_CLOUDFORMATION_STACK, &["AWS::CloudFormation::Stack"]),
    global(AWS_CLOUDFRONT_DISTRIBUTION, &["AWS::CloudFront::Distribution"]),
    regional(AWS_CLOUDTRAIL, &["AWS::CloudTrail::Trail"]),
    regional(AWS_CLOUDWATCH_METRIC_ALARM, &["AWS::CloudWatch::Alarm"]),
    regional(AWS_DYNAMODB_TABLE, &["AWS::DynamoDB::Table"]),
    regional(AWS_EIP, &["AWS::EC2::EIP"]).by("allocationId"),
    regional(AWS_INSTANCE, &["AWS::EC2::Instance"]),
    regional(AWS_INTERNET_GATEWAY, &["AWS::EC2::InternetGateway"]),
    regional(AWS_NAT_GATEWAY, &["AWS::EC2::NatGateway"]),
    regional(AWS_NETWORK_ACL, &["AWS::EC2::NetworkAcl"]),
    regional(AWS_ENI, &["AWS::EC2::NetworkInterface"]),
    regional(AWS_ROUTE_TABLE, &["AWS::EC2::RouteTable"]),
    regional(AWS_SECURITY_GROUP, &["AWS::EC2::SecurityGroup"]),
    regional(AWS_SUBNET, &["AWS::EC2::Subnet"]),
    regional(AWS_VPC, &["AWS::EC2::VPC"]),
    regional(AWS_VPN_GATEWAY, &["AWS::EC2::VPNGateway"]),
    regional(AWS_EBS_VOLUME, &["AWS::EC2::Volume"]),
    regional(AWS_ECR_REPOSITORY, &["AWS::ECR::Repository"]),
    regional(AWS_ECS_CLUSTER, &["AWS::ECS::Cluster"]),
    regional(AWS_ECS_SERVICE, &["AWS::ECS::Service"]),
    regional(AWS_ECS_TASK_DEFINITION, &["AWS::ECS::TaskDefinition"]),
    regional(AWS_EFS_FILE_SYSTEM, &["AWS::EFS::FileSystem"]),
    regional(AWS_EKS_CLUSTER, &["AWS::EKS::Cluster"]),
    regional(AWS_ELB, &["AWS::ElasticLoadBalancing::LoadBalancer"]),
    regional(AWS_LB_LISTENER, &["AWS::ElasticLoadBalancingV2::Listener"]),
    regional(AWS_ALB, &["AWS::ElasticLoadBalancingV2::LoadBalancer"]),
    regional(AWS_NLB, &["AWS::ElasticLoadBalancingV2::LoadBalancer"]),
    regional(AWS_LB, &["AWS::ElasticLoadBalancingV2::LoadBalancer"]),
    regional(AWS_LB_TARGET_GROUP, &["AWS::ElasticLoadBalancingV2::TargetGroup"]),
    regional(AWS_ELASTICSEARCH_DOMAIN, &["AWS::Elasticsearch::Domain", "AWS::OpenSearch::Domain"]),
    regional(AWS_CLOUDWATCH_EVENT_RULE, &["AWS::Events::Rule"]),
    regional(AWS_GUARDDUTY_DETECTOR, &["AWS::GuardDuty::Detector"]),
    global(AWS_IAM_GROUP, &["AWS::IAM::Group"]).by("groupId"),
    global(AWS_IAM_OIDC_PROVIDER, &["AWS::IAM::OIDCProvider"]),
    global(AWS_IAM_POLICY, &["AWS::IAM::Policy"]).by("policyId"),
    global(AWS_IAM_ROLE, &["AWS::IAM::Role"]).by("roleId"),
    global(AWS_IAM_SAML_PROVIDER, &["AWS::IAM::SAMLProvider"]),
    global(AWS_IAM_USER, &["AWS::IAM::User"]).by("userId"),
    regional(AWS_KMS_KEY, &["AWS::KMS::Key"]).by("keyId"),
    regional(AWS_LAMBDA_FUNCTION, &["AWS::Lambda::Function"]),
    regional(AWS_RDS_CLUSTER, &["AWS::RDS::DBCluster"]).by("dbClusterResourceId"),
    regional(AWS_DB_CLUSTER_SNAPSHOT, &["AWS::RDS::DBClusterSnapshot"]),
    regional(AWS_DB_INSTANCE, &["AWS::RDS::DBInstance"]).by("dbiResourceId"),
    regional(AWS_DB_SNAPSHOT, &["AWS::RDS::DBSnapshot"]),
    regional(AWS_REDSHIFT_CLUSTER, &["AWS::Redshift::Cluster"]),
    global(AWS_ROUTE53_ZONE, &["AWS::Route53::HostedZone"]),
    global(AWS_S3_BUCKET, &["AWS::S3::Bucket"]),
    regional(AWS_SNS_TOPIC, &["AWS::SNS::Topic"]),
    regional(AWS_SQS_QUEUE, &["AWS::SQS::Queue"]).by("url"),
    regional(AWS_TRANSFER_SERVER, &["AWS::Transfer::Server"]),
    global(AWS_WAF_WEB_ACL, &["AWS::WAF::WebACL", "AWS::WAFRegional::WebACL"]),
    global(AWS_WAF_V2_WEB_ACL, &["AWS::WAFv2::WebACL"]),
    regional(AWS_WORKSPACE, &["AWS::WorkSpaces::Workspace"]),
];

/// What the collector of rules yields: one relationship to each type, and those with the service and the account.
pub(super) static RELATIONSHIPS: [Rel; TYPES + 2] = relationships();

const fn relationships() -> [Rel; TYPES + 2] {
    let mut all = [rel(AWS_CONFIG, Has, AWS_CONFIG_RULE); TYPES + 2];
    all[1] = rel(AWS_CONFIG_RULE, Evaluates, AWS_ACCOUNT);
    let mut index = 0;
    while index < TYPES {
        all[index + 2] = rel(AWS_CONFIG_RULE, Evaluates, EVALUATED[index].to);
        index += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_evaluated_resource_is_found_by_what_config_takes_for_its_id() {
        let check = |name: &str, id: &str, expected: &[(&str, &str, &str)]| {
            let found: Vec<_> = types(name)
                .map(|it| {
                    let (property, value) = it.found_by(id, "123456789012");
                    (it.to.name, property, value)
                })
                .collect();
            assert_eq!(found, expected, "{name} {id}");
        };

        check("AWS::EC2::Instance", "i-1", &[("aws_instance", "id", "i-1")]);
        check("AWS::IAM::Role", "AROA1", &[("aws_iam_role", "roleId", "AROA1")]);
        check("AWS::SNS::Topic", "arn:aws:sns:t", &[("aws_sns_topic", "arn", "arn:aws:sns:t")]);
        check("AWS::OpenSearch::Domain", "123456789012/d", &[("aws_elasticsearch_domain", "id", "d")]);
        check("AWS::Unheard::Of", "a", &[]);
        assert_eq!(types("AWS::ElasticLoadBalancingV2::LoadBalancer").count(), 3);
    }
}
