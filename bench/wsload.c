/*
 * wsload - single-threaded WebSocket (RFC 6455) fan-out load generator.
 *
 * Opens N client connections, lets S of them publish templated text frames and
 * counts how often every published message is delivered back to the members of
 * its room.  Every message carries a marker "%%<ns>:<number>%%" ({mark} in the
 * template): when it was sent and which one it is.  Receivers look for markers
 * anywhere in a payload, so a frame carrying several batched messages counts as
 * several deliveries, and what came of each message is known: how many have it,
 * when the last one got it, and with -A what the server answered to it.
 * Prints one JSON object.
 *
 * Linux only.  Build: gcc -O2 -Wall -o wsload wsload.c        Usage: wsload -?
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char USAGE[] =
"usage: wsload [options]\n"
"connections\n"
"  -h HOST          IPv4 address                         (default 127.0.0.1)\n"
"  -p P[,P...]      port(s), connections are spread over them (default 8000)\n"
"  -u PATH          request path; {room} and {conn} are replaced (default /)\n"
"  -n N             number of connections                (default 100)\n"
"  -r ROOMS         number of rooms, connection i is in room i%ROOMS (default 1)\n"
"  -H 'K: V'        extra request header, repeatable; {room}/{conn} replaced\n"
"  -F FILE          more request headers: connection i takes line i of the file\n"
"                   (modulo its length; in a churn handshake i does), a tab\n"
"                   stands between two headers\n"
"  -b BASE          {room} is BASE + the number of the room (default 0)\n"
"  -P PROTO         Sec-WebSocket-Protocol\n"
"  -z               offer permessage-deflate (compressed frames are counted as\n"
"                   one delivery each, without latency)\n"
"  -c CONC          connection attempts in flight        (default 64)\n"
"  -a K             spread over K source addresses 127.0.0.2.. (default off)\n"
"  -t SEC           give up connecting after SEC         (default 240)\n"
"session start\n"
"  -g TEXT          hello frame sent by every connection; {room}/{conn} replaced\n"
"  -w TEXT          connection is ready only after a frame containing TEXT came\n"
"  -e               engine.io v4 / socket.io v4 client: answer open with '40',\n"
"                   '2' with '3'; hello is sent after the connect ack\n"
"  -s SEC           settle time before measuring         (default 1)\n"
"load\n"
"  -S S             publishers: connections 0..S-1       (default 0 = idle)\n"
"  -R RATE          total messages/s, open loop\n"
"  -W WINDOW        closed loop instead: keep WINDOW messages outstanding\n"
"  -D SEC           measured duration (idle: hold time)  (default 5)\n"
"  -U SEC           unmeasured warm-up under the same load (default 1)\n"
"  -m TEMPLATE      message; {mark}, {seq}, {room}, {conn}, {uuid}; put {mark}\n"
"                   into what comes back\n"
"  -A               every message is answered with a reply that holds its {seq}\n"
"                   as ref; what was refused is not expected to be delivered\n"
"  -x               sender does not get its own message back\n"
"  -K K             the last K connections stop reading once up (slow clients);\n"
"                   they are excluded from the expected deliveries\n"
"  -B BYTES         SO_RCVBUF of the slow clients\n"
"  -d SEC           drain: end when nothing arrived for SEC (default 1)\n"
"  -C               churn: handshake, close, repeat for -D sec with -n slots\n"
"  -I               several loads on the same connections: print a report once\n"
"                   they are up, then read one load a line from stdin and print\n"
"                   a report after each: W WINDOW | R RATE | H 0 (hold), then\n"
"                   warm-up, measured and drain seconds: R 500 1 3 1.5\n"
"reporting\n"
"  -i NAME=PID      report CPU and RSS of a server process and its children,\n"
"                   repeatable\n"
"  -l LABEL         copied to the output\n"
"  -v               progress on stderr\n";

/* ------------------------------------------------------------- utilities */

#define MAXPORTS 64
#define MAXHDRS 32
#define MAXPROCS 16
#define READ_CHUNK (256 * 1024)
#define WS_KEY "dGhlIHNhbXBsZSBub25jZQ=="          /* the RFC's example ...   */
#define WS_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="   /* ... so no SHA-1 needed  */

