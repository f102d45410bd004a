"""APIs, web ACLs, distributions and DNS of one account."""

import json
from typing import Any

from .aws import HOME_REGION, tags
from .place import Place

OWNER = {"Owner": "web-team"}
VISIBLE = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "web"}


def create_gateways(place: Place) -> None:
    create_rest_api(place)
    create_http_api(place)
    create_regional_firewalls(place)


def invocation(place: Place) -> str:
    return f"arn:aws:apigateway:{place.region}:lambda:path/2015-03-31/functions/{place.built['function']}/invocations"


def create_rest_api(place: Place) -> None:
    apigateway = place.client("apigateway")
    api_id = apigateway.create_rest_api(
        name="orders", description="Orders", endpointConfiguration={"types": ["REGIONAL"]}, tags=OWNER
    )["id"]
    place.built["rest_api"] = api_id
    root_id = apigateway.get_resources(restApiId=api_id)["items"][0]["id"]
    resource_id = apigateway.create_resource(restApiId=api_id, parentId=root_id, pathPart="orders")["id"]
    apigateway.put_method(restApiId=api_id, resourceId=resource_id, httpMethod="GET", authorizationType="NONE")
    apigateway.put_integration(
        restApiId=api_id,
        resourceId=resource_id,
        httpMethod="GET",
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=invocation(place),
        requestTemplates={"application/json": json.dumps({"token": place.secrets.plant("request template")})},
    )
    apigateway.create_deployment(restApiId=api_id)
    deployment_id = apigateway.get_deployments(restApiId=api_id)["items"][0]["id"]
    apigateway.create_stage(
        restApiId=api_id,
        stageName="live",
        deploymentId=deployment_id,
        tracingEnabled=True,
        variables={"token": place.secrets.plant("stage variable")},
        tags=OWNER,
    )


def create_http_api(place: Place) -> None:
    """Routes to a function and to a load balancer with two kinds of authorizers, and integrations of other kinds."""
    apigatewayv2 = place.client("apigatewayv2")
    api_id = apigatewayv2.create_api(
        Name="shop", ProtocolType="HTTP", CorsConfiguration={"AllowOrigins": ["https://shop.example.com"]}, Tags=OWNER
    )["ApiId"]
    function_id = apigatewayv2.create_integration(
        ApiId=api_id, IntegrationType="AWS_PROXY", IntegrationUri=place.built["function"], PayloadFormatVersion="2.0"
    )["IntegrationId"]
    balancer_id = apigatewayv2.create_integration(
        ApiId=api_id,
        IntegrationType="HTTP_PROXY",
        IntegrationMethod="ANY",
        IntegrationUri=place.built["listener"],
        ConnectionType="VPC_LINK",
        ConnectionId="abcdef",
        PayloadFormatVersion="1.0",
    )["IntegrationId"]
    for integration in (
        {"IntegrationMethod": "GET", "IntegrationUri": f"http://{place.built['balancer_name']}/old"},
        {"IntegrationMethod": "GET", "IntegrationUri": f"http://{elastic_address(place)}:8080/"},
        {"IntegrationMethod": "POST", "IntegrationUri": "https://198.51.100.7/hook"},
    ):
        apigatewayv2.create_integration(ApiId=api_id, IntegrationType="HTTP_PROXY", PayloadFormatVersion="1.0", **integration)
    apigatewayv2.create_integration(
        ApiId=api_id,
        IntegrationType="AWS_PROXY",
        IntegrationSubtype="SQS-SendMessage",
        CredentialsArn=place.role("platform"),
        PayloadFormatVersion="1.0",
        RequestParameters={
            "QueueUrl": f"https://sqs.{place.region}.amazonaws.com/{place.account}/orders",
            "MessageBody": place.secrets.plant("request parameter"),
        },
    )
    request_id = apigatewayv2.create_authorizer(
        ApiId=api_id,
        Name="function",
        AuthorizerType="REQUEST",
        AuthorizerUri=invocation(place),
        AuthorizerPayloadFormatVersion="2.0",
        IdentitySource=["$request.header.Authorization"],
    )["AuthorizerId"]
    token_id = apigatewayv2.create_authorizer(
        ApiId=api_id,
        Name="tokens",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": ["shop"], "Issuer": "https://login.example.com"},
    )["AuthorizerId"]
    for key, kind, authorizer_id, integration_id in (
        ("GET /orders", "CUSTOM", request_id, function_id),
        ("POST /orders", "JWT", token_id, function_id),
        ("$default", "NONE", None, balancer_id),
    ):
        authorizer = {"AuthorizerId": authorizer_id} if authorizer_id else {}
        apigatewayv2.create_route(
            ApiId=api_id, RouteKey=key, AuthorizationType=kind, Target=f"integrations/{integration_id}", **authorizer
        )
    apigatewayv2.create_stage(
        ApiId=api_id,
        StageName="$default",
        AutoDeploy=True,
        AccessLogSettings={"DestinationArn": place.built["log_group"], "Format": "$context.requestId"},
    )


