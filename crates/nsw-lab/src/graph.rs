//! A lab as a picture: boxes in boxes, cables between them, and on demand the way of a conversation.
//!
//! ```text
//!  Lab + World --model--> Picture --layout--> Scene --svg--> text
//!  Conversation --story-> Story -----'          |
//!                 both --flat--> Flat --dot, mermaid--> text
//! ```
//!
//! A [`Picture`] says what is drawn and what stands on it, a [`Scene`] where. The SVG is laid out here, because what
//! makes this picture is that a host is a box around its vSwitch, and that box may stand in another: measured from the
//! inside outwards, placed from the outside inwards. Graphviz and Mermaid lay out for themselves what [`flat`] lists.
//!
//! **Invariant:** nothing is decided here. Policies come from the switch's tables, ways and deaths from a
//! [`Conversation`]; the same input gives the same bytes.

mod dot;
pub mod flat;
pub mod layout;
mod legend;
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
pub use mermaid::mermaid;
pub use model::Picture;
pub use scene::Scene;
pub use story::Story;
pub use svg::svg;

use crate::sim::{Conversation, World};
use crate::topology::Lab;

/// A lab with everything that a picture of it shows.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The boxes.
    pub picture: Picture,
    /// The conversation, if one is drawn.
    pub story: Option<Story>,
}

impl Graph {
    /// The picture of a lab, and of a conversation in it. `world` must be the lab's.
    pub fn of(lab: &Lab, world: &World, conversation: Option<&Conversation>) -> Self {
        let story = conversation.map(|conversation| Story::of(world, conversation));
        Self { picture: Picture::of(lab, world, story.as_ref()), story }
    }

    /// One line that says what is seen.
    pub fn title(&self) -> String {
        match &self.story {
            Some(story) => format!("{} to {} in lab {}", story.from, story.to, self.picture.name),
            None => format!("lab {}", self.picture.name),
        }
    }
}
