/*
 * Loads an RTP relay: L legs, each a socket of its own that sends 172 bytes every 20 ms to its port of the relay and
 * takes what comes back. Leg 2i and leg 2i+1 are one call; even legs say 400 Hz, odd ones 1000 Hz.
 *
 *   relay-generator BASE SECONDS WARM PID [blind] < ports      (one relay port a line, leg by leg)
 *   relay-generator BASE follow LEGS PID [blind] < orders
 *
 * `blind` counts what comes back without looking into it: a mixer gives nobody the packets of somebody else. `follow`
 * takes orders while it runs, a line each: `LEG PORT` lets a leg speak to that port and `LEG 0` silences it, `m 1` and
 * `m 0` begin and end the measuring, of which there is one; it ends with its input.
 *
 * Prints one line of JSON: packets sent and received in the measured time, the delay from our send to the kernel's
 * receive stamp, the processor time of process PID and our own, and legs that heard nothing.
 *
 * payload, from byte 12:  send time u64 ns | leg u32 | measured u8 | the rest of 20 ms of a tone
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
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

enum { PACKET = 172, LEGS_MAX = 8192, BIN_NS = 10000, BINS = 100000, EVENTS = 256, PAYLOAD = 160, LINE = 64 };

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

/* G.711 mu-law by its definition. */
static uint8_t mulaw(int linear) {
  int sign = linear < 0 ? 0x80 : 0, magnitude = (linear < 0 ? -linear : linear) + 132, exponent = 7;
  while (exponent > 0 && (magnitude & (0x80 << exponent)) == 0) exponent--;
  return (uint8_t)~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f));
}

/* A tone of which whole periods fit into a packet, so that every packet goes on where the one before ended. */
static void make_tone(uint8_t *into, double hertz) {
  for (int at = 0; at < PAYLOAD; at++) into[at] = mulaw((int)(8000 * sin(2 * M_PI * hertz * at / 8000)));
}

static struct sockaddr_in to[LEGS_MAX];
static int fds[LEGS_MAX];
static uint16_t sequence[LEGS_MAX];
static uint32_t histogram[BINS];
static uint32_t heard[LEGS_MAX];
/* What was sent before this is from an earlier run, held up by a stall: it is nobody's now. */
static uint64_t began_at;

static int blind, follows, measuring;
static uint32_t legs;

