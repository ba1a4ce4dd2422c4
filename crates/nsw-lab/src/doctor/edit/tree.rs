//! A YAML text as a tree of places, and edits of the text at them.
//!
//! Values are read elsewhere. Here a node is where its text begins and ends, and whether it stands in braces or in lines;
//! an edit inserts or replaces text there in the style of what is around it.

use std::ops::Range;

use granit_parser::{Event, Parser, StructureStyle};

use super::EditError;

/// The text and its nodes.
pub(super) struct Tree<'t> {
    text: &'t str,
    root: Node,
}

#[derive(Debug)]
struct Node {
    kind: Kind,
    /// Its bytes, without what comes after its last value.
    range: Range<usize>,
    /// The column of its first character.
    column: usize,
}

#[derive(Debug)]
enum Kind {
    Scalar,
    /// `key:` with nothing behind it.
    Nothing,
    /// Behind an alias stands what others may use too.
    Alias,
    List {
        in_braces: bool,
        items: Vec<Node>,
    },
    Map {
        in_braces: bool,
        entries: Vec<Entry>,
    },
}

#[derive(Debug)]
struct Entry {
    key: String,
    key_range: Range<usize>,
    value: Node,
}

/// Text that takes the place of these bytes.
#[derive(Clone, Debug)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    with: String,
}

impl Splice {
    pub(super) fn made_in(&self, text: &str) -> String {
        [&text[..self.range.start], &self.with, &text[self.range.end..]].concat()
    }
}

/// The text with these splices; `None` if two of them meet, so that their order would matter.
pub(super) fn all_made_in(text: &str, mut splices: Vec<Splice>) -> Option<String> {
    splices.sort_by_key(|splice| splice.range.start);
    let (mut made, mut done) = (String::with_capacity(text.len()), 0);
    for (number, Splice { range, with }) in splices.iter().enumerate() {
        if range.start < done || number > 0 && range.start == splices[number - 1].range.start {
            return None;
        }
        made += &text[done..range.start];
        made += with;
        done = range.end;
    }
    Some(made + &text[done..])
}

/// Nesting of nodes; a lab file that was read has less.
const MAX_DEPTH: usize = 256;

impl<'t> Tree<'t> {
    /// The tree of a text that was read as a lab file already.
    pub(super) fn of(text: &'t str) -> Result<Self, EditError> {
        let mut events = Events { parser: Parser::new_from_str(text) };
        let unreadable = || refuse(&[], "the file cannot be read");
        loop {
            let (event, ..) = events.next().ok_or_else(unreadable)?;
            if let Event::DocumentStart(..) = event {
                let first = events.next().ok_or_else(unreadable)?;
                let root = events.node(first, MAX_DEPTH).ok_or_else(unreadable)?;
                return Ok(Self { text, root });
            }
        }
    }

    /// Does this path lead to a value?
    pub(super) fn has(&self, path: &[String]) -> bool {
        let (_, rest) = self.descend(path);
        rest.is_empty()
    }

    /// This value there, whether or not one stands there now.
    pub(super) fn set(&self, path: &[String], value: &str) -> Result<Splice, EditError> {
        let (node, rest) = self.descend(path);
        let Some((first, deeper)) = rest.split_first() else {
            return match node.kind {
                Kind::Alias => Err(refuse(path, "it stands behind an alias")),
                Kind::Nothing => Ok(self.fill(node, value)),
                _ => Ok(self.replace(node.range.clone(), value)),
            };
        };
        let nested = deeper
            .iter()
            .rev()
            .fold(value.to_owned(), |inner, key| format!("{{ {}: {inner} }}", quoted(key)));
        self.insert(path, node, first, &nested)
    }

    /// One more item at the end of this list.
    pub(super) fn append(&self, path: &[String], item: &str) -> Result<Splice, EditError> {
        let (node, rest) = self.descend(path);
        match &node.kind {
            Kind::List { in_braces: true, items } if rest.is_empty() => Ok(match items.last() {
                Some(last) => self.replace(last.range.end..last.range.end, &format!(", {item}")),
                None => self.replace(node.range.clone(), &format!("[{item}]")),
            }),
            Kind::List { in_braces: false, items } if rest.is_empty() => {
                let end = items.last().map_or(node.range.end, |last| last.range.end);
                Ok(self.add_line(end, node.column, &format!("- {item}")))
            }
            Kind::Scalar if rest.is_empty() => {
                let now = &self.text[node.range.clone()];
                Ok(self.replace(node.range.clone(), &format!("[{now}, {item}]")))
            }
            Kind::Nothing if rest.is_empty() => Ok(self.fill(node, &format!("[{item}]"))),
            _ => Err(refuse(path, "it is no list that stands there itself")),
        }
    }

