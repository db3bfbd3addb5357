"""python3 corpus.py WORK: gathers the technical English that a Debian machine with the .NET SDK already has (manual pages, XML documentation of the
reference packs) into WORK/train.txt and WORK/valid.txt: documents separated by a NUL line, 5 % of them held out. None of it belongs in a repository."""
import glob
import gzip
import html
import os
import random
import re
import sys

HEADINGS, PARAGRAPHS = ('.SH', '.SS'), ('.PP', '.P', '.LP', '.sp')
TEXT_MACROS = ('.B', '.I', '.BR', '.IR', '.RB', '.RI', '.BI', '.IB', '.TP', '.IP')
ESCAPES = (('\\-', '-'), ('\\(aq', "'"), ('\\e', '\\'), ('\\ ', ' '), ('\\(dq', '"'), ('\\(bu', '*'))
FONTS = re.compile(r'\\f\[?[A-Z]+\]?|\\f[BIRP1-9]|\\&|\\/|\\,|\\c|\\%|\\s[-+]?\d')


def manual_page(path):
    """The page's words without its roff."""
    try:
        source = gzip.open(path, 'rt', errors='ignore').read()
    except OSError:
        return ''
    lines = []
    for line in source.split('\n'):
        if line.startswith(("'\\\"", '.\\"')):
            continue
        if not line.startswith('.'):
            lines.append(line)
            continue
        macro, _, rest = line.partition(' ')
        rest = rest.strip('"')
        if macro in HEADINGS:
            lines.append('\n' + rest + '\n')
        elif macro in PARAGRAPHS:
            lines.append('\n')
        elif macro in TEXT_MACROS and rest:
            lines.append(rest)
    text = FONTS.sub('', ' '.join(lines))
    for escape, plain in ESCAPES:
        text = text.replace(escape, plain)
    return tidy(re.sub(r'\\[*(][^ ]{1,2}', '', text))


def xml_documentation(path, seen):
    parts = []
    for _, body in re.findall(r'<(summary|remarks|returns|exception|param)[^>]*>(.*?)</\1>', open(path, errors='ignore').read(), re.S):
        text = re.sub(r'<see(?:also)? (?:cref|langword)="(?:[A-Z]:)?([^"(`]*)[^"]*" ?/>', lambda m: m.group(1).split('.')[-1], body)
        text = re.sub(r'<paramref name="([^"]*)" ?/>', r'\1', text)
        text = html.unescape(re.sub(r'\s+', ' ', re.sub(r'<[^>]+>', '', text))).strip()
        if len(text) > 40 and text not in seen:
            seen.add(text)
            parts.append(text)
    return tidy('\n'.join(parts))


def tidy(text):
    text = re.sub(r'[ \t]+', ' ', text)
    text = re.sub(r' ?\n ?', '\n', text)
    text = re.sub(r'\n{2,}', '\n\n', text)
    return ''.join(c for c in text if ord(c) < 127).strip()


def main(work):
    os.makedirs(work, exist_ok=True)
    rng, seen = random.Random(1), set()
    pages = [manual_page(path) for path in sorted(glob.glob('/usr/share/man/man[1-8]/*.gz'))]
    alike = [page for page in pages if 'gcloud' in page[:200]]          # thousands of near-equal pages: keep a few
    documents = [page for page in pages if 'gcloud' not in page[:200]] + rng.sample(alike, min(300, len(alike)))
    documents += [xml_documentation(path, seen) for path in sorted(glob.glob('/usr/share/dotnet/packs/**/ref/**/*.xml', recursive=True))]
    documents = [document for document in documents if len(document) > 600]
    rng.shuffle(documents)
    held_out = len(documents) // 20
    for name, part in (('valid', documents[:held_out]), ('train', documents[held_out:])):
        with open(f'{work}/{name}.txt', 'w') as file:
            file.write('\n\x00\n'.join(part))
        print(f'{name}: {len(part)} documents, {sum(map(len, part))} characters')


if __name__ == '__main__':
    main(sys.argv[1])
