//! The entities that policies can name, found by their ARNs.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use orgraph_model::AccountId;
use orgraph_model::vocabulary::{AWS_DB_INSTANCE, AWS_IAM_POLICY, AWS_RDS_CLUSTER};

use super::glob::{Glob, Letters};
use super::resource::{Arn, ArnPattern};
use super::subresource::{Reading, database_users, other_arn};
use super::types::RESOURCES;
use crate::{Fact, Facts};

/// Entities with the ARNs under which policies name them.
pub(super) struct Named<'a>(Vec<(Cow<'a, str>, &'a Fact)>);

impl<'a> Named<'a> {
    pub(super) fn new(own: &'a Facts, found: &'a Facts) -> Self {
        let types: HashSet<&str> = RESOURCES.iter().map(|it| it.name).collect();
        let mut named = Vec::new();
        for fact in own.iter().chain(found.iter()).filter(|it| types.contains(it.entity_type.name)) {
            if let Some(users) = users_of(fact) {
                named.push((Cow::from(users), fact));
            }
            let Some((text, arn)) = arn_of(fact).and_then(|it| Some((it, Arn::read(it)?))) else { continue };
            if let Some(other) = other_arn(&arn, fact.account.as_str()) {
                named.push((Cow::from(other), fact));
            }
            named.push((Cow::from(text), fact));
        }
        Self(named)
    }

    /// Every ARN and the entity it names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &'a Fact)> {
        self.0.iter().map(|(arn, fact)| (arn.as_ref(), *fact))
    }
}

/// The ARN that policies name an entity by. That of a policy of AWS is the same in all accounts and thus not its key.
fn arn_of(fact: &Fact) -> Option<&str> {
    let key = fact.key.as_str();
    if fact.entity_type == AWS_IAM_POLICY && !key.starts_with("arn:") {
        return key.find(":arn:").map(|at| &key[at + 1..]);
    }
    key.starts_with("arn:").then_some(key)
}

/// The property of a database under which policies name its users.
pub(super) const RESOURCE_IDS: [(orgraph_model::EntityType, &str); 2] =
    [(AWS_DB_INSTANCE, "dbiResourceId"), (AWS_RDS_CLUSTER, "dbClusterResourceId")];

fn users_of(fact: &Fact) -> Option<String> {
    let (_, property) = RESOURCE_IDS.iter().find(|it| it.0 == fact.entity_type)?;
    let arn = Arn::read(fact.key.as_str())?;
    Some(database_users(arn.partition, arn.region, arn.account, fact.text(property)?))
}

/// One ARN of one entity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) arn: Arn<'a>,
    pub(super) fact: &'a Fact,
}

/// What one service has in the account.
#[derive(Default)]
struct Listed<'a> {
    plain: List<'a>,
    /// Those with a colon in the resource, into which a `*` before the resource may go on.
    parted: List<'a>,
}

/// Entities by their ARNs: those of one account by patterns, all by the ARN itself.
pub(super) struct Index<'a> {
    by_arn: HashMap<&'a str, Entry<'a>>,
    by_service: HashMap<&'a str, Listed<'a>>,
}

/// What a pattern leads to.
pub(super) enum Found<'a, 'r> {
    /// These entities, each with the way to read the pattern.
    Entities(Vec<(Entry<'a>, &'r Reading)>),
    /// More entities than there may be.
    TooMany,
}

impl<'a> Index<'a> {
    pub(super) fn new(named: &'a Named<'a>, account: &AccountId) -> Self {
        let mut index = Self { by_arn: HashMap::new(), by_service: HashMap::new() };
        for (text, fact) in &named.0 {
            let Some(arn) = Arn::read(text) else { continue };
            let entry = Entry { arn, fact };
            if index.by_arn.insert(text, entry).is_none() && fact.account == *account {
                let listed = index.by_service.entry(arn.service).or_default();
                let list = if arn.resource.contains(':') { &mut listed.parted } else { &mut listed.plain };
                list.entries.push(entry);
            }
        }
        for listed in index.by_service.values_mut() {
            listed.plain.finish();
            listed.parted.finish();
        }
        index
    }

