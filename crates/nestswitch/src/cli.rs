//! The words of the command line. What they mean is decided in `commands/<verb>.rs`.

mod doctor;
mod esxcli;
mod failover;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::doctor::{ExposureArgs, ReachArgs, TightenArgs};
pub(crate) use self::esxcli::{
    EsxcliArgs, EsxcliNamespace, EsxcliProgram, Formatter, NetworkNamespace, NicNamespace, PolicyNamespace,
    PortgroupNamespace, PortgroupPolicyNamespace, PortgroupSecurity, StandardNamespace, VswitchNamespace,
    VswitchSecurity,
};
pub(crate) use self::failover::{
    Balancing, FailoverSettings, FailureDetection, PortgroupFailover, VswitchFailover,
};

use crate::engine::{EngineName, EngineWish};
use nsw_lab::doctor::platform::Platform;
use nsw_lab::messages::Language;

/// A virtual switch that behaves like a vSphere standard switch, and says why
#[derive(Parser, Debug)]
#[command(name = "nsw", version, max_term_width = 100, arg_required_else_help = true)]
#[command(after_help = "Exit codes: 0 yes, 1 no or findings, 2 error.\n\
    nestswitch is not affiliated with VMware or Broadcom.")]
pub(crate) struct Cli {
    /// Print JSON instead of text
    #[arg(long, global = true, help_heading = "Everywhere")]
    pub(crate) json: bool,

    /// Say more on stderr; twice for debugging
    #[arg(long, global = true, action = clap::ArgAction::Count, help_heading = "Everywhere")]
    pub(crate) verbose: u8,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Play the nested-lab fault and both cures, live
    Demo(DemoArgs),
    /// Build, look at and take down labs
    #[command(subcommand)]
    Lab(LabCommand),
    /// Say why two ends of a lab file do not reach each other, and what to do
    Why(WhyArgs),
    /// Show each fix in full, or write one into the lab file
    Fix(FixArgs),
    /// Show who reaches whom in a lab file, and what is in the way of the others
    Reach(ReachArgs),
    /// Show who can read whose traffic and who can send as whom, now and at worst
    Exposure(ExposureArgs),
    /// Show which settings can be closed while everybody still reaches whom he reaches
    Tighten(TightenArgs),
    /// Follow a conversation or a frame through a lab file, without a network
    Trace(TraceArgs),
    /// Hold a lab file against hardening rules, with exceptions that somebody answers for
    Audit(AuditArgs),
    /// Draw a lab as a picture, and the way of a conversation in it
    Graph(GraphArgs),
    /// Talk to a live host with esxcli's words
    Esxcli(EsxcliArgs),
    /// Explain why a frame was dropped or lost, by its code
    Explain(ExplainArgs),
    /// Run a host by itself
    #[command(subcommand)]
    Host(HostCommand),
    /// Print the JSON Schema of the lab file, or of an audit's exceptions
    Schema {
        /// Of which file
        #[arg(value_enum, default_value = "lab")]
        file: SchemaOf,
    },
    /// Print the OpenAPI document of the host's local API
    Openapi,
    /// Print a shell completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write man pages into a folder
    Man {
        /// The folder
        folder: PathBuf,
    },
    /// The first process of a VM: waits, and collects orphans
    #[command(hide = true)]
    VmInit {
        /// The VM's name, for process lists
        name: String,
    },
    /// Pings from the namespace it is started in
    #[command(hide = true)]
    VmPing {
        /// The address to ping
        address: std::net::Ipv4Addr,
        /// How many echo requests
        #[arg(long, default_value_t = 3)]
        count: u16,
        /// Forget all neighbours first, so that the address must be asked for
        #[arg(long)]
        fresh: bool,
        /// How long to wait for all answers, in milliseconds
        #[arg(long, default_value_t = 400)]
        timeout_ms: u64,
    },
}

#[derive(Args, Debug)]
pub(crate) struct DemoArgs {
    /// Play it in the simulator even where a live lab is possible
    #[arg(long)]
    pub(crate) simulate: bool,
    #[command(flatten)]
    pub(crate) engines: EngineWishes,
    #[command(flatten)]
    pub(crate) speech: Speech,
}

