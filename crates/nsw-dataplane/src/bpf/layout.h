/*
 * Made from engine/kernel/layout.rs, which says what this is; do not edit. A test compares the two.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>

#define SEATS 2048
#define GROUPS 512
#define UPLINKS 32
#define SEATS_AN_ENTRY 14
#define STATIONS 16384
#define ENTRANCES 4096
#define LIST_ENTRIES 524288
#define PATHS 65536
#define PLACES 4096
#define TRUNK 4095
#define RING_BYTES 1048576
#define HEAD 128
#define KEPT_REFUSALS 4
#define NOTES 64
#define NO_REASON 255
#define NO_VLAN 65535
#define MAX_REMEMBERED 65536
#define REASONS 21
#define GUARD_NS 3000000000ULL
#define SWEEP_EVERY_NS 1000000000ULL
#define SAVED_PER_BYTE 8000000000ULL
#define LARGEST_FRAME 65550ULL
#define MIN_FRAME_LEN 60
#define TAG_LEN 4
#define ETH_BEACON 35106
#define BEACON_MARK 1853060865U
#define BUCKET_OF_ZERO 19
#define BUCKET_MASK_0 257309546390751ULL
#define BUCKET_MASK_1 227890012133818ULL
#define BUCKET_MASK_2 146025959449457ULL
#define BUCKET_MASK_3 9481742239459ULL
#define BUCKET_MASK_4 12603996789955ULL
#define BUCKET_MASK_5 15002043967618ULL
#define SETTING_SCOPE_PORT_GROUP 1
#define SETTING_REVERSE_PATH_CHECK 2
#define SETTING_REVERSE_PATH_ALL 4
#define SETTING_REVERSE_PATH_SINGLE_UPLINK 8
#define SETTING_BLOCK_GUEST_BPDU 16
#define SETTING_CONSUME_LINK_LOCAL 32
#define SETTING_REMEMBERS 64
#define SETTING_GUARDS 128
#define SETTING_PROMISCUOUS 256
#define PORT_CONNECTED 1
#define PORT_LINK_UP 2
#define PORT_UPLINK 4
#define PORT_FORGED_TRANSMITS 8
#define PORT_PROMISCUOUS 16
#define PORT_FILTERED 32
#define PORT_GUARDED 64
#define PORT_ALL_MULTICAST 128
#define PORT_HASHED 256
#define PORT_DROPS_AT_LIMIT 512
#define PORT_HAS_ALLOW_LIST 1024
#define PORT_SHAPED 2048
#define PORT_IP_HASH 4096
#define PORT_PEER 8192
#define REVERSE_OFF 0
#define REVERSE_ASSIGNED 1
#define REVERSE_MAC_HASH 2
#define REVERSE_ANY_OF_TEAM 3
#define UNKNOWN_NONE 0
#define UNKNOWN_FLOODED 1
#define UNKNOWN_SINK 2
#define UNKNOWN_PREFIX 3
#define BALANCING_ASSIGNED 0
#define BALANCING_SOURCE_MAC 1
#define BALANCING_IP_HASH 2
#define BALANCING_SHOTGUN 3
#define LIST_ALL 0
#define LIST_PROMISCUOUS 1
#define LIST_ALL_MULTICAST 2
#define LIST_HASHED 3
#define LIST_ASKING 4
#define LIST_FILTERED 5
#define LIST_UNKNOWN 6
#define LIST_OWNERS 8
#define LIST_JOINED 9
#define LIST_JOINED_BY_SEAT 10
#define LIST_OWNED_IN_GROUP 11
#define LIST_ALLOWED 12
#define LIST_ALLOWED_PREFIX 13
#define LIST_BEACON_SOURCES 14
#define TAG_KEEP 0
#define TAG_PUSH 1
#define TAG_POP 2
#define TAG_REPLACE 3
#define DROPS_PER_SECOND 1024
#define DELIVERED_PER_SECOND 256
#define FORGET_THE_GONE 0
#define FORGET_THE_OLD 1
#define MALFORMED 0
#define PORT_DOWN 1
#define PORT_BLOCKED_MAC_CHANGE 2
#define INVALID_SOURCE 3
#define VLAN_MISMATCH 4
#define FORGED_TRANSMIT 5
#define GUEST_BPDU 6
#define REVERSE_PATH 7
#define REVERSE_TEAM 8
#define DEST_NOT_REGISTERED 9
#define PROMISCUOUS_NOT_GRANTED 10
#define GROUP_NOT_JOINED 11
#define NO_PORT_IN_VLAN 12
#define NO_UPLINK 13
#define MTU 14
#define HAIRPIN 15
#define LINK_LOCAL 16
#define MAC_LIMIT 17
#define FORGED_REFLECTION 18
#define SHAPER 19
#define BEACON 20
#define CAUSE_OWN 0
#define CAUSE_BROADCAST 1
#define CAUSE_GROUP 2
#define CAUSE_PROMISCUOUS 3
#define CAUSE_UPLINK 4
#define CAUSE_LEARNED 5
#define CAUSE_ALLOWED 6
#define CAUSE_FLOODED 7
#define CAUSE_SINK 8
#define COUNT_IN 0
#define COUNT_OUT 1
#define COUNT_REFUSED 10
#define COUNT_DROPPED 31

/* What holds for the whole switch. One in each bank. */
struct settings {
    /* Some of SETTING_*. */
    __u32 flags;
    /* Largest payload that may leave by an uplink. */
    __u32 mtu;
    /* Uplinks that are connected and up. */
    __u32 live_uplinks;
    /* The number of the installed tables. */
    __u32 generation;
};
_Static_assert(sizeof(struct settings) == 16, "settings");
_Static_assert(__builtin_offsetof(struct settings, flags) == 0, "settings.flags");
_Static_assert(__builtin_offsetof(struct settings, mtu) == 4, "settings.mtu");
_Static_assert(__builtin_offsetof(struct settings, live_uplinks) == 8, "settings.live_uplinks");
_Static_assert(__builtin_offsetof(struct settings, generation) == 12, "settings.generation");

