//! Values that PostgreSQL cannot keep are replaced here, so that one bad item never fails its partition.

use orgraph_model::{Entity, Gap, GapKind, Key, Properties, Ref, Reference, Relationship, Snapshot, Status};
use serde_json::Value;

/// PostgreSQL refuses U+0000 in text and jsonb alike.
const NUL: char = '\0';
const REPLACEMENT: &str = "\u{fffd}";
/// What is part of an index may not be longer than a third of a page.
const MAX_DISCRIMINATOR_BYTES: usize = 512;

/// Replaces what cannot be stored and leaves a gap for each entity or relationship concerned.
pub(crate) fn sanitize(snapshot: &mut Snapshot) {
    let mut altered = Vec::new();
    for entity in &mut snapshot.entities {
        if entity_has_nul(entity) {
            clean_entity(entity);
            altered.push((Some(entity.key.clone()), "U+0000 replaced"));
        }
    }
    for relationship in &mut snapshot.relationships {
        if relationship_has_nul(relationship) {
            clean_relationship(relationship);
            altered.push((Some(relationship.from.key.clone()), "U+0000 in a relationship replaced"));
        }
        if relationship.discriminator.len() > MAX_DISCRIMINATOR_BYTES {
            let hash = Key::from(&relationship.discriminator).id();
            relationship.discriminator = format!("sha256:{}", hash.simple());
            altered.push((Some(relationship.from.key.clone()), "an overlong discriminator hashed"));
        }
    }
    for reference in &mut snapshot.references {
        if reference_has_nul(reference) {
            clean_reference(reference);
            altered.push((Some(reference.from.key.clone()), "U+0000 in a reference replaced"));
        }
    }
    for gap in &mut snapshot.gaps {
        clean_text(&mut gap.operation);
        clean_text(&mut gap.reason);
        gap.properties.iter_mut().for_each(clean_text);
        if let Some(key) = &mut gap.key {
            clean_key(key);
        }
    }
    if let Some(reason) = &mut snapshot.outcome.reason {
        clean_text(reason);
    }
    snapshot.gaps.extend(altered.into_iter().map(|(key, reason)| Gap {
        kind: GapKind::Value,
        key,
        operation: "store".to_owned(),
        properties: Vec::new(),
        status: Status::Partial,
        reason: reason.to_owned(),
    }));
}

fn entity_has_nul(entity: &Entity) -> bool {
    let texts = [Some(entity.key.as_str()), entity.name.as_deref(), entity.display_name.as_deref()];
    texts.into_iter().flatten().any(|it| it.contains(NUL))
        || object_has_nul(&entity.properties)
        || object_has_nul(&entity.tags)
}

fn relationship_has_nul(relationship: &Relationship) -> bool {
    relationship.from.key.as_str().contains(NUL)
        || relationship.to.key.as_str().contains(NUL)
        || relationship.discriminator.contains(NUL)
        || object_has_nul(&relationship.properties)
}

fn reference_has_nul(reference: &Reference) -> bool {
    reference.from.key.as_str().contains(NUL)
        || reference.property.contains(NUL)
        || reference.value.contains(NUL)
        || object_has_nul(&reference.properties)
}

fn object_has_nul(members: &Properties) -> bool {
    members.iter().any(|(name, value)| name.contains(NUL) || value_has_nul(value))
}

fn value_has_nul(value: &Value) -> bool {
    match value {
        Value::String(it) => it.contains(NUL),
        Value::Array(elements) => elements.iter().any(value_has_nul),
        Value::Object(members) => object_has_nul(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

fn clean_entity(entity: &mut Entity) {
    clean_key(&mut entity.key);
    entity.name.iter_mut().for_each(clean_text);
    entity.display_name.iter_mut().for_each(clean_text);
    clean_object(&mut entity.properties);
    clean_object(&mut entity.tags);
}

fn clean_relationship(relationship: &mut Relationship) {
    clean_ref(&mut relationship.from);
    clean_ref(&mut relationship.to);
    clean_text(&mut relationship.discriminator);
    clean_object(&mut relationship.properties);
}

fn clean_reference(reference: &mut Reference) {
    clean_ref(&mut reference.from);
    clean_text(&mut reference.property);
    clean_text(&mut reference.value);
    clean_object(&mut reference.properties);
}

fn clean_ref(end: &mut Ref) {
    clean_key(&mut end.key);
}

fn clean_key(key: &mut Key) {
    if key.as_str().contains(NUL) {
        *key = Key::from(key.as_str().replace(NUL, REPLACEMENT));
    }
}

fn clean_text(text: &mut String) {
    if text.contains(NUL) {
        *text = text.replace(NUL, REPLACEMENT);
    }
}

fn clean_object(members: &mut Properties) {
    *members = std::mem::take(members)
        .into_iter()
        .map(|(mut name, mut value)| {
            clean_text(&mut name);
            clean_value(&mut value);
            (name, value)
        })
        .collect();
}

fn clean_value(value: &mut Value) {
    match value {
        Value::String(it) => clean_text(it),
        Value::Array(elements) => elements.iter_mut().for_each(clean_value),
        Value::Object(members) => clean_object(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
