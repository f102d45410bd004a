"""What connects networks, machines, functions and databases."""

from .inventory import Inventory


def link_infrastructure(inventory: Inventory, region: str) -> None:
    link_networks(inventory, region)
    link_routes(inventory, region)
    link_addresses(inventory, region)
    link_instances(inventory, region)
    link_volumes(inventory, region)
    link_functions(inventory, region)
    link_databases(inventory, region)


def link_networks(inventory: Inventory, region: str) -> None:
    def vpc(item: dict) -> str:
        return inventory.ec2(region, "vpc", item["VpcId"])

    def listed(operation: str, result: str) -> list[dict]:
        return inventory.pages("ec2", region, operation, result)

    for subnet in listed("describe_subnets", "Subnets"):
        inventory.link("aws_vpc", vpc(subnet), "CONTAINS", "aws_subnet", subnet["SubnetArn"])
    for gateway in listed("describe_nat_gateways", "NatGateways"):
        key = inventory.ec2(region, "natgateway", gateway["NatGatewayId"])
        inventory.link("aws_vpc", vpc(gateway), "HAS", "aws_nat_gateway", key)
    for gateway in listed("describe_internet_gateways", "InternetGateways"):
        key = inventory.ec2(region, "internet-gateway", gateway["InternetGatewayId"])
        vpcs = [vpc(attachment) for attachment in gateway["Attachments"]]
        inventory.link_from("aws_vpc", vpcs, "HAS", "aws_internet_gateway", key)
    for gateway in listed("describe_vpn_gateways", "VpnGateways"):
        key = inventory.ec2(region, "vpn-gateway", gateway["VpnGatewayId"])
        vpcs = [vpc(attachment) for attachment in gateway["VpcAttachments"] if attachment["State"] == "attached"]
        inventory.link_from("aws_vpc", vpcs, "HAS", "aws_vpn_gateway", key)
    for group in listed("describe_security_groups", "SecurityGroups"):
        key = inventory.ec2(region, "security-group", group["GroupId"])
        inventory.link("aws_vpc", vpc(group), "HAS", "aws_security_group", key)
    for acl in listed("describe_network_acls", "NetworkAcls"):
        key = inventory.ec2(region, "network-acl", acl["NetworkAclId"])
        subnets = [inventory.ec2(region, "subnet", it["SubnetId"]) for it in acl["Associations"]]
        inventory.link("aws_network_acl", key, "PROTECTS", "aws_subnet", subnets)


def link_routes(inventory: Inventory, region: str) -> None:
    """The table of each subnet: the one that names it, else the main table of its VPC."""
    tables, main = {}, {}
    for table in inventory.pages("ec2", region, "describe_route_tables", "RouteTables"):
        key = inventory.ec2(region, "route-table", table["RouteTableId"])
        inventory.link("aws_vpc", inventory.ec2(region, "vpc", table["VpcId"]), "HAS", "aws_route_table", key)
        for association in table["Associations"]:
            if association["Main"]:
                main[table["VpcId"]] = key
            elif "SubnetId" in association:
                tables[association["SubnetId"]] = key
    for subnet in inventory.pages("ec2", region, "describe_subnets", "Subnets"):
        table = tables.get(subnet["SubnetId"]) or main[subnet["VpcId"]]
        inventory.link("aws_subnet", subnet["SubnetArn"], "USES", "aws_route_table", table)


def link_addresses(inventory: Inventory, region: str) -> None:
    def address(item: dict) -> str | None:
        return inventory.ec2(region, "elastic-ip", item["AllocationId"]) if item.get("AllocationId") else None

    for interface in inventory.pages("ec2", region, "describe_network_interfaces", "NetworkInterfaces"):
        key = inventory.ec2(region, "network-interface", interface["NetworkInterfaceId"])
        inventory.link("aws_eni", key, "USES", "aws_eip", address(interface.get("Association", {})))
        inventory.protect(region, "aws_eni", key, [group["GroupId"] for group in interface["Groups"]], has=False)
    for gateway in inventory.pages("ec2", region, "describe_nat_gateways", "NatGateways"):
        key = inventory.ec2(region, "natgateway", gateway["NatGatewayId"])
        for item in gateway["NatGatewayAddresses"]:
            inventory.link("aws_nat_gateway", key, "USES", "aws_eip", address(item))
            if interface_id := item.get("NetworkInterfaceId"):
                interface = inventory.ec2(region, "network-interface", interface_id)
                inventory.link("aws_nat_gateway", key, "USES", "aws_eni", interface)
    for item in inventory.pages("ec2", region, "describe_addresses", "Addresses"):
        if item.get("InstanceId"):
            instance = inventory.ec2(region, "instance", item["InstanceId"])
            inventory.link("aws_instance", instance, "USES", "aws_eip", address(item))


