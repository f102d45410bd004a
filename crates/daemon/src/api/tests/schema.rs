//! Holds an answer against the document: types, members, references, alternatives. What a schema says that is not
//! known here is an error, so that nothing passes because it was not understood.

use serde_json::Value;

/// What is wrong with the answer of an operation.
pub(super) fn check(document: &Value, operation: &str, status: &str, answer: &Value) -> Vec<String> {
    let paths = document["paths"].as_object().expect("paths");
    let found = paths
        .values()
        .flat_map(|it| it.as_object().expect("operations").values())
        .find(|it| it["operationId"] == operation)
        .unwrap_or_else(|| panic!("{operation} is not in the document"));
    let content = found["responses"][status]["content"].as_object().expect("content");
    let schema = &content.values().next().expect("one media type")["schema"];
    let mut wrong = Vec::new();
    value(document, schema, answer, "$", &mut wrong);
    wrong
}

fn value(document: &Value, schema: &Value, found: &Value, place: &str, wrong: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else {
        // `true` permits everything.
        if schema != &Value::Bool(true) {
            wrong.push(format!("{place}: {schema} is no schema"));
        }
        return;
    };
    for (keyword, says) in schema {
        match keyword.as_str() {
            "$ref" => {
                let pointer =
                    says.as_str().and_then(|it| it.strip_prefix('#')).expect("a reference in the document");
                let schema = document.pointer(pointer).unwrap_or_else(|| panic!("{says} leads nowhere"));
                value(document, schema, found, place, wrong);
            }
            "type" => {
                let types = says.as_array().cloned().unwrap_or_else(|| vec![says.clone()]);
                if !types.iter().any(|it| is(it.as_str().expect("a type"), found)) {
                    wrong.push(format!("{place}: {found} is not {says}"));
                }
            }
            "required" => {
                for name in says.as_array().expect("names") {
                    if found.is_object() && found.get(name.as_str().expect("a name")).is_none() {
                        wrong.push(format!("{place}: {name} is missing"));
                    }
                }
            }
            "properties" => {
                for (name, found) in found.as_object().into_iter().flatten() {
                    match says.get(name) {
                        Some(schema) => value(document, schema, found, &format!("{place}.{name}"), wrong),
                        None => wrong.push(format!("{place}: {name} is not described")),
                    }
                }
            }
            "additionalProperties" if schema.contains_key("properties") => {}
            "additionalProperties" => {
                for (name, found) in found.as_object().into_iter().flatten() {
                    value(document, says, found, &format!("{place}.{name}"), wrong);
                }
            }
            "items" => {
                for (at, found) in found.as_array().into_iter().flatten().enumerate() {
                    value(document, says, found, &format!("{place}[{at}]"), wrong);
                }
            }
            "enum" => {
                if !says.as_array().expect("values").contains(found) {
                    wrong.push(format!("{place}: {found} is none of {says}"));
                }
            }
            "const" => {
                if says != found {
                    wrong.push(format!("{place}: {found} is not {says}"));
                }
            }
            "minItems" | "maxItems" => {
                let count = found.as_array().map(|it| it.len() as u64);
                let is_fine = match keyword.as_str() {
                    "minItems" => count >= says.as_u64(),
                    _ => count <= says.as_u64(),
                };
                if !is_fine {
                    wrong.push(format!("{place}: {keyword} is {says}"));
                }
            }
            "anyOf" | "oneOf" => {
                let fits = says.as_array().expect("alternatives").iter().any(|schema| {
                    let mut wrong = Vec::new();
                    value(document, schema, found, place, &mut wrong);
                    wrong.is_empty()
                });
                if !fits {
                    wrong.push(format!("{place}: {found} is none of {says}"));
                }
            }
            "format" if says == "date-time" => {
                let is_time = |it: &str| chrono::DateTime::parse_from_rfc3339(it).is_ok();
                if found.as_str().is_some_and(|it| !is_time(it)) {
                    wrong.push(format!("{place}: {found} is no time"));
                }
            }
            "minimum" => {
                if found.as_f64() < says.as_f64() {
                    wrong.push(format!("{place}: {found} is less than {says}"));
                }
            }
            "format" | "maximum" | "title" | "description" | "default" => {}
            other => wrong.push(format!("{place}: the keyword {other} is not understood")),
        }
    }
}

fn is(name: &str, found: &Value) -> bool {
    match name {
        "object" => found.is_object(),
        "array" => found.is_array(),
        "string" => found.is_string(),
        "boolean" => found.is_boolean(),
        "null" => found.is_null(),
        "number" => found.is_number(),
        "integer" => found.is_i64() || found.is_u64(),
        _ => false,
    }
}
