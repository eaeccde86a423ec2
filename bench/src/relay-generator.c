/*
 * Loads an RTP relay: L legs, each a socket of its own that sends 172 bytes every 20 ms to its port of the relay and
 * takes what comes back. Leg 2i and leg 2i+1 are one call.
 *
 *   relay-generator BASE SECONDS WARM PID < ports      (one relay port a line, leg by leg)
 *
 * Prints one line of JSON: packets sent and received in the measured time, the delay from our send to the kernel's
 * receive stamp, the processor time of process PID and our own, and legs that heard nothing.
 *
 * payload, from byte 12:  send time u64 ns | leg u32 | measured u8 | filler
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PACKET = 172, LEGS_MAX = 8192, BIN_NS = 10000, BINS = 100000, EVENTS = 256 };

static uint64_t clock_ns(clockid_t which) {
  struct timespec t;
  clock_gettime(which, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Time on a processor of all threads of a process, in seconds; /proc/PID/stat would count in hundredths of a second. */
static double cpu_of(int pid) {
  char path[320];
  snprintf(path, sizeof path, "/proc/%d/task", pid);
  DIR *threads = opendir(path);
  if (threads == NULL) return -1;
  double ns = 0, one;
  for (struct dirent *thread; (thread = readdir(threads)) != NULL;) {
    snprintf(path, sizeof path, "/proc/%d/task/%s/schedstat", pid, thread->d_name);
    FILE *file = thread->d_name[0] == '.' ? NULL : fopen(path, "r");
    if (file == NULL) continue; /* A thread that has just ended. */
    if (fscanf(file, "%lf", &one) == 1) ns += one;
    fclose(file);
  }
  closedir(threads);
  return ns / 1e9;
}

static int leg_socket(int port) {
  int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  int bytes = 1 << 18, on = 1;
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
  if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) != 0) {
    fprintf(stderr, "leg port %d: %s\n", port, strerror(errno));
    exit(1);
  }
  return fd;
}

static void put32(uint8_t *to, uint32_t value) {
  to[0] = (uint8_t)(value >> 24);
  to[1] = (uint8_t)(value >> 16);
  to[2] = (uint8_t)(value >> 8);
  to[3] = (uint8_t)value;
}

static uint32_t histogram[BINS];
static uint32_t heard[LEGS_MAX];
/* What was sent before this is from an earlier run, held up by a stall: it is nobody's now. */
static uint64_t began_at;

/* Takes all that waits on one leg's socket; returns how many measured packets it was. */
static uint64_t take(int fd, uint32_t legs, uint64_t *wrong) {
  uint64_t count = 0;
  for (;;) {
    uint8_t packet[2048], control[64];
    struct iovec part = {packet, sizeof packet};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t got = recvmsg(fd, &message, 0);
    if (got < 0) return count;
    if (got != PACKET) continue; /* RTCP, or nothing of ours. */
    uint64_t sent_at, came_at;
    uint32_t leg;
    memcpy(&sent_at, packet + 12, 8);
    memcpy(&leg, packet + 20, 4);
    if (sent_at < began_at) continue;
    if (leg >= legs) {
      *wrong += 1;
      continue;
    }
    heard[leg] += 1;
    if (packet[24] != 1) continue;
    came_at = clock_ns(CLOCK_REALTIME);
    struct cmsghdr *stamp = CMSG_FIRSTHDR(&message);
    if (stamp != NULL && stamp->cmsg_type == SCM_TIMESTAMPNS) {
      struct timespec t;
      memcpy(&t, CMSG_DATA(stamp), sizeof t);
      came_at = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
    }
    uint64_t bin = came_at > sent_at ? (came_at - sent_at) / BIN_NS : 0;
    histogram[bin < BINS ? bin : BINS - 1] += 1;
    count += 1;
  }
}

static double percentile(uint64_t total, double share) {
  uint64_t sum = 0;
  for (uint32_t bin = 0; bin < BINS; bin++) {
    sum += histogram[bin];
    if (total > 0 && (double)sum >= share * (double)total) return (bin + 1) * (BIN_NS / 1e6);
  }
  return -1;
}

