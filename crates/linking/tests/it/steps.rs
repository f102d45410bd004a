//! When linkers run, and when they do not.

use orgraph_link::Settings;
use orgraph_linking::Count;
use orgraph_model::vocabulary as types;
use orgraph_model::{AccountId, Entity, Status};
use orgraph_store::{GuardSettings, Lease};
use serde_json::json;

use crate::fixture::{Fixture, Run, account, entity};

fn queue(of: &AccountId, name: &str) -> Entity {
    entity(of, types::AWS_SQS_QUEUE, &format!("arn:aws:sqs:eu-west-1:{of}:{name}"), json!({}))
}

fn policy(of: &AccountId, name: &str, resource: &str) -> Entity {
    let document = json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": resource}});
    let key = format!("arn:aws:iam::{of}:policy/{name}");
    entity(of, types::AWS_IAM_POLICY, &key, json!({"policyDocument": document}))
}

/// Two policies, one of queues and one of buckets, and a queue.
async fn with_policies(fixture: &Fixture) -> Lease {
    let lease = fixture.lease(&account(1)).await;
    let of = &lease.account;
    let policies =
        vec![policy(of, "jobs", "arn:aws:sqs:*:*:jobs*"), policy(of, "data", "arn:aws:s3:::data*")];
    fixture.put(&lease, "iam", Status::Complete, policies).await;
    fixture.put(&lease, "queues", Status::Complete, vec![queue(of, "jobs")]).await;
    let first = fixture.run(&lease).await;
    assert_eq!(first.computed, ["policies"]);
    lease
}

fn nothing_but(run: &Run) -> &[&'static str] {
    &run.computed
}

#[tokio::test]
async fn a_run_without_changes_computes_nothing() {
    let fixture = Fixture::new().await;
    let lease = with_policies(&fixture).await;

    let again = fixture.run(&lease).await;

    assert_eq!(again.computed, [""; 0]);
    assert!(again.unchanged.contains(&"policies"));
    let states = fixture.store.partitions(&lease.account).await.unwrap();
    let policies = states.iter().find(|it| it.partition.collector == "link:policies").unwrap();
    assert_eq!(policies.relationships, 1);
    assert!(policies.last_complete_at > states[0].last_complete_at, "it was confirmed");
}

#[tokio::test]
async fn a_listing_that_says_the_same_is_no_change() {
    let fixture = Fixture::new().await;
    let lease = with_policies(&fixture).await;

    fixture.put(&lease, "queues", Status::Complete, vec![queue(&lease.account, "jobs")]).await;

    assert_eq!(nothing_but(&fixture.run(&lease).await), [""; 0]);
}

#[tokio::test]
async fn only_the_policies_that_a_change_can_reach_are_computed() {
    let fixture = Fixture::new().await;
    let lease = with_policies(&fixture).await;

    let queues = vec![queue(&lease.account, "jobs"), queue(&lease.account, "jobs-dead")];
    fixture.put(&lease, "queues", Status::Complete, queues).await;
    let (run, policies) = fixture.run_counting(&lease).await;

    assert_eq!(run.computed[0], "policies");
    assert_eq!(policies, Some(Count { of_these: 1, all: 2 }));
    assert_eq!(
        fixture.linked(&lease.account, "ALLOWS").await,
        ["jobs", "jobs-dead"].map(|it| format!(
            "arn:aws:iam::000000000001:policy/jobs arn:aws:sqs:eu-west-1:000000000001:{it}"
        ))
    );
    assert_eq!(fixture.missing(&lease).await, []);
}

