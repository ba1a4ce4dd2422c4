/*
 * The ports whose accepted filter passes a destination: owners, group listeners, promiscuous ports.
 * (decide/receivers.rs; rules F-3 to F-7, R-1 to R-4, M-1 to M-3, X-1 to X-4)
 *
 * A port is offered at most one copy. What a guest listens to itself comes to it as that, whether or not it is in
 * promiscuous mode; promiscuous mode adds only what it would not have got.
 */
#pragma once

/* Offers one copy to a port whose filter passes the destination. The one door to every port but the uplinks. */
static __always_inline int offer_here(struct run *r, const struct port *port, __u32 seat, __u32 cause)
{
    if (seat == r->d->seat)
        return 0;
    int reason = port->rx_closed == NO_REASON ? reverse_filter(r, port) : port->rx_closed;
    return likely(reason == NONE) ? deliver(r, port, seat, cause) : refuse(r->skb, seat, reason);
}

/* The same from within a loop. */
__noinline int offer(struct __sk_buff *skb, __u32 seat, __u32 cause)
{
    STAGE(run, skb);
    struct run *r = &run;
    const struct port *port = port_at(r, seat);
    return port && r->port ? offer_here(r, port, seat, cause) : 0;
}

/* Calls `visit` for each piece of a list of the frame's VLAN, and of that of all VLANs. */
#define FOR_EACH_MEMBER(r, kind, visit)                                                            \
    do {                                                                                           \
        (r)->d->place = (r)->d->vlan;                                                              \
        bpf_loop(pieces(length(r, kind, (r)->d->place)), visit, r, 0);                             \
        (r)->d->place = TRUNK;                                                                     \
        bpf_loop(pieces(length(r, kind, TRUNK)), visit, r, 0);                                     \
    } while (0)

#define MEMBER_VISITOR(name, kind, visit) VISITOR(name, kind, r->d->place, 0, visit)

static __always_inline int has_members(const struct run *r, __u8 kind)
{
    return length(r, kind, r->d->vlan) || length(r, kind, TRUNK);
}

static __always_inline __u32 cause_for_owner(const struct run *r, const struct port *port)
{
    return port->mac == r->d->dst ? CAUSE_OWN : CAUSE_ALLOWED;
}

static __always_inline void offer_to_owner(struct run *r, const struct port *owner, __u32 seat)
{
    if (!contains(owner, r->d->vlan))
        return;
    r->d->known = 1;
    offer(r->skb, seat, cause_for_owner(r, owner));
}
VISITOR(offer_to_owner_at, LIST_OWNERS, 0, r->d->dst, offer_to_owner)

__noinline int offer_to_many_owners(struct __sk_buff *skb, __u32 count)
{
    STAGE(run, skb);
    bpf_loop(pieces(count), offer_to_owner_at, &run, 0);
    return 0;
}

/* Offers the frame to every port registered for the destination in its VLAN. Returns whether there is one. */
static __always_inline int offer_to_owners(struct run *r)
{
    __u32 owner = only_owner(r, r->d->dst);
    if (unlikely(!owner)) {
        const struct list_entry *first = list_at(r, LIST_OWNERS, 0, r->d->dst, 0);
        if (!first)
            return 0;
        offer_to_many_owners(r->skb, first->count);
        return r->d->known;
    }
    const struct port *port = port_at(r, owner - 1);
    if (!port || !contains(port, r->d->vlan))
        return 0;
    r->d->known = 1;
    offer_here(r, port, owner - 1, cause_for_owner(r, port));
    return 1;
}

/* Offers the frame to the port that has learned the destination. Returns whether there is one. */
static __always_inline int offer_to_learned(struct run *r)
{
    if (!(r->settings->flags & SETTING_REMEMBERS))
        return 0;
    r->d->learned = learned_seat(r);
    if (r->d->learned)
        offer(r->skb, r->d->learned - 1, CAUSE_LEARNED);
    return r->d->learned != 0;
}

/* Does a port of this group own the destination? The groups of several owners are listed. */
static __always_inline int is_owned_in(const struct run *r, __u32 group)
{
    const struct list_entry *owners = list_at(r, LIST_OWNERS, 0, r->d->dst, 0);
    if (!owners)
        return 0;
    if (owners->count > 1)
        return list_at(r, LIST_OWNED_IN_GROUP, 0, r->d->dst, group) != NULL;
    const struct port *owner = port_at(r, owners->seats[0]);
    return owner && owner->group == group;
}

/* Rule R-4. With scope port group a port sees what its own group sends, owns or has learned, and what comes from outside
 * and nobody owns. Who owns in a group owns in the VLAN of that group. */
