//! What is not there: services that are off or closed, and what belongs to somebody else.

use std::sync::{Arc, Mutex};

use orgraph_collect::replay::{self, Answer, Asked, Fixtures};
use orgraph_collect::run::run;
use orgraph_collect::{Collector, Facts};
use orgraph_model::{Snapshot, Status};

use crate::{cloudtrail, inspector, inspector_v2, securityhub};

/// The snapshot, and the operations that were asked, where `answer` stands in for some fixtures.
async fn replayed(
    collector: &'static Collector,
    answer: impl Fn(&Asked) -> Option<Answer> + Send + Sync + 'static,
) -> (Snapshot, Vec<String>) {
    let fixtures = Fixtures::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"));
    let log = Arc::new(Mutex::new(Vec::new()));
    let sent = Arc::clone(&log);
    let session = replay::session(move |asked| {
        sent.lock().unwrap().push(asked.operation.clone());
        answer(asked).unwrap_or_else(|| fixtures.answer(asked))
    })
    .await;
    let region = replay::REGION.parse().unwrap();
    let at = chrono::DateTime::UNIX_EPOCH;
    let snapshot = run(collector, &session, &region, &Arc::new(Facts::default()), at).await;
    let sent = log.lock().unwrap().clone();
    (snapshot, sent)
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where other answers may be none")]
fn refusal(asked: &Asked, code: &str, message: &str) -> Option<Answer> {
    Some(replay::error_answer(asked.service, 403, code, message))
}

#[tokio::test(start_paused = true)]
async fn a_region_where_security_hub_is_off_has_no_hub() {
    let (snapshot, _) = replayed(&securityhub::HUBS, |asked| {
        refusal(asked, "InvalidAccessException", "Account is not subscribed to AWS Security Hub")
    })
    .await;

    assert_eq!(snapshot.outcome.status, Status::Complete, "{:?}", snapshot.gaps);
    assert!(snapshot.entities.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_region_where_inspector_is_off_has_no_assessment_and_no_findings() {
    let (snapshot, sent) = replayed(&inspector_v2::FINDINGS, |asked| {
        let off = r#"{"status":"DISABLED","errorCode":"SUSPEND_IN_PROGRESS","errorMessage":""}"#;
        let account = format!(r#"{{"accountId":"{}","state":{off},"resourceState":{{}}}}"#, replay::ACCOUNT);
        let is_state = asked.operation == "BatchGetAccountStatus";
        is_state.then(|| Answer::ok(format!(r#"{{"accounts":[{account}],"failedAccounts":[]}}"#)))
    })
    .await;

    assert_eq!(snapshot.outcome.status, Status::Complete, "{:?}", snapshot.gaps);
    assert!(snapshot.entities.is_empty());
    assert!(!sent.contains(&"ListFindings".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn inspector_classic_is_closed() {
    for collector in [&inspector::ASSESSMENTS, &inspector::FINDINGS] {
        let (snapshot, _) = replayed(collector, |asked| {
            refusal(asked, "AccessDeniedException", "Amazon Inspector Classic is no longer available")
        })
        .await;

        assert_eq!(snapshot.outcome.status, Status::Unsupported, "{}", collector.name);
    }
}

#[tokio::test(start_paused = true)]
async fn trails_of_the_organization_and_of_other_regions_are_left_to_their_owners() {
    let (snapshot, _) = replayed(&cloudtrail::TRAILS, |_| None).await;

    let mut names: Vec<&str> = snapshot.entities.iter().filter_map(|it| it.name.as_deref()).collect();
    names.sort_unstable();
    assert_eq!(names, ["audit", "objects"]);
    assert_eq!(snapshot.outcome.status, Status::Complete, "{:?}", snapshot.gaps);
}
