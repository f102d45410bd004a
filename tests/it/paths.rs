//! Paths through a whole sample organization, by the commands that ask for them.

use serde_json::Value;

use crate::harness::{Said, World, text};

/// The three commands find what the sample was built to have, in every way of writing it.
pub(crate) async fn assert_paths_are_found(world: &World) {
    the_way_to_a_bucket_is_exposed(world).await;
    a_chain_of_roles_is_a_path_and_within_the_radius(world).await;
    the_same_is_drawn_in_every_language(world).await;
    a_wrong_question_ends_with_two(world).await;
}

async fn the_way_to_a_bucket_is_exposed(world: &World) {
    let whole = json(world, &["exposed", "--limit", "1000"]).await;
    let of_buckets = json(world, &["exposed", "--type", "aws_s3_bucket", "--limit", "1"]).await;

    let exposure = &whole["exposure"];
    let (total, data_stores) =
        (exposure["total"].as_u64().unwrap(), exposure["dataStores"].as_u64().unwrap());
    assert!(0 < total && total < data_stores, "{total} of {data_stores}");
    let bucket = exposure["exposed"].as_array().unwrap().iter().find(|it| {
        it["dataStore"]["_key"] == "arn:aws:s3:::orgraph-production-web-data" && it["way"] == "identity"
    });
    let bucket = bucket.unwrap_or_else(|| panic!("not exposed: {exposure:#}"));
    let types: Vec<&str> = nodes(&bucket["path"]).iter().map(|it| text(&it["_type"])).collect();
    assert_eq!((types.first(), types.last()), (Some(&"internet"), Some(&"aws_s3_bucket")), "{types:?}");
    for between in ["aws_instance", "aws_iam_role"] {
        assert!(types.contains(&between), "{types:?}");
    }
    // What makes the first step is said: a rule that lets the Internet in.
    let rule = &bucket["path"]["steps"][0]["relationships"][0];
    assert_eq!(rule["_class"], "ALLOWS", "{rule:#}");
    assert!(text(&rule["facts"][0]["summary"]).contains("from 0.0.0.0/0"), "{rule:#}");

    assert!(of_buckets["exposure"]["total"].as_u64().unwrap() <= total);
    assert_eq!(of_buckets["exposure"]["exposed"].as_array().unwrap().len(), 1);
    assert!(whole["coverage"]["partitions"].as_i64().unwrap() > 100, "{}", whole["coverage"]);
    // One account of the sample cannot be read, which an answer does not hide.
    assert_eq!(whole["coverage"]["missingPartitions"][0]["accountId"], world.member("partner").as_str());
    assert!(whole["asOf"].as_str().unwrap().ends_with('Z'), "{}", whole["asOf"]);
}

async fn a_chain_of_roles_is_a_path_and_within_the_radius(world: &World) {
    let accounts = [
        text(&world.seed["management"]["id"]).to_owned(),
        world.member("production-web"),
        world.member("payments"),
    ];
    let role = |step: usize| format!("arn:aws:iam::{}:role/release-{step}", accounts[step]);
    let (first, last) = (role(0), role(2));

    let paths = json(world, &["path", &first, &last, "--verb", "TRUSTS", "--count", "3"]).await;
    let forwards =
        json(world, &["path", &first, &last, "--verb", "TRUSTS", "--directed", "--count", "3"]).await;
    let radius = json(world, &["blast-radius", &first, "--limit", "100"]).await;
    let near = json(world, &["blast-radius", &first, "--limit", "100", "--max-hops", "1"]).await;

    let shortest = &paths["paths"][0];
    let keys: Vec<&str> = nodes(shortest).iter().map(|it| text(&it["_key"])).collect();
    assert_eq!(keys, [role(0), role(1), role(2)]);
    assert_eq!(shortest["hops"], 2);
    let step = &shortest["steps"][0]["relationships"][0];
    assert_eq!(
        (&step["_class"], &step["reversed"]),
        (&Value::from("TRUSTS"), &Value::from(true)),
        "{step:#}"
    );
    assert_eq!(forwards["paths"], Value::Array(Vec::new()), "a role trusts the one before it");
    let reached = |radius: &Value| -> Vec<String> {
        let groups = radius["blastRadius"]["groups"].as_array().unwrap().iter();
        let roles = groups.filter(|it| it["_type"] == "aws_iam_role");
        let entities = roles.flat_map(|it| it["entities"].as_array().unwrap());
        entities.map(|it| text(&it["node"]["_key"]).to_owned()).collect()
    };
    assert!(reached(&radius).contains(&role(1)) && reached(&radius).contains(&last), "{radius:#}");
    assert!(reached(&near).contains(&role(1)) && !reached(&near).contains(&last), "{near:#}");
}

