"""APIs, web ACLs, distributions and DNS."""

import re
from urllib.parse import urlsplit

from .inventory import GLOBAL, Inventory

HOME = "us-east-1"
FUNCTION = re.compile(r"arn:aws:lambda:[^:]+:\d{12}:function:[\w-]+")


def add_gateways(inventory: Inventory, region: str) -> None:
    add_rest_apis(inventory, region)
    for api in inventory.pages("apigatewayv2", region, "get_apis", "Items"):
        add_http_api(inventory, region, api["ApiId"])
    add_web_acls(inventory, region)
    add_classic_web_acls(inventory, "waf-regional", region, region)


def add_rest_apis(inventory: Inventory, region: str) -> None:
    for api in inventory.pages("apigateway", region, "get_rest_apis", "items"):
        key = f"arn:aws:apigateway:{region}::/restapis/{api['id']}"
        inventory.add("aws_api_gateway_rest_api", region, [key])
        resources = inventory.pages("apigateway", region, "get_resources", "items", restApiId=api["id"], embed=["methods"])
        uris = [
            method.get("methodIntegration", {}).get("uri", "")
            for resource in resources
            for method in resource.get("resourceMethods", {}).values()
        ]
        inventory.link("aws_api_gateway_rest_api", key, "TRIGGERS", "aws_lambda_function", functions_in(*uris))


def functions_in(*texts: str | None) -> list[str]:
    return [found[0] for text in texts if text and (found := FUNCTION.search(text))]


def add_http_api(inventory: Inventory, region: str, api_id: str) -> None:
    api = f"arn:aws:apigateway:{region}::/apis/{api_id}"
    inventory.add("aws_api_gateway_v2_api", region, [api])
    for integration in inventory.pages("apigatewayv2", region, "get_integrations", "Items", ApiId=api_id):
        key = f"{api}/integrations/{integration['IntegrationId']}"
        inventory.add("aws_api_gateway_v2_integration", region, [key])
        uri = integration.get("IntegrationUri")
        inventory.link("aws_api_gateway_v2_integration", key, "CONNECTS", "aws_lambda_function", functions_in(uri))
        add_other_targets(inventory, region, key, integration)
        listener = uri if uri and ":listener/" in uri else None
        inventory.link("aws_api_gateway_v2_integration", key, "CONNECTS", "aws_lb_listener", listener)
    for authorizer in inventory.pages("apigatewayv2", region, "get_authorizers", "Items", ApiId=api_id):
        key = f"{api}/authorizers/{authorizer['AuthorizerId']}"
        inventory.add("aws_api_gateway_v2_authorizer", region, [key])
        functions = functions_in(authorizer.get("AuthorizerUri"))
        inventory.link("aws_api_gateway_v2_authorizer", key, "CONNECTS", "aws_lambda_function", functions)
    for route in inventory.pages("apigatewayv2", region, "get_routes", "Items", ApiId=api_id):
        key = f"{api}/routes/{route['RouteId']}"
        inventory.add("aws_api_gateway_v2_route", region, [key])
        inventory.link("aws_api_gateway_v2_api", api, "HAS", "aws_api_gateway_v2_route", key)
        inventory.link("aws_api_gateway_v2_route", key, "HAS", "aws_api_gateway_v2_integration", f"{api}/{route['Target']}")
        if authorizer_id := route.get("AuthorizerId"):
            authorizer = f"{api}/authorizers/{authorizer_id}"
            inventory.link("aws_api_gateway_v2_route", key, "HAS", "aws_api_gateway_v2_authorizer", authorizer)


def add_other_targets(inventory: Inventory, region: str, key: str, integration: dict) -> None:
    """Queues by their address, load balancers and instances by theirs."""
    start, uri = "aws_api_gateway_v2_integration", integration.get("IntegrationUri", "")
    queue = integration.get("RequestParameters", {}).get("QueueUrl", "").rsplit("/", 2)
    if integration.get("IntegrationSubtype", "").startswith("SQS-"):
        inventory.link(start, key, "CONNECTS", "aws_sqs_queue", f"arn:aws:sqs:{region}:{queue[1]}:{queue[2]}")
    host = urlsplit(uri).hostname if uri.startswith("http") else None
    for balancer in inventory.pages("elbv2", region, "describe_load_balancers", "LoadBalancers") if host else []:
        if balancer["DNSName"].lower() == host:
            inventory.link(start, key, "CONNECTS", "aws_alb", balancer["LoadBalancerArn"])
    for address in inventory.pages("ec2", region, "describe_addresses", "Addresses") if host else []:
        if address["PublicIp"] == host and address.get("InstanceId"):
            instance = inventory.ec2(region, "instance", address["InstanceId"])
            inventory.link(start, key, "CONNECTS", "aws_instance", instance)


