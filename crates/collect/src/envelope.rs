//! Whether an answer with a 2xx status is a whole answer of the operation that was asked.
//!
//! The SDK reads an empty or foreign JSON body as an empty listing and a cut-off XML document as a short one, so this
//! check comes before the SDK sees the bytes. It knows nothing of the members of an operation beyond the one that a
//! listing always has.

use std::collections::BTreeSet;
use std::fmt;

use aws_smithy_cbor::Decoder;
use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::DeserializeError;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::Protocol;

/// What was wrong with an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EnvelopeError {
    #[error("the body is empty")]
    Empty,
    #[error("the body is longer than {limit} bytes")]
    TooLarge { limit: usize },
    #[error("no request ID header")]
    NoRequestId,
    #[error("the body ended early or could not be read")]
    Broken,
    #[error("the content type is {content_type}")]
    ForeignContentType { content_type: String },
    #[error("the XML document is not closed or not well formed")]
    OpenDocument,
    #[error("the XML root is {found}, not {expected}")]
    ForeignRoot { found: String, expected: String },
    #[error("the body is not one JSON object")]
    NotAnObject,
    #[error("the body is not one CBOR map")]
    NotAMap,
    #[error("the body is an error document")]
    ErrorDocument,
    #[error("the listing has no member {member}")]
    NoMember { member: &'static str },
}

/// The largest answer that is read, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 64 << 20;

/// What is checked.
pub(crate) struct Answer<'a> {
    pub(crate) protocol: Protocol,
    pub(crate) operation: &'a str,
    pub(crate) member: Option<&'static str>,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) has_request_id: bool,
    pub(crate) body: &'a [u8],
}

/// Refuses an answer that is not whole.
pub(crate) fn check(answer: &Answer<'_>) -> Result<(), EnvelopeError> {
    if answer.body.is_empty() {
        return Err(EnvelopeError::Empty);
    }
    if !answer.has_request_id {
        return Err(EnvelopeError::NoRequestId);
    }
    if let Some(content_type) = answer.content_type.filter(|it| it.starts_with("text/html")) {
        return Err(EnvelopeError::ForeignContentType { content_type: content_type.to_owned() });
    }
    match answer.protocol {
        Protocol::Query => check_xml(answer.body, Some(&format!("{}Response", answer.operation))),
        // A bucket policy is the one answer of S3 that is JSON: the document itself, with members of its own.
        Protocol::RestXml if answer.body.trim_ascii_start().starts_with(b"{") => {
            json_object(answer.body).map(drop)
        }
        Protocol::RestXml => check_xml(answer.body, answer.member),
        Protocol::Json => check_members(&json_object(answer.body)?, answer.member),
        Protocol::Cbor => check_members(&cbor_map(answer.body)?, answer.member),
    }
}

fn check_xml(body: &[u8], expected_root: Option<&str>) -> Result<(), EnvelopeError> {
    let mut reader = Reader::from_reader(body);
    let mut depth = 0_usize;
    let mut root = None;
    loop {
        match reader.read_event().map_err(|_| EnvelopeError::OpenDocument)? {
            Event::Start(element) => {
                if depth == 0 {
                    note_root(&mut root, element.local_name().as_ref())?;
                }
                depth += 1;
            }
            Event::Empty(element) if depth == 0 => note_root(&mut root, element.local_name().as_ref())?,
            Event::End(_) => depth = depth.checked_sub(1).ok_or(EnvelopeError::OpenDocument)?,
            Event::Eof => break,
            Event::Text(text) if depth == 0 && !text.trim_ascii().is_empty() => {
                return Err(EnvelopeError::OpenDocument);
            }
            _ => {}
        }
    }
    let (Some(root), 0) = (root, depth) else {
        return Err(EnvelopeError::OpenDocument);
    };
    if root == "Error" || root == "ErrorResponse" {
        return Err(EnvelopeError::ErrorDocument);
    }
    match expected_root {
        Some(expected) if root != expected => {
            Err(EnvelopeError::ForeignRoot { found: root, expected: expected.to_owned() })
        }
        _ => Ok(()),
    }
}

fn note_root(root: &mut Option<String>, name: &str) -> Result<(), EnvelopeError> {
    match root.replace(name.to_owned()) {
        None => Ok(()),
        Some(_) => Err(EnvelopeError::OpenDocument),
    }
}

fn check_members(members: &BTreeSet<String>, member: Option<&'static str>) -> Result<(), EnvelopeError> {
    if members.contains("__type") {
        return Err(EnvelopeError::ErrorDocument);
    }
    match member {
        Some(member) if !members.contains(member) => Err(EnvelopeError::NoMember { member }),
        _ => Ok(()),
    }
}

/// The names of the members of the one object that the body is.
fn json_object(body: &[u8]) -> Result<BTreeSet<String>, EnvelopeError> {
    let object: Names = serde_json::from_slice(body).map_err(|_| EnvelopeError::NotAnObject)?;
    Ok(object.0)
}

/// The names of the members of the one map that the body is.
fn cbor_map(body: &[u8]) -> Result<BTreeSet<String>, EnvelopeError> {
    let mut decoder = Decoder::new(body);
    let names = cbor_names(&mut decoder).map_err(|_| EnvelopeError::NotAMap)?;
    if decoder.position() == body.len() { Ok(names) } else { Err(EnvelopeError::NotAMap) }
}

