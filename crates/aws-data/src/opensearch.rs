//! Amazon `OpenSearch` Service: domains of `OpenSearch` and of Elasticsearch. Their indexes are never read.

use aws_sdk_opensearch::types::{DomainStatus, LogType};
use orgraph_collect::prelude::*;
use serde_json::Value;

use crate::links::link_groups;

/// How many domains can be described at once.
const BATCH: usize = 5;

pub(crate) static DOMAINS: Collector = Collector {
    name: "opensearch_domains",
    service: Service::OPENSEARCH,
    scope: Scope::Region,
    calls: &[
        call("ListDomainNames").lists("DomainNames"),
        call("DescribeDomains").lists("DomainStatusList"),
        call("ListTags").lists("TagList"),
    ],
    entities: &[entity::<Domain>()],
    relationships: &[
        rel(AWS_ELASTICSEARCH, Has, AWS_ELASTICSEARCH_DOMAIN),
        rel(AWS_ELASTICSEARCH_DOMAIN, Has, AWS_SECURITY_GROUP),
        rel(AWS_SECURITY_GROUP, Protects, AWS_ELASTICSEARCH_DOMAIN),
    ],
    collect: |cx, out| Box::pin(domains(cx, out)),
};

/// A search domain of `OpenSearch` or Elasticsearch; `engineVersion` tells.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Domain {
    /// The domain's name.
    id: String,
    /// Whether it is encrypted at rest.
    encrypted: Option<bool>,
    /// The key that encrypts it.
    kms_key_id: Option<String>,
    /// Whether its nodes encrypt what they tell each other.
    node_to_node_encryption: Option<bool>,
    /// Whether it is outside of any VPC, so that only its access policy shields it.
    public: bool,
    /// The engine and its version, such as `OpenSearch_2.19` or `Elasticsearch_7.10`.
    engine_version: Option<String>,
    /// The host name to connect to; `null` while the domain is being created.
    endpoint: Option<String>,
    /// The VPC it is in.
    vpc_id: Option<String>,
    /// The subnets it is in.
    subnet_ids: Vec<String>,
    /// The security groups of its network interfaces.
    security_group_ids: Vec<String>,
    /// Whether plain HTTP is refused.
    enforce_https: Option<bool>,
    /// The policy for TLS that its endpoint follows.
    tls_security_policy: Option<String>,
    /// The size of each data node, such as `m6g.large.search`.
    instance_type: Option<String>,
    /// How many data nodes it has.
    instance_count: Option<i32>,
    /// How many dedicated master nodes it has.
    dedicated_master_count: Option<i32>,
    /// Whether it has been created and is not being deleted.
    active: Option<bool>,
    /// Whether its error log is sent to CloudWatch.
    error_logging_enabled: bool,
    /// Whether its audit log is sent to CloudWatch.
    audit_logging_enabled: bool,
    /// Whether access is controlled down to indexes, documents and fields.
    fine_grained_access_control: Option<bool>,
    /// Its access policy; `null` when it has none.
    access_policies: Option<Value>,
}

impl Entity for Domain {
    const TYPE: EntityType = AWS_ELASTICSEARCH_DOMAIN;
}

/// The tags of one domain.
type Tags = Detail<Vec<(String, String)>>;

async fn domains(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let opensearch = client!(aws_sdk_opensearch, OPENSEARCH, cx);
    let listed = opensearch.list_domain_names().send().await?.domain_names.unwrap_or_default();
    let names: Vec<String> = listed.into_iter().filter_map(|it| it.domain_name).collect();
    for batch in names.chunks(BATCH) {
        let request = opensearch.describe_domains().set_domain_names(Some(batch.to_vec()));
        let described = request.send().await?.domain_status_list;
        for name in batch.iter().filter(|name| !described.iter().any(|it| it.domain_name == **name)) {
            let arn = cx.arn("es", format_args!("domain/{name}"));
            out.skip(Some(arn.into()), "a domain that was listed and not described");
        }
        let details = |described: DomainStatus| async {
            let answer = detail(opensearch.list_tags().arn(&described.arn).send().await)?;
            let pairs = answer.map(|it| it.and_then(|it| it.tag_list).unwrap_or_default());
            let tags: Tags = pairs.map(|it| it.into_iter().map(|it| (it.key, it.value)).collect());
            Ok::<_, CollectError>((described, tags))
        };
        for detailed in cx.concurrently(described, details).await {
            let (described, tags) = detailed?;
            domain(cx, out, described, &tags);
        }
    }
    Ok(())
}

fn domain(cx: &Cx, out: &mut Batch, described: DomainStatus, tags: &Tags) {
    let (arn, name) = (described.arn.clone(), described.domain_name.clone());
    let shape = shape(described);
    link_groups(cx, out, &AWS_ELASTICSEARCH_DOMAIN.at(&arn), &shape.security_group_ids);
    out.add(&arn, &name, &shape)
        .tags(tags.known().cloned().unwrap_or_default())
        .web_link(cx.console(format_args!("aos/home?region={}#opensearch/domains/{name}", cx.region())))
        .unknown(tags, &["tags"]);
}

fn shape(described: DomainStatus) -> Domain {
    let logs = |kind: &LogType| {
        let options = described.log_publishing_options.as_ref().and_then(|it| it.get(kind));
        options.is_some_and(|it| it.enabled == Some(true))
    };
    let (error_logging_enabled, audit_logging_enabled) =
        (logs(&LogType::EsApplicationLogs), logs(&LogType::AuditLogs));
    // A domain outside of a VPC may come with empty options.
    let network = described.vpc_options.filter(|it| it.vpc_id.is_some());
    let inside = described.endpoints.and_then(|mut it| it.remove("vpc"));
    let at_rest = described.encryption_at_rest_options;
    let https = described.domain_endpoint_options;
    let nodes = described.cluster_config;
    let masters = nodes.as_ref().map(|it| match it.dedicated_master_enabled {
        Some(true) => it.dedicated_master_count.unwrap_or_default(),
        _ => 0,
    });
    let (vpc_id, subnet_ids, security_group_ids) = match network {
        Some(it) => (it.vpc_id, it.subnet_ids.unwrap_or_default(), it.security_group_ids.unwrap_or_default()),
        None => (None, Vec::new(), Vec::new()),
    };
    Domain {
        id: described.domain_name,
        encrypted: at_rest.as_ref().and_then(|it| it.enabled),
        kms_key_id: at_rest.and_then(|it| it.kms_key_id),
        node_to_node_encryption: described.node_to_node_encryption_options.and_then(|it| it.enabled),
        public: vpc_id.is_none(),
        engine_version: described.engine_version,
        endpoint: described.endpoint.or(inside),
        vpc_id,
        subnet_ids,
        security_group_ids,
        enforce_https: https.as_ref().and_then(|it| it.enforce_https),
        tls_security_policy: https.and_then(|it| it.tls_security_policy).map(|it| it.as_str().to_owned()),
        instance_type: nodes
            .as_ref()
            .and_then(|it| it.instance_type.as_ref())
            .map(|it| it.as_str().to_owned()),
        instance_count: nodes.and_then(|it| it.instance_count),
        dedicated_master_count: masters,
        active: described.created.map(|created| created && described.deleted != Some(true)),
        error_logging_enabled,
        audit_logging_enabled,
        fine_grained_access_control: described.advanced_security_options.and_then(|it| it.enabled),
        access_policies: described.access_policies.filter(|it| !it.is_empty()).map(document),
    }
}

/// The document, or its text where it is not one.
fn document(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}
