//! The files in `config/` and `docs/CONFIG.md` against the structs they describe.

use std::fs;
use std::path::{Path, PathBuf};

use orgraph_config::{Config, DatabasePlace, Interval, RegionList, parse};
use schemars::generate::SchemaSettings;
use secrecy::ExposeSecret;
use serde_json::Value;

const SERVICES: [&str; 7] = ["account", "ec2", "iam", "lambda", "organizations", "rds", "s3"];

fn env(name: &str) -> Option<String> {
    match name {
        "ORGRAPH_EXTERNAL_ID" => Some("made-up-external-id".to_owned()),
        "HOME" => Some("/home/orgraph".to_owned()),
        _ => None,
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("cannot read {path}: {error}"))
}

/// Compares a generated file with the one in the repository, or writes it when `UPDATE` is set.
fn is_generated(path: &str, text: &str) {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(root().join(path), text).expect("the repository can be written");
    }
    assert_eq!(read(path), text, "{path} is stale: run UPDATE=1 cargo test -p orgraph-config");
}

#[test]
fn the_reference_is_up_to_date() {
    is_generated("docs/CONFIG.md", &orgraph_config::reference());
}

#[test]
fn the_example_is_up_to_date() {
    is_generated("config/orgraph.toml", &orgraph_config::example());
}

#[test]
fn every_file_in_the_config_folder_parses() {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("config")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            let text = fs::read_to_string(&path).unwrap();
            let config = parse(&path.display().to_string(), &text, &SERVICES, &env)
                .unwrap_or_else(|problems| panic!("{:?}", miette::Report::new(problems)));
            assert!(config.warnings.is_empty(), "{:?}", config.warnings);
            names.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }

    for name in ["orgraph.toml", "orgraph.minimal.toml"] {
        assert!(names.iter().any(|it| it == name), "config/{name} is missing");
    }
}

#[test]
fn the_example_file_shows_every_field_of_every_struct() {
    let text = uncommented(&read("config/orgraph.toml"));
    let shown: toml::Table = toml::from_str(&text).unwrap();
    let settings = SchemaSettings::default().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<Config>().to_value();

    let mut paths = Vec::new();
    properties(&schema, "", &mut paths);

    assert!(paths.len() > 60, "{paths:?}");
    let missing: Vec<&String> = paths.iter().filter(|path| !has(&shown, path)).collect();
    assert!(missing.is_empty(), "config/orgraph.toml does not show {missing:?}");
}

#[test]
fn every_commented_option_of_the_example_file_is_one_somebody_could_use() {
    let text = uncommented(&read("config/orgraph.toml"));

    let problems = parse("config/orgraph.toml", &text, &SERVICES, &env).unwrap_err();

    // All options at once contradict each other in two ways, and the files they name are not here; nothing else may be
    // wrong.
    let wrong: Vec<String> = problems
        .iter()
        .map(ToString::to_string)
        .filter(|message| {
            !message.starts_with("only one of")
                && !message.contains("is for the embedded server")
                && !message.contains("No such file or directory")
        })
        .collect();
    assert_eq!(wrong, [""; 0]);
}

/// The file with the options that are commented out.
fn uncommented(text: &str) -> String {
    let is_option = |rest: &&str| rest.starts_with(|first: char| first.is_ascii_lowercase() || first == '[');
    text.lines()
        .map(|line| line.strip_prefix('#').filter(is_option).unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The path of everything the schema has a property for.
fn properties(schema: &Value, path: &str, out: &mut Vec<String>) {
    for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let path = format!("{path}/{name}");
        properties(property, &path, out);
        out.push(path);
    }
    if let Some(items) = schema.get("items") {
        properties(items, path, out);
    }
    for either in schema.get("anyOf").and_then(Value::as_array).into_iter().flatten() {
        properties(either, path, out);
    }
}

fn has(table: &toml::Table, path: &str) -> bool {
    let mut value = toml::Value::Table(table.clone());
    for key in path.split('/').skip(1) {
        if let toml::Value::Array(items) = &value {
            value = items[0].clone();
        }
        match value.get(key) {
            Some(inner) => value = inner.clone(),
            None => return false,
        }
    }
    true
}

#[test]
fn the_minimal_file_gets_every_default() {
    let config = parse("orgraph.toml", &read("config/orgraph.minimal.toml"), &SERVICES, &env).unwrap();

    let organization = config.organization.as_ref().unwrap();
    assert_eq!(organization.external_id.as_ref().unwrap().expose_secret(), "made-up-external-id");
    assert_eq!(
        (organization.skip_tag.key.as_str(), organization.skip_tag.value.as_str()),
        ("j1-integration", "SKIP")
    );
    assert!(organization.include_management_account && organization.auto_configure);
    assert_eq!(config.regions.include, RegionList::AllEnabled);
    assert!(matches!(config.polling.interval, Interval::Every(_)));
    assert_eq!(config.http.listen.to_string(), "127.0.0.1:9464");
    assert_eq!(config.aws.home_region(), "us-east-1");
    let DatabasePlace::Embedded { data_dir, bin_dir: None } = config.database.place() else {
        panic!("{:?}", config.database)
    };
    assert_eq!(data_dir, Path::new("/home/orgraph/.local/share/orgraph/postgres"));
    assert!(!format!("{config:?}").contains("made-up"), "a secret is in Debug");
}
