//! What may be changed in a lab: one setting, one cable, one address at a time. A fix is a list of these.
//!
//! A change names its object as the lab file does, so that the same value can be tried in the simulator, written into
//! the file (`edit.rs`) and said as a command (`commands.rs`).
//!
//! **Invariant:** a change that cannot be made changes nothing.

use nsw_core::{
    Action, AllowedMac, Beyond, Learning, Mac, MacLearning, PortGroup, Security, Setting, VSwitch, VlanMode,
};
use std::fmt;

use crate::topology::{Guest, Host, Lab, Vm, Vnic};

/// One change of a lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Sets one element of the security policy.
    Security {
        /// Where.
        at: Scope,
        /// Which element.
        element: SecurityElement,
        /// Accept or Reject.
        action: Action,
    },
    /// Adds an address to an allow-list.
    Allow {
        /// Where.
        at: Scope,
        /// The address.
        mac: Mac,
    },
    /// Turns MAC learning on.
    Learn {
        /// Where.
        at: Scope,
        /// How.
        learning: Learning,
    },
    /// Makes the ports sinks.
    Sink {
        /// Where.
        at: Scope,
    },
    /// Sets the VLAN id of a port group.
    Vlan {
        /// The host.
        host: String,
        /// The port group.
        port_group: String,
        /// The id, 0 to 4095.
        id: u16,
    },
    /// Adds a port group with the settings of another one.
    AddPortGroup {
        /// The host.
        host: String,
        /// Its name.
        name: String,
        /// Whose settings it has.
        like: String,
    },
    /// Connects an adapter of a VM to another port group.
    Connect {
        /// The VM.
        vm: String,
        /// The adapter.
        nic: String,
        /// The port group.
        port_group: String,
    },
    /// Gives an adapter of a VM another MAC in the VM's configuration.
    VnicMac {
        /// The VM.
        vm: String,
        /// The adapter.
        nic: String,
        /// The address.
        mac: Mac,
    },
    /// Lets the guest use the MAC that its adapter is configured with.
    KeepMac {
        /// The VM.
        vm: String,
        /// The adapter.
        nic: String,
    },
    /// Gives a VMkernel adapter another MAC.
    VmkernelMac {
        /// The host.
        host: String,
        /// The adapter.
        vmk: String,
        /// The address.
        mac: Mac,
    },
    /// Makes the guest tag with this VLAN id.
    GuestVlan {
        /// The VM.
        vm: String,
        /// The adapter.
        nic: String,
        /// The id; 0 for no tag.
        id: u16,
    },
    /// Makes a physical adapter an uplink of a vSwitch.
    AddUplink {
        /// The host.
        host: String,
        /// The vSwitch.
        vswitch: String,
        /// The adapter.
        pnic: String,
    },
    /// Cables a physical adapter to another segment.
    Cable {
        /// The host.
        host: String,
        /// The adapter.
        pnic: String,
        /// The segment.
        segment: String,
    },
    /// Sets the active uplinks; those that are not among them are unused.
    Active {
        /// Where.
        at: Scope,
        /// The uplinks, in order.
        uplinks: Vec<String>,
    },
    /// Sets the MTU of a vSwitch.
    Mtu {
        /// The host.
        host: String,
        /// The vSwitch.
        vswitch: String,
        /// Bytes of payload in a frame.
        mtu: u16,
    },
    /// Turns `Net.ReversePathFwdCheckPromisc` on. It takes effect where promiscuous mode is granted from then on, see
    /// [`Change::before`].
    CheckPromiscuous {
        /// The host.
        host: String,
        /// The vSwitch.
        vswitch: String,
    },
}

/// A vSwitch, or a port group on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The host.
    pub host: String,
    /// The vSwitch.
    pub vswitch: String,
    /// The port group; `None` for the vSwitch itself.
    pub port_group: Option<String>,
}

/// An element of the layer 2 security policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecurityElement {
    /// Promiscuous mode.
    Promiscuous,
    /// MAC address changes.
    MacChanges,
    /// Forged transmits.
    ForgedTransmits,
}

impl SecurityElement {
    /// All, in the order of vSphere's dialogs.
    pub const ALL: [Self; 3] = [Self::Promiscuous, Self::MacChanges, Self::ForgedTransmits];

