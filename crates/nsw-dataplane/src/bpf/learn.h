/*
 * Addresses that guests send from: what is remembered of them, and whom that serves.
 * (decide/learn.rs and the memory of decide/state.rs; rules)
 *
 * A sighting counts only while the seat's `memory` is still the one that it was made under: whoever sits there later, or
 * later wants to learn, inherits nothing. Two CPUs that learn for one port at the same instant may exceed its limit by
 * one address; what they learn is sound.
 */
#pragma once

struct bpf_map;

static __always_inline __u64 sighting_key(__u16 vlan, __u64 mac)
{
    return (__u64)vlan << 48 | mac;
}

/* The port that a sighting is of, unless it speaks of an earlier one. */
static __always_inline const struct port *port_seen(const struct run *r, const struct sighting *seen)
{
    const struct port *port = port_at(r, seen->seat);
    return port && port->memory_ns && port->memory == seen->memory ? port : NULL;
}

static __always_inline __u64 age(const struct run *r, const struct sighting *seen)
{
    __u64 at_ns = seen->at_ns;
    __u64 now = now_ns(r);
    return now > at_ns ? now - at_ns : 0;
}

static __always_inline int is_fresh(const struct run *r, const struct sighting *seen)
{
    const struct port *port = port_seen(r, seen);
    return port && age(r, seen) < port->memory_ns;
}

static __always_inline struct memory *memory_of_all(void)
{
    __u32 zero = 0;
    return bpf_map_lookup_elem(&memory, &zero);
}

/* Why an address is forgotten. */
#define GONE 0
#define TOO_OLD 1

/* One address less of a seat, if it still counts what this sighting was counted in. */
static __always_inline void forget(__u64 *key, const struct sighting *seen, int too_old)
{
    __u32 seat = seen->seat, of = seen->memory;
    if (bpf_map_delete_elem(&sightings, key))
        return;
    struct memory *all = memory_of_all();
    if (all)
        __sync_fetch_and_add(&all->remembered, -1);
    struct seat *at = bpf_map_lookup_elem(&seats, &seat);
    if (!at || at->memory != of)
        return;
    __sync_fetch_and_add(&at->remembered, -1);
    if (too_old)
        __sync_fetch_and_add(&at->aged, 1);
}

static long sweep_one(struct bpf_map *map, __u64 *key, struct sighting *seen, struct run *r)
{
    if (!is_fresh(r, seen))
        forget(key, seen, TOO_OLD);
    return 0;
}

/* Forgets what is too old; at most once a second, since it looks at every entry. */
static __always_inline void sweep(struct run *r, struct memory *all)
{
    __u64 now = now_ns(r);
    if (all->swept_ns && now - all->swept_ns < SWEEP_EVERY_NS)
        return;
    all->swept_ns = now ? now : 1;
    bpf_for_each_map_elem(&sightings, sweep_one, r, 0);
}

static __always_inline int is_full(const struct run *r, const struct seat *at, const struct memory *all)
{
    return at->remembered >= r->port->limit || all->remembered >= MAX_REMEMBERED;
}

/* Remembers that the source was seen here. Returns 0 if there is no room for it. */
static __always_inline int remember(struct run *r)
{
    __u64 key = sighting_key(r->d->vlan, r->d->src);
    struct sighting here = { .at_ns = now_ns(r), .seat = r->d->seat, .memory = r->port->memory };
    struct seat *at = bpf_map_lookup_elem(&seats, &here.seat);
    struct memory *all = memory_of_all();
    if (!at || !all)
        return 0;
    if (at->memory != here.memory) {
        at->memory = here.memory;
        at->remembered = 0;
        at->moved = at->aged = at->allowed = at->dropped = 0;
    }
    struct sighting *seen = bpf_map_lookup_elem(&sightings, &key);
    if (seen && !is_fresh(r, seen)) {
        forget(&key, seen, TOO_OLD);
        seen = NULL;
    }
    if (seen && seen->seat == here.seat) {
        seen->at_ns = here.at_ns;
        return 1;
    }
    if (is_full(r, at, all)) {
        sweep(r, all);
        if (is_full(r, at, all))
            return 0;
    }
    seen = bpf_map_lookup_elem(&sightings, &key);
    if (seen) {
        forget(&key, seen, GONE);
        __sync_fetch_and_add(&at->moved, 1);
    }
    if (bpf_map_update_elem(&sightings, &key, &here, BPF_NOEXIST))
        return 0;
    __sync_fetch_and_add(&all->remembered, 1);
    __sync_fetch_and_add(&at->remembered, 1);
    return 1;
}

