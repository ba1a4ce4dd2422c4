/*
 * The maps. Those with two banks hold the tables as they are and as they will be: the bank that counts is named in
 * `bank`, and is changed by one write. The others hold what outlives a change of tables.
 */
#pragma once

#define BANKS 2

#define ARRAY_MAP(map_type, map_name, value_type, entries)                                         \
    struct {                                                                                       \
        __uint(type, map_type);                                                                    \
        __uint(max_entries, entries);                                                              \
        __type(key, __u32);                                                                        \
        __type(value, value_type);                                                                 \
    } map_name SEC(".maps")

#define HASH_MAP(map_name, key_type, value_type, entries)                                          \
    struct {                                                                                       \
        __uint(type, BPF_MAP_TYPE_HASH);                                                           \
        __uint(max_entries, entries);                                                              \
        __uint(map_flags, BPF_F_NO_PREALLOC);                                                      \
        __type(key, key_type);                                                                     \
        __type(value, value_type);                                                                 \
    } map_name SEC(".maps")

/* The bank that counts, 0 or 1. */
ARRAY_MAP(BPF_MAP_TYPE_ARRAY, bank, __u32, 1);

/* In two banks: entry i of bank b stands at b * length + i, or has b in its key. */
ARRAY_MAP(BPF_MAP_TYPE_ARRAY, settings, struct settings, BANKS);
ARRAY_MAP(BPF_MAP_TYPE_ARRAY, ports, struct port, BANKS * SEATS);
ARRAY_MAP(BPF_MAP_TYPE_ARRAY, groups, struct group, BANKS * GROUPS);
ARRAY_MAP(BPF_MAP_TYPE_ARRAY, members, struct members, BANKS * PLACES);
ARRAY_MAP(BPF_MAP_TYPE_ARRAY, stations, struct station, BANKS * STATIONS);
HASH_MAP(lists, struct list_key, struct list_entry, LIST_ENTRIES);

/* Ways for beacons, each with a mark if one was heard. The entries are made in user space. */
HASH_MAP(heard, struct path, __u32, PATHS);

/* What outlives a change of tables. A device has a seat; everything that is remembered of a port is kept by its seat. */
HASH_MAP(devices, __u32, __u32, SEATS);
ARRAY_MAP(BPF_MAP_TYPE_ARRAY, entrances, struct entrance, ENTRANCES);
ARRAY_MAP(BPF_MAP_TYPE_ARRAY, seats, struct seat, SEATS);
HASH_MAP(sightings, __u64, struct sighting, 2 * MAX_REMEMBERED);
ARRAY_MAP(BPF_MAP_TYPE_ARRAY, memory, struct memory, 1);
ARRAY_MAP(BPF_MAP_TYPE_PERCPU_ARRAY, counters, struct counters, SEATS);
/* Frames of the switch's own, which only user space sends and counts. */
ARRAY_MAP(BPF_MAP_TYPE_ARRAY, originated, struct originated, SEATS);
ARRAY_MAP(BPF_MAP_TYPE_PERCPU_ARRAY, totals, struct totals, 1);

struct {
    __uint(type, BPF_MAP_TYPE_RINGBUF);
    __uint(max_entries, RING_BYTES);
} drops SEC(".maps");

/* What the probe is asked, and what it answers. */
ARRAY_MAP(BPF_MAP_TYPE_ARRAY, probe, struct probe, 1);

/* Where a decision is worked out: one frame a CPU at a time. */
ARRAY_MAP(BPF_MAP_TYPE_PERCPU_ARRAY, scratch, struct decision, 1);