static __always_inline int in_promiscuous_scope(const struct run *r, const struct port *port)
{
    const struct decision *d = r->d;
    if (!(r->settings->flags & SETTING_SCOPE_PORT_GROUP))
        return 1;
    int to_nobody = !d->known && !d->learned;
    if ((!r->port->group && to_nobody) || r->port->group == port->group)
        return 1;
    const struct port *learned = d->learned ? port_at(r, d->learned - 1) : NULL;
    if (learned && learned->group == port->group)
        return 1;
    return is_owned_in(r, port->group);
}

/* Is the destination the port's own, or one of its allow-list, so that it has been offered the frame already? */
static __always_inline int owns(const struct run *r, const struct port *port)
{
    return port->mac == r->d->dst ||
           (port->flags & PORT_HAS_ALLOW_LIST && allow_list_names(r, port, r->d->dst));
}

static __always_inline void copy_to_promiscuous_port(struct run *r, const struct port *port, __u32 seat)
{
    if (!owns(r, port) && r->d->learned != seat + 1 && in_promiscuous_scope(r, port))
        offer_here(r, port, seat, CAUSE_PROMISCUOUS);
}
MEMBER_VISITOR(copy_to_promiscuous_at, LIST_PROMISCUOUS, copy_to_promiscuous_port)

__noinline int copy_to_each_promiscuous(struct __sk_buff *skb)
{
    STAGE(run, skb);
    struct run *r = &run;
    if (r->port)
        FOR_EACH_MEMBER(r, LIST_PROMISCUOUS, copy_to_promiscuous_at);
    return 0;
}

/* Copies a unicast frame to the ports in promiscuous mode, except those that were offered it already. */
static __always_inline void copy_to_promiscuous(const struct run *r)
{
    if (unlikely(r->settings->flags & SETTING_PROMISCUOUS) && has_members(r, LIST_PROMISCUOUS))
        copy_to_each_promiscuous(r->skb);
}

static __always_inline void offer_in_scope(struct run *r, const struct port *port, __u32 seat)
{
    if (in_promiscuous_scope(r, port))
        offer(r->skb, seat, CAUSE_PROMISCUOUS);
}
MEMBER_VISITOR(copy_to_filtered_at, LIST_FILTERED, offer_in_scope)

/* Rule X-4: of the promiscuous ports with a learning filter, the one that the destination was seen on; all if none. */
static __always_inline int copy_to_filtered(struct run *r)
{
    r->d->seen_on = filtered_seat(r);
    const struct port *seen_on = r->d->seen_on ? port_at(r, r->d->seen_on - 1) : NULL;
    if (seen_on)
        offer_in_scope(r, seen_on, r->d->seen_on - 1);
    else
        FOR_EACH_MEMBER(r, LIST_FILTERED, copy_to_filtered_at);
    return 0;
}

static __always_inline void offer_unknown_to(struct run *r, const struct port *port, __u32 seat)
{
    int spared = port->flags & PORT_FILTERED && r->d->seen_on && r->d->seen_on != seat + 1;
    if (port->flags & PORT_PROMISCUOUS && !spared && in_promiscuous_scope(r, port))
        return;
    if (port->unknown == UNKNOWN_FLOODED)
        offer(r->skb, seat, CAUSE_FLOODED);
    else if (port->unknown == UNKNOWN_SINK)
        offer(r->skb, seat, CAUSE_SINK);
    else if (allow_list_matches(r, port, r->d->dst))
        offer(r->skb, seat, CAUSE_ALLOWED);
}
MEMBER_VISITOR(offer_unknown_at, LIST_UNKNOWN, offer_unknown_to)

/* A port that asks and is not granted was told already if it is given what nobody owns for another reason. */
static __always_inline int was_told(const struct run *r, const struct port *port)
{
    return port->unknown == UNKNOWN_FLOODED || port->unknown == UNKNOWN_SINK ||
           (port->unknown == UNKNOWN_PREFIX && allow_list_matches(r, port, r->d->dst));
}

static __always_inline void refuse_asking(struct run *r, const struct port *port, __u32 seat)
{
    if (seat != r->d->seat && !was_told(r, port))
        refuse(r->skb, seat, PROMISCUOUS_NOT_GRANTED);
}
MEMBER_VISITOR(refuse_asking_at, LIST_ASKING, refuse_asking)

