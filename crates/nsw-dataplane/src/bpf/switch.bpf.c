// SPDX-License-Identifier: Apache-2.0 OR MIT
/*
 * The switch in the kernel: `nsw_core::decide()` once more, over the same tables, for every frame that enters by a device
 * of a port. It has no rule of its own; each stage is a header with the name of the file in `decide/` that it repeats.
 *
 *  frame -> ingress -> VLAN -> source -> own frame returning? -> owners, promiscuous ports -> uplink -> outcome
 *
 * Three programs stand here. `nsw_switch` is attached to the devices. `nsw_probe` decides the same way about a frame that
 * it is handed, sends nothing, and notes the outcome: with it every test of the decision can be held against Rust's.
 * `nsw_prepare` forgets what is remembered of ports that are gone, after new tables were installed, or what is too old,
 * before somebody counts what is remembered.
 *
 * Invariants: one frame meets one bank of tables, since the bank is read once. Every look-up is of an array or a hash, so
 * that the cost of a frame does not depend on the number of ports and addresses, but on that of its copies alone. The
 * host's own stack sees no frame: whatever is not sent on is dropped here.
 */
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stddef.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "layout.h"
#include "decision.h"
#include "frame.h"
#include "ingress.h"
#include "vlan.h"
#include "source.h"
#include "reflect.h"
#include "learn.h"
#include "shaper.h"
#include "outcome.h"
#include "receivers.h"
#include "uplink.h"

char LICENSE[] SEC("license") = "Dual MIT/GPL";

#define TRY(stage)                                                                                 \
    do {                                                                                           \
        int reason = stage;                                                                        \
        if (unlikely(reason != NONE))                                                                      \
            return reason;                                                                         \
    } while (0)

/* What is looked at in a frame from outside. */
__noinline int admit_from_outside(struct __sk_buff *skb)
{
    STAGE(run, skb);
    struct run *r = &run;
    if (!r->port)
        return NONE;
    TRY(consume_beacon(r));
    TRY(refuse_own_frame(r));
    TRY(refuse_forged_reflection(r));
    TRY(consume_link_local(r));
    return NONE;
}

/* Everything that the ingress side may object to, in the order of rule F-2. */
static __always_inline int admit(struct run *r)
{
    TRY(enter(r));
    TRY(classify(r));
    TRY(check_station(r));
    if (unlikely(r->port->flags & PORT_UPLINK)) {
        TRY(admit_from_outside(r->skb));
    } else {
        TRY(check_forged(r));
        TRY(refuse_guest_bpdu(r));
        TRY(police(r));
        TRY(note_source(r));
    }
    return NONE;
}

/* Who gets a frame that was let in. */
static __always_inline void dispatch(struct run *r)
{
    struct __sk_buff *skb = r->skb;
    if (unlikely(is_group(r->d->dst))) {
        offer_to_group(skb);
        send_to_uplink(skb);
        return;
    }
    if (likely(offer_to_owners(r)) || offer_to_learned(r)) {
        copy_to_promiscuous(r);
        return;
    }
    copy_to_promiscuous(r);
    offer_unknown(skb);
    send_to_uplink(skb);
}

/* What the owners of an address say about why nobody wanted a frame. */
#define OWNED_HERE 1
#define OWNED_ELSEWHERE 2

static __always_inline void ask_owner(struct run *r, const struct port *owner, __u32 seat)
{
    if (!contains(owner, r->d->vlan))
        r->d->known |= OWNED_ELSEWHERE;
    else if (seat == r->d->seat)
        r->d->known |= OWNED_HERE;
}
VISITOR(ask_owner_at, LIST_OWNERS, 0, r->d->dst, ask_owner)

static __always_inline int nobody_wants(struct run *r)
{
    struct decision *d = r->d;
    const struct list_entry *first = list_at(r, LIST_OWNERS, 0, d->dst, 0);
    d->known = 0;
    if (first)
        bpf_loop(pieces(first->count), ask_owner_at, r, 0);
    if (d->known & OWNED_HERE || learned_seat(r) == d->seat + 1)
        return HAIRPIN;
    if (d->known & OWNED_ELSEWHERE)
        return VLAN_MISMATCH;
    __u32 others = length(r, LIST_ALL, d->vlan) + length(r, LIST_ALL, TRUNK);
    if (!(r->port->flags & PORT_UPLINK))
        others--;
    if (!others)
        return NO_PORT_IN_VLAN;
    return is_group(d->dst) ? GROUP_NOT_JOINED : DEST_NOT_REGISTERED;
}

