//! AWS Lambda.

use std::collections::HashMap;

use aws_sdk_lambda::types::FunctionConfiguration;
use orgraph_collect::prelude::*;
use serde_json::Value;

pub(crate) static FUNCTIONS: Collector = Collector {
    name: "lambda_functions",
    service: Service::LAMBDA,
    scope: Scope::Region,
    calls: &[
        call("ListFunctions").lists("Functions"),
        call("GetPolicy").lists("Policy"),
        call("ListTags").lists("Tags"),
    ],
    entities: &[entity::<Function>()],
    relationships: &[
        rel(AWS_LAMBDA, Has, AWS_LAMBDA_FUNCTION),
        rel(AWS_LAMBDA_FUNCTION, Has, AWS_IAM_ROLE),
        rel(AWS_LAMBDA_FUNCTION, Has, AWS_VPC),
        rel(AWS_LAMBDA_FUNCTION, Has, AWS_SECURITY_GROUP),
        rel(AWS_SECURITY_GROUP, Protects, AWS_LAMBDA_FUNCTION),
    ],
    collect: |cx, out| Box::pin(functions(cx, out)),
};

/// A function: its code's hash and settings, never its code or the values of its environment.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Function {
    /// The function's name.
    id: String,
    /// The language runtime; `null` for a container image.
    runtime: Option<String>,
    /// The entry point within the code.
    handler: Option<String>,
    /// The ARN of the role that the function runs as.
    role: Option<String>,
    /// SHA-256 of the deployment package, in base64.
    code_hash: Option<String>,
    /// The size of the deployment package, in bytes.
    code_size: i64,
    /// The memory available at run time, in MiB.
    memory_size: Option<i32>,
    /// How long one invocation may take, in seconds.
    timeout: Option<i32>,
    /// The version described, `$LATEST` for the function itself.
    version: Option<String>,
    /// `Active`, `Pending`, `Inactive` or `Failed`.
    state: Option<String>,
    /// Whether the function can be invoked; `null` where AWS names no state.
    active: Option<bool>,
    /// Whether its resource policy lets anybody invoke it without a condition.
    public: Option<bool>,
    /// Its resource policy as it was written, without versions and aliases; `null` without one.
    policy: Option<Value>,
    /// `Zip` or `Image`.
    package_type: Option<String>,
    /// The key that encrypts its environment; `null` for the key of AWS.
    kms_key_arn: Option<String>,
    /// The names of its environment variables. The values are never read into the graph.
    environment_names: Vec<String>,
    /// The VPC it is attached to.
    vpc_id: Option<String>,
    /// The subnets it is attached to.
    subnet_ids: Vec<String>,
    /// The security groups of its network interfaces.
    security_group_ids: Vec<String>,
    /// The ARNs of its layers.
    layers: Vec<String>,
    /// The instruction sets it runs on.
    architectures: Vec<String>,
    /// `Active` or `PassThrough`.
    tracing_mode: Option<String>,
    /// When the function or its settings last changed, in milliseconds since the epoch.
    updated_on: Option<i64>,
}

impl Entity for Function {
    const TYPE: EntityType = AWS_LAMBDA_FUNCTION;
}

/// What is asked about each function.
struct Details {
    policy: Detail<Option<String>>,
    tags: Detail<HashMap<String, String>>,
}

async fn functions(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let lambda = client!(aws_sdk_lambda, LAMBDA, cx);
    let mut pages = pages!(cx, lambda.list_functions(), next_marker);
    while let Some(page) = pages.next().await? {
        let details = |listed: FunctionConfiguration| async {
            let arn = listed.function_arn.clone().unwrap_or_default();
            let policy = detail(lambda.get_policy().function_name(&arn).send().await)?;
            let tags = detail(lambda.list_tags().resource(&arn).send().await)?;
            let details = Details {
                policy: policy.map(|it| it.and_then(|it| it.policy)),
                tags: tags.map(|it| it.and_then(|it| it.tags).unwrap_or_default()),
            };
            Ok::<_, CollectError>((listed, details))
        };
        for detailed in cx.concurrently(page.functions.unwrap_or_default(), details).await {
            let (listed, details) = detailed?;
            function(cx, out, listed, &details);
        }
    }
    Ok(())
}

fn function(cx: &Cx, out: &mut Batch, listed: FunctionConfiguration, details: &Details) {
    let (Some(arn), Some(name)) = (listed.function_arn, listed.function_name) else {
        return out.skip(None, "a function without an ARN or a name");
    };
    let function = AWS_LAMBDA_FUNCTION.at(&arn);
    let network = listed.vpc_config;
    let vpc_id = network.as_ref().and_then(|it| it.vpc_id.clone()).filter(|it| !it.is_empty());
    let groups = network.as_ref().map(|it| it.security_group_ids().to_vec()).unwrap_or_default();
    let mut environment_names: Vec<String> =
        listed.environment.and_then(|it| it.variables).unwrap_or_default().into_keys().collect();
    environment_names.sort_unstable();

    out.add(
        &arn,
        &name,
        &Function {
            id: name.clone(),
            runtime: listed.runtime.map(|it| it.as_str().to_owned()),
            handler: listed.handler,
            role: listed.role.clone(),
            code_hash: listed.code_sha256,
            code_size: listed.code_size,
            memory_size: listed.memory_size,
            timeout: listed.timeout,
            version: listed.version,
            active: listed.state.as_ref().map(|it| it.as_str() == "Active"),
            state: listed.state.map(|it| it.as_str().to_owned()),
            public: details.policy.known().and_then(|it| it.as_deref().map_or(Some(false), allows_anybody)),
            policy: details.policy.known().and_then(|it| serde_json::from_str(it.as_deref()?).ok()),
            package_type: listed.package_type.map(|it| it.as_str().to_owned()),
            kms_key_arn: listed.kms_key_arn,
            environment_names,
            vpc_id: vpc_id.clone(),
            subnet_ids: network.map(|it| it.subnet_ids.unwrap_or_default()).unwrap_or_default(),
            security_group_ids: groups.clone(),
            layers: listed.layers.unwrap_or_default().into_iter().filter_map(|it| it.arn).collect(),
            architectures: listed
                .architectures
                .unwrap_or_default()
                .iter()
                .map(|it| it.as_str().to_owned())
                .collect(),
            tracing_mode: listed.tracing_config.and_then(|it| it.mode).map(|it| it.as_str().to_owned()),
            // The API gives ISO 8601 text here, where every other time is a number.
            updated_on: listed.last_modified.as_deref().and_then(iso_millis),
        },
    )
    .tags(details.tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("lambda/home?region={}#/functions/{name}", cx.region())))
    .unknown(&details.policy, &["policy", "public"])
    .unknown(&details.tags, &["tags"]);

    if let Some(role) = listed.role {
        out.link(function.clone(), Has, AWS_IAM_ROLE.at(role));
    }
    if let Some(vpc_id) = vpc_id {
        // The VPC may be shared by another account, whose number is not in the answer.
        out.find(function.clone(), Has, AWS_VPC, "vpcId", &vpc_id);
    }
    for group in groups {
        let group = AWS_SECURITY_GROUP.at(cx.arn("ec2", format_args!("security-group/{group}")));
        out.link(function.clone(), Has, group.clone());
        out.link(group, Protects, function.clone());
    }
}
