//! Conditions with keys that are given, absent or not known, and policy variables.

use super::Groups;
use crate::access::Answer::{Allowed, Denied, Unknown};

pub(super) const GROUPS: Groups = &[
    (
        "IAM user guide, JSON policy elements: Condition, The request context; Condition operators",
        &[
            (
                Unknown,
                "ann s3:GetObject bucket/x",
                &["identity allow * if Bool aws:MultiFactorAuthPresent=true"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x aws:MultiFactorAuthPresent=true",
                &["identity allow * if Bool aws:MultiFactorAuthPresent=true"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x aws:MultiFactorAuthPresent=false",
                &["identity allow * if Bool aws:MultiFactorAuthPresent=true"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x -aws:MultiFactorAuthPresent",
                &["identity allow * if Bool aws:MultiFactorAuthPresent=true"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x AWS:multifactorauthpresent=true",
                &["identity allow * if Bool aws:MultiFactorAuthPresent=true"],
            ),
            (
                Unknown,
                "ann s3:GetObject bucket/x",
                &["identity allow *; deny * if BoolIfExists aws:MultiFactorAuthPresent=false"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x -aws:MultiFactorAuthPresent",
                &["identity allow *; deny * if BoolIfExists aws:MultiFactorAuthPresent=false"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x -aws:MultiFactorAuthPresent",
                &["identity allow *; deny * if Bool aws:MultiFactorAuthPresent=false"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x",
                &["identity allow s3:Put* if Bool aws:MultiFactorAuthPresent=true"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow * if Bool aws:MultiFactorAuthPresent=true; allow s3:Get*"],
            ),
            // Several operators and several keys have to be met together, one of several values is enough.
            (
                Allowed,
                "ann s3:GetObject bucket/x a:k=1 a:l=2",
                &["identity allow * if StringEquals a:k=1 StringEquals a:l=2"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x a:k=1 a:l=3",
                &["identity allow * if StringEquals a:k=1 StringEquals a:l=2"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x a:l=3",
                &["identity allow * if StringEquals a:k=1 StringEquals a:l=2"],
            ),
            (Allowed, "ann s3:GetObject bucket/x a:k=3", &["identity allow * if StringEquals a:k=1|2|3"]),
            // Negated: none of several values.
            (Denied, "ann s3:GetObject bucket/x a:k=2", &["identity allow * if StringNotEquals a:k=1|2"]),
            (Allowed, "ann s3:GetObject bucket/x a:k=3", &["identity allow * if StringNotEquals a:k=1|2"]),
            (Allowed, "ann s3:GetObject bucket/x -a:k", &["identity allow * if StringNotEquals a:k=1|2"]),
            (Denied, "ann s3:GetObject bucket/x -a:k", &["identity allow * if StringEquals a:k=1"]),
            (Allowed, "ann s3:GetObject bucket/x -a:k", &["identity allow * if StringEqualsIfExists a:k=1"]),
            (Denied, "ann s3:GetObject bucket/x a:k=2", &["identity allow * if StringEqualsIfExists a:k=1"]),
            (Unknown, "ann s3:GetObject bucket/x", &["identity allow * if StringEqualsIfExists a:k=1"]),
            (Allowed, "ann s3:GetObject bucket/x a:k=abc", &["identity allow * if StringLike a:k=a*"]),
            (Denied, "ann s3:GetObject bucket/x a:k=abc", &["identity allow * if StringEquals a:k=a*"]),
            (
                Allowed,
                "ann s3:GetObject bucket/x a:k=ABC",
                &["identity allow * if StringEqualsIgnoreCase a:k=abc"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x aws:SourceIp=203.0.113.9",
                &["identity allow * if IpAddress aws:SourceIp=203.0.113.0/24"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x aws:SourceIp=198.51.100.1",
                &["identity allow * if IpAddress aws:SourceIp=203.0.113.0/24"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x aws:SourceIp=198.51.100.1",
                &["identity allow *; deny * if NotIpAddress aws:SourceIp=203.0.113.0/24"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x aws:MultiFactorAuthAge=60",
                &["identity allow * if NumericLessThan aws:MultiFactorAuthAge=3600"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x aws:MultiFactorAuthAge=7200",
                &["identity allow * if NumericLessThan aws:MultiFactorAuthAge=3600"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x aws:CurrentTime=2026-11-21T00:00:00Z",
                &["identity allow * if DateLessThan aws:CurrentTime=2026-01-01T00:00:00Z"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x aws:CurrentTime=2025-11-21T00:00:00Z",
                &["identity allow * if DateLessThan aws:CurrentTime=2026-01-01T00:00:00Z"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow * if ArnLike aws:PrincipalArn=arn:aws:iam::*:user/ann"],
            ),
            (Allowed, "ann s3:GetObject bucket/x a:b=QQ==", &["identity allow * if BinaryEquals a:b=QQ=="]),
            (Unknown, "ann s3:GetObject bucket/x a:b=c", &["identity allow * if StringSounds a:b=c"]),
            (Denied, "ann s3:GetObject bucket/x", &["identity deny * if StringSounds a:b=c"]),
        ],
    ),
    (
        "IAM user guide, Condition operators, Condition operator to check existence of condition keys",
        &[
            (Denied, "ann s3:GetObject bucket/x a:k=1", &["identity allow * if Null a:k=true"]),
            (Allowed, "ann s3:GetObject bucket/x -a:k", &["identity allow * if Null a:k=true"]),
            (Allowed, "ann s3:GetObject bucket/x a:k=1", &["identity allow * if Null a:k=false"]),
            (Denied, "ann s3:GetObject bucket/x -a:k", &["identity allow * if Null a:k=false"]),
            (Unknown, "ann s3:GetObject bucket/x", &["identity allow * if Null a:k=false"]),
        ],
    ),
    (
        "IAM user guide, Set operators for multivalued context keys",
        &[
            (
                Allowed,
                "ann s3:GetObject bucket/x aws:TagKeys=a|b",
                &["identity allow * if ForAllValues:StringEquals aws:TagKeys=a|b|c"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x aws:TagKeys=a|d",
                &["identity allow * if ForAllValues:StringEquals aws:TagKeys=a|b|c"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x -aws:TagKeys",
                &["identity allow * if ForAllValues:StringEquals aws:TagKeys=a"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x aws:TagKeys=a|d",
                &["identity allow * if ForAnyValue:StringEquals aws:TagKeys=a"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x aws:TagKeys=d|e",
                &["identity allow * if ForAnyValue:StringEquals aws:TagKeys=a"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x -aws:TagKeys",
                &["identity allow * if ForAnyValue:StringEquals aws:TagKeys=a"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x aws:TagKeys=a|d",
                &["identity allow * if ForAnyValue:StringNotEquals aws:TagKeys=a"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x aws:TagKeys=a|d",
                &["identity allow * if ForAllValues:StringNotEquals aws:TagKeys=a"],
            ),
            (
                Unknown,
                "ann s3:GetObject bucket/x",
                &["identity allow * if ForAllValues:StringEquals aws:TagKeys=a"],
            ),
            (
                Unknown,
                "ann s3:GetObject bucket/x aws:TagKeys=a|d",
                &["identity allow * if StringEquals aws:TagKeys=a"],
            ),
        ],
    ),
    (
        "IAM user guide, Global condition context keys, Properties of the principal and of the resource",
        &[
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow * if StringEquals aws:PrincipalOrgID=o-1"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x",
                &["identity allow * if StringEquals aws:PrincipalOrgID=o-2"],
            ),
            (
                Unknown,
                "ann s3:GetObject bucket/x",
                &["identity allow * if StringEquals aws:PrincipalOrgID=o-1", "organization ?"],
            ),
            (
                Allowed,
                "bob@b s3:GetObject bucket/x",
                &["identity allow *", "resource allow s3:* to * if StringEquals aws:PrincipalOrgID=o-1"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow * if ForAnyValue:StringLike aws:PrincipalOrgPaths=o-1/r-1/ou-1/*"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow * if StringEquals aws:PrincipalAccount=111111111111"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow * if StringEquals aws:PrincipalType=User aws:username=ann"],
            ),
            (Denied, "ops s3:GetObject bucket/x", &["identity allow * if StringEquals aws:username=ops"]),
            (
                Allowed,
                "ops s3:GetObject bucket/x",
                &["identity allow * if StringEquals aws:PrincipalType=AssumedRole"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow * if StringEquals aws:userid=AIDAEXAMPLEEXAMPLE123"],
            ),
            (
                Allowed,
                "ops/one s3:GetObject bucket/x",
                &["identity allow * if StringLike aws:userid=AROAEXAMPLEEXAMPLE123:*"],
            ),
            (
                Unknown,
                "ops s3:GetObject bucket/x",
                &["identity allow * if StringLike aws:userid=AROAEXAMPLEEXAMPLE123:one"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow * if StringEquals aws:PrincipalTag/team=blue"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x",
                &["identity allow * if StringEquals aws:PrincipalTag/role=x"],
            ),
            (Allowed, "ann s3:GetObject bucket/x", &["identity allow * if Null aws:PrincipalTag/role=true"]),
            // A role whose trust policy lets sessions bring tags may have any.
            (
                Unknown,
                "tagged s3:GetObject bucket/x",
                &["identity allow * if StringEquals aws:PrincipalTag/team=blue"],
            ),
            (
                Allowed,
                "tagged s3:GetObject bucket/x aws:PrincipalTag/team=blue",
                &["identity allow * if StringEquals aws:PrincipalTag/team=blue"],
            ),
            (
                Allowed,
                "ann ec2:StopInstances i-1",
                &["identity allow * if StringEquals aws:ResourceTag/team=blue"],
            ),
            (
                Denied,
                "ann ec2:StopInstances i-1",
                &["identity allow * if StringEquals ec2:ResourceTag/team=red"],
            ),
            (
                Allowed,
                "ann ec2:StopInstances i-1",
                &["identity allow * if StringEquals aws:ResourceTag/team=${aws:PrincipalTag/team}"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow * if StringEquals aws:ResourceAccount=111111111111"],
            ),
            (
                Denied,
                "ann sqs:SendMessage queue@b",
                &[
                    "identity allow *; deny * if StringNotEquals aws:ResourceAccount=${aws:PrincipalAccount}",
                    "resource allow sqs:* to A",
                ],
            ),
            (
                Allowed,
                "ann sqs:SendMessage queue@b",
                &[
                    "identity allow *; deny * if StringNotEquals aws:ResourceOrgID=${aws:PrincipalOrgID}",
                    "resource allow sqs:* to A",
                ],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow *; deny * if Bool aws:PrincipalIsAWSService=true"],
            ),
            // What is given takes the place of what follows.
            (
                Denied,
                "ann s3:GetObject bucket/x aws:PrincipalOrgID=o-9",
                &["identity allow * if StringEquals aws:PrincipalOrgID=o-1"],
            ),
        ],
    ),
    (
        "IAM user guide, IAM policy elements: Variables and tags",
        &[
            (
                Allowed,
                "ann s3:GetObject bucket/home/ann/x",
                &["identity allow s3:* on bucket/home/${aws:username}/*"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/home/bob/x",
                &["identity allow s3:* on bucket/home/${aws:username}/*"],
            ),
            (
                Denied,
                "ops s3:GetObject bucket/home/ops/x",
                &["identity allow s3:* on bucket/home/${aws:username}/*"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/blue/x",
                &["identity allow s3:* on bucket/${aws:PrincipalTag/team}/*"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/red/x",
                &["identity allow s3:* on bucket/${aws:PrincipalTag/team}/*"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/blue/x",
                &["identity allow s3:* on bucket/${aws:PrincipalTag/team~'none'}/*"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/none/x",
                &["identity allow s3:* on bucket/${aws:PrincipalTag/role~'none'}/*"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x",
                &["identity allow s3:* on bucket/${aws:PrincipalTag/role}"],
            ),
            (
                Unknown,
                "tagged s3:GetObject bucket/blue/x",
                &["identity allow s3:* on bucket/${aws:PrincipalTag/team}/*"],
            ),
            (
                Unknown,
                "ann s3:GetObject bucket/1.2.3.4/x",
                &["identity allow s3:* on bucket/${aws:SourceIp}/*"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/1.2.3.4/x aws:SourceIp=1.2.3.4",
                &["identity allow s3:* on bucket/${aws:SourceIp}/*"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/1.2.3.4/x",
                &["identity allow s3:* on bucket/${aws:SourceIp}/*; allow s3:Get*"],
            ),
            (
                Unknown,
                "ann s3:GetObject bucket/1.2.3.4/x",
                &["identity allow *; deny s3:* on all-but bucket/${aws:SourceIp}/*"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/111111111111/x",
                &["identity allow s3:* on bucket/${aws:PrincipalAccount}/*"],
            ),
            // Wildcards as plain characters.
            (Allowed, "ann s3:GetObject bucket/a$b", &["identity allow s3:* on bucket/a${$}b"]),
            (Denied, "ann s3:GetObject bucket/aXb", &["identity allow s3:* on bucket/a${?}b"]),
            (Denied, "ann s3:GetObject bucket/aXXb", &["identity allow s3:* on bucket/a${*}b"]),
            // In documents of the older version variables are plain text.
            (
                Denied,
                "ann s3:GetObject bucket/home/ann/x",
                &["identity 2008:allow s3:* on bucket/home/${aws:username}/*"],
            ),
            (Allowed, "ann s3:GetObject bucket/home/ann/x", &["identity 2008:allow s3:* on bucket/home/*"]),
            // Where a variable has no value, what is not equal to it cannot be told.
            (
                Unknown,
                "ops s3:GetObject bucket/x a:k=1",
                &["identity allow *; deny * if StringNotEquals a:k=${aws:username}"],
            ),
            (
                Denied,
                "ops s3:GetObject bucket/x a:k=1",
                &["identity allow * if StringEquals a:k=${aws:username}"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x a:k=ann",
                &["identity allow * if StringEquals a:k=${aws:username}"],
            ),
        ],
    ),
    (
        "Kleene logic over all layers: unknown only where the outcome can go either way",
        &[
            (
                Denied,
                "ann s3:GetObject bucket/x",
                &["identity allow * if StringEquals a:k=1", "scp.root deny s3:*"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x",
                &["identity allow * if StringEquals a:k=1", "boundary allow ec2:*"],
            ),
            (
                Denied,
                "ann s3:GetObject bucket/x",
                &["identity allow *", "boundary allow * if StringEquals a:k=1", "resource deny * to *"],
            ),
            (
                Unknown,
                "ann s3:GetObject bucket/x",
                &["identity allow *", "boundary allow * if StringEquals a:k=1"],
            ),
            (
                Unknown,
                "ann s3:GetObject bucket/x",
                &["identity allow *", "session allow * if StringEquals a:k=1"],
            ),
            (
                Unknown,
                "ann s3:GetObject bucket/x",
                &["identity allow *", "scp.unit deny * if StringEquals a:k=1"],
            ),
            (
                Unknown,
                "ann s3:GetObject bucket/x",
                &["identity allow *", "rcp.unit deny s3:* to * if StringEquals a:k=1"],
            ),
            (
                Unknown,
                "ann s3:GetObject bucket/x",
                &["identity allow *", "resource deny s3:* to * if StringEquals a:k=1"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow *", "resource allow s3:* to * if StringEquals a:k=1"],
            ),
            (
                Allowed,
                "ann s3:GetObject bucket/x",
                &["identity allow s3:* if StringEquals a:k=1", "resource allow s3:* to user:ann"],
            ),
            (
                Unknown,
                "bob@b s3:GetObject bucket/x",
                &["identity allow *", "resource allow s3:* to B if StringEquals a:k=1"],
            ),
            (
                Denied,
                "bob@b s3:GetObject bucket/x",
                &["identity allow ec2:*", "resource allow s3:* to B if StringEquals a:k=1"],
            ),
        ],
    ),
];
