//! What APIs of both versions of API Gateway have in common.

use std::collections::{BTreeSet, HashMap};

use orgraph_collect::Cx;
use orgraph_model::AwsPartition;

/// The variables of one stage, which stand for parts of addresses. They may be secret: only what they lead to is kept.
pub(crate) type Variables = HashMap<String, String>;

/// Whether stage variables stand for parts of the address.
pub(crate) fn has_variables(uri: &str) -> bool {
    uri.contains("${stageVariables.")
}

/// The address with `${stageVariables.name}` replaced, once for each stage. What a stage does not set remains.
pub(crate) fn filled_in(uri: &str, stages: &[&Variables]) -> BTreeSet<String> {
    if !has_variables(uri) || stages.is_empty() {
        return BTreeSet::from([uri.to_owned()]);
    }
    let replaced = |variables: &&Variables| {
        let set = |uri: String, (name, value): (&String, &String)| {
            uri.replace(&format!("${{stageVariables.{name}}}"), value)
        };
        variables.iter().fold(uri.to_owned(), set)
    };
    stages.iter().map(replaced).collect()
}

/// Whether something holds for every stage; `None` when there is no stage that it could hold for.
pub(crate) fn every<S>(stages: &[S], holds: impl Fn(&S) -> bool) -> Option<bool> {
    (!stages.is_empty()).then(|| stages.iter().all(holds))
}

/// The host name that AWS gives an API.
pub(crate) fn dns_name(cx: &Cx, api_id: &str) -> String {
    let domain = match cx.partition() {
        AwsPartition::AwsCn => "amazonaws.com.cn",
        AwsPartition::Aws | AwsPartition::AwsUsGov => "amazonaws.com",
    };
    format!("{api_id}.execute-api.{}.{domain}", cx.region())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_leads_to_another_address_in_each_stage() {
        let check = |uri: &str, expected: &[&str]| {
            let stage = |value: &str| HashMap::from([("host".to_owned(), value.to_owned())]);
            let found = filled_in(uri, &[&stage("a"), &stage("b"), &HashMap::new()]);
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{uri}");
        };

        check("https://x/y", &["https://x/y"]);
        check(
            "https://${stageVariables.host}/y",
            &["https://${stageVariables.host}/y", "https://a/y", "https://b/y"],
        );
        check("${stageVariables.none}", &["${stageVariables.none}"]);
    }
}
