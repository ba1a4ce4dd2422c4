//! What a running host says about itself, from the live switch's own tables, counters and drop ring.

use std::cell::LazyCell;
use std::collections::BTreeMap;
use std::time::SystemTime;

use nsw_core::{
    Action, Client, ConnectedPort, Counter, DuplicateMac, Origin, PortGroup, PortId, Reason, Resolved, Tables,
};
use nsw_dataplane::engine::{Counters, DropRecord, PortCount};
use nsw_lab::messages::{Catalogue, Language};

use super::LiveHost;
use super::vswitch::LiveSwitch;
use crate::host::status::{
    ComputedAction, CounterStatus, DropPage, DropStatus, DuplicateMacStatus, HostStatus, LearningStatus,
    PortGroupStatus, PortName, PortStatus, RefusalStatus, SetOn, VSwitchStatus, VmStatus,
};
use crate::summary::summarise;

pub(super) fn status(host: &LiveHost) -> HostStatus {
    let vms = host.document.vms.iter().map(|vm| {
        let running = host.vms.get(&vm.name).filter(|live| live.guest.is_running());
        VmStatus {
            name: vm.name.clone(),
            running: running.is_some(),
            pid: running.map_or(0, |live| live.guest.pid()),
            boots_command: !vm.boot.is_empty(),
        }
    });
    HostStatus {
        name: host.document.name.clone(),
        engine: host.engine.name().to_owned(),
        engine_reason: host.engine.reason.clone(),
        vmkernel_pid: host.vmkernel.pid(),
        vswitches: host.switches.iter().map(vswitch_status).collect(),
        vms: vms.collect(),
    }
}

pub(super) fn drops(host: &LiveHost, since: &BTreeMap<String, u64>) -> DropPage {
    // Mostly nothing has died since it was asked last.
    let words = LazyCell::new(|| Catalogue::new(Language::En));
    let mut page = DropPage { next: BTreeMap::new(), missed: 0, drops: Vec::new() };
    for live in &host.switches {
        let from = since.get(live.name()).copied().unwrap_or(0);
        let ring = live.engine.drops(from);
        page.next.insert(live.name().to_owned(), ring.last);
        page.missed += ring.missed;
        page.drops.extend(ring.records.iter().map(|record| drop_status(live, record, &words)));
    }
    page.drops.sort_by_key(|drop| drop.time_ns);
    page
}

fn vswitch_status(live: &LiveSwitch) -> VSwitchStatus {
    let config = live.switch.config();
    let counters = live.engine.counters();
    VSwitchStatus {
        name: config.name.clone(),
        mtu: config.mtu,
        cdp: config.cdp.name().to_owned(),
        fixed_ports: config.ports,
        uplinks: config.uplinks.clone(),
        port_groups: config.port_groups.iter().filter_map(|group| port_group_status(live, group)).collect(),
        ports: live.switch.ports().filter_map(|port| port_status(live, port, &counters)).collect(),
        duplicate_macs: live.tables.duplicate_macs().iter().map(|one| duplicate(&live.tables, one)).collect(),
    }
}

fn duplicate(tables: &Tables, DuplicateMac { mac, ports }: &DuplicateMac) -> DuplicateMacStatus {
    let name = |port: &PortId| tables.port_name(*port).to_owned();
    DuplicateMacStatus { mac: mac.to_string(), ports: ports.iter().map(name).collect() }
}

fn port_group_status(live: &LiveSwitch, group: &PortGroup) -> Option<PortGroupStatus> {
    let computed = live.tables.security(&group.name)?.map(computed_action);
    Some(PortGroupStatus {
        name: group.name.clone(),
        vlan: group.vlan.id(),
        active_clients: live.switch.ports().filter(|port| port.adapter.port_group == group.name).count(),
        configured: group.security.into(),
        promiscuous: computed.promiscuous,
        mac_changes: computed.mac_changes,
        forged_transmits: computed.forged_transmits,
    })
}

