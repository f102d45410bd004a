"""Images, clusters, tasks, batch jobs and fleets."""

from collections.abc import Iterator

from .inventory import Inventory

JOB_STATES = ("SUBMITTED", "PENDING", "RUNNABLE", "STARTING", "RUNNING", "SUCCEEDED", "FAILED")


def add_containers(inventory: Inventory, region: str) -> None:
    add_fleets(inventory, region)
    add_images(inventory, region)
    for cluster in inventory.pages("ecs", region, "list_clusters", "clusterArns"):
        inventory.add("aws_ecs_cluster", region, [cluster])
        add_hosts(inventory, region, cluster)
        add_services(inventory, region, cluster)
        add_tasks(inventory, region, cluster)
    add_task_definitions(inventory, region)
    add_kubernetes(inventory, region)
    add_batch(inventory, region)


def add_fleets(inventory: Inventory, region: str) -> None:
    for group in inventory.pages("autoscaling", region, "describe_auto_scaling_groups", "AutoScalingGroups"):
        arn = group["AutoScalingGroupARN"]
        inventory.add("aws_autoscaling_group", region, [arn])
        instances = [inventory.ec2(region, "instance", it["InstanceId"]) for it in group["Instances"]]
        inventory.link("aws_autoscaling_group", arn, "HAS", "aws_instance", instances)


def add_images(inventory: Inventory, region: str) -> None:
    for repository in inventory.pages("ecr", region, "describe_repositories", "repositories"):
        arn, name = repository["repositoryArn"], repository["repositoryName"]
        inventory.add("aws_ecr_repository", region, [arn])
        for image in inventory.pages("ecr", region, "describe_images", "imageDetails", repositoryName=name):
            digest = image["imageDigest"]
            key = f"aws_ecr_image:{arn}:{digest}"
            inventory.add("aws_ecr_image", region, [key])
            inventory.link("aws_ecr_repository", arn, "HAS", "aws_ecr_image", key)
            scan = {"repositoryName": name, "imageId": {"imageDigest": digest}}
            answer = inventory.one("ecr", region, "describe_image_scan_findings", "ScanNotFoundException", **scan)
            findings = [finding_key(arn, digest, it) for it in answer["imageScanFindings"]["findings"]] if answer else []
            inventory.add("aws_ecr_image_scan_finding", region, findings)
            inventory.link("aws_ecr_image", key, "HAS", "aws_ecr_image_scan_finding", findings)


def finding_key(repository: str, digest: str, finding: dict) -> str:
    attributes = {it["key"]: it["value"] for it in finding["attributes"]}
    package = f"{attributes['package_name']}:{attributes['package_version']}"
    return f"aws_ecr_image_scan_finding:{repository}:{digest}:{finding['name']}:{package}"


def add_hosts(inventory: Inventory, region: str, cluster: str) -> None:
    arns = inventory.pages("ecs", region, "list_container_instances", "containerInstanceArns", cluster=cluster)
    inventory.add("aws_ecs_container_instance", region, arns)
    inventory.link("aws_ecs_cluster", cluster, "HAS", "aws_ecs_container_instance", arns)
    if arns:
        hosts = inventory.one("ecs", region, "describe_container_instances", cluster=cluster, containerInstances=arns)
        for host in hosts["containerInstances"]:
            instance = inventory.ec2(region, "instance", host["ec2InstanceId"])
            inventory.link("aws_instance", instance, "RUNS", "aws_ecs_container_instance", host["containerInstanceArn"])


def add_services(inventory: Inventory, region: str, cluster: str) -> None:
    for service in services_of(inventory, region, cluster):
        arn = service["serviceArn"]
        inventory.add("aws_ecs_service", region, [arn])
        inventory.link("aws_ecs_cluster", cluster, "HAS", "aws_ecs_service", arn)
        inventory.link("aws_ecs_task_definition", service["taskDefinition"], "DEFINES", "aws_ecs_service", arn)
        network = service.get("networkConfiguration", {}).get("awsvpcConfiguration", {})
        inventory.protect(region, "aws_ecs_service", arn, network.get("securityGroups", []), has=False)


def services_of(inventory: Inventory, region: str, cluster: str) -> list[dict]:
    arns = inventory.pages("ecs", region, "list_services", "serviceArns", cluster=cluster)
    return inventory.one("ecs", region, "describe_services", cluster=cluster, services=arns)["services"] if arns else []


def tasks_of(inventory: Inventory, region: str, cluster: str) -> list[dict]:
    arns = inventory.pages("ecs", region, "list_tasks", "taskArns", cluster=cluster)
    return inventory.one("ecs", region, "describe_tasks", cluster=cluster, tasks=arns)["tasks"] if arns else []


