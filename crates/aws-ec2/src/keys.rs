//! The keys of what EC2 lists, for the collector that writes it and for those that only name it.

use orgraph_collect::prelude::*;

pub(crate) fn address(cx: &Cx, allocation_id: &str) -> Ref {
    AWS_EIP.at(cx.arn("ec2", format_args!("elastic-ip/{allocation_id}")))
}

/// The ARN of an image names no account.
pub(crate) fn image(cx: &Cx, id: &str) -> Ref {
    AWS_AMI.at(cx.arn_of("", "ec2", format_args!("image/{id}")))
}

pub(crate) fn instance(cx: &Cx, id: &str) -> Ref {
    AWS_INSTANCE.at(cx.arn("ec2", format_args!("instance/{id}")))
}

/// An interface may be another account's, such as one that a service of AWS manages.
pub(crate) fn interface(cx: &Cx, owner: Option<&str>, id: &str) -> Ref {
    let resource = format_args!("network-interface/{id}");
    AWS_ENI.at(cx.arn_of(owner.unwrap_or(cx.account().as_str()), "ec2", resource))
}

pub(crate) fn internet_gateway(cx: &Cx, id: &str) -> Ref {
    AWS_INTERNET_GATEWAY.at(cx.arn("ec2", format_args!("internet-gateway/{id}")))
}

/// IAM policies name key pairs by name, not by ID.
pub(crate) fn key_pair(cx: &Cx, name: &str) -> Ref {
    AWS_KEY_PAIR.at(cx.arn("ec2", format_args!("key-pair/{name}")))
}

pub(crate) fn nat_gateway(cx: &Cx, id: &str) -> Ref {
    AWS_NAT_GATEWAY.at(cx.arn("ec2", format_args!("natgateway/{id}")))
}

pub(crate) fn network_acl(cx: &Cx, id: &str) -> Ref {
    AWS_NETWORK_ACL.at(cx.arn("ec2", format_args!("network-acl/{id}")))
}

pub(crate) fn route_table(cx: &Cx, id: &str) -> Ref {
    AWS_ROUTE_TABLE.at(cx.arn("ec2", format_args!("route-table/{id}")))
}

pub(crate) fn security_group(cx: &Cx, id: &str) -> Ref {
    AWS_SECURITY_GROUP.at(cx.arn("ec2", format_args!("security-group/{id}")))
}

/// The ARN of a snapshot names no account.
pub(crate) fn snapshot(cx: &Cx, id: &str) -> Ref {
    AWS_EBS_SNAPSHOT.at(cx.arn_of("", "ec2", format_args!("snapshot/{id}")))
}

pub(crate) fn subnet(cx: &Cx, owner: Option<&str>, id: &str) -> Ref {
    let resource = format_args!("subnet/{id}");
    AWS_SUBNET.at(cx.arn_of(owner.unwrap_or(cx.account().as_str()), "ec2", resource))
}

/// A volume may be another account's when a service of AWS manages what it is attached to.
pub(crate) fn volume(cx: &Cx, owner: Option<&str>, id: &str) -> Ref {
    let resource = format_args!("volume/{id}");
    AWS_EBS_VOLUME.at(cx.arn_of(owner.unwrap_or(cx.account().as_str()), "ec2", resource))
}

pub(crate) fn vpc(cx: &Cx, owner: Option<&str>, id: &str) -> Ref {
    let resource = format_args!("vpc/{id}");
    AWS_VPC.at(cx.arn_of(owner.unwrap_or(cx.account().as_str()), "ec2", resource))
}

pub(crate) fn vpn_gateway(cx: &Cx, id: &str) -> Ref {
    AWS_VPN_GATEWAY.at(cx.arn("ec2", format_args!("vpn-gateway/{id}")))
}
