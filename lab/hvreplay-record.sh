#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Records, in the dom0 of a stock Xen, what Linux's PCI code asked and what it was answered, for `hvreplay import`.
# One file, no dependencies but a shell, mount, tar and the usual small tools; `hvreplay-record.sh -h` says what it does.

usage() {
	cat <<'TEXT'
usage: hvreplay-record.sh [-o FILE] [-t SECONDS] [-b KB] [-x] [-n] [-- COMMAND [ARGUMENT...]]
       hvreplay-record.sh -B

Records while COMMAND runs; without one for SECONDS, or until Enter or ctrl-C. Writes one tar for `hvreplay import`.

  -o FILE     the tar (default: hvreplay-record.tar); an existing file is not overwritten
  -t SECONDS  stop after this time
  -b KB       size of the kernel's trace buffer per CPU (default: 8192)
  -x          record with xentrace too: port and MMIO accesses as Xen saw them (much data)
  -n          say what would be done, change nothing
  -B          print the options of Xen that record from boot on, and stop

It reads: config space (lspci), /proc/iomem, /proc/ioports, /proc/interrupts, BAR sizes in sysfs, kernel and Xen logs, `xl info`.
It changes, and puts back at its end: kernel probes of group 'hvreplay' in a trace instance of its own; tracefs is mounted
if it was not. It does not touch other probes, trace buffers or devices. With -x, Xen keeps its trace buffers until the next boot.

Exit: that of COMMAND; 2 where nothing could be recorded.
TEXT
}

boot_options() {
	cat <<'TEXT'
For Xen (in /etc/default/grub: GRUB_CMDLINE_XEN_DEFAULT), to have the boot in the record:
  loglvl=all guest_loglvl=all conring_size=4M console_timestamps=boot tbuf_size=8192 tevt_mask=0xaf000
then boot, and run as the first thing: hvreplay-record.sh -x -t 1
Sizes of accesses during boot are not in Xen's trace; the import infers and marks them.
TEXT
}

say() { echo "hvreplay-record: $*" >&2; }
fail() {
	say "$*"
	exit 2
}

out=hvreplay-record.tar seconds='' buffer=8192 with_xentrace='' dry=''
while getopts o:t:b:xnBh option; do
	case $option in
	o) out=$OPTARG ;;
	t) seconds=$OPTARG ;;
	b) buffer=$OPTARG ;;
	x) with_xentrace=yes ;;
	n) dry=yes ;;
	B) boot_options && exit 0 ;;
	h) usage && exit 0 ;;
	*) usage >&2 && exit 2 ;;
	esac
done
shift $((OPTIND - 1))

case $seconds in *[!0-9]*) fail "-t $seconds: expected a number of seconds" ;; esac
case $buffer in '' | *[!0-9]*) fail "-b $buffer: expected a number of KiB" ;; esac
[ ! -e "$out" ] || fail "$out exists; name another file with -o, or move it away"

tracing=/sys/kernel/tracing
[ -d "$tracing" ] || tracing=/sys/kernel/debug/tracing
instance=$tracing/instances/hvreplay

# Arguments are taken from registers where the kernel does not know them by number.
probes() {
	for accessor in c1:pci_conf1 mm:pci_mmcfg; do
		name=${accessor%%:*} function=${accessor#*:}
		cat <<TEXT
p:hvreplay/${name}w ${function}_write seg=%di:u32 bus=%si:x32 devfn=%dx:x32 reg=%cx:x32 len=%r8:u32 val=%r9:x32
r:hvreplay/${name}r ${function}_read seg=\$arg1:u32 bus=\$arg2:x32 devfn=\$arg3:x32 reg=\$arg4:x32 len=\$arg5:u32 val=+0(\$arg6):x32 ret=\$retval:s32
TEXT
	done
	# The device's name is the first word of the first member of struct device.
	cat <<'TEXT'
p:hvreplay/xpn xen_pci_notifier action=%si:u64 dev=%dx:x64 name=+0(+0(%dx)):string
r:hvreplay/xpnr xen_pci_notifier ret=$retval:s32
TEXT
}

if [ -n "$dry" ]; then
	say "would read: lspci -Dvvvxxxx, sysfs resource files, /proc/iomem, ioports, interrupts, cmdline, dmesg, xl dmesg, xl info"
	say "would make $instance with $buffer KiB per CPU, and remove it at the end, with these probes:"
	probes >&2
	[ -z "$with_xentrace" ] || say "would run: xentrace -e 0x8f000"
	say "would write $out"
	exit 0
fi

# What is there, before anything is touched.
[ "$(id -u)" = 0 ] || fail "needs root: probes and config space are root's"
grep -qs control_d /proc/xen/capabilities || [ "$(cat /sys/hypervisor/type 2>/dev/null)" = xen ] ||
	fail "this is no dom0 of Xen (nothing at /proc/xen/capabilities; mount -t xenfs xenfs /proc/xen?)"
has() { command -v "$1" >/dev/null 2>&1; }
has tar || fail "needs tar"
has lspci || say "no lspci (pciutils): config space is taken from sysfs instead"
has xl || say "no xl: Xen's log will be missing, and with it the results of hypercalls"
if [ -n "$with_xentrace" ] && ! has xentrace; then fail "-x needs xentrace (xen-utils; it may be in /usr/lib/xen-*/bin, add that to PATH)"; fi

work=$(mktemp -d "${TMPDIR:-/tmp}/hvreplay-record.XXXXXX") || fail "no place for a temporary folder"
mounted='' pipe='' xentrace_pid='' finished=''

# Leaves the system as it was; called on every way out.
# shellcheck disable=SC2317
restore() {
	[ -z "$xentrace_pid" ] || kill -INT "$xentrace_pid" 2>/dev/null
	[ -z "$pipe" ] || kill "$pipe" 2>/dev/null
	wait 2>/dev/null
	if [ -d "$instance" ]; then
		echo 0 >"$instance/tracing_on"
		echo 0 >"$instance/events/hvreplay/enable" 2>/dev/null
		rmdir "$instance"
	fi
	if grep -qs hvreplay/ "$tracing/kprobe_events"; then
		for probe in c1w c1r mmw mmr xpn xpnr; do echo "-:hvreplay/$probe" >>"$tracing/kprobe_events"; done 2>/dev/null
	fi
	[ -z "$mounted" ] || umount "$tracing"
	[ -n "$finished" ] || say "stopped before the end: no record was written"
	rm -rf "$work"
}
trap restore EXIT
trap 'exit 130' HUP INT TERM

# Config space, addresses and sizes, with a suffix: 0 before, 9 after.
snapshot() {
	if has lspci; then
		lspci -Dvvvxxxx >"$work/lspci-vvvxxxx.$1" 2>>"$work/errors.txt"
	else
		for device in /sys/bus/pci/devices/*; do
			echo "${device##*/} $(od -An -v -tx1 "$device/config" | tr -d ' \n')"
		done >"$work/config-space.$1"
	fi
	for device in /sys/bus/pci/devices/*; do
		echo "== ${device##*/}"
		cat "$device/resource"
	done >"$work/resource.$1"
	for table in iomem ioports interrupts; do cat "/proc/$table" >"$work/$table.$1"; done
}