/* A connected port. SEATS in each bank. What every frame needs stands first. */
struct port {
    /* The effective MAC. */
    __u64 mac;
    /* Some of PORT_*. */
    __u32 flags;
    /* The device of the port; 0 if nobody attached it. */
    __u32 ifindex;
    /* 0, 1 to 4094, or 4095 for all. */
    __u16 vlan;
    /* Why nothing is delivered to it, or NO_REASON. */
    __u8 rx_closed;
    /* Why nothing is taken from it, or NO_REASON. */
    __u8 tx_closed;
    /* One of REVERSE_*. */
    __u8 reverse;
    /* One of UNKNOWN_*. */
    __u8 unknown;
    /* Zero. */
    __u16 unused;
    /* How long a source is remembered; 0 if none is. */
    __u64 memory_ns;
    /* Its port group, counted from 1; 0 for an uplink. */
    __u32 group;
    /* The seat of its uplink, counted from 1; 0 if it has none or that depends on the frame. */
    __u32 assigned;
    /* Its number, as people see it. */
    __u32 id;
    /* Another than that of whoever sat here before. */
    __u32 connection;
    /* Another than that of what was remembered here before. */
    __u32 memory;
    /* Addresses that may be remembered. */
    __u32 limit;
    /* How long a learned address is delivered to; 0 if the port does not learn. */
    __u64 learn_ns;
    /* Groups that a listener with PORT_HASHED listens to, one bit a bucket. */
    __u64 hashed;
};
_Static_assert(sizeof(struct port) == 72, "port");
_Static_assert(__builtin_offsetof(struct port, mac) == 0, "port.mac");
_Static_assert(__builtin_offsetof(struct port, flags) == 8, "port.flags");
_Static_assert(__builtin_offsetof(struct port, ifindex) == 12, "port.ifindex");
_Static_assert(__builtin_offsetof(struct port, vlan) == 16, "port.vlan");
_Static_assert(__builtin_offsetof(struct port, rx_closed) == 18, "port.rx_closed");
_Static_assert(__builtin_offsetof(struct port, tx_closed) == 19, "port.tx_closed");
_Static_assert(__builtin_offsetof(struct port, reverse) == 20, "port.reverse");
_Static_assert(__builtin_offsetof(struct port, unknown) == 21, "port.unknown");
_Static_assert(__builtin_offsetof(struct port, unused) == 22, "port.unused");
_Static_assert(__builtin_offsetof(struct port, memory_ns) == 24, "port.memory_ns");
_Static_assert(__builtin_offsetof(struct port, group) == 32, "port.group");
_Static_assert(__builtin_offsetof(struct port, assigned) == 36, "port.assigned");
_Static_assert(__builtin_offsetof(struct port, id) == 40, "port.id");
_Static_assert(__builtin_offsetof(struct port, connection) == 44, "port.connection");
_Static_assert(__builtin_offsetof(struct port, memory) == 48, "port.memory");
_Static_assert(__builtin_offsetof(struct port, limit) == 52, "port.limit");
_Static_assert(__builtin_offsetof(struct port, learn_ns) == 56, "port.learn_ns");
_Static_assert(__builtin_offsetof(struct port, hashed) == 64, "port.hashed");

