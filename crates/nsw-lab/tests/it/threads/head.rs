//! The comment at the head of a thread's lab: keys with values, a longer value in further lines that are indented.

/// Keys that the simulator answers; they are compared and rewritten, the others are prose.
const FOUND: [&str; 6] = ["Verdict", "Cause", "Copies", "Overheard", "Least fix", "On vSphere"];

/// The head of a file.
pub(super) struct Head {
    title: String,
    entries: Vec<(String, String)>,
}

/// The question that a thread asks.
pub(super) enum Ask {
    /// Two ends.
    Ping {
        /// Who asks.
        from: String,
        /// Who should answer.
        to: String,
    },
    /// One frame, where no ping shows the fault.
    Frame {
        /// Host and port.
        at: String,
        /// The frame, as in `nsw trace --frame`.
        frame: String,
        /// Who should get it.
        to: String,
    },
}

/// The comment lines before the lab, without their `#`.
fn comment(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().skip_while(|line| line.contains("yaml-language-server"));
    lines.map_while(|line| line.strip_prefix('#')).map(|line| line.strip_prefix(' ').unwrap_or(line))
}

impl Head {
    pub(super) fn read(text: &str) -> Self {
        let mut title = Vec::new();
        let mut entries: Vec<(String, String)> = Vec::new();
        for line in comment(text) {
            let key = line
                .split_once(": ")
                .filter(|(key, _)| line.starts_with(|c: char| c.is_uppercase()) && key.len() < 20);
            match (key, entries.last_mut()) {
                (Some((key, value)), _) if !title.is_empty() => {
                    entries.push((key.to_owned(), value.to_owned()));
                }
                (_, Some((_, value))) if line.starts_with("  ") => *value += &format!(" {}", line.trim()),
                (_, None) if !line.is_empty() => title.push(line),
                _ => {}
            }
        }
        Self { title: title.join(" "), entries }
    }

    /// Every value of a key.
    pub(super) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.entries.iter().filter(move |(found, _)| found == key).map(|(_, value)| value.as_str())
    }

    fn one(&self, key: &str) -> &str {
        let found = self.entries.iter().find(|(found, _)| found == key);
        found.map_or_else(|| panic!("{} has no {key}", self.title), |(_, value)| value)
    }

    pub(super) fn ask(&self) -> Ask {
        let (from, to) = self.one("Ask").split_once(" -> ").expect("FROM -> TO");
        let to = to.to_owned();
        match from.strip_prefix("frame at ").and_then(|rest| rest.split_once(' ')) {
            Some((at, frame)) => Ask::Frame { at: at.to_owned(), frame: frame.to_owned(), to },
            None => Ask::Ping { from: from.to_owned(), to },
        }
    }

    /// The lines that the simulator answers.
    pub(super) fn findings(&self) -> Vec<String> {
        let found = self.entries.iter().filter(|(key, _)| FOUND.contains(&key.as_str()));
        found.map(|(key, value)| format!("{key}: {value}")).collect()
    }

    /// The same file with other findings, below the question.
    pub(super) fn with_findings(text: &str, found: &[String]) -> String {
        let is_found = |line: &&str| FOUND.iter().any(|key| line.starts_with(&format!("# {key}: ")));
        let mut lines: Vec<String> = text.lines().filter(|line| !is_found(line)).map(str::to_owned).collect();
        let ask = lines.iter().position(|line| line.starts_with("# Ask: ")).expect("a question");
        lines.splice(ask + 1..=ask, found.iter().map(|line| format!("# {line}")));
        lines.join("\n") + "\n"
    }

    /// The row of the table in the documents.
    pub(super) fn row(&self, file: &str) -> String {
        let threads: Vec<String> = self.all("Thread").map(|address| format!("<{address}>")).collect();
        let causes: Vec<String> = self
            .all("Cause")
            .map(|cause| {
                let (code, place) = cause.split_once(" at ").expect("CODE at PLACE");
                let place = place.split_once(';').map_or(place, |(place, _)| place);
                format!("[`{code}`](reasons/{code}.md) at {place}")
            })
            .collect();
        let others = ["Copies", "Overheard"]
            .iter()
            .flat_map(|key| self.all(key).map(move |value| format!("{}: {value}", key.to_lowercase())));
        let causes: Vec<String> = causes.into_iter().chain(others).collect();
        let of_vsphere = self.all("On vSphere").map(|fix| format!("on vSphere: {fix}"));
        let fixes: Vec<String> = self.all("Least fix").map(str::to_owned).chain(of_vsphere).collect();
        format!(
            "| [{}](../examples/threads/{file})<br>{} | {} | {} | {} | {} |\n",
            file.trim_end_matches(".yaml"),
            threads.join("<br>"),
            self.title,
            causes.join("<br>"),
            fixes.join("<br>"),
            self.one("Opened more"),
        )
    }
}

/// The head of the table.
pub(super) fn table_head() -> String {
    "| lab and thread | what happened | cause | least fix | the advice opened more |\n|---|---|---|---|---|\n"
        .to_owned()
}

const BEGIN: &str = "<!-- threads: begin -->\n\n";
const END: &str = "\n<!-- threads: end -->";

/// The page with another table.
pub(super) fn replace_table(page: &str, table: &str) -> String {
    let (before, rest) = page.split_once(BEGIN).expect("the table begins");
    let (_, after) = rest.split_once(END).expect("the table ends");
    format!("{before}{BEGIN}{table}{END}{after}")
}
