//! Collects what is wrong while the sections are looked through, so that everything is said at once.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use miette::NamedSource;

use crate::load::Purpose;
use crate::mask;
use crate::problem::Problem;
use crate::reference::is_secret;
use crate::suggest::closest;
use crate::tree::{Node, Place};

/// What the sections are checked against, and what was found.
pub(crate) struct Review<'a> {
    pub(crate) known_services: &'a [&'a str],
    pub(crate) env: &'a dyn Fn(&str) -> Option<String>,
    /// Where relative paths begin.
    pub(crate) purpose: Purpose,
    pub(crate) folder: &'a Path,
    pub(crate) problems: Vec<Finding>,
    pub(crate) warnings: Vec<Finding>,
    pub(crate) masks: Vec<Range<usize>>,
}

/// A problem before its text is masked.
pub(crate) struct Finding {
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: String,
}

impl Review<'_> {
    /// Whether secrets are read that only who reads AWS or serves the API needs.
    pub(crate) fn wants_all_secrets(&self) -> bool {
        self.purpose == Purpose::Collect
    }

    /// A mistake.
    pub(crate) fn problem(&mut self, place: &Place<'_>, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Finding { span: place.span(), message: message.into(), help: help.into() });
    }

    /// Something allowed that is likely not meant.
    pub(crate) fn warning(&mut self, place: &Place<'_>, message: impl Into<String>, help: impl Into<String>) {
        self.warnings.push(Finding { span: place.span(), message: message.into(), help: help.into() });
    }

    /// Hides the value in everything that is shown.
    pub(crate) fn hide(&mut self, node: Option<&Node<'_>>) {
        self.masks.extend(node.map(mask::values).unwrap_or_default());
    }

    /// Every item of a list has the shape it should have and is there once.
    pub(crate) fn list(
        &mut self,
        place: &Place<'_>,
        items: &[String],
        is_right: impl Fn(&str) -> bool,
        what: &str,
        help: &str,
    ) {
        for (at, item) in items.iter().enumerate() {
            if !is_right(item) {
                self.problem(&place.item(at), format!("`{item}` is not {what}"), help);
            } else if items[..at].contains(item) {
                self.problem(&place.item(at), format!("`{item}` is listed twice"), "remove one of the two");
            }
        }
    }

    /// Nothing is both included and excluded.
    pub(crate) fn overlap(&mut self, excluded: &Place<'_>, exclude: &[String], include: &[String]) {
        for (at, item) in exclude.iter().enumerate() {
            if include.contains(item) {
                let message = format!("`{item}` is both included and excluded");
                self.problem(&excluded.item(at), message, "remove it from one of the two lists");
            }
        }
    }

    /// A service the caller knows.
    pub(crate) fn service(&mut self, place: &Place<'_>, service: &str, more: &[&str]) {
        let others = more.iter().filter(|name| !self.known_services.contains(name));
        let known = || self.known_services.iter().chain(others.clone()).copied();
        if known().any(|name| name == service) {
            return;
        }
        let help = match closest(service, known()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("the services are {}", known().collect::<Vec<_>>().join(", ")),
        };
        self.problem(place, format!("`{service}` is not a service that is collected"), help);
    }
}

/// Turns findings into problems that show the text, masked, in the order of its lines.
pub(crate) fn publish(
    mut findings: Vec<Finding>,
    name: &str,
    text: &str,
    masks: &[Range<usize>],
) -> Vec<Problem> {
    let masks = [masks, &mask::comments(text, &is_secret)].concat();
    let shown = Arc::new(NamedSource::new(name, mask::mask(text, &masks)).with_language("toml"));
    findings.sort_by_key(|finding| finding.span.start);
    findings
        .into_iter()
        .map(|Finding { span, message, help }| Problem {
            message,
            help: Some(help).filter(|help| !help.is_empty()),
            text: Some(Arc::clone(&shown)),
            span: Some(span.into()),
        })
        .collect()
}
