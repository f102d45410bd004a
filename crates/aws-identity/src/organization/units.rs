//! Organizational units, and the place of every unit and member below the root.

use std::collections::{HashMap, HashSet};

use aws_sdk_organizations::Client;
use aws_sdk_organizations::types::{Account, OrganizationalUnit, Root};
use orgraph_collect::prelude::*;

use super::{Known, incomplete, resource_tags};

/// An organizational unit: a folder of accounts and of other units.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Unit {
    /// The ID, `ou-` and what follows.
    id: String,
    /// The organization, the root and every unit down to this one, as `aws:PrincipalOrgPaths` spells it.
    path: String,
    /// The ID of the unit or root it is in.
    parent_id: String,
}

impl Entity for Unit {
    const TYPE: EntityType = AWS_ORGANIZATIONAL_UNIT;
}

/// A root or a unit in the walk.
#[derive(Clone)]
struct Parent {
    /// The entity that what is in it belongs to: a root is folded into its organization.
    found: Ref,
    /// The IDs of the root and every unit down to this one.
    ids: Vec<String>,
}

/// What is directly in a parent.
struct Contents {
    units: Detail<Vec<OrganizationalUnit>>,
    accounts: Detail<Vec<Account>>,
}

/// Where members are.
#[derive(Default)]
pub(super) struct Places {
    found: HashMap<String, Parent>,
    moved: HashSet<String>,
}

/// The place of one member.
pub(super) struct Place {
    /// The organization or unit it is in.
    pub(super) found: Ref,
    /// The IDs of the root and every unit above it.
    pub(super) ids: Vec<String>,
}

impl Places {
    /// The place of a member; unknown where the walk did not meet it exactly once.
    pub(super) fn of(&self, account_id: &str) -> Detail<Place> {
        match self.found.get(account_id) {
            Some(parent) if !self.moved.contains(account_id) => {
                Detail::Known(Place { found: parent.found.clone(), ids: parent.ids.clone() })
            }
            _ => {
                Detail::Unknown(incomplete("ListAccountsForParent", "the place of the account was not found"))
            }
        }
    }

    fn note(&mut self, account_id: String, parent: &Parent) {
        let before = self.found.insert(account_id.clone(), parent.clone());
        if before.is_some_and(|it| it.ids != parent.ids) {
            self.moved.insert(account_id);
        }
    }
}

/// The path of IDs as policies spell it in `aws:PrincipalOrgPaths`.
pub(super) fn path(known: &Known, ids: &[String]) -> String {
    format!("{}/{}/", known.id, ids.join("/"))
}

/// Walks from the roots through every unit, level by level, and adds the units.
pub(super) async fn units(
    cx: &Cx,
    out: &mut Batch,
    client: &Client,
    known: &Known,
    roots: &Detail<Vec<Root>>,
) -> Result<Places, CollectError> {
    let mut places = Places::default();
    let mut seen: HashSet<String> = HashSet::new();
    let roots = match roots {
        Detail::Known(roots) => roots.as_slice(),
        Detail::Unknown(error) => {
            // Without a root nothing is known of what is below it.
            out.incomplete(error);
            &[]
        }
    };
    let mut level: Vec<Parent> = roots
        .iter()
        .filter_map(|it| it.id.clone())
        .map(|id| Parent { found: known.found.clone(), ids: vec![id] })
        .collect();
    while !level.is_empty() {
        let parents = std::mem::take(&mut level);
        let mut children = Vec::new();
        for read in cx.concurrently(parents, |parent| contents(cx, client, parent)).await {
            let (parent, contents) = read?;
            match contents.accounts {
                Detail::Known(accounts) => {
                    for id in accounts.into_iter().filter_map(|it| it.id) {
                        places.note(id, &parent);
                    }
                }
                Detail::Unknown(error) => out.incomplete(&error),
            }
            match contents.units {
                Detail::Known(units) => {
                    // A unit on two pages of one parent is one unit.
                    let mut listed = HashSet::new();
                    let units =
                        units.into_iter().filter(|it| it.id.is_none() || listed.insert(it.id.clone()));
                    children.extend(units.map(|it| (parent.clone(), it)));
                }
                Detail::Unknown(error) => out.incomplete(&error),
            }
        }
        let tagged = |(parent, listed): (Parent, OrganizationalUnit)| async {
            let tags = resource_tags(cx, client, listed.id.as_deref().unwrap_or_default()).await?;
            Ok::<_, CollectError>((parent, listed, tags))
        };
        for tagged in cx.concurrently(children, tagged).await {
            let (parent, listed, tags) = tagged?;
            level.extend(unit(cx, out, known, &parent, &mut seen, listed, &tags));
        }
    }
    Ok(places)
}

/// What is directly in a root or unit. A refused listing leaves what is below it unknown.
async fn contents(cx: &Cx, client: &Client, parent: Parent) -> Result<(Parent, Contents), CollectError> {
    let parent_id = parent.ids.last().map(String::as_str).unwrap_or_default();
    let units = async {
        let mut units = Vec::new();
        let request = client.list_organizational_units_for_parent().parent_id(parent_id);
        let mut pages = pages!(cx, request, next_token);
        while let Some(page) = pages.next().await? {
            units.extend(page.organizational_units.unwrap_or_default());
        }
        Ok(units)
    };
    let accounts = async {
        let mut accounts = Vec::new();
        let request = client.list_accounts_for_parent().parent_id(parent_id);
        let mut pages = pages!(cx, request, next_token);
        while let Some(page) = pages.next().await? {
            accounts.extend(page.accounts.unwrap_or_default());
        }
        Ok(accounts)
    };
    let contents = Contents {
        units: detail_pages(units.await)?.map(Option::unwrap_or_default),
        accounts: detail_pages(accounts.await)?.map(Option::unwrap_or_default),
    };
    Ok((parent, contents))
}

/// Adds a unit and gives it as the parent of the next level, the first time it is met.
fn unit(
    cx: &Cx,
    out: &mut Batch,
    known: &Known,
    parent: &Parent,
    seen: &mut HashSet<String>,
    listed: OrganizationalUnit,
    tags: &Detail<HashMap<String, String>>,
) -> Option<Parent> {
    let (Some(id), Some(arn)) = (listed.id, listed.arn) else {
        out.skip(None, "an organizational unit without an ID or an ARN");
        return None;
    };
    if !seen.insert(id.clone()) {
        out.skip(Some(arn.into()), "a unit that was moved during the listing");
        return None;
    }
    let found = AWS_ORGANIZATIONAL_UNIT.at(&arn);
    let mut ids = parent.ids.clone();
    ids.push(id.clone());

    out.add(
        &arn,
        listed.name.unwrap_or_else(|| id.clone()),
        &Unit {
            path: path(known, &ids),
            parent_id: parent.ids.last().cloned().unwrap_or_default(),
            id: id.clone(),
        },
    )
    .tags(tags.known().cloned().unwrap_or_default())
    .web_link(cx.console(format_args!("organizations/v2/home/organizational-units/{id}")))
    .unknown(tags, &["tags"]);
    out.link(parent.found.clone(), Has, found.clone());
    Some(Parent { found, ids })
}