/* A port group. GROUPS in each bank. */
struct group {
    /* Shaping: bits a second on average; 0 if nothing is shaped. */
    __u64 average_bps;
    /* Bits a second at most. */
    __u64 peak_bps;
    /* Bytes of a burst. */
    __u64 burst_bytes;
    /* The most that the average may save. */
    __u64 average_depth;
    /* How long nothing takes to become that. */
    __u64 average_fill_ns;
    /* The same for the peak, which saves for one frame. */
    __u64 peak_fill_ns;
    /* One of BALANCING_*. */
    __u32 balancing;
    /* How many uplinks are usable. */
    __u32 usable_count;
    /* Their seats, in order. */
    __u32 usable[32];
};
_Static_assert(sizeof(struct group) == 184, "group");
_Static_assert(__builtin_offsetof(struct group, average_bps) == 0, "group.average_bps");
_Static_assert(__builtin_offsetof(struct group, peak_bps) == 8, "group.peak_bps");
_Static_assert(__builtin_offsetof(struct group, burst_bytes) == 16, "group.burst_bytes");
_Static_assert(__builtin_offsetof(struct group, average_depth) == 24, "group.average_depth");
_Static_assert(__builtin_offsetof(struct group, average_fill_ns) == 32, "group.average_fill_ns");
_Static_assert(__builtin_offsetof(struct group, peak_fill_ns) == 40, "group.peak_fill_ns");
_Static_assert(__builtin_offsetof(struct group, balancing) == 48, "group.balancing");
_Static_assert(__builtin_offsetof(struct group, usable_count) == 52, "group.usable_count");
_Static_assert(__builtin_offsetof(struct group, usable) == 56, "group.usable");

/* How long the lists of a VLAN's receivers are. PLACES in each bank. */
struct members {
    /* The length of each list, by LIST_*. */
    __u32 count[8];
};
_Static_assert(sizeof(struct members) == 32, "members");
_Static_assert(__builtin_offsetof(struct members, count) == 0, "members.count");

/* Where an entry of a list stands. */
struct list_key {
    /* The owned, joined or allowed address; 0 for the lists of a VLAN. */
    __u64 mac;
    /* Which piece of the list, or a seat or group. */
    __u32 index;
    /* A VLAN, TRUNK, or 0. */
    __u16 place;
    /* One of LIST_*. */
    __u8 kind;
    /* 0 or 1. */
    __u8 bank;
};
_Static_assert(sizeof(struct list_key) == 16, "list_key");
_Static_assert(__builtin_offsetof(struct list_key, mac) == 0, "list_key.mac");
_Static_assert(__builtin_offsetof(struct list_key, index) == 8, "list_key.index");
_Static_assert(__builtin_offsetof(struct list_key, place) == 12, "list_key.place");
_Static_assert(__builtin_offsetof(struct list_key, kind) == 14, "list_key.kind");
_Static_assert(__builtin_offsetof(struct list_key, bank) == 15, "list_key.bank");

/* A piece of a list: one look-up for several ports. */
struct list_entry {
    /* How long the whole list is; told by its first piece. */
    __u32 count;
    /* How many seats stand here. */
    __u32 here;
    /* The seats of ports. */
    __u32 seats[14];
};
_Static_assert(sizeof(struct list_entry) == 64, "list_entry");
_Static_assert(__builtin_offsetof(struct list_entry, count) == 0, "list_entry.count");
_Static_assert(__builtin_offsetof(struct list_entry, here) == 4, "list_entry.here");
_Static_assert(__builtin_offsetof(struct list_entry, seats) == 8, "list_entry.seats");

