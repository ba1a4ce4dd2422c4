//! The test that tells a cause from the next: a command, where to run it, and what it shows if it is this one.
//!
//! On an ESXi host that is `pktcap-uw` at the two capture points between which the frame is lost, or the command that
//! prints the setting; in a guest, `ip`. On a lab that runs, `nsw lab drops` says the reason outright.

use nsw_core::{Mac, Reason};

use super::What;
use crate::messages::Message;
use crate::sim::{DeathCause, EndpointId, World};

/// What to run, and what to look for.
#[derive(Clone, Debug)]
pub struct Test {
    /// The same in the simulator, from the lab file.
    pub trace: String,
    /// Where to run [`Test::command`]; `None` for the physical switch.
    pub on: Option<String>,
    /// The command, on the real thing.
    pub command: String,
    /// What it shows if it is this cause.
    pub shows: Message<'static>,
}

impl Test {
    pub(super) fn of(file: &str, world: &World, what: &What, from: EndpointId, to: EndpointId) -> Self {
        let (sender, receiver) = (world.endpoint(from), world.endpoint(to));
        let trace = format!("nsw trace {file} --from {} --to {}", sender.name, receiver.name);
        let host = || what.place().host.clone();
        let (on, command, shows) = match what {
            What::Dies { cause, .. } => {
                let (command, shows) = of_death(*cause, sender.mac, receiver.mac);
                let inside = matches!(cause, DeathCause::Reason(Reason::PortBlockedMacChange));
                (if inside { Some(receiver.owner.clone()) } else { host() }, command, shows)
            }
            What::NotAsking { place } => {
                let vm = place.port.as_deref().and_then(|port| port.split('.').next()).unwrap_or_default();
                (Some(vm.to_owned()), "ip -d link show".to_owned(), Message::ShowsPromiscuity {})
            }
            What::GroupUnheard { .. } => {
                (Some(receiver.owner.clone()), "ip maddr show".to_owned(), Message::ShowsGroupMissing {})
            }
            What::FloodedByTeam { .. } => {
                let command =
                    "esxcli system settings advanced list -o /Net/ReversePathFwdCheckPromisc".to_owned();
                (host(), command, Message::ShowsOptionOff {})
            }
            What::ForgedReflection { .. } => {
                let command =
                    format!("pktcap-uw --capture UplinkRcvKernel --uplink vmnic1 --srcmac {}", sender.mac);
                (host(), command, Message::ShowsInsideAddress {})
            }
            What::TwoWays { .. } => {
                let command = "esxcli network vswitch standard list".to_owned();
                (host(), command, Message::ShowsTwoUplinks {})
            }
            What::Loop { .. } => {
                let command =
                    format!("pktcap-uw --capture PortInput --switchport PORT --srcmac {}", sender.mac);
                (host(), command, Message::ShowsOverAndOver {})
            }
        };
        Self { trace, on, command, shows }
    }
}

/// Between which capture points a frame is lost that dies so.
fn of_death(cause: DeathCause, src: Mac, dst: Mac) -> (String, Message<'static>) {
    let DeathCause::Reason(reason) = cause else { return beside_the_switch(cause, dst) };
    match reason {
        Reason::ForgedTransmit => {
            (format!("pktcap-uw --capture Drop --srcmac {src}"), Message::ShowsMacForgery {})
        }
        Reason::VlanMismatch | Reason::NoPortInVlan => {
            (format!("pktcap-uw --capture Drop --srcmac {src}"), Message::ShowsVlanTagMismatch {})
        }
        Reason::DestNotRegistered | Reason::PromiscuousNotGranted => (
            format!("pktcap-uw --capture UplinkRcvKernel --uplink vmnic0 --dstmac {dst}"),
            Message::ShowsNotAtThePort {},
        ),
        Reason::ReverseTeam | Reason::ReversePath => (
            format!("pktcap-uw --capture UplinkRcvKernel --uplink vmnic1 --dstmac {dst}"),
            Message::ShowsOtherUplink {},
        ),
        Reason::PortBlockedMacChange => ("ip link show".to_owned(), Message::ShowsOtherAddress {}),
        Reason::NoUplink => ("esxcli network vswitch standard list".to_owned(), Message::ShowsNoUplink {}),
        Reason::Mtu => ("esxcli network vswitch standard list".to_owned(), Message::ShowsMtu {}),
        Reason::GuestBpdu => (
            "esxcli system settings advanced list -o /Net/BlockGuestBPDU".to_owned(),
            Message::ShowsOptionOn {},
        ),
        Reason::Shaper => (
            "esxcli network vswitch standard portgroup policy shaping get -p GROUP".to_owned(),
            Message::ShowsShaping {},
        ),
        _ => (format!("pktcap-uw --capture Drop --dstmac {dst}"), Message::ShowsDropped {}),
    }
}

fn beside_the_switch(cause: DeathCause, dst: Mac) -> (String, Message<'static>) {
    match cause {
        DeathCause::RegisteredElsewhere => (
            "esxcli network vm list; esxcli network vm port list -w WORLD".to_owned(),
            Message::ShowsTwice {},
        ),
        DeathCause::LearnedElsewhere | DeathCause::BackWhereItCameFrom => {
            (format!("show mac address-table address {dst}"), Message::ShowsLearnedElsewhere {})
        }
        DeathCause::OtherVlan => ("ip -d link show".to_owned(), Message::ShowsOtherVlan {}),
        _ => (format!("pktcap-uw --capture Drop --dstmac {dst}"), Message::ShowsNothing {}),
    }
}