#[tokio::test]
async fn less_that_is_known_is_a_change_and_removes_nothing() {
    let fixture = Fixture::new().await;
    let lease = with_policies(&fixture).await;
    let before = fixture.linked(&lease.account, "ALLOWS").await;

    // Half of the listing: the policy that leads somewhere is not in it, and yet not known to be gone.
    fixture.put(&lease, "iam", Status::Partial, vec![]).await;
    let partial = fixture.run(&lease).await;
    assert!(partial.computed.contains(&"policies"));
    let partitions = fixture.store.partitions(&lease.account).await.unwrap();
    let status = partitions.iter().find(|it| it.partition.collector == "link:policies").unwrap().status;
    assert_eq!(status, Some(Status::Partial));
    assert_eq!(fixture.linked(&lease.account, "ALLOWS").await, before);
    assert_eq!(nothing_but(&fixture.run(&lease).await), [""; 0], "it is as incomplete as it was");

    // Denied is another way to be incomplete, with the same partitions: nothing new to read.
    fixture.put(&lease, "iam", Status::DeniedIam, vec![]).await;
    assert_eq!(nothing_but(&fixture.run(&lease).await), [""; 0]);

    // Now it is known to be gone.
    fixture.put(&lease, "iam", Status::Complete, vec![]).await;
    assert!(fixture.run(&lease).await.computed.contains(&"policies"));
    assert_eq!(fixture.linked(&lease.account, "ALLOWS").await, [""; 0]);
}

#[tokio::test]
async fn rows_that_were_kept_because_something_was_missing_are_not_kept_for_good() {
    let fixture = Fixture::new().await;
    let lease = with_policies(&fixture).await;

    // The queue goes while the policies are not fully known: its edge stays, and the policy says what it said.
    fixture.put(&lease, "iam", Status::DeniedIam, vec![]).await;
    fixture.put(&lease, "queues", Status::Complete, vec![queue(&lease.account, "mails")]).await;
    fixture.run(&lease).await;
    assert_eq!(fixture.linked(&lease.account, "ALLOWS").await.len(), 1);
    let policies = ["jobs", "data"].map(|it| {
        let resource = if it == "jobs" { "arn:aws:sqs:*:*:jobs*" } else { "arn:aws:s3:::data*" };
        policy(&lease.account, it, resource)
    });
    fixture.put(&lease, "iam", Status::Complete, policies.into()).await;
    fixture.run(&lease).await;

    assert_eq!(fixture.linked(&lease.account, "ALLOWS").await, [""; 0]);
    assert_eq!(fixture.missing(&lease).await, []);
}

#[tokio::test]
async fn what_another_account_has_is_noticed_when_it_comes_and_when_it_goes() {
    let fixture = Fixture::new().await;
    let (mine, theirs) = (fixture.lease(&account(1)).await, fixture.lease(&account(2)).await);
    let bucket = || vec![entity(&theirs.account, types::AWS_S3_BUCKET, "arn:aws:s3:::theirs", json!({}))];
    fixture
        .put(&mine, "iam", Status::Complete, vec![policy(&mine.account, "p", "arn:aws:s3:::theirs")])
        .await;
    fixture.run(&mine).await;
    assert_eq!(fixture.linked(&mine.account, "ALLOWS").await, [""; 0]);

    fixture.put(&theirs, "buckets", Status::Complete, bucket()).await;
    assert!(fixture.run(&mine).await.computed.contains(&"policies"));
    assert_eq!(fixture.linked(&mine.account, "ALLOWS").await.len(), 1);
    assert_eq!(nothing_but(&fixture.run(&mine).await), [""; 0]);

    fixture.put(&theirs, "buckets", Status::Complete, vec![]).await;
    assert!(fixture.run(&mine).await.computed.contains(&"policies"));
    assert_eq!(fixture.linked(&mine.account, "ALLOWS").await, [""; 0]);
}

#[tokio::test]
async fn what_is_looked_up_by_a_property_is_noticed_too() {
    let fixture = Fixture::new().await;
    let (mine, theirs) = (fixture.lease(&account(1)).await, fixture.lease(&account(2)).await);
    let user = entity(&mine.account, types::AWS_IAM_USER, "user", json!({"username": "ann@example.com"}));
    fixture.put(&mine, "iam", Status::Complete, vec![user]).await;
    fixture.run(&mine).await;

    let person = entity(&theirs.account, types::PERSON, "person:ann", json!({"email": ["ann@example.com"]}));
    fixture.put(&theirs, "roster:people", Status::Complete, vec![person]).await;
    let run = fixture.run(&mine).await;

    assert_eq!(run.computed, ["people"]);
    assert_eq!(fixture.linked(&mine.account, "IS").await, ["user person:ann"]);
}

