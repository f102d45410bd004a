//! Peering connections: a relationship between two VPCs, which need not be of one account or region.

use aws_sdk_ec2::types::{VpcPeeringConnection, VpcPeeringConnectionVpcInfo as Side};
use orgraph_collect::prelude::*;
use orgraph_model::{AccountId, Region};

use crate::shape::sorted;

pub(crate) static PEERINGS: Collector = Collector {
    name: "ec2_peerings",
    service: Service::EC2,
    scope: Scope::Region,
    calls: &[call("DescribeVpcPeeringConnections")],
    entities: &[],
    relationships: &[rel(AWS_VPC, Connects, AWS_VPC)],
    collect: |cx, out| Box::pin(peerings(cx, out)),
};

async fn peerings(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    let mut pages = pages!(cx, ec2.describe_vpc_peering_connections(), next_token);
    while let Some(page) = pages.next().await? {
        for listed in page.vpc_peering_connections.unwrap_or_default() {
            peering(cx, out, &listed);
        }
    }
    Ok(())
}

/// One end as the graph knows it.
struct End {
    found: Ref,
    account: AccountId,
    region: Region,
    vpc_id: String,
    ranges: Vec<String>,
}

fn peering(cx: &Cx, out: &mut Batch, listed: &VpcPeeringConnection) {
    let Some(id) = listed.vpc_peering_connection_id() else {
        return out.skip(None, "a peering connection without an ID");
    };
    // What is asked for, refused or deleted connects nothing.
    if listed.status().and_then(|it| it.code()).is_none_or(|it| it.as_str() != "active") {
        return;
    }
    let (requester, accepter) = (listed.requester_vpc_info(), listed.accepter_vpc_info());
    let (Some(from), Some(to)) = (requester.and_then(|it| end(cx, it)), accepter.and_then(|it| end(cx, it)))
    else {
        return out.skip(None, format!("the peering connection {id} without two VPCs"));
    };
    // Both ends are asked about the same connection. Within an account the requester's region says it; between
    // accounts both do, because the other one may not be collected.
    let is_twice = from.account == to.account && from.region != to.region;
    if is_twice && from.region != *cx.region() {
        return;
    }
    for side in [&from, &to] {
        if side.account != *cx.account() {
            out.placeholder(&side.found, &side.account, &side.vpc_id);
        }
    }
    out.link(from.found, Connects, to.found)
        .discriminator(id)
        .property("vpcPeeringConnectionId", id)
        .property("status", "active")
        .property("crossAccount", from.account != to.account)
        .property("crossRegion", from.region != to.region)
        .property("requesterCidrs", from.ranges)
        .property("accepterCidrs", to.ranges);
}

fn end(cx: &Cx, side: &Side) -> Option<End> {
    let (owner, vpc_id, region) = (side.owner_id()?, side.vpc_id()?, side.region()?);
    let arn = format!("arn:{}:ec2:{region}:{owner}:vpc/{vpc_id}", cx.partition());
    let more = side.cidr_block_set().iter().filter_map(|it| it.cidr_block());
    let v6 = side.ipv6_cidr_block_set().iter().filter_map(|it| it.ipv6_cidr_block());
    let mut ranges = sorted(side.cidr_block().into_iter().chain(more).chain(v6).map(str::to_owned));
    ranges.dedup();
    Some(End {
        found: AWS_VPC.at(arn),
        account: owner.parse().ok()?,
        region: region.parse().ok()?,
        vpc_id: vpc_id.to_owned(),
        ranges,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::DateTime;
    use orgraph_collect::replay::{Fixtures, REGION, session};
    use orgraph_collect::run;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_active_connection_is_said_once_from_requester_to_accepter() {
        let fixtures = Fixtures::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
        let session = session(move |asked| fixtures.answer(asked)).await;
        let region = REGION.parse().unwrap();

        let snapshot = run::run(&PEERINGS, &session, &region, &Arc::default(), DateTime::UNIX_EPOCH).await;

        let said = snapshot.relationships.iter().map(|it| {
            let end = |it: &Ref| it.key.as_str().rsplit(':').take(2).collect::<Vec<_>>().join(" of ");
            format!("{}: {} -> {}", it.discriminator, end(&it.from), end(&it.to))
        });
        assert_eq!(
            said.collect::<Vec<_>>(),
            [
                "pcx-0a1b2c3d4e5f60718: vpc/vpc-0a1b2c3d4e5f60718 of 123456789012 -> vpc/vpc-0f1b2c3d4e5f60718 of 222222222222",
                "pcx-0d1b2c3d4e5f60718: vpc/vpc-0d1b2c3d4e5f60718 of 444444444444 -> vpc/vpc-0a1b2c3d4e5f60718 of 123456789012",
            ]
        );
        // The VPCs of others are only named.
        assert_eq!(snapshot.entities.len(), 2);
    }
}
