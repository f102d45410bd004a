"""Detectors, analyzers, assessments and what they found."""

from .inventory import Inventory

OPEN = {"Criterion": {"service.archived": {"Eq": ["false"]}}}


def add_security(inventory: Inventory, region: str) -> None:
    add_detectors(inventory, region)
    add_analyzers(inventory, region)
    add_classic_assessments(inventory, region)
    add_inspector(inventory, region)
    if hub := inventory.one("securityhub", region, "describe_hub", "InvalidAccessException"):
        inventory.add("aws_securityhub_hub", region, [hub["HubArn"]])
        root = f"arn:aws:iam::{inventory.account}:root"
        inventory.link("aws_account", root, "HAS", "aws_securityhub_hub", hub["HubArn"])
    clusters = inventory.pages("cloudhsmv2", region, "describe_clusters", "Clusters")
    for cluster in clusters:
        key = f"arn:aws:cloudhsm:{region}:{inventory.account}:cluster/{cluster['ClusterId']}"
        inventory.add("aws_hsm", region, [key])
        inventory.protect(region, "aws_hsm", key, [cluster.get("SecurityGroup")])


def add_detectors(inventory: Inventory, region: str) -> None:
    for detector_id in inventory.pages("guardduty", region, "list_detectors", "DetectorIds"):
        key = f"arn:aws:guardduty:{region}:{inventory.account}:detector/{detector_id}"
        inventory.add("aws_guardduty_detector", region, [key])
        asked = {"DetectorId": detector_id}
        ids = inventory.pages("guardduty", region, "list_findings", "FindingIds", FindingCriteria=OPEN, **asked)
        for finding in inventory.one("guardduty", region, "get_findings", FindingIds=ids, **asked)["Findings"]:
            arn = finding["Arn"]
            inventory.add("aws_guardduty_finding", region, [arn])
            inventory.link("aws_guardduty_detector", key, "IDENTIFIED", "aws_guardduty_finding", arn)
            if instance := finding["Resource"].get("InstanceDetails"):
                about = inventory.ec2(region, "instance", instance["InstanceId"])
                inventory.link("aws_instance", about, "HAS", "aws_guardduty_finding", arn)


def add_analyzers(inventory: Inventory, region: str) -> None:
    for analyzer in inventory.pages("accessanalyzer", region, "list_analyzers", "analyzers"):
        arn = analyzer["arn"]
        inventory.add("aws_accessanalyzer_analyzer", region, [arn])
        operation = "list_findings" if analyzer["type"] in ("ACCOUNT", "ORGANIZATION") else "list_findings_v2"
        findings = inventory.pages("accessanalyzer", region, operation, "findings", analyzerArn=arn)
        keys = [f"aws_accessanalyzer_finding:{arn}:{it['id']}" for it in findings]
        inventory.add("aws_accessanalyzer_finding", region, keys)
        inventory.link("aws_accessanalyzer_analyzer", arn, "IDENTIFIED", "aws_accessanalyzer_finding", keys)


def add_classic_assessments(inventory: Inventory, region: str) -> None:
    runs = inventory.pages("inspector", region, "list_assessment_runs", "assessmentRunArns")
    inventory.add("aws_inspector_assessment", region, runs)
    arns = inventory.pages("inspector", region, "list_findings", "findingArns")
    findings = inventory.one("inspector", region, "describe_findings", findingArns=arns)["findings"] if arns else []
    for finding in findings:
        add_finding(
            inventory,
            region,
            finding["arn"],
            finding["serviceAttributes"]["assessmentRunArn"],
            [finding["assetAttributes"]["agentId"]],
        )


def add_inspector(inventory: Inventory, region: str) -> None:
    account = inventory.account
    accounts = inventory.one("inspector2", region, "batch_get_account_status", accountIds=[account])["accounts"]
    if accounts[0]["state"]["status"] != "ENABLED":
        return
    assessment = f"aws_inspector_assessment:v2:{account}:{region}"
    inventory.add("aws_inspector_assessment", region, [assessment])
    active = {"findingStatus": [{"comparison": "EQUALS", "value": "ACTIVE"}]}
    for finding in inventory.pages("inspector2", region, "list_findings", "findings", filterCriteria=active):
        instances = [it["id"] for it in finding["resources"] if it["type"] == "AWS_EC2_INSTANCE"]
        add_finding(inventory, region, finding["findingArn"], assessment, instances)


def add_finding(inventory: Inventory, region: str, arn: str, assessment: str, instance_ids: list[str]) -> None:
    inventory.add("aws_inspector_finding", region, [arn])
    inventory.link("aws_inspector_assessment", assessment, "IDENTIFIED", "aws_inspector_finding", arn)
    instances = [inventory.ec2(region, "instance", it) for it in instance_ids]
    inventory.link_from("aws_instance", instances, "HAS", "aws_inspector_finding", arn)