#[tokio::test]
async fn a_placeholder_that_another_account_makes_is_noticed() {
    let fixture = Fixture::new().await;
    let (mine, theirs) = (fixture.lease(&account(1)).await, fixture.lease(&account(2)).await);
    let pattern = "arn:aws:iam::000000000001:role/*-deploy";
    fixture.put(&mine, "iam", Status::Complete, vec![policy(&mine.account, "p", pattern)]).await;
    fixture.run(&mine).await;
    let trusting = json!({"assumeRolePolicy": {"Statement": {
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": "arn:aws:iam::000000000001:role/app-deploy"},
    }}});
    let role = entity(&theirs.account, types::AWS_IAM_ROLE, "arn:aws:iam::000000000002:role/r", trusting);

    fixture.put(&theirs, "iam", Status::Complete, vec![role]).await;
    fixture.run(&theirs).await;
    let run = fixture.run(&mine).await;

    assert!(run.computed.contains(&"policies"), "{run:?}");
    assert_eq!(
        fixture.linked(&mine.account, "ALLOWS").await,
        ["arn:aws:iam::000000000001:policy/p arn:aws:iam::000000000001:role/app-deploy"]
    );
}

#[tokio::test]
async fn what_the_operator_says_is_input() {
    let mut fixture = Fixture::new().await;
    let lease = with_policies(&fixture).await;

    fixture.settings = Settings { resource_fanout_limit: 7, ..Settings::default() };

    assert!(fixture.run(&lease).await.computed.contains(&"policies"));
}

#[tokio::test]
async fn removals_that_wait_are_looked_at_again() {
    let mut fixture = Fixture::new().await;
    let lease = with_policies(&fixture).await;
    fixture.guard =
        GuardSettings { confirm_after: chrono::TimeDelta::seconds(1), ..GuardSettings::default() };

    let nothing = GuardSettings { enabled: false, ..GuardSettings::default() };
    let guard = std::mem::replace(&mut fixture.guard, nothing);
    fixture.put(&lease, "queues", Status::Complete, vec![]).await;
    fixture.guard = guard;
    assert!(fixture.run(&lease).await.computed.contains(&"policies"));
    assert_eq!(fixture.linked(&lease.account, "ALLOWS").await.len(), 1, "all of it would go: that waits");
    assert!(fixture.run(&lease).await.computed.contains(&"policies"));

    assert_eq!(fixture.linked(&lease.account, "ALLOWS").await, [""; 0]);
    assert_eq!(nothing_but(&fixture.run(&lease).await), [""; 0]);
}

#[tokio::test]
async fn every_24th_run_computes_whatever_the_hashes_say() {
    let fixture = Fixture::new().await;
    let lease = with_policies(&fixture).await;
    // Behind the back of all hashes.
    fixture.execute("UPDATE orgraph_internal.link_input SET part_inputs = '{}', part_ids = '{}'").await;

    let mut runs = Vec::new();
    for _ in 0..24 {
        let (run, policies) = fixture.run_counting(&lease).await;
        runs.push((run.computed.contains(&"policies"), policies));
    }

    let computed: Vec<_> = runs.iter().filter(|it| it.0).collect();
    assert_eq!(computed, [&(true, Some(Count { of_these: 2, all: 2 }))]);
}

#[tokio::test]
async fn rows_that_somebody_changed_are_no_reason_to_skip() {
    let fixture = Fixture::new().await;
    let lease = with_policies(&fixture).await;

    fixture
        .execute(
            "UPDATE orgraph_internal.partition SET digest = md5('')::uuid WHERE collector = 'link:policies'",
        )
        .await;

    assert!(fixture.run(&lease).await.computed.contains(&"policies"));
}
