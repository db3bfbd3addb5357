namespace Actors.Server.Evaluation;

/// <summary>A key and what is told about it.</summary>
internal readonly record struct Needle(string Key, string Value);

/// <summary>Draws needles of which no two share a key and no two a value. Not thread-safe.</summary>
/// <param name="shape">What they are made of.</param>
/// <param name="random">Where chance comes from.</param>
internal sealed class NeedleDraw(NeedleShape shape, SeededRandom random)
{
    private readonly HashSet<string> _used = [];

    /// <summary>Needles that may be drawn, so that drawing stays quick.</summary>
    public int MostKeys => shape.Key == NeedleKind.Word || shape.Value == NeedleKind.Word ? NeedleWords.Count * 3 / 4 : 1_000_000;

    /// <summary>A new key with that many values.</summary>
    public Needle[] Next(int values)
    {
        string key = Unused(shape.Key);
        return [.. Enumerable.Range(0, values).Select(_ => new Needle(key, Unused(shape.Value)))];
    }

    private string Unused(NeedleKind kind)
    {
        string text;
        do
        {
            text = kind switch
            {
                NeedleKind.Word => NeedleWords.Draw(random),
                NeedleKind.Number => random.Next(1_000_000, 10_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture),
                _ => random.NextUuid(),
            };
        }
        while (!_used.Add(text));
        return text;
    }
}