fn computed_action(resolved: Resolved<Action>) -> ComputedAction {
    let set_on = match resolved.origin {
        Origin::PortGroup => SetOn::PortGroup,
        Origin::VSwitch => SetOn::Vswitch,
        Origin::Default => SetOn::Default,
    };
    ComputedAction { value: resolved.value.into(), set_on }
}

fn port_status(live: &LiveSwitch, port: &ConnectedPort, counters: &Counters) -> Option<PortStatus> {
    let applied = live.tables.applied(port.id)?;
    let client = match port.adapter.client {
        Client::Vnic => "vnic",
        Client::Vmkernel => "vmkernel",
        Client::Uplink => "uplink",
    };
    Some(PortStatus {
        id: port.id.number(),
        name: port.adapter.name.clone(),
        client: client.to_owned(),
        device: live.devices.get(&port.id).cloned().unwrap_or_default(),
        port_group: live.tables.port_group_name(port.id).map(str::to_owned),
        link_up: port.link_up,
        initial_mac: port.adapter.mac.to_string(),
        requested_mac: applied.requested_mac.to_string(),
        effective_mac: applied.mac.to_string(),
        asks_promiscuous: applied.asks_promiscuous,
        promiscuous: applied.promiscuous,
        groups: applied.groups,
        rx_closed: applied.rx_closed.map(|reason| reason.code().to_owned()),
        team_uplink: applied.team_uplink.map(|uplink| live.tables.port_name(uplink).to_owned()),
        counters: counters.port(port.id).map(counter_status).unwrap_or_default(),
        learning: counters.port(port.id).and_then(|counters| counters.learning).map(|learning| {
            LearningStatus {
                learned: learning.macs_learned,
                limit: live.tables.learns(port.id).map(|learning| learning.limit),
                moved: learning.moved,
                aged: learning.aged,
                over_limit_passed: learning.not_learned_allowed,
                over_limit_dropped: learning.not_learned_dropped,
            }
        }),
    })
}

fn counter_status(counters: &PortCount) -> CounterStatus {
    let mut status = CounterStatus {
        bytes_in: counters.bytes_in,
        bytes_out: counters.bytes_out,
        originated: counters.originated,
        not_taken: counters.tx_failures,
        ..CounterStatus::default()
    };
    for counter in Counter::all() {
        let count = counters.get(counter);
        let (map, name) = match counter {
            Counter::In => {
                status.frames_in = count;
                continue;
            }
            Counter::Out(cause) => (&mut status.out, cause.name()),
            Counter::Refused(reason) => (&mut status.refused, reason.code()),
            Counter::Dropped(reason) => (&mut status.dropped, reason.code()),
        };
        if count > 0 {
            map.insert(name.to_owned(), count);
        }
    }
    status
}

fn drop_status(live: &LiveSwitch, record: &DropRecord, words: &Catalogue) -> DropStatus {
    let tables = &live.tables;
    let refusal = |(port, reason): (PortId, Reason)| RefusalStatus {
        at: port_name(tables, port),
        reason: reason.code().to_owned(),
        policy: tables.policy_line(port, reason).map(|line| line.to_string()),
    };
    DropStatus {
        sequence: record.sequence,
        time_ns: nanoseconds(record.time),
        vswitch: live.name().to_owned(),
        ingress: port_name(tables, record.ingress),
        vlan: record.vlan.map(nsw_core::VlanId::get),
        drop: (!record.delivered).then(|| refusal((record.port, record.reason))),
        refusals: record.refusals().map(|other| refusal((other.port, other.reason))).collect(),
        length: record.len,
        summary: summarise(record.head()).words(words),
        head: record.head().iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

fn port_name(tables: &Tables, port: PortId) -> PortName {
    PortName {
        port: tables.port_name(port).to_owned(),
        port_group: tables.port_group_name(port).map(str::to_owned),
    }
}
