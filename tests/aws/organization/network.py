"""The network of one account in one region."""

from dataclasses import dataclass
from typing import Any

from .aws import Aws, tagged

ANYWHERE = "0.0.0.0/0"


@dataclass
class Network:
    vpc_id: str
    public_subnet_id: str
    private_subnet_id: str
    web_group_id: str
    database_group_id: str
    public_routes_id: str


def create_network(aws: Aws, region: str, number: int, log_bucket: str) -> Network:
    """A VPC with a public and a private subnet and everything that hangs on them."""
    ec2 = aws.client("ec2", region)
    octet = number % 200 + 10
    vpc_id = ec2.create_vpc(CidrBlock=f"10.{octet}.0.0/16", **tagged("vpc", "main"))["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    public_id, private_id = (
        ec2.create_subnet(
            VpcId=vpc_id,
            CidrBlock=f"10.{octet}.{index}.0/24",
            AvailabilityZone=f"{region}{zone}",
            **tagged("subnet", name, Classification=name),
        )["Subnet"]["SubnetId"]
        for index, (name, zone) in enumerate((("public", "a"), ("private", "b")))
    )
    ec2.modify_subnet_attribute(SubnetId=public_id, MapPublicIpOnLaunch={"Value": True})
    routes_id = create_routes(ec2, vpc_id, public_id, private_id)
    create_network_acl(ec2, vpc_id)
    web_id, database_id = create_security_groups(ec2, vpc_id)
    create_connections(ec2, region, vpc_id, routes_id, private_id, web_id, octet)
    ec2.create_flow_logs(
        ResourceIds=[vpc_id],
        ResourceType="VPC",
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination=f"arn:aws:s3:::{log_bucket}",
    )
    return Network(vpc_id, public_id, private_id, web_id, database_id, routes_id)


def create_routes(ec2: Any, vpc_id: str, public_id: str, private_id: str) -> str:
    """An internet gateway for the public subnet, a NAT gateway for the private one; the public route table."""
    gateway_id = ec2.create_internet_gateway(**tagged("internet-gateway", "main"))["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway_id, VpcId=vpc_id)
    public_routes_id = ec2.create_route_table(VpcId=vpc_id, **tagged("route-table", "public"))["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=public_routes_id, DestinationCidrBlock=ANYWHERE, GatewayId=gateway_id)
    ec2.associate_route_table(RouteTableId=public_routes_id, SubnetId=public_id)

    address_id = ec2.allocate_address(Domain="vpc", **tagged("elastic-ip", "nat"))["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public_id, AllocationId=address_id, **tagged("natgateway", "main"))
    deleted = ec2.create_nat_gateway(SubnetId=public_id, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    ec2.delete_nat_gateway(NatGatewayId=deleted)
    private_routes_id = ec2.create_route_table(VpcId=vpc_id, **tagged("route-table", "private"))["RouteTable"]["RouteTableId"]
    ec2.create_route(
        RouteTableId=private_routes_id, DestinationCidrBlock=ANYWHERE, NatGatewayId=nat["NatGateway"]["NatGatewayId"]
    )
    ec2.associate_route_table(RouteTableId=private_routes_id, SubnetId=private_id)
    return public_routes_id


def create_network_acl(ec2: Any, vpc_id: str) -> None:
    acl_id = ec2.create_network_acl(VpcId=vpc_id, **tagged("network-acl", "strict"))["NetworkAcl"]["NetworkAclId"]
    ec2.create_network_acl_entry(
        NetworkAclId=acl_id,
        RuleNumber=100,
        Protocol="6",
        RuleAction="allow",
        Egress=False,
        CidrBlock=ANYWHERE,
        PortRange={"From": 443, "To": 443},
    )


def create_security_groups(ec2: Any, vpc_id: str) -> tuple[str, str]:
    """A group that is open to the internet and a prefix list, one that only the first may reach, and one of old."""
    prefix_list = ec2.create_managed_prefix_list(
        PrefixListName="offices",
        MaxEntries=5,
        AddressFamily="IPv4",
        Entries=[{"Cidr": "198.51.100.0/24", "Description": "Berlin"}, {"Cidr": "203.0.113.0/24", "Description": "Oslo"}],
        **tagged("prefix-list", "offices"),
    )["PrefixList"]["PrefixListId"]
    web_id = ec2.create_security_group(
        GroupName="web", Description="Web servers", VpcId=vpc_id, **tagged("security-group", "web")
    )["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=web_id,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "IpRanges": [{"CidrIp": ANYWHERE, "Description": "HTTPS"}],
                "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
            },
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [{"PrefixListId": prefix_list}]},
        ],
    )
    database_id = ec2.create_security_group(GroupName="database", Description="Databases", VpcId=vpc_id)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=database_id,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": web_id}]}],
    )
    bastion_id = ec2.create_security_group(GroupName="bastion", Description="Nobody remembers", VpcId=vpc_id)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=bastion_id,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": ANYWHERE}]},
            {"IpProtocol": "tcp", "FromPort": 3389, "ToPort": 3389, "IpRanges": [{"CidrIp": "203.0.113.7/32"}]},
        ],
    )
    return web_id, database_id


def create_connections(ec2: Any, region: str, vpc_id: str, routes_id: str, subnet_id: str, group_id: str, octet: int) -> None:
    """A peering, a VPN gateway and VPC endpoints."""
    other_id = ec2.create_vpc(CidrBlock=f"172.16.{octet}.0/24", **tagged("vpc", "tools"))["Vpc"]["VpcId"]
    peering = ec2.create_vpc_peering_connection(VpcId=vpc_id, PeerVpcId=other_id, **tagged("vpc-peering-connection", "tools"))
    peering_id = peering["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering_id)
    ec2.create_route(RouteTableId=routes_id, DestinationCidrBlock=f"172.16.{octet}.0/24", VpcPeeringConnectionId=peering_id)

    vpn_id = ec2.create_vpn_gateway(Type="ipsec.1", **tagged("vpn-gateway", "branch"))["VpnGateway"]["VpnGatewayId"]
    ec2.attach_vpn_gateway(VpnGatewayId=vpn_id, VpcId=vpc_id)

    ec2.create_vpc_endpoint(
        VpcId=vpc_id, ServiceName=f"com.amazonaws.{region}.s3", VpcEndpointType="Gateway", RouteTableIds=[routes_id]
    )
    ec2.create_vpc_endpoint(
        VpcId=vpc_id,
        ServiceName=f"com.amazonaws.{region}.ec2",
        VpcEndpointType="Interface",
        SubnetIds=[subnet_id],
        SecurityGroupIds=[group_id],
    )
