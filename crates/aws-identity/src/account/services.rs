//! One entity per service and account, from which everything the service has in the account can be reached.

use orgraph_collect::prelude::*;
use orgraph_model::AwsPartition;

use super::account_key;

/// A service that is read in an account.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ServiceEntity {
    /// The name of the service in configuration.
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

/// What is the same for a service in all accounts.
struct Known {
    category: &'static str,
    function: &'static [&'static str],
    iam_prefixes: &'static [&'static str],
    is_global: bool,
}

macro_rules! service_entities {
    ($($entity:ident: $type:ident, $known:expr;)*) => {
        $(
            #[doc = concat!("The entity `", stringify!($type), "` of an account.")]
            #[derive(Serialize, JsonSchema)]
            pub(super) struct $entity {
                #[serde(flatten)]
                shape: ServiceEntity,
            }

            impl Entity for $entity {
                const TYPE: EntityType = $type;
            }
        )*

        fn add(cx: &Cx, out: &mut Batch, service: Service, entity_type: EntityType) {
            $(
                if entity_type == $type {
                    let known = $known;
                    let entity = $entity { shape: shaped(cx, service, &known) };
                    // Without the regions, the hosts of a regional service are unknown too.
                    let regional: &[&str] =
                        if known.is_global { &["enabledRegions"] } else { &["enabledRegions", "endpoints"] };
                    out.add($type.of_account(cx.account()).key, service.name, &entity)
                        .web_link(cx.console(format_args!("{}/home", service.name)))
                        .unknown(&cx.facts().regions, regional);
                }
            )*
        }
    };
}

service_entities! {
    Ec2: AWS_EC2, Known {
        category: "infrastructure",
        function: &["compute", "networking"],
        iam_prefixes: &["ec2", "ec2fleet", "spot", "spotfleet", "vpc-flow-logs"],
        is_global: false,
    };
    Iam: AWS_IAM, Known {
        category: "security",
        function: &["IAM"],
        iam_prefixes: &["iam", "sts"],
        is_global: true,
    };
    Lambda: AWS_LAMBDA, Known {
        category: "platform",
        function: &["serverless"],
        iam_prefixes: &["lambda", "replicator.lambda"],
        is_global: false,
    };
    Rds: AWS_RDS, Known {
        category: "platform",
        function: &["database"],
        iam_prefixes: &["rds", "rds-db", "rds-data", "monitoring.rds", "export.rds"],
        is_global: false,
    };
    S3: AWS_S3, Known {
        category: "infrastructure",
        function: &["storage"],
        iam_prefixes: &["s3", "s3-object-lambda", "batchoperations.s3"],
        is_global: false,
    };
}

/// Adds the entities of the services that are read, each below the account.
pub(super) fn services(cx: &Cx, out: &mut Batch) {
    let account = AWS_ACCOUNT.at(account_key(cx, cx.account().as_str()));
    for &service in &cx.facts().services {
        if let Some(entity_type) = service.entity {
            add(cx, out, service, entity_type);
            out.link(account.clone(), Has, entity_type.of_account(cx.account()));
        }
    }
}

fn shaped(cx: &Cx, service: Service, known: &Known) -> ServiceEntity {
    let regions = cx.facts().regions.known().into_iter().flatten();
    let enabled_regions: Vec<String> = regions.map(ToString::to_string).collect();
    let endpoints = if known.is_global {
        vec![global_endpoint(cx.partition(), service.name)]
    } else {
        let domain = match cx.partition() {
            AwsPartition::Aws | AwsPartition::AwsUsGov => "amazonaws.com",
            AwsPartition::AwsCn => "amazonaws.com.cn",
        };
        let hosts = enabled_regions.iter();
        hosts.map(|region| format!("{}.{region}.{domain}", service.name)).collect()
    };
    ServiceEntity {
        id: service.name.to_owned(),
        category: vec![known.category],
        function: known.function.to_vec(),
        endpoints,
        iam_prefixes: known.iam_prefixes.to_vec(),
        enabled_regions,
        active: true,
    }
}

fn global_endpoint(partition: AwsPartition, service: &str) -> String {
    match partition {
        AwsPartition::Aws => format!("{service}.amazonaws.com"),
        AwsPartition::AwsUsGov => format!("{service}.us-gov.amazonaws.com"),
        AwsPartition::AwsCn => format!("{service}.cn-north-1.amazonaws.com.cn"),
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
