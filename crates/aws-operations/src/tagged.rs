//! Tags of many resources at once, from the Resource Groups Tagging API, where their own service gives those of one.
//! With hundreds of thousands of log groups, one request for each would take days.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_resourcegroupstagging::Client;
use aws_sdk_resourcegroupstagging::operation::get_resources::GetResourcesOutput;
use aws_sdk_resourcegroupstagging::types::ResourceTagMapping;
use orgraph_collect::prelude::*;

/// The call, for those who ask for tags.
pub(crate) const GET_RESOURCES: Call =
    call("GetResources").of(Service::TAGGING).lists("ResourceTagMappingList");

/// How many ARNs one request takes.
pub(crate) const AT_ONCE: usize = 100;

type Pairs = Vec<(String, String)>;

/// Tags by the ARN of what has them.
pub(crate) struct Tagged(HashMap<String, Detail<Pairs>>);

impl Tagged {
    /// The tags of one of the resources that were asked about. AWS leaves out what has no tags.
    pub(crate) fn of(&self, arn: &str) -> Detail<Pairs> {
        self.0.get(arn).cloned().unwrap_or(Detail::Known(Pairs::new()))
    }
}

/// The tags of the resources with these ARNs. A refusal leaves them unknown.
pub(crate) async fn tagged<'a>(
    cx: &Cx,
    tagging: &Client,
    arns: impl Iterator<Item = &'a str>,
) -> Result<Tagged, CollectError> {
    let arns: Vec<&str> = arns.collect::<BTreeSet<&str>>().into_iter().collect();
    let together = arns.chunks(AT_ONCE).map(|it| it.iter().map(|&arn| arn.to_owned()).collect()).collect();
    let mut tagged = Tagged(HashMap::new());
    for found in cx.concurrently(together, |arns| of_some(tagging, arns)).await {
        tagged.0.extend(found?);
    }
    Ok(tagged)
}

async fn of_some(
    tagging: &Client,
    arns: Vec<String>,
) -> Result<HashMap<String, Detail<Pairs>>, CollectError> {
    let answer = tagging.get_resources().set_resource_arn_list(Some(arns.clone())).send().await;
    match detail_of_many(answer.map_err(CollectError::from).and_then(whole))? {
        Detail::Known(listed) => {
            let by_arn = listed.into_iter().filter_map(|it| {
                let pairs = it.tags.unwrap_or_default().into_iter().map(|it| (it.key, it.value));
                Some((it.resource_arn?, Detail::Known(pairs.collect())))
            });
            Ok(by_arn.collect())
        }
        Detail::Unknown(error) => {
            Ok(arns.into_iter().map(|arn| (arn, Detail::Unknown(error.clone()))).collect())
        }
    }
}

/// What AWS says, if that is all: a request that names ARNs cannot ask for a second page.
fn whole(answer: GetResourcesOutput) -> Result<Vec<ResourceTagMapping>, CollectError> {
    if answer.pagination_token().is_some_and(|it| !it.is_empty()) {
        return Err(CollectError::Envelope {
            operation: "GetResources".to_owned(),
            reason: "it is one page of several".to_owned(),
        });
    }
    Ok(answer.resource_tag_mapping_list.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use orgraph_collect::Facts;
    use orgraph_collect::replay::{self, Answer, error_answer};
    use orgraph_collect::run::run;
    use orgraph_model::Status;

    use crate::logs;

    const GROUPS: usize = 250;

    fn arn(index: usize) -> String {
        format!("arn:aws:logs:{}:{}:log-group:/g/{index:03}", replay::REGION, replay::ACCOUNT)
    }

    #[tokio::test(start_paused = true)]
    async fn tags_are_asked_for_a_hundred_at_once_and_a_refusal_costs_no_group() {
        let listed = (0..GROUPS).map(|index| {
            format!(
                r#"{{"logGroupName":"/g/{index:03}","logGroupArn":"{}","metricFilterCount":0}}"#,
                arn(index)
            )
        });
        let listed = format!(r#"{{"logGroups":[{}]}}"#, listed.collect::<Vec<_>>().join(","));
        let tags = format!(
            r#"{{"PaginationToken":"","ResourceTagMappingList":[{{"ResourceARN":"{}","Tags":[{{"Key":"Team","Value":"a"}}]}}]}}"#,
            arn(7)
        );
        let log = Arc::new(Mutex::new(Vec::new()));
        let sent = Arc::clone(&log);
        let session = replay::session(move |asked| {
            sent.lock().unwrap().push(asked.operation.clone());
            match asked.operation.as_str() {
                "DescribeLogGroups" => Answer::ok(listed.clone()),
                _ if asked.request.contains(&arn(200)) => {
                    error_answer(asked.service, 400, "AccessDeniedException", "not authorized")
                }
                _ => Answer::ok(tags.clone()),
            }
        })
        .await;
        let region = replay::REGION.parse().unwrap();
        let facts = Arc::new(Facts::default());

        let snapshot = run(&logs::GROUPS, &session, &region, &facts, chrono::DateTime::UNIX_EPOCH).await;

        let sent = log.lock().unwrap().clone();
        assert_eq!(sent, ["DescribeLogGroups", "GetResources", "GetResources", "GetResources"]);
        assert_eq!(snapshot.outcome.status, Status::Partial);
        assert_eq!(snapshot.entities.len(), GROUPS);
        let unknown = snapshot.gaps.iter().filter(|it| it.properties.contains(&"tags".to_owned())).count();
        assert_eq!(unknown, 50);
        let group = |index: usize| snapshot.entities.iter().find(|it| it.key == arn(index).into()).unwrap();
        assert_eq!(group(7).tags.get("Team"), Some(&"a".into()));
        assert_eq!(group(8).tags.get("Team"), None);
    }
}
