//! What AWS would answer for an account with very many log groups, stacks or task definitions.

use std::fmt::Write;

use orgraph_collect::replay::{ACCOUNT, Answer, Asked, REGION};
use serde_json::json;

/// The collectors that are asked for.
pub(crate) const COLLECTORS: [&str; 3] = ["logs_groups", "cloudformation_stacks", "ecs_task_definitions"];

/// The answer to one request, of a listing with `rows` items. `text` is part of every item.
pub(crate) fn answer(asked: &Asked, rows: usize, text: &str) -> Answer {
    let body = match asked.operation.as_str() {
        "DescribeLogGroups" => json_page(asked, rows, 50, "logGroups", |number| log_group(number, text)),
        "GetResources" => tags(asked),
        "DescribeStacks" => stacks(asked, rows, text),
        "ListTaskDefinitions" => json_page(asked, rows, 100, "taskDefinitionArns", |number| {
            format!("\"{}\"", task_definition_arn(number))
        }),
        "DescribeTaskDefinition" => task_definition(asked, text),
        "ListClusters" => r#"{"clusterArns":[]}"#.to_owned(),
        other => panic!("nobody asked for {other}"),
    };
    Answer::ok(body)
}

/// The number that the request gives as its page token.
fn page_number(asked: &Asked) -> usize {
    let token = asked.request.split_once("page-").map_or("0", |it| it.1);
    let digits: String = token.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_default()
}

fn numbers(asked: &Asked, rows: usize, size: usize) -> (std::ops::Range<usize>, Option<String>) {
    let begin = page_number(asked) * size;
    let end = (begin + size).min(rows);
    (begin..end, (end < rows).then(|| format!("page-{}", page_number(asked) + 1)))
}

fn json_page(
    asked: &Asked,
    rows: usize,
    size: usize,
    member: &str,
    item: impl Fn(usize) -> String,
) -> String {
    let (numbers, next) = numbers(asked, rows, size);
    let items: Vec<String> = numbers.map(item).collect();
    let next = next.map(|it| format!(",\"nextToken\":\"{it}\"")).unwrap_or_default();
    format!("{{\"{member}\":[{}]{next}}}", items.join(","))
}

fn log_group(number: usize, text: &str) -> String {
    let name = format!("/aws/lambda/{text}service-{number:07}-of-some-team-in-production");
    let arn = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/service-{number:07}");
    format!(
        r#"{{"logGroupName":"{name}","creationTime":17673{number:08},"retentionInDays":365,"metricFilterCount":0,
        "arn":"{arn}:*","logGroupArn":"{arn}","storedBytes":{number},"logGroupClass":"STANDARD",
        "kmsKeyId":"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"}}"#
    )
}

/// The tags of the resources that the request names.
fn tags(asked: &Asked) -> String {
    let body = asked.request.find('{').unwrap();
    let asked: serde_json::Value = serde_json::from_str(&asked.request[body..]).unwrap();
    let tagged = asked["ResourceARNList"].as_array().unwrap().iter().map(|arn| {
        let pairs = [("Owner", "platform"), ("Stage", "prod"), ("Name", "service")];
        let tags: Vec<_> = pairs.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        json!({"ResourceARN": arn, "Tags": tags})
    });
    json!({"ResourceTagMappingList": tagged.collect::<Vec<_>>()}).to_string()
}

fn stacks(asked: &Asked, rows: usize, text: &str) -> String {
    let (numbers, next) = numbers(asked, rows, 100);
    let mut body = "<DescribeStacksResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\">\
                    <DescribeStacksResult><Stacks>"
        .to_owned();
    for number in numbers {
        let arn = format!("arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/service-{number:07}/{number:032}");
        let _ = write!(
            body,
            "<member><StackId>{arn}</StackId><StackName>service-{number:07}</StackName>\
             <Description>The {text} service {number} of some team, with its queues and tables</Description>\
             <StackStatus>UPDATE_COMPLETE</StackStatus><CreationTime>2026-01-02T03:04:05.678Z</CreationTime>\
             <LastUpdatedTime>2026-02-03T04:05:06.789Z</LastUpdatedTime>\
             <Capabilities><member>CAPABILITY_IAM</member></Capabilities>\
             <Parameters><member><ParameterKey>Stage</ParameterKey><ParameterValue>prod</ParameterValue></member></Parameters>\
             <Outputs><member><OutputKey>QueueUrl</OutputKey><OutputValue>x</OutputValue></member></Outputs>\
             <Tags><member><Key>Owner</Key><Value>platform</Value></member>\
             <member><Key>Stage</Key><Value>prod</Value></member></Tags>\
             <EnableTerminationProtection>true</EnableTerminationProtection></member>"
        );
    }
    body.push_str("</Stacks>");
    if let Some(next) = next {
        let _ = write!(body, "<NextToken>{next}</NextToken>");
    }
    body.push_str(
        "</DescribeStacksResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></DescribeStacksResponse>",
    );
    body
}

fn task_definition_arn(number: usize) -> String {
    format!("arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/service-{number:07}:7")
}

fn task_definition(asked: &Asked, text: &str) -> String {
    let name = asked.request.split_once("task-definition/").map_or("", |it| it.1);
    let family: String = name.chars().take_while(|it| *it != ':').collect();
    let variables: Vec<String> =
        (0..20).map(|it| format!(r#"{{"name":"SERVICE_VARIABLE_{it}","value":"x"}}"#)).collect();
    format!(
        r#"{{"taskDefinition":{{"taskDefinitionArn":"arn:aws:ecs:{REGION}:{ACCOUNT}:task-definition/{family}:7",
        "family":"{family}","revision":7,"status":"ACTIVE","networkMode":"awsvpc","cpu":"256","memory":"512",
        "compatibilities":["EC2","FARGATE"],"registeredAt":1767323045.678,
        "taskRoleArn":"arn:aws:iam::{ACCOUNT}:role/service","executionRoleArn":"arn:aws:iam::{ACCOUNT}:role/runner",
        "containerDefinitions":[{{"name":"web","image":"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{text}{family}:1",
        "environment":[{}],"secrets":[{{"name":"TOKEN","valueFrom":"x"}}],
        "logConfiguration":{{"logDriver":"awslogs"}}}}]}},
        "tags":[{{"key":"Owner","value":"platform"}},{{"key":"Stage","value":"prod"}}]}}"#,
        variables.join(",")
    )
}
