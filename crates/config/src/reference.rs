//! What there is to configure, told by the structs themselves: `docs/CONFIG.md`, `config/orgraph.toml` and the
//! help of problems all come from their doc comments, defaults and examples.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::config::Config;
use crate::fields::fields;
use crate::section::{
    Account, Aws, Daemon, Database, Domains, Guard, History, Http, Limits, Log, Networks, Organization,
    People, Policies, Polling, Query, Regions, Services, Tags,
};

/// Options that are set in the example file; the others are comments there.
const SET_IN_EXAMPLE: [&str; 2] = ["member_role_name", "external_id_env"];

/// Sections that are comments in the example file as a whole.
const COMMENTED_IN_EXAMPLE: [&str; 1] = ["account"];

/// The text of `docs/CONFIG.md`: every section and option with type, default and meaning.
pub fn reference() -> String {
    let mut out = String::from(
        "# Configuration\n\n\
         Generated from the doc comments in `crates/config`; `UPDATE=1 cargo test -p orgraph-config` writes it \
         anew.\n\n\
         The file is TOML. Every option may be left out unless it says *required*. Durations are text such as \
         `\"90s\"`, `\"1h 30m\"` or `\"7d\"`. Relative paths begin in the folder of the file. Of an option with \
         `_file` and `_env` beside it only one of the three may be set; such a file must be readable by its \
         owner only (`chmod 600`).\n\n\
         `config/orgraph.minimal.toml` is a file to start from, `config/orgraph.toml` shows every option.\n",
    );
    for section in SECTIONS.iter() {
        let _ = write!(out, "\n## `{}`\n\n{}\n\n", section.header(), section.doc);
        out.push_str("| Option | Type | Default | Meaning |\n|---|---|---|---|\n");
        for option in &section.options {
            let default = match &option.default {
                _ if option.is_required => "*required*".to_owned(),
                Some(default) => format!("`{default}`"),
                None => "–".to_owned(),
            };
            let mut meaning = option.doc.clone();
            if let Some(example) = &option.example {
                let _ = write!(meaning, " Example: `{} = {example}`.", option.name);
            }
            let meaning = meaning.replace('|', "\\|");
            let _ = writeln!(out, "| `{}` | {} | {default} | {meaning} |", option.name, option.kind);
        }
    }
    out
}

/// The text of `config/orgraph.toml`: every option with its comment.
pub fn example() -> String {
    let mut out = String::from(
        "# Every option of orgraph. Generated from the doc comments in crates/config.\n\
         #\n\
         # An option that is commented out shows its default, or an example where leaving it out means \"none\".\n\
         # Durations are text such as \"90s\", \"1h 30m\" or \"7d\". Relative paths begin in the folder of this file.\n",
    );
    for section in SECTIONS.iter() {
        let is_commented = COMMENTED_IN_EXAMPLE.contains(&section.name);
        let _ = write!(out, "\n{}", comment(&section.doc));
        let _ = writeln!(out, "{}{}", if is_commented { "#" } else { "" }, section.header());
        for option in &section.options {
            let is_set = !is_commented && SET_IN_EXAMPLE.contains(&option.name);
            let _ = write!(out, "\n{}", comment(&option.doc));
            let value = option.instance();
            let _ = writeln!(out, "{}{} = {value}", if is_set { "" } else { "#" }, option.name);
        }
    }
    out
}

/// Whether the option of this name holds a secret.
pub(crate) fn is_secret(name: &str) -> bool {
    options().any(|option| option.name == name && option.kind == SECRET)
}

/// Whether this is the name of an option that cannot hold a secret, not even by mistake.
pub(crate) fn is_plain(name: &str) -> bool {
    !name.ends_with("_env") && !is_secret(name) && options().any(|option| option.name == name)
}

/// The header of a section that has an option of this name.
pub(crate) fn section_with(name: &str) -> Option<String> {
    let has_option = |section: &&Section| section.options.iter().any(|option| option.name == name);
    SECTIONS.iter().find(has_option).map(Section::header)
}

/// What the option at this place of the file takes, in words: "a duration". Nothing for a section.
pub(crate) fn expected(keys: &[&str]) -> Option<String> {
    if keys.len() < 2 {
        return None;
    }
    let kind = keys.iter().try_fold(&*SCHEMA, |schema, key| below(schema, key)).map(kind)?;
    let article = match kind.split(' ').next().unwrap_or_default() {
        "text" | "secret" => "",
        first if first.starts_with('`') => "",
        first if first.starts_with(['a', 'i']) => "an ",
        _ => "a ",
    };
    Some(format!("{article}{kind}"))
}

/// The schema of what is written under this key.
fn below<'a>(schema: &'a Value, key: &str) -> Option<&'a Value> {
    let direct = schema.get("properties").map(|properties| properties.get(key));
    if let Some(property) = direct {
        return property;
    }
    let either = schema.get("anyOf").and_then(Value::as_array).and_then(|kinds| kinds.first());
    match schema.get("items").or(either) {
        Some(inner) => below(inner, key),
        None => schema.get("additionalProperties"),
    }
}

/// A line somebody could write at this place of the file.
pub(crate) fn instance(keys: &[&str]) -> Option<String> {
    if let Some(option) = option_at(keys) {
        return Some(format!("{} = {}", option.name, option.instance()));
    }
    header(keys.first()?).map(|header| format!("{header} on a line of its own"))
}

/// The header of a section.
pub(crate) fn header(name: &str) -> Option<String> {
    SECTIONS.iter().find(|section| section.name == name).map(Section::header)
}

