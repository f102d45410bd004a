//! Database clusters: Aurora, Multi-AZ, Neptune and DocumentDB.

use aws_sdk_rds::types::DbCluster;
use orgraph_collect::prelude::*;

use super::{groups_of, tag_pairs};
use crate::links::{link_groups, link_key};
use crate::shape::is_available;

pub(crate) static CLUSTERS: Collector = Collector {
    name: "rds_clusters",
    service: Service::RDS,
    scope: Scope::Region,
    calls: &[call("DescribeDBClusters")],
    entities: &[entity::<Cluster>()],
    relationships: &[
        rel(AWS_RDS, Has, AWS_RDS_CLUSTER),
        rel(AWS_RDS_CLUSTER, Contains, AWS_DB_INSTANCE),
        rel(AWS_RDS_CLUSTER, Has, AWS_SECURITY_GROUP),
        rel(AWS_SECURITY_GROUP, Protects, AWS_RDS_CLUSTER),
        rel(AWS_RDS_CLUSTER, Uses, AWS_KMS_KEY),
    ],
    collect: |cx, out| Box::pin(clusters(cx, out)),
};

/// A cluster of database instances that share their storage. Neptune and DocumentDB clusters are among them; `engine`
/// tells.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Cluster {
    /// The cluster's identifier.
    id: String,
    /// The identifier that stays the same when the cluster is renamed.
    db_cluster_resource_id: Option<String>,
    /// Whether its storage is encrypted.
    encrypted: Option<bool>,
    /// The key that encrypts its storage.
    kms_key_id: Option<String>,
    /// Whether it has a public address; `null` for Aurora, where each instance says so for itself.
    public: Option<bool>,
    /// The state, such as `available` or `stopped`.
    status: Option<String>,
    /// Whether the state is `available`.
    active: Option<bool>,
    /// The database engine, such as `aurora-mysql`, `neptune` or `docdb`.
    engine: Option<String>,
    /// The version of the engine.
    engine_version: Option<String>,
    /// The host name for writing.
    endpoint: Option<String>,
    /// The host name for reading, spread over the replicas.
    reader_endpoint: Option<String>,
    /// The port that it listens on.
    port: Option<i32>,
    /// How long automated backups are kept, in days.
    backup_retention_period: Option<i32>,
    /// Whether it is protected from being deleted.
    deletion_protection: Option<bool>,
    /// The security groups in force.
    security_group_ids: Vec<String>,
    /// Whether minor versions are installed by themselves.
    auto_minor_version_upgrade: Option<bool>,
    /// Whether it has instances in several availability zones.
    #[serde(rename = "multiAZ")]
    multi_az: Option<bool>,
    /// Whether snapshots get its tags.
    copy_tags_to_snapshot: Option<bool>,
    /// Whether IAM users and roles can log in to the database.
    iam_database_authentication_enabled: Option<bool>,
    /// The logs that are sent to CloudWatch.
    enabled_cloudwatch_logs_exports: Vec<String>,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Cluster {
    const TYPE: EntityType = AWS_RDS_CLUSTER;
}

async fn clusters(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let rds = client!(aws_sdk_rds, RDS, cx);
    let mut pages = pages!(cx, rds.describe_db_clusters(), marker);
    while let Some(page) = pages.next().await? {
        for listed in page.db_clusters.unwrap_or_default() {
            cluster(cx, out, listed);
        }
    }
    Ok(())
}

fn cluster(cx: &Cx, out: &mut Batch, listed: DbCluster) {
    let (Some(arn), Some(id)) = (listed.db_cluster_arn, listed.db_cluster_identifier) else {
        return out.skip(None, "a database cluster without an ARN or an identifier");
    };
    let cluster = AWS_RDS_CLUSTER.at(&arn);
    let security_group_ids = groups_of(listed.vpc_security_groups);

    link_groups(cx, out, &cluster, &security_group_ids);
    link_key(cx, out, &cluster, listed.kms_key_id.as_deref());
    for member in listed.db_cluster_members.unwrap_or_default() {
        let Some(instance) = member.db_instance_identifier else {
            out.skip(Some(arn.as_str().into()), "a member without an identifier");
            continue;
        };
        let instance = AWS_DB_INSTANCE.at(cx.arn("rds", format_args!("db:{instance}")));
        out.link(cluster.clone(), Contains, instance).property("isClusterWriter", member.is_cluster_writer);
    }

    out.add(
        &arn,
        &id,
        &Cluster {
            id: id.clone(),
            db_cluster_resource_id: listed.db_cluster_resource_id,
            encrypted: listed.storage_encrypted,
            kms_key_id: listed.kms_key_id,
            public: listed.publicly_accessible,
            active: is_available(listed.status.as_deref()),
            status: listed.status,
            engine: listed.engine,
            engine_version: listed.engine_version,
            endpoint: listed.endpoint,
            reader_endpoint: listed.reader_endpoint,
            port: listed.port,
            backup_retention_period: listed.backup_retention_period,
            deletion_protection: listed.deletion_protection,
            security_group_ids,
            auto_minor_version_upgrade: listed.auto_minor_version_upgrade,
            multi_az: listed.multi_az,
            copy_tags_to_snapshot: listed.copy_tags_to_snapshot,
            iam_database_authentication_enabled: listed.iam_database_authentication_enabled,
            enabled_cloudwatch_logs_exports: listed.enabled_cloudwatch_logs_exports.unwrap_or_default(),
            created_on: listed.cluster_create_time.as_ref().and_then(millis),
        },
    )
    .tags(tag_pairs(listed.tag_list))
    .web_link(cx.console(format_args!("rds/home?region={}#database:id={id};is-cluster=true", cx.region())));
}
