//! A picture as nodes, groups of nodes and edges, for programs that lay out for themselves.

use std::collections::HashMap;

use super::Graph;
use super::metrics;
use super::model::{Badge, ClientBox, GroupBox, HostBox, Picture, SwitchBox};
use super::route::goes_inwards;
use super::story::{End, Stop, Story, Strand};

/// How wide the reason beside a sign is at most.
const REASON_W: i32 = 240;

/// What is drawn, as a list.
#[derive(Clone, Debug, Default)]
pub struct Flat {
    /// Boxes around nodes; each after the one it is inside of.
    pub groups: Vec<FlatGroup>,
    /// Nodes.
    pub nodes: Vec<FlatNode>,
    /// Edges.
    pub edges: Vec<FlatEdge>,
}

/// A box around nodes.
#[derive(Clone, Debug)]
pub struct FlatGroup {
    /// What stands on it.
    pub label: String,
    /// A host; if not, a vSwitch.
    pub host: bool,
    /// The box around it.
    pub inside: Option<usize>,
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A segment.
    Segment,
    /// A station, a VM or a VMkernel adapter.
    Client,
    /// A physical adapter.
    Adapter,
    /// A vSwitch.
    VSwitch,
    /// A port group.
    PortGroup,
    /// Where a frame died.
    Death,
    /// Where a copy was refused.
    Refusal,
    /// Who is not drawn.
    LeftOut,
}

/// A node.
#[derive(Clone, Debug)]
pub struct FlatNode {
    /// What stands on it, line by line.
    pub lines: Vec<String>,
    /// What it is.
    pub kind: NodeKind,
    /// The box around it.
    pub inside: Option<usize>,
}

/// What an edge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EdgeKind {
    /// A cable.
    Cable,
    /// The way of a question.
    Asks,
    /// The way of an answer.
    Answers,
    /// From a port to a copy that it was refused.
    Refused,
}

/// An edge.
#[derive(Clone, Debug)]
pub struct FlatEdge {
    /// From this node.
    pub from: usize,
    /// To this node.
    pub to: usize,
    /// What it is.
    pub kind: EdgeKind,
    /// The frames were part of the conversation.
    pub sent: bool,
    /// What stands on it.
    pub label: Option<String>,
}

impl NodeKind {
    /// As it stands in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Segment => "segment",
            Self::Client => "client",
            Self::Adapter => "adapter",
            Self::VSwitch => "vswitch",
            Self::PortGroup => "port-group",
            Self::Death => "death",
            Self::Refusal => "refusal",
            Self::LeftOut => "left-out",
        }
    }
}

impl EdgeKind {
    /// As it stands in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cable => "cable",
            Self::Asks => "question",
            Self::Answers => "answer",
            Self::Refused => "refused",
        }
    }
}

impl Flat {
    /// What is drawn, as a list.
    pub fn of(graph: &Graph) -> Self {
        let mut lister = Lister { flat: Self::default(), nodes: HashMap::new(), groups_of: HashMap::new() };
        lister.picture(&graph.picture);
        if let Some(story) = &graph.story {
            lister.story(story);
        }
        lister.flat
    }
}

struct Lister {
    flat: Flat,
    /// The node of a stop; of a port the client's.
    nodes: HashMap<Stop, usize>,
    /// The node of a port's port group.
    groups_of: HashMap<Stop, usize>,
}

impl Lister {
    fn group(&mut self, label: String, host: bool, inside: Option<usize>) -> usize {
        self.flat.groups.push(FlatGroup { label, host, inside });
        self.flat.groups.len() - 1
    }

    fn node(&mut self, lines: Vec<String>, kind: NodeKind, inside: Option<usize>) -> usize {
        self.flat.nodes.push(FlatNode { lines, kind, inside });
        self.flat.nodes.len() - 1
    }

