//! Bytes as a small switch with ports, and then as frames. Addresses and VLANs come from pools so small that they meet.

use nsw_core::{
    Action, Adapter, Defaults, GuestRequest, LoadBalancing, Mac, NicOrder, Options, PortGroup, PortId,
    PromiscuousScope, RefusedMacChange, Security, Switch, Teaming, VSwitch, VlanId, VlanMode,
};

/// Reads choices from bytes; where they end, everything is 0.
pub(crate) struct Choices<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Choices<'a> {
    pub(crate) fn of(data: &'a [u8]) -> Self {
        Self { bytes: data.iter() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.bytes.as_slice().is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.bytes.next().copied().unwrap_or(0)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::from(self.byte()) % end
    }

    fn one_of<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }

    fn one_in(&mut self, n: u8) -> bool {
        self.byte().is_multiple_of(n)
    }

    pub(crate) fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    pub(crate) fn station(&mut self) -> Mac {
        Mac::new([0, 0x50, 0x56, 0, 0, self.byte() % 8])
    }

    pub(crate) fn group(&mut self) -> Mac {
        let last = self.byte();
        match last % 4 {
            0 => Mac::BROADCAST,
            1 => Mac::new([1, 0x80, 0xc2, 0, 0, last >> 4]),
            _ => Mac::new([1, 0, 0x5e, 0, 0, last >> 2]),
        }
    }
}

const VLANS: [u16; 5] = [0, 10, 20, 4094, 4095];

/// A switch with up to 3 uplinks, up to 4 port groups and up to 8 adapters, whose guests asked for this and that.
pub(crate) fn switch(choices: &mut Choices<'_>) -> Switch {
    let mut config = VSwitch::named("vSwitch0");
    config.uplinks = (0..choices.below(4)).map(|i| format!("vmnic{i}")).collect();
    config.mtu = choices.one_of(&[1500, 9000, 46]);
    config.defaults = choices.one_of(&Defaults::ALL);
    config.security = security(choices);
    config.teaming = teaming(choices, &config.uplinks);
    config.options = options(choices);
    for i in 0..1 + choices.below(4) {
        let vlan = VlanMode::from_id(choices.one_of(&VLANS)).unwrap_or(VlanMode::Est);
        let mut group = PortGroup::named(format!("group{i}"), vlan);
        group.security = security(choices);
        group.teaming = teaming(choices, &config.uplinks);
        config.port_groups.push(group);
    }
    let uplinks = config.uplinks.clone();
    let groups = config.port_groups.len();
    let mut switch = Switch::new(config, 1).expect("the configuration is sound");
    for uplink in uplinks {
        let id = switch.connect(Adapter::uplink(uplink, choices.station())).expect("the uplink is listed");
        switch.set_link(id, !choices.one_in(4)).expect("it is connected");
    }
    for i in 0..choices.below(9) {
        connect_guest(choices, &mut switch, &format!("vm{i}"), groups);
    }
    switch
}

fn connect_guest(choices: &mut Choices<'_>, switch: &mut Switch, name: &str, groups: usize) {
    let group = format!("group{}", choices.below(groups));
    let mac = choices.station();
    let adapter =
        if choices.flag() { Adapter::vnic(name, group, mac) } else { Adapter::vmkernel(name, group, mac) };
    let id = switch.connect(adapter).expect("the port group is there");
    let mut guest = GuestRequest::unicast(if choices.one_in(4) { choices.station() } else { mac });
    guest.promiscuous = choices.flag();
    guest.all_multicast = choices.one_in(4);
    let joined = choices.one_of(&[0, 1, 2, 40]);
    guest.groups = (0..joined).map(|_| choices.group()).collect();
    if choices.one_in(4) {
        guest.vlans = Some(vec![VlanId::new(choices.one_of(&[10, 20])).expect("a VLAN id")]);
    }
    switch.set_guest_request(id, guest).expect("it is connected");
    switch.set_link(id, !choices.one_in(8)).expect("it is connected");
}

fn security(choices: &mut Choices<'_>) -> Security<Option<Action>> {
    Security::default().map(|()| choices.one_of(&[None, Some(Action::Accept), Some(Action::Reject)]))
}

fn teaming(choices: &mut Choices<'_>, uplinks: &[String]) -> Teaming {
    let load_balancing = choices.one_of(&[
        None,
        Some(LoadBalancing::PortId),
        Some(LoadBalancing::SourceMac),
        Some(LoadBalancing::IpHash),
        Some(LoadBalancing::ExplicitFailover),
    ]);
    let mut order = NicOrder::default();
    let ordered = choices.flag();
    for uplink in uplinks.iter().filter(|_| ordered) {
        match choices.below(3) {
            0 => order.active.push(uplink.clone()),
            1 => order.standby.push(uplink.clone()),
            _ => {}
        }
    }
    Teaming { load_balancing, nic_order: ordered.then_some(order), ..Teaming::default() }
}

fn options(choices: &mut Choices<'_>) -> Options {
    let bits = u16::from(choices.byte()) << 8 | u16::from(choices.byte());
    let bit = |n: u16| bits >> n & 1 == 1;
    Options {
        promiscuous_scope: if bit(0) { PromiscuousScope::PortGroup } else { PromiscuousScope::Vlan },
        force_copy_to_all: bit(1),
        refused_mac_change: if bit(2) { RefusedMacChange::Block } else { RefusedMacChange::DropRx },
        reverse_path_check: bit(3),
        reverse_path_all: bit(4),
        reverse_path_single_uplink: bit(5),
        reverse_filter: bit(6),
        reverse_path_promiscuous: bit(11).then_some(bit(7)),
        strict_latch: bit(8),
        block_guest_bpdu: bit(12).then_some(bit(9)),
        consume_link_local: bit(10),
    }
}

/// The same switch with these security settings at Accept everywhere. Latches are as if they had always been so.
pub(crate) fn opened(switch: &Switch, open: impl Fn(&mut Security<Option<Action>>)) -> Switch {
    let mut config = switch.config().clone();
    open(&mut config.security);
    config.port_groups.iter_mut().for_each(|group| open(&mut group.security));
    let mut opened = switch.clone();
    opened.reconfigure(config).expect("only security was changed");
    opened
}

/// Bytes as a frame: pooled addresses, often a tag, a payload whose length is a choice.
pub(crate) fn frame_bytes(choices: &mut Choices<'_>) -> Vec<u8> {
    let address =
        |choices: &mut Choices<'_>| if choices.flag() { choices.station() } else { choices.group() };
    let mut bytes = address(choices).octets().to_vec();
    let src = if choices.one_in(16) { choices.group() } else { choices.station() };
    bytes.extend(src.octets());
    if choices.flag() {
        let tci = choices.one_of(&VLANS) | u16::from(choices.byte() % 8) << 13;
        bytes.extend(0x8100_u16.to_be_bytes());
        bytes.extend(tci.to_be_bytes());
    }
    bytes.extend(choices.one_of(&[0x0800_u16, 0x0806, 0x86dd]).to_be_bytes());
    let payload = choices.one_of(&[46, 0, 1500, 1501, 9001]);
    bytes.extend((0..payload).map(|i| if i < 48 { choices.byte() } else { 0 }));
    bytes
}

/// A connected port, or a number that nobody has.
pub(crate) fn ingress(choices: &mut Choices<'_>, switch: &Switch) -> PortId {
    let ports: Vec<PortId> = switch.ports().map(|port| port.id).collect();
    let choice = choices.below(ports.len() + 1);
    ports.get(choice).copied().unwrap_or(PortId::from_number(u32::from(choices.byte())))
}
