# Sourced by fuzz and test: commands that run two at a time, and whose results come out in the order in which they were
# given.
#
#   job SHOW NAME COMMAND…   starts COMMAND as soon as a place is free
#   settle                   waits for all of them
#
# When a command and those before it have ended, SHOW is called: SHOW NAME EXIT_CODE SECONDS LOG.

at_once=2
job_folder="$(mktemp -d)"
trap 'rm -rf "$job_folder"' EXIT
job_shows=()
job_names=()
jobs_shown=0

job() {
  local show="$1" name="$2" number=${#job_names[@]}
  shift 2
  while [ "$(jobs -pr | wc -l)" -ge "$at_once" ]; do
    wait -n
    show_ended_jobs
  done
  job_shows+=("$show")
  job_names+=("$name")
  {
    local start=$SECONDS
    "$@" >"$job_folder/$number.log" 2>&1 </dev/null
    echo "$? $((SECONDS - start))" >"$job_folder/$number.new"
    mv "$job_folder/$number.new" "$job_folder/$number.ended"
  } &
}

show_ended_jobs() {
  local code seconds
  while [ -f "$job_folder/$jobs_shown.ended" ]; do
    read -r code seconds <"$job_folder/$jobs_shown.ended"
    "${job_shows[$jobs_shown]}" "${job_names[$jobs_shown]}" "$code" "$seconds" "$job_folder/$jobs_shown.log"
    jobs_shown=$((jobs_shown + 1))
  done
}

settle() {
  wait
  show_ended_jobs
}
