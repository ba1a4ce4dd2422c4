//! How wide a text is at most.
//!
//! The program that shows the picture picks the font, so nothing here is exact. The bound is DejaVu Sans, the widest of
//! the fonts that the picture asks for: its advance widths for ASCII in thousandths of the font size, an em for other
//! letters, as wide as they come in the alphabets of Europe, and for wide ones, which fill a square.
//!
//! **Invariant:** a text in one of the fonts named in `svg.rs` is not wider than [`width`] says.

use unicode_width::UnicodeWidthChar as _;

use crate::doctor::report::lines::pieces;

/// Advance widths of U+0020 to U+007E in DejaVu Sans.
#[rustfmt::skip]
const REGULAR: [i32; 95] = [
    318, 401, 460, 838, 637, 951, 780, 275, 391, 391, 500, 838, 318, 361, 318, 337, 637, 637, 637, 637, 637, 637, 637, 637,
    637, 637, 337, 337, 838, 838, 838, 531, 1000, 685, 687, 699, 771, 632, 576, 775, 752, 295, 295, 656, 558, 863, 749, 788,
    604, 788, 695, 635, 611, 732, 685, 989, 686, 611, 686, 391, 337, 391, 838, 500, 500, 613, 635, 550, 635, 616, 353, 635,
    634, 278, 278, 580, 278, 975, 634, 612, 635, 635, 412, 521, 393, 634, 592, 818, 592, 592, 525, 637, 337, 637, 838,
];
/// The same in DejaVu Sans Bold.
#[rustfmt::skip]
const BOLD: [i32; 95] = [
    349, 457, 521, 838, 696, 1002, 873, 307, 458, 458, 523, 838, 380, 416, 380, 366, 696, 696, 696, 696, 696, 696, 696, 696,
    696, 696, 400, 400, 838, 838, 838, 581, 1000, 774, 763, 734, 831, 684, 684, 821, 837, 373, 373, 775, 638, 996, 837, 851,
    733, 851, 771, 721, 683, 813, 774, 1104, 771, 725, 726, 458, 366, 458, 838, 500, 500, 675, 716, 593, 716, 679, 436, 716,
    712, 343, 343, 666, 343, 1042, 712, 688, 716, 716, 494, 596, 479, 712, 652, 924, 646, 652, 583, 712, 366, 712, 838,
];

/// The most that a text of this size takes, in pixels.
pub fn width(text: &str, size: i32, bold: bool) -> i32 {
    let thousandths: i32 = text.chars().map(|c| advance(c, bold)).sum();
    (thousandths * size + 999) / 1000
}

fn advance(c: char, bold: bool) -> i32 {
    let table = if bold { &BOLD } else { &REGULAR };
    let ascii = (u32::from(c) as usize).checked_sub(0x20).and_then(|place| table.get(place)).copied();
    ascii.unwrap_or_else(|| match c.width() {
        Some(0) => 0,
        // Pictures of faces and flags come wider than letters.
        Some(2) if u32::from(c) >= 0x1_F000 => 1400,
        Some(2) => 1000,
        _ => 1200,
    })
}

/// The text in lines that are not wider than `most`, broken where a line may end; a word that is wider is cut.
pub fn wrap(text: &str, size: i32, bold: bool, most: i32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces(text.trim()) {
        match lines.last_mut() {
            Some(last) if width(&format!("{last}{}", piece.trim_end()), size, bold) <= most => {
                last.push_str(piece);
            }
            _ => lines.push(piece.to_owned()),
        }
        while let Some(cut) = lines.last().and_then(|line| cut_at(line.trim_end(), size, bold, most)) {
            let rest = lines.last_mut().map(|line| line.split_off(cut)).unwrap_or_default();
            lines.push(rest);
        }
    }
    lines.into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Where a line that is too wide is to be cut, in bytes.
fn cut_at(line: &str, size: i32, bold: bool, most: i32) -> Option<usize> {
    let mut starts = line.char_indices().map(|(at, _)| at).skip(1);
    starts.find(|at| {
        let end = line[*at..].chars().next().map_or(*at, |c| at + c.len_utf8());
        width(&line[..end], size, bold) > most
    })
}