static void die(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fputs("wsload: ", stderr);
    vfprintf(stderr, fmt, ap);
    fputc('\n', stderr);
    va_end(ap);
    exit(2);
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct buf { uint8_t *p; size_t len, cap; };

static void buf_reserve(struct buf *b, size_t cap)
{
    if (b->cap >= cap) return;
    size_t want = b->cap ? b->cap : 512;
    while (want < cap) want *= 2;
    b->p = realloc(b->p, want);
    if (!b->p) die("out of memory");
    b->cap = want;
}

static void buf_add(struct buf *b, const void *p, size_t n)
{
    buf_reserve(b, b->len + n);
    memcpy(b->p + b->len, p, n);
    b->len += n;
}

static void buf_free(struct buf *b) { free(b->p); memset(b, 0, sizeof *b); }

/* ---------------------------------------------------- latency histogram */

#define SUB 64                       /* sub-buckets per power of two: ~1.5 % */
struct hist { uint64_t bucket[64 * SUB], n, max; double sum; };

/* to each receiver; to the last receiver of a message; of the reply         */
static struct hist lat, last, answer;

static void hist_add(struct hist *h, uint64_t ns)
{
    unsigned idx;
    if (ns < SUB) idx = (unsigned)ns;
    else {
        unsigned msb = 63 - (unsigned)__builtin_clzll(ns);
        idx = (msb - 5) * SUB + (unsigned)((ns >> (msb - 6)) & (SUB - 1));
    }
    h->bucket[idx]++;
    h->n++;
    h->sum += (double)ns;
    if (ns > h->max) h->max = ns;
}

static double hist_ms(const struct hist *h, double q)
{
    uint64_t want = (uint64_t)(q * (double)h->n), seen = 0;
    for (unsigned i = 0; i < 64 * SUB; i++) {
        seen += h->bucket[i];
        if (h->bucket[i] && seen >= want) {
            if (i < SUB) return i / 1e6;
            unsigned msb = i / SUB + 5;
            double v = (double)((uint64_t)(SUB + i % SUB) << (msb - 6));
            return v / 1e6;
        }
    }
    return (double)h->max / 1e6;
}

static void hist_print(const char *name, const struct hist *h)
{
    if (!h->n) { printf("\"%s\":null,", name); return; }
    printf("\"%s\":{\"mean\":%.3f,\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,"
           "\"p999\":%.3f,\"max\":%.3f},", name, h->sum / (double)h->n / 1e6,
           hist_ms(h, .5), hist_ms(h, .9), hist_ms(h, .99), hist_ms(h, .999),
           (double)h->max / 1e6);
}

/* --------------------------------------------------------------- options */

static struct {
    const char *host, *path, *proto, *hello, *ready, *tmpl, *label, *headers_file;
    const char *hdrs[MAXHDRS];
    int nhdrs, ports[MAXPORTS], nports;
    int n, rooms, base, conc, nsrc, publishers, window, slow, rcvbuf;
    int deflate, eio, churn, noecho, verbose, replies, interactive;
    double connect_timeout, settle, rate, duration, warmup, drain;
} o = {
    .host = "127.0.0.1", .path = "/", .label = "",
    .tmpl = "{\"message\":\"{mark} hello, this is a chat message of "
            "quite an ordinary length.\"}",
    .n = 100, .rooms = 1, .conc = 64, .connect_timeout = 240, .settle = 1,
    .duration = 5, .warmup = 1, .drain = 1,
};

static uint64_t random64(void)
{
    static uint64_t x;
    if (!x) x = now_ns() | 1;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return x * 0x2545f4914f6cdd1du;
}

/* Expands {name} placeholders; unknown ones are copied verbatim. */
static void expand(struct buf *b, const char *t, int room, int conn,
                   uint64_t seq, uint64_t ts)
{
    char num[64];
    while (*t) {
        const char *q = strchrnul(t, '{');
        buf_add(b, t, (size_t)(q - t));
        t = q;
        if (!*t) break;
        int n;
        size_t skip;
        if (!strncmp(t, "{mark}", 6)) {
            n = snprintf(num, sizeof num, "%%%%%llu:%llu%%%%", (unsigned long long)ts,
                         (unsigned long long)seq);
            skip = 6;
        } else if (!strncmp(t, "{uuid}", 6)) {
            uint64_t h = random64(), l = random64();
            n = snprintf(num, sizeof num, "%08x-%04x-4%03x-%04x-%012llx",
                         (unsigned)(h >> 32), (unsigned)(h >> 16 & 0xffff),
                         (unsigned)(h & 0xfff), (unsigned)(0x8000 | (l >> 48 & 0x3fff)),
                         (unsigned long long)(l & 0xffffffffffffu));
            skip = 6;
        } else if (!strncmp(t, "{seq}", 5)) {
            n = snprintf(num, sizeof num, "%llu", (unsigned long long)seq);
            skip = 5;
        } else if (!strncmp(t, "{room}", 6)) {
            n = snprintf(num, sizeof num, "%d", o.base + room);
            skip = 6;
        } else if (!strncmp(t, "{conn}", 6)) {
            n = snprintf(num, sizeof num, "%d", conn);
            skip = 6;
        } else { buf_add(b, t++, 1); continue; }
        buf_add(b, num, (size_t)n);
        t += skip;
    }
}

/* Lines of -F; a tab in a line stands between two headers. */
static char **lines;
static size_t nlines;

static void read_lines(const char *name)
{
    FILE *f = fopen(name, "r");
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;
    if (!f) die("%s: %s", name, strerror(errno));
    while ((n = getline(&line, &cap, f)) > 0) {
        while (n && (line[n - 1] == '\n' || line[n - 1] == '\r')) line[--n] = 0;
        if (!n) continue;
        lines = realloc(lines, (nlines + 1) * sizeof *lines);
        if (!lines || !(lines[nlines++] = strdup(line))) die("out of memory");
    }
    free(line);
    fclose(f);
    if (!nlines) die("%s: no lines", name);
}

/* ----------------------------------------------------- watched processes */

static struct proc {
    char name[32];
    int pid;
    double cpu_start, cpu_up, cpu_t0, cpu_end;
    long rss_start, rss_up, rss_end, rss_max;
} procs[MAXPROCS];
static int nprocs;

/* With the children that it has and those that it had. */
static double proc_cpu(int pid)
{
    char path[64], line[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f) return 0;
    size_t n = fread(line, 1, sizeof line - 1, f);
    fclose(f);
    line[n] = 0;
    char *p = strrchr(line, ')');
    unsigned long ut = 0, st = 0;
    long cut = 0, cst = 0;
    if (p) sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %ld %ld",
                  &ut, &st, &cut, &cst);
    double total = (double)((long)(ut + st) + cut + cst) / (double)sysconf(_SC_CLK_TCK);
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", pid, pid);
    f = fopen(path, "r");
    if (!f) return total;
    int child;
    while (fscanf(f, "%d", &child) == 1) total += proc_cpu(child);
    fclose(f);
    return total;
}

