/*
 * Traffic shaping: may this guest send so much now? (decide/shaper.rs and the bucket of decide/state.rs; rules H-1, H-2)
 *
 * Savings are in the unit of the reference: what one bit a second earns in one nanosecond. `install` refuses bursts for
 * which 64 bits would not do, so the two agree to the last unit.
 */
#pragma once

static __always_inline __u64 earn(__u64 saved, __u64 bps, __u64 elapsed, __u64 fill_ns, __u64 depth)
{
    if (elapsed > fill_ns)
        return depth;
    saved += bps * elapsed;
    return saved < depth ? saved : depth;
}

static __always_inline void refill(struct seat *bucket, const struct group *group, __u32 connection, __u64 now_ns)
{
    __u64 largest = LARGEST_FRAME * SAVED_PER_BYTE;
    if (bucket->connection != connection || bucket->average_bps != group->average_bps ||
        bucket->peak_bps != group->peak_bps || bucket->burst_bytes != group->burst_bytes) {
        bucket->connection = connection;
        bucket->average_bps = group->average_bps;
        bucket->peak_bps = group->peak_bps;
        bucket->burst_bytes = group->burst_bytes;
        bucket->average = group->average_depth;
        bucket->peak = largest;
    } else {
        __u64 elapsed = now_ns > bucket->at_ns ? now_ns - bucket->at_ns : 0;
        bucket->average = earn(bucket->average, group->average_bps, elapsed, group->average_fill_ns,
                       group->average_depth);
        bucket->peak = earn(bucket->peak, group->peak_bps, elapsed, group->peak_fill_ns, largest);
    }
    bucket->at_ns = now_ns;
}

__noinline int pay(struct __sk_buff *skb)
{
    STAGE(run, skb);
    struct run *r = &run;
    const struct group *group = r->port ? group_of(r, r->port) : NULL;
    struct seat *bucket = bpf_map_lookup_elem(&seats, &r->d->seat);
    if (!group || !bucket)
        return NONE;
    __u64 price = r->d->len * SAVED_PER_BYTE, now = now_ns(r);
    bpf_spin_lock(&bucket->lock);
    refill(bucket, group, r->port->connection, now);
    int enough = bucket->average >= price && bucket->peak >= price;
    if (enough) {
        bucket->average -= price;
        bucket->peak -= price;
    }
    bpf_spin_unlock(&bucket->lock);
    return enough ? NONE : SHAPER;
}

static __always_inline int police(struct run *r)
{
    return unlikely(r->port->flags & PORT_SHAPED) ? pay(r->skb) : NONE;
}