    /// The key in the lab file.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Promiscuous => "promiscuous",
            Self::MacChanges => "mac-changes",
            Self::ForgedTransmits => "forged-transmits",
        }
    }

    /// The setting that decisions cite.
    pub const fn setting(self) -> Setting {
        match self {
            Self::Promiscuous => Setting::PromiscuousMode,
            Self::MacChanges => Setting::MacAddressChanges,
            Self::ForgedTransmits => Setting::ForgedTransmits,
        }
    }

    /// The element of a policy.
    pub fn of<T: Copy>(self, security: &Security<T>) -> T {
        match self {
            Self::Promiscuous => security.promiscuous,
            Self::MacChanges => security.mac_changes,
            Self::ForgedTransmits => security.forged_transmits,
        }
    }

    /// Sets the element of a policy.
    pub(super) fn set<T>(self, security: &mut Security<T>, value: T) {
        *self.of_mut(security) = value;
    }

    fn of_mut<T>(self, security: &mut Security<T>) -> &mut T {
        match self {
            Self::Promiscuous => &mut security.promiscuous,
            Self::MacChanges => &mut security.mac_changes,
            Self::ForgedTransmits => &mut security.forged_transmits,
        }
    }
}

/// A change of something that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {0}")]
pub struct NotThere(String);

impl Scope {
    /// A port group.
    pub fn group(host: &str, vswitch: &str, port_group: &str) -> Self {
        Self { host: host.to_owned(), vswitch: vswitch.to_owned(), port_group: Some(port_group.to_owned()) }
    }

    /// The vSwitch that this is, or is on.
    pub fn whole_switch(&self) -> Self {
        Self { port_group: None, ..self.clone() }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.host, self.port_group.as_ref().unwrap_or(&self.vswitch))
    }
}

impl Change {
    /// The host that the change is made on; `None` for one in a guest or on the physical network.
    pub fn host<'a>(&'a self, lab: &'a Lab) -> Option<&'a str> {
        match self {
            Self::Security { at, .. }
            | Self::Allow { at, .. }
            | Self::Learn { at, .. }
            | Self::Sink { at }
            | Self::Active { at, .. } => Some(&at.host),
            Self::Vlan { host, .. }
            | Self::AddPortGroup { host, .. }
            | Self::VmkernelMac { host, .. }
            | Self::AddUplink { host, .. }
            | Self::CheckPromiscuous { host, .. }
            | Self::Mtu { host, .. }
            | Self::Cable { host, .. } => Some(host),
            Self::Connect { vm, .. } | Self::VnicMac { vm, .. } => host_of_vm(lab, vm),
            Self::KeepMac { .. } | Self::GuestVlan { .. } => None,
        }
    }

    /// The vSwitch or port group whose policy it changes, if it does.
    pub fn scope(&self) -> Option<&Scope> {
        match self {
            Self::Security { at, .. }
            | Self::Allow { at, .. }
            | Self::Learn { at, .. }
            | Self::Sink { at }
            | Self::Active { at, .. } => Some(at),
            _ => None,
        }
    }

    /// What a running lab must go through first, in which nobody has promiscuous mode where its check is turned on: a
    /// port keeps the check that it had when it was granted the mode (rule R-8). Empty if these changes need no such step.
    pub fn before(changes: &[Self], lab: &Lab) -> Vec<Self> {
        let checked = |change: &Self| match change {
            Self::CheckPromiscuous { host, vswitch } => Some((host.clone(), vswitch.clone())),
            _ => None,
        };
        let reject =
            |at| Self::Security { at, element: SecurityElement::Promiscuous, action: Action::Reject };
        let mut steps = Vec::new();
        for (host, vswitch) in changes.iter().filter_map(checked) {
            let found = lab.host(&host).and_then(|host| host.vswitch(&vswitch));
            let own = found.into_iter().flat_map(|on| &on.port_groups);
            let own = own.filter(|group| group.security.promiscuous.is_some());
            let groups = own.map(|group| Scope::group(&host, &vswitch, &group.name));
            let whole = Scope { host: host.clone(), vswitch: vswitch.clone(), port_group: None };
            steps.extend(groups.chain([whole]).map(reject));
        }
        steps
    }

    /// The lab with these changes, made in order.
    ///
    /// # Errors
    /// [`NotThere`] if one of them names what the lab does not have.
    pub fn apply_all(changes: &[Self], lab: &Lab) -> Result<Lab, NotThere> {
        let mut changed = lab.clone();
        changes.iter().try_for_each(|change| change.apply(&mut changed))?;
        Ok(changed)
    }