static long proc_rss_kb(int pid)
{
    char path[64];
    long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *f = fopen(path, "r");
    if (!f) return 0;
    if (fscanf(f, "%*d %ld", &pages) != 1) pages = 0;
    fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static double own_cpu(void)
{
    struct rusage ru;
    getrusage(RUSAGE_SELF, &ru);
    return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
           (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

static void procs_sample_rss(void)
{
    for (int i = 0; i < nprocs; i++) {
        long r = proc_rss_kb(procs[i].pid);
        if (r > procs[i].rss_max) procs[i].rss_max = r;
    }
}

/* ----------------------------------------------------------- connections */

enum state { IDLE, CONNECTING, HANDSHAKE, OPENING, UP, CLOSING, DEAD };

struct conn {
    int fd, idx, room;
    uint8_t state, slow, want_out, in_fragment;
    struct buf in;      /* incomplete frame (or HTTP response head)          */
    struct buf msg;     /* fragments of an unfinished message                */
    struct buf out;     /* bytes the kernel did not take yet                 */
};

static struct conn *conns;
static int *members;                 /* reading members per room             */
static int ep;
static struct buf work;              /* shared read buffer                   */

static int n_inflight, n_up, n_next, n_failed, n_closed, last_close_code;
static uint64_t handshakes;
static uint64_t frames_rx, bytes_rx;
static uint64_t all_sent, all_delivered, written_off;   /* for the window    */
static uint64_t all_expected;
static uint64_t t0 = UINT64_MAX, t_last;   /* measured part                  */
static uint64_t m_sent, m_expected, m_delivered, m_frames, m_bytes;
static uint64_t m_answered, m_ok, m_busy, m_limited, m_other_refusals, doubled, attempts;
static int stop_sending, churning;
static double own_t0, own_end;
static uint64_t wall_end;

/* What came of each message; its number is its place. */
struct message {
    uint64_t ts;
    uint32_t got, fan;
    uint64_t *seen;              /* a bit for each connection of its room    */
    uint8_t is_measured, is_answered, is_ok;
};
static struct message *messages;
static uint64_t nmessages, messages_cap, phase_first;   /* of the load under way */

static struct message *message_new(uint64_t seq, uint64_t ts, uint32_t fan)
{
    if (seq >= messages_cap) {
        uint64_t cap = messages_cap ? messages_cap * 2 : 4096;
        while (cap <= seq) cap *= 2;
        messages = realloc(messages, cap * sizeof *messages);
        if (!messages) die("out of memory");
        memset(messages + messages_cap, 0, (cap - messages_cap) * sizeof *messages);
        messages_cap = cap;
    }
    if (seq >= nmessages) nmessages = seq + 1;
    uint64_t *seen = calloc((size_t)(o.n / o.rooms) / 64 + 1, sizeof *seen);
    if (!seen) die("out of memory");
    messages[seq] = (struct message){ .ts = ts, .fan = fan, .seen = seen, .is_measured = ts >= t0 };
    return &messages[seq];
}

static void begin_measured(void)
{
    for (int i = 0; i < nprocs; i++) procs[i].cpu_t0 = proc_cpu(procs[i].pid);
    own_t0 = own_cpu();
    t0 = now_ns();
}

static void set_events(struct conn *c, int out)
{
    struct epoll_event ev = { .events = EPOLLIN | (out ? EPOLLOUT : 0u),
                              .data.ptr = c };
    if (epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &ev) < 0 && errno != ENOENT)
        die("epoll_ctl: %s", strerror(errno));
    c->want_out = (uint8_t)out;
}

static void conn_start(struct conn *c);

static void conn_end(struct conn *c, int failed)
{
    if (c->fd >= 0) close(c->fd);
    c->fd = -1;
    if (c->state >= CONNECTING && c->state <= OPENING) n_inflight--;
    if (c->state == UP) { n_up--; n_closed++; }
    if (failed && c->state != UP && c->state != CLOSING) n_failed++;
    buf_free(&c->in);
    buf_free(&c->msg);
    buf_free(&c->out);
    c->in_fragment = 0;
    c->state = DEAD;
    if (churning) conn_start(c);
}

static void conn_write(struct conn *c, const void *p, size_t n)
{
    if (!c->out.len) {
        ssize_t k = send(c->fd, p, n, MSG_NOSIGNAL);
        if (k < 0 && errno != EAGAIN) return;   /* the read side will notice */
        if (k < 0) k = 0;
        if ((size_t)k == n) return;
        p = (const char *)p + k;
        n -= (size_t)k;
    }
    buf_add(&c->out, p, n);
    if (!c->want_out) set_events(c, 1);
}

static void conn_flush(struct conn *c)
{
    while (c->out.len) {
        ssize_t k = send(c->fd, c->out.p, c->out.len, MSG_NOSIGNAL);
        if (k <= 0) return;
        memmove(c->out.p, c->out.p + k, c->out.len - (size_t)k);
        c->out.len -= (size_t)k;
    }
    set_events(c, 0);
}

/* Sends one masked frame. */
static void ws_send(struct conn *c, int opcode, const uint8_t *p, size_t n)
{
    static struct buf f;
    static uint32_t rnd = 0x9e3779b9;
    uint8_t h[14], *m;
    size_t hl = 2;
    rnd = rnd * 1664525 + 1013904223;
    h[0] = (uint8_t)(0x80 | opcode);
    if (n < 126) h[1] = (uint8_t)(0x80 | n);
    else if (n < 65536) {
        h[1] = 0x80 | 126; h[2] = (uint8_t)(n >> 8); h[3] = (uint8_t)n; hl = 4;
    } else {
        h[1] = 0x80 | 127;
        for (int i = 0; i < 8; i++) h[2 + i] = (uint8_t)((uint64_t)n >> (56 - 8 * i));
        hl = 10;
    }
    m = h + hl;
    memcpy(m, &rnd, 4);
    f.len = 0;
    buf_add(&f, h, hl + 4);
    buf_reserve(&f, f.len + n);
    for (size_t i = 0; i < n; i++) f.p[f.len + i] = p[i] ^ m[i & 3];
    f.len += n;
    conn_write(c, f.p, f.len);
}

static void conn_start(struct conn *c)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    int one = 1, k = c->idx;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("socket: %s", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (c->slow && o.rcvbuf)
        setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &o.rcvbuf, sizeof o.rcvbuf);
    if (o.nsrc > 0) {
        setsockopt(c->fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        a.sin_addr.s_addr = htonl(0x7f000002u + (uint32_t)(k % o.nsrc));
        if (bind(c->fd, (void *)&a, sizeof a) < 0) die("bind: %s", strerror(errno));
    }
    if (inet_pton(AF_INET, o.host, &a.sin_addr) != 1) die("bad host %s", o.host);
    a.sin_port = htons((uint16_t)o.ports[(k + k / o.rooms) % o.nports]);
    c->state = CONNECTING;
    n_inflight++;
    if (connect(c->fd, (void *)&a, sizeof a) < 0 && errno != EINPROGRESS) {
        if (o.verbose) fprintf(stderr, "connect: %s\n", strerror(errno));
        churning = 0;
        conn_end(c, 1);
        return;
    }
    struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT, .data.ptr = c };
    c->want_out = 1;
    if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev) < 0) die("epoll_ctl: %s", strerror(errno));
}