def create_regional_firewalls(place: Place) -> None:
    """A web ACL for the load balancer and the API, and one of the old kind."""
    wafv2 = place.client("wafv2")
    acl = create_web_acl(wafv2, "web", "REGIONAL")
    for resource in (
        place.built["balancer"],
        f"arn:aws:apigateway:{place.region}::/restapis/{place.built['rest_api']}/stages/live",
    ):
        wafv2.associate_web_acl(WebACLArn=acl, ResourceArn=resource)
    wafv2.put_logging_configuration(
        LoggingConfiguration={
            "ResourceArn": acl,
            "LogDestinationConfigs": [f"arn:aws:logs:{place.region}:{place.account}:log-group:aws-waf-logs-web"],
        }
    )
    place.put("waf-regional:web-acl", classic_web_acl(place, "waf-regional", place.region))


def create_web_acl(wafv2: Any, name: str, scope: str) -> str:
    managed = {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}
    rate = {"Limit": 2000, "AggregateKeyType": "IP"}
    return wafv2.create_web_acl(
        Name=name,
        Scope=scope,
        DefaultAction={"Allow": {}},
        Description=f"Sample: {name}",
        Rules=[
            {
                "Name": "common",
                "Priority": 0,
                "Statement": {"ManagedRuleGroupStatement": managed},
                "OverrideAction": {"None": {}},
                "VisibilityConfig": VISIBLE,
            },
            {
                "Name": "rate",
                "Priority": 1,
                "Statement": {"RateBasedStatement": rate},
                "Action": {"Block": {}},
                "VisibilityConfig": VISIBLE,
            },
        ],
        VisibilityConfig=VISIBLE,
        Tags=tags(**OWNER),
    )["Summary"]["ARN"]


def classic_web_acl(place: Place, service: str, region: str) -> dict:
    """A web ACL of WAF Classic, which nobody can create any more."""
    acl_id = place.unique_id(f"web ACL {service} {region}")
    partition = f"arn:aws:{service}:{region}:{place.account}" if region else f"arn:aws:{service}::{place.account}"
    return {
        "WebACLId": acl_id,
        "Name": "classic",
        "MetricName": "classic",
        "DefaultAction": {"Type": "ALLOW"},
        "Rules": [
            {
                "Priority": 1,
                "RuleId": place.unique_id(f"rule {service} {region}"),
                "Action": {"Type": "BLOCK"},
                "Type": "REGULAR",
            }
        ],
        "WebACLArn": f"{partition}:webacl/{acl_id}",
    }


def create_global_edge(place: Place) -> None:
    """What is built once per account: distributions and DNS, in front of this region."""
    classic = classic_web_acl(place, "waf", "")
    place.put("waf:web-acl", classic)
    acl = create_web_acl(place.aws.client("wafv2", HOME_REGION), "everywhere", "CLOUDFRONT")
    create_distribution(place, acl)
    create_small_distribution(place, classic["WebACLId"])
    create_zones(place)


def create_distribution(place: Place, web_acl: str) -> None:
    """Static files out of a bucket and an API behind one name."""
    name = f"cdn.{place.name}.example.com"
    behavior = {
        "TargetOriginId": "site",
        "ViewerProtocolPolicy": "redirect-to-https",
        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
        "TrustedSigners": {"Enabled": False, "Quantity": 0},
        "MinTTL": 0,
    }
    header = {"HeaderName": "X-Origin-Key", "HeaderValue": place.secrets.plant("origin header")}
    at_the_edge = {"LambdaFunctionARN": f"{place.built['function']}:1", "EventType": "viewer-request", "IncludeBody": False}
    config = {
        "CallerReference": f"{place.name}-1",
        "Comment": "Shop",
        "Enabled": True,
        "Aliases": {"Quantity": 1, "Items": [name]},
        "DefaultRootObject": "index.html",
        "Origins": {
            "Quantity": 2,
            "Items": [
                {
                    "Id": "site",
                    "DomainName": f"{place.buckets[2]}.s3.amazonaws.com",
                    "S3OriginConfig": {"OriginAccessIdentity": ""},
                },
                {
                    "Id": "api",
                    "DomainName": f"{place.built['rest_api']}.execute-api.{place.region}.amazonaws.com",
                    "OriginPath": "/live",
                    "CustomHeaders": {"Quantity": 1, "Items": [header]},
                    "CustomOriginConfig": {
                        "HTTPPort": 80,
                        "HTTPSPort": 443,
                        "OriginProtocolPolicy": "https-only",
                        "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
                    },
                },
            ],
        },
        "DefaultCacheBehavior": {**behavior, "LambdaFunctionAssociations": {"Quantity": 1, "Items": [at_the_edge]}},
        "CacheBehaviors": {"Quantity": 1, "Items": [{**behavior, "PathPattern": "/api/*", "TargetOriginId": "api"}]},
        "ViewerCertificate": {
            "ACMCertificateArn": place.built["certificate"],
            "SSLSupportMethod": "sni-only",
            "MinimumProtocolVersion": "TLSv1.2_2021",
        },
        "Logging": {
            "Enabled": True,
            "IncludeCookies": False,
            "Bucket": f"{place.buckets[0]}.s3.amazonaws.com",
            "Prefix": "cdn/",
        },
        "WebACLId": web_acl,
    }
    created = place.client("cloudfront").create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": config, "Tags": {"Items": tags(**OWNER)}}
    )["Distribution"]
    place.built["distribution_name"] = created["DomainName"]


