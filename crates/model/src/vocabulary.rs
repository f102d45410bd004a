//! The data model's table of entity types as code: same order, one line each, so that both can be read side by side.
//!
//! A line here is a promise of spelling, not of collection: which types are collected is what the collectors declare.

use crate::EntityType;

const fn entity(name: &'static str, class: &'static [&'static str]) -> EntityType {
    EntityType { name, class, shared: false }
}

const fn shared(name: &'static str, class: &'static [&'static str]) -> EntityType {
    EntityType { name, class, shared: true }
}

/// Account.
pub const AWS_ACCOUNT: EntityType = shared("aws_account", &["Account"]);
/// ACM: ACM Certificate.
pub const AWS_ACM_CERTIFICATE: EntityType = entity("aws_acm_certificate", &["Certificate"]);
/// API Gateway: REST API.
pub const AWS_API_GATEWAY_REST_API: EntityType = entity("aws_api_gateway_rest_api", &["Gateway"]);
/// API Gateway V2: API.
pub const AWS_API_GATEWAY_V2_API: EntityType = entity("aws_api_gateway_v2_api", &["Gateway"]);
/// API Gateway V2: Route.
pub const AWS_API_GATEWAY_V2_ROUTE: EntityType = entity("aws_api_gateway_v2_route", &["ApplicationEndpoint"]);
/// API Gateway V2: Integration.
pub const AWS_API_GATEWAY_V2_INTEGRATION: EntityType =
    entity("aws_api_gateway_v2_integration", &["Configuration"]);
/// API Gateway V2: Authorizer.
pub const AWS_API_GATEWAY_V2_AUTHORIZER: EntityType =
    entity("aws_api_gateway_v2_authorizer", &["Configuration"]);
/// Batch: Batch Compute Environment.
pub const AWS_BATCH_COMPUTE_ENVIRONMENT: EntityType =
    entity("aws_batch_compute_environment", &["Configuration"]);
/// Batch: Batch Job.
pub const AWS_BATCH_JOB: EntityType = entity("aws_batch_job", &["Process", "Task"]);
/// Batch: Batch Job Definition.
pub const AWS_BATCH_JOB_DEFINITION: EntityType =
    entity("aws_batch_job_definition", &["Configuration", "Function"]);
/// Batch: Batch Job Queue.
pub const AWS_BATCH_JOB_QUEUE: EntityType = entity("aws_batch_job_queue", &["Queue"]);
/// CloudFormation: Stack.
pub const AWS_CLOUDFORMATION_STACK: EntityType = entity("aws_cloudformation_stack", &["Configuration"]);
/// CloudFront: Distribution.
pub const AWS_CLOUDFRONT_DISTRIBUTION: EntityType = entity("aws_cloudfront_distribution", &["Gateway"]);
/// CloudFront: Distribution Origin.
pub const AWS_CLOUDFRONT_DISTRIBUTION_ORIGIN: EntityType =
    entity("aws_cloudfront_distribution_origin", &["Configuration"]);
/// CloudWatch: Event Rule.
pub const AWS_CLOUDWATCH_EVENT_RULE: EntityType = entity("aws_cloudwatch_event_rule", &["Task"]);
/// CloudWatch: Metric Alarm.
pub const AWS_CLOUDWATCH_METRIC_ALARM: EntityType = entity("aws_cloudwatch_metric_alarm", &["Monitor"]);
/// CloudWatch: Log Group.
pub const AWS_CLOUDWATCH_LOG_GROUP: EntityType = entity("aws_cloudwatch_log_group", &["Logs"]);
/// Config: Config Rule.
pub const AWS_CONFIG_RULE: EntityType = entity("aws_config_rule", &["ControlPolicy"]);
/// DynamoDB: DynamoDB Table.
pub const AWS_DYNAMODB_TABLE: EntityType = entity("aws_dynamodb_table", &["DataStore", "Database"]);
/// EC2: AMI Image.
pub const AWS_AMI: EntityType = entity("aws_ami", &["Image"]);
/// EC2: EC2 Instance.
pub const AWS_INSTANCE: EntityType = entity("aws_instance", &["Host"]);
/// EC2: EC2 Key Pair.
pub const AWS_KEY_PAIR: EntityType = entity("aws_key_pair", &["AccessKey"]);
/// EC2: EBS Volume.
pub const AWS_EBS_VOLUME: EntityType = entity("aws_ebs_volume", &["DataStore", "Disk"]);
/// EC2: EBS Volume Snapshot.
pub const AWS_EBS_SNAPSHOT: EntityType = entity("aws_ebs_snapshot", &["DataStore", "Disk", "Image"]);
/// EC2: Elastic IP.
pub const AWS_EIP: EntityType = entity("aws_eip", &["IpAddress"]);
/// EC2: Internet Gateway.
pub const AWS_INTERNET_GATEWAY: EntityType = entity("aws_internet_gateway", &["Gateway"]);
/// EC2: NAT Gateway.
pub const AWS_NAT_GATEWAY: EntityType = entity("aws_nat_gateway", &["Gateway"]);
/// EC2: Network ACL.
pub const AWS_NETWORK_ACL: EntityType = entity("aws_network_acl", &["Firewall"]);
/// EC2: Network Interface.
pub const AWS_ENI: EntityType = entity("aws_eni", &["NetworkInterface"]);
/// EC2: Route Table.
pub const AWS_ROUTE_TABLE: EntityType = entity("aws_route_table", &["Configuration"]);
/// EC2: Security Group.
pub const AWS_SECURITY_GROUP: EntityType = entity("aws_security_group", &["Firewall"]);
/// EC2: Subnet.
pub const AWS_SUBNET: EntityType = entity("aws_subnet", &["Network"]);
/// EC2: VPC.
pub const AWS_VPC: EntityType = entity("aws_vpc", &["Network"]);
/// EC2: VPN Gateway.
pub const AWS_VPN_GATEWAY: EntityType = entity("aws_vpn_gateway", &["Gateway"]);
/// AutoScaling: Auto Scaling Group.
pub const AWS_AUTOSCALING_GROUP: EntityType = entity("aws_autoscaling_group", &["Deployment", "Group"]);
/// ECR: ECR Container Repository.
pub const AWS_ECR_REPOSITORY: EntityType = entity("aws_ecr_repository", &["Repository"]);
/// ECR: ECR Container Image.
pub const AWS_ECR_IMAGE: EntityType = entity("aws_ecr_image", &["Image"]);
/// ECR: ECR Image Scan Finding.
pub const AWS_ECR_IMAGE_SCAN_FINDING: EntityType = entity("aws_ecr_image_scan_finding", &["Finding"]);
/// ECS: ECS Cluster.
pub const AWS_ECS_CLUSTER: EntityType = entity("aws_ecs_cluster", &["Cluster"]);
/// ECS: ECS Container Instance.
pub const AWS_ECS_CONTAINER_INSTANCE: EntityType =
    entity("aws_ecs_container_instance", &["Host", "Container"]);
/// ECS: ECS Service.
pub const AWS_ECS_SERVICE: EntityType = entity("aws_ecs_service", &["Service"]);
/// ECS: ECS Task Definition.
pub const AWS_ECS_TASK_DEFINITION: EntityType =
    entity("aws_ecs_task_definition", &["Function", "Configuration"]);
/// ECS: ECS Task.
pub const AWS_ECS_TASK: EntityType = entity("aws_ecs_task", &["Task", "Process"]);
/// EFS: EFS File System.
pub const AWS_EFS_FILE_SYSTEM: EntityType = entity("aws_efs_file_system", &["DataStore"]);
/// EFS: EFS Mount Target.
pub const AWS_EFS_MOUNT_TARGET: EntityType = entity("aws_efs_mount_target", &["NetworkEndpoint"]);
/// EKS: EKS Cluster.
pub const AWS_EKS_CLUSTER: EntityType = entity("aws_eks_cluster", &["Cluster"]);
/// ELB: Application Load Balancer.
pub const AWS_ALB: EntityType = entity("aws_alb", &["Gateway"]);
/// ELB: Network Load Balancer.
pub const AWS_NLB: EntityType = entity("aws_nlb", &["Gateway"]);
/// ELB: Classic Load Balancer.
pub const AWS_ELB: EntityType = entity("aws_elb", &["Gateway"]);
/// ELB: Target Group.
pub const AWS_LB_TARGET_GROUP: EntityType = entity("aws_lb_target_group", &["Group"]);
/// ELB: Listener.
pub const AWS_LB_LISTENER: EntityType = entity("aws_lb_listener", &["ApplicationEndpoint"]);
/// ELB: Listener Rule.
pub const AWS_LB_LISTENER_RULE: EntityType = entity("aws_lb_listener_rule", &["Rule"]);
/// ElastiCache: Cache Cluster (Memcached).
pub const AWS_ELASTICACHE_MEMCACHED_CLUSTER: EntityType =
    entity("aws_elasticache_memcached_cluster", &["Database", "DataStore", "Cluster"]);
/// ElastiCache: Replication Group (Redis).
pub const AWS_ELASTICACHE_REDIS_CLUSTER: EntityType =
    entity("aws_elasticache_redis_cluster", &["Database", "DataStore", "Cluster"]);
/// ElastiCache: Node Group Member.
pub const AWS_ELASTICACHE_CLUSTER_NODE: EntityType =
    entity("aws_elasticache_cluster_node", &["Database", "DataStore", "Host"]);
/// Elasticsearch: Elasticsearch Domain.
pub const AWS_ELASTICSEARCH_DOMAIN: EntityType =
    entity("aws_elasticsearch_domain", &["Database", "DataStore", "Cluster"]);
/// GuardDuty: GuardDuty Detector.
pub const AWS_GUARDDUTY_DETECTOR: EntityType = entity("aws_guardduty_detector", &["Assessment", "Scanner"]);
/// GuardDuty: GuardDuty Finding.
pub const AWS_GUARDDUTY_FINDING: EntityType = entity("aws_guardduty_finding", &["Finding"]);
/// IAM: Account Password Policy.
pub const AWS_IAM_ACCOUNT_PASSWORD_POLICY: EntityType =
    entity("aws_iam_account_password_policy", &["PasswordPolicy"]);
/// IAM: IAM User.
pub const AWS_IAM_USER: EntityType = entity("aws_iam_user", &["User"]);
/// IAM: IAM User Access Key.
pub const AWS_IAM_ACCESS_KEY: EntityType = entity("aws_iam_access_key", &["AccessKey"]);
/// IAM: IAM User MFA Device.
pub const MFA_DEVICE: EntityType = entity("mfa_device", &["AccessKey"]);
/// IAM: IAM Group.
pub const AWS_IAM_GROUP: EntityType = entity("aws_iam_group", &["UserGroup"]);
/// IAM: IAM Role.
pub const AWS_IAM_ROLE: EntityType = entity("aws_iam_role", &["AccessRole"]);
/// IAM: IAM User Policy.
pub const AWS_IAM_USER_POLICY: EntityType = entity("aws_iam_user_policy", &["AccessPolicy"]);
/// IAM: IAM Group Policy.
pub const AWS_IAM_GROUP_POLICY: EntityType = entity("aws_iam_group_policy", &["AccessPolicy"]);
/// IAM: IAM Role Policy.
pub const AWS_IAM_ROLE_POLICY: EntityType = entity("aws_iam_role_policy", &["AccessPolicy"]);
/// IAM: IAM Managed Policy.
pub const AWS_IAM_POLICY: EntityType = entity("aws_iam_policy", &["AccessPolicy"]);
/// IAM: IAM SAML Provider.
pub const AWS_IAM_SAML_PROVIDER: EntityType = entity("aws_iam_saml_provider", &["Service"]);
/// Access Analyzer: Access Analyzer.
pub const AWS_ACCESSANALYZER_ANALYZER: EntityType =
    entity("aws_accessanalyzer_analyzer", &["Assessment", "Scanner"]);
/// Access Analyzer: Access Analyzer Finding.
pub const AWS_ACCESSANALYZER_FINDING: EntityType = entity("aws_accessanalyzer_finding", &["Finding"]);
/// Inspector: Inspector Assessment Run.
pub const AWS_INSPECTOR_ASSESSMENT: EntityType = entity("aws_inspector_assessment", &["Assessment"]);
/// Inspector: Inspector Finding.
pub const AWS_INSPECTOR_FINDING: EntityType = entity("aws_inspector_finding", &["Finding"]);
/// KMS: KMS Key.
pub const AWS_KMS_KEY: EntityType = entity("aws_kms_key", &["CryptoKey"]);
/// Lambda: Lambda Function.
pub const AWS_LAMBDA_FUNCTION: EntityType = entity("aws_lambda_function", &["Function"]);
/// RedShift: Redshift Cluster.
pub const AWS_REDSHIFT_CLUSTER: EntityType =
    entity("aws_redshift_cluster", &["DataStore", "Database", "Cluster"]);
/// RDS: RDS DB Cluster.
pub const AWS_RDS_CLUSTER: EntityType = entity("aws_rds_cluster", &["DataStore", "Database", "Cluster"]);
/// RDS: RDS DB Instance.
pub const AWS_DB_INSTANCE: EntityType = entity("aws_db_instance", &["DataStore", "Database", "Host"]);
/// RDS: RDS DB Instance Snapshot.
pub const AWS_DB_SNAPSHOT: EntityType = entity("aws_db_snapshot", &["DataStore", "Database", "Image"]);
/// RDS: RDS DB Cluster Snapshot.
pub const AWS_DB_CLUSTER_SNAPSHOT: EntityType =
    entity("aws_db_cluster_snapshot", &["DataStore", "Database", "Image"]);
/// Route53: Route53 Domain.
pub const AWS_ROUTE53_DOMAIN: EntityType = entity("aws_route53_domain", &["Domain"]);
/// Route53: Route53 Hosted Zone.
pub const AWS_ROUTE53_ZONE: EntityType = entity("aws_route53_zone", &["DomainZone"]);
/// Route53: Route53 RecordSet.
pub const AWS_ROUTE53_RECORD: EntityType = entity("aws_route53_record", &["DomainRecord"]);
/// S3: S3 Bucket.
pub const AWS_S3_BUCKET: EntityType = entity("aws_s3_bucket", &["DataStore"]);
/// S3: S3 Bucket Policy.
pub const AWS_S3_BUCKET_POLICY: EntityType = entity("aws_s3_bucket_policy", &["AccessPolicy"]);
/// SNS: SNS Subscription.
pub const AWS_SNS_SUBSCRIPTION: EntityType = entity("aws_sns_subscription", &["Subscription"]);
/// SNS: SNS Topic.
pub const AWS_SNS_TOPIC: EntityType = entity("aws_sns_topic", &["Channel"]);
/// SQS: SQS Queue.
pub const AWS_SQS_QUEUE: EntityType = entity("aws_sqs_queue", &["Queue"]);
/// Transfer: Transfer Server (SFTP).
pub const AWS_TRANSFER_SERVER: EntityType = entity("aws_transfer_server", &["Host", "Gateway"]);
/// Transfer: Transfer User (SFTP).
pub const AWS_TRANSFER_USER: EntityType = entity("aws_transfer_user", &["User"]);
/// WAF: Web ACL.
pub const AWS_WAF_WEB_ACL: EntityType = entity("aws_waf_web_acl", &["Firewall"]);
/// WAF V2: Web ACL.
pub const AWS_WAF_V2_WEB_ACL: EntityType = entity("aws_waf_v2_web_acl", &["Firewall"]);
/// WorkSpaces: Workspace.
pub const AWS_WORKSPACE: EntityType = entity("aws_workspace", &["Host"]);
/// WorkSpaces: Bundle.
pub const AWS_WORKSPACES_BUNDLE: EntityType = entity("aws_workspaces_bundle", &["Configuration"]);
/// CloudTrail: Trail.
pub const AWS_CLOUDTRAIL: EntityType = entity("aws_cloudtrail", &["Service", "Logs"]);
/// ELB: Load Balancer (other kinds).
pub const AWS_LB: EntityType = entity("aws_lb", &["Gateway"]);
/// CloudHSM: CloudHSM Cluster.
pub const AWS_HSM: EntityType = entity("aws_hsm", &["Cluster"]);
/// ACM: Service.
pub const AWS_ACM: EntityType = entity("aws_acm", &["Service"]);
/// API Gateway: Service.
pub const AWS_APIGATEWAY: EntityType = entity("aws_apigateway", &["Service"]);
/// Batch: Service.
pub const AWS_BATCH: EntityType = entity("aws_batch", &["Service"]);
/// CloudFront: Service.
pub const AWS_CLOUDFRONT: EntityType = entity("aws_cloudfront", &["Service"]);
/// Config: Service.
pub const AWS_CONFIG: EntityType = entity("aws_config", &["Service"]);
/// DynamoDB: Service.
pub const AWS_DYNAMODB: EntityType = entity("aws_dynamodb", &["Service"]);
/// EC2: Service.
pub const AWS_EC2: EntityType = entity("aws_ec2", &["Service"]);
/// ECR: Service.
pub const AWS_ECR: EntityType = entity("aws_ecr", &["Service"]);
/// ECS: Service.
pub const AWS_ECS: EntityType = entity("aws_ecs", &["Service"]);
/// EFS: Service.
pub const AWS_EFS: EntityType = entity("aws_efs", &["Service"]);
/// EKS: Service.
pub const AWS_EKS: EntityType = entity("aws_eks", &["Service"]);
/// Elastic Load Balancing: Service.
pub const AWS_ELASTICLOADBALANCING: EntityType = entity("aws_elasticloadbalancing", &["Service"]);
/// IAM: Service.
pub const AWS_IAM: EntityType = entity("aws_iam", &["Service"]);
/// Lambda: Service.
pub const AWS_LAMBDA: EntityType = entity("aws_lambda", &["Service"]);
/// RDS: Service.
pub const AWS_RDS: EntityType = entity("aws_rds", &["Service"]);
/// Redshift: Service.
pub const AWS_REDSHIFT: EntityType = entity("aws_redshift", &["Service"]);
/// Route 53: Service.
pub const AWS_ROUTE53: EntityType = entity("aws_route53", &["Service"]);
/// S3: Service.
pub const AWS_S3: EntityType = entity("aws_s3", &["Service"]);
/// WAF Classic: Service.
pub const AWS_WAF: EntityType = entity("aws_waf", &["Service"]);
/// WAF V2: Service.
pub const AWS_WAF_V2: EntityType = entity("aws_waf_v2", &["Service"]);
/// IAM Access Analyzer: Service.
pub const AWS_ACCESSANALYZER: EntityType = entity("aws_accessanalyzer", &["Service"]);
/// Auto Scaling: Service.
pub const AWS_AUTOSCALING: EntityType = entity("aws_autoscaling", &["Service"]);
/// CloudFormation: Service.
pub const AWS_CLOUDFORMATION: EntityType = entity("aws_cloudformation", &["Service"]);
/// CloudHSM: Service.
pub const AWS_CLOUDHSM: EntityType = entity("aws_cloudhsm", &["Service"]);
/// CloudWatch: Service.
pub const AWS_CLOUDWATCH: EntityType = entity("aws_cloudwatch", &["Service"]);
/// CloudWatch Events / EventBridge: Service.
pub const AWS_CLOUDWATCH_EVENT: EntityType = entity("aws_cloudwatch_event", &["Service"]);
/// CloudWatch Logs: Service.
pub const AWS_CLOUDWATCH_LOGS: EntityType = entity("aws_cloudwatch_logs", &["Service"]);
/// ElastiCache: Service.
pub const AWS_ELASTICACHE: EntityType = entity("aws_elasticache", &["Service"]);
/// Elasticsearch / OpenSearch: Service.
pub const AWS_ELASTICSEARCH: EntityType = entity("aws_elasticsearch", &["Service"]);
/// GuardDuty: Service.
pub const AWS_GUARDDUTY: EntityType = entity("aws_guardduty", &["Service"]);
/// Inspector: Service.
pub const AWS_INSPECTOR: EntityType = entity("aws_inspector", &["Service"]);
/// KMS: Service.
pub const AWS_KMS: EntityType = entity("aws_kms", &["Service"]);
/// SNS: Service.
pub const AWS_SNS: EntityType = entity("aws_sns", &["Service"]);
/// SQS: Service.
pub const AWS_SQS: EntityType = entity("aws_sqs", &["Service"]);
/// Transfer Family: Service.
pub const AWS_TRANSFER: EntityType = entity("aws_transfer", &["Service"]);
/// WorkSpaces: Service.
pub const AWS_WORKSPACES: EntityType = entity("aws_workspaces", &["Service"]);
/// (other): Service placeholder.
pub const AWS_SERVICE: EntityType = entity("aws_service", &["Service"]);
/// (mapped): Internet.
pub const INTERNET: EntityType = entity("internet", &["Internet", "Network"]);
/// (mapped): Network.
pub const NETWORK: EntityType = entity("network", &["Network"]);
/// (mapped): Host.
pub const HOST: EntityType = entity("host", &["Host"]);
/// (mapped): Everyone.
pub const EVERYONE: EntityType = entity("everyone", &["UserGroup", "Everyone"]);
/// (mapped): Person.
pub const PERSON: EntityType = entity("person", &["Person"]);
/// (mapped): Domain.
pub const DOMAIN: EntityType = entity("domain", &["Domain"]);
/// IAM: IAM OpenIDConnect Provider.
pub const AWS_IAM_OIDC_PROVIDER: EntityType = entity("aws_iam_oidc_provider", &["Service"]);
/// IAM: IAM Server Certificate.
pub const AWS_IAM_SERVER_CERTIFICATE: EntityType = entity("aws_iam_server_certificate", &["Certificate"]);
/// Config: Config Recorder.
pub const AWS_CONFIG_RECORDER: EntityType = entity("aws_config_recorder", &["Configuration"]);
/// EC2: EC2 account settings.
pub const AWS_EC2_SETTINGS: EntityType = entity("aws_ec2_settings", &["Configuration"]);
/// Security Hub: Hub.
pub const AWS_SECURITYHUB_HUB: EntityType = entity("aws_securityhub_hub", &["Service"]);
/// Organizations: Organization.
pub const AWS_ORGANIZATION: EntityType = entity("aws_organization", &["Organization"]);
/// Organizations: Organizational Unit.
pub const AWS_ORGANIZATIONAL_UNIT: EntityType = entity("aws_organizational_unit", &["Group"]);
/// Organizations: Policy (SCP, RCP).
pub const AWS_ORGANIZATIONS_POLICY: EntityType = entity("aws_organizations_policy", &["AccessPolicy"]);

/// Every type of the data model, in its order.
pub const ALL: &[EntityType] = &[
    AWS_ACCOUNT,
    AWS_ACM_CERTIFICATE,
    AWS_API_GATEWAY_REST_API,
    AWS_API_GATEWAY_V2_API,
    AWS_API_GATEWAY_V2_ROUTE,
    AWS_API_GATEWAY_V2_INTEGRATION,
    AWS_API_GATEWAY_V2_AUTHORIZER,
    AWS_BATCH_COMPUTE_ENVIRONMENT,
    AWS_BATCH_JOB,
    AWS_BATCH_JOB_DEFINITION,
    AWS_BATCH_JOB_QUEUE,
    AWS_CLOUDFORMATION_STACK,
    AWS_CLOUDFRONT_DISTRIBUTION,
    AWS_CLOUDFRONT_DISTRIBUTION_ORIGIN,
    AWS_CLOUDWATCH_EVENT_RULE,
    AWS_CLOUDWATCH_METRIC_ALARM,
    AWS_CLOUDWATCH_LOG_GROUP,
    AWS_CONFIG_RULE,
    AWS_DYNAMODB_TABLE,
    AWS_AMI,
    AWS_INSTANCE,
    AWS_KEY_PAIR,
    AWS_EBS_VOLUME,
    AWS_EBS_SNAPSHOT,
    AWS_EIP,
    AWS_INTERNET_GATEWAY,
    AWS_NAT_GATEWAY,
    AWS_NETWORK_ACL,
    AWS_ENI,
    AWS_ROUTE_TABLE,
    AWS_SECURITY_GROUP,
    AWS_SUBNET,
    AWS_VPC,
    AWS_VPN_GATEWAY,
    AWS_AUTOSCALING_GROUP,
    AWS_ECR_REPOSITORY,
    AWS_ECR_IMAGE,
    AWS_ECR_IMAGE_SCAN_FINDING,
    AWS_ECS_CLUSTER,
    AWS_ECS_CONTAINER_INSTANCE,
    AWS_ECS_SERVICE,
    AWS_ECS_TASK_DEFINITION,
    AWS_ECS_TASK,
    AWS_EFS_FILE_SYSTEM,
    AWS_EFS_MOUNT_TARGET,
    AWS_EKS_CLUSTER,
    AWS_ALB,
    AWS_NLB,
    AWS_ELB,
    AWS_LB_TARGET_GROUP,
    AWS_LB_LISTENER,
    AWS_LB_LISTENER_RULE,
    AWS_ELASTICACHE_MEMCACHED_CLUSTER,
    AWS_ELASTICACHE_REDIS_CLUSTER,
    AWS_ELASTICACHE_CLUSTER_NODE,
    AWS_ELASTICSEARCH_DOMAIN,
    AWS_GUARDDUTY_DETECTOR,
    AWS_GUARDDUTY_FINDING,
    AWS_IAM_ACCOUNT_PASSWORD_POLICY,
    AWS_IAM_USER,
    AWS_IAM_ACCESS_KEY,
    MFA_DEVICE,
    AWS_IAM_GROUP,
    AWS_IAM_ROLE,
    AWS_IAM_USER_POLICY,
    AWS_IAM_GROUP_POLICY,
    AWS_IAM_ROLE_POLICY,
    AWS_IAM_POLICY,
    AWS_IAM_SAML_PROVIDER,
    AWS_ACCESSANALYZER_ANALYZER,
    AWS_ACCESSANALYZER_FINDING,
    AWS_INSPECTOR_ASSESSMENT,
    AWS_INSPECTOR_FINDING,
    AWS_KMS_KEY,
    AWS_LAMBDA_FUNCTION,
    AWS_REDSHIFT_CLUSTER,
    AWS_RDS_CLUSTER,
    AWS_DB_INSTANCE,
    AWS_DB_SNAPSHOT,
    AWS_DB_CLUSTER_SNAPSHOT,
    AWS_ROUTE53_DOMAIN,
    AWS_ROUTE53_ZONE,
    AWS_ROUTE53_RECORD,
    AWS_S3_BUCKET,
    AWS_S3_BUCKET_POLICY,
    AWS_SNS_SUBSCRIPTION,
    AWS_SNS_TOPIC,
    AWS_SQS_QUEUE,
    AWS_TRANSFER_SERVER,
    AWS_TRANSFER_USER,
    AWS_WAF_WEB_ACL,
    AWS_WAF_V2_WEB_ACL,
    AWS_WORKSPACE,
    AWS_WORKSPACES_BUNDLE,
    AWS_CLOUDTRAIL,
    AWS_LB,
    AWS_HSM,
    AWS_ACM,
    AWS_APIGATEWAY,
    AWS_BATCH,
    AWS_CLOUDFRONT,
    AWS_CONFIG,
    AWS_DYNAMODB,
    AWS_EC2,
    AWS_ECR,
    AWS_ECS,
    AWS_EFS,
    AWS_EKS,
    AWS_ELASTICLOADBALANCING,
    AWS_IAM,
    AWS_LAMBDA,
    AWS_RDS,
    AWS_REDSHIFT,
    AWS_ROUTE53,
    AWS_S3,
    AWS_WAF,
    AWS_WAF_V2,
    AWS_ACCESSANALYZER,
    AWS_AUTOSCALING,
    AWS_CLOUDFORMATION,
    AWS_CLOUDHSM,
    AWS_CLOUDWATCH,
    AWS_CLOUDWATCH_EVENT,
    AWS_CLOUDWATCH_LOGS,
    AWS_ELASTICACHE,
    AWS_ELASTICSEARCH,
    AWS_GUARDDUTY,
    AWS_INSPECTOR,
    AWS_KMS,
    AWS_SNS,
    AWS_SQS,
    AWS_TRANSFER,
    AWS_WORKSPACES,
    AWS_SERVICE,
    INTERNET,
    NETWORK,
    HOST,
    EVERYONE,
    PERSON,
    DOMAIN,
    AWS_IAM_OIDC_PROVIDER,
    AWS_IAM_SERVER_CERTIFICATE,
    AWS_CONFIG_RECORDER,
    AWS_EC2_SETTINGS,
    AWS_SECURITYHUB_HUB,
    AWS_ORGANIZATION,
    AWS_ORGANIZATIONAL_UNIT,
    AWS_ORGANIZATIONS_POLICY,
];

/// The type called `name`.
pub fn by_name(name: &str) -> Option<EntityType> {
    ALL.iter().copied().find(|it| it.name == name)
}
