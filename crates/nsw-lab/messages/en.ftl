# What the doctor says. One key a sentence; names, addresses and codes come in as arguments and are never translated.
# Keys are grouped by the part of the answer in which they stand.

## nsw why: the answer

why-verdict = { $from } -> { $to }: { $verdict }
why-legs = What is sent
why-leg-arrived = arrived
why-leg-duplicated = arrived, { $copies } copies
why-leg-died = died
why-leg-not-sent = not sent
why-died-here = Where the first frame dies: the { $frame } of { $from }
why-would-die-here = The other way would fail too: the { $frame } of { $from }
why-dies-also = The other way fails too: the { $frame } of { $from }
why-only-this-way = The other way, frames pass.
why-depth = { $depth ->
    [0] not nested
    [one] nested 1 deep
   *[other] nested { $depth } deep
}
why-set-in = { $file }, line { $line }
why-default-of = nothing in { $file } sets it; the object stands in line { $line }
why-not-asking = the guest behind { $port } does not ask for promiscuous mode

## nsw explain

explain-of-a-switch = Reasons of a switch, live and in the simulator:
explain-beside-the-switch = Beside the switch, where `nsw trace` lost a frame that no switch dropped:
explain-prints-a-page = `nsw explain CODE` prints the page of one.

## The words in front of the lines

label-place = place
label-reason = reason
label-setting = setting
label-line = line
label-facts = facts
label-because = because
label-router = or else

## Where: parts of a place

place-host = host { $host } ({ $depth })
place-port-group = port group { $name }
place-port = port { $name }
place-segment = segment { $name }
place-bridge = bridge in { $name }

## The setting that decided

policy-own = { $setting } = { $value }, set on port group { $group }
policy-inherited = { $setting } = { $value }, set on { $vswitch }, inherited by port group { $group }
policy-default = { $setting } = { $value }, default of { $vswitch }, inherited by port group { $group }
policy-switch = { $setting } = { $value }, set on { $vswitch }
policy-switch-default = { $setting } = { $value }, default of { $vswitch }

## Facts that decided

fact-source = the source is { $src }, the port's effective MAC is { $effective }
fact-not-registered = the destination { $dst } is registered on no port of VLAN { $vlan }
fact-registered = the destination { $dst } is registered on port { $port }
fact-tagged = the frame is tagged with VLAN { $tag }
fact-tagged-misfit = the frame is tagged with VLAN { $tag }, which does not fit the port group
fact-untagged-misfit = the frame is untagged, which does not fit the port group
fact-untagged = the frame comes untagged and is in VLAN { $vlan }

## What is not known and decides

unknown-title = It depends on what a lab file does not say. Each was tried both ways:
unknown-asks-yes = they talk only if the guest of { $who } asks for promiscuous mode
unknown-asks-no = they talk only if the guest of { $who } does not ask for promiscuous mode
unknown-heard-last-yes = they talk only if { $other }, which has the same address { $mac }, was heard last
unknown-heard-last-no = they do not talk if { $other }, which has the same address { $mac }, was heard last
unknown-learned-yes = they talk only if the others have spoken before, so that ports have learned them
unknown-learned-no = they do not talk if the others have spoken before: a port has learned all that it may
unknown-uplink = on { $vswitch } of { $host } they talk by { $talks }, not by { $not }; port numbers decide which is used

## What the file lacks

lacking-address = { $whose } has no IP address, so nothing can be asked.
lacking-address-would-talk = { $whose } has no IP address, so nothing can be asked. With one in the other's network, they would talk.
lacking-address-would-not-talk = { $whose } has no IP address, so nothing can be asked. With one in the other's network, they still would not talk.
lacking-network = { $from } and { $to } are in no common IP network, and a lab file has no routers.
lacking-itself = Both ends are the same.

## What to do

