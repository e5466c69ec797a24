#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Steps that the lab records: BARs, command, ROM, MSI, MSI-X, SR-IOV, removal, rescan and reset, once each.
devices=/sys/bus/pci/devices
nic=0000:01:00.0 igb=0000:02:00.0 nvme=0000:03:00.0 test=0000:00:0a.0

step() {
	echo "step: $*"
	eval "$*" 2>&1 | sed 's/^/    /'
}

step lspci -nn
# BARs and memory decoding through ports.
step setpci -s $nic VENDOR_ID.L COMMAND BASE_ADDRESS_0 BASE_ADDRESS_3
step setpci -s $nic BASE_ADDRESS_0=ffffffff
step setpci -s $nic BASE_ADDRESS_0
step setpci -s $nic COMMAND=0000:0002
bar=$(setpci -s $nic BASE_ADDRESS_0)
step setpci -s $nic BASE_ADDRESS_0=ffffffff
step setpci -s $nic BASE_ADDRESS_0
step setpci -s $nic BASE_ADDRESS_0="$bar"
step setpci -s $nic COMMAND=0002:0002
step setpci -s $nic 10.B 10.W 12.W 13.B
# ROM.
rom=$(sed -n 7p $devices/$nic/resource | cut -d' ' -f1)
[ $((rom)) = 0 ] || step setpci -s $nic ROM_ADDRESS="$(printf %x $((rom | 1)))"
step setpci -s $nic ROM_ADDRESS
[ $((rom)) = 0 ] || step setpci -s $nic ROM_ADDRESS="$(printf %x $((rom)))"
# MSI and MSI-X.
step setpci -s $nic CAP_MSI+4.L=fee00000
step setpci -s $nic CAP_MSI+c.W=0031
step setpci -s $nic CAP_MSI+2.W=0001
step setpci -s $nic CAP_MSI+2.W CAP_MSI+4.L CAP_MSI+c.W
step setpci -s $nic CAP_MSI+2.W=0000
step setpci -s $nic CAP_MSIX+2.W=c000
step setpci -s $nic CAP_MSIX+2.W
step setpci -s $nic CAP_MSIX+2.W=0000
# A BAR over RAM is left out of the p2m, one over the IO-APIC is refused.
step setpci -s $test COMMAND=0000:0002
old=$(setpci -s $test BASE_ADDRESS_0)
for address in 00200000 fec00000; do
	step setpci -s $test BASE_ADDRESS_0=$address
	step setpci -s $test COMMAND=0002:0002
	step setpci -s $test COMMAND BASE_ADDRESS_0
	step setpci -s $test COMMAND=0000:0002
done
step setpci -s $test BASE_ADDRESS_0="$old"
step setpci -s $test COMMAND=0002:0002
# Drivers.
step modprobe e1000e
step modprobe igb
step modprobe nvme
sleep 3
# SR-IOV; a PF that goes while its VFs are there.
for pf in $igb $nvme; do
	step "echo 0 > $devices/$pf/sriov_drivers_autoprobe"
	step "echo 2 > $devices/$pf/sriov_numvfs"
	step ls $devices
	step "echo 0 > $devices/$pf/sriov_numvfs"
done
step "echo 2 > $devices/$nvme/sriov_numvfs"
step "echo $nvme > /sys/bus/pci/drivers/nvme/unbind"
step "echo 1 > $devices/$nvme/remove"
step "echo 1 > /sys/bus/pci/rescan"
# Reset, removal and rescan.
step "echo 1 > $devices/$nic/reset"
step "echo 1 > $devices/$test/remove"
step "echo 1 > /sys/bus/pci/rescan"
step lspci -vv -s $test
