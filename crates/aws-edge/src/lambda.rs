//! The ways in which other services name a Lambda function.

use orgraph_collect::prelude::*;

/// The function that an ARN names, whatever version or alias of it.
pub(crate) fn function(arn: &str) -> Option<Ref> {
    let segments: Vec<&str> = arn.splitn(8, ':').take(7).collect();
    let [_, _, "lambda", region, account, "function", name] = segments[..] else {
        return None;
    };
    let complete = segments[0] == "arn" && ![region, account, name].contains(&"");
    (complete && !arn_holds_variable(&segments)).then(|| AWS_LAMBDA_FUNCTION.at(segments.join(":")))
}

/// The function that the address of an integration or an authorizer names: its ARN, or what API Gateway calls instead,
/// `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{ARN}/invocations`.
pub(crate) fn invoked(uri: &str) -> Option<Ref> {
    match uri.split_once(":lambda:path/").and_then(|(_, it)| it.split_once("/functions/")) {
        Some((_, named)) => function(named.split('/').next().unwrap_or(named)),
        None => function(uri),
    }
}

fn arn_holds_variable(segments: &[&str]) -> bool {
    segments.iter().any(|it| it.contains(['$', '{']))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:orders";

    #[test]
    fn a_function_is_found_in_every_way_to_name_it() {
        let check = |uri: &str, expected: Option<&str>| {
            let found = invoked(uri).map(|it| it.key.to_string());
            assert_eq!(found.as_deref(), expected, "{uri}");
        };
        let path = "arn:aws:apigateway:us-east-1:lambda:path";

        check(FUNCTION, Some(FUNCTION));
        check(&format!("{FUNCTION}:live"), Some(FUNCTION));
        check(&format!("{FUNCTION}:${{stageVariables.alias}}"), Some(FUNCTION));
        check(&format!("{path}/2015-03-31/functions/{FUNCTION}/invocations"), Some(FUNCTION));
        check(&format!("{path}/2015-03-31/functions/{FUNCTION}:7/invocations"), Some(FUNCTION));
        check(
            &format!("{path}/2021-11-15/functions/{FUNCTION}/response-streaming-invocations"),
            Some(FUNCTION),
        );
        check("arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.name}", None);
        check("arn:aws:lambda:us-east-1:123456789012:layer:orders:1", None);
        check("arn:aws:apigateway:us-east-1:sqs:path/123456789012/orders", None);
        check("https://example.com/functions/orders", None);
    }
}
