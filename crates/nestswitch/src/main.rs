//! nsw
fn main() {}
