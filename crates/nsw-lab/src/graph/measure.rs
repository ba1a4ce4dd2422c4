//! How large everything is: from the inside outwards.
//!
//! A host is a row of vSwitches under its adapters, a vSwitch is a row of port groups under its name, and under each
//! port group stands a row of its clients, of which one may be a host. Places are counted from the left edge of
//! whatever is around; `place.rs` turns them into places on the paper.

use super::metrics::width;
use super::model::{Badge, ClientBox, GroupBox, HostBox, SwitchBox};
use super::story::{Mark, Stop, Story};

pub(super) const NAME: i32 = 13;
pub(super) const SMALL: i32 = 12;
pub(super) const TINY: i32 = 11;
pub(super) const PAD: i32 = 14;
/// Half the height of an adapter; it stands on the edge of a box.
pub(super) const HALF: i32 = 10;
pub(super) const BADGE_W: i32 = 32;
pub(super) const ROW: i32 = 20;
pub(super) const FLAG_H: i32 = 18;
/// From a cable to the words of the sign on it.
pub(super) const FLAG_DX: i32 = 13;
pub(super) const LANE: i32 = 10;
pub(super) const GROUP_PAD: i32 = 8;
const CLIENT_GAP: i32 = 14;
const SWITCH_GAP: i32 = 16;
/// Settings of a port group go into rows of this width, or that of its name.
const SETTINGS_W: i32 = 3 * BADGE_W + 8 + 78;

/// A host, measured.
pub(super) struct Host {
    pub(super) w: i32,
    pub(super) h: i32,
    /// The middle of each physical adapter.
    pub(super) pnics: Vec<i32>,
    pub(super) switches: Vec<Switch>,
    pub(super) unconnected: Vec<Client>,
    /// The upper edge of the vSwitches.
    pub(super) switch_y: i32,
    pub(super) switch_h: i32,
    pub(super) group_h: i32,
    /// The upper edge of the clients.
    pub(super) client_y: i32,
}

/// A vSwitch, measured.
pub(super) struct Switch {
    pub(super) x: i32,
    pub(super) w: i32,
    pub(super) groups: Vec<Group>,
}

/// A port group, measured.
pub(super) struct Group {
    /// From the left edge of the vSwitch.
    pub(super) x: i32,
    /// Without the room for `guests`, which is to the right.
    pub(super) w: i32,
    /// Rows of settings.
    pub(super) rows: i32,
    pub(super) clients: Vec<Client>,
    /// Who is not drawn, in words.
    pub(super) rest: Option<Client>,
    /// Cables from clients of other port groups end at its right edge.
    pub(super) guests: i32,
}

/// A client, measured.
pub(super) struct Client {
    /// From the left edge of the port group.
    pub(super) x: i32,
    pub(super) w: i32,
    pub(super) h: i32,
    /// The middle of each adapter, from its own left edge.
    pub(super) nics: Vec<i32>,
    pub(super) host: Option<Box<Host>>,
}

/// What makes room for a story.
#[derive(Clone, Copy)]
pub(super) struct Room<'a> {
    pub(super) story: Option<&'a Story>,
}

