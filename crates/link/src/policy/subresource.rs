//! ARNs that no entity has: of things inside of an entity, and of entities by another name.

use super::glob::{Glob, Sign};
use super::resource::{Arn, ArnPattern};

/// A way to read a pattern: as entities, and as what is inside of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    /// Which entities are meant.
    pub(super) entities: ArnPattern,
    /// What follows their ARNs, if not they but something inside of them is meant.
    pub(super) inside: Option<Vec<Sign>>,
}

impl Reading {
    /// What is meant of one entity.
    pub(super) fn of(&self, arn: &Arn<'_>) -> ArnPattern {
        let exactly = ArnPattern::exactly(arn);
        let Some(inside) = &self.inside else { return exactly };
        let signs: Vec<Sign> = exactly.resource().into_iter().flat_map(Glob::signs).copied().collect();
        exactly.with_resource(signs.into_iter().chain(inside.iter().copied()))
    }
}

/// Where the ARN of an entity ends and something inside of it begins: the service, how the resource begins, and
/// before the how-manieth of which character.
const INSIDE: [(&str, &str, usize, char); 9] = [
    ("s3", "", 1, '/'),
    ("logs", "log-group:", 2, ':'),
    ("dynamodb", "table/", 2, '/'),
    ("lambda", "function:", 2, ':'),
    ("execute-api", "", 1, '/'),
    ("apigateway", "/restapis/", 3, '/'),
    ("apigateway", "/apis/", 3, '/'),
    ("rds-db", "dbuser:", 1, '/'),
    ("es", "domain/", 2, '/'),
];

/// Entities whose ARNs end with a revision, which a policy may leave out: the service and how the resource begins.
const REVISED: [(&str, &str); 2] = [("ecs", "task-definition/"), ("batch", "job-definition/")];

/// How a policy may name a rule of the default event bus, whose ARN is without the bus.
const DEFAULT_BUS: &str = "rule/default/";

/// Every way to read a pattern, as it stands first.
pub(super) fn readings(arns: &ArnPattern) -> Vec<Reading> {
    let mut readings = vec![Reading { entities: arns.clone(), inside: None }];
    let Some(resource) = arns.resource() else { return readings };
    let (signs, service) = (resource.signs(), arns.service.as_str());
    for (_, start, count, separator) in INSIDE.iter().filter(|it| it.0 == service) {
        if !resource.prefix().starts_with(start) {
            continue;
        }
        let mut ends = (0..signs.len()).filter(|it| signs[*it] == Sign::Is(*separator));
        if let Some(end) = ends.nth(count - 1) {
            let (entity, inside) = signs.split_at(end);
            let entities = arns.with_resource(entity.iter().copied());
            readings.push(Reading { entities, inside: Some(inside.to_vec()) });
        }
    }
    let is_revised = REVISED.iter().any(|it| it.0 == service && resource.prefix().starts_with(it.1));
    if is_revised && !signs.contains(&Sign::Is(':')) {
        let every = signs.iter().copied().chain([Sign::Is(':'), Sign::Run]);
        readings.push(Reading { entities: arns.with_resource(every), inside: None });
    }
    if service == "events" && resource.prefix().starts_with(DEFAULT_BUS) {
        let name = signs[DEFAULT_BUS.len()..].iter().copied();
        let rule = "rule/".chars().map(Sign::Is).chain(name);
        readings.push(Reading { entities: arns.with_resource(rule), inside: None });
    }
    readings
}

/// The other ARNs of an entity: those under which policies name who may call an API.
pub(super) fn other_arn(arn: &Arn<'_>, account: &str) -> Option<String> {
    let path = arn.resource.strip_prefix("/restapis/").or_else(|| arn.resource.strip_prefix("/apis/"))?;
    let is_api = arn.service == "apigateway" && !path.contains('/');
    is_api.then(|| format!("arn:{}:execute-api:{}:{account}:{path}", arn.partition, arn.region))
}

/// The ARNs under which an API that is named by what calls it may be stored.
pub(super) fn apis(arn: &Arn<'_>) -> Vec<String> {
    if arn.service != "execute-api" {
        return Vec::new();
    }
    let api =
        |kind: &str| format!("arn:{}:apigateway:{}::/{kind}/{}", arn.partition, arn.region, arn.resource);
    vec![api("restapis"), api("apis")]
}

/// The ARN under which policies name the users of a database with this resource ID.
pub(super) fn database_users(partition: &str, region: &str, account: &str, resource_id: &str) -> String {
    format!("arn:{partition}:rds-db:{region}:{account}:dbuser:{resource_id}")
}

/// The resource ID of the database whose users are named.
pub(super) fn database_of_users<'a>(arn: &Arn<'a>) -> Option<&'a str> {
    (arn.service == "rds-db").then(|| arn.resource.strip_prefix("dbuser:"))?
}

#[cfg(test)]
mod tests {
    use super::super::resource::{ResourcePattern, Scope};
    use super::*;

    fn shown(written: &str) -> Vec<String> {
        let Scope::Arns(arns) = ResourcePattern::read(written).scope else { panic!("{written}") };
        let sign = |it: &Sign| match it {
            Sign::Is(letter) => *letter,
            Sign::One => '?',
            Sign::Run => '*',
        };
        let text = |signs: &[Sign]| signs.iter().map(sign).collect::<String>();
        let shown = readings(&arns).into_iter().skip(1).map(|it| {
            let inside = it.inside.map(|it| format!(" then {}", text(&it))).unwrap_or_default();
            format!("{}{inside}", text(it.entities.resource().unwrap().signs()))
        });
        shown.collect()
    }

    #[test]
    fn what_is_inside_of_an_entity_is_read_as_the_entity() {
        let check = |written: &str, expected: &[&str]| assert_eq!(shown(written), expected, "{written}");

        check("arn:aws:s3:::b", &[]);
        check("arn:aws:s3:::b/*", &["b then /*"]);
        check("arn:aws:s3:::b-*/x/key*", &["b-* then /x/key*"]);
        check("arn:aws:logs:*:*:log-group:app", &[]);
        check("arn:aws:logs:*:*:log-group:app:*", &["log-group:app then :*"]);
        check("arn:aws:logs:*:*:log-group:app:log-stream:one", &["log-group:app then :log-stream:one"]);
        check("arn:aws:dynamodb:*:*:table/t", &[]);
        check("arn:aws:dynamodb:*:*:table/t/index/*", &["table/t then /index/*"]);
        check("arn:aws:lambda:*:*:function:f:live", &["function:f then :live"]);
        check("arn:aws:lambda:*:*:layer:f:1", &[]);
        check("arn:aws:execute-api:*:*:abc/prod/GET/x", &["abc then /prod/GET/x"]);
        check("arn:aws:apigateway:*::/restapis/abc/stages/*", &["/restapis/abc then /stages/*"]);
        check("arn:aws:rds-db:*:*:dbuser:db-1/app", &["dbuser:db-1 then /app"]);
        check("arn:aws:es:*:*:domain/d/*", &["domain/d then /*"]);
    }

    #[test]
    fn an_entity_may_have_another_name() {
        let check = |written: &str, expected: &[&str]| assert_eq!(shown(written), expected, "{written}");

        check("arn:aws:ecs:*:*:task-definition/web", &["task-definition/web:*"]);
        check("arn:aws:ecs:*:*:task-definition/web:3", &[]);
        check("arn:aws:batch:*:*:job-definition/nightly", &["job-definition/nightly:*"]);
        check("arn:aws:events:*:*:rule/default/tick", &["rule/tick"]);
        check("arn:aws:events:*:*:rule/orders/tick", &[]);
    }
}
