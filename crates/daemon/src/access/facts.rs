//! Reads what decisions rest on, each thing once.

use std::collections::{BTreeMap, BTreeSet};

use orgraph_link::Fact;
use orgraph_link::access::{Directory, Doubt, TYPES};
use orgraph_model::declare::{Rel, rel};
use orgraph_model::vocabulary::{
    AWS_ACCOUNT, AWS_IAM_GROUP, AWS_IAM_GROUP_POLICY, AWS_IAM_POLICY, AWS_IAM_ROLE, AWS_IAM_ROLE_POLICY,
    AWS_IAM_USER, AWS_IAM_USER_POLICY, AWS_ORGANIZATION, AWS_ORGANIZATIONAL_UNIT, AWS_ORGANIZATIONS_POLICY,
};
use orgraph_model::{AccountId, Entity, EntityType, Partition, Relationship, Status, Verb};
use orgraph_store::{PartitionState, Store, StoredGap};

/// What a question needs.
pub(super) struct Scope {
    /// The accounts whose principals are read; `None` for all.
    pub(super) accounts: Option<BTreeSet<AccountId>>,
    /// The keys of resources that are asked for.
    pub(super) keys: BTreeSet<String>,
    /// Whether all resources with policies are read, and all roles for their trust policies.
    pub(super) all_resources: bool,
}

/// The properties that decisions rest on. Others stay where they are.
const PROPERTIES: [&str; 25] = [
    "access",
    "accessPolicies",
    "arn",
    "assumeRolePolicy",
    "availablePolicyTypes",
    "id",
    "keyManager",
    "management",
    "organizationId",
    "ouIds",
    "ouPath",
    "permissionsBoundaryArn",
    "placeholder",
    "policy",
    "policyDocument",
    "policyName",
    "policyText",
    "policyType",
    "principalArn",
    "public",
    "restrictPublicBuckets",
    "roleId",
    "roleName",
    "userId",
    "username",
];

/// Who has which policies, and who is in which group.
const OF_PRINCIPALS: [Rel; 7] = [
    rel(AWS_IAM_GROUP, Verb::Contains, AWS_IAM_USER),
    rel(AWS_IAM_USER, Verb::Has, AWS_IAM_POLICY),
    rel(AWS_IAM_GROUP, Verb::Has, AWS_IAM_POLICY),
    rel(AWS_IAM_ROLE, Verb::Has, AWS_IAM_POLICY),
    rel(AWS_IAM_USER, Verb::Has, AWS_IAM_USER_POLICY),
    rel(AWS_IAM_GROUP, Verb::Has, AWS_IAM_GROUP_POLICY),
    rel(AWS_IAM_ROLE, Verb::Has, AWS_IAM_ROLE_POLICY),
];

/// What the policies of the organization are attached to.
const OF_ORGANIZATION: [Rel; 3] = [
    rel(AWS_ORGANIZATIONS_POLICY, Verb::Restricts, AWS_ORGANIZATION),
    rel(AWS_ORGANIZATIONS_POLICY, Verb::Restricts, AWS_ORGANIZATIONAL_UNIT),
    rel(AWS_ORGANIZATIONS_POLICY, Verb::Restricts, AWS_ACCOUNT),
];

/// What was read.
#[derive(Default)]
pub(super) struct Facts {
    entities: Vec<Fact>,
    relationships: Vec<Relationship>,
    doubts: Vec<Doubt>,
}

/// Everything that a question needs.
pub(super) async fn load(store: &Store, scope: Scope) -> anyhow::Result<Directory> {
    let mut facts = Facts::of_resources(store, &scope.keys).await?;
    if scope.all_resources {
        facts.add(store.select_entities(&TYPES.resources, None, &PROPERTIES).await?);
        // Whoever may assume a role, its trust policy says.
        facts.add(store.select_entities(&[AWS_IAM_ROLE], None, &PROPERTIES).await?);
    }
    facts.add_principals(store, scope.accounts.as_ref()).await?;
    Ok(facts.into_directory())
}