/* The one owner of an address, found without a hash table. STATIONS in each bank, by the lowest bits of the address; */
/* of several addresses with the same, all but one are only in LIST_OWNERS, where every one is. */
struct station {
    /* The address. */
    __u64 mac;
    /* The seat of its owner, counted from 1; 0 if nobody stands here. */
    __u32 owner;
    /* Zero. */
    __u32 unused;
};
_Static_assert(sizeof(struct station) == 16, "station");
_Static_assert(__builtin_offsetof(struct station, mac) == 0, "station.mac");
_Static_assert(__builtin_offsetof(struct station, owner) == 8, "station.owner");
_Static_assert(__builtin_offsetof(struct station, unused) == 12, "station.unused");

/* The seat of a device, found without a hash table. ENTRANCES of them, by the lowest bits of the device's number; a */
/* device that finds its place taken is only in `devices`, where every one is. */
struct entrance {
    /* The device; 0 if none. */
    __u32 ifindex;
    /* Its seat. */
    __u32 seat;
};
_Static_assert(sizeof(struct entrance) == 8, "entrance");
_Static_assert(__builtin_offsetof(struct entrance, ifindex) == 0, "entrance.ifindex");
_Static_assert(__builtin_offsetof(struct entrance, seat) == 4, "entrance.seat");

/* A way that a beacon may take. The value says whether one was heard since somebody asked. */
struct path {
    /* The number of the uplink that hears it. */
    __u32 ear;
    /* The number of the uplink that sends it. */
    __u32 sender;
    /* The VLAN. */
    __u32 vlan;
};
_Static_assert(sizeof(struct path) == 12, "path");
_Static_assert(__builtin_offsetof(struct path, ear) == 0, "path.ear");
_Static_assert(__builtin_offsetof(struct path, sender) == 4, "path.sender");
_Static_assert(__builtin_offsetof(struct path, vlan) == 8, "path.vlan");

/* An address that was seen. The key is the address, and above it the VLAN. */
struct sighting {
    /* When, last. */
    __u64 at_ns;
    /* At which seat. */
    __u32 seat;
    /* What `memory` was at that seat. */
    __u32 memory;
};
_Static_assert(sizeof(struct sighting) == 16, "sighting");
_Static_assert(__builtin_offsetof(struct sighting, at_ns) == 0, "sighting.at_ns");
_Static_assert(__builtin_offsetof(struct sighting, seat) == 8, "sighting.seat");
_Static_assert(__builtin_offsetof(struct sighting, memory) == 12, "sighting.memory");

/* What is remembered of a seat. */
struct seat {
    /* What its shaper has saved, by average rate. */
    __u64 average;
    /* ... by peak rate. */
    __u64 peak;
    /* When that was. */
    __u64 at_ns;
    /* The shaping that this is of. */
    __u64 average_bps;
    /* ... */
    __u64 peak_bps;
    /* ... */
    __u64 burst_bytes;
    /* Addresses that were remembered of another seat and then seen here. */
    __u64 moved;
    /* Addresses that were forgotten because they were too old. */
    __u64 aged;
    /* Frames that passed although their source was over the limit. */
    __u64 allowed;
    /* Frames that were dropped for that. */
    __u64 dropped;
    /* The `connection` that this is of. */
    __u32 connection;
    /* The `memory` that the next, and the four above, are of. */
    __u32 memory;
    /* Addresses that are remembered. */
    __u32 remembered;
    /* For the shaper. */
    struct bpf_spin_lock lock;
};
_Static_assert(sizeof(struct seat) == 96, "seat");
_Static_assert(__builtin_offsetof(struct seat, average) == 0, "seat.average");
_Static_assert(__builtin_offsetof(struct seat, peak) == 8, "seat.peak");
_Static_assert(__builtin_offsetof(struct seat, at_ns) == 16, "seat.at_ns");
_Static_assert(__builtin_offsetof(struct seat, average_bps) == 24, "seat.average_bps");
_Static_assert(__builtin_offsetof(struct seat, peak_bps) == 32, "seat.peak_bps");
_Static_assert(__builtin_offsetof(struct seat, burst_bytes) == 40, "seat.burst_bytes");
_Static_assert(__builtin_offsetof(struct seat, moved) == 48, "seat.moved");
_Static_assert(__builtin_offsetof(struct seat, aged) == 56, "seat.aged");
_Static_assert(__builtin_offsetof(struct seat, allowed) == 64, "seat.allowed");
_Static_assert(__builtin_offsetof(struct seat, dropped) == 72, "seat.dropped");
_Static_assert(__builtin_offsetof(struct seat, connection) == 80, "seat.connection");
_Static_assert(__builtin_offsetof(struct seat, memory) == 84, "seat.memory");
_Static_assert(__builtin_offsetof(struct seat, remembered) == 88, "seat.remembered");
_Static_assert(__builtin_offsetof(struct seat, lock) == 92, "seat.lock");