    /// Makes the change.
    ///
    /// # Errors
    /// [`NotThere`] if it names what the lab does not have; then nothing changed.
    pub fn apply(&self, lab: &mut Lab) -> Result<(), NotThere> {
        match self {
            Self::Security { at, element, action } => {
                element.set(at.security(lab)?, Some(*action));
            }
            Self::Allow { at, mac } => allow(lab, at, *mac)?,
            Self::Learn { at, learning } => {
                at.beyond(lab)?.mac_learning = Some(MacLearning::On(*learning));
            }
            Self::Sink { at } => at.beyond(lab)?.sink = Some(true),
            Self::Vlan { host, port_group, id } => {
                let mode = VlanMode::from_id(*id).ok_or_else(|| not_there(format!("VLAN {id}")))?;
                port_group_mut(lab, host, port_group)?.vlan = mode;
            }
            Self::AddPortGroup { host, name, like } => add_port_group(lab, host, name, like)?,
            Self::Connect { vm, nic, port_group } => connect(lab, vm, nic, port_group)?,
            Self::VnicMac { vm, nic, mac } => set_vnic_mac(lab, vm, nic, *mac)?,
            Self::KeepMac { vm, nic } => vnic_mut(lab, vm, nic)?.guest_mac = None,
            Self::VmkernelMac { host, vmk, mac } => {
                let found = host_mut(lab, host)?.vmkernels.iter_mut().find(|adapter| adapter.name == *vmk);
                found.ok_or_else(|| not_there(format!("VMkernel adapter `{vmk}`")))?.mac = *mac;
            }
            Self::GuestVlan { vm, nic, id } => vnic_mut(lab, vm, nic)?.vlan = *id,
            Self::AddUplink { host, vswitch, pnic } => add_uplink(lab, host, vswitch, pnic)?,
            Self::Cable { host, pnic, segment } => {
                let found = host_mut(lab, host)?.pnics.iter_mut().find(|adapter| adapter.name == *pnic);
                let found = found.ok_or_else(|| not_there(format!("physical adapter `{pnic}`")))?;
                found.segment = Some(segment.clone());
            }
            Self::Active { at, uplinks } => {
                let order = nsw_core::NicOrder { active: uplinks.clone(), standby: Vec::new() };
                at.settings(lab, |vswitch| &mut vswitch.teaming, |group| &mut group.teaming)?.nic_order =
                    Some(order);
            }
            Self::Mtu { host, vswitch, mtu } => vswitch_mut(lab, host, vswitch)?.mtu = *mtu,
            Self::CheckPromiscuous { host, vswitch } => {
                vswitch_mut(lab, host, vswitch)?.options.reverse_path_promiscuous = Some(true);
            }
        }
        Ok(())
    }
}

/// Learning as a fix turns it on: with a limit, and without flooding, which would show outside traffic to every port.
pub fn modest_learning(limit: u32) -> Learning {
    Learning { limit, at_limit: nsw_core::AtLimit::Drop, unicast_flooding: false, ..Learning::default() }
}

impl Scope {
    fn settings<'l, T>(
        &self,
        lab: &'l mut Lab,
        of_vswitch: impl FnOnce(&'l mut VSwitch) -> &'l mut T,
        of_group: impl FnOnce(&'l mut PortGroup) -> &'l mut T,
    ) -> Result<&'l mut T, NotThere> {
        match &self.port_group {
            Some(name) => Ok(of_group(port_group_mut(lab, &self.host, name)?)),
            None => Ok(of_vswitch(vswitch_mut(lab, &self.host, &self.vswitch)?)),
        }
    }

    fn security<'l>(&self, lab: &'l mut Lab) -> Result<&'l mut Security<Option<Action>>, NotThere> {
        self.settings(lab, |vswitch| &mut vswitch.security, |group| &mut group.security)
    }

    fn beyond<'l>(&self, lab: &'l mut Lab) -> Result<&'l mut Beyond, NotThere> {
        self.settings(lab, |vswitch| &mut vswitch.beyond, |group| &mut group.beyond)
    }
}

/// A list of its own replaces an inherited one as a whole, so it begins with what was inherited.
fn allow(lab: &mut Lab, at: &Scope, mac: Mac) -> Result<(), NotThere> {
    let inherited = vswitch_mut(lab, &at.host, &at.vswitch)?.beyond.allowed_macs.clone();
    let list = at.beyond(lab)?.allowed_macs.get_or_insert_with(|| inherited.unwrap_or_default());
    if !list.contains(&AllowedMac::Exact(mac)) {
        list.push(AllowedMac::Exact(mac));
    }
    Ok(())
}

