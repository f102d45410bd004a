"""Images, clusters, tasks, batch jobs and fleets of one account in one region."""

import hashlib
import json

from .accounts import policy_document
from .aws import tags
from .place import Place

OWNER = {"Owner": "platform-team"}
LOWER_CASE_TAGS = [{"key": "Owner", "value": "platform-team"}]


def create_containers(place: Place) -> None:
    create_fleet(place)
    create_images(place)
    create_services(place)
    create_kubernetes(place)
    create_batch(place)


def create_fleet(place: Place) -> None:
    """An auto scaling group whose instances are targets, container hosts and subjects of findings."""
    autoscaling = place.client("autoscaling")
    image_id = place.client("ec2").describe_images(Owners=["self"])["Images"][0]["ImageId"]
    autoscaling.create_launch_configuration(
        LaunchConfigurationName="fleet",
        ImageId=image_id,
        InstanceType="t3.small",
        SecurityGroups=[place.network.web_group_id],
    )
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="fleet",
        LaunchConfigurationName="fleet",
        MinSize=1,
        MaxSize=4,
        DesiredCapacity=2,
        VPCZoneIdentifier=place.network.private_subnet_id,
        Tags=[{"Key": "Owner", "Value": "platform-team", "PropagateAtLaunch": True}],
    )
    group = autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]
    place.built["instance"] = group["Instances"][0]["InstanceId"]


def create_images(place: Place) -> None:
    """A private repository with a scanned and an unscanned image, and one that everybody may pull from."""
    ecr = place.client("ecr")
    repository = ecr.create_repository(
        repositoryName="shop/api",
        imageTagMutability="IMMUTABLE",
        imageScanningConfiguration={"scanOnPush": True},
        encryptionConfiguration={"encryptionType": "KMS", "kmsKey": place.built["key"]},
        tags=tags(**OWNER),
    )["repository"]
    place.built["repository"] = repository["repositoryArn"]
    place.built["image"] = f"{repository['repositoryUri']}:1.0"
    rule = {
        "rulePriority": 1,
        "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 10},
        "action": {"type": "expire"},
    }
    ecr.put_lifecycle_policy(repositoryName="shop/api", lifecyclePolicyText=json.dumps({"rules": [rule]}))
    for tag in ("1.0", "1.1"):
        ecr.put_image(repositoryName="shop/api", imageManifest=manifest(tag), imageTag=tag)
    ecr.start_image_scan(repositoryName="shop/api", imageId={"imageTag": "1.0"})

    ecr.create_repository(repositoryName="shop/public")
    everybody = {"Sid": "Pull", "Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
    ecr.set_repository_policy(repositoryName="shop/public", policyText=policy_document(everybody))


def manifest(name: str) -> str:
    """An image manifest with a digest of its own."""

    def blob(media_type: str, part: str, size: int) -> dict:
        digest = hashlib.sha256(f"{name} {part}".encode()).hexdigest()
        return {"mediaType": f"application/vnd.docker.{media_type}", "size": size, "digest": f"sha256:{digest}"}

    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": blob("container.image.v1+json", "config", 7023),
            "layers": [blob("image.rootfs.diff.tar.gzip", "layer", 32654)],
        }
    )


