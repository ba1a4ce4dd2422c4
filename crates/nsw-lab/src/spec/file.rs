//! The lab file as it is written: the shape of the YAML, and the source of its JSON Schema.
//!
//! Only shape is decided here: which keys there are, and what is a mapping, a list or a word. Every word stays text
//! ([`Word`]) until `build` reads it. The comments on the fields are the descriptions that editors show.

use schemars::JsonSchema;
use serde::Deserialize;

use super::at::{At, Entries, Word, WordOr, Words, or_empty, some_or_empty};
use super::schema;

/// A lab: physical networks, hosts, virtual switches, VMs, and hosts inside VMs to any depth.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "lab file", extend("required" = ["lab", "hosts"]))]
pub(crate) struct LabFile {
    /// The lab's name. Labs of different names run side by side.
    #[schemars(schema_with = "schema::hostname")]
    pub(crate) lab: Option<Word>,
    /// The physical networks, by name. Each is a learning switch.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) segments: Entries<SegmentFile>,
    /// The physical hosts, by name.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) hosts: Entries<HostFile>,
}

/// A physical network: a learning switch, with end stations on it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "segment")]
pub(crate) struct SegmentFile {
    /// The end stations on this network, by name.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) stations: Entries<StationFile>,
}

/// An end station on a physical network.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "station")]
pub(crate) struct StationFile {
    /// Its MAC address. If absent, one is derived from the names of lab and station.
    #[schemars(schema_with = "schema::mac")]
    pub(crate) mac: Option<Word>,
    /// Its IP address with prefix length, as 192.168.10.50/24, or a list of them.
    #[schemars(schema_with = "schema::addresses")]
    pub(crate) address: Words,
    /// The VLAN that it tags with, 1 to 4094; 0 or absent if it does not tag.
    #[schemars(schema_with = "schema::guest_vlan")]
    pub(crate) vlan: Option<Word>,
    /// Another adapter may have the same MAC address.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) allow_duplicate_mac: Option<Word>,
}

/// A host. In a VM it is the value of the key `host`, and the VM's adapters are its physical adapters.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "host")]
pub(crate) struct HostFile {
    /// Its physical adapters, by name (vmnic0, vmnic1, ...). Not in a nested host: there they are the adapters of the VM.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) vmnics: Entries<VmnicFile>,
    /// Its standard switches, by name (vSwitch0, ...).
    #[serde(deserialize_with = "or_empty")]
    pub(crate) vswitches: Entries<VswitchFile>,
    /// Its VMkernel adapters, by name (vmk0, ...).
    #[serde(deserialize_with = "or_empty")]
    pub(crate) vmkernel: Entries<VmkernelFile>,
    /// Its VMs, by name.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) vms: Entries<VmFile>,
}

/// A physical adapter.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "physical-adapter", extend("required" = ["segment"]))]
pub(crate) struct VmnicFile {
    /// The physical network that it is cabled to.
    #[schemars(schema_with = "schema::text")]
    pub(crate) segment: Option<Word>,
    /// Its MAC address. If absent, one is derived from the names of lab, host and adapter.
    #[schemars(schema_with = "schema::mac")]
    pub(crate) mac: Option<Word>,
    /// Another adapter may have the same MAC address.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) allow_duplicate_mac: Option<Word>,
}

/// A standard switch.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "vswitch")]
pub(crate) struct VswitchFile {
    /// Its uplinks: physical adapters of this host, in order. Without any, it connects only what is on this host.
    #[schemars(schema_with = "schema::texts")]
    #[serde(deserialize_with = "or_empty")]
    pub(crate) uplinks: Vec<Word>,
    /// The largest payload in bytes that may leave by an uplink, 1280 to 9000; default 1500.
    #[schemars(schema_with = "schema::mtu")]
    pub(crate) mtu: Option<Word>,
    /// The release whose defaults stand where nothing is set: "7.0+" (all Reject; the default), "6.x" (MAC address
    /// changes and forged transmits at Accept), "8.0" (as 7.0, and block-guest-bpdu) or "9.0" (as 8.0, and
    /// reverse-path-check-promiscuous).
    #[schemars(schema_with = "schema::defaults")]
    pub(crate) defaults: Option<Word>,
    /// So many ports and no more, 1 to 4096, uplinks included. If absent, ports are made as they are needed.
    #[schemars(schema_with = "schema::ports")]
    pub(crate) ports: Option<Word>,
    /// What is done with the Cisco Discovery Protocol; default `listen`. It is kept and told, nothing is sent or
    /// interpreted.
    #[schemars(schema_with = "schema::cdp")]
    pub(crate) cdp: Option<Word>,
    /// The layer 2 security policy. What is absent has the default of the release.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) security: SecurityFile,
    /// The teaming and failover policy.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) teaming: TeamingFile,
    /// Traffic shaping of what guests send, each port by itself; `off` or absent: none.
    #[schemars(schema_with = "schema::shaping")]
    pub(crate) shaping: Option<At<WordOr<ShapingFile>>>,
    /// Settings beyond a standard switch, not vSphere on such a switch. All are off unless set.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) beyond: BeyondFile,
    /// Advanced settings of ESXi, and choices where the public sources disagree.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) options: OptionsFile,
    /// Its port groups, by name.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) port_groups: Entries<PortGroupFile>,
}

