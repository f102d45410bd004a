//! The bad answers that every declared call is tried with.

use orgraph_model::Status;

use super::{Answer, Asked, SECOND_PAGE, cbor};
use crate::{Protocol, Service};

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
    /// Every item of the first page is on another page too.
    ItemsTwice,
    /// The same, with other contents the second time.
    ItemsChanged,
    /// What was listed is gone.
    Gone,
}

/// A token of the same length as [`SECOND_PAGE`], for a page in between.
const BETWEEN: &str = "page-b";

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
            Self::ItemsTwice,
            Self::ItemsChanged,
            Self::Gone,
        ];
        cuts.chain(others).collect()
    }

    /// Whether the fault passes by itself, so that the snapshot must be the undisturbed one.
    pub fn heals(self) -> bool {
        matches!(self, Self::ThrottledOnce | Self::ExpiredOnce | Self::ItemsTwice)
    }

    /// Whether it is about the pages of a listing, so that it takes a second page.
    pub fn is_about_pages(self) -> bool {
        matches!(self, Self::RepeatedPage | Self::ItemsTwice | Self::ItemsChanged)
    }

    /// How a partition ends one of whose listings is answered like this for ever.
    pub fn of_listing(self) -> Status {
        match self {
            Self::ThrottledOnce | Self::ExpiredOnce | Self::ItemsTwice => Status::Complete,
            Self::ItemsChanged => Status::Partial,
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

    /// How a partition ends one of whose detail calls is answered like this for ever.
    pub fn of_detail(self) -> Status {
        match self {
            // What is gone by now is no gap: it was there when it was listed, and has no details.
            Self::Gone => Status::Complete,
            // Expired credentials are the session's trouble, whatever they were used for.
            Self::Expired => Status::Expired,
            // The collector starts again, once.
            Self::PageTokenExpired => Status::Failed,
            _ if self.heals() => Status::Complete,
            _ => Status::Partial,
        }
    }

    /// The bad answer in place of `good`, the first page of the operation.
    pub fn spoil(self, asked: &Asked, good: Answer, first_page: Answer) -> Answer {
        let protocol = asked.service.protocol;
        let error = |status, code: &str, message: &str| error_answer(asked.service, status, code, message);
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
                    "<UnrelatedResponse><UnrelatedResult><Topics/></UnrelatedResult></UnrelatedResponse>",
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
            // Asked for the page in between, the fixtures answer with the first page, which names the second.
            Self::ItemsTwice if asked.request.contains(BETWEEN) => good,
            Self::ItemsChanged if asked.request.contains(BETWEEN) => {
                YEARS.iter().fold(good, |answer, (is, becomes)| replaced(answer, is, becomes))
            }
            Self::ItemsTwice | Self::ItemsChanged => replaced(good, SECOND_PAGE, BETWEEN),
            Self::Gone => error(404, "ResourceNotFoundException", "it does not exist"),
        }
    }
}

/// What stands in the times of fixtures, and what it becomes so that an item changes and its key does not.
const YEARS: [(&str, &str); 4] =
    [("2024-", "2014-"), ("2025-", "2015-"), ("2026-", "2016-"), (": 17", ": 16")];

/// The answer with every `from` as `to`, which is as long.
fn replaced(answer: Answer, from: &str, to: &str) -> Answer {
    assert_eq!(from.len(), to.len());
    let mut body = answer.body;
    let mut at = 0;
    while let Some(found) = body[at..].windows(from.len()).position(|it| it == from.as_bytes()) {
        body[at + found..at + found + from.len()].copy_from_slice(to.as_bytes());
        at += found + from.len();
    }
    Answer { body, ..answer }
}

const FOREIGN: &str = r#"{"Unrelated":["https://example.com/q"]}"#;
const ERROR: &str = r#"{"__type":"InternalFailure"}"#;

/// An error as the service spells it.
pub fn error_answer(service: Service, status: u16, code: &str, message: &str) -> Answer {
    let json = format!(r#"{{"__type":"{code}","message":"{message}"}}"#);
    let xml = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
    let body = match service.protocol {
        Protocol::Json => json.into_bytes(),
        Protocol::Cbor => cbor::encoded(&json),
        Protocol::Query if service == Service::EC2 => {
            format!("<Response><Errors>{xml}</Errors><RequestID>r</RequestID></Response>").into_bytes()
        }
        Protocol::RestXml if service == Service::S3 => xml.into_bytes(),
        Protocol::Query | Protocol::RestXml => {
            format!("<ErrorResponse>{xml}<RequestId>r</RequestId></ErrorResponse>").into_bytes()
        }
    };
    Answer { status, ..Answer::ok(body) }
}
