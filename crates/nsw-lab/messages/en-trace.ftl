# What `nsw trace` and `nsw demo` say: a frame on its way, step by step, and the story of the nested lab.

## A step of a switch; in the words of nsw-core, a test holds it

step-enters = enters { $vswitch } by { $port }, port group { $group }
step-enters-by-uplink = enters { $vswitch } by uplink { $port }
step-enters-nowhere = enters by port { $port }, which does not exist
step-untagged = untagged: VLAN { $vlan }
step-tagged = tagged { $tag }: VLAN { $vlan }
step-untagged-misfit = untagged, which does not fit a port of { $mode }
step-tagged-misfit = tagged { $tag }, which does not fit a port of { $mode }
step-hidden-tag-misfit = tagged 0 with another tag behind it, which does not fit a port of { $mode }
step-mode-vlan = VLAN { $vlan }
step-mode-untagged = VLAN 0 (untagged)
step-mode-guest = VLAN 4095 (guest tagging)
step-own-source = source { $src } is the effective MAC
step-other-source = source { $src } is not the effective MAC { $effective }
step-other-source-accepted = source { $src } is not the effective MAC { $effective }; forged transmits = Accept
step-other-source-allowed = source { $src } is not the effective MAC { $effective }; the allow-list has it
step-broadcast = destination is broadcast
step-group = destination is multicast group { $dst }
step-registered = destination { $dst } is registered on { $port }
step-learned = destination { $dst } was learned on { $port }
step-not-registered = destination { $dst } is registered on no port of VLAN { $vlan }
step-shotgun = beacons are silent on every path: leave by each uplink
step-leave = leave by uplink { $port }
step-copy = copy to { $port }, in promiscuous mode
step-deliver = deliver to { $port }
step-deliver-learned = deliver to { $port }, which has learned it
step-deliver-allowed = deliver to { $port }, which allows it
step-flood = flood to { $port }
step-sink = deliver to { $port }, a sink
step-with-tag = { $delivery }, tagged { $tag }
step-without-tag = { $delivery }, tag removed
step-refuse = refuse { $port }: { $reason }
step-drop = drop { $reason }

## A bridge, and whoever is given a copy

bridge-floods = comes from { $from }: to every other port
bridge-knows = comes from { $from }: to { $port }, where the destination was learned
bridge-knows-back = comes from { $from }: ends here, the destination was learned on the same port
bridge-link-local = comes from { $from }: ends here, a bridge does not forward link-local groups
bridge-malformed = comes from { $from }: ends here, the bytes are no whole Ethernet frame
trace-nowhere = { $port } is not connected to anything
trace-not-its-address = { $name } ignores it: not its address
trace-not-its-vlan = { $name } ignores it: not its VLAN
trace-loop = LOOP: a copy came back; in a real network it goes round for ever
trace-too-many = STORM: too many copies, the rest was not followed

## A conversation

trace-leg = { $number } { $frame }  { $from } -> { $to }
trace-to-broadcast = broadcast
trace-to-group = group { $dst }
trace-leg-not-sent = { $number } { $frame }: not sent
trace-leg-not-sent-as = { $number } { $frame }: not sent, { $summary }
trace-arrived = arrived at { $name }
trace-arrived-copies = arrived at { $name }, { $copies } copies: duplicates
trace-died = died at { $place }: { $reason }
trace-at = at { $place }: { $reason }
trace-because = because { $place }: { $reason }
trace-because-at = because { $place }
trace-not-asking = its guest does not ask for promiscuous mode
trace-way-arrives = { $from } -> { $to }: arrives
trace-way-dies = { $from } -> { $to }: the { $frame } died
trace-way-would-die = { $from } -> { $to }: the { $frame } was not sent, and would have died
trace-no-network = { $from } -> { $to }: not sent, they have no IP network in common and a lab has no routers
trace-no-address = { $from } -> { $to }: not sent, { $whose } has no IP address
trace-itself = { $from } -> { $to }: the same adapter

## nsw lab drops

drops-died = { $frame }: died at { $place }
drops-went-on = { $frame }: went on, not to all at { $place }
drops-times = { $frame }, { $count } times
drops-no-port = a port that was not connected yet
drops-not-to = not to { $place }: { $reason }
drops-reason = { $reason } ({ $policy })
frame-asks = ARP request, { $sender } asks who has { $target }
frame-answers = ARP reply, { $sender } answers { $target }
frame-between = { $what }, { $from } to { $to }

## nsw demo

demo-title = Why can the VMs of a nested host not reach the outside?
demo-live = live, on real frames
demo-simulated = in the simulator
demo-not-live = no live lab here ({ $why }); the same story in the simulator:
demo-not-linux = this is not Linux
demo-opening = The vSwitch of physical knows the MAC address of nested-1, and has never heard of web01's.
demo-round-closed = everything at Reject
demo-round-method-1 = method 1: promiscuous mode and forged transmits = Accept on vSwitch0
demo-round-method-2 = method 2: the same as an override on port group Nested only
demo-round-forged-only = half open: forged transmits = Accept on Nested, promiscuous mode not
demo-round-promiscuous-only = half open: promiscuous mode = Accept on Nested, forged transmits not
demo-round-mac-changes-only = the third setting alone: MAC address changes = Accept on Nested
demo-replies = { $received } of { $sent } replies
demo-median = { $replies }, median { $us } us
demo-duplicates = { $replies }, { $count } duplicates
demo-copies = { $name } was given { $count } frames that were not for it
demo-arrived = the { $frame } arrived
demo-died = the { $frame } of { $sender } died at { $place }
demo-died-times = the { $frame } of { $sender } died at { $place } ({ $count } times)
demo-uplink = uplink { $name }
demo-asks = { $port } asks for every frame: { $reason }
demo-no-policy = no policy
demo-shows = What this shows
demo-two-settings =
    It takes two settings on the outer host, and both: forged transmits for what web01 sends, promiscuous mode for
    what is sent to it. MAC address changes stood at Reject while everything worked, and opening it alone cured nothing:
    the nested host's own adapter never changes its MAC address.
demo-exposes =
    Method 2 exposes fewer: a bystander on another port group was given { $first } foreign frames under method 1 and { $second }
    under it.
demo-next = `nsw explain FORGED_TRANSMIT` explains a code; `nsw lab up examples/nested.yaml` gives you this lab.
