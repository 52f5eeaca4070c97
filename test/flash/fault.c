// SPDX-License-Identifier: MIT
// Faults of a drive that folders do not have. Loaded before libc (LD_PRELOAD), it lets a call fail with the error number
// FAULT_ERRNO (0: succeed) after it has taken the file FAULT_UNLINK away, if there is one: a board that leaves. The call is
// FAULT_CALL: `open` of a .uf2 file, or the first `sync` of a file of at least FAULT_SIZE octets.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fails(const char *call, off_t size) {
  static int done;
  const char *wanted = getenv("FAULT_CALL");
  if (done || !wanted || strcmp(wanted, call) || size < atol(getenv("FAULT_SIZE"))) return 0;
  done = 1;
  const char *leaving = getenv("FAULT_UNLINK");
  if (leaving) unlink(leaving);
  errno = atoi(getenv("FAULT_ERRNO"));
  return errno != 0;
}

int fdatasync(int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
  struct stat status;
  return fstat(fd, &status) == 0 && fails("sync", status.st_size) ? -1 : real(fd);
}

static int open_by(const char *name, const char *path, int flags, int mode) {
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, name);
  const char *end = strrchr(path, '.');
  if (end && !strcmp(end, ".uf2") && (flags & O_WRONLY) && fails("open", 0)) return -1;
  return real(path, flags, mode);
}

static int mode_of(int flags, va_list rest) { return flags & O_CREAT ? va_arg(rest, int) : 0; }

#define OPEN(name)                                  \
  int name(const char *path, int flags, ...) {      \
    va_list rest;                                   \
    va_start(rest, flags);                          \
    int mode = mode_of(flags, rest);                \
    va_end(rest);                                   \
    return open_by(#name, path, flags, mode);       \
  }

OPEN(open)
OPEN(open64)