fn add_port_group(lab: &mut Lab, host: &str, name: &str, like: &str) -> Result<(), NotThere> {
    let vswitches = &mut host_mut(lab, host)?.vswitches;
    let on = vswitches.iter_mut().find(|vswitch| vswitch.port_group(like).is_some());
    let on = on.ok_or_else(|| not_there(format!("port group `{like}` on host `{host}`")))?;
    let group = on.port_group(like).map(|model| PortGroup { name: name.to_owned(), ..model.clone() });
    on.port_groups.extend(group);
    Ok(())
}

fn connect(lab: &mut Lab, vm: &str, nic: &str, port_group: &str) -> Result<(), NotThere> {
    let host = host_of_vm(lab, vm).ok_or_else(|| not_there(format!("VM `{vm}`")))?.to_owned();
    port_group_mut(lab, &host, port_group)?;
    port_group.clone_into(&mut vnic_mut(lab, vm, nic)?.port_group);
    Ok(())
}

/// In a nested host the adapter is a physical adapter of the host inside, and a fresh `vmk0` has its address.
fn set_vnic_mac(lab: &mut Lab, vm: &str, nic: &str, mac: Mac) -> Result<(), NotThere> {
    vnic_mut(lab, vm, nic)?.mac = mac;
    if let Some(pnic) = host_mut(lab, vm).ok().and_then(|host| host.pnics.iter_mut().find(|p| p.name == nic))
    {
        pnic.mac = mac;
    }
    Ok(())
}

fn add_uplink(lab: &mut Lab, host: &str, vswitch: &str, pnic: &str) -> Result<(), NotThere> {
    let on = host_mut(lab, host)?;
    if !on.pnics.iter().any(|adapter| adapter.name == pnic) {
        return Err(not_there(format!("physical adapter `{pnic}` on host `{host}`")));
    }
    vswitch_mut(lab, host, vswitch)?.uplinks.push(pnic.to_owned());
    Ok(())
}

fn vnic_mut<'l>(lab: &'l mut Lab, vm: &str, nic: &str) -> Result<&'l mut Vnic, NotThere> {
    let adapters = &mut vm_mut(lab, vm).ok_or_else(|| not_there(format!("VM `{vm}`")))?.nics;
    let found = adapters.iter_mut().find(|adapter| adapter.name == nic);
    found.ok_or_else(|| not_there(format!("adapter `{nic}` of VM `{vm}`")))
}

fn port_group_mut<'l>(lab: &'l mut Lab, host: &str, name: &str) -> Result<&'l mut PortGroup, NotThere> {
    let mut vswitches = host_mut(lab, host)?.vswitches.iter_mut();
    let found = vswitches.find_map(|vswitch| vswitch.port_group_mut(name));
    found.ok_or_else(|| not_there(format!("port group `{name}` on host `{host}`")))
}

fn vswitch_mut<'l>(lab: &'l mut Lab, host: &str, name: &str) -> Result<&'l mut VSwitch, NotThere> {
    let found = host_mut(lab, host)?.vswitches.iter_mut().find(|vswitch| vswitch.name == name);
    found.ok_or_else(|| not_there(format!("vSwitch `{name}` on host `{host}`")))
}

fn host_mut<'l>(lab: &'l mut Lab, name: &str) -> Result<&'l mut Host, NotThere> {
    let found = lab.hosts.iter_mut().find_map(|host| inner_host_mut(host, name));
    found.ok_or_else(|| not_there(format!("host `{name}`")))
}

fn inner_host_mut<'l>(host: &'l mut Host, name: &str) -> Option<&'l mut Host> {
    if host.name == name {
        return Some(host);
    }
    host.vms.iter_mut().find_map(|vm| match &mut vm.guest {
        Guest::Host(inner) => inner_host_mut(inner, name),
        Guest::Os | Guest::Bridge => None,
    })
}

fn vm_mut<'l>(lab: &'l mut Lab, name: &str) -> Option<&'l mut Vm> {
    lab.hosts.iter_mut().find_map(|host| inner_vm_mut(host, name))
}

fn inner_vm_mut<'l>(host: &'l mut Host, name: &str) -> Option<&'l mut Vm> {
    for vm in &mut host.vms {
        if vm.name == name {
            return Some(vm);
        }
        if let Guest::Host(inner) = &mut vm.guest
            && let Some(found) = inner_vm_mut(inner, name)
        {
            return Some(found);
        }
    }
    None
}

/// The host that a VM runs on.
pub(crate) fn host_of_vm<'l>(lab: &'l Lab, vm: &str) -> Option<&'l str> {
    let hosts = lab.all_hosts().into_iter().map(|(_, host)| host);
    hosts.into_iter().find(|host| host.vm(vm).is_some()).map(|host| host.name.as_str())
}

fn not_there(what: String) -> NotThere {
    NotThere(what)
}