    /// Without this entry; nothing if there is none.
    pub(super) fn remove(&self, path: &[String]) -> Result<Splice, EditError> {
        let Some((key, parent)) = path.split_last() else { return Err(refuse(path, "it is the whole file")) };
        let (node, rest) = self.descend(parent);
        let Kind::Map { in_braces, entries } = &node.kind else {
            return Err(refuse(path, "it stands behind an alias"));
        };
        let Some(place) = entries.iter().position(|entry| entry.key == *key).filter(|_| rest.is_empty())
        else {
            return Ok(self.replace(0..0, ""));
        };
        let entry = &entries[place];
        if !in_braces {
            return match (entries.len(), self.lines_of(entry)) {
                (2.., Some(lines)) => Ok(self.replace(lines, "")),
                _ => Err(refuse(path, "nothing else would be left around it")),
            };
        }
        let from = if place > 0 { entries[place - 1].value_end() } else { entry.key_range.start };
        let to = match entries.get(place + 1) {
            Some(next) if place == 0 => next.key_range.start,
            _ => entry.value_end(),
        };
        Ok(self.replace(from..to, ""))
    }

    /// A copy of this entry under another name, after the last one.
    pub(super) fn copy_entry(&self, path: &[String], name: &str) -> Result<Splice, EditError> {
        let Some((key, parent)) = path.split_last() else { return Err(refuse(path, "it is the whole file")) };
        let (node, rest) = self.descend(parent);
        let entry = match &node.kind {
            Kind::Map { entries, .. } if rest.is_empty() => entries.iter().find(|entry| entry.key == *key),
            _ => None,
        };
        let Some(entry) = entry else { return Err(refuse(path, "it stands behind an alias")) };
        let value = &self.text[entry.key_range.end..entry.value_end()];
        let value = if value.trim().is_empty() || value.trim() == ":" { ": {}" } else { value };
        if value.contains('&') {
            return Err(refuse(path, "it has an anchor, which can stand only once"));
        }
        let copy = format!("{}{value}", quoted(name));
        match &node.kind {
            Kind::Map { in_braces: true, entries } => {
                let end = entries.last().map_or(node.range.end, Entry::value_end);
                Ok(self.replace(end..end, &format!(", {copy}")))
            }
            Kind::Map { in_braces: false, entries } => {
                let end = entries.last().map_or(node.range.end, Entry::value_end);
                Ok(self.add_line(end, node.column, &copy))
            }
            _ => Err(refuse(path, "it stands behind an alias")),
        }
    }

    /// The deepest node of the path that is there, and the keys that are not.
    fn descend<'p>(&self, path: &'p [String]) -> (&Node, &'p [String]) {
        let mut node = &self.root;
        let mut rest = path;
        while let Some((key, deeper)) = rest.split_first() {
            let Kind::Map { entries, .. } = &node.kind else { break };
            let find = |key: &str| entries.iter().find(|entry| entry.key == key);
            if let Some(optional) = key.strip_suffix('?') {
                // The short form of a VM has no `nics`, and its only adapter's keys at the VM.
                match find(optional) {
                    Some(entry) => {
                        node = &entry.value;
                        rest = deeper;
                    }
                    None => rest = deeper.get(1..).unwrap_or_default(),
                }
            } else if let Some(entry) = find(key) {
                node = &entry.value;
                rest = deeper;
            } else {
                break;
            }
        }
        (node, rest)
    }

    /// A new entry in a mapping.
    fn insert(&self, path: &[String], node: &Node, key: &str, value: &str) -> Result<Splice, EditError> {
        let entry = format!("{}: {value}", quoted(key));
        match &node.kind {
            Kind::Map { in_braces: true, entries } => Ok(match entries.last() {
                Some(last) => self.replace(last.value_end()..last.value_end(), &format!(", {entry}")),
                None => self.replace(node.range.clone(), &format!("{{ {entry} }}")),
            }),
            Kind::Map { in_braces: false, entries } => {
                let end = entries.last().map_or(node.range.end, Entry::value_end);
                Ok(self.add_line(end, node.column, &entry))
            }
            Kind::Nothing => Ok(self.fill(node, &format!("{{ {entry} }}"))),
            Kind::Alias => Err(refuse(path, "it stands behind an alias")),
            Kind::Scalar | Kind::List { .. } => Err(refuse(path, "something else stands there")),
        }
    }

    fn replace(&self, range: Range<usize>, with: &str) -> Splice {
        Splice { range, with: with.to_owned() }
    }

    /// A value behind a `key:` that had none.
    fn fill(&self, node: &Node, value: &str) -> Splice {
        let after_colon =
            self.text[node.range.start..].find(':').map_or(node.range.end, |at| node.range.start + at + 1);
        self.replace(after_colon..after_colon, &format!(" {value}"))
    }

    /// A line of its own after the one in which `end` is, indented like its siblings.
    fn add_line(&self, end: usize, column: usize, line: &str) -> Splice {
        let line_end = self.text[end..].find('\n').map_or(self.text.len(), |at| end + at);
        self.replace(line_end..line_end, &format!("\n{:column$}{line}", ""))
    }

    /// The whole lines of an entry, if nothing else stands in them.
    fn lines_of(&self, entry: &Entry) -> Option<Range<usize>> {
        let begin = self.text[..entry.key_range.start].rfind('\n').map_or(0, |at| at + 1);
        let alone = self.text[begin..entry.key_range.start].trim().is_empty();
        let end = entry.value_end();
        let end = self.text[end..].find('\n').map_or(self.text.len(), |at| end + at + 1);
        alone.then_some(begin..end)
    }
}

