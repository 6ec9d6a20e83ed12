"""The same policy, N port-forwards of tcp to guests of one network, in the language of each tool that natc is measured against."""

GUESTS = 250  # that the port-forwards lead to in turn


def guest(i):
    """The address of the guest that the i-th port-forward leads to."""
    return f"10.1.0.{i % GUESTS + 2}"


def net(n):
    lines = ["uplink enp5s0", "network lab {", "    bridge labbr0", "    subnet 10.0.0.0/8", "    masquerade"]
    lines += [f"    guest g{i} {guest(i)}" for i in range(min(n, GUESTS))]
    lines += ["}"] + [f"port-forward tcp {i + 1} to g{i % GUESTS}:22" for i in range(n)]
    return "\n".join(lines) + "\n"


def networks(n):
    """N networks, each with rules of its own; the last one is that of `net`."""
    lines = ["uplink enp5s0", "input {", "    accept established", "    accept tcp 22 new", "    drop", "}", "forward {", "    drop tcp 25", "}"]
    for i in range(n):
        last = i == n - 1
        name, bridge, subnet = ("lab", "labbr0", "10.1.0.0/24") if last else (f"n{i}", f"br{i}", f"10.{2 + i // 250}.{i % 250}.0/24")
        lines += [f"network {name} {{", f"    bridge {bridge}", f"    subnet {subnet}", "    masquerade"]
        lines += [f"    guest g0 {guest(0)}"] if last else []
        lines += ["    forward {", "        accept inbound established", "        drop outbound tcp 25", "        accept outbound", "        reject rest", "    }", "}"]
    return "\n".join(lines + ["port-forward tcp 1 to g0:22"]) + "\n"


def iptables_flat(n):
    """A rule each in PREROUTING and in FORWARD, as short as they are mostly written."""
    lines = ["*nat", ":PREROUTING ACCEPT [0:0]", ":INPUT ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ":POSTROUTING ACCEPT [0:0]"]
    lines += [f"-A PREROUTING -i enp5s0 -p tcp -m tcp --dport {i + 1} -j DNAT --to-destination {guest(i)}:22" for i in range(n)]
    lines += ["-A POSTROUTING -s 10.0.0.0/8 ! -d 10.0.0.0/8 -j MASQUERADE", "COMMIT"]
    lines += ["*filter", ":INPUT ACCEPT [0:0]", ":FORWARD DROP [0:0]", ":OUTPUT ACCEPT [0:0]", "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"]
    lines += [f"-A FORWARD -d {guest(i)}/32 -i enp5s0 -p tcp -m tcp --dport 22 -j ACCEPT" for i in range(n)]
    return "\n".join(lines + ["-A FORWARD -i labbr0 -j ACCEPT", "COMMIT"]) + "\n"


def iptables_flat_same(n):
    """The same rules, with what natc's ask besides: that the packet is for the host itself, that it was translated, that it leaves by the bridge."""
    return (iptables_flat(n).replace(" -j DNAT", " -m addrtype --dst-type LOCAL -j DNAT")
            .replace(" -i enp5s0 -p tcp -m tcp --dport 22 -j ACCEPT", " -i enp5s0 -o labbr0 -p tcp -m tcp --dport 22 -m conntrack --ctstate DNAT -j ACCEPT"))


def nft_flat(n):
    """The same in nft."""
    dnat = "\n".join(f'iifname "enp5s0" tcp dport {i + 1} dnat ip to {guest(i)}:22' for i in range(n))
    accept = "\n".join(f'ip daddr {guest(i)} iifname "enp5s0" tcp dport 22 accept' for i in range(n))
    return nft_table(dnat, accept)


def nft_map(n):
    """What somebody who knows nft writes: one map."""
    elements = ", ".join(f"{i + 1} : {guest(i)} . 22" for i in range(n))
    return nft_table('iifname "enp5s0" dnat ip to tcp dport map @ports', "ct status dnat accept",
                     f"map ports {{ type inet_service : ipv4_addr . inet_service; elements = {{ {elements} }} }}")


def nft_table(dnat, accept, declared=""):
    return f"""table inet bench {{
{declared}
chain pre {{ type nat hook prerouting priority -100;
{dnat}
}}
chain post {{ type nat hook postrouting priority 100;
ip saddr 10.0.0.0/8 ip daddr != 10.0.0.0/8 masquerade
}}
chain forward {{ type filter hook forward priority 0; policy drop;
ct state established,related accept
{accept}
iifname "labbr0" accept
}}
}}
"""


def ferm(n):
    dnat = "\n".join(f"proto tcp dport {i + 1} DNAT to {guest(i)}:22;" for i in range(n))
    accept = "\n".join(f"daddr {guest(i)} proto tcp dport 22 ACCEPT;" for i in range(n))
    return f"""table nat {{
chain PREROUTING {{ interface enp5s0 {{
{dnat}
}} }}
chain POSTROUTING saddr 10.0.0.0/8 daddr ! 10.0.0.0/8 MASQUERADE;
}}
table filter chain FORWARD {{ policy DROP;
mod conntrack ctstate (RELATED ESTABLISHED) ACCEPT;
interface enp5s0 {{
{accept}
}}
interface labbr0 ACCEPT;
}}
"""
