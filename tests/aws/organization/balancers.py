"""Certificates and load balancers of one account in one region."""

from typing import Any

from .aws import tags
from .identity import self_signed
from .place import Place

OWNER = {"Owner": "web-team"}


def create_certificates(place: Place) -> None:
    """A certificate of AWS for the load balancers, and an imported one that nobody uses."""
    acm = place.client("acm")
    arn = acm.request_certificate(
        DomainName=f"{place.name}.example.com",
        SubjectAlternativeNames=[f"*.{place.name}.example.com"],
        ValidationMethod="DNS",
        Tags=tags(**OWNER),
    )["CertificateArn"]
    place.built["certificate"] = arn
    certificate, private_key = self_signed()
    acm.import_certificate(Certificate=certificate.encode(), PrivateKey=private_key.encode())


def create_balancers(place: Place) -> None:
    elbv2 = place.client("elbv2")
    create_application_balancer(place, elbv2)
    create_network_balancer(place, elbv2)
    create_gateway_balancer(place, elbv2)
    create_classic_balancer(place)


def create_application_balancer(place: Place, elbv2: Any) -> None:
    """An internet-facing load balancer with three kinds of targets."""
    balancer = elbv2.create_load_balancer(
        Name="web",
        Subnets=place.subnet_ids,
        SecurityGroups=[place.network.web_group_id],
        Scheme="internet-facing",
        Type="application",
        Tags=tags(**OWNER),
    )["LoadBalancers"][0]
    place.built["balancer"], place.built["balancer_name"] = balancer["LoadBalancerArn"], balancer["DNSName"]
    place.built["balancer_zone"] = balancer["CanonicalHostedZoneId"]
    attributes = {
        "access_logs.s3.enabled": "true",
        "access_logs.s3.bucket": place.buckets[0],
        "deletion_protection.enabled": "true",
        "routing.http.drop_invalid_header_fields.enabled": "true",
    }
    elbv2.modify_load_balancer_attributes(LoadBalancerArn=balancer["LoadBalancerArn"], Attributes=tags(**attributes))
    instances = target_group(elbv2, "instances", place.network.vpc_id, "instance", "HTTP", 80)
    addresses = target_group(elbv2, "addresses", place.network.vpc_id, "ip", "HTTP", 80)
    functions = target_group(elbv2, "functions", None, "lambda", None, None)
    elbv2.register_targets(TargetGroupArn=instances, Targets=[{"Id": place.built["instance"], "Port": 8080}])
    elbv2.register_targets(TargetGroupArn=addresses, Targets=[{"Id": spare_address(place), "Port": 80}])
    elbv2.register_targets(TargetGroupArn=functions, Targets=[{"Id": place.built["function"]}])
    forward = {"Type": "forward", "TargetGroupArn": instances}
    secure = elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTPS",
        Port=443,
        SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06",
        Certificates=[{"CertificateArn": place.built["certificate"]}],
        DefaultActions=[forward],
        Tags=tags(**OWNER),
    )["Listeners"][0]["ListenerArn"]
    place.built["listener"] = secure
    redirect = {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "redirect", "RedirectConfig": redirect}],
    )
    for priority, path, group in ((10, "/api/*", functions), (20, "/static/*", addresses)):
        elbv2.create_rule(
            ListenerArn=secure,
            Priority=priority,
            Conditions=[{"Field": "path-pattern", "Values": [path]}],
            Actions=[{"Type": "forward", "TargetGroupArn": group}],
            Tags=tags(**OWNER),
        )


def target_group(elbv2: Any, name: str, vpc_id: str | None, kind: str, protocol: str | None, port: int | None) -> str:
    arguments = {"VpcId": vpc_id, "Protocol": protocol, "Port": port}
    given = {key: value for key, value in arguments.items() if value is not None}
    created = elbv2.create_target_group(Name=name, TargetType=kind, Tags=tags(**OWNER), **given)
    return created["TargetGroups"][0]["TargetGroupArn"]


def spare_address(place: Place) -> str:
    filters = [{"Name": "description", "Values": ["spare"]}]
    return place.client("ec2").describe_network_interfaces(Filters=filters)["NetworkInterfaces"][0]["PrivateIpAddress"]


def create_network_balancer(place: Place, elbv2: Any) -> None:
    """An internal load balancer in front of the application load balancer."""
    balancer = elbv2.create_load_balancer(
        Name="private",
        Subnets=[place.network.private_subnet_id],
        SecurityGroups=[place.network.web_group_id],
        Scheme="internal",
        Type="network",
        Tags=tags(**OWNER),
    )["LoadBalancers"][0]["LoadBalancerArn"]
    group = target_group(elbv2, "balancers", place.network.vpc_id, "alb", "TCP", 443)
    elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": place.built["balancer"], "Port": 443}])
    elbv2.create_listener(
        LoadBalancerArn=balancer, Protocol="TCP", Port=443, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}]
    )
    secure = target_group(elbv2, "secure", place.network.vpc_id, "instance", "TLS", 8443)
    elbv2.create_listener(
        LoadBalancerArn=balancer,
        Protocol="TLS",
        Port=8443,
        Certificates=[{"CertificateArn": f"arn:aws:iam::{place.account}:server-certificate/edge/legacy"}],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": secure}],
    )


def create_gateway_balancer(place: Place, elbv2: Any) -> None:
    balancer = elbv2.create_load_balancer(Name="inspection", Subnets=[place.network.private_subnet_id], Type="gateway")
    group = target_group(elbv2, "appliances", place.network.vpc_id, "instance", "GENEVE", 6081)
    elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancers"][0]["LoadBalancerArn"],
        DefaultActions=[{"Type": "forward", "TargetGroupArn": group}],
    )


def create_classic_balancer(place: Place) -> None:
    elb = place.client("elb")
    elb.create_load_balancer(
        LoadBalancerName="legacy",
        Listeners=[
            {
                "Protocol": "HTTPS",
                "LoadBalancerPort": 443,
                "InstanceProtocol": "HTTP",
                "InstancePort": 80,
                "SSLCertificateId": f"arn:aws:iam::{place.account}:server-certificate/edge/legacy",
            }
        ],
        Subnets=[place.network.public_subnet_id],
        SecurityGroups=[place.network.web_group_id],
        Tags=tags(**OWNER),
    )
    elb.register_instances_with_load_balancer(LoadBalancerName="legacy", Instances=[{"InstanceId": place.built["instance"]}])
