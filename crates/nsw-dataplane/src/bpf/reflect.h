/*
 * A vSwitch with two uplinks hears its own broadcasts again. Two separate filters keep them from the guests.
 * (decide/reflect.rs; rules)
 */
#pragma once

static __always_inline void is_own_frame(struct run *r, const struct port *owner, __u32 seat)
{
    if (contains(owner, r->d->vlan) && !(owner->flags & PORT_IP_HASH))
        r->d->known = 1;
}
VISITOR(own_frame_at, LIST_OWNERS, 0, r->d->src, is_own_frame)

/* Stage A: a frame from an uplink whose source is registered here is one of ours. */
static __always_inline int refuse_own_frame(struct run *r)
{
    __u32 flags = r->settings->flags;
    int looks_at = is_group(r->d->dst) || flags & SETTING_REVERSE_PATH_ALL;
    int teamed = r->settings->live_uplinks > 1 || flags & SETTING_REVERSE_PATH_SINGLE_UPLINK;
    if (!(flags & SETTING_REVERSE_PATH_CHECK) || !looks_at || !teamed)
        return NONE;
    const struct list_entry *first = list_at(r, LIST_OWNERS, 0, r->d->src, 0);
    if (!first)
        return NONE;
    r->d->known = 0;
    bpf_loop(pieces(first->count), own_frame_at, r, 0);
    int own = r->d->known;
    r->d->known = 0;
    return own ? REVERSE_PATH : NONE;
}

/* The usable uplink that `key`, a hash, falls on: its seat, counted from 1. */
static __always_inline __u32 uplink_for(const struct group *group, __u32 key)
{
    __u32 usable = group->usable_count;
    if (!usable || usable > UPLINKS)
        return 0;
    __u32 at = key % usable;
    /* The verifier does not know what a remainder is below; the compiler does, and must not. */
    asm volatile("" : "+r"(at));
    return at < UPLINKS ? group->usable[at] + 1 : 0;
}

/* Rule T-10 seen from the other side: is the ingress port an uplink that this group's frames leave by? */
__noinline int leaves_by_ingress(struct __sk_buff *skb, __u32 number)
{
    STAGE(run, skb);
    if (!number || number > GROUPS)
        return 0;
    __u32 at = run.d->bank * GROUPS + number - 1;
    const struct group *group = bpf_map_lookup_elem(&groups, &at);
    if (!group)
        return 0;
    _Pragma("clang loop unroll(disable)")
    for (__u32 i = 0; i < UPLINKS && i < group->usable_count; i++)
        if (group->usable[i] == run.d->seat)
            return 1;
    return 0;
}

/* Stage B: may `port` have a copy of a frame that came by this uplink? */
static __always_inline int reverse_filter(const struct run *r, const struct port *port)
{
    if (likely(!(r->port->flags & PORT_UPLINK)) || port->reverse == REVERSE_OFF)
        return NONE;
    if (unlikely(port->reverse == REVERSE_ANY_OF_TEAM))
        return leaves_by_ingress(r->skb, port->group) ? NONE : REVERSE_TEAM;
    __u32 expected = port->assigned;
    if (port->reverse == REVERSE_MAC_HASH) {
        /* The uplink that frames from the receiving address would take. */
        const struct group *group = group_of(r, port);
        __u64 address = is_group(r->d->dst) ? port->mac : r->d->dst;
        expected = group ? uplink_for(group, address & 0xff) : 0;
    }
    return expected == r->d->seat + 1 ? NONE : REVERSE_TEAM;
}