/* What is remembered of the whole switch. */
struct memory {
    /* When too old addresses were last swept away; 0 if not since tables were installed. */
    __u64 swept_ns;
    /* Addresses that are remembered. */
    __u64 remembered;
};
_Static_assert(sizeof(struct memory) == 16, "memory");
_Static_assert(__builtin_offsetof(struct memory, swept_ns) == 0, "memory.swept_ns");
_Static_assert(__builtin_offsetof(struct memory, remembered) == 8, "memory.remembered");

/* What one CPU counted at one seat. */
struct counters {
    /* Bytes of the frames that came in. */
    __u64 bytes_in;
    /* Bytes of the copies that were handed to the device. */
    __u64 bytes_out;
    /* Copies that the device did not take. */
    __u64 tx_failures;
    /* Frames, in the order of `nsw_core::Counter`. */
    __u64 frames[52];
    /* Zero; those of different seats share no cache line. */
    __u64 unused;
};
_Static_assert(sizeof(struct counters) == 448, "counters");
_Static_assert(__builtin_offsetof(struct counters, bytes_in) == 0, "counters.bytes_in");
_Static_assert(__builtin_offsetof(struct counters, bytes_out) == 8, "counters.bytes_out");
_Static_assert(__builtin_offsetof(struct counters, tx_failures) == 16, "counters.tx_failures");
_Static_assert(__builtin_offsetof(struct counters, frames) == 24, "counters.frames");
_Static_assert(__builtin_offsetof(struct counters, unused) == 440, "counters.unused");

/* Frames of the switch's own at one seat. The program sends none. */
struct originated {
    /* Frames that the device took. */
    __u64 frames;
    /* Their bytes. */
    __u64 bytes;
    /* Frames that it did not take. */
    __u64 failures;
};
_Static_assert(sizeof(struct originated) == 24, "originated");
_Static_assert(__builtin_offsetof(struct originated, frames) == 0, "originated.frames");
_Static_assert(__builtin_offsetof(struct originated, bytes) == 8, "originated.bytes");
_Static_assert(__builtin_offsetof(struct originated, failures) == 16, "originated.failures");

/* What one CPU counted and may still record. */
struct totals {
    /* Copies for ports that nobody attached. */
    __u64 unattached;
    /* Drops that were not recorded. */
    __u64 skipped;
    /* The second that the next two are of. */
    __u64 second;
    /* Drops recorded in it. */
    __u32 drops;
    /* Delivered frames recorded in it. */
    __u32 delivered;
};
_Static_assert(sizeof(struct totals) == 32, "totals");
_Static_assert(__builtin_offsetof(struct totals, unattached) == 0, "totals.unattached");
_Static_assert(__builtin_offsetof(struct totals, skipped) == 8, "totals.skipped");
_Static_assert(__builtin_offsetof(struct totals, second) == 16, "totals.second");
_Static_assert(__builtin_offsetof(struct totals, drops) == 24, "totals.drops");
_Static_assert(__builtin_offsetof(struct totals, delivered) == 28, "totals.delivered");

/* A copy that a port was refused. */
struct refused {
    /* The port's number. */
    __u32 port;
    /* The reason. */
    __u32 reason;
};
_Static_assert(sizeof(struct refused) == 8, "refused");
_Static_assert(__builtin_offsetof(struct refused, port) == 0, "refused.port");
_Static_assert(__builtin_offsetof(struct refused, reason) == 4, "refused.reason");

