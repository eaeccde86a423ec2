#!/bin/sh
# Makes the spoken prompts from the words in ../src/tones/prompts.ts: 8 kHz µ-law, silence trimmed, about -20 dBFS.
# Needs flite (voice slt), sox and node. Run it after changing a word, listen, and commit what it wrote.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node --input-type=module -e "
  import { DIGIT_WORDS, digitClip, PROMPTS, promptClip, promptFile } from '../src/tones/prompts.ts'
  for (const [name, words] of Object.entries(PROMPTS)) console.log(promptFile(promptClip(name)) + '|' + words)
  for (const [digit, words] of Object.entries(DIGIT_WORDS)) console.log(promptFile(digitClip(digit)) + '|' + words)
" > "$work/table"
while IFS='|' read -r file words; do
  flite -voice slt -t "$words" -o "$work/spoken.wav"
  # 300 to 3400 Hz is what a telephone line carries; the silence at both ends goes, 30 ms of it stay.
  sox "$work/spoken.wav" -r 8000 -c 1 "$work/trimmed.wav" highpass 200 lowpass 3600 \
    silence 1 0.01 0.5% fade 0.01 reverse silence 1 0.01 0.5% fade 0.01 reverse pad 0.03 0.03
  level=$(sox "$work/trimmed.wav" -n stats 2>&1 | awk '/^RMS lev dB/ { print $4 }')
  gain=$(awk "BEGIN { print -20 - ($level) }")
  sox "$work/trimmed.wav" -t raw -e mu-law -b 8 -r 8000 -c 1 "$file" gain -l "$gain"
done < "$work/table"