impl<'a> Room<'a> {
    pub(super) fn marks(self, at: &Stop, at_segment: bool) -> impl Iterator<Item = &'a Mark> {
        let marks = self.story.map_or(&[][..], |story| &story.marks);
        marks.iter().filter(move |mark| mark.at == *at && mark.at_segment == at_segment)
    }

    /// How high the band is in which frames go across.
    pub(super) fn track_h(self) -> i32 {
        let strands = self.story.map_or(0, |story| story.strands.len());
        12 + super::route::SPREAD * i32::try_from(strands).unwrap_or(0)
    }

    /// From the middle of a cable to the right end of what is written beside it.
    pub(super) fn flag_w(self, at: &Stop, at_segment: bool) -> i32 {
        self.marks(at, at_segment).map(|mark| FLAG_DX + flag_text_w(mark) + 4).max().unwrap_or(0)
    }

    pub(super) fn flags(self, at: &Stop, at_segment: bool) -> i32 {
        i32::try_from(self.marks(at, at_segment).count()).unwrap_or(0)
    }

    pub(super) fn host(self, host: &HostBox) -> Host {
        let title = PAD + title_w(host) + PAD;
        let mut x = PAD;
        let mut pnics = vec![None; host.pnics.len()];
        let mut switches = Vec::new();
        let mut taken = title;
        for vswitch in &host.vswitches {
            let mut switch = self.switch(host, vswitch);
            switch.x = x;
            let mut at = (x + label_w(vswitch)).max(taken) + CLIENT_GAP;
            for name in &vswitch.uplinks {
                let Some(place) = host.pnics.iter().position(|pnic| pnic.name == *name) else { continue };
                let half = adapter_w(name) / 2;
                pnics[place] = Some(at + half);
                at += half + half.max(self.pnic_flag_w(host, name)) + CLIENT_GAP;
                taken = at;
            }
            switch.widen(at - x);
            x += switch.w + SWITCH_GAP;
            switches.push(switch);
        }
        let unconnected = self.row(host, &host.unconnected, &mut x, CLIENT_GAP);
        let mut w = (x - SWITCH_GAP + PAD).max(title);
        for (place, pnic) in pnics.iter_mut().enumerate().filter(|(_, pnic)| pnic.is_none()) {
            let half = adapter_w(&host.pnics[place].name) / 2;
            *pnic = Some(taken + half);
            taken += 2 * half + CLIENT_GAP;
            w = w.max(taken + PAD);
        }
        let mut measured = Host {
            w,
            h: 0,
            pnics: pnics.into_iter().flatten().collect(),
            switches,
            unconnected,
            switch_y: 0,
            switch_h: 0,
            group_h: 0,
            client_y: 0,
        };
        self.heights(host, &mut measured);
        measured
    }

    fn heights(self, host: &HostBox, measured: &mut Host) {
        let stop = |name: &String| Stop::Pnic { host: host.name.clone(), name: name.clone() };
        let flags = host.pnics.iter().map(|pnic| self.flags(&stop(&pnic.name), false)).max().unwrap_or(0);
        let groups = || measured.switches.iter().flat_map(|switch| &switch.groups);
        let port = |nic: &super::model::NicBox| {
            self.flags(&Stop::Port { host: host.name.clone(), name: nic.port.clone() }, false)
        };
        let nics = || host.clients().flat_map(|client| &client.nics);
        let port_flags = nics().map(port).max().unwrap_or(0);
        let lanes = host.lanes().len();
        let rows = groups().map(|group| group.rows).max().unwrap_or(0);
        let group_h = if rows == 0 { 0 } else { 24 + ROW * rows };
        let switch_y = HALF + 24 + (flags - 1).max(0) * FLAG_H;
        let switch_h = 28 + self.track_h() + group_h + if group_h == 0 { 0 } else { GROUP_PAD };
        let gap = 16 + port_flags * (FLAG_H + 2) + LANE * i32::try_from(lanes).unwrap_or(0);
        let clients = groups().flat_map(|group| group.clients.iter().chain(&group.rest));
        let tallest = clients.map(|client| client.h).max();
        let loose = measured.unconnected.iter().map(|client| client.h).max().unwrap_or(0);
        let switches_h = if measured.switches.is_empty() { 0 } else { switch_h };
        let client_y = switch_y + switches_h + gap + HALF;
        let below = tallest.map_or(switch_y + switches_h, |tallest| client_y + tallest);
        let h = below.max(switch_y + loose) + PAD;
        *measured =
            Host { h, switch_y, switch_h, group_h, client_y, ..std::mem::replace(measured, Host::empty()) };
    }

    /// What is written beside an adapter of the host, on either side of the edge it stands on.
    fn pnic_flag_w(self, host: &HostBox, name: &str) -> i32 {
        let inner = Stop::Pnic { host: host.name.clone(), name: name.to_owned() };
        let outer = format!("{}.{name}", host.name);
        let marks = self.story.map_or(&[][..], |story| &story.marks);
        let outside = marks
            .iter()
            .filter(|mark| matches!(&mark.at, Stop::Port { name, .. } if host.nested && *name == outer));
        let outside = outside.map(|mark| FLAG_DX + flag_text_w(mark) + 4).max().unwrap_or(0);
        self.flag_w(&inner, false).max(self.flag_w(&inner, true)).max(outside)
    }

    fn switch(self, host: &HostBox, vswitch: &SwitchBox) -> Switch {
        let mut x = GROUP_PAD;
        let mut groups = Vec::new();
        for group in &vswitch.groups {
            let mut measured = self.group(host, group);
            measured.x = x;
            x += measured.full_w() + GROUP_PAD.max(self.lane_flag_w(host, group));
            groups.push(measured);
        }
        let mut switch = Switch { x: 0, w: x, groups };
        switch.widen(label_w(vswitch) + PAD);
        switch
    }

    /// What is written right of the cables that come to a port group from the side.
    fn lane_flag_w(self, host: &HostBox, group: &GroupBox) -> i32 {
        let lanes = host.lanes().into_iter().filter(|lane| lane.group == group.name);
        let stop = |port: &str| Stop::Port { host: host.name.clone(), name: port.to_owned() };
        lanes.map(|lane| self.flag_w(&stop(lane.port), false)).max().unwrap_or(0)
    }

    fn group(self, host: &HostBox, group: &GroupBox) -> Group {
        let guests = host.lanes().iter().filter(|lane| lane.group == group.name).count();
        let guests = i32::try_from(guests).unwrap_or(0);
        let mut clients_w = 0;
        let clients = self.row(host, &group.clients, &mut clients_w, CLIENT_GAP);
        let lines = &group.rest;
        let rest = (!lines.is_empty()).then(|| {
            let mut client = boxed(lines.iter().map(|line| width(line, SMALL, false)).max().unwrap_or(0));
            client.h = 12 + 16 * i32::try_from(lines.len()).unwrap_or(0);
            client.x = clients_w;
            client.nics = vec![client.w / 2];
            clients_w += client.w + CLIENT_GAP;
            client
        });
        let clients_w = (clients_w - CLIENT_GAP).max(0);
        let name_w = width(&group.name, NAME, true);
        let (rows, settings_w) = settings(group, name_w);
        let plate = 2 * 10 + name_w.max(settings_w);
        let mut measured =
            Group { x: 0, w: clients_w, rows: i32::try_from(rows.len()).unwrap_or(1), clients, rest, guests };
        measured.widen(plate);
        measured
    }

    /// A row of clients from `x` on, which is moved behind them.
    fn row(self, host: &HostBox, clients: &[ClientBox], x: &mut i32, gap: i32) -> Vec<Client> {
        let mut row = Vec::new();
        for client in clients {
            let mut measured = self.client(host, client);
            measured.x = *x;
            let flag = |(nic, dx): (&super::model::NicBox, &i32)| {
                dx + self.flag_w(&Stop::Port { host: host.name.clone(), name: nic.port.clone() }, false)
            };
            let flags = client.nics.iter().zip(&measured.nics).map(flag).max().unwrap_or(0);
            *x += measured.w.max(flags) + gap;
            row.push(measured);
        }
        row
    }

    fn client(self, host: &HostBox, client: &ClientBox) -> Client {
        if let Some(inside) = &client.host {
            let measured = self.host(inside);
            let place = |nic: &super::model::NicBox| {
                let place = inside.pnics.iter().position(|pnic| pnic.name == nic.name);
                place.map_or(PAD, |place| measured.pnics[place])
            };
            let nics = client.nics.iter().map(place).collect();
            return Client { x: 0, w: measured.w, h: measured.h, nics, host: Some(Box::new(measured)) };
        }
        let lines = client.lines.iter().map(|line| width(line, SMALL, false));
        let mut measured = boxed(lines.max().unwrap_or(0).max(width(&client.name, NAME, true)));
        let slot = |nic: &super::model::NicBox| {
            let stop = Stop::Port { host: host.name.clone(), name: nic.port.clone() };
            adapter_w(&nic.name).max(if client.nics.len() > 1 { self.flag_w(&stop, false) } else { 0 }) + 10
        };
        let count = i32::try_from(client.nics.len()).unwrap_or(1).max(1);
        measured.w = measured.w.max(count * client.nics.iter().map(slot).max().unwrap_or(0));
        measured.nics = (0..count).map(|place| (2 * place + 1) * measured.w / (2 * count)).collect();
        let lines = i32::try_from(client.lines.len()).unwrap_or(0);
        measured.h = if client.vmkernel { 8 } else { HALF + 4 } + 18 + 15 * lines + 6;
        measured
    }
}

