//! `nsw graph`: a lab as a picture, and on demand a conversation in it.

use std::path::Path;

use nsw_lab::graph::flat::{Flat, FlatEdge, FlatGroup, FlatNode};
use nsw_lab::graph::{Graph, dot, mermaid, svg};
use nsw_lab::sim::World;
use serde_json::{Value, json};

use super::language::catalogue;
use super::output::{Answer, Failure, Outcome, line};
use super::trace::read_lab;
use crate::cli::{GraphArgs, GraphFormat};

pub(crate) fn run(args: &GraphArgs, as_json: bool) -> Outcome {
    let format = format_of(args)?;
    let lab = read_lab(&args.file)?;
    let world = World::new(&lab).map_err(Failure::new)?;
    let conversation = match args.why.as_deref() {
        Some([from, to]) => {
            let from = world.find(from)?;
            let to = world.find(to)?;
            Some(world.converse(from, to))
        }
        _ => None,
    };
    let graph = Graph::of(&lab, &world, conversation.as_ref(), &catalogue(&args.speech));
    let text = match format {
        _ if as_json => format!("{:#}\n", listed(&graph)),
        GraphFormat::Svg => svg(&graph),
        GraphFormat::Dot => dot(&graph),
        GraphFormat::Mermaid => mermaid(&graph),
    };
    write_picture(args.output.as_deref().unwrap_or(Path::new("-")), &text)?;
    Ok(Answer::Yes)
}

/// Writes it into this file, or to stdout if that is `-`.
pub(super) fn write_picture(path: &Path, text: &str) -> Result<(), Failure> {
    if path == Path::new("-") {
        return line(text.trim_end());
    }
    std::fs::write(path, text)
        .map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))
}

/// What is drawn, as a list.
fn listed(graph: &Graph) -> Value {
    let Flat { groups, nodes, edges } = Flat::of(graph);
    let group =
        |group: &FlatGroup| json!({ "label": group.label, "host": group.host, "inside": group.inside });
    let node =
        |node: &FlatNode| json!({ "kind": node.kind.name(), "lines": node.lines, "inside": node.inside });
    let edge = |edge: &FlatEdge| {
        let FlatEdge { from, to, kind, sent, label } = edge;
        json!({ "kind": kind.name(), "from": from, "to": to, "sent": sent, "label": label })
    };
    json!({
        "title": graph.title,
        "verdict": graph.story.as_ref().map(|story| story.verdict),
        "groups": groups.iter().map(group).collect::<Vec<_>>(),
        "nodes": nodes.iter().map(node).collect::<Vec<_>>(),
        "edges": edges.iter().map(edge).collect::<Vec<_>>(),
    })
}

/// What was asked for, else what the name of the file says, else SVG.
fn format_of(args: &GraphArgs) -> Result<GraphFormat, Failure> {
    if let Some(format) = args.format {
        return Ok(format);
    }
    let extension = args.output.as_deref().and_then(Path::extension);
    match extension.map(|extension| extension.to_string_lossy().to_ascii_lowercase()).as_deref() {
        None | Some("svg") => Ok(GraphFormat::Svg),
        Some("dot" | "gv") => Ok(GraphFormat::Dot),
        Some("mmd" | "mermaid") => Ok(GraphFormat::Mermaid),
        Some(other) => Err(Failure::with_hint(
            format!("`.{other}` is no picture that is written here"),
            "name the file .svg, .dot or .mmd, or say --format; `rsvg-convert` makes a PNG of an SVG",
        )),
    }
}
