//! `orgraph sync` against a whole organization.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::harness::{World, assert_unchanged, dump, keys, number, text};
use crate::{paths, questions};

#[tokio::test]
async fn a_whole_organization_is_read_and_counted_as_an_independent_listing_counts_it() {
    let world = World::seeded(&["--scenario", "full"]).await;

    let said = world.orgraph(&["sync"]).await.expect_code(3);

    // The counts and keys of every type, account and region, and the ends of every relationship, are those of a listing
    // that shares no code with us.
    let pool = world.pool();
    let inventory = world.aws.inventory().await;
    assert_counted_as_listed(&pool, &inventory["counts"]).await;
    assert_keyed_as_listed(&pool, &inventory["keys"]).await;
    assert_connected_as_listed(&pool, &inventory["relationships"]).await;

    // Each account is where the sample says, with a reason where it is not read.
    let states: BTreeMap<String, String> =
        sqlx::query_as::<_, (String, String)>("SELECT account_id, state FROM orgraph.account")
            .fetch_all(&pool)
            .await
            .unwrap()
            .into_iter()
            .collect();
    for member in world.seed["members"].as_array().unwrap() {
        let expected = match text(&member["state"]) {
            "live" => "active",
            "skipped" => "skipped",
            "suspended" => "suspended",
            "untrusting" => "failing",
            other => panic!("a state that no test knows: {other}"),
        };
        assert_eq!(states[text(&member["id"])], expected, "{member:#}\n{}", said.stdout);
    }
    assert_eq!(states[text(&world.seed["management"]["id"])], "active");
    let skipped: Vec<String> = sqlx::query_scalar(
        "SELECT account_id FROM orgraph.entity WHERE _type = 'aws_account' AND properties ->> 'skipped' = 'true'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(skipped, [world.member("sandbox")]);
    let reason: String = sqlx::query_scalar("SELECT state_reason FROM orgraph.account WHERE account_id = $1")
        .bind(world.member("partner"))
        .fetch_one(&pool)
        .await
        .unwrap();
    assert!(reason.contains("external ID"), "{reason}");
    let incomplete: Vec<(String, String)> =
        sqlx::query_as("SELECT DISTINCT account_id, status FROM orgraph.coverage WHERE status <> 'complete'")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(incomplete, [(world.member("partner"), "denied_iam".to_owned())]);
    assert_eq!(
        number(&pool, "SELECT count(*) FROM orgraph.relationship WHERE _type = 'aws_account_has_account'")
            .await,
        i64::try_from(world.seed["members"].as_array().unwrap().len()).unwrap()
    );

    // Nothing that was planted as a secret is anywhere: not in what was said at the finest level, not in the database.
    let traced = world.orgraph_with(&["sync"], &[("ORGRAPH_LOG", "trace")]).await.expect_code(3);
    assert!(traced.stderr.lines().count() > 100, "the trace says something: {}", traced.stderr);
    let dumped = everything_stored(&pool).await;
    for secret in world.seed["secrets"].as_array().unwrap().iter().map(text) {
        for (place, content) in [
            ("the first output", &said.stdout),
            ("the first log", &said.stderr),
            ("the traced output", &traced.stdout),
            ("the traced log", &traced.stderr),
            ("the database", &dumped),
        ] {
            assert!(!content.contains(secret), "a planted secret is in {place}");
        }
    }

    // What the documents ask is answered. A role that another account's policy names is known since the second sync.
    questions::assert_library_is_answered(&world).await;
    questions::assert_cookbook_is_answered(&world).await;
    questions::assert_way_to_buckets_is_found(&world).await;
    questions::assert_role_chain_is_found(&world).await;
    paths::assert_paths_are_found(&world).await;
}

async fn assert_counted_as_listed(pool: &sqlx::PgPool, listed: &Value) {
    let rows: Vec<(String, String, String, i64)> = sqlx::query_as(
        "SELECT _type, account_id, region, count(*) FROM orgraph.entity WHERE _source = 'integration-managed' GROUP BY 1, 2, 3",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut found: BTreeMap<(String, String, String), i64> = BTreeMap::new();
    for (entity_type, account, region, count) in rows {
        found.insert((entity_type, account, region), count);
    }
    let mut expected: BTreeMap<(String, String, String), i64> = BTreeMap::new();
    for (entity_type, accounts) in listed.as_object().unwrap() {
        for (account, regions) in accounts.as_object().unwrap() {
            for (region, count) in regions.as_object().unwrap() {
                let cell = (entity_type.clone(), account.clone(), region.clone());
                expected.insert(cell, count.as_i64().unwrap());
            }
        }
    }
    let differing: Vec<String> = expected
        .keys()
        .chain(found.keys().filter(|(entity_type, ..)| listed.get(entity_type).is_some()))
        .filter(|cell| expected.get(*cell) != found.get(*cell))
        .map(|cell| format!("{cell:?}: listed {:?}, in the graph {:?}", expected.get(cell), found.get(cell)))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

async fn assert_keyed_as_listed(pool: &sqlx::PgPool, listed: &Value) {
    let in_graph = keys(pool).await;
    for (entity_type, listed) in listed.as_object().unwrap() {
        let listed: Vec<&str> = listed.as_array().unwrap().iter().map(text).collect();
        let mut stored: Vec<&str> =
            in_graph.get(entity_type).into_iter().flatten().map(String::as_str).collect();
        stored.sort_unstable();
        assert_eq!(stored, listed, "keys of {entity_type}");
    }
}

async fn assert_connected_as_listed(pool: &sqlx::PgPool, listed: &Value) {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT concat_ws(' ', from_type, _class, to_type), from_key, to_key FROM orgraph.relationship WHERE NOT dangling",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut stored: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for (kind, from, to) in rows {
        stored.entry(kind).or_default().insert((from, to));
    }
    let mut differing = Vec::new();
    for (kind, listed) in listed.as_object().unwrap() {
        let ends = |pair: &Value| (text(&pair[0]).to_owned(), text(&pair[1]).to_owned());
        let listed: BTreeSet<_> = listed.as_array().unwrap().iter().map(ends).collect();
        let stored = stored.remove(kind).unwrap_or_default();
        differing.extend(listed.difference(&stored).map(|(from, to)| format!("missing: {from} {kind} {to}")));
        differing
            .extend(stored.difference(&listed).map(|(from, to)| format!("not listed: {from} {kind} {to}")));
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// Every value of every table, as text.
async fn everything_stored(pool: &sqlx::PgPool) -> String {
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
         WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    assert!(tables.len() > 5, "{tables:?}");
    let mut stored = String::new();
    for table in tables {
        let sql = sqlx::AssertSqlSafe(format!(
            "SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {table} AS t"
        ));
        let text: String = sqlx::query_scalar(sql).fetch_one(pool).await.unwrap();
        stored.push_str(&text);
    }
    stored
}

#[tokio::test]
async fn a_second_sync_of_an_unchanged_organization_writes_nothing() {
    let world = World::small().await;
    world.orgraph(&["sync"]).await.expect_code(0);
    let pool = world.pool();
    let before = dump(&pool).await;
    let versions = "SELECT (SELECT count(*) FROM orgraph_internal.entity_history)
                         + (SELECT count(*) FROM orgraph_internal.relationship_history)";
    let written = "SELECT (sum(n_tup_ins) + sum(n_tup_upd) + sum(n_tup_del))::bigint FROM pg_stat_user_tables
                   WHERE relname IN ('entity', 'relationship', 'reference', 'contribution')";
    let closed = number(&pool, versions).await;
    settle_statistics(&pool).await;
    let rows = number(&pool, written).await;

    let said = world.orgraph(&["sync"]).await.expect_code(0);

    assert!(said.stdout.contains("0 created, 0 changed, 0 removed"), "{}", said.stdout);
    assert_unchanged(&pool, &before, "an unchanged organization changed").await;
    assert_eq!(number(&pool, versions).await, closed);
    settle_statistics(&pool).await;
    assert_eq!(number(&pool, written).await, rows, "rows were written although nothing changed");
}

/// The server's counters lag behind; a new session after all others have ended reads them whole.
async fn settle_statistics(pool: &sqlx::PgPool) {
    sqlx::query("SELECT pg_stat_force_next_flush()").execute(pool).await.unwrap();
    orgraph_testkit::eventually("other sessions end", async || {
        let others = "SELECT count(*) FROM pg_stat_activity
                      WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name LIKE 'orgraph%'";
        number(pool, others).await == 0
    })
    .await;
    sqlx::query("SELECT pg_stat_clear_snapshot()").execute(pool).await.unwrap();
}

#[tokio::test]
async fn denial_throttling_and_a_dead_endpoint_remove_nothing_and_heal() {
    let mut world = World::small().await;
    world.orgraph(&["sync"]).await.expect_code(0);
    let pool = world.pool();
    let good = dump(&pool).await;
    let denied = world.member("production-web");

    // One call is denied in one account.
    world.aws.knobs(&json!({"deny": [format!("{denied}/ec2:DescribeInstances")]})).await;
    let said = world.orgraph(&["sync"]).await.expect_code(3);
    assert!(said.stdout.contains("denied_iam"), "{}", said.stdout);
    assert_unchanged(&pool, &good, "a denial removed something").await;
    let status: Vec<(String, String)> = sqlx::query_as(
        "SELECT account_id, status FROM orgraph.coverage WHERE collector = 'ec2_instances' ORDER BY status",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert!(status.contains(&(denied.clone(), "denied_iam".to_owned())), "{status:?}");
    assert_eq!(status.iter().filter(|(_, status)| status == "complete").count(), status.len() - 1);

    // A third of all calls is throttled.
    world.aws.knobs(&json!({"deny": [], "throttle": 0.3})).await;
    let said = world.orgraph(&["sync"]).await;
    assert!(matches!(said.status.code(), Some(0 | 3)), "{}\n{}", said.stdout, said.stderr);
    assert_unchanged(&pool, &good, "throttling removed something").await;

    // It heals.
    world.aws.knobs(&json!({"throttle": 0.0})).await;
    world.orgraph(&["sync"]).await.expect_code(0);
    assert_unchanged(&pool, &good, "it did not heal").await;
    assert_eq!(number(&pool, "SELECT count(*) FROM orgraph.coverage WHERE status <> 'complete'").await, 0);

    // The endpoint dies in the middle of a sync.
    world.aws.knobs(&json!({"latency_ms": 100, "reset": true})).await;
    let mut running = world.start(&["sync"], "dying.log");
    orgraph_testkit::eventually("the sync has asked a few things", async || {
        world.aws.call_counts().await.values().sum::<u64>() > 30
    })
    .await;
    world.aws.kill().await;
    let status = running.wait().await.unwrap();
    assert!(matches!(status.code(), Some(1 | 3)), "{status} {}", world.log("dying.log"));
    assert_unchanged(&pool, &good, "a dead endpoint removed something").await;
    assert!(
        number(&pool, "SELECT count(*) FROM orgraph.coverage WHERE status NOT IN ('complete')").await > 0
    );
}

#[tokio::test]
async fn what_is_terminated_ends_and_the_past_still_shows_it() {
    let world = World::small().await;
    world.orgraph(&["sync"]).await.expect_code(0);
    let pool = world.pool();
    let account = world.member("production-web");
    let region = text(&world.seed["regions"][0]).to_owned();
    let instances = live_instances(&world, &account, &region);
    assert!(instances.len() > 1, "{instances:?}");
    let before: chrono::DateTime<chrono::Utc> =
        sqlx::query_scalar("SELECT clock_timestamp()").fetch_one(&pool).await.unwrap();

    // One of several: it ends at once, with its relationships, and nothing else does.
    let gone = format!("arn:aws:ec2:{region}:{account}:instance/{}", instances[0]);
    let arguments = ["terminate-instance", "--account", &account, "--region", &region, "--id", &instances[0]];
    world.aws.mutate(&arguments).await;
    world.orgraph(&["sync"]).await.expect_code(0);
    assert!(!exists(&pool, &gone).await);
    let touching: Vec<String> =
        sqlx::query_scalar("SELECT _key FROM orgraph.relationship WHERE from_key = $1 OR to_key = $1")
            .bind(&gone)
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(touching, Vec::<String>::new(), "relationships of the instance are left");
    let removed: Vec<(String,)> = sqlx::query_as(
        "SELECT _key FROM orgraph.changes($1, clock_timestamp()) WHERE change = 'deleted' AND _type = 'aws_instance'",
    )
    .bind(before)
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(removed, [(gone.clone(),)]);
    let then: i64 = sqlx::query_scalar("SELECT count(*) FROM orgraph.entity_at($1) WHERE _key = $2")
        .bind(before)
        .bind(&gone)
        .fetch_one(&pool)
        .await
        .unwrap();
    let now: i64 =
        sqlx::query_scalar("SELECT count(*) FROM orgraph.entity_at(clock_timestamp()) WHERE _key = $1")
            .bind(&gone)
            .fetch_one(&pool)
            .await
            .unwrap();
    assert_eq!((then, now), (1, 0));

    // The last ones of the region: an empty listing is believed only when a second one agrees.
    world.aws.mutate(&["terminate-all-instances", "--account", &account, "--region", &region]).await;
    let last = format!("arn:aws:ec2:{region}:{account}:instance/{}", instances[1]);
    world.orgraph(&["sync", "--account", &account, "--service", "ec2"]).await;
    assert!(exists(&pool, &last).await, "an emptied partition was believed at once");
    assert!(number(&pool, "SELECT count(*) FROM orgraph.coverage WHERE held_entities > 0").await > 0);
    world.orgraph(&["sync", "--account", &account, "--service", "ec2"]).await.expect_code(0);
    assert!(!exists(&pool, &last).await);
}

fn live_instances(world: &World, account: &str, region: &str) -> Vec<String> {
    let accounts = world.seed["members"].as_array().unwrap();
    let member = accounts.iter().find(|it| it["id"] == account).unwrap();
    let ids = &member["regions"][region]["instance_ids"];
    ids.as_array().unwrap_or_else(|| panic!("{member:#}")).iter().map(text).map(str::to_owned).collect()
}

async fn exists(pool: &sqlx::PgPool, key: &str) -> bool {
    sqlx::query_scalar("SELECT EXISTS (SELECT FROM orgraph.entity WHERE _key = $1)")
        .bind(key)
        .fetch_one(pool)
        .await
        .unwrap()
}

#[tokio::test]
async fn both_sources_of_an_account_keep_their_properties() {
    let world = World::small().await;
    world.orgraph(&["sync"]).await.expect_code(0);
    let pool = world.pool();
    let account = world.member("production-web");

    let properties: Value = sqlx::query_scalar("SELECT properties FROM orgraph.entity WHERE _key = $1")
        .bind(format!("arn:aws:iam::{account}:root"))
        .fetch_one(&pool)
        .await
        .unwrap();

    // From the organization, and from the account itself.
    for property in ["orgAccountArn", "orgAccountName", "email", "status", "joinedMethod", "joinedOn"] {
        assert!(!properties[property].is_null(), "{property} is missing: {properties:#}");
    }
    for property in ["accountId", "id", "arn", "mfaEnabled", "blockPublicAcls"] {
        assert!(!properties[property].is_null(), "{property} is missing: {properties:#}");
    }
}

#[tokio::test]
async fn a_wrong_configuration_is_refused_before_anything_starts() {
    let world = World::small().await;
    world.configure("\n[polling]\nintervall = \"30m\"\n\n[regions]\nexclude = [\"mars\"]\n");

    let said = world.orgraph(&["sync"]).await.expect_code(2);

    assert!(said.stderr.contains("intervall") && said.stderr.contains("interval"), "{}", said.stderr);
    assert!(said.stderr.contains("mars"), "both mistakes are reported: {}", said.stderr);
    assert_eq!(world.aws.call_counts().await.get("sts:AssumeRole"), None);
}
