# What is said about a whole lab. Keys are grouped by command; names, addresses and codes come in as arguments.

## nsw reach

reach-legend = x: reaches, >: one way only, -: does not reach, .: no IP network in common
reach-asked = { $ends } end points with an address, { $pairs } ordered pairs, { $asked } of them asked
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
tighten-together = all together closes { $reads } pairs of a reader and whom it reads, { $sends } of a sender and as whom, at worst
tighten-together-nothing = all together closes nothing that anybody could use now
tighten-no-diff = no diff: { $why }
