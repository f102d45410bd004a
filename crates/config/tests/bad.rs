//! One file for each kind of mistake in `tests/bad/`, and beside it what is said about it. `UPDATE=1` writes the
//! expected messages anew.

use std::fs;
use std::path::Path;

use miette::{GraphicalReportHandler, GraphicalTheme};
use orgraph_config::{Problems, parse};

const SERVICES: [&str; 7] = ["account", "ec2", "iam", "lambda", "organizations", "rds", "s3"];

/// What the bad files use as external IDs and passwords; it must not be seen anywhere.
const PLANTED: &str = "planted";

fn env(name: &str) -> Option<String> {
    match name {
        "SHORT" => Some("x".to_owned()),
        "PLANTED_MYSQL_URL" => Some(format!("mysql://root:{PLANTED}@localhost/orgraph")),
        _ => None,
    }
}

fn rendered(problems: &Problems) -> String {
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(100)
        .with_links(false)
        .with_context_lines(1);
    let mut out = String::new();
    handler.render_report(&mut out, problems).expect("text can be written to a string");
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

#[test]
fn every_mistake_is_shown_where_it_is_with_what_to_write_instead() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad");
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    assert!(files.len() >= 25, "only {} bad files", files.len());

    let mut different = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();

        let Err(problems) = parse(&name, &text, &SERVICES, &env) else { panic!("{name} is accepted") };

        let shown = rendered(&problems);
        assert!(!shown.contains(PLANTED), "{name} shows a secret:\n{shown}");
        assert!(!format!("{problems:?}").contains(PLANTED), "{name} has a secret in Debug");
        for problem in problems.iter() {
            assert!(problem.line().is_some(), "{name}: `{problem}` is on no line");
            assert!(problem.help.is_some(), "{name}: `{problem}` does not say what to write instead");
        }
        let expected = file.with_extension("txt");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, &shown).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != shown {
            different.push(format!("{name}:\n{shown}"));
        }
    }
    assert!(different.is_empty(), "other messages than expected:\n{}", different.join("\n"));
}
