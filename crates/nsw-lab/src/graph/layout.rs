//! From a picture to a scene: segments on top, hosts below them, the legend at the bottom.

use super::Graph;
use super::legend;
use super::measure::{self, FLAG_H, HALF, NAME, PAD, ROW, Room, SMALL};
use super::metrics::width;
use super::model::{Picture, SegmentBox, StationBox};
use super::place::{Easel, Placed};
use super::route::{self, Cable, Cables};
use super::scene::{Look, Point, Rect, Scene, Shape, Sign, Tone, Way};
use super::story::{End, Mark, Stop, Story};

const MARGIN: i32 = 20;
const HOST_GAP: i32 = 20;
/// The radius of a sign.
pub(super) const SIGN_R: i32 = 10;
/// No picture is narrower, so that the legend has lines of a length that reads well.
const LEAST_W: i32 = 640;

/// Everything gets its place.
pub fn layout(graph: &Graph) -> Scene {
    let room = Room { story: graph.story.as_ref() };
    let picture = &graph.picture;
    let hosts: Vec<measure::Host> = picture.hosts.iter().map(|host| room.host(host)).collect();
    let more_w = picture.more_hosts.as_ref().map_or(0, |text| width(text, NAME, false) + 2 * PAD + HOST_GAP);
    let hosts_w: i32 = hosts.iter().map(|host| host.w + HOST_GAP).sum::<i32>() - HOST_GAP + more_w;
    let outside = Outside::measure(picture, room);
    let inner_w = hosts_w.max(outside.w).max(LEAST_W - 2 * MARGIN);
    let mut easel = Easel::new(graph.title.clone(), inner_w + 2 * MARGIN, room);
    let bars = outside.place(&mut easel, picture, inner_w);
    let top = outside.h + if picture.segments.is_empty() { MARGIN } else { 0 };
    let flags = below_segments(picture, room);
    let y = top + HALF + 16 + flags * FLAG_H;
    let mut x = MARGIN;
    let mut bottom = y;
    for (host, measured) in picture.hosts.iter().zip(&hosts) {
        easel.host(host, measured, Placed { x, y, inside: 0, bars: &bars });
        x += measured.w + HOST_GAP;
        bottom = bottom.max(y + measured.h);
    }
    if let Some(text) = &picture.more_hosts {
        let rect = Rect { x, y, w: more_w - HOST_GAP, h: 2 * ROW };
        let inside = easel.shape(rect, Look::Client, 0, None);
        easel.words(x + PAD, y + 26, NAME, Tone::Dim, text, inside);
        bottom = bottom.max(rect.bottom());
    }
    easel.buses(&bars, picture);
    let Easel { mut scene, cables, .. } = easel;
    if let Some(story) = &graph.story {
        draw_story(&mut scene, &cables, story);
    }
    let end = legend::draw(&mut scene, graph, MARGIN, bottom + 18, inner_w);
    scene.shapes[0].rect.h = end + MARGIN;
    scene
}

/// How many signs stand one above the other at the upper ends of physical adapters' cables.
fn below_segments(picture: &Picture, room: Room<'_>) -> i32 {
    let stops = picture.hosts.iter().flat_map(|host| {
        host.pnics.iter().map(|pnic| Stop::Pnic { host: host.name.clone(), name: pnic.name.clone() })
    });
    stops.map(|stop| room.flags(&stop, true)).max().unwrap_or(0)
}

/// What is outside of the hosts, measured.
struct Outside {
    w: i32,
    h: i32,
    /// Where the stations begin: right of every segment's name.
    stations_x: i32,
    stations_h: i32,
    gap: i32,
    bar_h: i32,
}

/// Where a segment is.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) rect: Rect,
    pub(super) track: i32,
}

const BAR_GAP: i32 = 10;

impl Outside {
    fn measure(picture: &Picture, room: Room<'_>) -> Self {
        let labels = picture.segments.iter().map(|segment| PAD + segment_w(segment) + PAD);
        let stations_x = labels.max().unwrap_or(0);
        let stations = || picture.segments.iter().flat_map(|segment| &segment.stations);
        let w = stations_x + stations().map(|station| station_slot(station, room) + PAD).sum::<i32>();
        let stations_h = stations().map(station_h).max().unwrap_or(0);
        let flags = stations().map(|station| room.flags(&Stop::Station(station.name.clone()), true)).max();
        let gap = 14 + flags.unwrap_or(0) * FLAG_H;
        let bar_h = 24 + room.track_h();
        let count = i32::try_from(picture.segments.len()).unwrap_or(0);
        let bars_h = count * (bar_h + BAR_GAP) - if count > 0 { BAR_GAP } else { 0 };
        let above = if stations_h > 0 { MARGIN + stations_h + gap } else { MARGIN };
        Self { w, h: if count > 0 { above + bars_h } else { 0 }, stations_x, stations_h, gap, bar_h }
    }

    fn place(&self, easel: &mut Easel<'_>, picture: &Picture, w: i32) -> Vec<Bar> {
        let first = MARGIN + if self.stations_h > 0 { self.stations_h + self.gap } else { 0 };
        let mut bars = Vec::new();
        let mut y = first;
        for segment in &picture.segments {
            let rect = Rect { x: MARGIN, y, w, h: self.bar_h };
            let shape = easel.shape(rect, Look::Segment, 0, None);
            easel.segment_name(segment, rect, shape);
            let track = y + 24 + (self.bar_h - 24) / 2 - 2;
            bars.push(Bar { name: segment.name.clone(), rect, track });
            y += self.bar_h + BAR_GAP;
        }
        let mut x = MARGIN + self.stations_x;
        for (segment, bar) in picture.segments.iter().zip(&bars) {
            for station in &segment.stations {
                let slot = station_slot(station, easel.room);
                let w = station_w(station);
                let rect = Rect { x, y: MARGIN, w, h: self.stations_h };
                easel.station(station, rect, bar);
                x += slot + PAD;
            }
        }
        bars
    }
}

