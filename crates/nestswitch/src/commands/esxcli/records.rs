//! esxcli's four forms of output: indented blocks or a table, JSON, CSV, and key=value.

use serde_json::{Map, Value};

use crate::cli::Formatter;
use crate::commands::output::{Failure, json, line};

/// What a command prints.
pub(super) enum Records {
    /// Nothing: a change that worked.
    Nothing,
    /// A block of `Key: value` lines each.
    Blocks(Vec<Record>),
    /// A row each, under one heading.
    Table(Vec<Record>),
}

/// One object.
pub(super) struct Record {
    /// The line above its fields, if it has one.
    pub(super) heading: Option<String>,
    pub(super) fields: Vec<Field>,
}

/// One property of an object.
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) value: String,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Boolean,
}

impl Field {
    pub(super) fn text(key: &'static str, value: &str) -> Self {
        Self { key, value: value.to_owned(), kind: Kind::Text }
    }

    pub(super) fn number(key: &'static str, value: usize) -> Self {
        Self { key, value: value.to_string(), kind: Kind::Number }
    }

    pub(super) fn boolean(key: &'static str, value: bool) -> Self {
        Self { key, value: value.to_string(), kind: Kind::Boolean }
    }

    /// The key as JSON and CSV have it: without spaces.
    fn name(&self) -> String {
        self.key.replace(' ', "")
    }

    fn json(&self) -> Value {
        match self.kind {
            Kind::Text => Value::String(self.value.clone()),
            Kind::Number => self.value.parse::<u64>().map_or(Value::Null, Value::from),
            Kind::Boolean => Value::Bool(self.value == "true"),
        }
    }

    const fn type_name(&self) -> &'static str {
        match self.kind {
            Kind::Text => "string",
            Kind::Number => "integer",
            Kind::Boolean => "boolean",
        }
    }
}

impl Records {
    pub(super) fn print(&self, formatter: Option<Formatter>, as_json: bool) -> Result<(), Failure> {
        let records = match self {
            Self::Nothing => return Ok(()),
            Self::Blocks(records) | Self::Table(records) => records,
        };
        match formatter {
            Some(Formatter::Json) => print_json(records),
            None if as_json => print_json(records),
            Some(Formatter::Csv) => print_csv(records),
            Some(Formatter::Keyvalue) => print_key_value(records),
            None if matches!(self, Self::Table(_)) => print_table(records),
            None => print_blocks(records),
        }
    }
}

fn print_blocks(records: &[Record]) -> Result<(), Failure> {
    for (i, record) in records.iter().enumerate() {
        if i > 0 {
            line("")?;
        }
        if let Some(heading) = &record.heading {
            line(heading)?;
        }
        for field in &record.fields {
            line(format_args!("   {}: {}", field.key, field.value))?;
        }
    }
    Ok(())
}

/// Text stands to the left and numbers to the right, two blanks between columns, dashes below the keys.
fn print_table(records: &[Record]) -> Result<(), Failure> {
    let Some(first) = records.first() else { return Ok(()) };
    let widths: Vec<usize> = first
        .fields
        .iter()
        .enumerate()
        .map(|(i, field)| {
            records.iter().map(|record| record.fields[i].value.len()).max().unwrap_or(0).max(field.key.len())
        })
        .collect();
    let keys = first.fields.iter().zip(&widths).map(|(field, width)| format!("{:<width$}", field.key));
    line(keys.collect::<Vec<_>>().join("  ").trim_end())?;
    line(widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>().join("  "))?;
    for record in records {
        let cells = record.fields.iter().zip(&widths).map(|(field, width)| match field.kind {
            Kind::Number => format!("{:>width$}", field.value),
            Kind::Text | Kind::Boolean => format!("{:<width$}", field.value),
        });
        line(cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

fn print_json(records: &[Record]) -> Result<(), Failure> {
    let objects: Vec<Value> = records
        .iter()
        .map(|record| {
            Value::Object(
                record.fields.iter().map(|field| (field.name(), field.json())).collect::<Map<_, _>>(),
            )
        })
        .collect();
    json(&objects)
}

fn print_csv(records: &[Record]) -> Result<(), Failure> {
    let Some(first) = records.first() else { return Ok(()) };
    line(first.fields.iter().map(Field::name).collect::<Vec<_>>().join(",") + ",")?;
    records.iter().try_for_each(|record| {
        line(record.fields.iter().map(|field| csv_cell(&field.value)).collect::<Vec<_>>().join(",") + ",")
    })
}

fn csv_cell(value: &str) -> String {
    if value.contains([',', '"', '\n']) {
        format!("\"{}\"", value.replace('"', "\"\""))
    } else {
        value.to_owned()
    }
}

fn print_key_value(records: &[Record]) -> Result<(), Failure> {
    for (i, record) in records.iter().enumerate() {
        for field in &record.fields {
            line(format_args!("Record[{i}].{}.{}={}", field.name(), field.type_name(), field.value))?;
        }
    }
    Ok(())
}
