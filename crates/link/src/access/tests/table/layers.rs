//! Identity policies, groups, boundaries, session policies, and the policies of the organization.

use super::Groups;
use crate::access::Answer::{Allowed, Denied, Unknown};

pub(super) const GROUPS: Groups = &[
    (
        "IAM user guide, Policy evaluation logic, The difference between explicit and implicit denies",
        &[
            (Denied, "ann s3:GetObject bucket/x", &[]),
            (Allowed, "ann s3:GetObject bucket/x", &["identity allow s3:GetObject"]),
            (Denied, "ann s3:PutObject bucket/x", &["identity allow s3:GetObject"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow s3:GetObject on bucketb/*"]),
            (Allowed, "ann s3:GetObject bucket/x", &["identity allow s3:GetObject on bucket/*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow s3:GetObject on bucket"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow s3:*; deny s3:GetObject"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow s3:*", "identity deny s3:Get*"]),
            (Allowed, "ann s3:GetObject bucket/x", &["identity allow s3:*", "identity deny s3:Put*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *", "identity deny * on bucket/x"]),
            (Allowed, "ann s3:GetObject bucket/y", &["identity allow *", "identity deny * on bucket/x"]),
            (Allowed, "ann s3:getobject bucket/x", &["identity allow S3:GETOBJECT"]),
            (Denied, "ann s3:GetObject bucket/X", &["identity allow s3:* on bucket/x"]),
            (Allowed, "ann s3:GetObject bucket/x", &["identity allow s3:Get?bject"]),
            (Allowed, "root s3:GetObject bucket/x", &[]),
            (Denied, "root s3:GetObject bucket/x", &["resource deny s3:* to *"]),
            (Allowed, "ann s3:ListAllMyBuckets *", &["identity allow s3:ListAllMyBuckets"]),
            (Denied, "ann s3:ListAllMyBuckets *", &["identity allow s3:ListAllMyBuckets on bucket"]),
        ],
    ),
    (
        "IAM user guide, Policies and permissions, Identity-based policies; IAM user groups",
        &[
            (Allowed, "ann s3:GetObject bucket/x", &["group allow s3:GetObject"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow s3:*", "group deny s3:*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity deny s3:*", "group allow s3:*"]),
            (Allowed, "ops s3:GetObject bucket/x", &["identity allow s3:GetObject"]),
            (Allowed, "ops/one s3:GetObject bucket/x", &["identity allow s3:GetObject"]),
        ],
    ),
    (
        "IAM user guide, JSON policy elements: NotAction and NotResource",
        &[
            (Allowed, "ann s3:GetObject bucket/x", &["identity allow all-but iam:*"]),
            (Denied, "ann iam:GetUser user:bob", &["identity allow all-but iam:*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *; deny all-but iam:*"]),
            (Allowed, "ann iam:GetUser user:bob", &["identity allow *; deny all-but iam:*"]),
            (Allowed, "ann s3:GetObject bucket/x", &["identity allow s3:* on all-but bucketb/*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow s3:* on all-but bucket/*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *; deny s3:* on all-but bucket"]),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow *; deny s3:* on all-but bucket,bucket/*"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x",
                &["identity allow *; deny all-but iam:* on all-but bucketb"],
            ),
        ],
    ),
    (
        "IAM user guide, Permissions boundaries for IAM entities, Evaluating effective permissions with boundaries",
        &[
            (Denied, "ann s3:GetObject bucket/x", &["boundary allow s3:*"]),
            (Allowed, "ann s3:GetObject bucket/x", &["identity allow s3:*", "boundary allow s3:Get*"]),
            (Denied, "ann s3:PutObject bucket/x", &["identity allow s3:*", "boundary allow s3:Get*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow s3:*", "boundary allow *; deny s3:*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow s3:*; deny s3:*", "boundary allow *"]),
            (Denied, "ops s3:GetObject bucket/x", &["identity allow *", "boundary allow ec2:*"]),
            (Unknown, "ops s3:GetObject bucket/x", &["identity allow *", "boundary ?"]),
            (Denied, "ops s3:GetObject bucket/x", &["identity allow ec2:*", "boundary ?"]),
            (Denied, "ops s3:GetObject bucket/x", &["identity deny *", "boundary ?"]),
        ],
    ),
    (
        "IAM user guide, Policies and permissions, Session policies",
        &[
            (Denied, "ops s3:GetObject bucket/x", &["session allow *"]),
            (Allowed, "ops s3:GetObject bucket/x", &["identity allow s3:*", "session allow s3:GetObject"]),
            (Denied, "ops s3:PutObject bucket/x", &["identity allow s3:*", "session allow s3:GetObject"]),
            (Denied, "ops s3:GetObject bucket/x", &["identity allow s3:*", "session allow *; deny s3:*"]),
            (
                Allowed,
                "ops s3:GetObject bucket/x",
                &["identity allow *", "boundary allow s3:*", "session allow s3:Get*"],
            ),
            (
                Denied,
                "ops s3:GetObject bucket/x",
                &["identity allow *", "boundary allow s3:Put*", "session allow s3:*"],
            ),
            (
                Denied,
                "ops s3:GetObject bucket/x",
                &["identity allow *", "boundary allow s3:*", "session allow s3:Put*"],
            ),
        ],
    ),
    (
        "Organizations user guide, SCP evaluation, How SCPs work with Allow and with Deny",
        &[
            (Denied, "ann s3:GetObject bucket/x", &["scp.root allow *"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *", "scp.root deny s3:*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *", "scp.unit deny s3:*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *", "scp.account deny s3:*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *", "scp.root allow ec2:*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *", "scp.unit allow ec2:*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *", "scp.account allow ec2:*"]),
            (Allowed, "ann s3:GetObject bucket/x", &["identity allow *", "scp.unit allow s3:*,ec2:*"]),
            (Denied, "root s3:GetObject bucket/x", &["scp.root deny s3:*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *", "scp.root deny all-but iam:*"]),
            (Allowed, "ann iam:GetUser user:bob", &["identity allow *", "scp.root deny all-but iam:*"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *", "scp.root deny * on all-but i-1"]),
            // An SCP has no effect on who is granted access by a policy of a resource in another account's organization,
            // but it limits its own principals there too.
            (
                Denied,
                "ann s3:GetObject bucket@b",
                &["identity allow *", "resource allow s3:* to A", "scp.root deny s3:*"],
            ),
            (Unknown, "ann s3:GetObject bucket/x", &["identity allow *", "scp ?"]),
            (Denied, "ann s3:GetObject bucket/x", &["scp ?"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *; deny s3:*", "scp ?"]),
            (Allowed, "ann s3:GetObject bucket/x", &["identity allow *", "scp-off ?"]),
        ],
    ),
    (
        "Organizations user guide, Service control policies, Tasks and entities not restricted by SCPs",
        &[
            (Allowed, "ann@m s3:GetObject bucket@m", &["identity allow *", "scp.root deny s3:*"]),
            (Allowed, "root@m s3:GetObject bucket@m", &["scp.root deny s3:*"]),
            (Allowed, "linked s3:GetObject bucket/x", &["identity allow s3:*", "scp.root deny s3:*"]),
            (Denied, "linked s3:GetObject bucket/x", &["identity allow ec2:*", "scp.root deny s3:*"]),
            (
                Allowed,
                "sns.amazonaws.com sqs:SendMessage queue",
                &["resource allow sqs:SendMessage to Service=sns.amazonaws.com", "scp.root deny sqs:*"],
            ),
        ],
    ),
    (
        "Organizations user guide, Resource control policies, RCP evaluation",
        &[
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *", "rcp.root deny s3:* to *"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *", "rcp.unit deny s3:* to *"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *", "rcp.account deny s3:* to *"]),
            (Allowed, "ann s3:GetObject bucket/x", &["identity allow *", "rcp.root deny sqs:* to *"]),
            (
                Denied,
                "bob@x s3:GetObject bucket/x",
                &[
                    "identity allow *",
                    "resource allow s3:* to *",
                    "rcp.root deny s3:* to * if StringNotEqualsIfExists aws:PrincipalAccount=111111111111",
                ],
            ),
            (
                Denied,
                "anybody s3:GetObject bucket/x",
                &[
                    "resource allow s3:GetObject to *",
                    "rcp.root deny s3:* to * if StringNotEqualsIfExists aws:PrincipalOrgID=o-1 BoolIfExists aws:PrincipalIsAWSService=false",
                ],
            ),
            (
                Allowed,
                "sns.amazonaws.com sqs:SendMessage queue",
                &[
                    "resource allow sqs:SendMessage to Service=sns.amazonaws.com",
                    "rcp.root deny sqs:* to * if StringNotEqualsIfExists aws:PrincipalOrgID=o-1 BoolIfExists aws:PrincipalIsAWSService=false",
                ],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow *", "rcp.root deny s3:* to * if StringNotEquals aws:PrincipalOrgID=o-1"],
            ),
            (Denied, "root s3:GetObject bucket/x", &["rcp.root deny s3:* to *"]),
            (Unknown, "ann s3:GetObject bucket/x", &["identity allow *", "rcp ?"]),
            (Denied, "ann s3:GetObject bucket/x", &["rcp ?"]),
        ],
    ),
    (
        "Organizations user guide, Resource control policies, Resources and entities not restricted by RCPs",
        &[
            (Allowed, "ann@m s3:GetObject bucket@m", &["identity allow *", "rcp.root deny s3:* to *"]),
            (Allowed, "linked s3:GetObject bucket/x", &["identity allow *", "rcp.root deny s3:* to *"]),
            (Allowed, "ann ec2:StopInstances i-1", &["identity allow *", "rcp.root deny ec2:* to *"]),
            (Allowed, "ann ec2:StopInstances i-1", &["identity allow *", "rcp ?"]),
            (
                Denied,
                "ann secretsmanager:GetSecretValue secret",
                &["identity allow *", "rcp.root deny secretsmanager:* to *"],
            ),
            (
                Denied,
                "ann sts:AssumeRole role:r",
                &["identity allow *", "resource allow sts:AssumeRole to A", "rcp.root deny sts:* to *"],
            ),
        ],
    ),
    (
        "IAM user guide, Policy evaluation logic, with what is not read",
        &[
            (Unknown, "ann s3:GetObject bucket/x", &["identity ?"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity ?", "resource deny s3:* to *"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity ?", "scp.root deny s3:*"]),
            (Unknown, "ann s3:GetObject bucket/x", &["identity allow s3:*", "attached ?"]),
            (Unknown, "ann s3:GetObject bucket/x", &["attached ?"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow *; deny s3:*", "attached ?"]),
            (Unknown, "ann s3:GetObject bucket/x", &["identity allow *", "organization ?"]),
            (Denied, "ann s3:GetObject bucket/x", &["organization ?"]),
            (Unknown, "ann s3:* bucket/x", &["identity allow s3:Get*"]),
            (Allowed, "ann s3:Get* bucket/x", &["identity allow s3:*"]),
            (Denied, "ann s3:Get* bucket/x", &["identity allow s3:Put*"]),
            (Unknown, "ann s3:GetObject bucket/*", &["identity allow s3:* on bucket/x*"]),
            (Allowed, "ann s3:GetObject bucket/x*", &["identity allow s3:* on bucket/*"]),
            (Denied, "ann s3:GetObject bucket/*", &["identity allow s3:* on bucketb/*"]),
            (Unknown, "ann s3:GetObject all", &["identity allow s3:* on bucket/*"]),
            (Allowed, "ann s3:GetObject all", &["identity allow s3:*"]),
        ],
    ),
];
