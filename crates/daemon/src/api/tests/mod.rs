//! The API over a real database: what it answers, what it refuses, and that its description is true.

mod fixture;
mod schema;

use axum::http::{Method, StatusCode};
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::TlsListener;
use super::document::{ROUTES, document};
use fixture::World;

/// The root user of the account.
const ROOT: &str = "arn:aws:iam::000000000001:root";
const INSTANCE: &str = "/v1/entities/arn%3Aaws%3Aec2%3Aeu-west-1%3A000000000001%3Ainstance%2Fi-1";

#[tokio::test]
async fn every_route_answers_as_its_description_says() {
    let world = World::new().await;
    let requests = [
        (
            "query",
            Method::POST,
            "/v1/query",
            json!({"sql": "SELECT _key, NULL AS nothing FROM orgraph.entity"}),
        ),
        ("entity", Method::GET, INSTANCE, Value::Null),
        ("neighbors", Method::GET, &format!("{INSTANCE}/neighbors"), Value::Null),
        ("blastRadius", Method::GET, &format!("{INSTANCE}/blast-radius"), Value::Null),
        ("paths", Method::GET, "/v1/paths?from=sg-1&to=subnet-1", Value::Null),
        ("exposed", Method::GET, "/v1/exposed", Value::Null),
        (
            "whoCan",
            Method::POST,
            "/v1/access/who-can",
            json!({"action": "s3:GetObject", "resource": "*", "request": {"context": {"a:b": ["1", "2"], "a:c": "3"}}}),
        ),
        ("whatCan", Method::POST, "/v1/access/what-can", json!({"principal": "sns.amazonaws.com"})),
        (
            "explain",
            Method::POST,
            "/v1/access/explain",
            json!({"principal": "*", "action": "s3:GetObject", "resource": "arn:aws:s3:::b/o", "request": {"absent": ["a:b"]}}),
        ),
        ("accounts", Method::GET, "/v1/accounts", Value::Null),
        ("coverage", Method::GET, "/v1/coverage", Value::Null),
        ("openapi", Method::GET, "/openapi.json", Value::Null),
    ];
    let document = document();
    assert_eq!(requests.len(), ROUTES.len(), "a route without a request here");

    for (id, method, uri, body) in requests {
        let said = world.ask(method, uri, &body).await;

        assert_eq!(said.status, StatusCode::OK, "{uri}: {}", said.body);
        let wrong = schema::check(&document, id, "200", &said.body);
        assert_eq!(wrong, [""; 0], "{uri}: {:#}", said.body);
    }
}

#[test]
fn every_schema_has_a_name_of_its_own() {
    let document = document();
    let names: Vec<&String> = document["components"]["schemas"].as_object().unwrap().keys().collect();

    // The second of a name would have a number behind it.
    let doubled = names.iter().filter(|it| it.ends_with(|last: char| last.is_ascii_digit()));
    assert_eq!(doubled.count(), 0, "{names:?}");
    assert!(names.iter().any(|it| *it == "ExposedAnswer"), "{names:?}");
}

