/* Holds something of another process still, and nothing else of it, until this program or the other one ends:

     hold thread ID     one thread
     hold file FILE     whoever opens the file, which is made if it is missing */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static int hold_thread(pid_t thread) {
  if (ptrace(PTRACE_SEIZE, thread, 0, 0) || ptrace(PTRACE_INTERRUPT, thread, 0, 0)) {
    return 1;
  }
  int status;
  while (waitpid(thread, &status, __WALL) == thread && !WIFEXITED(status) && !WIFSIGNALED(status)) {
  }
  return 0;
}

/* The kernel tells a lease's holder of the other by a signal, and waits for the holder to let go. */
static int hold_file(const char *name) {
  signal(SIGIO, SIG_IGN);
  int file = open(name, O_RDWR | O_CREAT, 0600);
  if (file < 0 || write(file, "held\n", 5) != 5 || fcntl(file, F_SETLEASE, F_WRLCK)) {
    return 1;
  }
  pause();
  return 0;
}

int main(int count, char **words) {
  if (count != 3) {
    return 2;
  }
  return strcmp(words[1], "file") ? hold_thread(atoi(words[2])) : hold_file(words[2]);
}
