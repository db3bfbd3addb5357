namespace Actors.Attention;

/// <summary>What a sequence is that heads are watched on. Immutable.</summary>
public sealed record HeadWatch
{
    /// <summary>Attention alone.</summary>
    public static HeadWatch Nothing { get; } = new();

    /// <summary>A text, of which mean queries and keys are taken.</summary>
    public static HeadWatch Text { get; } = new() { Means = true };

    /// <summary>Whether mean queries and keys are taken.</summary>
    public bool Means { get; init; }

    /// <summary>Tokens after which the sequence repeats itself, at least 2; null when it does not.</summary>
    public int? Period { get; init; }

    /// <summary>First token that is repeated.</summary>
    public int FirstRepeated { get; init; }

    /// <summary>Tokens of an answer that was told before; may be empty.</summary>
    public IReadOnlyList<int> Answer { get; init; } = [];

    /// <summary>Where the answer begins.</summary>
    public int AnswerStart { get; init; }

    /// <summary>Where its tokens were told.</summary>
    public IReadOnlyList<int> Told { get; init; } = [];
}
