//! Paths from rows in PostgreSQL, read as `orgraph_reader`.

use std::time::Duration;

use orgraph_query::paths::{ExposedOptions, Filter, Graph, Limits, Path, PathError, WalkOptions, Way};
use orgraph_query::render::dot;
use orgraph_query::{AnswerGraph, AskError, Reader, ReaderSettings};
use orgraph_testkit::TestDb;
use serde_json::{Value, json};

use crate::graph_db::migrated;

const TIMEOUT: Duration = Duration::from_secs(20);

const ENTITY: &str = "INSERT INTO orgraph_internal.entity
  (id, partition_id, placeholder, type, class, account_id, region, key, name, display_name, content_hash, first_seen,
   valid_from, properties, tags)
SELECT orgraph.entity_id($1), 1, $2, $3, $4, '111111111111', 'eu-west-1', $1, $5, $5, orgraph.entity_id($1), now(), now(),
  $6, '{}'";

const RELATIONSHIP: &str = "WITH kind AS (
  INSERT INTO orgraph_internal.relationship_type (from_type, verb, to_type, name)
  VALUES ($1, $2, $3, lower($1 || '_' || $2 || '_' || $3))
  ON CONFLICT (from_type, verb, to_type) DO UPDATE SET name = EXCLUDED.name
  RETURNING rel_type
)
INSERT INTO orgraph_internal.relationship
  (from_id, to_id, rel_type, partition_id, content_hash, first_seen, valid_from, discriminator, from_key, to_key,
   properties)
SELECT orgraph.entity_id($4), orgraph.entity_id($5), k.rel_type, 1, orgraph.entity_id($4), now(), now(), $6, $4, $5, $7
FROM kind AS k";

const PARTITIONS: &str = "INSERT INTO orgraph_internal.partition
  (account_id, region, collector, status, entities, relationships, last_complete_at)
VALUES
  ('111111111111', 'eu-west-1', 'ec2_instances', 'complete', 6, 7, '2026-01-02T00:00:00Z'),
  ('111111111111', 'eu-west-1', 's3_buckets', 'denied_iam', 1, 0, '2026-01-01T00:00:00Z'),
  ('111111111111', 'us-west-2', 'ec2_instances', 'region_disabled', 0, 0, NULL)";

