//! Small shapes that every collector needs.

use std::fmt::Write;

use aws_smithy_types::DateTime;

/// Milliseconds since the epoch: how every time is stored.
pub fn millis(time: &DateTime) -> Option<i64> {
    time.to_millis().ok()
}

/// What follows the last `/`.
pub fn last_segment(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

/// Text as one part of a URL: everything but letters, digits and `-._~` is percent-encoded.
pub fn url_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

/// Tags from pairs, leaving out those without a key.
pub fn tags<K, V>(pairs: impl IntoIterator<Item = (Option<K>, Option<V>)>) -> Vec<(String, String)>
where
    K: Into<String>,
    V: Into<String>,
{
    let pairs = pairs.into_iter();
    pairs.filter_map(|(key, value)| Some((key?.into(), value.map(Into::into).unwrap_or_default()))).collect()
}

/// Milliseconds since the epoch from ISO 8601 text, for the few answers that carry a time as text.
pub fn iso_millis(text: &str) -> Option<i64> {
    let formats = ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%dT%H:%M:%S%.fZ"];
    let time = chrono::DateTime::parse_from_str(text, formats[0]).map(|it| it.timestamp_millis());
    time.or_else(|_| {
        chrono::NaiveDateTime::parse_from_str(text, formats[1]).map(|it| it.and_utc().timestamp_millis())
    })
    .ok()
}

/// Whether the resource policy `document` allows everybody something without a condition. `None` when it cannot be
/// read, which is unknown and not "no".
pub fn allows_anybody(document: &str) -> Option<bool> {
    let policy: serde_json::Value = serde_json::from_str(document).ok()?;
    let statements = match policy.get("Statement")? {
        serde_json::Value::Array(statements) => statements.as_slice(),
        one => std::slice::from_ref(one),
    };
    let anybody = |it: &serde_json::Value| match it {
        serde_json::Value::String(it) => it == "*",
        serde_json::Value::Array(all) => all.iter().any(|it| it == "*"),
        _ => false,
    };
    Some(statements.iter().any(|it| {
        let open = anybody(&it["Principal"]) || anybody(&it["Principal"]["AWS"]);
        it["Effect"] == "Allow" && open && it.get("Condition").is_none()
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_time_are_read() {
        assert_eq!(iso_millis("1970-01-01T00:00:01.500+0000"), Some(1500));
        assert_eq!(iso_millis("1970-01-01T00:00:01.500Z"), Some(1500));
        assert_eq!(iso_millis("yesterday"), None);
    }

    #[test]
    fn what_is_not_plain_is_encoded() {
        assert_eq!(url_encoded("a-b_c.d~9"), "a-b_c.d~9");
        assert_eq!(url_encoded("/x y:ü"), "%2Fx%20y%3A%C3%BC");
    }

    #[test]
    fn a_policy_that_cannot_be_read_is_unknown() {
        let check = |statement: &str, expected: Option<bool>| {
            let document = format!(r#"{{"Statement":{statement}}}"#);
            assert_eq!(allows_anybody(&document), expected, "{document}");
        };

        check(r#"[{"Effect":"Allow","Principal":"*","Action":"a:b"}]"#, Some(true));
        check(r#"{"Effect":"Allow","Principal":{"AWS":["1","*"]},"Action":"a:b"}"#, Some(true));
        check(r#"[{"Effect":"Allow","Principal":"*","Condition":{"Bool":{"a":"b"}}}]"#, Some(false));
        check(r#"[{"Effect":"Deny","Principal":"*"}]"#, Some(false));
        assert_eq!(allows_anybody("{"), None);
    }
}
