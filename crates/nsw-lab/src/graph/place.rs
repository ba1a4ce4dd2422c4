//! Everything about a host gets its place on the paper: from the outside inwards, by what `measure.rs` found.

use super::layout::Bar;
use super::measure::{
    self, FLAG_DX, FLAG_H, GROUP_PAD, HALF, LANE, NAME, PAD, ROW, Room, SMALL, Setting, TINY,
};
use super::metrics::width;
use super::model::{ClientBox, GroupBox, HostBox, SwitchBox};
use super::route::{Cable, Cables};
use super::scene::{Badge, Label, Look, Point, Rect, Scene, Shape, Tone};
use super::story::Stop;

/// The scene while it is being made, and the cables that ways will go along.
pub(super) struct Easel<'a> {
    pub(super) scene: Scene,
    pub(super) cables: Cables,
    pub(super) room: Room<'a>,
}

/// Where a host stands.
#[derive(Clone, Copy)]
pub(super) struct Placed<'b> {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) inside: usize,
    pub(super) bars: &'b [Bar],
}

/// A vSwitch of a host that is being drawn.
#[derive(Clone, Copy)]
struct OnSwitch<'b> {
    host: &'b HostBox,
    measured: &'b measure::Host,
    rect: Rect,
    track: i32,
    shape: usize,
    /// The box of the host.
    host_shape: usize,
    bars: &'b [Bar],
}

impl<'a> Easel<'a> {
    pub(super) fn new(title: String, w: i32, room: Room<'a>) -> Self {
        let paper = Shape::plain(Rect { x: 0, y: 0, w, h: 0 }, Look::Paper, None);
        let scene = Scene { title, shapes: vec![paper], ..Scene::default() };
        Self { scene, cables: Cables::default(), room }
    }

    pub(super) fn shape(&mut self, rect: Rect, look: Look, inside: usize, about: Option<String>) -> usize {
        self.scene.shapes.push(Shape { rect, look, inside: Some(inside), about });
        self.scene.shapes.len() - 1
    }

    pub(super) fn words(&mut self, x: i32, y: i32, size: i32, tone: Tone, text: &str, inside: usize) {
        self.scene.labels.push(Label { at: Point { x, y }, size, tone, text: text.to_owned(), inside });
    }

    pub(super) fn centred(&mut self, rect: Rect, y: i32, size: i32, tone: Tone, text: &str, inside: usize) {
        let w = width(text, size, tone == Tone::Strong);
        self.words(rect.x + (rect.w - w) / 2, y, size, tone, text, inside);
    }

    /// What connects the cables inside of a device.
    pub(super) fn bus(&mut self, ends: &[i32], y: i32) {
        if let (Some(first), Some(last)) = (ends.iter().min(), ends.iter().max())
            && first < last
        {
            self.scene.cables.push(vec![Point { x: *first, y }, Point { x: *last, y }]);
        }
    }

    pub(super) fn height_of_flags(&self, stop: &Stop, at_segment: bool) -> i32 {
        self.room.flags(stop, at_segment) * FLAG_H
    }

    /// The codes of the signs at a port, one below the other, right of its cable.
    pub(super) fn flags(&mut self, stop: &Stop, at_segment: bool, at: Point, inside: usize) {
        let mut y = at.y;
        for mark in self.room.marks(stop, at_segment) {
            let rect = Rect { x: at.x + FLAG_DX, y, w: measure::flag_text_w(mark), h: FLAG_H };
            let tone = if mark.death { Tone::Death } else { Tone::Strong };
            let flag = self.shape(rect, Look::Flag, inside, Some(mark.summary.clone()));
            self.words(rect.x + 4, y + 13, SMALL, tone, &measure::flag_text(mark), flag);
            y += FLAG_H;
        }
    }