/* A frame that reached nobody, or not everybody who asked for it. */
struct record {
    /* When, on the monotonic clock. */
    __u64 at_ns;
    /* The number of the port that it came by. */
    __u32 ingress;
    /* The number of the port that decided. */
    __u32 port;
    /* Its length as it came. */
    __u32 len;
    /* How many bytes `head` has. */
    __u32 head_len;
    /* The ports that went without. */
    struct refused refusals[4];
    /* How many of them there are. */
    __u32 refusal_count;
    /* The tag that stands beside the bytes: its protocol in the upper half, in host order; 0 if none does. */
    __u32 tag;
    /* The VLAN, or NO_VLAN. */
    __u16 vlan;
    /* The reason. */
    __u8 reason;
    /* It was delivered to others. */
    __u8 delivered;
    /* Zero. */
    __u32 unused;
    /* The first bytes. */
    __u8 head[128];
};
_Static_assert(sizeof(struct record) == 200, "record");
_Static_assert(__builtin_offsetof(struct record, at_ns) == 0, "record.at_ns");
_Static_assert(__builtin_offsetof(struct record, ingress) == 8, "record.ingress");
_Static_assert(__builtin_offsetof(struct record, port) == 12, "record.port");
_Static_assert(__builtin_offsetof(struct record, len) == 16, "record.len");
_Static_assert(__builtin_offsetof(struct record, head_len) == 20, "record.head_len");
_Static_assert(__builtin_offsetof(struct record, refusals) == 24, "record.refusals");
_Static_assert(__builtin_offsetof(struct record, refusal_count) == 56, "record.refusal_count");
_Static_assert(__builtin_offsetof(struct record, tag) == 60, "record.tag");
_Static_assert(__builtin_offsetof(struct record, vlan) == 64, "record.vlan");
_Static_assert(__builtin_offsetof(struct record, reason) == 66, "record.reason");
_Static_assert(__builtin_offsetof(struct record, delivered) == 67, "record.delivered");
_Static_assert(__builtin_offsetof(struct record, unused) == 68, "record.unused");
_Static_assert(__builtin_offsetof(struct record, head) == 72, "record.head");

/* A copy, as the probe notes it. */
struct note {
    /* The port's number. */
    __u32 port;
    /* The cause, or the reason of a refusal. */
    __u16 why;
    /* One of TAG_*. */
    __u8 tag;
    /* Zero. */
    __u8 unused;
    /* The tag that is put in. */
    __u32 tci;
};
_Static_assert(sizeof(struct note) == 12, "note");
_Static_assert(__builtin_offsetof(struct note, port) == 0, "note.port");
_Static_assert(__builtin_offsetof(struct note, why) == 4, "note.why");
_Static_assert(__builtin_offsetof(struct note, tag) == 6, "note.tag");
_Static_assert(__builtin_offsetof(struct note, unused) == 7, "note.unused");
_Static_assert(__builtin_offsetof(struct note, tci) == 8, "note.tci");

/* What the probe is asked and what it answers. */
struct probe {
    /* When the frame comes in. */
    __u64 now_ns;
    /* By which seat. */
    __u32 seat;
    /* Its length; a run takes only the first bytes of a long one. */
    __u32 len;
    /* The VLAN it was found to be in, or NO_VLAN. */
    __u32 vlan;
    /* Deliveries. */
    __u32 delivery_count;
    /* Refusals. */
    __u32 refusal_count;
    /* The reason of the drop, or NO_REASON. */
    __u32 reason;
    /* The port that decided. */
    __u32 port;
    /* Zero. */
    __u32 unused;
    /* The first deliveries. */
    struct note deliveries[64];
    /* The first refusals. */
    struct note refusals[64];
};
_Static_assert(sizeof(struct probe) == 1576, "probe");
_Static_assert(__builtin_offsetof(struct probe, now_ns) == 0, "probe.now_ns");
_Static_assert(__builtin_offsetof(struct probe, seat) == 8, "probe.seat");
_Static_assert(__builtin_offsetof(struct probe, len) == 12, "probe.len");
_Static_assert(__builtin_offsetof(struct probe, vlan) == 16, "probe.vlan");
_Static_assert(__builtin_offsetof(struct probe, delivery_count) == 20, "probe.delivery_count");
_Static_assert(__builtin_offsetof(struct probe, refusal_count) == 24, "probe.refusal_count");
_Static_assert(__builtin_offsetof(struct probe, reason) == 28, "probe.reason");
_Static_assert(__builtin_offsetof(struct probe, port) == 32, "probe.port");
_Static_assert(__builtin_offsetof(struct probe, unused) == 36, "probe.unused");
_Static_assert(__builtin_offsetof(struct probe, deliveries) == 40, "probe.deliveries");
_Static_assert(__builtin_offsetof(struct probe, refusals) == 808, "probe.refusals");
