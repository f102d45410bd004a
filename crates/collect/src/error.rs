//! Why a call failed, told apart as far as a caller could do something about it.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use orgraph_model::{Outcome, Status};

use crate::connector::Refused;
use crate::envelope::EnvelopeError;

/// Why a collector could not go on. Carries the operation and AWS's error code, never AWS's text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CollectError {
    /// A policy refused the call.
    #[error("{operation} was refused by a policy ({code})")]
    Denied {
        /// The API operation.
        operation: String,
        /// AWS's error code.
        code: String,
    },
    /// A service control policy of the organization refused the call.
    #[error("{operation} was refused by a service control policy ({code})")]
    DeniedByScp {
        /// The API operation.
        operation: String,
        /// AWS's error code.
        code: String,
    },
    /// The thing asked for does not exist (any more).
    #[error("{operation} found nothing ({code})")]
    Gone {
        /// The API operation.
        operation: String,
        /// AWS's error code.
        code: String,
    },
    /// AWS asked to slow down until the attempts ran out.
    #[error("{operation} was throttled ({code})")]
    Throttled {
        /// The API operation.
        operation: String,
        /// AWS's error code.
        code: String,
    },
    /// No answer in time.
    #[error("{operation} had no answer in time")]
    Timeout {
        /// The API operation.
        operation: String,
    },
    /// The credentials are no longer accepted.
    #[error("{operation} refused the credentials as expired ({code})")]
    Expired {
        /// The API operation.
        operation: String,
        /// AWS's error code.
        code: String,
    },
    /// The token of a listing is no longer accepted; the listing has to start again.
    #[error("{operation} refused its own page token ({code})")]
    PageTokenExpired {
        /// The API operation.
        operation: String,
        /// AWS's error code.
        code: String,
    },
    /// The region is not enabled for the account.
    #[error("{operation} says that the region is not enabled ({code})")]
    RegionDisabled {
        /// The API operation.
        operation: String,
        /// AWS's error code.
        code: String,
    },
    /// The service is not offered here or was closed.
    #[error("{operation} says that the service is not available ({code})")]
    Unsupported {
        /// The API operation.
        operation: String,
        /// AWS's error code.
        code: String,
    },
    /// The answer was not a whole answer of this operation.
    #[error("{operation} gave an answer that is not whole: {reason}")]
    Envelope {
        /// The API operation.
        operation: String,
        /// What was wrong with it.
        reason: String,
    },
    /// A listing gave a page token twice, or more pages than any listing has.
    #[error("{operation} did not come to an end: {reason}")]
    Endless {
        /// The API operation.
        operation: String,
        /// What was seen.
        reason: String,
    },
    /// The request was not sent because the collector did not declare it.
    #[error("{operation} was not sent: {reason}")]
    Refused {
        /// The API operation.
        operation: String,
        /// Which rule it broke.
        reason: String,
    },
    /// Anything else.
    #[error("{operation} failed: {reason}")]
    Failed {
        /// The API operation.
        operation: String,
        /// AWS's error code, or the kind of failure.
        reason: String,
    },
}

impl CollectError {
    /// The status of a partition whose listing ended with this error.
    pub fn status(&self) -> Status {
        match self {
            Self::Denied { .. } => Status::DeniedIam,
            Self::DeniedByScp { .. } => Status::DeniedScp,
            Self::Throttled { .. } => Status::Throttled,
            Self::Timeout { .. } => Status::Timeout,
            Self::Expired { .. } => Status::Expired,
            Self::RegionDisabled { .. } => Status::RegionDisabled,
            Self::Unsupported { .. } => Status::Unsupported,
            Self::Gone { .. }
            | Self::PageTokenExpired { .. }
            | Self::Envelope { .. }
            | Self::Endless { .. }
            | Self::Refused { .. }
            | Self::Failed { .. } => Status::Failed,
        }
    }

    /// The outcome of a partition whose listing ended with this error.
    pub fn outcome(&self) -> Outcome {
        Outcome::because(self.status(), self.to_string())
    }

    /// The API operation that failed.
    pub fn operation(&self) -> &str {
        match self {
            Self::Denied { operation, .. }
            | Self::DeniedByScp { operation, .. }
            | Self::Gone { operation, .. }
            | Self::Throttled { operation, .. }
            | Self::Timeout { operation }
            | Self::Expired { operation, .. }
            | Self::PageTokenExpired { operation, .. }
            | Self::RegionDisabled { operation, .. }
            | Self::Unsupported { operation, .. }
            | Self::Envelope { operation, .. }
            | Self::Endless { operation, .. }
            | Self::Refused { operation, .. }
            | Self::Failed { operation, .. } => operation,
        }
    }

