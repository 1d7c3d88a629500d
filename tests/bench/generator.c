/* The load generator: sends requests made beforehand (generator.py) and checks every answer as it comes.

   generator ADDRESS PORT CONNECTIONS STREAMS COUNT PER_SECOND < REQUESTS
   REQUESTS: the greeting, the header block of a connection's first request, and that of all others, then the
   requests with what must stand in their answers; each is a length of 4 bytes and so many bytes. Requests begin
   anew when all are sent. Without header blocks it is HTTP/1.1, and a request is all that is sent.
   An answer is right if its status is OK and holds the expected bytes in one piece; all others are counted as
   wrong. Written out as JSON. As little is done for an answer as possible: a server is measured, not this.
   Not here: flow control of answers (generator.py opens the windows wide), and HPACK's dynamic table (the greeting
   forbids it to the server), so that trailers are plain text. What is not understood is never taken for right. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 256, STREAMS_MAX = 64, HELD_MAX = 1 << 18, OUT_MAX = 1 << 16, FRAME = 9 };
enum { DATA, HEADERS, RST_STREAM = 3, SETTINGS, PING = 6, GOAWAY, WINDOW_UPDATE, END_STREAM = 1, ACK = 1, END_HEADERS = 4 };
typedef unsigned char byte;
typedef struct { uint32_t size; const byte *bytes; } Text;
typedef struct { int open, matched; uint32_t stream; long request; uint64_t sent_ns; } Slot;
typedef struct { int fd; uint32_t next_stream; long window; size_t held, out; byte in[HELD_MAX], to[OUT_MAX]; Slot slots[STREAMS_MAX]; } Connection;

static Text greeting, first, next, *requests;
static long known, count, begun, ended, right, answer_bytes, per_second;
static int streams;
static uint64_t started_ns, *latencies_ns;
static char wrong[400];
static Connection connections[CONNECTIONS_MAX];

static void die(const char *what) { fprintf(stderr, "generator: %s\n", what); exit(1); }
static uint64_t now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }
static uint32_t number(const byte *b) { return (uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]; }
static int holds(const byte *b, size_t size, Text part) { return memmem(b, size, part.bytes, part.size) != NULL; }

static void put(Connection *c, const byte *bytes, size_t size) {
    if (c->out + size > OUT_MAX) die("more to send than fits");
    memcpy(c->to + c->out, bytes, size);
    c->out += size;
}

static void put_frame(Connection *c, int type, int flags, uint32_t stream, Text text) {
    uint32_t size = text.size;
    byte head[FRAME] = {size >> 16, size >> 8, size, type, flags, stream >> 24, stream >> 16, stream >> 8, stream};
    put(c, head, FRAME);
    put(c, text.bytes, size);
}

static void flush(Connection *c) {
    for (size_t done = 0; done < c->out;) {
        ssize_t sent = send(c->fd, c->to + done, c->out - done, MSG_NOSIGNAL);
        if (sent <= 0) die("the server closed a connection");
        done += sent;
    }
    c->out = 0;
}

static int due(void) {
    return begun < count && (!per_second || begun <= (now_ns() - started_ns) * 1e-9 * per_second);
}

static void begin(Connection *c) { /* requests for all slots that are free */
    for (Slot *s = c->slots; s < c->slots + streams && due(); s++) {
        Text text = requests[begun % known * 2];
        if (s->open || c->window < text.size) continue;
        *s = (Slot){1, 0, c->next_stream, begun % known, now_ns()};
        if (first.size) {
            put_frame(c, HEADERS, END_HEADERS, s->stream, s->stream == 1 ? first : next);
            put_frame(c, DATA, END_STREAM, s->stream, text);
            c->window -= text.size;
            c->next_stream += 2;
        } else put(c, text.bytes, text.size);
        begun++;
    }
    flush(c);
}

static void end(Slot *s, int ok, const byte *said, size_t size) {
    latencies_ns[ended++] = now_ns() - s->sent_ns;
    s->open = 0;
    if (ok && s->matched) right++;
    else if (!*wrong)
        for (size_t i = 0; i < size && i < sizeof wrong - 1; i++)
            wrong[i] = said[i] < 32 || said[i] > 126 || said[i] == '"' || said[i] == '\\' ? ' ' : said[i];
}

static void match(Slot *s, const byte *data, size_t size) {
    answer_bytes += size;
    s->matched |= holds(data, size, requests[s->request * 2 + 1]);
}

