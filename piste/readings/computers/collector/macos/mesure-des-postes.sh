#!/bin/sh
# Measure this Mac and write one file of numbers, POSTE.json, into the folder of measures (Piste).
# launchd runs it as root; $1 is the folder, a share that the MDM mounts. It reads what macOS never translates: pmset
# prints literal words (PowerManagement, pmset.c), system_profiler -json and plutil give keys. No name of a person, of a
# document or of a printer; the reason that a program gives for staying awake, which may be a title, is not read.
set -eu
umask 077
folder=${1:?folder}
[ -d "$folder" ] || exit 3

version=1.1
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
computer=$(scutil --get LocalHostName | tr '[:lower:]' '[:upper:]' | tr -cd 'A-Z0-9-' | cut -c1-63)
[ -n "$computer" ] || exit 4

# A JSON text of harmless characters, at most 96; null where nothing is left.
label() {
    text=$(printf '%s' "$1" | tr -cd 'A-Za-z0-9 ._()+,-' | cut -c1-96 | sed 's/^ *//; s/ *$//')
    if [ -n "$text" ]; then printf '"%s"' "$text"; else printf null; fi
}
number() {
    case $1 in '' | *[!0-9]*) printf null ;; *) printf '%d' "$1" ;; esac
}

hardware=$(system_profiler -json SPHardwareDataType 2>/dev/null || printf '{}')
power=$(system_profiler -json SPPowerDataType 2>/dev/null || printf '{}')
of_hardware() { printf '%s' "$hardware" | plutil -extract "SPHardwareDataType.0.$1" raw -o - - 2>/dev/null || true; }
kind=$(of_hardware machine_name)
cycles=$(printf '%s' "$power" |
    plutil -extract SPPowerDataType.0.sppower_battery_health_info.sppower_battery_cycle_count raw -o - - 2>/dev/null || true)
case $kind in
    MacBook*) chassis=laptop ;;
    iMac*) chassis=all_in_one ;;
    '') chassis= ;;
    *) chassis=desktop ;;
esac
battery=null
[ "$chassis" != laptop ] || battery="{\"designed_mwh\":null,\"full_mwh\":null,\"cycles\":$(number "$cycles")}"

# Minutes of `pmset -g custom`, by section (AC Power, Battery Power), as seconds; 0 is never.
settings=$(pmset -g custom 2>/dev/null || true)
seconds() {
    minutes=$(printf '%s\n' "$settings" |
        awk -v section="$1" -v key="$2" '/^[A-Z]/ { here = index($0, section) == 1 } here && $1 == key { print $2; exit }')
    case $minutes in '' | *[!0-9]*) printf null ;; *) printf '%d' $((minutes * 60)) ;; esac
}

# What asks to stay awake: the kind of the assertion and the name of the program, without its reason.
requests=$(pmset -g assertions 2>/dev/null | awk '
    match($0, /pid [0-9]+\([^)]*\):/) {
        owner = substr($0, RSTART, RLENGTH); sub(/^pid [0-9]+\(/, "", owner); sub(/\):$/, "", owner)
        gsub(/[^A-Za-z0-9 ._-]/, "", owner); owner = substr(owner, 1, 96)
        gsub(/^ +| +$/, "", owner)
        kind = ""
        if ($0 ~ / (PreventUserIdleSystemSleep|PreventSystemSleep|NoIdleSleepAssertion) /) kind = "system"
        else if ($0 ~ / (PreventUserIdleDisplaySleep|NoDisplaySleepAssertion) /) kind = "display"
        else if ($0 ~ / NetworkClientActive /) kind = "network"
        if (kind != "" && owner != "") count[kind "|" owner]++
    }
    END {
        for (key in count) {
            split(key, part, "|")
            if (shown++ < 40) list = list (list == "" ? "" : ",") \
                "{\"kind\":\"" part[1] "\",\"owner\":\"" part[2] "\",\"times\":" count[key] "}"
        }
        print "[" list "]"
    }')

programs=
shown=0
for file in /Library/LaunchAgents/*.plist /Library/LaunchDaemons/*.plist; do
    [ -f "$file" ] && [ "$shown" -lt 120 ] || continue
    place=task
    case $file in */LaunchDaemons/*) place=service ;; esac
    name=$(label "$(basename "$file" .plist)")
    [ "$name" != null ] || continue
    programs="$programs${programs:+,}{\"name\":$name,\"place\":\"$place\",\"enabled\":null,\"scope\":\"machine\"}"
    shown=$((shown + 1))
done

# FileVault, by the words that fdesetup answers to programs (fdesetup(8), isactive); it ends with 1 where it is off.
case $(fdesetup isactive 2>/dev/null || true) in
    true) encrypted=true ;;
    false) encrypted=false ;;
    *) encrypted=null ;;
esac

system=$(sw_vers -productVersion | tr -cd '0-9.')
report=$(
    printf '{"format":1,"computer":"%s","serial":%s,"taken_at":"%s","collector":"%s",' \
        "$computer" "$(label "$(of_hardware serial_number)")" "$now" "$version"
    printf '"system":{"family":"macos","version":"%s"},"chassis":%s,"maker":"Apple","model":%s,' \
        "$system" "$(label "$chassis")" "$(label "$(of_hardware machine_model)")"
    printf '"firmware_on":null,"installed_on":null,"battery":%s,' "$battery"
    printf '"power":{"sleep_ac_s":%s,"sleep_battery_s":%s,"display_ac_s":%s,"hibernate_ac_s":null,"wake_timers":null,' \
        "$(seconds 'AC Power' sleep)" "$(seconds 'Battery Power' sleep)" "$(seconds 'AC Power' displaysleep)"
    printf '"modern_standby":null},"shutdown":null,"states":null,"wakes":null,"requests":%s,"armed":null,' "$requests"
    printf '"startup":[%s],"sessions":null,"printers":null,"telemetry":null,"encrypted":%s}' \
        "$programs" "$encrypted"
)
[ ${#report} -le 65536 ] || exit 4
# The only write, at once: renaming would demand the right to delete.
printf '%s' "$report" >"$folder/$computer.json" || exit 3
