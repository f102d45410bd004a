//! What the library asks in J1QL and the documents in SQL, of an organization with everything in it.

use chrono::{DateTime, Utc};
use orgraph_query::j1ql::{self, Options, Words};
use orgraph_query::library::{self, Question};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::harness::{World, text};
use crate::repo::{assert_none, inside, queries};

/// Stands in the cookbook after a query that the sample answers with nothing, and says why.
const NO_ROW: &str = "<!-- No row on the sample: ";

/// Every question of the library gives rows to a reader, or says why it gives none; its columns are those it names, and
/// there is nothing to remark on.
pub(crate) async fn assert_library_is_answered(world: &World) {
    let mut reader = reader(world).await;
    let now: DateTime<Utc> =
        sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&mut reader).await.unwrap();
    let relationships: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT jsonb_object_keys(properties) FROM orgraph.relationship")
            .fetch_all(&mut reader)
            .await
            .unwrap();
    let words = words().with_properties(relationships);
    let mut wrong = Vec::new();
    for question in library::all() {
        if let Err(why) = answered(question, &words, &Options::at(now), &mut reader).await {
            wrong.push(format!("{}: {why}", question.id));
        }
    }
    assert_none("questions", &wrong);
}

async fn answered(
    question: &Question,
    words: &Words,
    options: &Options,
    reader: &mut PgConnection,
) -> Result<(), String> {
    let compiled = j1ql::compile(&question.j1ql, words, options).map_err(|it| it.to_string())?;
    if let Some(warning) = compiled.warnings.first() {
        return Err(warning.to_string());
    }
    let columns: Vec<&str> = compiled.columns.iter().map(|it| it.name.as_str()).collect();
    if columns != question.columns {
        return Err(format!("the columns are {columns:?}"));
    }
    let rows = compiled.statement().fetch_all(reader).await.map_err(|it| it.to_string())?;
    match &question.none {
        None if rows.is_empty() => Err("no row".to_owned()),
        Some(why) if !rows.is_empty() => Err(format!("{} rows, but: {why}", rows.len())),
        _ => Ok(()),
    }
}

/// The words of the data model, with the properties of its entities.
pub(crate) fn words() -> Words {
    // What the kit adds to every entity, and the organization to an account.
    let added = [
        "accountId",
        "arn",
        "classification",
        "displayName",
        "name",
        "owner",
        "region",
        "skipped",
        "webLink",
    ];
    let types = orgraph_catalog::types();
    let properties = types.iter().flat_map(|it| &it.properties).map(|it| it.name.as_str());
    Words::of_the_model().with_properties(properties.chain(added))
}

/// Every recipe of the cookbook gives rows to a reader, or says why it gives none.
pub(crate) async fn assert_cookbook_is_answered(world: &World) {
    let mut reader = reader(world).await;
    let cookbook = cookbook();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for recipe in cookbook.split("\n### ").skip(1) {
        let title = recipe.lines().next().unwrap_or_default();
        for query in queries(recipe) {
            asked += 1;
            let rows = sqlx::query(AssertSqlSafe(query)).fetch_all(&mut reader).await;
            let expects_none = recipe.contains(NO_ROW);
            match rows {
                Err(error) => wrong.push(format!("{title}: {error}")),
                Ok(rows) if rows.is_empty() != expects_none => {
                    wrong.push(format!("{title}: {} rows", rows.len()));
                }
                Ok(_) => {}
            }
        }
    }
    assert_none("recipes", &wrong);
    assert!(asked >= 30, "the cookbook has {asked} recipes");
}

/// The query of the cookbook finds the way from the Internet to the data of each account that has one.
pub(crate) async fn assert_way_to_buckets_is_found(world: &World) {
    let rows = answer(world, "From the Internet to a bucket").await;

    let member = member(world, "production-web");
    let (account, region) = (text(&member["id"]), text(&world.seed["regions"][0]));
    let here = &member["regions"][region];
    let arn = |kind: &str, id: &Value| format!("arn:aws:ec2:{region}:{account}:{kind}/{}", text(id));
    let ends: Vec<[String; 4]> = rows
        .iter()
        .filter(|it| {
            it.get::<&str, _>("account_id") == account && it.get::<&str, _>("instance").contains(region)
        })
        .map(|it| ["security_group", "instance", "role", "bucket"].map(|column| it.get(column)))
        .collect();
    let expected = [
        arn("security-group", &here["web_group_id"]),
        arn("instance", &here["instance_ids"][0]),
        format!("arn:aws:iam::{account}:role/app/app"),
        "arn:aws:s3:::orgraph-production-web-data".to_owned(),
    ];
    assert_eq!(ends, [expected], "one instance of the region is public and has a role");
}

/// The query of the cookbook finds the roles that lead from the management account into two others.
pub(crate) async fn assert_role_chain_is_found(world: &World) {
    let rows = answer(world, "From role to role across accounts").await;

    let accounts = [
        text(&world.seed["management"]["id"]).to_owned(),
        world.member("production-web"),
        world.member("payments"),
    ];
    let role = |step: usize| format!("arn:aws:iam::{}:role/release-{step}", accounts[step]);
    let chains: Vec<(String, String, Vec<String>)> = rows
        .iter()
        .map(|it| (it.get("from_account"), it.get("to_account"), it.get("roles")))
        .filter(|it: &(String, String, Vec<String>)| it.2.iter().any(|role| role.contains("/release-")))
        .collect();
    let expected = [(0, 2), (0, 1), (1, 2)].map(|(first, last)| {
        (accounts[first].clone(), accounts[last].clone(), (first..=last).map(role).collect::<Vec<_>>())
    });
    for chain in &expected {
        assert!(chains.contains(chain), "{chain:#?} is not in {chains:#?}");
    }
    let longest = chains.iter().max_by_key(|it| it.2.len()).unwrap();
    assert_eq!(longest, &expected[0]);
    let unasked = chains.iter().filter(|it| it.2[0].ends_with("/release-2"));
    assert_eq!(unasked.count(), 0, "nothing goes on from the last role");
}

async fn answer(world: &World, title: &str) -> Vec<sqlx::postgres::PgRow> {
    let cookbook = cookbook();
    let recipe = cookbook.split("\n### ").find(|it| it.lines().next() == Some(title));
    let recipe = recipe.unwrap_or_else(|| panic!("the cookbook has no recipe {title}"));
    let [query] = queries(recipe)[..] else { panic!("{title} is one query") };
    sqlx::query(AssertSqlSafe(query)).fetch_all(&mut reader(world).await).await.unwrap()
}

fn cookbook() -> String {
    std::fs::read_to_string(inside("docs/SQL-COOKBOOK.md")).unwrap()
}

/// A connection that may do what readers may.
async fn reader(world: &World) -> PgConnection {
    let mut reader = PgConnection::connect(world.db.url()).await.unwrap();
    sqlx::query("SET ROLE orgraph_reader").execute(&mut reader).await.unwrap();
    reader
}

fn member<'w>(world: &'w World, name: &str) -> &'w Value {
    let members = world.seed["members"].as_array().unwrap();
    members.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("no member {name}"))
}
