//! The kernel engine: the same switch, decided by the program on each port's device.

mod adopt;
mod beacons;
mod change;
mod fixture;
mod forward;
mod learning;
mod ledger;
mod traffic;
