//! The test that tells a cause from the next: a command, where to run it, and what it shows if it is this one.
//!
//! On an ESXi host that is `pktcap-uw` at the two capture points between which the frame is lost, or the command that
//! prints the setting; in a guest, `ip`. On a lab that runs, `nsw lab drops` says the reason outright.

use nsw_core::{Mac, Reason};

use super::What;
use crate::sim::{DeathCause, EndpointId, World};

/// What to run, and what to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// The same in the simulator, from the lab file.
    pub trace: String,
    /// Where to run [`Test::command`].
    pub on: String,
    /// The command, on the real thing.
    pub command: String,
    /// What it shows if it is this cause.
    pub shows: &'static str,
}

impl Test {
    pub(super) fn of(file: &str, world: &World, what: &What, from: EndpointId, to: EndpointId) -> Self {
        let (sender, receiver) = (world.endpoint(from), world.endpoint(to));
        let trace = format!("nsw trace {file} --from {} --to {}", sender.name, receiver.name);
        let host = || what.place().host.clone().unwrap_or_else(|| "the physical switch".to_owned());
        let (on, command, shows) = match what {
            What::Dies { cause, .. } => {
                let (command, shows) = of_death(*cause, sender.mac, receiver.mac);
                let inside = matches!(cause, DeathCause::Reason(Reason::PortBlockedMacChange));
                (if inside { receiver.owner.clone() } else { host() }, command, shows)
            }
            What::NotAsking { place } => {
                let vm = place.port.as_deref().and_then(|port| port.split('.').next()).unwrap_or_default();
                let shows = "it shows `promiscuity 0` while nobody sniffs; and 1 while tcpdump runs";
                (vm.to_owned(), "ip -d link show".to_owned(), shows)
            }
            What::GroupUnheard { .. } => {
                let shows = "the group is not in the list, though a program listens to it";
                (receiver.owner.clone(), "ip maddr show".to_owned(), shows)
            }
            What::FloodedByTeam { .. } => {
                let command =
                    "esxcli system settings advanced list -o /Net/ReversePathFwdCheckPromisc".to_owned();
                (
                    host(),
                    command,
                    "it shows `Int Value: 0`; and with one uplink unplugged the duplicates are gone",
                )
            }
            What::ForgedReflection { .. } => {
                let command =
                    format!("pktcap-uw --capture UplinkRcvKernel --uplink vmnic1 --srcmac {}", sender.mac);
                (host(), command, "frames come in from an address that is inside, on a nested host")
            }
            What::TwoWays { .. } => {
                let command = "esxcli network vswitch standard list".to_owned();
                (
                    host(),
                    command,
                    "it shows two uplinks; and with one of them unplugged the duplicates are gone",
                )
            }
            What::Loop { .. } => {
                let command =
                    format!("pktcap-uw --capture PortInput --switchport PORT --srcmac {}", sender.mac);
                (host(), command, "the same frame over and over, though it was sent once")
            }
        };
        Self { trace, on, command, shows }
    }
}

/// Between which capture points a frame is lost that dies so.
fn of_death(cause: DeathCause, src: Mac, dst: Mac) -> (String, &'static str) {
    let DeathCause::Reason(reason) = cause else { return beside_the_switch(cause, dst) };
    match reason {
        Reason::ForgedTransmit => {
            (format!("pktcap-uw --capture Drop --srcmac {src}"), "it shows drops with the reason MAC Forgery")
        }
        Reason::VlanMismatch | Reason::NoPortInVlan => (
            format!("pktcap-uw --capture Drop --srcmac {src}"),
            "it shows drops with the reason VlanTag Mismatch",
        ),
        Reason::DestNotRegistered | Reason::PromiscuousNotGranted => (
            format!("pktcap-uw --capture UplinkRcvKernel --uplink vmnic0 --dstmac {dst}"),
            "the frame comes in here; and does not go out at the port itself (--capture PortOutput --switchport ID)",
        ),
        Reason::ReverseTeam | Reason::ReversePath => (
            format!("pktcap-uw --capture UplinkRcvKernel --uplink vmnic1 --dstmac {dst}"),
            "the frame comes in by an uplink that the port does not use for sending",
        ),
        Reason::PortBlockedMacChange => {
            ("ip link show".to_owned(), "it shows another address than the one in the VM's settings")
        }
        Reason::NoUplink => (
            "esxcli network vswitch standard list".to_owned(),
            "the vSwitch has no uplink, or none of those that the port group may use is up",
        ),
        Reason::Mtu => (
            "esxcli network vswitch standard list".to_owned(),
            "the MTU is below the sender's; and `ping -M do -s 1472` passes where a larger one does not",
        ),
        Reason::GuestBpdu => (
            "esxcli system settings advanced list -o /Net/BlockGuestBPDU".to_owned(),
            "it shows `Int Value: 1`",
        ),
        Reason::Shaper => (
            "esxcli network vswitch standard portgroup policy shaping get -p GROUP".to_owned(),
            "shaping is on, with less than what is sent",
        ),
        _ => (format!("pktcap-uw --capture Drop --dstmac {dst}"), "the frame is among the drops"),
    }
}

fn beside_the_switch(cause: DeathCause, dst: Mac) -> (String, &'static str) {
    match cause {
        DeathCause::RegisteredElsewhere => (
            "esxcli network vm list; esxcli network vm port list -w WORLD".to_owned(),
            "the address stands twice",
        ),
        DeathCause::LearnedElsewhere | DeathCause::BackWhereItCameFrom => (
            format!("show mac address-table address {dst}"),
            "the address stands on another port than the one that its host is connected to",
        ),
        DeathCause::OtherVlan => {
            ("ip -d link show".to_owned(), "it shows an interface for another VLAN than the frame's")
        }
        _ => (
            format!("pktcap-uw --capture Drop --dstmac {dst}"),
            "it shows nothing: the frame dies outside of this host",
        ),
    }
}