    /// AWS's error code, where AWS gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Denied { code, .. }
            | Self::DeniedByScp { code, .. }
            | Self::Gone { code, .. }
            | Self::Throttled { code, .. }
            | Self::Expired { code, .. }
            | Self::PageTokenExpired { code, .. }
            | Self::RegionDisabled { code, .. }
            | Self::Unsupported { code, .. } => Some(code),
            Self::Failed { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// Whether the whole collector has to start again or stop: a detail call that fails like this is not a gap.
    pub fn is_fatal(&self) -> bool {
        matches!(self, Self::Expired { .. } | Self::Refused { .. } | Self::PageTokenExpired { .. })
    }

    /// Whether starting the collector again from its first page can help.
    pub(crate) fn is_worth_a_restart(&self) -> bool {
        matches!(self, Self::Expired { .. } | Self::PageTokenExpired { .. })
    }
}

impl<E, R> From<SdkError<E, R>> for CollectError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    fn from(error: SdkError<E, R>) -> Self {
        let operation = operation_of::<E>();
        match &error {
            SdkError::ServiceError(context) => {
                let meta = context.err().meta();
                // The SDK reads an answer it cannot understand as an error without a code.
                let code = meta.code().unwrap_or("answer without an error code");
                classify(operation, code, meta.message().unwrap_or_default())
            }
            SdkError::TimeoutError(_) => Self::Timeout { operation },
            SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
                Some(source) if source.is_timeout() => Self::Timeout { operation },
                Some(source) => from_sources(operation, source, "the connection failed"),
                None => Self::Failed { operation, reason: "the request could not be sent".to_owned() },
            },
            SdkError::ResponseError(_) => from_sources(operation, &error, "the answer could not be read"),
            SdkError::ConstructionFailure(_) => {
                from_sources(operation, &error, "the request could not be built")
            }
            _ => Self::Failed { operation, reason: "an error of an unknown kind".to_owned() },
        }
    }
}