/* A frame that nobody owns: to those who are given such frames, and to nobody of those who ask in vain. */
__noinline int offer_unknown(struct __sk_buff *skb)
{
    STAGE(run, skb);
    struct run *r = &run;
    if (!r->port)
        return 0;
    if (has_members(r, LIST_FILTERED))
        copy_to_filtered(r);
    if (has_members(r, LIST_UNKNOWN))
        FOR_EACH_MEMBER(r, LIST_UNKNOWN, offer_unknown_at);
    if (has_members(r, LIST_ASKING))
        FOR_EACH_MEMBER(r, LIST_ASKING, refuse_asking_at);
    return 0;
}

static __always_inline void offer_broadcast(struct run *r, const struct port *port, __u32 seat)
{
    offer_here(r, port, seat, CAUSE_BROADCAST);
}
MEMBER_VISITOR(offer_broadcast_at, LIST_ALL, offer_broadcast)

static __always_inline void offer_group(struct run *r, const struct port *port, __u32 seat)
{
    offer(r->skb, seat, CAUSE_GROUP);
}
VISITOR(offer_joined_at, LIST_JOINED, r->d->place, r->d->dst, offer_group)
MEMBER_VISITOR(offer_all_multicast_at, LIST_ALL_MULTICAST, offer_group)

static __always_inline void offer_hashed(struct run *r, const struct port *port, __u32 seat)
{
    if (port->hashed & r->d->bucket)
        offer(r->skb, seat, CAUSE_GROUP);
}
MEMBER_VISITOR(offer_hashed_at, LIST_HASHED, offer_hashed)

/* Does the port listen to the group by itself, whether or not it is in promiscuous mode? */
static __always_inline int listens(const struct run *r, const struct port *port, __u32 seat)
{
    if (port->flags & PORT_ALL_MULTICAST)
        return 1;
    if (port->flags & PORT_HASHED)
        return (port->hashed & r->d->bucket) != 0;
    return list_at(r, LIST_JOINED_BY_SEAT, 0, r->d->dst, seat) != NULL;
}

static __always_inline void offer_group_to_promiscuous(struct run *r, const struct port *port, __u32 seat)
{
    if (!listens(r, port, seat) && in_promiscuous_scope(r, port))
        offer(r->skb, seat, CAUSE_PROMISCUOUS);
}
MEMBER_VISITOR(group_to_promiscuous_at, LIST_PROMISCUOUS, offer_group_to_promiscuous)
MEMBER_VISITOR(group_to_filtered_at, LIST_FILTERED, offer_group_to_promiscuous)

/* The bit of a group in an adapter's hash filter: the top six bits of the little-endian CRC-32 (rule M-2).
 * A CRC is linear: each of its bits is the parity of some bits of the address. */
static __always_inline __u32 parity(__u64 bits)
{
    bits ^= bits >> 32;
    bits ^= bits >> 16;
    bits ^= bits >> 8;
    bits ^= bits >> 4;
    return 0x6996 >> (bits & 0xf) & 1;
}

static __always_inline __u64 filter_bucket(__u64 mac)
{
    return 1ULL << (BUCKET_OF_ZERO ^ (parity(mac & BUCKET_MASK_0) | parity(mac & BUCKET_MASK_1) << 1 |
                      parity(mac & BUCKET_MASK_2) << 2 | parity(mac & BUCKET_MASK_3) << 3 |
                      parity(mac & BUCKET_MASK_4) << 4 | parity(mac & BUCKET_MASK_5) << 5));
}

static __always_inline void offer_joined(struct run *r, __u16 place)
{
    r->d->place = place;
    const struct list_entry *first = list_at(r, LIST_JOINED, place, r->d->dst, 0);
    if (first)
        bpf_loop(pieces(first->count), offer_joined_at, r, 0);
}

__noinline int offer_to_group(struct __sk_buff *skb)
{
    STAGE(run, skb);
    struct run *r = &run;
    if (!r->port)
        return 0;
    if (r->d->dst == BROADCAST) {
        FOR_EACH_MEMBER(r, LIST_ALL, offer_broadcast_at);
        return 0;
    }
    r->d->bucket = filter_bucket(r->d->dst);
    offer_joined(r, r->d->vlan);
    offer_joined(r, TRUNK);
    if (has_members(r, LIST_HASHED))
        FOR_EACH_MEMBER(r, LIST_HASHED, offer_hashed_at);
    if (has_members(r, LIST_ALL_MULTICAST))
        FOR_EACH_MEMBER(r, LIST_ALL_MULTICAST, offer_all_multicast_at);
    if (has_members(r, LIST_PROMISCUOUS))
        FOR_EACH_MEMBER(r, LIST_PROMISCUOUS, group_to_promiscuous_at);
    if (has_members(r, LIST_FILTERED))
        FOR_EACH_MEMBER(r, LIST_FILTERED, group_to_filtered_at);
    return 0;
}
