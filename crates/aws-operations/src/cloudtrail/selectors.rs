//! Which events a trail logs, from its basic or its advanced selectors.
//!
//! A selector that is narrowed in a way that the properties of a trail cannot express, such as to the name of an event,
//! counts for nothing: `All` must mean all.

use std::collections::BTreeSet;

use aws_sdk_cloudtrail::operation::get_event_selectors::GetEventSelectorsOutput;
use aws_sdk_cloudtrail::types::{AdvancedEventSelector, AdvancedFieldSelector, EventSelector, ReadWriteType};

const OBJECTS: &str = "AWS::S3::Object";
const FUNCTIONS: &str = "AWS::Lambda::Function";

/// Whether events that read and events that write are logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    read: bool,
    write: bool,
}

impl Kinds {
    const ALL: Self = Self { read: true, write: true };
    const READ: Self = Self { read: true, write: false };
    const WRITE: Self = Self { read: false, write: true };

    /// As CloudTrail calls them.
    pub(super) fn name(self) -> &'static str {
        match (self.read, self.write) {
            (true, true) => "All",
            (true, false) => "ReadOnly",
            (false, true) => "WriteOnly",
            (false, false) => "None",
        }
    }

    fn add(&mut self, other: Self) {
        self.read |= other.read;
        self.write |= other.write;
    }
}

/// What all selectors of a trail choose together.
#[derive(Debug, Default)]
pub(super) struct Selected {
    pub(super) management: Kinds,
    pub(super) excluded_management_sources: BTreeSet<String>,
    pub(super) s3: Kinds,
    pub(super) s3_resources: BTreeSet<String>,
    pub(super) lambda: Kinds,
    pub(super) advanced: bool,
}

impl Selected {
    /// An event is left out only if each selector for management events leaves it out.
    fn add_management(&mut self, kinds: Kinds, excluded: BTreeSet<String>) {
        self.excluded_management_sources = if self.management == Kinds::default() {
            excluded
        } else {
            self.excluded_management_sources.intersection(&excluded).cloned().collect()
        };
        self.management.add(kinds);
    }

    fn add_data(&mut self, resource_type: &str, kinds: Kinds, resources: impl IntoIterator<Item = String>) {
        match resource_type {
            OBJECTS => {
                self.s3.add(kinds);
                self.s3_resources.extend(resources);
            }
            FUNCTIONS => self.lambda.add(kinds),
            _ => {}
        }
    }
}

/// `all_buckets` is what stands for every object of every bucket.
pub(super) fn selected(answer: &GetEventSelectorsOutput, all_buckets: &str) -> Selected {
    let advanced = answer.advanced_event_selectors();
    let mut selected = Selected { advanced: !advanced.is_empty(), ..Selected::default() };
    for selector in answer.event_selectors() {
        add_basic(&mut selected, selector);
    }
    for selector in advanced {
        add_advanced(&mut selected, selector, all_buckets);
    }
    selected
}

fn add_basic(selected: &mut Selected, selector: &EventSelector) {
    let kinds = match selector.read_write_type() {
        Some(ReadWriteType::ReadOnly) => Kinds::READ,
        Some(ReadWriteType::WriteOnly) => Kinds::WRITE,
        _ => Kinds::ALL,
    };
    if selector.include_management_events() != Some(false) {
        let excluded = selector.exclude_management_event_sources().iter().cloned().collect();
        selected.add_management(kinds, excluded);
    }
    for data in selector.data_resources() {
        if let Some(resource_type) = data.r#type()
            && !data.values().is_empty()
        {
            selected.add_data(resource_type, kinds, data.values().iter().cloned());
        }
    }
}

fn add_advanced(selected: &mut Selected, selector: &AdvancedEventSelector, all_buckets: &str) {
    let mut category = "";
    let mut resource_types: &[String] = &[];
    let mut kinds = Kinds::ALL;
    let mut excluded = BTreeSet::new();
    let mut resources = None;
    for field in selector.field_selectors() {
        match field.field() {
            "eventCategory" => category = field.equals().first().map_or("", String::as_str),
            "resources.type" => resource_types = field.equals(),
            "readOnly" if field.equals() == ["true"] => kinds = Kinds::READ,
            "readOnly" if field.equals() == ["false"] => kinds = Kinds::WRITE,
            "eventSource" if only_excludes(field) => excluded.extend(field.not_equals().iter().cloned()),
            "resources.ARN" if only_includes(field) => {
                resources = Some(field.equals().iter().chain(field.starts_with()).cloned());
            }
            _ => return,
        }
    }
    match category {
        "Management" => selected.add_management(kinds, excluded),
        "Data" if excluded.is_empty() => {
            for resource_type in resource_types {
                match resources.clone() {
                    Some(named) => selected.add_data(resource_type, kinds, named),
                    None => selected.add_data(resource_type, kinds, [all_buckets.to_owned()]),
                }
            }
        }
        _ => {}
    }
}

