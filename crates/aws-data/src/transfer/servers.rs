//! Servers.

use aws_sdk_transfer::types::{
    DescribedServer, EndpointDetails, EndpointType, IdentityProviderDetails, ListedServer, State,
};
use orgraph_collect::prelude::*;
use orgraph_model::AwsPartition;

use crate::links::link_protectors;

/// A server that files are sent to and fetched from.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Server {
    /// The server's ID.
    id: String,
    /// The host name that AWS gives it.
    hostname: String,
    /// `application`.
    category: Vec<String>,
    /// `other`.
    function: Vec<String>,
    /// Whether it can be reached from the internet: a public endpoint, or public addresses in a VPC.
    public: Option<bool>,
    /// The state, such as `ONLINE` or `OFFLINE`.
    state: Option<String>,
    /// Whether the state is `ONLINE`.
    active: Option<bool>,
    /// `SFTP`, `FTPS`, `FTP` and `AS2`, as far as it speaks them.
    protocols: Option<Vec<String>>,
    /// `PUBLIC`, `VPC` or `VPC_ENDPOINT`.
    endpoint_type: Option<String>,
    /// Who knows its users: `SERVICE_MANAGED` for the server itself.
    identity_provider_type: Option<String>,
    /// Where its files are: `S3` or `EFS`.
    domain: Option<String>,
    /// The role that writes its log.
    logging_role: Option<String>,
    /// The VPC it is in.
    vpc_id: Option<String>,
    /// The security groups of its endpoint, as they were when it was created.
    security_group_ids: Option<Vec<String>>,
    /// How many users it manages itself.
    user_count: Option<i32>,
}

impl Entity for Server {
    const TYPE: EntityType = AWS_TRANSFER_SERVER;
}

pub(super) fn server(
    cx: &Cx,
    out: &mut Batch,
    id: &str,
    listed: ListedServer,
    described: &Detail<DescribedServer>,
) {
    let endpoint = described.known().map(|it| it.endpoint_details.as_ref());
    let security_group_ids =
        endpoint.map(|it| it.map(|it| it.security_group_ids().to_vec()).unwrap_or_default());
    let server = AWS_TRANSFER_SERVER.at(&listed.arn);
    let logging_role = listed.logging_role.filter(|it| !it.is_empty());
    let identity = described.known().and_then(|it| it.identity_provider_details.as_ref());
    let invocation_role = identity.and_then(IdentityProviderDetails::invocation_role);

    link_protectors(cx, out, &server, security_group_ids.as_deref().unwrap_or_default());
    for (role, role_type) in [(logging_role.as_deref(), "logging"), (invocation_role, "invocation")] {
        if let Some(role) = role {
            out.link(AWS_IAM_ROLE.at(role), Assigned, server.clone())
                .property("roleType", role_type)
                .discriminator(role_type);
        }
    }

    let pairs = described.known().and_then(|it| it.tags.clone()).unwrap_or_default();
    let tags: Vec<_> = pairs.into_iter().map(|it| (it.key, it.value)).collect();
    out.add(
        &listed.arn,
        id,
        &Server {
            id: id.to_owned(),
            hostname: hostname(cx, id),
            category: vec!["application".to_owned()],
            function: vec!["other".to_owned()],
            public: endpoint.map(|it| is_public(listed.endpoint_type.as_ref(), it)),
            active: listed.state.as_ref().map(|it| *it == State::Online),
            state: listed.state.map(|it| it.as_str().to_owned()),
            protocols: described
                .known()
                .map(|it| it.protocols().iter().map(|it| it.as_str().to_owned()).collect()),
            endpoint_type: listed.endpoint_type.map(|it| it.as_str().to_owned()),
            identity_provider_type: listed.identity_provider_type.map(|it| it.as_str().to_owned()),
            domain: listed.domain.map(|it| it.as_str().to_owned()),
            logging_role,
            vpc_id: endpoint.flatten().and_then(|it| it.vpc_id.clone()),
            security_group_ids,
            user_count: listed.user_count,
        },
    )
    .tags(tags)
    .web_link(cx.console(format_args!("transfer/home?region={}#/servers/{id}", cx.region())))
    .unknown(described, &["public", "protocols", "vpcId", "securityGroupIds", "tags"]);
}

fn hostname(cx: &Cx, id: &str) -> String {
    let domain = match cx.partition() {
        AwsPartition::AwsCn => "amazonaws.com.cn",
        AwsPartition::Aws | AwsPartition::AwsUsGov => "amazonaws.com",
    };
    format!("{id}.server.transfer.{}.{domain}", cx.region())
}

fn is_public(endpoint_type: Option<&EndpointType>, endpoint: Option<&EndpointDetails>) -> bool {
    match endpoint_type {
        Some(EndpointType::Vpc) => endpoint.is_some_and(|it| !it.address_allocation_ids().is_empty()),
        other => other == Some(&EndpointType::Public),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_in_a_vpc_is_public_by_its_addresses() {
        let check = |endpoint_type: EndpointType, addresses: &[&str], expected: bool| {
            let addresses = addresses.iter().map(|&it| it.to_owned()).collect();
            let endpoint = EndpointDetails::builder().set_address_allocation_ids(Some(addresses)).build();
            assert_eq!(is_public(Some(&endpoint_type), Some(&endpoint)), expected, "{endpoint_type}");
        };

        check(EndpointType::Public, &[], true);
        check(EndpointType::Vpc, &[], false);
        check(EndpointType::Vpc, &["eipalloc-1"], true);
        check(EndpointType::VpcEndpoint, &[], false);
    }
}