#[tokio::test]
async fn every_error_is_a_problem_as_the_description_says() {
    let world = World::new().await;
    let large = json!({"sql": format!("SELECT '{}'", "x".repeat(100_000))});
    let post = |body: Value| (Method::POST, "/v1/query".to_owned(), body);
    let get = |uri: &str| (Method::GET, uri.to_owned(), Value::Null);
    let access = |what: &str, body: Value| (Method::POST, format!("/v1/access/{what}"), body);

    for ((method, uri, body), status) in [
        (post(large), 413),
        (post(json!({})), 400),
        (post(json!({"sql": "SELECT 1", "j1ql": "FIND *"})), 400),
        (post(json!({"sql": "SELECT 1", "cursor": "00"})), 400),
        (post(json!({"sql": "SELECT 1", "rows": 7})), 400),
        (post(json!({"sql": "SELECT 1", "limit": 0})), 400),
        (post(json!({"sql": "SELECT 1", "limit": -1})), 400),
        (post(json!({"sql": "SELECT nmae FROM orgraph.entity"})), 400),
        (post(json!({"sql": "DROP SCHEMA orgraph CASCADE"})), 400),
        (post(json!({"sql": "SELECT set_config('role', 'none', false)"})), 400),
        (post(json!({"sql": "SELECT * FROM orgraph_internal.account_lease"})), 400),
        (post(json!({"sql": "SELECT '\u{0}'"})), 400),
        (post(json!({"j1ql": "FIND aws_instance WTIH x = 1"})), 400),
        (post(json!({"j1ql": "FIND aws_instance", "cursor": "nonsense"})), 400),
        (post(json!({"j1ql": "FIND aws_instance", "asOf": "yesterday"})), 400),
        (get("/v1/entities/no%20such%20key"), 404),
        (get("/v1/entities/%00"), 404),
        (get("/v1/entities/%FF"), 400),
        (get("/v1/entities/x/neighbors"), 404),
        (get("/v1/accounts?limit=x"), 400),
        (get("/v1/accounts?unknown=1"), 400),
        (get("/v1/coverage?cursor=zz"), 400),
        (get("/v1/entities/nobody/blast-radius"), 404),
        (get("/v1/paths?from=sg-1"), 400),
        (get("/v1/paths?from=sg-1&to=nobody"), 404),
        (get("/v1/paths?from=sg-1&to=subnet-1&verb=HASS"), 400),
        (get("/v1/paths?from=sg-1&to=subnet-1&count=x"), 400),
        (get("/v1/exposed?type=aws_s3_buckt"), 400),
        (access("who-can", json!({"action": "GetObject", "resource": "*"})), 400),
        (access("who-can", json!({"action": "s3:GetObject"})), 400),
        (access("what-can", json!({"principal": "ann"})), 400),
        (access("what-can", json!({"principal": "arn:aws:iam::000000000001:user/ann"})), 404),
        (access("what-can", json!({"principal": ROOT, "request": {"absent": ["a=b"]}})), 400),
        (access("what-can", json!({"principal": ROOT, "request": {"context": {"a:b": 1}}})), 400),
        (access("explain", json!({"principal": "*", "action": "s3:GetObject", "resource": "bucket"})), 400),
        (get("/v1/query"), 405),
        ((Method::DELETE, INSTANCE.to_owned(), Value::Null), 405),
        (get("/v2/query"), 404),
    ] {
        let said = world.ask(method, &uri, &body).await;

        assert_eq!(said.status.as_u16(), status, "{uri} {body}: {}", said.body);
        assert_eq!(said.header("content-type"), "application/problem+json", "{uri} {body}");
        let wrong = schema::check(&document(), "query", "default", &said.body);
        assert_eq!(wrong, [""; 0], "{uri}: {:#}", said.body);
        assert_eq!(said.body["status"], status);
    }
}

#[tokio::test]
async fn a_mistake_in_a_question_has_a_place() {
    let world = World::new().await;

    let sql = world.sql("SELECT 1,\n  nmae FROM orgraph.entity").await;

    assert_eq!(sql.body["place"], json!({"line": 2, "column": 3}));
}

#[tokio::test]
async fn only_the_token_opens_the_door() {
    let world = World::with(|http| http.token = Some("correct-horse-battery-staple".into())).await;
    let (uri, body) = ("/v1/accounts", Value::Null);

    for (authorization, status) in [
        (None, 401),
        (Some(""), 401),
        (Some("Bearer"), 401),
        (Some("Bearer correct-horse-battery-stapl"), 401),
        (Some("Bearer correct-horse-battery-staple2"), 401),
        (Some("Basic correct-horse-battery-staple"), 401),
        (Some("correct-horse-battery-staple"), 401),
        (Some("Bearer correct-horse-battery-staple"), 200),
        (Some("bearer correct-horse-battery-staple"), 200),
    ] {
        // From outside, under any name.
        let headers = [("host", Some("graph.example.com")), ("authorization", authorization)];
        let said = world.ask_with(Method::GET, uri, &body, &headers).await;

        assert_eq!(said.status.as_u16(), status, "{authorization:?}: {}", said.body);
        assert!(!said.body.to_string().contains("staple"), "{}", said.body);
        assert_eq!(said.status == 401, said.header("www-authenticate") == "Bearer");
    }
    let elsewhere = world.ask_with(Method::GET, "/nothing", &body, &[]).await;
    assert_eq!(elsewhere.status, StatusCode::UNAUTHORIZED, "what there is is not told without the token");
}

