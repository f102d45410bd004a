use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::review::Review;
use crate::shape;
use crate::tree::Place;
use crate::value::region_list::RegionList;

/// Which regions are collected in every account. Services without regions are always collected.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(default, deny_unknown_fields, expecting = "a table such as [regions]")]
pub struct Regions {
    /// `"all-enabled"` asks every account which regions it has enabled. A list asks nobody; use it when only some
    /// regions matter or the role may not call `ec2:DescribeRegions`.
    pub include: RegionList,
    /// Regions to leave out of all that are enabled.
    #[schemars(extend("x-example" = ["me-south-1"]))]
    pub exclude: Vec<String>,
}

impl Default for Regions {
    fn default() -> Regions {
        Regions { include: RegionList::AllEnabled, exclude: Vec::new() }
    }
}

impl Regions {
    pub(crate) fn check(&self, place: &Place<'_>, review: &mut Review<'_>) {
        check_include(&self.include, &place.key("include"), review);
        let exclude = place.key("exclude");
        check_names(&self.exclude, &exclude, review);
        review.overlap(&exclude, &self.exclude, self.include.listed());
    }
}

/// Says what is wrong with a list of regions to collect.
pub(super) fn check_include(regions: &RegionList, place: &Place<'_>, review: &mut Review<'_>) {
    check_names(regions.listed(), place, review);
    if matches!(regions, RegionList::Listed(names) if names.is_empty())
        && place.node().and_then(|node| node.get_ref().as_array()).is_some_and(|items| items.is_empty())
    {
        review.problem(place, "an empty list leaves no region", "list a region, or write \"all-enabled\"");
    }
}

fn check_names(regions: &[String], place: &Place<'_>, review: &mut Review<'_>) {
    let help = "regions look like \"us-east-1\": lower case, without the letter of an availability zone";
    review.list(place, regions, shape::is_region, "the name of a region", help);
}
