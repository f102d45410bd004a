"""Detectors, analyzers, assessments and what they found in one account and region."""

from .aws import tags
from .place import Place

OWNER = {"Owner": "security-team"}
FOUND_AT = "2026-01-05T06:07:08.000Z"
FOUND_AT_SECONDS = 1_767_593_228.0


def create_security(place: Place) -> None:
    create_detector(place)
    create_analyzers(place)
    create_classic_assessment(place)
    create_inspector(place)
    place.client("securityhub").enable_security_hub(EnableDefaultStandards=True, Tags=OWNER)
    place.client("cloudhsmv2").create_cluster(
        HsmType="hsm2m.medium",
        Mode="FIPS",
        SubnetIds=[place.network.private_subnet_id],
        BackupRetentionPolicy={"Type": "DAYS", "Value": "90"},
        TagList=tags(**OWNER),
    )


def create_detector(place: Place) -> None:
    """A detector with an open finding about an instance, an open one about a key, and an archived one."""
    detector_id = place.client("guardduty").create_detector(
        Enable=True, FindingPublishingFrequency="FIFTEEN_MINUTES", Tags=OWNER
    )["DetectorId"]
    instance = {"resourceType": "Instance", "instanceDetails": {"instanceId": place.built["instance"]}}
    access_key = {"resourceType": "AccessKey", "accessKeyDetails": {"userName": "deploy", "userType": "IAMUser"}}
    for number, (kind, severity, resource, archived) in enumerate(
        (
            ("Recon:EC2/PortProbeUnprotectedPort", 2.0, instance, False),
            ("UnauthorizedAccess:IAMUser/ConsoleLogin", 8.0, access_key, False),
            ("Backdoor:EC2/C&CActivity.B", 5.0, instance, True),
        )
    ):
        finding_id = place.unique_id(f"finding {number}").replace("-", "")
        detector = f"arn:aws:guardduty:{place.region}:{place.account}:detector/{detector_id}"
        place.put(
            "guardduty:finding",
            {
                "schemaVersion": "2.0",
                "accountId": place.account,
                "region": place.region,
                "partition": "aws",
                "id": finding_id,
                "arn": f"{detector}/finding/{finding_id}",
                "type": kind,
                "severity": severity,
                "title": f"Sample: {kind}",
                "description": "A sample finding.",
                "resource": resource,
                "service": {
                    "serviceName": "guardduty",
                    "detectorId": detector_id,
                    "archived": archived,
                    "count": 3,
                    "eventFirstSeen": FOUND_AT,
                    "eventLastSeen": FOUND_AT,
                },
                "createdAt": FOUND_AT,
                "updatedAt": FOUND_AT,
            },
        )


def create_analyzers(place: Place) -> None:
    """An analyzer of external access with an open and a resolved finding, and one of unused access."""
    external = f"arn:aws:access-analyzer:{place.region}:{place.account}:analyzer/external"
    unused = f"arn:aws:access-analyzer:{place.region}:{place.account}:analyzer/unused"
    for arn, kind in ((external, "ACCOUNT"), (unused, "ACCOUNT_UNUSED_ACCESS")):
        place.put(
            "accessanalyzer:analyzer",
            {
                "arn": arn,
                "name": arn.rsplit("/", 1)[-1],
                "type": kind,
                "createdAt": FOUND_AT,
                "lastResourceAnalyzed": f"arn:aws:s3:::{place.buckets[2]}",
                "lastResourceAnalyzedAt": FOUND_AT,
                "status": "ACTIVE",
                "tags": OWNER,
            },
        )
    common = {"resourceOwnerAccount": place.account, "createdAt": FOUND_AT, "analyzedAt": FOUND_AT, "updatedAt": FOUND_AT}
    for status in ("ACTIVE", "RESOLVED"):
        place.put(
            "accessanalyzer:finding",
            {
                "analyzer": external,
                "id": place.unique_id(f"external access {status}"),
                "resource": f"arn:aws:s3:::{place.buckets[2]}",
                "resourceType": "AWS::S3::Bucket",
                "isPublic": True,
                "principal": {"AWS": "*"},
                "action": ["s3:GetObject"],
                "condition": {},
                "status": status,
                **common,
            },
        )
    place.put(
        "accessanalyzer:finding-v2",
        {
            "analyzer": unused,
            "id": place.unique_id("unused access"),
            "findingType": "UnusedIAMRole",
            "resource": place.role("break-glass"),
            "resourceType": "AWS::IAM::Role",
            "status": "ACTIVE",
            **common,
        },
    )


