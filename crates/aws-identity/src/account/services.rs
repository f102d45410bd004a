//! One entity per service and account, from which everything the service has in the account can be reached.

use std::collections::BTreeMap;

use orgraph_collect::prelude::*;
use orgraph_model::AwsPartition;

use super::account_key;

/// A service that is read in an account.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ServiceEntity {
    /// The name of the service, such as `ec2`.
    id: String,
    /// What kind of thing the service is for, such as `security`.
    category: Vec<&'static str>,
    /// What it does, such as `compute`.
    function: Vec<&'static str>,
    /// The hosts it is called at, one per region that is read, or one for all.
    endpoints: Vec<String>,
    /// The prefixes of its actions in policies and the first labels of its service principals.
    iam_prefixes: Vec<&'static str>,
    /// The regions of the account that are read.
    enabled_regions: Vec<String>,
    /// Whether it is read: always so.
    active: bool,
}

type Words = &'static [&'static str];

/// What is the same for a service in all accounts.
struct Known {
    /// The first label of its hosts.
    host: &'static str,
    category: &'static str,
    function: Words,
    iam_prefixes: Words,
    is_global: bool,
}

impl Known {
    const fn regional(
        host: &'static str,
        category: &'static str,
        function: Words,
        iam_prefixes: Words,
    ) -> Self {
        Self { host, category, function, iam_prefixes, is_global: false }
    }

    const fn global(
        host: &'static str,
        category: &'static str,
        function: Words,
        iam_prefixes: Words,
    ) -> Self {
        Self { host, category, function, iam_prefixes, is_global: true }
    }
}

macro_rules! service_entities {
    ($($entity:ident: $type:ident, $known:expr;)*) => {
        $(
            /// A service that is read in an account, above everything it has there.
            #[derive(Serialize, JsonSchema)]
            pub(super) struct $entity {
                #[serde(flatten)]
                shape: ServiceEntity,
            }

            impl Entity for $entity {
                const TYPE: EntityType = $type;
            }
        )*

        fn add(cx: &Cx, out: &mut Batch, entity_type: EntityType) {
            $(
                if entity_type == $type {
                    let known = $known;
                    let name = entity_type.name.trim_start_matches("aws_");
                    let entity = $entity { shape: shaped(cx, name, &known) };
                    // Without the regions, the hosts of a regional service are unknown too.
                    let regional: &[&str] =
                        if known.is_global { &["enabledRegions"] } else { &["enabledRegions", "endpoints"] };
                    out.add($type.of_account(cx.account()).key, name, &entity)
                        .web_link(cx.console(console_page(name)))
                        .unknown(&cx.facts().regions, regional);
                }
            )*
        }
    };
}

service_entities! {
    Acm: AWS_ACM, Known::regional("acm", "security", &["certificate-management"], &["acm"]);
    ApiGateway: AWS_APIGATEWAY, Known::regional("apigateway", "network", &["api-gateway"], &["apigateway", "execute-api"]);
    BatchService: AWS_BATCH, Known::regional("batch", "infrastructure", &["workload-management"], &["batch"]);
    CloudFront: AWS_CLOUDFRONT, Known::global("cloudfront", "network", &["content-distribution"], &["cloudfront", "edgelambda"]);
    Config: AWS_CONFIG, Known::regional("config", "security", &["config-auditing"], &["config"]);
    DynamoDb: AWS_DYNAMODB, Known::regional("dynamodb", "platform", &["database"], &["dynamodb"]);
    Ec2: AWS_EC2, Known::regional("ec2", "infrastructure", &["compute", "networking"], &["ec2", "ec2fleet", "spot", "spotfleet", "vpc-flow-logs"]);
    Ecr: AWS_ECR, Known::regional("api.ecr", "infrastructure", &["container-registry"], &["ecr", "replication.ecr", "pullthroughcache.ecr"]);
    Ecs: AWS_ECS, Known::regional("ecs", "infrastructure", &["container-orchestration"], &["ecs", "ecs-tasks", "ecs.application-autoscaling"]);
    Efs: AWS_EFS, Known::regional("elasticfilesystem", "infrastructure", &["file-system"], &["elasticfilesystem"]);
    Eks: AWS_EKS, Known::regional("eks", "infrastructure", &["kubernetes-management"], &["eks", "eks-nodegroup", "eks-fargate", "eks-fargate-pods", "pods.eks"]);
    ElasticLoadBalancing: AWS_ELASTICLOADBALANCING, Known::regional("elasticloadbalancing", "network", &["load-balancing"], &["elasticloadbalancing"]);
    Iam: AWS_IAM, Known::global("iam", "security", &["IAM"], &["iam", "sts"]);
    Lambda: AWS_LAMBDA, Known::regional("lambda", "platform", &["serverless"], &["lambda", "replicator.lambda"]);
    Rds: AWS_RDS, Known::regional("rds", "platform", &["database"], &["rds", "rds-db", "rds-data", "monitoring.rds", "export.rds"]);
    Redshift: AWS_REDSHIFT, Known::regional("redshift", "platform", &["data-warehousing"], &["redshift"]);
    Route53: AWS_ROUTE53, Known::global("route53", "network", &["DNS"], &["route53", "route53domains"]);
    S3: AWS_S3, Known::regional("s3", "infrastructure", &["storage"], &["s3", "s3-object-lambda", "batchoperations.s3"]);
    Waf: AWS_WAF, Known::global("waf", "security", &["WAF"], &["waf", "waf-regional"]);
    WafV2: AWS_WAF_V2, Known::regional("wafv2", "security", &["WAF"], &["wafv2"]);
    AccessAnalyzer: AWS_ACCESSANALYZER, Known::regional("access-analyzer", "security", &["access-review"], &["access-analyzer"]);
    AutoScaling: AWS_AUTOSCALING, Known::regional("autoscaling", "infrastructure", &["provisioning"], &["autoscaling"]);
    CloudFormation: AWS_CLOUDFORMATION, Known::regional("cloudformation", "platform", &["provisioning"], &["cloudformation", "stacksets.cloudformation", "member.org.stacksets.cloudformation"]);
    CloudHsm: AWS_CLOUDHSM, Known::regional("cloudhsmv2", "security", &["key-management", "encryption"], &["cloudhsm"]);
    CloudWatch: AWS_CLOUDWATCH, Known::regional("monitoring", "platform", &["monitoring"], &["cloudwatch", "monitoring"]);
    CloudWatchEvent: AWS_CLOUDWATCH_EVENT, Known::regional("events", "platform", &["scheduling", "notification"], &["events"]);
    CloudWatchLogs: AWS_CLOUDWATCH_LOGS, Known::regional("logs", "platform", &["logging"], &["logs", "delivery.logs"]);
    ElastiCache: AWS_ELASTICACHE, Known::regional("elasticache", "platform", &["caching"], &["elasticache"]);
    Elasticsearch: AWS_ELASTICSEARCH, Known::regional("es", "platform", &["indexing"], &["es", "opensearchservice"]);
    GuardDuty: AWS_GUARDDUTY, Known::regional("guardduty", "security", &["monitoring"], &["guardduty", "malware-protection.guardduty"]);
    Inspector: AWS_INSPECTOR, Known::regional("inspector2", "security", &["VAS"], &["inspector", "inspector2"]);
    Kms: AWS_KMS, Known::regional("kms", "security", &["key-management", "encryption"], &["kms"]);
    Sns: AWS_SNS, Known::regional("sns", "platform", &["notification"], &["sns"]);
    Sqs: AWS_SQS, Known::regional("sqs", "platform", &["queuing"], &["sqs"]);
    Transfer: AWS_TRANSFER, Known::regional("transfer", "platform", &["SFTP"], &["transfer"]);
    Workspaces: AWS_WORKSPACES, Known::regional("workspaces", "infrastructure", &["desktop-virtualization"], &["workspaces"]);
}