static __always_inline void drop(struct run *r, __u32 ingress, __u32 reason, __u32 port)
{
    if (r->probing) {
        struct probe *probe = probe_here();
        if (probe) {
            probe->reason = reason;
            probe->port = port;
        }
        return;
    }
    count(r->d->seat, COUNT_DROPPED + reason);
    record(r->skb, ingress, reason, port, 0);
}

/* Rule F-9: exactly one reason for a frame that reached nobody. */
__noinline int primary_reason(struct __sk_buff *skb)
{
    STAGE(run, skb);
    struct run *r = &run;
    if (!r->port)
        return 0;
    struct decision *d = r->d;
    if (d->has_first)
        drop(r, r->port->id, d->first_reason, d->first_port);
    else
        drop(r, r->port->id, nobody_wants(r), r->port->id);
    return 0;
}

/* Decides about one frame, which came in by the seat that `begin` was told. */
static __always_inline void decide(struct run *r)
{
    struct decision *d = r->d;
    int reason = parse(r);
    if (!r->probing) {
        __u32 seat = d->seat;
        struct counters *counts = bpf_map_lookup_elem(&counters, &seat);
        if (counts) {
            counts->frames[COUNT_IN]++;
            counts->bytes_in += d->len;
        }
    }
    if (likely(reason == NONE))
        reason = admit(r);
    if (unlikely(reason != NONE)) {
        __u32 port = r->port ? r->port->id : 0;
        return drop(r, port, reason, port);
    }
    dispatch(r);
    if (unlikely(!d->deliveries))
        primary_reason(r->skb);
    else if (unlikely(d->has_asked_in_vain) && !r->probing && r->port)
        record(r->skb, r->port->id, PROMISCUOUS_NOT_GRANTED, d->asked_in_vain, 1);
}

/* Reads which bank counts, once for a frame, and begins with nothing known. */
static __always_inline int begin(struct run *r, struct __sk_buff *skb, __u32 seat, int probing)
{
    __u32 zero = 0;
    struct decision *d = bpf_map_lookup_elem(&scratch, &zero);
    const __u32 *current = bpf_map_lookup_elem(&bank, &zero);
    if (!d || !current)
        return 0;
    d->bank = *(volatile const __u32 *)current & 1;
    d->seat = seat;
    d->probing = probing;
    d->bytes = skb->len;
    d->vlan = NO_VLAN;
    __builtin_memset(&d->ifindex, 0, offsetof(struct decision, zero_ends_here) - offsetof(struct decision, ifindex));
    r->skb = skb;
    r->d = d;
    r->probing = probing;
    return find_tables(r);
}

/* The seat of a device. A device without one is let in by none. */
static __always_inline __u32 seat_of(__u32 ifindex)
{
    __u32 at = ifindex & (ENTRANCES - 1);
    const struct entrance *entrance = bpf_map_lookup_elem(&entrances, &at);
    if (likely(entrance && entrance->ifindex == ifindex))
        return entrance->seat;
    const __u32 *seat = bpf_map_lookup_elem(&devices, &ifindex);
    return seat ? *seat : SEATS;
}

SEC("classifier")
int nsw_switch(struct __sk_buff *skb)
{
    struct run r;
    __u32 seat = seat_of(skb->ifindex);
    if (seat >= SEATS || !begin(&r, skb, seat, 0))
        return TC_ACT_SHOT;
    decide(&r);
    return send_last(&r);
}

SEC("classifier")
int nsw_probe(struct __sk_buff *skb)
{
    struct run r;
    struct probe *asked = probe_here();
    if (!asked || !begin(&r, skb, asked->seat, 1))
        return TC_ACT_SHOT;
    r.d->now_ns = asked->now_ns;
    r.d->knows_time = 1;
    r.d->bytes = asked->len;
    asked->reason = NO_REASON;
    decide(&r);
    asked->vlan = r.d->vlan;
    asked->delivery_count = r.d->deliveries;
    asked->refusal_count = r.d->refusal_count;
    return TC_ACT_SHOT;
}

static long forget_the_gone(struct bpf_map *map, __u64 *key, struct sighting *seen, struct run *r)
{
    if (!port_seen(r, seen))
        forget(key, seen, GONE);
    return 0;
}

SEC("classifier")
int nsw_prepare(struct __sk_buff *skb)
{
    struct run r;
    struct memory *all = memory_of_all();
    if (!all || !begin(&r, skb, 0, 1))
        return TC_ACT_SHOT;
    __u8 what = FORGET_THE_GONE;
    bpf_skb_load_bytes(skb, 0, &what, sizeof(what));
    if (what == FORGET_THE_OLD) {
        sweep(&r, all);
        return TC_ACT_SHOT;
    }
    all->swept_ns = 0;
    bpf_for_each_map_elem(&sightings, forget_the_gone, &r, 0);
    return TC_ACT_SHOT;
}