/* Takes all that waits on one leg's socket; returns how many measured packets it was. */
static uint64_t take(uint32_t own, uint64_t *wrong) {
  uint64_t count = 0;
  int fd = fds[own];
  for (;;) {
    uint8_t packet[2048], control[64];
    struct iovec part = {packet, sizeof packet};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t got = recvmsg(fd, &message, 0);
    if (got < 0) return count;
    if (got != PACKET) continue; /* RTCP, or nothing of ours. */
    if (blind) {
      heard[own] += 1;
      count += measuring == 1;
      continue;
    }
    uint64_t sent_at, came_at;
    uint32_t leg;
    memcpy(&sent_at, packet + 12, 8);
    memcpy(&leg, packet + 20, 4);
    if (sent_at < began_at) continue;
    if (follows && leg >= legs) continue; /* Ringback, made by the server. */
    if (leg != (own ^ 1u)) {
      *wrong += 1;
      continue;
    }
    heard[own] += 1;
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

static void add_leg(uint32_t leg, int base, int port) {
  to[leg].sin_family = AF_INET;
  to[leg].sin_port = htons((uint16_t)port);
  to[leg].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  fds[leg] = leg_socket(base + 2 * (int)leg);
}

/* One turn of the load: who is due says 20 ms. Returns how many measured packets left. */
static uint64_t speak(uint64_t *made, uint64_t due, uint64_t *refused) {
  static uint8_t tones[2][PAYLOAD];
  if (tones[0][0] == 0) {
    make_tone(tones[0], 400);
    make_tone(tones[1], 1000);
  }
  uint64_t sent = 0;
  for (int burst = 0; *made < due && burst < 256; burst++, *made += 1) {
    /* Strides through the legs, so that neighbours do not speak at the same moment. */
    uint32_t leg = (uint32_t)(*made % legs), measured = measuring == 1;
    if (to[leg].sin_port == 0) continue;
    uint8_t packet[PACKET];
    packet[0] = 0x80;
    packet[1] = 0;
    packet[2] = (uint8_t)(sequence[leg] >> 8);
    packet[3] = (uint8_t)sequence[leg];
    put32(packet + 4, sequence[leg] * 160u);
    put32(packet + 8, 0x10000u + leg);
    memcpy(packet + 12, tones[leg & 1], PAYLOAD);
    sequence[leg]++;
    uint64_t stamp = clock_ns(CLOCK_REALTIME);
    memcpy(packet + 12, &stamp, 8);
    memcpy(packet + 20, &leg, 4);
    packet[24] = (uint8_t)measured;
    if (sendto(fds[leg], packet, sizeof packet, 0, (struct sockaddr *)&to[leg], sizeof to[leg]) != PACKET) *refused += 1;
    else sent += measured;
  }
  return sent;
}

/* Reads orders; returns 0 when there will be no more. */
static int follow(int *order) {
  static char line[LINE];
  static int length;
  char text[4096];
  for (;;) {
    ssize_t got = read(0, text, sizeof text);
    if (got == 0) return 0;
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    for (ssize_t at = 0; at < got; at++) {
      if (text[at] != '\n') {
        if (length < LINE - 1) line[length++] = text[at];
        continue;
      }
      line[length] = 0;
      length = 0;
      unsigned leg, port;
      if (sscanf(line, "m %u", &port) == 1) *order = (int)port;
      else if (sscanf(line, "%u %u", &leg, &port) == 2 && leg < legs) to[leg].sin_port = htons((uint16_t)port);
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 5) return 2;
  int base = atoi(argv[1]), pid = atoi(argv[4]), port;
  double seconds = atof(argv[2]), warm = atof(argv[3]);
  follows = strcmp(argv[2], "follow") == 0;
  blind = argc > 5 && strcmp(argv[5], "blind") == 0;
  if (follows) {
    uint32_t wanted = (uint32_t)atoi(argv[3]);
    while (legs < wanted && legs < LEGS_MAX) add_leg(legs++, base, 0);
    fcntl(0, F_SETFL, fcntl(0, F_GETFL) | O_NONBLOCK);
  } else {
    while (legs < LEGS_MAX && scanf("%d", &port) == 1) add_leg(legs++, base, port);
  }
  if (legs == 0) return 2;
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
  int order = 0, more = 1;
  double cpu_from = 0, cpu_to = 0, own_from = 0, own_to = 0;
  uint64_t wall_from = 0, wall_to = 0, looked_at = 0;
  if (follows) measure_from = measure_to = UINT64_MAX - 1000000000u;
  if (follows) {
    printf("ready\n");
    fflush(stdout);
  }
  for (;;) {
    uint64_t t = clock_ns(CLOCK_MONOTONIC) - start;
    if (follows && t >= looked_at) {
      looked_at = t + 1000000u; /* Orders are looked for every millisecond. */
      more = follow(&order);
      if (order == 1 && measuring == 0) measure_from = t;
      if ((order == 0 || !more) && measuring == 1) measure_to = t;
      if (!more && measuring != 1) measure_to = t < measure_to ? t : measure_to;
    }
    if (measuring == 0 && t >= measure_from) {
      measuring = 1;
      cpu_from = cpu_of(pid);
      own_from = cpu_of(getpid());
      wall_from = t;
    }
    if (measuring == 1 && t >= measure_to) {
      measuring = 2;
      cpu_to = cpu_of(pid);
      own_to = cpu_of(getpid());
      wall_to = t;
    }
    if (t > measure_to + 200000000u && (!follows || !more)) break;

    int speaking = measuring < 2 || (follows && more);
    if (speaking) sent += speak(&made, t * legs / 20000000u, &refused);
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(poll_fd, events, EVENTS, 0);
    for (int i = 0; i < ready; i++) received += take(events[i].data.u32, &wrong);
    if (ready == 0 && (!speaking || made >= t * legs / 20000000u)) {
      struct timespec rest = {0, 100000};
      nanosleep(&rest, NULL);
    }
  }
  uint32_t deaf = 0;
  for (uint32_t leg = 0; leg < legs; leg++) deaf += heard[leg] == 0;
  printf("{\"legs\":%u,\"sent\":%lu,\"received\":%lu,\"refused\":%lu,\"wrong\":%lu,\"deaf\":%u,"
         "\"p50Ms\":%.3f,\"p99Ms\":%.3f,\"maxMs\":%.3f,\"cpuSeconds\":%.6f,\"wallSeconds\":%.3f,\"ownCpuSeconds\":%.3f}\n",
         legs, sent, received, refused, wrong, deaf, percentile(received, 0.5), percentile(received, 0.99),
         percentile(received, 1), cpu_to - cpu_from, (double)(wall_to - wall_from) / 1e9, own_to - own_from);
  return 0;
}
