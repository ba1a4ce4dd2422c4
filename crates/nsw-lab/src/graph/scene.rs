//! A picture with a place for everything, in pixels, in the order in which it is painted: boxes, cables, ways, what
//! stands in front of them, words, badges, signs.
//!
//! **Invariant:** what stands in a box ends in it: boxes, words and badges name the one they are inside of. The tests
//! hold every picture to that.

use super::matrix::Outcome;

/// A point; `y` grows downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// From the left.
    pub x: i32,
    /// From the top.
    pub y: i32,
}

/// A rectangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rect {
    /// Its left edge.
    pub x: i32,
    /// Its upper edge.
    pub y: i32,
    /// Its width.
    pub w: i32,
    /// Its height.
    pub h: i32,
}

/// What a box is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// What the picture is painted on.
    Paper,
    /// A segment of the physical network.
    Segment,
    /// A physical host, or the VM of a nested one.
    Host,
    /// A host in a VM.
    NestedHost,
    /// A vSwitch.
    VSwitch,
    /// A port group.
    PortGroup,
    /// A VM, a VMkernel adapter or a station.
    Client,
    /// An adapter, on the edge of the box whose adapter it is.
    Adapter,
    /// A setting in words.
    Note,
    /// What keeps lines away from words in a segment.
    SegmentPlate,
    /// What keeps lines away from words in a vSwitch.
    VSwitchPlate,
    /// The words beside a sign.
    Flag,
    /// The legend.
    Legend,
}

/// A box.
#[derive(Clone, Debug)]
pub struct Shape {
    /// Where.
    pub rect: Rect,
    /// What it is.
    pub look: Look,
    /// The box it is inside of; an index into [`Scene::shapes`]. `None` for the paper.
    pub inside: Option<usize>,
    /// What a pointer that rests on it is told.
    pub about: Option<String>,
}

/// What kind of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// A name.
    Strong,
    /// Words.
    Plain,
    /// What is said by the way.
    Dim,
    /// The code of a reason.
    Death,
}

/// A line of words.
#[derive(Clone, Debug)]
pub struct Label {
    /// The left end of its base line.
    pub at: Point,
    /// The font's size.
    pub size: i32,
    /// What kind.
    pub tone: Tone,
    /// The words.
    pub text: String,
    /// The box they are inside of.
    pub inside: usize,
}

/// A security setting.
#[derive(Clone, Debug)]
pub struct Badge {
    /// Where.
    pub rect: Rect,
    /// `P`, `M` or `F`.
    pub letter: char,
    /// Accept.
    pub accepts: bool,
    /// Set here.
    pub own: bool,
    /// It decided that a frame died.
    pub decided: bool,
    /// The policy line.
    pub about: String,
    /// The host whose setting it is; `None` in the legend.
    pub host: Option<String>,
    /// The box it is inside of.
    pub inside: usize,
}

/// The way of frames.
#[derive(Clone, Debug)]
pub struct Way {
    /// From end to end.
    pub points: Vec<Point>,
    /// From the one who began to the one who answers.
    pub asks: bool,
    /// It was part of the conversation.
    pub sent: bool,
    /// The next one of its kind; so that two of a kind can be told apart.
    pub nth: usize,
    /// The last point is an arrow's.
    pub arrow: bool,
}

/// A sign at a place where a frame died or a copy was refused.
#[derive(Clone, Copy, Debug)]
pub struct Sign {
    /// Its centre.
    pub at: Point,
    /// Its letter.
    pub letter: char,
    /// A frame died here.
    pub death: bool,
}

/// What comes of asking, where a row and a column meet.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Where.
    pub rect: Rect,
    /// What comes of it.
    pub outcome: Outcome,
    /// What a pointer that rests on it is told; `None` in the legend.
    pub about: Option<String>,
    /// The box it is inside of.
    pub inside: usize,
}

/// A picture with a place for everything.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    /// What it shows, in a line.
    pub title: String,
    /// What it shows, in words.
    pub description: String,
    /// The boxes, each after the one it is inside of. The first is the paper.
    pub shapes: Vec<Shape>,
    /// Cables.
    pub cables: Vec<Vec<Point>>,
    /// Ways of frames.
    pub ways: Vec<Way>,
    /// Words.
    pub labels: Vec<Label>,
    /// Security settings.
    pub badges: Vec<Badge>,
    /// Where frames died.
    pub signs: Vec<Sign>,
    /// Who reaches whom.
    pub marks: Vec<Mark>,
}

impl Look {
    /// Painted over cables and ways.
    pub const fn in_front(self) -> bool {
        match self {
            Self::Paper | Self::Segment | Self::Host | Self::NestedHost | Self::VSwitch | Self::Legend => {
                false
            }
            Self::PortGroup
            | Self::Client
            | Self::Adapter
            | Self::Note
            | Self::SegmentPlate
            | Self::VSwitchPlate
            | Self::Flag => true,
        }
    }
}

impl Rect {
    /// The first column right of it.
    pub const fn right(self) -> i32 {
        self.x + self.w
    }

    /// The first row below it.
    pub const fn bottom(self) -> i32 {
        self.y + self.h
    }

    /// Is `other` inside of it?
    pub const fn holds(self, other: Self) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.right() <= self.right()
            && other.bottom() <= self.bottom()
    }

    /// Do the two have more in common than an edge?
    pub const fn overlaps(self, other: Self) -> bool {
        self.x < other.right() && other.x < self.right() && self.y < other.bottom() && other.y < self.bottom()
    }
}

impl Label {
    /// The room that the words may take.
    pub fn bounds(&self) -> Rect {
        let bold = matches!(self.tone, Tone::Strong | Tone::Death);
        // Descenders reach a quarter of the size below the base line, ascenders less than the size above it.
        Rect {
            x: self.at.x,
            y: self.at.y - self.size + 1,
            w: super::metrics::width(&self.text, self.size, bold),
            h: self.size + self.size / 4,
        }
    }
}
