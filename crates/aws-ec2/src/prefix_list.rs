//! Which prefix lists hold the whole internet. Prefix lists are no entities; rules name them in place of addresses.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_ec2::Client;
use ipnet::IpNet;
use orgraph_collect::prelude::*;

use crate::shape::SMALL_PAGE_SIZE;

/// Whether each of the lists `ids` holds `0.0.0.0/0` or `::/0`, or why that is unknown.
pub(crate) type Lists = HashMap<String, Detail<bool>>;

pub(crate) async fn lists(cx: &Cx, ec2: &Client, ids: BTreeSet<String>) -> Result<Lists, CollectError> {
    if ids.is_empty() {
        return Ok(Lists::new());
    }
    let request = ec2.describe_managed_prefix_lists().max_results(SMALL_PAGE_SIZE);
    let listed = pages!(cx, request, next_token).all(|it| it.prefix_lists).await;
    let listed = match detail_pages(listed)? {
        Detail::Known(listed) => listed.unwrap_or_default(),
        Detail::Unknown(error) => {
            return Ok(ids.into_iter().map(|id| (id, Detail::Unknown(error.clone()))).collect());
        }
    };
    // The lists of AWS hold the addresses of its own services.
    let of_aws: BTreeSet<String> = listed
        .into_iter()
        .filter(|it| it.owner_id.as_deref() == Some("AWS"))
        .filter_map(|it| it.prefix_list_id)
        .collect();

    let details = |id: String| async {
        if of_aws.contains(&id) {
            return Ok((id, Detail::Known(false)));
        }
        let request = ec2.get_managed_prefix_list_entries().prefix_list_id(&id).max_results(SMALL_PAGE_SIZE);
        let entries = detail_pages(pages!(cx, request, next_token).all(|it| it.entries).await)?;
        let open =
            entries.map(|it| it.unwrap_or_default().iter().any(|it| it.cidr().is_some_and(is_everything)));
        Ok::<_, CollectError>((id, open))
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
