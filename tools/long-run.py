#!/usr/bin/env python3
"""The long run: real prose of manual pages with ten facts planted in it, ingested into one session of a real server process, asked for before and after
the process is killed. Prints a Markdown table.

    dotnet build src/Actors.Server -c Release
    python3 tools/long-run.py --tokens 200000 --memory 128MiB

Needs Python 3 and the program only. Everything is written into a folder of its own and removed at the end, unless --keep names one.
"""
import argparse
import glob
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / 'tools' / 'train'))
from corpus import manual_page  # noqa: E402


def options():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--program', default=str(ROOT / 'src/Actors.Server/bin/Release/net10.0/actors'), help='the executable')
    parser.add_argument('--model', help='model directory; default: the bundled one')
    parser.add_argument('--tokens', type=int, default=200_000, help='length of the document')
    parser.add_argument('--near', type=int, default=400, help='length of the short document, inside the trained context')
    parser.add_argument('--memory', default='128MiB', help='memory allowed to the process')
    parser.add_argument('--threads', type=int, default=0)
    parser.add_argument('--policy', default='auto')
    parser.add_argument('--seed', type=int, default=42)
    parser.add_argument('--text', help='prose to use instead of the manual pages of this machine')
    parser.add_argument('--decode', default='1024,131072', help='contexts whose decode time is compared; empty to leave that out')
    parser.add_argument('--keep', help='folder for all files; not removed')
    return parser.parse_args()


