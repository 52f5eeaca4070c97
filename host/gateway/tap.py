# SPDX-License-Identifier: MIT
# Opens the TAP interface argv[1] and passes its frames over standard input and output, each after its length (2 octets,
# big-endian). Node cannot make the ioctl that opens a TAP; this process can, and it ends, and the TAP with it, when Node
# closes the pipe or dies. Says "ready" on a line of standard output first; a refusal is one line on standard error.
# linux/if_tun.h: TUNSETIFF 0x400454ca, IFF_TAP | IFF_NO_PI = 0x1002. One read or write is one frame.

import errno, fcntl, os, select, signal, struct, sys

name = sys.argv[1]
signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; Node decides when to end


def refuse(text):
    sys.stderr.write(text + "\n")
    sys.exit(1)


try:
    tap = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
except FileNotFoundError:
    refuse("no /dev/net/tun: this kernel or container has no TUN/TAP (try: modprobe tun)")
except PermissionError:
    refuse(f"no rights to open /dev/net/tun: run as root, or: sudo ip tuntap add dev {name} mode tap user $USER")
try:
    fcntl.ioctl(tap, 0x400454CA, struct.pack("16sH22x", name.encode(), 0x1002))
except OSError as error:
    if error.errno == errno.EPERM:
        refuse(f"no rights to open TAP {name}: run as root, or: sudo ip tuntap add dev {name} mode tap user $USER")
    if error.errno == errno.EBUSY:
        refuse(f"TAP {name} is in use by another process")
    if error.errno == errno.EINVAL:
        refuse(f"{name} is no TAP interface, or not a name for one")
    refuse(f"TAP {name}: {error.strerror}")

os.write(1, b"ready\n")
waiting = b""
while True:
    readable, _, _ = select.select([tap, 0], [], [])
    if tap in readable:
        frames = []
        try:
            while len(frames) < 32:
                frame = os.read(tap, 65535)
                frames.append(struct.pack(">H", len(frame)) + frame)
        except BlockingIOError:
            pass
        except OSError:
            pass  # the interface is down, or gone
        left = memoryview(b"".join(frames))
        try:
            while left:
                left = left[os.write(1, left):]
        except BrokenPipeError:
            sys.exit(0)
    if 0 in readable:
        octets = os.read(0, 65536)
        if not octets:
            sys.exit(0)
        waiting += octets
        start = 0
        while len(waiting) >= start + 2:
            end = start + 2 + (waiting[start] << 8 | waiting[start + 1])
            if len(waiting) < end:
                break
            try:
                os.write(tap, waiting[start + 2:end])
            except OSError:
                pass  # the interface is down, or its queue is full: lost, as on a wire
            start = end
        waiting = waiting[start:]
