//! Documents, examples and generated files are what they claim to be.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::{File, assert_none, files, inside, root};

#[test]
fn generated_files_are_what_would_be_generated() {
    let differences: Vec<String> = orgraph_catalog::check(root()).iter().map(ToString::to_string).collect();
    assert_none("run `orgraph catalog write`", &differences);
}

#[test]
fn every_configuration_file_is_accepted() {
    let services = orgraph_catalog::services();
    let services: Vec<&str> = services.iter().map(|it| it.name).collect();
    let configurations = files(&[".toml"]).into_iter().filter(|it| it.path.starts_with("config/"));
    let mut seen = 0;
    for file in configurations {
        let env = |_: &str| Some("an-external-id-nobody-guesses".to_owned());
        let read = orgraph_config::parse(&file.path, &file.text, &services, &env);
        assert!(read.is_ok(), "{}: {:?}", file.path, read.err());
        seen += 1;
    }
    assert!(seen >= 2, "config/ has {seen} files");
}

#[test]
fn every_link_leads_somewhere() {
    let documents = files(&[".md"]);
    let mut wrong = Vec::new();
    for document in &documents {
        for link in links(&document.text) {
            // Addresses elsewhere are not asked, and links to items are checked by rustdoc.
            if link.contains("::") || link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { document.path.clone() } else { resolved(&document.path, path) };
            if !inside(&target).exists() {
                wrong.push(format!("{}: {link}", document.path));
            } else if !anchor.is_empty()
                && let Some(other) = documents.iter().find(|it| it.path == target)
                && !anchors(&other.text).contains(anchor)
            {
                wrong.push(format!("{}: {link} has no such heading", document.path));
            }
        }
    }
    assert_none("links that lead nowhere", &wrong);
}

#[test]
fn every_make_target_that_is_named_exists() {
    let makefile = std::fs::read_to_string(inside("Makefile")).unwrap();
    let targets: BTreeSet<&str> = makefile
        .lines()
        .filter(|it| !it.starts_with(['\t', ' ', '#', '.']))
        .filter_map(|it| it.split_once(':'))
        .filter(|it| !it.1.starts_with('='))
        .map(|it| it.0.trim())
        .collect();
    let mut wrong = Vec::new();
    let mut named = 0;
    for document in written() {
        for target in make_targets(&document.text) {
            named += 1;
            if !targets.contains(target) {
                wrong.push(format!("{}: make {target}", document.path));
            }
        }
    }
    assert!(named > 0, "no document names a make target");
    assert_none("make targets that do not exist", &wrong);
}

#[test]
fn every_file_that_is_named_exists() {
    // A name in backticks with a folder of the repository at its beginning is a promise.
    let folders = ["crates/", "config/", "deploy/", "docs/", "tests/"];
    let mut wrong = Vec::new();
    for document in written() {
        for name in document.text.split('`').skip(1).step_by(2) {
            let is_path = folders.iter().any(|it| name.starts_with(it))
                && !name.contains(['<', '{', '*', ' ', '\n', '…']);
            if is_path && !inside(name).exists() && !inside(&resolved(&document.path, name)).exists() {
                wrong.push(format!("{}: {name}", document.path));
            }
        }
    }
    assert_none("files that do not exist", &wrong);
}

/// The documents that people wrote.
fn written() -> impl Iterator<Item = File> {
    files(&[".md"]).into_iter().filter(|it| !it.text.starts_with("<!-- Generated"))
}

/// The targets of `[text](target)`, outside of blocks of code.
fn links(text: &str) -> Vec<&str> {
    let mut links = Vec::new();
    for line in prose(text) {
        for part in line.split("](").skip(1) {
            links.extend(part.split_once(')').map(|it| it.0));
        }
    }
    links
}

fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    })
}

/// The anchors of the headings, as GitHub makes them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter(|it| it.starts_with('#'));
    headings
        .map(|it| {
            let title = it.trim_start_matches('#').trim().to_lowercase();
            let kept = title.chars().filter(|it| it.is_alphanumeric() || matches!(it, ' ' | '-' | '_'));
            kept.map(|it| if it == ' ' { '-' } else { it }).collect()
        })
        .collect()
}

fn make_targets(text: &str) -> Vec<&str> {
    let commands = text.match_indices("make ").filter(|(at, _)| is_command(&text[..*at]));
    let targets = commands.map(|(at, make)| {
        let rest = &text[at + make.len()..];
        let end = rest.find(|it: char| !it.is_ascii_lowercase() && it != '-').unwrap_or(rest.len());
        &rest[..end]
    });
    targets.filter(|it| !it.is_empty()).collect()
}

/// Whether `make` stands where a command does: at the beginning of a line, or of code in a sentence.
fn is_command(before: &str) -> bool {
    let line = before.rsplit('\n').next().unwrap_or_default();
    let in_block = before.matches("```").count() % 2 == 1;
    before.ends_with('`') || (in_block && matches!(line.trim(), "" | "$"))
}

fn resolved(document: &str, link: &str) -> String {
    let folder = Path::new(document).parent().unwrap_or(Path::new(""));
    let mut path = PathBuf::new();
    for part in folder.join(link).components() {
        match part {
            Component::ParentDir => drop(path.pop()),
            Component::CurDir => {}
            other => path.push(other),
        }
    }
    path.to_string_lossy().into_owned()
}

#[test]
fn links_targets_and_anchors_are_found() {
    assert_eq!(links("a [b](c.md#d) e\n```\n[no](no)\n```\n[f](g)"), ["c.md#d", "g"]);
    assert_eq!(make_targets("make it so. Run `make test`.\n\n```sh\nmake demo\n```\n"), ["test", "demo"]);
    assert!(anchors("## The `catalog`, 2nd part\n").contains("the-catalog-2nd-part"));
    assert_eq!(resolved("docs/data-model/a.md", "../b.md"), "docs/b.md");
}
