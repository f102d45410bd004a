//! Where each listed bucket lives. AWS names the region in the listing, or has to be asked.

use aws_sdk_s3::Client;
use aws_sdk_s3::types::Bucket as Listed;
use orgraph_collect::prelude::*;
use orgraph_model::Region;

use super::settings::configured;

/// A listed bucket that can be asked about.
pub(super) struct Placed {
    pub(super) name: String,
    pub(super) region: Region,
    pub(super) created_on: Option<i64>,
}

/// Finds the region of each bucket, from the listing or by asking.
pub(super) async fn placed(
    cx: &Cx,
    out: &mut Batch,
    s3: &Client,
    listed: Vec<Listed>,
) -> Result<Vec<Placed>, CollectError> {
    let located = |listed: Listed| async {
        let region = match (&listed.bucket_region, &listed.name) {
            (Some(region), _) => Detail::Known(region.clone()),
            (None, None) => Detail::Known(String::new()),
            (None, Some(name)) => {
                let answer = configured(s3.get_bucket_location().bucket(name).send().await, &[])?;
                let constraint = answer.map(|it| it.and_then(|it| it.location_constraint));
                constraint.map(|it| it.map(|it| it.as_str().to_owned()).unwrap_or_default())
            }
        };
        Ok::<_, CollectError>((listed, region))
    };
    let mut placed = Vec::with_capacity(listed.len());
    for located in cx.concurrently(listed, located).await {
        let (listed, region) = located?;
        let Some(name) = listed.name else {
            out.skip(None, "a bucket without a name");
            continue;
        };
        match region.known().map(|it| named(it).parse::<Region>()) {
            Some(Ok(region)) => placed.push(Placed {
                name,
                region,
                created_on: listed.creation_date.as_ref().and_then(millis),
            }),
            Some(Err(_)) => keep_both(cx, out, &name, "a bucket in a region with an odd name"),
            None => {
                let bucket_arn = bucket_arn(cx, &name);
                out.keep(policy_key(&bucket_arn), &region);
                out.keep(bucket_arn, &region);
            }
        }
    }
    Ok(placed)
}

/// The region that a location constraint names. The first two regions are older than the names of regions.
fn named(constraint: &str) -> &str {
    match constraint {
        "" | "null" | "US" => "us-east-1",
        "EU" => "eu-west-1",
        region => region,
    }
}

pub(super) fn bucket_arn(cx: &Cx, name: &str) -> String {
    format!("arn:{}:s3:::{name}", cx.partition())
}

pub(super) fn policy_key(bucket_arn: &str) -> String {
    format!("{AWS_S3_BUCKET_POLICY}:{bucket_arn}")
}

pub(super) fn keep_both(cx: &Cx, out: &mut Batch, name: &str, why: &str) {
    let bucket_arn = bucket_arn(cx, name);
    out.skip(Some(policy_key(&bucket_arn).into()), why);
    out.skip(Some(bucket_arn.into()), why);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_regions_go_by_other_names() {
        let check = |constraint: &str, expected: &str| assert_eq!(named(constraint), expected);

        check("", "us-east-1");
        check("null", "us-east-1");
        check("EU", "eu-west-1");
        check("eu-central-1", "eu-central-1");
    }
}
