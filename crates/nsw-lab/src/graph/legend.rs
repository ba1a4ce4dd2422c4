//! What stands below the picture: which line is which frame, what the signs mean, and how settings are written.

use super::Graph;
use super::measure::{BADGE_W, FLAG_H, NAME, PAD, SMALL};
use super::metrics::{width, wrap};
use super::scene::{Badge, Label, Look, Point, Rect, Scene, Shape, Sign, Tone, Way};
use super::story::{End, Mark, Story, Strand};

const LINE: i32 = 17;
/// Where words begin that stand right of a sample.
const WORDS_X: i32 = 62;

/// Draws the legend with its upper edge at `y`, and returns its lower edge.
pub(super) fn draw(scene: &mut Scene, graph: &Graph, x: i32, y: i32, w: i32) -> i32 {
    let inside = scene.shapes.len();
    scene.shapes.push(Shape::plain(Rect { x, y, w, h: 0 }, Look::Legend, Some(0)));
    let mut pen = Pen { scene, inside, x: x + PAD, right: x + w - PAD, y: y + 20 };
    let mut said = vec![pen.what_is_seen(graph)];
    if let Some(story) = &graph.story {
        pen.story(story, &mut said);
    }
    pen.settings();
    let bottom = pen.y;
    scene.shapes[inside].rect.h = bottom - y;
    scene.description = said.join(" ");
    bottom
}

struct Pen<'a> {
    scene: &'a mut Scene,
    inside: usize,
    x: i32,
    right: i32,
    y: i32,
}

impl Pen<'_> {
    fn what_is_seen(&self, graph: &Graph) -> String {
        let hosts = &graph.picture.hosts;
        let names: Vec<&str> = hosts.iter().map(|host| host.name.as_str()).collect();
        format!("The hosts {}, with the VMs and hosts inside them.", names.join(", "))
    }

    fn story(&mut self, story: &Story, said: &mut Vec<String>) {
        let verdict = format!("{} -> {}: {}", story.from, story.to, story.verdict);
        self.words(0, NAME, Tone::Strong, &verdict);
        said.push(format!("{verdict}."));
        let mut drawn: Vec<(bool, bool)> = Vec::new();
        for strand in &story.strands {
            let kind = (strand.asks, strand.sent);
            let nth = drawn.iter().filter(|known| **known == kind).count();
            drawn.push(kind);
            let points =
                vec![Point { x: self.x, y: self.y - 4 }, Point { x: self.x + WORDS_X - 14, y: self.y - 4 }];
            let way = Way { points, asks: strand.asks, sent: strand.sent, nth, arrow: true };
            self.scene.ways.push(way);
            let text = strand_text(story, strand);
            self.words(WORDS_X, SMALL, Tone::Plain, &text);
            said.push(format!("{text}."));
        }
        for mark in &story.marks {
            self.y += 5;
            let at = Point { x: self.x + WORDS_X - 28, y: self.y - 4 };
            self.scene.signs.push(Sign { at, letter: mark.letter, death: mark.death });
            let code_w = width(mark.code, SMALL, true);
            let y = self.y;
            let tone = if mark.death { Tone::Death } else { Tone::Strong };
            self.put(WORDS_X, y, SMALL, tone, mark.code);
            self.words(WORDS_X + code_w + 8, SMALL, Tone::Plain, &format!("at {}", mark.place));
            self.words(WORDS_X, SMALL, Tone::Dim, &mark.summary);
            if let Some(policy) = &mark.policy {
                self.words(WORDS_X, SMALL, Tone::Dim, policy);
            }
            said.push(mark_text(mark));
        }
        self.y += 6;
    }

    /// How settings are written, with samples.
    fn settings(&mut self) {
        let samples = [
            ('P', true, false, "promiscuous mode"),
            ('M', true, false, "MAC address changes"),
            ('F', true, false, "forged transmits"),
            (' ', false, false, "Reject"),
            (' ', false, true, "Accept"),
            (' ', true, false, "set here"),
            (' ', true, true, "inherited or default"),
        ];
        let mut x = self.x;
        for (place, (letter, own, second, text)) in samples.into_iter().enumerate() {
            let (accepts, own) = if place < 5 { (second, true) } else { (false, own && !second) };
            let w = BADGE_W + 5 + width(text, SMALL, false) + 16;
            if x + w > self.right && x > self.x {
                x = self.x;
                self.y += FLAG_H + 6;
            }
            let rect = Rect { x, y: self.y - 13, w: BADGE_W, h: 18 };
            let about = text.to_owned();
            self.scene.badges.push(Badge {
                rect,
                letter,
                accepts,
                own,
                decided: false,
                about,
                host: None,
                inside: self.inside,
            });
            self.put(x - self.x + BADGE_W + 5, self.y, SMALL, Tone::Plain, text);
            x += w;
        }
        self.y += 18;
    }

    /// Words from `dx` on, in as many lines as it takes; the pen moves below them.
    fn words(&mut self, dx: i32, size: i32, tone: Tone, text: &str) {
        let bold = matches!(tone, Tone::Strong | Tone::Death);
        for line in wrap(text, size, bold, self.right - self.x - dx) {
            self.put(dx, self.y, size, tone, &line);
            self.y += LINE;
        }
    }

    fn put(&mut self, dx: i32, y: i32, size: i32, tone: Tone, text: &str) {
        let at = Point { x: self.x + dx, y };
        self.scene.labels.push(Label { at, size, tone, text: text.to_owned(), inside: self.inside });
    }
}

pub(super) fn strand_text(story: &Story, strand: &Strand) -> String {
    let (from, to) = &strand.ends;
    let not_sent = if strand.sent { "" } else { " (not sent, tried)" };
    let end = match strand.end {
        End::Arrived { copies: 1 } if strand.sent => "arrived".to_owned(),
        End::Arrived { copies: 1 } => "would have arrived".to_owned(),
        End::Arrived { copies } => format!("arrived, {copies} copies: duplicates"),
        End::Died(mark) if strand.sent => format!("died at {}", story.marks[mark].letter),
        End::Died(mark) => format!("would have died at {}", story.marks[mark].letter),
    };
    format!("{}{not_sent}, {from} -> {to}: {end}", strand.legs)
}

fn mark_text(mark: &Mark) -> String {
    let policy = mark.policy.as_ref().map(|policy| format!(" {policy}.")).unwrap_or_default();
    format!("{}: {} at {}: {}.{policy}", mark.letter, mark.code, mark.place, mark.summary)
}