impl Facts {
    /// The organization, some resources, and what is not certain.
    pub(super) async fn of_resources(store: &Store, keys: &BTreeSet<String>) -> anyhow::Result<Self> {
        let mut facts = Self { doubts: doubts(store).await?, ..Self::default() };
        facts.add(store.select_entities(&TYPES.organization, None, &PROPERTIES).await?);
        facts.relationships.extend(store.select_relationships(&OF_ORGANIZATION, None).await?);
        if !keys.is_empty() {
            facts.add(store.entities_with_keys(keys).await?);
        }
        Ok(facts)
    }

    /// The principals of these accounts, or of all.
    pub(super) async fn add_principals(
        &mut self,
        store: &Store,
        accounts: Option<&BTreeSet<AccountId>>,
    ) -> anyhow::Result<()> {
        self.add(store.select_entities(&TYPES.principals, accounts, &PROPERTIES).await?);
        self.relationships.extend(store.select_relationships(&OF_PRINCIPALS, accounts).await?);
        Ok(())
    }

    fn add(&mut self, entities: Vec<Entity>) {
        self.entities.extend(entities.into_iter().map(Fact::from));
    }

    /// What was read so far.
    pub(super) fn directory(&self) -> Directory {
        let (entities, relationships) = (self.entities.clone(), self.relationships.clone());
        Directory::new(entities, relationships, self.doubts.clone())
    }

    pub(super) fn into_directory(self) -> Directory {
        Directory::new(self.entities, self.relationships, self.doubts)
    }
}

/// What was not read, or no longer holds for certain, of the types that decisions rest on.
async fn doubts(store: &Store) -> anyhow::Result<Vec<Doubt>> {
    let mut gaps: BTreeMap<Partition, Vec<StoredGap>> = BTreeMap::new();
    for gap in store.gaps().await? {
        gaps.entry(gap.partition.clone()).or_default().push(gap);
    }
    let mut doubts = Vec::new();
    for state in store.coverage().await? {
        let types = types_of(&state.partition.collector);
        if types.is_empty() {
            continue;
        }
        let named = gaps.remove(&state.partition).unwrap_or_default();
        doubts.extend(doubts_about(&state, &types, &named));
    }
    Ok(doubts)
}

/// The types that decisions rest on and that a collector reads.
fn types_of(collector: &str) -> Vec<EntityType> {
    let matter = TYPES.organization.iter().chain(&TYPES.principals).chain(&TYPES.resources);
    let reads = orgraph_catalog::collector(collector).map(|it| it.entities).unwrap_or_default();
    // What an account says of itself is not what its organization says of it.
    let is_of_organization = collector.starts_with("organization");
    let counts = |it: &&EntityType| **it != AWS_ACCOUNT || is_of_organization;
    matter.filter(counts).filter(|it| reads.iter().any(|read| read.entity_type == **it)).copied().collect()
}

fn doubts_about(state: &PartitionState, types: &[EntityType], gaps: &[StoredGap]) -> Vec<Doubt> {
    let PartitionState { partition, status, reason, held_since, .. } = state;
    let doubt = |key: Option<&String>, text: String| Doubt {
        account: partition.account.clone(),
        region: partition.region.to_string(),
        types: types.to_vec(),
        key: key.cloned(),
        text,
    };
    let whole = |what: &str, why: &str| {
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        vec![doubt(None, format!("{partition}, which {what}{why}"))]
    };
    match status {
        None => whole("was never read", ""),
        Some(Status::Complete | Status::RegionDisabled | Status::Unsupported) => match held_since {
            Some(_) => whole("waits for a second listing before it removes anything", ""),
            None => Vec::new(),
        },
        Some(Status::Partial) if !gaps.is_empty() => {
            // Nobody asks for the tags of what is of the organization.
            let has_tags = !types.iter().any(|it| TYPES.organization.contains(it));
            let matters = |it: &&StoredGap| {
                let named = |it: &String| (it == "tags" && has_tags) || PROPERTIES.contains(&it.as_str());
                it.key.is_none() || it.properties.is_empty() || it.properties.iter().any(named)
            };
            let gaps = gaps.iter().filter(matters).map(|StoredGap { key, reason, .. }| {
                let of = key.as_ref().map(|it| format!(" of {it}")).unwrap_or_default();
                doubt(key.as_ref(), format!("{partition}{of}, which was not read in full: {reason}"))
            });
            gaps.collect()
        }
        Some(status) => whole(&format!("is {}", status.as_str()), reason.as_deref().unwrap_or_default()),
    }
}
