//! Policies of resources: in one account, across accounts, of keys and of roles.

use super::Groups;
use crate::access::Answer::{Allowed, Denied, Unknown};

pub(super) const GROUPS: Groups = &[
    (
        "IAM user guide, Policy evaluation for requests within a single account; Evaluating identity-based policies with \
         resource-based policies",
        &[
            (Allowed, "ann s3:GetObject bucket/x", &["resource allow s3:GetObject to user:ann"]),
            (Denied, "ann s3:PutObject bucket/x", &["resource allow s3:GetObject to user:ann"]),
            (Denied, "bob s3:GetObject bucket/x", &["resource allow s3:GetObject to user:ann"]),
            (Allowed, "ops s3:GetObject bucket/x", &["resource allow s3:GetObject to role:ops"]),
            (Allowed, "ann s3:GetObject bucket/x", &["resource allow s3:GetObject to *"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity allow s3:*", "resource deny s3:* to user:ann"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity deny s3:*", "resource allow s3:* to user:ann"]),
            (
                Allowed,
                "bob s3:GetObject bucket/x",
                &["identity allow s3:*", "resource deny s3:* to user:ann"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow s3:*", "resource allow s3:* to role:ops"],
            ),
            (Denied, "ann s3:GetObject bucket/x", &["resource deny s3:* to A", "identity allow *"]),
            (
                Denied,
                "ops/one s3:GetObject bucket/x",
                &["resource deny s3:* to role:ops", "identity allow *"],
            ),
            (Allowed, "ann s3:GetObject bucket/x", &["resource allow s3:GetObject on bucket/* to user:ann"]),
            (Denied, "ann s3:GetObject bucket/x", &["resource allow s3:GetObject on bucket to user:ann"]),
            (Unknown, "ann s3:GetObject bucket/x", &["identity allow *", "resource ?"]),
            (Unknown, "ann s3:GetObject bucket/x", &["resource ?"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity deny *", "resource ?"]),
        ],
    ),
    (
        "IAM user guide, JSON policy elements: Principal, AWS account principals: they delegate to the account",
        &[
            (Denied, "ann s3:GetObject bucket/x", &["resource allow s3:GetObject to A"]),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["resource allow s3:GetObject to A", "identity allow s3:*"],
            ),
            (Allowed, "root s3:GetObject bucket/x", &["resource allow s3:GetObject to A"]),
        ],
    ),
    (
        "IAM user guide, Permissions boundaries, Resource-based policies: what they grant to users, roles and sessions",
        &[
            // A user that is named is not limited by an implicit denial in its boundary.
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["resource allow s3:* to user:ann", "boundary allow ec2:*"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x",
                &["resource allow s3:* to user:ann", "boundary allow *; deny s3:*"],
            ),
            // A role that is named is limited by its boundary, and by the policy of its session.
            (
                Denied,
                "ops s3:GetObject bucket/x",
                &["resource allow s3:* to role:ops", "boundary allow ec2:*"],
            ),
            (
                Allowed,
                "ops s3:GetObject bucket/x",
                &["resource allow s3:* to role:ops", "boundary allow s3:*"],
            ),
            (
                Denied,
                "ops s3:GetObject bucket/x",
                &["resource allow s3:* to role:ops", "session allow ec2:*"],
            ),
            (
                Allowed,
                "ops s3:GetObject bucket/x",
                &["resource allow s3:* to role:ops", "session allow s3:*"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x",
                &["resource allow s3:* to user:ann", "session allow ec2:*"],
            ),
            // A session that is named is limited by neither, unless they deny.
            (
                Allowed,
                "ops/one s3:GetObject bucket/x",
                &["resource allow s3:* to session:ops/one", "boundary allow ec2:*"],
            ),
            (
                Allowed,
                "ops/one s3:GetObject bucket/x",
                &["resource allow s3:* to session:ops/one", "session allow ec2:*"],
            ),
            (
                Denied,
                "ops/one s3:GetObject bucket/x",
                &["resource allow s3:* to session:ops/one", "session deny s3:*"],
            ),
            (Denied, "ops/two s3:GetObject bucket/x", &["resource allow s3:* to session:ops/one"]),
            (Unknown, "ops s3:GetObject bucket/x", &["resource allow s3:* to session:ops/one"]),
            (Denied, "ann s3:GetObject bucket/x", &["resource allow s3:* to session:ops/one"]),
            // Everybody with a condition on the ARN is not limited either.
            (
                Allowed,
                "ops s3:GetObject bucket/x",
                &[
                    "resource allow s3:* to * if ArnEquals aws:PrincipalArn=arn:aws:iam::111111111111:role/ops",
                    "boundary allow ec2:*",
                ],
            ),
            (Unknown, "ops s3:GetObject bucket/x", &["resource allow s3:* to *", "boundary ?"]),
        ],
    ),
    (
        "IAM user guide, Policy evaluation logic for cross-account requests",
        &[
            (Denied, "bob@b s3:GetObject bucket/x", &["identity allow s3:*"]),
            (Denied, "bob@b s3:GetObject bucket/x", &["resource allow s3:* to B"]),
            (Allowed, "bob@b s3:GetObject bucket/x", &["identity allow s3:*", "resource allow s3:* to B"]),
            (
                Allowed,
                "bob@b s3:GetObject bucket/x",
                &["identity allow s3:*", "resource allow s3:* to user:bob@b"],
            ),
            (Denied, "bob@b s3:GetObject bucket/x", &["resource allow s3:* to user:bob@b"]),
            (
                Denied,
                "bob@b s3:GetObject bucket/x",
                &["identity allow s3:*", "resource allow s3:* to user:ann@b"],
            ),
            (Allowed, "bob@b s3:GetObject bucket/x", &["identity allow s3:*", "resource allow s3:* to *"]),
            (Denied, "bob@b s3:GetObject bucket/x", &["resource allow s3:* to *"]),
            (
                Allowed,
                "ops@b s3:GetObject bucket/x",
                &["identity allow s3:*", "resource allow s3:* to role:ops@b"],
            ),
            (
                Denied,
                "ops@b s3:GetObject bucket/x",
                &["identity allow s3:*", "resource allow s3:* to role:ops@b", "boundary allow ec2:*"],
            ),
            (
                Denied,
                "ops@b s3:GetObject bucket/x",
                &["identity allow s3:*", "resource allow s3:* to role:ops@b", "session allow ec2:*"],
            ),
            (
                Denied,
                "bob@b s3:GetObject bucket/x",
                &["identity allow s3:*", "resource allow s3:* to B; deny s3:Get* to *"],
            ),
            (
                Denied,
                "bob@b s3:GetObject bucket/x",
                &["identity allow s3:*; deny s3:Get*", "resource allow s3:* to B"],
            ),
            (
                Denied,
                "bob@b s3:GetObject bucket/x",
                &["identity allow s3:*", "resource allow s3:* to B", "rcp.root deny s3:* to *"],
            ),
            (
                Denied,
                "bob@b s3:GetObject bucket/x",
                &["identity allow s3:*", "resource allow s3:* to B", "scp.unit allow ec2:*"],
            ),
            (Allowed, "ann sqs:SendMessage queue@b", &["identity allow sqs:*", "resource allow sqs:* to A"]),
            (Denied, "ann sqs:SendMessage queue@b", &["identity allow sqs:*"]),
            (Allowed, "root sqs:SendMessage queue@b", &["resource allow sqs:* to A"]),
            (Denied, "root sqs:SendMessage queue@b", &[]),
            (Denied, "ann ec2:StopInstances i-1@b", &["identity allow *"]),
            (Unknown, "bob@b s3:GetObject bucket/x", &["identity allow s3:*", "resource ?"]),
            (Denied, "bob@b s3:GetObject bucket/x", &["resource ?"]),
            (Unknown, "bob@x s3:GetObject bucket/x", &["identity ?", "resource allow s3:* to X"]),
            (Denied, "bob@x s3:GetObject bucket/x", &["identity ?", "resource allow s3:* to B"]),
            (Unknown, "ann s3:GetObject bucket/x", &["identity allow s3:*", "owner ?"]),
            (Denied, "ann s3:GetObject bucket/x", &["owner ?"]),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow s3:*", "resource allow s3:* to user:ann", "owner ?"],
            ),
        ],
    ),
    (
        "IAM user guide, JSON policy elements: Principal, Service principals and Anonymous users",
        &[
            (Allowed, "anybody s3:GetObject bucket/x", &["resource allow s3:GetObject to *"]),
            (Denied, "anybody s3:GetObject bucket/x", &["resource allow s3:GetObject to A"]),
            (Denied, "anybody s3:GetObject bucket/x", &[]),
            (
                Denied,
                "anybody s3:GetObject bucket/x",
                &["resource allow s3:GetObject to * if StringEquals aws:PrincipalOrgID=o-1"],
            ),
            (Denied, "anybody s3:GetObject bucket/x", &["resource allow s3:GetObject to *", "closed ?"]),
            (Unknown, "anybody s3:GetObject bucket/x", &["resource allow s3:GetObject to *", "block ?"]),
            (
                Allowed,
                "sns.amazonaws.com sqs:SendMessage queue",
                &["resource allow sqs:SendMessage to Service=sns.amazonaws.com"],
            ),
            (
                Denied,
                "s3.amazonaws.com sqs:SendMessage queue",
                &["resource allow sqs:SendMessage to Service=sns.amazonaws.com"],
            ),
            (
                Allowed,
                "sns.amazonaws.com sqs:SendMessage queue aws:SourceAccount=111111111111",
                &[
                    "resource allow sqs:SendMessage to Service=sns.amazonaws.com if StringEquals aws:SourceAccount=111111111111",
                ],
            ),
            (
                Unknown,
                "sns.amazonaws.com sqs:SendMessage queue",
                &[
                    "resource allow sqs:SendMessage to Service=sns.amazonaws.com if StringEquals aws:SourceAccount=111111111111",
                ],
            ),
            (
                Denied,
                "ann sqs:SendMessage queue",
                &["resource allow sqs:SendMessage to * if StringEquals aws:SourceAccount=111111111111"],
            ),
            (Allowed, "ann s3:GetObject bucket/x", &["resource allow s3:GetObject to *", "closed ?"]),
            (
                Denied,
                "bob@b s3:GetObject bucket/x",
                &["identity allow *", "resource allow s3:GetObject to *", "closed ?"],
            ),
        ],
    ),
    (
        "IAM user guide, JSON policy elements: NotPrincipal",
        &[
            (
                Denied,
                "ann s3:GetObject bucket/x",
                &["identity allow *", "resource deny s3:* to all-but user:bob"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow *", "resource deny s3:* to all-but A,user:ann"],
            ),
            (
                Allowed,
                "ops s3:GetObject bucket/x",
                &["identity allow *", "resource deny s3:* to all-but A,role:ops"],
            ),
            (
                Allowed,
                "ops/one s3:GetObject bucket/x",
                &["identity allow *", "resource deny s3:* to all-but A,role:ops,session:ops/one"],
            ),
            // The account has to be named too, or else access may be denied.
            (
                Unknown,
                "ann s3:GetObject bucket/x",
                &["identity allow *", "resource deny s3:* to all-but user:ann"],
            ),
            (Unknown, "ann s3:GetObject bucket/x", &["identity allow *", "resource deny s3:* to all-but A"]),
            (
                Unknown,
                "ops/one s3:GetObject bucket/x",
                &["identity allow *", "resource deny s3:* to all-but session:ops/one"],
            ),
            (Denied, "ann s3:GetObject bucket/x", &["resource deny s3:* to all-but A"]),
            (Allowed, "root s3:GetObject bucket/x", &["resource deny s3:* to all-but A"]),
            (
                Denied,
                "bob@b s3:GetObject bucket/x",
                &["identity allow *", "resource allow s3:* to B; deny s3:* to all-but A,user:ann"],
            ),
            // Whoever has a boundary is denied in any case.
            (
                Denied,
                "ann s3:GetObject bucket/x",
                &["identity allow *", "boundary allow *", "resource deny s3:* to all-but A,user:ann"],
            ),
            (Allowed, "ann s3:GetObject bucket/x", &["resource allow s3:GetObject to all-but user:bob"]),
            (Denied, "bob s3:GetObject bucket/x", &["resource allow s3:GetObject to all-but A,user:bob"]),
        ],
    ),
    (
        "KMS developer guide, Key policies, Default key policy: allows the account to use IAM policies",
        &[
            (Denied, "ann kms:Decrypt key", &["identity allow kms:*"]),
            (Denied, "ann kms:Decrypt key", &["resource allow kms:* to A"]),
            (Allowed, "ann kms:Decrypt key", &["identity allow kms:*", "resource allow kms:* to A"]),
            (Allowed, "ann kms:Decrypt key", &["resource allow kms:Decrypt to user:ann"]),
            (
                Denied,
                "ann kms:Decrypt key",
                &["identity allow kms:*", "resource allow kms:Decrypt to user:bob"],
            ),
            (Denied, "ann kms:Decrypt key", &["identity allow kms:*", "resource allow kms:Encrypt to A"]),
            (Allowed, "ops kms:Decrypt key", &["resource allow kms:Decrypt to role:ops"]),
            (
                Denied,
                "ops kms:Decrypt key",
                &["resource allow kms:Decrypt to role:ops", "boundary allow s3:*"],
            ),
            (Allowed, "root kms:Decrypt key", &["resource allow kms:* to A"]),
            (Denied, "root kms:Decrypt key", &["resource allow kms:* to role:ops"]),
            (
                Denied,
                "ann kms:Decrypt key",
                &["identity allow kms:*", "resource allow kms:* to A; deny kms:Decrypt to user:ann"],
            ),
            (Allowed, "bob@b kms:Decrypt key", &["identity allow kms:*", "resource allow kms:Decrypt to B"]),
            (Denied, "bob@b kms:Decrypt key", &["resource allow kms:Decrypt to user:bob@b"]),
            (
                Allowed,
                "ann kms:Decrypt key",
                &["resource allow kms:Decrypt to * if StringEquals kms:CallerAccount=111111111111"],
            ),
            (
                Denied,
                "bob@b kms:Decrypt key",
                &[
                    "identity allow *",
                    "resource allow kms:Decrypt to * if StringEquals kms:CallerAccount=111111111111",
                ],
            ),
            (
                Unknown,
                "ann kms:Decrypt key",
                &[
                    "resource allow kms:Decrypt to user:ann if StringEquals kms:ViaService=s3.eu-west-1.amazonaws.com",
                ],
            ),
            (Unknown, "ann kms:Decrypt key", &["identity allow kms:*", "resource ?"]),
            (Allowed, "ann kms:ListKeys *", &["identity allow kms:ListKeys"]),
        ],
    ),
    (
        "IAM user guide, Granting a user permissions to switch roles; STS API reference, AssumeRole: in one account, either \
         the trust policy names who asks, or it names the account and who asks is allowed to",
        &[
            (Denied, "ann sts:AssumeRole role:r", &["identity allow sts:*"]),
            (Allowed, "ann sts:AssumeRole role:r", &["resource allow sts:AssumeRole to user:ann"]),
            (Denied, "ann sts:AssumeRole role:r", &["resource allow sts:AssumeRole to A"]),
            (
                Allowed,
                "ann sts:AssumeRole role:r",
                &["identity allow sts:AssumeRole on role:r", "resource allow sts:AssumeRole to A"],
            ),
            (
                Denied,
                "ann sts:AssumeRole role:r",
                &["identity allow sts:AssumeRole on role:q", "resource allow sts:AssumeRole to A"],
            ),
            (
                Denied,
                "ann sts:AssumeRole role:r",
                &["identity deny sts:AssumeRole", "resource allow sts:AssumeRole to user:ann"],
            ),
            (Denied, "bob@b sts:AssumeRole role:r", &["resource allow sts:AssumeRole to user:bob@b"]),
            (
                Allowed,
                "bob@b sts:AssumeRole role:r",
                &["identity allow sts:AssumeRole", "resource allow sts:AssumeRole to user:bob@b"],
            ),
            (
                Allowed,
                "bob@b sts:AssumeRole role:r",
                &["identity allow sts:AssumeRole", "resource allow sts:AssumeRole to B"],
            ),
            (Allowed, "ops sts:AssumeRole role:r", &["resource allow sts:AssumeRole to role:ops"]),
            (
                Denied,
                "ops sts:AssumeRole role:r",
                &["resource allow sts:AssumeRole to role:ops", "boundary allow s3:*"],
            ),
            (
                Allowed,
                "ec2.amazonaws.com sts:AssumeRole role:r",
                &["resource allow sts:AssumeRole to Service=ec2.amazonaws.com"],
            ),
            (
                Denied,
                "lambda.amazonaws.com sts:AssumeRole role:r",
                &["resource allow sts:AssumeRole to Service=ec2.amazonaws.com"],
            ),
            (Denied, "root sts:AssumeRole role:r", &["resource allow sts:AssumeRole to *"]),
            // The external ID that a trust policy asks for is a secret, which is not kept.
            (
                Unknown,
                "bob@b sts:AssumeRole role:r sts:ExternalId=x",
                &[
                    "identity allow *",
                    "resource allow sts:AssumeRole to B if StringEquals sts:ExternalId=<redacted>",
                ],
            ),
            (
                Denied,
                "bob@b sts:AssumeRole role:r -sts:ExternalId",
                &[
                    "identity allow *",
                    "resource allow sts:AssumeRole to B if StringEquals sts:ExternalId=<redacted>",
                ],
            ),
            (Allowed, "ann sts:GetCallerIdentity *", &["identity deny *"]),
            // What is done to a role, and not with it, its trust policy does not speak of.
            (Allowed, "ann iam:PassRole role:r", &["identity allow iam:PassRole", "resource deny * to *"]),
            (Denied, "ann iam:PassRole role:r", &["resource allow * to user:ann"]),
        ],
    ),
    (
        "Lambda, SNS, SQS and ECR developer guides, Resource-based policies",
        &[
            (
                Allowed,
                "ann lambda:InvokeFunction fn",
                &["resource allow lambda:InvokeFunction on fn to user:ann"],
            ),
            (
                Allowed,
                "bob@b lambda:InvokeFunction fn",
                &["identity allow lambda:*", "resource allow lambda:InvokeFunction on fn to B"],
            ),
            (
                Denied,
                "bob@b lambda:InvokeFunction fn",
                &["identity allow lambda:*", "resource allow lambda:InvokeFunction on fnother to B"],
            ),
            (
                Allowed,
                "bob@b sns:Publish topic",
                &["identity allow sns:*", "resource allow sns:Publish to B"],
            ),
            (
                Allowed,
                "bob@b ecr:BatchGetImage repo",
                &["identity allow ecr:*", "resource allow ecr:BatchGetImage to B"],
            ),
            (
                Denied,
                "bob@b ecr:PutImage repo",
                &["identity allow ecr:*", "resource allow ecr:BatchGetImage to B"],
            ),
        ],
    ),
];
