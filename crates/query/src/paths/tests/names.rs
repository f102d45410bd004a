use super::Drawn;
use crate::paths::{Filter, Graph, Limits, PathError};

fn graph() -> Graph {
    let mut drawn = Drawn::new(&[]);
    drawn.entity("aws_instance", "arn:aws:ec2:eu-west-1:1:instance/i-1", "web", None);
    drawn.entity("aws_instance", "arn:aws:ec2:eu-west-1:1:instance/i-2", "db", None);
    drawn.entity("aws_iam_role", "arn:aws:iam::1:role/web", "web", None);
    drawn.entity("aws_iam_role", "arn:aws:iam::1:role/Admin", "", None);
    drawn.0
}

#[test]
fn an_entity_is_found_by_key_by_type_and_name_and_by_a_name_of_its_own() {
    let graph = graph();
    for (text, key) in [
        ("arn:aws:iam::1:role/web", "arn:aws:iam::1:role/web"),
        ("aws_iam_role:web", "arn:aws:iam::1:role/web"),
        ("aws_instance:web", "arn:aws:ec2:eu-west-1:1:instance/i-1"),
        ("db", "arn:aws:ec2:eu-west-1:1:instance/i-2"),
        ("i-2", "arn:aws:ec2:eu-west-1:1:instance/i-2"),
        ("aws_instance:i-1", "arn:aws:ec2:eu-west-1:1:instance/i-1"),
        ("Admin", "arn:aws:iam::1:role/Admin"),
    ] {
        assert_eq!(graph.key(graph.find(text).unwrap()), key, "{text}");
    }
}

#[test]
fn a_name_of_several_is_one_error_that_names_them() {
    let error = graph().find("web").unwrap_err();

    assert_eq!(
        error.to_string(),
        "\"web\" is the name of 2 entities; say which by its key: \
         arn:aws:ec2:eu-west-1:1:instance/i-1, arn:aws:iam::1:role/web"
    );
}

#[test]
fn what_is_not_there_is_said_with_what_is_almost_so() {
    let graph = graph();

    assert_eq!(graph.find("nobody").unwrap_err().to_string(), "there is no entity \"nobody\"");
    assert_eq!(
        graph.find("admin").unwrap_err().to_string(),
        "there is no entity \"admin\"; did you mean arn:aws:iam::1:role/Admin?"
    );
}

#[test]
fn a_word_that_does_not_exist_is_an_error_with_those_that_are_near() {
    let graph = graph();
    let ends = (graph.find("db").unwrap(), graph.find("Admin").unwrap());
    let message = |filter: Filter| graph.shortest(ends.0, ends.1, &filter, 1).unwrap_err().to_string();

    let said = message(Filter { types: vec!["aws_instnace".to_owned()], ..Filter::default() });
    assert!(said.starts_with("there is no type \"aws_instnace\"; did you mean aws_instance"), "{said}");
    let said = message(Filter { not_verbs: vec!["ALLOW".to_owned()], ..Filter::default() });
    assert!(said.starts_with("there is no verb \"ALLOW\"; did you mean ALLOWS"), "{said}");
    let said = message(Filter { classes: vec!["Zebra".to_owned()], ..Filter::default() });
    assert_eq!(said, "there is no class \"Zebra\"");
}

#[test]
fn words_of_a_filter_may_be_of_any_case() {
    let graph = graph();
    let ends = (graph.find("db").unwrap(), graph.find("Admin").unwrap());
    let filter =
        Filter { verbs: vec!["has".to_owned()], classes: vec!["host".to_owned()], ..Filter::default() };

    assert!(graph.shortest(ends.0, ends.1, &filter, 1).unwrap().is_empty());
}

#[test]
fn what_does_not_fit_is_refused_before_it_is_taken() {
    let mut graph = Graph::empty(&Limits { max_bytes: 1 << 20 });

    let refused = graph.reserve(1_000_000, 4_000_000).unwrap_err();

    assert!(matches!(refused, PathError::TooLarge { limit_mib: 1, .. }), "{refused}");
    assert_eq!(graph.memory_bytes(), 0);
    assert!(graph.reserve(1000, 1000).is_ok());
    assert!(graph.memory_bytes() > 100_000);
}
