//! The AWS services that are read, each with the names it goes by.

use orgraph_model::EntityType;
use orgraph_model::vocabulary::{
    AWS_ACCESSANALYZER, AWS_ACM, AWS_APIGATEWAY, AWS_AUTOSCALING, AWS_BATCH, AWS_CLOUDFORMATION,
    AWS_CLOUDFRONT, AWS_CLOUDHSM, AWS_CLOUDWATCH, AWS_CLOUDWATCH_EVENT, AWS_CLOUDWATCH_LOGS, AWS_CONFIG,
    AWS_DYNAMODB, AWS_EC2, AWS_ECR, AWS_ECS, AWS_EFS, AWS_EKS, AWS_ELASTICACHE, AWS_ELASTICLOADBALANCING,
    AWS_ELASTICSEARCH, AWS_GUARDDUTY, AWS_IAM, AWS_INSPECTOR, AWS_KMS, AWS_LAMBDA, AWS_RDS, AWS_REDSHIFT,
    AWS_ROUTE53, AWS_S3, AWS_SNS, AWS_SQS, AWS_TRANSFER, AWS_WAF, AWS_WAF_V2, AWS_WORKSPACES,
};

/// How a service speaks, which decides what a whole answer looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// XML whose root is `{Operation}Response`.
    Query,
    /// XML with a root of the operation's own.
    RestXml,
    /// One JSON object.
    Json,
    /// One CBOR map.
    Cbor,
}

/// An AWS service. Compared by name.
#[derive(Debug, Clone, Copy)]
pub struct Service {
    /// The name in configuration, metrics and fixture folders.
    pub name: &'static str,
    /// The service ID that the SDK's requests carry.
    pub sdk_id: &'static str,
    /// The prefix of its IAM actions.
    pub iam: &'static str,
    /// How it speaks.
    pub protocol: Protocol,
    /// The entity that stands for it in an account.
    pub entity: Option<EntityType>,
}