static void take_frame(Connection *c, int type, int flags, uint32_t stream, const byte *data, size_t size) {
    static const Text status_ok = {13, (const byte *)"\x0bgrpc-status\x01" "0"}, none = {0, (const byte *)""};
    if (type == SETTINGS && !(flags & ACK)) put_frame(c, SETTINGS, ACK, 0, none);
    if (type == PING && !(flags & ACK)) put_frame(c, PING, ACK, 0, (Text){size, data});
    if (type == WINDOW_UPDATE && !stream) c->window += number(data);
    if (type == GOAWAY) die("the server said goodbye");
    for (Slot *s = c->slots; s < c->slots + streams; s++) {
        if (!s->open || s->stream != stream) continue;
        if (type == DATA) match(s, data, size);
        if (type == RST_STREAM) end(s, 0, (const byte *)"reset", 5);
        else if (flags & END_STREAM && type <= HEADERS) end(s, type == HEADERS && holds(data, size, status_ok), data, size);
    }
}

static size_t take_http1(Connection *c) { /* Returns the size of the answer, 0 while it is not whole. */
    byte *body = memmem(c->in, c->held, "\r\n\r\n", 4);
    if (!body) return 0;
    *body = 0;
    char *length = strcasestr((char *)c->in, "\r\ncontent-length:");
    size_t head = body + 4 - c->in, size = length ? strtoul(length + 17, NULL, 10) : 0;
    *body = '\r';
    if (head + size > c->held) return 0;
    match(c->slots, c->in + head, size);
    end(c->slots, !memcmp(c->in, "HTTP/1.1 2", 10), c->in, head + size);
    return head + size;
}

static void take(Connection *c) {
    ssize_t got = recv(c->fd, c->in + c->held, HELD_MAX - 1 - c->held, MSG_DONTWAIT);
    if (got <= 0) die("the server closed a connection");
    size_t taken = 0;
    c->held += got;
    if (!first.size) taken = take_http1(c);
    else while (c->held - taken >= FRAME) {
        byte *f = c->in + taken;
        size_t size = number(f) >> 8;
        if (c->held - taken < FRAME + size) break;
        take_frame(c, f[3], f[4], number(f + 5), f + FRAME, size);
        taken += FRAME + size;
    }
    c->held -= taken;
    memmove(c->in, c->in + taken, c->held);
}

static Text read_text(void) {
    byte size[4];
    if (fread(size, 1, 4, stdin) != 4) return (Text){0, NULL};
    Text text = {number(size), malloc(number(size) + 1)};
    if (fread((byte *)text.bytes, 1, text.size, stdin) != text.size) die("a request is cut off");
    return text;
}

static int by_size(const void *a, const void *b) { uint64_t x = *(uint64_t *)a, y = *(uint64_t *)b; return (x > y) - (x < y); }

int main(int argc, char **argv) {
    if (argc != 7) die("six arguments");
    int used = atoi(argv[3]);
    streams = atoi(argv[4]), count = atol(argv[5]), per_second = atol(argv[6]);
    if (used > CONNECTIONS_MAX || streams > STREAMS_MAX) die("too much at once");
    greeting = read_text(), first = read_text(), next = read_text();
    for (Text one; (one = read_text()).bytes; known += 1) {
        requests = realloc(requests, (known + 1) * 2 * sizeof one);
        requests[known * 2] = one, requests[known * 2 + 1] = read_text();
    }
    latencies_ns = malloc(count * sizeof *latencies_ns);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[2])), .sin_addr = {inet_addr(argv[1])}};
    struct pollfd polled[CONNECTIONS_MAX];
    for (int i = 0, on = 1; i < used; i++) {
        Connection *c = connections + i;
        c->fd = socket(AF_INET, SOCK_STREAM, 0), c->next_stream = 1, c->window = 65535;
        if (connect(c->fd, (struct sockaddr *)&to, sizeof to)) die("cannot connect");
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        polled[i] = (struct pollfd){c->fd, POLLIN, 0};
        put(c, greeting.bytes, greeting.size);
        flush(c);
    }
    started_ns = now_ns();
    for (int i = 0; i < used; i++) begin(connections + i);
    while (ended < count) {
        if (poll(polled, used, per_second ? 1 : 60000) < 0) die("poll");
        for (int i = 0; i < used; i++) {
            if (polled[i].revents) take(connections + i);
            if (polled[i].revents || per_second) begin(connections + i);
        }
    }
    double seconds = (now_ns() - started_ns) * 1e-9;
    qsort(latencies_ns, count, sizeof *latencies_ns, by_size);
    printf("{\"right\": %ld, \"seconds\": %.6f, \"data_bytes\": %ld, \"p50_ms\": %.6f, \"p99_ms\": %.6f, \"wrong\": \"%s\"}\n",
           right, seconds, answer_bytes, latencies_ns[count / 2] * 1e-6, latencies_ns[count * 99 / 100] * 1e-6, wrong);
}