impl Entry {
    /// The end of its text; with nothing behind the key, that of the colon.
    fn value_end(&self) -> usize {
        match self.value.kind {
            Kind::Nothing => self.key_range.end + 1,
            _ => self.value.range.end,
        }
    }
}

type Found<'t> = (Event<'t>, Range<usize>, usize);

struct Events<'t> {
    parser: Parser<'t, granit_parser::StrInput<'t>>,
}

impl<'t> Events<'t> {
    /// The next event that is no comment.
    fn next(&mut self) -> Option<Found<'t>> {
        loop {
            let (event, span) = self.parser.next()?.ok()?;
            if !matches!(event, Event::Comment(..)) {
                return Some((event, span.byte_range()?, span.start.col()));
            }
        }
    }

    fn node(&mut self, (event, range, column): Found<'t>, depth: usize) -> Option<Node> {
        let depth = depth.checked_sub(1)?;
        let leaf = |kind| Some(Node { kind, range: range.clone(), column });
        match event {
            Event::Alias(_) => leaf(Kind::Alias),
            Event::Scalar(..) if range.is_empty() => leaf(Kind::Nothing),
            Event::Scalar(..) => leaf(Kind::Scalar),
            Event::SequenceStart(style, ..) => {
                let in_braces = style == StructureStyle::Flow;
                let (items, close) = self.items(depth)?;
                let end = if in_braces {
                    close
                } else {
                    items.last().map_or(range.end, |last: &Node| last.range.end)
                };
                Some(Node { kind: Kind::List { in_braces, items }, range: range.start..end, column })
            }
            Event::MappingStart(style, ..) => {
                let in_braces = style == StructureStyle::Flow;
                let (entries, close) = self.entries(depth)?;
                let end = if in_braces { close } else { entries.last().map_or(range.end, Entry::value_end) };
                Some(Node { kind: Kind::Map { in_braces, entries }, range: range.start..end, column })
            }
            _ => None,
        }
    }

    fn items(&mut self, depth: usize) -> Option<(Vec<Node>, usize)> {
        let mut items = Vec::new();
        loop {
            let found = self.next()?;
            if found.0 == Event::SequenceEnd {
                return Some((items, found.1.end));
            }
            items.push(self.node(found, depth)?);
        }
    }

    fn entries(&mut self, depth: usize) -> Option<(Vec<Entry>, usize)> {
        let mut entries = Vec::new();
        loop {
            let (event, range, _) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Some((entries, range.end)),
                Event::Scalar(key, ..) => key.into_owned(),
                _ => return None,
            };
            let value = self.next()?;
            let value = self.node(value, depth)?;
            entries.push(Entry { key, key_range: range, value });
        }
    }
}

/// A text as a YAML scalar: plain where that is safe, else in quotes.
pub(super) fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./ ()".contains(c);
    let words = ["true", "false", "null", "yes", "no", "on", "off", "trunk"];
    let is_safe = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(plain)
        && !text.ends_with(' ')
        && !words.contains(&text.to_ascii_lowercase().as_str());
    if is_safe { text.to_owned() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

/// Texts as a YAML list in one line.
pub(super) fn list(texts: &[String]) -> String {
    format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
}

fn refuse(path: &[String], why: &'static str) -> EditError {
    EditError::Place { path: path.join("."), why }
}
