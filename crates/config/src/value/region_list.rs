//! Which regions: those an account has enabled, or the ones listed.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const ALL_ENABLED: &str = "all-enabled";

/// Which regions are collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegionList {
    /// Every region the account has enabled, asked from AWS; written `"all-enabled"`.
    AllEnabled,
    /// These regions; AWS is not asked which ones are enabled.
    Listed(Vec<String>),
}

impl RegionList {
    /// The regions listed; none when AWS is to be asked.
    pub fn listed(&self) -> &[String] {
        match self {
            RegionList::AllEnabled => &[],
            RegionList::Listed(regions) => regions,
        }
    }
}

impl<'de> Deserialize<'de> for RegionList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<RegionList, D::Error> {
        deserializer.deserialize_any(RegionListVisitor)
    }
}

struct RegionListVisitor;

impl<'de> Visitor<'de> for RegionListVisitor {
    type Value = RegionList;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("\"all-enabled\" or a list of regions")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<RegionList, E> {
        if text == ALL_ENABLED {
            return Ok(RegionList::AllEnabled);
        }
        Err(E::custom(format!(
            "`{text}` is not a list of regions\nwrite [\"us-east-1\", \"eu-west-1\"] for these regions, or \
             \"{ALL_ENABLED}\" for all an account has enabled"
        )))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<RegionList, A::Error> {
        let mut regions = Vec::new();
        while let Some(region) = items.next_element()? {
            regions.push(region);
        }
        Ok(RegionList::Listed(regions))
    }
}

impl Serialize for RegionList {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            RegionList::AllEnabled => serializer.serialize_str(ALL_ENABLED),
            RegionList::Listed(regions) => regions.serialize(serializer),
        }
    }
}

impl JsonSchema for RegionList {
    fn schema_name() -> Cow<'static, str> {
        "RegionList".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "x-kind": "`\"all-enabled\"` or list of text" })
    }
}
