//! The parsed file as a tree that still knows where everything was written.
//!
//! Two uses: reading the tree leaf by leaf, so that one wrong value does not hide the next, and looking up the
//! place of an option after its value has become plain data.

use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

/// A value and where it was written.
pub(crate) type Node<'i> = Spanned<DeValue<'i>>;

/// One step from a table or a list to what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Key(String),
    Item(usize),
}

/// A value that could not become what the option wants.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The part of the file that is left out because of it.
    pub(crate) path: Vec<Step>,
    pub(crate) span: Range<usize>,
    /// What serde says.
    pub(crate) message: String,
}

/// Turns the tree into a `T` of this schema, leaving out every part that has a fault; those parts are gone from
/// the tree too.
pub(crate) fn read<T: DeserializeOwned + Default>(tree: &mut Node<'_>, schema: &Value) -> (T, Vec<Fault>) {
    let mut faults: Vec<Fault> = Vec::new();
    lists_as_tables(tree, schema, &[], &mut faults);
    for fault in &faults {
        remove(tree, &fault.path);
    }
    let removed = faults.len();
    for leaf in leaves(tree) {
        let Err(error) = deserialize::<T>(only(tree, &leaf)) else {
            continue;
        };
        let fault = fault(tree, leaf, &error);
        if !faults.iter().any(|known| known.path == fault.path && known.message == fault.message) {
            faults.push(fault);
        }
    }

    // From the back, so that the positions of the items before stay true.
    for fault in faults.iter().skip(removed).rev() {
        remove(tree, &fault.path);
    }

    match deserialize(tree.clone()) {
        Ok(value) => (value, faults),
        Err(error) => {
            faults.push(fault(tree, Vec::new(), &error));
            (T::default(), faults)
        }
    }
}

/// Finds lists where the schema has a struct: serde would take their items for its fields, in order.
fn lists_as_tables(node: &Node<'_>, schema: &Value, path: &[Step], faults: &mut Vec<Fault>) {
    let schemas = || {
        let either = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
        std::iter::once(schema).chain(either)
    };
    let properties = schemas().find_map(|schema| schema.get("properties"));
    let items = schemas().find_map(|schema| schema.get("items"));
    match (node.get_ref(), properties, items) {
        (DeValue::Array(_), Some(_), _) => {
            let message = "invalid type: sequence, expected a table".to_owned();
            faults.push(Fault { path: path.to_vec(), span: node.span(), message });
        }
        (DeValue::Array(children), None, Some(items)) => {
            // From the back, so that the positions of the items before stay true when one is removed.
            for (at, child) in children.iter().enumerate().rev() {
                lists_as_tables(child, items, &[path, &[Step::Item(at)]].concat(), faults);
            }
        }
        (DeValue::Table(table), Some(properties), _) => {
            for (key, child) in table {
                if let Some(schema) = properties.get(key.get_ref().as_ref()) {
                    let step = Step::Key(key.get_ref().to_string());
                    lists_as_tables(child, schema, &[path, &[step]].concat(), faults);
                }
            }
        }
        _ => {}
    }
}

fn deserialize<T: DeserializeOwned>(tree: Node<'_>) -> Result<T, toml::de::Error> {
    let span = tree.span();
    let table = match tree.into_inner() {
        DeValue::Table(table) => table,
        _ => DeTable::new(),
    };
    T::deserialize(Deserializer::from(Spanned::new(span, table)))
}

/// Attributes the error of one leaf to the largest part of the path that serde points at: an unknown section is
/// one fault, not one for each of its options.
fn fault(tree: &Node<'_>, leaf: Vec<Step>, error: &toml::de::Error) -> Fault {
    let message = error.message().to_owned();
    let mut place = Place::root(tree);
    for (depth, step) in leaf.iter().enumerate() {
        place = place.step(step);
        let value = place.node.map(Spanned::span);
        if let Some(span) = error.span()
            && (span == place.key || Some(&span) == value.as_ref())
        {
            return Fault { path: leaf[..=depth].to_vec(), span: place.span(), message };
        }
    }
    Fault { path: leaf, span: error.span().unwrap_or_else(|| place.span()), message }
}

