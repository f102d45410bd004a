//! Instances.

use aws_sdk_ec2::types::{ArchitectureValues, Instance as Listed, InstanceNetworkInterface, PlatformValues};
use orgraph_collect::prelude::*;

use crate::keys;
use crate::shape::{PAGE_SIZE, console_page, filled, group_ids, is_public_ipv6, platform, sorted, tagged};

pub(crate) static INSTANCES: Collector = Collector {
    name: "ec2_instances",
    service: Service::EC2,
    scope: Scope::Region,
    calls: &[call("DescribeInstances")],
    entities: &[entity::<Instance>()],
    relationships: &[
        rel(AWS_EC2, Has, AWS_INSTANCE),
        rel(AWS_SUBNET, Has, AWS_INSTANCE),
        rel(AWS_INSTANCE, Has, AWS_SECURITY_GROUP),
        rel(AWS_SECURITY_GROUP, Protects, AWS_INSTANCE),
        rel(AWS_INSTANCE, Uses, AWS_EBS_VOLUME),
        rel(AWS_INSTANCE, Uses, AWS_ENI),
        rel(AWS_INSTANCE, Uses, AWS_IAM_ROLE),
    ],
    collect: |cx, out| Box::pin(instances(cx, out)),
};

/// A virtual machine: its settings, never its user data. Terminated instances are left out, though AWS lists them for
/// an hour.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "AWS and the queries of users name the properties")]
struct Instance {
    /// The instance's ID.
    id: String,
    /// The instance's ID, under its own name.
    instance_id: String,
    /// Its private DNS name.
    hostname: Option<String>,
    /// `running`, `stopped`, `pending` and so on.
    state: Option<String>,
    /// Whether it runs.
    active: Option<bool>,
    /// Whether it has a public address of either family. Whether it can be reached is for its security groups, its
    /// network ACL and its route table to say.
    public: bool,
    /// Its primary private IPv4 address.
    private_ip_address: Option<String>,
    /// Its primary public IPv4 address.
    public_ip_address: Option<String>,
    /// Its private DNS name, under its own name.
    private_dns_name: Option<String>,
    /// Its public DNS name.
    public_dns_name: Option<String>,
    /// `windows`, `darwin` or `linux`.
    platform: String,
    /// Its size, such as `m7g.large`.
    instance_type: Option<String>,
    /// The image it was started from.
    image_id: Option<String>,
    /// The subnet of its primary network interface.
    subnet_id: Option<String>,
    /// The VPC it is in.
    vpc_id: Option<String>,
    /// The security groups of all its network interfaces.
    security_group_ids: Vec<String>,
    /// The key pair for logging in to it.
    key_name: Option<String>,
    /// The ARN of the instance profile that holds its role.
    iam_instance_profile_arn: Option<String>,
    /// The ID of the instance profile that holds its role.
    iam_instance_profile_id: Option<String>,
    /// The availability zone it runs in.
    availability_zone: Option<String>,
    /// When it was first started, in milliseconds since the epoch: when its primary network interface was attached,
    /// which happens once, or its last start where AWS does not say.
    created_on: Option<i64>,
    /// When it was last started, in milliseconds since the epoch.
    launched_on: Option<i64>,
    /// When it was stopped, in milliseconds since the epoch; `null` unless it is stopped now.
    stopped_on: Option<i64>,
    /// `required` when its metadata must be asked for with a token (`IMDSv2`), else `optional`.
    http_tokens: Option<String>,
    /// The same, under its full name.
    metadata_http_tokens: Option<String>,
    /// How many hops an answer of the metadata service may travel.
    http_put_response_hop_limit: Option<i32>,
    /// Whether the metadata service can be reached from inside.
    http_endpoint_enabled: Option<bool>,
    /// `hvm` or `paravirtual`.
    virtualization_type: Option<String>,
    /// Whether it is monitored each minute: `enabled`, `disabled`, `pending` or `disabling`.
    monitoring: Option<String>,
    /// `default`, `dedicated` or `host`.
    tenancy: Option<String>,
}

impl Entity for Instance {
    const TYPE: EntityType = AWS_INSTANCE;
}

async fn instances(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    let mut pages = pages!(cx, ec2.describe_instances().max_results(PAGE_SIZE), next_token);
    while let Some(page) = pages.next().await? {
        for reservation in page.reservations.unwrap_or_default() {
            if !cx.owns(reservation.owner_id.as_deref()) {
                continue;
            }
            for listed in reservation.instances.unwrap_or_default() {
                instance(cx, out, &listed);
            }
        }
    }
    Ok(())
}

fn instance(cx: &Cx, out: &mut Batch, listed: &Listed) {
    let Some(id) = listed.instance_id() else {
        return out.skip(None, "an instance without an ID");
    };
    let shape = shape(id, listed);
    if shape.state.as_deref() == Some("terminated") {
        return;
    }
    let instance = keys::instance(cx, id);
    let link = console_page(cx, "ec2", "InstanceDetails:instanceId", id);
    out.add(&instance.key, id, &shape).tags(tagged(listed.tags.clone())).web_link(link);

    let interfaces = listed.network_interfaces();
    let subnets = interfaces.iter().filter_map(|it| it.subnet_id.clone());
    for subnet_id in sorted(subnets.chain(shape.subnet_id)) {
        // The subnet may be shared by another account, whose number is not in the answer.
        out.find_source(AWS_SUBNET, "id", &subnet_id, Has, instance.clone());
    }
    for group_id in shape.security_group_ids {
        let group = keys::security_group(cx, &group_id);
        out.link(instance.clone(), Has, group.clone());
        out.link(group, Protects, instance.clone());
    }
    for interface in interfaces {
        if let Some(interface_id) = interface.network_interface_id() {
            let interface = keys::interface(cx, interface.owner_id(), interface_id);
            out.link(instance.clone(), Uses, interface);
        }
    }
    for device in listed.block_device_mappings() {
        if let Some(disk) = device.ebs()
            && let Some(volume_id) = disk.volume_id()
        {
            out.link(instance.clone(), Uses, keys::volume(cx, disk.volume_owner_id(), volume_id))
                .property("device", device.device_name.clone())
                .property("deleteOnTermination", disk.delete_on_termination);
        }
    }
    if let Some(profile) = shape.iam_instance_profile_arn {
        let role = out.find(instance, Uses, AWS_IAM_ROLE, "instanceProfileArns", &profile);
        role.any_region = true;
    }
}

