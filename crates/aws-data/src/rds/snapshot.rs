//! What snapshots of instances and of clusters have in common: their settings, what they were taken of, and who may
//! restore them.

use aws_sdk_rds::types::Tag;
use orgraph_collect::prelude::*;

use super::tag_pairs;
use crate::shape::is_available;

/// A snapshot as AWS lists it, whatever it was taken of.
pub(super) struct Listed {
    pub(super) arn: Option<String>,
    pub(super) id: Option<String>,
    pub(super) encrypted: Option<bool>,
    pub(super) kms_key_id: Option<String>,
    pub(super) snapshot_type: Option<String>,
    pub(super) status: Option<String>,
    pub(super) engine: Option<String>,
    pub(super) engine_version: Option<String>,
    pub(super) allocated_storage: Option<i32>,
    pub(super) created_on: Option<i64>,
    pub(super) tags: Option<Vec<Tag>>,
}

/// What a snapshot was taken of.
pub(super) struct Origin<'a> {
    pub(super) entity_type: EntityType,
    /// The property that holds its resource ID, which stays the same when it is renamed.
    pub(super) property: &'static str,
    pub(super) resource_id: Option<&'a str>,
    /// The ARN that its name makes.
    pub(super) named: Option<String>,
}

/// The properties of both kinds of snapshot.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Settings {
    /// The snapshot's identifier.
    id: String,
    /// Whether it is encrypted.
    encrypted: Option<bool>,
    /// The key that encrypts it.
    kms_key_id: Option<String>,
    /// Whether any AWS account may restore it.
    public: Option<bool>,
    /// Whether named AWS accounts may restore it.
    shared: Option<bool>,
    /// The accounts that may restore it.
    shared_with_accounts: Option<Vec<String>>,
    /// `manual`, `automated` or `awsbackup`. Only manual ones can be shared.
    snapshot_type: Option<String>,
    /// The state, such as `available` or `creating`.
    status: Option<String>,
    /// Whether the state is `available`.
    active: Option<bool>,
    /// The database engine.
    engine: Option<String>,
    /// The version of the engine.
    engine_version: Option<String>,
    /// The size of the storage of what it was taken of, in GiB.
    allocated_storage: Option<i32>,
    /// When it was taken, in milliseconds since the epoch.
    created_on: Option<i64>,
}

/// Who may restore a snapshot besides its owner.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sharing {
    everybody: bool,
    accounts: Vec<String>,
}

impl Sharing {
    /// From the attributes of a snapshot, as names with their values. Nothing but `restore` shares it.
    pub(super) fn of(attributes: impl IntoIterator<Item = (Option<String>, Option<Vec<String>>)>) -> Self {
        let restore = attributes.into_iter().filter(|(name, _)| name.as_deref() == Some("restore"));
        let values: Vec<String> = restore.flat_map(|(_, values)| values.unwrap_or_default()).collect();
        let everybody = values.iter().any(|it| it == "all");
        let mut accounts: Vec<String> = values.into_iter().filter(|it| it != "all").collect();
        accounts.sort_unstable();
        accounts.dedup();
        Self { everybody, accounts }
    }
}

/// What asking who may restore a snapshot came to; `None` when the snapshot has been deleted since it was listed.
pub(super) type Asked = Option<Detail<Sharing>>;

/// A snapshot that cannot be shared, such as an automated one: there is nothing to ask.
pub(super) fn not_shared() -> Detail<Sharing> {
    Detail::Known(Sharing::default())
}

/// Adds one snapshot. `shape` puts the settings into its own kind, and `page` is the console's page for that kind.
pub(super) fn snapshot<E: Entity>(
    cx: &Cx,
    out: &mut Batch,
    listed: Listed,
    asked: Asked,
    origin: Origin<'_>,
    page: &str,
    shape: impl FnOnce(Settings) -> E,
) {
    let (Some(arn), Some(id)) = (listed.arn, listed.id) else {
        return out.skip(None, format!("an {} without an ARN or an identifier", E::TYPE));
    };
    let Some(sharing) = asked else {
        return out.skip(Some(arn.into()), format!("an {} deleted while it was read", E::TYPE));
    };
    match (origin.resource_id, origin.named) {
        // The name may belong to something newer by now; the resource ID never does.
        (Some(resource_id), _) => {
            out.find_source(origin.entity_type, origin.property, resource_id, Contains, E::TYPE.at(&arn));
        }
        (None, Some(named)) => {
            out.link(origin.entity_type.at(named), Contains, E::TYPE.at(&arn));
        }
        (None, None) => {}
    }

    let settings = Settings {
        id: id.clone(),
        encrypted: listed.encrypted,
        kms_key_id: listed.kms_key_id,
        public: sharing.known().map(|it| it.everybody),
        shared: sharing.known().map(|it| !it.accounts.is_empty()),
        shared_with_accounts: sharing.known().map(|it| it.accounts.clone()),
        snapshot_type: listed.snapshot_type,
        active: is_available(listed.status.as_deref()),
        status: listed.status,
        engine: listed.engine,
        engine_version: listed.engine_version,
        allocated_storage: listed.allocated_storage,
        created_on: listed.created_on,
    };
    out.add(&arn, &id, &shape(settings))
        .tags(tag_pairs(listed.tags))
        .web_link(cx.console(format_args!("rds/home?region={}#{page}:id={id}", cx.region())))
        .unknown(&sharing, &["public", "shared", "sharedWithAccounts"]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_restore_attribute_shares_a_snapshot() {
        let check = |name: &str, values: &[&str], everybody: bool, accounts: &[&str]| {
            let values = values.iter().map(|&it| it.to_owned()).collect();
            let sharing = Sharing::of([(Some(name.to_owned()), Some(values))]);
            assert_eq!(sharing.everybody, everybody);
            assert_eq!(sharing.accounts, accounts);
        };

        check("restore", &[], false, &[]);
        check("restore", &["all"], true, &[]);
        check(
            "restore",
            &["222222222222", "111111111111", "111111111111"],
            false,
            &["111111111111", "222222222222"],
        );
        check("copy", &["all", "111111111111"], false, &[]);
    }
}
