"""Synthetic long-memory dialogues: facts told once, prose in between, questions whose answer must be copied from the context.
Keys and values are drawn at random, so nothing can be learned by heart. A dialogue is a list of parts (kind, content): 'text' words to read, 'ack' and
'say' words of the assistant, 'value' the fact itself, 'prose' a number of corpus tokens."""

SYLLABLES = ('ba be bo bu da de di do fa fi ga go ha he ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe pi po ra re ri ro sa se si so ta te ti to '
             'va ve vi vo za ze zi zo').split()
COLORS = 'red blue green yellow purple orange maroon teal crimson indigo silver golden black white violet scarlet'.split()
CITIES = 'Lisbon Oslo Cairo Lima Tokyo Quito Dublin Vienna Prague Athens Geneva Madrid Havana Nairobi Seoul Milan Zagreb Riga Porto Bergen'.split()
NAMES = 'Ana Ben Carla David Elena Farid Greta Hugo Irene Jonas Katya Liam Mona Nils Olga Pedro Quinn Rosa Samir Tina Ugo Vera Walter Xenia Yusuf Zoe'.split()
THINGS = ('dog cat car boat bike house office garden project laptop server router locker safe gate alarm account bank ticket flight train hotel room doctor '
          'lawyer teacher boss neighbor sister brother cousin uncle aunt mother father friend team band school company street shop printer phone tablet camera '
          'drone robot guitar piano horse parrot rabbit turtle plant vault engine sensor cluster database bucket queue key badge card desk wallet passport license visa').split()
ATTRIBUTES = dict(name='word', code='number', password='mixed', color='color', city='city', number='number', owner='person', label='word', pin='number',
                  address='address', serial='mixed', nickname='word')
ACKNOWLEDGEMENTS = ['Noted.', 'OK.', 'Got it.', 'I will remember that.', 'Understood.']
LETTERS, HEX = 'abcdefghijklmnopqrstuvwxyz', '0123456789abcdef'


def capital(text):
    return text[0].upper() + text[1:]