def create_small_distribution(place: Place, classic_acl_id: str) -> None:
    place.client("cloudfront").create_distribution(
        DistributionConfig={
            "CallerReference": f"{place.name}-2",
            "Comment": "",
            "Enabled": False,
            "Origins": {
                "Quantity": 1,
                "Items": [
                    {
                        "Id": "old",
                        "DomainName": "old.example.com",
                        "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "http-only"},
                    }
                ],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": "old",
                "ViewerProtocolPolicy": "allow-all",
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                "TrustedSigners": {"Enabled": False, "Quantity": 0},
                "MinTTL": 0,
            },
            "WebACLId": classic_acl_id,
        }
    )


def create_zones(place: Place) -> None:
    """A registered domain with its zone, another public zone, and a private one."""
    contact = {
        "FirstName": "Jo",
        "LastName": "Doe",
        "ContactType": "COMPANY",
        "OrganizationName": "Example",
        "AddressLine1": "1 Main St",
        "City": "Seattle",
        "State": "WA",
        "CountryCode": "US",
        "ZipCode": "98101",
        "PhoneNumber": "+1.5555550100",
        "Email": "domains@example.com",
    }
    place.aws.client("route53domains", HOME_REGION).register_domain(
        DomainName=f"{place.name}-shop.com",
        DurationInYears=2,
        AutoRenew=True,
        AdminContact=contact,
        RegistrantContact=contact,
        TechContact=contact,
        PrivacyProtectRegistrantContact=True,
    )
    place.aws.client("route53domains", HOME_REGION).update_tags_for_domain(
        DomainName=f"{place.name}-shop.com", TagsToUpdate=tags(**OWNER)
    )
    route53 = place.client("route53")
    public = route53.create_hosted_zone(
        Name=f"{place.name}.example.com",
        CallerReference=f"{place.name}-public",
        HostedZoneConfig={"Comment": "Shop", "PrivateZone": False},
    )["HostedZone"]["Id"]
    zone_id = public.rsplit("/", 1)[-1]
    route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone_id, AddTags=tags(**OWNER))
    private = route53.create_hosted_zone(
        Name="internal.example.com",
        CallerReference=f"{place.name}-private",
        HostedZoneConfig={"PrivateZone": True},
        VPC={"VPCRegion": place.region, "VPCId": place.network.vpc_id},
    )["HostedZone"]["Id"]
    domain = f"{place.name}.example.com"
    balancer = {
        "HostedZoneId": place.built["balancer_zone"],
        "DNSName": place.built["balancer_name"],
        "EvaluateTargetHealth": True,
    }
    distribution = {
        "HostedZoneId": "Z2FDTNDATAQYW2",
        "DNSName": place.built["distribution_name"],
        "EvaluateTargetHealth": False,
    }
    change_records(
        route53,
        public,
        {"Name": f"www.{domain}", "Type": "A", "AliasTarget": balancer},
        {"Name": f"cdn.{domain}", "Type": "A", "AliasTarget": distribution},
        {"Name": f"host.{domain}", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": elastic_address(place)}]},
        {"Name": f"*.{domain}", "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": f"www.{domain}"}]},
        {"Name": domain, "Type": "TXT", "TTL": 300, "ResourceRecords": [{"Value": '"v=spf1 -all"'}]},
        *(
            {
                "Name": f"api.{domain}",
                "Type": "CNAME",
                "TTL": 60,
                "SetIdentifier": name,
                "Weight": weight,
                "ResourceRecords": [{"Value": f"{name}.example.net"}],
            }
            for name, weight in (("blue", 90), ("green", 10))
        ),
    )
    change_records(
        route53,
        private,
        {
            "Name": "db.internal.example.com",
            "Type": "A",
            "TTL": 60,
            "ResourceRecords": [{"Value": web_server(place)["PrivateIpAddress"]}],
        },
    )
    route53.create_query_logging_config(HostedZoneId=zone_id, CloudWatchLogsLogGroupArn=f"{place.built['log_group']}:*")


def change_records(route53: Any, zone_id: str, *records: dict) -> None:
    changes = [{"Action": "CREATE", "ResourceRecordSet": record} for record in records]
    route53.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": changes})


def elastic_address(place: Place) -> str:
    """The public address of the web server."""
    return web_server(place)["PublicIpAddress"]


def web_server(place: Place) -> dict:
    filters = [{"Name": "tag:Name", "Values": ["web-1"]}]
    return place.client("ec2").describe_instances(Filters=filters)["Reservations"][0]["Instances"][0]
