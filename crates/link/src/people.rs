//! IAM users and the people they are.

use std::collections::{BTreeMap, BTreeSet};

use orgraph_model::declare::rel;
use orgraph_model::vocabulary::{AWS_IAM_USER, PERSON};
use orgraph_model::{Properties, Relationship, Verb};
use serde_json::Value;

use crate::{Fact, Facts, Linked, Linker, Lookup};

pub(crate) static USERS: Linker = Linker {
    name: "people",
    about: "A user whose e-mail tag or name is an e-mail address of a listed person is that person.",
    from: &[AWS_IAM_USER],
    names: &[],
    entities: &[],
    relationships: &[rel(AWS_IAM_USER, Verb::Is, PERSON)],
    lookups: |input| lookups(input.own),
    link: |input, found| Linked::from(link(input.own, found)),
    parts: None,
};

/// The addresses a user may be known by, and where each comes from.
fn candidates(user: &Fact) -> BTreeMap<String, &'static str> {
    let from_name = user.text("username").or(user.name.as_deref()).map(|it| (it, "username"));
    let from_tag = user.tag("email").map(|it| (it, "tag"));
    let candidates = from_name.into_iter().chain(from_tag);
    candidates.filter_map(|(text, by)| Some((address(text)?, by))).collect()
}

/// The text as an e-mail address, if it is one.
pub(crate) fn address(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (local, domain) = text.split_once('@')?;
    let labels = domain.split_once('.')?;
    let is_one = !local.is_empty()
        && !labels.0.is_empty()
        && !labels.1.is_empty()
        && !domain.contains('@')
        && !text.contains(char::is_whitespace);
    is_one.then_some(text)
}

fn lookups(own: &Facts) -> Vec<Lookup> {
    let values: BTreeSet<String> = own.of(AWS_IAM_USER).flat_map(|it| candidates(it).into_keys()).collect();
    if values.is_empty() {
        return Vec::new();
    }
    vec![Lookup::Property { entity_type: PERSON, property: "email", values: Some(values) }]
}

fn link(own: &Facts, found: &Facts) -> Vec<Relationship> {
    let mut people: BTreeMap<String, Vec<&Fact>> = BTreeMap::new();
    for person in found.of(PERSON) {
        for email in person.texts("email") {
            people.entry(email.trim().to_lowercase()).or_default().push(person);
        }
    }
    let mut links = Vec::new();
    for user in own.of(AWS_IAM_USER) {
        let mut linked = BTreeSet::new();
        for (address, by) in candidates(user) {
            for person in people.get(&address).into_iter().flatten() {
                if linked.insert(&person.key) {
                    links.push(Relationship {
                        from: user.at(),
                        verb: Verb::Is,
                        to: person.at(),
                        discriminator: String::new(),
                        properties: Properties::from_iter([("mappedBy".to_owned(), Value::from(by))]),
                    });
                }
            }
        }
    }
    links
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::tests::fact;

    fn people_of(name: &str, tags: &serde_json::Value) -> Vec<String> {
        let mut user = fact(AWS_IAM_USER, "user", json!({"username": name}));
        user.tags = tags.as_object().unwrap().clone();
        let person = |key: &str, email: serde_json::Value| fact(PERSON, key, json!({"email": email}));
        let found = [
            person("person:ann", json!(["Ann@example.com", "a.other@example.com"])),
            person("person:bob", json!(["bob@example.com"])),
        ];
        let links = link(&[user].into_iter().collect(), &found.into_iter().collect());
        let named =
            |it: &Relationship| format!("{} by {}", it.to.key, it.properties["mappedBy"].as_str().unwrap());
        links.iter().map(named).collect()
    }

    #[test]
    fn a_user_is_who_has_the_address_of_its_tag_or_name() {
        assert_eq!(people_of("ann@EXAMPLE.com", &json!({})), ["person:ann by username"]);
        assert_eq!(people_of("deploy", &json!({"eMail": " BOB@example.com "})), ["person:bob by tag"]);
        assert_eq!(
            people_of("a.other@example.com", &json!({"Email": "ann@example.com"})),
            ["person:ann by username"]
        );
        assert_eq!(
            people_of("ann@example.com", &json!({"Email": "bob@example.com"})),
            ["person:ann by username", "person:bob by tag"]
        );
        assert_eq!(people_of("ann", &json!({"Team": "ann@example.com"})), [""; 0]);
    }

    #[test]
    fn what_is_no_address_is_not_looked_up() {
        for text in
            ["ann", "ann@", "@example.com", "ann@example", "an n@example.com", "a@b@example.com", "a@.com"]
        {
            assert_eq!(address(text), None, "{text}");
        }
        assert_eq!(address(" Ann@Example.com").as_deref(), Some("ann@example.com"));
    }
}