    /// What the readings of a pattern lead to, at most `limit` entities. One ARN leads to its entity in whatever
    /// account, a pattern to entities of the account only.
    pub(super) fn find<'r>(&self, readings: &'r [Reading], limit: usize) -> Found<'a, 'r> {
        let mut seen = HashSet::new();
        let mut found = Vec::new();
        for reading in readings {
            let mut add = |entry: &Entry<'a>| {
                if seen.insert(&entry.fact.key) {
                    found.push((*entry, reading));
                }
                found.len() <= limit
            };
            let within = match reading.entities.as_literal() {
                Some(arn) => self.by_arn.get(arn.as_str()).is_none_or(&mut add),
                None => self.fitting(&reading.entities, &mut add),
            };
            if !within {
                return Found::TooMany;
            }
        }
        Found::Entities(found)
    }

    /// Whether `add` has taken all entities of the account that fit.
    fn fitting(&self, pattern: &ArnPattern, add: &mut impl FnMut(&Entry<'a>) -> bool) -> bool {
        let Some(listed) = self.by_service.get(pattern.service.as_str()) else { return true };
        let mut add_fitting = |entry: &Entry<'a>| !pattern.fits(&entry.arn) || add(entry);
        let Some(resource) = pattern.resource() else {
            return listed.plain.entries.iter().chain(&listed.parted.entries).all(add_fitting);
        };
        listed.plain.may_fit(resource, false, &mut add_fitting)
            && listed.parted.may_fit(resource, pattern.may_go_on(), &mut add_fitting)
    }
}

/// Entries in the order of their resources.
#[derive(Default)]
struct List<'a> {
    entries: Vec<Entry<'a>>,
    /// All resources, a line each, to be searched as one text.
    text: String,
    /// Where the line of each entry ends.
    ends: Vec<usize>,
    /// The characters of each, apart from the entries so that many are read at once.
    letters: Vec<Letters>,
}

impl<'a> List<'a> {
    fn finish(&mut self) {
        self.entries.sort_unstable_by(|a, b| {
            a.arn.resource.cmp(b.arn.resource).then_with(|| a.fact.key.cmp(&b.fact.key))
        });
        for entry in &self.entries {
            self.text.push_str(entry.arn.resource);
            self.text.push('\n');
            self.ends.push(self.text.len());
            self.letters.push(Letters::of(entry.arn.resource.chars()));
        }
    }

    /// The resource of an entry, beside those of its neighbours.
    fn line(&self, at: usize) -> &str {
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[from..self.ends[at] - 1]
    }

    /// Shows every entry whose resource may fit the pattern, as long as `show` says so. Where what stands before the
    /// resource `goes_on` into it, a part of the resource has to fit.
    fn may_fit(&self, pattern: &Glob, goes_on: bool, show: &mut impl FnMut(&Entry<'a>) -> bool) -> bool {
        let prefix = if goes_on { "" } else { pattern.prefix() };
        let mut at = self.entries.partition_point(|it| it.arn.resource < prefix);
        let end = at + self.entries[at..].partition_point(|it| it.arn.resource.starts_with(prefix));
        let literal = pattern.longest_literal();
        if literal.len() < SEARCHED {
            let fitting = (at..end).filter(|it| pattern.may_fit(self.letters[*it]));
            let fitting = fitting.filter(|it| goes_on || pattern.fits(self.line(*it)));
            return fitting.into_iter().all(|it| show(&self.entries[it]));
        }
        let search = memchr::memmem::Finder::new(&literal);
        let text = &self.text.as_bytes()[..end.checked_sub(1).map_or(0, |last| self.ends[last])];
        let mut from = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        while let Some(found) = search.find(&text[from..]) {
            at += self.ends[at..end].partition_point(|it| *it <= from + found);
            if !show(&self.entries[at]) {
                return false;
            }
            from = self.ends[at];
            at += 1;
        }
        true
    }
}

/// A text shorter than this is found in most resources, so that nothing is gained by searching for it.
const SEARCHED: usize = 3;

#[cfg(test)]
mod tests {
    use orgraph_model::vocabulary::{AWS_CLOUDWATCH_LOG_GROUP, AWS_INSTANCE, AWS_S3_BUCKET, AWS_SQS_QUEUE};
    use serde_json::json;

