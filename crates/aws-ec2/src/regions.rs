//! Which regions of an account can be read.

use orgraph_collect::prelude::*;
use orgraph_model::Region;

/// What [`enabled_regions`] sends, for [`Cx::with_calls`].
pub static REGION_CALLS: &[Call] = &[call("DescribeRegions")];

/// The regions that are enabled for the account, in order: those that need no opting in and those opted in to.
///
/// No region at all is an error, since every account has some: taking it for an answer would drop all that was read.
pub async fn enabled_regions(cx: &Cx) -> Result<Vec<Region>, CollectError> {
    let ec2 = client!(aws_sdk_ec2, EC2, cx);
    let answer = ec2.describe_regions().all_regions(false).send().await?;
    let mut regions = Vec::new();
    for listed in answer.regions.unwrap_or_default() {
        if listed.opt_in_status.as_deref() == Some("not-opted-in") {
            continue;
        }
        let region = listed.region_name.as_deref().and_then(|it| it.parse().ok());
        regions.push(region.ok_or_else(|| not_whole("a region without a name that can be read"))?);
    }
    if regions.is_empty() {
        return Err(not_whole("no region is enabled"));
    }
    regions.sort_unstable();
    Ok(regions)
}

fn not_whole(reason: &str) -> CollectError {
    CollectError::Envelope { operation: "DescribeRegions".to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use orgraph_collect::replay::{self, Answer, Fixtures};
    use orgraph_collect::{Cx, Facts, Service};

    use super::*;

    async fn answered(answer: impl Fn(&replay::Asked) -> Answer + Send + Sync + 'static) -> Vec<String> {
        let session = replay::session(answer).await;
        let region = replay::REGION.parse().expect("a region");
        let cx = Cx::with_calls(
            "regions",
            Service::EC2,
            REGION_CALLS,
            &session,
            region,
            Arc::new(Facts::default()),
            chrono::DateTime::UNIX_EPOCH,
        );
        match enabled_regions(&cx).await {
            Ok(regions) => regions.iter().map(ToString::to_string).collect(),
            Err(error) => vec![error.to_string()],
        }
    }

    #[tokio::test(start_paused = true)]
    async fn regions_that_are_not_opted_in_to_are_left_out() {
        let fixtures = Fixtures::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));

        let regions = answered(move |asked| fixtures.answer(asked)).await;

        assert_eq!(regions, ["ap-east-1", "eu-west-1", "us-east-1"]);
    }

    #[tokio::test(start_paused = true)]
    async fn no_region_at_all_is_an_error() {
        let regions =
            answered(|_| Answer::ok("<DescribeRegionsResponse><regionInfo/></DescribeRegionsResponse>"))
                .await;

        assert_eq!(regions, ["DescribeRegions gave an answer that is not whole: no region is enabled"]);
    }
}