static void send_handshake(struct conn *c)
{
    struct buf b = { 0 };
    char tmp[256];
    buf_add(&b, "GET ", 4);
    expand(&b, o.path, c->room, c->idx, 0, 0);
    int n = snprintf(tmp, sizeof tmp,
        " HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: " WS_KEY "\r\nSec-WebSocket-Version: 13\r\n",
        o.host, o.ports[(c->idx + c->idx / o.rooms) % o.nports]);
    buf_add(&b, tmp, (size_t)n);
    if (o.deflate) {
        static const char z[] = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
        buf_add(&b, z, sizeof z - 1);
    }
    if (o.proto)
        buf_add(&b, tmp, (size_t)snprintf(tmp, sizeof tmp,
                "Sec-WebSocket-Protocol: %s\r\n", o.proto));
    for (int i = 0; i < o.nhdrs; i++) {
        expand(&b, o.hdrs[i], c->room, c->idx, 0, 0);
        buf_add(&b, "\r\n", 2);
    }
    if (nlines) {
        uint64_t which = o.churn ? attempts++ : (uint64_t)c->idx;
        for (const char *p = lines[which % nlines]; *p; p++)
            if (*p == '\t') buf_add(&b, "\r\n", 2);
            else buf_add(&b, p, 1);
        buf_add(&b, "\r\n", 2);
    }
    buf_add(&b, "\r\n", 2);
    c->state = HANDSHAKE;
    set_events(c, 0);
    conn_write(c, b.p, b.len);
    buf_free(&b);
}

static void send_hello(struct conn *c)
{
    struct buf b = { 0 };
    if (!o.hello) return;
    expand(&b, o.hello, c->room, c->idx, 0, 0);
    ws_send(c, 1, b.p, b.len);
    buf_free(&b);
}

static void conn_ready(struct conn *c)
{
    c->state = UP;
    n_inflight--;
    n_up++;
    handshakes++;
    if (churning) {                       /* polite close, server ends TCP   */
        static const uint8_t code[2] = { 0x03, 0xe8 };
        ws_send(c, 8, code, 2);
        c->state = CLOSING;
        n_up--;
    } else if (c->slow) {
        epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, NULL);   /* never read again     */
    }
}

/* A message has arrived at one connection. */
static int delivered(const struct conn *c, uint64_t seq, uint64_t ts, uint64_t now)
{
    if (seq >= nmessages || messages[seq].ts != ts) return 0;   /* an old one */
    struct message *m = &messages[seq];
    int place = c->idx / o.rooms;
    uint64_t bit = (uint64_t)1 << (place & 63);
    if (m->seen[place >> 6] & bit) { doubled++; return 0; }
    m->seen[place >> 6] |= bit;
    if (m->got >= m->fan) return 0;                 /* refused and sent anyway */
    m->got++;
    if (seq < phase_first) return 0;                /* of a load that is over */
    all_delivered++;
    if (!m->is_measured) return 0;
    m_delivered++;
    t_last = now;
    uint64_t took = now > ts ? now - ts : 0;
    hist_add(&lat, took);
    if (m->got == m->fan) hist_add(&last, took);
    return 1;
}

