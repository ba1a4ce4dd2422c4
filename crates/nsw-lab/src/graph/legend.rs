//! What stands below the picture: which line is which frame, what the signs mean, and how settings are written.

use super::Graph;
use super::measure::{BADGE_W, FLAG_H, NAME, PAD, SMALL};
use super::metrics::{width, wrap};
use super::model::Key;
use super::scene::{Badge, Label, Look, Point, Rect, Scene, Shape, Sign, Tone, Way};
use super::story::Story;

const LINE: i32 = 17;
/// Where words begin that stand right of a sample.
const WORDS_X: i32 = 62;

/// Draws the legend with its upper edge at `y`, and returns its lower edge.
pub(super) fn draw(scene: &mut Scene, graph: &Graph, x: i32, y: i32, w: i32) -> i32 {
    let inside = scene.shapes.len();
    scene.shapes.push(Shape::plain(Rect { x, y, w, h: 0 }, Look::Legend, Some(0)));
    let mut pen = Pen::new(scene, inside);
    let mut said = vec![graph.picture.about.clone()];
    if let Some(story) = &graph.story {
        pen.story(story, &mut said);
    }
    pen.settings(&graph.picture.key);
    let bottom = pen.y;
    scene.shapes[inside].rect.h = bottom - y;
    scene.description = said.join(" ");
    bottom
}

/// What writes line below line into a box.
pub(super) struct Pen<'a> {
    pub(super) scene: &'a mut Scene,
    inside: usize,
    pub(super) x: i32,
    right: i32,
    /// The base line of the next words.
    pub(super) y: i32,
}

impl<'a> Pen<'a> {
    /// At the top of this box.
    pub(super) fn new(scene: &'a mut Scene, inside: usize) -> Self {
        let Rect { x, y, w, .. } = scene.shapes[inside].rect;
        Self { scene, inside, x: x + PAD, right: x + w - PAD, y: y + 20 }
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
            self.words(WORDS_X, SMALL, Tone::Plain, &strand.text);
            said.push(format!("{}.", strand.text));
        }
        for mark in &story.marks {
            self.y += 5;
            let at = Point { x: self.x + WORDS_X - 28, y: self.y - 4 };
            self.scene.signs.push(Sign { at, letter: mark.letter, death: mark.death });
            let code_w = width(&mark.code, SMALL, true);
            let y = self.y;
            let tone = if mark.death { Tone::Death } else { Tone::Strong };
            self.put(WORDS_X, y, SMALL, tone, &mark.code);
            self.words(WORDS_X + code_w + 8, SMALL, Tone::Plain, &mark.place);
            self.words(WORDS_X, SMALL, Tone::Dim, &mark.summary);
            if let Some(policy) = &mark.policy {
                self.words(WORDS_X, SMALL, Tone::Dim, policy);
            }
            said.push(mark.text.clone());
        }
        self.y += 6;
    }

    /// How settings are written, with samples.
    fn settings(&mut self, key: &Key) {
        let Key {
            elements: [promiscuous, mac_changes, forged],
            values: [reject, accept],
            origins: [here, inherited],
        } = key;
        let samples = [
            ('P', true, false, promiscuous),
            ('M', true, false, mac_changes),
            ('F', true, false, forged),
            (' ', false, false, reject),
            (' ', false, true, accept),
            (' ', true, false, here),
            (' ', true, true, inherited),
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
            let about = text.clone();
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
    pub(super) fn words(&mut self, dx: i32, size: i32, tone: Tone, text: &str) {
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