#[derive(Subcommand, Debug)]
pub(crate) enum LabCommand {
    /// Check a lab file: all errors at once, each with its line
    Check {
        /// The lab file
        #[arg(default_value = "lab.yaml")]
        file: PathBuf,
    },
    /// Build the lab, or change the running one into what the file says
    Up {
        /// The lab file
        #[arg(default_value = "lab.yaml")]
        file: PathBuf,
        /// Return once the lab is up; `nsw lab down` ends it
        #[arg(short, long)]
        detach: bool,
        /// Say what would change and change nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        engines: EngineWishes,
        #[command(flatten)]
        speech: Speech,
    },
    /// Show hosts, switches, ports and VMs of a running lab
    Status {
        #[command(flatten)]
        lab: LabName,
        /// Show every port with its counters
        #[arg(short, long)]
        ports: bool,
    },
    /// List the running labs
    List,
    /// Run a command in a VM, a host's VMkernel or an end station
    Exec {
        #[command(flatten)]
        lab: LabName,
        /// The VM, host or station
        name: String,
        /// The command
        #[arg(last = true, required = true)]
        command: Vec<String>,
    },
    /// Ping from one end point to another with the kernel's own stack
    Ping {
        #[command(flatten)]
        lab: LabName,
        /// The VM, host or station to ping from
        from: String,
        /// The VM, host, station or IPv4 address to ping
        to: String,
        /// How many echo requests
        #[arg(short, long, default_value_t = 3)]
        count: u16,
        #[command(flatten)]
        speech: Speech,
    },
    /// Show why frames were dropped, newest last
    Drops {
        #[command(flatten)]
        lab: LabName,
        /// Only this host
        #[arg(long)]
        host: Option<String>,
        /// Wait for more
        #[arg(short, long)]
        follow: bool,
        #[command(flatten)]
        speech: Speech,
    },
    /// Take a lab down
    Down {
        #[command(flatten)]
        lab: LabName,
    },
    /// Hold a lab together; started by `up`
    #[command(hide = true)]
    Supervise {
        /// The lab file
        file: PathBuf,
        /// End with this process, which started it
        #[arg(long, value_name = "PID")]
        attached: Option<u32>,
        #[command(flatten)]
        engines: EngineWishes,
    },
}

#[derive(Args, Debug, Clone, Default)]
pub(crate) struct EngineWishes {
    /// What moves frames: kernel (as root), user, or auto, the kernel's where it can be had; for one host as HOST=ENGINE
    /// [default: auto]
    #[arg(long = "engine", value_name = "ENGINE")]
    pub(crate) wishes: Vec<EngineWish>,
}

