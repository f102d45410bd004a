//! MFA devices that are assigned to somebody: those of users, and the virtual ones of the root user.

use aws_sdk_iam::Client;
use aws_sdk_iam::types::{AssignmentStatusType, MfaDevice, VirtualMfaDevice};
use orgraph_collect::prelude::*;

use super::{console, encoded};
use crate::account::account_key;

pub(crate) static MFA_DEVICES: Collector = Collector {
    name: "iam_mfa_devices",
    service: Service::IAM,
    scope: Scope::Account,
    calls: &[call("ListUsers"), call("ListMFADevices"), call("ListVirtualMFADevices")],
    entities: &[entity::<Device>()],
    relationships: &[rel(AWS_IAM_USER, Assigned, MFA_DEVICE), rel(AWS_ACCOUNT, Assigned, MFA_DEVICE)],
    collect: |cx, out| Box::pin(mfa_devices(cx, out)),
};

/// An MFA device: a second proof that somebody who signs in is who they say. Its seed is never read into the graph.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "properties are named by the data model")]
struct Device {
    /// The serial number: an ARN, or the number on a hardware device.
    id: String,
    /// The serial number: an ARN, or the number on a hardware device.
    serial_number: String,
    /// The user it is assigned to; `null` for the root user.
    username: Option<String>,
    /// `virtual`, `security-key` or `hardware`.
    device_type: &'static str,
    /// Whether it is a program and not a thing.
    #[serde(rename = "virtual")]
    is_virtual: bool,
    /// Whether it is assigned to somebody: always so.
    active: bool,
    /// When it was assigned, in milliseconds since the epoch.
    enabled_on: Option<i64>,
    /// The same: AWS names no earlier time.
    created_on: Option<i64>,
}

impl Entity for Device {
    const TYPE: EntityType = MFA_DEVICE;
}

/// To whom a device is assigned.
struct Owner {
    found: Ref,
    user_name: Option<String>,
}

async fn mfa_devices(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let iam = client!(aws_sdk_iam, IAM, cx);
    let mut pages = pages!(cx, iam.list_users(), marker);
    while let Some(page) = pages.next().await? {
        let users = page.users.into_iter().map(|it| (it.arn, it.user_name)).collect();
        let devices = |(arn, name): (String, String)| {
            let iam = &iam;
            async move {
                let devices = detail_pages(devices(cx, iam, &name).await)?;
                Ok::<_, CollectError>((arn, name, devices))
            }
        };
        for found in cx.concurrently(users, devices).await {
            let (arn, name, devices) = found?;
            match devices {
                Detail::Known(devices) => {
                    for listed in devices.unwrap_or_default() {
                        let found = AWS_IAM_USER.at(&arn);
                        let user_name = Some(name.clone());
                        let enabled_on = millis(&listed.enable_date);
                        device(cx, out, Owner { found, user_name }, &listed.serial_number, enabled_on);
                    }
                }
                // Which devices the user has is not known, so none may be taken for removed.
                Detail::Unknown(error) => out.incomplete(&error),
            }
        }
    }
    match detail_pages(virtual_devices(cx, &iam).await)? {
        Detail::Known(devices) => {
            for listed in devices.unwrap_or_default() {
                root_device(cx, out, &listed);
            }
        }
        Detail::Unknown(error) => out.incomplete(&error),
    }
    Ok(())
}

async fn devices(cx: &Cx, iam: &Client, user_name: &str) -> Result<Vec<MfaDevice>, CollectError> {
    let mut devices = Vec::new();
    let mut pages = pages!(cx, iam.list_mfa_devices().user_name(user_name), marker);
    while let Some(page) = pages.next().await? {
        devices.extend(page.mfa_devices);
    }
    Ok(devices)
}

async fn virtual_devices(cx: &Cx, iam: &Client) -> Result<Vec<VirtualMfaDevice>, CollectError> {
    let assigned = iam.list_virtual_mfa_devices().assignment_status(AssignmentStatusType::Assigned);
    let mut devices = Vec::new();
    let mut pages = pages!(cx, assigned, marker);
    while let Some(page) = pages.next().await? {
        devices.extend(page.virtual_mfa_devices);
    }
    Ok(devices)
}

/// Adds a virtual device if it is the root user's, whom no listing of users has.
fn root_device(cx: &Cx, out: &mut Batch, listed: &VirtualMfaDevice) {
    let root = account_key(cx, cx.account().as_str());
    let is_of_root = listed.user.as_ref().is_some_and(|it| it.arn == root)
        || listed.serial_number.ends_with(":mfa/root-account-mfa-device");
    if is_of_root {
        let found = AWS_ACCOUNT.at(root);
        let enabled_on = listed.enable_date.as_ref().and_then(millis);
        let user_name = None;
        device(cx, out, Owner { found, user_name }, &listed.serial_number, enabled_on);
    }
}

fn device(cx: &Cx, out: &mut Batch, owner: Owner, serial_number: &str, enabled_on: Option<i64>) {
    if serial_number.is_empty() {
        return out.skip(None, "an MFA device without a serial number");
    }
    let key = if serial_number.starts_with("arn:") {
        serial_number.to_owned()
    } else {
        format!("{}:{}:{serial_number}", MFA_DEVICE.name, cx.account())
    };
    let device_type = device_type(serial_number);
    let link = match &owner.user_name {
        Some(name) => format!("users/details/{}?section=security_credentials", encoded(name)),
        None => "security_credentials".to_owned(),
    };

    out.add(
        &key,
        last_segment(serial_number),
        &Device {
            id: serial_number.to_owned(),
            serial_number: serial_number.to_owned(),
            username: owner.user_name,
            device_type,
            is_virtual: device_type == "virtual",
            active: true,
            enabled_on,
            created_on: enabled_on,
        },
    )
    .web_link(console(cx, link));
    out.link(owner.found, Assigned, MFA_DEVICE.at(key));
}

/// The kind of device, which only the serial number tells.
fn device_type(serial_number: &str) -> &'static str {
    let resource = serial_number.splitn(6, ':').nth(5).unwrap_or_default();
    match resource.split('/').next() {
        Some("mfa") => "virtual",
        Some("u2f") => "security-key",
        _ => "hardware",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_serial_number_tells_the_kind_of_device() {
        assert_eq!(device_type("arn:aws:iam::123456789012:mfa/alice-phone"), "virtual");
        assert_eq!(device_type("arn:aws:iam::123456789012:u2f/user/alice/key-ABC"), "security-key");
        assert_eq!(device_type("GAHT12345678"), "hardware");
    }
}
