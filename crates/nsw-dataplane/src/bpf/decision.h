/*
 * What is known of a frame while it is decided about, and how tables are read. The functions here have no opinion.
 */
#pragma once

#define NONE (-1)

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

/* One frame. It stands in a map and not on the stack, so that the verifier takes every value in it for unknown: a loop
 * over thousands of ports is then verified once. What every frame needs stands together. */
struct decision {
    __u64 dst;
    __u64 src;
    __u32 bank;
    __u32 seat; /* the ingress port's */
    __u32 bytes; /* of the skb */
    __u32 len; /* with its tag, as it came */
    __u32 payload_at; /* where its payload begins in the skb */
    __u16 ethertype;
    __u16 vlan;
    __u16 came; /* the tag that it came with */
    __u8 probing; /* decide only, and note the outcome */
    __u8 tagged; /* it came with one */

    /* The copy that was decided last. It is sent last, without a clone. */
    __u8 egress_tag;
    __u16 egress_tci;
    __u8 egress_peer; /* give it to the far end of the veth pair at once */
    __u8 egress_cause;
    __u16 place; /* of the list that is walked */
    __u32 egress; /* its seat */

    /* From here to the mark all is zero when a frame comes. */
    __u32 ifindex; /* of the copy that was decided last */
    __u32 deliveries;
    __u32 refusal_count;
    __u32 learned; /* the seat that has learned the destination, counted from 1 */
    __u32 seen_on; /* the filtered seat that it was seen on, counted from 1 */
    __u8 known; /* somebody owns the destination in this VLAN */
    __u8 tag_is; /* how the skb's tag is now: TAG_KEEP as it came, TAG_PUSH with `tag_tci`, TAG_POP none */
    __u16 tag_tci;
    __u8 knows_time; /* `now_ns` was read */
    __u8 has_asked_in_vain;
    /* The refusal that will be the primary reason, if nobody is given the frame (rule F-9). */
    __u8 has_first;
    __u8 first_is_outbound;
    __u32 first_port;
    __u8 zero_ends_here;

    __u8 first_reason;
    __u32 asked_in_vain; /* the first port that asked for promiscuous mode in vain */
    __u64 now_ns;
    __u64 bucket; /* the bit of `dst` in a hash filter */
    struct refused refusals[KEPT_REFUSALS];
};

#include "maps.h"

/* A frame, and what its decision is read from. */
struct run {
    struct __sk_buff *skb;
    struct decision *d;
    const struct settings *settings;
    const struct port *port; /* the ingress port; NULL if these tables do not connect it */
    int probing;
};

static __always_inline const struct port *port_at(const struct run *r, __u32 seat)
{
    if (seat >= SEATS)
        return NULL;
    __u32 at = r->d->bank * SEATS + seat;
    const struct port *port = bpf_map_lookup_elem(&ports, &at);
    return port && port->flags & PORT_CONNECTED ? port : NULL;
}

static __always_inline int find_tables(struct run *r)
{
    __u32 at = r->d->bank & 1;
    r->settings = bpf_map_lookup_elem(&settings, &at);
    r->port = port_at(r, r->d->seat);
    return r->settings != NULL;
}

/* Finds again what a stage reads. What a frame between two guests passes stands in one piece in the program. The other
 * stages are functions that the verifier looks at one by one, which take the frame and numbers, but no pointers into
 * maps. */
static __always_inline int resume(struct run *r, struct __sk_buff *skb)
{
    __u32 zero = 0;
    r->skb = skb;
    r->d = bpf_map_lookup_elem(&scratch, &zero);
    if (!r->d)
        return 0;
    r->probing = r->d->probing;
    return find_tables(r);
}

/* The beginning of a stage. */
#define STAGE(r, skb)                                                                              \
    struct run r;                                                                                  \
    if (!resume(&r, skb))                                                                          \
    return 0

static __always_inline const struct group *group_of(const struct run *r, const struct port *port)
{
    if (!port->group)
        return NULL;
    __u32 at = r->d->bank * GROUPS + port->group - 1;
    return bpf_map_lookup_elem(&groups, &at);
}

static __always_inline const struct list_entry *list_at(const struct run *r, __u8 kind, __u16 place, __u64 mac,
                             __u32 index)
{
    struct list_key key = {
        .mac = mac, .index = index, .place = place, .kind = kind, .bank = r->d->bank,
    };
    return bpf_map_lookup_elem(&lists, &key);
}

/* How many pieces a list of `count` ports has. */
static __always_inline __u32 pieces(__u32 count)
{
    return (count + SEATS_AN_ENTRY - 1) / SEATS_AN_ENTRY;
}

/* Makes a function for bpf_loop that calls `visit` for each connected port of the i-th piece of a list. */
#define VISITOR(name, kind, place, mac, visit)                                                     \
    static long name(__u32 i, struct run *r)                                                       \
    {                                                                                              \
        const struct list_entry *entry = list_at(r, kind, place, mac, i);                          \
        if (!entry)                                                                                \
            return 0;                                                                              \
        _Pragma("clang loop unroll(disable)")                                                      \
        for (__u32 k = 0; k < SEATS_AN_ENTRY && k < entry->here; k++) {                            \
            __u32 seat = entry->seats[k];                                                          \
            const struct port *port = port_at(r, seat);                                            \
            if (port)                                                                              \
                visit(r, port, seat);                                                              \
        }                                                                                          \
        return 0;                                                                                  \
    }

/* The seat of the one port that owns an address, counted from 1. 0 says nothing: then LIST_OWNERS knows. */
static __always_inline __u32 only_owner(const struct run *r, __u64 mac)
{
    __u32 at = r->d->bank * STATIONS + ((mac ^ mac / STATIONS) & (STATIONS - 1));
    const struct station *station = bpf_map_lookup_elem(&stations, &at);
    return station && station->mac == mac ? station->owner : 0;
}

static __always_inline __u32 length(const struct run *r, __u8 kind, __u16 place)
{
    __u32 at = r->d->bank * PLACES + place;
    const struct members *members_of = bpf_map_lookup_elem(&members, &at);
    return members_of && place < PLACES ? members_of->count[kind] : 0;
}

/* Does a port of this VLAN mode belong to `vlan`? */
static __always_inline int contains(const struct port *port, __u16 vlan)
{
    return port->vlan == TRUNK || port->vlan == vlan;
}

static __always_inline int is_group(__u64 mac)
{
    return mac >> 40 & 1;
}

#define BROADCAST 0xffffffffffffULL

static __always_inline void count(__u32 seat, __u32 counter)
{
    struct counters *counts = bpf_map_lookup_elem(&counters, &seat);
    if (counts && counter < sizeof(counts->frames) / sizeof(counts->frames[0]))
        counts->frames[counter]++;
}

/* The clock is read for those only who remember something. */
static __always_inline __u64 now_ns(const struct run *r)
{
    struct decision *d = r->d;
    if (!d->knows_time) {
        d->knows_time = 1;
        d->now_ns = bpf_ktime_get_ns();
    }
    return d->now_ns;
}

static __always_inline struct totals *totals_here(void)
{
    __u32 zero = 0;
    return bpf_map_lookup_elem(&totals, &zero);
}
