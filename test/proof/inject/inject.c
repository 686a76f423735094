// Makes one system call of a process fail: a library to preload (LD_PRELOAD), for Linux. It counts the calls of each kind
// that concern a folder, whichever thread makes them, so that "the third fsync" means the same in every run.
//
// INJECT_FOLDER  the folder, with links resolved
// INJECT_LOG     a file outside of it: a line KIND PATH for each call
// INJECT_FAULT   KIND:N:WHAT[:on] makes the Nth call of a kind fail with the error number WHAT, or transfer fewer bytes if it
//                is "short"; with :on, all later ones of the kind, too
// INJECT_KEEP    a folder outside of it: keeps each file that a rename has put in place, as 1, 2, …
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN, READ, WRITE, FSYNC, RENAME, FTRUNCATE, UNLINK, CLOSE, CHMOD, CHOWN, STAT, READLINK, KINDS };
static const char *const NAMES[KINDS] = {"open",   "read",  "write", "fsync", "rename", "ftruncate",
                                         "unlink", "close", "chmod", "chown", "stat", "readlink"};
enum { SHORT = -1, NONE = 0 };

static long (*kernel)(long, ...);
static char folder[PATH_MAX];
static size_t folder_length;
static int log_file = -1;
static const char *keep;
static atomic_int kept;
static atomic_int counts[KINDS];
static int fault_kind = -1, fault_nth, fault_what, fault_goes_on;

