//! The kernel engine: the same switch, decided by the program on each port's device.

mod fixture;
mod forward;
