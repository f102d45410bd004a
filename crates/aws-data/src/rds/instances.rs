//! Database instances, alone or in a cluster.

use aws_sdk_rds::types::DbInstance;
use orgraph_collect::prelude::*;

use super::{groups_of, tag_pairs};
use crate::links::{link_groups, link_key};
use crate::shape::is_available;

pub(crate) static INSTANCES: Collector = Collector {
    name: "rds_instances",
    service: Service::RDS,
    scope: Scope::Region,
    calls: &[call("DescribeDBInstances")],
    entities: &[entity::<Instance>()],
    relationships: &[
        rel(AWS_RDS, Has, AWS_DB_INSTANCE),
        rel(AWS_DB_INSTANCE, Has, AWS_SECURITY_GROUP),
        rel(AWS_SECURITY_GROUP, Protects, AWS_DB_INSTANCE),
        rel(AWS_DB_INSTANCE, Uses, AWS_KMS_KEY),
    ],
    collect: |cx, out| Box::pin(instances(cx, out)),
};

/// A database instance, alone or in a cluster. Instances of Neptune and DocumentDB are among them; `engine` tells.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "fields are named as the properties are")]
struct Instance {
    /// The instance's identifier.
    id: String,
    /// The identifier that stays the same when the instance is renamed.
    dbi_resource_id: Option<String>,
    /// The host name to connect to; `null` while the instance is being created.
    hostname: Option<String>,
    /// The same host name.
    endpoint: Option<String>,
    /// The port that it listens on.
    port: Option<i32>,
    /// Whether its storage is encrypted.
    encrypted: Option<bool>,
    /// The key that encrypts its storage.
    kms_key_id: Option<String>,
    /// Whether its host name resolves to a public address outside its VPC.
    public: Option<bool>,
    /// The state, such as `available` or `stopped`.
    status: Option<String>,
    /// Whether the state is `available`.
    active: Option<bool>,
    /// The database engine, such as `postgres`.
    engine: Option<String>,
    /// The version of the engine.
    engine_version: Option<String>,
    /// The size of the machine, such as `db.t3.micro`.
    instance_class: Option<String>,
    /// The identifier of the cluster that it belongs to.
    cluster_id: Option<String>,
    /// The VPC it is in.
    vpc_id: Option<String>,
    /// The subnets it may be placed in.
    subnet_ids: Vec<String>,
    /// The security groups in force.
    security_group_ids: Vec<String>,
    /// How long automated backups are kept, in days.
    backup_retention_period: Option<i32>,
    /// Whether minor versions are installed by themselves.
    auto_minor_version_upgrade: Option<bool>,
    /// Whether it has a standby in another availability zone.
    #[serde(rename = "multiAZ")]
    multi_az: Option<bool>,
    /// How often enhanced monitoring measures, in seconds; 0 means never.
    monitoring_interval: Option<i32>,
    /// Whether snapshots get its tags.
    copy_tags_to_snapshot: Option<bool>,
    /// Whether IAM users and roles can log in to the database.
    iam_database_authentication_enabled: Option<bool>,
    /// The logs that are sent to CloudWatch.
    enabled_cloudwatch_logs_exports: Vec<String>,
    /// Whether any log is sent to CloudWatch.
    logging_enabled: bool,
    /// Whether it is protected from being deleted.
    deletion_protection: Option<bool>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Instance {
    const TYPE: EntityType = AWS_DB_INSTANCE;
}

async fn instances(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let rds = client!(aws_sdk_rds, RDS, cx);
    let mut pages = pages!(cx, rds.describe_db_instances(), marker);
    while let Some(page) = pages.next().await? {
        for listed in page.db_instances.unwrap_or_default() {
            instance(cx, out, listed);
        }
    }
    Ok(())
}

fn instance(cx: &Cx, out: &mut Batch, listed: DbInstance) {
    let (Some(arn), Some(id)) = (listed.db_instance_arn, listed.db_instance_identifier) else {
        return out.skip(None, "a database instance without an ARN or an identifier");
    };
    let instance = AWS_DB_INSTANCE.at(&arn);
    let security_group_ids = groups_of(listed.vpc_security_groups);
    let (hostname, port) = match listed.endpoint {
        Some(endpoint) => (endpoint.address, endpoint.port),
        None => (None, None),
    };
    let (vpc_id, subnets) = match listed.db_subnet_group {
        Some(group) => (group.vpc_id, group.subnets.unwrap_or_default()),
        None => (None, Vec::new()),
    };
    let exports = listed.enabled_cloudwatch_logs_exports.unwrap_or_default();

    link_groups(cx, out, &instance, &security_group_ids);
    link_key(cx, out, &instance, listed.kms_key_id.as_deref());
    out.add(
        &arn,
        &id,
        &Instance {
            id: id.clone(),
            dbi_resource_id: listed.dbi_resource_id,
            endpoint: hostname.clone(),
            hostname,
            // Outside of its endpoint, AWS gives the port of most engines as 0.
            port: port.or(listed.db_instance_port.filter(|&it| it != 0)),
            encrypted: listed.storage_encrypted,
            kms_key_id: listed.kms_key_id,
            public: listed.publicly_accessible,
            active: is_available(listed.db_instance_status.as_deref()),
            status: listed.db_instance_status,
            engine: listed.engine,
            engine_version: listed.engine_version,
            instance_class: listed.db_instance_class,
            cluster_id: listed.db_cluster_identifier,
            vpc_id,
            subnet_ids: subnets.into_iter().filter_map(|it| it.subnet_identifier).collect(),
            security_group_ids,
            backup_retention_period: listed.backup_retention_period,
            auto_minor_version_upgrade: listed.auto_minor_version_upgrade,
            multi_az: listed.multi_az,
            monitoring_interval: listed.monitoring_interval,
            copy_tags_to_snapshot: listed.copy_tags_to_snapshot,
            iam_database_authentication_enabled: listed.iam_database_authentication_enabled,
            logging_enabled: !exports.is_empty(),
            enabled_cloudwatch_logs_exports: exports,
            deletion_protection: listed.deletion_protection,
            created_on: listed.instance_create_time.as_ref().and_then(millis),
        },
    )
    .tags(tag_pairs(listed.tag_list))
    .web_link(cx.console(format_args!("rds/home?region={}#database:id={id};is-cluster=false", cx.region())));
}
