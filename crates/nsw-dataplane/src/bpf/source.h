/*
 * Layer 2 security: may this adapter send a frame with this source MAC? (decide/source.rs; rules S-2 to S-4)
 *
 * Compared with the effective MAC, the one that the switch honours now; that is why a nested host needs Accept.
 */
#pragma once

static __always_inline int check_station(const struct run *r)
{
    return is_group(r->d->src) || !r->d->src ? INVALID_SOURCE : NONE;
}

/* Does the allow-list of the port's group name this address, whole or by its first three octets? */
static __always_inline int allow_list_names(const struct run *r, const struct port *port, __u64 mac)
{
    return list_at(r, LIST_ALLOWED, 0, mac, port->group) != NULL;
}

static __always_inline int allow_list_matches(const struct run *r, const struct port *port, __u64 mac)
{
    if (!(port->flags & PORT_HAS_ALLOW_LIST))
        return 0;
    return allow_list_names(r, port, mac) ||
           list_at(r, LIST_ALLOWED_PREFIX, 0, mac & ~0xffffffULL, port->group) != NULL;
}

static __always_inline int check_forged(const struct run *r)
{
    if (likely(r->d->src == r->port->mac) || r->port->flags & PORT_FORGED_TRANSMITS)
        return NONE;
    return allow_list_matches(r, r->port, r->d->src) ? NONE : FORGED_TRANSMIT;
}
