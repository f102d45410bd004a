"""Certificates and load balancers of three kinds."""

from .inventory import Inventory

KINDS = {"application": "aws_alb", "network": "aws_nlb"}


def add_balancers(inventory: Inventory, region: str) -> None:
    certificates = inventory.pages("acm", region, "list_certificates", "CertificateSummaryList")
    inventory.add("aws_acm_certificate", region, [it["CertificateArn"] for it in certificates])
    kinds: dict[str, str] = {}
    for balancer in inventory.pages("elbv2", region, "describe_load_balancers", "LoadBalancers"):
        arn = balancer["LoadBalancerArn"]
        kinds[arn] = KINDS.get(balancer["Type"], "aws_lb")
        inventory.add(kinds[arn], region, [arn])
        inventory.protect(region, kinds[arn], arn, balancer.get("SecurityGroups", []))
        add_listeners(inventory, region, kinds[arn], arn)
    add_target_groups(inventory, region, kinds)
    add_classic_balancers(inventory, region)


def add_listeners(inventory: Inventory, region: str, kind: str, balancer: str) -> None:
    for listener in inventory.pages("elbv2", region, "describe_listeners", "Listeners", LoadBalancerArn=balancer):
        arn = listener["ListenerArn"]
        inventory.add("aws_lb_listener", region, [arn])
        inventory.link(kind, balancer, "CONNECTS", "aws_lb_listener", arn)
        if ":listener/gwy/" not in arn:  # they take all traffic and have no rules
            rules = inventory.pages("elbv2", region, "describe_rules", "Rules", ListenerArn=arn)
            inventory.add("aws_lb_listener_rule", region, [rule["RuleArn"] for rule in rules])
            inventory.link("aws_lb_listener", arn, "HAS", "aws_lb_listener_rule", [rule["RuleArn"] for rule in rules])
        listed = inventory.pages("elbv2", region, "describe_listener_certificates", "Certificates", ListenerArn=arn)
        certificates = {it["CertificateArn"] for it in [*listener.get("Certificates", []), *listed]}
        if kind == "aws_alb":
            inventory.link(kind, balancer, "USES", "aws_acm_certificate", [it for it in certificates if ":acm:" in it])
        servers = [it for it in certificates if ":iam:" in it]
        inventory.link("aws_lb_listener", arn, "USES", "aws_iam_server_certificate", servers)


def add_target_groups(inventory: Inventory, region: str, kinds: dict[str, str]) -> None:
    interfaces = inventory.pages("ec2", region, "describe_network_interfaces", "NetworkInterfaces")
    for group in inventory.pages("elbv2", region, "describe_target_groups", "TargetGroups"):
        arn = group["TargetGroupArn"]
        inventory.add("aws_lb_target_group", region, [arn])
        for balancer in group["LoadBalancerArns"]:
            inventory.link(kinds[balancer], balancer, "CONNECTS", "aws_lb_target_group", arn)
        health = inventory.pages("elbv2", region, "describe_target_health", "TargetHealthDescriptions", TargetGroupArn=arn)
        for target in health:
            target_id = target["Target"]["Id"]
            if group["TargetType"] == "instance":
                instance = inventory.ec2(region, "instance", target_id)
                inventory.link("aws_lb_target_group", arn, "HAS", "aws_instance", instance)
            elif group["TargetType"] == "lambda":
                inventory.link("aws_lb_target_group", arn, "HAS", "aws_lambda_function", target_id)
            elif group["TargetType"] == "alb":
                inventory.link("aws_lb_target_group", arn, "HAS", "aws_alb", target_id)
            else:
                found = [it["NetworkInterfaceId"] for it in interfaces if has_address(it, group["VpcId"], target_id)]
                keys = [inventory.ec2(region, "network-interface", it) for it in found]
                inventory.link("aws_lb_target_group", arn, "HAS", "aws_eni", keys)


def has_address(interface: dict, vpc_id: str, address: str) -> bool:
    addresses = {it["PrivateIpAddress"] for it in interface["PrivateIpAddresses"]}
    return interface["VpcId"] == vpc_id and address in addresses


def add_classic_balancers(inventory: Inventory, region: str) -> None:
    for balancer in inventory.pages("elb", region, "describe_load_balancers", "LoadBalancerDescriptions"):
        name = balancer["LoadBalancerName"]
        key = f"arn:aws:elasticloadbalancing:{region}:{inventory.account}:loadbalancer/{name}"
        inventory.add("aws_elb", region, [key])
        inventory.protect(region, "aws_elb", key, balancer["SecurityGroups"])
        instances = [inventory.ec2(region, "instance", it["InstanceId"]) for it in balancer["Instances"]]
        inventory.link("aws_elb", key, "CONNECTS", "aws_instance", instances)
        listeners = [it["Listener"] for it in balancer["ListenerDescriptions"]]
        servers = [it["SSLCertificateId"] for it in listeners if ":iam:" in it.get("SSLCertificateId", "")]
        inventory.link("aws_elb", key, "USES", "aws_iam_server_certificate", servers)