/* Replies among the objects of a frame: {"type":"reply","ref":7,"ok":true,…}. */
static void read_replies(const uint8_t *p, size_t n, uint64_t now)
{
    static const char head[] = "\"type\":\"reply\",\"ref\":", code[] = "\"code\":\"";
    const uint8_t *end = p + n;
    while ((p = memmem(p, (size_t)(end - p), head, sizeof head - 1))) {
        uint64_t seq = 0;
        p += sizeof head - 1;
        const uint8_t *q = p;
        while (q < end && *q >= '0' && *q <= '9') seq = seq * 10 + (*q++ - '0');
        if (q == p || seq >= nmessages || messages[seq].is_answered) continue;
        struct message *m = &messages[seq];
        int ok = end - q > 10 && !memcmp(q, ",\"ok\":true", 10);
        m->is_answered = 1;
        m->is_ok = (uint8_t)ok;
        if (seq < phase_first) continue;
        if (!ok) {                           /* nobody is to wait for it any more */
            all_expected -= m->fan;
            all_delivered -= m->got;
            if (m->is_measured) { m_expected -= m->fan; m_delivered -= m->got; }
            m->fan = 0;
        }
        if (!m->is_measured) continue;
        m_answered++;
        if (ok) { m_ok++; hist_add(&answer, now > m->ts ? now - m->ts : 0); continue; }
        const char *c = memmem(q, (size_t)(end - q), code, sizeof code - 1);
        if (c && !strncmp(c + sizeof code - 1, "busy\"", 5)) m_busy++;
        else if (c && !strncmp(c + sizeof code - 1, "rate_limited\"", 13)) m_limited++;
        else m_other_refusals++;
    }
}

/* One complete message (rsv1: compressed) arrived. */
static void on_message(struct conn *c, const uint8_t *p, size_t n, int rsv1)
{
    frames_rx++;
    if (o.eio && n && p[0] == '2') { ws_send(c, 1, (const uint8_t *)"3", 1); return; }
    if (c->state == OPENING) {
        if (o.eio && n && p[0] == '0') { ws_send(c, 1, (const uint8_t *)"40", 2); return; }
        if (o.eio && n > 1 && p[0] == '4' && p[1] == '0') {
            send_hello(c);
            if (!o.ready) conn_ready(c);
            return;
        }
        if (o.ready && memmem(p, n, o.ready, strlen(o.ready))) conn_ready(c);
        return;
    }
    uint64_t now = now_ns();
    int counted = 0;
    if (rsv1) {
        all_delivered++;
        if (now >= t0) { m_delivered++; counted = 1; t_last = now; }
    } else {
        const uint8_t *start = p, *end = p + n;
        while ((p = memmem(p, (size_t)(end - p), "%%", 2))) {
            uint64_t ts = 0, seq = 0;
            const uint8_t *q = p + 2;
            while (q < end && *q >= '0' && *q <= '9') ts = ts * 10 + (*q++ - '0');
            if (q == p + 2 || q + 3 > end || *q != ':') { p += 1; continue; }
            for (q++; q < end && *q >= '0' && *q <= '9'; q++) seq = seq * 10 + (*q - '0');
            if (q + 2 > end || q[0] != '%' || q[1] != '%') { p += 1; continue; }
            p = q + 2;
            counted |= delivered(c, seq, ts, now);
        }
        if (o.replies && c->idx < o.publishers) read_replies(start, n, now);
    }
    if (counted) { m_frames++; m_bytes += n; }
}

/* Returns 0 when the connection is gone. */
static int on_frame(struct conn *c, int b0, const uint8_t *p, size_t n)
{
    int op = b0 & 15, fin = b0 & 0x80;
    if (op == 9) { ws_send(c, 10, p, n); return 1; }
    if (op == 10) return 1;
    if (op == 8) {
        last_close_code = n >= 2 ? p[0] << 8 | p[1] : 1005;
        if (c->state != CLOSING) ws_send(c, 8, p, n >= 2 ? 2 : 0);
        conn_end(c, 1);
        return 0;
    }
    if (fin && !c->in_fragment) {
        on_message(c, p, n, b0 & 0x40);
        return c->fd >= 0;
    }
    static int rsv1;                       /* only used for complete messages */
    if (!c->in_fragment) rsv1 = b0 & 0x40;
    buf_add(&c->msg, p, n);
    c->in_fragment = 1;
    if (fin) {
        on_message(c, c->msg.p, c->msg.len, rsv1);
        c->msg.len = 0;
        c->in_fragment = 0;
    }
    return c->fd >= 0;
}

static void on_readable(struct conn *c)
{
    size_t have = c->in.len, pos = 0;
    buf_reserve(&work, have + READ_CHUNK);
    if (have) memcpy(work.p, c->in.p, have);
    ssize_t k = recv(c->fd, work.p + have, READ_CHUNK, 0);
    if (k < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (k <= 0) { conn_end(c, 1); return; }
    bytes_rx += (uint64_t)k;
    have += (size_t)k;

    if (c->state == HANDSHAKE) {
        uint8_t *e = memmem(work.p, have, "\r\n\r\n", 4);
        if (e) {
            size_t head = (size_t)(e - work.p) + 4;
            if (have < 12 || memcmp(work.p + 9, "101", 3) ||
                !memmem(work.p, head, WS_ACCEPT, sizeof WS_ACCEPT - 1)) {
                if (o.verbose)
                    fprintf(stderr, "refused: %.*s\n", (int)(head < 120 ? head : 120),
                            (char *)work.p);
                conn_end(c, 1);
                return;
            }
            pos = head;
            c->state = OPENING;
            if (!o.eio) {
                send_hello(c);
                if (!o.ready) conn_ready(c);
            }
        }
    }
    while (c->state >= OPENING && c->state < DEAD && have - pos >= 2) {
        const uint8_t *f = work.p + pos;
        uint64_t len = f[1] & 127, hl = 2;
        if (f[1] & 0x80) { conn_end(c, 1); return; }   /* servers never mask */
        if (len == 126) {
            if (have - pos < 4) break;
            len = (uint64_t)f[2] << 8 | f[3];
            hl = 4;
        } else if (len == 127) {
            if (have - pos < 10) break;
            len = 0;
            for (int i = 2; i < 10; i++) len = len << 8 | f[i];
            hl = 10;
        }
        if (have - pos < hl + len) break;
        pos += hl + len;
        if (!on_frame(c, f[0], f + hl, len)) return;
    }
    c->in.len = 0;
    if (pos < have) buf_add(&c->in, work.p + pos, have - pos);
    else if (c->in.cap > 65536) buf_free(&c->in);
}

static void on_event(struct conn *c, uint32_t ev)
{
    if (c->fd < 0) return;
    if (c->state == CONNECTING) {
        int err = 0;
        socklen_t l = sizeof err;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &l);
        if (err) {
            if (o.verbose) fprintf(stderr, "connect: %s\n", strerror(err));
            conn_end(c, 1);
        } else if (ev & EPOLLOUT) send_handshake(c);
        return;
    }
    if (ev & EPOLLOUT) conn_flush(c);
    if (c->fd >= 0 && (ev & (EPOLLIN | EPOLLHUP | EPOLLERR))) on_readable(c);
}

