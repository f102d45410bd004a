//! The bad answers that every declared call is tried with.

use orgraph_model::Status;

use super::{Answer, Asked, cbor};
use crate::Protocol;

/// A way in which AWS, or something between, answers badly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Throttled on the first attempt only.
    ThrottledOnce,
    /// Throttled for ever.
    Throttled,
    /// `500` with a page of HTML.
    InternalError,
    /// Never an answer.
    Hangs,
    /// The connection breaks.
    Reset,
    /// The body is cut to this many tenths.
    Cut(u8),
    /// `200` with nothing in it.
    Empty,
    /// `200` with `{}`, or an XML document of another operation.
    Hollow,
    /// `200` with another service's answer.
    Foreign,
    /// `200` with an error document.
    ErrorInside,
    /// `200` with a login page.
    LoginPage,
    /// `200` without the header every AWS answer has.
    NoRequestId,
    /// Expired credentials on the first attempt only.
    ExpiredOnce,
    /// Expired credentials for ever.
    Expired,
    /// The page token is refused.
    PageTokenExpired,
    /// A policy refuses.
    Denied,
    /// A service control policy refuses.
    DeniedByScp,
    /// The region is off.
    RegionDisabled,
    /// The service is closed.
    Unsupported,
    /// The first page comes again and again.
    RepeatedPage,
}

impl Fault {
    /// Every fault that a call is tried with.
    pub fn all() -> Vec<Self> {
        let cuts = (0..10).map(Self::Cut);
        let others = [
            Self::ThrottledOnce,
            Self::Throttled,
            Self::InternalError,
            Self::Hangs,
            Self::Reset,
            Self::Empty,
            Self::Hollow,
            Self::Foreign,
            Self::ErrorInside,
            Self::LoginPage,
            Self::NoRequestId,
            Self::ExpiredOnce,
            Self::Expired,
            Self::PageTokenExpired,
            Self::Denied,
            Self::DeniedByScp,
            Self::RegionDisabled,
            Self::Unsupported,
            Self::RepeatedPage,
        ];
        cuts.chain(others).collect()
    }

    /// Whether the fault passes by itself, so that the snapshot must be the undisturbed one.
    pub fn heals(self) -> bool {
        matches!(self, Self::ThrottledOnce | Self::ExpiredOnce)
    }

    /// How a partition ends whose first listing is answered like this for ever.
    pub fn expected(self) -> Status {
        match self {
            Self::ThrottledOnce | Self::ExpiredOnce => Status::Complete,
            Self::Throttled => Status::Throttled,
            Self::Hangs => Status::Timeout,
            Self::Expired => Status::Expired,
            Self::Denied => Status::DeniedIam,
            Self::DeniedByScp => Status::DeniedScp,
            Self::RegionDisabled => Status::RegionDisabled,
            Self::Unsupported => Status::Unsupported,
            _ => Status::Failed,
        }
    }

    /// The bad answer in place of `good`, the first page of the operation.
    pub fn spoil(self, asked: &Asked, good: Answer, first_page: Answer) -> Answer {
        let protocol = asked.service.protocol;
        let error = |status, code: &str, message: &str| error_answer(protocol, status, code, message);
        match self {
            Self::ThrottledOnce | Self::ExpiredOnce if asked.before > 0 => good,
            Self::ThrottledOnce | Self::Throttled => error(400, "ThrottlingException", "Rate exceeded"),
            Self::InternalError => {
                Answer { status: 500, ..Answer::ok("<html><body>Internal Error</body></html>") }
            }
            Self::Hangs => Answer { hangs: true, ..good },
            Self::Reset => Answer { status: 0, ..good },
            Self::Cut(tenths) => {
                let end = good.body.len() * usize::from(tenths) / 10;
                Answer { body: good.body[..end].to_vec(), ..good }
            }
            Self::Empty => Answer::ok(""),
            Self::Hollow => match protocol {
                Protocol::Json => Answer::ok("{}"),
                Protocol::Cbor => Answer::ok(cbor::encoded("{}")),
                Protocol::Query | Protocol::RestXml => Answer::ok("<Nothing/>"),
            },
            Self::Foreign => match protocol {
                Protocol::Json => Answer::ok(FOREIGN),
                Protocol::Cbor => Answer::ok(cbor::encoded(FOREIGN)),
                Protocol::Query | Protocol::RestXml => Answer::ok(
                    "<ListTopicsResponse><ListTopicsResult><Topics/></ListTopicsResult></ListTopicsResponse>",
                ),
            },
            Self::ErrorInside => match protocol {
                Protocol::Json => Answer::ok(ERROR),
                Protocol::Cbor => Answer::ok(cbor::encoded(ERROR)),
                Protocol::Query | Protocol::RestXml => {
                    Answer::ok("<ErrorResponse><Error><Code>InternalFailure</Code></Error></ErrorResponse>")
                }
            },
            Self::LoginPage => Answer::ok("<!doctype html><html><head><title>Log in</title></head><body>"),
            Self::NoRequestId => Answer { request_id: false, ..good },
            Self::ExpiredOnce | Self::Expired => {
                error(403, "ExpiredTokenException", "The security token is expired")
            }
            Self::PageTokenExpired => error(400, "InvalidNextToken", "The token has expired"),
            Self::Denied => {
                error(403, "AccessDenied", "not authorized because no identity-based policy allows it")
            }
            Self::DeniedByScp => {
                error(403, "AccessDenied", "with an explicit deny in a service control policy")
            }
            Self::RegionDisabled => error(403, "OptInRequired", "You are not subscribed"),
            Self::Unsupported => error(400, "UnsupportedOperation", "not supported"),
            Self::RepeatedPage => first_page,
        }
    }
}

const FOREIGN: &str = r#"{"Unrelated":["https://example.com/q"]}"#;
const ERROR: &str = r#"{"__type":"InternalFailure"}"#;

/// An error as the protocol spells it.
pub fn error_answer(protocol: Protocol, status: u16, code: &str, message: &str) -> Answer {
    let json = format!(r#"{{"__type":"{code}","message":"{message}"}}"#);
    let body = match protocol {
        Protocol::Json => json.into_bytes(),
        Protocol::Cbor => cbor::encoded(&json),
        // EC2, the query protocol and S3 each look for their own nesting; each ignores the others'.
        Protocol::Query => format!(
            "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
             <Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestID>r</RequestID></Response>"
        )
        .into_bytes(),
        // S3 looks below any root, S3 Control one deeper below a root of this name.
        Protocol::RestXml => format!(
            "<ErrorResponse><Code>{code}</Code><Message>{message}</Message>\
             <Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        )
        .into_bytes(),
    };
    Answer { status, ..Answer::ok(body) }
}
