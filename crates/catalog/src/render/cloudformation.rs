//! `deploy/cloudformation`: the role of every account as a template for a stack set.

use std::path::PathBuf;

use super::{GENERATED, indented};
use crate::iam::{Policy, organization_policies, reader_policies};

pub(crate) fn files() -> Vec<(PathBuf, String)> {
    vec![("deploy/cloudformation/orgraph-reader.yaml".into(), template())]
}

fn template() -> String {
    let reader: Vec<(String, Policy)> = named("ReaderPolicy", reader_policies());
    let organization: Vec<(String, Policy)> = named("OrganizationPolicy", organization_policies());
    let mut lines = vec![format!("# {GENERATED} from the calls that the collectors declare.")];
    lines.push(HEAD.trim_end().to_owned());
    for (name, _) in &reader {
        lines.push(format!("        - !Ref {name}"));
    }
    for (name, _) in &organization {
        lines.push(format!("        - !If [IsManagementAccount, !Ref {name}, !Ref AWS::NoValue]"));
    }
    for (name, policy) in &reader {
        lines.push(resource(name, "What orgraph reads in every account.", None, policy));
    }
    for (name, policy) in &organization {
        let condition = Some("IsManagementAccount");
        lines.push(resource(name, "What orgraph reads in the management account.", condition, policy));
    }
    lines.push(OUTPUTS.trim_end().to_owned());
    lines.join("\n") + "\n"
}

fn named(stem: &str, policies: Vec<Policy>) -> Vec<(String, Policy)> {
    let name = |index| if index == 0 { stem.to_owned() } else { format!("{stem}{}", index + 1) };
    policies.into_iter().enumerate().map(|(index, policy)| (name(index), policy)).collect()
}

fn resource(name: &str, description: &str, condition: Option<&str>, policy: &Policy) -> String {
    let mut lines = vec![format!("\n  {name}:"), "    Type: AWS::IAM::ManagedPolicy".to_owned()];
    lines.extend(condition.map(|it| format!("    Condition: {it}")));
    lines.push("    Properties:".to_owned());
    lines.push(format!("      Description: {description}"));
    // YAML takes JSON as it is.
    lines.push(format!("      PolicyDocument:\n{}", indented(&policy.json(), 8)));
    lines.join("\n")
}

const HEAD: &str = r#"AWSTemplateFormatVersion: "2010-09-09"
Description: The role by which orgraph reads an account. It lists and describes, and reads no contents.

Parameters:
  DaemonRoleArn:
    Type: String
    Description: ARN of the role or user that the daemon runs as.
    AllowedPattern: ^arn:aws[a-z-]*:iam::\d{12}:(role|user)/.+$
  ExternalId:
    Type: String
    NoEcho: true
    Description: The external ID that the daemon is configured with.
    MinLength: 16
    MaxLength: 1224
    AllowedPattern: ^[A-Za-z0-9+=,.@:/_-]+$
  RoleName:
    Type: String
    Default: orgraph-reader
    Description: organization.member_role_name in the daemon's configuration.
  RolePath:
    Type: String
    Default: /
    Description: organization.member_role_path in the daemon's configuration.
  ManagementAccount:
    Type: String
    Default: "false"
    AllowedValues: ["true", "false"]
    Description: Whether this is the management account, whose role lists the organization too.

Conditions:
  IsManagementAccount: !Equals [!Ref ManagementAccount, "true"]

Resources:
  ReaderRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref RoleName
      Path: !Ref RolePath
      Description: Read by orgraph. Lists and describes, and reads no contents.
      MaxSessionDuration: 3600
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Ref DaemonRoleArn
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                sts:ExternalId: !Ref ExternalId
      ManagedPolicyArns:
"#;

const OUTPUTS: &str = "
Outputs:
  RoleArn:
    Description: The role that the daemon assumes.
    Value: !GetAtt ReaderRole.Arn
";
