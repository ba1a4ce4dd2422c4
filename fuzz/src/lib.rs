//! What the fuzz targets do with their bytes: plain functions, so that a test on the stable toolchain can run them over
//! the corpus. A target panics if a law does not hold.

mod decide;
mod frame;
mod lab_file;
mod switches;

pub use decide::decide;
pub use frame::frame;
pub use lab_file::lab_file;
