//! Detail calls: one per item, each of which may fail without taking the listing with it.

use aws_smithy_runtime_api::client::result::SdkError;
use orgraph_model::{Gap, GapKind, Key};

use crate::CollectError;

/// What a detail call gave: an answer, or the reason why the properties it feeds stay unknown.
#[derive(Debug, Clone)]
pub enum Detail<T> {
    /// AWS answered.
    Known(T),
    /// AWS did not, and why.
    Unknown(CollectError),
}

impl<T> Detail<T> {
    /// The answer, if there is one.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// The answer with another shape.
    pub fn map<U>(self, shape: impl FnOnce(T) -> U) -> Detail<U> {
        match self {
            Self::Known(value) => Detail::Known(shape(value)),
            Self::Unknown(error) => Detail::Unknown(error),
        }
    }

    /// What is missing, as a gap of the entity `key`.
    pub fn gap(&self, key: impl Into<Key>, properties: &[&str]) -> Option<Gap> {
        let Self::Unknown(error) = self else { return None };
        Some(Gap {
            kind: GapKind::Detail,
            key: Some(key.into()),
            operation: error.operation().to_owned(),
            properties: properties.iter().map(|&it| it.to_owned()).collect(),
            status: error.status(),
            reason: error.to_string(),
        })
    }
}

/// The answer of a detail call. Refusals, throttling, timeouts and bad answers become [`Detail::Unknown`]; only what
/// makes the collector start again or stop (expired credentials, an undeclared call) is an error. Something deleted
/// between listing and detail is `Known(None)`.
pub fn detail<T, E, R>(answer: Result<T, SdkError<E, R>>) -> Result<Detail<Option<T>>, CollectError>
where
    CollectError: From<SdkError<E, R>>,
{
    detail_pages(answer.map_err(CollectError::from))
}

/// The same for a listing that is itself a detail, such as the keys of one user, once its pages were read.
pub fn detail_pages<T>(answer: Result<T, CollectError>) -> Result<Detail<Option<T>>, CollectError> {
    match answer {
        Ok(value) => Ok(Detail::Known(Some(value))),
        Err(CollectError::Gone { .. }) => Ok(Detail::Known(None)),
        Err(error) if error.is_fatal() => Err(error),
        Err(error) => Ok(Detail::Unknown(error)),
    }
}

/// The same for an answer about many things, where "not found" is a failure like any other: it cannot mean all of them.
pub fn detail_of_many<T>(answer: Result<T, CollectError>) -> Result<Detail<T>, CollectError> {
    match answer {
        Ok(value) => Ok(Detail::Known(value)),
        Err(error) if error.is_fatal() => Err(error),
        Err(error) => Ok(Detail::Unknown(error)),
    }
}

/// The same, where the error codes `absent` mean that AWS knows the answer and it is "nothing", for instance
/// `NoSuchBucketPolicy`. Any other code that says "not found" means so too.
pub fn detail_or<T, E, R>(
    answer: Result<T, SdkError<E, R>>,
    absent: &[&str],
) -> Result<Detail<Option<T>>, CollectError>
where
    CollectError: From<SdkError<E, R>>,
{
    match answer.map_err(CollectError::from) {
        Err(error) if error.code().is_some_and(|it| absent.contains(&it)) => Ok(Detail::Known(None)),
        Ok(value) => Ok(Detail::Known(Some(value))),
        Err(CollectError::Gone { .. }) => Ok(Detail::Known(None)),
        Err(error) if error.is_fatal() => Err(error),
        Err(error) => Ok(Detail::Unknown(error)),
    }
}
