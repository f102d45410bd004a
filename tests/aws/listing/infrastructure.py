"""Networks, machines, functions and databases."""

from .inventory import Inventory

# Type, operation, list, key: `{...}` are members of the item, the account and the region.
NETWORK = [
    ("aws_vpc", "describe_vpcs", "Vpcs", "arn:aws:ec2:{region}:{OwnerId}:vpc/{VpcId}"),
    ("aws_subnet", "describe_subnets", "Subnets", "{SubnetArn}"),
    ("aws_route_table", "describe_route_tables", "RouteTables", "arn:aws:ec2:{region}:{OwnerId}:route-table/{RouteTableId}"),
    ("aws_network_acl", "describe_network_acls", "NetworkAcls", "arn:aws:ec2:{region}:{OwnerId}:network-acl/{NetworkAclId}"),
    (
        "aws_security_group",
        "describe_security_groups",
        "SecurityGroups",
        "arn:aws:ec2:{region}:{OwnerId}:security-group/{GroupId}",
    ),
    (
        "aws_internet_gateway",
        "describe_internet_gateways",
        "InternetGateways",
        "arn:aws:ec2:{region}:{OwnerId}:internet-gateway/{InternetGatewayId}",
    ),
    ("aws_nat_gateway", "describe_nat_gateways", "NatGateways", "arn:aws:ec2:{region}:{account}:natgateway/{NatGatewayId}"),
    ("aws_vpn_gateway", "describe_vpn_gateways", "VpnGateways", "arn:aws:ec2:{region}:{account}:vpn-gateway/{VpnGatewayId}"),
    ("aws_eip", "describe_addresses", "Addresses", "arn:aws:ec2:{region}:{account}:elastic-ip/{AllocationId}"),
    (
        "aws_eni",
        "describe_network_interfaces",
        "NetworkInterfaces",
        "arn:aws:ec2:{region}:{OwnerId}:network-interface/{NetworkInterfaceId}",
    ),
]
COMPUTE = [
    ("aws_key_pair", "describe_key_pairs", "KeyPairs", "arn:aws:ec2:{region}:{account}:key-pair/{KeyName}"),
    ("aws_ebs_volume", "describe_volumes", "Volumes", "arn:aws:ec2:{region}:{account}:volume/{VolumeId}"),
    ("aws_ebs_snapshot", "describe_snapshots", "Snapshots", "arn:aws:ec2:{region}::snapshot/{SnapshotId}"),
    ("aws_ami", "describe_images", "Images", "arn:aws:ec2:{region}::image/{ImageId}"),
]
OWNED = {"describe_snapshots": {"OwnerIds": ["self"]}, "describe_images": {"Owners": ["self"]}}


def add_network(inventory: Inventory, region: str) -> None:
    add_listed(inventory, region, NETWORK)


def add_compute(inventory: Inventory, region: str) -> None:
    add_listed(inventory, region, COMPUTE)
    for reservation in inventory.pages("ec2", region, "describe_instances", "Reservations"):
        owner = reservation["OwnerId"]
        live = [it for it in reservation["Instances"] if it["State"]["Name"] != "terminated"]
        inventory.add("aws_instance", region, [f"arn:aws:ec2:{region}:{owner}:instance/{it['InstanceId']}" for it in live])
    functions = inventory.pages("lambda", region, "list_functions", "Functions")
    inventory.add("aws_lambda_function", region, [function["FunctionArn"] for function in functions])
    inventory.add("aws_ec2_settings", region, [f"aws_ec2_settings:{inventory.aws.account}:{region}"])


def add_listed(inventory: Inventory, region: str, listings: list[tuple[str, str, str, str]]) -> None:
    account = inventory.aws.account
    for entity_type, operation, result, key in listings:
        for item in inventory.pages("ec2", region, operation, result, **OWNED.get(operation, {})):
            is_foreign = item.get("OwnerId", account) != account
            if not is_foreign and item.get("State") != "deleted":
                inventory.add(entity_type, region, [key.format(**{"region": region, "account": account, **item})])


def add_databases(inventory: Inventory, region: str) -> None:
    for entity_type, operation, result, key in (
        ("aws_rds_cluster", "describe_db_clusters", "DBClusters", "DBClusterArn"),
        ("aws_db_instance", "describe_db_instances", "DBInstances", "DBInstanceArn"),
        ("aws_db_snapshot", "describe_db_snapshots", "DBSnapshots", "DBSnapshotArn"),
        ("aws_db_cluster_snapshot", "describe_db_cluster_snapshots", "DBClusterSnapshots", "DBClusterSnapshotArn"),
    ):
        inventory.add(entity_type, region, [item[key] for item in inventory.pages("rds", region, operation, result)])