/// The option at this place of the file, or the one this place is in.
fn option_at(keys: &[&str]) -> Option<&'static OptionDoc> {
    let [section, option, ..] = keys else { return None };
    let section = SECTIONS.iter().find(|it| it.name == *section)?;
    section.options.iter().find(|it| it.name == *option)
}

fn options() -> impl Iterator<Item = &'static OptionDoc> {
    SECTIONS.iter().flat_map(|section| &section.options)
}

const SECRET: &str = "secret text";

/// Stands for a secret in the schema.
pub(crate) struct Secret;

impl JsonSchema for Secret {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-kind": SECRET })
    }
}

/// A section, described.
struct Section {
    name: &'static str,
    doc: String,
    options: Vec<OptionDoc>,
}

/// An option, described.
struct OptionDoc {
    name: &'static str,
    kind: String,
    doc: String,
    /// As TOML; nothing when leaving the option out is not the same as any value.
    default: Option<String>,
    /// As TOML.
    example: Option<String>,
    is_required: bool,
}

static SECTIONS: LazyLock<Vec<Section>> =
    LazyLock::new(|| fields::<Config>().iter().map(|name| section(name)).collect());

/// The whole file, described for machines.
pub(crate) static SCHEMA: LazyLock<Value> = LazyLock::new(schema::<Config>);

fn section(name: &'static str) -> Section {
    match name {
        "database" => describe::<Database>(name),
        "organization" => describe::<Organization>(name),
        "account" => describe::<Account>(name),
        "polling" => describe::<Polling>(name),
        "regions" => describe::<Regions>(name),
        "services" => describe::<Services>(name),
        "limits" => describe::<Limits>(name),
        "tags" => describe::<Tags>(name),
        "people" => describe::<People>(name),
        "domains" => describe::<Domains>(name),
        "networks" => describe::<Networks>(name),
        "policies" => describe::<Policies>(name),
        "aws" => describe::<Aws>(name),
        "http" => describe::<Http>(name),
        "query" => describe::<Query>(name),
        "history" => describe::<History>(name),
        "guard" => describe::<Guard>(name),
        "log" => describe::<Log>(name),
        "daemon" => describe::<Daemon>(name),
        other => unreachable!("section {other} is described nowhere"),
    }
}

fn describe<T: DeserializeOwned + Serialize + JsonSchema + Default>(name: &'static str) -> Section {
    let schema = schema::<T>();
    let defaults = toml::Value::try_from(T::default()).ok();
    let option = |name: &&'static str| {
        let property = schema.pointer(&format!("/properties/{name}")).unwrap_or(&Value::Null);
        let example = property.get("x-example").and_then(|it| toml::Value::try_from(it).ok());
        let default = defaults.as_ref().and_then(|table| table.get(name));
        OptionDoc {
            name,
            kind: kind(property),
            doc: doc(property),
            default: default.map(ToString::to_string),
            example: example.as_ref().map(ToString::to_string),
            is_required: property.get("x-required").is_some(),
        }
    };
    Section { name, doc: doc(&schema), options: fields::<T>().iter().map(option).collect() }
}

fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::default().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

impl Section {
    /// `[name]`, or `[[name]]` for what may be repeated.
    fn header(&self) -> String {
        if self.name == "account" { format!("[[{}]]", self.name) } else { format!("[{}]", self.name) }
    }
}

impl OptionDoc {
    /// What somebody might write: the example, else the default.
    fn instance(&self) -> &str {
        self.example.as_deref().or(self.default.as_deref()).unwrap_or("\"\"")
    }
}

fn doc(schema: &Value) -> String {
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The type of an option in words.
fn kind(schema: &Value) -> String {
    if let Some(kind) = schema.get("x-kind").and_then(Value::as_str) {
        return kind.to_owned();
    }
    let list = |name: &str| schema.get(name).and_then(Value::as_array);
    if let Some(kinds) = list("anyOf") {
        // An option that may be left out: the other kind is null.
        return kinds.first().map(kind).unwrap_or_default();
    }
    if let Some(values) = list("oneOf") {
        let values = values.iter().filter_map(|value| value.get("const")).map(|value| format!("`{value}`"));
        return values.collect::<Vec<_>>().join(" or ");
    }
    let name = match schema.get("type") {
        Some(Value::Array(kinds)) => kinds.first().and_then(Value::as_str),
        Some(kind) => kind.as_str(),
        None => None,
    };
    match name.unwrap_or_default() {
        "boolean" => "`true` or `false`".to_owned(),
        "string" => "text".to_owned(),
        "integer" => "whole number".to_owned(),
        "array" => format!("list of {}", schema.get("items").map(kind).unwrap_or_default()),
        "object" => match schema.get("additionalProperties").filter(|values| values.is_object()) {
            Some(values) => format!("table of {}", kind(values)),
            None => "table".to_owned(),
        },
        other => other.to_owned(),
    }
}

/// Text as TOML comments, wrapped.
fn comment(text: &str) -> String {
    let mut out = String::new();
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.len() + 1 + word.len() > 110 {
            out.push_str(&line);
            out.push('\n');
            "#".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(word);
    }
    out.push_str(&line);
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_says_what_it_is() {
        for section in SECTIONS.iter() {
            assert!(!section.doc.is_empty(), "{} has no doc comment", section.header());
            for option in &section.options {
                let name = format!("{} {}", section.header(), option.name);
                assert!(!option.doc.is_empty(), "{name} has no doc comment");
                assert!(!option.kind.is_empty(), "{name} has no type");
                assert!(option.default.is_some() || option.example.is_some(), "{name} has no example");
            }
        }
    }
}
