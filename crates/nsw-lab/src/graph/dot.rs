//! A picture in Graphviz' language: a cluster for each host and vSwitch.

use super::Graph;
use super::flat::{EdgeKind, Flat, FlatEdge, FlatNode, NodeKind};

/// The picture for `dot`.
pub fn dot(graph: &Graph) -> String {
    let flat = Flat::of(graph);
    let mut out = Out { text: String::new(), flat: &flat };
    out.line(0, &format!("digraph {} {{", quoted(&graph.title)));
    out.line(1, "graph [compound=true, rankdir=TB, fontname=\"sans-serif\", newrank=true];");
    out.line(1, "node [shape=box, style=filled, fillcolor=white, fontname=\"sans-serif\", fontsize=11];");
    out.line(1, "edge [dir=none, color=\"#94a0b0\", fontname=\"sans-serif\", fontsize=10];");
    out.inside(None, 1);
    for edge in &flat.edges {
        out.line(1, &edge_line(edge));
    }
    out.line(0, "}");
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
            self.line(depth, &format!("subgraph cluster_{number} {{"));
            let style = if inner.host { "rounded" } else { "\"filled,rounded\"" };
            let label = quoted(&inner.label);
            self.line(
                depth + 1,
                &format!("label={label}; style={style}; fillcolor=\"#d8e2ef\"; color=\"#6f7f96\";"),
            );
            self.inside(Some(number), depth + 1);
            self.line(depth, "}");
        }
    }
}

fn node_line(number: usize, node: &FlatNode) -> String {
    let look = match node.kind {
        NodeKind::Segment => ", shape=cds, fillcolor=\"#e9e4d8\"",
        NodeKind::Adapter => ", style=\"filled,rounded\"",
        NodeKind::VSwitch => ", fillcolor=\"#d8e2ef\"",
        NodeKind::PortGroup => ", fillcolor=\"#edf2f8\"",
        NodeKind::Death => ", shape=octagon, color=\"#b81d26\", fontcolor=\"#b81d26\", penwidth=2",
        NodeKind::Refusal => ", shape=octagon, color=\"#b81d26\", style=\"filled,dashed\"",
        NodeKind::LeftOut => ", style=\"filled,dotted\"",
        NodeKind::Client => "",
    };
    format!("n{number} [label={}{look}];", quoted(&node.lines.join("\n")))
}

fn edge_line(edge: &FlatEdge) -> String {
    let FlatEdge { from, to, .. } = edge;
    let mut attributes = Vec::new();
    if let Some(label) = &edge.label {
        attributes.push(format!("label={}", quoted(label)));
    }
    let width = if edge.sent { 2 } else { 1 };
    match edge.kind {
        EdgeKind::Cable => {}
        EdgeKind::Asks => {
            attributes.push(format!("dir=forward, color=\"#1a66c9\", penwidth={width}, constraint=false"));
        }
        EdgeKind::Answers => attributes.push(format!(
            "dir=forward, color=\"#8038b8\", penwidth={width}, style=dashed, constraint=false"
        )),
        EdgeKind::Refused => attributes.push("color=\"#b81d26\", style=dotted".to_owned()),
    }
    let attributes =
        if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
    format!("n{from} -> n{to}{attributes};")
}

/// A string of the language. Every backslash is doubled, so that none begins an escape of Graphviz' own.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            c if c.is_control() => quoted.push('\u{FFFD}'),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
