//! A picture in Mermaid's language: a subgraph for each host and vSwitch. GitHub and GitLab draw it in Markdown.

use super::Graph;
use super::flat::{EdgeKind, Flat, FlatNode, NodeKind};

const STYLES: [&str; 8] = [
    "classDef segment fill:#e9e4d8,stroke:#9a8f78,color:#1c2430",
    "classDef client fill:#ffffff,stroke:#8a94a3,color:#1c2430",
    "classDef adapter fill:#ffffff,stroke:#6f7f96,color:#1c2430",
    "classDef vswitch fill:#d8e2ef,stroke:#6f7f96,color:#1c2430",
    "classDef group fill:#edf2f8,stroke:#a5b0bf,color:#1c2430",
    "classDef death fill:#ffffff,stroke:#b81d26,stroke-width:3px,color:#b81d26",
    "classDef refusal fill:#ffffff,stroke:#b81d26,stroke-dasharray:4 3,color:#1c2430",
    "classDef leftout fill:#ffffff,stroke:#8a94a3,stroke-dasharray:2 3,color:#566171",
];

/// The picture for Mermaid.
pub fn mermaid(graph: &Graph) -> String {
    let flat = Flat::of(graph);
    let mut out = Out { text: String::new(), flat: &flat };
    out.line(0, "flowchart TB");
    out.line(1, &format!("accTitle: {}", plain(&graph.title)));
    out.inside(None, 1);
    let mut colours = Vec::new();
    for (number, edge) in flat.edges.iter().enumerate() {
        let label = edge.label.as_ref().map(|label| format!("|{}|", quoted(label))).unwrap_or_default();
        let arrow = match (edge.kind, edge.sent) {
            (EdgeKind::Cable, _) => "---",
            (EdgeKind::Asks, true) => "==>",
            (EdgeKind::Asks | EdgeKind::Answers, _) => "-.->",
            (EdgeKind::Refused, _) => "-.-",
        };
        out.line(1, &format!("n{} {arrow}{label} n{}", edge.from, edge.to));
        match edge.kind {
            EdgeKind::Asks => colours.push(format!("linkStyle {number} stroke:#1a66c9")),
            EdgeKind::Answers => colours.push(format!("linkStyle {number} stroke:#8038b8")),
            EdgeKind::Cable | EdgeKind::Refused => {}
        }
    }
    for style in STYLES {
        out.line(1, style);
    }
    for colour in colours {
        out.line(1, &colour);
    }
    out.text
}

struct Out<'a> {
    text: String,
    flat: &'a Flat,
}

impl Out<'_> {
    fn line(&mut self, depth: usize, text: &str) {
        self.text.push_str(&"  ".repeat(depth));
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn inside(&mut self, group: Option<usize>, depth: usize) {
        let flat = self.flat;
        for (number, node) in flat.nodes.iter().enumerate().filter(|(_, node)| node.inside == group) {
            self.line(depth, &node_line(number, node));
        }
        for (number, inner) in flat.groups.iter().enumerate().filter(|(_, inner)| inner.inside == group) {
            self.line(depth, &format!("subgraph g{number}[{}]", quoted(&inner.label)));
            self.inside(Some(number), depth + 1);
            self.line(depth, "end");
        }
    }
}

fn node_line(number: usize, node: &FlatNode) -> String {
    let (open, close, class) = match node.kind {
        NodeKind::Segment => ("[[", "]]", "segment"),
        NodeKind::Client => ("[", "]", "client"),
        NodeKind::Adapter => ("([", "])", "adapter"),
        NodeKind::VSwitch => ("[", "]", "vswitch"),
        NodeKind::PortGroup => ("[", "]", "group"),
        NodeKind::Death => ("{{", "}}", "death"),
        NodeKind::Refusal => ("{{", "}}", "refusal"),
        NodeKind::LeftOut => ("[", "]", "leftout"),
    };
    let lines: Vec<String> = node.lines.iter().map(|line| plain(line)).collect();
    format!("n{number}{open}\"{}\"{close}:::{class}", lines.join("<br/>"))
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", plain(text))
}

/// Text without what Mermaid or the HTML it makes would take for their own: those stand as numbers.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for c in text.chars() {
        match c {
            '"' | '<' | '>' | '&' | '#' | ';' | '`' | '|' | '\\' => {
                plain.push_str(&format!("#{};", u32::from(c)));
            }
            c if c.is_control() => plain.push('\u{FFFD}'),
            c => plain.push(c),
        }
    }
    plain
}
