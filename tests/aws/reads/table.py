"""The operations, in an order in which each finds its arguments in the answers before it."""

from dataclasses import dataclass, field

ACCOUNT, REGION, MANAGEMENT = "account", "region", "management"


@dataclass(frozen=True)
class Read:
    """One operation.

    `each` is an earlier operation of the service and a JMESPath to the arguments in its answer; an argument in
    parentheses is the one with which that operation was asked.
    """

    service: str
    operation: str
    each: str | None = None
    arguments: dict = field(default_factory=dict)
    #: Errors with which AWS says that there is none.
    none: frozenset[str] = frozenset()
    #: Once per region, once per account, or only by the management account.
    scope: str = REGION

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"


def reads(service: str, scope: str, *rows: tuple) -> list[Read]:
    """Rows of an operation and, by their types: `each` (text), fixed arguments (dict), errors that mean none (set)."""
    found = []
    for operation, *more in rows:
        each = next((it for it in more if isinstance(it, str)), None)
        arguments = next((it for it in more if isinstance(it, dict)), {})
        none = next((frozenset(it) for it in more if isinstance(it, set)), frozenset())
        found.append(Read(service, operation, each, arguments, none, scope))
    return found


ORGANIZATION = [
    *reads(
        "organizations",
        MANAGEMENT,
        ("DescribeOrganization",),
        ("ListAccounts",),
        ("ListRoots",),
        ("ListAccountsForParent", "ListRoots: Roots[].{ParentId: Id}"),
        ("ListOrganizationalUnitsForParent", "ListRoots: Roots[].{ParentId: Id}"),
        ("ListParents", "ListAccounts: Accounts[].{ChildId: Id}"),
        ("ListTagsForResource", "ListAccounts: Accounts[].{ResourceId: Id}"),
        ("ListPolicies", {"Filter": "SERVICE_CONTROL_POLICY"}),
        ("DescribePolicy", "ListPolicies: Policies[].{PolicyId: Id}"),
        ("ListTargetsForPolicy", "ListPolicies: Policies[].{PolicyId: Id}"),
        ("ListDelegatedAdministrators",),
        ("ListDelegatedServicesForAccount", "ListDelegatedAdministrators: DelegatedAdministrators[].{AccountId: Id}"),
    ),
    *reads("iam", MANAGEMENT, ("ListOrganizationsFeatures",)),
]
IDENTITY = [
    *reads("sts", ACCOUNT, ("GetCallerIdentity",)),
    *reads(
        "account",
        ACCOUNT,
        ("GetContactInformation",),
        ("GetAlternateContact", {"AlternateContactType": "SECURITY"}, {"ResourceNotFoundException"}),
        ("ListRegions",),
    ),
    *reads(
        "iam",
        ACCOUNT,
        ("GetAccountAuthorizationDetails",),
        ("ListUsers",),
        ("ListAccessKeys", "ListUsers: Users[].{UserName: UserName}"),
        ("GetAccessKeyLastUsed", "ListAccessKeys: AccessKeyMetadata[].{AccessKeyId: AccessKeyId}"),
        ("ListMFADevices", "ListUsers: Users[].{UserName: UserName}"),
        ("ListVirtualMFADevices",),
        ("ListAccountAliases",),
        ("GetAccountSummary",),
        ("GetAccountPasswordPolicy", {"NoSuchEntity"}),
        ("GenerateCredentialReport",),
        ("GetCredentialReport",),
        ("ListSAMLProviders",),
        ("GetSAMLProvider", "ListSAMLProviders: SAMLProviderList[].{SAMLProviderArn: Arn}"),
        ("ListOpenIDConnectProviders",),
        (
            "GetOpenIDConnectProvider",
            "ListOpenIDConnectProviders: OpenIDConnectProviderList[].{OpenIDConnectProviderArn: Arn}",
        ),
        ("ListServerCertificates",),
        ("ListPolicies", {"Scope": "Local"}),
        ("ListPolicyTags", "ListPolicies: Policies[].{PolicyArn: Arn}"),
        ("GetPolicyVersion", "ListPolicies: Policies[].{PolicyArn: Arn, VersionId: DefaultVersionId}"),
        ("ListRoles",),
        ("GetRole", "ListRoles: Roles[].{RoleName: RoleName}"),
        ("ListInstanceProfiles",),
    ),
    *reads("s3control", ACCOUNT, ("GetPublicAccessBlock", {"AccountId": "{account}"}, {"NoSuchPublicAccessBlockConfiguration"})),
]
EACH_BUCKET = "ListBuckets: Buckets[].{Bucket: Name, region: BucketRegion}"
BUCKETS = reads(
    "s3",
    ACCOUNT,
    ("ListBuckets",),
    ("GetBucketLocation", EACH_BUCKET),
    ("GetBucketEncryption", EACH_BUCKET),
    ("GetBucketVersioning", EACH_BUCKET),
    ("GetBucketLogging", EACH_BUCKET),
    ("GetPublicAccessBlock", EACH_BUCKET, {"NoSuchPublicAccessBlockConfiguration"}),
    ("GetBucketPolicy", EACH_BUCKET, {"NoSuchBucketPolicy"}),
    ("GetBucketPolicyStatus", EACH_BUCKET, {"NoSuchBucketPolicy"}),
    ("GetBucketAcl", EACH_BUCKET),
    ("GetBucketTagging", EACH_BUCKET, {"NoSuchTagSet"}),
    ("GetBucketReplication", EACH_BUCKET, {"ReplicationConfigurationNotFoundError"}),
    ("GetBucketOwnershipControls", EACH_BUCKET, {"OwnershipControlsNotFoundError"}),
    ("GetObjectLockConfiguration", EACH_BUCKET, {"ObjectLockConfigurationNotFoundError"}),
    ("GetBucketLifecycleConfiguration", EACH_BUCKET, {"NoSuchLifecycleConfiguration"}),
)
NETWORK = reads(
    "ec2",
    REGION,
    ("DescribeRegions",),
    ("DescribeAddresses",),
    ("DescribeInternetGateways",),
    ("DescribeNatGateways",),
    ("DescribeNetworkAcls",),
    ("DescribeNetworkInterfaces",),
    ("DescribeRouteTables",),
    ("DescribeSecurityGroups",),
    ("DescribeManagedPrefixLists",),
    ("GetManagedPrefixListEntries", "DescribeManagedPrefixLists: PrefixLists[].{PrefixListId: PrefixListId}"),
    ("DescribeSubnets",),
    ("DescribeVpcs",),
    ("DescribeVpcEndpoints",),
    ("DescribeVpcPeeringConnections",),
    ("DescribeVpnGateways",),
    ("DescribeFlowLogs",),
)
COMPUTE = [
    *reads(
        "ec2",
        REGION,
        ("DescribeInstances",),
        ("DescribeVolumes",),
        ("DescribeSnapshots", {"OwnerIds": ["self"]}),
        (
            "DescribeSnapshotAttribute",
            "DescribeSnapshots: Snapshots[].{SnapshotId: SnapshotId}",
            {"Attribute": "createVolumePermission"},
        ),
        ("DescribeImages", {"Owners": ["self"]}),
        ("DescribeKeyPairs",),
        ("GetEbsEncryptionByDefault",),
        ("GetEbsDefaultKmsKeyId",),
        ("GetSnapshotBlockPublicAccessState",),
        ("GetInstanceMetadataDefaults",),
    ),
    *reads("autoscaling", REGION, ("DescribeAutoScalingGroups",)),
    *reads(
        "lambda",
        REGION,
        ("ListFunctions",),
        ("GetPolicy", "ListFunctions: Functions[].{FunctionName: FunctionName}", {"ResourceNotFoundException"}),
        ("ListTags", "ListFunctions: Functions[].{Resource: FunctionArn}"),
    ),
    *reads(
        "batch",
        REGION,
        ("DescribeComputeEnvironments",),
        ("DescribeJobDefinitions", {"status": "ACTIVE"}),
        ("DescribeJobQueues",),
        ("ListJobs", "DescribeJobQueues: jobQueues[].{jobQueue: jobQueueArn}", {"jobStatus": "SUCCEEDED"}),
        ("DescribeJobs", "ListJobs: [{jobs: jobSummaryList[].jobId}]"),
    ),
]
EACH_REPOSITORY = "DescribeRepositories: repositories[].{repositoryName: repositoryName}"
CONTAINERS = [
    *reads(
        "ecr",
        REGION,
        ("DescribeRepositories",),
        ("ListTagsForResource", "DescribeRepositories: repositories[].{resourceArn: repositoryArn}"),
        ("GetRepositoryPolicy", EACH_REPOSITORY, {"RepositoryPolicyNotFoundException"}),
        ("GetLifecyclePolicy", EACH_REPOSITORY, {"LifecyclePolicyNotFoundException"}),
        ("DescribeImages", EACH_REPOSITORY),
        (
            "DescribeImageScanFindings",
            "DescribeImages: imageDetails[].{repositoryName: repositoryName, imageId: {imageDigest: imageDigest}}",
            {"ScanNotFoundException"},
        ),
    ),
    *reads(
        "ecs",
        REGION,
        ("ListClusters",),
        ("DescribeClusters", "ListClusters: [{clusters: clusterArns}]", {"include": ["TAGS", "SETTINGS"]}),
        ("ListContainerInstances", "ListClusters: clusterArns[].{cluster: @}"),
        (
            "DescribeContainerInstances",
            "ListContainerInstances(cluster): [{containerInstances: containerInstanceArns}]",
            {"include": ["TAGS"]},
        ),
        ("ListServices", "ListClusters: clusterArns[].{cluster: @}"),
        ("DescribeServices", "ListServices(cluster): [{services: serviceArns}]", {"include": ["TAGS"]}),
        ("ListTaskDefinitions", {"status": "ACTIVE"}),
        ("DescribeTaskDefinition", "ListTaskDefinitions: taskDefinitionArns[].{taskDefinition: @}", {"include": ["TAGS"]}),
        ("ListTasks", "ListClusters: clusterArns[].{cluster: @}"),
        ("DescribeTasks", "ListTasks(cluster): [{tasks: taskArns}]", {"include": ["TAGS"]}),
    ),
    *reads("eks", REGION, ("ListClusters",), ("DescribeCluster", "ListClusters: clusters[].{name: @}")),
]
EACH_TABLE = "ListTables: TableNames[].{TableName: @}"
EACH_KEY = "ListKeys: Keys[].{KeyId: KeyId}"
DATA = [
    *reads(
        "kms",
        REGION,
        ("ListKeys",),
        ("DescribeKey", EACH_KEY),
        ("ListAliases",),
        ("GetKeyRotationStatus", EACH_KEY, {"UnsupportedOperationException", "KMSInvalidStateException"}),
        ("GetKeyPolicy", EACH_KEY, {"PolicyName": "default"}),
        ("ListResourceTags", EACH_KEY),
    ),
    *reads(
        "rds",
        REGION,
        ("DescribeDBInstances",),
        ("DescribeDBClusters",),
        ("DescribeDBSnapshots",),
        ("DescribeDBClusterSnapshots",),
        (
            "DescribeDBSnapshotAttributes",
            "DescribeDBSnapshots: DBSnapshots[?SnapshotType=='manual'].{DBSnapshotIdentifier: DBSnapshotIdentifier}",
        ),
        (
            "DescribeDBClusterSnapshotAttributes",
            "DescribeDBClusterSnapshots: DBClusterSnapshots[?SnapshotType=='manual']"
            ".{DBClusterSnapshotIdentifier: DBClusterSnapshotIdentifier}",
        ),
    ),
    *reads(
        "dynamodb",
        REGION,
        ("ListTables",),
        ("DescribeTable", EACH_TABLE),
        ("DescribeContinuousBackups", EACH_TABLE),
        ("ListTagsOfResource", "DescribeTable: [{ResourceArn: Table.TableArn}]"),
    ),
    *reads(
        "efs",
        REGION,
        ("DescribeFileSystems",),
        (
            "DescribeFileSystemPolicy",
            "DescribeFileSystems: FileSystems[].{FileSystemId: FileSystemId}",
            {"PolicyNotFound"},
        ),
        ("DescribeMountTargets", "DescribeFileSystems: FileSystems[].{FileSystemId: FileSystemId}"),
        ("DescribeMountTargetSecurityGroups", "DescribeMountTargets: MountTargets[].{MountTargetId: MountTargetId}"),
    ),
    *reads(
        "elasticache",
        REGION,
        ("DescribeCacheClusters", {"ShowCacheNodeInfo": True}),
        ("DescribeReplicationGroups",),
        ("ListTagsForResource", "DescribeReplicationGroups: ReplicationGroups[].{ResourceName: ARN}"),
    ),
    *reads(
        "opensearch",
        REGION,
        ("ListDomainNames",),
        ("DescribeDomains", "ListDomainNames: [{DomainNames: DomainNames[].DomainName}]"),
        ("ListTags", "DescribeDomains: DomainStatusList[].{ARN: ARN}"),
    ),
    *reads(
        "redshift",
        REGION,
        ("DescribeClusters",),
        ("DescribeLoggingStatus", "DescribeClusters: Clusters[].{ClusterIdentifier: ClusterIdentifier}"),
    ),
]
EACH_QUEUE = "ListQueues: QueueUrls[].{QueueUrl: @}"
MESSAGING = [
    *reads(
        "sns",
        REGION,
        ("ListTopics",),
        ("GetTopicAttributes", "ListTopics: Topics[].{TopicArn: TopicArn}"),
        ("ListTagsForResource", "ListTopics: Topics[].{ResourceArn: TopicArn}"),
        ("ListSubscriptions",),
        (
            "GetSubscriptionAttributes",
            "ListSubscriptions: Subscriptions[?starts_with(SubscriptionArn, 'arn:')].{SubscriptionArn: SubscriptionArn}",
        ),
    ),
    *reads(
        "sqs",
        REGION,
        ("ListQueues",),
        ("GetQueueAttributes", EACH_QUEUE, {"AttributeNames": ["All"]}),
        ("ListQueueTags", EACH_QUEUE),
    ),
    *reads(
        "events",
        REGION,
        ("ListEventBuses",),
        ("ListRules", "ListEventBuses: EventBuses[].{EventBusName: Name}"),
        ("ListTargetsByRule", "ListRules: Rules[].{Rule: Name, EventBusName: EventBusName}"),
        ("ListTagsForResource", "ListRules: Rules[].{ResourceARN: Arn}"),
    ),
]
EACH_BALANCER = "DescribeLoadBalancers: LoadBalancers[].{LoadBalancerArn: LoadBalancerArn}"
EACH_LISTENER = "DescribeListeners: Listeners[?!contains(ListenerArn, '/gwy/')].{ListenerArn: ListenerArn}"
EACH_CLASSIC = "DescribeLoadBalancers: LoadBalancerDescriptions[].{LoadBalancerName: LoadBalancerName}"
EACH_API = "GetApis: Items[].{ApiId: ApiId}"
EDGE = [
    *reads(
        "acm",
        REGION,
        ("ListCertificates",),
        ("DescribeCertificate", "ListCertificates: CertificateSummaryList[].{CertificateArn: CertificateArn}"),
        ("ListTagsForCertificate", "ListCertificates: CertificateSummaryList[].{CertificateArn: CertificateArn}"),
    ),
    *reads(
        "elbv2",
        REGION,
        ("DescribeLoadBalancers",),
        ("DescribeLoadBalancerAttributes", EACH_BALANCER),
        ("DescribeTags", "DescribeLoadBalancers: [{ResourceArns: LoadBalancers[].LoadBalancerArn}]"),
        ("DescribeTargetGroups",),
        ("DescribeTargetHealth", "DescribeTargetGroups: TargetGroups[].{TargetGroupArn: TargetGroupArn}"),
        ("DescribeListeners", EACH_BALANCER),
        ("DescribeListenerCertificates", EACH_LISTENER),
        ("DescribeRules", EACH_LISTENER),
    ),
    *reads(
        "elb",
        REGION,
        ("DescribeLoadBalancers",),
        ("DescribeLoadBalancerAttributes", EACH_CLASSIC),
        ("DescribeTags", "DescribeLoadBalancers: [{LoadBalancerNames: LoadBalancerDescriptions[].LoadBalancerName}]"),
    ),
    *reads(
        "apigateway",
        REGION,
        ("GetRestApis",),
        ("GetStages", "GetRestApis: items[].{restApiId: id}"),
        ("GetResources", "GetRestApis: items[].{restApiId: id}", {"embed": ["methods"]}),
    ),
    *reads(
        "apigatewayv2",
        REGION,
        ("GetApis",),
        ("GetStages", EACH_API),
        ("GetRoutes", EACH_API),
        ("GetIntegrations", EACH_API),
        ("GetAuthorizers", EACH_API),
    ),
    *reads(
        "wafv2",
        REGION,
        ("ListWebACLs", {"Scope": "REGIONAL"}),
        ("GetWebACL", "ListWebACLs: WebACLs[].{Name: Name, Id: Id}", {"Scope": "REGIONAL"}),
        ("ListResourcesForWebACL", "ListWebACLs: WebACLs[].{WebACLArn: ARN}", {"ResourceType": "API_GATEWAY"}),
        ("ListTagsForResource", "ListWebACLs: WebACLs[].{ResourceARN: ARN}"),
        ("ListLoggingConfigurations", {"Scope": "REGIONAL"}),
    ),
    *reads("waf", ACCOUNT, ("ListWebACLs",), ("GetWebACL", "ListWebACLs: WebACLs[].{WebACLId: WebACLId}")),
    *reads(
        "waf-regional",
        REGION,
        ("ListWebACLs",),
        ("GetWebACL", "ListWebACLs: WebACLs[].{WebACLId: WebACLId}"),
        ("ListResourcesForWebACL", "ListWebACLs: WebACLs[].{WebACLId: WebACLId}"),
    ),
    *reads(
        "cloudfront",
        ACCOUNT,
        ("ListDistributions",),
        ("GetDistributionConfig", "ListDistributions: DistributionList.Items[].{Id: Id}"),
        ("ListTagsForResource", "ListDistributions: DistributionList.Items[].{Resource: ARN}"),
    ),
    *reads(
        "route53",
        ACCOUNT,
        ("ListHostedZones",),
        ("GetHostedZone", "ListHostedZones: HostedZones[].{Id: Id}"),
        (
            "ListTagsForResources",
            "ListHostedZones: [{ResourceIds: HostedZones[].Id}]",
            {"ResourceType": "hostedzone"},
        ),
        ("ListResourceRecordSets", "ListHostedZones: HostedZones[].{HostedZoneId: Id}"),
        ("ListQueryLoggingConfigs",),
    ),
    *reads(
        "route53domains",
        ACCOUNT,
        ("ListDomains",),
        ("GetDomainDetail", "ListDomains: Domains[].{DomainName: DomainName}"),
        ("ListTagsForDomain", "ListDomains: Domains[].{DomainName: DomainName}"),
    ),
]
EACH_RULE = "DescribeConfigRules: ConfigRules[].{ConfigRuleName: ConfigRuleName}"
OPERATIONS = [
    *reads("cloudformation", REGION, ("DescribeStacks",)),
    *reads(
        "cloudtrail",
        REGION,
        ("DescribeTrails", {"includeShadowTrails": False}),
        ("GetTrailStatus", "DescribeTrails: trailList[].{Name: TrailARN}"),
        ("GetEventSelectors", "DescribeTrails: trailList[].{TrailName: TrailARN}"),
        ("ListTags", "DescribeTrails: [{ResourceIdList: trailList[].TrailARN}]"),
    ),
    *reads(
        "cloudwatch",
        REGION,
        ("DescribeAlarms", {"AlarmTypes": ["MetricAlarm"]}),
        ("ListTagsForResource", "DescribeAlarms: MetricAlarms[].{ResourceARN: AlarmArn}"),
    ),
    *reads(
        "logs",
        REGION,
        ("DescribeLogGroups",),
        ("ListTagsForResource", "DescribeLogGroups: logGroups[].{resourceArn: logGroupArn}"),
        ("DescribeMetricFilters",),
    ),
    *reads(
        "config",
        REGION,
        ("DescribeConfigRules",),
        ("DescribeComplianceByConfigRule",),
        ("GetComplianceDetailsByConfigRule", EACH_RULE),
        ("DescribeConfigurationRecorders",),
        ("DescribeConfigurationRecorderStatus",),
    ),
]
EACH_DETECTOR = "ListDetectors: DetectorIds[].{DetectorId: @}"
SECURITY = [
    *reads(
        "guardduty",
        REGION,
        ("ListDetectors",),
        ("GetDetector", EACH_DETECTOR),
        ("ListFindings", EACH_DETECTOR, {"FindingCriteria": {"Criterion": {"service.archived": {"Eq": ["false"]}}}}),
        ("GetFindings", "ListFindings(DetectorId): [{FindingIds: FindingIds}]"),
    ),
    *reads(
        "accessanalyzer",
        REGION,
        ("ListAnalyzers",),
        ("ListFindings", "ListAnalyzers: analyzers[?type=='ACCOUNT'].{analyzerArn: arn}"),
        ("ListFindingsV2", "ListAnalyzers: analyzers[].{analyzerArn: arn}"),
    ),
    *reads(
        "inspector",
        REGION,
        ("ListAssessmentRuns",),
        ("DescribeAssessmentRuns", "ListAssessmentRuns: [{assessmentRunArns: assessmentRunArns}]"),
        ("ListFindings",),
        ("DescribeFindings", "ListFindings: [{findingArns: findingArns}]"),
    ),
    *reads("inspector2", REGION, ("BatchGetAccountStatus",), ("ListFindings",)),
    *reads("securityhub", REGION, ("DescribeHub", {"InvalidAccessException"})),
    *reads("cloudhsmv2", REGION, ("DescribeClusters",)),
]
EACH_SERVER = "ListServers: Servers[].{ServerId: ServerId}"
WORKPLACES = [
    *reads(
        "transfer",
        REGION,
        ("ListServers",),
        ("DescribeServer", EACH_SERVER),
        ("ListUsers", EACH_SERVER),
        ("DescribeUser", "ListUsers(ServerId): Users[].{UserName: UserName}"),
    ),
    *reads(
        "workspaces",
        REGION,
        ("DescribeWorkspaces",),
        ("DescribeWorkspaceDirectories",),
        ("DescribeWorkspaceBundles",),
        ("DescribeTags", "DescribeWorkspaces: Workspaces[].{ResourceId: WorkspaceId}"),
    ),
]
READS = [
    *ORGANIZATION,
    *IDENTITY,
    *BUCKETS,
    *NETWORK,
    *COMPUTE,
    *CONTAINERS,
    *DATA,
    *MESSAGING,
    *EDGE,
    *OPERATIONS,
    *SECURITY,
    *WORKPLACES,
]
