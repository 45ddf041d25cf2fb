"""The collector of the lab: Debian's rsyslog, on ports of its own, with the lab's authority."""
