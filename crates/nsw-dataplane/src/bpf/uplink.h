/*
 * The way out: which one uplink carries a frame that is for the outside. (decide/uplink.rs; rules F-5, F-6, T-1 to T-6)
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

__noinline int send_to_uplink(struct __sk_buff *skb)
{
    STAGE(run, skb);
    struct run *r = &run;
    if (!r->port || r->port->flags & PORT_UPLINK)
        return 0;
    __u32 seat = select_uplink(r);
    const struct port *uplink = seat ? port_at(r, seat - 1) : NULL;
    if (!uplink)
        return refuse(skb, r->d->seat, NO_UPLINK);
    if (payload_len(r) > r->settings->mtu)
        return refuse(skb, seat - 1, MTU);
    return deliver_as(r, uplink, seat - 1, CAUSE_UPLINK, TRUNK);
}
