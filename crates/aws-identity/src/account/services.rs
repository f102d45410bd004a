//! One entity per service and account, from which everything the service has in the account can be reached.

use std::collections::BTreeMap;

use orgraph_collect::prelude::*;
use orgraph_model::AwsPartition;
use orgraph_model::services::{KnownService, of_type};

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

/// The first label of the hosts of a service.
#[derive(Clone, Copy)]
enum Host {
    /// One host per region.
    Regional(&'static str),
    /// One host for all regions.
    Global(&'static str),
}

macro_rules! service_entities {
    ($($entity:ident: $type:ident, $host:expr;)*) => {
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

        fn add(cx: &Cx, out: &mut Batch, known: &KnownService) {
            let entity_type = known.entity_type;
            $(
                if entity_type == $type {
                    let host = $host;
                    let name = entity_type.name.trim_start_matches("aws_");
                    let entity = $entity { shape: shaped(cx, name, known, host) };
                    // Without the regions, the hosts of a regional service are unknown too.
                    let regional: &[&str] = match host {
                        Host::Regional(_) => &["enabledRegions", "endpoints"],
                        Host::Global(_) => &["enabledRegions"],
                    };
                    out.add($type.of_account(cx.account()).key, name, &entity)
                        .web_link(cx.console(console_page(name)))
                        .unknown(&cx.facts().regions, regional);
                }
            )*
        }
    };
}

service_entities! {
    Acm: AWS_ACM, Host::Regional("acm");
    ApiGateway: AWS_APIGATEWAY, Host::Regional("apigateway");
    BatchService: AWS_BATCH, Host::Regional("batch");
    CloudFront: AWS_CLOUDFRONT, Host::Global("cloudfront");
    Config: AWS_CONFIG, Host::Regional("config");
    DynamoDb: AWS_DYNAMODB, Host::Regional("dynamodb");
    Ec2: AWS_EC2, Host::Regional("ec2");
    Ecr: AWS_ECR, Host::Regional("api.ecr");
    Ecs: AWS_ECS, Host::Regional("ecs");
    Efs: AWS_EFS, Host::Regional("elasticfilesystem");
    Eks: AWS_EKS, Host::Regional("eks");
    ElasticLoadBalancing: AWS_ELASTICLOADBALANCING, Host::Regional("elasticloadbalancing");
    Iam: AWS_IAM, Host::Global("iam");
    Lambda: AWS_LAMBDA, Host::Regional("lambda");
    Rds: AWS_RDS, Host::Regional("rds");
    Redshift: AWS_REDSHIFT, Host::Regional("redshift");
    Route53: AWS_ROUTE53, Host::Global("route53");
    S3: AWS_S3, Host::Regional("s3");
    Waf: AWS_WAF, Host::Global("waf");
    WafV2: AWS_WAF_V2, Host::Regional("wafv2");
    AccessAnalyzer: AWS_ACCESSANALYZER, Host::Regional("access-analyzer");
    AutoScaling: AWS_AUTOSCALING, Host::Regional("autoscaling");
    CloudFormation: AWS_CLOUDFORMATION, Host::Regional("cloudformation");
    CloudHsm: AWS_CLOUDHSM, Host::Regional("cloudhsmv2");
    CloudWatch: AWS_CLOUDWATCH, Host::Regional("monitoring");
    CloudWatchEvent: AWS_CLOUDWATCH_EVENT, Host::Regional("events");
    CloudWatchLogs: AWS_CLOUDWATCH_LOGS, Host::Regional("logs");
    ElastiCache: AWS_ELASTICACHE, Host::Regional("elasticache");
    Elasticsearch: AWS_ELASTICSEARCH, Host::Regional("es");
    GuardDuty: AWS_GUARDDUTY, Host::Regional("guardduty");
    Inspector: AWS_INSPECTOR, Host::Regional("inspector2");
    Kms: AWS_KMS, Host::Regional("kms");
    Sns: AWS_SNS, Host::Regional("sns");
    Sqs: AWS_SQS, Host::Regional("sqs");
    Transfer: AWS_TRANSFER, Host::Regional("transfer");
    Workspaces: AWS_WORKSPACES, Host::Regional("workspaces");
}

/// Adds the entities of the services that are read, each below the account.
pub(super) fn services(cx: &Cx, out: &mut Batch) {
    let account = AWS_ACCOUNT.at(account_key(cx, cx.account().as_str()));
    let read: BTreeMap<&str, EntityType> =
        cx.facts().services.iter().filter_map(|it| it.entity).map(|it| (it.name, it)).collect();
    for entity_type in read.into_values() {
        if let Some(known) = of_type(entity_type) {
            add(cx, out, known);
        }
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

fn shaped(cx: &Cx, name: &str, known: &KnownService, host: Host) -> ServiceEntity {
    let regions = cx.facts().regions.known().into_iter().flatten();
    let enabled_regions: Vec<String> = regions.map(ToString::to_string).collect();
    let endpoints = match host {
        Host::Global(host) => vec![global_endpoint(cx.partition(), host)],
        Host::Regional(host) => {
            let domain = match cx.partition() {
                AwsPartition::Aws | AwsPartition::AwsUsGov => "amazonaws.com",
                AwsPartition::AwsCn => "amazonaws.com.cn",
            };
            enabled_regions.iter().map(|region| format!("{host}.{region}.{domain}")).collect()
        }
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
