#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Writes a trace that hvreplay replays, as a recorder would: event by event, with nothing kept.

    protoc --proto_path=traces --python_out=. traces/hvtrace.proto      # Debian: protobuf-compiler
    PYTHONPATH=. docs/examples/write-trace.py recorded.pb               # Debian: python3-protobuf
    hvreplay replay recorded.pb
"""
import sys
import zlib

import hvtrace_pb2 as hv

MACHINE = """machine: 1
arch: x86
devices:
  "0000:00:03.0":
    id: 8086:10d3
    bars:
      0: { kind: mem32, address: 0xfebf0000, size: 0x1000 }
"""


def sbdf(segment, bus, device, function):
    return segment << 16 | bus << 8 | device << 3 | function


class TraceWriter:
    """Messages that follow each other are one message: each call writes a Trace that has only what is new."""

    def __init__(self, file, **header):
        self.file = file
        self.crc = 0
        self.put(hv.Trace(header=hv.Header(version=1, **header)))

    def put(self, trace):
        data = trace.SerializeToString()
        self.crc = zlib.crc32(data, self.crc)
        self.file.write(data)

    def event(self, op, **fields):
        self.put(hv.Trace(events=[hv.Event(op=op, **fields)]))

    def close(self, lost=0):
        """Without this the trace counts as cut off."""
        self.put(hv.Trace(end=hv.End(complete=lost == 0, lost=lost)))
        self.file.write(hv.Trace(crc32=self.crc).SerializeToString())
        self.file.close()


trace = TraceWriter(
    open(sys.argv[1], "wb"),
    title="Memory decoding goes on, and a device goes away",
    machine_text=MACHINE,
    source="an example",
    tool="write-trace.py",
    xen_version="4.20.1",
    directives=[hv.Directive(key="recorded-on", value="xen-4.20")],
)
nic = sbdf(0, 0, 3, 0)
trace.event(hv.OP_BOOT_HWDOM_SETUP)
trace.event(hv.OP_CFG_WRITE, dom=0, sbdf=nic, reg=4, size=2, value=2, time=1_700_000_000_000_000_001)
trace.event(hv.OP_CFG_READ, dom=0, vcpu=1, sbdf=nic, reg=0x10, size=4, value=0xFEBF0000)
trace.event(hv.OP_PHYSDEV_PCI_DEVICE_REMOVE, dom=0, sbdf=nic, ret=0, note="it was there")
trace.event(hv.OP_PHYSDEV_PCI_DEVICE_REMOVE, dom=0, sbdf=nic, ret=-19)
trace.close()