class Facts:
    """Draws facts. A fact is a dict: key, value, tell (a sentence), ask (questions) and answer (a sentence that holds the value).
    alike=True: dialogues of facts whose keys share owners, things and attributes, and words outside the usual syllables, which are harder to tell apart."""

    def __init__(self, rng, alike=False):
        self.rng, self.alike = rng, alike
        self._everything()

    def _everything(self):
        self.owners, self.things, self.attributes, self.odd = NAMES, THINGS, list(ATTRIBUTES), 0

    def _few(self):
        self.owners, self.things = self.rng.sample(NAMES, 3), self.rng.sample(THINGS, self.rng.choice([2, 3, 5]))
        self.attributes, self.odd = self.rng.sample(list(ATTRIBUTES), self.rng.choice([1, 2, 4])), .4

    def word(self):
        if self.odd and self.rng.random() < self.odd:
            return ''.join(self.rng.choice(LETTERS) for _ in range(self.rng.randint(4, 8))).capitalize()
        return ''.join(self.rng.choice(SYLLABLES) for _ in range(self.rng.choice([2, 2, 3]))).capitalize()

    def value(self, kind):
        rng = self.rng
        if kind == 'word':
            return self.word()
        if kind == 'number':
            digits = rng.choice([3, 4, 5, 6, 7])
            return str(rng.randrange(10 ** (digits - 1), 10 ** digits))
        if kind == 'mixed':
            return rng.choice(SYLLABLES) + str(rng.randrange(10, 9999)) + rng.choice(SYLLABLES)
        if kind == 'color':
            return rng.choice(COLORS)
        if kind == 'city':
            return rng.choice(CITIES)
        if kind == 'person':
            return rng.choice(NAMES) + (' ' + self.word() if rng.random() < .3 else '')
        return f'{rng.randrange(1, 999)} {self.word()} Street'

    def fact(self):
        kind = self.rng.random()
        if kind < .12:
            return self._passkey()
        if kind < .30:
            return self._magic_number()
        if kind < .42:
            return self._identifier()
        return self._possession()

    def _passkey(self):
        value = str(self.rng.randrange(10 ** 4, 10 ** self.rng.choice([5, 6])))
        return dict(key='passkey', value=value, ask=['What is the pass key?', 'What was the pass key?'], answer=f'The pass key is {value}.',
                    tell=self.rng.choice([f'The pass key is {value}. Remember it. {value} is the pass key.', f'The pass key is {value}.']))

    def _magic_number(self):
        rng = self.rng
        key = rng.choice([self.word().lower(), self.word().lower() + '-' + self.word().lower(), rng.choice(self.things) + '-' + str(rng.randrange(10, 999))])
        value = str(rng.randrange(10 ** 6, 10 ** 7))
        return dict(key='magic ' + key, value=value, ask=[f'What is the special magic number for {key}?'], answer=f'The special magic number for {key} is {value}.',
                    tell=rng.choice([f'The special magic number for {key} is {value}.', f'One of the special magic numbers for {key} is: {value}.']))

    def _identifier(self):
        rng = self.rng
        if self.odd and rng.random() < self.odd:
            key, value = (''.join(rng.choice(HEX) for _ in range(rng.randint(4, 12))) for _ in range(2))
        else:
            key = rng.choice(self.things) + '_' + rng.choice(SYLLABLES) + rng.choice(SYLLABLES)
            value = self.value(rng.choice(['mixed', 'number', 'word']))
        tell = rng.choice([f'{key} is {value}.', f'{key} is {value}.', f'{key} = {value}', f'"{key}": "{value}"', f'{key}: {value}'])
        return dict(key=key, value=value, tell=tell, ask=[f'What is the value of {key}?', f'Look up {key}.'], answer=f'{key} is {value}.')

    def _possession(self):
        rng = self.rng
        owner = rng.choice(['my', 'my', 'our', rng.choice(self.owners) + "'s"])
        thing, attribute = rng.choice(self.things), rng.choice(self.attributes)
        value = self.value(ATTRIBUTES[attribute])
        plain = f"{owner} {thing}'s {attribute} is {value}."
        tell = plain if rng.random() < .5 else rng.choice([
            f'The {attribute} of {owner} {thing} is {value}.', f'Please remember that the {attribute} of {owner} {thing} is {value}.',
            f'By the way, {plain}', f'Note: {owner} {thing} {attribute} is {value}.'])
        ask = [f"What is {owner} {thing}'s {attribute}?", f'What is the {attribute} of {owner} {thing}?', f'Do you remember the {attribute} of {owner} {thing}?']
        answerer = {'my': 'your', 'our': 'your'}.get(owner, owner)
        return dict(key=f'{owner} {thing} {attribute}', value=value, tell=capital(tell), ask=ask, answer=capital(f"{answerer} {thing}'s {attribute} is {value}."))

    def facts(self, count):
        """That many facts, no two with one key."""
        if self.alike and self.rng.random() < .5:
            self._few()
        out, tries = {}, 0
        while len(out) < count:
            fact = self.fact()
            out.setdefault(fact['key'], fact)
            tries += 1
            if tries > 20 * count:                                        # few owners, things and attributes can run out of keys
                self._everything()
        self._everything()
        return list(out.values())

    def dialogue(self, tokens, count):
        """Parts of about that many tokens with that many facts; prose of random length stands before, between and after them."""
        rng, facts, parts = self.rng, self.facts(count), []
        gap = max(6, (tokens - 24 * count) // (count + 1))

        def prose():
            parts.extend([('prose', max(4, int(gap * rng.uniform(.3, 1.7)))), ('text', '\n')])

        def ask(fact):
            before, after = fact['answer'].rsplit(fact['value'], 1)
            space = ' ' if before.endswith(' ') else ''
            parts.extend([('text', rng.choice(fact['ask'])), ('text', '<|im_end|>\n<|im_start|>assistant\n'), ('say', before.rstrip(' ')),
                          ('value', space + fact['value']), ('say', after + '<|im_end|>\n')])

        if rng.random() < .5:                                             # one long document, then the question
            parts.append(('text', '<|im_start|>user\n'))
            for fact in facts:
                if rng.random() < .8:
                    prose()
                parts.append(('text', fact['tell'] + '\n'))
            if rng.random() < .6:
                prose()
            ask(rng.choice(facts))
        else:                                                             # a fact a turn
            for fact in facts:
                parts.append(('text', '<|im_start|>user\n'))
                place = rng.random()
                if place < .35:
                    prose()
                parts.append(('text', fact['tell']))
                if .35 <= place < .7:
                    parts.append(('text', '\n'))
                    prose()
                parts.extend([('text', '<|im_end|>\n<|im_start|>assistant\n'), ('ack', rng.choice(ACKNOWLEDGEMENTS) + '<|im_end|>\n')])
        for _ in range(rng.choice([1, 2, 3, 4])):
            parts.append(('text', '<|im_start|>user\n'))
            ask(rng.choice(facts))
        return parts