__attribute__((constructor)) static void start(void) {
  kernel = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  const char *name = getenv("INJECT_FOLDER");
  if (!name) return;
  snprintf(folder, sizeof folder, "%s", name);
  folder_length = strlen(folder);
  const char *log = getenv("INJECT_LOG");
  if (log) log_file = kernel(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  keep = getenv("INJECT_KEEP");
  const char *fault = getenv("INJECT_FAULT");
  char kind[16], what[16], on[4] = "";
  if (!fault || sscanf(fault, "%15[^:]:%d:%15[^:]:%3s", kind, &fault_nth, what, on) < 3) return;
  for (int i = 0; i < KINDS; i++)
    if (strcmp(kind, NAMES[i]) == 0) fault_kind = i;
  fault_what = strcmp(what, "short") == 0 ? SHORT : atoi(what);
  fault_goes_on = on[0] != 0;
}

static int concerns(const char *path) {
  return folder_length && strncmp(path, folder, folder_length) == 0 && (path[folder_length] == '/' || !path[folder_length]);
}

/** Counts a call; returns what it is to do: NONE, SHORT or an error number. */
static int count(enum kind kind, const char *path) {
  if (!concerns(path)) return NONE;
  if (log_file >= 0) {
    char line[PATH_MAX + 32];
    int length = snprintf(line, sizeof line, "%s %s\n", NAMES[kind], path);
    kernel(SYS_write, log_file, line, (size_t)length);
  }
  int nth = atomic_fetch_add(&counts[kind], 1) + 1;
  if ((int)kind != fault_kind) return NONE;
  return nth == fault_nth || (fault_goes_on && nth > fault_nth) ? fault_what : NONE;
}

static int count_path(enum kind kind, int at, const char *path) {
  char whole[2 * PATH_MAX];
  if (path[0] == '/' || at != AT_FDCWD) return count(kind, path);
  if (kernel(SYS_getcwd, whole, (size_t)PATH_MAX) < 0) return NONE;
  size_t length = strlen(whole);
  snprintf(whole + length, sizeof whole - length, "/%s", path);
  return count(kind, whole);
}

static int count_file(enum kind kind, int file) {
  char link[32], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  long length = kernel(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  if (length < 0) return NONE;
  path[length] = 0;
  return count(kind, path);
}

static long fail(int error) {
  errno = error;
  return -1;
}

/** Half of a length, and at least one byte. */
static size_t part(size_t length) { return length > 1 ? length / 2 : length; }

static int open_at(int at, const char *path, int flags, va_list more) {
  int mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, int) : 0;
  int what = count_path(OPEN, at, path);
  return what > 0 ? fail(what) : kernel(SYS_openat, at, path, flags, mode);
}

#define OPENING(name)                                   \
  int name(const char *path, int flags, ...) {          \
    va_list more;                                       \
    va_start(more, flags);                              \
    int file = open_at(AT_FDCWD, path, flags, more);    \
    va_end(more);                                       \
    return file;                                        \
  }
OPENING(open)
OPENING(open64)

#define TRANSFER(name, kind, pointer, ...)                                      \
  {                                                                             \
    int what = count_file(kind, file);                                          \
    if (what > 0) return fail(what);                                            \
    if (what == SHORT) length = part(length);                                   \
    return kernel(name, file, pointer, length, ##__VA_ARGS__);                  \
  }

ssize_t read(int file, void *bytes, size_t length) TRANSFER(SYS_read, READ, bytes)
ssize_t write(int file, const void *bytes, size_t length) TRANSFER(SYS_write, WRITE, bytes)
ssize_t pread64(int file, void *bytes, size_t length, off64_t at) TRANSFER(SYS_pread64, READ, bytes, at)
ssize_t pread(int file, void *bytes, size_t length, off_t at) TRANSFER(SYS_pread64, READ, bytes, at)
ssize_t pwrite64(int file, const void *bytes, size_t length, off64_t at) TRANSFER(SYS_pwrite64, WRITE, bytes, at)
ssize_t pwrite(int file, const void *bytes, size_t length, off_t at) TRANSFER(SYS_pwrite64, WRITE, bytes, at)

/** Of several pieces, a short transfer takes the first. */
#define SCATTERED(name, kind, ...)                              \
  {                                                             \
    int what = count_file(kind, file);                          \
    if (what > 0) return fail(what);                            \
    if (what == SHORT && pieces == 1)                           \
      return kernel(SYS_writev, file, &(struct iovec){piece->iov_base, part(piece->iov_len)}, 1); \
    return kernel(name, file, piece, what == SHORT ? 1 : pieces, ##__VA_ARGS__); \
  }
ssize_t writev(int file, const struct iovec *piece, int pieces) SCATTERED(SYS_writev, WRITE)

int fsync(int file) {
  int what = count_file(FSYNC, file);
  return what > 0 ? fail(what) : kernel(SYS_fsync, file);
}

int fdatasync(int file) {
  int what = count_file(FSYNC, file);
  return what > 0 ? fail(what) : kernel(SYS_fdatasync, file);
}

int ftruncate64(int file, off64_t length) {
  int what = count_file(FTRUNCATE, file);
  return what > 0 ? fail(what) : kernel(SYS_ftruncate, file, length);
}

int fchmod(int file, mode_t mode) {
  int what = count_file(CHMOD, file);
  return what > 0 ? fail(what) : kernel(SYS_fchmod, file, mode);
}

int fchown(int file, uid_t user, gid_t group) {
  int what = count_file(CHOWN, file);
  return what > 0 ? fail(what) : kernel(SYS_fchown, file, user, group);
}

int rename(const char *from, const char *to) {
  int what = count_path(RENAME, AT_FDCWD, to);
  if (what > 0) return fail(what);
  int result = kernel(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
  if (result == 0 && keep && concerns(to)) {
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s/%d", keep, atomic_fetch_add(&kept, 1) + 1);
    // A file in place is only ever replaced, never changed, so another name keeps it.
    kernel(SYS_linkat, AT_FDCWD, to, AT_FDCWD, copy, 0);
  }
  return result;
}

int unlink(const char *path) {
  int what = count_path(UNLINK, AT_FDCWD, path);
  return what > 0 ? fail(what) : kernel(SYS_unlinkat, AT_FDCWD, path, 0);
}

static int closing(int file) {
  int what = count_file(CLOSE, file);
  // Linux closes the file whatever it reports.
  int result = kernel(SYS_close, file);
  return what > 0 ? fail(what) : result;
}

int close(int file) { return closing(file); }

/** A look at where a path leads is one call, however many the library makes of it. */
char *realpath(const char *path, char *resolved) {
  static char *(*find)(const char *, char *);
  if (!find) find = (char *(*)(const char *, char *))dlsym(RTLD_NEXT, "realpath");
  int what = count_path(READLINK, AT_FDCWD, path);
  if (what > 0) {
    errno = what;
    return NULL;
  }
  return find(path, resolved);
}

ssize_t readlink(const char *path, char *target, size_t length) {
  int what = count_path(READLINK, AT_FDCWD, path);
  return what > 0 ? fail(what) : kernel(SYS_readlinkat, AT_FDCWD, path, target, length);
}

/** libuv makes some calls by their number. */
long syscall(long number, ...) {
  if (!kernel) start();
  va_list more;
  va_start(more, number);
  long a = va_arg(more, long), b = va_arg(more, long), c = va_arg(more, long);
  long d = va_arg(more, long), e = va_arg(more, long), f = va_arg(more, long);
  va_end(more);
  if (number == SYS_close) return closing(a);
  if (number == SYS_statx) {
    const char *path = (const char *)b;
    int what = path && path[0] ? count_path(STAT, a, path) : count_file(STAT, a);
    if (what > 0) return fail(what);
  }
  return kernel(number, a, b, c, d, e, f);
}
