//! The words of questions about a whole lab file.

use std::path::PathBuf;

use clap::Args;
use nsw_lab::doctor::platform::Platform;

use super::Speech;

#[derive(Args, Debug)]
pub(crate) struct ReachArgs {
    /// The lab file
    pub(crate) file: PathBuf,
    /// Only counts: pairs by verdict, and what is in the way
    #[arg(long)]
    pub(crate) summary: bool,
    /// Draw it as a matrix into this .svg instead
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) speech: Speech,
}

#[derive(Args, Debug)]
pub(crate) struct ExposureArgs {
    /// The lab file
    pub(crate) file: PathBuf,
    /// Only what concerns this end point: VM, VM/nic, host/vmk0, station, IP or MAC address
    pub(crate) vm: Option<String>,
    #[command(flatten)]
    pub(crate) speech: Speech,
}

#[derive(Args, Debug)]
pub(crate) struct TightenArgs {
    /// The lab file
    pub(crate) file: PathBuf,
    /// Whose commands to print: vss, vds (vSphere's switches) or nestswitch
    #[arg(long, default_value_t = Platform::Nestswitch)]
    pub(crate) platform: Platform,
    #[command(flatten)]
    pub(crate) speech: Speech,
}