#[derive(Args, Debug, Clone)]
pub(crate) struct LabName {
    /// The lab's name; not needed while only one runs
    #[arg(long, env = "NSW_LAB", hide_env_values = true)]
    pub(crate) lab: Option<String>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum HostCommand {
    /// Write the configuration of a new host: vSwitch0 with port group `VM Network`
    New {
        /// The file to write; one that is there is left alone
        config: PathBuf,
        /// The host's name; the file's if not given
        #[arg(long)]
        name: Option<String>,
        /// A physical adapter of vSwitch0's; may be repeated. The switch takes it for itself
        #[arg(long, value_name = "DEV")]
        uplink: Vec<String>,
    },
    /// Run one host in this network namespace, until it is stopped
    Run {
        /// The host's configuration, a JSON file that the host itself keeps up to date
        #[arg(long)]
        config: PathBuf,
        /// Where to listen for the local API
        #[arg(long, env = "NSW_SOCKET", hide_env_values = true)]
        socket: PathBuf,
        /// What moves frames: kernel (as root), user, or auto, the kernel's where it can be had
        #[arg(long, default_value_t)]
        engine: EngineName,
        /// Let nothing outlive this process
        #[arg(long, hide = true)]
        ephemeral: bool,
    },
    /// Stop a host; a switch in the kernel goes on, and the next start takes it over
    Stop {
        /// The host's control socket
        #[arg(long, env = "NSW_SOCKET", hide_env_values = true)]
        socket: PathBuf,
        /// End the switches in the kernel, too
        #[arg(long)]
        detach_datapath: bool,
    },
    /// Show a host's switches, ports and VMs
    Status {
        /// The host's control socket
        #[arg(long, env = "NSW_SOCKET", hide_env_values = true)]
        socket: PathBuf,
    },
    /// Ports for guests that the host does not start, as VMs of QEMU
    #[command(subcommand)]
    Port(PortCommand),
}

#[derive(Subcommand, Debug)]
pub(crate) enum PortCommand {
    /// Connect a guest to a port group, by a new TAP device or one that is there
    Add(PortAddArgs),
    /// Disconnect a guest, and delete the TAP device that was made for it
    Remove {
        /// The port
        name: String,
        /// The host's control socket
        #[arg(long, env = "NSW_SOCKET", hide_env_values = true)]
        socket: PathBuf,
    },
    /// List the ports that were added, with what their guests ask
    List {
        /// The host's control socket
        #[arg(long, env = "NSW_SOCKET", hide_env_values = true)]
        socket: PathBuf,
    },
}

#[derive(Args, Debug)]
#[command(group = clap::ArgGroup::new("attach").required(true).args(["tap", "device"]))]
pub(crate) struct PortAddArgs {
    /// The port's name, and that of its TAP device
    pub(crate) name: String,
    /// The port group to connect to
    #[arg(long)]
    pub(crate) port_group: String,
    /// Make a persistent TAP device, for QEMU
    #[arg(long)]
    pub(crate) tap: bool,
    /// Use this device, which is there and nobody uses
    #[arg(long, value_name = "DEV")]
    pub(crate) device: Option<String>,
    /// The MAC address of the VM's adapter; derived from the names if not given
    #[arg(long)]
    pub(crate) mac: Option<String>,
    /// The user who may open the TAP device
    #[arg(long, value_name = "UID", requires = "tap")]
    pub(crate) owner: Option<u32>,
    /// How many queues the VM's adapter may have
    #[arg(long, value_name = "N", default_value_t = 1, requires = "tap", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) queues: u16,
    /// QEMU's QMP socket, to see what the guest asks of its adapter
    #[arg(long, value_name = "PATH")]
    pub(crate) qmp: Option<PathBuf>,
    /// The guest asks for promiscuous mode, as a nested host does; for where there is no QMP
    #[arg(long)]
    pub(crate) promiscuous: bool,
    /// The host's control socket
    #[arg(long, env = "NSW_SOCKET", hide_env_values = true)]
    pub(crate) socket: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct TraceArgs {
    /// The lab file
    pub(crate) file: PathBuf,
    /// The end point that speaks: VM, VM/nic, host/vmk0, station, IP or MAC address
    #[arg(long, requires = "to", conflicts_with = "at")]
    pub(crate) from: Option<String>,
    /// The end point spoken to
    #[arg(long, requires = "from")]
    pub(crate) to: Option<String>,
    /// The port where one frame enters, as physical/nested-1.vmnic0
    #[arg(long, value_name = "HOST/PORT", requires = "frame")]
    pub(crate) at: Option<String>,
    /// The frame, as 'src=00:50:56:aa:00:07 dst=broadcast vlan=20'
    #[arg(long, requires = "at")]
    pub(crate) frame: Option<String>,
    #[command(flatten)]
    pub(crate) speech: Speech,
}

/// A file that has a JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SchemaOf {
    Lab,
    Exceptions,
}

#[derive(Args, Debug)]
pub(crate) struct AuditArgs {
    /// The lab file
    #[arg(default_value = "lab.yaml")]
    pub(crate) file: PathBuf,
    /// Findings that are excused, each with reason, owner and last day
    #[arg(short, long, value_name = "FILE")]
    pub(crate) exceptions: Option<PathBuf>,
    /// The day that exceptions are held against, as 2027-03-31; today (UTC) unless said
    #[arg(long, value_name = "DATE")]
    pub(crate) today: Option<String>,
    /// Leave out findings that matter less
    #[arg(long, value_enum, default_value = "low", value_name = "SEVERITY")]
    pub(crate) at_least: AtLeast,
    /// The form of the output; SARIF 2.1.0 is for code scanning, JUnit XML for CI
    #[arg(long, value_enum, default_value = "text")]
    pub(crate) format: AuditFormat,
    /// List the rules, without a lab
    #[arg(long, conflicts_with_all = ["exceptions", "today", "at_least", "format"])]
    pub(crate) rules: bool,
    #[command(flatten)]
    pub(crate) speech: Speech,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AtLeast {
    Low,
    Medium,
    High,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum AuditFormat {
    Text,
    Json,
    Sarif,
    Junit,
}

/// The language of an answer.
#[derive(Args, Debug)]
pub(crate) struct Speech {
    /// The language: en or ja; if not given, that of LC_ALL, LC_MESSAGES or LANG
    #[arg(long)]
    pub(crate) lang: Option<Language>,
}

#[derive(Args, Debug)]
pub(crate) struct WhyArgs {
    /// The lab file
    #[arg(required_unless_present = "symptom")]
    pub(crate) file: Option<PathBuf>,
    /// The end that begins: VM, VM/nic, host/vmk0, station, IP or MAC address
    #[arg(required_unless_present = "symptom")]
    pub(crate) from: Option<String>,
    /// The end that answers
    #[arg(required_unless_present = "symptom")]
    pub(crate) to: Option<String>,
    /// Ping with IP packets of this size, for what only large ones meet
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(64..=9000), conflicts_with = "symptom")]
    pub(crate) size: Option<u16>,
    /// What is wrong, in words, as 'ping works one way': its causes in the lab; `list` for all that are known
    #[arg(long, value_name = "WORDS")]
    pub(crate) symptom: Option<String>,
    /// Propose only what this product can do: vss, vds (vSphere's switches) or nestswitch
    #[arg(long, default_value_t = Platform::Nestswitch)]
    pub(crate) platform: Platform,
    #[command(flatten)]
    pub(crate) speech: Speech,
}

#[derive(Args, Debug)]
pub(crate) struct FixArgs {
    /// The lab file
    pub(crate) file: PathBuf,
    /// The end that begins: VM, VM/nic, host/vmk0, station, IP or MAC address
    pub(crate) from: String,
    /// The end that answers
    pub(crate) to: String,
    /// Propose only what this product can do: vss, vds (vSphere's switches) or nestswitch
    #[arg(long, default_value_t = Platform::Nestswitch)]
    pub(crate) platform: Platform,
    /// Ping with IP packets of this size, for what only large ones meet
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(64..=9000), conflicts_with = "live")]
    pub(crate) size: Option<u16>,
    /// Show only this fix
    #[arg(long, value_name = "N")]
    pub(crate) show: Option<usize>,
    /// Write this fix into the lab file, in place, comments and layout kept
    #[arg(long, value_name = "N", conflicts_with = "show")]
    pub(crate) apply: Option<usize>,
    /// Change the running lab first, and write the file only if a real ping is answered; else take it back
    #[arg(long, requires = "apply")]
    pub(crate) live: bool,
    #[command(flatten)]
    pub(crate) speech: Speech,
}

#[derive(Args, Debug)]
#[command(
    after_help = "svg is a finished picture, dot is for Graphviz, mermaid for Markdown on GitHub and GitLab.\n\
    Exit code 0 once it is drawn, whatever it shows; `nsw trace` answers with its exit code."
)]
pub(crate) struct GraphArgs {
    /// The lab file
    pub(crate) file: PathBuf,
    /// Draw the way of a ping between two end points, leg by leg, and where it died
    #[arg(long, num_args = 2, value_names = ["SRC", "DST"])]
    pub(crate) why: Option<Vec<String>>,
    /// The form; if not given, what the name of the file says, else svg
    #[arg(long, value_enum)]
    pub(crate) format: Option<GraphFormat>,
    /// Write it into this file instead of stdout
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) speech: Speech,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GraphFormat {
    Svg,
    Dot,
    Mermaid,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArgs {
    /// The code, as FORGED_TRANSMIT; without one, all codes with a line each
    pub(crate) code: Option<String>,
    #[command(flatten)]
    pub(crate) speech: Speech,
}
