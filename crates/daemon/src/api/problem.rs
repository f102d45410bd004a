//! Errors as RFC 9457 describes them: one shape for all.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use orgraph_query::AskError;
use orgraph_query::j1ql::Diagnostic;
use orgraph_query::paths::PathError;
use schemars::JsonSchema;
use serde::Serialize;

/// Why a request has no answer.
#[derive(Debug, Clone)]
pub(crate) struct Problem(Box<Details>);

/// What went wrong, and whose fault it is.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(super) struct Details {
    /// What kind of problem it is; always the same for the same kind.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is wrong with this request.
    detail: String,
    /// Where in the question, in bytes from 0, and its line and column, both from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Place>,
    /// What could stand there instead.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    did_you_mean: Vec<String>,
    /// When to try again, in seconds.
    #[serde(skip)]
    retry_after_secs: Option<u16>,
}

/// A place in a question.
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Place {
    /// The line, from 1.
    line: usize,
    /// The column in characters, from 1.
    column: usize,
}

/// The kinds of problems: identifier, title, status.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    BadRequest,
    BadQuestion,
    BadCursor,
    Unauthorized,
    WrongHost,
    NotFound,
    MethodNotAllowed,
    TooLarge,
    GraphTooLarge,
    Busy,
    Timeout,
    Unavailable,
}

impl Kind {
    fn parts(self) -> (&'static str, &'static str, StatusCode) {
        match self {
            Self::BadRequest => ("bad-request", "The request cannot be understood", StatusCode::BAD_REQUEST),
            Self::BadQuestion => ("bad-question", "The question cannot be answered", StatusCode::BAD_REQUEST),
            Self::BadCursor => {
                ("bad-cursor", "The cursor is not one of this request", StatusCode::BAD_REQUEST)
            }
            Self::Unauthorized => ("unauthorized", "A token is needed", StatusCode::UNAUTHORIZED),
            Self::WrongHost => {
                ("wrong-host", "This host name is not served", StatusCode::MISDIRECTED_REQUEST)
            }
            Self::NotFound => ("not-found", "There is nothing here", StatusCode::NOT_FOUND),
            Self::MethodNotAllowed => {
                ("method-not-allowed", "The API only reads", StatusCode::METHOD_NOT_ALLOWED)
            }
            Self::TooLarge => ("too-large", "The request is too large", StatusCode::PAYLOAD_TOO_LARGE),
            Self::GraphTooLarge => (
                "graph-too-large",
                "The graph does not fit into the memory it may take",
                StatusCode::INSUFFICIENT_STORAGE,
            ),
            Self::Busy => ("busy", "Too many questions at the same time", StatusCode::SERVICE_UNAVAILABLE),
            Self::Timeout => ("timeout", "The question took too long", StatusCode::GATEWAY_TIMEOUT),
            Self::Unavailable => {
                ("unavailable", "The database does not answer", StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let (name, title, status) = kind.parts();
        Self(Box::new(Details {
            kind: format!("urn:orgraph:problem:{name}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            place: None,
            did_you_mean: Vec::new(),
            retry_after_secs: match kind {
                Kind::Busy => Some(1),
                Kind::Unavailable => Some(5),
                _ => None,
            },
        }))
    }

    /// What the database says may name what a caller has no business with: it goes to the log alone.
    pub(super) fn failed(error: &anyhow::Error) -> Self {
        tracing::warn!("a request to the API failed: {error:#}");
        Self::new(Kind::Unavailable, "the database does not answer; the log of the daemon says more")
    }

    fn at(mut self, line: usize, column: usize) -> Self {
        self.0.place = Some(Place { line, column });
        self
    }
}

impl From<Diagnostic> for Problem {
    fn from(diagnostic: Diagnostic) -> Self {
        let mut problem = Self::new(Kind::BadQuestion, diagnostic.to_string());
        problem.0.did_you_mean = diagnostic.did_you_mean;
        problem.at(diagnostic.line, diagnostic.column)
    }
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match &error {
            AskError::Statement(statement) => {
                let problem = Self::new(Kind::BadQuestion, error.to_string());
                match statement.line() {
                    Some((line, column, _)) => problem.at(line, column),
                    None => problem,
                }
            }
            AskError::RowTooLarge { .. } => Self::new(Kind::BadQuestion, error.to_string()),
            AskError::Timeout { .. } => Self::new(Kind::Timeout, error.to_string()),
            AskError::Privilege { .. } | AskError::Database { .. } | AskError::Write(_) => {
                Self::failed(&error.into())
            }
        }
    }
}

impl From<PathError> for Problem {
    fn from(error: PathError) -> Self {
        let text = error.to_string();
        let (kind, near) = match error {
            PathError::Ask(error) => return error.into(),
            PathError::NotFound { near, .. } => (Kind::NotFound, near),
            PathError::UnknownWord { near, .. } => (Kind::BadRequest, near),
            PathError::Ambiguous { keys, .. } => (Kind::BadRequest, keys),
            PathError::TooLarge { .. } => (Kind::GraphTooLarge, Vec::new()),
            error => return Self::failed(&error.into()),
        };
        let mut problem = Self::new(kind, text);
        problem.0.did_you_mean = near;
        problem
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.0.retry_after_secs;
        let mut response = (status, Json(self.0)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
