//! Who may know whom. `docs/ARCHITECTURE.md` draws the same table.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use super::{assert_none, inside, root};

/// Each crate with the crates it may depend on, and nothing else of the workspace.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("config", &["model"]),
    ("plan", &["model"]),
    ("link", &["model"]),
    ("spill", &["model"]),
    ("collect", &["model", "spill"]),
    ("aws-identity", &["model", "collect"]),
    ("aws-ec2", &["model", "collect"]),
    ("aws-compute", &["model", "collect"]),
    ("aws-edge", &["model", "collect"]),
    ("aws-data", &["model", "collect"]),
    ("aws-operations", &["model", "collect"]),
    (
        "catalog",
        &[
            "model",
            "collect",
            "link",
            "aws-identity",
            "aws-ec2",
            "aws-compute",
            "aws-edge",
            "aws-data",
            "aws-operations",
        ],
    ),
    // What may be committed is decided by pure functions of `plan`.
    ("query", &["model"]),
    ("store", &["model", "plan", "spill"]),
    // Runs pure functions of `link` on what is stored.
    ("linking", &["model", "link", "store"]),
    ("embedded", &[]),
    ("testkit", &["model", "embedded"]),
    (
        "daemon",
        &[
            "model",
            "config",
            "plan",
            "link",
            "collect",
            "aws-identity",
            "aws-ec2",
            "aws-compute",
            "aws-edge",
            "aws-data",
            "aws-operations",
            "catalog",
            "store",
            "query",
            "linking",
            "embedded",
        ],
    ),
    ("tests", &[]),
];

/// Besides, tests of every crate may use the test kit, and the tests of the whole may use everything.
const FOR_TESTS: &str = "testkit";

/// What the tests of a crate may use besides: those of `query` need the tables that `store` makes.
const FOR_TESTS_OF: &[(&str, &str)] = &[("query", "store")];

/// Crates from outside that only some of ours may know: the beginning of the name, and who.
const RESERVED: &[(&str, &[&str])] = &[
    (
        "aws-",
        &["collect", "aws-identity", "aws-ec2", "aws-compute", "aws-edge", "aws-data", "aws-operations"],
    ),
    ("sqlx", &["store", "query", "embedded", "daemon", "testkit", "tests"]),
    ("graphile_worker", &["daemon"]),
    ("clap", &["daemon"]),
    ("anyhow", &["daemon", "testkit", "tests"]),
    ("toml", &["config", "catalog", "link", "query", "tests"]),
    ("axum", &["daemon", "tests"]),
];

/// Crates whose functions are plain: no runtime, no I/O, no clock.
const PURE: [&str; 4] = ["model", "plan", "config", "link"];

/// What a pure crate does without.
const IMPURE: [&str; 7] = ["tokio", "futures-util", "hyper", "sqlx", "rand", "reqwest", "tracing"];

struct Package {
    name: String,
    folder: String,
    /// Names, and whether it is for tests only.
    dependencies: Vec<(String, bool)>,
}

#[test]
fn no_crate_knows_another_that_it_must_not() {
    let may_know: BTreeMap<&str, &[&str]> = MAY_KNOW.iter().copied().collect();
    let mut wrong = Vec::new();
    for package in packages() {
        let Some(allowed) = may_know.get(package.name.as_str()) else {
            wrong.push(format!("{} is not in the table of layers", package.name));
            continue;
        };
        for (dependency, for_tests) in &package.dependencies {
            let Some(known) = dependency.strip_prefix("orgraph-") else { continue };
            let is_granted = FOR_TESTS_OF.contains(&(package.name.as_str(), known));
            let in_tests = *for_tests && (package.name == "tests" || known == FOR_TESTS || is_granted);
            if !allowed.contains(&known) && !in_tests {
                wrong.push(format!("{} depends on {known}", package.name));
            }
        }
    }
    assert_none("forbidden dependencies", &wrong);
}

#[test]
fn a_crate_from_outside_stays_where_it_belongs() {
    let mut wrong = Vec::new();
    for package in packages() {
        for (dependency, for_tests) in &package.dependencies {
            for (reserved, users) in RESERVED {
                if dependency.starts_with(reserved) && !for_tests && !users.contains(&package.name.as_str()) {
                    wrong.push(format!("{} depends on {dependency}", package.name));
                }
            }
            let impure = IMPURE.contains(&dependency.as_str()) && !for_tests;
            if impure && PURE.contains(&package.name.as_str()) {
                wrong.push(format!("{} is pure and depends on {dependency}", package.name));
            }
        }
    }
    assert_none("crates where they do not belong", &wrong);
}

#[test]
fn the_table_of_layers_has_no_crate_too_many() {
    let packages = packages();
    for (name, _) in MAY_KNOW {
        assert!(packages.iter().any(|it| it.name == *name), "there is no crate {name}");
    }
}

#[test]
fn every_package_is_called_like_its_folder_and_takes_the_lints_of_the_workspace() {
    let mut wrong = Vec::new();
    for package in packages() {
        let folder =
            if package.name == "tests" { "tests".to_owned() } else { format!("crates/{}", package.name) };
        if package.folder != folder {
            wrong.push(format!("orgraph-{} lies in {}", package.name, package.folder));
        }
        let manifest = std::fs::read_to_string(inside(&package.folder).join("Cargo.toml")).unwrap();
        if !manifest.contains("[lints]\nworkspace = true\n") {
            wrong.push(format!("{} does not take the lints of the workspace", package.name));
        }
        let versions =
            manifest.lines().filter(|it| it.contains("version = \"") || it.contains("path = \".."));
        wrong.extend(versions.map(|it| format!("{}: {it} belongs in the root Cargo.toml", package.name)));
    }
    assert_none("packages out of order", &wrong);
}

fn packages() -> Vec<Package> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages.iter().map(package).collect()
}

fn package(value: &Value) -> Package {
    let name = value["name"].as_str().unwrap();
    let manifest = value["manifest_path"].as_str().unwrap();
    let folder = std::path::Path::new(manifest).parent().unwrap();
    let dependencies = value["dependencies"].as_array().unwrap().iter();
    Package {
        name: name.strip_prefix("orgraph-").unwrap_or_else(|| panic!("{name} is not orgraph-…")).to_owned(),
        folder: super::relative(folder),
        dependencies: dependencies
            .map(|it| (it["name"].as_str().unwrap().to_owned(), it["kind"].as_str() == Some("dev")))
            .collect(),
    }
}