async fn the_same_is_drawn_in_every_language(world: &World) {
    let bucket = "arn:aws:s3:::orgraph-production-web-data";
    let ask = async |more: &[&str]| {
        let arguments = [&["exposed", "--type", "aws_s3_bucket", "--limit", "1000"], more].concat();
        world.orgraph(&arguments).await.expect_code(0)
    };

    let table = ask(&[]).await;
    let dot = ask(&["--graph", "dot"]).await;
    let graphml = ask(&["--graph", "graphml"]).await;
    let cytoscape = ask(&["--graph", "cytoscape"]).await;

    assert!(table.stdout.contains("can be reached from the Internet"), "{}", table.stdout);
    assert!(table.stdout.contains("orgraph-production-web-data"), "{}", table.stdout);
    for said in [&table, &dot, &graphml, &cytoscape] {
        assert!(said.stderr.contains("rests on "), "{}", said.stderr);
    }
    assert!(dot.stdout.starts_with("digraph orgraph {") && dot.stdout.ends_with("}\n"), "{}", dot.stdout);
    assert!(dot.stdout.contains(&format!("_key=\"{bucket}\"")), "{}", dot.stdout);
    assert!(graphml.stdout.contains(&format!("<data key=\"key\">{bucket}</data>")), "{}", graphml.stdout);
    let cytoscape: Value = serde_json::from_str(&cytoscape.stdout).unwrap();
    let nodes = cytoscape["elements"]["nodes"].as_array().unwrap();
    assert!(nodes.iter().any(|it| it["data"]["id"] == bucket), "{cytoscape:#}");
}

async fn a_wrong_question_ends_with_two(world: &World) {
    for (arguments, because) in [
        (&["path", "no-such-entity", "Internet"][..], "there is no entity"),
        (&["blast-radius", "no-such-entity"], "there is no entity"),
        (&["exposed", "--type", "aws_s3_buckt"], "did you mean aws_s3_bucket"),
        (&["path", "Internet", "Internet", "--verb", "ALOWS"], "did you mean ALLOWS"),
        (&["exposed", "--output", "json"], "--output"),
    ] {
        let said = world.orgraph(arguments).await.expect_code(2);

        assert!(said.stderr.contains(because), "{arguments:?}: {}", said.stderr);
        assert_eq!(said.stdout, "", "{arguments:?}");
    }
    let refused = world.orgraph(&["exposed", "--max-memory", "0"]).await.expect_code(1);
    assert!(refused.stderr.contains("more memory than it may"), "{}", refused.stderr);
}

async fn json(world: &World, arguments: &[&str]) -> Value {
    let Said { stdout, stderr, .. } =
        world.orgraph(&[arguments, &["--format", "json"]].concat()).await.expect_code(0);
    assert_eq!(stderr, "", "{arguments:?}");
    serde_json::from_str(&stdout).unwrap()
}

/// The entities on a path, in order.
fn nodes(path: &Value) -> Vec<&Value> {
    let steps = path["steps"].as_array().unwrap().iter().map(|it| &it["node"]);
    std::iter::once(&path["start"]).chain(steps).collect()
}
