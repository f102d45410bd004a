//! Fixtures of services that speak CBOR.

use aws_smithy_cbor::Encoder;
use aws_smithy_types::DateTime;
use serde_json::Value;

/// The CBOR of a JSON document.
///
/// # Panics
/// When the document is not JSON.
pub(super) fn encoded(json: &str) -> Vec<u8> {
    let value: Value = serde_json::from_str(json).expect("a fixture is a JSON document");
    let mut encoder = Encoder::new(Vec::new());
    encode(&mut encoder, "", &value);
    encoder.into_writer()
}

fn encode(encoder: &mut Encoder, name: &str, value: &Value) {
    match value {
        Value::Null => encoder.null(),
        Value::Bool(value) => encoder.boolean(*value),
        Value::Number(seconds) if name.ends_with("Timestamp") => {
            encoder.timestamp(&DateTime::from_secs_f64(seconds.as_f64().unwrap_or_default()))
        }
        Value::Number(number) => match number.as_i64() {
            Some(whole) => encoder.long(whole),
            None => encoder.double(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => encoder.str(text),
        Value::Array(elements) => {
            encoder.array(elements.len());
            for element in elements {
                encode(encoder, "", element);
            }
            encoder
        }
        Value::Object(members) => {
            encoder.map(members.len());
            for (name, value) in members {
                encoder.str(name);
                encode(encoder, name, value);
            }
            encoder
        }
    };
}
