/*
 * The port that a frame comes by: is it up, may it send at all; and two protocols that end here.
 * (decide/ingress.rs; rules F-2, M-4 and M-5)
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

static __always_inline int consume_link_local(const struct run *r)
{
    int link_local = (r->d->dst & ~0xfULL) == BRIDGE_GROUP;
    return r->settings->flags & SETTING_CONSUME_LINK_LOCAL && link_local ? LINK_LOCAL : NONE;
}