fn shape(id: &str, listed: &Listed) -> Instance {
    let interfaces = listed.network_interfaces();
    let metadata = listed.metadata_options();
    let tokens = metadata.and_then(|it| it.http_tokens.as_ref()).map(|it| it.as_str().to_owned());
    let profile = listed.iam_instance_profile();
    let placement = listed.placement();
    let state = listed.state().and_then(|it| it.name.as_ref()).map(|it| it.as_str().to_owned());
    let private_dns_name = filled(listed.private_dns_name.clone());
    let launched_on = listed.launch_time().and_then(millis);
    let groups = interfaces.iter().flat_map(InstanceNetworkInterface::groups);
    let architecture = listed.architecture().map(ArchitectureValues::as_str);
    Instance {
        id: id.to_owned(),
        instance_id: id.to_owned(),
        hostname: private_dns_name.clone(),
        active: state.as_deref().map(|it| it == "running"),
        public: has_public_address(listed),
        private_ip_address: filled(listed.private_ip_address.clone()),
        public_ip_address: filled(listed.public_ip_address.clone()),
        private_dns_name,
        public_dns_name: filled(listed.public_dns_name.clone()),
        platform: platform(listed.platform().map(PlatformValues::as_str), architecture),
        instance_type: listed.instance_type().map(|it| it.as_str().to_owned()),
        image_id: filled(listed.image_id.clone()),
        subnet_id: filled(listed.subnet_id.clone()),
        vpc_id: filled(listed.vpc_id.clone()),
        security_group_ids: group_ids(listed.security_groups().iter().chain(groups)),
        key_name: filled(listed.key_name.clone()),
        iam_instance_profile_arn: profile.and_then(|it| it.arn.clone()),
        iam_instance_profile_id: profile.and_then(|it| it.id.clone()),
        availability_zone: placement.and_then(|it| it.availability_zone.clone()),
        created_on: first_attached(interfaces).or(launched_on),
        launched_on,
        stopped_on: stopped_on(state.as_deref(), listed.state_transition_reason()),
        metadata_http_tokens: tokens.clone(),
        http_tokens: tokens,
        http_put_response_hop_limit: metadata.and_then(|it| it.http_put_response_hop_limit),
        http_endpoint_enabled: metadata
            .and_then(|it| it.http_endpoint.as_ref())
            .map(|it| it.as_str() == "enabled"),
        virtualization_type: listed.virtualization_type().map(|it| it.as_str().to_owned()),
        monitoring: listed.monitoring().and_then(|it| it.state.as_ref()).map(|it| it.as_str().to_owned()),
        tenancy: placement.and_then(|it| it.tenancy.as_ref()).map(|it| it.as_str().to_owned()),
        state,
    }
}

fn has_public_address(listed: &Listed) -> bool {
    let public_ipv4 = listed.public_ip_address().is_some_and(|it| !it.is_empty());
    public_ipv4
        || listed.ipv6_address().is_some_and(is_public_ipv6)
        || listed.network_interfaces().iter().any(|it| {
            let secondary = it.private_ip_addresses().iter().filter_map(|it| it.association.as_ref());
            it.association.iter().chain(secondary).any(|it| it.public_ip.is_some())
                || it.ipv6_addresses().iter().filter_map(|it| it.ipv6_address()).any(is_public_ipv6)
        })
}

/// The primary network interface cannot be detached, so its attachment is as old as the instance.
fn first_attached(interfaces: &[InstanceNetworkInterface]) -> Option<i64> {
    let attachments = interfaces.iter().filter_map(|it| it.attachment.as_ref());
    let mut primary = attachments
        .filter(|it| it.device_index == Some(0) && it.network_card_index.is_none_or(|card| card == 0));
    primary.next()?.attach_time.as_ref().and_then(millis)
}

/// AWS says when an instance was stopped in a sentence only: `User initiated (2026-01-02 03:04:05 GMT)`.
fn stopped_on(state: Option<&str>, reason: Option<&str>) -> Option<i64> {
    if state != Some("stopped") {
        return None;
    }
    let (_, time) = reason?.rsplit_once('(')?;
    let time = time.strip_suffix(" GMT)")?;
    iso_millis(&format!("{}Z", time.replace(' ', "T")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_stopping_is_read_from_the_reason() {
        let check = |state, reason, expected| {
            assert_eq!(stopped_on(Some(state), Some(reason)), expected, "{state}: {reason}");
        };

        check("stopped", "User initiated (1970-01-01 00:00:02 GMT)", Some(2000));
        check("stopped", "Server.SpotInstanceShutdown", None);
        check("stopped", "", None);
        check("running", "User initiated (1970-01-01 00:00:02 GMT)", None);
    }

    #[test]
    fn a_private_instance_has_no_public_address() {
        let private = Listed::builder().private_ip_address("10.0.0.1").public_ip_address("").build();
        let public = Listed::builder().ipv6_address("2600:1f18::1").build();

        assert!(!has_public_address(&private));
        assert!(has_public_address(&public));
    }
}