/// Adds the entities of the services that are read, each below the account.
pub(super) fn services(cx: &Cx, out: &mut Batch) {
    let account = AWS_ACCOUNT.at(account_key(cx, cx.account().as_str()));
    let read: BTreeMap<&str, EntityType> =
        cx.facts().services.iter().filter_map(|it| it.entity).map(|it| (it.name, it)).collect();
    for entity_type in read.into_values() {
        add(cx, out, entity_type);
        out.link(account.clone(), Has, entity_type.of_account(cx.account()));
    }
}

/// The console's start page of a service, where it is not called like the service.
fn console_page(name: &str) -> String {
    let own = match name {
        "accessanalyzer" => "access-analyzer/home",
        "autoscaling" => "ec2/home#AutoScalingGroups:",
        "cloudwatch_event" => "events/home",
        "cloudwatch_logs" => "cloudwatch/home#logsV2:log-groups",
        "elasticloadbalancing" => "ec2/home#LoadBalancers:",
        "elasticsearch" => "aos/home",
        "inspector" => "inspector/v2/home",
        "redshift" => "redshiftv2/home",
        "waf_v2" => "wafv2/homev2",
        _ => return format!("{name}/home"),
    };
    own.to_owned()
}

fn shaped(cx: &Cx, name: &str, known: &Known) -> ServiceEntity {
    let regions = cx.facts().regions.known().into_iter().flatten();
    let enabled_regions: Vec<String> = regions.map(ToString::to_string).collect();
    let endpoints = if known.is_global {
        vec![global_endpoint(cx.partition(), known.host)]
    } else {
        let domain = match cx.partition() {
            AwsPartition::Aws | AwsPartition::AwsUsGov => "amazonaws.com",
            AwsPartition::AwsCn => "amazonaws.com.cn",
        };
        let hosts = enabled_regions.iter();
        hosts.map(|region| format!("{}.{region}.{domain}", known.host)).collect()
    };
    ServiceEntity {
        id: name.to_owned(),
        category: vec![known.category],
        function: known.function.to_vec(),
        endpoints,
        iam_prefixes: known.iam_prefixes.to_vec(),
        enabled_regions,
        active: true,
    }
}

fn global_endpoint(partition: AwsPartition, host: &str) -> String {
    match partition {
        AwsPartition::Aws => format!("{host}.amazonaws.com"),
        AwsPartition::AwsUsGov => format!("{host}.us-gov.amazonaws.com"),
        AwsPartition::AwsCn => format!("{host}.cn-north-1.amazonaws.com.cn"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_flattened_is_declared_too() {
        let schema = (entity::<Ec2>().schema)();
        let properties = schema.get("properties").expect("an object");

        for name in ["category", "function", "iamPrefixes", "enabledRegions"] {
            assert!(properties.get(name).is_some(), "{name}");
        }
    }
}
