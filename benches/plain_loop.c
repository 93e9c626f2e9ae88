/* The same kinds of event as the event loop, written plainly: one binary heap, one struct a person.

   plain_loop PEOPLE YEARS SEED

   It prints people, events of each kind, ledger rows and CPU seconds of the loop as JSON. It is a yardstick
   of time, no model: rates are round numbers that give about the mix of kinds of the baseline.
   What it has: onset, delay, application, assessors' teams with working hours and three classes, results,
   renewals (stale ones included), levels that change, deaths, requests for home care and three kinds of
   bed in sixteen districts with six classes, doubly linked waiting lists, lists of other districts after
   patience ends, withdrawal, exit, placements, and a ledger row for every request.
   What it leaves out, all to its advantage: holidays, a calendar of hazards (death is one exponential),
   draws keyed by person and purpose (it takes the next number of one generator), preferences by distance,
   wishes by age and arrangement, dementia beds held for by residents, staff hours of a home, monthly
   capacities, pools of the whole city, day care and family beds, benefits by level, an event log. */

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LIFE, START, APPLY, DONE, RENEW, EXIT, PATIENCE, WITHDRAW, KINDS };
enum { HOME, GENERAL, NURSING, DEMENTIA, ASSESS, RESOURCES };
enum { LANE_BED, LANE_HOME, LANE_ASSESS, LANES };
enum { IDLE, WAITING, SERVED, GIVEN_UP };
enum { DISTRICTS = 16, CLASSES = 6, DAY = 86400, YEAR = 31557600, NEVER = INT32_MAX };
enum { OPENING = 9 * 3600, WORK = 8 * 3600, CASE = 2 * 3600, ELSEWHERE = 5 };

typedef struct { int64_t when; int32_t person, sequence; } Event; /* when: second * 16 + kind */
typedef struct { int32_t row, node; } Lane;
typedef struct {
    double inclination;
    int32_t onset, apply, bed_pool, size;
    int16_t bed_sequence, result;
    int8_t alive, district, level, known, alone, dementia, next_life, exit_set;
    int8_t state[LANES];
    char rest[21]; /* as many bytes as the event loop's record */
    Lane lane[8];
} Person;
typedef struct { int32_t request, start, end, want_end, person, first; int16_t size; int8_t more[9]; } Row;
typedef struct { int32_t person, next, prev, sibling, pool; int8_t lane, rank; } Node;

static Person *people;
static Row *ledger;
static Node *nodes;
static Event *heap;
static int64_t n_heap, room_heap, n_rows, room_rows, n_nodes, room_nodes, handled[KINDS];
static int32_t free_node = -1, head[DISTRICTS * RESOURCES][CLASSES], tail[DISTRICTS * RESOURCES][CLASSES];
static int64_t capacity[DISTRICTS * RESOURCES], used[DISTRICTS * RESOURCES], end_of_run;
static uint64_t state;

static void *grow(void *store, int64_t *room, size_t size) {
    *room = *room ? *room * 3 / 2 : 1 << 16;
    store = realloc(store, (size_t)*room * size);
    if (!store) { fprintf(stderr, "out of memory\n"); exit(1); }
    return store;
}

