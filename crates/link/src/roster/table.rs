//! Tables in CSV or TOML, read row by row.

use std::collections::BTreeMap;
use std::fmt;

use toml::Spanned;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated values below a line of names.
    Csv,
    /// One table for each row.
    Toml,
}

impl Format {
    /// The format of a file of this name, by its ending.
    pub fn of(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1;
        if ending.eq_ignore_ascii_case("csv") {
            Some(Self::Csv)
        } else if ending.eq_ignore_ascii_case("toml") {
            Some(Self::Toml)
        } else {
            None
        }
    }
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

/// The fields of one row, taken out one by one.
pub(super) struct Fields {
    fields: BTreeMap<String, toml::Value>,
    known: Vec<&'static str>,
}

impl Fields {
    /// A text, if it is there and not empty.
    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<String>, String> {
        match self.take(name) {
            None => Ok(None),
            Some(toml::Value::String(text)) => Ok(non_empty(&text)),
            Some(toml::Value::Datetime(time)) => Ok(Some(time.to_string())),
            Some(other) => Err(format!("`{name}` is {}; write a text", kind(&other))),
        }
    }

    /// A text that has to be there.
    pub(super) fn required(&mut self, name: &'static str) -> Result<String, String> {
        self.text(name)?.ok_or_else(|| format!("`{name}` is missing"))
    }

    /// The texts of a list; one text may hold several, separated by `;`.
    pub(super) fn texts(&mut self, name: &'static str) -> Result<Vec<String>, String> {
        let wrong = |it: &toml::Value| format!("`{name}` is {}; write a text or a list of texts", kind(it));
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(toml::Value::String(text)) => Ok(text.split(';').filter_map(non_empty).collect()),
            Some(toml::Value::Array(items)) => items
                .iter()
                .map(|it| it.as_str().map(|it| it.trim().to_owned()).ok_or_else(|| wrong(it)))
                .collect(),
            Some(other) => Err(wrong(&other)),
        }
    }

    /// Yes, no, or not said.
    pub(super) fn flag(&mut self, name: &'static str) -> Result<Option<bool>, String> {
        let wrong = |it: &dyn fmt::Display| Err(format!("`{name}` is {it}; write true or false"));
        match self.take(name) {
            None => Ok(None),
            Some(toml::Value::Boolean(flag)) => Ok(Some(flag)),
            Some(toml::Value::String(text)) => match text.trim().to_ascii_lowercase().as_str() {
                "" => Ok(None),
                "true" => Ok(Some(true)),
                "false" => Ok(Some(false)),
                _ => wrong(&format_args!("`{}`", text.trim())),
            },
            Some(other) => wrong(&kind(&other)),
        }
    }

    fn take(&mut self, name: &'static str) -> Option<toml::Value> {
        self.known.push(name);
        self.fields.remove(name)
    }

    /// What was never asked for.
    fn unknown(mut self) -> impl Iterator<Item = String> {
        self.known.sort_unstable();
        let known: Vec<String> = self.known.iter().map(|it| format!("`{it}`")).collect();
        let known = known.join(", ");
        self.fields.into_keys().map(move |it| format!("there is no column `{it}`; there are {known}"))
    }
}

fn non_empty(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn kind(value: &toml::Value) -> &'static str {
    match value {
        toml::Value::String(_) => "a text",
        toml::Value::Integer(_) | toml::Value::Float(_) => "a number",
        toml::Value::Boolean(_) => "true or false",
        toml::Value::Datetime(_) => "a time",
        toml::Value::Array(_) => "a list",
        toml::Value::Table(_) => "a table",
    }
}

/// What a table holds.
pub(super) struct Table<T> {
    /// Its name in TOML.
    pub(super) name: &'static str,
    /// The columns that CSV has to have.
    pub(super) required: &'static [&'static str],
    /// Reads one row.
    pub(super) shape: fn(&mut Fields) -> Result<T, String>,
}

/// Every row that can be used, with its line, and what is wrong with the others.
pub(super) fn read<T>(text: &str, format: Format, table: &Table<T>) -> (Vec<(usize, T)>, Vec<Problem>) {
    let (rows, mut problems) = match format {
        Format::Csv => csv_rows(text, table.required),
        Format::Toml => toml_rows(text, table.name),
    };
    let mut shaped = Vec::with_capacity(rows.len());
    for (line, fields) in rows {
        let mut fields = Fields { fields, known: Vec::new() };
        match (table.shape)(&mut fields) {
            Ok(row) => {
                shaped.push((line, row));
                // A column of CSV is named once, in the first line.
                let line = if format == Format::Csv { 1 } else { line };
                for message in fields.unknown() {
                    let problem = Problem { line, message };
                    if !problems.contains(&problem) {
                        problems.push(problem);
                    }
                }
            }
            Err(message) => problems.push(Problem { line, message }),
        }
    }
    (shaped, problems)
}

type Rows = (Vec<(usize, BTreeMap<String, toml::Value>)>, Vec<Problem>);

fn csv_rows(text: &str, required: &[&str]) -> Rows {
    let mut reader =
        csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let names: Vec<String> = match reader.headers() {
        Ok(names) if names.is_empty() => {
            let message = "the file is empty; its first line names the columns".to_owned();
            return (Vec::new(), vec![Problem { line: 1, message }]);
        }
        Ok(names) => names.iter().map(str::to_owned).collect(),
        Err(error) => return (Vec::new(), vec![Problem { line: 1, message: error.to_string() }]),
    };
    if let Some(missing) = required.iter().find(|it| !names.iter().any(|name| name == *it)) {
        let message = format!("the first line names no column `{missing}`");
        return (Vec::new(), vec![Problem { line: 1, message }]);
    }
    let (mut rows, mut problems) = (Vec::new(), Vec::new());
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(1, |it| usize::try_from(it.line()).unwrap_or(usize::MAX));
                if record.len() == names.len() {
                    let fields = record.iter().map(toml::Value::from);
                    rows.push((line, names.iter().cloned().zip(fields).collect()));
                } else {
                    let message =
                        format!("{} fields where the first line names {}", record.len(), names.len());
                    problems.push(Problem { line, message });
                }
            }
            Err(error) => {
                let line = error.position().map_or(1, |it| usize::try_from(it.line()).unwrap_or(usize::MAX));
                problems.push(Problem { line, message: error.to_string() });
            }
        }
    }
    (rows, problems)
}

/// The rows of every table, each with its place in the text.
type Tables = BTreeMap<String, Vec<Spanned<BTreeMap<String, toml::Value>>>>;

fn toml_rows(text: &str, table: &str) -> Rows {
    let line_at = |at: usize| text.get(..at).map_or(1, |it| it.matches('\n').count() + 1);
    let file: BTreeMap<String, Spanned<toml::Value>> = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            let line = line_at(error.span().map_or(0, |it| it.start));
            return (Vec::new(), vec![Problem { line, message: error.message().to_owned() }]);
        }
    };
    if let Some((name, value)) =
        file.iter().find(|(name, value)| *name != table || !value.get_ref().is_array())
    {
        let message = format!("there is no `{name}` here; write one [[{table}]] for each");
        return (Vec::new(), vec![Problem { line: line_at(value.span().start), message }]);
    }
    let rows = match toml::from_str::<Tables>(text) {
        Ok(tables) => tables.into_values().flatten(),
        Err(error) => {
            let line = line_at(error.span().map_or(0, |it| it.start));
            return (Vec::new(), vec![Problem { line, message: error.message().to_owned() }]);
        }
    };
    (rows.map(|it| (line_at(it.span().start), it.into_inner())).collect(), Vec::new())
}