int main(int argc, char **argv) {
  if (argc != 5) return 2;
  int base = atoi(argv[1]), pid = atoi(argv[4]);
  double seconds = atof(argv[2]), warm = atof(argv[3]);
  static struct sockaddr_in to[LEGS_MAX];
  static int fds[LEGS_MAX];
  static uint16_t sequence[LEGS_MAX];
  uint32_t legs = 0;
  int port;
  while (legs < LEGS_MAX && scanf("%d", &port) == 1) {
    to[legs].sin_family = AF_INET;
    to[legs].sin_port = htons((uint16_t)port);
    to[legs].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fds[legs] = leg_socket(base + 2 * (int)legs);
    legs++;
  }
  /* Sequence numbers go on from one run to the next, as those of a phone that fell silent. */
  uint32_t sequence_from = (uint32_t)(clock_ns(CLOCK_MONOTONIC) / 20000000u);
  for (uint32_t leg = 0; leg < legs; leg++) sequence[leg] = (uint16_t)sequence_from;
  int poll_fd = epoll_create1(0);
  for (uint32_t leg = 0; leg < legs; leg++) {
    struct epoll_event want = {.events = EPOLLIN, .data.u32 = leg};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, fds[leg], &want);
  }

  began_at = clock_ns(CLOCK_REALTIME);
  uint64_t start = clock_ns(CLOCK_MONOTONIC), made = 0, sent = 0, received = 0, wrong = 0, refused = 0;
  uint64_t measure_from = (uint64_t)(warm * 1e9), measure_to = (uint64_t)((warm + seconds) * 1e9);
  int measuring = 0;
  double cpu_from = 0, cpu_to = 0;
  uint64_t wall_from = 0, wall_to = 0;
  for (;;) {
    uint64_t t = clock_ns(CLOCK_MONOTONIC) - start;
    if (measuring == 0 && t >= measure_from) {
      measuring = 1;
      cpu_from = cpu_of(pid);
      wall_from = t;
    }
    if (measuring == 1 && t >= measure_to) {
      measuring = 2;
      cpu_to = cpu_of(pid);
      wall_to = t;
    }
    if (t > measure_to + 200000000u) break;

    uint64_t due = t * legs / 20000000u;
    for (int burst = 0; made < due && measuring < 2 && burst < 256; burst++, made++) {
      /* Strides through the legs, so that neighbours do not speak at the same moment. */
      uint32_t leg = (uint32_t)(made % legs), measured = measuring == 1;
      uint8_t packet[PACKET];
      memset(packet, 0xd5, sizeof packet);
      packet[0] = 0x80;
      packet[1] = 0;
      packet[2] = (uint8_t)(sequence[leg] >> 8);
      packet[3] = (uint8_t)sequence[leg];
      put32(packet + 4, sequence[leg] * 160u);
      put32(packet + 8, 0x10000u + leg);
      sequence[leg]++;
      uint64_t stamp = clock_ns(CLOCK_REALTIME);
      memcpy(packet + 12, &stamp, 8);
      memcpy(packet + 20, &leg, 4);
      packet[24] = (uint8_t)measured;
      if (sendto(fds[leg], packet, sizeof packet, 0, (struct sockaddr *)&to[leg], sizeof to[leg]) != PACKET) refused++;
      else if (measured) sent++;
    }
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(poll_fd, events, EVENTS, 0);
    for (int i = 0; i < ready; i++) received += take(fds[events[i].data.u32], legs, &wrong);
    if (ready == 0 && made >= due) {
      struct timespec rest = {0, 100000};
      nanosleep(&rest, NULL);
    }
  }
  uint32_t deaf = 0;
  for (uint32_t leg = 0; leg < legs; leg++) deaf += heard[leg] == 0;
  struct rusage own;
  getrusage(RUSAGE_SELF, &own);
  printf("{\"legs\":%u,\"sent\":%lu,\"received\":%lu,\"refused\":%lu,\"wrong\":%lu,\"deaf\":%u,"
         "\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"maxMs\":%.3f,\"cpuSeconds\":%.6f,\"wallSeconds\":%.3f,\"ownCpuSeconds\":%.3f}\n",
         legs, sent, received, refused, wrong, deaf, percentile(received, 0.5), percentile(received, 0.99),
         percentile(received, 1), cpu_to - cpu_from, (double)(wall_to - wall_from) / 1e9,
         (double)own.ru_utime.tv_sec + (double)own.ru_utime.tv_usec / 1e6 + (double)own.ru_stime.tv_sec +
             (double)own.ru_stime.tv_usec / 1e6);
  return 0;
}
