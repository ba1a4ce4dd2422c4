//! The way of a strand over the paper: along the cables from stop to stop, and across a device on its track.
//!
//! Each port has its cable as a polyline from one device to the other. A way strings these together; where it crosses a
//! device, the horizontal part is the straight line between two ends on the same track. Strands that share a cable run
//! beside each other: each is moved by its own offset, horizontal parts down and vertical parts to the right.

use std::collections::HashMap;

use super::scene::Point;
use super::story::{End, Stop, Strand};

/// From one strand to the next.
pub(super) const SPREAD: i32 = 8;

/// The cable of a stop, and where on it signs stand.
pub(super) struct Cable {
    /// From the end that is farther from the vSwitch, or for a station from the station.
    pub(super) points: Vec<Point>,
    /// At the vSwitch; for a station at the segment.
    pub(super) inner: Point,
    /// At the segment, of a physical adapter.
    pub(super) outer: Point,
}

#[derive(Default)]
pub(super) struct Cables(HashMap<Stop, Cable>);

impl Cables {
    pub(super) fn add(&mut self, stop: Stop, cable: Cable) {
        self.0.insert(stop, cable);
    }

    pub(super) fn get(&self, stop: &Stop) -> Option<&Cable> {
        self.0.get(stop)
    }

    /// Where the sign of a mark stands.
    pub(super) fn sign(&self, stop: &Stop, at_segment: bool) -> Option<Point> {
        let cable = self.get(stop)?;
        let outside = at_segment && matches!(stop, Stop::Pnic { .. });
        Some(if outside { cable.outer } else { cable.inner })
    }

    /// The points of a strand's way, without its offset.
    pub(super) fn way(&self, strand: &Strand, sign: Option<Point>) -> Vec<Point> {
        let mut points: Vec<Point> = Vec::new();
        for (place, stop) in strand.stops.iter().enumerate() {
            let Some(cable) = self.get(stop) else { continue };
            let before = place.checked_sub(1).map(|place| &strand.stops[place]);
            let mut part = cable.points.clone();
            if !goes_inwards(stop, before, strand.stops.get(place + 1)) {
                part.reverse();
            }
            for point in part {
                if points.last() != Some(&point) {
                    points.push(point);
                }
            }
        }
        match (strand.end, sign) {
            (End::Died(_), Some(sign)) => cut_at(points, sign),
            _ => points,
        }
    }
}

/// Is the cable of `stop` gone along from the far end to the vSwitch? What a stop is next to tells.
pub(super) fn goes_inwards(stop: &Stop, before: Option<&Stop>, after: Option<&Stop>) -> bool {
    let is_segment = |stop: &Stop| matches!(stop, Stop::Segment(_));
    match (stop, before, after) {
        (_, _, Some(Stop::Switch { .. })) => true,
        (Stop::Station(_), _, after) => after.is_some() || before.is_none(),
        (Stop::Pnic { .. }, _, Some(_)) => false,
        (Stop::Pnic { .. }, Some(before), None) => is_segment(before) || matches!(before, Stop::Port { .. }),
        (Stop::Port { .. }, _, Some(Stop::Port { .. } | Stop::Pnic { .. })) => false,
        (Stop::Port { .. }, Some(before), None) => matches!(before, Stop::Pnic { .. } | Stop::Port { .. }),
        _ => true,
    }
}

/// The way up to the last visit of `sign`.
fn cut_at(mut points: Vec<Point>, sign: Point) -> Vec<Point> {
    if let Some(last) = points.iter().rposition(|point| *point == sign) {
        points.truncate(last + 1);
    }
    points
}

/// How far the strand `nth` of `all` is beside the middle.
pub(super) fn offset(nth: usize, all: usize) -> i32 {
    let (nth, all) = (i32::try_from(nth).unwrap_or(0), i32::try_from(all).unwrap_or(1));
    nth * SPREAD - (all - 1) * SPREAD / 2
}

/// The same way, moved by `by`: its ends stay on the edges that they are on.
pub(super) fn beside(points: &[Point], by: i32) -> Vec<Point> {
    let points = without_straights(points);
    let vertical = |a: Point, b: Point| a.x == b.x;
    let mut moved = Vec::new();
    for (place, point) in points.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| vertical(points[before], *point));
        let after = points.get(place + 1).map(|after| vertical(*point, *after));
        let any = |wanted: bool| before == Some(wanted) || after == Some(wanted);
        let (dx, dy) = (if any(true) { by } else { 0 }, if any(false) { by } else { 0 });
        moved.push(Point { x: point.x + dx, y: point.y + dy });
    }
    moved
}

/// Points where nothing turns are no corners. A way that comes back on itself does turn.
pub(super) fn without_straights(points: &[Point]) -> Vec<Point> {
    let mut corners: Vec<Point> = Vec::new();
    for point in points {
        if corners.last() == Some(point) {
            continue;
        }
        if let [.., a, b] = corners[..]
            && between(a, b, *point)
        {
            corners.pop();
        }
        corners.push(*point);
    }
    corners
}

/// Is `b` on the straight way from `a` to `c`?
const fn between(a: Point, b: Point, c: Point) -> bool {
    let on_column = a.x == b.x && b.x == c.x && (b.y - a.y).signum() == (c.y - b.y).signum();
    let on_row = a.y == b.y && b.y == c.y && (b.x - a.x).signum() == (c.x - b.x).signum();
    on_column || on_row
}

/// Lets a way end before its last point, where that leaves some of its last part.
pub(super) fn stop_before(points: &mut [Point], by: i32) {
    let [.., before, end] = points else { return };
    let (dx, dy) = (end.x - before.x, end.y - before.y);
    if dx.abs() + dy.abs() > by {
        end.x -= by * dx.signum();
        end.y -= by * dy.signum();
    }
}
