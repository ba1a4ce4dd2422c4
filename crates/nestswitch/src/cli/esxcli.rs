//! The words of `nsw esxcli`, which are esxcli's own: `network nic`, and `network vswitch standard` with what is below it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::{LabName, PortgroupFailover, VswitchFailover};

#[derive(Args, Debug)]
pub(crate) struct EsxcliArgs {
    /// The host of a running lab
    #[arg(long, env = "NSW_HOST", hide_env_values = true)]
    pub(crate) host: Option<String>,
    #[command(flatten)]
    pub(crate) lab: LabName,
    /// The host's control socket, where it belongs to no lab
    #[arg(long, env = "NSW_SOCKET", hide_env_values = true)]
    pub(crate) socket: Option<PathBuf>,
    /// The form of the output
    #[arg(long, value_enum)]
    pub(crate) formatter: Option<Formatter>,
    #[command(subcommand)]
    pub(crate) namespace: EsxcliNamespace,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Formatter {
    Json,
    Csv,
    Keyvalue,
}

/// esxcli, when the program is called by that name.
#[derive(Parser, Debug)]
#[command(name = "esxcli", version)]
pub(crate) struct EsxcliProgram {
    #[command(flatten)]
    pub(crate) esxcli: EsxcliArgs,
}

#[derive(Subcommand, Debug)]
pub(crate) enum EsxcliNamespace {
    /// Operations that pertain to the networking of the host
    #[command(subcommand)]
    Network(NetworkNamespace),
}

#[derive(Subcommand, Debug)]
pub(crate) enum NetworkNamespace {
    /// Physical adapters
    #[command(subcommand)]
    Nic(NicNamespace),
    /// Virtual switches
    #[command(subcommand)]
    Vswitch(VswitchNamespace),
}

#[derive(Subcommand, Debug)]
pub(crate) enum NicNamespace {
    /// List the physical adapters of the host
    List,
    /// Take the link of an adapter down, as if its cable were pulled; nothing is stored
    Down {
        /// The adapter
        #[arg(short, long, value_name = "NAME")]
        nic_name: String,
    },
    /// Bring the link of an adapter up again
    Up {
        /// The adapter
        #[arg(short, long, value_name = "NAME")]
        nic_name: String,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum VswitchNamespace {
    /// Standard switches
    #[command(subcommand)]
    Standard(StandardNamespace),
}

#[derive(Subcommand, Debug)]
pub(crate) enum StandardNamespace {
    /// List the vSwitches of the host
    List {
        /// Only this vSwitch
        #[arg(short, long, value_name = "NAME")]
        vswitch_name: Option<String>,
    },
    /// Set the MTU or the CDP status of a vSwitch
    #[group(id = "what", required = true, multiple = true, args = ["mtu", "cdp_status"])]
    Set {
        /// The vSwitch
        #[arg(short, long, value_name = "NAME")]
        vswitch_name: String,
        /// The MTU in bytes
        #[arg(short, long)]
        mtu: Option<u16>,
        /// What it does with the Cisco Discovery Protocol; kept and told, nothing is sent
        #[arg(short, long, value_name = "STATUS", value_parser = ["down", "listen", "advertise", "both"])]
        cdp_status: Option<String>,
    },
    /// Policies of a vSwitch
    #[command(subcommand)]
    Policy(PolicyNamespace),
    /// Port groups
    #[command(subcommand)]
    Portgroup(PortgroupNamespace),
}

#[derive(Subcommand, Debug)]
pub(crate) enum PolicyNamespace {
    /// The layer 2 security policy
    #[command(subcommand)]
    Security(VswitchSecurity),
    /// The teaming and failover policy
    #[command(subcommand)]
    Failover(VswitchFailover),
}

#[derive(Subcommand, Debug)]
pub(crate) enum VswitchSecurity {
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
        /// Promiscuous mode: true is Accept, false is Reject
        #[arg(short = 'p', long, value_name = "BOOL", action = clap::ArgAction::Set)]
        allow_promiscuous: Option<bool>,
        /// MAC address changes: true is Accept, false is Reject
        #[arg(short = 'm', long, value_name = "BOOL", action = clap::ArgAction::Set)]
        allow_mac_change: Option<bool>,
        /// Forged transmits: true is Accept, false is Reject
        #[arg(short = 'f', long, value_name = "BOOL", action = clap::ArgAction::Set)]
        allow_forged_transmits: Option<bool>,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum PortgroupNamespace {
    /// List the port groups of the host
    List,
    /// Add a port group to a vSwitch
    Add {
        /// The port group
        #[arg(short, long, value_name = "NAME")]
        portgroup_name: String,
        /// The vSwitch
        #[arg(short, long, value_name = "NAME")]
        vswitch_name: String,
    },
    /// Remove a port group that no adapter uses
    Remove {
        /// The port group
        #[arg(short, long, value_name = "NAME")]
        portgroup_name: String,
        /// The vSwitch
        #[arg(short, long, value_name = "NAME")]
        vswitch_name: String,
    },
    /// Set the VLAN ID of a port group
    Set {
        /// The port group
        #[arg(short, long, value_name = "NAME")]
        portgroup_name: String,
        /// 0 for none, 1 to 4094, or 4095 where the guests tag
        #[arg(short = 'v', long)]
        vlan_id: u16,
    },
    /// Policies of a port group
    #[command(subcommand)]
    Policy(PortgroupPolicyNamespace),
}

#[derive(Subcommand, Debug)]
pub(crate) enum PortgroupPolicyNamespace {
    /// The layer 2 security policy
    #[command(subcommand)]
    Security(PortgroupSecurity),
    /// The teaming and failover policy
    #[command(subcommand)]
    Failover(PortgroupFailover),
}

#[derive(Subcommand, Debug)]
pub(crate) enum PortgroupSecurity {
    /// Print the policy in force, and which settings are overrides
    Get {
        /// The port group
        #[arg(short, long, value_name = "NAME")]
        portgroup_name: String,
    },
    /// Override settings; with --use-vswitch first inherit all three
    Set {
        /// The port group
        #[arg(short, long, value_name = "NAME")]
        portgroup_name: String,
        /// Promiscuous mode: true is Accept, false is Reject
        #[arg(short = 'o', long, value_name = "BOOL", action = clap::ArgAction::Set)]
        allow_promiscuous: Option<bool>,
        /// MAC address changes: true is Accept, false is Reject
        #[arg(short = 'm', long, value_name = "BOOL", action = clap::ArgAction::Set)]
        allow_mac_change: Option<bool>,
        /// Forged transmits: true is Accept, false is Reject
        #[arg(short = 'f', long, value_name = "BOOL", action = clap::ArgAction::Set)]
        allow_forged_transmits: Option<bool>,
        /// First inherit all three settings from the vSwitch
        #[arg(short = 'u', long)]
        use_vswitch: bool,
    },
}
