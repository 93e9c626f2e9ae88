/* The small care network as a plain C program: a binary heap of events, deaths while waiting as
 * events too. Prints the CPU seconds of the loop, then every result's mean and standard deviation.
 *
 *     cc -O2 -o heap heap.c -lm && ./heap 1000 1
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ARRIVAL, ASSESSED, LEFT, GAVE_UP };
enum { NOWHERE, WAITING, SERVED };
enum { ARRIVALS, ASSESSMENTS, DIED_FIRST, DIED_SECOND, PLACED, DEPARTED, WAIT, OCCUPIED, RESULTS };

#define DAYS 1826.0
#define MOST 20000 /* elders of a replication: 4 a day come to 7,304, standard deviation 85 */
#define EVENTS (4 * MOST)

static const char *NAMES[RESULTS] = {"arr",    "assessed", "died1", "died2",
                                     "placed", "left",     "mean_wait_of_placed_days",
                                     "mean_occupied_beds"};

/* --- chance: xoshiro256++ of Blackman and Vigna, seeded by splitmix64 --- */

static uint64_t state[4];

static uint64_t splitmix(uint64_t *x) {
    uint64_t z = (*x += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static uint64_t turned(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

static uint64_t next_word(void) {
    uint64_t word = turned(state[0] + state[3], 23) + state[0], moved = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= moved;
    state[3] = turned(state[3], 45);
    return word;
}

static double uniform(void) { return ((double)(next_word() >> 11) + 0.5) * 0x1p-53; }

static double exponential(double mean) { return -mean * log(uniform()); }

static double lognormal(double location, double scale) {
    double radius = sqrt(-2.0 * log(uniform()));
    return exp(location + scale * radius * cos(2.0 * M_PI * uniform()));
}

/* --- pending events --- */

typedef struct {
    double time;
    int32_t kind, elder;
} Event;

static Event heap[EVENTS];
static int pending;

static void push(double time, int kind, int elder) {
    if (time >= DAYS) return;
    if (pending == EVENTS) abort();
    int i = pending++;
    for (; i > 0 && heap[(i - 1) / 2].time > time; i = (i - 1) / 2) heap[i] = heap[(i - 1) / 2];
    heap[i] = (Event){time, kind, elder};
}

static Event pop(void) {
    Event first = heap[0], last = heap[--pending];
    int i = 0;
    for (;;) {
        int child = 2 * i + 1;
        if (child >= pending) break;
        if (child + 1 < pending && heap[child + 1].time < heap[child].time) child++;
        if (last.time <= heap[child].time) break;
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
    return first;
}

/* --- elders and their lists: stage 0 the assessors, stage 1 the beds --- */

typedef struct {
    double asked;
    int32_t before, after;
    int8_t rank, stage, status;
} Elder;

static Elder elders[MOST];
static int head[2][3], tail[2][3], in_use[2], n_elder;
static const int capacity[2] = {5, 200};
static const double patience[2] = {365.0, 180.0};
static double result[RESULTS], location, scale;

static void serve(int i, double now) {
    Elder *e = &elders[i];
    e->status = SERVED;
    in_use[e->stage]++;
    if (e->stage == 0) {
        push(now + exponential(1.0), ASSESSED, i);
        return;
    }
    double end = now + lognormal(location, scale);
    result[PLACED]++;
    result[WAIT] += now - e->asked;
    result[OCCUPIED] += (end < DAYS ? end : DAYS) - now;
    push(end, LEFT, i);
}

static void leave_list(int i) {
    Elder *e = &elders[i];
    if (e->before >= 0) elders[e->before].after = e->after;
    else head[e->stage][e->rank] = e->after;
    if (e->after >= 0) elders[e->after].before = e->before;
    else tail[e->stage][e->rank] = e->before;
}

static void ask(int i, int stage, double now) {
    Elder *e = &elders[i];
    e->stage = (int8_t)stage;
    e->asked = now;
    if (in_use[stage] < capacity[stage]) {
        serve(i, now);
        return;
    }
    e->status = WAITING;
    e->after = -1;
    e->before = tail[stage][e->rank];
    if (e->before >= 0) elders[e->before].after = i;
    else head[stage][e->rank] = i;
    tail[stage][e->rank] = i;
    push(now + exponential(patience[stage]), GAVE_UP, i + stage * MOST);
}

static void free_place(int stage, double now) {
    in_use[stage]--;
    for (int rank = 0; rank < 3; rank++) {
        int i = head[stage][rank];
        if (i < 0) continue;
        leave_list(i);
        serve(i, now);
        return;
    }
}

static void arrive(double now) {
    if (n_elder == MOST) abort();
    int i = n_elder++;
    double u = uniform();
    elders[i].rank = u < 0.2 ? 0 : (u < 0.5 ? 1 : 2);
    result[ARRIVALS]++;
    push(now + exponential(0.25), ARRIVAL, -1);
    ask(i, 0, now);
}

static void handle(Event event) {
    int stage = event.elder >= MOST, i = event.elder - stage * MOST;
    if (event.kind == ARRIVAL) {
        arrive(event.time);
    } else if (event.kind == ASSESSED) {
        result[ASSESSMENTS]++;
        free_place(0, event.time);
        ask(i, 1, event.time);
    } else if (event.kind == LEFT) {
        elders[i].status = NOWHERE;
        result[DEPARTED]++;
        free_place(1, event.time);
    } else if (elders[i].status == WAITING && elders[i].stage == stage) {
        leave_list(i);
        elders[i].status = NOWHERE;
        result[DIED_FIRST + stage]++;
    }
}

static void replicate(uint64_t key) {
    for (int k = 0; k < 4; k++) state[k] = splitmix(&key);
    for (int k = 0; k < RESULTS; k++) result[k] = 0.0;
    for (int k = 0; k < 6; k++) head[k / 3][k % 3] = tail[k / 3][k % 3] = -1;
    pending = n_elder = in_use[0] = in_use[1] = 0;
    push(exponential(0.25), ARRIVAL, -1);
    while (pending > 0) handle(pop());
    result[WAIT] /= result[PLACED];
    result[OCCUPIED] /= DAYS;
}

int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 100;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    double sum[RESULTS] = {0}, square[RESULTS] = {0};
    double variance = log1p(1.5 * 1.5);
    location = log(60.0) - variance / 2;
    scale = sqrt(variance);
    clock_t begin = clock();
    for (int r = 0; r < n; r++) {
        replicate(seed * 1000003u + (uint64_t)r);
        for (int k = 0; k < RESULTS; k++) {
            sum[k] += result[k];
            square[k] += result[k] * result[k];
        }
    }
    printf("cpu_seconds %.6f\n", (double)(clock() - begin) / CLOCKS_PER_SEC);
    for (int k = 0; k < RESULTS; k++) {
        double mean = sum[k] / n;
        printf("%s %.9g %.9g\n", NAMES[k], mean, sqrt((square[k] - n * mean * mean) / (n - 1)));
    }
    return 0;
}
