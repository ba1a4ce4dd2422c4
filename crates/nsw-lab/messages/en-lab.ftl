# What is said about a whole lab. Keys are grouped by command; names, addresses and codes come in as arguments.

## nsw reach

reach-legend = x: reaches, >: one way only, -: does not reach, .: no IP network in common
reach-asked = { $ends } end points with an address, { $pairs } ordered pairs, known from { $asked } conversations
reach-obstacles = what is in the way, most pairs first
reach-obstacle = { $reason } at { $place } ({ $frame })
reach-more-obstacles = and { $more } more; --json has all
count-hosts = { $count } hosts

## nsw exposure

exposure-now = now
exposure-at-worst = at worst
exposure-port-group = port group
exposure-on = on
exposure-reads-now = reads now
exposure-sends-now = can send as now
exposure-nested-hosts = (nested hosts)
exposure-stations = (stations)
exposure-outside = outside
exposure-nobody = nobody
exposure-group = group
exposure-everything = everything
exposure-legend = nobody; group: those of its own port group on its host; everything: others too
exposure-pairs-now = now: { $reads } pairs of a reader and whom it reads, { $sends } of a sender and as whom
exposure-pairs-at-worst = at worst: { $reads } pairs of a reader and whom it reads, { $sends } of a sender and as whom
exposure-read-by = is read by { $names }
exposure-reads = reads { $names }
exposure-impersonated-by = can be impersonated by { $names }
exposure-sends-as = can send as { $names }

## nsw tighten

tighten-title = these can be closed, all together, and everybody still reaches whom he reaches now:
tighten-none = nothing can be closed: { $needed }
tighten-needed = { $count ->
    [0] no port group needs a setting at Accept
    [one] 1 setting of a port group must stay at Accept
   *[other] { $count } settings of port groups must stay at Accept
}
tighten-by-itself = by itself closes { $reads } pairs of a reader and whom it reads, { $sends } of a sender and as whom, at worst
tighten-by-itself-nothing = by itself closes nothing that anybody could use now
tighten-ports = { $count ->
    [one] of 1 port
   *[other] of { $count } ports
}
tighten-not-measured = what they expose is not measured in a lab of more than { $limit } end points; every device still knows every address that it knew
tighten-together = all together closes { $reads } pairs of a reader and whom it reads, { $sends } of a sender and as whom, at worst
tighten-together-nothing = all together closes nothing that anybody could use now
tighten-no-diff = no diff: { $why }

## nsw audit

finding-own = { $setting }: { $value }, set at the port group
finding-vswitch = { $setting }: { $value }, set at the vSwitch
finding-default = { $setting }: { $value }, set nowhere: the default
finding-bare = { $setting }: { $value }
finding-beside = { $finding }; beside it: { $names }
finding-same-as = { $finding }; the same as { $names }
finding-promiscuous = { $finding }; promiscuous: { $names }
finding-inherited = { $finding }; inherited by { $names }
audit-excused = excused until { $day }: { $rule } { $object }
audit-excused-by = excused until { $day } by { $owner }: { $reason }
audit-no-finding = no finding
audit-expired = the exception from { $rule } at { $object } expired on { $day }
audit-unneeded = { $rule } does not occur at { $object }, so the exception is not needed
audit-unneeded-hint = { $rule } does not occur at { $object }, so the exception is not needed; did you mean `{ $meant }`?
audit-sum = { $findings ->
    [one] 1 finding
   *[other] { $findings } findings
}
audit-sum-by-severity = { $findings ->
    [one] 1 finding
   *[other] { $findings } findings
} ({ $detail })
audit-sum-exceptions = { $sum }, { $excused } excused, { $expired ->
    [one] 1 exception
   *[other] { $expired } exceptions
} expired, { $unneeded } not needed

## nsw why --symptom. What stands behind a semicolon gets a line of its own.

symptom-tried = { $phrase }: { $pairs ->
    [one] 1 pair
   *[other] { $pairs } pairs
} tried
symptom-left-out = { $ends } ends were left out; name one or two to look at them
symptom-nothing = nothing in this lab file makes it so; look at what a file does not say: a guest's firewall, its addresses and routes, a cable, another device with the same address
label-seen = seen:
label-test = test:
label-if = if:
label-change-by = fix:
label-else = else:
lead-explains = explains { $pairs ->
    [one] 1 pair
   *[other] { $pairs } pairs
}, as { $from } -> { $to }
lead-test-on = on { $on }
lead-physical-switch = the physical switch
what-dies = { $reason } at { $place }
what-not-asking = the guest behind { $place } may not ask for promiscuous mode by itself
what-group-unheard = the adapter behind { $place } was told of no such group
what-flooded-by-team = promiscuous ports of { $place } get what is flooded by each of its uplinks
what-forged-reflection = frames that guests of { $place } forged come back by another uplink
what-two-ways = uplinks of { $place } lead into the same network
what-loop = copies go round in a loop by { $place }
seen-dies = the frame dies at { $place }: { $reason }
seen-dies-unasked = without that request the frame dies at { $place }: { $reason }
seen-talk-if-asked = with it they talk
seen-other-way = what { $to } sends { $from } arrives
seen-answers = { $who } answers { $whom }
seen-large = with { $large } bytes
seen-small = { $small } bytes arrive
seen-broadcast = a broadcast of { $from } arrives
seen-client-broadcast = it is the client's broadcast
seen-answer-is-unicast = the broadcast of { $client } arrived, the answer is unicast
seen-loop = copies come back unchanged
seen-copies = { $copies } copies
seen-one-by-option = with Net.ReversePathFwdCheckPromisc, one
seen-one-by-guard = with a guard against what was forged here, one
seen-one-by-one-uplink = with one uplink, one
seen-only-sniffed = a frame to { $group } arrives with a sniffer, and not without
seen-failback = after { $uplink } of { $host } failed and came back, until { $until } speaks again
seen-moved = with { $vm } on { $target }; where it is now, they talk
shows-promiscuity = it shows `promiscuity 0` while nobody sniffs; and 1 while tcpdump runs
shows-group-missing = the group is not in the list, though a program listens to it
shows-option-off = it shows `Int Value: 0`; and with one uplink unplugged the duplicates are gone
shows-inside-address = frames come in from an address that is inside, on a nested host
shows-two-uplinks = it shows two uplinks; and with one of them unplugged the duplicates are gone
shows-over-and-over = the same frame over and over, though it was sent once
shows-mac-forgery = it shows drops with the reason MAC Forgery
shows-vlan-tag-mismatch = it shows drops with the reason VlanTag Mismatch
shows-not-at-the-port = the frame comes in here; and does not go out at the port itself (--capture PortOutput --switchport ID)
shows-other-uplink = the frame comes in by an uplink that the port does not use for sending
shows-other-address = it shows another address than the one in the VM's settings
shows-no-uplink = the vSwitch has no uplink, or none of those that the port group may use is up
shows-mtu = the MTU is below the sender's; and `ping -M do -s 1472` passes where a larger one does not
shows-option-on = it shows `Int Value: 1`
shows-shaping = shaping is on, with less than what is sent
shows-dropped = the frame is among the drops
shows-twice = the address stands twice
shows-learned-elsewhere = the address stands on another port than the one that its host is connected to
shows-other-vlan = it shows an interface for another VLAN than the frame's
shows-nothing = it shows nothing: the frame dies outside of this host
