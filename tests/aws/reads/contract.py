"""Which operations the data model needs: `crates/catalog/contract/entities.csv`."""

import csv
from pathlib import Path

from .table import READS

CONTRACT = Path(__file__).resolve().parents[3] / "crates" / "catalog" / "contract"
# The services, as botocore calls them, behind those of the data model.
SERVICES = {
    "ACM": ["acm"],
    "API Gateway": ["apigateway"],
    "API Gateway V2": ["apigatewayv2"],
    "Access Analyzer": ["accessanalyzer"],
    "Account": ["organizations", "iam", "sts", "s3control", "account"],
    "AutoScaling": ["autoscaling"],
    "Batch": ["batch"],
    "CloudFormation": ["cloudformation"],
    "CloudFront": ["cloudfront"],
    "CloudHSM": ["cloudhsmv2"],
    "CloudTrail": ["cloudtrail"],
    "CloudWatch": ["cloudwatch", "events", "logs"],
    "Config": ["config"],
    "DynamoDB": ["dynamodb"],
    "EC2": ["ec2"],
    "ECR": ["ecr"],
    "ECS": ["ecs"],
    "EFS": ["efs"],
    "EKS": ["eks"],
    "ELB": ["elb", "elbv2"],
    "ElastiCache": ["elasticache"],
    "Elasticsearch": ["opensearch"],
    "GuardDuty": ["guardduty"],
    "IAM": ["iam"],
    "Inspector": ["inspector", "inspector2"],
    "KMS": ["kms"],
    "Lambda": ["lambda"],
    "Organizations": ["organizations"],
    "RDS": ["rds"],
    "RedShift": ["redshift"],
    "Route53": ["route53", "route53domains"],
    "S3": ["s3"],
    "SNS": ["sns"],
    "SQS": ["sqs"],
    "Security Hub": ["securityhub"],
    "Transfer": ["transfer"],
    "WAF": ["waf", "waf-regional"],
    "WAF V2": ["wafv2"],
    "WorkSpaces": ["workspaces"],
}


def missing_operations(folder: Path = CONTRACT) -> list[str]:
    """Operations of the contract that no read is about."""
    known = {read.name for read in READS}
    return [
        f"{row['type']} {operation}"
        for row in rows("entities.csv", folder)
        for operation in row["operations"].replace("*", "").split(";")
        if operation and not any(f"{service}:{operation}" in known for service in SERVICES[row["service"]])
    ]


def rows(name: str, folder: Path = CONTRACT) -> list[dict[str, str]]:
    with (folder / name).open(newline="") as file:
        return list(csv.DictReader(file))
