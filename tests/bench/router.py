"""A client, a router with rules, and a guest behind its bridge: three network namespaces, and what a packet costs on its way."""

import json
import os
import subprocess

import inputs

CLIENT = "100.64.0.1"      # and those that follow it
ROUTER = "198.51.100.1"
FAR = "203.0.113.9"        # somebody outside, whom guests connect to


class Namespaces:
    """All that this run makes; gone with it."""

    def __init__(self):
        self.names = []

    def add(self, what):
        name = f"natc-bench-{os.getpid()}-{what}"
        run("ip", "netns", "add", name)
        self.names.append(name)
        return name

    def remove(self):
        while self.names:
            subprocess.run(["ip", "netns", "del", self.names.pop()], check=False, stderr=subprocess.DEVNULL)


def run(*command, stdin=None, timeout=120):
    return subprocess.run(command, input=stdin, text=True, check=True, capture_output=True, timeout=timeout).stdout


class Router:
    def __init__(self, spaces, name, load, rules):
        """`load`: the command that takes the rules on standard input."""
        self.client, self.router, self.guest = (spaces.add(f"{name}-{part}") for part in ("client", "router", "guest"))
        run("ip", "link", "add", "up0", "netns", self.client, "type", "veth", "peer", "name", "enp5s0", "netns", self.router)
        run("ip", "link", "add", "eth0", "netns", self.guest, "type", "veth", "peer", "name", "tap0", "netns", self.router)
        # Nobody has the addresses that packets go to, so that none is answered: it is the router's way that is measured.
        self.ip(self.router, "link add labbr0 type bridge", "link set tap0 master labbr0", f"address add {ROUTER}/24 dev enp5s0",
                "address add 10.1.0.1/8 dev labbr0", "link set enp5s0 up", "link set tap0 up", "link set labbr0 up")
        for space, device, far_end in ((self.client, "up0", "enp5s0"), (self.guest, "eth0", "labbr0")):
            self.ip(space, f"address add 192.0.2.1/32 dev {device}", f"link set {device} up", f"route add default via 192.0.2.254 dev {device} onlink",
                    f"neighbour replace 192.0.2.254 lladdr {self.mac(self.router, far_end)} dev {device}")
        self.ip(self.router, "route add default via 198.51.100.254", f"neighbour replace 198.51.100.254 lladdr {self.mac(self.client, 'up0')} dev enp5s0",
                *(f"neighbour replace {inputs.guest(i)} lladdr {self.mac(self.guest, 'eth0')} dev labbr0" for i in range(inputs.GUESTS)))
        run("ip", "netns", "exec", self.router, "sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.enp5s0.rp_filter=0")
        for space in (self.client, self.guest):
            run("ip", "netns", "exec", space, "sysctl", "-qw", "net.ipv4.ip_forward=0")
        run("ip", "netns", "exec", self.router, *load, stdin=rules)

    @staticmethod
    def ip(space, *commands):
        run("ip", "-n", space, "-batch", "-", stdin="\n".join(commands) + "\n")

    @staticmethod
    def mac(space, device):
        return json.loads(run("ip", "-n", space, "-json", "link", "show", device))[0]["address"]

    def forget(self):
        """No connection is known any more."""
        subprocess.run(["ip", "netns", "exec", self.router, "conntrack", "-F"], check=False, capture_output=True)

    def tracked(self):
        return int(run("ip", "netns", "exec", self.router, "conntrack", "-C"))


class Traffic:
    """What packets cost in a router, in ns of CPU each."""

    def __init__(self, programs, router, ports):
        self.program, self.router, self.last = f"{programs}/natc_bench_packets", router, ports
        self.address = inputs.guest(ports - 1)

    def send(self, space, kind, source, source_port, to, to_port, count=1):
        return float(run(self.program, space, kind, source, str(source_port), to, str(to_port), str(count)))

    def new(self, count):
        """New connections to the last port-forward."""
        self.router.forget()
        cost = self.send(self.router.client, "syn", CLIENT, 1024, ROUTER, self.last, count)
        if self.router.tracked() < count * 0.99:
            raise RuntimeError("the router did not let the packets through")
        return cost

    def outbound(self, count):
        """New connections of a guest."""
        self.router.forget()
        return self.send(self.router.guest, "syn", self.address, 1024, FAR, 80, count)

    def connect(self):
        self.router.forget()
        self.send(self.router.client, "syn", CLIENT, 999, ROUTER, self.last)
        self.send(self.router.guest, "synack", self.address, 22, CLIENT, 999)
        self.send(self.router.client, "ack", CLIENT, 999, ROUTER, self.last)

    def inward(self, count):
        """Packets to the guest, of a connection that stands."""
        self.connect()
        return self.send(self.router.client, "ack", CLIENT, 999, ROUTER, self.last, count)

    def outward(self, count):
        """Packets that the guest sends on it."""
        self.connect()
        return self.send(self.router.guest, "ack", self.address, 22, CLIENT, 999, count)