    pub(super) fn host(&mut self, host: &HostBox, measured: &measure::Host, placed: Placed<'_>) {
        let Placed { x, y, inside, bars } = placed;
        let look = if host.nested { Look::NestedHost } else { Look::Host };
        let shape = self.shape(Rect { x, y, w: measured.w, h: measured.h }, look, inside, None);
        self.words(x + PAD, y + 24, NAME, Tone::Strong, &host.name, shape);
        let kind_x = x + PAD + width(&host.name, NAME, true) + 8;
        self.words(kind_x, y + 24, SMALL, Tone::Dim, &host.kind, shape);
        for (vswitch, of_switch) in host.vswitches.iter().zip(&measured.switches) {
            let rect =
                Rect { x: x + of_switch.x, y: y + measured.switch_y, w: of_switch.w, h: measured.switch_h };
            let switch_shape = self.shape(rect, Look::VSwitch, shape, None);
            let track = rect.y + 28 + (self.room.track_h()) / 2 - 1;
            let on = OnSwitch { host, measured, rect, track, shape: switch_shape, host_shape: shape, bars };
            self.switch_name(host, vswitch, rect, switch_shape);
            for (group, of_group) in vswitch.groups.iter().zip(&of_switch.groups) {
                self.group(group, of_group, on);
            }
        }
        for (place, pnic) in host.pnics.iter().enumerate() {
            self.pnic(host, place, measured, placed, shape);
            let middle = x + measured.pnics[place];
            let w = measure::adapter_w(&pnic.name);
            let rect = Rect { x: middle - w / 2, y: y - HALF, w, h: 2 * HALF };
            self.adapter(rect, &pnic.name, inside, &pnic.about);
        }
        // The lanes lead to port groups that have their place by now.
        self.lanes(host, measured, placed, shape);
        self.switch_buses(host, measured, placed);
        for (client, of_client) in host.unconnected.iter().zip(&measured.unconnected) {
            self.client_box(client, of_client, x + of_client.x, y + measured.switch_y, shape);
        }
    }

    fn switch_name(&mut self, host: &HostBox, vswitch: &SwitchBox, rect: Rect, inside: usize) {
        let w = measure::label_w(vswitch);
        let plate = Rect { x: rect.x + 2, y: rect.y + 2, w: w - 2, h: 24 };
        let plate = self.shape(plate, Look::VSwitchPlate, inside, None);
        let mut x = rect.x + 10;
        self.words(x, rect.y + 19, NAME, Tone::Strong, &vswitch.name, plate);
        x += width(&vswitch.name, NAME, true) + 10;
        let badges = vswitch.badges.iter().map(Setting::Badge);
        let notes = vswitch.notes.iter().map(|note| Setting::Note(note));
        self.settings(host, badges.chain(notes), Point { x, y: rect.y + 5 }, plate);
    }