def create_services(place: Place) -> None:
    """A cluster with a container host, a service in the VPC, tasks on both kinds of capacity, and a revision out of use."""
    ecs = place.client("ecs")
    cluster = ecs.create_cluster(
        clusterName="shop", settings=[{"name": "containerInsights", "value": "enabled"}], tags=LOWER_CASE_TAGS
    )["cluster"]["clusterArn"]
    document = json.dumps({"instanceId": place.built["instance"]})
    ecs.register_container_instance(cluster=cluster, instanceIdentityDocument=document, tags=LOWER_CASE_TAGS)
    web = ecs.register_task_definition(
        family="web",
        taskRoleArn=place.role("workload"),
        executionRoleArn=place.role("platform"),
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[
            {
                "name": "web",
                "image": place.built["image"],
                "environment": [{"name": "API_TOKEN", "value": place.secrets.plant("task environment")}],
                "secrets": [
                    {
                        "name": "PASSWORD",
                        "valueFrom": f"arn:aws:secretsmanager:{place.region}:{place.account}:secret:shop-AbCdEf",
                    }
                ],
                "memory": 512,
                "readonlyRootFilesystem": True,
                "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/shop/web"}},
            }
        ],
        tags=LOWER_CASE_TAGS,
    )["taskDefinition"]["taskDefinitionArn"]
    ecs.register_task_definition(
        family="agent", containerDefinitions=[{"name": "agent", "image": "public.ecr.aws/example/agent:2", "memory": 64}]
    )
    host = ecs.register_task_definition(
        family="agent",
        pidMode="host",
        containerDefinitions=[
            {"name": "agent", "image": "public.ecr.aws/example/agent:3", "cpu": 10, "memory": 64, "privileged": True}
        ],
    )["taskDefinition"]["taskDefinitionArn"]
    in_vpc = {
        "awsvpcConfiguration": {
            "subnets": [place.network.private_subnet_id],
            "securityGroups": [place.network.web_group_id],
            "assignPublicIp": "DISABLED",
        }
    }
    ecs.create_service(
        cluster=cluster,
        serviceName="web",
        taskDefinition=web,
        desiredCount=2,
        launchType="FARGATE",
        platformVersion="LATEST",
        networkConfiguration=in_vpc,
        tags=LOWER_CASE_TAGS,
    )
    ecs.run_task(
        cluster=cluster,
        taskDefinition=web,
        launchType="FARGATE",
        networkConfiguration=in_vpc,
        group="service:web",
        overrides={
            "containerOverrides": [
                {"name": "web", "environment": [{"name": "DEBUG_TOKEN", "value": place.secrets.plant("task override")}]}
            ]
        },
        tags=LOWER_CASE_TAGS,
    )
    ecs.run_task(cluster=cluster, taskDefinition=host, launchType="EC2", startedBy="operator")


def create_kubernetes(place: Place) -> None:
    cluster = place.client("eks").create_cluster(
        name="platform",
        version="1.33",
        roleArn=place.role("platform"),
        resourcesVpcConfig={
            "subnetIds": place.subnet_ids,
            "securityGroupIds": [place.network.web_group_id],
            "endpointPublicAccess": True,
            "endpointPrivateAccess": True,
            "publicAccessCidrs": ["198.51.100.0/24"],
        },
        logging={"clusterLogging": [{"types": ["api", "audit"], "enabled": True}]},
        encryptionConfig=[{"resources": ["secrets"], "provider": {"keyArn": place.built["key"]}}],
        tags=OWNER,
    )["cluster"]
    place.secrets.add(cluster["certificateAuthority"]["data"])


def create_batch(place: Place) -> None:
    """A compute environment, a queue, a job definition and a job that is done."""
    batch = place.client("batch")
    environment = batch.create_compute_environment(
        computeEnvironmentName="nightly",
        type="MANAGED",
        state="ENABLED",
        serviceRole=place.role("platform"),
        computeResources={
            "type": "EC2",
            "minvCpus": 0,
            "maxvCpus": 16,
            "desiredvCpus": 0,
            "instanceTypes": ["m5.large"],
            "subnets": [place.network.private_subnet_id],
            "securityGroupIds": [place.network.web_group_id],
            "instanceRole": f"arn:aws:iam::{place.account}:instance-profile/app",
        },
        tags=OWNER,
    )["computeEnvironmentArn"]
    queue = batch.create_job_queue(
        jobQueueName="nightly",
        state="ENABLED",
        priority=10,
        computeEnvironmentOrder=[{"order": 1, "computeEnvironment": environment}],
        tags=OWNER,
    )["jobQueueArn"]
    definition = batch.register_job_definition(
        jobDefinitionName="report",
        type="container",
        containerProperties={
            "image": place.built["image"],
            "vcpus": 1,
            "memory": 512,
            "command": ["report", place.secrets.plant("job command")],
            "jobRoleArn": place.role("workload"),
            "executionRoleArn": place.role("platform"),
            "environment": [{"name": "REPORT_KEY", "value": place.secrets.plant("job environment")}],
        },
        timeout={"attemptDurationSeconds": 600},
        retryStrategy={"attempts": 2},
        tags=OWNER,
    )["jobDefinitionArn"]
    batch.submit_job(jobName="report-1", jobQueue=queue, jobDefinition=definition, tags=OWNER)
