/*
 * The way out: which one uplink carries a frame that is for the outside; all of the team's where beacons are silent on
 * every path. (decide/uplink.rs; rules F-5, F-6, T-1 to T-6 and T-10)
 */
#pragma once

/* The seat of the uplink, counted from 1. */
static __always_inline __u32 select_uplink(const struct run *r)
{
    const struct group *group = group_of(r, r->port);
    if (!group)
        return 0;
    switch (group->balancing) {
    case BALANCING_SOURCE_MAC:
        return uplink_for(group, r->d->src & 0xff);
    case BALANCING_IP_HASH:
        return uplink_for(group, ip_hash_key(r));
    default:
        return r->port->assigned;
    }
}

static __always_inline int leave_by(struct run *r, __u32 seat)
{
    const struct port *uplink = port_at(r, seat);
    if (!uplink)
        return 0;
    if (payload_len(r) > r->settings->mtu)
        return refuse(r->skb, seat, MTU);
    return deliver_as(r, uplink, seat, CAUSE_UPLINK, TRUNK);
}

static long leave_by_each(__u32 i, struct run *r)
{
    const struct group *group = group_of(r, r->port);
    if (!group || i >= UPLINKS)
        return 1;
    leave_by(r, group->usable[i]);
    return 0;
}

__noinline int send_to_uplink(struct __sk_buff *skb)
{
    STAGE(run, skb);
    struct run *r = &run;
    if (!r->port || r->port->flags & PORT_UPLINK)
        return 0;
    const struct group *group = group_of(r, r->port);
    if (unlikely(group && group->balancing == BALANCING_SHOTGUN)) {
        bpf_loop(group->usable_count, leave_by_each, r, 0);
        return 0;
    }
    __u32 seat = select_uplink(r);
    return seat ? leave_by(r, seat - 1) : refuse(skb, r->d->seat, NO_UPLINK);
}