    fn settings<'s>(
        &mut self,
        host: &HostBox,
        settings: impl Iterator<Item = Setting<'s>>,
        at: Point,
        inside: usize,
    ) {
        let Point { mut x, y } = at;
        for setting in settings {
            let rect = Rect { x, y, w: setting.w(), h: 18 };
            match setting {
                Setting::Badge(badge) => self.scene.badges.push(Badge {
                    rect,
                    letter: badge.letter,
                    accepts: badge.accepts,
                    own: badge.own,
                    decided: false,
                    about: badge.about.clone(),
                    host: Some(host.name.clone()),
                    inside,
                }),
                Setting::Note(note) => {
                    let shape = self.shape(rect, Look::Note, inside, None);
                    self.words(x + 5, y + 13, TINY, Tone::Plain, note, shape);
                }
            }
            x += setting.w() + 4;
        }
    }

    fn group(&mut self, group: &GroupBox, measured: &measure::Group, on: OnSwitch<'_>) {
        let h = on.measured.group_h;
        let rect =
            Rect { x: on.rect.x + measured.x, y: on.rect.bottom() - GROUP_PAD - h, w: measured.full_w(), h };
        let shape = self.shape(rect, Look::PortGroup, on.shape, None);
        self.words(rect.x + 10, rect.y + 18, NAME, Tone::Strong, &group.name, shape);
        let (rows, _) = measure::settings(group, width(&group.name, NAME, true));
        for (place, row) in rows.into_iter().enumerate() {
            let y = rect.y + 24 + ROW * i32::try_from(place).unwrap_or(0);
            self.settings(on.host, row.into_iter(), Point { x: rect.x + 10, y }, shape);
        }
        let top = on.rect.y - on.measured.switch_y + on.measured.client_y;
        for (client, of_client) in group.clients.iter().zip(&measured.clients) {
            let x = rect.x + of_client.x;
            self.client(client, of_client, Point { x, y: top }, group, on);
        }
        if let Some(rest) = &measured.rest {
            let at = Rect { x: rect.x + rest.x, y: top, w: rest.w, h: rest.h };
            let inside = self.shape(at, Look::Client, on.host_shape, Some(group.left_out.join(", ")));
            for (place, line) in group.rest.iter().enumerate() {
                let y = top + 17 + 16 * i32::try_from(place).unwrap_or(0);
                self.words(at.x + 10, y, SMALL, Tone::Dim, line, inside);
            }
            let x = at.x + rest.w / 2;
            self.scene.cables.push(vec![Point { x, y: top }, Point { x, y: on.track }]);
        }
    }

    fn client(
        &mut self,
        client: &ClientBox,
        measured: &measure::Client,
        at: Point,
        group: &GroupBox,
        on: OnSwitch<'_>,
    ) {
        if let (Some(inside), Some(of_inside)) = (&client.host, &measured.host) {
            let placed = Placed { x: at.x, y: at.y, inside: on.host_shape, bars: on.bars };
            self.host(inside, of_inside, placed);
        } else {
            self.client_box(client, measured, at.x, at.y, on.host_shape);
        }
        for (nic, dx) in client.nics.iter().zip(&measured.nics) {
            let x = at.x + dx;
            let top = at.y - if client.vmkernel { 0 } else { HALF };
            if client.host.is_none() && !client.vmkernel {
                let w = measure::adapter_w(&nic.name);
                let rect = Rect { x: x - w / 2, y: at.y - HALF, w, h: 2 * HALF };
                self.adapter(rect, &nic.name, on.host_shape, &nic.port);
            }
            let stop = Stop::Port { host: on.host.name.clone(), name: nic.port.clone() };
            if nic.group == group.name {
                let inner = Point { x, y: on.rect.bottom() };
                self.flags(&stop, false, Point { x, y: on.rect.bottom() + 4 }, on.host_shape);
                let points = vec![Point { x, y: top }, inner, Point { x, y: on.track }];
                self.scene.cables.push(points.clone());
                self.cables.add(stop, Cable { points, inner, outer: inner });
            }
        }
    }

    fn client_box(&mut self, client: &ClientBox, measured: &measure::Client, x: i32, y: i32, inside: usize) {
        let rect = Rect { x, y, w: measured.w, h: measured.h };
        let shape = self.shape(rect, Look::Client, inside, Some(client.about.clone()));
        let mut y = y + if client.vmkernel { 20 } else { HALF + 17 };
        self.centred(rect, y, NAME, Tone::Strong, &client.name, shape);
        for line in &client.lines {
            y += 15;
            self.centred(rect, y, SMALL, Tone::Dim, line, shape);
        }
    }

    fn adapter(&mut self, rect: Rect, name: &str, inside: usize, about: &str) {
        let shape = self.shape(rect, Look::Adapter, inside, Some(about.to_owned()));
        self.words(rect.x + 6, rect.y + 14, TINY, Tone::Plain, name, shape);
    }

    /// Cables to port groups that the client does not stand under.
    fn lanes(&mut self, host: &HostBox, measured: &measure::Host, placed: Placed<'_>, shape: usize) {
        let lanes = host.lanes();
        for (number, lane) in lanes.iter().enumerate() {
            let before = lanes.iter().take(number).filter(|other| other.group == lane.group).count();
            let Some((rect, track)) = group_rect(host, measured, placed, lane.group, self.room) else {
                continue;
            };
            let Some(start) = nic_at(host, measured, placed, lane.port) else { continue };
            let number = i32::try_from(number).unwrap_or(0);
            let y = placed.y + measured.client_y - HALF - 5 - LANE * number;
            let x = rect.right() - 6 - LANE * i32::try_from(before).unwrap_or(0);
            let inner = Point { x, y: rect.bottom() + GROUP_PAD };
            let points = vec![start, Point { x: start.x, y }, Point { x, y }, inner, Point { x, y: track }];
            let stop = Stop::Port { host: host.name.clone(), name: lane.port.to_owned() };
            self.flags(&stop, false, Point { x, y: rect.bottom() + GROUP_PAD + 4 }, shape);
            self.scene.cables.push(points.clone());
            self.cables.add(stop, Cable { points, inner, outer: inner });
        }
    }

    /// A physical adapter's cables: out to its segment, in to its vSwitch.
    fn pnic(
        &mut self,
        host: &HostBox,
        place: usize,
        measured: &measure::Host,
        placed: Placed<'_>,
        shape: usize,
    ) {
        let pnic = &host.pnics[place];
        let stop = Stop::Pnic { host: host.name.clone(), name: pnic.name.clone() };
        let x = placed.x + measured.pnics[place];
        let at = |y: i32| Point { x, y };
        let used = host.vswitches.iter().any(|vswitch| vswitch.uplinks.contains(&pnic.name));
        let switch_y = placed.y + measured.switch_y;
        let bar = placed.bars.iter().find(|bar| Some(&bar.name) == pnic.segment.as_ref());
        let outer = bar.map_or(placed.y - HALF, |bar| bar.rect.bottom());
        let mut points = Vec::new();
        if let Some(bar) = bar {
            points.extend([at(bar.track), at(bar.rect.bottom())]);
            self.flags(&stop, true, at(bar.rect.bottom() + 6), 0);
        }
        points.push(at(placed.y - HALF));
        if used {
            points.extend([at(switch_y), at(switch_y + 28 + self.room.track_h() / 2 - 1)]);
            self.flags(&stop, false, at(switch_y - 1 - self.height_of_flags(&stop, false)), shape);
        }
        if points.len() > 1 {
            self.scene.cables.push(points.clone());
        }
        let inner = if used { at(switch_y) } else { at(outer) };
        self.cables.add(stop, Cable { points, inner, outer: at(outer) });
    }

    fn switch_buses(&mut self, host: &HostBox, measured: &measure::Host, placed: Placed<'_>) {
        let track = placed.y + measured.switch_y + 28 + self.room.track_h() / 2 - 1;
        for (vswitch, of_switch) in host.vswitches.iter().zip(&measured.switches) {
            let (left, right) = (placed.x + of_switch.x, placed.x + of_switch.x + of_switch.w);
            let on_it = |point: &Point| point.y == track && left <= point.x && point.x < right;
            let all = self.scene.cables.iter().flatten();
            let ends: Vec<i32> = all.filter(|point| on_it(point)).map(|point| point.x).collect();
            // A vSwitch that nothing is connected to has no bus.
            if !vswitch.groups.is_empty() || !vswitch.uplinks.is_empty() {
                self.bus(&ends, track);
            }
        }
    }
}