type Entity = (&'static str, &'static [&'static str], &'static str, &'static str, Value);
type Relationship =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, Option<Value>);

fn entities() -> [Entity; 6] {
    [
        ("internet", &["Internet", "Network"], "global:internet", "Internet", json!({})),
        ("aws_security_group", &["Firewall"], "arn:aws:ec2::1:sg/sg-1", "front", json!({"public": true})),
        ("aws_instance", &["Host"], "arn:aws:ec2::1:instance/i-1", "web", json!({"public": true})),
        ("aws_iam_role", &["AccessRole"], "arn:aws:iam::1:role/web", "web", json!({})),
        ("aws_iam_role_policy", &["AccessPolicy"], "aws_iam_role_policy:web:data", "data", json!({})),
        ("aws_s3_bucket", &["DataStore"], "arn:aws:s3:::data", "data \"store\"", json!({"public": false})),
    ]
}

fn relationships() -> Vec<Relationship> {
    let rule = |ingress: bool, port: &str| {
        Some(
            json!({"ingress": ingress, "egress": !ingress, "ipProtocol": "tcp", "portRange": port, "cidr": "0.0.0.0/0"}),
        )
    };
    let permission = json!({
        "actions": ["s3:GetObject"], "normalizedActions": ["s3:getobject"], "resources": ["arn:aws:s3:::data/*"],
        "read": true, "write": false, "hasCondition": true, "sids": [],
    });
    let (group, machine) = ("arn:aws:ec2::1:sg/sg-1", "arn:aws:ec2::1:instance/i-1");
    let (actor, policy) = ("arn:aws:iam::1:role/web", "aws_iam_role_policy:web:data");
    vec![
        ("internet", "ALLOWS", "aws_security_group", "global:internet", group, "443", rule(true, "443")),
        ("internet", "ALLOWS", "aws_security_group", "global:internet", group, "80", rule(true, "80")),
        ("aws_security_group", "ALLOWS", "internet", group, "global:internet", "all", rule(false, "*")),
        ("aws_security_group", "PROTECTS", "aws_instance", group, machine, "", None),
        ("aws_instance", "USES", "aws_iam_role", machine, actor, "", None),
        ("aws_iam_role", "HAS", "aws_iam_role_policy", actor, policy, "", None),
        ("aws_iam_role_policy", "ALLOWS", "aws_s3_bucket", policy, "arn:aws:s3:::data", "", Some(permission)),
        // Two ends that are not stored.
        ("aws_iam_role", "TRUSTS", "aws_account", actor, "arn:aws:iam::2:root", "", None),
        ("aws_vpc", "HAS", "aws_security_group", "arn:aws:ec2::1:vpc/vpc-1", group, "", None),
    ]
}

async fn stored() -> (TestDb, Reader) {
    let db = migrated().await;
    let pool = db.pool();
    sqlx::query(PARTITIONS).execute(&pool).await.unwrap();
    for (type_name, class, key, name, properties) in entities() {
        let row = sqlx::query(ENTITY).bind(key).bind(type_name == "internet").bind(type_name).bind(class);
        row.bind(name).bind(properties).execute(&pool).await.unwrap();
    }
    for (from_type, verb, to_type, from, to, discriminator, properties) in relationships() {
        let row = sqlx::query(RELATIONSHIP).bind(from_type).bind(verb).bind(to_type).bind(from).bind(to);
        row.bind(discriminator).bind(properties).execute(&pool).await.unwrap();
    }
    let reader = reader(&db).await;
    (db, reader)
}

/// With one connection, so that what is broken on it shows.
async fn reader(db: &TestDb) -> Reader {
    let settings = ReaderSettings { max_connections: 1, ..ReaderSettings::default() };
    Reader::connect(db.url(), &settings).await.unwrap()
}

async fn loaded(reader: &Reader) -> Graph {
    reader.load_graph(&Limits::default(), TIMEOUT).await.unwrap()
}

fn keys(path: &Path) -> Vec<&str> {
    path.nodes().map(|it| &*it.key).collect()
}

#[tokio::test]
async fn a_path_says_what_its_relationships_say() {
    let (_db, reader) = stored().await;
    let graph = loaded(&reader).await;
    let (from, to) = (graph.find("Internet").unwrap(), graph.find("aws_s3_bucket:data \"store\"").unwrap());

    let mut paths = graph.shortest(from, to, &Filter::default(), 5).unwrap();
    reader.explain_paths(&mut paths, TIMEOUT).await.unwrap();

    assert_eq!(paths.len(), 1);
    assert_eq!((paths[0].hops, keys(&paths[0])[5]), (5, "arn:aws:s3:::data"));
    let rules: Vec<_> = paths[0].steps[0]
        .relationships
        .iter()
        .map(|it| {
            (it.reversed, it.facts.iter().filter_map(|fact| fact.summary.as_deref()).collect::<Vec<_>>())
        })
        .collect();
    assert_eq!(
        rules,
        [(false, vec!["tcp 443 from 0.0.0.0/0", "tcp 80 from 0.0.0.0/0"]), (true, vec!["tcp to 0.0.0.0/0"])]
    );
    let permission = &paths[0].steps[4].relationships[0];
    assert!(permission.conditional);
    assert_eq!(
        permission.facts[0].summary.as_deref(),
        Some("s3:GetObject on arn:aws:s3:::data/* under conditions")
    );
    assert_eq!(
        Value::Object(permission.facts[0].properties.clone()),
        json!({"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::data/*"], "read": true, "hasCondition": true})
    );
}

