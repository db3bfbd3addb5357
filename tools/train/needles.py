"""Needles in a haystack in the wording of the public tests (RULER, arXiv:2404.06654; Landmark Attention's pass key, arXiv:2305.16300; lost in the middle's
JSON of UUIDs, arXiv:2307.03172; BABILong's first task, arXiv:2406.10149), so that the bundled model can take them. Keys and values are drawn from words of their own and from syllables: what is
learned is to find and to copy, not the words of a test. The parts are those of facts.py."""
from facts import CITIES, NAMES, SYLLABLES

NOISE = 'The grass is green. The sky is blue. The sun is yellow. Here we go. There and back again.'
ADJECTIVES = ('able bright calm deep early fair grand happy iron juicy kind loud mild neat open plain quick rough sharp tall urban vast warm young zesty bold cheap dark '
              'empty fresh giant heavy idle long minor new old pale rare short thin ugly wide').split()
NOUNS = ('apple bridge cloud door eagle field glass horn ink jar kite lamp moon nest oven pearl queen river stone tower uncle violin wheel yard zebra arrow bell coin drum '
         'flag gate hill inn judge knot leaf mask note owl pond rope sail tree vase wolf').split()
MOVES = ('moved', 'went', 'travelled', 'journeyed')
PLACES = 'kitchen bathroom garden office bedroom hallway cellar attic'.split() + CITIES
HEX = '0123456789abcdef'
OPEN, CLOSE = '<|im_start|>user\n', '<|im_end|>\n<|im_start|>assistant\n'