def add_web_acls(inventory: Inventory, region: str) -> None:
    for acl in inventory.one("wafv2", region, "list_web_acls", Scope="REGIONAL")["WebACLs"]:
        arn = acl["ARN"]
        inventory.add("aws_waf_v2_web_acl", region, [arn])
        for kind, entity_type in (
            ("APPLICATION_LOAD_BALANCER", "aws_alb"),
            ("API_GATEWAY", "aws_api_gateway_rest_api"),
        ):
            asked = {"WebACLArn": arn, "ResourceType": kind}
            resources = inventory.one("wafv2", region, "list_resources_for_web_acl", **asked)["ResourceArns"]
            keys = [resource.split("/stages/")[0] for resource in resources]
            inventory.link("aws_waf_v2_web_acl", arn, "PROTECTS", entity_type, keys)


def add_classic_web_acls(inventory: Inventory, service: str, region: str, shown_region: str) -> None:
    for acl in inventory.one(service, region, "list_web_acls")["WebACLs"]:
        full = inventory.one(service, region, "get_web_acl", WebACLId=acl["WebACLId"])["WebACL"]
        inventory.add("aws_waf_web_acl", shown_region, [full["WebACLArn"]])


def add_global_edge(inventory: Inventory) -> None:
    """What an account has once."""
    add_classic_web_acls(inventory, "waf", HOME, GLOBAL)
    acls = inventory.one("wafv2", HOME, "list_web_acls", Scope="CLOUDFRONT")["WebACLs"]
    inventory.add("aws_waf_v2_web_acl", HOME, [acl["ARN"] for acl in acls])
    answer = inventory.one("cloudfront", HOME, "list_distributions")
    for distribution in answer["DistributionList"].get("Items", []):
        add_distribution(inventory, distribution)
    add_zones(inventory)


def add_distribution(inventory: Inventory, distribution: dict) -> None:
    arn = distribution["ARN"]
    inventory.add("aws_cloudfront_distribution", GLOBAL, [arn])
    for origin in distribution["Origins"]["Items"]:
        key = f"aws_cloudfront_distribution_origin:{arn}:{origin['Id']}"
        inventory.add("aws_cloudfront_distribution_origin", GLOBAL, [key])
        inventory.link("aws_cloudfront_distribution", arn, "HAS", "aws_cloudfront_distribution_origin", key)
        if bucket := re.fullmatch(r"(.+)\.s3(\.[a-z0-9-]+)?\.amazonaws\.com", origin["DomainName"]):
            inventory.link("aws_cloudfront_distribution", arn, "CONNECTS", "aws_s3_bucket", f"arn:aws:s3:::{bucket[1]}")
        if api := re.fullmatch(r"(\w+)\.execute-api\.([a-z0-9-]+)\.amazonaws\.com", origin["DomainName"]):
            key = f"arn:aws:apigateway:{api[2]}::/restapis/{api[1]}"
            inventory.link("aws_cloudfront_distribution", arn, "CONNECTS", "aws_api_gateway_rest_api", key)
    for behavior in (distribution["DefaultCacheBehavior"], *distribution["CacheBehaviors"].get("Items", [])):
        functions = behavior.get("LambdaFunctionAssociations", {}).get("Items", [])
        called = functions_in(*(it["LambdaFunctionARN"] for it in functions))
        inventory.link("aws_cloudfront_distribution", arn, "TRIGGERS", "aws_lambda_function", called)
    certificate = distribution["ViewerCertificate"].get("ACMCertificateArn")
    inventory.link("aws_cloudfront_distribution", arn, "USES", "aws_acm_certificate", certificate)
    acl = distribution["WebACLId"]
    if acl.startswith("arn:"):
        inventory.link("aws_waf_v2_web_acl", acl, "PROTECTS", "aws_cloudfront_distribution", arn)
    elif acl:
        classic = f"arn:aws:waf::{inventory.account}:webacl/{acl}"
        inventory.link("aws_waf_web_acl", classic, "PROTECTS", "aws_cloudfront_distribution", arn)


def add_zones(inventory: Inventory) -> None:
    for domain in inventory.pages("route53domains", HOME, "list_domains", "Domains"):
        key = f"aws_route53_domain:{inventory.account}:{domain['DomainName']}"
        inventory.add("aws_route53_domain", GLOBAL, [key])
    for zone in inventory.pages("route53", HOME, "list_hosted_zones", "HostedZones"):
        zone_id = zone["Id"].rsplit("/", 1)[-1]
        arn = f"arn:aws:route53:::hostedzone/{zone_id}"
        inventory.add("aws_route53_zone", GLOBAL, [arn])
        records = inventory.pages("route53", HOME, "list_resource_record_sets", "ResourceRecordSets", HostedZoneId=zone_id)
        keys = [record_key(zone_id, record) for record in records]
        inventory.add("aws_route53_record", GLOBAL, keys)
        inventory.link("aws_route53_zone", arn, "HAS", "aws_route53_record", keys)


def record_key(zone_id: str, record: dict) -> str:
    name = record["Name"].lower().rstrip(".").replace("\\052", "*")
    variant = f":{record['SetIdentifier']}" if "SetIdentifier" in record else ""
    return f"aws_route53_record:{zone_id}:{record['Type']}:{name}{variant}"