#[tokio::test]
async fn the_bucket_behind_an_open_machine_is_exposed() {
    let (_db, reader) = stored().await;
    let graph = loaded(&reader).await;

    let mut found = graph.exposed(&ExposedOptions::default()).unwrap();
    reader.explain_paths(found.exposed.iter_mut().map(|it| &mut it.path), TIMEOUT).await.unwrap();

    assert_eq!((found.total, found.data_stores), (1, 1));
    assert_eq!((found.exposed[0].way, found.exposed[0].hops), (Way::Identity, 5));
    let rules = &found.exposed[0].path.steps[0].relationships;
    assert_eq!((rules.len(), rules[0].facts.len()), (1, 2));
    let drawn = dot(&AnswerGraph::of_paths(found.exposed.iter().map(|it| &it.path)));
    assert!(drawn.contains(r#""global:internet" -> "arn:aws:ec2::1:sg/sg-1" [label="ALLOWS\ntcp 443 from 0.0.0.0/0\nand 1 more", "#), "{drawn}");
    assert!(drawn.contains(r#"[label="data \"store\"\naws_s3_bucket", "#), "{drawn}");
}

#[tokio::test]
async fn what_exposure_needs_of_the_graph_gives_the_answer_of_the_whole() {
    let (_db, reader) = stored().await;
    let whole = loaded(&reader).await;
    for walk in [WalkOptions::default(), WalkOptions { lateral: true, ..WalkOptions::default() }] {
        let part = reader.load_access(walk, &Limits::default(), TIMEOUT).await.unwrap();

        assert!(part.relationships() < whole.relationships());
        let options = ExposedOptions { walk, ..ExposedOptions::default() };
        let exposed = |graph: &Graph| serde_json::to_value(graph.exposed(&options).unwrap()).unwrap();
        assert_eq!(exposed(&part), exposed(&whole));
    }
}

/// From the policy to an account, from its services to a role, and from that to other services: wholes of which the parts
/// are reached. Others are not.
async fn add_wholes(db: &TestDb) {
    let pool = db.pool();
    let entities: [(&str, &[&str], &str); 9] = [
        ("aws_account", &["Account"], "account"),
        ("aws_iam", &["Service"], "iam"),
        ("aws_iam_role", &["AccessRole"], "role"),
        ("aws_iam_role_policy", &["AccessPolicy"], "policy"),
        ("aws_s3", &["Service"], "s3"),
        ("aws_s3_bucket", &["DataStore"], "bucket"),
        ("aws_s3", &["Service"], "s3 of others"),
        ("aws_s3_bucket", &["DataStore"], "bucket of others"),
        ("aws_sqs", &["Service"], "sqs"),
    ];
    for (type_name, class, key) in entities {
        let row = sqlx::query(ENTITY).bind(key).bind(false).bind(type_name).bind(class).bind(key);
        row.bind(json!({})).execute(&pool).await.unwrap();
    }
    let (admin, read) =
        (json!({"normalizedActions": [], "admin": true}), json!({"normalizedActions": [], "read": true}));
    let relationships = [
        (
            "aws_iam_role_policy",
            "ALLOWS",
            "aws_account",
            "aws_iam_role_policy:web:data",
            "account",
            Some(admin),
        ),
        ("aws_account", "HAS", "aws_iam", "account", "iam", None),
        ("aws_iam", "HAS", "aws_iam_role", "iam", "role", None),
        ("aws_iam_role", "HAS", "aws_iam_role_policy", "role", "policy", None),
        ("aws_iam_role_policy", "ALLOWS", "aws_s3", "policy", "s3", Some(read)),
        ("aws_s3", "HAS", "aws_s3_bucket", "s3", "bucket", None),
        ("aws_s3", "HAS", "aws_s3_bucket", "s3 of others", "bucket of others", None),
        ("aws_sqs", "HAS", "aws_sqs_queue", "sqs", "a queue that is not stored", None),
    ];
    for (from_type, verb, to_type, from, to, properties) in relationships {
        let row = sqlx::query(RELATIONSHIP).bind(from_type).bind(verb).bind(to_type).bind(from).bind(to);
        row.bind("").bind(properties).execute(&pool).await.unwrap();
    }
}

/// As many services more that the last policy allows to read, each with a bucket.
async fn add_services(db: &TestDb, count: i32) {
    let statement = "WITH service AS (
      SELECT 's3 ' || i AS key, 'bucket ' || i AS bucket FROM generate_series(1, $1) AS i
    ), entity AS (
      INSERT INTO orgraph_internal.entity (id, partition_id, placeholder, type, class, account_id, region, key, name,
        display_name, content_hash, first_seen, valid_from, properties, tags)
      SELECT orgraph.entity_id(n.key), 1, false, n.type, ARRAY[n.class], '1', '', n.key, n.key, n.key,
        orgraph.entity_id(n.key), now(), now(), '{}', '{}'
      FROM (
        SELECT s.key, 'aws_s3' AS type, 'Service' AS class FROM service AS s
        UNION ALL
        SELECT s.bucket, 'aws_s3_bucket', 'DataStore' FROM service AS s
      ) AS n
    )
    INSERT INTO orgraph_internal.relationship (from_id, to_id, rel_type, partition_id, content_hash, first_seen, valid_from,
      discriminator, from_key, to_key, properties)
    SELECT orgraph.entity_id(r.a), orgraph.entity_id(r.b), t.rel_type, 1, orgraph.entity_id(r.a), now(), now(), '', r.a, r.b,
      r.properties
    FROM (
      SELECT 'policy' AS a, s.key AS b, 'aws_iam_role_policy' AS from_type, 'aws_s3' AS to_type,
        '{\"normalizedActions\": [], \"read\": true}'::jsonb AS properties
      FROM service AS s
      UNION ALL
      SELECT s.key, s.bucket, 'aws_s3', 'aws_s3_bucket', NULL FROM service AS s
    ) AS r
    JOIN orgraph_internal.relationship_type AS t USING (from_type, to_type)";
    sqlx::query(statement).bind(count).execute(&db.pool()).await.unwrap();
}

#[tokio::test]
async fn parts_are_loaded_of_the_wholes_that_are_reached_and_once() {
    let (db, reader) = stored().await;
    add_wholes(&db).await;
    // What carries access, with what leads from the three wholes that are reached in turn.
    let few = 7 + 6;
    // So many that all parts are read, those of the first whole a second time.
    let many = 1100;
    for (services, relationships) in [(0, few), (many, few + 2 * 1100 + 2)] {
        add_services(&db, services).await;
        let whole = loaded(&reader).await;

        let walk = WalkOptions::default();
        let part = reader.load_access(walk, &Limits::default(), TIMEOUT).await.unwrap();

        assert_eq!(part.relationships(), relationships);
        let options = ExposedOptions { limit: usize::MAX, ..ExposedOptions::default() };
        let exposed = |graph: &Graph| serde_json::to_value(graph.exposed(&options).unwrap()).unwrap();
        assert_eq!(exposed(&part), exposed(&whole));
        assert_eq!(exposed(&part)["total"], 2 + services);
    }
}

#[tokio::test]
async fn ends_that_are_not_stored_have_their_key_and_type() {
    let (_db, reader) = stored().await;
    let graph = loaded(&reader).await;

    let account = graph.find("arn:aws:iam::2:root").unwrap();
    let network = graph.find("aws_vpc:vpc-1").unwrap();

    assert_eq!((graph.entities(), graph.relationships()), (8, 9));
    assert!(!graph.is_stored(account) && !graph.is_stored(network));
    assert_eq!((graph.node(account).state, graph.node(account).account_id), ("missing", None));
    assert_eq!(graph.node(graph.find("global:internet").unwrap()).state, "placeholder");
    let path = &graph.shortest(network, account, &Filter::default(), 1).unwrap()[0];
    assert_eq!(path.hops, 4);
    let radius = graph.blast_radius(account, WalkOptions::default(), 10);
    assert_eq!(
        radius.groups.iter().map(|it| &*it.type_name).collect::<Vec<_>>(),
        ["aws_iam_role", "aws_iam_role_policy", "aws_s3_bucket"]
    );
}

#[tokio::test]
async fn a_graph_that_does_not_fit_is_refused_and_the_reader_goes_on() {
    let (_db, reader) = stored().await;

    let refused = reader.load_graph(&Limits { max_bytes: 10_000 }, TIMEOUT).await.unwrap_err();

    assert!(matches!(refused, PathError::TooLarge { .. }), "{refused}");
    assert_eq!(loaded(&reader).await.entities(), 8);
}

#[tokio::test]
async fn an_empty_database_is_an_empty_graph() {
    let db = migrated().await;

    let graph = loaded(&reader(&db).await).await;

    assert_eq!((graph.entities(), graph.relationships()), (0, 0));
    assert_eq!(graph.exposed(&ExposedOptions::default()).unwrap().total, 0);
    assert!(matches!(graph.find("web"), Err(PathError::NotFound { .. })));
}

#[tokio::test]
async fn a_graph_that_takes_too_long_to_read_is_given_up() {
    let (db, reader) = stored().await;
    let mut writer = db.pool().begin().await.unwrap();
    sqlx::raw_sql("LOCK TABLE orgraph_internal.entity").execute(&mut *writer).await.unwrap();

    let refused = reader.load_graph(&Limits::default(), Duration::from_millis(100)).await.unwrap_err();

    assert!(matches!(refused, PathError::Ask(AskError::Timeout { .. })), "{refused}");
    writer.rollback().await.unwrap();
    assert_eq!(loaded(&reader).await.entities(), 8);
}
