/* Writes down how much of each file is on the disk for sure: its size before the last fsync that went well.
   Loaded before the C library (LD_PRELOAD); SYNCED names the folder, each file in it is named by an inode. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static int noted(const char *name, int fd) {
    struct stat before;
    int known = !fstat(fd, &before);
    int result = ((int (*)(int))dlsym(RTLD_NEXT, name))(fd);
    const char *folder = getenv("SYNCED");
    if (result || !known || !folder) return result;
    char path[4096], size[32];
    snprintf(path, sizeof path, "%s/%llu", folder, (unsigned long long)before.st_ino);
    int length = snprintf(size, sizeof size, "%020lld\n", (long long)before.st_size);
    int note = open(path, O_CREAT | O_WRONLY, 0600);
    if (note >= 0) {
        if (pwrite(note, size, length, 0) < 0) abort();
        close(note);
    }
    return result;
}

int fsync(int fd) { return noted("fsync", fd); }
int fdatasync(int fd) { return noted("fdatasync", fd); }
