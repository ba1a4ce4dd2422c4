//! The options of `esxcli network vswitch standard [portgroup] policy failover`.

use clap::{Args, Subcommand};

#[derive(Subcommand, Debug)]
pub(crate) enum VswitchFailover {
    /// Print the policy
    Get {
        /// The vSwitch
        #[arg(short, long, value_name = "NAME")]
        vswitch_name: String,
    },
    /// Change the policy; what is not named stays
    Set {
        /// The vSwitch
        #[arg(short, long, value_name = "NAME")]
        vswitch_name: String,
        #[command(flatten)]
        settings: FailoverSettings,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum PortgroupFailover {
    /// Print the policy in force, and which settings are overrides
    Get {
        /// The port group
        #[arg(short, long, value_name = "NAME")]
        portgroup_name: String,
    },
    /// Override settings; with --use-vswitch first inherit all
    Set {
        /// The port group
        #[arg(short, long, value_name = "NAME")]
        portgroup_name: String,
        #[command(flatten)]
        settings: FailoverSettings,
        /// First inherit all settings from the vSwitch
        #[arg(short = 'u', long)]
        use_vswitch: bool,
    },
}

/// What `policy failover set` may change.
#[derive(Args, Debug)]
pub(crate) struct FailoverSettings {
    /// The active uplinks, in order
    #[arg(short = 'a', long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) active_uplinks: Option<Vec<String>>,
    /// The standby uplinks, in order; with --active-uplinks absent the active ones stay
    #[arg(short = 's', long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) standby_uplinks: Option<Vec<String>>,
    /// Return to an active uplink that recovers
    #[arg(short = 'b', long, value_name = "BOOL", action = clap::ArgAction::Set)]
    pub(crate) failback: Option<bool>,
    /// How failures are found
    #[arg(short = 'f', long, value_name = "HOW")]
    pub(crate) failure_detection: Option<FailureDetection>,
    /// How the uplink for a frame is picked
    #[arg(short = 'l', long, value_name = "POLICY")]
    pub(crate) load_balancing: Option<Balancing>,
    /// Announce MAC addresses to physical switches after a change of uplink
    #[arg(short = 'n', long, value_name = "BOOL", action = clap::ArgAction::Set)]
    pub(crate) notify_switches: Option<bool>,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub(crate) enum FailureDetection {
    Link,
    Beacon,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub(crate) enum Balancing {
    Portid,
    Mac,
    Iphash,
    Explicit,
}
