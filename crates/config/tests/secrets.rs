//! Secrets come from one place, are guarded there, and are never shown.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use orgraph_config::{Config, DatabasePlace, Problems, Purpose, load, parse};
use secrecy::ExposeSecret;

fn no_env(_: &str) -> Option<String> {
    None
}

/// A folder with a configuration that reads its external ID from a file with this text and mode.
fn with_file(secret: &str, mode: u32) -> Result<Config, Problems> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("external-id");
    fs::write(&file, secret).expect("a file in our own folder");
    fs::set_permissions(&file, Permissions::from_mode(mode)).expect("a file in our own folder");
    let config = folder.path().join("orgraph.toml");
    fs::write(&config, "[organization]\nexternal_id_file = \"external-id\"\n")
        .expect("a file in our own folder");
    load(&config, &["ec2"], Purpose::Collect)
}

#[test]
fn a_secret_file_is_found_beside_the_configuration_and_loses_its_line_break() {
    let config = with_file("planted-id\n", 0o600).unwrap();

    assert_eq!(config.organization.unwrap().external_id.unwrap().expose_secret(), "planted-id");
}

#[test]
fn a_secret_file_others_can_read_is_refused_with_the_command_that_helps() {
    for mode in [0o640, 0o604, 0o644, 0o620] {
        let problems = with_file("planted-id\n", mode).unwrap_err();

        let problem = problems.iter().next().unwrap();
        assert_eq!((problems.count(), problem.line()), (1, Some(2)));
        assert!(problem.message.contains("can be read by other users"), "{problem}");
        assert!(problem.help.as_ref().unwrap().starts_with("run: chmod 600 /"), "{:?}", problem.help);
    }
}

#[test]
fn an_empty_or_missing_secret_file_is_refused() {
    let empty = with_file("\n", 0o600).unwrap_err();
    let missing = "[organization]\nexternal_id_file = \"/nowhere/external-id\"\n";
    let missing = parse("orgraph.toml", missing, &["ec2"], &no_env).unwrap_err();

    assert!(empty.iter().next().unwrap().message.ends_with("is empty"));
    assert!(
        missing
            .iter()
            .next()
            .unwrap()
            .message
            .starts_with("cannot read the secret file /nowhere/external-id")
    );
}

#[test]
fn what_a_secret_file_holds_is_checked_without_being_shown() {
    let problems = with_file("planted id with spaces", 0o600).unwrap_err();

    assert_eq!(problems.iter().next().unwrap().message, "the external ID has a character AWS refuses");
    assert!(!format!("{:?}", miette::Report::new(problems)).contains("planted"));
}

#[test]
fn an_external_id_longer_than_aws_allows_is_refused() {
    let longest = with_file(&"x".repeat(1224), 0o600);
    let longer = with_file(&"x".repeat(1225), 0o600).unwrap_err();

    assert!(longest.is_ok());
    assert!(longer.iter().next().unwrap().message.starts_with("the external ID is longer than the 1224"));
}

#[test]
fn a_variable_gives_the_database_url() {
    let text = "[database]\nurl_env = \"DATABASE\"\n[[account]]\nid = \"123456789012\"\n\
                role_arn = \"arn:aws:iam::123456789012:role/reader\"\n";
    let env = |name: &str| (name == "DATABASE").then(|| "postgres://orgraph:planted@db/orgraph".to_owned());

    let config = parse("orgraph.toml", text, &["ec2"], &env).unwrap();

    let DatabasePlace::Url(url) = config.database.place() else { panic!("not a URL") };
    assert_eq!(url.expose_secret(), "postgres://orgraph:planted@db/orgraph");
    assert!(!format!("{config:?}").contains("planted"));
}

#[test]
fn a_role_without_external_id_is_allowed_with_a_warning() {
    let text = "[organization]\nmember_role_name = \"reader\"\n[[account]]\nid = \"123456789012\"\n\
                role_arn = \"arn:aws:iam::123456789012:role/reader\"\n";

    let config = parse("orgraph.toml", text, &["ec2"], &no_env).unwrap();

    let warnings: Vec<(Option<usize>, String)> =
        config.warnings.iter().map(|warning| (warning.line(), warning.message.clone())).collect();
    assert_eq!(
        warnings,
        [
            (Some(1), "the roles of all members are assumed without an external ID".to_owned()),
            (Some(5), "the role of account 123456789012 is assumed without an external ID".to_owned()),
        ]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_one_problem() {
    let problems = load(Path::new("/nowhere/orgraph.toml"), &[], Purpose::Collect).unwrap_err();

    assert_eq!(problems.count(), 1);
    assert!(problems.iter().next().unwrap().message.starts_with("cannot read /nowhere/orgraph.toml"));
}

#[test]
fn who_only_asks_needs_no_secret_but_that_of_the_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("orgraph.toml");
    let text = "[database]\nurl_file = \"database-url\"\n[organization]\nexternal_id_env = \"ORGRAPH_NOT_SET\"\n\
                [[account]]\nid = \"111111111111\"\nrole_arn = \"arn:aws:iam::111111111111:role/r\"\n\
                external_id_file = \"not-here\"\n[http]\ntoken_file = \"not-here-either\"\n";
    fs::write(&file, text).expect("a file in our own folder");
    let lines = |problems: Problems| problems.iter().map(|it| it.line().unwrap()).collect::<Vec<_>>();

    let of_all = lines(load(&file, &["ec2"], Purpose::Collect).unwrap_err());
    let of_database = lines(load(&file, &["ec2"], Purpose::Ask).unwrap_err());
    let url = folder.path().join("database-url");
    fs::write(&url, "postgresql://reader@localhost/graph").expect("a file in our own folder");
    fs::set_permissions(&url, Permissions::from_mode(0o600)).expect("a file in our own folder");
    let config = load(&file, &["ec2"], Purpose::Ask).unwrap();

    assert_eq!((of_all, of_database), (vec![2, 4, 8, 10], vec![2]));
    assert!(config.organization.unwrap().external_id.is_none());
    assert!(config.http.token.is_none() && config.warnings.is_empty(), "{:?}", config.warnings);
}
