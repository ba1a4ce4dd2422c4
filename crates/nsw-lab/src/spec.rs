//! The lab file: YAML text in, a checked [`Lab`] out, or everything that is wrong with it.
//!
//! ```text
//! text --yaml--> file (shape, words with places) --build--> Lab + Locations
//!                                                    |
//!                    problems, each with its place <-+
//! ```
//!
//! Who has a [`Lab`] from here need not check it again: every name resolves, every address is one, and what is there
//! twice was meant. The shape is in `file`, and so is the JSON Schema's; what words mean is in `values`; what names
//! refer to is in `build`.
//!
//! **Invariant:** any text gives a lab or at least one problem with a line, never a panic, in bounded time and memory.

pub(crate) mod at;
mod build;
pub(crate) mod diagnostics;
mod file;
mod locations;
mod mint;
mod registry;
pub(crate) mod schema;
pub(crate) mod suggest;
mod values;
pub(crate) mod yaml;

pub use diagnostics::{Diagnostics, Position, Problem};
pub use locations::{Locations, Object, key_of};
pub use schema::schema_json;
pub use suggest::near;

use crate::topology::Lab;

/// A lab file that could be read.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The lab.
    pub lab: Lab,
    /// What is probably not meant, in the order of the file.
    pub warnings: Vec<Problem>,
    /// Where everything stands.
    pub locations: Locations,
}

/// Reads a lab file. `source_name` is the name of the file, for the messages.
///
/// # Errors
/// Everything that is wrong with it. A text whose shape is wrong (no YAML, an unknown key) is not looked into further.
pub fn parse(source_name: &str, text: &str) -> Result<Parsed, Diagnostics> {
    let mut problems = diagnostics::Collector::new("lab file", source_name, text);
    let built =
        yaml::read::<file::LabFile>(text, &mut problems).map(|file| build::build(&file, &mut problems));
    let ((lab, locations), warnings) = problems.finish(built)?;
    Ok(Parsed { lab, warnings, locations })
}