    use super::super::resource::{ResourcePattern, Scope};
    use super::super::subresource::readings;
    use super::*;
    use crate::facts::tests::fact;

    fn found(pattern: &str, limit: usize) -> Option<Vec<String>> {
        let of_another = |mut fact: Fact| {
            fact.account = "222222222222".parse().unwrap();
            fact
        };
        let own: Facts = ["jobs", "jobs-dead", "mails"]
            .map(|it| fact(AWS_SQS_QUEUE, &format!("arn:aws:sqs:eu-west-1:111111111111:{it}"), json!({})))
            .into_iter()
            .chain([
                fact(
                    AWS_CLOUDWATCH_LOG_GROUP,
                    "arn:aws:logs:eu-west-1:111111111111:log-group:app",
                    json!({}),
                ),
                fact(
                    AWS_IAM_POLICY,
                    "aws_iam_policy:111111111111:arn:aws:iam::aws:policy/ReadOnlyAccess",
                    json!({}),
                ),
                fact(AWS_INSTANCE, "not-an-arn", json!({})),
            ])
            .collect();
        let found: Facts = [
            of_another(fact(AWS_S3_BUCKET, "arn:aws:s3:::theirs", json!({}))),
            fact(
                AWS_DB_INSTANCE,
                "arn:aws:rds:eu-west-1:111111111111:db:one",
                json!({"dbiResourceId": "db-1"}),
            ),
        ]
        .into_iter()
        .collect();
        let Scope::Arns(arns) = ResourcePattern::read(pattern).scope else { panic!("{pattern}") };
        let account = "111111111111".parse().unwrap();
        let named = Named::new(&own, &found);
        match Index::new(&named, &account).find(&readings(&arns), limit) {
            Found::Entities(found) => Some(
                found
                    .iter()
                    .map(|(entry, _)| entry.fact.key.as_str().rsplit(':').next().unwrap().to_owned())
                    .collect(),
            ),
            Found::TooMany => None,
        }
    }

    #[test]
    fn entities_are_found_by_pattern_and_by_arn() {
        let check = |pattern: &str, expected: &[&str]| {
            assert_eq!(found(pattern, 10).unwrap(), expected, "{pattern}");
        };

        check("arn:aws:sqs:*:*:jobs*", &["jobs", "jobs-dead"]);
        check("arn:aws:sqs:*:jobs", &["jobs"]);
        check("arn:aws:sqs:eu-west-1:111111111111:mails", &["mails"]);
        check("arn:aws:sqs:eu-west-1:222222222222:mails", &[]);
        check("arn:aws:sns:*:*:jobs", &[]);
        check("arn:aws:logs:*:*:log-group:a*:*", &["app"]);
        check("arn:aws:logs:*:*:a*", &["app"]);
        check("arn:aws:iam::aws:policy/ReadOnly*", &["policy/ReadOnlyAccess"]);
        check("arn:aws:iam::aws:policy/ReadOnlyAccess", &["policy/ReadOnlyAccess"]);
        check("arn:aws:rds-db:*:*:dbuser:*/app", &["one"]);
        check("arn:aws:s3:::theirs/*", &["theirs"]);
        check("arn:aws:s3:::their*", &[]);
    }

    #[test]
    fn too_many_are_not_listed() {
        assert_eq!(found("arn:aws:sqs:*:*:*s", 2), Some(vec!["jobs".to_owned(), "mails".to_owned()]));
        assert_eq!(found("arn:aws:sqs:*:*:*s", 1), None);
    }
}
