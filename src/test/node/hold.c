/* hold TID: stops one thread of another process, and nothing else of it, until one of the two ends. */
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

int main(int count, char **words) {
  pid_t thread = atoi(words[1]);
  if (ptrace(PTRACE_SEIZE, thread, 0, 0) || ptrace(PTRACE_INTERRUPT, thread, 0, 0)) {
    return 1;
  }
  int status;
  while (waitpid(thread, &status, __WALL) == thread && !WIFEXITED(status) && !WIFSIGNALED(status)) {
  }
  return 0;
}
