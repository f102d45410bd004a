//! Rows as bytes. Types, verbs and lists of names that live as long as the program are kept in memory once, and
//! written as their number.

use orgraph_model::canonical::{Malformed, Reader, object, optional, text};
use orgraph_model::{
    AccountId, Entity, EntityType, Gap, GapKind, Key, Ref, Reference, Region, Relationship, Source, Status,
    Verb,
};

/// What is written as a number.
#[derive(Debug, Default)]
pub(crate) struct Words {
    types: Vec<EntityType>,
    verbs: Vec<Verb>,
    volatile: Vec<&'static [&'static str]>,
}

/// The number of `word`, which is given if it is new.
fn number<T: PartialEq>(bytes: &mut Vec<u8>, words: &mut Vec<T>, word: T) {
    let at = words.iter().position(|it| *it == word).unwrap_or_else(|| {
        words.push(word);
        words.len() - 1
    });
    // There are far fewer types, verbs and lists than that.
    let at = u16::try_from(at).unwrap_or(u16::MAX);
    bytes.extend_from_slice(&at.to_le_bytes());
}

fn word<T: Copy>(reader: &mut Reader<'_>, words: &[T]) -> Result<T, Malformed> {
    let at = [reader.byte()?, reader.byte()?];
    words.get(usize::from(u16::from_le_bytes(at))).copied().ok_or(Malformed)
}

pub(crate) fn write_entity(bytes: &mut Vec<u8>, words: &mut Words, it: &Entity) {
    number(bytes, &mut words.types, it.entity_type);
    number(bytes, &mut words.volatile, it.volatile);
    bytes.push(match it.source {
        Source::Integration => 0,
        Source::SystemMapper => 1,
    });
    text(bytes, it.key.as_str());
    text(bytes, it.account.as_str());
    text(bytes, it.region.as_str());
    optional(bytes, it.name.as_deref());
    optional(bytes, it.display_name.as_deref());
    object(bytes, &it.properties);
    object(bytes, &it.tags);
}

pub(crate) fn read_entity(reader: &mut Reader<'_>, words: &Words) -> Result<Entity, Malformed> {
    Ok(Entity {
        entity_type: word(reader, &words.types)?,
        volatile: word(reader, &words.volatile)?,
        source: match reader.byte()? {
            0 => Source::Integration,
            1 => Source::SystemMapper,
            _ => return Err(Malformed),
        },
        key: Key::from(reader.text()?),
        account: reader.text()?.parse::<AccountId>().map_err(|_| Malformed)?,
        region: reader.text()?.parse::<Region>().map_err(|_| Malformed)?,
        name: reader.optional()?.map(str::to_owned),
        display_name: reader.optional()?.map(str::to_owned),
        properties: reader.object()?,
        tags: reader.object()?,
    })
}

pub(crate) fn write_relationship(bytes: &mut Vec<u8>, words: &mut Words, it: &Relationship) {
    write_end(bytes, words, &it.from);
    number(bytes, &mut words.verbs, it.verb);
    write_end(bytes, words, &it.to);
    text(bytes, &it.discriminator);
    object(bytes, &it.properties);
}

pub(crate) fn read_relationship(reader: &mut Reader<'_>, words: &Words) -> Result<Relationship, Malformed> {
    Ok(Relationship {
        from: read_end(reader, words)?,
        verb: word(reader, &words.verbs)?,
        to: read_end(reader, words)?,
        discriminator: reader.text()?.to_owned(),
        properties: reader.object()?,
    })
}

fn write_end(bytes: &mut Vec<u8>, words: &mut Words, it: &Ref) {
    number(bytes, &mut words.types, it.entity_type);
    text(bytes, it.key.as_str());
}

fn read_end(reader: &mut Reader<'_>, words: &Words) -> Result<Ref, Malformed> {
    Ok(Ref { entity_type: word(reader, &words.types)?, key: Key::from(reader.text()?) })
}

pub(crate) fn write_reference(bytes: &mut Vec<u8>, words: &mut Words, it: &Reference) {
    write_end(bytes, words, &it.from);
    number(bytes, &mut words.verbs, it.verb);
    number(bytes, &mut words.types, it.to_type);
    text(bytes, &it.property);
    text(bytes, &it.value);
    bytes.extend_from_slice(&[u8::from(it.reversed), u8::from(it.any_region)]);
    object(bytes, &it.properties);
}

pub(crate) fn read_reference(reader: &mut Reader<'_>, words: &Words) -> Result<Reference, Malformed> {
    Ok(Reference {
        from: read_end(reader, words)?,
        verb: word(reader, &words.verbs)?,
        to_type: word(reader, &words.types)?,
        property: reader.text()?.to_owned(),
        value: reader.text()?.to_owned(),
        reversed: reader.byte()? != 0,
        any_region: reader.byte()? != 0,
        properties: reader.object()?,
    })
}

pub(crate) fn write_gap(bytes: &mut Vec<u8>, it: &Gap) {
    text(bytes, it.kind.as_str());
    optional(bytes, it.key.as_ref().map(Key::as_str));
    text(bytes, &it.operation);
    text(bytes, it.status.as_str());
    text(bytes, &it.reason);
    for property in &it.properties {
        text(bytes, property);
    }
}

pub(crate) fn read_gap(reader: &mut Reader<'_>) -> Result<Gap, Malformed> {
    let kind = reader.text()?;
    let mut gap = Gap {
        kind: GapKind::by_name(kind).ok_or(Malformed)?,
        key: reader.optional()?.map(Key::from),
        operation: reader.text()?.to_owned(),
        status: Status::by_name(reader.text()?).ok_or(Malformed)?,
        reason: reader.text()?.to_owned(),
        properties: Vec::new(),
    };
    while !reader.is_at_end() {
        gap.properties.push(reader.text()?.to_owned());
    }
    Ok(gap)
}
