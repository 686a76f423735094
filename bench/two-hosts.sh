#!/bin/sh
# Runs a program over Open MPI on two hosts of this machine: network namespaces with an address each, joined by a cable (veth) of
# a given speed. As root, on Linux, with ip, tc and unshare.
# usage: bench/two-hosts.sh 1gbit node bench/cluster.mjs --measure [--case NAME]; MPIRUN names another mpirun of Open MPI 4
set -eu

# Called by mpirun in place of ssh: ADDRESS COMMAND…
if [ "$1" = --agent ]; then
  case $2 in *.2) host=lstm-second ;; *) host=lstm-first ;; esac
  shift 2
  exec ip netns exec "$host" unshare --uts sh -c 'hostname "$0" && eval "$1"' "$host" "$*"
fi

rate=$1
shift
remove() {
  ip netns delete lstm-first 2>/dev/null || true
  ip netns delete lstm-second 2>/dev/null || true
}
remove
trap remove EXIT
ip netns add lstm-first
ip netns add lstm-second
ip link add lstm-cable netns lstm-first type veth peer name lstm-cable netns lstm-second
i=1
for host in lstm-first lstm-second; do
  ip -n $host link set lo up
  ip -n $host address add 10.77.0.$i/24 dev lstm-cable
  ip -n $host link set lstm-cable up
  tc -n $host qdisc add dev lstm-cable root tbf rate "$rate" burst 256kb latency 50ms
  i=2
done
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
ip netns exec lstm-first unshare --uts sh -c 'hostname lstm-first && exec "$@"' sh \
  "${MPIRUN:-mpirun}" --host 10.77.0.1:1,10.77.0.2:1 -n 2 --bind-to none \
  --mca plm_rsh_agent "$(realpath "$0") --agent" --mca btl tcp,self --mca pml ob1 \
  --mca btl_tcp_if_include 10.77.0.0/24 --mca oob_tcp_if_include 10.77.0.0/24 "$@"