/// Looks for one of our own errors below the SDK's.
fn from_sources(
    operation: String,
    error: &(dyn std::error::Error + 'static),
    otherwise: &str,
) -> CollectError {
    let mut source = Some(error);
    while let Some(it) = source {
        if let Some(envelope) = it.downcast_ref::<EnvelopeError>() {
            return CollectError::Envelope { operation, reason: envelope.to_string() };
        }
        if let Some(refused) = it.downcast_ref::<Refused>() {
            return CollectError::Refused { operation, reason: refused.to_string() };
        }
        if let Some(session) = it.downcast_ref::<crate::SessionError>() {
            return CollectError::Expired { operation, code: session.to_string() };
        }
        if is_unknown_host(it) {
            return CollectError::Unsupported { operation, code: "no such host".to_owned() };
        }
        source = it.source();
    }
    CollectError::Failed { operation, reason: otherwise.to_owned() }
}

fn classify(operation: String, code: &str, message: &str) -> CollectError {
    let owned = || code.to_owned();
    match code {
        // AWS closes WAF Classic account by account, and says so under codes that mean other things elsewhere.
        _ if message.contains("WAF Classic") => CollectError::Unsupported { operation, code: owned() },
        "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "SlowDown"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "BandwidthLimitExceeded"
        | "ProvisionedThroughputExceededException"
        | "LimitExceededException"
        | "PriorRequestNotComplete"
        | "TransactionInProgressException"
        | "EC2ThrottledException" => CollectError::Throttled { operation, code: owned() },
        "AccessDenied"
        | "AccessDeniedException"
        | "UnauthorizedOperation"
        | "AuthorizationError"
        | "NotAuthorized"
        | "Forbidden"
        | "AccessDeniedForDependencyException"
        | "CloudHsmAccessDeniedException"
        | "AllAccessDisabled" => {
            if message.contains("service control policy") {
                CollectError::DeniedByScp { operation, code: owned() }
            } else if says_closed(message) {
                CollectError::Unsupported { operation, code: owned() }
            } else {
                CollectError::Denied { operation, code: owned() }
            }
        }
        "ExpiredToken"
        | "ExpiredTokenException"
        | "RequestExpired"
        | "InvalidClientTokenId"
        | "TokenRefreshRequired" => CollectError::Expired { operation, code: owned() },
        "UnrecognizedClientException"
        | "AuthFailure"
        | "OptInRequired"
        | "InvalidAccessKeyId"
        | "IllegalLocationConstraintException" => CollectError::RegionDisabled { operation, code: owned() },
        "InvalidNextToken"
        | "InvalidNextTokenException"
        | "ExpiredNextTokenException"
        | "InvalidPaginationTokenException"
        | "InvalidPaginationToken"
        | "ExpiredPaginationToken" => CollectError::PageTokenExpired { operation, code: owned() },
        "UnsupportedOperation"
        | "UnknownOperationException"
        | "InvalidAction"
        | "SubscriptionRequiredException"
        | "AWSOrganizationsNotInUseException"
        | "WAFInvalidAccountException" => CollectError::Unsupported { operation, code: owned() },
        "RequestTimeout" | "RequestTimeoutException" => CollectError::Timeout { operation },
        _ if is_gone(code) => CollectError::Gone { operation, code: owned() },
        _ => CollectError::Failed { operation, reason: owned() },
    }
}

/// AWS refuses the calls of a service that it has closed, or does not offer here, with the code of a policy's refusal.
/// Only the text tells them apart; what a policy refuses is always "not authorized".
fn says_closed(message: &str) -> bool {
    const CLOSED: [&str; 6] =
        ["no longer", "end of support", "discontinued", "retired", "not available", "not supported"];
    !message.contains("not authorized") && CLOSED.iter().any(|it| message.contains(it))
}

/// Whether a host does not exist, which is how a region without a service answers. A resolver that is out of order says
/// something else.
fn is_unknown_host(error: &(dyn std::error::Error + 'static)) -> bool {
    const UNKNOWN: [&str; 4] = [
        "Name or service not known",
        "No address associated with hostname",
        "nodename nor servname provided",
        "Name does not resolve",
    ];
    error.downcast_ref::<std::io::Error>().is_some_and(|it| {
        let text = it.to_string();
        UNKNOWN.iter().any(|unknown| text.contains(unknown))
    })
}

fn is_gone(code: &str) -> bool {
    const OWN_WORDS: [&str; 3] =
        ["WAFNonexistentItemException", "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"];
    OWN_WORDS.contains(&code)
        || code.starts_with("NoSuch")
        || code.ends_with(".NotFound")
        || code.ends_with("NotFound")
        || code.ends_with("NotFoundFault")
        || code.ends_with("NotFoundException")
        || code.ends_with("NotFoundError")
}

/// `aws_sdk_ec2::operation::describe_vpcs::DescribeVpcsError` names its operation.
pub(crate) fn operation_of<E>() -> String {
    let name = std::any::type_name::<E>();
    let name = name.rsplit("::").next().unwrap_or(name);
    name.strip_suffix("Error").unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_the_status_that_a_person_acts_on() {
        let check = |code: &str, message: &str, expected: Status| {
            let error = classify("ListThings".to_owned(), code, message);
            assert_eq!(error.status(), expected, "{code}");
            assert!(!error.to_string().contains("secret"), "{error}");
        };

        check("RequestLimitExceeded", "secret", Status::Throttled);
        check("SlowDown", "", Status::Throttled);
        check("AccessDenied", "User secret is not authorized", Status::DeniedIam);
        check("UnauthorizedOperation", "", Status::DeniedIam);
        check("AccessDenied", "with an explicit deny in a service control policy", Status::DeniedScp);
        check("AccessDeniedException", "secret is no longer available", Status::Unsupported);
        check("AccessDeniedException", "role/retired is not authorized", Status::DeniedIam);
        check("ExpiredToken", "", Status::Expired);
        check("OptInRequired", "", Status::RegionDisabled);
        check("AWSOrganizationsNotInUseException", "", Status::Unsupported);
        check("WAFBadRequestException", "AWS WAF Classic (v1) support has ended", Status::Unsupported);
        check("InternalFailure", "", Status::Failed);
        check("NoSuchEntity", "", Status::Failed);
    }

    #[test]
    fn a_host_that_does_not_exist_is_a_service_that_is_not_there() {
        let check = |text: &str, expected: Status| {
            let error = std::io::Error::other(format!("failed to lookup address information: {text}"));
            let error = from_sources("ListThings".to_owned(), &error, "the connection failed");
            assert_eq!(error.status(), expected, "{text}");
        };

        check("Name or service not known", Status::Unsupported);
        check("Temporary failure in name resolution", Status::Failed);
    }

    #[test]
    fn the_operation_is_read_off_the_error_type() {
        #[derive(Debug)]
        struct DescribeVpcsError;

        assert_eq!(operation_of::<DescribeVpcsError>(), "DescribeVpcs");
    }
}
