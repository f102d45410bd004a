"""Networks, groups and nodes that moto leaves out of what it tells of a resource."""

from typing import Any

from moto.awslambda import models as lambda_models
from moto.cloudhsmv2 import models as hsm_models
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.iam_instance_profile import IamInstanceProfileAssociation
from moto.ec2.models.subnets import Subnet
from moto.eks import models as eks_models
from moto.opensearch import models as opensearch_models
from moto.redshift import models as redshift_models
from moto.workspaces import models as workspaces_models

from .wrapping import after


def correct() -> None:
    lambda_models.LambdaFunction.vpc_config = property(vpc_of_function)
    redshift_models.Cluster.vpc_id = property(vpc_of_warehouse)
    after(IamInstanceProfileAssociation, "__init__", name_profile)
    after(opensearch_models.OpenSearchServiceBackend, "create_domain", place_domain)
    after(eks_models.EKSBackend, "create_cluster", place_kubernetes)
    after(hsm_models.CloudHSMV2Backend, "create_cluster", place_hsm)
    after(workspaces_models.WorkSpacesBackend, "create_workspaces", place_workspaces)
    workspaces_models.Workspace.to_dict_pending = described_workspace


def subnets(ec2: EC2Backend, subnet_ids: list[str]) -> list[Subnet]:
    return [subnet for subnet_id in subnet_ids if (subnet := ec2.get_subnet(subnet_id))]


def name_profile(association: IamInstanceProfileAssociation, _made: None) -> None:
    """Instances say the ID of their profile, where moto says that of the association."""
    association.instance.iam_instance_profile["Id"] = association.iam_instance_profile.id


def vpc_of_function(function: lambda_models.LambdaFunction) -> dict | None:
    """The VPC of the function's subnets, where moto has one constant for all."""
    if not function._vpc_config:
        return None
    config = dict(function._vpc_config)
    for subnet in subnets(ec2_backends[function.account_id][function.region], config.get("SubnetIds", [])):
        config["VpcId"] = subnet.vpc_id
    return config


def vpc_of_warehouse(cluster: redshift_models.Cluster) -> str | None:
    group = cluster.redshift_backend.subnet_groups.get(cluster.cluster_subnet_group_name)
    return group.vpc_id if group else None


def place_domain(backend: opensearch_models.OpenSearchServiceBackend, domain: opensearch_models.OpenSearchDomain) -> None:
    options: dict[str, Any] | None = domain.vpc_options
    if options:
        placed = subnets(ec2_backends[backend.account_id][backend.region_name], options["SubnetIds"])
        options["VPCId"] = placed[0].vpc_id
        options["AvailabilityZones"] = [subnet.availability_zone for subnet in placed]


def place_kubernetes(backend: eks_models.EKSBackend, cluster: eks_models.Cluster) -> None:
    """A cluster is in the VPC of its subnets and has a security group of its own."""
    ec2, config = ec2_backends[backend.account_id][backend.region_name], cluster.resources_vpc_config
    if placed := subnets(ec2, config.get("subnetIds", [])):
        config["vpcId"] = placed[0].vpc_id
        config["clusterSecurityGroupId"] = own_group(ec2, f"eks-cluster-sg-{cluster.name}", placed[0].vpc_id)


def own_group(ec2: EC2Backend, name: str, vpc_id: str) -> str:
    return ec2.create_security_group(name, f"Made by AWS: {name}", vpc_id).id


def place_hsm(backend: hsm_models.CloudHSMV2Backend, made: dict) -> None:
    ec2, cluster = ec2_backends[backend.account_id][backend.region_name], backend.clusters[made["ClusterId"]]
    placed = subnets(ec2, list(cluster.subnet_mapping.values()))
    cluster.subnet_mapping = {subnet.availability_zone: subnet.id for subnet in placed}
    cluster.vpc_id = placed[0].vpc_id
    group_id = own_group(ec2, f"cloudhsm-cluster-{cluster.cluster_id}-sg", cluster.vpc_id)
    cluster.to_dict = lambda: {**hsm_models.Cluster.to_dict(cluster), "SecurityGroup": group_id}


def place_workspaces(backend: workspaces_models.WorkSpacesBackend, _made: tuple) -> None:
    """A desktop is in the first subnet of its directory."""
    for number, workspace in enumerate(backend.workspaces.values()):
        directory = backend.workspace_directories[workspace.directory_id]
        workspace.subnet_id = directory.subnet_ids[0]
        workspace.computer_name = f"WSAMZN-{number:08}"


TO_DICT_PENDING = workspaces_models.Workspace.to_dict_pending


def described_workspace(workspace: workspaces_models.Workspace) -> dict:
    return {**TO_DICT_PENDING(workspace), "SubnetId": getattr(workspace, "subnet_id", None)}