static void poll_events(uint64_t wait_ns)
{
    static struct epoll_event evs[1024];
    struct timespec ts = { .tv_sec = (time_t)(wait_ns / 1000000000u),
                           .tv_nsec = (long)(wait_ns % 1000000000u) };
    int n = epoll_pwait2(ep, evs, 1024, &ts, NULL);
    if (n < 0 && errno != EINTR) die("epoll_wait: %s", strerror(errno));
    for (int i = 0; i < n; i++) on_event(evs[i].data.ptr, evs[i].events);
}

/* ---------------------------------------------------------------- phases */

static void publish_one(uint64_t seq)
{
    static struct buf b;
    struct conn *c = &conns[seq % (uint64_t)o.publishers];
    if (c->state != UP) return;
    uint64_t ts = now_ns();
    b.len = 0;
    expand(&b, o.tmpl, c->room, c->idx, seq, ts);
    uint64_t fan = (uint64_t)(members[c->room] - (o.noecho && !c->slow));
    message_new(seq, ts, (uint32_t)fan);
    all_sent++;
    all_expected += fan;
    if (ts >= t0) { m_sent++; m_expected += fan; }
    ws_send(c, 1, b.p, b.len);
}

static void connect_all(void)
{
    uint64_t limit = now_ns() + (uint64_t)(o.connect_timeout * 1e9);
    while ((n_next < o.n || n_inflight) && now_ns() < limit) {
        while (n_next < o.n && n_inflight < o.conc) conn_start(&conns[n_next++]);
        poll_events(100000000);
    }
    if (n_inflight) n_failed += n_inflight;
}

static void idle_for(double sec)
{
    uint64_t end = now_ns() + (uint64_t)(sec * 1e9), t, next_rss = 0;
    while ((t = now_ns()) < end) {
        if (t >= next_rss) { procs_sample_rss(); next_rss = t + 100000000; }
        uint64_t w = end - t;
        poll_events(w < 100000000 ? w : 100000000);
    }
}

static void run_load(void)
{
    static uint64_t seq;
    uint64_t start = now_ns(), next_rss = 0;
    uint64_t begin = start + (uint64_t)(o.warmup * 1e9);
    uint64_t end = begin + (uint64_t)(o.duration * 1e9), rate_from = start;
    uint64_t last_progress = start, last_seen = 0, due_base = seq;
    for (;;) {
        uint64_t t = now_ns(), wait = 5000000;
        if (t >= begin && t0 == UINT64_MAX) begin_measured();
        if (t >= next_rss) { procs_sample_rss(); next_rss = t + 100000000; }
        if (all_delivered != last_seen) { last_seen = all_delivered; last_progress = t; }
        if (t >= end && !stop_sending) { stop_sending = 1; last_progress = t; }
        if (stop_sending) {
            if ((m_delivered >= m_expected && (!o.replies || m_answered >= m_sent)) ||
                t - last_progress > (uint64_t)(o.drain * 1e9) ||
                t - end > (uint64_t)30e9) break;
        } else if (o.window) {
            uint64_t outstanding = all_expected - all_delivered - written_off;
            if ((int64_t)outstanding < 0) outstanding = 0;
            if (outstanding && t - last_progress > 500000000u) {
                written_off += outstanding;                     /* lost      */
                outstanding = 0;
                last_progress = t;
            }
            double fan = all_sent ? (double)all_expected / (double)all_sent : 1;
            if (fan < 1) fan = 1;
            double room = o.window - (double)outstanding / fan;
            for (int k = 0; room >= 1 && k < 256; k++, room -= 1) publish_one(seq++);
        } else {
            uint64_t due = due_base + (uint64_t)((double)(t - rate_from) * o.rate / 1e9);
            int k = 0;
            while (seq < due && k++ < 1024) publish_one(seq++);
            uint64_t next = rate_from + (uint64_t)((double)(seq + 1 - due_base) * 1e9 / o.rate);
            t = now_ns();
            wait = next > t ? next - t : 0;
            if (wait > 5000000) wait = 5000000;
        }
        poll_events(wait);
    }
}

/* Forgets what was counted, but not the connections. */
static void begin_load(void)
{
    phase_first = nmessages;
    all_sent = all_delivered = all_expected = written_off = 0;
    m_sent = m_expected = m_delivered = m_frames = m_bytes = 0;
    m_answered = m_ok = m_busy = m_limited = m_other_refusals = doubled = 0;
    memset(&lat, 0, sizeof lat);
    memset(&last, 0, sizeof last);
    memset(&answer, 0, sizeof answer);
    t0 = UINT64_MAX;
    t_last = 0;
    stop_sending = 0;
    procs_sample_rss();
}