fn segment_w(segment: &SegmentBox) -> i32 {
    let left_out = segment.more.as_ref().map_or(0, |text| width(text, SMALL, false) + 10);
    width(&segment.name, NAME, true) + 8 + width(&segment.kind, SMALL, false) + left_out
}

fn station_w(station: &StationBox) -> i32 {
    let lines = station.lines.iter().map(|line| width(line, SMALL, false));
    20 + lines.max().unwrap_or(0).max(width(&station.name, NAME, true))
}

fn station_slot(station: &StationBox, room: Room<'_>) -> i32 {
    let w = station_w(station);
    w.max(w / 2 + room.flag_w(&Stop::Station(station.name.clone()), true))
}

fn station_h(station: &StationBox) -> i32 {
    30 + 15 * i32::try_from(station.lines.len()).unwrap_or(0)
}

impl Easel<'_> {
    fn segment_name(&mut self, segment: &SegmentBox, rect: Rect, inside: usize) {
        let name_w = width(&segment.name, NAME, true);
        let plate = Rect { x: rect.x + 4, y: rect.y + 2, w: PAD + segment_w(segment), h: 20 };
        let inside = self.shape(plate, Look::SegmentPlate, inside, None);
        let (x, y) = (rect.x + PAD, rect.y + 17);
        self.words(x, y, NAME, Tone::Strong, &segment.name, inside);
        self.words(x + name_w + 8, y, SMALL, Tone::Dim, &segment.kind, inside);
        if let Some(text) = &segment.more {
            let x = x + name_w + 8 + width(&segment.kind, SMALL, false) + 10;
            self.words(x, y, SMALL, Tone::Dim, text, inside);
        }
    }

    fn station(&mut self, station: &StationBox, rect: Rect, bar: &Bar) {
        let inside = self.shape(rect, Look::Client, 0, Some(station.about.clone()));
        self.centred(rect, rect.y + 20, NAME, Tone::Strong, &station.name, inside);
        for (place, line) in station.lines.iter().enumerate() {
            let y = rect.y + 36 + 15 * i32::try_from(place).unwrap_or(0);
            self.centred(rect, y, SMALL, Tone::Dim, line, inside);
        }
        let x = rect.x + rect.w / 2;
        let at = |y: i32| Point { x, y };
        let points = vec![at(rect.bottom()), at(bar.rect.y), at(bar.track)];
        let stop = Stop::Station(station.name.clone());
        self.flags(&stop, true, at(bar.rect.y - 2 - self.height_of_flags(&stop, true)), 0);
        self.scene.cables.push(points.clone());
        self.cables.add(stop, Cable { points, inner: at(bar.rect.y), outer: at(bar.rect.y) });
    }

    /// What connects the cables inside of a segment.
    fn buses(&mut self, bars: &[Bar], picture: &Picture) {
        for (segment, bar) in picture.segments.iter().zip(bars) {
            let stations = segment.stations.iter().map(|station| Stop::Station(station.name.clone()));
            let pnics = picture.hosts.iter().flat_map(|host| {
                let here = host.pnics.iter().filter(|pnic| pnic.segment.as_deref() == Some(&bar.name));
                here.map(|pnic| Stop::Pnic { host: host.name.clone(), name: pnic.name.clone() })
            });
            let ends: Vec<i32> = stations
                .chain(pnics)
                .filter_map(|stop| {
                    let on_track = |point: &&Point| point.y == bar.track;
                    self.cables.get(&stop)?.points.iter().find(on_track).map(|point| point.x)
                })
                .collect();
            self.bus(&ends, bar.track);
        }
    }
}

fn draw_story(scene: &mut Scene, cables: &Cables, story: &Story) {
    let all = story.strands.len();
    let mut drawn: Vec<(bool, bool)> = Vec::new();
    for (number, strand) in story.strands.iter().enumerate() {
        let sign = match strand.end {
            End::Died(mark) => {
                let mark = &story.marks[mark];
                cables.sign(&mark.at, mark.at_segment)
            }
            End::Arrived { .. } => None,
        };
        let points = cables.way(strand, sign);
        let kind = (strand.asks, strand.sent);
        let nth = drawn.iter().filter(|known| **known == kind).count();
        drawn.push(kind);
        if points.len() > 1 {
            let mut points = route::beside(&points, route::offset(number, all));
            if sign.is_some() {
                route::stop_before(&mut points, SIGN_R + 1);
            }
            scene.ways.push(Way { points, asks: strand.asks, sent: strand.sent, nth, arrow: true });
        }
    }
    // Where there are several, a death stands for all; the flags beside it name every one.
    for mark in
        story.marks.iter().filter(|mark| mark.death).chain(story.marks.iter().filter(|mark| !mark.death))
    {
        let at = cables.sign(&mark.at, mark.at_segment);
        if let Some(at) = at.filter(|at| scene.signs.iter().all(|sign| sign.at != *at)) {
            scene.signs.push(Sign { at, letter: mark.letter, death: mark.death });
        }
    }
    for badge in &mut scene.badges {
        // The same words stand on other hosts too.
        let decides = |mark: &Mark| {
            mark.policy.as_ref() == Some(&badge.about) && mark.at.host() == badge.host.as_deref()
        };
        badge.decided = story.marks.iter().any(decides);
    }
}

impl Shape {
    /// A box without a word.
    pub(super) const fn plain(rect: Rect, look: Look, inside: Option<usize>) -> Self {
        Self { rect, look, inside, about: None }
    }
}