    fn cable(&mut self, from: usize, to: usize, label: Option<String>) {
        self.flat.edges.push(FlatEdge { from, to, kind: EdgeKind::Cable, sent: true, label });
    }

    fn picture(&mut self, picture: &Picture) {
        for segment in &picture.segments {
            let lines = vec![segment.name.clone(), segment.kind.clone()];
            let bar = self.node(lines, NodeKind::Segment, None);
            self.nodes.insert(Stop::Segment(segment.name.clone()), bar);
            for station in &segment.stations {
                let lines = named(&station.name, &station.lines);
                let node = self.node(lines, NodeKind::Client, None);
                self.nodes.insert(Stop::Station(station.name.clone()), node);
                self.cable(node, bar, None);
            }
            if let Some(more) = &segment.more {
                let node = self.node(vec![more.clone()], NodeKind::LeftOut, None);
                self.cable(node, bar, None);
            }
        }
        for host in &picture.hosts {
            self.host(host, None);
        }
        if let Some(more) = &picture.more_hosts {
            self.node(vec![more.clone()], NodeKind::LeftOut, None);
        }
    }

    fn host(&mut self, host: &HostBox, inside: Option<usize>) {
        let around = self.group(host.label.clone(), true, inside);
        for pnic in &host.pnics {
            let node = self.node(vec![pnic.name.clone()], NodeKind::Adapter, Some(around));
            self.nodes.insert(Stop::Pnic { host: host.name.clone(), name: pnic.name.clone() }, node);
            let segment = pnic.segment.as_ref().map(|name| Stop::Segment(name.clone()));
            if let Some(bar) = segment.and_then(|stop| self.nodes.get(&stop)).copied() {
                self.cable(bar, node, None);
            }
        }
        let mut groups = HashMap::new();
        for vswitch in &host.vswitches {
            self.vswitch(host, vswitch, around, &mut groups);
        }
        for vswitch in &host.vswitches {
            for group in &vswitch.groups {
                self.clients(host, group, around, &groups);
            }
        }
        for client in &host.unconnected {
            self.node(named(&client.name, &client.lines), NodeKind::Client, Some(around));
        }
    }

    fn vswitch(
        &mut self,
        host: &HostBox,
        vswitch: &SwitchBox,
        around: usize,
        groups: &mut HashMap<String, usize>,
    ) {
        let inside = Some(self.group(vswitch.name.clone(), false, Some(around)));
        let mut lines = vec![vswitch.name.clone()];
        lines.extend(security_line(&vswitch.badges));
        lines.extend(vswitch.notes.iter().cloned());
        let bar = self.node(lines, NodeKind::VSwitch, inside);
        self.nodes.insert(Stop::Switch { host: host.name.clone(), name: vswitch.name.clone() }, bar);
        for name in &vswitch.uplinks {
            let stop = Stop::Pnic { host: host.name.clone(), name: name.clone() };
            if let Some(pnic) = self.nodes.get(&stop).copied() {
                self.cable(pnic, bar, None);
            }
        }
        for group in &vswitch.groups {
            let mut lines = vec![group.name.clone(), group.notes.join(", ")];
            lines.extend(security_line(&group.badges));
            let node = self.node(lines, NodeKind::PortGroup, inside);
            groups.insert(group.name.clone(), node);
            self.cable(bar, node, None);
        }
    }

    fn clients(&mut self, host: &HostBox, group: &GroupBox, around: usize, groups: &HashMap<String, usize>) {
        for client in &group.clients {
            let own = match &client.host {
                Some(inside) => {
                    self.host(inside, Some(around));
                    None
                }
                None => Some(self.node(named(&client.name, &client.lines), NodeKind::Client, Some(around))),
            };
            self.nics(host, client, own, groups);
        }
        if !group.rest.is_empty() {
            let node = self.node(group.rest.clone(), NodeKind::LeftOut, Some(around));
            if let Some(group) = groups.get(&group.name) {
                self.cable(*group, node, None);
            }
        }
    }

