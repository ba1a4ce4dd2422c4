/*
 * Copies given and refused: counted, sent, noted. (the outcome of decide.rs, nsw-core/src/outcome.rs)
 *
 * A copy is held back until the next is decided, and sent without a clone if there is no next. It is counted before it is
 * sent, so that whoever has received it finds it counted.
 */
#pragma once

#define REFUSED_BY_NOBODY 0xffffffffU
#define SLOT 0x00ffffffU
#define UPLINK 0x80000000U
#define PACKET_HOST 0

/* Counts the copy that was held back, and tells where its bytes are counted. */
static __always_inline struct counters *count_egress(const struct decision *d)
{
    __u32 egress = d->egress;
    struct counters *counts = bpf_map_lookup_elem(&counters, &egress);
    /* By the mask older verifiers see, too, that this is inside. */
    if (counts)
        counts->frames[COUNT_OUT + (d->egress_cause & 15)]++;
    return counts;
}

/* Appends zeros to a short frame. */
__noinline int lengthen(struct __sk_buff *skb)
{
    __u32 wanted = skb->vlan_present ? MIN_FRAME_LEN - TAG_LEN : MIN_FRAME_LEN;
    return skb->len < wanted ? bpf_skb_change_tail(skb, wanted, 0) : 0;
}

/* Rule N-2: no short frame leaves by an uplink. Uplinks are given their copies last, so that no guest is given the zeros. The
 * tag counts as part of the frame; it stands beside the bytes by now. */
static __always_inline int pad(const struct run *r)
{
    const struct decision *d = r->d;
    return likely(d->bytes >= MIN_FRAME_LEN) || d->egress_cause != CAUSE_UPLINK ? 0 : lengthen(r->skb);
}

/* Sends the copy that was held back, and keeps the frame. */
static __always_inline void send_clone(const struct run *r)
{
    struct decision *d = r->d;
    struct counters *counts = count_egress(d);
    int failed = set_tag(r, d->egress_tag, d->egress_tci) || pad(r) ||
             bpf_clone_redirect(r->skb, d->ifindex, 0);
    if (counts && likely(!failed))
        counts->bytes_out += d->len;
    else if (counts)
        counts->tx_failures++;
}

/* Sends the copy that was held back, and gives the frame away for it. Returns what the program returns. */
static __always_inline int send_last(struct run *r)
{
    struct decision *d = r->d;
    if (!d->ifindex)
        return TC_ACT_SHOT;
    struct counters *counts = count_egress(d);
    if (set_tag(r, d->egress_tag, d->egress_tci) || pad(r))
        return TC_ACT_SHOT;
    if (counts)
        counts->bytes_out += d->len;
    if (unlikely(!d->egress_peer))
        return bpf_redirect(d->ifindex, 0);
    /* At the near end the frame was for somebody else; at the far end, where it is now, it is for the guest. */
    bpf_skb_change_type(r->skb, PACKET_HOST);
    return bpf_redirect_peer(d->ifindex, 0);
}

static __always_inline struct probe *probe_here(void)
{
    __u32 zero = 0;
    return bpf_map_lookup_elem(&probe, &zero);
}

static __always_inline void note(struct note *note, __u32 port, __u16 why, __u8 tag, __u32 tci)
{
    note->port = port;
    note->why = why;
    note->tag = tag;
    note->tci = tci;
}

/* Gives `port` a copy. */
static __always_inline int deliver_as(struct run *r, const struct port *port, __u32 seat, __u32 cause, __u16 egress_vlan)
{
    struct decision *d = r->d;
    __u16 tci;
    if (!port)
        return 0;
    __u8 tag = tag_action(r, egress_vlan, &tci);
    __u32 at = d->deliveries++;
    if (r->probing) {
        struct probe *probe = probe_here();
        if (probe && at < NOTES)
            note(&probe->deliveries[at], port->id, cause, tag, tci);
        return 0;
    }
    if (unlikely(!port->ifindex)) {
        struct totals *totals = totals_here();
        if (totals)
            totals->unattached++;
        return 0;
    }
    if (unlikely(d->ifindex))
        send_clone(r);
    d->ifindex = port->ifindex;
    d->egress = seat;
    d->egress_tag = tag;
    d->egress_tci = tci;
    d->egress_cause = cause;
    /* Past the far end's own look at the address, so only for what is the guest's own. */
    d->egress_peer = cause == CAUSE_OWN && port->flags & PORT_PEER;
    return 0;
}

