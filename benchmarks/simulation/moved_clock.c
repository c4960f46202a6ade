/* Preloaded into a server: its clocks say what lies in the file MOVED_CLOCK (microseconds), and its hash seeds follow from that. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile int64_t *page;

static int64_t now(void) {
    if (!page) {
        const char *path = getenv("MOVED_CLOCK");
        int file = path ? open(path, O_RDONLY) : -1;
        void *mapped = file < 0 ? MAP_FAILED : mmap(NULL, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
        if (mapped == MAP_FAILED) abort();
        page = mapped;
    }
    return *page;
}

int gettimeofday(struct timeval *restrict tv, void *restrict zone) {
    int64_t at = now();
    (void)zone;
    tv->tv_sec = at / 1000000;
    tv->tv_usec = at % 1000000;
    return 0;
}

int clock_gettime(clockid_t clock, struct timespec *ts) {
    int64_t at = now();
    (void)clock;
    ts->tv_sec = at / 1000000;
    ts->tv_nsec = at % 1000000 * 1000;
    return 0;
}

time_t time(time_t *there) {
    time_t at = now() / 1000000;
    if (there) *there = at;
    return at;
}

pid_t getpid(void) { return 4711; }

static FILE *opened(const char *name, const char *path, const char *mode) {
    FILE *(*real)(const char *, const char *) = (FILE * (*)(const char *, const char *)) dlsym(RTLD_NEXT, name);
    return strcmp(path, "/dev/urandom") ? real(path, mode) : NULL;
}

FILE *fopen(const char *restrict path, const char *restrict mode) { return opened("fopen", path, mode); }
FILE *fopen64(const char *restrict path, const char *restrict mode) { return opened("fopen64", path, mode); }
