/* Stands between a program and the disk, for the files below SHIM_FOLDER (but for SQLite's shared memory, which is no
 * file that anything is kept in). Built and preloaded by shim.rs.
 *
 * SHIM_CONTROL names a file of five numbers of 64 bits: order, at, how, times, count. While `order` is not 0, writes, truncations
 * and syncs are counted from 1 (anew for each order; the count is written back), and those from `at` on, `times` of them, fail:
 *   how 0: EIO   1: ENOSPC   2: half of a write, EIO for others   4: the process is killed after it
 *
 * SHIM_UNDO names a folder. For every file, what is not synced yet can be undone: each record there, named by the file's
 * number, is: offset, bytes of old content that follow, size of the file before. A sync removes a file's records.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t order, count;

enum kind { WRITE, SYNC, CUT };
enum { FAIL_EIO, FAIL_ENOSPC, FAIL_SHORT, KILL_AFTER = 4, GO_ON };

static ssize_t raw_pwrite(int fd, const void *data, size_t size, off_t at) {
    return syscall(SYS_pwrite64, fd, data, size, at);
}

static ssize_t raw_pread(int fd, void *data, size_t size, off_t at) {
    return syscall(SYS_pread64, fd, data, size, at);
}

static int ours(int fd) {
    const char *folder = getenv("SHIM_FOLDER");
    char link[64], path[4096];
    if (!folder) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n <= 0) return 0;
    path[n] = 0;
    if (strncmp(path, folder, strlen(folder)) != 0) return 0;
    return n < 4 || strcmp(path + n - 4, "-shm") != 0;
}

/* What is to become of the next operation. */
static int fate(void) {
    const char *path = getenv("SHIM_CONTROL");
    uint64_t said[4];
    if (!path) return GO_ON;
    int control = syscall(SYS_openat, AT_FDCWD, path, O_RDWR, 0);
    if (control < 0) return GO_ON;
    int how = GO_ON;
    if (raw_pread(control, said, sizeof said, 0) == sizeof said && said[0] != 0) {
        if (said[0] != order) {
            order = said[0];
            count = 0;
        }
        count++;
        raw_pwrite(control, &count, sizeof count, sizeof said);
        if (count >= said[1] && count - said[1] < said[3]) how = (int)said[2];
    }
    syscall(SYS_close, control);
    return how;
}

static int undo_file(int fd) {
    const char *folder = getenv("SHIM_UNDO");
    struct stat found;
    char path[4096];
    if (!folder || fstat(fd, &found) != 0) return -1;
    snprintf(path, sizeof path, "%s/%llu", folder, (unsigned long long)found.st_ino);
    return syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND, 0600);
}

/* Remembers what a write or a truncation at this place goes over. */
static void remember(int fd, off_t at, size_t size) {
    struct stat found;
    int undo = undo_file(fd);
    if (undo < 0) return;
    if (fstat(fd, &found) == 0) {
        uint64_t head[3] = {(uint64_t)at, 0, (uint64_t)found.st_size};
        char *old = NULL;
        if (at < found.st_size) {
            size_t there = (size_t)(found.st_size - at) < size ? (size_t)(found.st_size - at) : size;
            old = malloc(there ? there : 1);
            ssize_t got = raw_pread(fd, old, there, at);
            head[1] = got > 0 ? (uint64_t)got : 0;
        }
        syscall(SYS_write, undo, head, sizeof head);
        if (head[1]) syscall(SYS_write, undo, old, head[1]);
        free(old);
    }
    syscall(SYS_close, undo);
}

static void forget(int fd) {
    int undo = undo_file(fd);
    if (undo < 0) return;
    syscall(SYS_ftruncate, undo, 0);
    syscall(SYS_close, undo);
}

static void die(void) { syscall(SYS_kill, syscall(SYS_getpid), SIGKILL); }

static ssize_t put(int fd, const void *data, size_t size, off_t at) {
    int how = fate();
    if (how == FAIL_EIO) { errno = EIO; return -1; }
    if (how == FAIL_ENOSPC) { errno = ENOSPC; return -1; }
    if (how == FAIL_SHORT && size > 1) size /= 2;
    remember(fd, at, size);
    ssize_t done = raw_pwrite(fd, data, size, at);
    if (how == KILL_AFTER) die();
    return done;
}

static int other(int fd, enum kind kind, off_t size) {
    int how = fate();
    if (how == FAIL_ENOSPC) { errno = ENOSPC; return -1; }
    if (how == FAIL_EIO || how == FAIL_SHORT) { errno = EIO; return -1; }
    int done;
    if (kind == CUT) {
        struct stat found;
        size_t gone = fstat(fd, &found) == 0 && found.st_size > size ? (size_t)(found.st_size - size) : 0;
        remember(fd, size, gone);
        done = syscall(SYS_ftruncate, fd, size);
    } else {
        done = syscall(SYS_fsync, fd);
        if (done == 0) forget(fd);
    }
    if (how == KILL_AFTER) die();
    return done;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    if (!ours(fd)) return raw_pwrite(fd, data, size, at);
    pthread_mutex_lock(&lock);
    ssize_t done = put(fd, data, size, at);
    pthread_mutex_unlock(&lock);
    return done;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off_t at) { return pwrite(fd, data, size, at); }

ssize_t write(int fd, const void *data, size_t size) {
    if (!ours(fd)) return syscall(SYS_write, fd, data, size);
    pthread_mutex_lock(&lock);
    off_t at = lseek(fd, 0, SEEK_CUR);
    ssize_t done = put(fd, data, size, at);
    if (done > 0) lseek(fd, at + done, SEEK_SET);
    pthread_mutex_unlock(&lock);
    return done;
}

int fsync(int fd) {
    if (!ours(fd)) return syscall(SYS_fsync, fd);
    pthread_mutex_lock(&lock);
    int done = other(fd, SYNC, 0);
    pthread_mutex_unlock(&lock);
    return done;
}

int fdatasync(int fd) { return fsync(fd); }

int ftruncate(int fd, off_t size) {
    if (!ours(fd)) return syscall(SYS_ftruncate, fd, size);
    pthread_mutex_lock(&lock);
    int done = other(fd, CUT, size);
    pthread_mutex_unlock(&lock);
    return done;
}

int ftruncate64(int fd, off_t size) { return ftruncate(fd, size); }