/* The source is over the limit of a port that learns. */
static __always_inline int not_learned(const struct run *r)
{
    int drops = r->port->flags & PORT_DROPS_AT_LIMIT;
    struct seat *at = bpf_map_lookup_elem(&seats, &r->d->seat);
    if (at)
        __sync_fetch_and_add(drops ? &at->dropped : &at->allowed, 1);
    return drops ? MAC_LIMIT : NONE;
}

__noinline int note_stranger(struct __sk_buff *skb)
{
    STAGE(run, skb);
    struct run *r = &run;
    if (!r->port || list_at(r, LIST_OWNERS, 0, r->d->src, 0))
        return NONE;
    return remember(r) || !r->port->learn_ns ? NONE : not_learned(r);
}

static __always_inline int note_source(struct run *r)
{
    if (likely(!r->port->memory_ns) || only_owner(r, r->d->src))
        return NONE;
    return note_stranger(r->skb);
}

static __always_inline const struct sighting *sighting_of(const struct run *r, __u64 mac)
{
    __u64 key = sighting_key(r->d->vlan, mac);
    return r->settings->flags & SETTING_REMEMBERS ? bpf_map_lookup_elem(&sightings, &key) : NULL;
}

/* The seat of the port that has learned the destination, and still does, counted from 1. */
static __always_inline __u32 learned_seat(const struct run *r)
{
    const struct sighting *seen = sighting_of(r, r->d->dst);
    const struct port *port = seen ? port_seen(r, seen) : NULL;
    if (!port || !port->learn_ns || age(r, seen) >= port->learn_ns)
        return 0;
    return port->flags & PORT_LINK_UP && contains(port, r->d->vlan) ? seen->seat + 1 : 0;
}

/* The seat with a learning filter on which the destination was seen, in promiscuous mode still, counted from 1. */
static __always_inline __u32 filtered_seat(const struct run *r)
{
    const struct sighting *seen = sighting_of(r, r->d->dst);
    const struct port *port = seen ? port_seen(r, seen) : NULL;
    if (!port || !(port->flags & PORT_FILTERED) || age(r, seen) >= port->memory_ns)
        return 0;
    return port->flags & PORT_LINK_UP && contains(port, r->d->vlan) ? seen->seat + 1 : 0;
}

/* RARP, and ARP whose sender asks for itself. */
static __always_inline int announces_a_move(const struct run *r)
{
    if (r->d->ethertype == ETH_RARP)
        return 1;
    if (r->d->ethertype != ETH_ARP || r->d->bytes < r->d->payload_at + 28)
        return 0;
    return word(r, 14) == word(r, 24);
}

/* The guard: a group frame from an uplink whose source a guest forged here a moment ago. */
static __always_inline int refuse_forged_reflection(const struct run *r)
{
    if (!(r->settings->flags & SETTING_GUARDS) || !is_group(r->d->dst) || announces_a_move(r))
        return NONE;
    const struct sighting *seen = sighting_of(r, r->d->src);
    const struct port *port = seen ? port_seen(r, seen) : NULL;
    return port && port->flags & PORT_GUARDED && age(r, seen) < GUARD_NS ? FORGED_REFLECTION : NONE;
}