static void end_load(void)
{
    own_end = own_cpu();
    wall_end = now_ns();
    for (int i = 0; i < nprocs; i++) {
        procs[i].cpu_end = proc_cpu(procs[i].pid);
        procs[i].rss_end = proc_rss_kb(procs[i].pid);
    }
}

static void hold(void)
{
    begin_measured();
    idle_for(o.duration);
    t_last = now_ns();
}

static void report(double connect_s, uint64_t idle_frames);

static void run_interactive(double connect_s, uint64_t idle_frames)
{
    char line[256], kind;
    double amount;
    begin_measured();
    end_load();
    report(connect_s, idle_frames);
    fflush(stdout);
    while (fgets(line, sizeof line, stdin)) {
        if (sscanf(line, "%c %lf %lf %lf %lf", &kind, &amount, &o.warmup, &o.duration, &o.drain) != 5)
            die("bad line: %s", line);
        begin_load();
        o.window = kind == 'W' ? (int)amount : 0;
        o.rate = kind == 'R' ? amount : 0;
        if (kind == 'H') hold();
        else run_load();
        end_load();
        report(connect_s, idle_frames);
        fflush(stdout);
    }
}

static void run_churn(void)
{
    churning = 1;
    for (int i = 0; i < o.n; i++) conn_start(&conns[i]);
    uint64_t start = now_ns(), begin = start + (uint64_t)(o.warmup * 1e9);
    uint64_t end = begin + (uint64_t)(o.duration * 1e9), t;
    while ((t = now_ns()) < end && (churning || n_inflight)) {
        if (t >= begin && t0 == UINT64_MAX) {
            handshakes = 0;
            begin_measured();
        }
        procs_sample_rss();
        poll_events(100000000);
    }
    t_last = now_ns();
    churning = 0;
}

/* ------------------------------------------------------------------ main */

static void parse_args(int argc, char **argv)
{
    int ch;
    while ((ch = getopt(argc, argv, "h:p:u:n:r:b:H:F:P:zc:a:t:g:w:es:S:R:W:D:U:m:AxK:B:d:CIi:l:v?")) != -1)
        switch (ch) {
        case 'h': o.host = optarg; break;
        case 'p':
            for (char *s = strtok(optarg, ","); s && o.nports < MAXPORTS; s = strtok(NULL, ","))
                o.ports[o.nports++] = atoi(s);
            break;
        case 'u': o.path = optarg; break;
        case 'n': o.n = atoi(optarg); break;
        case 'r': o.rooms = atoi(optarg); break;
        case 'H': if (o.nhdrs < MAXHDRS) o.hdrs[o.nhdrs++] = optarg; break;
        case 'F': o.headers_file = optarg; break;
        case 'b': o.base = atoi(optarg); break;
        case 'A': o.replies = 1; break;
        case 'P': o.proto = optarg; break;
        case 'z': o.deflate = 1; break;
        case 'c': o.conc = atoi(optarg); break;
        case 'a': o.nsrc = atoi(optarg); break;
        case 't': o.connect_timeout = atof(optarg); break;
        case 'g': o.hello = optarg; break;
        case 'w': o.ready = optarg; break;
        case 'e': o.eio = 1; break;
        case 's': o.settle = atof(optarg); break;
        case 'S': o.publishers = atoi(optarg); break;
        case 'R': o.rate = atof(optarg); break;
        case 'W': o.window = atoi(optarg); break;
        case 'D': o.duration = atof(optarg); break;
        case 'U': o.warmup = atof(optarg); break;
        case 'm': o.tmpl = optarg; break;
        case 'x': o.noecho = 1; break;
        case 'K': o.slow = atoi(optarg); break;
        case 'B': o.rcvbuf = atoi(optarg); break;
        case 'd': o.drain = atof(optarg); break;
        case 'C': o.churn = 1; break;
        case 'I': o.interactive = 1; break;
        case 'i': {
            char *eq = strchr(optarg, '=');
            if (!eq || nprocs == MAXPROCS) die("-i wants NAME=PID");
            snprintf(procs[nprocs].name, sizeof procs[0].name, "%.*s", (int)(eq - optarg), optarg);
            procs[nprocs++].pid = atoi(eq + 1);
            break;
        }
        case 'l': o.label = optarg; break;
        case 'v': o.verbose = 1; break;
        default: fputs(USAGE, stderr); exit(ch == '?' && optopt == '?' ? 0 : 2);
        }
    if (o.headers_file) read_lines(o.headers_file);
    if (!o.nports) o.ports[o.nports++] = 8000;
    if (o.n < 1 || o.rooms < 1 || o.conc < 1) die("-n, -r and -c must be positive");
    if (o.publishers > o.n - o.slow) die("more publishers than reading connections");
    if (o.publishers && !o.rate && !o.window && !o.interactive) die("publishers need -R or -W");
}