fn boxed(text_w: i32) -> Client {
    Client { x: 0, w: text_w + 2 * 10, h: 0, nics: Vec::new(), host: None }
}

impl Host {
    const fn empty() -> Self {
        Self {
            w: 0,
            h: 0,
            pnics: Vec::new(),
            switches: Vec::new(),
            unconnected: Vec::new(),
            switch_y: 0,
            switch_h: 0,
            group_h: 0,
            client_y: 0,
        }
    }
}

impl Switch {
    /// Gives every port group its part of what the vSwitch is wider than they are.
    fn widen(&mut self, w: i32) {
        let count = i32::try_from(self.groups.len()).unwrap_or(0);
        let more = w - self.w;
        if more <= 0 {
            return;
        }
        self.w = w;
        let mut moved = 0;
        for (place, group) in self.groups.iter_mut().enumerate() {
            group.x += moved;
            let place = i32::try_from(place).unwrap_or(0);
            let share = more * (place + 1) / count - more * place / count;
            group.widen(group.w + share);
            moved += share;
        }
    }
}

impl Group {
    pub(super) const fn full_w(&self) -> i32 {
        self.w + self.guests * LANE
    }

    /// Makes it at least this wide, with its clients in the middle.
    fn widen(&mut self, w: i32) {
        let more = (w - self.w).max(0);
        for client in self.clients.iter_mut().chain(&mut self.rest) {
            client.x += more / 2;
        }
        self.w += more;
    }
}

