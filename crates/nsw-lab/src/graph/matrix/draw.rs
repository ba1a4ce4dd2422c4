//! From a matrix to a scene: numbers on top, a box for each host across all columns, the legend at the bottom.

use super::{Band, Matrix, Outcome};
use crate::graph::legend::Pen;
use crate::graph::measure::{NAME, PAD, SMALL, TINY};
use crate::graph::metrics::width;
use crate::graph::scene::{Label, Look, Mark, Point, Rect, Scene, Shape, Tone};

const MARGIN: i32 = 20;
const TITLE: i32 = 16;
/// A cell, with the gap to its neighbours.
const CELL_W: i32 = 32;
const CELL_H: i32 = 24;
const GAP: i32 = 2;
/// Between the columns of two boxes, and between two boxes.
const APART: i32 = 8;
/// The name of a box.
const HEAD_H: i32 = 24;
/// Room for the number of a row.
const NUMBER_W: i32 = 28;
/// No picture is narrower, so that the legend has lines of a length that reads well.
const LEAST_W: i32 = 480;

/// Everything gets its place.
pub fn draw(matrix: &Matrix) -> Scene {
    let columns = columns(&matrix.bands);
    let names_w = matrix.bands.iter().map(names_w).max().unwrap_or(0);
    let cells_x = MARGIN + PAD + names_w + NUMBER_W;
    let cells_w = columns.last().map_or(0, |last| last + CELL_W);
    let inner_w = (cells_x + cells_w + APART - MARGIN).max(LEAST_W).max(width(&matrix.title, TITLE, true));
    let paper = Rect { x: 0, y: 0, w: inner_w + 2 * MARGIN, h: 0 };
    let shapes = vec![Shape::plain(paper, Look::Paper, None)];
    let mut pen = Sheet { scene: Scene { title: matrix.title.clone(), shapes, ..Scene::default() } };
    pen.words(MARGIN, MARGIN + TITLE, TITLE, Tone::Strong, &matrix.title, 0);
    let mut y = MARGIN + TITLE + 28;
    for (number, x) in columns.iter().enumerate() {
        let text = (number + 1).to_string();
        let x = cells_x + x + (CELL_W - GAP - width(&text, SMALL, true)) / 2;
        pen.words(x, y, SMALL, Tone::Strong, &text, 0);
    }
    y += 8;
    let mut row = 0;
    for band in &matrix.bands {
        let rows = i32::try_from(band.entries.len()).unwrap_or(0);
        let rect = Rect { x: MARGIN, y, w: inner_w, h: HEAD_H + rows * CELL_H + 6 };
        let inside = pen.shape(rect, band.look);
        pen.words(rect.x + PAD, y + 17, NAME, Tone::Strong, &band.name, inside);
        let kind_x = rect.x + PAD + width(&band.name, NAME, true) + 8;
        pen.words(kind_x, y + 17, SMALL, Tone::Dim, &band.kind, inside);
        y += HEAD_H;
        for entry in &band.entries {
            let base = y + 16;
            pen.words(rect.x + PAD + INDENT, base, SMALL, Tone::Plain, &entry.name, inside);
            let note_x = rect.x + PAD + INDENT + width(&entry.name, SMALL, false) + 8;
            pen.words(note_x, base, TINY, Tone::Dim, &entry.note, inside);
            let number = (row + 1).to_string();
            let number_x = cells_x - 8 - width(&number, SMALL, true);
            pen.words(number_x, base, SMALL, Tone::Strong, &number, inside);
            for (cell, x) in matrix.cells[row].iter().zip(&columns) {
                let rect = Rect { x: cells_x + x, y: y + 1, w: CELL_W - GAP, h: CELL_H - GAP };
                pen.mark(rect, cell.outcome, Some(cell.about.clone()), inside);
            }
            row += 1;
            y += CELL_H;
        }
        y += 6 + APART;
    }
    pen.legend(matrix, y + 4, inner_w)
}

/// Rows stand a little to the right of the name of their box.
const INDENT: i32 = 10;

/// Where each column begins, counted from the first.
fn columns(bands: &[Band]) -> Vec<i32> {
    let mut x = 0;
    let mut columns = Vec::new();
    for band in bands {
        for _ in &band.entries {
            columns.push(x);
            x += CELL_W;
        }
        x += APART;
    }
    columns
}

fn names_w(band: &Band) -> i32 {
    let head = width(&band.name, NAME, true) + 8 + width(&band.kind, SMALL, false);
    let rows = band
        .entries
        .iter()
        .map(|entry| INDENT + width(&entry.name, SMALL, false) + 8 + width(&entry.note, TINY, false));
    rows.max().unwrap_or(0).max(head)
}

/// The scene while it is being made.
struct Sheet {
    scene: Scene,
}

impl Sheet {
    fn shape(&mut self, rect: Rect, look: Look) -> usize {
        self.scene.shapes.push(Shape::plain(rect, look, Some(0)));
        self.scene.shapes.len() - 1
    }

    fn words(&mut self, x: i32, y: i32, size: i32, tone: Tone, text: &str, inside: usize) {
        if !text.is_empty() {
            let at = Point { x, y };
            self.scene.labels.push(Label { at, size, tone, text: text.to_owned(), inside });
        }
    }

    fn mark(&mut self, rect: Rect, outcome: Outcome, about: Option<String>, inside: usize) {
        if outcome != Outcome::Nobody {
            self.scene.marks.push(Mark { rect, outcome, about, inside });
        }
    }

    fn legend(mut self, matrix: &Matrix, y: i32, w: i32) -> Scene {
        let inside = self.shape(Rect { x: MARGIN, y, w, h: 0 }, Look::Legend);
        let mut said = vec![matrix.about.clone()];
        let mut pen = Pen::new(&mut self.scene, inside);
        pen.words(0, SMALL, Tone::Plain, &matrix.about);
        for (outcome, text) in &matrix.key {
            pen.y += 8;
            let rect = Rect { x: pen.x, y: pen.y - 15, w: CELL_W - GAP, h: CELL_H - GAP };
            pen.scene.marks.push(Mark { rect, outcome: *outcome, about: None, inside });
            pen.words(CELL_W + 8, SMALL, Tone::Plain, text);
            said.push(format!("{text}."));
        }
        pen.y += 10;
        for obstacle in &matrix.obstacles {
            pen.words(0, SMALL, Tone::Dim, obstacle);
            said.push(format!("{obstacle}."));
        }
        let bottom = pen.y - 6;
        self.scene.shapes[inside].rect.h = bottom - y;
        self.scene.shapes[0].rect.h = bottom + MARGIN;
        self.scene.description = said.join(" ");
        self.scene
    }
}