static void report(double connect_s, uint64_t idle_frames)
{
    double wall = t0 != UINT64_MAX && wall_end > t0 ? (double)(wall_end - t0) / 1e9 : 0;
    double own = own_end - own_t0;
    uint64_t unanswered = 0, lost = 0;
    for (uint64_t i = phase_first; i < nmessages; i++) {
        struct message *m = &messages[i];
        if (!m->is_measured) continue;
        if (o.replies && !m->is_answered) unanswered++;
        /* Without replies nothing is promised, and everything is expected. */
        else lost += m->fan - m->got;
    }
    /* Up to the last delivery, which may be later than the last sending. */
    double dur = t0 != UINT64_MAX && t_last > t0 ? (double)(t_last - t0) / 1e9 : 0;
    if (!o.churn && t0 != UINT64_MAX && dur < o.duration) dur = o.duration;
    printf("{\"label\":\"%s\",\"connections\":%d,\"up\":%d,\"failed\":%d,"
           "\"closed_by_server\":%d,\"last_close_code\":%d,"
           "\"connect_s\":%.3f,\"connect_rate\":%.0f,",
           o.label, o.n, n_up, n_failed, n_closed, last_close_code, connect_s,
           connect_s > 0 ? (double)o.n / connect_s : 0);
    if (o.churn)
        printf("\"handshakes\":%llu,\"handshakes_per_s\":%.0f,",
               (unsigned long long)handshakes, dur > 0 ? (double)handshakes / dur : 0);
    printf("\"sent\":%llu,\"frames_rx\":%llu,\"frames_before_load\":%llu,\"bytes_rx\":%llu,"
           "\"deliveries\":%llu,\"expected\":%llu,\"lost\":%llu,\"doubled\":%llu,"
           "\"dur_s\":%.3f,\"msgs_per_s\":%.1f,\"deliveries_per_s\":%.0f,"
           "\"deliveries_per_frame\":%.2f,\"bytes_per_delivery\":%.0f,",
           (unsigned long long)m_sent, (unsigned long long)frames_rx,
           (unsigned long long)idle_frames, (unsigned long long)bytes_rx,
           (unsigned long long)m_delivered, (unsigned long long)m_expected,
           (unsigned long long)lost, (unsigned long long)doubled,
           dur, dur > 0 ? (double)m_sent / dur : 0,
           dur > 0 ? (double)m_delivered / dur : 0,
           m_frames ? (double)m_delivered / (double)m_frames : 0,
           m_delivered ? (double)m_bytes / (double)m_delivered : 0);
    if (o.replies)
        printf("\"answered\":%llu,\"ok\":%llu,\"busy\":%llu,\"rate_limited\":%llu,"
               "\"other_refusals\":%llu,\"unanswered\":%llu,",
               (unsigned long long)m_answered, (unsigned long long)m_ok,
               (unsigned long long)m_busy, (unsigned long long)m_limited,
               (unsigned long long)m_other_refusals, (unsigned long long)unanswered);
    hist_print("lat_ms", &lat);
    hist_print("last_ms", &last);
    hist_print("answer_ms", &answer);
    printf("\"own_cpu_s\":%.3f,\"wall_s\":%.3f,\"procs\":[", own, wall);
    for (int i = 0; i < nprocs; i++) {
        struct proc *p = &procs[i];
        double cpu = p->cpu_end - p->cpu_t0;
        uint64_t units = o.churn ? handshakes : m_delivered;
        printf("%s{\"name\":\"%s\",\"cpu_s\":%.2f,\"cpu_pct\":%.0f,\"us_per_%s\":%.3f,"
               "\"us_per_connect\":%.1f,\"rss_start_kb\":%ld,\"rss_up_kb\":%ld,"
               "\"rss_end_kb\":%ld,\"rss_max_kb\":%ld,\"kb_per_conn\":%.2f}",
               i ? "," : "", p->name, cpu, dur > 0 ? 100 * cpu / dur : 0,
               o.churn ? "handshake" : "delivery",
               units ? cpu * 1e6 / (double)units : 0,
               o.churn ? 0 : (p->cpu_up - p->cpu_start) * 1e6 / o.n,
               p->rss_start, p->rss_up, p->rss_end, p->rss_max,
               o.churn ? 0 : (double)(p->rss_up - p->rss_start) / o.n);
    }
    puts("]}");
}

int main(int argc, char **argv)
{
    parse_args(argc, argv);
    struct rlimit rl = { .rlim_cur = (rlim_t)o.n + 64, .rlim_max = (rlim_t)o.n + 64 }, cur;
    getrlimit(RLIMIT_NOFILE, &cur);
    if (cur.rlim_cur < rl.rlim_cur) {
        if (cur.rlim_max > rl.rlim_max) rl.rlim_max = cur.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &rl) < 0) die("cannot raise RLIMIT_NOFILE to %d", o.n + 64);
    }
    ep = epoll_create1(EPOLL_CLOEXEC);
    conns = calloc((size_t)o.n, sizeof *conns);
    members = calloc((size_t)o.rooms, sizeof *members);
    if (ep < 0 || !conns || !members) die("setup failed");
    for (int i = 0; i < o.n; i++) {
        conns[i] = (struct conn){ .fd = -1, .idx = i, .room = i % o.rooms,
                                  .slow = i >= o.n - o.slow };
        if (!conns[i].slow) members[i % o.rooms]++;
    }
    for (int i = 0; i < nprocs; i++) {
        procs[i].rss_start = procs[i].rss_max = proc_rss_kb(procs[i].pid);
        procs[i].cpu_start = proc_cpu(procs[i].pid);
    }
    double connect_s = 0;
    uint64_t idle_frames = 0;
    if (o.churn) run_churn();
    else {
        uint64_t a = now_ns();
        connect_all();
        connect_s = (double)(now_ns() - a) / 1e9;
        if (o.verbose) fprintf(stderr, "%d up in %.2f s, %d failed\n", n_up, connect_s, n_failed);
        for (int i = 0; i < nprocs; i++) procs[i].cpu_up = proc_cpu(procs[i].pid);
        idle_for(o.settle);
        for (int i = 0; i < nprocs; i++) procs[i].rss_up = proc_rss_kb(procs[i].pid);
        idle_frames = frames_rx;
        if (o.interactive) run_interactive(connect_s, idle_frames);
        else if (o.publishers) run_load();
        else hold();
    }
    if (o.interactive) return 0;
    end_load();
    report(connect_s, idle_frames);
    return n_failed || n_up < (o.churn ? 0 : o.n) ? 1 : 0;
}