def link_instances(inventory: Inventory, region: str) -> None:
    profiles = inventory.pages("iam", "us-east-1", "list_instance_profiles", "InstanceProfiles")
    roles = {profile["InstanceProfileId"]: [role["Arn"] for role in profile["Roles"]] for profile in profiles}
    for reservation in inventory.pages("ec2", region, "describe_instances", "Reservations"):
        for instance in reservation["Instances"]:
            key = inventory.ec2(region, "instance", instance["InstanceId"])
            interfaces = instance["NetworkInterfaces"]
            volumes = [it["Ebs"]["VolumeId"] for it in instance["BlockDeviceMappings"]]
            groups = [*instance["SecurityGroups"], *(it for interface in interfaces for it in interface["Groups"])]
            subnets = {instance.get("SubnetId"), *(it["SubnetId"] for it in interfaces)} - {None}
            enis = [inventory.ec2(region, "network-interface", it["NetworkInterfaceId"]) for it in interfaces]
            inventory.link("aws_instance", key, "USES", "aws_ebs_volume", [inventory.ec2(region, "volume", it) for it in volumes])
            inventory.link("aws_instance", key, "USES", "aws_eni", enis)
            inventory.link(
                "aws_instance", key, "USES", "aws_iam_role", roles.get(instance.get("IamInstanceProfile", {}).get("Id"))
            )
            subnet_keys = [inventory.ec2(region, "subnet", it) for it in subnets]
            inventory.link_from("aws_subnet", subnet_keys, "HAS", "aws_instance", key)
            inventory.protect(region, "aws_instance", key, [it["GroupId"] for it in groups])


def link_volumes(inventory: Inventory, region: str) -> None:
    def snapshot(item: dict) -> str | None:
        return f"arn:aws:ec2:{region}::snapshot/{item['SnapshotId']}" if item.get("SnapshotId") else None

    for volume in inventory.pages("ec2", region, "describe_volumes", "Volumes"):
        key = inventory.ec2(region, "volume", volume["VolumeId"])
        inventory.link("aws_ebs_volume", key, "USES", "aws_ebs_snapshot", snapshot(volume))
    for item in inventory.pages("ec2", region, "describe_snapshots", "Snapshots", OwnerIds=["self"]):
        volume = inventory.ec2(region, "volume", item["VolumeId"])
        inventory.link("aws_ebs_volume", volume, "HAS", "aws_ebs_snapshot", snapshot(item))


def link_functions(inventory: Inventory, region: str) -> None:
    for function in inventory.pages("lambda", region, "list_functions", "Functions"):
        arn, network = function["FunctionArn"], function.get("VpcConfig", {})
        inventory.link("aws_lambda_function", arn, "HAS", "aws_iam_role", function["Role"])
        if network.get("VpcId"):
            inventory.link("aws_lambda_function", arn, "HAS", "aws_vpc", inventory.ec2(region, "vpc", network["VpcId"]))
        inventory.protect(region, "aws_lambda_function", arn, network.get("SecurityGroupIds", []))


def link_databases(inventory: Inventory, region: str) -> None:
    def listed(operation: str, result: str) -> list[dict]:
        return inventory.pages("rds", region, operation, result)

    clusters, instances = {}, {}
    for cluster in listed("describe_db_clusters", "DBClusters"):
        clusters[cluster["DBClusterIdentifier"]] = cluster["DBClusterArn"]
        protect_database(inventory, region, "aws_rds_cluster", cluster["DBClusterArn"], cluster)
    for instance in listed("describe_db_instances", "DBInstances"):
        instances[instance["DBInstanceIdentifier"]] = arn = instance["DBInstanceArn"]
        protect_database(inventory, region, "aws_db_instance", arn, instance)
        if cluster := clusters.get(instance.get("DBClusterIdentifier")):
            inventory.link("aws_rds_cluster", cluster, "CONTAINS", "aws_db_instance", arn)
    for snapshot in listed("describe_db_cluster_snapshots", "DBClusterSnapshots"):
        cluster, key = clusters[snapshot["DBClusterIdentifier"]], snapshot["DBClusterSnapshotArn"]
        inventory.link("aws_rds_cluster", cluster, "CONTAINS", "aws_db_cluster_snapshot", key)
    for snapshot in listed("describe_db_snapshots", "DBSnapshots"):
        instance, key = instances[snapshot["DBInstanceIdentifier"]], snapshot["DBSnapshotArn"]
        inventory.link("aws_db_instance", instance, "CONTAINS", "aws_db_snapshot", key)


def protect_database(inventory: Inventory, region: str, entity_type: str, key: str, database: dict) -> None:
    active = [it["VpcSecurityGroupId"] for it in database["VpcSecurityGroups"] if it["Status"] == "active"]
    inventory.protect(region, entity_type, key, active)
