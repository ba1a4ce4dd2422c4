/*
 * Which VLAN is a frame in, and which tag does a copy of it carry? (decide/vlan.rs; rules V-1 to V-7)
 */
#pragma once

#define VID 0x0fff
#define PCP 0xe000

static __always_inline int classify(struct run *r)
{
    struct decision *d = r->d;
    /* A tag with id 0 carries a priority and no VLAN. */
    __u16 vid = d->tagged ? d->came & VID : 0;
    __u16 mode = r->port->vlan;
    if (!vid) {
        /* The tag is taken off on the way out, and one behind it would be a VLAN for whoever comes next. */
        if (unlikely(d->tagged && d->ethertype == ETH_8021Q && mode != TRUNK))
            return VLAN_MISMATCH;
        d->vlan = mode == TRUNK ? 0 : mode;
    } else if (mode == TRUNK && vid < TRUNK)
        d->vlan = vid;
    else
        return VLAN_MISMATCH;
    return NONE;
}

/* How the tag changes on the way out of a port of mode `egress`; the tag that is put in goes to `tci`. */
static __always_inline __u8 tag_action(const struct run *r, __u16 egress, __u16 *tci)
{
    const struct decision *d = r->d;
    *tci = 0;
    if (r->port->vlan == TRUNK && egress == TRUNK)
        return TAG_KEEP;
    if (egress != TRUNK || !d->vlan)
        return d->tagged ? TAG_POP : TAG_KEEP;
    *tci = d->vlan | (d->tagged ? d->came & PCP : 0);
    if (!d->tagged)
        return TAG_PUSH;
    if ((d->came & VID) == d->vlan) {
        *tci = 0;
        return TAG_KEEP;
    }
    return TAG_REPLACE;
}

/* Makes the skb's tag what the next copy wants: as it came, none, or `tci`. The bytes are not touched for that, since the
 * kernel keeps the tag beside them. */
__noinline int change_tag(struct __sk_buff *skb, __u32 action, __u32 tag)
{
    STAGE(run, skb);
    struct run *r = &run;
    struct decision *d = r->d;
    __u16 tci = tag;
    __u8 wanted = action == TAG_REPLACE ? TAG_PUSH : action;
    if (wanted == d->tag_is && (wanted == TAG_POP || tci == d->tag_tci))
        return 0;
    int has_tag = d->tag_is == TAG_PUSH || (d->tag_is == TAG_KEEP && d->tagged);
    if (has_tag && bpf_skb_vlan_pop(r->skb))
        return -1;
    if (wanted == TAG_KEEP && d->tagged)
        tci = d->came;
    if ((wanted == TAG_PUSH || (wanted == TAG_KEEP && d->tagged)) &&
        bpf_skb_vlan_push(r->skb, bpf_htons(ETH_8021Q), tci))
        return -1;
    d->tag_is = wanted;
    d->tag_tci = wanted == TAG_PUSH ? tci : 0;
    return 0;
}

static __always_inline int set_tag(const struct run *r, __u8 action, __u16 tci)
{
    return likely(action == TAG_KEEP && r->d->tag_is == TAG_KEEP) ? 0 : change_tag(r->skb, action, tci);
}