def create_classic_assessment(place: Place) -> None:
    """A run of Inspector Classic, which AWS has ended, with a finding about an instance."""
    target = f"arn:aws:inspector:{place.region}:{place.account}:target/0-abcdefgh"
    run = f"{target}/template/0-ijklmnop/run/0-qrstuvwx"
    rules = f"arn:aws:inspector:{place.region}:316112463485:rulespackage/0-rExsr2X8"
    place.put(
        "inspector:run",
        {
            "arn": run,
            "name": "weekly",
            "assessmentTemplateArn": f"{target}/template/0-ijklmnop",
            "state": "COMPLETED",
            "durationInSeconds": 3600,
            "rulesPackageArns": [rules],
            "userAttributesForFindings": [],
            "createdAt": FOUND_AT_SECONDS,
            "startedAt": FOUND_AT_SECONDS,
            "completedAt": FOUND_AT_SECONDS + 3600,
            "stateChangedAt": FOUND_AT_SECONDS + 3600,
            "dataCollected": True,
            "stateChanges": [{"stateChangedAt": FOUND_AT_SECONDS + 3600, "state": "COMPLETED"}],
            "notifications": [],
            "findingCounts": {"High": 1},
        },
    )
    place.put(
        "inspector:finding",
        {
            "arn": f"{run}/finding/0-yzabcdef",
            "schemaVersion": 1,
            "service": "Inspector",
            "serviceAttributes": {"schemaVersion": 1, "assessmentRunArn": run, "rulesPackageArn": rules},
            "assetType": "ec2-instance",
            "assetAttributes": {"schemaVersion": 1, "agentId": place.built["instance"]},
            "id": "CVE-2025-12345",
            "title": "Instance is vulnerable to CVE-2025-12345",
            "description": "A sample finding.",
            "recommendation": "Update the package.",
            "severity": "High",
            "numericSeverity": 9.0,
            "confidence": 10,
            "indicatorOfCompromise": False,
            "attributes": [],
            "userAttributes": [],
            "createdAt": FOUND_AT_SECONDS,
            "updatedAt": FOUND_AT_SECONDS,
        },
    )


def create_inspector(place: Place) -> None:
    """Inspector with findings about an instance and an image."""
    place.client("inspector2").enable(accountIds=[place.account], resourceTypes=["EC2", "ECR"])
    vulnerability = {
        "vulnerabilityId": "CVE-2025-54321",
        "source": "NVD",
        "referenceUrls": [],
        "relatedVulnerabilities": [],
        "vulnerablePackages": [{"name": "openssl", "version": "3.0.0"}],
    }
    for number, (kind, resource_id, severity, score) in enumerate(
        (("AWS_EC2_INSTANCE", place.built["instance"], "CRITICAL", 9.8), ("AWS_ECR_CONTAINER_IMAGE", image(place), "LOW", 2.1))
    ):
        place.put(
            "inspector2:finding",
            {
                "findingArn": f"arn:aws:inspector2:{place.region}:{place.account}:finding/{place.unique_id(f'v2 {number}')}",
                "awsAccountId": place.account,
                "type": "PACKAGE_VULNERABILITY",
                "description": "A sample finding.",
                "title": "CVE-2025-54321 - openssl",
                "remediation": {"recommendation": {"text": "Update the package."}},
                "severity": severity,
                "firstObservedAt": FOUND_AT_SECONDS,
                "lastObservedAt": FOUND_AT_SECONDS,
                "updatedAt": FOUND_AT_SECONDS,
                "status": "ACTIVE",
                "resources": [{"type": kind, "id": resource_id, "partition": "aws", "region": place.region}],
                "inspectorScore": score,
                "packageVulnerabilityDetails": vulnerability,
            },
        )


def image(place: Place) -> str:
    details = place.client("ecr").describe_images(repositoryName="shop/api")["imageDetails"]
    return f"{place.built['repository']}/{details[0]['imageDigest']}"
