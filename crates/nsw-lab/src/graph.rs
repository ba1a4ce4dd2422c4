//! A lab as a picture: boxes in boxes, cables between them, and on demand the way of a conversation.
//!
//! ```text
//!  Lab + World --model--> Picture --layout--> Scene --svg--> text
//!  Conversation --story-> Story -----'          |
//!                 both --flat--> Flat --dot, mermaid--> text
//! ```
//!
//! [`Matrix`] is the other picture, of who reaches whom: it comes to a scene by a layout of its own.
//!
//! A [`Picture`] says what is drawn and what stands on it, a [`Scene`] where. The SVG is laid out here, because what
//! makes this picture is that a host is a box around its vSwitch, and that box may stand in another: measured from the
//! inside outwards, placed from the outside inwards. Graphviz and Mermaid lay out for themselves what [`flat`] lists.
//!
//! Every word that is seen is in the picture or the story: layout, drawing and listing know no language.
//!
//! **Invariant:** nothing is decided here. Policies come from the switch's tables, ways and deaths from a
//! [`Conversation`]; the same input gives the same bytes.

mod dot;
pub mod flat;
pub mod layout;
mod legend;
pub mod matrix;
mod measure;
mod mermaid;
pub mod metrics;
pub mod model;
mod place;
mod route;
pub mod scene;
pub mod story;
mod svg;

pub use dot::dot;
pub use matrix::Matrix;
pub use mermaid::mermaid;
pub use model::Picture;
pub use scene::Scene;
pub use story::Story;
pub use svg::{paint, svg};

use crate::messages::{Catalogue, Message};
use crate::sim::{Conversation, World};
use crate::topology::Lab;

/// A lab with everything that a picture of it shows.
#[derive(Clone, Debug)]
pub struct Graph {
    /// One line that says what is seen.
    pub title: String,
    /// The boxes.
    pub picture: Picture,
    /// The conversation, if one is drawn.
    pub story: Option<Story>,
}

impl Graph {
    /// The picture of a lab, and of a conversation in it, in the words of this catalogue. `world` must be the lab's.
    pub fn of(lab: &Lab, world: &World, conversation: Option<&Conversation>, words: &Catalogue) -> Self {
        let story = conversation.map(|conversation| Story::of(world, conversation, words));
        let picture = Picture::of(lab, world, story.as_ref(), words);
        let lab = &lab.name;
        let title = words.say(&match &story {
            Some(Story { from, to, .. }) => Message::PictureTalk { from, to, lab },
            None => Message::PictureLab { lab },
        });
        Self { title, picture, story }
    }
}
