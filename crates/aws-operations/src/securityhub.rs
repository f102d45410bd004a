//! Security Hub: whether it is enabled in a region.

use aws_sdk_securityhub::operation::describe_hub::DescribeHubOutput;
use orgraph_collect::prelude::*;

use crate::keys;

pub(crate) static HUBS: Collector = Collector {
    name: "securityhub_hubs",
    service: Service::SECURITY_HUB,
    scope: Scope::Region,
    calls: &[call("DescribeHub").lists("HubArn")],
    entities: &[entity::<Hub>()],
    relationships: &[rel(AWS_ACCOUNT, Has, AWS_SECURITYHUB_HUB)],
    collect: |cx, out| Box::pin(hubs(cx, out)),
};

/// The hub of a region. A region where Security Hub is not enabled has none.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Hub {
    /// `security`.
    category: Vec<&'static str>,
    /// `security-findings`.
    function: Vec<&'static str>,
    /// When it was enabled, in milliseconds since the epoch.
    subscribed_on: Option<i64>,
    /// Whether it is enabled; a hub that is not does not exist.
    active: bool,
    /// Whether new controls of enabled standards are enabled by themselves.
    auto_enable_controls: Option<bool>,
    /// `SECURITY_CONTROL` for one finding per control, `STANDARD_CONTROL` for one per standard.
    control_finding_generator: Option<String>,
}

impl Entity for Hub {
    const TYPE: EntityType = AWS_SECURITYHUB_HUB;
}

async fn hubs(cx: &Cx, out: &mut Batch) -> Result<(), CollectError> {
    let securityhub = client!(aws_sdk_securityhub, SECURITY_HUB, cx);
    // This refusal is how AWS says that the account has not enabled Security Hub here; policies refuse with another.
    match securityhub.describe_hub().send().await.map_err(CollectError::from) {
        Ok(listed) => hub(cx, out, listed),
        Err(error) if error.code() == Some("InvalidAccessException") => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

fn hub(cx: &Cx, out: &mut Batch, listed: DescribeHubOutput) {
    let Some(arn) = listed.hub_arn else {
        return out.skip(None, "a hub without an ARN");
    };
    out.link(keys::account(cx), Has, AWS_SECURITYHUB_HUB.at(&arn));
    out.add(
        &arn,
        last_segment(&arn),
        &Hub {
            category: vec!["security"],
            function: vec!["security-findings"],
            subscribed_on: listed.subscribed_at.as_deref().and_then(iso_millis),
            active: true,
            auto_enable_controls: listed.auto_enable_controls,
            control_finding_generator: listed.control_finding_generator.map(|it| it.as_str().to_owned()),
        },
    )
    .display_name(format!("Security Hub {}", cx.region()))
    .web_link(cx.console(format_args!("securityhub/home?region={}#/summary", cx.region())));
}
