/*
 * A view on the bytes of one frame: only what a decision may read (nsw-core/src/frame.rs).
 *
 * The kernel has taken an 802.1Q tag off the bytes before we run, and keeps it beside them; a frame that was handed to
 * the probe still has it among them. A service tag (802.1ad) is no tag to us, but an EtherType like any other: rule V-9.
 */
#pragma once

#define HEADER_LEN 14
#define ETH_8021Q 0x8100
#define ETH_8021AD 0x88a8
#define ETH_IPV4 0x0800
#define ETH_ARP 0x0806
#define ETH_RARP 0x8035
#define ETH_IPV6 0x86dd
#define IPPROTO_TCP_ 6
#define IPPROTO_UDP_ 17

static __always_inline __u16 load_u16(struct __sk_buff *skb, __u32 at)
{
    __be16 word = 0;
    return bpf_skb_load_bytes(skb, at, &word, sizeof(word)) ? 0 : bpf_ntohs(word);
}

/* The octet of the payload at `at`, 0 beyond its end. */
static __always_inline __u32 octet(const struct run *r, __u32 at)
{
    __u8 byte = 0;
    bpf_skb_load_bytes(r->skb, r->d->payload_at + at, &byte, 1);
    return byte;
}

static __always_inline __u32 word(const struct run *r, __u32 at)
{
    __be32 all;
    if (!bpf_skb_load_bytes(r->skb, r->d->payload_at + at, &all, sizeof(all)))
        return bpf_ntohl(all);
    return octet(r, at) << 24 | octet(r, at + 1) << 16 | octet(r, at + 2) << 8 | octet(r, at + 3);
}

/* The payload of one segment, if the frame is still to be cut: IP header, transport header and segment. */
static __always_inline __u32 segment_payload_len(const struct run *r, __u32 gso_size)
{
    __u32 ip_len = 0, protocol = 0;
    if (r->d->ethertype == ETH_IPV4) {
        ip_len = (octet(r, 0) & 0xf) * 4;
        protocol = octet(r, 9);
    } else if (r->d->ethertype == ETH_IPV6) {
        ip_len = 40;
        protocol = octet(r, 6);
    }
    __u32 transport_len = protocol == IPPROTO_TCP_ ? (octet(r, ip_len + 12) >> 4) * 4
                : protocol == IPPROTO_UDP_ ? 8 : 0;
    return ip_len + transport_len + gso_size;
}

/* Reads the header. Fails if it is not whole. */
static __always_inline int parse(struct run *r)
{
    struct __sk_buff *skb = r->skb;
    struct decision *d = r->d;
    __be64 words[2];
    d->len = d->bytes;
    void *data = (void *)(long)skb->data;
    if (likely(data + HEADER_LEN <= (void *)(long)skb->data_end)) {
        __builtin_memcpy(&words[0], data, 8);
        __builtin_memcpy(&words[1], data + 6, 8);
    } else if (bpf_skb_load_bytes(skb, 0, &words[0], 8) || bpf_skb_load_bytes(skb, 6, &words[1], 8)) {
        return MALFORMED;
    }
    __u64 behind = bpf_be64_to_cpu(words[1]);
    d->dst = bpf_be64_to_cpu(words[0]) >> 16;
    d->src = behind >> 16;
    d->ethertype = behind & 0xffff;
    d->payload_at = HEADER_LEN;
    d->tagged = 0;
    if (unlikely(skb->vlan_present)) {
        d->len += TAG_LEN;
        if (skb->vlan_proto == bpf_htons(ETH_8021Q)) {
            d->tagged = 1;
            d->came = skb->vlan_tci;
        } else {
            d->ethertype = ETH_8021AD;
            d->payload_at -= TAG_LEN;
        }
    } else if (unlikely(d->ethertype == ETH_8021Q)) {
        if (d->bytes < HEADER_LEN + TAG_LEN)
            return MALFORMED;
        d->tagged = 1;
        d->came = load_u16(skb, HEADER_LEN);
        d->ethertype = load_u16(skb, HEADER_LEN + 2);
        d->payload_at += TAG_LEN;
    }
    return NONE;
}

/* What an MTU limits. */
static __always_inline __u32 payload_len(const struct run *r)
{
    __u32 gso_size = r->skb->gso_size;
    return gso_size ? segment_payload_len(r, gso_size) : r->d->bytes - r->d->payload_at;
}

/* Rule T-4: source XOR destination, by the words that stand where IPv4 has its addresses if it is neither. */
static __always_inline __u32 ip_hash_key(const struct run *r)
{
    switch (r->d->ethertype) {
    case ETH_IPV4:
        return octet(r, 15) ^ octet(r, 19);
    case ETH_IPV6:
        return octet(r, 23) ^ octet(r, 39);
    default:
        return word(r, 12) ^ word(r, 16);
    }
}
