"""What is connected by name or address, whichever account it is in."""

from .gateways import record_key
from .inventory import Inventory

HOME = "us-east-1"


def link_peerings(inventory: Inventory, region: str) -> None:
    for peering in inventory.pages("ec2", region, "describe_vpc_peering_connections", "VpcPeeringConnections"):
        if peering["Status"]["Code"] == "active":
            requester, accepter = (
                f"arn:aws:ec2:{side.get('Region', region)}:{side['OwnerId']}:vpc/{side['VpcId']}"
                for side in (peering["RequesterVpcInfo"], peering["AccepterVpcInfo"])
            )
            inventory.link("aws_vpc", requester, "CONNECTS", "aws_vpc", accepter)


def note_addresses(inventory: Inventory, region: str) -> None:
    """The names and addresses under which an account's hosts and gateways are found."""
    for reservation in inventory.pages("ec2", region, "describe_instances", "Reservations"):
        for instance in reservation["Instances"]:
            key = inventory.ec2(region, "instance", instance["InstanceId"])
            note(inventory, "aws_instance", key, instance.get("PublicIpAddress"), instance.get("PublicDnsName"))
            inside = instance.get("VpcId"), instance.get("PrivateIpAddress")
            inventory.private_addresses.setdefault(inside, []).append(("aws_instance", key))
    for gateway in inventory.pages("ec2", region, "describe_nat_gateways", "NatGateways"):
        key = inventory.ec2(region, "natgateway", gateway["NatGatewayId"])
        note(inventory, "aws_nat_gateway", key, *(it.get("PublicIp") for it in gateway["NatGatewayAddresses"]))
    kinds = {"application": "aws_alb", "network": "aws_nlb"}
    for balancer in inventory.pages("elbv2", region, "describe_load_balancers", "LoadBalancers"):
        entity_type = kinds.get(balancer["Type"], "aws_lb")
        note(inventory, entity_type, balancer["LoadBalancerArn"], balancer.get("DNSName"))
    for balancer in inventory.pages("elb", region, "describe_load_balancers", "LoadBalancerDescriptions"):
        name = balancer["LoadBalancerName"]
        key = f"arn:aws:elasticloadbalancing:{region}:{inventory.account}:loadbalancer/{name}"
        note(inventory, "aws_elb", key, balancer["DNSName"])


def note_distributions(inventory: Inventory) -> None:
    answer = inventory.one("cloudfront", HOME, "list_distributions")
    for distribution in answer["DistributionList"].get("Items", []):
        names = distribution["DomainName"], *distribution["Aliases"].get("Items", [])
        note(inventory, "aws_cloudfront_distribution", distribution["ARN"], *names)


def note(inventory: Inventory, entity_type: str, key: str, *names: str | None) -> None:
    for name in names:
        if name:
            inventory.names.setdefault(name.lower(), []).append((entity_type, key))


def link_zones(inventory: Inventory) -> None:
    """Records of the account with what they name, and its public zones with the domains that are registered anywhere."""
    domains = {key.rsplit(":", 1)[1]: key for key in inventory.keys("aws_route53_domain")}
    for zone in inventory.pages("route53", HOME, "list_hosted_zones", "HostedZones"):
        zone_id = zone["Id"].rsplit("/", 1)[-1]
        is_private = zone["Config"]["PrivateZone"]
        if not is_private and (domain := longest_parent(zone["Name"].rstrip("."), domains)):
            arn = f"arn:aws:route53:::hostedzone/{zone_id}"
            inventory.link("aws_route53_domain", domains[domain], "HAS", "aws_route53_zone", arn)
        vpcs = inventory.one("route53", HOME, "get_hosted_zone", Id=zone_id)["VPCs"] if is_private else []
        records = inventory.pages("route53", HOME, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone_id)
        for record in records:
            link_record(inventory, record_key(zone_id, record), record, [vpc["VPCId"] for vpc in vpcs])


def longest_parent(name: str, domains: dict[str, str]) -> str | None:
    labels = name.split(".")
    return next((parent for start in range(len(labels)) if (parent := ".".join(labels[start:])) in domains), None)


def link_record(inventory: Inventory, key: str, record: dict, vpc_ids: list[str]) -> None:
    if record["Type"] not in ("A", "AAAA", "CNAME"):
        return
    values = [it["Value"] for it in record.get("ResourceRecords", [])]
    values += [record["AliasTarget"]["DNSName"]] if "AliasTarget" in record else []
    for value in values:
        name = value.lower().rstrip(".").removeprefix("dualstack.")
        inside = [it for vpc_id in vpc_ids for it in inventory.private_addresses.get((vpc_id, name), [])]
        for entity_type, target in inventory.names.get(name, []) + inside:
            inventory.link("aws_route53_record", key, "CONNECTS", entity_type, target)