impl PartialEq for Service {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Service {}

impl std::hash::Hash for Service {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

macro_rules! services {
    ($($(#[$doc:meta])* $constant:ident: $name:literal, $sdk_id:literal, $iam:literal, $protocol:ident, $entity:expr;)*) => {
        impl Service {
            $($(#[$doc])* pub const $constant: Self = Self {
                name: $name, sdk_id: $sdk_id, iam: $iam, protocol: Protocol::$protocol, entity: $entity,
            };)*

            /// Every service that is read.
            pub const ALL: &'static [Self] = &[$(Self::$constant),*];
        }
    };
}

services! {
    /// IAM Access Analyzer.
    ACCESS_ANALYZER: "accessanalyzer", "AccessAnalyzer", "access-analyzer", Json, Some(AWS_ACCESSANALYZER);
    /// Account Management.
    ACCOUNT: "account", "Account", "account", Json, None;
    /// Certificate Manager.
    ACM: "acm", "ACM", "acm", Json, Some(AWS_ACM);
    /// API Gateway: REST APIs.
    API_GATEWAY: "apigateway", "API Gateway", "apigateway", Json, Some(AWS_APIGATEWAY);
    /// API Gateway: HTTP and WebSocket APIs.
    API_GATEWAY_V2: "apigatewayv2", "ApiGatewayV2", "apigateway", Json, Some(AWS_APIGATEWAY);
    /// EC2 Auto Scaling.
    AUTO_SCALING: "autoscaling", "Auto Scaling", "autoscaling", Query, Some(AWS_AUTOSCALING);
    /// Batch.
    BATCH: "batch", "Batch", "batch", Json, Some(AWS_BATCH);
    /// CloudFormation.
    CLOUDFORMATION: "cloudformation", "CloudFormation", "cloudformation", Query, Some(AWS_CLOUDFORMATION);
    /// CloudFront.
    CLOUDFRONT: "cloudfront", "CloudFront", "cloudfront", RestXml, Some(AWS_CLOUDFRONT);
    /// CloudHSM, its second version.
    CLOUDHSM: "cloudhsmv2", "CloudHSM V2", "cloudhsm", Json, Some(AWS_CLOUDHSM);
    /// CloudTrail.
    CLOUDTRAIL: "cloudtrail", "CloudTrail", "cloudtrail", Json, None;
    /// CloudWatch: metrics and alarms.
    CLOUDWATCH: "cloudwatch", "CloudWatch", "cloudwatch", Cbor, Some(AWS_CLOUDWATCH);
    /// Config.
    CONFIG: "config", "Config Service", "config", Json, Some(AWS_CONFIG);
    /// DynamoDB.
    DYNAMODB: "dynamodb", "DynamoDB", "dynamodb", Json, Some(AWS_DYNAMODB);
    /// Elastic Compute Cloud, with its networks.
    EC2: "ec2", "EC2", "ec2", Query, Some(AWS_EC2);
    /// Elastic Container Registry.
    ECR: "ecr", "ECR", "ecr", Json, Some(AWS_ECR);
    /// Elastic Container Service.
    ECS: "ecs", "ECS", "ecs", Json, Some(AWS_ECS);
    /// Elastic File System.
    EFS: "efs", "EFS", "elasticfilesystem", Json, Some(AWS_EFS);
    /// Elastic Kubernetes Service.
    EKS: "eks", "EKS", "eks", Json, Some(AWS_EKS);
    /// `ElastiCache`.
    ELASTICACHE: "elasticache", "ElastiCache", "elasticache", Query, Some(AWS_ELASTICACHE);
    /// Elastic Load Balancing: classic load balancers.
    ELB: "elb", "Elastic Load Balancing", "elasticloadbalancing", Query, Some(AWS_ELASTICLOADBALANCING);
    /// Elastic Load Balancing: all other load balancers.
    ELB_V2: "elbv2", "Elastic Load Balancing v2", "elasticloadbalancing", Query, Some(AWS_ELASTICLOADBALANCING);
    /// `EventBridge`, once CloudWatch Events.
    EVENTS: "events", "EventBridge", "events", Json, Some(AWS_CLOUDWATCH_EVENT);
    /// `GuardDuty`.
    GUARDDUTY: "guardduty", "GuardDuty", "guardduty", Json, Some(AWS_GUARDDUTY);
    /// Identity and Access Management.
    IAM: "iam", "IAM", "iam", Query, Some(AWS_IAM);
    /// Inspector Classic, which AWS has closed.
    INSPECTOR: "inspector", "Inspector", "inspector", Json, Some(AWS_INSPECTOR);
    /// Inspector.
    INSPECTOR_V2: "inspector2", "Inspector2", "inspector2", Json, Some(AWS_INSPECTOR);
    /// Key Management Service.
    KMS: "kms", "KMS", "kms", Json, Some(AWS_KMS);
    /// Lambda.
    LAMBDA: "lambda", "Lambda", "lambda", Json, Some(AWS_LAMBDA);
    /// CloudWatch Logs.
    LOGS: "logs", "CloudWatch Logs", "logs", Json, Some(AWS_CLOUDWATCH_LOGS);
    /// `OpenSearch` Service, with the domains of Elasticsearch.
    OPENSEARCH: "opensearch", "OpenSearch", "es", Json, Some(AWS_ELASTICSEARCH);
    /// Organizations.
    ORGANIZATIONS: "organizations", "Organizations", "organizations", Json, None;
    /// Relational Database Service.
    RDS: "rds", "RDS", "rds", Query, Some(AWS_RDS);
    /// Redshift.
    REDSHIFT: "redshift", "Redshift", "redshift", Query, Some(AWS_REDSHIFT);
    /// Route 53: zones and records.
    ROUTE53: "route53", "Route 53", "route53", RestXml, Some(AWS_ROUTE53);
    /// Route 53: registered domains.
    ROUTE53_DOMAINS: "route53domains", "Route 53 Domains", "route53domains", Json, Some(AWS_ROUTE53);
    /// Simple Storage Service.
    S3: "s3", "S3", "s3", RestXml, Some(AWS_S3);
    /// The account-wide settings of S3.
    S3_CONTROL: "s3control", "S3 Control", "s3", RestXml, None;
    /// Security Hub.
    SECURITY_HUB: "securityhub", "SecurityHub", "securityhub", Json, None;
    /// Simple Notification Service.
    SNS: "sns", "SNS", "sns", Query, Some(AWS_SNS);
    /// Simple Queue Service.
    SQS: "sqs", "SQS", "sqs", Json, Some(AWS_SQS);
    /// Security Token Service.
    STS: "sts", "STS", "sts", Query, None;
    /// The Resource Groups Tagging API, for tags of many resources at once.
    TAGGING: "resourcegroupstaggingapi", "Resource Groups Tagging API", "tag", Json, None;
    /// Transfer Family.
    TRANSFER: "transfer", "Transfer", "transfer", Json, Some(AWS_TRANSFER);
    /// WAF Classic for CloudFront.
    WAF: "waf", "WAF", "waf", Json, Some(AWS_WAF);
    /// WAF Classic in a region.
    WAF_REGIONAL: "waf-regional", "WAF Regional", "waf-regional", Json, Some(AWS_WAF);
    /// WAF.
    WAF_V2: "wafv2", "WAFV2", "wafv2", Json, Some(AWS_WAF_V2);
    /// `WorkSpaces`.
    WORKSPACES: "workspaces", "WorkSpaces", "workspaces", Json, Some(AWS_WORKSPACES);
}
