namespace Actors.Server.Evaluation;

/// <summary>Draws facts of the kinds that the bundled model was trained on, with keys and values that it has never seen. Not thread-safe.</summary>
/// <param name="random">Where chance comes from.</param>
internal sealed class FactGenerator(SeededRandom random)
{
    /// <summary>That many facts, no two about one thing, of as many kinds as the count allows. No question holds its own answer.</summary>
    /// <param name="count">Facts, 1 or more.</param>
    public IReadOnlyList<Fact> CreateFacts(int count)
    {
        Dictionary<string, Fact> facts = [];
        for (int tries = 0; facts.Count < count; tries++)
        {
            Fact fact = Create(facts.Count, tries);
            bool givenAway = fact.Question.Contains(fact.Value, StringComparison.OrdinalIgnoreCase);
            if (!givenAway) facts.TryAdd(fact.Key, fact);
        }
        Fact[] shuffled = [.. facts.Values];
        random.Shuffle(shuffled);
        return shuffled;
    }

    private Fact Create(int index, int attempt) => (index % 10) switch
    {
        0 when attempt == 0 => PassKey(),
        1 => MagicNumber(),
        2 => Identifier(),
        _ => Possession(FactWords.Attributes[(index + (index / 10 * 3)) % FactWords.Attributes.Length]),
    };

    private Fact PassKey()
    {
        string value = Number(5);
        string told = random.Chance(0.5) ? $"The pass key is {value}. Remember it. {value} is the pass key." : $"The pass key is {value}.";
        return new Fact("pass key", value, told, random.Chance(0.5) ? "What is the pass key?" : "What was the pass key?", "pass key");
    }

    private Fact MagicNumber()
    {
        string key = random.Next(3) switch
        {
            0 => Word().ToLowerInvariant(),
            1 => $"{Word()}-{Word()}".ToLowerInvariant(),
            _ => $"{random.Choose(FactWords.Things)}-{random.Next(10, 999)}",
        };
        string value = Number(7);
        string told = random.Chance(0.5) ? $"The special magic number for {key} is {value}." : $"One of the special magic numbers for {key} is: {value}.";
        return new Fact($"magic {key}", value, told, $"What is the special magic number for {key}?", "magic number");
    }

    private Fact Identifier()
    {
        string key = $"{random.Choose(FactWords.Things)}_{random.Choose(FactWords.Syllables)}{random.Choose(FactWords.Syllables)}";
        string value = Value(random.Choose(["mixed", "number", "word"]));
        string told = random.Choose([$"{key} is {value}.", $"{key} = {value}", $"\"{key}\": \"{value}\"", $"{key}: {value}"]);
        return new Fact(key, value, told, random.Chance(0.5) ? $"What is the value of {key}?" : $"Look up {key}.", "identifier");
    }

    private Fact Possession((string Attribute, string Kind) what)
    {
        string attribute = what.Attribute, thing = random.Choose(FactWords.Things), value = Value(what.Kind);
        string owner = random.Choose(["my", "my", "our", random.Choose(FactWords.Names) + "'s"]);
        string plain = $"{owner} {thing}'s {attribute} is {value}.";
        string told = random.Chance(0.5) ? plain : random.Choose(
        [
            $"The {attribute} of {owner} {thing} is {value}.", $"Please remember that the {attribute} of {owner} {thing} is {value}.",
            $"By the way, {plain}", $"Note: {owner} {thing} {attribute} is {value}.",
        ]);
        string question = random.Choose(
            [$"What is {owner} {thing}'s {attribute}?", $"What is the {attribute} of {owner} {thing}?", $"Do you remember the {attribute} of {owner} {thing}?"]);
        return new Fact($"{owner} {thing} {attribute}", value, char.ToUpperInvariant(told[0]) + told[1..], question, attribute);
    }

    private string Value(string kind) => kind switch
    {
        "word" => Word(),
        "number" => Number(random.Next(3, 8)),
        "mixed" => $"{random.Choose(FactWords.Syllables)}{random.Next(10, 9999)}{random.Choose(FactWords.Syllables)}",
        "color" => random.Choose(FactWords.Colors),
        "city" => random.Choose(FactWords.Cities),
        "person" => random.Choose(FactWords.Names) + (random.Chance(0.3) ? $" {Word()}" : ""),
        _ => $"{random.Next(1, 999)} {Word()} Street",
    };

    private string Number(int digits)
    {
        int least = (int)Math.Pow(10, digits - 1);
        return random.Next(least, least * 10).ToString();
    }

    private string Word()
    {
        string word = string.Concat(Enumerable.Range(0, random.Choose([2, 2, 3])).Select(_ => random.Choose(FactWords.Syllables)));
        return char.ToUpperInvariant(word[0]) + word[1..];
    }
}
