# The words in pictures: on boxes, on signs, in the legend, and for pointers that rest on something.

picture-lab = lab { $lab }
picture-talk = { $from } to { $to } in lab { $lab }
picture-about = The hosts { $hosts }, with the VMs and hosts inside them.
picture-host = host
picture-nested-host = host in a VM
picture-a-host = { $name }, a host
picture-a-nested-host = { $name }, a host in a VM
picture-segment = segment
picture-more-hosts = and { $count ->
    [one] 1 more host
   *[other] { $count } more hosts
}
picture-more-stations = and { $count ->
    [one] 1 more station
   *[other] { $count } more stations
}
picture-more = and { $count } more:
picture-others = ... { $count } others
picture-station-mac = station { $name }, MAC address { $mac }
picture-adapter-mac = { $name }, MAC address { $mac }
picture-vm-macs = VM { $name }, MAC address of { $macs }
picture-vmkernel-mac = VMkernel adapter { $name }, MAC address { $mac }
picture-shaped = shaped
picture-own-teaming = own teaming
picture-bridges = bridges its adapters
picture-asks = asks for every frame
picture-changes-mac = changes its MAC
picture-tags = tags VLAN { $vlan }
picture-untagged = untagged
picture-trunk = trunk 4095
picture-mac-learning = MAC learning
picture-allow-list = allow-list of { $count }
picture-sink = sink
picture-learning-filter = learning filter
picture-source-guard = forged source guard
picture-set-here = set here
picture-inherited = inherited or default
picture-own = { $setting } (own)
picture-at = at { $place }
picture-mark = { $letter }: { $reason } at { $place }: { $summary }.
picture-mark-by = { $letter }: { $reason } at { $place }: { $summary }. { $policy }.
picture-not-asked = not promiscuous
picture-not-asking = its guest does not ask for promiscuous mode

## Who reaches whom

matrix-title = Who reaches whom in lab { $lab }
matrix-about = A row asks, the column of the same number answers.
matrix-reaches = reaches: { $pairs ->
    [one] 1 pair
   *[other] { $pairs } pairs
}
matrix-one-way = one way only, the reply is lost: { $pairs ->
    [one] 1 pair
   *[other] { $pairs } pairs
}
matrix-apart = does not reach: { $pairs ->
    [one] 1 pair
   *[other] { $pairs } pairs
}
matrix-no-network = no IP network in common: { $pairs ->
    [one] 1 pair
   *[other] { $pairs } pairs
}
matrix-some = some reach and some do not: how many of a hundred pairs with an IP network in common do
matrix-others = { $count } others
matrix-ends = { $count ->
    [one] 1 end point
   *[other] { $count } end points
}
matrix-ends-on-host = { $count ->
    [one] 1 end point
   *[other] { $count } end points
} on { $host }
matrix-ends-on-hosts = { $count } end points on { $hosts } hosts
matrix-segments = segments
matrix-hosts = port groups of hosts
matrix-nested-hosts = port groups of hosts in VMs
matrix-rest = smaller ones

## What became of a frame

strand-arrived = { $legs }, { $from } -> { $to }: arrived
strand-duplicated = { $legs }, { $from } -> { $to }: arrived, { $copies } copies: duplicates
strand-died = { $legs }, { $from } -> { $to }: died at { $mark }
strand-would-arrive = { $legs } (not sent, tried), { $from } -> { $to }: would have arrived
strand-would-die = { $legs } (not sent, tried), { $from } -> { $to }: would have died at { $mark }