class Needles:
    def __init__(self, rng):
        self.rng = rng

    def word(self):
        def part(words):
            return self.rng.choice(words) if self.rng.random() < .6 else ''.join(self.rng.choice(SYLLABLES) for _ in range(self.rng.choice([2, 2, 3])))
        return part(ADJECTIVES) + '-' + part(NOUNS)

    def uuid(self):
        text = ''.join(self.rng.choice(HEX) for _ in range(32))
        return '-'.join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))

    def value(self, kind):
        return {'numbers': lambda: str(self.rng.randrange(10 ** 6, 10 ** 7)), 'words': self.word, 'uuids': self.uuid}[kind]()

    def prompt(self, tokens):
        """One prompt of about that many tokens with its answer."""
        draw, tokens = self.rng.random(), int(tokens * self.rng.choice([.9, .6, .4]))
        if draw < .72:
            return self._needles(tokens)
        return self._passkey(tokens) if draw < .84 else self._pairs(tokens) if draw < .92 else self._moves(tokens)

    def _needles(self, tokens):
        rng = self.rng
        kind = rng.choices(['numbers', 'words', 'uuids'], [.7, .12, .18])[0]
        keys, values, asked = rng.choices([(1, 1, 1), (4, 1, 1), (1, 4, 1), (4, 1, 4), (0, 1, 1)], [.2, .48, .06, .08, .18])[0]
        each = 70 if kind == 'uuids' else 32
        most = max(1, (tokens - 120) // each)
        keys = min(most, keys or rng.randint(2, 12))
        names = []
        while len(names) < keys:
            name = self.uuid() if kind == 'uuids' and rng.random() < .3 else self.word()
            if name not in names:
                names.append(name)
        values = 1 if values * each > tokens - 120 else values
        needles = [(name, self.value(kind)) for name in names for _ in range(values)]
        rng.shuffle(needles)
        chosen = rng.sample(names, min(asked, keys))
        answers = [value for name in chosen for key, value in needles if key == name]
        query, one = self._join(chosen), len(answers) == 1
        what = kind[:-1] if one else kind
        start = f'{"A" if one else "Some"} special magic {what} {"is" if one else "are"} hidden within the following text. Make sure to memorize it. I will quiz you about the {what} afterwards.\n'
        question = f'What {"is" if one else "are all"} the special magic {what} for {query} mentioned in the provided text?'
        begun = f'The special magic {what} for {query} mentioned in the provided text {"is" if one else "are"}'
        parts = [('text', OPEN + start)] + self._hide([f'One of the special magic {kind} for {key} is: {value}.\n' for key, value in needles], tokens - 110 - each * len(needles))
        parts += [('text', question + CLOSE + begun)]
        for i, answer in enumerate(answers):
            parts += [('say', ',' if len(answers) > 2 else '')] * (i > 0) + [('say', ' and')] * (i > 0 and i == len(answers) - 1) + [('value', ' ' + answer)]
        parts.append(('say', '.<|im_end|>\n'))
        for _ in range(rng.choice([1, 2, 4, 6]) if keys > 1 and values == 1 else 0):   # more questions about the same text: many answers for few tokens
            name, value = rng.choice(needles)
            told = rng.choice([' mentioned in the provided text', ' mentioned in the provided text', ' in the text', ' mentioned', ''])
            parts += [('text', f'{OPEN}What is the special magic {kind[:-1]} for {name} mentioned in the provided text?{CLOSE}The special magic {kind[:-1]} for {name}{told} is'),
                      ('value', ' ' + value), ('say', '.<|im_end|>\n')]
        return parts

    def _passkey(self, tokens):
        key = self.rng.randrange(1, 50001)
        start = ('There is an important info hidden inside a lot of irrelevant text. Find it and memorize them. I will quiz you about the important information there.\n')
        parts = [('text', OPEN + start)] + self._hide([f'The pass key is {key}. Remember it. {key} is the pass key.\n'], tokens - 130, noise=.8)
        return parts + [('text', 'What is the pass key?' + CLOSE + 'The pass key is'), ('value', f' {key}'), ('say', '.<|im_end|>\n')]

    def _pairs(self, tokens):
        pairs = [(self.uuid(), self.uuid()) for _ in range(self.rng.randint(1, max(1, (tokens - 150) // 100)))]
        key, value = self.rng.choice(pairs)
        text = 'Extract the value corresponding to the specified key in the JSON object below.\n\nJSON data:\n{' + ',\n '.join(f'"{a}": "{b}"' for a, b in pairs) + '}'
        return [('text', OPEN + text + f'\n\nKey: "{key}"\nCorresponding value:' + CLOSE), ('value', value), ('say', '<|im_end|>\n')]

    def _moves(self, tokens):
        rng = self.rng
        people = rng.sample(NAMES, rng.choice([1, 2, 3]))
        moves = [(rng.choice(people), rng.choice(PLACES)) for _ in range(rng.randint(2, 6))]
        who = rng.choice(moves)[0]
        place = [place for name, place in moves if name == who][-1]
        parts = [('text', OPEN)] + self._hide([f'{name} {rng.choice(MOVES)} to the {place}.\n' for name, place in moves], tokens - 60 - 12 * len(moves))
        return parts + [('text', f'Where is {who}?' + CLOSE), ('say', f'{who} is in the'), ('value', ' ' + place), ('say', '.<|im_end|>\n')]

    def _hide(self, lines, tokens, noise=.35):
        """The lines in their order among about that many tokens of noise or prose."""
        rng = self.rng
        tokens = max(0, int(tokens * rng.choice([1, 1, .6, .3])))
        cuts = sorted(rng.random() for _ in lines)
        shares = [b - a for a, b in zip([0.] + cuts, cuts + [1.])]
        repeated = rng.random() < noise
        parts = []
        for i, share in enumerate(shares):
            filler = int(share * tokens)
            if repeated:
                parts.append(('text', (NOISE + '\n') * (filler // 40)))
            elif filler > 3:
                parts += [('prose', filler), ('text', '\n')]
            if i < len(lines):
                parts.append(('text', lines[i]))
        return parts

    def _join(self, names):
        return names[0] if len(names) == 1 else ', '.join(names[:-1]) + ', and ' + names[-1]
