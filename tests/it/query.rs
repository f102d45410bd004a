//! Asking, as a user would: every command that the documents show, and how commands end.

use serde_json::Value;

use crate::api;
use crate::harness::World;

/// The commands in blocks of shell of a document that ask.
fn commands(text: &str) -> Vec<&str> {
    let blocks = text.split("```sh\n").skip(1).filter_map(|it| it.split("```").next());
    let lines = blocks.flat_map(str::lines).map(str::trim);
    let asks = ["orgraph query", "orgraph path", "orgraph blast-radius", "orgraph exposed"];
    lines.filter(|it| asks.iter().any(|ask| it.contains(ask))).collect()
}

/// A document of the repository.
fn document(name: &str) -> String {
    std::fs::read_to_string(orgraph_testkit::repository().join("docs").join(name)).unwrap()
}

#[tokio::test]
async fn every_command_that_asks_in_the_documents_works_and_others_end_as_they_should() {
    let world = World::small().await;
    world.orgraph(&["sync"]).await.expect_code(0);
    let names = api::names(&world).await;

    for (name, least) in [("QUERY.md", 12), ("PATHS.md", 5)] {
        let document = document(name);
        let commands = commands(&document);
        assert!(commands.len() >= least, "{name}: {commands:?}");
        for command in commands {
            let command = names.iter().fold(command.to_owned(), |it, (there, here)| it.replace(there, here));
            let said = world.shell(&command).await;
            assert!(said.status.success(), "{command}\nstdout:\n{}\nstderr:\n{}", said.stdout, said.stderr);
        }
    }

    json_is_whole_and_says_what_it_rests_on(&world).await;
    a_wrong_question_ends_with_two(&world).await;
    an_answer_that_is_cut_says_so(&world).await;
    questions_of_a_folder_stand_beside_the_shipped_ones(&world).await;
    api::assert_document_is_true(&world).await;
}

async fn json_is_whole_and_says_what_it_rests_on(world: &World) {
    let said = world.orgraph(&["query", "FIND aws_account", "--format", "json"]).await.expect_code(0);

    let answer: Value = serde_json::from_str(&said.stdout).unwrap();
    let rows = answer["rows"].as_array().unwrap();
    // Accounts that are only named, such as a vendor's, are in the graph too.
    let read = rows.iter().filter(|it| it["_source"] == "integration-managed").count();
    assert_eq!(read, 3, "{}", said.stdout);
    assert_eq!(answer["rows"][0]["_type"], "aws_account");
    assert_eq!(answer["capped"], false);
    assert!(answer["coverage"]["partitions"].as_i64().unwrap() > 0, "{}", answer["coverage"]);
    assert_eq!(said.stderr, "");
}

async fn a_wrong_question_ends_with_two(world: &World) {
    for (arguments, because) in [
        (["query", "FIND aws_acount", ""], "did you mean aws_account"),
        (["query", "FIND", ""], "line 1"),
        (["query", "--sql", "SELECT nmae FROM orgraph.entity"], "line 1, column 8"),
        (["query", "--sql", "DELETE FROM orgraph.entity"], "only SELECT"),
        (["query", "run", "no-such-question"], "no question is called"),
    ] {
        let arguments: Vec<&str> = arguments.into_iter().filter(|it| !it.is_empty()).collect();
        let said = world.orgraph(&arguments).await.expect_code(2);

        assert!(said.stderr.contains(because), "{arguments:?}: {}", said.stderr);
        assert_eq!(said.stdout, "", "{arguments:?}");
    }
}

async fn an_answer_that_is_cut_says_so(world: &World) {
    let said = world.orgraph(&["query", "FIND *", "--format", "ndjson", "--limit", "2"]).await.expect_code(0);

    assert_eq!(said.stdout.lines().count(), 2, "{}", said.stdout);
    assert!(said.stderr.contains("2 rows, and there are more"), "{}", said.stderr);
}

async fn questions_of_a_folder_stand_beside_the_shipped_ones(world: &World) {
    let question = |id: &str| {
        format!(
            "[[question]]\nid = \"{id}\"\ntitle = \"Which accounts?\"\ndescription = \"All.\"\ntags = [\"own\"]\n\
             j1ql = \"FIND aws_account AS a RETURN a.accountId AS account\"\n"
        )
    };
    world.write("questions/good.toml", &question("accounts-of-ours"));
    let documented = document("QUERY.md");
    let documented = documented.split("```toml\n").find(|it| it.starts_with("[[question]]")).unwrap();
    world.write("questions/documented.toml", documented.split("```").next().unwrap());
    world.write("questions/broken.toml", "[[question]]\nid = 7\n");
    world.write("questions/taken.toml", &question("public-buckets"));
    world.configure("[query]\nlibrary = \"questions\"\n");

    let list = world.orgraph(&["query", "list", "--tag", "own", "--json"]).await.expect_code(0);
    let show = world.orgraph(&["query", "show", "accounts-of-ours"]).await.expect_code(0);
    let run = world.orgraph(&["query", "run", "accounts-of-ours", "--format", "csv"]).await.expect_code(0);
    let documented = world.orgraph(&["query", "run", "open-buckets-of-payments"]).await.expect_code(0);
    let shipped = world.orgraph(&["query", "show", "public-buckets"]).await.expect_code(0);
    world.configure("[query]\nlibrary = 7\n");
    let misconfigured = world.orgraph(&["query", "list", "--tag", "own", "--json"]).await.expect_code(0);
    world.configure("");

    let listed: Value = serde_json::from_str(&list.stdout).unwrap();
    let ids: Vec<&Value> = listed.as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, ["accounts-of-ours"]);
    for said in [&list, &show, &run, &documented] {
        let wrong: Vec<&str> = said.stderr.lines().filter(|it| it.contains("/questions/")).collect();
        let [broken, taken] = wrong[..] else { panic!("two files are wrong: {}", said.stderr) };
        assert!(broken.contains("/questions/broken.toml:2: "), "{broken}");
        assert!(taken.contains("/questions/taken.toml:2: the question public-buckets is shipped"), "{taken}");
    }
    assert!(show.stdout.contains("/questions/good.toml"), "{}", show.stdout);
    assert!(run.stdout.contains(&world.member("production-web")), "{}", run.stdout);
    assert!(!shipped.stdout.contains("/questions/"), "the shipped one is shown: {}", shipped.stdout);
    assert_eq!(misconfigured.stdout.trim(), "[]");
    assert!(misconfigured.stderr.contains("only the questions that are shipped"), "{}", misconfigured.stderr);
}

#[test]
fn commands_in_blocks_are_found() {
    let text =
        "```sh\norgraph query \"FIND *\"\nls\n```\n`orgraph query list`\n```text\norgraph query\n```\n";

    assert_eq!(commands(text), ["orgraph query \"FIND *\""]);
}