fn leaves(node: &Node<'_>) -> Vec<Vec<Step>> {
    let children: Vec<(Step, &Node<'_>)> = match node.get_ref() {
        DeValue::Table(table) => {
            table.iter().map(|(key, child)| (Step::Key(key.get_ref().to_string()), child)).collect()
        }
        DeValue::Array(items) => {
            items.iter().enumerate().map(|(at, child)| (Step::Item(at), child)).collect()
        }
        _ => Vec::new(),
    };
    if children.is_empty() {
        return vec![Vec::new()];
    }
    let mut paths = Vec::new();
    for (step, child) in children {
        for rest in leaves(child) {
            paths.push([vec![step.clone()], rest].concat());
        }
    }
    paths
}

/// A copy of the tree with nothing in it but one leaf.
fn only<'i>(node: &Node<'i>, path: &[Step]) -> Node<'i> {
    let Some((step, rest)) = path.split_first() else {
        return node.clone();
    };
    let value = match (node.get_ref(), step) {
        (DeValue::Table(table), Step::Key(key)) => {
            let mut copy = DeTable::new();
            if let Some((key, child)) = table.get_key_value(key.as_str()) {
                copy.insert(key.clone(), only(child, rest));
            }
            DeValue::Table(copy)
        }
        (DeValue::Array(items), Step::Item(at)) => {
            DeValue::Array(items.iter().skip(*at).take(1).map(|child| only(child, rest)).collect())
        }
        (other, _) => other.clone(),
    };
    Spanned::new(node.span(), value)
}

fn remove(node: &mut Node<'_>, path: &[Step]) {
    let Some((step, rest)) = path.split_first() else {
        return;
    };
    match (node.get_mut(), step) {
        (DeValue::Table(table), Step::Key(key)) if rest.is_empty() => {
            table.remove(key.as_str());
        }
        (DeValue::Table(table), Step::Key(key)) => {
            if let Some(child) = table.get_mut(key.as_str()) {
                remove(child, rest);
            }
        }
        (DeValue::Array(items), Step::Item(at)) => {
            if rest.is_empty() {
                let others = items.iter().enumerate().filter(|(other, _)| other != at);
                *items = others.map(|(_, child)| child.clone()).collect();
            } else if let Some(child) = items.get_mut(*at) {
                remove(child, rest);
            }
        }
        _ => {}
    }
}

/// Where an option is, or where it would be.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    key: Range<usize>,
    node: Option<&'a Node<'a>>,
}

impl<'a> Place<'a> {
    /// The whole file, pointed at by its first character.
    pub(crate) fn root(tree: &'a Node<'a>) -> Place<'a> {
        Place { key: 0..0, node: Some(tree) }
    }

    /// The option of this name; this place itself, when the option is not in the file.
    pub(crate) fn key(&self, name: &str) -> Place<'a> {
        let table = self.node.and_then(|node| node.get_ref().as_table());
        match table.and_then(|table| table.get_key_value(name)) {
            Some((key, node)) => Place { key: key.span(), node: Some(node) },
            None => Place { key: self.span(), node: None },
        }
    }

    /// The item at this position of a list.
    pub(crate) fn item(&self, at: usize) -> Place<'a> {
        let items = self.node.and_then(|node| node.get_ref().as_array());
        match items.and_then(|items| items.get(at)) {
            Some(node) => Place { key: node.span(), node: Some(node) },
            None => Place { key: self.span(), node: None },
        }
    }

    /// The item of a list that is written where `other` is; in another copy of the tree it may have another
    /// position.
    pub(crate) fn item_like(&self, other: &Place<'_>) -> Place<'a> {
        let items = self.node.and_then(|node| node.get_ref().as_array());
        let same = items.and_then(|items| {
            items.iter().position(|item| Some(item.span()) == other.node.map(Spanned::span))
        });
        same.map_or_else(|| Place { key: other.key.clone(), node: None }, |at| self.item(at))
    }

    /// One step of a path.
    pub(crate) fn step(&self, step: &Step) -> Place<'a> {
        match step {
            Step::Key(name) => self.key(name),
            Step::Item(at) => self.item(*at),
        }
    }

    /// Whether the option is in the file.
    pub(crate) fn is_set(&self) -> bool {
        self.node.is_some()
    }

    /// The value here, with the values in it if it is a table or a list.
    pub(crate) fn node(&self) -> Option<&'a Node<'a>> {
        self.node
    }

    /// What to underline: the value, or the name of a table.
    pub(crate) fn span(&self) -> Range<usize> {
        match self.node {
            Some(node) if !node.get_ref().is_table() => node.span(),
            _ => self.key.clone(),
        }
    }

    /// Underlines the name instead of the value.
    pub(crate) fn name(&self) -> Place<'a> {
        Place { key: self.key.clone(), node: None }
    }
}
