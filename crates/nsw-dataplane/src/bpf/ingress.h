/*
 * The port that a frame comes by: is it up, may it send at all; and three protocols that end here.
 * (decide/ingress.rs; rules F-2, M-4, M-5 and T-9)
 */
#pragma once

#define BRIDGE_GROUP 0x0180c2000000ULL

static __always_inline int enter(struct run *r)
{
    r->port = port_at(r, r->d->seat);
    if (!r->port || !(r->port->flags & PORT_LINK_UP))
        return PORT_DOWN;
    return r->port->tx_closed == NO_REASON ? NONE : r->port->tx_closed;
}

static __always_inline int refuse_guest_bpdu(const struct run *r)
{
    return r->d->dst == BRIDGE_GROUP && r->settings->flags & SETTING_BLOCK_GUEST_BPDU ? GUEST_BPDU : NONE;
}

/* A beacon of this switch's own ends where it is heard. Whoever judges the paths is told which it came by. */
static __always_inline int consume_beacon(const struct run *r)
{
    if (likely(r->d->ethertype != ETH_BEACON) || !list_at(r, LIST_BEACON_SOURCES, 0, r->d->src, 0))
        return NONE;
    struct path path = { .ear = r->port->id, .sender = word(r, 4), .vlan = r->d->vlan };
    __u32 *mark = r->probing || word(r, 0) != BEACON_MARK ? NULL : bpf_map_lookup_elem(&heard, &path);
    if (mark)
        *mark = 1;
    return BEACON;
}

static __always_inline int consume_link_local(const struct run *r)
{
    int link_local = (r->d->dst & ~0xfULL) == BRIDGE_GROUP;
    return r->settings->flags & SETTING_CONSUME_LINK_LOCAL && link_local ? LINK_LOCAL : NONE;
}
