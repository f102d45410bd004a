//! `deploy/terraform`: the role of every account as one file to copy or to use as a module.

use std::path::PathBuf;

use super::{GENERATED, indented, numbered};
use crate::iam::{organization_policies, reader_policies};

pub(crate) fn files() -> Vec<(PathBuf, String)> {
    vec![("deploy/terraform/orgraph-reader.tf".into(), module())]
}

fn module() -> String {
    let mut text = format!("# {GENERATED} from the calls that the collectors declare.\n\n{HEAD}");
    for (index, policy) in reader_policies().iter().enumerate() {
        let label = numbered("orgraph-reader", index);
        text += &resource(&label, "What orgraph reads in every account.", None, &policy.json());
    }
    for (index, policy) in organization_policies().iter().enumerate() {
        let label = numbered("orgraph-organization", index);
        let count = Some("var.management_account ? 1 : 0");
        text += &resource(&label, "What orgraph reads in the management account.", count, &policy.json());
    }
    text + OUTPUTS
}

fn resource(name: &str, description: &str, count: Option<&str>, policy: &str) -> String {
    let label = name.replace('-', "_");
    let count_line = count.map(|it| format!("  count = {it}\n\n")).unwrap_or_default();
    let index = if count.is_some() { "[0]" } else { "" };
    let policy = hcl(policy);
    format!(
        r#"
resource "aws_iam_policy" "{label}" {{
{count_line}  name        = "${{var.role_name}}-{name}"
  path        = var.role_path
  description = "{description}"

  policy = jsonencode({policy})
}}

resource "aws_iam_role_policy_attachment" "{label}" {{
{count_line}  role       = aws_iam_role.orgraph_reader.name
  policy_arn = aws_iam_policy.{label}{index}.arn
}}
"#
    )
}

/// HCL takes JSON as it is; `terraform fmt` wants a blank before the colon.
fn hcl(policy: &str) -> String {
    indented(policy, 2).trim_start().replace("\": ", "\" : ")
}

const HEAD: &str = r#"variable "daemon_role_arn" {
  description = "ARN of the role or user that the daemon runs as."
  type        = string
}

variable "external_id" {
  description = "The external ID that the daemon is configured with."
  type        = string
  sensitive   = true

  validation {
    condition     = length(var.external_id) >= 16
    error_message = "Use an external ID of at least 16 characters that nobody can guess."
  }
}

variable "role_name" {
  description = "organization.member_role_name in the daemon's configuration."
  type        = string
  default     = "orgraph-reader"
}

variable "role_path" {
  description = "organization.member_role_path in the daemon's configuration."
  type        = string
  default     = "/"
}

variable "management_account" {
  description = "Whether this is the management account, whose role lists the organization too."
  type        = bool
  default     = false
}

resource "aws_iam_role" "orgraph_reader" {
  name                 = var.role_name
  path                 = var.role_path
  description          = "Read by orgraph. Lists and describes, and reads no contents."
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.daemon_role_arn }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
    }]
  })
}
"#;

const OUTPUTS: &str = r#"
output "role_arn" {
  description = "The role that the daemon assumes."
  value       = aws_iam_role.orgraph_reader.arn
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_templates_hold_the_policies_that_are_shipped_as_json() {
        let template = super::super::cloudformation::files().remove(0).1;
        let module = module();
        for policy in reader_policies().iter().chain(&organization_policies()) {
            let json = policy.json();
            assert!(template.contains(&indented(&json, 8)), "CloudFormation lacks {json}");
            assert!(module.contains(&hcl(&json)), "Terraform lacks {json}");
        }
    }
}