/// A port group. What it does not set, it inherits from its vSwitch.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "port-group")]
pub(crate) struct PortGroupFile {
    /// The VLAN id: 0 or absent (untagged), 1 to 4094 (the vSwitch tags), 4095 or `trunk` (the guest tags).
    #[schemars(schema_with = "schema::port_group_vlan")]
    pub(crate) vlan: Option<Word>,
    /// Overrides of the layer 2 security policy.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) security: SecurityFile,
    /// Overrides of the teaming and failover policy.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) teaming: TeamingFile,
    /// Override of traffic shaping; `off` shapes nothing here, whatever the vSwitch says.
    #[schemars(schema_with = "schema::shaping")]
    pub(crate) shaping: Option<At<WordOr<ShapingFile>>>,
    /// Overrides of the settings beyond a standard switch, not vSphere on such a switch.
    #[serde(deserialize_with = "or_empty")]
    pub(crate) beyond: BeyondFile,
}

/// Traffic shaping of what guests send. What exceeds it is dropped; ESXi delays it first.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "traffic-shaping", extend("required" = ["average-bps", "peak-bps", "burst-bytes"]))]
pub(crate) struct ShapingFile {
    /// The long-term average in bits a second, as in the vSphere API; esxcli counts in 1000 bits.
    #[schemars(schema_with = "schema::amount")]
    pub(crate) average_bps: Option<Word>,
    /// The most while a burst lasts, in bits a second; not less than the average.
    #[schemars(schema_with = "schema::amount")]
    pub(crate) peak_bps: Option<Word>,
    /// What may be saved up for a burst, in bytes, as in the vSphere API; esxcli counts in 1024 bits.
    #[schemars(schema_with = "schema::amount")]
    pub(crate) burst_bytes: Option<Word>,
}

/// Settings beyond a standard switch: ways to serve a nested host without opening everything. What is absent is
/// inherited, and at the vSwitch off.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "beyond")]
pub(crate) struct BeyondFile {
    /// MAC learning: deliver to a port what is for the addresses its guest sends from. Frames from them still need
    /// forged-transmits at accept. Not vSphere here: learning exists on the distributed switch only.
    #[schemars(schema_with = "schema::mac_learning")]
    pub(crate) mac_learning: Option<At<WordOr<LearningFile>>>,
    /// Addresses that every port of the port group may send from and is given frames for, beside its own, whatever
    /// the security policy: 00:50:56:aa:00:07, or 00:50:56:* for all with these first three octets. A list replaces an
    /// inherited one as a whole. Not vSphere.
    #[schemars(schema_with = "schema::allowed_macs")]
    pub(crate) allowed_macs: Option<Vec<Word>>,
    /// Give each port every unicast frame that nobody else owns. Not vSphere here: sink ports exist on the distributed
    /// switch only.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) sink: Option<Word>,
    /// Spare a port in promiscuous mode the copies of unicast frames for somebody else. Not vSphere, but a fling did
    /// the same (dvFilter-maclearn).
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) learning_filter: Option<Word>,
    /// Drop broadcasts and multicasts that come back by an uplink although a guest sent them here a moment ago, under
    /// a forged source. Not vSphere.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) forged_source_guard: Option<Word>,
}

/// How MAC addresses are learned. The defaults of limit, at-limit and flooding are the distributed switch's.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "mac-learning")]
pub(crate) struct LearningFile {
    /// Addresses that a port may have learned at once, 1 to 4096; default 4096.
    #[schemars(schema_with = "schema::learning_limit")]
    pub(crate) limit: Option<Word>,
    /// What happens to frames from one address more: they pass and the address stays unknown (`allow`, the default),
    /// or they are dropped (`drop`).
    #[schemars(schema_with = "schema::at_limit")]
    pub(crate) at_limit: Option<Word>,
    /// Seconds after which an address that was not seen is forgotten, 1 to 86400; default 300. Not vSphere: there it
    /// cannot be set.
    #[schemars(schema_with = "schema::ageing")]
    pub(crate) ageing_s: Option<Word>,
    /// Give the port unicast frames that nobody owns or has learned; default true.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) unicast_flooding: Option<Word>,
}