fn only_excludes(field: &AdvancedFieldSelector) -> bool {
    field.equals().is_empty()
        && field.starts_with().is_empty()
        && field.ends_with().is_empty()
        && field.not_starts_with().is_empty()
        && field.not_ends_with().is_empty()
}

fn only_includes(field: &AdvancedFieldSelector) -> bool {
    field.ends_with().is_empty()
        && field.not_equals().is_empty()
        && field.not_starts_with().is_empty()
        && field.not_ends_with().is_empty()
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudtrail::types::DataResource;

    use super::*;

    fn check(answer: &GetEventSelectorsOutput, names: [&str; 3], excluded: &[&str], resources: &[&str]) {
        let found = selected(answer, "arn:aws:s3");
        assert_eq!([found.management.name(), found.s3.name(), found.lambda.name()], names, "{answer:?}");
        assert!(found.excluded_management_sources.iter().eq(excluded.iter()), "{found:?}");
        assert!(found.s3_resources.iter().eq(resources.iter()), "{found:?}");
    }

    fn basic(selectors: impl IntoIterator<Item = EventSelector>) -> GetEventSelectorsOutput {
        let answer = GetEventSelectorsOutput::builder();
        answer.set_event_selectors(Some(selectors.into_iter().collect())).build()
    }

    fn advanced(selectors: &[&[(&str, &str, &str)]]) -> GetEventSelectorsOutput {
        let field = |&(name, operator, value): &(&str, &str, &str)| {
            let field = AdvancedFieldSelector::builder().field(name);
            let field = match operator {
                "=" => field.equals(value),
                "^" => field.starts_with(value),
                _ => field.not_equals(value),
            };
            field.build().unwrap()
        };
        let selector = |fields: &&[(&str, &str, &str)]| {
            let fields = fields.iter().map(field).collect();
            AdvancedEventSelector::builder().set_field_selectors(Some(fields)).build().unwrap()
        };
        let selectors = selectors.iter().map(selector).collect();
        GetEventSelectorsOutput::builder().set_advanced_event_selectors(Some(selectors)).build()
    }

    #[test]
    fn basic_selectors_add_up() {
        let objects = DataResource::builder().r#type(OBJECTS).values("arn:aws:s3:::a/").build();
        let reads = EventSelector::builder()
            .read_write_type(ReadWriteType::ReadOnly)
            .exclude_management_event_sources("kms.amazonaws.com")
            .data_resources(objects);
        let writes = EventSelector::builder().read_write_type(ReadWriteType::WriteOnly);
        let data = EventSelector::builder()
            .include_management_events(false)
            .data_resources(DataResource::builder().r#type(FUNCTIONS).values("arn:aws:lambda").build());

        check(&basic([]), ["None", "None", "None"], &[], &[]);
        check(
            &basic([reads.clone().build()]),
            ["ReadOnly", "ReadOnly", "None"],
            &["kms.amazonaws.com"],
            &["arn:aws:s3:::a/"],
        );
        check(
            &basic([reads.build(), writes.build(), data.build()]),
            ["All", "ReadOnly", "All"],
            &[],
            &["arn:aws:s3:::a/"],
        );
    }

    #[test]
    fn an_advanced_selector_counts_unless_it_is_narrowed_beyond_words() {
        let management = [("eventCategory", "=", "Management")];
        let no_kms = [management[0], ("eventSource", "!", "kms.amazonaws.com")];
        let one_event = [management[0], ("eventName", "=", "RunInstances")];
        let objects = [("eventCategory", "=", "Data"), ("resources.type", "=", OBJECTS)];
        let writes = [objects[0], objects[1], ("readOnly", "=", "false")];
        let one_bucket = [objects[0], objects[1], ("resources.ARN", "^", "arn:aws:s3:::a/")];
        let other_buckets = [objects[0], objects[1], ("resources.ARN", "!", "arn:aws:s3:::a/")];
        let functions = [objects[0], ("resources.type", "=", FUNCTIONS)];

        check(&advanced(&[&management]), ["All", "None", "None"], &[], &[]);
        check(&advanced(&[&no_kms]), ["All", "None", "None"], &["kms.amazonaws.com"], &[]);
        check(&advanced(&[&one_event]), ["None", "None", "None"], &[], &[]);
        check(&advanced(&[&writes, &functions]), ["None", "WriteOnly", "All"], &[], &["arn:aws:s3"]);
        check(&advanced(&[&one_bucket]), ["None", "All", "None"], &[], &["arn:aws:s3:::a/"]);
        check(&advanced(&[&other_buckets]), ["None", "None", "None"], &[], &[]);
    }
}
