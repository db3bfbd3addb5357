#!/usr/bin/env bash
# Measures the attention policies against each other with `actors eval` and writes docs/evaluation/results.md with its charts.
#
#     dotnet build src/Actors.Server -c Release
#     tools/measure-policies.sh TEXT FOLDER [STAGE...]
#
# TEXT is prose that the model was not trained on, at least as many tokens as the longest length; FOLDER takes the results, one file per stage. A stage that was
# cut off goes on where it stopped when it is called again. Without STAGE all of them run, hours on two cores; stages may run beside each other, with THREADS=1.
# A stage may be cut in parts: NEEDLES names its tasks and PART the file, so that two parts can run at once. OTHERS names the policies of `others`.
# Times mean something only on a machine that does nothing else.
#
#   trained     needles at the trained length under dense: what the other scores are a share of
#   needles     single needles and one of four, five policies that remember everything, 50 samples x 3 seeds
#   others      the same needles under all other policies, and dense where it can still be waited for, fewer samples
#   prefill     policies that read prompts in their own way: nothing is read for them
#   tasks       all other tasks, fewer samples
#   perplexity  loss by position, every token choosing for itself
#   observed    receipts, and the comparison with exact attention
#   report      writes the page from what there is
set -euo pipefail
text=$(realpath "$1") folder=$2
shift 2
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p "$folder"
needles=${NEEDLES:-niah_single_1,niah_single_2,niah_single_3,niah_multikey_1}
remember=blocks,retrieval,clusters,quest,extended-mind
others=${OTHERS:-streaming,longheads,iceformer,loki,hip,recycled,l2norm,razor,duo,snapkv,pyramid,camelot}
tasks=passkey,kv,niah_multikey_2,niah_multikey_3,niah_multivalue,niah_multiquery,vt,cwe,fwe,babilong_qa1

evaluate() { # FILE, arguments of eval
  local file=$1${PART:+-$PART}
  shift
  dotnet src/Actors.Server/bin/Release/net10.0/actors.dll eval "$@" --text "$text" --threads "${THREADS:-2}" --output "$folder/$file.jsonl"
}

trained() { evaluate trained $needles --policy dense --length 512 --samples 50 --seeds 1,2,3; }
needles() { evaluate needles $needles --policy $remember --ingest auto --length 8k,32k,128k --samples 50 --seeds 1,2,3; }
others() {
  evaluate others $needles --policy "dense,$others" --ingest auto --length 8k,32k --samples 10 --seeds 1
  evaluate others $needles --policy "dense,$others" --ingest auto --length 128k --samples 5 --seeds 1
  evaluate others $needles --policy dense,auto --length 8k --samples 5 --seeds 1
}
prefill() {
  local modes=auto,auto:prefill=dense,auto:prefill=minference,auto:prefill=sample,auto:prefill=hyper,dense
  evaluate prefill niah_single_1,niah_multikey_1 --policy $modes --length 8k --samples 10 --seeds 1
  evaluate prefill niah_single_1,niah_multikey_1 --policy $modes --length 32k --samples 3 --seeds 1
}
tasks() { evaluate tasks $tasks --policy "dense,$remember,$others" --ingest auto --length 4k,32k --samples 5 --seeds 1; }
perplexity() {
  evaluate perplexity perplexity --policy "streaming,camelot:slots=0,camelot,camelot:positions=local,auto" --length 65536 --chunk 32 --samples 2 --seeds 1
  evaluate perplexity perplexity --policy "streaming,auto,$remember,$others" --length 16384 --chunk 32 --samples 1 --seeds 1
  evaluate perplexity perplexity --policy dense,auto:prefill=minference,auto:prefill=sample,auto:prefill=hyper,streaming --length 16384 --samples 2 --seeds 1
}
observed() { evaluate observed $needles --policy $remember --ingest auto --length 8k,32k --samples 10 --seeds 1 --receipts --fidelity 0.2; }
report() { dotnet src/Actors.Server/bin/Release/net10.0/actors.dll eval report "$folder"/*.jsonl --out docs/evaluation; }

if [ $# -eq 0 ]; then set -- trained needles others prefill tasks perplexity observed report; fi
for stage in "$@"; do
  declare -F "$stage" >/dev/null && [ "$stage" != evaluate ] || { echo "There is no stage '$stage'; see the head of this file." >&2; exit 2; }
  "$stage"
done