def add_tasks(inventory: Inventory, region: str, cluster: str) -> None:
    services = {f"service:{it['serviceName']}": it["serviceArn"] for it in services_of(inventory, region, cluster)}
    for task in tasks_of(inventory, region, cluster):
        arn = task["taskArn"]
        inventory.add("aws_ecs_task", region, [arn])
        inventory.link("aws_ecs_cluster", cluster, "RUNS", "aws_ecs_task", arn)
        inventory.link("aws_ecs_task_definition", task["taskDefinitionArn"], "DEFINES", "aws_ecs_task", arn)
        if host := task.get("containerInstanceArn"):
            inventory.link("aws_ecs_container_instance", host, "RUNS", "aws_ecs_task", arn)
        if service := services.get(task["group"]):
            inventory.link("aws_ecs_service", service, "TRIGGERS", "aws_ecs_task", arn)


def add_task_definitions(inventory: Inventory, region: str) -> None:
    """The last active revision of each family, and every revision that is in use."""
    arns = inventory.pages("ecs", region, "list_task_definitions", "taskDefinitionArns", status="ACTIVE")
    last: dict[str, str] = {}
    for arn in sorted(arns, key=lambda it: int(it.rsplit(":", 1)[1])):
        last[arn.rsplit(":", 1)[0]] = arn
    for arn in {*last.values(), *revisions_in_use(inventory, region)}:
        inventory.add("aws_ecs_task_definition", region, [arn])
        definition = inventory.one("ecs", region, "describe_task_definition", taskDefinition=arn)["taskDefinition"]
        inventory.link("aws_ecs_task_definition", arn, "ASSIGNED", "aws_iam_role", definition.get("taskRoleArn"))
        inventory.link("aws_ecs_task_definition", arn, "USES", "aws_iam_role", definition.get("executionRoleArn"))


def revisions_in_use(inventory: Inventory, region: str) -> Iterator[str]:
    for cluster in inventory.pages("ecs", region, "list_clusters", "clusterArns"):
        yield from (service["taskDefinition"] for service in services_of(inventory, region, cluster))
        yield from (task["taskDefinitionArn"] for task in tasks_of(inventory, region, cluster))


def add_kubernetes(inventory: Inventory, region: str) -> None:
    for name in inventory.pages("eks", region, "list_clusters", "clusters"):
        cluster = inventory.one("eks", region, "describe_cluster", name=name)["cluster"]
        inventory.add("aws_eks_cluster", region, [cluster["arn"]])
        network = cluster["resourcesVpcConfig"]
        groups = [*network["securityGroupIds"], network.get("clusterSecurityGroupId")]
        inventory.protect(region, "aws_eks_cluster", cluster["arn"], groups)


def add_batch(inventory: Inventory, region: str) -> None:
    for environment in inventory.pages("batch", region, "describe_compute_environments", "computeEnvironments"):
        arn = environment["computeEnvironmentArn"]
        resources = environment.get("computeResources", {})
        inventory.add("aws_batch_compute_environment", region, [arn])
        inventory.link("aws_batch_compute_environment", arn, "USES", "aws_ecs_cluster", environment.get("ecsClusterArn"))
        inventory.link("aws_batch_compute_environment", arn, "ASSIGNED", "aws_iam_role", environment.get("serviceRole"))
        profile = resources.get("instanceRole", "").rsplit("/", 1)[-1]
        inventory.link("aws_batch_compute_environment", arn, "USES", "aws_iam_role", roles_of_profile(inventory, profile))
        groups = resources.get("securityGroupIds", [])
        inventory.protect(region, "aws_batch_compute_environment", arn, groups, has=False)
    definitions = inventory.pages("batch", region, "describe_job_definitions", "jobDefinitions", status="ACTIVE")
    inventory.add("aws_batch_job_definition", region, [it["jobDefinitionArn"] for it in definitions])
    for queue in inventory.pages("batch", region, "describe_job_queues", "jobQueues"):
        arn = queue["jobQueueArn"]
        inventory.add("aws_batch_job_queue", region, [arn])
        for state in JOB_STATES:
            jobs = inventory.pages("batch", region, "list_jobs", "jobSummaryList", jobQueue=arn, jobStatus=state)
            inventory.add("aws_batch_job", region, [it["jobArn"] for it in jobs])
            inventory.link("aws_batch_job_queue", arn, "HAS", "aws_batch_job", [it["jobArn"] for it in jobs])


def roles_of_profile(inventory: Inventory, name: str) -> list[str]:
    profiles = inventory.pages("iam", "us-east-1", "list_instance_profiles", "InstanceProfiles")
    return [role["Arn"] for profile in profiles if profile["InstanceProfileName"] == name for role in profile["Roles"]]
