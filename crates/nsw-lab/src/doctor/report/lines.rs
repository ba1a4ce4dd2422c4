//! Lines of a terminal, wrapped at [`WIDTH`] columns: between words, and in scripts without spaces between characters.
//!
//! **Invariant:** a line is wider only where one word is: an address or a path is never torn.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::WIDTH;

/// Text that grows line by line.
#[derive(Default)]
pub(super) struct Lines(pub(super) String);

impl Lines {
    /// An empty line.
    pub(super) fn blank(&mut self) {
        self.0.push('\n');
    }

    /// A line as it is: a command that somebody copies.
    pub(super) fn verbatim(&mut self, indent: usize, text: &str) {
        self.0.push_str(format!("{:indent$}{text}", "").trim_end());
        self.0.push('\n');
    }

    /// A line that begins after `indent` columns; what does not fit goes on `hang` columns deeper.
    pub(super) fn put(&mut self, indent: usize, hang: usize, text: &str) {
        let mut line = " ".repeat(indent);
        let mut is_empty = true;
        for piece in pieces(text) {
            if !is_empty && line.width() + piece.trim_end().width() > WIDTH {
                self.0.push_str(line.trim_end());
                self.0.push('\n');
                line = " ".repeat(indent + hang);
            }
            line.push_str(piece);
            is_empty = false;
        }
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }
}

/// The text in pieces that stay whole: a word with the spaces after it, or one wide character with what may not begin
/// a line.
pub(crate) fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((_, c)) = chars.next() {
        let Some((next_at, next)) = chars.peek().copied() else { break };
        let after_space = c == ' ' && next != ' ';
        let between_wide =
            (is_wide(c) || is_wide(next)) && c != ' ' && !may_not_begin(next) && !may_not_end(c);
        if after_space || between_wide {
            pieces.push(&text[begin..next_at]);
            begin = next_at;
        }
    }
    pieces.push(&text[begin..]);
    pieces
}

fn is_wide(c: char) -> bool {
    c.width() == Some(2)
}

fn may_not_begin(c: char) -> bool {
    "、。，．」』）〉》】ー・！？ゃゅょっァィゥェォャュョッ:;,.)".contains(c)
}

fn may_not_end(c: char) -> bool {
    "「『（〈《【(".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let mut lines = Lines::default();
        lines.put(2, 4, text);
        assert_eq!(lines.0.lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_does_not_fit_goes_on_deeper() {
        let word = "x".repeat(60);
        check(&format!("{word} {word}"), &[&format!("  {word}"), &format!("      {word}")]);
        check("short", &["  short"]);
    }

    #[test]
    fn wide_characters_take_two_columns_and_break_anywhere_but_before_a_full_stop() {
        let text = format!("{}。", "漢".repeat(49));
        check(&text, &[&format!("  {}", "漢".repeat(48)), "      漢。"]);
    }
}