/// A cable that does not go straight up: from a client to a port group that it does not stand under.
pub(super) struct Lane<'a> {
    pub(super) port: &'a str,
    pub(super) group: &'a str,
}

impl HostBox {
    /// All clients, port group by port group.
    pub(super) fn clients(&self) -> impl Iterator<Item = &ClientBox> {
        self.vswitches.iter().flat_map(|vswitch| &vswitch.groups).flat_map(|group| &group.clients)
    }

    pub(super) fn lanes(&self) -> Vec<Lane<'_>> {
        let groups = self.vswitches.iter().flat_map(|vswitch| &vswitch.groups);
        let nics = groups.flat_map(|group| {
            let nics = group.clients.iter().flat_map(|client| &client.nics);
            nics.filter(|nic| nic.group != group.name)
        });
        nics.map(|nic| Lane { port: &nic.port, group: &nic.group }).collect()
    }
}

pub(super) fn title_w(host: &HostBox) -> i32 {
    width(&host.name, NAME, true) + 8 + width(&host.kind, SMALL, false)
}

pub(super) fn adapter_w(name: &str) -> i32 {
    width(name, TINY, false) + 12
}

pub(super) fn note_w(note: &str) -> i32 {
    width(note, TINY, false) + 10
}

pub(super) fn flag_text(mark: &Mark) -> String {
    format!("{} {}", mark.letter, mark.code)
}

pub(super) fn flag_text_w(mark: &Mark) -> i32 {
    width(&flag_text(mark), SMALL, true) + 8
}

/// The name of a vSwitch with its settings, from its left edge.
pub(super) fn label_w(vswitch: &SwitchBox) -> i32 {
    let notes: i32 = vswitch.notes.iter().map(|note| note_w(note) + 4).sum();
    10 + width(&vswitch.name, NAME, true) + 10 + badges_w(&vswitch.badges) + notes
}

fn badges_w(badges: &[Badge]) -> i32 {
    i32::try_from(badges.len()).unwrap_or(0) * (BADGE_W + 4)
}

/// A setting in a row.
#[derive(Clone, Copy)]
pub(super) enum Setting<'a> {
    Badge(&'a Badge),
    Note(&'a str),
}

impl Setting<'_> {
    pub(super) fn w(self) -> i32 {
        match self {
            Self::Badge(_) => BADGE_W,
            Self::Note(note) => note_w(note),
        }
    }
}

/// The settings of a port group in rows, and how wide the widest row is.
pub(super) fn settings(group: &GroupBox, name_w: i32) -> (Vec<Vec<Setting<'_>>>, i32) {
    let most = SETTINGS_W.max(name_w);
    let badges = group.badges.iter().map(Setting::Badge);
    let mut rows: Vec<Vec<Setting<'_>>> = vec![Vec::new()];
    let (mut x, mut widest) = (0, 0);
    for setting in badges.chain(group.notes.iter().map(|note| Setting::Note(note))) {
        if x > 0 && x + setting.w() > most {
            rows.push(Vec::new());
            x = 0;
        }
        if let Some(row) = rows.last_mut() {
            row.push(setting);
        }
        x += setting.w() + 4;
        widest = widest.max(x - 4);
    }
    (rows, widest)
}
