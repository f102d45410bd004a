//! Identifiers that are parsed once at the edge and cannot be wrong afterwards.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What was wrong with an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not {expected}")]
pub struct InvalidId {
    /// The text that was given.
    pub value: String,
    /// What it should have been.
    pub expected: &'static str,
}

/// A 12-digit AWS account ID; leading zeros are significant, so it is text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);

impl AccountId {
    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text.len() == 12 && text.bytes().all(|it| it.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId { value: text.to_owned(), expected: "a 12-digit AWS account ID" })
        }
    }
}

/// An AWS region such as `eu-west-1`, or [`Region::GLOBAL`] for services without regions.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(String);

impl Region {
    /// The pseudo region of services that exist once per account.
    pub const GLOBAL: &'static str = "global";

    /// The pseudo region of services that exist once per account.
    pub fn global() -> Self {
        Self(Self::GLOBAL.to_owned())
    }

    /// Whether this is the pseudo region of global services.
    pub fn is_global(&self) -> bool {
        self.0 == Self::GLOBAL
    }

    /// The region's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let well_formed = !text.is_empty()
            && text.len() <= 32
            && text.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-');
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidId { value: text.to_owned(), expected: "a region name such as eu-west-1" })
        }
    }
}

/// A separate AWS world: `aws`, `aws-us-gov`, `aws-cn`. Not a [`Partition`](crate::Partition), which is a unit of collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AwsPartition {
    /// The commercial regions.
    #[default]
    Aws,
    /// The United States government regions.
    AwsUsGov,
    /// The regions in China.
    AwsCn,
}

impl AwsPartition {
    /// The text that ARNs carry.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::AwsUsGov => "aws-us-gov",
            Self::AwsCn => "aws-cn",
        }
    }

    /// The region whose endpoints serve the global services.
    pub fn global_region(self) -> &'static str {
        match self {
            Self::Aws => "us-east-1",
            Self::AwsUsGov => "us-gov-west-1",
            Self::AwsCn => "cn-northwest-1",
        }
    }

    /// The host of the web console.
    pub fn console_host(self) -> &'static str {
        match self {
            Self::Aws => "console.aws.amazon.com",
            Self::AwsUsGov => "console.amazonaws-us-gov.com",
            Self::AwsCn => "console.amazonaws.cn",
        }
    }
}

impl FromStr for AwsPartition {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        match text {
            "aws" => Ok(Self::Aws),
            "aws-us-gov" => Ok(Self::AwsUsGov),
            "aws-cn" => Ok(Self::AwsCn),
            _ => Err(InvalidId { value: text.to_owned(), expected: "one of aws, aws-us-gov, aws-cn" }),
        }
    }
}

/// The name of an entity, the same in every run: its ARN where AWS defines one, else `{type}:{parent}:{local id}`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Key(String);

impl Key {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The account segment when the key is an ARN that has one.
    pub fn arn_account(&self) -> Option<&str> {
        let mut segments = self.0.splitn(6, ':');
        (segments.next() == Some("arn")).then_some(())?;
        segments.nth(3).filter(|it| !it.is_empty())
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl From<&String> for Key {
    fn from(text: &String) -> Self {
        Self(text.clone())
    }
}

impl From<&Key> for Key {
    fn from(key: &Key) -> Self {
        key.clone()
    }
}

macro_rules! text_like {
    ($($type:ty),*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl From<$type> for String {
            fn from(value: $type) -> String {
                value.0
            }
        }
    )*};
}
text_like!(AccountId, Region, Key);

impl TryFrom<String> for AccountId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl TryFrom<String> for Region {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl fmt::Display for AwsPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_id_keeps_its_leading_zeros() {
        assert_eq!("001234567890".parse::<AccountId>().unwrap().as_str(), "001234567890");
        for bad in ["", "12345678901", "1234567890123", "12345678901x", "١٢٣٤٥٦٧٨٩٠١٢"] {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_account_of_a_key_is_that_of_its_arn() {
        assert_eq!(
            Key::from("arn:aws:ec2:eu-west-1:012345678901:vpc/vpc-1").arn_account(),
            Some("012345678901")
        );
        assert_eq!(Key::from("arn:aws:s3:::bucket").arn_account(), None);
        assert_eq!(Key::from("aws_ec2:012345678901").arn_account(), None);
    }
}