/// The layer 2 security policy. Each setting is `accept`, `reject`, or absent: the default or the inherited value.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "security-policy")]
pub(crate) struct SecurityFile {
    /// Promiscuous mode: may a guest that asks for it receive every frame of its VLAN?
    #[schemars(schema_with = "schema::action")]
    pub(crate) promiscuous: Option<Word>,
    /// MAC address changes: may a guest receive under another MAC address than the one configured for its adapter?
    #[schemars(schema_with = "schema::action")]
    pub(crate) mac_changes: Option<Word>,
    /// Forged transmits: may a guest send from another MAC address than its adapter has now?
    #[schemars(schema_with = "schema::action")]
    pub(crate) forged_transmits: Option<Word>,
}

/// The teaming and failover policy.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "teaming-policy")]
pub(crate) struct TeamingFile {
    /// How the uplink for a frame is picked; default `port-id`.
    #[schemars(schema_with = "schema::load_balancing")]
    pub(crate) load_balancing: Option<Word>,
    /// The active uplinks in order. If absent, every uplink that is not standby. An uplink in neither list is unused.
    #[schemars(schema_with = "schema::texts")]
    pub(crate) active: Option<Vec<Word>>,
    /// The uplinks that replace failed active ones, in order.
    #[schemars(schema_with = "schema::texts")]
    pub(crate) standby: Option<Vec<Word>>,
    /// How failures are found: by the link alone (`link`, the default), or also by frames between the uplinks (`beacon`).
    #[schemars(schema_with = "schema::failure_detection")]
    pub(crate) failure_detection: Option<Word>,
    /// Return to an active uplink that has recovered; default true.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) failback: Option<Word>,
    /// Announce the MAC addresses to the physical network after a change of uplink; default true.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) notify_switches: Option<Word>,
}

/// Advanced settings of ESXi, and choices where the public sources disagree.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "vswitch-options")]
pub(crate) struct OptionsFile {
    /// What promiscuous mode shows: every frame of the VLAN on this vSwitch (`vlan`, the default), or only frames of
    /// the port group (`port-group`).
    #[schemars(schema_with = "schema::promiscuous_scope")]
    pub(crate) promiscuous_scope: Option<Word>,
    /// Copy to every port that is accepted as promiscuous, whether or not its guest asked; default false.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) force_copy_to_all: Option<Word>,
    /// What a refused MAC address change does: nothing more is received (`drop-rx`, the default), or the port is
    /// blocked (`block`).
    #[schemars(schema_with = "schema::refused_mac_change")]
    pub(crate) mac_change_refused: Option<Word>,
    /// Net.ReversePathFwdCheck: drop broadcasts and multicasts of our own that come back by an uplink; default true.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) reverse_path_check: Option<Word>,
    /// The reverse path check looks at unicast frames too; default false.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) reverse_path_all: Option<Word>,
    /// The reverse path check works with a single uplink too; default true.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) reverse_path_single_uplink: Option<Word>,
    /// The team's choice of uplink is applied to inbound frames too; default true.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) reverse_filter: Option<Word>,
    /// Net.ReversePathFwdCheckPromisc: apply the reverse filter to promiscuous ports too; default false, true with
    /// `defaults: 9.0`.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) reverse_path_check_promiscuous: Option<Word>,
    /// A change of reverse-path-check-promiscuous waits until promiscuous mode is granted anew; default true.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) strict_latch: Option<Word>,
    /// Net.BlockGuestBPDU: guests may not send to the bridge group address; default false, true with `defaults: 8.0`
    /// and 9.0.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) block_guest_bpdu: Option<Word>,
    /// Frames to link-local groups end at the switch instead of being forwarded as multicast; default false.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) consume_link_local: Option<Word>,
}

/// A VMkernel adapter.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "vmkernel-adapter", extend("required" = ["port-group"]))]
pub(crate) struct VmkernelFile {
    /// The port group that it is connected to.
    #[schemars(schema_with = "schema::text")]
    pub(crate) port_group: Option<Word>,
    /// Its MAC address. If absent, vmk0 has the one of the host's first physical adapter, as after a fresh install, and
    /// any other has a derived one.
    #[schemars(schema_with = "schema::mac")]
    pub(crate) mac: Option<Word>,
    /// Its IP address with prefix length, or a list of them.
    #[schemars(schema_with = "schema::addresses")]
    pub(crate) address: Words,
    /// Another adapter may have the same MAC address, as on cloned hosts.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) allow_duplicate_mac: Option<Word>,
}

