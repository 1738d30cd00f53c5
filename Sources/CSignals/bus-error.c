// What is said when a mapped file cannot be read. In C, because a signal handler may run no code of Swift's runtime: no allocation, no
// initialisation on first use. Only calls that signal-safety(7) lists.
#define _DEFAULT_SOURCE
#include "CSignals.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

// One handler runs at most: SA_RESETHAND.
static char window[8192];
static char path[PATH_MAX + 1];

static void say(const char *text) {
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t written = write(STDERR_FILENO, text, left);
        if (written <= 0) return;
        text += written;
        left -= (size_t)written;
    }
}

static uintptr_t hexadecimal(const char **text) {
    uintptr_t value = 0;
    for (;; (*text)++) {
        char digit = **text;
        if (digit >= '0' && digit <= '9') value = value << 4 | (uintptr_t)(digit - '0');
        else if (digit >= 'a' && digit <= 'f') value = value << 4 | (uintptr_t)(digit - 'a' + 10);
        else return value;
    }
}

// Takes the path out of a line such as `7f12-7f13 r--s 00000000 08:01 4711    /var/lib/x` when the address lies in it.
static bool take(const char *line, uintptr_t address) {
    uintptr_t start = hexadecimal(&line);
    if (*line++ != '-') return false;
    uintptr_t end = hexadecimal(&line);
    if (address < start || address >= end) return false;
    const char *name = strchr(line, '/');
    if (name == NULL) return false;
    strncpy(path, name, PATH_MAX);
    return true;
}

// proc_pid_maps(5): the kernel's own list, so that nobody has to keep one.
static bool find(uintptr_t address) {
    int maps = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (maps < 0) return false;
    bool found = false;
    size_t held = 0;
    while (!found) {
        ssize_t count = read(maps, window + held, sizeof window - 1 - held);
        if (count <= 0) break;
        held += (size_t)count;
        char *line = window;
        char *stop;
        while (!found && (stop = memchr(line, '\n', held - (size_t)(line - window))) != NULL) {
            *stop = 0;
            found = take(line, address);
            line = stop + 1;
        }
        held -= (size_t)(line - window);
        memmove(window, line, held);
        // No line is that long.
        if (held == sizeof window - 1) held = 0;
    }
    close(maps);
    return found;
}

static void end(int number, siginfo_t *information, void *context) {
    (void)context;
    if (information->si_code <= 0) {
        // Somebody sent it.
        raise(number);
        return;
    }
    if (!find((uintptr_t)information->si_addr)) return;
    say("kasparro: ");
    say(path);
    say(" cannot be read where it is mapped: it was cut, or the disk has failed (see dmesg). The process ends, so that nothing wrong is served or"
        " stored. The next start makes an index (.idx) anew when it is too short or missing; if this comes again, remove that file before it."
        " `kasparro verify` names other damage.\n");
    // The same instruction again, and the signal's own way.
}

void tell_of_bus_errors(void) {
    struct sigaction action = {0};
    action.sa_sigaction = end;
    action.sa_flags = SA_SIGINFO | SA_RESETHAND;
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}