#[tokio::test]
async fn without_a_token_only_this_machine_is_served_by_its_own_names() {
    let world = World::new().await;

    for (host, status) in [
        ("localhost:9464", 200),
        ("LOCALHOST", 200),
        ("127.0.0.1:9464", 200),
        ("[::1]:9464", 200),
        ("rebound.example.com:9464", 421),
        ("127.0.0.1.example.com", 421),
        ("10.0.0.1", 421),
        ("", 421),
    ] {
        let said = world.ask_with(Method::GET, "/v1/accounts", &Value::Null, &[("host", Some(host))]).await;

        assert_eq!(said.status.as_u16(), status, "{host}: {}", said.body);
    }
}

#[tokio::test]
async fn more_questions_than_may_be_are_told_to_come_back() {
    let world = World::with(|http| http.max_queries = 1).await;

    let permit = world.api.permit().unwrap();
    let busy = world.sql("SELECT 1").await;
    drop(permit);
    let free = world.sql("SELECT 1").await;

    assert_eq!((busy.status, busy.header("retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "1"));
    assert_eq!(free.status, StatusCode::OK);
}

#[tokio::test]
async fn a_question_that_takes_too_long_ends() {
    let world = World::with(|http| http.query_timeout = std::time::Duration::from_millis(200)).await;

    let said = world.sql("SELECT pg_sleep(600)").await;

    assert_eq!(said.status, StatusCode::GATEWAY_TIMEOUT, "{}", said.body);
}

#[tokio::test]
async fn however_many_ask_for_paths_the_graph_is_read_once() {
    let world = World::new().await;
    let ask = || world.ask(Method::GET, "/v1/paths?from=sg-1&to=subnet-1", &Value::Null);

    let (one, two, three) = tokio::join!(ask(), ask(), ask());
    world.add_instance().await;
    let later = world.ask(Method::GET, "/v1/exposed", &Value::Null).await;

    assert_eq!(one.status, StatusCode::OK, "{}", one.body);
    for said in [&two, &three, &later] {
        assert_eq!(said.body["asOf"], one.body["asOf"], "another graph was read: {}", said.body);
    }
    assert_eq!(one.body["paths"][0]["hops"], 2, "{}", one.body);
}

#[tokio::test]
async fn a_graph_that_does_not_fit_is_refused() {
    let world = World::configured(|config| config.query.max_graph_mib = 0).await;

    let said = world.ask(Method::GET, "/v1/exposed", &Value::Null).await;

    assert_eq!(said.body["type"], "urn:orgraph:problem:graph-too-large", "{}", said.body);
    assert_eq!(said.status, StatusCode::INSUFFICIENT_STORAGE);
}

#[tokio::test]
async fn paths_and_decisions_that_take_too_long_end_and_the_next_is_answered() {
    let world = World::with(|http| http.query_timeout = std::time::Duration::from_millis(500)).await;
    let access = json!({"principal": "sns.amazonaws.com"});
    let ask = async || {
        let paths = world.ask(Method::GET, "/v1/exposed", &Value::Null).await;
        let access = world.ask(Method::POST, "/v1/access/what-can", &access).await;
        (paths, access)
    };

    let lock = world.lock().await;
    let late = ask().await;
    drop(lock);
    orgraph_testkit::eventually("both are answered", async || {
        let (paths, access) = ask().await;
        paths.status == StatusCode::OK && access.status == StatusCode::OK
    })
    .await;

    for said in [late.0, late.1] {
        assert_eq!(said.status, StatusCode::GATEWAY_TIMEOUT, "{}", said.body);
    }
}

#[tokio::test]
async fn paths_and_decisions_count_as_questions() {
    let world = World::with(|http| http.max_queries = 1).await;

    let _permit = world.api.permit().unwrap();
    let paths = world.ask(Method::GET, "/v1/exposed", &Value::Null).await;
    let access = world.ask(Method::POST, "/v1/access/what-can", &json!({"principal": ROOT})).await;

    for said in [paths, access] {
        assert_eq!(said.status, StatusCode::SERVICE_UNAVAILABLE, "{}", said.body);
    }
}

#[tokio::test]
async fn an_answer_in_sql_is_cut_at_the_limit() {
    let world = World::with(|http| http.max_rows = 5).await;
    let numbers = "SELECT n FROM generate_series(1, 10) AS n ORDER BY n";

    let most = world.sql(numbers).await;
    let body = json!({"sql": numbers, "limit": 2});
    let less = world.ask(Method::POST, "/v1/query", &body).await;

    assert_eq!((&most.body["capped"], &most.body["rows"][4]), (&json!(true), &json!({"n": 5})));
    assert_eq!(less.body["rows"], json!([{"n": 1}, {"n": 2}]));
    assert_eq!(less.body["cursor"], Value::Null);
}

#[tokio::test]
async fn neighbors_come_page_by_page_though_others_are_added() {
    let world = World::new().await;
    let uri = format!("{INSTANCE}/neighbors");

    let first = world.ask(Method::GET, &format!("{uri}?limit=1"), &Value::Null).await;
    world.add_neighbor("aaa").await;
    let cursor = first.body["cursor"].as_str().unwrap();
    let second = world.ask(Method::GET, &format!("{uri}?limit=1&cursor={cursor}"), &Value::Null).await;

    let key = |it: &fixture::Said| it.body["items"][0]["entity"]["_key"].clone();
    assert_eq!(key(&first), "arn:aws:ec2:eu-west-1:000000000001:security-group/sg-1");
    assert_eq!(key(&second), "arn:aws:ec2:eu-west-1:000000000001:subnet/subnet-1");
    assert_eq!(second.body["cursor"], Value::Null);
    let foreign = world.ask(Method::GET, &format!("/v1/accounts?cursor={cursor}"), &Value::Null).await;
    assert_eq!(foreign.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn neighbors_are_those_that_are_asked_for() {
    let world = World::new().await;
    let count = async |query: &str| {
        let said = world.ask(Method::GET, &format!("{INSTANCE}/neighbors?{query}"), &Value::Null).await;
        said.body["items"].as_array().map_or(0, Vec::len)
    };

    assert_eq!(count("").await, 2);
    assert_eq!(count("direction=in").await, 2);
    assert_eq!(count("direction=out").await, 0);
    assert_eq!(count("verb=protects").await, 1);
    assert_eq!(count("verb=has,protects").await, 2);
    assert_eq!(count("type=aws_subnet").await, 1);
    assert_eq!(count("type=aws_subnet&verb=PROTECTS").await, 0);
    assert_eq!(count("type=aws_subnet%27%20OR%20true--").await, 0);
}

#[tokio::test]
async fn the_past_is_answered_from_history() {
    let world = World::new().await;
    let before = world.api.reader.now(world.api.timeout).await.unwrap();
    world.stop_instance().await;
    let as_of = |at: chrono::DateTime<chrono::Utc>| {
        format!("{INSTANCE}?asOf={}", at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true))
    };

    let now = world.ask(Method::GET, INSTANCE, &Value::Null).await;
    let then = world.ask(Method::GET, &as_of(before), &Value::Null).await;
    let never = world.ask(Method::GET, &as_of(before - TimeDelta::days(1)), &Value::Null).await;

    assert_eq!(now.body["properties"]["state"], "stopped");
    assert_eq!(then.body["properties"]["state"], "running");
    assert_eq!(never.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_answer_goes_on_as_of_its_first_page_whatever_happens_meanwhile() {
    let world = World::new().await;
    let question = "FIND (aws_instance | aws_security_group)";
    let mut body = json!({"j1ql": question, "limit": 1});

    let first = world.ask(Method::POST, "/v1/query", &body).await;
    world.add_instance().await;
    world.stop_instance().await;
    body["cursor"] = first.body["cursor"].clone();
    let second = world.ask(Method::POST, "/v1/query", &body).await;

    let key = |it: &fixture::Said| it.body["rows"][0]["_key"].as_str().unwrap_or_default().to_owned();
    assert!(key(&first).ends_with("instance/i-1"), "{}", first.body);
    assert!(key(&second).ends_with("security-group/sg-1"), "{}", second.body);
    assert_eq!((&first.body["capped"], &second.body["capped"]), (&json!(true), &json!(false)));
    assert_eq!(second.body["cursor"], Value::Null);
    assert_eq!(first.body["asOf"], second.body["asOf"]);
    let other = json!({"j1ql": "FIND *", "cursor": first.body["cursor"]});
    let other = world.ask(Method::POST, "/v1/query", &other).await;
    assert_eq!(other.body["type"], "urn:orgraph:problem:bad-cursor");
}

#[tokio::test]
async fn a_question_about_the_past_is_answered_from_history() {
    let world = World::new().await;
    let before = world.api.reader.now(world.api.timeout).await.unwrap();
    world.stop_instance().await;
    let running = "FIND aws_instance WITH state = 'running'";

    let now = world.j1ql(running).await;
    let body = json!({"j1ql": running, "asOf": before});
    let then = world.ask(Method::POST, "/v1/query", &body).await;

    assert_eq!(now.body["rows"], json!([]));
    assert_eq!(then.body["rows"][0]["state"], "running", "{}", then.body);
    assert_eq!(then.body["rows"][0]["publicIpAddress"], Value::Null);
    assert_eq!(then.body["coverage"]["partitions"], 0, "no collector of this name: {}", then.body);
    assert_eq!(schema::check(&document(), "query", "200", &then.body), [""; 0]);
}

#[tokio::test]
async fn nothing_in_a_question_reaches_the_database_as_sql() {
    let world = World::new().await;
    let nasty = [
        "'; DROP SCHEMA orgraph CASCADE; --",
        "\\'; SELECT set_config('role','none',false); --",
        "\" OR true --",
        "$1",
        "%s {} \u{202e} é \u{0}",
        "') UNION SELECT lease FROM orgraph_internal.account_lease --",
    ];

    for text in nasty {
        for question in [
            format!("FIND aws_instance WITH name = '{text}'"),
            format!("FIND aws_instance WITH name = \"{}\"", text.replace('"', "\\\"")),
            format!("FIND aws_instance WITH [{text}] = 1"),
            format!("FIND aws_instance WITH name ~= '{text}' AS i RETURN i.name AS '{text}'"),
            format!("FIND {text}"),
            format!("FIND aws_instance AS {text} RETURN {text}.name"),
            format!("FIND '{text}'"),
            format!("FIND aws_instance THAT {text} aws_subnet"),
        ] {
            let said = world.j1ql(&question).await;

            let is_fine = said.status == StatusCode::OK || said.status == StatusCode::BAD_REQUEST;
            assert!(is_fine, "{question}: {} {}", said.status, said.body);
            if said.status == StatusCode::OK {
                assert_eq!(said.body["rows"], json!([]), "{question}");
            }
        }
        let encoded: Vec<String> = text.bytes().map(|it| format!("%{it:02X}")).collect();
        let said = world.ask(Method::GET, &format!("/v1/entities/{}", encoded.concat()), &Value::Null).await;
        assert_eq!(said.status, StatusCode::NOT_FOUND, "{text}: {}", said.body);
    }
    assert_eq!(world.j1ql("FIND *").await.body["rows"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn over_tls_the_same_is_answered() {
    let world = World::new().await;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/api/tests");
    let tls = orgraph_config::Tls {
        certificate_file: folder.join("localhost.crt"),
        key_file: folder.join("localhost.key"),
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = TlsListener::start(listener, &tls).unwrap();
    let serving = tokio::spawn(axum::serve(listener, world.router()).into_future());

    // Somebody who says nothing, and somebody who speaks no TLS, hold up nobody.
    let silent = tokio::net::TcpStream::connect(address).await.unwrap();
    let plain = fixture::get(tokio::net::TcpStream::connect(address).await.unwrap(), "/v1/accounts").await;
    let stream = fixture::tls(address, &tls.certificate_file).await;
    let answer = fixture::get(stream, "/v1/accounts").await;

    assert!(!plain.contains("200 OK"), "{plain}");
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    drop(silent);
    serving.abort();
}

#[tokio::test]
async fn a_certificate_that_is_not_there_is_refused() {
    let folder = std::env::temp_dir();
    let tls =
        orgraph_config::Tls { certificate_file: folder.join("none.crt"), key_file: folder.join("none.key") };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();

    let error = TlsListener::start(listener, &tls).err().expect("there is no certificate");

    assert!(format!("{error:#}").contains("failed to read"), "{error:#}");
}
