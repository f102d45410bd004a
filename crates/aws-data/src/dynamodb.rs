//! Amazon DynamoDB: tables with their settings. Items are contents and are never read.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{PointInTimeRecoveryStatus, SseDescription, SseStatus, TableDescription};
use orgraph_collect::prelude::*;

use crate::links::link_key;
use crate::shape::always;

pub(crate) static TABLES: Collector = Collector {
    name: "dynamodb_tables",
    service: Service::DYNAMODB,
    scope: Scope::Region,
    calls: &[
        call("ListTables").lists("TableNames"),
        call("DescribeTable").lists("Table"),
        call("DescribeContinuousBackups").lists("ContinuousBackupsDescription"),
        call("ListTagsOfResource").lists("Tags"),
    ],
    entities: &[entity::<Table>()],
    relationships: &[rel(AWS_DYNAMODB, Has, AWS_DYNAMODB_TABLE), rel(AWS_DYNAMODB_TABLE, Uses, AWS_KMS_KEY)],
    collect: |cx, out| Box::pin(tables(cx, out)),
};

/// A table: its settings, never its items.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Table {
    /// The table's name.
    id: String,
    /// Always true: what no key of the account encrypts, a key of AWS does.
    encrypted: bool,
    /// `KMS` for a key in the account, `AWS_OWNED` for a key that AWS keeps to itself.
    encryption_type: String,
    /// The key that encrypts it; `null` for a key that AWS keeps to itself.
    kms_key_arn: Option<String>,
    /// The state, such as `ACTIVE` or `CREATING`.
    status: Option<String>,
    /// Whether the state is `ACTIVE`.
    active: Option<bool>,
    /// How many items it has. AWS counts about every six hours.
    item_count: Option<i64>,
    /// Its size, in bytes. AWS measures about every six hours.
    size_bytes: Option<i64>,
    /// `PROVISIONED` or `PAY_PER_REQUEST`.
    billing_mode: String,
    /// Whether it can be restored to any second of the last weeks.
    point_in_time_recovery_enabled: Option<bool>,
    /// Whether it is protected from being deleted.
    deletion_protection_enabled: Option<bool>,
    /// Whether changes of items are published as a stream.
    stream_enabled: bool,
    /// When it was created, in milliseconds since the epoch.
    created_on: Option<i64>,
}

impl Entity for Table {
    const TYPE: EntityType = AWS_DYNAMODB_TABLE;
    const VOLATILE: &'static [&'static str] = &["itemCount", "sizeBytes"];
}

/// What is asked about each table.
struct Details {
    table: Detail<Option<TableDescription>>,
    recovery: Detail<Option<bool>>,
    tags: Detail<Vec<(String, String)>>,
}

async fn tables(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let dynamodb = client!(aws_sdk_dynamodb, DYNAMODB, cx);
    let mut pages = pages!(cx, dynamodb.list_tables(), last_evaluated_table_name);
    while let Some(page) = pages.next().await? {
        let details = |name: String| async {
            let arn = cx.arn("dynamodb", format_args!("table/{name}"));
            let details = details(cx, &dynamodb, &name, &arn).await?;
            Ok::<_, CollectError>((name, arn, details))
        };
        for detailed in cx.concurrently(page.table_names.unwrap_or_default(), details).await {
            let (name, arn, details) = detailed?;
            table(cx, out, &name, &arn, details);
        }
    }
    Ok(())
}

async fn details(cx: &Cx, dynamodb: &Client, name: &str, arn: &str) -> Result<Details, CollectError> {
    let table = detail(dynamodb.describe_table().table_name(name).send().await)?;
    let backups = detail(dynamodb.describe_continuous_backups().table_name(name).send().await)?;
    let request = dynamodb.list_tags_of_resource().resource_arn(arn);
    let listed = detail_pages(pages!(cx, request, next_token => set_next_token).all(|it| it.tags).await)?;
    Ok(Details {
        table: always("DescribeTable", table, |it| it.table),
        recovery: always("DescribeContinuousBackups", backups, |it| {
            let recovery = it.continuous_backups_description?.point_in_time_recovery_description;
            let status = recovery.and_then(|it| it.point_in_time_recovery_status);
            Some(status == Some(PointInTimeRecoveryStatus::Enabled))
        }),
        tags: listed.map(|it| it.unwrap_or_default().into_iter().map(|it| (it.key, it.value)).collect()),
    })
}

fn table(cx: &Cx, out: &mut Batch, name: &str, arn: &str, details: Details) {
    let described = match details.table {
        Detail::Known(Some(described)) => described,
        Detail::Known(None) => return out.skip(Some(arn.into()), "a table deleted while it was read"),
        unknown @ Detail::Unknown(_) => return out.keep(arn, &unknown),
    };
    let kms_key_arn = described.sse_description.and_then(key_of);
    let status = described.table_status.map(|it| it.as_str().to_owned());
    let billing = described.billing_mode_summary.and_then(|it| it.billing_mode);

    link_key(cx, out, &AWS_DYNAMODB_TABLE.at(arn), kms_key_arn.as_deref());
    out.add(
        arn,
        name,
        &Table {
            id: name.to_owned(),
            encrypted: true,
            encryption_type: if kms_key_arn.is_some() { "KMS" } else { "AWS_OWNED" }.to_owned(),
            kms_key_arn,
            active: status.as_deref().map(|it| it == "ACTIVE"),
            status,
            item_count: described.item_count,
            size_bytes: described.table_size_bytes,
            // AWS names the mode of a table only once it has been on demand.
            billing_mode: billing.map_or_else(|| "PROVISIONED".to_owned(), |it| it.as_str().to_owned()),
            point_in_time_recovery_enabled: details.recovery.known().copied().flatten(),
            deletion_protection_enabled: described.deletion_protection_enabled,
            stream_enabled: described.stream_specification.is_some_and(|it| it.stream_enabled),
            created_on: described.creation_date_time.as_ref().and_then(millis),
        },
    )
    .tags(details.tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("dynamodbv2/home?region={}#table?name={name}", cx.region())))
    .unknown(&details.recovery, &["pointInTimeRecoveryEnabled"])
    .unknown(&details.tags, &["tags"]);
}

/// The key that encrypts a table now. A description stays behind when a table goes back to the key of AWS.
fn key_of(described: SseDescription) -> Option<String> {
    let in_force = !matches!(described.status, Some(SseStatus::Disabled | SseStatus::Disabling));
    described.kms_master_key_arn.filter(|_| in_force)
}