start_probes() {
	if [ ! -e "$tracing/kprobe_events" ]; then
		mount -t tracefs tracefs "$tracing" 2>/dev/null && mounted=yes
	fi
	[ -e "$tracing/kprobe_events" ] || fail "this kernel has no kernel probes (tracefs with CONFIG_KPROBE_EVENTS)"
	[ ! -d "$instance" ] || fail "$instance exists: another recorder runs, or one died; remove it with rmdir"
	mkdir "$instance" || fail "cannot make $instance"
	echo "$buffer" >"$instance/buffer_size_kb"
	probes >"$work/kprobes-wanted.txt"
	set_probes=0
	while read -r probe; do
		if echo "$probe" >>"$tracing/kprobe_events" 2>/dev/null; then
			set_probes=$((set_probes + 1))
		else
			say "this kernel refuses the probe: $probe"
		fi
	done <"$work/kprobes-wanted.txt"
	[ "$set_probes" -gt 0 ] || fail "no probe could be set: is this x86 with pci_conf1_read and pci_mmcfg_read?"
	grep hvreplay/ "$tracing/kprobe_events" >"$work/kprobes.txt"
	cat "$instance/trace_pipe" >"$work/kprobe-trace.txt" &
	pipe=$!
	echo 1 >"$instance/events/hvreplay/enable"
	echo 1 >"$instance/tracing_on"
}

# The pipe has all that was read meanwhile; what is left stands in the buffer still.
stop_probes() {
	echo 0 >"$instance/tracing_on"
	sleep 1
	kill "$pipe" 2>/dev/null
	wait "$pipe" 2>/dev/null
	pipe=''
	cat "$instance/trace" >"$work/rest"
	grep -v '^#' "$work/rest" >>"$work/kprobe-trace.txt"
	rm -f "$work/rest"
	for cpu in "$instance"/per_cpu/cpu*/stats; do
		echo "== ${cpu#"$instance"/}"
		cat "$cpu"
	done >"$work/kprobe-stats.txt"
	lost=$(sed -n 's/^\(overrun\|dropped events\|commit overrun\): //p' "$work/kprobe-stats.txt" | awk '{ n += $1 } END { print n + 0 }')
}

say "records into $out; trace instance 'hvreplay', $buffer KiB per CPU"
uname -a >"$work/dom0-uname.txt"
cat /proc/cmdline >"$work/dom0-cmdline.txt"
has xl && xl info >"$work/xl-info.txt" 2>&1
snapshot 0
if [ -n "$with_xentrace" ]; then
	xentrace -e 0x8f000 "$work/xentrace.bin" >"$work/xentrace.log" 2>&1 &
	xentrace_pid=$!
	sleep 1
fi
start_probes
started=$(cut -d' ' -f1 /proc/uptime)

status=0
if [ $# -gt 0 ]; then
	trap : INT
	"$@" || status=$?
elif [ -n "$seconds" ]; then
	trap : INT
	sleep "$seconds"
else
	trap : INT
	say "recording; press Enter or ctrl-C to stop"
	read -r _ || :
fi

ended=$(cut -d' ' -f1 /proc/uptime)
lost=0
stop_probes
if [ -n "$xentrace_pid" ]; then
	kill -INT "$xentrace_pid" 2>/dev/null
	wait "$xentrace_pid" 2>/dev/null
	xentrace_pid=''
fi
snapshot 9
has xl && xl dmesg >"$work/xl-dmesg.txt" 2>/dev/null
dmesg >"$work/dom0-dmesg.txt" 2>/dev/null
cat >"$work/record.txt" <<TEXT
hvreplay-record: 1
started: $started
ended: $ended
command: $*
status: $status
lost: $lost
TEXT

# Packed beside the target and renamed, so that there is either a whole record or none.
if ! { tar -C "$work" -cf "$out.part" . && mv "$out.part" "$out"; }; then
	rm -f "$out.part"
	fail "cannot write $out"
fi
finished=yes
accesses=$(grep -c ': \(c1\|mm\)[rw]: ' "$work/kprobe-trace.txt")
say "wrote $out: $accesses config accesses, $lost events lost"
[ "$lost" = 0 ] || say "lost events leave holes in the record: take a larger -b"
exit "$status"