static __always_inline int deliver(struct run *r, const struct port *port, __u32 seat, __u32 cause)
{
    return deliver_as(r, port, seat, cause, port->vlan);
}

/* Says that the port at `seat` goes without a copy. */
__noinline int refuse(struct __sk_buff *skb, __u32 seat, __u32 reason)
{
    STAGE(run, skb);
    struct run *r = &run;
    struct decision *d = r->d;
    const struct port *port = port_at(r, seat);
    if (!port)
        return 0;
    __u32 at = d->refusal_count++;
    if (r->probing) {
        struct probe *probe = probe_here();
        if (probe && at < NOTES)
            note(&probe->refusals[at], port->id, reason, 0, 0);
    } else {
        count(seat, COUNT_REFUSED + reason);
    }
    if (at < KEPT_REFUSALS) {
        d->refusals[at].port = port->id;
        d->refusals[at].reason = reason;
    }
    if (reason == PROMISCUOUS_NOT_GRANTED) {
        if (!d->has_asked_in_vain) {
            d->has_asked_in_vain = 1;
            d->asked_in_vain = port->id;
        }
        return 0;
    }
    /* Rule F-9: a refusal of the way out comes first, then that of the lowest slot. */
    int outbound = port->id & UPLINK || reason == NO_UPLINK;
    int lower = (port->id & SLOT) < (d->first_port & SLOT);
    if (!d->has_first || (!d->first_is_outbound && (outbound || lower))) {
        d->has_first = 1;
        d->first_is_outbound = outbound;
        d->first_reason = reason;
        d->first_port = port->id;
    }
    return 0;
}

/* May this CPU record one more this second? */
static __always_inline int may_record(struct totals *totals, __u64 now_ns, int delivered)
{
    __u64 second = now_ns / 1000000000;
    if (totals->second != second) {
        totals->second = second;
        totals->drops = totals->delivered = 0;
    }
    if (delivered)
        return totals->delivered++ < DELIVERED_PER_SECOND;
    if (totals->drops++ < DROPS_PER_SECOND)
        return 1;
    totals->skipped++;
    return 0;
}

/* Hands a frame that reached nobody, or not everybody who asked, to whoever reads the ring. */
__noinline int record(struct __sk_buff *skb, __u32 ingress, __u32 reason, __u32 port, int delivered)
{
    STAGE(run, skb);
    struct run *r = &run;
    struct decision *d = r->d;
    struct totals *totals = totals_here();
    __u64 now_ns = bpf_ktime_get_ns();
    if (!totals || !may_record(totals, now_ns, delivered))
        return 0;
    struct record *record = bpf_ringbuf_reserve(&drops, sizeof(*record), 0);
    if (!record) {
        totals->skipped++;
        return 0;
    }
    set_tag(r, TAG_KEEP, 0);
    record->at_ns = now_ns;
    record->ingress = ingress;
    record->port = port;
    record->len = d->len;
    record->refusal_count = d->refusal_count < KEPT_REFUSALS ? d->refusal_count : KEPT_REFUSALS;
    for (int i = 0; i < KEPT_REFUSALS; i++)
        record->refusals[i] = d->refusals[i];
    record->tag = r->skb->vlan_present
            ? (__u32)bpf_ntohs(r->skb->vlan_proto) << 16 | (r->skb->vlan_tci & 0xffff) : 0;
    record->vlan = d->vlan;
    record->reason = reason;
    record->delivered = delivered;
    record->unused = 0;
    __u64 len = r->skb->len < HEAD ? r->skb->len : HEAD;
    record->head_len = len;
    /* In this form older verifiers see as well that it is neither zero nor too much. */
    len -= 1;
    asm volatile("" : "+r"(len));
    if (len < HEAD)
        bpf_skb_load_bytes(r->skb, 0, record->head, len + 1);
    bpf_ringbuf_submit(record, 0);
    return 0;
}