fix-title = What to do, least exposure first
fix-tried = Each was tried in the simulator: both directions work, { $pairs ->
    [0] and nobody else is cut off.
    [one] the one other pair that works now still does, and no part of it can be left out.
   *[other] the { $pairs } other pairs that work now still do, and no part of it can be left out.
}
fix-settles = With each they talk whatever of what the file does not say is so.
fix-not-needed = Nothing is to be done: they talk, both ways.
fix-none = Nothing was found that a change of settings, cables or addresses on this path could do.
fix-none-vlan = They are in different VLANs, and a switch keeps VLANs apart. To route between them is a router's matter; a lab file has none.
fix-none-on-platform = Nothing was found that { $platform } can do.
fix-harmful = { $count ->
    [one] One more would work, and cut somebody else off: left out.
   *[other] { $count } more would work, and cut somebody else off: left out.
}
fix-only-harmful = Nothing was found that leaves everybody else connected. { $count ->
    [one] One way would work, and cut somebody else off.
   *[other] { $count } ways would work, and cut somebody else off.
}
fix-router = a router or NAT in the nested host, whose own address { $name } was seen to get through. A lab file has no routers: that it routes was not tried.
fix-more = Diffs, commands, what each opens, how to undo it:  nsw fix { $file } { $from } { $to }
fix-apply = Write one into the file:  nsw fix { $file } { $from } { $to } --apply 1

fix-number = Fix { $number } of { $count }: { $manner }
fix-no-such = there is no fix { $number }{ $count ->
    [0] , for none was found
    [one] ; there is one
   *[other] ; there are { $count }
}

## nsw fix: one fix in full

label-change = change
label-reads = reads
label-sends = sends as
label-copies = copies
label-guides = guides
label-diff = diff
label-undo = undo
opens-no-reads = nobody newly reads anybody, whatever guests ask for
opens-no-sends = nobody can newly send as anybody
opens-copies = a unicast frame of the two goes to { $before } others now, to { $after } with it
opens-more = { $names } and { $more } more
opens-in-short = newly: { $reads ->
    [one] 1 pair reads
   *[other] { $reads } pairs read
}, { $sends ->
    [one] 1 can send as another
   *[other] { $sends } can send as another
}, { $findings ->
    [one] 1 finding
   *[other] { $findings } findings
}; copies { $before } -> { $after }
opens-findings = newly objected to: { $findings }
opens-no-findings = no new finding of nsw audit
diff-refused = not in place: { $why }
recipe-on = { $tool }, on { $host }
recipe = { $tool }
recipe-in-file = the lab file: nsw fix ... --apply { $number }, then nsw lab up { $file }
recipe-elsewhere = { $change }: done in the guest, at the cable or at the VM, by hand
undo-diff = apply the diff in reverse: patch -R
applied = { $file }: fix { $number } is written, { $count ->
    [one] one change
   *[other] { $count } changes
}; comments and layout stay. To undo it, apply this diff in reverse: patch -R
taken-back = The ping was not answered: the running lab is as it was before, and { $file } was not touched.

## Manners of fixes

manner-address = the VM takes the address that the outer switch knows
manner-allow-list = allow-list (not vSphere)
manner-learning = MAC learning with a limit
manner-sink = sink port
manner-promiscuous-allow-list = promiscuous mode, and an allow-list (not vSphere)
manner-promiscuous = security policy
manner-other = another setting
manner-on-dedicated = { $manner }, on a port group of its own
manner-on-port-group = { $manner }, on the port group
manner-on-vswitch = { $manner }, on the whole vSwitch

## Changes

change-security = { $at }: { $setting } = { $value }
change-allow = { $at }: allow { $mac }
change-learn = { $at }: MAC learning, at most { $limit } addresses a port, no flooding
change-sink = { $at }: sink = yes
change-vlan = { $host } / { $group }: VLAN id { $id }
change-vlan-trunk = { $host } / { $group }: VLAN id 4095, so that guests tag
change-add-port-group = { $host }: new port group { $name }, with the settings of { $like }
change-connect = { $vm } / { $nic }: connect to port group { $group }
change-vnic-mac = { $vm } / { $nic }: MAC address { $mac }
change-keep-mac = { $vm } / { $nic }: the guest keeps the MAC address that its adapter is configured with
change-vmkernel-mac = { $host } / { $vmk }: MAC address { $mac }
change-guest-vlan = { $vm } / { $nic }: the guest tags with VLAN { $id }
change-guest-untagged = { $vm } / { $nic }: the guest does not tag
change-add-uplink = { $host } / { $vswitch }: uplink { $pnic }
change-cable = { $host } / { $pnic }: cable to segment { $segment }
change-mtu = { $host } / { $vswitch }: MTU { $mtu }
change-check-promiscuous = { $host } / { $vswitch }: Net.ReversePathFwdCheckPromisc 1, then promiscuous mode off and on again
change-active = { $at }: active uplinks { $uplinks }
