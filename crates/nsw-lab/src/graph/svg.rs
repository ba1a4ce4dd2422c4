//! A scene as SVG: one file, no script, nothing fetched, legible on light and on dark.
//!
//! Colour is never the only carrier: questions are solid lines and answers dashed ones, Accept is a tick and Reject a
//! cross, what is set at the object has a solid frame and what is inherited a dashed one.

use std::fmt::Write as _;

use super::Graph;
use super::layout::{SIGN_R, layout};
use super::matrix::Outcome;
use super::scene::{Badge, Label, Look, Mark, Point, Rect, Scene, Shape, Sign, Tone, Way};

const STYLE: &str = include_str!("svg/style.css");
/// What only a matrix needs.
const MATRIX_STYLE: &str = include_str!("svg/matrix.css");

/// The picture as SVG.
pub fn svg(graph: &Graph) -> String {
    paint(&layout(graph))
}

/// A scene as SVG.
pub fn paint(scene: &Scene) -> String {
    let mut ink = Ink(String::new());
    ink.scene(scene);
    ink.0
}

struct Ink(String);

impl Ink {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn scene(&mut self, scene: &Scene) {
        let Rect { w, h, .. } = scene.shapes[0].rect;
        self.line(&format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" \
             font-family=\"system-ui, 'Segoe UI', Roboto, Arial, 'Noto Sans', 'DejaVu Sans', sans-serif\" \
             role=\"img\" aria-labelledby=\"title desc\">"
        ));
        self.line(&format!("<title id=\"title\">{}</title>", escaped(&scene.title)));
        self.line(&format!("<desc id=\"desc\">{}</desc>", escaped(&scene.description)));
        let more = if scene.marks.is_empty() { "" } else { MATRIX_STYLE };
        self.line(&format!("<style>\n{STYLE}{more}</style>"));
        scene.shapes.iter().filter(|shape| !shape.look.in_front()).for_each(|shape| self.shape(shape));
        scene.cables.iter().for_each(|points| self.path("cable", points));
        scene.ways.iter().for_each(|way| self.way(way));
        scene.shapes.iter().filter(|shape| shape.look.in_front()).for_each(|shape| self.shape(shape));
        scene.labels.iter().for_each(|label| self.label(label));
        scene.badges.iter().for_each(|badge| self.badge(badge));
        scene.signs.iter().for_each(|sign| self.sign(*sign));
        scene.marks.iter().for_each(|mark| self.mark(mark));
        self.line("</svg>");
    }

    fn shape(&mut self, shape: &Shape) {
        let Rect { x, y, w, h } = shape.rect;
        let (class, radius) = class_of(shape.look);
        let rect = format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"{radius}\""
        );
        match &shape.about {
            Some(about) => self.line(&format!("{rect}><title>{}</title></rect>", escaped(about))),
            None => self.line(&format!("{rect}/>")),
        }
    }

    fn path(&mut self, class: &str, points: &[Point]) {
        let mut d = String::new();
        for (place, Point { x, y }) in points.iter().enumerate() {
            let _ = write!(d, "{}{x} {y}", if place == 0 { "M" } else { "L" });
        }
        self.line(&format!("<path class=\"{class}\" d=\"{d}\"/>"));
    }

    fn way(&mut self, way: &Way) {
        let side = if way.asks { "asks" } else { "answers" };
        let sent = if way.sent { "" } else { " tried" };
        let again = if way.nth > 0 { " again" } else { "" };
        self.path(&format!("way {side}{sent}{again}"), &way.points);
        if let [.., before, end] = way.points[..]
            && way.arrow
        {
            let (dx, dy) = ((end.x - before.x).signum(), (end.y - before.y).signum());
            let at = |back: i32, side: i32| (end.x - back * dx - side * dy, end.y - back * dy + side * dx);
            let ((x1, y1), (x2, y2)) = (at(9, 5), at(9, -5));
            let Point { x, y } = end;
            self.line(&format!("<path class=\"tip {side}\" d=\"M{x1} {y1}L{x} {y}L{x2} {y2}Z\"/>"));
        }
    }

    fn label(&mut self, label: &Label) {
        let class = match label.tone {
            Tone::Strong => " class=\"strong\"",
            Tone::Plain => "",
            Tone::Dim => " class=\"dim\"",
            Tone::Death => " class=\"dead\"",
        };
        let Point { x, y } = label.at;
        let text = escaped(&label.text);
        self.line(&format!("<text{class} x=\"{x}\" y=\"{y}\" font-size=\"{}\">{text}</text>", label.size));
    }

    fn badge(&mut self, badge: &Badge) {
        let Rect { x, y, w, h } = badge.rect;
        let value = if badge.accepts { "accept" } else { "reject" };
        let own = if badge.own { "" } else { " inherited" };
        let decided = if badge.decided { " decided" } else { "" };
        self.line(&format!(
            "<g><title>{}</title><rect class=\"badge {value}{own}{decided}\" x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"4\"/>",
            escaped(&badge.about)
        ));
        let (left, middle) = (x + w - 12, y + h / 2);
        if badge.letter == ' ' {
            let sample = x + w / 2 - 4;
            self.value(badge.accepts, sample, middle, value);
        } else {
            let letter = badge.letter;
            self.line(&format!(
                "<text class=\"strong\" x=\"{}\" y=\"{}\" font-size=\"11\">{letter}</text>",
                x + 5,
                y + 13
            ));
            self.value(badge.accepts, left, middle, value);
        }
        self.line("</g>");
    }

    /// A tick or a cross.
    fn value(&mut self, accepts: bool, x: i32, y: i32, class: &str) {
        let d = if accepts {
            format!("M{} {y}L{} {}L{} {}", x - 1, x + 2, y + 4, x + 8, y - 4)
        } else {
            format!("M{x} {}L{} {}M{} {}L{x} {}", y - 3, x + 6, y + 3, x + 6, y - 3, y + 3)
        };
        self.line(&format!("<path class=\"value {class}\" d=\"{d}\"/>"));
    }

    /// A tick, an arrow, a cross, a number or a dot, so that it can be read without colours.
    fn mark(&mut self, mark: &Mark) {
        let Rect { x, y, w, h } = mark.rect;
        let (mx, my) = (x + w / 2, y + h / 2);
        let class = match mark.outcome {
            Outcome::Reaches => "reaches",
            Outcome::OneWay => "one-way",
            Outcome::Apart => "apart",
            Outcome::Some(_) => "some",
            Outcome::NoNetwork | Outcome::Nobody => "none",
        };
        let about = mark.about.as_ref().map(|about| format!("<title>{}</title>", escaped(about)));
        self.line(&format!(
            "<g class=\"mark {class}\">{}<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" rx=\"4\"/>",
            about.unwrap_or_default()
        ));
        let path = |d: String| format!("<path d=\"{d}\"/>");
        let (l, r, t, b) = (mx - 4, mx + 4, my - 4, my + 4);
        self.line(&match mark.outcome {
            Outcome::Reaches => path(format!("M{} {my}L{} {}L{} {t}", mx - 5, mx - 2, my + 4, mx + 6)),
            Outcome::OneWay => {
                path(format!("M{} {my}L{} {my}M{mx} {t}L{} {my}L{mx} {b}", mx - 7, mx + 5, mx + 5))
            }
            Outcome::Apart => path(format!("M{l} {t}L{r} {b}M{r} {t}L{l} {b}")),
            Outcome::NoNetwork | Outcome::Nobody => path(format!("M{mx} {my}L{mx} {my}")),
            Outcome::Some(percent) => format!(
                "<text x=\"{mx}\" y=\"{}\" font-size=\"10\" text-anchor=\"middle\">{percent}%</text>",
                my + 4
            ),
        });
        self.line("</g>");
    }

    fn sign(&mut self, sign: Sign) {
        let Point { x, y } = sign.at;
        let class = if sign.death { "death" } else { "refused" };
        self.line(&format!("<circle class=\"sign {class}\" cx=\"{x}\" cy=\"{y}\" r=\"{SIGN_R}\"/>"));
        if sign.death {
            let (l, r, t, b) = (x - 9, x + 9, y - 9, y + 9);
            self.line(&format!("<path class=\"cross\" d=\"M{l} {t}L{r} {b}M{r} {t}L{l} {b}\"/>"));
            self.line(&format!("<circle class=\"sign hub\" cx=\"{x}\" cy=\"{y}\" r=\"8\"/>"));
        }
        let letter = sign.letter;
        self.line(&format!(
            "<text class=\"sign-letter\" x=\"{x}\" y=\"{}\" font-size=\"11\" text-anchor=\"middle\">{letter}</text>",
            y + 4
        ));
    }
}

const fn class_of(look: Look) -> (&'static str, i32) {
    match look {
        Look::Paper => ("paper", 10),
        Look::Segment => ("segment", 6),
        Look::Host => ("host", 10),
        Look::NestedHost => ("nested", 10),
        Look::VSwitch => ("vswitch", 6),
        Look::PortGroup => ("group", 5),
        Look::Client => ("client", 6),
        Look::Adapter => ("adapter", 4),
        Look::Note => ("note", 4),
        Look::SegmentPlate => ("segment-plate", 4),
        Look::VSwitchPlate => ("vswitch-plate", 4),
        Look::Flag => ("flag", 4),
        Look::Legend => ("legend", 6),
    }
}

/// Text for XML: what has a meaning is escaped, what XML cannot hold is replaced.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{FFFE}' | '\u{FFFF}' => escaped.push('\u{FFFD}'),
            c if c.is_control() => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}