/// A VM. Either it has `nics`, or the keys of its only adapter stand here (`eth0`; `vmnic0` in a nested host).
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "vm")]
pub(crate) struct VmFile {
    /// The port group that its only adapter is connected to.
    #[schemars(schema_with = "schema::text")]
    pub(crate) port_group: Option<Word>,
    /// The initial MAC address of its only adapter, the one that the VM's configuration gives it.
    #[schemars(schema_with = "schema::mac")]
    pub(crate) mac: Option<Word>,
    /// The MAC address that the guest sets on its only adapter once it runs.
    #[schemars(schema_with = "schema::mac")]
    pub(crate) guest_mac: Option<Word>,
    /// The guest puts its only adapter into promiscuous mode, as a sniffer does.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) promiscuous: Option<Word>,
    /// The VLAN that the guest tags with on its only adapter, 1 to 4094; 0 or absent if it does not tag.
    #[schemars(schema_with = "schema::guest_vlan")]
    pub(crate) vlan: Option<Word>,
    /// The VLANs that the guest's only adapter lets in where the guest tags, as its driver programs them; if absent, all.
    #[schemars(schema_with = "schema::vlan_filter")]
    pub(crate) vlan_filter: Option<Vec<Word>>,
    /// The IP address of its only adapter with prefix length, or a list of them.
    #[schemars(schema_with = "schema::addresses")]
    pub(crate) address: Words,
    /// Another adapter may have the same MAC address.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) allow_duplicate_mac: Option<Word>,
    /// Its network adapters, by name.
    #[serde(deserialize_with = "some_or_empty")]
    pub(crate) nics: Option<Entries<NicFile>>,
    /// The guest forwards between its adapters, as a software bridge does; default false. Such adapters have no
    /// addresses and always ask for promiscuous mode. Two of them in one network make a loop, which no switch stops.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) bridge: Option<Word>,
    /// This VM is a host itself; its adapters are the host's physical adapters.
    #[serde(deserialize_with = "some_or_empty")]
    pub(crate) host: Option<Box<HostFile>>,
}

/// A network adapter of a VM.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[schemars(rename = "vm-adapter", extend("required" = ["port-group"]))]
pub(crate) struct NicFile {
    /// The port group that it is connected to.
    #[schemars(schema_with = "schema::text")]
    pub(crate) port_group: Option<Word>,
    /// Its initial MAC address, the one that the VM's configuration gives it. If absent, one is derived.
    #[schemars(schema_with = "schema::mac")]
    pub(crate) mac: Option<Word>,
    /// The MAC address that the guest sets once it runs.
    #[schemars(schema_with = "schema::mac")]
    pub(crate) guest_mac: Option<Word>,
    /// The guest puts it into promiscuous mode, as a sniffer does.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) promiscuous: Option<Word>,
    /// The VLAN that the guest tags with, 1 to 4094; 0 or absent if it does not tag.
    #[schemars(schema_with = "schema::guest_vlan")]
    pub(crate) vlan: Option<Word>,
    /// The VLANs that it lets in where the guest tags, as the guest's driver programs them; if absent, all.
    #[schemars(schema_with = "schema::vlan_filter")]
    pub(crate) vlan_filter: Option<Vec<Word>>,
    /// Its IP address with prefix length, or a list of them.
    #[schemars(schema_with = "schema::addresses")]
    pub(crate) address: Words,
    /// Another adapter may have the same MAC address.
    #[schemars(schema_with = "schema::boolean")]
    pub(crate) allow_duplicate_mac: Option<Word>,
}

impl VmFile {
    /// The adapter that the short form describes, or `None` if none of its keys is there.
    pub(crate) fn short_form(&self) -> Option<NicFile> {
        let nic = NicFile {
            port_group: self.port_group.clone(),
            mac: self.mac.clone(),
            guest_mac: self.guest_mac.clone(),
            promiscuous: self.promiscuous.clone(),
            vlan: self.vlan.clone(),
            vlan_filter: self.vlan_filter.clone(),
            address: self.address.clone(),
            allow_duplicate_mac: self.allow_duplicate_mac.clone(),
        };
        nic.first_word().is_some().then_some(nic)
    }
}

impl NicFile {
    /// Any of its words, to point at.
    pub(crate) fn first_word(&self) -> Option<&Word> {
        let words = [&self.port_group, &self.mac, &self.guest_mac, &self.promiscuous, &self.vlan];
        let lists = self.vlan_filter.iter().flatten().chain(&self.address.0);
        words.into_iter().flatten().chain(lists).chain(&self.allow_duplicate_mac).next()
    }
}
