//! Prefix lists: ranges of addresses that rules name in place of addresses. They are no entities of their own.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_ec2::Client;
use ipnet::IpNet;
use orgraph_collect::prelude::*;

use crate::shape::{SMALL_PAGE_SIZE, sorted};

/// Prefix lists by ID.
pub(crate) type Lists = HashMap<String, List>;

/// What is known about one list.
#[derive(Clone)]
pub(crate) struct List {
    pub(crate) name: Option<String>,
    /// The account that keeps it, or `AWS`.
    pub(crate) owner: Option<String>,
    /// Its ranges, in order.
    pub(crate) cidrs: Detail<Vec<String>>,
}

impl List {
    /// The lists of AWS hold the addresses of its own services.
    pub(crate) fn is_of_aws(&self) -> bool {
        self.owner.as_deref() == Some("AWS")
    }

    /// Whether it holds `0.0.0.0/0` or `::/0`.
    pub(crate) fn is_everything(&self) -> Detail<bool> {
        if self.is_of_aws() {
            return Detail::Known(false);
        }
        match &self.cidrs {
            Detail::Known(cidrs) => Detail::Known(cidrs.iter().any(|it| is_everything(it))),
            Detail::Unknown(error) => Detail::Unknown(error.clone()),
        }
    }
}

/// The lists `ids` with what they hold.
pub(crate) async fn lists(cx: &Cx, ec2: &Client, ids: BTreeSet<String>) -> Result<Lists, CollectError> {
    if ids.is_empty() {
        return Ok(Lists::new());
    }
    let request = ec2.describe_managed_prefix_lists().max_results(SMALL_PAGE_SIZE);
    let listed = pages!(cx, request, next_token).all(|it| it.prefix_lists).await;
    let listed = match detail_pages(listed)? {
        Detail::Known(listed) => listed.unwrap_or_default(),
        Detail::Unknown(error) => {
            let unknown = List { name: None, owner: None, cidrs: Detail::Unknown(error) };
            return Ok(ids.into_iter().map(|id| (id, unknown.clone())).collect());
        }
    };
    let described: HashMap<&str, _> =
        listed.iter().filter_map(|it| Some((it.prefix_list_id.as_deref()?, it))).collect();

    let details = |id: String| async {
        let request = ec2.get_managed_prefix_list_entries().prefix_list_id(&id).max_results(SMALL_PAGE_SIZE);
        let entries = detail_pages(pages!(cx, request, next_token).all(|it| it.entries).await)?;
        let cidrs = entries.map(|it| sorted(it.unwrap_or_default().into_iter().filter_map(|it| it.cidr)));
        let described = described.get(id.as_str());
        let name = described.and_then(|it| it.prefix_list_name.clone());
        let owner = described.and_then(|it| it.owner_id.clone());
        Ok::<_, CollectError>((id, List { name, owner, cidrs }))
    };
    cx.concurrently(ids.into_iter().collect(), details).await.into_iter().collect()
}

/// Whether the range is all of IPv4 or all of IPv6.
pub(crate) fn is_everything(cidr: &str) -> bool {
    cidr.parse::<IpNet>().is_ok_and(|it| it.prefix_len() == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_range_without_prefix_is_everything() {
        assert!(is_everything("0.0.0.0/0"));
        assert!(is_everything("::/0"));
        assert!(is_everything("0000:0000::/0"));
        assert!(!is_everything("0.0.0.0/1"));
        assert!(!is_everything("10.0.0.0/8"));
        assert!(!is_everything("sg-1"));
    }
}
