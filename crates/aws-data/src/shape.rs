//! Small shapes that several collectors here need.

use orgraph_collect::prelude::*;

/// An answer of `operation` that lacks what it always has is unknown.
pub(crate) fn always<T, U>(
    operation: &str,
    answer: Detail<Option<T>>,
    member: impl FnOnce(T) -> Option<U>,
) -> Detail<Option<U>> {
    match answer {
        Detail::Known(None) => Detail::Known(None),
        Detail::Known(Some(value)) => match member(value) {
            Some(found) => Detail::Known(Some(found)),
            None => Detail::Unknown(CollectError::Envelope {
                operation: operation.to_owned(),
                reason: "what it always has is not in it".to_owned(),
            }),
        },
        Detail::Unknown(error) => Detail::Unknown(error),
    }
}

/// Whether AWS says that it can be used.
pub(crate) fn is_available(status: Option<&str>) -> Option<bool> {
    status.map(|it| it == "available")
}

/// What was asked about something, or `None` when it has been deleted since it was listed.
pub(crate) fn while_there<T>(answer: Detail<Option<T>>) -> Option<Detail<T>> {
    match answer {
        Detail::Known(None) => None,
        Detail::Known(Some(value)) => Some(Detail::Known(value)),
        Detail::Unknown(error) => Some(Detail::Unknown(error)),
    }
}