    fn nics(
        &mut self,
        host: &HostBox,
        client: &ClientBox,
        own: Option<usize>,
        groups: &HashMap<String, usize>,
    ) {
        for nic in &client.nics {
            let inner = Stop::Pnic { host: client.name.clone(), name: nic.name.clone() };
            let node = own.or_else(|| self.nodes.get(&inner).copied());
            let (Some(node), Some(group)) = (node, groups.get(&nic.group).copied()) else { continue };
            let label = (client.host.is_none() && client.nics.len() > 1).then(|| nic.name.clone());
            self.cable(group, node, label);
            let port = Stop::Port { host: host.name.clone(), name: nic.port.clone() };
            self.nodes.insert(port.clone(), node);
            self.groups_of.insert(port, group);
        }
    }

    fn story(&mut self, story: &Story) {
        let marks: Vec<usize> = story
            .marks
            .iter()
            .map(|mark| {
                let kind = if mark.death { NodeKind::Death } else { NodeKind::Refusal };
                let reason = mark.policy.as_ref().unwrap_or(&mark.summary);
                let mut lines = vec![format!("{} {}", mark.letter, mark.code)];
                lines.extend(metrics::wrap(reason, 12, false, REASON_W));
                self.node(lines, kind, self.host_around(&mark.at))
            })
            .collect();
        for strand in &story.strands {
            self.strand(strand, &marks);
        }
        for (mark, node) in story.marks.iter().zip(&marks).filter(|(mark, _)| !mark.death) {
            let at = self.groups_of.get(&mark.at).or_else(|| self.nodes.get(&mark.at)).copied();
            if let Some(from) = at {
                let (to, kind) = (*node, EdgeKind::Refused);
                self.flat.edges.push(FlatEdge { from, to, kind, sent: true, label: None });
            }
        }
    }

    /// The box of the host that a stop is on.
    fn host_around(&self, stop: &Stop) -> Option<usize> {
        let node = self.groups_of.get(stop).or_else(|| self.nodes.get(stop))?;
        let around = self.flat.nodes[*node].inside?;
        let group = &self.flat.groups[around];
        if group.host { Some(around) } else { group.inside }
    }

    fn strand(&mut self, strand: &Strand, marks: &[usize]) {
        let mut way = Vec::new();
        for (place, stop) in strand.stops.iter().enumerate() {
            let before = place.checked_sub(1).map(|place| &strand.stops[place]);
            let inwards = goes_inwards(stop, before, strand.stops.get(place + 1));
            let mut nodes: Vec<usize> =
                self.nodes.get(stop).into_iter().chain(self.groups_of.get(stop)).copied().collect();
            let dies_here = place + 1 == strand.stops.len() && matches!(strand.end, End::Died(_));
            if !inwards {
                nodes.reverse();
                // It does not come to the client that it was refused.
                nodes.truncate(if dies_here { 1 } else { 2 });
            }
            for node in nodes {
                if way.last() != Some(&node) {
                    way.push(node);
                }
            }
        }
        if let End::Died(mark) = strand.end {
            way.push(marks[mark]);
        }
        let kind = if strand.asks { EdgeKind::Asks } else { EdgeKind::Answers };
        for (place, pair) in way.windows(2).enumerate() {
            let label = (place == 0).then(|| strand.text.clone());
            self.flat.edges.push(FlatEdge { from: pair[0], to: pair[1], kind, sent: strand.sent, label });
        }
    }
}

fn named(name: &str, lines: &[String]) -> Vec<String> {
    std::iter::once(name.to_owned()).chain(lines.iter().cloned()).collect()
}

/// The three settings in a line, as `P Reject, M Reject, F Accept (own)`.
fn security_line(badges: &[Badge]) -> Option<String> {
    let texts: Vec<&str> = badges.iter().map(|badge| badge.text.as_str()).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}