/// The box of a port group, and the track of its vSwitch.
fn group_rect(
    host: &HostBox,
    measured: &measure::Host,
    placed: Placed<'_>,
    name: &str,
    room: Room<'_>,
) -> Option<(Rect, i32)> {
    let y = placed.y + measured.switch_y;
    let bottom = y + measured.switch_h - GROUP_PAD;
    let pairs = host.vswitches.iter().zip(&measured.switches);
    let mut groups = pairs.flat_map(|(vswitch, of_switch)| {
        vswitch
            .groups
            .iter()
            .zip(&of_switch.groups)
            .map(move |(group, of_group)| (group, of_group, of_switch.x))
    });
    let (_, group, switch_x) = groups.find(|(group, ..)| group.name == name)?;
    let rect = Rect {
        x: placed.x + switch_x + group.x,
        y: bottom - measured.group_h,
        w: group.full_w(),
        h: measured.group_h,
    };
    Some((rect, y + 28 + room.track_h() / 2 - 1))
}

/// The upper end of an adapter.
fn nic_at(host: &HostBox, measured: &measure::Host, placed: Placed<'_>, port: &str) -> Option<Point> {
    for (vswitch, of_switch) in host.vswitches.iter().zip(&measured.switches) {
        for (group, of_group) in vswitch.groups.iter().zip(&of_switch.groups) {
            for (client, of_client) in group.clients.iter().zip(&of_group.clients) {
                if let Some(place) = client.nics.iter().position(|nic| nic.port == port) {
                    let x = placed.x + of_switch.x + of_group.x + of_client.x + of_client.nics[place];
                    return Some(Point { x, y: placed.y + measured.client_y - HALF });
                }
            }
        }
    }
    None
}