fn cbor_names(decoder: &mut Decoder<'_>) -> Result<BTreeSet<String>, DeserializeError> {
    let mut names = BTreeSet::new();
    let mut left = decoder.map()?;
    loop {
        match &mut left {
            Some(0) => return Ok(names),
            Some(left) => *left -= 1,
            None if decoder.datatype()? == Type::Break => {
                decoder.skip()?;
                return Ok(names);
            }
            None => {}
        }
        names.insert(decoder.string()?);
        decoder.skip()?;
    }
}

struct Names(BTreeSet<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfObject;

        impl<'de> Visitor<'de> for OfObject {
            type Value = Names;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Names, A::Error> {
                let mut names = BTreeSet::new();
                while let Some((name, IgnoredAny)) = members.next_entry()? {
                    names.insert(name);
                }
                Ok(Names(names))
            }
        }

        deserializer.deserialize_map(OfObject)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(protocol: Protocol, member: Option<&'static str>, body: &[u8]) -> Result<(), EnvelopeError> {
        check(&Answer {
            protocol,
            operation: "ListThings",
            member,
            content_type: None,
            has_request_id: true,
            body,
        })
    }

    #[test]
    fn a_whole_answer_passes() {
        let query =
            b"<?xml version=\"1.0\"?>\n<ListThingsResponse xmlns=\"u\"><A>1</A><B/></ListThingsResponse>\n";
        assert_eq!(of(Protocol::Query, None, query), Ok(()));
        assert_eq!(of(Protocol::RestXml, None, b"<VersioningConfiguration/>"), Ok(()));
        assert_eq!(of(Protocol::RestXml, Some("Listing"), b"<Listing></Listing>"), Ok(()));
        assert_eq!(of(Protocol::RestXml, None, br#"{"Version":"2012-10-17"}"#), Ok(()));
        assert_eq!(of(Protocol::Json, Some("Things"), br#"{"Things":[]}"#), Ok(()));
        assert_eq!(of(Protocol::Json, None, b"{}"), Ok(()));
        assert_eq!(of(Protocol::Cbor, Some("Things"), &cbor(true)), Ok(()));
        assert_eq!(of(Protocol::Cbor, Some("Things"), &cbor(false)), Ok(()));
    }

    /// `{"Things": ["a"], "NextToken": "t"}`, of known and of unknown length.
    fn cbor(sized: bool) -> Vec<u8> {
        let mut encoder = aws_smithy_cbor::Encoder::new(Vec::new());
        if sized {
            encoder.map(2)
        } else {
            encoder.begin_map()
        };
        encoder.str("Things").array(1).str("a").str("NextToken").str("t");
        if !sized {
            encoder.end();
        }
        encoder.into_writer()
    }

    #[test]
    fn a_cbor_document_cut_anywhere_is_not_whole() {
        for whole in [cbor(true), cbor(false)] {
            for end in 0..whole.len() {
                assert!(of(Protocol::Cbor, Some("Things"), &whole[..end]).is_err(), "{end}");
            }
        }
    }

    #[test]
    fn an_xml_document_cut_anywhere_is_not_whole() {
        let whole = b"<ListThingsResponse><Things><member><Name>a&amp;b</Name></member></Things></ListThingsResponse>";
        for end in 0..whole.len() {
            let cut = of(Protocol::Query, None, &whole[..end]);
            assert!(cut.is_err(), "{}", String::from_utf8_lossy(&whole[..end]));
        }
    }

    #[test]
    fn a_json_document_cut_anywhere_is_not_whole() {
        let whole = br#"{"Things":[{"Name":"a"},{"Name":"b"}],"NextToken":"t"}"#;
        for end in 0..whole.len() {
            assert!(of(Protocol::Json, Some("Things"), &whole[..end]).is_err());
        }
    }

    #[test]
    fn a_foreign_answer_is_not_an_empty_listing() {
        let cases: [(Protocol, &[u8]); 13] = [
            (Protocol::Json, b"null"),
            (Protocol::Json, b"[]"),
            (Protocol::Json, b"{}"),
            (Protocol::Json, br#"{"QueueUrls":[]}"#),
            (Protocol::Json, br#"{"__type":"InternalFailure"}"#),
            (Protocol::Json, b"<html>login</html>"),
            (Protocol::Cbor, b"{}"),
            (Protocol::Cbor, b"\xa0"),
            (Protocol::Cbor, b"\xa0\xa0"),
            (Protocol::Query, b"<OtherResponse></OtherResponse>"),
            (Protocol::Query, b"<html></html>"),
            (Protocol::RestXml, b"<OtherResult></OtherResult>"),
            (Protocol::RestXml, b"<Error><Code>InternalError</Code></Error>"),
        ];
        for (protocol, body) in cases {
            assert!(of(protocol, Some("Things"), body).is_err(), "{}", String::from_utf8_lossy(body));
        }
    }

    #[test]
    fn an_answer_without_a_request_id_did_not_come_from_aws() {
        let answer = Answer {
            protocol: Protocol::Json,
            operation: "ListThings",
            member: None,
            content_type: Some("application/json"),
            has_request_id: false,
            body: b"{}",
        };

        assert_eq!(check(&answer), Err(EnvelopeError::NoRequestId));
    }
}