class Program:
    """Runs commands of the program and returns what --json gives."""

    def __init__(self, o):
        self.base = [o.program, '--json', '--policy', o.policy] + (['--model', o.model] if o.model else []) + (['--threads', str(o.threads)] if o.threads else [])

    def run(self, *arguments):
        done = subprocess.run(self.base + list(arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f'{" ".join(arguments[:2])} ended with {done.returncode}: {done.stderr.strip()}')
        return [json.loads(line) for line in done.stdout.splitlines() if line]


class Server:
    """A server process and the largest resident size that was seen of it."""

    def __init__(self, program, data, memory):
        self.started = time.monotonic()
        self.process = subprocess.Popen(program.base + ['serve', '--url', 'http://127.0.0.1:0', '--data', str(data), '--memory', memory],
                                        stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            sys.exit('The server did not start.')
        self.program, self.url, self.data, self.largest = program, json.loads(line)['url'], str(data), 0
        self.first = self.resident()
        threading.Thread(target=self.watch, daemon=True).start()

    def resident(self):
        with open(f'/proc/{self.process.pid}/status') as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith('VmRSS'))

    def watch(self):
        try:
            while self.process.poll() is None:
                self.largest = max(self.largest, self.resident())
                time.sleep(.1)
        except (OSError, StopIteration):
            pass

    def run(self, *arguments):
        return self.program.run('--server', self.url, '--data', self.data, *arguments)[0]

    def ask(self, session, question):
        return self.run('ask', '--session', session, '--max-tokens', '32', question)

    def kill(self):
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.terminate()
        self.process.wait()


def gather(path, tokens, seed):
    """Manual pages in random order, about four characters a token and a third more."""
    pages = [page for page in glob.glob('/usr/share/man/man[1-8]/*.gz') if 'gcloud' not in page]
    random.Random(seed).shuffle(pages)
    with open(path, 'w') as out:
        size = 0
        for page in pages:
            text = manual_page(page)
            if len(text) > 600 and 'gcloud' not in text[:200]:
                out.write(text + '\n')
                size += len(text)
            if size > tokens * 5.4:
                return
    sys.exit(f'The manual pages of this machine have {size} characters, too few for {tokens} tokens; install more or give --text.')


def read_questions(path):
    return [json.loads(line) for line in open(str(path) + '.questions.jsonl')]


def link_or_copy(source, target):
    """Page files never change, so a link is a copy of them."""
    if source.endswith('.kv'):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def in_turn(server, session, questions):
    """All questions one after another, as in a conversation: later ones see the answers to earlier ones."""
    return [server.ask(session, q['question']) for q in questions]


def alone(o, program, state, session, questions):
    """Each question as the first that is asked, on a copy of the folder that a killed server left. Also returns the seconds from the start of the server."""
    given, seconds = [], []
    for number, q in enumerate(questions):
        copy = f'{state}-{session}-{number}'
        shutil.copytree(state, copy, copy_function=link_or_copy)
        server = Server(program, copy, o.memory)
        given.append(server.ask(session, q['question']))
        seconds.append(time.monotonic() - server.started)
        server.kill()
        shutil.rmtree(copy)
    return given, seconds


def right(question, answer):
    return all(value in answer['text'] for value in question['expected'])


def score(questions, given):
    return f'{sum(map(right, questions, given))}/{len(questions)}'


def middle(values):
    return sorted(values)[len(values) // 2]


def mebibytes(size):
    return f'{size / 2 ** 20:.0f} MiB'


def main():
    o = options()
    work = pathlib.Path(o.keep or tempfile.mkdtemp(prefix='long-run-'))
    work.mkdir(parents=True, exist_ok=True)
    try:
        run(o, work, Program(o))
    finally:
        if not o.keep:
            shutil.rmtree(work, ignore_errors=True)


def run(o, work, program):
    prose, near, far, data = o.text or work / 'prose.txt', work / 'near.txt', work / 'far.txt', work / 'data'
    if not o.text:
        gather(prose, o.tokens, o.seed)
    for path, length in ((near, o.near), (far, o.tokens)):
        program.run('eval', 'facts', '--text', str(prose), '--length', str(length), '--seed', str(o.seed), '--write', str(path))
    questions = read_questions(far)

    server = Server(program, data, o.memory)
    server.run('ingest', '--session', 'near', str(near))
    ingest = server.run('ingest', '--session', 'far', str(far))
    print(f'ingested {ingest["tokens"]} tokens at {ingest["tokens_per_second"]:.0f} tokens/s', file=sys.stderr)
    shown, state = server.run('sessions', 'show', 'far'), work / 'state'
    shutil.copytree(data, state, copy_function=link_or_copy)         # what a kill would leave now
    near_turn, before = in_turn(server, 'near', questions), in_turn(server, 'far', questions)
    last_words = subprocess.Popen(program.base + ['--server', server.url, 'ask', '--session', 'far', questions[0]['question']],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(.3)
    resident = [server.first, server.largest]
    server.kill()                                                    # in the middle of an answer
    last_words.wait()

    server = Server(program, data, o.memory)
    after = in_turn(server, 'far', questions)
    resident.append(server.largest)
    server.stop()

    near_alone, _ = alone(o, program, state, 'near', questions)
    far_alone, seconds = alone(o, program, state, 'far', questions)
    decode = program.run('bench', '--engine-only', '--context', o.decode, '--rounds', '15', '--tokens', '64')[0]['engine'] if o.decode else []
    report(o, questions, (near_alone, far_alone, near_turn, before, after), ingest, shown, resident,
           (middle([answer['seconds'] for answer in far_alone]), middle(seconds)), decode)


def report(o, questions, given, ingest, shown, resident, reopened, decode):
    near_alone, far_alone, near_turn, before, after = given
    could = [i for i, q in enumerate(questions) if right(q, near_alone[i])]
    kept = sum(right(questions[i], far_alone[i]) for i in could)
    tenths = ingest['tokens_per_second_by_tenth']
    rows = [
        ('tokens ingested', f'{ingest["tokens"]:,}'),
        (f'each asked alone, {o.near} tokens', score(questions, near_alone)),
        ('each asked alone, whole length, after SIGKILL', score(questions, far_alone)),
        (f'of those right at {o.near} tokens, right at the whole length', f'{kept}/{len(could)}'),
        (f'ten in turn, {o.near} tokens', score(questions, near_turn)),
        ('ten in turn, whole length, before the kill', score(questions, before)),
        ('ten more in turn, whole length, after SIGKILL in the middle of an answer', score(questions, after)),
        ('ingest', f'{ingest["seconds"]:.1f} s, {ingest["tokens_per_second"]:,.0f} tokens/s'),
        ('tokens/s by tenth', ' '.join(f'{rate:,.0f}' for rate in tenths)),
        ('first tenth / last tenth', f'{tenths[0] / tenths[-1]:.2f}' if tenths else '-'),
        ('reopen and answer (median)', f'{reopened[0]:.2f} s = 1/{ingest["seconds"] / reopened[0]:.0f} of the ingest'),
        ('the same with the start of both processes', f'{reopened[1]:.2f} s = 1/{ingest["seconds"] / reopened[1]:.0f} of the ingest'),
        ('memory allowed to the process', o.memory),
        ('keys and values in memory after the ingest', mebibytes(shown['resident_bytes'])),
        ('session on disk', mebibytes(shown['stored_bytes'])),
        ('resident size of the process: at start / largest / largest after the restart', ' / '.join(map(mebibytes, resident))),
    ]
    rows += [(f'decode at {row["context"]:,} tokens', f'{row["decode_milliseconds"]:.3f} ms/token') for row in decode]
    if len(decode) > 1:
        rows.append(('decode, last / first', f'{decode[-1]["decode_milliseconds"] / decode[0]["decode_milliseconds"]:.2f}'))
    print('| what | measured |\n|---|---|')
    for name, value in rows:
        print(f'| {name} | {value} |')
    print(f'\n| kind | depth | expected | {o.near}, alone | whole, alone | {o.near}, in turn | before | after |\n|---|---|---|---|---|---|---|---|')
    for q, *said in zip(questions, near_alone, far_alone, near_turn, before, after):
        marks = ' | '.join('yes' if right(q, s) else s['text'].strip().replace('|', '/')[:60] or '(nothing)' for s in said)
        print(f'| {q["kind"]} | {q["depth"]:.2f} | {", ".join(q["expected"])} | {marks} |')


if __name__ == '__main__':
    main()