static double uniform(void) {
    uint64_t word = state += 0x9E3779B97F4A7C15u;
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9u;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBu;
    return ((double)((word ^ (word >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static double years_until(double rate) { return -log(uniform()) / rate; }

/* ---- the heap of everything that is going to happen ---- */

static int before(Event a, Event b) {
    return a.when < b.when || (a.when == b.when && a.person < b.person);
}

static void push(int64_t time, int kind, int32_t person, int32_t sequence) {
    if (time >= end_of_run) return;
    if (n_heap == room_heap) heap = grow(heap, &room_heap, sizeof *heap);
    Event event = {time * 16 + kind, person, sequence};
    int64_t i = n_heap++;
    while (i > 0 && before(event, heap[(i - 1) / 2])) {
        heap[i] = heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap[i] = event;
}

static Event pop(void) {
    Event first = heap[0], event = heap[--n_heap];
    int64_t i = 0;
    for (;;) {
        int64_t child = 2 * i + 1;
        if (child >= n_heap) break;
        if (child + 1 < n_heap && before(heap[child + 1], heap[child])) child++;
        if (!before(heap[child], event)) break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = event;
    return first;
}

/* ---- ledger and waiting lists ---- */

static void open_row(int32_t i, int lane, int size, int64_t now) {
    if (n_rows == room_rows) ledger = grow(ledger, &room_rows, sizeof *ledger);
    Row *row = &ledger[n_rows];
    memset(row, 0, sizeof *row);
    row->request = (int32_t)now;
    row->start = row->end = row->want_end = NEVER;
    row->person = i;
    row->size = (int16_t)size;
    people[i].lane[lane].row = (int32_t)n_rows++;
    people[i].state[lane] = WAITING;
}

static void close_row(int32_t i, int lane, int64_t now) {
    Row *row = &ledger[people[i].lane[lane].row];
    row->end = row->want_end = (int32_t)now;
    people[i].state[lane] = IDLE;
}

static void join(int32_t i, int lane, int pool, int rank) {
    int32_t k = free_node;
    if (k >= 0) free_node = nodes[k].next;
    else {
        if (n_nodes == room_nodes) nodes = grow(nodes, &room_nodes, sizeof *nodes);
        k = (int32_t)n_nodes++;
    }
    nodes[k] = (Node){i, -1, tail[pool][rank], people[i].lane[lane].node, pool, (int8_t)lane, (int8_t)rank};
    people[i].lane[lane].node = k;
    if (nodes[k].prev >= 0) nodes[nodes[k].prev].next = k;
    else head[pool][rank] = k;
    tail[pool][rank] = k;
}

static void leave_lists(int32_t i, int lane) {
    int32_t k = people[i].lane[lane].node;
    while (k >= 0) {
        Node *node = &nodes[k];
        int32_t sibling = node->sibling;
        if (node->prev >= 0) nodes[node->prev].next = node->next;
        else head[node->pool][node->rank] = node->next;
        if (node->next >= 0) nodes[node->next].prev = node->prev;
        else tail[node->pool][node->rank] = node->prev;
        node->next = free_node;
        free_node = k;
        k = sibling;
    }
    people[i].lane[lane].node = -1;
}

static int32_t first_waiting(int pool) {
    for (int rank = 0; rank < CLASSES; rank++)
        if (head[pool][rank] >= 0) return head[pool][rank];
    return -1;
}

/* ---- beds and home care ---- */

static void fill(int pool, int64_t now);

static void end_claim(int32_t i, int lane, int64_t now) {
    Person *p = &people[i];
    int before_end = p->state[lane];
    if (before_end == IDLE) return;
    leave_lists(i, lane);
    close_row(i, lane, now);
    if (before_end != SERVED) return;
    int pool = lane == LANE_BED ? p->bed_pool : p->district * RESOURCES + HOME;
    used[pool] -= lane == LANE_BED ? 1 : p->size;
    fill(pool, now);
}

static void place(int32_t i, int lane, int pool, int64_t now) {
    Person *p = &people[i];
    Row *row = &ledger[p->lane[lane].row];
    leave_lists(i, lane);
    row->start = (int32_t)now;
    used[pool] += row->size;
    p->state[lane] = SERVED;
    if (lane == LANE_HOME) { p->size = row->size; return; }
    p->bed_pool = pool;
    end_claim(i, LANE_HOME, now);
    if (!p->exit_set) {
        p->exit_set = 1;
        push(now + 1 + (int64_t)(years_until(0.06) * YEAR), EXIT, i, 0);
    }
}

static void fill(int pool, int64_t now) {
    for (;;) {
        int32_t k = first_waiting(pool);
        if (k < 0) return;
        int32_t i = nodes[k].person;
        int lane = nodes[k].lane;
        if (used[pool] + ledger[people[i].lane[lane].row].size > capacity[pool]) return;
        place(i, lane, pool, now);
    }
}

static int bed_class(const Person *p) { return p->known >= 5 ? 0 : p->alone ? 1 : 2; }

static void ask_bed(int32_t i, int64_t now) {
    Person *p = &people[i];
    int resource = p->dementia ? DEMENTIA : p->known >= 4 ? NURSING : GENERAL;
    int pool = p->district * RESOURCES + resource;
    open_row(i, LANE_BED, 1, now);
    p->bed_sequence++;
    join(i, LANE_BED, pool, bed_class(p));
    fill(pool, now);
    if (p->state[LANE_BED] != WAITING) return;
    push(now + 1 + (int64_t)(years_until(6.0) * YEAR), PATIENCE, i, p->bed_sequence);
    push(now + 1 + (int64_t)(years_until(0.25) * YEAR), WITHDRAW, i, p->bed_sequence);
}

static void look_elsewhere(int32_t i, int64_t now) {
    Person *p = &people[i];
    int resource = nodes[p->lane[LANE_BED].node].pool % RESOURCES;
    for (int n = 1; n <= ELSEWHERE && p->state[LANE_BED] == WAITING; n++) {
        int pool = (p->district + n * 3) % DISTRICTS * RESOURCES + resource;
        join(i, LANE_BED, pool, bed_class(p) + 3);
        fill(pool, now);
    }
}

static void choose(int32_t i, int64_t now) {
    Person *p = &people[i];
    if (p->inclination < 0.04 * p->known && p->state[LANE_BED] == IDLE && !p->exit_set) ask_bed(i, now);
    if (p->state[LANE_BED] == SERVED) return;
    int size = p->known >= 5 ? 700 : p->known >= 4 ? 500 : 300, pool = p->district * RESOURCES + HOME;
    if (p->state[LANE_HOME] == IDLE && p->inclination < 0.85) {
        open_row(i, LANE_HOME, size, now);
        join(i, LANE_HOME, pool, p->known >= 5 ? 0 : 1);
        fill(pool, now);
    } else if (p->state[LANE_HOME] == SERVED && p->size != size) {
        close_row(i, LANE_HOME, now);
        open_row(i, LANE_HOME, size, now);
        ledger[p->lane[LANE_HOME].row].start = (int32_t)now;
        p->state[LANE_HOME] = SERVED;
        used[pool] += size - p->size;
        p->size = size;
        fill(pool, now);
    }
}

/* ---- assessors ---- */

static int64_t after_work(int64_t now, int64_t seconds) {
    int64_t day = now / DAY, at = now % DAY;
    for (;; day++, at = 0) {
        if (day % 7 >= 5) continue;
        int64_t start = at < OPENING ? OPENING : at, left = OPENING + WORK - start;
        if (left < 0) left = 0;
        if (seconds <= left) return day * DAY + start + seconds;
        seconds -= left;
    }
}

static void send_teams(int district, int64_t now) {
    int pool = district * RESOURCES + ASSESS;
    while (used[pool] < capacity[pool]) {
        int32_t k = first_waiting(pool);
        if (k < 0) return;
        int32_t i = nodes[k].person;
        leave_lists(i, LANE_ASSESS);
        people[i].state[LANE_ASSESS] = SERVED;
        used[pool]++;
        push(after_work(now, CASE), DONE, i, 0);
    }
}

static void ask_assessment(int32_t i, int rank, int64_t now) {
    Person *p = &people[i];
    if (p->state[LANE_ASSESS] != IDLE) return;
    open_row(i, LANE_ASSESS, 1, now);
    join(i, LANE_ASSESS, p->district * RESOURCES + ASSESS, rank);
    send_teams(p->district, now);
}

static void renew_later(int32_t i, int64_t now, double part) {
    int64_t wait = ((uniform() < 0.5 ? 365 : 730) - 60) * (int64_t)DAY;
    push(now + 1 + (int64_t)(wait * part), RENEW, i, ++people[i].result);
}

static void result(int32_t i, int64_t now) {
    Person *p = &people[i];
    used[p->district * RESOURCES + ASSESS]--;
    send_teams(p->district, now);
    if (!p->alive) return;
    ledger[p->lane[LANE_ASSESS].row].start = (int32_t)now;
    close_row(i, LANE_ASSESS, now);
    p->known = p->level;
    renew_later(i, now, 1.0);
    choose(i, now);
}

/* ---- lives ---- */

static void plan_life(int32_t i, int64_t now) {
    static const double rates[] = {0.135, 0.06, 0.03, 0.02}; /* end, worse, better, looked at again */
    double u = uniform() * 0.245;
    int what = 0;
    while (what < 3 && u > rates[what]) u -= rates[what++];
    people[i].next_life = (int8_t)what;
    push(now + 1 + (int64_t)(years_until(0.245) * YEAR), LIFE, i, 0);
}

static void live(int32_t i, int64_t now) {
    Person *p = &people[i];
    if (p->next_life == 0) {
        p->alive = 0;
        end_claim(i, LANE_BED, now);
        end_claim(i, LANE_HOME, now);
        if (p->state[LANE_ASSESS] == WAITING) end_claim(i, LANE_ASSESS, now);
        return;
    }
    if (p->next_life == 1 && p->level < 6) p->level++;
    if (p->next_life == 2 && p->level > 2) p->level--;
    if (p->known) ask_assessment(i, 1, now);
    plan_life(i, now);
}

static void handle(Event event, int64_t now, int kind) {
    int32_t i = event.person;
    Person *p = &people[i];
    int waits = p->state[LANE_BED] == WAITING && event.sequence == p->bed_sequence;
    if (kind == DONE) result(i, now);
    else if (!p->alive) return;
    else if (kind == LIFE) live(i, now);
    else if (kind == START) {
        plan_life(i, now);
        push(p->apply > now ? p->apply : now, APPLY, i, 0);
    } else if (kind == APPLY && p->onset == 0) { /* holds a level since before */
        p->known = p->level;
        renew_later(i, now, uniform());
        choose(i, now);
    } else if (kind == APPLY) ask_assessment(i, 0, now);
    else if (kind == RENEW && event.sequence == p->result) ask_assessment(i, 2, now);
    else if (kind == EXIT) end_claim(i, LANE_BED, now);
    else if (kind == PATIENCE && waits) look_elsewhere(i, now);
    else if (kind == WITHDRAW && waits) {
        leave_lists(i, LANE_BED);
        p->state[LANE_BED] = GIVEN_UP;
    }
}

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    int32_t n = atoi(argv[1]);
    end_of_run = (int64_t)(atof(argv[2]) * YEAR);
    state = strtoull(argv[3], NULL, 10);
    people = aligned_alloc(64, (size_t)n * sizeof *people);
    if (!people || sizeof *people != 128) return 1;
    memset(people, 0, (size_t)n * sizeof *people);
    memset(head, -1, sizeof head);
    memset(tail, -1, sizeof tail);
    for (int pool = 0; pool < DISTRICTS * RESOURCES; pool++) {
        static const double share[RESOURCES] = {130.0, 0.030, 0.042, 0.008, 0.000285};
        capacity[pool] = 1 + (int64_t)(share[pool % RESOURCES] * n / DISTRICTS);
    }
    clock_t begin = clock();
    for (int32_t i = 0; i < n; i++) {
        Person *p = &people[i];
        p->inclination = uniform();
        p->onset = i < 0.356 * n ? 0 : (int32_t)(uniform() * end_of_run);
        p->apply = p->onset ? p->onset + (int32_t)(years_until(8.0) * YEAR) : (int32_t)(uniform() * DAY);
        p->district = (int8_t)(uniform() * DISTRICTS);
        p->level = (int8_t)(2 + uniform() * 5);
        p->alone = uniform() < 0.2;
        p->dementia = uniform() < 0.1;
        p->alive = 1;
        for (int lane = 0; lane < 8; lane++) p->lane[lane] = (Lane){-1, -1};
        push(p->onset, START, i, 0);
    }
    int64_t total = 0;
    while (n_heap > 0) {
        Event event = pop();
        int kind = (int)(event.when & 15);
        handled[kind]++;
        total++;
        handle(event, event.when >> 4, kind);
    }
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    printf("{\"people\": %d, \"events\": %lld, \"rows\": %lld, \"seconds\": %.4f, \"kinds\": [", n,
           (long long)total, (long long)n_rows, seconds);
    for (int kind = 0; kind < KINDS; kind++)
        printf("%s%lld", kind ? ", " : "", (long long)handled[kind]);
    printf("]}\n");
    return 0;
}
